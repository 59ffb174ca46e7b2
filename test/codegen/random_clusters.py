"""Random clusters of every template, in f32, in f64, and in both with casts between them: what their
kernels compute is compared with the same ops as calls of the runtime, in f64 (reference.py), for
several batch sizes. A kernel gives the same bits for any number of threads."""

import ctypes
import os
import sys
import tempfile

import numpy as np

from reference import INLINED, differs, error, widened
from step_object import TYPES, Program

CLUSTERS = int(sys.argv[1]) if len(sys.argv) > 1 else 12  # of each template and type
BATCHES = (1, 7, 15, 16, 17, 128, 129)
UNIT = 1.0  # the magnitude of inputs, many of which a single output may add up
DTYPES = ("f32", "f64", "mixed")
FLOATS = ("f32", "f64")
TEMPLATES = ("elementwise", "parts", "row", "channel", "full", "product")
PRODUCTS = ((1, 17), (17, 1), (1, 1), (1, 40), (16, 1), (3, 33), (33, 2), (17, 16))  # rows, columns


class Value:
    def __init__(self, name, batched, shape, dtype, leaf=False):
        self.name, self.batched, self.shape, self.dtype, self.leaf = name, batched, list(shape), dtype, leaf

    @property
    def type(self):
        axes = (["?"] if self.batched else []) + [str(a) for a in self.shape]
        return f"tensor<{''.join(a + 'x' for a in axes)}{self.dtype}>"

    @property
    def count(self):
        return int(np.prod(self.shape, dtype=np.int64))


