"""Random image networks with their gradients, inside and outside of a loop: what a step computes
must not depend on the layout of images, on fused epilogues, or on who computes a library op; nor
must it hide an example that is not a number, or spread it to others.
In f64 everything is compared; in f32 the networks have no kinks, since there a rounding may move
an element across one. Usage: random_images.py [NETWORKS]"""

import os
import sys
import tempfile

import numpy as np

from step_object import Program

PLAIN = "advx-instantiated-to-differentiated"
CLEAN = "advx-clean"
VARIANTS = {
    "channels last": f"{PLAIN},advx-channels-last,{CLEAN}",
    "with epilogues": f"{PLAIN},advx-channels-last,canonicalize,advx-fuse-epilogues,{CLEAN}",
    "with providers": f"{PLAIN},advx-channels-last,canonicalize,advx-fuse-epilogues,{CLEAN},"
                      "advx-assign-providers",
    "first with providers": f"{PLAIN},advx-fuse-epilogues,{CLEAN},advx-assign-providers",
}


class Network:
    """A step's text: an attack-like loop on the gradient by x, then the gradients by the weights."""

    def __init__(self, seed, dtype):
        self.random = np.random.default_rng(seed)
        self.dtype = dtype
        self.weights = []  # shapes of the leaves
        self.count = 0
        channels = int(self.random.choice([1, 2, 3, 16]))
        self.input = (channels, *(int(n) for n in self.random.integers(6, 12, 2)))
        self.layers = [self.layer() for _ in range(int(self.random.integers(2, 6)))]
        self.features = 5

    def layer(self):
        kind = self.random.choice(["conv", "conv", "pool", "residual", "scale", "concat", "columns"])
        pair = lambda low, high: [int(n) for n in self.random.integers(low, high, 2)]
        return {"kind": kind, "out": int(self.random.choice([1, 4, 5, 16, 32])),
                "kernel": pair(1, 5), "stride": pair(1, 3), "padding": pair(0, 2),
                "relu": self.random.random() < 0.7, "average": self.random.random() < 0.4}

    def type(self, shape, batched=True, element=None):
        axes = (["?"] if batched else []) + [str(n) for n in shape]
        return f"tensor<{'x'.join(axes + [element or self.dtype])}>"

    def emit(self, op, shape, *types, batched=True, element=None):
        self.count += 1
        name = f"%v{self.count}"
        result = self.type(shape, batched, element)
        self.lines.append(f"{name} = advx.{op} : ({', '.join(types)}) -> {result}")
        return name

    def leaf(self, shape):
        self.weights.append(shape)
        return f"%w{len(self.weights) - 1}"

    def convolution(self, value, shape, layer, out=None, same=False):
        kernel = [1, 1] if same else [min(k, n) for k, n in zip(layer["kernel"], shape[1:])]
        stride = [1, 1] if same else layer["stride"]
        padding = [0, 0] if same else [min(p, k // 2) for p, k in zip(layer["padding"], kernel)]
        out = out or layer["out"]
        weight = self.leaf((out, shape[0], *kernel))
        size = [(n + 2 * p - k) // s + 1 for n, p, k, s in zip(shape[1:], padding, kernel, stride)]
        result = (out, *size)
        name = self.emit(f"conv2d {value}, {weight} stride {stride} padding {padding}", result,
                         self.type(shape), self.type(self.weights[-1], False))
        bias = self.leaf((out,))
        image = self.emit(f"broadcast {bias} shape {list(result)} axes [0]", result,
                          self.type((out,), False), batched=False)
        return self.both("add", name, image, result, False), result

    def both(self, op, one, other, shape, batched=True):
        return self.emit(f"{op} {one}, {other}", shape, self.type(shape), self.type(shape, batched))

    def activation(self, value, shape, layer):
        op = "relu" if layer["relu"] and self.dtype == "f64" else "tanh"
        return self.emit(f"{op} {value}", shape, self.type(shape))

    def forward(self, value):
        """The text from an image to one number an example; the leaves in the order of use."""
        self.weights = []
        shape = self.input
        for layer in self.layers:
            kind = layer["kind"]
            if kind == "conv":
                value, shape = self.convolution(value, shape, layer)
                value = self.activation(value, shape, layer)
            elif kind == "residual":
                inner, _ = self.convolution(value, shape, layer, shape[0], same=True)
                value = self.both("add", value, self.activation(inner, shape, layer), shape)
            elif kind == "pool":
                kernel = [min(2, n) for n in shape[1:]]
                size = [(n - k) // s + 1 for n, k, s in zip(shape[1:], kernel, layer["stride"])]
                op = "avg_pool2d" if layer["average"] or self.dtype == "f32" else "max_pool2d"
                old, shape = shape, (shape[0], *size)
                value = self.emit(f"{op} {value} kernel {kernel} stride {layer['stride']} "
                                  "padding [0, 0]", shape, self.type(old))
            elif kind == "scale":
                means = self.emit(f"reduce_sum {value} axes [1, 2]", shape[:1], self.type(shape))
                image = self.emit(f"broadcast {means} shape {list(shape)} axes [0]", shape,
                                  self.type(shape[:1]))
                value = self.both("mul", value, self.emit(f"tanh {image}", shape, self.type(shape)),
                                  shape)
            elif kind == "concat":
                half = (shape[0], max(1, shape[1] // 2), shape[2])
                part = self.emit(f"slice {value} axis 1 begin 0 size {half[1]}", half,
                                 self.type(shape))
                old, shape = shape, (shape[0], shape[1] + half[1], shape[2])
                value = self.emit(f"concat {value}, {part} axis 1", shape, self.type(old),
                                  self.type(half))
            else:  # what no layout but the first has: columns become rows
                turned = (shape[0], shape[2], shape[1])
                value = self.emit(f"transpose {value} permutation [0, 2, 1]", turned,
                                  self.type(shape))
                shape = turned
        size = int(np.prod(shape))
        flat = self.emit(f"reshape {value} shape [{size}]", (size,), self.type(shape))
        dense = self.leaf((self.features, size))
        out = self.emit(f"matvec {dense}, {flat}", (self.features,),
                        self.type((self.features, size), False), self.type((size,)))
        out = self.emit(f"tanh {out}", (self.features,), self.type((self.features,)))
        return self.emit(f"reduce_sum {out}", (), self.type((self.features,)))

    def gradient(self, objective, names, shapes, batched):
        types = [self.type(shape, batched) for shape in shapes]
        self.count += 1
        name = f"%v{self.count}"
        results = [f"{name}#{i}" for i in range(len(names))] if len(names) > 1 else [name]
        packed = f"{name}:{len(names)}" if len(names) > 1 else name
        self.lines.append(f"{packed} = advx.gradient {objective} wrt({', '.join(names)}) : "
                          f"({', '.join([self.type(())] + types)}) -> "
                          f"{types[0] if len(types) == 1 else '(' + ', '.join(types) + ')'}")
        return results

    def text(self):
        image = self.type(self.input)
        self.lines = ["%c0 = arith.constant 0 : index", "%c1 = arith.constant 1 : index",
                      "%c2 = arith.constant 2 : index",
                      f"%found = scf.for %k = %c0 to %c2 step %c1 iter_args(%x_k = %x) -> ({image}) {{"]
        slope, = self.gradient(self.forward("%x_k"), ["%x_k"], [self.input], True)
        moved = self.both("add", "%x_k", slope, self.input)
        self.lines += [f"scf.yield {moved} : {image}", "}",
                       f"%r = advx.stop_gradient %found : ({image}) -> {image}"]
        objective = self.forward("%r")
        names = [f"%w{i}" for i in range(len(self.weights))]
        gradients = self.gradient(objective, names, self.weights, False)
        arguments = [f"%w{i}: {self.type(shape, False)} {{advx.state = {i} : i64}}"
                     for i, shape in enumerate(self.weights)]
        arguments.append(f'%x: {image} {{advx.input = "x"}}')
        results = [f'{image} {{advx.output = "x"}}', f'{self.type(())} {{advx.output = "objective"}}']
        results += [f'{self.type(shape, False)} {{advx.output = "g{i}"}}'
                    for i, shape in enumerate(self.weights)]
        types = [image, self.type(())] + [self.type(shape, False) for shape in self.weights]
        leaves = "".join(f"    advx.leaf @w{i} : {self.type(shape, False)} slot {i} parameter = constant(0.0)\n"
                         for i, shape in enumerate(self.weights))
        body = "\n    ".join(self.lines)
        return (f'module {{\n  advx.program "images" {{\n{leaves}  }}\n'
                f"  func.func @step({', '.join(arguments)}) -> ({', '.join(results)}) "
                f"attributes {{advx.step}} {{\n    {body}\n    "
                f"return {', '.join(['%r', objective] + gradients)} : {', '.join(types)}\n  }}\n}}\n")


def run(network, text, passes, values, batch):
    """What the step gives, and what it gives where the first example is not a number."""
    pipeline = (f"--pass-pipeline=builtin.module({passes},advx-partitioned-to-host)",)
    with tempfile.TemporaryDirectory() as directory:
        program = Program(text, os.environ["ADVX_BUILD"], directory, pipeline)
        for i, value in enumerate(values["weights"]):
            program.state[f"w{i}"][...] = value
        x = values["x"][:batch].copy()
        given = program.run("step", {"x": x}, batch)
        x[0] = np.nan
        return given, program.run("step", {"x": x}, batch)


def hides_nan(found, expected):
    """The names of outputs that are NaN elsewhere than expected."""
    return [name for name, value in expected.items()
            if not np.array_equal(np.isnan(found[name]), np.isnan(value))]


def main():
    networks = int(sys.argv[1]) if len(sys.argv) > 1 else 12
    failed = compared = 0
    used = set()
    for seed in range(networks):
        dtype = "f64" if seed % 3 else "f32"
        network = Network(seed, dtype)
        text = network.text()
        used |= {layer["kind"] for layer in network.layers}
        random = np.random.default_rng(seed)
        kind = np.float64 if dtype == "f64" else np.float32
        values = {"x": random.standard_normal((17, *network.input)).astype(kind),
                  "weights": [(random.standard_normal(shape) / max(1, np.prod(shape[1:])) ** 0.5)
                              .astype(kind) for shape in network.weights]}
        batch = int(random.choice([1, 5, 17]))
        expected, expected_nan = run(network, text, PLAIN, values, batch)
        if not (np.isnan(expected_nan["objective"][0]) and np.isfinite(expected_nan["objective"][1:]).all()):
            failed += 1
            print(f"network {seed} ({dtype}): NaN is not where it was put\n{text}")
        for name, passes in VARIANTS.items():
            found, found_nan = run(network, text, passes, values, batch)
            for output in hides_nan(found_nan, expected_nan):
                failed += 1
                print(f"network {seed} ({dtype}), {name}: {output} is NaN elsewhere\n{text}")
            for output, value in expected.items():
                compared += 1
                scale = np.abs(value).max() + 1e-30
                error = np.abs(found[output] - value).max() / scale
                if not error < (1e-11 if dtype == "f64" else 1e-4):
                    failed += 1
                    print(f"network {seed} ({dtype}), {name}: {output} is {error:.1e} off\n{text}")
    missing = {"conv", "pool", "residual", "scale", "concat", "columns"} - used
    if missing:
        print(f"no network has {missing}")
    print(f"{compared} compared, {failed} differ")
    return failed != 0 or compared == 0 or bool(missing)


sys.exit(main())
