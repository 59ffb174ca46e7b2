#!/usr/bin/python3
"""Whether loading limits training: batches a second that the loader makes, steps a second, and the share
of a step's time that it waits for its batch.

Batches are made by one thread, beside the step before; what a step waits for is the copy of a batch that
is ready, and more only where the loader is the slower one. Both are what `train --profile` has measured;
the first step is left out. Augmentation runs inside the step: bench/augmentation_cost.py has its share.

Usage: bench/loading_cost.py [--advx build/ci/bin/advx] [--networks "small_cnn()" "resnet18()"]
           [--batch 128] [--steps 8] [--threads 2] [--most 0.01]

Exit status 1 where a network waits for a larger share of its time than --most. On images that are made up:
the times do not depend on what an image shows.
"""

import argparse
import json
import pathlib
import statistics
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from compare_speed import ROOT  # noqa: E402

PAGE = """
experiment loading {{
  data synthetic(train = {images}, augment = [pad_crop(4), hflip]) {{ batch = {batch} }}
  features z = {network}
  head     f = linear(z)
  outer minimize ce(f(x), y) by sgd(lr = 0.01, momentum = 0.9) for 1 epochs
}}
"""


def shares(profile):
    """(batches a second, steps a second, share of the time that is waited) of a profile.json."""
    steps, loads = profile["steps"][1:], profile["loads"][1:]
    made = statistics.median(gathered for gathered, _ in loads)
    waited, computed = sum(wait for _, wait in loads), sum(wall for _, wall, _ in steps)
    return 1 / made, len(steps) / (computed + waited), waited / (computed + waited)


def measure(options, network, folder):
    page = folder / "loading.advx"
    page.write_text(PAGE.format(network=network, batch=options.batch, images=options.steps * options.batch))
    subprocess.run([options.advx, "build", page, "-o", folder / "loading"], check=True)
    out = folder / f"run{len(list(folder.iterdir()))}"
    subprocess.run([folder / "loading", "train", "--data", folder, "--out", out, "--threads",
                    str(options.threads), "--profile"], check=True, stdout=subprocess.DEVNULL,
                   stderr=subprocess.DEVNULL)
    return shares(json.loads((out / "profile.json").read_text()))


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--advx", type=pathlib.Path, default=ROOT / "build/ci/bin/advx")
    parser.add_argument("--networks", nargs="+", default=["small_cnn()", "resnet18()"])
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--steps", type=int, default=8)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--most", type=float, default=0.01)
    options = parser.parse_args()
    if options.steps < 3:
        parser.error("--steps takes 3 or more: the first one is left out")
    slow = False
    print(f"batches of {options.batch} synthetic 3x32x32 images, {options.threads} threads")
    print(f"{'network':16} {'loader, batches/s':>18} {'steps/s':>9} {'waited':>9}")
    with tempfile.TemporaryDirectory() as scratch:
        for network in options.networks:
            made, stepped, waited = measure(options, network, pathlib.Path(scratch))
            slow |= waited > options.most
            print(f"{network:16} {made:18.1f} {stepped:9.2f} {100 * waited:7.3f} %")
    return 1 if slow else 0


if __name__ == "__main__":
    sys.exit(main())
