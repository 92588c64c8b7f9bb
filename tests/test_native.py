"""The functions called from C, Cython and Numba: small real callers, compiled here.

They give the bits of the ufuncs, whatever the floating-point environment around the call.
"""

import functools
import gc
import importlib.util
import os
import shlex
import shutil
import subprocess
import sys
import sysconfig
from pathlib import Path

import numpy as np
import pytest
from helpers import FUNCTIONS, assert_same_bits, bits, mixed, outputs
from test_environment import (
    ALL_FLAGS,
    DENORMALS_ARE_ZERO,
    FLAGS,
    FLUSH_TO_ZERO,
    LIBM,
    ROUNDING,
    flushing,
    needs_glibc,
    rounding,
)
from test_environment import mxcsr as mxcsr  # a fixture

import ogive

pytestmark = pytest.mark.skipif(ogive.isa == "numpy", reason="ogive has no compiled kernels here")

COMPILER = shlex.split(os.environ.get("CC", "cc"))
PYTHON_HEADERS = sysconfig.get_path("include")
CALLER = Path(__file__).parent / "native" / "caller.c"
STRICT = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"]
NUMBERS = [0.3, 0.8, -1.7, 2.5, 0.1]
TYPES = [np.float64, np.float32, np.float16]


def extension(source, folder, *flags):
    """A C file compiled and imported as an extension module."""
    for missing in (
        shutil.which(COMPILER[0]) is None and f"no C compiler: {COMPILER[0]}",
        not Path(PYTHON_HEADERS, "Python.h").exists() and "no Python.h",
    ):
        if missing:
            pytest.skip(missing)
    library = folder / f"{source.stem}.so"
    paths = [f"-I{PYTHON_HEADERS}", f"-I{ogive.get_include()}", str(source), "-o", str(library)]
    command = [*COMPILER, "-O1", "-shared", "-fPIC", *flags, *paths]
    if sys.platform == "darwin":
        command += ["-undefined", "dynamic_lookup"]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    spec = importlib.util.spec_from_file_location(source.stem, library)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def expected(name, numbers):
    return outputs(getattr(ogive, name)(*numbers[: FUNCTIONS[name].nin]))


# C


@pytest.fixture(scope="module", params=["imported at once", "imported by the first call"])
def c_caller(request, tmp_path_factory):
    late = ["-DIMPORT_LATE"] if "first" in request.param else []
    return extension(CALLER, tmp_path_factory.mktemp("c"), "-std=c99", *STRICT, *late)


def test_c_scalars(c_caller):
    for results, number in ((c_caller.doubles, np.float64), (c_caller.floats, np.float32)):
        found = results(*NUMBERS)
        assert list(found) == list(FUNCTIONS)
        for name, (first, last) in found.items():
            y = expected(name, [number(x) for x in NUMBERS])
            assert (number(first), number(last)) == (y[0], y[-1])


@pytest.mark.parametrize("dtype", TYPES)
def test_c_arrays(c_caller, name, dtype):
    assert_array_kernel(c_caller, name, TYPES.index(dtype), mixed(name, dtype, 1000))


def test_c_arrays_of_bfloat16(c_caller, name):
    ml_dtypes = pytest.importorskip("ml_dtypes")
    x = tuple(each.astype(ml_dtypes.bfloat16) for each in mixed(name, np.float32, 1000))
    assert_array_kernel(c_caller, name, 3, x)


def assert_array_kernel(caller, name, kind, x):
    assert_same_bits(results_of_kernel(caller, name, kind, x), getattr(ogive, name)(*x))


def results_of_kernel(caller, name, kind, x):
    results = tuple(np.empty_like(x[0]) for _ in range(FUNCTIONS[name].nout))
    caller.array(name, kind, x[0].size, *(each.ctypes.data for each in (*x, *results)))
    return results


@functools.cache
def kernel_calls():
    """(function, index of the type, inputs) for every array kernel."""
    calls = []
    for name in FUNCTIONS:
        calls += [(name, kind, mixed(name, dtype, 1000)) for kind, dtype in enumerate(TYPES)]
        bfloat16 = [(bits(x) >> 16).astype(np.uint16) for x in mixed(name, np.float32, 1000)]
        calls.append((name, 3, bfloat16))
    return calls


def results_in_c(caller):
    """Of every scalar function and array kernel, with no rounding on the way to them."""
    numbers = (0.25, 0.75, -1.75, 2.5, 0.125)
    arrays = [y for call in kernel_calls() for y in results_of_kernel(caller, *call)]
    return (caller.doubles(*numbers), caller.floats(*numbers)), tuple(arrays)


def assert_same_results(got, want):
    assert got[0] == want[0]
    assert_same_bits(got[1], want[1])


