"""A safetensors reader and writer of its own, so that ours is checked by another."""

import json
import struct

import numpy as np

TYPES = {"F64": "<f8", "F32": "<f4", "I64": "<i8", "I32": "<i4", "U64": "<u8", "U8": "u1",
         "BOOL": "?"}


def read(path):
    """({name: array}, {key: text} of the metadata). Raises ValueError on any irregularity."""
    with open(path, "rb") as file:
        data = file.read()
    (length,) = struct.unpack_from("<Q", data)
    header = json.loads(data[8:8 + length])
    metadata = header.pop("__metadata__", {})
    body = data[8 + length:]
    arrays, end = {}, 0
    for name, entry in sorted(header.items(), key=lambda item: item[1]["data_offsets"]):
        begin, stop = entry["data_offsets"]
        if begin != end:
            raise ValueError(f"{path}: {name} begins at {begin}, not at {end}")
        end = stop
        array = np.frombuffer(body[begin:stop], TYPES[entry["dtype"]])
        arrays[name] = array.reshape(entry["shape"]).copy()
    if end != len(body):
        raise ValueError(f"{path}: {len(body)} bytes of data, {end} described")
    return arrays, metadata


def write(path, arrays, metadata=None):
    names = {np.dtype(text).str: name for name, text in TYPES.items()}
    header, end = ({"__metadata__": metadata} if metadata else {}), 0
    for name, array in arrays.items():
        begin, end = end, end + array.nbytes
        header[name] = {"dtype": names[array.dtype.str], "shape": list(array.shape),
                        "data_offsets": [begin, end]}
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for array in arrays.values():
            file.write(np.ascontiguousarray(array).tobytes())
