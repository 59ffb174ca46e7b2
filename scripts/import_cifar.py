#!/usr/bin/env python3
"""Turns the Python version of CIFAR-10 or CIFAR-100 into the binary version, which advx reads.

The files of the Python version are pickles, and a pickle is a program: this script runs nothing
in them. It knows the few names that an array of bytes needs and refuses the file at the first
other one. Needs nothing but Python. Where there is a choice, fetch the binary version
(cifar-10-binary.tar.gz), which `--data` takes as it is.

Usage: scripts/import_cifar.py cifar-10-python.tar.gz FOLDER

The source is the archive, or the folder that it unpacks to; FOLDER gets data_batch_1.bin to
data_batch_5.bin and test_batch.bin, or train.bin and test.bin of CIFAR-100. Files that are there
already are not replaced.
Exit status: 0 done; 1 the source cannot be read or is refused; 2 wrong usage; 3 the machine.
"""

import argparse
import gzip
import io
import os
import sys
import tarfile

import importing
from importing import (Refused, cannot_write, is_regular, limit_memory, open_standard_streams, show,
                       write_at_once)

PIXELS = 3 * 32 * 32
LARGEST = 1 << 28  # bytes of one pickle: that of CIFAR-100's training images has 155 million

# The files of a version; of each, its name in the binary version.
CIFAR10 = {**{f"data_batch_{i}": f"data_batch_{i}.bin" for i in range(1, 6)},
           "test_batch": "test_batch.bin"}
CIFAR100 = {"train": "train.bin", "test": "test.bin"}
# The lists of labels in their order in a record, with their classes.
LABELS = {"CIFAR-10": [("labels", 10)],
          "CIFAR-100": [("coarse_labels", 20), ("fine_labels", 100)]}


class Array:
    """What a numpy array was: its shape, its type, its bytes."""

    __slots__ = ("shape", "dtype", "columns", "data")

    def __setstate__(self, state):
        _, self.shape, self.dtype, self.columns, self.data = state


class Dtype:
    """What a numpy dtype was: "u1", "i8", ..."""

    __slots__ = ("name",)

    def __init__(self, name=None, *_):
        self.name = name.decode("latin1") if isinstance(name, bytes) else name

    def __setstate__(self, _):
        pass


def reconstruct(*_):
    return Array()


def encode(text, encoding="latin1"):
    """Bytes, as Python 3 writes them in the old protocols."""
    if not isinstance(text, str) or encoding not in ("latin1", b"latin1"):
        raise Refused("a text in an encoding of its own")
    return text.encode("latin1")


class Unpickler(importing.Unpickler):
    NAMES = {
        **importing.Unpickler.NAMES,
        ("numpy.core.multiarray", "_reconstruct"): reconstruct,
        ("numpy._core.multiarray", "_reconstruct"): reconstruct,
        ("numpy", "dtype"): Dtype,
        ("_codecs", "encode"): encode,
    }
    WHAT = "a batch of images"

    def __init__(self, file):
        # The official files were written by Python 2, whose texts are bytes.
        super().__init__(file, encoding="bytes")


def records(pickle_bytes, version):
    """The records of the binary version: labels, then the image, of each."""
    batch = Unpickler(io.BytesIO(pickle_bytes)).load()
    if not isinstance(batch, dict):
        raise Refused(f"holds a {type(batch).__name__.lower()}, not a batch of images")
    entries = {key.decode("latin1") if isinstance(key, bytes) else key: value
               for key, value in batch.items()}
    images = entries.get("data")
    if not isinstance(images, Array):
        raise Refused("has no array `data`")
    shape, data = images.shape, images.data
    if not isinstance(shape, tuple) or len(shape) != 2 or shape[1] != PIXELS or images.columns:
        raise Refused(f"`data` has the shape {show(shape)}, not [images, {PIXELS}]")
    if not isinstance(images.dtype, Dtype) or images.dtype.name not in ("u1", "uint8"):
        raise Refused("`data` does not hold bytes")
    if not isinstance(data, bytes) or len(data) != shape[0] * PIXELS:
        raise Refused("`data` has another number of bytes than its shape")
    columns = []
    for name, classes in LABELS[version]:
        labels = entries.get(name)
        if not isinstance(labels, list) or len(labels) != shape[0]:
            raise Refused(f"has no list `{name}` of {shape[0]} labels")
        for label in labels:
            if type(label) is not int or not 0 <= label < classes:
                raise Refused(f"`{name}` has the label {show(label)}, and {version} has {classes} "
                              "classes, from 0")
        columns.append(bytes(labels))
    width = len(columns) + PIXELS
    result = bytearray(shape[0] * width)
    for place, column in enumerate(columns):
        result[place::width] = column
    for row in range(shape[0]):
        start = row * width + len(columns)
        result[start:start + PIXELS] = data[row * PIXELS:(row + 1) * PIXELS]
    return bytes(result)


