#!/usr/bin/env python3
"""Turns a PyTorch checkpoint into a safetensors file without running anything in it.

A PyTorch file is a pickle, and a pickle is a program. This script never imports
PyTorch and never lets the pickle name a function of its choice: its unpickler knows
the few names that dictionaries of tensors need, keeps settings and scores beside them
as blanks, and refuses the file at the first other name. Both the zip format (PyTorch
1.6 and later) and the older one are read. Needs nothing but Python.

Usage: scripts/import_torch.py model.pt model.safetensors [--key state_dict]

The weights are the one dictionary of tensors in the file, however deep; scores, settings
and the state of optimisers beside it are left out. Where there are several (a model and
its moving average), --key a.b names one. Their names stay as they are;
`from "model.safetensors" rename { ... }` on the page maps them. Half and bfloat16
weights are widened to 32 bits; 64-bit ones stay, unless --float32 rounds them.
Exit status: 0 done; 1 the file cannot be read or is refused; 2 wrong usage; 3 the machine.
"""

import argparse
import io
import itertools
import json
import math
import os
import shlex
import stat
import struct
import sys
import zipfile

import importing
from importing import (Refused, cannot_write, is_regular, limit_memory, open_standard_streams, show,
                       show_all, write_at_once)

# PyTorch's storage classes: the element's type in safetensors, its bytes, its format in `struct`.
STORAGES = {
    "DoubleStorage": ("F64", 8, "d"), "FloatStorage": ("F32", 4, "f"),
    "HalfStorage": ("F16", 2, "H"), "BFloat16Storage": ("BF16", 2, "H"),
    "LongStorage": ("I64", 8, "q"), "IntStorage": ("I32", 4, "i"),
    "ShortStorage": ("I16", 2, "h"), "CharStorage": ("I8", 1, "b"),
    "ByteStorage": ("U8", 1, "B"), "BoolStorage": ("BOOL", 1, "B"),
}
HIGHEST_RANK = 64       # as the runtime reads
LONGEST_PICKLE = 1 << 28
DEEPEST = 8             # dictionaries inside dictionaries that are searched
CHUNK = 1 << 16         # elements that are converted at a time
# Views may repeat elements, as `expand` makes them; what is written stays in proportion.
GROWTH, ALLOWANCE = 16, 64 << 20


class Several(Refused):
    """More than one dictionary may be meant; `key` names the first."""

    def __init__(self, message, key):
        super().__init__(message)
        self.key = key


class Storage:
    """The flat elements that tensors are views of; filled when the bytes are known."""

    __slots__ = ("kind", "size", "data")

    def __init__(self, kind, size):
        self.kind, self.size, self.data = kind, size, None


class Tensor:
    """One strided view, kept as its description until every storage is read."""

    __slots__ = ("storage", "offset", "shape", "stride")

    def __init__(self, storage, offset, shape, stride):
        self.storage, self.offset = storage, offset
        self.shape, self.stride = tuple(shape), tuple(stride)


class Array:
    """The elements of a tensor in row-major order, little endian."""

    def __init__(self, dtype, shape, data):
        self.dtype, self.shape, self.data = dtype, shape, data


def rebuild_tensor(storage, offset, shape, stride, *_):
    return Tensor(storage, offset, shape, stride)


def rebuild_parameter(tensor, *_):
    return tensor


class Unpickler(importing.Unpickler):
    """An unpickler to which nothing exists but tensors, plain containers and blanks."""

    NAMES = {
        **importing.Unpickler.NAMES,
        ("torch._utils", "_rebuild_tensor"): rebuild_tensor,
        ("torch._utils", "_rebuild_tensor_v2"): rebuild_tensor,
        ("torch._utils", "_rebuild_parameter"): rebuild_parameter,
        ("torch", "Size"): tuple,
        # A storage class is only ever named, never called.
        **{(module, name): name for module in ("torch", "torch.storage") for name in STORAGES},
    }
    BLANKS = {
        **importing.Unpickler.BLANKS,
        "torch": {"device", "bfloat16", "bool", "complex64", "complex128", "float16", "float32",
                  "float64", "int8", "int16", "int32", "int64", "uint8"},
    }
    WHAT = "a dictionary of tensors"

    def __init__(self, file, load):
        super().__init__(file, encoding="utf-8")
        self.load_storage = load

    def persistent_load(self, key):
        if not isinstance(key, tuple) or len(key) < 5 or key[0] != "storage":
            raise Refused("an object of unknown kind")
        _, kind, name, _, size = key[:5]
        if not isinstance(kind, str) or kind not in STORAGES or type(size) is not int or size < 0:
            raise Refused("a storage of unknown kind")
        return self.load_storage(kind, str(name), size, key[5] if len(key) > 5 else None)


