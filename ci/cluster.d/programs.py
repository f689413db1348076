"""The programs of the node, in the order in which they come up, and their configuration files."""

import json
from pathlib import Path

import binaries
import host
import identity

BIN = "/run/node/bin/bin"
ETC = "/run/node/etc"
PKI = f"{ETC}/pki"
API = f"https://127.0.0.1:{identity.API_PORT}/readyz"
ETCD = "127.0.0.1:2379"
CONTAINERD_SOCKET = "/run/containerd/containerd.sock"
FLEX_VOLUMES = "/var/lib/kubelet/flex-volumes"  # Its default lies under /usr, which is the host's.


def options(**values):
    return [f"--{name.replace('_', '-')}={value}" for name, value in values.items()]


def etcd():
    # A killed machine may lose the last writes of this development cluster; killed processes lose nothing.
    return [f"{BIN}/etcd", *options(
        name="node", data_dir="/var/lib/etcd", unsafe_no_fsync="true", log_level="warn",
        listen_client_urls=f"http://{ETCD}", advertise_client_urls=f"http://{ETCD}",
        listen_peer_urls="http://127.0.0.1:2380", initial_advertise_peer_urls="http://127.0.0.1:2380",
        initial_cluster="node=http://127.0.0.1:2380", auto_compaction_retention="1h", snapshot_count="10000")]


def apiserver(address):
    return [f"{BIN}/kube-apiserver", *options(
        etcd_servers=f"http://{ETCD}", advertise_address=address, bind_address="0.0.0.0", secure_port=identity.API_PORT,
        service_cluster_ip_range=identity.SERVICES, service_node_port_range="30000-32767",
        authorization_mode="Node,RBAC", enable_admission_plugins="NodeRestriction", anonymous_auth="false",
        client_ca_file=f"{PKI}/ca.crt", tls_cert_file=f"{PKI}/apiserver.crt", tls_private_key_file=f"{PKI}/apiserver.key",
        kubelet_certificate_authority=f"{PKI}/ca.crt", kubelet_client_certificate=f"{PKI}/apiserver-kubelet.crt",
        kubelet_client_key=f"{PKI}/apiserver-kubelet.key",
        # Else exec, logs and port-forward look the node up by name, and nobody knows that name.
        kubelet_preferred_address_types="InternalIP",
        service_account_issuer=f"https://kubernetes.default.svc.{identity.DOMAIN}",
        service_account_key_file=f"{PKI}/accounts.pub", service_account_signing_key_file=f"{PKI}/accounts.key",
        profiling="false", event_ttl="2h", allow_privileged="true", v="1")]


def controller_manager():
    return [f"{BIN}/kube-controller-manager", *options(
        kubeconfig=f"{ETC}/controller-manager.kubeconfig", use_service_account_credentials="true",
        authentication_kubeconfig=f"{ETC}/controller-manager.kubeconfig", authorization_kubeconfig=f"{ETC}/controller-manager.kubeconfig",
        root_ca_file=f"{PKI}/ca.crt", service_account_private_key_file=f"{PKI}/accounts.key",
        cluster_signing_cert_file=f"{PKI}/ca.crt", cluster_signing_key_file=f"{PKI}/ca.key",
        leader_elect="false", bind_address="127.0.0.1", profiling="false", flex_volume_plugin_dir=FLEX_VOLUMES,
        # A busy machine delays heartbeats; that must not evict pods.
        node_monitor_grace_period="2m", v="1")]


def scheduler():
    return [f"{BIN}/kube-scheduler", *options(
        kubeconfig=f"{ETC}/scheduler.kubeconfig", authentication_kubeconfig=f"{ETC}/scheduler.kubeconfig",
        authorization_kubeconfig=f"{ETC}/scheduler.kubeconfig", leader_elect="false", bind_address="127.0.0.1", profiling="false", v="1")]


def kubelet(cluster, address):
    return [f"{BIN}/kubelet", *options(
        config=f"{ETC}/kubelet.json", kubeconfig=f"{ETC}/kubelet.kubeconfig", hostname_override=cluster.name, node_ip=address, v="1")]


def proxy(cluster):
    return [f"{BIN}/kube-proxy", *options(
        kubeconfig=f"{ETC}/kube-proxy.kubeconfig", hostname_override=cluster.name, proxy_mode="iptables", cluster_cidr=identity.PODS,
        # The kernel's table is the host's; its size is not ours to set.
        conntrack_max_per_core=0, conntrack_min=0, conntrack_tcp_timeout_established="0", conntrack_tcp_timeout_close_wait="0",
        healthz_bind_address="127.0.0.1:10256", metrics_bind_address="127.0.0.1:10249", v="1")]


