"""explain-experiment of the good pages and the shipped ones: compiles, changes no value, and is a fixed point."""

import pathlib
import re
import subprocess
import sys
import tempfile

root, program = pathlib.Path(sys.argv[1]), sys.argv[2]


def run(page, *options):
    result = subprocess.run([program, "--stdlib", root / "stdlib", *options, page],
                            capture_output=True, text=True, check=False)
    return result.returncode, result.stdout


def without_lints(text):
    """Lints come first and end with a line that counts them."""
    return re.sub(r"\A.*?`advx explain ADVX\d+` says more\n", "", text, flags=re.S)


def values(dump):
    """What the page means: settings by value, programs as they are, without what is called a default."""
    return re.sub(r" default\b", "", without_lints(dump))


pages = sorted((root / "test/sema/good").glob("*.advx"))
pages += sorted((root / "examples").rglob("*.advx"))
failed = 0
for page in pages:
    problems = []
    code, text = run(page, "--explain")
    with tempfile.TemporaryDirectory() as folder:
        full = pathlib.Path(folder) / page.name
        (full.parent / "more").symlink_to(page.parent / "more")  # what pages read
        full.write_text(without_lints(text))
        again_code, again = run(full, "--explain")
        first, second = run(page, "--dump"), run(full, "--dump")
    if code or again_code:
        problems.append(f"exit status {code}, then {again_code}:\n{again}")
    elif without_lints(again) != without_lints(text):
        problems.append("explaining the explained page changes it")
    elif (left := [line for line in second[1].splitlines() if re.search(r"\bdefault\b", line)
                   # What an attack declared elsewhere leaves out is not on the page, and a
                   # start whose radius depends on the example has no number to write.
                   and not re.search(r"attack[ (]", text)]):
        problems.append("a default is left:\n" + "\n".join(left))
    elif len(values(first[1]).splitlines()) != len(values(second[1]).splitlines()):
        problems.append("the explained page means something else")
    failed += bool(problems)
    for problem in problems:
        print(f"{page.name}: {problem}")
print(f"{len(pages) - failed} passed, {failed} failed")
sys.exit(1 if failed or not pages else 0)
