# cython: language_level=3, cdivision=True
"""The loops of float64, float32, float16 and bfloat16: buffers around the kernels of csrc."""

from libc.stddef cimport ptrdiff_t
from libc.stdlib cimport free, malloc
from libc.string cimport memcpy

from ogive._csrc cimport (
    MAX_OPERANDS, ogive_enter, ogive_environment, ogive_kernel, ogive_leave, ogive_share,
    ogive_threads,
)
from ogive._numpy_api cimport npy_intp


cdef enum:
    # Elements of a strided operand that are gathered at a time, 4 KiB of float64: three such
    # operands stay in a level 1 cache of 32 KiB. On the stack, which may be of 32 KiB in all, only
    # a few are.
    STRIDED_BLOCK = 512
    FEW = 16
    # A thread is asked for help where it gets as many elements: fewer are done before it is awake.
    # They are handed out in smaller parts, as it may come late or be slower.
    MIN_PER_THREAD = 65536
    MIN_PART = 16384
    PARTS_PER_THREAD = 4

cdef enum:
    # The places of the loops in the table of a ufunc: those of `ufunc.types`, the narrow before the
    # wide, as some containers take the first that holds their dtype, the complex ones of functions
    # that have them, and behind them bfloat16.
    FLOAT16 = 0
    FLOAT32 = 1
    FLOAT64 = 2
    LONG_DOUBLE = 3
    REAL_TYPES = 4
    COMPLEX64 = 4
    COMPLEX128 = 5
    TYPES = 6
    BFLOAT16 = 6
    LOOPS = 7

ctypedef struct kernel_loop:
    ogive_kernel *kernel
    ptrdiff_t itemsize
    int inputs
    int operands


cdef inline void call_kernel(ogive_kernel *kernel, char *const *args, ptrdiff_t n) noexcept nogil:
    """Run a kernel on contiguous operands, whatever floating-point environment the caller has."""
    cdef ogive_environment saved = ogive_enter()
    kernel(args, n)
    ogive_leave(saved)


cdef inline void copy_items(
    char *to, ptrdiff_t to_step, const char *source, ptrdiff_t step, ptrdiff_t size, ptrdiff_t n
) noexcept nogil:
    """Copy n items of `size` bytes; a constant size lets the compiler use one move for each."""
    cdef ptrdiff_t i, _four
    for _four in range(n // 4):
        memcpy(to, source, size)
        memcpy(to + to_step, source + step, size)
        memcpy(to + 2 * to_step, source + 2 * step, size)
        memcpy(to + 3 * to_step, source + 3 * step, size)
        to += 4 * to_step
        source += 4 * step
    for i in range(n % 4):
        memcpy(to + i * to_step, source + i * step, size)


cdef inline void copy_strided(
    char *to, ptrdiff_t to_step, const char *source, ptrdiff_t step, ptrdiff_t size, ptrdiff_t n
) noexcept nogil:
    """Copy n items of `size` bytes, 8, 4 or 2."""
    if size == 8:
        copy_items(to, to_step, source, step, 8, n)
    elif size == 4:
        copy_items(to, to_step, source, step, 4, n)
    else:
        copy_items(to, to_step, source, step, 2, n)


cdef inline bint depends_on_order(
    char **args, const npy_intp *steps, const kernel_loop *loop, npy_intp n
) noexcept nogil:
    """Whether an output element may be read as a later input element, as `accumulate` does.

    Or be overwritten by a later element of an output.
    """
    cdef int i, o
    cdef ptrdiff_t other_span, output_span, between, gap
    for o in range(loop.inputs, loop.operands):
        if -loop.itemsize < steps[o] < loop.itemsize:
            return True
        for i in range(o):
            other_span = steps[i] * (n - 1)
            output_span = steps[o] * (n - 1)
            if (
                args[i] + max(other_span, 0) + loop.itemsize <= args[o] + min(output_span, 0)
                or args[o] + max(output_span, 0) + loop.itemsize <= args[i] + min(other_span, 0)
            ):
                continue
            if steps[i] == steps[o]:
                if i < loop.inputs and args[i] == args[o]:
                    continue
                between = args[i] - args[o]
                between %= steps[o]
                gap = max(steps[o], -steps[o]) - loop.itemsize
                if loop.itemsize <= max(between, -between) <= gap:  # two columns of one matrix
                    continue
            return True
    return False


ctypedef struct kernel_call:
    const kernel_loop *loop
    char **args
    const npy_intp *steps
    int strided  # how many operands are
    npy_intp block  # elements that go to the kernel at a time


cdef inline void run_part(void *context, ptrdiff_t start, ptrdiff_t stop) noexcept nogil:
    """Run a kernel on some elements: contiguous operands go in as they are, others by blocks."""
    cdef const kernel_call *call = <const kernel_call *>context
    cdef const kernel_loop *loop = call.loop
    cdef npy_intp size, step, block = min(call.block, stop - start)
    cdef int i
    cdef char *operands[MAX_OPERANDS]
    cdef double few[MAX_OPERANDS * FEW]
    cdef char *buffer = <char *>few
    cdef char *space
    cdef ogive_environment saved = ogive_enter()

    if call.strided and block > FEW:
        buffer = <char *>malloc(call.strided * block * loop.itemsize)
        if buffer == NULL:
            buffer = <char *>few
            block = FEW
    while start < stop:
        size = min(block, stop - start)
        space = buffer
        for i in range(loop.operands):
            step = call.steps[i]
            operands[i] = call.args[i] + start * step
            if step != loop.itemsize:
                operands[i] = space
                space += block * loop.itemsize
                if i < loop.inputs:
                    copy_strided(
                        operands[i], loop.itemsize,
                        call.args[i] + start * step, step, loop.itemsize, size,
                    )
        loop.kernel(operands, size)
        for i in range(loop.inputs, loop.operands):
            step = call.steps[i]
            if step != loop.itemsize:
                copy_strided(
                    call.args[i] + start * step, step,
                    operands[i], loop.itemsize, loop.itemsize, size,
                )
        start += size
    if buffer != <char *>few:
        free(buffer)
    ogive_leave(saved)


cdef inline void run_kernel(
    char **args, const npy_intp *dimensions, const npy_intp *steps, void *data
) noexcept nogil:
    """Run a kernel on all elements, in several threads where there are enough.

    `args`, `dimensions` and `steps` belong to NumPy and are only read.
    """
    cdef kernel_call call
    cdef npy_intp n = dimensions[0], threads, part
    cdef int i
    call.loop = <const kernel_loop *>data
    if n == 1:  # one number is always contiguous, and what it takes to call shows
        call_kernel(call.loop.kernel, args, 1)
        return
    call.args = args
    call.steps = steps
    call.strided = 0
    for i in range(call.loop.operands):
        call.strided += steps[i] != call.loop.itemsize
    call.block = STRIDED_BLOCK if call.strided else n
    if depends_on_order(args, steps, call.loop, n):
        call.block = 1
    elif n >= 2 * MIN_PER_THREAD:
        threads = min(ogive_threads(), n // MIN_PER_THREAD)
        if threads > 1:
            part = max(MIN_PART, n // (PARTS_PER_THREAD * threads))
            part -= part % STRIDED_BLOCK
            ogive_share(run_part, &call, n, part, <int>threads)
            return
    run_part(&call, 0, n)
