/* silu(x) = x s(x), and its derivative s(x) (1 + x s(-x)); quick.h has the quick phases.
 *
 * silu: the product of x and q (1 - z) of the sigmoid (sigmoid.h) is exact but for 2^-105, so the
 * error is the sigmoid's.
 *
 * silu_grad: with q = 1/(1 + e) = s(x), g = e/(1 + e)^2 = s'(x), e = e^-x, it is q + x g, both
 * terms within 0.55 2^-65 of themselves. For x < 0 they cancel, entirely at x = -1.278: the
 * rounding test takes their sizes. Near the zero the lanes go to phase 2.
 *
 * In doubles, for float32 and float16: (1 + e (1 + x)) / (1 + e)^2, e = e^-x. Its terms are good to
 * 2^-45; where they cancel to less than 2^-7 of them, the lane is in doubt. */
#ifndef OGIVE_KERNELS_SILU_H
#define OGIVE_KERNELS_SILU_H

#include "../accurate/silu.h"
#include "sigmoid.h"

OGIVE_INLINE vm silu_narrow(const vd *x, vd *y)
{
    vd power, poly;
    exp_neg_narrow(*x, &power, &poly);
    *y = vd_div(*x, vd_fma(power, poly, vd_set(1.0)));
    return vm_or(tiny_but_not_zero_quick(*x, vd_set(0x1p-120)), out_of_narrow_range(*x));
}

OGIVE_INLINE vm silu_half(const vd *x, vd *y)
{
    vd bounded = vd_at_least(*x, vd_set(-NARROW_BOUND)), power, poly;
    exp_neg_narrow(vd_at_most(bounded, vd_set(NARROW_BOUND)), &power, &poly);
    *y = with_nan_of(*x, vd_div(bounded, vd_fma(power, poly, vd_set(1.0))));
    /* x/2 may be a tie that only x^2/4 breaks */
    return tiny_but_not_zero_quick(*x, vd_set(0x1p-120));
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

#ifdef SIMD_FLOATS
/* float16: 2^16 is beyond it, and 2^16 s(2^16) a number. */
OGIVE_INLINE vfm silu_halves(const vf *x, const vf_terms *terms, vf *y)
{
    vf q = terms->value, z = inverse_error_floats(terms->pair, q);
    vf bounded = vf_at_least(vf_at_most(*x, vf_set(0x1p16F)), vf_set(-FLOAT_BOUND));
    vff product = silu_pair_floats(bounded, q, z);
    vf rounded = half_of_sum(product.high, product.low, *x);
    *y = vf_select(vf_differs(*x, vf_set(0.0F)), rounded, *x);
    return vfm_none();
}

OGIVE_INLINE vfm silu_grad_halves(const vf *x, const vf_terms *terms, vf *y)
{
    vf size;
    vff sum = silu_grad_pair_floats(half_bounded(*x), terms, &size);
    *y = half_of_sum(sum.high, sum.low, *x);
    return vfm_none();
}
#endif

CORRECTLY_ROUNDED_IN_FLOATS(silu, sigmoid_terms, 1, &silu_accurate)
CORRECTLY_ROUNDED_IN_FLOATS(silu_grad, sigmoid_terms, 1, &silu_grad_accurate)

#endif
