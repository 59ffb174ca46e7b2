# RUN: %{python} %s
"""Three batches of training of the examples against PyTorch programs: Free AT, metric learning."""

import unittest

import advxtest
import frameworks
import programs_state


class State(frameworks.FrameworkCase):
    PROGRAMS = programs_state.PROGRAMS

    def test_free_at(self):
        self.check("free/free")
        self.check("free/free_he")

    def test_metric_learning(self):
        self.check("metric/metric")
        self.check("metric/metric_he")


if __name__ == "__main__":
    advxtest.main()
