# RUN: %{python} %s
"""One object serves every batch size, within one process too, and its memory is as planned."""

import json
import unittest

import advxtest
import pages

COUNT = 135


class Batches(advxtest.TestCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.data = advxtest.write_data(cls.class_folder / "data",
                                       advxtest.fashion_mnist("train", 300),
                                       advxtest.fashion_mnist("t10k", COUNT))
        cls.executable = advxtest.build_page(pages.tiny(
            batch=128, evaluate="clean pgd5 = pgd(steps = 5, step = 0.025, start = center)"))
        cls.executable.train(cls.class_folder / "run", cls.data)
        cls.checkpoint = advxtest.last_checkpoint(cls.class_folder / "run")

    def test_attacks_do_not_depend_on_the_batch(self):
        """Batches of 128 and 7, of 134 and 1, of 1, of 7, of 16 and of all 135."""
        found = {}
        for batch in (128, 134, 1, 7, 16, 4096):
            found[batch] = self.executable.attack(self.checkpoint, self.data, "test", "pgd5",
                                                  settings={"data.batch": batch})
        for batch, arrays in found.items():
            self.assertEqual(len(arrays["y"]), COUNT)
            self.assertSameArray(arrays["index"], range(COUNT))
            self.assertSameArray(arrays["x"], found[128]["x"])
            self.assertSameArray(arrays["logits"], found[128]["logits"], f"batch {batch}")
            self.assertSameArray(arrays["adversarial"], found[128]["adversarial"], f"batch {batch}")

    def test_the_last_batch_trains_too(self):
        """Three epochs of 300 examples in batches of 7: 43 steps each, the last of 6."""
        run = self.folder / "run"
        self.executable.train(run, self.data, epochs=3, settings={"data.batch": 7})
        events = [json.loads(line) for line in (run / "metrics.jsonl").read_text().splitlines()]
        self.assertTrue(any(event.get("iteration") == 3 * 43 for event in events), events)

    def test_one_and_many_examples_a_step_are_the_same_mean(self):
        """One step over 24 examples equals PyTorch's and ours at any padding: 24 = 16 + 8."""
        data = advxtest.write_data(self.folder / "data", advxtest.fashion_mnist("train", 24))
        states = []
        for batch in (24, 128, 4096):
            run = self.folder / f"run{batch}"
            self.executable.train(run, data, settings={"data.batch": batch})
            states.append(advxtest.weights(advxtest.last_checkpoint(run)))
        for name in states[0]:
            for state in states[1:]:
                self.assertClose(state[name], states[0][name], 1e-5, name)

    @unittest.skipIf("address" in advxtest.SANITIZERS,
                     "the build has AddressSanitizer's allocator, which must be loaded first")
    def test_the_plan_is_what_an_independent_allocator_counts(self):
        """Blocks from malloc, counted by a library of our own that is loaded before libc."""
        library = self.folder / "count.so"
        source = advxtest.HERE / "Inputs" / "count_allocations.cpp"
        advxtest.run("g++", "-O1", "-shared", "-fPIC", "-o", library, source, "-ldl")
        for batch in (256, 1024):
            report = self.folder / f"peak{batch}"
            out = self.folder / f"eval{batch}.json"
            self.executable.evaluate(
                self.checkpoint, self.data, settings={"data.batch": batch},
                extra=["--out", out], env={"LD_PRELOAD": str(library), "ADVX_COUNT_FILE": str(report)})
            counted = int(report.read_text())
            info = json.loads(advxtest.run(self.executable.path, "info", "--json", "--set",
                                           f"data.batch={batch}").stdout)
            planned = info["memory"]["planned"]["total"]
            self.assertGreater(planned, 1_000_000)
            measured = json.loads(out.read_text())["memory"]
            self.assertEqual(measured["peak"]["total"], planned)
            # Listed apart: the images, what libraries take inside a call, the manifest's text.
            apart = measured["data"] + measured["library_scratch"]
            self.assertLess(abs(counted - apart - planned), 0.05 * planned + 200_000,
                            f"batch {batch}: {counted} counted, {planned} planned, {apart} apart")


if __name__ == "__main__":
    advxtest.main()
