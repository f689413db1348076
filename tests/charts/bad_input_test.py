#!/usr/bin/env python3
"""Values that are wrong, or look wrong: helm gives a message that names the fault, or what it renders is right."""
import pathlib
import sys
import tempfile
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import charts  # noqa: E402
from charts import only, refusal, render  # noqa: E402

SCALED = {"enabled": True, "minReplicas": 2, "maxReplicas": 4}
# chart, values, what the message has to name
REFUSED = [
    ("service", {"replcas": 2}, ["replcas"]),
    ("service", {"image": {"tagg": "1"}}, ["image", "tagg"]),
    ("service", {"keda": {"lag": 1}}, ["keda", "lag"]),
    ("service", {"image": {"tag": "a b"}}, ["/image/tag"]),
    ("service", {"image": {"tag": 1.2}}, ["/image/tag", "string"]),
    ("service", {"secretEnv": {"MYSQL_PASSWORD": {"secret": "", "key": "password"}}}, ["MYSQL_PASSWORD/secret"]),
    ("service", {"secretEnv": {"MYSQL_PASSWORD": {"secret": "s"}}}, ["MYSQL_PASSWORD", "key"]),
    ("service", {"migration": {"secretEnv": {"MYSQL_DDL_PASSWORD": {"key": "password"}}}}, ["MYSQL_DDL_PASSWORD", "secret"]),
    ("service", {"extraEnvFrom": [{"secretRef": {}}]}, ["extraEnvFrom", "name"]),
    ("service", {"imagePullSecrets": [""]}, ["imagePullSecrets"]),
    ("service", {"global": {"imagePullSecrets": [{"nam": "x"}]}}, ["imagePullSecrets"]),
    ("service", {"ingress": {"tls": [{"hosts": ["a.example.com"]}]}}, ["tls", "secretName"]),
    ("service", {"ingress": {"enabled": True}}, ["ingress.hosts"]),
    ("service", {"httpRoute": {"enabled": True}}, ["httpRoute.parentRefs"]),
    ("service", {"autoscaling": {"enabled": True, "minReplicas": 5, "maxReplicas": 2}}, ["autoscaling.minReplicas", "5", "2"]),
    ("service", {"keda": {"enabled": True, "minReplicas": 7, "bootstrapServers": "k:9092"}}, ["keda.minReplicas", "7"]),
    ("service", {"keda": {"enabled": True}}, ["keda.bootstrapServers"]),
    ("service", {"keda": {"enabled": True, "bootstrapServers": "k"}}, ["keda/bootstrapServers"]),
    ("service", {"keda": {"enabled": True, "bootstrapServers": "k:1"}, "autoscaling": SCALED}, ["autoscaling.enabled", "keda.enabled"]),
    ("service", {"extraEnv": [{"name": "HTTP_PORT", "value": "1"}]}, ["extraEnv", "HTTP_PORT"]),
    ("service", {"env": {"A": 1}, "extraEnv": [{"name": "A", "value": "2"}]}, ["extraEnv names A"]),
    ("service", {"extraEnv": [{"name": "A", "value": "1"}, {"name": "A", "value": "2"}]}, ["extraEnv names A"]),
    ("service", {"extraVolumes": [{"name": "tmp", "emptyDir": {}}]}, ["tmp"]),
    ("service", {"extraVolumes": [{"name": "x", "hostPath": {"path": "/"}}]}, ["extraVolumes"]),
    ("service", {"podLabels": {"app.kubernetes.io/name": "x"}}, ["podLabels", "app.kubernetes.io/name"]),
    ("service", {"serviceAccount": {"create": False}}, ["serviceAccount.name"]),
    ("service", {"terminationGracePeriodSeconds": 5}, ["terminationGracePeriodSeconds", "10"]),
    ("service", {"networkPolicy": {"external": [{"cidr": "everything", "port": 1}]}}, ["cidr"]),
    ("service", {"tracing": {"endpoint": "collector:4317"}}, ["/tracing/endpoint"]),
    ("service", {"tracing": {"endpoint": "http://c:4318", "samplingRatio": 10}}, ["samplingRatio"]),
    ("service", {"tracing": {"ratio": 1}}, ["tracing", "ratio"]),
    ("service", {"tls": {"servers": ["mysql"]}}, ["tls.servers names mysql", "tls.caSecret.name"]),
    ("service", {"tls": {"servers": ["mongo"]}}, ["/tls/servers/0", "redis"]),
    ("service", {"tls": {"servers": ["mysql"], "caSecret": {"name": "Not A Name"}}}, ["caSecret/name"]),
    ("service", {"tls": {"servers": ["mysql"], "caSecret": {"name": "c"}}, "extraVolumes": [{"name": "tls", "emptyDir": {}}]}, ["name tls"]),
    ("service", {"ingress": {"enabled": True, "hosts": ["a.example.com"], "tls": [{"secretName": "s", "hosts": ["b.example.com"]}]}}, ["ingress.tls names b.example.com"]),
    ("service", {"httpRoute": {"enabled": True, "parentRefs": [{"name": "g"}], "redirectFrom": [{"sectionName": "http"}]}}, ["redirectFrom", "name"]),
    ("infrastructure", {"tls": {"enabled": "yes"}}, ["/tls/enabled"]),
    ("infrastructure", {"tls": {"enabled": True, "existingSecret": "Not A Name"}}, ["/tls/existingSecret"]),
    ("infrastructure", {"tls": {"days": 0}}, ["/tls/days"]),
    ("infrastructure", {"kafka": {"adminSecret": {"name": ""}}}, ["adminSecret/name"]),
    # An unknown or a weaker mode of security.
    ("service", {"podSecurityContext": {"seccompProfile": {"type": "Unconfined"}}}, ["seccompProfile/type", "RuntimeDefault"]),
    ("service", {"podSecurityContext": {"seccompProfile": {"type": "Strict"}}}, ["seccompProfile/type"]),
    ("service", {"podSecurityContext": {"runAsNonRoot": False}}, ["runAsNonRoot"]),
    ("service", {"podSecurityContext": {"runAsUser": 0}}, ["runAsUser"]),
    ("service", {"containerSecurityContext": {"privileged": True}}, ["privileged"]),
    ("service", {"containerSecurityContext": {"readOnlyRootFilesystem": False}}, ["readOnlyRootFilesystem"]),
    ("service", {"containerSecurityContext": {"capabilities": {"add": ["NET_ADMIN"]}}}, ["capabilities"]),
    ("order-platform-operator", {"podSecurityContext": {"runAsNonRoot": False}}, ["runAsNonRoot"]),
    ("infrastructure", {"kafka": {"image": {"tag": ""}}}, ["kafka.image.tag", "apache/kafka"]),
    ("infrastructure", {"mysql": {"image": {"tag": "", "digest": ""}}}, ["mysql.image.tag"]),
    ("infrastructure", {"mysql": {"rootSecret": {"name": ""}}}, ["rootSecret/name"]),
    ("infrastructure", {"mysql": {"rootSecret": {"key": ""}}}, ["rootSecret/key"]),
    ("infrastructure", {"kafka": {"heap": "$(x)"}}, ["/kafka/heap"]),
    ("infrastructure", {"kafka": {"image": {"digest": "sha256:1"}}}, ["/kafka/image/digest"]),
    ("observability", {"prometheus": {"image": {"tag": ""}}}, ["prometheus.image.tag"]),
    ("observability", {"prometheus": {"enabled": False}, "grafana": {"enabled": True}}, ["set grafana.prometheusUrl", "prometheus.enabled is false"]),
    ("observability", {"targets": []}, ["targets"]),
    ("observability", {"targets": [{"job": "Order", "name": "order"}]}, ["targets/0/job"]),
    ("observability", {"scrapeInterval": "often"}, ["scrapeInterval"]),
    ("observability", {"runbooks": {"baseUrl": "docs/runbooks"}}, ["runbooks/baseUrl"]),
    ("order-platform-operator", {"x": 1}, ["x"]),
    ("order-platform-operator", {"infrastructureImages": {"kafka": "apache/kafka"}}, ["infrastructureImages/kafka"]),
    ("order-platform-operator", {"extraEnv": [{"name": "IMAGE_TAG", "value": "1"}]}, ["extraEnv", "IMAGE_TAG"]),
    ("order-platform-operator", {"podLabels": {"app.kubernetes.io/instance": "x"}}, ["podLabels"]),
    ("order-platform-operator", {"test": {"port": "http"}}, ["/test/port"]),
]


