#!/usr/bin/python3
"""What hypersphere embedding costs in advx: the time of a training step with the head hypersphere
over that with the head linear, the rest of the page the same.

The two executables take turns. Printed per network: how much slower the hypersphere's step is by
CPU time on one thread, once for the fastest tenth of the steps of each (what the code needs; other
jobs on the machine only add) and once as the median over the pairs of turns, with its quartiles
(how far the machine let it be measured).

Usage: bench/compare_heads.py [--advx build/ci/bin/advx] [--networks NAME ...] [--pairs 40]
           [--batch 128] [--iterations 4]
"""

import argparse
import pathlib
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from compare_speed import BATCH, ROOT, write_images, profile_of  # noqa: E402

HEADS = ("linear", "hypersphere")


def step_seconds(executable, data, batch):
    """CPU seconds of the steps after the first."""
    profile = profile_of(executable, data, 1, "--set", f"data.batch={batch}")
    return [cpu for _, _, cpu in profile["steps"][1:]]


def fastest_tenth(seconds):
    """The mean of it."""
    return statistics.mean(sorted(seconds)[:max(1, len(seconds) // 10)])


def main():
    pages = (ROOT / "bench" / "pages").glob("*.advx")
    networks = sorted({path.stem.rsplit("_", 1)[0] for path in pages})
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--advx", type=pathlib.Path, default=ROOT / "build/ci/bin/advx")
    parser.add_argument("--networks", nargs="+", choices=networks, default=networks)
    parser.add_argument("--pairs", type=int, default=40)
    parser.add_argument("--batch", type=int, default=BATCH)
    parser.add_argument("--iterations", type=int, default=4, help="steps of a turn")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        data = write_images(folder / "data", options.batch * (options.iterations + 1))
        for network in options.networks:
            steps, ratios = {head: [] for head in HEADS}, []
            for head in HEADS:
                page = ROOT / "bench" / "pages" / f"{network}_{head}.advx"
                subprocess.run([options.advx, "build", page, "-o", folder / head], check=True)
            for pair in range(options.pairs):
                turn = {}
                for head in HEADS[::1 if pair % 2 else -1]:
                    turn[head] = step_seconds(folder / head, data, options.batch)
                    steps[head] += turn[head]
                ratios.append(statistics.median(turn["hypersphere"])
                              / statistics.median(turn["linear"]) - 1)
            low, middle, high = statistics.quantiles(ratios, n=4)
            fastest = fastest_tenth(steps["hypersphere"]) / fastest_tenth(steps["linear"]) - 1
            print(f"{network:12} hypersphere over linear: {100 * fastest:+.1f} % fastest tenth, "
                  f"{100 * middle:+.1f} % median of {options.pairs} pairs "
                  f"(quartiles {100 * low:+.1f} to {100 * high:+.1f} %)", flush=True)


if __name__ == "__main__":
    main()
