"""A case is a scalar function as dialect text and the same in PyTorch. Every case becomes
one step that gives the value, its derivatives by each differentiated input, and the
derivatives of those derivatives contracted with random tensors (second order); all steps
are in one object."""

import numpy as np
import torch

from emitter import Emitter, Value

TORCH_TOLERANCE = 1e-8
DIFFERENCE_TOLERANCE = 1e-6
DISTANCE = 1e-5


class Input:
    """How an argument is drawn. `kind`: normal; positive (0.5 to 2); apart (all elements of
    all arguments at a distance from each other, from 0 and from 1); label (below shape[0]); or an array to be taken
    as it is."""

    def __init__(self, batched, shape=(), kind="normal", wrt=True):
        self.batched, self.shape, self.kind = batched, tuple(shape), kind
        self.wrt = wrt and not (isinstance(kind, str) and kind == "label")

    @property
    def is_label(self):
        return isinstance(self.kind, str) and self.kind == "label"

    def draw(self, random, batch, place):
        if not isinstance(self.kind, str):
            return np.array(self.kind, dtype=np.float64)
        if self.is_label:
            return random.integers(0, self.shape[0], batch if self.batched else ())
        shape = ((batch,) if self.batched else ()) + self.shape
        if self.kind == "positive":
            return random.uniform(0.5, 2.0, shape)
        if self.kind == "apart":
            count = int(np.prod(shape, dtype=np.int64))
            steps = 0.2137 + 2 * (np.arange(count) + 0.3 + 0.17 * place) / max(8, count)
            values = steps * np.where(np.arange(count) % 2, 1.0, -1.0)
            return random.permutation(values).reshape(shape)
        return random.standard_normal(shape)


class Case:
    """`build(e, *values)` gives the objective, a scalar an example or one scalar;
    `reference(*tensors)` gives the same in PyTorch, where a batched objective may have any
    shape whose sum is the sum over the batch, or is None where only finite differences can
    tell (random draws). `differences`: compare with finite
    differences as well (not at kinks). `expected`: first derivatives to use in place of
    PyTorch's, where conventions differ. `finite`: all values are; else a NaN or an infinity is
    right where PyTorch has the same one. `tolerance`: how far PyTorch's numbers may be."""

    def __init__(self, name, inputs, build, reference, differences=True, expected=None, second=True,
                 finite=True):
        self.name, self.inputs, self.build, self.reference = name, inputs, build, reference
        self.differences, self.expected, self.second = differences, expected, second
        self.finite = finite
        self.tolerance = TORCH_TOLERANCE


def write_step(number, case):
    e = Emitter()
    arguments = []
    values = []
    contractions = []
    for i, spec in enumerate(case.inputs):
        value = Value(f"%x{i}", spec.batched, () if spec.is_label else spec.shape,
                      "i64" if spec.is_label else "f64")
        values.append(value)
        arguments.append(f'{value.name}: {value.type} {{advx.input = "x{i}"}}')
        if spec.wrt:
            contraction = Value(f"%r{i}", spec.batched, spec.shape)
            contractions.append(contraction)
            arguments.append(f'{contraction.name}: {contraction.type} {{advx.input = "r{i}"}}')
    wrt = [value for value, spec in zip(values, case.inputs) if spec.wrt]
    objective = case.build(e, *values)
    first = e.gradient(objective, wrt)
    terms = [e.batch_sum(e.total(e.mul(g, r))) for g, r in zip(first, contractions)]
    contracted = terms[0]
    for term in terms[1:]:
        contracted = e.add(contracted, term)
    outputs = {"value": e.batch_sum(objective), "contracted": contracted}
    outputs.update({f"g{i}": g for i, g in enumerate(first)})
    if case.second:
        outputs.update({f"h{i}": h for i, h in enumerate(e.gradient(contracted, wrt))})
    results = ", ".join(f'{v.type} {{advx.output = "{n}"}}' for n, v in outputs.items())
    names = ", ".join(v.name for v in outputs.values())
    types = ", ".join(v.type for v in outputs.values())
    return (
        f"  func.func @case{number}({', '.join(arguments)})\n      -> ({results}) "
        "attributes {advx.step} {\n" + "\n".join(e.lines) + f"\n    return {names} : {types}\n  }}\n"
    )


