"""Compiles Inputs/net.mlir, runs its step for several batch sizes and compares it with the
same text in numpy."""

import os
import sys
import tempfile

import numpy as np

from step_object import Program

NAN = float("nan")
passed = failed = 0


def check(what, found, expected, tolerance=1e-5):
    global passed, failed
    if np.allclose(found, expected, rtol=tolerance, atol=tolerance):
        passed += 1
    else:
        failed += 1
        print(f"{what}: found {found}, expected {expected}")


def reference(w, b, x, y, rate, steps):
    target = np.eye(3, dtype=np.float32)[y]
    for _ in range(int(steps)):
        x = x + rate * np.sign((x @ w.T - target) @ w)
    d = x @ w.T + b - target
    return w - rate * (d.T @ x), (d * d).sum() / len(x), x


def main():
    text = open(sys.argv[1]).read()
    generator = np.random.default_rng(0)
    with tempfile.TemporaryDirectory() as directory:
        program = Program(text, os.environ["ADVX_BUILD"], directory)
        resolved, _ = program.uniforms((NAN, NAN), (1, 0, 2, 10))
        check("the page's settings", resolved, [0.5, 3.0])
        # A page's settings, then other ones: neither needs another object.
        for settings, clock in [((NAN, NAN), (0, 0, 1, 1)), ((0.125, 0), (1, 5, 2, 10)),
                                ((0.25, 5), (2, 9, 2, 10))]:
            resolved, uniforms = program.uniforms(settings, clock)
            check("the rate after its schedule", uniforms[0], resolved[0] * np.exp(clock[0] / clock[2]))
            for batch in (1, 2, 15, 16, 17, 100, 4096):
                w = generator.standard_normal((3, 4), dtype=np.float32)
                b = generator.standard_normal(3, dtype=np.float32)
                x = generator.standard_normal((batch, 4), dtype=np.float32)
                y = generator.integers(0, 3, batch)
                program.state["z.w"][...] = w
                program.state["z.b"][...] = b
                out = program.run("train_step", {"x": x, "y": y}, batch, uniforms)
                rate = np.float32(uniforms[0])
                new, loss, adversarial = reference(w, b, x, y, rate, resolved[1])
                what = f"{settings}, batch {batch}: "
                check(what + "new weights", program.state["z.w"], new, 1e-3)
                check(what + "other leaf", program.state["z.b"], b)
                check(what + "loss", out["loss"], loss, 1e-3)
                check(what + "adversarial", out["adversarial"], adversarial, 1e-3)
    print(f"{passed} passed, {failed} failed")
    return failed != 0


sys.exit(main())
