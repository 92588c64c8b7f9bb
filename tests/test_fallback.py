"""The functions in pure NumPy: below 4 ulp in every dtype, and the manners of a ufunc."""

import copy
import pickle
import re
from pathlib import Path

import numpy as np
import pytest
from reference import REFERENCE, ulp_error

from ogive import fallback
from ogive.fallback import FUNCTIONS

BOUND = 4  # ulp
FLOATS = [np.float16, np.float32, np.float64, np.longdouble]
REGISTRY = Path(__file__).parents[1] / "csrc" / "functions.h"

every_function = pytest.mark.parametrize("function", FUNCTIONS.values(), ids=FUNCTIONS)
every_dtype = pytest.mark.parametrize("dtype", FLOATS)


def outputs(result):
    return result if isinstance(result, tuple) else (result,)


def assert_same(got, want):
    """The same values and dtypes, NaN for NaN, in every output."""
    for g, w in zip(outputs(got), outputs(want), strict=True):
        assert np.asarray(g).dtype == np.asarray(w).dtype
        np.testing.assert_array_equal(g, w)


def inputs(dtype, size=20_000):
    """Numbers of all magnitudes, and as many where the results are neither 0 nor 1."""
    rng = np.random.default_rng(20240229)
    limits = np.finfo(dtype)
    mantissas = rng.uniform(-1, 1, size).astype(dtype)
    exponents = rng.integers(limits.minexp - limits.nmant, limits.maxexp, size)
    zero_below = (limits.nmant - limits.minexp + 2) * np.log(dtype(2))
    near_one = (limits.nmant + 3) * np.log(dtype(2))
    return np.concatenate(
        [
            np.ldexp(mantissas, exponents).astype(dtype),
            rng.uniform(-1, 1, size).astype(dtype) * zero_below,
            rng.uniform(-1, 1, size).astype(dtype) * near_one,
            rng.uniform(-1, 1, size).astype(dtype),
        ]
    )


def hard_spots(dtype):
    """Where results leave 0, 1/2 and 1, become subnormal, or cross a power of two."""
    limits = np.finfo(dtype)
    powers = np.arange(limits.minexp - limits.nmant, limits.nmant + 3)
    crossings = powers * np.log(dtype(2))
    spots = np.concatenate(
        [
            crossings.astype(dtype),
            np.ldexp(dtype(1), powers).astype(dtype),
            np.array([0, limits.tiny, limits.smallest_subnormal, limits.max], dtype),
        ]
    )
    with np.errstate(over="ignore"):
        spots = np.concatenate([np.nextafter(spots, dtype(side)) for side in (-np.inf, np.inf)])
    return np.concatenate([spots, -spots])


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
    x = np.arange(2**16, dtype=np.uint16).view(np.float16)
    assert ulp_error(function.__name__, x, function(x)).max() < BOUND


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
    x = np.concatenate([inputs(dtype), hard_spots(dtype), np.array([np.nan, np.inf], dtype)])
    assert_same(fallback.sigmoid_and_grad(x), (fallback.sigmoid(x), fallback.sigmoid_grad(x)))


@every_dtype
@every_function
def test_no_input_raises_a_floating_point_error(function, dtype):
    x = np.concatenate(
        [inputs(dtype), hard_spots(dtype), np.array([np.nan, np.inf, -np.inf], dtype)]
    )
    with np.errstate(all="raise"):
        function(x)
        function(x, out=tuple(np.empty(x.shape, np.float16) for _ in range(function.nout)))


# Dtypes, scalars and layouts


@pytest.mark.parametrize(
    ("given", "computed"),
    [(np.dtype(char), np.dtype(np.float64)) for char in "?bBhHiIlLqQ"]
    + [(np.dtype(dtype), np.dtype(dtype)) for dtype in FLOATS]
    + [(np.dtype(dtype).newbyteorder(), np.dtype(dtype)) for dtype in FLOATS],
    ids=lambda dtype: dtype.str,
)
@every_function
def test_dtype_table(function, given, computed):
    x = np.array([0, 1]).astype(given)
    assert_same(function(x), function(x.astype(computed)))
    for result in outputs(function(x)):
        assert result.dtype == computed
        assert result.dtype.isnative


@pytest.mark.parametrize(
    "x", [1 + 2j, np.array([1j], np.complex64), "1", b"1", None, 2**70, np.datetime64("2024-02-29"),
          np.timedelta64(1, "s"), np.array([1.0], object)], ids=repr
)  # fmt: skip
@every_function
def test_what_is_not_real_is_refused_by_name(function, x):
    with pytest.raises(TypeError) as error:
        function(x)
    assert function.__name__ in str(error.value)
    assert str(np.asarray(x).dtype) in str(error.value)


