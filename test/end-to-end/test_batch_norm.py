# RUN: %{python} %s
"""Batch-norm's running statistics after one outer step, in every mode, as PyTorch has them."""

import unittest

import torch

import advxtest
import oracle
import pages

BATCH = 24
STEPS, STEP, RADIUS = 2, 0.04, 0.1


def attack(mode):
    return (f"argmax ce(f(x'), y) over B(x) by pgd(steps = {STEPS}, step = {STEP}, start = center)"
            f" in {mode}")


# What the page minimises, and the same as a function of one forward `z(image, mode)`.
LOSSES = {
    "train": ("ce(f(x' | y), y)", lambda z, x, v, y: oracle.ce(z(v, "train"), y)),
    "eval": ("ce(f[eval](x' | y), y)", lambda z, x, v, y: oracle.ce(z(v, "eval"), y)),
    "batch": ("ce(f[batch](x' | y), y)", lambda z, x, v, y: oracle.ce(z(v, "batch"), y)),
    "two": ("ce(f(x | y), y) + ce(f(x' | y), y)",
            lambda z, x, v, y: oracle.ce(z(x, "train"), y) + oracle.ce(z(v, "train"), y)),
    "mixed": ("ce(f[eval](x | y), y) + ce(f(x' | y), y)",
              lambda z, x, v, y: oracle.ce(z(x, "eval"), y) + oracle.ce(z(v, "train"), y)),
}


class BatchNorm(advxtest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.examples = advxtest.fashion_mnist("train", BATCH)
        cls.data = advxtest.write_data(cls.class_folder / "data", cls.examples)

    def check(self, loss_text, loss, mode, precision="f64", tolerance=1e-9, lets=""):
        dtype = torch.float32 if precision == "f32" else torch.float64
        text = pages.normed(inner=attack(mode), loss=loss_text, batch=BATCH,
                            optimizer="sgd(lr = 0.05)").replace("  outer", lets + "  outer")
        executable = advxtest.build_page(text, "--precision", precision)
        initial = self.folder / "initial.safetensors"
        p = oracle.trainable(executable.init(initial, seed=2), dtype)
        run = self.folder / f"run{len(list(self.folder.glob('run*')))}"
        executable.train(run, self.data, epochs=1, extra=["--init", initial])
        ours = advxtest.weights(advxtest.last_checkpoint(run))

        x, y = oracle.images(self.examples[0], dtype), oracle.labels(self.examples[1])
        before = {name: tensor.detach().clone() for name, tensor in p.items()}

        def forward(image, mode):
            return oracle.linear(p, oracle.normed(p, image, mode))

        adversarial = oracle.pgd(lambda v: oracle.ce(forward(v, mode), y), x, x, STEPS, STEP,
                                 RADIUS, "linf")
        oracle.sgd_step(p, {}, loss(forward, x, adversarial, y).mean(), 0.05)
        for name, tensor in p.items():
            self.assertClose(ours[name], tensor.detach(), tolerance, f"{name}, attack in {mode}")
        moved = any(not torch.equal(before[n], p[n]) for n in p if ".running_" in n)
        return moved

    def test_outer_train_with_each_attack_mode(self):
        for mode in ("eval", "batch", "train"):
            with self.subTest(attack=mode):
                self.assertTrue(self.check(*LOSSES["train"], mode))

    def test_statistics_in_single_precision(self):
        self.check(*LOSSES["train"], "eval", "f32", 2e-5)

    def test_outer_in_eval_moves_nothing(self):
        self.assertFalse(self.check(*LOSSES["eval"], "eval"))
        self.assertFalse(self.check(*LOSSES["batch"], "batch"))

    def test_an_attack_in_train_mode_moves_the_statistics_by_itself(self):
        self.assertTrue(self.check(*LOSSES["eval"], "train"))

    def test_forwards_update_in_the_order_of_the_text(self):
        self.check(*LOSSES["two"], "eval")
        self.check("ce(f(x' | y), y) + ce(f(x | y), y)",
                   lambda z, x, v, y: oracle.ce(z(v, "train"), y) + oracle.ce(z(x, "train"), y),
                   "eval")
        self.check(*LOSSES["mixed"], "batch")

    def test_equal_applications_are_one_forward(self):
        """f(x' | y) twice is one forward, which updates once."""
        self.check("ce(f(x' | y), y) + mse(f(x'), f(x'))",
                   lambda z, x, v, y: oracle.ce(z(v, "train"), y), "eval")

    POOLED = """
network pooled() {
  layer conv1 = conv2d(2, kernel = 3)
  layer bn1   = batch_norm()
  layer bn2   = batch_norm()
  forward(x) = bn2(global_avg_pool(bn1(conv1(x))))
}
"""

    def test_one_value_a_channel_is_refused(self):
        """As in PyTorch: by name, before anything is written; what leaves two values is not."""
        page = pages.page(network="pooled()", declarations=self.POOLED, inner=None,
                          loss="ce(f(x), y)", batch=BATCH - 1,
                          evaluate="clean  a = argmax ce(f[batch](x'), y) by fgsm(step = 0.1)")
        executable = advxtest.build_page(page)
        kept = executable.train(self.folder / "kept", self.data, check=False)
        self.assertNotEqual(kept.returncode, 0)
        self.assertIn("the last batch of an epoch has one example, which leaves `z.bn2`", kept.stderr)
        self.assertIn("last = drop", kept.stderr)
        self.assertFalse((self.folder / "kept").exists())
        single = executable.train(self.folder / "single", self.data, check=False,
                                  settings={"data.batch": 1})
        self.assertIn("every batch has one example", single.stderr)
        executable.train(self.folder / "two", self.data, check=False, settings={"data.batch": 12})
        weights = self.folder / "weights.safetensors"
        executable.init(weights)
        refused = executable.evaluate(weights, self.data, check=False)
        self.assertNotEqual(refused.returncode, 0)
        self.assertIn("`z.bn2` of `test.a` one value a channel", refused.stderr)
        executable.evaluate(weights, self.data, settings={"data.batch": 12})
        dropped = advxtest.build_page(page.replace(f"batch = {BATCH - 1}", f"batch = {BATCH - 1}, last = drop"))
        executable = dropped.train(self.folder / "dropped", self.data, check=False)
        self.assertNotIn("the last batch of an epoch", executable.stderr)

    def test_fresh_is_one_forward_more(self):
        def loss(z, x, v, y):
            first = oracle.ce(z(v, "train"), y)
            return first + oracle.ce(z(v, "train"), y)

        self.check("ce(adv, y) + ce(again, y)", loss, "eval",
                   lets="  let adv = f(x' | y)\n  let again = fresh f(x' | y)\n")


if __name__ == "__main__":
    advxtest.main()
