"""What containers need of their memory limits, as the node sees it.

The peak is VmHWM, the most that a process has ever had resident, added up over the container's processes. The cgroup's own peak counts the page cache
too, which the kernel takes back before it kills anybody.
"""
import json
import pathlib
import re

from kube import kubectl

AT_REST = 250  # MiB, of all processes of the platform together
WORST_SHARE = 0.7  # limits are twice the peak of the benchmark, so this is a third more than ever measured
PLATFORM = {"gateway", "order", "payment", "inventory", "notification", "order-platform-operator"}  # the others are for evaluation; their limits come from their own settings
UNITS = {"Ki": 1 << 10, "Mi": 1 << 20, "Gi": 1 << 30}


class Memory:
    """`look()` as often as you like, then `check()`."""

    def __init__(self):
        self.peaks, self.limits, self.killed = {}, {}, set()

    def look(self):
        containers = {}
        for pod in json.loads(kubectl("get", "pods", "-o", "json").stdout)["items"]:
            specs = {one["name"]: one for kind in ("initContainers", "containers") for one in pod["spec"].get(kind, [])}
            for status in [*pod["status"].get("initContainerStatuses", []), *pod["status"].get("containerStatuses", [])]:
                name = pod["metadata"].get("labels", {}).get("app.kubernetes.io/name", pod["metadata"]["name"]), status["name"]
                self.limits[name] = quantity(specs[status["name"]].get("resources", {}).get("limits", {}).get("memory"))
                containers[status.get("containerID", "").rpartition("/")[2]] = name
                for state in (status.get("state", {}), status.get("lastState", {})):
                    if state.get("terminated", {}).get("reason") == "OOMKilled":
                        self.killed.add((pod["metadata"]["name"], status["name"]))
        containers.pop("", None)
        found = {}
        for container, peak in processes("VmHWM"):
            if container in containers:
                found[container] = found.get(container, 0) + peak
        for container, peak in found.items():
            name = containers[container]
            self.peaks[name] = max(self.peaks.get(name, 0), peak)
        return containers

    def check_at_rest(self):
        """What the platform has resident, all its pods together, while nobody calls it."""
        containers, resident = self.look(), dict.fromkeys(sorted(PLATFORM), 0)
        for container, size in processes("VmRSS"):
            app = containers.get(container, ("", ""))[0]
            if app in resident:
                resident[app] += size / UNITS["Mi"]
        total = sum(resident.values())
        print(f"      at rest {total:.0f} MiB: {', '.join(f'{app} {size:.1f}' for app, size in resident.items())}", flush=True)
        assert all(resident.values()), resident
        assert total <= AT_REST, resident

    def check(self):
        """Nobody was killed for memory, and no container of the platform came near its limit."""
        for name, peak in sorted(self.peaks.items()):
            print(f"      {' '.join(name):48} {peak / UNITS['Mi']:6.1f} MiB of {(self.limits[name] or 0) / UNITS['Mi']:.0f}", flush=True)
        assert not self.killed, self.killed
        assert PLATFORM <= {app for app, _ in self.peaks}, sorted(self.peaks)
        near = {name: peak for name, peak in self.peaks.items() if name[0] in PLATFORM and not peak <= WORST_SHARE * self.limits[name]}
        assert not near, near


def quantity(text):
    return int(text[:-2]) * UNITS[text[-2:]] if text else None


def processes(what):
    """(container, size in bytes) of every process on this machine that is in a container of a pod."""
    for folder in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            container = re.search(r"/pod[^/]+/([0-9a-f]{64})$", (folder / "cgroup").read_text(), re.MULTILINE)
            size = re.search(rf"^{what}:\s+(\d+) kB$", (folder / "status").read_text(), re.MULTILINE)
        except OSError:  # it has ended
            continue
        if container and size:
            yield container[1], int(size[1]) * 1024