def parent_of(folder, chart):
    """A chart that has `chart` as a part."""
    folder = pathlib.Path(folder)
    (folder / "Chart.yaml").write_text("apiVersion: v2\nname: parent\nversion: 1.0.0\n")
    (folder / "charts").mkdir()
    (folder / "charts" / chart).symlink_to(charts.ROOT / "charts" / chart)
    return folder


class BadInput(unittest.TestCase):
    def test_wrong_values_are_refused_and_named(self):
        for chart, values, named in REFUSED:
            with self.subTest(chart=chart, values=values):
                message = refusal(chart, values)
                self.assertTrue(message, "helm took them")
                for word in named:
                    self.assertIn(word, message)

    def test_an_empty_tag_is_the_charts_own_version(self):
        image = only(render("service", {"name": "order", "image": {"tag": ""}}), "Deployment")["spec"]["template"]["spec"]["containers"][0]["image"]
        self.assertEqual(image, "localhost/orderplatform/order:0.1.0")

    def test_a_grafana_beside_another_prometheus_asks_that_one(self):
        address = "http://prometheus-operated.monitoring.svc:9090"
        objects = render("observability", {"prometheus": {"enabled": False}, "grafana": {"enabled": True, "prometheusUrl": address}})
        self.assertIn(f'url: "{address}"', only(objects, "ConfigMap", "grafana-provisioning")["data"]["datasource.yaml"])

    def test_replicas_with_an_autoscaler_are_the_autoscalers(self):
        for scaler in ({"autoscaling": SCALED}, {"keda": {**SCALED, "bootstrapServers": "k:9092"}}):
            with self.subTest(scaler):
                self.assertNotIn("replicas", only(render("service", {"replicas": 7, **scaler}), "Deployment")["spec"])

    def test_a_disruption_budget_never_blocks_the_only_pod(self):
        for values, wanted in [({"replicas": 0}, False), ({"replicas": 1}, False), ({"replicas": 2}, True),
                               ({"replicas": 2, "podDisruptionBudget": {"enabled": False}}, False),
                               ({"replicas": 3, "autoscaling": {**SCALED, "minReplicas": 1}}, False), ({"replicas": 1, "autoscaling": SCALED}, True),
                               ({"replicas": 1, "keda": {**SCALED, "bootstrapServers": "k:1"}}, True),
                               ({"replicas": 9, "keda": {**SCALED, "bootstrapServers": "k:1", "partitions": 1}}, False)]:
            with self.subTest(values):
                found = [one for one in render("service", values) if one["kind"] == "PodDisruptionBudget"]
                self.assertEqual(bool(found), wanted)
                for budget in found:
                    self.assertEqual(budget["spec"]["maxUnavailable"], 1)

    def test_more_pods_than_partitions_are_never_asked_for(self):
        for most, partitions, wanted in [(6, 6, 6), (20, 12, 12), (3, 12, 3)]:
            keda = {"enabled": True, "maxReplicas": most, "partitions": partitions, "bootstrapServers": "k:9092"}
            with self.subTest(keda):
                self.assertEqual(only(render("service", {"keda": keda}), "ScaledObject")["spec"]["maxReplicaCount"], wanted)

    def test_the_lag_of_a_service_is_its_own_groups(self):
        for values, group in [({}, "order-service"), ({"env": {"KAFKA_GROUP": "mine"}}, "mine"), ({"keda": {"consumerGroup": "other"}}, "other")]:
            keda = {"enabled": True, "bootstrapServers": "k:9092", **values.get("keda", {})}
            with self.subTest(values):
                scaled = only(render("service", {**values, "name": "order", "keda": keda}), "ScaledObject")
                self.assertEqual(scaled["spec"]["triggers"][0]["metadata"]["consumerGroup"], group)

    def test_as_a_part_of_another_chart(self):
        for chart in charts.CHARTS:
            with self.subTest(chart), tempfile.TemporaryDirectory() as folder:
                parent = parent_of(folder, chart)
                objects = render(parent, {"global": {"imageRegistry": "mirror.example.com", "imagePullSecrets": ["mirror"], "other": 1}, chart: {"enabled": True}})
                found = list(charts.pods(objects))
                self.assertTrue(found)
                for name, pod in found:
                    self.assertIn({"name": "mirror"}, pod.get("imagePullSecrets", []), name)
                    for container in pod["containers"] + pod.get("initContainers", []):
                        self.assertTrue(container["image"].startswith("mirror.example.com/"), container["image"])
                self.assertIn("replcas", refusal(parent, {chart: {"replcas": 1}}))

    def test_an_old_kubernetes_is_refused(self):
        for chart in charts.CHARTS:
            with self.subTest(chart), self.assertRaisesRegex(AssertionError, "kubeVersion"):
                render(chart, {}, version="1.27.0")


if __name__ == "__main__":
    unittest.main()
