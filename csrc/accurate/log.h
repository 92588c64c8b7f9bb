/* Phase 2 of softplus, log_sigmoid and logit: double-double, relative error below 2^-98.
 *
 *   log(n/d) = log C + 2 atanh(s), s = (n - C d)/(n + C d), C = (1 + j/64) 2^k nearest to n/d
 *   softplus(x) = max(x, 0) + log(1 + e^-|x|),  log_sigmoid(x) = -softplus(-x)
 *   logit(p) = -+log((1 - a)/a), a = min(p, 1 - p)
 *
 * C has 7 bits, so C d is exact and no reciprocal is needed. |s| <= 2^-7.99; next to n/d = 1, C is
 * 1 and its logarithm 0: there s alone carries the result, and its relative error.
 *
 * Error, relative, in units of 2^-106:
 *   25     s: a division (20), n - C d exact but for the last bits of n, n + C d (3)
 *   15     s^2 and s (1 + s^2/3 + ...): two products of 7, the sum's low parts
 *    4     terms from s^6/7 on in double: 2^-51 2^-53
 *    0     remainder s^14/15 < 2^-115
 *    8     log C: table entry and sum, k ln2 to 137 bits
 *   11     + log C: half may cancel, which doubles the 8, and 3; the 44 above are of
 *          |2 atanh(s)| <= log C/2, no more than the result
 *   20     e^-|x| (exp.h), as it enters log1p with a factor <= 1; none in logit
 *    3     + x
 *   ---
 *   86     < 2^6.5: 2^-99.5. Three million random x met 2^-102.3 (softplus, log_sigmoid) and
 *          2^-102.4 (logit). */
#ifndef OGIVE_ACCURATE_LOG_H
#define OGIVE_ACCURATE_LOG_H

#include "exp.h"
#include "log_constants.h"
#include "multiword.h"
#include "rounding.h"

/* 2 atanh(s), |s| <= 2^-7.99. */
OGIVE_INLINE dd twice_atanh(dd s)
{
    dd square = dd_multiply(s, s);
    double tail = atanh_taylor[6][0];
    for (int n = 5; n >= 3; n--)
        tail = atanh_taylor[n][0] + square.high * tail;
    dd sum = fast_two_sum(atanh_taylor[2][0], square.high * tail);
    sum.low += atanh_taylor[2][1];
    for (int n = 1; n >= 0; n--) {
        dd coefficient = {atanh_taylor[n][0], atanh_taylor[n][1]};
        sum = dd_multiply_add(square, sum, coefficient);
    }
    dd half = dd_multiply(s, sum);
    dd result = {2 * half.high, 2 * half.low};
    return result;
}

/* log(1 + u), 0 < u <= 1. */
OGIVE_INLINE scaled_dd log1p_dd(scaled_dd u)
{
    if (u.exponent < -200)
        return u; /* u (1 - u/2) */
    double scale = power_of_two(u.exponent);
    u.value.high *= scale;
    u.value.low *= scale;

    int j = (int)(u.value.high * 64 + 0.5);
    double c = j * 0x1p-6;
    dd difference = two_sum(u.value.high, -c);
    dd sum = two_sum(2 + c, u.value.high);
    difference = fast_two_sum(difference.high, difference.low + u.value.low);
    sum = fast_two_sum(sum.high, sum.low + u.value.low);
    dd log_c = {log_fine64[j][0], log_fine64[j][1]};
    scaled_dd result = {dd_add(log_c, twice_atanh(dd_divide(difference, sum))), 0, 0.0};
    return result;
}

OGIVE_COLD scaled_dd softplus_phase2(double x)
{
    if (fabs(x) == INFINITY)
        return scaled_plain(x < 0 ? 0.0 : x);
    scaled_dd result = log1p_dd(exp_neg_dd(fabs(x)));
    if (x > 200) { /* x + e^-x: only that it is more than x matters */
        result = scaled_set(x);
        result.value.low = result.value.high * 0x1p-110;
    } else if (x > 0) {
        double scale = power_of_two(result.exponent);
        dd sum = two_sum(x, result.value.high * scale);
        result.value = fast_two_sum(sum.high, sum.low + result.value.low * scale);
        result.exponent = 0;
    }
    result.error = result.value.high * PHASE2_ERROR;
    return result;
}

OGIVE_COLD scaled_dd log_sigmoid_phase2(double x) { return scaled_negate(softplus_phase2(-x)); }

OGIVE_COLD scaled_dd logit_phase2(double p)
{
    if (!(p > 0 && p < 1))
        return scaled_plain(p == 0 ? -INFINITY : p == 1 ? INFINITY : NAN);
    if (p == 0.5)
        return scaled_plain(0.0);
    double smaller = p < 0.5 ? p : 1 - p; /* exact */
    scaled_dd a = scaled_set(smaller);
    dd b = two_sum(1.0, -smaller);

    /* b / a = ratio 2^-a.exponent */
    double ratio = b.high / a.value.high;
    int shift = exponent_of(ratio);
    int j = (int)((ratio * power_of_two(-shift) - 1) * 64 + 0.5);
    double c = (1 + j * 0x1p-6) * power_of_two(shift);
    dd product = two_product(c, a.value.high);
    dd difference = two_sum(b.high, -product.high);
    dd sum = two_sum(b.high, product.high);
    difference = fast_two_sum(difference.high, difference.low + (b.low - product.low));
    sum = fast_two_sum(sum.high, sum.low + (b.low + product.low));

    double k = shift - a.exponent;
    dd k_ln2 = fast_two_sum(k * LN2_FINE_HIGH, k * LN2_FINE_MID);
    k_ln2.low += k * LN2_FINE_LOW;
    dd log_c = {log_fine64[j][0], log_fine64[j][1]};
    log_c = dd_add(k_ln2, log_c);
    a.value = dd_add(log_c, twice_atanh(dd_divide(difference, sum)));
    a.exponent = 0;
    a.error = a.value.high * PHASE2_ERROR;
    return p < 0.5 ? scaled_negate(a) : a;
}

static const accurate_function log_sigmoid_accurate = {log_sigmoid_phase2,
                                                       ogive_log_sigmoid_exceeds};
static const accurate_function softplus_accurate = {softplus_phase2, ogive_softplus_exceeds};
static const accurate_function logit_accurate = {logit_phase2, ogive_logit_exceeds};

#endif
