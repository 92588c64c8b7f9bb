"""What the compiled ufuncs and the functions in pure NumPy promise alike to a NumPy user."""

import numpy as np
import pytest
from helpers import (
    BACKENDS,
    FLOATS,
    KINDS,
    alike,
    assert_same,
    buffers,
    every_dtype,
    functions_of,
    mixed,
    outputs,
)


@pytest.fixture(params=KINDS)
def name(request):
    """The name of a function of each number of inputs and outputs."""
    return request.param


@pytest.fixture(params=["numpy", *BACKENDS])
def function(request, name):
    """Each of them in pure NumPy and on each compiled backend."""
    return functions_of(request.param)[name]


def without_spaces(error):
    """The message of an error, with shapes written alike in NumPy and in Python."""
    return str(error.value).replace(" ", "")


# Dtypes, scalars and layouts


@pytest.mark.parametrize(
    ("given", "computed"),
    [(np.dtype(char), np.dtype(np.float64)) for char in "?bBhHiIlLqQ"]
    + [(np.dtype(dtype), np.dtype(dtype)) for dtype in FLOATS]
    + [(np.dtype(dtype).newbyteorder(), np.dtype(dtype)) for dtype in FLOATS],
    ids=lambda dtype: dtype.str,
)
def test_dtype_table(function, given, computed):
    x = alike(function, np.array([0, 1]).astype(given))
    assert_same(function(*x), function(*(each.astype(computed) for each in x)))
    for result in outputs(function(*x)):
        assert result.dtype == computed
        assert result.dtype.isnative


@pytest.mark.parametrize(
    "x", [np.clongdouble(1 + 2j), np.array([1j], np.clongdouble), "1", b"1", None,
          np.datetime64("2024-02-29"), np.timedelta64(1, "s"), np.array([1.0], object)], ids=repr
)  # fmt: skip
def test_what_is_not_real_is_refused_by_name(function, x):
    with pytest.raises(TypeError) as error:
        function(*[x] * function.nin)
    assert function.__name__ in str(error.value)


def test_one_integer_that_is_too_large_is_refused_by_name(function):
    if function.nin == 1:  # NumPy turns several into float64
        with pytest.raises(TypeError, match=function.__name__):
            function(2**70)


@pytest.mark.parametrize(
    ("x", "scalar"),
    [(1, np.float64), (True, np.float64), (1.0, np.float64)]
    + [(dtype(1), dtype) for dtype in FLOATS]
    + [(np.array(1, dtype), dtype) for dtype in FLOATS],
    ids=repr,
)
def test_scalars_and_0d_arrays_give_scalars(function, x, scalar):
    for result, want in zip(
        outputs(function(*[x] * function.nin)),
        outputs(function(*[[x]] * function.nin)),
        strict=True,
    ):
        assert type(result) is scalar
        assert result == want[0]


def test_lists_and_empty_arrays(function):
    x = alike(function, np.arange(4.0).reshape(2, 2))
    assert_same(function(*(each.tolist() for each in x)), function(*x))
    for shape in [(0,), (3, 0), (0, 2, 4)]:
        for result in outputs(function(*[np.empty(shape, np.float32)] * function.nin)):
            assert result.shape == shape
            assert result.dtype == np.float32


LAYOUTS = {
    "strided": lambda x: x[::3],
    "reversed": lambda x: x[::-1],
    "Fortran order": lambda x: np.asfortranarray(x.reshape(60, 100)),
    "transposed": lambda x: x.reshape(20, 3, 100).transpose(2, 0, 1),
    "sliced": lambda x: x.reshape(60, 100)[::2, 1::3],
    "reversed twice": lambda x: x.reshape(60, 100)[::-1, ::-1],
    "short rows": lambda x: x.reshape(-1, 5)[:, :3],
    "broadcast": lambda x: np.broadcast_to(x[:300], (20, 300)),
    "read-only": lambda x: np.frombuffer(x.tobytes(), x.dtype),
    "misaligned": lambda x: np.frombuffer(b"." + x.tobytes(), x.dtype, offset=1),
    "swapped bytes": lambda x: x.astype(x.dtype.newbyteorder()),
    "swapped bytes, strided": lambda x: x.astype(x.dtype.newbyteorder())[::-3],
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS)
@every_dtype
def test_layout_does_not_matter(function, dtype, layout):
    x = [layout(each) for each in mixed(function.__name__, dtype, 6000)]
    want = function(*(np.array(each, dtype, order="C") for each in x))
    assert_same(function(*x), want)
    out = tuple(np.zeros_like(x[0]) for _ in outputs(want))
    assert_same(function(*x, out=out), tuple(w.astype(x[0].dtype) for w in outputs(want)))


