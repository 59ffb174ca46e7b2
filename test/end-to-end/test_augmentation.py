# RUN: %{python} %s
"""What training makes of its examples (L-augment-text, L-augment-training, L-augment-key,
L-augment-labels). A step of plain gradient descent on f(x)[y] leaves the images of the batch in the
weights, one row a class, so the tests look at every pixel that training saw."""

import json
import unittest.mock

import numpy as np

import advxtest

COUNT, ROWS, COLUMNS = 120, 12, 10

PAGE = """
{declarations}
dataset points({parameters}) {{
  format = "idx"  image = [3, {rows}, {columns}]  classes = {count}  range = [0, 1]
  train = ["images", "labels"]  test = ["images", "labels"]
}}
network all() {{
  forward(x) = flatten(x)
}}
experiment shown {{
  data points({augment}) {{ batch = {batch} }}
  features z = all()
  head     f = linear(z)
  threat B(x) = linf(x, radius = 1/100)
  {inner}
  outer minimize {batch} * {loss} by sgd(lr = 1, momentum = 0) for 1 epochs{replays}
  evaluate at end on test {{ clean }}
}}
"""


class Augmentation(advxtest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        source = np.random.default_rng(0)
        cls.images = source.integers(1, 256, (COUNT, 3, ROWS, COLUMNS)).astype(np.uint8)
        cls.data = cls.class_folder / "data"
        cls.data.mkdir()
        (cls.data / "images").write_bytes(advxtest.idx_bytes(cls.images))
        (cls.data / "labels").write_bytes(advxtest.idx_bytes(np.arange(COUNT, dtype=np.uint8)))
        cls.pixels = cls.images / 255

    def build(self, augment, *options, batch=COUNT, inner="", loss="f(x)[y]", declarations="", replays=1):
        given = f"augment = {augment}" if augment else ""
        return advxtest.build_page(PAGE.format(
            augment=given, batch=batch, inner=inner, loss=loss, count=COUNT, rows=ROWS,
            columns=COLUMNS, declarations=declarations, parameters="",
            replays=f", each batch {replays} times" if replays > 1 else ""), "--precision", "f64",
            *options)

    def weights(self, executable, epochs=1, seed=0, **options):
        """The change of the weights, a row a class."""
        run = self.folder / f"run{len(list(self.folder.iterdir()))}"
        executable.train(run, self.data, epochs=epochs, seed=seed, **options)
        after = advxtest.weights(advxtest.last_checkpoint(run))["f.weight"]
        return executable.init(self.folder / "init.safetensors", seed)["f.weight"] - after

    def seen(self, executable, **options):
        """The image of each class as training saw it."""
        return self.weights(executable, **options).reshape(self.images.shape)

    def test_replays_of_a_batch_see_one_augmented_image(self):
        """Three steps on a batch leave three times what one does; a draw of the page is another in each."""
        augment = "[pad_crop(3), hflip, cutout(4), mixup(0.4)]"
        once, thrice = (self.weights(self.build(augment, replays=n, batch=50)) for n in (1, 3))
        self.assertClose(thrice, 3 * once, 1e-12)
        inner, loss = "draw n ~ uniform(-1, 1) like x", "f(x + n)[y]"
        once, thrice = (self.weights(self.build("", replays=n, inner=inner, loss=loss)) for n in (1, 3))
        self.assertGreater(np.abs(thrice - 3 * once).max(), 0.5)

    def test_without_augmentation_the_images_are_those_of_the_files(self):
        self.assertClose(self.seen(self.build("")), self.pixels, 1e-12)
        self.assertClose(self.seen(self.build("[]")), self.pixels, 1e-12)

    def test_flips(self):
        seen = self.seen(self.build("[hflip]"))
        flipped = np.array([np.allclose(a, b[:, :, ::-1]) for a, b in zip(seen, self.pixels)])
        kept = np.array([np.allclose(a, b) for a, b in zip(seen, self.pixels)])
        self.assertTrue((flipped ^ kept).all())
        self.assertLess(abs(flipped.mean() - 0.5), 4 * np.sqrt(0.25 / COUNT))
        executable = self.build("[hflip]")
        self.assertClose(self.seen(executable, settings={"data.hflip.p": 1}),
                         self.pixels[:, :, :, ::-1], 1e-12)
        self.assertClose(self.seen(executable, settings={"data.hflip.p": 0}), self.pixels, 1e-12)

    def test_crops_of_padded_images(self):
        executable = self.build("[pad_crop(2)]")
        places = []
        for seed in range(4):
            for image, whole in zip(self.seen(executable, seed=seed), self.pixels):
                padded = np.pad(whole, ((0, 0), (2, 2), (2, 2)))
                found = [(r, c) for r in range(5) for c in range(5)
                         if np.allclose(image, padded[:, r:r + ROWS, c:c + COLUMNS])]
                self.assertEqual(len(found), 1)
                places += found
        counts = np.zeros((5, 5))
        np.add.at(counts, tuple(np.array(places).T), 1)
        expected = len(places) / 25
        # Chi-squared with 24 degrees of freedom: above 51.2 with probability 0.001.
        self.assertLess(((counts - expected) ** 2 / expected).sum(), 51.2)

    def test_squares_are_cut_out(self):
        centres = set()
        for image, whole in zip(self.seen(self.build("[cutout(4)]")), self.pixels):
            hole = np.abs(image).max(axis=0) < 1e-9
            self.assertClose(image, whole * ~hole, 1e-12)
            rows, columns = np.where(hole.any(axis=1))[0], np.where(hole.any(axis=0))[0]
            top, bottom, left, right = rows[0], rows[-1] + 1, columns[0], columns[-1] + 1
            self.assertTrue(hole[top:bottom, left:right].all())
            for low, high, size in ((top, bottom, ROWS), (left, right, COLUMNS)):
                self.assertTrue(high - low == 4 or low == 0 or high == size)
                self.assertGreaterEqual(high - low, 2)
            centres.add((bottom if top == 0 else top + 4, right if left == 0 else left + 4))
        self.assertGreater(len(centres), 40)

    def test_the_same_bits_whatever_threads_batches_and_kernels(self):
        whole = "[pad_crop(2), hflip, cutout(4)]"
        seen = self.seen(self.build(whole))
        with unittest.mock.patch.object(advxtest, "THREADS", 3):
            self.assertSameArray(self.seen(self.build(whole)), seen)
        for other in (self.build(whole, batch=COUNT // 8), self.build(whole, "-O0")):
            self.assertClose(self.seen(other), seen, 1e-12)
        self.assertGreater(np.abs(self.seen(self.build(whole), seed=1) - seen).max(), 0.1)

    def test_every_epoch_draws_anew(self):
        executable = self.build("[pad_crop(2)]")
        one, two = self.seen(executable), self.seen(executable, epochs=2)
        second = two - one
        self.assertGreater(np.abs(second - one).max(), 0.1)

    def test_inner_and_outer_see_the_same_image(self):
        solver = "solver stay() { maximize J over B from x  return x }"
        inner = "inner x' = argmax f(x')[y] over B(x) by stay()"
        executable = self.build("[pad_crop(2), hflip]", inner=inner, loss="f(x')[y]",
                                declarations=solver)
        self.assertSameArray(self.seen(executable), self.seen(self.build("[pad_crop(2), hflip]")))

    def test_one_text_used_twice_draws_twice(self):
        seen = self.seen(self.build("[cutout(2), cutout(2)]"))
        holes = (np.abs(seen).max(axis=1) < 1e-9).sum(axis=(1, 2))
        self.assertGreater(np.mean(holes > 4), 0.5)

    def test_evaluations_see_the_data(self):
        page = self.build("[pad_crop(2)]").path.with_suffix(".advx")
        text = advxtest.run(advxtest.ADVX, "build", page, "--emit=instantiated").stdout
        train, clean = (text.split(f"func.func @{name}")[1].split("\n  }")[0]
                        for name in ("train_step", "test.clean"))
        self.assertEqual((train.count("advx.shift"), clean.count("advx.shift")), (2, 0))

    def test_labels_become_distributions(self):
        texts = """
augmentation softened(a : real) of x, label {
  label := (1 - a) * label + a / classes
}
"""
        # The gradient of <y, W x> by W is x times y.
        changes = self.weights(self.build("[hflip(1), softened(1/4)]", declarations=texts))
        images = self.pixels[:, :, :, ::-1].reshape(COUNT, -1)
        expected = 3 / 4 * images + 1 / 4 / COUNT * images.sum(axis=0)
        self.assertClose(changes, expected, 1e-12)

    def test_mixtures_of_images_and_labels_have_one_weight_and_one_order(self):
        changes = self.weights(self.build("[mixup]"))
        self.assertClose(self.weights(self.build("[mixup]", "-O0")), changes, 1e-12)
        # With A = a I + (1 - a) P, images A X and labels A leave the gradient A^T A X.
        product = changes @ np.linalg.pinv(self.pixels.reshape(COUNT, -1))
        self.assertClose(product.sum(axis=1), np.ones(COUNT), 1e-9)
        others = product - np.diag(np.diag(product))
        shares = others[np.abs(others) > 1e-9]
        share = shares.min()  # a (1 - a); twice that where two examples take each other
        self.assertTrue(0 < share <= 1 / 4 + 1e-9)
        self.assertTrue((np.isclose(shares, share) | np.isclose(shares, 2 * share)).all())
        alone = np.isclose(np.diag(product), 1)  # of examples that stay where they are
        self.assertClose(np.diag(product)[~alone], np.full((~alone).sum(), 1 - 2 * share), 1e-9)
        self.assertLess(alone.sum(), 8)

    def test_windows_of_other_images_count_by_their_area(self):
        value = np.random.default_rng(1).permutation(np.arange(1, COUNT + 1) * 2)
        flat = np.broadcast_to(value[:, None, None, None], self.images.shape).astype(np.uint8)
        self.data = self.folder / "flat"
        self.data.mkdir()
        (self.data / "images").write_bytes(advxtest.idx_bytes(flat))
        (self.data / "labels").write_bytes(advxtest.idx_bytes(np.arange(COUNT, dtype=np.uint8)))
        value = value / 255

        def fits(seen, window):
            # Outside, class k sees its image and, for the share of the window, the one that took
            # its window; inside it sees the image that its own window came from.
            share = window.mean()
            outside, inside = seen[:, ~window][:, 0], seen[:, window][:, 0]
            taker = np.abs((outside - (1 - share) * value)[:, None] / share - value).argmin(axis=1)
            source = np.argsort(taker)
            return ((np.sort(taker) == np.arange(COUNT)).all()
                    and np.allclose(outside, (1 - share) * value + share * value[taker], atol=1e-12)
                    and np.allclose(inside, (1 - share) * value[source] + share * value, atol=1e-12))

        executable = self.build("[cutmix]")
        areas = set()
        for seed in range(4):
            seen = self.seen(executable, seed=seed)
            self.assertClose(seen[:, 0], seen[:, 2], 1e-12)  # a window goes through all channels
            differs = (np.abs(seen[:, 0] - seen[:, 0, :1, :1]) > 1e-9).any(axis=0)
            if not differs.any():
                continue  # the window is empty, or the whole image
            self.assertTrue(fits(seen[:, 0], differs) or fits(seen[:, 0], ~differs))
            areas.add(differs.sum())
        self.assertGreater(len(areas), 1)

    def test_logits_given_a_distribution_carry_the_margin_in_proportion(self):
        page = PAGE.replace("linear(z)", "margin(z)").format(
            augment="", batch=COUNT, inner="", count=COUNT, rows=ROWS, columns=COLUMNS,
            parameters="", replays="", loss="ce(f(x | smooth(y, 1/2)), smooth(y, 1/4))", declarations="""
head margin(z : vector[d], s : real = 3, m : real = 1/4) {
  param W : matrix[d, classes] = kaiming_uniform()
  let c = transpose(W) @ z
  logits         = s * c
  logits given y = s * (c - m * onehot(y))
}
""")
        for options in ((), ("-O0",)):
            executable = advxtest.build_page(page, "--precision", "f64", *options)
            run = self.folder / f"run{len(options)}"
            executable.train(run, self.data)
            events = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
            (loss,) = (event["loss"] for event in events if event["event"] == "epoch")
            W = executable.init(self.folder / "init.safetensors")["f.W"]
            hot = np.eye(COUNT)
            given = hot / 2 + 0.5 / COUNT
            logits = 3 * (self.pixels.reshape(COUNT, -1) @ W - given / 4)
            largest = logits.max(axis=1, keepdims=True)
            logs = logits - largest - np.log(np.exp(logits - largest).sum(axis=1, keepdims=True))
            expected = -((hot * 3 / 4 + 0.25 / COUNT) * logs).sum(axis=1).mean()
            self.assertClose(loss, COUNT * expected, 1e-9)


if __name__ == "__main__":
    advxtest.main()
