# RUN: %{python} %s
"""What an evaluation reports: values that are not finite, sets without their images, gradients
that vanish, `until`, the numbers that ran. Pages of a few pixels, so that every right answer
is known by hand."""

import json
import unittest

import numpy as np

import advxtest
import safetensors_lite

TOY = """
dataset toy() {{
  format  = "idx"
  image   = [1, 1, {width}]
  classes = 2
  range   = [{range}]
  train   = ["train-images", "train-labels"]
  test    = ["test-images", "test-labels"]
}}
network flat() {{
  forward(x) = {forward}
}}
head window(z : vector[d]) {{
  param w : vector[d] = ones()
  let t = w @ z
  logits = [0, 1] * {logits}
}}
{declarations}
experiment e {{
  let eps = 6/10
  data toy() {{ batch = 3 }}
  features z = flat()
  head     f = window(z)
  threat B(x) = {threat}
  evaluate on test{count} {{ clean {lines} }}
}}
"""


def toy(lines, forward="flatten(x)", logits="(0.05 - abs(t - 0.35))", width=1, range="0, 1",
        threat="linf(x, radius = eps) & box(0, 1)", count="", declarations=""):
    return TOY.format(**locals())


class Evaluation(advxtest.TestCase):
    def data(self, images, labels):
        folder = self.folder / "data"
        folder.mkdir()
        images = np.asarray(images, np.uint8)
        for split in ("train", "test"):
            (folder / f"{split}-images").write_bytes(
                advxtest.idx_bytes(images.reshape(len(images), 1, -1)))
            (folder / f"{split}-labels").write_bytes(advxtest.idx_bytes(np.asarray(labels)))
        return folder

    def program(self, text, *options):
        self.executable = advxtest.build_page(text, *options)
        self.weights = self.folder / "weights.safetensors"
        self.executable.init(self.weights)
        return self.executable

    def evaluate(self, data, *extra, code=0):
        out = self.folder / "eval.json"
        result = self.executable.evaluate(self.weights, data, extra=("--out", out, *extra),
                                          check=False)
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        self.result = result
        if not out.exists():
            return None
        self.report = json.loads(out.read_text())
        return {line["name"]: line for line in self.report["evaluations"][0]["attacks"]}

    def attack(self, data, name, *extra, code=0):
        out = self.folder / f"{name}.safetensors"
        result = advxtest.run(self.executable.path, "attack", "--checkpoint", self.weights,
                              "--data", data, "--evaluation", "test", "--attack", name, "--out",
                              out, *extra, check=False)
        self.assertEqual(result.returncode, code, result.stderr)
        return safetensors_lite.read(out)

    def test_what_is_not_finite_is_neither_right_nor_robust(self):
        # L-evaluate-finite
        # x / x is not a number at 0; the label of logits that are NaN would be 0.
        page = toy("a = pgd(steps = 2, step = 0.1, start = center) r = worst { a }",
                   forward="flatten(x / x)", logits="(t - 5)", threat="linf(x, radius = 0)")
        data = self.data([[0], [128], [0], [255]], [0, 0, 1, 1])
        for level in ("-O0", "-O2"):
            with self.subTest(level):
                self.program(page, level)
                lines = self.evaluate(data, code=4)
                for name in ("clean", "a", "r"):
                    self.assertEqual(lines[name]["nonfinite"], 2, name)
                    self.assertEqual(lines[name]["accuracy"], 0.25, name)
                self.assertEqual(lines["a"]["outside"], 0)
                # Logits [0, -4]: the mean is over label 0 and label 1.
                expected = np.mean([np.log1p(np.exp(-4)), np.log1p(np.exp(4))])
                self.assertAlmostEqual(lines["a"]["objective"], expected, places=5)
                self.assertIn("2 not finite", self.result.stdout)
                for words in ("evaluation `test`", "2 of 4 in line `clean`", "line `a`"):
                    self.assertIn(words, self.result.stderr)
                found, _ = self.attack(data, "a", code=4)
                self.assertEqual(found["finite"].tolist(), [False, True, False, True])
                self.assertEqual(found["correct"].tolist(), [False, True, False, False])

    def test_a_set_is_asked_part_by_part(self):
        # L-set-data
        # Without the image in it, nothing found in a set says anything of the image.
        line = ("a = argmax ce(f(x'), y) over linf(x, radius = 0.05) & box(0.5, 1)"
                " by pgd(steps = 3, step = 0.02, start = center)")
        page = self.folder / "page.advx"
        page.write_text(toy(line))
        result = advxtest.run(advxtest.ADVX, "check", page, check=False)
        self.assertEqual(result.returncode, 1)
        self.assertIn("ADVX0412", result.stderr)
        # The page does not know what a run sets.
        self.program(toy("a = pgd(steps = 3, step = 0.02, start = center)",
                         threat="linf(x, radius = 0.05) & box(low = 0, high = 1)"))
        data = self.data([[128], [51]], [0, 1])
        self.assertEqual(self.evaluate(data)["a"]["outside"], 0)
        self.evaluate(data, "--set", "B.low=0.5", code=1)
        self.assertIn("image 1 of `test` is not in the set", self.result.stderr)
        self.assertIn("by 0.3 in an entry", self.result.stderr)
        self.assertIn("box(low = 0.5, high = 1)", self.result.stderr)
        # 51 is 0.2: where the bounds are crossed, not even the upper one is a point.
        (data / "test-images").write_bytes(advxtest.idx_bytes(np.full((2, 1, 1), 51)))
        self.evaluate(data, "--set", "B.low=0.8", "--set", "B.high=0.2", code=1)
        self.assertIn("has no points", self.result.stderr)

    def test_a_point_that_leaves_one_part_is_outside(self):
        # L-set-member
        # The second part leads out of the first: a fixed point of the whole is in neither.
        self.program(toy("a = still()", threat="linf(x, radius = eps) & far(x)", declarations="""
set far(x : point) {
  project(v) = if sum(v) > 0.5 then x + 0.5 else v
}
solver still() {
  maximize J over B from x
  return project(B, x + 2)
}"""))
        data = self.data([[51], [64]], [0, 0])
        # x + 2 is clipped to x + 0.4, and moved to x + 0.5 from there.
        self.assertEqual(self.evaluate(data, "--set", "eps=0.4")["a"]["outside"], 2)
        self.assertEqual(self.evaluate(data, "--set", "eps=0.75")["a"]["outside"], 0)

    def test_vanishing_gradients_are_counted(self):
        # L-evaluate-vanishing
        page = toy("a = pgd(steps = 2, step = 0.1, start = center) n = nothing()",
                   forward="flatten(relu(x - 0.5))", logits="(t - 0.1)", declarations="""
solver nothing() {
  maximize J over B from x
  return x
}""")
        data = self.data([[0], [100], [200], [255]], [0, 0, 1, 1])
        for level in ("-O0", "-O2"):
            with self.subTest(level):
                self.program(page, level)
                lines = self.evaluate(data)
                self.assertEqual(lines["a"]["vanishing"], 0.5)
                self.assertNotIn("vanishing", lines["n"])
                self.assertIn("first gradient zero or not finite: 50.00 %", self.result.stdout)
                found, _ = self.attack(data, "a")
                self.assertEqual(found["vanishing"].tolist(), [True, True, False, False])

    def test_until_stops_a_solver_that_does_not_ask(self):
        # L-solver-until
        page = toy("a = argmax sum(z(x')) by pgd(steps = 6, step = 0.1, start = center)"
                   " until predict(f(x')) != y"
                   " b = argmax sum(z(x')) by pgd(steps = 6, step = 0.1, start = center)")
        self.program(page)
        # Right (class 1) where x lies within 0.05 of 0.35.
        data = self.data([[82], [89], [94]], [1, 1, 1])
        x = np.array([82, 89, 94]) / 255
        expected = np.where(x + 0.1 > 0.4, x + 0.1, x + 0.2)
        found, _ = self.attack(data, "a")
        self.assertClose(found["adversarial"].ravel(), expected, 1e-6)
        found, _ = self.attack(data, "b")
        self.assertClose(found["adversarial"].ravel(), x + 0.6, 1e-6)

    def test_reports_show_what_ran(self):
        # L-evaluate-numbers
        line = ("a = pgd(steps = 3) b = argmax eps * ce(f(x'), y) over l2(x, radius = 0.5)"
                " & box(0, 1) by pgd(steps = 4, step = 0.1)")
        self.program(toy(line))
        data = self.data([[82], [89]], [1, 1])
        page = self.evaluate(data)
        self.assertEqual(page["a"]["report"]["over"],
                         "linf(x, radius = 6/10) & box(0, 1)")
        self.assertEqual(page["a"]["report"]["solver"],
                         "pgd(steps = 3, step = 1/2, start = uniform(radius = 6/10))")
        self.assertEqual(page["b"]["report"]["objective"], "6/10 * ce(f(x'), y)")
        settings = ("--set", "eps=8/255", "--set", "test.b.radius=0.25",
                    "--set", "test.a.steps=5")
        ran = self.evaluate(data, *settings)
        self.assertEqual(ran["a"]["report"]["over"], "linf(x, radius = 8/255) & box(0, 1)")
        self.assertEqual(ran["a"]["report"]["solver"],
                         "pgd(steps = 5, step = 4/255, start = uniform(radius = 8/255))")
        self.assertEqual(ran["b"]["report"]["objective"], "8/255 * ce(f(x'), y)")
        self.assertEqual(ran["b"]["report"]["over"], "l2(x, radius = 0.25) & box(0, 1)")
        self.assertIn("set: eps = 8/255", self.result.stdout)
        self.assertIn(ran["b"]["report"]["over"], self.result.stdout)
        info = json.loads(advxtest.run(self.executable.path, "info", "--json", *settings).stdout)
        shown = {line["name"]: line.get("report") for line in info["evaluations"][0]["attacks"]}
        _, metadata = self.attack(data, "a", *settings)
        for key, text in ran["a"]["report"].items():
            self.assertEqual(shown["a"][key], text)
            self.assertEqual(metadata[f"report.{key}"], text)

    def test_fewer_images_than_asked_for(self):
        self.program(toy("", count="(1000)"))
        self.evaluate(self.data([[82], [89]], [1, 1]))
        self.assertEqual(self.report["evaluations"][0]["asked"], 1000)
        self.assertIn("1000 images were asked for; `test` has 2", self.result.stdout)
        self.evaluate(self.folder / "data", "--limit", "1")
        self.assertNotIn("asked", self.report["evaluations"][0])


if __name__ == "__main__":
    advxtest.main()
