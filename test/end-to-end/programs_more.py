"""PyTorch programs of GradAlign, of training in two balls and of LBGAT; each for both heads."""

import torch
import torch.nn.functional as F

import oracle
from frameworks import RADIUS
from programs_paired import gaussian_start, kl
from programs_single import both

ROUND = 1.5  # the radius of the Euclidean ball


def gradalign(head, away=0.0):
    """One forward at x serves the attack and the penalty; then those at x + noise and at x'. To the attack's
    gradient, `away` is added."""
    def program(step):
        logits, trained = head(step)
        x, y = step.x, step.y

        def gradient(image):
            image = image.detach().requires_grad_()
            loss = oracle.ce(logits(image, "train"), y).sum()
            return torch.autograd.grad(loss, image, create_graph=True)[0]

        g = gradient(x)
        adversarial = step.ball(x + RADIUS * (g.detach() + away).sign())
        noisy = gradient(x + RADIUS * step.uniform("draw eta.n")).flatten(1)
        g = g.flatten(1)
        cosine = (g * noisy).sum(1) / (g.norm(dim=1) * noisy.norm(dim=1))
        return (oracle.ce(trained(adversarial), y) + 0.2 * (1 - cosine)).mean()
    return program


def two_balls(combine):
    def of(head):
        def program(step):
            logits, trained = head(step)
            x, y = step.x, step.y

            def objective(v):
                return oracle.ce(logits(v, "eval"), y)

            square = step.pgd(objective, step.ball(x + RADIUS * step.uniform("inner.x.n")))
            n, u = step.normal("inner.x2.n"), (step.uniform("inner.x2.u", (1,)) + 1) / 2
            start = x + ROUND * u[:, :, None, None] ** (1 / 784) * n / oracle.rows(n)
            round_ = oracle.pgd(objective, x, start.clamp(0, 1), 10, ROUND / 4, ROUND, "l2")
            return combine(oracle.ce(trained(square), y), oracle.ce(trained(round_), y)).mean()
        return program
    return of


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


PROGRAMS = {
    **both("gradalign/gradalign", gradalign),
    **both("multi_norm/average", two_balls(lambda a, b: (a + b) / 2)),
    **both("multi_norm/worst", two_balls(torch.maximum)),
    # A bias before the batch's statistics has no influence, and there is no decay to move it.
    **both("lbgat/lbgat", lbgat, flat=True, undecayed=("z_t.", "t."), still=("z_t.conv1.bias",)),
}
