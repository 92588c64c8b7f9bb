"""The values of the compiled ufuncs, on every backend, against the exact ones."""

import functools

import numpy as np
import pytest
from helpers import (
    BACKENDS,
    EVERY_FLOAT16,
    KERNEL_FLOATS,
    assert_same_bits,
    every_dtype,
    every_kernel_dtype,
    hard_spots,
    inputs,
    outputs,
    signalling_nans,
    ufuncs,
)
from reference import correctly_rounded, ulp_error

from ogive.fallback import FUNCTIONS

CHUNK = 50_000  # inputs whose exact values are held at a time, each in 320 bits


@functools.cache
def exact_values(name, source, dtype, *size):
    """Inputs and their correctly rounded results, computed once for all backends."""
    x = source(dtype, *size)
    chunks = [correctly_rounded(name, x[i : i + CHUNK]) for i in range(0, x.size, CHUNK)]
    results = tuple(map(np.concatenate, zip(*chunks, strict=True)))
    for result in results:
        result[np.isnan(result)] = np.nan  # whatever the sign and payload of the input's
    return x, results


def every_float16(dtype):
    return EVERY_FLOAT16.astype(dtype)


def assert_correctly_rounded(function, *inputs_of):
    x, want = exact_values(function.__name__, *inputs_of)
    assert_same_bits(function(x), want, x)


# Correct rounding


