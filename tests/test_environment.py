"""The process around a call: floating-point state, threads, forks, interrupts."""

import contextlib
import ctypes
import functools
import os
import platform
import shutil
import signal
import subprocess
import sys
import sysconfig
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import pytest
from helpers import (
    KERNEL_FLOATS,
    Loop,
    assert_same,
    assert_same_bits,
    buffers,
    every_dtype,
    every_kernel_dtype,
    hard_spots,
    inputs,
    mixed,
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
def test_no_input_raises_a_floating_point_error(function, dtype):
    x = everything(function.__name__, dtype)
    size = x[0].size
    thirds = [each[::3] for each in x]
    spread = buffers(function, 2 * thirds[0].size, dtype)
    with np.errstate(all="raise"):
        function(*x)
        function(*thirds, out=tuple(buffer[::2] for buffer in spread))
        function(*x, out=buffers(function, size, dtype), where=np.arange(size) % 3 > 0)
        for i in range(0, size, size // 100):
            function(*(each[i] for each in x))


@every_dtype
def test_error_callback_is_never_called(function, dtype):
    called = []
    x = everything(function.__name__, dtype)
    with np.errstate(all="call", call=lambda *error: called.append(error)):
        function(*x)
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
def test_calls_leave_the_flags_that_numpy_leaves(function, dtype):
    x = everything(function.__name__, dtype)
    out = [np.empty_like(x[0]) for _ in range(function.nout)]
    for before in (0, *FLAGS.values(), ALL_FLAGS):
        after = []
        for call in (lambda: function(*x, *out), lambda: np.positive(x[0][:8])):
            LIBM.feclearexcept(ALL_FLAGS)
            LIBM.feraiseexcept(before)
            call()
            after.append(LIBM.fetestexcept(ALL_FLAGS))
            LIBM.feclearexcept(ALL_FLAGS)
        assert after[0] == after[1]


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


MXCSR_SOURCE = """
#include <xmmintrin.h>
unsigned get(void) { return _mm_getcsr(); }
void set(unsigned control) { _mm_setcsr(control); }
"""
FLUSH_TO_ZERO, DENORMALS_ARE_ZERO, MXCSR_FLAGS = 0x8000, 0x0040, 0x3F


@pytest.fixture(scope="session")
def mxcsr(tmp_path_factory):
    """The control register of SSE and AVX: functions get() and set(value)."""
    if not ON_X86 or os.name != "posix":
        pytest.skip("MXCSR is a register of x86, reached here on POSIX")
    compiler = shutil.which((sysconfig.get_config_var("CC") or "cc").split()[0]) or shutil.which(
        "cc"
    )
    if not compiler:
        pytest.skip("no C compiler to reach MXCSR with")
    folder = tmp_path_factory.mktemp("mxcsr")
    (folder / "mxcsr.c").write_text(MXCSR_SOURCE)
    done = subprocess.run(
        [compiler, "-shared", "-fPIC", "-o", folder / "mxcsr.so", folder / "mxcsr.c"]
    )
    if done.returncode:
        pytest.skip("the C compiler does not work")
    library = ctypes.CDLL(folder / "mxcsr.so")
    library.get.restype = ctypes.c_uint
    library.set.argtypes = [ctypes.c_uint]
    library.set.restype = None
    return library


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
    usual = mxcsr.get()
    try:
        mxcsr.set(usual | control)
        flushed = small * 1.0
        got = function(*x)
        got_strided = function(*backward)
        left = mxcsr.get()
    finally:
        mxcsr.set(usual)
    assert flushed.tobytes() == bytes(8)  # the mode was in effect
    assert left & ~MXCSR_FLAGS == (usual | control) & ~MXCSR_FLAGS
    assert_same(got, want)
    assert_same(got_strided, want_strided)


TRAPS = """
import ctypes, sys
sys.path.insert(0, {tests!r})
from helpers import Loop, ufuncs
from test_environment import ALL_FLAGS, LIBM, everything
import numpy as np
loops = []
for function in ufuncs({isa!r}).values():
    for dtype in (np.float16, np.float32, np.float64, np.longdouble):
        x = everything(function.__name__, dtype)
        loops.append(Loop(function, *x, *[np.empty_like(x[0]) for _ in range(function.nout)]))
LIBM.feclearexcept(ALL_FLAGS)
LIBM.feenableexcept(ALL_FLAGS)
for loop in loops:
    loop()
left = LIBM.fegetexcept()
LIBM.fedisableexcept(ALL_FLAGS)
assert left == ALL_FLAGS, left
print("no trap")
"""


@needs_glibc
def test_enabled_traps_do_not_fire_and_are_kept(isa):
    if not ON_X86:
        pytest.skip("this processor need not have traps")
    script = TRAPS.format(tests=str(Path(__file__).parent), isa=isa)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
    assert (done.returncode, done.stdout.strip()) == (0, "no trap"), done.stderr


# Threads


@every_kernel_dtype
def test_threads_at_once_get_the_same_bits(kind, dtype):
    x = mixed(kind.__name__, dtype, 20_000)
    want = kind(*x)
    ready = threading.Barrier(16)

    def call(index):
        ready.wait()
        piece = slice(index * 7, None, 1 + index % 3)
        return piece, kind(*(each[piece] for each in x))

    with ThreadPoolExecutor(16) as pool:
        for piece, got in pool.map(call, range(16)):
            assert_same_bits(got, tuple(w[piece] for w in outputs(want)))


def test_other_threads_run_during_a_call(kind):
    # No thread is made to give up the GIL: the other one counts only where the call releases it.
    x = np.full(10**7 // kind.nin**2, 0.5)
    out = buffers(kind, x.shape)
    counted, stop = 0, threading.Event()

    def count():
        nonlocal counted
        while not stop.is_set():
            counted += 1
            time.sleep(0)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1000)
    thread = threading.Thread(target=count)
    try:
        thread.start()
        for _ in range(50):
            before = counted
            kind(*[x] * kind.nin, out=out)
            during = counted - before
            if during:
                break
    finally:
        stop.set()
        sys.setswitchinterval(interval)
        thread.join()
    assert during > 0


def test_import_from_many_threads_at_once(isa):
    script = (
        "import threading, importlib\n"
        "ready, seen = threading.Barrier(8), []\n"
        "def load():\n"
        "    ready.wait()\n"
        "    seen.append(float(importlib.import_module('ogive').sigmoid(0.0)))\n"
        "threads = [threading.Thread(target=load) for _ in range(8)]\n"
        "[t.start() for t in threads]; [t.join() for t in threads]\n"
        "print(seen == [0.5] * 8)\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env=os.environ | {"OGIVE_ISA": isa},
        capture_output=True,
        text=True,
    )
    assert (done.stdout.strip(), done.stderr) == ("True", "")


# Processes

# Python 3.12 warns of any fork beside threads, such as those of a BLAS.
fork = pytest.mark.filterwarnings("ignore:This process .* is multi-threaded:DeprecationWarning")
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


@fork
@needs_fork
def test_forked_child_computes_the_same_bits_beside_computing_threads(kind):
    x = mixed(kind.__name__, np.float64, 20_000)
    want = [w.tobytes() for w in outputs(kind(*x))]
    stop = threading.Event()

    def compute():
        while not stop.is_set():
            kind(*x)

    threads = [threading.Thread(target=compute) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(3):
            child = os.fork()
            if not child:
                same = [w.tobytes() for w in outputs(kind(*x))] == want
                os._exit(0 if same else 1)
            assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def compute_in_pool(arguments):
    isa, name = arguments
    return ufuncs(isa)[name](*mixed(name, np.float64, 6000))


@fork
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_process_pools_give_the_same_bits(isa, method):
    try:
        context = get_context(method)
    except ValueError:
        pytest.skip(f"this system has no {method}")
    names = list(ufuncs(isa))
    with context.Pool(2) as pool:
        results = pool.map(compute_in_pool, [(isa, name) for name in names])
        for name, got in zip(names, results, strict=True):
            assert_same_bits(got, compute_in_pool((isa, name)))


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="this system has no interval timer")
def test_interrupt_during_a_call_leaves_a_usable_process(kind):
    x = [np.full(10**6, 0.5)] * kind.nin
    out = buffers(kind, x[0].shape)

    def call_until_interrupted():
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        while True:
            kind(*x, out=out)

    previous = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            call_until_interrupted()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
    assert_same(kind(*x, out=out), kind(*x))
