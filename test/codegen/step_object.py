"""Compiles tensor-tier text to a shared object and calls its steps on numpy arrays.

    program = Program(text, build="build/dev", directory=tmp)
    outputs = program.run("train_step", {"x": ..., "y": ...}, batch=3)

The runtime's part (arenas, uniforms, the context) is played here after
runtime/abi/advx_abi.h, so that a test needs neither the runtime nor an executable.
"""

import ctypes
import json
import os
import re
import subprocess

import numpy as np

TYPES = {"f32": np.float32, "f64": np.float64, "i64": np.int64, "bool": np.uint8}
PADDING = 16
ABI = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "runtime", "abi")
INTEGERS = {"uint64_t": ctypes.c_uint64, "int64_t": ctypes.c_int64, "uint32_t": ctypes.c_uint32,
            "int32_t": ctypes.c_int32}


def abi_struct(name):
    """A struct of runtime/abi/structs.def. What is no integer is an address."""
    with open(os.path.join(ABI, "structs.def")) as file:
        text = file.read()
    fields = re.findall(rf"^ADVX_FIELD\({name}, ([^,]*), (\w+), (\d+)\)", text, re.M)
    types = [(field, ctypes.c_char_p if kind == "const char *" else
              INTEGERS.get(kind, ctypes.c_void_p)) for kind, field, _ in fields]
    struct = type(name, (ctypes.Structure,), {"_fields_": types})
    assert [getattr(struct, field).offset for _, field, _ in fields] == [int(at) for *_, at in fields]
    assert ctypes.sizeof(struct) == int(re.search(rf"^ADVX_STRUCT\({name}, (\d+)\)", text, re.M)[1])
    return struct


Context, StepEntry, ProgramTable = map(abi_struct, ("AdvxContext", "AdvxStep", "AdvxProgram"))


def aligned_bytes(count):
    """An arena that starts on 64 bytes, full of NaN, so that what is read unwritten shows."""
    raw = np.full(count + 64, 0xFF, dtype=np.uint8)
    start = -raw.ctypes.data % 64
    return raw[start : start + count]


def compile_object(text, build, directory, pipeline):
    binaries = os.path.join(build, "bin")
    source = os.path.join(directory, "program.mlir")
    with open(source, "w") as file:
        file.write(text)
    paths = {suffix: os.path.join(directory, "program." + suffix) for suffix in ("host", "o", "so")}
    subprocess.run(
        [os.path.join(binaries, "advx-opt"), *pipeline, source, "-o", paths["host"]], check=True
    )
    subprocess.run(
        [os.path.join(binaries, "advx-translate"), "--emit=obj", paths["host"], "-o", paths["o"]],
        check=True,
    )
    subprocess.run(["c++", "-shared", "-o", paths["so"], paths["o"], "-lm"], check=True)
    return paths["so"]


class Program:
    """One loaded object. `state` holds the leaves by name, as views of the state arena."""

    def __init__(self, text, build, directory, pipeline=("--advx-partitioned-to-host",)):
        ctypes.CDLL(os.path.join(build, "bin", "libadvx-ops-shared.so"), ctypes.RTLD_GLOBAL)
        library = ctypes.CDLL(compile_object(text, build, directory, pipeline))
        self.library = library
        self.table = ProgramTable.in_dll(library, "advx_program")
        self.manifest = json.loads(self.table.manifest[: self.table.manifest_size])
        steps = (StepEntry * self.table.step_count).from_address(self.table.steps)
        self.functions = {entry.name.decode(): entry.run for entry in steps}
        longest = max((step["state_arena"] for step in self.manifest["steps"]), default=0)
        self.arena = aligned_bytes(longest)
        self.state = {leaf["name"]: self.view(self.arena, leaf) for leaf in self.manifest["state"]}

    @staticmethod
    def view(arena, port, rows=None, padded=1):
        shape = port["shape"] if rows is None else [rows] + port["shape"]
        dtype = np.dtype(TYPES[port["dtype"]])
        begin = port["offset"] * padded
        count = int(np.prod(shape, dtype=np.int64)) * dtype.itemsize
        return arena[begin : begin + count].view(dtype).reshape(shape)

    def uniforms(self, settings=(), clock=(0, 0, 1, 1)):
        """The settings in force and the uniforms for settings (NaN: the page's value)."""
        doubles = lambda values: (ctypes.c_double * max(1, len(values)))(*values)
        resolved = doubles([0.0] * len(settings))
        uniforms = doubles([0.0] * self.manifest["uniforms"])
        fill = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 4)(self.table.fill_uniforms)
        fill(doubles(settings), doubles(clock), resolved, uniforms)
        return list(resolved)[: len(settings)], uniforms

    def run(self, name, inputs=None, batch=1, uniforms=None, seed=0):
        """Runs a step; its outputs as copies, by name."""
        entry = next(step for step in self.manifest["steps"] if step["name"] == name)
        padded = (batch + PADDING - 1) // PADDING * PADDING
        rows = aligned_bytes(entry["batch_arena"] * padded)

        def port(description):
            if description["arena"] == "batch":
                return self.view(rows, description, batch, padded)
            return self.view(self.arena, description)

        for description in entry["inputs"]:
            port(description)[...] = inputs[description["name"]]
        context = Context(seed=seed, batch=batch)
        function = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 4)(self.functions[name])
        function(ctypes.byref(context), self.arena.ctypes.data, rows.ctypes.data, uniforms)
        return {d["name"]: port(d).copy() for d in entry["outputs"]}
