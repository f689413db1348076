"""What the observability chart ships, read for the tests of this folder."""
import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHART = ROOT / "charts/observability"
RULES = CHART / "files/rules"
ALERT_TESTS = ROOT / "tests/observability/alerts_test.yaml"
WORDS = {  # of PromQL; what else looks like a name outside of braces and brackets is a metric or a recorded name
    "sum", "max", "min", "avg", "count", "topk", "by", "on", "and", "or", "unless", "without", "ignoring", "group_left", "rate", "increase", "changes",
    "deriv", "absent", "histogram_quantile", "min_over_time", "max_over_time", "offset", "bool",
}


def rendered(case, kind, name):
    """An object of a golden file of tests/charts, which holds what helm renders."""
    import yaml  # here, since dashboards are read on hosts without it too
    objects = yaml.safe_load_all((ROOT / f"tests/charts/golden/{case}.yaml").read_text())
    return next(one for one in objects if one and one["kind"] == kind and one["metadata"]["name"] == name)


def rules():
    """All rules, recording rules first."""
    import yaml
    for name in ("recording", "alerts"):
        for group in yaml.safe_load((RULES / f"{name}.yaml").read_text())["groups"]:
            yield from group["rules"]


def alerts():
    return [rule for rule in rules() if "alert" in rule]


def dashboards():
    return [json.loads(file.read_text()) for file in sorted((CHART / "files/dashboards").glob("*.json"))]


def queries():
    """("dashboard: panel", query) of every panel."""
    return [(f"{one['title']}: {panel['title']}", target["expr"]) for one in dashboards() for panel in one["panels"] for target in panel["targets"]]


def without_variables(expr, interval="1m"):
    """A panel's query as Grafana sends it with everything selected."""
    return expr.replace("$namespace", ".*").replace("$job", ".*").replace("$__rate_interval", interval)


def names_in(expr):
    """The metrics and recorded names that a query asks for."""
    bare = re.sub(r"\{[^}]*\}|\[[^]]*\]|\"[^\"]*\"|#.*", " ", without_variables(expr))
    bare = re.sub(r"\b(by|on|without|ignoring)\s*\([^)]*\)", " ", bare)
    return {name for name in re.findall(r"[a-zA-Z_][a-zA-Z0-9_:]*", bare) if name not in WORDS and not re.fullmatch(r"e\d+", name)}