def fill(storage, data):
    _, width, code = STORAGES[storage.kind]
    if len(data) < storage.size * width:
        raise Refused(f"{len(data)} bytes where {storage.size * width} are due")
    storage.data = memoryview(data)[:storage.size * width].cast(code)


def read_zip(path):
    whole = os.path.getsize(path)
    with zipfile.ZipFile(path) as archive:
        roots = [n[:-len("data.pkl")] for n in archive.namelist() if n.endswith("data.pkl")]
        if len(roots) != 1:
            raise Refused("a zip archive, but not of PyTorch: it has no single data.pkl")
        taken = 0

        def read(name, most=whole):
            nonlocal taken
            entry = archive.getinfo(roots[0] + name)
            if entry.compress_type != zipfile.ZIP_STORED:
                raise Refused(f"{name} is compressed, which torch.save does not do")
            taken += entry.file_size
            if entry.file_size > most or taken > whole:
                raise Refused(f"{name} claims {entry.file_size} bytes")
            return archive.read(entry)

        if roots[0] + "byteorder" in archive.namelist() and read("byteorder").strip() != b"little":
            raise Refused("written by a big-endian machine")
        storages = {}

        def load(kind, name, size, _):
            if name not in storages:
                storages[name] = Storage(kind, size)
                fill(storages[name], read(f"data/{name}"))
            return storages[name]

        return Unpickler(io.BytesIO(read("data.pkl", LONGEST_PICKLE)), load).load()


def read_legacy(path):
    """The format before 1.6: pickles of a magic number, version, system, the object and
    the storages' keys; then each storage as a 64-bit count and its elements."""
    storages, whole = {}, os.path.getsize(path)

    def load(kind, name, size, view):
        if view is not None:
            raise Refused("a storage that is a view of another; save it with PyTorch 1.6 or later")
        return storages.setdefault(name, Storage(kind, size))

    with open(path, "rb") as file:
        start = file.read(9)
        if start[8:] == b"{":
            raise Refused("not a file that torch.save wrote; it may be a safetensors file already")
        file.seek(0)
        if Unpickler(file, load).load() != 0x1950A86A20F9469CFC6C:
            raise Refused("not a file that torch.save wrote")
        Unpickler(file, load).load()
        system = Unpickler(file, load).load()
        if not isinstance(system, dict) or not system.get("little_endian", True):
            raise Refused("written by a big-endian machine")
        result = Unpickler(file, load).load()
        keys = Unpickler(file, load).load()
        if not isinstance(keys, list):
            raise Refused("no list of storages")
        for key in keys:
            if not isinstance(key, str) or key not in storages:
                raise Refused("data of a storage that nothing mentions")
            storage = storages[key]
            (size,) = struct.unpack("<q", file.read(8))
            due = storage.size * STORAGES[storage.kind][1]
            if size != storage.size or due > whole - file.tell():
                raise Refused(f"a storage of {size} elements where {storage.size} are due")
            fill(storage, file.read(due))
    return result


def elements(tensor):
    """How many elements a tensor has, after checking that all of them are in its storage."""
    storage, shape, stride = tensor.storage, tensor.shape, tensor.stride
    if not isinstance(storage, Storage) or not isinstance(storage.data, memoryview):
        raise Refused("a tensor without data")
    if len(shape) > HIGHEST_RANK:
        raise Refused(f"a tensor of {len(shape)} dimensions, more than {HIGHEST_RANK}")
    if len(shape) != len(stride) or any(
            not isinstance(n, int) or n < 0 for n in (tensor.offset, *shape, *stride)):
        raise Refused("a tensor with a shape, stride or offset that no tensor has")
    last = tensor.offset + sum((n - 1) * s for n, s in zip(shape, stride))
    if 0 not in shape and last >= len(storage.data):
        raise Refused(f"a tensor that reads element {last} of a storage of {len(storage.data)}")
    return math.prod(shape)


