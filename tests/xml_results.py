"""Runs a module's unittest cases and, when RESULTS names a folder, writes what ran there as JUnit XML for ci/count_results.py."""
import os
import pathlib
import sys
import time
import unittest
import xml.etree.ElementTree as tree


class _Result(unittest.TextTestResult):
    def __init__(self, *arguments, **named):
        super().__init__(*arguments, **named)
        self.cases = {}

    def startTest(self, test):
        super().startTest(test)
        self.cases[test.id()] = (time.monotonic(), tree.Element("testcase", name=test.id(), classname="python"))

    def stopTest(self, test):
        started, case = self.cases[test.id()]
        case.set("time", f"{time.monotonic() - started:.2f}")
        super().stopTest(test)


def main(name):
    """`name` is the suite's and the file's. Exits with 1 when a case failed or none ran."""
    program = unittest.main(module="__main__", exit=False, verbosity=2, testRunner=unittest.TextTestRunner(resultclass=_Result, verbosity=2))
    result = program.result
    bad = [*result.failures, *result.errors]
    suite = tree.Element("testsuite", name=name)
    suite.extend(case for _, case in result.cases.values())
    failed = set()
    for test, why in bad:
        # A subtest's failure is its case's; setUpClass and the like fail without a case of their own.
        name_of_case = getattr(test, "test_case", test).id()
        failed.add(name_of_case)
        case = result.cases[name_of_case][1] if name_of_case in result.cases else tree.SubElement(suite, "testcase", name=name_of_case)
        tree.SubElement(case, "failure", message=f"{test.id()}: {why[-2000:]}")
    for test, why in result.skipped:
        if test.id() in result.cases:
            tree.SubElement(result.cases[test.id()][1], "skipped", message=why)
    if os.environ.get("RESULTS"):
        tree.ElementTree(suite).write(pathlib.Path(os.environ["RESULTS"]) / f"{name}.xml")
    print(f"{len(set(result.cases) - failed)} passed, {len(failed)} failed")
    sys.exit(bool(bad) or not result.testsRun)
