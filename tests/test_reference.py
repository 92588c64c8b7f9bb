"""The reference against mpmath, against Python's fractions and against values known by hand."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from reference import REFERENCE, correctly_rounded, exact, precise, to_mpfr, ulp_error

FLOATS = [np.float16, np.float32, np.float64, np.longdouble]

MPMATH = {
    "sigmoid": lambda x: (1 / (1 + mpmath.exp(-x)),),
    "sigmoid_grad": lambda x: (mpmath.sech(x / 2) ** 2 / 4,),
    "sigmoid_grad_from_output": lambda y: (y * (1 - y),),
    "sigmoid_and_grad": lambda x: (1 / (1 + mpmath.exp(-x)), mpmath.sech(x / 2) ** 2 / 4),
}


@pytest.mark.parametrize("name", REFERENCE)
def test_reference_agrees_with_mpmath_to_300_bits(name):
    points = [-2000.0, -740.25, -37.5, -1.0, -1e-10, 0.0, 2**-53, 0.3, 1.0, 17.3, 40.0, 750.0]
    with mpmath.workprec(4000):
        for index, value in enumerate(points):
            for got, want in zip(exact(name, points), MPMATH[name](mpmath.mpf(value)), strict=True):
                fraction = Fraction(*got[index].as_integer_ratio())
                difference = mpmath.mpf(fraction.numerator) / fraction.denominator - want
                assert abs(difference) <= abs(want) * mpmath.mpf(2) ** -300


def test_known_values():
    assert correctly_rounded("sigmoid", [0.0, -np.inf, np.inf])[0].tolist() == [0.5, 0, 1]
    assert correctly_rounded("sigmoid_grad", [0.0, -np.inf, np.inf])[0].tolist() == [0.25, 0, 0]
    assert correctly_rounded("sigmoid_grad_from_output", [0.25, 1, 2, np.inf])[0].tolist() == [
        0.1875,
        0,
        -2,
        -np.inf,
    ]
    assert all(np.isnan(correctly_rounded(name, [np.nan])).all() for name in REFERENCE)


def test_small_x_breaks_the_tie_below_one_half():
    # x/4 is half an ulp of 1/2, and -x^3/48 pulls the sum to the side of 1/2.
    assert correctly_rounded("sigmoid", [2.0**-52, -(2.0**-53)])[0].tolist() == [0.5, 0.5]
    above = np.nextafter(2.0**-52, 1)
    assert correctly_rounded("sigmoid", [above])[0].tolist() == [0.5 + 2.0**-53]


def test_exact_ties_go_to_even():
    # y (1 - y) = 2^-54 - 2^-108 lies half-way between 2^-54 and its lower neighbour.
    assert correctly_rounded("sigmoid_grad_from_output", [2.0**-54])[0].tolist() == [2.0**-54]


def nearest_multiple(value, quantum):
    """`value` to the nearest multiple of `quantum`, ties to even, in exact arithmetic."""
    return round(Fraction(*value.as_integer_ratio()) / quantum) * quantum


@pytest.mark.parametrize("dtype", FLOATS[:3])
def test_subnormal_results_are_rounded_once(dtype):
    quantum = Fraction(float(np.finfo(dtype).smallest_subnormal))
    edge = float(np.log(np.finfo(dtype).tiny.astype(np.float64)))
    x = np.linspace(edge - 1, edge - 40, 500).astype(dtype)
    for got, values in zip(correctly_rounded("sigmoid", x), exact("sigmoid", x), strict=True):
        assert got.dtype == dtype
        assert [Fraction(float(g)) for g in got] == [nearest_multiple(v, quantum) for v in values]


def test_narrow_results_are_not_rounded_twice():
    # Exactly 1/2 + 1.5 ulp - x^3/48: float64 loses the last term and leaves a tie.
    (got,) = correctly_rounded("sigmoid", np.float32([3 * 2.0**-23]))
    assert got.tolist() == [0.5 + 2.0**-24]


@pytest.mark.parametrize("dtype", FLOATS)
def test_conversion_to_mpfr_is_exact(dtype):
    limits = np.finfo(dtype)
    values = np.array([limits.max, limits.tiny, limits.smallest_subnormal, 1 + limits.eps, -3])
    with precise():
        assert [Fraction(*v.as_integer_ratio()) for v in to_mpfr(values.astype(dtype))] == [
            Fraction(*v.as_integer_ratio()) for v in values.astype(dtype)
        ]


@pytest.mark.parametrize("dtype", FLOATS)
def test_ulp_error_counts_spacings(dtype):
    half = dtype(0.5)
    up = np.nextafter(half, dtype(1))
    down = np.nextafter(half, dtype(0))
    np.testing.assert_array_equal(
        ulp_error("sigmoid", np.zeros(4, dtype), np.array([half, up, down, np.nan], dtype)),
        [0, 1, 0.5, np.inf],
    )
    tiny = np.finfo(dtype).smallest_subnormal
    far = np.array([-np.inf, -np.inf, np.nan], dtype)
    np.testing.assert_array_equal(
        ulp_error("sigmoid", far, np.array([0, 3 * tiny, np.nan], dtype)), [0, 3, 0]
    )


def test_ulp_error_takes_overflow_for_the_next_binade():
    y = np.full(2, 1e300)
    errors = ulp_error("sigmoid_grad_from_output", y, np.array([-np.inf, -np.finfo(float).max]))
    np.testing.assert_array_equal(errors, [0, 0.5])


def test_ulp_error_is_the_largest_over_the_outputs():
    y, dy = np.array([0.5]), np.array([np.nextafter(0.25, 1)])
    assert ulp_error("sigmoid_and_grad", np.zeros(1), (y, dy)).tolist() == [1]
