#!/usr/bin/python3
"""Steps of adversarial training of a ResNet-18 on CIFAR-10 by advx and by PyTorch, beside each other.

Both sides begin with the same weights, see the same images in the same order and start their attacks from
the same draws: PGD-10 in the ball of 8/255, batch norm in mode eval in the attack, SGD with momentum. The
steps are cut into rows; a row is the mean loss of its steps and the share of attacked images that were right
in them, of advx and of PyTorch. Then comes how far the weights are apart in the end, relative to the largest
of each tensor. In f32 two programs part slowly: signs of gradients at rounding level differ, and a network
with batch norm that begins to learn enlarges what differs.

Usage: bench/compare_steps.py [--data DIR] [--steps 20] [--rows 5] [--batch 16] [--width 64] [--lr 0.01]
           [--seed 0] [--precision f32] [--threads 1] [--advx build/release/bin/advx] [--tolerance SHARE]
DIR holds CIFAR-10 in its binary version; by default $ADVX_CIFAR.
Exit status: 1 if --tolerance is given and the losses of a row differ by a larger share.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

import numpy as np
import torch
import torch.nn.functional as F

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "test" / "end-to-end"))
import draws  # noqa: E402
import oracle  # noqa: E402
import public_networks  # noqa: E402
import safetensors_lite  # noqa: E402

RADIUS, ATTACK, STEP = 8 / 255, 10, 2 / 255
MOMENTUM, DECAY = 0.9, 5e-4
PAGE = """experiment steps {{
  data cifar10() {{ batch = {batch} }}
  features z = resnet18(width = {width})
  head     f = linear(z)
  threat B(x) = linf(x, radius = 8/255) & box(0, 1)
  inner x' = argmax ce(f(x'), y) over B(x) by pgd(steps = {attack}, step = 2/255, start = uniform)
  outer minimize ce(f(x' | y), y) by sgd(lr = {lr}, momentum = {momentum}, weight_decay = {decay}) for {rows} epochs
}}
"""


def records(folder, count):
    """The first `count` training images and labels."""
    parts, left = [], count
    for i in range(1, 6):
        data = np.fromfile(folder / f"data_batch_{i}.bin", np.uint8, left * 3073)
        parts.append(data.reshape(-1, 3073))
        left -= len(parts[-1])
        if left == 0:
            break
    if left:
        sys.exit(f"{folder} has {count - left} training images, and {count} are asked for")
    rows = np.concatenate(parts)
    return rows[:, 1:].reshape(-1, 3, 32, 32), rows[:, 0]


def run(*command):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if result.returncode != 0:
        sys.exit(f"exit status {result.returncode} of {' '.join(map(str, command))}\n{result.stderr}")


class Net(torch.nn.Module):
    """Features and the linear head under the names of a page."""

    def __init__(self, width):
        super().__init__()
        self.z = public_networks.ResNet((3, 32, 32), width=width)
        self.f = torch.nn.Linear(8 * width, 10)

    def forward(self, x):
        return self.f(self.z(x))


def attack(net, x, y, start):
    net.eval()
    low, high = (x - RADIUS).clamp(0, 1), (x + RADIUS).clamp(0, 1)
    v = torch.min(torch.max(start, low), high)
    for _ in range(ATTACK):
        g = oracle.input_gradient(lambda v: oracle.ce(net(v), y), v)
        v = torch.min(torch.max(v + STEP * g.sign(), low), high)
    net.train()
    return v


def theirs(options, arrays, images, labels):
    """(loss and share of right attacked images of each row, the state in the end) of PyTorch."""
    dtype = torch.float64 if options.precision == "f64" else torch.float32
    net = Net(options.width).to(dtype)
    state = {name: tensor for name, tensor in oracle.tensors(arrays, dtype).items() if not name.startswith("outer.")}
    missing, unexpected = net.load_state_dict(state, strict=False)
    assert not unexpected and all(name.endswith("num_batches_tracked") for name in missing), (missing, unexpected)
    optimizer = torch.optim.SGD(net.parameters(), options.lr, MOMENTUM, weight_decay=DECAY)
    x_all = torch.from_numpy(images.astype(np.float64) / 255).to(dtype)
    y_all = torch.from_numpy(labels.astype(np.int64))
    rows = []
    for epoch in range(options.rows):
        order = draws.order(len(labels), options.seed, epoch)
        losses, right = [], []
        for begin in range(0, len(order), options.batch):
            chosen = order[begin:begin + options.batch]
            x, y = x_all[chosen], y_all[chosen]
            noise = draws.uniform(options.seed, "inner.n", chosen, (3, 32, 32), epoch, single=dtype == torch.float32)
            adversarial = attack(net, x, y, x + RADIUS * (2 * torch.from_numpy(noise) - 1))
            logits = net(adversarial)
            loss = F.cross_entropy(logits, y)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            losses.append(loss.item())
            right.append((logits.argmax(1) == y).double().mean().item())
        rows.append((np.mean(losses), np.mean(right)))
    return rows, net.state_dict()


def ours(options, folder, images_wanted):
    """(the same of advx, the initial weights)."""
    page, executable = folder / "steps.advx", folder / "steps"
    page.write_text(PAGE.format(batch=options.batch, width=options.width, lr=options.lr, attack=ATTACK,
                                momentum=MOMENTUM, decay=DECAY, rows=options.rows))
    run(options.advx, "build", page, "-o", executable, "--precision", options.precision)
    initial = folder / "initial.safetensors"
    run(executable, "init", "--seed", options.seed, "--out", initial)
    run(executable, "train", "--data", options.data, "--out", folder / "run", "--seed", options.seed, "--init", initial,
        "--limit", images_wanted, "--threads", options.threads)
    events = [json.loads(line) for line in (folder / "run" / "metrics.jsonl").read_text().splitlines()]
    rows = [(event["loss"], event["accuracy"]["f(x')"]) for event in events if event["event"] == "epoch"]
    final = safetensors_lite.read(folder / "run" / "checkpoints" / "final.safetensors")[0]
    return rows, final, safetensors_lite.read(initial)[0]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--data", type=pathlib.Path, default=os.environ.get("ADVX_CIFAR"))
    parser.add_argument("--steps", type=int, default=20)
    parser.add_argument("--rows", type=int, default=5)
    parser.add_argument("--batch", type=int, default=16)
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--lr", type=float, default=0.01)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--precision", choices=("f32", "f64"), default="f32")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--advx", type=pathlib.Path, default=ROOT / "build/release/bin/advx")
    parser.add_argument("--tolerance", type=float, help="share that losses may differ by")
    options = parser.parse_args()
    if options.data is None:
        parser.error("give --data, the folder of CIFAR-10 in its binary version, or set ADVX_CIFAR")
    options.data = pathlib.Path(options.data)
    if options.rows < 1 or options.steps < 1 or options.steps % options.rows:
        parser.error("--steps is a multiple of --rows")
    torch.set_num_threads(options.threads)
    count = options.steps // options.rows * options.batch
    images, labels = records(options.data, count)
    with tempfile.TemporaryDirectory() as scratch:
        mine, final, initial = ours(options, pathlib.Path(scratch), count)
    other, state = theirs(options, initial, images, labels)
    print(f"resnet18(width = {options.width}), batch {options.batch}, {options.precision}, seed {options.seed}, "
          f"{count} images {options.rows} times\n")
    print("| steps | advx loss | right | PyTorch loss | right |")
    print("|---|---|---|---|---|")
    worst = 0
    for i, ((loss, right), (their_loss, their_right)) in enumerate(zip(mine, other, strict=True)):
        each = options.steps // options.rows
        print(f"| {i * each + 1} to {(i + 1) * each} | {loss:.4f} | {100 * right:.1f} % | {their_loss:.4f} "
              f"| {100 * their_right:.1f} % |")
        worst = max(worst, abs(loss - their_loss) / their_loss)
    apart = max((np.abs(final[name] - tensor.numpy()).max() / max(np.abs(tensor.numpy()).max(), 1e-30), name)
                for name, tensor in state.items() if not name.endswith("num_batches_tracked"))
    print(f"\nweights and statistics in the end: at most {apart[0]:.1e} apart, in {apart[1]}")
    if options.tolerance is not None and worst > options.tolerance:
        print(f"losses are {worst:.1e} apart, more than {options.tolerance}")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
