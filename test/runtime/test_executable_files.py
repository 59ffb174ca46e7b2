"""What an executable does to files that are not its own: nothing. And what it makes of inputs that
are no files, of closed streams, of signals and of a machine with little room."""

import gzip
import json
import os
import resource
import signal
import socket
import subprocess
import time

from executable_case import ExecutableTest, PROGRAM, checkpoints, digest, make_data
import advxtest  # noqa: E402
import safetensors_lite  # noqa: E402


class Outputs(ExecutableTest):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.checkpoint = cls.class_folder / "weights.safetensors"
        subprocess.run([PROGRAM, "init", "--seed", "1", "--out", cls.checkpoint], check=True)

    def commands(self, out):
        subject = ["--checkpoint", self.checkpoint, "--data", self.data]
        return {"eval": ["eval", *subject, "--out", out],
                "attack": ["attack", *subject, "--evaluation", "test", "--attack", "sign", "--out",
                           out]}

    def assertKept(self, path, out, *words, code=2):
        before = digest(path)
        commands = self.commands(out)
        if path not in (self.checkpoint, self.data / "t10k-labels-idx1-ubyte"):
            commands.update(init=["init", "--seed", 1, "--out", out], probe=["probe", "--out", out])
        for name, command in commands.items():
            with self.subTest(f"{name} --out {out}"):
                self.assertComplains(self.program(*command), code, *words)
                self.assertEqual(digest(path), before)

    def test_an_output_never_replaces_an_input(self):
        page = self.folder / "page.advx"
        page.write_text("experiment fake { }\n")
        labels = self.data / "t10k-labels-idx1-ubyte"
        for path, words in ((self.checkpoint, "is the checkpoint"),
                            (labels, "is a file of the data set")):
            link, name = self.folder / f"link-{path.name}", self.folder / f"name-{path.name}"
            link.symlink_to(path)
            os.link(path, name)
            roundabout = path.parent / "." / ".." / path.parent.name / path.name
            for out in (path, link, name, roundabout, os.path.relpath(path)):
                self.assertKept(path, out, words)
        before = digest(PROGRAM)
        for command in (["init", "--seed", 1, "--out", PROGRAM], ["probe", "--out", PROGRAM]):
            self.assertComplains(self.program(*command), 2, "is this executable")
        self.assertEqual(digest(PROGRAM), before)
        result = self.program("init", "--seed", 1, "--out", page,
                              patch={"source": {"path": str(page)}})
        self.assertComplains(result, 2, "is the page")
        # A file that the page names, and one whose place the temporary file would take.
        patch = {"state": [{"name": "w", "role": "parameter", "shape": [3, 16], "dtype": "f32",
                            "offset": 0, "import": {"file": str(self.checkpoint),
                                                    "keys": ["f.weight"]}}]}
        result = self.program("init", "--seed", 1, "--out", self.checkpoint, patch=patch)
        self.assertEqual(result.returncode in (1, 2), True, result.stderr)
        hidden = self.folder / ".x.tmp"
        hidden.write_bytes(self.checkpoint.read_bytes())
        result = self.program("eval", "--checkpoint", hidden, "--data", self.data, "--out",
                              self.folder / "x")
        self.assertComplains(result, 2, "would be written first")
        self.assertEqual(digest(hidden), digest(self.checkpoint))
        # Data that is only there compressed would be hidden by a file of its plain name.
        packed = self.folder / "packed"
        packed.mkdir()
        for path in self.data.iterdir():
            (packed / f"{path.name}.gz").write_bytes(gzip.compress(path.read_bytes()))
        result = self.program("eval", "--checkpoint", self.checkpoint, "--data", packed, "--out",
                              packed / labels.name)
        self.assertComplains(result, 2, "is a file of the data set")

    def test_a_path_that_is_empty(self):
        for name, command in self.commands("").items():
            self.assertEqual(self.program(*command).returncode, 2, name)
        self.assertEqual(self.program("train", "--data", self.data, "--out", "").returncode, 2)

    def test_what_is_no_file_is_not_replaced(self):
        fifo, unbound = self.folder / "fifo", self.folder / "socket"
        os.mkfifo(fifo)
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(unbound))
            for path in (fifo, unbound, self.folder):
                kind = os.lstat(path).st_mode
                for name, command in self.commands(path).items():
                    with self.subTest(f"{name} --out {path}"):
                        self.assertComplains(self.program(*command), 3, str(path))
                        self.assertEqual(os.lstat(path).st_mode, kind)
        victim, link = self.folder / "victim", self.folder / "link"
        victim.write_text("kept")
        link.symlink_to(victim)
        dangling = self.folder / "dangling"
        dangling.symlink_to(self.folder / "nowhere")
        for path in (link, dangling):
            for command in self.commands(path).values():
                self.assertComplains(self.program(*command), 3, "is a symbolic link")
        self.assertEqual(victim.read_text(), "kept")
        self.assertFalse((self.folder / "nowhere").exists())

    def test_streams_are_written_in_place(self):
        for target in ("/dev/stdout", "/proc/self/fd/1"):
            out = self.folder / "out"
            with open(out, "w") as stream:
                subprocess.run([PROGRAM, "eval", "--checkpoint", self.checkpoint, "--data",
                                self.data, "--out", target], stdout=stream,
                               stderr=subprocess.DEVNULL, check=True)
            text = out.read_text()
            self.assertIn("worst", text[:text.index("{\n")])  # the tables are still there
            self.assertEqual(json.loads(text[text.index("{\n"):])["experiment"], "fake")

    def test_a_run_stays_in_its_folder(self):
        victim = self.folder / "victim"
        for number, name in enumerate(("metrics.jsonl", "run.json", "summary.json",
                                       "checkpoints/last.safetensors",
                                       "checkpoints/final.safetensors",
                                       "checkpoints/best.safetensors",
                                       "checkpoints/previous.safetensors", "checkpoints")):
            for kind in ("symbolic", "hard", "dangling"):
                if name == "checkpoints" and kind == "hard":
                    continue
                with self.subTest(f"{kind} {name}"):
                    run = self.folder / f"run{number}-{kind}"
                    (run / name).parent.mkdir(parents=True)
                    if name == "checkpoints":
                        (self.folder / "elsewhere").mkdir(exist_ok=True)
                        (run / name).symlink_to(self.folder / "elsewhere")
                    elif kind == "hard":
                        victim.write_text("kept")
                        os.link(victim, run / name)
                    else:
                        victim.write_text("kept")
                        (run / name).symlink_to(victim if kind == "symbolic" else
                                                self.folder / "nowhere")
                    for extra in ([], ["--resume"]):
                        result = self.train(run, *extra, code=2)
                        self.assertComplains(result, 2, str(run / name))
                    if name != "checkpoints":
                        self.assertEqual(victim.read_text(), "kept")
                    self.assertFalse((self.folder / "nowhere").exists())
        self.assertEqual(list((self.folder / "elsewhere").iterdir()), [])

    def test_training_does_not_replace_its_initial_weights(self):
        run = self.folder / "run"
        (run / "checkpoints").mkdir(parents=True)
        for name in ("last", "best", "previous", "final"):
            weights = run / "checkpoints" / f"{name}.safetensors"
            weights.write_bytes(self.checkpoint.read_bytes())
            before = digest(weights)
            self.train(run, "--init", weights, code=2)
            self.assertEqual(digest(weights), before)
            weights.unlink()


