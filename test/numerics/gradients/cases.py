"""The cases: every op in several forms, composites, whole objectives."""

import itertools

import numpy as np
import torch
import torch.nn.functional as F

from emitter import Value
from harness import Case, Input

CASES = []


def lead(x, batched, rank=None):
    """`x` with a leading batch axis (of length 1 without a batch), a scalar an example
    with `rank` axes of length 1."""
    x = x if batched else x[None]
    return x.reshape([x.shape[0]] + [1] * rank) if rank and x.dim() == 1 else x


def contracted(name, inputs, shape, build, reference, **options):
    """The objective sum (y + y y) c over an op's result y[shape] with fixed weights c: all
    elements matter, and second derivatives do not vanish for linear ops."""
    weights = Input(False, shape, wrt=False)

    def objective(e, *values):
        y = build(e, *values[:-1])
        return e.total(e.mul(e.add(y, e.mul(y, y)), values[-1]))

    def value(*tensors):
        y = reference(*tensors[:-1])
        return (y + y * y) * tensors[-1]

    CASES.append(Case(name, inputs + [weights], objective, value, **options))


FORMS = {"batched": (True, (4,)), "shared": (False, (4,)), "number": (True, ()), "one": (False, ())}


def elementwise(mnemonic, reference, kinds, forms, build=None, suffix=""):
    inputs = [Input(*FORMS[form], kind) for form, kind in zip(forms, kinds)]
    shape = max((spec.shape for spec in inputs), key=len)
    build = build or (lambda e, *values: getattr(e, mnemonic)(*values))

    def value(*tensors):
        return reference(*[lead(t, spec.batched, len(shape)) for t, spec in zip(tensors, inputs)])

    contracted(f"{mnemonic}{suffix} {' '.join(forms)}", inputs, shape, build, value)


def elementwise_cases():
    unary = {"neg": torch.neg, "exp": torch.exp, "tanh": torch.tanh, "erf": torch.erf}
    positive = {"log": torch.log, "sqrt": torch.sqrt}
    apart = {"abs": torch.abs, "sign": torch.sign, "relu": torch.relu, "floor": torch.floor,
             "ceil": torch.ceil}
    for table, kind in ((unary, "normal"), (positive, "positive"), (apart, "apart")):
        for (mnemonic, reference), form in itertools.product(table.items(), FORMS):
            elementwise(mnemonic, reference, [kind], [form])

    pairs = [("batched", "batched"), ("batched", "shared"), ("shared", "batched"),
             ("batched", "number"), ("number", "batched"), ("batched", "one"), ("one", "batched"),
             ("shared", "number"), ("number", "shared"), ("shared", "shared"), ("one", "shared"),
             ("number", "one"), ("one", "one")]
    binary = {"add": (torch.add, "normal"), "sub": (torch.sub, "normal"),
              "mul": (torch.mul, "normal"), "div": (torch.div, "positive"),
              "pow": (torch.pow, "positive"), "maximum": (torch.maximum, "apart"),
              "minimum": (torch.minimum, "apart")}
    for (mnemonic, (reference, kind)), forms in itertools.product(binary.items(), pairs):
        elementwise(mnemonic, reference, [kind, kind], list(forms))
    for mnemonic in ("add", "mul", "div", "pow"):
        reference, kind = binary[mnemonic]
        elementwise(mnemonic, lambda a, r=reference: r(a, a), [kind], ["batched"],
                    lambda e, a, m=mnemonic: getattr(e, m)(a, a), " of one value,")

    torch_predicates = {"lt": torch.lt, "le": torch.le, "gt": torch.gt, "ge": torch.ge,
                        "eq": torch.eq, "ne": torch.ne}
    for i, (predicate, reference) in enumerate(torch_predicates.items()):
        forms = [("batched", "shared", "number"), ("number", "batched", "one"),
                 ("one", "shared", "batched")][i % 3]
        elementwise("select", lambda a, b, c, r=reference: torch.where(r(a, b), a * b, c),
                    ["apart"] * 3, list(forms),
                    lambda e, a, b, c, p=predicate: e.select(e.compare(p, a, b), e.mul(a, b), c),
                    " " + predicate)
    elementwise("cast", lambda a, b: (a > b).double() * a, ["apart"] * 2, ["batched", "number"],
                lambda e, a, b: e.mul(e.cast(e.compare("gt", a, b)), a))
    for form in FORMS:
        elementwise("cast", lambda a: (a.float() * a.float()).double() * a, ["normal"], [form],
                    through_f32, " through f32")
        # The derivative is that of the exact number; finite differences see the rounding. Sums of
        # another order may round to the next number of f32.
        CASES[-1].differences = False
        CASES[-1].tolerance = 3e-7
    elementwise("logic", lambda a, b: torch.where((a > 0) & (b > 0) | ~(a > b), a, b), ["apart"] * 2,
                ["batched", "shared"], logic)
    elementwise("stop_gradient", lambda a: a.detach() * a, ["normal"], ["batched"],
                lambda e, a: e.mul(e.stop_gradient(a), a))
    # Finite differences see through stop_gradient, PyTorch does not.
    CASES[-1].differences = False


