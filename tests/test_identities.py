"""What follows from the mathematics: identities between the functions, definitions, derivatives."""

import mpmath
import numpy as np
import pytest
from helpers import (
    FUNCTIONS,
    SEVERAL,
    assert_same,
    every_dtype,
    every_kernel_dtype,
    hard_spots,
    inputs,
    outputs,
    spots,
    ufuncs,
)
from test_reference import MPMATH


@pytest.fixture
def of(functions):
    """The functions by name, in pure NumPy and on each compiled backend; short for formulas."""
    return functions


@pytest.fixture
def ulps(of):
    """What one result may be off by."""
    return 4 if of is FUNCTIONS else 0.5


def everything(name, dtype):
    """Inputs of every kind, as many columns as the function has inputs."""
    return [
        np.concatenate(parts)
        for parts in zip(inputs(name, dtype, 5000), hard_spots(name, dtype), strict=True)
    ]


# Bit for bit


@every_dtype
def test_sigmoid_and_grad_is_the_two_functions(of, dtype):
    (x,) = everything("sigmoid_and_grad", dtype)
    assert_same(of["sigmoid_and_grad"](x), (of["sigmoid"](x), of["sigmoid_grad"](x)))


@every_dtype
def test_bce_with_logits_and_grad_is_the_two_functions(of, dtype):
    x = everything("bce_with_logits_and_grad", dtype)
    single = tuple(of[name](*x) for name in ("bce_with_logits", "bce_with_logits_grad"))
    assert_same(of["bce_with_logits_and_grad"](*x), single)


@every_dtype
def test_log_sigmoid_is_minus_softplus_of_minus_x(of, dtype):
    (x,) = everything("softplus", dtype)
    assert_same(of["log_sigmoid"](x), -of["softplus"](-x))


@every_dtype
def test_tanh_is_odd_and_sigmoid_grad_is_even(of, dtype):
    (x,) = everything("tanh", dtype)
    assert_same(of["tanh"](-x), -of["tanh"](x))
    assert_same(of["sigmoid_grad"](-x), of["sigmoid_grad"](x))


@every_kernel_dtype
def test_loss_with_target_0_or_1_is_softplus(isa, dtype):
    # So far as both are within half an ulp, or less than one: neighbours at most.
    of = ufuncs(isa)
    x = np.sort(inputs("softplus", dtype, 5000)[0])
    for target, sign in ((0, 1), (1, -1)):
        loss, softplus = of["bce_with_logits"](x, dtype(target)), of["softplus"](sign * x)
        assert (abs(loss - softplus) <= np.spacing(softplus)).all()


# Orders


@pytest.fixture(params=["sigmoid", "tanh", "softplus", "log_sigmoid", "logit"])
def rising(request):
    """The name of each monotonic function, and the ends of its range."""
    limits = {"sigmoid": (0, 1), "tanh": (-1, 1), "softplus": (0, np.inf)}
    limits |= {"log_sigmoid": (-np.inf, 0), "logit": (-np.inf, np.inf)}
    return request.param, limits[request.param]


@every_kernel_dtype
def test_rising_functions_are_monotonic_between_their_limits(isa, dtype, rising):
    name, (low, high) = rising
    x = np.concatenate([*inputs(name, dtype, 100_000), spots(dtype)])
    x = np.sort(x[(x >= 0) & (x <= 1) if name == "logit" else ~np.isnan(x)])
    y = ufuncs(isa)[name](x)
    assert (y[0], y[-1]) == (low, high)
    assert (y[1:] >= y[:-1]).all()


@every_kernel_dtype
def test_gradient_rises_to_a_quarter_and_falls(isa, dtype):
    x = np.concatenate([*inputs("sigmoid_grad", dtype, 100_000), spots(dtype)])
    x = np.sort(x[~np.isnan(x)])
    dy = ufuncs(isa)["sigmoid_grad"](x)
    assert (dy.min(), dy.max()) == (0, 0.25)
    assert (dy[1:] >= dy[:-1])[x[1:] <= 0].all()
    assert (dy[1:] <= dy[:-1])[x[:-1] >= 0].all()


@every_kernel_dtype
def test_silu_falls_to_its_minimum_and_rises(isa, dtype):
    x = np.concatenate([*inputs("silu", dtype, 100_000), spots(dtype)])
    x = np.sort(x[~np.isnan(x)])
    y = ufuncs(isa)["silu"](x)
    assert y.min() == dtype(-0.27846454276107379511)
    left, right = x[1:] <= dtype(-1.2784645427610738), x[:-1] >= dtype(-1.2784645427610738)
    assert (y[1:] <= y[:-1])[left].all()
    assert (y[1:] >= y[:-1])[right].all()


# One through another


