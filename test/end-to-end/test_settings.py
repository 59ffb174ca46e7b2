# RUN: %{python} %s
"""Settings, schedules and their ranges; the same run on resume; weights under other names.

L-number-range, L-number-set, L-number-schedule-set, L-evaluate-schedule, L-evaluate-split, L-set-radius, L-model-rename, L-model-skip, L-model-unmatched
"""

import json
import unittest

import numpy as np

import advxtest
import safetensors_lite

PAGE = """
{top}
dataset toy() {{
  format  = "idx"
  image   = [1, 4, 4]
  classes = 3
  range   = [0, 1]
  train   = ["train-images", "train-labels"]
  test    = ["test-images", "test-labels"]
}}
network net(p : real = 0) {{
  layer fc = linear(8)
  layer d  = dropout(2 * p)
  forward(x) = d(relu(fc(flatten(x))))
}}
experiment tiny {{
  {lets}
  data toy() {{ batch = 8 }}
  features z = net(p = p) {source}
  head     f = linear(z) {head}
  threat B(x) = linf(x, radius = eps) & box(0, 1)
  inner x' = argmax ce(f(x'), y) over B(x) by pgd(steps = 2, start = uniform)
  outer minimize {loss} by sgd(lr = {lr}, momentum = 0.9) for 3 epochs
  evaluate at end on test {{ clean  pgd = pgd(steps = 2, step = 1/10) }}
  {more}
}}
"""


def page(eps="1/10", lr="0.1", lets="", source="", head="", top="", loss="ce(f(x'), y)",
         more=""):
    return PAGE.format(more=more, lets=f"let eps = {eps}\n  let p = 1/8\n  {lets}", lr=lr, source=source,
                       head=head, top=top, loss=loss)


