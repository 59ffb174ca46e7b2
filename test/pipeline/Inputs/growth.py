"""Counts the ops of each stage for pages of sizes n, 2n and 4n.

What is added from 2n to 4n must be about twice what is added from n to 2n: counts, so that nothing
depends on the machine.
"""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parents[3]
sys.path.insert(0, str(ROOT / "bench"))
from growing_pages import KINDS  # noqa: E402

OP = re.compile(r"^\s+(?:%[\w:#, ]+ = )?\"?[a-z]+\.[a-z_0-9]+|^    #?\w+ ", re.MULTILINE)
STAGES = ("problem", "instantiated", "decomposed", "differentiated", "partitioned", "planned",
          "kernels")
#: Clusters are cut where they are full, which may cost some ops more or less.
SLACK = 1.25
FEW = 40


def counts(kind, size, folder):
    """The number of ops at each stage."""
    make, _ = KINDS[kind]
    page = folder / f"{kind.replace(' ', '-')}-{size}.advx"
    page.write_text(make(size))
    stages = page.with_suffix("")
    run = subprocess.run(["advx", "build", str(page), "--emit=kernels", "--dump-stages", str(stages)],
                         capture_output=True, text=True, timeout=120)
    if run.returncode:
        return run.stderr
    return {stage: len(OP.findall(next(stages.glob(f"*{stage}*")).read_text())) for stage in STAGES}


def main():
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    passed, failed = 0, 0
    for kind in KINDS:
        smallest = 4 if "blocks" in kind else 20
        found = [counts(kind, smallest * times, folder) for times in (1, 2, 4)]
        for stage in STAGES:
            if isinstance(found[-1], str):
                print(f"{kind}: {found[-1]}")
                failed += 1
                break
            a, b, c = (count[stage] for count in found)
            if c - b > 2 * SLACK * (b - a) + FEW:
                print(f"{kind}, {stage}: {a}, {b}, {c} ops")
                failed += 1
            else:
                passed += 1
    print(f"{passed} passed, {failed} failed")
    return failed != 0


sys.exit(main())
