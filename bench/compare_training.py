#!/usr/bin/python3
"""Trains one page with advx and with PyTorch, from the same initial weights, and compares.

Every seed is one run of each. Both start from the weights that `EXE init --seed S` writes,
see the same images, and are attacked by the same PGD-20; the order of the examples and the
starts of the attack are drawn by each side's own generator. Printed are the accuracies of
each run and the means, with the difference in points.

Usage: bench/compare_training.py [--head linear|hypersphere] [--seeds 3] [--epochs 3]
           [--train 60000] [--test 10000] [--advx build/release/bin/advx] [--tolerance POINTS]
Exit status: 1 if --tolerance is given and the means differ by more.
"""

import argparse
import json
import math
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
import oracle  # noqa: E402
import safetensors_lite  # noqa: E402

BATCH, RADIUS, PEAK, MOMENTUM, DECAY = 128, 0.1, 0.1, 0.9, 5e-4
S, M = 15.0, 0.2
PAGES = {"linear": "fashion_mnist/pgd_at", "hypersphere": "fashion_mnist/pgd_at_he"}


def logits(p, x, head, y=None):
    z = oracle.mnist_cnn(p, x)
    return oracle.linear(p, z) if head == "linear" else oracle.hypersphere(p, z, S, M, y)


def uniform_start(x, generator):
    noise = torch.rand(x.shape, generator=generator) * 2 - 1
    return (x + RADIUS * noise).clamp(0, 1)


def attack(p, x, y, head, steps, step, generator):
    fixed = {name: tensor.detach() for name, tensor in p.items()}
    return oracle.pgd(lambda v: oracle.ce(logits(fixed, v, head), y), x,
                      uniform_start(x, generator), steps, step, RADIUS, "linf")


def train_torch(initial, x, y, head, epochs, seed):
    """The page's training in eager PyTorch; returns the weights."""
    generator = torch.Generator().manual_seed(1000 + seed)
    p = oracle.trainable(initial)
    optimizer = torch.optim.SGD([t for t in p.values() if t.requires_grad], lr=PEAK,
                                momentum=MOMENTUM, weight_decay=DECAY)
    total = epochs * math.ceil(len(x) / BATCH)
    rise = 0.3 * total
    schedule = torch.optim.lr_scheduler.LambdaLR(
        optimizer, lambda i: i / rise if i < rise else (total - i) / (total - rise))
    for _ in range(epochs):
        for rows in torch.randperm(len(x), generator=generator).split(BATCH):
            adversarial = attack(p, x[rows], y[rows], head, 10, 0.025, generator)
            optimizer.zero_grad()
            oracle.ce(logits(p, adversarial, head, y[rows]), y[rows]).mean().backward()
            optimizer.step()
            schedule.step()
    return {name: tensor.detach() for name, tensor in p.items()}


def evaluate_torch(p, x, y, head, seed):
    """(clean, PGD-20 with the cross-entropy at s): both right, as in the page's report."""
    generator = torch.Generator().manual_seed(2000 + seed)
    clean = robust = 0
    for rows in torch.arange(len(x)).split(500):
        adversarial = attack(p, x[rows], y[rows], head, 20, 0.01, generator)
        with torch.no_grad():
            right = logits(p, x[rows], head).argmax(1) == y[rows]
            held = logits(p, adversarial, head).argmax(1) == y[rows]
        clean += int(right.sum())
        robust += int((right & held).sum())
    return clean / len(x), robust / len(x)


def train_advx(executable, initial, data, out, epochs, seed, threads):
    subprocess.run([executable, "train", "--data", data, "--out", out, "--epochs", str(epochs),
                    "--seed", str(seed), "--init", initial, "--threads", str(threads)], check=True,
                   stdout=subprocess.DEVNULL)
    summary = json.loads((pathlib.Path(out) / "summary.json").read_text())
    found = {attack["name"]: attack["accuracy"] for attack in summary["evaluations"][-1]["attacks"]}
    return found["clean"], found["ce_s"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--head", choices=PAGES, default="linear")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--first-seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=3)
    parser.add_argument("--train", type=int, default=60000, help="training images")
    parser.add_argument("--test", type=int, default=10000, help="test images")
    parser.add_argument("--threads", type=int, default=torch.get_num_threads())
    parser.add_argument("--advx", type=pathlib.Path, default=ROOT / "build/release/bin/advx")
    parser.add_argument("--tolerance", type=float, help="points the means may differ by")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)

    train = advxtest.fashion_mnist("train", options.train)
    test = advxtest.fashion_mnist("t10k", options.test)
    x, y = oracle.images(train[0], torch.float32), oracle.labels(train[1])
    xt, yt = oracle.images(test[0], torch.float32), oracle.labels(test[1])
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        data = advxtest.write_data(folder / "data", train, test)
        executable = folder / "page"
        page = ROOT / "examples" / f"{PAGES[options.head]}.advx"
        subprocess.run([options.advx, "build", page, "-o", executable], check=True)
        print(f"{page.relative_to(ROOT)}: {len(x)} images, {options.epochs} epochs, "
              f"{options.threads} threads, {len(xt)} test images")
        print(f"{'seed':>6} {'':8} {'clean':>8} {'PGD-20':>8} {'seconds':>8}")
        for seed in range(options.first_seed, options.first_seed + options.seeds):
            initial = folder / f"initial{seed}.safetensors"
            subprocess.run([executable, "init", "--seed", str(seed), "--out", initial], check=True)
            begin = time.monotonic()
            ours = train_advx(executable, initial, data, folder / f"run{seed}", options.epochs, seed,
                              options.threads)
            middle = time.monotonic()
            p = train_torch(safetensors_lite.read(initial)[0], x, y, options.head, options.epochs,
                            seed)
            theirs = evaluate_torch(p, xt, yt, options.head, seed)
            end = time.monotonic()
            for name, (clean, robust), seconds in (("advx", ours, middle - begin),
                                                   ("pytorch", theirs, end - middle)):
                print(f"{seed:6} {name:8} {100 * clean:8.2f} {100 * robust:8.2f} {seconds:8.1f}",
                      flush=True)
            rows.append((ours, theirs))
    table = 100 * np.array(rows)  # [seed, side, measure]
    means = table.mean(0)
    spread = table.std(0, ddof=1) if len(rows) > 1 else np.zeros_like(means)
    for side, name in enumerate(("advx", "pytorch")):
        print(f"  mean {name:8} {means[side, 0]:8.2f} {means[side, 1]:8.2f}"
              f"   (sd over seeds {spread[side, 0]:.2f}, {spread[side, 1]:.2f})")
    difference = means[0] - means[1]
    print(f"  advx - pytorch {difference[0]:8.2f} {difference[1]:8.2f} points")
    if options.tolerance is not None and np.abs(difference).max() > options.tolerance:
        print(f"more than {options.tolerance} points apart")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
