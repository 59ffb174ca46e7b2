"""The f32 functions of GPU kernels, in the emulator, give the bits of those of CPU kernels, which
test/codegen/cpu/accuracy.py compares with exact ones."""

import os
import sys
import tempfile

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(HERE, "..", "cpu"), os.path.join(HERE, "..")]
import accuracy  # noqa: E402
from emulated import BUILD, Emulated, Step  # noqa: E402
from step_object import Program  # noqa: E402

ROWS = 8  # of accuracy.WIDTH elements


def main():
    passed = failed = 0
    text = accuracy.program_text(accuracy.BOUNDS)
    with tempfile.TemporaryDirectory() as cpu, tempfile.TemporaryDirectory() as gpu:
        source = os.path.join(gpu, "functions.mlir")
        with open(source, "w") as file:
            file.write(text)
        program, emulated = Program(text, BUILD, cpu), Emulated(source, gpu)
        for step in (Step(part) for part in text.split("func.func ")[1:]):
            arguments = accuracy.grid(step.name)
            # All special values, which come first, and others from everywhere.
            spread = np.linspace(0, arguments[0].size - 1, ROWS * accuracy.WIDTH - 400).astype(int)
            places = np.concatenate([np.arange(400), spread])
            inputs = {f"x{i}": a[places].reshape(ROWS, accuracy.WIDTH) for i, a in enumerate(arguments)}
            expected = program.run(step.name, inputs, ROWS)["y"]
            found = emulated.run(step, inputs, ROWS, blocks=3, seed=1)["y"]
            same = (found.view(np.uint32) == expected.view(np.uint32)) | (np.isnan(found) & np.isnan(expected))
            if not same.all():
                at = np.argmin(same)
                print(f"{step.name}: {found.flat[at]!r} and {expected.flat[at]!r} at "
                      f"{', '.join(repr(i.flat[at]) for i in inputs.values())}")
            passed += same.all()
            failed += not same.all()
    print(f"{passed} passed, {failed} failed")
    return failed != 0


if __name__ == "__main__":
    sys.exit(main())
