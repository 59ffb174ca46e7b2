"""Compiles random pages in every way there is and compares what they compute.

For each page
  * `advx build --verify-numerics` compares every pass of -O 2 with what stands before it;
  * the executables of -O 0 and -O 2 agree for several batches, and that of -O 2 gives the same bits
    with any number of threads;
  * now and then, the gradient of the loss is that of finite differences, in f64.

The pages in Inputs once failed and come first; then one seed follows the other until the time is
over. A page that fails is kept, and the command to repeat it is printed.
"""

import argparse
import json
import pathlib
import shutil
import sys
import tempfile
import time

import numpy as np

import random_pages

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "end-to-end"))

import advxtest  # noqa: E402
import safetensors_lite  # noqa: E402

BATCHES = (1, 7, 16, 17, 33)
TOLERANCE = {"f64": 1e-8, "f32": 1e-3}
SMALLEST_SCALE = 1e-2  # as compiler/verify has it, and for the same reason
SEEDS = {"f64": 1, "f32": 4}  # a page differs if it does with each of so many
STRAYED = {"f64": 0, "f32": 0.01}
STEPS_OF_DIFFERENCES = (1e-6, 1e-5, 1e-7)
EVERY = 3  # one page of so many is compared with finite differences
FAILED = advxtest.BUILD / "test" / "fuzz" / "failed"


class Mismatch(Exception):
    """A page computes two different things; says which."""


def build(page, executable, *options):
    advxtest.run(advxtest.ADVX, "build", page, "-o", executable, *options)
    return executable


def probe(executable, batch, threads=1, perturb=(), seed=1):
    out = executable.with_suffix(".probe")
    changes = [part for change in perturb for part in ("--perturb", change)]
    advxtest.run(executable, "probe", "--out", out, "--seed", seed, "--batch", batch, "--threads",
                 threads, *changes)
    return safetensors_lite.read(out)[0]


def difference(reference, other, strayed):
    """The largest difference relative to the largest magnitude, `strayed` of the entries aside."""
    if reference.shape != other.shape or reference.dtype != other.dtype:
        return np.inf
    reference, other = (array.astype(np.float64).ravel() for array in (reference, other))
    if reference.size == 0:
        return 0.0
    finite = np.abs(reference[np.isfinite(reference)])
    same = (reference == other) | (np.isnan(reference) & np.isnan(other))
    with np.errstate(invalid="ignore"):
        scale = max(finite.max(initial=0), SMALLEST_SCALE)
        apart = np.where(same, 0, np.abs(reference - other)) / scale
    apart = np.sort(np.where(np.isnan(apart), np.inf, apart))[::-1]
    return apart[int(strayed * (apart.size - 1))]


def compare(what, reference, other, precision):
    if reference.keys() != other.keys():
        raise Mismatch(f"{what}: other tensors: {sorted(reference.keys() ^ other.keys())}")
    for name in reference:
        strayed = STRAYED[precision] if name.endswith("/adversarial") else 0
        apart = difference(reference[name], other[name], strayed)
        if not apart <= TOLERANCE[precision]:
            raise Mismatch(f"{what}: {name} differs by {apart:.3g}")


def trainable(executable):
    state = json.loads(advxtest.run(executable, "info", "--json").stdout)["state"]
    return [leaf["name"] for leaf in state if leaf["trainable"]]


def check_passes(page, folder):
    advxtest.run(advxtest.ADVX, "build", "--verify-numerics", page)


def check_kernels(page, folder):
    for precision in ("f64", "f32"):
        plain, fast = (build(page, folder / f"{precision}-{level}", "-O", level, "--precision",
                             precision) for level in (0, 2))
        for batch in BATCHES:
            what = f"-O 2 in {precision}, batch {batch}"
            for seed in range(1, SEEDS[precision] + 1):
                try:
                    compare(what, probe(plain, batch, seed=seed), probe(fast, batch, seed=seed),
                            precision)
                    break
                except Mismatch:
                    if seed == SEEDS[precision]:
                        raise
            ours = probe(fast, batch)
            threaded = probe(fast, batch, threads=3)
            for name in ours:
                if ours[name].tobytes() != threaded[name].tobytes():
                    raise Mismatch(f"{what}: {name} depends on the number of threads")


def check_gradient(page, folder):
    """The gradient that plain SGD keeps in its velocity, against differences of the loss."""
    executable = build(page, folder / "differences", "--precision", "f64")
    batch = 5
    base = probe(executable, batch)
    gradients = {leaf: base[f"train_step/outer.v[{leaf}]"].ravel() for leaf in trainable(executable)}
    scale = max(SMALLEST_SCALE, *(np.abs(gradient).max() for gradient in gradients.values()))
    for leaf, gradient in gradients.items():
        for index in {int(np.abs(gradient).argmax()), gradient.size // 2}:
            quotients = []
            for step in STEPS_OF_DIFFERENCES:
                losses = [probe(executable, batch, perturb=[f"{leaf}:{index}:{change!r}"])
                          ["train_step/loss"].item() for change in (step, -step)]
                quotients.append((losses[0] - losses[1]) / (2 * step))
                if abs(quotients[-1] - gradient[index]) <= 1e-5 * scale:
                    break
            else:
                raise Mismatch(f"the gradient of the loss by {leaf}[{index}] is "
                               f"{gradient[index]:.9g}, its differences {quotients}")


class Run:
    """Counts, and what is said about failures."""

    def __init__(self):
        self.passed = self.failed = 0

    def check(self, name, what, text, function):
        with tempfile.TemporaryDirectory(prefix="advx-fuzz-") as folder:
            folder = pathlib.Path(folder)
            page = folder / f"{name}.advx"
            page.write_text(text)
            try:
                function(page, folder)
                self.passed += 1
                return
            except Exception as problem:  # whatever it is, the next page is tried
                self.failed += 1
                FAILED.mkdir(parents=True, exist_ok=True)
                kept = shutil.copy(page, FAILED / f"{name}-{what}.advx")
                again = f"ADVX_BUILD={advxtest.BUILD} {sys.executable} {pathlib.Path(__file__)}"
                print(f"page {name}, {what}: {problem}\n  page: {kept}\n  again: {again} "
                      f"--page {kept}", flush=True)

    def text(self, name, text):
        self.check(name, "passes", text, check_passes)
        self.check(name, "kernels", text, check_kernels)

    def seed(self, seed):
        page = random_pages.Page(seed)
        self.text(seed, page.text)
        if page.smooth and seed % EVERY == 0:
            plain = random_pages.Page(seed, plain_sgd=True)
            self.check(seed, "gradient", plain.text, check_gradient)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--seconds", type=float, default=60, help="of wall time (60)")
    parser.add_argument("--first", type=int, default=0, help="the first seed (0)")
    parser.add_argument("--seed", type=int, help="check this page only")
    parser.add_argument("--page", type=pathlib.Path, help="check this file only")
    parser.add_argument("--print", action="store_true", help="print the page of --seed instead")
    options = parser.parse_args()
    if options.print:
        print(random_pages.Page(options.seed or 0).text, end="")
        return
    run = Run()
    if options.page:
        run.text(options.page.stem, options.page.read_text())
    elif options.seed is not None:
        run.seed(options.seed)
    else:
        ends = time.monotonic() + options.seconds
        for page in sorted((HERE / "Inputs").glob("*.advx")):
            run.text(page.stem, page.read_text())
        seed = options.first
        while time.monotonic() < ends or seed == options.first:
            run.seed(seed)
            seed += 1
    print(f"{run.passed} passed, {run.failed} failed")
    sys.exit(1 if run.failed else 0)


if __name__ == "__main__":
    main()
