# RUN: %{python} %s
"""Heads and losses of the library: one step of training in f64 against PyTorch's autograd."""

import math
import unittest

import torch
import torch.nn.functional as F

import advxtest
import oracle
import pages

BATCH = 16
LR = 0.2


def scores(p, z, features=True, weights=True):
    u = F.normalize(z, dim=1) if features else z
    return u @ (F.normalize(p["f.W"], dim=0) if weights else p["f.W"])


def with_margin(cosine, s, m, y):
    """CosFace: the label's cosine lowered by m."""
    return s * (cosine - m * F.one_hot(y, cosine.shape[1]).to(cosine.dtype))


def arcface(p, z, s, m, y):
    """By angles, as the paper writes it; beyond pi - m as its authors' code goes on."""
    cosine = scores(p, z)
    theta = torch.acos(cosine)
    moved = torch.where(theta < math.pi - m, torch.cos(theta + m), cosine - m * math.sin(m))
    return s * torch.where(F.one_hot(y, cosine.shape[1]).bool(), moved, cosine)


def probabilities(l):
    return F.softmax(l, 1)


def boosted(l, y):
    """MART's formula 7 from the probabilities."""
    p = probabilities(l)
    label = F.one_hot(y, l.shape[1]).bool()
    return -p[label].log() - (1 - p.masked_fill(label, 0).max(1).values).log()


def cosine(u, v):
    return F.cosine_similarity(u, v)


HEADS = {
    "hypersphere(z, s = 7, m = 0, weight_norm = false)":
        lambda p, z, y: with_margin(scores(p, z, weights=False), 7, 0.0, y),
    "hypersphere(z, s = 2, m = 0.3, feature_norm = false)":
        lambda p, z, y: with_margin(scores(p, z, features=False), 2, 0.3, y),
    "hypersphere(z, s = 2, feature_norm = false, weight_norm = false)":
        lambda p, z, y: with_margin(scores(p, z, False, False), 2, 0.2, y),
    "cosface(z)": lambda p, z, y: with_margin(scores(p, z), 64, 0.35, y),
    # The margin is so large that labels lie on both sides of the bend.
    "arcface(z, s = 4, m = 1.7)": lambda p, z, y: arcface(p, z, 4, 1.7, y),
}

LIGHTER = "let v = 0.5 + 0.5 * x"


def kl(p, q):
    return F.kl_div(F.log_softmax(q, 1), probabilities(p), reduction="none").sum(1)


# loss: the same of logits l and features z of x, of the lighter image v and of 1 - x.
LOSSES = {
    "ce(f(x), smooth(y, 0.1)) + 0.5 * pairing(f(x), f(v)) + 0.3 * mse(f(x), f(v))"
    " + 2 * triplet(z(v), z(x), z(1 - x), margin = 0.5)":
        lambda l, z, y: F.cross_entropy(l[0], y, label_smoothing=0.1, reduction="none") +
        0.5 * (l[0] - l[1]).norm(dim=1) + 0.3 * F.mse_loss(l[0], l[1], reduction="none").mean(1) +
        2 * F.relu(cosine(z[1], z[2]) - cosine(z[1], z[0]) + 0.5),
    "boosted_ce(f(v), y) + 5 * kl(f(x), f(v)) * (1 - softmax(f(x))[y])":
        lambda l, z, y: boosted(l[1], y) + 5 * kl(l[0], l[1]) *
        (1 - probabilities(l[0]).gather(1, y[:, None])[:, 0]),
}


