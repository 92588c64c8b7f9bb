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
from exhaustive import CHUNK, EXAMPLES, NEAR, WRONG, load_function, same_values
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


def check(name, functions, check_in_c, x):
    """Of each backend's function which results are wrong, and how many inputs MPFR had to judge."""
    first, *others = [outputs(function(*x)) for function in functions]
    x = tuple(np.ascontiguousarray(each) for each in x)
    verdicts = np.empty(x[0].size, np.uint8)
    check_in_c.restype = ctypes.c_ssize_t
    pointers = [
        (ctypes.c_void_p * len(arrays))(*(a.ctypes.data for a in arrays)) for arrays in (x, first)
    ]
    size = ctypes.c_ssize_t(x[0].size)
    check_in_c(*pointers, size, ctypes.c_void_p(verdicts.ctypes.data))
    wrong = [verdicts == WRONG]
    near = verdicts == NEAR
    for results in others:
        wrong.append(wrong[0].copy())
        for got, reference in zip(results, first, strict=True):
            near |= ~same_values(got, reference)
    near = np.flatnonzero(near)
    if near.size:
        right = correctly_rounded(name, *(each[near] for each in x))
        for of_backend, results in zip(wrong, (first, *others), strict=True):
            of_backend[near] = False
            for got, want in zip(results, right, strict=True):
                of_backend[near] |= ~same_values(got[near], want)
    return wrong, near.size


def main(arguments=None):
    """Return 0 if no result is wrong, else 1."""
    parser = argparse.ArgumentParser(prog="python -m tests.random_inputs", description=__doc__)
    parser.add_argument("functions", nargs="*", metavar="FUNCTION", help="default: all")
    parser.add_argument("--dtype", choices=FLAGS, default="float32")
    parser.add_argument("--kind", choices=SOURCES, default="random")
    parser.add_argument("--inputs", type=int, default=10**6, metavar="N", help="of each function")
    parser.add_argument(
        "--isa", nargs="+", metavar="NAME", help="backends, in one run (default: the best here)"
    )
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    unknown = {*options.functions} - {*SEVERAL}
    if unknown:
        raise UserError(f"no functions of several inputs: {', '.join(sorted(unknown))}")
    library = compiled.load("several", *FLAGS[options.dtype])
    failed = False
    for name in options.functions or SEVERAL:
        started = time.monotonic()
        backends = [load_function(name, isa)[:2] for isa in options.isa or [None]]
        functions = [function for _, function in backends]
        check_in_c = getattr(library, f"check_{name}")
        sources = SOURCES[options.kind]

        def part(turn, name=name, functions=functions, check_in_c=check_in_c, sources=sources):
            source = sources[turn % len(sources)]
            x = source(name, np.dtype(options.dtype).type, CHUNK, (options.seed, turn))
            wrong, near = check(name, functions, check_in_c, x)
            examples = [
                [[float(each[i]).hex() for each in x] for i in np.flatnonzero(lanes)[:EXAMPLES]]
                for lanes in wrong
            ]
            return np.array([lanes.sum() for lanes in wrong]), near, examples

        turns = -(-options.inputs // CHUNK)
        wrong, near = 0, 0
        examples = [[] for _ in backends]
        with progress_bar() as report, ThreadPoolExecutor(os.cpu_count()) as pool:
            for done, result in enumerate(pool.map(part, range(turns)), 1):
                wrong, near = wrong + result[0], near + result[1]
                for kept, more in zip(examples, result[2], strict=True):
                    kept += more
                report(done, turns, f"{name}: {wrong.sum()} wrong")
        seconds = time.monotonic() - started
        print(
            f"{name} {options.dtype}: {turns * CHUNK:,} {options.kind} inputs, "
            f"{near:,} judged by MPFR, {seconds:.0f} s"
        )
        for (isa, _), count, of_backend in zip(backends, wrong, examples, strict=True):
            print(f"  {isa}: {count:,} wrong roundings", flush=True)
            for example in of_backend[:EXAMPLES]:
                print(f"    WRONG at {', '.join(example)}")
        failed |= wrong.any()
    return int(failed)


if __name__ == "__main__":
    run_command(main, "python -m tests.random_inputs")
