"""Runs Inputs/mixed.mlir, a training step of two float types, as -O0 and as -O2 make it, beside the
same in PyTorch: as it is written, with f32 state, and with the types changed about.

    run_mixed.py FILE          compiles and compares
    run_mixed.py FILE --swap   prints the text with the types changed about
"""

import os
import re
import sys
import tempfile

import numpy as np
import torch
import torch.nn.functional as F

from step_object import TYPES, Program

BATCHES = (1, 5, 16, 33)
STEPS = 2  # so that new state is read
TORCH = {"f32": torch.float32, "f64": torch.float64}
# Of the largest: what roundings to f32 make of two steps, in another order from level to level.
TOLERANCE = 2e-5


def swapped(text):
    """The text with f32 for f64 and the reverse; numbers of the host stay f64."""
    other = {"f32": "f64", "f64": "f32"}
    return re.sub(r"(?:(?<=[x<])|(?<= to )|(?<= of )|(?<=\\22))f(?:32|64)", lambda m: other[m[0]], text)


def reference(state, start, y, narrow, part):
    """The new state and the outputs, with the weights in one type and the head in the other."""
    k, w = (state[name].clone().requires_grad_() for name in ("k", "w"))

    def forward(x):
        h = F.conv2d(x, k, padding=1)
        mean, var = h.mean((0, 2, 3)), h.var((0, 2, 3), unbiased=False)
        shape = (1, -1, 1, 1)
        scale = state["gamma"] / (var + 1e-5).sqrt()
        n = (h - mean.view(shape)) * scale.view(shape) + state["beta"].view(shape)
        pooled = F.avg_pool2d(torch.tanh(n.to(part)), 2)
        logits = pooled.flatten(1) @ w.to(part).T
        return h, logits, F.cross_entropy(logits, y, reduction="none")

    x = start
    for _ in range(2):
        x = x.detach().requires_grad_()
        x = x + 0.5 * torch.autograd.grad(forward(x)[2].sum(), x)[0]
    x = x.detach()
    h, logits, losses = forward(x)
    loss = losses.mean()
    new = dict(state)
    for name, g in zip(("k", "w"), torch.autograd.grad(loss, (k, w))):
        new["v." + name] = 0.9 * state["v." + name] + g.to(part)
        new[name] = state[name] - (0.25 * new["v." + name]).to(narrow)
    for name, value in (("mean", h.mean((0, 2, 3))), ("var", h.var((0, 2, 3), unbiased=True))):
        new[name] = 0.9 * state[name] + 0.1 * value.detach().to(part)
    outputs = {"loss": loss.detach(), "adversarial": x, "correct": logits.argmax(1) == y}
    return new, outputs


class Checker:
    def __init__(self):
        self.passed = self.failed = 0

    def check(self, what, found, expected):
        found, expected = np.asarray(found), np.asarray(expected)
        scale = max(np.abs(expected).max(), 1e-2) if expected.dtype.kind == "f" else 1
        error = np.abs(found.astype(np.float64) - expected.astype(np.float64)).max() / scale
        if error <= (TOLERANCE if expected.dtype.kind == "f" else 0) and found.dtype.kind != "O":
            self.passed += 1
        else:
            self.failed += 1
            print(f"{what} is off by {error:.1e} of the largest")

    def run(self, programs, batch, narrow, part):
        random = np.random.default_rng(batch)
        state = {name: random.standard_normal(view.shape).astype(view.dtype) * 0.5
                 for name, view in programs["-O0"].state.items()}
        state["var"] = np.abs(state["var"]) + state["var"].dtype.type(0.5)
        inputs = {"x": random.standard_normal((batch, 1, 6, 6)).astype(TYPES[narrow]),
                  "y": random.integers(0, 3, batch), "index": np.arange(batch)}
        for program in programs.values():
            for name, value in state.items():
                program.state[name][...] = value
        expected = {name: torch.from_numpy(value) for name, value in state.items()}
        y = torch.from_numpy(inputs["y"])
        for step in range(STEPS):
            given = {level: p.run("train_step", inputs, batch, seed=step) for level, p in programs.items()}
            start = given["-O0"].pop("start")
            what = f"{narrow} state, {part} part, batch {batch}, step {step}"
            same = start.tobytes() == given["-O2"].pop("start").tobytes()
            self.passed += same
            self.failed += not same
            if not same:
                print(f"{what}: the levels draw other starts")
            expected, outputs = reference(expected, torch.from_numpy(start), y, TORCH[narrow], TORCH[part])
            for level, program in programs.items():
                for name, value in outputs.items():
                    self.check(f"{what}, {level}: {name}", given[level][name], value.numpy())
                for name, value in expected.items():
                    assert program.state[name].dtype == value.numpy().dtype, name
                    self.check(f"{what}, {level}: state {name}", program.state[name], value.numpy())


def main():
    text = open(sys.argv[1]).read()
    if sys.argv[2:] == ["--swap"]:
        print(swapped(text), end="")
        return 0
    checker = Checker()
    for narrow, part, source in (("f32", "f64", text), ("f64", "f32", swapped(text))):
        with tempfile.TemporaryDirectory() as plain, tempfile.TemporaryDirectory() as kernels:
            folders = {"-O0": (plain, 0), "-O2": (kernels, 2)}
            programs = {level: Program(source, os.environ["ADVX_BUILD"], folder,
                                       (f"--advx-instantiated-to-host=level={number}",))
                        for level, (folder, number) in folders.items()}
            for batch in BATCHES:
                checker.run(programs, batch, narrow, part)
    print(f"{checker.passed} passed, {checker.failed} failed")
    return checker.failed != 0


sys.exit(main())