class HeadsAndLosses(advxtest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.examples = advxtest.fashion_mnist("train", BATCH)
        cls.data = advxtest.write_data(cls.class_folder / "data", cls.examples)

    def check(self, head, loss_text, loss):
        """`loss(p, x, y)` per example."""
        text = pages.tiny(inner=None, head=head, loss=loss_text, batch=BATCH,
                          optimizer=f"sgd(lr = {LR})")
        if "(v)" in loss_text:
            text = text.replace("  outer", f"  {LIGHTER}\n  outer")
        executable = advxtest.build_page(text, "--precision", "f64")
        initial = self.folder / "initial.safetensors"
        p = oracle.trainable(executable.init(initial, seed=3), torch.float64)
        before = {name: tensor.detach().clone() for name, tensor in p.items()}
        run = self.folder / f"run{len(list(self.folder.glob('run*')))}"
        executable.train(run, self.data, epochs=1, extra=["--init", initial])
        ours = advxtest.weights(advxtest.last_checkpoint(run))
        x, y = oracle.images(self.examples[0], torch.float64), oracle.labels(self.examples[1])
        oracle.sgd_step(p, {}, loss(p, x, y).mean(), LR)
        for name, tensor in p.items():
            step = (tensor - before[name]).detach()
            self.assertGreater(step.abs().max().item(), 0, f"{name} has not moved")
            self.assertClose(ours[name] - before[name].numpy(), step, 1e-9, f"step of {name}")

    def test_heads(self):
        for head, logits in HEADS.items():
            with self.subTest(head=head):
                self.check(head, "ce(f(x | y), y)",
                           lambda p, x, y: oracle.ce(logits(p, oracle.tiny(p, x), y), y))

    def test_arcface_bends_in_this_data(self):
        """What the case above relies on: labels on both sides of pi - m."""
        executable = advxtest.build_page(pages.tiny(inner=None, head="arcface(z)", loss="ce(f(x), y)"),
                                         "--precision", "f64")
        p = oracle.tensors(executable.init(self.folder / "initial.safetensors", seed=3))
        x, y = oracle.images(self.examples[0], torch.float64), oracle.labels(self.examples[1])
        theta = torch.acos(scores(p, oracle.tiny(p, x)).gather(1, y[:, None]))
        self.assertTrue(0 < (theta > math.pi - 1.7).sum() < BATCH)

    def test_losses(self):
        for text, loss in LOSSES.items():
            def of(p, x, y):
                z = [oracle.tiny(p, image) for image in (x, 0.5 + 0.5 * x, 1 - x)]
                return loss([oracle.linear(p, features) for features in z], z, y)

            with self.subTest(loss=text):
                self.check("linear(z)", text, of)

    def test_retracted_weights_are_on_the_sphere_after_each_step(self):
        """Gradient at W itself, no gradient through the normalisation, W put back afterwards."""
        text = pages.tiny(inner=None, head="hypersphere_retract(z)", loss="ce(f(x | y), y)",
                          batch=BATCH, optimizer=f"sgd(lr = {LR}, momentum = 0.9)")
        executable = advxtest.build_page(text, "--precision", "f64")
        initial = self.folder / "initial.safetensors"
        p = oracle.trainable(executable.init(initial, seed=3), torch.float64)
        # Of 12 features: the mean of 10 columns with a deviation of about 0.13 each.
        self.assertAlmostEqual(p["f.W"].norm(dim=0).mean().item(), 1, delta=0.15)
        executable.train(self.folder / "run", self.data, epochs=3, extra=["--init", initial])
        ours = advxtest.weights(advxtest.last_checkpoint(self.folder / "run"))
        x, y = oracle.images(self.examples[0], torch.float64), oracle.labels(self.examples[1])
        velocity = {}
        for _ in range(3):
            logits = with_margin(F.normalize(oracle.tiny(p, x), dim=1) @ p["f.W"], 15, 0.2, y)
            oracle.sgd_step(p, velocity, oracle.ce(logits, y).mean(), LR, 0.9)
            with torch.no_grad():
                p["f.W"].copy_(F.normalize(p["f.W"], dim=0))
        for name, tensor in p.items():
            self.assertClose(ours[name], tensor.detach(), 1e-9, name)


if __name__ == "__main__":
    advxtest.main()
