"""Every code of Codes.def has a page and a golden that shows it; no page is left over."""

import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
source = (root / "compiler/diagnostics/Codes.def").read_text()
codes = {f"ADVX{number}": title for number, title in
         re.findall(r"^ADVX_CODE\((\d{4}), \w+, \w+,\s*\"([^\"]*)\"\)", source, re.M)}
goldens = "\n".join(path.read_text(errors="replace") for path in (root / "test").rglob("*")
                    if path.suffix in (".expected", ".test", ".advx", ".py", ".mlir"))
shown = set(re.findall(r"(?:\[|: )(ADVX\d{4})\b", goldens))

problems = []
if len(codes) != source.count("\nADVX_CODE("):
    problems.append("a line of Codes.def has another form")
for code, title in codes.items():
    page = root / f"docs/diagnostics/{code}.md"
    if not page.exists():
        problems.append(f"{code}: no page {page.relative_to(root)}")
    else:
        text = page.read_text()
        if not text.startswith(f"# {code}: {title}\n"):
            problems.append(f"{code}: the page does not begin with `# {code}: {title}`")
        for section in ("## What it means", "## Example", "## How to fix it"):
            if section not in text:
                problems.append(f"{code}: the page has no section `{section}`")
    if code not in shown:
        problems.append(f"{code}: no golden shows it")
for page in (root / "docs/diagnostics").glob("ADVX*.md"):
    if page.stem not in codes:
        problems.append(f"{page.name}: no such code in Codes.def")
print("\n".join(problems))
print(f"{len(codes)} codes, {len(problems)} problems")
sys.exit(1 if problems else 0)
