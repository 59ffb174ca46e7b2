#!/usr/bin/python3
"""Trains every framework of examples/ with advx and with PyTorch, and prints one table.

For each page both sides start from the weights that `EXE init --seed S` writes, see the examples in
the same order and start their attacks from the same draws; the PyTorch programs are those of
test/end-to-end/programs_*.py. Both are attacked by PGD-20 with the cross-entropy at the head's own
scale. A cell is the mean over the seeds and their standard deviation, in percent; the last columns
are advx less PyTorch in points. Each seed's accuracies and seconds, of wall and of processors, go to
standard error as they come.

Usage: bench/compare_frameworks.py [NAME...] [--seeds 3] [--epochs 3] [--train 60000] [--test 10000]
           [--advx build/release/bin/advx] [--threads N] [--tolerance POINTS]
NAME is a page below examples/, as in trades/trades_he; without one all are trained.
Exit status: 1 if --tolerance is given and the means of a page differ by more.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

import numpy as np
import torch

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "test" / "end-to-end"))
import advxtest  # noqa: E402
import frameworks  # noqa: E402
import framework_programs  # noqa: E402
import oracle  # noqa: E402
import safetensors_lite  # noqa: E402

BATCH = 128


def run(*command):
    """Runs a command quietly; what it says is shown where it fails."""
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"exit status {result.returncode} of {' '.join(map(str, command))}\n{result.stderr}")


def seconds():
    """Of wall, and of processors by this process and those that it ran."""
    return np.array([time.monotonic(), sum(os.times()[:4])])


def logits(p, x, scale):
    """Of the linear head, or at the scale of a head of cosines."""
    z = oracle.mnist_cnn(p, x)
    return oracle.hypersphere(p, z, s=scale) if scale else oracle.linear(p, z)


def evaluate(p, x, y, scale, seed, radius):
    """(clean, PGD-20): an example is robust where both images are classified rightly."""
    generator = torch.Generator().manual_seed(2000 + seed)
    clean = robust = 0
    for rows in torch.arange(len(x)).split(500):
        start = x[rows] + radius * (2 * torch.rand(x[rows].shape, generator=generator) - 1)
        adversarial = oracle.pgd(lambda v: oracle.ce(logits(p, v, scale), y[rows]), x[rows],
                                 start.clamp(0, 1), 20, radius / 10, radius, "linf")
        with torch.no_grad():
            right = logits(p, x[rows], scale).argmax(1) == y[rows]
            held = logits(p, adversarial, scale).argmax(1) == y[rows]
        clean += int(right.sum())
        robust += int((right & held).sum())
    return clean / len(x), robust / len(x)


class Comparison:
    def __init__(self, options, folder):
        self.options, self.folder = options, folder
        self.train = advxtest.fashion_mnist("train", options.train)
        self.test = advxtest.fashion_mnist("t10k", options.test)
        self.data = advxtest.write_data(folder / "data", self.train, self.test)
        self.standard, self.standard_executable = {}, None

    def build(self, name):
        executable = self.folder / name.replace("/", "_")
        page = self.folder / f"{executable.name}.advx"
        page.write_text((ROOT / "examples" / f"{name}.advx").read_text())
        run(self.options.advx, "build", page, "-o", executable)
        return executable

    def standard_model(self, seed):
        """What hat's pages read: the standard model of the seed, beside the executables."""
        if seed not in self.standard:
            self.standard_executable = self.standard_executable or self.build("hat/standard")
            out = self.folder / f"standard{seed}"
            run(self.standard_executable, "train", "--data", self.data, "--out", out, "--seed", seed, "--epochs",
                self.options.epochs, "--threads", self.options.threads)
            self.standard[seed] = (out / "checkpoints" / "final.safetensors").read_bytes()
        (self.folder / "standard.safetensors").write_bytes(self.standard[seed])

    def seed(self, name, entry, executable, seed):
        """((clean, robust) of advx, of PyTorch)."""
        options = self.options
        if "standard.safetensors" in (self.folder / f"{executable.name}.advx").read_text():
            self.standard_model(seed)
        initial = self.folder / "initial.safetensors"
        run(executable, "init", "--seed", seed, "--out", initial)
        arrays = entry.get("initial_of", lambda arrays: arrays)(safetensors_lite.read(initial)[0])
        safetensors_lite.write(initial, arrays)
        out = self.folder / f"{executable.name}.{seed}"
        begin = seconds()
        run(executable, "train", "--data", self.data, "--out", out, "--epochs", options.epochs, "--seed",
            seed, "--init", initial, "--threads", options.threads)
        summary = json.loads((out / "summary.json").read_text())
        found = {attack["name"]: attack["accuracy"] for attack in summary["evaluations"][-1]["attacks"]}
        ours = found["clean"], found["ce_s" if "ce_s" in found else "ce"]
        middle = seconds()
        training = frameworks.Training(arrays, self.train, torch.float32, oracle.mnist_cnn, seed, BATCH,
                                       entry.get("frozen", ()), kept=entry.get("kept", ()))
        p = training.run(entry["program"], options.epochs, entry.get("after"), entry.get("undecayed", ()),
                         entry.get("replays", 1))
        x, y = oracle.images(self.test[0], torch.float32), oracle.labels(self.test[1])
        p = entry.get("judged", lambda training: p)(training)
        theirs = evaluate(p, x, y, entry.get("scale"), seed, entry.get("radius", frameworks.RADIUS))
        for side, (clean, robust), (wall, cpu) in (("advx", ours, middle - begin),
                                                   ("PyTorch", theirs, seconds() - middle)):
            print(f"{name}, seed {seed}: {side} {100 * clean:.2f} {100 * robust:.2f}, {wall:.1f} s, "
                  f"{cpu:.1f} s of processors", file=sys.stderr, flush=True)
        return ours, theirs


