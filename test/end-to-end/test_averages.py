# RUN: %{python} %s
"""Averages of weights: three steps of the examples and their evaluation beside PyTorch, with its AveragedModel
and update_bn; first values, resuming, other statistics, weights taken out of a checkpoint.

Rules: L-state-weights, L-state-names, L-evaluate-with, L-evaluate-statistics, L-evaluate-begun.
"""

import json
import unittest

import numpy as np
import torch
import torch.nn.functional as F
from torch.optim.swa_utils import update_bn

import advxtest
import draws
import frameworks
import oracle
import pages
import programs_averages
import safetensors_lite

COUNT = frameworks.BATCH * frameworks.STEPS
STEP = 0.01


class Normed(torch.nn.Module):
    """frameworks.NETWORK as PyTorch has it, at the tensors of p."""

    def __init__(self, p):
        super().__init__()
        self.conv1 = torch.nn.Conv2d(1, 4, 3, 2, 1)
        self.bn1 = torch.nn.BatchNorm2d(4)
        self.conv2 = torch.nn.Conv2d(4, 8, 3, 2, 1, bias=False)
        self.bn2 = torch.nn.BatchNorm2d(8, momentum=0.3, eps=1e-3)
        self.fc = torch.nn.Linear(8 * 7 * 7, 40)
        self.double()
        own = {name[2:]: tensor for name, tensor in p.items() if name.startswith("z.")}
        self.load_state_dict(own, strict=False)

    def forward(self, x):
        x = F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))))
        return F.relu(self.fc(x.flatten(1)))


def estimated(p, images, count, seed=frameworks.SEED):
    """The network at p with statistics by PyTorch's update_bn, on our batches of the first images."""
    network = Normed(p)
    rows = draws.order(count, seed, 0, "statistics")
    size = min(frameworks.BATCH, count)
    update_bn([images[rows[first:first + size]] for first in range(0, count - size + 1, size)], network)
    return network.eval()


def statistics(network):
    return {f"z.{name}": tensor for name, tensor in network.state_dict().items() if ".running_" in name}


EVALUATED = f"""
  evaluate at end on test(20) with f[e] {{ clean  ce = pgd(steps = 3, step = {STEP}, start = center) }}
  evaluate at end on test(20) with f[e, eval] as own {{ clean  ce = pgd(steps = 3, step = {STEP}, start = center) }}
}}"""


class Averages(frameworks.FrameworkCase):
    PROGRAMS = {name: {**entry, **({"after": programs_averages.swa(1), "epochs": 3} if "swa" in name else {})}
                for name, entry in programs_averages.PROGRAMS.items()}

    def check_page(self, name):
        self.scale = self.PROGRAMS[name].get("scale")
        self.check(name, lambda text: text.replace("let first = 2", "let first = 1").rstrip().removesuffix("}").rstrip() +
                   EVALUATED)

    def check_kept(self, executable, run, ours, training, precision, tolerance):
        average = training.state["e"]
        for name, tensor in average.items():
            self.assertClose(ours[f"e.{name}"], tensor, tolerance, f"e.{name}")
            self.assertFalse(np.array_equal(ours[f"e.{name}"], ours[name]), name)
        if precision == "f32":
            return
        # `final` has the statistics of the images that training had.
        images = training.images
        for name, tensor in statistics(estimated(average, images, len(images))).items():
            self.assertClose(ours[f"e.{name}"], tensor, tolerance, f"e.{name}")
        # An evaluation of the checkpoint estimates them anew, on all training images.
        every = oracle.images(self.examples[0], torch.float64)
        network = estimated(average, every, COUNT)
        self.check_attack(executable, run, "test", network, average, tolerance)
        network.load_state_dict({name[2:]: tensor for name, tensor in training.p.items() if ".running_" in name},
                                strict=False)
        self.check_attack(executable, run, "own", network, average, tolerance)

    def check_attack(self, executable, run, evaluation, network, average, tolerance):
        def logits(x):
            z = network(x)
            return oracle.hypersphere(average, z, self.scale) if self.scale else oracle.linear(average, z)

        found = executable.attack(advxtest.last_checkpoint(run), self.data, evaluation, "ce")
        self.assertEqual(len(found["y"]), 20)
        x, y = torch.from_numpy(found["x"]), torch.from_numpy(found["y"])
        adversarial = oracle.pgd(lambda v: oracle.ce(logits(v), y), x, x, 3, STEP, frameworks.RADIUS, "linf")
        self.assertClose(found["adversarial"], adversarial, tolerance, f"{evaluation}: adversarial")
        with torch.no_grad():
            self.assertClose(found["logits"], logits(adversarial), tolerance, f"{evaluation}: logits")
        result = executable.evaluate(advxtest.last_checkpoint(run), self.data, extra=["--evaluation", evaluation])
        accuracy = float((logits(x).argmax(1) == y).double().mean())
        self.assertRegex(result.stdout, rf"clean +{100 * accuracy:.2f} %")
        model = "f[e]" if evaluation == "test" else "f[e, eval]"
        self.assertIn(f"{evaluation}: 20 images of test, {model}, ", result.stdout)
        said = (f"estimated for f[e] on {COUNT} training images, 3 batches" if evaluation == "test"
                else "those of f")
        self.assertIn(f"  running statistics: {said}\n", result.stdout)

    def test_moving_average_of_trades(self):
        self.check_page("averages/ema_trades")

    def test_moving_average_of_trades_with_hypersphere_embedding(self):
        self.check_page("averages/ema_trades_he")

    def test_mean_of_pgd_at(self):
        self.check_page("averages/swa_pgd_at")

    def test_mean_of_pgd_at_with_hypersphere_embedding(self):
        self.check_page("averages/swa_pgd_at_he")


