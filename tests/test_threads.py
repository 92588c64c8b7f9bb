"""Several threads in one call: the same bits, and safe beside all else."""

import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from multiprocessing import get_all_start_methods, get_context
from pathlib import Path

import numpy as np
import pytest
from command_line import run_code
from helpers import (
    BACKENDS,
    KERNEL_FLOATS,
    KINDS,
    assert_same_bits,
    buffers,
    every_kernel_dtype,
    mixed,
    outputs,
    read_only,
    ufuncs,
)
from test_dispatch import printed, python
from test_environment import (
    DENORMALS_ARE_ZERO,
    FLUSH_TO_ZERO,
    ROUNDING,
    flushing,
    needs_glibc,
    rounding,
)
from test_environment import mxcsr as mxcsr  # a fixture
from test_processes import assert_child_succeeds, fork, fork_beside_threads, needs_fork

import ogive

LEAST = 131_072  # elements of a call that two threads share: 2 MIN_PER_THREAD of _buffer_loops.pxd
LONG = 2 * LEAST + 77

linux_only = pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")
compiled = pytest.mark.skipif(
    not isinstance(BACKENDS[0], str), reason="ogive has no compiled extension here"
)
one_backend = pytest.mark.parametrize("isa", BACKENDS[:1])  # all are called by the same code


@pytest.fixture(autouse=True)
def _one_thread_afterwards():
    yield
    ogive.set_num_threads(1)


def long_inputs(name, dtype):
    return tuple(read_only(np.resize(x, LONG)) for x in mixed(name, dtype, 4001))


# The same bits


@every_kernel_dtype
def test_any_number_of_threads_gives_the_same_bits(function, dtype):
    x = long_inputs(function.__name__, dtype)
    want = function(*x)
    for n in (2, 7):
        with ogive.threads(n):
            assert_same_bits(function(*x), want, x)


