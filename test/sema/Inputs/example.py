"""Dumps the shipped page that a golden is named after: example.py ROOT PROGRAM GOLDEN."""

import pathlib
import subprocess
import sys

root, program, golden = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
pages = list((root / "examples").rglob(golden.name))
sys.exit(subprocess.run([program, "--stdlib", root / "stdlib", "--dump", *pages], check=False).returncode)
