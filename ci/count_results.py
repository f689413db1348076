#!/usr/bin/env python3
"""Adds up the XML files of a folder (GoogleTest and ctest JUnit) and prints "N passed, N failed": count_results.py FOLDER FAILED_STEPS

A program's own XML counts its cases; a program that wrote none (a crash, a timeout, a script) counts as ctest saw it. A failed step without a failed
case counts as one failure, so that nothing that went wrong can end as a success. Exit 1 unless all passed and there was something to pass.
"""
import pathlib
import sys
import xml.etree.ElementTree as tree


def cases(file):
    """(name, failed, skipped) of each test case in a file."""
    for case in tree.parse(file).getroot().iter("testcase"):
        failed = case.find("failure") is not None or case.find("error") is not None or case.get("status") == "fail"
        skipped = case.find("skipped") is not None or case.get("status") == "notrun"
        yield case.get("name"), failed, skipped


def main():
    folder, failed_steps = pathlib.Path(sys.argv[1]), int(sys.argv[2])
    passed = failed = skipped = 0
    wrote = {file.stem for file in folder.glob("*.xml") if not file.name.startswith("ctest-")}
    for file in sorted(folder.glob("*.xml")):
        for name, case_failed, case_skipped in cases(file):
            if file.name.startswith("ctest-") and name in wrote and not case_failed:
                continue  # its cases are counted from its own file
            if file.name.startswith("ctest-") and name in wrote and any(bad for _, bad, _ in cases(folder / f"{name}.xml")):
                continue  # the failed cases themselves are counted
            passed += not case_failed and not case_skipped
            failed += case_failed
            skipped += case_skipped
            if case_failed:
                print(f"FAILED {file.stem}: {name}")
    failed = max(failed, failed_steps)
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
