# RUN: %{python} %s
"""`compare`: what differs between runs, their accuracies, and folders that are no runs."""

import json
import os
import shutil
import unittest

from executable_case import ExecutableTest, advxtest, events


class Limit(ExecutableTest):
    def test_first_images_of_each_split(self):
        self.train(self.folder / "run", "--limit", 20, "--epochs", 1)
        record = json.loads((self.folder / "run/run.json").read_text())
        summary = json.loads((self.folder / "run/summary.json").read_text())
        self.assertEqual((record["limit"], summary["limit"]), (20, 20))
        self.assertIn("--limit 20", record["replay"])
        # Two batches of up to 16; 10 valid images are fewer than 20, 40 test images are more.
        of_epoch, valid = events(self.folder / "run")[:2]
        self.assertEqual(of_epoch["iteration"], 2)
        self.assertEqual(valid["attacks"][0]["n"], 10)
        self.assertEqual(summary["evaluations"][0]["attacks"][0]["n"], 20)

    def test_a_resumed_run_keeps_it(self):
        run = self.folder / "run"
        self.train(run, "--limit", 20, "--stop-after", 1)
        for limit, text in ((30, "its limit is 20 images, not 30"), (0, ""), (-3, "")):
            result = self.program("train", "--data", self.data, "--out", run, "--resume",
                                  "--limit", limit)
            self.assertEqual(result.returncode, 2)
            self.assertIn(text, result.stderr)
        self.train(run, "--resume")
        self.train(self.folder / "whole", "--limit", 20)
        self.assertSameRun(run, self.folder / "whole")
        self.train(self.folder / "other", "--stop-after", 1)
        result = self.program("train", "--data", self.data, "--out", self.folder / "other",
                              "--resume", "--limit", 20)
        self.assertComplains(result, 2, "it was started without a limit")


