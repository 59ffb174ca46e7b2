"""Pages at and beyond the limits of the reference: refused with a code, or built."""

import os
import pathlib
import resource
import subprocess
import sys
import tempfile

ADVX = pathlib.Path(os.environ["ADVX_BUILD"]) / "bin" / "advx"
SECONDS = 60  # of the processor, for one command

PAGE = """
dataset images() {{
  format = "idx"  image = {image}  classes = {classes}  range = [0, 1]
  train = ["images", "labels"]  test = ["images", "labels"]
}}
network net() {{
  layer c = {layer}
  forward(x) = flatten({chain})
}}
experiment {name} {{
  data images() {{ batch = {batch} }}
  features z = {network}
  head     f = linear(z)
  threat B(x) = linf(x, radius = 1/10) & box(0, 1)
  inner x' = argmax ce(f(x'), y) over B(x) by pgd(steps = {steps}, step = 1/10)
  outer minimize {loss} by sgd(lr = 0.1) for {epochs} epochs
  evaluate at end on {split} as {evaluation} {{ {line} = pgd(steps = 2, step = 1/10) }}
}}
"""
USUAL = {"image": "[1, 4, 4]", "classes": 3, "layer": "conv2d(2, kernel = 3)", "chain": "c(x)",
         "name": "e", "batch": 8, "network": "net()", "steps": 2, "loss": "ce(f(x'), y)",
         "epochs": 1, "split": "test", "evaluation": "t", "line": "a"}
HUGE = ("-3", "0", "10 ** 9", "9223372036854775807")

failures = []
passed = 0


def page(declarations="", **changes):
    return declarations + PAGE.format(**{**USUAL, **changes})


def run(folder, text, *command):
    path = pathlib.Path(folder) / "page.advx"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    try:
        result = subprocess.run(
            [ADVX, *command, path], stdin=subprocess.DEVNULL, capture_output=True,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_CPU, (SECONDS, SECONDS)))
    except OSError as error:
        return -1, str(error)
    return result.returncode, result.stderr.decode(errors="replace")


def expect(what, text, code, files=None, refused=1):
    """`code` of the error and its exit status, or None where the page builds."""
    global passed
    with tempfile.TemporaryDirectory() as folder:
        for name, content in (files or {}).items():
            (pathlib.Path(folder) / name).write_text(content)
        commands = [("check",), ("build", "--emit=host", "-O0")] if code is None else [("check",)]
        for command in commands:
            status, said = run(folder, text, *command)
            wanted = 0 if code is None else refused
            if status == wanted and (code is None or f"error[{code}]" in said):
                passed += 1
            else:
                failures.append(f"{what}: {command[0]} ends with {status} instead of {wanted} "
                                f"{code or ''}\n{said[-1500:]}")


def sizes():
    count = lambda size: None if size == "10 ** 9" else "ADVX0209"
    for size in HUGE:
        # Sizes up to 10^9 fit one axis, but not the weight that they make.
        width = "ADVX0308" if size == "10 ** 9" else "ADVX0209"
        expect(f"{size} channels", page(layer=f"conv2d({size}, kernel = 3)"), width)
        expect(f"{size} features", page(layer=f"linear({size})", chain="c(flatten(x))"), width)
        expect(f"{size} rows", page(image=f"[1, {size}, 4]"),
               "ADVX0301" if size in ("-3", "0") else "ADVX0308")
        for layer in ("conv2d(2, kernel = {})", "conv2d(2, kernel = 3, stride = {})",
                      "conv2d(2, kernel = [3, {}])", "max_pool({})", "avg_pool(2, stride = {})"):
            expect(f"{layer} of {size}", page(layer=layer.format(size)), "ADVX0209")
        if size != "0":
            expect(f"padding of {size}", page(layer=f"conv2d(2, kernel = 3, padding = {size})"),
                   "ADVX0209")
            expect(f"valid of {size}", page(batch=f"8, valid = {size}"), count(size))
            expect(f"{size} steps", page(steps=size), count(size))
            expect(f"{size} epochs", page(epochs=size),
                   "ADVX0303" if size == "-3" else count(size))
        expect(f"batch of {size}", page(batch=size), "ADVX0209")
        expect(f"{size} classes", page(classes=size), "ADVX0209")
        expect(f"{size} images", page(split=f"test({size})"), count(size))
    expect("a product of sizes", page(image="[1, 65536, 65536]"), "ADVX0308")
    expect("a padding that makes the result too large",
           page(layer="conv2d(2, kernel = 3, padding = 60000)"), "ADVX0308")
    expect("a large padding", page(layer="conv2d(2, kernel = 3, padding = 9, stride = 3)"), None)
    expect("an index below 0", page(DEEP, network="deep(-5, -1)"), "ADVX0209")
    expect("many indexed layers", page(DEEP, network="deep(0, 100000)"), "ADVX0308")
    expect("a large index", page(DEEP, network="deep(9223372036854775800, 9223372036854775807)"),
           "ADVX0209")
    expect("no indexed layers", page(DEEP, network="deep(0, -1)"), None)


