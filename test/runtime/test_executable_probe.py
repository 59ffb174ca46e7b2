"""What `probe` promises: the same numbers for the same seed, everything written, clear errors."""

import pathlib
import re
import signal
import subprocess
import time

import numpy as np

from executable_case import PROGRAM, ExecutableTest
import advxtest  # noqa: E402
import safetensors_lite  # noqa: E402


class Probe(ExecutableTest):

    def probe(self, *arguments, name="out"):
        out = self.folder / f"{name}.safetensors"
        result = self.program("probe", "--out", out, *arguments)
        self.assertEqual(result.returncode, 0, result.stdout + result.stderr)
        return safetensors_lite.read(out)[0]

    def assertSame(self, ours, theirs):
        self.assertEqual(ours.keys(), theirs.keys())
        for name in ours:
            self.assertSameArray(ours[name], theirs[name], name)

    def test_every_leaf_and_output_of_every_step(self):
        values = self.probe("--batch", 5)
        leaves = ["f.weight", "f.bias", "outer.v[f.weight]", "outer.v[f.bias]"]
        for step in ("train_step", "test.clean", "test.sign"):
            for leaf in leaves:
                self.assertIn(f"{step}/{leaf}", values)
        self.assertEqual(values["train_step/loss"].shape, ())
        self.assertEqual(values["test.sign/adversarial"].shape, (5, 1, 4, 4))
        for name, value in values.items():
            self.assertTrue(np.isfinite(value).all(), name)

    def test_each_step_starts_from_the_same_state(self):
        values = self.probe()
        for leaf in ("f.weight", "outer.v[f.weight]"):
            before = values[f"test.clean/{leaf}"]
            self.assertSameArray(before, values[f"test.sign/{leaf}"])
            self.assertFalse((before == values[f"train_step/{leaf}"]).any(), leaf)
            self.assertFalse((before == 0).any(), leaf)

    def test_the_seed_and_the_batch_decide_alone(self):
        one = self.probe("--seed", 1, "--threads", 1)
        self.assertSame(one, self.probe("--seed", 1, "--threads", 3))
        two = self.probe("--seed", 2)
        self.assertFalse((one["test.clean/logits"] == two["test.clean/logits"]).any())
        few = self.probe("--seed", 1, "--batch", 3)
        self.assertSameArray(few["test.clean/logits"], one["test.clean/logits"][:3])

    def test_a_setting_counts(self):
        other = self.probe("--set", "outer.rate=1/3")
        self.assertFalse((other["train_step/f.weight"] == self.probe()["train_step/f.weight"]).all())

    def test_perturb_moves_one_number(self):
        plain = self.probe()["test.clean/f.weight"].ravel()
        moved = self.probe("--perturb", "f.weight:18:0.5")["test.clean/f.weight"].ravel()
        self.assertEqual(np.flatnonzero(plain != moved).tolist(), [18])
        self.assertAlmostEqual(moved[18] - plain[18], 0.5, 6)

    def test_a_signal_ends_it_before_it_writes(self):
        out = self.folder / "out.safetensors"
        process = subprocess.Popen([str(PROGRAM), "probe", "--out", str(out), "--set",
                                    "fault.delay=0.5"], stderr=subprocess.DEVNULL)
        while not self.catches(process, signal.SIGTERM):
            time.sleep(0.001)
        process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(timeout=100), 130)
        self.assertEqual(list(self.folder.iterdir()), [])

    @staticmethod
    def catches(process, number):
        status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
        return int(re.search(r"SigCgt:\s*(\w+)", status)[1], 16) >> (number - 1) & 1

    def test_errors(self):
        cases = [(["--perturb", "f.weight"], "expected LEAF:INDEX:DELTA"),
                 (["--perturb", "0:1"], "expected LEAF:INDEX:DELTA"),
                 (["--perturb", "f.wieght:0:1"], "did you mean `f.weight`?"),
                 (["--perturb", "f.weight:48:1"], "from 0 to 47"),
                 (["--perturb", "f.weight:-1:1"], "from 0 to 47"),
                 (["--perturb", "f.weight:1x:1"], "from 0 to 47"),
                 (["--perturb", "f.weight:1:much"], "not a number"),
                 (["--set", "outer.rat=1"], "did you mean `outer.rate`?")]
        for arguments, text in cases:
            with self.subTest(arguments=arguments):
                result = self.program("probe", "--out", self.folder / "none", *arguments)
                self.assertComplains(result, 2, text)
                self.assertFalse((self.folder / "none").exists())
        self.assertEqual(self.program("probe", "--out", "none", "--batch", 0).returncode, 2)
        result = self.program("probe", "--out", self.folder / "no" / "folder")
        self.assertComplains(result, 3, "cannot")


if __name__ == "__main__":
    advxtest.main()
