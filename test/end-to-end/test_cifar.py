# RUN: %{python} %s
"""CIFAR in its binary version: folders, archives, damage (L-data-files, L-data-cifar, L-data-names,
L-data-idx)."""

import gzip
import io
import json
import os
import pathlib
import tarfile
import unittest

import numpy as np

import advxtest
import pages

TEN = [f"data_batch_{i}.bin" for i in range(1, 6)]
GENUINE = pathlib.Path(os.environ.get("ADVX_CIFAR", "/usr/share/datasets/cifar-10-batches-bin"))


def page(data, network="tiny()", evaluate="clean", declarations=pages.TINY):
    text = pages.page(network=network, declarations=declarations, evaluate=evaluate, batch=16,
                      inner=None, loss="ce(f(x), y)")
    return text.replace("fashion_mnist()", data)


def make(count, classes=10, before=1, seed=0):
    """(records, images, labels): the last of the bytes before an image is its label."""
    source = np.random.default_rng(seed)
    images = source.integers(0, 256, (count, 3, 32, 32), np.uint8)
    labels = source.integers(0, classes, count).astype(np.uint8)
    other = np.full((count, before - 1), 255, np.uint8)
    return np.hstack([other, labels[:, None], images.reshape(count, -1)]).tobytes(), images, labels


def ten(count=8):
    """({file: bytes}, training images, labels) of a small CIFAR-10."""
    parts = [make(count + i, seed=i) for i in range(5)]
    files = {name: part[0] for name, part in zip(TEN, parts)}
    files["test_batch.bin"] = make(12, seed=5)[0]
    return files, np.concatenate([p[1] for p in parts]), np.concatenate([p[2] for p in parts])


def write(folder, files):
    folder.mkdir(parents=True, exist_ok=True)
    for name, data in files.items():
        (folder / name).write_bytes(data)
    return folder


