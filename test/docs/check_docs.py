# RUN: %{python} %s
"""The documents hold: what they show compiles, what they say to run runs, what they name is there.

In any tracked Markdown file,
  * `<!-- file: PATH -->` before a code block: the block is that file;
  * `<!-- run -->` before a shell block: it is run, one scratch folder for each document, with the
    built programs on the path, $DATA a small data set, $ADVX_SOURCE the repository;
  * `<!-- prints -->` before a text block: the lines of that block follow each other in what the
    run block above it printed; `…` in a line stands for any text, a line `…` for any lines;
  * other shell blocks: the scripts they name exist and can be executed;
  * an advx block with an `experiment`: `advx check` accepts it;
  * relative links lead to files.
"""

import os
import pathlib
import re
import subprocess
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "end-to-end"))
import advxtest  # noqa: E402

BLOCK = re.compile(r"^(?:<!-- (?P<mark>[^>]*?) -->\n)?```(?P<kind>\w+)\n(?P<text>.*?)^```$",
                   re.MULTILINE | re.DOTALL)
CODE = re.compile(r"```.*?```|`[^`\n]*`", re.DOTALL)
LINK = re.compile(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)")
SCRIPT = re.compile(r"(?:^|[\s&|])((?:scripts|bench)/[\w./-]+)")


SEPARATOR = "=== end of a block ==="


def pattern(shown):
    """The regular expression of a `prints` block."""
    lines = [re.escape(line).replace("…", ".*") + "\n" for line in shown.splitlines()]
    return "".join(r"(?:.*\n)*?" if line == ".*\n" else line for line in lines)


def documents():
    listed = subprocess.run(["git", "-c", "safe.directory=*", "ls-files", "*.md"], cwd=advxtest.SOURCE, check=True,
                            capture_output=True, text=True).stdout.split()
    return [advxtest.SOURCE / name for name in listed]


def blocks(kind):
    """(document, line, mark, text) of every code block of a kind."""
    for document in documents():
        text = document.read_text()
        for found in BLOCK.finditer(text):
            if found["kind"] == kind:
                line = text.count("\n", 0, found.start()) + 1
                yield document, line, found["mark"] or "", found["text"]


class Documents(advxtest.TestCase):
    def test_links_lead_somewhere(self):
        for document in documents():
            for target in LINK.findall(CODE.sub("", document.read_text())):
                with self.subTest(document=document.name, target=target):
                    self.assertTrue((document.parent / target).exists())

    def test_scripts_that_are_named_exist(self):
        found = 0
        for document, line, mark, text in blocks("sh"):
            for script in SCRIPT.findall(text):
                found += 1
                with self.subTest(document=document.name, line=line):
                    self.assertTrue(os.access(advxtest.SOURCE / script, os.X_OK), script)
        self.assertGreater(found, 0)

    def test_files_are_shown_as_they_are(self):
        found = 0
        for document, line, mark, text in blocks("advx"):
            if mark.startswith("file: "):
                found += 1
                with self.subTest(document=document.name, line=line):
                    self.assertEqual(text, (advxtest.SOURCE / mark[len("file: "):]).read_text())
        self.assertGreater(found, 0)

    def test_pages_are_accepted(self):
        found = 0
        for document, line, _, text in blocks("advx"):
            # A page with `…` in it is a form to fill in; the pages of the diagnostics show what
            # is wrong, and the lines that mend it.
            if "…" in text or document.parent.name == "diagnostics" or not re.search(r"^experiment\s+\w+\s*\{.*^\}", text, re.MULTILINE | re.DOTALL):
                continue
            found += 1
            with self.subTest(document=document.name, line=line):
                page = self.folder / "page.advx"
                page.write_text(text)
                advxtest.run(advxtest.ADVX, "check", page)
        self.assertGreater(found, 0)

    def test_commands_run(self):
        data = advxtest.write_data(self.folder / "data", advxtest.fashion_mnist("train", 256),
                                   advxtest.fashion_mnist("t10k", 64))
        path = f"{advxtest.BUILD / 'bin'}:/usr/lib/llvm-19/bin:{os.environ['PATH']}"
        scripts = {}
        for document, line, mark, text in blocks("sh"):
            if mark == "run":
                scripts.setdefault(document, []).append((line, text))
        shown = {}
        for document, line, mark, text in blocks("text"):
            if mark == "prints":
                shown.setdefault(document, []).append((line, text))
        self.assertGreater(len(scripts), 0)
        self.assertGreater(len(shown), 0)
        for document, texts in scripts.items():
            with self.subTest(document=document.name):
                folder = self.folder / "-".join(document.relative_to(advxtest.SOURCE).with_suffix("").parts)
                folder.mkdir()
                script = f"echo; echo '{SEPARATOR}'\n".join(text for _, text in texts)
                result = advxtest.run("bash", "-euo", "pipefail", "-c", script, cwd=folder,
                                      env={"PATH": path, "DATA": str(data),
                                           "ADVX_SOURCE": str(advxtest.SOURCE)})
                printed = (result.stdout).split(SEPARATOR + "\n")
                for line, text in shown.get(document, []):
                    index = sum(begin < line for begin, _ in texts) - 1
                    self.assertGreaterEqual(index, 0, f"line {line}: nothing is run above it")
                    self.assertRegex(printed[index], pattern(text), f"line {line}")


if __name__ == "__main__":
    advxtest.main()
