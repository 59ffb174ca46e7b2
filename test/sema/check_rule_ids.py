"""Every rule id [L-…] of docs/language/reference.md is cited by a test below test/, and vice versa."""

import pathlib
import re
import sys

root = pathlib.Path(sys.argv[1])
rules = re.findall(r"\[(L-[a-z0-9-]+)\]", (root / "docs/language/reference.md").read_text())
cited = {}
for path in sorted((root / "test").rglob("*")):
    if path.suffix in (".advx", ".test", ".py", ".mlir") and path.name != "check_rule_ids.py":
        for rule in re.findall(r"\bL-[a-z0-9]+-[a-z0-9-]+\b", path.read_text(errors="replace")):
            cited.setdefault(rule, path.relative_to(root))

problems = [f"{rule}: stated twice" for rule in sorted(set(rules)) if rules.count(rule) > 1]
problems += [f"{rule}: no test cites it" for rule in rules if rule not in cited]
problems += [f"{rule}: cited by {path}, but no rule" for rule, path in cited.items() if rule not in rules]
print("\n".join(problems))
print(f"{len(set(rules))} rules, {len(problems)} problems")
sys.exit(1 if problems or not rules else 0)
