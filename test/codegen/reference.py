"""What kernels are compared with: the same ops as plain calls of the runtime (as -O0 has them), but
in f64, so that a difference is an error of the kernel and not of the reference's own rounding."""

import re

import numpy as np

INLINED = ("--advx-inline-clusters", "--advx-partitioned-to-host")

# Of the largest magnitude; some fifty roundings of the type, twice what kernels are off by at most.
TOLERANCE = {"f32": 3e-6, "f64": 1e-14, "mixed": 3e-6}


def widened(text):
    """The same steps with all floats f64."""
    return re.sub(r"(?<=[x<])f32|(?<= to )f32", "f64", text)


def error(found, expected, unit):
    """Of the largest magnitude of what is expected, or of `unit`: the magnitude of what was added
    up, where a sum may cancel. Infinite where NaN is not NaN, or integers differ."""
    if found.dtype.kind != "f":
        return 0.0 if np.array_equal(found, expected) else np.inf
    if not np.array_equal(np.isnan(found), np.isnan(expected)):
        return np.inf
    difference = np.nanmax(np.abs(found.astype(np.float64) - expected), initial=0.0)
    return difference / np.nanmax(np.abs(expected), initial=unit) if difference else 0.0


def differs(found, expected, dtype, unit):
    return not error(found, expected, unit) <= TOLERANCE.get(dtype, 0.0)
