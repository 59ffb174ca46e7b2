# RUN: %{python} %s
"""Weights as values against PyTorch: perturbed (AWP), penalised, and applied at other weights.

The data set is one batch and attacks start at the centre of their set, so nothing is drawn.
"""

import json
import unittest

import torch

import advxtest
import oracle
import pages

BATCH = 24
STEPS, STEP, RADIUS = 2, 0.5, 1.5
L2 = f"l2(x, radius = {RADIUS}) & box(0, 1)"
INNER = f"argmax ce(f(x'), y) over B(x) by pgd(steps = {STEPS}, step = {STEP}, start = center)"
WEIGHTS = "  let w = weights(f)\n"


def page(loss, lines="", lets="", optimizer="sgd(lr = 0.05)", inner=INNER, network=pages.normed):
    """A page whose `lines` stand before its outer problem, behind its models."""
    text = network(threat=L2, inner=inner, loss=loss, batch=BATCH, optimizer=optimizer, lets=lets)
    head = "  head     f = linear(z)\n"
    before = "  outer minimize"
    text = text.replace(head, head + WEIGHTS, 1)
    return text.replace(before, lines + before, 1)


def kl(p, q):
    p, q = torch.log_softmax(p, 1), torch.log_softmax(q, 1)
    return (p.exp() * (p - q)).sum(1)


def matrices(p):
    return [name for name, tensor in p.items() if tensor.requires_grad and tensor.dim() > 1]


