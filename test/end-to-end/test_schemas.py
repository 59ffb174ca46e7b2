# RUN: %{python} %s
"""Every file that a run leaves is as docs/schemas says, field by field."""

import json
import struct
import unittest

import jsonschema

import advxtest
import pages
import safetensors_lite

SCHEMAS = advxtest.SOURCE / "docs" / "schemas"
TERMS = "  let clean = ce(f(x), y)\n  let robust = weight * kl(f(x), f(x'))\n"
PAGE = pages.normed(
    batch=16, epochs=2, lets="  let weight = 2", loss="clean + robust", optimizer="sgd(lr = cyclic(0.1))",
    inner="argmax kl(f(x), f(x')) over B(x) by pgd(steps = 2, step = 0.05, start = gaussian)",
    evaluate="clean pgd = pgd(steps = 2, step = 0.05) all = worst { pgd }")
PAGE = PAGE.replace("batch = 16", "batch = 16, valid = 40").replace(
    "  outer minimize", TERMS + "  state e : weights(f) per run = weights(f)\n  outer minimize").replace(
    "for 2 epochs", "for 2 epochs\n        then e := (e + weights(f)) / 2")
PAGE = PAGE.rstrip("}\n") + """ }
  evaluate at end on test(10) with f[e, eval] as own { pgd(steps = 1) }
  evaluate every 1 epochs on valid with f[e] as val { clean pgd = pgd(steps = 1, step = 0.05) }
  keep best(val.pgd)
}
"""


def validate(schema, value):
    text = json.loads((SCHEMAS / f"{schema}.schema.json").read_text())
    jsonschema.Draft202012Validator.check_schema(text)
    errors = list(jsonschema.Draft202012Validator(text).iter_errors(value))
    if errors:
        best = jsonschema.exceptions.best_match(errors)
        raise AssertionError(f"{schema}: {best.json_path}: {best.message}")


def strict(text):
    """JSON without NaN, Infinity and null, which the documents promise not to be there."""
    def refuse(constant):
        raise AssertionError(f"JSON has no {constant}")

    value = json.loads(text, parse_constant=refuse)
    stack = [value]
    while stack:
        part = stack.pop()
        if part is None:
            raise AssertionError("null")
        stack += part.values() if isinstance(part, dict) else part if isinstance(part, list) else []
    return value


def header(path):
    with open(path, "rb") as file:
        size = struct.unpack("<Q", file.read(8))[0]
        return strict(file.read(size))


