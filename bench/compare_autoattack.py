#!/usr/bin/python3
"""AutoAttack as a text of the library beside the authors' program, on the same weights and images.

A small network is trained and then attacked by both, in the maximum norm, version `standard`. Printed: the
accuracy after each attack of the cascade, and the CPU seconds of both on one thread. The authors' package is
found as Python finds any (`autoattack`, https://github.com/fra31/auto-attack); this script does not bring it.

Usage: bench/compare_autoattack.py [--advx build/release/bin/advx] [--data DIR] [--images 200] [--train 12000]
           [--epochs 4] [--radius 1/10] [--seed 0]
Exit status: 3 if there is no such package.
"""

import argparse
import fractions
import json
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "test" / "end-to-end"))

PAGE = """experiment page {{
  data fashion_mnist() {{ batch = 128 }}
  features z = mnist_cnn()
  head     f = linear(z)
  threat B(x) = linf(x, radius = {radius}) & box(0, 1)
  inner x' = argmax ce(f(x'), y) over B(x) by pgd(steps = 7, step = {radius} / 4, start = uniform)
  outer minimize ce(f(x' | y), y) by sgd(lr = 0.05, momentum = 0.9) for 1 epochs
  evaluate at end on test over B(x) {{ clean  aa = autoattack() }}
}}
"""
STAGES = {"apgd-ce": "aa.apgd_ce", "apgd-t": "aa.apgd_t", "fab-t": "aa.fab_t", "square": "aa.square"}


def settings(steps, queries):
    paths = {"apgd_ce.steps": steps, "apgd_t.steps": steps, "fab_t.steps": steps, "square.queries": queries}
    return [word for path, value in paths.items() for word in ("--set", f"test.aa.{path}={value}")]


def ours(options, folder):
    """(accuracies by stage, CPU seconds, checkpoint)."""
    page = folder / "page.advx"
    page.write_text(PAGE.format(radius=options.radius))
    executable = folder / "page"
    subprocess.run([options.advx, "build", page, "-o", executable], check=True)
    common = ["--data", options.data, "--threads", "1", "--progress", "off"]
    run = folder / "run"
    # What training sets is kept with the weights, so the evaluation says all numbers again.
    subprocess.run([executable, "train", *common, "--out", run, "--epochs", str(options.epochs), "--limit",
                    str(options.train), "--seed", str(options.seed), *settings(0, 0)],
                   check=True, stdout=subprocess.DEVNULL)
    checkpoint = run / "checkpoints" / "final.safetensors"
    before = os.times()
    subprocess.run([executable, "eval", "--checkpoint", checkpoint, *common, "--limit", str(options.images),
                    "--out", folder / "eval.json", *settings(100, 5000)], check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    (evaluation,) = json.loads((folder / "eval.json").read_text())["evaluations"]
    found = {attack["name"]: attack["accuracy"] for attack in evaluation["attacks"]}
    seconds = after.children_user + after.children_system - before.children_user - before.children_system
    return ({"clean": found["clean"], **{stage: found[name] for stage, name in STAGES.items()}}, seconds,
            checkpoint)


def theirs(options, checkpoint, package):
    import torch

    import advxtest
    import oracle

    torch.set_num_threads(1)
    p = oracle.tensors(advxtest.weights(checkpoint))
    pixels, labels = (advxtest.read_idx(next(pathlib.Path(options.data).glob(f"t10k-{kind}*")))
                      for kind in ("images", "labels"))
    x = oracle.images(pixels[:options.images], torch.float32)
    y = oracle.labels(labels[:options.images])

    def model(v):
        return oracle.linear(p, oracle.mnist_cnn(p, v))

    with torch.no_grad():
        held = model(x).argmax(1) == y
    accuracies = {"clean": held.float().mean().item()}
    before = os.times()
    attacked = x.clone()
    for stage in STAGES:  # each sees what is left, as in the authors' cascade
        left = held.nonzero().flatten()
        if len(left):
            adversary = package.AutoAttack(model, norm="Linf", eps=float(fractions.Fraction(options.radius)),
                                           version="custom", attacks_to_run=[stage], seed=options.seed,
                                           device="cpu", verbose=False)
            adversary.apgd.n_restarts, adversary.fab.n_restarts = 1, 1
            adversary.apgd_targeted.n_restarts = 1
            attacked[left] = adversary.run_standard_evaluation(x[left], y[left], bs=len(left))
            with torch.no_grad():
                held[left] = model(attacked[left]).argmax(1) == y[left]
        accuracies[stage] = held.float().mean().item()
    after = os.times()
    return accuracies, after.user + after.system - before.user - before.system


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--advx", type=pathlib.Path, default=ROOT / "build/release/bin/advx")
    parser.add_argument("--data", type=pathlib.Path, default="/usr/share/datasets/fashion-mnist")
    parser.add_argument("--images", type=int, default=200)
    parser.add_argument("--train", type=int, default=12000)
    parser.add_argument("--epochs", type=int, default=4)
    parser.add_argument("--radius", default="1/10")
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    try:
        import autoattack
    except ImportError:
        print("there is no Python package `autoattack`; its folder can be named by $PYTHONPATH", file=sys.stderr)
        return 3
    with tempfile.TemporaryDirectory() as folder:
        mine, seconds, checkpoint = ours(options, pathlib.Path(folder))
        other, other_seconds = theirs(options, checkpoint, autoattack)
    print(f"{options.images} images, radius {options.radius}, one thread")
    print("| after | advx | authors' program |")
    print("|---|---|---|")
    for stage, accuracy in mine.items():
        print(f"| {stage} | {100 * accuracy:.2f} % | {100 * other[stage]:.2f} % |")
    print(f"| CPU seconds | {seconds:.1f} | {other_seconds:.1f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
