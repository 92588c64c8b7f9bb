/* s(x) = 1 / (1 + e^-x) and s'(x) = s(x) s(-x) = e / (1 + e)^2 with e = e^-|x|.
 *
 * Quick phase, float64
 * --------------------
 *   k = round(x 16/ln2), j = k mod 16, ln2/16 = L (1 + 2^-54 ...) as EXP_STEP + EXP_STEP_TAIL
 *   r = k EXP_STEP - x                exact: |r| <= ln2/32 = 2^-5.53, in units of 2^-58 (or k = 0)
 *   2^(-k/16) = T (1 + tau)           T of 53 bits, |tau| <= 2^-53
 *   t = tau + k EXP_STEP_TAIL         |t| < 2^-44
 *   e^-x = T (1 + t + t^2/2 ...) e^r
 *   e^r = 1 + u + ul,  u = r + s rounded,  s = r^2/2 + r^3/2 C(r)
 *   eh = T + T u rounded,  el = what that rounding lost + T (ul + t (1 + u))
 *   q = 1/(1 + eh) rounded,  z = q (1 + eh + el) - 1,  s(x) = q (1 - z + z^2 ...)
 *
 * Error of e^-x relative to itself, in units of 2^-65:
 *   0.500  rounding of s, |s| < 2^-12: half an ulp is 2^-66
 *   0.040  r^3/2 C(r) < 2^-19.2: six roundings at most, 2^-72.2 each (without fma)
 *   0.001  C(r), minimax: 2^-75.6 (exp_constants.h)
 *   0.001  all else: t^2/2 and t ul (2^-89), roundings of t, ul and el, all < 2^-44 (2^-96)
 *   0.542  sum; 3 million random x met 0.525
 * s(x) sees it times e/(1+e) <= 1, s'(x) times |1 - 2e/(1+e)| <= 1; z^2 and the roundings of z,
 * |z| < 2^-43.9, add less than 2^-87.
 * QUICK_ERROR, the half-width of the rounding test, is 0.5625 of that unit; one lane in about
 * 5,000 fails it.
 *
 * float32 and float16
 * -------------------
 * In double with a single r (2^-47), a minimax polynomial of degree 4 (2^-38.55) and a handful of
 * roundings (2^-50): below 2^-38 relative, which is NARROW_ERROR. float32 tests the rounding;
 * for float16 all inputs were run, and none comes as near to a boundary.
 */
#ifndef OGIVE_KERNELS_SIGMOID_H
#define OGIVE_KERNELS_SIGMOID_H

#include "../accurate/sigmoid.h"
#include "exp_constants.h"
#include "run.h"

/* Beyond, a quick phase hands over: e^-x would come near to overflow (709.8) or, in s', to
 * underflow, and Dekker's splitting overflows from 2^996 = e^690 on. */
#define QUICK_BOUND 680.0

typedef struct {
    vd high, low;
} vdd;

/* e^-x as high + low, |x| <= QUICK_BOUND. */
OGIVE_INLINE vdd exp_neg(vd x)
{
    const reg_table powers = reg_table_load(exp_power16), tails = reg_table_load(exp_power16_tail);
    const vd magic = vd_set(ROUND_TO_INTEGER);

    vd shifted = vd_fma(x, vd_set(EXP_STEPS_PER_UNIT), magic);
    vd k = vd_sub(shifted, magic);
    vd power = vd_sub_shifted(vd_table_get(powers, shifted), shifted, 48);
    vd r = vd_residual(k, vd_set(EXP_STEP), x);
    vd tail = vd_fma(k, vd_set(EXP_STEP_TAIL), vd_table_get(tails, shifted));

    vd half_r = vd_mul(r, vd_set(0.5));
    vd half_square = vd_mul(half_r, r);
    vd half_square_low = vd_residual(half_r, r, half_square);
    vd poly = vd_fma(r, vd_set(EXP_C5), vd_set(EXP_C4));
    poly = vd_fma(r, poly, vd_set(EXP_C3));
    poly = vd_fma(r, poly, vd_set(EXP_C2));
    poly = vd_fma(r, poly, vd_set(EXP_C1));
    poly = vd_fma(r, poly, vd_set(EXP_C0));
    vd s = vd_fma(vd_mul(half_square, r), poly, half_square);

    vd u = vd_add(r, s);
    vd u_low = vd_add(vd_sub(s, vd_sub(u, r)), half_square_low);
    u_low = vd_add(vd_fma(tail, u, tail), u_low);

    vdd e;
    e.high = vd_fma(power, u, power);
    e.low = vd_fma(power, u_low, vd_residual(power, u, vd_sub(e.high, power)));
    return e;
}

/* 1 / (1 + e) = q (1 - z). */
OGIVE_INLINE void inverse_of_one_plus(vdd e, vd *q, vd *z)
{
    const vd one = vd_set(1.0);
    *q = vd_div(one, vd_add(one, e.high));
    vd one_minus_q = vd_sub(one, *q);
    vd lost = vd_sub(vd_sub(one, one_minus_q), *q);
    vd rest = vd_sub(vd_residual(*q, e.high, one_minus_q), lost);
    *z = vd_fma(*q, e.low, rest);
}

