"""Random pages over the whole language: what the grammar and the types admit, sensible or not.

random_pages.py writes experiments that a person might write, and compares what they compute. The
pages here mix everything with everything (functions of numbers, labels, conditions, lets, solvers,
heads, sets, starts, optimisers, schedules, evaluations); they are only checked and built.
"""

import random_pages

UNARY = ("exp", "log", "sqrt", "abs", "sign", "floor", "ceil", "relu", "tanh", "erf")
COMPARISONS = ("==", "!=", "<", "<=", ">", ">=")


class Names:
    """What an expression may mention, by type: number cond real vec image label bool."""

    def __init__(self, **names):
        self.names = {kind: list(values) for kind, values in names.items()}

    def of(self, kind):
        return self.names.get(kind, [])

    def copy(self):
        return Names(**self.names)

    def add(self, kind, name):
        self.names.setdefault(kind, []).append(name)


class Language(random_pages.Generator):
    """Writes one page."""

    def __init__(self, seed):
        super().__init__(f"language {seed}")
        self.functions = []  # (name, kinds of the parameters, kind of the result, required)
        self.classes = 3

    # Expressions.

    def expression(self, kind, names, depth):
        """Text of an expression of a kind, in brackets where it is compound."""
        known = names.of(kind)
        if depth <= 0 or (known and self.chance(0.25)):
            return self.leaf(kind, names)
        calls = [f for f in self.functions if f[2] == kind]
        if calls and self.chance(0.15):
            name, kinds, _, required = self.random.choice(calls)
            given = self.random.randint(required, len(kinds))
            return f"{name}({', '.join(self.expression(k, names, depth - 1) for k in kinds[:given])})"
        return getattr(self, "make_" + kind)(names, depth - 1)

    def leaf(self, kind, names):
        known = names.of(kind)
        if known and self.chance(0.8):
            return self.random.choice(known)
        if kind == "number":
            return self.pick("0", "1", "2", "1/3", "0.5", "1e-3", "epoch", "iteration", "epochs",
                             "classes")
        if kind == "cond":
            return self.pick("true", "false", "epoch < 2", "1 < 2")
        if kind == "label":
            return str(self.random.randrange(self.classes))
        if known:
            return self.random.choice(known)
        if kind == "bool":
            return self.leaf("cond", names)
        if kind == "real":
            return self.leaf("number", names)
        if kind == "vec":
            return f"onehot({self.leaf('label', names)})"
        return "x"

    def arithmetic(self, kind, names, depth, other):
        a, b = (self.expression(k, names, depth) for k in self.pick((kind, other), (other, kind)))
        return f"({a} {self.pick('+', '-', '*', '*', '/')} {b})"

    def anything(self, kind, names, depth):
        """Forms that every kind of numbers has."""
        e = lambda k=kind: self.expression(k, names, depth)
        inner = "number" if kind == "number" else self.pick("number", "real", kind)
        return self.pick(
            lambda: f"{self.random.choice(UNARY)}({e()})", lambda: f"(-{e()})",
            lambda: self.arithmetic(kind, names, depth, inner),
            lambda: self.arithmetic(kind, names, depth, kind),
            lambda: f"{self.pick('max', 'min')}({e()}, {e(inner)})",
            lambda: f"clip({e()}, {e('number')}, {e('number')})",
            lambda: f"({e()} ** {self.pick('2', '3', '0.5', e('number'))})",
            lambda: f"stop_gradient({e()})",
            lambda: f"(if {e('cond')} then {e()} else {e()})")()

    def make_number(self, names, depth):
        e = lambda k="number": self.expression(k, names, depth)
        return self.pick(lambda: self.anything("number", names, depth),
                         lambda: self.anything("number", names, depth),
                         lambda: f"{self.pick('cos', 'sin', 'sum', 'mean')}({e()})",
                         lambda: f"piecewise({e()}, [1: {e()}, 2: {e()}])")()

    def make_cond(self, names, depth):
        e = lambda k: self.expression(k, names, depth)
        return self.pick(
            lambda: f"({e('number')} {self.random.choice(COMPARISONS)} {e('number')})",
            lambda: f"({e('cond')} {self.pick('and', 'or')} {e('cond')})",
            lambda: f"(not {e('cond')})",
            lambda: f"(if {e('cond')} then {e('cond')} else {e('cond')})")()

    def make_real(self, names, depth):
        e = lambda k: self.expression(k, names, depth)
        any_tensor = self.pick("vec", "image") if names.of("image") else "vec"
        others = f"classes except predict({self.vector(names)})"
        return self.pick(
            lambda: self.anything("real", names, depth),
            lambda: f"ce({e('vec')}, {e('label')})", lambda: f"{self.vector(names)}[{e('label')}]",
            lambda: f"{self.vector(names)}[{self.random.randrange(self.classes)}]",
            lambda: f"{self.pick('sum', 'mean', 'max', 'min')}({e(any_tensor)})",
            lambda: f"norm({e(any_tensor)}, p = {self.pick('1', '2', 'infinity')})",
            lambda: f"log_sum_exp({e('vec')})", lambda: f"({e('vec')} @ {e('vec')})",
            lambda: f"(if {e('bool')} then {e('real')} else {e('real')})",
            lambda: f"{self.pick('batch_sum', 'batch_mean')}({e(self.pick('real', 'bool'))})",
            lambda: f"max({self.vector(names)} except {e('label')})",
            lambda: f"{self.pick('sum', 'mean', 'max', 'min')}(k in {self.pick('0..1', others)}, "
                    f"{self.vector(names)}[k])",
            lambda: f"kth({e('vec')}, {self.random.randint(1, self.classes)}, key = {e('vec')})",
            lambda: f"{self.pick('kl', 'mse', 'cosine')}({e('vec')}, {e('vec')})")()

    def vector(self, names):
        """A vector that can be indexed as it stands."""
        return self.random.choice(names.of("vec")) if names.of("vec") else "onehot(0)"

    def make_vec(self, names, depth):
        e = lambda k="vec": self.expression(k, names, depth)
        return self.pick(
            lambda: self.anything("vec", names, depth), lambda: self.anything("vec", names, depth),
            lambda: f"{self.pick('softmax', 'log_softmax', 'normalize')}({e()})",
            lambda: f"onehot({e('label')})", lambda: f"(if {e('bool')} then {e()} else {e()})",
            lambda: f"sort({e()}, key = {e()})", lambda: f"top({e()}, {self.classes})",
            lambda: f"{self.pick('cumsum', 'positions')}({e()})", lambda: f"flip({e()}, 0)",
            lambda: f"{self.pick('batch_sum', 'batch_mean')}({e()})",
            lambda: f"({e()} except {e('label')})", lambda: f"smooth({e('label')}, 0.1)")()

    def make_image(self, names, depth):
        e = lambda k="image": self.expression(k, names, depth)
        return self.pick(lambda: self.anything("image", names, depth),
                         lambda: f"normalize({e()})",
                         lambda: f"shift({e()}, {self.pick('1', '-2', e('real'))}, "
                                 f"{self.pick('0', '3', e('real'))})",
                         lambda: f"{self.pick('flip', 'cumsum', 'positions')}({e()}, "
                                 f"{self.pick('0', '1', '2')})",
                         lambda: f"pad(pad({e()}, 1, 2), -1, -2)",
                         lambda: f"({e()} * window({e()}, {e('real')}, 2, 3))",
                         lambda: f"(if {e('bool')} then {e()} else {e()})",
                         lambda: f"{self.pick('batch_sum', 'batch_mean')}({e()})")()

    def make_label(self, names, depth):
        e = lambda k: self.expression(k, names, depth)
        return self.pick(lambda: f"predict({e('vec')})",
                         lambda: f"((2 * predict({e('vec')}) + 3) mod classes)",
                         lambda: f"(if {e('bool')} then {e('label')} else {e('label')})",
                         lambda: f"stop_gradient({e('label')})")()

    def make_bool(self, names, depth):
        e = lambda k: self.expression(k, names, depth)
        both = self.pick("label", "real")
        return self.pick(
            lambda: f"({e(both)} {self.random.choice(COMPARISONS)} {e(both)})",
            lambda: f"({e('bool')} {self.pick('and', 'or')} {e('bool')})",
            lambda: f"(not {e('bool')})", lambda: f"stop_gradient({e('bool')})",
            lambda: f"(if {e('bool')} then {e('bool')} else {e('bool')})")()

    # Declarations.

    WRITTEN = {"number": "real", "real": "real", "vec": "logits", "label": "label",
               "image": "image", "bool": "bool", "cond": "bool"}

    def function(self):
        kinds = [self.pick("number", "real", "vec", "label", "image", "bool")
                 for _ in range(self.random.randint(1, 3))]
        result = self.pick("number", "real", "vec", "label", "image", "bool")
        if result == "number":
            kinds = ["number"] * len(kinds)
        if result == "image" and "image" not in kinds:
            kinds[0] = "image"
        name = f"g{len(self.functions)}"
        params, names = [], Names()
        for i, kind in enumerate(kinds):
            default = ""
            if i and kind == "number":
                default = f" = {self.expression('number', names, 1)}"
            params.append(f"p{i} : {self.WRITTEN[kind]}{default}")
            names.add(kind, f"p{i}")
        required = max(i for i in range(len(kinds)) if i == 0 or kinds[i] != "number") + 1
        text = f"fn {name}({', '.join(params)}) : {self.WRITTEN[result]} "
        if self.chance(0.4):
            kind = self.pick(*kinds)
            let = self.expression(kind, names, 2)
            names.add(kind, "q")
            text += f"{{\n  let q = {let}\n  return {self.expression(result, names, 2)}\n}}\n"
        else:
            text += f"= {self.expression(result, names, 3)}\n"
        self.declare(text)
        self.functions.append((name, kinds, result, required))

    def statements(self, names, variables, depth, indent):
        """Lines of a solver's body; `variables` are (name, kind) that may be assigned."""
        lines, names = [], names.copy()
        for i in range(self.random.randint(1, 3)):
            kind = self.random.randint(0, 7)
            pad = "  " * indent
            name, of = self.random.choice(variables)
            if kind <= 2 or depth <= 0:
                value = self.expression(of, names, 2)
                if of == "image" and self.chance(0.8):
                    value = f"project(B, {value})"
                lines.append(f"{pad}{name} := {value}")
            elif kind == 3:
                lines += [f"{pad}if {self.expression(self.pick('bool', 'cond'), names, 1)} {{",
                          *self.statements(names, variables, depth - 1, indent + 1), f"{pad}}}"]
                if self.chance(0.5):
                    lines[-1] += " else {"
                    lines += [*self.statements(names, variables, depth - 1, indent + 1),
                              f"{pad}}}"]
            elif kind == 4:
                counter = f"i{depth}{i}"
                lines.append(f"{pad}repeat {self.pick('steps', '2', 'floor(steps / 2)')} "
                             f"as {counter} {{")
                inside = names.copy()
                inside.add("number", counter)
                lines += [*self.statements(inside, variables, depth - 1, indent + 1), f"{pad}}}"]
            elif kind == 5:
                lines.append(f"{pad}stop when {self.expression(self.pick('bool', 'cond'), names, 1)}")
            elif kind == 6:
                draw = f"n{depth}{i}"
                lines.append(f"{pad}draw {draw} ~ {self.pick('uniform(-0.1, 0.1)', 'normal(0, 0.1)')}"
                             f"{self.pick(' like x', ' like x', '')}"
                             f"{self.pick('', '', ' per batch', ' per example')}")
                names.add("image" if "like" in lines[-1] else "real", draw)
            else:
                let, of = f"l{depth}{i}", self.pick("number", "real", "image", "bool")
                lines.append(f"{pad}let {let} = {self.expression(of, names, 2)}")
                names.add(of, let)
        return lines

    def own_solver(self, with_hit):
        names = Names(number=["steps", "step"], image=["x", "p"], real=["J(p)", "J(x)"],
                      bool=["hit(p)"] if with_hit else [])
        names.names["image"] += ["steepest(B, grad(J(p), p))", "project(B, p)", "start(B, x)"]
        names.add("real", "radius(B)")
        variables, lines = [("p", "image")], ["  var p = project(B, start(B, x))"]
        for i in range(self.random.randint(0, 3)):
            kind = self.pick("number", "real", "image", "cond", "bool")
            lines.append(f"  var v{i} = {self.expression(kind, names, 1)}")
            variables.append((f"v{i}", kind))
            names.add(kind, f"v{i}")
        lines += self.statements(names, variables, 2, 1)
        self.declare("\n".join(["solver own(steps : int = 2, step : real = 0.1, "
                                "start : start = uniform) {", "  maximize J over B from x"
                                + (" until hit" if with_hit else ""), *lines, "  return p", "}", ""]))
        return f"own({self.pick('', 'steps = 3', 'step = ' + self.expression('number', Names(), 2))})"

    def own_set(self):
        names = Names(number=["r"], image=["x", "v"])
        project = self.expression("image", names, 2)
        lines = [f"  project(v) = {project}"]
        if self.chance(0.9):
            lines.append(f"  steepest(u) = {self.pick('sign(u)', 'u', 'normalize(u)')}")
        if self.chance(0.9):
            lines.append(f"  radius = {self.pick('r', 'abs(r)', '2 * r', 'r * r')}")
        if self.chance(0.8):
            lines += ["  start(s) {", "    draw n ~ uniform(-1, 1) like x", "    return x + s * n",
                      "  }"]
        self.declare("\n".join(["set ball(x : point, r : real = 0.1) {", *lines, "}", ""]))
        return f"ball(x, r = {self.expression('number', Names(), 1)})"

    def own_head(self):
        """Beside those of random_pages: random texts over `l` and the label."""
        names = Names(number=["s"], vec=["l"], label=[], real=["norm(z)"])
        plain = self.expression("vec", names, 2)
        names.add("label", "y")
        given = self.expression("vec", names, 2)
        self.declare("\n".join(["head free(z : vector[d], s : real = 2) {",
                                "  param W : matrix[d, classes]",
                                "  let l = transpose(W) @ z", f"  logits = l + {plain}",
                                f"  logits given y = l + {given}", "}", ""]))
        return "free(z)"

    def own_optimizer(self):
        names = Names(number=["lr", "m"], image=["w", "g", "u"])  # of any shape
        lines = [f"  u := {self.expression('image', names, 2)}", "  w := w - lr * u"]
        self.declare("\n".join(["optimizer free(lr : real, m : real = 0.9) {", "  minimize L at w",
                                "  state u : like(w) per weight = 0", "  let g = grad(L, w)", *lines,
                                "}", ""]))
        return f"free(lr = {self.expression('number', Names(), 2)})"

    # The page.

    def page(self, plain_sgd=False):
        shape = random_pages.Shape(self.pick(1, 3), self.random.randint(3, 6),
                                   self.random.randint(3, 6))
        self.classes = self.random.randint(2, 5)
        data = ("dataset images() {\n  format = \"idx\"\n"
                f"  image = [{shape.channels}, {shape.rows}, {shape.columns}]\n"
                f"  classes = {self.classes}\n  range = [0, 1]\n"
                "  train = [\"images\", \"labels\"]\n  test = [\"images\", \"labels\"]\n}\n")
        network = self.network(shape)
        for _ in range(self.random.randint(0, 4)):
            self.function()
        head = self.own_head() if self.chance(0.4) else self.head()
        numbers = Names()
        lets = []
        for i in range(self.random.randint(0, 3)):
            lets.append(f"  let a{i} = {self.expression('number', numbers, 2)}")
            numbers.add("number", f"a{i}")
        threat = self.own_set() if self.chance(0.3) else self.threat()
        lines = ["  data images() { batch = 8 }", *lets, "  features z = net()",
                 f"  head     f = {head}", f"  threat B(x) = {threat}"]
        clean = numbers.copy()
        for kind, text in (("vec", "f(x)"), ("vec", "f(x | y)"), ("label", "y"), ("image", "x")):
            clean.add(kind, text)

        def attack(until):
            names = clean.copy()
            for kind, text in (("vec", "f(x')"), ("vec", "f(x')"), ("image", "x'")):
                names.add(kind, text)
            with_until = until and self.chance(0.5)
            solver = (self.own_solver(with_until) if until and self.chance(0.6)
                      else self.solver(until=with_until))
            objective = f"ce(f(x'), y) + {self.expression('real', names, 3)}"
            condition = f" until {self.expression('bool', names, 2)}" if with_until else ""
            return f"argmax {objective} over B(x) by {solver}{condition}"

        own = self.random.random() < 0.7
        if self.chance(0.8):
            lines.append(f"  inner x' = {attack(own)}" + self.pick("", "", " in batch", " in train"))
            for kind, text in (("vec", "f(x')"), ("image", "x'"), ("vec", "f(x' | y)")):
                clean.add(kind, text)
        if self.chance(0.4):
            kind = self.pick("real", "vec", "label", "bool", "image")
            lines.append(f"  let t = {self.expression(kind, clean, 2)}")
            clean.add(kind, "t")
        if self.chance(0.3):
            lines.append(f"  let g = grad({self.expression('real', clean, 2)} + ce(f(x), y), x)")
            clean.add("image", "g")
        optimizer = self.own_optimizer() if self.chance(0.3) else self.optimizer()
        loss = f"ce(f(x), y) + {self.expression('real', clean, 4)}"
        lines.append(f"  outer minimize {loss}\n    by {optimizer} for 2 epochs")
        evaluation = ["clean", f"a = {self.solver()}", f"b = {attack(False)}", "c = worst { a b }"]
        lines.append("  evaluate at end on test {\n    " + "\n    ".join(evaluation) + "\n  }")
        return "\n".join([data, *self.declarations, network, "experiment random_page {", *lines, "}",
                          ""])


def page(seed):
    """The text of a page, a function of its seed alone."""
    return (f"// Page {seed} of test/fuzz/random_language.py\n\n" + Language(seed).page())