def through_f32(e, a):
    narrow = e.cast(a, "f32")
    return e.mul(e.cast(e.mul(narrow, narrow)), a)


def logic(e, a, b):
    zero = e.constant(0)
    both = e.elementwise("logical_and", e.compare("gt", a, zero), e.compare("gt", b, zero))
    less = e.elementwise("logical_not", e.compare("gt", a, b))
    return e.select(e.elementwise("logical_or", both, less), a, b)


def shape_cases():
    one_tensor_shape_cases(True)
    one_tensor_shape_cases(False)
    for forms in ((True, True), (False, False)):
        contracted(f"concat {forms}", [Input(forms[0], (2, 3)), Input(forms[1], (2, 2))], (2, 5),
                   lambda e, a, b: e.concat([a, b], 1),
                   lambda a, b, f=forms: torch.cat([lead(a, f[0]), lead(b, f[1])], 2))
    contracted("batch_sum", [Input(True, (3,))], (3,), lambda e, a: e.batch_sum(a), lambda a: a.sum(0))
    contracted("batch_broadcast", [Input(False, (3,)), Input(True, ())], (3,),
               lambda e, a, like: e.mul(e.op("batch_broadcast", [a, like], [3], batched=True), like),
               lambda a, like: a[None] * like[:, None])


def one_tensor_shape_cases(batched):
    where = "batched" if batched else "shared"
    x = lambda *shape: [Input(batched, shape)]
    contracted(f"reshape {where}", x(2, 3, 4), (6, 4), lambda e, a: e.reshape(a, [6, 4]),
               lambda a: lead(a, batched).reshape(-1, 6, 4))
    contracted(f"transpose {where}", x(2, 3, 4), (4, 2, 3), lambda e, a: e.transpose(a, [2, 0, 1]),
               lambda a: lead(a, batched).permute(0, 3, 1, 2))
    contracted(f"broadcast {where}", x(3), (2, 3, 4), lambda e, a: e.broadcast(a, [2, 3, 4], [1]),
               lambda a: lead(a, batched)[:, None, :, None].expand(-1, 2, 3, 4))
    contracted(f"broadcast number {where}", x(), (2, 3), lambda e, a: e.broadcast(a, [2, 3], []),
               lambda a: lead(a, batched, 2).expand(-1, 2, 3))
    contracted(f"broadcast two axes {where}", x(2, 4), (2, 3, 4),
               lambda e, a: e.broadcast(a, [2, 3, 4], [0, 2]),
               lambda a: lead(a, batched)[:, :, None].expand(-1, 2, 3, 4))
    for axis, begin, size in ((0, 1, 2), (1, 0, 1), (2, 2, 3)):
        contracted(f"slice {axis} {where}", x(3, 2, 5), [(2, 2, 5), (3, 1, 5), (3, 2, 3)][axis],
                   lambda e, a, p=(axis, begin, size): e.piece("slice", a, *p),
                   lambda a, p=(axis, begin, size): lead(a, batched).narrow(p[0] + 1, p[1], p[2]))
    contracted(f"pad_slice {where}", x(2, 3), (2, 7), lambda e, a: e.piece("pad_slice", a, 1, 2, 7),
               lambda a: F.pad(lead(a, batched), (2, 2)))


def move_cases():
    for batched in (True, False):
        where = "batched" if batched else "shared"
        x = lambda *shape: [Input(batched, shape)]
        for axis in (0, 1, 2):
            contracted(f"reverse {axis} {where}", x(2, 3, 4), (2, 3, 4),
                       lambda e, a, i=axis: e.op("reverse", [a], a.shape, after=f" axis {i}"),
                       lambda a, i=axis, b=batched: lead(a, b).flip(i + 1))
            for end in ("", " from_end"):
                contracted(f"cumsum {axis}{end} {where}", x(2, 3, 4), (2, 3, 4),
                           lambda e, a, i=axis, f=end: e.op("cumsum", [a], a.shape, after=f" axis {i}{f}"),
                           lambda a, i=axis + 1, f=end, b=batched: running(lead(a, b), i, f))
            # The amount depends on the example through numbers that nothing else depends on.
            for amounts in (True, False):
                contracted(f"shift {axis} {where}, by {amounts}",
                           x(2, 3, 4) + [Input(amounts, (), "apart", wrt=False)], (2, 3, 4),
                           lambda e, a, n, i=axis: e.op("shift", [a, e.mul(n, e.constant(3))], a.shape,
                                                        after=f" axis {i}"),
                           lambda a, n, i=axis + 1, b=batched, m=amounts: moved(lead(a, b), lead(n, m) * 3, i))
        for keys in (True, False):
            for count, order in ((5, " ascending"), (3, ""), (1, "")):
                contracted(f"sorted {count}{order} {where} by {keys}",
                           [Input(batched, (5,)), Input(keys, (5,), "apart", wrt=False)], (count,),
                           lambda e, a, k, n=count, o=order: e.op("sorted", [a, k], (n,), after=f" count {n}{o}"),
                           lambda a, k, n=count, o=order, b=batched, m=keys: taken(lead(a, b), lead(k, m), n, o))
    contracted("sorted by itself", [Input(True, (5,), "apart")], (3,),
               lambda e, a: e.op("sorted", [a, a], (3,), after=" count 3"),
               lambda a: torch.topk(a, 3).values)


