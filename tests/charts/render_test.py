#!/usr/bin/env python3
"""What the charts render, with a real helm: $HELM, or the one of ci/cluster. Ends with "N passed, N failed"; RESULTS=folder for ci/test."""
import itertools
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]


def find_helm():
    if os.environ.get("HELM"):
        return os.environ["HELM"]
    built = subprocess.run([ROOT / "ci/cluster", "build"], capture_output=True, text=True, check=True).stdout.split()
    return built[-1] + "/helm"


HELM = find_helm()


def helm(*arguments, values=None):
    return subprocess.run([HELM, *map(str, arguments)], input=json.dumps(values or {}), capture_output=True, text=True)


def render(chart, values=None, name="shop", version="1.34.0"):
    done = helm("template", name, chart if str(chart).startswith("/") else ROOT / "charts" / chart, "--namespace", "ns",
                "--kube-version", version, "--values", "-", values=values)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return [one for one in yaml.safe_load_all(done.stdout) if one]


def only(objects, kind, name=None):
    found = [one for one in objects if one["kind"] == kind and name in (None, one["metadata"]["name"])]
    assert len(found) == 1, f"{len(found)} of {kind} {name}"
    return found[0]


def pods(objects):
    for one in objects:
        if one["kind"] in ("Deployment", "StatefulSet", "Job"):
            yield one["kind"] + " " + one["metadata"]["name"], one["spec"]["template"]["spec"]


SERVICE = {"name": "order", "port": 8081, "replicas": 2, "env": {"A": "1", "PORTS": 5}, "secretEnv": {"B": {"secret": "s", "key": "k"}},
           "migration": {"enabled": True, "env": {"A": "2"}, "secretEnv": {"C": {"secret": "t", "key": "k"}}}, "secretsDigest": "d",
           "networkPolicy": {"enabled": True}}
ALL = [("service", SERVICE), ("service", {}), ("infrastructure", {"networkPolicy": {"enabled": True}}),
       ("order-platform-operator", {"networkPolicy": {"enabled": True}})]


class Every(unittest.TestCase):
    def test_lints(self):
        for chart in ("service", "infrastructure", "order-platform-operator"):
            done = helm("lint", "--strict", ROOT / "charts" / chart)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_renders_the_same_twice(self):
        for chart, values in ALL:
            self.assertEqual(render(chart, values), render(chart, values))

    def test_pods_are_as_restricted_as_the_cluster_can_ask(self):
        for chart, values in ALL:
            for name, pod in pods(render(chart, values)):
                with self.subTest(chart=chart, pod=name):
                    self.assertTrue(pod["securityContext"]["runAsNonRoot"])
                    self.assertEqual(pod["securityContext"]["seccompProfile"], {"type": "RuntimeDefault"})
                    self.assertFalse(pod["enableServiceLinks"])
                    for container in pod["containers"] + pod.get("initContainers", []):
                        context = container["securityContext"]
                        self.assertFalse(context["allowPrivilegeEscalation"])
                        self.assertTrue(context["readOnlyRootFilesystem"])
                        self.assertEqual(context["capabilities"], {"drop": ["ALL"]})
                        self.assertIn("memory", container["resources"]["limits"])
                        self.assertIn("cpu", container["resources"]["requests"])

    def test_servers_have_probes(self):
        for chart, values in ALL:
            for name, pod in pods(render(chart, values)):
                if name.startswith("Job"):
                    continue
                for container in pod["containers"]:
                    with self.subTest(chart=chart, container=container["name"]):
                        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                            self.assertIn(probe, container)

    def test_recommended_labels(self):
        for chart, values in ALL:
            for one in render(chart, values):
                labels = one["metadata"].get("labels", {})
                with self.subTest(chart=chart, object=one["kind"] + one["metadata"]["name"]):
                    self.assertIn("app.kubernetes.io/" + ("part-of" if one["kind"] == "CustomResourceDefinition" else "instance"), labels)

    def test_a_new_chart_version_alone_restarts_no_pod(self):
        for chart, values in ALL[:3]:
            for name, pod in ((k, o["spec"]["template"]["metadata"]) for o in render(chart, values) if o["kind"] in ("Deployment", "StatefulSet") for k in [o["metadata"]["name"]]):
                self.assertNotIn("helm.sh/chart", pod["labels"], name)

    def test_works_as_a_part_of_another_chart(self):
        for chart in ("service", "infrastructure", "order-platform-operator"):
            with tempfile.TemporaryDirectory() as parent:
                parent = pathlib.Path(parent)
                (parent / "Chart.yaml").write_text("apiVersion: v2\nname: parent\nversion: 1.0.0\n")
                (parent / "charts").mkdir()
                (parent / "charts" / chart).symlink_to(ROOT / "charts" / chart)
                self.assertTrue(render(parent, {"global": {"x": 1}, chart: {"enabled": True}}))

    def test_an_old_kubernetes_is_refused(self):
        with self.assertRaises(AssertionError):
            render("service", {}, version="1.27.0")

    def test_wrong_values_are_refused_by_helm_itself(self):
        for chart, values in [("service", {"replicas": -1}), ("infrastructure", {"kafka": {"heap": "$(x)"}}), ("order-platform-operator", {"x": 1}),
                              ("service", {"autoscaling": {"enabled": True, "minReplicas": 5, "maxReplicas": 2}})]:
            with self.subTest(chart=chart, values=values), self.assertRaises(AssertionError):
                render(chart, values)