@pytest.mark.parametrize(
    ("x", "scalar"),
    [(1, np.float64), (True, np.float64), (1.0, np.float64)]
    + [(dtype(1), dtype) for dtype in FLOATS]
    + [(np.array(1, dtype), dtype) for dtype in FLOATS],
    ids=repr,
)
@every_function
def test_scalars_and_0d_arrays_give_scalars(function, x, scalar):
    for result, want in zip(outputs(function(x)), outputs(function([x])), strict=True):
        assert type(result) is scalar
        assert result == want[0]


@every_function
def test_lists_and_empty_arrays(function):
    assert_same(function([[0.0, 1.0], [2.0, 3.0]]), function(np.arange(4.0).reshape(2, 2)))
    for shape in [(0,), (3, 0), (0, 2, 4)]:
        for result in outputs(function(np.empty(shape, np.float32))):
            assert result.shape == shape
            assert result.dtype == np.float32


LAYOUTS = {
    "strided": lambda x: x[::3],
    "reversed": lambda x: x[::-1],
    "fortran": lambda x: x.reshape(100, -1).T,
    "sliced": lambda x: x.reshape(200, -1)[::2, 1::3],
    "broadcast": lambda x: np.broadcast_to(x[:300], (100, 300)),
    "read-only": lambda x: np.frombuffer(x.tobytes(), x.dtype),
    "misaligned": lambda x: np.frombuffer(b"." + x.tobytes(), x.dtype, offset=1),
    "swapped bytes": lambda x: x.astype(x.dtype.newbyteorder()),
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@every_dtype
@every_function
def test_layout_does_not_matter(function, dtype, layout):
    x = layout(np.linspace(-20, 20, 60_000).astype(dtype))
    assert_same(function(x), function(np.array(x, dtype)))


def test_memory_order_is_kept():
    assert fallback.sigmoid(np.ones((3, 4), order="F")).flags.f_contiguous


def test_masked_arrays_keep_their_mask():
    x = np.ma.array([0.0, 1.0, 2.0], mask=[False, True, False])
    y = fallback.sigmoid(x)
    assert isinstance(y, np.ma.MaskedArray)
    assert y.mask.tolist() == [False, True, False]


# out, where, dtype, casting

X = np.linspace(-5, 5, 12).reshape(3, 4)


def buffers(function, shape, dtype=np.float64, fill=7):
    return tuple(np.full(shape, fill, dtype) for _ in range(function.nout))


@every_function
def test_out_is_filled_and_returned(function):
    out = buffers(function, X.shape)
    for result in (function(X, out=out), function(X, *out)):
        assert all(r is o for r, o in zip(outputs(result), out, strict=True))
        assert_same(result, function(X))


def test_out_may_be_one_array_for_one_output():
    out = np.empty_like(X)
    assert fallback.sigmoid(X, out=out) is out
    with pytest.raises(TypeError, match=r"sigmoid_and_grad.*tuple"):
        fallback.sigmoid_and_grad(X, out=out)


@every_function
def test_none_in_out_is_allocated(function):
    assert_same(function(X, out=(None,) * function.nout), function(X))
    assert_same(function(X, None), function(X))


def test_one_of_two_outputs_may_be_given():
    dy = np.empty_like(X)
    y, returned = fallback.sigmoid_and_grad(X, out=(None, dy))
    assert returned is dy
    assert_same((y, dy), fallback.sigmoid_and_grad(X))


@every_function
def test_out_of_another_dtype_holds_the_cast_result(function):
    x = X.astype(np.float16)
    for dtype in (np.float64, np.float32, ">f8", np.complex128):
        got = function(x, out=buffers(function, x.shape, dtype))
        assert_same(got, tuple(result.astype(dtype) for result in outputs(function(x))))


@every_function
def test_input_is_broadcast_to_a_larger_out(function):
    got = function(X[0], out=buffers(function, X.shape))
    assert_same(got, function(np.broadcast_to(X[0], X.shape)))


@pytest.mark.parametrize("shape", [(4,), (3, 3), (2, 3, 5), ()])
@every_function
def test_wrong_shape_of_out_names_both_shapes(function, shape):
    with pytest.raises(ValueError, match=re.escape(str(shape).replace(" ", ""))) as error:
        function(X, out=buffers(function, shape))
    assert "(3,4)" in str(error.value)


@every_function
def test_read_only_out_is_refused(function):
    out = buffers(function, X.shape)
    out[-1].flags.writeable = False
    with pytest.raises(ValueError, match=r"read-only"):
        function(X, out=out)
    assert all((buffer == 7).all() for buffer in out)


@every_function
def test_casting_rule_of_out(function):
    out = buffers(function, X.shape, np.int64)
    with pytest.raises(TypeError) as error:
        function(X, out=out)
    for part in (function.__name__, "output", "float64", "int64", "same_kind"):
        assert part in str(error.value)
    assert_same(
        function(X, out=out, casting="unsafe"),
        tuple(result.astype(np.int64) for result in outputs(function(X))),
    )


@every_function
def test_casting_rule_of_the_input(function):
    with pytest.raises(TypeError) as error:
        function(X, dtype=np.float32, casting="safe")
    for part in (function.__name__, "input", "float64", "float32", "safe"):
        assert part in str(error.value)
    with pytest.raises(ValueError, match="casting must be one of"):
        function(X, casting="loose")


@every_dtype
@every_function
def test_dtype_selects_the_loop(function, dtype):
    assert_same(function(X, dtype=dtype), function(X.astype(dtype)))


@pytest.mark.parametrize("dtype", [np.int64, np.complex128, bool, object])
@every_function
def test_dtype_without_a_loop_is_refused(function, dtype):
    with pytest.raises(TypeError, match=rf"{function.__name__}\(\) has no loop"):
        function(X, dtype=dtype)


@pytest.mark.parametrize(
    "where", [[True, False, True, True], [[True], [False], [True]], False, True, X > 0], ids=repr
)
@every_function
def test_where_leaves_the_rest_untouched(function, where):
    got = function(X, out=buffers(function, X.shape), where=where)
    assert_same(got, tuple(np.where(where, result, 7.0) for result in outputs(function(X))))


@every_function
def test_where_leaves_the_rest_untouched_in_another_dtype(function):
    beyond_float64 = 2**53 + 1
    out = buffers(function, X.shape, np.int64, fill=beyond_float64)
    for result in outputs(function(X, out=out, where=X > 0, casting="unsafe")):
        assert (result[X <= 0] == beyond_float64).all()
        assert (abs(result[X > 0]) <= 20).all()


@every_function
def test_wrong_shapes_with_where_are_refused(function):
    with pytest.raises(ValueError, match=r"\(3,4\).*\(4,\)"):
        function(X, out=buffers(function, (4,)), where=X > 0)
    with pytest.raises(ValueError, match=r"\(3, 4\).*\(2,\)"):
        function(X, where=[True, False])


@every_function
def test_where_is_broadcast_with_the_input(function):
    rows = np.ones((5, 1, 1), bool)
    assert_same(function(X, where=rows), function(np.broadcast_to(X, (5, 3, 4))))


OVERLAPS = {
    "in place": lambda a: (a, a),
    "forward": lambda a: (a[:-1], a[1:]),
    "backward": lambda a: (a[1:], a[:-1]),
    "reversed": lambda a: (a, a[::-1]),
    "strided": lambda a: (a[: a.size // 2], a[: a.size // 2 * 2 : 2]),
}


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("overlap", OVERLAPS.values(), ids=OVERLAPS)
@every_function
def test_overlap_is_copy_then_compute(function, overlap, masked):
    x, out = overlap(np.linspace(-9, 9, 50_001))
    where = np.arange(x.size) % 3 > 0 if masked else True
    others = buffers(function, x.shape)[1:]
    want = function(x.copy(), out=(out.copy(), *map(np.copy, others)), where=where)
    got = function(x, out=(out, *others), where=where)
    assert_same(got, want)


@every_function
def test_misuse_names_the_function(function):
    name = re.escape(function.__name__)
    with pytest.raises(TypeError, match=rf"{name}\(\) takes from 1 to .* but 0 were given"):
        function()
    with pytest.raises(TypeError, match=rf"{name}\(\) takes from 1 to .* but 4 were given"):
        function(X, X, X, X)
    with pytest.raises(TypeError, match=rf"{name}\(\).*'order'"):
        function(X, order="C")
    with pytest.raises(TypeError, match=rf"{name}\(\).*'out' both"):
        function(X, X.copy(), out=(X.copy(),) * function.nout)
    with pytest.raises(TypeError, match=rf"{name}\(\) writes to arrays, not to list"):
        function(X, [1.0])
    with pytest.raises(ValueError, match=rf"{name}\(\) needs an 'out' tuple"):
        function(X, out=(None,) * 3)


# What the functions say about themselves


def test_every_row_of_the_registry_has_a_function_with_its_summary_and_aliases():
    text = re.sub(r"\\\n\s*", "", REGISTRY.read_text(encoding="utf-8"))
    rows = re.findall(r'OGIVE_ROW\((\w+), (\d), (\d), "([^"]*)",\s*"([^"]*)"\)', text)
    assert [name for name, *_ in rows] == list(FUNCTIONS) == list(REFERENCE)
    for name, nin, nout, aliases, summary in rows:
        function = FUNCTIONS[name]
        assert (function.nin, function.nout) == (int(nin), int(nout))
        assert function.__doc__.splitlines()[0] == summary
        for public in [name, *aliases.split()]:
            assert getattr(fallback, public) is function
            assert public in fallback.__all__


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
