#!/usr/bin/env python3
"""From this release to the next one and back, under load, on a one-node Kubernetes of its own. Needs root.

    tests/system/upgrade_test.py      REQUESTS (default 50000), RATE (60/s: two cores carry the cluster and the load), CLUSTER_NAME (opupgrade), RESULTS (folder for the JUnit file)

Not one request may fail, and every order has to end as it should. `platform_test.py` has the short form.
"""
import json
import os
import pathlib
import sys
import tempfile

os.environ.setdefault("CLUSTER_NAME", "opupgrade")
os.environ["CLUSTER"] = "own"  # the load comes from inside the node
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from cases import run_cases  # noqa: E402
from kube import NAME, look, run  # noqa: E402
from upgrade import UpgradeUnderLoad  # noqa: E402

REQUESTS = int(os.environ.get("REQUESTS", "50000"))
RATE = float(os.environ.get("RATE", "60"))
STEADY_SECONDS = 15
STOCK = ",".join(f"P-100{n}:1000000000" for n in range(1, 9)) + ",P-0000:0"
SAMPLE = {
    "apiVersion": "orderplatform.io/v1alpha1", "kind": "OrderPlatform", "metadata": {"name": "orders"},
    "spec": {"services": [
        {"name": "gateway", "env": [{"name": "ROUTE_ORDERS_RATE_LIMIT", "value": "false"}]},
        {"name": "inventory", "env": [{"name": "INVENTORY_SEED", "value": STOCK}]}]},
}


class Upgrade:
    def __init__(self, folder):
        self.folder, self.upgrade = folder, None

    def case_1_this_release_is_up(self):
        run("ci/cluster", "down", NAME, timeout=300)  # what an earlier run that was killed has left
        sample = self.folder / "sample.json"
        sample.write_text(json.dumps(SAMPLE))
        run("ci/up", timeout=1500, environment={"PORT": "", "SAMPLE": str(sample)})
        self.upgrade = UpgradeUnderLoad(self.folder, RATE)

    def case_2_the_next_release_is_there(self):
        self.upgrade.bring_next_release()

    def case_3_there_and_back_under_load(self):
        self.upgrade.begin()
        self.upgrade.there_and_back(STEADY_SECONDS)
        self.upgrade.wait_for(REQUESTS, 60 + REQUESTS / RATE)
        self.upgrade.end()

    def case_4_not_one_request_failed(self):
        self.upgrade.check_answers(REQUESTS)

    def case_5_every_order_ended_as_it_should(self):
        self.upgrade.check_orders()

    def case_6_no_pod_was_killed_or_started_again_or_near_its_limit(self):
        self.upgrade.check_pods()

    def case_7_down_leaves_nothing(self):
        if self.upgrade:
            self.upgrade.end()
        run("ci/cluster", "down", NAME, timeout=300)
        done = run("ci/cluster", "check-clean", NAME, check=False)
        assert done.returncode == 0, done.stdout


def main():
    with tempfile.TemporaryDirectory(prefix="upgrade-") as folder:
        sys.exit(run_cases("upgrade", Upgrade(pathlib.Path(folder)), look))


if __name__ == "__main__":
    main()
