"""What an executable promises: the same bits, nothing lost, what settings and evaluations mean."""

import json
import random
import signal
import subprocess
import time

from executable_case import (ExecutableTest, PROGRAM, TEST_COUNT, TRAIN_COUNT, VALID_COUNT, checkpoints,
                             checkpoints_before, events, make_data, write_idx)
import advxtest  # noqa: E402
import safetensors_lite  # noqa: E402

# The evaluation `test` with two lines inside a `worst`, by a step that keeps examples apart.
IN_WORST = [
    {"op": "add", "path": "/steps/2/apart", "value": True},
    {"op": "replace", "path": "/evaluations/1/attacks", "value": [
        {"name": "clean", "step": "test.clean", "kind": "clean"},
        {"name": "first", "step": "test.sign", "kind": "adversary", "in_worst": True},
        {"name": "second", "step": "test.sign", "kind": "adversary", "in_worst": True},
        {"name": "worst", "kind": "worst", "of": ["first", "second"]}]}]


class Determinism(ExecutableTest):

    def test_same_seed_same_bits_whatever_the_threads(self):
        runs = [self.folder / str(threads) for threads in (1, 2)]
        for threads, run in zip((1, 2), runs):
            self.train(run, "--seed", 3, "--threads", threads)
        self.assertSameRun(*runs)

    def test_another_seed_gives_other_weights(self):
        self.train(self.folder / "a", "--seed", 1)
        self.train(self.folder / "b", "--seed", 2)
        self.assertNotEqual(checkpoints(self.folder / "a"), checkpoints(self.folder / "b"))

    def test_training_learns_and_random_draws_differ_by_epoch(self):
        self.train(self.folder / "run", "--epochs", 5)
        losses = [event["loss"] for event in events(self.folder / "run")
                  if event["event"] == "epoch"]
        self.assertLess(losses[-1], 0.6 * losses[0])
        self.assertEqual(len(set(losses)), 5)

    def test_two_epochs_are_one_and_a_resumed_one(self):
        whole, parts = self.folder / "whole", self.folder / "parts"
        self.train(whole, "--epochs", 2, "--seed", 4, "--set", "outer.rate=1/3")
        self.train(parts, "--epochs", 2, "--seed", 4, "--set", "outer.rate=1/3", "--stop-after", 1)
        self.assertFalse((parts / "summary.json").exists())
        self.assertEqual(json.loads((parts / "run.json").read_text())["status"], "stopped")
        self.train(parts, "--resume")
        self.assertSameRun(whole, parts)

    def test_a_run_of_another_horizon_differs(self):
        # Otherwise the test above would not see that the horizon is kept.
        self.train(self.folder / "one", "--epochs", 1)
        self.train(self.folder / "two", "--epochs", 2, "--stop-after", 1)
        one, two = (safetensors_lite.read(self.folder / run / "checkpoints" / "last.safetensors")[0]
                    for run in ("one", "two"))
        self.assertFalse((one["f.weight"] == two["f.weight"]).all())

    def test_a_profile_measures_every_step_and_changes_nothing(self):
        self.train(self.folder / "plain", "--epochs", 1)
        self.train(self.folder / "measured", "--epochs", 1, "--profile")
        self.assertSameRun(self.folder / "plain", self.folder / "measured")
        self.assertFalse((self.folder / "plain" / "profile.json").exists())
        profile = json.loads((self.folder / "measured" / "profile.json").read_text())
        record = json.loads((self.folder / "measured" / "summary.json").read_text())
        self.assertEqual(len(profile["steps"]), record["iterations"])
        self.assertEqual(sum(images for images, _, _ in profile["steps"]),
                         TRAIN_COUNT - VALID_COUNT)
        for _, wall, cpu in profile["steps"]:
            self.assertGreater(wall, 0)
            self.assertGreater(cpu, 0)
        # Places leave out the first step, which warms up: each is called as often in every other.
        self.assertGreater(record["iterations"], 2)
        for place in profile["places"]:
            self.assertEqual(place["calls"] % (record["iterations"] - 1), 0, place["name"])

    def test_kill_at_any_moment(self):
        arguments = ["--epochs", 4, "--seed", 5, "--set", "fault.delay=0.004",
                     "--checkpoint-steps", 3]
        whole = self.folder / "whole"
        started = time.monotonic()
        self.train(whole, *arguments)
        duration = time.monotonic() - started
        moments, kills = random.Random(6), 0
        attempt = 0
        while kills < 20:
            attempt += 1
            run = self.folder / f"killed{attempt}"
            # Later moments after each kill: starting may take longer than a short life lasts.
            patience = duration
            while True:
                patience *= 1.2
                process = self.start(run, *arguments, "--resume")
                try:
                    process.communicate(timeout=moments.uniform(0.05, 0.4) * patience)
                except subprocess.TimeoutExpired:
                    process.send_signal(signal.SIGKILL)
                    process.communicate()
                    kills += 1
                    continue
                self.assertEqual(process.returncode, 0)
                break
            self.assertSameRun(whole, run)
            left = sorted(path.name for path in (run / "checkpoints").iterdir())
            self.assertEqual([name for name in left if not name.startswith(".")],
                             ["best.safetensors", "final.safetensors", "last.safetensors"])
        self.assertGreaterEqual(attempt, 2)

    def test_kill_around_the_record(self):
        whole, run = self.folder / "whole", self.folder / "run"
        self.train(whole)
        self.train(run, "--seed", 3)
        record = json.loads((run / "run.json").read_text())
        self.assertEqual(record["seed"], {"value": 3, "origin": "command line"})
        record["status"] = "running"
        (run / "run.json").write_text(json.dumps(record))
        self.train(run, "--resume")
        record = json.loads((run / "run.json").read_text())
        self.assertEqual(record["status"], "complete")
        self.assertEqual(record["seed"], {"value": 3, "origin": "checkpoint"})
        # Killed after the first checkpoint and before the record: nothing has begun.
        early = self.folder / "early"
        self.train(early, "--set", "fault.nan_at=0", code=4)
        (early / "run.json").unlink()
        self.train(early)
        self.assertSameRun(whole, early)

    def test_interrupt_writes_a_checkpoint(self):
        whole, run = self.folder / "whole", self.folder / "run"
        arguments = ["--epochs", 3, "--set", "fault.delay=0.02"]
        self.train(whole, *arguments)
        process = self.start(run, *arguments)
        while not (run / "checkpoints" / "last.safetensors").exists():
            time.sleep(0.01)  # The first of three epochs is over.
        process.send_signal(signal.SIGINT)
        _, text = process.communicate(timeout=100)
        self.assertEqual(process.returncode, 130, text)
        self.assertIn(b"interrupted; ", text)
        self.assertEqual(json.loads((run / "run.json").read_text())["status"], "interrupted")
        state = safetensors_lite.read(run / "checkpoints" / "last.safetensors")[1]
        self.assertGreater(json.loads(state["advx.training"])["iteration"], 0)
        self.train(run, "--resume")
        self.assertSameRun(whole, run)

    def test_interrupt_of_an_evaluation(self):
        whole, run = self.folder / "whole", self.folder / "run"
        arguments = ["--epochs", 1, "--set", "fault.delay=0.05", "--set", "data.batch=5"]
        self.train(whole, *arguments)
        process = self.start(run, *arguments)
        while not (run / "checkpoints" / "final.safetensors").exists():
            time.sleep(0.01)
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=100)
        self.assertEqual(process.returncode, 130)
        self.assertFalse((run / "summary.json").exists())
        self.train(run, "--resume")
        self.assertEqual(checkpoints(whole), checkpoints(run))
        self.assertEqual(events(whole), events(run))

    def test_last_batch_is_kept_or_dropped(self):
        self.train(self.folder / "kept", "--epochs", 1)
        self.assertEqual(events(self.folder / "kept")[0]["iteration"], 7)  # 100 in batches of 16
        self.train(self.folder / "dropped", "--epochs", 1, patch={"data": {"last": "drop"}})
        self.assertEqual(events(self.folder / "dropped")[0]["iteration"], 6)

    def test_replays_are_steps(self):
        self.train(self.folder / "run", "--epochs", 1, patch={"train": {"replays": 3}})
        self.assertEqual(events(self.folder / "run")[0]["iteration"], 21)