class Generator:
    """Writes one step with one cluster."""

    def __init__(self, index, template, dtype):
        self.random = np.random.default_rng([index, TEMPLATES.index(template), DTYPES.index(dtype)])
        self.template, self.dtype = template, dtype
        self.name, self.index = f"{template}_{dtype}_{index}", index
        self.inputs, self.lines, self.count = [], [], 0

    def choose(self, items):
        return items[self.random.integers(len(items))]

    def float(self):
        return self.choose(FLOATS) if self.dtype == "mixed" else self.dtype

    def operand(self, batched, shape, dtype=None):
        value = Value(f"%a{len(self.inputs)}", batched, shape, dtype or self.float(), leaf=True)
        self.inputs.append(value)
        return value

    def emit(self, mnemonic, operands, shape, attributes="", dtype=None, batched=None):
        self.count += 1
        batched = any(o.batched for o in operands) if batched is None else batched
        value = Value(f"%v{self.count}", batched, shape, dtype or operands[-1].dtype)
        types = ", ".join(o.type for o in operands)
        names = ", ".join(o.name for o in operands)
        self.lines.append(f"{value.name} = advx.{mnemonic} {names}{attributes} : ({types}) -> {value.type}")
        return value

    def cast(self, value, dtype):
        """The value in that type, of which it may be already."""
        if value.dtype == dtype:
            return value
        return self.emit("cast", [value], value.shape, f" to {dtype}", dtype)

    def constant(self, number, like):
        self.count += 1
        value = Value(f"%v{self.count}", False, (), like.dtype)
        self.lines.append(f"{value.name} = advx.constant {float(number)} : {value.type}")
        return value

    def splat(self, like):
        self.count += 1
        value = Value(f"%v{self.count}", False, (), like.dtype)
        self.lines.append(f"{value.name} = advx.splat %number : (f64) -> {value.type}")
        return value

    def map(self, values):
        """An elementwise op on some of the values, which have one shape or none. Where the op
        jumps, its operand is one that both sides read from memory."""
        a = self.choose([v for v in values if v.dtype in FLOATS])
        if self.dtype == "mixed" and self.random.random() < 0.3:
            return self.cast(a, self.choose([t for t in FLOATS if t != a.dtype]))
        floats = [v for v in values if v.dtype == a.dtype]
        same = [v for v in floats if v.shape == a.shape or not v.shape]
        b = self.choose(same)
        kind = self.random.integers(0, 15)
        if kind < 4:
            return self.emit(self.choose(["add", "sub", "mul", "maximum", "minimum"]), [a, b], a.shape)
        if kind == 4:
            scaled = self.emit("mul", [a, self.constant(self.random.normal(), a)], a.shape)
            return self.emit("add", [scaled, b], a.shape)
        if kind == 5:
            return self.emit("exp", [self.emit("neg", [self.emit("abs", [a], a.shape)], a.shape)], a.shape)
        if kind == 6:
            safe = self.emit("add", [self.emit("abs", [a], a.shape), self.constant(0.5, a)], a.shape)
            return self.emit(self.choose(["log", "sqrt"]), [safe], a.shape)
        if kind == 7:
            safe = self.emit("add", [self.emit("abs", [b], b.shape), self.constant(0.5, b)], b.shape)
            return self.emit("div", [a, safe], a.shape)
        if kind == 8:
            return self.emit(self.choose(["relu", "tanh", "erf", "abs", "neg"]), [a], a.shape)
        if kind == 9:
            safe = self.emit("add", [self.emit("abs", [a], a.shape), self.constant(0.5, a)], a.shape)
            return self.emit("pow", [safe, self.constant(self.choose([2, 1.5, -0.5]), a)], a.shape)
        if kind == 10:
            return self.emit("mul", [a, self.splat(a)], a.shape)
        leaves = [v for v in floats if v.leaf and (v.shape == a.shape or not v.shape)]
        if not leaves:
            return self.emit("tanh", [a], a.shape)
        leaf = self.choose(leaves)
        if kind == 11:
            return self.emit(self.choose(["sign", "floor", "ceil"]), [leaf], leaf.shape)
        other = self.choose(leaves)
        shape = leaf.shape or other.shape
        predicate = self.choose(["gt", "ge", "lt", "le", "eq", "ne"])
        condition = self.emit(f"compare {predicate}", [leaf, other], shape, dtype="i1")
        if kind == 12:
            condition = self.emit("logical_not", [condition], shape, dtype="i1")
        if kind == 13:
            return self.cast(condition, a.dtype)
        shape = shape or a.shape
        return self.emit("select", [condition, a, b], shape if condition.shape else a.shape)

    def reduce(self, value):
        rank = len(value.shape)
        axes = sorted(int(i) for i in self.random.permutation(rank)[: self.random.integers(1, rank + 1)])
        kept = [s for i, s in enumerate(value.shape) if i not in axes]
        result = self.emit(self.choose(["reduce_sum", "reduce_sum", "reduce_max"]), [value], kept, f" axes {axes}")
        back = [i for i in range(rank) if i not in axes]
        if kept and self.random.random() < 0.7:
            scaled = self.emit("mul", [result, self.constant(1 / value.count, result)], kept)
            return [result, self.emit("broadcast", [scaled], value.shape, f" shape {value.shape} axes {back}")]
        return [result]

    def move(self, value):
        """Another shape of the value, and the way back."""
        rank, shape = len(value.shape), value.shape
        kind = self.random.integers(0, 6)
        if kind > 3:
            return self.slide(value)
        if kind == 0 and rank > 1:
            order = [int(i) for i in self.random.permutation(rank)]
            moved = self.emit("transpose", [value], [shape[i] for i in order], f" permutation {order}")
            return [moved, self.emit("reshape", [moved], shape, f" shape {shape}")]
        if kind == 1:
            flat = self.emit("reshape", [value], [value.count], f" shape [{value.count}]")
            return [flat]
        axis = int(self.random.integers(rank))
        if shape[axis] < 2:
            return []
        cut = int(self.random.integers(1, shape[axis]))
        parts = [self.emit("slice", [value], shape[:axis] + [n] + shape[axis + 1 :], f" axis {axis} begin {b} size {n}")
                 for b, n in ((0, cut), (cut, shape[axis] - cut))]
        if kind == 2:
            return parts + [self.emit("pad_slice", [parts[1]], shape, f" axis {axis} begin 0 size {shape[axis]}")]
        return parts + [self.emit("concat", parts[::-1], shape, f" axis {axis}")]

    def slide(self, value):
        """The value moved by amounts of the examples, reversed, and with its places added."""
        axis, shape = int(self.random.integers(len(value.shape))), value.shape
        by = self.operand(value.batched and self.random.random() < 0.7, [], value.dtype)
        moved = self.emit("shift", [value, by], shape, f" axis {axis}")
        turned = self.emit("reverse", [moved], shape, f" axis {axis}")
        self.count += 1
        line = Value(f"%v{self.count}", False, [shape[axis]], value.dtype)
        self.lines.append(f"{line.name} = advx.iota : {line.type}")
        places = self.emit("broadcast", [line], shape, f" shape {shape} axes [{axis}]")
        return [moved, self.emit("add", [turned, places], shape)]

    def shape(self, longest):
        rank = int(self.random.integers(1, 4))
        while True:
            # Uniform axes would nearly never have a product that is small enough.
            shape = [int(s) for s in np.exp(self.random.uniform(0, np.log(longest), rank))]
            if np.prod(shape) <= 3 * longest:
                return shape

    def body_elementwise(self):
        shape = self.shape(70)
        values = [self.operand(True, shape), self.operand(True, shape)]
        if self.random.random() < 0.4:
            values += [self.operand(False, shape), self.operand(True, [])]
        values.append(self.operand(False, []))
        for _ in range(self.random.integers(1, 9)):
            values.append(self.map(values))
        if self.random.random() < 0.4:
            values += self.slide(self.choose([v for v in values if v.shape == shape and v.dtype in FLOATS]))
        return [v for v in values[-3:] if v.shape == shape and v.batched and not v.leaf] or [
            self.emit("neg", [values[0]], shape)]

    def body_parts(self):
        results = []
        for _ in range(self.random.integers(1, 4)):
            shape = self.shape(90 if self.random.random() < 0.6 else 9000)
            values = [self.operand(False, shape), self.operand(False, shape)]
            if self.random.random() < 0.5:
                small = self.operand(False, [shape[0]])
                values.append(self.emit("broadcast", [small], shape, f" shape {shape} axes [0]"))
            for _ in range(self.random.integers(1, 6)):
                values.append(self.map(values))
            results += [v for v in values[-2:] if v.name.startswith("%v")]
        return results

    def body_row(self, batched=True):
        shape = self.shape(int(self.choose([6, 12, 70])))
        values = [self.operand(batched, shape), self.operand(batched, shape), self.operand(False, shape)]
        if batched:
            values.append(self.operand(True, []))
        for _ in range(self.random.integers(3, 12)):
            kind = self.random.integers(0, 10)
            large = [v for v in values if v.shape and v.dtype in FLOATS]
            pick = self.choose(large)
            if kind < 4:
                values.append(self.map(values))
            elif kind < 7:
                values += self.reduce(pick)
            elif kind < 8:
                values += self.move(pick)
            elif kind < 9 and pick.leaf and pick.shape[-1] > 1:
                label = self.operand(batched, [], "i64")
                size = pick.shape[-1]
                hot = self.emit("one_hot", [label], [size], f" classes {size}", dtype="i1")
                values.append(self.cast(hot, self.float()))
                mask = self.emit("first_max_mask", [pick], pick.shape, f" axes [{len(pick.shape) - 1}]", dtype="i1")
                values.append(self.emit("select", [mask, pick, self.constant(0.5, pick)], pick.shape))
                if len(pick.shape) == 1:
                    values.append(self.emit("argmax", [pick], [], dtype="i64"))
            elif kind < 10:
                flat = pick
                if len(pick.shape) > 1:
                    flat = self.emit("reshape", [pick], [pick.count], f" shape [{pick.count}]")
                # One row or column is a shape of its own: that axis has no loop.
                other = 1 if self.random.integers(4) == 0 else int(self.random.integers(1, 20))
                transpose = self.random.random() < 0.5
                matrix = self.operand(False, [flat.count, other] if transpose else [other, flat.count], flat.dtype)
                values.append(self.emit("matvec", [matrix, flat], [other], " transpose" if transpose else ""))
        results = [v for v in values if v.name.startswith("%v") and v.batched == batched]
        results = results[-4:] or [self.emit("neg", [values[0]], shape)]
        if batched and self.random.random() < 0.6:
            summed = [v for v in values if v.batched and v.dtype in FLOATS]
            after = []
            for _ in range(self.random.integers(1, 3)):
                value = self.choose(summed)
                after.append(self.emit("batch_sum", [value], value.shape, batched=False))
            scaled = self.emit("mul", [after[-1], self.splat(after[-1])], after[-1].shape)
            results += after + [scaled]
        return results

    def body_full(self):
        return self.body_row(batched=False)

    def body_product(self):
        """Products in a row cluster, in turn of each of the sizes that kernels tell apart."""
        rows, columns = PRODUCTS[self.index % len(PRODUCTS)]
        results = []
        for transpose in (False, True):
            size, other = (rows, columns) if transpose else (columns, rows)
            for long in (1, 70):
                matrix, values = self.operand(False, [rows, columns]), self.operand(True, [size, long])
                total = self.emit("reduce_sum", [values], [size], " axes [1]")
                vector = self.emit("mul", [total, self.constant(1 / long, total)], [size])
                matrix = self.cast(matrix, vector.dtype)
                product = self.emit("matvec", [matrix, vector], [other], " transpose" if transpose else "")
                results += [product, self.map([product, self.operand(True, [other])])]
                results.append(self.emit("reduce_sum", [product], [], " axes [0]"))
        return results

    def body_channel(self):
        channels = int(self.choose([1, 3, 10, 16, 33]))
        shape = [int(s) for s in self.random.integers(1, 6, self.random.integers(0, 3))] + [channels]
        rank = len(shape)
        back = f" shape {shape} axes [{rank - 1}]"
        values = [self.operand(True, shape), self.operand(True, shape)]
        gamma = self.operand(False, [channels])
        results = []
        for _ in range(self.random.integers(1, 4)):
            for _ in range(self.random.integers(0, 3)):
                values.append(self.map(values))
            value = self.choose([v for v in values if v.batched and v.shape == shape])
            if rank > 1:
                value = self.emit("reduce_sum", [value], [channels], f" axes {list(range(rank - 1))}")
            total = self.emit("batch_sum", [value], [channels], batched=False)
            mean = self.emit("mul", [total, self.splat(total)], [channels])
            results += [total, self.emit("mul", [mean, self.cast(gamma, mean.dtype)], [channels])]
            wide = mean if rank == 1 else self.emit("broadcast", [mean], shape, back)
            values.append(self.emit("sub", [values[0], self.cast(wide, values[0].dtype)], shape))
        return results

    def write(self):
        results = getattr(self, "body_" + self.template)()
        results = list({r.name: r for r in results}.values())
        self.results = results
        kind = {"parts": "elementwise", "product": "row"}.get(self.template, self.template)
        outside = {v.name: "%i" + v.name[2:] for v in self.inputs}
        names = ", ".join([*outside.values(), "%n"])
        types = ", ".join([v.type for v in self.inputs] + ["f64"])
        arguments = ", ".join(f'{outside[v.name]}: {v.type} {{advx.input = "{v.name[1:]}"}}' for v in self.inputs)
        outputs = ", ".join(f'{r.type} {{advx.output = "{r.name[1:]}"}}' for r in results)
        inner = ", ".join([f"{v.name}: {v.type}" for v in self.inputs] + ["%number: f64"])
        result_types = ", ".join(r.type for r in results)
        body = "\n".join("      " + line for line in self.lines)
        outer = ", ".join(f"%r#{i}" if len(results) > 1 else "%r" for i in range(len(results)))
        return f"""
  func.func @{self.name}({arguments}) -> ({outputs}) attributes {{advx.step}} {{
    %n = arith.constant 0.0625 : f64
    %r{f":{len(results)}" if len(results) > 1 else ""} = advx.cluster {kind} ["x"] ({names}) : ({types}) -> ({result_types}) {{
    ^bb0({inner}):
{body}
      advx.yield {", ".join(r.name for r in results)} : {result_types}
    }}
    return {outer} : {result_types}
  }}
"""