@pytest.mark.parametrize("size", [LEAST - 1, LEAST, LEAST + 1, LEAST * 3 // 2 + 511])
def test_lengths_around_the_least_for_several_threads(kind, size):
    x = tuple(each[:size] for each in long_inputs(kind.__name__, np.float32))
    want = kind(*x)
    with ogive.threads(3):
        assert_same_bits(kind(*x), want)


def test_layouts(kind):
    name = kind.__name__
    x = long_inputs(name, np.float64)
    want = outputs(kind(*x))
    wide = [np.stack([each, each], axis=1) for each in x]
    out = tuple(each[::-2] for each in buffers(kind, 2 * LONG))
    in_place = [each.copy() for each in x]
    with ogive.threads(2):
        assert_same_bits(kind(*(each[:, 0] for each in wide)), want)
        assert_same_bits(kind(*(each[::-1] for each in x)), tuple(w[::-1] for w in want))
        assert_same_bits(kind(*x, out=out), want)
        assert_same_bits(kind(*in_place, out=(*in_place, None)[: kind.nout]), want)
        assert_same_bits(kind(*x, out=out, where=np.ones(LONG, bool)), want)
        assert_same_bits(kind(*(each.astype(">f8") for each in x)), want)


def test_outputs_between_the_elements_are_left_alone(kind):
    x = long_inputs(kind.__name__, np.float64)
    out = buffers(kind, 2 * LONG)
    with ogive.threads(4):
        kind(*x, out=tuple(each[::2] for each in out))
    assert all((each[1::2] == 7).all() for each in out)


def assert_pool_does_not_begin_in(state, kind):
    """A thread begins with the environment of the one that starts it, in a child its first."""
    calls = [[x[:LEAST] for x in long_inputs(kind.__name__, dtype)] for dtype in KERNEL_FLOATS]

    def results():
        return [y.tobytes() for x in calls for y in outputs(kind(*x))]

    def same_bits():
        with state, ogive.threads(2):
            return results() == want

    want = results()
    assert_child_succeeds(same_bits)


@fork
@needs_fork
@needs_glibc
@pytest.mark.parametrize("mode", ROUNDING)
@one_backend
def test_threads_do_not_round_as_the_caller_does(kind, mode):
    assert_pool_does_not_begin_in(rounding(ROUNDING[mode]), kind)


@fork
@needs_fork
@one_backend
def test_threads_do_not_flush_to_zero_as_the_caller_does(kind, mxcsr):
    assert_pool_does_not_begin_in(flushing(mxcsr, FLUSH_TO_ZERO | DENORMALS_ARE_ZERO), kind)


def test_what_depends_on_the_order_keeps_it(isa):
    x = np.linspace(-1, 1, LONG)
    glu = ufuncs(isa)["glu"]
    want = glu.accumulate(x), glu.reduce(x)
    shifted = x.copy()
    ufuncs(isa)["sigmoid"](shifted[:-1], out=shifted[1:])
    with ogive.threads(4):
        assert_same_bits((glu.accumulate(x), glu.reduce(x)), want)
        again = x.copy()
        ufuncs(isa)["sigmoid"](again[:-1], out=again[1:])
    assert_same_bits(again, shifted)


# Beside all else


def test_calls_of_many_threads_share_the_pool(kind):
    x = long_inputs(kind.__name__, np.float32)
    want = kind(*x)
    ogive.set_num_threads(3)
    ready = threading.Barrier(32)

    def call(_):
        ready.wait()
        return [kind(*x) for _ in range(3)]

    with ThreadPoolExecutor(32) as pool:
        for results in pool.map(call, range(32)):
            for got in results:
                assert_same_bits(got, want)


@fork
@needs_fork
def test_forked_child_has_a_pool_of_its_own_while_threads_compute(kind):
    x = long_inputs(kind.__name__, np.float32)
    want = [w.tobytes() for w in outputs(kind(*x))]
    ogive.set_num_threads(3)

    def same_bits():
        return [w.tobytes() for w in outputs(kind(*x))] == want

    def same_bits_by_three_threads():
        signal.alarm(60)
        same = same_bits()
        tasks = Path("/proc/self/task")
        return same and (not tasks.exists() or len(list(tasks.iterdir())) == 3)

    fork_beside_threads(lambda: kind(*x), same_bits_by_three_threads, 4)
    assert same_bits()


def call_with_threads(name):
    """What threads there are for a call in this process, and the bits that it gives."""
    results = outputs(getattr(ogive, name)(*long_inputs(name, np.float32)))
    return ogive.get_num_threads(), [y.tobytes() for y in results]


def check_process_pool(method):
    want = [call_with_threads(name) for name in KINDS]
    assert want[0][0] == 2
    with get_context(method).Pool(2) as pool:
        assert pool.map(call_with_threads, KINDS) == want


@compiled
@pytest.mark.parametrize("method", ["fork", "spawn", "forkserver"])
def test_processes_of_a_pool_have_threads_as_the_environment_says(method):
    if method not in get_all_start_methods():
        pytest.skip(f"this system has no {method}")
    script = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        f"import test_threads; test_threads.check_process_pool({method!r})"
    )
    assert printed(python(script, OGIVE_NUM_THREADS="2", PYTHONWARNINGS="ignore")) == ""


def test_idle_threads_sleep(kind):
    x = long_inputs(kind.__name__, np.float32)
    with ogive.threads(4):
        kind(*x)
        before = time.process_time()
        time.sleep(0.3)
        assert time.process_time() - before < 0.15


@compiled
@linux_only
def test_threads_leave_signals_to_the_program():
    script = """
        import os, signal, numpy as np, ogive
        before = set(os.listdir("/proc/self/task"))
        with ogive.threads(3):
            ogive.sigmoid(np.zeros(1_000_000))
        for task in set(os.listdir("/proc/self/task")) - before:
            status = open(f"/proc/self/task/{task}/status").read()
            blocked = int(status.split("SigBlk:")[1].split()[0], 16)
            print(blocked >> (signal.SIGINT - 1) & 1, blocked >> (signal.SIGALRM - 1) & 1)
    """
    assert printed(run_code(script)).split() == ["1"] * 4


# c' = tanh(300)/2 - 1/2 = -1.3e-261: the longest numbers, which take the most stack.
NEEDS_MANY_BITS = [np.float64(x) for x in (0, 0, 300, 0, -1)]


def every_call():
    """Calls of each loop of each function, on contiguous and on strided arrays, and of phase 3."""
    calls = []
    for name, function in ufuncs(ogive.isa).items():
        for dtype in KERNEL_FLOATS:
            x = mixed(name, dtype, 501)
            calls.append(partial(function, *x))
            calls.append(partial(function, *[each[::2] for each in x]))
    calls.append(partial(ogive.lstm_cell, *NEEDS_MANY_BITS))
    return calls


def run_in_small_stack(calls):
    """Run them in a thread whose stack is of 32 KiB, the least that Python gives."""
    threading.stack_size(32 * 1024)
    thread = threading.Thread(target=lambda: [call() for call in calls])
    thread.start()
    thread.join()


@compiled
@pytest.mark.skipif("ASAN_OPTIONS" in os.environ, reason="AddressSanitizer takes more stack")
@pytest.mark.parametrize("isa", BACKENDS)
def test_calls_need_no_more_stack_than_those_of_numpy(isa):
    script = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "import numpy; from test_threads import *; run_in_small_stack({})"
    )
    if python(script.format("[lambda: numpy.exp(1.0)]"), isa).returncode:
        pytest.skip("a call of numpy.exp needs a larger stack here")
    assert printed(python(script.format("every_call()"), isa)) == ""


@compiled
@linux_only
def test_threads_that_cannot_be_started_are_done_without():
    script = """
        import os, re, resource, numpy as np, ogive
        x = np.linspace(-9, 9, 200_000)
        out, want = x.copy(), ogive.sigmoid(x)
        in_use = int(re.search(r"VmSize:\\s*(\\d+)", open("/proc/self/status").read())[1]) * 1024
        before = len(os.listdir("/proc/self/task"))
        limit = resource.RLIMIT_AS
        resource.setrlimit(limit, (in_use + 2**20, resource.RLIM_INFINITY))  # less than a stack
        with ogive.threads(8):
            ogive.sigmoid(x, out=out)
        resource.setrlimit(limit, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
        print((out == want).all(), len(os.listdir("/proc/self/task")) - before)
    """
    assert printed(run_code(script)) == "True 0"
