/* e^-a in double-double, the piece all phases 2 share.
 *
 *   k = round(a 64/ln2), e^-a = 2^(-k/64) e^r, r = k ln2/64 - a, |r| <= 2^-7.52
 *
 * Error, relative, in units of 2^-106, for a <= EXP_NEG_DIRECT:
 *    0.3   r: ln2/64 is cut at 2^-132, times k < 2^17, absolute 2^-115; its low part's rounding
 *          2^-114: together below 2^-113, and e^r sees it as it is
 *    0.3   Taylor remainder r^11/11! < 2^-108
 *    0.4   terms from r^6/720 on in double: 2^-53 2^-54.6 = 2^-107.6
 *    0.5   1/120 + r(...) to 2^-70, times r^5: 2^-107
 *    8     five steps c + r sum: the low parts, < 2^-52 |c|, are summed in four roundings, 2^-104
 *          at c = 1; the steps before enter times r <= 2^-7.5
 *   10     the table entry (2^-107) and its product (7, its low part not normalized)
 *   ---
 *   20     < 2^-101.6; beyond EXP_NEG_DIRECT it is the square of e^(-a/2): 48 < 2^-100.4 */
#ifndef OGIVE_ACCURATE_EXP_H
#define OGIVE_ACCURATE_EXP_H

#include "../kernels/exp_constants.h"
#include "scaled.h"

/* k < 2^17, so that k EXP_FINE_STEP_HIGH is exact. */
#define EXP_NEG_DIRECT 1400.0

/* Beyond, e^-a (and a e^-a) is far below the smallest subnormal even after a product with the
 * largest double: 2^-2164. */
#define EXP_NEG_BOUND 1500.0

/* 1.5 2^52: added to |t| < 2^51, it leaves round(t) in the low bits. */
#define ROUND_TO_INTEGER 0x1.8p+52

/* e^-a = power 2^exponent e^rest. */
typedef struct {
    dd rest, power;
    int exponent;
} exp_reduced;

/* 0 <= a <= EXP_NEG_DIRECT. */
OGIVE_INLINE exp_reduced exp_reduce(double a)
{
    double shifted = a * EXP_FINE_STEPS_PER_UNIT + ROUND_TO_INTEGER;
    double k = shifted - ROUND_TO_INTEGER;
    int steps = (int)k;

    double r_high = k * EXP_FINE_STEP_HIGH - a; /* exact, both */
    dd r = two_sum(r_high, k * EXP_FINE_STEP_MID);
    const double *entry = exp_power64[steps & 63];
    exp_reduced result = {
        fast_two_sum(r.high, r.low + k * EXP_FINE_STEP_LOW), {entry[0], entry[1]}, -(steps >> 6)};
    return result;
}

/* e^r by Taylor, |r| <= 2^-7.52. */
OGIVE_INLINE dd exp_series(dd r)
{
    double tail = exp_taylor[10][0];
    for (int n = 9; n >= 6; n--)
        tail = exp_taylor[n][0] + r.high * tail;
    dd sum = fast_two_sum(exp_taylor[5][0], r.high * tail);
    sum.low += exp_taylor[5][1];
    for (int n = 4; n >= 0; n--) {
        dd coefficient = {exp_taylor[n][0], exp_taylor[n][1]};
        sum = dd_multiply_add(r, sum, coefficient);
    }
    return sum;
}

/* e^-a, a >= 0; beyond EXP_NEG_BOUND that of the bound. The error is the caller's to set. */
OGIVE_INLINE scaled_dd exp_neg_dd(double a)
{
    int halved = a > EXP_NEG_DIRECT;
    if (halved)
        a = (a < EXP_NEG_BOUND ? a : EXP_NEG_BOUND) * 0.5;
    exp_reduced reduced = exp_reduce(a);
    scaled_dd result = {dd_multiply(reduced.power, exp_series(reduced.rest)), reduced.exponent,
                        0.0};
    if (halved) {
        result.value = dd_multiply(result.value, result.value);
        result.exponent *= 2;
    }
    return result;
}

/* 1 + e for 0 < e <= 1. */
OGIVE_INLINE dd one_plus(scaled_dd e)
{
    const dd one = {1.0, 0.0};
    if (e.exponent < -200)
        return one;
    double scale = power_of_two(e.exponent);
    dd scaled = {e.value.high * scale, e.value.low * scale};
    return dd_add(one, scaled);
}

#endif
