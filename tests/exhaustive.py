"""Run a function over all float32 or float16 inputs and count the wrong roundings.

The results are compared with an evaluation that shares no code with the kernels, in
tests/native/reference.c, and with MPFR wherever that one is near a rounding boundary, or has no
row for the function, or the dtype is float16.
"""

import argparse
import ctypes
import hashlib
import json
import os
import sys
import time
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))  # under `python -m tests.exhaustive`

import compiled
import worst_cases
from helpers import bits
from reference import correctly_rounded

from ogive._files import UserError, replacing, run_command
from ogive._progress import progress_bar

BLOCK = 1 << 22  # inputs between two looks at the clock and the state file
CHUNK = 1 << 16  # inputs at a time, with results and verdicts in a level 2 cache
HARDEST, STRUCTURED, EXAMPLES = 100, 20, 10
UNSIGNED = {np.dtype(np.float16): np.uint16, np.dtype(np.float32): np.uint32}
NEAR, WRONG = 1, 2  # the verdicts of reference.c


class Tally:
    """What is known of the inputs tried so far."""

    def __init__(self, inputs=0, wrong=0, examples=(), hardest=(), structured=()):
        self.inputs = inputs
        self.wrong = wrong
        self.examples = list(examples)
        self.hardest = worst_cases.Hardest(HARDEST, hardest)
        self.structured = worst_cases.Hardest(STRUCTURED, structured)

    def add(self, other):
        self.inputs += other.inputs
        self.wrong += other.wrong
        self.examples = (self.examples + other.examples)[:EXAMPLES]
        self.hardest.add(other.hardest.pairs)
        self.structured.add(other.structured.pairs)

    def as_dict(self):
        return {
            "inputs": self.inputs,
            "wrong": self.wrong,
            "examples": self.examples,
            "hardest": self.hardest.pairs,
            "structured": self.structured.pairs,
        }


def quick_reference(name, dtype):
    """The check in C of a function, or None where MPFR has to judge every input."""
    if np.dtype(dtype) != np.float32:
        return None
    return getattr(compiled.load("reference"), f"check_{name}", None)


def _verdicts(quick, x, results):
    """The verdict of `quick` on each input, or None where all results are right."""
    verdicts = np.full(x.size, NEAR, np.uint8)
    if quick:
        quick.restype = ctypes.c_ssize_t
        x, *results = (np.ascontiguousarray(array) for array in (x, *results))
        pointers = (ctypes.c_void_p * len(results))(*(r.ctypes.data for r in results))
        size = ctypes.c_ssize_t(x.size)
        if not quick(_pointer(x), pointers, size, _pointer(verdicts)):
            return None
    return verdicts


def _pointer(array):
    return ctypes.c_void_p(array.ctypes.data)


def same_values(got, right):
    """Where the bits are equal, or both are NaN."""
    return (bits(got) == bits(right)) | (np.isnan(got) & np.isnan(right))


def check(name, function, x, quick):
    """The tally of `function` at `x`, `quick` being its `quick_reference`."""
    results = function(x)
    results = results if isinstance(results, tuple) else (results,)
    if any(r.dtype != x.dtype for r in results):
        raise UserError(f"{name} of {x.dtype} returns {', '.join(str(r.dtype) for r in results)}")
    tally = Tally(x.size)
    verdicts = _verdicts(quick, x, results)
    if verdicts is None:
        return tally

    wrong, near = verdicts == WRONG, np.flatnonzero(verdicts == NEAR)
    if near.size:
        closeness = worst_cases.closenesses(name, x[near])
        structured = worst_cases.is_structured(x[near], closeness)
        for kept, chosen in ((tally.hardest, ~structured), (tally.structured, structured)):
            chosen &= closeness > 1
            kept.add(zip(closeness[chosen].tolist(), x[near][chosen].tolist(), strict=True))
        for got, right in zip(results, correctly_rounded(name, x[near]), strict=True):
            wrong[near] |= ~same_values(got[near], right)
    tally.wrong = int(wrong.sum())
    tally.examples = x[wrong][:EXAMPLES].tolist()
    return tally


