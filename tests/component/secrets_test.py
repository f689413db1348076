#!/usr/bin/env python3
"""No secret leaves a process. Every secret setting of every service (as --settings names them) gets a value of its own, what can go wrong goes wrong, and
none of the values stands in a log, in an answer of the API or the actuator, or in what a command prints. Runs inside the test image, on real MySQL and Redis.

    tests/component/secrets_test.py    PROGRAMS=build/release names the folder of the built programs
"""
import base64
import http.client
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "local"))
from backends import Backends, Process, answers, free_ports, wait_until  # noqa: E402
from services import DATABASES, NAMES, PROGRAMS  # noqa: E402

SHAPES = {"OTEL_EXPORTER_OTLP_HEADERS": "authorization={}"}  # where a setting is more than the secret in it
CALLER = "canary-of-a-caller-5d1c"  # what a client sends and nobody else may read
READS = ["", "/health", "/health/db", "/info", "/metrics", "/metrics/http.server.requests", "/prometheus", "/loggers", "/loggers/ROOT",
         "/circuitbreakers", "/retries", "/bulkheads", "/services", "/env", "/configprops"]
BAD_REQUESTS = [("POST", "/api/orders"), ("POST", "/api/orders/not-an-id/cancel"), ("GET", "/api/orders/not-an-id"), ("PUT", "/api/inventory/P-1"),
                ("GET", "/api/payments/not-an-id"), ("GET", "/api/notifications/not-an-id"), ("POST", "/actuator/loggers/ROOT"), ("GET", "/nowhere")]


def program(name):
    return PROGRAMS / "services" / name / name


