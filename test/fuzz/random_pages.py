"""Random small pages: any network, head, loss, solver, set and optimiser that a user might write.

A page is a function of its seed alone. Pages need no data: their data sets are declared on the
spot, with one to three channels and images of odd sizes, and only `probe` runs them.
"""

import random

from random_choices import Choices

ADAM = """optimizer adam(lr : real, b1 : real = 0.9, b2 : real = 0.99) {
  minimize L at w
  state m : like(w) per weight = 0
  state v : like(w) per weight = 0
  let g = grad(L, w)
  m := b1 * m + (1 - b1) * g
  v := b2 * v + (1 - b2) * g * g
  w := w - lr * m / (sqrt(abs(v)) + 1e-3)
}
"""
CLIPPED = """optimizer clipped(lr : real, most : real = 1) {
  minimize L at w
  let g = grad(L, w)
  w := w - lr * clip(g, -most, most)
}
"""
MOMENTUM_SOLVER = """solver pushed(steps : int = 3, step : real = 0.05, decay : real = 0.75) {
  maximize J over B from x
  var p = project(B, x + 0.01)
  var u = 0 * x
  repeat steps {
    let g = grad(J(p), p)
    u := decay * u + g / max(norm(g, 1), 1e-9)
    p := project(B, p + step * steepest(B, u))
  }
  return p
}
"""
NOISY_SOLVER = """solver noisy(steps : int = 3, step : real = 0.05) {
  maximize J over B from x
  draw once ~ uniform(-0.01, 0.01) like x
  var p = project(B, x + once)
  repeat steps {
    draw each ~ normal(0, 0.01) like x
    p := project(B, p + each + step * steepest(B, grad(J(p), p)))
  }
  return p
}
"""
PATIENT_SOLVER = """solver patient(steps : int = 4, step : real = 0.05, tau : int = 1,
               start : start = uniform) {
  maximize J over B from x until hit
  var p = project(B, start(B, x))
  var left = tau
  repeat steps {
    if hit(p) { stop when left == 0
                left := left - 1 }
    p := project(B, p + step * steepest(B, grad(J(p), p)))
  }
  return p
}
"""


class Shape:
    """Channels, rows and columns of an image on its way through a network."""

    def __init__(self, channels, rows, columns):
        self.channels, self.rows, self.columns = channels, rows, columns

    def window(self, kernel, stride, padding):
        size = lambda n, k, s, p: (n + 2 * p - k) // s + 1
        return (size(self.rows, kernel[0], stride[0], padding[0]),
                size(self.columns, kernel[1], stride[1], padding[1]))