def running(a, dim, end):
    return a.flip(dim).cumsum(dim).flip(dim) if end else a.cumsum(dim)


def moved(a, by, dim):
    """Place by place, each example by its own amount."""
    a, by = torch.broadcast_tensors(a, by.round().reshape(-1, *[1] * (a.dim() - 1)))
    places = torch.arange(a.shape[dim]).reshape([-1 if i == dim else 1 for i in range(a.dim())]) - by
    inside = (places >= 0) & (places < a.shape[dim])
    return torch.where(inside, a.gather(dim, places.clamp(0, a.shape[dim] - 1).long()), torch.zeros_like(a))


def taken(a, keys, count, order):
    index = torch.sort(keys, dim=1, descending=not order, stable=True).indices[:, :count]
    rows = max(len(a), len(index))
    return a.expand(rows, -1).gather(1, index.expand(rows, -1))


def reduction_cases():
    axis_cases(True)
    axis_cases(False)
    contracted("one_hot", [Input(True, (4,)), Input(True, (4,), "label")], (),
               lambda e, a, y: e.total(e.select(e.one_hot(y, 4), a, e.constant(0))),
               lambda a, y: a.gather(1, y[:, None])[:, 0])
    contracted("argmax", [Input(True, (4,), "apart")], (),
               lambda e, a: e.total(e.mul(e.cast(e.one_hot(e.reduce("argmax", a, element="i64"), 4)), a)),
               lambda a: a.amax(1))


def axis_cases(batched):
    where = "batched" if batched else "shared"
    for axes in ((0,), (1, 2), (0, 1, 2), (2,)):
        kept = [n for i, n in enumerate((2, 3, 4)) if i not in axes]
        inputs = lambda: [Input(batched, (2, 3, 4), "apart")]
        dims = [a + 1 for a in axes]
        contracted(f"reduce_sum {axes} {where}", inputs(), kept,
                   lambda e, a, x=axes: e.reduce("reduce_sum", a, x),
                   lambda a, d=dims: lead(a, batched).sum(d))
        contracted(f"reduce_max {axes} {where}", inputs(), kept,
                   lambda e, a, x=axes: e.reduce("reduce_max", a, x),
                   lambda a, d=dims: lead(a, batched).amax(d))
    contracted(f"reduce_max all {where}", [Input(batched, (5,), "apart")], (),
               lambda e, a: e.reduce("reduce_max", a), lambda a: lead(a, batched).amax(1))


def linear_cases():
    for transpose, batched in itertools.product((False, True), repeat=2):
        size = 3 if transpose else 4
        contracted(f"matvec transpose={transpose} batched={batched}",
                   [Input(False, (3, 4)), Input(batched, (size,))], (7 - size,),
                   lambda e, w, v, t=transpose: e.matvec(w, v, t),
                   lambda w, v, t=transpose, b=batched: lead(v, b) @ (w if t else w.T))
    for batched in (True, False):
        contracted(f"outer batched={batched}", [Input(batched, (3,)), Input(batched, (4,))], (3, 4),
                   lambda e, u, v: e.outer(u, v),
                   lambda u, v, b=batched: lead(u, b).T @ lead(v, b))
    for ta, tb in itertools.product((False, True), repeat=2):
        contracted(f"matmul transposes {ta} {tb}",
                   [Input(False, (5, 3) if ta else (3, 5)), Input(False, (4, 5) if tb else (5, 4))], (3, 4),
                   lambda e, a, b, t=(ta, tb): e.matmul(a, b, *t),
                   lambda a, b, t=(ta, tb): (a.T if t[0] else a) @ (b.T if t[1] else b))


