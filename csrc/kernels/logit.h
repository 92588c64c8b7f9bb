/* logit(p) = log(p / (1 - p)), the inverse of the sigmoid.
 *
 *   1 - p = b + b_low exactly
 *   p / b = 2^k m, m near c = 1 + i/16 (log1p.h), 63/64 <= m < 127/64
 *   t = (p 2^-k / c - (1 - p)) / (1 - p), its numerator exact but for the last sum of low parts
 *   logit(p) = k ln2 + log(c) + log1p(t)
 * Near p = 1/2, k = 0 and c = 1: t is (2p - 1)/(1 - p) with a relative error, and so is log1p(t).
 *
 * Error: nothing of t, a numerator over a denominator to 2^-104; that of log1p.h; k ln2 + log(c):
 * the leading parts are exact, the rests 2^-96. LOGIT_ERROR is 0.25 2^-65. */
#ifndef OGIVE_KERNELS_LOGIT_H
#define OGIVE_KERNELS_LOGIT_H

#include "../accurate/log.h"
#include "log1p.h"

#define LOGIT_ERROR 0x1p-67

/* The number 2^k m of its cell. k as a double; the inverse 2^-k / c. */
OGIVE_INLINE void find_cell(vd w, vd *cell, vd *k, vd *inverse)
{
    const reg_table inverses = reg_table_load(log1p_inverse16);
    const vd half_cell = vd_set_bits(UINT64_C(1) << 47), one = vd_set(1.0);
    const vd exponent_bits = vd_set_bits(UINT64_C(0x7ff0000000000000));

    vd rounded = vd_add_bits(w, half_cell);
    *cell = vd_shift_right(rounded, 48);
    vd biased = vd_or_bits(vd_shift_right(rounded, 52), vd_set(0x1p52));
    *k = vd_sub(biased, vd_set(0x1p52 + 1023));
    vd scale = vd_sub_bits(vd_and_bits(rounded, exponent_bits), one);
    *inverse = vd_sub_bits(vd_table_get(inverses, *cell), scale);
}

/* True for NaN. */
OGIVE_INLINE vm not_inside(vd p, double lowest)
{
    return vm_or(vd_not_at_least(p, vd_set(lowest)), vd_not_at_least(vd_set(1 - 0x1p-53), p));
}

/* t, and p / b for its cell. */
OGIVE_INLINE void logit_terms_quick(const vd *p, vd_terms *terms)
{
    const vd one = vd_set(1.0);
    vd b = vd_sub(one, *p), b_low = vd_sub(vd_sub(one, b), *p);
    vd b_inverse = vd_div(one, b), cell, k, inverse;
    terms->value = vd_mul(*p, b_inverse);
    find_cell(terms->value, &cell, &k, &inverse);

    vd product = vd_mul(inverse, *p), product_low = vd_residual(inverse, *p, product);
    vd numerator = vd_sub(product, b); /* exact: they agree to 2^-5 */
    vd t = vd_mul(numerator, b_inverse);
    vd rest = vd_sub(vd_residual(t, b, numerator), vd_sub(product_low, b_low));
    terms->pair.high = t;
    terms->pair.low = vd_mul(vd_fma(t, b_low, rest), vd_sub(vd_set(0.0), b_inverse));
}

OGIVE_INLINE vm logit_quick(const vd *p, const vd_terms *terms, vd *x)
{
    const reg_table logs = reg_table_load(log1p_log16);
    const reg_table rests = reg_table_load(log1p_log16_rest);
    vd cell, k, inverse;
    find_cell(terms->value, &cell, &k, &inverse);

    vdd base;
    base.high = vd_fma(k, vd_set(LN2_HIGH), vd_table_get(logs, cell)); /* exact, both */
    base.low = vd_fma(k, vd_set(LN2_LOW), vd_table_get(rests, cell));
    vd cubic;
    vdd sum = add_log1p(base, terms->pair, &cubic);
    vm doubt = round_logarithm(sum.high, sum.low, LOGIT_ERROR, cubic, x);
    return vm_or(doubt, not_inside(*p, 0x1p-960)); /* below, the exact product underflows */
}

