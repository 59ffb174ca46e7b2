"""What `advx check` accepts, `advx build` builds: random pages over the whole language.

For each page, `advx check` ends with 0 or with 1 and a finding. Where it ends with 0, the page is
built at -O 0 and at -O 2 as far as the host program, and now and then as far as the object. The
pages of Inputs/builds once failed and come first. A page that fails is kept.
"""

import argparse
import pathlib
import subprocess
import sys
import tempfile
import time

import random_language

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "end-to-end"))

import advxtest  # noqa: E402

FAILED = advxtest.BUILD / "test" / "fuzz" / "failed"
EVERY = 10  # one page of so many goes on to the object


def check(page, to_object=False, levels=(0, 2)):
    """(whether the page was accepted, what is wrong or None)"""
    def run(*command):
        result = subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL,
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=300)
        return result.returncode, result.stderr.decode(errors="replace")

    code, text = run(advxtest.ADVX, "check", page)
    if code == 1 and "error[ADVX" in text:
        return False, None
    if code != 0:
        return False, f"check ends with {code}\n{text[-2000:]}"
    for level in levels:
        stage = ["--emit=obj", "-o", page.with_suffix(".o")] if to_object else ["--emit=host"]
        code, text = run(advxtest.ADVX, "build", page, "-O", level, *stage)
        if code != 0:
            return True, f"check accepts the page; build -O {level} ends with {code}\n{text[-2000:]}"
    return True, None


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=35, help="of wall time (35)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (0)")
    parser.add_argument("--count", type=int, help="so many pages instead")
    parser.add_argument("--print", type=int, metavar="SEED", help="print a page instead")
    options = parser.parse_args()
    if options.print is not None:
        print(random_language.page(options.print), end="")
        return
    pages = accepted = failed = 0
    ends = time.monotonic() + options.seconds

    def test(name, text, number):
        nonlocal pages, accepted, failed
        with tempfile.TemporaryDirectory(prefix="advx-fuzz-") as folder:
            page = pathlib.Path(folder) / f"{name}.advx"
            page.write_text(text)
            is_accepted, problem = check(page, number % EVERY == 0)
        pages += 1
        accepted += is_accepted
        if problem:
            failed += 1
            FAILED.mkdir(parents=True, exist_ok=True)
            kept = FAILED / f"build-{name}.advx"
            kept.write_text(text)
            print(f"page {name}: {problem}\n  page: {kept}", flush=True)

    for kept in sorted((HERE / "Inputs" / "builds").glob("*.advx")):
        test(kept.stem, kept.read_text(), 1)
    seed = options.first
    while (seed < options.first + options.count) if options.count else time.monotonic() < ends:
        test(seed, random_language.page(seed), seed)
        seed += 1
    print(f"{accepted} of {pages} pages were accepted and built")
    if accepted * 4 < pages:
        failed += 1
        print("fewer than a quarter of the pages mean something: the generator has lost its way")
    print(f"{pages - min(failed, pages)} passed, {failed} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
