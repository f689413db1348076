"""What the host must have for a cluster of our own, and how it gets it."""

import os
import shutil

from report import Failure, run, step

# Program that proves it is there, Debian package, reason.
NEEDED = (
    ("containerd", "containerd", "runs the containers"),
    ("ctr", "containerd", "loads images"),
    ("runc", "runc", "starts each container"),
    ("iptables", "iptables", "service addresses (kube-proxy)"),
    ("ip", "iproute2", "the link between host and node"),
    ("conntrack", "conntrack", "kube-proxy forgets connections of ended pods"),
    ("socat", "socat", "port-forward of older container runtimes"),
    ("openssl", "openssl", "certificates"),
    ("nsenter", "util-linux", "enters the node"),
    ("mount", "mount", "kubelet mounts volumes with it"),
    ("sysctl", "procps", "forwarding inside the node"),
)
PLUGIN_DIRECTORIES = ("/usr/lib/cni", "/opt/cni/bin", "/usr/libexec/cni")
PLUGINS = ("ptp", "host-local", "portmap", "loopback")


def find(program):
    return shutil.which(program, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin:/usr/local/sbin")


def plugin_directory():
    for directory in PLUGIN_DIRECTORIES:
        if all(os.access(f"{directory}/{plugin}", os.X_OK) for plugin in PLUGINS):
            return directory
    return None


def missing_packages():
    found = [package for program, package, _ in NEEDED if not find(program)]
    if plugin_directory() is None:
        found.append("containernetworking-plugins")
    return list(dict.fromkeys(found))


def prepare(log):
    if os.geteuid() != 0:
        raise Failure("a cluster of our own needs root (namespaces, mounts); run this as root, or use CLUSTER=kind with docker")
    missing = missing_packages()
    if not missing:
        return
    command = f"apt-get install {' '.join(missing)}"
    if not find("apt-get"):
        raise Failure(f"programs are missing on this host; the Debian packages that have them: {' '.join(missing)}")
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    with step(f"install {' '.join(missing)}", "30 s", log):
        run(["dpkg", "--configure", "-a"], log=log, env=environment)  # What a killed run may have left.
        run(["apt-get", "update", "-q"], log=log, env=environment)
        run(["apt-get", "install", "-qy", "--no-install-recommends", *missing], log=log, env=environment)
    if still := missing_packages():
        raise Failure(f"still missing after \"{command}\": {' '.join(still)}", log)