/* k is found from p and b = 1 - p as integers, which are their logarithms interpolated linearly;
 * log m = log((1 + s)/(1 - s)), s = (p 2^-k - b)/(p 2^-k + b). */
OGIVE_INLINE void logit_terms_narrow(const vd *p, vd_terms *terms)
{
    const vd exponent_bits = vd_set_bits(UINT64_C(0x7ff0000000000000)), one = vd_set(1.0);

    vd b = vd_sub(one, *p);
    /* 1 above, and half to round; added first, as p - b may be the bits of a signalling NaN */
    vd ratio = vd_sub_bits(vd_add_bits(*p, vd_set(0x1.8p0)), b);
    vd biased = vd_or_bits(vd_shift_right(ratio, 52), vd_set(0x1p52));
    vd k = vd_sub(biased, vd_set(0x1p52 + 1023));
    vd scaled = vd_sub_bits(*p, vd_sub_bits(vd_and_bits(ratio, exponent_bits), one));
    terms->value = vd_div(vd_sub(scaled, b), vd_add(scaled, b));
    terms->pair.high = vd_mul(k, vd_set(LN2_HIGH + LN2_LOW));
}

OGIVE_INLINE vm logit_narrow(const vd *p, const vd_terms *terms, vd *x)
{
    vd s = terms->value, square = vd_mul(s, s);
    vd poly = vd_fma(square, vd_set(LOG_V5), vd_set(LOG_V4));
    poly = vd_fma(square, poly, vd_set(LOG_V3));
    poly = vd_fma(square, poly, vd_set(LOG_V2));
    poly = vd_fma(square, poly, vd_set(LOG_V1));
    poly = vd_fma(square, poly, vd_set(LOG_V0));
    *x = vd_fma(s, poly, terms->pair.high);
    return not_inside(*p, 0x1p-149);
}

OGIVE_INLINE vm logit_half(const vd *p, vd *x)
{
    vd_terms terms;
    logit_terms_narrow(p, &terms);
    return logit_narrow(p, &terms, x);
}

#ifdef SIMD_FLOATS
/* float16, as logit_half: s, and k ln2. */
OGIVE_INLINE void logit_terms_short(const vf *p, vf_terms *terms)
{
    const vf exponent_bits = vf_set_bits(UINT32_C(0x7f800000)), one = vf_set(1.0F);
    vf b = vf_sub(one, *p), ratio = vf_sub_bits(vf_add_bits(*p, vf_set(1.5F)), b);
    vf biased = vf_or_bits(vf_shift_right(ratio, 23), vf_set(0x1p23F));
    vf k = vf_sub(biased, vf_set(0x1p23F + 127));
    vf scaled = vf_sub_bits(*p, vf_sub_bits(vf_and_bits(ratio, exponent_bits), one));
    terms->value = vf_div(vf_sub(scaled, b), vf_add(scaled, b));
    terms->pair.high = vf_mul(k, vf_set(LN2_FLOAT));
}

OGIVE_INLINE vfm logit_short(const vf *p, const vf_terms *terms, vf *x)
{
    vf s = terms->value, square = vf_mul(s, s);
    vf poly = vf_fma(square, vf_set(LOG_Y3), vf_set(LOG_Y2));
    poly = vf_fma(square, poly, vf_set(LOG_Y1));
    poly = vf_fma(square, poly, vf_set(LOG_Y0));
    vfm doubt = round_short_relative(*p, vf_fma(s, poly, terms->pair.high), x);
    doubt = vfm_or(doubt, vf_not_at_least(*p, vf_set(0x1p-24F)));
    return vfm_or(doubt, vf_not_at_least(vf_set(1 - 0x1p-24F), *p));
}
#endif

CORRECTLY_ROUNDED(logit, logit_terms, 1, &logit_accurate)

#endif
