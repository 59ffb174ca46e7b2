"""Compares docs/environment.md with the variables ADVX_* that C++, Python and shell read."""

import re
import subprocess
import sys

ROOT = sys.argv[1]
READS = [
    re.compile(r'(?:getenv|GetEnv|envname|find)\(\s*"(ADVX_[A-Z_]+)"'),  # C++; find: Session.cpp
    re.compile(r"environ(?:ment)?(?:\.get\(|\[)\s*[\"'](ADVX_[A-Z_]+)"),  # Python
    re.compile(r"\$\{?(ADVX_[A-Z_]+)[}:\-\s\"/]"),  # shell
]

names = subprocess.run(["git", "-c", "safe.directory=*", "ls-files", "-z"], cwd=ROOT, check=True,
                       capture_output=True).stdout.decode().split("\0")
read = {}
for name in names:
    if not name.endswith((".cpp", ".h", ".py", ".sh", ".test")):
        continue
    try:
        with open(f"{ROOT}/{name}", encoding="utf-8") as file:
            text = file.read()
    except FileNotFoundError:
        continue
    for pattern in READS:
        for variable in pattern.findall(text):
            read.setdefault(variable, name)
with open(f"{ROOT}/docs/environment.md", encoding="utf-8") as file:
    described = set(re.findall(r"`(ADVX_[A-Z_]+)`", file.read()))
for variable in sorted(read.keys() - described):
    print(f"{read[variable]} reads {variable}, which docs/environment.md lacks")
for variable in sorted(described - read.keys()):
    print(f"docs/environment.md lists {variable}, which nothing reads")
assert len(read) > 5, "the patterns find nothing any more"
sys.exit(1 if read.keys() != described else 0)
