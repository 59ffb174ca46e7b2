# RUN: %{python} %s
"""`draw` in an experiment: each distribution, who shares a draw, and what its key is.

A line of an evaluation maximises the draw itself, so `probe` writes its value for each example.
Rules: L-draw-distributions, L-draw-scope, L-draw-key, L-draw-page, L-draw-permutation.
"""

import unittest

import numpy as np

import advxtest
import draws
import pages
import safetensors_lite

BATCH, SEED = 2000, 7

FLAT = """
network flat() {
  layer fc = linear(2)
  forward(x) = fc(flatten(x))
}
"""

DRAWS = """
  let low = -2
  let share = 3/10
  draw k    ~ integer(low, 3)
  draw u    ~ uniform(0, 1)
  draw n    ~ normal(1, 2)
  draw s    ~ sign()
  draw b    ~ bernoulli(0.3)
  draw c    ~ categorical([1, 0, 3])
  draw l    ~ beta(0.4, 0.7)
  draw one  ~ beta(2, 3) per batch
  draw same ~ uniform(0, 1) per run
  draw perm ~ permutation()
  draw t    ~ classes except y
  draw i    ~ uniform(-1, 1) like x
  let w = 2 * u
"""

SHOWN = {
    "k": "k", "u": "u", "again": "u", "n": "n", "s": "s", "b": "(if b then 1 else 0)",
    "c": "[0, 1, 2][c]", "l": "l", "one": "one", "same": "same", "moved": "u[perm]",
    "t": "[0, 1, 2, 3, 4, 5, 6, 7, 8, 9][t]", "own": "(if t == y then 1 else 0)",
    "i": "sum(i)", "highest": "max(eta)", "lowest": "min(eta)", "away": "sum(abs(away))",
    "widest": "max(abs(wide))",
}


def page(more="", shown=SHOWN):
    attacks = "\n    ".join(f"{name} = argmax {value} + 0 * sum(x') by fgsm(step = 0)"
                            for name, value in shown.items())
    text = pages.page(network="flat()", declarations=FLAT, loss="ce(f(x'), y) + 0 * w",
                      inner="argmax ce(f(x'), y) + u by fgsm(step = 0.1)", evaluate="clean " + attacks)
    # Draws of sets and labels stand behind the data.
    head = "  threat B(x)"
    return text.replace(
        head, DRAWS + more + "  draw eta ~ uniform(linf(0, radius = 0.1))\n"
        "  draw away ~ uniform(l1(0, radius = 2))\n"
        "  draw wide ~ uniform(linf(0, radius = 2 * share))\n" + head)


class Draws(advxtest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.found = {}
        for level in (0, 2):
            cls.found[level] = cls.probe(page(), "-O", str(level), "--precision", "f64")

    @classmethod
    def probe(cls, text, *options, extra=()):
        executable = advxtest.build_page(text, *options)
        out = cls.class_folder / "probe.safetensors"
        advxtest.run(executable.path, "probe", "--out", out, "--seed", SEED, "--batch", BATCH, *extra)
        return safetensors_lite.read(out)[0]

    def value(self, name, level=0):
        return self.found[level][f"test.{name}/objective"]

    def assertShares(self, values, shares):
        """Counts of whole values within five standard deviations of what they should be."""
        self.assertEqual(set(np.unique(values)) - set(shares), set())
        for value, share in shares.items():
            spread = 5 * np.sqrt(BATCH * share * (1 - share))
            self.assertLess(abs((values == value).sum() - BATCH * share), spread + 1e-9,
                            f"{value} comes {(values == value).sum()} times")

    def test_key(self):
        expected = draws.uniform(SEED, "draw u", range(BATCH), (), 0)
        self.assertSameArray(self.value("u"), expected)
        images = draws.uniform(SEED, "draw i", range(3), (784,), 0)
        self.assertClose(self.value("i")[:3], (2 * images - 1).sum(1), 1e-12)
        # Of the initial state, whose kind stands beside the replay.
        once = draws.uniform(SEED, "draw same", [0], (), 0, replay=3 << 30)
        self.assertSameArray(self.value("same"), np.full(BATCH, once))

    def test_distributions(self):
        self.assertShares(self.value("k"), {k: 1 / 6 for k in range(-2, 4)})
        self.assertShares(self.value("s"), {-1: 1 / 2, 1: 1 / 2})
        self.assertShares(self.value("b"), {1: 0.3, 0: 0.7})
        self.assertShares(self.value("c"), {0: 1 / 4, 2: 3 / 4})
        n = self.value("n")
        self.assertLess(abs(n.mean() - 1), 5 * 2 / np.sqrt(BATCH))
        self.assertLess(abs(n.std() - 2), 5 * 2 / np.sqrt(2 * BATCH))
        a, b, l = 0.4, 0.7, self.value("l")
        self.assertTrue(((l >= 0) & (l <= 1)).all())
        moment = 1
        for power in range(4):  # of Beta: the product of (a + r) / (a + b + r)
            moment *= (a + power) / (a + b + power)
            values = l ** (power + 1)
            self.assertLess(abs(values.mean() - moment), 5 * values.std() / np.sqrt(BATCH))
        self.assertEqual(len(np.unique(self.value("one"))), 1)

    def test_labels(self):
        self.assertFalse(self.value("own").any())
        self.assertShares(self.value("t"), {t: 1 / 10 for t in range(10)})

    def test_sets(self):
        self.assertLessEqual(self.value("highest").max(), 0.1)
        self.assertGreaterEqual(self.value("lowest").min(), -0.1)
        self.assertLess(abs(self.value("highest").mean() - 0.1), 0.001)
        self.assertLessEqual(self.value("widest").max(), 0.6)
        self.assertLess(abs(self.value("widest").mean() - 0.6), 0.006)
        # The volume inside grows with the power 784 of the radius.
        inside = (self.value("away") / 2) ** 784
        self.assertLessEqual(inside.max(), 1 + 1e-9)
        self.assertLess(abs(inside.mean() - 1 / 2), 5 / np.sqrt(12 * BATCH))

    def test_permutation(self):
        u, moved = self.value("u"), self.value("moved")
        self.assertSameArray(np.sort(u), np.sort(moved))
        self.assertLess((u == moved).sum(), 10)
        order = np.argsort(draws.uniform(SEED, "draw perm", range(BATCH), (), 0))
        self.assertSameArray(moved, u[order])

    def test_one_value_in_all_problems(self):
        self.assertSameArray(self.value("u"), self.value("again"))
        for level in (0, 2):
            self.assertClose(self.found[level]["train_step/terms.w"], 2 * self.value("u").mean(), 1e-12)

    def test_kernels_draw_the_same(self):
        for name in SHOWN:
            self.assertClose(self.value(name, 2), self.value(name), 1e-12, name)

    def test_another_draw_changes_none(self):
        found = self.probe(page("  draw a ~ uniform(0, 1)\n  let q = a\n", {**SHOWN, "q": "q"}),
                           "-O", "0", "--precision", "f64")
        for name in SHOWN:
            self.assertSameArray(found[f"test.{name}/objective"], self.value(name), name)

    def test_threads(self):
        found = self.probe(page(), "-O", "2", "--precision", "f64", extra=("--threads", 3))
        for name, values in self.found[2].items():
            self.assertSameArray(found[name], values, name)


if __name__ == "__main__":
    advxtest.main()
