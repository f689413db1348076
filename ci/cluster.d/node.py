"""Process 1 of the node. It lives in namespaces of its own (processes, mounts, network, host name), so the kernel
ends every program and undoes every mount of the node when this process ends, however it ends.

    node.py STATE BINARIES: makes the node's view of the file system, waits for one line on stdin (the network is
    there), then starts the programs of STATE/etc/programs.json and starts again whichever ends.
"""

import ctypes
import functools
import json
import os
import signal
import socket
import ssl
import sys
import time
import urllib.request
from pathlib import Path

RESTART_SECONDS = 1.0
POLL_SECONDS = 0.1
PRIVATE, RECURSIVE, SHARED, BIND = 1 << 18, 1 << 14, 1 << 20, 1 << 12

# kubelet insists on these settings and would write them, but they belong to the whole machine. It finds them
# fulfilled in files that lie over the real ones in the node's view.
KERNEL_SETTINGS = {
    "vm/overcommit_memory": "1",
    "vm/panic_on_oom": "0",
    "kernel/panic": "10",
    "kernel/panic_on_oops": "1",
    "kernel/keys/root_maxkeys": "1000000",
    "kernel/keys/root_maxbytes": "25000000",
}

libc = ctypes.CDLL(None, use_errno=True)


def mount(source, target, kind=None, flags=0):
    arguments = [os.fsencode(part) if part else None for part in (source, target, kind)]
    if libc.mount(*arguments, flags, None) != 0:
        raise OSError(ctypes.get_errno(), f"mount {source} on {target}: {os.strerror(ctypes.get_errno())}")


def log(text):
    print(time.strftime("%Y-%m-%dT%H:%M:%S"), text, flush=True)


def make_view(state, binaries):
    """/var and /tmp are the cluster's own, /run is new; the rest is the host's."""
    mount(None, "/", None, RECURSIVE | PRIVATE)
    mount("proc", "/proc", "proc")
    for directory in ("var/lib", "var/log", "var/tmp", "tmp", "etc"):
        (state / directory).mkdir(parents=True, exist_ok=True)
    if not (state / "var/run").is_symlink():
        (state / "var/run").symlink_to("/run")
    os.chmod(state / "tmp", 0o1777)
    # Open before they are hidden: any of them may lie under /var, /tmp or /run.
    sources = {name: os.open(path, os.O_PATH) for name, path in (
        ("bin", binaries), ("etc", state / "etc"), ("var", state / "var"), ("tmp", state / "tmp"))}
    mount("tmpfs", "/run", "tmpfs")
    for name, target in (("bin", "/run/node/bin"), ("etc", "/run/node/etc"), ("var", "/var"), ("tmp", "/tmp")):
        Path(target).mkdir(parents=True, exist_ok=True)
        mount(f"/proc/self/fd/{sources[name]}", target, None, BIND)
        os.close(sources[name])
    for number, (name, value) in enumerate(KERNEL_SETTINGS.items()):
        stand_in, real = Path(f"/run/node/setting-{number}"), Path("/proc/sys") / name
        if real.exists():
            stand_in.write_text(f"{value}\n")
            mount(stand_in, real, None, BIND)
    # Pods may ask for mounts that travel between them and the node.
    mount(None, "/", None, RECURSIVE | SHARED)


def connects(address):
    host, _, port = address.rpartition(":")
    try:
        with socket.create_connection((host, int(port)), timeout=0.2):
            return True
    except OSError:
        return False


def ready(url):
    """Asks a readiness address of the API server with a client's certificate of the node."""
    pki = Path("/run/node/etc/pki")
    try:
        context = ssl.create_default_context(cafile=pki / "ca.crt")
        context.load_cert_chain(pki / "apiserver-kubelet.crt", pki / "apiserver-kubelet.key")
        with urllib.request.build_opener(urllib.request.HTTPSHandler(context=context)).open(url, timeout=1) as response:
            return response.status == 200
    except OSError:
        return False


def answers(what):
    return ready(what) if what.startswith("https:") else connects(what)


class Program:
    def __init__(self, spec):
        self.name, self.command, self.after = spec["name"], spec["command"], spec.get("after")
        self.environment = {"PATH": os.environ["PATH"], "HOME": "/root", **spec.get("environment", {})}
        self.pid, self.due = None, time.monotonic()

    def start_when_due(self, answers_now):
        if self.pid or time.monotonic() < self.due or (self.after and not answers_now(self.after)):
            return
        output = f"/var/log/{self.name}.log"
        self.pid = os.posix_spawn(
            self.command[0], self.command, self.environment, setsid=True, setsigmask=[],
            file_actions=[(os.POSIX_SPAWN_OPEN, 1, output, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640),
                          (os.POSIX_SPAWN_DUP2, 1, 2)])
        log(f"{self.name} started as {self.pid}")

    def ended(self, status):
        log(f"{self.name} ended with status {status}")
        self.pid, self.due = None, time.monotonic() + RESTART_SECONDS


def reap(programs):
    """As process 1 also the parent of every orphan, such as the shims of containers."""
    while True:
        try:
            pid, status = os.waitpid(-1, os.WNOHANG)
        except ChildProcessError:
            return
        if pid == 0:
            return
        for program in programs:
            if program.pid == pid:
                program.ended(status)


def supervise(programs):
    watched = {signal.SIGCHLD, signal.SIGTERM}
    signal.pthread_sigmask(signal.SIG_BLOCK, watched)
    while True:
        answers_now = functools.cache(answers)  # Each address is asked once per round.
        for program in programs:
            program.start_when_due(answers_now)
        waiting = any(program.pid is None for program in programs)
        received = signal.sigtimedwait(watched, POLL_SECONDS) if waiting else signal.sigwaitinfo(watched)
        if received and received.si_signo == signal.SIGTERM:
            return  # The kernel ends the rest with process 1.
        reap(programs)


def main():
    state, binaries = Path(sys.argv[1]), Path(sys.argv[2])
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    make_view(state, binaries)
    if sys.stdin.readline() != "go\n":
        log("nobody made the network; giving up")
        return
    null = os.open("/dev/null", os.O_RDONLY)
    os.dup2(null, 0)
    programs = [Program(spec) for spec in json.loads(Path("/run/node/etc/programs.json").read_text())]
    supervise(programs)


if __name__ == "__main__":
    main()