DEEP = ("network deep(a : int, b : int) {\n  layer c[i in a..b] = linear(3, bias = false)\n"
        "  forward(x) = c(flatten(x))\n}\n")


def chains():
    for count, code in ((100, None), (5000, "ADVX0112")):
        functions = "fn g0(v : real) : real = v\n" + "".join(
            f"fn g{i}(v : real) : real = g{i - 1}(v) + 1\n" for i in range(1, count))
        expect(f"{count} functions", page(functions, loss=f"g{count - 1}(ce(f(x'), y))"), code)
        expect(f"{count} functions of numbers",
               page(functions, loss=f"ce(f(x'), y) * g{count - 1}(2)"), code)
        networks = "network n0() {\n  layer a = linear(2)\n  forward(x) = a(flatten(x))\n}\n" + "".join(
            f"network n{i}() {{\n  layer a = n{i - 1}()\n  forward(x) = a(x)\n}}\n"
            for i in range(1, count))
        expect(f"{count} networks", page(networks, network=f"n{count - 1}()"), code)
        brackets = "(" * count + "1" + ")" * count
        expect(f"{count} brackets", page(loss=f"ce(f(x'), y) * {brackets}"), code)
        calls = "exp(" * count + "0" + ")" * count
        expect(f"{count} calls", page(loss=f"ce(f(x'), y) + 0 * {calls}"), code)
        signs = "- " * count + "1"
        expect(f"{count} signs", page(loss=f"ce(f(x'), y) * {signs}"), code)
        sums = "1" + " + 1" * count
        expect(f"{count} operands", page(loss=f"ce(f(x'), y) * ({sums})"), code)
    nested = "1"
    for _ in range(20):
        nested = "(" + nested + ")" + " + epoch" * 900
    twice = "".join(f"fn n{i}(v : real) : real {{ return n{i - 1}(v) + n{i - 1}(v) }}\n"
                    for i in range(1, 400))
    expect("a chain that calls twice", page(loss="ce(f(x'), y) * n399(2)") +
           "fn n0(v : real) : real { return v }\n" + twice, "ADVX0112")
    expect("chains in chains", page(loss=f"ce(f(x'), y) * ({nested})"), "ADVX0112")


def imports():
    for count, code in ((50, None), (5000, "ADVX0112")):
        files = {f"f{i}.advx": f'import "f{i + 1}.advx"\n' for i in range(count - 1)}
        files[f"f{count - 1}.advx"] = "fn one(v : real) : real = v\n"
        expect(f"{count} imports", page('import "f0.advx"\n'), code, files)
    with tempfile.TemporaryDirectory() as folder:
        fifo = pathlib.Path(folder) / "fifo.advx"
        os.mkfifo(fifo)
        for name in (folder, fifo, "/dev/zero", "/dev/null", "", "."):
            expect(f"import of {name}", page(f'import "{name}"\n'), "ADVX0203")
    expect("a NUL", page('import "f0.advx\0"\n'), "ADVX0111", {"f0.advx": ""})
    large = "// " + "x" * (1 << 20) + "\n"
    expect("a large import", page('import "f0.advx"\n'), "ADVX0203", {"f0.advx": large})
    expect("a large page", page(large), "ADVX0801", refused=3)


def names():
    for name in ("train_step", "fill_uniforms", "init", "clean", "main", "test", "advx", "llvm"):
        expect(f"experiment {name}", page(name=name), None)
        expect(f"evaluation {name}", page(evaluation=name), None)
        expect(f"line {name}", page(line=name), "ADVX0202" if name == "clean" else None)
    for name in ("z", "f", "B", "ce", "e", "linf"):
        expect(f"evaluation {name}", page(evaluation=name), None)
    for name in ("linf", "log_softmax", "net", "test", "a"):
        expect(f"features {name}", page().replace(" z = ", f" {name} = ").replace("(z)", f"({name})"),
               None)
    sets = "set f(x : point) {\n  project(v) = clip(v, 0, 1)\n}\n"
    head = "head own(z : vector[d]) {\n  param project : matrix[d, classes]\n  logits = z @ project\n}\n"
    expect("a set named as the head", page(sets + head).replace("box(0, 1)", "f(x)").replace(
        "= linear(z)", "= own(z)"), None)


if __name__ == "__main__":
    sizes()
    chains()
    imports()
    names()
    for failure in failures:
        print("FAIL:", failure)
    print(f"{passed} passed, {len(failures)} failed")
    sys.exit(1 if failures else 0)
