#!/usr/bin/python3
"""What an evaluation saves by attacking only the images that are left: three attacks inside the braces of a `worst`,
over the same three as lines of their own that the `worst` names.

A network is trained, and then the two executables evaluate its weights in turn. Printed: the CPU seconds of each on
one thread (medians over the rounds, with their quartiles), by how many percent the second is less, how many images
each attack inside the braces still had, and the accuracy under all of them, which must be the same number.

Usage: bench/survivors.py [--advx build/ci/bin/advx] [--data DIR] [--images 10000] [--rounds 5]
           [--training standard|adversarial]
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent

# From the point itself, since the draws of a start depend on the line's name.
ATTACKS = {
    "ce": "pgd(steps = 20, step = 1/100, start = center)",
    "margin": "argmax cw(f(x'), y) by pgd(steps = 20, step = 1/100, start = center)",
    "long": "pgd(steps = 40, step = 1/200, start = center)",
}
LINES = " ".join(f"{name} = {attack}" for name, attack in ATTACKS.items())
EVALUATIONS = {
    "all images": f"clean {LINES} robust = worst {{ {' '.join(ATTACKS)} }}",
    "what is left": f"clean robust = worst {{ {LINES} }}",
}
INNER = "inner x' = argmax ce(f(x'), y) over B(x) by pgd(steps = 7, step = 1/40, start = uniform)"
PAGE = """experiment survivors {{
  data fashion_mnist() {{ batch = 128 }}
  features z = mnist_cnn()
  head     f = linear(z)
  threat B(x) = linf(x, radius = 1/10) & box(0, 1)
  {inner}
  outer minimize ce(f({point} | y), y) by sgd(lr = 0.05, momentum = 0.9) for 1 epochs
  evaluate at end on test {{ {evaluation} }}
}}
"""


def cpu_seconds(*command):
    """Of a finished child and its threads."""
    before = os.times()
    subprocess.run([str(word) for word in command], check=True, stdout=subprocess.DEVNULL)
    after = os.times()
    return (after.children_user + after.children_system
            - before.children_user - before.children_system)


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--advx", type=pathlib.Path, default=ROOT / "build/ci/bin/advx")
    parser.add_argument("--data", type=pathlib.Path, default="/usr/share/datasets/fashion-mnist")
    parser.add_argument("--images", type=int, default=10000)
    parser.add_argument("--rounds", type=int, default=5, help="at least 2 (5)")
    parser.add_argument("--training", choices=("standard", "adversarial"), default="adversarial")
    options = parser.parse_args()
    if options.rounds < 2:
        parser.error(f"--rounds is {options.rounds}: quartiles need at least 2")
    attacked = options.training == "adversarial"
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        common = ("--data", options.data, "--threads", 1, "--progress", "off")
        executables = {}
        for number, (name, evaluation) in enumerate(EVALUATIONS.items()):
            page = folder / f"page{number}.advx"
            page.write_text(PAGE.format(inner=INNER if attacked else "", evaluation=evaluation,
                                        point="x'" if attacked else "x"))
            executables[name] = folder / f"page{number}"
            subprocess.run([options.advx, "build", page, "-o", executables[name]], check=True)
        # The evaluation at the end of training is not what is measured.
        first = executables["what is left"]
        cpu_seconds(first, "train", "--out", folder / "run", *common)
        weights = folder / "run" / "checkpoints" / "final.safetensors"
        seconds, rows = {name: [] for name in executables}, {}
        for turn in range(options.rounds):
            for name in list(executables)[::1 if turn % 2 else -1]:
                out = folder / "eval.json"
                seconds[name].append(cpu_seconds(executables[name], "eval", "--checkpoint", weights,
                                                 "--limit", options.images, "--out", out, *common))
                lines = json.loads(out.read_text())["evaluations"][0]["attacks"]
                rows[name] = {line["name"]: line for line in lines}
        for name, values in seconds.items():
            low, middle, high = statistics.quantiles(values, n=4)
            print(f"{name:12} {middle:7.2f} CPU s (quartiles {low:.2f} to {high:.2f})  "
                  f"clean {100 * rows[name]['clean']['accuracy']:.2f} %  "
                  f"robust {100 * rows[name]['robust']['accuracy']:.2f} %")
        left = rows["what is left"]
        print(f"attacked of {options.images}: "
              + ", ".join(f"{name} {left['robust.' + name]['attacked']}" for name in ATTACKS))
        medians = [statistics.median(seconds[name]) for name in EVALUATIONS]
        print(f"{options.training} training: {100 * (1 - medians[1] / medians[0]):.1f} % less")
        same = len({row["robust"]["accuracy"] for row in rows.values()}) == 1
        if not same:
            sys.exit("the two accuracies differ")


if __name__ == "__main__":
    main()
