"""Checks that neither the units of the runtime (a header and its source) nor its folders include one another in
a circle."""

import pathlib
import re
import sys

ROOT = pathlib.Path(sys.argv[1])
INCLUDE = re.compile(r'^#include "(runtime/[^"]+)"', re.M)


def circles(edges):
    """The groups of more than one node in which each reaches each (Tarjan 1972)."""
    order, low, stack, found = {}, {}, [], []

    def visit(node):
        order[node] = low[node] = len(order)
        stack.append(node)
        for other in edges.get(node, ()):
            if other not in order:
                visit(other)
            if other in stack:
                low[node] = min(low[node], low[other])
        if low[node] == order[node]:
            group = stack[stack.index(node):]
            del stack[stack.index(node):]
            if len(group) > 1:
                found.append(sorted(group))

    for node in sorted(edges):
        if node not in order:
            visit(node)
    return found


def graph(name_of):
    edges = {}
    for path in sorted((ROOT / "runtime").rglob("*")):
        if path.suffix not in (".h", ".cpp"):
            continue
        here = name_of(path.relative_to(ROOT))
        there = {name_of(pathlib.PurePath(name)) for name in INCLUDE.findall(path.read_text())}
        edges.setdefault(here, set()).update(there - {here})
    return edges


# The checker itself: a circle is found, and what merely meets is none.
assert circles({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == [["b", "c"]]
assert circles({"a": {"b", "c"}, "b": {"d"}, "c": {"d"}, "d": set()}) == []

units = graph(lambda path: str(path.with_suffix("")))
folders = graph(lambda path: str(path.parent))
assert len(units) > 50 and len(folders) > 5, "the runtime has moved"
found = circles(units) + circles(folders)
for group in found:
    print("include one another:", ", ".join(group))
print(f"{len(units) + len(folders)} passed, {len(found)} failed")
sys.exit(1 if found else 0)
