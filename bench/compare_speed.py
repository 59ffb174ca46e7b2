#!/usr/bin/python3
"""Training speed of advx and of eager PyTorch, side by side in one run.

For each page of bench/pages and each number of threads, the contestants take turns: every round
trains each of them for a few steps on the same images. A contestant's figure is the median over
the rounds of its median step. With one thread the figure is images per second of CPU time, which
other jobs on the machine disturb least; with more it is images per second of wall time. The column
`ratio` is advx over the fastest tuned peer. With --before, executables of another compiler take
turns too, and `to before` is advx over them; --no-peers leaves PyTorch out.

Also printed: the time of `advx check` and `advx build`, the start-up of the executable, and where
the time of advx goes (--places): the share of each library op and each kernel, and for a kernel
the bytes of its operands and results by time, also as a share of the memory bandwidth that
bench/stream.py measures in the same run. More than 100 % means that they lie in a cache.

Usage: bench/compare_speed.py [--advx build/ci/bin/advx] [--level 2] [--pages NAME ...]
           [--threads 1 2] [--rounds 5] [--iterations 6] [--places] [--json FILE]
           [--before OLD/bin/advx] [--no-peers]
"""

import argparse
import json
import os
import pathlib
import statistics
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "test" / "end-to-end"))
import advxtest  # noqa: E402

BATCH = 128
OPENBLAS = pathlib.Path("/usr/lib/x86_64-linux-gnu/openblas-openmp")
# Keeps large activations mapped between steps.
MALLOC = {"MALLOC_MMAP_THRESHOLD_": "4000000000", "MALLOC_TRIM_THRESHOLD_": "16000000000"}
PEERS = {
    "reference": (["--style", "reference"], {}),
    "tuned": (["--style", "tuned"], {}),
    "tuned last": (["--style", "tuned", "--channels-last"], {}),
    "tuned malloc": (["--style", "tuned"], MALLOC),
    "tuned last malloc": (["--style", "tuned", "--channels-last"], MALLOC),
}


def openblas_core():
    """The kernels that suit this processor. OpenBLAS takes its oldest ones where it does not know
    the model, which would make any comparison easy too."""
    flags = pathlib.Path("/proc/cpuinfo").read_text()
    known = {"avx512bw": "SkylakeX", "avx2": "Haswell"}
    return next(({"OPENBLAS_CORETYPE": core} for flag, core in known.items() if flag in flags), {})


def environment(threads, more):
    """OpenBLAS for the peers: the reference BLAS would make any comparison easy."""
    result = {**openblas_core(), **os.environ, "OMP_NUM_THREADS": str(threads), **more}
    result["LD_LIBRARY_PATH"] = f"{OPENBLAS}:{os.environ.get('LD_LIBRARY_PATH', '')}"
    return result


def rate(steps, threads):
    """Images per second of the median step; steps are [images, wall, CPU]."""
    return statistics.median(images / (cpu if threads == 1 else wall) for images, wall, cpu in steps)


def write_images(folder, count):
    """The first `count` training images of Fashion-MNIST; returns the folder."""
    return pathlib.Path(advxtest.write_data(folder, advxtest.fashion_mnist("train", count),
                                            advxtest.fashion_mnist("t10k", BATCH)))


def profile_of(executable, data, threads, *more):
    """Trains an epoch; the parsed profile.json."""
    with tempfile.TemporaryDirectory() as out:
        run = pathlib.Path(out) / "run"
        subprocess.run([executable, "train", "--data", data, "--out", run, "--threads",
                        str(threads), "--profile", "--progress", "off", *more],
                       check=True, stdout=subprocess.DEVNULL)
        return json.loads((run / "profile.json").read_text())


def stream(threads):
    """Memory bandwidth in GB/s."""
    found = subprocess.run([ROOT / "bench" / "stream.py", "--threads", str(threads)], check=True,
                           stdout=subprocess.PIPE, env=environment(threads, {}))
    return json.loads(found.stdout)["memory"]


class Page:
    def __init__(self, name, options, folder):
        self.name, self.folder, self.options = name, folder, options
        self.network, self.head = name.rsplit("_", 1)
        self.compilers = {"advx": options.advx}
        if options.before:
            self.compilers["before"] = options.before
        self.times = {which: self.build(which) for which in self.compilers}
        self.profile = None

    def build(self, which):
        """Seconds of the commands of a compiler, and of the start of what it built."""
        source = ROOT / "bench" / "pages" / f"{self.name}.advx"
        compiler = self.compilers[which]
        return {"check": self.seconds([compiler, "check", source]),
                "build": self.seconds([compiler, "build", source, f"-O{self.options.level}", "-o",
                                       self.executable(which)]),
                "start": self.seconds([self.executable(which), "--version"])}

    def executable(self, which):
        return self.folder / f"{self.name}.{which}"

    @staticmethod
    def seconds(command):
        """Of the fastest of three: everything else only adds."""
        times = []
        for _ in range(3):
            begin = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            times.append(time.perf_counter() - begin)
        return min(times)

    def run_advx(self, which, data, threads):
        profile = profile_of(self.executable(which), data, threads)
        if which == "advx":
            self.profile = profile
        return rate(profile["steps"][1:], threads)

    def run_peer(self, peer, data, threads):
        arguments, more = PEERS[peer]
        found = subprocess.run(
            ["/usr/bin/python3", ROOT / "bench" / "peers.py", "--network", self.network, "--head",
             self.head, "--threads", str(threads), "--iterations", str(self.options.iterations),
             "--images", data / "train-images-idx3-ubyte", "--labels",
             data / "train-labels-idx1-ubyte", *arguments],
            check=True, stdout=subprocess.PIPE, env=environment(threads, more))
        return rate(json.loads(found.stdout)["steps"], threads)


