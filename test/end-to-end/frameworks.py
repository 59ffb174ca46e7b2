"""Runs an example's page and an independent PyTorch program of the same framework side by side:
from the same weights, with the same draws, in the same order of the examples.

The page is the example's own text with a small network with batch norm in place of its own, so that
running statistics are compared, and without its evaluations. A program is a function of a Step; it is
written from the formulas of the paper and returns the mean loss of the batch.
"""

import re

import numpy as np
import torch

import advxtest
import draws
import oracle
import pages

BATCH, STEPS, SEED = 16, 3, 7
RADIUS = 0.1
SHAPE = (1, 28, 28)
# (precision of a build, what weights may differ by, relative to the largest of a tensor)
PRECISIONS = (("f64", 1e-8), ("f32", 1e-4))
# The attack of an example: steps, and the deviation of a Gaussian start. A divergence is so flat this near
# to x that in f32 some signs of its gradient are rounding, more with each step. Of a program that is `flat`,
# both sides start from further away in f32 and take fewer steps.
ATTACK, SHORT = {"steps": 10, "sigma": 0.001}, {"steps": 2, "sigma": 0.2}
# With so few features as NORMED has, an image may have a single one that is not zero. The direction of
# it is constant, its gradient rounding, and the sign or direction of that gradient chance.
NETWORK = pages.NORMED.replace("linear(12)", "linear(40)")


def compared_page(text, network="normed()", declarations=NETWORK):
    """An example's text as it is compared."""
    text, count = re.subn(r"(= )mnist_cnn\(\)", rf"\g<1>{network}", text)
    assert count, "the example has another network"
    text = re.sub(r"\n  evaluate .*?\n  }(?=\n)", "", text, flags=re.DOTALL)
    return declarations + text


class Step:
    """What a program sees of one step: x and y of the batch, the trained tensors p, and our draws."""

    def __init__(self, training, rows, index, epoch, steps, replay=0, batch=0):
        self.p, self.network, self.state, self.seed, self.attack = (
            training.p, training.network, training.state, training.seed, training.attack)
        self.initial = training.initial
        self.x, self.y, self.rows = training.images[rows], training.labels[rows], rows
        self.index, self.epoch, self.steps, self.replay = index, epoch, steps, replay
        self.batch = batch  # of the epoch, from 0
        self.single = self.x.dtype == torch.float32

    def z(self, x, mode="train", prefix="z"):
        return self.network(self.under(prefix, "z"), x, mode)

    def linear(self, x, mode="train"):
        return oracle.linear(self.p, self.z(x, mode))

    def cosine(self, x, mode="train"):
        """cos(theta) with normalised features and class weights."""
        return oracle.hypersphere(self.p, self.z(x, mode), s=1.0)

    def under(self, ours, theirs):
        """The tensors with the names of model `ours` called as those of `theirs`."""
        if ours == theirs:
            return self.p
        return {theirs + name[len(ours):]: tensor for name, tensor in self.p.items()
                if name.startswith(ours + ".")}

    def uniform(self, stream="inner.n", shape=SHAPE, counters=()):
        """Uniform in [-1, 1), as the ball's start draws it."""
        value = draws.uniform(self.seed, stream, self.rows, shape, self.epoch, self.replay, counters,
                              self.single)
        return 2 * torch.from_numpy(value) - 1

    def normal(self, stream="inner.n", shape=SHAPE, counters=()):
        return torch.from_numpy(draws.normal(self.seed, stream, self.rows, shape, self.epoch, self.replay,
                                             counters, self.single))

    def ball(self, v, radius=RADIUS):
        return oracle.project(v, self.x, radius, "linf")

    def pgd(self, objective, start, step=RADIUS / 4, radius=RADIUS):
        """Ascent along the sign of the gradient; weights are constants of it."""
        v = start.detach()
        for _ in range(self.attack["steps"]):
            g = oracle.input_gradient(objective, v)
            v = self.ball(v + step * g.sign(), radius)
        return v.detach()


def triangle(step, peak=0.1, rise=0.3):
    """The one-cycle rate of the examples."""
    i, n = step.index, step.steps
    return peak * i / (rise * n) if i < rise * n else peak * (n - i) / ((1 - rise) * n)