def cells(results):
    """(the cells of a page's row, the largest difference of means) of `results` [seed, side, measure]."""
    results = 100 * np.array(results)
    means = results.mean(0)
    spread = results.std(0, ddof=1).ravel() if len(results) > 1 else None
    shown = [f"{mean:.2f}" + ("" if spread is None else f" ± {spread[i]:.2f}")
             for i, mean in enumerate(means.ravel())]
    difference = means[0] - means[1]
    return shown + [f"{value:+.2f}" for value in difference], np.abs(difference).max()


def main():
    programs = framework_programs.PROGRAMS
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("names", nargs="*", metavar="NAME", help="pages below examples/")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--train", type=int, default=60000, help="training images")
    parser.add_argument("--test", type=int, default=10000, help="test images")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--advx", type=pathlib.Path, default=ROOT / "build/release/bin/advx")
    parser.add_argument("--tolerance", type=float, help="points the means may differ by")
    options = parser.parse_args()
    unknown = [name for name in options.names if name not in programs]
    if unknown:
        parser.error(f"no such page: {', '.join(unknown)}; there are {', '.join(programs)}")
    torch.set_num_threads(options.threads)
    worst = 0
    with tempfile.TemporaryDirectory() as scratch:
        comparison = Comparison(options, pathlib.Path(scratch))
        print(f"{len(comparison.train[0])} images, {options.epochs} epochs, {options.seeds} seeds, "
              f"{len(comparison.test[0])} test images\n")
        print("| page | advx clean | PGD-20 | PyTorch clean | PGD-20 | clean | PGD-20 |")
        print("|---|---|---|---|---|---|---|")
        for name in options.names or programs:
            executable = comparison.build(name)
            seeds = range(options.first_seed, options.first_seed + options.seeds)
            row, apart = cells([comparison.seed(name, programs[name], executable, seed) for seed in seeds])
            worst = max(worst, apart)
            print(f"| {name} | {' | '.join(row)} |", flush=True)
    if options.tolerance is not None and worst > options.tolerance:
        print(f"more than {options.tolerance} points apart")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
