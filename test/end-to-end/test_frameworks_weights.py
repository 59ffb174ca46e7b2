# RUN: %{python} %s
"""Three steps of training of the examples that move weights against PyTorch programs."""

import unittest

import frameworks
import programs_weights


class Frameworks(frameworks.FrameworkCase):
    PROGRAMS = programs_weights.PROGRAMS

    def test_adversarial_weight_perturbation(self):
        self.check("awp/awp_trades")
        self.check("awp/awp_trades_he")


if __name__ == "__main__":
    frameworks.advxtest.main()
