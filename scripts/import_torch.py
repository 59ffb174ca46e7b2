#!/usr/bin/env python3
"""Turns a PyTorch checkpoint into a safetensors file without running anything in it.

A PyTorch file is a pickle, and a pickle is a program. This script never imports
PyTorch and never lets the pickle name a function of its choice: its unpickler knows
the few names that a dictionary of tensors needs, and refuses the file at the first
other one. Both the zip format (PyTorch 1.6 and later) and the older one are read.

Usage: scripts/import_torch.py model.pt model.safetensors [--key state_dict]

The names stay as they are; `from "model.safetensors" rename { ... }` on the page
maps them. Half and bfloat16 weights are widened to 32 bits.
Exit status: 0 done, 1 the file cannot be read or is refused, 2 wrong usage.
"""

import argparse
import collections
import io
import json
import os
import pickle
import struct
import sys
import tempfile
import zipfile

import numpy as np

# PyTorch's storage classes: the type of their elements in the file. bfloat16 has no
# numpy type; its bits are widened after reading.
STORAGES = {
    "DoubleStorage": np.dtype("<f8"), "FloatStorage": np.dtype("<f4"),
    "HalfStorage": np.dtype("<f2"), "BFloat16Storage": np.dtype("<u2"),
    "LongStorage": np.dtype("<i8"), "IntStorage": np.dtype("<i4"),
    "ShortStorage": np.dtype("<i2"), "CharStorage": np.dtype("i1"),
    "ByteStorage": np.dtype("u1"), "BoolStorage": np.dtype("?"),
}
SAFETENSORS = {"f8": "F64", "f4": "F32", "i8": "I64", "i4": "I32", "i2": "I16", "i1": "I8",
               "u1": "U8", "b1": "BOOL"}


class Refused(Exception):
    """The file asks for something a dictionary of tensors has no need of, or is damaged."""


class Storage:
    """The flat elements that tensors are views of; filled when the bytes are known."""

    def __init__(self, kind, size):
        self.kind, self.size, self.data = kind, size, None


class Tensor:
    """One strided view, kept as its description until every storage is read."""

    def __init__(self, storage, offset, shape, stride):
        self.storage, self.offset = storage, offset
        self.shape, self.stride = tuple(shape), tuple(stride)

    def array(self):
        if not isinstance(self.storage, Storage) or self.storage.data is None:
            raise Refused("a tensor without data")
        numbers = (self.offset, *self.shape, *self.stride)
        if len(self.shape) != len(self.stride) or any(
                not isinstance(n, int) or n < 0 for n in numbers):
            raise Refused(f"a tensor with shape {self.shape} and strides {self.stride}")
        data = self.storage.data
        last = self.offset + sum((n - 1) * s for n, s in zip(self.shape, self.stride))
        if 0 not in self.shape and last >= len(data):
            raise Refused(f"a tensor that reads element {last} of a storage of {len(data)}")
        if 0 in self.shape:
            view = np.zeros(self.shape, data.dtype)
        else:
            view = np.lib.stride_tricks.as_strided(
                data[self.offset:], self.shape, [s * data.itemsize for s in self.stride])
        view = np.ascontiguousarray(view).reshape(self.shape)
        if self.storage.kind == "BFloat16Storage":
            return (view.astype("<u4") << 16).view("<f4").reshape(self.shape)
        return view.astype("<f4") if view.dtype == np.dtype("<f2") else view


def rebuild_tensor(storage, offset, shape, stride, *_):
    return Tensor(storage, offset, shape, stride)


def rebuild_parameter(tensor, *_):
    return tensor


class Unpickler(pickle.Unpickler):
    """An unpickler to which nothing exists but tensors and plain containers."""

    NAMES = {
        ("collections", "OrderedDict"): collections.OrderedDict,
        ("torch._utils", "_rebuild_tensor"): rebuild_tensor,
        ("torch._utils", "_rebuild_tensor_v2"): rebuild_tensor,
        ("torch._utils", "_rebuild_parameter"): rebuild_parameter,
        ("torch", "Size"): tuple,
    }

    def __init__(self, file, load):
        super().__init__(file, encoding="utf-8")
        self.load_storage = load

    def find_class(self, module, name):
        if (module, name) in self.NAMES:
            return self.NAMES[module, name]
        if module in ("torch", "torch.storage") and name in STORAGES:
            return name  # A storage class is only ever named, never called.
        raise Refused(f"the file asks for {module}.{name}, which a dictionary of tensors has no "
                      "need of; nothing was run")

    def persistent_load(self, key):
        if not isinstance(key, tuple) or len(key) < 5 or key[0] != "storage":
            raise Refused(f"an object of unknown kind: {key!r}")
        _, kind, name, _, size = key[:5]
        if not isinstance(kind, str) or kind not in STORAGES or not isinstance(size, int):
            raise Refused(f"a storage of unknown kind: {kind!r}")
        return self.load_storage(kind, str(name), size, key[5] if len(key) > 5 else None)


