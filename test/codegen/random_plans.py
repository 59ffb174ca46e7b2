"""Random steps with nested loops, exchanged places, aliases and state that changes leaves:
what the compiled step computes is compared, to the bit, with an interpreter in numpy. The
arenas are full of NaN beforehand, so a value read before it is made, or overwritten while
it is still needed, shows."""

import os
import sys
import tempfile

import numpy as np

from step_object import Program

STEPS = 60
LEAVES = 3


class Generator:
    """Writes one step as text and, beside it, as a list of instructions to interpret."""

    def __init__(self, name, seed):
        self.random = np.random.default_rng(seed)
        self.name = name
        self.count = 0

    def fresh(self):
        self.count += 1
        return f"%v{self.count}"

    @staticmethod
    def type(kind):
        shape = "2x2" if kind[1] else "4"
        return f"tensor<{'?x' if kind[0] else ''}{shape}xf64>"

    def pick(self, scope, condition=lambda kind: True):
        names = [name for name, kind in scope.items() if condition(kind)]
        # Late values more often, so that early ones die.
        weights = np.arange(1, len(names) + 1) ** 1.5
        return names[self.random.choice(len(names), p=weights / weights.sum())]

    def op(self, scope, indent):
        choice = self.random.integers(0, 10)
        if choice < 5:
            a = self.pick(scope)
            b = self.pick(scope, lambda kind: kind[1] == scope[a][1])
            kind = (scope[a][0] or scope[b][0], scope[a][1])
            mnemonic = str(self.random.choice(["add", "sub", "maximum", "minimum"]))
            return self.emit(scope, indent, mnemonic, [a, b], "", kind)
        a = self.pick(scope)
        batched, square = scope[a]
        if choice < 6:
            return self.emit(scope, indent, "neg", [a], "", scope[a])
        if choice < 8:
            shape = " shape [4]" if square else " shape [2, 2]"
            return self.emit(scope, indent, "reshape", [a], shape, (batched, not square))
        if choice < 9 and batched:
            return self.emit(scope, indent, "batch_sum", [a], "", (False, square))
        if square:
            return self.emit(scope, indent, "transpose", [a], " permutation [1, 0]", scope[a])
        return self.emit(scope, indent, "concat", [a], " axis 0", scope[a])

    def emit(self, scope, indent, mnemonic, operands, attributes, kind):
        result = self.fresh()
        types = ", ".join(self.type(scope[o]) for o in operands)
        self.lines.append(
            f"{indent}{result} = advx.{mnemonic} {', '.join(operands)}{attributes} : "
            f"({types}) -> {self.type(kind)}"
        )
        scope[result] = kind
        return (mnemonic, result, operands)

    def loop(self, scope, depth):
        indent = "  " * (depth + 2)
        carried = [self.pick(scope) for _ in range(self.random.integers(1, 4))]
        results = [self.fresh() for _ in carried]
        arguments = [self.fresh() for _ in carried]
        kinds = [scope[c] for c in carried]
        trips = int(self.random.integers(0, 4))
        pairs = ", ".join(f"{a} = {c}" for a, c in zip(arguments, carried))
        packed = self.fresh()
        self.lines.append(
            f"{indent}{packed}:{len(carried)} = scf.for %k{packed[1:]} = %c0 to %c{trips} step %c1 "
            f"iter_args({pairs}) -> ({', '.join(map(self.type, kinds))}) {{"
        )
        inner = dict(scope)
        inner.update(zip(arguments, kinds))
        body = self.block(inner, depth + 1, int(self.random.integers(2, 7)))
        yielded = [self.pick(inner, lambda kind, want=want: kind == want) for want in kinds]
        self.lines.append(
            f"{indent}  scf.yield {', '.join(yielded)} : {', '.join(map(self.type, kinds))}"
        )
        self.lines.append(f"{indent}}}")
        del results
        results = [f"{packed}#{i}" for i in range(len(carried))]
        scope.update(zip(results, kinds))
        return ("for", results, carried, arguments, trips, body, yielded)

    def block(self, scope, depth, length):
        instructions = []
        for _ in range(length):
            if depth < 2 and self.random.random() < 0.25:
                instructions.append(self.loop(scope, depth))
            else:
                instructions.append(self.op(scope, "  " * (depth + 2)))
        return instructions

    def write(self):
        self.lines = []
        used = sorted(self.random.permutation(LEAVES)[: self.random.integers(1, LEAVES + 1)])
        scope = {f"%s{leaf}": (False, False) for leaf in used}
        scope.update({"%x": (True, False), "%y": (True, True)})
        arguments = [f"%s{leaf}: tensor<4xf64> {{advx.state = {leaf} : i64}}" for leaf in used]
        arguments += ['%x: tensor<?x4xf64> {advx.input = "x"}', '%y: tensor<?x2x2xf64> {advx.input = "y"}']
        self.body = self.block(scope, 0, int(self.random.integers(6, 16)))
        changed = sorted(self.random.permutation(LEAVES)[: self.random.integers(0, LEAVES + 1)])
        self.state = {int(leaf): self.pick(scope, lambda k: k == (False, False)) for leaf in changed}
        self.outputs = {f"o{i}": self.pick(scope) for i in range(self.random.integers(1, 4))}
        results = [f"tensor<4xf64> {{advx.state = {leaf} : i64}}" for leaf in self.state]
        results += [f'{self.type(scope[v])} {{advx.output = "{n}"}}' for n, v in self.outputs.items()]
        returned = list(self.state.values()) + list(self.outputs.values())
        constants = "".join(f"    %c{i} = arith.constant {i} : index\n" for i in range(4))
        types = ", ".join(self.type(scope[v]) for v in returned)
        return (
            f"  func.func @{self.name}({', '.join(arguments)})\n      -> ({', '.join(results)}) "
            f"attributes {{advx.step}} {{\n{constants}" + "\n".join(self.lines)
            + f"\n    return {', '.join(returned)} : {types}\n  }}\n"
        )

    def interpret(self, instructions, values):
        binary = {"add": np.add, "sub": np.subtract, "maximum": np.maximum, "minimum": np.minimum}
        for instruction in instructions:
            if instruction[0] == "for":
                _, results, carried, arguments, trips, body, yielded = instruction
                current = [values[c] for c in carried]
                for _ in range(trips):
                    inner = dict(values)
                    inner.update(zip(arguments, current))
                    self.interpret(body, inner)
                    current = [inner[y] for y in yielded]
                values.update(zip(results, current))
                continue
            mnemonic, result, operands = instruction
            a = values[operands[0]]
            if mnemonic in binary:
                values[result] = binary[mnemonic](a, values[operands[1]])
            elif mnemonic == "neg":
                values[result] = -a
            elif mnemonic == "reshape":
                values[result] = Batched(a.data.reshape(a.data.shape[0], *((4,) if a.square else (2, 2))))
            elif mnemonic == "transpose":
                values[result] = Batched(a.data.transpose(0, 2, 1))
            elif mnemonic == "concat":
                values[result] = a
            else:
                values[result] = Batched(a.data.sum(axis=0, keepdims=True))


