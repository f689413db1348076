"""Writes image archives (docker-archive, as `docker save` writes them) that hold one static program."""

import hashlib
import io
import json
import tarfile


def add(tar, name, content, mode=0o644):
    info = tarfile.TarInfo(name)
    info.size, info.mode = len(content), mode
    tar.addfile(info, io.BytesIO(content))


def write(path, reference, program, entrypoint, user="65534"):
    """The same program gives the same archive, byte for byte."""
    layer_bytes = io.BytesIO()
    with tarfile.open(fileobj=layer_bytes, mode="w") as layer:
        add(layer, entrypoint.lstrip("/"), program.read_bytes(), 0o755)
    content = layer_bytes.getvalue()
    config = json.dumps({
        "architecture": architecture(), "os": "linux", "created": "1970-01-01T00:00:00Z",
        "config": {"Entrypoint": [entrypoint], "User": user},
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(content).hexdigest()}"]},
    }).encode()
    config_name = f"{hashlib.sha256(config).hexdigest()}.json"
    manifest = [{"Config": config_name, "RepoTags": [reference], "Layers": ["layer.tar"]}]
    partial = path.with_suffix(".partial")
    with tarfile.open(partial, "w") as tar:
        add(tar, config_name, config)
        add(tar, "layer.tar", content)
        add(tar, "manifest.json", json.dumps(manifest).encode())
    partial.replace(path)


def architecture():
    import platform
    return {"x86_64": "amd64", "aarch64": "arm64"}.get(platform.machine(), platform.machine())
