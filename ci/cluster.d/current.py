"""The cluster of the current kubectl context. Nothing in it is started or stopped here."""

import os
import shutil

import forwards
import kind
from report import Failure, run, say


def up(cluster):
    if not shutil.which("kubectl"):
        raise Failure("CLUSTER=current needs kubectl on the host")
    context = run(["kubectl", "config", "current-context"]).strip()
    run(["kubectl", "get", "--raw", "/readyz"])
    (cluster.state / "logs").mkdir(parents=True, exist_ok=True)
    cluster.marker.write_text("current\n")
    cluster.kubeconfig.touch(mode=0o600)
    cluster.kubeconfig.write_text(run(["kubectl", "config", "view", "--minify", "--flatten", "--raw"]))
    kind.use_host_programs(cluster)
    say(f"using the cluster of the current context, {context}")


def load(cluster, archives, quiet=False):
    registry = os.environ.get("IMAGE_REGISTRY", "a registry")
    raise Failure(f"images cannot be loaded into a cluster that is not ours; push them to {registry} it can pull from")


def down(cluster, keep_data=False):
    if cluster.marker.exists():
        forwards.end_all(cluster)
        shutil.rmtree(cluster.state)
    say("the cluster of the current context stays as it is")
