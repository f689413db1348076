"""Cases that build on each other and run in order; after a failure the rest is reported as failed at once, but for the one that cleans up."""
import os
import pathlib
import time
import traceback
import unittest
import xml.etree.ElementTree as tree


def run_cases(suite_name, cases, look=None):
    """Runs the methods `case_...` in the order of their names; the JUnit file is RESULTS/<suite>.xml. `look(error)` is called after the first
    failure. Gives the exit code."""
    suite, broken = tree.Element("testsuite", name=suite_name), None
    for name in sorted(name for name in dir(cases) if name.startswith("case_")):
        started = time.monotonic()
        case = tree.SubElement(suite, "testcase", name=name, classname=suite_name)
        try:
            if broken and not name.endswith("down_leaves_nothing"):
                raise AssertionError(f"not run: {broken} failed")
            getattr(cases, name)()
            print(f"ok    {name} ({time.monotonic() - started:.1f} s)", flush=True)
        except unittest.SkipTest as why:
            tree.SubElement(case, "skipped", message=str(why))
            print(f"not run: {name}: {why}", flush=True)
        except Exception as error:  # noqa: BLE001  every failure is reported and the rest of the cases is not run
            if broken is None:
                print(traceback.format_exc(), flush=True)
                if look:
                    look(error)
            broken = broken or name
            tree.SubElement(case, "failure", message=str(error)[:2000])
            print(f"FAILED {name}: {str(error)[:600]}", flush=True)
        case.set("time", f"{time.monotonic() - started:.2f}")
    if "RESULTS" in os.environ:
        tree.ElementTree(suite).write(pathlib.Path(os.environ["RESULTS"]) / f"{suite_name}.xml")
    return 1 if broken else 0
