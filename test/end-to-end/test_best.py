# RUN: %{python} %s
"""L-best-evaluation, L-best-index, L-best-restart, L-inner-choice: candidates of `best` are the attacks that they stand for, on what
is left; restarts in training keep the point with the largest measure; a choice takes the point of one adversary."""

import json
import unittest

import numpy as np

import advxtest
import pages
import safetensors_lite

COUNT = 160
CLASSES = 10
RESTARTS = 3
EVALUATE = f"""clean
    restarts = best r in 1..{RESTARTS} of argmax ce(f(x'), y) by pgd(steps = 3, step = 0.03, start = uniform)
    one = pgd(steps = 3, step = 0.03, start = uniform)
    targets = best t in classes except y of argmax f(x')[t] - f(x')[y] by pgd(steps = 2, step = 0.05, start = center)
    all = best t in classes of argmax -ce(f(x'), t) by pgd(steps = 2, step = 0.05, start = center)
"""
BY_HAND = "clean\n" + "".join(
    f"    t{t} = argmax f(x')[{t}] - f(x')[y] by pgd(steps = 2, step = 0.05, start = center)\n"
    f"    a{t} = argmax -ce(f(x'), {t}) by pgd(steps = 2, step = 0.05, start = center)\n"
    for t in range(CLASSES))


