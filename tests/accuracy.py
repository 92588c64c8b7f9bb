"""Measure the errors of ogive and of what people use instead; print them as a GitHub table.

Inputs are screened in long double. MPFR measures the worst of them, and decides what is correctly
rounded wherever long double cannot. It measures all results of functions of several inputs.
"""

import argparse
import importlib
import math
import os
import re
import sys
from pathlib import Path

import gmpy2
import numpy as np
from rich.console import Console
from rich.markdown import Markdown

sys.path.insert(0, str(Path(__file__).parent))  # under `python -m tests.accuracy`
sys.path.insert(0, str(Path(__file__).parents[1]))  # benchmarks, where they are

from helpers import EVERY_FLOAT16, PROBABILITIES, SEVERAL, UNARY, assert_same_bits, outputs
from reference import Exact, correctly_rounded, ulp_error

import ogive
from benchmarks.cases import Case
from benchmarks.peers import PEERS, installed
from ogive import fallback
from ogive._files import Section, run_command
from ogive._progress import progress_bar

BEGIN = "<!-- accuracy: python -m tests.accuracy --write docs/accuracy.md -->"
END = "<!-- end accuracy -->"

NAMES = list(fallback.FUNCTIONS)
WIDE = np.longdouble
CHUNK = 1 << 16
CANDIDATES = 8  # of each chunk, the largest errors in long double: MPFR measures these
# Each dtype with the largest |x|: without the far tails, and to where e^-x is 0. None: all inputs.
CASES = [(np.float16, None), *((np.float32, x) for x in (40, 104))]
CASES += [(np.float64, x) for x in (40, 745.2)]
SEVERAL_CASES = [(dtype, None) for dtype in (np.float16, np.float32, np.float64)]
SHARE = 200  # MPFR measures each result of several inputs: on one of so many
# Functions of several outputs that return the bits of others have no rows of their own.
PARTS = {
    "sigmoid_and_grad": ("sigmoid", "sigmoid_grad"),
    "bce_with_logits_and_grad": ("bce_with_logits", "bce_with_logits_grad"),
}

# What is measured of each library: of SciPy and torch what is theirs, without NumPy's formulas.
OWN = {
    "NumPy": [name for name in NAMES if name not in PARTS],
    "SciPy": ["sigmoid", "sigmoid_grad", "log_sigmoid", "logit"],
    "torch": [name for name in NAMES if name not in (*PARTS, "mix", "lstm_cell", "gru_cell")],
}
DESCRIPTIONS = {
    "ogive.fallback": "ogive without compiled code",
    "NumPy": PEERS["NumPy"].description,
    "SciPy": "`expit(x)`, `expit(x) * expit(-x)`, `log_expit`, `logit`, float16 by way of float64",
    "torch": "its functions of these names and their backward",
}


# What is compared


def _of_peer(bind, name):
    """A library's function of that name, as the benchmarks time it, which allocates its results."""
    nothing = [None] * fallback.FUNCTIONS[name].nout

    def function(*x):
        case = Case(name, x[0].dtype.name, x[0].size)
        return tuple(map(np.asarray, outputs(bind(case, x, nothing, os.cpu_count())())))

    return function


def contenders():
    """{label: {name: function}} of ogive and of each library that is installed."""
    found = {
        "ogive": {name: getattr(ogive, name) for name in fallback.FUNCTIONS},
        "ogive.fallback": fallback.FUNCTIONS,
    }
    for label, bind in installed(OWN).items():
        found[label] = {name: _of_peer(bind, name) for name in OWN[label]}
    return found


def versions(labels):
    libraries = [label for label in labels if label != "ogive.fallback"]
    found = {label: importlib.import_module(label.lower()).__version__ for label in libraries}
    found["ogive"] += f" ({ogive.isa})"
    found["MPFR"] = gmpy2.mpfr_version().split()[-1]
    return ", ".join(f"{label} {version}" for label, version in found.items())


# Inputs


def cases(name):
    return CASES if name in UNARY else SEVERAL_CASES