class Batched(np.lib.mixins.NDArrayOperatorsMixin):
    """A value with its batch axis; one row stands for a value without a batch."""

    def __init__(self, data):
        self.data = data

    @property
    def square(self):
        return self.data.ndim == 3

    def __array_ufunc__(self, ufunc, method, *inputs):
        return Batched(ufunc(*[v.data for v in inputs]))


def main():
    build = os.environ["ADVX_BUILD"]
    leaves = "".join(f"  advx.leaf @s{i} : tensor<4xf64> slot {i} parameter = constant(0.0)\n"
                     for i in range(LEAVES))
    generators = [Generator(f"step{i}", i) for i in range(STEPS)]
    steps = "".join(g.write() for g in generators)
    text = f'advx.program "plans" {{\n{leaves}}}\n{steps}'
    passed = failed = 0
    random = np.random.default_rng(1)
    with tempfile.TemporaryDirectory() as directory:
        program = Program(text, build, directory)
        for generator in generators:
            for batch in (1, 3):
                # Small whole numbers: every sum is exact in any order.
                draw = lambda *shape: random.integers(-3, 4, shape).astype(np.float64)
                program.arena[:] = 0xFF
                x, y = draw(batch, 4), draw(batch, 2, 2)
                values = {"%x": Batched(x), "%y": Batched(y)}
                for i in range(LEAVES):
                    start = draw(4)
                    program.state[f"s{i}"][...] = start
                    values[f"%s{i}"] = Batched(start[None])
                old = [values[f"%s{i}"] for i in range(LEAVES)]
                found = program.run(generator.name, {"x": x, "y": y}, batch)
                generator.interpret(generator.body, values)
                same = True
                for name, value in generator.outputs.items():
                    same &= np.array_equal(found[name].reshape(values[value].data.shape), values[value].data)
                for i in range(LEAVES):
                    expected = values[generator.state[i]] if i in generator.state else old[i]
                    same &= np.array_equal(program.state[f"s{i}"], expected.data[0])
                passed += bool(same)
                failed += not same
                if not same:
                    print(f"seed {generator.name}, batch {batch}: differs\n{text_of(generators, generator)}")
    print(f"{passed} passed, {failed} failed")
    return failed != 0


def text_of(generators, generator):
    return Generator(generator.name, generators.index(generator)).write()


sys.exit(main())
