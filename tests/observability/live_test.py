#!/usr/bin/env python3
"""All services, the operator and a real Prometheus with the chart's rules: every metric and every panel has data, a healthy platform raises no alert,
faults do, and the lag that consumers tell is the broker's. Runs inside the test image.

    tests/observability/live_test.py    PROGRAMS=build/release names the folder of the built programs
"""
import fnmatch
import http.client
import json
import pathlib
import re
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request

import yaml

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent / "local")]
from backends import Backends, Process, answers, free_ports, wait_until  # noqa: E402
from fake_cluster import FakeCluster  # noqa: E402
from files import ROOT, RULES, names_in, queries, rules, without_variables  # noqa: E402
from kafka_client import Client  # noqa: E402
from load import place  # noqa: E402
from metric_names import KEPT_ON_PURPOSE, faults, left_out, promtool_findings  # noqa: E402
from payment_sandbox import TOKEN  # noqa: E402
from services import DATABASES, NAMES, PROGRAMS, Services, status_of  # noqa: E402

SCRAPE = "1s"
WINDOW = "10s"  # what Grafana makes of $__rate_interval: some scrapes
GROUPS = [*[f"{name}-service" for name in DATABASES], "order-timeline"]
# The operator's cluster here refuses everything, so these two may be on their way at any time.
EXPECTED_ALERTS = {"OrderPlatformNotReady", "OperatorRoundsFail"}
# There is none here; service_runtime_test.cpp and the gateway's app_test.cpp see it exported.
WITH_TLS = {"ssl_chain_expiry_seconds"}


def get(url):
    with urllib.request.urlopen(url, timeout=10) as answer:
        return json.load(answer)


def read(url):
    """The text of an answer, whatever its status."""
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.read().decode()


