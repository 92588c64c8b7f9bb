/* softplus(x) = log(1 + e^x) = max(x, 0) + log1p(e^-|x|) and log_sigmoid(x) = -softplus(-x).
 *
 * Error: 0.55 2^-65 of e^-|x| (sigmoid.h), times at most 1, and that of log1p.h; the sum with x > 0
 * is exact to 2^-100. SOFTPLUS_ERROR is 0.75 2^-65. */
#ifndef OGIVE_KERNELS_SOFTPLUS_H
#define OGIVE_KERNELS_SOFTPLUS_H

#include "../accurate/log.h"
#include "log1p.h"

#define SOFTPLUS_ERROR 0x3p-67

OGIVE_INLINE void softplus_terms_quick(const vd *x, vd_terms *terms)
{
    terms->pair = exp_neg(vd_abs(*x));
}

OGIVE_INLINE vm softplus_quick(const vd *x, const vd_terms *terms, vd *y)
{
    vd cubic, line = vd_at_least(*x, vd_set(0.0));
    vdd log = log1p_of(terms->pair, &cubic);
    vd larger = vd_at_least(log.high, line), smaller = vd_at_most(log.high, line);
    vd high = vd_add(larger, smaller);
    vd low = vd_add(log.low, vd_sub(smaller, vd_sub(high, larger)));
    vm doubt = round_logarithm(high, low, SOFTPLUS_ERROR, cubic, y);
    return vm_or(doubt, out_of_range_quick(*x));
}

OGIVE_INLINE vm log_sigmoid_quick(const vd *x, const vd_terms *terms, vd *y)
{
    vd opposite = vd_mul(*x, vd_set(-1.0));
    vm doubt = softplus_quick(&opposite, terms, y);
    *y = vd_mul(*y, vd_set(-1.0));
    return doubt;
}

/* log1p(e) = log((1 + s)/(1 - s)), s = e/(2 + e). */
OGIVE_INLINE void softplus_terms_narrow(const vd *x, vd_terms *terms)
{
    vd power, poly;
    exp_neg_narrow(vd_at_most(vd_abs(*x), vd_set(NARROW_BOUND)), &power, &poly);
    vd e = vd_mul(power, poly);
    terms->value = vd_div(e, vd_add(e, vd_set(2.0)));
}

OGIVE_INLINE vm softplus_narrow(const vd *x, const vd_terms *terms, vd *y)
{
    *y = vd_add(vd_at_least(*x, vd_set(0.0)), log_ratio_narrow(terms->value));
    return vd_not_at_least(*x, vd_set(-87.0));
}

OGIVE_INLINE vm softplus_half(const vd *x, vd *y)
{
    vd_terms terms;
    softplus_terms_narrow(x, &terms);
    softplus_narrow(x, &terms, y);
    *y = with_nan_of(*x, *y);
    return vm_none();
}

OGIVE_INLINE vm log_sigmoid_narrow(const vd *x, const vd_terms *terms, vd *y)
{
    vd opposite = vd_mul(*x, vd_set(-1.0));
    vm doubt = softplus_narrow(&opposite, terms, y);
    *y = vd_mul(*y, vd_set(-1.0));
    return doubt;
}

OGIVE_INLINE vm log_sigmoid_half(const vd *x, vd *y)
{
    vd opposite = vd_mul(*x, vd_set(-1.0));
    softplus_half(&opposite, y);
    *y = with_nan_of(*x, vd_mul(*y, vd_set(-1.0)));
    return vm_none();
}

#ifdef SIMD_FLOATS
/* float16 */
OGIVE_INLINE void softplus_terms_short(const vf *x, vf_terms *terms)
{
    vf power, change, distance = vf_at_most(vf_abs(*x), vf_set(SHORT_BOUND));
    exp_neg_short(distance, &power, &change, 0);
    vf e = vf_fma(power, change, power);
    terms->value = vf_div(e, vf_add(e, vf_set(2.0F)));
}

OGIVE_INLINE vf softplus_in_float(vf x, vf s)
{
    vf square = vf_mul(s, s);
    vf poly = vf_fma(square, vf_set(LOG_X4), vf_set(LOG_X3));
    poly = vf_fma(square, poly, vf_set(LOG_X2));
    poly = vf_fma(square, poly, vf_set(LOG_X1));
    poly = vf_fma(square, poly, vf_set(LOG_X0));
    return vf_fma(s, poly, vf_at_least(x, vf_set(0.0F)));
}

OGIVE_INLINE vfm softplus_short(const vf *x, const vf_terms *terms, vf *y)
{
    return round_short_relative(*x, softplus_in_float(*x, terms->value), y);
}

OGIVE_INLINE vfm log_sigmoid_short(const vf *x, const vf_terms *terms, vf *y)
{
    const vf minus = vf_set(-1.0F);
    vf opposite = softplus_in_float(vf_mul(*x, minus), terms->value);
    return round_short_relative(*x, vf_mul(opposite, minus), y);
}
#endif

CORRECTLY_ROUNDED(softplus, softplus_terms, 1, &softplus_accurate)
CORRECTLY_ROUNDED(log_sigmoid, softplus_terms, 1, &log_sigmoid_accurate)

#endif
