# RUN: %{python} %s
"""Three steps of training of the examples against PyTorch programs: GradAlign, two balls, LBGAT."""

import unittest

import advxtest
import frameworks
import programs_more


class More(frameworks.FrameworkCase):
    PROGRAMS = programs_more.PROGRAMS

    def test_gradalign(self):
        self.check("gradalign/gradalign")
        self.check("gradalign/gradalign_he")

    def test_the_average_over_two_balls(self):
        self.check("multi_norm/average")
        self.check("multi_norm/average_he")

    def test_the_worse_of_two_balls(self):
        self.check("multi_norm/worst")
        self.check("multi_norm/worst_he")

    def test_a_teacher_beside_the_model(self):
        self.check("lbgat/lbgat")
        self.check("lbgat/lbgat_he")


if __name__ == "__main__":
    advxtest.main()
