"""docs/language/primitives.md and compiler/sema/types/Primitives.def name the same functions.

A form with parentheses in the document, `norm(v, p = 2)`, has the parameters of the table. One in
braces or brackets is read apart from the text around it: `piecewise(v, [e: w, …])`.

Usage: check_primitives.py SOURCE
"""

import pathlib
import re
import subprocess
import sys


def documented(text):
    """{name: the parameter lists that it has there}; a list is None where only the name stands."""
    section = text.split("## Functions")[1].split("\n## ")[0]
    forms = {}
    for row in section.splitlines():
        if not row.startswith("| `"):
            continue
        for code in re.findall(r"`([^`]*)`", row.split("|")[1]):
            call = re.fullmatch(r"(\w+)\((.*)\)", code)
            if not call:
                for name in code.split():
                    forms.setdefault(name, []).append(None)
                continue
            inner = re.sub(r"\[.*?\]", "list", call[2])
            params = [part.split("=")[0].strip() for part in inner.split(",")]
            forms.setdefault(call[1], []).append(params)
    return forms


def main():
    text = (pathlib.Path(sys.argv[1]) / "docs/language/primitives.md").read_text()
    printed = subprocess.run(["advx-check", "--primitives"], capture_output=True, text=True,
                             check=True).stdout
    table = {}
    for line in printed.splitlines():
        name, meaning, *params = line.split("\t")
        assert meaning, name
        table[name] = params
    forms = documented(text)
    failed = 0

    def expect(condition, message):
        nonlocal failed
        if not condition:
            failed += 1
            print(message)

    expect(len(table) > 30, f"the table has {len(table)} functions")
    for name in sorted(table.keys() | forms.keys()):
        expect(name in table, f"{name} is documented, and the table has no such function")
        expect(name in forms, f"{name} is not documented")
        # A function of two forms, max(a, b) and max(v), has the parameters of the longest.
        longest = max((form for form in forms.get(name, []) if form), key=len, default=None)
        if longest and name in table:
            expect(len(longest) == len(table[name]),
                   f"{name} is documented with {longest}, and the table says {table[name]}")
    total = len(table.keys() | forms.keys())
    print(f"{total - min(failed, total)} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