class Service(unittest.TestCase):
    def container(self, values, init=False):
        pod = only(render("service", values), "Deployment")["spec"]["template"]["spec"]
        return (pod["initContainers"] if init else pod["containers"])[0]

    def test_settings_come_from_values_and_secrets_once_each(self):
        for init in (False, True):
            names = [entry["name"] for entry in self.container(SERVICE, init)["env"]]
            self.assertEqual(len(names), len(set(names)), names)
        env = {entry["name"]: entry for entry in self.container(SERVICE)["env"]}
        self.assertEqual(env["A"]["value"], "1")
        self.assertEqual(env["PORTS"]["value"], "5")
        self.assertEqual(env["B"]["valueFrom"]["secretKeyRef"], {"name": "s", "key": "k"})
        self.assertEqual(env["HTTP_PORT"]["value"], "8081")
        self.assertNotIn("C", env, "the service must not have the rights of its migration")

    def test_the_migration_has_its_own_rights(self):
        migrate = self.container(SERVICE, init=True)
        self.assertEqual(migrate["args"], ["--migrate"])
        env = {entry["name"]: entry for entry in migrate["env"]}
        self.assertEqual(env["A"]["value"], "2")
        self.assertEqual(env["C"]["valueFrom"]["secretKeyRef"]["name"], "t")
        self.assertNotIn("initContainers", only(render("service", {}), "Deployment")["spec"]["template"]["spec"])

    def test_both_services(self):
        objects = render("service", SERVICE)
        self.assertNotEqual(only(objects, "Service", "order")["spec"].get("clusterIP"), "None")
        self.assertEqual(only(objects, "Service", "order-headless")["spec"]["clusterIP"], "None")

    def test_disruption_budget_only_where_it_cannot_block(self):
        for replicas, scaling, wanted in [(1, None, False), (2, None, True), (3, (1, 5), False), (1, (2, 5), True)]:
            values = {"replicas": replicas}
            if scaling:
                values["autoscaling"] = {"enabled": True, "minReplicas": scaling[0], "maxReplicas": scaling[1]}
            with self.subTest(values):
                kinds = [one["kind"] for one in render("service", values)]
                self.assertEqual("PodDisruptionBudget" in kinds, wanted)

    def test_replicas_are_the_autoscalers_when_it_is_on(self):
        self.assertEqual(only(render("service", SERVICE), "Deployment")["spec"]["replicas"], 2)
        scaled = only(render("service", {"autoscaling": {"enabled": True}}), "Deployment")
        self.assertNotIn("replicas", scaled["spec"])

    def test_images(self):
        for image, wanted in [({}, "localhost/orderplatform/order:0.1.0"), ({"tag": "7"}, "localhost/orderplatform/order:7"),
                              ({"repositoryPrefix": "r.example/x", "tag": "7"}, "r.example/x/order:7"),
                              ({"repository": "r.example/y", "digest": "sha256:" + "a" * 64}, "r.example/y@sha256:" + "a" * 64)]:
            self.assertEqual(self.container({"name": "order", "image": image})["image"], wanted)

    def test_the_stop_fits_its_grace(self):
        pod = only(render("service", {}), "Deployment")["spec"]["template"]["spec"]
        self.assertLess(pod["containers"][0]["lifecycle"]["preStop"]["sleep"]["seconds"], pod["terminationGracePeriodSeconds"])


