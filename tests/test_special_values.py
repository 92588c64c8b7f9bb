"""Every special value that the functions promise, in each dtype, compiled and in pure NumPy."""

import numpy as np
import pytest
from helpers import (
    KERNEL_FLOATS,
    SEVERAL,
    assert_same,
    assert_same_bits,
    bits,
    every_dtype,
    every_kernel_dtype,
    outputs,
    signalling_nans,
    spots,
    ufuncs,
)

from ogive.fallback import FUNCTIONS

pytestmark = pytest.mark.every
inf, nan = np.inf, np.nan

# Each row holds the inputs and then the outputs; -0.0 and 0.0 differ.
EXACT = {
    "sigmoid": [(-inf, 0.0), (-0.0, 0.5), (0.0, 0.5), (inf, 1.0)],
    "sigmoid_grad": [(-inf, 0.0), (-0.0, 0.25), (0.0, 0.25), (inf, 0.0)],
    "sigmoid_grad_from_output": [
        (-inf, -inf), (-1, -2), (-0.0, -0.0), (0.0, 0.0), (0.5, 0.25), (1, 0.0), (2, -2),
        (inf, -inf),
    ],
    "sigmoid_and_grad": [
        (-inf, 0.0, 0.0), (-0.0, 0.5, 0.25), (0.0, 0.5, 0.25), (inf, 1.0, 0.0)
    ],
    "log_sigmoid": [(-inf, -inf), (inf, -0.0), (60_000, -0.0), (-60_000, -60_000)],
    "softplus": [(-inf, 0.0), (inf, inf), (-60_000, 0.0), (60_000, 60_000)],
    "logit": [
        (-inf, nan), (-1, nan), (-1e-7, nan), (-0.0, -inf), (0.0, -inf), (0.5, 0.0), (1, inf),
        (1.5, nan), (inf, nan),
    ],
    "silu": [(-inf, -0.0), (-60_000, -0.0), (-0.0, -0.0), (0.0, 0.0), (60_000, 60_000), (inf, inf)],
    "silu_grad": [
        (-inf, -0.0), (-60_000, -0.0), (-0.0, 0.5), (0.0, 0.5), (60_000, 1), (inf, 1)
    ],
    "tanh": [(-inf, -1), (-60_000, -1), (-0.0, -0.0), (0.0, 0.0), (60_000, 1), (inf, 1)],
    "bce_with_logits": [
        (inf, 1, 0.0), (-inf, 0.0, 0.0), (-inf, -0.0, 0.0),
        (inf, 0, inf), (inf, 0.5, inf), (-inf, 1, inf), (-inf, 0.5, inf),
        (inf, 2, -inf), (-inf, -1, -inf), (inf, -1, inf), (-inf, 2, inf),
        (60_000, 1, 0.0), (-60_000, 0, 0.0), (60_000, 0, 60_000), (-60_000, 1, 60_000),
        (1, inf, -inf), (1, -inf, inf), (-1, inf, inf), (-1, -inf, -inf),
        (inf, inf, -inf), (inf, -inf, inf), (-inf, inf, inf), (-inf, -inf, -inf),
        (0.0, inf, nan), (-0.0, inf, nan), (0.0, -inf, nan),
    ],
    "bce_with_logits_grad": [
        (inf, 0, 1), (inf, 1, 0.0), (-inf, 0, 0.0), (-inf, -0.0, 0.0), (-inf, 1, -1),
        (0, 1, -0.5), (0, 0, 0.5), (0, 0.25, 0.25), (inf, 0.5, 0.5),
        (-inf, 0.5, -0.5), (inf, 2, -1), (-inf, -1, 1),
        (0, inf, -inf), (0, -inf, inf), (inf, inf, -inf), (-inf, -inf, inf), (inf, -inf, inf),
    ],
    "sigmoid_backward": [
        (1, 0.5, 0.25), (-8, 0.5, -2), (0.0, 0.5, 0.0), (-0.0, 0.5, -0.0), (2, 1, 0.0),
        (2, 0.0, 0.0), (2, -0.0, -0.0), (2, inf, -inf), (-2, inf, inf), (2, -inf, -inf),
        (0, inf, nan), (0, -inf, nan), (inf, 0, nan), (inf, 1, nan), (inf, 0.5, inf),
        (inf, 2, -inf), (-inf, 0.5, -inf), (inf, inf, -inf),
    ],
    "silu_backward": [
        (1, 0, 0.5), (-8, 0, -4), (2, inf, 2), (2, -inf, -0.0), (-2, -inf, 0.0), (0.0, 1, 0.0),
        (-0.0, 1, -0.0), (inf, 0, inf), (-inf, 0, -inf), (inf, inf, inf), (inf, -inf, nan),
        (inf, -2, -inf), (inf, -60_000, -inf), (0, inf, 0.0),
    ],
    "glu": [
        (1, 0, 0.5), (0.0, 3, 0.0), (-0.0, 3, -0.0), (2, -inf, 0.0), (-2, -inf, -0.0), (2, inf, 2),
        (inf, inf, inf), (inf, -inf, nan), (-inf, -inf, nan), (inf, -1000, inf), (inf, 0, inf),
        (-inf, -60_000, -inf), (1, -60_000, 0.0), (-1, -60_000, -0.0), (0, inf, 0.0),
        (0, -inf, 0.0),
    ],
    "swiglu": [
        (0.0, 3, 0.0), (-0.0, 3, -0.0), (0.0, -3, -0.0), (inf, 2, inf), (inf, -2, -inf),
        (-inf, 2, -0.0), (-inf, -2, 0.0), (inf, 0, nan), (0, inf, nan), (-inf, inf, nan),
        (1, inf, inf), (-1, inf, -inf), (-60_000, inf, -inf), (-60_000, 1, -0.0),
    ],
    "mix": [
        (1, 3, 0, 2), (2, 7, inf, 2), (2, 7, -inf, 7), (-0.0, 7, inf, -0.0), (2, -0.0, -inf, -0.0),
        (2, inf, inf, 2), (2, nan, inf, 2), (inf, 7, -inf, 7), (nan, 7, -inf, 7),
        (inf, 7, inf, inf), (nan, 7, inf, nan), (2, nan, -inf, nan), (2, -inf, -inf, -inf),
        # Where sigmoid rounds to 1 in float64 or earlier, and to 0 in float16: 1 is far enough
        (2, inf, 11000, 2), (2, nan, 11000, 2), (inf, 7, -12000, 7), (nan, 7, -12000, 7),
        (2, inf, 0, inf), (-inf, 3, 0, -inf), (inf, -inf, 0, nan), (inf, inf, 0, inf),
        (2, inf, -12000, inf), (inf, 2, 12000, inf), (nan, 2, 0, nan), (2, nan, 0, nan),
        (1, 1, nan, nan), (0.0, 0.0, 1, 0.0), (-0.0, -0.0, 1, -0.0),
    ],
    # i, f, g, o, c -> h, c_new
    "lstm_cell": [
        (inf, -inf, inf, -inf, 5, 0.0, 1), (inf, inf, -inf, -inf, 0, -0.0, -1),
        (-inf, inf, 3, inf, inf, 1, inf), (-inf, inf, 3, 0, -inf, -0.5, -inf),
        (-inf, -inf, 3, 1, 7, 0.0, 0.0), (0, -inf, -inf, -inf, 7, -0.0, -0.5),
        (0, 0, 0, 0, inf, 0.5, inf), (0, -inf, 0, 0, inf, nan, nan),
        (0, 0, 0, -inf, inf, 0.0, inf), (0, 0, 0, inf, 0, 0.0, 0.0),
        (0, -60_000, 0, inf, inf, 1, inf), (0, 0, 0.0, 0, 0.0, 0.0, 0.0),
        (0, 0, -0.0, 0, -0.0, -0.0, -0.0), (0, 0, 0.0, 0, -0.0, 0.0, 0.0),
    ],
    # r, z, xn, hn, h -> h_new
    "gru_cell": [
        (0, inf, 3, 2, 7, 7), (0, inf, inf, 2, -7, -7), (0, inf, 0, 0, inf, inf),
        (inf, -inf, 0, inf, 7, 1), (inf, -inf, 0, -inf, 7, -1), (-inf, -inf, inf, 3, 7, 1),
        (-inf, -inf, 0, 3, 7, 0.0), (0, -inf, 0, 0, inf, nan), (-inf, -inf, 0, inf, 0, nan),
        (0, 0, inf, 0, 3, 2), (0, 0, inf, 0, -inf, -inf), (inf, 0, inf, -inf, 0, nan),
        (-60_000, -inf, 0, inf, 0, 1), (0, 0, 0.0, 0.0, 0.0, 0.0), (0, 0, -0.0, -0.0, -0.0, -0.0),
        (0, 0, -0.0, -0.0, 0.0, 0.0), (0, 0, 0.0, -0.0, -0.0, 0.0),
    ],
}  # fmt: skip
EXACT["bce_with_logits_and_grad"] = [
    (*x, loss, grad)
    for *x, loss in EXACT["bce_with_logits"]
    for *same, grad in EXACT["bce_with_logits_grad"]
    if x == same
]


