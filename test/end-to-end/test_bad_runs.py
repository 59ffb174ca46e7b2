# RUN: %{python} %s
"""Command lines, disks and numbers that go wrong, and what is left behind."""

import json
import pathlib
import resource
import signal
import unittest

import advxtest
import pages


class BadRuns(advxtest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.data = advxtest.write_data(cls.class_folder / "data",
                                       advxtest.fashion_mnist("train", 64))
        cls.executable = advxtest.build_page(pages.tiny(
            batch=16, epochs=2, evaluate="clean pgd5 = pgd(steps = 5, step = 0.025)"))

    def refused(self, result, code, *words):
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        for word in words:
            self.assertIn(str(word), result.stderr)

    def train(self, *extra, out=None, settings=None, **options):
        return self.executable.train(out or self.folder / "run", self.data, epochs=2, check=False,
                                     extra=extra, settings=settings, **options)

    def test_unknown_settings_are_named_with_a_suggestion(self):
        self.refused(self.train(settings={"inner.stpes": 3}), 2, "inner.stpes", "inner.steps")
        self.refused(self.train(settings={"radius": 1}), 2, "radius", "B.radius")
        self.assertFalse((self.folder / "run").exists())

    def test_bad_values_of_settings(self):
        for path, value in (("inner.steps", "2.5"), ("inner.steps", "many"), ("inner.steps", "-1"),
                            ("B.radius", "1/0"), ("B.radius", ""), ("B.radius", "nan"),
                            ("data.batch", "0"), ("data.batch", "5000"), ("inner.steps", "1e40")):
            with self.subTest(f"{path}={value}"):
                self.refused(self.train(settings={path: value}), 2, path)
        self.assertFalse((self.folder / "run").exists())

    def test_a_structural_setting_names_the_rebuild(self):
        self.refused(self.train(settings={"z.width": 8}), 2, "z.width", "advx build")

    def test_unknown_options_and_commands(self):
        self.refused(self.train("--colour"), 2, "--colour")
        self.assertEqual(advxtest.run(self.executable.path, "fly", check=False).returncode, 2)
        self.assertEqual(advxtest.run(self.executable.path, "train", check=False).returncode, 2)

    def test_unknown_attack(self):
        run = self.folder / "good"
        self.executable.train(run, self.data)
        result = advxtest.run(self.executable.path, "attack", "--checkpoint",
                              advxtest.last_checkpoint(run), "--data", self.data, "--evaluation",
                              "test", "--attack", "pgd50", "--out", self.folder / "x", check=False)
        self.refused(result, 2, "pgd50", "pgd5")
        self.assertFalse((self.folder / "x").exists())

    def test_a_loss_that_is_not_finite_stops_and_keeps_the_last_good_checkpoint(self):
        run = self.folder / "run"
        self.assertEqual(self.train("--stop-after", "1").returncode, 0)
        good = (run / "checkpoints" / "last.safetensors").read_bytes()
        result = self.train(out=self.folder / "bad", settings={"outer.lr": "1e30"})
        self.refused(result, 4, "epoch", "step")
        record = json.loads((self.folder / "bad" / "run.json").read_text())
        self.assertEqual(record["status"], "failed")
        self.assertFalse((self.folder / "bad" / "summary.json").exists())
        for path in (self.folder / "bad").rglob("*.safetensors"):
            for name, array in advxtest.weights(path).items():
                self.assertTrue((array == array).all(), f"{path}: {name} holds NaN")
        self.assertEqual((run / "checkpoints" / "last.safetensors").read_bytes(), good)

    def test_a_full_disk(self):
        """Every write beyond 8 kB fails, as on a disk that fills up."""
        def full():
            signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
            resource.setrlimit(resource.RLIMIT_FSIZE, (8000, 8000))

        result = self.train(preexec_fn=full, restore_signals=False)
        self.refused(result, 3, self.folder / "run")
        self.assertEqual([p for p in (self.folder / "run").rglob("*") if p.suffix == ".safetensors"
                          or ".tmp" in p.name], [])
        # With room again the same command starts over or goes on.
        again = self.train("--resume")
        self.assertEqual(again.returncode, 0, again.stderr)

    def test_directories_that_cannot_be_written(self):
        blocker = self.folder / "file"
        blocker.write_text("in the way")
        proc = pathlib.Path("/proc/advx-run")
        for out, named in ((blocker, blocker), (blocker / "run", blocker), (proc, proc)):
            with self.subTest(str(out)):
                result = self.train(out=out)
                self.assertIn(result.returncode, (2, 3), result.stderr)
                self.assertIn(str(named), result.stderr)
        self.assertEqual(blocker.read_text(), "in the way")

    def test_an_unwritable_attack_file(self):
        run = self.folder / "good"
        self.executable.train(run, self.data)
        result = advxtest.run(self.executable.path, "attack", "--checkpoint",
                              advxtest.last_checkpoint(run), "--data", self.data, "--evaluation",
                              "test", "--attack", "pgd5", "--out", self.folder / "no" / "x",
                              check=False)
        self.refused(result, 3, self.folder / "no")


if __name__ == "__main__":
    advxtest.main()
