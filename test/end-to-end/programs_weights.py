"""The frameworks that move weights as PyTorch programs, written from the papers' formulas."""

import torch

import oracle
from programs_paired import kl, lowered


def trades_loss(step, logits, adversarial, mode, given):
    """TRADES with beta = 6; `given` logits are those that the head is trained with."""
    clean, moved = logits(step, step.x, mode), logits(step, adversarial, mode)
    return (oracle.ce(given(clean, step.y), step.y) + 6 * kl(clean, moved)).mean()


def awp_trades(logits, given, warmup):
    """As the authors' utils_awp.py: a proxy with batch statistics climbs, each matrix moves by gamma
    of its own norm along its gradient, and the gradient there moves the weights without that."""
    def program(step):
        natural = logits(step, step.x, "eval").detach()
        start = step.x + step.attack["sigma"] * step.normal("inner.x.n")
        adversarial = step.pgd(lambda v: kl(natural, logits(step, v, "eval")), start)

        weights = step.p
        step.p = {name: tensor.detach().clone().requires_grad_(tensor.requires_grad)
                  for name, tensor in weights.items()}
        names = [name for name, tensor in step.p.items() if tensor.requires_grad and tensor.dim() > 1]
        climbed = trades_loss(step, logits, adversarial, "batch", lambda l, y: l)
        gradients = torch.autograd.grad(climbed, [step.p[name] for name in names])

        gamma = 0 if step.epoch < warmup else 0.005
        step.p = dict(weights)
        for name, g in zip(names, gradients):
            moved = gamma * weights[name].norm() * g / (g.norm() + 1e-20)
            step.p[name] = weights[name] + moved.detach()
        return trades_loss(step, logits, adversarial, "train", given)
    return program


def linear(step, x, mode):
    return step.linear(x, mode)


def hypersphere(step, x, mode):
    return 15 * step.cosine(x, mode)


PROGRAMS = {
    # Three batches of an epoch each: the perturbation begins with the second epoch.
    "awp/awp_trades": dict(program=awp_trades(linear, lambda l, y: l, 1), epochs=3, flat=True,
                           inner="inner.x"),
    "awp/awp_trades_he": dict(
        program=awp_trades(hypersphere, lambda l, y: lowered(l / 15, 15, 0.2, y), 0), scale=15,
        flat=True, inner="inner.x"),
}
