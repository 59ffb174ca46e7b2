"""Checks of every tracked text file: paths of one machine, length, marks of unfinished work."""

import re
import subprocess
import sys

ROOT = sys.argv[1]
LONGEST = 700
PATHS = re.compile(r"(^|[^A-Za-z.])/(wor[k]|roo[t]|farm)/")
MARKS = re.compile(r"\b(TOD[O]|FIXM[E]|XX[X])\b")

failed = False
names = subprocess.run(["git", "-c", "safe.directory=*", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True)
for name in filter(None, names.stdout.decode().split("\0")):
    try:
        with open(f"{ROOT}/{name}", encoding="utf-8") as file:
            lines = file.read().splitlines()
    except (UnicodeDecodeError, FileNotFoundError):
        continue
    problems = [f"{number}: {line.strip()}" for number, line in enumerate(lines, 1)
                if PATHS.search(line) or MARKS.search(line)]
    if len(lines) > LONGEST and name.endswith((".cpp", ".h", ".td", ".py", ".sh", ".g4", ".advx")):
        problems.append(f"{len(lines)} lines, more than {LONGEST}")
    for problem in problems:
        print(f"{name}:{problem}")
    failed = failed or bool(problems)
sys.exit(1 if failed else 0)
