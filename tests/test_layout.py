"""The same bits wherever an element lies: length, offset, stride, order, byte order, neighbours.

What an element's bits are is asked of the ufunc itself, one element per call; test_values.py
shows that they are right.
"""

import functools

import numpy as np
import pytest
from helpers import (
    Loop,
    assert_same_bits,
    every_dtype,
    every_kernel_dtype,
    hard_spots,
    inputs,
    mixed,
    outputs,
    signalling_nans,
)

LENGTHS = range(1, 201)
FILL = 0xA5
MARGIN = 64  # bytes before and after an operand, which no loop may touch


@functools.cache
def one_by_one(function, dtype, size):
    """Inputs of every kind, and the results of one call for each."""
    x = mixed(dtype, size)
    results = [outputs(function(x[i : i + 1])) for i in range(size)]
    return x, tuple(np.concatenate(column) for column in zip(*results, strict=True))


def aligned(nbytes, offset):
    """`nbytes` bytes that begin `offset` bytes after an address of 64-byte alignment."""
    block = np.full(nbytes + offset + 3 * MARGIN, FILL, np.uint8)
    start = -block.ctypes.data % 64 + MARGIN + offset
    return block, block[start : start + nbytes]


@every_kernel_dtype
def test_position_does_not_matter(function, dtype):
    x, want = one_by_one(function, dtype, 6000)
    assert_same_bits(function(x), want, x)
    scalars = [outputs(function(value)) for value in x[:300]]
    for results, column in zip(zip(*scalars, strict=True), want, strict=True):
        assert [type(result) for result in results] == [dtype] * 300
        assert_same_bits(np.array(results), column[:300])


@every_kernel_dtype
def test_every_length_at_every_offset(function, dtype):
    x, want = one_by_one(function, dtype, 456)
    itemsize = np.dtype(dtype).itemsize
    for offset in range(64):
        for n in LENGTHS:
            # With the length, the input's piece and the output's offset change too.
            first = (n * 7 + offset) % 256
            _, operand = aligned(n * itemsize, offset)
            operand = operand.view(dtype)
            operand[:] = x[first : first + n]
            out = tuple(aligned(n * itemsize, (offset + n * itemsize) % 64)[1] for _ in want)
            out = tuple(o.view(dtype) for o in out)
            function(operand, out=out)
            assert_same_bits(out, tuple(w[first : first + n] for w in want))


@every_kernel_dtype
def test_no_byte_around_the_output_is_written(function, dtype):
    x = mixed(dtype, 456)
    itemsize = np.dtype(dtype).itemsize
    for n in LENGTHS:
        for offset in range(0, 64, itemsize):
            blocks, out = zip(
                *[aligned(n * itemsize, offset) for _ in range(function.nout)], strict=True
            )
            function(x[:n], out=tuple(o.view(dtype) for o in out))
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
    for n in [*LENGTHS, 511, 512, 513, 1400]:
        for stride in STRIDES:
            operand = strided(x, stride, n)
            assert operand.shape == (n,)
            whole = [np.full(n * step, 7, dtype) for _ in range(function.nout)]
            views = tuple(strided(out, out_stride, n) for out in whole)
            function(operand, out=views)
            assert_same_bits(views, tuple(strided(w, stride, n) for w in want))
            for out, view in zip(whole, views, strict=True):
                view[:] = 7
                assert (out == 7).all()


@every_kernel_dtype
def test_stride_zero(function, dtype):
    x, want = one_by_one(function, dtype, 456)
    for i in range(0, 456, 19):
        assert_same_bits(
            function(np.broadcast_to(x[i], 1000)),
            tuple(np.broadcast_to(w[i], 1000) for w in want),
        )


