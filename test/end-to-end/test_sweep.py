# RUN: %{python} %s
"""L-sweep-axes: `EXE sweep` trains each combination once, goes on with what is broken, and prints one table."""

import json
import shutil
import unittest

import jsonschema
import numpy as np

import advxtest
import pages

SCHEMAS = advxtest.SOURCE / "docs" / "schemas"
PAGE = pages.tiny(batch=64, inner="argmax ce(f(x'), y) over B(x) by pgd(steps = 1, step = 0.05)", lets="  let rate = 0.1",
                  optimizer="sgd(lr = rate)", evaluate="clean pgd = pgd(steps = 1, step = 0.05)")
PAGE = PAGE.rstrip("}\n") + " }\n  sweep rate in [1/100, 0.1], inner.steps in 1..2, seed in 0..1\n}\n"
CELLS = 8


def validate(name, value):
    jsonschema.validate(value, json.loads((SCHEMAS / f"{name}.schema.json").read_text()))


class Sweep(advxtest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.data = advxtest.write_data(cls.class_folder / "data", advxtest.fashion_mnist("train", 320),
                                       advxtest.fashion_mnist("t10k", 100))
        cls.built = advxtest.build_page(PAGE)
        cls.out = cls.class_folder / "sweep"
        cls.first = cls.sweep(cls, cls.out, "--jobs", 2)

    def sweep(self, out, *options, check=True):
        return advxtest.run(self.built.path, "sweep", "--data", self.data, "--out", out, "--epochs", 1, "--threads", 2,
                            *options, check=check)

    def cell(self, number, out=None):
        return (out or self.out) / "cells" / str(number)

    def accuracies(self, number):
        summary = json.loads((self.cell(number) / "summary.json").read_text())
        return {line["name"]: line["accuracy"] for line in summary["evaluations"][0]["attacks"]}

    def test_cells_are_runs_of_all_combinations(self):
        validate("sweep", json.loads((self.out / "sweep.json").read_text()))
        seen = set()
        for number in range(CELLS):
            record = json.loads((self.cell(number) / "run.json").read_text())
            self.assertEqual(record["status"], "complete")
            self.assertEqual(record["replay"].split()[:2], [str(self.built.path), "train"])
            values = {entry["path"]: entry["value"] for entry in record["settings"]}
            seen.add((values["rate"], values["inner.steps"], record["seed"]["value"]))
        self.assertEqual(len(seen), CELLS)
        # The same run by itself is the same to the last bit.
        alone = self.folder / "alone"
        self.built.train(alone, self.data, seed=1, settings={"rate": "1/100", "inner.steps": 2})
        ours = advxtest.weights(advxtest.last_checkpoint(self.cell(3)))
        for name, value in advxtest.weights(advxtest.last_checkpoint(alone)).items():
            self.assertTrue((ours[name] == value).all(), name)

    def test_table_has_means_and_deviations(self):
        rows = [[cell.strip() for cell in line.strip("|").split("|")]
                for line in self.first.stdout.splitlines() if line.startswith("|")]
        self.assertEqual(rows[0], ["rate", "inner.steps", "runs", "test.clean", "test.pgd"])
        self.assertEqual([row[:3] for row in rows[2:]],
                         [["1/100", "1", "2"], ["1/100", "2", "2"], ["1/10", "1", "2"], ["1/10", "2", "2"]])
        for index, row in enumerate(rows[2:]):
            pair = np.array([self.accuracies(2 * index + seed)["pgd"] for seed in (0, 1)]) * 100
            self.assertEqual(row[4], f"{pair.mean():.2f} +- {pair.std(ddof=1):.2f}")

    def test_table_is_sorted_by_any_column(self):
        table = self.sweep(self.out, "--sort", "test.pgd", "--json")
        value = json.loads(table.stdout)
        validate("sweep-table", value)
        means = [row["accuracy"]["test.pgd"]["mean"] for row in value["rows"]]
        self.assertEqual(means, sorted(means, reverse=True))
        steps = json.loads(self.sweep(self.out, "--sort", "inner.steps", "--json").stdout)
        self.assertEqual([row["values"][1] for row in steps["rows"]], ["1", "1", "2", "2"])
        wrong = self.sweep(self.out, "--sort", "test.pdg", check=False)
        self.assertEqual(wrong.returncode, 2)
        self.assertIn("`test.pgd`", wrong.stderr)
        for column in ("test.pdg", "test.pgd (best)", "seed"):  # before there is a run, and at once
            fresh = self.folder / "fresh"
            self.assertEqual(self.sweep(fresh, "--sort", column, check=False).returncode, 2)
            self.assertFalse(fresh.exists())

    def test_table_of_cells_without_results(self):
        out = self.folder / "partly"
        shutil.copytree(self.out, out)
        (self.cell(3, out) / "run.json").write_text("{")
        rows = json.loads(self.sweep(out, "--table", "--json").stdout)["rows"]
        self.assertEqual([row["complete"] for row in rows], [2, 1, 2, 2])
        shutil.rmtree(out / "cells")
        rows = json.loads(self.sweep(out, "--table", "--json", "--sort", "test.pgd").stdout)["rows"]
        self.assertEqual([row["complete"] for row in rows], [0, 0, 0, 0])

    def test_complete_cells_are_kept_and_broken_ones_continued(self):
        out = self.folder / "again"
        shutil.copytree(self.out, out)
        kept = (self.cell(0, out) / "summary.json").stat().st_mtime_ns
        before = advxtest.weights(advxtest.last_checkpoint(self.cell(5)))
        # One that was killed after its last checkpoint, one that never began.
        broken = self.cell(5, out)
        (broken / "summary.json").unlink()
        (broken / "checkpoints" / "final.safetensors").unlink()
        record = json.loads((broken / "run.json").read_text())
        (broken / "run.json").write_text(json.dumps({**record, "status": "running"}))
        shutil.rmtree(self.cell(6, out))
        table = self.sweep(out, "--jobs", 2)
        self.assertIn(f"{CELLS - 2} of {CELLS} cells are complete", table.stderr)
        self.assertEqual(table.stdout, self.first.stdout)
        self.assertEqual((self.cell(0, out) / "summary.json").stat().st_mtime_ns, kept)
        for name, value in advxtest.weights(advxtest.last_checkpoint(broken)).items():
            self.assertTrue((before[name] == value).all(), name)

    def test_one_cell_of_a_job_array(self):
        out = self.folder / "array"
        self.sweep(out, "--cell", 7, "--progress", "off")
        self.assertEqual([path.name for path in sorted((out / "cells").iterdir())], ["7"])
        table = self.sweep(out, "--table")
        self.assertIn("1 of 2", table.stdout)
        self.assertEqual(self.sweep(out, "--cell", 8, check=False).returncode, 2)
        ours, theirs = (advxtest.weights(advxtest.last_checkpoint(self.cell(7, folder))) for folder in (out, self.out))
        self.assertTrue(all((ours[name] == theirs[name]).all() for name in ours))

    def test_what_does_not_fit_is_refused(self):
        for options, words in (("--set rate=1", "sweeps `rate`"), ("--seed 3", "sweeps `seed`"),
                               ("--limit 64", "differs in `limit`")):
            result = self.sweep(self.out, *options.split(), check=False)
            self.assertEqual(result.returncode, 2, options)
            self.assertIn(words, result.stderr)
        plain = advxtest.build_page(pages.tiny(batch=64, evaluate="clean"))
        result = advxtest.run(plain.path, "sweep", "--data", self.data, "--out", self.folder / "none", check=False)
        self.assertEqual(result.returncode, 2)
        self.assertIn("has no `sweep`", result.stderr)

    def test_a_cell_that_fails_does_not_stop_the_others(self):
        data = self.folder / "data"
        shutil.copytree(self.data, data)
        out = self.folder / "failing"
        (out / "cells").mkdir(parents=True)
        (out / "cells" / "2").write_text("in the way")
        result = advxtest.run(self.built.path, "sweep", "--data", data, "--out", out, "--epochs", 1, "--jobs", 2,
                              "--threads", 2, "--limit", 64, check=False)
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("cell 2 (rate = 1/100, inner.steps = 2, seed = 0) failed", result.stderr)
        self.assertEqual(len(list(out.glob("cells/*/summary.json"))), CELLS - 1)


if __name__ == "__main__":
    advxtest.main()
