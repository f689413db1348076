#!/usr/bin/env python3
"""What the charts render, checked against the schemas of several Kubernetes versions: unknown fields are refused. SCHEMAS=file, what
ci/kubernetes-schemas fetches; without it that is asked. The kinds of others are checked against definitions/, which definitions.py makes."""
import copy
import functools
import json
import os
import pathlib
import re
import subprocess
import sys
import unittest
import zipfile

import jsonschema
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT7

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import charts  # noqa: E402

VERSIONS = ("1.30.0", "1.34.0", "1.37.0")
# Kinds that Kubernetes itself has not.
FOREIGN = {"keda.sh/v1alpha1 ScaledObject", "gateway.networking.k8s.io/v1 HTTPRoute", "monitoring.coreos.com/v1 PrometheusRule",
           "monitoring.coreos.com/v1 ServiceMonitor"}


def kind(one):
    return f"{one['apiVersion']} {one['kind']}"


@functools.lru_cache(maxsize=None)
def collection():
    path = os.environ.get("SCHEMAS") or subprocess.run([charts.ROOT / "ci/kubernetes-schemas"], capture_output=True, text=True, check=True).stdout.strip()
    return zipfile.ZipFile(path)


@functools.lru_cache(maxsize=None)
def read(version, name):
    return json.loads(collection().read(f"kubernetes_validate/kubernetes-json-schema/v{version}-local-strict/{name}"))


@functools.lru_cache(maxsize=None)
def validator(version, kind, api_version):
    if f"{api_version} {kind}" in FOREIGN:
        schema = json.loads((charts.HERE / "definitions" / f"{api_version.replace('/', '_')}_{kind}.json").read_text())
    else:
        name = re.sub(r"^([^./]*)(?:\.[^/]*)?/", r"\1-", api_version)
        schema = read(version, f"{kind.lower()}-{name}.json")
    shared = Resource(contents=read(version, "_definitions.json"), specification=DRAFT7)
    registry = Registry().with_resource("_definitions.json", shared)
    return jsonschema.Draft7Validator(schema, registry=registry)


def faults(one, version):
    return [f"{'.'.join(map(str, error.path))}: {error.message}" for error in validator(version, one["kind"], one["apiVersion"]).iter_errors(one)]


class Kubernetes(unittest.TestCase):
    def test_every_case_fits_every_version(self):
        seen = set()
        for version in VERSIONS:
            for name, chart, values in charts.cases():
                for one in charts.render(chart, values, version=version):
                    seen.add(kind(one) if kind(one) in FOREIGN else one["kind"])
                    with self.subTest(version=version, case=name, object=f"{one['kind']} {one['metadata']['name']}"):
                        self.assertEqual(faults(one, version), [])
        self.assertLessEqual({"Deployment", "StatefulSet", "NetworkPolicy", "Ingress", "HorizontalPodAutoscaler", "PodDisruptionBudget", "Pod",
                              "CustomResourceDefinition", "Role", *FOREIGN}, seen)

    def test_the_schemas_refuse_what_is_wrong(self):
        deployment = charts.only(charts.render("service"), "Deployment")
        for wrong in ({"replcas": 2}, {"replicas": "two"}, {"strategy": "fast"}):
            for version in VERSIONS:
                with self.subTest(wrong, version=version):
                    self.assertTrue(faults({**deployment, "spec": {**deployment["spec"], **wrong}}, version))

    def test_the_definitions_of_others_refuse_what_is_wrong(self):
        def refused(name, chart, change):
            values = next(values for case, _, values in charts.cases() if case == chart)
            one = copy.deepcopy(next(one for one in charts.render(chart.partition("-")[0], values) if one["kind"] == name))
            self.assertEqual(faults(one, charts.KUBERNETES), [])
            change(one)
            with self.subTest(one):
                self.assertTrue(faults(one, charts.KUBERNETES))
        for change in (lambda o: o["spec"].update(maxReplicas=3), lambda o: o["spec"].update(maxReplicaCount="3"), lambda o: o["spec"].pop("triggers"),
                       lambda o: o["spec"]["triggers"][0]["metadata"].update(lagThreshold=5), lambda o: o["metadata"].update(label={}),
                       lambda o: o["spec"]["triggers"][0].update(authenticationref={"name": "kafka"})):
            refused("ScaledObject", "service-payment", change)
        for change in (lambda o: o["spec"].update(hostname="shop"), lambda o: o["spec"].update(hostnames=["under_score"]), lambda o: o.update(specs={}),
                       lambda o: o["spec"]["rules"][0]["matches"][0]["path"].update(type="Prefix"), lambda o: o["spec"]["rules"][0].update(backends=[])):
            refused("HTTPRoute", "service-gateway", change)
        for change in (lambda o: o["spec"].pop("selector"), lambda o: o["spec"]["endpoints"][0].update(intervall="5s"),
                       lambda o: o["spec"]["endpoints"][0].update(interval="soon")):
            refused("ServiceMonitor", "observability-all", change)
        for change in (lambda o: o["spec"]["groups"][0].pop("name"), lambda o: o["spec"]["groups"][0]["rules"][0].update(label={}),
                       lambda o: o["spec"]["groups"][0]["rules"][0].pop("expr")):
            refused("PrometheusRule", "observability-all", change)


if __name__ == "__main__":
    unittest.main()
