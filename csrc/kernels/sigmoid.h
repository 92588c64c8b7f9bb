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
 *   eh = T + T u rounded,  el = what that rounding lost + T ul + t eh
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
 * float32 in floats
 * -----------------
 * The same with as many steps per ln2 as a register holds floats, 8 or 16, and C of degree 2 or 1:
 *                                               ln2/8               ln2/16
 *   r, exact, at most, in units of (or k = 0)   2^-4.53, 2^-28      2^-5.53, 2^-29
 *   |t|                                         2^-22               2^-22
 * Error of e^-x, in units of 2^-34:
 *   rounding of s                               0.500  s < 2^-10    0.125  s < 2^-12
 *   rounding of r^2, half of which s takes      0.500               0.125
 *   r^3/2 C(r): three roundings of 2^-24 of it  0.041  < 2^-16.2    0.005  < 2^-19.2
 *   C(r): minimax and its coefficients          0.027               0.091
 *   all else: the roundings of t, e.low and
 *     z (2^-46), t^2/2 and z^2 (2^-45)          0.002               0.002
 *   sum                                         1.070               0.348
 *   FLOAT_ERROR, half-width of the test         1.125               0.375
 *   fails it, one lane in about                 700                 2,100
 *
 * float16 in floats
 * -----------------
 * The same r, exact, T without its tail and e^r to a minimax cubic or quartic. Error of e^-x in units
 * of 2^-24, |x| <= SHORT_BOUND:
 *   1.1   k ln2/16 (or 8): 24 EXP_FLOAT_STEP_TAIL / EXP_FLOAT_STEP
 *   1.0   roundings of T and of e^-x; of e^r, 2^-29, and its minimax, 2^-28.7, 0.1
 *   2.2   sum; with its roundings s(x) is within 3.2, s'(x) within 5.2
 * SHORT_ERROR, the half-width of the test, is 6 of that unit: one lane in about 1,000 fails it. All
 * inputs of every function were run.
 *
 * float32 and float16 in doubles
 * ------------------------------
 * With a single r (2^-47), a minimax polynomial of degree 4 (2^-38.55) and a handful of
 * roundings (2^-50): below 2^-38 relative, which is NARROW_ERROR. float32 tests the rounding;
 * for float16 all inputs were run, and none comes as near to a boundary.
 */
#ifndef OGIVE_KERNELS_SIGMOID_H
#define OGIVE_KERNELS_SIGMOID_H

#include "../accurate/sigmoid.h"
#include "exp_constants.h"
#include "run.h"

/* Beyond, the quick phase hands over: e^-x would come near to overflow (709.8) or, in s', to
 * underflow, and Dekker's splitting overflows from 2^996 = e^690 on. */
#define QUICK_BOUND 680.0

/* Half-width of the rounding test, relative to the result. */
#define QUICK_ERROR 0x1.2p-66

/* The same in floats. Within the bound not even the last part of a product underflows. */
#define FLOAT_BOUND 64.0F
#define FLOAT_ERROR (SIMD_FLOAT_TABLE == 8 ? 0x1.2p-34F : 0x1.8p-36F)
#define FLOAT_ROUND_TO_INTEGER 0x1.8p+23F

/* Beyond, no float16 result changes: 24 e^-24 < 2^-25, half of the smallest subnormal. */
#define SHORT_BOUND 24.0F

/* Half-width of float16's rounding test in floats, relative to the result. */
#define SHORT_ERROR 0x1.8p-22F

/* e^-x = power (1 + u) (1 + tail), |x| <= QUICK_BOUND. Where small u count for themselves, `keep_all`
 * keeps what the sum s loses. */
