"""The functions in pure NumPy: below 4 ulp in every dtype, and what is theirs alone.

What they share with the compiled ufuncs is in test_contract.py.
"""

import copy
import pickle
import re

import numpy as np
import pytest
from helpers import EVERY_FLOAT16, assert_same, every_dtype, hard_spots, inputs
from reference import ulp_error

from ogive import fallback
from ogive.fallback import FUNCTIONS

BOUND = 4  # ulp

every_function = pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)


# Values


@every_dtype
@every_function
def test_below_four_ulp_at_all_magnitudes(function, dtype):
    x = inputs(dtype)
    assert ulp_error(function.__name__, x, function(x)).max() < BOUND


@every_dtype
@every_function
def test_below_four_ulp_at_hard_spots(function, dtype):
    x = hard_spots(dtype)
    assert ulp_error(function.__name__, x, function(x)).max() < BOUND


@every_function
def test_below_four_ulp_on_every_float16(function):
    assert ulp_error(function.__name__, EVERY_FLOAT16, function(EVERY_FLOAT16)).max() < BOUND


@every_dtype
def test_special_values(dtype):
    x = np.array([-np.inf, -0.0, 0.0, np.inf, np.nan], dtype)
    assert_same(fallback.sigmoid(x), np.array([0, 0.5, 0.5, 1, np.nan], dtype))
    assert_same(fallback.sigmoid_grad(x), np.array([0, 0.25, 0.25, 0, np.nan], dtype))
    y = np.array([-np.inf, 0, 0.5, 1, np.inf, np.nan], dtype)
    assert_same(
        fallback.sigmoid_grad_from_output(y),
        np.array([-np.inf, 0, 0.25, 0, -np.inf, np.nan], dtype),
    )


@every_dtype
def test_sigmoid_stays_between_0_and_1(dtype):
    y = fallback.sigmoid(inputs(dtype))
    assert y.min() >= 0
    assert y.max() <= 1


@every_dtype
def test_gradient_has_two_equal_tails_down_to_the_last_subnormal(dtype):
    limits = np.finfo(dtype)
    last = dtype(limits.nmant - limits.minexp) * np.log(dtype(2))
    x = np.linspace(last / 2, last, 200, dtype=dtype)
    assert (fallback.sigmoid_grad(x) > 0).all()
    assert_same(fallback.sigmoid_grad(-x), fallback.sigmoid_grad(x))


@every_dtype
def test_sigmoid_and_grad_is_the_two_functions(dtype):
    x = np.concatenate([inputs(dtype), hard_spots(dtype)])
    assert_same(fallback.sigmoid_and_grad(x), (fallback.sigmoid(x), fallback.sigmoid_grad(x)))


@every_dtype
@every_function
def test_no_input_raises_a_floating_point_error(function, dtype):
    x = np.concatenate([inputs(dtype), hard_spots(dtype)])
    with np.errstate(all="raise"):
        function(x)
        function(x, out=tuple(np.empty(x.shape, np.float16) for _ in range(function.nout)))


@every_function
def test_misuse_names_the_function(function):
    x = np.zeros((3, 4))
    name = re.escape(function.__name__)
    with pytest.raises(TypeError, match=rf"{name}\(\) takes from 1 to .* but 0 were given"):
        function()
    with pytest.raises(TypeError, match=rf"{name}\(\) takes from 1 to .* but 4 were given"):
        function(x, x, x, x)
    with pytest.raises(TypeError, match=rf"{name}\(\).*'order'"):
        function(x, order="C")
    with pytest.raises(TypeError, match=rf"{name}\(\).*'out' both"):
        function(x, x.copy(), out=(x.copy(),) * function.nout)
    with pytest.raises(TypeError, match=rf"{name}\(\) writes to arrays, not to list"):
        function(x, [1.0])
    with pytest.raises(ValueError, match=rf"{name}\(\) needs an 'out' tuple"):
        function(x, out=(None,) * 3)
    with pytest.raises(TypeError, match=rf"{name}\(\).*complex128"):
        function(x + 1j)


# What the functions say about themselves


def test_loops_are_listed_as_those_of_a_ufunc():
    assert fallback.sigmoid.types == ["d->d", "f->f", "g->g", "e->e"]
    assert fallback.sigmoid_and_grad.types == ["d->dd", "f->ff", "g->gg", "e->ee"]
    assert fallback.sigmoid.ntypes == 4
    assert repr(fallback.sigmoid) == "<ogive.fallback function 'sigmoid'>"


@every_function
def test_copies_are_the_function_itself(function):
    assert pickle.loads(pickle.dumps(function)) is function
    assert copy.copy(function) is function
    assert copy.deepcopy(function) is function