def archive(files, compress=True, change=None, order=None):
    """The bytes of a tar archive; `change(entry)` may alter each entry before it is written."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as tar:
        for name in order or files:
            entry = tarfile.TarInfo("cifar-10-batches-bin/" + name)
            entry.size = len(files[name])
            if change:
                change(entry)
            tar.addfile(entry, io.BytesIO(files[name]))
    return gzip.compress(plain.getvalue(), 1) if compress else plain.getvalue()


class Cifar(advxtest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.files, cls.images, cls.labels = ten()
        cls.executable = advxtest.build_page(page("cifar10()", evaluate="clean"))
        cls.shown = advxtest.build_page(page("cifar10()").replace(
            "evaluate at end on test { clean }",
            "threat A(x) = linf(x, radius = 0.001) & box(0, 1)\n"
            "  evaluate at end on train as seen { clean  a = argmax ce(f(x'), y) over A(x) by pgd(steps = 1) }"))
        cls.folder_data = write(cls.class_folder / "data", cls.files)
        cls.executable.train(cls.class_folder / "run", cls.folder_data)
        cls.checkpoint = advxtest.last_checkpoint(cls.class_folder / "run")

    def same(self, data):
        out = self.folder / f"run{len(list(self.folder.iterdir()))}"
        self.executable.train(out, data)
        self.assertSameFile(advxtest.last_checkpoint(out), self.checkpoint)

    def refused(self, data, *words):
        out = self.folder / "out"
        result = self.executable.train(out, data, check=False)
        self.assertEqual(result.returncode, 1, result.stdout + result.stderr)
        for word in words:
            self.assertIn(str(word), result.stderr)
        self.assertLess(len(result.stderr.splitlines()), 6)
        self.assertFalse(out.exists())

    def test_images_and_labels_arrive_in_the_order_of_the_files(self):
        found = self.shown.attack(self.checkpoint, self.folder_data, "seen", "a")
        self.assertSameArray(found["y"], self.labels)
        self.assertSameArray(found["index"], np.arange(len(self.labels)))
        self.assertClose(found["x"], self.images / 255, 1e-7)

    def test_archives_and_compressed_files_are_the_same_data(self):
        for compress in (True, False):
            data = archive(self.files, compress, order=sorted(self.files, reverse=True))
            folder = write(self.folder / f"a{compress}", {"cifar-10-binary.tar.gz": data})
            self.same(folder)
            self.same(folder / "cifar-10-binary.tar.gz")
            self.assertEqual([path.name for path in folder.iterdir()], ["cifar-10-binary.tar.gz"])
        self.same(write(self.folder / "gz", {name + ".gz": gzip.compress(data)
                                             for name, data in self.files.items()}))
        # Files beside the archive come first: this archive is none.
        self.same(write(self.folder / "both", {**self.files, "cifar-10-binary.tar.gz": b"x"}))

    def test_a_run_does_not_write_over_the_archive(self):
        folder = write(self.folder / "data", {"cifar-10-binary.tar.gz": archive(self.files)})
        path = folder / "cifar-10-binary.tar.gz"
        for data in (folder, path):
            result = self.executable.evaluate(self.checkpoint, data, extra=["--out", path],
                                              check=False)
            self.assertEqual(result.returncode, 2)
            self.assertIn("archive of the data set", result.stderr)

    def test_class_names_reach_the_reports(self):
        summary = json.loads((self.class_folder / "run" / "summary.json").read_text())
        line = summary["evaluations"][0]["attacks"][0]
        labels = np.frombuffer(self.files["test_batch.bin"], np.uint8).reshape(-1, 3073)[:, 0]
        names = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship",
                 "truck"]
        expected = [(names[i], int((labels == i).sum())) for i in range(10) if (labels == i).any()]
        self.assertEqual([(c["name"], c["n"]) for c in line["classes"]], expected)
        right = sum(c["n"] * c["accuracy"] for c in line["classes"])
        self.assertAlmostEqual(right, line["n"] * line["accuracy"])
        text = self.executable.evaluate(self.checkpoint, self.folder_data, extra=["--classes"]).stdout
        self.assertRegex(text, rf"(?m)^  class +n +clean\n  {expected[0][0]} +{expected[0][1]} ")

    def test_the_fine_label_of_cifar100_counts(self):
        train, images, labels = make(20, 100, before=2)
        files = {"train.bin": train, "test.bin": make(20, 100, before=2, seed=1)[0]}
        executable = advxtest.build_page(page("cifar100()"))
        for data in (write(self.folder / "plain", files),
                     write(self.folder / "tar", {"cifar-100-binary.tar.gz": archive(files)})):
            executable.train(self.folder / f"run-{data.name}", data)
        self.assertSameFile(advxtest.last_checkpoint(self.folder / "run-plain"),
                            advxtest.last_checkpoint(self.folder / "run-tar"))
        bad = bytearray(train)
        bad[3 * 3074 + 1] = 100
        data = write(self.folder / "bad", {**files, "train.bin": bytes(bad)})
        result = executable.train(self.folder / "out", data, check=False)
        self.assertEqual(result.returncode, 1)
        self.assertIn("record 3 of", result.stderr)

    def test_folders_that_are_damaged(self):
        def changed(name, data):
            files = dict(self.files)
            files[name] = data
            if data is None:
                del files[name]
            return write(self.folder / f"data{len(list(self.folder.iterdir()))}", files)

        batch = self.files["data_batch_3.bin"]
        self.refused(changed("data_batch_3.bin", None), "data_batch_3.bin")
        self.refused(changed("test_batch.bin", None), "test_batch.bin")
        for cut in (0, 1, 3072, len(batch) - 1, len(batch) + 1):
            data = (batch + b"x")[:cut]
            folder = changed("data_batch_3.bin", data)
            if cut:
                self.refused(folder, folder / "data_batch_3.bin", f"{cut} bytes", 3073)
        self.refused(changed("data_batch_2.bin", b"\x0a" + self.files["data_batch_2.bin"][1:]),
                     "record 0 of", "data_batch_2.bin", "is 10")
        self.refused(write(self.folder / "empty", {name: b"" for name in self.files}), "no images")
        self.refused(self.folder / "nowhere", "cifar-10-binary.tar.gz")
        self.refused(write(self.folder / "none", {}), "data_batch_1.bin", "cifar-10-binary.tar.gz")

    def test_archives_that_are_damaged(self):
        whole = archive(self.files)
        plain = archive(self.files, compress=False)
        flipped = bytearray(whole)
        flipped[len(whole) // 2] ^= 0x55
        long = bytearray(plain)
        long[124:136] = b"77777777777\0"
        long[148:156] = b"%06o\0 " % (sum(long[:148]) + 8 * 32 + sum(long[156:512]))
        cases = {
            "cut": (whole[:len(whole) // 2],), "checksum": (whole[:-8] + bytes(8),),
            "flipped": (bytes(flipped),), "extra": (whole + b"x",), "empty": (b"",),
            "other": (b"PK\3\4" + bytes(2000),), "plain cut": (plain[:len(plain) // 3],),
            "claims": (bytes(long), "claims 8589934591 bytes"),
            "missing": (archive({k: v for k, v in self.files.items() if "3" not in k}),
                        "holds no `data_batch_3.bin`"),
            "short": (archive({**self.files, "data_batch_4.bin": b"12"}), "data_batch_4.bin",
                      "2 bytes"),
            "twice": (archive(self.files, order=[*self.files, "data_batch_2.bin"]),
                      "data_batch_2.bin", "second"),
        }
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.DIRTYPE,
                     tarfile.FIFOTYPE):
            def change(entry, kind=kind):
                if entry.name.endswith("batch_5.bin"):
                    entry.type, entry.linkname, entry.size = kind, "/etc/passwd", 0
            cases[f"kind {kind}"] = (archive(self.files, change=change), "data_batch_5.bin")
        for name, (data, *words) in cases.items():
            with self.subTest(name):
                path = self.folder / "cifar-10-binary.tar.gz"
                path.write_bytes(data)
                self.refused(self.folder, path, *words)

    def test_names_in_an_archive_are_no_paths(self):
        def climb(entry):
            entry.name = "../../../" + entry.name
        data = archive({**self.files, "evil": b"x"}, change=climb)
        before = sorted(self.class_folder.rglob("*"))
        path = self.folder / "a.tar.gz"
        path.write_bytes(data)
        self.same(path)
        after = set(self.class_folder.rglob("*")) - set(before) - {path}
        self.assertFalse([p for p in after if "evil" in p.name or p.name.endswith(".bin")])

    def test_idx_of_other_ranks(self):
        dataset = """