def run(name, *arguments, environment=None):
    """All that a command of a service prints."""
    done = subprocess.run([program(name), *arguments], env=environment, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def secret_settings(name):
    code, text = run(name, "--settings")
    assert code == 0, text
    return [line.split()[0] for line in text.splitlines() if "(secret; or " in line]


def forms(secret):
    """As it is, and as HTTP and SMTP carry it."""
    return [secret, base64.b64encode(secret.encode()).decode().rstrip("=")]


class Service:
    """One process whose secrets are known to this test; every second one comes from a file."""

    def __init__(self, name, folder, settings):
        self.name = name
        self.port, self.management = free_ports(2)
        self.secrets = {setting: f"canary-{name}-{setting.lower().replace('_', '-')}-9f3b" for setting in secret_settings(name)}
        environment = {
            "HTTP_HOST": "127.0.0.1", "HTTP_PORT": self.port, "MANAGEMENT_PORT": self.management, "LOG_LEVEL": "debug",
            "KAFKA_BOOTSTRAP_SERVERS": "127.0.0.1:1", **settings,
        }
        if "KAFKA_SASL_PASSWORD" in self.secrets:  # refused where no user is asked for
            environment |= {"KAFKA_SECURITY_PROTOCOL": "SASL_PLAINTEXT", "KAFKA_SASL_USERNAME": "canary"}
        for number, (setting, secret) in enumerate(self.secrets.items()):
            value = SHAPES.get(setting, "{}").format(secret)
            if number % 2 == 0:
                environment[setting] = value
            else:
                file = folder / f"{name}-{setting}"
                file.write_text(value)
                environment[f"{setting}_FILE"] = file
        self.environment = {**os.environ, **{key: str(value) for key, value in environment.items()}}
        self.process = Process(name, [program(name)], folder / f"{name}-{self.port}.log", self.environment)

    def log(self):
        return self.process.log.read_text(errors="replace")

    def start(self):
        self.process.start()
        for port in (self.port, self.management):
            wait_until(self.name, lambda port=port: answers(port), process=self.process.child, log=self.process.log)

    def wait_log(self, text):
        wait_until(f"'{text}' in the log of {self.name}", lambda: text in self.log(), 30, process=self.process.child, log=self.process.log)

    def ask(self, port, method, path, body=None):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        headers = {"Authorization": f"Bearer {CALLER}", "Cookie": f"session={CALLER}", "Content-Type": "application/json"}
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        text = f"{answer.status} {answer.getheaders()} {answer.read().decode(errors='replace')}"
        connection.close()
        return text


class Secrets(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory(prefix="secrets-")
        cls.addClassCleanup(folder.cleanup)
        cls.folder = pathlib.Path(folder.name)
        cls.backends = Backends(cls.folder / "backends")
        cls.addClassCleanup(cls.backends.stop)
        cls.backends.start_mysql()
        cls.backends.start_redis()
        wait_until("MySQL", lambda: cls.backends.sql("SELECT 1", check=False) == [["1"]], process=cls.backends.mysql.child, log=cls.backends.mysql.log)
        wait_until("Redis", lambda: answers(cls.backends.redis_port), process=cls.backends.redis.child, log=cls.backends.redis.log)
        cls.backends.sql("CREATE USER 'canary'@'%' IDENTIFIED BY 'another password'")  # Access denied, whatever a service says

    def service(self, name, **settings):
        service = Service(name, self.folder, settings)
        self.addCleanup(service.process.stop)
        return service

    def database(self, name, port):
        """Settings of a service whose database does not let it in, or is not there, as its mail server and payment provider."""
        provider = {"PROVIDER": "http", "PROVIDER_URL": "http://127.0.0.1:1/pay"} if name == "payment" else {}
        mail = {"SMTP_URL": "smtp://127.0.0.1:1", "SMTP_USER": "canary"} if name == "notification" else {}
        return {"MYSQL_HOST": "127.0.0.1", "MYSQL_PORT": port, "MYSQL_USER": "canary", "MYSQL_DATABASE": DATABASES[name], **provider, **mail}

    def assert_clean(self, secrets, where, text):
        for what, secret in secrets.items():
            for form in forms(secret):
                self.assertNotIn(form, text, f"{what} stands in {where}")

    def look_at(self, service):
        """Drives errors and reads everything that can be read."""
        secrets = service.secrets | {"what a caller sent": CALLER}
        for method, path in BAD_REQUESTS:
            body = f'{{"productId": "{CALLER}", ' if method != "GET" else None
            for port in (service.port, service.management):
                answer = service.ask(port, method, f"{path}?token={CALLER}", body)
                self.assert_clean(service.secrets, f"the answer of {service.name} to {method} {path}", answer)
        for path in READS:
            for port in (service.port, service.management):
                self.assert_clean(secrets, f"/actuator{path} of {service.name}", service.ask(port, "GET", f"/actuator{path}"))
        service.process.stop()
        self.assertIn('"level":', service.log())
        self.assert_clean(secrets, f"the log of {service.name}", service.log())

    def test_each_service_has_secrets(self):
        wanted = {"gateway": "REDIS_PASSWORD", "order": "MYSQL_PASSWORD", "payment": "PROVIDER_TOKEN", "inventory": "MYSQL_DDL_PASSWORD",
                  "notification": "SMTP_PASSWORD"}
        for name in NAMES:
            self.assertIn(wanted[name], secret_settings(name))

    def test_a_database_that_refuses_the_password(self):
        """It is no use to wait for another password: the process says so and ends."""
        for migrate in ("false", "true"):
            services = [self.service(name, MIGRATE_ON_START=migrate, MYSQL_DDL_USER="canary", **self.database(name, self.backends.mysql_port))
                        for name in DATABASES]
            for service in services:
                service.process.start()
            for service in services:
                wait_until(f"the end of {service.name}", lambda service=service: not service.process.running, 30, log=service.process.log)
                self.assertIn("Access denied for user 'canary'", service.log())
                self.assert_clean(service.secrets, f"the log of {service.name}", service.log())

    def test_a_database_that_is_not_there(self):
        services = [self.service(name, **self.database(name, 1)) for name in DATABASES]
        for service in services:
            service.start()
        for service in services:
            service.wait_log("waiting for the database")
            self.look_at(service)

    def test_a_redis_that_wants_another_password(self):
        done = subprocess.run(["redis-cli", "-p", str(self.backends.redis_port), "CONFIG", "SET", "requirepass", "another"], capture_output=True, text=True)
        self.assertEqual(done.stdout.strip(), "OK", done.stderr)
        gateway = self.service("gateway", REDIS_HOST="127.0.0.1", REDIS_PORT=self.backends.redis_port,
                               **{f"UPSTREAM_{name.upper()}": "127.0.0.1:1" for name in DATABASES})
        gateway.start()
        gateway.ask(gateway.port, "GET", "/api/orders")
        gateway.wait_log("Redis is away")
        self.look_at(gateway)

    def test_what_commands_print(self):
        for name in NAMES:
            service = self.service(name, **({} if name == "gateway" else self.database(name, 1)))
            for what, arguments, wrong in [("--settings", ["--settings"], {}), ("--version", ["--version"], {}),
                                           ("a wrong argument", ["--wrong"], {}), ("a wrong setting", [], {"HTTP_THREADS": "none"})]:
                _, text = run(name, *arguments, environment={**service.environment, **wrong})
                self.assertTrue(text)
                self.assert_clean(service.secrets, f"what {name} prints for {what}", text)


if __name__ == "__main__":
    unittest.main(verbosity=2)
