"""The same bits wherever an element lies: length, offset, stride, order, byte order, neighbours.

What an element's bits are is asked of the ufunc itself, one element per call; test_values.py
shows that they are right.
"""

import functools
from pathlib import Path

import helpers
import numpy as np
import pytest
from helpers import (
    BACKENDS,
    KERNEL_FLOATS,
    Loop,
    assert_same,
    assert_same_bits,
    every_dtype,
    every_kernel_dtype,
    functions_of,
    hard_spots,
    inputs,
    mixed,
    outputs,
    signalling_nans,
)

from ogive.fallback import FUNCTIONS

LENGTHS = range(1, 201)
FILL = 0xA5
MARGIN = 64  # bytes before and after an operand, which no loop may touch


@functools.cache
def one_by_one(function, dtype, size):
    """Inputs of every kind, and the results of one call for each."""
    x = mixed(function.__name__, dtype, size)
    results = [outputs(function(*part(x, slice(i, i + 1)))) for i in range(size)]
    return x, tuple(np.concatenate(column) for column in zip(*results, strict=True))


def part(arrays, index):
    return tuple(array[index] for array in arrays)


def aligned(nbytes, offset):
    """`nbytes` bytes that begin `offset` bytes after an address of 64-byte alignment."""
    block = np.full(nbytes + offset + 3 * MARGIN, FILL, np.uint8)
    start = -block.ctypes.data % 64 + MARGIN + offset
    return block, block[start : start + nbytes]


@every_kernel_dtype
def test_position_does_not_matter(function, dtype):
    x, want = one_by_one(function, dtype, 6000)
    assert_same_bits(function(*x), want, x)
    scalars = [outputs(function(*part(x, i))) for i in range(300)]
    for results, column in zip(zip(*scalars, strict=True), want, strict=True):
        assert [type(result) for result in results] == [dtype] * 300
        assert_same_bits(np.array(results), column[:300])


@every_dtype
def test_position_does_not_matter_in_long_double_and_pure_numpy(functions, name, dtype):
    x, want = one_by_one(functions[name], dtype, 456)
    assert_same(functions[name](*x), want)


@every_kernel_dtype
def test_every_length_and_every_offset(function, dtype):
    x, want = one_by_one(function, dtype, 456)
    itemsize = np.dtype(dtype).itemsize

    def operands(count, nbytes, offset):
        """Each with another offset, which changes with the length too."""
        return [
            aligned(nbytes, (offset + i * (nbytes + 1)) % 64)[1].view(dtype) for i in range(count)
        ]

    for n in LENGTHS:
        for offset in range(n % 4, 64, 4):
            here = slice((n * 7 + offset) % 256, (n * 7 + offset) % 256 + n)
            given = operands(function.nin, n * itemsize, offset)
            for operand, values in zip(given, x, strict=True):
                operand[:] = values[here]
            out = tuple(operands(function.nout, n * itemsize, offset + 7 * n * itemsize))
            function(*given, out=out)
            assert_same_bits(out, part(want, here))


@every_kernel_dtype
def test_every_length_in_place(function, dtype):
    x, want = one_by_one(function, dtype, max(LENGTHS))
    for n in LENGTHS:
        given = [each[:n].copy() for each in x]
        out = (given[0], *[None] * (function.nout - 1))
        assert_same_bits(outputs(function(*given, out=out)), part(want, slice(n)))


@every_kernel_dtype
def test_no_byte_around_the_output_is_written(function, dtype):
    x = mixed(function.__name__, dtype, 456)
    itemsize = np.dtype(dtype).itemsize
    for n in LENGTHS:
        for offset in range(n % 4 * itemsize, 64, 4 * itemsize):
            blocks, out = zip(
                *[aligned(n * itemsize, offset) for _ in range(function.nout)], strict=True
            )
            function(*part(x, slice(n)), out=tuple(o.view(dtype) for o in out))
            for block, inside in zip(blocks, out, strict=True):
                inside.fill(FILL)
                assert (block == FILL).all()


STRIDES = [-4, -3, -2, -1, 1, 2, 3, 4]


def strided(a, stride, n):
    """n elements of `a` at a stride of either sign."""
    return a[: n * stride : stride] if stride > 0 else a[n * -stride - 1 :: stride][:n]


@pytest.mark.parametrize("out_stride", STRIDES)
@every_kernel_dtype
def test_every_length_at_every_stride(function, dtype, out_stride):
    x, want = one_by_one(function, dtype, 6000)
    step = abs(out_stride)
    for n in [*LENGTHS[:20], *LENGTHS[20::25], 511, 512, 513, 1400]:
        for stride in STRIDES:
            operands = [strided(each, stride, n) for each in x]
            assert {operand.shape for operand in operands} == {(n,)}
            whole = [np.full(n * step, 7, dtype) for _ in range(function.nout)]
            views = tuple(strided(out, out_stride, n) for out in whole)
            function(*operands, out=views)
            assert_same_bits(views, tuple(strided(w, stride, n) for w in want))
            for out, view in zip(whole, views, strict=True):
                view[:] = 7
                assert (out == 7).all()