class Inputs(ExecutableTest):

    def test_only_regular_files_are_read(self):
        fifo = self.folder / "fifo"
        os.mkfifo(fifo)
        for path, kind in ((fifo, "a FIFO"), ("/dev/zero", "a device"), (self.folder, "a directory")):
            for command in (["eval", "--checkpoint", path, "--data", self.data],
                            ["train", "--init", path, "--data", self.data, "--out",
                             self.folder / "run"]):
                with self.subTest(f"{path} {command[0]}"):
                    self.assertComplains(self.program(*command), 1, f"is {kind}, not a checkpoint")
            data = make_data(self.folder / f"data {kind}")
            images = data / "train-images-idx3-ubyte"
            images.unlink()
            images.symlink_to(path)
            self.assertComplains(
                self.program("train", "--data", data, "--out", self.folder / "run"), 1,
                f"is {kind}, not a data file")
            self.assertFalse((self.folder / "run").exists())

    def test_compressed_data_of_several_members(self):
        packed = self.folder / "packed"
        packed.mkdir()
        for path in self.data.iterdir():
            whole = path.read_bytes()
            (packed / f"{path.name}.gz").write_bytes(
                b"".join(gzip.compress(whole[i:i + 50]) for i in range(0, len(whole), 50)))
        self.train(self.folder / "plain")
        result = self.program("train", "--data", packed, "--out", self.folder / "run")
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertEqual(checkpoints(self.folder / "plain"), checkpoints(self.folder / "run"))

    def test_positions_of_a_checkpoint_are_checked(self):
        run = self.folder / "run"
        self.train(run, "--epochs", 3, "--stop-after", 1)
        last = run / "checkpoints" / "last.safetensors"
        arrays, metadata = safetensors_lite.read(last)
        good = json.loads(metadata["advx.training"])
        changes = [{key: value} for key in ("batch", "epoch", "iteration")
                   for value in (-1, -1000, 2, 10**6, 2**62, 2**63 - 1, 2**64 - 1, 2**70, 1.5, "1",
                                 None, True, [], {})
                   if value != good[key]]
        changes += [{key: value} for key in ("events", "iterations", "seed", "format")
                    for value in (-1, 2**63 + 1 if key != "seed" else -2**63, 1.5, "x", None, [1])]
        changes += [{"events": 10**9}, {"sums": [-1]}, {"sums": 1}, {"sums": ["x", "y"]},
                    {"sums": [1, 2, 3]}, {"best": 1}, {"best": {}},
                    {"best": {"accuracy": 2, "epoch": 1}}, {"best": {"accuracy": -0.1, "epoch": 1}},
                    {"best": {"accuracy": 0.5, "epoch": -1}}, {"best": {"accuracy": 0.5, "epoch": 9}},
                    {"best": {"accuracy": None, "epoch": 1}}, {"set": {"outer.rate": "x"}},
                    {"set": []}, {"settings": {"outer.rate": None}}, {"settings": 3},
                    {"data": 1}, {"data": {"train": 1}}, {"program": None}, {"limit": -1},
                    {"batch": 1, "iteration": 9},
                    {"epoch": 3, "batch": 1, "iteration": 22}]
        texts = [json.dumps({**good, **change}) for change in changes]
        texts += ["", "[]", "{}", "null", "[" * 100000, '{"a":' * 100000, "1e999",
                  json.dumps(good).replace('"batch": 0', '"batch": NaN'),
                  json.dumps({key: value for key, value in good.items() if key != "sums"})]
        for text in texts:
            with self.subTest(text[:200]):
                safetensors_lite.write(last, arrays, {**metadata, "advx.training": text})
                before = digest(last)
                result = self.program("train", "--data", self.data, "--out", run, "--resume")
                self.assertIn(result.returncode, (1, 2), result.stderr)
                self.assertNotIn("defect", result.stderr)
                self.assertEqual(digest(last), before)
                result = self.program("eval", "--data", self.data, "--checkpoint", last)
                self.assertIn(result.returncode, (0, 1, 2), result.stderr)
        safetensors_lite.write(last, arrays, metadata)
        self.train(run, "--resume")

    def test_names_that_are_not_text(self):
        name = os.fsencode(self.folder) + b"/r\xff\x1b[2J'n"
        data = os.fsencode(self.folder) + b"/d\xfe"
        os.rename(make_data(self.folder / "data"), data)
        result = subprocess.run([os.fsencode(PROGRAM), b"train", b"--data", data, b"--out", name],
                                capture_output=True)
        self.assertEqual(result.returncode, 0, result.stderr)
        with open(name + b"/run.json", encoding="utf-8") as file:
            record = json.load(file)
        self.assertTrue(record["data"]["directory"].endswith("/d\\xfe"))
        # The line that repeats the run can be pasted into bash.
        words = subprocess.run(["bash", "-c", f"printf '%s\\0' {record['replay']}"],
                               stdout=subprocess.PIPE, check=True).stdout.split(b"\0")
        self.assertIn(data, words)
        self.assertIn(name, words)
        weights = name + b"/checkpoints/final.safetensors"
        out = os.fsencode(self.folder) + b"/e\xfd.json"
        result = subprocess.run([os.fsencode(PROGRAM), b"eval", b"--data", data, b"--checkpoint",
                                 weights, b"--out", out], capture_output=True)
        self.assertEqual(result.returncode, 0, result.stderr)
        with open(out, encoding="utf-8") as file:
            self.assertIn("\\xff", json.load(file)["checkpoint"])
        result = subprocess.run([os.fsencode(PROGRAM), b"eval", b"--data", data, b"--checkpoint",
                                 name + b"/none"], capture_output=True)
        self.assertEqual(result.returncode, 1)
        self.assertNotIn(b"\x1b", result.stderr)


