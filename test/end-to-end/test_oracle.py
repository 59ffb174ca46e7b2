# RUN: %{python} %s
"""The oracle itself, against PyTorch's modules: what it writes out by hand is theirs."""

import unittest

import torch

import advxtest
import oracle


class Oracle(advxtest.TestCase):
    def test_sgd(self):
        torch.manual_seed(0)
        for nesterov in (False, True):
            p = {"w": torch.randn(5, requires_grad=True), "unused": torch.ones(2, requires_grad=True)}
            theirs = [tensor.detach().clone().requires_grad_() for tensor in p.values()]
            optimizer = torch.optim.SGD(theirs, lr=0.1, momentum=0.9, weight_decay=0.01,
                                        nesterov=nesterov)
            velocity = {}
            for _ in range(4):
                oracle.sgd_step(p, velocity, p["w"].pow(3).sum(), 0.1, 0.9, 0.01, nesterov)
                optimizer.zero_grad()
                (theirs[0].pow(3).sum() + 0 * theirs[1].sum()).backward()
                optimizer.step()
            for ours, expected in zip(p.values(), theirs):
                self.assertClose(ours.detach(), expected.detach(), 1e-6)

    def test_batch_norm(self):
        torch.manual_seed(0)
        module = torch.nn.BatchNorm2d(3, momentum=0.3, eps=1e-3)
        p = {f"n.{name}": tensor.clone() for name, tensor in module.state_dict().items()}
        x = torch.randn(4, 3, 5, 5)
        for mode in ("train", "eval", "train"):
            module.train(mode == "train")
            self.assertClose(oracle.batch_norm(p, "n", x, mode, 0.3, 1e-3), module(x).detach(), 1e-6)
        before = p["n.running_var"].clone()
        oracle.batch_norm(p, "n", x, "batch", 0.3, 1e-3)
        self.assertSameArray(p["n.running_var"], before)
        self.assertClose(p["n.running_var"], module.running_var, 1e-6)

    def test_projections_stay_in_the_set_and_move_no_inner_point(self):
        x, v = torch.rand(6, 1, 4, 4), torch.randn(6, 1, 4, 4)
        for norm, size in (("linf", lambda d: d.abs().amax((1, 2, 3))),
                           ("l2", lambda d: d.flatten(1).norm(dim=1))):
            found = oracle.project(v, x, 0.3, norm)
            self.assertLessEqual(size(found - x).max().item(), 0.3 + 1e-6)
            self.assertTrue(((found >= 0) & (found <= 1)).all())
            self.assertClose(oracle.project(found, x, 0.3, norm), found, 1e-6)
            step = oracle.steepest(v, norm)
            self.assertClose(size(step), torch.ones(6), 1e-6)
            self.assertSameArray(oracle.steepest(torch.zeros_like(v), norm), torch.zeros_like(v))


if __name__ == "__main__":
    advxtest.main()
