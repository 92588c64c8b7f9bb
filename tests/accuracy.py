"""Measure the errors of ogive and of what people use instead; print them as a GitHub table.

Inputs are screened in long double. MPFR measures the worst of them, and decides what is correctly
rounded wherever long double cannot.
"""

import argparse
import importlib
import itertools
import math
import re
import sys
from pathlib import Path

import gmpy2
import numpy as np
from rich.console import Console
from rich.markdown import Markdown

sys.path.insert(0, str(Path(__file__).parent))  # under `python -m tests.accuracy`

from helpers import EVERY_FLOAT16, assert_same_bits, outputs
from reference import correctly_rounded, ulp_error
from worst_cases import UNARY

import ogive
from ogive import fallback
from ogive._files import UserError, check_output, replacing
from ogive._progress import progress_bar

BEGIN = "<!-- accuracy: python -m tests.accuracy --write README.md -->"
END = "<!-- end accuracy -->"

WIDE = np.longdouble
CHUNK = 1 << 16
CANDIDATES = 8  # of each chunk, the largest errors in long double: MPFR measures these
# Each dtype with the largest |x|: without the far tails, and to where e^-x is 0. None: all inputs.
CASES = [(np.float16, None), *((np.float32, x) for x in (40, 104))]
CASES += [(np.float64, x) for x in (40, 745.2)]
# Functions of several outputs that return the bits of others have no rows of their own.
PARTS = {"sigmoid_and_grad": ("sigmoid", "sigmoid_grad")}

DESCRIPTIONS = {
    "ogive.fallback": "ogive without compiled code",
    "NumPy": "`s = 1 / (1 + np.exp(-x))`, `s * (1 - s)`",
    "SciPy": "`expit(x)`, `expit(x) * expit(-x)`, float16 by way of float64",
    "torch": "`torch.sigmoid` and its backward",
}


# What is compared


def _numpy():
    def sigmoid(x):
        return 1 / (1 + np.exp(-x))

    def from_output(y):
        return y * (1 - y)

    return {
        "sigmoid": sigmoid,
        "sigmoid_grad": lambda x: from_output(sigmoid(x)),
        "sigmoid_grad_from_output": from_output,
    }


def _scipy():
    expit = importlib.import_module("scipy.special").expit
    return {"sigmoid": expit, "sigmoid_grad": lambda x: expit(x) * expit(-x)}


def _torch():
    torch = importlib.import_module("torch")

    def sigmoid(x):
        return torch.sigmoid(torch.from_numpy(x)).numpy()

    def from_output(y):
        y = torch.from_numpy(y)
        return torch.ops.aten.sigmoid_backward(torch.ones_like(y), y).numpy()

    return {
        "sigmoid": sigmoid,
        "sigmoid_grad": lambda x: from_output(sigmoid(x)),
        "sigmoid_grad_from_output": from_output,
    }


def contenders():
    """{label: {name: function}} of ogive and of each library that is installed."""
    found = {
        "ogive": {name: getattr(ogive, name) for name in UNARY},
        "ogive.fallback": fallback.FUNCTIONS,
    }
    for label, functions in (("NumPy", _numpy), ("SciPy", _scipy), ("torch", _torch)):
        try:
            found[label] = functions()
        except ModuleNotFoundError as error:
            if error.name != label.lower():
                raise
    return found


def versions(labels):
    libraries = [label for label in labels if label != "ogive.fallback"]
    found = {label: importlib.import_module(label.lower()).__version__ for label in libraries}
    found["ogive"] += f" ({ogive.isa})"
    found["MPFR"] = gmpy2.mpfr_version().split()[-1]
    return ", ".join(f"{label} {version}" for label, version in found.items())


# Inputs


def inputs(name, dtype, limit, size):
    """The inputs of a row, and their range as text; a function of the output is given outputs."""
    if limit is None:
        return EVERY_FLOAT16[~np.isnan(EVERY_FLOAT16)], "all but NaN"
    x = np.random.default_rng(20240229).uniform(-limit, limit, size).astype(dtype)
    if name.endswith("_from_output"):
        return ogive.sigmoid(x), f"s([-{limit}, {limit}])"
    return x, f"[-{limit}, {limit}]"


