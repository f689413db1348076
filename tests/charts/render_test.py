#!/usr/bin/env python3
"""What the charts render: what every chart has in common, and what each promises."""
import base64
import itertools
import json
import pathlib
import re
import ssl
import sys
import tempfile
import unittest

import yaml

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import images  # noqa: E402
from charts import ROOT, cases, helm, only, pods, render, render_text  # noqa: E402

SERVICE = {"name": "order", "port": 8081, "replicas": 2, "env": {"A": "1", "PORTS": 5}, "secretEnv": {"B": {"secret": "s", "key": "k"}},
           "migration": {"enabled": True, "env": {"A": "2"}, "secretEnv": {"C": {"secret": "t", "key": "k"}}}, "secretsDigest": "d",
           "networkPolicy": {"enabled": True}}

SECRET_NAME = re.compile(r"(?:password|passwd|requirepass|token|api_?key|private_?key|credentials?)$", re.IGNORECASE)
SECRET_TEXT = re.compile(  # a literal, not a variable ($x), what printf fills in (%s) or the name of a file
    r"""identified\s+(?:with\s+\S+\s+)?by\s+(?:password\s+)?['"](?!\$)|(?:password|passwd|requirepass|token)["']?\s*[=:]\s*["']?(?![$%/\s"'])|://[^/\s:@]+:[^/\s:@$]+@"""
    r"""|-----BEGIN [A-Z ]*PRIVATE KEY""", re.IGNORECASE)


def credentials(one, path=""):
    """(where, what) for all that looks like a password, token or key in an object, which a Secret alone may hold."""
    if isinstance(one, dict):
        if one.get("kind") == "Secret":
            return
        for name, value in one.items():
            if isinstance(value, str) and value and SECRET_NAME.search(name):
                yield f"{path}.{name}", value
            yield from credentials(value, f"{path}.{name}")
        if SECRET_NAME.search(str(one.get("name", ""))) and one.get("value"):
            yield f"{path}.{one['name']}", one["value"]
    elif isinstance(one, list):
        for before, value in zip([None, *one], one):
            if isinstance(before, str) and before.startswith("-") and SECRET_NAME.search(before):
                yield path, value
            yield from credentials(value, path)
    elif isinstance(one, str) and SECRET_TEXT.search(one):
        yield path, SECRET_TEXT.search(one).group()


