# RUN: %{python} %s
"""What `cmake --install` puts below a prefix works there, without the build folder."""

import os
import pathlib
import re
import shutil
import sys
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "end-to-end"))
import advxtest  # noqa: E402

OPTION = re.compile(r"(?<![\w-])(--[a-z][a-z-]+|-[A-Za-z])(?![\w-])")


class Installed(advxtest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.prefix = cls.class_folder / "prefix"
        advxtest.run("cmake", "--install", advxtest.BUILD, "--prefix", cls.prefix)
        cls.env = {"PATH": f"{cls.prefix / 'bin'}:/usr/bin:/bin"}
        for name in ("ADVX_STDLIB", "ADVX_RUNTIME"):
            os.environ.pop(name, None)

    def advx(self, *arguments, **options):
        return advxtest.run(self.prefix / "bin" / "advx", *arguments, cwd=self.folder, **options)

    def test_from_a_new_page_to_a_trained_model(self):
        data = advxtest.write_data(self.folder / "data", advxtest.fashion_mnist("train", 256),
                                   advxtest.fashion_mnist("t10k", 32))
        printed = self.advx("new", "my_idea").stdout
        commands = [line.split() for line in printed.splitlines() if line.startswith("  ")]
        self.assertEqual([words[1] for words in commands], ["check", "build", "train"])
        for words in commands:
            words = [str(data) if word == "DIR" else word for word in words]
            advxtest.run(*words, cwd=self.folder, env=self.env)
        self.assertTrue((self.folder / "runs/my_idea/summary.json").is_file())

    @unittest.skipIf("address" in advxtest.SANITIZERS, "LibTorch leaks")
    def test_f64_finds_its_library(self):
        data = advxtest.write_data(self.folder / "data", advxtest.fashion_mnist("train", 64))
        self.advx("new", "wide")
        self.advx("build", "--precision", "f64", "wide.advx")
        advxtest.run(self.folder / "wide", "train", "--data", data, "--out", self.folder / "run",
                     "--epochs", 1, "--set", "inner.steps=1")

    def test_the_manual_names_what_help_names(self):
        page = (advxtest.SOURCE / "docs/man/advx.1").read_text().replace("\\-", "-")
        described = set(OPTION.findall(re.sub(r"\\f.", "", page)))
        commands = re.findall(r"^  ([a-z-]+)  ", self.advx("--help").stdout.split("ommands:")[1],
                              re.MULTILINE)
        self.assertIn("build", commands)
        offered = {"-h", "--help", "--version"}
        for command in commands:
            self.assertIn(f"advx {command}", page)
            help_text = self.advx(command, "--help").stdout
            for line in help_text.splitlines():
                if re.match(r"  -", line):
                    offered |= set(OPTION.findall(line.split("  ")[1].split(" Excludes")[0]))
        # Options of executables and of other programs are described by their own help.
        self.assertEqual(offered - described, set())
        self.assertEqual(described - offered - {"--data", "--out", "--set"}, set())

    def test_the_manual_is_well_formed(self):
        if not shutil.which("groff"):
            self.skipTest("groff is not installed")
        result = advxtest.run("groff", "-man", "-Tascii", "-ww", "-z",
                              self.prefix / "share/man/man1/advx.1")
        self.assertEqual(result.stderr, "")

    def test_what_a_shell_is_offered(self):
        def offers(*words):
            return self.advx("complete", "--", *words).stdout.split()

        self.assertIn("explain-experiment", offers("expl"))
        self.assertIn("explain", offers("expl"))
        self.assertNotIn("check", offers("expl"))
        self.assertEqual(offers("build", "--prec"), ["--precision"])
        self.assertEqual(offers("build", "--precision", ""), ["f32", "f64"])
        self.assertEqual(offers("build", "--emit=part"), ["--emit=partitioned"])
        self.assertEqual(offers("build", "pa"), [], "files are the shell's")
        self.assertEqual(offers("build", "--output", ""), [])
        self.assertEqual(offers("nothing", ""), [])
        self.assertIn("ADVX0101", offers("explain", "ADVX01"))

    def test_bash_completes(self):
        script = self.prefix / "share/bash-completion/completions/advx"
        for line, expected in (("advx bui", "build"), ("advx build --pre", "--precision"),
                               ("advx build --emit=part", "partitioned"),
                               ("advx build --cpu x86-64-v4", "x86-64-v4")):
            result = advxtest.run(
                "bash", "-c", f'source "{script}"; COMP_LINE=$1; COMP_POINT=${{#1}}; _advx; '
                'printf "%s\\n" "${COMPREPLY[@]}"', "bash", line, env=self.env)
            self.assertEqual(result.stdout.split(), [expected], line)

    def test_fish_completes(self):
        if not shutil.which("fish"):
            self.skipTest("fish is not installed")
        script = self.prefix / "share/fish/vendor_completions.d/advx.fish"
        result = advxtest.run("fish", "--no-config", "-c",
                              f"source {script}; complete --do-complete 'advx build --pre'",
                              env={**self.env, "HOME": str(self.folder)})
        self.assertEqual(result.stdout.split(), ["--precision"])

    def test_zsh_script_parses(self):
        if not shutil.which("zsh"):
            self.skipTest("zsh is not installed")
        advxtest.run("zsh", "-n", self.prefix / "share/zsh/site-functions/_advx")

    def test_the_importers_are_there(self):
        for name in ("torch", "cifar"):
            advxtest.run(self.prefix / "bin" / f"advx-import-{name}", "--help", env=self.env)


class New(advxtest.TestCase):
    def new(self, name):
        result = advxtest.run(advxtest.ADVX, "new", name, check=False, cwd=self.folder)
        return result.returncode, result.stderr

    def test_names(self):
        for name in ("a", "_b", "pgd_at_he", "eval", "sub/c", "d.advx"):
            (self.folder / "sub").mkdir(exist_ok=True)
            self.assertEqual(self.new(name)[0], 0, name)
            page = self.folder / (name.removesuffix(".advx") + ".advx")
            advxtest.run(advxtest.ADVX, "check", page)
        for name in ("", ".", "..", "a-b", "for", "1a", "a b", "é", "../", "a.b", "-"):
            status, said = self.new(name)
            self.assertEqual(status, 2, name)

    def test_nothing_is_replaced(self):
        (self.folder / "mine.advx").write_text("mine")
        (self.folder / "link.advx").symlink_to("elsewhere")
        (self.folder / "folder.advx").mkdir()
        for name in ("mine", "link", "folder"):
            status, said = self.new(name)
            self.assertEqual(status, 2)
            self.assertIn("is there already", said)
        self.assertEqual((self.folder / "mine.advx").read_text(), "mine")
        self.assertFalse((self.folder / "elsewhere").exists())

    def test_a_folder_that_is_not_there(self):
        status, said = self.new("no/such")
        self.assertEqual(status, 3)
        self.assertIn("No such file", said)


if __name__ == "__main__":
    advxtest.main()
