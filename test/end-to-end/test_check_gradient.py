# RUN: %{python} %s
"""scripts/check_gradient.py: agrees where the gradient is the loss's, and notices where it is not."""

import unittest

import advxtest
import pages


class CheckGradient(advxtest.TestCase):
    def check(self, loss, *options, leaf="z.conv1.weight"):
        executable = advxtest.build_page(pages.tiny(loss=loss, batch=8), *options)
        return advxtest.run("/usr/bin/python3", advxtest.SOURCE / "scripts" / "check_gradient.py",
                            executable.path, "--leaf", leaf, check=False)

    def test_a_gradient_of_the_loss(self):
        result = self.check("ce(f(x' | y), y) + 0.5 * norm(f(x))", "--precision", "f64")
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        self.assertIn("gradient and differences agree", result.stdout)

    def test_what_stop_gradient_leaves_out(self):
        result = self.check("ce(f(x' | y), y) + stop_gradient(0.5 * norm(f(x)))", "--precision", "f64")
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        self.assertIn("do not agree", result.stdout)

    def test_single_precision_is_refused(self):
        result = self.check("ce(f(x' | y), y)")
        self.assertEqual(result.returncode, 2)
        self.assertIn("build it with --precision f64", result.stderr)

    def test_a_tensor_that_is_not_there(self):
        result = self.check("ce(f(x' | y), y)", "--precision", "f64", leaf="z.conv9")
        self.assertEqual(result.returncode, 2)
        self.assertIn("no trained tensor is called z.conv9; there are z.conv1.weight", result.stderr)


if __name__ == "__main__":
    advxtest.main()
