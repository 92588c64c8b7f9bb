/* e^-x in pairs and plainly, of doubles and of floats; sigmoid.h has the error budgets. */
#ifndef OGIVE_KERNELS_EXP_H
#define OGIVE_KERNELS_EXP_H

#include "exp_constants.h"
#include "run.h"

/* Beyond, the last part of a product with e^-x would be subnormal, which takes an Intel processor 100
 * cycles; and Dekker's splitting overflows from 2^996 = e^690 on. */
#define DOUBLE_BOUND 630.0

/* Half-width of the rounding test, relative to e^-x. */
#define DOUBLE_ERROR 0x1.2p-66

/* The same in floats. Within the bound not even the last part of a product underflows. */
#define FLOAT_BOUND 64.0F
#define FLOAT_ERROR (SIMD_FLOAT_TABLE == 8 ? 0x1.ap-35F : 0x1.2p-36F)
#define FLOAT_ROUND_TO_INTEGER 0x1.8p+23F

/* e^-x = power (1 + u) (1 + tail), |x| <= DOUBLE_BOUND. For tanh, where a small u counts for itself,
 * `keep_all` keeps what the sum s loses, and power is halved. */
OGIVE_INLINE vdd exp_neg_terms(vd x, vd *power, vd *tail, int keep_all)
{
    const reg_table powers = reg_table_load(exp_power16), tails = reg_table_load(exp_power16_tail);
    const vd magic = vd_set(ROUND_TO_INTEGER + (keep_all ? 16 : 0));

    vd shifted = vd_fma(x, vd_set(EXP_STEPS_PER_UNIT), magic);
    vd k = vd_sub(shifted, magic);
    *power = vd_sub_shifted(vd_table_get(powers, shifted), shifted, 48);
    vd r = vd_reduce(x, k, vd_set(EXP_STEP));
    *tail = vd_fma(k, vd_set(EXP_STEP_TAIL), vd_table_get(tails, shifted));

    vd half_square = vd_mul(vd_mul(r, vd_set(0.5)), r);
    vd low = vd_half_square_low(r, half_square);
    vd upper = vd_fma(r, vd_set(4 * EXP_C5), vd_set(4 * EXP_C4));
    vd middle = vd_fma(r, vd_set(2 * EXP_C3), vd_set(2 * EXP_C2));
    vd lower = vd_fma(r, vd_set(EXP_C1), vd_set(EXP_C0));
    vd poly = vd_fma(half_square, vd_fma(half_square, upper, middle), lower);
    vd cubic = vd_mul(half_square, r), s = vd_fma(cubic, poly, half_square);
    if (keep_all) {
        vd change = vd_mul(r, poly);
        s = vd_fma(half_square, change, half_square);
        low = vd_add(low, vd_fma(half_square, change, vd_sub(half_square, s)));
    }

    vdd u;
    u.high = vd_add(r, s);
    u.low = vd_add(vd_sub(s, vd_sub(u.high, r)), low);
    return u;
}

#ifdef SIMD_FLOATS
/* The same in floats, |x| <= FLOAT_BOUND. */
OGIVE_INLINE vff exp_neg_terms_floats(vf x, vf *power, vf *tail, int keep_all)
{
    const regf_table powers = regf_table_load(exp_float_power);
    const regf_table tails = regf_table_load(exp_float_power_tail);
    const vf magic = vf_set(FLOAT_ROUND_TO_INTEGER + (float)(keep_all ? SIMD_FLOAT_TABLE : 0));

    vf shifted = vf_fma(x, vf_set(EXP_FLOAT_STEPS_PER_UNIT), magic);
    vf k = vf_sub(shifted, magic);
    *power = vf_sub_shifted(vf_table_get(powers, shifted), shifted, EXP_FLOAT_SHIFT);
    vf r = vf_residual(k, vf_set(EXP_FLOAT_STEP), x);
    *tail = vf_fma(k, vf_set(EXP_FLOAT_STEP_TAIL), vf_table_get(tails, shifted));

    vf poly = vf_fma(r, vf_set(EXP_FLOAT_C2), vf_set(EXP_FLOAT_C1));
    poly = vf_fma(r, poly, vf_set(EXP_FLOAT_C0));
#ifdef EXP_FLOAT_B1
    if (!keep_all)
        poly = vf_fma(r, vf_set(EXP_FLOAT_B1), vf_set(EXP_FLOAT_B0));
#endif
    vf half_r = vf_mul(r, vf_set(0.5F)), change = vf_mul(r, poly); /* r^3 may be subnormal */
    vff u;
    if (keep_all) {
        vf half_square = vf_mul(half_r, r);
        vf s = vf_fma(half_square, change, half_square);
        vf low = vf_fma(half_square, change, vf_sub(half_square, s));
        low = vf_add(low, vf_residual(half_r, r, half_square));
        u.high = vf_add(r, s);
        u.low = vf_add(vf_sub(s, vf_sub(u.high, r)), low);
    } else {
        vf g = vf_fma(half_r, change, half_r);
        u.high = vf_fma(r, g, r);
        u.low = vf_fma(r, g, vf_sub(r, u.high));
    }
    return u;
}

/* e^-x = power (1 + change), |x| <= PLAIN_BOUND of floats. Where small changes count for themselves,
 * `keep_tail` keeps what the powers in the table lost. */
OGIVE_INLINE void exp_neg_plain_floats(vf x, vf *power, vf *change, int keep_tail)
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
#endif

/* e^-x = power (1 + change): change is within 2^-49 of itself, but for 2^-59 k. */
OGIVE_INLINE void exp_neg_plain(vd x, vd *power, vd *change, int keep_tail)
{
    const reg_table powers = reg_table_load(exp_power16);
    const vd magic = vd_set(ROUND_TO_INTEGER);

    (void)keep_tail;
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

#endif