def compare(page, data, threads, options):
    peers = [] if options.no_peers else PEERS
    rates = {name: [] for name in [*page.compilers, *peers]}
    for _ in range(options.rounds):
        for which in page.compilers:
            rates[which].append(page.run_advx(which, data, threads))
        for peer in peers:
            rates[peer].append(page.run_peer(peer, data, threads))
    return rates


def ratios(medians):
    """What the last columns print, by their names."""
    tuned = [value for name, value in medians.items() if name.startswith("tuned")]
    result = {"ratio": medians["advx"] / max(tuned)} if tuned else {}
    if "before" in medians:
        result["to before"] = medians["advx"] / medians["before"]
    return result


def print_places(profile, threads, bandwidth):
    """Each place's share of the CPU time, and where bytes are known, GB/s: of CPU time with one
    thread, of wall time with more."""
    total = sum(cpu for _, _, cpu in profile["steps"][1:])
    print(f"    stream {bandwidth:.1f} GB/s")
    for place in profile["places"]:
        share = 100 * place["cpu"] / total
        if share < 0.5:
            continue
        speed = ""
        if place["bytes"]:
            rate = place["bytes"] / place["cpu" if threads == 1 else "wall"] * 1e-9
            speed = f"{rate:6.1f} GB/s, {100 * rate / bandwidth:5.1f} % of stream"
        print(f"    {share:5.1f} %  {place['calls']:6} x "
              f"{place['cpu'] / place['calls'] * 1e6:9.1f} us {speed:30} {place['name']}")
    listed = sum(place["cpu"] for place in profile["places"])
    print(f"    {100 * (total - listed) / total:5.1f} %  between them")


def main():
    pages = sorted(path.stem for path in (ROOT / "bench" / "pages").glob("*.advx"))
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--advx", type=pathlib.Path, default=ROOT / "build/ci/bin/advx")
    parser.add_argument("--level", type=int, default=2, help="-O of advx build")
    parser.add_argument("--pages", nargs="+", choices=pages, default=pages)
    parser.add_argument("--threads", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--iterations", type=int, default=6, help="steps of a round")
    parser.add_argument("--places", action="store_true", help="where the time of advx goes")
    parser.add_argument("--json", type=pathlib.Path, help="write every figure of every round")
    parser.add_argument("--before", type=pathlib.Path, help="another advx, to compare with")
    parser.add_argument("--no-peers", action="store_true", help="no PyTorch")
    options = parser.parse_args()
    if not options.no_peers and not (OPENBLAS / "libblas.so.3").exists():
        sys.exit(f"{OPENBLAS} has no libblas.so.3: install libopenblas0-openmp")

    record = {}
    names = ["advx", *(["before"] if options.before else []),
             *([] if options.no_peers else PEERS)]
    last = ratios(dict.fromkeys(names, 1.0))
    print(f"PGD-10, batch {BATCH}, median of {options.rounds} rounds; images/s of CPU time with 1 "
          "thread, of wall time with more")
    print(f"{'page':24}{'threads':>8}" + "".join(f"{name:>18}" for name in names)
          + "".join(f"{name:>11}" for name in last))
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        data = write_images(folder / "data", BATCH * (options.iterations + 1))
        for name in options.pages:
            page = Page(name, options, folder)
            for threads in options.threads:
                rates = compare(page, data, threads, options)
                medians = {peer: statistics.median(values) for peer, values in rates.items()}
                print(f"{name:24}{threads:8}" + "".join(f"{medians[n]:18.1f}" for n in names)
                      + "".join(f"{value:11.2f}" for value in ratios(medians).values()), flush=True)
                record[f"{name} {threads}"] = {"rates": rates, "profile": page.profile}
                if options.places:
                    print_places(page.profile, threads, stream(threads))
            for which, times in page.times.items():
                print("  " + ", ".join(f"{which} {what} {value:.3f} s"
                                       for what, value in times.items()), flush=True)
            record[name] = page.times
    if options.json:
        options.json.write_text(json.dumps(record, indent=1))


if __name__ == "__main__":
    main()
