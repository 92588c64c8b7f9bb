"""The dtype bfloat16 of ml_dtypes: its values on every backend, promotion, and life without it."""

import functools

import numpy as np
import pytest
from command_line import run_code
from helpers import (
    FUNCTIONS,
    UNARY,
    assert_same,
    assert_same_bits,
    bits,
    compared,
    far_apart,
    outputs,
    ufuncs,
)
from reference import correctly_rounded, ulp_error
from test_environment import (
    DENORMALS_ARE_ZERO,
    FLUSH_TO_ZERO,
    ROUNDING,
    flushing,
    needs_glibc,
    rounding,
)
from test_environment import mxcsr as mxcsr  # a fixture

import ogive

ml_dtypes = pytest.importorskip("ml_dtypes")
bfloat16 = np.dtype(ml_dtypes.bfloat16)
EVERY = np.arange(2**16, dtype=np.uint16).view(bfloat16)
SPECIAL = np.array([0, -0.0, 1, -1, 10, -10, -89, 100, np.inf, -np.inf, np.nan], bfloat16)


def several_inputs(name):
    """Numbers of every kind in random order, and each special one with each."""
    rng = np.random.default_rng(8)
    count = FUNCTIONS[name].nin
    some = [rng.choice(EVERY, 4000), rng.normal(0, 3, 4000).astype(bfloat16)]
    random = [rng.permutation(np.concatenate(some)) for _ in range(count)]
    special = np.meshgrid(*[SPECIAL[:: 1 + count // 4]] * count)
    parts = zip(random, special, far_apart(name, bfloat16, 8000), strict=True)
    return tuple(np.concatenate([np.append(x, s), f]) for x, s, f in parts)


# Values


@functools.cache
def exact(name):
    x = compared((EVERY,))
    return x, correctly_rounded(name, *x)


@functools.cache
def exact_of_several(name):
    x = compared(several_inputs(name))
    return x, correctly_rounded(name, *x)


def test_every_bfloat16_is_correctly_rounded(unary):
    x, want = exact(unary.__name__)
    assert_same_bits(unary(*x), want, x)


def test_several_inputs_are_correctly_rounded(several):
    x, want = exact_of_several(several.__name__)
    assert_same_bits(several(*x), want, x)


def test_a_sum_of_terms_that_underflow_keeps_its_sign(isa):
    # c_new is -9.2e-41 s(-7e30) beside c = 0, and 0.
    x = tuple(np.array([v], bfloat16) for v in (-7e30, -5, -9.2e-41, 1, 0))
    for got in ufuncs(isa)["lstm_cell"](*x):
        assert got == 0
        assert np.signbit(got)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_pure_numpy_is_below_four_ulp(name):
    x = compared((EVERY,) if name in UNARY else several_inputs(name))
    assert ulp_error(name, x, FUNCTIONS[name](*x)).max() < 4


def test_nan_has_one_pattern(unary):
    for y in outputs(unary(EVERY[bits(EVERY) & 0x7FFF > 0x7F80])):
        assert set(bits(y)) == {0x7FC0}


def some_of_each(name, size):
    """Inputs with special ones among them."""
    if name in UNARY:
        return (np.random.default_rng(9).choice(EVERY, size),)
    return tuple(each[-size:] for each in several_inputs(name))


def test_layout_does_not_show(functions, name):
    function, x = functions[name], some_of_each(name, 200)
    whole = outputs(function(*x))
    for step in (1, 2, 5, -1, -3):
        for n in [*range(70), 199]:
            piece = slice(n % 16, n % 16 + n) if step > 0 else slice(n, None)
            pieces = [each[piece][::step] for each in x]
            assert_same(function(*pieces), tuple(y[piece][::step] for y in whole))
    one_by_one = zip(*(outputs(function(*values)) for values in zip(*x, strict=True)), strict=True)
    assert_same(tuple(np.array(y, bfloat16) for y in one_by_one), whole)
    bytes_of = [np.frombuffer(b"?" + each.tobytes(), np.uint8)[1:] for each in x]
    assert_same(function(*(each.view(bfloat16) for each in bytes_of)), whole)


def test_outputs_may_be_inputs_and_masked(functions, name):
    function, x = functions[name], some_of_each(name, 333)
    want = outputs(function(*x))
    copies = [each.copy() for each in x]
    out = tuple(([*copies, np.empty_like(x[0])])[: function.nout])
    assert_same(function(*copies, out=out), want)
    chosen = np.random.default_rng(1).random(333) < 0.5
    filled = tuple(np.full(333, 7, bfloat16) for _ in want)
    function(*x, out=filled, where=chosen)
    assert_same(filled, tuple(np.where(chosen, y, np.full_like(y, 7)) for y in want))


@needs_glibc
@pytest.mark.parametrize("mode", ROUNDING)
def test_rounding_mode_changes_no_bit(function, mode):
    x = some_of_each(function.__name__, 2000)
    want = function(*x)
    with rounding(ROUNDING[mode]):
        got = function(*x)
    assert_same_bits(got, want)


def test_flush_to_zero_changes_no_bit(function, mxcsr):
    x = some_of_each(function.__name__, 2000)
    want = function(*x)
    with flushing(mxcsr, FLUSH_TO_ZERO | DENORMALS_ARE_ZERO):
        got = function(*x)
    assert_same_bits(got, want)


def test_any_number_of_threads_gives_the_same_bits(kind):
    x = [np.resize(each, 300_077) for each in some_of_each(kind.__name__, 5000)]
    want = kind(*x)
    with ogive.threads(3):
        assert_same_bits(kind(*x), want)


def test_no_floating_point_warning(functions):
    with np.errstate(all="raise"):
        for name, function in functions.items():
            function(*[EVERY] * FUNCTIONS[name].nin)


# The dtype


def test_results_are_bfloat16(functions):
    for name, function in functions.items():
        x = [SPECIAL] * FUNCTIONS[name].nin
        assert {y.dtype for y in outputs(function(*x))} == {bfloat16}
        out = tuple(np.empty(SPECIAL.shape, bfloat16) for _ in range(function.nout))
        assert all(y is o for y, o in zip(outputs(function(*x, out=out)), out, strict=True))
        assert {y.dtype for y in outputs(function(*x, dtype=np.float32))} == {np.dtype("f4")}
        assert {y.dtype for y in outputs(function(*x, dtype=bfloat16))} == {bfloat16}


@pytest.mark.parametrize(
    "other",
    [True, 1, 1.0, *(np.ones(3, code) for code in "?bBhHiqefdg"), np.ones(3, bfloat16)],
    ids=lambda x: type(x).__name__ if np.isscalar(x) else x.dtype.name,
)
def test_mixed_inputs_have_the_dtype_of_numpys_functions(functions, other):
    x = np.ones(3, bfloat16)
    for pair in ((x, other), (other, x)):
        assert functions["glu"](*pair).dtype == np.logaddexp(*pair).dtype


def test_other_dtypes_stay_as_they_are(functions):
    assert functions["sigmoid"](SPECIAL.astype(np.float32)).dtype == np.float32
    assert functions["glu"](np.ones(3, np.float32), 1.0).dtype == np.float32
    assert functions["sigmoid"](np.int8(1)).dtype == np.float64


@pytest.mark.parametrize("name", ["float8_e4m3fn", "float8_e5m2", "int4"])
def test_other_numbers_of_the_package_are_computed_in_float64(functions, name):
    x = np.array([1, 2], getattr(ml_dtypes, name))
    wide = x.astype(np.float64)
    assert_same_bits(functions["sigmoid"](x), functions["sigmoid"](wide))
    others = np.array([1, 2], ml_dtypes.float8_e4m3)  # there is no common dtype
    for pair in ((x, x), (x, others), (others, x)):
        assert_same_bits(functions["glu"](*pair), functions["glu"](wide, wide))


# The package


def run(code):
    done = run_code(code)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_ogive_does_not_import_ml_dtypes():
    run("import sys, ogive; ogive.sigmoid([1, 2]); assert 'ml_dtypes' not in sys.modules")


@pytest.mark.parametrize("first", ["ogive", "ml_dtypes"])
@pytest.mark.parametrize("call", ["sigmoid(x)", "glu(x, x)", "sigmoid(x, dtype=x.dtype)"])
def test_loops_are_there_whichever_is_imported_first(first, call):
    code = f"import {first}, ogive, ml_dtypes, numpy; x = numpy.ones(3, ml_dtypes.bfloat16); "
    assert run(f"{code} ogive.logit(.5); print(ogive.{call}.dtype)").strip() == "bfloat16"


def test_without_ml_dtypes_nothing_changes():
    code = (
        "import sys; sys.modules['ml_dtypes'] = None; import numpy as np, ogive; "
        "x = [(1, 2), (np.ones(3, 'f'), 2.0), (np.ones(3, 'e'), 2)]; "
        "print(*(ogive.glu(*pair).dtype for pair in x))"
    )
    assert run(code).split() == ["float64", "float32", "float16"]
