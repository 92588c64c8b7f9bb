"""Hunt the inputs whose results come nearest to a rounding boundary.

Of functions of several inputs, all numbers of one input are searched at once for each random choice
of the others (tests/linear.py). Of functions of one input, in float64: random stretches of
consecutive inputs, spread over the binades of x, are searched whole: a polynomial through a few
exact values, followed by additions alone, tells which inputs come near (tests/native/search.c).
Those, and the places that are hard by construction, are then measured by MPFR. A function needs its
reference expression and nothing else.
"""

import argparse
import ctypes
import functools
import itertools
import math
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import gmpy2
import numpy as np
from gmpy2 import exp2, mpfr

sys.path.insert(0, str(Path(__file__).parent))  # under `python -m tests.search`

import compiled
import linear
import worst_cases
from reference import REFERENCE, exact, precise

from ogive._files import UserError, run_command
from ogive._progress import progress_bar

FORMAT = np.finfo(np.float64)
# As in search.c.
DEGREE, BLOCK = 4, 1 << 12
# Inputs searched at a time. For |x| < 2^10 they span 2^-21 at most, where the fifth derivative of
# a function that changes as fast as e^x moves the result by less than 2^-66 ulp.
STRETCH = 1 << 22
# Where an input moves the result by less, in ulp, neighbours come near together: slow places.
SLOW = 2.0**-24
HARDEST, STRUCTURED = 100, 20
ROOM = 1 << 12


# Numbers as integers in the order of the reals


def ordinal(x):
    bits = int(np.float64(x).view(np.int64))
    return bits if bits >= 0 else -(bits + (1 << 63))


def from_ordinal(n):
    return float(np.int64(abs(n)).view(np.float64)) * (1 if n >= 0 else -1)


def in_ulps(name, x):
    """The function at the float `x` in ulps, and their exponent; call it within `precise()`."""
    (value,) = REFERENCE[name](mpfr(x))
    exponent = worst_cases.unit_exponent(value, FORMAT)
    return value / exp2(exponent), exponent


# Random stretches


def differences(values):
    """The forward differences of each order at the first of equidistant values."""
    result = []
    while values:
        result.append(values[0])
        values = [b - a for a, b in itertools.pairwise(values)]
    return result


def newton(differences, t):
    """The polynomial with these forward differences, `t` steps from the first value."""
    total, factor = mpfr(0), mpfr(1)
    for order, difference in enumerate(differences):
        total += factor * difference
        factor *= (t - order) / mpfr(order + 1)
    return total


def polynomial(name, start):
    """What `search` of search.c takes for the inputs of ordinals `start`... + STRETCH, or None.

    None where results lie in two binades, are not finite, or are slow.
    """
    step = STRETCH // DEGREE
    nodes = [in_ulps(name, from_ordinal(start + j * step)) for j in range(DEGREE + 1)]
    values, exponents = [value for value, _ in nodes], {exponent for _, exponent in nodes}
    if len(exponents) > 1 or not all(map(gmpy2.is_finite, values)):
        return None
    if abs(values[-1] - values[0]) < STRETCH * SLOW:
        return None
    over_nodes = differences(values)

    def at(i):
        return newton(over_nodes, i / mpfr(step))

    blocks = [[at(k * BLOCK + i) for i in range(3)] for k in range(DEGREE + 1)]
    local = [differences(block) for block in blocks]  # A, D, S of each block
    table = []
    for order in range(3):
        for difference in differences([block[order] for block in local]):
            fraction = int(gmpy2.floor(difference * exp2(128))) % (1 << 128)
            table += [fraction % (1 << 64), fraction >> 64]
    return np.array(table, np.uint64)