/* q - q (z -+ error): the result where both agree, in doubt where not. */
OGIVE_INLINE vm round_scaled(vd q, vd z, vd *y)
{
    const vd error = vd_set(QUICK_ERROR);
    *y = vd_fnma(q, vd_sub(z, error), q);
    return vd_differs(*y, vd_fnma(q, vd_add(z, error), q));
}

/* high + low (1 -+ error of high). */
OGIVE_INLINE vm round_sum(vd high, vd low, vd *y)
{
    const vd error = vd_set(QUICK_ERROR);
    *y = vd_add(high, vd_fnma(high, error, low));
    return vd_differs(*y, vd_add(high, vd_fma(high, error, low)));
}

OGIVE_INLINE vm out_of_quick_range(vd x) { return vd_not_at_least(vd_set(QUICK_BOUND), vd_abs(x)); }

OGIVE_INLINE vm sigmoid_quick(vd x, vd *y)
{
    vd q, z;
    inverse_of_one_plus(exp_neg(x), &q, &z);
    return vm_or(round_scaled(q, z, y), out_of_quick_range(x));
}

/* p = e / (1 + e) as a product, p + p_low; g = e / (1 + e)^2 likewise. */
OGIVE_INLINE void gradient_terms(vdd e, vd q, vd z, vdd *p, vdd *g)
{
    p->high = vd_mul(e.high, q);
    p->low = vd_residual(e.high, q, p->high);
    p->low = vd_fma(e.low, q, p->low);
    g->high = vd_mul(p->high, q);
    g->low = vd_residual(p->high, q, g->high);
    g->low = vd_fma(p->low, q, g->low);
    g->low = vd_fnma(g->high, vd_add(z, z), g->low);
    p->low = vd_fnma(p->high, z, p->low);
}

OGIVE_INLINE vm sigmoid_grad_quick(vd x, vd *y)
{
    vd q, z;
    vdd p, g, e = exp_neg(vd_abs(x));
    inverse_of_one_plus(e, &q, &z);
    gradient_terms(e, q, z, &p, &g);
    return vm_or(round_sum(g.high, g.low, y), out_of_quick_range(x));
}

OGIVE_INLINE vm sigmoid_and_grad_quick(vd x, vd *y)
{
    vd q, z, rising, falling;
    vdd p, g, e = exp_neg(vd_abs(x));
    inverse_of_one_plus(e, &q, &z);
    gradient_terms(e, q, z, &p, &g);
    vm doubt = vm_or(round_scaled(q, z, &rising), round_sum(p.high, p.low, &falling));
    y[0] = vd_select(vd_not_at_least(x, vd_set(0.0)), falling, rising);
    doubt = vm_or(doubt, out_of_quick_range(x));
    return vm_or(doubt, round_sum(g.high, g.low, &y[1]));
}

/* e^-x = power poly, |x| <= NARROW_BOUND, relative error below 2^-38.4 */
OGIVE_INLINE void exp_neg_narrow(vd x, vd *power, vd *poly)
{
    const reg_table powers = reg_table_load(exp_power16);
    const vd magic = vd_set(ROUND_TO_INTEGER);

    vd shifted = vd_fma(x, vd_set(EXP_STEPS_PER_UNIT), magic);
    vd r = vd_fms(vd_sub(shifted, magic), vd_set(EXP_STEP), x);
    *power = vd_sub_shifted(vd_table_get(powers, shifted), shifted, 48);
    *poly = vd_fma(r, vd_set(EXP_P4), vd_set(EXP_P3));
    *poly = vd_fma(r, *poly, vd_set(EXP_P2));
    *poly = vd_fma(r, *poly, vd_set(EXP_P1));
    *poly = vd_fma(r, *poly, vd_set(EXP_P0));
}

OGIVE_INLINE void sigmoid_narrow(vd x, vd *y)
{
    const vd one = vd_set(1.0);
    vd power, poly;
    exp_neg_narrow(x, &power, &poly);
    *y = vd_div(one, vd_fma(power, poly, one));
}

OGIVE_INLINE void sigmoid_and_grad_narrow(vd x, vd *y)
{
    const vd one = vd_set(1.0);
    vd power, poly;
    exp_neg_narrow(x, &power, &poly);
    vd e = vd_mul(power, poly);
    y[0] = vd_div(one, vd_add(e, one));
    y[1] = vd_mul(vd_mul(e, y[0]), y[0]);
}

OGIVE_INLINE void sigmoid_grad_narrow(vd x, vd *y)
{
    vd both[2];
    sigmoid_and_grad_narrow(x, both);
    *y = both[1];
}

CORRECTLY_ROUNDED(sigmoid, 1, &sigmoid_accurate)
CORRECTLY_ROUNDED(sigmoid_grad, 1, &sigmoid_grad_accurate)
CORRECTLY_ROUNDED(sigmoid_and_grad, 2, &sigmoid_accurate, &sigmoid_grad_accurate)

#endif
