/* tanh(x) = 2 s(2x) - 1 = (1 - e) / (1 + e) with e = e^-2|x|, the sign of x restored.
 *
 *   e = T (1 + u), as in sigmoid.h, u to all its digits where T = 1
 *   1 - e = (1 - T) - T u: for T = 1 it is -u; else 1 - T > 2^-4.6 exceeds T |u| twofold
 *   n = 1 - e,  d = 1 + e = 2 - n,  as pairs of doubles
 *   q = n (1/d) rounded,  n/d = q + (n - q d)/d
 *
 * Error of u relative to itself, in units of 2^-65, |u| < 2^-5.5 (where T = 1):
 *   0.9   cubic = r^3/2 C(r) < 2^-19.2: three roundings of 2^-72.2 (without fma), over 2^-5.5
 *   0.01  C(r), 2^-75.6 over 2^-5.5, and all else
 * and of n where T < 1: 0.54 2^-65 of T |u| <= n. The quotient adds 2^-104. TANH_ERROR is 1 unit.
 *
 * |x| is cut at TANH_BOUND, where the result is 1 in every dtype.
 */
#ifndef OGIVE_KERNELS_TANH_H
#define OGIVE_KERNELS_TANH_H

#include "../accurate/tanh.h"
#include "sigmoid.h"

#define TANH_ERROR 0x1p-65
#define TANH_BOUND 30.0 /* 2 e^-60 < 2^-54 */

/* The quotient (high + low) / d, d = d.high + d.low, as a sum. */
OGIVE_INLINE vdd divide_terms(vdd n, vdd d)
{
    vd inverse = vd_div(vd_set(1.0), d.high);
    vdd quotient;
    quotient.high = vd_mul(n.high, inverse);
    vd excess = vd_sub(vd_residual(quotient.high, d.high, n.high), n.low);
    excess = vd_fma(quotient.high, d.low, excess);
    quotient.low = vd_fnma(excess, inverse, vd_set(0.0));
    return quotient;
}

OGIVE_INLINE void tanh_terms_quick(const vd *x, vd_terms *terms)
{
    vd distance = vd_at_most(vd_abs(*x), vd_set(TANH_BOUND)), tail;
    vdd u = exp_neg_terms(vd_add(distance, distance), &terms->value, &tail, 1);
    u.low = vd_add(vd_fma(tail, u.high, tail), u.low);
    terms->pair = u;
}

OGIVE_INLINE vm tanh_quick(const vd *x, const vd_terms *terms, vd *y)
{
    const vd one = vd_set(1.0), two = vd_set(2.0);
    vd power = terms->value;
    vdd u = terms->pair, n, d;

    vd gap = vd_sub(one, power), gap_low = vd_sub(vd_sub(one, gap), power);
    vd change = vd_mul(power, u.high), change_low = vd_residual(power, u.high, change);
    n.high = vd_sub(gap, change);
    n.low = vd_sub(vd_sub(gap, n.high), change);
    n.low = vd_add(n.low, vd_sub(gap_low, vd_fma(power, u.low, change_low)));
    d.high = vd_sub(two, n.high);
    d.low = vd_sub(vd_sub(vd_sub(two, d.high), n.high), n.low);

    vdd quotient = divide_terms(n, d);
    const vd error = vd_set(TANH_ERROR);
    vd result = vd_add(quotient.high, vd_fnma(quotient.high, error, quotient.low));
    vd above = vd_add(quotient.high, vd_fma(quotient.high, error, quotient.low));
    *y = vd_with_sign_of(result, *x);
    return vd_differs(result, above);
}

OGIVE_INLINE void tanh_terms_narrow(const vd *x, vd_terms *terms)
{
    vd distance = vd_at_most(vd_abs(*x), vd_set(TANH_BOUND)), power, change;
    exp_neg_double(vd_add(distance, distance), &power, &change);
    vd n = vd_fnma(power, change, vd_sub(vd_set(1.0), power));
    terms->value = vd_div(n, vd_sub(vd_set(2.0), n));
}

OGIVE_INLINE vm tanh_narrow(const vd *x, const vd_terms *terms, vd *y)
{
    *y = vd_with_sign_of(terms->value, *x);
    return vd_differs(*x, *x);
}

OGIVE_INLINE vm tanh_half(const vd *x, vd *y)
{
    vd_terms terms;
    tanh_terms_narrow(x, &terms);
    vm nan = tanh_narrow(x, &terms, y);
    *y = vd_select(nan, vd_set(NAN), *y);
    return vm_none();
}

#ifdef SIMD_FLOATS
/* float16: n = (1 - T) - T u, T with its tail. */
OGIVE_INLINE void tanh_terms_short(const vf *x, vf_terms *terms)
{
    vf power, change, distance = vf_at_most(vf_abs(*x), vf_set(SHORT_BOUND / 2));
    exp_neg_short(vf_add(distance, distance), &power, &change, 1);
    vf n = vf_fnma(power, change, vf_sub(vf_set(1.0F), power));
    terms->value = vf_div(n, vf_sub(vf_set(2.0F), n));
}

OGIVE_INLINE vfm tanh_short(const vf *x, const vf_terms *terms, vf *y)
{
    return round_short_relative(*x, vf_with_sign_of(terms->value, *x), y);
}
#endif

CORRECTLY_ROUNDED(tanh, tanh_terms, 1, &tanh_accurate)

#endif