def fill(storage, data):
    kind = STORAGES[storage.kind]
    if len(data) < storage.size * kind.itemsize:
        raise Refused(f"{len(data)} bytes where {storage.size * kind.itemsize} are due")
    storage.data = np.frombuffer(data, kind, storage.size)


def read_zip(path):
    with zipfile.ZipFile(path) as archive:
        roots = [n[:-len("data.pkl")] for n in archive.namelist() if n.endswith("data.pkl")]
        if len(roots) != 1:
            raise Refused("a zip archive, but not of PyTorch: it has no single data.pkl")
        order = roots[0] + "byteorder"
        if order in archive.namelist() and archive.read(order).strip() != b"little":
            raise Refused("written by a big-endian machine")
        storages = {}

        def load(kind, name, size, _):
            if name not in storages:
                storages[name] = Storage(kind, size)
                fill(storages[name], archive.read(f"{roots[0]}data/{name}"))
            return storages[name]

        return Unpickler(io.BytesIO(archive.read(roots[0] + "data.pkl")), load).load()


def read_legacy(path):
    """The format before 1.6: pickles of a magic number, version, system, the object and
    the storages' keys; then each storage as a 64-bit count and its elements."""
    storages = {}

    def load(kind, name, size, view):
        if view is not None:
            raise Refused("a storage that is a view of another; save it with PyTorch 1.6 or later")
        return storages.setdefault(name, Storage(kind, size))

    with open(path, "rb") as file:
        if Unpickler(file, load).load() != 0x1950A86A20F9469CFC6C:
            raise Refused("not a file that torch.save wrote")
        Unpickler(file, load).load()
        system = Unpickler(file, load).load()
        if not isinstance(system, dict) or not system.get("little_endian", True):
            raise Refused("written by a big-endian machine")
        result = Unpickler(file, load).load()
        for key in Unpickler(file, load).load():
            if str(key) not in storages:
                raise Refused(f"data of a storage {key!r} that nothing mentions")
            storage = storages[str(key)]
            (size,) = struct.unpack("<q", file.read(8))
            if size != storage.size:
                raise Refused(f"a storage of {size} elements where {storage.size} are due")
            fill(storage, file.read(size * STORAGES[storage.kind].itemsize))
    return result


def choose(value, key):
    """The dictionary of tensors: `value` itself, or its entry `key`."""
    if key is not None:
        if not isinstance(value, dict) or key not in value:
            known = ", ".join(map(str, value)) if isinstance(value, dict) else "none"
            raise Refused(f"no entry '{key}'; there are: {known}")
        value = value[key]
    if not isinstance(value, dict):
        raise Refused(f"holds a {type(value).__name__}, not a dictionary of tensors")
    tensors = {n: t for n, t in value.items() if isinstance(t, Tensor) and isinstance(n, str)}
    if tensors:
        return tensors
    inner = [n for n, v in value.items()
             if isinstance(v, dict) and any(isinstance(t, Tensor) for t in v.values())]
    if key is None and len(inner) == 1:
        return choose(value, inner[0])
    raise Refused("no tensors at the top; name the entry that holds them with --key: "
                  + ", ".join(map(str, inner or value)))


def write_safetensors(path, arrays):
    """Writes {name: array} at once or not at all."""
    header, position = {}, 0
    for name, array in arrays.items():
        end = position + array.nbytes
        header[name] = {"dtype": SAFETENSORS[array.dtype.str[1:]], "shape": list(array.shape),
                        "data_offsets": [position, end]}
        position = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    folder = os.path.dirname(os.path.abspath(path))
    handle, scratch = tempfile.mkstemp(dir=folder, prefix=".import-")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(struct.pack("<Q", len(text)) + text)
            for array in arrays.values():
                file.write(array.tobytes())
        os.chmod(scratch, 0o644)
        os.replace(scratch, path)
    except BaseException:
        os.unlink(scratch)
        raise


def import_checkpoint(source, target, key=None):
    """Reads `source`, writes `target`; returns the arrays by name. Raises Refused or OSError."""
    try:
        value = read_zip(source) if zipfile.is_zipfile(source) else read_legacy(source)
    except (pickle.UnpicklingError, EOFError, struct.error, zipfile.BadZipFile, KeyError,
            AttributeError, IndexError, TypeError, ValueError, UnicodeDecodeError) as error:
        raise Refused(f"not a readable PyTorch file ({error})") from error
    arrays = {name: tensor.array() for name, tensor in choose(value, key).items()}
    write_safetensors(target, arrays)
    return arrays


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("source", help="what torch.save wrote")
    parser.add_argument("target", help="the safetensors file to write")
    parser.add_argument("--key", help="entry of the saved dictionary that holds the weights")
    options = parser.parse_args()
    try:
        arrays = import_checkpoint(options.source, options.target, options.key)
    except (Refused, OSError) as error:
        print(f"{options.source}: {error}", file=sys.stderr)
        return 1
    for name, array in arrays.items():
        print(f"{name:40} {array.dtype} {list(array.shape)}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