def gather(tensor):
    """The bytes of a tensor in row-major order; `elements` has checked it."""
    data, shape, stride = tensor.storage.data, tensor.shape, tensor.stride
    if 0 in shape:
        return b""
    # The dimensions at the end that lie one behind the other are taken at once.
    inner, step = 1, 1
    outer = len(shape)
    while outer and (shape[outer - 1] == 1 or stride[outer - 1] == inner):
        outer -= 1
        inner *= shape[outer]
    if inner == 1 and outer:
        outer -= 1
        inner, step = shape[outer], stride[outer]
    parts = []
    ranges = [range(0, n * s, s) if s else (0,) * n for n, s in zip(shape[:outer], stride[:outer])]
    for place in itertools.product(*ranges):
        begin = tensor.offset + sum(place)
        if step:
            parts.append(data[begin:begin + (inner - 1) * step + 1:step].tobytes())
        else:
            parts.append(data[begin:begin + 1].tobytes() * inner)
    return b"".join(parts)


def in_chunks(data, width, convert):
    return b"".join(convert(data[i:i + CHUNK * width]) for i in range(0, len(data), CHUNK * width))


def widen_half(data):
    count = len(data) // 2
    return struct.pack(f"<{count}f", *struct.unpack(f"<{count}e", data))


def widen_brain(data):
    """A bfloat16 is the upper half of a 32-bit float."""
    wide = bytearray(2 * len(data))
    wide[2::4], wide[3::4] = data[0::2], data[1::2]
    return bytes(wide)


def round_double(data):
    count = len(data) // 8
    numbers = struct.unpack(f"<{count}d", data)
    try:
        return struct.pack(f"<{count}f", *numbers)
    except OverflowError:
        raise Refused("a 64-bit number that no 32-bit float holds; leave out --float32") from None


def to_array(tensor, float32):
    dtype = STORAGES[tensor.storage.kind][0]
    data = gather(tensor)
    if dtype == "F16":
        dtype, data = "F32", in_chunks(data, 2, widen_half)
    elif dtype == "BF16":
        dtype, data = "F32", in_chunks(data, 2, widen_brain)
    elif dtype == "F64" and float32:
        dtype, data = "F32", in_chunks(data, 8, round_double)
    return Array(dtype, tensor.shape, data)


def to_arrays(tensors, file_bytes, float32=False):
    budget = GROWTH * file_bytes + ALLOWANCE
    for name, tensor in tensors.items():
        budget -= elements(tensor) * max(4, STORAGES[tensor.storage.kind][1])
        if budget < 0:
            raise Refused(f"'{show(name)}' repeats its elements until it is out of proportion to "
                          "the file")
        try:
            name.encode()
        except UnicodeEncodeError:
            raise Refused(f"a tensor whose name '{show(name)}' is no text") from None
    return {name: to_array(tensor, float32) for name, tensor in tensors.items()}


def is_weight(value):
    return isinstance(value, Tensor) and len(value.shape) > 0


def candidates(value, path=()):
    """[(path, dictionary)] of the dictionaries that hold weights, the innermost ones."""
    found, seen = [], set()

    def walk(value, path):
        if not isinstance(value, dict) or id(value) in seen or len(path) > DEEPEST:
            return False
        seen.add(id(value))
        if "param_groups" in value and "state" in value:
            return False  # an optimiser's moments are tensors too
        inside = [walk(v, (*path, k)) for k, v in value.items() if isinstance(k, str)]
        if any(inside):
            return True
        if any(is_weight(v) for k, v in value.items() if isinstance(k, str)):
            found.append((path, value))
            return True
        return False

    walk(value, path)
    return found


def lookup(value, key):
    """The entry `key` of a dictionary; a.b is b in a, unless a name has the dot itself."""
    if isinstance(value, dict):
        if key in value:
            return value[key]
        for place in (i for i, c in enumerate(key) if c == "."):
            if isinstance(value.get(key[:place]), dict):
                try:
                    return lookup(value[key[:place]], key[place + 1:])
                except Refused:
                    continue
    known = ", ".join(show(k) for k in list(value)[:20]) if isinstance(value, dict) else "none"
    raise Refused(f"no entry '{show(key)}'; there are: {known}")


def tensor_count(value):
    count = sum(isinstance(entry, Tensor) for entry in value.values())
    return "1 tensor" if count == 1 else f"{count} tensors"


