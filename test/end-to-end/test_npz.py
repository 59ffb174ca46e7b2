# RUN: %{python} %s
"""Images and labels of `.npz` files: every arrangement and type that is read, and every file that is not.

Rules: L-data-npz, L-data-files.
"""

import io
import unittest
import zipfile

import numpy as np

import advxtest
import pages

COUNT = 12
DATASET = """
dataset published() {
  format  = "npz"
  image   = [3, 8, 7]
  classes = 10
  range   = [0, 1]
  train   = ["train.npz", "more.npz"]
  test    = "test.npz"
}
"""
SMALL = """
network small() {
  layer fc = linear(4)
  forward(x) = fc(flatten(x))
}
"""


def page(data="published()", declarations=DATASET):
    text = pages.page(network="small()", declarations=SMALL + declarations, inner=None, loss="ce(f(x), y)",
                      optimizer="sgd(lr = 0.1)", batch=4, evaluate="clean  a = pgd(steps = 1)")
    return text.replace("fashion_mnist()", data).replace("radius = 0.1", "radius = 0")


def fortran(array):
    return np.asfortranarray(array)


class Npz(advxtest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        source = np.random.default_rng(1)
        cls.images = source.integers(0, 256, (COUNT, 8, 7, 3), np.uint8)
        cls.labels = source.integers(0, 10, COUNT)
        cls.executable = advxtest.build_page(page(), "--precision", "f64")
        cls.data = cls.write(cls.class_folder / "data")
        cls.executable.train(cls.class_folder / "run", cls.data)
        cls.checkpoint = advxtest.last_checkpoint(cls.class_folder / "run")

    @classmethod
    def write(cls, folder, save=np.savez, **arrays):
        """A folder of three files; `arrays` replace those of test.npz."""
        folder.mkdir(parents=True, exist_ok=True)
        for name in ("train", "more", "test"):
            held = {"image": cls.images, "label": cls.labels, **(arrays if name == "test" else {})}
            save(folder / f"{name}.npz", **{key: array for key, array in held.items() if array is not None})
        return folder

    def attacked(self, folder):
        return self.executable.attack(self.checkpoint, folder, "test", "a")

    def test_arrangements_and_types(self):
        first = self.images.transpose(0, 3, 1, 2)
        kinds = {"compressed": dict(save=np.savez_compressed), "channels_first": dict(image=first),
                 "strided": dict(image=self.images[::-1][::-1]), "extra": dict(extra=np.zeros(3))}
        for kind in ("int8", "uint8", "int16", "uint16", "int32", "uint32", "int64", "uint64"):
            kinds[kind] = dict(label=self.labels.astype(kind))
        for name, options in kinds.items():
            with self.subTest(name):
                arrays = self.attacked(self.write(self.folder / name, **options))
                np.testing.assert_array_equal(arrays["y"], self.labels)
                np.testing.assert_array_equal(np.rint(255 * arrays["x"]), first)

    def test_files_follow_each_other_and_make_the_record(self):
        # `train.npz` and `more.npz` are one training split.
        record = (self.class_folder / "run" / "run.json").read_text()
        self.assertIn(f'"train": "{2 * COUNT} examples, crc32 ', record)

    def test_bad_arrays(self):
        wrong = np.arange(COUNT) + 5
        for name, arrays, said in (
                ("float", dict(image=self.images / 255), "the array `image` of `"),
                ("float", dict(image=self.images / 255), "is of elements `<f8`, expected bytes, `uint8`"),
                ("fortran", dict(image=fortran(self.images)), "is in Fortran order, expected C order"),
                ("shape", dict(image=self.images[:, :, :6]),
                 "is of shape [12, 8, 6, 3], expected N images [8, 7, 3] or [3, 8, 7]"),
                ("one", dict(image=self.images[0]), "is of shape [8, 7, 3], expected N images"),
                ("counts", dict(label=self.labels[:5]), "holds 12 images and 5 labels"),
                ("real", dict(label=self.labels.astype("float32")),
                 "is of elements `<f4`, expected integers, little-endian"),
                ("big", dict(label=self.labels.astype(">i4")), "is of elements `>i4`, expected integers"),
                ("onehot", dict(label=np.eye(10, dtype=np.int64)[self.labels]),
                 "is of shape [12, 10], expected one number an image"),
                ("above", dict(label=wrong), "is 10, and published has 10 classes, from 0"),
                ("below", dict(label=self.labels - 10), ", and published has 10 classes, from 0"),
                ("none", dict(image=None, images=self.images), "holds no array `image`; it also holds `images`"),
                ("objects", dict(label=np.array([None] * COUNT)), "is of elements `|O`")):
            with self.subTest(name):
                self.refused(self.write(self.folder / name, **arrays), said)

    def test_bad_files(self):
        whole = (self.data / "test.npz").read_bytes()
        stored = io.BytesIO()
        with zipfile.ZipFile(stored, "w") as file:
            file.writestr("image.npy", b"no array at all")
            file.writestr("label.npy", b"")
        flipped = bytearray(whole)
        flipped[400] ^= 1
        cases = [("empty", b"", "is no readable npz file"), ("text", b"hello" * 100, "is no readable npz file"),
                 ("array", stored.getvalue(), "the array `image` of `"),
                 ("damaged", bytes(flipped), "is damaged: ")]
        cases += [(f"cut{at}", whole[:at], "is cut short or damaged") for at in
                  (len(whole) // 2, len(whole) - 1, len(whole) - 30, 30)]
        for name, data, said in cases:
            with self.subTest(name):
                folder = self.write(self.folder / name)
                (folder / "test.npz").write_bytes(data)
                self.refused(folder, said)

    def test_a_head_that_promises_more_than_there_is(self):
        for shape, said in (((COUNT + 1, 8, 7, 3), "is cut short"), ((COUNT - 1, 8, 7, 3), "is longer than its shape"),
                            ((10 ** 12, 8, 7, 3), "more than a file of this size holds")):
            head = io.BytesIO()
            np.lib.format.write_array_header_1_0(head, {"descr": "|u1", "fortran_order": False, "shape": shape})
            folder = self.write(self.folder / str(shape[0]))
            label = io.BytesIO()
            np.save(label, self.labels)
            with zipfile.ZipFile(folder / "test.npz", "w") as file:
                file.writestr("image.npy", head.getvalue() + self.images.tobytes())
                file.writestr("label.npy", label.getvalue())
            self.refused(folder, said)

    def refused(self, folder, said):
        result = self.executable.evaluate(self.checkpoint, folder, check=False)
        self.assertEqual(result.returncode, 1, result.stderr)
        self.assertIn(said, result.stderr)

    def test_missing(self):
        folder = self.write(self.folder / "missing")
        (folder / "test.npz").unlink()
        self.refused(folder, "holds no `test.npz`")
        self.refused(self.folder / "nowhere", "there is no directory")


if __name__ == "__main__":
    advxtest.main()
