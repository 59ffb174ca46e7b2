"""The networks of the standard library as PyTorch modules, written from their public definitions:
names, layers, initial weights. The last linear layer is left out; it is the head of a page.
"""

import math

import torch
from torch import nn
import torch.nn.functional as F


class MLP(nn.Module):
    def __init__(self, image, width=256, depth=2, activation=nn.ReLU):
        super().__init__()
        sizes = [math.prod(image)] + depth * [width]
        self.hidden = nn.Sequential(*(nn.Sequential(nn.Linear(a, b), activation())
                                      for a, b in zip(sizes, sizes[1:])))

    def forward(self, x):
        return self.hidden(x.flatten(1))


class LeNet(nn.Module):
    def __init__(self, image, padding=0, activation=nn.ReLU):
        super().__init__()
        self.conv1 = nn.Conv2d(image[0], 6, 5, padding=padding)
        self.conv2 = nn.Conv2d(6, 16, 5)
        side = ((image[1] + 2 * padding - 4) // 2 - 4) // 2
        self.fc1 = nn.Linear(16 * side * side, 120)
        self.fc2 = nn.Linear(120, 84)
        self.act = activation()

    def forward(self, x):
        x = F.max_pool2d(self.act(self.conv1(x)), 2)
        x = F.max_pool2d(self.act(self.conv2(x)), 2)
        return self.act(self.fc2(self.act(self.fc1(x.flatten(1)))))


class SmallCNN(nn.Module):
    """TRADES' network for MNIST."""

    def __init__(self, image, activation=nn.ReLU):
        super().__init__()
        self.feature_extractor = nn.Sequential()
        sizes = [image[0], 32, 32, 64, 64]
        for i in range(4):
            self.feature_extractor.add_module(f"conv{i + 1}", nn.Conv2d(sizes[i], sizes[i + 1], 3))
            self.feature_extractor.add_module(f"relu{i + 1}", activation())
            if i % 2:
                self.feature_extractor.add_module(f"maxpool{i // 2 + 1}", nn.MaxPool2d(2, 2))
        self.classifier = nn.Sequential()
        self.classifier.add_module("fc1", nn.Linear(64 * 4 * 4, 200))
        self.classifier.add_module("relu1", activation())
        self.classifier.add_module("drop", nn.Dropout(0.5))
        self.classifier.add_module("fc2", nn.Linear(200, 200))
        self.classifier.add_module("relu2", activation())
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                nn.init.kaiming_normal_(module.weight)
                nn.init.constant_(module.bias, 0)

    def forward(self, x):
        return self.classifier(self.feature_extractor(x).flatten(1))


def conv3x3(into, out, stride=1):
    return nn.Conv2d(into, out, 3, stride=stride, padding=1, bias=False)


class BasicBlock(nn.Module):
    def __init__(self, into, out, stride, activation):
        super().__init__()
        self.conv1, self.bn1 = conv3x3(into, out, stride), nn.BatchNorm2d(out)
        self.conv2, self.bn2 = conv3x3(out, out), nn.BatchNorm2d(out)
        self.shortcut = nn.Sequential()
        if stride != 1 or into != out:
            self.shortcut = nn.Sequential(nn.Conv2d(into, out, 1, stride=stride, bias=False),
                                          nn.BatchNorm2d(out))
        self.act = activation()

    def forward(self, x):
        out = self.bn2(self.conv2(self.act(self.bn1(self.conv1(x)))))
        return self.act(out + self.shortcut(x))


class PreActBlock(nn.Module):
    def __init__(self, into, out, stride, activation):
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(into), conv3x3(into, out, stride)
        self.bn2, self.conv2 = nn.BatchNorm2d(out), conv3x3(out, out)
        if stride != 1 or into != out:
            self.shortcut = nn.Sequential(nn.Conv2d(into, out, 1, stride=stride, bias=False))
        self.act = activation()

    def forward(self, x):
        out = self.act(self.bn1(x))
        shortcut = self.shortcut(out) if hasattr(self, "shortcut") else x
        return self.conv2(self.act(self.bn2(self.conv1(out)))) + shortcut


def stages(block, counts, width, activation):
    into = width
    for i, count in enumerate(counts):
        out = width * 2 ** i
        blocks = []
        for k in range(count):
            blocks.append(block(into, out, 2 if i > 0 and k == 0 else 1, activation))
            into = out
        yield nn.Sequential(*blocks)


class ResNet(nn.Module):
    def __init__(self, image, counts=(2, 2, 2, 2), width=64, activation=nn.ReLU):
        super().__init__()
        self.conv1, self.bn1 = conv3x3(image[0], width), nn.BatchNorm2d(width)
        self.layer1, self.layer2, self.layer3, self.layer4 = stages(BasicBlock, counts, width,
                                                                    activation)
        self.act = activation()

    def forward(self, x):
        x = self.act(self.bn1(self.conv1(x)))
        return self.layer4(self.layer3(self.layer2(self.layer1(x)))).mean((2, 3))


class PreActResNet(nn.Module):
    def __init__(self, image, counts=(2, 2, 2, 2), width=64, activation=nn.ReLU):
        super().__init__()
        self.conv1 = conv3x3(image[0], width)
        self.layer1, self.layer2, self.layer3, self.layer4 = stages(PreActBlock, counts, width,
                                                                    activation)
        self.bn = nn.BatchNorm2d(8 * width)
        self.act = activation()

    def forward(self, x):
        x = self.layer4(self.layer3(self.layer2(self.layer1(self.conv1(x)))))
        return self.act(self.bn(x)).mean((2, 3))


class WideBlock(nn.Module):
    def __init__(self, into, out, stride, activation):
        super().__init__()
        self.bn1, self.conv1 = nn.BatchNorm2d(into), conv3x3(into, out, stride)
        self.bn2, self.conv2 = nn.BatchNorm2d(out), conv3x3(out, out)
        self.act = activation()
        self.convShortcut = None
        if into != out:
            self.convShortcut = nn.Conv2d(into, out, 1, stride=stride, bias=False)

    def forward(self, x):
        opening = self.act(self.bn1(x))
        out = self.conv2(self.act(self.bn2(self.conv1(opening))))
        return out + (x if self.convShortcut is None else self.convShortcut(opening))


class WideStage(nn.Module):
    def __init__(self, count, into, out, stride, activation):
        super().__init__()
        self.layer = nn.Sequential(*(WideBlock(out if k else into, out, 1 if k else stride,
                                               activation) for k in range(count)))

    def forward(self, x):
        return self.layer(x)


class WideResNet(nn.Module):
    def __init__(self, image, depth=34, width=10, activation=nn.ReLU):
        super().__init__()
        n = (depth - 4) // 6
        sizes = [16, 16 * width, 32 * width, 64 * width]
        self.conv1 = conv3x3(image[0], 16)
        self.block1 = WideStage(n, sizes[0], sizes[1], 1, activation)
        self.block2 = WideStage(n, sizes[1], sizes[2], 2, activation)
        self.block3 = WideStage(n, sizes[2], sizes[3], 2, activation)
        self.bn1 = nn.BatchNorm2d(sizes[3])
        self.act = activation()
        for module in self.modules():
            if isinstance(module, nn.Conv2d):
                fan_out = module.kernel_size[0] * module.kernel_size[1] * module.out_channels
                nn.init.normal_(module.weight, 0, math.sqrt(2 / fan_out))

    def forward(self, x):
        x = self.block3(self.block2(self.block1(self.conv1(x))))
        return self.act(self.bn1(x)).mean((2, 3))


def parameters(module):
    """Trained numbers."""
    return sum(p.numel() for p in module.parameters())


def randomise_statistics(module, generator):
    """Running statistics and scales as after some training, so that a forward shows each."""
    with torch.no_grad():
        for name, tensor in module.state_dict().items():
            if name.endswith("running_mean") or (name.endswith("bias") and "bn" in name):
                tensor.copy_(0.1 * torch.randn(tensor.shape, generator=generator))
            elif name.endswith("running_var"):
                tensor.copy_(0.5 + torch.rand(tensor.shape, generator=generator))
