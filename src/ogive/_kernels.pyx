# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
# cython: freethreading_compatible=True
"""The compiled ufuncs: loops over buffers around the kernels of csrc."""

from cpython.mem cimport PyMem_Malloc
from cpython.object cimport PyObject
from cpython.pycapsule cimport PyCapsule_New
from cpython.ref cimport Py_DECREF
from libc.stddef cimport ptrdiff_t
from libc.string cimport memcpy

import sys

import numpy as np

from ogive._docs import DOCS


cdef extern from "numpy/arrayobject.h":
    ctypedef Py_ssize_t npy_intp
    ctypedef struct PyArray_Descr:
        int type_num
    ctypedef struct PyArrayObject:
        pass
    int _import_array() except -1
    PyArray_Descr *PyArray_DESCR(PyArrayObject *array)
    PyArray_Descr *PyArray_DescrFromType(int type_number)
    PyArray_Descr *PyArray_ResultType(
        npy_intp narrays, PyArrayObject **arrays, npy_intp ndescrs, PyArray_Descr **descrs
    ) except NULL

cdef extern from "numpy/ufuncobject.h":
    ctypedef enum NPY_CASTING:
        pass
    ctypedef struct PyUFuncObject
    ctypedef int PyUFunc_TypeResolutionFunc(
        PyUFuncObject *ufunc, NPY_CASTING casting, PyArrayObject **operands, PyObject *type_tuple,
        PyArray_Descr **descrs
    ) except -1
    ctypedef struct PyUFuncObject:
        int nin
        int nargs
        PyUFunc_TypeResolutionFunc *type_resolver
    ctypedef void (*PyUFuncGenericFunction)(
        char **args, const npy_intp *dimensions, const npy_intp *steps, void *data
    ) noexcept nogil
    int _import_umath() except -1
    object PyUFunc_FromFuncAndData(
        PyUFuncGenericFunction *loops, void **data, const char *types, int ntypes,
        int nin, int nout, int identity, const char *name, const char *doc, int unused,
    )
    int PyUFunc_RegisterLoopForType(
        PyUFuncObject *ufunc, int user_type, PyUFuncGenericFunction loop, const int *arg_types,
        void *data,
    ) except -1
    enum:
        PyUFunc_None
        NPY_DOUBLE
        NPY_FLOAT
        NPY_LONGDOUBLE
        NPY_HALF
        NPY_ULONGLONG

cdef extern from "ogive.h":
    ctypedef void ogive_kernel(char *const *args, ptrdiff_t n) noexcept nogil
    ctypedef struct ogive_function:
        const char *name
        int inputs
        int outputs
        const char *aliases
        const char *summary
        ogive_kernel *f64
        ogive_kernel *f32
        ogive_kernel *f16
        ogive_kernel *bf16
        ogive_kernel *f64_phase2
        ogive_kernel *f64_phase3
    ctypedef struct ogive_backend:
        const char *name
        const ogive_function *functions
        int (*runs_here)()
    const ogive_backend *ogive_backends[]
    const int ogive_function_count
    const char *ogive_compiler
    const char *OGIVE_CAPSULE
    enum:
        OGIVE_API_VERSION
    ctypedef struct ogive_api:
        int version
        int count
        const ogive_function *functions
        void (*call)(ogive_kernel *kernel, char *const *args, ptrdiff_t n) noexcept nogil

cdef extern from "environment.h" nogil:
    ctypedef struct ogive_environment:
        pass
    ctypedef struct fenv_t:
        pass
    ogive_environment ogive_enter()
    void ogive_leave(ogive_environment saved)
    void ogive_enter_long_double(fenv_t *saved)
    void ogive_leave_long_double(const fenv_t *saved)

cdef extern from "threads.h" nogil:
    ctypedef void ogive_part(void *context, ptrdiff_t start, ptrdiff_t stop) noexcept nogil
    int ogive_threads()
    void ogive_set_threads(int n)
    int ogive_set_own_threads(int n)
    void ogive_share(ogive_part *part, void *context, ptrdiff_t n, ptrdiff_t step, int threads)