def inputs(name, dtype, limit, size):
    """The inputs of a row, a tuple, and their range as text."""
    rng = np.random.default_rng(20240229)
    if name in SEVERAL:
        x = rng.normal(0, 3, (fallback.FUNCTIONS[name].nin, -(-size // SHARE)))
        for position in PROBABILITIES.get(name, ()):
            x[position] = rng.random(x.shape[1])
        text = "N(0, 3²), second in [0, 1]" if name in PROBABILITIES else "N(0, 3²)"
        return tuple(x.astype(dtype)), text
    if limit is None:
        x = EVERY_FLOAT16[~np.isnan(EVERY_FLOAT16)]
        return ((x[(x >= 0) & (x <= 1)],), "[0, 1]") if name == "logit" else ((x,), "all but NaN")
    if name == "logit" and limit == 40:
        return (rng.random(size).astype(dtype),), "[0, 1]"
    x = rng.uniform(-limit, limit, size).astype(dtype)
    if name in PROBABILITIES:
        return (ogive.sigmoid(x),), f"s([-{limit}, {limit}])"
    return (x,), f"[-{limit}, {limit}]"


# Errors


class Reference:
    """The results at `x`: correctly rounded, and nearly exact in long double with their ulp."""

    def __init__(self, name, x):
        self.name, self.inputs = name, (x,)
        self.x = x
        format = np.finfo(x.dtype)
        self.limit = np.ldexp(WIDE(1), format.maxexp)  # stands for infinity
        exact = outputs(fallback.FUNCTIONS[name](x.astype(WIDE)))
        self.rounded = [value.astype(x.dtype) for value in exact]
        self.values = [np.clip(value, -self.limit, self.limit) for value in exact]
        self.ulps = [_ulp(value, format) for value in self.values]
        # Twice the 4 ulp of the fallback: where long double is no wider than the dtype, all inputs
        # are near. At least 2^-8, since NumPy rounds long double to float16 by way of float32.
        margin = max(2.0**-8, 8 * np.finfo(WIDE).eps / format.eps)
        near = np.zeros(x.size, bool)
        for value, ulp in zip(self.values, self.ulps, strict=True):
            ulps = np.abs(value) / ulp
            near |= np.abs(ulps - np.floor(ulps) - 0.5) <= margin
        if near.any():
            for rounded, right in zip(self.rounded, correctly_rounded(name, x[near]), strict=True):
                rounded[near] = right

    def is_right(self, results):
        pairs = zip(results, self.rounded, strict=True)
        return np.logical_and.reduce([got == rounded for got, rounded in pairs])

    def worst(self, results):
        """The largest error of the results and its input; of several outputs, of the worst."""
        errors = [
            np.abs(np.clip(got.astype(WIDE), -self.limit, self.limit) - value) / ulp
            for got, value, ulp in zip(results, self.values, self.ulps, strict=True)
        ]
        first = max(0, self.x.size - CANDIDATES)
        largest = np.argpartition(np.max(errors, axis=0), first)[first:]
        measured = ulp_error(self.name, self.x[largest], tuple(got[largest] for got in results))
        return measured.max(), (self.x[largest][measured.argmax()],)


class ExactReference:
    """The same of several inputs, by MPFR alone."""

    def __init__(self, name, *inputs):
        self.inputs = inputs
        self.exact = Exact(name, inputs)
        self.rounded = self.exact.rounded()

    is_right = Reference.is_right

    def worst(self, results):
        errors = self.exact.errors(tuple(results))
        return errors.max(), tuple(x[errors.argmax()] for x in self.inputs)


def reference(name, inputs):
    return Reference(name, *inputs) if name in UNARY else ExactReference(name, *inputs)


def _ulp(value, format):
    exponent = np.maximum(np.frexp(value)[1] - 1, format.minexp)
    return np.ldexp(WIDE(1), exponent - format.nmant)


class Score:
    """The share of right results of one contender, and its largest error."""

    def __init__(self):
        self.inputs = self.right = 0
        self.error, self.input = -1.0, None

    def add(self, function, reference):
        x = reference.inputs
        results = [result.astype(x[0].dtype, copy=False) for result in outputs(function(*x))]
        self.inputs += x[0].size
        self.right += np.count_nonzero(reference.is_right(results))
        error, worst = reference.worst(results)
        if error > self.error:
            self.error, self.input = error, tuple(map(float, worst))

    def cell(self):
        digits = 3 if self.error < 100 else 0
        error = f"{self.error:.{digits}f}" if self.error < 1e5 else f"{self.error:.1e}"
        # Rounded down: 100 only where all are right.
        return f"{error} ({math.floor(1000 * self.right / self.inputs) / 10:g} %)"

    def input_cell(self):
        return "`" + ", ".join(re.sub(r"[.]?0*p", "p", x.hex()) for x in self.input) + "`"


def measure(names, size):
    """Pairs of a row's first cells and its {label: Score}, and the labels of all contenders."""
    compared, rows = contenders(), []
    with progress_bar() as progress, np.errstate(all="ignore"):
        pairs = [(name, case) for name in names for case in cases(name)]
        for name, (dtype, limit) in pairs:
            x, text = inputs(name, dtype, limit, size)
            scores = {label: Score() for label in compared if name in compared[label]}
            chunks = -(-x[0].size // CHUNK)
            parts = zip(*(np.array_split(each, chunks) for each in x), strict=True)
            for i, part in enumerate(parts):
                progress(len(rows) + i / chunks, len(pairs), f"{name} {np.dtype(dtype)} {text}")
                exact = reference(name, part)
                for label, score in scores.items():
                    score.add(compared[label][name], exact)
            rows.append(([f"`{name}`", np.dtype(dtype).name, text], scores))
    return rows, list(compared)


def check_parts(name, size):
    for dtype, limit in cases(name):
        x, _ = inputs(name, dtype, limit, size)
        parts = tuple(getattr(ogive, part)(*x) for part in PARTS[name])
        assert_same_bits(getattr(ogive, name)(*x), parts, x)


# The text


def table(rows, labels, cell):
    lines = [["function", "dtype", "inputs", *labels], ["---"] * 3 + ["--:"] * len(labels)]
    for first, scores in rows:
        lines.append([*first, *(cell(scores[k]) if k in scores else "" for k in labels)])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def report(names, size):
    """The two tables and what has to be known of them, in markdown."""
    shown = list(dict.fromkeys(part for name in names for part in PARTS.get(name, [name])))
    rows, labels = measure(shown, size)
    notes = [
        f"One input, float32, float64: {size:,} a row, uniform in the range; s([a, b]): the "
        "outputs of `sigmoid` on them. float16: every input in the range.",
        f"Several inputs: {-(-size // SHARE):,} of each a row, normally distributed or uniform. "
        "Where a sum cancels, an ulp is one of its largest term; there and elsewhere the share "
        "counts correct rounding.",
        "MPFR measured the largest errors, and decided on correct rounding where long double "
        f"({np.finfo(WIDE).nmant + 1} bits here) could not.",
        *(f"{label}: {DESCRIPTIONS[label]}." for label in labels if label in DESCRIPTIONS),
    ]
    for name in names:
        if name in PARTS:
            check_parts(name, size)
            parts = " and ".join(f"`{part}`" for part in PARTS[name])
            notes.append(f"`{name}` returned the bits of {parts} on all these inputs.")
    notes.append(f"Versions: {versions(labels)}.")
    lines = "\n".join(f"- {note}" for note in notes)
    return f"""\
The largest error in ulp of the exact value, and the share of correctly rounded results:

{table(rows, labels, Score.cell)}

The inputs of the largest errors:

{table(rows, labels, Score.input_cell)}

{lines}
"""


# The command


def _arguments(arguments):
    parser = argparse.ArgumentParser(
        prog="python -m tests.accuracy", description=__doc__, allow_abbrev=False
    )
    parser.add_argument(
        "functions", nargs="*", metavar="FUNCTION", help=f"{', '.join(NAMES)} (default: all)"
    )
    parser.add_argument(
        "--inputs",
        type=int,
        default=4_000_000,
        metavar="N",
        help="random inputs of each float32 and float64 row (default: %(default)s)",
    )
    parser.add_argument(
        "--markdown", action="store_true", help="print the source, on a terminal too"
    )
    parser.add_argument(
        "--write", type=Path, metavar="FILE", help="replace what is between its marker comments"
    )
    options = parser.parse_args(arguments)
    for name in options.functions:
        if name not in NAMES:
            parser.error(f"no function {name}: {', '.join(NAMES)}")
    if options.inputs < 1:
        parser.error("--inputs: at least 1 is needed")
    return options


def main(arguments=None):
    options = _arguments(arguments)
    section = Section(options.write, BEGIN, END) if options.write else None
    text = report(options.functions or NAMES, options.inputs)
    if section:
        section.replace(text)
    elif options.markdown or not sys.stdout.isatty():
        print(text, end="")
    else:
        Console().print(Markdown(text))


if __name__ == "__main__":
    run_command(main, "python -m tests.accuracy")
