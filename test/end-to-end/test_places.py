# RUN: %{python} %s
"""What `advx` reads and writes: regular files, none of them an input that it replaces; and what it
says where the machine gives it no streams, no room or no folder."""

import json
import os
import pathlib
import resource
import socket
import stat
import subprocess
import unittest

import advxtest
import pages


class Places(advxtest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.page = cls.class_folder / "page.advx"
        cls.imported = cls.class_folder / "more.advx"
        cls.imported.write_text("fn other(l : logits, y : label) : real = ce(l, y)\n")
        cls.page.write_text('import "more.advx"\n'
                            + pages.tiny(batch=16).replace("ce(f(x' | y)", "other(f(x' | y)"))

    def advx(self, *words, **options):
        return advxtest.run(advxtest.ADVX, *words, check=False, **options)

    def refused(self, out, *words, option="-o"):
        result = self.advx("build", self.page, option, out)
        self.assertEqual(result.returncode, 3, result.stdout + result.stderr)
        for word in ("ADVX0803", *words):
            self.assertIn(str(word), result.stderr)

    def test_an_output_never_replaces_an_input(self):
        for path, words in ((self.page, "the page itself"), (self.imported, "imports")):
            before = path.read_bytes()
            link, name = self.folder / f"link-{path.name}", self.folder / f"name-{path.name}"
            link.symlink_to(path)
            os.link(path, name)
            for out in (path, link, name, path.parent / ".." / path.parent.name / path.name,
                        os.path.relpath(path)):
                self.refused(out, words)
            self.assertEqual(path.read_bytes(), before)
        self.refused(advxtest.ADVX, "advx itself")
        self.refused(advxtest.SOURCE / "stdlib" / "losses" / "ce.advx", "standard library")
        self.refused(advxtest.BUILD / "lib" / "advx-link.json", "a part of the runtime")
        # The experiment's name, where no -o says another, may be the page's too.
        page = self.folder / "probe"
        page.write_text(pages.tiny(batch=16))
        result = self.advx("build", page, cwd=self.folder)
        self.assertEqual(result.returncode, 3, result.stderr)
        self.assertEqual(page.read_text(), pages.tiny(batch=16))

    def test_an_executable_knows_its_inputs_whatever_bytes_their_paths_hold(self):
        folder = self.folder / os.fsdecode(b"caf\xe9 %41")
        folder.mkdir()
        page, imported = folder / os.fsdecode(b"p\xff.advx"), folder / "more.advx"
        imported.write_text(self.imported.read_text())
        page.write_text(self.page.read_text())
        first, second = self.folder / "first", self.folder / "second"
        weights = folder / "w.safetensors"
        self.assertEqual(self.advx("build", page, "-o", first).returncode, 0)
        result = advxtest.run(first, "init", "--seed", 1, "--out", weights, check=False)
        self.assertEqual(result.returncode, 0, result.stderr)
        text = page.read_text()
        page.write_text(text.replace("features z = tiny()", 'features z = tiny() from "w.safetensors"'))
        self.assertNotEqual(page.read_text(), text)
        result = self.advx("build", page, "-o", second)
        self.assertEqual(result.returncode, 0, result.stderr)
        for path, words in ((page, "is the page"), (imported, "that the page imports"),
                            (weights, "that the page names")):
            before = path.read_bytes()
            link = self.folder / "link"
            link.symlink_to(path)
            for out in (path, link):
                result = advxtest.run(second, "init", "--seed", 2, "--out", out, check=False)
                self.assertEqual(result.returncode, 2, result.stderr)
                self.assertIn(words, result.stderr)
            link.unlink()
            self.assertEqual(path.read_bytes(), before)
        result = advxtest.run(second, "init", "--seed", 2, "--out", self.folder / "out.safetensors",
                              check=False)
        self.assertEqual(result.returncode, 0, result.stderr)
        # The record of a run is UTF-8 all the same.
        info = json.loads(advxtest.run(second, "info", "--json").stdout)
        self.assertTrue(info["source"]["path"].endswith("p\\xff.advx"), info["source"])

    def test_what_is_no_file_is_not_replaced(self):
        fifo, unbound, victim = (self.folder / n for n in ("fifo", "socket", "victim"))
        os.mkfifo(fifo)
        victim.write_text("kept")
        (self.folder / "link").symlink_to(victim)
        (self.folder / "dangling").symlink_to(self.folder / "nowhere")
        nodes = [fifo, unbound, self.folder, self.folder / "link", self.folder / "dangling"]
        if os.geteuid() == 0:  # a node of our own; never one of the system
            device = self.folder / "device"
            try:
                os.mknod(device, 0o600 | stat.S_IFCHR, os.makedev(1, 3))
                nodes.append(device)
            except PermissionError:
                pass  # a container that makes no nodes
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(unbound))
            for path in nodes:
                kind = os.lstat(path).st_mode
                for options in ([], ["--emit=obj"]):
                    result = self.advx("build", self.page, "-o", path, *options)
                    self.assertEqual(result.returncode, 3, result.stderr)
                    self.assertEqual(os.lstat(path).st_mode, kind, path)
        self.assertEqual(victim.read_text(), "kept")
        self.assertFalse((self.folder / "nowhere").exists())

    def test_stages_replace_nothing(self):
        stages = self.folder / "stages"
        stages.mkdir()
        victim = self.folder / "victim"
        victim.write_text("kept")
        (stages / "01-ast.txt").symlink_to(victim)
        names = [p.name for p in stages.iterdir()]
        for name in names:
            result = self.advx("build", self.page, "--emit=checked", "--dump-stages", stages)
        self.assertEqual(victim.read_text(), "kept", result.stderr)

    def test_names_reach_the_linker_as_names(self):
        for name in ("-Wl,--version", "@x"):
            result = self.advx("build", self.page, "-O0", f"--output={name}", cwd=self.folder)
            self.assertEqual(result.returncode, 0, result.stderr)
            info = subprocess.run([self.folder / name, "info", "--json"], capture_output=True)
            self.assertEqual(json.loads(info.stdout)["experiment"], "probe")

    def test_pages_are_regular_files(self):
        fifo, long = self.folder / "fifo", self.folder / "long"
        os.mkfifo(fifo)
        with open(long, "wb") as file:
            file.truncate(1 << 40)  # a hole
        for command in ("check", "build", "explain-experiment"):
            for path, words in ((fifo, "a pipe"), ("/dev/zero", "a device"),
                                (self.folder, "a directory"), (self.folder / "none", "cannot read"),
                                (long, "too many for a page")):
                result = self.advx(command, path, timeout=60)
                self.assertEqual(result.returncode, 3, result.stderr)
                self.assertIn("ADVX0801", result.stderr)
                self.assertIn(words, result.stderr)

    def test_closed_streams_and_a_full_device(self):
        def run(shell, *words):
            return subprocess.run(["bash", "-c", f'exec "$@" {shell}', "sh", advxtest.ADVX, *words],
                                  capture_output=True, text=True, cwd=self.folder)
        stages = [self.folder / "plain", self.folder / "closed"]
        for folder, shell in zip(stages, ("", "<&- >&- 2>&-")):
            result = run(shell, "build", self.page, "--emit=problem", "--dump-stages", folder)
            self.assertEqual(result.returncode, 0, result.stderr)
        for path in stages[0].iterdir():
            self.assertSameFile(path, stages[1] / path.name)
        for words in (["--help"], ["--version"], ["explain"], ["explain", "ADVX0101"],
                      ["explain-experiment", self.page], ["check", "--json", self.page],
                      ["build", self.page, "--emit=problem"], ["build", "--help"]):
            with self.subTest(words):
                result = run(">/dev/full", *words)
                self.assertEqual(result.returncode, 3, result.stderr)
                self.assertIn("cannot write standard output", result.stderr)
        # What is wrong with the page is told before what is wrong with the disk.
        bad = self.folder / "bad.advx"
        bad.write_text("experiment e {}\n")
        self.assertEqual(run(">/dev/full", "check", "--json", bad).returncode, 1)

    def test_names_that_are_not_text(self):
        folder = os.fsencode(self.folder) + b"/d\xff"
        os.mkdir(folder)
        page = folder + b"/p\xfe.advx"
        with open(page, "w") as file:
            file.write("experiment e {}\n")
        result = subprocess.run([advxtest.ADVX, "check", "--json", page], capture_output=True)
        self.assertEqual(result.returncode, 1, result.stderr)
        json.loads(result.stdout.decode("utf-8"))
        with open(page, "w") as file:
            file.write(pages.tiny(batch=16))
        out = folder + b"/e\xfd"
        subprocess.run([advxtest.ADVX, "build", "-O0", page, "-o", out], check=True)
        info = subprocess.run([out, "info", "--json"], capture_output=True, check=True)
        self.assertEqual(json.loads(info.stdout.decode("utf-8"))["experiment"], "probe")

    def test_no_folder_for_temporary_files(self):
        result = self.advx("build", "-O0", self.page, "-o", self.folder / "exe",
                           env={"TMPDIR": str(self.folder / "none")})
        self.assertEqual(result.returncode, 3, result.stderr)
        self.assertIn("TMPDIR", result.stderr)
        self.assertFalse((self.folder / "exe").exists())

    @unittest.skipIf("address" in advxtest.SANITIZERS, "it maps the whole address space")
    def test_too_little_memory(self):
        example = advxtest.SOURCE / "examples" / "fashion_mnist" / "pgd_at_he.advx"

        def within(megabytes, *arguments):
            def little():
                resource.setrlimit(resource.RLIMIT_AS, (megabytes << 20, megabytes << 20))
            return self.advx(*arguments, preexec_fn=little)

        # What the program takes before it does anything, then less than a build needs.
        loads = next(m for m in range(100, 2000, 2) if within(m, "--version").returncode == 0)
        for megabytes in (loads, loads + 8, loads + 40, loads + 80):
            result = within(megabytes, "build", example, "-o", self.folder / "exe")
            self.assertIn(result.returncode, (0, 3), f"{megabytes} MB: {result.stderr[-500:]}")
            self.assertEqual([p for p in pathlib.Path(self.folder).iterdir() if p.name != "exe"], [])


if __name__ == "__main__":
    advxtest.main()