class Checker:
    def __init__(self, program, batch):
        self.program, self.batch = program, batch
        self.passed = self.failed = 0

    def compare(self, case, what, found, expected, tolerance):
        found, expected = np.asarray(found), np.asarray(expected)
        scale = float(np.max(np.abs(expected), initial=1.0, where=np.isfinite(expected)))
        if found.shape == expected.shape:
            same = ~np.isfinite(expected) & ((found == expected) | (np.isnan(found) & np.isnan(expected)))
            same &= not case.finite
            with np.errstate(invalid="ignore"):
                error = float(np.max(np.abs(np.where(same, 0.0, found - expected)), initial=0.0)) / scale
            if error <= tolerance:  # false for NaN
                self.passed += 1
                return
        else:
            error = f"shape {found.shape} for {expected.shape}"
        self.failed += 1
        print(f"{case.name}: {what} is off by {error}\n  found    {found.ravel()[:6]}\n"
              f"  expected {expected.ravel()[:6]}")

    def check(self, number, case, random):
        name = f"case{number}"
        inputs = [spec.draw(random, self.batch, i) for i, spec in enumerate(case.inputs)]
        directions = [random.standard_normal(x.shape) if spec.wrt else None
                      for spec, x in zip(case.inputs, inputs)]
        contractions = [random.standard_normal(x.shape) if spec.wrt else None
                        for spec, x in zip(case.inputs, inputs)]

        def run(distance=0.0):
            ports = {}
            for i, spec in enumerate(case.inputs):
                ports[f"x{i}"] = inputs[i] + distance * directions[i] if spec.wrt else inputs[i]
                if spec.wrt:
                    ports[f"r{i}"] = contractions[i]
            return self.program.run(name, ports, self.batch)

        out = run()
        where = [i for i, spec in enumerate(case.inputs) if spec.wrt]
        if case.reference:
            self.compare_with_torch(case, inputs, contractions, where, out)
        if case.differences:
            above, below = run(DISTANCE), run(-DISTANCE)
            for what, letter in (("value", "g"), ("contracted", "h"))[: 2 if case.second else 1]:
                slope = (above[what] - below[what]) / (2 * DISTANCE)
                products = [(out[f"{letter}{k}"] * directions[i]).sum() for k, i in enumerate(where)]
                self.compare(case, f"the slope of {what}", sum(products), slope, DIFFERENCE_TOLERANCE)

    def compare_with_torch(self, case, inputs, contractions, where, out):
        tensors = [torch.tensor(x) for x in inputs]
        for i in where:
            tensors[i].requires_grad_()
        objective = case.reference(*tensors).sum()
        leaves = [tensors[i] for i in where]
        first = derivative(objective, leaves)
        self.compare(case, "the value", out["value"], objective.detach().numpy(), case.tolerance)
        for k, i in enumerate(where):
            expected = case.expected[k] if case.expected else first[k].detach().numpy()
            self.compare(case, f"d/dx{i}", out[f"g{k}"], expected, case.tolerance)
        if case.second:
            contracted = sum((g * torch.tensor(contractions[i])).sum() for g, i in zip(first, where))
            for k, (i, h) in enumerate(zip(where, derivative(contracted, leaves))):
                if case.expected:
                    finite = float(np.all(np.isfinite(out[f"h{k}"])))
                    self.compare(case, f"finiteness of second d/dx{i}", finite, 1.0, 0)
                else:
                    self.compare(case, f"second d/dx{i}", out[f"h{k}"], h.detach().numpy(), case.tolerance)


def derivative(objective, leaves):
    if not objective.requires_grad:
        return [torch.zeros_like(leaf) for leaf in leaves]
    found = torch.autograd.grad(objective, leaves, create_graph=True, allow_unused=True)
    return [torch.zeros_like(leaf) if g is None else g for leaf, g in zip(leaves, found)]
