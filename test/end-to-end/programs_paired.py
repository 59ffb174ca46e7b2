"""PyTorch programs of frameworks with an iterated attack: PGD-AT in its forms, ALP, TRADES. Each is
written from the formulas of its paper or, where the name says so, from what its authors' code does.
"""

import torch
import torch.nn.functional as F

import oracle
from frameworks import RADIUS


def kl(p, q):
    """KL(softmax(p) || softmax(q)) per example, by PyTorch."""
    return F.kl_div(F.log_softmax(q, 1), F.softmax(p, 1), reduction="none").sum(1)


def lowered(cosine, s, m, y):
    """s (cos(theta) - m 1_y)."""
    return s * (cosine - m * F.one_hot(y, cosine.shape[1]).to(cosine.dtype))


def uniform_start(step):
    return step.ball(step.x + RADIUS * step.uniform())


def gaussian_start(step):
    return step.x + step.attack["sigma"] * step.normal()


def pgd_at(step):
    adversarial = step.pgd(lambda v: oracle.ce(step.linear(v, "eval"), step.y), uniform_start(step))
    return oracle.ce(step.linear(adversarial), step.y).mean()


def pgd_at_he(attack_scale):
    def program(step):
        adversarial = step.pgd(lambda v: oracle.ce(attack_scale * step.cosine(v, "eval"), step.y),
                               uniform_start(step))
        return oracle.ce(lowered(step.cosine(adversarial), 15, 0.2, step.y), step.y).mean()
    return program


def retracted(start, attack_scale, s, m, outer=None):
    """The authors' programs: the weights are normalised where they are stored, before each forward."""
    def cosine(step, x, mode):
        return F.normalize(step.z(x, mode), dim=1) @ step.p["f.W"]

    def program(step):
        with torch.no_grad():
            step.p["f.W"].copy_(F.normalize(step.p["f.W"], dim=0))
        adversarial = step.pgd(
            lambda v: oracle.ce(attack_scale * cosine(step, v, "eval"), step.y), start(step))
        if outer:
            return outer(step, lambda x: cosine(step, x, "train"), adversarial)
        return oracle.ce(lowered(cosine(step, adversarial, "train"), s, m, step.y), step.y).mean()
    return program


def normalise_weights(arrays):
    arrays["f.W"] = F.normalize(torch.from_numpy(arrays["f.W"]), dim=0).numpy()
    return arrays


def normalise_again(step):
    """After the last step too, since a checkpoint of ours holds what the next forward would see."""
    with torch.no_grad():
        step.p["f.W"].copy_(F.normalize(step.p["f.W"], dim=0))


RETRACTED = {"initial_of": normalise_weights, "after": normalise_again}


def alp(start, pair):
    def program(step):
        x, y = step.x, step.y
        adversarial = step.pgd(lambda v: oracle.ce(step.linear(v, "eval"), y), start(step))
        clean, moved = step.linear(x), step.linear(adversarial)
        return (0.5 * oracle.ce(clean, y) + 0.5 * oracle.ce(moved, y)).mean() + 0.5 * pair(clean, moved)
    return program


def distance(a, b):
    return (a - b).norm(dim=1).mean()


def alp_he(step):
    x, y = step.x, step.y
    adversarial = step.pgd(lambda v: oracle.ce(step.cosine(v, "eval"), y), uniform_start(step))
    clean, moved = step.cosine(x), step.cosine(adversarial)
    both = 0.5 * oracle.ce(lowered(clean, 20, 0.3, y), y) + 0.5 * oracle.ce(lowered(moved, 20, 0.3, y), y)
    return both.mean() + 0.5 * distance(clean, moved)


def alp_he_code(step, cosine, adversarial):
    y = step.y
    clean, moved = cosine(step.x), cosine(adversarial)
    both = 0.5 * oracle.ce(lowered(clean, 20, 0.3, y), y) + 0.5 * oracle.ce(lowered(moved, 20, 0.3, y), y)
    return both.mean() + 0.5 * F.mse_loss(clean, moved)


def trades(forwards):
    def program(step):
        natural = step.linear(step.x, "eval").detach()
        adversarial = step.pgd(lambda v: kl(natural, step.linear(v, "eval")), gaussian_start(step))
        clean, moved = step.linear(step.x), step.linear(adversarial)
        again = step.linear(step.x) if forwards == 3 else clean
        return oracle.ce(clean, step.y).mean() + 6 * kl(again, moved).mean()
    return program


def trades_he(step):
    natural = 15 * step.cosine(step.x, "eval").detach()
    adversarial = step.pgd(lambda v: kl(natural, 15 * step.cosine(v, "eval")), gaussian_start(step))
    clean, moved = step.cosine(step.x), step.cosine(adversarial)
    loss = oracle.ce(lowered(clean, 15, 0.2, step.y), step.y)
    return (loss + 6 * kl(15 * clean, 15 * moved)).mean()


PROGRAMS = {
    "fashion_mnist/pgd_at": dict(program=pgd_at),
    "fashion_mnist/pgd_at_he": dict(program=pgd_at_he(15), scale=15),
    "pgd_at/pgd_at_he_paper": dict(program=pgd_at_he(1), scale=15),
    "pgd_at/pgd_at_he_code": dict(program=retracted(gaussian_start, 15, 15, 0.2), scale=15, **RETRACTED),
    "pgd_at/pgd_at_he_tricks": dict(program=retracted(uniform_start, 1, 15, 0.2), scale=15, **RETRACTED),
    "alp/alp": dict(program=alp(uniform_start, distance)),
    "alp/alp_code": dict(program=alp(gaussian_start, F.mse_loss)),
    "alp/alp_he": dict(program=alp_he, scale=20),
    "alp/alp_he_code": dict(program=retracted(gaussian_start, 20, 20, 0.3, alp_he_code), scale=20,
                            **RETRACTED),
    "trades/trades": dict(program=trades(3), flat=True),
    "trades/trades_two": dict(program=trades(2), flat=True),
    "trades/trades_he": dict(program=trades_he, scale=15, flat=True),
}
