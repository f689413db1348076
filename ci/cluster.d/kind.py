"""The same commands on kind, for machines with Docker. `kind` itself pulls its node image from a registry."""

import shutil
import subprocess
from pathlib import Path

import binaries
import forwards
from report import Failure, run, say, step


def available():
    if not shutil.which("kind") or not shutil.which("docker"):
        return False
    try:
        return subprocess.run(["docker", "info"], capture_output=True, timeout=20).returncode == 0
    except subprocess.TimeoutExpired:
        return False


def exists(cluster):
    return cluster.name in run(["kind", "get", "clusters"]).split()


def up(cluster):
    (cluster.state / "logs").mkdir(parents=True, exist_ok=True)
    cluster.marker.write_text("kind\n")
    if not exists(cluster):
        with step(f"start cluster {cluster.name} with kind", "1 min", cluster.step_log):
            run(["kind", "create", "cluster", "--name", cluster.name, "--kubeconfig", cluster.kubeconfig, "--wait", "180s"],
                log=cluster.step_log)
    cluster.kubeconfig.touch(mode=0o600)
    cluster.kubeconfig.write_text(run(["kind", "get", "kubeconfig", "--name", cluster.name]))
    use_host_programs(cluster)


def use_host_programs(cluster):
    """kubectl and helm of the host where they are, else those built for a cluster of our own."""
    if shutil.which("kubectl") and shutil.which("helm"):
        programs = cluster.state / "host-programs"
        (programs / "bin").mkdir(parents=True, exist_ok=True)
        for name in ("kubectl", "helm"):
            link = programs / "bin" / name
            link.unlink(missing_ok=True)
            link.symlink_to(shutil.which(name))
    else:
        programs = binaries.ensure()
    (cluster.state / "programs").write_text(f"{programs}\n")


def load(cluster, archives, quiet=False):
    for archive in map(Path, archives):
        run(["kind", "load", "image-archive", archive, "--name", cluster.name], log=cluster.state / "logs/load.log")
        if not quiet:
            say(f"loaded {archive.name}")


def down(cluster, keep_data=False):
    if keep_data:
        raise Failure("kind keeps its data in the node it deletes; --keep-data is for a cluster of our own")
    if cluster.marker.exists():
        forwards.end_all(cluster)
    if exists(cluster):
        with step(f"stop cluster {cluster.name} with kind", "5 s"):
            run(["kind", "delete", "cluster", "--name", cluster.name, "--kubeconfig", cluster.kubeconfig])
    if cluster.marker.exists():
        shutil.rmtree(cluster.state)