OGIVE_INLINE vdd exp_neg_terms(vd x, vd *power, vd *tail, int keep_all)
{
    const reg_table powers = reg_table_load(exp_power16), tails = reg_table_load(exp_power16_tail);
    const vd magic = vd_set(ROUND_TO_INTEGER);

    vd shifted = vd_fma(x, vd_set(EXP_STEPS_PER_UNIT), magic);
    vd k = vd_sub(shifted, magic);
    *power = vd_sub_shifted(vd_table_get(powers, shifted), shifted, 48);
    vd r = vd_residual(k, vd_set(EXP_STEP), x);
    *tail = vd_fma(k, vd_set(EXP_STEP_TAIL), vd_table_get(tails, shifted));

    vd half_r = vd_mul(r, vd_set(0.5));
    vd half_square = vd_mul(half_r, r);
    vd low = vd_residual(half_r, r, half_square);
    vd upper = vd_fma(r, vd_set(4 * EXP_C5), vd_set(4 * EXP_C4));
    vd middle = vd_fma(r, vd_set(2 * EXP_C3), vd_set(2 * EXP_C2));
    vd lower = vd_fma(r, vd_set(EXP_C1), vd_set(EXP_C0));
    vd poly = vd_fma(half_square, vd_fma(half_square, upper, middle), lower);
    vd cubic = vd_mul(half_square, r), s = vd_fma(cubic, poly, half_square);
    if (keep_all) {
        vd rest = vd_mul(cubic, poly);
        s = vd_add(half_square, rest);
        low = vd_add(low, vd_sub(rest, vd_sub(s, half_square)));
    }

    vdd u;
    u.high = vd_add(r, s);
    u.low = vd_add(vd_sub(s, vd_sub(u.high, r)), low);
    return u;
}

/* e^-x as high + low, |x| <= QUICK_BOUND. */
OGIVE_INLINE vdd exp_neg(vd x)
{
    vd power, tail;
    vdd u = exp_neg_terms(x, &power, &tail, 0), e;
    e.high = vd_fma(power, u.high, power);
    e.low = vd_fma(power, u.low, vd_residual(power, u.high, vd_sub(e.high, power)));
    e.low = vd_fma(tail, e.high, e.low);
    return e;
}

#define VALUE vd
#define V(op) vd_##op
#define MASK vm
#define M(op) vm_##op
#define PAIR vdd
#define TERMS vd_terms
#define QUICK(name) name##_quick
#define EXP_NEG exp_neg
#define ERROR QUICK_ERROR
#define BOUND QUICK_BOUND
#define TINY 0x1p-900
#include "quick.h"

#ifdef SIMD_FLOATS
/* e^-x as high + low, |x| <= FLOAT_BOUND. */
OGIVE_INLINE vff exp_neg_floats(vf x)
{
    const regf_table powers = regf_table_load(exp_float_power);
    const regf_table tails = regf_table_load(exp_float_power_tail);
    const vf magic = vf_set(FLOAT_ROUND_TO_INTEGER), half = vf_set(0.5F);

    vf shifted = vf_fma(x, vf_set(EXP_FLOAT_STEPS_PER_UNIT), magic);
    vf k = vf_sub(shifted, magic);
    vf power = vf_sub_shifted(vf_table_get(powers, shifted), shifted, EXP_FLOAT_SHIFT);
    vf r = vf_residual(k, vf_set(EXP_FLOAT_STEP), x);
    vf tail = vf_fma(k, vf_set(EXP_FLOAT_STEP_TAIL), vf_table_get(tails, shifted));

    vf square = vf_mul(r, r);
#ifdef EXP_FLOAT_C2
    vf poly = vf_fma(r, vf_set(EXP_FLOAT_C2), vf_set(EXP_FLOAT_C1));
#else
    vf poly = vf_set(EXP_FLOAT_C1);
#endif
    poly = vf_fma(r, poly, vf_set(EXP_FLOAT_C0));
    vf twice_s = vf_fma(vf_mul(square, r), poly, square);
    vf u = vf_fma(twice_s, half, r), lost = vf_fms(twice_s, half, vf_sub(u, r));

    vff e;
    e.high = vf_fma(power, u, power);
    e.low = vf_fma(power, lost, vf_residual(power, u, vf_sub(e.high, power)));
    e.low = vf_fma(tail, e.high, e.low);
    return e;
}