# Errors


class Reference:
    """The results at `x`: correctly rounded, and nearly exact in long double with their ulp."""

    def __init__(self, name, x):
        self.name, self.x = name, x
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
        return measured.max(), self.x[largest][measured.argmax()]


def _ulp(value, format):
    exponent = np.maximum(np.frexp(value)[1] - 1, format.minexp)
    return np.ldexp(WIDE(1), exponent - format.nmant)


class Score:
    """The share of right results of one contender, and its largest error."""

    def __init__(self):
        self.inputs = self.right = 0
        self.error, self.input = -1.0, None

    def add(self, function, reference):
        x = reference.x
        results = [result.astype(x.dtype, copy=False) for result in outputs(function(x))]
        self.inputs += x.size
        self.right += np.count_nonzero(reference.is_right(results))
        error, worst = reference.worst(results)
        if error > self.error:
            self.error, self.input = error, float(worst)

    def cell(self):
        digits = 3 if self.error < 100 else 0
        error = f"{self.error:.{digits}f}" if self.error < 1e5 else f"{self.error:.1e}"
        # Rounded down: 100 only where all are right.
        return f"{error} ({math.floor(1000 * self.right / self.inputs) / 10:g} %)"

    def input_cell(self):
        return f"`{re.sub(r'[.]?0*p', 'p', self.input.hex())}`"


def measure(names, size):
    """Pairs of a row's first cells and its {label: Score}, and the labels of all contenders."""
    compared, rows = contenders(), []
    with progress_bar() as progress, np.errstate(all="ignore"):
        for name, (dtype, limit) in itertools.product(names, CASES):
            x, text = inputs(name, dtype, limit, size)
            scores = {label: Score() for label in compared if name in compared[label]}
            chunks = np.array_split(x, -(-x.size // CHUNK))
            for i, chunk in enumerate(chunks):
                done = len(rows) + i / len(chunks)
                progress(done, len(names) * len(CASES), f"{name} {np.dtype(dtype)} {text}")
                reference = Reference(name, chunk)
                for label, score in scores.items():
                    score.add(compared[label][name], reference)
            rows.append(([f"`{name}`", np.dtype(dtype).name, text], scores))
    return rows, list(compared)


def check_parts(name, size):
    for dtype, limit in CASES:
        x, _ = inputs(name, dtype, limit, size)
        parts = tuple(getattr(ogive, part)(x) for part in PARTS[name])
        assert_same_bits(getattr(ogive, name)(x), parts, x)


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
        f"float32, float64: {size:,} inputs a row, uniform in the range; s([a, b]): the outputs of "
        "`sigmoid` on them. float16: every input but NaN.",
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


def replaced(text, new):
    """`text` with `new` between the markers; `UserError` where it does not have them."""
    before, begin, rest = text.partition(BEGIN)
    _, end, after = rest.partition(END)
    if not end:
        raise UserError(f"needs the lines {BEGIN} and {END}")
    return f"{before}{begin}\n\n{new}\n{end}{after}"


# The command


def _arguments(arguments):
    parser = argparse.ArgumentParser(
        prog="python -m tests.accuracy", description=__doc__, allow_abbrev=False
    )
    parser.add_argument(
        "functions", nargs="*", metavar="FUNCTION", help=f"{', '.join(UNARY)} (default: all)"
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
        if name not in UNARY:
            parser.error(f"no function {name}: {', '.join(UNARY)}")
    if options.inputs < 1:
        parser.error("--inputs: at least 1 is needed")
    return options


def main(arguments=None):
    options = _arguments(arguments)
    file = options.write
    if file:
        check_output(file)
        try:
            replaced(file.read_text(), "")  # before the long work
        except (OSError, UserError) as error:
            raise UserError(f"{file}: {getattr(error, 'strerror', None) or error}") from error
    text = report(options.functions or UNARY, options.inputs)
    if file:
        new = replaced(file.read_text(), text)
        with replacing(file) as stream:
            stream.write(new.encode())
    elif options.markdown or not sys.stdout.isatty():
        print(text, end="")
    else:
        Console().print(Markdown(text))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except UserError as error:
        print(f"python -m tests.accuracy: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