class Generator:
    """Writes one page."""

    def __init__(self, seed):
        self.random = random.Random(f"page {seed}")
        self.of_weights = random.Random(f"weights {seed}")  # so that other pages stay as they are
        self.choices = Choices(seed, self.declare)
        self.declarations = []
        self.blocks = 0
        self.updates = []  # of states, below `outer`
        self.smooth = True  # whether finite differences of the loss give its gradient

    def chance(self, probability):
        return self.random.random() < probability

    def pick(self, *choices):
        return self.random.choice(choices)

    def number(self, low, high):
        return f"{self.random.uniform(low, high):.3g}"

    def declare(self, text):
        if text not in self.declarations:
            self.declarations.append(text)

    # Networks.

    def pair(self, rows, columns):
        return str(rows) if rows == columns and self.chance(0.7) else f"[{rows}, {columns}]"

    def activation(self):
        return self.pick("relu", "relu", "relu", "tanh")

    def norm_layer(self):
        return self.pick("batch_norm()", "batch_norm()", "batch_norm(eps = 1e-3, momentum = 0.3)")

    def width(self):
        return self.pick(1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17)

    def convolution(self, shape, same=False):
        """(text of the layer, shape behind it)."""
        kernel = [self.pick(1, 2, 3, 3, 4, 5) for _ in range(2)]
        if same:
            kernel = [self.pick(1, 3, 5)] * 2
        kernel = [min(kernel[0], shape.rows), min(kernel[1], shape.columns)]
        stride = [1, 1] if same else [self.pick(1, 1, 2, 3) for _ in range(2)]
        padding = [self.random.randint(0, size // 2) for size in kernel]
        if same:
            kernel = [size - 1 + size % 2 for size in kernel]
            padding = [size // 2 for size in kernel]
        out = self.width()
        bias = self.pick("", ", bias = false")
        text = (f"conv2d({out}, kernel = {self.pair(*kernel)}, stride = {self.pair(*stride)}, "
                f"padding = {self.pair(*padding)}{bias})")
        return text, Shape(out, *shape.window(kernel, stride, padding))

    def plain_block(self, shape):
        layer, after = self.convolution(shape)
        lines, chain = [f"  layer conv = {layer}"], "conv(x)"
        if self.chance(0.4):
            lines.append(f"  layer bn   = {self.norm_layer()}")
            chain = f"bn({chain})"
        if self.chance(0.85):
            chain = f"{self.activation()}({chain})"
        return lines, chain, after

    def residual_block(self, shape):
        layer, after = self.convolution(shape, same=True)
        lines, chain = [f"  layer conv = {layer}"], "conv(x)"
        if self.chance(0.6):
            lines.append(f"  layer bn   = {self.norm_layer()}")
            chain = self.pick("bn(conv(x))", f"conv({self.activation()}(bn(x)))")
        shortcut = "x"
        if after.channels != shape.channels:
            lines.append(f"  layer shortcut = conv2d({after.channels}, kernel = 1)")
            shortcut = "shortcut(x)"
        chain = f"{chain} + {shortcut}"
        if self.chance(0.6):
            chain = f"{self.activation()}({chain})"
        return lines, chain, after

    def pool_block(self, shape):
        kernel = self.pick(2, 2, 3)
        stride = self.pick(1, 2, 3)
        padding = self.random.randint(0, kernel // 2)
        name = self.pick("max_pool", "avg_pool")
        after = Shape(shape.channels, *shape.window([kernel] * 2, [stride] * 2, [padding] * 2))
        return [], f"{name}(x, {kernel}, stride = {stride}, padding = {padding})", after

    def block(self, shape):
        """(call of a network on `x`, shape behind it); declares the network."""
        makers = [self.plain_block] * 4 + [self.residual_block] * 3
        if min(shape.rows, shape.columns) >= 3:
            makers += [self.pool_block] * 2
        lines, chain, after = self.random.choice(makers)(shape)
        if not lines:
            return None, chain, after
        self.blocks += 1
        name = f"part{self.blocks}"
        self.declare("\n".join([f"network {name}() {{", *lines, f"  forward(x) = {chain}", "}",
                                ""]))
        return f"{name}()", None, after

    def network(self, shape):
        lines, value = [], "x"
        for i in range(self.random.randint(0, 3)):
            layer, call, shape = self.block(shape)
            if layer:
                lines.append(f"  layer part{i} = {layer}")
                value = f"part{i}({value})"
            else:
                value = call.replace("x,", f"{value},", 1)
        if self.chance(0.3):
            value, size = f"global_avg_pool({value})", shape.channels
        else:
            value, size = f"flatten({value})", shape.channels * shape.rows * shape.columns
        # The direction of a vector that one or two numbers decide, as where a rectifier leaves one
        # feature, is hardly a function of the image: with a head that normalises it, gradients
        # would be rounding alone, and an attack that normalises these would follow it.
        widths = [self.pick(3, 7, 8) for _ in range(self.random.randint(0, 1))]
        if not 12 <= size <= 200 or widths or self.chance(0.4):
            widths.append(self.pick(5, 7, 8, 12, 17))
        for i, width in enumerate(widths):
            bias = "" if size < 5 else self.pick("", ", bias = false")
            lines.append(f"  layer fc{i} = linear({width}{bias})")
            activation = "tanh" if i + 1 == len(widths) else self.activation()
            value, size = f"{activation}(fc{i}({value}))", width
        if self.chance(0.1):
            lines.append("  layer drop = dropout(0.25)")
            value = f"drop({value})"
        if not lines:
            lines, value = ["  layer fc = linear(5)"], f"fc({value})"
        return "\n".join(["network net() {", *lines, f"  forward(x) = {value}", "}", ""])

    # Heads, losses.

    def head(self):
        kind = self.pick("linear", "hypersphere", "margin", "angle", "distance")
        if kind == "linear":
            return "linear(z)"
        if kind == "hypersphere":
            return f"hypersphere(z, s = {self.number(1, 8)}, m = {self.number(0, 0.4)})"
        constraint = self.pick("", "", " in sphere(axis = 0)")
        initial = self.pick("kaiming_uniform()", "normal(0, 0.5)")
        if kind == "margin":
            given = self.pick("s * (c - m * onehot(y))", "s * c * (1 - m * onehot(y))",
                              "s * (c - m * onehot(y) * abs(c))")
            body = ["  let c = transpose(normalize(W, axis = 0)) @ normalize(z)",
                    "  logits         = s * c", f"  logits given y = {given}"]
        elif kind == "angle":
            body = ["  param b : vector[classes] = fan_in_uniform()",
                    "  let l = tanh(transpose(W) @ z + b)", "  logits         = s * l",
                    "  logits given y = s * l - m * onehot(y) * (1 + norm(z))"]
        else:
            body = ["  let l = z @ W", "  logits         = s * l / (1 + norm(z, p = 1))",
                    "  logits given y = s * (l - m * onehot(y)) / (1 + norm(z, p = 1))"]
        lines = ["head custom(z : vector[d], s : real = 3, m : real = 0.1) {",
                 f"  param W : matrix[d, classes] = {initial}{constraint}", *body, "}", ""]
        self.declare("\n".join(lines))
        return f"custom(z, s = {self.number(1, 8)}, m = {self.number(0.05, 0.3)})"

    def per_logits(self, l):
        """A loss of logits and the label."""
        return self.pick(f"ce({l}, y)", f"ce({l}, y)", f"log_sum_exp({l}) - {l}[y]",
                         f"relu(1 + max({l} except y) - {l}[y])", f"cw({l}, y)",
                         f"sqrt(1 + sum(({l} - onehot(y)) * ({l} - onehot(y))))",
                         f"mse(softmax({l}), onehot(y))", f"(1 - softmax({l})[y]) * ce({l}, y)",
                         f"norm(softmax({l}) - onehot(y))",
                         f"ce({l}, smooth(y, 0.1))", f"-log(softmax({l})[y] + 0.01)")

    def between(self, a, b):
        """A loss that compares two logits."""
        return self.pick(f"kl({a}, {b})", f"mse({a}, {b})", f"norm({a} - {b} + 0.01)",
                         f"norm({a} - {b} + 0.01, p = 1)", f"norm({a} - {b} + 0.01, p = infinity)",
                         f"1 - cosine({a}, {b})", f"sum(abs(tanh({a}) - tanh({b})))",
                         f"log_sum_exp({a} - {b})")

    def training_loss(self, has_adversary):
        """(lets, text) of what `outer` minimises."""
        lets = []
        terms = [self.per_logits(self.pick("f(x | y)", "f(x)"))]
        if has_adversary:
            terms = [self.per_logits(self.pick("f(x' | y)", "f(x' | y)", "f(x')"))]
            if self.chance(0.5):
                other = self.pick("f(x')", "f(x' | y)")
                terms.append(f"{self.number(0.1, 3)} * {self.between('f(x)', other)}")
            if self.chance(0.15):
                self.smooth = False
                terms.append(f"stop_gradient({self.per_logits('f(x)')}) * {terms[0]}")
        if self.chance(0.2):
            mode = self.pick("", "[eval]")
            lets.append(f"let g = grad(ce(f{mode}(x), y), x)")
            terms.append(self.pick("0.5 * sum(g * g)", "0.1 * norm(g + 0.01)",
                                   "0.1 * norm(g + 0.01, p = 1)"))
        if self.chance(0.15):
            terms.append("0.1 * batch_mean(norm(z(x)))")
        lines, more = self.drawn_and_kept()
        terms += more
        self.random.shuffle(terms)
        return lines + lets, " + ".join(terms)

    def drawn_and_kept(self):
        """Lines of draws and states, and terms that read them; `self.updates` gives the states
        their values."""
        lines, terms = [], []
        if self.chance(0.3):
            of = self.pick("uniform(-1, 1)", "normal(0, 1)", "integer(-2, 2)", "sign()", "beta(0.5, 2)")
            like, per = self.pick("", "", " like x"), self.pick("", " per batch", " per run")
            if of.startswith("beta"):
                per = self.pick("", " per batch")
            lines.append(f"draw v ~ {of}{like}{per}")
            terms.append("0.1 * " + (self.between("f(x)", "f(x + 0.1 * v)") if like else
                                     f"v * {self.per_logits('f(x)')}"))
        if self.chance(0.2):
            lines.append("draw perm ~ permutation()")
            terms.append(self.pick("0.1 * mse(f(x), f(x)[perm])", "0.1 * ce(f(x), y[perm])",
                                   "0.1 * ce(f(0.5 * x + 0.5 * x[perm]), y)"))
        if self.chance(0.2):
            of = self.pick("classes except y", "classes", "categorical([1, 2])")
            lines.append(f"draw other ~ {of}")
            terms.append("0.1 * ce(f(x), other)")
        if self.chance(0.4):
            per = self.pick("run", "slot", "example", "class")
            lines.append(f"state kept : real per {per} = {self.number(0, 1)}")
            terms.append(f"kept * {self.per_logits('f(x)')}")
            value = self.pick("ce(f(x), y)", "norm(grad(ce(f(x), y), x))", "kept + 1")
            value = f"batch_mean({value})" if per == "run" else value
            self.updates.append(f"{self.pick('also', 'also', 'then')} kept := {value}")
        if self.chance(0.2):
            lines.append("state moved : image per slot = 0")
            terms.append("0.1 * " + self.per_logits("f(x + moved)"))
            self.updates.append("also moved := 0.1 * tanh(grad(ce(f(x + moved), y), x))")
        return lines, terms

    # Adversaries, optimisers.

    def threat(self):
        ball = self.pick(f"linf(x, radius = {self.number(0.05, 0.3)})",
                         f"l2(x, radius = {self.number(0.3, 2)})")
        return ball + self.pick("", " & box(0, 1)", " & box(0, 1)")

    def solver(self, until=False):
        start = self.pick("uniform", "uniform", "center", "gaussian(sigma = 0.05)")
        kind = self.random.randint(0, 5)
        if until:
            self.declare(PATIENT_SOLVER)
            return f"patient(steps = {self.random.randint(2, 4)})"
        if kind == 0:
            return f"fgsm(start = {start})"
        if kind == 1:
            self.declare(MOMENTUM_SOLVER)
            return f"pushed(steps = {self.random.randint(2, 4)}, decay = {self.number(0, 1)})"
        if kind == 2:
            self.declare(NOISY_SOLVER)
            return f"noisy(steps = {self.random.randint(1, 3)})"
        steps, step = self.random.randint(1, 4), self.number(0.02, 0.2)
        return f"pgd(steps = {steps}, step = {step}, start = {start})"

    def objective(self):
        return self.pick(self.per_logits("f(x')"), self.per_logits("f(x')"),
                         self.between("f(x)", "f(x')"))

    def optimizer(self):
        rate = self.pick("0.1", "cyclic(0.2)", "cosine(0.1)", "linear_decay(0.2)")
        if self.chance(0.25):
            self.declare(ADAM)
            return f"adam(lr = {rate})"
        if self.chance(0.15):
            self.declare(CLIPPED)
            return f"clipped(lr = {rate})"
        momentum = self.pick("", ", momentum = 0.9", ", momentum = 0.5, nesterov = true")
        return f"sgd(lr = {rate}{momentum}{self.pick('', ', weight_decay = 0.01')})"

    def weights(self, loss, optimizer):
        """(lines, loss, optimiser): a search among the weights, a penalty on them, groups."""
        draw, lines = self.of_weights, []
        group = draw.choice(("matrices(f)", "weights(f)"))
        if draw.random() < 0.15:
            self.smooth = False  # the loss moves what is searched, too
            ball = draw.choice(("l2", "linf"))
            solver = draw.choice(("fgsm()", "pgd(steps = 2)", "pgd(steps = 2, start = center)"))
            lines = [f"  threat V = each(p in {group}, {ball}(0, radius = 0.05 * norm(p)))",
                     f"  inner shift = argmax ce(f[weights(f) + shift](x), y) over V by {solver}"
                     + draw.choice(("", " in batch"))]
            loss += " + 0.5 * ce(f[weights(f) + shift](x | y), y)"
        if draw.random() < 0.15:
            loss += draw.choice((f" + 0.01 * sum({group} * {group})", f" + 0.1 * norm({group})",
                                 f" + 0.001 * sum(abs({group} - stop_gradient({group})))",
                                 " + ce(f[0.5 * weights(f), eval](x), y)"))
        if draw.random() < 0.3 and optimizer.startswith("sgd("):
            options = draw.choice(("", ", clip = 0.5")) + draw.choice(
                ("", f", only = {{ {group}: {{ lr = 0.05 }} }}",
                 ', only = { "f.*": { lr = 0, momentum = 0.25 } }'))
            optimizer = optimizer[:-1] + options + ")"
        return lines, loss, optimizer

    def evaluation(self):
        lines = ["clean", f"first = {self.solver()}"]
        if self.chance(0.5):
            lines.append(f"second = argmax {self.objective()} over B(x) by {self.solver()}")
        if self.chance(0.2):
            lines.append("third = argmax ce(f(x'), y) over B(x) by "
                         f"{self.solver(until=True)} until predict(f(x')) != y")
        if len(lines) > 2:
            lines.append("all = worst { first " + lines[2].split(" ")[0] + " }")
        return "  ".join(lines + self.choices.attacks())

    # The page.

    def page(self, plain_sgd):
        shape = Shape(self.pick(1, 2, 3), self.random.randint(3, 11), self.random.randint(3, 11))
        classes = self.random.randint(2, 12)
        data = ("dataset images() {\n  format  = \"idx\"\n"
                f"  image   = [{shape.channels}, {shape.rows}, {shape.columns}]\n"
                f"  classes = {classes}\n  range   = {self.pick('[0, 1]', '[0, 1]', '[-1, 1]')}\n"
                "  train   = [\"images\", \"labels\"]\n  test    = [\"images\", \"labels\"]\n}\n")
        network = self.network(shape)
        self.choices.box = "box(-1, 1)" if "[-1, 1]" in data else "box(0, 1)"
        head, threat = self.head(), self.choices.threat(self.threat())
        lines = ["  data images() { batch = 16 }", "  features z = net()",
                 f"  head     f = {head}", f"  threat B(x) = {threat}"]
        has_adversary = self.chance(0.75)
        if has_adversary:
            solver = self.solver()
            # Only the sign of a gradient is constant almost everywhere.
            self.smooth &= threat.startswith("linf")
            adversary = (f"argmax {self.objective()} over B(x) by {solver}"
                         + self.pick("", "", " in batch"))
            lines += [f"  {line}" for line in self.choices.inner(adversary)]
        lets, loss = self.training_loss(has_adversary)
        more, loss, updates = self.choices.drawn_and_kept(loss)
        lets += more
        self.updates += updates
        optimizer = self.optimizer()
        perturbation, loss, optimizer = self.weights(loss, optimizer)
        if plain_sgd:
            optimizer = "sgd(lr = 1/8)"
        lines += perturbation
        lines += [f"  {let}" for let in lets]
        judged = ""
        if self.of_weights.random() < 0.2:
            lines.append("  state e : weights(f) per run = weights(f)")
            loss += self.of_weights.choice(("", " + 0.1 * mse(f[e, eval](x), f(x))"))
            self.updates.append("then e := 0.75 * e + 0.25 * weights(f)")
            judged = self.of_weights.choice((" with f[e]", " with f[e]", " with f[e, eval]",
                                             " with f[0.5 * (e + weights(f))]"))
        lines.append(f"  outer minimize {loss}\n    by {optimizer} for 1 epochs"
                     + self.pick("", "", ", each batch 2 times")
                     + "".join(f"\n    {update}" for update in self.updates))
        lines[0] = lines[0].replace("images()", f"images({self.choices.augmentation(lines + self.declarations)})")
        lines.append(f"  evaluate at end on test over B(x){judged} {{ {self.evaluation()} }}")
        return "\n".join([data, *self.declarations, network, "experiment random_page {", *lines,
                          "}", ""])


class Page:
    """A page: its `text`, and whether its loss has finite differences (`smooth`)."""

    def __init__(self, seed, plain_sgd=False):
        """`plain_sgd`: trained by sgd(lr = 1/8), whatever the page's own optimiser is."""
        generator = Generator(seed)
        self.text = f"// Page {seed} of test/fuzz/random_pages.py\n\n" + generator.page(plain_sgd)
        self.smooth = generator.smooth
