"""Memory at its limits: guard pages, huge strides and sizes, failed allocations, leaks."""

import contextlib
import ctypes
import gc
import itertools
import mmap
import os
import platform
import sys
import tracemalloc
from pathlib import Path

import numpy as np
import pytest
from command_line import run_code
from helpers import (
    BACKENDS,
    KINDS,
    Loop,
    assert_same,
    assert_same_bits,
    buffers,
    every_dtype,
    every_kernel_dtype,
    every_loop_dtype,
    mixed,
    outputs,
    ufuncs,
)
from test_threads import LEAST

import ogive
from ogive.fallback import FUNCTIONS

linux_only = pytest.mark.skipif(platform.system() != "Linux", reason="needs Linux's mmap")

PROT_NONE, MAP_FIXED, MAP_NORESERVE = 0, 0x10, 0x4000  # Python names these since 3.13


# No byte outside an operand is touched


class Guarded:
    """Pages between two others that end the process when they are touched."""

    def __init__(self, size):
        inside = -(-size // mmap.PAGESIZE) * mmap.PAGESIZE
        self._pages = mmap.mmap(-1, inside + 2 * mmap.PAGESIZE)
        before = ctypes.addressof(ctypes.c_char.from_buffer(self._pages))
        self.start = before + mmap.PAGESIZE
        self.stop = self.start + inside
        libc = ctypes.CDLL(None, use_errno=True)
        for guard in (before, self.stop):
            assert libc.mprotect(ctypes.c_void_p(guard), mmap.PAGESIZE, PROT_NONE) == 0
        self.bytes = np.frombuffer(self._pages, np.uint8, inside, mmap.PAGESIZE)

    def place(self, n, dtype, step, distance, at_stop):
        """n elements, of which the outermost one is `distance` bytes from a guard page."""
        to_last = max(n - 1, 0) * step
        span = abs(to_last) + np.dtype(dtype).itemsize if n else 0
        lowest = self.bytes.size - span - distance if at_stop else distance
        return np.ndarray(n, dtype, self.bytes, lowest - min(to_last, 0), (step,))


@linux_only
@every_loop_dtype
def test_no_byte_beside_the_operands_is_touched(function, dtype):
    itemsize = np.dtype(dtype).itemsize
    # At every byte; but long doubles are aligned, which NumPy sees to.
    distances = range(1 if dtype == np.longdouble else itemsize)
    guarded = [Guarded(3 * 4097 * itemsize) for _ in range(function.nargs)]
    x = mixed(function.__name__, dtype, 4097)
    for n in [*range(131), 511, 512, 513, 2047, 2049, 4097]:
        layouts = [((1,), distance) for distance in distances]
        layouts += [(steps, n % len(distances)) for steps in ((2, 1), (1, -1, 3), (-1, -2))]
        results = []
        for (steps, distance), at_stop in itertools.product(layouts, (True, False)):
            operands = [
                each.place(
                    n,
                    dtype,
                    steps[(n + i) % len(steps)] * itemsize,
                    (distance + i) % len(distances),
                    at_stop ^ (i % 3 == 2),
                )
                for i, each in enumerate(guarded)
            ]
            for operand, values in zip(operands, x, strict=False):
                operand[:] = values[:n]
            Loop(function, *operands)()
            results.append([np.array(operand) for operand in operands[function.nin :]])
        want = outputs(function(*(each[:n] for each in x)))
        for got, w in zip(zip(*results, strict=True), want, strict=True):
            assert_same(np.stack(got), np.broadcast_to(w, (len(got), n)))


@linux_only
@every_kernel_dtype
def test_no_byte_beside_the_operands_is_touched_by_two_threads(kind, dtype):
    n, itemsize = LEAST + 77, np.dtype(dtype).itemsize
    guarded = [Guarded(n * itemsize + itemsize) for _ in range(kind.nargs)]
    x = [np.resize(each, n) for each in mixed(kind.__name__, dtype, 4001)]
    want = kind(*x)
    for at_stop in (True, False):
        operands = [
            each.place(n, dtype, itemsize, i % itemsize, at_stop) for i, each in enumerate(guarded)
        ]
        for operand, values in zip(operands, x, strict=False):
            operand[:] = values
        with ogive.threads(2):
            Loop(kind, *operands)()
        assert_same_bits(tuple(operands[kind.nin :]), want)


# Strides of many pages


@linux_only
@pytest.mark.parametrize("stride", [mmap.PAGESIZE, 2**32 + 16, -(2**32) - 16], ids=str)
@every_dtype
def test_strides_of_pages_and_of_gigabytes(functions, dtype, stride):
    n = 9
    reserve = mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | MAP_NORESERVE
    for name in KINDS:
        function = functions[name]
        pages = [mmap.mmap(-1, (n + 1) * abs(stride), flags=reserve) for _ in range(function.nargs)]
        offset = max(0, -stride * (n - 1))
        views = [np.ndarray(n, dtype, each, offset, (stride,)) for each in pages]
        given, out = views[: function.nin], tuple(views[function.nin :])
        for view, values in zip(given, mixed(name, dtype, 6000), strict=True):
            view[:] = values[:n]
        function(*given, out=out)
        assert_same(tuple(map(np.array, out)), function(*map(np.array, given)))


# More than 2^31 elements and 2^32 bytes


class Repeated:
    """Address space of any size in which one piece of memory lies again and again.

    The first and the last piece, and the one around the middle, are memory of their own.
    """

    PIECE = 2**22  # bytes

    def __init__(self, pieces):
        libc = ctypes.CDLL(None, use_errno=True)
        libc.mmap.restype = ctypes.c_void_p
        libc.mmap.argtypes = [ctypes.c_void_p, ctypes.c_size_t, *[ctypes.c_int] * 3, ctypes.c_long]
        self._whole = mmap.mmap(
            -1,
            pieces * self.PIECE,
            flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS | MAP_NORESERVE,
        )
        start = ctypes.addressof(ctypes.c_char.from_buffer(self._whole))
        self.own = [0, pieces // 2, pieces - 1]
        memory = os.memfd_create("repeated")
        os.ftruncate(memory, 4 * self.PIECE)
        fixed = mmap.MAP_SHARED | MAP_FIXED
        for i in range(pieces):
            offset = (self.own.index(i) + 1) * self.PIECE if i in self.own else 0
            at = start + i * self.PIECE
            both = mmap.PROT_READ | mmap.PROT_WRITE
            assert libc.mmap(at, self.PIECE, both, fixed, memory, offset) == at
        os.close(memory)

    def elements(self, dtype):
        return np.frombuffer(self._whole, dtype)

    def pieces(self, dtype):
        """Those of their own, and one of the others."""
        size = self.PIECE // np.dtype(dtype).itemsize
        return [self.elements(dtype)[i * size :][:size] for i in (*self.own, 1)]


LARGE = [(name, 1, 1) for name in KINDS if FUNCTIONS[name].nin < 3]
LARGE += [(KINDS[0], -1, 1), (KINDS[0], 1, 2), (KINDS[0], -1, 3)]


@linux_only
@pytest.mark.large
@pytest.mark.parametrize(("name", "step", "threads"), LARGE)
def test_more_than_2_to_the_31_elements_and_2_to_the_32_bytes(name, step, threads):
    dtype = np.float16
    function = ufuncs(BACKENDS[0])[name]
    memory = [Repeated(1025) for _ in range(function.nargs)]
    pieces = [each.pieces(dtype) for each in memory]
    operands = [each.elements(dtype)[::step] for each in memory]
    assert operands[0].size > 2**31
    assert operands[0].nbytes > 2**32
    for number, given in enumerate(zip(*pieces[: function.nin], strict=True)):
        for piece in given:
            piece[:] = np.linspace(-number, 1, piece.size)
    for piece in (piece for result in pieces[function.nin :] for piece in result):
        piece.fill(7)
    with ogive.threads(threads):
        function(*operands[: function.nin], out=tuple(operands[function.nin :]))
    for columns in zip(*pieces, strict=True):
        assert_same_bits(columns[function.nin :], function(*columns[: function.nin]))


# Outputs that cannot be allocated


SHORT_OF_MEMORY = """
import resource, sys
sys.path.insert(0, {tests!r})
import conftest
import numpy as np
from helpers import assert_same, functions_of

def in_use():
    with open("/proc/self/statm") as file:
        return int(file.read().split()[0]) * resource.getpagesize()

functions = functions_of({isa!r})
size = 2**25
x = np.full(1, 0.25)
wide, mask = np.broadcast_to(x, size), np.broadcast_to(True, size)
want = {{name: f(*[x] * f.nin) for name, f in functions.items()}}
# One float64 output fits into it, neither two of them nor one of long doubles.
resource.setrlimit(resource.RLIMIT_AS, (in_use() + 12 * size, -1))
for name, function in functions.items():
    for options in (dict(), dict(dtype=np.longdouble), dict(dtype=np.longdouble, where=mask)):
        if function.nout == 1 and not options:
            continue
        out = (None,) * function.nout
        before = sys.getrefcount(x), in_use()
        try:
            function(*[wide] * function.nin, out=out, **options)
        except MemoryError:
            pass
        else:
            raise AssertionError(name)
        assert sys.getrefcount(x) == before[0], name
        assert in_use() - before[1] < 4 * size, name  # malloc itself may take 64 MiB
    assert_same(function(*[x] * function.nin), want[name])
print("usable")
"""


@linux_only
@pytest.mark.parametrize("isa", ["numpy", *BACKENDS])
def test_outputs_that_cannot_be_allocated_leave_nothing_behind(isa):
    done = run_code(SHORT_OF_MEMORY.format(tests=str(Path(__file__).parent), isa=isa))
    assert (done.returncode, done.stdout.strip()) == (0, "usable"), done.stderr


# Leaks


def calls_of_all_kinds(function):
    """Calls that succeed, and calls that fail each at another place.

    Not for a wrong shape of an output: there NumPy 2.4 itself keeps a reference to the dtype.
    """
    x = [np.linspace(-1, 1, 300, dtype=np.float32)] * function.nin
    rest = x[1:]
    yield lambda: function(*x)
    yield lambda: function(*[1.0] * function.nin)
    yield lambda: function(*[1] * function.nin)
    yield lambda: function(*x, dtype=np.float64)
    yield lambda: function(*rest, 0.5)
    yield lambda: function(*rest, x[0].astype(">f8"))
    yield lambda: function(*x, out=(None,) * function.nout, where=x[0] > 0)
    yield lambda: function(*x, out=buffers(function, 300, np.int32), casting="unsafe")
    for bad in (1j, None, "a", object()):
        yield lambda bad=bad: function(*rest, bad)
    yield lambda: function(*x, out=buffers(function, 300, np.int32))
    yield lambda: function(*x, dtype=np.int32)
    yield lambda: function(*x, casting="loose")
    yield lambda: function(*x, nonsense=1)
    yield lambda: function(*x, *x, *x)


def check_that_calls_keep_nothing(functions):
    dtypes = [np.dtype(char) for char in "efdgiD?"]
    gc.collect()
    gc.freeze()  # what there is now need not be looked through again and again
    tracemalloc.start()
    for name in KINDS:
        first = None
        # What leaks grows in each round; caches of Python fill up. 40 bytes a call are little.
        for _ in range(60):
            size = tracemalloc.get_traced_memory()[0]
            for call in calls_of_all_kinds(functions[name]):
                for _ in range(5):
                    with contextlib.suppress(TypeError, ValueError):
                        call()
            gc.collect()
            grown = tracemalloc.get_traced_memory()[0] - size
            references = [sys.getrefcount(dtype) for dtype in dtypes]
            if first is not None and grown < 5 * 40:
                break
            first = first or references
        assert grown < 5 * 40, name
        assert references == first, name


@pytest.mark.parametrize("isa", ["numpy", *BACKENDS])
def test_repeated_calls_keep_no_memory_and_no_reference(isa):
    # In a process of its own: the threads of a test runner allocate as they like.
    done = run_code(
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "import conftest, helpers, test_memory\n"
        f"test_memory.check_that_calls_keep_nothing(helpers.functions_of({isa!r}))\n"
    )
    assert done.returncode == 0, done.stderr
