# RUN: %{python} %s
"""scripts/import_torch.py: reads what PyTorch writes, runs nothing, refuses the rest."""

import argparse
import collections
import os
import pathlib
import pickle
import random
import resource
import shlex
import struct
import subprocess
import sys
import time
import unittest
import zipfile

import numpy as np
import torch

import advxtest
import safetensors_lite

sys.path.insert(0, str(advxtest.SOURCE / "scripts"))
import import_torch  # noqa: E402

SCRIPT = advxtest.SOURCE / "scripts" / "import_torch.py"


SECONDS = float(os.environ.get("ADVX_FUZZ_SECONDS", "60"))  # of mutations


class Bomb:
    """Unpickles by running a shell command."""

    def __init__(self, witness):
        self.witness = witness

    def __reduce__(self):
        return os.system, (f"touch {self.witness}",)


class ImportTorch(advxtest.TestCase):
    def convert(self, value, *options, check=True, **save):
        source, target = self.folder / "model.pt", self.folder / "model.safetensors"
        torch.save(value, source, **save)
        result = advxtest.run("/usr/bin/python3", SCRIPT, source, target, *options, check=check)
        return (safetensors_lite.read(target)[0] if target.exists() else None), result

    def model(self):
        torch.manual_seed(1)
        return torch.nn.Sequential(torch.nn.Conv2d(1, 4, 3), torch.nn.BatchNorm2d(4),
                                   torch.nn.Linear(5, 6, bias=False))

    def test_every_tensor_arrives_unchanged_in_both_formats(self):
        for zipped in (True, False):
            with self.subTest(zip=zipped):
                state = self.model().state_dict()
                arrays, _ = self.convert(state, _use_new_zipfile_serialization=zipped)
                self.assertEqual(list(arrays), list(state))
                for name, tensor in state.items():
                    np.testing.assert_array_equal(arrays[name], tensor.numpy())

    def test_views_share_storage_and_keep_their_strides(self):
        base = torch.arange(24, dtype=torch.float32).reshape(4, 6)
        value = {"whole": base, "transposed": base.t(), "part": base[1:3, 2:5],
                 "empty": torch.zeros(0, 3), "scalar": torch.tensor(7)}
        for zipped in (True, False):
            arrays, _ = self.convert(value, _use_new_zipfile_serialization=zipped)
            for name, tensor in value.items():
                np.testing.assert_array_equal(arrays[name], tensor.numpy())

    def test_narrow_floats_are_widened(self):
        numbers = torch.tensor([1.5, -0.0, 3e-5, 65000.0])
        arrays, _ = self.convert({"half": numbers.half(), "brain": numbers.bfloat16(),
                                  "double": numbers.double()})
        np.testing.assert_array_equal(arrays["half"], numbers.half().float().numpy())
        np.testing.assert_array_equal(arrays["brain"], numbers.bfloat16().float().numpy())
        self.assertEqual(arrays["double"].dtype, np.float64)

    def test_the_weights_are_found_one_level_down(self):
        state = self.model().state_dict()
        arrays, _ = self.convert({"epoch": 3, "state_dict": state})
        self.assertEqual(list(arrays), list(state))
        two = {"net": state, "ema": collections.OrderedDict(state)}
        arrays, result = self.convert(two, check=False)
        self.assertEqual(result.returncode, 1)
        self.assertIn(f"--key: net ({len(state)} tensors), ema ({len(state)} tensors)\n",
                      result.stderr)
        command = result.stderr.splitlines()[-1]
        self.assertTrue(command.endswith(" --key net"), command)
        again = subprocess.run(["/usr/bin/python3", *shlex.split(command.partition(": ")[2])],
                               capture_output=True, text=True, check=False)
        self.assertEqual(again.returncode, 0, again.stderr)
        _, result = self.convert({"a": {"it's": state, "one": {"w": torch.ones(2)}}}, check=False)
        self.assertIn("one (1 tensor)\n", result.stderr)
        self.assertTrue(result.stderr.endswith("""--key 'a.it'"'"'s'\n"""), result.stderr)
        arrays, _ = self.convert(two, "--key", "ema")
        self.assertEqual(list(arrays), list(state))

    def test_the_weights_are_found_beside_everything_else(self):
        model = self.model()
        state = model.state_dict()
        optimizer = torch.optim.Adam(model.parameters())
        model(torch.zeros(2, 1, 7, 7)).sum().backward()
        optimizer.step()
        best = torch.tensor(0.5)
        scores = {"best_acc": best, "optimizer": optimizer.state_dict(), "epoch": 3,
                  "history": [best, 1], "np": np.float64(0.5), "args": argparse.Namespace(lr=0.1),
                  "dtype": torch.float32, "device": torch.device("cpu"),
                  "path": pathlib.Path("runs"), "means": torch.tensor([0.1, 0.2]),
                  "seen": collections.Counter(a=1), "array": np.zeros(3), "set": {1, 2}}
        lightning = {"epoch": 1, "pytorch-lightning_version": "2.0", "state_dict": state,
                     "optimizer_states": [optimizer.state_dict()], "lr_schedulers": [{"a": 1}],
                     "callbacks": {"ModelCheckpoint": {"best_model_score": best}}}
        for value in ({"state_dict": state, **scores}, {**scores, "model": state}, lightning,
                      {"run": {"nets": {"net": state}, **scores}}):
            for zipped in (True, False):
                arrays, result = self.convert(value, _use_new_zipfile_serialization=zipped)
                self.assertEqual(list(arrays), list(state))
                self.assertIn("left out: ", result.stdout)
        wrapped = {f"module.{name}": tensor for name, tensor in state.items()}
        arrays, result = self.convert({"state_dict": wrapped})
        self.assertEqual(list(arrays), list(wrapped))
        self.assertIn('rename { "module." : "" }', result.stdout)

    def test_keys_lead_into_dictionaries(self):
        state = self.model().state_dict()
        value = {"a": {"b": state, "c.d": state.copy(), "s": torch.tensor(1)}, "a.b": {"n": 1}}
        for key in ("a.c.d",):
            arrays, _ = self.convert(value, "--key", key)
            self.assertEqual(list(arrays), list(state))
        for key, words in (("a.b", "no weights"), ("a", f"--key: a.b ({len(state)} tensors), a.c.d ("), ("a.x", "no entry"),
                           ("", "no entry"), ("a.s", "not a dictionary"), (".", "no entry")):
            (self.folder / "model.safetensors").unlink(missing_ok=True)
            arrays, result = self.convert(value, "--key", key, check=False)
            self.assertEqual(result.returncode, 1, key)
            self.assertIn(words, result.stderr)
            self.assertIsNone(arrays)

    def test_a_file_without_weights_is_never_written(self):
        optimizer = torch.optim.SGD(self.model().parameters(), lr=0.1, momentum=0.9)
        for value in ({}, [], 3, "text", torch.zeros(3), {"best_acc": torch.tensor(1.0)},
                      {"optimizer": optimizer.state_dict()}, {"state_dict": {}}, {1: torch.ones(2)}):
            arrays, result = self.convert(value, check=False)
            self.assertEqual(result.returncode, 1, result.stderr)
            self.assertIsNone(arrays)

    def test_double_weights_are_rounded_when_asked(self):
        numbers = torch.tensor([0.1, -1e-300, float("inf"), 1e30], dtype=torch.float64)
        arrays, result = self.convert({"w": numbers})
        self.assertIn("--float32", result.stdout)
        arrays, _ = self.convert({"w": numbers, "i": torch.tensor([1])}, "--float32")
        np.testing.assert_array_equal(arrays["w"], numbers.float().numpy())
        self.assertEqual(arrays["i"].dtype, np.int64)
        (self.folder / "model.safetensors").unlink()
        arrays, result = self.convert({"w": numbers * 1e100}, "--float32", check=False)
        self.assertEqual((result.returncode, arrays), (1, None))

    def test_expanded_and_hostile_sizes(self):
        arrays, _ = self.convert({"w": torch.ones(3, 1).expand(3, 1000)})
        np.testing.assert_array_equal(arrays["w"], np.ones((3, 1000)))
        for value in ({"w": torch.ones(1).expand(2**40)}, {"w": torch.ones((1,) * 64).unsqueeze(0)},
                      {f"w{i}": torch.ones(1).expand(2**20) for i in range(100)}):
            (self.folder / "model.safetensors").unlink(missing_ok=True)
            arrays, result = self.convert(value, check=False)
            self.assertEqual((result.returncode, arrays), (1, None))
            self.assertNotIn("Traceback", result.stderr)
        # A zip bomb: a storage that is compressed a thousandfold.
        self.convert({"w": torch.zeros(1 << 20)})
        with zipfile.ZipFile(self.folder / "model.pt") as whole:
            with zipfile.ZipFile(self.folder / "bomb.pt", "w", zipfile.ZIP_DEFLATED) as bomb:
                for name in whole.namelist():
                    bomb.writestr(name, whole.read(name))
        # Memory and memo that a pickle of a few bytes asks for.
        pickles = {"memo": b"\x80\x02N" + b"r" + b"\xff\xff\xff\x7f" + b".",
                   "bytes": b"\x80\x05\x96" + b"\xff" * 7 + b"\x7f" + b".",
                   "integer": b"\x80\x02\x8b\xff\xff\xff\x7f.",
                   "deep": b"\x80\x02" + b"]" * 100000 + b"a" * 99999 + b".",
                   "safetensors": struct.pack("<Q", 2) + b"{}"}
        for name, content in pickles.items():
            (self.folder / f"{name}.pt").write_bytes(content)
        for name in ("bomb", *pickles):
            result = advxtest.run("/usr/bin/python3", SCRIPT, self.folder / f"{name}.pt",
                                  self.folder / "out", check=False, timeout=60)
            self.assertEqual(result.returncode, 1, f"{name}: {result.stderr}")
            self.assertNotIn("Traceback", result.stderr)
            self.assertFalse((self.folder / "out").exists())

    def test_places_and_streams(self):
        state = {"w\x1b[2J\u00e9": torch.arange(6.0).reshape(2, 3)}
        self.convert(state)
        source, target = self.folder / "model.pt", self.folder / "model.safetensors"
        whole = target.read_bytes()
        before = source.read_bytes()

        def run(*words, shell="exec \"$@\"", **options):
            return subprocess.run(["bash", "-c", shell, "sh", "/usr/bin/python3", SCRIPT, *words],
                                  capture_output=True, timeout=60, **options)
        link, name, fifo = (self.folder / n for n in ("link.pt", "name.pt", "fifo"))
        link.symlink_to(source)
        os.link(source, name)
        os.mkfifo(fifo)
        for out in (source, link, name, f"{self.folder}/../{self.folder.name}/model.pt", fifo,
                    self.folder):
            result = run(source, out)
            self.assertEqual(result.returncode, 2, result.stderr)
            self.assertEqual(source.read_bytes(), before)
        self.assertTrue(fifo.is_fifo())
        for path in (fifo, "/dev/zero", self.folder, self.folder / "none"):
            result = run(path, self.folder / "out")
            self.assertEqual(result.returncode, 1, result.stderr)
        for shell in ("exec \"$@\" >&-", "exec \"$@\" 2>&-", "exec \"$@\" <&- >&- 2>&-"):
            target.unlink()
            self.assertEqual(run(source, target, shell=shell).returncode, 0)
            self.assertEqual(target.read_bytes(), whole)
        result = run(source, target, shell="exec \"$@\" >/dev/full")
        self.assertEqual(result.returncode, 3)
        self.assertNotIn(b"Traceback", result.stderr)
        result = run(source, self.folder / "no" / "out")
        self.assertEqual(result.returncode, 3)
        # Names of files are bytes, names of tensors strangers' texts.
        odd = os.fsencode(self.folder) + b"/m\xff.safetensors"
        result = run(source, odd, env={"LC_ALL": "C", "PYTHONIOENCODING": "ascii"})
        self.assertEqual(result.returncode, 0, result.stderr)
        self.assertNotIn(b"\x1b", result.stdout)
        with open(odd, "rb") as file:
            self.assertEqual(file.read(), whole)
        result = run(odd, self.folder / "out")
        self.assertEqual(result.returncode, 1)

    def test_numpy_is_not_needed(self):
        self.convert(self.model().state_dict())
        target = self.folder / "again.safetensors"
        code = (f"import sys, runpy; sys.modules['numpy'] = None; sys.path[0] = {str(SCRIPT.parent)!r}; "
                f"sys.argv = ['x', {str(self.folder / 'model.pt')!r}, {str(target)!r}]; "
                f"runpy.run_path({str(SCRIPT)!r}, run_name='__main__')")
        advxtest.run("/usr/bin/python3", "-c", code)
        self.assertSameFile(target, self.folder / "model.safetensors")

    def test_mutations_never_crash_it(self):
        """Files with a few bytes changed are read or refused, in bounded time and memory."""
        before = resource.getrlimit(resource.RLIMIT_AS)
        resource.setrlimit(resource.RLIMIT_AS, (6 << 30, before[1]))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_AS, before)
        source = random.Random(8)
        for zipped in (True, False):
            self.convert({"state_dict": self.model().state_dict(), "best": torch.tensor(1.0)},
                         _use_new_zipfile_serialization=zipped)
            whole = (self.folder / "model.pt").read_bytes()
            # The pickles are small against the storages, and what is worth changing.
            places = [i for i in range(len(whole)) if whole[max(0, i - 40):i + 40].count(0) < 60]
            path = self.folder / "mutant.pt"
            ends = time.monotonic() + SECONDS / 2
            tried = 0
            while time.monotonic() < ends or tried < 100:
                mutant = bytearray(whole)
                for _ in range(source.choice((1, 1, 2, 5))):
                    place = min(source.choice(places), len(mutant) - 1)
                    if source.random() < 0.7:
                        mutant[place] = source.choice((0, 1, 0x7F, 0xFF, source.randrange(256),
                                                       ord("."), ord("}"), ord("R"), ord("b")))
                    else:
                        del mutant[place:place + source.randrange(4)]
                path.write_bytes(mutant)
                tried += 1
                try:
                    arrays, _ = import_torch.read_checkpoint(path)
                    self.assertTrue(any(array.shape for array in arrays.values()))
                except (import_torch.Refused, OSError):
                    pass
                except BaseException:
                    path.rename(self.folder / "failed.pt")
                    raise

    def test_parameters_are_tensors(self):
        arrays, _ = self.convert(dict(self.model().named_parameters()))
        self.assertIn("0.weight", arrays)

    def test_a_malicious_pickle_is_refused_and_runs_nothing(self):
        witness = self.folder / "witness"
        for zipped in (True, False):
            arrays, result = self.convert({"w": torch.zeros(2), "x": Bomb(witness)}, check=False,
                                          _use_new_zipfile_serialization=zipped)
            self.assertEqual(result.returncode, 1)
            self.assertIn("nothing was run", result.stderr)
            self.assertIsNone(arrays)
            self.assertFalse(witness.exists())
        # The bomb is live: PyTorch's own loader sets it off.
        torch.load(self.folder / "model.pt")
        self.assertTrue(witness.exists())

    def test_a_bare_malicious_pickle_is_refused(self):
        witness = self.folder / "witness"
        (self.folder / "bare.pt").write_bytes(pickle.dumps(Bomb(witness)))
        result = advxtest.run("/usr/bin/python3", SCRIPT, self.folder / "bare.pt",
                              self.folder / "out", check=False)
        self.assertEqual(result.returncode, 1)
        self.assertFalse(witness.exists() or (self.folder / "out").exists())

    def test_a_whole_module_is_refused(self):
        _, result = self.convert(torch.nn.Linear(2, 2), check=False)
        self.assertEqual(result.returncode, 1)
        self.assertIn("torch.nn.modules.linear.Linear", result.stderr)

    def test_a_view_outside_its_storage_is_refused(self):
        storage = import_torch.Storage("FloatStorage", 4)
        import_torch.fill(storage, bytes(16))
        for shape, stride, offset in (((5,), (1,), 0), ((2, 2), (4, 1), 0), ((1,), (1,), 4),
                                      ((2,), (-1,), 3), ((2,), (1, 1), 0), (("2",), (1,), 0),
                                      ((1,) * 70, (1,) * 70, 0), ((2**62,) * 3, (0, 0, 0), 0)):
            with self.assertRaises(import_torch.Refused):
                tensors = {"w": import_torch.Tensor(storage, offset, shape, stride)}
                import_torch.to_arrays(tensors, 1000)

    def test_damaged_files_are_refused_and_leave_nothing(self):
        self.convert(self.model().state_dict())
        whole = (self.folder / "model.pt").read_bytes()
        (self.folder / "model.safetensors").unlink()
        for size in (0, 1, 100, len(whole) // 2, len(whole) - 1):
            (self.folder / "cut.pt").write_bytes(whole[:size])
            result = advxtest.run("/usr/bin/python3", SCRIPT, self.folder / "cut.pt",
                                  self.folder / "out", check=False)
            self.assertEqual(result.returncode, 1, f"cut to {size}: {result.stderr}")
            self.assertNotIn("Traceback", result.stderr)
        with zipfile.ZipFile(self.folder / "other.pt", "w") as archive:
            archive.writestr("hello", "x")
        result = advxtest.run("/usr/bin/python3", SCRIPT, self.folder / "other.pt",
                              self.folder / "out", check=False)
        self.assertIn("not of PyTorch", result.stderr)
        self.assertEqual([p.name for p in self.folder.iterdir() if p.suffix not in (".pt",)], [])


if __name__ == "__main__":
    advxtest.main()
