"""How lit runs the tests; see test/README.md for what a test is."""

import os
import re
import shutil
import subprocess

import lit.formats

config.name = "advx"
config.test_format = lit.formats.ShTest(execute_external=False)
config.test_source_root = os.path.dirname(os.path.abspath(__file__))
source = os.path.dirname(config.test_source_root)
build = os.path.abspath(lit_config.params.get("build", os.path.join(source, "build")))
config.test_exec_root = os.path.join(build, "test")

config.suffixes = [".mlir", ".advx", ".test"]
config.excludes = ["Inputs", "CMakeLists.txt", "README.md", "lit.cfg.py", "lit.local.cfg"]
if "quick" in lit_config.params:
    config.excludes.append("end-to-end")

binaries = os.path.join(build, "bin")
config.environment["PATH"] = os.pathsep.join(
    [binaries, "/usr/lib/llvm-19/bin", config.environment["PATH"]]
)
config.environment["ADVX_BUILD"] = build
config.environment["ADVX_SOURCE"] = source
for name in ("HOME", "CI", "ASAN_OPTIONS", "UBSAN_OPTIONS", "LSAN_OPTIONS", "OMP_NUM_THREADS",
             "ADVX_CIFAR"):
    if name in os.environ:
        config.environment[name] = os.environ[name]

def sanitizers():
    """The value of ADVX_SANITIZE that the build was configured with; mostly empty."""
    cache = os.path.join(build, "CMakeCache.txt")
    if not os.path.exists(cache):
        return ""
    with open(cache) as file:
        found = re.search(r"^ADVX_SANITIZE:\w+=(.*)$", file.read(), re.M)
    return found[1] if found else ""


def sanitizer_preload():
    """What a Python that loads a sanitized library must start with; Python itself leaks."""
    if "address" not in sanitizers():
        return ""
    library = subprocess.run(["g++", "-print-file-name=libasan.so"], capture_output=True,
                             text=True, check=True).stdout.strip()
    return f"env LD_PRELOAD={library} ASAN_OPTIONS=detect_leaks=0 "


config.environment["ADVX_SANITIZE"] = sanitizers()
# NVIDIA's assembler, where there is one: only tests use it.
ptxas = shutil.which("ptxas") or shutil.which("ptxas", path="/usr/local/cuda/bin")
if ptxas:
    config.available_features.add("ptxas")
    config.substitutions.append(("%{ptxas}", ptxas))
config.substitutions += [
    # For tests that load compiled code into Python.
    ("%{loading-python}", sanitizer_preload() + "/usr/bin/python3"),
    ("%{bindir}", binaries),
    ("%{builddir}", build),
    ("%{srcdir}", source),
    ("%{python}", "/usr/bin/python3"),
]
