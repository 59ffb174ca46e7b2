# RUN: %{python} %s
"""The pages below examples/: accepted without a warning, described where they lie, compared with PyTorch."""

import unittest

import advxtest
import framework_programs

FOLDER = advxtest.SOURCE / "examples"
# Pages that train no framework.
OTHERS = {"hat/standard"}


def names():
    return sorted(str(page.relative_to(FOLDER).with_suffix("")) for page in FOLDER.rglob("*.advx"))


class Examples(advxtest.TestCase):
    def test_pages_are_accepted_without_a_warning(self):
        for name in names():
            with self.subTest(page=name):
                result = advxtest.run(advxtest.ADVX, "check", FOLDER / f"{name}.advx")
                self.assertEqual(result.stdout + result.stderr, "")

    def test_every_framework_is_compared_with_pytorch(self):
        self.assertEqual(set(names()), set(framework_programs.PROGRAMS) | OTHERS)

    def test_every_page_is_described(self):
        contents = (FOLDER / "README.md").read_text()
        for name in names():
            folder, page = name.split("/")
            with self.subTest(page=name):
                self.assertIn(f"`{page}.advx`", (FOLDER / folder / "README.md").read_text())
                self.assertIn(f"]({folder}/README.md)", contents)


if __name__ == "__main__":
    advxtest.main()
