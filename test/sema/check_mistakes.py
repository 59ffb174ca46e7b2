"""One slip a page: the page gets one finding, of this code and with these words.

check_mistakes.py SRCDIR ADVX_CHECK
"""

import json
import pathlib
import subprocess
import sys
import tempfile

srcdir, program = pathlib.Path(sys.argv[1]), sys.argv[2]

PAGE = """experiment page {
  let eps = 8/255
  data fashion_mnist() { batch = 128 }
  features z = mnist_cnn()
  head     f = linear(z)
  threat B(x) = linf(x, radius = eps) & box(0, 1)
  inner x' = argmax ce(f(x'), y) over B(x) by pgd(steps = 10, step = 2/255)
  outer minimize ce(f(x'), y) by sgd(lr = 0.1) for 1 epochs
  evaluate at end on test { clean  pgd = pgd(steps = 20, step = 1/255) }
}
"""
SOLVER = "pgd(steps = 10, step = 2/255)"
LOSS = "minimize ce(f(x'), y)"

# What of the page is replaced, by what, the code of the finding, words of its message or help.
MISTAKES = [
    # Names of modules and methods.
    (LOSS, "minimize F.cross_entropy(f(x'), y)", "0201", "write `ce(f(x'), y)`"),
    (LOSS, "minimize torch.nn.functional.cross_entropy(f(x'), y)", "0201", "`ce(f(x'), y)`"),
    (LOSS, "minimize nn.CrossEntropyLoss()(f(x'), y)", "0201", "`ce(f(x'), y)`"),
    (LOSS, LOSS + " + sum(torch.abs(f(x')))", "0201", "write `abs`"),
    (LOSS, LOSS + " + kl(f(x').detach(), f(x))", "0301", "`stop_gradient(f(x'))`"),
    (LOSS, LOSS + ".mean()", "0301", "`outer` takes the mean over the batch"),
    (LOSS, "minimize ce(self.model(x'), y)", "0201", "the head `f`"),
    (LOSS, LOSS + " * math.pi", "0201", "3.14159"),
    ("mnist_cnn()", "mnist_cnn().train()", "0301", "`outer` in train"),
    ("mnist_cnn()", "mnist_cnn().cuda()", "0301", "no devices"),
    ("mnist_cnn()", "conv2d(16, 3).relu().flatten()", "0301", "`conv2d(16, 3) >> relu`"),
    ("mnist_cnn()", "torch.load(\"model.pt\")", "0201", "from \"weights.safetensors\""),
    # Calls.
    ("steps = 10,", "steps: 10,", "0105", "write `steps = 10`"),
    ("steps = 10,", "steps := 10,", "0105", "write `steps = …`"),
    ("radius = eps", "radius == eps", "0105", "write `radius = eps`"),
    (SOLVER, "pgd(*args)", "0105", "pgd(steps = 10"),
    (SOLVER, "\"pgd\"", "0105", "write `pgd(…)` without quotes"),
    (SOLVER, "pgd", "0206", "write `pgd()`"),
    (SOLVER, "pgd(step = 2/255) for 10 steps", "0105", "write `by pgd(steps = 10)`"),
    ("pgd(steps = 10", "pgd(num_steps = 10", "0205", "write `steps = …`"),
    ("step = 2/255", "alpha = 2/255", "0205", "write `step = …`"),
    ("step = 2/255", "start = \"uniform\"", "0201", "uniform"),
    ("step = 2/255", "start = True", "0105", "`true`"),
    ("pgd(steps = 10", "pgd(eps = eps, steps = 10", "0205", "the radius is that of the set"),
    ("linear(z)", "linear(z, 10)", "0207", "write `linear(z)`"),
    ("linear(z)", "nn.Linear(z, 10)", "0212", "`head f = linear(z)`"),
    ("linear(z)", "Linear(z)", "0201", "`linear`"),
    # The optimiser.
    ("sgd(lr = 0.1)", "Adam", "0101", "`Adam(…)`"),
    ("sgd(lr = 0.1)", "Adam(lr = 0.001)", "0201", "`adam`"),
    ("sgd(lr = 0.1)", "RMSprop(lr = 0.001)", "0201", "`sgd(lr = 0.1, momentum = 0.9)`"),
    ("sgd(lr = 0.1)", "torch.optim.SGD(lr = 0.1)", "0101", "write `sgd(…)`"),
    ("sgd(lr = 0.1)", "SGD(lr = 0.1)", "0201", "`sgd`"),
    ("lr = 0.1", "learning_rate = 0.1", "0205", "write `lr = …`"),
    ("for 1 epochs", "for 10 epoch", "0101", "`epochs`"),
    ("for 1 epochs", "for 10 steps", "0105", "write `for N epochs`"),
    ("outer minimize", "outer argmin", "0105", "write `outer minimize …`"),
    # Numbers and names.
    ("8/255", "8./255.", "0105", "write `8`"),
    ("8/255", "1.e-2", "0105", "write `1.0"),
    ("8/255", ".03", "0105", "write `0.03`"),
    ("8/255", "1_000/255", "0105", "`_`"),
    ("8/255", "0.03f", "0105", "write `0.03`"),
    ("8/255", "8/255;", "0105", "remove the `;`"),
    ("8/255", "8/255 /* radius */", "0105", "`//`"),
    ("let eps", "eps", "0105", "write `let eps = …`"),
    ("let eps", "var eps", "0105", "write `let eps = …`"),
    ("let eps", "const eps", "0105", "write `let eps = …`"),
    ("let eps = 8/255", "let eps := 8/255", "0105", "write `let eps = …`"),
    ("let eps = 8/255", "let eps: real = 8/255", "0105", "write `let eps = …`"),
    ("let eps = 8/255", "let (eps, step) = (8/255, 2/255)", "0105", "one `let` for each name"),
    ("let eps = 8/255", "let eps, step = 8/255, 2/255", "0105", "one `let` for each name"),
    ("let eps", "let (a, b) = 1\n  let eps", "0301", "as many values as there are"),
    ("let eps = 8/255\n", "", "0201", "`let eps = …`"),
    ("let eps", "let beta = 6\n  let eps", "0610", "`beta`"),
    ("let eps", "let seed = 3\n  let eps", "0611", "--seed 3"),
    ("let eps", "print(eps)\n  let eps", "0105", "info"),
    ("let eps", "for i in range(3) { }\n  let eps", "0105", "no statements"),
    # Expressions.
    (LOSS, LOSS + " if epoch > 3 else ce(f(x), y)", "0105", "`if c then a else b`"),
    (LOSS, LOSS + " + 0.1 * norm(x' - x) ^ 2", "0105", "`a ** b`"),
    (LOSS, "minimize if argmax(f(x')) == y then 0 else ce(f(x'), y)", "0105", "`predict(l)`"),
    (LOSS, LOSS + " + f(x')[:, 0]", "0105", "`v[2]`"),
    (LOSS, LOSS + " + sum(softmax(f(x'), dim = 1))", "0205", "leave it out"),
    (LOSS, "minimize sum(ce(f(x'), y))", "0612", "the mean over the batch"),
    (LOSS, "minimize -ce(f(x'), y)", "0613", "remove the `-`"),
    (LOSS, "minimize ce(f(x’), y)", "0105", "write `x'`"),
    # The adversary.
    ("argmax ce(f(x'), y) over", "argmax ce(net(x'), y) over", "0201", "write `f(x')`"),
    ("argmax ce(f(x'), y) over", "argmax F.cross_entropy(f(x'), y) over", "0201", "`ce"),
    ("argmax ce(f(x'), y) over", "maximize ce(f(x'), y) over", "0105", "argmax E"),
    ("inner x' = argmax", "inner argmax", "0101", "`inner x' = argmax …`"),
    ("inner x' =", "inner x_adv =", "0201", "`inner` binds `x_adv`"),
    (SOLVER, SOLVER + " by fgsm()", "0101", "the line has ended"),
    (SOLVER, SOLVER + " in eval in train", "0101", "the line has ended"),
    ("over B(x)", "over B(x) over B(x)", "0101", "argmax LOSS over SET"),
    ("ce(f(x'), y) over", "ce(f(x', y) over", "0102", "`)`"),
    # Sets, data, models.
    ("& box(0, 1)", "and box(0, 1)", "0301", "& box(0, 1)"),
    ("& box(0, 1)", ", box(0, 1)", "0105", "& box(0, 1)"),
    ("& box(0, 1)", "& clamp(0, 1)", "0201", "`box(0, 1)`"),
    ("linf(x, radius = eps)", "linf(x, epsilon = eps)", "0205", "write `radius = …`"),
    ("batch = 128", "batch_size = 128", "0205", "write `batch = …`"),
    ("batch = 128", "batch: 128", "0105", "write `batch = …`"),
    ("batch = 128", "batch = 128, augment = flip", "0205", "augment"),
    ("data fashion_mnist()", "data fashion_mnist", "0101", "`fashion_mnist(…)`"),
    ("data fashion_mnist()", "data = fashion_mnist()", "0105", "`data NAME()"),
    ("mnist_cnn()", "mnist_cnn() from \"model.pth.tar\"", "0209", "scripts/import_torch.py"),
    ("mnist_cnn()", "Sequential(conv2d(16, 3), relu)", "0201", "`>>`"),
    ("mnist_cnn()", "conv2d(16, 3) -> relu -> flatten", "0105", "`a >> b`"),
    ("mnist_cnn()", "conv2d(16, 3) |> relu |> flatten", "0105", "`a >> b`"),
    ("  features z = mnist_cnn()\n  head     f = linear(z)\n", "  features f = mnist_cnn()\n", "0301",
     "logits"),
    # The evaluation.
    ("clean  pgd", "natural  pgd", "0201", "write `clean`"),
    ("clean  pgd", "clean, pgd", "0105", "remove the `,`"),
    ("pgd = pgd(steps = 20, step = 1/255)", "pgd20", "0201", "pgd20 = pgd(steps = 20)"),
    ("pgd = pgd(steps = 20, step = 1/255)", "pgd: pgd(steps = 20)", "0105", "pgd = …"),
    ("pgd = pgd(steps = 20, step = 1/255)", "AutoAttack()", "0201", "autoattack"),
    ("on test", "on val", "0503", "write `valid`"),
    ("at end on", "every epoch on", "0105", "every 1 epochs"),
    ("evaluate at end", "eval", "0105", "evaluate at end"),
    # The file.
    ("experiment page {", "import torch.nn as nn\nexperiment page {", "0105", "remove the line"),
    ("experiment page {", "import numpy\nexperiment page {", "0203", "remove the line"),
    ("experiment page {", "from torch import nn\nexperiment page {", "0105", "remove the line"),
    ("experiment page {", "experiment pgd-at {", "0105", "pgd_at"),
    ("experiment page {", "experiment page:", "0105", "`{"),
    ("experiment page {", "fn loss(l : Tensor) : real = 1\nexperiment page {", "0211", "`tensor`"),
]


def findings(text):
    with tempfile.TemporaryDirectory() as folder:
        page = pathlib.Path(folder, "page.advx")
        page.write_text(text)
        run = subprocess.run([program, "--stdlib", srcdir / "stdlib", "--json", page],
                             capture_output=True, text=True, check=False)
    return json.loads(run.stdout)["diagnostics"]


passed = failed = 0
for what, by, code, words in [("experiment", "experiment", "", "")] + MISTAKES:
    assert what in PAGE, what
    found = findings(PAGE.replace(what, by, 1))
    said = [f"{finding['code']}: {finding['message']}; {finding['help']}" for finding in found]
    good = not found if not code else (
        len(found) == 1 and found[0]["code"] == "ADVX" + code and words in said[0])
    passed += good
    failed += not good
    if not good:
        print(f"`{by}`: expected one finding {code} with `{words}`, got", *said, sep="\n  ")
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
