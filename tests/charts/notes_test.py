#!/usr/bin/env python3
"""What a person reads after `helm install`: NOTES.txt renders for every case, and its next commands name what the chart has made, in the release's namespace."""
import pathlib
import re
import shutil
import sys
import tempfile
import unittest

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from charts import CHARTS, ROOT, cases, only, render  # noqa: E402

# `helm install` prints the notes, but asks a cluster first; as a part of the chart they are rendered by `helm template` too.
CARRIER = """apiVersion: v1
kind: ConfigMap
metadata: {name: the-notes}
data:
  text: |-
    {{- include "the-notes" . | nindent 4 }}
"""
KINDS = {"service": "Service", "deployment": "Deployment", "statefulset": "StatefulSet", "scaledobject": "ScaledObject", "httproute": "HTTPRoute",
         "servicemonitor": "ServiceMonitor", "prometheusrule": "PrometheusRule"}


class Notes(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory(prefix="notes-")
        cls.addClassCleanup(cls.folder.cleanup)
        for chart in CHARTS:
            copy = pathlib.Path(cls.folder.name) / chart
            shutil.copytree(ROOT / "charts" / chart, copy)
            notes = (copy / "templates/NOTES.txt").read_text()
            (copy / "templates/_notes.tpl").write_text('{{ define "the-notes" -}}\n' + notes + "{{ end }}")
            (copy / "templates/notes.yaml").write_text(CARRIER)

    def notes(self, chart, values):
        return only(render(f"{self.folder.name}/{chart}", values), "ConfigMap", "the-notes")["data"]["text"]

    def test_every_case_has_commands_of_its_namespace_and_release(self):
        for case, chart, values in cases():
            with self.subTest(case):
                text = self.notes(chart, values)
                commands = re.findall(r"^  ((?:kubectl|helm) .*)$", text, re.MULTILINE)
                self.assertTrue(commands, text)
                self.assertNotRegex(text, r"<no value>|<nil>|%!|\{\{|\bmap\[")
                for command in commands:
                    # A definition has no namespace, a Prometheus that was there before has its own.
                    if "-f crds/" not in command and " -n $MONITORING " not in command:
                        self.assertRegex(command, r" -n ns( |$)")
                    if command.startswith("helm"):
                        self.assertRegex(command, r" test shop( |$)")

    def test_commands_name_what_there_is(self):
        seen = set()
        for case, chart, values in cases():
            there = {(one["kind"], one["metadata"]["name"]) for one in render(chart, values)}
            there |= {("Service", "gateway")} if chart == "order-platform-operator" else set()  # what the operator installs
            there |= {("Service", "prometheus-operated")} if chart == "observability" else set()  # what the Prometheus operator makes
            for kind, name in re.findall(r"\b(" + "|".join(KINDS) + r")[ /]([a-z0-9.-]+)", "\n".join(
                    line for line in self.notes(chart, values).splitlines() if line.startswith("  kubectl"))):
                seen.add(kind)
                with self.subTest(case, kind=kind):
                    self.assertIn((KINDS[kind], name), there)
        self.assertLessEqual({"service", "deployment", "httproute", "scaledobject", "servicemonitor", "prometheusrule"}, seen)

    def test_metrics_are_checked_whoever_scrapes(self):
        for own, other in ((True, False), (False, True), (False, False)):
            with self.subTest(own=own, other=other):
                text = self.notes("observability", {"prometheus": {"enabled": own}, "serviceMonitor": {"enabled": other}})
                self.assertEqual(" port-forward service/prometheus 9090" in text, own)
                self.assertEqual(" port-forward service/prometheus-operated 9090" in text, other)
                self.assertRegex(text, r"How to check: .*up\{namespace=\"ns\"\}.*\n.*gateway, order, payment, inventory, notification, operator\.")

    def test_the_platform_that_is_suggested_is_the_minimal_sample(self):
        text = self.notes("order-platform-operator", {})
        suggested = yaml.safe_load(re.search(r"<<END\n(.*?)\n *END\n", text, re.DOTALL).group(1))
        sample = yaml.safe_load((ROOT / "charts/order-platform-operator/samples/minimal.yaml").read_text())
        self.assertEqual(suggested, sample)


if __name__ == "__main__":
    unittest.main()
