"""What the tests of other libraries ask of these functions, in their values and shapes.

SciPy's test_logit.py, the basicfuns.jl of LogExpFunctions, NumPy's test_umath.py and
PyTorch's test_unary_ufuncs.py and test_binary_ufuncs.py.
"""

import itertools

import mpmath
import numpy as np
import pytest
from helpers import (
    KINDS,
    assert_same,
    buffers,
    every_dtype,
    every_kernel_dtype,
    mixed,
    outputs,
)
from scipy import special

# SciPy

LOG_EXPIT = {
    -32: -32.000000000000014, -20: -20.000000002061153, -10: -10.000045398899218,
    -3: -3.048587351573742, -1: -1.3132616875182228, -0.1: -0.7443966600735709,
    -1e-9: -0.6931471810599453, 0: -0.6931471805599453, 1e-9: -0.6931471800599454,
    0.1: -0.6443966600735709, 1: -0.3132616875182228, 10: -4.539889921686465e-05,
    100: -3.720075976020836e-44, 500: -7.124576406741286e-218, 710: -4.47628622567513e-309,
    725: -1.36930634e-315, 735: -6.217e-320,
}  # fmt: skip


@every_kernel_dtype
def test_logit_of_ninths_is_the_logarithm_of_ratios(functions, dtype):
    ninths = np.linspace(0, 1, 10).astype(dtype)
    want = [2.07944154, 1.25276297, 0.69314718, 0.22314355]
    want = [-np.inf, *np.negative(want), *reversed(want), np.inf]
    got = functions["logit"](ninths)
    assert got.dtype == dtype
    # The rounded ninths are half an ulp off, their logits near 1/2 five.
    np.testing.assert_allclose(got, want, rtol=max(1e-7, 6 * np.finfo(dtype).eps))
    assert np.isnan(functions["logit"](np.array([-3, -2, 2, 3], dtype))).all()


@every_dtype
def test_expit_at_ten_places(functions, dtype):
    want = [0.01798621, 0.04265125, 0.0977726, 0.20860853, 0.39068246]
    want += [0.60931754, 0.79139147, 0.9022274, 0.95734875, 0.98201379]
    got = functions["sigmoid"](np.linspace(-4, 4, 10).astype(dtype))
    assert got.dtype == dtype
    np.testing.assert_allclose(got, want, rtol=max(3e-7, 4 * np.finfo(dtype).eps))


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
def test_expit_of_large_numbers(functions, dtype):
    n = np.array([88, 89, 709, 710, 11356, 11357], dtype)
    np.testing.assert_array_equal(functions["sigmoid"](n), dtype(1))
    tail = functions["sigmoid"](-n)
    assert tail.dtype == dtype
    np.testing.assert_allclose(tail, np.exp(-n), rtol=1e-6, atol=np.finfo(dtype).tiny)
    assert (tail[:2] > 0).all()  # the float32 ones are normal numbers still


@pytest.mark.parametrize(("dtype", "near"), [(np.float32, 5e-7), (np.float64, 2e-15)])
def test_log_expit_in_both_tails(functions, dtype, near):
    x = np.array([-10000.0, -750.0, -500.0, -35.0], dtype)
    np.testing.assert_allclose(functions["log_sigmoid"](x), x, rtol=near)
    x = np.array([750.0, 1000.0, 10000.0], dtype)
    assert_same(functions["log_sigmoid"](x), -np.zeros(3, dtype))
    x, want = np.array([*LOG_EXPIT.items()]).T.astype(dtype)
    np.testing.assert_allclose(functions["log_sigmoid"](x), want, rtol=near)


@pytest.mark.parametrize("dtype", [np.float32, np.float64, np.longdouble])
def test_results_are_scipys_where_every_release_is_right(functions, dtype):
    near = 8 * np.finfo(dtype).eps
    p = np.concatenate([np.linspace(0, 0.3, 1001), np.linspace(0.7, 1, 1001)]).astype(dtype)
    np.testing.assert_allclose(functions["logit"](p), special.logit(p), rtol=near)
    x = np.linspace(-80, 80, 2001, dtype=dtype)
    np.testing.assert_allclose(functions["log_sigmoid"](x), special.log_expit(x), rtol=near)
    np.testing.assert_allclose(functions["sigmoid"](x), special.expit(x), rtol=near)