@pytest.mark.parametrize("gap", [1, 2, 3, 5, 7, 12])
@every_kernel_dtype
def test_fields_of_packed_records(function, dtype, gap):
    # Strides that are no multiple of the itemsize, so that most elements are misaligned.
    x, want = one_by_one(function, dtype, 6000)
    record = np.dtype([("gap", f"V{gap}"), ("x", dtype)])
    given = np.zeros(x.size, record)
    given["x"] = x
    assert_same_bits(function(given["x"]), want)
    assert_same_bits(function(given["x"][::-2]), tuple(w[::-2] for w in want))
    results = [np.zeros(x.size, record) for _ in range(function.nout)]
    function(given["x"], out=tuple(result["x"] for result in results))
    assert_same_bits(tuple(result["x"] for result in results), want)
    assert all(result["gap"].tobytes() == bytes(gap * x.size) for result in results)


@pytest.mark.parametrize("nan", ["quiet", "signalling"])
@every_kernel_dtype
def test_nan_stays_in_its_lane_at_every_length(function, dtype, nan):
    x, want = one_by_one(function, dtype, 456)
    value = np.full(1, np.nan, dtype) if nan == "quiet" else signalling_nans(dtype)[:1]
    for n in LENGTHS:
        # One row per lane; the gap after each row makes each a run of its own.
        rows = np.empty((n, n + 1), dtype)[:, :n]
        rows[:] = x[n : 2 * n]
        np.einsum("ii->i", rows)[:] = value
        out = tuple(np.empty((n, n + 1), dtype)[:, :n] for _ in want)
        function(rows, out=out)
        lanes = np.eye(n, dtype=bool)
        for got, w in zip(out, want, strict=True):
            assert np.isnan(got[lanes]).all()
            expected = np.where(lanes, dtype(np.nan), w[n : 2 * n])
            assert_same_bits(got, expected)


@every_dtype
def test_long_arrays_are_computed_to_the_end(function, dtype):
    # Longer than any block, with the slow lanes only behind 2^20 fast ones.
    slow = np.concatenate([hard_spots(dtype), inputs(dtype, 100)])
    x = np.concatenate([np.linspace(-3, 3, 2**20 + 1).astype(dtype), slow])
    for got, want in zip(outputs(function(x)), outputs(function(slow)), strict=True):
        np.testing.assert_array_equal(got[-slow.size :], want)


# The loops alone


@every_dtype
def test_loops_write_only_to_the_outputs(function, dtype):
    # NumPy reuses args, dimensions and steps between the pieces of a call with where=.
    for stride, out_stride in [(1, 1), (2, 1), (1, 3), (-2, -1), (0, 1)]:
        x = np.lib.stride_tricks.as_strided(
            mixed(dtype, 6000)[3000:], (1300,), (stride * np.dtype(dtype).itemsize,)
        )
        out = [strided(np.zeros(1300 * 3, dtype), out_stride, 1300) for _ in range(function.nout)]
        loop = Loop(function, x, *out)
        before = [bytes(part) for part in (loop.args, loop.dimensions, loop.steps)]
        given = x.tobytes()
        loop()
        assert [bytes(part) for part in (loop.args, loop.dimensions, loop.steps)] == before
        assert x.tobytes() == given
        for got, want in zip(out, outputs(function(x)), strict=True):
            np.testing.assert_array_equal(got, want)


@every_kernel_dtype
def test_loop_reads_what_it_wrote_where_an_output_is_a_later_input(function, dtype):
    # As in `accumulate`: element by element, in order.
    size = 700
    chain = np.full(size + 1, 0.75, dtype)
    others = [np.zeros(size, dtype) for _ in range(function.nout - 1)]
    Loop(function, chain[:-1], chain[1:], *others)()
    value = chain[:1].copy()
    for i in range(size):
        value = outputs(function(value))[0]
        assert chain[i + 1] == value[0]


@every_kernel_dtype
def test_loop_of_no_element_does_nothing(function, dtype):
    arrays = [np.full(8, 7, dtype) for _ in range(function.nargs)]
    loop = Loop(function, *arrays)
    loop.dimensions[0] = 0
    loop()
    assert all((array == 7).all() for array in arrays)
