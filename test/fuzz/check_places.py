"""What `advx check` accepts, `advx build` builds: each kind of value at each place of a page.

A page has places where a number, an image, a loss or a set is expected, and values of many kinds:
constants, settings, schedules, labels, values of one example or of the batch. For each pair,
`advx check` ends with 1 and a finding, or the page builds as far as the host program.
"""

import argparse
import os
import pathlib
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor

from check_builds import check

PAGE = """network net(width : int = {width}) {{
  layer s = standardize(mean = [{mean}], std = [{std}])
  layer c = conv2d({channels}, kernel = {kernel}, padding = {padding})
  layer d = dropout({dropout})
  layer n = batch_norm(eps = {norm})
  layer l = linear(width)
  forward(x) = l(flatten(relu(n(d(c(s(x)))))))
}}
head scaled(z : vector[d], s : real = 3, m : real = 1/5) {{
  param W : matrix[d, classes] = {init}
  let cosine = transpose(normalize(W, axis = 0)) @ normalize(z)
  logits         = s * cosine
  logits given y = s * (cosine - m * onehot(y))
}}
fn steady(v : real = 1/10, w : real = {schedule}) : real {{ return v + w }}
dataset small() {{
  format = "idx"
  image = [1, 4, 4]
  classes = 3
  range = [0, 1]
  train = ["train-images", "train-labels"]
  test = ["test-images", "test-labels"]
}}
experiment places {{
  let eps = [1, 2, 1] / 10
  let three = 3
  data small() {{ batch = {batch} }}
  features z = net()
  head     f = scaled(z, s = {scale}, m = {margin})
  threat B(x, y) = linf(x, radius = {radius}) & box({low}, 1)
  inner x' = argmax {objective} over B(x, y) by pgd(steps = {steps}, step = {step}, start = uniform({start})) {until}
  threat C(x, y) = linf(x, radius = {between})
  inner x'' = argmax ce(f(x'', s = {applied}), y) over {second}
          by pgd(steps = 3, step = 1/20, start = gaussian({sigma}))
  let late = {late}
  outer minimize {loss} + late + ce(f(x''), y) by sgd(lr = {rate}, momentum = {momentum}) for {epochs} epochs
  evaluate every {every} epochs on test({images}) over C(x, y) {{
    clean
    first = argmax {objective} over linf(x, radius = {around}) by pgd(steps = 3, step = 1/40)
    second = pgd(steps = 3, step = {own})
  }}
}}
"""

#: A place, with what stands there otherwise and how a value is put there.
PLACES = {
    "width": ("4", "{}"), "channels": ("2", "{}"), "kernel": ("3", "{}"), "padding": ("1", "{}"),
    "dropout": ("1/4", "{}"), "norm": ("1/1000", "{}"), "late": ("0", "{}"), "applied": ("3", "{}"),
    "second": ("B(x, y)", "linf(x, radius = {})"), "sigma": ("1/50", "sigma = {}"), "between": ("1/10", "{}"), "init": ("kaiming_uniform()", "normal({})"),
    "schedule": ("0", "{}"), "batch": ("8", "{}"), "mean": ("1/2", "{}"), "std": ("1/2", "{}"),
    "scale": ("3", "{}"), "margin": ("1/5", "{}"), "radius": ("1/10", "{}"), "low": ("0", "{}"),
    "objective": ("ce(f(x'), y)", "{}"), "steps": ("3", "{}"), "step": ("1/20", "{}"),
    "start": ("1/20", "radius = {}"), "until": ("", "until {} > 0"),
    "loss": ("ce(f(x' | y), y)", "ce(f(x' | y), y) + {}"), "rate": ("1/10", "{}"),
    "momentum": ("0", "{}"), "epochs": ("1", "{}"), "every": ("1", "{}"), "images": ("8", "{}"),
    "around": ("1/10", "{}"), "own": ("1/40", "{}"),
}

VALUES = [
    "2", "1/10", "three", "three - three", "true", "eps", "eps[0]", "eps[y]", "eps[3 - three]",
    "eps[0] + eps[y]", "epoch / 10", "iteration", "steady()", "steady(1/10, epoch)", "y", "x", "x'",
    "z", "f(x)", "f(x | y)", "f(x)[y]", "ce(f(x), y)", "ce(f(x'), y)", "mean(x)", "mean(x')", "norm(x)",
    "batch_mean(mean(x))", "batch_sum(norm(x)) / 100", "max(eps[y], 1/10)", "stop_gradient(norm(x))",
    "(if y == 2 then 0.1 else 0.2)", "(if epoch > 1 then 0.1 else 0.2)", "argmax f(x)", "\"text\"",
    "uniform", "B(x, y)", "f", "ce", "[1, y]",
]


def page(place, value):
    texts = {name: text for name, (text, _) in PLACES.items()}
    texts[place] = PLACES[place][1].format(value)
    return PAGE.format(**texts)


def main():
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--places", nargs="+", choices=list(PLACES), default=list(PLACES))
    parser.add_argument("--print", nargs=2, metavar=("PLACE", "VALUE"), help="print a page instead")
    options = parser.parse_args()
    if options.print:
        print(page(*options.print), end="")
        return

    def test(pair):
        place, value = pair
        with tempfile.TemporaryDirectory(prefix="advx-places-") as folder:
            path = pathlib.Path(folder) / "page.advx"
            path.write_text(page(place, value))
            return place, value, *check(path, levels=(2,))

    pairs = [(place, value) for place in options.places for value in [PLACES[place][0] or "1", *VALUES]]
    with ThreadPoolExecutor(os.cpu_count() or 1) as pool:
        results = list(pool.map(test, pairs))
    failed = [result for result in results if result[3]]
    for place, value, _, problem in failed:
        print(f"{value} at `{place}`: {problem}\n"
              f"  page: check_places.py --print {place} '{value}'", flush=True)
    accepted = sum(result[2] for result in results)
    print(f"{accepted} of {len(pairs)} pages were accepted and built")
    if accepted < 3 * len(options.places):
        failed.append("too few pages mean something")
        print(failed[-1])
    print(f"{len(pairs) - len(failed)} passed, {len(failed)} failed")
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()