@needs_glibc
@pytest.mark.parametrize("mode", ROUNDING)
def test_c_callers_rounding_mode_changes_no_bit_and_is_kept(c_caller, mode):
    want = results_in_c(c_caller)
    with rounding(ROUNDING[mode]):
        got = results_in_c(c_caller)
    assert_same_results(got, want)


@pytest.mark.parametrize("control", [FLUSH_TO_ZERO, DENORMALS_ARE_ZERO])
def test_c_callers_flush_to_zero_changes_no_bit_and_is_kept(c_caller, control, mxcsr):
    want = results_in_c(c_caller)
    with flushing(mxcsr, control):
        got = results_in_c(c_caller)
    assert_same_results(got, want)


@pytest.fixture
def no_collection():
    """Without garbage collections: hypothesis times them, and its floats raise flags."""
    gc.disable()
    yield
    gc.enable()


@needs_glibc
@pytest.mark.usefixtures("no_collection")
def test_c_callers_flags_change_no_bit_and_are_kept(c_caller):
    want = results_in_c(c_caller)
    for before in (0, *FLAGS.values(), ALL_FLAGS):
        LIBM.feclearexcept(ALL_FLAGS)
        LIBM.feraiseexcept(before)
        raised = LIBM.fetestexcept(ALL_FLAGS)  # overflow and underflow may bring inexact
        got = results_in_c(c_caller)
        after = LIBM.fetestexcept(ALL_FLAGS)
        LIBM.feclearexcept(ALL_FLAGS)
        assert after == raised
        assert_same_results(got, want)


def test_header_is_cplusplus_too(tmp_path):
    if shutil.which("c++") is None:
        pytest.skip("no C++ compiler: c++")
    flags = ["-std=c++11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only", "-xc++"]
    paths = [f"-I{PYTHON_HEADERS}", f"-I{ogive.get_include()}", "-"]
    done = subprocess.run(
        ["c++", *flags, *paths], input="#include <ogive/api.h>", capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    ("isa", "problem"),
    [("numpy", "ogive has no compiled kernels here"), ("none", "OGIVE_ISA='none'")],
)
def test_c_caller_without_kernels_is_an_import_error(tmp_path, isa, problem):
    extension(CALLER, tmp_path, "-std=c99", *STRICT)
    code = f"import sys; sys.path.insert(0, {str(tmp_path)!r}); import caller"
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        env={**os.environ, "OGIVE_ISA": isa},
    )
    assert done.stderr.splitlines()[-1].startswith("ImportError: ")
    assert problem in done.stderr


# Cython


def cython_source():
    """A module with the functions of every name: for doubles, for floats, and over arrays."""
    lines = ["# cython: language_level=3", "from ogive cimport cython_api", ""]
    lines += ["cython_api.import_ogive()", ""]
    for name, function in FUNCTIONS.items():
        for number in ("double", "float"):
            names = [f"x{i}" for i in range(function.nin)]
            taken = ", ".join(f"{number} {x}" for x in names)
            given = ", ".join(names)
            lines += [f"def {name}_{number}({taken}):"]
            if function.nout == 1:
                lines += [f"    return cython_api.{name}({given})", ""]
            else:
                lines += [f"    cdef {number} y0, y1"]
                lines += [f"    cython_api.{name}({given}, &y0, &y1)", "    return y0, y1", ""]
        count = function.nin + function.nout
        lines += [f"def {name}_array(list operands):", f"    cdef char *args[{count}]"]
        lines += ["    cdef double[::1] view", "    cdef int i", f"    for i in range({count}):"]
        lines += ["        view = operands[i]", "        args[i] = <char *>&view[0]"]
        lines += ["    with nogil:", f"        cython_api.{name}_f64(args, view.shape[0])", ""]
    return "\n".join(lines)


@pytest.fixture(scope="module")
def cython_caller(tmp_path_factory):
    cython = pytest.importorskip("Cython.Compiler.Main")
    source = tmp_path_factory.mktemp("cython") / "cython_caller.pyx"
    source.write_text(cython_source())
    root = str(Path(ogive.__file__).parents[1])
    done = cython.compile(str(source), include_path=[root])
    assert done.num_errors == 0
    return extension(source.with_suffix(".c"), source.parent)


@pytest.mark.slow
def test_cython_scalars(cython_caller, name):
    for number, kind in ((np.float64, "double"), (np.float32, "float")):
        numbers = [number(x) for x in NUMBERS]
        found = getattr(cython_caller, f"{name}_{kind}")(*numbers[: FUNCTIONS[name].nin])
        assert tuple(map(number, outputs(found))) == expected(name, numbers)


def test_cython_arrays(cython_caller, name):
    x = tuple(each.copy() for each in mixed(name, np.float64, 1000))
    results = tuple(np.empty_like(x[0]) for _ in range(FUNCTIONS[name].nout))
    getattr(cython_caller, f"{name}_array")([*x, *results])
    assert_same_bits(results, getattr(ogive, name)(*x))


