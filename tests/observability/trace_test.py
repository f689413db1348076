#!/usr/bin/env python3
"""All services and a collector on loopback: an order is one trace from the gateway to the customer's notification; a collector that is away or silent costs
orders nothing, and lost spans are counted. Runs inside the test image.

    tests/observability/trace_test.py    PROGRAMS=build/release names the folder of the built programs
"""
import http.client
import pathlib
import re
import secrets
import sys
import tempfile
import unittest
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "local")]
from backends import Backends, wait_until  # noqa: E402
from collector import Collector  # noqa: E402
from load import place  # noqa: E402
from services import NAMES, Services  # noqa: E402

WITHIN = 30
ORDER = {"productId": "P-1001", "quantity": 1, "price": 199.99, "userId": "u-1"}
# Of an order that is completed, by service: what each one does at least once.
EXPECTED = {
    "gateway": {("server", "POST /api/orders"), ("client", "POST")},
    "order-service": {("server", "POST /api/orders"), ("producer", "send order.events"),
                      ("consumer", "process payment.events"), ("consumer", "process inventory.events")},
    "payment-service": {("consumer", "process order.events"), ("producer", "send payment.events")},
    "inventory-service": {("consumer", "process order.events"), ("producer", "send inventory.events")},
    "notification-service": {("consumer", "process payment.events"), ("consumer", "process order.events"), ("client", "notify log"),
                             ("producer", "send notification.events")},
}
# From the notification of a completed order up to the gateway.
WAY_UP = [
    ("notification-service", "notify log"), ("notification-service", "process order.events"), ("order-service", "send order.events"),
    ("order-service", r"process (payment|inventory)\.events"), ("(payment|inventory)-service", r"send (payment|inventory)\.events"),
    ("(payment|inventory)-service", "process order.events"), ("order-service", "send order.events"), ("order-service", "POST /api/orders"),
    ("gateway", "POST"), ("gateway", "POST /api/orders"),
]