def kubelet_settings(cluster):
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1", "kind": "KubeletConfiguration",
        "authentication": {"anonymous": {"enabled": False}, "webhook": {"enabled": True}, "x509": {"clientCAFile": f"{PKI}/ca.crt"}},
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": f"{PKI}/kubelet.crt", "tlsPrivateKeyFile": f"{PKI}/kubelet.key",
        "containerRuntimeEndpoint": f"unix://{CONTAINERD_SOCKET}",
        "cgroupDriver": "cgroupfs", "cgroupRoot": f"/{cluster.cgroup}", "failCgroupV1": False, "failSwapOn": False, "oomScoreAdj": 0,
        "clusterDNS": [identity.DNS_SERVICE], "clusterDomain": identity.DOMAIN, "resolvConf": f"{ETC}/resolv.conf",
        "volumePluginDir": FLEX_VOLUMES, "maxOpenFiles": 4096,
        # The disk and the memory are shared with a whole working machine: no eviction before it is really full,
        # and no image is thrown away, because nothing could pull it again.
        "evictionHard": {"memory.available": "100Mi", "nodefs.available": "1%", "imagefs.available": "1%",
                         "nodefs.inodesFree": "1%", "imagefs.inodesFree": "1%"},
        "imageGCHighThresholdPercent": 100, "imageGCLowThresholdPercent": 99,
        "containerLogMaxSize": "20Mi", "containerLogMaxFiles": 2,
        "enableProfilingHandler": False, "nodeStatusReportFrequency": "1m", "nodeLeaseDurationSeconds": 60,
        "logging": {"verbosity": 1},
    }


def containerd_settings(snapshotter):
    return f"""version = 2
root = "/var/lib/containerd"
state = "/run/containerd"
disabled_plugins = [
  "io.containerd.internal.v1.opt", "io.containerd.nri.v1.nri", "io.containerd.tracing.processor.v1.otlp",
  "io.containerd.internal.v1.tracing", "io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"
]
[grpc]
  address = "{CONTAINERD_SOCKET}"
[debug]
  level = "warn"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{binaries.PAUSE_IMAGE}"
  # Without CAP_SYS_RESOURCE a process cannot lower its own score, and runc fails over it.
  restrict_oom_score_adj = true
  # A profile would be loaded into the host's kernel and stay there.
  disable_apparmor = true
  [plugins."io.containerd.grpc.v1.cri".containerd]
    snapshotter = "{snapshotter}"
    default_runtime_name = "runc"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
      runtime_type = "io.containerd.runc.v2"
      [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
        BinaryName = "{host.find('runc')}"
        SystemdCgroup = false
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "{host.plugin_directory()}"
    conf_dir = "{ETC}/cni"
"""


def pod_network():
    return {
        "cniVersion": "0.4.0", "name": "pods", "plugins": [
            {"type": "ptp", "mtu": 1500, "ipam": {
                "type": "host-local", "ranges": [[{"subnet": identity.PODS}]], "routes": [{"dst": "0.0.0.0/0"}],
                # Addresses in use are forgotten with /run, as the pods that had them are gone when it is new.
                "dataDir": "/run/cni/networks"}},
            {"type": "portmap", "capabilities": {"portMappings": True}},
        ]}


def corefile():
    # Endpoints of headless services change with every pod, so answers live for five seconds only. Names of the
    # world outside do not exist here, and are told so at once.
    return f""".:53 {{
    errors
    health 127.0.0.1:8085
    ready 127.0.0.1:8181
    kubernetes {identity.DOMAIN} in-addr.arpa {{
        kubeconfig {ETC}/coredns.kubeconfig
        pods insecure
        ttl 5
    }}
    cache 5
    loadbalance
    template IN ANY . {{
        rcode NXDOMAIN
    }}
}}
"""


def files(cluster, address, snapshotter):
    """Every configuration file under etc; the certificates are written elsewhere."""
    specs = [
        {"name": "containerd", "command": [host.find("containerd"), "--config", f"{ETC}/containerd.toml"]},
        {"name": "etcd", "command": etcd()},
        {"name": "kube-apiserver", "command": apiserver(address), "after": ETCD},
        {"name": "kube-controller-manager", "command": controller_manager(), "after": API},
        {"name": "kube-scheduler", "command": scheduler(), "after": API},
        {"name": "kubelet", "command": kubelet(cluster, address), "after": f"127.0.0.1:{identity.API_PORT}"},
        {"name": "kube-proxy", "command": proxy(cluster), "after": API},
        {"name": "coredns", "command": [f"{BIN}/coredns", "-conf", f"{ETC}/Corefile"], "after": API},
        {"name": "volume-provisioner", "after": API, "command": [
            f"{BIN}/volume-provisioner", f"--kubeconfig={ETC}/volumes.kubeconfig", "--root=/var/lib/volumes", f"--node={cluster.name}"]},
    ]
    return {
        "programs.json": json.dumps(specs, indent=1),
        "kubelet.json": json.dumps(kubelet_settings(cluster), indent=1),
        "containerd.toml": containerd_settings(snapshotter),
        "cni/10-pods.conflist": json.dumps(pod_network(), indent=1),
        "Corefile": corefile(),
        "resolv.conf": "",
        "addons.yaml": addons(cluster, address),
    }


def addons(cluster, address):
    text = Path(__file__).with_name("addons.yaml").read_text()
    for word, value in (("NODE_NAME", cluster.name), ("NODE_ADDRESS", address), ("DNS_SERVICE", identity.DNS_SERVICE)):
        text = text.replace(word, value)
    return text