class Weights(advxtest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.examples = advxtest.fashion_mnist("train", BATCH)
        cls.data = advxtest.write_data(cls.class_folder / "data", cls.examples)

    def check(self, text, step, steps=3, precision="f64", tolerance=1e-8, settings=None, level=()):
        """Trains; `step(p, velocity, x, y, i)` is one step of the same in PyTorch."""
        dtype = torch.float32 if precision == "f32" else torch.float64
        executable = advxtest.build_page(text, "--precision", precision, *level)
        initial = self.folder / "initial.safetensors"
        p = oracle.trainable(executable.init(initial, seed=3), dtype)
        run = self.folder / f"run{len(list(self.folder.glob('run*')))}"
        executable.train(run, self.data, epochs=steps, extra=["--init", initial],
                         settings=settings)
        ours = advxtest.weights(advxtest.last_checkpoint(run))
        x, y = oracle.images(self.examples[0], dtype), oracle.labels(self.examples[1])
        velocity = {}
        for i in range(steps):
            step(p, velocity, x, y, i)
        for name, tensor in p.items():
            self.assertClose(ours[name], tensor.detach(), tolerance, name)
        return p, run

    @staticmethod
    def attack(p, x, y, forward=oracle.normed):
        fixed = {name: tensor.detach() for name, tensor in p.items()}
        return oracle.pgd(lambda v: oracle.ce(oracle.linear(fixed, forward(fixed, v)), y), x, x,
                          STEPS, STEP, RADIUS, "l2")

    def awp_step(self, gamma, beta=6):
        """As the authors' utils_awp.py: a proxy with batch statistics climbs, each matrix moves
        by gamma of its norm, and the gradient there moves the weights without the perturbation."""
        def loss(p, x, adversarial, y, mode):
            clean = oracle.linear(p, oracle.normed(p, x, mode))
            return (oracle.ce(clean, y) + beta * kl(
                clean, oracle.linear(p, oracle.normed(p, adversarial, mode)))).mean()

        def step(p, velocity, x, y, i):
            adversarial = self.attack(p, x, y)
            proxy = {name: tensor.detach().clone().requires_grad_(tensor.requires_grad)
                     for name, tensor in p.items()}
            names = matrices(proxy)
            gradients = torch.autograd.grad(loss(proxy, x, adversarial, y, "batch"),
                                            [proxy[name] for name in names])
            moved = dict(p)
            for name, g in zip(names, gradients):
                moved[name] = p[name] + (gamma(i) * p[name].norm() * g / (g.norm() + 1e-20)).detach()
            oracle.sgd_step(p, velocity, loss(moved, x, adversarial, y, "train"), 0.05, 0.9, 5e-4)
        return step

    AWP_LOSS = "ce(f[w + v](x{given}), y) + beta * kl(f[w + v](x), f[w + v](x'))"

    def awp(self, **parts):
        lines = ("  threat V = each(p in matrices(w), l2(0, radius = gamma * norm(p)))\n"
                 f"  inner v = argmax {self.AWP_LOSS.format(given='')} over V by fgsm() in batch\n")
        return page(self.AWP_LOSS.format(given=" | y"), lines,
                    "  let beta = 6\n  let gamma = if epoch < 1 then 0 else 0.02\n",
                    "sgd(lr = 0.05, momentum = 0.9, weight_decay = 5e-4)", **parts)

    def test_trades_with_adversarial_weight_perturbation(self):
        step = self.awp_step(lambda i: 0 if i < 1 else 0.02)
        for level in ((), ("-O", "0")):
            with self.subTest(level=level):
                self.check(self.awp(), step, level=level)

    def test_the_perturbation_changes_what_is_learnt(self):
        """The comparison above is not one of a perturbation that does nothing."""
        with_it, _ = self.check(self.awp(), self.awp_step(lambda i: 0 if i < 1 else 0.02))
        without = self.awp().replace("0.02", "0")
        ours, _ = self.check(without, self.awp_step(lambda i: 0))
        moved = max((with_it[name] - ours[name]).abs().max().item() for name in matrices(ours))
        self.assertGreater(moved, 1e-4)

    def test_a_search_among_weights_stays_in_its_set(self):
        """Several steps from a random start, in every tensor's own ball."""
        for ball, order in (("l2", 2), ("l1", 1)):
            with self.subTest(ball=ball):
                self.search(ball, order)

    def search(self, ball, order):
        lines = (f"  threat V = each(p in matrices(w), {ball}(0, radius = 0.1 * norm(p, {order})))\n"
                 "  inner v = argmax ce(f[w + v](x), y) over V by pgd(steps = 3) in batch\n"
                 f"  let size = norm(v, {order}) / norm(matrices(w), {order})\n")
        text = page("ce(f[w + v](x), y) + 0.001 * size", lines, inner=None)
        executable = advxtest.build_page(text, "--precision", "f64")
        run = self.folder / ("run_" + ball)
        executable.train(run, self.data, epochs=1)
        events = map(json.loads, (run / "metrics.jsonl").read_text().splitlines())
        size = [event for event in events if event["event"] == "epoch"][-1]["terms"]["size"]
        self.assertLess(size, 0.1 * (1 + 1e-9))
        self.assertGreater(size, 0.05)

    def test_penalties_on_weights(self):
        def step(p, velocity, x, y, i):
            logits = oracle.linear(p, oracle.normed(p, x, "train"))
            penalty = sum(0.01 * (p[name] ** 2).sum() for name in matrices(p))
            penalty = penalty + 0.02 * sum(p[n].abs().sum() for n in p
                                           if p[n].requires_grad and ".bn" not in n and
                                           p[n].dim() == 1)
            oracle.sgd_step(p, velocity, oracle.ce(logits, y).mean() + penalty, 0.05)
        self.check(page("ce(f(x), y) + 0.01 * sum(matrices(w) * matrices(f)) + "
                        "0.02 * norm(biases(f), 1)", inner=None), step)

    def test_equal_weights_are_one_forward(self):
        """f at its own weights is f: the statistics move once."""
        def step(p, velocity, x, y, i):
            logits = oracle.linear(p, oracle.normed(p, x, "train"))
            oracle.sgd_step(p, velocity, oracle.ce(logits, y).mean(), 0.05)
        self.check(page("ce(f[w](x), y) + mse(f[weights(f)](x), f(x))", inner=None), step)

    def test_weights_through_functions_and_choices(self):
        """A function of weights that gives weights, one that gives a number, and a choice."""
        declarations = ("fn ahead(w : weights, much : real) : weights = w + much * w\n"
                        "fn energy(w : weights) : real = sum(w * w) / size(w)\n")
        lines = "  let u = if epoch < 1 then ahead(w, 0.5) else w - 0.25 * matrices(w)\n"
        text = declarations + page("ce(f[u, batch](x), y) + energy(u) + ce(f[eval](x), y)", lines,
                                   inner=None)

        def step(p, velocity, x, y, i):
            trained = [name for name in p if p[name].requires_grad]
            u = dict(p)
            for name in trained:
                if i < 1:
                    u[name] = 1.5 * p[name]
                elif p[name].dim() > 1:
                    u[name] = 0.75 * p[name]
            energy = (sum((u[name] ** 2).sum() for name in trained) /
                      sum(p[name].numel() for name in trained))
            loss = (oracle.ce(oracle.linear(u, oracle.normed(u, x, "batch")), y) +
                    oracle.ce(oracle.linear(p, oracle.normed(p, x, "eval")), y))
            oracle.sgd_step(p, velocity, loss.mean() + energy, 0.05)
        self.check(text, step)

    def test_the_gradient_by_weights_is_a_value(self):
        """A penalty on the gradient of the loss by the weights: second order."""
        lines = "  let l = batch_mean(ce(f(x), y))\n  let g = grad(l, w)\n"
        text = page("l + 0.1 * sum(g * g)", lines, inner=None, network=pages.tiny)

        def step(p, velocity, x, y, i):
            loss = oracle.ce(oracle.linear(p, oracle.tiny(p, x)), y).mean()
            trained = [p[name] for name in p if p[name].requires_grad]
            gradients = torch.autograd.grad(loss, trained, create_graph=True)
            oracle.sgd_step(p, velocity, loss + 0.1 * sum((g ** 2).sum() for g in gradients), 0.05)
        self.check(text, step)


if __name__ == "__main__":
    advxtest.main()
