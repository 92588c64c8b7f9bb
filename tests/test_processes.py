"""Threads, processes and interpreters around a call, and interrupts of it."""

import os
import signal
import subprocess
import sys
import sysconfig
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import compiled
import numpy as np
import pytest
from command_line import run_code
from helpers import (
    BACKENDS,
    assert_same,
    assert_same_bits,
    buffers,
    every_dtype,
    mixed,
    outputs,
    ufuncs,
)

import ogive

CSRC = Path(__file__).parents[1] / "csrc"

# Threads


@every_dtype
def test_threads_at_once_get_the_same_bits(functions, dtype):
    x = {name: mixed(name, dtype, 5000) for name in functions}
    want = {name: outputs(functions[name](*x[name])) for name in functions}
    ready = threading.Barrier(32)

    def call(index):
        piece = slice(index * 7, None, 1 + index % 3)
        turn = [*functions][index % len(functions) :] + [*functions][: index % len(functions)]
        ready.wait()
        return piece, {name: functions[name](*(each[piece] for each in x[name])) for name in turn}

    with ThreadPoolExecutor(32) as pool:
        for piece, results in pool.map(call, range(32)):
            for name, got in results.items():
                assert_same(got, tuple(w[piece] for w in want[name]))


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


@pytest.mark.parametrize("isa", ["numpy", *BACKENDS])
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

# Python 3.12 warns of any fork beside threads, such as those of a BLAS, and JAX of any at all.
fork = pytest.mark.filterwarnings(
    "ignore:This process .* is multi-threaded:DeprecationWarning",
    r"ignore:os\.fork\(\) was called:RuntimeWarning",
)
needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="this system has no fork")


def assert_child_succeeds(succeeds):
    """Fork; in the child `succeeds` must return true."""
    child = os.fork()
    if not child:
        try:
            os._exit(0 if succeeds() else 1)
        finally:
            os._exit(2)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def fork_beside_threads(compute, succeeds, times):
    """Fork while two threads compute; in each child `succeeds` must return true."""
    stop = threading.Event()

    def go_on():
        while not stop.is_set():
            compute()

    threads = [threading.Thread(target=go_on) for _ in range(2)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(times):
            assert_child_succeeds(succeeds)
    finally:
        stop.set()
        for thread in threads:
            thread.join()


@fork
@needs_fork
def test_forked_child_computes_the_same_bits_beside_computing_threads(kind):
    x = mixed(kind.__name__, np.float64, 20_000)
    want = [w.tobytes() for w in outputs(kind(*x))]

    def same_bits():
        return [w.tobytes() for w in outputs(kind(*x))] == want

    fork_beside_threads(lambda: kind(*x), same_bits, 3)


@pytest.mark.slow
@needs_fork
def test_child_forked_while_threads_ask_for_their_number_can_ask_too():
    # With one thread, too, large calls ask: a copy of the pool on its own, asked all the time.
    library = compiled.load_or_skip("fork", "-pthread", f"-I{CSRC}", str(CSRC / "threads.c"))
    assert library.first_stuck_child(200) == 0


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
@pytest.mark.parametrize("threads", [1, 2])
def test_interrupt_during_a_call_leaves_a_usable_process(kind, threads):
    x = [np.full(10**6 // kind.nin, 0.5)] * kind.nin
    out = buffers(kind, x[0].shape)
    want = kind(*x)

    def call_until_interrupted():
        signal.setitimer(signal.ITIMER_REAL, 0.05)
        while True:
            kind(*x, out=out)

    previous = signal.signal(signal.SIGALRM, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt), ogive.threads(threads):
            call_until_interrupted()
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, previous)
    with ogive.threads(threads):
        assert_same(kind(*x, out=out), want)


# Interpreters

SUB_INTERPRETER = """
import ogive
try:
    import _interpreters as interpreters
except ImportError:
    import _xxsubinterpreters as interpreters
in_it = '''
try:
    import {module}
except ImportError as error:
    print("refused:", error, flush=True)
'''
interpreter = interpreters.create()
interpreters.run_string(interpreter, in_it)
interpreters.destroy(interpreter)  # Python 3.14 warns of one that is left
print(ogive.sigmoid(0.0))
"""


def test_sub_interpreter_is_refused_as_numpy_refuses_it():
    said = []
    for module in ("numpy", "ogive"):
        script = SUB_INTERPRETER.format(module=module)
        done = run_code(script)
        assert done.returncode == 0
        assert not done.stderr or "NumPy was imported from a Python sub-interpreter" in done.stderr
        said.append(done.stdout)
    assert said[1].startswith("refused: ")
    assert said[1].endswith("0.5\n")
    if said[0].startswith("refused: "):  # NumPy 2.0 on Python 3.11 only warns
        assert said[1] == said[0]


def test_extension_declares_that_it_needs_no_gil():
    source = Path(__file__).parents[1] / "src" / "ogive" / "_kernels.pyx"
    if sysconfig.get_config_var("Py_GIL_DISABLED"):
        script = "import ogive, sys; print(sys._is_gil_enabled())"
        done = run_code(script)
        assert (done.stdout, done.stderr) == ("False\n", "")
    elif source.exists():
        assert "# cython: freethreading_compatible=True\n" in source.read_text()
    else:
        pytest.skip("neither free-threaded Python nor the source is here")
