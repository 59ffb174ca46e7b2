# RUN: %{python} %s
"""Remainders of labels, loops over classes, ramps, lists and arrays of files: each term of a loss, and the same written
without the form that is tested; files against numpy."""

import unittest

import numpy as np

import advxtest
import pages
import safetensors_lite

BATCH = 8

TERMS = [
    # L-label-mod
    ("ce(f(x'), (y + 1) mod classes)",
     "ce(f(x'), if y == 9 then 0 else if y == 0 then 1 else if y == 1 then 2 else if y == 2 then 3 else if y == 3 then 4"
     " else if y == 4 then 5 else if y == 5 then 6 else if y == 6 then 7 else if y == 7 then 8 else 9)"),
    ("ce(f(x'), (2 * y - 11) mod 5)",
     "ce(f(x'), if y == 0 or y == 5 then 4 else if y == 1 or y == 6 then 1 else if y == 2 or y == 7 then 3"
     " else if y == 3 or y == 8 then 0 else 2)"),
    ("sum(f(x') mod 0.3)",
     "sum(f(x') - 0.3 * floor(f(x') / 0.3))"),
    ("(epoch + 7) mod 4 * f(x')[0]", "3 * f(x')[0]"),
    # L-loop-index
    ("sum(k in classes, softmax(f(x'))[k] ** 2)", "sum(softmax(f(x')) * softmax(f(x')))"),
    ("mean(k in 2..4, k * f(x')[k])", "(2 * f(x')[2] + 3 * f(x')[3] + 4 * f(x')[4]) / 3"),
    ("max(k in classes except y, f(x')[k]) - f(x')[y]", "cw(f(x'), y)"),
    ("min(k in [1, 3], ce(f(x'), k))", "min(ce(f(x'), 1), ce(f(x'), 3))"),
    ("mean(k in classes except y, f(x')[k])", "(sum(f(x')) - f(x')[y]) / 9"),
    ("mean(k in 0..4 except y, f(x')[k])",
     "(if y < 5 then (f(x')[0] + f(x')[1] + f(x')[2] + f(x')[3] + f(x')[4] - f(x')[y]) / 4"
     " else (f(x')[0] + f(x')[1] + f(x')[2] + f(x')[3] + f(x')[4]) / 5)"),
    ("mean(k in classes except y except 3, f(x')[k])",
     "(if y == 3 then (sum(f(x')) - f(x')[y]) / 9 else (sum(f(x')) - f(x')[y] - f(x')[3]) / 8)"),
    # L-number-ramp
    ("ramp(2, 4, epochs = 0..8) * f(x')[1]", "2 * f(x')[1]"),
    # L-list-tensor
    ("sum([[1, 2], [3, 4]] @ [f(x')[2], 1])", "4 * f(x')[2] + 6"),
    ("sum([f(x'), 2 * f(x')])", "3 * sum(f(x'))"),
    ("[ce(f(x'), y), 1/3][0]", "ce(f(x'), y)"),
]


class SmallLanguage(advxtest.TestCase):
    def probe(self, loss, level, lets="", name=""):
        page = pages.tiny(loss=loss, lets=lets)
        executable = advxtest.build_page(page, "-O", str(level), "--precision", "f64")
        out = self.folder / f"{name}-{level}"
        advxtest.run(executable.path, "probe", "--out", out, "--seed", 3, "--batch", BATCH)
        return safetensors_lite.read(out)[0]

    def same(self, one, other, lets=""):
        for level in (0, 2):
            ours = self.probe(one, level, lets, "ours")
            plain = self.probe(other, level, lets, "plain")
            self.assertEqual(ours.keys(), plain.keys())
            self.assertTrue(np.isfinite(ours["train_step/loss"]).all())
            for name in ours:
                if ours[name].dtype == np.float64:
                    self.assertClose(ours[name], plain[name], 1e-9, f"{name} at -O{level}")

    def test_each_form_is_what_it_stands_for(self):
        self.same(*(" + ".join(f"{weight + 2} * ({term[column]})" for weight, term in enumerate(TERMS))
                    for column in (0, 1)))

    def test_parts_of_a_let(self):
        self.same("a * ce(f(x'), y) + b * norm(f(x')) + c", "1/3 * ce(f(x'), y) + 2/3 * norm(f(x')) + 5",
                  "  let (a, b, c) = [1/3, 2/3, 5]\n")

    def test_arrays_of_files(self):
        folder = self.folder / "page"
        folder.mkdir()
        weights = np.linspace(0.5, 1.4, 10)
        np.save(folder / "weights.npy", weights)
        np.save(folder / "left.npy", (np.arange(28) < 14)[None, None, :].repeat(28, 1))
        np.save(folder / "counts.npy", np.arange(10, dtype=np.int16))
        lets = "".join(f'  let {name} = load("{name}.npy")\n' for name in ("weights", "left", "counts"))
        page = folder / "page.advx"
        page.write_text(pages.tiny(
            inner=None, lets=lets, evaluate="clean",
            loss="weights[y] * ce(f(x), y) + sum(if left then x else 0) * 0.01 + counts[y]"))
        results = {}
        for level in (0, 2):
            executable = folder / f"page-{level}"
            advxtest.run(advxtest.ADVX, "build", page, "-o", executable, "-O", str(level), "--precision", "f64")
            out = folder / f"out-{level}"
            advxtest.run(executable, "probe", "--out", out, "--seed", 3, "--batch", BATCH)
            results[level] = safetensors_lite.read(out)[0]
        self.assertClose(results[0]["train_step/loss"], results[2]["train_step/loss"], 1e-12)
        # The file is recorded with what was in it.
        info = advxtest.run(folder / "page-2", "info").stdout
        self.assertIn("weights.npy", info)
        self.assertIn("float64 [10], sha256", info)
        # Of one image of class 3: the weight counts its loss, beside what the other terms add.
        images = np.full((16, 28, 28), 51, np.uint8)
        data = advxtest.write_data(folder / "data", (images, np.full(16, 3, np.uint8)),
                                   (images, np.full(16, 3, np.uint8)))
        lines = {}
        for name, loss in (("with", "weights[y] * ce(f(x), y) + sum(if left then x else 0) * 0.01 + counts[y]"),
                           ("without", "ce(f(x), y)")):
            page.write_text(pages.tiny(inner=None, lets=lets if name == "with" else "", loss=loss,
                                       optimizer="sgd(lr = 0.0)", batch=16))
            executable = folder / name
            advxtest.run(advxtest.ADVX, "build", page, "-o", executable, "--precision", "f64")
            advxtest.run(executable, "train", "--data", data, "--out", folder / f"run-{name}", "--epochs", 1)
            metrics = (folder / f"run-{name}" / "metrics.jsonl").read_text().splitlines()
            lines[name] = next(event["loss"] for event in map(advxtest.json.loads, metrics)
                               if event["event"] == "epoch")
        expected = weights[3] * lines["without"] + 0.01 * 0.2 * 28 * 14 + 3
        self.assertClose(np.array(lines["with"]), np.array(expected), 1e-9)


if __name__ == "__main__":
    advxtest.main()
