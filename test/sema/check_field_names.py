"""Writes every name of the field into an experiment, and every form that is advised instead.

check_field_names.py SRCDIR ADVX_CHECK
"""

import json
import pathlib
import re
import subprocess
import sys
import tempfile

srcdir, program = pathlib.Path(sys.argv[1]), sys.argv[2]

PAGE = """experiment page {
  data fashion_mnist() { batch = 128 }
  features z = mnist_cnn()
  head     f = linear(z)
  threat B(x) = linf(x, radius = 8/255) & box(0, 1)
  inner x' = argmax ce(f(x'), y) over B(x) by pgd(steps = 10, step = 2/255)
  outer minimize ce(f(x'), y) by sgd(lr = 0.1) for 100 epochs
  evaluate at end on test { clean  pgd = pgd(steps = 20, step = 1/255) }
}
"""
LOSS = "minimize ce(f(x'), y)"
SUM = LOSS + " + sum({})"
TYPED = "fn used(v : {}) : real = 1\nexperiment page"

# By NamePlace, in its order: what of the page is replaced, by what of theirs, by what of ours.
PLACES = [
    (LOSS, LOSS + " + sum({}(f(x')))", SUM),  # Function
    (LOSS, SUM, SUM),  # Value
    ("= mnist_cnn()", "= {}()", "= {} >> flatten"),  # Network
    ("linear(z)", "{}(z)", "{}"),  # Head
    ("pgd(steps = 10, step = 2/255)", "{}()", "{}"),  # Solver
    ("sgd(lr = 0.1)", "{}(lr = 0.1)", "{}"),  # Optimizer
    ("lr = 0.1", "lr = {}(0.1)", "lr = {}"),  # Schedule
    ("linf(x, radius = 8/255) & box(0, 1)", "{}()", "{}"),  # Set
    ("step = 2/255", "start = {}", "start = {}"),  # Start
    ("fashion_mnist()", "{}()", "{}()"),  # Dataset
    ("on test", "on {}", "on {}"),  # Split
    ("step = 2/255)", "step = 2/255) in {}", "step = 2/255) in {}"),  # Mode
    ("pgd = pgd(steps = 20, step = 1/255)", "{}()", "name = {}"),  # Line
    None,  # Parameter: see `parameters`
    ("batch = 128", "{} = 1", "{}"),  # Setting
    ("experiment page", TYPED, TYPED),  # Type
    (LOSS, LOSS + " + sum(f(x').{}())", SUM),  # Method
    ("experiment page", "import {}.part\nexperiment page", None),  # Import
]
NETWORK, SET, LINE, PARAMETER, SETTING, TYPE = 2, 7, 12, 13, 14, 15

# Forms that do not fit where their place has them as they are.
SUMMANDS = {"y": "onehot(y)", "predict(f(x))": "onehot(predict(f(x)))",
            "predict(x)": "onehot(predict(f(x)))"}
WHOLE = {
    "linear(10)": "= flatten >> linear(10)",
    "box(0, 1)": "linf(x, radius = 8/255) & box(0, 1)",
    "clean": "",
}
ARGUMENTS = {"bool": "true", "fn": "relu", "label": "y", "vector[n]": "f(x)", "point": "x"}


def experiment(place, text, pattern, number):
    page = PAGE.replace(PLACES[place][0], pattern.replace("{}", text), 1)
    if "on valid" in page:
        page = page.replace("batch = 128", "batch = 128, valid = 100")
    if place == TYPE and text in ARGUMENTS | {"real": 1, "int": 1}:
        page = page.replace(LOSS, LOSS + f" + used({ARGUMENTS.get(text, 1)})", 1)
    page = page.replace("experiment page", f"experiment page{number}")
    return re.sub(r"\bused\b", f"used{number}", page)


def findings(experiments):
    """The errors of each of these experiments, checked as one file."""
    with tempfile.TemporaryDirectory() as folder:
        page = pathlib.Path(folder, "pages.advx")
        page.write_text("".join(experiments))
        run = subprocess.run([program, "--stdlib", srcdir / "stdlib", "--json", page],
                             capture_output=True, text=True, check=False)
    starts, line = [], 1
    for text in experiments:
        starts.append(line)
        line += text.count("\n")
    result = [[] for _ in experiments]
    for finding in json.loads(run.stdout)["diagnostics"]:
        if finding["severity"] == "error":
            at = max(i for i, start in enumerate(starts) if start <= finding["line"])
            result[at].append(f"{finding['message']}; help: {finding['help']}")
    return result


def parameters():
    """Of everything that is called: texts of the library and of primitives.md."""
    names = set()
    for path in sorted((srcdir / "stdlib").rglob("*.advx")):
        names.update(re.findall(r"(\w+) : ", path.read_text()))
    primitives = (srcdir / "docs/language/primitives.md").read_text()
    for call in re.findall(r"`\w+\(([^`]*)\)`", primitives):
        names.update(re.findall(r"\w+", call))
    return names


passed = failed = 0


def check(holds, message):
    global passed, failed
    passed += bool(holds)
    failed += not holds
    if not holds:
        print(message)


table = subprocess.run([program, "--field-names"], capture_output=True, text=True, check=True)
advised, known = [], parameters()
theirs_written = []
for row in table.stdout.splitlines():
    place, theirs, ours, form, text = row.split("\t")
    place = int(place)
    check(theirs == theirs.lower().replace("_", "") and text, f"not as it is looked up: {row}")
    if place == PARAMETER:
        check(not ours or ours in known, f"no parameter is called `{ours}`")
        continue
    if form and form != "transpose(x)":  # an image has none
        written = SUMMANDS.get(form, form)
        pattern = WHOLE.get(form, "{}" if place == LINE and ours else PLACES[place][2])
        advised.append((f"`{form}`, advised for `{theirs}`", place,
                        written.replace("…", "100"), pattern))
    for name in theirs.split():
        theirs_written.append((f"`{name}` in place {place}", place, name, PLACES[place][1]))
check(len(advised) > 60 and len(theirs_written) > 300, "the table is not printed")

pages = [experiment(*entry[1:], i) for i, entry in enumerate(advised)]
for entry, reports in zip(advised, findings(pages)):
    check(not reports, f"{entry[0]}, is wrong: {reports}")
pages = [experiment(*entry[1:], i) for i, entry in enumerate(theirs_written)]
for entry, reports in zip(theirs_written, findings(pages)):
    check(len(reports) == 1, f"{entry[0]} gets other findings than one: {reports}")
print(f"{passed} passed, {failed} failed")
sys.exit(1 if failed else 0)
