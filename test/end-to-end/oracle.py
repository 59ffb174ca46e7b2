"""The same mathematics in PyTorch, written from the papers and PyTorch's documentation.

Networks are functions of a dictionary of tensors with the names of our checkpoints.
"""

import numpy as np
import torch
import torch.nn.functional as F


def tensors(arrays, dtype=None):
    """Our arrays as PyTorch tensors; of floats, `dtype` if given."""
    result = {}
    for name, array in arrays.items():
        tensor = torch.from_numpy(np.ascontiguousarray(array))
        result[name] = tensor.to(dtype) if dtype and tensor.is_floating_point() else tensor
    return result


def images(bytes_, dtype):
    """[n, 28, 28] bytes as images [n, 1, 28, 28] on [0, 1]."""
    return torch.from_numpy(bytes_.astype(np.float64) / 255).to(dtype)[:, None]


def labels(bytes_):
    return torch.from_numpy(bytes_.astype(np.int64))


def mnist_cnn(p, x, mode="eval"):
    x = F.relu(F.conv2d(x, p["z.conv1.weight"], p["z.conv1.bias"], stride=2, padding=1))
    x = F.relu(F.conv2d(x, p["z.conv2.weight"], p["z.conv2.bias"], stride=2, padding=1))
    return F.relu(F.linear(x.flatten(1), p["z.fc1.weight"], p["z.fc1.bias"]))


def small_cnn(p, x, mode="eval"):
    def conv(i, v):
        name = f"z.feature_extractor.conv{i}"
        return F.relu(F.conv2d(v, p[f"{name}.weight"], p[f"{name}.bias"]))

    x = F.max_pool2d(conv(2, conv(1, x)), 2)
    x = F.max_pool2d(conv(4, conv(3, x)), 2).flatten(1)
    for name in ("z.classifier.fc1", "z.classifier.fc2"):
        x = F.relu(F.linear(x, p[f"{name}.weight"], p[f"{name}.bias"]))
    return x


def tiny(p, x, mode="eval"):
    x = F.relu(F.conv2d(x, p["z.conv1.weight"], p["z.conv1.bias"], stride=3))
    x = F.relu(F.conv2d(x, p["z.conv2.weight"], p["z.conv2.bias"], stride=2, padding=1))
    return F.relu(F.linear(x.flatten(1), p["z.fc.weight"], p["z.fc.bias"]))


def batch_norm(p, name, x, mode, momentum, eps):
    """Modes: eval uses the running statistics, batch those of the batch, train those of
    the batch and moves the running ones (in place)."""
    mean, var = p[f"{name}.running_mean"], p[f"{name}.running_var"]
    weight, bias = p[f"{name}.weight"], p[f"{name}.bias"]
    if mode == "batch":
        return F.batch_norm(x, None, None, weight, bias, True, momentum, eps)
    if mode == "eval":
        # Copies, since the backward pass reads them and a later forward moves the originals.
        mean, var = mean.clone(), var.clone()
    return F.batch_norm(x, mean, var, weight, bias, mode == "train", momentum, eps)


def normed(p, x, mode="eval"):
    x = F.conv2d(x, p["z.conv1.weight"], p["z.conv1.bias"], stride=2, padding=1)
    x = F.relu(batch_norm(p, "z.bn1", x, mode, 0.1, 1e-5))
    x = F.conv2d(x, p["z.conv2.weight"], stride=2, padding=1)
    x = F.relu(batch_norm(p, "z.bn2", x, mode, 0.3, 1e-3))
    return F.relu(F.linear(x.flatten(1), p["z.fc.weight"], p["z.fc.bias"]))


def linear(p, z):
    return F.linear(z, p["f.weight"], p["f.bias"])


def hypersphere(p, z, s=15.0, m=0.2, y=None):
    """Pang et al. 2020, equation 4; W is [features, classes], its columns on the sphere."""
    cosine = F.normalize(z, dim=1, eps=1e-12) @ F.normalize(p["f.W"], dim=0, eps=1e-12)
    if y is None:
        return s * cosine
    # One-hot in the type of the cosine: an integer would make the product single precision.
    return s * (cosine - m * F.one_hot(y, cosine.shape[1]).to(cosine.dtype))


def ce(logits, y):
    """Per example."""
    return F.cross_entropy(logits, y, reduction="none")


def cw(logits, y):
    """Per example: the largest other logit less that of the label."""
    others = logits.masked_fill(F.one_hot(y, logits.shape[1]).bool(), -float("inf"))
    return others.max(1).values - logits.gather(1, y[:, None])[:, 0]


def rows(v):
    """Euclidean norm of every example, with axes to multiply by."""
    return v.flatten(1).norm(dim=1)[:, None, None, None]


def steepest(g, norm):
    """argmax of <g, v> over the unit ball of `norm`; 0 at 0."""
    return g.sign() if norm == "linf" else g / rows(g).clamp_min(1e-12)


def project(v, x, radius, norm):
    """On the ball around x, then on the box [0, 1]."""
    if norm == "linf":
        v = torch.min(torch.max(v, x - radius), x + radius)
    else:
        d = v - x
        v = x + d * (radius / rows(d).clamp_min(1e-30)).clamp_max(1)
    return v.clamp(0, 1)


def input_gradient(objective, v):
    """Gradient of the sum over the batch."""
    v = v.detach().requires_grad_()
    return torch.autograd.grad(objective(v).sum(), v)[0]


def pgd(objective, x, start, steps, step, radius, norm):
    v = start
    for _ in range(steps):
        g = input_gradient(objective, v)
        v = project(v + step * steepest(g, norm), x, radius, norm)
    return v.detach()


def sgd_step(p, velocity, loss, lr, momentum=0.0, weight_decay=0.0, nesterov=False):
    """One step of torch.optim.SGD's documented rule on every tensor that requires a gradient.
    `weight_decay` is a number or, of groups of weights, a function of the name."""
    names = [name for name in p if p[name].requires_grad]
    gradients = torch.autograd.grad(loss, [p[name] for name in names], allow_unused=True)
    for name, g in zip(names, gradients):
        with torch.no_grad():
            decay = weight_decay(name) if callable(weight_decay) else weight_decay
            g = (torch.zeros_like(p[name]) if g is None else g) + decay * p[name]
            velocity[name] = g if velocity.get(name) is None else momentum * velocity[name] + g
            p[name] -= lr * (g + momentum * velocity[name] if nesterov else velocity[name])


def trainable(arrays, dtype=None):
    """(tensors with gradients on for all that is no running statistic or optimiser state)."""
    result = {name: tensor for name, tensor in tensors(arrays, dtype).items()
              if not name.startswith("outer.")}
    for name, tensor in result.items():
        if tensor.is_floating_point() and ".running_" not in name:
            tensor.requires_grad_()
    return result