def convolution_cases():
    for batched in (True, False):
        for (h, w), (kh, kw), stride, padding in (
                ((6, 5), (3, 3), (1, 1), (1, 1)), ((7, 6), (4, 2), (2, 2), (1, 0)),
                ((5, 5), (1, 1), (1, 1), (0, 0)), ((8, 5), (3, 2), (2, 1), (0, 1)),
                ((6, 6), (2, 2), (3, 3), (0, 0))):
            x, weight = Input(batched, (2, h, w)), Input(False, (3, 2, kh, kw))
            oh, ow = [(n + 2 * p - k) // s + 1
                      for n, p, k, s in zip((h, w), padding, (kh, kw), stride)]
            g = Input(batched, (3, oh, ow))
            text = f"{h}x{w} kernel {kh}x{kw} stride {stride} padding {padding} batched={batched}"
            geometry = (stride, padding)
            contracted(f"conv2d {text}", [x, weight], (3, oh, ow),
                       lambda e, a, k, q=geometry: e.conv2d(a, k, *q),
                       lambda a, k, q=geometry, b=batched: F.conv2d(lead(a, b), k, None, *q))
            contracted(f"conv2d_input_grad {text}", [g, weight], (2, h, w),
                       lambda e, a, k, q=geometry, s=(h, w): e.conv2d_input_grad(a, k, *q, s),
                       lambda a, k, q=geometry, s=(h, w), b=batched: torch.nn.grad.conv2d_input(
                           (lead(a, b).shape[0], 2, *s), k, lead(a, b), *q))
            contracted(f"conv2d_weight_grad {text}", [x, g], (3, 2, kh, kw),
                       lambda e, a, c, q=geometry, s=(kh, kw): e.conv2d_weight_grad(a, c, *q, s),
                       lambda a, c, q=geometry, s=(kh, kw), b=batched: weight_gradient(
                           lead(a, b), lead(c, b), q, s))


def weight_gradient(x, g, geometry, size):
    """By definition, as a sum over the places of the windows, so that PyTorch can
    differentiate it twice whatever the stride."""
    patches = F.unfold(x, size, stride=geometry[0], padding=geometry[1])
    weights = torch.einsum("bpl,bol->op", patches, g.flatten(2))
    return weights.reshape(g.shape[1], x.shape[1], *size)


