#!/usr/bin/env python3
"""Runs every test under test/ through lit and adds up what they counted.

A test that is a program with cases of its own (C++ or Python) prints a line
`N passed, N failed` or `N passed, N failed, N skipped`; those cases are then
counted instead of the one file. See test/README.md. The last line printed here
is the same sentence over everything.
"""

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
LIT = "/usr/lib/llvm-19/build/utils/lit/lit.py"
COUNTS = re.compile(r"^(?:# \| )?(\d+) passed, (\d+) failed(?:, (\d+) skipped)?\s*$", re.MULTILINE)
REASON = re.compile(r"^(?:# \| )?(skipped: .*)$", re.MULTILINE)
GOOD = {"PASS", "XFAIL", "FLAKYPASS"}
TAIL, LINE = 12, 300  # what is repeated at the end of a failed test's output
SKIPPED = {"UNSUPPORTED", "EXCLUDED", "SKIPPED"}


def count(test):
    """(passed, failed, skipped) of one entry of lit's JSON."""
    if test["code"] in SKIPPED:
        return 0, 0, 1
    good = test["code"] in GOOD
    counts = [[int(n or 0) for n in found] for found in COUNTS.findall(test.get("output", ""))]
    passed, failed, skipped = (sum(column) for column in zip(*counts)) if counts else (0, 0, 0)
    if not counts:
        return int(good), int(not good), 0
    if not good and failed == 0:
        failed = 1
    return passed, failed, skipped


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--build", default=os.path.join(ROOT, "build", "dev"))
    parser.add_argument("--quick", action="store_true", help="leave out test/end-to-end")
    parser.add_argument("--jobs", type=int, default=os.cpu_count())
    parser.add_argument("--timeout", type=int, default=1200, help="seconds for one test file")
    parser.add_argument("paths", nargs="*", default=[os.path.join(ROOT, "test")])
    options = parser.parse_args()

    handle, report = tempfile.mkstemp(suffix=".json")
    os.close(handle)
    started = time.time()
    command = [
        sys.executable, LIT, "-v", "--order=smart", f"-j{options.jobs}",
        f"--timeout={options.timeout}", f"--output={report}",
        "-D", f"build={os.path.abspath(options.build)}",
    ]
    if options.quick:
        command += ["-D", "quick=1"]
    status = subprocess.run(command + options.paths, stdin=subprocess.DEVNULL).returncode
    try:
        with open(report) as file:
            tests = json.load(file)["tests"]
    except (ValueError, KeyError):
        tests = []
    os.unlink(report)

    totals = [0, 0, 0]
    failures, slow = [], []
    for test in tests:
        counted = count(test)
        totals = [total + n for total, n in zip(totals, counted)]
        if counted[1]:
            failures.append((test, counted[1]))
        slow.append((test.get("elapsed") or 0, test["name"]))

    print(f"\n{len(tests)} test files in {time.time() - started:.0f} s; the slowest:")
    for seconds, name in sorted(slow, reverse=True)[:8]:
        print(f"  {seconds:7.1f} s  {name}")
    for test in tests:
        for reason in REASON.findall(test.get("output", "")):
            print(f"{test['name']}: {reason}")
    for test, failed in failures:
        print(f"{test['code']}: {test['name']} ({failed} failed), ends with")
        for line in test.get("output", "").rstrip().splitlines()[-TAIL:]:
            print(f"  {line[:LINE]}")
    passed, failed, skipped = totals
    if (status != 0 or passed == 0) and failed == 0:
        print(f"lit exited with {status} and reported {len(tests)} tests")
        failed = 1
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
