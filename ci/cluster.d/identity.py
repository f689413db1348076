"""Everything that bears a cluster's name: directories, cgroup, link, addresses. Two names never share any of it."""

import hashlib
import ipaddress
import os
import re
from dataclasses import dataclass
from pathlib import Path

from report import Failure

ROOT = Path(__file__).resolve().parents[2]
LINKS = ipaddress.ip_network("198.18.0.0/15")  # For tests between machines (RFC 2544): no real network uses it.
SERVICES = "10.96.0.0/16"
FIRST_SERVICE = "10.96.0.1"
DNS_SERVICE = "10.96.0.10"
PODS = "10.244.0.0/16"
DOMAIN = "cluster.local"
API_PORT = 6443


def cache_directory():
    home = os.environ.get("HOME") or "/root"
    return Path(os.environ.get("ORDERPLATFORM_CACHE") or f"{home}/.cache/orderplatform").absolute()


def state_root():
    return Path(os.environ.get("ORDERPLATFORM_STATE") or "/var/lib/orderplatform").absolute()


@dataclass(frozen=True)
class Cluster:
    name: str

    @staticmethod
    def named(name):
        if not re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,38}[a-z0-9])?", name):
            raise Failure(f"\"{name}\" is no cluster name: up to 40 of a-z, 0-9 and -, not at the ends")
        return Cluster(name)

    @property
    def digest(self):
        """Names the state directory too: the same name under another state root is another cluster."""
        return hashlib.sha256(f"{self.state}".encode()).hexdigest()

    @property
    def state(self):
        return state_root() / self.name

    @property
    def marker(self):
        """Says that the directory is ours to delete; `down` touches no directory without it."""
        return self.state / "orderplatform-cluster"

    @property
    def kubeconfig(self):
        return self.state / "kubeconfig"

    @property
    def logs(self):
        return self.state / "var/log"

    @property
    def step_log(self):
        return self.state / "logs/up.log"

    @property
    def cgroup(self):
        return f"orderplatform-{self.name}-{self.digest[:6]}"

    @property
    def link(self):
        return f"op-{self.digest[:10]}"

    def networks(self):
        """The /30 networks a link may have, in the order in which they are tried: the name decides the first."""
        count = 2 ** (30 - LINKS.prefixlen)
        first = int(self.digest[:8], 16) % count
        for offset in range(64):
            start = int(LINKS.network_address) + 4 * ((first + offset * 7919) % count)
            yield ipaddress.ip_network((start, 30))


def host_address(network):
    return str(network[1])


def node_address(network):
    return str(network[2])
