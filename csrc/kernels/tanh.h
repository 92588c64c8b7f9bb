/* tanh(x) = 2 s(2x) - 1 = (1 - e) / (1 + e) with e = e^-2|x|, the sign of x restored.
 *
 *   e/2 = T (1 + u), as in sigmoid.h, u to all its digits where T = 1/2
 *   n = (1 - e)/2 = (1/2 - T) - T u: for T = 1/2 it is -u/2; else 1/2 - T exceeds T |u| twofold
 *   tanh(|x|) = n / (1 - n), as pairs
 *
 * Error of u relative to itself, in units of 2^-65, |u| < 2^-5.5 (where T = 1/2):
 *   0.80  r^3/2 C(r), r^2/6 = 2^-13.64 of u: two roundings of C(r) at 3/4 of 2^-53, one of r C(r)
 *   0.32  that of its product with r^2/2, without fma
 *   0.08  C(r), 2^-75.6 over 2^-6.9, where it is largest beside u, and all else
 * and of n where T < 1/2: 0.54 2^-65 of T |u| <= n. The quotient adds 2^-103. TANH_ERROR is 0.906 units,
 * without fma 1.25.
 *
 * In floats                                          ln2/8              ln2/16
 *   |u| where T = 1/2                                2^-4.5             2^-5.5
 *   r^3/2 C(r): two roundings, of u                  2^-34.8            2^-36.8
 *   C(r), of u, of degree 2                          2^-34.7            2^-38.2
 *   all else, as in sigmoid.h, over u                2^-39              2^-39
 *   TANH_ERROR                                       1.25 2^-34         1.0625 2^-36
 *
 * |x| is cut at TANH_BOUND, where the result is 1 in every dtype.
 *
 * In floats, where a register or two hold 32: x + 5/8, cut by its exponent and three bits more, finds
 * one of 31 intervals, and with d = |x| - c, exact,
 *
 *   tanh(|x|) = tanh(c) + d (tanh'(c) + d p(d))      p of degree 4, d^2 p < 2^-8.2 of the whole
 *
 * c being such that tanh(c) and tanh'(c) are floats but for 2^-34 of the whole (S. Gal 1986). The first
 * product and sum are kept as high + low. Error:
 *   2^-33.5       minimax, and what tanh(c) and tanh'(c) lost; TANH_TABLE_ERROR is 2^-33
 *   2.5 2^-24     of low: c2 as a float, p, d^2 and the last sum, as met in all floats
 *   1.0 2^-24     of low: the test's sum; TANH_TABLE_ROUNDINGS is 3.5 */

#include "tanh_constants.h"

#ifdef PAIR_TEXT
/* n = (1 - e)/2 of e/2 = power (1 + u): tanh(x) = n / (1 - n), e = e^-2x. */
OGIVE_INLINE PAIR P(tanh_numerator)(PAIR u, VALUE power)
{
    const VALUE half = V(set)((SCALAR)0.5);
    VALUE gap = V(sub)(half, power), gap_low = V(sub)(V(sub)(half, gap), power);
    VALUE change = V(mul)(power, u.high), change_low = V(residual)(power, u.high, change);
    PAIR n;
    n.high = V(sub)(gap, change);
    n.low = V(sub)(V(sub)(gap, n.high), change);
    n.low = V(add)(n.low, V(sub)(gap_low, V(fma)(power, u.low, change_low)));
    return n;
}

/* e^-2(x + low) / 2 = power (1 + u), x >= 0; `low` is NULL for 0, and of no account beyond the bound. */
OGIVE_INLINE PAIR P(tanh_change)(VALUE x, const VALUE *low, VALUE *power)
{
    VALUE distance = V(at_most)(x, V(set)(TANH_BOUND)), tail;
    PAIR u = EXP_NEG_TERMS(V(add)(distance, distance), power, &tail, 1);
    if (low)
        tail = V(fnma)(V(set)(2), P(within)(*low, TANH_LOW_BOUND), tail);
    u.low = V(add)(V(fma)(tail, u.high, tail), u.low);
    return u;
}

/* (1 - n) d, n <= 1/2 */
OGIVE_INLINE PAIR P(tanh_denominator)(PAIR n, PAIR d)
{
    PAIR product;
    product.high = V(fnma)(n.high, d.high, d.high);
    VALUE rest = V(fnma)(n.low, d.high, V(fnma)(n.high, d.low, d.low));
    product.low = V(sub)(rest, V(residual)(n.high, d.high, V(sub)(d.high, product.high)));
    return product;
}

#if !TANH_BY_INTERVALS
OGIVE_INLINE void P(tanh_first)(const VALUE *x, V(terms) * terms)
{
    terms->pair = P(tanh_change)(V(abs)(*x), NULL, &terms->value);
}

OGIVE_INLINE MASK P(tanh)(const VALUE *x, const V(terms) * terms, VALUE *y)
{
    PAIR n = P(tanh_numerator)(terms->pair, terms->value);
    MASK doubt = P(round_relative)(P(divide)(n, P(one_minus_pair)(n)), TANH_ERROR, y);
    *y = V(with_sign_of)(*y, *x);
    return doubt;
}
#endif