@every_kernel_dtype
def test_stride_zero(function, dtype):
    x, want = one_by_one(function, dtype, 456)
    for i in range(0, 456, 19):
        assert_same_bits(
            function(*(np.broadcast_to(each[i], 1000) for each in x)),
            tuple(np.broadcast_to(w[i], 1000) for w in want),
        )


VIEWS = [
    lambda x: x[:1200:2],
    lambda x: x[599::-1],
    lambda x: x[7:8],  # repeated
    lambda x: x.reshape(600, 10)[:, 3],
    lambda x: x[:600],
]


@pytest.mark.parametrize("first", range(len(VIEWS)))
@every_kernel_dtype
def test_inputs_of_different_strides(several, dtype, first):
    x, _ = one_by_one(several, dtype, 6000)
    views = [VIEWS[(first + i) % len(VIEWS)](each) for i, each in enumerate(x)]
    copies = [np.array(np.broadcast_to(view, 600), order="C") for view in views]
    want = several(*copies)
    assert_same_bits(several(*views), want)
    for i, copied in enumerate(copies):
        assert_same_bits(several(*views[:i], copied, *views[i + 1 :]), want)


@pytest.mark.parametrize("gap", [1, 2, 3, 5, 7, 12])
@every_kernel_dtype
def test_fields_of_packed_records(function, dtype, gap):
    # Strides that are no multiple of the itemsize, so that most elements are misaligned.
    x, want = one_by_one(function, dtype, 6000)

    def fields(count):
        names = [kind for i in range(count) for kind in ((f"gap {i}", f"V{gap}"), (f"{i}", dtype))]
        records = np.zeros(x[0].size, np.dtype(names))
        return records, tuple(records[f"{i}"] for i in range(count))

    _, given = fields(function.nin)
    for field, values in zip(given, x, strict=True):
        field[:] = values
    assert_same_bits(function(*given), want)
    backward = slice(None, None, -2)
    assert_same_bits(function(*part(given, backward)), part(want, backward))
    records, results = fields(function.nout)
    function(*given, out=results)
    assert_same_bits(results, want)
    assert all(
        records[f"gap {i}"].tobytes() == bytes(gap * records.size) for i in range(function.nout)
    )


@pytest.mark.parametrize("nan", ["quiet", "signalling"])
@every_kernel_dtype
def test_nan_stays_in_its_lane_at_every_length(function, dtype, nan):
    x, want = one_by_one(function, dtype, 456)
    value = np.full(1, np.nan, dtype) if nan == "quiet" else signalling_nans(dtype)[:1]
    for n in LENGTHS:
        # One row per lane; the gap after each row makes each a run of its own.
        lanes = np.arange(0 if n < 66 else n % 5, n, 1 if n < 66 else 5)
        here = np.zeros((lanes.size, n), bool)
        here[range(lanes.size), lanes] = True
        given = np.empty((function.nin, lanes.size, n + 1), dtype)[:, :, :n]
        given[:] = np.where(here, value, np.stack(x)[:, None, n : 2 * n])
        out = tuple(np.empty((lanes.size, n + 1), dtype)[:, :n] for _ in want)
        function(*given, out=out)
        for got, w in zip(out, want, strict=True):
            assert_same_bits(got, np.where(here, dtype(np.nan), w[n : 2 * n]))


@every_dtype
def test_special_value_of_one_input_stays_in_its_lane(functions, name, dtype):
    function = functions[name]
    tiny = np.finfo(dtype).smallest_subnormal
    special = np.array([np.nan, np.inf, -np.inf, 0.0, -0.0, tiny, -tiny], dtype)
    for n in (1, 7, 67) if dtype in KERNEL_FLOATS else (1, 7):
        x = np.stack(inputs(name, dtype, 40))[:, :n]
        plain = outputs(function(*x))
        here = np.eye(n, dtype=bool)
        for position in range(function.nin):
            # One row per value and lane; the gap after each row makes each a run of its own.
            given = np.empty((function.nin, special.size, n, n + 1), dtype)[..., :n]
            given[:] = x[:, None, None]
            given[position] = np.where(here, special[:, None, None], x[position])
            alone = outputs(function(*x[:position], special[:, None], *x[position + 1 :]))
            for got, w, s in zip(outputs(function(*given)), plain, alone, strict=True):
                assert_same(got, np.where(here, s[:, None], w))


