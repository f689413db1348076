"""A one-node Kubernetes of our own: real programs in namespaces of their own, no virtual machine, no Docker."""

import errno
import hashlib
import ipaddress
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from contextlib import contextmanager, suppress
from pathlib import Path

import binaries
import certificates
import cgroups
import forwards
import host
import identity
import launch
import leftovers
import network
import programs
from report import Failure, run, say, step, wait_until

START_LIMIT_SECONDS = 240  # Twenty times the usual, for machines that are busy with other work.


class NodeEnded(Failure):
    pass


@contextmanager
def locked(name):
    """A lock that leaves nothing behind: an abstract socket, which the kernel takes back when its holder ends."""
    with socket.socket(socket.AF_UNIX) as lock:
        told = False
        while True:
            try:
                lock.bind(f"\0orderplatform-{name}")
                break
            except OSError as error:
                if error.errno != errno.EADDRINUSE:
                    raise
                if not told:
                    say(f"waiting for another ci/cluster that holds {name}")
                told = True
                time.sleep(0.2)
        yield


def up(cluster):
    with locked(cluster.cgroup):
        start(cluster)


def start(cluster):
    if unfinished(cluster).exists():
        stop(cluster)
        remove_data(cluster)
    cluster.state.mkdir(parents=True, exist_ok=True)
    (cluster.state / "logs").mkdir(exist_ok=True)
    if not cluster.marker.exists():
        if any(entry.name != "logs" for entry in cluster.state.iterdir()):
            raise Failure(f"{cluster.state} holds files that are no cluster's; choose another name or ORDERPLATFORM_STATE")
        cluster.marker.write_text("own\n")
    log = cluster.step_log
    host.prepare(log)
    programs_directory = binaries.ensure()
    snapshots = snapshotter(cluster)
    if launch.running(cluster):
        files = programs.files(cluster, identity.node_address(remembered(cluster)), snapshots)
        if digest(files, programs_directory) != recorded_digest(cluster):
            say(f"cluster {cluster.name} runs with another configuration: restarting its node (data stays)")
            stop(cluster)
    for last_attempt in (False, True):
        if not launch.running(cluster):
            with step(f"start cluster {cluster.name}", "3 s", log):
                start_node(cluster, programs_directory, snapshots)
        try:
            with step(f"wait for cluster {cluster.name}", "15 s", cluster.logs / "kubelet.log"):
                wait_ready(cluster, programs_directory)
            break
        except NodeEnded:
            if last_attempt:
                raise
            say(f"the node of {cluster.name} was just ending")  # A killed node lives on until its last pod is gone.
    load(cluster, [programs_directory / "pause.tar"], quiet=True)
    forwards.resume(cluster)


def start_node(cluster, programs_directory, snapshots):
    stop(cluster)  # What a kill -9 may have left.
    rotate_logs(cluster)
    cgroups.create(cluster.cgroup)
    with locked("addresses"):
        chosen = network.choose(cluster, remembered(cluster))
        address = identity.node_address(chosen)
        files = programs.files(cluster, address, snapshots)
        for name, content in files.items():
            (cluster.state / "etc" / name).parent.mkdir(parents=True, exist_ok=True)
            (cluster.state / "etc" / name).write_text(content)
        certificates.write(cluster, address)
        (cluster.state / "network").write_text(f"{chosen}\n")
        (cluster.state / "programs").write_text(f"{programs_directory}\n")
        launch.start_node(cluster, programs_directory, lambda pid: network.connect(cluster, chosen, pid))
        (cluster.state / "digest").write_text(digest(files, programs_directory))


def rotate_logs(cluster):
    """One earlier run's logs are kept beside the new ones."""
    for file in cluster.logs.glob("*.log"):
        file.rename(file.with_suffix(".log.1"))


def remembered(cluster):
    try:
        return ipaddress.ip_network((cluster.state / "network").read_text().strip())
    except (OSError, ValueError):
        return None


def digest(files, programs_directory):
    return hashlib.sha256(json.dumps([files, str(programs_directory)], sort_keys=True).encode()).hexdigest()


def recorded_digest(cluster):
    try:
        return (cluster.state / "digest").read_text()
    except OSError:
        return None


def snapshotter(cluster):
    """Overlay where the file system under the state directory allows it, else plain copies."""
    with tempfile.TemporaryDirectory(dir=cluster.state) as directory:
        for name in ("lower", "upper", "work", "merged"):
            os.mkdir(f"{directory}/{name}")
        layers = f"lowerdir={directory}/lower,upperdir={directory}/upper,workdir={directory}/work"
        probe = ["unshare", "--mount", "mount", "-t", "overlay", "overlay", "-o", layers, f"{directory}/merged"]
        return "overlayfs" if subprocess.run(probe, capture_output=True).returncode == 0 else "native"


