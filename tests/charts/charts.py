"""The charts as the tests see them: where they are, a real helm ($HELM, or the one of ci/cluster), and what it renders."""
import functools
import json
import os
import pathlib
import subprocess

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
HERE = pathlib.Path(__file__).resolve().parent
CHARTS = sorted(path.parent.name for path in ROOT.glob("charts/*/Chart.yaml"))
KUBERNETES = "1.34.0"


def find_helm():
    if os.environ.get("HELM"):
        return os.environ["HELM"]
    built = subprocess.run([ROOT / "ci/cluster", "build"], capture_output=True, text=True, check=True).stdout.split()
    return built[-1] + "/helm"


HELM = find_helm()


def helm(*arguments, values=None):
    # A run is too short for garbage collection to be worth its time.
    return subprocess.run([HELM, *map(str, arguments)], input=json.dumps(values or {}), capture_output=True, text=True, env={**os.environ, "GOGC": "off"})


def render_text(chart, values=None, name="shop", version=KUBERNETES):
    """What helm prints; `chart` is a name or an absolute path. A fault is an AssertionError with helm's message."""
    done = helm("template", name, chart if str(chart).startswith("/") else ROOT / "charts" / chart, "--namespace", "ns",
                "--kube-version", version, "--values", "-", values=values)
    if done.returncode != 0:
        raise AssertionError(done.stderr)
    return done.stdout


@functools.lru_cache(maxsize=None)
def _objects(chart, values, name, version):
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    return [one for one in yaml.load_all(render_text(chart, json.loads(values), name, version), loader) if one]


def render(chart, values=None, name="shop", version=KUBERNETES):
    """What helm renders, as objects; read them, do not change them."""
    return _objects(chart, json.dumps(values or {}), name, version)


def refusal(chart, values):
    """helm's message for values that it must not take; empty when it takes them."""
    try:
        render_text(chart, values)
    except AssertionError as error:
        return str(error)
    return ""


def cases():
    """(name, chart, values): every chart as it comes, and the files of cases/, each named <chart>-<what>.yaml."""
    yield from ((chart, chart, {}) for chart in CHARTS)
    for path in sorted((HERE / "cases").glob("*.yaml")):
        chart = max((chart for chart in CHARTS if path.stem.startswith(chart + "-")), key=len)
        yield path.stem, chart, yaml.safe_load(path.read_text())


def only(objects, kind, name=None):
    found = [one for one in objects if one["kind"] == kind and name in (None, one["metadata"]["name"])]
    assert len(found) == 1, f"{len(found)} of {kind} {name}"
    return found[0]


def pods(objects):
    for one in objects:
        label = one["kind"] + " " + one["metadata"]["name"]
        if one["kind"] == "Pod":
            yield label, one["spec"]
        if one["kind"] in ("Deployment", "StatefulSet", "DaemonSet", "Job"):
            yield label, one["spec"]["template"]["spec"]
