/* Gradients through the sigmoid, from its output y, and through silu.
 *
 *   dy y (1 - y),  1 - y and the products as pairs: exact to 2^-103 (floats: 2^-45); known where a factor
 *                  is 0 or infinite
 *   dy silu'(x),  silu' as a pair (silu.h)
 * Error: of the first PAIR_ERROR, relative; of the second ERROR of the terms of silu', which cancel
 * around its zero, x = -1.278: near it, lanes are in doubt. */

#ifdef PAIR_TEXT
OGIVE_INLINE MASK P(sigmoid_backward)(const VALUE *x, const V(terms) * terms, VALUE *dx)
{
    VALUE dy = x[0], y = x[1];
    PAIR slope = P(scale)(y, P(one_minus)(y));
    (void)terms;
    return P(round_slope)(P(scale)(dy, slope), y, dx);
}

OGIVE_INLINE MASK P(sigmoid_backward_known)(const VALUE *x, VALUE *dx)
{
    VALUE dy = x[0], y = x[1], rest = V(sub)(V(set)(1), y);
    VALUE smallest = V(at_most)(V(at_most)(V(abs)(dy), V(abs)(y)), V(abs)(rest));
    MASK zero = P(below)(smallest, SMALLEST);
    MASK infinite = P(exceeds)(V(at_least)(V(abs)(dy), V(abs)(y)), LARGEST);
    *dx = V(mul)(V(mul)(dy, y), rest);
    return P(known_nan)(dx, 1, dx, 1, M(or)(zero, infinite));
}

OGIVE_INLINE void P(silu_backward_first)(const VALUE *x, V(terms) * terms)
{
    P(sigmoid_first)(&x[1], terms);
}

OGIVE_INLINE MASK P(silu_backward)(const VALUE *given, const V(terms) * terms, VALUE *dx)
{
    VALUE dy = given[0], x = given[1], size;
    PAIR slope = P(silu_grad_pair)(V(at_most)(x, V(set)(BOUND)), terms, &size);
    VALUE width = V(mul)(V(mul)(size, V(set)(ERROR)), V(abs)(dy));
    MASK doubt = P(round)(P(scale)(dy, slope), width, dx);
    return M(or)(M(or)(doubt, P(below)(x, -BOUND)), P(tiny)(*dx, dy));
}

OGIVE_INLINE MASK P(silu_backward_known)(const VALUE *x, VALUE *dx)
{
    MASK known = M (and)(P(below)(x[1], -VANISHES_TIMES), P(below)(V(abs)(x[0]), MODERATE));
    *dx = V(mul)(x[0], V(set)(-(SCALAR)0));
    return P(known_nan)(x, 2, dx, 1, known);
}
#endif

#if defined(PAIR_TEXT) && OF_DOUBLES
OGIVE_COLD vm silu_backward_far(const vd *x, vd *dx)
{
    vdd line = sum_in_doubles(vd_set(1.0), x[1]);
    const vdd factor = scale_in_doubles(x[0], line);
    return far_below(&factor, opposite_of(x[1]), dx);
}
#endif

#ifdef PLAIN_TEXT
/* In this order, as y (1 - y) may be subnormal. */
OGIVE_INLINE void PLAIN(sigmoid_backward)(const VALUE *x, const V(terms) * terms, VALUE *dx,
                                          VALUE *size)
{
    (void)terms;
    VALUE scaled = V(mul)(x[0], x[1]), lost = V(residual)(x[0], x[1], scaled);
    *size = PLAIN(backward)(scaled, x[1], dx);
    *size = V(select)(V(differs)(lost, V(set)(0)), V(abs)(*dx), *size);
}

OGIVE_INLINE void PLAIN(silu_backward_first)(const VALUE *x, V(terms) * terms)
{
    PLAIN(sigmoid_first)(&x[1], terms);
}

OGIVE_INLINE void PLAIN(silu_backward)(const VALUE *x, const V(terms) * terms, VALUE *dx,
                                       VALUE *size)
{
    *dx = V(mul)(x[0], PLAIN(silu_slope)(x[1], terms, size));
    *size = PLAIN(size_of_product)(V(mul)(V(abs)(x[0]), *size), x[0]);
}
#endif

#ifdef EXACT_TEXT
EXACT_FUNCTION(sigmoid_backward)
{
    const NUMBER output = SET(x[1]), slope = MULTIPLY(output, SUBTRACT(SET(1.0), output));
    y[0] = MULTIPLY(SET(x[0]), slope);
}

EXACT_FUNCTION(silu_backward) { y[0] = MULTIPLY(SET(x[0]), EXACT(silu_slope_of)(x[1], to)); }
#endif

#ifdef REGISTRATION
CERTIFIED_AROUND_CACHE(sigmoid_backward, 2)
CERTIFIED(silu_backward, 2, 1, silu_backward_first, IN_PAIRS, silu_backward_far)
#endif
