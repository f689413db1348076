"""Our services as processes on loopback, against backends of tests/local/backends.py."""
import os
import pathlib
import re
import subprocess
import urllib.error
import urllib.request

from backends import Process, free_ports, wait_until
from payment_sandbox import PaymentSandbox

ROOT = pathlib.Path(__file__).resolve().parents[2]
DATABASES = {"order": "orders_db", "payment": "payments_db", "inventory": "inventory_db", "notification": "notification_db"}
NAMES = ["order", "payment", "inventory", "notification", "gateway"]
DEFAULT_PORTS = {"gateway": 8080, "order": 8081, "payment": 8082, "inventory": 8083, "notification": 8084}
SEED = ",".join(f"P-100{n}:1000000000" for n in range(1, 9)) + ",P-0000:0"


def status_of(url, timeout=2):
    try:
        with urllib.request.urlopen(url, timeout=timeout) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        return error.code
    except OSError:
        return 0


PROGRAMS = ROOT / os.environ.get("PROGRAMS", "build/release")  # what the images ship, unless a run is of something else


class Services:
    """`prefix` goes before database and topic names, so that another implementation can share the servers. `sandbox`: payments go to a
    provider of its own with durable books instead of the simulator, and the checker compares them."""

    def __init__(self, backends, folder, programs=PROGRAMS, ports=None, prefix="", extra=None, sandbox=False):
        self.backends, self.folder = backends, pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.programs, self.prefix = pathlib.Path(programs), prefix
        self.ports = ports or dict(zip(NAMES, free_ports(len(NAMES))))
        self.extra = extra or {}
        self.sandbox = PaymentSandbox(self.folder) if sandbox else None
        self.processes = {}

    def database(self, name):
        return self.prefix.replace(".", "_") + DATABASES[name]

    def topic(self, name):
        return f"{self.prefix}{name}.events"

    def provision(self):
        """A database and a user for each service, and the topics, as the operator makes them."""
        for name in DATABASES:
            database, user = self.database(name), f"{self.prefix.replace('.', '_')}{name}"
            self.backends.sql(
                f"CREATE DATABASE IF NOT EXISTS {database} CHARACTER SET utf8mb4; "
                f"CREATE USER IF NOT EXISTS '{user}'@'%' IDENTIFIED BY '{name}-secret-1'; GRANT ALL ON {database}.* TO '{user}'@'%'")

        topics = [self.topic(name) for name in DATABASES]
        subprocess.run(
            [str(self.programs / "tests/local/create_topics"), f"127.0.0.1:{self.backends.kafka_port}", str(self.backends.partitions),
             *topics, *[f"{topic}.DLT" for topic in topics]], check=True)

    def program(self, name):
        return self.programs / "services" / name / name

    def environment(self, name):
        settings = {
            "HTTP_HOST": "127.0.0.1", "HTTP_PORT": self.ports[name], "MANAGEMENT_PORT": 0, "LOG_LEVEL": "info",
        }
        if name == "gateway":
            settings |= {"REDIS_HOST": "127.0.0.1", "REDIS_PORT": self.backends.redis_port}
            for upstream in DATABASES:
                settings[f"UPSTREAM_{upstream.upper()}"] = f"127.0.0.1:{self.ports[upstream]}"
        else:
            settings |= {
                "MYSQL_HOST": "127.0.0.1", "MYSQL_PORT": self.backends.mysql_port, "MYSQL_DATABASE": self.database(name),
                "MYSQL_USER": f"{self.prefix.replace('.', '_')}{name}", "MYSQL_PASSWORD": f"{name}-secret-1",
                "KAFKA_BOOTSTRAP_SERVERS": f"127.0.0.1:{self.backends.kafka_port}", "MIGRATE_ON_START": "true",
                **{f"TOPIC_{topic.upper()}_EVENTS": self.topic(topic) for topic in DATABASES},
            }
            if self.prefix:
                settings["KAFKA_GROUP"] = f"{self.prefix}{name}-service"
                if name == "order":
                    settings["TIMELINE_GROUP"] = f"{self.prefix}order-timeline"
        if name == "inventory":
            settings["INVENTORY_SEED"] = SEED
        if name == "payment":
            settings |= self.sandbox.settings() if self.sandbox else {"PROVIDER": "simulator"}
        settings |= self.extra.get(name, {})
        return {**os.environ, **{key: str(value) for key, value in settings.items()}}

    def start(self, *names):
        if self.sandbox and not self.sandbox.process.running:
            self.sandbox.start()
        for name in names or NAMES:
            self.processes[name] = Process(name, [self.program(name)], self.folder / f"{name}.log", self.environment(name))
            self.processes[name].start()
        self.wait_ready(*names)
        return self

    def wait_ready(self, *names):
        for name in names or NAMES:
            process = self.processes[name]
            url = f"http://127.0.0.1:{self.ports[name]}/actuator/health/readiness"
            wait_until(name, lambda url=url: status_of(url) == 200, process=process.child, log=process.log)

    def management_port(self, name):
        """As the process that runs has told its log; it is any free one."""
        told = re.findall(r'"management_port":(\d+)', self.processes[name].log.read_text(errors="replace"))
        return int(told[-1])

    def metric(self, name, metric, labels=""):
        """Sum of the samples of a metric whose line has `labels` in it."""
        with urllib.request.urlopen(f"http://127.0.0.1:{self.ports[name]}/actuator/prometheus", timeout=5) as answer:
            lines = answer.read().decode().splitlines()
        found = [float(line.rsplit(" ", 1)[1]) for line in lines if line.startswith((metric + "{", metric + " ")) and labels in line]
        if not found:
            raise RuntimeError(f"{name} has no metric {metric} with {labels or 'any labels'}")
        return sum(found)

    def kill(self, name):
        self.processes[name].kill()

    def stop(self):
        """Gives the exit code of each process that was still running."""
        codes = {}
        for name in reversed(NAMES):
            process = self.processes.get(name)
            if process and process.running:
                codes[name] = process.stop()
        if self.sandbox:
            self.sandbox.stop()
        return codes

    @property
    def base(self):
        return f"http://127.0.0.1:{self.ports['gateway']}"

    def pids(self):
        return {name: process.child.pid for name, process in self.processes.items() if process.running}