@every_kernel_dtype
def test_sigmoid_of_x_and_of_minus_x_add_to_1(isa, dtype):
    sigmoid = ufuncs(isa)["sigmoid"]
    x = np.concatenate([*inputs("sigmoid", dtype, 100_000), spots(dtype)])
    x = x[x >= 0]
    # 1 - s(x) is exact, s(x) is off by eps/4 at most, s(-x) by eps/8, the difference by as little.
    assert abs((1 - sigmoid(x)) - sigmoid(-x)).max() <= np.finfo(dtype).eps / 2


@every_kernel_dtype
def test_logit_inverts_sigmoid_within_the_conditioning(of, ulps, dtype):
    limits = np.finfo(dtype)
    x = np.linspace(np.log(limits.tiny / 2) + 1, (limits.nmant - 1) * np.log(2), 5001).astype(dtype)
    p = of["sigmoid"](x)
    back = of["logit"](p)
    # dx = dp / (p (1 - p)), and logit's own ulps.
    allowed = ulps * (np.spacing(p) / (p * (1 - p)) + np.spacing(abs(back)))
    np.testing.assert_array_less(abs(back.astype(float) - x), 1.1 * allowed.astype(float))


@every_kernel_dtype
def test_tanh_is_the_rescaled_sigmoid(of, ulps, dtype):
    x = np.linspace(-12, 12, 5001).astype(dtype)
    sigmoid = of["sigmoid"](2 * x)
    allowed = ulps * (2 * np.spacing(sigmoid) + np.spacing(of["tanh"](abs(x))))
    allowed += np.finfo(dtype).eps / 4  # 2 s - 1 is rounded to nearest, too
    assert (abs((2 * sigmoid - 1) - of["tanh"](x)) <= allowed).all()


@every_kernel_dtype
def test_silu_is_x_times_sigmoid(of, ulps, dtype):
    x = np.linspace(-9 if dtype == np.float16 else -80, 80, 5001).astype(dtype)
    product = x.astype(np.longdouble) * of["sigmoid"](x)
    # An ulp of the factor is one or two of the product.
    assert (abs(of["silu"](x) - product) <= 3 * ulps * np.spacing(abs(of["silu"](x)))).all()


@every_kernel_dtype
def test_softplus_of_x_and_of_minus_x_differ_by_x(of, ulps, dtype):
    x = np.linspace(0, 100, 5001).astype(dtype)
    above, below = of["softplus"](x), of["softplus"](-x)
    wide = above.astype(np.longdouble) - below
    assert (abs(wide - x) <= ulps * (np.spacing(above) + np.spacing(below))).all()


@every_kernel_dtype
def test_softplus_is_minus_the_logarithm_of_what_sigmoid_lacks(of, ulps, dtype):
    x = np.linspace(-9, 9, 5001).astype(dtype)
    complement = of["sigmoid"](-x)
    want = -np.log(complement.astype(np.longdouble))
    softplus = of["softplus"](x)
    allowed = ulps * (np.spacing(softplus) + np.spacing(complement) / complement)
    assert (abs(softplus - want) <= 1.1 * allowed).all()


# The definitions of several inputs, in mpmath


@every_kernel_dtype
@pytest.mark.parametrize("name", SEVERAL)
def test_definitions_of_several_inputs(of, name, dtype):
    rng = np.random.default_rng(12)
    x = rng.normal(0, 2, (FUNCTIONS[name].nin, 60)).astype(dtype)
    with mpmath.workprec(200):
        want = [MPMATH[name](*map(mpmath.mpf, column)) for column in x.T.tolist()]
        want = np.array(want, object).reshape(60, -1).T
        for results, exact in zip(outputs(of[name](*x)), want, strict=True):
            for got, value, *terms in zip(results.tolist(), exact, *x.tolist(), strict=True):
                largest = max(1, abs(value), *map(abs, terms))
                assert abs(got - value) < 4 * np.finfo(dtype).eps * largest


# Gradients are derivatives in the first input

GRADIENTS = {
    "sigmoid": "softplus",
    "sigmoid_grad": "sigmoid",
    "silu_grad": "silu",
    "bce_with_logits_grad": "bce_with_logits",
}


@pytest.mark.parametrize("name", GRADIENTS)
def test_gradients_are_the_derivatives(of, name):
    function = MPMATH[GRADIENTS[name]]
    rng = np.random.default_rng(13)
    x = rng.normal(0, 5, (FUNCTIONS[name].nin, 100))
    x[1:] = rng.random(100)
    order = (1, *[0] * (len(x) - 1))
    got = of[name](*x)
    with mpmath.workprec(300):
        for result, at in zip(got.tolist(), x.T.tolist(), strict=True):
            want = mpmath.diff(lambda *x: function(*x)[0], tuple(map(mpmath.mpf, at)), order)
            largest = max([abs(want), *at[1:]])  # s(x) - t may cancel
            assert abs(result - want) <= 4 * np.spacing(float(largest))