@every_dtype
def test_long_arrays_are_computed_to_the_end(function, dtype):
    # Longer than any block, with the slow lanes only behind 2^17 fast ones.
    name = function.__name__
    slow = [
        np.concatenate(each)
        for each in zip(hard_spots(name, dtype), inputs(name, dtype, 100), strict=True)
    ]
    fast = np.linspace(0.1, 0.4, 2**17 + 1).astype(dtype)
    results = function(*(np.concatenate([fast, each]) for each in slow))
    assert_same(part(outputs(results), slice(fast.size, None)), function(*slow))


# More than the last cache holds of an input and an output, with no two outputs of a line alike.
CACHES = Path("/sys/devices/system/cpu/cpu0/cache").glob("index*/size")
LAST_CACHE = max((int(size.read_text().rstrip("K\n")) * 1024 for size in CACHES), default=0)
BEYOND_CACHES = max(2**22, LAST_CACHE // 16) + 77


@pytest.mark.parametrize("name", ["sigmoid_grad_from_output", "sigmoid_backward"])
def test_outputs_beyond_the_caches_at_every_offset(function):
    x = [np.resize(each, BEYOND_CACHES) for each in mixed(function.__name__, np.float64, 4001)]
    starts = range(0, BEYOND_CACHES, 4096)
    want = np.concatenate([function(*part(x, slice(i, i + 4096))) for i in starts])
    for offset in (24, 0, 3, 8, 56)[:: helpers.step]:
        block, data = aligned(want.nbytes, offset)
        function(*x, out=data.view(np.float64))
        assert_same_bits(data.view(np.float64), want)
        data[:] = FILL
        assert (block == FILL).all()
    for i, each in enumerate(x):
        given = [other.copy() if i == k else other for k, other in enumerate(x)]
        assert_same_bits(function(*given, out=given[i]), want, each)


# The loops alone


@every_dtype
def test_loops_write_only_to_the_outputs(function, dtype):
    # NumPy reuses args, dimensions and steps between the pieces of a call with where=.
    for stride, out_stride in [(1, 1), (2, 1), (1, 3), (-2, -1), (0, 1)]:
        x = [
            np.lib.stride_tricks.as_strided(each[3000:], (1300,), (stride * each.itemsize,))
            for each in mixed(function.__name__, dtype, 6000)
        ]
        out = [strided(np.zeros(1300 * 3, dtype), out_stride, 1300) for _ in range(function.nout)]
        loop = Loop(function, *x, *out)
        before = [bytes(part) for part in (loop.args, loop.dimensions, loop.steps)]
        given = [each.tobytes() for each in x]
        loop()
        assert [bytes(part) for part in (loop.args, loop.dimensions, loop.steps)] == before
        assert [each.tobytes() for each in x] == given
        assert_same(tuple(out), function(*x))


@every_kernel_dtype
def test_loop_reads_what_it_wrote_where_an_output_is_a_later_input(kind, dtype):
    # As in `accumulate`: element by element, in order.
    size = 700
    for position in range(kind.nin):
        given = [np.full(size, 0.75, dtype) for _ in range(kind.nin)]
        out = [np.zeros(size, dtype) for _ in range(kind.nout)]
        chain = np.full(size + 1, 0.75, dtype)
        given[position], out[0] = chain[:-1], chain[1:]
        Loop(kind, *given, *out)()
        value = chain[:1].copy()
        for i in range(size):
            arguments = [each[:1] for each in given]
            arguments[position] = value
            value = outputs(kind(*arguments))[0]
            assert chain[i + 1] == value[0]


@pytest.mark.parametrize("shift", [-300, -5, 0, 1, 40, 700])
@pytest.mark.parametrize("step", [1, -1, 2, 3])
@pytest.mark.parametrize("name", [name for name, each in FUNCTIONS.items() if each.nout > 1])
@pytest.mark.parametrize("isa", [*BACKENDS, "numpy"])
def test_outputs_that_overlap_each_other_are_written_element_by_element(isa, name, step, shift):
    function = functions_of(isa)[name]
    size, middle = 1000, 4000
    x = tuple(np.random.default_rng(1).normal(0, 3, (function.nin, size)))
    places = [middle + step * np.arange(size), middle + shift + step * np.arange(size)]
    want = np.full(2 * middle, 7.0)
    for first, second, *values in zip(*places, *function(*x), strict=True):
        want[first], want[second] = values
    got = np.full_like(want, 7.0)
    out = tuple(got[at[0] : at[-1] + (1 if step > 0 else -1) : step] for at in places)
    function(*x, out=out)
    assert_same(got, want)


@every_kernel_dtype
def test_loop_of_no_element_does_nothing(function, dtype):
    arrays = [np.full(8, 7, dtype) for _ in range(function.nargs)]
    loop = Loop(function, *arrays)
    loop.dimensions[0] = 0
    loop()
    assert all((array == 7).all() for array in arrays)
