# RUN: %{python} %s
"""The library's networks against PyTorch modules of their public definitions: names, counts,
initial distributions, and that both compute the same.
"""

import math
import re
import unittest

import numpy as np
import torch
from torch import nn

import advxtest
import pages
import public_networks as public
import safetensors_lite

GREY = (1, 28, 28)
COLOUR = (3, 32, 32)
STILL = "clean still = pgd(steps = 0, step = 0.01, start = center)"

# name: (ours, theirs); small widths, so that each is compiled and compared in seconds.
SMALL = {
    "mlp": ("mlp()", lambda: public.MLP(GREY)),
    "mlp of 3 layers": ("mlp(width = 40, depth = 3, activation = gelu)",
                        lambda: public.MLP(GREY, 40, 3, nn.GELU)),
    "lenet": ("lenet()", lambda: public.LeNet(GREY)),
    "lenet, padded": ("lenet(activation = tanh, padding = 2)",
                      lambda: public.LeNet(GREY, 2, nn.Tanh)),
    "small_cnn": ("small_cnn()", lambda: public.SmallCNN(GREY)),
    "resnet18": ("resnet18(width = 6)", lambda: public.ResNet(GREY, width=6)),
    "resnet34": ("resnet34(width = 4, activation = silu)",
                 lambda: public.ResNet(GREY, (3, 4, 6, 3), 4, nn.SiLU)),
    "preact_resnet18": ("preact_resnet18(width = 6, activation = gelu)",
                        lambda: public.PreActResNet(GREY, width=6, activation=nn.GELU)),
    "wide_resnet": ("wide_resnet(depth = 16, width = 1, activation = silu)",
                    lambda: public.WideResNet(GREY, 16, 1, nn.SiLU)),
}

# ours: (theirs, trained numbers without the last layer, as their authors' programs count them).
FULL = {
    "resnet18()": (lambda: public.ResNet(COLOUR), 11_173_962 - 5_130),
    "resnet34()": (lambda: public.ResNet(COLOUR, (3, 4, 6, 3)), 21_282_122 - 5_130),
    # With the last normalisation, as in fast_adversarial.
    "preact_resnet18()": (lambda: public.PreActResNet(COLOUR), 11_172_170 - 5_130),
    "wide_resnet(depth = 34, width = 10)": (lambda: public.WideResNet(COLOUR), 46_160_474 - 6_410),
    "lenet()": (lambda: public.LeNet(COLOUR), 62_006 - 850),
}

COLOUR_PAGE = """
dataset colour() {{
  format = "idx"  image = [3, 32, 32]  classes = 10  range = [0, 1]
  train = ["images", "labels"]  test = ["images", "labels"]
}}
experiment e {{
  data colour()
  features z = {network}
  head     f = linear(z)
  evaluate on test {{ clean }}
}}
"""


def tensors_of(module):
    """{name: tensor} of what a checkpoint of ours holds too."""
    return {f"z.{name}": tensor for name, tensor in module.state_dict().items()
            if not name.endswith("num_batches_tracked")}


class Networks(advxtest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.data = advxtest.write_data(cls.class_folder / "data", advxtest.fashion_mnist("t10k", 12))

    def check_distribution(self, ours, theirs, name):
        """The same constant, or alike by the test of Kolmogorov and Smirnov for two samples."""
        ours, theirs = np.sort(np.asarray(ours).ravel()), np.sort(np.asarray(theirs).ravel())
        if theirs[0] == theirs[-1]:
            self.assertSameArray(ours, theirs, name)
            return
        both = np.concatenate([ours, theirs])
        distance = np.abs(np.searchsorted(ours, both, "right") / len(ours) -
                          np.searchsorted(theirs, both, "right") / len(theirs)).max()
        # At the level 1e-5.
        self.assertLess(distance, 2.47 * math.sqrt(2 / len(ours)), f"{name} begins otherwise")
        if len(ours) > 1000:
            ratio = np.abs(ours).max() / np.abs(theirs).max()
            self.assertTrue(0.6 < ratio < 1.6, f"{name} reaches {ratio} times as far")

    def check(self, network, module):
        text = pages.page(network=network, loss=None, inner=None, evaluate=STILL)
        executable = advxtest.build_page(text)
        initial = self.folder / "initial.safetensors"
        ours = executable.init(initial, seed=1)
        theirs = tensors_of(module)
        self.assertEqual({name: array.shape for name, array in ours.items() if name[0] == "z"},
                         {name: tuple(tensor.shape) for name, tensor in theirs.items()})
        for name, tensor in theirs.items():
            self.check_distribution(ours[name], tensor, name)
        public.randomise_statistics(module, torch.Generator().manual_seed(2))
        arrays = {name: tensor.numpy() for name, tensor in tensors_of(module).items()}
        arrays |= {name: array for name, array in ours.items() if name[0] == "f"}
        checkpoint = self.folder / "theirs.safetensors"
        safetensors_lite.write(checkpoint, arrays)
        found = executable.attack(checkpoint, self.data, "test", "still")
        with torch.no_grad():
            z = module.eval()(torch.from_numpy(found["x"]))
        expected = z.numpy() @ arrays["f.weight"].T + arrays["f.bias"]
        self.assertClose(found["logits"], expected, 2e-5, "logits")

    def test_small_ones_are_the_public_networks(self):
        for name, (ours, theirs) in SMALL.items():
            with self.subTest(network=name):
                torch.manual_seed(0)
                self.check(ours, theirs())

    def test_names_and_counts_at_full_size(self):
        """As the checked experiment lists them; nothing of this size is compiled."""
        for ours, (theirs, count) in FULL.items():
            with self.subTest(network=ours):
                page = self.folder / "page.advx"
                page.write_text(COLOUR_PAGE.format(network=ours))
                checked = advxtest.run(advxtest.ADVX, "build", page, "--emit=checked").stdout
                module = theirs()
                found = {}
                for kind, name, sizes in re.findall(
                        r"^ *(param|buffer) %(z\.[\w.]+) : \[([\d, ]+)\]", checked, re.MULTILINE):
                    found[name] = tuple(int(size) for size in sizes.split(","))
                self.assertEqual(found, {name: tuple(tensor.shape)
                                         for name, tensor in tensors_of(module).items()})
                self.assertEqual(public.parameters(module), count)
                trained = sum(math.prod(shape) for name, shape in found.items()
                              if ".running_" not in name)
                self.assertEqual(trained, count)


if __name__ == "__main__":
    advxtest.main()
