"""The cluster of a test: commands against it, waiting for it, what is worth knowing of it after a failure."""
import os
import pathlib
import socket
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
NAME = os.environ.get("CLUSTER_NAME", "optest")
NAMESPACE = "orderplatform"


def run(*command, timeout=600, check=True, stdin=None, environment=None):
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, timeout=timeout, input=stdin,
        env={**os.environ, "CLUSTER_NAME": NAME, **(environment or {})}, cwd=ROOT)
    if check and done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}: exit {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-4000:]}")
    return done


def kubectl(*arguments, **options):
    return run("ci/cluster", "kubectl", NAME, "-n", NAMESPACE, *arguments, **options)


def look(_error):
    """What is worth knowing when a case has failed."""
    for what in (("get", "orderplatforms,pods", "-o", "wide"), ("describe", "orderplatforms"), ("logs", "deployment/operator", "--tail=60"),
                 ("get", "events", "--sort-by=.lastTimestamp")):
        print(kubectl(*what, check=False).stdout[-6000:], flush=True)


def eventually(what, seconds, probe, pause=0.5):
    """Waits for a condition; gives what the probe gave."""
    end = time.monotonic() + seconds
    while True:
        answer = probe()
        if answer:
            return answer
        if time.monotonic() > end:
            raise AssertionError(f"not within {seconds} s: {what}")
        time.sleep(pause)


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def own_cluster():
    """Whether the cluster is one of ci/cluster's own, the only kind whose node a test can get into."""
    state = pathlib.Path(run("ci/cluster", "kubeconfig", NAME).stdout.strip()).parent
    return (state / "orderplatform-cluster").read_text().strip() == "own"
