"""The observability chart on the cluster, as `make up OBSERVABILITY=on` brings it: are all pods its targets, and has everything it shows data."""
import json
import pathlib
import sys
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "observability"))
from files import queries, without_variables  # noqa: E402
from kube import NAME, NAMESPACE, eventually, free_port, kubectl, run  # noqa: E402

TARGETS_WITHIN = 60
DATA_WITHIN = 90  # a rate needs two scrapes behind the first event, a recorded one the next evaluation too; every 15 s
# Metrics of what this platform does not have, or that has not happened; tests/observability/live_test.py proves these panels.
ABSENT = {
    "payment_provider_call": "payments are not decided by a provider over HTTP",
}


class Prometheus:
    """That of a cluster with OBSERVABILITY=on, behind a port of this machine until `remove`."""

    def __init__(self):
        self.port = free_port()
        run("ci/cluster", "forward", NAME, NAMESPACE, "service/prometheus", f"{self.port}:9090")

    def get(self, path, **parameters):
        with urllib.request.urlopen(f"http://127.0.0.1:{self.port}/api/v1/{path}?{urllib.parse.urlencode(parameters)}", timeout=10) as answer:
            return json.load(answer)["data"]

    def query(self, expr):
        return self.get("query", query=expr)["result"]

    def check_targets(self):
        """Every pod of every job is scraped, and nothing else."""
        services = json.loads(kubectl("get", "services", "-l", "orderplatform.io/job", "-o", "json").stdout)["items"]
        selectors = {one["metadata"]["labels"]["orderplatform.io/job"]: one["spec"]["selector"] for one in services}
        assert selectors.keys() == {"gateway", "order", "payment", "inventory", "notification", "operator"}, selectors

        def pods(selector):
            chosen = ",".join(f"{name}={value}" for name, value in selector.items())
            return len(kubectl("get", "pods", "-l", chosen, "-o", "name").stdout.split())
        wanted = {job: pods(selector) for job, selector in selectors.items()}
        assert all(wanted.values()), wanted

        def up():
            return {one["metric"]["job"]: int(one["value"][1]) for one in self.query("sum by (job) (up)")} == wanted and not self.query("up == 0")
        eventually(f"these pods are up: {wanted}", TARGETS_WITHIN, up)

    def check_data(self, keep_busy):
        """Every panel and every recording rule; calls `keep_busy` between its rounds."""
        recorded = [rule["name"] for group in self.get("rules", type="record")["groups"] for rule in group["rules"]]
        assert len(recorded) > 10, recorded
        missing = {f"{where}: {expr}": without_variables(expr) for where, expr in queries() if not any(name in expr for name in ABSENT)}
        missing |= {name: name for name in recorded}

        def all_there():
            for what in [what for what, expr in missing.items() if self.query(expr)]:
                del missing[what]
            if missing:
                keep_busy()
            return not missing
        try:
            eventually("data", DATA_WITHIN, all_there)
        except AssertionError:
            raise AssertionError(f"no data: {sorted(missing)}") from None

    def check_rules(self):
        """No rule fails, and the chart's own test passes."""
        rules = [rule for group in self.get("rules")["groups"] for rule in group["rules"]]
        assert [rule for rule in rules if rule["type"] == "alerting"], rules
        assert not [rule for rule in rules if rule["health"] != "ok"], rules
        run("ci/cluster", "helm", NAME, "-n", NAMESPACE, "test", "observability")

    def remove(self):
        run("ci/cluster", "unforward", NAME, str(self.port))
        run("ci/cluster", "helm", NAME, "-n", NAMESPACE, "uninstall", "observability", "--wait")
