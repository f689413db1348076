"""tests/sandbox as a process beside the services."""
import http.client
import json
import pathlib
import sys

from backends import Process, answers, free_ports, wait_until

HERE = pathlib.Path(__file__).resolve().parent
SANDBOX = HERE.parent / "sandbox"
TOKEN = "sandbox-secret-1"


class PaymentSandbox:
    """Keeps its port and its books (`ledger`) over kill() and start()."""

    def __init__(self, folder):
        self.ledger = pathlib.Path(folder) / "payment-ledger.db"
        self.port = free_ports(1)[0]
        self.process = Process("payment-sandbox", [
            sys.executable, "-B", SANDBOX / "sandbox.py", "--ledger", self.ledger, "--port", self.port, "--token", TOKEN,
        ], pathlib.Path(folder) / "payment-sandbox.log")

    def settings(self):
        """What the payment service has to be told."""
        return {"PROVIDER": "http", "PROVIDER_URL": f"http://127.0.0.1:{self.port}", "PROVIDER_TOKEN": TOKEN}

    def start(self):
        self.process.start()
        wait_until("the payment sandbox", lambda: answers(self.port), process=self.process.child, log=self.process.log)

    def kill(self):
        self.process.kill()

    def stop(self):
        self.process.stop()

    def rules(self, **values):
        """Changes what goes wrong; tests/sandbox/README.md lists the rules."""
        return self._control("PUT", "/control/rules", json.dumps(values))

    def summary(self):
        return self._control("GET", "/control/summary")

    def operations(self):
        """All charges and refunds of the books; the sandbox need not run."""
        sys.path.insert(0, str(SANDBOX))
        try:
            import ledger
        finally:
            sys.path.remove(str(SANDBOX))
        return ledger.read(self.ledger) if self.ledger.exists() else []

    def _control(self, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        if answer.status != 200:
            raise RuntimeError(f"{method} {path}: {answer.status} {text.decode()}")
        return json.loads(text)
