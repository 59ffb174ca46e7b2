# RUN: %{python} %s
"""The same seed gives the same bits, whatever interrupts the run."""

import json
import os
import random
import signal
import subprocess
import time
import unittest

import advxtest
import pages

KILLS = 20
EPOCHS = 3


class Resume(advxtest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.data = advxtest.write_data(cls.class_folder / "data",
                                       advxtest.fashion_mnist("train", 1000),
                                       advxtest.fashion_mnist("t10k", 100))
        cls.executable = advxtest.build_page(pages.normed(
            batch=64, epochs=EPOCHS, evaluate="clean pgd5 = pgd(steps = 5, step = 0.025)",
            optimizer="sgd(lr = cyclic(0.1), momentum = 0.9, weight_decay = 5e-4)"))
        begin = time.monotonic()
        cls.executable.train(cls.class_folder / "whole", cls.data, epochs=EPOCHS, seed=3)
        cls.seconds = time.monotonic() - begin

    def final(self, run):
        return advxtest.last_checkpoint(run)

    def assertSameRun(self, run):
        self.assertSameFile(self.final(run), self.final(self.class_folder / "whole"))
        texts = []
        for folder in (run, self.class_folder / "whole"):
            summary = json.loads((folder / "summary.json").read_text())
            texts.append([[(a["name"], a["accuracy"], a["n"]) for a in e["attacks"]]
                          for e in summary["evaluations"]])
        self.assertEqual(*texts)
        self.assertGreater(len(texts[0][0]), 1)

    def command(self, run, resume):
        return [str(part) for part in (
            self.executable.path, "train", "--data", self.data, "--out", run, "--epochs", EPOCHS,
            "--seed", 3, "--threads", advxtest.THREADS, "--checkpoint-steps", 5,
            *(["--resume"] if resume else []))]

    def test_the_same_seed_is_the_same_file_and_another_is_not(self):
        self.executable.train(self.folder / "again", self.data, epochs=EPOCHS, seed=3)
        self.assertSameRun(self.folder / "again")
        self.executable.train(self.folder / "other", self.data, epochs=EPOCHS, seed=4)
        self.assertNotEqual(self.final(self.folder / "other").read_bytes(),
                            self.final(self.class_folder / "whole").read_bytes())

    def test_stop_after_every_epoch_and_resume(self):
        run = self.folder / "run"
        self.executable.train(run, self.data, epochs=EPOCHS, seed=3, extra=["--stop-after", 1])
        self.assertFalse((run / "summary.json").exists())
        self.executable.train(run, self.data, epochs=EPOCHS, seed=3,
                              extra=["--stop-after", 2, "--resume"])
        self.executable.train(run, self.data, epochs=EPOCHS, seed=3, extra=["--resume"])
        self.assertSameRun(run)

    def test_killed_at_random_moments(self):
        """kill -9 wherever it hits, several times a run; every run ends with the same bits."""
        moments, seconds = random.Random(20), self.seconds
        kills, runs = 0, 0
        while kills < KILLS:
            run = self.folder / f"run{runs}"
            runs += 1
            self.assertLess(runs, KILLS, "the moments were too late to test anything")
            resume = False
            for _ in range(4):
                started = time.monotonic()
                process = subprocess.Popen(self.command(run, resume), stdin=subprocess.DEVNULL,
                                           stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
                try:
                    process.wait(timeout=moments.uniform(0, 0.6 * seconds))
                except subprocess.TimeoutExpired:
                    process.kill()
                kills += process.wait() == -signal.SIGKILL
                if process.returncode == 0:
                    if not resume:  # The machine has become faster since the first run.
                        seconds = time.monotonic() - started
                    break
                # A kill before the run directory existed leaves nothing to resume.
                resume = (run / "run.json").exists()
            advxtest.run(*self.command(run, (run / "run.json").exists()))
            self.assertSameRun(run)
            left = [name for _, _, names in os.walk(run) for name in names if ".tmp" in name]
            self.assertEqual(left, [], "temporary files are left behind")

    def test_sigint_writes_a_checkpoint_and_the_run_goes_on(self):
        run = self.folder / "run"
        process = subprocess.Popen(self.command(run, False), stdin=subprocess.DEVNULL,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        while process.poll() is None and not (run / "checkpoints" / "last.safetensors").exists():
            time.sleep(0.01)
        process.send_signal(signal.SIGINT)
        output = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, output)
        advxtest.weights(run / "checkpoints" / "last.safetensors")
        advxtest.run(*self.command(run, True))
        self.assertSameRun(run)

    def test_a_run_is_not_overwritten_and_not_continued_differently(self):
        run = self.folder / "run"
        self.executable.train(run, self.data, epochs=EPOCHS, seed=3, extra=["--stop-after", 1])
        before = (run / "checkpoints" / "last.safetensors").read_bytes()
        for extra in ([], ["--resume", "--set", "outer.momentum=0.5"]):
            result = self.executable.train(run, self.data, epochs=EPOCHS, seed=3, extra=extra,
                                           check=False)
            self.assertEqual(result.returncode, 2, result.stderr)
            self.assertEqual((run / "checkpoints" / "last.safetensors").read_bytes(), before)
        for epochs, seed in ((EPOCHS + 1, 3), (EPOCHS, 4)):
            result = self.executable.train(run, self.data, epochs=epochs, seed=seed,
                                           extra=["--resume"], check=False)
            self.assertEqual(result.returncode, 2, result.stderr)


if __name__ == "__main__":
    advxtest.main()
