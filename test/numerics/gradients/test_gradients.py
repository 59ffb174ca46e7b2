"""Derivatives of first and second order of every op and of composites, compiled by advx at
f64, against LibTorch's autograd and finite differences."""

import os
import sys
import tempfile

import numpy as np

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path += [HERE, os.path.join(HERE, "..", "..", "codegen")]

from cases import CASES
from harness import Checker, write_step
from step_object import Program

PIPELINE = ("--advx-instantiated-to-differentiated", "--advx-partitioned-to-host")


def main():
    cases = [case for case in CASES if len(sys.argv) < 2 or sys.argv[1] in case.name]
    text = "module {\n" + "".join(write_step(i, case) for i, case in enumerate(cases)) + "}\n"
    passed = failed = 0
    with tempfile.TemporaryDirectory() as directory:
        program = Program(text, os.environ["ADVX_BUILD"], directory, PIPELINE)
        for batch in (3, 1):
            checker = Checker(program, batch)
            for number, case in enumerate(cases):
                # Statistics of one example have no unbiased variance, and of one pixel none.
                if batch == 1 and "batch_norm" in case.name:
                    continue
                checker.check(number, case, np.random.default_rng([number, batch]))
            passed += checker.passed
            failed += checker.failed
    print(f"{passed} passed, {failed} failed")
    return failed != 0


sys.exit(main())
