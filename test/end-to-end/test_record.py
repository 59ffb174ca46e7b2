# RUN: %{python} %s
"""What a run leaves behind tells what it was: run.json, metrics.jsonl, summary.json."""

import hashlib
import json
import math
import shlex
import unittest

import advxtest
import pages


class Record(advxtest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.data = advxtest.write_data(cls.class_folder / "data",
                                       advxtest.fashion_mnist("train", 200),
                                       advxtest.fashion_mnist("t10k", 150))
        cls.text = pages.tiny(batch=50, epochs=2, evaluate=(
            "clean ce_s = pgd(steps = 5, step = 0.025)"
            " margin = argmax cw(f(x'), y) by pgd(steps = 5, step = 0.025)"
            " strong = worst { ce_s margin }"))
        cls.executable = advxtest.build_page(cls.text)
        cls.run_folder = cls.class_folder / "run"
        cls.output = cls.executable.train(cls.run_folder, cls.data, epochs=2, seed=7,
                                          settings={"inner.step": "1/50"})
        cls.record = json.loads((cls.run_folder / "run.json").read_text())

    def test_every_setting_with_its_value_and_origin(self):
        settings = {entry["path"]: entry for entry in self.record["settings"]}
        self.assertEqual(settings["inner.step"]["value"], 0.02)
        self.assertNotIn(settings["inner.step"]["origin"], ("page", "default"))
        self.assertEqual(settings["inner.steps"]["value"], 10)
        self.assertEqual(settings["inner.steps"]["origin"], "page")
        self.assertEqual(settings["outer.weight_decay"]["value"], 0)
        self.assertEqual(settings["outer.weight_decay"]["origin"], "default")
        self.assertEqual(settings["B.radius"]["value"], 0.1)
        self.assertIn("z.width", {entry["path"] for entry in self.record["structural"]})

    def test_source_seed_threads_and_status(self):
        source = self.record["source"]
        self.assertEqual(source["text"], self.text)
        self.assertEqual(source["sha256"], hashlib.sha256(self.text.encode()).hexdigest())
        self.assertEqual(self.record["seed"]["value"], 7)
        self.assertEqual(self.record["threads"], advxtest.THREADS)
        self.assertEqual(self.record["status"], "complete")

    def test_the_command_it_records_repeats_it(self):
        command = shlex.split(self.record["replay"])
        command[command.index("--out") + 1] = str(self.folder / "again")
        advxtest.run(*command)
        self.assertSameFile(advxtest.last_checkpoint(self.folder / "again"),
                            advxtest.last_checkpoint(self.run_folder))

    def test_summary_has_accuracies_with_count_and_standard_error(self):
        summary = json.loads((self.run_folder / "summary.json").read_text())
        (evaluation,) = summary["evaluations"]
        attacks = {attack["name"]: attack for attack in evaluation["attacks"]}
        self.assertEqual(set(attacks), {"clean", "ce_s", "margin", "strong"})
        for attack in attacks.values():
            p = attack["accuracy"]
            self.assertEqual(attack["n"], 150)
            self.assertAlmostEqual(150 * p, round(150 * p))
            self.assertEqual(attack["outside"], 0)
            self.assertAlmostEqual(attack["standard_error"], math.sqrt(p * (1 - p) / 150))
        self.assertLessEqual(attacks["strong"]["accuracy"],
                             min(attacks["ce_s"]["accuracy"], attacks["margin"]["accuracy"]))
        self.assertLessEqual(attacks["ce_s"]["accuracy"], attacks["clean"]["accuracy"])

    def test_eval_of_the_checkpoint_finds_the_same(self):
        result = self.executable.evaluate(advxtest.last_checkpoint(self.run_folder), self.data,
                                          extra=["--seed", 7])
        summary = json.loads((self.run_folder / "summary.json").read_text())
        for attack in summary["evaluations"][0]["attacks"]:
            self.assertIn(f"{100 * attack['accuracy']:.2f}", result.stdout)

    def test_metrics_are_one_object_a_line(self):
        lines = (self.run_folder / "metrics.jsonl").read_text().splitlines()
        events = [json.loads(line) for line in lines]
        losses = [event["loss"] for event in events if "loss" in event]
        self.assertGreaterEqual(len(losses), 2)
        self.assertTrue(all(math.isfinite(loss) for loss in losses))

    def test_a_pipe_gets_plain_lines(self):
        self.assertNotIn("\r", self.output.stdout + self.output.stderr)
        self.assertNotIn("\x1b", self.output.stdout + self.output.stderr)

    def test_info_shows_settings_state_and_memory(self):
        info = self.executable.info()
        self.assertEqual(info["experiment"], "probe")
        self.assertGreater(info["memory"]["planned"]["total"], 0)
        text = advxtest.run(self.executable.path, "info").stdout
        for word in ("inner.step", "z.conv1.weight", "memory"):
            self.assertIn(word, text)


if __name__ == "__main__":
    advxtest.main()
