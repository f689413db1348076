#!/usr/bin/env python3
"""The fault suite: real MySQL, Kafka and Redis, our services, a load with history, one fault after the other, and the checker.

    run.py [--smoke]                     runs inside the test image (see ci/faults)
    FAULT=crash,kill:order run.py        only faults whose name begins so
    SEED=n                               draws the same moments again; every run prints its seed

Ends with a table and the line "N passed, N failed".
"""
import contextlib
import importlib
import os
import pathlib
import sys
import time
import traceback
import xml.etree.ElementTree as tree

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))

FAMILIES = ["crash_points", "kills", "servers", "payments", "mails", "network", "replay", "overload", "clocks", "disks", "recovery"]
SHOWN_VIOLATIONS = 12


def wanted(name):
    chosen = [one for one in os.environ.get("FAULT", "").split(",") if one]
    return not chosen or any(name.startswith(one) for one in chosen)


def show(verdict, seconds):
    for violation in verdict.violations[:SHOWN_VIOLATIONS]:
        print(f"    VIOLATION {violation}", flush=True)
    if len(verdict.violations) > SHOWN_VIOLATIONS:
        print(f"    ... and {len(verdict.violations) - SHOWN_VIOLATIONS} more", flush=True)
    print(f"  {line(verdict)}  [{seconds:.0f} s]", flush=True)


def line(verdict):
    counts = verdict.counts
    volume = f"{counts.get('accepted', 0)}/{counts.get('refused', 0)}/{counts.get('unknown', 0)}"
    heal = "-" if verdict.heal is None else f"{verdict.heal:.2f}"
    limit = "" if verdict.limit is None else f" <= {verdict.limit:g}"
    return (f"{verdict.name:46} {volume:>14} {len(verdict.violations):>10} {heal + limit:>14}  "
            f"{'ok' if verdict.passed else 'FAILED'}  {verdict.note}")


def run_family(name, smoke, seed):
    family = importlib.import_module(name)
    selected = [case for case in family.cases(smoke) if wanted(case[0])]
    verdicts = []
    if not selected:
        return verdicts, 0
    print(f"{name}: {len(selected)} faults, seed {seed}", flush=True)
    began = time.monotonic()
    try:
        for verdict in family.run(selected, seed, smoke):
            show(verdict, time.monotonic() - began)
            verdicts.append(verdict)
            began = time.monotonic()
    except Exception:  # a family that breaks off must not hide the others
        traceback.print_exc()
        print(f"  {name}: broke off after {len(verdicts)} of {len(selected)}", flush=True)
    return verdicts, len(selected) - len(verdicts)


@contextlib.contextmanager
def shared_arena(seed):
    import arena
    import network
    with network.proxied_arena(seed) as here:
        arena.shared = here
        yield


def write_results(file, verdicts, missing):
    """As JUnit XML, for ci/count_results.py."""
    suite = tree.Element("testsuite", name="faults")
    for verdict in verdicts:
        case = tree.SubElement(suite, "testcase", name=verdict.name)
        if not verdict.passed:
            tree.SubElement(case, "failure", message="; ".join(verdict.violations[:3]) or f"healed after {verdict.heal} s")
    for number in range(missing):
        tree.SubElement(tree.SubElement(suite, "testcase", name=f"not run {number + 1}"), "failure", message="the family broke off")
    tree.ElementTree(suite).write(file)


def main():
    if "--list" in sys.argv:
        for name in FAMILIES:
            print("\n".join(case[0] for case in importlib.import_module(name).cases(False)))
        return
    smoke = "--smoke" in sys.argv
    seed = int(os.environ.get("SEED", time.time_ns() % 1_000_000))
    began, verdicts, missing = time.monotonic(), [], 0
    with shared_arena(seed) if smoke else contextlib.nullcontext():
        for name in FAMILIES:
            done, lost = run_family(name, smoke, seed)
            verdicts += done
            missing += lost
    print(f"\n{'fault':46} {'ok/refused/?':>14} {'violations':>10} {'heal s':>14}  verdict")
    for verdict in verdicts:
        print(line(verdict))
    passed = sum(verdict.passed for verdict in verdicts)
    failed = len(verdicts) - passed + missing
    print(f"seed {seed}, {time.monotonic() - began:.0f} s, {sum(sum(one.counts.values()) for one in verdicts)} requests, "
          f"{sum(len(one.violations) for one in verdicts)} violations")
    if "RESULTS" in os.environ:
        write_results(os.environ["RESULTS"], verdicts, missing)
    print(f"{passed} passed, {failed} failed")
    sys.exit(1 if failed or not passed else 0)


if __name__ == "__main__":
    main()