class Resume(ExecutableTest):

    def setUp(self):
        super().setUp()
        self.run_folder = self.folder / "run"
        self.train(self.run_folder, "--epochs", 3, "--seed", 7, "--stop-after", 1)

    def refused(self, *arguments, **options):
        before = checkpoints_before(self.run_folder)
        result = self.train(self.run_folder, "--resume", *arguments, code=2, **options)
        self.assertEqual(before, checkpoints_before(self.run_folder))
        return result.stderr

    def test_other_values_are_refused(self):
        self.assertIn("its seed is 7, not 8", self.refused("--seed", 8))
        self.assertIn("its `outer.epochs` is 3, not 4", self.refused("--epochs", 4))
        self.assertIn("its `outer.rate` is 0.5, not 0.25", self.refused("--set", "outer.rate=1/4"))
        for patch, text in (
                ({"source": {"sha256": "beef"}}, "the page differs"),
                ({"compiler": {"options": "-O2"}}, "level -O2 instead of -O0"),
                ({"compiler": {"cpu": "x86-64-v2"}}, "processor of the kernels"),
                ({"texts": [{"path": "a.advx", "text": "", "sha256": "1"}]},
                 "`a.advx` is read and was not")):
            self.assertIn(text, self.refused(patch=patch))
        initial = self.folder / "initial.safetensors"
        self.assertEqual(self.program("init", "--seed", 7, "--out", initial).returncode, 0)
        self.assertIn("--init has no effect", self.refused("--init", initial))

    def test_the_same_values_are_accepted(self):
        self.train(self.run_folder, "--resume", "--seed", 7, "--epochs", 3)
        self.assertIn("is complete", self.train(self.run_folder, "--resume").stderr)

    def test_other_data_is_refused(self):
        other = make_data(self.folder / "other")
        path = other / "train-images-idx3-ubyte"
        content = bytearray(path.read_bytes())
        content[100] ^= 1
        path.write_bytes(content)
        result = self.program("train", "--data", other, "--out", self.run_folder, "--resume")
        self.assertComplains(result, 1, "other train data than the run was started with")

    def test_a_directory_with_a_run_is_not_overwritten(self):
        result = self.program("train", "--data", self.data, "--out", self.run_folder)
        self.assertComplains(result, 2, "already holds a run", "use --resume")

    def test_two_processes_do_not_share_a_directory(self):
        run = self.folder / "busy"
        process = self.start(run, "--set", "fault.delay=0.05")
        while not (run / "run.json").exists():
            time.sleep(0.01)
        result = self.program("train", "--data", self.data, "--out", run, "--resume")
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=100)
        self.assertComplains(result, 2, "another process")

    def test_a_shortened_metrics_file_is_noticed(self):
        (self.run_folder / "metrics.jsonl").write_text("")
        result = self.program("train", "--data", self.data, "--out", self.run_folder, "--resume")
        self.assertComplains(result, 1, "has 0 lines, and the checkpoint counts 2")

    def test_weights_alone_are_not_resumed(self):
        last = self.run_folder / "checkpoints" / "last.safetensors"
        arrays, _ = safetensors_lite.read(last)
        safetensors_lite.write(last, arrays)
        result = self.program("train", "--data", self.data, "--out", self.run_folder, "--resume")
        self.assertComplains(result, 1, "holds weights alone", "--init")