class Best(advxtest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.data = advxtest.write_data(cls.class_folder / "data", advxtest.fashion_mnist("train", 3000),
                                       advxtest.fashion_mnist("t10k", COUNT))
        parts = dict(batch=48, inner=None, loss="ce(f(x | y), y)")
        cls.best = {level: advxtest.build_page(pages.tiny(evaluate=EVALUATE, **parts), f"-O{level}")
                    for level in (0, 2)}
        cls.by_hand = advxtest.build_page(pages.tiny(evaluate=BY_HAND, **parts))
        cls.by_hand.train(cls.class_folder / "run", cls.data)
        cls.checkpoint = advxtest.last_checkpoint(cls.class_folder / "run")

    def images(self, executable, line):
        return executable.attack(self.checkpoint, self.data, "test", line)

    def test_candidates_are_the_attacks_that_they_stand_for(self):
        y = None
        for line, letter in (("targets", "t"), ("all", "a")):
            by_hand = [self.images(self.by_hand, f"{letter}{t}") for t in range(CLASSES)]
            y = by_hand[0]["y"]
            for candidate in range(CLASSES - (line == "targets")):
                ours = self.images(self.best[2], f"{line}.{candidate + 1}")
                # The classes without the label, in order.
                target = candidate + (candidate >= y) if line == "targets" else np.full(COUNT, candidate)
                expected = np.stack([by_hand[t]["adversarial"][i] for i, t in enumerate(target)])
                close = np.isclose(ours["adversarial"], expected, atol=1e-5).reshape(COUNT, -1).mean(axis=1)
                self.assertGreater((close > 0.99).mean(), 0.97, f"{line}.{candidate + 1}")

    def test_restarts_draw_anew(self):
        first, second = (self.images(self.best[2], f"restarts.{r}")["adversarial"] for r in (1, 2))
        self.assertGreater((np.abs(first - second) > 1e-4).mean(), 0.2)
        again = self.images(self.best[2], "restarts.2")["adversarial"]
        self.assertTrue((again == second).all())

    def test_the_name_is_the_and_of_its_candidates(self):
        for level, executable in self.best.items():
            out = self.folder / f"eval-{level}.json"
            executable.evaluate(self.checkpoint, self.data, extra=("--out", out))
            lines = {line["name"]: line for line in json.loads(out.read_text())["evaluations"][0]["attacks"]}
            for name, count in (("restarts", RESTARTS), ("targets", CLASSES - 1)):
                correct = np.ones(COUNT, bool)
                for candidate in range(1, count + 1):
                    found = self.images(executable, f"{name}.{candidate}")
                    correct &= found["correct"].astype(bool)
                clean = lines["clean"]["accuracy"] * COUNT
                self.assertLessEqual(lines[name]["accuracy"] * COUNT, clean)
                right = self.clean_right(executable)
                self.assertAlmostEqual(lines[name]["accuracy"] * COUNT, (correct & right).sum(), places=6)
                # Each attacks what those before it left.
                self.assertEqual(lines[f"{name}.1"]["attacked"], right.sum())
                self.assertLessEqual(lines[f"{name}.2"]["attacked"], lines[f"{name}.1"]["attacked"])

    def clean_right(self, executable):
        """Whether each image is right when clean: an attack of no size leaves it as it is."""
        logits = executable.attack(self.checkpoint, self.data, "test", "one",
                                   settings={"test.one.steps": 0, "test.one.start.radius": 0})
        return logits["correct"].astype(bool)


OWN = {
    "starts": ("best s in [center, around] of argmax ce(f(x'), y) by pgd(steps = 2, step = 0.02, start = s)",
               [f"argmax ce(f(x'), y) by pgd(steps = 2, step = 0.02, start = {s})" for s in ("center", "around")]),
    "sets": ("best S in [linf(x, radius = 0.03) & box(0, 1), l2(x, radius = 1/2) & box(0, 1)] of "
             "argmax ce(f(x'), y) over S by fgsm()",
             ["argmax ce(f(x'), y) over linf(x, radius = 0.03) & box(0, 1) by fgsm()",
              "argmax ce(f(x'), y) over l2(x, radius = 1/2) & box(0, 1) by fgsm()"]),
    "parts": ("best S in members(union(linf(x, radius = 0.03), l2(x, radius = 1/2))) of "
              "argmax ce(f(x'), y) over S & box(0, 1) by fgsm()",
              ["argmax ce(f(x'), y) over linf(x, radius = 0.03) & box(0, 1) by fgsm()",
               "argmax ce(f(x'), y) over l2(x, radius = 1/2) & box(0, 1) by fgsm()"]),
    "radii": ("best r in 1..2 of argmax ce(f(x'), y) over linf(x, radius = r / 50) & box(0, 1) by fgsm()",
              [f"argmax ce(f(x'), y) over linf(x, radius = {r}/50) & box(0, 1) by fgsm()" for r in (1, 2)]),
    "solvers": ("best A in [fgsm(), pgd(steps = 2, start = center)] of argmax cw(f(x'), y) by A",
                ["argmax cw(f(x'), y) by fgsm()", "argmax cw(f(x'), y) by pgd(steps = 2, start = center)"]),
    "nest": ("best r in [0.01, 0.04] of best t in [3, 5] of argmax f(x')[t] by pgd(steps = 2, step = r, start = center)",
             [f"argmax f(x')[{t}] by pgd(steps = 2, step = {r}, start = center)" for r in (0.01, 0.04) for t in (3, 5)]),
    "listed": ("best A in [argmax ce(f(x'), y) by fgsm(), pgd(steps = 2, start = center)] of A",
               ["argmax ce(f(x'), y) by fgsm()", "pgd(steps = 2, start = center)"]),
    "several": ("best s in [0.02, 0.05] of worst { argmax ce(f(x'), y) by fgsm(step = s) argmax cw(f(x'), y) by "
                "fgsm2(step = s) }",
                [f"argmax {e}(f(x'), y) by fgsm(step = {s})" for s in (0.02, 0.05) for e in ("ce", "cw")]),
    "labels": ("best t in [0, 3, 5] except y of argmax f(x')[t] by pgd(steps = 2, step = 0.05, start = center)",
               [f"argmax f(x')[if y == {t} then {other} else {t}] by pgd(steps = 2, step = 0.05, start = center)"
                for t, other in ((0, 3), (3, 5), (5, 0))]),
}
TEXTS = """
start around() over B from x = x + radius(B) / 2 * sign(x - 1/2)
solver fgsm2(step : real = 0.1) {
  maximize J over B from x
  return project(B, x + step * steepest(B, grad(J(x), x)))
}
"""


class OwnAttacks(advxtest.TestCase):
    """L-best-evaluation: candidates that differ in more than a number are the lines of a `worst`."""

    def test_the_lines_written_out_say_the_same(self):
        data = advxtest.write_data(self.folder / "data", advxtest.fashion_mnist("train", 3000),
                                   advxtest.fashion_mnist("t10k", COUNT))
        best = "clean\n" + "".join(f"    {name} = {text}\n" for name, (text, _) in OWN.items())
        written = "clean\n" + "".join(
            f"    {name} = worst {{ " + " ".join(f"c{i} = {line}" for i, line in enumerate(lines)) + " }\n"
            for name, (_, lines) in OWN.items())
        results, checkpoint = [], None
        for evaluate in (best, written):
            page = TEXTS + pages.tiny(evaluate=evaluate, batch=48, inner=None, loss="ce(f(x | y), y)")
            executable = advxtest.build_page(page)
            if not checkpoint:
                executable.train(self.folder / "run", data)
                checkpoint = advxtest.last_checkpoint(self.folder / "run")
            out = self.folder / f"{len(results)}.json"
            executable.evaluate(checkpoint, data, extra=("--out", out))
            results.append({line["name"]: line for line in json.loads(out.read_text())["evaluations"][0]["attacks"]})
        ours, theirs = results
        for name, (_, lines) in OWN.items():
            self.assertEqual(ours[name]["accuracy"], theirs[name]["accuracy"], name)
            self.assertLess(ours[name]["accuracy"], ours["clean"]["accuracy"], name)
            if name not in ("nest", "several"):
                for i in range(len(lines)):
                    self.assertEqual(ours[f"{name}.{i + 1}"]["accuracy"], theirs[f"{name}.c{i}"]["accuracy"], name)
        self.assertIn("nest.2.1", ours)


class Training(advxtest.TestCase):
    def probe(self, inner, level, **parts):
        page = pages.tiny(inner=inner, **parts)
        executable = advxtest.build_page(page, "-O", str(level), "--precision", "f64")
        out = self.folder / "probe.safetensors"
        advxtest.run(executable.path, "probe", "--out", out, "--seed", 5, "--batch", 16)
        return safetensors_lite.read(out)[0]

    def same(self, ours, other, what):
        for name in ours:
            if name.startswith("train_step/") and ours[name].dtype == np.float64:
                self.assertClose(ours[name], other[name], 1e-9, f"{what}: {name}")

    def test_one_run_is_the_solver(self):
        for level in (0, 2):
            attack = "argmax ce(f(x'), y) over B(x) by pgd(steps = 2, step = 0.05, start = center)"
            self.same(self.probe(f"best r in 1..3 of {attack}", level), self.probe(attack, level),
                      "a solver that draws nothing")

    def test_more_restarts_raise_the_loss(self):
        attack = "argmax ce(f(x'), y) over B(x) by pgd(steps = 1, step = 0.01, start = uniform)"
        losses = [self.probe(f"best r in 1..{n} of {attack}", 2)["train_step/loss"] for n in (1, 4)]
        self.assertGreater(losses[1], losses[0])
        smallest = self.probe(f"best r in 1..4 of {attack} by -ce(f(x'), y)", 2)["train_step/loss"]
        self.assertLess(smallest, losses[1])

    def test_what_stops_one_run_does_not_stop_the_next(self):
        """With `until`, each run stops by itself, and the levels of optimisation agree."""
        attack = "argmax ce(f(x'), y) over B(x) by pgd(steps = 3, step = 0.04) until predict(f(x')) == 3"
        inner = f"best r in 1..3 of {attack} by cw(f(x'), y)"
        self.same(self.probe(inner, 2), self.probe(inner, 0), "-O2 beside -O0")
        # Without a step the start is what each run finds: that of the largest measure, or the first that hits.
        starts = inner.replace("steps = 3", "steps = 0").replace(" until predict(f(x')) == 3", "")
        losses = [self.probe(text, 2, loss="cw(f(x'), y)")["train_step/loss"]
                  for text in (starts, starts.replace("1..3", "1..1"))]
        self.assertGreater(losses[0], losses[1])

    def test_a_choice_is_one_of_two(self):
        one = "argmax ce(f(x'), y) over B(x) by pgd(steps = 2, step = 0.05, start = center)"
        two = "argmax cw(f(x'), y) over l2(x, radius = 1) & box(0, 1) by fgsm()"
        for level in (0, 2):
            then, other = self.probe(one, level), self.probe(two, level)
            self.same(self.probe(f"if epoch == 0 then {one} else {two}", level), then, "a number, true")
            self.same(self.probe(f"if epoch > 0 then {one} else {two}", level), other, "a number, false")
            loss = "if y < 5 then ce(f(x'), y) else 0"
            self.same(self.probe(f"if y < 5 then {one} else {two}", level, loss=loss),
                      self.probe(one, level, loss=loss), "an example")


if __name__ == "__main__":
    advxtest.main()
