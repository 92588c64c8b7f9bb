# cython: language_level=3, cdivision=True
"""The loops of complex64 and complex128.

All is computed in double: functions with poles by kernels in pairs of doubles, functions of
logarithms from the platform's. Kernels are for parts of moderate size; the others, and what a step
off the real axis makes of silu near its minimum, go through the textbook in long double. Of x + iy
it takes e = exp(-|x|), m = 1 - e, 1 + cos y, and

    d = |1 + e exp(iy)|^2 = m^2 + 2 e (1 + cos y)

no term of which is negative: nothing is lost near a pole, where d is 0. Where the platform's
functions are good to 1 ulp, results are within 4 ulp of their modulus (those of kernels within 1),
and where the imaginary part is below 1e-8 of the real one, as a complex step's is, each part is
within 4 ulp of itself.
"""

from ogive._buffer_loops cimport call_kernel
from ogive._csrc cimport (
    OGIVE_COMPLEX_BOUND, fenv_t, ogive_backend, ogive_complex, ogive_enter_long_double,
    ogive_kernel, ogive_leave_long_double,
)
from ogive._long_double cimport silu_grad as real_silu_grad
from ogive._numpy_api cimport npy_intp

cdef extern from "<math.h>" nogil:
    bint isfinite(long double x)
    bint isinf(long double x)
    bint isnan(double x)
    bint signbit(double x)
    double atan2(double y, double x)
    double copysign(double x, double sign)
    double cos(double x)
    double exp(double x)
    double expm1(double x)
    double fabs(double x)
    double hypot(double x, double y)
    double log(double x)
    double log1p(double x)
    double sin(double x)
    long double copysignl(long double x, long double sign)
    long double cosl(long double x)
    long double expl(long double x)
    long double expm1l(long double x)
    long double fabsl(long double x)
    long double sinl(long double x)

cdef extern from "<float.h>" nogil:
    const double DBL_MAX

cdef enum:
    # Elements that go to a kernel at a time; their parts are on a stack of 32 KiB in all.
    BLOCK = 128

ctypedef fused part:
    double
    float

ctypedef void (*complex_function)(const double *z, double *w) noexcept nogil

ctypedef struct complex_loop:
    complex_function textbook
    ogive_kernel *kernel  # or NULL

ctypedef struct complex_terms:
    long double e
    long double m
    long double cosine
    long double sine
    long double one_plus_cosine
    long double d


cdef inline complex_terms terms_of(
    long double x, long double cosine, long double sine, long double one_plus_cosine
) noexcept nogil:
    cdef complex_terms t
    t.e = expl(-fabsl(x))
    t.m = -expm1l(-fabsl(x))
    t.cosine = cosine
    t.sine = sine
    t.one_plus_cosine = one_plus_cosine
    if t.cosine >= 0 or t.e < 0.25:
        t.d = 1 + t.e * (2 * t.cosine + t.e)
    else:
        t.d = t.m * t.m + 2 * t.e * t.one_plus_cosine
    return t


cdef inline complex_terms terms(double x, double y) noexcept nogil:
    cdef long double cosine = cosl(y), sine = sinl(y)
    if cosine < -0.5:
        return terms_of(x, cosine, sine, sine * sine / (1 - cosine))
    return terms_of(x, cosine, sine, 1 + cosine)


cdef inline double imaginary(const double *z) noexcept nogil:
    """Return y, or 0 where x is infinite and y not finite: the result is that of a real limit."""
    return 0 if isinf(z[0]) and not isfinite(z[1]) else z[1]


cdef inline void sigmoid_parts(double x, const complex_terms *t, long double *s) noexcept nogil:
    # (1 + e exp(iy)) / d for x >= 0; below, e exp(iy) times its conjugate.
    if x >= 0:
        s[0] = (t.m + t.e * t.one_plus_cosine) / t.d
    elif t.cosine < -0.5 and t.e > 0.5:
        s[0] = t.e * (t.one_plus_cosine - t.m) / t.d
    else:
        s[0] = t.e * (t.e + t.cosine) / t.d
    s[1] = t.e * t.sine / t.d


cdef inline void sigmoid(const double *z, double *w) noexcept nogil:
    cdef complex_terms t = terms(z[0], imaginary(z))
    cdef long double s[2]
    sigmoid_parts(z[0], &t, s)
    w[0] = <double>s[0]
    w[1] = <double>s[1]


