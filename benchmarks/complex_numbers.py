"""The functions of complex numbers beside NumPy's formulas, on 65,536 elements.

Interleaved, parts of N(0, 4^2), for logit the sigmoids of those; the median of the rounds. Prints a
GitHub table.
"""

import argparse
import statistics
import timeit

import numpy as np

import ogive
from ogive._files import run_command

from .report import table

SIZE = 65536
FORMULAS = {
    "sigmoid": ("1 / (1 + np.exp(-z))", lambda z: 1 / (1 + np.exp(-z))),
    "sigmoid_grad": (
        "s = 1 / (1 + np.exp(-z)); s * (1 - s)",
        lambda z: _slope(1 / (1 + np.exp(-z))),
    ),
    "log_sigmoid": ("-np.log(1 + np.exp(-z))", lambda z: -np.log(1 + np.exp(-z))),
    "softplus": ("np.log(1 + np.exp(z))", lambda z: np.log(1 + np.exp(z))),
    "logit": ("np.log(z / (1 - z))", lambda z: np.log(z / (1 - z))),
    "silu": ("z / (1 + np.exp(-z))", lambda z: z / (1 + np.exp(-z))),
    "tanh": ("np.tanh(z)", np.tanh),
}


def _slope(s):
    return s * (1 - s)


def measured(function, formula, z, rounds):
    """The median times of both, in nanoseconds per element."""
    timers = [timeit.Timer("f(z)", globals={"f": f, "z": z}) for f in (function, formula)]
    times = [[timer.timeit(1) for timer in timers] for _ in range(rounds)]
    return [statistics.median(of_rounds) / z.size * 1e9 for of_rounds in zip(*times, strict=True)]


def main(arguments=None):
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.complex_numbers", description=__doc__
    )
    parser.add_argument("--rounds", type=int, default=50, metavar="N", help="50 if not given")
    options = parser.parse_args(arguments)
    rng = np.random.default_rng(0)
    parts = rng.normal(0, 4, (2, SIZE))
    rows = []
    for name, (text, formula) in FORMULAS.items():
        for dtype in (np.complex64, np.complex128):
            z = (parts[0] + 1j * parts[1]).astype(dtype)
            z = ogive.sigmoid(z) if name == "logit" else z
            ours, numpy = measured(getattr(ogive, name), formula, z, options.rounds)
            texts = f"`{name}`", f"`{text}`", np.dtype(dtype).name
            rows.append([*texts, *(f"{figure:.3g}" for figure in (ours, numpy, numpy / ours))])
    headings = ["function", "NumPy's formula", "dtype", "ogive, ns", "NumPy, ns", "NumPy / ogive"]
    print(table(headings, rows, 3))
    return 0


if __name__ == "__main__":
    run_command(main, "python -m benchmarks.complex_numbers")
