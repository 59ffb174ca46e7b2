"""PyTorch programs of frameworks that change the attack or weigh the examples: Fast AT, N-FGSM, MART,
friendly and helper-based adversarial training; each for both heads.
"""

import torch
import torch.nn.functional as F

import oracle
from frameworks import RADIUS
from programs_paired import gaussian_start, kl, lowered, uniform_start


def plain(step):
    """(logits to attack, logits to train on) of the linear head."""
    return (lambda v, mode: step.linear(v, mode)), (lambda v: step.linear(v))


def embedded(step):
    """The same of hypersphere embedding with s = 15, m = 0.2; the attack sees s and no margin."""
    return (lambda v, mode: 15 * step.cosine(v, mode)), (
        lambda v: lowered(step.cosine(v), 15, 0.2, step.y))


def fast(head):
    def program(step):
        logits, trained = head(step)
        start = uniform_start(step)
        g = oracle.input_gradient(lambda v: oracle.ce(logits(v, "train"), step.y), start)
        adversarial = step.ball(start + 1.25 * RADIUS * g.sign())
        return oracle.ce(trained(adversarial), step.y).mean()
    return program


def n_fgsm(head):
    def program(step):
        logits, trained = head(step)
        start = (step.x + 2 * RADIUS * step.uniform()).clamp(0, 1)
        g = oracle.input_gradient(lambda v: oracle.ce(logits(v, "train"), step.y), start)
        adversarial = (start + RADIUS * g.sign()).clamp(0, 1)
        assert (adversarial - step.x).abs().max() > 2 * RADIUS
        return oracle.ce(trained(adversarial), step.y).mean()
    return program


def mart(head):
    def program(step):
        logits, trained = head(step)
        y = step.y
        adversarial = step.pgd(lambda v: oracle.ce(logits(v, "eval"), y), gaussian_start(step))
        given = trained(adversarial)
        p = F.softmax(given, 1)
        label = F.one_hot(y, 10).bool()
        boosted = -p[label].log() - (1 - p.masked_fill(label, 0).max(1).values).log()
        # One forward each: the logits given y are those without the margin, less the margin.
        moved = given if head is plain else given + 15 * 0.2 * label
        clean = logits(step.x, "train")
        trust = F.softmax(clean, 1)[label]
        return (boosted + 5 * kl(clean, moved) * (1 - trust)).mean()
    return program


def fat(head):
    """Each example stops tau steps after it is first misclassified."""
    def program(step):
        logits, trained = head(step)
        v = step.ball(gaussian_start(step)).detach()
        left = torch.full((len(step.y),), min(step.epoch, 2))
        going = torch.ones(len(step.y), dtype=torch.bool)
        for _ in range(10):
            hit = logits(v, "eval").argmax(1) != step.y
            going &= ~(hit & (left == 0))
            left = torch.where(hit, left - 1, left)
            g = oracle.input_gradient(lambda u: oracle.ce(logits(u, "eval"), step.y), v)
            v = torch.where(going[:, None, None, None], step.ball(v + RADIUS / 4 * g.sign()), v).detach()
        return oracle.ce(trained(v), step.y).mean()
    return program


def hat(head):
    def program(step):
        logits, trained = head(step)
        x, y = step.x, step.y
        natural = logits(x, "eval").detach()
        adversarial = step.pgd(lambda v: kl(natural, logits(v, "eval")), gaussian_start(step))
        given = trained(x)
        clean = given if head is plain else given + 15 * 0.2 * F.one_hot(y, 10)
        moved = logits(adversarial, "train")
        with torch.no_grad():
            standard = F.linear(step.z(adversarial, "eval", prefix="z_s"), step.p["g.weight"],
                                step.p["g.bias"])
        helper = logits(x + 2 * (adversarial - x), "train")
        return (oracle.ce(given, y) + 2.5 * kl(clean, moved) +
                0.5 * oracle.ce(helper, standard.argmax(1))).mean()
    return program


def both(name, program, **options):
    return {name: dict(program=program(plain), **options),
            f"{name}_he": dict(program=program(embedded), scale=15, **options)}


PROGRAMS = {
    **both("fast/fast", fast),
    **both("n_fgsm/n_fgsm", n_fgsm),
    **both("mart/mart", mart),
    **both("fat/fat", fat, epochs=3),
    **both("hat/hat", hat, frozen=("z_s", "g"), flat=True),
}
