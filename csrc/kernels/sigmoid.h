/* s(x) = 1 / (1 + e^-x) and s'(x) = s(x) s(-x) = e / (1 + e)^2 with e = e^-|x|.
 *
 * Quick phase, float64
 * --------------------
 *   k = round(x 16/ln2), j = k mod 16
 *   r = k ln2/16 - x                    |r| <= ln2/32 = 2^-5.53; r + rl to about 2^-80
 *   T (1 + tau) = 2^(-k/16)             T of 53 bits, |tau| <= 2^-53
 *   e^-x = T (1 + tau) (1 + rl) e^r
 *   e^r = 1 + u + ul,  u = r + s,  s = r^2/2 + r^3/2 C(r)
 *   eh = T + T u rounded,  el = what that rounding lost + T (ul + (tau + rl)(1 + u))
 *   q = 1/(1 + eh) (1 + 2^-28),  z = 1 - q (1 + eh + el),  s(x) = q (1 + z + z^2 + ...)
 *
 * Error of e^-x relative to itself, in units of 2^-65:
 *   0.500  rounding of s, |s| < 2^-12: half an ulp is 2^-66
 *   0.040  r^3/2 C(r) < 2^-19.2: six roundings at most, 2^-72.2 each (without fma)
 *   0.001  C(r), minimax: 2^-75.6 (exp_constants.h)
 *   0.001  all else: r + rl (2^-80), the roundings of tau, rl and ul, each below 2^-52, and
 *          the neglected products of two of them
 *   0.542  sum; 3 million random x met 0.527
 * s(x) sees it times e/(1+e) <= 1, s'(x) times |1 - 2e/(1+e)| <= 1; the terms in z add less than
 * 2^-79: z^3 <= 2^-83, roundings of z, |z| <= 2^-27.9, 2^-80.
 * QUICK_ERROR, the half-width of the rounding test, is 0.5625 of that unit; one lane in about
 * 5,000 fails it.
 *
 * float32 and float16
 * -------------------
 * In double with a single r (2^-47), a minimax polynomial of degree 4 (2^-38.55) and 1/(1+e)
 * to 2^-41.9: together below 2^-38 relative, which is NARROW_ERROR. float32 tests the rounding;
 * for float16 all inputs were run, and none comes as near to a boundary.
 */
#ifndef OGIVE_KERNELS_SIGMOID_H
#define OGIVE_KERNELS_SIGMOID_H

#include "../accurate/sigmoid.h"
#include "exp_constants.h"
#include "run.h"

/* 1.5 2^52: added to |t| < 2^51, it leaves round(t) in the low bits. */
#define ROUND_TO_INTEGER 0x1.8p+52

/* Below -680 a quick phase hands over: e^-x would come near to overflow (709.8), and
 * Dekker's splitting does so from 2^996 = e^690 on. Above 700, where s(x) is 1 by far
 * (from 37.43 on), x is cut off, so that the exponent of e^-x stays in range. */
#define QUICK_LOWEST -680.0
#define QUICK_HIGHEST 700.0

/* e^-104 < 2^-150, half of float32's smallest subnormal: beyond, float32's s(x) is 0 or 1. */
#define NARROW_BOUND 104.0

typedef struct {
    vd high, low;
} vdd;

/* e^-x as high + low, |x| <= 700. */
OGIVE_INLINE vdd exp_neg(vd x)
{
    const reg_table powers = reg_table_load(exp_power16), tails = reg_table_load(exp_power16_tail);
    const vd magic = vd_set(ROUND_TO_INTEGER);

    vd shifted = vd_fma(x, vd_set(EXP_STEPS_PER_UNIT), magic);
    vd k = vd_sub(shifted, magic);
    vd power = vd_sub_bits(vd_table_get(powers, shifted), vd_shift_left(shifted, 48));
    vd tail = vd_table_get(tails, shifted);

    vd r_high = vd_fms(k, vd_set(EXP_STEP_HIGH), x); /* exact */
    vd r = vd_fma(k, vd_set(EXP_STEP_LOW), r_high);
    tail = vd_add(tail, vd_fma(k, vd_set(EXP_STEP_LOW), vd_sub(r_high, r)));

    vd half_r = vd_mul(r, vd_set(0.5));
    vd half_square = vd_mul(half_r, r);
    vd half_square_low = vd_residual(half_r, r, vd_sub(vd_set(0.0), half_square));
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
    e.low = vd_fma(power, u_low, vd_residual(power, u, vd_sub(power, e.high)));
    return e;
}

/* 1 / (1 + e) = q (1 + z). */
OGIVE_INLINE void inverse_of_one_plus(vdd e, vd *q, vd *z)
{
    const vd one = vd_set(1.0);
    *q = vd_reciprocal_28(vd_add(one, e.high));
    vd one_minus_q = vd_sub(one, *q);
    vd lost = vd_sub(vd_sub(one, one_minus_q), *q);
    vd rest = vd_add(vd_residual_neg(*q, e.high, one_minus_q), lost);
    rest = vd_fnma(*q, e.low, rest);
    *z = vd_fma(rest, rest, rest);
}

