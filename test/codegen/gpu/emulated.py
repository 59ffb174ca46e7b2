"""Runs GPU kernels in the emulator beside this file and compares them with the same ops as calls
of the runtime, in f64 (reference.py).

    emulated.py random COUNT      random clusters of every template
    emulated.py page FILE.mlir    every different cluster of a partitioned page
"""

import ctypes
import json
import os
import re
import subprocess
import sys
import tempfile

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), ".."))
from reference import INLINED, differs, error, widened  # noqa: E402
from step_object import PADDING, TYPES, Program, aligned_bytes  # noqa: E402

BATCHES = (1, 7, 33, 130)
BUILD = os.environ["ADVX_BUILD"]


class Tensor:
    """An input or output of a step, from its type as text."""

    def __init__(self, name, text):
        *axes, self.dtype = text.split("x")
        self.dtype = {"i1": "bool"}.get(self.dtype, self.dtype)
        self.name, self.batched = name, axes[:1] == ["?"]
        self.shape = [int(a) for a in axes[self.batched :]]

    def memory(self, batch):
        """A buffer as the runtime lays it out, padded, full of NaN; and the part that counts."""
        dtype = np.dtype(TYPES[self.dtype])
        rows = [(batch + PADDING - 1) // PADDING * PADDING] if self.batched else []
        size = int(np.prod(rows + self.shape, dtype=np.int64))
        whole = aligned_bytes(size * dtype.itemsize).view(dtype).reshape(rows + self.shape)
        return whole, whole[:batch] if self.batched else whole

    def draw(self, random, batch, classes):
        shape = ([batch] if self.batched else []) + self.shape
        if self.dtype in ("i64", "bool"):
            return random.integers(0, 2 if self.dtype == "bool" else classes, shape)
        return random.standard_normal(shape).astype(TYPES[self.dtype])


class Step:
    """What the text of a module says of a step: its ports, and the numbers of its cluster."""

    def __init__(self, text):
        self.name = re.match(r"@(\w+)", text)[1]
        head = text[: text.index("advx.step")]
        port = r"tensor<([^>]*)> \{advx\.%s = \"(\w+)\"\}"
        self.inputs = [Tensor(n, t) for t, n in re.findall(port % "input", head)]
        self.outputs = [Tensor(n, t) for t, n in re.findall(port % "output", head)]
        constants = dict(re.findall(r"(%\w+) = arith\.constant (\S+) : f64", text))
        operands = re.search(r"advx\.cluster \w+ \[[^\]]*\] ?\(([^)]*)\)", text)[1].split(", ")
        self.numbers = [float(constants[o]) for o in operands if o in constants]
        # A float of f64 may be made of one of f32.
        self.is_mixed = {"f32", "f64"} <= set(re.findall(r"f32|f64", "".join(re.findall(r"tensor<[^>]*>", text))))
        # Labels that every one_hot takes.
        self.classes = min(map(int, re.findall(r"one_hot \S+ classes (\d+)", text)), default=2)
        # Tensors and numbers in the order of the operands.
        self.order = ["number" if o in constants else "tensor" for o in operands]

    def tolerated(self, tensor):
        """Whose roundings (reference.TOLERANCE) an output may have."""
        return "mixed" if self.is_mixed and tensor.dtype == "f64" else tensor.dtype


class Emulated:
    def __init__(self, source, folder):
        self.machine = ctypes.CDLL(os.path.join(BUILD, "bin", "libadvx-gpu-emulator.so"), ctypes.RTLD_GLOBAL)
        self.machine.emulator_launch.restype = ctypes.c_char_p
        paths = [os.path.join(folder, "kernels." + e) for e in ("o", "so")]
        run = subprocess.run([os.path.join(BUILD, "bin", "gpu-kernels-on-host"), source, "-o", paths[0]],
                             check=True, capture_output=True, text=True)
        subprocess.run(["c++", "-shared", "-o", paths[1], paths[0], "-lm"], check=True)
        self.library = ctypes.CDLL(paths[1])
        self.description = json.loads(run.stdout)

    def launch(self, name, arguments, blocks, seed, broken):
        info = self.description["kernels"][name]
        slots = (ctypes.c_uint64 * len(arguments))(
            *[np.float64(a).view(np.uint64).item() if isinstance(a, float) else a for a in arguments])
        assert len(slots) == len(info["arguments"]), name
        shared = None
        if info["shared"]:
            shared = ctypes.addressof(ctypes.c_char.in_dll(self.library, name + "_shared"))
        fault = self.machine.emulator_launch(getattr(self.library, name + ".call"), slots, blocks, info["threads"],
                                             ctypes.c_void_p(shared), ctypes.c_int64(info["shared"]),
                                             ctypes.c_uint32(seed), broken)
        if fault:
            raise RuntimeError(f"{name}: {fault.decode()}")

    def run(self, step, inputs, batch, blocks, seed, broken=-1):
        """The outputs by name; the kernels run on so many blocks where they may, and without the
        barrier or shuffle of site `broken`."""
        name = self.description["steps"][step.name]
        kernels = self.description["kernels"]
        info = kernels[name]
        results = [t.memory(batch) for t in step.outputs]
        operands = []
        for tensor in step.inputs:
            whole, real = tensor.memory(batch)
            real[...] = inputs[tensor.name]
            operands.append(whole)
        tensors, numbers = iter(operands), iter(step.numbers)
        arguments = [r[0].ctypes.data for r in results]
        arguments += [next(numbers) if kind == "number" else next(tensors).ctypes.data for kind in step.order]
        if "i" in info["arguments"]:
            arguments.append(batch)
        partials = aligned_bytes(info["partial_bytes"] * ((batch + 15) // 16) + 64)
        if info["partial_bytes"]:
            arguments.append(partials.ctypes.data)
        for kernel in (name, name + "_finish"):
            if kernel in kernels:
                self.launch(kernel, arguments, 1 if kernels[kernel]["one_block"] else blocks, seed, broken)
        return {t.name: r[1].copy() for t, r in zip(step.outputs, results)}


def random_text(count):
    sys.argv = sys.argv[:1]  # the generator's module reads its own
    import random_clusters

    class GpuGenerator(random_clusters.Generator):
        def emit(self, mnemonic, operands, shape, attributes="", dtype=None, batched=None):
            # What no GPU kernel computes; a square of a magnitude has the same range.
            if operands[0].dtype == "f64" and mnemonic == "pow":
                mnemonic, operands = "mul", [operands[0], operands[0]]
            if operands[0].dtype == "f64" and mnemonic in ("exp", "log", "tanh", "erf"):
                mnemonic = "neg"
            return super().emit(mnemonic, operands, shape, attributes, dtype, batched)

    # Products keep the emulator longer than all others together.
    share = {"product": 4, "mixed": 2}
    cases = [(template, dtype, i) for template in random_clusters.TEMPLATES for dtype in random_clusters.DTYPES
             for i in range(count // share.get(template, share.get(dtype, 1)))]
    return "module {" + "".join(GpuGenerator(i, t, d).write() for t, d, i in cases) + "}\n"


def page_text(path):
    return subprocess.run([os.path.join(BUILD, "bin", "gpu-kernels-on-host"), "--split", path], check=True,
                          capture_output=True, text=True).stdout


def main():
    kind, what = sys.argv[1:]
    text = random_text(int(what)) if kind == "random" else page_text(what)
    steps = [Step(part) for part in text.split("func.func ")[1:]]
    unit = 1.0 if kind == "random" else 0.1  # outputs of pages are smaller
    random = np.random.default_rng(1)
    passed, failed = 0, set()
    with tempfile.TemporaryDirectory() as folder, tempfile.TemporaryDirectory() as calls:
        source = os.path.join(folder, "clusters.mlir")
        with open(source, "w") as file:
            file.write(text)
        emulated = Emulated(source, folder)
        oracle = Program(widened(text), BUILD, calls, INLINED)
        for step in steps:
            for batch in BATCHES:
                inputs = {t.name: t.draw(random, batch, step.classes) for t in step.inputs}
                expected = oracle.run(step.name, inputs, batch)
                bad, bits = [], set()
                for blocks, seed in ((1, 1), (3, 2)):
                    try:
                        found = emulated.run(step, inputs, batch, blocks, seed)
                    except RuntimeError as fault:
                        bad.append(str(fault))
                        break
                    bits.add(b"".join(v.tobytes() for v in found.values()))
                    bad += [f"{t.name} ({error(found[t.name], expected[t.name], unit):.1e})"
                            for t in step.outputs if differs(found[t.name], expected[t.name], step.tolerated(t), unit)]
                if len(bits) > 1:
                    bad.append("the grid changes the bits")
                passed += not bad
                if bad:
                    failed.add(step.name)
                    print(f"{step.name}, batch {batch}: {', '.join(bad)}")
                    break
    print(f"{len(steps)} steps, {passed} runs passed, {len(failed)} steps failed")
    return bool(failed) or not passed


if __name__ == "__main__":
    sys.exit(main())
