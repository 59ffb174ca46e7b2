"""The f32 functions of generated kernels beside those of f64: every value that is special, every
exponent with many mantissas, and dense runs where a function bends or ends. The error is counted
in ulp, the spacing of f32 at the exact result.

    accuracy.py            what the test asserts
    accuracy.py --all      every f32 instead of the grid, but for pow, which takes minutes
"""

import math
import os
import sys
import tempfile

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from step_object import Program  # noqa: E402

np.seterr(all="ignore")  # NaN and infinity are asked for
WIDTH = 4096  # elements of an example
LARGEST = float(np.finfo(np.float32).max)

# The bounds that dialect/IR/FloatMath.h promises.
BOUNDS = {"exp": 1.1, "log": 0.9, "tanh": 1.4, "erf": 1.1, "pow": 0.51}
REFERENCE = {"exp": np.exp, "log": np.log, "tanh": np.tanh, "pow": np.power,
             "erf": np.vectorize(math.erf, otypes=[np.float64])}
# Where each bends: a polynomial ends, a result leaves the finite or the normal numbers.
EDGES = {
    "exp": [0.0, 0.34657359, -0.34657359, 88.72284, -87.33655, -103.97208, -104.0, 89.0],
    "log": [1.0, 0.70710678, 1.41421356, 1.1754944e-38, 1e-45],
    "tanh": [0.0, 0.625, -0.625, 9.0109, -9.0109, 44.3614],
    "erf": [0.0, 0.927734375, 0.95196897, 1.1929107, 3.9192059],
}
SPECIAL = np.array([0x00000000, 0x80000000, 0x7F800000, 0xFF800000, 0x7FC00000, 0xFFC00000, 0x7F800001,
                    0x00000001, 0x80000001, 0x007FFFFF, 0x807FFFFF, 0x00800000, 0x80800000, 0x7F7FFFFF,
                    0xFF7FFFFF, 0x3F800000, 0xBF800000], np.uint32).view(np.float32)


def around(value, count):
    """So many floats on either side of the value, in steps of one."""
    middle = np.float32(value).view(np.int32).astype(np.int64) & 0x7FFFFFFF
    bits = np.clip(middle + np.arange(-count, count + 1), 0, 0x7F800000).astype(np.uint32).view(np.float32)
    return np.concatenate([bits, -bits])


