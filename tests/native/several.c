/* The reference of tests/random_inputs.py for functions of several inputs, in code that the kernels do
 * not share: the textbook in long double for float32, in __float128 for float64.
 *
 * A result is judged here where the interval y -+ MARGIN size rounds to one number of the dtype, `size`
 * being that of the terms, which may cancel; where it does not, MPFR judges (tests/reference.py). The C
 * libraries' functions are within a few ulp, and no formula has more than some thirty operations: the
 * margin holds that a hundred times. */
#include <math.h>
#include <stddef.h>
#include <stdint.h>

enum { MOST_INPUTS = 5, MOST_OUTPUTS = 2 };
enum verdict { RIGHT, NEAR, WRONG };

#ifdef OF_FLOAT64
#include <quadmath.h>
typedef double number;
typedef __float128 real;
#define R(name) name##q
#define MARGIN 0x1p-98
#else
typedef float number;
typedef long double real;
#define R(name) name##l
#define MARGIN 0x1p-52L
#endif

static real magnitude(real x) { return x < 0 ? -x : x; }

static real exp_neg(real x) { return R(exp)(-magnitude(x)); }

static real sigmoid(real x)
{
    real e = exp_neg(x);
    return (x < 0 ? e : 1) / (1 + e);
}

static real least(real a, real b) { return a < b ? a : b; }

static real weight(const real *x) { return x[0] > 0 ? 1 - x[1] : x[1]; }

static void bce_with_logits(const real *x, real *y, real *size)
{
    real log = R(log1p)(exp_neg(x[0])), line = magnitude(x[0]) * weight(x);
    *y = log + line;
    *size = log + magnitude(line);
}

static void bce_with_logits_grad(const real *x, real *y, real *size)
{
    real e = exp_neg(x[0]), p = e / (1 + e), w = weight(x);
    *y = x[0] > 0 ? w - p : p - w;
    *size = p + magnitude(w);
}

static void bce_with_logits_and_grad(const real *x, real *y, real *size)
{
    bce_with_logits(x, &y[0], &size[0]);
    bce_with_logits_grad(x, &y[1], &size[1]);
}

static void sigmoid_backward(const real *x, real *y, real *size)
{
    *y = x[0] * x[1] * (1 - x[1]);
    *size = magnitude(*y);
}

static void silu_backward(const real *x, real *y, real *size)
{
    real s = sigmoid(x[1]), slope = x[1] * sigmoid(-x[1]);
    *y = x[0] * s * (1 + slope);
    *size = magnitude(x[0]) * s * (1 + magnitude(slope));
}

static void glu(const real *x, real *y, real *size)
{
    *y = x[0] * sigmoid(x[1]);
    *size = magnitude(*y);
}

static void swiglu(const real *x, real *y, real *size)
{
    *y = x[0] * sigmoid(x[0]) * x[1];
    *size = magnitude(*y);
}

static void mix(const real *x, real *y, real *size)
{
    real a = sigmoid(x[2]) * x[0], b = sigmoid(-x[2]) * x[1];
    *y = a + b;
    *size = magnitude(a) + magnitude(b);
}

/* tanh(x), and what an error of x is to it. */
static real tanh_of(real x, real *size)
{
    *size *= least(1, 4 * exp_neg(2 * x));
    return R(tanh)(x);
}

static void lstm_cell(const real *x, real *y, real *size)
{
    real kept = sigmoid(x[1]) * x[4], added = sigmoid(x[0]) * R(tanh)(x[2]), o = sigmoid(x[3]);
    y[1] = kept + added;
    size[0] = size[1] = magnitude(kept) + magnitude(added);
    y[0] = o * tanh_of(y[1], &size[0]);
    size[0] = o * size[0] + magnitude(y[0]);
}

static void gru_cell(const real *x, real *y, real *size)
{
    real reset = sigmoid(x[0]) * x[3];
    *size = magnitude(x[2]) + magnitude(reset);
    real n = sigmoid(-x[1]) * tanh_of(x[2] + reset, size), kept = sigmoid(x[1]) * x[4];
    *y = n + kept;
    *size = sigmoid(-x[1]) * *size + magnitude(n) + magnitude(kept);
}

static enum verdict judge(real y, real size, number got)
{
    number low = (number)(y - (real)MARGIN * size), high = (number)(y + (real)MARGIN * size);
    if (low != high || low - low != 0 || low == 0) /* of a zero the sign counts */
        return NEAR;
    return got == low ? RIGHT : WRONG;
}

/* Writes the worst verdict over the outputs of each element, NEAR before WRONG before RIGHT, and
 * returns how many are not RIGHT. */
#define CHECK(name, inputs, outputs)                                                               \
    ptrdiff_t check_##name(const number *const *x, const number *const *results, ptrdiff_t n,      \
                           uint8_t *verdicts)                                                      \
    {                                                                                              \
        ptrdiff_t count = 0;                                                                       \
        for (ptrdiff_t i = 0; i < n; i++) {                                                        \
            real given[MOST_INPUTS], y[MOST_OUTPUTS], size[MOST_OUTPUTS];                          \
            enum verdict verdict = RIGHT;                                                          \
            for (int k = 0; k < (inputs); k++)                                                     \
                given[k] = x[k][i];                                                                \
            name(given, y, size);                                                                  \
            for (int o = 0; o < (outputs); o++) {                                                  \
                enum verdict one = judge(y[o], size[o], results[o][i]);                            \
                if (one != RIGHT && verdict != NEAR)                                               \
                    verdict = one;                                                                 \
            }                                                                                      \
            verdicts[i] = (uint8_t)verdict;                                                        \
            count += verdict != RIGHT;                                                             \
        }                                                                                          \
        return count;                                                                              \
    }

CHECK(bce_with_logits, 2, 1)
CHECK(bce_with_logits_grad, 2, 1)
CHECK(bce_with_logits_and_grad, 2, 2)
CHECK(sigmoid_backward, 2, 1)
CHECK(silu_backward, 2, 1)
CHECK(glu, 2, 1)
CHECK(swiglu, 2, 1)
CHECK(mix, 3, 1)
CHECK(lstm_cell, 5, 2)
CHECK(gru_cell, 5, 1)
