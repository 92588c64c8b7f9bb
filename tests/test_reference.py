"""The reference against mpmath, against Python's fractions and against values known by hand."""

from fractions import Fraction

import mpmath
import numpy as np
import pytest
from gmpy2 import mpfr
from reference import (
    LARGEST_TERM,
    REFERENCE,
    correctly_rounded,
    exact,
    precise,
    to_mpfr,
    ulp_error,
)

FLOATS = [np.float16, np.float32, np.float64, np.longdouble]


def sigmoid(x):
    return 1 / (1 + mpmath.exp(-x))


def bce(x, t):
    return -t * mpmath.log(sigmoid(x)) - (1 - t) * mpmath.log(sigmoid(-x))


def lstm_cell(i, f, g, o, c):
    c_new = sigmoid(f) * c + sigmoid(i) * mpmath.tanh(g)
    return sigmoid(o) * mpmath.tanh(c_new), c_new


def gru_cell(r, z, xn, hn, h):
    n = mpmath.tanh(xn + sigmoid(r) * hn)
    return ((1 - sigmoid(z)) * n + sigmoid(z) * h,)


# The definitions as they stand, in precision enough for what cancels: written apart from those of
# reference.py, which are checked with them.
MPMATH = {
    "sigmoid": lambda x: (sigmoid(x),),
    "sigmoid_grad": lambda x: (mpmath.sech(x / 2) ** 2 / 4,),
    "sigmoid_grad_from_output": lambda y: (y * (1 - y),),
    "sigmoid_and_grad": lambda x: (sigmoid(x), mpmath.sech(x / 2) ** 2 / 4),
    "log_sigmoid": lambda x: (mpmath.log(sigmoid(x)),),
    "softplus": lambda x: (mpmath.log(1 + mpmath.exp(x)),),
    "logit": lambda p: (mpmath.log(p / (1 - p)),),
    "silu": lambda x: (x * sigmoid(x),),
    "silu_grad": lambda x: (sigmoid(x) * (1 + x * (1 - sigmoid(x))),),
    "tanh": lambda x: (mpmath.tanh(x),),
    "bce_with_logits": lambda x, t: (bce(x, t),),
    "bce_with_logits_grad": lambda x, t: (sigmoid(x) - t,),
    "bce_with_logits_and_grad": lambda x, t: (bce(x, t), sigmoid(x) - t),
    "sigmoid_backward": lambda dy, y: (dy * y * (1 - y),),
    "silu_backward": lambda dy, x: (dy * sigmoid(x) * (1 + x * (1 - sigmoid(x))),),
    "glu": lambda a, b: (a * sigmoid(b),),
    "swiglu": lambda a, b: (a * sigmoid(a) * b,),
    "mix": lambda a, b, x: (sigmoid(x) * a + (1 - sigmoid(x)) * b,),
    "lstm_cell": lstm_cell,
    "gru_cell": gru_cell,
}

POINTS = [-2000.0, -740.25, -37.5, -1.0, -1e-10, 0.0, 2**-53, 0.3, 1.0, 17.3, 40.0, 750.0]
PROBABILITIES = [5e-324, 1e-10, 0.25, 0.5 - 2**-54, 0.5 + 2**-53, 0.5000001, 0.75, 0.9, 1 - 2**-53]


@pytest.mark.parametrize("name", REFERENCE)
def test_reference_agrees_with_mpmath_to_300_bits(name):
    points = PROBABILITIES if name == "logit" else POINTS
    count = REFERENCE[name].__code__.co_argcount
    x = [points if i == 0 else np.random.default_rng(i).permutation(points) for i in range(count)]
    x = np.array(x, float)
    values = exact(name, *x)
    largest = values
    if name in LARGEST_TERM:
        with precise():
            terms = (LARGEST_TERM[name](*map(mpfr, at)) for at in x.T.tolist())
            largest = list(zip(*terms, strict=True))
    with mpmath.workprec(6000):
        for index, at in enumerate(x.T.tolist()):
            wanted = MPMATH[name](*map(mpmath.mpf, at))
            for got, scale, want in zip(values, largest, wanted, strict=True):
                difference = abs(to_mpmath(got[index]) - want)
                agrees = difference <= abs(to_mpmath(scale[index])) * mpmath.mpf(2) ** -300
                digits = [mpmath.nstr(value, 20) for value in (to_mpmath(got[index]), want)]
                assert agrees, f"at {at}: {digits[0]}, wanted {digits[1]}"


def to_mpmath(value):
    fraction = Fraction(*value.as_integer_ratio())
    return mpmath.mpf(fraction.numerator) / fraction.denominator


def test_largest_terms_are_never_below_the_value_by_more_than_their_number():
    rng = np.random.default_rng(30)
    for name, largest in LARGEST_TERM.items():
        x = rng.normal(0, 3, (largest.__code__.co_argcount, 300))
        values = exact(name, *x)
        with precise():
            terms = zip(*(largest(*map(mpfr, at)) for at in x.T.tolist()), strict=True)
            for output, scales in zip(values, terms, strict=True):
                assert all(abs(v) <= 2 * t for v, t in zip(output, scales, strict=True))


def test_errors_are_measured_by_the_largest_term():
    # s(x) - t = 0 at x = 0, t = 1/2; t = 0 and t = 1 have no such licence.
    eps = np.finfo(float).eps
    assert ulp_error("bce_with_logits_grad", (0.0, 0.5), np.array(eps / 2)) == 1
    x = np.float64(-40)
    (right,) = correctly_rounded("bce_with_logits_grad", x, 0.0)
    off = np.nextafter(right, 1)
    assert 0.5 <= ulp_error("bce_with_logits_grad", (x, 0.0), off) <= 1.5


def test_silu_of_subnormals_is_half_of_them_and_a_little_more():
    tiny = 2.0**-1074
    (got,) = correctly_rounded("silu", tiny * np.array([1, 3, 5, -1, -3, -5]))
    np.testing.assert_array_equal(got / tiny, [1, 2, 3, 0, -1, -2])
    assert np.signbit(got).tolist() == [False] * 3 + [True] * 3


def test_mix_leaves_out_what_is_not_finite_where_the_sigmoid_rounds_to_one_side():
    inf = np.inf
    (got,) = correctly_rounded(
        "mix", np.float32([2, 2, 2]), np.float32([inf] * 3), np.float32([17.32, 17.34, inf])
    )
    assert got.tolist() == [inf, 2, 2]
    (got,) = correctly_rounded(
        "mix", np.array([2.0, -0.0]), np.array([inf, 3]), np.array([17.34, inf])
    )
    assert got.tolist() == [inf, 0]
    assert np.signbit(got[1])


def test_known_values():
    assert correctly_rounded("sigmoid", [0.0, -np.inf, np.inf])[0].tolist() == [0.5, 0, 1]
    assert correctly_rounded("sigmoid_grad", [0.0, -np.inf, np.inf])[0].tolist() == [0.25, 0, 0]
    assert correctly_rounded("sigmoid_grad_from_output", [0.25, 1, 2, np.inf])[0].tolist() == [
        0.1875,
        0,
        -2,
        -np.inf,
    ]
    for name, function in REFERENCE.items():
        x = [[np.nan]] * function.__code__.co_argcount
        assert np.isnan(correctly_rounded(name, *x)).all()


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