def draw(random, value, batch):
    shape = ([batch] if value.batched else []) + value.shape
    if value.dtype == "i64":
        return random.integers(0, 2, shape) if value.count else None
    return random.standard_normal(shape).astype(TYPES[value.dtype])


def main():
    build = os.environ["ADVX_BUILD"]
    generators = [Generator(i, template, dtype) for template in TEMPLATES for dtype in DTYPES
                  for i in range(CLUSTERS)]
    text = "module {" + "".join(g.write() for g in generators) + "}\n"
    passed = failed = 0
    random = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as kernels, tempfile.TemporaryDirectory() as calls:
        program = Program(text, build, kernels)
        oracle = Program(widened(text), build, calls, INLINED)
        runtime = ctypes.CDLL(os.path.join(build, "bin", "libadvx-ops-shared.so"))
        pool = getattr(runtime, "_ZN4advx7runtime10ThreadPool8instanceEv")
        pool.restype = ctypes.c_void_p
        set_threads = getattr(runtime, "_ZN4advx7runtime10ThreadPool14setThreadCountEi")
        for generator in generators:
            for batch in BATCHES:
                inputs = {v.name[1:]: draw(random, v, batch) for v in generator.inputs}
                set_threads(ctypes.c_void_p(pool()), 1)
                expected = oracle.run(generator.name, inputs, batch)
                first = program.run(generator.name, inputs, batch)
                bad = [n for n in expected if differs(first[n], expected[n], generator.dtype, UNIT)]
                for threads in (2, 3):
                    set_threads(ctypes.c_void_p(pool()), threads)
                    again = program.run(generator.name, inputs, batch)
                    bad += [f"{n} on {threads} threads" for n in first if first[n].tobytes() != again[n].tobytes()]
                passed += not bad
                failed += bool(bad)
                if bad:
                    print(f"{generator.name}, batch {batch}: {', '.join(bad)} differ")
                    for n in bad[:1]:
                        if n in expected:
                            print(f"  {n}: {error(first[n], expected[n], UNIT):.1e} of the largest")
                    if batch == BATCHES[0] and "-v" in sys.argv:
                        print(Generator.write(Generator(int(generator.name.split("_")[2]), generator.template, generator.dtype)))
                    break
    set_threads(ctypes.c_void_p(pool()), 1)
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
