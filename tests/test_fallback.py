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


def error(function, x):
    """The largest in ulp, and where."""
    errors = ulp_error(function.__name__, x, function(*x))
    return errors.max(), [float(each[errors.argmax()]).hex() for each in x]


@every_dtype
@every_function
def test_below_four_ulp_at_all_magnitudes(function, dtype):
    largest, where = error(function, inputs(function.__name__, dtype, 2000))
    assert largest < BOUND, where


@every_dtype
@every_function
def test_below_four_ulp_at_hard_spots(function, dtype):
    largest, where = error(function, hard_spots(function.__name__, dtype))
    assert largest < BOUND, where


@every_function
def test_below_four_ulp_on_every_float16(function):
    x = [EVERY_FLOAT16]
    if function.nin > 1:
        x = np.random.default_rng(16).choice(EVERY_FLOAT16, (function.nin, 10_000))
    largest, where = error(function, tuple(x))
    assert largest < BOUND, where


@every_dtype
def test_sigmoid_stays_between_0_and_1(dtype):
    y = fallback.sigmoid(*inputs("sigmoid", dtype))
    assert y.min() >= 0
    assert y.max() <= 1


@pytest.mark.parametrize(
    "x", [np.float16(8.3125), np.float32(17.328678131103516), 36.9, 37.42994775023704], ids=str
)
def test_sigmoid_is_below_1_wherever_its_rounded_value_is(x):
    assert fallback.sigmoid(x) < 1
    assert fallback.sigmoid_and_grad(x)[0] < 1


@every_dtype
def test_gradient_has_two_equal_tails_down_to_the_last_subnormal(dtype):
    limits = np.finfo(dtype)
    last = dtype(limits.nmant - limits.minexp) * np.log(dtype(2))
    x = np.linspace(last / 2, last, 200, dtype=dtype)
    assert (fallback.sigmoid_grad(x) > 0).all()
    assert_same(fallback.sigmoid_grad(-x), fallback.sigmoid_grad(x))


@every_function
def test_misuse_names_the_function(function):
    x = [np.zeros((3, 4))] * function.nin
    out = np.zeros((3, 4))
    name, least, most = re.escape(function.__name__), function.nin, function.nin + function.nout
    for count in (least - 1, most + 1):
        takes = rf"{name}\(\) takes from {least} to {most} .* but {count} were given"
        with pytest.raises(TypeError, match=takes):
            function(*[out] * count)
    with pytest.raises(TypeError, match=rf"{name}\(\).*'order'"):
        function(*x, order="C")
    with pytest.raises(TypeError, match=rf"{name}\(\).*'out' both"):
        function(*x, out, out=(out,) * function.nout)
    with pytest.raises(TypeError, match=rf"{name}\(\) writes to arrays, not to list"):
        function(*x, [1.0])
    with pytest.raises(ValueError, match=rf"{name}\(\) needs an 'out' tuple"):
        function(*x, out=(None,) * 3)
    for position in range(function.nin):
        given = [*x]
        given[position] = out + 1j
        with pytest.raises(TypeError, match=rf"{name}\(\).*complex128"):
            function(*given)


# What the functions say about themselves


def test_loops_are_listed_as_those_of_a_ufunc():
    assert fallback.sigmoid.types == ["d->d", "f->f", "g->g", "e->e"]
    assert fallback.sigmoid_and_grad.types == ["d->dd", "f->ff", "g->gg", "e->ee"]
    assert fallback.gru_cell.types == ["ddddd->d", "fffff->f", "ggggg->g", "eeeee->e"]
    assert fallback.sigmoid.ntypes == 4
    assert repr(fallback.sigmoid) == "<ogive.fallback function 'sigmoid'>"


@every_function
def test_copies_are_the_function_itself(function):
    assert pickle.loads(pickle.dumps(function)) is function
    assert copy.copy(function) is function
    assert copy.deepcopy(function) is function
