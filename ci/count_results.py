#!/usr/bin/env python3
"""Adds up the XML files of a folder (GoogleTest and ctest JUnit) and prints "N passed, N failed": count_results.py FOLDER FAILED_STEPS

A program's own XML counts its cases; a program that wrote none (a crash, a timeout, a script) counts as ctest saw it. A failed step without a failed
case counts as one failure, so that nothing that went wrong can end as a success. A failed case says again what it printed last: the log of a long run
is often cut. Exit 1 unless all passed and there was something to pass.
"""
import pathlib
import sys
import xml.etree.ElementTree as tree

SAID = 12  # lines of a failed case's output that are told again


def said(case):
    """The last lines of what a case that failed has printed, or of why it did."""
    texts = [element.text or element.get("message") or "" for name in ("failure", "error", "system-out") for element in case.iter(name)]
    lines = [line for text in texts for line in text.splitlines() if line.strip()]
    return lines[-SAID:]


def cases(file):
    """(name, failed, skipped, element) of each test case in a file."""
    for case in tree.parse(file).getroot().iter("testcase"):
        failed = case.find("failure") is not None or case.find("error") is not None or case.get("status") == "fail"
        skipped = case.find("skipped") is not None or case.get("status") == "notrun"
        yield case.get("name"), failed, skipped, case


def main():
    folder, failed_steps = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    passed = failed = skipped = 0
    wrote = {file.stem for file in folder.glob("*.xml") if not file.name.startswith("ctest-")}
    for file in sorted(folder.glob("*.xml")):
        for name, case_failed, case_skipped, case in cases(file):
            if file.name.startswith("ctest-") and name in wrote and not case_failed:
                continue  # its cases are counted from its own file
            if file.name.startswith("ctest-") and name in wrote and any(bad for _, bad, _, _ in cases(folder / f"{name}.xml")):
                continue  # the failed cases themselves are counted
            passed += not case_failed and not case_skipped
            failed += case_failed
            skipped += case_skipped
            if case_failed:
                print(f"FAILED {file.stem}: {name}", *said(case), sep="\n    ")
    failed = max(failed, failed_steps)
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