class Machine(ExecutableTest):

    def test_closed_streams_do_not_land_in_files(self):
        plain = self.folder / "plain"
        self.train(plain)
        for closed in ((0,), (1,), (2,), (1, 2), (0, 1, 2)):
            with self.subTest(closed):
                run = self.folder / f"run{closed}"
                redirections = " ".join(f"{number}>&-" for number in closed)
                result = subprocess.run(
                    ["bash", "-c", f'exec {redirections}; exec "$@"', "sh", str(PROGRAM), "train",
                     "--data", str(self.data), "--out", str(run)], capture_output=True)
                self.assertEqual(result.returncode, 0, result.stderr)
                self.assertSameRun(plain, run)

    def test_threads(self):
        for count in ("0", "-1", "1000000000", "99999999999999999999", "1.5", "x"):
            result = self.program("train", "--data", self.data, "--out", self.folder / "run",
                                  "--threads", count)
            self.assertEqual(result.returncode, 2, result.stderr)
        def little():
            resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
        if "address" not in advxtest.SANITIZERS:
            result = self.program("train", "--data", self.data, "--out", self.folder / "run",
                                  "--threads", 1000, preexec_fn=little)
            self.assertComplains(result, 3, "cannot start 1000 threads", "--threads")

    def test_too_little_memory(self):
        if "address" in advxtest.SANITIZERS:
            self.skipTest("it maps the whole address space")
        def little():
            resource.setrlimit(resource.RLIMIT_AS, (1 << 30, 1 << 30))
        result = self.program("info", "--measure", "--set", "data.batch=1000000000",
                              preexec_fn=little)
        self.assertComplains(result, 3, "cannot allocate", "smaller batch")

    def test_a_second_signal_still_leaves_a_checkpoint(self):
        whole = self.folder / "whole"
        arguments = ["--epochs", 2, "--set", "fault.delay=0.3"]
        self.train(whole, "--epochs", 2)
        for number, signals in enumerate(((signal.SIGINT,) * 3, (signal.SIGHUP,),
                                          (signal.SIGTERM, signal.SIGINT, signal.SIGHUP))):
            run = self.folder / f"run{number}"
            process = self.start(run, *arguments)
            while not (run / "run.json").exists():
                time.sleep(0.01)
            time.sleep(0.4)  # within the second step or so
            for each in signals:
                process.send_signal(each)
                time.sleep(0.02)
            _, text = process.communicate(timeout=100)
            self.assertEqual(process.returncode, 130, text)
            state = safetensors_lite.read(run / "checkpoints" / "last.safetensors")[1]
            self.assertGreater(json.loads(state["advx.training"])["iteration"], 0)
            self.assertEqual(json.loads((run / "run.json").read_text())["status"], "interrupted")

    def test_cells_of_a_sweep_are_interrupted_together(self):
        out = self.folder / "sweep"
        patch = {"sweep": [{"setting": "fault.delay", "values": ["3", "0.15"]}]}
        process = subprocess.Popen([str(PROGRAM), "sweep", "--data", str(self.data), "--out",
                                    str(out), "--jobs", "2", "--threads", "2"],
                                   stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                   env={**os.environ, "ADVX_FAKE_PATCH": json.dumps(patch)})
        cells = [out / "cells" / str(number) for number in range(2)]
        while not all((cell / "run.json").exists() for cell in cells):
            time.sleep(0.01)
        # While the first one is in its step for another 3 seconds, the second one would be complete.
        for _ in range(2):
            process.send_signal(signal.SIGINT)
            time.sleep(0.2)
        _, text = process.communicate(timeout=100)
        self.assertEqual(process.returncode, 130, text)
        for cell in cells:
            record = json.loads((cell / "run.json").read_text())
            self.assertEqual(record["status"], "interrupted", cell)

    def test_hanging_up_is_ignored_under_nohup(self):
        run = self.folder / "run"
        process = subprocess.Popen(["nohup", str(PROGRAM), "train", "--data", str(self.data),
                                    "--out", str(run), "--set", "fault.delay=0.03"],
                                   stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                   stderr=subprocess.DEVNULL)
        while not (run / "run.json").exists():
            time.sleep(0.01)
        process.send_signal(signal.SIGHUP)
        self.assertEqual(process.wait(timeout=100), 0)
        self.assertTrue((run / "summary.json").exists())


if __name__ == "__main__":
    advxtest.main()
