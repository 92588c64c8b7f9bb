# cython: language_level=3, cdivision=True
"""The loops of long double: the textbook, branch by branch.

What every kernel of csrc computes, with the platform's expl and logl: functions of one input
are at most 2 ulp off where these two are good to 1. (The log1pl, expm1l and tanhl of glibc are
2.6 off in places.)
"""

from ogive._csrc cimport (
    MAX_OPERANDS, fenv_t, ogive_enter_long_double, ogive_leave_long_double,
)
from ogive._numpy_api cimport npy_intp

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


cdef inline long double over(
    long double n, long double n_rest, long double d, long double d_rest
) noexcept nogil:
    """Return (n + n_rest) / (d + d_rest); the rests are what rounding took from n and d."""
    cdef long double y = n / d
    if y == 0 or not isfinite(y):
        return y
    return y + (fmal(-y, d, n) + n_rest - y * d_rest) / d


cdef inline long double over_square(
    long double n, long double n_rest, long double d, long double e
) noexcept nogil:
    """Return (n + n_rest) / (1 + e)^2, where d is 1 + e rounded."""
    cdef long double square = d * d
    return over(n, n_rest, square, fmal(d, d, -square) + 2 * d * (e - (d - 1)))


cdef inline long double product(
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


cdef inline void sigmoid(const long double *x, long double *y) noexcept nogil:
    cdef long double e = expl(-fabsl(x[0])), d = 1 + e
    y[0] = over(1 if x[0] >= 0 else e, 0, d, e - (d - 1))


cdef inline void sigmoid_grad(const long double *x, long double *y) noexcept nogil:
    # s(x) s(-x) is even; with e <= 1 neither factor overflows.
    cdef long double e = expl(-fabsl(x[0]))
    y[0] = over_square(e, 0, 1 + e, e)


cdef inline void sigmoid_grad_from_output(const long double *y, long double *grad) noexcept nogil:
    grad[0] = y[0] * (1 - y[0])


cdef inline void sigmoid_and_grad(const long double *x, long double *y) noexcept nogil:
    sigmoid(x, y)
    sigmoid_grad(x, y + 1)


cdef inline void softplus(const long double *x, long double *y) noexcept nogil:
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


cdef inline void log_sigmoid(const long double *x, long double *y) noexcept nogil:
    cdef long double opposite = -x[0]
    softplus(&opposite, y)
    y[0] = -y[0]


cdef inline void logit(const long double *p, long double *x) noexcept nogil:
    cdef long double d = 1 - p[0], ratio = p[0] / d
    x[0] = logl(ratio)
    if 0 < p[0] < 1:
        x[0] += (fmal(-ratio, d, p[0]) - ratio * (1 - d - p[0])) / p[0]


cdef inline void silu(const long double *x, long double *y) noexcept nogil:
    cdef long double e = expl(-fabsl(x[0])), d = 1 + e
    cdef long double n = x[0] * e if x[0] < 0 else x[0]
    cdef long double n_rest = fmal(x[0], e, -n) if x[0] < 0 else 0
    if x[0] < NEGLIGIBLE_EXP:
        y[0] = product(fmaxl(x[0], -LDBL_MAX), 1, 1, x[0])
    else:
        y[0] = over(n, n_rest, d, e - (d - 1))


cdef inline long double silu_slope(long double x, long double *rest) noexcept nogil:
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


cdef inline void silu_grad(const long double *x, long double *y) noexcept nogil:
    cdef long double e = expl(-fabsl(x[0])), n_rest, rest
    cdef long double slope = silu_slope(x[0], &rest)
    cdef long double n = slope * e if x[0] < 0 else slope
    n_rest = fmal(slope, e, -n) + rest * e if x[0] < 0 else rest
    if x[0] < NEGLIGIBLE_EXP:
        y[0] = product(slope, 1, 1, x[0])
    else:
        y[0] = over_square(n, n_rest, 1 + e, e)


cdef inline void tanh(const long double *x, long double *y) noexcept nogil:
    cdef long double fraction = 0
    cdef int k
    if fabsl(x[0]) < 1:
        # Lambert's continued fraction x / (1 + x^2 / (3 + x^2 / (5 + ...)))
        for k in range(29, 1, -2):
            fraction = x[0] * x[0] / (k + fraction)
        y[0] = x[0] / (1 + fraction)
    else:
        y[0] = copysignl(1 - 2 / (1 + expl(2 * fabsl(x[0]))), x[0])


cdef inline void bce_with_logits(const long double *x, long double *loss) noexcept nogil:
    # log1p(exp(-|x|)) + |x| w: for t in [0, 1] nothing cancels.
    cdef long double w = 1 - x[1] if x[0] > 0 else x[1]
    cdef long double size = fabsl(x[0]), opposite = -size
    softplus(&opposite, loss)
    if w != 0:
        loss[0] += size * w


cdef inline void bce_with_logits_grad(const long double *x, long double *grad) noexcept nogil:
    # s(x) - t, and (1 - t) - s(-x) for x > 0: no sigmoid near 1 loses digits.
    cdef long double opposite = -fabsl(x[0])
    sigmoid(&opposite, grad)
    grad[0] = 1 - x[1] - grad[0] if x[0] > 0 else grad[0] - x[1]


cdef inline void bce_with_logits_and_grad(const long double *x, long double *y) noexcept nogil:
    bce_with_logits(x, y)
    bce_with_logits_grad(x, y + 1)


cdef inline void sigmoid_backward(const long double *x, long double *dx) noexcept nogil:
    dx[0] = product(x[0], x[1], 1 - x[1], 0)


cdef inline void silu_backward(const long double *x, long double *dx) noexcept nogil:
    cdef long double rest
    if x[1] < NEGLIGIBLE_EXP:
        dx[0] = product(x[0], silu_slope(x[1], &rest), 1, x[1])
    else:
        silu_grad(x + 1, dx)
        dx[0] *= x[0]


cdef inline long double gated(long double a, long double b) noexcept nogil:
    """Return a s(b)."""
    cdef long double s
    if b < NEGLIGIBLE_EXP:
        return product(a, 1, 1, b)
    sigmoid(&b, &s)
    return a * s


cdef inline void glu(const long double *x, long double *y) noexcept nogil:
    y[0] = gated(x[0], x[1])


cdef inline void swiglu(const long double *x, long double *y) noexcept nogil:
    cdef long double s
    if x[0] < NEGLIGIBLE_EXP:
        y[0] = product(fmaxl(x[0], -LDBL_MAX), x[1], 1, x[0])
    else:
        sigmoid(x, &s)
        y[0] = product(x[0], x[1], s, 0)


cdef inline void mix(const long double *x, long double *y) noexcept nogil:
    # Where s(x) rounds to 1 or 0, the side without weight does not count, whatever it is.
    cdef long double s
    sigmoid(x + 2, &s)
    if s == 1 and (isinf(x[2]) or not isfinite(x[1])):
        y[0] = x[0]
    elif s == 0 and (isinf(x[2]) or not isfinite(x[0])):
        y[0] = x[1]
    else:
        y[0] = gated(x[0], x[2]) + gated(x[1], -x[2])


cdef inline void lstm_cell(const long double *x, long double *y) noexcept nogil:
    # i, f, g, o, c -> h, c_new
    tanh(x + 2, y)
    y[1] = gated(x[4], x[1]) + gated(y[0], x[0])
    tanh(y + 1, y)
    y[0] = gated(y[0], x[3])


cdef inline void gru_cell(const long double *x, long double *y) noexcept nogil:
    # r, z, xn, hn, h -> h_new
    cdef long double argument = x[2] + gated(x[3], x[0])
    tanh(&argument, y)
    y[0] = gated(y[0], -x[1]) + gated(x[4], x[1])


cdef inline long_double_function long_double_by_name(str name) except NULL:
    """Return the function of a row of functions.h."""
    cdef size_t address = {
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
    }[name]
    return <long_double_function>address


ctypedef struct long_double_loop:
    long_double_function function
    int inputs
    int outputs


cdef inline void run_long_double(
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
