#!/usr/bin/env python3
"""The whole platform on a one-node Kubernetes of its own: install, order, upgrade and go back, delete, apply again with TLS, remove. Needs root.

    tests/system/platform_test.py      CLUSTER_NAME (default optest), RESULTS (folder for the JUnit file)
The cases build on each other and run in order; after a failure the rest is reported as failed at once.
"""
import base64
import json
import pathlib
import re
import sys
import tempfile
import unittest
import urllib.error
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import images  # noqa: E402
import recovered  # noqa: E402
import secured  # noqa: E402
from cases import run_cases  # noqa: E402
from kube import NAME, NAMESPACE, ROOT, eventually, free_port, kubectl, look, own_cluster, run  # noqa: E402
from observed import Prometheus  # noqa: E402
from upgrade import ClusterDatabases, UpgradeUnderLoad  # noqa: E402

UPGRADE_RATE = 30  # orders/s; two cores carry them while they replace pods
UPGRADE_STEADY_SECONDS = 5
GATEWAY = {"name": "gateway", "values": {"networkPolicy": {"enabled": True}, "podAnnotations": {"example.com/team": "shop"}}}
KEPT = [("order", "orders"), ("payment", "payments"), ("inventory", "reservations"), ("inventory", "stock_movements"), ("notification", "notifications")]
ENCRYPTED = {"apiVersion": "orderplatform.io/v1alpha1", "kind": "OrderPlatform", "metadata": {"name": "orders"},
             "spec": {"security": {"tls": {"enabled": True}}, "services": [GATEWAY]}}


