"""Assembles PTX for each processor and checks what the assembler says: every kernel keeps its
values in registers, with neither a stack nor spills.

    assemble.py PTXAS FILE.ptx
"""

import re
import subprocess
import sys

CLEAN = "0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads"
assembler, path = sys.argv[1:]
kernels = re.findall(r"\.entry (\w+)\(", open(path).read())
for processor in ("sm_80", "sm_90"):
    run = subprocess.run([assembler, "-v", "-arch=" + processor, path, "-o", "/dev/null"],
                         capture_output=True, text=True)
    said = run.stdout + run.stderr
    properties = dict(re.findall(r"Function properties for (\w+)\s+([^\n]*)", said))
    dirty = {k: properties.get(k) for k in kernels if CLEAN not in properties.get(k, "")}
    if run.returncode or dirty or not kernels:
        sys.exit(f"{processor}: {dirty}\n{said}")
    print(f"{processor}: {len(kernels)} kernels without stack or spills")
