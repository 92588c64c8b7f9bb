/* Gated units and soft selection.
 *
 *   glu     a q (1 - z),  swiglu  a q (1 - z) b,  q (1 - z) being 1 / (1 + e) (sigmoid.h)
 *   mix     (A + e B) q (1 - z) with e = e^-|x|, A and B being a and b, swapped for x < 0
 *
 * Error, relative: glu and swiglu that of the sigmoid, ERROR, and products of pairs. mix ERROR of
 * (|A| + e |B|) q: an error d of e is one of d (B - A) / (1 + e)^2. */

#ifdef PAIR_TEXT
OGIVE_INLINE void P(glu_first)(const VALUE *x, V(terms) * terms) { P(slope_first)(&x[1], terms); }

OGIVE_INLINE MASK P(glu)(const VALUE *x, const V(terms) * terms, VALUE *y)
{
    VALUE q = terms->value, z = P(inverse_error)(terms->pair, q);
    PAIR product = P(silu_difference)(x[0], q, z);
    MASK doubt = P(round_difference)(product.high, product.low, ERROR, y);
    return M(or)(M(or)(doubt, P(below)(x[1], -SLOPE_BOUND)), P(tiny)(*y, x[0]));
}

/* An infinite a, or a moderate one far below the gate. */
OGIVE_INLINE MASK P(glu_known)(const VALUE *x, VALUE *y)
{
    MASK closed = M (and)(P(below)(x[1], -VANISHES_TIMES), P(below)(V(abs)(x[0]), MODERATE));
    MASK infinite = M (and)(P(exceeds)(V(abs)(x[0]), LARGEST), P(exceeds)(x[1], -LARGEST));
    *y = V(select)(infinite, x[0], V(mul)(x[0], V(set)(0)));
    return P(known_nan)(x, 2, y, 1, M(or)(closed, infinite));
}

OGIVE_INLINE MASK P(swiglu)(const VALUE *x, const V(terms) * terms, VALUE *y)
{
    VALUE q = terms->value, z = P(inverse_error)(terms->pair, q);
    PAIR silu = P(silu_difference)(x[0], q, z);
    VALUE high = V(mul)(x[1], silu.high);
    VALUE low = V(fma)(x[1], silu.low, P(excess)(x[1], silu.high, high));
    MASK doubt = P(round_difference)(high, low, ERROR, y);
    MASK tiny = P(tiny)(V(at_most)(V(abs)(*y), V(abs)(silu.high)), x[0]);
    tiny = M (and)(tiny, V(differs)(x[1], V(set)(0)));
    return M(or)(M(or)(doubt, P(below)(x[0], -BOUND)), tiny);
}

OGIVE_INLINE MASK P(swiglu_known)(const VALUE *x, VALUE *y)
{
    MASK closed = M (and)(P(below)(x[0], -VANISHES_TIMES), P(below)(V(abs)(x[1]), MODERATE));
    *y = V(mul)(x[1], V(set)(-(SCALAR)0));
    return P(known_nan)(x, 2, y, 1, closed);
}

OGIVE_INLINE void P(mix_first)(const VALUE *x, V(terms) * terms)
{
    P(exp_and_inverse)(V(at_most)(V(abs)(x[2]), V(set)(BOUND)), terms);
}

/* (A + e B) q (1 - z) */
OGIVE_INLINE MASK P(mix)(const VALUE *x, const V(terms) * terms, VALUE *y)
{
    PAIR e = terms->pair;
    MASK negative = P(below)(x[2], 0);
    VALUE larger = V(select)(negative, x[1], x[0]), smaller = V(select)(negative, x[0], x[1]);
    VALUE q = terms->value, z = P(inverse_error)(e, q);
    PAIR product = P(scale)(smaller, e), sum = P(sum)(larger, product.high);
    sum.low = V(add)(sum.low, product.low);
    PAIR result = P(silu_difference)(sum.high, q, z);
    result.low = V(fms)(sum.low, q, result.low);
    VALUE size = V(mul)(V(add)(V(abs)(larger), V(abs)(product.high)), q);
    VALUE width = V(fma)(V(abs)(smaller), V(set)(OUT_OF_SIGHT), V(mul)(size, V(set)(ERROR)));
    MASK doubt = P(round)(result, width, y);
    doubt = M(or)(doubt, P(exceeds)(V(abs)(x[2]), LARGEST));
    return M(or)(doubt, P(tiny)(*y, V(or_bits)(larger, smaller)));
}

/* a or b where x is infinite. */
OGIVE_INLINE MASK P(mix_known)(const VALUE *x, VALUE *y)
{
    MASK infinite = P(exceeds)(V(abs)(x[2]), LARGEST);
    *y = V(select)(P(below)(x[2], 0), x[1], x[0]);
    *y = V(select)(V(differs)(x[2], x[2]), x[2], *y);
    VALUE chosen = V(select)(infinite, *y, x[2]);
    return P(known_nan)(&chosen, 1, y, 1, infinite);
}
#endif

#if defined(PAIR_TEXT) && OF_DOUBLES
OGIVE_COLD vm glu_far(const vd *x, vd *y)
{
    const vdd factor = only_high(x[0]);
    return far_below(&factor, opposite_of(x[1]), y);
}

