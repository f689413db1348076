#!/usr/bin/env python3
"""The one-node cluster itself: what pods can do in it, what it survives, what it leaves behind. Needs root.

    tests/system/cluster_test.py            one cluster at a time, about 1.5 minutes
    LONG=1 tests/system/cluster_test.py     two clusters side by side as well
"""

import os
import signal
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.parse
import urllib.request
from pathlib import Path

from kube import free_port

ROOT = Path(__file__).resolve().parents[2]
CLUSTER = str(ROOT / "ci/cluster")
PROBE = Path(__file__).with_name("cluster_probe.yaml")
ENVIRONMENT = {**os.environ, "CLUSTER": "own"}
LIMIT_SECONDS = 120


def cluster(*arguments, check=True):
    result = subprocess.run([CLUSTER, *arguments], env=ENVIRONMENT, capture_output=True, text=True, stdin=subprocess.DEVNULL)
    if check and result.returncode:
        raise AssertionError(f"ci/cluster {' '.join(arguments)} exited with {result.returncode}:\n{result.stdout}{result.stderr}")
    return result


def eventually(condition, what):
    end = time.monotonic() + LIMIT_SECONDS
    while time.monotonic() < end:
        value = condition()
        if value:
            return value
        time.sleep(0.05)
    raise AssertionError(f"not within {LIMIT_SECONDS} s: {what}")


def traces(name):
    """What a cluster could leave on the host, found without asking ci/cluster. Other clusters may come and go meanwhile."""
    def lines(*command):
        return [line for line in subprocess.run(command, capture_output=True, text=True).stdout.splitlines() if name in line]

    return {
        "processes": lines("ps", "-eo", "args"),
        "namespaces": lines("ip", "netns", "list"),
        "mounts": [line for line in Path("/proc/mounts").read_text().splitlines() if name in line],
        "cgroups": [str(path) for path in Path("/sys/fs/cgroup").glob(f"**/*{name}*")],
        "rules": [line for line in subprocess.run(["iptables-save"], capture_output=True, text=True).stdout.splitlines() if "KUBE" in line],
        "settings": [Path("/proc/sys", path).read_text() for path in ("vm/overcommit_memory", "kernel/panic", "kernel/panic_on_oops")],
        "files": [path for path in ("/var/lib/kubelet", "/var/lib/etcd", "/var/log/pods", "/var/lib/cni/results", "/tmp/hostpath_pv")
                  if os.path.exists(path)],
    }


def link_of(name):
    """The name of a running cluster's link."""
    return next(line.split()[1] for line in cluster("check-clean", name, check=False).stdout.splitlines() if line.startswith("link: "))


class Subject:
    """A cluster with the probe installed, and a port that leads to it."""

    def __init__(self, name):
        self.name, self.port = name, None

    def up(self):
        cluster("up", self.name)

    def install(self):
        self.up()
        programs = cluster("build").stdout.strip()
        cluster("load", self.name, f"{programs}/probe.tar")
        cluster("kubectl", self.name, "apply", "-f", str(PROBE))
        cluster("kubectl", self.name, "-n", "probe", "rollout", "status", "deployment/probe", f"--timeout={LIMIT_SECONDS}s")
        self.port = free_port()
        cluster("forward", self.name, "probe", "service/probe", f"{self.port}:80")

    def get(self, path, **query):
        return self.call("GET", path + ("?" + urllib.parse.urlencode(query) if query else ""))

    def call(self, method, path, body=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=body, method=method)
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as response:
            return response.read().decode()

    def eventually_get(self, path):
        def attempt():
            try:
                return self.get(path)
            except OSError:
                return None
        return eventually(attempt, f"GET {path}")

    def kubectl(self, *arguments, check=True):
        return cluster("kubectl", self.name, *arguments, check=check)

    def node_process(self):
        state = Path(cluster("kubeconfig", self.name).stdout.strip()).parent
        return int((state / "node.pid").read_text().split()[0])

    def volumes(self):
        state = Path(cluster("kubeconfig", self.name).stdout.strip()).parent
        return sorted(path.name for path in (state / "var/lib/volumes").glob("pvc-*"))