def numbers(mantissas):
    """So many of every exponent and either sign, spread over all mantissas, with both ends."""
    mantissa = (np.arange(mantissas, dtype=np.uint32) * (0x800000 // mantissas | 1)) & 0x7FFFFF
    mantissa[-1] = 0x7FFFFF
    positive = ((np.arange(256, dtype=np.uint32) << 23)[:, None] | mantissa).ravel()
    return np.concatenate([positive, positive | np.uint32(0x80000000)]).view(np.float32)


def grid(name):
    """The arguments of a function, one array each."""
    if name != "pow":
        low, high = (0, 4) if name == "log" else (-110, 110)
        dense = np.linspace(low, high, 1 << 20, dtype=np.float32)
        return [np.concatenate([SPECIAL, numbers(512), dense] + [around(edge, 2000) for edge in EDGES[name]])]
    # Every special number and small whole number with every other, roots and powers near the ends
    # of the range, and any number with exponents for which the result is finite.
    random = np.random.default_rng(1)
    whole = np.concatenate([np.arange(-9, 9.5, 0.5), [2**23 + 1, 2**24, -(2**23) - 1]]).astype(np.float32)
    few = np.concatenate([SPECIAL, whole, numbers(2)])
    x, y = (a.ravel() for a in np.meshgrid(few, few))
    base = np.abs(np.tile(numbers(64), 40))
    logarithm = np.log2(base.astype(np.float64))
    power = (random.uniform(-152, 130, base.size) / np.where(logarithm == 0, 1, logarithm)).astype(np.float32)
    near = np.concatenate([around(1.0, 500)] * 500)  # where a power is large
    large = (random.uniform(-152, 130, near.size) / np.log2(np.abs(near.astype(np.float64)) + 1e-12)).astype(np.float32)
    return [np.concatenate([x, base, near]), np.concatenate([y, power, large])]


def program_text(names):
    steps = []
    kind = f"tensor<?x{WIDTH}xf32>"
    for name in names:
        count = 2 if name == "pow" else 1
        ports = ", ".join(f'%x{i}: {kind} {{advx.input = "x{i}"}}' for i in range(count))
        outside, inside = (", ".join(f"%{letter}{i}" for i in range(count)) for letter in "xa")
        arguments = ", ".join(f"%a{i}: {kind}" for i in range(count))
        kinds = ", ".join([kind] * count)
        steps.append(f"""
  func.func @{name}({ports}) -> ({kind} {{advx.output = "y"}}) attributes {{advx.step}} {{
    %r = advx.cluster elementwise ["x"] ({outside}) : ({kinds}) -> {kind} {{
    ^bb0({arguments}):
      %v = advx.{name} {inside} : ({kinds}) -> {kind}
      advx.yield %v : {kind}
    }}
    return %r : {kind}
  }}""")
    return "module {" + "".join(steps) + "\n}\n"


def evaluate(program, name, arguments):
    batch = -(-len(arguments[0]) // WIDTH)
    inputs = {}
    for i, x in enumerate(arguments):
        padded = np.zeros(batch * WIDTH, np.float32)
        padded[: len(x)] = x
        inputs[f"x{i}"] = padded.reshape(batch, WIDTH)
    return program.run(name, inputs, batch)["y"].ravel()[: len(arguments[0])]


def errors(found, exact):
    """The error of each in ulp; infinite where one is NaN or infinite, or the exact one 0, and the
    other is not the same, and where a sign is wrong."""
    rounded = exact.astype(np.float32)
    same_sign = np.signbit(found) == np.signbit(rounded)
    same = np.where(np.isnan(rounded), np.isnan(found), (found == rounded) & same_sign)
    finite = np.isfinite(rounded) & np.isfinite(found)
    exponent = np.frexp(np.where(finite & (exact != 0), exact, 1.0))[1] - 1
    ulps = np.abs(found.astype(np.float64) - exact) / np.ldexp(1.0, np.maximum(exponent, -126) - 23)
    # The largest finite number for one that rounds to infinity, and the reverse, is one step.
    last = same_sign & ~finite & (np.maximum(np.abs(found), np.abs(rounded)) == np.inf) & (
        np.minimum(np.abs(found), np.abs(rounded)) == np.float32(LARGEST)) & (np.abs(exact) < LARGEST * (1 + 2.0**-23))
    return np.where(same, np.where(finite, ulps, 0.0), np.where(last, 1.0, np.where(finite & same_sign & (exact != 0), ulps, np.inf)))


def check(program, name, arguments):
    found = evaluate(program, name, arguments)
    worst = errors(found, REFERENCE[name](*[a.astype(np.float64) for a in arguments]))
    at = worst.argmax()
    return worst[at], [a[at] for a in arguments], found[at]


def main():
    passed = failed = 0
    with tempfile.TemporaryDirectory() as folder:
        program = Program(program_text(BOUNDS), os.environ["ADVX_BUILD"], folder)
        for name, bound in BOUNDS.items():
            parts = [grid(name)]
            if "--all" in sys.argv and name != "pow":
                step = 1 << 24
                parts = ([np.arange(b, b + step, dtype=np.uint64).astype(np.uint32).view(np.float32)]
                         for b in range(0, 1 << 32, step))
            worst, where, got = max((check(program, name, part) for part in parts), key=lambda w: w[0])
            print(f"{name}: {worst:.3f} ulp at {', '.join(map(repr, where))}, where it is {got!r}; at most {bound}")
            passed += worst <= bound
            failed += not worst <= bound
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
