"""Find the inputs that the half-widths of the rounding tests are there for.

Each planted fault of tests/faults.py that narrows a bound is built beside the kernels as they are,
and both are run on random inputs of every function and dtype, and on what is hard for it as in
tests/linear.py, so that phase 2 decides. Where the results differ, the bound would have been too
narrow: such inputs are printed as lines of tests/half_widths.txt, which tests/test_worst.py runs
on every backend.
"""

import argparse
import ctypes
import functools
import os
import shutil
import subprocess
import sys
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent))  # under `python -m tests.half_widths`

import linear
from exhaustive import same_values
from faults import FAULTS, HALF_WIDTHS
from helpers import KERNEL_FLOATS
from random_inputs import ordinary

from ogive._files import UserError, run_command
from ogive.fallback import FUNCTIONS

CSRC = Path(__file__).parents[1] / "csrc"
FILE = Path(__file__).with_suffix(".txt")
KERNEL = ctypes.CFUNCTYPE(None, ctypes.POINTER(ctypes.c_void_p), ctypes.c_ssize_t)
CHUNK, EXAMPLES = 1 << 16, 3


class _Function(ctypes.Structure):
    """ogive_function of csrc/ogive.h."""

    _fields_ = [
        ("name", ctypes.c_char_p), ("inputs", ctypes.c_int), ("outputs", ctypes.c_int),
        ("aliases", ctypes.c_char_p), ("summary", ctypes.c_char_p),
        *((dtype, ctypes.c_void_p) for dtype in ("float64", "float32", "float16", "bfloat16")),
        ("phase2", ctypes.c_void_p), ("phase3", ctypes.c_void_p),
    ]  # fmt: skip


class _Backend(ctypes.Structure):
    _fields_ = [
        ("name", ctypes.c_char_p),
        ("complex_functions", ctypes.c_void_p),
        ("functions", ctypes.POINTER(_Function)),
        ("runs_here", ctypes.CFUNCTYPE(ctypes.c_int)),
    ]


def build(folder, fault):
    """The kernels as a shared library, with a fault unless it is None."""
    name = fault.name.replace(" ", "-") if fault else "kernels"
    csrc = shutil.copytree(CSRC, Path(folder, name, "csrc"))
    if fault:
        file = csrc.parent / fault.file
        file.write_text(file.read_text().replace(fault.old, fault.new))
    library = csrc.parent / "kernels.so"
    flags = ["-std=gnu11", "-O1", "-ffp-contract=off", "-w", "-shared", "-fPIC", "-o", str(library)]
    subprocess.run(["cc", *flags, *map(str, csrc.rglob("*.c")), "-lm", "-pthread"], check=True)
    return ctypes.CDLL(str(library))


def kernels(library, isa):
    """{name: _Function} of a backend, the best that runs here if `isa` is None."""
    backends = ctypes.POINTER(_Backend).in_dll(library, "ogive_backends")
    backends = ctypes.cast(ctypes.addressof(backends), ctypes.POINTER(ctypes.POINTER(_Backend)))
    for each in backends:
        if not each:
            raise UserError(f"no backend {isa} here")
        backend = each.contents
        if backend.runs_here() and isa in (None, backend.name.decode()):
            rows = backend.functions[: len(FUNCTIONS)]
            return {row.name.decode(): row for row in rows}


def call(row, x, dtype):
    """The outputs of a kernel."""
    results = [np.empty_like(x[0]) for _ in range(row.outputs)]
    arrays = (*x, *results)
    args = (ctypes.c_void_p * len(arrays))(*(a.ctypes.data for a in arrays))
    KERNEL(getattr(row, dtype.name))(args, x[0].size)
    return results


def samples(name, dtype, inputs):
    """Tuples of arrays: the random inputs of a function, and the hard ones of it."""
    for turn in range(-(-inputs // CHUNK)):
        yield ordinary(name, dtype, CHUNK, (47, turn))
    if name in linear.LINEAR and dtype == np.float64:
        hard = linear.search(name, dtype, min(inputs, 10**5), 47, inputs)
        yield tuple(np.array([x for _, x in hard]).T.copy())


def differing(name, right, halves, dtype, inputs):
    """{fault: some inputs at which its kernel differs from the right one}."""
    found = {}
    for x in samples(name, dtype, inputs):
        want = call(right, x, dtype)
        for fault, half in halves.items():
            if fault in found:
                continue
            pairs = zip(want, call(half, x, dtype), strict=True)
            differ = np.flatnonzero(np.any([~same_values(a, b) for a, b in pairs], axis=0))
            if differ.size:
                some = differ[:EXAMPLES]
                found[fault] = [[float(each[at]).hex() for each in x] for at in some]
    return found


def read():
    """(name, dtype, inputs) of each line of the file, the inputs as texts."""
    lines = [line.split() for line in FILE.read_text().splitlines() if line[:1] not in ("", "#")]
    return [(name, dtype, x) for name, dtype, *x in lines]


def main(arguments=None):
    """Print the inputs; 1 if a bound's half made no difference anywhere, else 0."""
    parser = argparse.ArgumentParser(prog="python -m tests.half_widths", description=__doc__)
    parser.add_argument("--inputs", type=int, default=10**7, metavar="N", help="of each function")
    parser.add_argument("--isa", metavar="NAME", help="backend (default: the best here)")
    options = parser.parse_args(arguments)
    faults = [fault for fault in FAULTS if fault.tests == HALF_WIDTHS]
    idle = {fault.name for fault in faults}
    with tempfile.TemporaryDirectory() as folder:
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            libraries = pool.map(functools.partial(build, folder), (None, *faults))
        right, *others = (kernels(library, options.isa) for library in libraries)
        halves = {fault.name: rows for fault, rows in zip(faults, others, strict=True)}
        for dtype in map(np.dtype, KERNEL_FLOATS):
            for name in FUNCTIONS:
                of_name = {fault: rows[name] for fault, rows in halves.items()}
                found = differing(name, right[name], of_name, dtype, options.inputs)
                lines = {(name, dtype.name, *x) for some in found.values() for x in some}
                for line in sorted(lines):
                    print(*line, flush=True)
                idle -= {*found}
    for fault in sorted(idle):
        print(f"{fault}: no difference", file=sys.stderr)
    return int(bool(idle))


if __name__ == "__main__":
    run_command(main, "python -m tests.half_widths")
