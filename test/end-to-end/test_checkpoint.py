# RUN: %{python} %s
"""A checkpoint that the executable wrote means the same network to PyTorch."""

import json
import unittest

import torch

import advxtest
import oracle
import pages

CENTER = "pgd(steps = 0, step = 0.01, start = center)"
HEADS = {
    "linear(z)": lambda p, z: oracle.linear(p, z),
    "hypersphere(z, s = 15, m = 0.2)": lambda p, z: oracle.hypersphere(p, z, s=15),
}
NETWORKS = {"mnist_cnn()": (oracle.mnist_cnn, ""), "small_cnn()": (oracle.small_cnn, ""),
            "normed()": (oracle.normed, pages.NORMED)}


class Checkpoint(advxtest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.data = advxtest.write_data(cls.class_folder / "data",
                                       advxtest.fashion_mnist("train", 64),
                                       advxtest.fashion_mnist("t10k", 40))

    def check(self, network, head):
        forward, declarations = NETWORKS[network]
        executable = advxtest.build_page(pages.page(
            network=network, head=head, declarations=declarations,
            inner="argmax ce(f(x'), y) over B(x) by pgd(steps = 1, step = 0.05, start = uniform)",
            evaluate="clean still = " + CENTER))
        run = self.folder / "run"
        executable.train(run, self.data, epochs=1)
        state = advxtest.weights(advxtest.last_checkpoint(run))
        ours = executable.attack(advxtest.last_checkpoint(run), self.data, "test", "still")
        # With no step from the centre of the set, x' is x.
        self.assertSameArray(ours["adversarial"], ours["x"])
        p = oracle.tensors(state)
        expected = HEADS[head](p, forward(p, torch.from_numpy(ours["x"])))
        self.assertClose(ours["logits"], expected, 1e-5, f"{network}, {head}")
        # The images themselves are the data set's, in order.
        images, labels = advxtest.fashion_mnist("t10k", 40)
        self.assertClose(ours["x"], oracle.images(images, torch.float32), 1e-7, "images")
        self.assertSameArray(ours["y"], labels)
        self.assertSameArray(ours["index"], range(40))

    def test_mnist_cnn_with_a_linear_head(self):
        self.check("mnist_cnn()", "linear(z)")

    def test_mnist_cnn_with_hypersphere_embedding(self):
        self.check("mnist_cnn()", "hypersphere(z, s = 15, m = 0.2)")

    def test_small_cnn_with_max_pooling_and_dropout(self):
        self.check("small_cnn()", "linear(z)")

    def test_a_network_with_batch_norm(self):
        self.check("normed()", "linear(z)")

    def test_weights_come_from_a_file_of_pytorch(self):
        """`from` with `rename` reads what import_torch.py made of a state dict."""
        torch.manual_seed(3)
        model = torch.nn.Module()
        model.conv1 = torch.nn.Conv2d(1, 16, 4, stride=2, padding=1)
        model.conv2 = torch.nn.Conv2d(16, 32, 4, stride=2, padding=1)
        model.fc1 = torch.nn.Linear(1568, 100)
        model.fc2 = torch.nn.Linear(100, 10)
        state = {f"module.{name}": tensor for name, tensor in model.state_dict().items()}
        torch.save({"state_dict": state}, self.folder / "model.pt")
        advxtest.run("/usr/bin/python3", advxtest.SOURCE / "scripts" / "import_torch.py",
                     self.folder / "model.pt", self.folder / "model.safetensors")
        source = f'from "{self.folder}/model.safetensors" rename '
        executable = advxtest.build_page(pages.page(
            network="mnist_cnn() " + source + '{ "module." : "" }',
            head="linear(z) " + source + '{ "module.fc2." : "" }',
            loss=None, evaluate="clean still = " + CENTER))
        checkpoint = self.folder / "initial.safetensors"
        executable.init(checkpoint)
        ours = executable.attack(checkpoint, self.data, "test", "still")
        x = torch.from_numpy(ours["x"])
        x = torch.relu(model.conv2(torch.relu(model.conv1(x))))
        expected = model.fc2(torch.relu(model.fc1(x.flatten(1)))).detach()
        self.assertClose(ours["logits"], expected, 1e-5)

        # The page names its weights, so that `eval` needs no checkpoint.
        report = self.folder / "report.json"
        advxtest.run(executable.path, "eval", "--data", self.data, "--out", report)
        images, labels = ours["x"], torch.from_numpy(ours["y"])
        right = (expected.argmax(1) == labels).float().mean().item()
        evaluation = json.loads(report.read_text())["evaluations"][0]
        clean = next(a for a in evaluation["attacks"] if a["name"] == "clean")
        self.assertEqual(clean["n"], len(images))
        self.assertAlmostEqual(clean["accuracy"], right, places=6)

    def test_weights_from_nowhere_are_asked_for(self):
        result = advxtest.run(advxtest.build_page(pages.page()).path, "eval", "--data", self.data,
                              check=False)
        self.assertEqual(result.returncode, 2)
        self.assertRegex(result.stderr, "--checkpoint is needed: the page has no file for `z.conv1")


if __name__ == "__main__":
    advxtest.main()
