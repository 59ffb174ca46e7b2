# RUN: %{python} %s
"""Mixtures of data sets, epochs of any length and synthetic data beside numpy and PyTorch: which images
are in which batch, with which draws, resuming, three steps of training.

Rules: L-data-mix, L-data-epoch, L-data-npz, L-data-synthetic.
"""

import json
import unittest

import numpy as np
import torch

import advxtest
import draws
import frameworks
import oracle
import pages
import programs_averages
import programs_paired

BATCH, SEED = 10, 5
FIRST, MORE = 40, 23  # images of the two parts
MIX = 'mix(0.3: fashion_mnist(), 0.7: npz("more.npz"))'

SEEN = """
  state seen  : real per example = 0
  state when  : real per example = -1
  state drawn : real per example = 0
  draw u ~ uniform(0, 1) per example"""
SEE = """
        also seen := seen + 1
        also when := iteration
        also drawn := drawn + u"""


def page(data, settings="", states=False, **parts):
    text = pages.tiny(batch=BATCH, **{"inner": None, "loss": "ce(f(x), y)", "optimizer": "sgd(lr = 0.1)", **parts})
    text = text.replace("fashion_mnist()", data).replace(f"batch = {BATCH}", f"batch = {BATCH}{settings}")
    if states:
        head, tail = text.split("  outer minimize")
        loss, rest = tail.split(" epochs", 1)
        text = head + SEEN + "\n  outer minimize" + loss + " epochs\n" + SEE + rest
    return text