class Settings(ExecutableTest):

    def test_values_from_the_command_line_are_in_force_and_recorded(self):
        self.train(self.folder / "run", "--epochs", 1, "--set", "data.batch=10", "--seed", 9)
        record = json.loads((self.folder / "run" / "run.json").read_text())
        settings = {entry["path"]: entry for entry in record["settings"]}
        self.assertEqual(settings["data.batch"]["value"], 10)
        self.assertEqual(settings["data.batch"]["origin"], "command line")
        self.assertEqual(settings["outer.epochs"]["origin"], "command line")
        self.assertEqual(settings["outer.rate"]["origin"], "page")
        self.assertEqual(settings["fault.delay"]["origin"], "default")
        self.assertEqual(record["seed"], {"value": 9, "origin": "command line"})
        self.assertEqual(record["status"], "complete")
        self.assertEqual(record["source"]["sha256"], "f00d")
        self.assertEqual(events(self.folder / "run")[0]["iteration"], 10)

    def test_the_recorded_command_repeats_the_run(self):
        self.train(self.folder / "run", "--epochs", 1, "--set", "outer.rate=1/3", "--seed", 9)
        first = checkpoints(self.folder / "run")
        replay = json.loads((self.folder / "run" / "run.json").read_text())["replay"]
        (self.folder / "run").rename(self.folder / "first")
        subprocess.run(["sh", "-c", replay], check=True, capture_output=True, timeout=60)
        self.assertEqual(checkpoints(self.folder / "run"), first)

    def test_mistakes_are_explained_and_leave_nothing(self):
        for assignment, text in (
                ("outer.rat=1", "did you mean `outer.rate`?"),
                ("rate=1", "did you mean `outer.rate`?"),
                ("nothing.like.it=1", "`info` lists all settings"),
                ("outer.rate=fast", "write a number"),
                ("data.batch=1.5", "expected a whole number"),
                ("data.batch=0", "expected at least 1"),
                ("outer.momentum=2", "expected at most 1"),
                ("f.classes=4", "change it in fake.advx, line 5, and run `advx build` again")):
            with self.subTest(assignment):
                result = self.program("train", "--data", self.data, "--out", self.folder / "run",
                                      "--set", assignment)
                self.assertComplains(result, 2, text)
                self.assertFalse((self.folder / "run").exists())

    def test_usage(self):
        for arguments in ([], ["trian"], ["train"], ["train", "--data", "x"], ["info", "--bogus"],
                          ["eval", "--checkpoint", "f", "--data", "d", "--limit", "-1"]):
            with self.subTest(arguments):
                self.assertEqual(self.program(*arguments).returncode, 2)
        self.assertEqual(self.program("--help").returncode, 0)

    def test_data_may_come_from_the_environment(self):
        result = self.program("train", "--out", self.folder / "run", "--epochs", 1,
                              env={"ADVX_DATA": str(self.data)})
        self.assertEqual(result.returncode, 0, result.stderr)


