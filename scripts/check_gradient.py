#!/usr/bin/env python3
"""Compares the gradient of an executable's training loss with differences of that loss.

The loss is that of one step on random images and weights (`EXE probe`), so no data set is needed.
The gradient is read from the momentum that plain `sgd` keeps, with momentum and weight decay at 0.
Attacks are cut to their start, `inner.steps=0`: where one goes depends on the weights by jumps, and
training takes x' for a constant. Build with `advx build --precision f64`. Needs nothing but Python.

Usage: scripts/check_gradient.py EXE [--leaf NAME]... [--entries 1] [--seed 0] [--tolerance 1e-5] [--set PATH=VALUE]...
Printed are, of each trained tensor, some entries: where, the gradient, the difference.
Exit status: 0 they agree; 1 they do not; 2 the executable is not fit for this.
"""

import argparse
import json
import math
import os
import re
import struct
import subprocess
import sys
import tempfile

# Of the loss's two sides; a rectifier may bend between them, so a smaller one gets a try.
STEPS = (1e-4, 1e-5, 1e-6)


def run(*command):
    result = subprocess.run(command, capture_output=True, text=True)
    if result.returncode != 0:
        print(result.stderr, end="", file=sys.stderr)
        sys.exit(2)
    return result.stdout


def read(path, wanted):
    """{name: numbers} of the 64-bit tensors of a safetensors file whose names `wanted` matches."""
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8:8 + length])
    result = {}
    for name, entry in header.items():
        if name != "__metadata__" and entry["dtype"] == "F64" and re.fullmatch(wanted, name):
            begin, end = entry["data_offsets"]
            result[name] = struct.unpack_from(f"<{(end - begin) // 8}d", data, 8 + length + begin)
    return result


def refuse(message):
    print(f"error: {message}", file=sys.stderr)
    sys.exit(2)


class Probe:
    def __init__(self, executable, settings, seed):
        self.command = [executable, "probe", "--batch", "5", "--threads", "1", "--seed", str(seed)] + [
            part for setting in settings for part in ("--set", setting)]

    def __call__(self, *changes):
        with tempfile.TemporaryDirectory() as folder:
            out = os.path.join(folder, "probe.safetensors")
            run(*self.command, "--out", out, *(part for change in changes for part in ("--perturb", change)))
            return read(out, r"train_step/(loss|outer\.v\[.*\])")


def fixed(info):
    """Settings that make the loss smooth and the momentum the gradient."""
    paths = {setting["path"] for setting in info["settings"]}
    if info["dtype"] != "f64":
        refuse("the executable computes in 32 bits, too coarse for differences; build it with --precision f64")
    if "outer.momentum" not in paths:
        refuse("the page does not train by `sgd`, whose momentum this reads; for this check, write "
               "`by sgd(lr = 0.1)`")
    return [f"{path}=0" for path in sorted(paths) if path in ("outer.momentum", "outer.weight_decay")
            or path.endswith(".steps")]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("executable", metavar="EXE")
    parser.add_argument("--entries", type=int, default=1, help="of each tensor, the largest gradients first")
    parser.add_argument("--leaf", action="append", metavar="NAME", help="this tensor; without it all trained ones")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--tolerance", type=float, default=1e-5, help="relative to the tensor's largest gradient")
    parser.add_argument("--set", action="append", default=[], metavar="PATH=VALUE", dest="settings")
    options = parser.parse_args()
    executable = os.path.abspath(options.executable)
    info = json.loads(run(executable, "info", "--json"))
    trained = [leaf["name"] for leaf in info["state"] if leaf["trainable"]]
    leaves = options.leaf or trained
    for leaf in leaves:
        if leaf not in trained:
            refuse(f"no trained tensor is called {leaf}; there are {', '.join(trained)}")
    probe = Probe(executable, fixed(info) + options.settings, options.seed)
    base = probe()
    worst = 0.0
    print(f"{'':30} {'gradient':>15} {'difference':>15}")
    for leaf in leaves:
        gradient = base[f"train_step/outer.v[{leaf}]"]
        scale = max(max(map(abs, gradient)), 1e-12)
        largest = sorted(range(len(gradient)), key=lambda i: -abs(gradient[i]))[:options.entries]
        for index in largest:
            found = []
            for step in STEPS:
                up, down = (probe(f"{leaf}:{index}:{change!r}")["train_step/loss"][0] for change in (step, -step))
                found.append((up - down) / (2 * step))
                if abs(found[-1] - gradient[index]) <= options.tolerance * scale:
                    break
            difference = min(found, key=lambda value: abs(value - gradient[index]))
            apart = abs(difference - gradient[index]) / scale
            worst = max(worst, apart) if math.isfinite(apart) else math.inf
            print(f"{f'{leaf}[{index}]':30} {gradient[index]:15.8g} {difference:15.8g}")
    verdict = "agree" if worst <= options.tolerance else "do not agree"
    print(f"gradient and differences {verdict}: {worst:.1g} of the largest of a tensor, at most")
    return 0 if worst <= options.tolerance else 1


if __name__ == "__main__":
    sys.exit(main())
