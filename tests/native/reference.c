/* The reference of tests/exhaustive.py for float32: every function in double with the C library's
 * exp, in code that the kernels do not share.
 *
 * A result is judged here where the interval of half-width MARGIN |y| + MARGIN_TINY around the
 * double y rounds to one float; where it does not, MPFR judges (tests/reference.py). Each y below
 * is off by less than 2^-50 of itself (exp within 2 ulp, three more operations), or by less than
 * 2^-200 where it is that small: the margin holds sixty times that, and makes the inputs within
 * 2^-21 ulp of a boundary, the hardest ones, pass through MPFR anyway. */
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

/* An infinite y makes low a NaN: NEAR. */
static inline enum verdict judge(double y, float got)
{
    if (isnan(y))
        return isnan(got) ? RIGHT : WRONG;
    double width = MARGIN * fabs(y) + MARGIN_TINY;
    float low = (float)(y - width), high = (float)(y + width), nearest = (float)y;
    if (low != high)
        return NEAR;
    return memcmp(&got, &nearest, sizeof got) ? WRONG : RIGHT;
}

/* Writes the worst verdict over the outputs of each input, NEAR before WRONG before RIGHT, and
 * returns how many are not RIGHT. */
#define CHECK(name, outputs)                                                                       \
    ptrdiff_t check_##name(const float *x, const float *const *results, ptrdiff_t n,               \
                           uint8_t *verdicts)                                                      \
    {                                                                                              \
        ptrdiff_t count = 0;                                                                       \
        for (ptrdiff_t i = 0; i < n; i++) {                                                        \
            double y[MAX_OUTPUTS];                                                                 \
            name(x[i], y);                                                                         \
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