cdef extern from "<math.h>" nogil:
    long double INFINITY
    bint isfinite(long double x)
    bint isinf(long double x)
    long double copysignl(long double x, long double sign)
    long double expl(long double x)
    long double expm1l(long double x)
    long double fabsl(long double x)
    long double floorl(long double x)
    long double fmal(long double x, long double y, long double z)
    long double fmaxl(long double x, long double y)
    long double fminl(long double x, long double y)
    long double frexpl(long double x, int *exponent)
    long double ldexpl(long double x, int exponent)
    long double logl(long double x)

cdef extern from "<float.h>" nogil:
    const long double LDBL_MAX
    const int LDBL_MIN_EXP


# --- float64, float32, float16, bfloat16: the kernels of csrc -----------------------------------

cdef enum:
    MAX_OPERANDS = 8
    # Elements of a strided operand that are gathered at a time, 4 KiB of float64: three such
    # operands stay in a level 1 cache of 32 KiB.
    STRIDED_BLOCK = 512
    # A thread is asked for help where it gets as many elements: fewer are done before it is awake.
    # They are handed out in smaller parts, as it may come late or be slower.
    MIN_PER_THREAD = 65536
    MIN_PART = 16384
    PARTS_PER_THREAD = 4

ctypedef struct kernel_loop:
    ogive_kernel *kernel
    ptrdiff_t itemsize
    int inputs
    int operands


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


cdef bint depends_on_order(
    char **args, const npy_intp *steps, const kernel_loop *loop, npy_intp n
) noexcept nogil:
    """Whether an output element may be read as a later input element, as `accumulate` does.

    Or be overwritten by a later output element.
    """
    cdef int i, o
    cdef ptrdiff_t input_span, output_span
    for o in range(loop.inputs, loop.operands):
        if -loop.itemsize < steps[o] < loop.itemsize:
            return True
        for i in range(loop.inputs):
            if args[i] == args[o] and steps[i] == steps[o]:
                continue
            input_span = steps[i] * (n - 1)
            output_span = steps[o] * (n - 1)
            if (
                args[i] + max(input_span, 0) + loop.itemsize > args[o] + min(output_span, 0)
                and args[o] + max(output_span, 0) + loop.itemsize > args[i] + min(input_span, 0)
            ):
                return True
    return False


ctypedef struct kernel_call:
    const kernel_loop *loop
    char **args
    const npy_intp *steps
    bint contiguous
    npy_intp block  # of elements that are copied at a time, where they are not contiguous


cdef void run_part(void *context, ptrdiff_t start, ptrdiff_t stop) noexcept nogil:
    """Run a kernel on some elements: contiguous operands go in as they are, others by blocks."""
    cdef const kernel_call *call = <const kernel_call *>context
    cdef const kernel_loop *loop = call.loop
    cdef npy_intp size, step
    cdef int i
    cdef char *operands[MAX_OPERANDS]
    cdef double buffers[MAX_OPERANDS][STRIDED_BLOCK]
    cdef ogive_environment saved = ogive_enter()

    while start < stop:
        size = min(call.block, stop - start)
        for i in range(loop.operands):
            step = call.steps[i]
            operands[i] = call.args[i] + start * step
            if not call.contiguous and step != loop.itemsize:
                operands[i] = <char *>buffers[i]
                if i < loop.inputs:
                    copy_strided(
                        operands[i], loop.itemsize,
                        call.args[i] + start * step, step, loop.itemsize, size,
                    )
        loop.kernel(operands, size)
        for i in range(loop.inputs, loop.operands):
            step = call.steps[i]
            if operands[i] == <char *>buffers[i]:
                copy_strided(
                    call.args[i] + start * step, step,
                    operands[i], loop.itemsize, loop.itemsize, size,
                )
        start += size
    ogive_leave(saved)