def pooling_cases():
    for batched in (True, False):
        for (h, w), kernel, stride, padding in (
                ((6, 4), (2, 2), (2, 2), (0, 0)), ((5, 5), (3, 3), (2, 2), (1, 1)),
                ((6, 5), (3, 2), (1, 2), (0, 1)), ((4, 4), (4, 4), (1, 1), (0, 0))):
            geometry = (kernel, stride, padding)
            oh, ow = [(n + 2 * p - k) // s + 1 for n, p, k, s in zip((h, w), padding, kernel, stride)]
            text = f"{h}x{w} {geometry} batched={batched}"
            x = lambda: [Input(batched, (2, h, w), "apart")]
            contracted(f"max_pool2d {text}", x(), (2, oh, ow),
                       lambda e, a, q=geometry: e.window("max_pool2d", a, *q),
                       lambda a, q=geometry, b=batched: F.max_pool2d(lead(a, b), *q))
            contracted(f"avg_pool2d {text}", x(), (2, oh, ow),
                       lambda e, a, q=geometry: e.window("avg_pool2d", a, *q),
                       lambda a, q=geometry, b=batched: F.avg_pool2d(lead(a, b), *q))
            contracted(f"avg_pool2d_grad {text}", [Input(batched, (2, oh, ow))], (2, h, w),
                       lambda e, g, q=geometry, s=(h, w): e.op(
                           "avg_pool2d_grad", [g], [2, *s],
                           after=f" kernel {list(q[0])} stride {list(q[1])} padding {list(q[2])} input {list(s)}"),
                       lambda g, q=geometry, s=(h, w), b=batched: average_gradient(lead(g, b), q, s))
            # A window's maximum of one tensor chooses from another, and goes back.
            contracted(f"window_gather {text}", x() + [Input(batched, (2, h, w))], (2, oh, ow),
                       lambda e, a, c, q=geometry: e.op(
                           "window_gather", [c, e.window("max_pool_index", a, *q, element="i64")],
                           [2, *windows(c, q)]),
                       lambda a, c, q=geometry, b=batched: chosen(lead(a, b), lead(c, b), q))
            contracted(f"window_scatter {text}", x() + [Input(batched, (2, oh, ow))], (2, h, w),
                       lambda e, a, c, q=geometry, s=(h, w): e.op(
                           "window_scatter", [c, e.window("max_pool_index", a, *q, element="i64")], [2, *s],
                           after=f" input {list(s)}"),
                       lambda a, c, q=geometry, b=batched: scattered(lead(a, b), lead(c, b), q))


def windows(x, geometry):
    return [(n + 2 * p - k) // s + 1 for n, k, s, p in zip(x.shape[1:], *geometry)]


def average_gradient(g, geometry, size):
    kernel, stride, padding = geometry
    weight = torch.full((g.shape[1], 1, *kernel), 1.0 / (kernel[0] * kernel[1]), dtype=g.dtype)
    full = F.conv_transpose2d(g, weight, stride=stride, groups=g.shape[1])
    missing = [n + 2 * p - f for n, p, f in zip(size, padding, full.shape[2:])]
    full = F.pad(full, (0, missing[1], 0, missing[0]))
    return full[:, :, padding[0]:padding[0] + size[0], padding[1]:padding[1] + size[1]]


def places(a, geometry):
    return F.max_pool2d(a.detach(), *geometry, return_indices=True)[1].flatten(2)


def chosen(a, c, geometry):
    index = places(a, geometry)
    return c.flatten(2).gather(2, index).reshape(*a.shape[:2], *windows(a[0], geometry))


def scattered(a, c, geometry):
    zero = torch.zeros_like(a.flatten(2))
    return zero.scatter_add(2, places(a, geometry), c.flatten(2)).reshape(a.shape)


def composite_cases():
    norm_cases(True)
    norm_cases(False)
    elementwise("clip", lambda a, lo, hi: torch.minimum(torch.maximum(a, lo), hi), ["apart"] * 3,
                ["batched", "shared", "number"])
    for mode in ("eval", "batch", "train"):
        for shape, rank in (((3, 2, 4), 2), ((3,), 0)):
            for output in (0, 1, 2) if mode == "train" else (0,):
                inputs = [Input(True, shape), Input(False, (3,)), Input(False, (3,)),
                          Input(False, (3,)), Input(False, (3,), "positive")]
                contracted(f"batch_norm {mode} {shape} output {output}", inputs,
                           (3,) if output else shape,
                           lambda e, *v, m=mode, o=output: e.batch_norm(m, *v, 1e-5, 0.1)[o],
                           lambda *t, m=mode, o=output: batch_norm(m, o, *t))


def norm_cases(batched):
    where = "batched" if batched else "shared"
    x = lambda *shape: [Input(batched, shape)]
    contracted(f"softmax {where}", x(5), (5,), lambda e, a: e.op("softmax", [a], a.shape),
               lambda a: F.softmax(lead(a, batched), 1))
    contracted(f"log_softmax {where}", x(5), (5,), lambda e, a: e.op("log_softmax", [a], a.shape),
               lambda a: F.log_softmax(lead(a, batched), 1))
    contracted(f"log_sum_exp {where}", x(5), (), lambda e, a: e.op("log_sum_exp", [a], ()),
               lambda a: torch.logsumexp(lead(a, batched), 1))
    for order, p in (("l1", 1), ("l2", 2), ("linf", float("inf"))):
        contracted(f"norm {order} {where}", [Input(batched, (2, 3), "apart")], (),
                   lambda e, a, o=order: e.op("norm", [a], (), before=o + " "),
                   lambda a, q=p: torch.linalg.vector_norm(lead(a, batched).flatten(1), q, dim=1))
    for axis, dim in ((0, 1), (1, 2), (-1, None)):
        contracted(f"normalize {axis} {where}", x(3, 4), (3, 4),
                   lambda e, a, n=axis: e.op("normalize", [a], a.shape, after=f" axis {n}"),
                   lambda a, d=dim: normalized(lead(a, batched), d))


def normalized(x, dim):
    if dim is None:
        return F.normalize(x.flatten(1), dim=1).reshape(x.shape)
    return F.normalize(x, dim=dim)


def batch_norm(mode, output, x, gamma, beta, mean, variance):
    axes = [0] + list(range(2, x.dim()))
    count = x.numel() // x.shape[1]
    batch_mean = x.mean(axes)
    batch_variance = x.var(axes, unbiased=False)
    if output == 1:
        return 0.9 * mean + 0.1 * batch_mean
    if output == 2:
        return 0.9 * variance + 0.1 * batch_variance * count / (count - 1)
    used = (mean, variance) if mode == "eval" else (batch_mean, batch_variance)
    channel = lambda v: v.reshape([1, -1] + [1] * (x.dim() - 2))
    return (x - channel(used[0])) / (channel(used[1]) + 1e-5).sqrt() * channel(gamma) + channel(beta)


def dropout_cases():
    """The mask depends on the draw alone, so the objective is smooth."""
    for mode in ("eval", "batch", "train"):
        def dropped(e, x, index, m=mode):
            return e.op("dropout", [x, e.f64(0.4), index], x.shape, before=m + " ",
                        after='[] stream "drop"')

        contracted(f"dropout {mode}", [Input(True, (3, 4)), Input(True, (100,), "label")], (3, 4),
                   dropped, lambda x, index: x)
        if mode != "eval":
            CASES[-1].reference = None


def kink_cases():
    """Where a derivative does not exist, the documented one."""
    def kink(name, points, build, reference, expected):
        inputs = [Input(False, (len(p),), p) for p in points]
        CASES.append(Case("at a kink: " + name, inputs, lambda e, *v: e.total(build(e, *v)),
                          reference, differences=False, expected=expected))

    kink("relu", [[0, -1, 1]], lambda e, a: e.relu(a), torch.relu, [[0, 0, 1]])
    kink("abs", [[0, -1, 1]], lambda e, a: e.abs(a), torch.abs, [[0, -1, 1]])
    kink("sqrt", [[0, 4, 0]], lambda e, a: e.sqrt(a), torch.sqrt, [[0, 0.25, 0]])
    kink("maximum", [[1, 2, 3], [1, 3, 2]], lambda e, a, b: e.maximum(a, b), torch.maximum,
         [[1, 0, 1], [0, 1, 0]])
    kink("minimum", [[1, 2, 3], [1, 3, 2]], lambda e, a, b: e.minimum(a, b), torch.minimum,
         [[1, 1, 0], [0, 0, 1]])
    kink("clip at its bounds", [[0, 1, 2, -1]],
         lambda e, a: e.elementwise("clip", a, e.constant(0), e.constant(1)), lambda a: a.clamp(0, 1),
         [[1, 1, 0, 0]])
    kink("sorted, tie", [[1, 3, 3, 2]], lambda e, a: e.op("sorted", [a, a], (1,), after=" count 1"),
         torch.amax, [[0, 1, 0, 0]])
    for half, expected in ((0.5, [1, 1, 1]), (1.5, [1, 0, 0])):
        kink(f"shift by {half}", [[1, 2, 3]],
             lambda e, a, n=half: e.op("shift", [a, e.constant(n)], a.shape, after=" axis 0"),
             lambda a, n=expected: a * torch.tensor(n), [expected])
    kink("reduce_max", [[1, 3, 3, 2]], lambda e, a: e.reduce("reduce_max", a), torch.amax, [[0, 1, 0, 0]])
    for order, p, expected in (("l1", 1, [0, 0, 0]), ("l2", 2, [0, 0, 0])):
        kink(f"norm {order} at 0", [[0, 0, 0]], lambda e, a, o=order: e.op("norm", [a], (), before=o + " "),
             lambda a, q=p: torch.linalg.vector_norm(a, q), [expected])
    kink("norm linf, tie", [[-2, 2, 1]], lambda e, a: e.op("norm", [a], (), before="linf "),
         lambda a: torch.linalg.vector_norm(a, float("inf")), [[-1, 0, 0]])
    kink("normalize at 0", [[0, 0, 0]], lambda e, a: e.op("normalize", [a], a.shape, after=" axis -1"),
         lambda a: a * 0, [[0, 0, 0]])
    kink("pow of 0", [[0, 0], [2, 1]], lambda e, a, b: e.pow(a, b), torch.pow, [[0, 1], [0, 0]])
    kink("select of a NaN not chosen", [[-1, 1]],
         lambda e, a: e.select(e.compare("gt", a, e.constant(0)), e.sqrt(a), a),
         lambda a: torch.where(a > 0, a.abs().sqrt(), a), [[1, 0.5]])
    kink("softmax of large numbers", [[1000, 999, -1000]],
         lambda e, a: e.mul(e.op("softmax", [a], a.shape), a), lambda a: F.softmax(a, 0) * a, None)
    CASES[-1].expected = None


def special_cases():
    """What is not a number, or infinite, goes through derivatives as in PyTorch."""
    nan, inf = float("nan"), float("inf")

    def special(name, points, build, reference):
        points = [np.array(p, dtype=np.float64) for p in points]
        inputs = [Input(False, p.shape, p) for p in points]
        CASES.append(Case("special: " + name, inputs, lambda e, *v: e.total(build(e, *v)), reference,
                          differences=False, second=False, finite=False))

    special("sqrt", [[nan, inf, 4]], lambda e, a: e.sqrt(a), torch.sqrt)  # below 0 ours is 0
    for mnemonic in ("neg", "exp", "log", "abs", "sign", "floor", "ceil", "relu", "tanh", "erf"):
        special(mnemonic, [[nan, inf, -inf, -1, 2]], lambda e, a, m=mnemonic: getattr(e, m)(a),
                getattr(torch, mnemonic))
    for mnemonic in ("add", "sub", "mul", "div", "maximum", "minimum"):
        special(mnemonic, [[nan, 1, nan, inf, inf, 0, 3], [1, nan, nan, -inf, 2, inf, 2]],
                lambda e, a, b, m=mnemonic: getattr(e, m)(a, b), getattr(torch, mnemonic))
    special("pow", [[nan, 1, nan, inf, 0], [1, nan, 0, 2, 2]], lambda e, a, b: e.pow(a, b), torch.pow)
    special("clip", [[nan, inf, -inf, 0.5]],
            lambda e, a: e.elementwise("clip", a, e.constant(0), e.constant(1)), lambda a: a.clamp(0, 1))
    special("cumsum", [[1, nan, 3, inf]], lambda e, a: e.op("cumsum", [a], a.shape, after=" axis 0"),
            lambda a: a.cumsum(0))
    special("sorted", [[1, nan, 3, -inf]], lambda e, a: e.op("sorted", [a, a], (2,), after=" count 2"),
            lambda a: torch.topk(a, 2).values)
    special("reduce_max", [[1, nan, 3, nan]], lambda e, a: e.reduce("reduce_max", a), lambda a: a.max(0).values)
    for values in ([nan, 1], [inf, 1], [-inf, 1], [-inf, -inf], [inf, inf]):
        of = f" of {values}"
        special("log_sum_exp" + of, [values], lambda e, a: e.op("log_sum_exp", [a], ()),
                lambda a: torch.logsumexp(a, 0))
        for mnemonic in ("softmax", "log_softmax"):
            special(mnemonic + of, [values], lambda e, a, m=mnemonic: e.mul(e.op(m, [a], a.shape), e.constant(2)),
                    lambda a, m=mnemonic: getattr(F, m)(a, 0) * 2)
    for values in ([nan, 1], [inf, 1]):
        special(f"normalize of {values}", [values],
                lambda e, a: e.op("normalize", [a], a.shape, after=" axis -1"), lambda a: F.normalize(a, dim=0))
    special("norm l2", [[nan, 1]], lambda e, a: e.op("norm", [a], (), before="l2 "), torch.linalg.vector_norm)
    special("norm l1", [[nan, 1]], lambda e, a: e.op("norm", [a], (), before="l1 "),
            lambda a: torch.linalg.vector_norm(a, 1))
    special("max_pool2d", [[[[nan, 1, 2, 7], [nan, 2, inf, 3]]]],
            lambda e, a: e.window("max_pool2d", a, (2, 2), (2, 2), (0, 0)), lambda a: F.max_pool2d(a[None], 2))


def network(e, x, conv, weight, bias, pool=True):
    """Convolution, ReLU, pooling, a linear layer: tensors [2, 6, 6] to 3 logits."""
    hidden = e.relu(e.conv2d(x, conv, (1, 1), (1, 1)))
    if pool:
        hidden = e.window("max_pool2d", hidden, (2, 2), (2, 2), (0, 0))
    flat = e.reshape(hidden, [hidden.shape[0] * hidden.shape[1] * hidden.shape[2]])
    # Small logits: a saturated softmax has derivatives of 0, which would prove nothing.
    return e.mul(e.add(e.matvec(weight, flat), bias), e.constant(0.125))


def torch_network(x, conv, weight, bias):
    hidden = F.max_pool2d(F.relu(F.conv2d(x, conv, None, 1, 1)), 2)
    return (hidden.flatten(1) @ weight.T + bias) * 0.125


def cross_entropy(e, logits, label):
    logs = e.op("log_softmax", [logits], logits.shape)
    picked = e.select(e.one_hot(label, logits.shape[0]), logs, e.constant(0))
    return e.neg(e.total(picked))


def objective_cases():
    net = [Input(True, (2, 6, 6)), Input(False, (3, 2, 3, 3)), Input(False, (3, 27)),
           Input(False, (3,)), Input(True, (3,), "label")]

    CASES.append(Case("cross entropy of a network", net,
                      lambda e, x, c, w, b, y: cross_entropy(e, network(e, x, c, w, b), y),
                      lambda x, c, w, b, y: F.cross_entropy(torch_network(x, c, w, b), y, reduction="sum")))

    # 1 - cos(grad at x, grad at x + d): a derivative inside the objective, so the first
    # derivative is already of second order, and the second one of third.
    def aligned(e, x, d, c, w, b, y):
        moved = e.add(x, d)
        gradients = [e.gradient(cross_entropy(e, network(e, v, c, w, b), y), [v])[0] for v in (x, moved)]
        norms = [e.op("norm", [g], (), before="l2 ") for g in gradients]
        return e.sub(e.constant(1), e.div(e.total(e.mul(*gradients)), e.mul(*norms)))

    def torch_aligned(x, d, c, w, b, y):
        gradients = []
        for point in (x, x + d):
            loss = F.cross_entropy(torch_network(point, c, w, b), y, reduction="sum")
            gradients.append(torch.autograd.grad(loss, point, create_graph=True)[0].flatten(1))
        a, b = gradients
        return 1 - (a * b).sum(1) / (a.norm(dim=1) * b.norm(dim=1))

    CASES.append(Case("alignment of two input gradients",
                      [net[0], Input(True, (2, 6, 6))] + net[1:], aligned, torch_aligned))

    # A penalty on the input gradient of a smooth network with batch statistics.
    def penalty(e, x, c, gamma, beta, w, y):
        zero, one = e.constant(0, (3,)), e.constant(1, (3,))
        hidden = e.conv2d(x, c, (2, 2), (1, 1))
        hidden = e.tanh(e.batch_norm("batch", hidden, gamma, beta, zero, one, 1e-5, 0.1)[0])
        flat = e.reshape(e.window("avg_pool2d", hidden, (3, 3), (1, 1), (0, 0)), [3])
        loss = cross_entropy(e, e.matvec(w, flat), y)
        g = e.gradient(loss, [x])[0]
        return e.add(loss, e.total(e.mul(g, g)))

    def torch_penalty(x, c, gamma, beta, w, y):
        # By definition: third derivatives of PyTorch's own batch_norm differ from finite
        # differences.
        hidden = torch.tanh(batch_norm("batch", 0, F.conv2d(x, c, None, 2, 1), gamma, beta, None, None))
        loss = F.cross_entropy(F.avg_pool2d(hidden, 3).flatten(1) @ w.T, y, reduction="sum")
        g = torch.autograd.grad(loss, x, create_graph=True)[0]
        return loss + (g * g).sum()

    CASES.append(Case("gradient penalty through batch statistics",
                      [Input(True, (2, 6, 6)), Input(False, (3, 2, 3, 3)), Input(False, (3,), "positive"),
                       Input(False, (3,)), Input(False, (3, 3)), net[4]], penalty, torch_penalty))

    # A head of angles with a margin on the true class.
    def angles(e, z, w, y):
        cosine = e.matvec(e.op("normalize", [w], w.shape, after=" axis 1"),
                          e.op("normalize", [z], z.shape, after=" axis -1"))
        margin = e.mul(e.cast(e.one_hot(y, 3)), e.constant(0.2))
        return cross_entropy(e, e.mul(e.sub(cosine, margin), e.constant(15)), y)

    CASES.append(Case("margin head", [Input(True, (5,)), Input(False, (3, 5)), net[4]], angles,
                      lambda z, w, y: F.cross_entropy(
                          15 * (F.normalize(z) @ F.normalize(w).T - 0.2 * F.one_hot(y, 3).double()), y,
                          reduction="sum")))

    # A solver: gradients inside a loop, at the loop-carried value; its result is a constant
    # for the outer objective.
    def attacked(e, x, c, w, b, y):
        bounds = [e.index(i) for i in (0, 1, 3)]
        moved, inside = Value(e.fresh(), True, x.shape), Value(e.fresh(), True, x.shape)
        e.lines.append(f"    {moved.name} = scf.for {e.fresh()} = {bounds[0]} to {bounds[2]} step {bounds[1]} "
                       f"iter_args({inside.name} = {x.name}) -> ({x.type}) {{")
        g = e.gradient(cross_entropy(e, network(e, inside, c, w, b), y), [inside])[0]
        stepped = e.add(inside, e.mul(e.sign(g), e.constant(0.03125)))
        e.lines.append(f"      scf.yield {stepped.name} : {x.type}\n    }}")
        return cross_entropy(e, network(e, e.stop_gradient(moved), c, w, b), y)

    def torch_attacked(x, c, w, b, y):
        point = x.detach()
        for _ in range(3):
            point.requires_grad_()
            loss = F.cross_entropy(torch_network(point, c, w, b), y, reduction="sum")
            point = (point + 0.03125 * torch.autograd.grad(loss, point)[0].sign()).detach()
        return F.cross_entropy(torch_network(point, c, w, b), y, reduction="sum")

    CASES.append(Case("a loop of gradient steps", [Input(True, (2, 6, 6), wrt=False)] + net[1:],
                      attacked, torch_attacked, differences=False))

    # Two distributions, as in a consistency term.
    def divergence(e, a, b):
        p = e.op("softmax", [a], a.shape)
        return e.total(e.mul(p, e.sub(e.op("log_softmax", [a], a.shape), e.op("log_softmax", [b], b.shape))))

    CASES.append(Case("divergence", [Input(True, (5,)), Input(True, (5,))], divergence,
                      lambda a, b: F.kl_div(F.log_softmax(b, 1), F.log_softmax(a, 1), log_target=True,
                                            reduction="sum")))


for group in (elementwise_cases, shape_cases, move_cases, reduction_cases, linear_cases, convolution_cases,
              pooling_cases, composite_cases, dropout_cases, kink_cases, special_cases, objective_cases):
    group()
