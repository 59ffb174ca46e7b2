# RUN: %{python} %s
"""Three steps of training of the examples against PyTorch programs: LBGAT, adversarial weight perturbation."""

import unittest

import advxtest
import frameworks
import programs_weights


class Weights(frameworks.FrameworkCase):
    PROGRAMS = programs_weights.PROGRAMS

    def test_a_teacher_beside_the_model(self):
        self.check("lbgat/lbgat")
        self.check("lbgat/lbgat_he")

    def test_perturbed_weights(self):
        self.check("awp/awp_at")
        self.check("awp/awp_at_he")


if __name__ == "__main__":
    advxtest.main()