class Infrastructure(unittest.TestCase):
    def test_parts_are_switched_apart(self):
        parts = ("kafka", "mysql", "redis")
        for on in itertools.product((True, False), repeat=3):
            objects = render("infrastructure", {part: {"enabled": flag} for part, flag in zip(parts, on)})
            self.assertEqual({one["metadata"]["name"] for one in objects if one["kind"] == "StatefulSet"},
                             {part for part, flag in zip(parts, on) if flag})

    def test_data_outlives_the_release(self):
        for one in render("infrastructure"):
            if one["kind"] == "StatefulSet":
                self.assertEqual(one["spec"]["persistentVolumeClaimRetentionPolicy"], {"whenDeleted": "Retain", "whenScaled": "Retain"})
                self.assertEqual(one["spec"]["volumeClaimTemplates"][0]["metadata"]["name"], "data")
            self.assertNotIn(one["kind"], ("Secret", "PersistentVolumeClaim"))

    def test_the_clusters_id_is_valid_and_stays(self):
        import base64
        command = only(render("infrastructure"), "StatefulSet", "kafka")["spec"]["template"]["spec"]["containers"][0]["command"][-1]
        identity = command.split(" -t ")[1].split()[0]
        self.assertEqual(len(base64.urlsafe_b64decode(identity + "==")), 16)
        again = only(render("infrastructure", name="other"), "StatefulSet", "kafka")["spec"]["template"]["spec"]["containers"][0]["command"][-1]
        self.assertEqual(command, again)

    def test_a_changed_configuration_restarts_the_broker(self):
        def annotation(values):
            return only(render("infrastructure", values), "StatefulSet", "kafka")["spec"]["template"]["metadata"]["annotations"]
        self.assertNotEqual(annotation({}), annotation({"kafka": {"config": {"num.io.threads": 8}}}))

    def test_no_password_is_rendered(self):
        text = json.dumps(render("infrastructure"))
        self.assertIn("secretKeyRef", text)
        self.assertNotIn("identified by '\\w", text.lower())


class Operator(unittest.TestCase):
    objects = render("order-platform-operator")

    def rules(self, suffix=""):
        return only(self.objects, "Role", "shop" + suffix)["rules"]

    def test_no_rights_beyond_the_namespace_and_no_wildcards(self):
        self.assertFalse([one for one in self.objects if one["kind"].startswith("ClusterRole")])
        for rule in self.rules() + self.rules("-helm"):
            self.assertNotIn("*", rule["verbs"] + rule["resources"] + rule["apiGroups"])

    def test_the_operator_reads_secrets_by_name_only(self):
        verbs = {verb for rule in self.rules() if "secrets" in rule["resources"] for verb in rule["verbs"]}
        self.assertFalse(verbs & {"list", "watch"})

    def test_the_operator_makes_no_workloads_itself(self):
        verbs = {verb for rule in self.rules() if "deployments" in rule["resources"] for verb in rule["verbs"]}
        self.assertEqual(verbs, {"get", "list", "watch"})

    def test_helms_account_covers_what_the_charts_contain(self):
        kinds = {one["kind"] for chart, values in ALL[:3] for one in render(chart, values)}
        kinds |= {one["kind"] for one in render("service", {"replicas": 2, "autoscaling": {"enabled": True, "minReplicas": 2}})}
        allowed = {resource for rule in self.rules("-helm") if "create" in rule["verbs"] for resource in rule["resources"]}
        for kind in kinds:
            plural = "networkpolicies" if kind == "NetworkPolicy" else kind.lower() + "s"
            self.assertIn(plural, allowed)

    def test_the_definition_is_kept(self):
        crd = only(self.objects, "CustomResourceDefinition")
        self.assertEqual(crd["metadata"]["annotations"]["helm.sh/resource-policy"], "keep")
        source = yaml.safe_load((ROOT / "crds/orderplatforms.yaml").read_text())
        self.assertEqual(crd["spec"], source["spec"])
        self.assertFalse([one for one in render("order-platform-operator", {"crds": {"install": False}}) if one["kind"] == "CustomResourceDefinition"])

    def test_one_at_a_time(self):
        deployment = only(self.objects, "Deployment")
        self.assertEqual(deployment["spec"]["replicas"], 1)
        self.assertEqual(deployment["spec"]["strategy"], {"type": "Recreate"})


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "tests"))
    import xml_results  # noqa: E402

    xml_results.main("charts")
