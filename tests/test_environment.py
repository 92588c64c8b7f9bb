"""The floating-point state of the process around a call: flags, rounding, flush-to-zero, traps."""

import contextlib
import ctypes
import functools
import os
import platform
import shutil
import subprocess
import sysconfig
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from command_line import run_code
from helpers import (
    KERNEL_FLOATS,
    KINDS,
    Loop,
    assert_same,
    buffers,
    every_dtype,
    every_kernel_dtype,
    hard_spots,
    inputs,
    outputs,
    read_only,
    signalling_nans,
    ufuncs,
)

# Flags

LIBM = None
if platform.libc_ver()[0] == "glibc" and platform.machine() in ("x86_64", "AMD64", "aarch64"):
    LIBM = ctypes.CDLL("libm.so.6")

needs_glibc = pytest.mark.skipif(LIBM is None, reason="needs the numbers of glibc's <fenv.h>")

ON_X86 = platform.machine() in ("x86_64", "AMD64")
FLAGS = (
    {"invalid": 0x01, "divide": 0x04, "overflow": 0x08, "underflow": 0x10, "inexact": 0x20}
    if ON_X86
    else {"invalid": 1, "divide": 2, "overflow": 4, "underflow": 8, "inexact": 16}
)
ALL_FLAGS = sum(FLAGS.values())
ROUNDING = (
    {"downward": 0x400, "upward": 0x800, "toward zero": 0xC00}
    if ON_X86
    else {"upward": 0x400000, "downward": 0x800000, "toward zero": 0xC00000}
)


@functools.cache
def everything(name, dtype):
    """Inputs of every kind, signalling NaNs too, so that every path of a kernel is taken."""
    every = 1 if dtype in KERNEL_FLOATS else 10
    parts = [np.stack(inputs(name, dtype, 2000)), np.stack(hard_spots(name, dtype))[:, ::every]]
    if dtype in KERNEL_FLOATS:
        nans = np.broadcast_to(signalling_nans(dtype), (len(parts[0]), 4))
        parts.append(nans)
    return tuple(read_only(x) for x in np.concatenate(parts, axis=1))


