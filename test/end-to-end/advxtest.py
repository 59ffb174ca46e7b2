"""What the end-to-end tests share: building pages, running executables, small data sets.

A page is built once for all test files: executables are kept under the build folder,
by the text of the page and the identity of the compiler, and files are locked so that
two test processes do not build the same page twice.
"""

import fcntl
import gzip
import hashlib
import json
import os
import pathlib
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import unittest

import numpy as np

import safetensors_lite

HERE = pathlib.Path(__file__).resolve().parent
SOURCE = pathlib.Path(os.environ.get("ADVX_SOURCE", HERE.parent.parent))
BUILD = pathlib.Path(os.environ.get("ADVX_BUILD", SOURCE / "build" / "dev"))
ADVX = BUILD / "bin" / "advx"
FASHION_MNIST = pathlib.Path("/usr/share/datasets/fashion-mnist")
SANITIZERS = os.environ.get("ADVX_SANITIZE", "")
THREADS = 1
TIMEOUT = 1000  # seconds of one command; lit allows a file 1200


class CommandFailed(AssertionError):
    """A command that should have succeeded did not; says what it printed."""

    def __init__(self, result):
        super().__init__(f"exit status {result.returncode} of {' '.join(map(str, result.args))}\n"
                         f"{result.stdout}{result.stderr}")
        self.result = result


def run(*command, check=True, cwd=None, env=None, timeout=TIMEOUT, **options):
    """Runs a command with no input; returns the CompletedProcess with text output."""
    result = subprocess.run([str(part) for part in command], stdin=subprocess.DEVNULL,
                            capture_output=True, text=True, cwd=cwd, timeout=timeout,
                            env={**os.environ, **env} if env else None, **options)
    if check and result.returncode != 0:
        raise CommandFailed(result)
    return result


