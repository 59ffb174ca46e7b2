# RUN: %{python} %s
"""The optimisers of the library against torch.optim, and numbers for groups of weights.

The data set is one batch and nothing is attacked, so both sides take the same gradients.
"""

import unittest

import torch

import advxtest
import oracle
import pages

BATCH = 24
STEPS = 5


def page(optimizer, network=pages.normed, loss="ce(f(x), y)"):
    return network(inner=None, loss=loss, batch=BATCH, optimizer=optimizer)


class Optimisers(advxtest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.examples = advxtest.fashion_mnist("train", BATCH)
        cls.data = advxtest.write_data(cls.class_folder / "data", cls.examples)

    def check(self, optimizer, make, forward=oracle.normed, network=pages.normed, clip=None,
              settings=None, tolerance=1e-10, loss=None, states=None):
        """`make(p)` is the torch.optim of a dictionary of parameters."""
        executable = advxtest.build_page(page(optimizer, network), "--precision", "f64")
        initial = self.folder / "initial.safetensors"
        p = oracle.trainable(executable.init(initial, seed=4), torch.float64)
        before = {name: tensor.detach().clone() for name, tensor in p.items()}
        run = self.folder / f"run{len(list(self.folder.glob('run*')))}"
        executable.train(run, self.data, epochs=STEPS, extra=["--init", initial],
                         settings=settings)
        ours = advxtest.weights(advxtest.last_checkpoint(run))
        x, y = oracle.images(self.examples[0], torch.float64), oracle.labels(self.examples[1])
        trained = {name: tensor for name, tensor in p.items() if tensor.requires_grad}
        optimiser = make(trained)
        for _ in range(STEPS):
            optimiser.zero_grad()
            oracle.ce(oracle.linear(p, forward(p, x, "train")), y).mean().backward()
            if clip:
                torch.nn.utils.clip_grad_norm_(list(trained.values()), clip)
            optimiser.step()
        for name, tensor in p.items():
            self.assertClose(ours[name], tensor.detach(), tolerance, name)
        for name, state in (states or {}).items():
            for weight, tensor in trained.items():
                self.assertClose(ours[f"outer.{name}[{weight}]"], optimiser.state[tensor][state],
                                 100 * tolerance, f"{name} of {weight}")
        return {name: (p[name].detach() - before[name]).abs().max().item() for name in trained}

    # Without batch norm: the gradient of a bias before one is rounding alone, which Adam scales up.
    PLAIN = {"forward": oracle.tiny, "network": pages.tiny}

    def test_adam(self):
        self.check("adam(lr = 0.01)", lambda p: torch.optim.Adam(p.values(), lr=0.01),
                   states={"m": "exp_avg", "s": "exp_avg_sq"}, **self.PLAIN)
        self.check("adam(lr = 0.003, beta1 = 0.8, beta2 = 0.95, eps = 1e-6, weight_decay = 0.01)",
                   lambda p: torch.optim.Adam(p.values(), 0.003, (0.8, 0.95), 1e-6, 0.01),
                   **self.PLAIN)

    def test_adamw(self):
        self.check("adamw(lr = 0.01)", lambda p: torch.optim.AdamW(p.values(), lr=0.01),
                   **self.PLAIN)
        self.check("adamw(lr = 0.01, beta1 = 0.8, weight_decay = 0.3)",
                   lambda p: torch.optim.AdamW(p.values(), 0.01, (0.8, 0.999), 1e-8, 0.3),
                   **self.PLAIN)

    def test_sgd(self):
        self.check("sgd(lr = 0.05, momentum = 0.9, weight_decay = 1e-3, nesterov = true)",
                   lambda p: torch.optim.SGD(p.values(), 0.05, 0.9, 0, 1e-3, True))

    def test_gradients_are_clipped_by_their_global_norm(self):
        for clip in (0.5, 1000):
            with self.subTest(clip=clip):
                self.check(f"sgd(lr = 0.05, momentum = 0.9, weight_decay = 1e-3, clip = {clip})",
                           lambda p: torch.optim.SGD(p.values(), 0.05, 0.9, 0, 1e-3), clip=clip)
        self.check("adamw(lr = 0.01, clip = 0.5)",
                   lambda p: torch.optim.AdamW(p.values(), lr=0.01), clip=0.5, **self.PLAIN)
        self.check("adam(lr = 0.01, clip = 0.5)",
                   lambda p: torch.optim.Adam(p.values(), lr=0.01), clip=0.5, **self.PLAIN)

    def test_a_state_may_begin_as_the_weight(self):
        """Steps away from a slow copy that begins as twice the weight."""
        declarations = ("optimizer pulled(lr : real, pull : real) {\n"
                        "  minimize L at w\n"
                        "  state slow : like(w) per weight = 2 * w\n"
                        "  slow := slow + pull * (w - slow)\n"
                        "  w := w - lr * (grad(L, w) + (w - slow))\n}\n")
        text = declarations + page("pulled(lr = 0.05, pull = 0.25)", pages.tiny)
        executable = advxtest.build_page(text, "--precision", "f64")
        initial = self.folder / "initial.safetensors"
        p = oracle.trainable(executable.init(initial, seed=4), torch.float64)
        run = self.folder / "run"
        executable.train(run, self.data, epochs=STEPS, extra=["--init", initial])
        ours = advxtest.weights(advxtest.last_checkpoint(run))
        x, y = oracle.images(self.examples[0], torch.float64), oracle.labels(self.examples[1])
        slow = {name: 2 * tensor.detach() for name, tensor in p.items()}
        for _ in range(STEPS):
            loss = oracle.ce(oracle.linear(p, oracle.tiny(p, x)), y).mean()
            gradients = torch.autograd.grad(loss, list(p.values()))
            with torch.no_grad():
                for (name, tensor), g in zip(p.items(), gradients):
                    slow[name] = slow[name] + 0.25 * (tensor - slow[name])
                    tensor -= 0.05 * (g + tensor - slow[name])
        for name, tensor in p.items():
            self.assertClose(ours[name], tensor.detach(), 1e-10, name)
            self.assertClose(ours[f"outer.slow[{name}]"], slow[name], 1e-10, name)

    GROUPS = ("sgd(lr = 0.05, momentum = 0.9, weight_decay = 0.02, only = { "
              "norms(f): { weight_decay = 0 }, biases(z): { lr = 0.01, weight_decay = 1e-3 }, "
              "\"f.*\": { lr = 0 } })")

    @staticmethod
    def grouped(p, biases=0.01):
        def group(name):
            return ("frozen" if name.startswith("f.") else "norm" if ".bn" in name
                    else "bias" if name.endswith("bias") else "matrix")
        numbers = {"matrix": (0.05, 0.02), "norm": (0.05, 0), "bias": (biases, 1e-3),
                   "frozen": (0, 0.02)}
        return torch.optim.SGD(
            [{"params": [t for n, t in p.items() if group(n) == key], "lr": lr,
              "weight_decay": decay} for key, (lr, decay) in numbers.items()], momentum=0.9, lr=1)

    def test_groups_have_numbers_of_their_own(self):
        moved = self.check(self.GROUPS, self.grouped)
        for name, change in moved.items():
            (self.assertEqual if name.startswith("f.") else self.assertGreater)(change, 0, name)

    def test_numbers_of_groups_are_settings(self):
        self.check(self.GROUPS, lambda p: self.grouped(p, 0.002),
                   settings={"outer.only.biases.z.lr": "0.002"})

    def test_groups_share_the_norm_of_the_gradient(self):
        """Clipping knows no groups: the norm is that of all gradients."""
        self.check(self.GROUPS.replace("only", "clip = 0.5, only"), self.grouped, clip=0.5)


if __name__ == "__main__":
    advxtest.main()
