# RUN: %{python} %s
"""In f32 an attack along the sign of the gradient cannot equal PyTorch's in every entry: where the gradient is
rounding, so is its sign. Both sides take each step from our x'; the signs that differ are counted, each is of
such a gradient, and an update of the weights at our next x' is that at theirs, to 1e-4.
"""

import unittest

import torch
import torch.nn.functional as F

import advxtest
import oracle
import pages

STEPS, COUNT, RADIUS, STEP = 6, 24, 0.1, 0.025
# (objective on the page, start, of a hundred thousand signs this many may differ). A divergence from what is
# almost the same image is so flat that the gradient of many entries is little more than rounding.
LINES = {
    "ce": ("ce(f(x'), y)", "uniform", 10),
    "kl": ("kl(f(x), f(x'))", "gaussian(0.001)", 1000),
}


class SignFlips(advxtest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.data = advxtest.write_data(cls.class_folder / "data", advxtest.fashion_mnist("train", 640),
                                       advxtest.fashion_mnist("t10k", COUNT))
        lines = "\n".join(f"{name} = argmax {text} over B(x) by pgd(steps = 0, step = {STEP}, start = {start})"
                          for name, (text, start, _) in LINES.items())
        cls.executable = advxtest.build_page(pages.page(evaluate="clean\n" + lines))
        cls.executable.train(cls.class_folder / "run", cls.data, epochs=2)
        cls.checkpoint = advxtest.last_checkpoint(cls.class_folder / "run")

    def updated(self, moved, y, loss):
        """The weights after a step of SGD from the checkpoint's, by PyTorch in f64."""
        p = oracle.trainable(advxtest.weights(self.checkpoint), torch.float64)
        oracle.sgd_step(p, {}, loss(p, moved.double(), y), 0.1)
        return p

    def check(self, name, objective, loss):
        p = oracle.tensors(advxtest.weights(self.checkpoint))
        exact = oracle.tensors(advxtest.weights(self.checkpoint), torch.float64)
        differ = 0
        previous = None
        for steps in range(STEPS + 1):
            found = self.executable.attack(self.checkpoint, self.data, "test", name,
                                           settings={f"test.{name}.steps": steps})
            x, ours, y = (torch.from_numpy(found[key]) for key in ("x", "adversarial", "y"))
            if previous is not None:
                g = oracle.input_gradient(lambda v: objective(p, x, v, y), previous)
                theirs = oracle.project(previous + STEP * g.sign(), x, RADIUS, "linf")
                apart = (ours - theirs).abs() > 2e-5
                # What rounding does to PyTorch's own gradient of the image, at most.
                g64 = oracle.input_gradient(lambda v: objective(exact, x.double(), v, y), previous.double())
                noise = 4 * (g - g64).abs().amax(dim=(1, 2, 3), keepdim=True)
                self.assertTrue((g64.abs() <= noise)[apart].all(), f"step {steps}: a clear sign differs")
                differ += int(apart.sum())
                at_theirs = self.updated(theirs, y, lambda p, v, y: loss(p, x.double(), v, y))
                for leaf, tensor in self.updated(ours, y, lambda p, v, y: loss(p, x.double(), v, y)).items():
                    self.assertClose(tensor.detach(), at_theirs[leaf].detach(), 1e-4, f"step {steps}: {leaf}")
            previous = ours
        signs = STEPS * COUNT * 784
        print(f"{name}: {differ} of {signs} signs differ, all of gradients at rounding level")
        self.assertLessEqual(differ, signs * LINES[name][2] / 1e5)

    @staticmethod
    def logits(p, v):
        return oracle.linear(p, oracle.mnist_cnn(p, v))

    @classmethod
    def divergence(cls, p, x, v):
        return F.kl_div(F.log_softmax(cls.logits(p, v), 1), F.softmax(cls.logits(p, x), 1),
                        reduction="none").sum(1)

    def test_of_the_cross_entropy(self):
        self.check("ce", lambda p, x, v, y: oracle.ce(self.logits(p, v), y),
                   lambda p, x, v, y: oracle.ce(self.logits(p, v), y).mean())

    def test_of_a_divergence_that_starts_almost_at_x(self):
        self.check("kl", lambda p, x, v, y: self.divergence(p, x, v),
                   lambda p, x, v, y: (oracle.ce(self.logits(p, x), y) + 6 * self.divergence(p, x, v)).mean())


if __name__ == "__main__":
    advxtest.main()
