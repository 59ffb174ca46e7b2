"""Runs every example of the dialect's op descriptions through advx-opt.

usage: doc_examples.py ADVX_OPT FILE.td...

An example is a fenced ```mlir block. One that begins with `advx.program` or `func.func` is a module.
Of others, values that it uses but does not define become arguments of a function around it, typed
by the functional type (or the one type) at the end of the line that uses them first. Fails on an example that does not parse,
verify and round-trip, and on an op without an example.
"""

import re
import subprocess
import sys

OP = re.compile(r"^def Advx_(\w+)Op\b.*?<\"(\w+)\"", re.M | re.S)
FENCE = re.compile(r"```mlir\n(.*?)```", re.S)
VALUE = re.compile(r"%\w+")


def split_types(text):
    """The operand types in `(a, b) -> ...`."""
    depth, part, parts = 0, "", []
    for char in text:
        depth += char in "(<["
        depth -= char in ")>]"
        if depth == 0:
            break
        if char == "," and depth == 1:
            parts.append(part.strip())
            part = ""
        elif not (char == "(" and depth == 1):
            part += char
    return [p for p in parts + [part.strip()] if p]


def wrap(name, example):
    """The example as a function, or as it is where it is a module."""
    if example.lstrip().startswith(("advx.program ", "func.func ")):
        return example
    defined, arguments, body = set(), {}, []
    for line in filter(str.strip, example.splitlines()):
        head, _, types = line.partition(" : ")
        results, _, operands = head.partition("=")
        used = VALUE.findall(operands)
        kinds = split_types(types) if types.startswith("(") else [types.strip()] * len(used)
        for value, kind in zip(used, kinds):
            if value not in defined:
                arguments.setdefault(value, kind)
        defined.update(VALUE.findall(results))
        body.append("  " + line.strip())
    signature = ", ".join(f"{value}: {kind}" for value, kind in arguments.items())
    return f"func.func @{name}({signature}) {{\n" + "\n".join(body) + "\n  return\n}\n"


def main():
    tool, files = sys.argv[1], sys.argv[2:]
    count = failed = 0
    for path in files:
        text = open(path, encoding="utf-8").read()
        starts = [(m.start(), m.group(2)) for m in OP.finditer(text)] + [(len(text), "")]
        for (begin, name), (end, _) in zip(starts, starts[1:]):
            examples = FENCE.findall(text[begin:end])
            if not examples:
                print(f"{path}: {name} has no example")
                failed += 1
            for number, example in enumerate(examples):
                source = wrap(f"{name}_{number}", example)
                used = f"advx.{name} " in source
                run = subprocess.run([tool, "--verify-roundtrip", "-"], input=source, capture_output=True, text=True)
                count += 1
                if run.returncode or not used:
                    print(f"{path}: the example of {name} fails\n{source}{run.stderr}")
                    failed += 1
    print(f"{count - failed} passed, {failed} failed")
    return 1 if failed or not count else 0


if __name__ == "__main__":
    sys.exit(main())
