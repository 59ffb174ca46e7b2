#!/usr/bin/python3
"""What building a page costs as the page grows: time, peak memory, and the time that each op more
takes, for pages that grow in one way each (bench/growing_pages.py).

An op is one of the module after `differentiated`: what the page computes, before anything is
copied or fused. The last column is the time of an op of this size over that of the size before;
where building is linear it stays near 1, and below it where the first op of a kind costs most.

Usage: bench/compile_time.py [--advx build/ci/bin/advx] [--kinds NAME ...] [--largest N]
           [--limit SECONDS]
"""

import argparse
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from growing_pages import KINDS  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parent.parent
OP = re.compile(r"^\s+(%[\w:#, ]+ = )?\"?[a-z]+\.[a-z_0-9]+", re.MULTILINE)


def build(advx, page, limit, *options):
    """The CPU seconds and peak MiB of a build, and what it printed; None where the limit was passed."""
    with tempfile.TemporaryFile(mode="w+") as out, tempfile.TemporaryFile(mode="w+") as err:
        process = subprocess.Popen([str(advx), "build", str(page), *options], stdout=out, stderr=err)
        timer = threading.Timer(limit, process.kill)
        timer.start()
        _, status, usage = os.wait4(process.pid, 0)
        timer.cancel()
        process.returncode = os.waitstatus_to_exitcode(status)
        if process.returncode == -signal.SIGKILL:
            return None
        out.seek(0)
        err.seek(0)
        if process.returncode:
            sys.exit(f"{page}: {err.read()}")
        return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 1024, out.read()


def rows(advx, kind, largest, limit, folder):
    """A row of the table for each size."""
    make, sizes = KINDS[kind]
    before = None
    for size in [size for size in sizes if not largest or size <= largest]:
        page = folder / "page.advx"
        page.write_text(make(size))
        full = build(advx, page, limit, "-o", str(folder / "program"))
        part = build(advx, page, limit, "--emit=differentiated")
        if not full or not part:
            yield f"| {kind} | {size} | - | more than {limit} | - | - | - |"
            return
        ops = len(OP.findall(part[2]))
        seconds, memory, _ = full
        each = ratio = None
        if before and ops > before[0]:
            each = (seconds - before[1]) / (ops - before[0]) * 1e3
            ratio = each / before[2] if before[2] else None
        text = ["-" if value is None else f"{value:.2f}" for value in (each, ratio)]
        yield (f"| {kind} | {size} | {ops} | {seconds:.1f} | {memory:.0f} | {text[0]} | {text[1]} |")
        before = (ops, seconds, each)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--advx", type=pathlib.Path, default=ROOT / "build/ci/bin/advx")
    parser.add_argument("--kinds", nargs="+", choices=list(KINDS), default=list(KINDS))
    parser.add_argument("--largest", type=int, default=0, help="leave out larger sizes")
    parser.add_argument("--limit", type=float, default=600, help="seconds of one build")
    options = parser.parse_args()
    print("| what grows | size | ops | CPU s | MiB | ms an op more | ratio |")
    print("|---|---|---|---|---|---|---|")
    with tempfile.TemporaryDirectory() as scratch:
        for kind in options.kinds:
            for row in rows(options.advx, kind, options.largest, options.limit,
                            pathlib.Path(scratch)):
                print(row, flush=True)


if __name__ == "__main__":
    main()
