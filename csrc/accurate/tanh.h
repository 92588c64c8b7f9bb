/* Phase 2 of tanh: double-double, relative error below PHASE2_ERROR = 2^-98.
 *
 *   tanh(x) = -+M/(2 + M), M = e^-2a - 1, a = |x|
 *   e^-2a = P e^r, P = 2^(-k/64):  M = (P - 1) + P (e^r - 1), which for k = 0 is e^r - 1 alone
 *
 * Error, relative, in units of 2^-106:
 *   18     e^r - 1: the steps of exp.h (9), a product with r (7), r itself to 2^-113 where k > 0;
 *          against e^r, one term more is in double-double and two are added
 *    7     its product with P
 *   48     P - 1: the table entry to 2^-108, where |M| >= 2^-7.6; 0 for k = 0
 *    6     their sum, at most half of it cancelling
 *    3     2 + M
 *   20     division
 *   ---
 *  102     < 2^6.7: 2^-99.3. M enters with a factor 2/(2 + M) <= 2, near 1 where the 48 count.
 *          Three million random x met 2^-102.5.
 *
 * Below TANH_TINY, tanh(a) = a - a^3/3 + ..., the next term relative 2^-122. */
#ifndef OGIVE_ACCURATE_TANH_H
#define OGIVE_ACCURATE_TANH_H

#include "exp.h"
#include "multiword.h"
#include "rounding.h"

#define TANH_TINY 0x1p-30

/* e^-400 = 2^-577: only that it is more than 0 matters. */
#define TANH_CLAMP 200.0

/* (e^r - 1)/r, |r| <= 2^-7.52. */
OGIVE_INLINE dd expm1_series(dd r)
{
    double tail = 1.0 / 39916800 + r.high * (1.0 / 479001600); /* 1/11!, 1/12! */
    for (int n = 10; n >= 7; n--)
        tail = exp_taylor[n][0] + r.high * tail;
    dd sum = fast_two_sum(exp_taylor[6][0], r.high * tail);
    sum.low += exp_taylor[6][1];
    for (int n = 5; n >= 1; n--) {
        dd coefficient = {exp_taylor[n][0], exp_taylor[n][1]};
        sum = dd_multiply_add(r, sum, coefficient);
    }
    return sum;
}

/* e^-a - 1 for 2^-100 < a <= 2 TANH_CLAMP. */
OGIVE_INLINE dd expm1_neg_dd(double a)
{
    exp_reduced reduced = exp_reduce(a);
    double scale = power_of_two(reduced.exponent);
    dd power = {reduced.power.high * scale, reduced.power.low * scale};
    dd below_one = fast_two_sum(-1.0, power.high);
    below_one = fast_two_sum(below_one.high, below_one.low + power.low);
    dd change = dd_multiply(reduced.rest, expm1_series(reduced.rest));
    return dd_add(below_one, dd_multiply(power, change));
}

OGIVE_COLD scaled_dd tanh_phase2(double x)
{
    const dd two = {2.0, 0.0};
    double a = fabs(x);
    scaled_dd result;
    if (a == 0)
        return scaled_plain(x);
    if (a == INFINITY)
        return scaled_plain(x < 0 ? -1.0 : 1.0);
    if (a < TANH_TINY) {
        /* The sign of -a^3/3 matters even where it is out of sight. */
        double loss = a > 0x1p-50 ? a * a * (1.0 / 3) : 0x1p-102;
        result = scaled_set(a);
        result.value.low = -result.value.high * loss;
    } else {
        dd change = expm1_neg_dd(2 * (a < TANH_CLAMP ? a : TANH_CLAMP));
        result = scaled_plain(0.0);
        result.value = dd_divide(change, dd_add(two, change));
        result = scaled_negate(result);
    }
    result.error = result.value.high * PHASE2_ERROR;
    return x < 0 ? scaled_negate(result) : result;
}

static const accurate_function tanh_accurate = {tanh_phase2, ogive_tanh_exceeds};

#endif
