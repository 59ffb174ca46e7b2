# RUN: %{python} %s
"""The pages of examples/lemmas print the numbers that PyTorch finds of the same weights, in f64; and they
would print others if the lemmas were not so.
"""

import json
import unittest

import torch
import torch.nn.functional as F

import advxtest
import oracle

COUNT = 24
NAMES = {"one": 1, "two": 2, "three": 3, "max": float("inf")}


# Without rectifiers, so that no gradient is zero and the loss has a second derivative.
NETWORK = """
network rounded() {
  layer conv = conv2d(4, kernel = 5, stride = 3)
  layer fc   = linear(12)
  forward(x) = tanh(fc(flatten(tanh(conv(x)))))
}
"""


def made_small(text):
    return NETWORK + text.replace("mnist_cnn()", "rounded()").replace("batch = 128", "batch = 16")


def features(p, x):
    x = F.conv2d(x, p["z.conv.weight"], p["z.conv.bias"], stride=3).tanh()
    return F.linear(x.flatten(1), p["z.fc.weight"], p["z.fc.bias"]).tanh()


class Lemmas(advxtest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.data = advxtest.write_data(cls.class_folder / "data", advxtest.fashion_mnist("train", 320),
                                       advxtest.fashion_mnist("t10k", COUNT))

    def trained(self, name, change=lambda text: text):
        """(executable, checkpoint, weights) of a page, in f64."""
        executable = advxtest.build_page(change(made_small(advxtest.example(f"lemmas/{name}"))),
                                         "--precision", "f64")
        run = self.folder / name
        executable.train(run, self.data, epochs=3, settings={"outer.lr.peak": 1e-4},
                         extra=["--limit", 320])
        checkpoint = advxtest.last_checkpoint(run)
        return executable, checkpoint, oracle.tensors(advxtest.weights(checkpoint))

    def printed(self, executable, checkpoint, settings=None):
        """The mean objective of each line of each evaluation, of all images."""
        out = self.folder / "eval.json"
        executable.evaluate(checkpoint, self.data, settings, extra=["--out", out])
        found = {}
        for evaluation in json.loads(out.read_text())["evaluations"]:
            for line in evaluation["attacks"]:
                self.assertEqual((line["n"], line["nonfinite"], line.get("outside", 0)), (COUNT, 0, 0))
                if "objective" in line:
                    found[evaluation["name"], line["name"]] = line["objective"]
        return found

    def images(self):
        images, labels = advxtest.fashion_mnist("t10k", COUNT)
        return oracle.images(images, torch.float64), oracle.labels(labels)

    def test_the_first_order_rise_is_radius_times_the_dual_norm(self):
        executable, checkpoint, p = self.trained("lemma_1")
        x, y = self.images()

        def loss(v):
            return oracle.ce(oracle.linear(p, features(p, v)), y)

        g = oracle.input_gradient(loss, x).flatten(1)
        away = {}
        for radius in (1e-2, 1e-3):
            found = self.printed(executable, checkpoint, {"r": radius})
            self.assertEqual(len(found), 2 * len(NAMES))
            for name, norm in NAMES.items():
                # 1/p + 1/q = 1, and u with ||u||_p = 1 and <g, u> = ||g||_q.
                q = {1: float("inf"), float("inf"): 1}.get(norm) or norm / (norm - 1)
                dual = g.norm(q, dim=1, keepdim=True)
                if norm == 1:
                    u = F.one_hot(g.abs().argmax(1), g.shape[1]) * g.sign()
                else:
                    u = g.sign() * (g.abs() / dual) ** (q - 1)
                self.assertClose(u.norm(norm, dim=1), torch.ones(COUNT), 1e-12)
                self.assertClose((g * u).sum(1), dual[:, 0], 1e-12)
                moved = x + radius * u.reshape(x.shape)
                rise = ((loss(moved) - loss(x)) / (radius * dual[:, 0])).mean().item()
                self.assertAlmostEqual(found[name, "first"], 1, delta=1e-10)
                self.assertAlmostEqual(found[name, "real"], rise, delta=1e-8)
                away.setdefault(name, []).append(abs(found[name, "real"] - 1))
        for name, (near, nearest) in away.items():
            # The loss has a second derivative: a tenth of the radius, a tenth of what is left.
            self.assertAlmostEqual(nearest / near, 0.1, delta=0.05, msg=name)

    def check_gradients(self, name, logits):
        executable, checkpoint, p = self.trained(name)
        found = self.printed(executable, checkpoint)
        for prefix in ("", "soft_"):
            # Each line draws points of its own.
            attack = executable.attack(checkpoint, self.data, "lemma", f"{prefix}length")
            x, moved, y = (torch.from_numpy(attack[key]) for key in ("x", "adversarial", "y"))
            self.assertGreater((moved - x).abs().max(), 0.09)
            at = logits(p, moved.requires_grad_())
            f = F.softmax(logits(p, x), 1).detach() if prefix else F.one_hot(y, 10).double()
            (g,) = torch.autograd.grad(-(f * F.log_softmax(at, 1)).sum(), moved, retain_graph=True)
            # The gradients of all logits, by themselves: [image, class, pixel].
            rows = torch.stack([torch.autograd.grad(at[:, k].sum(), moved, retain_graph=True)[0].flatten(1)
                                for k in range(10)], 1)
            pairs = torch.einsum("bi,bj,bijp->bp", f, F.softmax(at, 1).detach(),
                                 rows[:, :, None] - rows[:, None, :])
            self.assertClose(-pairs, g.flatten(1), 1e-11, "the lemma in PyTorch")
            length = g.flatten(1).norm(dim=1).mean().item()
            self.assertGreater(length, 1e-4)
            self.assertAlmostEqual(found["lemma", f"{prefix}length"] / length, 1, delta=1e-10)
            self.assertLess(found["lemma", f"{prefix}apart"] / length, 1e-11)

    def test_the_gradient_is_that_of_the_differences_of_logits(self):
        self.check_gradients("lemma_2", lambda p, v: oracle.linear(p, features(p, v)))

    def test_so_it_is_with_hypersphere_embedding(self):
        self.check_gradients("lemma_2_he", lambda p, v: oracle.hypersphere(p, features(p, v)))

    def test_another_formula_is_apart(self):
        """With f(x) in place of f(x') the sum is no gradient at x'."""
        def change(text):
            self.assertEqual(text.count("softmax(f(x'))[l]"), 1)
            return text.replace("softmax(f(x'))[l]", "softmax(f(x))[l]")

        executable, checkpoint, _ = self.trained("lemma_2", change)
        found = self.printed(executable, checkpoint)
        self.assertGreater(found["lemma", "apart"] / found["lemma", "length"], 1e-3)
        self.assertLess(found["lemma", "soft_apart"] / found["lemma", "soft_length"], 1e-11)


if __name__ == "__main__":
    advxtest.main()
