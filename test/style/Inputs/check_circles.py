"""Checks that no units of the runtime, each a header and its source, include one another in a circle."""

import pathlib
import sys

from check_architecture import INCLUDE, circle

ROOT = pathlib.Path(sys.argv[1])

units = {}
for path in sorted((ROOT / "runtime").rglob("*")):
    if path.suffix in (".h", ".cpp"):
        here = str(path.relative_to(ROOT).with_suffix(""))
        there = {name.rsplit(".", 1)[0] for name in INCLUDE.findall(path.read_text())}
        units.setdefault(here, set()).update(there - {here})
assert len(units) > 50, "the runtime has moved"

# The checker itself: a circle is found, and what merely meets is none.
assert circle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
assert circle({"a": {"b", "c"}, "b": {"d"}, "c": {"d"}, "d": set()}) == []

found = circle(units)
if found:
    print("include one another:", ", ".join(found))
print(f"{len(units) - bool(found)} passed, {int(bool(found))} failed")
sys.exit(1 if found else 0)
