"""Builds the readers of files with clang's fuzzer and sanitizers, and lets it look for inputs that
break them, for ADVX_FUZZ_SECONDS (60) each.

Inputs holds what to start from, by target. What breaks a reader is kept under the build folder; the
command that repeats it is printed.

Usage: fuzz_readers.py [TARGET...]      (data, archive, npz, checkpoint)
"""

import concurrent.futures
import os
import pathlib
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent.parent / "end-to-end"))

import advxtest  # noqa: E402

SECONDS = int(os.environ.get("ADVX_FUZZ_SECONDS", "60"))
FOLDER = advxtest.BUILD / "test" / "fuzz" / "readers"
FLAGS = ["-std=c++17", "-O1", "-g1", "-fsanitize=fuzzer-no-link,address,undefined",
         "-fno-sanitize-recover=all", "-Wno-c++20-extensions",
         f"-I{advxtest.SOURCE}", "-DADVX_VERSION=\"0\""]
CORE = [f"core/{name}" for name in ("Error", "Files", "InputFile", "Manifest", "Memory", "Tensor", "Text")]
TARGETS = {
    "data": ("FuzzData", ["data/DataFile", "data/DataPlace", "data/Idx"]),
    "archive": ("FuzzArchive", ["data/Archive", "data/Cifar", "data/DataFile", "data/DataFormat",
                                "data/DataPlace", "data/Idx", "data/Images", "data/Npz", "data/Synthetic",
                                "data/ZipFile", "../compiler/source/NpyHead"]),
    "npz": ("FuzzNpz", ["data/Images", "data/Npz", "data/ZipFile", "../compiler/source/NpyHead"]),
    "checkpoint": ("FuzzCheckpoint", ["core/Arena", "core/Import", "core/Leaves", "core/OpErrors",
                                      "core/Safetensors", "core/SafetensorsHeader", "core/Session",
                                      "core/State", "core/Suggest", "train/Checkpoint", "train/Tables",
                                      "../compiler/source/EditDistance"]),
}


def compile_file(source):
    """The object of a source; kept by ccache where there is one."""
    target = FOLDER / (str(source.relative_to(advxtest.SOURCE)).replace("/", "-") + ".o")
    launcher = [shutil.which("ccache")] if shutil.which("ccache") else []
    subprocess.run([*launcher, "clang++-19", *FLAGS, "-c", source, "-o", target], check=True)
    return target


def sources_of(name):
    main, sources = TARGETS[name]
    files = [advxtest.SOURCE / "runtime" / f"{source}.cpp" for source in CORE + sources]
    return [pathlib.Path(os.path.normpath(file)) for file in files] + [HERE / f"{main}.cpp"]


def build(names, pool):
    """The program of each target."""
    sources = list(dict.fromkeys(source for name in names for source in sources_of(name)))
    objects = dict(zip(sources, pool.map(compile_file, sources)))
    for name in names:
        program = FOLDER / f"fuzz-{name}"
        subprocess.run(["clang++-19", "-fsanitize=fuzzer,address,undefined",
                        *(objects[source] for source in sources_of(name)), "-lz", "-larchive", "-o", program],
                       check=True)
        yield program


def fuzz(name, program):
    """True where nothing broke."""
    corpus, found = HERE / "Inputs" / name, FOLDER / f"corpus-{name}"
    found.mkdir(exist_ok=True)
    broken = FOLDER / f"broken-{name}-"
    # -max_len leaves room for a few members of gzip; the memory limit tells of a bomb.
    command = [program, f"-max_total_time={SECONDS}", "-max_len=4096", "-rss_limit_mb=1024",
               "-timeout=10", "-print_final_stats=1", "-verbosity=0", f"-artifact_prefix={broken}",
               found, corpus]
    result = subprocess.run([str(word) for word in command], capture_output=True, text=True,
                            stdin=subprocess.DEVNULL)
    runs = [line for line in result.stderr.splitlines() if "number_of_executed_units" in line]
    print(f"{name}: {SECONDS} s, {runs[0].split()[-1] if runs else 'no'} inputs")
    if result.returncode != 0:
        print(result.stderr[-6000:])
        print(f"again: {program} FILE, with one of {broken}*")
    return result.returncode == 0


def main(names):
    FOLDER.mkdir(parents=True, exist_ok=True)
    with concurrent.futures.ThreadPoolExecutor(2) as pool:
        programs = list(build(names, pool))
        passed = sum(pool.map(fuzz, names, programs))
    print(f"{passed} passed, {len(names) - passed} failed")
    return 0 if passed == len(names) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:] or list(TARGETS)))
