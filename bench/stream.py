#!/usr/bin/python3
"""Memory bandwidth as kernels see it: a = b + s c over arrays far larger than any cache (memory),
and over arrays that fit one core's (cache).

Prints one JSON line, GB/s by wall time, two reads and one write counted; the best of the passes,
since everything else on the machine only takes away.

Usage: bench/stream.py [--threads 1]
"""

import argparse
import json
import time

import torch


def gigabytes_per_second(count, passes):
    b, c = torch.ones(count), torch.full((count,), 2.0)
    a = torch.zeros(count)
    best = float("inf")
    for _ in range(passes):
        begin = time.perf_counter()
        torch.add(b, c, alpha=3.0, out=a)
        best = min(best, time.perf_counter() - begin)
    return 12 * count / best * 1e-9


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--threads", type=int, default=1)
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    print(json.dumps({"threads": options.threads,
                      "cache": round(gigabytes_per_second(64 << 10, 2000), 1),
                      "memory": round(gigabytes_per_second(96 << 20, 5), 1)}))


if __name__ == "__main__":
    main()
