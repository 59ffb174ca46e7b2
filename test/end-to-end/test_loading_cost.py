# RUN: %{python} %s
"""bench/loading_cost.py on a small network: it prints its table, and says where loading limits training.

What it says of the networks of the papers is for the script itself, which CI does not run.
"""

import re
import sys
import unittest

import advxtest

sys.path.insert(0, str(advxtest.SOURCE / "bench"))
import loading_cost  # noqa: E402


class LoadingCost(advxtest.TestCase):
    def script(self, *arguments):
        return advxtest.run("/usr/bin/python3", advxtest.SOURCE / "bench" / "loading_cost.py", "--advx",
                            advxtest.ADVX, "--networks", "mnist_cnn()", "--batch", 8, "--steps", 4, "--threads", 1,
                            *arguments, check=False)

    def test_a_table_and_a_bound(self):
        result = self.script("--most", 1)
        self.assertEqual(result.returncode, 0, result.stderr)
        row = re.search(r"^mnist_cnn\(\) +([\d.]+) +([\d.]+) +([\d.]+) %$", result.stdout, re.MULTILINE)
        made, stepped, waited = map(float, row.groups())
        self.assertGreater(made, 0)
        self.assertGreater(stepped, 0)
        self.assertGreaterEqual(waited, 0)
        self.assertEqual(self.script("--most", 0).returncode, 1)

    def test_the_numbers_of_a_profile(self):
        """Steps of 3 s of which 1 s is waited; a batch takes 1/2 s to make. The first of each is left out."""
        profile = {"steps": [[8, 50, 50], [8, 2, 2], [8, 2, 2]], "loads": [[9, 9], [0.5, 1], [0.5, 1]]}
        made, stepped, waited = loading_cost.shares(profile)
        self.assertAlmostEqual(made, 2)
        self.assertAlmostEqual(stepped, 1 / 3)
        self.assertAlmostEqual(waited, 1 / 3)


if __name__ == "__main__":
    advxtest.main()
