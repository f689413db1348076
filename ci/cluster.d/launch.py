"""Starts process 1 of a node in namespaces of its own, and enters them later."""

import ctypes
import os
import signal
import socket
import sys
from pathlib import Path

import cgroups
import processes
from report import Failure

NEW_MOUNTS, NEW_HOST_NAME, NEW_IPC, NEW_PROCESSES, NEW_NETWORK = 0x20000, 0x4000000, 0x8000000, 0x20000000, 0x40000000


def start_node(cluster, binaries, connect):
    """Forks twice: only a child is process 1 of a new process namespace. `connect(pid)` makes the network in between."""
    (cluster.state / "logs").mkdir(parents=True, exist_ok=True)
    go_read, go_write = os.pipe()
    pid_read, pid_write = os.pipe()
    launcher = os.fork()
    if launcher == 0:
        try:
            os.close(pid_read)
            os.close(go_write)
            launch(cluster, binaries, go_read, pid_write)
        except BaseException as error:  # The parent prints it: nothing of this child may go on in the parent's code.
            os.write(pid_write, f"error {error}".encode())
        finally:
            os._exit(1)
    os.close(go_read)
    os.close(pid_write)
    with os.fdopen(pid_read) as answer:
        said = answer.read().strip()  # Ends when the node's own program starts, which closes the pipe.
    os.waitpid(launcher, 0)
    if not said.isdigit():
        os.close(go_write)
        reason = said.rpartition("error ")[2] or "no answer"
        raise Failure(f"the node's namespaces cannot be made: {reason}", cluster.state / "logs/node.log")
    pid = int(said)
    (cluster.state / "node.pid").write_text(processes.identity(pid))
    try:
        connect(pid)
        os.write(go_write, b"go\n")
    except OSError as error:
        raise Failure(f"the node ended early: {error}", cluster.state / "logs/node.log")
    finally:
        os.close(go_write)
    return pid


def launch(cluster, binaries, go_read, pid_write):
    os.setsid()
    cgroups.enter(cluster.cgroup)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(NEW_MOUNTS | NEW_HOST_NAME | NEW_IPC | NEW_PROCESSES | NEW_NETWORK) != 0:
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
    child = os.fork()
    if child:
        os.write(pid_write, f"{child}\n".encode())
        os._exit(0)
    socket.sethostname(cluster.name)
    output = os.open(cluster.state / "logs/node.log", os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o640)
    os.dup2(go_read, 0)
    os.dup2(output, 1)
    os.dup2(output, 2)
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    node = str(Path(__file__).with_name("node.py"))
    path = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
    os.execve(sys.executable, [sys.executable, "-B", node, str(cluster.state), str(binaries)], {"PATH": path, "HOME": "/root"})


def running(cluster):
    """The process id of the node's process 1, None when the node does not run."""
    return processes.living(cluster.state / "node.pid")


def inside(cluster, namespaces=("-m", "-n", "-p", "-u", "-i")):
    """Words to put before a command that shall run in the node, or in these of its namespaces."""
    pid = running(cluster)
    if pid is None:
        raise Failure(f"cluster {cluster.name} does not run; start it with: ci/cluster up {cluster.name}")
    return ["nsenter", "-t", str(pid), *namespaces, "--"]