dataset points() {{
  format = "idx"  image = {image}  classes = 3  range = [0, 1]
  train = ["images", "labels"]  test = ["images", "labels"]
}}
network all() {{
  layer fc = linear(4)
  forward(x) = fc(flatten(x))
}}
"""
        source = np.random.default_rng(0)
        labels = source.integers(0, 3, 20).astype(np.uint8)
        for shape, image in (((5,), [5]), ((4, 2), [4, 2]), ((3, 4, 4), [3, 4, 4]), ((6,), [1, 6]),
                             ((2, 2, 1, 3), [2, 2, 1, 3])):
            with self.subTest(image):
                data = write(self.folder / str(image), {
                    "images": advxtest.idx_bytes(source.integers(0, 256, (20, *shape))),
                    "labels": advxtest.idx_bytes(labels)})
                executable = advxtest.build_page(page(
                    "points()", network="all()", declarations=dataset.format(image=image)))
                executable.train(self.folder / f"run{image}", data)
                (data / "images").write_bytes(advxtest.idx_bytes(np.zeros((20, 7))))
                result = executable.train(self.folder / "out", data, check=False)
                self.assertEqual(result.returncode, 1)
                self.assertIn("images", result.stderr)

    @unittest.skipUnless((GENUINE / "test_batch.bin").exists(),
                         f"no CIFAR-10 in {GENUINE}; $ADVX_CIFAR names its folder")
    def test_genuine_records(self):
        limit = ["--limit", 64]
        self.executable.train(self.folder / "run", GENUINE, extra=limit)
        names = ("test_batch.bin", "data_batch_1.bin")
        files = {name: (GENUINE / name).read_bytes() for name in [*names, *TEN]}
        data = write(self.folder / "tar", {"cifar-10-binary.tar.gz": archive(files)})
        self.executable.train(self.folder / "again", data, extra=limit)
        self.assertSameFile(advxtest.last_checkpoint(self.folder / "run"),
                            advxtest.last_checkpoint(self.folder / "again"))


if __name__ == "__main__":
    advxtest.main()