@every_dtype
@pytest.mark.parametrize("name", FUNCTIONS)
def test_exact_special_values(functions, name, dtype):
    function = functions[name]
    columns = np.array(EXACT[name], dtype).T
    with np.errstate(all="raise"):
        got = function(*columns[: function.nin])
    assert_same(got, tuple(columns[function.nin :]))
    one_by_one = [outputs(function(*row[: function.nin])) for row in columns.T]
    assert_same(tuple(np.array(one_by_one).T), tuple(columns[function.nin :]))


# Rounded once where compiled, within 4 ulp in pure NumPy; from mpmath with 60 digits

FLOAT64 = {
    "log_sigmoid": [
        # torch 31110, TVM 20184: softplus cut at 20
        (20.1, -1.865008920163637945626e-9), (36.9, -9.430476078526807369051e-17),
        (745.0, -2.822350730471937076353e-324), (-800.0, -800.0), (0, -0.6931471805599453094172),
    ],
    "softplus": [
        (20.1, 20.10000000186501034125), (33.0, 33.00000000000000465889), (36.9, 36.9),
        (-740.0, 4.188739880048048939458e-322), (0, 0.6931471805599453094172),
    ],
    "logit": [
        # SciPy 21388: the digits near 1/2
        (0.5 + 2**-53, 4.440892098500626161695e-16), (0.5 - 2**-54, -2.220446049250313080847e-16),
        (0.5000000001, 4.000000330961483996415e-10), (0.45, -0.200670695462151116414),
        (1 - 2**-53, 36.73680056967710128809), (5e-324, -744.4400719213812623141),
        (1e-300, -690.7755278982137051803),
    ],
    "silu": [
        (-740.0, -3.099667511235556215199e-319), (-50.0, -9.643749239819588915085e-21),
        (-1.2784645427610738, -0.2784645427610737951094), (40.0, 39.99999999999999983007),
        # x/2 + x^2/4: ties of subnormals that x^2/4 breaks upwards
        (5e-324, 5e-324), (-5e-324, -0.0), (15e-324, 10e-324), (-15e-324, -5e-324),
        (2**-1022 + 2**-1074, 2**-1023 + 2**-1074), (-(2**-1022) - 2**-1074, -(2**-1023)),
    ],
    "silu_grad": [
        (-740.0, -3.095478771355508166259e-319), (-50.0, -9.450874255023197136781e-21),
        (-1.2784645427610738, -2.452007938935708033868e-17), (40.0, 1.000000000000000165686),
    ],
    "tanh": [
        (1e-300, 1e-300), (1e-8, 9.999999999999999875892e-9), (0.1, 0.09966799462495582261428),
        (-19.0, -0.9999999999999999372173), (5e-324, 5e-324),
    ],
    "bce_with_logits": [
        (0, 0.5, 0.6931471805599453094172), (20.1, 1, 1.865008920163637945626e-9),
        (-20.1, 0, 1.865008920163637945626e-9), (-740.0, 0, 4.188739880048048939458e-322),
        (30.0, 1 - 2**-53, 9.690689876227283741505e-14),
    ],
    "bce_with_logits_grad": [
        (20.1, 1, -1.865008918424508810562e-9), (-20.1, 0, 1.865008918424508810562e-9),
        (-740.0, 0, 4.188739880048048939458e-322), (740.0, 1, -4.188739880048048939458e-322),
    ],
    "sigmoid_backward": [(1e308, 1e-200, 1e108), (1e-200, 1e200, -1e200), (1e-200, -1e200, -1e200)],
    "silu_backward": [(1e300, -700.0, -0.06891913904088080190695)],
    "glu": [
        (1e300, -700.0, 9.859676543759771374385e-5),
        (1e300, -1400.0, 9.721322154756662574156e-309),
        (1e-200, -1e3, 0),
    ],
    "swiglu": [(-1000.0, 1e300, -5.075958897549457031804e-132), (1e308, 1e-300, 1e8)],
    "mix": [
        (1e300, 0, -700.0, 9.859676543759771374385e-5),
        (0, 1e300, 700, 9.859676543759771374385e-5),
    ],
}  # fmt: skip


