"""What the import scripts share: reading pickles without running anything in them, and writing
files at once or not at all.

A pickle is a program: it may call any function that it names. `Unpickler` lets it name the few
things that its subclass knows, keeps settings and scores beside them as blanks, and refuses the
file at the first other name. Needs nothing but Python.
"""

import collections
import os
import pickle
import resource
import stat
import sys
import tempfile


class Refused(Exception):
    """The file asks for something that its data have no need of, or is damaged."""


class Blank:
    """Stands for a value that is of no interest; takes everything and does nothing."""

    __slots__ = ()

    def __new__(cls, *_, **__):
        return object.__new__(cls)

    def __init__(self, *_, **__):
        pass

    def ignore(self, *_):
        pass

    __setstate__ = append = extend = add = __setitem__ = ignore


class Unpickler(pickle.Unpickler):
    """An unpickler to which nothing exists but plain containers, blanks, and what a subclass adds
    to NAMES: {(module, name): what stands for it}."""

    NAMES = {("collections", "OrderedDict"): collections.OrderedDict}
    # Settings and scores, as scripts leave them beside the data.
    BLANKS = {
        "argparse": {"Namespace"},
        "types": {"SimpleNamespace"},
        "_codecs": {"encode"},
        "builtins": {"set", "frozenset", "complex", "slice", "range", "bytearray"},
        "__builtin__": {"set", "frozenset", "complex", "slice", "xrange", "bytearray"},
        "collections": {"defaultdict", "Counter", "deque"},
        "datetime": {"datetime", "date", "time", "timedelta", "timezone"},
        "numpy": {"dtype", "ndarray"},
        "numpy.core.multiarray": {"scalar", "_reconstruct"},
        "numpy._core.multiarray": {"scalar", "_reconstruct"},
        "pathlib": {"Path", "PosixPath", "PureWindowsPath", "PurePosixPath", "WindowsPath"},
    }
    WHAT = "data"  # what the file should hold, for the message

    def find_class(self, module, name):
        if (module, name) in self.NAMES:
            return self.NAMES[module, name]
        if name in self.BLANKS.get(module, ()):
            return Blank
        raise Refused(f"the file asks for {module}.{name}, which {self.WHAT} has no need of; "
                      "nothing was run")


def show(text):
    """The beginning of a text of the file as a terminal may have it."""
    return show_all(str(text)[:200])


def show_all(text):
    return "".join(c if c.isprintable() else c.encode("unicode_escape", "surrogatepass").decode()
                   for c in text)


def is_regular(path):
    return stat.S_ISREG(os.stat(path).st_mode)


def open_standard_streams():
    """Closed streams go to /dev/null; else the next file that is opened would take their place."""
    for number, name in enumerate(("stdin", "stdout", "stderr")):
        try:
            os.fstat(number)
        except OSError:
            os.open(os.devnull, os.O_RDWR)
        if getattr(sys, name) is None:
            setattr(sys, name, open(os.devnull, "w" if number else "r"))
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")


def limit_memory(bytes_of_file):
    """A forged pickle that asks for terabytes gets a MemoryError, not the machine."""
    limit = (2 << 30) + 24 * bytes_of_file
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    if soft == resource.RLIM_INFINITY or soft > limit:
        resource.setrlimit(resource.RLIMIT_AS, (limit, hard))


def write_at_once(path, chunks, replace):
    """Writes the bytes to `path` at once or not at all. What is there already is replaced, or with
    `replace` False a FileExistsError."""
    handle, scratch = tempfile.mkstemp(dir=os.path.dirname(os.path.abspath(path)), prefix=".import-")
    try:
        with os.fdopen(handle, "wb") as file:
            for chunk in chunks:
                file.write(chunk)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(scratch, 0o644)
        # A second name for a file, unlike a new one, replaces nothing.
        (os.replace if replace else os.link)(scratch, path)
    except BaseException:
        os.unlink(scratch)
        raise
    if not replace:
        os.unlink(scratch)


def cannot_write(target, error):
    """Says so; returns the exit status."""
    print(f"{target}: {error}", file=sys.stderr)
    # What is left in the buffer must not fail again when Python ends.
    sys.stdout = open(os.devnull, "w")
    return 3
