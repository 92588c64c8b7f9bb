/* Gradients through the sigmoid, from its output y, and through silu.
 *
 *   dy y (1 - y),  1 - y and the products as pairs: exact to 2^-104
 *   silu'(x) = s(x) (1 + x s(-x)) = f (1 + e + x m) / (1 + e)^2,  e = e^-|x|,
 *              f = 1 and m = e for x >= 0, f = e and m = 1 below
 * silu' cancels around its zero, x = -1.278: near it, lanes are in doubt.
 *
 * Error: that of e (strict.h), once where e is a factor, less elsewhere. Measured against 300 bits,
 * a million inputs each, in ulp of the largest term: sigmoid_backward 0.5000, silu_backward 0.5889
 * (where silu' nearly cancels).
 */
#ifndef OGIVE_KERNELS_BACKWARD_H
#define OGIVE_KERNELS_BACKWARD_H

#include "../accurate/silu.h"
#include "strict.h"

OGIVE_INLINE vm sigmoid_backward_quick(const vd *x, const vd_terms *terms, vd *dx)
{
    (void)terms;
    const vd one = vd_set(1.0), zero = vd_set(0.0);
    vd dy = x[0], y = x[1];
    vdd rest;
    rest.high = vd_sub(one, y);
    rest.low = vd_sub(vd_sub(one, rest.high), y);
    vdd slope = pair_scale(y, rest), product = pair_of_product(dy, slope.high);
    /* with this sign, a zero keeps its own */
    *dx = vd_sub(product.high, vd_sub(vd_sub(zero, product.low), vd_mul(dy, slope.low)));
    vm doubt = vm_or(exceeds(vd_abs(y), 1.0), exceeds(vd_abs(dy), STRICT_LARGE));
    return vm_or(doubt, vm_and(small_not_zero(*dx, dy), not_zero(slope.high)));
}

OGIVE_INLINE void silu_backward_first(const vd *given, vd_terms *terms)
{
    terms->pair = strict_exp(vd_abs(given[1]));
}

OGIVE_INLINE vm silu_backward_quick(const vd *given, const vd_terms *terms, vd *dx)
{
    const vd one = vd_set(1.0), zero = vd_set(0.0);
    vd dy = given[0], x = given[1], distance = vd_abs(x);
    vdd e = terms->pair, d = one_plus_small(e);
    vm negative = vd_not_at_least(x, zero);
    vdd f = {vd_select(negative, e.high, one), vd_select(negative, e.low, zero)};
    vdd m = {vd_select(negative, one, e.high), vd_select(negative, zero, e.low)};
    vdd slope = pair_add(d, pair_scale(x, m)), n = pair_multiply(pair_scale(dy, f), slope);
    *dx = rounded(pair_divide(n, pair_multiply(d, d)));
    vm doubt = vm_or(exceeds(distance, STRICT_BOUND), exceeds(vd_abs(dy), STRICT_LARGE));
    doubt = vm_or(doubt, below(vd_abs(slope.high), 0x1p-6));
    return vm_or(doubt, small_not_zero(*dx, dy));
}

OGIVE_INLINE vm sigmoid_backward_narrow(const vd *x, const vd_terms *terms, vd *dx)
{
    (void)terms;
    *dx = vd_mul(x[0], vd_mul(x[1], vd_sub(vd_set(1.0), x[1])));
    return is_nan(*dx);
}

OGIVE_INLINE void silu_backward_first_narrow(const vd *given, vd_terms *terms)
{
    terms->value = strict_exp_close(vd_at_most(vd_abs(given[1]), vd_set(STRICT_NARROW_BOUND)));
}

OGIVE_INLINE vm silu_backward_narrow(const vd *given, const vd_terms *terms, vd *dx)
{
    const vd one = vd_set(1.0);
    vd dy = given[0], x = given[1], e = terms->value, d = vd_add(one, e);
    vm negative = vd_not_at_least(x, vd_set(0.0));
    vd n = vd_add(d, vd_mul(x, vd_select(negative, one, e)));
    vd f = vd_mul(dy, vd_select(negative, e, one));
    *dx = vd_div(vd_mul(f, n), vd_mul(d, d));
    return vm_or(not_finite(vd_add(dy, x)), below(vd_abs(n), 0x1p-14));
}

OGIVE_COLD void sigmoid_backward_careful(const double *x, double *dx, int digits)
{
    (void)digits;
    *dx = NAN;
    if (any_nan(x, 2))
        return;
    scaled_dd rest = scaled_add(scaled_set(1.0), scaled_set(-x[1]));
    scaled_dd slope = scaled_multiply(scaled_set(x[1]), rest);
    *dx = scaled_round(scaled_multiply(scaled_set(x[0]), slope));
}

OGIVE_COLD void silu_backward_careful(const double *x, double *dx, int digits)
{
    (void)digits;
    *dx = NAN;
    if (any_nan(x, 2))
        return;
    *dx = scaled_round(scaled_multiply(scaled_set(x[0]), silu_grad_phase2(x[1])));
}

#define sigmoid_backward_first_narrow NULL
CAREFULLY_MENDED(sigmoid_backward, f64, 2, 1, 53)
KERNEL_AROUND_CACHE(sigmoid_backward, 2, sigmoid_backward_quick, sigmoid_backward_mend_f64)
SEVERAL_NARROW_INPUTS(sigmoid_backward, 2, 1)
SEVERAL_INPUTS(silu_backward, 2, 1)
#define sigmoid_backward_f64_phase3 NULL
#define silu_backward_f64_phase3 NULL

#endif
