"""Commands of ci/cluster: see USAGE."""

import os
import sys
from pathlib import Path

import binaries
import cgroups
import current
import forwards
import identity
import kind
import launch
import leftovers
import own
from report import Failure, name_log, say, tail

USAGE = """usage: ci/cluster COMMAND [NAME] [ARGUMENTS]      NAME: default $CLUSTER_NAME, else orderplatform
  up NAME                     starts it, or repairs it; does nothing when all is well
  down NAME [--keep-data]     ends it and removes all it had
  status NAME                 node, programs, memory; exit 1 when it does not run
  load NAME ARCHIVE...        brings image archives (docker save, podman save) into it
  kubectl NAME ARGUMENTS...   kubectl of the cluster's version; helm NAME likewise
  kubeconfig NAME             prints the path of the administrator's kubeconfig
  env NAME                    prints lines for `eval`: KUBECONFIG and PATH with kubectl and helm
  forward NAME NAMESPACE TARGET LOCAL:REMOTE   keeps a port of 127.0.0.1 open to a service until `down`
  unforward NAME LOCAL        closes it
  logs NAME [PROGRAM]         lists the log files, or follows one
  exec NAME [--network] COMMAND...   runs a command in the node's namespaces, or in its network alone
  check-clean NAME            lists what a cluster that has ended left behind; exit 1 if anything
  build                       builds the programs and prints their directory
  clean                       ends every cluster under the state directory and removes its data
CLUSTER=auto (kind where Docker and kind are there, else own) | own | kind | current (the current kubectl context)
State: ${ORDERPLATFORM_STATE:-/var/lib/orderplatform}/NAME; programs: ${ORDERPLATFORM_CACHE:-~/.cache/orderplatform}/kube"""

PROVIDERS = {"own": own, "kind": kind, "current": current}


def provider(cluster):
    """What the cluster was started with; for a new one what CLUSTER says."""
    try:
        return PROVIDERS[cluster.marker.read_text().strip()]
    except (OSError, KeyError):
        pass
    wanted = os.environ.get("CLUSTER") or "auto"
    if wanted == "auto":
        wanted = "kind" if kind.available() else "own"
    if wanted not in PROVIDERS:
        raise Failure(f"CLUSTER={wanted}: auto, own, kind or current")
    return PROVIDERS[wanted]


def tools(cluster):
    try:
        return (cluster.state / "programs").read_text().strip() + "/bin"
    except OSError:
        raise Failure(f"cluster {cluster.name} was never started; start it with: ci/cluster up {cluster.name}")


def run_tool(cluster, tool, arguments):
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    environment["KUBECONFIG"] = str(cluster.kubeconfig)
    os.execve(f"{tools(cluster)}/{tool}", [tool, *arguments], environment)


def memory(cluster, pid):
    """Name and memory of a program of the node, in MiB. What several share (one binary) is divided among them."""
    try:
        with open(f"/proc/{pid}/cgroup") as groups, open(f"/proc/{pid}/smaps_rollup") as maps, open(f"/proc/{pid}/comm") as name:
            if f"/{cluster.cgroup}/{cgroups.SYSTEM}" not in groups.read():
                return "", 0.0
            return name.read().strip(), next(int(line.split()[1]) / 1024 for line in maps if line.startswith("Pss:"))
    except (OSError, StopIteration):
        return "", 0.0


def status(cluster):
    pid = launch.running(cluster)
    if pid is None:
        print(f"cluster {cluster.name} does not run")
        return 1
    print(f"cluster {cluster.name}: state {cluster.state}, link {cluster.link} {own.remembered(cluster)}")
    total = 0.0
    for member in cgroups.members(cluster.cgroup):
        name, mebibytes = memory(cluster, member)
        if mebibytes:
            print(f"  {name:24} {mebibytes:7.0f} MiB")
            total += mebibytes
    print(f"  {'all programs':24} {total:7.0f} MiB", flush=True)
    return binaries.kubectl(Path(tools(cluster)).parent, cluster.kubeconfig, "get", "nodes,pods", "-A", "-o", "wide").returncode


def logs(cluster, arguments):
    if not arguments:
        for file in sorted([*cluster.logs.glob("*.log"), *(cluster.state / "logs").glob("*.log")]):
            print(file)
        return 0
    for directory in (cluster.logs, cluster.state / "logs"):
        file = directory / f"{arguments[0]}.log"
        if file.exists():
            os.execvp("tail", ["tail", "-n", "200", "-F", str(file)] if sys.stdout.isatty() else ["cat", str(file)])
    raise Failure(f"no log of \"{arguments[0]}\"")


def check_clean(cluster):
    found = leftovers.find(cluster)
    for kind_of, what in found:
        print(f"{kind_of}: {what}")
    return 1 if found else 0


def forward(cluster, arguments):
    if len(arguments) != 3 or ":" not in arguments[2]:
        raise Failure("usage: ci/cluster forward NAME NAMESPACE TARGET LOCAL:REMOTE")
    local, remote = arguments[2].split(":")
    forwards.add(cluster, arguments[0], arguments[1], int(local), int(remote))
    return 0


def clean():
    root = identity.state_root()
    for directory in sorted(root.iterdir()) if root.exists() else []:
        cluster = identity.Cluster.named(directory.name)
        if cluster.marker.exists():
            provider(cluster).down(cluster)
    return 0


def execute(command, cluster, arguments):
    if command == "up":
        return provider(cluster).up(cluster)
    if command == "down":
        return provider(cluster).down(cluster, keep_data="--keep-data" in arguments)
    if command == "load":
        return provider(cluster).load(cluster, arguments)
    if command in ("kubectl", "helm"):
        return run_tool(cluster, command, arguments)
    if command == "kubeconfig":
        return print(cluster.kubeconfig)
    if command == "env":
        return print(f"export KUBECONFIG={cluster.kubeconfig}\nexport PATH={tools(cluster)}:$PATH")
    if command == "forward":
        return forward(cluster, arguments)
    if command == "unforward":
        return forwards.end(cluster, int(arguments[0]))
    if command == "logs":
        return logs(cluster, arguments)
    if command == "exec":
        return own.exec_inside(cluster, arguments)
    if command == "status":
        return status(cluster)
    if command == "check-clean":
        return check_clean(cluster)
    raise Failure(f"no command \"{command}\"; see: ci/cluster help")


def main(arguments):
    command, *rest = arguments or ["help"]
    if command in ("help", "-h", "--help"):
        print(USAGE)
        return 0
    if command == "build":
        print(binaries.ensure())
        return 0
    if command == "clean":
        return clean()
    name = rest.pop(0) if rest else os.environ.get("CLUSTER_NAME") or "orderplatform"
    return execute(command, identity.Cluster.named(name), rest) or 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except (Failure, OSError) as failure:
        failure = name_log(failure, None)
        if failure.log:
            tail(failure.log)
        say(f"error: {failure}" + (f"; log {failure.log}" if failure.log else ""))
        sys.exit(1)
    except KeyboardInterrupt:
        sys.exit(130)