class Platform:
    """The cases, in order."""

    def __init__(self):
        self.port = free_port()
        self.base = f"http://127.0.0.1:{self.port}"
        self.first_order, self.prometheus, self.rows = None, None, None

    def call(self, method, path, body=None, headers=None):
        data = json.dumps(body).encode() if body is not None else None
        request = urllib.request.Request(self.base + path, data, {"Content-Type": "application/json", **(headers or {})}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as answer:
                return answer.status, answer.headers, json.load(answer)
        except urllib.error.HTTPError as error:
            return error.code, error.headers, json.loads(error.read() or b"{}")

    def place(self, **payload):
        status, headers, answer = self.call("POST", "/api/orders", {"productId": "P-1001", "quantity": 1, "price": 199.99, **payload})
        assert status == 202, (status, answer)
        assert headers["Location"] == f"/api/orders/{answer['orderId']}", headers
        assert headers.get("X-Correlation-Id"), headers
        return answer["orderId"]

    def ended(self, order):
        def terminal():
            status, _, answer = self.call("GET", f"/api/orders/{order}")
            return answer if status == 200 and answer["status"] in ("COMPLETED", "CANCELLED") else None
        return eventually(f"order {order} is terminal", 30, terminal, 0.1)

    def reached(self):
        """Whether the first order can be read. A forward to a pod that is gone ends with the first try, and is made anew."""
        try:
            status, _, order = self.call("GET", f"/api/orders/{self.first_order}")
        except OSError:
            return None
        return order if status == 200 else None

    def condition(self, kind):
        platform = json.loads(kubectl("get", "orderplatform", "orders", "-o", "json").stdout)
        found = [c for c in platform.get("status", {}).get("conditions", []) if c["type"] == kind]
        return found[0] if found else {}

    def orders_of_all_kinds(self):
        self.place()
        self.place(price=9999.99)  # declined
        self.place(productId="P-0000")  # out of stock

    @staticmethod
    def running_pods():
        """All but the operator's."""
        found = json.loads(kubectl("get", "pods", "-l", "app.kubernetes.io/name!=order-platform-operator", "-o", "json").stdout)["items"]
        return {pod["metadata"]["uid"] for pod in found if pod["status"]["phase"] == "Running" and "deletionTimestamp" not in pod["metadata"]}

    @staticmethod
    def count_rows():
        """Of what is kept for good; outboxes and inboxes come and go."""
        databases = ClusterDatabases()
        return {table: databases.count(name, table) for name, table in KEPT}

    def settled_rows(self):
        """Once nothing is under way any more: the same at two looks."""
        looks = [self.count_rows()]

        def settled():
            looks.append(self.count_rows())
            return looks[-1] == looks[-2]
        eventually("nothing is under way any more", 30, settled)
        return looks[-1]

    @staticmethod
    def infrastructure_answers():
        done = run("ci/cluster", "helm", NAME, "-n", NAMESPACE, "test", "infrastructure")
        ended = [line.split()[-1] for line in done.stdout.splitlines() if line.startswith("Phase:")]
        assert ended == ["Succeeded"] * 3, done.stdout

    # -- cases

    def case_01_up_brings_a_ready_platform(self):
        run("ci/cluster", "down", NAME, timeout=300)  # what an earlier run that was killed has left
        run("ci/up", timeout=1500, environment={"PORT": "", "OBSERVABILITY": "on"})
        assert self.condition("Ready")["status"] == "True"
        for kind in ("TopicsReady", "DatabasesReady", "ServicesReady"):
            assert self.condition(kind)["status"] == "True", kind
        columns = kubectl("get", "orderplatforms").stdout.splitlines()
        assert "READY" in columns[0] and "True" in columns[1], columns
        run("ci/cluster", "forward", NAME, NAMESPACE, "service/gateway", f"{self.port}:8080")

    def case_01b_images_have_little_beyond_what_all_share(self):
        images.check_sizes()

    def case_02_an_order_is_completed_with_its_steps(self):
        self.first_order = self.place()
        order = self.ended(self.first_order)
        assert order["status"] == "COMPLETED", order
        steps = [step["step"] for step in order["steps"]]
        assert len(steps) >= 4, steps
        assert order["steps"] == sorted(order["steps"], key=lambda step: step["at"]), steps

    def case_03_a_declined_payment_gives_the_stock_back(self):
        before = self.call("GET", "/api/inventory/P-1001")[2]["available"]
        order = self.ended(self.place(price=9999.99))
        assert order["status"] == "CANCELLED", order
        assert self.call("GET", "/api/inventory/P-1001")[2]["available"] == before

    def case_04_an_order_out_of_stock_is_refunded(self):
        order = self.place(productId="P-0000")
        assert self.ended(order)["status"] == "CANCELLED"
        payment = self.call("GET", f"/api/payments?orderId={order}")[2]
        assert payment["state"] in ("REFUNDED", "VOIDED"), payment

    def case_05_an_unknown_product_is_cancelled(self):
        assert self.ended(self.place(productId="P-4040"))["status"] == "CANCELLED"

    def case_06_the_customer_is_told(self):
        def told():
            _, _, answer = self.call("GET", f"/api/notifications?orderId={self.first_order}")
            kinds = {item["kind"] for item in answer.get("items", []) if item["state"] == "SENT"}
            return kinds >= {"payment-completed", "order-completed"}
        eventually("both notifications are sent", 20, told)

    def case_07_every_service_and_pod_is_up(self):
        def up():
            status, _, answer = self.call("GET", "/actuator/services")
            services = {s["name"]: s for s in answer.get("services", [])}
            wanted = {"order", "payment", "inventory", "notification"}
            return status == 200 and wanted <= services.keys() and all(services[n]["status"] == "UP" and services[n]["pods"] for n in wanted)
        eventually("all services are UP", 20, up)

    def case_07b_the_topics_are_those_of_the_contract(self):
        contract = (ROOT / "shared/events/asyncapi.yaml").read_text(encoding="utf-8")
        promised = dict(re.findall(r"topic: (\S+), partitions: (\d+)", contract))
        assert len(promised) == 8, promised
        told = kubectl("exec", "kafka-0", "--", "env", "KAFKA_HEAP_OPTS=-Xmx96m", "/opt/kafka/bin/kafka-topics.sh",
                       "--bootstrap-server", "localhost:9092", "--describe").stdout
        made = dict(re.findall(r"^Topic: (\S+)\s.*PartitionCount: (\d+)", told, re.MULTILINE))
        made = {name: count for name, count in made.items() if not name.startswith("__")}
        assert made == promised, (made, promised)

    def case_08_bad_input_is_refused_with_the_field(self):
        status, headers, answer = self.call("POST", "/api/orders", {"productId": "P-1001", "quantity": 0, "price": 1})
        assert status == 400 and headers["Content-Type"] == "application/problem+json", (status, headers)
        assert "/quantity" in [fault["pointer"] for fault in answer["errors"]], answer

    def case_09_an_invalid_resource_is_refused_by_the_api_server(self):
        bad = {"apiVersion": "orderplatform.io/v1alpha1", "kind": "OrderPlatform", "metadata": {"name": "bad"},
               "spec": {"topics": {"partitions": -1}}}
        done = kubectl("apply", "-f", "-", stdin=json.dumps(bad), check=False)
        assert done.returncode != 0 and "partitions" in done.stderr, done.stderr

    def case_09b_helms_own_test_places_an_order(self):
        done = run("ci/cluster", "helm", NAME, "-n", NAMESPACE, "test", "operator", "--logs")
        assert "is completed" in done.stdout, done.stdout[-2000:]

    def case_09c_helms_test_of_the_infrastructure_reaches_the_three_servers(self):
        self.infrastructure_answers()

    def case_10_a_killed_pod_comes_back_and_loses_nothing(self):
        orders = [self.place() for _ in range(20)]
        kubectl("delete", "pod", "-l", "app.kubernetes.io/name=payment", "--grace-period=0", "--force")
        orders += [self.place() for _ in range(20)]
        for order in orders:
            end = eventually(f"order {order} is terminal", 90, lambda order=order: (
                lambda a: a[2] if a[0] == 200 and a[2]["status"] != "CREATED" else None)(self.call("GET", f"/api/orders/{order}")), 0.2)
            assert end["status"] == "COMPLETED", end

    def case_10a_prometheus_reaches_every_pod_and_every_panel_has_data(self):
        self.prometheus = Prometheus()
        self.prometheus.check_targets()
        self.prometheus.check_data(self.orders_of_all_kinds)
        self.prometheus.check_rules()

    def case_10b_to_the_next_release_and_back_nobody_notices(self):
        """A short form of `SOAK=upgrade make soak`."""
        if not own_cluster():
            raise unittest.SkipTest("the load comes from the node of a cluster of ci/cluster's own")
        with tempfile.TemporaryDirectory(prefix="upgrade-") as folder:
            upgrade = UpgradeUnderLoad(pathlib.Path(folder), UPGRADE_RATE)
            upgrade.bring_next_release()
            upgrade.memory.check_at_rest()
            upgrade.begin()
            try:
                upgrade.there_and_back(UPGRADE_STEADY_SECONDS)
            finally:
                upgrade.end()
            upgrade.check_answers(3 * UPGRADE_STEADY_SECONDS * UPGRADE_RATE)
            upgrade.check_orders()
            upgrade.check_pods()

    def case_10ba_after_the_upgrade_every_panel_has_data_still(self):
        eventually("the gateway is reached", 30, self.reached)
        self.prometheus.check_data(self.orders_of_all_kinds)
        self.prometheus.remove()

    def case_10c_the_operator_goes_and_comes_back_and_the_platform_stays(self):
        eventually("the gateway is reached", 30, self.reached)
        before, values = self.running_pods(), run("ci/cluster", "helm", NAME, "-n", NAMESPACE, "get", "values", "operator", "-o", "json").stdout
        run("ci/cluster", "helm", NAME, "-n", NAMESPACE, "uninstall", "operator", "--wait")
        left = json.loads(kubectl("get", "orderplatform", "orders", "-o", "json").stdout)
        assert not left["metadata"].get("finalizers"), "nobody could delete it, nor its namespace"
        assert self.ended(self.place())["status"] == "COMPLETED"
        run("ci/cluster", "helm", NAME, "-n", NAMESPACE, "install", "operator", "charts/order-platform-operator", "-f", "-", "--wait", stdin=values)
        eventually("the operator has taken it back", 60, lambda: json.loads(kubectl("get", "orderplatform", "orders", "-o", "json").stdout)["metadata"].get("finalizers"))
        eventually("the platform is ready", 60, lambda: self.condition("Ready").get("status") == "True")
        assert self.running_pods() == before, "the same pods, not one started again"

    def case_10d_the_operators_chart_goes_one_forward_and_back_and_the_platform_stays(self):
        """From one whose definition knew no columns, and whose pod another annotation: both come with the upgrade."""
        def definition_has_columns():
            return "READY" in kubectl("get", "orderplatforms").stdout
        before, values = self.running_pods(), run("ci/cluster", "helm", NAME, "-n", NAMESPACE, "get", "values", "operator", "-o", "json").stdout
        kubectl("patch", "customresourcedefinition", "orderplatforms.orderplatform.io", "--type=json", "-p",
                json.dumps([{"op": "remove", "path": "/spec/versions/0/additionalPrinterColumns"}]))
        eventually("the columns are gone", 20, lambda: not definition_has_columns())
        operator = json.loads(values) | {"podAnnotations": {"example.com/release": "next"}}
        run("ci/cluster", "helm", NAME, "-n", NAMESPACE, "upgrade", "operator", "charts/order-platform-operator", "-f", "-", "--wait", stdin=json.dumps(operator))
        eventually("the columns are back", 20, definition_has_columns)
        run("ci/cluster", "helm", NAME, "-n", NAMESPACE, "rollback", "operator", "--wait")
        assert definition_has_columns()
        assert self.running_pods() == before, "the same pods, not one started again"
        assert self.ended(self.place())["status"] == "COMPLETED"

    def case_10e_databases_that_are_gone_come_back_from_a_dump(self):
        before = self.settled_rows()
        with tempfile.TemporaryDirectory() as folder:
            recovered.lose_and_restore(pathlib.Path(folder))
        assert eventually("the first order is there", 30, self.reached)["status"] == "COMPLETED"
        assert self.settled_rows() == before, "what the groups read again has no effect"
        assert self.ended(self.place())["status"] == "COMPLETED"

    def case_11_deleting_the_resource_removes_the_releases_within_60_s(self):
        self.rows = self.settled_rows()
        kubectl("delete", "orderplatform", "orders", "--timeout=60s", timeout=90)
        left = json.loads(kubectl("get", "deployments,statefulsets", "-o", "json").stdout)["items"]
        names = [item["metadata"]["name"] for item in left]
        assert names == ["operator"], names
        assert "pvc" in kubectl("get", "persistentvolumeclaims", "-o", "name").stdout or \
            "persistentvolumeclaim" in kubectl("get", "persistentvolumeclaims", "-o", "name").stdout, "the volumes stay"

    def case_12_applying_it_again_with_tls_finds_the_old_orders(self):
        """On volumes from before TLS."""
        kubectl("apply", "-f", "-", stdin=json.dumps(ENCRYPTED))
        kubectl("wait", "--for=condition=Ready", "orderplatform/orders", "--timeout=240s", timeout=260)
        run("ci/cluster", "forward", NAME, NAMESPACE, "service/gateway", f"{self.port}:8080")
        assert eventually("the first order is there", 30, self.reached)["status"] == "COMPLETED"
        assert self.count_rows() == self.rows, "and so is all else"
        assert self.ended(self.place())["status"] == "COMPLETED"

    def case_12b_by_tls_all_answer_and_whoever_comes_without_it_or_right_is_refused(self):
        self.infrastructure_answers()
        secured.check_mysql()
        secured.check_redis()
        secured.check_expiry(self.port)
        secured.check_kafka()

    def case_12c_values_of_the_chart_reach_it_and_the_operators_own_are_refused(self):
        assert "networkpolicy" in kubectl("get", "networkpolicy", "gateway", "-o", "name").stdout
        template = json.loads(kubectl("get", "deployment", "gateway", "-o", "json").stdout)["spec"]["template"]
        assert template["metadata"]["annotations"]["example.com/team"] == "shop", template["metadata"]
        wrong = {**GATEWAY, "values": {**GATEWAY["values"], "image": {"tag": "other"}}}
        kubectl("patch", "orderplatform", "orders", "--type=merge", "-p", json.dumps({"spec": {"services": [wrong]}}))
        eventually("the resource is refused", 30, lambda: self.condition("Ready").get("reason") == "InvalidSpec")
        assert "spec.services[gateway].values.image" in self.condition("Ready")["message"], self.condition("Ready")
        kubectl("apply", "-f", "-", stdin=json.dumps(ENCRYPTED))
        eventually("the resource is taken again", 60, lambda: self.condition("Ready").get("status") == "True")

    def case_12d_what_an_autoscaler_chose_outlives_an_upgrade(self):
        """`kubectl scale` stands for the autoscaler, which has no metrics server here."""
        def deployment():
            return json.loads(kubectl("get", "deployment", "gateway", "-o", "json").stdout)["spec"]

        def scaler():
            return kubectl("get", "horizontalpodautoscaler", "gateway", "-o", "name", check=False).stdout

        def release(team):
            values = {**GATEWAY["values"], "autoscaling": {"enabled": True, "maxReplicas": 2}, "podAnnotations": {"example.com/team": team}}
            kubectl("patch", "orderplatform", "orders", "--type=merge", "-p", json.dumps({"spec": {"services": [{**GATEWAY, "values": values}]}}))
            eventually(f"the gateway is of {team}", 60, lambda: deployment()["template"]["metadata"]["annotations"]["example.com/team"] == team and scaler())
        release("shop")
        kubectl("scale", "deployment", "gateway", "--replicas=2")
        release("market")
        assert deployment()["replicas"] == 2, deployment()
        kubectl("apply", "-f", "-", stdin=json.dumps(ENCRYPTED))
        eventually("the autoscaler is gone", 60, lambda: not scaler())
        eventually("the platform is ready", 60, lambda: self.condition("Ready").get("status") == "True")

    def case_13_no_secret_is_in_logs_status_or_events(self):
        secrets = json.loads(kubectl("get", "secrets", "-o", "json").stdout)["items"]
        values = {base64.b64decode(value).decode(errors="replace") for secret in secrets if secret["type"] == "Opaque"
                  for key, value in secret["data"].items() if "password" in key.lower()}
        assert values, "there are passwords to look for"
        values |= {line for secret in secrets for line in base64.b64decode(secret.get("data", {}).get("tls.key", "")).decode().splitlines() if "-----" not in line}
        pods = kubectl("get", "pods", "-o", "name").stdout.split()
        text = kubectl("get", "orderplatforms,events,deployments,statefulsets,configmaps", "-o", "json").stdout
        text += "".join(kubectl("logs", pod, "--all-containers", check=False).stdout for pod in pods)
        assert not [value for value in values if len(value) >= 8 and value in text], "a password is readable"

    def case_13b_its_namespace_can_be_deleted_with_the_operator_in_it(self):
        kubectl("delete", "namespace", NAMESPACE, "--timeout=120s", timeout=150)

    def case_14_down_leaves_nothing(self):
        run("ci/cluster", "down", NAME, timeout=300)
        done = run("ci/cluster", "check-clean", NAME, check=False)
        assert done.returncode == 0, done.stdout


def main():
    sys.exit(run_cases("system", Platform(), look))


if __name__ == "__main__":
    main()