def quotas(shares, size):
    """Largest remainders, by whole numbers: `shares` in tenths."""
    counts = [share * size // 10 for share in shares]
    left = sorted(range(len(shares)), key=lambda i: -(shares[i] * size % 10))
    for i in left[:size - sum(counts)]:
        counts[i] += 1
    return counts


def permutation(items, seed, number, part):
    """A pass of a part: Fisher and Yates's shuffle by the part's stream."""
    name = "shuffle" if part == 0 else f"shuffle.{part + 1}"
    numbers = draws.uniform(seed, name, [0], (len(items) + 1,), number)[0]
    items = list(items)
    for left in range(len(items), 1, -1):
        chosen = int(numbers[left] * left)
        items[left - 1], items[chosen] = items[chosen], items[left - 1]
    return items


def plan(parts, shares, size, epoch_images, epochs, seed):
    """[(epoch, [(image, key)])] of each batch. `parts` are lists of places in the file set."""
    ends = np.cumsum([len(part) for part in parts])
    rows = [iter(()) for _ in parts]
    passes, result = [0] * len(parts), []

    def stream(part):
        number = 0
        while True:
            for image in permutation(parts[part], seed, number, part):
                yield image, number
            number += 1

    sizes = [min(size, epoch_images - first) for first in range(0, epoch_images, size)]
    per_epoch = [sum(quotas(shares, n)[i] for n in sizes) for i in range(len(parts))]
    keys, base = [], int(ends[-1])
    for i, part in enumerate(parts):
        keys.append(base)
        base += -(-per_epoch[i] // len(part)) * len(part)
    rows = [stream(i) for i in range(len(parts))]
    for epoch in range(epochs):
        began = [epoch * per_epoch[i] // len(part) for i, part in enumerate(parts)]
        for n in sizes:
            batch = []
            for i, count in enumerate(quotas(shares, n)):
                for _ in range(count):
                    image, number = next(rows[i])
                    again = number - began[i]
                    own = image - parts[i][0]
                    batch.append((image, image if again == 0 else
                                  keys[i] + (again - 1) * len(parts[i]) + own))
            result.append((epoch, batch))
    return result


class Mixtures(advxtest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.first = advxtest.fashion_mnist("train", FIRST)
        cls.more = advxtest.fashion_mnist("train", MORE, skip=1000)
        cls.data = advxtest.write_data(cls.class_folder / "data", cls.first, advxtest.fashion_mnist("t10k", 20))
        np.savez_compressed(cls.data / "more.npz", image=cls.more[0][..., None], label=cls.more[1].astype(np.int64))

    def seen(self, data, settings, planned, epochs, extra=()):
        """Trains and compares what each image was in with the batches `planned`."""
        executable = advxtest.build_page(page(data, settings, states=True), "--precision", "f64")
        out = self.folder / "run"
        executable.train(out, self.data, epochs=epochs, seed=SEED, extra=extra)
        ours = advxtest.weights(advxtest.last_checkpoint(out))
        count = len(ours["seen"])
        seen, when, drawn = np.zeros(count), np.full(count, -1.0), np.zeros(count)
        keys = set()
        for step, (epoch, batch) in enumerate(planned):
            images = [image for image, _ in batch]
            for image, key in batch:
                self.assertNotIn((epoch, key), keys, "a key of draws comes once in an epoch")
                keys.add((epoch, key))
            u = draws.uniform(SEED, "draw u", [key for _, key in batch], (), epoch)
            # Of an image that is twice in a batch, the last one writes the row that both have read.
            drawn[images] = drawn[images] + u
            seen[images] = seen[images] + 1
            when[images] = step
        np.testing.assert_array_equal(ours["when"], when)
        np.testing.assert_array_equal(ours["seen"], seen)
        np.testing.assert_allclose(ours["drawn"], drawn, rtol=1e-14)
        return ours

    def test_shares_are_exact_and_each_part_has_its_own_order(self):
        """Four epochs of 40 images: 3 and 7 of a batch of 10."""
        planned = plan([range(FIRST), range(FIRST, FIRST + MORE)], [3, 7], BATCH, FIRST, 4, SEED)
        for _, batch in planned:
            self.assertEqual([sum(i < FIRST for i, _ in batch), sum(i >= FIRST for i, _ in batch)], [3, 7])
        ours = self.seen(MIX, "", planned, 4)
        self.assertEqual(len(ours["seen"]), FIRST + MORE)
        # No image twice before all of its part had a turn.
        self.assertLessEqual(ours["seen"][:FIRST].max(), -(-12 * 4 // FIRST))
        visits = np.bincount([image for _, batch in planned for image, _ in batch])
        self.assertEqual(set(visits[FIRST:]), {28 * 4 // MORE, 28 * 4 // MORE + 1})

    def test_an_epoch_of_one_data_set_goes_on_where_the_last_one_ended(self):
        planned = plan([range(FIRST)], [10], BATCH, 25, 3, SEED)
        self.seen("fashion_mnist()", ", epoch = 25", planned, 3)
        visits = np.bincount([image for _, batch in planned for image, _ in batch])
        self.assertEqual((visits.sum(), set(visits)), (75, {1, 2}))

    def test_an_epoch_without_a_number_is_once_through_the_images(self):
        planned = plan([range(FIRST)], [10], BATCH, FIRST, 2, SEED)
        ours = self.seen("fashion_mnist()", "", planned, 2)
        np.testing.assert_array_equal(ours["seen"], np.full(FIRST, 2))

    def test_resumes_bit_for_bit_and_does_not_depend_on_threads(self):
        executable = advxtest.build_page(page(MIX, ", epoch = 34", states=True))
        executable.train(self.folder / "whole", self.data, epochs=3, seed=SEED)
        executable.train(self.folder / "parts", self.data, epochs=3, seed=SEED, extra=["--stop-after", 1])
        advxtest.run(executable.path, "train", "--data", self.data, "--out", self.folder / "parts", "--resume",
                     "--threads", 2)
        self.assertSameFile(advxtest.last_checkpoint(self.folder / "parts"),
                            advxtest.last_checkpoint(self.folder / "whole"))
        record = json.loads((self.folder / "whole" / "run.json").read_text())["data"]
        self.assertEqual([part["share"] for part in record["parts"]], [0.3, 0.7])
        self.assertEqual(record["epoch"], 34)
        self.assertEqual(sorted(record["files"]), ["train", "train.2"])
        self.assertNotIn("synthetic", record)
        (self.data / "more.npz").rename(self.data / "kept.npz")
        self.addCleanup((self.data / "kept.npz").rename, self.data / "more.npz")
        np.savez(self.data / "more.npz", image=self.more[0], label=self.more[1][::-1])
        executable.train(self.folder / "other", self.data, epochs=3, seed=SEED, extra=["--stop-after", 1])
        (self.data / "more.npz").unlink()
        np.savez(self.data / "more.npz", image=self.more[0], label=self.more[1])
        result = executable.train(self.folder / "other", self.data, epochs=3, seed=SEED, extra=["--resume"],
                                  check=False)
        self.assertEqual(result.returncode, 1)
        self.assertIn("holds other train.2 data", result.stderr)
        (self.data / "more.npz").unlink()

    def test_three_steps_are_those_of_torch(self):
        executable = advxtest.build_page(page(MIX, ", epoch = 30", inner=pages.ATTACK,
                                              loss="ce(f(x' | y), y)"), "--precision", "f64")
        initial = self.folder / "initial.safetensors"
        arrays = executable.init(initial, seed=3)
        executable.train(self.folder / "run", self.data, seed=SEED, extra=["--init", initial])
        ours = advxtest.weights(advxtest.last_checkpoint(self.folder / "run"))
        images = oracle.images(np.concatenate([self.first[0], self.more[0]]), torch.float64)
        labels = oracle.labels(np.concatenate([self.first[1], self.more[1]]))
        p, velocity = oracle.trainable({k: a.copy() for k, a in arrays.items()}, torch.float64), {}
        for epoch, batch in plan([range(FIRST), range(FIRST, FIRST + MORE)], [3, 7], BATCH, 30, 1, SEED):
            rows = [image for image, _ in batch]
            x, y = images[rows], labels[rows]
            v = x + 0.1 * (2 * torch.from_numpy(draws.uniform(SEED, "inner.n", rows, (1, 28, 28), epoch)) - 1)
            v = oracle.pgd(lambda v: oracle.ce(oracle.linear(p, oracle.tiny(p, v)), y), x,
                           oracle.project(v, x, 0.1, "linf"), 10, 0.025, 0.1, "linf")
            oracle.sgd_step(p, velocity, oracle.ce(oracle.linear(p, oracle.tiny(p, v)), y).mean(), 0.1)
        for name, tensor in p.items():
            self.assertClose(ours[name], tensor.detach(), 1e-8, name)

    def test_the_examples_are_trades_on_a_mixture(self):
        """Three steps of each page beside TRADES in PyTorch; CutMix is left out."""
        np.savez(self.data / "generated.npz", image=self.more[0], label=self.more[1])
        images, labels = (np.concatenate(parts) for parts in zip(self.first, self.more))
        planned = plan([range(FIRST), range(FIRST, FIRST + MORE)], [3, 7], BATCH, 30, 1, SEED)
        for name, program in (("dm_at", programs_paired.trades(2)), ("dm_at_he", programs_paired.trades_he)):
            text = frameworks.compared_page(advxtest.example(f"dm_at/{name}")).replace(", augment = [cutmix]", "")
            text = text.replace("batch = 128, epoch = 60000", f"batch = {BATCH}, epoch = 30")
            executable = advxtest.build_page(text, "--precision", "f64")
            initial = self.folder / f"{name}.safetensors"
            arrays = executable.init(initial, seed=3)
            executable.train(self.folder / name, self.data, seed=SEED, settings={"beta": 6},
                             extra=["--init", initial])
            ours = advxtest.weights(advxtest.last_checkpoint(self.folder / name))
            training = frameworks.Training(arrays, (images, labels), torch.float64, oracle.normed, SEED, BATCH,
                                           kept=("e.",))
            for index, (epoch, batch) in enumerate(planned):
                rows = [image for image, _ in batch]
                step = frameworks.Step(training, rows, index, epoch, len(planned))
                oracle.sgd_step(training.p, training.velocity, program(step), frameworks.triangle(step), 0.9,
                                lambda name: 5e-4)
                programs_averages.ema(step)
            for weight, tensor in training.p.items():
                self.assertClose(ours[weight], tensor.detach(), 1e-8, f"{name}: {weight}")
            for weight, tensor in training.state["e"].items():
                self.assertClose(ours[f"e.{weight}"], tensor, 1e-8, f"{name}: e.{weight}")

    def test_evaluation_needs_the_first_part_alone(self):
        executable = advxtest.build_page(page(MIX, ", valid = 8", evaluate="clean"))
        out = self.folder / "run"
        result = executable.train(out, self.data, seed=SEED)
        self.assertIn("(3 of fashion_mnist, 7 of npz), epochs of 32 images", result.stderr + result.stdout)
        alone = advxtest.write_data(self.folder / "data", self.first, advxtest.fashion_mnist("t10k", 20))
        self.assertIn("20 images of test", executable.evaluate(advxtest.last_checkpoint(out), alone).stdout)
        lost = executable.train(self.folder / "lost", alone, check=False)
        self.assertEqual(lost.returncode, 1)
        self.assertIn("holds no `more.npz`", lost.stderr)

    def test_shares_that_are_set_must_still_add_up(self):
        executable = advxtest.build_page(page(MIX))
        result = executable.train(self.folder / "a", self.data, settings={"data.npz.share": 0.5}, check=False)
        self.assertEqual(result.returncode, 2)
        self.assertIn("add up to 0.8 (0.3 + 0.5), expected 1", result.stderr)
        result = executable.train(self.folder / "b", self.data, check=False,
                                  settings={"data.npz.share": 0.95, "data.fashion_mnist.share": 0.05})
        self.assertEqual(result.returncode, 2)
        self.assertIn("less than one image of a batch of 10", result.stderr)
        executable.train(self.folder / "c", self.data,
                         settings={"data.npz.share": 0.5, "data.fashion_mnist.share": 0.5})

    def test_the_last_part_may_get_what_the_others_leave(self):
        executable = advxtest.build_page(page('mix(0.5: fashion_mnist(), npz("more.npz"))', states=True))
        executable.train(self.folder / "run", self.data, settings={"data.fashion_mnist.share": 0.2}, seed=SEED)
        when = advxtest.weights(advxtest.last_checkpoint(self.folder / "run"))["when"]
        self.assertEqual([(when[:FIRST] == step).sum() for step in range(4)], [2, 2, 2, 2])
        parts = json.loads((self.folder / "run" / "run.json").read_text())["data"]["parts"]
        self.assertEqual([part["share"] for part in parts], [0.2, 0.8])


def synthetic(count, classes, shape, noise, seed, kind):
    """The images by the formula of runtime/data/Synthetic.h."""
    height, width = shape[-2:]
    planes = int(np.prod(shape[:-2]))
    blocks = draws.uniform(seed, "synthetic.mean", range(classes), (planes, 4, 4), 0)
    mean = (0.25 + 0.5 * blocks)[:, :, np.arange(height) * 4 // height][..., np.arange(width) * 4 // width]
    number = draws.normal(seed, "synthetic.noise", range(count), shape, 0, kind << 30)
    labels = np.arange(count) % classes
    value = np.clip(mean.reshape(classes, *shape)[labels] + noise * number, 0, 1)
    return np.floor(255 * value + 0.5).astype(np.uint8), labels


class Synthetic(advxtest.TestCase):
    DATA = "synthetic(image = [2, 6, 5], classes = 3, train = 30, test = 12, noise = 0.1)"

    def test_images_are_those_of_the_formula_and_reports_say_so(self):
        text = page(self.DATA, evaluate="clean  a = pgd(steps = 1)", epochs=3).replace("threat B(x) = " + pages.LINF,
                                                                             "threat B(x) = linf(x, radius = 0)")
        executable = advxtest.build_page(text, "--precision", "f64")
        out = self.folder / "run"
        printed = executable.train(out, self.folder, epochs=3)
        self.assertIn("12 images of test, synthetic data, final weights", printed.stdout)
        self.assertIn("3 of 3 epochs, loss", printed.stdout + printed.stderr)
        for line in (printed.stdout + printed.stderr).splitlines():
            if " epochs, loss" in line or "batches of" in line:
                self.assertIn(", synthetic data", line)
        self.assertTrue(json.loads((out / "run.json").read_text())["data"]["synthetic"])
        summary = json.loads((out / "summary.json").read_text())
        self.assertTrue(all(entry["synthetic"] for entry in summary["evaluations"]))
        arrays = executable.attack(advxtest.last_checkpoint(out), self.folder, "test", "a")
        images, labels = synthetic(12, 3, (2, 6, 5), 0.1, 0, 2)
        np.testing.assert_array_equal(arrays["y"], labels)
        np.testing.assert_array_equal(np.rint(255 * arrays["x"]), images)

    def test_can_be_learnt(self):
        """By a classifier that is linear, hence by any network."""
        text = pages.page(network="flat()", declarations="network flat() {\n  forward(x) = flatten(x)\n}",
                          inner=None, loss="ce(f(x), y)", optimizer="sgd(lr = 0.01)", batch=BATCH,
                          evaluate="clean")
        text = text.replace("fashion_mnist()", "synthetic(image = [1, 28, 28], train = 200, test = 50)")
        advxtest.build_page(text).train(self.folder / "run", self.folder, epochs=20)
        summary = json.loads((self.folder / "run" / "summary.json").read_text())
        self.assertGreater(summary["evaluations"][0]["attacks"][0]["accuracy"], 0.9)


if __name__ == "__main__":
    advxtest.main()