cdef void run_kernel(
    char **args, const npy_intp *dimensions, const npy_intp *steps, void *data
) noexcept nogil:
    """Run a kernel on all elements, in several threads where there are enough.

    `args`, `dimensions` and `steps` belong to NumPy and are only read.
    """
    cdef kernel_call call
    cdef npy_intp n = dimensions[0], threads, part
    cdef int i
    call.loop = <const kernel_loop *>data
    call.args = args
    call.steps = steps
    call.contiguous = True
    for i in range(call.loop.operands):
        call.contiguous &= steps[i] == call.loop.itemsize
    call.contiguous |= n == 1
    call.block = n if call.contiguous else STRIDED_BLOCK
    if n > 1 and depends_on_order(args, steps, call.loop, n):
        call.contiguous = False
        call.block = 1
    elif n >= 2 * MIN_PER_THREAD:
        threads = min(ogive_threads(), n // MIN_PER_THREAD)
        if threads > 1:
            part = max(MIN_PART, n // (PARTS_PER_THREAD * threads))
            part -= part % STRIDED_BLOCK
            ogive_share(run_part, &call, n, part, <int>threads)
            return
    run_part(&call, 0, n)


# --- long double: the textbook, branch by branch -----------------------------------------------
# What every kernel of csrc computes, with the platform's expl and logl: functions of one input
# are at most 2 ulp off where these two are good to 1. (The log1pl, expm1l and
# tanhl of glibc are 2.6 off in places.)

ctypedef void (*long_double_function)(const long double *x, long double *y) noexcept nogil

cdef extern from *:
    """
    /* log(2), the first part in 32 bits, so that its products with exponents are exact. */
    #define OGIVE_LN2_HIGH 0x1.62e42fee00000p-1L /* 0.6931471803691238 */
    #define OGIVE_LN2_LOW 1.908214929270587816144265680755001343603e-10L
    /* z with silu'(z) = 0. */
    #define OGIVE_SILU_MINIMUM_HIGH -0x1.474973c84120bp+0L /* -1.2784645427610737 */
    #define OGIVE_SILU_MINIMUM_MIDDLE -0x1.f8d74bc9ac154p-54L /* -1.0946994183093437e-16 */
    #define OGIVE_SILU_MINIMUM_LOW -3.907766676128664708356174246569349365467e-33L
    """
    const long double LN2_HIGH "OGIVE_LN2_HIGH"
    const long double LN2_LOW "OGIVE_LN2_LOW"
    const long double SILU_MINIMUM_HIGH "OGIVE_SILU_MINIMUM_HIGH"
    const long double SILU_MINIMUM_MIDDLE "OGIVE_SILU_MINIMUM_MIDDLE"
    const long double SILU_MINIMUM_LOW "OGIVE_SILU_MINIMUM_LOW"


cdef enum:
    NEGLIGIBLE_EXP = -100  # below it exp(x) is lost when added to 1, in 113 bits too


cdef long double over(
    long double n, long double n_rest, long double d, long double d_rest
) noexcept nogil:
    """Return (n + n_rest) / (d + d_rest); the rests are what rounding took from n and d."""
    cdef long double y = n / d
    if y == 0 or not isfinite(y):
        return y
    return y + (fmal(-y, d, n) + n_rest - y * d_rest) / d


cdef long double over_square(
    long double n, long double n_rest, long double d, long double e
) noexcept nogil:
    """Return (n + n_rest) / (1 + e)^2, where d is 1 + e rounded."""
    cdef long double square = d * d
    return over(n, n_rest, square, fmal(d, d, -square) + 2 * d * (e - (d - 1)))


cdef long double product(
    long double a, long double b, long double c, long double x
) noexcept nogil:
    """Return a b c exp(min(x, 0)), which overflows or underflows only as a whole; c is normal."""
    cdef int exponent_a = 0, exponent_b = 0
    cdef long double k = 0
    a = frexpl(a, &exponent_a) * frexpl(b, &exponent_b) * c
    if x == -INFINITY:
        a *= 0
    elif x < 0:
        x = fmaxl(x, 8 * LDBL_MIN_EXP)  # times the two largest numbers that is still 0
        k = floorl(x / LN2_HIGH)
        a *= expl((x - k * LN2_HIGH) - k * LN2_LOW)
    return ldexpl(a, exponent_a + exponent_b + <int>k)


cdef void sigmoid(const long double *x, long double *y) noexcept nogil:
    cdef long double e = expl(-fabsl(x[0])), d = 1 + e
    y[0] = over(1 if x[0] >= 0 else e, 0, d, e - (d - 1))


cdef void sigmoid_grad(const long double *x, long double *y) noexcept nogil:
    # s(x) s(-x) is even; with e <= 1 neither factor overflows.
    cdef long double e = expl(-fabsl(x[0]))
    y[0] = over_square(e, 0, 1 + e, e)


cdef void sigmoid_grad_from_output(const long double *y, long double *grad) noexcept nogil:
    grad[0] = y[0] * (1 - y[0])


cdef void sigmoid_and_grad(const long double *x, long double *y) noexcept nogil:
    sigmoid(x, y)
    sigmoid_grad(x, y + 1)


cdef void softplus(const long double *x, long double *y) noexcept nogil:
    # max(x, 0) + log(1 + e), the logarithm 2 atanh(e / (2 + e)) by Gauss's continued fraction
    # 2 atanh(w) = 2 w / (1 - w^2 / (3 - 4 w^2 / (5 - 9 w^2 / (7 - ...))))
    cdef long double e = expl(-fabsl(x[0])), d = 2 + e, w2 = 2 * e / d, fraction = 0
    cdef long double rest = (fmal(-w2, d, 2 * e) - w2 * (e - (d - 2))) / d
    cdef int k
    for k in range(24, 0, -1):
        fraction = k * k * (w2 / 2) * (w2 / 2) / (2 * k + 1 - fraction)
    y[0] = w2 + (rest + w2 * fraction / (1 - fraction))
    if x[0] > 0:
        y[0] += x[0]


cdef void log_sigmoid(const long double *x, long double *y) noexcept nogil:
    cdef long double opposite = -x[0]
    softplus(&opposite, y)
    y[0] = -y[0]


cdef void logit(const long double *p, long double *x) noexcept nogil:
    cdef long double d = 1 - p[0], ratio = p[0] / d
    x[0] = logl(ratio)
    if 0 < p[0] < 1:
        x[0] += (fmal(-ratio, d, p[0]) - ratio * (1 - d - p[0])) / p[0]


cdef void silu(const long double *x, long double *y) noexcept nogil:
    cdef long double e = expl(-fabsl(x[0])), d = 1 + e
    cdef long double n = x[0] * e if x[0] < 0 else x[0]
    cdef long double n_rest = fmal(x[0], e, -n) if x[0] < 0 else 0
    if x[0] < NEGLIGIBLE_EXP:
        y[0] = product(fmaxl(x[0], -LDBL_MAX), 1, 1, x[0])
    else:
        y[0] = over(n, n_rest, d, e - (d - 1))


cdef long double silu_slope(long double x, long double *rest) noexcept nogil:
    """Return silu'(x) (1 + exp(-|x|))^2 / exp(min(x, 0)), and what its last rounding took.

    Below 0 that is 1 + x + exp(x), near its zero z expanded about it: exp(z) = -1 - z, and the
    sum is d + exp(z) expm1(d), d = x - z, where nothing cancels.
    """
    cdef long double first, second, slope, d_rest = 0
    cdef long double e = expl(-fabsl(x)), exp_z = -(1 + SILU_MINIMUM_HIGH) - SILU_MINIMUM_MIDDLE
    if -1.75 < x < -1:
        d_rest = x - SILU_MINIMUM_HIGH
        first = d_rest - SILU_MINIMUM_MIDDLE
        d_rest = d_rest - first - SILU_MINIMUM_MIDDLE - SILU_MINIMUM_LOW
        second = exp_z * expm1l(first)
    elif x < 0:
        first = 1 + fmaxl(x, -LDBL_MAX)
        second = e
    else:
        first = 1
        second = fmal(fminl(x, LDBL_MAX), e, e)
    slope = first + second
    rest[0] = second - (slope - first) + d_rest * (1 + exp_z)
    return slope


cdef void silu_grad(const long double *x, long double *y) noexcept nogil:
    cdef long double e = expl(-fabsl(x[0])), n_rest, rest
    cdef long double slope = silu_slope(x[0], &rest)
    cdef long double n = slope * e if x[0] < 0 else slope
    n_rest = fmal(slope, e, -n) + rest * e if x[0] < 0 else rest
    if x[0] < NEGLIGIBLE_EXP:
        y[0] = product(slope, 1, 1, x[0])
    else:
        y[0] = over_square(n, n_rest, 1 + e, e)


cdef void tanh(const long double *x, long double *y) noexcept nogil:
    cdef long double fraction = 0
    cdef int k
    if fabsl(x[0]) < 1:
        # Lambert's continued fraction x / (1 + x^2 / (3 + x^2 / (5 + ...)))
        for k in range(29, 1, -2):
            fraction = x[0] * x[0] / (k + fraction)
        y[0] = x[0] / (1 + fraction)
    else:
        y[0] = copysignl(1 - 2 / (1 + expl(2 * fabsl(x[0]))), x[0])


cdef void bce_with_logits(const long double *x, long double *loss) noexcept nogil:
    # log1p(exp(-|x|)) + |x| w: for t in [0, 1] nothing cancels.
    cdef long double w = 1 - x[1] if x[0] > 0 else x[1]
    cdef long double size = fabsl(x[0]), opposite = -size
    softplus(&opposite, loss)
    if w != 0:
        loss[0] += size * w


cdef void bce_with_logits_grad(const long double *x, long double *grad) noexcept nogil:
    # s(x) - t, and (1 - t) - s(-x) for x > 0: no sigmoid near 1 loses digits.
    cdef long double opposite = -fabsl(x[0])
    sigmoid(&opposite, grad)
    grad[0] = 1 - x[1] - grad[0] if x[0] > 0 else grad[0] - x[1]


cdef void bce_with_logits_and_grad(const long double *x, long double *y) noexcept nogil:
    bce_with_logits(x, y)
    bce_with_logits_grad(x, y + 1)


cdef void sigmoid_backward(const long double *x, long double *dx) noexcept nogil:
    dx[0] = product(x[0], x[1], 1 - x[1], 0)


cdef void silu_backward(const long double *x, long double *dx) noexcept nogil:
    cdef long double rest
    if x[1] < NEGLIGIBLE_EXP:
        dx[0] = product(x[0], silu_slope(x[1], &rest), 1, x[1])
    else:
        silu_grad(x + 1, dx)
        dx[0] *= x[0]


cdef long double gated(long double a, long double b) noexcept nogil:
    """Return a s(b)."""
    cdef long double s
    if b < NEGLIGIBLE_EXP:
        return product(a, 1, 1, b)
    sigmoid(&b, &s)
    return a * s


cdef void glu(const long double *x, long double *y) noexcept nogil:
    y[0] = gated(x[0], x[1])


cdef void swiglu(const long double *x, long double *y) noexcept nogil:
    cdef long double s
    if x[0] < NEGLIGIBLE_EXP:
        y[0] = product(fmaxl(x[0], -LDBL_MAX), x[1], 1, x[0])
    else:
        sigmoid(x, &s)
        y[0] = product(x[0], x[1], s, 0)


cdef void mix(const long double *x, long double *y) noexcept nogil:
    # Where s(x) rounds to 1 or 0, the side without weight does not count, whatever it is.
    cdef long double s
    sigmoid(x + 2, &s)
    if s == 1 and (isinf(x[2]) or not isfinite(x[1])):
        y[0] = x[0]
    elif s == 0 and (isinf(x[2]) or not isfinite(x[0])):
        y[0] = x[1]
    else:
        y[0] = gated(x[0], x[2]) + gated(x[1], -x[2])


cdef void lstm_cell(const long double *x, long double *y) noexcept nogil:
    # i, f, g, o, c -> h, c_new
    tanh(x + 2, y)
    y[1] = gated(x[4], x[1]) + gated(y[0], x[0])
    tanh(y + 1, y)
    y[0] = gated(y[0], x[3])


cdef void gru_cell(const long double *x, long double *y) noexcept nogil:
    # r, z, xn, hn, h -> h_new
    cdef long double argument = x[2] + gated(x[3], x[0])
    tanh(&argument, y)
    y[0] = gated(y[0], -x[1]) + gated(x[4], x[1])


cdef dict long_double_functions():
    """Return the address of each long double function."""
    return {
        "sigmoid": <size_t>sigmoid,
        "sigmoid_grad": <size_t>sigmoid_grad,
        "sigmoid_grad_from_output": <size_t>sigmoid_grad_from_output,
        "sigmoid_and_grad": <size_t>sigmoid_and_grad,
        "log_sigmoid": <size_t>log_sigmoid,
        "softplus": <size_t>softplus,
        "logit": <size_t>logit,
        "silu": <size_t>silu,
        "silu_grad": <size_t>silu_grad,
        "tanh": <size_t>tanh,
        "bce_with_logits": <size_t>bce_with_logits,
        "bce_with_logits_grad": <size_t>bce_with_logits_grad,
        "bce_with_logits_and_grad": <size_t>bce_with_logits_and_grad,
        "sigmoid_backward": <size_t>sigmoid_backward,
        "silu_backward": <size_t>silu_backward,
        "glu": <size_t>glu,
        "swiglu": <size_t>swiglu,
        "mix": <size_t>mix,
        "lstm_cell": <size_t>lstm_cell,
        "gru_cell": <size_t>gru_cell,
    }


ctypedef struct long_double_loop:
    long_double_function function
    int inputs
    int outputs


cdef void run_long_double(
    char **args, const npy_intp *dimensions, const npy_intp *steps, void *data
) noexcept nogil:
    cdef const long_double_loop *loop = <const long_double_loop *>data
    cdef npy_intp i
    cdef int k
    cdef long double x[MAX_OPERANDS]
    cdef long double y[MAX_OPERANDS]
    cdef fenv_t saved
    ogive_enter_long_double(&saved)
    for i in range(dimensions[0]):
        for k in range(loop.inputs):
            x[k] = (<long double *>(args[k] + i * steps[k]))[0]
        loop.function(x, y)
        for k in range(loop.outputs):
            (<long double *>(args[loop.inputs + k] + i * steps[loop.inputs + k]))[0] = y[k]
    ogive_leave_long_double(&saved)


# --- the ufuncs ---------------------------------------------------------------------------------

cdef list keep_alive = []


cdef const char *permanent(bytes text):
    """Return the characters of `text`, which live as long as the module."""
    keep_alive.append(text)
    return text


cdef void *allocate(size_t size) except NULL:
    """Return memory that a ufunc keeps for good."""
    cdef void *memory = PyMem_Malloc(size)
    if memory == NULL:
        raise MemoryError("ogive: no memory for the ufunc tables")
    return memory


cdef kernel_loop *new_kernel_loop(
    ogive_kernel *kernel, ptrdiff_t itemsize, int inputs, int operands
) except NULL:
    cdef kernel_loop *loop = <kernel_loop *>allocate(sizeof(kernel_loop))
    loop.kernel = kernel
    loop.itemsize = itemsize
    loop.inputs = inputs
    loop.operands = operands
    return loop


cdef class LoopTable:
    """The loops of one ufunc, in the memory that the ufunc goes on to use."""

    cdef PyUFuncGenericFunction *loops
    cdef void **data
    cdef char *types
    cdef int count, inputs, operands

    def __cinit__(self, int inputs, int outputs):
        self.inputs = inputs
        self.operands = inputs + outputs
        self.loops = <PyUFuncGenericFunction *>allocate(4 * sizeof(PyUFuncGenericFunction))
        self.data = <void **>allocate(4 * sizeof(void *))
        self.types = <char *>allocate(4 * MAX_OPERANDS)

    cdef void add(self, int dtype, PyUFuncGenericFunction loop, void *data):
        cdef int i
        self.loops[self.count] = loop
        self.data[self.count] = data
        for i in range(self.operands):
            self.types[self.count * self.operands + i] = <char>dtype
        self.count += 1

    cdef int add_kernel(self, int dtype, ptrdiff_t itemsize, ogive_kernel *kernel) except -1:
        self.add(dtype, run_kernel, new_kernel_loop(kernel, itemsize, self.inputs, self.operands))
        return 0

    cdef int add_long_double(self, size_t function) except -1:
        cdef long_double_loop *loop = <long_double_loop *>allocate(sizeof(long_double_loop))
        loop.function = <long_double_function>function
        loop.inputs = self.inputs
        loop.outputs = self.operands - self.inputs
        self.add(NPY_LONGDOUBLE, run_long_double, loop)
        return 0


# bfloat16 is a dtype of the package ml_dtypes, which may be imported later than this module or
# never: then its loops are added when a ufunc first has to choose one for inputs that it does not
# know. (If that first call says dtype=bfloat16, NumPy 1.26 and 2.0 fail, once: they
# cache the loop twice.)
cdef int bfloat16 = -1  # its type number
cdef list bfloat16_loops = []  # (ufunc, the address of its kernel_loop), to be added


cdef int add_bfloat16() except -1:
    """Add the loops for bfloat16, if ml_dtypes is there and that is not done."""
    global bfloat16
    ml_dtypes = sys.modules.get("ml_dtypes")
    if ml_dtypes is None or not bfloat16_loops:
        return 0
    bfloat16 = np.dtype(ml_dtypes.bfloat16).num
    while bfloat16_loops:
        ufunc, loop = bfloat16_loops.pop()
        PyUFunc_RegisterLoopForType(
            <PyUFuncObject *>ufunc, bfloat16, run_kernel, NULL, <void *><size_t>loop
        )
    return 0


cdef object result_type(int count, PyArrayObject **arrays, PyArray_Descr *descr):
    """Return the dtype that the arithmetic of NumPy gives arrays, and one dtype more or NULL."""
    cdef PyArray_Descr *found = PyArray_ResultType(count, arrays, descr != NULL, &descr)
    common = <object><PyObject *>found
    Py_DECREF(common)  # the reference that `found` was
    return common


cdef int common_type(PyArrayObject **inputs, int count) except -1:
    """Return the number of the dtype that the arithmetic of NumPy gives the inputs.

    To any dtype but its own and small integers, bfloat16 is as float32.
    """
    cdef PyArrayObject *others[MAX_OPERANDS]
    cdef PyArray_Descr *instead
    cdef int other_count = 0, i, first = PyArray_DESCR(inputs[0]).type_num, alike = 1
    while alike < count and PyArray_DESCR(inputs[alike]).type_num == first:
        alike += 1
    if alike == count and (first <= NPY_LONGDOUBLE or first == NPY_HALF):  # integers come first
        return first  # at once: it counts for small arrays
    add_bfloat16()
    float32 = np.dtype(np.float32)
    instead = <PyArray_Descr *>float32
    for i in range(count):
        if bfloat16 < 0 or PyArray_DESCR(inputs[i]).type_num != bfloat16:
            others[other_count] = inputs[i]
            other_count += 1
    try:
        common = result_type(count, inputs, NULL)
    except TypeError:
        if other_count == count:
            raise
        common = float32
    if other_count < count and common.num != bfloat16:
        common = result_type(other_count, others, instead)
    return common.num


cdef PyUFunc_TypeResolutionFunc *numpy_resolver


cdef int resolve_by_promotion(
    PyUFuncObject *ufunc, NPY_CASTING casting, PyArrayObject **operands, PyObject *type_tuple,
    PyArray_Descr **descrs
) except -1:
    """Choose the loop by the dtype that the arithmetic of NumPy gives the inputs.

    NumPy's own choice for a ufunc like these is the first loop that all inputs can be cast to:
    float64 for a float32 array and 1.0.
    """
    cdef int i, dtype
    if type_tuple == NULL:
        try:
            dtype = common_type(operands, ufunc.nin)
        except TypeError:  # numpy_resolver says it with the name of the function
            return numpy_resolver(ufunc, casting, operands, type_tuple, descrs)
        if dtype <= NPY_ULONGLONG:  # bool or an integer
            dtype = NPY_DOUBLE
        if dtype in (NPY_DOUBLE, NPY_FLOAT, NPY_LONGDOUBLE, NPY_HALF, bfloat16):
            for i in range(ufunc.nargs):
                descrs[i] = PyArray_DescrFromType(dtype)
            return 0
    add_bfloat16()
    return numpy_resolver(ufunc, casting, operands, type_tuple, descrs)


cdef ogive_kernel *float64_phase(const ogive_function *function, int phase):
    return function.f64_phase2 if phase == 2 else function.f64_phase3


cdef object make_ufunc(const ogive_function *function, int phase):
    global numpy_resolver
    cdef LoopTable table = LoopTable(function.inputs, function.outputs)
    cdef str name = function.name.decode()
    if phase == 1:
        table.add_kernel(NPY_DOUBLE, 8, function.f64)
        table.add_kernel(NPY_FLOAT, 4, function.f32)
        table.add_long_double(long_double_functions()[name])
        table.add_kernel(NPY_HALF, 2, function.f16)
    else:
        table.add_kernel(NPY_DOUBLE, 8, float64_phase(function, phase))
    ufunc = PyUFunc_FromFuncAndData(
        table.loops, table.data, table.types, table.count, function.inputs, function.outputs,
        PyUFunc_None, function.name, permanent(DOCS[name].encode()), 0,
    )
    numpy_resolver = (<PyUFuncObject *>ufunc).type_resolver
    (<PyUFuncObject *>ufunc).type_resolver = resolve_by_promotion
    if phase == 1:
        bfloat16_loops.append((ufunc, <size_t>new_kernel_loop(
            function.bf16, 2, table.inputs, table.operands
        )))
    return ufunc


cdef const ogive_backend *find_backend(str isa) except NULL:
    cdef int i = 0
    while ogive_backends[i] != NULL:
        if ogive_backends[i].name == isa.encode():
            return ogive_backends[i]
        i += 1
    raise ValueError(f"ogive has no backend {isa!r}; built in: {', '.join(built_in())}")


def ufuncs(str isa, int phase=1):
    """Return {name: ufunc} on the backend `isa`.

    `phase` 2 or 3 is for tests: float64 only, each element through that accurate phase, of the
    functions that have one.
    """
    cdef const ogive_backend *backend = find_backend(isa)
    cdef const ogive_function *function
    cdef dict made = {}
    cdef int i
    if not backend.runs_here():
        raise ValueError(f"this processor does not run the backend {isa!r}")
    for i in range(ogive_function_count):
        function = &backend.functions[i]
        if phase == 1 or float64_phase(function, phase) != NULL:
            made[function.name.decode()] = make_ufunc(function, phase)
    add_bfloat16()
    return made


def built_in():
    """Return the names of the backends in this build, best first."""
    cdef list names = []
    cdef int i = 0
    while ogive_backends[i] != NULL:
        names.append(ogive_backends[i].name.decode())
        i += 1
    return names


def runs_here():
    """Return the names of the backends that this processor runs, best first."""
    return [isa for isa in built_in() if find_backend(isa).runs_here()]


def registry():
    """Return (name, inputs, outputs, aliases, summary) of each row of functions.h."""
    cdef const ogive_function *function
    cdef list rows = []
    cdef int i
    for i in range(ogive_function_count):
        function = &ogive_backends[0].functions[i]
        rows.append((
            function.name.decode(), function.inputs, function.outputs,
            function.aliases.decode().split(), function.summary.decode(),
        ))
    return rows


cdef void call_kernel(ogive_kernel *kernel, char *const *args, ptrdiff_t n) noexcept nogil:
    cdef ogive_environment saved = ogive_enter()
    kernel(args, n)
    ogive_leave(saved)


cdef ogive_api native


def native_api(str isa):
    """Return the PyCapsule of the kernels of `isa`, for other extensions."""
    native.version = OGIVE_API_VERSION
    native.count = ogive_function_count
    native.functions = find_backend(isa).functions
    native.call = call_kernel
    return PyCapsule_New(&native, OGIVE_CAPSULE, NULL)


def native_symbols():
    """Return {name: address} of what compiled code may link to, after `native_api`."""
    cdef const ogive_function *function
    cdef dict symbols = {"ogive_call": <size_t>native.call}
    cdef int i
    for i in range(native.count):
        function = &native.functions[i]
        symbols[f"ogive_{function.name.decode()}_f64"] = <size_t>function.f64
        symbols[f"ogive_{function.name.decode()}_f32"] = <size_t>function.f32
    return symbols


def get_num_threads():
    """Return the number of threads that calls from this thread may use."""
    return ogive_threads()


def set_num_threads(int n):
    """Set that number for the process."""
    ogive_set_threads(n)


def set_own_num_threads(int n):
    """Set it for this thread, 0 for that of the process; return the one before."""
    return ogive_set_own_threads(n)


def compiler():
    """Return the name and version of the compiler that built the kernels."""
    return ogive_compiler.decode()


_import_array()
_import_umath()
