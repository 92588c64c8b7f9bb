"""What several inputs bring with them: broadcasting, common dtypes, an output that is an input."""

import numpy as np
import pytest
from helpers import (
    BACKENDS,
    KINDS,
    SEVERAL,
    assert_same,
    buffers,
    every_dtype,
    functions_of,
    mixed,
    outputs,
)


@pytest.fixture(params=[name for name in KINDS if name in SEVERAL])
def name(request):
    """The name of a function of each number of several inputs and of outputs."""
    return request.param


@pytest.fixture(params=["numpy", *BACKENDS])
def function(request, name):
    """Each of them in pure NumPy and on each compiled backend."""
    return functions_of(request.param)[name]


def some(function, *shape, dtype=np.float64):
    """As many ordinary arrays as the function takes."""
    rng = np.random.default_rng(21)
    return [rng.normal(0, 2, shape).astype(dtype) for _ in range(function.nin)]


# Shapes


def test_scalars_are_broadcast(function):
    x = some(function, 3, 4)
    for position in range(function.nin):
        given, whole = [*x], [*x]
        given[position] = 0.75
        whole[position] = np.full((3, 4), 0.75)
        assert_same(function(*given), function(*whole))


def test_inputs_are_broadcast_with_each_other(function):
    shapes = [(5, 1, 4), (3, 1), (4,), (), (5, 3, 4)]
    rng = np.random.default_rng(22)
    for turn in range(len(shapes)):
        x = [rng.normal(0, 2, shapes[(turn + i) % 5]) for i in range(function.nin)]
        got = function(*x)
        whole = np.broadcast_arrays(*x)
        assert all(result.shape == whole[0].shape for result in outputs(got))
        assert_same(got, function(*map(np.ascontiguousarray, whole)))


def test_outer_product_by_broadcasting(function):
    column, row, *rest = some(function, 7)
    got = outputs(function(column[:, None], row, *(0.5 for _ in rest)))
    for i in range(7):
        for j in range(7):
            one = outputs(function(column[i], row[j], *(0.5 for _ in rest)))
            assert_same(tuple(result[i, j] for result in got), one)


def test_shapes_that_do_not_fit_are_refused_with_both(function):
    x = some(function, 3, 4)
    x[-1] = np.ones((2, 4))
    with pytest.raises(ValueError, match=r"(?s)broadcast.*\(3, ?4\).*\(2, ?4\)"):
        function(*x)


def test_empty_by_one_is_empty(function):
    x = [np.ones((0, 3)), *(np.ones((1, 3)) for _ in range(function.nin - 1))]
    assert all(result.shape == (0, 3) for result in outputs(function(*x)))


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64, np.longdouble])
def test_quarters_of_a_matrix_are_read_where_they_lie(dtype):
    # The gates of a cell as people have them: slices of one (batch, 4 hidden) product.
    hidden = 37
    rng = np.random.default_rng(23)
    gates = rng.normal(0, 3, (11, 4 * hidden)).astype(dtype)
    c = rng.normal(0, 1, (11, hidden)).astype(dtype)
    i, f, g, o = np.split(gates, 4, axis=1)
    assert not i.flags.c_contiguous
    for isa in ["numpy", *(isa for isa in BACKENDS if isinstance(isa, str))]:
        of = functions_of(isa)
        want = of["lstm_cell"](*(part.copy() for part in (i, f, g, o)), c)
        assert_same(of["lstm_cell"](i, f, g, o, c), want)
        h = np.zeros((11, 3 * hidden), dtype)[:, hidden : 2 * hidden]
        assert_same(of["lstm_cell"](i, f, g, o, c, out=(h, c.copy())), want)
        r, z, xn = (part[:, ::-1] for part in (i, f, g))
        want = of["gru_cell"](*map(np.ascontiguousarray, (r, z, xn, o, c)))
        assert_same(of["gru_cell"](r, z, xn, o, c), want)


# Dtypes


