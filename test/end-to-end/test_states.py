# RUN: %{python} %s
"""`state` in an experiment: Free AT beside PyTorch, each kind of state beside numpy, resuming,
`stop when`.

Rules: L-state-per, L-state-slot, L-state-also, L-state-then, L-state-fits, L-state-entry,
L-state-evaluation, L-state-checkpoint, L-replay-batch, L-stop-when.
"""

import json
import unittest

import numpy as np
import torch

import advxtest
import draws
import oracle
import pages
import safetensors_lite

COUNT, BATCH, SEED = 48, 32, 5  # a batch of 32 and one of 16


def with_states(page, states, updates, replays=1):
    """The page with lines before `outer` and behind it."""
    times = f", each batch {replays} times" if replays > 1 else ""
    head, tail = page.split("  outer minimize")
    loss, rest = tail.split(" epochs", 1)
    return head + states + "\n  outer minimize" + loss + " epochs" + times + "\n" + updates + rest


FREE = with_states(
    pages.normed(inner=None, epochs=2, batch=BATCH),
    "  state d : image per slot = 0\n  let x' = project(B(x), x + d)",
    "        also d := project(B(x), x' + 0.1 * steepest(B(x), grad(ce(f(x' | y), y), x'))) - x\n", 3)

KINDS = with_states(
    pages.tiny(inner=None, loss="ce(f(x), y) + 0 * seen", optimizer="sgd(lr = 0.1)", batch=BATCH),
    """
  let half = 1/2
  draw k ~ categorical([1, 2, 1]) per batch
  state seen  : real per example = 0
  state last  : label per example = 3
  state r     : real per slot = half
  state count : vector[10] per run = 0
  state hits  : vector[3] per run = 0
  state ends  : vector[3] per run = 0
  state m     : image per class = 1
  state n     : real per class = 0
  state old   : real per run = 0
  state new   : real per run = 0""",
    """
        also seen := seen + 1
        also last := y
        also r := r + mean(x)
        also count := count + batch_sum(onehot(y))
        also hits[k] := hits[k] + batch_sum(1)
        also ends[2] := ends[2] + 1
        also ends[0] := ends[2]
        also m := m + half * (x - m)
        also n := n + 1
        also old := batch_mean(f[eval](x)[0])
        then new := batch_mean(f(x)[0])
""")


