"""One cgroup per cluster, in every hierarchy: it bounds nothing, it says which processes are the cluster's."""

import os
import time
from pathlib import Path

import processes
from report import Failure

SYSTEM = "system"  # The node's own programs; pods lie beside it under kubepods.
WANTED = ("cpuset", "cpu", "memory", "pids", "hugetlb")


def table():
    """Kind, mount point and root of every cgroup mount. Within a container the root is a path that /proc shows too."""
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        before, after = line.split(" - ", 1)
        kind, fields = after.split()[0], before.split()
        if kind in ("cgroup", "cgroup2"):
            yield kind, Path(fields[4]), fields[3].rstrip("/")


def mounts():
    """Mount points of the hierarchies of version 1 and of version 2."""
    found = {"cgroup": [], "cgroup2": []}
    for kind, mount, _ in table():
        found[kind].append(mount)
    return list(dict.fromkeys(found["cgroup"])), list(dict.fromkeys(found["cgroup2"]))


def hierarchies():
    """The mount points to use, and whether they are version 2: that one only where version 1 has no controllers."""
    first, second = mounts()
    if not first and not second:
        raise Failure("no cgroup file system is mounted under /sys/fs/cgroup")
    return (first, False) if first else (second[:1], True)


def inherit_cpuset(directory):
    for file in ("cpuset.cpus", "cpuset.mems"):
        if (directory / file).exists() and not (directory / file).read_text().strip():
            (directory / file).write_text((directory.parent / file).read_text())


def delegate(directory):
    """Version 2: lets the children of a cgroup use its controllers."""
    available = (directory / "cgroup.controllers").read_text().split()
    wanted = " ".join(f"+{name}" for name in WANTED if name in available)
    (directory / "cgroup.subtree_control").write_text(wanted)


def create(name):
    chosen, unified = hierarchies()
    try:
        for mount in chosen:
            if unified:
                delegate(mount)
            for directory in (mount / name, mount / name / SYSTEM):
                directory.mkdir(exist_ok=True)
                if not unified:
                    inherit_cpuset(directory)
            if unified:
                delegate(mount / name)
    except OSError as error:
        raise Failure(f"cgroup {name} cannot be made: {error}; the cluster needs root and a writable /sys/fs/cgroup")


def enter(name):
    """Moves this process, and with it all that it starts."""
    for mount in hierarchies()[0]:
        (mount / name / SYSTEM / "cgroup.procs").write_text(str(os.getpid()))


def prefixes(name):
    """How the paths of the cgroup's members begin in /proc."""
    return tuple({f"{root}/{name}/" for _, _, root in table()})


def has_member(name, pid, begins=None):
    try:
        lines = Path(f"/proc/{pid}/cgroup").read_text().splitlines()
    except OSError:
        return False
    return any((line.split(":", 2)[2] + "/").startswith(begins or prefixes(name)) for line in lines)


def members(name):
    begins = prefixes(name)
    return [pid for pid in processes.all_processes() if processes.start_time(pid) is not None and has_member(name, pid, begins)]


def directories(name):
    """In every hierarchy: runc makes some beside those that the node was given."""
    return [mount / name for version in mounts() for mount in version if (mount / name).exists()]


def kill_members(name, seconds=30):
    """Ends every process of the cgroup. Again and again, because a dying one may just have started another."""
    end = time.monotonic() + seconds
    while pids := [pid for pid in members(name) if pid != os.getpid()]:
        for pid in pids:
            processes.kill(pid, lambda each: has_member(name, each), seconds=5)
        if time.monotonic() > end:
            raise Failure(f"processes that do not end: {pids}")


def remove(name, seconds=20):
    end = time.monotonic() + seconds
    while left := directories(name):
        for top in left:
            for directory, _, _ in os.walk(top, topdown=False):
                try:
                    os.rmdir(directory)
                except OSError:
                    pass  # Busy for a moment after its last process ended.
        if time.monotonic() > end:
            raise Failure(f"cgroups that cannot be removed: {[str(path) for path in left]}")
        if directories(name):
            time.sleep(0.05)
