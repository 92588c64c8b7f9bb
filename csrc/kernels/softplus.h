/* softplus(x) = log(1 + e^x) = max(x, 0) + log1p(e^-|x|) and log_sigmoid(x) = -softplus(-x).
 *
 * Error: 0.55 2^-65 of e^-|x| (sigmoid.h), times at most 1, and that of log1p.h; the sum with x > 0
 * is exact to 2^-100. SOFTPLUS_ERROR is 0.75 2^-65. */

#if defined(PAIR_TEXT) && OF_DOUBLES
OGIVE_INLINE void softplus_first_in_doubles(const vd *x, vd_terms *terms)
{
    terms->pair = exp_neg_in_doubles(vd_at_most(vd_abs(*x), vd_set(LOSS_BOUND)));
}

OGIVE_INLINE vm softplus_in_doubles(const vd *x, const vd_terms *terms, vd *y)
{
    vd cubic, line = vd_at_least(*x, vd_set(0.0));
    vdd sum = add_positive_in_doubles(line, log1p_of(terms->pair, &cubic));
    vm doubt = round_in_doubles(sum, logarithm_width(sum.high, SOFTPLUS_ERROR, cubic), y);
    return vm_or(doubt, below_in_doubles(*x, -LOSS_BOUND));
}

OGIVE_INLINE vm log_sigmoid_in_doubles(const vd *x, const vd_terms *terms, vd *y)
{
    vd opposite = opposite_of(*x);
    vm doubt = softplus_in_doubles(&opposite, terms, y);
    *y = opposite_of(*y);
    return doubt;
}

OGIVE_COLD vm log_sigmoid_far(const vd *x, vd *y)
{
    const vdd factor = only_high(vd_set(-1.0));
    return far_below(&factor, *x, y);
}
#endif

#ifdef PAIR_TEXT
OGIVE_INLINE MASK P(softplus_known)(const VALUE *x, VALUE *y)
{
    MASK infinite = P(exceeds)(*x, LARGEST);
    *y = V(select)(infinite, *x, V(set)(0));
    return P(known_nan)(x, 1, y, 1, M(or)(infinite, P(below)(*x, -VANISHES)));
}

OGIVE_INLINE MASK P(log_sigmoid_known)(const VALUE *x, VALUE *y)
{
    MASK infinite = P(below)(*x, -LARGEST);
    *y = V(select)(infinite, *x, V(set)(-(SCALAR)0));
    return P(known_nan)(x, 1, y, 1, M(or)(infinite, P(exceeds)(*x, VANISHES)));
}
#endif

#ifdef PLAIN_TEXT
/* log1p(e) = log((1 + s)/(1 - s)), s = e/(2 + e). */
OGIVE_INLINE void PLAIN(softplus_first)(const VALUE *x, V(terms) * terms)
{
    VALUE e = PLAIN(exp_neg)(V(at_most)(V(abs)(*x), V(set)(PLAIN_BOUND)));
    terms->value = V(div)(e, V(add)(e, V(set)(2)));
}

OGIVE_INLINE void PLAIN(softplus)(const VALUE *x, const V(terms) * terms, VALUE *y, VALUE *size)
{
    *y = *size = V(add)(V(at_least)(*x, V(set)(0)), P(log_ratio)(terms->value));
}

OGIVE_INLINE void PLAIN(log_sigmoid)(const VALUE *x, const V(terms) * terms, VALUE *y, VALUE *size)
{
    const VALUE minus = V(set)(-1);
    VALUE opposite = V(mul)(*x, minus);
    PLAIN(softplus)(&opposite, terms, y, size);
    *y = V(mul)(*y, minus);
}
#endif

#ifdef EXACT_TEXT
static NUMBER EXACT(softplus_of)(double x, const precision *to)
{
    return ADD(SET(x > 0 ? x : 0.0), LOG1P(EXP_NEG(SET(fabs(x)))));
}

EXACT_FUNCTION(softplus) { y[0] = EXACT(softplus_of)(x[0], to); }

EXACT_FUNCTION(log_sigmoid) { y[0] = NEGATE(EXACT(softplus_of)(-x[0], to)); }
#endif

#ifdef REGISTRATION
CERTIFIED(softplus, 1, 1, softplus_first, IN_DOUBLES, sigmoid_far)
CERTIFIED(log_sigmoid, 1, 1, softplus_first, IN_DOUBLES, log_sigmoid_far)
#endif