@pytest.mark.parametrize(
    ("first", "others", "computed"),
    [
        ("f4", "f8", "f8"), ("f8", "f4", "f8"), ("f2", "f4", "f4"), ("f4", "f2", "f4"),
        ("f2", "f8", "f8"), ("g", "f4", "g"), ("f2", "g", "g"), ("i1", "i8", "f8"),
        ("i8", "f8", "f8"), ("?", "?", "f8"), ("f4", "i8", "f8"), ("i8", "f4", "f8"),
        (">f4", "f4", "f4"), (">f8", ">f4", "f8"),
    ],
)  # fmt: skip
def test_dtypes_that_differ(function, first, others, computed):
    x = [(each / 4).astype(others) for each in some(function, 9)]
    x[0] = x[0].astype(first)
    got = function(*x)
    assert all(result.dtype == np.dtype(computed) for result in outputs(got))
    assert_same(got, function(*(each.astype(computed) for each in x)))


@every_dtype
@pytest.mark.parametrize("number", [0, 1, -1, 0.5, True, np.inf, np.nan], ids=repr)
def test_python_numbers_take_the_dtype_of_the_arrays(function, dtype, number):
    x = some(function, 9, dtype=dtype)
    for position in range(function.nin):
        given, whole = [*x], [*x]
        given[position] = number
        whole[position] = np.full(9, number, dtype)
        got = function(*given)
        assert all(result.dtype == dtype for result in outputs(got))
        assert_same(got, function(*whole))


@pytest.mark.parametrize("number", [2**70, -(2**70)], ids=["2**70", "-2**70"])
def test_python_integers_may_be_larger_than_those_of_numpy(function, number):
    for x in (some(function, 9, dtype=np.float32), [1.0] * function.nin):
        for position in range(function.nin):
            given, floats = [*x], [*x]
            given[position], floats[position] = number, float(number)
            assert_same(function(*given), function(*floats))


def test_python_numbers_alone_are_float64(function):
    for result in outputs(function(*[1] * function.nin)):
        assert type(result) is np.float64


@pytest.mark.parametrize(
    "bad", [1j, "1", None, np.array([1], "m8[s]"), np.array([1], object)], ids=repr
)
def test_what_is_not_real_is_refused_in_every_position(function, bad):
    for position in range(function.nin):
        x = [1.0] * function.nin
        x[position] = bad
        with pytest.raises(TypeError, match=function.__name__):
            function(*x)


# Memory


@every_dtype
def test_output_may_be_any_of_the_inputs(function, dtype):
    given = mixed(function.__name__, dtype, 3000)
    want = function(*given)
    for position in range(function.nin):
        for output in range(function.nout):
            x = [each.copy() for each in given]
            out = list(buffers(function, 3000, dtype))
            out[output] = x[position]
            got = function(*x, out=tuple(out))
            assert outputs(got)[output] is x[position]
            assert_same(got, want)


def test_outputs_may_be_two_of_the_inputs(function):
    given = mixed(function.__name__, np.float64, 3000)
    if function.nout == 2:
        want = function(*given)
        for first, second in [(0, 1), (1, 0), (function.nin - 1, 0)]:
            x = [each.copy() for each in given]
            assert_same(function(*x, out=(x[first], x[second])), want)


def test_inputs_may_be_one_array(function):
    (x, *_) = mixed(function.__name__, np.float64, 3000)
    want = function(*(x.copy() for _ in range(function.nin)))
    assert_same(function(*[x] * function.nin), want)
    x = x.copy()
    out = (x, *buffers(function, 3000)[1:])
    assert_same(function(*[x] * function.nin, out=out), want)


@pytest.mark.parametrize("shift", [-3, -1, 1, 3])
def test_overlap_with_any_of_the_inputs_is_copy_then_compute(function, shift):
    given = mixed(function.__name__, np.float64, 6000)
    for position in range(function.nin):
        x = [each[10:-10].copy() for each in given]
        want = function(*x)
        base = given[position].copy()
        x[position] = base[10:-10]
        out = (base[10 + shift : shift - 10], *buffers(function, x[0].shape)[1:])
        assert_same(function(*x, out=out), want)


@pytest.mark.parametrize("masked", [0.1, 0.9])
def test_masked_elements_are_left_alone(function, masked):
    x = mixed(function.__name__, np.float32, 4000)
    where = np.random.default_rng(24).random(4000) < masked
    got = function(*x, out=buffers(function, 4000, np.float32), where=where)
    want = tuple(np.where(where, result, np.float32(7)) for result in outputs(function(*x)))
    assert_same(got, want)
