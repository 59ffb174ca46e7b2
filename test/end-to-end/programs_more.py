"""PyTorch programs of GradAlign and of training in two balls; each for both heads."""

import torch

import oracle
from frameworks import RADIUS
from programs_single import both

ROUND = 1.5  # the radius of the Euclidean ball


def gradalign(head):
    """One forward at x serves the attack and the penalty; then those at x + noise and at x'."""
    def program(step):
        logits, trained = head(step)
        x, y = step.x, step.y

        def gradient(image):
            image = image.detach().requires_grad_()
            loss = oracle.ce(logits(image, "train"), y).sum()
            return torch.autograd.grad(loss, image, create_graph=True)[0]

        g = gradient(x)
        adversarial = step.ball(x + RADIUS * g.detach().sign())
        noisy = gradient(x + RADIUS * step.uniform("inner.x2.n")).flatten(1)
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


PROGRAMS = {
    **both("gradalign/gradalign", gradalign),
    **both("multi_norm/average", two_balls(lambda a, b: (a + b) / 2)),
    **both("multi_norm/worst", two_balls(torch.maximum)),
}