OGIVE_INLINE MASK P(tanh_known)(const VALUE *x, VALUE *y)
{
    *y = *x;
    return P(known_nan)(x, 1, y, 1, M(none)());
}
#endif

#if defined(PAIR_TEXT) && TANH_BY_INTERVALS
/* value + d (slope + d poly), |x| being d and its interval's c. */
OGIVE_INLINE void tanh_of_interval(vf x, vf *d, vf *value, vf *slope, vf *poly)
{
    vf near = vf_at_most(vf_abs(x), vf_set(TANH_TABLE_LAST));
    vf place = vf_shift_right(vf_add(near, vf_set(TANH_TABLE_SHIFT)), 20);
    *d = vf_sub(near, vf_wide_table_get(tanh_table_center, place));
    *poly = vf_wide_table_get(tanh_table_c6, place);
    *poly = vf_fma(*poly, *d, vf_wide_table_get(tanh_table_c5, place));
    *poly = vf_fma(*poly, *d, vf_wide_table_get(tanh_table_c4, place));
    *poly = vf_fma(*poly, *d, vf_wide_table_get(tanh_table_c3, place));
    *poly = vf_fma(*poly, *d, vf_wide_table_get(tanh_table_c2, place));
    *slope = vf_wide_table_get(tanh_table_c1, place);
    *value = vf_wide_table_get(tanh_table_c0, place);
}

OGIVE_INLINE void tanh_first_in_floats(const vf *x, vf_terms *terms)
{
    vf d, value, slope, poly;
    tanh_of_interval(*x, &d, &value, &slope, &poly);
    vf high = vf_fma(slope, d, value), lost = vf_fma(slope, d, vf_sub(value, high));
    terms->pair.high = high;
    terms->pair.low = vf_fma(vf_mul(d, d), poly, lost);
}

OGIVE_INLINE vfm tanh_in_floats(const vf *x, const vf_terms *terms, vf *y)
{
    vff tanh = terms->pair;
    vf width = vf_mul(tanh.high, vf_set(TANH_TABLE_ERROR));
    width = vf_fma(vf_abs(tanh.low), vf_set(TANH_TABLE_ROUNDINGS), width);
    vfm doubt = round_in_floats(tanh, width, y);
    *y = vf_with_sign_of(*y, *x);
    return doubt;
}
#endif

#ifdef PLAIN_TEXT
/* n = 1 - e^-2|x|, tanh(|x|) = n / (2 - n) */
OGIVE_INLINE VALUE PLAIN(tanh_numerator)(VALUE x)
{
    VALUE power, change, distance = V(at_most)(V(abs)(x), V(set)(TANH_BOUND));
    EXP_NEG_PLAIN(V(add)(distance, distance), &power, &change, 1);
    return V(fnma)(power, change, V(sub)(V(set)(1), power));
}

#if !TANH_BY_INTERVALS
OGIVE_INLINE void PLAIN(tanh_first)(const VALUE *x, V(terms) * terms)
{
    VALUE n = PLAIN(tanh_numerator)(*x);
    terms->value = V(div)(n, V(sub)(V(set)(2), n));
}

OGIVE_INLINE void PLAIN(tanh)(const VALUE *x, const V(terms) * terms, VALUE *y, VALUE *size)
{
    *size = terms->value;
    *y = V(with_sign_of)(terms->value, *x);
}
#endif
#endif

#if defined(PLAIN_TEXT) && TANH_BY_INTERVALS
OGIVE_INLINE void tanh_first_plain_in_floats(const vf *x, vf_terms *terms)
{
    vf d, value, slope, poly;
    tanh_of_interval(*x, &d, &value, &slope, &poly);
    terms->value = vf_fma(vf_fma(poly, d, slope), d, value);
}

OGIVE_INLINE void tanh_plain_in_floats(const vf *x, const vf_terms *terms, vf *y, vf *size)
{
    vf tanh = terms->value;
    *size = tanh;
    *y = vf_with_sign_of(tanh, *x);
}
#endif

#ifdef EXACT_TEXT
/* tanh(x/2) = n / (2 - n), n = 1 - e^-|x|, of the sign of x */
static NUMBER EXACT(tanh_of_half)(NUMBER x, const precision *to)
{
    const NUMBER n = ONE_MINUS_EXP(ABS(x)), tanh = DIVIDE(n, SUBTRACT(SET(2.0), n));
    return IS_NEGATIVE(x) ? NEGATE(tanh) : tanh;
}

static NUMBER EXACT(tanh_of)(NUMBER x, const precision *to)
{
    return EXACT(tanh_of_half)(ADD(x, x), to);
}

EXACT_FUNCTION(tanh) { y[0] = EXACT(tanh_of)(SET(x[0]), to); }
#endif

#ifdef REGISTRATION
CERTIFIED(tanh, 1, 1, tanh_first, IN_PAIRS, no_far)
#endif
