# RUN: %{python} %s
"""TRADES with hypersphere embedding in f64, over several batches and seeds: ours is PyTorch's, unless an attack
meets an image of which a single feature is not zero. The direction of such features is constant, so the
gradient of every function of it is rounding, its sign chance: PyTorch too then trains to other weights when
the start of the attack moves by 1e-13.
"""

import unittest

import numpy as np
import torch

import advxtest
import frameworks
import oracle
import pages
from programs_paired import PROGRAMS, kl, lowered

NAME = "trades/trades_he"


def program(trace, away=0.0):
    """That of `NAME`, whose start moves by `away`; `trace` gets the gradient and how many features of each
    image are not zero, at every step of the attack."""
    def training(step):
        natural = 15 * step.cosine(step.x, "eval").detach()
        v = step.x + 0.001 * step.normal() + away * torch.linspace(-1, 1, step.x.numel()).reshape(step.x.shape)
        for _ in range(10):
            g = oracle.input_gradient(lambda v: kl(natural, 15 * step.cosine(v, "eval")), v)
            trace.append((g, (step.z(v, "eval") != 0).sum(1)))
            v = step.ball(v + frameworks.RADIUS / 4 * g.sign()).detach()
        clean, moved = step.cosine(step.x), step.cosine(v)
        loss = oracle.ce(lowered(clean, 15, 0.2, step.y), step.y)
        return (loss + 6 * kl(15 * clean, 15 * moved)).mean()
    return training


def apart(ours, theirs):
    """The largest difference of a tensor, relative to its largest magnitude."""
    return max(np.abs(np.asarray(ours[name]) - tensor.numpy()).max() / max(tensor.abs().max().item(), 1e-30)
               for name, tensor in theirs.items())


class OneFeature(advxtest.TestCase):
    def trained(self, declarations, seed):
        """(our weights, a function of a program to its weights) of three batches that belong to the seed."""
        count = frameworks.BATCH * frameworks.STEPS
        rows = slice(count * seed, count * (seed + 1))
        examples = tuple(part[rows] for part in advxtest.fashion_mnist("train", rows.stop))
        data = advxtest.write_data(self.folder / f"data{seed}", examples)
        text = frameworks.compared_page(advxtest.example(NAME), declarations=declarations)
        executable = advxtest.build_page(text.replace("batch = 128", f"batch = {frameworks.BATCH}"),
                                         "--precision", "f64")
        initial = self.folder / f"initial{seed}.safetensors"
        arrays = executable.init(initial, seed=seed)
        run = self.folder / f"run{seed}"
        executable.train(run, data, seed=seed, extra=["--init", initial])

        def theirs(program):
            training = frameworks.Training(arrays, examples, torch.float64, oracle.normed, seed, frameworks.BATCH)
            return training.run(program, 1)

        return advxtest.weights(advxtest.last_checkpoint(run)), theirs

    def test_ours_is_pytorchs_over_batches_and_seeds(self):
        for seed in range(4):
            ours, theirs = self.trained(frameworks.NETWORK, seed)
            self.assertLess(apart(ours, theirs(PROGRAMS[NAME]["program"])), 1e-8, f"seed {seed}")

    def test_where_they_part_an_image_has_a_single_feature(self):
        """Of so narrow a network: with the last two seeds an attack meets such an image, with the first not."""
        for seed, meets in ((1, False), (5, True), (6, True)):
            ours, theirs = self.trained(pages.NORMED, seed)
            straight, moved = [], []
            first, second = theirs(program(straight)), theirs(program(moved, away=1e-13))
            if not meets:
                self.assertLess(apart(ours, first), 1e-8)
                self.assertLess(apart(second, first), 1e-8)
                continue
            # Whether ours parts from PyTorch's as PyTorch's from its own is chance.
            self.assertGreater(apart(second, first), 1e-3)
            for (g, features), (other, _) in zip(straight, moved):
                differs = (g.sign() != other.sign()).flatten(1)
                images = differs.any(1)
                if images.any():
                    self.assertEqual(features[images].tolist(), [1] * int(images.sum()))
                    self.assertLess(g[images].abs().max().item(), 1e-14)
                    break
            else:
                self.fail("no sign differs")


if __name__ == "__main__":
    advxtest.main()
