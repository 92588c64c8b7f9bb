/* The reference of tests/exhaustive.py for float32: every function of one input in double with the
 * C library's exp, expm1, log and log1p, in code that the kernels do not share.
 *
 * A result is judged here where the interval of half-width MARGIN |y| + MARGIN_TINY around the
 * double y rounds to one float; where it does not, MPFR judges (tests/reference.py). No formula
 * cancels, so each y below is off by less than 2^-49 of itself (the library within 1 ulp, silu's
 * gradient with ten more operations), or by less than 2^-200 where it is that small: the margin
 * holds thirty times that, and makes the inputs within 2^-21 ulp of a boundary, the hardest ones,
 * pass through MPFR anyway. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define MARGIN 0x1p-44
#define MARGIN_TINY 0x1p-170 /* 2^-44 of float's smallest normal */

enum { MAX_OUTPUTS = 2 };
enum verdict { RIGHT, NEAR, WRONG };

/* e^-|x|; below 2^-288 its size is of no account, and exp would be slow beyond 708. */
static inline double exp_neg_distance(double x)
{
    double distance = fabs(x);
    return exp(distance > 200.0 ? -200.0 : -distance); /* NaN stays */
}

static inline void sigmoid(double x, double *y)
{
    double e = exp_neg_distance(x);
    *y = (x < 0 ? e : 1.0) / (1.0 + e);
}

static inline void sigmoid_grad(double x, double *y)
{
    double e = exp_neg_distance(x), d = 1.0 + e;
    *y = e / d / d;
}

static inline void sigmoid_grad_from_output(double y, double *grad) { *grad = y * (1.0 - y); }

static inline void sigmoid_and_grad(double x, double *y)
{
    sigmoid(x, y);
    sigmoid_grad(x, y + 1);
}

/* No term is negative. */
static inline void softplus(double x, double *y)
{
    *y = (x > 0 ? x : 0.0) + log1p(exp_neg_distance(x));
}

static inline void log_sigmoid(double x, double *y)
{
    softplus(-x, y);
    *y = -*y;
}

/* Near 1/2, where the logarithms cancel, 2p - 1 and 1 - p are exact. */
static inline void logit(double p, double *x)
{
    if (!(p >= 0 && p <= 1))
        *x = NAN;
    else if (p > 0.25 && p < 0.75)
        *x = log1p((2.0 * p - 1.0) / (1.0 - p));
    else
        *x = log(p) - log1p(-p);
}

/* x, but -200 below it, where silu and its gradient are far below float's subnormals. */
static inline double clamped(double x) { return x < -200.0 ? -200.0 : x; }

/* x/2 + x^2/4 for the smallest x: a tie at every odd multiple of 2^-149 but for x^2/4. Boundaries
 * are multiples of 2^-150 there, so that 2^-151 in its place rounds to the same float. */
static inline void silu(double x, double *y)
{
    sigmoid(x, y);
    *y *= clamped(x);
    if (x != 0 && fabs(x) < 0x1p-125)
        *y = 0.5 * x + 0x1p-151;
}

/* s(x) (1 + x s(-x)) = (1 + (1 + x) e)/(1 + e)^2 for x >= 0, and e (1 + x + e)/(1 + e)^2 below.
 * 1 + x + e has a zero z, near which it is d + exp(z) expm1(d), d = x - z, both of one sign, as
 * exp(z) = -1 - z. */
static inline void silu_grad(double x, double *y)
{
    const double z = -0x1.474973c84120bp+0, z_low = -0x1.f8d74bc9ac154p-54; /* -1.278465 */
    double e = exp_neg_distance(x), d = x - z - z_low, sum;
    if (x >= 0)
        sum = 1.0 + (1.0 + x) * e;
    else if (fabs(d) < 0.5)
        sum = e * (d + (-1.0 - z - z_low) * expm1(d));
    else
        sum = e * (1.0 + clamped(x) + e);
    *y = sum / (1.0 + e) / (1.0 + e);
}

static inline void tanh_(double x, double *y)
{
    double t = expm1(-2.0 * fabs(x));
    *y = copysign(-t / (2.0 + t), x);
}

/* An infinite y makes low or high a NaN: NEAR. */
static inline enum verdict judge(double y, float got)
{
    if (isnan(y))
        return isnan(got) ? RIGHT : WRONG;
    double width = MARGIN * fabs(y) + MARGIN_TINY;
    float low = (float)(y - width), high = (float)(y + width), nearest = (float)y;
    if (low != high)
        return NEAR;
    /* NOLINTNEXTLINE(*-memory-comparison,*-exp42-c,*-flp37-c): the sign of zero counts */
    return memcmp(&got, &nearest, sizeof got) ? WRONG : RIGHT;
}

/* Writes the worst verdict over the outputs of each input, NEAR before WRONG before RIGHT, and
 * returns how many are not RIGHT. */
#define CHECK(name, outputs) CHECK_AS(name, name, outputs)
#define CHECK_AS(name, function, outputs)                                                          \
    ptrdiff_t check_##name(const float *x, const float *const *results, ptrdiff_t n,               \
                           uint8_t *verdicts)                                                      \
    {                                                                                              \
        ptrdiff_t count = 0;                                                                       \
        for (ptrdiff_t i = 0; i < n; i++) {                                                        \
            double y[MAX_OUTPUTS];                                                                 \
            function(x[i], y);                                                                     \
            enum verdict verdict = RIGHT;                                                          \
            for (int o = 0; o < outputs; o++) {                                                    \
                enum verdict one = judge(y[o], results[o][i]);                                     \
                if (one != RIGHT && verdict != NEAR)                                               \
                    verdict = one;                                                                 \
            }                                                                                      \
            verdicts[i] = (uint8_t)verdict;                                                        \
            count += verdict != RIGHT;                                                             \
        }                                                                                          \
        return count;                                                                              \
    }

CHECK(sigmoid, 1)
CHECK(sigmoid_grad, 1)
CHECK(sigmoid_grad_from_output, 1)
CHECK(sigmoid_and_grad, 2)
CHECK(log_sigmoid, 1)
CHECK(softplus, 1)
CHECK(logit, 1)
CHECK(silu, 1)
CHECK(silu_grad, 1)
CHECK_AS(tanh, tanh_, 1)
