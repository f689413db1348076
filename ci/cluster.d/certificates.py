"""One authority per cluster, kept as long as its data; the certificates below it are new at every start."""

import base64
import json

import identity
from report import run

DAYS = "3650"
FILES = "/run/node/etc/pki"  # Where the node sees them.

# Name of the kubeconfig: user and group that Kubernetes' own roles know.
USERS = {
    "admin": ("orderplatform-admin", "system:masters"),
    "controller-manager": ("system:kube-controller-manager", None),
    "scheduler": ("system:kube-scheduler", None),
    "kube-proxy": ("system:kube-proxy", None),
    "coredns": ("orderplatform:coredns", None),
    "volumes": ("orderplatform:volumes", None),
}


def key(path):
    """Written beside and renamed, so that a kill leaves no half key."""
    if not path.exists():
        partial = path.with_suffix(".partial")
        run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", partial])
        partial.chmod(0o600)
        partial.rename(path)


def authority(pki):
    pki.mkdir(parents=True, exist_ok=True)
    pki.chmod(0o700)
    if (pki / "ca.crt").exists():
        return
    key(pki / "ca.key")
    run(["openssl", "req", "-x509", "-new", "-sha256", "-key", pki / "ca.key", "-days", DAYS, "-subj", "/CN=orderplatform-ca",
         "-addext", "basicConstraints=critical,CA:TRUE", "-addext", "keyUsage=critical,keyCertSign,cRLSign",
         "-out", pki / "ca.partial"])
    (pki / "ca.partial").rename(pki / "ca.crt")


def issue(pki, name, user, group=None, names=()):
    subject = (f"/O={group}" if group else "") + f"/CN={user}"
    key(pki / f"{name}.key")
    extensions = "keyUsage=critical,digitalSignature\nextendedKeyUsage=clientAuth,serverAuth\nbasicConstraints=critical,CA:FALSE\n"
    if names:
        extensions += f"subjectAltName={','.join(names)}\n"
    (pki / "extensions").write_text(extensions)
    run(["openssl", "req", "-new", "-sha256", "-key", pki / f"{name}.key", "-subj", subject, "-out", pki / "request"])
    run(["openssl", "x509", "-req", "-sha256", "-in", pki / "request", "-CA", pki / "ca.crt", "-CAkey", pki / "ca.key",
         "-CAcreateserial", "-days", DAYS, "-extfile", pki / "extensions", "-out", pki / f"{name}.crt"])
    for leftover in ("request", "extensions"):
        (pki / leftover).unlink()


def kubeconfig(pki, name, cluster_name, server):
    def embedded(file):
        return base64.b64encode((pki / file).read_bytes()).decode()

    return json.dumps({
        "apiVersion": "v1", "kind": "Config", "current-context": cluster_name,
        "clusters": [{"name": cluster_name, "cluster": {"server": server, "certificate-authority-data": embedded("ca.crt")}}],
        "users": [{"name": name, "user": {"client-certificate-data": embedded(f"{name}.crt"),
                                          "client-key-data": embedded(f"{name}.key")}}],
        "contexts": [{"name": cluster_name, "context": {"cluster": cluster_name, "user": name}}],
    }, indent=2) + "\n"


def write(cluster, address):
    """Everything the node's programs need, and the administrator's kubeconfig for the host."""
    etc = cluster.state / "etc"
    pki = etc / "pki"
    authority(pki)
    key(pki / "accounts.key")
    run(["openssl", "ec", "-in", pki / "accounts.key", "-pubout", "-out", pki / "accounts.pub"])
    issue(pki, "apiserver", "kube-apiserver", names=[
        "DNS:kubernetes", "DNS:kubernetes.default", "DNS:kubernetes.default.svc", f"DNS:kubernetes.default.svc.{identity.DOMAIN}",
        "DNS:localhost", f"IP:{identity.FIRST_SERVICE}", f"IP:{address}", "IP:127.0.0.1"])
    issue(pki, "apiserver-kubelet", "kube-apiserver-kubelet-client", "system:masters")
    issue(pki, "kubelet", f"system:node:{cluster.name}", "system:nodes", [f"DNS:{cluster.name}", f"IP:{address}", "IP:127.0.0.1"])
    server = f"https://{address}:{identity.API_PORT}"
    for name, (user, group) in {**USERS, "kubelet": (None, None)}.items():
        if user:
            issue(pki, name, user, group)
        target = cluster.kubeconfig if name == "admin" else etc / f"{name}.kubeconfig"
        target.touch(mode=0o600)
        target.write_text(kubeconfig(pki, name, cluster.name, server))
