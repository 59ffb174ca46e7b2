# RUN: %{python} %s
"""Three steps of training of the examples of PGD-AT, ALP and TRADES against PyTorch programs."""

import unittest

import frameworks
import programs_paired


class Frameworks(frameworks.FrameworkCase):
    PROGRAMS = programs_paired.PROGRAMS

    def test_pgd_at(self):
        self.check("fashion_mnist/pgd_at")
        self.check("fashion_mnist/pgd_at_he")

    def test_pgd_at_with_hypersphere_embedding_of_the_paper_and_the_programs(self):
        self.check("pgd_at/pgd_at_he_paper")
        self.check("pgd_at/pgd_at_he_code")
        self.check("pgd_at/pgd_at_he_tricks")

    def test_alp(self):
        self.check("alp/alp")
        self.check("alp/alp_he")

    def test_alp_as_the_authors_program_has_it(self):
        self.check("alp/alp_code")
        self.check("alp/alp_he_code")

    def test_trades(self):
        self.check("trades/trades")
        self.check("trades/trades_two")
        self.check("trades/trades_he")


if __name__ == "__main__":
    frameworks.advxtest.main()
