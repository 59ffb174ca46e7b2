"""Pages that grow in one way each, for bench/compile_time.py and test/pipeline/growth.test."""

HEAD = """dataset images() {
  format = "idx"
  image = [1, 4, 4]
  classes = 3
  range = [0, 1]
  train = ["train-images", "train-labels"]
  test = ["test-images", "test-labels"]
}
"""

PAGE = """network net() {{
{network}
}}
experiment growing {{
{lets}  data images() {{ batch = 8 }}
  features z = net()
  head     f = linear(z)
  threat B(x) = linf(x, radius = eps) & box(0, 1)
  inner x' = argmax ce(f(x'), y) over B(x) by {solver}
{terms}  outer minimize {loss} by sgd(lr = cyclic(0.1), momentum = 0.9, weight_decay = 5e-4) for 3 epochs
  evaluate at end on test {{
    clean
    margin = argmax cw(f(x'), y) by pgd(steps = 2, step = 1/10)
  }}
{evaluations}}}
"""


def page(network="  layer fc = linear(8)\n  forward(x) = relu(fc(flatten(x)))", lets="  let eps = 1/10\n",
         terms="", loss="ce(f(x' | y), y)", evaluations="", more="",
         solver="pgd(steps = 2, step = 1/10, start = uniform)"):
    return HEAD + PAGE.format(network=network, lets=lets, terms=terms, loss=loss,
                              evaluations=evaluations, solver=solver) + more


def linear_blocks(n):
    """n residual blocks of a linear layer."""
    return page(network=f"  layer b[i in 0..{n - 1}] = block()\n  forward(x) = b(flatten(x))",
                more="network block() {\n  layer l = linear(16)\n  forward(x) = x + relu(l(x))\n}\n")


def convolution_blocks(n):
    """n residual blocks of a convolution and a batch norm."""
    return page(network=f"  layer b[i in 0..{n - 1}] = block()\n  forward(x) = flatten(b(x))",
                more="network block() {\n  layer c = conv2d(1, kernel = 3, padding = 1)\n"
                     "  layer n = batch_norm()\n  forward(x) = x + relu(n(c(x)))\n}\n")


def number_lets(n):
    """n numbers of the page, each of the one before, read three times."""
    lets = "  let e0 = 1/10\n" + "".join(f"  let e{i} = e{i - 1} + e{i - 1} - e{i - 1}\n"
                                         for i in range(1, n + 1))
    return page(lets=f"{lets}  let eps = e{n}\n")


def number_functions(n):
    """n functions of numbers, each of which calls the one before twice."""
    functions = "fn n0(v : real) : real { return v }\n" + "".join(
        f"fn n{i}(v : real) : real {{ return (n{i - 1}(v) + n{i - 1}(v)) / 2 }}\n"
        for i in range(1, n + 1))
    return page(lets=f"  let small = 1/10\n  let eps = n{n}(small)\n", more=functions)


def loss_lets(n):
    """n tensors of the page, each of the one before, read three times."""
    terms = "  let t0 = ce(f(x' | y), y)\n" + "".join(
        f"  let t{i} = t{i - 1} * t{i - 1} + t{i - 1}\n" for i in range(1, n + 1))
    return page(terms=terms, loss=f"t{n}")


def vector_lets(n):
    """n vectors of logits, each of the one before, read three times."""
    terms = "  let t0 = f(x' | y)\n" + "".join(
        f"  let t{i} = t{i - 1} * t{i - 1} + t{i - 1}\n" for i in range(1, n + 1))
    return page(terms=terms, loss=f"ce(t{n}, y)")


def function_lets(n):
    """n tensors of a function, each of the one before, read twice."""
    lets = "".join(f"  let t{i} = max(t{i - 1}, 0) + t{i - 1}\n" for i in range(1, n + 1))
    return page(loss="g(f(x' | y), y)", more="fn g(l : logits, y : label) : real {\n"
                f"  let t0 = ce(l, y)\n{lets}  return t{n}\n}}\n")


def functions(n):
    """n functions, each of which calls the one before twice."""
    more = "fn g0(v : real) : real { return max(v, 0) }\n" + "".join(
        f"fn g{i}(v : real) : real {{ return g{i - 1}(v) + g{i - 1}(v) }}\n"
        for i in range(1, n + 1))
    return page(loss=f"g{n}(ce(f(x' | y), y))", more=more)


def equal_terms(n):
    """The same term n times."""
    return page(loss=" + ".join(["ce(f(x' | y), y)"] * n))


def other_terms(n):
    """n terms of one vector of logits."""
    return page(loss=" + ".join(f"ce({i + 2} * f(x' | y), y)" for i in range(n)))


def evaluations(n):
    """n evaluations."""
    return page(evaluations="".join(
        f"  evaluate every {i + 1} epochs on test as e{i} {{\n"
        f"    attack = pgd(steps = 2, step = 1/{i + 10})\n  }}\n" for i in range(n)))


def nested_loops(n):
    """n loops of a solver, each in the one before; a number of each example goes through all."""
    begin = "".join(f"repeat 1 {{ p := project(B, p + {i + 1}/1000)\n" for i in range(n))
    return page(solver="nested()", more="solver nested() {\n  maximize J over B from x\n"
                f"  var p = x\n  var v = 0\n{begin}v := v + J(p)\n"
                "p := project(B, p + v * steepest(B, grad(J(p), p)))\n" + "}" * n +
                "\n  return p\n}\n")


#: What grows, with the sizes that the bench builds.
KINDS = {
    "linear blocks": (linear_blocks, (10, 40, 160, 640)),
    "convolution blocks": (convolution_blocks, (10, 40, 160, 640)),
    "numbers": (number_lets, (5, 50, 500)),
    "number functions": (number_functions, (5, 50, 200)),
    "losses": (loss_lets, (5, 50, 500)),
    "vectors": (vector_lets, (5, 50, 500)),
    "tensors of a function": (function_lets, (5, 50, 500)),
    "functions": (functions, (5, 50, 200)),
    "equal terms": (equal_terms, (10, 100, 1000)),
    "other terms": (other_terms, (10, 100, 1000)),
    "nested loops": (nested_loops, (6, 12, 48)),
    "evaluations": (evaluations, (1, 10, 100, 1000)),
}
