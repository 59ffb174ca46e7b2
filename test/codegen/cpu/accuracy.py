"""The f32 functions of generated kernels beside those of f64: every value that is special, every
exponent with many mantissas, and dense runs where a function bends or ends. The error is counted
in ulp, the spacing of f32 at the exact result.

    accuracy.py            what the test asserts
    accuracy.py --all      every f32 instead of the grid, which takes minutes
"""

import os
import sys
import tempfile

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from step_object import Program  # noqa: E402

WIDTH = 4096  # elements of an example
LARGEST = float(np.finfo(np.float32).max)
OVERFLOW = LARGEST + 2.0**103  # half a step above the largest finite number

# The bounds that compiler/codegen/kernels/FloatMath.h promises.
BOUNDS = {"exp": 2, "log": 2, "tanh": 3}
REFERENCE = {"exp": np.exp, "log": np.log, "tanh": np.tanh}
# Where each bends: a polynomial ends, a result leaves the finite or the normal numbers.
EDGES = {
    "exp": [0.0, 0.34657359, -0.34657359, 88.72284, -87.33655, -103.97208, -104.0, 89.0],
    "log": [1.0, 0.70710678, 1.41421356, 1.1754944e-38, 1e-45],
    "tanh": [0.0, 0.625, -0.625, 9.0109, -9.0109, 44.3614],
}
SPECIAL = np.array([0x00000000, 0x80000000, 0x7F800000, 0xFF800000, 0x7FC00000, 0xFFC00000, 0x7F800001,
                    0x00000001, 0x80000001, 0x007FFFFF, 0x807FFFFF, 0x00800000, 0x80800000, 0x7F7FFFFF,
                    0xFF7FFFFF, 0x3F800000, 0xBF800000], np.uint32).view(np.float32)


def around(value, count):
    """So many floats on either side of the value, in steps of one."""
    middle = np.float32(value).view(np.int32).astype(np.int64) & 0x7FFFFFFF
    bits = np.clip(middle + np.arange(-count, count + 1), 0, 0x7F800000).astype(np.uint32).view(np.float32)
    return np.concatenate([bits, -bits])


def grid(name):
    mantissas = (np.arange(512, dtype=np.uint32) * 0x4001) & 0x7FFFFF  # spread over all, both ends
    mantissas[-1] = 0x7FFFFF
    exponents = np.arange(256, dtype=np.uint32) << 23
    positive = (exponents[:, None] | mantissas).ravel()
    bits = np.concatenate([positive, positive | np.uint32(0x80000000)])
    dense = np.linspace(-110, 110, 1 << 20, dtype=np.float32) if name != "log" else np.linspace(0, 4, 1 << 20, dtype=np.float32)
    return np.concatenate([SPECIAL, bits.view(np.float32), dense] + [around(edge, 2000) for edge in EDGES[name]])


def program_text(names):
    steps = []
    for name in names:
        kind = f"tensor<?x{WIDTH}xf32>"
        steps.append(f"""
  func.func @{name}(%x: {kind} {{advx.input = "x"}}) -> ({kind} {{advx.output = "y"}}) attributes {{advx.step}} {{
    %r = advx.cluster elementwise ["x"] (%x) : ({kind}) -> {kind} {{
    ^bb0(%a: {kind}):
      %v = advx.{name} %a : ({kind}) -> {kind}
      advx.yield %v : {kind}
    }}
    return %r : {kind}
  }}""")
    return "module {" + "".join(steps) + "\n}\n"


def evaluate(program, name, x):
    batch = -(-len(x) // WIDTH)
    padded = np.zeros(batch * WIDTH, np.float32)
    padded[: len(x)] = x
    return program.run(name, {"x": padded.reshape(batch, WIDTH)}, batch)["y"].ravel()[: len(x)]


def errors(found, exact):
    """The error of each in ulp: infinite where one is NaN or infinite, or zero with a sign, and the
    other is not the same."""
    rounded = exact.astype(np.float32)
    special = ~np.isfinite(rounded) | (exact == 0)
    same = np.where(np.isnan(rounded), np.isnan(found), (found == rounded) & (np.signbit(found) == np.signbit(rounded)))
    exponent = np.maximum(np.frexp(np.where(special, 1.0, exact))[1] - 1, -126)
    ulps = np.abs(found.astype(np.float64) - exact) / np.ldexp(1.0, exponent - 23)
    # One step past the largest finite number is an error of one step, not an infinite one.
    near = np.isinf(found) & (np.abs(exact) > LARGEST * (1 - 2.0**-23)) & ~special
    ulps = np.where(near, 1.0, ulps)
    return np.where(special, np.where(same, 0.0, np.inf), np.where(np.isfinite(ulps), ulps, np.inf))


def check(program, name, x):
    found = evaluate(program, name, x)
    with np.errstate(all="ignore"):
        worst = errors(found, REFERENCE[name](x.astype(np.float64)))
    return worst.max(), x[worst.argmax()], found[worst.argmax()]


def main():
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        program = Program(program_text(BOUNDS), os.environ["ADVX_BUILD"], folder)
        for name, bound in BOUNDS.items():
            parts = [grid(name)]
            if "--all" in sys.argv:
                step = 1 << 24
                parts = (np.arange(b, b + step, dtype=np.uint64).astype(np.uint32).view(np.float32)
                         for b in range(0, 1 << 32, step))
            worst, where, got = max((check(program, name, part) for part in parts), key=lambda w: w[0])
            print(f"{name}: {worst:.3f} ulp at {where!r}, where it is {got!r}; at most {bound}")
            passed += worst <= bound
            failed += not worst <= bound
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    with np.errstate(all="ignore"):
        sys.exit(main())
