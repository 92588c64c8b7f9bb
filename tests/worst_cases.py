"""How near exact results come to a rounding boundary, and the nearest known ones: tests/worst.

A boundary is a midpoint of two neighbouring floats, where the rounded result changes.
"""

import heapq
import math
from pathlib import Path

import gmpy2
import numpy as np
from gmpy2 import exp2, log2, mpfr
from reference import REFERENCE, correctly_rounded, exact, precise

FOLDER = Path(__file__).parent / "worst"
SUFFIX = {np.dtype(np.float16): "f16", np.dtype(np.float32): "f32", np.dtype(np.float64): "f64"}
UNARY = [name for name, function in REFERENCE.items() if function.__code__.co_argcount == 1]


def unit_exponent(value, format):
    """The exponent of the last place of results in the binade of `value`."""
    smallest = format.minexp - format.nmant
    if not value or not gmpy2.is_finite(value):
        return smallest
    return int(max(gmpy2.get_exp(value) - format.nmant - 1, smallest))


def closeness(value, format):
    """k: the distance of `value` to the nearest boundary is 2^-k ulp. A tie has k = inf."""
    if not gmpy2.is_finite(value) or gmpy2.get_exp(value) > format.maxexp:
        return 1.0
    ulps = abs(value) / exp2(unit_exponent(value, format))
    distance = abs(ulps - gmpy2.floor(ulps) - mpfr("0.5"))
    return float(-log2(distance)) if distance else math.inf


def closenesses(name, *x):
    """The closeness of the result at each element of `x`; of several outputs, of the nearest."""
    format = np.finfo(x[0].dtype)
    outputs = exact(name, *x)
    with precise():
        each = [[closeness(value, format) for value in values] for values in outputs]
    return np.max(each, axis=0)


def distance(closeness):
    """2^-closeness as text."""
    return f"2^-{closeness:.2f}" if closeness < math.inf else "0"


def is_structured(x, closeness):
    """Whether a result is exactly or nearly a tie by construction, for each element.

    Nearly, where the input has at most half of the significand's digits, so that the terms of a
    series do: of 1/2 + x/4 - x^3/48 at odd multiples of half an ulp of 1/2, for instance.
    """
    half = (np.finfo(x.dtype).nmant + 1) // 2
    with np.errstate(invalid="ignore"):
        mantissa = np.ldexp(np.frexp(x)[0], half)
    return (mantissa == np.floor(mantissa)) | np.isinf(closeness)


class Hardest:
    """The inputs with the closest results, as pairs (closeness, input)."""

    def __init__(self, size, pairs=()):
        self.size = size
        self.pairs = [tuple(pair) for pair in pairs]

    def add(self, pairs):
        """Keep the best; an input counts once."""
        self.pairs = heapq.nlargest(self.size, {*self.pairs, *pairs})


def path(name, dtype):
    return FOLDER / f"{name}-{SUFFIX[np.dtype(dtype)]}.txt"


def write(name, dtype, header, sections):
    """`sections` is {title: inputs}, the hardest first; the results are the exact ones.

    An input of a function of several is a tuple of floats.
    """
    lines = [f"# {line}" for line in header]
    for title, inputs in sections.items():
        if not inputs:
            continue
        x = np.array(inputs, dtype).reshape(len(inputs), -1).T
        lines += ["", f"# {title}"]
        results = zip(*correctly_rounded(name, *x), strict=True)
        for given, rounded, k in zip(inputs, results, closenesses(name, *x), strict=True):
            given, rounded = (map(_hexadecimal, np.ravel(values)) for values in (given, rounded))
            lines.append(" ".join([*given, "->", *rounded, distance(k)]))
    path(name, dtype).parent.mkdir(exist_ok=True)
    path(name, dtype).write_text("\n".join(lines) + "\n")


def _hexadecimal(x):
    mantissa, exponent = float(x).hex().split("p")
    return f"{mantissa.rstrip('0').rstrip('.')}p{exponent}" if x else float(x).hex()


def read(file):
    """The function's name, its inputs and its results, in tuples, of one of the files."""
    name, _, suffix = file.stem.rpartition("-")
    dtype = {suffix: dtype for dtype, suffix in SUFFIX.items()}[suffix]
    lines = [line for line in file.read_text().splitlines() if line and line[0] != "#"]
    given, rounded = zip(*(line.split("->") for line in lines), strict=True)
    return (
        name,
        _columns(given, dtype),
        _columns([line[: line.rindex(" ")] for line in rounded], dtype),
    )


def _columns(lines, dtype):
    columns = zip(*map(str.split, lines), strict=True)
    return tuple(np.array([float.fromhex(text) for text in column], dtype) for column in columns)


def inputs(dtype):
    """The inputs of all files of functions of one: what is hard for one is tried on each."""
    files = (path(name, dtype) for name in UNARY)
    return np.concatenate(
        [np.empty(0, dtype), *(read(file)[1][0] for file in files if file.exists())]
    )