class Training:
    """A program's training from our weights `arrays`, in the order and with the draws of ours. States of the
    page, whose names begin with one of `kept`, are the program's own matter, in `state`."""

    def __init__(self, arrays, examples, dtype, network, seed, batch, frozen=(), attack=ATTACK, kept=()):
        copies = {name: array.copy() for name, array in arrays.items() if not name.startswith(tuple(kept))}
        self.p = oracle.trainable(copies, dtype)
        self.initial = {name: tensor.detach().clone() for name, tensor in self.p.items()}
        for name, tensor in self.p.items():
            if frozen and name.startswith(tuple(frozen)):
                tensor.requires_grad_(False)
        self.images, self.labels = oracle.images(examples[0], dtype), oracle.labels(examples[1])
        self.network, self.seed, self.batch, self.attack = network, seed, batch, attack
        self.velocity, self.state = {}, {}

    def run(self, program, epochs, after=None, undecayed=(), replays=1):
        def weight_decay(name):
            return 0 if undecayed and name.startswith(tuple(undecayed)) else 5e-4

        count = len(self.images)
        batches = -(-count // self.batch)
        for epoch in range(epochs):
            order = draws.order(count, self.seed, epoch)
            for batch in range(batches):
                rows = order[batch * self.batch:(batch + 1) * self.batch]
                for replay in range(replays):
                    step = Step(self, rows, (epoch * batches + batch) * replays + replay, epoch,
                                epochs * batches * replays, replay, batch)
                    oracle.sgd_step(self.p, self.velocity, program(step), triangle(step), 0.9, weight_decay)
                    if after:
                        after(step)
        return {name: tensor.detach() for name, tensor in self.p.items()}


class FrameworkCase(advxtest.TestCase):
    """`check(example)` compares three steps with PROGRAMS[example] of the subclass."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.examples = advxtest.fashion_mnist("train", BATCH * STEPS)
        cls.data = advxtest.write_data(cls.class_folder / "data", cls.examples)

    def check(self, example, change=lambda text: text):
        """Three batches of one epoch, or, of a program with `epochs` = 3, one batch of each. Answers the
        state of the program, in f64 and f32."""
        entry = dict(self.PROGRAMS[example])
        program, epochs, frozen = entry["program"], entry.get("epochs", 1), entry.get("frozen", ())
        inner = entry.get("inner", "inner")  # where the settings of the attack on images are
        initial_of = entry.get("initial_of", lambda arrays: arrays)
        seed = entry.get("seed", SEED)  # one with which the draws show both ways of the program
        examples = tuple(part[:BATCH * STEPS // epochs] for part in self.examples)
        text = change(compared_page(advxtest.example(example)))
        text = text.replace("batch = 128", f"batch = {BATCH}")
        states = []
        for precision, tolerance in PRECISIONS:
            attack = SHORT if precision == "f32" and entry.get("flat") else ATTACK
            dtype = torch.float64 if precision == "f64" else torch.float32
            executable = advxtest.build_page(text, "--precision", precision)
            folder = self.folder / f"{example.replace('/', '_')}.{precision}"
            folder.mkdir()
            initial = folder / "initial.safetensors"
            arrays = initial_of(executable.init(initial, seed=3))
            advxtest.safetensors_lite.write(initial, arrays)
            executable.train(folder / "run", self.data, epochs=epochs, seed=seed,
                             settings=None if attack is ATTACK else {
                                 f"{inner}.steps": attack["steps"], f"{inner}.start.sigma": attack["sigma"]},
                             extra=["--init", initial, "--limit", len(examples[0])])
            ours = advxtest.weights(advxtest.last_checkpoint(folder / "run"))
            training = Training(arrays, examples, dtype, oracle.normed, seed, BATCH, frozen,
                                attack, entry.get("kept", ()))
            theirs = training.run(program, epochs, entry.get("after"), entry.get("undecayed", ()),
                                  entry.get("replays", 1))
            for name, tensor in theirs.items():
                if not (frozen and name.startswith(tuple(frozen))) and name not in entry.get("still", ()):
                    self.assertGreater(np.abs(arrays[name] - tensor.numpy()).max(), 1e-5,
                                       f"{name} has not moved")
                self.assertClose(ours[name], tensor, tolerance, f"{example} in {precision}: {name}")
            self.check_kept(executable, folder / "run", ours, training, precision, tolerance)
            states.append(training.state)
        return states

    def check_kept(self, executable, run, ours, training, precision, tolerance):
        """Compares what a program keeps beside its weights."""