# Numba


@pytest.fixture(scope="module")
def njit():
    """Numba's, without its warnings."""
    return pytest.importorskip("numba").njit


CALLS = {  # Numba compiles no call with a star of arguments of one type only
    1: lambda f: lambda a: f(a),
    2: lambda f: lambda a, b: f(a, b),
    3: lambda f: lambda a, b, c: f(a, b, c),
    5: lambda f: lambda a, b, c, d, e: f(a, b, c, d, e),
}


def jitted(njit, name):
    function = getattr(ogive, name)
    return njit(CALLS[function.nin](function))


def test_numba_scalars(njit, name):
    compiled = jitted(njit, name)
    for number in (np.float64, np.float32):
        numbers = [number(x) for x in NUMBERS]
        found = outputs(compiled(*numbers[: FUNCTIONS[name].nin]))
        assert tuple(map(number, found)) == expected(name, numbers)


@pytest.mark.parametrize(("name", "dtype"), [("sigmoid", np.float32), ("lstm_cell", np.float64)])
def test_numba_arrays(njit, name, dtype):
    compiled, function = jitted(njit, name), getattr(ogive, name)
    x = [each.reshape(10, 20, 5).copy() for each in mixed(name, dtype, 1000)]
    assert_same_bits(compiled(*x), function(*x))
    strided = [each[::-2, 1:, ::2].transpose(2, 0, 1) for each in x]
    assert_same_bits(compiled(*strided), function(*strided))


@pytest.mark.parametrize("name", ["sigmoid", "sigmoid_and_grad", "glu"])
def test_numba_arrays_without_dimensions_are_numbers(njit, name):
    compiled, function = jitted(njit, name), getattr(ogive, name)
    for zero in (np.array(1.5), np.array(1)):
        for operands in ([zero] * function.nin, [zero, *[2.0] * (function.nin - 1)]):
            assert compiled(*operands) == function(*operands)


@pytest.mark.parametrize("name", ["sigmoid", "sigmoid_and_grad", "glu"])
def test_numba_keeps_the_order_of_fortran(njit, name):
    compiled, function = jitted(njit, name), getattr(ogive, name)
    x = np.asfortranarray(np.linspace(-3, 3, 24).reshape(2, 3, 4))
    for others in ([x], [2.0], [np.array(2.0)])[: 2 * function.nin - 1]:
        operands = [x, *others * (function.nin - 1)]
        assert all(y.flags.f_contiguous for y in outputs(compiled(*operands)))
        assert_same_bits(compiled(*operands), function(*operands))
    mixed_orders = [x, *[x.copy("C")] * (function.nin - 1)]
    assert_same_bits(compiled(*mixed_orders), function(*mixed_orders))


def test_numba_broadcasts_and_promotes(njit):
    column, row = np.linspace(-3, 3, 4)[:, None], np.arange(5)
    compiled = jitted(njit, "mix")
    for operands in (
        (column.astype(np.float32), np.float32(2), np.ones((3, 1, 5), np.float32)),
        (1, column > 0, row),
    ):
        assert_same_bits(compiled(*operands), ogive.mix(*operands))


def test_numba_vectorize(njit):
    import numba

    x = np.linspace(-9, 9, 101)
    gate = numba.vectorize(lambda x, y: ogive.sigmoid(x) * y)
    np.testing.assert_array_equal(gate(x, 2.0), ogive.sigmoid(x) * 2)
    parallel = numba.vectorize(["f8(f8)", "f4(f4)"], target="parallel")(lambda x: ogive.silu(x))
    np.testing.assert_array_equal(parallel(x), ogive.silu(x))


def test_numba_refuses_what_ogive_does_not_take(njit):
    import numba

    for wrong in ((1j,), (1.0, 2.0)):
        with pytest.raises(numba.TypingError):
            njit(lambda *x: ogive.sigmoid(*x))(*wrong)
    with pytest.raises(numba.TypingError, match="float32 and float64 in Numba, not float16"):
        njit(lambda x: ogive.sigmoid(x))(np.float16([1]))


def test_numba_cache_serves_another_process(tmp_path):
    pytest.importorskip("numba")
    script = tmp_path / "cached.py"
    script.write_text(
        "import numba, ogive\n"
        "@numba.njit(cache=True)\n"
        "def f(x):\n"
        "    return ogive.sigmoid(x)\n"
        "print(f(0.3).hex(), sum(f.stats.cache_hits.values()))\n"
    )
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    command = [sys.executable, "-W", "error", str(script)]
    for hits in range(2):
        done = subprocess.run(command, capture_output=True, text=True, env=environment)
        assert done.stdout.split() == [float(ogive.sigmoid(0.3)).hex(), str(hits)], done.stderr
