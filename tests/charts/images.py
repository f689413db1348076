#!/usr/bin/env python3
"""Every image that the charts run with their default values, one a line, for mirrors: charts/images.txt.

    tests/charts/images.py            writes it; schema_test.py says when it is not current
"""
import pathlib

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
FILE = ROOT / "charts/images.txt"


def load(path):
    return yaml.safe_load((ROOT / path).read_text())


def services():
    """Their names, from the definition of OrderPlatform."""
    spec = load("crds/orderplatforms.yaml")["spec"]["versions"][0]["schema"]["openAPIV3Schema"]["properties"]["spec"]
    return spec["properties"]["services"]["items"]["properties"]["name"]["enum"]


def name_of(image, default_tag=""):
    return f"{image['repository']}@{image['digest']}" if image["digest"] else f"{image['repository']}:{image['tag'] or default_tag}"


def found():
    """All of them, with repetitions."""
    operator, service = (load(f"charts/{chart}/values.yaml") for chart in ("order-platform-operator", "service"))
    version = load("charts/order-platform-operator/Chart.yaml")["appVersion"]
    yield name_of(operator["image"], version)
    yield from operator["infrastructureImages"].values()
    for name in services():
        platform = operator["platformImages"]
        yield f"{platform['repositoryPrefix']}/{name}:{platform['tag'] or operator['image']['tag'] or version}"
        yield name_of({**service["image"], "repository": f"{service['image']['repositoryPrefix']}/{name}"}, load("charts/service/Chart.yaml")["appVersion"])
    for chart in ("infrastructure", "observability"):
        for part in load(f"charts/{chart}/values.yaml").values():
            if isinstance(part, dict) and "image" in part:
                yield name_of(part["image"])


def text():
    return "".join(f"{image}\n" for image in sorted(set(found())))


if __name__ == "__main__":
    FILE.write_text(text())