cdef inline void sigmoid_grad(const double *z, double *w) noexcept nogil:
    # e exp(-iy) (1 + e exp(iy))^2 / d^2 for x >= 0, the conjugate of that below.
    cdef complex_terms t = terms(z[0], imaginary(z))
    cdef long double square = 1 + t.e * t.e, re = 2 * t.e + t.cosine * square
    if t.cosine < 0:
        re = t.one_plus_cosine * square - t.m * t.m
    w[0] = <double>(t.e / t.d * (re / t.d))
    w[1] = <double>(-copysignl((1 + t.e) * t.m, z[0]) * t.sine / t.d * (t.e / t.d))


cdef inline void silu(const double *z, double *w) noexcept nogil:
    cdef double y = imaginary(z)
    cdef complex_terms t = terms(z[0], y)
    cdef long double x = z[0], slope
    cdef long double s[2]
    if x > DBL_MAX:
        w[0] = z[0]
        w[1] = z[1]
    elif x < -DBL_MAX:
        w[0] = copysign(0, -<double>t.cosine)
        w[1] = copysign(0, -<double>t.sine)
    else:
        sigmoid_parts(z[0], &t, s)
        w[0] = <double>(x * s[0] - y * s[1])
        w[1] = <double>(x * s[1] + y * s[0])
        if x < 0 and fabs(y) < 1e-4:
            # y silu'(x) and a cubic term, near the zero of silu' too.
            real_silu_grad(&x, &slope)
            w[1] = <double>(y * (slope + y * y * t.e / t.d * (slope - x / 6 - 0.5)))


cdef inline void tanh(const double *z, double *w) noexcept nogil:
    # (sinh x cosh x + i sin y cos y) / (sinh^2 x + cos^2 y), all of it times 4 exp(-2 |x|):
    # the terms are those of 2z.
    cdef double y = imaginary(z)
    cdef long double x = z[0], cosine = cosl(y), twice = 2 * cosine * cosine
    cdef complex_terms t = terms_of(2 * x, twice - 1, 2 * cosine * sinl(y), twice)
    w[0] = copysign(<double>(t.m * (2 - t.m) / t.d), z[0]) if x else z[0]
    w[1] = <double>(2 * t.e * t.sine / t.d)


cdef inline void softplus(const double *z, double *w) noexcept nogil:
    # max(x, 0) + log(d) / 2, and the argument of 1 + e exp(iy) or, for x > 0, of e + exp(iy).
    cdef double x = z[0], y = 0 if x < -DBL_MAX and not isfinite(z[1]) else z[1]
    cdef double e = exp(-fabs(x)), m = 1 - e, cosine = cos(y), sine = sin(y), square
    cdef double one_plus_cosine = 1 + cosine
    if x > DBL_MAX:
        w[0] = x
        w[1] = atan2(sine, cosine)
        return
    w[0] = log1p(e * (2 * cosine + e)) / 2
    if cosine < -0.5 and e > 0.25:
        m = -expm1(-fabs(x))
        one_plus_cosine = sine * sine / (1 - cosine)
        square = m * m + 2 * e * one_plus_cosine
        w[0] = log(square) / 2 if square < 0.5 else w[0]
    if x > 0:
        w[0] += x
        w[1] = atan2(sine, one_plus_cosine - m)
    else:
        w[0] += 0.0  # not -0
        w[1] = atan2(e * sine, m + e * one_plus_cosine)


cdef inline void log_sigmoid(const double *z, double *w) noexcept nogil:
    cdef double opposite[2]
    opposite[0] = -z[0]
    opposite[1] = -z[1]
    softplus(opposite, w)
    w[0] = -w[0]
    w[1] = -w[1]


