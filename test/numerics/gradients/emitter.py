"""Writes tensor-tier functions. A Value knows its text and its type; the methods of Emitter
are named like the ops of the dialect."""


class Value:
    """`shape` is that of one example if the value is batched."""

    def __init__(self, name, batched, shape, element="f64"):
        self.name, self.batched, self.shape, self.element = name, batched, tuple(shape), element

    @property
    def type(self):
        axes = (["?"] if self.batched else []) + [str(axis) for axis in self.shape]
        return "tensor<" + "x".join(axes + [self.element]) + ">"


def number(value):
    """A float as MLIR reads it: an exponent needs a point before it."""
    text = repr(float(value))
    return text if "." in text else text.replace("e", ".0e")


def array(values):
    return "[" + ", ".join(str(value) for value in values) + "]"


class Number:
    """A plain f64, known before the step."""

    batched, shape, type = False, (), "f64"

    def __init__(self, name):
        self.name = name


class Emitter:
    def __init__(self):
        self.lines = []
        self.count = 0
        self.indent = "    "

    def fresh(self):
        self.count += 1
        return f"%v{self.count}"

    def op(self, mnemonic, operands, shape, batched=None, element="f64", after="", before=""):
        """One op with one result; `before` stands before the operands, `after` behind them."""
        if batched is None:
            batched = any(o.batched for o in operands)
        result = Value(self.fresh(), batched, shape, element)
        names = ", ".join(o.name for o in operands)
        types = ", ".join(o.type for o in operands)
        self.lines.append(
            f"{self.indent}{result.name} = advx.{mnemonic} {before}{names}{after} : "
            f"({types}) -> {result.type}"
        )
        return result

    def elementwise(self, mnemonic, *operands, element=None, **text):
        shape = next((o.shape for o in operands if o.shape), ())
        return self.op(mnemonic, operands, shape, element=element or operands[-1].element, **text)

    def number(self, value):
        name = self.fresh()
        self.lines.append(f"{self.indent}{name} = arith.constant {number(value)} : f64")
        return name

    def f64(self, value):
        return Number(self.number(value))

    def index(self, value):
        name = self.fresh()
        self.lines.append(f"{self.indent}{name} = arith.constant {value} : index")
        return name

    def constant(self, value, shape=(), element="f64"):
        result = Value(self.fresh(), False, shape, element)
        self.lines.append(f"{self.indent}{result.name} = advx.constant {number(value)} : {result.type}")
        return result

    def compare(self, predicate, a, b):
        return self.elementwise("compare", a, b, element="i1", before=predicate + " ")

    def select(self, condition, a, b):
        return self.elementwise("select", condition, a, b)

    def cast(self, x, to="f64"):
        return self.op("cast", [x], x.shape, element=to, after=f" to {to}")

    def reduce(self, mnemonic, x, axes=None, element="f64"):
        shape = () if axes is None else [n for i, n in enumerate(x.shape) if i not in axes]
        text = "" if axes is None else " axes " + array(axes)
        return self.op(mnemonic, [x], shape, after=text, element=element)

    def total(self, x):
        """The sum over the axes of an example."""
        return self.reduce("reduce_sum", x) if x.shape else x

    def batch_sum(self, x):
        return self.op("batch_sum", [x], x.shape, batched=False) if x.batched else x

    def reshape(self, x, shape):
        return self.op("reshape", [x], shape, after=" shape " + array(shape))

    def transpose(self, x, permutation):
        shape = [x.shape[p] for p in permutation]
        return self.op("transpose", [x], shape, after=" permutation " + array(permutation))

    def broadcast(self, x, shape, axes):
        return self.op("broadcast", [x], shape, after=f" shape {array(shape)} axes {array(axes)}")

    def piece(self, mnemonic, x, axis, begin, size):
        shape = list(x.shape)
        shape[axis] = size
        return self.op(mnemonic, [x], shape, after=f" axis {axis} begin {begin} size {size}")

    def concat(self, values, axis):
        shape = list(values[0].shape)
        shape[axis] = sum(v.shape[axis] for v in values)
        return self.op("concat", values, shape, after=f" axis {axis}")

    def one_hot(self, label, classes):
        return self.op("one_hot", [label], [classes], element="i1", after=f" classes {classes}")

    def matvec(self, matrix, vector, transpose=False):
        size = matrix.shape[1] if transpose else matrix.shape[0]
        return self.op("matvec", [matrix, vector], [size], after=" transpose" if transpose else "")

    def outer(self, u, v):
        return self.op("outer", [u, v], [u.shape[0], v.shape[0]], batched=False)

    def matmul(self, a, b, ta=False, tb=False):
        shape = [a.shape[1 if ta else 0], b.shape[0 if tb else 1]]
        after = (" transpose_a" if ta else "") + (" transpose_b" if tb else "")
        return self.op("matmul", [a, b], shape, after=after)

    def conv2d(self, x, w, stride, padding):
        spatial = window_sizes(x.shape[1:], w.shape[2:], stride, padding)
        return self.op("conv2d", [x, w], [w.shape[0], *spatial],
                       after=f" stride {array(stride)} padding {array(padding)}")

    def conv2d_input_grad(self, g, w, stride, padding, size):
        return self.op("conv2d_input_grad", [g, w], [w.shape[1], *size], after=
                       f" stride {array(stride)} padding {array(padding)} input {array(size)}")

    def conv2d_weight_grad(self, x, g, stride, padding, kernel):
        return self.op("conv2d_weight_grad", [x, g], [g.shape[0], x.shape[0], *kernel], batched=False,
                       after=f" stride {array(stride)} padding {array(padding)} kernel {array(kernel)}")

    def window(self, mnemonic, x, kernel, stride, padding, element="f64"):
        shape = [x.shape[0], *window_sizes(x.shape[1:], kernel, stride, padding)]
        return self.op(mnemonic, [x], shape, element=element, after=
                       f" kernel {array(kernel)} stride {array(stride)} padding {array(padding)}")

    def batch_norm(self, mode, x, gamma, beta, mean, variance, eps, momentum):
        results = [Value(self.fresh(), x.batched, x.shape)] + [
            Value(self.fresh(), False, mean.shape) for _ in range(2)]
        operands = [x, gamma, beta, mean, variance]
        names = ", ".join([o.name for o in operands] + [self.number(eps), self.number(momentum)])
        types = ", ".join([o.type for o in operands] + ["f64", "f64"])
        self.lines.append(
            f"{self.indent}{', '.join(r.name for r in results)} = advx.batch_norm {mode} {names} : "
            f"({types}) -> ({', '.join(r.type for r in results)})")
        return results

    def gradient(self, objective, wrt):
        """The derivatives of the sum over the batch of `objective` by the values `wrt`."""
        results = [Value(self.fresh(), w.batched, w.shape) for w in wrt]
        names = ", ".join(w.name for w in wrt)
        types = ", ".join(v.type for v in [objective, *wrt])
        outs = ", ".join(r.type for r in results)
        self.lines.append(
            f"{self.indent}{', '.join(r.name for r in results)} = advx.gradient {objective.name} "
            f"wrt({names}) : ({types}) -> {outs if len(results) == 1 else f'({outs})'}")
        return results

    def __getattr__(self, mnemonic):
        """Everything else is elementwise: e.add(a, b), e.exp(a), ..."""
        if mnemonic.startswith("_"):
            raise AttributeError(mnemonic)
        return lambda *operands, **text: self.elementwise(mnemonic, *operands, **text)


def window_sizes(sizes, kernel, stride, padding):
    return [(n + 2 * p - k) // s + 1 for n, k, s, p in zip(sizes, kernel, stride, padding)]