OGIVE_COLD vm swiglu_far(const vd *x, vd *y)
{
    const vdd factor = product_in_doubles(x[0], x[1]);
    return far_below(&factor, opposite_of(x[0]), y);
}
#endif

#ifdef PLAIN_TEXT
OGIVE_INLINE void PLAIN(glu_first)(const VALUE *x, V(terms) * terms)
{
    PLAIN(sigmoid_first)(&x[1], terms);
}

OGIVE_INLINE void PLAIN(glu)(const VALUE *x, const V(terms) * terms, VALUE *y, VALUE *size)
{
    *y = V(mul)(x[0], terms->value);
    *size = PLAIN(size_of_product)(V(abs)(*y), x[0]);
}

/* In this order, as a s(a) may be subnormal. */
OGIVE_INLINE void PLAIN(swiglu)(const VALUE *x, const V(terms) * terms, VALUE *y, VALUE *size)
{
    *y = V(mul)(V(mul)(V(at_least)(x[0], V(set)(-PLAIN_BOUND)), x[1]), terms->value);
    *size = PLAIN(size_of_product)(V(abs)(*y), x[1]);
}

OGIVE_INLINE void PLAIN(mix_first)(const VALUE *x, V(terms) * terms)
{
    VALUE distance = V(abs)(x[2]);
    PLAIN(sigmoid_first)(&distance, terms);
}

OGIVE_INLINE void PLAIN(mix)(const VALUE *x, const V(terms) * terms, VALUE *y, VALUE *size)
{
    VALUE e = terms->pair.high, q = terms->value;
    MASK negative = P(below)(x[2], 0);
    VALUE larger = V(select)(negative, x[1], x[0]), smaller = V(select)(negative, x[0], x[1]);
    *y = V(mul)(V(fma)(smaller, e, larger), q);
    *size = V(mul)(V(fma)(V(abs)(smaller), e, V(abs)(larger)), q);
    *size = V(fma)(V(abs)(smaller), V(set)(PLAIN_OUT_OF_SIGHT), *size);
    *size = V(select)(P(exceeds)(V(abs)(x[2]), LARGEST), V(set)((SCALAR)INFINITY), *size);
    if (OF_DOUBLES) { /* (a + b)/2 may be a tie */
        VALUE lost = V(or_bits)(P(sum)(x[0], x[1]).low, x[2]);
        *size = V(select)(V(differs)(lost, V(set)(0)), *size, V(set)(0));
    }
}
#endif

#ifdef EXACT_TEXT
EXACT_FUNCTION(glu) { y[0] = MULTIPLY(SET(x[0]), EXACT(gate_of)(SET(x[1]), to)); }

EXACT_FUNCTION(swiglu)
{
    const NUMBER factor = SET(EXACT(bounded)(x[0])), other = SET(x[1]);
    const NUMBER gate = EXACT(gate_of)(factor, to);
    y[0] = x[0] == -INFINITY ? MULTIPLY(SET(-0.0), other) : MULTIPLY(MULTIPLY(factor, other), gate);
}

/* For |x| < 1 as (a + b)/2 + (a - b)/2 tanh(x/2), else as a + s(-x) (b - a) or b + s(x) (a - b), whose
 * inner sums are exact. As np.where would: a or b where x is infinite; and where s(x) rounds to 1 or 0
 * in the dtype, an input that is not finite and has no part in the result leaves it alone. */
EXACT_FUNCTION(mix)
{
    const NUMBER a = SET(x[0]), b = SET(x[1]), gate = SET(x[2]);
    const int a_finite = fabs(x[0]) <= DBL_MAX, b_finite = fabs(x[1]) <= DBL_MAX;
    if (x[2] != x[2]) {
        y[0] = gate;
    } else if (fabs(x[2]) == INFINITY) {
        y[0] = x[2] > 0 ? a : b;
    } else if (x[0] == x[1] && a_finite) {
        y[0] = x[0] == 0 ? ADD(a, b) : a;
    } else if (a_finite && b_finite) {
        const NUMBER difference = SUBTRACT(a, b);
        if (fabs(x[2]) < 1) {
            const NUMBER change = MULTIPLY(difference, EXACT(tanh_of_half)(gate, to));
            y[0] = MULTIPLY(SET(0.5), ADD(ADD(a, b), change));
        } else {
            const NUMBER opposite = EXACT(sigmoid_of)(SET(-fabs(x[2])), to);
            const NUMBER change = MULTIPLY(opposite, difference);
            y[0] = x[2] > 0 ? SUBTRACT(a, change) : ADD(b, change);
        }
    } else {
        NUMBER rising, falling;
        EXACT(sides_of)(gate, &rising, &falling, to);
        if (!b_finite && IS_BELOW(falling, -to->format->digits - 1))
            y[0] = a;
        else if (!a_finite && IS_BELOW(rising, to->format->least - 1))
            y[0] = b;
        else
            y[0] = ADD(MULTIPLY(rising, a), MULTIPLY(falling, b));
    }
}
#endif

#ifdef REGISTRATION
CERTIFIED(glu, 2, 1, glu_first, IN_PAIRS, glu_far)
CERTIFIED(swiglu, 2, 1, sigmoid_first, IN_PAIRS, swiglu_far)
CERTIFIED(mix, 3, 1, mix_first, IN_PAIRS, no_far)
#endif
