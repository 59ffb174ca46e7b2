# RUN: %{python} %s
"""scripts/import_cifar.py: the Python version becomes the binary one; nothing in it is run."""

import gzip
import io
import os
import pickle
import tarfile

import numpy as np

import advxtest
from test_cifar import make

SCRIPT = advxtest.SOURCE / "scripts" / "import_cifar.py"


class Bomb:
    """Unpickles by running a shell command."""

    def __init__(self, witness):
        self.witness = witness

    def __reduce__(self):
        return os.system, (f"touch {self.witness}",)


def batch(images, **labels):
    """As the files have it, with bytes for texts as Python 2 wrote them."""
    entries = {b"batch_label": b"training batch", b"data": images.reshape(len(images), -1)}
    entries.update({name.encode(): [int(label) for label in values]
                    for name, values in labels.items()})
    return entries


def ten():
    """({name in the Python version: batch}, {name in the binary version: bytes})."""
    batches, files = {}, {}
    for seed, name in enumerate([f"data_batch_{i}" for i in range(1, 6)] + ["test_batch"]):
        files[name + ".bin"], images, labels = make(3 + seed, seed=seed)
        batches[name] = batch(images, labels=labels)
    return batches, files


def archive(files):
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as tar:
        for name, data in files.items():
            entry = tarfile.TarInfo("cifar-10-batches-py/" + name)
            entry.size = len(data)
            tar.addfile(entry, io.BytesIO(data))
    return gzip.compress(plain.getvalue(), 1)


class ImportCifar(advxtest.TestCase):
    def convert(self, source, code=0):
        if isinstance(source, bytes):
            path = self.folder / "cifar-python.tar.gz"
            path.write_bytes(source)
            source = path
        target = self.folder / f"out{len(list(self.folder.iterdir()))}"
        result = advxtest.run("/usr/bin/python3", SCRIPT, source, target, check=False)
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        if code == 0:
            return {path.name: path.read_bytes() for path in target.iterdir()}
        self.assertFalse(target.exists())
        self.assertEqual(len(result.stderr.splitlines()), 1, result.stderr)
        return result.stderr

    def test_cifar10_from_archive_and_folder(self):
        batches, files = ten()
        for protocol in (0, 2, 4):
            texts = {name: pickle.dumps(value, protocol) for name, value in batches.items()}
            texts["batches.meta"] = pickle.dumps(Bomb("never"))  # not read
            self.assertEqual(self.convert(archive(texts)), files)
        folder = self.folder / "cifar-10-batches-py"
        folder.mkdir()
        for name, text in texts.items():
            (folder / name).write_bytes(text)
        self.assertEqual(self.convert(folder), files)

    def test_cifar100(self):
        batches, files = {}, {}
        for seed, name in enumerate(["train", "test"]):
            _, images, fine = make(5, 100, seed=seed)
            coarse = fine // 5
            batches[name] = pickle.dumps(batch(images, fine_labels=fine, coarse_labels=coarse), 2)
            files[name + ".bin"] = b"".join(bytes([c, f]) + image.tobytes()
                                            for c, f, image in zip(coarse, fine, images))
        self.assertEqual(self.convert(archive(batches)), files)

    def test_nothing_is_run(self):
        batches, _ = ten()
        witness = self.folder / "witness"
        texts = {name: pickle.dumps(value, 2) for name, value in batches.items()}
        for value in (Bomb(witness), {**batches["test_batch"], b"more": Bomb(witness)}):
            texts["data_batch_2"] = pickle.dumps(value, 2)
            message = self.convert(archive(texts), code=1)
            self.assertIn("system", message)
            self.assertIn("nothing was run", message)
        self.assertFalse(witness.exists())

    def test_what_does_not_fit_is_named(self):
        batches, _ = ten()
        good = batches["data_batch_2"]
        images = good[b"data"]
        whole = {name: pickle.dumps(value, 2) for name, value in batches.items()}
        cases = {
            "shape": {**good, b"data": images[:, :-1]}, "type": {**good, b"data": images.astype(int)},
            "order": {**good, b"data": np.asfortranarray(images)},
            "labels": {**good, b"labels": good[b"labels"][:-1]},
            "label": {**good, b"labels": [10] * len(images)}, "text": {**good, b"labels": ["1"] * 4},
            "no data": {b"labels": []}, "no dictionary": [1],
        }
        for name, value in cases.items():
            with self.subTest(name):
                message = self.convert(archive({**whole, "data_batch_2": pickle.dumps(value, 2)}), 1)
                self.assertIn("data_batch_2", message)
        less = {name: text for name, text in whole.items() if name != "data_batch_4"}
        self.assertIn("holds no data_batch_4", self.convert(archive(less), 1))
        _, images, fine = make(2, 100)
        hundred = pickle.dumps(batch(images, fine_labels=fine, coarse_labels=fine // 5), 2)
        self.assertIn("CIFAR-100", self.convert(archive({**whole, "train": hundred}), 1))

    def test_damage_anywhere_is_refused(self):
        batches, _ = ten()
        text = archive({name: pickle.dumps(value, 2) for name, value in batches.items()})
        for size in (0, 1, 100, len(text) // 2, len(text) - 1):
            self.convert(text[:size], code=1)
        self.convert(text[:-8] + bytes(8), code=1)
        self.assertIn("no such", self.convert(self.folder / "none", code=1).lower())

    def test_files_that_are_there_stay(self):
        batches, _ = ten()
        source = self.folder / "a.tar.gz"
        source.write_bytes(archive({name: pickle.dumps(v, 2) for name, v in batches.items()}))
        target = self.folder / "out"
        target.mkdir()
        (target / "test_batch.bin").write_bytes(b"mine")
        result = advxtest.run("/usr/bin/python3", SCRIPT, source, target, check=False)
        self.assertEqual(result.returncode, 2)
        self.assertEqual([(p.name, p.read_bytes()) for p in target.iterdir()],
                         [("test_batch.bin", b"mine")])


if __name__ == "__main__":
    advxtest.main()