def test_memory_order_is_kept(function):
    for result in outputs(function(*[np.ones((3, 4), order="F")] * function.nin)):
        assert result.flags.f_contiguous


class Recorder:
    """Takes over the ufuncs that are called with it."""

    def __array_ufunc__(self, ufunc, method, *inputs, **kwargs):
        return ufunc, method, len(inputs), sorted(kwargs)


def test_array_ufunc_takes_over(function):
    for position in range(function.nin):
        x = [1.0] * function.nin
        x[position] = Recorder()
        assert function(*x) == (function, "__call__", function.nin, [])
        assert function(*x, where=[True]) == (function, "__call__", function.nin, ["where"])
    out = (Recorder(), *[None] * (function.nout - 1))
    x = [1.0] * function.nin
    assert function(*x, out=out) == (function, "__call__", function.nin, ["out"])


class Refusal:
    """Takes no ufunc."""

    __array_ufunc__ = None


class Undecided:
    """Leaves every ufunc to the other operands."""

    def __array_ufunc__(self, *args, **kwargs):
        return NotImplemented


@pytest.mark.parametrize(("operand", "complaint"), [(Refusal, "None"), (Undecided, "NotImpl")])
def test_array_ufunc_refuses(function, operand, complaint):
    with pytest.raises(TypeError, match=complaint):
        function(*[operand()] * function.nin)


# out, where, dtype, casting

X = np.linspace(-5, 5, 12).reshape(3, 4)


def given(function, x=X):
    return alike(function, x)


def test_out_is_filled_and_returned(function):
    out = buffers(function, X.shape)
    for result in (function(*given(function), out=out), function(*given(function), *out)):
        assert all(r is o for r, o in zip(outputs(result), out, strict=True))
        assert_same(result, function(*given(function)))


def test_out_of_one_output_may_be_the_array_itself(function):
    if function.nout == 1:
        out = np.empty_like(X)
        assert function(*given(function), out=out) is out
        assert_same(out, function(*given(function)))
    else:
        with pytest.raises(TypeError, match=r"tuple"):
            function(*given(function), out=np.empty_like(X))


def test_none_in_out_is_allocated(function):
    assert_same(function(*given(function), out=(None,) * function.nout), function(*given(function)))
    assert_same(function(*given(function), None), function(*given(function)))


def test_some_of_the_outputs_may_be_given(function):
    for position in range(function.nout):
        out = [None] * function.nout
        out[position] = np.empty_like(X)
        results = outputs(function(*given(function), out=tuple(out)))
        assert results[position] is out[position]
        assert_same(results, function(*given(function)))


def test_out_of_another_dtype_holds_the_cast_result(function):
    x = given(function, X.astype(np.float16))
    for dtype in (np.float64, np.float32, ">f8", np.complex128):
        got = function(*x, out=buffers(function, X.shape, dtype))
        assert_same(got, tuple(result.astype(dtype) for result in outputs(function(*x))))


def test_input_is_broadcast_to_a_larger_out(function):
    x = given(function, X[0])
    got = function(*x, out=buffers(function, X.shape))
    assert_same(got, function(*(np.broadcast_to(each, X.shape) for each in x)))


@pytest.mark.parametrize("shape", [(4,), (3, 3), (2, 3, 5), ()])
def test_wrong_shape_of_out_names_both_shapes(function, shape):
    with pytest.raises(ValueError, match="shape") as error:
        function(*given(function), out=buffers(function, shape))
    assert str(shape).replace(" ", "") in without_spaces(error)
    assert "(3,4)" in without_spaces(error)


