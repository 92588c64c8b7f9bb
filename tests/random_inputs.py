"""Run a function of several inputs over random and structured ones and count the wrong roundings.

The results are compared with an evaluation that shares no code with the kernels, in
tests/native/several.c, and with MPFR wherever that one is near a rounding boundary.
"""

import argparse
import ctypes
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))  # under `python -m tests.random_inputs`

import compiled
from exhaustive import CHUNK, NEAR, WRONG, load_function, same_values
from helpers import PROBABILITIES, SEVERAL, cancelling, far_apart, outputs, ties
from reference import correctly_rounded

from ogive._files import UserError, run_command
from ogive._progress import progress_bar
from ogive.fallback import FUNCTIONS

FLAGS = {"float32": (), "float64": ("-DOF_FLOAT64", "-lquadmath")}


def ordinary(name, dtype, size, seed):
    """Normally distributed, a probability where one is wanted, of which half are 0 or 1."""
    rng = np.random.default_rng(seed)
    x = rng.normal(0, 4, (FUNCTIONS[name].nin, size))
    for position in PROBABILITIES.get(name, ()):
        x[position] = rng.uniform(0, 1, size)
        if name.startswith("bce"):
            x[position, ::2] = rng.integers(0, 2, x[position, ::2].size)
    return tuple(x.astype(dtype))


SOURCES = {"random": [ordinary] * 6 + [far_apart], "structured": [cancelling, ties, far_apart]}


def check(name, function, check_in_c, x):
    """How many results are wrong, how many MPFR had to judge, and some inputs of wrong ones."""
    results = outputs(function(*x))
    x = tuple(np.ascontiguousarray(each) for each in x)
    verdicts = np.empty(x[0].size, np.uint8)
    check_in_c.restype = ctypes.c_ssize_t
    pointers = [
        (ctypes.c_void_p * len(arrays))(*(a.ctypes.data for a in arrays)) for arrays in (x, results)
    ]
    size = ctypes.c_ssize_t(x[0].size)
    if not check_in_c(*pointers, size, ctypes.c_void_p(verdicts.ctypes.data)):
        return 0, 0, []
    wrong, near = verdicts == WRONG, np.flatnonzero(verdicts == NEAR)
    if near.size:
        right = correctly_rounded(name, *(each[near] for each in x))
        for got, want in zip(results, right, strict=True):
            wrong[near] |= ~same_values(got[near], want)
    examples = [[float(each[i]).hex() for each in x] for i in np.flatnonzero(wrong)[:3]]
    return int(wrong.sum()), near.size, examples


def main(arguments=None):
    """Return 0 if no result is wrong, else 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.random_inputs", description=__doc__)
    parser.add_argument("functions", nargs="*", metavar="FUNCTION", help="default: all")
    parser.add_argument("--dtype", choices=FLAGS, default="float32")
    parser.add_argument("--kind", choices=SOURCES, default="random")
    parser.add_argument("--inputs", type=int, default=10**6, metavar="N", help="of each function")
    parser.add_argument("--isa", metavar="NAME", help="backend (default: the best here)")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    unknown = {*options.functions} - {*SEVERAL}
    if unknown:
        raise UserError(f"no functions of several inputs: {', '.join(sorted(unknown))}")
    library = compiled.load("several", *FLAGS[options.dtype])
    failed = False
    for name in options.functions or SEVERAL:
        started = time.monotonic()
        isa, function, _ = load_function(name, options.isa)
        check_in_c = getattr(library, f"check_{name}")
        sources = SOURCES[options.kind]

        def part(turn, name=name, function=function, check_in_c=check_in_c, sources=sources):
            source = sources[turn % len(sources)]
            x = source(name, np.dtype(options.dtype).type, CHUNK, (options.seed, turn))
            return check(name, function, check_in_c, x)

        turns = -(-options.inputs // CHUNK)
        wrong = near = 0
        examples = []
        with progress_bar() as report, ThreadPoolExecutor(os.cpu_count()) as pool:
            for done, result in enumerate(pool.map(part, range(turns)), 1):
                wrong, near = wrong + result[0], near + result[1]
                examples += result[2]
                report(done, turns, f"{name}: {wrong} wrong")
        seconds = time.monotonic() - started
        print(
            f"{name} {options.dtype} on {isa}: {turns * CHUNK:,} {options.kind} inputs, "
            f"{wrong:,} wrong roundings, {near:,} judged by MPFR, {seconds:.0f} s"
        )
        for example in examples[:3]:
            print(f"  WRONG at {', '.join(example)}")
        failed |= wrong > 0
    return int(failed)


if __name__ == "__main__":
    run_command(main, "python -m tests.random_inputs")
