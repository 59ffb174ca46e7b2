"""Every op of one element and every reduction on numbers that are special: NaN, infinities, zeros of
both signs, denormals, the largest and the smallest. A step computes each op twice, as a call of
the runtime, as -O0 does, and in a kernel; both give what PyTorch gives, in f32 and in f64."""

import os
import sys
import tempfile

import numpy as np
import torch

from step_object import TYPES, Program

BATCH = 17  # a tile and one more
TORCH = {"f32": torch.float32, "f64": torch.float64}
# What functions that are not exact may be off; special results are exact.
TOLERANCE = {"f32": 3e-7, "f64": 1e-15}


def special(dtype):
    info = np.finfo(TYPES[dtype])
    tiny, least = info.tiny, info.smallest_subnormal
    values = [np.nan, np.inf, 0.0, least, 3 * least, tiny, info.max, 1.0, 0.5, 2.0, 2.5, 3.0, 88.0]
    return np.array(values + [-v for v in values], TYPES[dtype])


UNARY = {"neg": torch.neg, "exp": torch.exp, "log": torch.log, "sqrt": torch.sqrt, "abs": torch.abs,
         "sign": torch.sign, "floor": torch.floor, "ceil": torch.ceil, "relu": torch.relu, "tanh": torch.tanh,
         "erf": torch.erf}
BINARY = {"add": torch.add, "sub": torch.sub, "mul": torch.mul, "div": torch.div, "pow": torch.pow,
          "maximum": torch.maximum, "minimum": torch.minimum}
OTHER = {"f32": "f64", "f64": "f32"}
# Of f64: halfway between two of f32, beyond the largest one, and at the ends of its denormals.
BETWEEN = [1 + 2.0**-24, 1 + 3 * 2.0**-24, 2.0**128 - 2.0**103, 2.0**128 - 2.0**104, 2.0**-150, 3 * 2.0**-150,
           2.0**-126 - 2.0**-150]
COMPARE = {"eq": torch.eq, "ne": torch.ne, "lt": torch.lt, "le": torch.le, "gt": torch.gt, "ge": torch.ge}
INEXACT = {"exp", "log", "tanh", "erf", "pow"}
LENGTHS = (5, 40)  # examples that lanes are laid across, and along


class Case:
    """One op on inputs a, b, … of `shape` an example; `template` is that of its kernel."""

    def __init__(self, name, dtype, op, shapes, result, reference, template, inputs, exact=True):
        self.name, self.dtype, self.op, self.shapes, self.result = name, dtype, op, shapes, result
        self.reference, self.template, self.inputs, self.exact = reference, template, inputs, exact

    def type(self, shape, batched=True, element=None):
        axes = (["?"] if batched else []) + [str(n) for n in shape]
        return f"tensor<{''.join(a + 'x' for a in axes)}{element or self.dtype}>"

    def text(self):
        types = [self.type(shape) for shape in self.shapes]
        result = self.type(*self.result)
        outside = [f"%x{i}" for i in range(len(types))]
        inside = [f"%a{i}" for i in range(len(types))]
        op = lambda names: f"advx.{self.op.format(*names)} : ({', '.join(types)}) -> {result}"
        ports = ", ".join(f'{x}: {t} {{advx.input = "x{i}"}}' for i, (x, t) in enumerate(zip(outside, types)))
        arguments = ", ".join(f"{a}: {t}" for a, t in zip(inside, types))
        return f"""
  func.func @{self.name}({ports}) -> ({result} {{advx.output = "kernel"}}, {result} {{advx.output = "plain"}}) attributes {{advx.step}} {{
    %k = advx.cluster {self.template} ["x"] ({', '.join(outside)}) : ({', '.join(types)}) -> {result} {{
    ^bb0({arguments}):
      %v = {op(inside)}
      advx.yield %v : {result}
    }}
    %p = {op(outside)}
    return %k, %p : {result}, {result}
  }}"""


