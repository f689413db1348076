"""One link between the host and the node, and nothing else: no rule, no forwarding, no default route."""

import ipaddress
import json

import identity
from report import Failure, run


def used_networks():
    found = []
    for address in json.loads(run(["ip", "-j", "-4", "address", "show"]) or "[]"):
        for info in address.get("addr_info", []):
            found.append(ipaddress.ip_network(f"{info['local']}/{info['prefixlen']}", strict=False))
    for route in json.loads(run(["ip", "-j", "-4", "route", "show", "table", "all"]) or "[]"):
        if route["dst"] != "default":
            found.append(ipaddress.ip_network(route["dst"], strict=False))
    return found


def choose(cluster, remembered=None):
    """A network that nothing on this host uses: last time's if it is still free, else the first one of the name's."""
    used = used_networks()
    candidates = ([ipaddress.ip_network(remembered)] if remembered else []) + list(cluster.networks())
    for candidate in candidates:
        if not any(candidate.overlaps(other) for other in used if other.prefixlen > 0):
            return candidate
    raise Failure(f"no free /30 network in {identity.LINKS}")


def connect(cluster, network, pid):
    """Links the host with the network namespace of process `pid`, and gives the node its addresses and routes."""
    inside = ["nsenter", "-t", str(pid), "-n", "ip"]
    remove(cluster)
    run(["ip", "link", "add", cluster.link, "type", "veth", "peer", "name", "eth0", "netns", str(pid)])
    run(["ip", "address", "add", f"{identity.host_address(network)}/30", "dev", cluster.link])
    run(["ip", "link", "set", cluster.link, "up"])
    run([*inside, "link", "set", "lo", "up"])
    run([*inside, "address", "add", f"{identity.node_address(network)}/30", "dev", "eth0"])
    run([*inside, "link", "set", "eth0", "up"])
    # Service addresses need a route, or the node's own programs cannot reach them: an empty bridge is one that
    # every kernel has.
    run([*inside, "link", "add", "services", "type", "bridge"])
    run([*inside, "link", "set", "services", "up"])
    run([*inside, "route", "add", identity.SERVICES, "dev", "services"])
    run(["nsenter", "-t", str(pid), "-n", "sysctl", "-q", "-w", "net.ipv4.ip_forward=1"])


def exists(cluster):
    return any(link["ifname"] == cluster.link for link in json.loads(run(["ip", "-j", "link", "show"]) or "[]"))


def remove(cluster):
    """The kernel removes the link too, at a moment of its own, after the node's namespace has ended."""
    if not exists(cluster):
        return
    try:
        run(["ip", "link", "delete", cluster.link])
    except Failure:
        if exists(cluster):
            raise