def entries_of_archive(source):
    """(name, bytes) of the wanted files of a tar archive; nothing is unpacked to the disk."""
    with open(source, "rb") as plain:
        zipped = plain.read(2) == b"\x1f\x8b"
    with (gzip.open if zipped else open)(source, "rb") as stream:
        with tarfile.open(fileobj=stream, mode="r|") as archive:
            for entry in archive:
                name = entry.name.rpartition("/")[2]
                if name not in CIFAR10 and name not in CIFAR100 or entry.isdir():
                    continue
                if not entry.isreg() or entry.issparse():
                    raise Refused(f"{show(entry.name)} is a link or another thing than a plain file")
                if entry.size > LARGEST:
                    raise Refused(f"{show(entry.name)} claims {entry.size} bytes")
                data = archive.extractfile(entry).read()
                if len(data) != entry.size:
                    raise Refused(f"{show(entry.name)} is cut short")
                yield name, data
        while stream.read(1 << 20):  # the checksum stands at the very end
            pass


def entries_of_folder(source):
    for name in [*CIFAR10, *CIFAR100]:
        path = os.path.join(source, name)
        if not os.path.exists(path):
            continue
        if not is_regular(path) or os.path.getsize(path) > LARGEST:
            raise Refused(f"{show(path)} is no pickle of a batch of images")
        with open(path, "rb") as file:
            yield name, file.read()


def read_source(source):
    """{name of the binary version: its bytes}. Raises Refused or OSError."""
    if not os.path.isdir(source) and not is_regular(source):
        raise Refused("no archive and no folder")
    found = {}
    try:
        entries = entries_of_folder if os.path.isdir(source) else entries_of_archive
        for name, data in entries(source):
            version = "CIFAR-10" if name in CIFAR10 else "CIFAR-100"
            if name in found:
                raise Refused(f"{name} is there twice")
            try:
                found[name] = records(data, version)
            except Refused as error:
                raise Refused(f"{name}: {error}") from None
    except (Refused, OSError) as error:
        if isinstance(error, gzip.BadGzipFile):
            raise Refused(f"damaged ({error})") from None
        raise
    except (MemoryError, RecursionError):
        raise Refused("asks for too much memory") from None
    except Exception as error:  # whatever a damaged archive or pickle makes of our few classes
        raise Refused(f"damaged ({show(error) or type(error).__name__})") from error
    files = CIFAR10 if any(name in CIFAR10 for name in found) else CIFAR100
    if any(name not in files for name in found):
        raise Refused("holds files of CIFAR-10 and of CIFAR-100")
    missing = [name for name in files if name not in found]
    if missing:
        raise Refused("holds no " + ", ".join(missing))
    return {files[name]: found[name] for name in files}


def main():
    open_standard_streams()
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("source", help="cifar-10-python.tar.gz, cifar-100-python.tar.gz, or the "
                        "folder that it unpacks to")
    parser.add_argument("folder", help="where the files of the binary version go")
    options = parser.parse_args()
    there = [name for name in [*CIFAR10.values(), *CIFAR100.values()]
             if os.path.lexists(os.path.join(options.folder, name))]
    if there:
        print(f"{options.folder} holds {there[0]} already", file=sys.stderr)
        return 2
    limit_memory(os.path.getsize(options.source) if os.path.isfile(options.source) else 0)
    try:
        files = read_source(options.source)
    except (Refused, OSError) as error:
        print(f"{options.source}: {error}", file=sys.stderr)
        return 1
    try:
        os.makedirs(options.folder, exist_ok=True)
        for name, data in files.items():
            write_at_once(os.path.join(options.folder, name), [data], replace=False)
            print(f"{name}: {len(data)} bytes")
        sys.stdout.flush()
    except OSError as error:
        return cannot_write(options.folder, error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