def compiler_identity():
    """Changes whenever a page could compile to something else."""
    digest = hashlib.sha256()
    files = [ADVX, *sorted((SOURCE / "stdlib").rglob("*.advx")), *sorted(BUILD.rglob("*.a")),
             *sorted(BUILD.rglob("libadvx*.so*"))]
    for file in files:
        status = file.stat()
        digest.update(f"{file}:{status.st_size}:{status.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def build_page(text, *options, name="page"):
    """The Executable of a page's text; `options` go to `advx build`."""
    key = hashlib.sha256("\0".join([compiler_identity(), text, *options]).encode()).hexdigest()[:20]
    folder = BUILD / "test" / "end-to-end" / "pages" / key
    folder.mkdir(parents=True, exist_ok=True)
    executable = folder / name
    with open(folder / "lock", "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not executable.exists():
            page = folder / f"{name}.advx"
            page.write_text(text)
            run(ADVX, "build", page, "-o", executable, *options)
    return Executable(executable)


def example(name):
    """The text of an example of the repository, `fashion_mnist/pgd_at`."""
    return (SOURCE / "examples" / f"{name}.advx").read_text()


def as_options(settings):
    return [part for path, value in (settings or {}).items() for part in ("--set", f"{path}={value}")]


class Executable:
    """An executable that `advx build` wrote."""

    def __init__(self, path):
        self.path = path

    def train(self, out, data, epochs=1, seed=0, settings=None, extra=(), **options):
        return run(self.path, "train", "--data", data, "--out", out, "--epochs", epochs,
                   "--seed", seed, "--threads", THREADS, *as_options(settings), *extra, **options)

    def evaluate(self, checkpoint, data, settings=None, extra=(), **options):
        return run(self.path, "eval", "--checkpoint", checkpoint, "--data", data, "--threads",
                   THREADS, *as_options(settings), *extra, **options)

    def attack(self, checkpoint, data, evaluation, attack, settings=None, limit=None, extra=()):
        """The arrays x, adversarial, y, index, logits of one attack."""
        with tempfile.TemporaryDirectory() as folder:
            out = pathlib.Path(folder) / "attack.safetensors"
            limits = [] if limit is None else ["--limit", limit]
            run(self.path, "attack", "--checkpoint", checkpoint, "--data", data, "--evaluation",
                evaluation, "--attack", attack, "--out", out, "--threads", THREADS, *limits,
                *as_options(settings), *extra)
            return safetensors_lite.read(out)[0]

    def init(self, out, seed=0):
        """Writes the initial weights of a seed; returns them."""
        run(self.path, "init", "--seed", seed, "--out", out)
        return safetensors_lite.read(out)[0]

    def info(self):
        return json.loads(run(self.path, "info", "--json").stdout)


def last_checkpoint(out):
    """The checkpoint that a finished run ends with."""
    return pathlib.Path(out) / "checkpoints" / "final.safetensors"


def weights(path):
    return safetensors_lite.read(path)[0]


def idx_bytes(array):
    """An IDX file: unsigned bytes, big-endian sizes."""
    array = np.ascontiguousarray(array, np.uint8)
    return struct.pack(">BBBB", 0, 0, 8, array.ndim) + b"".join(
        struct.pack(">I", n) for n in array.shape) + array.tobytes()


def read_idx(path):
    opener = gzip.open if str(path).endswith(".gz") else open
    with opener(path, "rb") as file:
        data = file.read()
    shape = struct.unpack_from(">" + "I" * data[3], data, 4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * data[3]).reshape(shape)


def fashion_mnist(split, count=None, skip=0):
    """(images [n, 28, 28] as bytes, labels) of `train` or `t10k`."""
    images = read_idx(FASHION_MNIST / f"{split}-images-idx3-ubyte.gz")
    labels = read_idx(FASHION_MNIST / f"{split}-labels-idx1-ubyte.gz")
    stop = None if count is None else skip + count
    return images[skip:stop], labels[skip:stop]


def write_data(folder, train, test=None):
    """Writes a data set in the layout of Fashion-MNIST, uncompressed; returns the folder."""
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    for split, (images, labels) in (("train", train), ("t10k", test or train)):
        (folder / f"{split}-images-idx3-ubyte").write_bytes(idx_bytes(images))
        (folder / f"{split}-labels-idx1-ubyte").write_bytes(idx_bytes(labels))
    return folder


class TestCase(unittest.TestCase):
    """A test with a scratch folder of its own, `self.folder`."""

    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.class_folder = pathlib.Path(tempfile.mkdtemp(prefix="advx-"))

    @classmethod
    def tearDownClass(cls):
        shutil.rmtree(cls.class_folder, ignore_errors=True)

    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(dir=self.class_folder))

    def assertClose(self, ours, theirs, relative, what="", floor=1e-30):
        """Largest difference, relative to the largest magnitude of the expected values (of
        at least `floor`)."""
        ours, theirs = np.asarray(ours, np.float64), np.asarray(theirs, np.float64)
        self.assertEqual(ours.shape, theirs.shape, what)
        self.assertTrue(np.isfinite(ours).all(), f"{what}: not finite")
        scale = max(np.abs(theirs).max(initial=0), floor)
        error = np.abs(ours - theirs).max(initial=0) / scale
        self.assertLessEqual(error, relative, f"{what}: relative difference {error:.3g}")

    def assertSameArray(self, ours, theirs, what=""):
        np.testing.assert_array_equal(np.asarray(ours), np.asarray(theirs), what)

    def assertSameFile(self, ours, theirs):
        self.assertEqual(pathlib.Path(ours).read_bytes(), pathlib.Path(theirs).read_bytes(),
                         f"{ours} and {theirs} differ")


def main():
    """Runs the tests of the calling module and prints the line that the runner counts."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    program = unittest.main(exit=False, verbosity=2)
    result = program.result
    # Of a test with several failing sub-tests each counts as failed; a class whose set-up
    # fails is one error without a test run.
    troubled = [test for test, _ in result.failures + result.errors] + result.unexpectedSuccesses
    cases = {getattr(test, "test_case", test) for test in troubled}
    failed, skipped = len(troubled), len(result.skipped)
    passed = result.testsRun - skipped - sum(isinstance(test, unittest.TestCase) for test in cases)
    sys.stderr.flush()
    for test, reason in result.skipped:
        name = test.id().removeprefix("__main__.")
        print(f"skipped: {name}: {reason}")
    print(f"{passed} passed, {failed} failed" + (f", {skipped} skipped" if skipped else ""))
    sys.exit(1 if failed else 0)
