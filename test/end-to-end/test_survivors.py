# RUN: %{python} %s
"""L-evaluate-survivors: a line inside `worst` attacks what is left, and what it finds there is to the last bit what it
finds among all images, which `attack` writes."""

import json
import unittest

import numpy as np

import advxtest
import pages

COUNT = 200
EVALUATE = """clean
    named = pgd(steps = 3, step = 0.03, start = uniform)
    all = worst {
      first = fgsm(step = 0.02, start = uniform(radius = 0.01))
      named
      last = argmax cw(f(x'), y) by pgd(steps = 3, step = 0.04, start = gaussian(sigma = 0.02))
      worst { deep = pgd(steps = 4, step = 0.05, start = uniform)  clean }
    }"""


class Survivors(advxtest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.data = advxtest.write_data(cls.class_folder / "data",
                                       advxtest.fashion_mnist("train", 3000),
                                       advxtest.fashion_mnist("t10k", COUNT))
        page = pages.tiny(batch=48, inner=None, loss="ce(f(x | y), y)", evaluate=EVALUATE)
        cls.built = {" ".join(options): advxtest.build_page(page, *options)
                     for options in (("-O0",), ("-O2",), ("-O2", "--precision", "f64"))}
        cls.built["-O2"].train(cls.class_folder / "run", cls.data)
        cls.checkpoint = advxtest.last_checkpoint(cls.class_folder / "run")

    def evaluate(self, executable, checkpoint=None, batch=48):
        out = self.folder / "eval.json"
        executable.evaluate(checkpoint or self.checkpoint, self.data,
                            settings={"data.batch": batch}, extra=("--out", out))
        return {line["name"]: line
                for line in json.loads(out.read_text())["evaluations"][0]["attacks"]}

    def test_what_is_left_is_attacked_and_nothing_changes(self):
        for level, executable in self.built.items():
            with self.subTest(level):
                lines = self.evaluate(executable)
                found = {name: executable.attack(self.checkpoint, self.data, "test", name)
                         for name in ("clean", "named", "all.first", "all.last", "all.deep")}
                left = found["clean"]["correct"].copy()
                self.assertEqual(lines["clean"]["accuracy"], left.mean())
                # At each line some are left out, and some are left.
                for name in ("all.first", "named", "all.last", "all.deep"):
                    images = found[name]
                    holds = images["correct"] | ~images["inside"]
                    if name == "named":
                        self.assertNotIn("attacked", lines[name])
                        attacked = np.ones(COUNT, bool)
                        self.assertEqual(lines[name]["accuracy"],
                                         (found["clean"]["correct"] & holds).mean())
                        left &= holds
                    else:
                        attacked = left.copy()
                        self.assertTrue(0 < attacked.sum() < COUNT, name)
                        self.assertEqual(lines[name]["attacked"], attacked.sum())
                        left &= holds
                        self.assertEqual(lines[name]["accuracy"], left.mean())
                    self.assertLess(left.sum(), attacked.sum(), name)
                    # Added in the order of the images in f64, so one other bit would show.
                    total = sum(map(float, images["objective"][attacked]))
                    self.assertEqual(lines[name]["objective"], total / attacked.sum(), name)
                    self.assertEqual(lines[name]["vanishing"],
                                     images["vanishing"][attacked].mean(), name)
                self.assertEqual(lines["all"]["accuracy"], left.mean())
                self.assertNotIn("attacked", lines["all"])

    def test_the_batch_does_not_matter(self):
        for level, executable in self.built.items():
            expected = self.evaluate(executable)
            for batch in (1, 7, 112, 4096):
                self.assertEqual(self.evaluate(executable, batch=batch), expected, (level, batch))

    def test_images_that_depend_on_their_batch_stay_in_it(self):
        """The statistics of a batch would be others without the images that are left out."""
        executable = advxtest.build_page(pages.normed(
            batch=48, loss=None, evaluate="clean  all = worst { first = argmax ce(f[batch](x'), y)"
            " over B(x) by pgd(steps = 2, step = 0.05, start = center)"
            " last = pgd(steps = 2, step = 0.05, start = center) }"))
        weights = self.folder / "weights.safetensors"
        executable.init(weights)
        lines = self.evaluate(executable, weights)
        self.assertEqual(lines["all.first"]["attacked"], COUNT)
        self.assertLess(lines["all.last"]["attacked"], COUNT)
        images = executable.attack(weights, self.data, "test", "all.first",
                                   settings={"data.batch": 48})
        total = sum(map(float, images["objective"]))
        self.assertEqual(lines["all.first"]["objective"], total / COUNT)


if __name__ == "__main__":
    advxtest.main()
