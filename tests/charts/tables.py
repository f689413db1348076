#!/usr/bin/env python3
"""The table of values of each chart, from the comments in its values.yaml: charts/*/VALUES.md.

    tests/charts/tables.py            writes them; schema_test.py says when one is not current
"""
import json
import pathlib

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]


class Undocumented(Exception):
    """A value without a comment, and without one above it."""


def comment_above(lines, key):
    """The comment lines directly above a key, at its column, as one text."""
    column, line = key.start_mark.column, key.start_mark.line - 1
    found = []
    while line >= 0 and lines[line].startswith(" " * column + "#"):
        found.insert(0, lines[line].strip().lstrip("#").strip())
        line -= 1
    return " ".join(found)


def has_comments(node, lines):
    return isinstance(node, yaml.MappingNode) and any(comment_above(lines, key) or has_comments(value, lines) for key, value in node.value)


def rows_of(node, values, lines, path="", covered=False):
    """(path, default or None, meaning) of every value; a group that is explained as a whole is one row."""
    for key, child in node.value:
        name = f"{path}.{key.value}" if path else key.value
        value, meaning = values[key.value], comment_above(lines, key)
        if has_comments(child, lines):
            if meaning:
                yield name, None, meaning
            yield from rows_of(child, value, lines, name, covered or bool(meaning))
        elif meaning or covered:
            yield name, value, meaning
        else:
            raise Undocumented(name)


def cell(value):
    return "" if value is None else "`" + json.dumps(value).replace("|", "\\|") + "`"


def table_of(chart):
    """The whole text of VALUES.md."""
    text = (chart / "values.yaml").read_text()
    lines = text.splitlines()
    rows = rows_of(yaml.compose(text), yaml.safe_load(text), lines)
    body = "\n".join(f"| `{name}` | {cell(value)} | {meaning.replace('|', chr(92) + '|')} |" for name, value, meaning in rows)
    return (f"# Values of {chart.name}\n\nFrom the comments in `values.yaml`, by `tests/charts/tables.py`.\n\n"
            f"| value | default | meaning |\n|---|---|---|\n{body}\n")


def charts():
    return sorted(path.parent for path in ROOT.glob("charts/*/Chart.yaml"))


if __name__ == "__main__":
    for folder in charts():
        (folder / "VALUES.md").write_text(table_of(folder))
