# RUN: %{python} %s
"""Nothing in stdlib is known to the compiler by name.

The loss, head, solver and network of an example are copied out of stdlib under names that
mean nothing, into the page: the same IR and, bit for bit, the same trained weights.
"""

import re
import unittest

import advxtest

NAMES = {"ce": "astonishment", "hypersphere": "globe", "pgd": "climb", "mnist_cnn": "plain_stack"}
FILES = {"ce": "losses/ce", "hypersphere": "heads/hypersphere", "pgd": "solvers/pgd",
         "mnist_cnn": "networks/mnist_cnn"}


def rename(text):
    for old, new in NAMES.items():
        text = re.sub(rf"(?<![\w.'/]){old}(?![\w'])", new, text)
    return text


def renamed_page():
    copies = [(advxtest.SOURCE / "stdlib" / f"{path}.advx").read_text() for path in FILES.values()]
    return rename("\n".join([*copies, advxtest.example("fashion_mnist/pgd_at_he")]))


def bare(ir):
    """IR without locations, without the names of functions, whose order is kept, and without
    what quotes the page for the runtime."""
    ir = re.sub(r"^ *advx\.(program|setting|structural|attack_line|text) .*\n", "", ir, flags=re.MULTILINE)
    ir = re.sub(r"\{-#.*?#-\}\n", "", ir, flags=re.DOTALL)
    ir = re.sub(r"^#loc.*$\n?", "", ir, flags=re.MULTILINE)
    while True:
        shorter = re.sub(r"\s*loc\((?:[^()\"]|\"[^\"]*\"|\([^()]*\))*\)", "", ir)
        if shorter == ir:
            break
        ir = shorter
    symbols = {}
    return re.sub(r"@[\w.$']+|@\"[^\"]*\"",
                  lambda m: symbols.setdefault(m.group(), f"@s{len(symbols)}"), ir)


class Renamed(advxtest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.original = advxtest.example("fashion_mnist/pgd_at_he")
        cls.renamed = renamed_page()

    def emit(self, text, stage):
        page = self.folder / "page.advx"
        page.write_text(text)
        return bare(advxtest.run(advxtest.ADVX, "build", page, f"--emit={stage}").stdout)

    def test_the_copy_uses_none_of_the_names(self):
        for name in NAMES:
            self.assertIsNone(re.search(rf"(?<![\w.'/]){name}(?![\w'])", self.renamed), name)
            self.assertIn(NAMES[name], self.renamed)

    def test_the_ir_is_the_same(self):
        ir = self.emit(self.original, "differentiated")
        self.assertGreater(ir.count("advx."), 100)
        self.assertIn("advx.conv2d", ir)
        self.assertEqual(ir, self.emit(self.renamed, "differentiated"))

    def test_a_change_of_the_copy_is_seen(self):
        """The comparison above can fail: another scale is another program."""
        changed = self.renamed.replace("cos_theta - m", "cos_theta + m")
        self.assertNotEqual(changed, self.renamed)
        self.assertNotEqual(self.emit(self.original, "differentiated"),
                            self.emit(changed, "differentiated"))

    def test_the_trained_weights_are_the_same_bits(self):
        data = advxtest.write_data(self.folder / "data", advxtest.fashion_mnist("train", 384),
                                   advxtest.fashion_mnist("t10k", 32))
        states = []
        for name, text in (("original", self.original), ("renamed", self.renamed)):
            executable = advxtest.build_page(text)
            executable.train(self.folder / name, data, epochs=1, seed=11)
            states.append(advxtest.weights(advxtest.last_checkpoint(self.folder / name)))
        self.assertEqual(list(states[0]), list(states[1]))
        for name in states[0]:
            self.assertEqual(states[0][name].tobytes(), states[1][name].tobytes(), name)


if __name__ == "__main__":
    advxtest.main()
