#!/usr/bin/env python3
"""From this release to the next one and back, under load, on a one-node Kubernetes of its own. Needs root.

    tests/system/upgrade_test.py      REQUESTS (default 50000), RATE (60/s: two cores carry the cluster and the load), CLUSTER_NAME (opupgrade), RESULTS (folder for the JUnit file)

The next release is this tree with the change `next_release` built in: one more column on a table that every order writes, and a field in every event
that today's readers do not know. Both releases run side by side while pods are replaced, and the old one runs again on the new schema.
Not one request may fail, and every order has to end as it should.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

os.environ.setdefault("CLUSTER_NAME", "opupgrade")
sys.path[:0] = [str(pathlib.Path(__file__).resolve().parent), str(pathlib.Path(__file__).resolve().parents[1] / "local")]
from cases import run_cases  # noqa: E402
from checker import check  # noqa: E402
from platform_test import NAME, ROOT, eventually, kubectl, look, run  # noqa: E402

REQUESTS = int(os.environ.get("REQUESTS", "50000"))
RATE = float(os.environ.get("RATE", "60"))
SERVICES = ["order", "payment", "inventory", "notification", "gateway"]
DATABASES = {"order": "orders_db", "payment": "payments_db", "inventory": "inventory_db", "notification": "notification_db"}
STOCK = ",".join(f"P-100{n}:1000000000" for n in range(1, 9)) + ",P-0000:0"
PREFIX = "localhost/orderplatform"
STEADY_SECONDS = 15
ROLLED_OUT_WITHIN = 300
ENDED_WITHIN = 120
SAMPLE = {
    "apiVersion": "orderplatform.io/v1alpha1", "kind": "OrderPlatform", "metadata": {"name": "orders"},
    "spec": {"services": [
        {"name": "gateway", "env": [{"name": "ROUTE_ORDERS_RATE_LIMIT", "value": "false"}]},
        {"name": "inventory", "env": [{"name": "INVENTORY_SEED", "value": STOCK}]}]},
}


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


def next_release(folder):
    """Its images: today's, with the programs of the other build. Gives their tag."""
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
    archive = folder / "next.tar"
    several = ["--format", "docker-archive", "--multi-image-archive"] if engine == "podman" else []
    run("ci/engine", "save", *several, "-o", archive, *[f"{PREFIX}/{name}:{tag}-next" for name in SERVICES])
    return f"{tag}-next", archive