def near_inputs(name, start, width):
    """The floats of a stretch within about `width` ulp of a boundary, or None: see above."""
    with precise():
        table = polynomial(name, start)
    if table is None:
        return None
    found = np.empty(ROOM, np.int64)
    search = compiled.load("search", "-march=native").search
    search.restype = ctypes.c_ssize_t
    count = search(
        ctypes.c_void_p(table.ctypes.data),
        ctypes.c_ssize_t(STRETCH // BLOCK),
        ctypes.c_uint64(int(width * 2.0**64)),
        ctypes.c_void_p(found.ctypes.data),
        ctypes.c_ssize_t(ROOM),
    )
    return [from_ordinal(start + i) for i in found[:count].tolist()]


def binades():
    """The first ordinal of each binade of x, of both signs; the subnormals count as one."""
    positive = [biased << FORMAT.nmant for biased in range(2047)]
    return positive + [-(first + (1 << FORMAT.nmant)) for first in positive]


def stretches(name, rng):
    """Endless random stretches, in turn from each binade that has any."""

    def one(binade):
        return binade + int(rng.integers((1 << FORMAT.nmant) - STRETCH))

    with precise():
        live = [b for b in binades() if any(polynomial(name, one(b)) is not None for _ in range(4))]
    if not live:
        raise UserError(f"{name}: no input moves the result enough")
    while True:
        yield from map(one, live)


def search_random(name, inputs, seed, jobs):
    """The hardest of `inputs` random ones, as pairs (closeness, input)."""
    hardest, done = worst_cases.Hardest(HARDEST), 0
    # Of n inputs, about 2 n width come within width of a boundary: four times those wanted.
    width = min(2 * HARDEST / inputs, 2.0**-12)
    starts = stretches(name, np.random.default_rng(seed))
    with progress_bar() as report, ThreadPoolExecutor(jobs) as pool:
        while done < inputs:
            batch = list(itertools.islice(starts, 64))
            for found in pool.map(lambda start: near_inputs(name, start, width), batch):
                if found is not None:
                    done += STRETCH
                    hardest.add(measured(name, found))
            best = hardest.pairs[0][0] if hardest.pairs else 0
            report(min(done, inputs), inputs, f"{name}: 2^-{best:.1f} ulp")
    return hardest.pairs, done


def measured(name, found):
    if not found:
        return []
    closeness = worst_cases.closenesses(name, np.array(found))
    return list(zip(closeness.tolist(), found, strict=True))


# Places that are hard by construction


def crossing(name, boundary, low, high):
    """The two neighbours between which the function crosses `boundary`, or nothing.

    `low` and `high` are ordinals; the function is monotonic between them.
    """

    def above(n):
        (value,) = REFERENCE[name](mpfr(from_ordinal(n)))
        return value > boundary

    first = above(low)
    if above(high) == first:
        return []
    while high - low > 1:
        middle = (low + high) // 2
        if above(middle) == first:
            low = middle
        else:
            high = middle
    return [from_ordinal(low), from_ordinal(high)]


HALVES = [(ordinal(-np.inf), 0), (0, ordinal(np.inf))]


def boundaries_beside(value, count):
    """The nearest `count` boundaries on each side of a float."""
    up = down = float(value)
    for _ in range(count):
        for x, towards in ((up, np.inf), (down, -np.inf)):
            yield (mpfr(x) + mpfr(float(np.nextafter(x, towards)))) / 2
        up, down = float(np.nextafter(up, np.inf)), float(np.nextafter(down, -np.inf))


def short_inputs(name, rng):
    """Small odd multiples of each power of two: see `worst_cases.is_structured`."""
    odd = np.arange(1, 64, 2.0)
    powers = range(FORMAT.minexp - FORMAT.nmant, 10)
    x = np.concatenate([np.ldexp(odd, exponent) for exponent in powers])
    return [*x.tolist(), *(-x).tolist()]


def beside_limits(name, rng):
    """Where the result leaves its values at 0 and infinity: underflow and saturation."""
    limits = {REFERENCE[name](mpfr(x))[0] for x in (-math.inf, 0.0, math.inf)}
    boundaries = [b for v in limits if gmpy2.is_finite(v) for b in boundaries_beside(v, 2)]
    return [x for b in boundaries for half in HALVES for x in crossing(name, b, *half)]


def beside_powers_of_two(exponents, name, rng):
    """Where the spacing of the results changes, or the number of their digits."""
    boundaries = [b for e in exponents for b in boundaries_beside(math.ldexp(1.0, e), 1)]
    return [x for b in boundaries for half in HALVES for x in crossing(name, b, *half)]


def slow_places(name, rng):
    """Random crossings in slow binades of x, but for those at the short inputs."""
    found = []
    for first in binades():
        last = first + (1 << FORMAT.nmant) - 1
        (low, low_exponent), (high, high_exponent) = (
            in_ulps(name, from_ordinal(n)) for n in (first, last)
        )
        low, high = low * exp2(low_exponent), high * exp2(high_exponent)
        unit = exp2(max(low_exponent, high_exponent))
        moved = abs(high - low) / unit
        if not (gmpy2.is_finite(moved) and 1 <= moved < SLOW * (1 << FORMAT.nmant)):
            continue
        for share in rng.uniform(size=100).tolist():
            boundary = (gmpy2.floor((low + (high - low) * share) / unit) + mpfr("0.5")) * unit
            sides = crossing(name, boundary, first, last)
            if not any(worst_cases.is_structured(np.array(sides), 0.0)):
                found += sides
    return found


NORMAL = range(FORMAT.minexp, FORMAT.maxexp)
SUBNORMAL = range(FORMAT.minexp - FORMAT.nmant, FORMAT.minexp)
KINDS = {
    "short inputs": short_inputs,
    "beside the values at 0 and infinity": beside_limits,
    "beside powers of two": functools.partial(beside_powers_of_two, NORMAL),
    "beside subnormal powers of two": functools.partial(beside_powers_of_two, SUBNORMAL),
    "where the result hardly moves": slow_places,
}


def search_structured(name, seed):
    """The hardest of each kind, as {title: pairs}."""
    sections, seen = {}, set()
    rng = np.random.default_rng(seed)
    for title, inputs in KINDS.items():
        with precise():
            found = [x for x in set(inputs(name, rng)) - seen if math.isfinite(x)]
        hardest = worst_cases.Hardest(STRUCTURED)
        hardest.add(measured(name, found))
        sections[title] = hardest.pairs
        seen.update(x for _, x in hardest.pairs)
    return sections


def write_worst(name, options, searched, sections):
    header = [
        f"python -m tests.search {name} --dtype {options.dtype} --inputs {options.inputs} "
        f"--seed {options.seed} --write",
        f"The results of {name} nearest to a rounding boundary found among",
        f"{searched}.",
        "input, result rounded correctly, distance of the exact result from the boundary in ulp",
    ]
    inputs = {title: [x for _, x in pairs] for title, pairs in sections.items()}
    worst_cases.write(name, options.dtype, header, inputs)


def _count(text):
    return int(float(text))


def _arguments(arguments):
    parser = argparse.ArgumentParser(
        prog="python -m tests.search", description=__doc__, allow_abbrev=False
    )
    single = [name for name in worst_cases.UNARY if len(exact(name, [0.5])) == 1]
    names = [*single, *linear.LINEAR]
    parser.add_argument("function", choices=names, metavar="FUNCTION", help=", ".join(names))
    parser.add_argument(
        "--inputs",
        type=_count,
        metavar="N",
        help="such as 1e9 (default: 1e10); of several inputs, choices of the others (default: 1e4)",
    )
    parser.add_argument(
        "--dtype",
        choices=["float64", "float32"],
        default="float64",
        help="float32 for functions of several inputs: python -m tests.exhaustive runs the others",
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="threads (default: all)")
    parser.add_argument("--write", action="store_true", help="write the hardest to tests/worst")
    options = parser.parse_args(arguments)
    several = options.function in linear.LINEAR
    if options.inputs is None:
        options.inputs = 10**4 if several else 10**10
    if options.inputs < 1 or options.jobs < 1:
        parser.error("--inputs and --jobs: at least 1 is needed")
    if options.dtype != "float64" and not several:
        parser.error(f"--dtype {options.dtype}: {options.function} has one input")
    return options


def search_one(name, options):
    compiled.load("search", "-march=native")
    pairs, searched = search_random(name, options.inputs, options.seed, options.jobs)
    sections = {f"the {HARDEST} hardest of the random ones": pairs}
    found = f"{searched} random inputs, and the hardest of each kind that is hard by construction"
    return found, sections | search_structured(name, options.seed)


def search_several(name, options):
    pairs = linear.search(name, options.dtype, options.inputs, options.seed, HARDEST)
    found = f"{options.inputs} binades of one input, each beside others at random"
    return found, {f"the {HARDEST} hardest": pairs}


def main(arguments=None):
    options = _arguments(arguments)
    name, started = options.function, time.monotonic()
    search = search_several if name in linear.LINEAR else search_one
    searched, sections = search(name, options)
    if options.write:
        write_worst(name, options, searched, sections)
    print(f"{name}: {searched}, in {time.monotonic() - started:.1f} s")
    for title, found in sections.items():
        for k, x in found[:3]:
            x = " ".join(value.hex() for value in np.ravel(x).tolist())
            print(f"  {title}: {x}, {worst_cases.distance(k)} ulp")


if __name__ == "__main__":
    run_command(main, "python -m tests.search")
