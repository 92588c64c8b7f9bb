"""Hand the inner loops of all ufuncs to libFuzzer: `python -m tests.analyse fuzz` runs this.

python tests/fuzz.py LIBRARY [ARGUMENT OF LIBFUZZER...]
"""

import ctypes
import sys

import numpy as np
from helpers import BACKENDS, FLOATS, inner_loop, ufuncs
from ml_dtypes import bfloat16, finfo

from ogive.fallback import FUNCTIONS


class _Loop(ctypes.Structure):
    _fields_ = (
        ("run", ctypes.c_void_p),
        ("data", ctypes.c_void_p),
        ("size", ctypes.c_ssize_t),
        ("fraction_bits", ctypes.c_int),
        ("inputs", ctypes.c_int),
        ("operands", ctypes.c_int),
    )


def table():
    """A row for each function and dtype, in it a loop for each backend, generic last."""
    assert BACKENDS[-1] == "generic"
    functions = [ufuncs(isa) for isa in BACKENDS]
    rows = [(name, dtype) for name in FUNCTIONS for dtype in FLOATS]
    rows += [(name, bfloat16) for name in FUNCTIONS]  # last: the corpus names rows by number
    loops = [
        _Loop(
            *inner_loop(each[name], dtype),
            np.dtype(dtype).itemsize,
            finfo(dtype).nmant,
            each[name].nin,
            each[name].nargs,
        )
        for name, dtype in rows
        for each in functions
    ]
    return (_Loop * len(loops))(*loops)


def main():
    library, *arguments = sys.argv[1:]
    loops = table()
    itself = f"{sys.executable} {__file__} {library}"  # what libFuzzer starts again to merge
    argv = (ctypes.c_char_p * (len(arguments) + 2))(*map(str.encode, [itself, *arguments]), None)
    rows = ctypes.c_size_t(len(loops) // len(BACKENDS))
    fuzz = ctypes.CDLL(library).fuzz
    return fuzz(len(arguments) + 1, argv, loops, rows, ctypes.c_size_t(len(BACKENDS)))


if __name__ == "__main__":
    sys.exit(main())
