# RUN: %{python} %s
"""bench/compare_frameworks.py on a small part of the data: it trains both sides and prints its table.

Whole trainings of every page are for the script itself, which CI does not run.
"""

import re
import sys
import unittest

import numpy as np

import advxtest

sys.path.insert(0, str(advxtest.SOURCE / "bench"))
import compare_frameworks  # noqa: E402

PAGE = "fashion_mnist/pgd_at"


class FrameworksCompared(advxtest.TestCase):
    def script(self, *arguments, train=640, test=100, epochs=1, check=True):
        return advxtest.run("/usr/bin/python3", advxtest.SOURCE / "bench" / "compare_frameworks.py", *arguments,
                            "--seeds", 1, "--epochs", epochs, "--train", train, "--test", test, "--threads", 1,
                            "--advx", advxtest.ADVX, check=check)

    def row(self, name, printed):
        row = re.search(rf"^\| {name} \|(.*)\|$", printed, re.MULTILINE)
        self.assertIsNotNone(row, printed)
        return [float(cell) for cell in row[1].split("|")]

    def test_a_page_that_reads_another_model(self):
        """From the same weights, with the same draws, so the two differ by rounding."""
        printed = self.script("hat/hat", "--tolerance", 4).stdout
        clean, robust, *_ = self.row("hat/hat", printed)
        self.assertGreaterEqual(clean, robust)

    def test_both_sides_learn(self):
        """The seed is one with which so short a training gets going at all (others still predict one class,
        on both sides)."""
        result = self.script(PAGE, "--first-seed", 2, "--tolerance", 15, epochs=2, train=3000, test=300)
        clean, robust, their_clean, their_robust, *_ = self.row(PAGE, result.stdout)
        self.assertGreater(min(clean, their_clean), 40, result.stdout)
        self.assertGreater(min(robust, their_robust), 25, result.stdout)
        for side in ("advx", "PyTorch"):
            self.assertRegex(result.stderr, rf"{PAGE}, seed 2: {side} [\d.]+ [\d.]+, [\d.]+ s")

    def test_several_seeds_have_a_spread(self):
        # Two seeds: 80 and 82 of advx, 79 and 80 of PyTorch; under attack 70 each.
        row, apart = compare_frameworks.cells(np.array([[[0.80, 0.70], [0.79, 0.70]], [[0.82, 0.70], [0.80, 0.70]]]))
        self.assertEqual(row, ["81.00 ± 1.41", "70.00 ± 0.00", "79.50 ± 0.71", "70.00 ± 0.00", "+1.50", "+0.00"])
        self.assertAlmostEqual(apart, 1.5)

    def test_a_page_that_is_not_there(self):
        result = self.script("alp/apl", check=False)
        self.assertEqual(result.returncode, 2)
        self.assertIn("no such page: alp/apl; there are", result.stderr)


if __name__ == "__main__":
    advxtest.main()
