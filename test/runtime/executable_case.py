"""What the tests of the executable share.

They drive `fake-program`, a compiled program written by hand, so that a failure here is one of
the runtime.
"""

import hashlib
import json
import os
import pathlib
import random
import struct
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "end-to-end"))

import advxtest  # noqa: E402

PROGRAM = advxtest.BUILD / "bin" / "fake-program"
TRAIN_COUNT, TEST_COUNT, VALID_COUNT = 110, 40, 10


def write_idx(path, shape, data):
    path.write_bytes(struct.pack(f">BBBB{len(shape)}I", 0, 0, 8, len(shape), *shape) + data)


def make_data(folder, labels=None, image=(4, 4)):
    """Three kinds of noisy images: kind k is brighter in its own third."""
    folder.mkdir(parents=True, exist_ok=True)
    source = random.Random(1)
    for name, count in (("train", TRAIN_COUNT), ("t10k", TEST_COUNT)):
        kinds = [source.randrange(3) for _ in range(count)]
        size = image[0] * image[1]
        pixels = bytes(min(255, max(0, int(source.gauss(150 if place // 5 == kind else 90, 50))))
                       for kind in kinds for place in range(size))
        write_idx(folder / f"{name}-images-idx3-ubyte", (count, *image), pixels)
        write_idx(folder / f"{name}-labels-idx1-ubyte", (count,), bytes(labels or kinds))
    return folder


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def checkpoints(run):
    return {name: digest(run / "checkpoints" / f"{name}.safetensors")
            for name in ("last", "best", "final")}


def events(run):
    """metrics.jsonl without the times, which no two runs share."""
    result = []
    for line in (run / "metrics.jsonl").read_text().splitlines():
        event = json.loads(line)
        del event["t"]
        result.append(event)
    return result


class ExecutableTest(advxtest.TestCase):

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.data = make_data(cls.class_folder / "data")

    def program(self, *arguments, patch=None, env=None, **options):
        environment = {**os.environ, **(env or {})}
        if patch:
            environment["ADVX_FAKE_PATCH"] = json.dumps(patch)
        return subprocess.run([str(PROGRAM), *map(str, arguments)], stdin=subprocess.DEVNULL,
                              capture_output=True, text=True, timeout=60, env=environment,
                              **options)

    def train(self, out, *arguments, code=0, **options):
        result = self.program("train", "--data", self.data, "--out", out, *arguments, **options)
        self.assertEqual(result.returncode, code, result.stdout + result.stderr)
        return result

    def start(self, out, *arguments):
        return subprocess.Popen([str(PROGRAM), "train", "--data", str(self.data), "--out",
                                 str(out), *map(str, arguments)],
                                stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)

    def assertComplains(self, result, code, *texts):
        message = result.stderr
        self.assertEqual(result.returncode, code, message)
        for text in texts:
            self.assertIn(text, message)
        self.assertTrue(message.startswith("error: ") or "\nerror: " in message, message)

    def assertSameRun(self, ours, theirs):
        self.assertEqual(checkpoints(ours), checkpoints(theirs))
        self.assertEqual(events(ours), events(theirs))
        mine, other = (json.loads((run / "summary.json").read_text()) for run in (ours, theirs))
        self.assertEqual(mine, other)


def checkpoints_before(run):
    return {path.name: digest(path) for path in (run / "checkpoints").iterdir()}