class Every(unittest.TestCase):
    def test_lints(self):
        for name, chart, values in cases():
            with self.subTest(name):
                done = helm("lint", "--strict", ROOT / "charts" / chart, "--kube-version", "1.34.0", "--values", "-", values=values)
                self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_the_list_for_mirrors_has_what_is_run_and_nothing_else(self):
        wanted = [("infrastructure", {}), ("order-platform-operator", {}), ("observability", {"grafana": {"enabled": True}}),
                  *[("service", {**SERVICE, "name": name}) for name in images.services()]]
        run = {container["image"] for chart, values in wanted for _, pod in pods(render(chart, values))
               for container in [*pod.get("initContainers", []), *pod["containers"]]}
        operator, = only(render("order-platform-operator"), "Deployment")["spec"]["template"]["spec"]["containers"]
        run |= {entry["value"] for entry in operator["env"] if entry["name"] in ("KAFKA_IMAGE", "MYSQL_IMAGE", "REDIS_IMAGE")}
        self.assertEqual(sorted(run), images.FILE.read_text().split())

    def test_pods_are_as_restricted_as_the_cluster_can_ask(self):
        for case, chart, values in cases():
            for name, pod in pods(render(chart, values)):
                with self.subTest(case=case, pod=name):
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

    def test_only_the_operator_has_a_token(self):
        for case, chart, values in cases():
            for name, pod in pods(render(chart, values)):
                projected = [source for volume in pod.get("volumes", []) for source in volume.get("projected", {}).get("sources", []) if "serviceAccountToken" in source]
                with self.subTest(case=case, pod=name):
                    wanted = chart == "order-platform-operator" and not name.startswith("Pod")
                    self.assertEqual(bool(projected) or pod["automountServiceAccountToken"], wanted)

    def test_servers_have_probes(self):
        for case, chart, values in cases():
            for name, pod in pods(render(chart, values)):
                if name.startswith(("Job", "Pod")):
                    continue
                for container in pod["containers"]:
                    with self.subTest(case=case, container=container["name"]):
                        for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                            self.assertIn(probe, container)

    def test_recommended_labels(self):
        for case, chart, values in cases():
            for one in render(chart, values):
                labels = one["metadata"].get("labels", {})
                wanted = ["name", "instance", "component", "part-of", "managed-by"] if one["kind"] != "CustomResourceDefinition" else ["part-of"]
                with self.subTest(case=case, object=one["kind"] + one["metadata"]["name"]):
                    self.assertLessEqual({f"app.kubernetes.io/{label}" for label in wanted}, set(labels))

    def test_no_credential_stands_outside_a_secret(self):
        for case, chart, values in cases():
            for one in render(chart, values):
                with self.subTest(case=case, object=f"{one['kind']} {one['metadata']['name']}"):
                    self.assertEqual(list(credentials(one)), [])

    def test_a_credential_outside_a_secret_would_be_found(self):
        for planted in ({"env": [{"name": "MYSQL_PASSWORD", "value": "hunter2"}]}, {"args": ["ALTER USER 'root' IDENTIFIED BY 'hunter2';"]},
                        {"args": ["CREATE USER x IDENTIFIED WITH caching_sha2_password BY \"hunter2\""]}, {"data": {"my.cnf": "[client]\npassword = hunter2\n"}},
                        {"data": {"p": 'sasl.jaas.config=... username="admin" password="hunter2";'}}, {"url": "redis://app:hunter2@redis:6379"},
                        {"data": {"tls.key": "-----BEGIN PRIVATE KEY-----\nMIG"}}, {"password": "hunter2"}, {"args": ["--requirepass", "hunter2"]}):
            with self.subTest(planted):
                self.assertTrue(list(credentials({"kind": "ConfigMap", **planted})))
                self.assertFalse(list(credentials({"kind": "Secret", **planted})))
        said = render("service", {"env": {"MYSQL_PASSWORD": "hunter2"}})
        self.assertEqual({one["kind"] for one in said if list(credentials(one))}, {"Deployment"})

    def test_a_new_chart_version_alone_restarts_no_pod(self):
        for case, chart, values in cases():
            if chart == "order-platform-operator":
                continue
            for one in render(chart, values):
                if one["kind"] in ("Deployment", "StatefulSet"):
                    self.assertNotIn("helm.sh/chart", one["spec"]["template"]["metadata"]["labels"], case)

    def test_the_order_of_helm_test_is_one_script(self):
        copies = {(ROOT / "charts" / chart / "files/test.sh").read_text() for chart in ("service", "order-platform-operator")}
        self.assertEqual(len(copies), 1, "cp charts/service/files/test.sh charts/order-platform-operator/files/")
        for chart, values, wanted in [("service", {}, ["ready", "shop", "8080"]), ("service", {"test": {"order": True}}, ["order", "shop", "8080"]),
                                      ("order-platform-operator", {}, ["order", "gateway", "8080"])]:
            pod = only(render(chart, values), "Pod")
            self.assertEqual(pod["metadata"]["annotations"]["helm.sh/hook"], "test")
            self.assertEqual(pod["spec"]["containers"][0]["command"][4:7], wanted)


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

    def test_images(self):
        for image, wanted in [({}, "localhost/orderplatform/order:0.1.0"), ({"tag": "7"}, "localhost/orderplatform/order:7"),
                              ({"repositoryPrefix": "r.example/x", "tag": "7"}, "r.example/x/order:7"),
                              ({"repositoryPrefix": "r.example/x", "tag": "7", "digest": "sha256:" + "a" * 64}, "r.example/x/order@sha256:" + "a" * 64),
                              ({"repository": "r.example/y", "digest": "sha256:" + "a" * 64}, "r.example/y@sha256:" + "a" * 64)]:
            self.assertEqual(self.container({"name": "order", "image": image})["image"], wanted)

    def test_the_registry_of_everything_can_be_another(self):
        for image, wanted in [({}, "m.example.com/a/orderplatform/order:0.1.0"), ({"repository": "order"}, "m.example.com/a/order:0.1.0"),
                              ({"repository": "acme/order"}, "m.example.com/a/acme/order:0.1.0"), ({"repository": "r:5000/order"}, "m.example.com/a/order:0.1.0"),
                              ({"repository": "quay.io/x/order", "digest": "sha256:" + "a" * 64}, "m.example.com/a/x/order@sha256:" + "a" * 64)]:
            with self.subTest(image):
                self.assertEqual(self.container({"name": "order", "image": image, "global": {"imageRegistry": "m.example.com/a"}})["image"], wanted)

    def test_the_stop_follows_from_the_grace_period(self):
        for grace, delay, drain, budget in [(10, 0, 2, 7), (16, 0, 2, 13), (40, 2, 3, 35), (120, 6, 9, 111), (600, 8, 12, 589)]:
            with self.subTest(grace):
                pod = only(render("service", {"terminationGracePeriodSeconds": grace}), "Deployment")["spec"]["template"]["spec"]
                container = pod["containers"][0]
                env = {entry["name"]: entry.get("value") for entry in container["env"]}
                self.assertEqual(pod["terminationGracePeriodSeconds"], grace)
                self.assertEqual(container.get("lifecycle", {}).get("preStop", {}).get("sleep", {}).get("seconds", 0), delay)
                self.assertEqual((env["DRAIN_DELAY"], env["SHUTDOWN_BUDGET"]), (f"{drain}s", f"{budget}s"))
                self.assertGreaterEqual(delay + drain, 2, "the endpoints need their time")
                self.assertLess(delay + budget, grace)

    def test_settings_of_the_stop_can_be_said(self):
        values = {"env": {"DRAIN_DELAY": "1s"}, "extraEnv": [{"name": "SHUTDOWN_BUDGET", "value": "9s"}]}
        said = [(entry["name"], entry.get("value")) for entry in self.container(values)["env"] if entry["name"] in ("DRAIN_DELAY", "SHUTDOWN_BUDGET")]
        self.assertEqual(said, [("DRAIN_DELAY", "1s"), ("SHUTDOWN_BUDGET", "9s")])

    def test_traces_go_where_they_are_wanted_or_nowhere(self):
        def said(values):
            return {entry["name"]: entry.get("value") for entry in self.container(values)["env"] if entry["name"].startswith("OTEL_")}
        endpoint = {"tracing": {"endpoint": "http://collector:4318"}}
        self.assertEqual(said({}), {})
        self.assertEqual(said({"tracing": {"samplingRatio": 1}}), {})
        self.assertEqual(said(endpoint), {"OTEL_EXPORTER_OTLP_ENDPOINT": "http://collector:4318", "OTEL_TRACES_SAMPLER_ARG": "0.1"})
        self.assertEqual(said({**endpoint, "env": {"OTEL_TRACES_SAMPLER_ARG": "0.5"}})["OTEL_TRACES_SAMPLER_ARG"], "0.5")
        self.assertEqual(said({**endpoint, "extraEnv": [{"name": "OTEL_TRACES_SAMPLER_ARG", "value": "1"}]})["OTEL_TRACES_SAMPLER_ARG"], "1")

    def test_further_variables_and_volumes_are_in_both_containers(self):
        values = yaml.safe_load((ROOT / "tests/charts/cases/service-payment.yaml").read_text())
        for init in (False, True):
            container = self.container(values, init)
            self.assertIn("NODE", [entry["name"] for entry in container["env"]])
            self.assertEqual([list(entry)[0] for entry in container["envFrom"]], ["secretRef", "configMapRef"])
            self.assertIn("/etc/mysql-ca", [mount["mountPath"] for mount in container["volumeMounts"]])

    def test_tls_is_set_for_the_servers_that_are_named_in_both_containers(self):
        for servers, wanted in [([], set()), (["redis"], {"REDIS_TLS", "REDIS_TLS_CA"}),
                                (["mysql", "kafka"], {"MYSQL_TLS", "MYSQL_TLS_CA", "KAFKA_SECURITY_PROTOCOL", "KAFKA_TLS_CA"})]:
            pod = only(render("service", {**SERVICE, "tls": {"servers": servers, "caSecret": {"name": "ca"}}}), "Deployment")["spec"]["template"]["spec"]
            for container in pod["containers"] + pod["initContainers"]:
                with self.subTest(servers=servers, container=container["name"]):
                    env = {one["name"]: one.get("value") for one in container["env"]}
                    self.assertEqual({name for name in env if "TLS" in name or "SECURITY" in name}, wanted)
                    mounts = {one["name"]: one for one in container["volumeMounts"]}
                    self.assertEqual("tls" in mounts, bool(servers))
                    for name in wanted:
                        if name.endswith("_CA"):
                            self.assertEqual(env[name], mounts["tls"]["mountPath"] + "/ca.crt")
            volumes = [one["secret"] for one in pod["volumes"] if one["name"] == "tls"]
            self.assertEqual(volumes, [{"secretName": "ca", "items": [{"key": "ca.crt", "path": "ca.crt"}]}] if servers else [], "never the key")

    def test_what_is_said_by_hand_wins_over_tls(self):
        values = {**SERVICE, "tls": {"servers": ["kafka", "redis"], "caSecret": {"name": "ca"}}, "env": {"KAFKA_SECURITY_PROTOCOL": "SSL"},
                  "secretEnv": {"REDIS_TLS": {"secret": "s", "key": "k"}}, "extraEnv": [{"name": "KAFKA_TLS_CA", "value": "/etc/own"}]}
        container, = only(render("service", values), "Deployment")["spec"]["template"]["spec"]["containers"]
        names = [one["name"] for one in container["env"]]
        self.assertEqual(len(names), len(set(names)), "each once")
        env = {one["name"]: one.get("value") for one in container["env"]}
        self.assertEqual((env["KAFKA_SECURITY_PROTOCOL"], env["KAFKA_TLS_CA"], env["REDIS_TLS"]), ("SSL", "/etc/own", None))

    def test_plain_callers_are_sent_to_https_when_asked_for(self):
        gateway = {"name": "gateway", "httpRoute": {"enabled": True, "parentRefs": [{"name": "g", "sectionName": "https"}]}}
        self.assertEqual(len([one for one in render("service", gateway) if one["kind"] == "HTTPRoute"]), 1)
        gateway["httpRoute"]["redirectFrom"] = [{"name": "g", "sectionName": "http"}]
        objects = render("service", gateway)
        self.assertEqual(only(objects, "HTTPRoute", "gateway")["spec"]["parentRefs"], [{"name": "g", "sectionName": "https"}])
        redirect = only(objects, "HTTPRoute", "gateway-to-https")["spec"]
        self.assertEqual(redirect["parentRefs"], [{"name": "g", "sectionName": "http"}])
        rule, = redirect["rules"]
        self.assertNotIn("backendRefs", rule)
        self.assertEqual(rule["filters"], [{"type": "RequestRedirect", "requestRedirect": {"scheme": "https", "statusCode": 301}}])

    def test_an_ingress_serves_all_its_hosts_by_tls_unless_told_which(self):
        ingress = {"enabled": True, "hosts": ["a.example.com", "b.example.com"], "tls": [{"secretName": "s"}]}
        self.assertEqual(only(render("service", {"ingress": ingress}), "Ingress")["spec"]["tls"], [{"secretName": "s", "hosts": ingress["hosts"]}])
        ingress["tls"][0]["hosts"] = ["b.example.com"]
        self.assertEqual(only(render("service", {"ingress": ingress}), "Ingress")["spec"]["tls"], [{"secretName": "s", "hosts": ["b.example.com"]}])

    def test_pods_are_spread_over_zones_and_nodes(self):
        spread = only(render("service"), "Deployment")["spec"]["template"]["spec"]["topologySpreadConstraints"]
        self.assertEqual([one["topologyKey"].split("/")[1] for one in spread], ["zone", "hostname"])
        for one in spread:
            self.assertEqual(one["labelSelector"]["matchLabels"], {"app.kubernetes.io/name": "shop", "app.kubernetes.io/instance": "shop"})
        self.assertNotIn("topologySpreadConstraints", only(render("service", {"topologySpreadConstraints": []}), "Deployment")["spec"]["template"]["spec"])

    def test_the_network_is_closed_but_for_what_is_named(self):
        policy = {"enabled": True, "clients": ["gateway"], "servers": {"mysql": 3306}, "external": [{"cidr": "10.0.0.0/8", "port": 9092}]}
        spec = only(render("service", {"networkPolicy": policy}), "NetworkPolicy")["spec"]
        self.assertEqual(spec["policyTypes"], ["Ingress", "Egress"])
        callers = [peer["podSelector"]["matchLabels"]["app.kubernetes.io/name"] for peer in spec["ingress"][0]["from"]]
        self.assertEqual(callers, ["gateway", "shop-test"])
        self.assertEqual([[port["port"] for port in rule["ports"]] for rule in spec["egress"]], [[53, 53], [3306], [9092]])
        for rule in spec["ingress"] + spec["egress"]:
            self.assertTrue(rule.get("from") or rule.get("to"), "a rule without peers allows everybody")
        self.assertFalse([one for one in render("service") if one["kind"] == "NetworkPolicy"])

    def test_the_gateway_is_reached_from_outside_only_when_asked_for(self):
        self.assertFalse([one for one in render("service") if one["kind"] in ("Ingress", "HTTPRoute")])
        values = yaml.safe_load((ROOT / "tests/charts/cases/service-gateway.yaml").read_text())
        objects = render("service", values)
        backend = only(objects, "Ingress")["spec"]["rules"][0]["http"]["paths"][0]["backend"]["service"]
        self.assertEqual(backend, {"name": "gateway", "port": {"name": "http"}})
        route = only(objects, "HTTPRoute")["spec"]["rules"][0]
        self.assertEqual(route["backendRefs"], [{"name": "gateway", "port": 8080}])
        self.assertEqual([match["path"]["value"] for match in route["matches"]], ["/api", "/oauth2"])


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
        command = only(render("infrastructure"), "StatefulSet", "kafka")["spec"]["template"]["spec"]["containers"][0]["command"][-1]
        identity = command.split(" -t ")[1].split()[0]
        self.assertEqual(len(base64.urlsafe_b64decode(identity + "==")), 16)
        again = only(render("infrastructure", name="other"), "StatefulSet", "kafka")["spec"]["template"]["spec"]["containers"][0]["command"][-1]
        self.assertEqual(command, again)

    def test_a_changed_configuration_restarts_the_broker(self):
        def annotation(values):
            return only(render("infrastructure", values), "StatefulSet", "kafka")["spec"]["template"]["metadata"]["annotations"]
        self.assertNotEqual(annotation({}), annotation({"kafka": {"config": {"num.io.threads": 8}}}))

    def test_without_tls_nothing_of_it_is_there(self):
        text = json.dumps(render("infrastructure", {}))
        for word in ("tls", "SASL", "authorizer", "kafka-admin"):
            self.assertNotIn(word, text)

    def test_with_tls_there_is_no_other_way(self):
        objects = render("infrastructure", {"tls": {"enabled": True, "existingSecret": "mine"}})
        self.assertEqual([one for one in objects if one["kind"] == "Secret"], [], "the Secret is the user's")
        properties = only(objects, "ConfigMap", "kafka")["data"]["server.properties"]
        listeners = dict(line.split("=", 1) for line in properties.splitlines() if "=" in line and not line.startswith("#"))
        self.assertEqual(listeners["listeners"], "SASL_SSL://:9092,LOCAL://localhost:9094,CONTROLLER://localhost:9093")
        self.assertEqual(listeners["super.users"], "User:admin;User:ANONYMOUS")
        self.assertNotIn("allow.everyone.if.no.acl.found", listeners)
        text = {name: json.dumps(only(objects, "StatefulSet", name)) for name in ("mysql", "redis", "kafka")}
        self.assertIn("--require-secure-transport=ON", text["mysql"])
        self.assertIn('"--port", "0", "--tls-port", "6379"', text["redis"])
        for name, one in text.items():
            self.assertIn('"secretName": "mine"', one, name)

    def test_a_certificate_that_is_made_names_all_three(self):
        secret = only(render("infrastructure", {"tls": {"enabled": True}, "kafka": {"advertisedHost": "kafka.example.com"}}), "Secret")
        self.assertEqual(secret["metadata"]["name"], "infrastructure-tls")
        self.assertEqual(secret["metadata"]["annotations"], {"helm.sh/resource-policy": "keep"})
        self.assertEqual(set(secret["data"]), {"ca.crt", "tls.crt", "tls.key"})
        files = {name: base64.b64decode(text).decode() for name, text in secret["data"].items()}
        self.assertTrue(files["tls.key"].startswith("-----BEGIN PRIVATE KEY-----"), "PKCS#8, as Kafka wants it")
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                (pathlib.Path(folder) / name).write_text(text)
            authority, made = ["".join(pathlib.Path(folder, name).read_text().split()) for name in ("ca.crt", "tls.crt")]
            self.assertNotEqual(authority, made)
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(f"{folder}/tls.crt", f"{folder}/tls.key")  # the key is the certificate's
            context.load_verify_locations(f"{folder}/ca.crt")
            self.assertEqual(len(context.get_ca_certs()), 1)
        der = ssl.PEM_cert_to_DER_cert(files["tls.crt"])
        for name in ("kafka", "kafka.ns.svc", "kafka.example.com", "mysql", "mysql.ns.svc.cluster.local", "redis", "localhost"):
            self.assertIn(name.encode(), der)

    def test_tls_restarts_the_broker(self):
        digests = {json.dumps(only(render("infrastructure", values), "StatefulSet", "kafka")["spec"]["template"]["metadata"]["annotations"])
                   for values in ({}, {"tls": {"enabled": True}})}
        self.assertEqual(len(digests), 2)


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
        kinds = {one["kind"] for chart, values in [("service", SERVICE), ("infrastructure", {"networkPolicy": {"enabled": True}})] for one in render(chart, values)}
        kinds |= {one["kind"] for one in render("service", {"replicas": 2, "autoscaling": {"enabled": True, "minReplicas": 2}})}
        # What an OrderPlatform can ask for by spec.services[].values.
        outside = {"ingress": {"enabled": True, "hosts": ["a.example.com"]}, "httpRoute": {"enabled": True, "parentRefs": [{"name": "g"}]},
                   "keda": {"enabled": True, "bootstrapServers": "k:1"}}
        kinds |= {one["kind"] for one in render("service", outside)}
        self.assertLessEqual({"Ingress", "HTTPRoute", "ScaledObject", "HorizontalPodAutoscaler"}, kinds)
        kinds.discard("Pod")  # of `helm test`, which is run by whoever asks for it
        allowed = {resource for rule in self.rules("-helm") if "create" in rule["verbs"] for resource in rule["resources"]}
        for kind in kinds:
            plural = {"NetworkPolicy": "networkpolicies", "Ingress": "ingresses"}.get(kind, kind.lower() + "s")
            self.assertIn(plural, allowed)

    def test_the_definition_is_kept(self):
        crd = only(self.objects, "CustomResourceDefinition")
        self.assertEqual(crd["metadata"]["annotations"]["helm.sh/resource-policy"], "keep")
        source = yaml.safe_load((ROOT / "crds/orderplatforms.yaml").read_text())
        self.assertEqual(crd["spec"], source["spec"])
        self.assertFalse([one for one in render("order-platform-operator", {"crds": {"install": False}}) if one["kind"] == "CustomResourceDefinition"])

    def test_images_of_the_platform_come_from_the_mirror_too(self):
        deployment = only(render("order-platform-operator", {"global": {"imageRegistry": "m.example.com"}}), "Deployment")
        env = {entry["name"]: entry.get("value", "") for entry in deployment["spec"]["template"]["spec"]["containers"][0]["env"]}
        self.assertEqual([env[name] for name in ("IMAGE_REPOSITORY_PREFIX", "KAFKA_IMAGE", "MYSQL_IMAGE", "REDIS_IMAGE")],
                         ["m.example.com/orderplatform", "m.example.com/apache/kafka:4.1.0", "m.example.com/mysql:8.4", "m.example.com/redis:7"])

    def test_the_commands_of_the_readmes_name_every_image_of_the_platform(self):
        for path in ("README.md", "charts/order-platform-operator/README.md"):
            command = (ROOT / path).read_text().partition("helm install operator ")[2].partition("kubectl")[0]
            said = dict(setting.split("=", 1) for setting in re.findall(r"--set (\S+)", command))
            with self.subTest(path, said=said):
                values = {}
                for name, value in said.items():
                    part, key = name.split(".")
                    values.setdefault(part, {})[key] = value
                text = render_text("order-platform-operator", values)
                self.assertIn("image: \"registry.example.com/orderplatform/operator:0.1.0\"", text.replace("'", '"'))
                self.assertNotIn("localhost/", text)

    def test_one_at_a_time(self):
        deployment = only(self.objects, "Deployment")
        self.assertEqual(deployment["spec"]["replicas"], 1)
        self.assertEqual(deployment["spec"]["strategy"], {"type": "Recreate"})


if __name__ == "__main__":
    unittest.main()
