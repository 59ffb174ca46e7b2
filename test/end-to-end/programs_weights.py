"""PyTorch programs of frameworks that treat weights as values: LBGAT with its second model, adversarial
weight perturbation; each for both heads.
"""

import torch
import torch.nn.functional as F

import oracle
from frameworks import RADIUS
from programs_paired import gaussian_start, kl
from programs_single import both


def lbgat(head):
    """The student's logits at x' follow those of a teacher that learns clean images beside it."""
    def program(step):
        logits, _ = head(step)
        x, y = step.x, step.y
        natural = logits(x, "eval").detach()
        adversarial = step.pgd(lambda v: kl(natural, logits(v, "eval")), gaussian_start(step))
        moved = logits(adversarial, "train")
        taught = F.linear(step.z(x, "train", prefix="z_t"), step.p["t.weight"], step.p["t.bias"])
        clean = logits(x, "train")
        return (F.mse_loss(moved, taught, reduction="none").mean(1) + oracle.ce(taught, y) +
                6 * kl(clean, moved)).mean()
    return program


def awp(head):
    """Every matrix moves by 0.01 of its norm along the gradient of the loss; the gradient there counts."""
    def program(step):
        logits, trained = head(step)
        start = step.ball(step.x + RADIUS * step.uniform("inner.x.n"))
        adversarial = step.pgd(lambda v: oracle.ce(logits(v, "eval"), step.y), start)
        p = step.p
        names = [name for name, tensor in p.items() if tensor.requires_grad and tensor.dim() > 1]
        climbed = oracle.ce(logits(adversarial, "batch"), step.y).mean()
        gradients = torch.autograd.grad(climbed, [p[name] for name in names])
        step.p = {**p, **{name: p[name] + 0.01 * p[name].detach().norm() * g / g.norm()
                          for name, g in zip(names, gradients)}}
        return oracle.ce(trained(adversarial), step.y).mean()
    return program


PROGRAMS = {
    # A bias before the batch's statistics has no influence, and there is no decay to move it.
    **both("lbgat/lbgat", lbgat, flat=True, undecayed=("z_t.", "t."), still=("z_t.conv1.bias",)),
    **both("awp/awp_at", awp),
}
