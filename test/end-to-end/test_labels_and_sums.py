# RUN: %{python} %s
"""Labels beside classes, sums over the batch of what is the same for every example, functions of
numbers: each term of a loss, and the same written without the form that is tested."""

import unittest

import numpy as np

import advxtest
import pages
import safetensors_lite

BATCH = 8

TERMS = [
    # L-types-class
    ("(if y == 3 then 2 else 1) * ce(f(x'), y)", "(1 + onehot(y)[3]) * ce(f(x'), y)"),
    ("ce(f(x'), 3)", "-log_softmax(f(x'))[3]"),
    ("(if y < 2 then 1 else 0) * ce(f(x'), y)",
     "(onehot(y)[0] + onehot(y)[1]) * ce(f(x'), y)"),
    ("(if predict(f(x)) != 4 then norm(f(x')) else 0)",
     "(1 - onehot(predict(f(x)))[4]) * norm(f(x'))"),
    ("ce(f(x'), if y == 3 then 4 else y)",
     "onehot(y)[3] * ce(f(x'), 4) + (1 - onehot(y)[3]) * ce(f(x'), y)"),
    ("sum(onehot(2) * f(x'))", "f(x')[2]"),
    # L-batch-sum
    ("batch_sum(1) * mean(f(x'))", f"{BATCH} * mean(f(x'))"),
    ("batch_sum(batch_sum(ce(f(x'), y))) / 100", f"{BATCH} * batch_sum(ce(f(x'), y)) / 100"),
    ("batch_mean(batch_sum(ce(f(x'), y))) / 100", "batch_sum(ce(f(x'), y)) / 100"),
    ("batch_mean(2) * f(x')[0]", "2 * f(x')[0]"),
    # Functions of numbers
    ("tanh(epoch + 1/2) * f(x')[1]",
     "(exp(2 * epoch + 1) - 1) / (exp(2 * epoch + 1) + 1) * f(x')[1]"),
    ("(relu(epoch - 1) + relu(epoch + 3)) * f(x')[5]", "3 * f(x')[5]"),
    ("stop_gradient(if stop_gradient(y) == 3 then 1 else 0) * f(x')[6]",
     "onehot(y)[3] * f(x')[6]"),
]


class LabelsAndSums(advxtest.TestCase):
    def probe(self, column, level):
        loss = " + ".join(f"{weight + 2} * ({term[column]})" for weight, term in enumerate(TERMS))
        page = pages.tiny(loss=loss)
        executable = advxtest.build_page(page, "-O", str(level), "--precision", "f64")
        out = self.folder / f"{column}-{level}"
        advxtest.run(executable.path, "probe", "--out", out, "--seed", 3, "--batch", BATCH)
        return safetensors_lite.read(out)[0]

    def test_each_form_is_what_it_stands_for(self):
        for level in (0, 2):
            ours, plain = self.probe(0, level), self.probe(1, level)
            self.assertEqual(ours.keys(), plain.keys())
            self.assertTrue(np.isfinite(ours["train_step/loss"]).all())
            for name in ours:
                if ours[name].dtype == np.float64:
                    self.assertClose(ours[name], plain[name], 1e-9, f"{name} at -O{level}")


if __name__ == "__main__":
    advxtest.main()