@pytest.mark.parametrize("name", FLOAT64)
def test_known_values(functions, name):
    *x, want = np.array(FLOAT64[name]).T
    got = functions[name](*x)
    if functions is FUNCTIONS or name in SEVERAL:
        ulps = np.abs(got - want) / np.spacing(np.abs(want))
        assert ulps.max() <= (4 if functions is FUNCTIONS else 1)
    else:
        assert_same_bits(got, want, tuple(x))


@every_dtype
def test_gradient_of_the_loss_vanishes_with_the_error(functions, dtype):
    # Whatever the sign of that zero.
    x, t = np.array([(inf, 1), (60_000, 1), (-60_000, 0)], dtype).T
    for function in ("bce_with_logits_grad", "bce_with_logits_and_grad"):
        grad = outputs(functions[function](x, t))[-1]
        np.testing.assert_array_equal(grad, 0)


@every_dtype
def test_losses_of_infinite_logits_are_no_nan(functions, dtype):
    x = np.array([[-inf], [inf]], dtype)
    loss, grad = functions["bce_with_logits_and_grad"](x, np.linspace(0, 1, 9).astype(dtype))
    assert not np.isnan(loss).any()
    assert not np.isnan(grad).any()
    np.testing.assert_array_equal(loss == 0, [[1, *[0] * 8], [*[0] * 8, 1]])


