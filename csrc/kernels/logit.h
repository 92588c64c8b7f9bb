/* logit(p) = log(p / (1 - p)), the inverse of the sigmoid.
 *
 *   1 - p = b + b_low exactly
 *   p / b = 2^k m, m near c = 1 + i/16 (log1p.h), 63/64 <= m < 127/64
 *   t = (p 2^-k / c - (1 - p)) / (1 - p), its numerator exact but for the last sum of low parts
 *   logit(p) = k ln2 + log(c) + log1p(t)
 * Near p = 1/2, k = 0 and c = 1: t is (2p - 1)/(1 - p) with a relative error, and so is log1p(t).
 *
 * Error: nothing of t, a numerator over a denominator to 2^-104; that of log1p.h; k ln2 + log(c):
 * the leading parts are exact, the rests 2^-96. LOGIT_ERROR is 0.25 2^-65.
 *
 * Floats and plain results take s = (p 2^-k - b)/(p 2^-k + b) instead, |s| <= 0.2 and m = (1 + s)/(1 - s):
 *   logit(p) = k ln2 + 2 s + 2 s^3 Z(s^2)
 * In pairs of floats its error is
 *   2^-35.3       minimax; s, a quotient of pairs, and k ln2 are exact to 2^-40: LOGIT_FLOAT_ERROR
 *   2.6 2^-24     of s^3: its own, s^2, Z and the sums of low parts, as met in all floats
 *   0.7 2^-24     of s^3: the test's sum; LOGIT_FLOAT_ROUNDINGS is 3.5 */

#if defined(PAIR_TEXT) && OF_DOUBLES
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

/* t, and p / b for its cell. */
OGIVE_INLINE void logit_first_in_doubles(const vd *p, vd_terms *terms)
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

OGIVE_INLINE vm logit_in_doubles(const vd *p, const vd_terms *terms, vd *x)
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
    vm doubt = round_in_doubles(sum, logarithm_width(sum.high, LOGIT_ERROR, cubic), x);
    doubt = vm_or(doubt, below_in_doubles(*p, 0x1p-960)); /* where the exact product underflows */
    return vm_or(doubt, exceeds_in_doubles(*p, BELOW_ONE));
}
#endif

#ifdef PAIR_TEXT
/* p 2^-k, which is near b = 1 - p: k is found from both as integers, which are their logarithms
 * interpolated linearly. */
OGIVE_INLINE VALUE P(scaled_next_to)(VALUE b, VALUE p, VALUE *k)
{
    const VALUE exponent_bits = V(set)((SCALAR)INFINITY), one = V(set)(1);

    /* 1 above, and half to round; added first, as p - b may be the bits of a signalling NaN */
    VALUE ratio = V(sub_bits)(V(add_bits)(p, V(set)((SCALAR)1.5)), b);
    VALUE biased = V(or_bits)(V(shift_right)(ratio, FRACTION_BITS), V(set)(INTEGER));
    *k = V(sub)(biased, V(set)(INTEGER + EXPONENT_BIAS));
    return V(sub_bits)(p, V(sub_bits)(V(and_bits)(ratio, exponent_bits), one));
}

OGIVE_INLINE MASK P(logit_known)(const VALUE *p, VALUE *x)
{
    *x = V(select)(V(differs)(*p, V(set)(0)), V(set)((SCALAR)NAN), V(set)(-(SCALAR)INFINITY));
    *x = V(select)(V(differs)(*p, V(set)(1)), *x, V(set)((SCALAR)INFINITY));
    return P(known_nan)(p, 1, x, 1, M(or)(P(below)(*p, SMALLEST), P(exceeds)(*p, BELOW_ONE)));
}
#endif

#if defined(PAIR_TEXT) && !OF_DOUBLES
/* s, and k. */
OGIVE_INLINE void logit_first_in_floats(const vf *p, vf_terms *terms)
{
    const vf two = vf_set(2.0F);
    vff b = one_minus_in_floats(*p), n, d;
    vf difference = vf_sub(scaled_next_to_in_floats(b.high, *p, &terms->value), b.high); /* exact */
    n.high = vf_sub(difference, b.low);
    n.low = vf_sub(vf_sub(difference, n.high), b.low);
    d.high = vf_fma(two, b.high, difference);
    d.low = vf_add(vf_sub(difference, vf_fnma(two, b.high, d.high)), b.low);
    terms->pair = divide_in_floats(n, d);
}

OGIVE_INLINE vfm logit_in_floats(const vf *p, const vf_terms *terms, vf *x)
{
    const vf two = vf_set(2.0F);
    vff s = terms->pair, sum;
    vf k = terms->value, square = vf_mul(s.high, s.high);
    vf poly = vf_fma(square, vf_set(LOG_Z3), vf_set(LOG_Z2));
    poly = vf_fma(square, poly, vf_set(LOG_Z1));
    poly = vf_fma(square, poly, vf_set(LOG_Z0));
    vf cube = vf_mul(square, s.high), base = vf_mul(k, vf_set(LN2_FLOAT_HIGH));
    sum.high = vf_fma(two, s.high, base);
    sum.low = vf_fma(two, s.high, vf_sub(base, sum.high));
    vf half_rest = vf_fma(cube, poly, vf_fma(s.low, square, s.low));
    sum.low = vf_fma(k, vf_set(LN2_FLOAT_LOW), vf_fma(two, half_rest, sum.low));
    vf width = vf_mul(vf_abs(sum.high), vf_set(LOGIT_FLOAT_ERROR));
    width = vf_fma(vf_abs(cube), vf_set(LOGIT_FLOAT_ROUNDINGS), width);
    vfm doubt = vfm_or(round_in_floats(sum, width, x), below_in_floats(*p, FLT_MIN));
    return vfm_or(doubt, exceeds_in_floats(*p, BELOW_ONE));
}
#endif

#ifdef PLAIN_TEXT
OGIVE_INLINE void PLAIN(logit_first)(const VALUE *p, V(terms) * terms)
{
    VALUE b = V(sub)(V(set)(1), *p), k, scaled = P(scaled_next_to)(b, *p, &k);
    terms->value = V(div)(V(sub)(scaled, b), V(add)(scaled, b));
    terms->pair.high = V(mul)(k, V(set)((SCALAR)(LN2_HIGH + LN2_LOW)));
}

OGIVE_INLINE void PLAIN(logit)(const VALUE *p, const V(terms) * terms, VALUE *x, VALUE *size)
{
    const VALUE nan = V(set)((SCALAR)NAN);
    *x = P(log_near_ratio)(terms->value, terms->pair.high);
    *x = V(select)(P(below)(*p, SMALLEST_NORMAL), nan, *x);
    *x = V(select)(P(exceeds)(*p, BELOW_ONE), nan, *x);
    *size = V(abs)(*x);
}
#endif

#ifdef EXACT_TEXT
EXACT_FUNCTION(logit)
{
    const NUMBER p = SET(x[0]), rest = SUBTRACT(SET(1.0), p);
    if (!(x[0] >= 0 && x[0] <= 1))
        y[0] = SET(NAN);
    else
        y[0] = x[0] < 0.5 ? NEGATE(LOG_RATIO(rest, p)) : LOG_RATIO(p, rest);
}
#endif

#ifdef REGISTRATION
CERTIFIED(logit, 1, 1, logit_first, IN_PAIRS)
#endif
