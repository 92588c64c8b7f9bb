/* e^-a and 1 - e^-a in double-double.
 *
 *   k = round(a 64/ln2), P = 2^(-k/64), r = k ln2/64 - a, |r| <= 2^-7.52
 *   e^-a = P e^r,  1 - e^-a = (1 - P) - P (e^r - 1), which for k = 0 is 1 - e^r alone
 *
 * Error of e^-a, relative, in units of 2^-106, for a <= EXP_NEG_DIRECT:
 *    0.4   r: ln2/64 is cut at 2^-132, times k < 2^17, absolute 2^-115; its low parts' roundings
 *          2^-114: together below 2^-113, and e^r sees it as it is
 *    0.3   Taylor remainder r^11/11! < 2^-108
 *    0.4   terms from r^6/720 on in double: 2^-53 2^-54.6 = 2^-107.6
 *    0.5   1/120 + r(...) to 2^-70, times r^5: 2^-107
 *    8     five steps c + r sum: the low parts, < 2^-52 |c|, are summed in four roundings, 2^-104
 *          at c = 1; the steps before enter times r <= 2^-7.5
 *   10     the table entry (2^-107) and its product (7, its low part not normalized)
 *   ---
 *   20     < 2^-101.6; beyond EXP_NEG_DIRECT it is the square of e^(-a/2): 48 < 2^-100.4
 *
 * Error of 1 - e^-a, relative:
 *   18     e^r - 1: the steps (9), a product with r (7), r itself to 2^-113 where k > 0; against
 *          e^r, one term more is in double-double and two are added
 *    7     its product with P
 *   48     1 - P: the table entry to 2^-108, where 1 - e^-a >= 2^-7.6; 0 for k = 0
 *    6     their sum, at most half of it cancelling
 *   ---
 *   79     < 2^-99.6 */
#ifndef OGIVE_ACCURATE_EXP_H
#define OGIVE_ACCURATE_EXP_H

#include "../kernels/exp_constants.h"
#include "scaled.h"

#define EXP_ERROR 0x1p-100
#define ONE_MINUS_EXP_ERROR 0x1.8p-100

/* k < 2^17, so that k EXP_FINE_STEP_HIGH is exact. */
#define EXP_NEG_DIRECT 1400.0

/* Beyond, e^-a is that of the bound: 2^-4328, times any double, is out of sight beside any other. */
#define EXP_NEG_BOUND 3000.0

/* e^-a = power 2^exponent e^rest. */
typedef struct {
    dd rest, power;
    int exponent;
} exp_reduced;

/* 0 <= a <= EXP_NEG_DIRECT. */
OGIVE_INLINE exp_reduced exp_reduce(dd a)
{
    double shifted = a.high * EXP_FINE_STEPS_PER_UNIT + ROUND_TO_INTEGER;
    double k = shifted - ROUND_TO_INTEGER;
    int steps = (int)k;

    double r_high = k * EXP_FINE_STEP_HIGH - a.high; /* exact, both */
    dd r = two_sum(r_high, k * EXP_FINE_STEP_MID);
    dd with_low = two_sum(r.high, -a.low);
    const double *entry = exp_power64[steps & 63];
    exp_reduced result = {
        fast_two_sum(with_low.high, with_low.low + (r.low + k * EXP_FINE_STEP_LOW)),
        {entry[0], entry[1]},
        -(steps >> 6)};
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

/* a as a double-double; nothing is left of what is below 2^-300. */
OGIVE_INLINE dd unscaled(scaled_dd a)
{
    const double scale = a.exponent < -300 ? 0.0 : power_of_two(a.exponent);
    const dd result = {a.value.high * scale, a.value.low * scale};
    return result;
}

/* e^-a, a >= 0. */
OGIVE_INLINE scaled_dd scaled_exp_neg(scaled_dd a)
{
    if (a.value.high != a.value.high)
        return a;
    if (a.value.high == 0)
        return scaled_plain(1.0);
    if (a.value.high == INFINITY)
        return scaled_plain(0.0);
    if (scaled_is_below(a, -FAR))
        return scaled_below_1(power_of_two(-FAR));
    dd argument = {EXP_NEG_BOUND, 0.0};
    double error = EXP_ERROR;
    if (a.exponent < 12) {
        argument = unscaled(a);
        error += a.error * power_of_two(a.exponent);
    }
    const int halved = argument.high > EXP_NEG_DIRECT;
    if (argument.high > EXP_NEG_BOUND)
        argument = (dd){EXP_NEG_BOUND, 0.0};
    if (halved) {
        argument.high *= 0.5;
        argument.low *= 0.5;
    }
    const exp_reduced reduced = exp_reduce(argument);
    dd e = dd_multiply(reduced.power, exp_series(reduced.rest));
    if (halved)
        e = dd_multiply(e, e);
    const scaled_dd result = {e, halved ? 2 * reduced.exponent : reduced.exponent, error, 0};
    return scaled_normalize(result);
}

/* 1 - e^-a, a >= 0. */
OGIVE_INLINE scaled_dd scaled_one_minus_exp(scaled_dd a)
{
    scaled_dd result;
    if (a.value.high == 0 || a.value.high != a.value.high)
        return a;
    if (a.value.high == INFINITY)
        return scaled_plain(1.0);
    if (scaled_is_below(a, -110)) { /* a (1 - a/2) */
        a.error += fabs(a.value.high) * ONE_MINUS_EXP_ERROR;
        a.side = 0;
        return a;
    }
    if (a.exponent > 6 || (a.exponent == 6 && a.value.high > 0x1.2p0)) { /* a > 72 */
        if (a.error < 0x1p-10)
            return scaled_below_1(0x1p-103); /* e^-72 < 2^-103.8 */
        result = scaled_plain(1.0);          /* of a sum that cancels: a may be anything */
        result.error = 2.0;
        return result;
    }
    const dd argument = unscaled(a);
    const double error = a.error * power_of_two(a.exponent);
    const exp_reduced reduced = exp_reduce(argument);
    const double scale = power_of_two(reduced.exponent);
    const dd power = {reduced.power.high * scale, reduced.power.low * scale};
    dd below_one = fast_two_sum(1.0, -power.high);
    below_one = fast_two_sum(below_one.high, below_one.low - power.low);
    dd change = dd_multiply(power, dd_multiply(reduced.rest, expm1_series(reduced.rest)));
    change.high = -change.high;
    change.low = -change.low;
    result.value = dd_add(below_one, change);
    result.exponent = result.side = 0;
    result.error = error + fabs(result.value.high) * ONE_MINUS_EXP_ERROR;
    return scaled_normalize(result);
}

#endif
