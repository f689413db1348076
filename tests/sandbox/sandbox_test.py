#!/usr/bin/env python3
"""The sandbox provider keeps its own contract: once for a key, on the disk before it is told, and every rule does what it says."""
import concurrent.futures
import http.client
import json
import os
import pathlib
import signal
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE))
import ledger as books  # noqa: E402

TOKEN = "token of the test"


class Running:
    def __init__(self, ledger):
        self.process = subprocess.Popen(
            [sys.executable, "-B", str(HERE / "sandbox.py"), "--ledger", str(ledger), "--token", TOKEN], stdout=subprocess.PIPE, text=True)
        line = self.process.stdout.readline()
        assert line.startswith("listening on "), line
        self.port = int(line.split()[-1])

    def call(self, method, path, body=None, key="", token=TOKEN):
        """(status, parsed body); status 0 when there is no answer."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, None if body is None else json.dumps(body),
                               {"Idempotency-Key": key, "Authorization": f"Bearer {token}"})
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        except (OSError, http.client.HTTPException):
            return 0, {}
        finally:
            connection.close()

    def charge(self, order, amount="19.99", **more):
        body = {"orderId": order, "amount": amount, "price": amount, "currency": "EUR", **more}
        return self.call("POST", "/v1/charges", body, f"order:{order}:charge")

    def refund(self, order, charge, amount="19.99"):
        return self.call("POST", "/v1/refunds", {"orderId": order, "amount": amount, "currency": "EUR", "charge": charge}, f"order:{order}:refund")

    def void(self, order):
        return self.call("POST", "/v1/voids", {"key": f"order:{order}:charge"}, f"order:{order}:void")

    def find(self, order, kind="charge"):
        return self.call("GET", f"/v1/operations/order:{order}:{kind}")

    def rules(self, **values):
        status, body = self.call("PUT", "/control/rules", values)
        assert status == 200, body

    def summary(self):
        return self.call("GET", "/control/summary")[1]

    def end(self, number=signal.SIGTERM):
        self.process.send_signal(number)
        self.process.wait(10)
        self.process.stdout.close()
        return self.process.returncode


class SandboxTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory(prefix="sandbox-test-")
        self.addCleanup(folder.cleanup)
        self.ledger = pathlib.Path(folder.name) / "ledger.db"
        self.one = Running(self.ledger)
        self.addCleanup(lambda: self.one.process.poll() is None and self.one.end())

    def test_one_charge_and_one_refund_for_a_key(self):
        status, first = self.one.charge("a")
        self.assertEqual((status, first["status"], first["key"]), (200, "succeeded", "order:a:charge"))
        self.assertEqual(self.one.charge("a"), (200, first))
        self.assertEqual(self.one.charge("a", "20.00")[0], 422)
        _, refund = self.one.refund("a", first["reference"])
        self.assertEqual(refund["status"], "succeeded")
        self.assertEqual(self.one.refund("a", first["reference"]), (200, refund))
        summary = self.one.summary()
        self.assertEqual((summary["charges"], summary["captured"], summary["refunds"], summary["refunded"]), (1, 199900, 1, 199900))
        self.assertEqual(summary["asked"]["charge"], 3)

    def test_many_at_once_for_one_key_are_one_charge(self):
        with concurrent.futures.ThreadPoolExecutor(16) as threads:
            answers = list(threads.map(lambda _: self.one.charge("a"), range(64)))
        self.assertEqual({json.dumps(answer) for answer in answers}, {json.dumps(answers[0])})
        self.assertEqual(self.one.summary()["charges"], 1)

    def test_declines(self):
        self.assertEqual(self.one.charge("a", "9999.99")[1]["status"], "declined")
        self.one.rules(declinedPercent=100)
        self.assertEqual(self.one.charge("b")[1]["status"], "declined")
        self.one.rules(declinedPercent=0)
        self.assertEqual(self.one.charge("b")[1]["status"], "declined", "a decision stays")

    def test_refunds_need_their_charge_and_may_be_granted_later(self):
        self.assertEqual(self.one.refund("a", "ch_none")[1]["status"], "declined")
        charge = self.one.charge("a")[1]["reference"]
        self.assertEqual(self.one.refund("a", charge, "20.00")[1]["status"], "declined")
        self.one.rules(refundDeclinedPercent=100)
        self.assertEqual(self.one.refund("a", charge)[1]["status"], "declined")
        self.one.rules(refundDeclinedPercent=0)
        self.assertEqual(self.one.refund("a", charge)[1]["status"], "succeeded")

    def test_a_voided_key_is_never_charged(self):
        self.assertEqual(self.one.void("a")[1]["status"], "voided")
        self.assertEqual(self.one.charge("a")[1]["status"], "voided")
        charged = self.one.charge("b")[1]
        self.assertEqual(self.one.void("b")[1], charged, "too late")
        self.assertEqual(self.one.summary()["charges"], 1)

    def test_finds_by_key(self):
        self.assertEqual(self.one.find("a")[0], 404)
        charged = self.one.charge("a")[1]
        self.assertEqual(self.one.find("a"), (200, charged))

    def test_lost_answers_happened(self):
        for mode in ("cut", "hang"):
            self.one.rules(lostAnswerPercent=100, lostAnswerMode=mode)
            with concurrent.futures.ThreadPoolExecutor(1) as thread:
                lost = thread.submit(self.one.charge, mode)
                while self.one.find(mode)[0] != 200:
                    pass
                self.one.rules(lostAnswerPercent=0)
                self.assertEqual(lost.result()[0], 0)
            self.assertEqual(self.one.find(mode)[1]["status"], "succeeded")

    def test_errors_and_outages_did_not_happen(self):
        self.one.rules(errorPercent=100)
        self.assertEqual(self.one.charge("a")[0], 500)
        self.one.rules(errorPercent=0, outage="error")
        self.assertEqual(self.one.charge("a")[0], 503)
        self.one.rules(outage="cut")
        self.assertEqual(self.one.charge("a")[0], 0)
        self.one.rules(outage="none")
        self.assertEqual(self.one.find("a")[0], 404)

    def test_the_books_survive_kill_9(self):
        charged = self.one.charge("a")[1]
        self.one.void("b")
        self.one.end(signal.SIGKILL)
        self.assertEqual([row.status for row in books.read(self.ledger)], ["succeeded", "voided"])
        self.one = Running(self.ledger)
        self.assertEqual(self.one.charge("a"), (200, charged))
        self.assertEqual(self.one.charge("b")[1]["status"], "voided")
        self.assertEqual(self.one.refund("a", charged["reference"])[1]["status"], "succeeded")
        self.assertEqual(self.one.end(), 0)

    def test_refuses_what_is_not_the_contract(self):
        self.assertEqual(self.one.call("POST", "/v1/charges", {}, "k", token="another")[0], 401)
        self.assertEqual(self.one.call("POST", "/v1/charges", {}, "k")[0], 400)
        self.assertEqual(self.one.charge("a", "much")[0], 400)
        self.assertEqual(self.one.charge("a", "0.00001")[0], 400)
        self.assertEqual(self.one.call("GET", "/v1/nothing")[0], 404)
        for bad in ({"nonsense": 1}, {"outage": "perhaps"}, {"latencyMs": -1}, {"latencyMs": "1"}, {"declinedPrice": 1}):
            self.assertEqual(self.one.call("PUT", "/control/rules", bad)[0], 400, bad)
        self.assertEqual(os.path.exists(self.ledger), True)


if __name__ == "__main__":
    unittest.main()
