# RUN: %{python} %s
"""bench/compare_frameworks.py on a small part of the data: it trains both sides and prints its table.

Whole trainings of every page are for the script itself, which CI does not run.
"""

import re
import unittest

import advxtest


class FrameworksCompared(advxtest.TestCase):
    def script(self, *arguments, check=True):
        return advxtest.run("/usr/bin/python3", advxtest.SOURCE / "bench" / "compare_frameworks.py", *arguments,
                            "--seeds", 1, "--epochs", 1, "--train", 640, "--test", 100, "--threads", 1,
                            "--advx", advxtest.ADVX, check=check)

    def test_a_page_that_reads_another_model(self):
        """From the same weights, with the same draws, so the two differ by rounding."""
        printed = self.script("hat/hat", "--tolerance", 4).stdout
        row = re.search(r"^\| hat/hat \|(.*)\|$", printed, re.MULTILINE)
        self.assertIsNotNone(row, printed)
        clean, robust, *_ = (float(cell) for cell in row[1].split("|"))
        self.assertGreaterEqual(clean, robust)

    def test_a_page_that_is_not_there(self):
        result = self.script("alp/apl", check=False)
        self.assertEqual(result.returncode, 2)
        self.assertIn("no such page: alp/apl; there are", result.stderr)


if __name__ == "__main__":
    advxtest.main()
