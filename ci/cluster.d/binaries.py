"""The programs of the cluster, built once from ci/kube and kept outside the tree under the hash of their sources."""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess

import archive
import identity
from report import Failure, run, say, step

MODULE = identity.ROOT / "ci/kube"
GO_NEEDED = (1, 24)
DISPATCHED = ("etcd", "coredns", "kube-apiserver", "kube-controller-manager", "kube-proxy", "kube-scheduler", "kubectl",
              "kubelet", "volume-provisioner")
PAUSE_IMAGE = "localhost/orderplatform/pause:1"
PROBE_IMAGE = "localhost/orderplatform/probe:1"
PASSED = ("GOPROXY", "GOSUMDB", "GONOSUMDB", "http_proxy", "https_proxy", "no_proxy", "HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY")
AUTHORITIES = ("/etc/ssl/certs/ca-certificates.crt", "/etc/pki/tls/certs/ca-bundle.crt", "/etc/ssl/cert.pem")
# Where no Go is on the host, a container of the toolchain image gets Debian's.
CONTAINER_SCRIPT = """set -e
command -v go >/dev/null || { apt-get update -q && apt-get install -qy --no-install-recommends golang-go; }
exec "$@"
"""


def pinned(module):
    found = re.search(rf"^\s*{re.escape(module)} (v\S+)", (MODULE / "go.mod").read_text(), re.M)
    if not found:
        raise Failure(f"ci/kube/go.mod names no version of {module}")
    return found.group(1)


def digest():
    sources = hashlib.sha256(repr(go_commands("go", "")).encode())
    for file in sorted(MODULE.rglob("*")):
        if file.suffix in (".go", ".mod", ".sum", ".c"):
            sources.update(f"{file.relative_to(MODULE)}\0".encode() + file.read_bytes())
    return sources.hexdigest()[:12]


def directory():
    return identity.cache_directory() / "kube" / digest()


def usable_go():
    """A Go on the host that is new enough, and its version."""
    candidates = [shutil.which("go"), "/usr/local/go/bin/go"]
    for candidate in filter(None, candidates):
        try:
            version = run([candidate, "env", "GOVERSION"]).strip()
        except (Failure, OSError):
            continue
        numbers = re.match(r"go(\d+)\.(\d+)", version)
        if numbers and tuple(map(int, numbers.groups())) >= GO_NEEDED:
            return candidate, version
    return None, None


def go_commands(go, out):
    version = pinned("k8s.io/kubernetes")
    major, minor = version.lstrip("v").split(".")[:2]
    stamp = "k8s.io/component-base/version"
    helm = "helm.sh/helm/v3/internal/version"
    build = [go, "build", "-p", "2", "-trimpath"]
    return (
        ("Kubernetes, etcd, CoreDNS", "8 to 12 min", [
            *build, "-ldflags", f"-s -w -X {stamp}.gitVersion={version} -X {stamp}.gitMajor={major} -X {stamp}.gitMinor={minor}",
            "-o", f"{out}/kube", "."]),
        ("Helm", "30 s", [
            *build, "-ldflags", f"-s -w -X {helm}.version={pinned('helm.sh/helm/v3')} -X {helm}.gitTreeState=clean",
            "-o", f"{out}/helm", "helm.sh/helm/v3/cmd/helm"]),
        ("the probe", "2 s", [*build, "-ldflags", "-s -w", "-o", f"{out}/probe", "./probe"]),
    )


def container_prefix(out):
    cache = identity.cache_directory() / "go"
    for name in ("modules", "build"):
        (cache / name).mkdir(parents=True, exist_ok=True)
    image = run([identity.ROOT / "ci/images", "ensure", "toolchain"]).strip().splitlines()[-1]
    settings = {"GOMODCACHE": "/modules", "GOCACHE": "/build", "GOFLAGS": "-buildvcs=false -modcacherw", "GOTOOLCHAIN": "local",
                "CGO_ENABLED": "0", **{name: os.environ[name] for name in PASSED if os.environ.get(name)}}
    volumes = {MODULE: "/kube:ro", out: "/out", cache / "modules": "/modules", cache / "build": "/build"}
    # Whom the host trusts: a company's proxy is often among them.
    trusted = next((file for file in (os.environ.get("SSL_CERT_FILE"), *AUTHORITIES) if file and os.path.exists(file)), None)
    if trusted:
        volumes[os.path.realpath(trusted)] = "/trusted.crt:ro"
        settings["SSL_CERT_FILE"] = "/trusted.crt"
    return [identity.ROOT / "ci/engine", "run", "--rm", "--network", "host", "--entrypoint", "", "--label", "orderplatform=kube",
            *(word for name, value in settings.items() for word in ("-e", f"{name}={value}")),
            *(word for source, target in volumes.items() for word in ("-v", f"{source}:{target}")),
            "-w", "/kube", image, "sh", "-c", CONTAINER_SCRIPT, "sh"]


