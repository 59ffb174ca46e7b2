# RUN: %{python} %s
"""The provider `aten`: chosen for f64, in the record, same numbers as -O0, and not loaded or
missed where nothing asks for it."""

import json
import pathlib
import shutil
import unittest
import unittest.mock

import advxtest
import pages

BATCH = 16
LINK = json.loads((advxtest.BUILD / "lib" / "advx-link.json").read_text())


@unittest.skipIf("aten" not in LINK["providers"], "this build has no provider `aten`")
class Aten(advxtest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.data = advxtest.write_data(cls.class_folder / "data",
                                       advxtest.fashion_mnist("train", 2 * BATCH))
        cls.page = pages.page(inner=None, batch=BATCH, loss="ce(f(x), y)")

    def train(self, executable, name):
        executable.train(self.folder / name, self.data)
        record = json.loads((self.folder / name / "run.json").read_text())
        return advxtest.weights(advxtest.last_checkpoint(self.folder / name)), record

    def test_f64_is_that_of_O0(self):
        fast = advxtest.build_page(self.page, "--precision", "f64")
        plain = advxtest.build_page(self.page, "--precision", "f64", "-O0")
        ours, record = self.train(fast, "fast")
        expected, plain_record = self.train(plain, "plain")
        self.assertEqual(ours.keys(), expected.keys())
        for name, value in expected.items():
            self.assertClose(ours[name], value, 1e-12, name)
        by_aten = {use["op"] for use in record["library"] if use["provider"] == "aten"}
        self.assertLessEqual({"conv2d", "conv2d_input_grad", "conv2d_weight_grad", "matvec",
                              "outer"}, by_aten)
        # One input channel: too little for ATen to gain anything.
        self.assertIn("plain", {use["provider"] for use in record["library"]})
        self.assertEqual(plain_record["library"], [])

    def test_any_number_of_threads_gives_the_same_bits(self):
        executable = advxtest.build_page(self.page, "--precision", "f64")
        one, _ = self.train(executable, "one")
        with unittest.mock.patch.object(advxtest, "THREADS", 3):
            three, _ = self.train(executable, "three")
        for name, value in one.items():
            self.assertSameArray(three[name], value, name)

    def test_the_memory_it_takes_is_in_the_record(self):
        executable = advxtest.build_page(self.page, "--precision", "f64")
        self.train(executable, "run")
        summary = json.loads((self.folder / "run" / "summary.json").read_text())
        # The patches of one example of the second convolution, 16 x 4 x 4 taps at 7 x 7 places.
        self.assertGreater(summary["memory"]["library_scratch"], 16 * 16 * 49 * 8)

    def test_an_absent_library_is_missed_by_the_first_op_alone(self):
        runtime = self.folder / "lib"
        shutil.copytree(advxtest.BUILD / "lib", runtime)
        page = self.folder / "page.advx"
        page.write_text(self.page)
        path = self.folder / "page"
        advxtest.run(advxtest.ADVX, "build", page, "-o", path, "--precision", "f64",
                     env={"ADVX_RUNTIME": str(runtime)})
        (runtime / "libadvx_aten.so").unlink()
        executable = advxtest.Executable(path)
        executable.info()
        result = executable.train(self.folder / "run", self.data, check=False)
        self.assertNotEqual(result.returncode, 0)
        self.assertIn("cannot load the provider `aten`", result.stderr)
        self.assertIn("LD_LIBRARY_PATH", result.stderr)
        executable.train(self.folder / "found", self.data,
                         env={"LD_LIBRARY_PATH": str(advxtest.BUILD / "lib")})

    def test_f32_does_not_load_it(self):
        executable = advxtest.build_page(self.page)
        log = self.folder / "libraries"
        executable.train(self.folder / "run", self.data,
                         env={"LD_DEBUG": "libs", "LD_DEBUG_OUTPUT": str(log)})
        said = "".join(path.read_text() for path in pathlib.Path(self.folder).glob("libraries.*"))
        self.assertIn("libdnnl", said)
        self.assertNotIn("torch", said)


if __name__ == "__main__":
    advxtest.main()
