"""What an executable says where a run cannot go on, and while it goes on."""

import json
import os
import pathlib
import resource
import struct
import subprocess

from executable_case import ExecutableTest, PROGRAM, checkpoints, digest, make_data
import advxtest  # noqa: E402
import safetensors_lite  # noqa: E402


class BadInput(ExecutableTest):

    def test_data_files(self):
        original = {path.name: path.read_bytes() for path in self.data.iterdir()}
        images, labels = "train-images-idx3-ubyte", "train-labels-idx1-ubyte"
        long = original[labels]
        cases = {
            "truncated": ({images: original[images][:-5]}, "is truncated"),
            "short header": ({images: original[images][:10]}, "ends inside its header"),
            "extra": ({images: original[images] + b"xx"}, "2 extra bytes"),
            "magic": ({images: b"\1" + original[images][1:]}, "is not an IDX file"),
            "kind": ({images: original[labels]}, "does not hold images"),
            "empty": ({images: b""}, "is not an IDX file"),
            "label": ({labels: long[:20] + b"\7" + long[21:]}, "example 12"),
            "count": ({labels: struct.pack(">II", 0x801, 3) + b"\0\1\2"}, "3 labels"),
            "huge": ({images: struct.pack(">IIII", 0x803, *[2**32 - 1] * 3)}, "is truncated"),
            "gzip": ({images: None, images + ".gz": b"\x1f\x8b\x08\0\0\0"}, "is truncated"),
            "missing": ({images: None}, "holds neither"),
        }
        for name, (changes, text) in cases.items():
            with self.subTest(name):
                folder = self.folder / name.replace(" ", "-")
                folder.mkdir()
                for file, content in {**original, **changes}.items():
                    if content is not None:
                        (folder / file).write_bytes(content)
                result = self.program("train", "--data", folder, "--out", self.folder / "run")
                self.assertComplains(result, 1, text, images if name != "label" else labels)
                self.assertFalse((self.folder / "run").exists())

    def test_data_of_another_shape(self):
        folder = make_data(self.folder / "data", image=(5, 5))
        result = self.program("train", "--data", folder, "--out", self.folder / "run")
        self.assertComplains(result, 1, "images of shape [1, 5, 5]", "compiled for [1, 4, 4]")

    def test_no_data_directory(self):
        result = self.program("train", "--data", self.folder / "none", "--out", self.folder / "run")
        self.assertComplains(result, 1, "there is no directory")
        self.assertFalse((self.folder / "run").exists())

    def test_checkpoints(self):
        good = self.folder / "good.safetensors"
        self.program("init", "--seed", 1, "--out", good)
        arrays, _ = safetensors_lite.read(good)
        content = good.read_bytes()

        def write(changed):
            path = self.folder / "bad.safetensors"
            if isinstance(changed, bytes):
                path.write_bytes(changed)
            else:
                safetensors_lite.write(path, {name: array for name, array in changed.items()
                                              if array is not None})
            return path

        weight = arrays["f.weight"]
        cases = {
            "truncated": (content[:-3], "truncated"),
            "extra": (content + b"x", "1 extra bytes"),
            "empty": (b"", "it has 0 bytes"),
            "text": (b"this is not a checkpoint", "may not be a safetensors file"),
            "missing": ({**arrays, "f.bias": None}, "`f.bias` [3] is missing there"),
            "shape": ({**arrays, "f.weight": weight[:, :9].copy()},
                      "`f.weight` is [3, 9] there and [3, 16] here"),
            "type": ({**arrays, "f.weight": weight.astype("f8")},
                     "`f.weight` is F64 there and F32 here"),
            "another": ({**arrays, "g.weight": weight}, "`g.weight` [3, 16] is unknown here"),
        }
        for name, (changed, text) in cases.items():
            with self.subTest(name):
                result = self.program("eval", "--checkpoint", write(changed), "--data", self.data,
                                      "--out", self.folder / "eval.json")
                self.assertComplains(result, 1, text, "bad.safetensors")
                self.assertFalse((self.folder / "eval.json").exists())
        result = self.program("eval", "--checkpoint", self.folder / "none", "--data", self.data)
        self.assertComplains(result, 1, "there is no checkpoint")
        spoilt = weight.copy()
        spoilt[0, 0] = float("nan")
        result = self.program("eval", "--checkpoint", write({**arrays, "f.weight": spoilt}),
                              "--data", self.data)
        self.assertComplains(result, 4, "`f.weight`", "is not finite")

    def test_a_loss_that_is_not_a_number(self):
        run = self.folder / "run"
        result = self.train(run, "--epochs", 3, "--set", "fault.nan_at=16", code=4)
        self.assertComplains(result, 4, "the loss is not a number in epoch 3, step 3 of 7",
                             "last.safetensors")
        self.assertEqual(json.loads((run / "run.json").read_text())["status"], "failed")
        arrays, metadata = safetensors_lite.read(run / "checkpoints" / "last.safetensors")
        self.assertEqual(json.loads(metadata["advx.training"])["epoch"], 2)
        self.assertEqual(abs(arrays["f.weight"]).max() < 1e3, True)
        self.assertFalse((run / "summary.json").exists())

    def test_a_weight_that_is_not_finite_is_not_saved(self):
        run = self.folder / "run"
        result = self.train(run, "--epochs", 2, "--set", "fault.infinite_at=9",
                            "--checkpoint-steps", 1, code=4)
        self.assertComplains(result, 4, "`f.bias` is not finite")
        metadata = safetensors_lite.read(run / "checkpoints" / "last.safetensors")[1]
        self.assertEqual(json.loads(metadata["advx.training"])["iteration"], 9)

    def test_an_op_that_fails(self):
        result = self.train(self.folder / "run", "--set", "fault.error_at=3", code=1)
        self.assertComplains(result, 1, "step `train_step`: an op does not know what to do")

    def test_calls_that_no_compiler_should_make(self):
        result = self.train(self.folder / "run", env={"ADVX_FAKE_CALL": "1"}, code=70)
        self.assertComplains(result, 70, "a defect of advx: step `train_step`: the call of "
                             "advx_op_neg has 3 tensors, not 2", "please report it")
        for variable, what, listed in (("ADVX_FAKE_SETTINGS", "settings", 13),
                                       ("ADVX_FAKE_UNIFORMS", "uniforms", 12)):
            with self.subTest(what):
                result = self.program("info", env={variable: "5"})
                self.assertComplains(result, 70, "a defect of advx", f"compiled for 5 {what}")
                self.assertRegex(result.stderr, rf"its manifest lists {listed}\b")

    def test_programs_of_another_version(self):
        result = self.program("info", env={"ADVX_FAKE_ABI": "99"})
        self.assertComplains(result, 1, "ABI version 99", "advx build")
        for patch, text in (
                ({"abi": 7}, "abi: version 7"),
                ({"uniforms": None}, "there is no `uniforms`"),
                ({"uniforms": -1}, "uniforms: expected a number that is not negative"),
                ({"dtype": "f16"}, "`f16` is not an element type"),
                ({"data": {"batch": "no.such"}}, "there is no setting `no.such`"),
                ({"train": {"step": "other"}}, "there is no step `other`"),
                ({"train": {"step": "test.clean"}}, "lacks a scalar output `loss`"),
                ({"state_bytes": 100}, "state[0]: the leaf ends behind"),
                ({"keep": {"evaluation": "test", "attack": "sign"}}, "does not run during"),
                ({"evaluations": [{"name": "e", "split": "test", "attacks": []}]},
                 "needs a `clean` line"),
                ([{"op": "add", "path": "/tables", "value": [
                    {"name": "d", "per": "slot", "shape": [2], "dtype": "f32",
                     "init": "fault.delay"}]},
                  {"op": "add", "path": "/steps/0/outputs/-", "value":
                   {"name": "state d", "arena": "batch", "offset": 88, "shape": [],
                    "dtype": "f32"}}], "`state d` does not hold rows of that state")):
            with self.subTest(text):
                self.assertComplains(self.program("info", patch=patch), 1, text)
        result = self.program("info", patch={"compiler": {"cpu": "x86-64-v4"}})
        if "avx512vl" in pathlib.Path("/proc/cpuinfo").read_text():
            self.assertEqual(result.returncode, 0)
        else:
            self.assertComplains(result, 3, "not a x86-64-v4")

    def test_places_that_cannot_be_written(self):
        file = self.folder / "file"
        file.write_text("")
        self.assertComplains(
            self.program("train", "--data", self.data, "--out", file / "run"), 3, str(file))
        self.assertComplains(
            self.program("train", "--data", self.data, "--out", "/proc/run"), 3, "/proc/run")
        self.assertComplains(self.program("init", "--seed", 1, "--out", self.folder), 3,
                             str(self.folder))
        self.assertComplains(self.program("init", "--seed", 1, "--out", "/proc/f"), 3, "/proc/f")
        if os.geteuid() != 0:
            closed = self.folder / "closed"
            closed.mkdir(mode=0o500)
            self.assertComplains(self.program("train", "--data", self.data, "--out",
                                              closed / "run"), 3, "Permission denied")

    def test_a_full_disk(self):
        link = self.folder / "link"
        link.symlink_to("/dev/full")
        self.assertComplains(self.program("init", "--seed", 1, "--out", link), 3,
                             "No space left on device", str(link))
        self.assertTrue(link.is_symlink())
        for words in (["info"], ["info", "--json"], ["--help"], ["train", "--help"], ["--version"],
                      ["train", "--data", self.data, "--out", self.folder / "run"]):
            with self.subTest(words), open("/dev/full", "w") as full:
                result = subprocess.run([PROGRAM, *map(str, words)], stdout=full,
                                        stderr=subprocess.PIPE, text=True)
                self.assertEqual(result.returncode, 3, result.stderr)
                self.assertIn("standard output", result.stderr)
        # What could be written was.
        self.assertTrue((self.folder / "run" / "summary.json").exists())

    def test_a_disk_that_fills_up_leaves_no_half_checkpoint(self):
        run = self.folder / "run"
        self.train(run, "--epochs", 2, "--stop-after", 1)
        before = digest(run / "checkpoints" / "last.safetensors")

        def limit():
            resource.setrlimit(resource.RLIMIT_FSIZE, (1200, 1200))

        result = self.program("train", "--data", self.data, "--out", run, "--resume",
                              preexec_fn=limit)
        self.assertEqual(result.returncode, 3, result.stderr)
        self.assertIn("File too large", result.stderr)
        self.assertEqual(digest(run / "checkpoints" / "last.safetensors"), before)
        self.assertEqual([path.name for path in run.rglob("*.tmp")], [])
        self.train(run, "--resume")
        whole = self.folder / "whole"
        self.train(whole, "--epochs", 2)
        self.assertSameRun(whole, run)


class Progress(ExecutableTest):

    def test_plain_lines_in_a_pipe(self):
        result = self.train(self.folder / "run", "--epochs", 2)
        self.assertNotIn("\r", result.stderr)
        self.assertIn("1 of 2 epochs, loss ", result.stderr)

    def test_one_line_with_rate_and_time_left_on_a_terminal(self):
        leader, follower = os.openpty()
        process = subprocess.Popen([PROGRAM, "train", "--data", self.data, "--out",
                                    self.folder / "run", "--set", "fault.delay=0.1"],
                                   stdout=subprocess.DEVNULL, stderr=follower)
        os.close(follower)
        text = b""
        try:
            while block := os.read(leader, 4096):
                text += block
        except OSError:
            pass  # the terminal closes with its last writer
        self.assertEqual(process.wait(timeout=100), 0)
        os.close(leader)
        self.assertRegex(text.decode(), r"\r\x1b\[Kepoch 1/2, step \d/7, loss \d\.\d+, "
                                        r"[\d.]+ images/s, \d+ s left")


if __name__ == "__main__":
    advxtest.main()