def wait_ready(cluster, programs_directory):
    def ask(*arguments):
        return binaries.kubectl(programs_directory, cluster.kubeconfig, "--request-timeout=5s", *arguments,
                                capture_output=True, text=True)

    def done(result):
        return None if result.returncode == 0 else (result.stderr.strip().splitlines() or ["no answer"])[-1]

    def alive():
        if launch.running(cluster) is None:
            raise NodeEnded("the node ended", cluster.state / "logs/node.log")

    def api():
        alive()
        return done(ask("get", "--raw", "/readyz"))

    def addons():
        return done(ask("apply", "--server-side", "--force-conflicts", "-f", str(cluster.state / "etc/addons.yaml")))

    def node():
        alive()
        result = ask("get", "node", cluster.name, "-o", "jsonpath={.status.conditions[?(@.type=='Ready')].status}")
        return done(result) or (None if result.stdout == "True" else f"node Ready is \"{result.stdout}\"")

    def names():
        alive()
        request = "exec 3<>/dev/tcp/127.0.0.1/8181 && printf 'GET /ready HTTP/1.0\\r\\n\\r\\n' >&3 && head -1 <&3"
        result = subprocess.run([*launch.inside(cluster), "bash", "-c", request], capture_output=True, text=True)
        return None if " 200 " in result.stdout else "CoreDNS is not ready"

    def accounts():
        return done(ask("get", "serviceaccount", "default", "-n", "default"))

    wait_until(api, START_LIMIT_SECONDS, "the API server's readiness", cluster.logs / "kube-apiserver.log")
    wait_until(addons, START_LIMIT_SECONDS, "installing names and volumes", cluster.logs / "kube-apiserver.log")
    wait_until(node, START_LIMIT_SECONDS, "the node's readiness", cluster.logs / "kubelet.log")
    wait_until(names, START_LIMIT_SECONDS, "names", cluster.logs / "coredns.log")
    wait_until(accounts, START_LIMIT_SECONDS, "the default account", cluster.logs / "kube-controller-manager.log")


def containerd_client(cluster):
    return [*launch.inside(cluster), host.find("ctr"), "--address", programs.CONTAINERD_SOCKET, "--namespace", "k8s.io"]


def load(cluster, archives, quiet=False):
    """Brings image archives into the node. One that has not changed since it was loaded is skipped."""
    record_file = cluster.state / "loaded.json"
    try:
        record = json.loads(record_file.read_text())
    except (OSError, ValueError):
        record = {}
    for archive in map(Path, archives):
        if not archive.is_file():
            raise Failure(f"{archive} is no file")
        status = archive.stat()
        version = f"{status.st_size} {status.st_mtime_ns} {status.st_ino}"
        if record.get(str(archive.resolve())) == version:
            continue
        started = time.monotonic()
        with open(archive, "rb") as stream:
            run([*containerd_client(cluster), "images", "import", "-"],
                log=cluster.state / "logs/load.log", stdin=stream)
        record[str(archive.resolve())] = version
        record_file.write_text(json.dumps(record, indent=1))
        if not quiet:
            say(f"loaded {archive.name} ({status.st_size / 1e6:.0f} MB) in {time.monotonic() - started:.1f} s")


def stop(cluster):
    """Ends everything of the cluster's that runs or is mounted; its data stays."""
    forwards.end_all(cluster)
    cgroups.kill_members(cluster.cgroup)
    network.remove(cluster)
    cgroups.remove(cluster.cgroup)
    (cluster.state / "node.pid").unlink(missing_ok=True)


def down(cluster, keep_data=False):
    with locked(cluster.cgroup), step(f"stop cluster {cluster.name}", "2 s"):
        stop(cluster)
        if not keep_data:
            remove_data(cluster)


def remove_data(cluster):
    if not cluster.state.exists():
        return
    if not cluster.marker.exists():
        say(f"{cluster.state} is no cluster's directory; it stays")
        return
    if mounts := leftovers.mounts(cluster):
        raise Failure(f"still mounted: {', '.join(mounts)}")
    # Half a cluster must never be started: the next `up` finishes a removal that was killed. The marker goes last.
    unfinished(cluster).touch()
    for entry in cluster.state.iterdir():
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        elif entry not in (cluster.marker, unfinished(cluster)):
            entry.unlink()
    unfinished(cluster).unlink()
    cluster.marker.unlink()
    cluster.state.rmdir()
    with suppress(OSError):  # Other clusters are there, or it is a mount point.
        identity.state_root().rmdir()


def unfinished(cluster):
    return cluster.state / "being-removed"


def exec_inside(cluster, command):
    """`--network` before the command: with the files of this machine, in the node's network alone."""
    if command[:1] == ["--network"]:
        os.execvp("nsenter", [*launch.inside(cluster, ("-n",)), *command[1:]])
    os.execvp("nsenter", [*launch.inside(cluster), *command])