class Compare(ExecutableTest):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        case = cls("train")
        cls.a, cls.b = cls.class_folder / "a", cls.class_folder / "b"
        case.train(cls.a, "--epochs", 1)
        case.train(cls.b, "--epochs", 1, "--seed", 3, "--set", "inner.radius=1/10")

    def compare(self, *runs, code=0):
        result = self.program("compare", *runs)
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        return result

    def test_what_differs_comes_first(self):
        text = self.compare(self.a, self.b).stdout
        differences, tables = text.split("\n\n", 1)
        rows = [[cell.strip() for cell in line.strip("|").split("|")]
                for line in differences.splitlines()]
        self.assertEqual(rows[0], ["what differs", "a", "b"])
        self.assertEqual(rows[2:], [["seed", "0", "3"], ["inner.radius", "0.05", "0.1"]])
        self.assertIn("test, final weights (40 images of test, epoch 1)", tables)
        self.assertIn("| accuracy in % | clean", tables)

    def test_accuracies_are_those_of_the_summary(self):
        summary = json.loads((self.a / "summary.json").read_text())
        text = self.compare(self.a).stdout
        for attack in summary["evaluations"][0]["attacks"]:
            self.assertIn(f"{100 * attack['accuracy']:.2f} +- "
                          f"{100 * attack['standard_error']:.2f}", text)
        self.assertNotIn("what differs", text)
        found = json.loads(self.program("compare", "--json", self.a, self.b).stdout)
        final = [e for e in found["runs"][0]["evaluations"]
                 if (e["name"], e["weights"]) == ("test", "final")]
        self.assertEqual([a["accuracy"] for a in final[0]["attacks"]],
                         [a["accuracy"] for a in summary["evaluations"][0]["attacks"]])
        self.assertEqual(found["differences"][0], {"name": "seed", "values": ["0", "3"]})

    def test_equal_runs(self):
        self.assertIn("the runs have the same page, seed, settings and compiler",
                      self.compare(self.a, self.a).stdout)

    def test_another_page_and_another_compiler_are_told(self):
        for patch, text in (
                ({"source": {"path": "fake.advx", "text": "", "sha256": "beef"}}, "beef"),
                ({"compiler": {"options": "-O2"}}, "-O2"),
                ({"dtype": "f32", "experiment": "other"}, "other")):
            run = self.folder / text
            self.train(run, "--epochs", 1, patch=patch)
            self.assertIn(text, self.compare(self.a, run).stdout.split("\n\n")[0])

    def test_a_line_that_a_run_lacks(self):
        run = self.folder / "run"
        self.train(run, "--epochs", 1, patch={"keep": None, "evaluations": [
            {"name": "quick", "split": "test", "count": 5, "at_end": True,
             "attacks": [{"name": "clean", "step": "test.clean", "kind": "clean"}]}]})
        text = self.compare(self.a, run).stdout
        self.assertRegex(text, r"\| run +\| - +\| - +\|")
        self.assertRegex(text, r"quick, final weights \(5 images of test, epoch 1\)")

    def test_runs_that_are_not_complete(self):
        stopped, failed = self.folder / "stopped", self.folder / "failed"
        self.train(stopped, "--stop-after", 1)
        self.train(failed, "--epochs", 4, "--set", "fault.nan_at=9", code=4)
        text = self.compare(stopped, failed).stdout
        self.assertIn("stopped is not complete: stopped in epoch 1\n", text)
        self.assertIn("failed is not complete: failed in epoch 2: the loss is not a number", text)
        self.assertIn("val, current weights", text)

    def test_folders_that_are_no_runs(self):
        def broken(name, change):
            run = self.folder / name
            shutil.copytree(self.a, run)
            change(run)
            return run

        def edit(file, **changes):
            def change(run):
                record = json.loads((run / file).read_text())
                (run / file).write_text(json.dumps({**record, **changes}))
            return change

        def replace(file, text):
            return lambda run: (run / file).write_text(text)

        def fifo(run):
            (run / "run.json").unlink()
            os.mkfifo(run / "run.json")

        def folder(run):
            (run / "summary.json").unlink()
            (run / "summary.json").mkdir()

        event = {"event": "evaluation", "epoch": 1, "name": "n", "split": "test",
                 "weights": "final", "attacks": [{"name": "clean", "accuracy": 2}]}
        cases = {
            "empty": lambda run: (shutil.rmtree(run), run.mkdir()),
            "gone": shutil.rmtree,
            "no-summary": lambda run: (run / "summary.json").unlink(),
            "fifo": fifo, "folder": folder,
            "no-json": replace("run.json", "{"),
            "null": replace("run.json", "null"),
            "deep": replace("run.json", "[" * 1000000),
            "deep-object": replace("summary.json", '{"a":' * 100000 + "1" + "}" * 100000),
            "bytes": lambda run: (run / "run.json").write_bytes(b'{"a": "\xff\xfe"}'),
            "settings": edit("run.json", settings={"a": 1}),
            "setting": edit("run.json", settings=[3, None]),
            "status": edit("run.json", status=["complete"]),
            "evaluations": edit("summary.json", evaluations=[{"name": 3}]),
            "attack": edit("summary.json", evaluations=[{**event, "attacks": [None]}]),
            "share": replace("metrics.jsonl", json.dumps(event) + "\n"),
            "events": replace("metrics.jsonl", '{"event": "step"}\nnonsense\n'),
            "count": replace("metrics.jsonl", '{"event": "step", "epoch": -1e300}\n'),
        }
        for name, change in cases.items():
            with self.subTest(name):
                result = self.compare(broken(name, change), self.b, code=1)
                self.assertIn(f"{self.folder}/{name}", result.stderr)
                self.assertNotIn("defect", result.stderr)
                self.assertIn("| b  ", result.stdout)  # the others are shown all the same

    def test_control_characters_stay_where_they_are(self):
        run = self.folder / "run"
        shutil.copytree(self.a, run)
        record = json.loads((run / "run.json").read_text())
        record.update(experiment="\x1b[31mred\n| forged |", status="fa\x07iled", error="\x9b2J")
        (run / "run.json").write_text(json.dumps(record))
        text = self.compare(run, self.a).stdout
        self.assertNotRegex(text, "[\x00-\x09\x0b-\x1f\x7f-\x9f]")
        self.assertNotIn("\n| forged", text)
        self.assertEqual(json.loads(self.compare("--json", run).stdout)["runs"][0]["experiment"],
                         record["experiment"])

    def test_a_line_that_was_cut_off_is_no_error(self):
        run = self.folder / "run"
        shutil.copytree(self.a, run)
        with open(run / "metrics.jsonl", "a") as file:
            file.write('{"event": "evalua')
        self.compare(run)

    def test_the_compiler_compares_too(self):
        ours = self.compare(self.a, self.b).stdout
        self.assertEqual(advxtest.run(advxtest.ADVX, "compare", self.a, self.b).stdout, ours)


if __name__ == "__main__":
    advxtest.main()
