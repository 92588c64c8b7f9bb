/* silu(x) = x s(x), and its derivative s(x) (1 + x s(-x)).
 *
 * silu: the product of x and q (1 - z) of the sigmoid (sigmoid.h) is exact but for 2^-105, so the
 * error is the sigmoid's.
 *
 * silu_grad: with q = 1/(1 + e) = s(x), g = e/(1 + e)^2 = s'(x), e = e^-x, it is q + x g, both
 * terms within 0.55 2^-65 of themselves. For x < 0 they cancel, entirely at x = -1.278: the
 * rounding test takes their sizes.
 *
 * Plainly: (1 + e (1 + x)) / (1 + e)^2, e = e^-x, tested by its terms. */

#ifdef PAIR_TEXT
/* x q (1 - z) is high - low; a low of 0 is not -0. */
OGIVE_INLINE PAIR P(silu_difference)(VALUE x, VALUE q, VALUE z)
{
    PAIR y;
    y.high = V(mul)(x, q);
    y.low = V(fma)(y.high, z, P(excess)(x, q, y.high));
    return y;
}

OGIVE_INLINE MASK P(silu)(const VALUE *x, const V(terms) * terms, VALUE *y)
{
    VALUE q = terms->value, z = P(inverse_error)(terms->pair, q);
    PAIR product = P(silu_difference)(*x, q, z);
    MASK doubt = P(round_difference)(product.high, product.low, ERROR, y);
    return M(or)(M(or)(doubt, P(tiny)(*x, *x)), P(below)(*x, -BOUND));
}

/* q + x g; `size` is that of its terms, which may cancel. */
OGIVE_INLINE PAIR P(silu_grad_pair)(VALUE x, const V(terms) * terms, VALUE *size)
{
    VALUE q = terms->value, z = P(inverse_error)(terms->pair, q);
    PAIR g = P(gradient)(terms->pair, q, z), slope = P(scale)(V(add)(x, V(set)(UNSEEN)), g);
    PAIR sum = P(sum)(q, slope.high);
    sum.low = V(add)(sum.low, V(fnma)(q, z, slope.low));
    *size = V(add)(q, V(abs)(slope.high));
    return sum;
}

OGIVE_INLINE MASK P(silu_grad)(const VALUE *x, const V(terms) * terms, VALUE *y)
{
    VALUE size;
    PAIR sum = P(silu_grad_pair)(V(at_most)(*x, V(set)(BOUND)), terms, &size);
    MASK doubt = P(round)(sum, V(mul)(size, V(set)(ERROR)), y);
    return M(or)(doubt, P(below)(*x, -BOUND));
}

OGIVE_INLINE MASK P(silu_known)(const VALUE *x, VALUE *y)
{
    *y = V(set)(-(SCALAR)0);
    MASK known = P(below)(*x, -VANISHES_TIMES), infinite = P(exceeds)(*x, LARGEST);
    *y = V(select)(infinite, *x, *y);
    return P(known_nan)(x, 1, y, 1, M(or)(known, infinite));
}

OGIVE_INLINE MASK P(silu_grad_known)(const VALUE *x, VALUE *y)
{
    *y = V(set)(-(SCALAR)0);
    return P(known_nan)(x, 1, y, 1, P(below)(*x, -VANISHES_TIMES));
}
#endif

#if defined(PAIR_TEXT) && OF_DOUBLES
OGIVE_COLD vm silu_far(const vd *x, vd *y)
{
    const vdd factor = only_high(*x);
    return far_below(&factor, opposite_of(*x), y);
}

OGIVE_COLD vm silu_grad_far(const vd *x, vd *y)
{
    const vdd factor = sum_in_doubles(vd_set(1.0), *x);
    return far_below(&factor, opposite_of(*x), y);
}
#endif

#ifdef PLAIN_TEXT
OGIVE_INLINE void PLAIN(silu)(const VALUE *x, const V(terms) * terms, VALUE *y, VALUE *size)
{
    *y = V(mul)(V(at_least)(*x, V(set)(-PLAIN_BOUND)), terms->value);
    *size = V(abs)(*y);
}

OGIVE_INLINE VALUE PLAIN(silu_slope)(VALUE x, const V(terms) * terms, VALUE *size)
{
    const VALUE one = V(set)(1);
    VALUE q = terms->value, slope = V(mul)(terms->pair.high, V(add)(one, P(clamp)(x, PLAIN_BOUND)));
    *size = V(mul)(V(mul)(V(add)(one, V(abs)(slope)), q), q);
    return V(mul)(V(mul)(V(add)(one, slope), q), q);
}

OGIVE_INLINE void PLAIN(silu_grad)(const VALUE *x, const V(terms) * terms, VALUE *y, VALUE *size)
{
    *y = PLAIN(silu_slope)(*x, terms, size);
}
#endif

#ifdef EXACT_TEXT
/* Below, the results are 0 as those of the bound are. */
static double EXACT(bounded)(double x) { return x < -EXP_NEG_BOUND ? -EXP_NEG_BOUND : x; }

/* (1 + e (1 + x)) / (1 + e)^2, e = e^-x; for x < 0 times e^2x / e^2x */
static NUMBER EXACT(silu_slope_of)(double x, const precision *to)
{
    if (x == -INFINITY)
        return SET(-0.0);
    x = x > EXP_NEG_BOUND ? EXP_NEG_BOUND : EXACT(bounded)(x);
    const NUMBER one = SET(1.0), e = EXP_NEG(SET(fabs(x))), d = ADD(one, e);
    const NUMBER line = ADD(one, SET(x));
    const NUMBER n = x >= 0 ? ADD(one, MULTIPLY(e, line)) : MULTIPLY(e, ADD(line, e));
    return DIVIDE(n, MULTIPLY(d, d));
}

EXACT_FUNCTION(silu)
{
    const NUMBER factor = SET(EXACT(bounded)(x[0]));
    y[0] = x[0] == -INFINITY ? SET(-0.0) : MULTIPLY(factor, EXACT(gate_of)(factor, to));
}

EXACT_FUNCTION(silu_grad) { y[0] = EXACT(silu_slope_of)(x[0], to); }
#endif

#ifdef REGISTRATION
CERTIFIED(silu, 1, 1, sigmoid_first, IN_PAIRS, silu_far)
CERTIFIED(silu_grad, 1, 1, sigmoid_first, IN_PAIRS, silu_grad_far)
#endif
