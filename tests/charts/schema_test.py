#!/usr/bin/env python3
"""The definition of OrderPlatform and the charts' values, without a cluster and without helm."""
import copy
import json
import pathlib
import re
import sys
import unittest

import jsonschema
import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import images  # noqa: E402
import tables  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHARTS = [folder.name for folder in tables.charts()]


def load(path):
    return yaml.safe_load((ROOT / path).read_text())


def put(values, path, value):
    """A copy of values with the value at "a.b.c"."""
    changed = copy.deepcopy(values)
    here = changed
    *parents, last = path.split(".")
    for name in parents:
        here = here.setdefault(name, {})
    here[last] = value
    return changed


class Definition(unittest.TestCase):
    crd = load("crds/orderplatforms.yaml")
    version = crd["spec"]["versions"][0]
    spec = version["schema"]["openAPIV3Schema"]["properties"]["spec"]

    def test_the_charts_copy_is_equal(self):
        copied = (ROOT / "charts/order-platform-operator/files/orderplatforms.yaml").read_bytes()
        self.assertEqual(copied, (ROOT / "crds/orderplatforms.yaml").read_bytes(),
                         "cp crds/orderplatforms.yaml charts/order-platform-operator/files/")

    def test_name_group_and_status_subresource(self):
        self.assertEqual(self.crd["metadata"]["name"], "orderplatforms.orderplatform.io")
        self.assertEqual(self.version["name"], "v1alpha1")
        self.assertIn("status", self.version["subresources"])

    def test_printer_columns(self):
        plain = [column["name"].upper() for column in self.version["additionalPrinterColumns"] if not column.get("priority")]
        self.assertEqual(plain, ["READY", "SERVICES", "TOPICS", "DATABASES", "AGE"])

    def test_every_text_and_list_is_bounded(self):
        """Rules are priced by the longest value there can be; an unbounded one makes the API server refuse the definition."""
        def walk(schema, path):
            if schema.get("type") == "string" and "enum" not in schema:
                self.assertIn("maxLength", schema, path)
            if schema.get("type") == "array":
                self.assertIn("maxItems", schema, path)
                walk(schema["items"], path + "[]")
            for name, child in schema.get("properties", {}).items():
                walk(child, f"{path}.{name}")
        walk(self.spec, "spec")

    def test_every_field_is_read_by_the_operator(self):
        code = (ROOT / "operator/api/order_platform.cpp").read_text()
        def walk(schema):
            for name, child in schema.get("properties", {}).items():
                self.assertIn(f'"{name}"', code, f"the operator ignores {name}")
                walk(child)
                walk(child.get("items", {}))
        walk(self.spec)

    def test_each_value_of_a_service_is_the_operators_or_the_resources(self):
        """A new value of the chart has to be put on one side."""
        listed = re.search(r"kChartValues\{(.*?)\};", (ROOT / "operator/api/order_platform.cpp").read_text(), re.S).group(1)
        resources = set(re.findall(r'"(\w+)"', listed))
        operators = {"enabled", "env", "global", "image", "imagePullSecrets", "migration", "name", "port", "replicas", "secretEnv", "secretsDigest",
                     "serviceAccount", "tls", "tracing"}
        self.assertFalse(resources & operators)
        self.assertEqual(resources | operators, set(load("charts/service/values.yaml")))

    def test_samples_give_values_that_the_chart_takes(self):
        schema = json.loads((ROOT / "charts/service/values.schema.json").read_text())
        found = [service["values"] for sample in (ROOT / "charts/order-platform-operator/samples").glob("*.yaml")
                 for service in yaml.safe_load(sample.read_text())["spec"].get("services", []) if "values" in service]
        self.assertTrue(found)
        for values in found:
            jsonschema.validate({**load("charts/service/values.yaml"), **values}, schema)

    def test_every_image_can_have_a_digest_and_the_charts_take_it(self):
        one = "sha256:" + "0123456789abcdef" * 4
        digests = {service: one for service in self.spec["properties"]["services"]["items"]["properties"]["name"]["enum"]}
        part = {"image": {"repository": "r", "tag": "1", "digest": one}}
        jsonschema.validate({"images": {"digests": digests}, "infrastructure": {"kafka": part, "mysql": part, "redis": part}}, self.spec)
        self.assertEqual(set(self.spec["properties"]["images"]["properties"]["digests"]["properties"]), set(digests))
        for chart, path in (("service", "image.digest"), ("infrastructure", "kafka.image.digest")):
            jsonschema.validate(put(load(f"charts/{chart}/values.yaml"), path, one), json.loads((ROOT / f"charts/{chart}/values.schema.json").read_text()))

    def test_defaults_are_the_operators(self):
        header = (ROOT / "operator/api/order_platform.hpp").read_text()
        topics = self.spec["properties"]["topics"]["properties"]
        for field, member in (("partitions", "partitions"), ("replicationFactor", "replication_factor"),
                              ("retentionHours", "retention_hours")):
            found = re.search(rf"std::int64_t {member} = (\d+);", header)
            self.assertEqual(topics[field]["default"], int(found.group(1)), field)

    def test_samples_fit_the_schema(self):
        for sample in sorted((ROOT / "charts/order-platform-operator/samples").glob("*.yaml")):
            with self.subTest(sample.name):
                jsonschema.validate(yaml.safe_load(sample.read_text())["spec"], self.spec)

    def test_samples_set_what_the_services_read(self):
        code = "".join(path.read_text() for folder in ("services", "shared/service", "shared/http") for path in (ROOT / folder).rglob("*.cpp"))
        for sample in sorted((ROOT / "charts/order-platform-operator/samples").glob("*.yaml")):
            for service in yaml.safe_load(sample.read_text())["spec"].get("services", []):
                for entry in service.get("env", []):
                    with self.subTest(sample=sample.name, setting=entry["name"]):
                        self.assertIn(f'.name = "{entry["name"]}"', code)

    def test_the_production_sample_installs_nothing_for_evaluation(self):
        spec = load("charts/order-platform-operator/samples/production.yaml")["spec"]
        self.assertLessEqual({"kafka", "mysql", "redis"}, set(spec))
        self.assertNotIn("infrastructure", spec)
        self.assertEqual({service["name"] for service in spec["services"] if service["replicas"] > 1}, {"gateway", "order", "payment", "inventory", "notification"})
        self.assertGreater(spec["topics"]["replicationFactor"], 1)

    def test_wrong_specs_are_refused(self):
        for path, value in [
                ("deletionPolicy", "Maybe"), ("suspend", "yes"), ("layers.services.enabled", "on"), ("images.tag", "a b"),
                ("images.repositoryPrefix", "/x"), ("images.pullPolicy", "Sometimes"), ("images.digests.order", "sha256:short"),
                ("images.digests.gateway", "sha256:" + "A" * 64), ("images.digests.payment", ""), ("images.digests", ["sha256:" + "a" * 64]),
                ("infrastructure.redis.image", {"repository": "redis", "tag": "7", "digest": "7"}), ("kafka", {}),
                ("kafka.bootstrapServers", "no-port"), ("mysql", {"host": "m"}), ("redis", {"host": "r", "port": 0}),
                ("topics.partitions", 0), ("topics.partitions", 1.5), ("topics.partitions", "6"), ("topics.replicationFactor", 11),
                ("topics.retentionHours", 0), ("infrastructure.mysql.storage.size", "lots"),
                ("services", [{"name": "billing"}]), ("services", [{"replicas": 1}]), ("services", [{"name": "order", "replicas": -1}]),
                ("services", [{"name": "order", "env": [{"name": "lower", "value": "1"}]}]), ("services", [{"name": "order", "values": []}])]:
            with self.subTest(path=path, value=value), self.assertRaises(jsonschema.ValidationError):
                jsonschema.validate(put({}, path, value), self.spec)


