# RUN: %{python} %s
"""Data sets and checkpoints that are damaged or do not fit: an error with the path, exit code 1,
nothing half-written."""

import gzip
import struct
import unittest

import numpy as np

import advxtest
import pages
import safetensors_lite

COUNT = 32


class BadInput(advxtest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.examples = advxtest.fashion_mnist("train", COUNT)
        cls.data = advxtest.write_data(cls.class_folder / "data", cls.examples)
        cls.executable = advxtest.build_page(pages.tiny(batch=16, evaluate="clean"))
        cls.executable.train(cls.class_folder / "run", cls.data)
        cls.checkpoint = advxtest.last_checkpoint(cls.class_folder / "run")

    def refused(self, result, *words, code=1):
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        for word in words:
            self.assertIn(str(word), result.stderr)
        self.assertLess(len(result.stderr.splitlines()), 12)

    def train(self, folder, *words, code=1):
        out = self.folder / "out"
        result = self.executable.train(out, folder, check=False)
        self.refused(result, *words, code=code)
        self.assertFalse((out / "summary.json").exists())
        self.assertFalse(list(out.rglob("*.safetensors")) if out.exists() else False)


class BadData(BadInput):
    def damaged(self, name, change):
        """A copy of the data with one file changed; returns (folder, path of that file)."""
        folder = advxtest.write_data(self.folder / "data", self.examples)
        path = folder / name
        path.write_bytes(change(path.read_bytes()))
        return folder, path

    def test_no_such_directory(self):
        self.train(self.folder / "nowhere", self.folder / "nowhere")

    def test_a_missing_file_is_named(self):
        folder = advxtest.write_data(self.folder / "data", self.examples)
        (folder / "train-labels-idx1-ubyte").unlink()
        self.train(folder, "train-labels-idx1-ubyte")

    def test_truncated_anywhere(self):
        whole = len((self.data / "train-images-idx3-ubyte").read_bytes())
        for size in (0, 3, 10, 16, 17, whole // 2, whole - 1):
            with self.subTest(size=size):
                folder, path = self.damaged("train-images-idx3-ubyte", lambda b: b[:size])
                self.train(folder, path)

    def test_extra_bytes(self):
        folder, path = self.damaged("train-images-idx3-ubyte", lambda b: b + b"x")
        self.train(folder, path)

    def test_not_idx(self):
        folder, path = self.damaged("train-images-idx3-ubyte", lambda b: b"\x89PNG" + b[4:])
        self.train(folder, path)

    def test_sizes_that_overflow(self):
        folder, path = self.damaged(
            "train-images-idx3-ubyte", lambda b: b[:4] + struct.pack(">III", *[2**32 - 1] * 3) + b[16:])
        self.train(folder, path)

    def test_labels_outside_the_classes(self):
        folder, path = self.damaged("train-labels-idx1-ubyte", lambda b: b[:-5] + b"\x0a" + b[-4:])
        self.train(folder, path.name, "10")

    def test_fewer_labels_than_images(self):
        images, labels = self.examples
        folder = advxtest.write_data(self.folder / "data", (images, labels[:-1]))
        self.train(folder, COUNT, COUNT - 1)

    def test_images_of_another_shape(self):
        images, labels = self.examples
        folder = advxtest.write_data(self.folder / "data", (images[:, :27], labels))
        self.train(folder, "27", "28")

    def test_an_empty_data_set(self):
        images, labels = self.examples
        folder = advxtest.write_data(self.folder / "data", (images[:0], labels[:0]))
        self.train(folder)

    def test_gzip(self):
        folder = self.folder / "gz"
        folder.mkdir()
        for path in self.data.iterdir():
            (folder / (path.name + ".gz")).write_bytes(gzip.compress(path.read_bytes()))
        self.executable.train(self.folder / "good", folder)
        self.assertSameFile(advxtest.last_checkpoint(self.folder / "good"), self.checkpoint)
        path = folder / "train-images-idx3-ubyte.gz"
        whole = path.read_bytes()
        flipped = bytearray(whole)
        flipped[len(whole) // 2] ^= 0x55
        for name, content in (("cut", whole[: len(whole) // 2]), ("checksum", whole[:-8] + bytes(8)),
                              ("flipped", bytes(flipped)), ("header", b"\x1f\x8b"),
                              ("empty", b"")):
            with self.subTest(name):
                path.write_bytes(content)
                self.train(folder, path)


class BadCheckpoint(BadInput):
    def evaluate(self, path, *words):
        for result in (self.executable.evaluate(path, self.data, check=False),
                       self.executable.train(self.folder / "out", self.data, check=False,
                                             extra=["--init", path])):
            self.refused(result, path, *words)

    def test_missing(self):
        self.evaluate(self.folder / "none.safetensors")

    def test_truncated_anywhere(self):
        whole = self.checkpoint.read_bytes()
        path = self.folder / "cut.safetensors"
        for size in (0, 4, 8, 100, len(whole) // 2, len(whole) - 1):
            with self.subTest(size=size):
                path.write_bytes(whole[:size])
                self.evaluate(path)

    def test_extra_bytes(self):
        path = self.folder / "long.safetensors"
        path.write_bytes(self.checkpoint.read_bytes() + b"\0")
        self.evaluate(path)

    def test_a_header_that_lies(self):
        path = self.folder / "lies.safetensors"
        for length in (2**63, 2**40, 10**6):
            path.write_bytes(struct.pack("<Q", length) + self.checkpoint.read_bytes()[8:])
            self.evaluate(path)

    def test_another_network(self):
        other = advxtest.build_page(pages.normed(batch=16))
        path = self.folder / "other.safetensors"
        other.init(path)
        self.evaluate(path)

    def test_another_shape_is_named(self):
        arrays, metadata = safetensors_lite.read(self.checkpoint)
        arrays["z.fc.weight"] = np.ascontiguousarray(arrays["z.fc.weight"][:, :-1])
        path = self.folder / "shape.safetensors"
        safetensors_lite.write(path, arrays, metadata)
        self.evaluate(path, "z.fc.weight")

    def test_a_missing_tensor_is_named(self):
        arrays, metadata = safetensors_lite.read(self.checkpoint)
        del arrays["z.conv2.bias"]
        path = self.folder / "less.safetensors"
        safetensors_lite.write(path, arrays, metadata)
        self.evaluate(path, "z.conv2.bias")


if __name__ == "__main__":
    advxtest.main()