# LogExpFunctions


def test_logistic_and_logit_at_their_ends(functions):
    sigmoid, logit = functions["sigmoid"], functions["logit"]
    assert sigmoid(-750.0) == 0
    assert sigmoid(-740.0) > 0
    assert sigmoid(36.0) < 1
    assert sigmoid(750.0) == 1
    assert logit(0.5) == 0
    assert abs(logit(sigmoid(2.0)) - 2) < 1e-14


@every_kernel_dtype
def test_softplus_of_logarithms_is_the_logarithm_of_the_next_number(functions, dtype):
    n = np.arange(1, 41)
    for sign in (1, -1):
        x = sign * np.log(n.astype(dtype))
        want = np.log1p(n.astype(float) ** sign)
        near = 4 * np.finfo(dtype).eps * np.maximum(1, abs(x))
        np.testing.assert_array_less(abs(functions["softplus"](x) - want), near * want + near)


@every_kernel_dtype
def test_softplus_of_integers(functions, dtype):
    x = np.arange(-300, 301).astype(dtype)
    with mpmath.workprec(600):
        want = np.array([float(mpmath.log1p(mpmath.exp(int(n)))) for n in x])
    got = functions["softplus"](x)
    assert got.dtype == dtype
    spacing = np.spacing(np.maximum(want, np.finfo(dtype).tiny).astype(dtype)).astype(float)
    assert (abs(got - want) <= 4 * spacing).all()


# NumPy


@every_dtype
def test_no_length_raises_a_flag_that_its_numbers_do_not(functions, name, dtype):
    # The lanes behind the last number hold zeros, where logit is infinite.
    x = [np.full(64, 0.75, dtype) for _ in range(functions[name].nin)]
    out = buffers(functions[name], 64, dtype)
    with np.errstate(all="raise"):
        for n in range(65):
            functions[name](*(each[:n] for each in x), out=tuple(each[:n] for each in out))


# PyTorch

VIEWS = {
    "every other": ((1026,), lambda x: x[::2]),
    "transposed": ((789, 357), lambda x: x.T),
    "first of pairs": ((5, 7, 2), lambda x: x[..., 0]),
    "first of long pairs": ((1024, 2), lambda x: x[..., 0]),
    "one index": ((2, 2, 1, 2), lambda x: x[:, 1, ...]),
    "expanded": ((5, 7), lambda x: np.broadcast_to(x, (3, 5, 7))),
    "size one": ((5, 100), lambda x: x[:1, :50]),
    "size one of many axes": ((5, 2, 3, 1, 4, 5, 3, 2, 1, 2, 3, 4), lambda x: x[:1]),
    "one row": ((1024, 512), lambda x: x[700]),
}


@pytest.mark.parametrize("name", KINDS)
@pytest.mark.parametrize("view", VIEWS)
def test_result_of_a_view_is_the_view_of_the_result(functions, name, view):
    shape, of = VIEWS[view]
    x = [np.resize(each, shape) for each in mixed(name, np.float32, 6000)]
    whole = outputs(functions[name](*x))
    assert_same(functions[name](*map(of, x)), tuple(map(of, whole)))


@every_dtype
def test_extremal_values_alone_are_those_among_others(functions, name, dtype):
    values = [0.0, -0.0, 1.0, -1.0, np.inf, -np.inf, np.nan]
    if functions[name].nin > 3:
        values = values[3:]
    columns = np.array([*itertools.product(values, repeat=functions[name].nin)], dtype).T
    whole = outputs(functions[name](*columns))
    for i in range(0, columns.shape[1], 1 + columns.shape[1] // 60):
        assert_same(functions[name](*columns[:, i]), tuple(result[i] for result in whole))
