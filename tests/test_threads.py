"""Several threads in one call: the same bits, only where asked, and safe beside all else."""

import asyncio
import contextlib
import contextvars
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
from test_dispatch import WITHOUT_EXTENSION, printed, python
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


# How many


@compiled
@linux_only
def test_only_as_many_threads_are_started_as_are_asked_for_and_needed():
    script = """
        import os, numpy as np, ogive
        def more_after(n):
            ogive.sigmoid(np.zeros(n))
            return len(os.listdir("/proc/self/task")) - before
        before = len(os.listdir("/proc/self/task"))
        seen = [more_after(10**6)]
        ogive.set_num_threads(4)
        seen += [more_after(1000), more_after(140_000), more_after(10**6)]
        with ogive.threads(2):
            seen += [more_after(10**6)]
        print(*seen)
    """
    assert printed(run_code(script)) == "0 0 1 3 3"


def test_number_is_of_the_process_and_in_a_block_of_the_thread():
    with ThreadPoolExecutor(1) as other:
        ogive.set_num_threads(3)
        assert other.submit(ogive.get_num_threads).result() == 3
        with ogive.threads(2):
            with ogive.threads(5):
                assert ogive.get_num_threads() == 5
                ogive.set_num_threads(4)
                assert ogive.get_num_threads() == 5
                assert other.submit(ogive.get_num_threads).result() == 4
            assert ogive.get_num_threads() == 2
        assert ogive.get_num_threads() == 4


def test_block_ends_when_it_raises():
    with contextlib.suppress(KeyError), ogive.threads(7):
        raise KeyError
    assert ogive.get_num_threads() == 1


def test_block_decorates_a_function():
    @ogive.threads(6)
    def inside():
        return ogive.get_num_threads()

    assert [inside(), inside(), ogive.get_num_threads()] == [6, 6, 1]


def test_block_is_of_one_task_across_await():
    async def inside(n, seen):
        with ogive.threads(n):
            for _ in range(3):
                await asyncio.sleep(0)
                seen.append(ogive.get_num_threads())

    async def main():
        seen = [], [], []
        await asyncio.gather(*(inside(n, of) for n, of in zip((2, 3, 4), seen, strict=True)))
        return seen, ogive.get_num_threads()

    assert asyncio.run(main()) == (([2] * 3, [3] * 3, [4] * 3), 1)


@compiled
@linux_only
def test_block_holds_for_the_loop_of_its_task_alone():
    script = """
        import asyncio, os, numpy as np, ogive
        x = np.zeros(1_000_000)

        def started():
            before = len(os.listdir("/proc/self/task"))
            ogive.sigmoid(x)
            return len(os.listdir("/proc/self/task")) - before

        async def inside():
            with ogive.threads(3):
                await asyncio.sleep(0)
                return started()

        async def outside():
            await asyncio.sleep(0)
            return started()

        async def main():
            return await asyncio.gather(outside(), inside(), outside())

        print(*asyncio.run(main()))
    """
    assert printed(run_code(script)) == "0 2 0"


def test_block_that_a_generator_leaves_open_ends_with_it():
    def numbers():
        with ogive.threads(5):
            yield ogive.get_num_threads()

    generator = numbers()
    assert next(generator) == 5
    del generator
    assert ogive.get_num_threads() == 1


def test_block_may_be_entered_again_and_by_other_threads():
    block = ogive.threads(6)
    with block, ThreadPoolExecutor(1) as other:
        ogive.set_num_threads(2)
        other.submit(block.__enter__).result()
        with ogive.threads(5), block:
            assert ogive.get_num_threads() == 6
        other.submit(block.__exit__, None, None, None).result()
        assert other.submit(ogive.get_num_threads).result() == 2
        assert ogive.get_num_threads() == 6
    with block:
        assert ogive.get_num_threads() == 6
    assert ogive.get_num_threads() == 2


@pytest.mark.parametrize("function", [ogive.set_num_threads, ogive.threads])
def test_wrong_number_is_refused_by_name(function):
    name = f"ogive.{function.__name__}: n must be"
    for n in (0, -1, 1025, 10**30):
        with pytest.raises(ValueError, match=f"^{name} from 1 to 1024, not {n}$"):
            function(n)
    for n in (1.0, "2", None, [1]):
        with pytest.raises(TypeError, match=f"^{name} an integer, not "):
            function(n)
    assert ogive.get_num_threads() == 1


@compiled
def test_threadpoolctl_shows_and_limits_the_number_of_the_process():
    threadpoolctl = pytest.importorskip("threadpoolctl", "3.2")
    ogive.set_num_threads(4)
    (shown,) = (x for x in threadpoolctl.threadpool_info() if x["user_api"] == "ogive")
    assert shown["num_threads"] == 4
    assert shown["version"] == ogive.__version__
    with threadpoolctl.threadpool_limits(limits=1, user_api="blas"):
        assert ogive.get_num_threads() == 4
    with threadpoolctl.threadpool_limits(limits=10**6, user_api="ogive"):
        assert ogive.get_num_threads() == 1024
    with ogive.threads(3), threadpoolctl.threadpool_limits(limits=2):
        assert ogive.get_num_threads() == 3
        assert contextvars.Context().run(ogive.get_num_threads) == 2
    assert ogive.get_num_threads() == 4


@compiled
def test_threadpoolctl_is_imported_for_more_than_one_thread_alone():
    pytest.importorskip("threadpoolctl", "3.2")
    script = (
        "import sys, ogive\n"
        "for n in (1, 2):\n"
        "    ogive.set_num_threads(n)\n"
        "    print(bool(sys.modules.get('threadpoolctl')), ogive.get_num_threads())\n"
    )
    assert printed(python(script, ogive.isa)).split() == ["False", "1", "True", "2"]
    missing = "import sys; sys.modules['threadpoolctl'] = None\n"
    assert printed(python(missing + script, ogive.isa)).split() == ["False", "1", "False", "2"]


NUMBER = "import ogive; print(ogive.get_num_threads())"


@pytest.mark.parametrize("isa", ["numpy", *BACKENDS])
def test_environment_sets_the_number(isa):
    assert printed(python(NUMBER, isa, OGIVE_NUM_THREADS="3")) == "3"
    assert printed(python(NUMBER, isa, OGIVE_NUM_THREADS="")) == "1"


@pytest.mark.parametrize(
    ("text", "must_be"),
    [
        *((text, "from 1 to 1024") for text in ("0", "-1", "1025")),
        *((text, "an integer") for text in ("two", "1.5", "--1", " ")),
    ],
)
def test_wrong_number_in_the_environment_is_an_import_error(text, must_be):
    done = python(NUMBER, ogive.isa, OGIVE_NUM_THREADS=text)
    assert done.returncode == 1
    error = done.stderr.splitlines()[-1]
    assert error.startswith(f"ImportError: OGIVE_NUM_THREADS must be {must_be}, not ")


def test_number_is_kept_without_the_extension():
    script = WITHOUT_EXTENSION.format(missing="ogive._kernels") + (
        "import ogive\n"
        "ogive.set_num_threads(3)\n"
        "with ogive.threads(2): print(ogive.get_num_threads())\n"
        "print(ogive.get_num_threads(), ogive.sigmoid(0.0))\n"
    )
    assert printed(python(script, "numpy")).split() == ["2", "3", "0.5"]


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
