#!/usr/bin/env python3
"""What the charts render, checked against the schemas of several Kubernetes versions: unknown fields are refused. SCHEMAS=file, what
ci/kubernetes-schemas fetches; without it that is asked."""
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
# Definitions of others, of which the collection has none.
FOREIGN = {"keda.sh", "gateway.networking.k8s.io", "monitoring.coreos.com"}


def group(one):
    return one["apiVersion"].rpartition("/")[0]


@functools.lru_cache(maxsize=None)
def collection():
    path = os.environ.get("SCHEMAS") or subprocess.run([charts.ROOT / "ci/kubernetes-schemas"], capture_output=True, text=True, check=True).stdout.strip()
    return zipfile.ZipFile(path)


@functools.lru_cache(maxsize=None)
def read(version, name):
    return json.loads(collection().read(f"kubernetes_validate/kubernetes-json-schema/v{version}-local-strict/{name}"))


@functools.lru_cache(maxsize=None)
def validator(version, kind, api_version):
    name = re.sub(r"^([^./]*)(?:\.[^/]*)?/", r"\1-", api_version)
    shared = Resource(contents=read(version, "_definitions.json"), specification=DRAFT7)
    registry = Registry().with_resource("_definitions.json", shared)
    return jsonschema.Draft7Validator(read(version, f"{kind.lower()}-{name}.json"), registry=registry)


def faults(one, version):
    return [f"{'.'.join(map(str, error.path))}: {error.message}" for error in validator(version, one["kind"], one["apiVersion"]).iter_errors(one)]


class Kubernetes(unittest.TestCase):
    def test_every_case_fits_every_version(self):
        seen = set()
        for version in VERSIONS:
            for name, chart, values in charts.cases():
                for one in charts.render(chart, values, version=version):
                    if group(one) in FOREIGN:
                        continue
                    seen.add(one["kind"])
                    with self.subTest(version=version, case=name, object=f"{one['kind']} {one['metadata']['name']}"):
                        self.assertEqual(faults(one, version), [])
        self.assertLessEqual({"Deployment", "StatefulSet", "NetworkPolicy", "Ingress", "HorizontalPodAutoscaler", "PodDisruptionBudget", "Pod",
                              "CustomResourceDefinition", "Role"}, seen)

    def test_the_schemas_refuse_what_is_wrong(self):
        deployment = charts.only(charts.render("service"), "Deployment")
        for wrong in ({"replcas": 2}, {"replicas": "two"}, {"strategy": "fast"}):
            for version in VERSIONS:
                with self.subTest(wrong, version=version):
                    self.assertTrue(faults({**deployment, "spec": {**deployment["spec"], **wrong}}, version))

    def test_foreign_objects_name_their_kind_and_version(self):
        found = {f"{one['apiVersion']} {one['kind']}" for _, chart, values in charts.cases() for one in charts.render(chart, values) if group(one) in FOREIGN}
        self.assertLessEqual({"keda.sh/v1alpha1 ScaledObject", "gateway.networking.k8s.io/v1 HTTPRoute"}, found)


if __name__ == "__main__":
    unittest.main()
