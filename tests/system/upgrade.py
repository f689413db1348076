"""To the next release and back while orders come in: what the short and the long test of it share.

The next release is this tree with the change `next_release` built in: one more column on a table that every order writes, and a field in every event
that today's readers do not know. Both releases run side by side while pods are replaced, and the old one runs again on the new schema.
"""
import json
import pathlib
import subprocess
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "local"))
from checker import check  # noqa: E402
from kube import NAME, ROOT, eventually, kubectl, run  # noqa: E402
from memory import Memory  # noqa: E402

SERVICES = ["order", "payment", "inventory", "notification", "gateway"]
DATABASES = {"order": "orders_db", "payment": "payments_db", "inventory": "inventory_db", "notification": "notification_db"}
PREFIX = "localhost/orderplatform"
ROLLED_OUT_WITHIN = 300
ENDED_WITHIN = 120


class ClusterDatabases:
    """What the checker asks for, from MySQL in its pod."""
    sandbox = None

    def __init__(self):
        self.backends = self

    @staticmethod
    def database(name):
        return DATABASES[name]

    @staticmethod
    def sql(statement, database):
        done = kubectl("exec", "-i", "statefulset/mysql", "--", "sh", "-c", f'MYSQL_PWD=$ROOT_PASSWORD exec mysql -uroot -BN {database}', stdin=statement)
        return [line.split("\t") for line in done.stdout.splitlines()]

    def count(self, name, what):
        return int(self.sql(f"SELECT COUNT(*) FROM {what}", self.database(name))[0][0])


def build_next_release(folder):
    """Its images: today's, with the programs of the other build. Gives their tag and the archive that holds them."""
    build, programs, tag = "build/next", folder / "programs", run("ci/images", "tag").stdout.strip()
    run("ci/in", "sh", "-euc", f"cmake --preset release -B {build} -DPLATFORM_MUTANT=next_release >/dev/null && nice ninja -C {build} {' '.join(SERVICES)} && "
        f"ci/collect-programs {build} {build}/programs {' '.join(SERVICES)}", timeout=1800)
    programs.mkdir()
    engine = run("ci/engine").stdout.strip()
    options = ["--isolation", "chroot", "--network", "host"] if engine == "podman" else []
    for name in SERVICES:
        program = ROOT / build / "programs" / name
        assert program.read_bytes() != (ROOT / "build/images/programs" / name).read_bytes() or name == "gateway", f"{name} is not another program"
        (programs / name).write_bytes(program.read_bytes())
        (programs / name).chmod(0o755)
        recipe = f"FROM {PREFIX}/{name}:{tag}\nCOPY {name} /usr/bin/{name}\n"
        run("ci/engine", "build", *options, "-f", "-", "-t", f"{PREFIX}/{name}:{tag}-next", programs, stdin=recipe)
    archive, images = folder / "next.tar", [f"{PREFIX}/{name}:{tag}-next" for name in SERVICES]
    several = ["--format", "docker-archive", "--multi-image-archive"] if engine == "podman" else []
    run("ci/engine", "save", *several, "-o", archive, *images)
    run("ci/engine", "rmi", *images)
    return f"{tag}-next", archive