def with_average(page, states, updates):
    head, tail = page.split("  outer minimize")
    return head + states + "\n  outer minimize" + tail.replace(" epochs", " epochs\n" + updates, 1)


KEPT = with_average(
    pages.normed(inner=None, epochs=4, batch=16, loss="ce(f(x), y) + kl(f[e, eval](x), f(x))",
                 optimizer="sgd(lr = 0.1)", lets="  let start = 0"),
    "  state e : weights(f) per run = weights(f)\n  state b : norms(f) per run = norms(f)\n"
    "  state c : biases(z) per run = start",
    "        then e := 0.8 * e + 0.2 * weights(f)\n        also b := b + norms(f)\n"
    "        then c := c + 1").replace("batch = 16", "batch = 16, valid = 16").rstrip().removesuffix("}") + """
  evaluate every 1 epochs on valid with f[e] as val { pgd(steps = 2, step = 0.05) }
  evaluate every 1 epochs on valid { clean }
  evaluate at end on test with f[(e + weights(f)) / 2] as between { clean }
  keep best(val.pgd)
  stop when val.pgd < previous(val.pgd) - 2
}
"""
PLAIN = pages.normed(inner=None, loss="ce(f(x), y)", optimizer="sgd(lr = 0.1)", batch=16)


class Kept(advxtest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.examples = advxtest.fashion_mnist("train", 80)
        cls.data = advxtest.write_data(cls.class_folder / "data", cls.examples, advxtest.fashion_mnist("t10k", 30))
        cls.page = advxtest.build_page(KEPT, "--precision", "f64")
        cls.page.train(cls.class_folder / "run", cls.data, epochs=4, seed=2)

    def checkpoint(self, name, run="run"):
        return safetensors_lite.read(self.class_folder / run / "checkpoints" / f"{name}.safetensors")[0]

    def test_resume(self):
        folder = self.class_folder / "resumed"
        self.page.train(folder, self.data, epochs=4, seed=2, extra=["--stop-after", 2])
        self.page.train(folder, self.data, epochs=4, seed=2, extra=["--resume"])
        for name in ("final", "best"):
            whole, resumed = self.checkpoint(name), self.checkpoint(name, "resumed")
            self.assertEqual(whole.keys(), resumed.keys())
            for tensor in whole:
                self.assertSameArray(whole[tensor], resumed[tensor], f"{name}: {tensor}")

    def test_first_values(self):
        """Those of the model, also of a file; or a number, which is a setting."""
        initial = self.page.init(self.folder / "initial", 5)
        for name in ("z.conv1.weight", "f.bias"):
            self.assertSameArray(initial[f"e.{name}"], initial[name])
        self.assertSameArray(initial["b.z.bn1.weight"], initial["z.bn1.weight"])
        self.assertFalse(initial["c.z.conv1.bias"].any())
        # Weights alone, and a run that makes no step.
        plain = advxtest.build_page(PLAIN, "--precision", "f64")
        weights = plain.init(self.folder / "weights", 6)
        self.page.train(self.folder / "run", self.data, epochs=1, seed=2, settings={"start": 3, "outer.lr": "constant:0"},
                        extra=["--init", self.folder / "weights"])
        ours = safetensors_lite.read(advxtest.last_checkpoint(self.folder / "run"))[0]
        for name in ("z.conv1.weight", "f.bias", "z.bn2.weight"):
            self.assertClose(ours[f"e.{name}"], weights[name], 1e-12, name)
        self.assertSameArray(ours["c.z.conv1.bias"], np.full(4, 3.0 + 4))  # a step for each batch

    def test_best_holds_an_evaluation_that_repeats(self):
        summary = json.loads((self.class_folder / "run" / "summary.json").read_text())
        events = [json.loads(line) for line in (self.class_folder / "run" / "metrics.jsonl").read_text().splitlines()]
        val = next(event for event in events if event["event"] == "evaluation" and event["name"] == "val" and
                   event["epoch"] == summary["best"]["epoch"])
        self.assertEqual(val["with"], {"model": "f[e]", "statistics": "estimated", "images": 64, "batches": 4})
        clean, pgd = (line["accuracy"] for line in val["attacks"])
        self.assertEqual(pgd, summary["best"]["accuracy"])
        out = self.folder / "report.json"
        best = self.class_folder / "run" / "checkpoints" / "best.safetensors"
        self.page.evaluate(best, self.data, extra=["--evaluation", "val", "--out", out])
        report = json.loads(out.read_text())
        self.assertNotIn("begun", report)
        self.assertEqual([line["accuracy"] for line in report["evaluations"][0]["attacks"]], [clean, pgd])
        between = summary["evaluations"][0]
        self.assertEqual(between["with"]["model"], "f[(e + weights(f)) / 2]")
        self.assertIn("between[z.bn1.running_mean]", self.checkpoint("final"))

    def test_a_file_of_weights_alone(self):
        plain = advxtest.build_page(PLAIN, "--precision", "f64")
        plain.init(self.folder / "weights.safetensors", 6)
        out = self.folder / "report.json"
        result = self.page.evaluate(self.folder / "weights.safetensors", self.data, extra=["--out", out])
        self.assertIn("weights.safetensors has no `b`, `c`, `e`: states are as training begins with these weights",
                      result.stderr)
        report = json.loads(out.read_text())
        self.assertEqual(report["begun"], ["b", "c", "e"])
        # A part of an average is none.
        arrays = safetensors_lite.read(self.folder / "weights.safetensors")[0]
        arrays["e.f.bias"] = arrays["f.bias"]
        safetensors_lite.write(self.folder / "part.safetensors", arrays)
        result = self.page.evaluate(self.folder / "part.safetensors", self.data, check=False)
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("`e.z.conv1.weight` [4, 1, 3, 3] is missing there", result.stderr)

    def test_the_average_taken_out(self):
        final = advxtest.last_checkpoint(self.class_folder / "run")
        taken = pages.normed(loss=None, evaluate="clean  pgd = pgd(steps = 2, step = 0.05)").replace(
            "normed()\n", f'normed() from "{final}" rename {{ "e.z" : "" }}\n').replace(
            "linear(z)\n", f'linear(z) from "{final}" rename {{ "e.f" : "" }}\n')
        taken = advxtest.build_page(taken.replace("batch = 32", "batch = 16"), "--precision", "f64")
        ours = advxtest.run(taken.path, "eval", "--data", self.data, "--threads", 1).stdout
        average = self.checkpoint("final")
        p = {name[2:]: torch.from_numpy(array) for name, array in average.items() if name.startswith("e.")}
        images, labels = advxtest.fashion_mnist("t10k", 30)
        x, y = oracle.images(images, torch.float64), oracle.labels(labels)
        accuracy = float((oracle.linear(p, oracle.normed(p, x)).argmax(1) == y).double().mean())
        self.assertRegex(ours, rf"clean +{100 * accuracy:.2f} %")

    def test_levels_agree(self):
        """-O0 and -O2 keep and estimate the same."""
        other = advxtest.build_page(KEPT, "-O", "0", "--precision", "f64")
        other.train(self.folder / "run", self.data, epochs=4, seed=2)
        ours, theirs = self.checkpoint("final"), safetensors_lite.read(advxtest.last_checkpoint(self.folder / "run"))[0]
        self.assertEqual(ours.keys(), theirs.keys())
        for name in ours:
            self.assertClose(ours[name], theirs[name], 1e-9, name, floor=1e-6)


if __name__ == "__main__":
    advxtest.main()
