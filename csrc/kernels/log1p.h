/* log(c) + log1p(t) for the logarithms: softplus, log_sigmoid, logit and the losses.
 *
 * A number m in [1, 2] lies near c = 1 + i/16, whose inverse is rounded to 9 bits:
 *   t = m/c - 1, |t| <= 2^-5,  log(m) = log(c) + log1p(t)
 *   log1p(t) = t - t^2/2 + t^3/2 C(t)
 * Cell 0 has c = 1 exactly, so that nothing is added to log1p(t) where m is near 1.
 *
 * Error of add_log1p beyond that of t:
 *   4.1   2^-53 of t^3/2 C(t): its t^2/2, C(t) and two products
 *   0.13  2^-65 of t: C(t), minimax to 2^-68.1 (log1p_constants.h); t_low (1 - t + t^2) for
 *         t_low / (1 + t), 2^-53 2^-15; sums of low parts
 * The first is 5.4 2^-65 of the result where t is 2^-5 and nothing is added, but falls with t^2:
 * the rounding test takes LOG1P_ERROR of the cubic term, and the rest of the result. */
#ifndef OGIVE_KERNELS_LOG1P_H
#define OGIVE_KERNELS_LOG1P_H

#include "exp.h"
#include "log1p_constants.h"
#include "run.h"

#define LOG1P_ERROR 0x1.1p-51

/* Half-widths of the tests, relative to the result; see softplus.h and logit.h. */
#define SOFTPLUS_ERROR 0x3p-67
#define LOGIT_ERROR 0x1p-67
#define LOGIT_FLOAT_ERROR 0x1p-35F
#define LOGIT_FLOAT_ROUNDINGS 0x1.cp-23F

/* high + low = base + log1p(t), with the term that brings the error; base is 0 or exceeds |t|. */
OGIVE_INLINE vdd add_log1p(vdd base, vdd t, vd *cubic)
{
    vd half_square = vd_mul(vd_mul(t.high, vd_set(0.5)), t.high);
    vd half_square_low = vd_half_square_low(t.high, half_square);
    vd poly = vd_fma(t.high, vd_set(LOG1P_C8), vd_set(LOG1P_C7));
    poly = vd_fma(t.high, poly, vd_set(LOG1P_C6));
    poly = vd_fma(t.high, poly, vd_set(LOG1P_C5));
    poly = vd_fma(t.high, poly, vd_set(LOG1P_C4));
    poly = vd_fma(t.high, poly, vd_set(LOG1P_C3));
    poly = vd_fma(t.high, poly, vd_set(LOG1P_C2));
    poly = vd_fma(t.high, poly, vd_set(LOG1P_C1));
    poly = vd_fma(t.high, poly, vd_set(LOG1P_C0));
    *cubic = vd_mul(vd_mul(half_square, t.high), poly);

    vd curve = vd_sub(*cubic, half_square);
    vd curve_low = vd_sub(*cubic, vd_add(curve, half_square));
    vd head = vd_add(base.high, t.high);
    vd head_low = vd_sub(t.high, vd_sub(head, base.high));

    vdd sum;
    sum.high = vd_add(head, curve);
    sum.low = vd_sub(curve, vd_sub(sum.high, head));
    sum.low = vd_add(sum.low, head_low);
    sum.low = vd_add(sum.low, vd_sub(curve_low, half_square_low));
    sum.low = vd_add(sum.low, base.low);
    vd t_low = vd_fnma(t.high, vd_fnma(t.high, t.low, t.low), t.low);
    sum.low = vd_add(sum.low, t_low);
    return sum;
}

/* Half-width of the rounding test: `error` of high, and LOG1P_ERROR of cubic. */
OGIVE_INLINE vd logarithm_width(vd high, double error, vd cubic)
{
    return vd_fma(vd_abs(cubic), vd_set(LOG1P_ERROR), vd_mul(vd_abs(high), vd_set(error)));
}

/* log1p(e), 0 <= e <= 1. */
OGIVE_INLINE vdd log1p_of(vdd e, vd *cubic)
{
    const reg_table inverses = reg_table_load(log1p_inverse16);
    const reg_table logs = reg_table_load(log1p_log16);
    const reg_table rests = reg_table_load(log1p_log16_rest);
    const vd last = vd_set(15.0 / 16);

    vd cell = vd_fma(vd_at_most(e.high, last), vd_set(16.0), vd_set(ROUND_TO_INTEGER));
    vd inverse = vd_table_get(inverses, cell);
    vdd base = {vd_table_get(logs, cell), vd_table_get(rests, cell)};
    vd product = vd_mul(inverse, e.high);
    vd product_low = vd_residual(inverse, e.high, product);
    vdd t;
    t.high = vd_sub(product, vd_sub(vd_set(1.0), inverse)); /* exact: equal to a factor of 2 */
    t.low = vd_fma(inverse, e.low, product_low);
    return add_log1p(base, t, cubic);
}

/* log((1 + s)/(1 - s)) to 2^-43 of itself, 0 <= s <= 1/3: no tables, whose permutations would take
 * longer than the terms they save. */
OGIVE_INLINE vd log_ratio_in_doubles(vd s)
{
    vd square = vd_mul(s, s);
    vd poly = vd_fma(square, vd_set(LOG_W7), vd_set(LOG_W6));
    poly = vd_fma(square, poly, vd_set(LOG_W5));
    poly = vd_fma(square, poly, vd_set(LOG_W4));
    poly = vd_fma(square, poly, vd_set(LOG_W3));
    poly = vd_fma(square, poly, vd_set(LOG_W2));
    poly = vd_fma(square, poly, vd_set(LOG_W1));
    poly = vd_fma(square, poly, vd_set(LOG_W0));
    return vd_mul(s, poly);
}

/* base + the same for |s| <= 0.2, to 2^-42. */
OGIVE_INLINE vd log_near_ratio_in_doubles(vd s, vd base)
{
    vd square = vd_mul(s, s);
    vd poly = vd_fma(square, vd_set(LOG_V5), vd_set(LOG_V4));
    poly = vd_fma(square, poly, vd_set(LOG_V3));
    poly = vd_fma(square, poly, vd_set(LOG_V2));
    poly = vd_fma(square, poly, vd_set(LOG_V1));
    poly = vd_fma(square, poly, vd_set(LOG_V0));
    return vd_fma(s, poly, base);
}

#ifdef SIMD_FLOATS
OGIVE_INLINE vf log_ratio_in_floats(vf s)
{
    vf square = vf_mul(s, s);
    vf poly = vf_fma(square, vf_set(LOG_X4), vf_set(LOG_X3));
    poly = vf_fma(square, poly, vf_set(LOG_X2));
    poly = vf_fma(square, poly, vf_set(LOG_X1));
    poly = vf_fma(square, poly, vf_set(LOG_X0));
    return vf_mul(s, poly);
}

OGIVE_INLINE vf log_near_ratio_in_floats(vf s, vf base)
{
    vf square = vf_mul(s, s);
    vf poly = vf_fma(square, vf_set(LOG_Y3), vf_set(LOG_Y2));
    poly = vf_fma(square, poly, vf_set(LOG_Y1));
    poly = vf_fma(square, poly, vf_set(LOG_Y0));
    return vf_fma(s, poly, base);
}
#endif

#endif