class States(advxtest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.images, cls.labels = advxtest.fashion_mnist("train", COUNT)
        cls.data = advxtest.write_data(cls.class_folder / "data", (cls.images, cls.labels))
        cls.free = advxtest.build_page(FREE, "-O", "2", "--precision", "f64")

    def batches(self, epoch, count=COUNT):
        order = draws.order(count, SEED, epoch)
        return [order[first:first + BATCH] for first in range(0, count, BATCH)]

    def train(self, executable, name, **options):
        executable.train(self.folder / name, self.data, seed=SEED, **options)
        return safetensors_lite.read(advxtest.last_checkpoint(self.folder / name))[0]

    def test_free_adversarial_training(self):
        ours = self.train(self.free, "run", epochs=2)
        p = oracle.tensors(self.free.init(self.folder / "init", SEED))
        x_all, y_all = oracle.images(self.images, torch.float64), oracle.labels(self.labels)
        trained = [name for name in p if name[:2] in ("z.", "f.") and "running" not in name]
        velocity = {name: torch.zeros_like(p[name]) for name in trained}
        d = torch.zeros(BATCH, 1, 28, 28, dtype=torch.float64)
        for epoch in range(2):
            for rows in self.batches(epoch):
                for _ in range(3):
                    x, y, place = x_all[rows], y_all[rows], slice(0, len(rows))
                    x_adv = oracle.project(x + d[place], x, 0.1, "linf").requires_grad_()
                    for name in trained:
                        p[name] = p[name].detach().requires_grad_()
                    losses = oracle.ce(oracle.linear(p, oracle.normed(p, x_adv, "train")), y)
                    by_x = torch.autograd.grad(losses.sum(), x_adv, retain_graph=True)[0]
                    grads = torch.autograd.grad(losses.mean(), [p[name] for name in trained])
                    for name, grad in zip(trained, grads):
                        velocity[name] = 0.9 * velocity[name] + grad
                        p[name] = p[name].detach() - 0.1 * velocity[name]
                    moved = oracle.project(x_adv.detach() + 0.1 * by_x.sign(), x, 0.1, "linf")
                    d[place] = moved - x
        for name in [*trained, "z.bn1.running_mean", "z.bn2.running_var"]:
            self.assertClose(ours[name], p[name].detach().numpy(), 1e-8, name)
        self.assertClose(ours["d"], d.numpy(), 1e-8, "d")

    def test_kernels_and_plain_calls_agree(self):
        plain = advxtest.build_page(FREE, "-O", "0", "--precision", "f64")
        for executable, name in ((plain, "plain"), (self.free, "kernels")):
            advxtest.run(executable.path, "probe", "--out", self.folder / name, "--seed", 2,
                         "--batch", 8)
        ours, theirs = (safetensors_lite.read(self.folder / name)[0] for name in ("kernels", "plain"))
        self.assertEqual(ours.keys(), theirs.keys())
        self.assertIn("train_step/state d", ours)
        for name in ours:
            if ours[name].dtype == np.float64:
                self.assertClose(ours[name], theirs[name], 1e-9, name, floor=1e-6)

    def test_resume(self):
        whole = self.train(self.free, "whole", epochs=2)
        self.free.train(self.folder / "run", self.data, epochs=2, seed=SEED,
                        extra=("--stop-after", 1))
        resumed = self.train(self.free, "run", epochs=2, extra=("--resume",))
        self.assertEqual(whole.keys(), resumed.keys())
        for name in whole:
            self.assertSameArray(whole[name], resumed[name], name)

    def test_kinds(self):
        for level in (0, 2):
            executable = advxtest.build_page(KINDS, "-O", str(level), "--precision", "f64")
            self.check_kinds(executable, str(level))

    def check_kinds(self, executable, name):
        ours = self.train(executable, name, epochs=3, settings={"half": 0.25})
        x = self.images.astype(np.float64)[:, None] / 255
        hot = np.eye(10)[self.labels]
        self.assertSameArray(ours["seen"], np.full(COUNT, 3))
        self.assertSameArray(ours["last"], self.labels)
        self.assertSameArray(ours["count"], 3 * hot.sum(0))
        r, hits = np.full(BATCH, 0.25), np.zeros(3)
        m, n, ends = np.ones((10, 1, 28, 28)), np.zeros(10), np.zeros(3)
        for epoch in range(3):
            for number, rows in enumerate(self.batches(epoch)):
                r[:len(rows)] += x[rows].mean((1, 2, 3))
                u = draws.uniform(SEED, "draw k", [number], (3,), epoch)[0]
                hits[np.argmax(np.log([1, 2, 1]) - np.log(-np.log(u)))] += len(rows)
                ends[2], ends[0] = ends[2] + 1, ends[2]
                for label in range(10):
                    own = [row for row in rows if self.labels[row] == label]
                    if own:
                        m[label] += 0.25 * (x[own] - m[label]).mean(0)
                        n[label] += 1
        for kept, expected in (("r", r), ("hits", hits), ("ends", ends), ("m", m), ("n", n)):
            self.assertClose(ours[kept], expected, 1e-12, kept)

    def test_then_reads_the_new_weights(self):
        executable = advxtest.build_page(KINDS, "-O", "2", "--precision", "f64")
        limit = ("--limit", BATCH)  # one batch, so that each step has the same images
        one = self.train(executable, "one", epochs=1, extra=limit)
        two = self.train(executable, "two", epochs=2, extra=limit)
        self.assertClose(two["old"], one["new"], 1e-12)
        self.assertGreater(abs(one["old"] - one["new"]), 1e-6)

    def test_evaluating_needs_no_table(self):
        self.train(self.free, "run", epochs=1)
        page = advxtest.build_page(pages.normed(inner=None, loss="ce(f(x), y)", batch=BATCH,
                                                evaluate="clean"),
                                   "--precision", "f64")
        result = page.evaluate(advxtest.last_checkpoint(self.folder / "run"), self.data)
        self.assertIn("clean", result.stdout)


STOPPED = pages.tiny(inner=None, loss="ce(f(x), y)", optimizer="sgd(lr = 0.1)", batch=BATCH, evaluate="clean").replace(
    "for 1 epochs", """for 9 epochs
        also steps := steps + 1
  evaluate every 1 epochs on test as val { clean }
  stop when CONDITION""").replace("  outer", "  state steps : real per run = 0\n  outer")


class StopWhen(advxtest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.data = advxtest.write_data(cls.class_folder / "data",
                                       advxtest.fashion_mnist("train", COUNT))

    def run_until(self, condition, name="run", **options):
        page = advxtest.build_page(STOPPED.replace("CONDITION", condition))
        page.train(self.folder / name, self.data, epochs=9, **options)
        return json.loads((self.folder / name / "summary.json").read_text())

    def events(self, kind):
        lines = (self.folder / "run" / "metrics.jsonl").read_text().splitlines()
        return [event for event in map(json.loads, lines) if event["event"] == kind]

    def test_state(self):
        self.assertEqual(self.run_until("steps >= 5")["epochs"], 3)  # of two batches each
        self.assertEqual([event["epoch"] for event in self.events("stop")], [3])
        record = json.loads((self.folder / "run" / "run.json").read_text())
        self.assertEqual(record["status"], "complete")

    def test_previous(self):
        condition = "val.clean <= previous(val.clean) + 1 keep previous"
        summary = self.run_until(condition)
        self.assertEqual(summary["epochs"], 2)
        # What is evaluated at the end are the weights after the first epoch.
        (last,) = summary["evaluations"]
        first = next(event for event in self.events("evaluation") if event["name"] == "val")
        self.assertEqual((last["weights"], last["epoch"]), ("final", 1))
        self.assertEqual(last["attacks"][0]["accuracy"], first["attacks"][0]["accuracy"])
        # Also by one who goes on behind the end of training.
        (self.folder / "run" / "summary.json").unlink()
        again = self.run_until(condition, extra=("--resume",))
        self.assertEqual(again["evaluations"], summary["evaluations"])
        self.run_until("epoch >= 1", "one")
        ours, theirs = (safetensors_lite.read(advxtest.last_checkpoint(self.folder / name))[0]
                        for name in ("run", "one"))
        for name in theirs:
            self.assertSameArray(ours[name], theirs[name], name)

    def test_resume(self):
        page = advxtest.build_page(STOPPED.replace("CONDITION", "val.clean <= previous(val.clean) + 1"))
        page.train(self.folder / "run", self.data, epochs=9, extra=("--stop-after", 1))
        page.train(self.folder / "run", self.data, epochs=9, extra=("--resume",))
        summary = json.loads((self.folder / "run" / "summary.json").read_text())
        self.assertEqual(summary["epochs"], 2)

    def test_never(self):
        self.assertEqual(self.run_until("val.clean > 2")["epochs"], 9)
        self.assertEqual(self.events("stop"), [])


if __name__ == "__main__":
    advxtest.main()
