# RUN: %{python} %s
"""Whole training steps against PyTorch: attack, loss, gradient, optimiser, schedule.

The data set is one batch, so the order in which examples are drawn does not matter, and the
attack starts at the centre of its set, so nothing is drawn at all.
"""

import unittest

import torch

import advxtest
import oracle
import pages

BATCH = 32
L2_ATTACK = "argmax ce(f(x'), y) over B(x) by pgd(steps = 3, step = 0.5, start = center)"
LINF_ATTACK = "argmax ce(f(x'), y) over B(x) by pgd(steps = 3, step = 0.03, start = center)"


def one_cycle(peak, rise=0.3):
    def rate(i, n):
        return peak * i / (rise * n) if i < rise * n else peak * (n - i) / ((1 - rise) * n)
    return rate


class Optimiser(advxtest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.examples = advxtest.fashion_mnist("train", BATCH)
        cls.data = advxtest.write_data(cls.class_folder / "data", cls.examples)

    def check(self, text, forward, norm, radius, step, rate, momentum=0.0, weight_decay=0.0,
              nesterov=False, head=lambda p, z, y: oracle.linear(p, z), attack_head=None,
              steps=3, seed=5, precisions=(("f32", 1e-4), ("f64", 1e-10))):
        attack_head = attack_head or head
        for precision, tolerance in precisions:
            dtype = torch.float32 if precision == "f32" else torch.float64
            executable = advxtest.build_page(text, "--precision", precision)
            initial = self.folder / f"{precision}.safetensors"
            p = oracle.trainable(executable.init(initial, seed=seed), dtype)
            before = {name: tensor.detach().clone() for name, tensor in p.items()}
            run = self.folder / precision
            executable.train(run, self.data, epochs=steps, extra=["--init", initial])
            ours = advxtest.weights(advxtest.last_checkpoint(run))

            x, y = oracle.images(self.examples[0], dtype), oracle.labels(self.examples[1])
            velocity = {}
            for i in range(steps):
                fixed = {name: tensor.detach() for name, tensor in p.items()}
                adversarial = oracle.pgd(
                    lambda v: oracle.ce(attack_head(fixed, forward(fixed, v), None), y),
                    x, x, 3, step, radius, norm)
                loss = oracle.ce(head(p, forward(p, adversarial), y), y).mean()
                oracle.sgd_step(p, velocity, loss, rate(i, steps), momentum, weight_decay, nesterov)
            for name, tensor in p.items():
                change = (tensor.detach() - before[name]).abs().max().item()
                self.assertGreater(change, 0, f"{name} has not moved")
                self.assertClose(ours[name], tensor.detach(), tolerance, f"{precision} {name}")
            for name, tensor in velocity.items():
                if momentum:
                    self.assertClose(ours[f"outer.v[{name}]"], tensor, 30 * tolerance,
                                     f"{precision} momentum of {name}")

    def test_l2_attack_with_momentum_and_weight_decay(self):
        self.check(pages.page(threat=pages.L2, inner=L2_ATTACK, batch=BATCH, optimizer=(
            "sgd(lr = 0.05, momentum = 0.9, weight_decay = 5e-4)")),
            oracle.mnist_cnn, "l2", 1.5, 0.5, lambda i, n: 0.05, 0.9, 5e-4)

    def test_hypersphere_embedding_has_its_margin_outside_the_attack_only(self):
        self.check(pages.page(head="hypersphere(z, s = 15, m = 0.2)", threat=pages.L2,
                              inner=L2_ATTACK, batch=BATCH, optimizer="sgd(lr = 0.05)"),
                   oracle.mnist_cnn, "l2", 1.5, 0.5, lambda i, n: 0.05,
                   head=lambda p, z, y: oracle.hypersphere(p, z, 15.0, 0.2, y),
                   attack_head=lambda p, z, y: oracle.hypersphere(p, z, 15.0),
                   # From the weights of seed 5 a rectifier comes to lie at its corner, and in f32
                   # the processor's rounding decides to which side it falls.
                   seed=6)

    def test_nesterov_and_the_one_cycle_schedule(self):
        self.check(pages.tiny(inner=LINF_ATTACK, batch=BATCH, optimizer=(
            "sgd(lr = cyclic(0.1), momentum = 0.8, weight_decay = 1e-3, nesterov = true)")),
            oracle.tiny, "linf", 0.1, 0.03, one_cycle(0.1), 0.8, 1e-3, True, steps=4,
            precisions=(("f64", 1e-9),))

    def test_piecewise_schedule_changes_at_the_start_of_its_epoch(self):
        self.check(pages.tiny(threat=pages.L2, inner=L2_ATTACK, batch=BATCH, optimizer=(
            "sgd(lr = piecewise(0.1, [1: 0.02, 3: 0.005]))")),
            oracle.tiny, "l2", 1.5, 0.5, lambda i, n: (0.1, 0.02, 0.02, 0.005)[i], steps=4,
            precisions=(("f64", 1e-9),))

    def test_settings_take_the_place_of_the_page(self):
        """A schedule, a radius and a momentum set on the command line, without a rebuild."""
        text = pages.tiny(threat=pages.L2, inner=L2_ATTACK, batch=BATCH,
                          optimizer="sgd(lr = 0.1, momentum = 0.9)")
        executable = advxtest.build_page(text, "--precision", "f64")
        initial = self.folder / "initial.safetensors"
        p = oracle.trainable(executable.init(initial, seed=6), torch.float64)
        executable.train(self.folder / "run", self.data, epochs=2, extra=["--init", initial],
                         settings={"outer.lr": "0.03", "outer.momentum": "0.5",
                                   "B.radius": "3/4", "inner.steps": "2"})
        ours = advxtest.weights(advxtest.last_checkpoint(self.folder / "run"))
        x, y = oracle.images(self.examples[0], torch.float64), oracle.labels(self.examples[1])
        velocity = {}
        for _ in range(2):
            fixed = {name: tensor.detach() for name, tensor in p.items()}
            adversarial = oracle.pgd(
                lambda v: oracle.ce(oracle.linear(fixed, oracle.tiny(fixed, v)), y),
                x, x, 2, 0.5, 0.75, "l2")
            loss = oracle.ce(oracle.linear(p, oracle.tiny(p, adversarial)), y).mean()
            oracle.sgd_step(p, velocity, loss, 0.03, 0.5)
        for name, tensor in p.items():
            self.assertClose(ours[name], tensor.detach(), 1e-9, name)


if __name__ == "__main__":
    advxtest.main()