def elementwise_cases(dtype):
    values = special(dtype)
    pairs = [v.ravel() for v in np.meshgrid(values, values)]
    rows = lambda v: np.resize(v, (BATCH, -(-len(v) // BATCH)))
    for name, reference in UNARY.items():
        x = rows(values)
        yield Case(f"{name}_{dtype}", dtype, name + " {}", [x.shape[1:]], (x.shape[1:],), reference,
                   "elementwise", [x], name not in INEXACT)
    x, other = rows(np.append(values, BETWEEN if dtype == "f64" else []).astype(values.dtype)), OTHER[dtype]
    yield Case(f"cast_{dtype}", dtype, f"cast {{}} to {other}", [x.shape[1:]], (x.shape[1:], True, other),
               lambda t: t.to(TORCH[other]), "elementwise", [x])
    a, b = map(rows, pairs)
    for name, reference in BINARY.items():
        yield Case(f"{name}_{dtype}", dtype, name + " {}, {}", [a.shape[1:]] * 2, (a.shape[1:],), reference,
                   "elementwise", [a, b], name not in INEXACT)
    for name, reference in COMPARE.items():
        yield Case(f"{name}_{dtype}", dtype, f"compare {name} {{}}, {{}}", [a.shape[1:]] * 2,
                   (a.shape[1:], True, "i1"), reference, "elementwise", [a, b])


def reduction_cases(dtype):
    """Every special number at several places of an example of ordinary ones, and two of them."""
    random = np.random.default_rng(0)
    values = special(dtype)
    for length in LENGTHS:
        rows = []
        for first in values:
            for second in (None, *values[:3], *values[13:16]):
                row = random.standard_normal(length).astype(values.dtype)
                places = random.permutation(length)[:2]
                row[places[0]] = first
                if second is not None:
                    row[places[1]] = second
                rows.append(row)
        x = np.array(rows)
        ops = {"reduce_max": ("reduce_max {} axes [0]", ((),), lambda t: t.max(1).values),
               "argmax": ("argmax {}", ((), True, "i64"), lambda t: t.max(1).indices),
               "first_max_mask": ("first_max_mask {} axes [0]", ((length,), True, "i1"),
                                  lambda t: torch.nn.functional.one_hot(t.max(1).indices, t.shape[1])),
               "reduce_sum": ("reduce_sum {} axes [0]", ((),), lambda t: t.sum(1))}
        for name, (op, result, reference) in ops.items():
            yield Case(f"{name}_{length}_{dtype}", dtype, op, [(length,)], result, reference, "row", [x],
                       name != "reduce_sum")
    # Over the batch: a channel is a column.
    columns = np.where(np.isfinite(x.T) & (np.abs(x.T) > 1e30), 1, x.T).astype(x.dtype)
    yield Case(f"batch_sum_{dtype}", dtype, "batch_sum {}", [columns.shape[1:]], (columns.shape[1:], False),
               lambda t: t.sum(0), "channel", [columns], False)


def shift_cases(dtype):
    """Amounts that no integer holds, halves, and NaN; along the last axis and before it."""
    amounts = np.append(special(dtype), np.array([-0.5, 1.5, -1.5, 5, -5, 39, -40, 40], TYPES[dtype]))
    for length in LENGTHS:
        for shape, axis in (((length,), 0), ((2, length), 1), ((length, 2), 0)):
            x = np.arange(1, len(amounts) * np.prod(shape) + 1, dtype=TYPES[dtype]).reshape(-1, *shape)
            yield Case(f"shift_{length}_{len(shape)}_{axis}_{dtype}", dtype, f"shift {{}}, {{}} axis {axis}", [shape, ()],
                       (shape,), lambda t, by, a=axis: torch.stack([shifted(*row, a) for row in zip(t, by)]),
                       "elementwise", [x, amounts])


def shifted(x, by, axis):
    result, size = torch.zeros_like(x), x.shape[axis]
    if torch.isnan(by):
        return result.fill_(torch.nan)
    by = int(by.round().clamp(-size, size))
    kept = size - abs(by)
    result.narrow(axis, max(by, 0), kept).copy_(x.narrow(axis, max(-by, 0), kept))
    return result


def differs(found, expected, case):
    """Empty, or what is not as expected."""
    if found.dtype.kind != "f":
        return "" if np.array_equal(found, expected) else "differs"
    with np.errstate(all="ignore"):
        wide, want = found.astype(np.float64), expected.astype(np.float64)
        if not np.array_equal(np.isnan(wide), np.isnan(want)):
            return "is NaN elsewhere"
        ends = np.isinf(wide) | np.isinf(want)
        # A sum of f32 may leave the finite numbers on its way, a power on its last step.
        if case.exact and not np.array_equal(np.where(ends, wide, 0), np.where(ends, want, 0), equal_nan=True):
            return "is infinite elsewhere"
        if case.exact and np.any((wide != want) & ~np.isnan(want)):
            return "differs"
        scale = np.maximum(np.abs(want), np.finfo(found.dtype).tiny)
        if "sum" in case.name:
            scale = np.maximum(scale, 10)
        error = np.where(ends | np.isnan(want), 0, np.abs(wide - want) / scale)
        return "" if error.max(initial=0) <= TOLERANCE[case.dtype] else f"is off by {error.max():.1e}"


def main():
    cases = [case for dtype in TORCH for make in (elementwise_cases, reduction_cases, shift_cases) for case in make(dtype)]
    counts = {True: 0, False: 0}
    with tempfile.TemporaryDirectory() as folder:
        text = "module {" + "".join(case.text() for case in cases) + "\n}\n"
        program = Program(text, os.environ["ADVX_BUILD"], folder)
        for case in cases:
            inputs = {f"x{i}": value for i, value in enumerate(case.inputs)}
            found = program.run(case.name, inputs, len(case.inputs[0]))
            want = case.reference(*[torch.from_numpy(value) for value in case.inputs]).numpy()
            for way in ("plain", "kernel"):
                problem = differs(found[way], want.astype(found[way].dtype), case)
                counts[not problem] += 1
                if problem:
                    print(f"{case.name}, {way}: {problem}")
    print(f"{counts[True]} passed, {counts[False]} failed")
    return counts[False] != 0


if __name__ == "__main__":
    sys.exit(main())