def test_read_only_out_is_refused(function):
    out = buffers(function, X.shape)
    out[-1].flags.writeable = False
    with pytest.raises(ValueError, match=r"read-only"):
        function(*given(function), out=out)
    assert all((buffer == 7).all() for buffer in out)


def test_casting_rule_of_out(function):
    out = buffers(function, X.shape, np.int64)
    with pytest.raises(TypeError) as error:
        function(*given(function), out=out)
    for part in (function.__name__, "output", "float64", "int64", "same_kind"):
        assert part in str(error.value)
    assert_same(
        function(*given(function), out=out, casting="unsafe"),
        tuple(result.astype(np.int64) for result in outputs(function(*given(function)))),
    )


def test_casting_rule_of_the_input(function):
    with pytest.raises(TypeError) as error:
        function(*given(function), dtype=np.float32, casting="safe")
    for part in (function.__name__, "input", "float64", "float32", "safe"):
        assert part in str(error.value)
    with pytest.raises(ValueError, match="casting must be one of"):
        function(*given(function), casting="loose")


@every_dtype
def test_dtype_selects_the_loop(function, dtype):
    assert_same(
        function(*given(function), dtype=dtype), function(*given(function, X.astype(dtype)))
    )


@pytest.mark.parametrize("dtype", [np.int64, np.clongdouble, bool, object])
def test_dtype_without_a_loop_is_refused(function, dtype):
    with pytest.raises(TypeError, match=rf"(?i)(?=.*no loop).*\b{function.__name__}\b"):
        function(*given(function), dtype=dtype)


@pytest.mark.parametrize(
    "where", [[True, False, True, True], [[True], [False], [True]], False, True, X > 0], ids=repr
)
def test_where_leaves_the_rest_untouched(function, where):
    got = function(*given(function), out=buffers(function, X.shape), where=where)
    assert_same(
        got, tuple(np.where(where, result, 7.0) for result in outputs(function(*given(function))))
    )


def test_where_leaves_the_rest_untouched_in_another_dtype(function):
    beyond_float64 = 2**53 + 1
    out = buffers(function, X.shape, np.int64, fill=beyond_float64)
    for result in outputs(function(*given(function), out=out, where=X > 0, casting="unsafe")):
        assert (result[X <= 0] == beyond_float64).all()
        assert (abs(result[X > 0]) <= 20).all()


def test_wrong_shapes_with_where_are_refused(function):
    with pytest.raises(ValueError, match="shape") as error:
        function(*given(function), out=buffers(function, (4,)), where=X > 0)
    assert "(3,4)" in without_spaces(error)
    assert "(4,)" in without_spaces(error)
    with pytest.raises(ValueError, match="broadcast") as error:
        function(*given(function), out=buffers(function, X.shape), where=[True, False])
    assert "(3,4)" in without_spaces(error)
    assert "(2,)" in without_spaces(error)


def test_where_is_broadcast_with_the_input(function):
    rows = np.ones((5, 1, 1), bool)
    got = function(*given(function), out=(None,) * function.nout, where=rows)
    x = (np.broadcast_to(each, (5, 3, 4)) for each in given(function))
    assert_same(got, function(*x))


OVERLAPS = {
    "in place": lambda a: (a, a),
    "forward": lambda a: (a[:-1], a[1:]),
    "backward": lambda a: (a[1:], a[:-1]),
    "reversed": lambda a: (a, a[::-1]),
    "strided": lambda a: (a[: a.size // 2], a[: a.size // 2 * 2 : 2]),
}


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("overlap", OVERLAPS.values(), ids=OVERLAPS)
def test_overlap_is_copy_then_compute(function, overlap, masked):
    x, out = overlap(np.linspace(-9, 9, 50_001))
    where = np.arange(x.size) % 3 > 0 if masked else True
    others = buffers(function, x.shape)[1:]
    rest = given(function, x.copy())[1:]
    want = function(x.copy(), *rest, out=(out.copy(), *map(np.copy, others)), where=where)
    got = function(x, *rest, out=(out, *others), where=where)
    assert_same(got, want)