def build_programs(out, log):
    go, version = usable_go()
    in_container = go is None or bool(os.environ.get("KUBE_BUILD_IN_CONTAINER"))
    environment = {**os.environ, "CGO_ENABLED": "0", "GOFLAGS": "-buildvcs=false", "GOTOOLCHAIN": "local"}
    if in_container:
        # One container for all, so that Go is fetched once.
        commands = [command for _, _, command in go_commands("go", "/out")]
        joined = " && ".join(" ".join(f"'{word}'" for word in command) for command in commands)
        compile_pause = "cc -Os -static -o /out/pause pause/pause.c"
        with step("build Kubernetes, etcd, CoreDNS, Helm with the toolchain image's Go", "10 to 15 min", log):
            run([*container_prefix(out), "sh", "-c", f"go version && {joined} && {compile_pause}"], log=log)
        return
    say(f"building with the host's {version}")
    for name, usually, command in go_commands(go, out):
        with step(f"build {name}", usually, log):
            run(["nice", *command], log=log, env=environment, cwd=MODULE)
    compiler = shutil.which("cc") or shutil.which("gcc")
    source = MODULE / "pause/pause.c"
    with step("build the pause program", "1 s", log):
        if compiler:
            run([compiler, "-Os", "-static", "-o", out / "pause", source], log=log)
        else:
            run([*container_prefix(out), "cc", "-Os", "-static", "-o", "/out/pause", "pause/pause.c"], log=log)


def ready(target):
    return (target / "complete").exists()


def ensure():
    """The directory with every program; builds it when it is not there."""
    target = directory()
    if ready(target):
        return target
    target.parent.mkdir(parents=True, exist_ok=True)
    with open(target.parent / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if ready(target):
            return target
        log = target.parent / "build.log"
        log.write_text("")
        shutil.rmtree(target, ignore_errors=True)
        (target / "bin").mkdir(parents=True)
        build_programs(target, log)
        for name in DISPATCHED:
            (target / "bin" / name).symlink_to("../kube")
        (target / "bin/helm").symlink_to("../helm")
        archive.write(target / "pause.tar", PAUSE_IMAGE, target / "pause", "/pause")
        archive.write(target / "probe.tar", PROBE_IMAGE, target / "probe", "/probe")
        check(target, log)
        (target / "complete").touch()
        forget_others(target)
    return target


def check(target, log):
    """A program that cannot even say its version is not kept."""
    for command in (["kubelet", "--version"], ["kubectl", "version", "--client"], ["helm", "version"], ["etcd", "--version"]):
        try:
            run([target / "bin" / command[0], *command[1:]])
        except (Failure, OSError) as failure:
            raise Failure(f"the program just built does not run: {failure}", log)


def forget_others(target):
    """Older builds, unless a process still runs from them."""
    for other in target.parent.iterdir():
        if other.is_dir() and other != target and not in_use(other):
            shutil.rmtree(other, ignore_errors=True)


def in_use(other):
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            try:
                if os.path.samefile(f"/proc/{entry}/exe", other / "kube"):
                    return True
            except OSError:
                continue
    return False


def kubectl(target, kubeconfig, *arguments, **options):
    """kubectl for our own steps: no proxy, no settings of the user's."""
    environment = {name: value for name, value in os.environ.items() if not name.lower().endswith("_proxy")}
    return subprocess.run([target / "bin/kubectl", f"--kubeconfig={kubeconfig}", *arguments], env=environment,
                          stdin=options.pop("stdin", subprocess.DEVNULL), **options)