class Metadata(unittest.TestCase):
    def test_what_a_registry_of_charts_reads_is_right(self):
        for chart in CHARTS:
            with self.subTest(chart):
                about = load(f"charts/{chart}/Chart.yaml")
                notes = about["annotations"]
                self.assertEqual(notes["artifacthub.io/license"], "Apache-2.0")
                changes = yaml.safe_load(notes["artifacthub.io/changes"])
                self.assertTrue(changes)
                for change in changes:
                    self.assertEqual(set(change), {"kind", "description"})
                    self.assertIn(change["kind"], {"added", "changed", "deprecated", "removed", "fixed", "security"})
                self.assertRegex(about["version"], r"^\d+\.\d+\.\d+$")

    def test_the_operators_definition_and_example_are_its_own(self):
        notes = load("charts/order-platform-operator/Chart.yaml")["annotations"]
        crd, = yaml.safe_load(notes["artifacthub.io/crds"])
        definition = load("crds/orderplatforms.yaml")
        self.assertEqual((crd["name"], crd["kind"], crd["version"]),
                         (definition["metadata"]["name"], definition["spec"]["names"]["kind"], definition["spec"]["versions"][0]["name"]))
        self.assertEqual(yaml.safe_load(notes["artifacthub.io/crdsExamples"]), [load("charts/order-platform-operator/samples/minimal.yaml")])


