"""PyTorch programs of frameworks that keep something or look at other examples: Free AT, metric learning;
each for both heads.
"""

import torch
import torch.nn.functional as F

import oracle
from frameworks import RADIUS
from programs_paired import uniform_start
from programs_single import both, plain


def free(head):
    """The perturbation of the batch stays for the next pass; one backward moves it and the weights."""
    def program(step):
        _, trained = head(step)
        kept = step.state.setdefault("d", torch.zeros_like(step.x))
        d = kept[:len(step.x)]  # a last, smaller batch has the first places
        adversarial = step.ball(step.x + d).requires_grad_()
        loss = oracle.ce(trained(adversarial), step.y)
        (g,) = torch.autograd.grad(loss.sum(), adversarial, retain_graph=True)
        kept[:len(step.x)] = step.ball(adversarial.detach() + RADIUS * g.sign()) - step.x
        return loss.mean()
    return program


def metric(head):
    """Angles: the anchor is x', the positive example x, the negative one an image of another class."""
    def program(step):
        logits, _ = head(step)
        adversarial = step.pgd(lambda v: oracle.ce(logits(v, "eval"), step.y), uniform_start(step))
        anchor, positive = step.z(adversarial), step.z(step.x)
        others = torch.argsort(step.uniform("draw perm", ()), stable=True)
        closer = F.cosine_similarity(anchor, positive)
        further = F.cosine_similarity(anchor, positive[others])
        pull = torch.where(step.y[others] != step.y, F.relu(further - closer + 0.03), 0 * closer)
        given = oracle.linear(step.p, anchor) if head is plain else oracle.hypersphere(
            step.p, anchor, 15, 0.2, step.y)
        return (oracle.ce(given, step.y) + 2 * pull).mean()
    return program


PROGRAMS = {
    **both("free/free", free, replays=4),
    **both("metric/metric", metric),
}
