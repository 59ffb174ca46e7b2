"""PyTorch programs of training in several balls at once: multi steepest descent and extreme norms; each
for both heads.
"""

import numpy as np
import torch

import draws
import oracle
from programs_single import both

# The radii of the balls of the maximum, of the root of the sum of squares and of the sum of magnitudes.
RADIUS, ROUND, SPARSE = 0.075, 1.5, 15.0


def spike(g):
    """The sign of the first entry of the largest magnitude."""
    flat = g.flatten(1)
    first = flat.abs().argmax(1, keepdim=True)
    return torch.zeros_like(flat).scatter(1, first, flat.gather(1, first).sign()).reshape(g.shape)


def spread(g, entries=20):
    """The signs of the entries of the largest magnitudes, in equal parts."""
    least = g.flatten(1).abs().topk(entries, 1).values[:, -1]
    return torch.where(g.abs() >= least[:, None, None, None], g.sign() / entries, 0 * g)


def sparse_project(v, x, radius=SPARSE):
    """The nearest image whose distances from x add up to `radius` at most: every magnitude loses one number
    and is then cut at the edge of the box. The number is found by bisection."""
    d = (v - x).flatten(1).double()
    room = torch.where(d >= 0, 1 - x.flatten(1).double(), x.flatten(1).double())

    def kept(cut):
        return torch.minimum((d.abs() - cut).clamp_min(0), room)

    low = torch.zeros(len(d), 1, dtype=torch.float64)
    high = d.abs().max(1, keepdim=True).values
    for _ in range(100):
        middle = (low + high) / 2
        over = kept(middle).sum(1, keepdim=True) > radius
        low, high = torch.where(over, middle, low), torch.where(over, high, middle)
    cut = torch.where(kept(torch.zeros_like(low)).sum(1, keepdim=True) <= radius, 0 * high, high)
    moved = x + (d.sign() * kept(cut)).reshape(x.shape).to(x.dtype)
    return torch.where((d == 0).reshape(x.shape), x, moved).clamp(0, 1)


def msd(head, rel=0.25):
    def program(step):
        logits, trained = head(step)
        x, y = step.x, step.y

        def objective(v):
            return oracle.ce(logits(v, "eval"), y)

        v = x
        for _ in range(10):
            g = oracle.input_gradient(objective, v)
            candidates = [step.ball(v + rel * RADIUS * g.sign(), RADIUS),
                          oracle.project(v + rel * ROUND * oracle.steepest(g, "l2"), x, ROUND, "l2"),
                          sparse_project(v + rel * SPARSE * spread(g), x)]
            with torch.no_grad():
                best = torch.stack([objective(c) for c in candidates]).argmax(0)
            step.state.setdefault("taken", []).append(best)
            v = torch.stack(candidates)[best, torch.arange(len(x))].detach()
        return oracle.ce(trained(v), y).mean()
    return program


def eat(head):
    def program(step):
        logits, trained = head(step)
        x, y = step.x, step.y
        right, seen = step.p["right"], step.p["seen"]
        # One draw for the batch, whose place in the epoch is its key: the largest of log p + Gumbel noise.
        u = draws.uniform(step.seed, "draw k", [step.batch], (2,), step.epoch, single=step.single)[0]
        k = int(np.argmax(np.log(1 - right / seen.clamp_min(1)) - np.log(-np.log(u))))
        step.state.setdefault("chosen", []).append(k)
        v = x
        for _ in range(10):
            g = oracle.input_gradient(lambda v: oracle.ce(logits(v, "eval"), y), v)
            v = (step.ball(v + RADIUS / 4 * g.sign(), RADIUS) if k == 0 else
                 sparse_project(v + SPARSE / 4 * spike(g), x)).detach()
        given = trained(v)
        found = logits(v, "batch").detach()  # those without the margin
        right[k] += (found.argmax(1) == y).sum()
        seen[k] += len(x)
        return oracle.ce(given, y).mean()
    return program


PROGRAMS = {
    **both("multi_norm/msd", msd, radius=RADIUS),
    **both("multi_norm/eat", eat, radius=RADIUS, seed=12, frozen=("right", "seen")),
}
