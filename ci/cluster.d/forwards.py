"""Ports of the host's loopback that lead to services: kubectl port-forward, started again when its pod goes away."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import cgroups
import processes
from report import Failure, wait_until

RESTART_SECONDS = 0.5
START_LIMIT_SECONDS = 60


def directory(cluster):
    return cluster.state / "forwards"


def listens(port):
    with socket.socket() as probe:
        probe.settimeout(0.5)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def add(cluster, namespace, target, local, remote):
    """Returns when the port answers. The same forward a second time changes nothing."""
    spec = {"namespace": namespace, "target": target, "local": local, "remote": remote}
    file = directory(cluster) / f"{local}.json"
    if file.exists() and json.loads(file.read_text()) != spec:
        end(cluster, local)
    file.parent.mkdir(exist_ok=True)
    if processes.living(file.with_suffix(".pid")) is None:
        if listens(local):
            raise Failure(f"port {local} of 127.0.0.1 is in use by something else; choose another local port")
        file.write_text(json.dumps(spec))
        start(cluster, file)
    log = cluster.state / f"logs/forward-{local}.log"
    wait_until(lambda: None if listens(local) else "nothing listens", START_LIMIT_SECONDS, f"port {local}", log)


def start(cluster, file):
    child = os.fork()
    if child == 0:
        try:
            os.setsid()
            cgroups.enter(cluster.cgroup)
            if (grandchild := os.fork()) == 0:
                arguments = [sys.executable, "-B", __file__, str(cluster.state), str(file)]
                os.execv(sys.executable, arguments)
            file.with_suffix(".pid").write_text(processes.identity(grandchild))
        finally:
            os._exit(0)
    os.waitpid(child, 0)


def end(cluster, local):
    file = directory(cluster) / f"{local}.json"
    for record in (file.with_suffix(".pid"), file.with_suffix(".kubectl")):
        if pid := processes.living(record):
            processes.kill(pid, lambda each, record=record: processes.living(record) == each)
        record.unlink(missing_ok=True)
    file.unlink(missing_ok=True)


def end_all(cluster):
    """Ends the processes but keeps what was asked for, so that the next start brings the ports back."""
    for file in directory(cluster).glob("*.json"):
        wanted = file.read_text()
        end(cluster, file.stem)
        file.write_text(wanted)


def resume(cluster):
    for file in directory(cluster).glob("*.json"):
        if processes.living(file.with_suffix(".pid")) is None:
            start(cluster, file)


def serve(state, file):
    """The process behind one port: keeps a kubectl running as long as the cluster exists."""
    spec = json.loads(file.read_text())
    log = open(state / f"logs/forward-{spec['local']}.log", "ab")
    os.dup2(os.open("/dev/null", os.O_RDWR), 0)
    for number in (1, 2):
        os.dup2(log.fileno(), number)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    kubectl = Path((state / "programs").read_text().strip()) / "bin/kubectl"
    command = [kubectl, f"--kubeconfig={state}/kubeconfig", "--namespace", spec["namespace"], "port-forward", "--address=127.0.0.1",
               spec["target"], f"{spec['local']}:{spec['remote']}"]
    while file.exists():
        child = subprocess.Popen(command, env=environment)
        file.with_suffix(".kubectl").write_text(processes.identity(child.pid))
        child.wait()
        time.sleep(RESTART_SECONDS)


if __name__ == "__main__":
    serve(Path(sys.argv[1]), Path(sys.argv[2]))
