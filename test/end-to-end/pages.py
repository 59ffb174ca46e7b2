"""Pages that the end-to-end tests compile, made from parts."""

ATTACK = "argmax ce(f(x'), y) over B(x) by pgd(steps = 10, step = 0.025, start = uniform)"
LINF = "linf(x, radius = 0.1) & box(0, 1)"
L2 = "l2(x, radius = 1.5) & box(0, 1)"

# Two batch-norm layers and nothing that draws, small enough to compile and run at once.
NORMED = """
network normed(width : int = 4) {
  layer conv1 = conv2d(width, kernel = 3, stride = 2, padding = 1)
  layer bn1   = batch_norm()
  layer conv2 = conv2d(2 * width, kernel = 3, stride = 2, padding = 1, bias = false)
  layer bn2   = batch_norm(momentum = 0.3, eps = 1e-3)
  layer fc    = linear(12)
  forward(x) = relu(fc(flatten(relu(bn2(conv2(relu(bn1(conv1(x)))))))))
}
"""

# The same without batch-norm, for what is not about it.
TINY = """
network tiny(width : int = 4) {
  layer conv1 = conv2d(width, kernel = 5, stride = 3)
  layer conv2 = conv2d(2 * width, kernel = 3, stride = 2, padding = 1)
  layer fc    = linear(12)
  forward(x) = relu(fc(flatten(relu(conv2(relu(conv1(x)))))))
}
"""


def page(network="mnist_cnn()", head="linear(z)", threat=LINF, inner=ATTACK,
         loss="ce(f(x' | y), y)", optimizer="sgd(lr = 0.1, momentum = 0.9)", epochs=1, batch=32,
         evaluate="", lets="", declarations="", name="probe"):
    """The text of an experiment; `inner=None` leaves the inner problem out, `loss=None` the
    training."""
    lines = [declarations, f"experiment {name} {{", lets,
             f"  data fashion_mnist() {{ batch = {batch} }}",
             f"  features z = {network}", f"  head     f = {head}", f"  threat B(x) = {threat}"]
    if inner and loss:
        lines.append(f"  inner x' = {inner}")
    if loss:
        lines.append(f"  outer minimize {loss}\n        by {optimizer}\n        for {epochs} epochs")
    if evaluate:
        when = "evaluate at end on test" if loss else "evaluate on test"
        lines.append(f"  {when} {{ {evaluate} }}")
    return "\n".join(lines) + "\n}\n"


def tiny(**parts):
    return page(network="tiny()", declarations=TINY, **parts)


def normed(**parts):
    return page(network="normed()", declarations=NORMED, **parts)
