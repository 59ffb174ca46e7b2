"""Leaves out each barrier and each shuffle of kernels, one at a time, in the emulator, and says
which nobody misses: without it the kernels compute the same bits, in whatever order threads run.

    mutated.py FILE.mlir
"""

import os
import re
import sys
import tempfile

import numpy as np

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from emulated import Emulated, Step  # noqa: E402

BATCH = 70  # five tiles, the last of which is not full
SEEDS = 6
BLOCKS = (1, 3)


def main():
    text = re.sub(r"^//.*\n", "", open(sys.argv[1]).read(), flags=re.MULTILINE)
    steps = [Step(part) for part in text.split("func.func ")[1:]]
    random = np.random.default_rng(1)
    left_out = missed = 0
    with tempfile.TemporaryDirectory() as folder:
        emulated = Emulated(sys.argv[1], folder)
        sites = emulated.description["sites"]
        for step in steps:
            inputs = {t.name: t.draw(random, BATCH, 2) for t in step.inputs}

            def bits(blocks, seed, broken=-1):
                try:
                    found = emulated.run(step, inputs, BATCH, blocks, seed, broken)
                except RuntimeError as fault:
                    return str(fault)
                return b"".join(v.tobytes() for v in found.values())

            whole = bits(1, 0)
            assert isinstance(whole, bytes), whole
            name = emulated.description["steps"][step.name]
            counts = {}
            for site, what in enumerate(sites):
                if what["kernel"] not in (name, name + "_finish"):
                    continue
                kind = what["call"].split("_")[1]
                number = counts[what["kernel"], kind] = counts.get((what["kernel"], kind), 0) + 1
                left_out += 1
                if any(bits(blocks, seed, site) != whole for seed in range(SEEDS) for blocks in BLOCKS):
                    missed += 1
                else:
                    print(f"{what['kernel']}: nobody misses {kind} {number}")
    print(f"{missed} of {left_out} are missed")


if __name__ == "__main__":
    main()