#define VALUE vf
#define V(op) vf_##op
#define MASK vfm
#define M(op) vfm_##op
#define PAIR vff
#define TERMS vf_terms
#define QUICK(name) name##_floats
#define EXP_NEG exp_neg_floats
#define ERROR FLOAT_ERROR
#define BOUND FLOAT_BOUND
#define TINY 0x1p-80F
#include "quick.h"

/* float16 */
OGIVE_INLINE vf short_bounded(vf x)
{
    return vf_at_least(vf_at_most(x, vf_set(SHORT_BOUND)), vf_set(-SHORT_BOUND));
}

/* e^-x = power (1 + change), |x| <= SHORT_BOUND. Where small changes count for themselves,
 * `keep_tail` keeps what the powers in the table lost. */
OGIVE_INLINE void exp_neg_short(vf x, vf *power, vf *change, int keep_tail)
{
    const regf_table powers = regf_table_load(exp_float_power);
    const regf_table tails = regf_table_load(exp_float_power_tail);
    const vf magic = vf_set(FLOAT_ROUND_TO_INTEGER);

    vf shifted = vf_fma(x, vf_set(EXP_FLOAT_STEPS_PER_UNIT), magic);
    *power = vf_sub_shifted(vf_table_get(powers, shifted), shifted, EXP_FLOAT_SHIFT);
    vf r = vf_fms(vf_sub(shifted, magic), vf_set(EXP_FLOAT_STEP), x);
#ifdef EXP_FLOAT_S3
    vf poly = vf_fma(r, vf_set(EXP_FLOAT_S3), vf_set(EXP_FLOAT_S2));
#else
    vf poly = vf_set(EXP_FLOAT_S2);
#endif
    poly = vf_fma(r, poly, vf_set(EXP_FLOAT_S1));
    *change = vf_fma(vf_mul(r, r), poly, r);
    if (keep_tail)
        *change = vf_add(*change, vf_table_get(tails, shifted));
}

/* The result of x, which is y -+ width, in halves; in doubt where the ends differ. */
OGIVE_INLINE vfm round_short(vf x, vf y, vf width, vf *result)
{
    vf low = vf_sub(y, width), high = vf_add(y, width);
    *result = vf_select(vf_differs(x, x), vf_set(NAN), low);
    return vf_halves_differ(low, high);
}

OGIVE_INLINE vfm round_short_relative(vf x, vf y, vf *result)
{
    return round_short(x, y, vf_mul(y, vf_set(SHORT_ERROR)), result);
}

OGIVE_INLINE void sigmoid_terms_short(const vf *x, vf_terms *terms)
{
    const vf one = vf_set(1.0F);
    vf power, change;
    exp_neg_short(short_bounded(*x), &power, &change, 0);
    terms->pair.high = vf_fma(power, change, power);
    terms->value = vf_div(one, vf_add(one, terms->pair.high));
}

OGIVE_INLINE vfm sigmoid_short(const vf *x, const vf_terms *terms, vf *y)
{
    return round_short_relative(*x, terms->value, y);
}

OGIVE_INLINE vfm sigmoid_grad_short(const vf *x, const vf_terms *terms, vf *y)
{
    vf e = terms->pair.high, q = terms->value;
    return round_short_relative(*x, vf_mul(vf_mul(e, q), q), y);
}

OGIVE_INLINE vfm sigmoid_and_grad_short(const vf *x, const vf_terms *terms, vf *y)
{
    return vfm_or(sigmoid_short(x, terms, &y[0]), sigmoid_grad_short(x, terms, &y[1]));
}
#endif

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