cdef inline void logit(const double *p, double *w) noexcept nogil:
    # log |p / (1 - p)|, and the argument of p less that of 1 - p, which has the other sign.
    cdef double rest = 1 - p[0], excess = 2 * p[0] - 1
    cdef double nearer = rest if excess > 0 else p[0], square = nearer * nearer + p[1] * p[1]
    if isinf(p[0]) or isinf(p[1]):
        w[0] = 0
        w[1] = p[1] if isnan(p[1]) else atan2(copysign(0, p[1]), -1)
        return
    # Of the two squares the ratio is 1 + |excess| / square.
    w[0] = log1p(fabs(excess) / square) / 2 if square > 1e-280 else -log(hypot(nearer, p[1]))
    w[0] = w[0] if excess > 0 else -w[0]
    w[1] = atan2(p[1], p[0]) - atan2(-p[1], rest)


cdef inline bint set_complex(
    complex_loop *loop, const ogive_backend *backend, const char *function_name
):
    """Set the loop of a row of functions.h; return whether it takes complex numbers."""
    cdef bytes name = function_name
    cdef const ogive_complex *row = backend.complex_functions
    loop.kernel = NULL
    while row.name != NULL:
        if name == row.name:
            loop.kernel = row.f64
        row += 1
    cdef size_t textbook = {
        b"sigmoid": <size_t>sigmoid,
        b"sigmoid_grad": <size_t>sigmoid_grad,
        b"log_sigmoid": <size_t>log_sigmoid,
        b"softplus": <size_t>softplus,
        b"logit": <size_t>logit,
        b"silu": <size_t>silu,
        b"tanh": <size_t>tanh,
    }.get(name, 0)
    loop.textbook = <complex_function>textbook
    return textbook != 0


cdef inline bint is_moderate(const complex_loop *loop, const double *z) noexcept nogil:
    """Whether the kernel's result counts."""
    if loop.textbook == silu and fabs(z[0] + 1.2784645) < 0.01 and fabs(z[1]) < 1e-4:
        return False  # the imaginary part is nearly 0, as silu' is
    return fabs(z[0]) <= OGIVE_COMPLEX_BOUND and fabs(z[1]) <= OGIVE_COMPLEX_BOUND


cdef inline void compute(
    const complex_loop *loop, const double *x, const double *y, double *re, double *im, npy_intp n
) noexcept nogil:
    """Compute at most BLOCK results."""
    cdef const char *args[4]
    cdef double z[2]
    cdef double w[2]
    cdef npy_intp i
    if loop.kernel:
        args[0] = <const char *>x
        args[1] = <const char *>y
        args[2] = <const char *>re
        args[3] = <const char *>im
        call_kernel(loop.kernel, <char *const *>args, n)
    for i in range(n):
        z[0] = x[i]
        z[1] = y[i]
        if loop.kernel and is_moderate(loop, z):
            continue
        # At the conjugate each function is conjugate, in the sign of a zero too.
        z[1] = fabs(z[1])
        loop.textbook(z, w)
        re[i] = w[0]
        im[i] = w[1] if z[1] or not loop.kernel else 0  # a function with poles is real where z is
        im[i] = -im[i] if signbit(y[i]) else im[i]


cdef inline void run_complex(
    char **args, const npy_intp *dimensions, const npy_intp *steps, const complex_loop *loop, part _
) noexcept nogil:
    """Run a loop over numbers whose parts are of the type of the last argument."""
    cdef double x[BLOCK]
    cdef double y[BLOCK]
    cdef double re[BLOCK]
    cdef double im[BLOCK]
    cdef const part *z
    cdef part *w
    cdef npy_intp start = 0, i, n
    cdef fenv_t saved
    ogive_enter_long_double(&saved)
    while start < dimensions[0]:
        n = min(<npy_intp>BLOCK, dimensions[0] - start)
        for i in range(n):
            z = <const part *>(args[0] + (start + i) * steps[0])
            x[i] = z[0]
            y[i] = z[1]
        compute(loop, x, y, re, im, n)
        for i in range(n):
            w = <part *>(args[1] + (start + i) * steps[1])
            w[0] = <part>re[i]
            w[1] = <part>im[i]
        start += n
    ogive_leave_long_double(&saved)


cdef inline void run_complex128(
    char **args, const npy_intp *dimensions, const npy_intp *steps, void *data
) noexcept nogil:
    run_complex(args, dimensions, steps, <const complex_loop *>data, <double>0)


cdef inline void run_complex64(
    char **args, const npy_intp *dimensions, const npy_intp *steps, void *data
) noexcept nogil:
    run_complex(args, dimensions, steps, <const complex_loop *>data, <float>0)
