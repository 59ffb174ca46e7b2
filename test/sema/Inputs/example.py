"""Dumps the shipped page that a golden is named after: example.py ROOT PROGRAM STUB."""

import pathlib
import subprocess
import sys

root, program, stub = pathlib.Path(sys.argv[1]), sys.argv[2], pathlib.Path(sys.argv[3])
pages = [page for page in (root / "examples").rglob(stub.name)]
sys.exit(subprocess.run([program, "--stdlib", root / "stdlib", "--dump", *pages], check=False).returncode)
