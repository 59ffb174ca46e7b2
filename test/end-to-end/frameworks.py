"""Runs an example's page and an independent PyTorch program of the same framework side by side:
from the same weights, with the same draws, in the same order of the examples.

The page is the example's own text with a small network with batch norm in place of its own, so that
running statistics are compared, and without its evaluation. A program is a function of a Step; it is
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


def compared_page(text, network="normed()", declarations=pages.NORMED):
    """An example's text as it is compared."""
    text, count = re.subn(r"(= )mnist_cnn\(\)", rf"\g<1>{network}", text)
    assert count, "the example has another network"
    text = re.sub(r"\n  evaluate .*?\n  }\n", "\n", text, flags=re.DOTALL)
    return declarations + text


class Step:
    """What a program sees of one step: x and y of the batch, the trained tensors p, and our draws."""

    def __init__(self, p, x, y, rows, index, epoch, steps, state):
        self.p, self.x, self.y, self.rows = p, x, y, rows
        self.index, self.epoch, self.steps, self.state = index, epoch, steps, state
        self.single = x.dtype == torch.float32

    def z(self, x, mode="train", prefix="z"):
        return oracle.normed(self.under(prefix, "z"), x, mode)

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

    def uniform(self, stream="inner.n", shape=SHAPE, counters=(), replay=0):
        """Uniform in [-1, 1), as the ball's start draws it."""
        value = draws.uniform(SEED, stream, self.rows, shape, self.epoch, replay, counters,
                              self.single)
        return 2 * torch.from_numpy(value) - 1

    def normal(self, stream="inner.n", shape=SHAPE, counters=(), replay=0):
        return torch.from_numpy(draws.normal(SEED, stream, self.rows, shape, self.epoch, replay,
                                             counters, self.single))

    def ball(self, v, radius=RADIUS):
        return oracle.project(v, self.x, radius, "linf")

    def pgd(self, objective, start, steps=10, step=RADIUS / 4, radius=RADIUS):
        """Ascent along the sign of the gradient; weights are constants of it."""
        v = start.detach()
        for _ in range(steps):
            g = oracle.input_gradient(objective, v)
            v = self.ball(v + step * g.sign(), radius)
        return v.detach()


def triangle(step, peak=0.1, rise=0.3):
    """The one-cycle rate of the examples."""
    i, n = step.index, step.steps
    return peak * i / (rise * n) if i < rise * n else peak * (n - i) / ((1 - rise) * n)


def train(program, arrays, examples, dtype, epochs, settings, after=None):
    """The program's training; returns tensors by our names."""
    p = oracle.trainable({name: array.copy() for name, array in arrays.items()}, dtype)
    for name, tensor in p.items():
        if name.startswith(tuple(settings.get("frozen", ()))) and tensor.requires_grad:
            tensor.requires_grad_(False)
    images, labels = oracle.images(examples[0], dtype), oracle.labels(examples[1])
    batches = len(images) // BATCH
    velocity, state = {}, {}
    for index in range(epochs * batches):
        epoch, batch = divmod(index, batches)
        rows = draws.order(len(images), SEED, epoch)[batch * BATCH:(batch + 1) * BATCH]
        step = Step(p, images[rows], labels[rows], rows, index, epoch, epochs * batches, state)
        loss = program(step)
        oracle.sgd_step(p, velocity, loss, settings.get("rate", triangle)(step),
                        settings.get("momentum", 0.9), settings.get("weight_decay", 5e-4))
        if after:
            after(step)
    return {name: tensor.detach() for name, tensor in p.items()}, velocity


class FrameworkCase(advxtest.TestCase):
    """`check(example, program)` compares three steps; subclasses list examples."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.examples = advxtest.fashion_mnist("train", BATCH * STEPS)
        cls.data = advxtest.write_data(cls.class_folder / "data", cls.examples)

    def prepare(self, text):
        """The text that is built; a subclass may change the page."""
        return compared_page(text)

    def check(self, example, program, epochs=1, change=lambda text: text, initial_of=lambda arrays: arrays,
              after=None, files=None, **settings):
        """`epochs` of 1 are three batches; of 3, one batch each."""
        examples = tuple(part[:BATCH * STEPS // epochs] for part in self.examples)
        text = change(self.prepare(advxtest.example(example)))
        text = text.replace("batch = 128", f"batch = {BATCH}")
        for precision, tolerance in PRECISIONS:
            dtype = torch.float64 if precision == "f64" else torch.float32
            executable = advxtest.build_page(text, "--precision", precision)
            folder = self.folder / f"{example.replace('/', '_')}.{precision}"
            folder.mkdir()
            initial = folder / "initial.safetensors"
            arrays = initial_of(executable.init(initial, seed=3))
            advxtest.safetensors_lite.write(initial, arrays)
            executable.train(folder / "run", self.data, epochs=epochs, seed=SEED,
                             extra=["--init", initial, "--limit", len(examples[0])])
            ours = advxtest.weights(advxtest.last_checkpoint(folder / "run"))
            theirs, velocity = train(program, arrays, examples, dtype, epochs, settings, after)
            for name, tensor in theirs.items():
                if not name.startswith(tuple(settings.get("frozen", ()))):
                    self.assertGreater(np.abs(arrays[name] - tensor.numpy()).max(), 1e-5,
                                       f"{name} has not moved")
                self.assertClose(ours[name], tensor, tolerance, f"{example} in {precision}: {name}")
