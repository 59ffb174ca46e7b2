# RUN: %{python} %s
"""PGD, step by step: PyTorch takes every step from our iterate and must land where we do."""

import unittest

import numpy as np
import torch

import advxtest
import frameworks
import oracle
import pages
import programs_more

STEPS = 8
COUNT = 24

CASES = {
    # name: (evaluate line, objective, norm, radius, step)
    "ce": ("argmax ce(f(x'), y) over B(x)", oracle.ce, "linf", 0.1, 0.025),
    "cw": ("argmax cw(f(x'), y) over B(x)", oracle.cw, "linf", 0.1, 0.025),
    "l2": ("argmax ce(f(x'), y) over C(x)", oracle.ce, "l2", 1.5, 0.4),
    "scaled": ("argmax ce(f(x', s = 1), y) over B(x)", oracle.ce, "linf", 0.1, 0.025),
}


class AttackSteps(advxtest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.data = advxtest.write_data(cls.class_folder / "data",
                                       advxtest.fashion_mnist("train", 64),
                                       advxtest.fashion_mnist("t10k", COUNT))
        attacks = "\n".join(f"{name} = {text} by pgd(steps = 0, step = {step}, start = uniform)"
                            for name, (text, _, _, _, step) in CASES.items())
        attacks += """
            plain = argmax ce(f(x'), y) over B(x) by fgsm(step = 0.025)
            other = argmax ce(f(x'), y) - ce(f(x), y) over B(x) by fgsm(step = 0.025)"""
        text = pages.page(head="hypersphere(z, s = 15, m = 0.2)", evaluate="clean\n" + attacks)
        text = text.replace("  threat B(x)", f"  threat C(x) = {pages.L2}\n  threat B(x)")
        cls.executable = {precision: advxtest.build_page(text, "--precision", precision)
                          for precision in ("f32", "f64")}
        cls.checkpoint = {}
        for precision, executable in cls.executable.items():
            run = cls.class_folder / precision
            executable.train(run, cls.data, epochs=2)
            cls.checkpoint[precision] = advxtest.last_checkpoint(run)

    def follow(self, name, precision):
        _, loss, norm, radius, step = CASES[name]
        scale = 1.0 if name == "scaled" else 15.0
        p = oracle.tensors(advxtest.weights(self.checkpoint[precision]))

        def objective(v):
            return loss(oracle.hypersphere(p, oracle.mnist_cnn(p, v), s=scale), y)

        flips = 0
        previous = None
        for steps in range(STEPS + 1):
            found = self.executable[precision].attack(
                self.checkpoint[precision], self.data, "test", name,
                settings={f"test.{name}.steps": steps})
            x, ours = torch.from_numpy(found["x"]), torch.from_numpy(found["adversarial"])
            y = torch.from_numpy(found["y"])
            rounding = 1e-6 if precision == "f32" else 1e-14
            self.assertTrue(((ours >= 0) & (ours <= 1)).all())
            distance = oracle.rows(ours - x) if norm == "l2" else (ours - x).abs()
            self.assertLessEqual(distance.max().item(), radius * (1 + 4 * rounding) + rounding)
            if previous is not None:
                g = oracle.input_gradient(objective, previous)
                theirs = oracle.project(previous + step * oracle.steepest(g, norm), x, radius, norm)
                differs = (ours - theirs).abs() > 20 * rounding
                if norm == "linf":
                    # A sign may differ only where the gradient is at rounding level.
                    noise = (1e-4 if precision == "f32" else 1e-12) * g.abs().amax(
                        dim=(1, 2, 3), keepdim=True)
                    self.assertTrue((g.abs() <= noise)[differs].all(),
                                    f"{name}, step {steps}: a sign differs at a clear gradient")
                    flips += int(differs.sum())
                else:
                    self.assertFalse(differs.any(), f"{name}, step {steps}")
            previous = ours
        # In f32, at most one in ten thousand signs; none in f64, whose noise is far smaller.
        bound = STEPS * COUNT * 784 * (1e-4 if precision == "f32" else 0)
        self.assertLessEqual(flips, bound, f"{name}: {flips} sign flips")
        moved = (previous - x).abs().max().item()
        self.assertGreater(moved, 0.5 * step)

    def test_cross_entropy_f32(self):
        self.follow("ce", "f32")

    def test_cross_entropy_f64(self):
        self.follow("ce", "f64")

    def test_margin_loss(self):
        self.follow("cw", "f32")

    def test_euclidean_ball(self):
        self.follow("l2", "f32")
        self.follow("l2", "f64")

    def test_scale_one(self):
        self.follow("scaled", "f32")

    def test_the_clean_image_in_an_objective_does_not_move(self):
        # A solver that starts at the clean image begins to move another value.
        plain, other = (self.executable["f64"].attack(self.checkpoint["f64"], self.data, "test", name)
                        for name in ("plain", "other"))
        self.assertSameArray(other["adversarial"], plain["adversarial"])
        self.assertGreater(np.abs(plain["adversarial"] - plain["x"]).max(), 0.02)

    def test_uniform_start_is_uniform_in_the_ball(self):
        found = self.executable["f64"].attack(self.checkpoint["f64"], self.data, "test", "ce")
        offset = (found["adversarial"] - found["x"]) / 0.1
        inside = (found["x"] > 0.1) & (found["x"] < 0.9)
        drawn = np.sort(offset[inside].ravel())
        # Kolmogorov-Smirnov against the uniform distribution on [-1, 1], at the 1e-4 level.
        expected = (np.arange(len(drawn)) + 0.5) / len(drawn)
        self.assertLess(np.abs((drawn + 1) / 2 - expected).max(), 2.23 / np.sqrt(len(drawn)))
        self.assertGreater(len(drawn), 3000)

    def test_a_start_does_not_depend_on_the_batch_or_the_limit(self):
        few = self.executable["f32"].attack(self.checkpoint["f32"], self.data, "test", "ce", limit=5)
        for batch in (1, 7, 128):
            all_ = self.executable["f32"].attack(self.checkpoint["f32"], self.data, "test", "ce",
                                                 settings={"data.batch": batch})
            self.assertSameArray(all_["adversarial"][:5], few["adversarial"])


class TrainingSteps(frameworks.FrameworkCase):
    PROGRAMS = programs_more.both("gradalign/gradalign",
                                  lambda head: programs_more.gradalign(head, away=0.01))

    def test_the_clean_image_in_an_objective_does_not_move(self):
        # A solver in mode train that starts at x: one forward serves x and the first x', but what
        # the objective says of x is constant. The forward of the penalty at x is the same one.
        def change(text):
            objective = "ce(f(x'), y)"
            self.assertEqual(text.count(f"argmax {objective} over B(x)"), 1)
            return text.replace(f"argmax {objective} over B(x)",
                                f"argmax {objective} - ce(f(x), y)/2 + sum(x' - x)/100 over B(x)")

        self.check("gradalign/gradalign", change)


if __name__ == "__main__":
    advxtest.main()