/* base + base (z -+ error): the result where both agree, in doubt where not. */
OGIVE_INLINE vm round_scaled(vd base, vd z, vd *y)
{
    const vd error = vd_set(QUICK_ERROR);
    *y = vd_fma(base, vd_sub(z, error), base);
    return vd_differs(*y, vd_fma(base, vd_add(z, error), base));
}

/* high + low (1 -+ error of high). */
OGIVE_INLINE vm round_sum(vd high, vd low, vd *y)
{
    const vd error = vd_set(QUICK_ERROR);
    *y = vd_add(high, vd_fnma(high, error, low));
    return vd_differs(*y, vd_add(high, vd_fma(high, error, low)));
}

OGIVE_INLINE vm sigmoid_quick(vd x, vd *y)
{
    vd q, z;
    inverse_of_one_plus(exp_neg(vd_at_most(x, vd_set(QUICK_HIGHEST))), &q, &z);
    return vm_or(round_scaled(q, z, y), vd_not_at_least(x, vd_set(QUICK_LOWEST)));
}

/* p = e / (1 + e) as a product, p + p_low; g = e / (1 + e)^2 likewise. */
OGIVE_INLINE void gradient_terms(vdd e, vd q, vd z, vdd *p, vdd *g)
{
    p->high = vd_mul(e.high, q);
    p->low = vd_residual(e.high, q, vd_sub(vd_set(0.0), p->high));
    p->low = vd_fma(e.low, q, p->low);
    g->high = vd_mul(p->high, q);
    g->low = vd_residual(p->high, q, vd_sub(vd_set(0.0), g->high));
    g->low = vd_fma(p->low, q, g->low);
    g->low = vd_fma(g->high, vd_fma(z, z, vd_add(z, z)), g->low);
    p->low = vd_fma(p->high, z, p->low);
}

OGIVE_INLINE vm sigmoid_grad_quick(vd x, vd *y)
{
    vd q, z, distance = vd_abs(x);
    vdd p, g, e = exp_neg(vd_at_most(distance, vd_set(-QUICK_LOWEST)));
    inverse_of_one_plus(e, &q, &z);
    gradient_terms(e, q, z, &p, &g);
    vm outside = vd_not_at_least(vd_set(-QUICK_LOWEST), distance);
    return vm_or(round_sum(g.high, g.low, y), outside);
}

OGIVE_INLINE vm sigmoid_and_grad_quick(vd x, vd *y)
{
    vd q, z, distance = vd_abs(x), rising, falling;
    vdd p, g, e = exp_neg(vd_at_most(distance, vd_set(-QUICK_LOWEST)));
    inverse_of_one_plus(e, &q, &z);
    gradient_terms(e, q, z, &p, &g);
    vm outside = vd_not_at_least(vd_set(-QUICK_LOWEST), distance);
    vm doubt = vm_or(round_scaled(q, z, &rising), round_sum(p.high, p.low, &falling));
    y[0] = vd_select(vd_not_at_least(x, vd_set(0.0)), falling, rising);
    return vm_or(vm_or(doubt, outside), round_sum(g.high, g.low, &y[1]));
}

/* e^-x, |x| <= NARROW_BOUND, relative error below 2^-38.4 */
OGIVE_INLINE vd exp_neg_narrow(vd x)
{
    const reg_table powers = reg_table_load(exp_power16);
    const vd magic = vd_set(ROUND_TO_INTEGER);

    vd shifted = vd_fma(x, vd_set(EXP_STEPS_PER_UNIT), magic);
    vd r = vd_fms(vd_sub(shifted, magic), vd_set(EXP_STEP), x);
    vd power = vd_sub_bits(vd_table_get(powers, shifted), vd_shift_left(shifted, 48));
    vd poly = vd_fma(r, vd_set(EXP_P4), vd_set(EXP_P3));
    poly = vd_fma(r, poly, vd_set(EXP_P2));
    poly = vd_fma(r, poly, vd_set(EXP_P1));
    poly = vd_fma(r, poly, vd_set(EXP_P0));
    return vd_mul(power, poly);
}

OGIVE_INLINE vd narrow_bounded(vd x)
{
    return vd_at_least(vd_at_most(x, vd_set(NARROW_BOUND)), vd_set(-NARROW_BOUND));
}

OGIVE_INLINE void sigmoid_narrow(vd x, vd *y)
{
    vd e = exp_neg_narrow(narrow_bounded(x));
    *y = vd_reciprocal_42(vd_add(vd_set(1.0), e));
}

OGIVE_INLINE void sigmoid_and_grad_narrow(vd x, vd *y)
{
    vd e = exp_neg_narrow(narrow_bounded(x));
    y[0] = vd_reciprocal_42(vd_add(vd_set(1.0), e));
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