class Schemas(advxtest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.data = advxtest.write_data(cls.class_folder / "data",
                                       advxtest.fashion_mnist("train", 1040),
                                       advxtest.fashion_mnist("t10k", 60))
        cls.executable = advxtest.build_page(PAGE)
        cls.run_folder = cls.class_folder / "run"
        cls.executable.train(cls.run_folder, cls.data, epochs=2, extra=[
            "--limit", 1000, "--profile", "--stop-after", 1])
        cls.executable.train(cls.run_folder, cls.data, epochs=2, extra=["--resume", "--profile"])

    def read(self, name):
        return strict((self.run_folder / name).read_text())

    def test_run(self):
        record = self.read("run.json")
        validate("run", record)
        self.assertEqual((record["limit"], len(record["resumed"])), (1000, 1))

    def test_metrics(self):
        kinds = {}
        for line in (self.run_folder / "metrics.jsonl").read_text().splitlines():
            event = strict(line)
            validate("metrics", event)
            kinds.setdefault(event["event"], []).append(event["epoch"])
        # 63 steps an epoch; two evaluations at the end of the last weights and two of the best.
        self.assertEqual(kinds["step"], [1, 2])
        self.assertEqual(kinds["epoch"], [1, 2])
        self.assertEqual(kinds["evaluation"][:4], [1, 2, 2, 2])
        self.assertEqual(len(kinds["evaluation"]), 6)

    def test_summary_and_profile(self):
        validate("summary", self.read("summary.json"))
        validate("profile", self.read("profile.json"))

    def test_checkpoints(self):
        for name in ("last", "best", "final"):
            metadata = header(self.run_folder / f"checkpoints/{name}.safetensors")["__metadata__"]
            self.assertEqual(set(metadata), {"advx.experiment", "advx.optimizer", "advx.training"})
            validate("checkpoint", strict(metadata["advx.training"]))

    def test_eval(self):
        out = self.folder / "eval.json"
        self.executable.evaluate(advxtest.last_checkpoint(self.run_folder), self.data,
                                 extra=["--out", out])
        report = strict(out.read_text())
        validate("eval", report)
        self.assertEqual([evaluation.get("with", {}).get("statistics") for evaluation in report["evaluations"]],
                         [None, "own", "estimated"])
        # Of weights alone.
        arrays, _ = safetensors_lite.read(advxtest.last_checkpoint(self.run_folder))
        weights = self.folder / "weights.safetensors"
        safetensors_lite.write(weights, {name: array for name, array in arrays.items()
                                         if not name.startswith(("e.", "outer."))})
        self.executable.evaluate(weights, self.data, extra=["--out", out])
        report = strict(out.read_text())
        validate("eval", report)
        self.assertEqual(report["begun"], ["e"])

    def test_attack(self):
        for evaluation, statistics in (("test", None), ("own", "running statistics: those of f")):
            out = self.folder / f"{evaluation}.safetensors"
            advxtest.run(self.executable.path, "attack", "--checkpoint",
                         advxtest.last_checkpoint(self.run_folder), "--data", self.data,
                         "--evaluation", evaluation, "--attack", "pgd", "--out", out, "--limit", 8)
            validate("attack", header(out))
            self.assertEqual(header(out)["__metadata__"].get("statistics"), statistics)

    def info(self, *extra):
        info = strict(advxtest.run(self.executable.path, "info", "--json", *extra).stdout)
        validate("info", info)
        return info

    def test_info(self):
        info = self.info()
        rate = {setting["path"]: setting for setting in info["settings"]}["outer.lr"]
        self.assertEqual([point["epoch"] for point in rate["at"]], [0, 1, 2])
        self.assertEqual(info["evaluations"][0]["attacks"][2]["of"], ["pgd"])
        self.assertNotIn("peak", info["memory"])
        info = self.info("--measure", "--set", "outer.lr=constant:0.5", "--set", "weight=1e300")
        self.assertIn("peak", info["memory"])
        rate = {setting["path"]: setting for setting in info["settings"]}["outer.lr"]
        self.assertEqual((rate["value"], rate["origin"]), (0.5, "command line"))

    def test_compare(self):
        broken = self.folder / "broken"
        broken.mkdir()
        result = advxtest.run(advxtest.ADVX, "compare", "--json", self.run_folder,
                              self.run_folder, broken, check=False)
        self.assertEqual(result.returncode, 1)
        validate("compare", strict(result.stdout))

    def test_a_failed_run(self):
        """A weight that no number holds: the last event says which term was too large."""
        run = self.folder / "run"
        result = self.executable.train(run, self.data, epochs=2, check=False,
                                       settings={"weight": "1e300"})
        self.assertEqual(result.returncode, 4)
        record = strict((run / "run.json").read_text())
        validate("run", record)
        self.assertEqual(record["status"], "failed")
        events = [strict(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
        for event in events:
            validate("metrics", event)
        self.assertEqual((events[-1]["loss"], events[-1]["terms"]["robust"]), ("inf", "inf"))
        self.assertGreater(events[-1]["terms"]["clean"], 0)
        self.assertIn(f"step {events[-1]['step']} of ", record["error"])
        validate("compare", strict(advxtest.run(advxtest.ADVX, "compare", "--json", run).stdout))

    def test_no_schema_lets_a_field_pass(self):
        paths = sorted(SCHEMAS.iterdir())
        self.assertEqual(len(paths), 11)
        for path in paths:
            stack = [json.loads(path.read_text())]
            while stack:
                part = stack.pop()
                if isinstance(part, dict):
                    if part.get("type") == "object":
                        self.assertIn("additionalProperties", part, path.name)
                        self.assertIsNot(part["additionalProperties"], True, path.name)
                    stack += part.values()
                elif isinstance(part, list):
                    stack += part


if __name__ == "__main__":
    advxtest.main()
