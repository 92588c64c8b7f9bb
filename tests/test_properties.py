"""Any arrays and arguments: each call is a computation on contiguous native copies.

What a computation on such arrays gives is asked of the function itself; test_layout.py shows that
it is the result of each element alone, test_values.py that this is right.
"""

import numpy as np
import pytest
from helpers import FLOATS, assert_same, mixed, outputs
from hypothesis import assume, given
from hypothesis import strategies as st

LONG = [130, 513, 2100]  # of a last axis, beside short ones
FLOAT_DTYPES = [np.dtype(dtype).newbyteorder(order) for dtype in FLOATS for order in "=S"]
INPUT_DTYPES = [*FLOAT_DTYPES, *map(np.dtype, ["?", "i1", "u2", ">i4", "i8"])]
CASTING = ["no", "equiv", "safe", "same_kind", "same_kind", "unsafe", "unsafe"]
STEPS = st.sampled_from([1, 1, 1, -1, 2, -2, 3])


@pytest.fixture
def function(functions, name):
    """Each function in pure NumPy and on each compiled backend."""
    return functions[name]


@st.composite
def shapes(draw):
    shape = draw(st.lists(st.integers(0, 5), max_size=3))
    if draw(st.booleans()):
        shape.append(draw(st.sampled_from(LONG)))
    return tuple(shape)


@st.composite
def empty_arrays(draw, shape, dtype):
    """Arrays of any strides and alignment, in a block of bytes that have been 0xA5."""
    steps = [draw(STEPS) for _ in shape]
    axes = draw(st.permutations(range(len(shape))))
    whole = [shape[axis] * abs(steps[axis]) for axis in axes]
    offset = draw(st.integers(0, 17))
    block = np.full(offset + int(np.prod(whole)) * dtype.itemsize, 0xA5, np.uint8)
    array = block[offset:].view(dtype).reshape(whole).transpose(np.argsort(axes))
    return array[(*(slice(None, None, step) for step in steps), ...)]


@st.composite
def parts(draw, shape):
    """Shapes that are broadcast to `shape`."""
    part = [1 if draw(st.integers(0, 4)) == 0 else size for size in shape]
    return tuple(part[draw(st.integers(0, len(part))) :] if draw(st.booleans()) else part)


def fill(rng, x, values):
    """Some of the values, or small integers where the array takes no others."""
    if x.dtype.kind != "f":
        values = np.arange(2 if x.dtype.kind == "b" else 100)
    x[...] = rng.choice(values, x.shape)


@st.composite
def calls(draw, function):
    """Inputs, outputs (None where they are to be allocated), mask, dtype and casting of a call."""
    name = function.__name__
    shape = draw(shapes())
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    common = draw(st.sampled_from(INPUT_DTYPES))
    x = []
    for position in range(function.nin):
        dtype = common if draw(st.booleans()) else draw(st.sampled_from(INPUT_DTYPES))
        x.append(draw(empty_arrays(draw(parts(shape)), dtype)))
        native = dtype.newbyteorder("=").type if dtype.kind == "f" else np.float64
        fill(rng, x[-1], mixed(name, native, 6000)[position])
    out = []
    for _ in range(function.nout):
        out.append(None)
        if draw(st.booleans()):
            out[-1] = draw(empty_arrays(shape, draw(st.sampled_from(FLOAT_DTYPES))))
            out[-1][...] = 7
    where = True
    if draw(st.booleans()):
        where = draw(empty_arrays(draw(parts(shape)), np.dtype(bool)))
        where[...] = rng.random(where.shape) < draw(st.sampled_from([0.1, 0.5, 0.9]))
    dtype = draw(st.sampled_from([None, None, *map(np.dtype, FLOATS)]))
    return x, out, where, dtype, draw(st.sampled_from(CASTING))


def loop_dtype(x):
    """The dtype that NumPy's promotion and the loops of a function give."""
    common = np.result_type(*x)
    return common.newbyteorder("=") if common.kind == "f" else np.dtype(np.float64)


