# RUN: %{python} %s
"""Three steps of training of the examples against PyTorch programs: several balls in one search, and one of
several for each batch.
"""

import unittest

import torch

import advxtest
import frameworks
import programs_balls


class Balls(frameworks.FrameworkCase):
    PROGRAMS = programs_balls.PROGRAMS

    def test_multi_steepest_descent(self):
        for name in ("multi_norm/msd", "multi_norm/msd_he"):
            for state in self.check(name):
                taken = torch.stack(state["taken"])
                self.assertEqual(set(taken.ravel().tolist()), {0, 1, 2}, f"{name}: the balls that were taken")

    def test_extreme_norms(self):
        for name in ("multi_norm/eat", "multi_norm/eat_he"):
            for state in self.check(name):
                self.assertEqual(set(state["chosen"]), {0, 1})


if __name__ == "__main__":
    advxtest.main()