class Upgrade:
    def __init__(self, folder):
        self.folder = folder
        self.stop, self.result = folder / "stop", folder / "load.json"
        self.load = self.tag = None
        self.databases = ClusterDatabases()

    def deployments(self):
        found = json.loads(kubectl("get", "deployments", "-o", "json").stdout)["items"]
        return {item["metadata"]["name"]: item for item in found if item["metadata"]["name"] in SERVICES}

    def roll_out(self, tag):
        """By the resource alone, as a user does it; returns when every pod of every service is of that release."""
        kubectl("patch", "orderplatform", "orders", "--type=merge", "-p", json.dumps({"spec": {"images": {"tag": tag}}}))

        def there():
            for item in self.deployments().values():
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

    def schema_versions(self):
        return {name: int(self.databases.sql("SELECT MAX(version) FROM schema_history", DATABASES[name])[0][0]) for name in DATABASES}

    # -- cases

    def case_1_this_release_is_up(self):
        run("ci/cluster", "down", NAME, timeout=300)  # what an earlier run that was killed has left
        sample = self.folder / "sample.json"
        sample.write_text(json.dumps(SAMPLE))
        run("ci/up", timeout=1500, environment={"PORT": "", "SAMPLE": str(sample)})
        self.tag = run("ci/images", "tag").stdout.strip()
        self.before = self.schema_versions()

    def case_2_the_next_release_is_there(self):
        self.next, archive = next_release(self.folder)
        run("ci/cluster", "load", NAME, archive)
        archive.unlink()

    def case_3_there_and_back_under_load(self):
        address = kubectl("get", "service", "gateway", "-o", "jsonpath={.spec.clusterIP}").stdout
        port = kubectl("get", "service", "gateway", "-o", "jsonpath={.spec.ports[0].port}").stdout
        script = ROOT / "tests/system/upgrade_load.py"
        log = (self.folder / "load.log").open("wb")
        self.load = subprocess.Popen(
            ["ci/cluster", "exec", NAME, "--network", sys.executable, "-B", script, f"http://{address}:{port}", str(RATE), self.stop, self.result],
            cwd=ROOT, stdout=log, stderr=subprocess.STDOUT)
        self.steady()
        self.roll_out(self.next)
        grown = self.schema_versions()
        assert grown == {name: version + 1 for name, version in self.before.items()}, (self.before, grown)
        self.steady()
        self.roll_out(self.tag)
        assert self.schema_versions() == grown, "the old release leaves the new schema alone"
        self.steady()
        eventually(f"{REQUESTS} requests", 60 + REQUESTS / RATE, lambda: self.sent() >= REQUESTS or self.load.poll() is not None, 1)
        self.end_load()
        assert self.load.returncode == 0, (self.folder / "load.log").read_text()[-2000:]

    def steady(self):
        goal = self.sent() + STEADY_SECONDS * RATE
        eventually("orders go on", 10 * STEADY_SECONDS, lambda: self.sent() >= goal or self.load.poll() is not None)
        assert self.load.poll() is None, (self.folder / "load.log").read_text()[-2000:]

    def end_load(self):
        self.stop.touch()
        if self.load is not None:
            self.load.wait(180)

    def case_4_not_one_request_failed(self):
        told = json.loads(self.result.read_text())
        print(f"      {told['requests']} requests, answers {told['statuses']}, sent at most {told['lateness']:.2f} s late", flush=True)
        assert told["requests"] >= REQUESTS, told["requests"]
        assert told["failed"] == 0, told["reasons"] or told["statuses"]
        assert told["foreign"] == 0, f"{told['foreign']} answers were another request's"

    def case_5_every_order_ended_as_it_should(self):
        told = json.loads(self.result.read_text())
        eventually("all orders ended", ENDED_WITHIN, lambda: self.databases.count("order", "orders WHERE status = 'CREATED'") == 0)
        eventually("everything is told", ENDED_WITHIN, lambda: not any(self.databases.count(name, "outbox") for name in DATABASES))
        eventually("every customer is told", ENDED_WITHIN, lambda: not self.databases.count("notification", "notifications WHERE state = 'PENDING'"))
        violations = check(self.databases, told["accepted"], topics=False)
        assert not violations, violations[:10]
        stored = self.databases.count("order", "orders")
        assert stored == len(told["accepted"]), f"{stored} orders are stored, {len(told['accepted'])} were accepted"
        completed = int(self.databases.sql("SELECT COUNT(*) FROM orders WHERE status = 'COMPLETED'", DATABASES["order"])[0][0])
        assert completed > 0.7 * stored, f"only {completed} of {stored} orders are COMPLETED"

    def case_6_no_pod_was_killed_or_started_again(self):
        pods = json.loads(kubectl("get", "pods", "-o", "json").stdout)["items"]
        again = {pod["metadata"]["name"]: status["restartCount"] for pod in pods for status in pod["status"].get("containerStatuses", [])
                 if status["restartCount"]}
        assert not again, again

    def case_7_down_leaves_nothing(self):
        self.end_load()
        run("ci/cluster", "down", NAME, timeout=300)
        done = run("ci/cluster", "check-clean", NAME, check=False)
        assert done.returncode == 0, done.stdout


def main():
    with tempfile.TemporaryDirectory(prefix="upgrade-") as folder:
        sys.exit(run_cases("upgrade", Upgrade(pathlib.Path(folder)), look))


if __name__ == "__main__":
    main()
