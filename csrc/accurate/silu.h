/* Phase 2 of silu(x) = x s(x) and of its derivative, in double-double.
 *
 *   silu'(x) = (1 + e (1 + x))/(1 + e)^2,  e = e^-x,   x >= 0: nothing cancels
 *            = E (1 + x + E)/(1 + E)^2,    E = e^x,    x < 0: zero at z = -1.278...
 *            = d (c0 + c1 d + ...),        d = x - z,  |d| < SILU_GRAD_NEAR
 *
 * Relative error of silu: that of s (sigmoid.h, 74 units of 2^-106) and a product (7), < 2^-99.6.
 *
 * Error of silu' for x >= 0, relative, in units of 2^-106:
 *   20     e e^-x (exp.h), a factor < 1; 7 the product with 1 + x, 3 the sum
 *   21     (1 + e)^2: 2 (e/(1 + e) 20 + 3) at most, and 7
 *   20     division
 *   ---
 *   71     < 2^6.2: 2^-99.8
 * For x < 0 the numerator has an absolute error of E 2^-101.6: next to the zero |E| is 2^-1.84 and
 * E/(1 + E)^2 is 2^-2.55, so the result has 2^-106 besides the relative 2^-99. In units of
 * 2^exponent that is 2^-104; the error is given as 2^-98 (|value| + 1/16).
 * In the window, d is exact to 2^-159, at least 2^-105 of itself; eight coefficients leave
 * 2^-125, the last four in double 2^-101, products and sums 2^-102.
 * Three million random x met 2^-103.1 (silu) and 0.03 of the error given (silu'). */
#ifndef OGIVE_ACCURATE_SILU_H
#define OGIVE_ACCURATE_SILU_H

#include "log_constants.h"
#include "sigmoid.h"

#define SILU_GRAD_NEAR 0x1p-16

/* silu(x) = x/2 + x^2/4 - ...: below, x^2/4 is out of sight but breaks ties. */
#define SILU_TINY 0x1p-100

/* |silu'(x) - 1| < 2^-280: only its sign matters. */
#define SILU_GRAD_CLAMP 200.0

OGIVE_COLD scaled_dd silu_phase2(double x)
{
    if (x == 0 || x == INFINITY)
        return scaled_plain(x);
    if (x == -INFINITY)
        return scaled_plain(-0.0);
    scaled_dd result = scaled_set(x > -EXP_NEG_BOUND ? x : -EXP_NEG_BOUND);
    if (fabs(x) < SILU_TINY) {
        result.exponent -= 1;
        result.value.low = 0x1p-102;
    } else {
        result = scaled_multiply(result, sigmoid_phase2(x));
    }
    result.error = fabs(result.value.high) * PHASE2_ERROR;
    return result;
}

/* silu'(x), |x - SILU_GRAD_ZERO_HIGH| < SILU_GRAD_NEAR. */
OGIVE_INLINE dd silu_grad_near_zero(double x)
{
    dd d = two_sum(x - SILU_GRAD_ZERO_HIGH, -SILU_GRAD_ZERO_MID); /* exact, both */
    d = fast_two_sum(d.high, d.low - SILU_GRAD_ZERO_LOW);
    double tail = silu_grad_taylor[7][0];
    for (int n = 6; n >= 4; n--)
        tail = silu_grad_taylor[n][0] + d.high * tail;
    dd sum = fast_two_sum(silu_grad_taylor[3][0], d.high * tail);
    sum.low += silu_grad_taylor[3][1];
    for (int n = 2; n >= 0; n--) {
        dd coefficient = {silu_grad_taylor[n][0], silu_grad_taylor[n][1]};
        sum = dd_multiply_add(d, sum, coefficient);
    }
    return dd_multiply(d, sum);
}

OGIVE_COLD scaled_dd silu_grad_phase2(double x)
{
    scaled_dd result = scaled_plain(0.0);
    if (fabs(x) == INFINITY)
        return scaled_plain(x < 0 ? -0.0 : 1.0);
    if (fabs(x - SILU_GRAD_ZERO_HIGH) < SILU_GRAD_NEAR) {
        result.value = silu_grad_near_zero(x);
        result.error = fabs(result.value.high) * PHASE2_ERROR;
        return result;
    }
    if (x < -EXP_NEG_BOUND)
        x = -EXP_NEG_BOUND;
    if (x > SILU_GRAD_CLAMP)
        x = SILU_GRAD_CLAMP;

    scaled_dd e = exp_neg_dd(fabs(x));
    dd denominator = one_plus(e), numerator;
    double scale = e.exponent < -300 ? 0.0 : power_of_two(e.exponent);
    dd scaled = {e.value.high * scale, e.value.low * scale};
    if (x >= 0) {
        dd factor = {x, 0.0};
        numerator = dd_add(denominator, dd_multiply(scaled, factor));
        result.value = numerator;
    } else {
        dd one_plus_x = two_sum(1.0, x);
        numerator = two_sum(one_plus_x.high, scaled.high);
        numerator.low += one_plus_x.low + scaled.low;
        numerator = fast_two_sum(numerator.high, numerator.low);
        result.value = dd_multiply(e.value, numerator);
        result.exponent = e.exponent;
    }
    result.value = dd_divide(result.value, dd_multiply(denominator, denominator));
    result.error = (fabs(result.value.high) + 0x1p-4) * PHASE2_ERROR;
    return result;
}

static const accurate_function silu_accurate = {silu_phase2, ogive_silu_exceeds};
static const accurate_function silu_grad_accurate = {silu_grad_phase2, ogive_silu_grad_exceeds};

#endif
