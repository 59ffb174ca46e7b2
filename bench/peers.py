#!/usr/bin/python3
"""Adversarial training in eager PyTorch, step by step: what advx is compared with.

The networks are those of stdlib/networks; the attack is PGD within an infinity ball and the box
[0, 1] from a uniform start, the update SGD with momentum and weight decay. Two styles:

  reference  as published code has it: parameters take part in the attack's backward pass, which
             is run with `loss.backward()`; the margin loss loops over the examples
  tuned      as a careful user writes it: parameters frozen in the attack, gradients by the input
             alone, updates in place, the margin loss in whole tensors

Either with images in channels-last memory or not. Prints one JSON line: wall and CPU seconds of
each step after the first.

Usage: bench/peers.py --network mnist_cnn|small_cnn --head linear|hypersphere
           [--style reference|tuned] [--channels-last] [--batch 128] [--steps 10] [--threads 1]
           [--iterations 6] [--images FILE --labels FILE]
"""

import argparse
import contextlib
import gzip
import json
import pathlib
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

RADIUS, STEP, S, M = 0.1, 0.025, 15.0, 0.2


class Hypersphere(nn.Module):
    """Cosines between the features and the classes' weights."""

    def __init__(self, features, classes):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(classes, features) / features**0.5)

    def forward(self, z):
        return F.linear(F.normalize(z), F.normalize(self.weight))


def mnist_cnn():
    return nn.Sequential(nn.Conv2d(1, 16, 4, 2, 1), nn.ReLU(), nn.Conv2d(16, 32, 4, 2, 1), nn.ReLU(),
                         nn.Flatten(), nn.Linear(1568, 100), nn.ReLU()), 100


def small_cnn():
    convolutions = []
    for i, (inputs, outputs) in enumerate([(1, 32), (32, 32), (32, 64), (64, 64)]):
        convolutions += [nn.Conv2d(inputs, outputs, 3), nn.ReLU()]
        if i % 2:
            convolutions.append(nn.MaxPool2d(2))
    return nn.Sequential(*convolutions, nn.Flatten(), nn.Linear(1024, 200), nn.ReLU(),
                         nn.Dropout(0.5), nn.Linear(200, 200), nn.ReLU()), 200


NETWORKS = {"mnist_cnn": mnist_cnn, "small_cnn": small_cnn}


def margin_loss_by_example(cosines, labels):
    """-log of the softmax of S cos with the margin taken from the label's cosine, row by row."""
    rows = []
    for row, label in zip(cosines, labels):
        own = S * (row[label] - M)
        others = torch.cat((row[:label], row[label + 1:]))
        rows.append(torch.log(torch.exp(own) + torch.exp(S * others).sum()) - own)
    return torch.stack(rows).mean()


def margin_loss(cosines, labels, margin):
    if margin:
        cosines = cosines - margin * F.one_hot(labels, cosines.shape[1])
    return F.cross_entropy(S * cosines, labels)


class Peer:
    def __init__(self, network, head, style, steps):
        body, features = NETWORKS[network]()
        self.isMargin = head == "hypersphere"
        last = Hypersphere(features, 10) if self.isMargin else nn.Linear(features, 10)
        self.model = nn.Sequential(body, last)
        self.isTuned, self.steps = style == "tuned", steps
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.01, momentum=0.9,
                                         weight_decay=5e-4)

    def loss(self, x, y, isAttack):
        out = self.model(x)
        if not self.isMargin:
            return F.cross_entropy(out, y)
        if self.isTuned or isAttack:
            return margin_loss(out, y, 0 if isAttack else M)
        return margin_loss_by_example(out, y)

    @contextlib.contextmanager
    def frozen(self):
        for parameter in self.model.parameters():
            parameter.requires_grad_(not self.isTuned)
        yield
        for parameter in self.model.parameters():
            parameter.requires_grad_(True)

    def attack(self, x, y):
        low, high = (x - RADIUS).clamp_(0, 1), (x + RADIUS).clamp_(0, 1)
        v = torch.min(torch.max(x + torch.empty_like(x).uniform_(-RADIUS, RADIUS), low), high)
        for _ in range(self.steps):
            v = v.detach().requires_grad_()
            loss = self.loss(v, y, True)
            if self.isTuned:
                slope, = torch.autograd.grad(loss, [v])
                with torch.no_grad():
                    v.add_(slope.sign_(), alpha=STEP)
                    torch.max(v, low, out=v)
                    torch.min(v, high, out=v)
            else:
                self.optimizer.zero_grad()
                loss.backward()
                v = v.detach() + STEP * v.grad.sign()
                v = torch.min(torch.max(v, x - RADIUS), x + RADIUS).clamp(0, 1)
        return v.detach()

    def step(self, x, y):
        self.model.eval()
        with self.frozen():
            adversarial = self.attack(x, y)
        self.model.train()
        self.optimizer.zero_grad(set_to_none=self.isTuned)
        loss = self.loss(adversarial, y, False)
        loss.backward()
        self.optimizer.step()
        return float(loss.detach())


def read_idx(path, header):
    opener = gzip.open if str(path).endswith(".gz") else open
    with opener(path, "rb") as file:
        return np.frombuffer(file.read(), np.uint8)[header:]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--network", choices=NETWORKS, default="mnist_cnn")
    parser.add_argument("--head", choices=("linear", "hypersphere"), default="linear")
    parser.add_argument("--style", choices=("reference", "tuned"), default="tuned")
    parser.add_argument("--channels-last", action="store_true")
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--steps", type=int, default=10)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--iterations", type=int, default=6)
    parser.add_argument("--images", type=pathlib.Path, required=True)
    parser.add_argument("--labels", type=pathlib.Path, required=True)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    torch.manual_seed(0)

    count = options.batch * (options.iterations + 1)
    images = read_idx(options.images, 16).reshape(-1, 1, 28, 28)[:count]
    x = torch.from_numpy(images.astype(np.float32) / 255)
    y = torch.from_numpy(read_idx(options.labels, 8)[:count].astype(np.int64))
    peer = Peer(options.network, options.head, options.style, options.steps)
    if options.channels_last:
        peer.model = peer.model.to(memory_format=torch.channels_last)
        x = x.contiguous(memory_format=torch.channels_last)
    samples = []
    for i in range(options.iterations + 1):
        rows = slice(i * options.batch, (i + 1) * options.batch)
        wall, cpu = time.perf_counter(), time.process_time()
        loss = peer.step(x[rows], y[rows])
        samples.append([options.batch, time.perf_counter() - wall, time.process_time() - cpu])
        assert loss == loss, "the loss is not a number"
    print(json.dumps({"steps": samples[1:]}))


if __name__ == "__main__":
    main()
