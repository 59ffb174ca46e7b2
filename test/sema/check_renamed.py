"""renamed.advx is pgd_at_he.advx with copies of its texts under other names: the checked
experiments are equal once the page's own names are put back."""

import pathlib
import re
import subprocess
import sys

root, program = pathlib.Path(sys.argv[1]), sys.argv[2]
names = {"renamed": "pgd_at_he", "surprise": "ce", "globe": "hypersphere", "digits": "mnist_cnn",
         "climb": "pgd", "scores": "l", "truth": "y", "u": "z", "n": "d", "kappa": "s", "gap": "m",
         "V": "W", "angle": "cos_theta", "t": "y", "first": "conv1", "second": "conv2",
         "dense": "fc1", "bend": "activation", "short_u": "feature_norm", "short_V": "weight_norm",
         "turns": "steps", "stride": "step", "begin": "start", "q": "x'"}


def dump(page):
    result = subprocess.run([program, "--stdlib", root / "stdlib", "--dump", page],
                            capture_output=True, text=True, check=True)
    return result.stdout


original = dump(root / "examples/fashion_mnist/pgd_at_he.advx")
copy = dump(root / "test/sema/renamed.advx")
operators = "stride = ["
lines = []
for line in copy.splitlines():
    # `stride = [` is an attribute of a convolution, `n` and `u` also names of the sets' own texts.
    keep = re.match(r"\s*(draw n|value add\(x, mul\(r, n|function @(linf|B)\.steepest|value (sign|@linf\.steepest))", line)
    if not keep:
        line = line.replace(operators, "\0")
        line = re.sub(r"[A-Za-z_][A-Za-z_0-9]*'?", lambda m: names.get(m[0], m[0]), line)
        line = line.replace("\0", operators)
    lines.append(line)
wanted = original.splitlines()
different = [(a, b) for a, b in zip(wanted, lines) if a != b]
for a, b in different:
    print(f"- {a}\n+ {b}")
failed = bool(different) or len(wanted) != len(lines)
print("0 passed, 1 failed" if failed else "1 passed, 0 failed")
sys.exit(failed)