class UpgradeUnderLoad:
    """Needs a cluster of ci/cluster's own with a platform that is Ready: the load comes from its node. `end()` whatever happens."""

    def __init__(self, folder, rate):
        self.rate = rate
        self.folder, self.stop, self.result = folder, folder / "stop", folder / "load.json"
        self.tag, self.load = run("ci/images", "tag").stdout.strip(), None
        self.databases, self.memory = ClusterDatabases(), Memory()
        self.stored_before = self.databases.count("order", "orders")
        self.schemas_before = self.schema_versions()

    def bring_next_release(self):
        self.next, archive = build_next_release(self.folder)
        run("ci/cluster", "load", NAME, archive)
        archive.unlink()

    def begin(self):
        address = kubectl("get", "service", "gateway", "-o", "jsonpath={.spec.clusterIP}").stdout
        port = kubectl("get", "service", "gateway", "-o", "jsonpath={.spec.ports[0].port}").stdout
        script = ROOT / "tests/system/upgrade_load.py"
        with (self.folder / "load.log").open("wb") as log:
            self.load = subprocess.Popen(
                ["ci/cluster", "exec", NAME, "--network", sys.executable, "-B", script, f"http://{address}:{port}", str(self.rate), self.stop, self.result],
                cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)

    def there_and_back(self, steady_seconds):
        self.steady(steady_seconds)
        self.roll_out(self.next)
        grown = self.schema_versions()
        assert grown == {name: version + 1 for name, version in self.schemas_before.items()}, (self.schemas_before, grown)
        self.steady(steady_seconds)
        self.roll_out(self.tag)
        assert self.schema_versions() == grown, "the old release leaves the new schema alone"
        self.steady(steady_seconds)

    def roll_out(self, tag):
        """By the resource alone, as a user does it; returns when every pod of every service is of that release."""
        kubectl("patch", "orderplatform", "orders", "--type=merge", "-p", json.dumps({"spec": {"images": {"tag": tag}}}))

        def there():
            self.memory.look()
            found = json.loads(kubectl("get", "deployments", "-o", "json").stdout)["items"]
            for item in (item for item in found if item["metadata"]["name"] in SERVICES):
                status, wanted = item["status"], item["spec"]["replicas"]
                image = item["spec"]["template"]["spec"]["containers"][0]["image"]
                if not image.endswith(f":{tag}") or status.get("observedGeneration") != item["metadata"]["generation"]:
                    return False
                if not status.get("updatedReplicas", 0) == status.get("readyReplicas", 0) == status.get("replicas", 0) == wanted:
                    return False
            return True
        started = time.monotonic()
        eventually(f"all services run {tag}", ROLLED_OUT_WITHIN, there, 1)
        kubectl("wait", "--for=condition=Ready", "orderplatform/orders", "--timeout=120s", timeout=150)
        print(f"      {tag} is rolled out after {time.monotonic() - started:.0f} s, {self.sent()} requests so far", flush=True)

    def sent(self):
        try:
            return int(self.result.with_suffix(".progress").read_text() or 0)
        except OSError:
            return 0

    def log(self):
        return (self.folder / "load.log").read_text()[-2000:]

    def wait_for(self, requests, seconds):
        eventually(f"{requests} requests", seconds, lambda: self.sent() >= requests or self.load.poll() is not None, 0.2)
        assert self.load.poll() is None, self.log()

    def steady(self, seconds):
        self.wait_for(self.sent() + seconds * self.rate, 60 + 10 * seconds)
        self.memory.look()

    def schema_versions(self):
        return {name: int(self.databases.sql("SELECT MAX(version) FROM schema_history", DATABASES[name])[0][0]) for name in DATABASES}

    def end(self):
        self.stop.touch()
        if self.load is not None:
            self.load.wait(180)

    def check_answers(self, at_least):
        """Not one request failed."""
        assert self.load.returncode == 0, self.log()
        told = json.loads(self.result.read_text())
        print(f"      {told['requests']} requests, answers {told['statuses']}, sent at most {told['lateness']:.2f} s late", flush=True)
        assert told["requests"] >= at_least, told["requests"]
        assert told["failed"] == 0, f"{told['reasons'] or told['statuses']}, by second of the load {told['seconds']}"
        assert told["foreign"] == 0, f"{told['foreign']} answers were another request's"

    def check_orders(self):
        """Every order ended as it should."""
        told = json.loads(self.result.read_text())
        eventually("all orders ended", ENDED_WITHIN, lambda: self.databases.count("order", "orders WHERE status = 'CREATED'") == 0)
        eventually("everything is told", ENDED_WITHIN, lambda: not any(self.databases.count(name, "outbox") for name in DATABASES))
        eventually("every customer is told", ENDED_WITHIN, lambda: not self.databases.count("notification", "notifications WHERE state = 'PENDING'"))
        violations = check(self.databases, told["accepted"], topics=False)
        assert not violations, violations[:10]
        stored = self.databases.count("order", "orders") - self.stored_before
        assert stored == len(told["accepted"]), f"{stored} orders were stored, {len(told['accepted'])} were accepted"
        completed = int(self.databases.sql("SELECT COUNT(*) FROM orders WHERE status = 'COMPLETED'", DATABASES["order"])[0][0])
        assert completed > 0.7 * stored, f"only {completed} of {stored} orders are COMPLETED"

    def check_pods(self):
        """No pod was killed or started again, and each stayed well below its memory limit."""
        pods = json.loads(kubectl("get", "pods", "-o", "json").stdout)["items"]
        again = {pod["metadata"]["name"]: status["restartCount"] for pod in pods for status in pod["status"].get("containerStatuses", [])
                 if status["restartCount"]}
        assert not again, again
        self.memory.look()
        self.memory.check()
