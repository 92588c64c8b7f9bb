/* Phase 2 of s(x) and s'(x): double-double, relative error below PHASE2_ERROR = 2^-98.
 *
 *   a = |x|, k = round(a 64/ln2), e^-a = 2^(-k/64) e^r, r = k ln2/64 - a, |r| <= 2^-7.52
 *   s(x) = 1/(1 + e^-a) for x >= 0, e^-a/(1 + e^-a) below;  s'(x) = e^-a/(1 + e^-a)^2
 *
 * Error, relative, in units of 2^-106:
 *    0.3   r: ln2/64 is cut at 2^-132, times k < 2^17, absolute 2^-115; its low part's rounding
 *          2^-114: together below 2^-113, and e^r sees it as it is
 *    0.3   Taylor remainder r^11/11! < 2^-108
 *    0.4   terms from r^6/720 on in double: 2^-53 2^-54.6 = 2^-107.6
 *    0.5   1/120 + r(...) to 2^-70, times r^5: 2^-107
 *    8     five steps c + r sum: the low parts, < 2^-52 |c|, are summed in four roundings, 2^-104
 *          at c = 1; the steps before enter times r <= 2^-7.5
 *   10     the table entry (2^-107) and its product (7, its low part not normalized)
 *   14     1 + e: what e brings, at most, and 3
 *   20     a division: q to 2^-53, its rest to 2^-104, the second quotient to 2^-105; s' has two
 *   ---
 *   74     < 2^6.3: 2^-99.7. Three million random x met 2^-103.0 (s) and 2^-102.3 (s').
 */
#ifndef OGIVE_ACCURATE_SIGMOID_H
#define OGIVE_ACCURATE_SIGMOID_H

#include "../kernels/exp_constants.h"
#include "multiword.h"
#include "rounding.h"

/* e^-746 < 2^-1076, a quarter of the smallest subnormal. */
#define SIGMOID_BOUND 746.0

/* 1.5 2^52: added to |t| < 2^51, it leaves round(t) in the low bits. */
#define ROUND_TO_INTEGER 0x1.8p+52

/* e^-a, 0 <= a <= SIGMOID_BOUND. */
OGIVE_INLINE scaled_dd exp_neg_dd(double a)
{
    double shifted = a * EXP_FINE_STEPS_PER_UNIT + ROUND_TO_INTEGER;
    double k = shifted - ROUND_TO_INTEGER;
    int steps = (int)k;

    double r_high = k * EXP_FINE_STEP_HIGH - a; /* exact, both */
    dd r = two_sum(r_high, k * EXP_FINE_STEP_MID);
    r = fast_two_sum(r.high, r.low + k * EXP_FINE_STEP_LOW);

    double tail = exp_taylor[10][0];
    for (int n = 9; n >= 6; n--)
        tail = exp_taylor[n][0] + r.high * tail;
    dd sum = fast_two_sum(exp_taylor[5][0], r.high * tail);
    sum.low += exp_taylor[5][1];
    for (int n = 4; n >= 0; n--) {
        dd coefficient = {exp_taylor[n][0], exp_taylor[n][1]};
        sum = dd_multiply_add(r, sum, coefficient);
    }
    const double *entry = exp_power64[steps & 63];
    dd power = {entry[0], entry[1]};
    scaled_dd result = {dd_multiply(power, sum), -(steps >> 6)};
    return result;
}

OGIVE_INLINE dd one_plus(scaled_dd e)
{
    const dd one = {1.0, 0.0};
    if (e.exponent < -200)
        return one;
    double scale = power_of_two(e.exponent);
    dd scaled = {e.value.high * scale, e.value.low * scale};
    return dd_add(one, scaled); /* e <= 1 */
}

OGIVE_COLD scaled_dd sigmoid_phase2(double x)
{
    scaled_dd e = exp_neg_dd(fabs(x));
    dd denominator = one_plus(e);
    if (x >= 0) {
        e.value = (dd){1.0, 0.0};
        e.exponent = 0;
    }
    e.value = dd_divide(e.value, denominator);
    return e;
}

OGIVE_COLD scaled_dd sigmoid_grad_phase2(double x)
{
    scaled_dd e = exp_neg_dd(fabs(x));
    dd denominator = one_plus(e);
    e.value = dd_divide(dd_divide(e.value, denominator), denominator);
    return e;
}

static const accurate_function sigmoid_accurate = {sigmoid_phase2, ogive_sigmoid_exceeds,
                                                   SIGMOID_BOUND, 0.0, 1.0};
static const accurate_function sigmoid_grad_accurate = {
    sigmoid_grad_phase2, ogive_sigmoid_grad_exceeds, SIGMOID_BOUND, 0.0, 0.0};

#endif
