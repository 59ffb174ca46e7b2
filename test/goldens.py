"""Compares what a program prints for each page of a folder with the golden beside the page.

    goldens.py [--update] [--status N] --suffix .ast FOLDER -- PROGRAM [ARGUMENT...]

runs `PROGRAM ARGUMENT... PAGE` for every FOLDER/*.advx and compares its output with
PAGE's name ending in the suffix instead of .advx. With --status, the exit status must be N.
--update writes the goldens; scripts/update-goldens.sh does that for all tests.
"""

import argparse
import difflib
import pathlib
import subprocess
import sys

parser = argparse.ArgumentParser()
parser.add_argument("--update", action="store_true")
parser.add_argument("--status", type=int)
parser.add_argument("--suffix", required=True)
parser.add_argument("folder", type=pathlib.Path)
split = sys.argv.index("--")
options = parser.parse_args(sys.argv[1:split])
command = sys.argv[split + 1:]

passed = failed = 0
for page in sorted(options.folder.glob("*.advx")):
    run = subprocess.run([*command, page], capture_output=True, text=True, check=False)
    golden = page.with_suffix(options.suffix)
    problems = []
    if run.stderr:
        problems.append(f"writes to standard error: {run.stderr}")
    if options.status is not None and run.returncode != options.status:
        problems.append(f"exit status {run.returncode}, not {options.status}")
    if options.update and not problems:
        golden.write_text(run.stdout)
    wanted = golden.read_text() if golden.exists() else ""
    if run.stdout != wanted or not golden.exists():
        lines = difflib.unified_diff(wanted.splitlines(), run.stdout.splitlines(),
                                     str(golden), "printed", lineterm="")
        problems.append("\n".join(lines))
    for problem in problems:
        print(f"{page.name}: {problem}")
    passed += not problems
    failed += bool(problems)
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed or not passed else 0)
