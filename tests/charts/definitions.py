#!/usr/bin/env python3
"""Makes definitions/: the schemas of kinds that Kubernetes itself has not (KEDA, Gateway API, the Prometheus operator), made strict. They are small and
kept in the tree, so a test needs no network and no npm.

    tests/charts/definitions.py     writes them anew from the packages of definitions.txt, fetched with npm and compared with their checksums
"""
import base64
import hashlib
import io
import json
import pathlib
import re
import subprocess
import tarfile
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
FOLDER = HERE / "definitions"
# The same for all kinds: in the collection that ci/kubernetes-schemas fetches.
METADATA = {"$ref": "https://kubernetes.io/api/_definitions.json#/$defs/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"}


def fetch(package, version, integrity):
    with tempfile.TemporaryDirectory(prefix="definitions-") as folder:
        subprocess.run(["npm", "pack", "--silent", "--pack-destination", folder, f"{package}@{version}"], check=True, stdout=subprocess.DEVNULL)
        archive = next(pathlib.Path(folder).iterdir()).read_bytes()
    found = "sha512-" + base64.b64encode(hashlib.sha512(archive).digest()).decode()
    assert found == integrity, f"{package} {version} is another archive: {found}"
    return tarfile.open(fileobj=io.BytesIO(archive))


def strict(schema):
    """The same without fields that it does not name, and without what only a server needs."""
    if not isinstance(schema, dict):
        return schema
    made = {key: value for key, value in schema.items() if key not in ("default", "nullable")}
    if "properties" in made:
        made["properties"] = {name: strict(one) for name, one in made["properties"].items()}
        made.setdefault("additionalProperties", False)
    for key in ("items", "additionalProperties"):
        if key in made:
            made[key] = strict(made[key])
    for key in ("oneOf", "anyOf", "allOf"):
        if key in made:
            made[key] = [strict(one) for one in made[key]]
    return made


def schema_of(source):
    """The packages hold each schema as one literal that is JSON."""
    schema = strict(json.loads(re.search(r"^const schema = (\{.*?^\});", source, re.DOTALL | re.MULTILINE)[1]))
    schema["properties"].pop("status", None)  # the controller's, never a chart's
    schema["properties"]["metadata"] = METADATA
    return {"$schema": "http://json-schema.org/draft-07/schema#", **schema}


def main():
    for line in (HERE / "definitions.txt").read_text().splitlines():
        if line.startswith("#"):
            continue
        package, version, integrity, *files = line.split()
        archive = fetch(package, version, integrity)
        for name in files:
            schema = schema_of(archive.extractfile(f"package/{name}.js").read().decode())
            (FOLDER / (name.replace("/", "_") + ".json")).write_text(json.dumps(schema, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