def check_range(name, function, dtype, quick, start, stop):
    """The tally over the bit patterns from `start` to `stop` - 1."""
    tally, unsigned = Tally(), UNSIGNED[np.dtype(dtype)]
    for first in range(start, stop, CHUNK):
        patterns = np.arange(min(CHUNK, stop - first), dtype=unsigned) + unsigned(first)
        tally.add(check(name, function, patterns.view(dtype), quick))
    return tally


def sample(dtype, size=1 << 13, seed=1):
    """Inputs of every binade and sign, their ends, and the neighbourhoods of the worst cases."""
    dtype = np.dtype(dtype)
    unsigned, digits = UNSIGNED[dtype], np.finfo(dtype).nmant
    binades = np.arange(1 << (8 * dtype.itemsize - digits), dtype=unsigned)[:, None] << digits
    inside = np.random.default_rng(seed).integers(1 << digits, size=(binades.size, size))
    around = np.arange(-32, 33)
    worst = worst_cases.inputs(dtype).view(unsigned)[:, None]
    parts = [binades + inside.astype(unsigned), binades + around.astype(unsigned)]
    parts.append(worst + around.astype(unsigned))
    return np.concatenate([part.ravel() for part in parts]).view(dtype)


def check_sample(name, function, dtype):
    quick = quick_reference(name, dtype)
    tally = Tally()
    x = sample(dtype, 1 << 13 if quick else 1 << 6)
    for part in np.array_split(x, -(-x.size // CHUNK)):
        tally.add(check(name, function, part, quick))
    return tally


class State:
    """The finished ranges of a run and their tally, in a file if it has a path."""

    def __init__(self, file, run):
        self.file, self.run = file, run
        self.done, self.tally = [], Tally()
        if file and file.exists():
            try:
                saved = json.loads(file.read_text())
                of, self.done, self.tally = saved["run"], saved["done"], Tally(**saved["tally"])
            except (ValueError, KeyError, TypeError) as error:
                raise UserError(f"{file}: not a state file of this command") from error
            if of != run:
                raise UserError(f"{file}: belongs to another run: {of}")

    def add(self, start, stop, tally):
        self.tally.add(tally)
        merged = []
        for low, high in sorted([*self.done, [start, stop]]):
            if merged and merged[-1][1] == low:
                merged[-1][1] = high
            else:
                merged.append([low, high])
        self.done = merged

    def save(self):
        if self.file:
            saved = {"run": self.run, "done": self.done, "tally": self.tally.as_dict()}
            with replacing(self.file) as file:
                file.write(json.dumps(saved).encode())

    def left(self, low, high):
        """The blocks from `low` to `high`, both included, that are not done."""
        for start in range(low, high + 1, BLOCK):
            stop = min(start + BLOCK, high + 1)
            if not any(a <= start and stop <= b for a, b in self.done):
                yield start, stop


def run_all(name, function, dtype, low, high, state, jobs):
    """Check what the state leaves to do, on `jobs` threads: C code runs without Python's lock."""
    blocks, total = list(state.left(low, high)), high - low + 1
    quick, saved = quick_reference(name, dtype), time.monotonic()
    with progress_bar() as report, ThreadPoolExecutor(jobs) as pool:
        waiting = {
            pool.submit(check_range, name, function, dtype, quick, *block): block
            for block in blocks
        }
        try:
            for future in as_completed(list(waiting)):
                state.add(*waiting[future], future.result())
                del waiting[future]
                report(state.tally.inputs, total, f"{name}: {state.tally.wrong} wrong")
                if time.monotonic() - saved > 1:
                    state.save()
                    saved = time.monotonic()
        finally:
            pool.shutdown(cancel_futures=True)
            for future, block in waiting.items():
                if not (future.cancelled() or future.exception()):
                    state.add(*block, future.result())
            state.save()


def load_function(name, isa):
    """The backend's name, its ufunc, and the file of the extension."""
    try:
        from ogive import _kernels
    except ImportError as error:
        raise UserError(f"ogive has no compiled extension here: {error}") from error
    isa = isa or _kernels.runs_here()[0]
    try:
        return isa, _kernels.ufuncs(isa)[name], _kernels.__file__
    except ValueError as error:
        raise UserError(str(error)) from error
    except KeyError:
        raise UserError(f"the extension has no function {name}; build it again") from None


def write_worst(name, dtype, tally):
    command = f"python -m tests.exhaustive {name} --dtype {np.dtype(dtype)} --write"
    header = [
        command,
        f"The results of {name} nearest to a rounding boundary, of all {np.dtype(dtype)} inputs.",
        "input, result rounded correctly, distance of the exact result from the boundary in ulp",
    ]
    kinds = {
        f"the {HARDEST} hardest": tally.hardest,
        f"the {STRUCTURED} hardest of ties and short inputs": tally.structured,
    }
    sections = {title: [x for _, x in kind.pairs] for title, kind in kinds.items()}
    worst_cases.write(name, dtype, header, sections)


def summary(title, tally, seconds):
    lines = [f"{title}: {tally.inputs:,} inputs, {tally.wrong:,} wrong roundings, {seconds:.1f} s"]
    for kind, pairs in (("hardest", tally.hardest.pairs), ("structured", tally.structured.pairs)):
        lines += [f"  {kind}: {x.hex()}, {worst_cases.distance(k)} ulp" for k, x in pairs[:3]]
    lines += [f"  WRONG at {x.hex()}" for x in tally.examples]
    return "\n".join(lines)


def _pattern(text):
    return int(text, 0)


def _arguments(arguments):
    parser = argparse.ArgumentParser(
        prog="python -m tests.exhaustive", description=__doc__, allow_abbrev=False
    )
    names = worst_cases.UNARY
    parser.add_argument("function", choices=names, metavar="FUNCTION", help=", ".join(names))
    parser.add_argument("--dtype", choices=["float32", "float16"], default="float32")
    parser.add_argument("--isa", metavar="NAME", help="backend (default: the best here)")
    parser.add_argument(
        "--range",
        nargs=2,
        type=_pattern,
        metavar=("LOW", "HIGH"),
        help="first and last bit pattern, such as 0x3f800000 0x3fffffff (default: all)",
    )
    parser.add_argument("--sample", action="store_true", help="a stratified sample: a second")
    parser.add_argument(
        "--resume", type=Path, metavar="FILE", help="keep the progress there, and go on from it"
    )
    parser.add_argument("--jobs", type=int, default=os.cpu_count(), help="threads (default: all)")
    parser.add_argument("--write", action="store_true", help="write the hardest to tests/worst")
    options = parser.parse_args(arguments)
    patterns = 1 << 8 * np.dtype(options.dtype).itemsize
    whole = options.range is None and not options.sample
    options.range = options.range or [0, patterns - 1]
    if not 0 <= options.range[0] <= options.range[1] < patterns:
        parser.error(f"--range: 0 <= LOW <= HIGH <= {patterns - 1:#x} is needed")
    if options.write and not whole:
        parser.error("--write needs all inputs: no --range, no --sample")
    if options.jobs < 1:
        parser.error("--jobs: at least 1 is needed")
    return options


def main(arguments=None):
    """Return 0 if no result is wrong, else 1."""
    options = _arguments(arguments)
    name, dtype = options.function, np.dtype(options.dtype)
    started = time.monotonic()
    isa, function, file = load_function(name, options.isa)
    title = f"{name} {dtype} on {isa}"
    if options.sample:
        tally = check_sample(name, function, dtype)
        title += ", sample"
    else:
        run = {"function": name, "dtype": str(dtype), "isa": isa, "range": options.range}
        run["kernels"] = hashlib.sha256(Path(file).read_bytes()).hexdigest()
        state = State(options.resume, run)
        run_all(name, function, dtype, *options.range, state, options.jobs)
        tally = state.tally
    if options.write:
        write_worst(name, dtype, tally)
    print(summary(title, tally, time.monotonic() - started))
    return 1 if tally.wrong else 0


if __name__ == "__main__":
    run_command(main, "python -m tests.exhaustive")
