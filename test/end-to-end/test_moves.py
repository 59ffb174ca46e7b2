# RUN: %{python} %s
"""Functions that move, place and order entries: a step of training through all of them, in f64 at both
levels, against PyTorch."""

import unittest

import torch
import torch.nn.functional as F

import advxtest
import oracle
import pages

BATCH = 16

# Amounts of the example, from its own pixels; a mirror for some; a window at a place of the example.
LETS = """  let rows = floor(sum(x) / 40) - 2
  let columns = 1 - floor(sum(x) / 30)
  let moved = shift(x, rows, columns)
  let some = if sum(x) > 220 then flip(x, 2) else x
  let cut = x * (1 - window(x, 12 + rows, 10 - columns, 8, 5))
  let framed = pad(shift(pad(x, 3, columns = 2), 2, -1), -3, columns = -2)
  let l = f(x)
"""
LOSS = ("ce(f(moved), y) + ce(f(some), y) + ce(f(cut), y) + ce(f(framed), y) + ce(f(pad(pad(x, 1), -1)), y)"
        " + 0.1 * sum(cumsum(sort(l)) * positions(l)) + kth(l, 3) - kth(l, 2) / 3"
        " + 0.1 * sum(top(l, 4, key = f(moved)) * top(positions(l), 4, key = l))"
        " + 0.1 * sum(cumsum(flip(l, 0)) * sort(f(cut), key = l))"
        " + sum(cumsum(x * f(x)[0], axis = 1) * positions(x, 2)) / 1e5"
        " + sum(positions(x) * x) * l[1] / 1e6")


def shifted(x, rows, columns):
    """Each image by its own amounts, place by place."""
    result = torch.zeros_like(x)
    height, width = x.shape[2:]
    for image, to, dy, dx in zip(x, result, rows, columns):
        dy, dx = int(dy), int(dx)
        for row in range(max(dy, 0), min(height, height + dy)):
            for column in range(max(dx, 0), min(width, width + dx)):
                to[:, row, column] = image[:, row - dy, column - dx]
    return result


class Moves(advxtest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.examples = advxtest.fashion_mnist("train", BATCH)
        cls.data = advxtest.write_data(cls.class_folder / "data", cls.examples)

    def loss(self, p, x, y):
        def f(image):
            return oracle.linear(p, oracle.tiny(p, image))

        total = x.flatten(1).sum(1)
        rows, columns = (total / 40).floor() - 2, 1 - (total / 30).floor()
        moved = shifted(x, rows, columns)
        some = torch.where((total > 220)[:, None, None, None], x.flip(3), x)
        at_row = torch.arange(28)[None, :, None] - (12 + rows)[:, None, None]
        at_column = torch.arange(28)[None, None, :] - (10 - columns)[:, None, None]
        window = (at_row >= 0) & (at_row < 8) & (at_column >= 0) & (at_column < 5)
        cut = x * (~window[:, None]).double()
        one = torch.ones(BATCH)
        framed = F.pad(shifted(F.pad(x, (2, 2, 3, 3)), 2 * one, -one), (-2, -2, -3, -3))
        l, lm, lc = f(x), f(moved), f(cut)
        places = torch.arange(10, dtype=torch.float64)
        order = l.argsort(1)
        value = sum(oracle.ce(f(image), y) for image in (moved, some, cut, framed, x))
        value = value + 0.1 * (l.sort(1).values.cumsum(1) * places).sum(1)
        ranked = l.topk(3, 1).values
        value = value + ranked[:, 2] - ranked[:, 1] / 3
        value = value + 0.1 * (l.gather(1, lm.topk(4, 1).indices) * l.topk(4, 1).indices).sum(1)
        value = value + 0.1 * (l.flip(1).cumsum(1) * lc.gather(1, order)).sum(1)
        value = value + ((x * l[:, 0][:, None, None, None]).cumsum(2) * torch.arange(28)).flatten(1).sum(1) / 1e5
        return value + (torch.arange(784).reshape(28, 28) * x).flatten(1).sum(1) * l[:, 1] / 1e6

    def test_a_step_is_pytorchs(self):
        x, y = oracle.images(self.examples[0], torch.float64), oracle.labels(self.examples[1])
        text = pages.tiny(inner=None, loss=LOSS, batch=BATCH, optimizer="sgd(lr = 0.02)")
        text = text.replace("  outer", LETS + "  outer")
        for level in (0, 2):
            executable = advxtest.build_page(text, "--precision", "f64", "-O", str(level))
            folder = self.folder / str(level)
            folder.mkdir()
            initial = folder / "initial.safetensors"
            p = oracle.trainable(executable.init(initial, seed=5), torch.float64)
            executable.train(folder / "run", self.data, epochs=1, extra=["--init", initial])
            ours = advxtest.weights(advxtest.last_checkpoint(folder / "run"))
            before = {name: tensor.detach().clone() for name, tensor in p.items()}
            oracle.sgd_step(p, {}, self.loss(p, x, y).mean(), 0.02)
            for name, tensor in p.items():
                self.assertFalse(torch.equal(before[name], tensor), name)
                self.assertClose(ours[name], tensor.detach(), 1e-9, f"{name} at -O{level}")


if __name__ == "__main__":
    advxtest.main()
