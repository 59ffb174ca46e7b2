# RUN: %{python} %s
"""Three steps of training of the examples against PyTorch programs: Fast AT, N-FGSM, MART, friendly
and helper-based adversarial training.
"""

import unittest

import advxtest
import frameworks
import programs_single


class OneStepAndMore(frameworks.FrameworkCase):
    PROGRAMS = programs_single.PROGRAMS

    def both(self, name, **options):
        self.check(name, **options)
        self.check(f"{name}_he", **options)

    def test_fast_at(self):
        self.both("fast/fast")

    def test_n_fgsm(self):
        self.both("n_fgsm/n_fgsm")

    def test_mart(self):
        self.both("mart/mart")

    def test_friendly(self):
        self.both("fat/fat")

    def test_helper_based(self):
        standard = self.folder / "standard.safetensors"
        text = frameworks.compared_page(advxtest.example("hat/standard"))
        advxtest.build_page(text).init(standard, seed=11)
        self.both("hat/hat", change=lambda text: text.replace('"standard.safetensors"',
                                                              f'"{standard}"'))


if __name__ == "__main__":
    advxtest.main()