def post(url, body, status=200):
    request = urllib.request.Request(url, json.dumps(body).encode(), {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == status, answer.status


class Prometheus:
    def __init__(self, folder, targets):
        self.port = free_ports(1)[0]
        folder.mkdir()
        # The rules as they are, but for how long an alert is pending: faults of this test last seconds, and a pending alert wakes nobody.
        alerts, waits = re.subn(r"^( +for: )\S+$", r"\g<1>1s", (RULES / "alerts.yaml").read_text(), flags=re.MULTILINE)
        assert waits, "no alert has a pause to cut"
        (folder / "alerts.yaml").write_text(alerts)
        config = {
            "global": {"scrape_interval": SCRAPE, "evaluation_interval": SCRAPE},
            "rule_files": [str(RULES / "recording.yaml"), str(folder / "alerts.yaml")],
            "scrape_configs": [
                {"job_name": job, "metrics_path": "/actuator/prometheus",
                 "static_configs": [{"targets": [f"127.0.0.1:{port}"], "labels": {"namespace": "shop"}}]} for job, port in targets.items()],
        }
        (folder / "prometheus.yml").write_text(yaml.safe_dump(config))
        self.process = Process("prometheus", [
            "prometheus", f"--config.file={folder / 'prometheus.yml'}", f"--storage.tsdb.path={folder / 'data'}", f"--web.listen-address=127.0.0.1:{self.port}",
        ], folder / "prometheus.log")

    def start(self):
        self.process.start()
        wait_until("Prometheus", lambda: status_of(f"{self.api}/status/runtimeinfo") == 200, process=self.process.child, log=self.process.log)

    @property
    def api(self):
        return f"http://127.0.0.1:{self.port}/api/v1"

    def query(self, expr):
        return get(f"{self.api}/query?" + urllib.parse.urlencode({"query": expr}))["data"]["result"]

    def number(self, expr):
        found = self.query(expr)
        return float(found[0]["value"][1]) if found else None

    def names(self):
        return set(get(f"{self.api}/label/__name__/values")["data"])

    def alerts(self):
        """{(alert, job or group): state} of those that are pending or firing."""
        return {(one["labels"]["alertname"], one["labels"].get("job", "")): one["state"] for one in get(f"{self.api}/alerts")["data"]["alerts"]}


class Live(unittest.TestCase):
    """The cases build on each other and run in their order."""

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="observability-")
        cls.addClassCleanup(cls.folder.cleanup)
        folder = pathlib.Path(cls.folder.name)
        cls.backends = Backends(folder / "backends").start()
        cls.addClassCleanup(cls.backends.stop)
        cls.services = Services(cls.backends, folder / "services", sandbox=True)
        cls.addClassCleanup(cls.services.stop)
        cls.services.provision()
        cls.services.start()
        cls.cluster = FakeCluster()
        cls.addClassCleanup(cls.cluster.stop)
        cls.operator_port = operator_port = free_ports(1)[0]
        cls.operator = Process("operator", [PROGRAMS / "operator/operator"], folder / "operator.log", {
            "WATCH_NAMESPACE": "shop", "KUBE_API_URL": cls.cluster.url, "KUBE_TOKEN_PATH": "-", "KUBE_CA_PATH": "-", "HTTP_HOST": "127.0.0.1",
            "HTTP_PORT": str(operator_port), "MANAGEMENT_PORT": "0", "CHARTS_PATH": str(ROOT / "charts"), "HELM_PATH": "/bin/false"})
        cls.addClassCleanup(cls.operator.stop)
        cls.operator.start()
        wait_until("operator", lambda: answers(operator_port), process=cls.operator.child, log=cls.operator.log)
        cls.prometheus = Prometheus(folder / "prometheus", {**{name: cls.services.ports[name] for name in NAMES}, "operator": operator_port})
        cls.addClassCleanup(cls.prometheus.process.stop)
        cls.prometheus.start()
        wait_until("all targets are up", lambda: cls.prometheus.number("sum(up)") == len(NAMES) + 1, 20)
        # A series has no rate before its second value, so every target has to tell of a first order before the others are placed.
        cls.place_orders(1, price=9999.99)  # declined
        cls.wait_ended(1)
        cls.wait_scraped(2)  # the notification is sent behind the end of the order
        cls.place_orders(8)
        cls.place_orders(1, productId="P-0000")  # out of stock
        cls.wait_ended(10)

    @classmethod
    def place_orders(cls, count, **changes):
        connection = http.client.HTTPConnection("127.0.0.1", cls.services.ports["gateway"], timeout=20)
        for _ in range(count):
            status, answer = place(connection, {"productId": "P-1001", "quantity": 1, "price": 199.99, "userId": "u-1", **changes})
            assert status == 202, answer
        connection.close()

    @classmethod
    def wait_ended(cls, count):
        wait_until(f"{count} orders ended", lambda: (cls.prometheus.number("sum(saga_duration_seconds_count)") or 0) >= count, 30)

    @classmethod
    def wait_scraped(cls, times):
        """Every target, so many times from now on."""
        seen = "min(timestamp(up))"
        for _ in range(times):
            now = time.time()
            wait_until("every target was scraped", lambda now=now: (cls.prometheus.number(seen) or 0) > now, 20)

    def test_1_every_panel_and_recording_rule_has_data(self):
        wanted = {f"{where}: {expr}": without_variables(expr, WINDOW) for where, expr in queries()}
        wanted |= {rule["record"]: rule["record"] for rule in rules() if "record" in rule}
        end = time.monotonic() + 20
        while wanted and time.monotonic() < end:
            wanted = {what: expr for what, expr in wanted.items() if not self.prometheus.query(expr)}
        self.assertFalse(sorted(wanted), "no data")

    def test_2_every_metric_in_use_is_exported_and_every_exported_one_is_used(self):
        recorded = {rule["record"] for rule in rules() if "record" in rule}
        used = {name for expr in [rule["expr"] for rule in rules()] + [expr for _, expr in queries()] for name in names_in(expr)}
        exported = self.prometheus.names()
        self.assertEqual(sorted(used - exported), sorted(WITH_TLS), "nobody exports them")

        def family(name):
            for suffix in ("_bucket", "_count", "_sum"):
                name = name.removesuffix(suffix)
            return name
        ours = {family(name) for name in exported - recorded if name != "up" and not name.startswith(("scrape_", "ALERTS"))}
        self.assertFalse(sorted(ours - {family(name) for name in used}), "no panel and no rule shows them")

    def scrapes(self):
        ports = {**self.services.ports, "operator": self.operator_port}
        return {name: read(f"http://127.0.0.1:{port}/actuator/prometheus") for name, port in ports.items()}

    def test_2_promtool_has_nothing_against_the_metrics_but_what_is_kept_on_purpose(self):
        found = {finding for text in self.scrapes().values() for finding in promtool_findings(text)}
        self.assertEqual(found, set(KEPT_ON_PURPOSE))

    def test_2_names_types_and_labels_are_those_that_dashboards_for_spring_services_expect(self):
        self.assertFalse(list(faults(self.scrapes())))
        names = left_out((ROOT / "docs/observability.md").read_text())
        self.assertGreater(len(names), 10)
        exported = self.prometheus.names()
        self.assertFalse([name for name in names if any(fnmatch.fnmatchcase(one, name) for one in exported)], "the page says that nobody exports them")

    def test_3_a_healthy_platform_raises_no_alert(self):
        groups = get(f"{self.prometheus.api}/rules")["data"]["groups"]
        bad = [(rule["name"], rule["lastError"]) for group in groups for rule in group["rules"] if rule["health"] != "ok"]
        self.assertFalse(bad)
        wait_until("no alert", lambda: not {name for name, _ in self.prometheus.alerts()} - EXPECTED_ALERTS, 15)

    @staticmethod
    def work_of_a_scrape(port, scrapes=40):
        """Seconds of processor time that the program uses for one, with all else that it does meanwhile."""
        used = [float(re.search(r"^process_cpu_seconds_total\S* (\S+)$", read(f"http://127.0.0.1:{port}/actuator/prometheus"), re.MULTILINE).group(1))
                for _ in range(scrapes + 1)]
        return (used[-1] - used[0]) / scrapes

    def test_4_a_scrape_is_small_and_quick(self):
        for name in NAMES:
            with self.subTest(name):
                # By the clock the median shows how busy the machine is. The work is processor time; and where all scrapes had to wait for something, no tenth of them is quick.
                self.assertLess(self.work_of_a_scrape(self.services.ports[name]), 0.015)
                self.assertLess(self.prometheus.number(f'quantile_over_time(0.1, scrape_duration_seconds{{job="{name}"}}[1m])'), 0.015)
                self.assertLess(self.prometheus.number(f'max_over_time(scrape_samples_scraped{{job="{name}"}}[1m])'), 2000)

    def test_4_listeners_have_their_guards_by_name(self):
        for name in DATABASES:
            for guards in ("circuitbreakers", "retries"):
                with self.subTest(name, guards=guards):
                    self.assertIn(f'"{name}-kafka"', json.dumps(get(f"http://127.0.0.1:{self.services.ports[name]}/actuator/{guards}")))

    def lag_told(self):
        """{group: {(topic, partition): records}} as the consumers tell it."""
        told = {group: {} for group in GROUPS}
        for one in self.prometheus.query("max by (group, topic, partition) (kafka_consumer_fetch_manager_records_lag)"):
            told.setdefault(one["metric"]["group"], {})[one["metric"]["topic"], int(one["metric"]["partition"])] = int(one["value"][1])
        return told

    def lag_at_the_broker(self, told):
        """The same of the broker, for the same groups and partitions."""
        lag = {}
        for group, partitions in told.items():
            topics = sorted({topic for topic, _ in partitions})
            with Client(f"127.0.0.1:{self.backends.kafka_port}", group=group) as client:
                committed = client.committed(topics, self.backends.partitions)
                ends = {at: span for topic in topics for at, span in client.end_offsets(topic, self.backends.partitions).items()}
            lag[group] = {at: ends[at][1] - max(committed[at], ends[at][0]) for at in partitions}
        return lag

    def lag_agrees(self):
        """For every group; payment stands still, with all partitions of its topic."""
        told = self.lag_told()
        stuck = {at: records for at, records in told["payment-service"].items() if at[0] == self.services.topic("order")}
        return all(told.values()) and len(stuck) == self.backends.partitions and sum(stuck.values()) >= 30 and told == self.lag_at_the_broker(told)

    def lag_on_the_console(self):
        report = get(f"http://127.0.0.1:{self.services.ports['gateway']}/actuator/services")
        return {one["group"]: {(at["topic"], at["partition"]): at["lag"] for at in one["partitions"]} for one in report["consumers"]}

    def test_5_faults_raise_their_alerts_and_the_lag_is_the_brokers(self):
        post(f"http://127.0.0.1:{self.services.management_port('payment')}/actuator/circuitbreakers/payment-kafka", {"updateState": "FORCE_OPEN"})
        self.place_orders(30)
        wait_until("the lag that is told to be the broker's", self.lag_agrees, 60)
        wait_until("the console to show the same of every group", lambda: self.lag_on_the_console() == self.lag_told(), 30)
        with Client(f"127.0.0.1:{self.backends.kafka_port}", producer=True) as client:
            client.send(self.services.topic("payment"), b"k", b"\xff not an event")
            client.flush()
        self.services.kill("notification")

        def raised():
            alerts = self.prometheus.alerts()
            return all(alerts.get(one) == "firing" for one in [("DeadLetters", "order"), ("CircuitBreakerOpen", "payment"), ("ServiceDown", "notification")])
        wait_until("alerts of a dead letter, an open breaker and a service that is gone", raised, 20)
        letters = f'sum(kafka_listener_dead_letters_total{{job="order",topic="{self.services.topic("payment")}"}})'
        self.assertEqual(self.prometheus.number(letters), 1)

    def test_6_a_level_is_changed_while_the_service_runs_and_no_secret_is_told(self):
        order = f"http://127.0.0.1:{self.services.management_port('order')}/actuator/loggers/ROOT"
        self.assertEqual(get(order)["effectiveLevel"], "INFO")
        post(order, {"configuredLevel": "DEBUG"}, 204)
        self.place_orders(1)
        log = self.services.processes["order"].log
        for line in ('"message":"request answered"', '"message":"kafka record applied"'):
            wait_until(f"{line} in the log of order", lambda line=line: line in log.read_text(errors="replace"), 20)
        post(order, {}, 204)
        self.assertEqual(get(order)["effectiveLevel"], "INFO")

        secrets = [TOKEN, *[f"{name}-secret-1" for name in DATABASES]]
        told = {f"the log of {name}": process.log.read_text(errors="replace") for name, process in self.services.processes.items()}
        for name in NAMES:
            for port in (self.services.ports[name], self.services.management_port(name)):
                for path in ("", "/health", "/info", "/metrics", "/prometheus", "/loggers", "/circuitbreakers"):
                    if self.services.processes[name].running:
                        told[f"{name}:{port}{path}"] = read(f"http://127.0.0.1:{port}/actuator{path}")
        self.assertGreater(len(told), 40)
        self.assertFalse([(where, secret) for where, text in told.items() for secret in secrets if secret in text])


if __name__ == "__main__":
    unittest.main(verbosity=2, failfast=True)
