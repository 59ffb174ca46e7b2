# RUN: %{python} %s
"""bench/compare_training.py on a small part of the data: both sides learn, alike.

The seed is one with which so short a training gets going at all (others still predict one class,
on both sides); the margin is wide. Means over full trainings are for the script itself, which CI
does not run.
"""

import re
import unittest

import advxtest


class TrainingCompared(advxtest.TestCase):
    def test_linear_head(self):
        result = advxtest.run("/usr/bin/python3", advxtest.SOURCE / "bench" / "compare_training.py",
                              "--head", "linear", "--seeds", 1, "--first-seed", 2, "--epochs", 2, "--train", 3000,
                              "--test", 300, "--threads", 1, "--advx", advxtest.ADVX, "--tolerance", 15)
        means = re.findall(r"mean \w+ +([\d.]+) +([\d.]+)", result.stdout)
        self.assertEqual(len(means), 2, result.stdout)
        for clean, robust in means:
            self.assertGreater(float(clean), 40, result.stdout)
            self.assertGreater(float(robust), 25, result.stdout)


if __name__ == "__main__":
    advxtest.main()