class Traces(unittest.TestCase):
    """The cases build on each other and run in their order."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="traces-")
        cls.addClassCleanup(cls.folder.cleanup)
        folder = pathlib.Path(cls.folder.name)
        cls.collector = Collector()
        cls.backends = Backends(folder / "backends").start()
        cls.addClassCleanup(cls.backends.stop)
        tracing = {"OTEL_EXPORTER_OTLP_ENDPOINT": f"http://127.0.0.1:{cls.collector.port}", "OTEL_TRACES_SAMPLER_ARG": 1,
                   "OTEL_EXPORTER_OTLP_PROTOCOL": "http/json", "OTEL_BSP_SCHEDULE_DELAY": "100ms", "OTEL_EXPORTER_OTLP_TIMEOUT": "1s"}
        cls.services = Services(cls.backends, folder / "services", extra={name: tracing for name in NAMES})
        cls.addClassCleanup(cls.services.stop)
        cls.services.provision()
        cls.services.start()

    @classmethod
    def tearDownClass(cls):
        cls.collector.stop()

    def place(self, traceparent=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.services.ports["gateway"], timeout=20)
        status, answer = place(connection, ORDER, {"traceparent": traceparent} if traceparent else {})
        connection.close()
        self.assertEqual(status, 202, answer)
        return answer["orderId"]

    def completed(self):
        rows = self.backends.sql("SELECT COUNT(*) FROM orders WHERE status = 'COMPLETED'", self.services.database("order"))
        return int(rows[0][0])

    def dropped(self, name):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.services.ports[name]}/actuator/prometheus", timeout=10) as answer:
            text = answer.read().decode()
        return float(re.search(r"^otel_spans_dropped_total\{[^}]*\} (\S+)$", text, re.MULTILINE).group(1))

    def whole_trace(self, trace, root):
        """The spans of a trace, once everything that is expected is there and no parent is missing; {id: span}."""
        def spans():
            return {span.id: span for span in self.collector.of_trace(trace)}

        def whole():
            found = spans()
            done = {(span.service, span.kind, span.name) for span in found.values()}
            wanted = {(service, *what) for service, whats in EXPECTED.items() for what in whats}
            told = [span for span in found.values() if span.attributes.get("notification.kind") == "order-completed"]
            return wanted <= done and told and all(span.parent in found or span.parent == root for span in found.values())
        try:
            wait_until("the whole trace", whole, WITHIN)
        except RuntimeError as error:
            raise AssertionError("\n".join([str(error), *map(repr, spans().values())])) from error
        return spans()

    def test_1_an_order_is_one_trace(self):
        trace, client = secrets.token_hex(16), secrets.token_hex(8)
        order = self.place(f"00-{trace}-{client}-01")
        spans = self.whole_trace(trace, client)
        self.assertEqual([(span.service, span.kind) for span in spans.values() if span.parent == client], [("gateway", "server")])
        told = next(span for span in spans.values() if span.attributes.get("notification.kind") == "order-completed")
        way, at = [], told
        while at:
            way.append(at)
            at = spans.get(at.parent)
        self.assertEqual(len(way), len(WAY_UP), way)
        for span, (service, name) in zip(way, WAY_UP):
            self.assertRegex(span.service, f"^{service}$", way)
            self.assertRegex(span.name, f"^{name}$", way)
        self.assertFalse([span for span in spans.values() if span.failed or span.end < span.begin])
        self.check_attributes(spans.values(), order)

    def check_attributes(self, spans, order):
        gateway = next(span for span in spans if (span.service, span.kind) == ("gateway", "server")).attributes
        self.assertEqual((gateway["http.request.method"], gateway["url.path"], gateway["http.response.status_code"]), ("POST", "/api/orders", 202))
        call = next(span for span in spans if (span.service, span.kind) == ("gateway", "client")).attributes
        self.assertEqual((call["server.address"], call["server.port"]), ("127.0.0.1", self.services.ports["order"]))
        self.assertEqual(call["url.full"], f"http://127.0.0.1:{self.services.ports['order']}/api/orders")
        server = next(span for span in spans if (span.service, span.kind) == ("order-service", "server")).attributes
        self.assertEqual((server["http.route"], server["http.response.status_code"]), ("/api/orders", 202))
        for span in spans:
            said = span.attributes
            if span.kind not in ("producer", "consumer"):
                continue
            self.assertEqual((said["messaging.system"], said["messaging.kafka.message.key"]), ("kafka", order), span)
            self.assertEqual(said["messaging.operation.type"], "send" if span.kind == "producer" else "process", span)
            self.assertEqual(said["messaging.operation.name"], said["messaging.operation.type"], span)
            self.assertRegex(said["messaging.message.id"], r"^[0-9a-f-]{36}$", span)
            self.assertTrue(said["messaging.message.conversation_id"], span)
            self.assertTrue(said["messaging.destination.name"].endswith(".events"), span)
            self.assertRegex(said["messaging.destination.partition.id"], r"^[0-9]+$", span)
            self.assertGreaterEqual(said["messaging.kafka.offset"], 0, span)
            if span.kind == "consumer":
                self.assertEqual(said["messaging.consumer.group.name"], span.service, span)

    def test_2_a_trace_that_nobody_samples_has_no_spans_and_a_new_one_begins_at_the_gateway(self):
        trace = secrets.token_hex(16)
        self.place(f"00-{trace}-{secrets.token_hex(8)}-00")
        order = self.place()

        def begun():
            with self.collector.lock:
                return next((span.trace for span in self.collector.spans if span.attributes.get("messaging.kafka.message.key") == order), None)
        wait_until("a trace of the second order", begun, WITHIN)
        spans = self.whole_trace(begun(), "")
        self.assertEqual([(span.service, span.kind) for span in spans.values() if not span.parent], [("gateway", "server")])
        self.assertEqual(self.collector.of_trace(trace), [])

    def orders_complete_and_drops_are_counted(self):
        before = self.completed()
        dropped = {name: self.dropped(name) for name in NAMES}
        for _ in range(10):
            self.place()
        wait_until("all orders to be completed", lambda: self.completed() >= before + 10, WITHIN)
        for name in NAMES:
            wait_until(f"counted drops of {name}", lambda name=name: self.dropped(name) > dropped[name], WITHIN)

    def test_3_a_collector_that_is_away_costs_counted_spans_alone(self):
        self.collector.stop()
        self.orders_complete_and_drops_are_counted()

    def test_4_a_collector_that_never_answers_costs_counted_spans_and_no_stop(self):
        type(self).collector = Collector(self.collector.port)
        self.collector.silent.set()
        self.orders_complete_and_drops_are_counted()
        self.assertGreater(self.collector.left_waiting, 0)
        self.place()
        self.assertEqual(self.services.stop(), {name: 0 for name in NAMES})


if __name__ == "__main__":
    unittest.main(verbosity=2, failfast=True)
