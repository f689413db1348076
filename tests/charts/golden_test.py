#!/usr/bin/env python3
"""What the charts render is what golden/ holds, byte for byte, so that a change of a template shows what it changes.

    tests/charts/golden_test.py --write     renews golden/ (with helm; look at the difference before you keep it)
"""
import difflib
import pathlib
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import charts  # noqa: E402

GOLDEN = charts.HERE / "golden"


def golden_text(chart, values):
    """The rendered text without the definition, which has tests of its own, and without spaces at the ends of lines."""
    parts = [part for part in charts.render_text(chart, values).split("\n---\n") if "\nkind: CustomResourceDefinition\n" not in "\n" + part]
    return "\n".join(line.rstrip() for line in "\n---\n".join(parts).splitlines() if line.strip()) + "\n"


class Golden(unittest.TestCase):
    maxDiff = None

    def test_every_case_renders_its_golden_file(self):
        for name, chart, values in charts.cases():
            with self.subTest(name):
                path = GOLDEN / f"{name}.yaml"
                wanted = path.read_text() if path.exists() else ""
                got = golden_text(chart, values)
                difference = "\n".join(difflib.unified_diff(wanted.splitlines(), got.splitlines(), str(path.name), "rendered", lineterm="", n=2))
                self.assertEqual(difference, "", "if it is meant: tests/charts/golden_test.py --write")

    def test_no_golden_file_is_left_over(self):
        self.assertEqual({path.stem for path in GOLDEN.glob("*.yaml")}, {name for name, _, _ in charts.cases()})

    def test_renders_the_same_twice(self):
        for name, chart, values in charts.cases():
            with self.subTest(name):
                turned = dict(reversed(values.items()))
                self.assertEqual(charts.render_text(chart, values), charts.render_text(chart, turned))

    def test_of_a_certificate_that_is_made_the_secret_alone_is_new_each_time(self):
        # With tls.existingSecret nothing is (cases/infrastructure-tls.yaml); the pods must not notice either way, or each rendering would start them again.
        once, twice = [charts.render_text("infrastructure", {"tls": {"enabled": True}}).split("\n---\n") for _ in range(2)]
        self.assertEqual(len(once), len(twice))
        differ = [part for part, other in zip(once, twice) if part != other]
        self.assertEqual(["\nkind: Secret\n" in part for part in differ], [True])


if __name__ == "__main__":
    if sys.argv[1:] == ["--write"]:
        GOLDEN.mkdir(exist_ok=True)
        for old in GOLDEN.glob("*.yaml"):
            old.unlink()
        for name, chart, values in charts.cases():
            (GOLDEN / f"{name}.yaml").write_text(golden_text(chart, values))
    else:
        unittest.main()
