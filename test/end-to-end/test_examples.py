# RUN: %{python} %s
"""The pages below examples/: accepted without a warning, described where they lie, compared with
PyTorch, and the same on CIFAR-10 with the three lines that examples/README.md gives.
"""

import re
import unittest

import advxtest
import framework_programs

FOLDER = advxtest.SOURCE / "examples"
# Pages that train no framework of their own: hat's pages read a model of the first; some print what lemmas say,
# some are about their evaluation. Those of a mixture need its file, and are compared in test_mixture.py.
OTHERS = {"hat/standard", "lemmas/lemma_1", "lemmas/lemma_2", "lemmas/lemma_2_he", "dm_at/dm_at", "dm_at/dm_at_he",
          "autoattack/autoattack", "autoattack/autoattack_he"}


def names():
    return sorted(str(page.relative_to(FOLDER).with_suffix("")) for page in FOLDER.rglob("*.advx"))


class Examples(advxtest.TestCase):
    def test_pages_are_accepted_without_a_warning(self):
        for name in names():
            with self.subTest(page=name):
                result = advxtest.run(advxtest.ADVX, "check", FOLDER / f"{name}.advx")
                self.assertEqual(result.stdout + result.stderr, "")

    def test_every_framework_is_compared_with_pytorch(self):
        self.assertEqual(set(names()) - OTHERS, set(framework_programs.PROGRAMS))

    def test_every_page_is_described(self):
        contents = (FOLDER / "README.md").read_text()
        for name in names():
            folder, page = name.split("/")
            with self.subTest(page=name):
                self.assertIn(f"`{page}.advx`", (FOLDER / folder / "README.md").read_text())
                self.assertIn(f"]({folder}/README.md)", contents)

    def test_three_lines_bring_a_page_to_colour_images(self):
        shown = re.search(r"```advx\n(.*?)```", (FOLDER / "README.md").read_text(), re.DOTALL)[1]
        lines = [line.strip() for line in shown.splitlines()]
        self.assertEqual(len(lines), 3)
        for name in names():
            text = advxtest.example(name)
            for line in lines:
                begin = line[:line.index("=")] if "=" in line.split("(")[0] else "data "
                text, count = re.subn(rf"^  {re.escape(begin)}.*$", f"  {line}", text, flags=re.MULTILINE)
                self.assertEqual(count, 1, f"{name}: {line}")
            # Other models of the page are of other networks; they see the same images.
            page = self.folder / "page.advx"
            page.write_text(text)
            with self.subTest(page=name):
                checked = advxtest.run(advxtest.ADVX, "build", page, "--emit=checked").stdout
                self.assertIn("image [3, 32, 32]", checked)
                self.assertEqual(advxtest.run(advxtest.ADVX, "check", page).stderr, "")


if __name__ == "__main__":
    advxtest.main()
