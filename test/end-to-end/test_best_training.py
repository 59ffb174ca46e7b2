# RUN: %{python} %s
"""L-best-training: three steps of training on the best of several adversaries, against PyTorch programs that run each
candidate by itself and take, of each example, the point with the largest measure. In f64."""

import unittest

import numpy as np
import torch

import advxtest
import frameworks
import oracle

LINF, L2 = "linf(x, radius = 1/10) & box(0, 1)", "l2(x, radius = 1) & box(0, 1)"
STEPS = "pgd(steps = 2, step = 1/20, start = center)"


def ce(step):
    return lambda v: oracle.ce(step.linear(v, "eval"), step.y)


def cw(step):
    return lambda v: oracle.cw(step.linear(v, "eval"), step.y)


def attack(step, objective, start=None, norm="linf", size=1 / 20, radius=1 / 10, steps=2, hit=None):
    v = step.x if start is None else start
    for _ in range(steps):
        stays = hit(v) if hit else torch.zeros(len(v), dtype=torch.bool)
        g = oracle.input_gradient(objective, v)
        moved = oracle.project(v + size * oracle.steepest(g, norm), step.x, radius, norm)
        v = torch.where(stays[:, None, None, None], v, moved).detach()
    return v


def largest(points, measures, hits=None):
    """Of each example the first point that hits, else the first one with the largest measure."""
    value = torch.stack(measures).detach()
    index = value.argmax(0)
    if hits is not None:
        hits = torch.stack(hits)
        index = torch.where(hits.any(0), hits.int().argmax(0), index)
    return torch.stack(points)[index, torch.arange(len(points[0]))]


def chosen(step, points, measure):
    return largest(points, [measure(v) for v in points])


def sets(step):
    points = [attack(step, ce(step)), attack(step, ce(step), norm="l2", size=1 / 2, radius=1)]
    return chosen(step, points, ce(step))


def targets(step):
    points, values = [], []
    for place in range(9):
        t = place + (place >= step.y).long()

        def margin(v, t=t):
            logits = step.linear(v, "eval")
            return (logits.gather(1, t[:, None]) - logits.gather(1, step.y[:, None]))[:, 0]
        points.append(attack(step, margin))
        values.append(margin(points[-1]))
    return largest(points, values)


def listed_targets(step):
    """Of 0, 3, 5 the class of the image has the next one in its place; the first that the attack reaches is taken."""
    classes = [0, 3, 5]
    points, values, hits = [], [], []
    for place, own in enumerate(classes):
        t = torch.where(step.y == own, classes[(place + 1) % 3], own)

        def logit(v, t=t):
            return step.linear(v, "eval").gather(1, t[:, None])[:, 0]

        def hit(v, t=t):
            return step.linear(v, "eval").argmax(1) == t
        points.append(attack(step, logit, hit=hit))
        values.append(logit(points[-1]))
        hits.append(hit(points[-1]))
    return largest(points, values, hits)


def starts(step):
    drawn = [step.ball(step.x + 1 / 10 * step.uniform("inner.2.n", counters=(q,))) for q in range(2)]
    points = [attack(step, ce(step))] + [attack(step, ce(step), start) for start in drawn]
    return chosen(step, points, cw(step))


def solvers(step):
    points = [attack(step, ce(step), size=1 / 10, steps=1), attack(step, ce(step))]
    return chosen(step, points, ce(step))


def adversaries(step):
    points = [attack(step, ce(step)), attack(step, cw(step), norm="l2", size=1 / 2, radius=1, steps=1)]
    return chosen(step, points, ce(step))


def pairs(step):
    points = [attack(step, ce(step), size=r, radius=e) for e in (1 / 20, 1 / 10) for r in (1 / 50, 1 / 25)]
    return chosen(step, points, cw(step))


CASES = {
    # Each set has a step of its own size.
    sets: f"best (S, r) in [[{LINF}, 1/20], [{L2}, 1/2]] of argmax ce(f(x'), y) over S "
          "by pgd(steps = 2, step = r, start = center)",
    targets: f"best t in classes except y of argmax f(x')[t] - f(x')[y] over B(x) by {STEPS}",
    listed_targets: f"best t in [0, 3, 5] except y of argmax f(x')[t] over B(x) by {STEPS} until predict(f(x')) == t",
    starts: "best s in [center, uniform] of best q in 1..2 of argmax ce(f(x'), y) over B(x) "
            "by pgd(steps = 2, step = 1/20, start = s) by cw(f(x'), y)",
    solvers: f"best A in [fgsm(), {STEPS}] of argmax ce(f(x'), y) over B(x) by A",
    adversaries: f"best A in [argmax ce(f(x'), y) over B(x) by {STEPS}, argmax cw(f(x'), y) over {L2} "
                 "by fgsm(step = 1/2)] of A by ce(f(x'), y)",
    pairs: "best e in [1/20, 1/10] of best r in [1/50, 1/25] of argmax ce(f(x'), y) "
           "over linf(x, radius = e) & box(0, 1) by pgd(steps = 2, step = r, start = center) by cw(f(x'), y)",
}

class BestInTraining(frameworks.FrameworkCase):
    def check_case(self, point, inner, level):
        text = frameworks.compared_page(advxtest.example("fashion_mnist/pgd_at"))
        text = text.replace("batch = 128", f"batch = {frameworks.BATCH}")
        begin, end = text.index("  inner "), text.index("  outer ")
        text = f"{text[:begin]}  inner x' = {inner}\n{text[end:]}"
        executable = advxtest.build_page(text, f"-O{level}", "--precision", "f64")
        folder = self.folder / f"{point.__name__}-{level}"
        folder.mkdir()
        initial = folder / "initial.safetensors"
        arrays = executable.init(initial, seed=3)
        executable.train(folder / "run", self.data, epochs=1, seed=frameworks.SEED, extra=["--init", initial])
        ours = advxtest.weights(advxtest.last_checkpoint(folder / "run"))
        training = frameworks.Training(arrays, self.examples, torch.float64, oracle.normed, frameworks.SEED,
                                       frameworks.BATCH)
        for name, tensor in training.run(lambda step: oracle.ce(step.linear(point(step)), step.y).mean(), 1).items():
            self.assertGreater(np.abs(arrays[name] - tensor.numpy()).max(), 1e-6, f"{name} has not moved")
            self.assertClose(ours[name], tensor, 1e-8, f"{point.__name__} at -O{level}: {name}")

    def test_each_is_the_largest_of_its_candidates(self):
        for point, inner in CASES.items():
            with self.subTest(point.__name__):
                self.check_case(point, inner, 2)

    def test_without_optimisation(self):
        for point in (listed_targets, starts):
            self.check_case(point, CASES[point], 0)


if __name__ == "__main__":
    advxtest.main()
