# RUN: %{python} %s
"""What the compiler says to pages and machines that are wrong: place, reason, nothing written."""

import os
import unittest

import advxtest
import pages

GOOD = pages.page(name="good")

# what is wrong: (text to replace, by, words of the message)
PAGES = {
    "unknown function": ("ce(f(x'), y)", "cee(f(x'), y)", ("cee", "ce")),
    "unknown network": ("mnist_cnn()", "mnist_cn()", ("mnist_cn", "mnist_cnn")),
    "unknown argument": ("steps = 10", "stepps = 10", ("stepps", "steps")),
    "unknown data": ("fashion_mnist()", "fashion_minst()", ("fashion_minst", "fashion_mnist")),
    "wrong arity": ("ce(f(x' | y), y)", "ce(f(x' | y), y, y)", ()),
    "too few arguments": ("ce(f(x' | y), y)", "ce(f(x' | y))", ()),
    "wrong type": ("radius = 0.1", "radius = y", ()),
    "wrong shape": ("ce(f(x' | y), y)", "ce(x', y)", ()),
    "not a scalar": ("ce(f(x' | y), y)", "f(x' | y)", ()),
    "syntax": ("outer minimize", "outer minimise", ()),
    "unclosed": ("box(0, 1)", "box(0, 1", ()),
}


class BadPages(advxtest.TestCase):
    def page(self, text, name="page.advx"):
        path = self.folder / name
        path.write_text(text)
        return path

    def refused(self, page, *words, at=None):
        result = advxtest.run(advxtest.ADVX, "check", page, check=False)
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        self.assertRegex(result.stderr, rf"{at or page.name}:\d+:\d+")
        self.assertIn("^", result.stderr)
        for word in words:
            self.assertIn(word, result.stderr)
        build = advxtest.run(advxtest.ADVX, "build", page, "-o", self.folder / "exe", check=False)
        self.assertEqual(build.returncode, 1)
        self.assertFalse((self.folder / "exe").exists())
        return result

    def test_the_page_itself_is_fine(self):
        advxtest.run(advxtest.ADVX, "check", self.page(GOOD))

    def test_each_mistake_has_a_place_and_a_reason(self):
        for what, (old, new, words) in PAGES.items():
            with self.subTest(what):
                self.assertIn(old, GOOD)
                self.refused(self.page(GOOD.replace(old, new)), *words)

    def test_a_network_that_does_not_fit_its_input(self):
        network = """
        network narrow() {
          layer conv1 = conv2d(4, kernel = 40)
          forward(x) = flatten(conv1(x))
        }
        """
        self.refused(self.page(pages.page(network="narrow()", declarations=network)), "28")

    def test_several_mistakes_are_reported_at_once(self):
        text = GOOD.replace("ce(f(x'), y)", "cee(f(x'), y)").replace("mnist_cnn()", "mnist_cn()")
        result = self.refused(self.page(text), "cee", "mnist_cn")
        self.assertGreaterEqual(result.stderr.count("error"), 2)

    def test_cyclic_imports(self):
        self.page('import "b.advx"\nfn one(l : logits, y : label) : real = ce(l, y)\n', "a.advx")
        self.page('import "a.advx"\nfn two(l : logits, y : label) : real = ce(l, y)\n', "b.advx")
        self.refused(self.page('import "a.advx"\n' + GOOD), "a.advx", at="b.advx")

    def test_a_missing_page_and_a_missing_import(self):
        result = advxtest.run(advxtest.ADVX, "check", self.folder / "none.advx", check=False)
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("none.advx", result.stderr)
        self.refused(self.page('import "none.advx"\n' + GOOD), "none.advx")

    def test_explain_knows_every_code_it_prints(self):
        result = self.refused(self.page(GOOD.replace("mnist_cnn()", "mnist_cn()")))
        codes = [word.strip("[]:") for word in result.stderr.split() if word.startswith("error[")]
        codes = [code.removeprefix("error[") for code in codes]
        self.assertTrue(codes, result.stderr)
        for code in codes:
            self.assertIn(code, advxtest.run(advxtest.ADVX, "explain", code).stdout)
        self.assertNotEqual(advxtest.run(advxtest.ADVX, "explain", "E9999", check=False).returncode, 0)

    def test_explain_experiment_prints_a_page_that_compiles_to_the_same(self):
        full = advxtest.run(advxtest.ADVX, "explain-experiment", self.page(GOOD)).stdout
        self.assertIn("weight_decay", full)
        again = advxtest.run(advxtest.ADVX, "explain-experiment",
                             self.page(full, "full.advx")).stdout
        self.assertEqual(full, again)

    def test_unsupported_constructs_name_themselves(self):
        self.refused(self.page(GOOD.replace("  outer", "  let (lo, hi) = bounds(f(x), x in B(x))\n  outer")), "bounds",
                     "not supported yet")

    def test_no_linker_on_the_machine(self):
        page = self.page(GOOD)
        empty = self.folder / "empty"
        empty.mkdir()
        result = advxtest.run(advxtest.ADVX, "build", page, "-o", self.folder / "exe", check=False,
                              env={"PATH": str(empty)})
        self.assertNotEqual(result.returncode, 0, "a build without a linker cannot succeed")
        self.assertRegex(result.stderr, "link|c\\+\\+|g\\+\\+")
        self.assertFalse((self.folder / "exe").exists())

    def test_an_executable_that_cannot_be_written(self):
        result = advxtest.run(advxtest.ADVX, "build", self.page(GOOD), "-o",
                              self.folder / "no" / "exe", check=False)
        self.assertNotEqual(result.returncode, 0)
        self.assertIn(os.fspath(self.folder / "no"), result.stderr)


if __name__ == "__main__":
    advxtest.main()
