/* log(n/d) in double-double.
 *
 *   log(n/d) = log C + 2 atanh(s), s = (n - C d)/(n + C d), C = (1 + j/64) 2^k nearest to n/d
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
 *   ---
 *   63     < 2^-100.0, besides the errors of n and d */
#ifndef OGIVE_ACCURATE_LOG_H
#define OGIVE_ACCURATE_LOG_H

#include "exp.h"
#include "log_constants.h"

#define LOG_ERROR 0x1p-99

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

/* log(1 + u), 0 <= u <= 1. */
OGIVE_INLINE scaled_dd scaled_log1p(scaled_dd u)
{
    if (is_zero_or_not_finite(u.value.high))
        return u;
    if (scaled_is_below(u, -110)) { /* u (1 - u/2) */
        u.error += fabs(u.value.high) * LOG_ERROR;
        u.side = 0;
        return u;
    }
    const double scale = power_of_two(u.exponent), error = u.error * scale;
    const dd value = unscaled(u);
    const int j = (int)(value.high * 64 + 0.5);
    const double c = j * 0x1p-6;
    dd difference = two_sum(value.high, -c), sum = two_sum(2 + c, value.high);
    difference = fast_two_sum(difference.high, difference.low + value.low);
    sum = fast_two_sum(sum.high, sum.low + value.low);
    const dd log_c = {log_fine64[j][0], log_fine64[j][1]};
    scaled_dd result = {dd_add(log_c, twice_atanh(dd_divide(difference, sum))), 0, 0.0, 0};
    result.error = error + fabs(result.value.high) * LOG_ERROR;
    return scaled_normalize(result);
}

/* log(n/d), n >= d > 0. */
OGIVE_INLINE scaled_dd scaled_log_ratio(scaled_dd n, scaled_dd d)
{
    if (is_zero_or_not_finite(n.value.high) || is_zero_or_not_finite(d.value.high))
        return scaled_plain(d.value.high == 0 ? INFINITY : NAN);
    const double ratio = n.value.high / d.value.high;
    const int shift = exponent_of(ratio);
    const int j = (int)((ratio * power_of_two(-shift) - 1) * 64 + 0.5);
    const double c = (1 + j * 0x1p-6) * power_of_two(shift);
    const dd product = two_product(c, d.value.high);
    dd difference = two_sum(n.value.high, -product.high);
    dd sum = two_sum(n.value.high, product.high);
    const double rest = product.low + c * d.value.low;
    difference = fast_two_sum(difference.high, difference.low + (n.value.low - rest));
    sum = fast_two_sum(sum.high, sum.low + (n.value.low + rest));

    const double k = shift + n.exponent - d.exponent;
    dd log_c = fast_two_sum(k * LN2_FINE_HIGH, k * LN2_FINE_MID);
    log_c.low += k * LN2_FINE_LOW;
    const dd entry = {log_fine64[j][0], log_fine64[j][1]};
    log_c = dd_add(log_c, entry);
    scaled_dd result = {dd_add(log_c, twice_atanh(dd_divide(difference, sum))), 0, 0.0, 0};
    if (result.value.high == 0)
        return scaled_plain(0.0);
    result.error = fabs(result.value.high) * LOG_ERROR + n.error + d.error;
    return scaled_normalize(result);
}

#endif