# silu' changes its sign between two neighbours


@every_kernel_dtype
def test_silu_grad_has_its_sign_at_the_zero(functions, dtype):
    zero = np.longdouble("-1.27846454276107379510935873902298")
    near = dtype(zero)
    x = np.array([np.nextafter(near, dtype(-inf)), near, np.nextafter(near, dtype(inf))])
    distance = x.astype(np.longdouble) - zero
    got = functions["silu_grad"](x)
    np.testing.assert_array_equal(np.sign(got), np.sign(distance))
    slope = float(1 + 1 / zero)  # silu''(z) = s(z), as 1 + z s(-z) = 0
    np.testing.assert_allclose(got.astype(float), distance.astype(float) * slope, rtol=2e-2)


# mix, where one side has no part


@every_dtype
def test_mix_takes_one_side_alone_where_the_sigmoid_is_rounded_to_it(functions, dtype):
    limits = np.finfo(dtype)
    log2 = np.log(np.longdouble(2))
    one, zero = ((limits.nmant + 2) * log2, (limits.minexp - limits.nmant - 1) * log2)
    if dtype == np.longdouble:  # whose sigmoid is within 2 ulp
        around = np.array(
            [one * (1 - 1e-9), one * (1 + 1e-9), zero * (1 - 1e-9), zero * (1 + 1e-9)]
        )
    else:
        around = [_neighbours(one, dtype), _neighbours(zero, dtype)[::-1]]
        around = np.concatenate(around)
    below_one, is_one, above_zero, is_zero = around
    mix = functions["mix"]
    for far in (inf, -inf, nan):
        assert_same(mix(dtype(3), dtype(far), is_one), dtype(3))
        assert_same(mix(dtype(3), dtype(far), below_one), dtype(far))
        assert_same(mix(dtype(far), dtype(3), is_zero), dtype(3))
        assert_same(mix(dtype(far), dtype(3), above_zero), dtype(far))
    if dtype != np.longdouble and functions is not FUNCTIONS:
        rounded = [1 - limits.epsneg, 1, limits.smallest_subnormal, 0]
        np.testing.assert_array_equal(functions["sigmoid"](around), rounded)


def _neighbours(x, dtype):
    """The two neighbouring numbers of a dtype around a real number, the lower first."""
    near = dtype(x)
    other = np.nextafter(near, dtype(inf if near < x else -inf))
    return np.sort(np.array([near, other]))


@every_dtype
def test_mix_selects_as_where_does(functions, dtype):
    values = np.array([0.0, -0.0, 1, -2, inf, -inf, nan], dtype)
    a, b, x = np.meshgrid(values, values, np.array([inf, -inf], dtype))
    assert_same(functions["mix"](a, b, x), np.where(x > 0, a, b))


# NaN


@every_dtype
@pytest.mark.parametrize("name", FUNCTIONS)
def test_nan_in_any_input_gives_nan(functions, name, dtype):
    function = functions[name]
    nans = np.array([nan, -nan], dtype)
    if dtype in KERNEL_FLOATS:
        nans = np.concatenate([nans, signalling_nans(dtype)])
    for position in range(function.nin):
        given = [np.full(50 * nans.size, 0.25, dtype) for _ in range(function.nin)]
        given[position] = np.repeat(nans, 50)
        results = outputs(function(*given))
        if (name, position) == ("lstm_cell", 3):  # no part of c_new
            results = results[:1]
        for result in results:
            assert np.isnan(result).all()


@every_kernel_dtype
@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_nan_is_the_canonical_one(isa, name, dtype):
    function = ufuncs(isa)[name]
    nans = np.array([nan, -nan], dtype)
    x = np.concatenate(
        [nans, signalling_nans(dtype), spots(dtype)[::50], np.array([-2, 2, inf, -inf], dtype)]
    )
    rng = np.random.default_rng(9)
    for result in outputs(function(*rng.choice(x, (function.nin, 20_000)))):
        found = np.isnan(result)
        assert found.any()
        assert (bits(result[found]) == bits(dtype(nan))).all()