class Evaluation(ExecutableTest):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.run_folder = cls.class_folder / "run"
        subprocess.run([PROGRAM, "train", "--data", cls.data, "--out", cls.run_folder, "--epochs",
                        "2"], check=True, capture_output=True)
        cls.final = cls.run_folder / "checkpoints" / "final.safetensors"

    def evaluate(self, *arguments, checkpoint=None, data=None, code=0, patch=None):
        out = self.folder / "eval.json"
        result = self.program("eval", "--checkpoint", checkpoint or self.final, "--data",
                              data or self.data, "--out", out, *arguments, patch=patch)
        self.assertEqual(result.returncode, code, result.stderr)
        report = json.loads(out.read_text())
        return {evaluation["name"]: {attack["name"]: attack for attack in evaluation["attacks"]}
                for evaluation in report["evaluations"]}, result.stdout

    def attack(self, name, *arguments, code=0):
        out = self.folder / f"{name}.safetensors"
        result = self.program("attack", "--checkpoint", self.final, "--data", self.data,
                              "--evaluation", "test", "--attack", name, "--out", out, *arguments)
        self.assertEqual(result.returncode, code, result.stderr)
        return safetensors_lite.read(out)[0]

    def test_agrees_with_the_evaluation_of_training(self):
        summary = json.loads((self.run_folder / "summary.json").read_text())
        final = next(entry for entry in summary["evaluations"] if entry["weights"] == "final")
        ours, _ = self.evaluate()
        self.assertEqual(list(ours["test"].values()), final["attacks"])

    def test_counts_follow_from_the_examples(self):
        clean, sign = self.attack("clean"), self.attack("sign")
        right = clean["correct"] & sign["correct"]
        ours, table = self.evaluate("--evaluation", "test")
        self.assertEqual(list(ours), ["test"])
        result = ours["test"]
        self.assertEqual(result["clean"]["accuracy"], clean["correct"].mean())
        self.assertEqual(result["sign"]["accuracy"], right.mean())
        self.assertEqual(result["worst"]["accuracy"], right.mean())
        p = right.mean()
        self.assertAlmostEqual(result["sign"]["standard_error"], (p * (1 - p) / TEST_COUNT) ** 0.5)
        self.assertAlmostEqual(result["sign"]["objective"], sign["objective"].mean(), places=5)
        self.assertLess(result["sign"]["accuracy"], result["clean"]["accuracy"])
        self.assertIn("max ce(f(x'), y) over B(x) by sign(radius = 1/20)", table)

    def test_an_image_outside_its_set_is_a_failed_attack(self):
        clean = self.attack("clean")
        sign = self.attack("sign", "--set", "fault.outside=true")
        ours, table = self.evaluate("--evaluation", "test", "--set", "fault.outside=true")
        expected = clean["correct"] & (sign["correct"] | ~sign["inside"])
        self.assertTrue((~sign["correct"] & ~sign["inside"] & clean["correct"]).any())
        self.assertEqual(ours["test"]["sign"]["accuracy"], expected.mean())
        self.assertEqual(ours["test"]["worst"]["accuracy"], expected.mean())
        self.assertEqual(ours["test"]["sign"]["outside"], TEST_COUNT // 2)
        self.assertIn("20 outside their set", table)

    def test_results_do_not_depend_on_the_batch(self):
        whole, _ = self.evaluate()
        for batch in (1, 7, 16, 17, 1000):
            with self.subTest(batch):
                ours, _ = self.evaluate("--set", f"data.batch={batch}")
                for name, attack in ours["test"].items():
                    self.assertEqual(attack["accuracy"], whole["test"][name]["accuracy"])
        whole, _ = self.evaluate(patch=IN_WORST)
        self.assertLess(whole["test"]["second"]["attacked"], whole["test"]["first"]["attacked"])
        for batch in (1, 7, 16, 17, 1000):
            with self.subTest(batch, apart=True):
                ours, _ = self.evaluate("--set", f"data.batch={batch}", patch=IN_WORST)
                self.assertEqual(ours, whole)

    def test_lines_inside_a_worst_attack_what_is_left(self):
        faults = ["--set", "fault.outside=true", "--set", "fault.vanishing=true"]
        clean, sign = self.attack("clean"), self.attack("sign", *faults)
        left, finite = clean["correct"].copy(), clean["finite"].copy()
        # One that the first line breaks by not being finite, which else it would not break.
        broken = int((clean["correct"] & sign["correct"] & sign["inside"]).nonzero()[0][0])
        faults += ["--set", f"fault.not_finite={broken}"]
        sign = self.attack("sign", *faults, code=4)
        self.assertFalse(sign["finite"][broken])
        lines, table = self.evaluate("--evaluation", "test", *faults, patch=IN_WORST, code=4)
        lines = lines["test"]
        for name in ("first", "second"):
            attacked = left.copy()
            outside = ~sign["inside"] & sign["finite"]
            left &= sign["finite"] & (sign["correct"] | outside)
            finite &= sign["finite"] | ~attacked
            # The second line neither sees the example again nor forgets it.
            self.assertEqual(lines[name]["nonfinite"], (~finite).sum())
            self.assertEqual(lines[name]["nonfinite"], 1)
            self.assertEqual(lines[name]["attacked"], attacked.sum())
            self.assertTrue(0 < lines[name]["attacked"] < TEST_COUNT)
            self.assertEqual(lines[name]["outside"], (outside & attacked).sum())
            self.assertGreater(lines[name]["outside"], 0)
            self.assertEqual(lines[name]["accuracy"], left.mean())
            self.assertEqual(lines[name]["vanishing"], sign["vanishing"][attacked].mean())
            values = sign["objective"][attacked & sign["finite"]]
            self.assertEqual(lines[name]["objective"], sum(map(float, values)) / len(values))
            self.assertIn(f"attacked the {attacked.sum()} that were left", table)
        self.assertLess(lines["second"]["attacked"], lines["first"]["attacked"])
        self.assertEqual(lines["worst"]["accuracy"], left.mean())
        self.assertNotIn("attacked", lines["worst"])

    def test_examples_that_depend_on_each_other_are_all_attacked(self):
        lines, table = self.evaluate("--evaluation", "test", patch=IN_WORST[1:])
        for name in ("first", "second"):
            self.assertEqual(lines["test"][name]["attacked"], TEST_COUNT)
        self.assertNotIn("that were left", table)
        apart, _ = self.evaluate("--evaluation", "test", patch=IN_WORST)
        for name, line in lines["test"].items():
            self.assertEqual(line["accuracy"], apart["test"][name]["accuracy"])

    def test_nothing_is_left_after_the_clean_images(self):
        data = make_data(self.folder / "data")
        write_idx(data / "t10k-labels-idx1-ubyte", (TEST_COUNT,), bytes([1] * TEST_COUNT))
        weights = self.folder / "weights.safetensors"
        arrays, _ = safetensors_lite.read(self.final)
        arrays["f.weight"][:] = 0
        arrays["f.bias"][:] = [1, 0, 0]
        safetensors_lite.write(weights, arrays)
        lines, table = self.evaluate("--evaluation", "test", checkpoint=weights, data=data,
                                     patch=IN_WORST)
        for name in ("first", "second"):
            line = lines["test"][name]
            self.assertEqual((line["accuracy"], line["attacked"], line["nonfinite"],
                              line["outside"], line["vanishing"]), (0, 0, 0, 0, 0))
            self.assertNotIn("objective", line)
        self.assertIn("attacked the 0 that were left", table)

    def test_clean_counts_where_it_is_not_reported(self):
        clean, sign = self.attack("clean"), self.attack("sign", "--set", "fault.outside=true")
        self.assertTrue((~clean["correct"] & ~sign["inside"]).any())
        alone = {"name": "alone", "split": "test", "attacks": [
            {"name": "sign", "step": "test.sign", "kind": "adversary"}]}
        other = {"name": "other", "split": "test", "attacks": [
            {"name": "clean", "step": "test.clean", "kind": "clean"}]}
        out = self.folder / "alone.json"
        result = self.program("eval", "--checkpoint", self.final, "--data", self.data, "--out",
                              out, "--evaluation", "alone", "--set", "fault.outside=true",
                              patch={"evaluations": [alone, other], "keep": None})
        self.assertEqual(result.returncode, 0, result.stderr)
        (attack,) = json.loads(out.read_text())["evaluations"][0]["attacks"]
        expected = clean["correct"] & (sign["correct"] | ~sign["inside"])
        self.assertEqual(attack["accuracy"], expected.mean())

    def test_limit_takes_the_first_examples(self):
        ours, _ = self.evaluate("--limit", 13)
        self.assertEqual(ours["test"]["clean"]["n"], 13)
        self.assertEqual(ours["val"]["clean"]["n"], VALID_COUNT)
        images = self.attack("sign", "--limit", 13)
        self.assertEqual(images["x"].shape, (13, 1, 4, 4))
        self.assertEqual(list(images["index"]), list(range(13)))

    def test_written_images_are_those_of_the_data(self):
        images = self.attack("sign")
        raw = (self.data / "t10k-images-idx3-ubyte").read_bytes()[16:]
        expected = [byte / 255 for byte in raw]
        self.assertClose(images["x"].ravel(), expected, 1e-7)
        labels = (self.data / "t10k-labels-idx1-ubyte").read_bytes()[8:]
        self.assertEqual(bytes(images["y"].astype("u1")), labels)
        self.assertLessEqual(abs(images["adversarial"] - images["x"]).max(), 0.05 + 1e-6)
        self.assertEqual(images["logits"].shape, (TEST_COUNT, 3))

    def test_weights_from_elsewhere(self):
        arrays, _ = safetensors_lite.read(self.final)
        path = self.folder / "weights.safetensors"
        safetensors_lite.write(path, {name: array for name, array in arrays.items()
                                      if not name.startswith("outer.")})
        self.assertEqual(self.evaluate(checkpoint=path)[0]["test"], self.evaluate()[0]["test"])

    def test_init_writes_what_training_starts_from(self):
        path = self.folder / "init.safetensors"
        self.assertEqual(self.program("init", "--seed", 11, "--out", path).returncode, 0)
        self.train(self.folder / "seeded", "--seed", 11)
        self.train(self.folder / "given", "--seed", 11, "--init", path)
        self.assertEqual(checkpoints(self.folder / "seeded"), checkpoints(self.folder / "given"))
        weight = safetensors_lite.read(path)[0]["f.weight"]
        self.assertLess(abs(weight).max(), 0.25)
        self.assertGreater(weight.std(), 0.1)

    def test_weights_taken_from_a_file_by_the_page(self):
        file = {"model": "f", "file": str(self.final), "folder": "/", "renames": [], "skips": []}
        source = {"source": 0, "keys": ["missing", "f.bias"]}
        state = json.loads(self.program("info", "--json").stdout)["state"]
        self.assertEqual(state[1]["name"], "f.bias")
        # A merge patch replaces a list as a whole, so the leaf is written out.
        leaves = [{"name": "f.weight", "role": "parameter", "shape": [3, 16], "dtype": "f32",
                   "offset": 0, "init": {"kind": "constant", "value": 1}},
                  {"name": "f.bias", "role": "parameter", "shape": [3], "dtype": "f32",
                   "offset": 192, "init": {"kind": "constant", "value": 0}, "from": source}]
        out = self.folder / "init.safetensors"
        patch = {"state": leaves, "sources": [file]}
        result = self.program("init", "--seed", 0, "--out", out, patch=patch)
        self.assertEqual(result.returncode, 0, result.stderr)
        arrays, _ = safetensors_lite.read(out)
        self.assertTrue((arrays["f.bias"] == safetensors_lite.read(self.final)[0]["f.bias"]).all())
        self.assertTrue((arrays["f.weight"] == 1).all())
        self.assertIn("nothing reads `f.weight`", result.stderr)
        source["keys"] = ["missing"]
        result = self.program("init", "--seed", 0, "--out", out, patch=patch)
        self.assertComplains(result, 1, "no tensor `missing` for `f.bias`", "the file holds `f.")
        file["skips"] = ["miss*"]
        result = self.program("init", "--seed", 0, "--out", out, patch=patch)
        self.assertComplains(result, 1, "holds no name like `miss*`", "the file holds `f.")
        file["skips"], source["keys"] = ["f.b*s"], ["f.bias"]
        result = self.program("init", "--seed", 0, "--out", out, patch=patch)
        self.assertIn("initial values for `f.bias`", result.stderr)
        self.assertEqual(abs(safetensors_lite.read(out)[0]["f.bias"]).max(), 0)
        file.update(skips=[], file="none.safetensors", folder=str(self.folder))
        result = self.program("init", "--seed", 0, "--out", out, patch=patch)
        self.assertComplains(result, 1, f"{self.folder}/none.safetensors", "beside the executable")

    def test_names(self):
        common = ["--checkpoint", self.final, "--data", self.data]
        out = self.folder / "out"
        self.assertComplains(self.program("eval", *common, "--evaluation", "tset"), 2,
                             "no evaluation `tset`", "did you mean `test`?")
        self.assertComplains(self.program("attack", *common, "--evaluation", "test", "--attack",
                                          "sing", "--out", out), 2, "did you mean `sign`?")
        self.assertComplains(self.program("attack", *common, "--evaluation", "test", "--attack",
                                          "worst", "--out", out), 2, "combines other attacks")

    def test_a_state_that_the_checkpoint_lacks_has_its_first_value(self):
        patch = [{"op": "replace", "path": "/state/1/role", "value": "state"},
                 {"op": "replace", "path": "/state/1/init/std", "value": 3}]
        initial = self.folder / "initial.safetensors"
        self.program("init", "--seed", 0, "--out", initial, patch=patch)
        arrays = safetensors_lite.read(initial)[0]
        weights = {"f.weight": arrays["f.weight"]}
        found = {}
        for name, bias in (("first", arrays["f.bias"]), ("zero", 0 * arrays["f.bias"]),
                           ("none", None)):
            path = self.folder / f"{name}.safetensors"
            safetensors_lite.write(path, weights if bias is None else {**weights, "f.bias": bias}, {})
            found[name], _ = self.evaluate(checkpoint=path, patch=patch)
        self.assertEqual(found["none"], found["first"])
        self.assertNotEqual(found["none"], found["zero"])

    def test_long_names_keep_their_columns(self):
        name = "a" * 300
        result = self.program("eval", "--checkpoint", self.final, "--data", self.data, "--classes",
                              "--evaluation", "test",
                              patch=[{"op": "replace", "path": "/evaluations/1/attacks/2/name",
                                      "value": name}])
        lines = result.stdout.splitlines()
        (line,) = [line for line in lines if line.startswith(f"  {name}")]
        self.assertRegex(line, r"a  +\d+\.\d\d %  +\d+\.\d\d  +40$")
        header = next(number for number, line in enumerate(lines) if line.startswith("  class"))
        for line in lines[header + 1:header + 4]:
            self.assertEqual(len(line), len(lines[header]))
            self.assertRegex(line, r"^  \d  +\d+(  +\d+\.\d\d %){4}$")

    def test_objectives_are_printed_on_request(self):
        found, shown = self.evaluate("--objectives")
        self.assertNotIn("mean objective", self.evaluate()[1])
        lines = shown.splitlines()
        for evaluation in found.values():
            wanted = {name: line["objective"] for name, line in evaluation.items() if "objective" in line}
            for name, value in wanted.items():
                self.assertIn(f"{value:.6g}", [line.split()[-1] for line in lines if line.split()[:1] == [name]])
        self.assertTrue(any("objective" in line for lines in found.values() for line in lines.values()))

    def test_a_program_without_training_evaluates(self):
        patch = {"train": None, "keep": None}
        result = self.program("eval", "--checkpoint", self.final, "--data", self.data, patch=patch)
        self.assertEqual(result.returncode, 0, result.stderr)
        result = self.program("train", "--data", self.data, "--out", self.folder / "run",
                              patch=patch)
        self.assertComplains(result, 2, "only evaluates", "use `eval`")

    def test_info(self):
        info = json.loads(self.program("info", "--json", "--measure").stdout)
        self.assertEqual(info["experiment"], "fake")
        self.assertEqual(info["memory"]["planned"],
                         {"state_arena": 640, "batch_arena": 16 * 168, "total": 640 + 16 * 168})
        planned, peak = info["memory"]["planned"]["total"], info["memory"]["peak"]["total"]
        self.assertLessEqual(abs(planned - peak), 0.05 * peak)
        text = self.program("info", "--set", "data.batch=100").stdout
        self.assertIn("memory planned for batches of 100", text)
        self.assertIn("f.weight", text)


if __name__ == "__main__":
    advxtest.main()