@given(data=st.data())
def test_any_call_is_a_computation_on_contiguous_native_copies(function, data):
    x, out, where, dtype, casting = data.draw(calls(function))
    options = {"casting": casting}
    if dtype is not None:
        options["dtype"] = dtype
    loop = dtype or loop_dtype(x)
    shape = np.broadcast_shapes(*(np.shape(each) for each in (*x, *out, where) if each is not None))
    before = [None if o is None else o.copy() for o in out]
    given_x = [each.copy() for each in x]
    fits = all(np.can_cast(each.dtype, loop, casting) for each in x) and all(
        np.can_cast(loop, o.dtype, casting) for o in out if o is not None
    )
    with np.errstate(all="ignore"):  # a cast of an output may overflow
        if not fits:
            with pytest.raises(TypeError, match=function.__name__):
                function(*x, out=tuple(out), where=where, **options)
            got = out
            want = before
        else:
            got = outputs(function(*x, out=tuple(out), where=where, **options))
            copies = [np.array(np.broadcast_to(each, shape), loop, order="C") for each in x]
            want = [
                np.where(where, result.astype(b.dtype), b) if b is not None else result
                for result, b in zip(outputs(function(*copies)), before, strict=True)
            ]
    for g, o, w in zip(got, out, want, strict=True):
        if o is not None:
            assert g is o
            assert_same(g, w.astype(o.dtype))
        elif w is not None:
            assert np.shape(g) == np.shape(w)
            mask = np.broadcast_to(where, np.shape(w))
            assert_same(np.asarray(g)[mask], np.asarray(w)[mask])
    for each, copy in zip(x, given_x, strict=True):
        assert each.tobytes() == copy.tobytes()


# Overlap, after NumPy's own tests of it


@st.composite
def views(draw, base, shape):
    """Views of an array, each axis at any start and step of either sign, perhaps transposed."""
    base = base.transpose(draw(st.permutations(range(base.ndim))))
    index = []
    for size, available in zip(shape, base.shape, strict=True):
        steps = [1, -1, 2, -2, 3]
        step = draw(st.sampled_from([s for s in steps if (size - 1) * abs(s) < available]))
        span = (size - 1) * abs(step)
        start = draw(st.integers(0, available - span - 1))
        stop = start + span
        index.append(
            slice(start, stop + 1, step)
            if step > 0
            else slice(stop, start - 1 if start else None, step)
        )
    return base[tuple(index)]


BASES = [((3000,), 1400), ((40, 30), 25), ((11, 12, 10), 6)]


@given(data=st.data())
def test_overlap_of_any_views_is_copy_then_compute(function, data):
    draw = data.draw
    dtype = draw(st.sampled_from(FLOATS))
    base_shape, most = draw(st.sampled_from(BASES))
    shape = tuple(draw(st.integers(1, most)) for _ in base_shape)
    base = np.empty(base_shape, dtype)
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    masks = ["none", "apart", "overlapping"]
    mask = draw(st.sampled_from(masks[:2] if dtype == np.longdouble else masks))
    if mask == "overlapping":  # bytes that are bools and parts of numbers
        base[...] = rng.integers(0, 2, base.nbytes, np.uint8).view(dtype).reshape(base_shape)
    else:
        fill(rng, base, mixed(function.__name__, dtype, 6000)[0])
    x = []
    for _ in range(function.nin):
        part = tuple(1 if draw(st.integers(0, 5)) == 0 else size for size in shape)
        x.append(draw(views(base, part)))
    out = tuple(draw(views(base, shape)) for _ in range(function.nout))
    assume(function.nout == 1 or not np.shares_memory(*out))
    where = True
    if mask == "apart":
        where = rng.random(shape) < 0.6
    elif mask == "overlapping":
        first_bytes = base.view(bool).reshape(*base_shape, base.itemsize)[..., 0]
        where = draw(views(first_bytes, shape))
    want = tuple(
        np.where(where, result, o)
        for result, o in zip(
            outputs(function(*(np.array(np.broadcast_to(each, shape)) for each in x))),
            out,
            strict=True,
        )
    )
    got = function(*x, out=out, where=where)
    assert all(g is o for g, o in zip(outputs(got), out, strict=True))
    assert_same(got, want)
