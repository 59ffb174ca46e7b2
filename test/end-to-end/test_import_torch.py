# RUN: %{python} %s
"""scripts/import_torch.py: reads what PyTorch writes, runs nothing, refuses the rest."""

import collections
import os
import pickle
import sys
import unittest
import zipfile

import numpy as np
import torch

import advxtest
import safetensors_lite

sys.path.insert(0, str(advxtest.SOURCE / "scripts"))
import import_torch  # noqa: E402

SCRIPT = advxtest.SOURCE / "scripts" / "import_torch.py"


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
        self.assertIn("--key: net, ema", result.stderr)
        arrays, _ = self.convert(two, "--key", "ema")
        self.assertEqual(list(arrays), list(state))

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
                                      ((2,), (-1,), 3), ((2,), (1, 1), 0)):
            with self.assertRaises(import_torch.Refused):
                import_torch.Tensor(storage, offset, shape, stride).array()

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
