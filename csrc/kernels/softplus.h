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
OGIVE_INLINE vd softplus_in_double(vd x)
{
    vd power, poly;
    exp_neg_narrow(vd_at_most(vd_abs(x), vd_set(NARROW_BOUND)), &power, &poly);
    vd e = vd_mul(power, poly);
    vd log = log_ratio_narrow(vd_div(e, vd_add(e, vd_set(2.0))));
    return vd_add(vd_at_least(x, vd_set(0.0)), log);
}

OGIVE_INLINE vm softplus_narrow(const vd *x, vd *y)
{
    *y = softplus_in_double(*x);
    return vd_not_at_least(*x, vd_set(-87.0));
}

OGIVE_INLINE vm softplus_half(const vd *x, vd *y)
{
    *y = with_nan_of(*x, softplus_in_double(*x));
    return vm_none();
}

OGIVE_INLINE vm log_sigmoid_narrow(const vd *x, vd *y)
{
    vd opposite = vd_mul(*x, vd_set(-1.0));
    vm doubt = softplus_narrow(&opposite, y);
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

CORRECTLY_ROUNDED(softplus, softplus_terms, 1, &softplus_accurate)
CORRECTLY_ROUNDED(log_sigmoid, softplus_terms, 1, &log_sigmoid_accurate)

#endif
