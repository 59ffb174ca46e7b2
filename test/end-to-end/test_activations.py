# RUN: %{python} %s
"""Activations that are texts of the standard library: a step of training through them, in f64 after an
attack, against PyTorch's functions of the same name."""

import unittest

import torch
import torch.nn.functional as F

import advxtest
import oracle
import pages

BATCH = 16
# A sign of f32 may differ from that of f64 where a gradient is next to 0, so f32 has no attack.
ATTACK = {"f64": "argmax ce(f(x'), y) over B(x) by pgd(steps = 2, step = 0.04, start = center)", "f32": None}
TOLERANCE = {"f64": 1e-9, "f32": 1e-5}


class Activations(advxtest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.examples = advxtest.fashion_mnist("train", BATCH)
        cls.data = advxtest.write_data(cls.class_folder / "data", cls.examples)

    def check(self, name, activation, level, precision):
        text = pages.page(network="tiny()", declarations=pages.TINY.replace("relu", name), inner=ATTACK[precision],
                          loss="ce(f(x'), y)" if ATTACK[precision] else "ce(f(x), y)", batch=BATCH,
                          optimizer="sgd(lr = 0.2)")
        executable = advxtest.build_page(text, "--precision", precision, "-O", str(level))
        folder = self.folder / f"{name}-{level}-{precision}"
        folder.mkdir()
        initial = folder / "initial.safetensors"
        # What PyTorch computes is exact beside either precision.
        p = oracle.trainable(executable.init(initial, seed=5), torch.float64)
        executable.train(folder / "run", self.data, epochs=1, extra=["--init", initial])
        ours = advxtest.weights(advxtest.last_checkpoint(folder / "run"))

        def logits(image):
            z = activation(F.conv2d(image, p["z.conv1.weight"], p["z.conv1.bias"], stride=3))
            z = activation(F.conv2d(z, p["z.conv2.weight"], p["z.conv2.bias"], stride=2, padding=1))
            return oracle.linear(p, activation(F.linear(z.flatten(1), p["z.fc.weight"], p["z.fc.bias"])))

        x, y = oracle.images(self.examples[0], torch.float64), oracle.labels(self.examples[1])
        adversarial = x
        if ATTACK[precision]:
            adversarial = oracle.pgd(lambda v: oracle.ce(logits(v), y), x, x, 2, 0.04, 0.1, "linf")
        before = {key: tensor.detach().clone() for key, tensor in p.items()}
        oracle.sgd_step(p, {}, oracle.ce(logits(adversarial), y).mean(), 0.2)
        for key, tensor in p.items():
            self.assertFalse(torch.equal(before[key], tensor), key)
            self.assertClose(ours[key], tensor.detach(), TOLERANCE[precision], f"{key} at -O{level} in {precision}")

    def test_they_are_pytorchs(self):
        for name, activation in (("gelu", F.gelu), ("silu", F.silu)):
            for level in (0, 2):
                for precision in TOLERANCE:
                    with self.subTest(name=name, level=level, precision=precision):
                        self.check(name, activation, level, precision)


if __name__ == "__main__":
    advxtest.main()
