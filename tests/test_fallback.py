"""The functions in pure NumPy: below 4 ulp in every dtype, and what is theirs alone.

What they share with the compiled ufuncs is in test_contract.py.
"""

import copy
import itertools
import pickle
import re
import warnings

import numpy as np
import pytest
from helpers import EVERY_FLOAT16, assert_same, compared, every_dtype, hard_spots, inputs
from reference import ulp_error

import ogive
from ogive import fallback
from ogive.fallback import FUNCTIONS

BOUND = 4  # ulp

every_function = pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)


# Values


def error(function, x):
    """The largest in ulp, and where."""
    x = compared(x)
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
    with pytest.raises(TypeError, match=rf"{name}\(\) got an unexpected .*'axis'"):
        function(*x, axis=0)
    with pytest.raises(TypeError, match=rf"{name}\(\) got both 'dtype' and 'signature'"):
        function(*x, dtype="f", signature="f" * least + "->" + "f" * function.nout)
    with pytest.raises(TypeError, match=rf"{name}\(\) needs 'signature' to be a string or a tuple"):
        function(*x, signature=np.float32)
    with pytest.raises(ValueError, match=rf"{name}\(\) needs a 'signature' of {most} dtypes"):
        function(*x, signature="d->")
    with pytest.raises(ValueError, match=rf"{name}\(\) cannot write .* \(2, 3, 4\) .* \(3, 4\)"):
        function(*x, where=np.ones((2, 3, 4), bool), out=(out,) * function.nout)
    with pytest.raises(AttributeError, match=rf"ogive\.{name} has no .*'reduce' in pure NumPy"):
        _ = function.reduce
    with pytest.raises(TypeError, match=rf"{name}\(\).*'out' both"):
        function(*x, out, out=(out,) * function.nout)
    with pytest.raises(TypeError, match=rf"{name}\(\) writes to arrays, not to list"):
        function(*x, [1.0])
    with pytest.raises(ValueError, match=rf"{name}\(\) needs an 'out' tuple"):
        function(*x, out=(None,) * 3)
    for position in range(function.nin):
        given = [*x]
        given[position] = out + np.clongdouble(1j)
        with pytest.raises(TypeError, match=rf"{name}\(\).*{given[position].dtype}"):
            function(*given)


# Containers and keywords: what a ufunc makes of them


class Container:
    """Has the interface of before NumPy 2."""

    def __array__(self, dtype=None, copy=None):
        return np.array([0.25, 0.75])

    def __array_wrap__(self, array):
        return type(self).__name__, array


class WithContext(Container):
    __array_priority__ = -5

    def __array_wrap__(self, array, context=None):
        return super().__array_wrap__(array), context[0].__name__, len(context[1]), context[2]


class ZeroDimensional(Container):
    __array_priority__ = 3

    def __array__(self, dtype=None, copy=None):
        return np.array(0.25)

    def __array_wrap__(self, array, context=None, return_scalar=False):
        return super().__array_wrap__(array), len(context[1]), return_scalar


class Subclass(np.ndarray):
    def __array_wrap__(self, array, context=None, return_scalar=False):
        return array is self, len(context[1]), return_scalar, array.view(np.ndarray)


OPERANDS = {
    "number": 0.5,
    "NumPy scalar": np.float32(0.5),
    "list": [0.25, 0.75],
    "array": np.array([0.25, 0.75]),
    "F-ordered": np.full((2, 2), 0.25, order="F"),
    "masked": np.ma.array([0.25, 0.75], mask=[True, False]),
    "masked, 0-d": np.ma.array(0.5, mask=True),
    "not masked, 0-d": np.ma.array(0.5),
    "np.ma.masked": np.ma.masked,
    "one row": np.array([[0.25, 0.75]]),
    "subclass": np.array([0.25, 0.75]).view(Subclass),
    "subclass, 0-d": np.array(0.25).view(Subclass),
    "one argument": Container(),
    "two arguments": WithContext(),
    "three arguments": ZeroDimensional(),
}
KEYWORDS = [
    {},
    {"out": np.zeros(2)},
    {"out": np.ma.zeros(2)},
    {"out": np.ma.array([0.0, 0.0], mask=[False, True])},
    {"out": np.zeros(2).view(Subclass)},
    {"out": np.zeros(2), "where": np.array([True, False])},
    {"out": np.ma.zeros(2), "where": np.array([True, False])},
    {"subok": False},
    {"order": "C"},
    {"order": "F"},
    {"order": "neither"},
    {"dtype": np.float32},
    {"signature": (None, None, np.float32)},
    {"signature": ("d", None, "f")},
    {"signature": "ff->f"},
]


def described(result):
    """All that can be told of a result: kind, dtype, shape, order, mask and rounded values."""
    if isinstance(result, tuple):
        return tuple(map(described, result))
    if not isinstance(result, np.ndarray | np.generic):
        return result
    mask = np.ma.getmaskarray(result).tolist()
    values = np.ma.getdata(result).astype(float).round(5).tolist()
    order = result.flags.c_contiguous, result.flags.f_contiguous
    return type(result), result.dtype, result.shape, order, mask, np.where(mask, 0, values).tolist()


def outcome(function, operands, keywords):
    """What a call returns or the kind of its error, and what it leaves in `out`."""
    operands, keywords = copy.deepcopy((operands, keywords))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # the interfaces of before
        try:
            result = described(function(*operands, **keywords))
        except (TypeError, ValueError) as error:
            result = TypeError if isinstance(error, TypeError) else ValueError
    return result, described(keywords.get("out"))


@pytest.mark.skipif(ogive.isa == "numpy", reason="needs the ufunc")
@pytest.mark.parametrize("first", OPERANDS)
def test_calls_are_those_of_a_ufunc(first):
    for second, keywords in itertools.product(OPERANDS.values(), KEYWORDS):
        operands = [OPERANDS[first], second]
        wanted = outcome(ogive.glu, operands, keywords)
        assert outcome(fallback.glu, operands, keywords) == wanted, (second, keywords)


# What the functions say about themselves


def test_loops_are_listed_as_those_of_a_ufunc():
    assert fallback.sigmoid.types == ["e->e", "f->f", "d->d", "g->g", "F->F", "D->D"]
    assert fallback.sigmoid_and_grad.types == ["e->ee", "f->ff", "d->dd", "g->gg"]
    assert fallback.gru_cell.types == ["eeeee->e", "fffff->f", "ddddd->d", "ggggg->g"]
    assert fallback.sigmoid.ntypes == 6
    assert repr(fallback.sigmoid) == "<ogive.fallback function 'sigmoid'>"


@every_function
def test_copies_are_the_function_itself(function):
    assert pickle.loads(pickle.dumps(function)) is function
    assert copy.copy(function) is function
    assert copy.deepcopy(function) is function
