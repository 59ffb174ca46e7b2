# RUN: %{python} %s
"""Numbers that are not finite, and gradients that are very small or large, in whole programs."""

import unittest

import numpy as np

import advxtest
import safetensors_lite

TOY = """
dataset toy() {{
  format  = "idx"
  image   = [1, {side}, {side}]
  classes = 2
  range   = [0, 1]
  train   = ["train-images-idx3-ubyte", "train-labels-idx1-ubyte"]
  test    = ["t10k-images-idx3-ubyte", "t10k-labels-idx1-ubyte"]
}}
network net() {{
{network}
}}
experiment e {{
  data toy() {{ batch = 8 }}
  features z = net()
  head     f = linear(z)
  threat B(x) = {threat} & box(0, 1)
  evaluate on test {{ clean  a = pgd(steps = {steps}, step = 0.05, start = center) }}
}}
"""
RECTIFIED = """  layer conv1 = conv2d(16, kernel = 3, padding = 1)
  layer conv2 = conv2d(4, kernel = 3)
  forward(x) = flatten(relu(conv2(relu(conv1(x / x)))))"""
WAYS = [("-O0",), ("-O2",), ("-O2", "--precision", "f64")]


class SpecialNumbers(advxtest.TestCase):
    def data(self, side, count=12):
        random = np.random.default_rng(0)
        images = random.integers(1, 255, (count, side, side))
        images[3] = 0
        labels = np.arange(count) % 2
        return advxtest.write_data(self.folder / "data", (images, labels))

    def test_a_rectifier_keeps_nan(self):
        """Example 3 is 0, so x / x is NaN; no level turns it into a number, or touches others."""
        data = self.data(6)
        page = TOY.format(side=6, network=RECTIFIED, threat="linf(x, radius = 0.1)", steps=0)
        for options in WAYS:
            executable = advxtest.build_page(page, *options)
            weights = self.folder / "weights.safetensors"
            executable.init(weights)
            logits = executable.attack(weights, data, "test", "a")["logits"]
            self.assertTrue(np.isnan(logits[3]).all(), options)
            self.assertTrue(np.isfinite(np.delete(logits, 3, 0)).all(), options)

    def test_an_l2_attack_moves_whatever_the_size_of_its_gradient(self):
        """The logits are linear, so the steepest direction is the same at every scale."""
        data = self.data(2)
        page = TOY.format(side=2, network="  forward(x) = flatten(x)", threat="l2(x, radius = 0.1)",
                          steps=6)
        for options in WAYS:
            executable = advxtest.build_page(page, *options)
            path = self.folder / "weights.safetensors"
            weights = executable.init(path)
            for name, array in weights.items():
                array[...] = 0 if "bias" in name else np.sign(array) * (1 + np.abs(array))
            scales = [1.0, 1e-12, 1e-30, 1e-38, 1e-42, 1e15]
            if weights["f.weight"].dtype == np.float64:
                scales += [1e-200, 1e-310]
            for scale in scales:
                scaled = {name: array * array.dtype.type(scale) for name, array in weights.items()}
                safetensors_lite.write(path, scaled)
                found = executable.attack(path, data, "test", "a")
                moved = (found["adversarial"] - found["x"]).reshape(len(found["x"]), -1)
                length = np.sqrt((moved.astype(np.float64) ** 2).sum(1))
                if scale == 1.0:
                    reached = length
                    self.assertGreater(reached.min(), 0.02)
                elif scale < 1:  # at 1e15 some examples are classified beyond any gradient
                    np.testing.assert_allclose(length, reached, rtol=1e-2, err_msg=f"{options} {scale}")
                self.assertLess(length.max(), 0.1 * (1 + 1e-5))


if __name__ == "__main__":
    advxtest.main()
