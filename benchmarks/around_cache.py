"""What it is worth that outputs go around the last cache, where that cannot hold them.

Calls on whole arrays are timed beside the same work in pieces that fit, whose outputs go through
the cache. Prints a GitHub table, and draws it.
"""

import argparse
import dataclasses
import functools
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure

import ogive
from ogive._files import check_output, replacing, run_command

from . import measure
from .report import rounded, table

FUNCTIONS = ("sigmoid_grad_from_output", "sigmoid_backward")
PIECE = 1 << 18  # elements: the 6 MiB of three such arrays fit
WHOLE, PIECES = "whole array", "in pieces that fit"


def by_pieces(function, arrays):
    for start in range(0, arrays[-1].size, PIECE):
        *inputs, out = (array[start : start + PIECE] for array in arrays)
        function(*inputs, out=out)


def measured(name, size, plan):
    """The quartiles of both."""
    function = getattr(ogive, name)
    rng = np.random.default_rng(0)
    arrays = [*rng.random((function.nin, size)), np.empty(size)]
    *inputs, out = arrays
    calls = {
        WHOLE: functools.partial(function, *inputs, out=out),
        PIECES: functools.partial(by_pieces, function, arrays),
    }
    return measure.quartiles(calls, size, plan, plan.seconds)


def draw(config, found, sizes):
    figure = Figure(figsize=(10, 4.5), layout="constrained")
    panels = figure.subplots(1, len(FUNCTIONS), sharex=True, sharey=True)
    for axes, name in zip(panels, FUNCTIONS, strict=True):
        for label, style in ((WHOLE, "o-"), (PIECES, "s--")):
            low, median, high = zip(*(found[name, size][label] for size in sizes), strict=True)
            axes.semilogx(sizes, median, style, base=2, label=label)
            axes.fill_between(sizes, low, high, alpha=0.2)
        last = max(config["caches"].values(), default=0)
        axes.axvline(last / 8 / (getattr(ogive, name).nin + 1), color="gray", linestyle=":")
        axes.set_title(name)
        axes.set_xlabel("elements (dotted: as many as the last cache holds)")
        axes.grid(alpha=0.3)
        axes.legend()
    panels[0].set_ylim(0)
    panels[0].set_ylabel("ns per element (lower is faster)")
    figure.suptitle(f"float64, ogive ({config['isa']}) on {config['cpu']}, one thread, out= given")
    return figure


def main(arguments=None):
    parser = argparse.ArgumentParser(prog="python -m benchmarks.around_cache", description=__doc__)
    parser.add_argument("--plot", type=Path, metavar="FILE.png", help="draw the table")
    parser.add_argument("--largest", type=int, default=24, metavar="N", help="of 2^N elements")
    parser.add_argument("--seconds", type=float, default=3, metavar="S", help="for each figure")
    options = parser.parse_args(arguments)
    if options.plot:
        check_output(options.plot)
    plan = dataclasses.replace(measure.FULL, seconds=options.seconds, rounds=9)
    sizes = [1 << power for power in range(16, options.largest + 1)]
    found = {(name, size): measured(name, size, plan) for size in sizes for name in FUNCTIONS}
    config = measure.machine([])
    columns = [(name, label) for name in FUNCTIONS for label in (WHOLE, PIECES)]
    rows = [
        [f"{size:,}", *(rounded(found[name, size][label][1]) for name, label in columns)]
        for size in sizes
    ]
    print(table(["elements", *(f"`{name}`, {label}" for name, label in columns)], rows, 0))
    if options.plot:
        with replacing(options.plot) as file:
            draw(config, found, sizes).savefig(file, format="png", dpi=130)
    return 0


if __name__ == "__main__":
    run_command(main, "python -m benchmarks.around_cache")
