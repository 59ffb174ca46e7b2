#!/usr/bin/python3
"""What augmentation costs: its seconds in a step over those of a step of plain training of a network.

Augmentation is measured where there is little else, in a page with a linear head, as the difference
of a step with it and one without; the two executables take turns, and the fastest tenth of the steps
counts. The network's step is measured once, as it takes long.

Usage: bench/augmentation_cost.py [--advx build/ci/bin/advx] [--network "resnet18()"] [--batch 32]
           [--augment "[pad_crop(4), hflip, cutout(8)]"] [--pairs 10]
"""

import argparse
import pathlib
import random
import subprocess
import sys
import tempfile

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
from compare_heads import fastest_tenth, step_seconds  # noqa: E402
from compare_speed import ROOT  # noqa: E402

PAGE = """
network flat() {{
  forward(x) = flatten(x)
}}
experiment cost {{
  data cifar10({augment}) {{ batch = 128 }}
  features z = {network}
  head     f = linear(z)
  outer minimize ce(f(x), y) by sgd(lr = 0.01, momentum = 0.9) for 1 epochs
}}
"""


def write_records(folder, count):
    """Random images of CIFAR-10 in its binary version."""
    folder.mkdir()
    source = random.Random(0)
    for name in [f"data_batch_{i}.bin" for i in range(1, 6)] + ["test_batch.bin"]:
        part = count if name == "data_batch_1.bin" else 0
        (folder / name).write_bytes(b"".join(
            bytes([source.randrange(10)]) + source.randbytes(3072) for _ in range(part)))
    return folder


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--advx", type=pathlib.Path, default=ROOT / "build/ci/bin/advx")
    parser.add_argument("--network", default="resnet18()")
    parser.add_argument("--augment", default="[pad_crop(4), hflip, cutout(8)]")
    parser.add_argument("--batch", type=int, default=32)
    parser.add_argument("--pairs", type=int, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)

        def build(name, network, augment):
            page = folder / f"{name}.advx"
            page.write_text(PAGE.format(network=network, augment=augment))
            subprocess.run([options.advx, "build", page, "-o", folder / name], check=True)
            return folder / name

        many = write_records(folder / "many", 40 * options.batch)
        few = write_records(folder / "few", 3 * options.batch)
        pages = {"bare": build("bare", "flat()", ""),
                 "augmented": build("augmented", "flat()", f"augment = {options.augment}")}
        steps = {name: [] for name in pages}
        for pair in range(options.pairs):
            for name in list(pages)[::1 if pair % 2 else -1]:
                steps[name] += step_seconds(pages[name], many, options.batch)
        cost = fastest_tenth(steps["augmented"]) - fastest_tenth(steps["bare"])
        network = build("network", options.network, "")
        step = min(step_seconds(network, few, options.batch))
        print(f"{options.augment}, batch {options.batch}: {1e3 * cost:.3f} ms of CPU time a step; a "
              f"step of {options.network} takes {1e3 * step:.1f} ms; {100 * cost / step:.3f} %")


if __name__ == "__main__":
    main()
