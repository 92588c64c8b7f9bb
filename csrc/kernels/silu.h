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

/* x/2 may be a tie that only x^2/4 breaks. */
OGIVE_INLINE vm tiny_for_halves(vd x) { return tiny_but_not_zero_quick(x, vd_set(0x1p-120)); }

OGIVE_INLINE vm silu_narrow(const vd *x, const vd_terms *terms, vd *y)
{
    *y = vd_mul(*x, terms->value);
    return vm_or(tiny_for_halves(*x), out_of_narrow_range(*x));
}

OGIVE_INLINE vm silu_half(const vd *x, vd *y)
{
    vd bounded = narrow_bounded(*x), above = vd_at_least(*x, vd_set(-NARROW_BOUND));
    vd_terms terms;
    sigmoid_terms_narrow(&bounded, &terms);
    *y = with_nan_of(*x, vd_mul(above, terms.value));
    return tiny_for_halves(*x);
}

OGIVE_INLINE void silu_grad_terms_narrow(const vd *x, vd_terms *terms)
{
    const vd one = vd_set(1.0);
    vd power, change;
    exp_neg_double(*x, &power, &change);
    terms->pair.high = vd_fma(power, change, power);
    terms->value = vd_div(one, vd_add(one, terms->pair.high));
}

OGIVE_INLINE vm silu_grad_in_double(vd x, const vd_terms *terms, vd *y)
{
    const vd one = vd_set(1.0);
    vd q = terms->value, slope = vd_mul(terms->pair.high, vd_add(one, x));
    vd numerator = vd_add(one, slope);
    *y = vd_mul(vd_mul(numerator, q), q);
    return vd_not_at_least(vd_abs(numerator), vd_mul(vd_abs(slope), vd_set(0x1p-7)));
}

OGIVE_INLINE vm silu_grad_narrow(const vd *x, const vd_terms *terms, vd *y)
{
    return vm_or(silu_grad_in_double(*x, terms, y), out_of_narrow_range(*x));
}

OGIVE_INLINE vm silu_grad_half(const vd *x, vd *y)
{
    vd bounded = narrow_bounded(*x);
    vd_terms terms;
    silu_grad_terms_narrow(&bounded, &terms);
    vm doubt = silu_grad_in_double(bounded, &terms, y);
    *y = with_nan_of(*x, *y);
    return doubt;
}

#ifdef SIMD_FLOATS
/* float16 */
OGIVE_INLINE vfm silu_short(const vf *x, const vf_terms *terms, vf *y)
{
    vf above = vf_at_least(*x, vf_set(-SHORT_BOUND));
    return round_short_relative(*x, vf_mul(above, terms->value), y);
}

OGIVE_INLINE vfm silu_grad_short(const vf *x, const vf_terms *terms, vf *y)
{
    const vf one = vf_set(1.0F);
    vf slope = vf_mul(terms->pair.high, vf_add(one, short_bounded(*x)));
    vf size = vf_add(one, vf_abs(slope)), square = vf_mul(terms->value, terms->value);
    vf width = vf_mul(vf_mul(size, vf_set(SHORT_ERROR)), square);
    return round_short(*x, vf_mul(vf_add(one, slope), square), width, y);
}
#endif

CORRECTLY_ROUNDED_IN_FLOATS(silu, sigmoid_terms, 1, &silu_accurate)
#define silu_grad_terms_quick sigmoid_terms_quick
#define silu_grad_terms_floats sigmoid_terms_floats
#define silu_grad_terms_short sigmoid_terms_short
CORRECTLY_ROUNDED_IN_FLOATS(silu_grad, silu_grad_terms, 1, &silu_grad_accurate)

#endif
