#!/usr/bin/python3
"""Whether two compilers build programs that compute the same bits.

Builds each page with both, runs its program's `probe` (one training step and every evaluation on
images of its own) and compares the tensors bit by bit, at -O 0 and -O 2. Pages are the files given,
or else those of examples/ and bench/pages and --random pages of test/fuzz. A page that one
compiler refuses is told; the status is 0 where there are others and all agree.

Usage: bench/same_bits.py OLD/bin/advx NEW/bin/advx [PAGE.advx ...] [--random 40] [--batch 17]
"""

import argparse
import hashlib
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "test" / "fuzz"))
import random_pages  # noqa: E402


def probe(advx, page, level, batch, folder):
    """The digest of what a program computes, or the first error of why there is none."""
    program, out = folder / "program", folder / "probe"
    environment = dict(os.environ, TMPDIR=str(folder))
    for command in ([advx, "build", page, "-O", level, "-o", program],
                    [program, "probe", "--out", out, "--seed", 1, "--batch", batch]):
        result = subprocess.run([str(part) for part in command], capture_output=True, text=True,
                                env=environment)
        if result.returncode:
            lines = [line for line in result.stderr.splitlines() if "error" in line]
            return None, (lines or [f"ends with {result.returncode}"])[0]
    return hashlib.sha256(out.read_bytes()).hexdigest(), None


def main():
    parser = argparse.ArgumentParser(description=__doc__,
                                     formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("old", type=pathlib.Path)
    parser.add_argument("new", type=pathlib.Path)
    parser.add_argument("pages", nargs="*", type=pathlib.Path)
    parser.add_argument("--random", type=int, default=40, help="pages of test/fuzz (40)")
    parser.add_argument("--batch", type=int, default=17, help="images of a step (17)")
    options = parser.parse_args()
    same = other = refused = 0
    with tempfile.TemporaryDirectory() as scratch:
        scratch = pathlib.Path(scratch)
        pages = [(str(page), page) for page in options.pages]
        if not pages:
            pages = [(str(page.relative_to(ROOT)), page) for folder in ("examples", "bench/pages")
                     for page in sorted((ROOT / folder).rglob("*.advx"))]
            for seed in range(options.random):
                page = scratch / f"random{seed}.advx"
                page.write_text(random_pages.Page(seed).text)
                pages.append((f"random {seed}", page))
        for name, page in pages:
            for level in (0, 2):
                results = []
                for advx in (options.old, options.new):
                    folder = pathlib.Path(tempfile.mkdtemp(dir=scratch))
                    results.append(probe(advx.resolve(), page, level, options.batch, folder))
                (before, why_before), (after, why_after) = results
                if before is None or after is None:
                    refused += 1
                    print(f"{name} -O {level}: old {why_before or 'builds'}; new {why_after or 'builds'}")
                elif before == after:
                    same += 1
                else:
                    other += 1
                    print(f"{name} -O {level}: other bits")
    print(f"{same} programs compute the same bits, {other} other ones, {refused} not compared")
    sys.exit(1 if other or not same else 0)


if __name__ == "__main__":
    main()
