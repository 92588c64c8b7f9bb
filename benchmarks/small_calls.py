"""What a call on one number, or on a few, takes beside those of SciPy and NumPy.

Interleaved; each figure is the median of the rounds, in nanoseconds. Prints a GitHub table.
"""

import argparse
import statistics
import timeit

import numpy as np
import scipy.special

import ogive
from ogive._files import run_command

from .report import table

CALLS = 1000  # in a round of one function
FUNCTIONS = {
    "`ogive.sigmoid`": ogive.sigmoid,
    "`expit`": scipy.special.expit,
    "`ogive.tanh`": ogive.tanh,
    "`np.tanh`": np.tanh,
}
INPUTS = {
    "Python float": 1.5,
    "float64 scalar": np.float64(1.5),
    "float32 scalar": np.float32(1.5),
    "float64, no dimension": np.array(1.5),
    **{f"float64, {n}": np.linspace(-3, 3, n) for n in (1, 2, 4, 8)},
    **{f"float32, {n}": np.linspace(-3, 3, n, dtype=np.float32) for n in (1, 8)},
}


def measured(x, rounds):
    """The median time of a call on x, by function."""
    timers = {f: timeit.Timer("f(x)", globals={"f": FUNCTIONS[f], "x": x}) for f in FUNCTIONS}
    times = {f: [] for f in FUNCTIONS}
    for _ in range(rounds):
        for f, timer in timers.items():
            times[f].append(timer.timeit(CALLS) / CALLS * 1e9)
    return {f: statistics.median(of_rounds) for f, of_rounds in times.items()}


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m benchmarks.small_calls", description=__doc__)
    parser.add_argument("--rounds", type=int, default=500, metavar="N", help="500 if not given")
    options = parser.parse_args(arguments)
    rows = []
    for name, x in INPUTS.items():
        sigmoid, expit, tanh, numpy_tanh = times = measured(x, options.rounds).values()
        ratios = sigmoid / expit, tanh / numpy_tanh
        rows.append([name, *(f"{t:.0f}" for t in times), *(f"{r:.2f}" for r in ratios)])
    headings = ["input", *FUNCTIONS, "sigmoid / expit", "tanh / np.tanh"]
    print(table(headings, rows, 1))
    return 0


if __name__ == "__main__":
    run_command(main, "python -m benchmarks.small_calls")