class Settings(advxtest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.data = cls.toy_data("data", 0)

    @classmethod
    def toy_data(cls, name, seed, train_seed=0):
        folder = cls.class_folder / name
        folder.mkdir()
        for split, of in (("train", train_seed), ("test", seed)):
            random = np.random.default_rng(of)
            for kind, array in (("images", random.integers(0, 256, (32, 4, 4))),
                                ("labels", random.integers(0, 3, 32))):
                (folder / f"{split}-{kind}").write_bytes(
                    advxtest.idx_bytes(array.astype(np.uint8)))
        return folder

    def evaluated(self, run, name):
        """(epoch, number of images) of each time that an evaluation ran."""
        lines = (self.folder / run / "metrics.jsonl").read_text().splitlines()
        return [(line["epoch"], line["attacks"][0]["n"]) for line in map(json.loads, lines)
                if line["event"] == "evaluation" and line["name"] == name]

    def test_how_often_and_on_how_many_images_is_set(self):
        text = page(lets="let often = 2", more="evaluate every often epochs on train(8) as val { clean }\n"
                                               "  keep best(val.clean)")
        executable = advxtest.build_page(text)
        self.train(executable, "page", "--epochs", "4")
        self.assertEqual(self.evaluated("page", "val"), [(2, 8), (4, 8)])
        self.train(executable, "each", "--epochs", "3", "--set", "val.every=1", "--set", "val.count=5")
        self.assertEqual(self.evaluated("each", "val"), [(1, 5), (2, 5), (3, 5)])
        self.train(executable, "let", "--epochs", "3", "--set", "often=3")
        self.assertEqual(self.evaluated("let", "val"), [(3, 8)])
        # How often has no influence on the training.
        self.assertEqual((self.folder / "page/checkpoints/final.safetensors").read_bytes()[-64:],
                         (self.folder / "page/checkpoints/last.safetensors").read_bytes()[-64:])
        for value in ("0", "1/2", "epoch"):
            said = self.train(executable, "no" + value.replace("/", ""), "--set",
                              f"val.every={value}", code=2)
            self.assertIn("val.every", said)

    def train(self, executable, run, *extra, data=None, code=0):
        result = advxtest.run(executable.path, "train", "--data", data or self.data, "--out",
                              self.folder / run, *extra, check=False)
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        return result.stderr

    def record(self, run):
        return json.loads((self.folder / run / "run.json").read_text())

    def values(self, run):
        return {entry["path"]: entry["value"] for entry in self.record(run)["settings"]}

    def test_ranges_hold_after_resolution(self):
        executable = advxtest.build_page(page())
        error = self.train(executable, "a", "--set", "eps=-1", code=2)
        self.assertIn("`B.radius` is -1, expected at least 0: it follows from `eps` = -1", error)
        self.assertFalse((self.folder / "a").exists())
        result = advxtest.run(executable.path, "info", "--set", "eps=-1", check=False)
        self.assertEqual(result.returncode, 2)
        # Twice `p` is the layer's number, and has no path of its own to set.
        error = self.train(executable, "a", "--set", "p=1/2", code=2)
        self.assertRegex(error, "`z.d.p` is 1, expected below 1: it follows from .*`p` = 0.5")
        self.assertIn("is computed", self.train(executable, "a", "--set", "z.d.p=0", code=2))
        for option, value in (("--seed", 2**64), ("--epochs", "1e18"), ("--epochs", 10**10),
                              ("--limit", 10**20), ("--seed", "0x10"), ("--stop-after", -1)):
            if option == "--limit":
                result = advxtest.run(executable.path, "eval", "--checkpoint", "x", "--data",
                                      self.data, option, value, check=False)
                self.assertEqual(result.returncode, 2)
                self.assertIn("is not a whole number from 1 to", result.stderr)
            else:
                self.assertIn("is not a whole number from",
                              self.train(executable, "a", f"{option}={value}", code=2))
        self.assertIn("given twice", self.train(executable, "a", "--set", "outer.epochs=2",
                                                "--epochs", 2, code=2))
        self.train(executable, "b", "--set", "eps=1/3/5", "--stop-after", 1)
        self.assertEqual(self.values("b")["B.radius"], 1 / 15)
        self.assertIn("--set eps=1/3/5", self.record("b")["replay"])

    def test_a_schedule_out_of_range_is_refused_before_the_first_step(self):
        executable = advxtest.build_page(page(eps="3 - epoch"))
        error = self.train(executable, "a", "--epochs", 5, code=2)
        self.assertRegex(error, "`B.radius` is -1 at epoch 4, iteration 16 .*`eps` = 3 - epoch")
        self.assertFalse((self.folder / "a").exists())
        # For the epochs of the page it holds, at the evaluation after them too.
        self.train(executable, "b")
        # A rate that is not a number is no range of a setting, but no number of a step either.
        executable = advxtest.build_page(page(lr="0.1 + log(1 - epoch)"))
        self.assertRegex(self.train(executable, "c", code=2), "`outer.lr` and is infinite at epoch 1")

    def test_schedules_have_parts(self):
        executable = advxtest.build_page(
            page(lr="cyclic(0.1)", lets="let fall = linear_decay(0.5) + linear_decay(1, last = 1/2)",
                 loss="fall * ce(f(x'), y)"))
        info = executable.info()
        texts = {entry["path"]: entry["value"] for entry in info["settings"]}
        self.assertEqual(texts["outer.lr"], "cyclic(0.1)")
        self.assertEqual(texts["outer.lr.peak"], 0.1)
        self.assertEqual(texts["outer.lr.rise"], 0.3)
        self.assertEqual(texts["fall.first"], 0.5)
        self.assertEqual(texts["fall.linear_decay.last"], 0.5)
        at = [entry for entry in info["settings"] if entry["path"] == "fall"][0]["at"]
        self.assertEqual([point["value"] for point in (at[0], at[-1])], [1.5, 0.5])
        error = self.train(executable, "a", "--set", "outer.lr=0.1", code=2)
        self.assertIn("`outer.lr` is the schedule `cyclic(0.1)`", error)
        self.assertIn("`outer.lr.peak`, `outer.lr.rise`", error)
        self.assertIn("outer.lr=constant:NUMBER", error)
        final = {}
        for run, extra in (("plain", []), ("same", ["--set", "outer.lr.peak=0.1"]),
                           ("part", ["--set", "outer.lr.peak=0.3"]),
                           ("whole", ["--set", "outer.lr=constant:0.1"])):
            self.train(executable, run, *extra)
            final[run] = safetensors_lite.read(
                advxtest.last_checkpoint(self.folder / run))[0]["z.fc.weight"]
        self.assertSameArray(final["plain"], final["same"])
        for other in ("part", "whole"):
            self.assertFalse((final["plain"] == final[other]).all())
        self.assertEqual(self.values("part")["outer.lr"], "cyclic(0.1), `outer.lr.peak` = 0.3")
        self.assertEqual(self.values("whole")["outer.lr"], 0.1)
        # What a run prints as its replay makes the same weights.
        self.assertIn("--set outer.lr=constant:0.1", self.record("whole")["replay"])

    def test_what_shapes_the_program_has_no_effect_unsaid(self):
        text = page(lets="let half = 4\n  let width = 2 * half",
                    top="").replace("linear(8)", "linear(w)").replace(
                        "net(p : real = 0)", "net(p : real = 0, w : int = 8)").replace(
                            "net(p = p)", "net(p = p, w = width)")
        executable = advxtest.build_page(text)
        self.assertIn("shapes the program",
                      self.train(executable, "a", "--set", "half=2", code=2))

    def test_resume_is_the_same_program(self):
        def build(loss="-log_softmax(l)[y]", *options):
            (self.folder / "loss.advx").write_text(
                f"fn myloss(l : logits, y : label) : real = {loss}\n")
            (self.folder / "p.advx").write_text(page(top='import "loss.advx"',
                                                     loss="myloss(f(x'), y)"))
            advxtest.run(advxtest.ADVX, "build", self.folder / "p.advx", "-o",
                         self.folder / "exe", *options)
            return advxtest.Executable(self.folder / "exe")
        self.train(build(), "run", "--stop-after", 1)
        texts = [text["path"] for text in self.record("run")["texts"]]
        self.assertIn("loss.advx", texts)
        self.assertIn("<stdlib>/solvers/pgd.advx", texts)
        error = self.train(build("-5 * log_softmax(l)[y]"), "run", "--resume", code=2)
        self.assertIn("`loss.advx` differs", error)
        error = self.train(build("-log_softmax(l)[y]", "-O0"), "run", "--resume", code=2)
        self.assertIn("level -O0 instead of -O2", error)
        executable = build()
        executable.init(self.folder / "initial.safetensors")
        error = self.train(executable, "run", "--resume", "--init",
                           self.folder / "initial.safetensors", code=2)
        self.assertIn("--init", error)
        other = self.toy_data("other", 1)
        error = self.train(executable, "run", "--resume", data=other, code=1)
        self.assertIn("other test data", error)
        self.train(executable, "run", "--resume")
        self.train(executable, "whole")
        self.assertSameFile(advxtest.last_checkpoint(self.folder / "run"),
                            advxtest.last_checkpoint(self.folder / "whole"))

    def test_renamed_weights(self):
        arrays = {"7.fc.weight": np.full((8, 16), 2, np.float32),
                  "7.fc.bias": np.full(8, 3, np.float32),
                  "last.weight": np.full((3, 8), 4, np.float32),
                  "last.bias": np.full(3, 5, np.float32),
                  "spare\x1b[31m": np.zeros(1, np.float32)}

        def init(rename, head='{ "last" : "" }', code=0):
            folder = self.folder / str(len(list(self.folder.iterdir())))
            folder.mkdir()
            safetensors_lite.write(folder / "m.safetensors", arrays)
            (folder / "p.advx").write_text(
                page(source=f'from "m.safetensors" rename {rename}',
                     head=f'from "m.safetensors" rename {head}'))
            advxtest.run(advxtest.ADVX, "build", folder / "p.advx", "-o", folder / "exe", "-O0")
            # From another folder: the file is relative to the page.
            result = advxtest.run(folder / "exe", "init", "--seed", 0, "--out", folder / "out",
                                  check=False, cwd="/")
            self.assertEqual(result.returncode, code, result.stderr)
            values = safetensors_lite.read(folder / "out")[0] if code == 0 else None
            return values, result.stderr

        for rename in ('{ "7." : "" }', '{ "7" : "" }',
                       '{ "7.fc.weight" : "fc.weight", "7.fc" : "fc" }'):
            values, told = init(rename)
            self.assertEqual(values["z.fc.weight"].max(), 2, rename)
            self.assertEqual(values["f.bias"].max(), 5)
            self.assertIn(r"nothing reads `spare\x1b[31m`", told)
        values, told = init('{ "7." : "", "7.fc.b*" : skip }')
        self.assertEqual(values["z.fc.weight"].max(), 2)
        self.assertLess(values["z.fc.bias"].max(), 1)
        self.assertIn("initial values for `z.fc.bias`", told)
        for rename, text in (('{ "eam" : "" }', "no name that begins with `eam`"),
                             ('{ "7." : "", "8*" : skip }', "no name like `8*`"),
                             ('{ "7.fc.weight" : "fc.weight" }', "no tensor `z.fc.bias`, `fc.bias`")):
            self.assertIn(text, init(rename, code=1)[1])
        self.assertRegex(init('{ "7.fc.bia" : "fc.bias", "7" : "" }', code=1)[1],
                         "begins with `7.fc.bia`(.|\n)*`7.fc.bias`")


if __name__ == "__main__":
    advxtest.main()
