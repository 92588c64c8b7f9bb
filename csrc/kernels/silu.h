/* silu(x) = x s(x), and its derivative s(x) (1 + x s(-x)).
 *
 * silu: the product of x and q (1 - z) of the sigmoid (sigmoid.h) is exact but for 2^-105, so the
 * error is the sigmoid's.
 *
 * silu_grad: with q = 1/(1 + e) = s(x), g = e/(1 + e)^2 = s'(x), e = e^-x, it is q + x g, both
 * terms within 0.55 2^-65 of themselves. For x < 0 they cancel, entirely at x = -1.278: the
 * rounding test takes their sizes. Near the zero the lanes go to phase 2.
 *
 * float32: (1 + e (1 + x)) / (1 + e)^2, e = e^-x. Its terms are good to 2^-45; where they cancel
 * to less than 2^-7 of them, the lane is in doubt. */
#ifndef OGIVE_KERNELS_SILU_H
#define OGIVE_KERNELS_SILU_H

#include "../accurate/silu.h"
#include "sigmoid.h"

OGIVE_INLINE vm tiny_but_not_zero(vd x, double tiny)
{
    return vm_and(vd_not_at_least(vd_abs(x), vd_set(tiny)), vd_differs(x, vd_set(0.0)));
}

OGIVE_INLINE vm silu_quick(const vd *x, vd *y)
{
    vd q, z;
    inverse_of_one_plus(exp_neg(*x), &q, &z);
    vd high = vd_mul(*x, q);
    vd low = vd_fnma(high, z, vd_residual(*x, q, high));
    vm doubt = round_sum(high, low, y);
    *y = vd_with_sign_of(*y, *x);                          /* of a zero */
    doubt = vm_or(doubt, tiny_but_not_zero(*x, 0x1p-900)); /* the exact product underflows */
    return vm_or(doubt, out_of_quick_range(*x));
}

OGIVE_INLINE vm silu_grad_quick(const vd *x, vd *y)
{
    vd q, z;
    vdd p, g, slope, e = exp_neg(*x);
    inverse_of_one_plus(e, &q, &z);
    gradient_terms(e, q, z, &p, &g);
    slope.high = vd_mul(*x, g.high);
    slope.low = vd_fma(*x, g.low, vd_residual(*x, g.high, slope.high));

    vd high = vd_add(q, slope.high), seen = vd_sub(high, q);
    vd low = vd_add(vd_sub(q, vd_sub(high, seen)), vd_sub(slope.high, seen));
    low = vd_add(low, vd_fnma(q, z, slope.low));
    vd error = vd_mul(vd_add(q, vd_abs(slope.high)), vd_set(QUICK_ERROR));
    *y = vd_add(high, vd_sub(low, error));
    vm doubt = vd_differs(*y, vd_add(high, vd_add(low, error)));
    return vm_or(doubt, out_of_quick_range(*x));
}

OGIVE_INLINE vm silu_narrow(const vd *x, vd *y)
{
    vd power, poly;
    exp_neg_narrow(*x, &power, &poly);
    *y = vd_div(*x, vd_fma(power, poly, vd_set(1.0)));
    return vm_or(tiny_but_not_zero(*x, 0x1p-120), out_of_narrow_range(*x));
}

OGIVE_INLINE vm silu_half(const vd *x, vd *y)
{
    vd bounded = vd_at_least(*x, vd_set(-NARROW_BOUND)), power, poly;
    exp_neg_narrow(vd_at_most(bounded, vd_set(NARROW_BOUND)), &power, &poly);
    *y = with_nan_of(*x, vd_div(bounded, vd_fma(power, poly, vd_set(1.0))));
    return tiny_but_not_zero(*x, 0x1p-120); /* x/2 may be a tie that only x^2/4 breaks */
}

OGIVE_INLINE vm silu_grad_in_double(vd x, vd *y)
{
    const vd one = vd_set(1.0);
    vd power, change;
    exp_neg_double(x, &power, &change);
    vd e = vd_fma(power, change, power), denominator = vd_add(one, e);
    vd slope = vd_mul(e, vd_add(one, x)), numerator = vd_add(one, slope);
    *y = vd_div(numerator, vd_mul(denominator, denominator));
    return vd_not_at_least(vd_abs(numerator), vd_mul(vd_abs(slope), vd_set(0x1p-7)));
}

OGIVE_INLINE vm silu_grad_narrow(const vd *x, vd *y)
{
    return vm_or(silu_grad_in_double(*x, y), out_of_narrow_range(*x));
}

OGIVE_INLINE vm silu_grad_half(const vd *x, vd *y)
{
    vm doubt = silu_grad_in_double(narrow_bounded(*x), y);
    *y = with_nan_of(*x, *y);
    return doubt;
}

CORRECTLY_ROUNDED(silu, 1, &silu_accurate)
CORRECTLY_ROUNDED(silu_grad, 1, &silu_grad_accurate)

#endif
