# RUN: %{python} %s
"""What metrics.jsonl says of a training step, against PyTorch: the named terms of the objective,
the share of right labels at x and x', and the schedules, at both levels.

The data set is one batch and the attack draws nothing, so an epoch is one step and its event holds
that step's numbers.
"""

import json
import unittest

import torch
import torch.nn.functional as F

import advxtest
import oracle
import pages

BATCH, STEPS = 40, 3
LETS = """
  let beta = if epoch < 1 then 2 else 2 + epoch"""
TERMS = """
  let clean  = ce(f(x | y), y)
  let robust = kl(f(x), f(x'))
  let unseen = 2 * robust
  let scaled = beta * robust
  let hit    = f(x')[y] > 0"""


def page(loss="(if hit then 1 else 2) * clean + scaled", head="hypersphere(z, s = 8, m = 0.2)", terms=TERMS):
    text = pages.tiny(
        threat=pages.L2, batch=BATCH, epochs=STEPS, lets=LETS, head=head, loss=loss,
        inner="argmax ce(f(x'), y) over B(x) by pgd(steps = 2, step = 0.5, start = center)",
        optimizer="sgd(lr = 0.2 * (1 - iteration / iterations), momentum = 0.5)")
    return text.replace("  outer minimize", f"{terms}\n  outer minimize")


def events(run, kind):
    lines = (run / "metrics.jsonl").read_text().splitlines()
    return [event for event in map(json.loads, lines) if event["event"] == kind]


class Measures(advxtest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.examples = advxtest.fashion_mnist("train", BATCH)
        cls.data = advxtest.write_data(cls.class_folder / "data", cls.examples)

    def expected(self, initial, dtype):
        """One dictionary a step."""
        p = oracle.trainable(initial, dtype)
        x, y = oracle.images(self.examples[0], dtype), oracle.labels(self.examples[1])
        velocity, steps = {}, []

        def logits(v, p, given=None):
            return oracle.hypersphere(p, oracle.tiny(p, v), 8.0, 0.2, given)

        for i in range(STEPS):
            fixed = {name: tensor.detach() for name, tensor in p.items()}
            x1 = oracle.pgd(lambda v: oracle.ce(logits(v, fixed), y), x, x, 2, 0.5, 1.5, "l2")
            beta, rate = (2 if i < 1 else 2 + i), 0.2 * (1 - i / STEPS)
            clean = oracle.ce(logits(x, p, y), y)
            hit = (logits(x1, p).gather(1, y[:, None]) > 0)[:, 0].to(dtype)
            robust = F.kl_div(logits(x1, p).log_softmax(1), logits(x, p).log_softmax(1),
                              log_target=True, reduction="batchmean")
            loss = ((2 - hit) * clean).mean() + beta * robust
            right = {f"f({name})": (logits(v, p).argmax(1) == y).double().mean().item()
                     for name, v in (("x", x), ("x'", x1))}
            steps.append({"loss": loss.item(), "right": right,
                          "terms": {"clean": clean.mean().item(), "robust": robust.item(),
                                    "scaled": beta * robust.item(), "hit": hit.mean().item()},
                          "schedules": {"beta": beta, "outer.lr": rate}})
            oracle.sgd_step(p, velocity, loss, rate, 0.5)
        return steps

    def check(self, level, precision, tolerance):
        executable = advxtest.build_page(page(), "-O", str(level), "--precision", precision)
        initial = self.folder / "initial.safetensors"
        expected = self.expected(executable.init(initial, seed=5),
                                 torch.float32 if precision == "f32" else torch.float64)
        run = self.folder / f"{level}-{precision}"
        executable.train(run, self.data, epochs=STEPS, extra=["--init", initial])
        found = events(run, "epoch")
        self.assertEqual([event["epoch"] for event in found], [1, 2, 3])
        for ours, theirs in zip(found, expected):
            # `unseen` is no part of the objective.
            self.assertEqual(set(ours["terms"]), set(theirs["terms"]))
            for name, value in {"loss": theirs["loss"], **theirs["terms"]}.items():
                self.assertClose([{**ours, **ours["terms"]}[name]], [value], tolerance, name)
            self.assertEqual(set(ours["accuracy"]), {"f(x)", "f(x')"})
            for name, value in theirs["right"].items():
                self.assertAlmostEqual(ours["accuracy"][name], value, places=6)
            for name, value in theirs["schedules"].items():
                self.assertAlmostEqual(ours["schedules"][name], value, places=12)

    def test_terms_accuracies_and_schedules_are_pytorchs(self):
        for level, precision, tolerance in ((0, "f32", 2e-4), (2, "f32", 2e-4), (2, "f64", 1e-9)):
            with self.subTest(level=level, precision=precision):
                self.check(level, precision, tolerance)

    def test_accuracy_only_where_there_is_a_forward(self):
        executable = advxtest.build_page(page(loss="ce(f(x' | y), y)", terms=""))
        executable.train(self.folder / "run", self.data, epochs=1)
        (event,) = events(self.folder / "run", "epoch")
        self.assertEqual(set(event["accuracy"]), {"f(x')"})
        self.assertNotIn("terms", event)

    def test_a_step_event_holds_its_own_batch(self):
        """Every 50th step, counted from 1, with the schedules as they were in it."""
        executable = advxtest.build_page(page())
        executable.train(self.folder / "run", self.data, epochs=60)
        (event,) = events(self.folder / "run", "step")
        of_epoch = events(self.folder / "run", "epoch")[49]
        for key in ("epoch", "iteration"):
            self.assertEqual((event[key], of_epoch[key]), (50, 50))
        self.assertEqual(event["step"], 1)
        self.assertAlmostEqual(event["schedules"]["outer.lr"], 0.2 * (1 - 49 / 60), places=12)
        for key in ("loss", "terms", "accuracy", "schedules"):
            self.assertEqual(json.dumps(event[key])[:12], json.dumps(of_epoch[key])[:12])


if __name__ == "__main__":
    advxtest.main()
