#!/usr/bin/env python3
"""Rules, alerts, runbooks and dashboards as they stand in the tree: promtool, and what promtool cannot see. Runs inside the test image."""
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from files import ALERT_TESTS, ROOT, RULES, alerts, dashboards, queries, rendered, rules, without_variables  # noqa: E402


def promtool(*arguments):
    done = subprocess.run(["promtool", *map(str, arguments)], capture_output=True, text=True)
    return done.returncode, done.stdout + done.stderr


class Rules(unittest.TestCase):
    def test_promtool_accepts_them(self):
        code, text = promtool("check", "rules", "--lint=all", "--lint-fatal", *sorted(RULES.glob("*.yaml")))
        self.assertEqual(code, 0, text)

    def test_prometheus_accepts_what_the_chart_renders(self):
        with tempfile.TemporaryDirectory() as folder:
            for name, text in rendered("observability", "ConfigMap", "prometheus-config")["data"].items():
                (pathlib.Path(folder) / name).write_text(text.replace("/etc/prometheus/", f"{folder}/"))
            code, text = promtool("check", "config", f"{folder}/prometheus.yml")
            self.assertEqual(code, 0, text)
            jobs = [one["job_name"] for one in yaml.safe_load((pathlib.Path(folder) / "prometheus.yml").read_text())["scrape_configs"]]
        self.assertEqual(jobs, ["gateway", "order", "payment", "inventory", "notification", "operator"])

    def test_the_rules_for_the_prometheus_operator_are_the_same(self):
        groups = rendered("observability-all", "PrometheusRule", "orderplatform")["spec"]["groups"]
        given = [rule for group in groups for rule in group["rules"]]
        for rule in given:
            if "annotations" in rule:
                url = rule["annotations"]["runbook_url"]
                self.assertEqual(url, f"https://wiki.example.com/runbooks/{rule['alert']}.md")
                rule["annotations"]["runbook_url"] = f"RUNBOOKS/{rule['alert']}.md"
        self.assertEqual(given, list(rules()))

    def test_each_alert_fires_by_its_fault_and_is_silent_without(self):
        code, text = promtool("test", "rules", ALERT_TESTS)
        self.assertEqual(code, 0, text)

    def test_no_alert_is_without_such_tests(self):
        tested = {"firing": set(), "pending": set(), "silent": set()}
        for case in yaml.safe_load(ALERT_TESTS.read_text())["tests"]:
            for check in case["promql_expr_test"]:
                name, state = re.fullmatch(r'ALERTS\{alertname="(\w+)",alertstate="(firing|pending)"\}', check["expr"]).groups()
                tested[state if check["exp_samples"] else "silent"].add(name)
        names = {alert["alert"] for alert in alerts()}
        self.assertEqual(tested["firing"], names)
        self.assertEqual(tested["silent"], names)
        self.assertEqual(tested["pending"], {alert["alert"] for alert in alerts() if "for" in alert})

    def test_each_alert_says_how_bad_it_is_and_where_to_read_on(self):
        for alert in alerts():
            with self.subTest(alert["alert"]):
                self.assertIn(alert["labels"]["severity"], ("critical", "warning"))
                self.assertTrue(alert["annotations"]["summary"] and alert["annotations"]["description"])
                self.assertEqual(alert["annotations"]["runbook_url"], f"RUNBOOKS/{alert['alert']}.md")

    def test_each_alert_has_a_runbook_and_each_runbook_an_alert(self):
        names = {alert["alert"] for alert in alerts()}
        self.assertEqual({page.stem for page in (ROOT / "docs/runbooks").glob("*.md")} - {"README"}, names)
        for name in names:
            text = (ROOT / f"docs/runbooks/{name}.md").read_text()
            with self.subTest(name):
                self.assertEqual(text.split("\n")[0], f"# {name}")
                self.assertEqual(re.findall(r"^## (.*)$", text, re.M), ["Meaning", "Look", "Do"])


class Dashboards(unittest.TestCase):
    def test_they_are_what_their_tables_give(self):
        done = subprocess.run([ROOT / "ci/dashboards", "--check"], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)

    def test_all_are_there(self):
        self.assertEqual({one["title"].removeprefix("OrderPlatform / ") for one in dashboards()},
                         {"Overview", "HTTP", "Kafka lag", "Resilience", "Saga and business", "Runtime", "Operator"})

    def test_grafana_can_take_them(self):
        for one in dashboards():
            with self.subTest(one["title"]):
                self.assertLessEqual(len(one["uid"]), 40)
                self.assertIsNone(one["id"])
                self.assertNotIn("__inputs", one)
                numbers = [panel["id"] for panel in one["panels"]]
                self.assertEqual(len(numbers), len(set(numbers)))
                self.assertLess(len(json.dumps(one)), 1 << 20)
        self.assertEqual(len({one["uid"] for one in dashboards()}), len(dashboards()))

    def test_each_variable_changes_a_panel_and_each_panel_has_its_variables(self):
        grafanas = {"__rate_interval"}
        for one in dashboards():
            panels = json.dumps(one["panels"])
            with self.subTest(one["title"]):
                offered = {variable["name"] for variable in one["templating"]["list"]}
                self.assertEqual(set(re.findall(r"\$\{?(\w+)", panels)) - grafanas, offered)

    def test_every_panel_says_what_it_shows(self):
        for one in dashboards():
            for panel in one["panels"]:
                with self.subTest(dashboard=one["title"], panel=panel["title"]):
                    self.assertTrue(panel["title"] and panel["description"].endswith("."))
                    self.assertTrue(panel["fieldConfig"]["defaults"]["unit"])
                    self.assertEqual(panel["datasource"]["uid"], "${datasource}")
                    for target in panel["targets"]:
                        self.assertTrue(target["legendFormat"])
                        self.assertIn('namespace=~"$namespace"', target["expr"])
                        self.assertNotRegex(target["expr"], r"\brate\([^[]*\[\d", "a rate has $__rate_interval")

    def test_every_query_is_promql(self):
        rules = [{"record": f"panel:query:{number}", "expr": without_variables(expr)} for number, (_, expr) in enumerate(queries())]
        self.assertGreater(len(rules), 50)
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            yaml.safe_dump({"groups": [{"name": "panels", "rules": rules}]}, file)
            file.flush()
            code, text = promtool("check", "rules", file.name)
        self.assertEqual(code, 0, text)


if __name__ == "__main__":
    unittest.main()