class Values(unittest.TestCase):
    def schema(self, chart):
        return json.loads((ROOT / "charts" / chart / "values.schema.json").read_text())

    def test_schemas_are_schemas_and_the_defaults_fit(self):
        for chart in CHARTS:
            with self.subTest(chart):
                jsonschema.Draft7Validator.check_schema(self.schema(chart))
                jsonschema.validate(load(f"charts/{chart}/values.yaml"), self.schema(chart))

    def test_every_default_is_named_in_the_schema(self):
        for chart in CHARTS:
            with self.subTest(chart):
                self.assertEqual(set(load(f"charts/{chart}/values.yaml")), set(self.schema(chart)["properties"]))

    def test_each_key_mistyped_is_refused(self):
        """Every key of values.yaml with a letter too many; the message names it. Maps that hold the user's own names take any."""
        users_own = {"global", "config", "requests", "limits", "matchLabels", "labels", "annotations"}
        def keys(values, path=""):
            for name, value in values.items():
                here = f"{path}.{name}".lstrip(".")
                yield here
                if isinstance(value, dict) and name not in users_own:
                    yield from keys(value, here)
        for chart in CHARTS:
            defaults, schema = load(f"charts/{chart}/values.yaml"), self.schema(chart)
            found = list(keys(defaults))
            self.assertGreater(len(found), len(defaults))
            validator = jsonschema.Draft7Validator(schema)
            for path in found:
                with self.subTest(chart=chart, path=path + "x"):
                    messages = [error.message for error in validator.iter_errors(put(defaults, path + "x", 1))]
                    self.assertIn(path.rpartition(".")[2] + "x", " ".join(messages))

    def test_the_tables_of_values_are_current(self):
        for folder in tables.charts():
            with self.subTest(folder.name):
                self.assertEqual((folder / "VALUES.md").read_text(), tables.table_of(folder), "run tests/charts/tables.py")

    def test_the_list_of_images_is_current(self):
        self.assertEqual(images.FILE.read_text(), images.text(), "run tests/charts/images.py")

    def test_a_value_without_a_comment_is_noticed(self):
        text = "# x\na: 1\nb:\n  # y\n  c: 2\n  d: 3\n"
        with self.assertRaises(tables.Undocumented):
            list(tables.rows_of(yaml.compose(text), yaml.safe_load(text), text.splitlines()))

    def test_wrong_values_are_refused(self):
        table = {
            "service": [
                ("unknown", 1), ("replicas", -1), ("replicas", "two"), ("port", 80), ("port", "http"), ("name", "Upper"),
                ("image.tag", "a b"), ("image.digest", "sha256:short"), ("image.pullPolicy", "Sometimes"), ("image.registry", "x"),
                ("env", {"lower": "x"}), ("env", {"A": {"b": 1}}), ("secretEnv", {"A": {"secret": "s"}}),
                ("secretEnv", {"A": {"secret": "s", "key": "k", "value": "v"}}), ("migration.enabled", "yes"),
                ("autoscaling.minReplicas", 0), ("terminationGracePeriodSeconds", 1), ("keda.minReplicas", 0), ("keda.topics", ["a b"]), ("tls.servers", ["http"]), ("tls.caSecret", {"nam": "x"}), ("probes.liveness", "no-slash")],
            "infrastructure": [
                ("unknown", 1), ("kafka.image.tag", "a b"), ("kafka.storage.size", "5GB"), ("kafka.heap", "$(reboot)"),
                ("kafka.config", {"Bad Name": 1}), ("mysql.config", {"x": "y; rm -rf /"}), ("mysql.bufferPool", "much"),
                ("mysql.rootSecret", {"name": "x"}), ("tls.enabled", "on"), ("tls.days", 0), ("kafka.adminSecret", {"name": "x"}), ("redis.maxMemory", "64"), ("redis.enabled", "true")],
            "order-platform-operator": [
                ("unknown", 1), ("crds.install", "yes"), ("infrastructureImages.kafka", "no-tag"), ("logLevel", "loud"),
                ("resyncInterval", "60"), ("helmTimeout", "-1s"), ("serviceAccount.name", "Not A Name"), ("image.tag", "a:b")],
        }
        for chart, wrong in table.items():
            defaults = load(f"charts/{chart}/values.yaml")
            for path, value in wrong:
                with self.subTest(chart=chart, path=path, value=value), self.assertRaises(jsonschema.ValidationError):
                    jsonschema.validate(put(defaults, path, value), self.schema(chart))


if __name__ == "__main__":
    unittest.main()