@every_dtype
def test_no_input_raises_a_floating_point_error(functions, name, dtype):
    function = functions[name]
    x = everything(name, dtype)
    size = x[0].size
    thirds = [each[::3] for each in x]
    spread = buffers(function, 2 * thirds[0].size, dtype)
    with np.errstate(all="raise"):
        function(*x)
        function(*thirds, out=tuple(buffer[::2] for buffer in spread))
        function(*x, out=buffers(function, size, dtype), where=np.arange(size) % 3 > 0)
        for i in range(0, size, size // 50):
            function(*(each[i] for each in x))


@every_dtype
def test_error_callback_is_never_called(functions, name, dtype):
    called = []
    x = everything(name, dtype)
    with np.errstate(all="call", call=lambda *error: called.append(error)):
        functions[name](*x)
        np.divide(1.0, 0.0)
    assert [kind for kind, _ in called] == ["divide by zero"]


@needs_glibc
@every_dtype
def test_loops_raise_and_lose_no_flag(function, dtype):
    # NumPy clears flags before it calls a loop; the loop itself leaves them alone.
    x = everything(function.__name__, dtype)
    out = [np.empty_like(x[0]) for _ in range(function.nout)]
    contiguous, strided = (
        Loop(function, *x, *out),
        Loop(function, *(each[::-1] for each in (*x, *out))),
    )
    for loop in (contiguous, strided):
        for before in (0, *FLAGS.values(), ALL_FLAGS):
            LIBM.feclearexcept(ALL_FLAGS)
            LIBM.feraiseexcept(before)
            raised = LIBM.fetestexcept(ALL_FLAGS)  # overflow and underflow may bring inexact
            loop()
            after = LIBM.fetestexcept(ALL_FLAGS)
            LIBM.feclearexcept(ALL_FLAGS)
            assert after == raised
            assert after & before == before


@needs_glibc
@every_kernel_dtype
def test_calls_raise_and_lose_no_flag(function, dtype):
    # NumPy knows that these loops raise none, so it has none to clear before a call.
    x = everything(function.__name__, dtype)
    out = [np.empty_like(x[0]) for _ in range(function.nout)]
    for before in (0, *FLAGS.values(), ALL_FLAGS):
        LIBM.feclearexcept(ALL_FLAGS)
        LIBM.feraiseexcept(before)
        raised = LIBM.fetestexcept(ALL_FLAGS)
        function(*x, *out)
        function(*(each[7] for each in x))
        after = LIBM.fetestexcept(ALL_FLAGS)
        LIBM.feclearexcept(ALL_FLAGS)
        assert after == raised


# Rounding mode, flush-to-zero, traps


@contextlib.contextmanager
def rounding(mode):
    """The process rounds to another side; it must still do so at the end."""
    try:
        assert LIBM.fesetround(mode) == 0
        yield
        left = LIBM.fegetround()
    finally:
        LIBM.fesetround(0)
    assert left == mode


@needs_glibc
@pytest.mark.parametrize("mode", ROUNDING)
@every_dtype
def test_rounding_mode_changes_no_bit_and_is_kept(function, dtype, mode):
    x = everything(function.__name__, dtype)
    backward, one = [each[::-3] for each in x], [each[5] for each in x]
    third = 1.0
    want = function(*x)
    want_strided = function(*backward)
    with rounding(ROUNDING[mode]):
        third /= 3.0
        got = function(*x)
        got_strided = function(*backward)
        scalar = function(*one)
    assert (third == 1 / 3) == (mode != "upward")  # the mode was in effect
    assert_same(got, want)
    assert_same(got_strided, want_strided)
    assert_same(scalar, tuple(w[5] for w in outputs(want)) if function.nout > 1 else want[5])


CONTROL_SOURCE = """
#include <xmmintrin.h>
unsigned get(void) { return _mm_getcsr(); }
void set(unsigned control) { _mm_setcsr(control); }
unsigned get_x87(void) { unsigned short c; __asm__("fnstcw %0" : "=m"(c)); return c; }
void set_x87(unsigned control)
{
    unsigned short c = control;
    __asm__("fnclex; fldcw %0" : : "m"(c)); /* a flag whose trap it enables would fire */
}
"""
FLUSH_TO_ZERO, DENORMALS_ARE_ZERO, MXCSR_FLAGS = 0x8000, 0x0040, 0x3F


@pytest.fixture(scope="session")
def mxcsr(tmp_path_factory):
    """The control register of SSE and AVX: get() and set(value); that of the x87: get_x87()..."""
    if not ON_X86 or os.name != "posix":
        pytest.skip("MXCSR is a register of x86, reached here on POSIX")
    compiler = shutil.which((sysconfig.get_config_var("CC") or "cc").split()[0]) or shutil.which(
        "cc"
    )
    if not compiler:
        pytest.skip("no C compiler to reach MXCSR with")
    folder = tmp_path_factory.mktemp("mxcsr")
    (folder / "mxcsr.c").write_text(CONTROL_SOURCE)
    done = subprocess.run(
        [compiler, "-shared", "-fPIC", "-o", folder / "mxcsr.so", folder / "mxcsr.c"]
    )
    if done.returncode:
        pytest.skip("the C compiler does not work")
    library = ctypes.CDLL(str(folder / "mxcsr.so"))
    library.get.restype = ctypes.c_uint
    for change in (library.set, library.set_x87):
        change.argtypes = [ctypes.c_uint]
        change.restype = None
    return library


@contextlib.contextmanager
def flushing(mxcsr, control):
    """The process flushes to zero, and must still do so at the end."""
    usual = mxcsr.get()
    try:
        mxcsr.set(usual | control)
        yield
        left = mxcsr.get()
    finally:
        mxcsr.set(usual)
    assert left & ~MXCSR_FLAGS == (usual | control) & ~MXCSR_FLAGS


@pytest.mark.parametrize(
    "control",
    [FLUSH_TO_ZERO, DENORMALS_ARE_ZERO, FLUSH_TO_ZERO | DENORMALS_ARE_ZERO],
    ids=["flush to zero", "denormals are zero", "both"],
)
@every_dtype
def test_flush_to_zero_changes_no_bit_and_is_kept(function, dtype, control, mxcsr):
    x = everything(function.__name__, dtype)
    backward = [each[::-3] for each in x]
    small = np.array([5e-324])
    want = function(*x)
    want_strided = function(*backward)
    with flushing(mxcsr, control):
        flushed = small * 1.0
        got = function(*x)
        got_strided = function(*backward)
    assert flushed.tobytes() == bytes(8)  # the mode was in effect
    assert_same(got, want)
    assert_same(got_strided, want_strided)


@pytest.mark.parametrize("precision", [0x000, 0x200], ids=["24 bits", "53 bits"])
def test_narrow_x87_changes_no_bit_of_a_long_double_and_is_kept(function, precision, mxcsr):
    x = everything(function.__name__, np.longdouble)
    third = np.longdouble(1)
    want = function(*x)
    usual = mxcsr.get_x87()
    try:
        mxcsr.set_x87(usual & ~0x300 | precision)
        third = third / 3
        got = function(*x)
        left = mxcsr.get_x87()
    finally:
        mxcsr.set_x87(usual)
    assert third != np.longdouble(1) / 3  # the mode was in effect
    assert left == usual & ~0x300 | precision
    assert_same(got, want)


@needs_glibc
@every_dtype
def test_threads_with_another_state_get_the_same_bits(isa, dtype, mxcsr):
    functions = ufuncs(isa)
    x = {name: everything(name, dtype) for name in KINDS}
    want = {name: functions[name](*x[name]) for name in KINDS}
    states = [(0, 0), *((mode, 0) for mode in ROUNDING.values()), (0, FLUSH_TO_ZERO | 0x40)]
    ready = threading.Barrier(len(states))

    def call(state):
        mode, control = state
        LIBM.fesetround(mode)
        mxcsr.set(mxcsr.get() | control)
        ready.wait()
        got = {name: functions[name](*x[name]) for name in KINDS}
        return got, LIBM.fegetround() == mode, mxcsr.get() & control == control

    with ThreadPoolExecutor(len(states)) as pool:
        for got, *kept in pool.map(call, states):
            assert kept == [True, True]
            for name in KINDS:
                assert_same(got[name], want[name])


TRAPS = """
import ctypes, sys
sys.path.insert(0, {tests!r})
from helpers import Loop, assert_same, ufuncs
from test_environment import everything
import numpy as np
control = ctypes.CDLL({library!r})
loops, results = [], []
for function in ufuncs({isa!r}).values():
    for dtype in (np.float16, np.float32, np.float64, np.longdouble):
        x = everything(function.__name__, dtype)
        operands = [*x, *[np.empty_like(x[0]) for _ in range(function.nout)]]
        loops.append(Loop(function, *operands))
        loops.append(Loop(function, *(each[::-2] for each in operands)))
        results += [operands[function.nin :]] * 2
def run():
    copies = []
    for loop, result in zip(loops, results):
        for each in result:
            each.fill(7)
        loop()
        copies += [each.copy() for each in result]
    return copies
want = run()
usual = control.get(), control.get_x87()
control.set(0)  # masks no trap, that of denormal numbers neither
control.set_x87(0x340)
got = run()
left = control.get(), control.get_x87()
control.set(usual[0])
control.set_x87(usual[1])
assert left == (0, 0x340), left
assert_same(tuple(got), tuple(want))
print("no trap")
"""


def test_enabled_traps_do_not_fire_and_are_kept(isa, mxcsr):
    script = TRAPS.format(tests=str(Path(__file__).parent), library=mxcsr._name, isa=isa)
    done = run_code(script)
    assert (done.returncode, done.stdout.strip()) == (0, "no trap"), done.stderr
