"""PyTorch programs of frameworks that average their weights: an exponential moving average of TRADES and a
plain mean of PGD-AT, each for both heads.
"""

import torch
from torch.optim.swa_utils import AveragedModel

import programs_paired


class Tensors(torch.nn.Module):
    """The weights of a program as parameters, which share their memory."""

    def __init__(self, p):
        super().__init__()
        self.names = [name for name in p if ".running_" not in name]
        for name in self.names:
            self.register_parameter(name.replace(".", "/"), torch.nn.Parameter(p[name].detach()))


def tensors_of(averaged):
    return {name: getattr(averaged.module, name.replace(".", "/")).detach()
            for name in averaged.module.names}


def ema(step):
    """e := tau e + (1 - tau) w from the first step on, beginning at the initial weights."""
    tau = min(0.995, (1 + step.index) / (10 + step.index))
    old = step.state.get("e", step.initial)
    step.state["e"] = {name: tau * old[name] + (1 - tau) * tensor.detach()
                       for name, tensor in step.p.items() if ".running_" not in name}


def swa(first):
    """PyTorch's own average of the weights after each step from epoch `first` on; before, the weights."""
    def after(step):
        current = Tensors(step.p)
        if step.epoch >= first:
            averaged = step.state.setdefault("averaged", AveragedModel(current))
            averaged.update_parameters(current)
            step.state["e"] = tensors_of(averaged)
        else:
            step.state["e"] = {name: step.p[name].detach().clone() for name in current.names}
    return after


def judged(training):
    """The network at the average, as `with f[e]` evaluates it; for networks without batch norm."""
    return {**training.p, **training.state["e"]}


EMA = {"after": ema, "kept": ("e.",), "judged": judged, "flat": True}
SWA = {"after": swa(2), "kept": ("e.", "n"), "judged": judged}

PROGRAMS = {
    "averages/ema_trades": dict(program=programs_paired.trades(2), **EMA),
    "averages/ema_trades_he": dict(program=programs_paired.trades_he, scale=15, **EMA),
    "averages/swa_pgd_at": dict(program=programs_paired.pgd_at, **SWA),
    "averages/swa_pgd_at_he": dict(program=programs_paired.pgd_at_he(15), scale=15, **SWA),
}
