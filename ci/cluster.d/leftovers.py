"""Finds what a cluster that has ended should have left nowhere."""

import json
import os
import subprocess
from pathlib import Path

import cgroups
import host
import network
import processes


def mounts(cluster):
    """Mounts the host sees under the cluster's directory."""
    found = []
    for line in Path("/proc/self/mountinfo").read_text().splitlines():
        target = line.split()[4].encode().decode("unicode_escape")
        if f"{target}/".startswith(f"{cluster.state}/"):
            found.append(target)
    return found


def running(cluster):
    """Processes in the cluster's cgroup, or whose command line names its directory (forwards, kubectl)."""
    ours = {os.getpid(), os.getppid()}
    found = []
    for pid in processes.all_processes():
        if pid in ours or processes.start_time(pid) is None:
            continue
        line = processes.command_line(pid)
        if cgroups.has_member(cluster.cgroup, pid) or f"{cluster.state}/" in f"{line}/":
            found.append(f"{pid} {line[:100]}")
    return found


def rules(cluster):
    """Firewall rules of the host that name the cluster's link."""
    program = host.find("iptables-save")
    if not program:
        return []
    text = subprocess.run([program], capture_output=True, text=True).stdout
    return [line for line in text.splitlines() if cluster.link in line]


def namespaces(cluster):
    """Network namespaces that bear the cluster's name, and those that outlive their processes in the node's file system."""
    listed = subprocess.run(["ip", "-j", "netns", "list"], capture_output=True, text=True).stdout.strip()
    return [entry["name"] for entry in json.loads(listed or "[]") if cluster.name == entry["name"] or cluster.cgroup in entry["name"]]


def ports(cluster):
    """Local ports that recorded forwards would listen on, when something of ours still does."""
    found = []
    for pid in processes.all_processes():
        if "port-forward" in (line := processes.command_line(pid)) and str(cluster.kubeconfig) in line:
            found.append(f"{pid} {line[:100]}")
    return found


def find(cluster):
    """Kind of leftover and what it is."""
    found = [("process", each) for each in running(cluster)]
    found += [("mount", each) for each in mounts(cluster)]
    found += [("network namespace", each) for each in namespaces(cluster)]
    found += [("link", cluster.link)] if network.exists(cluster) else []
    found += [("rule", each) for each in rules(cluster)]
    found += [("port", each) for each in ports(cluster)]
    found += [("cgroup", str(each)) for each in cgroups.directories(cluster.cgroup)]
    found += [("data", str(cluster.state))] if cluster.state.exists() else []
    return found