@every_kernel_dtype
def test_correctly_rounded_at_hard_spots(function, dtype):
    assert_correctly_rounded(function, hard_spots, dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_correctly_rounded_at_all_magnitudes(function, dtype, samples):
    assert_correctly_rounded(function, inputs, dtype, samples // 4)


def test_every_float16_is_correctly_rounded(function):
    assert_correctly_rounded(function, every_float16, np.float16)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_short_mantissas_are_correctly_rounded(function, dtype):
    # The float16 numbers as wider ones: many exact ties of polynomials in x.
    assert_correctly_rounded(function, every_float16, dtype)


def phase_ufuncs():
    """(phase, backend, name) of each function that has accurate phases, if there is a backend."""
    return [
        pytest.param(phase, isa, name, id=f"phase {phase}-{isa}-{name}")
        for phase in (2, 3)
        for isa in BACKENDS
        if isinstance(isa, str)
        for name in ufuncs(isa, phase)
    ] or [pytest.param(None, None, None, marks=BACKENDS[0].marks)]


every_accurate_phase = pytest.mark.parametrize(("phase", "isa", "name"), phase_ufuncs())


@every_accurate_phase
@pytest.mark.parametrize("source", ["all magnitudes", "hard spots"])
def test_accurate_phases_alone_are_correctly_rounded(phase, isa, name, source, samples):
    of = (
        (inputs, np.float64, samples // 4)
        if source == "all magnitudes"
        else (hard_spots, np.float64)
    )
    x, want = exact_values(name, *of)
    every = 1 if phase == 2 else 10  # the exact phase takes microseconds
    x, want = x[::every], tuple(w[::every] for w in want)
    assert_same_bits(ufuncs(isa, phase)[name](x), want, x)


@every_accurate_phase
def test_accurate_phases_have_a_float64_loop_only(phase, isa, name):
    function = ufuncs(isa, phase)[name]
    assert function.types == ["d->" + "d" * function.nout]


def test_sigmoid_and_its_gradient_have_both_accurate_phases(isa):
    for phase in (2, 3):
        assert {"sigmoid", "sigmoid_grad", "sigmoid_and_grad"} <= set(ufuncs(isa, phase))


def test_longdouble_is_within_two_ulp(function):
    x = np.concatenate([inputs(np.longdouble, 1000), hard_spots(np.longdouble)[::4]])
    assert ulp_error(function.__name__, x, function(x)).max() <= 2


# Same bits on every backend


@pytest.mark.skipif(len(BACKENDS) < 2, reason="fewer than two compiled backends run here")
@pytest.mark.parametrize(("dtype", "size"), [(np.float32, 10**7), (np.float64, 10**6)])
def test_every_backend_gives_the_same_bits(name, dtype, size):
    best, *others = BACKENDS
    step = 10**6
    patterns = 2 ** (8 * np.dtype(dtype).itemsize)
    rng = np.random.default_rng(11)
    for _ in range(0, size, step):
        any_bits = rng.integers(0, patterns, step // 2, f"u{np.dtype(dtype).itemsize}").view(dtype)
        x = np.concatenate([any_bits, rng.uniform(-110, 110, step // 2).astype(dtype)])
        want = ufuncs(best)[name](x)
        for isa in others:
            assert_same_bits(ufuncs(isa)[name](x), want, x)


# What follows from the mathematics


@every_dtype
def test_special_values(isa, dtype):
    x = np.array([-np.inf, -0.0, 0.0, np.inf], dtype)
    want = {
        "sigmoid": ([0, 0.5, 0.5, 1],),
        "sigmoid_grad": ([0, 0.25, 0.25, 0],),
        "sigmoid_and_grad": ([0, 0.5, 0.5, 1], [0, 0.25, 0.25, 0]),
        "sigmoid_grad_from_output": ([-np.inf, -0.0, 0, -np.inf],),
    }
    assert want.keys() == FUNCTIONS.keys()
    for name, results in want.items():
        for got, values in zip(outputs(ufuncs(isa)[name](x)), results, strict=True):
            assert got.dtype == dtype
            np.testing.assert_array_equal(got, values)
            np.testing.assert_array_equal(np.signbit(got), np.signbit(values))


@every_dtype
def test_nan_gives_nan(function, dtype):
    nans = np.array([np.nan, -np.nan], dtype)
    if dtype in KERNEL_FLOATS:
        nans = np.concatenate([nans, signalling_nans(dtype)])
    for got in outputs(function(np.repeat(nans, 50))):
        assert np.isnan(got).all()


@pytest.mark.parametrize(
    ("dtype", "last_below_1", "first_1"),
    # 12 ln 2, 25 ln 2 and 54 ln 2 between two neighbours: from there 1 - 2^-p/2 rounds to 1
    [
        (np.float16, 8.3125, 8.3203125),
        (np.float32, 17.328678131103516, 17.328680038452148),
        (np.float64, 37.42994775023704, 37.42994775023705),
    ],
)
def test_sigmoid_becomes_1_where_the_rounded_value_does(isa, dtype, last_below_1, first_1):
    assert np.nextafter(dtype(last_below_1), dtype(np.inf)) == dtype(first_1)
    below, one = ufuncs(isa)["sigmoid"](np.array([last_below_1, first_1], dtype))
    assert below == 1 - np.finfo(dtype).epsneg
    assert one == 1


@pytest.mark.parametrize(
    ("dtype", "last", "first_0"),
    # 25 ln 2, 150 ln 2 and 1075 ln 2 between two neighbours
    [
        (np.float16, -17.328125, -17.34375),
        (np.float32, -103.97207641601562, -103.97208404541016),
        (np.float64, -745.1332191019411, -745.1332191019412),
    ],
)
def test_tails_end_with_the_last_subnormal(isa, dtype, last, first_0):
    assert np.nextafter(dtype(last), dtype(-np.inf)) == dtype(first_0)
    x = np.array([last, first_0], dtype)
    tail = [np.finfo(dtype).smallest_subnormal, 0]
    np.testing.assert_array_equal(ufuncs(isa)["sigmoid"](x), tail)
    np.testing.assert_array_equal(ufuncs(isa)["sigmoid_grad"](x), tail)
    np.testing.assert_array_equal(ufuncs(isa)["sigmoid_grad"](-x), tail)


@pytest.fixture(scope="module")
def ascending():
    """Sorted inputs of a dtype, without NaN."""

    @functools.cache
    def of(dtype):
        x = np.concatenate([inputs(dtype, 100_000), hard_spots(dtype)])
        return np.sort(x[~np.isnan(x)])

    return of


@every_kernel_dtype
def test_sigmoid_is_monotonic_between_0_and_1(isa, dtype, ascending):
    y = ufuncs(isa)["sigmoid"](ascending(dtype))
    assert y[0] == 0
    assert y[-1] == 1
    assert (y[1:] >= y[:-1]).all()


@every_kernel_dtype
def test_gradient_rises_to_a_quarter_and_falls(isa, dtype, ascending):
    x = ascending(dtype)
    dy = ufuncs(isa)["sigmoid_grad"](x)
    assert dy.min() == 0
    assert dy.max() == 0.25
    rising = x[1:] <= 0
    assert (dy[1:] >= dy[:-1])[rising].all()
    falling = x[:-1] >= 0
    assert (dy[1:] <= dy[:-1])[falling].all()


@every_kernel_dtype
def test_sigmoid_of_x_and_of_minus_x_add_to_1(isa, dtype, ascending):
    sigmoid = ufuncs(isa)["sigmoid"]
    x = ascending(dtype)
    x = x[x >= 0]
    # 1 - s(x) is exact, s(x) is off by eps/4 at most, s(-x) by eps/8, the difference by as little.
    assert abs((1 - sigmoid(x)) - sigmoid(-x)).max() <= np.finfo(dtype).eps / 2


@every_kernel_dtype
def test_gradient_is_even(isa, dtype, ascending):
    x = ascending(dtype)
    sigmoid_grad = ufuncs(isa)["sigmoid_grad"]
    assert_same_bits(sigmoid_grad(-x), sigmoid_grad(x), x)


@every_dtype
def test_sigmoid_and_grad_is_the_two_functions(isa, dtype):
    of = ufuncs(isa)
    x = np.concatenate([inputs(dtype), hard_spots(dtype)])
    for got, want in zip(
        of["sigmoid_and_grad"](x), (of["sigmoid"](x), of["sigmoid_grad"](x)), strict=True
    ):
        np.testing.assert_array_equal(got, want)