class WhatPodsCanDo(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.subject = Subject(f"test-pods-{os.getpid()}")
        cls.addClassCleanup(cluster, "down", cls.subject.name)
        cls.subject.install()

    def test_restricted_pod_security_refuses_a_privileged_pod(self):
        overrides = '{"spec":{"containers":[{"name":"x","image":"x","securityContext":{"privileged":true}}]}}'
        refused = self.subject.kubectl("-n", "probe", "run", "x", "--image=x", f"--overrides={overrides}", check=False)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("violates PodSecurity \"restricted", refused.stderr)

    def test_a_volume_outlives_its_pod_and_not_its_claim(self):
        self.subject.call("PUT", "/file/note", b"still here")
        self.subject.kubectl("-n", "probe", "delete", "pod", "-l", "app=probe")
        self.assertEqual(self.subject.eventually_get("/file/note"), "still here")

        before = self.subject.volumes()
        claim = '{"apiVersion":"v1","kind":"PersistentVolumeClaim","metadata":{"name":"short","namespace":"probe"},' \
                '"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Mi"}}}}'
        subprocess.run([CLUSTER, "kubectl", self.subject.name, "create", "-f", "-"], env=ENVIRONMENT, input=claim, text=True,
                       check=True, capture_output=True)
        # As the scheduler says it once a pod wants the claim; until then there is no volume.
        self.subject.kubectl("-n", "probe", "annotate", "pvc", "short", f"volume.kubernetes.io/selected-node={self.subject.name}")
        eventually(lambda: len(self.subject.volumes()) == len(before) + 1, "a directory for the claim")
        self.subject.kubectl("-n", "probe", "delete", "pvc", "short")
        eventually(lambda: self.subject.volumes() == before, "the directory gone with its claim")

    def test_names_of_services_and_pods_resolve_and_others_do_not(self):
        address = self.subject.kubectl("-n", "probe", "get", "service", "probe", "-o", "jsonpath={.spec.clusterIP}").stdout
        self.assertEqual(self.subject.get("/lookup", name="probe"), address)
        self.assertEqual(self.subject.get("/lookup", name="kubernetes.default.svc.cluster.local"), "10.96.0.1")

        def headless():
            pod = self.subject.kubectl("-n", "probe", "get", "pod", "-l", "app=probe", "-o", "jsonpath={.items[0].status.podIP}").stdout
            try:
                return self.subject.get("/lookup", name="probe-pods") == pod
            except OSError:
                return False
        eventually(headless, "the headless service's name to give the pod's address")
        with self.assertRaises(urllib.error.HTTPError) as unknown:
            self.subject.get("/lookup", name="example.invalid")
        self.assertIn("no such host", unknown.exception.read().decode())

    def test_a_service_balances_to_its_own_client(self):
        self.assertEqual(self.subject.get("/fetch", url="http://probe.probe/"), "ok")

    def test_exec_and_logs_reach_the_pod(self):
        pod = self.subject.kubectl("-n", "probe", "get", "pod", "-l", "app=probe", "-o", "name").stdout.split()[0]
        self.assertEqual(self.subject.kubectl("-n", "probe", "logs", pod).returncode, 0)
        # The image holds one program and no shell: that the name is looked for in it proves the way there.
        answer = self.subject.kubectl("-n", "probe", "exec", pod, "--", "/absent", check=False)
        self.assertIn("/absent", answer.stderr)
        self.assertIn("no such file", answer.stderr)

    def test_memory_above_the_limit_is_refused(self):
        limit = self.subject.kubectl("-n", "probe", "get", "pod", "-l", "app=probe", "-o", "jsonpath={.items[0].metadata.uid}").stdout
        found = [path for path in Path("/sys/fs/cgroup").glob(f"**/*pod{limit}*/memory.limit_in_bytes")] + \
                [path for path in Path("/sys/fs/cgroup").glob(f"**/*pod{limit}*/memory.max")]
        self.assertTrue(found, "no memory cgroup of the pod")
        self.assertEqual(int(found[0].read_text()), 64 * 1024 * 1024)

    def test_nothing_leaves_the_machine(self):
        route = cluster("exec", self.subject.name, "ip", "route", "get", "192.0.2.1", check=False)
        self.assertNotEqual(route.returncode, 0)
        self.assertIn("unreachable", route.stderr)

    def test_a_second_up_changes_nothing(self):
        before = self.subject.node_process()
        self.subject.up()
        self.assertEqual(self.subject.node_process(), before)

    def test_a_killed_program_is_started_again(self):
        def scheduler():
            found = cluster("exec", self.subject.name, "pgrep", "-x", "kube-scheduler", check=False).stdout.split()
            return found[0] if found else None
        first = eventually(scheduler, "a scheduler")
        cluster("exec", self.subject.name, "kill", "-9", first)
        eventually(lambda: scheduler() not in (None, first), "another scheduler")

    def test_check_clean_sees_a_running_cluster(self):
        seen = cluster("check-clean", self.subject.name, check=False)
        self.assertEqual(seen.returncode, 1)
        for kind in ("process: ", "link: ", "cgroup: ", "data: "):
            self.assertIn(kind, seen.stdout)


class WhatItSurvivesAndLeaves(unittest.TestCase):
    def test_kill_kept_data_and_down(self):
        subject = Subject(f"test-life-{os.getpid()}")
        before = traces(subject.name)
        self.addCleanup(cluster, "down", subject.name)
        subject.install()
        link = link_of(subject.name)
        self.assertTrue(Path("/sys/class/net", link).exists())
        subject.call("PUT", "/file/note", b"survives")

        with self.subTest("kill -9 of the whole node"):
            os.kill(subject.node_process(), signal.SIGKILL)
            subject.up()
            self.assertEqual(subject.eventually_get("/file/note"), "survives")

        with self.subTest("down with data kept, and up again"):
            cluster("down", subject.name, "--keep-data")
            left = cluster("check-clean", subject.name, check=False).stdout.splitlines()
            self.assertEqual([line.split(":")[0] for line in left], ["data"])
            subject.up()
            self.assertEqual(subject.eventually_get("/file/note"), "survives")

        with self.subTest("down"):
            cluster("down", subject.name)
            self.assertEqual(cluster("check-clean", subject.name, check=False).stdout, "")
            self.assertEqual(traces(subject.name), before)
            self.assertFalse(Path("/sys/class/net", link).exists())

    def test_up_and_down_killed_in_the_middle(self):
        name = f"test-kill-{os.getpid()}"
        self.addCleanup(cluster, "down", name)
        state = Path(cluster("kubeconfig", name).stdout.strip()).parent
        for command, moment in (("up", lambda: (state / "orderplatform-cluster").exists()),
                                ("up", lambda: (state / "etc/pki/ca.key").exists()),
                                ("up", lambda: (state / "node.pid").exists()),
                                ("up", lambda: (state / "var/log/kube-apiserver.log").exists()),
                                ("down", lambda: not (state / "node.pid").exists())):
            with tempfile.TemporaryFile("w+") as said, subprocess.Popen([CLUSTER, command, name], env=ENVIRONMENT, stderr=said) as process:
                try:
                    eventually(moment, f"the moment to kill {command}")
                except AssertionError:
                    status = process.poll()
                    process.kill()
                    said.seek(0)
                    raise AssertionError(f"{command} never came to the moment when it is killed (status {status}):\n{said.read()}") from None
                process.kill()
        cluster("up", name)
        self.assertEqual(cluster("kubectl", name, "get", "--raw", "/readyz").stdout, "ok")
        cluster("down", name)
        self.assertEqual(cluster("check-clean", name, check=False).stdout, "")

    def test_down_of_what_never_was(self):
        self.assertEqual(cluster("down", f"test-never-{os.getpid()}").returncode, 0)

    def test_a_directory_that_is_no_cluster_is_refused_and_kept(self):
        name = f"test-foreign-{os.getpid()}"
        state = Path(cluster("kubeconfig", name).stdout.strip()).parent
        state.mkdir(parents=True)
        precious = state / "precious"
        precious.write_text("mine")
        try:
            self.assertEqual(cluster("up", name, check=False).returncode, 1)
            cluster("down", name)
            self.assertEqual(precious.read_text(), "mine")
        finally:
            precious.unlink()
            subprocess.run(["rm", "-rf", str(state)], check=True)

    @unittest.skipUnless(os.environ.get("LONG"), "two clusters at once: LONG=1")
    def test_two_clusters_do_not_meet(self):
        one, two = Subject(f"test-one-{os.getpid()}"), Subject(f"test-two-{os.getpid()}")
        for each in (one, two):
            self.addCleanup(cluster, "down", each.name)
            each.install()
        one.call("PUT", "/file/note", b"one")
        two.call("PUT", "/file/note", b"two")
        self.assertEqual((one.get("/file/note"), two.get("/file/note")), ("one", "two"))
        self.assertEqual(set(one.volumes()) & set(two.volumes()), set())
        cluster("down", two.name)
        self.assertEqual(cluster("check-clean", two.name, check=False).stdout, "")
        self.assertEqual(one.get("/file/note"), "one")
        one.kubectl("-n", "probe", "delete", "pod", "-l", "app=probe")
        self.assertEqual(one.eventually_get("/file/note"), "one")


if __name__ == "__main__":
    sys.path.insert(0, str(ROOT / "tests"))
    import xml_results  # noqa: E402

    xml_results.main("cluster")