/* e^-x = power (1 + change): change is within 2^-49 of itself, but for 2^-59 k. */
OGIVE_INLINE void exp_neg_double(vd x, vd *power, vd *change)
{
    const reg_table powers = reg_table_load(exp_power16);
    const vd magic = vd_set(ROUND_TO_INTEGER);

    vd shifted = vd_fma(x, vd_set(EXP_STEPS_PER_UNIT), magic);
    vd r = vd_fms(vd_sub(shifted, magic), vd_set(EXP_STEP), x);
    *power = vd_sub_shifted(vd_table_get(powers, shifted), shifted, 48);
    vd poly = vd_fma(r, vd_set(EXP_Q5), vd_set(EXP_Q4));
    poly = vd_fma(r, poly, vd_set(EXP_Q3));
    poly = vd_fma(r, poly, vd_set(EXP_Q2));
    poly = vd_fma(r, poly, vd_set(EXP_Q1));
    poly = vd_fma(r, poly, vd_set(EXP_Q0));
    *change = vd_mul(r, poly);
}

/* Beyond, float results are subnormal: e^-87 > 2^-126. */
OGIVE_INLINE vm out_of_narrow_range(vd x) { return vd_not_at_least(vd_set(87.0), vd_abs(x)); }

/* Beyond, float results change no more: 120 e^-120 < 2^-150, half of the smallest subnormal. */
#define NARROW_BOUND 120.0

OGIVE_INLINE vd narrow_bounded(vd x)
{
    return vd_at_least(vd_at_most(x, vd_set(NARROW_BOUND)), vd_set(-NARROW_BOUND));
}

OGIVE_INLINE vd with_nan_of(vd x, vd y) { return vd_select(vd_differs(x, x), vd_set(NAN), y); }

/* e and 1 / (1 + e) */
OGIVE_INLINE void sigmoid_terms_narrow(const vd *x, vd_terms *terms)
{
    const vd one = vd_set(1.0);
    vd power, poly;
    exp_neg_narrow(*x, &power, &poly);
    terms->pair.high = vd_mul(power, poly);
    terms->value = vd_div(one, vd_add(one, terms->pair.high));
}

OGIVE_INLINE vm sigmoid_narrow(const vd *x, const vd_terms *terms, vd *y)
{
    *y = terms->value;
    return out_of_narrow_range(*x);
}

OGIVE_INLINE vm sigmoid_grad_narrow(const vd *x, const vd_terms *terms, vd *y)
{
    *y = vd_mul(vd_mul(terms->pair.high, terms->value), terms->value);
    return out_of_narrow_range(*x);
}

OGIVE_INLINE vm sigmoid_and_grad_narrow(const vd *x, const vd_terms *terms, vd *y)
{
    sigmoid_grad_narrow(x, terms, &y[1]);
    return sigmoid_narrow(x, terms, &y[0]);
}

OGIVE_INLINE vm sigmoid_half(const vd *x, vd *y)
{
    vd bounded = narrow_bounded(*x);
    vd_terms terms;
    sigmoid_terms_narrow(&bounded, &terms);
    *y = with_nan_of(*x, terms.value);
    return vm_none();
}

OGIVE_INLINE vm sigmoid_and_grad_half(const vd *x, vd *y)
{
    vd bounded = narrow_bounded(*x);
    vd_terms terms;
    sigmoid_terms_narrow(&bounded, &terms);
    sigmoid_and_grad_narrow(&bounded, &terms, y);
    y[0] = with_nan_of(*x, y[0]);
    y[1] = with_nan_of(*x, y[1]);
    return vm_none();
}

OGIVE_INLINE vm sigmoid_grad_half(const vd *x, vd *y)
{
    vd both[2];
    sigmoid_and_grad_half(x, both);
    *y = both[1];
    return vm_none();
}

CORRECTLY_ROUNDED_IN_FLOATS(sigmoid, sigmoid_terms, 1, &sigmoid_accurate)
CORRECTLY_ROUNDED_IN_FLOATS(sigmoid_grad, sigmoid_terms, 1, &sigmoid_grad_accurate)
CORRECTLY_ROUNDED_IN_FLOATS(sigmoid_and_grad, sigmoid_terms, 2, &sigmoid_accurate,
                            &sigmoid_grad_accurate)

#endif
