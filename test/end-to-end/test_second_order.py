# RUN: %{python} %s
"""A loss that holds input gradients: one step in f64 against PyTorch's double backward."""

import unittest

import torch

import advxtest
import oracle
import pages

BATCH = 16

ALIGNMENT = """  let x2 = x + 0.03
  let g1 = grad(ce(f(x), y), x)
  let g2 = grad(ce(f(x2), y), x2)
"""


class SecondOrder(advxtest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.examples = advxtest.fashion_mnist("train", BATCH)
        cls.data = advxtest.write_data(cls.class_folder / "data", cls.examples)

    def check(self, network, forward, declarations, lets, loss_text, loss, mode="train"):
        text = pages.page(network=network, declarations=declarations, inner=None, batch=BATCH,
                          loss=loss_text, optimizer="sgd(lr = 0.2)")
        text = text.replace("  outer", lets + "  outer")
        executable = advxtest.build_page(text, "--precision", "f64")
        initial = self.folder / "initial.safetensors"
        p = oracle.trainable(executable.init(initial, seed=4), torch.float64)
        executable.train(self.folder / "run", self.data, epochs=1, extra=["--init", initial])
        ours = advxtest.weights(advxtest.last_checkpoint(self.folder / "run"))
        x, y = oracle.images(self.examples[0], torch.float64), oracle.labels(self.examples[1])

        def gradient(image):
            image = image.detach().requires_grad_()
            value = oracle.ce(oracle.linear(p, forward(p, image, mode)), y).sum()
            return torch.autograd.grad(value, image, create_graph=True)[0].flatten(1)

        before = {name: tensor.detach().clone() for name, tensor in p.items()}
        oracle.sgd_step(p, {}, loss(p, gradient, x, y).mean(), 0.2)
        self.assertTrue(any(not torch.equal(before[name], p[name]) for name in p))
        # What has no influence (a bias before batch statistics) moves by rounding alone.
        largest = max((p[name] - before[name]).abs().max().item() for name in p)
        for name, tensor in p.items():
            self.assertClose(ours[name] - before[name].numpy(), (tensor - before[name]).detach(),
                             1e-8, f"step of {name}", floor=largest)

    def test_a_penalty_on_the_input_gradient(self):
        def loss(p, gradient, x, y):
            ce = oracle.ce(oracle.linear(p, oracle.tiny(p, x)), y)
            return ce + 0.5 * gradient(x).square().sum(1)

        self.check("tiny()", oracle.tiny, pages.TINY, "  let g = grad(ce(f(x), y), x)\n",
                   "ce(f(x), y) + 0.5 * sum(g * g)", loss)

    def test_gradient_alignment(self):
        """1 - cosine of two input gradients, as in GradAlign (Andriushchenko 2020)."""
        def loss(p, gradient, x, y):
            ce = oracle.ce(oracle.linear(p, oracle.tiny(p, x)), y)
            g1, g2 = gradient(x), gradient(x + 0.03)
            return ce + 0.2 * (1 - (g1 * g2).sum(1) / (g1.norm(dim=1) * g2.norm(dim=1)))

        self.check("tiny()", oracle.tiny, pages.TINY, ALIGNMENT,
                   "ce(f(x), y) + 0.2 * (1 - sum(g1 * g2) / (norm(g1) * norm(g2)))", loss)

    def test_through_batch_norm_in_eval_mode(self):
        def loss(p, gradient, x, y):
            return gradient(x).square().sum(1)

        self.check("normed()", oracle.normed, pages.NORMED,
                   "  let g = grad(ce(f[eval](x), y), x)\n", "sum(g * g)", loss, mode="eval")

    def test_through_batch_statistics(self):
        def loss(p, gradient, x, y):
            return gradient(x).square().sum(1)

        self.check("normed()", oracle.normed, pages.NORMED,
                   "  let g = grad(ce(f[batch](x), y), x)\n", "sum(g * g)", loss, mode="batch")


if __name__ == "__main__":
    advxtest.main()
