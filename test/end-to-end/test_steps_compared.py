# RUN: %{python} %s
"""bench/compare_steps.py on a narrow network, in f64, where both sides agree: on records that are made up and,
where there are some, on genuine ones. The whole comparison is for the script itself, which CI does not run.
"""

import os
import pathlib
import re
import unittest

import numpy as np

import advxtest

GENUINE = pathlib.Path(os.environ.get("ADVX_CIFAR", "/usr/share/datasets/cifar-10-batches-bin"))


class StepsCompared(advxtest.TestCase):
    def script(self, data, *more, check=True):
        return advxtest.run("/usr/bin/python3", advxtest.SOURCE / "bench" / "compare_steps.py", "--data", data,
                            "--steps", 4, "--rows", 2, "--batch", 8, "--width", 2, "--precision", "f64",
                            "--tolerance", 1e-8, "--advx", advxtest.ADVX, *more, check=check)

    def assertAgrees(self, result):
        self.assertEqual(re.findall(r"^\| (\d to \d) \|", result.stdout, re.MULTILINE), ["1 to 2", "3 to 4"])
        apart = float(re.search(r"at most (\S+) apart", result.stdout)[1])
        self.assertLess(apart, 1e-7, result.stdout)

    def test_records_that_are_made_up(self):
        source = np.random.default_rng(5)
        for name in [f"data_batch_{i}.bin" for i in range(1, 6)] + ["test_batch.bin"]:
            rows = source.integers(0, 256, (8, 3073), np.uint8)
            rows[:, 0] %= 10
            (self.folder / name).write_bytes(rows.tobytes())
        self.assertAgrees(self.script(self.folder))
        result = self.script(self.folder, "--steps", 80, "--rows", 2, check=False)
        self.assertIn("has 40 training images, and 320 are asked for", result.stderr)

    @unittest.skipUnless((GENUINE / "test_batch.bin").exists(),
                         f"no CIFAR-10 in {GENUINE}; $ADVX_CIFAR names its folder")
    def test_genuine_records(self):
        self.assertAgrees(self.script(GENUINE))


if __name__ == "__main__":
    advxtest.main()