def choose(value, key=None):
    """The dictionary of tensors: the only one in `value`, or in its entry `key`. Returns
    ({name: Tensor}, what was left out, as a line)."""
    top = value
    if key is not None:
        value = lookup(value, key)
    if not isinstance(value, dict):
        raise Refused(f"holds a {type(value).__name__.lower()}, not a dictionary of tensors")
    found = candidates(value)
    if not found:
        inside = [".".join(path) for path, _ in candidates(top)] if key is not None else []
        raise Refused("there are no weights in it"
                      + ("; name with --key: " + ", ".join(map(show, inside)) if inside else ""))
    if len(found) > 1:
        prefix = f"{key}." if key else ""
        names = [prefix + ".".join(path) for path, _ in found]
        listed = ", ".join(f"{show(name)} ({tensor_count(chosen)})"
                           for name, (_, chosen) in zip(names, found))
        raise Several("several dictionaries of tensors; name one with --key: " + listed, names[0])
    path, chosen = found[0]
    tensors = {n: t for n, t in chosen.items() if isinstance(t, Tensor) and isinstance(n, str)}
    beside = [show(n) for n in chosen if n not in tensors]
    while path:
        parent = value
        for step in path[:-1]:
            parent = parent[step]
        beside += [show(n) for n in parent if n != path[-1]]
        path = path[:-1]
    return tensors, beside


def write_safetensors(path, arrays):
    """Writes {name: Array} at once or not at all."""
    header, position = {}, 0
    for name, array in arrays.items():
        end = position + len(array.data)
        header[name] = {"dtype": array.dtype, "shape": list(array.shape),
                        "data_offsets": [position, end]}
        position = end
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    chunks = [struct.pack("<Q", len(text)), text, *(array.data for array in arrays.values())]
    write_at_once(path, chunks, replace=True)


def read_checkpoint(source, key=None, float32=False):
    """({name: Array}, what was left out) of a file. Raises Refused or OSError."""
    if not is_regular(source):
        raise Refused("no regular file")
    try:
        value = read_zip(source) if zipfile.is_zipfile(source) else read_legacy(source)
        tensors, beside = choose(value, key)
        return to_arrays(tensors, os.path.getsize(source), float32), beside
    except (Refused, OSError):
        raise
    except (MemoryError, RecursionError):
        raise Refused("not a readable PyTorch file (it asks for too much memory)") from None
    except Exception as error:  # whatever a damaged pickle makes of our few classes
        reason = show(error) or type(error).__name__
        raise Refused(f"not a readable PyTorch file ({reason})") from error


def check_target(source, target):
    """Refuses, as wrong usage, what a result must not replace; returns the reason."""
    try:
        status = os.lstat(target)
    except OSError:
        return None
    if os.path.exists(source) and os.path.exists(target) and os.path.samefile(source, target):
        return "it is the file that is read"
    if not stat.S_ISREG(status.st_mode):
        return "it is a link" if stat.S_ISLNK(status.st_mode) else "it is no regular file"
    return None


def import_checkpoint(source, target, key=None, float32=False):
    """Reads `source`, writes `target`; returns the arrays by name. Raises Refused or OSError."""
    arrays, beside = read_checkpoint(source, key, float32)
    write_safetensors(target, arrays)
    return arrays, beside


def report(arrays, beside):
    for name, array in arrays.items():
        print(f"{show(name):40} {array.dtype} {list(array.shape)}")
    if beside:
        print("left out: " + ", ".join(beside[:20]) + (", ..." if len(beside) > 20 else ""))
    first = next(iter(arrays)).partition(".")[0] + "."
    if len(arrays) > 1 and all(name.startswith(first) for name in arrays):
        print(f'every name begins with "{show(first)}"; on the page, '
              f'rename {{ "{show(first)}" : "" }} drops it')
    wide = sum(array.dtype == "F64" for array in arrays.values())
    if wide:
        print(f"{wide} tensors are F64: build the page with --precision f64, or give --float32")


def main():
    open_standard_streams()
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("source", help="what torch.save wrote")
    parser.add_argument("target", help="the safetensors file to write")
    parser.add_argument("--key", help="entry of the saved dictionary that holds the weights; "
                        "a.b is b in a")
    parser.add_argument("--float32", action="store_true", help="round 64-bit weights to 32 bits")
    options = parser.parse_args()
    reason = check_target(options.source, options.target)
    if reason:
        print(f"{options.target} cannot be written: {reason}", file=sys.stderr)
        return 2
    limit_memory(os.path.getsize(options.source) if os.path.isfile(options.source) else 0)
    try:
        arrays, beside = read_checkpoint(options.source, options.key, options.float32)
    except (Refused, OSError) as error:
        print(f"{options.source}: {error}", file=sys.stderr)
        if isinstance(error, Several):
            words = [sys.argv[0], options.source, options.target, "--key", error.key]
            print("for example: " + show_all(shlex.join(words)), file=sys.stderr)
        return 1
    try:
        write_safetensors(options.target, arrays)
        report(arrays, beside)
        sys.stdout.flush()
    except OSError as error:
        return cannot_write(options.target, error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
