/* y (1 - y) = y - y^2, from the output y = s(x): one fma, or a product of pairs, exact to 2^-103; plainly
 * two roundings of floats or doubles. y = +-inf gives -inf as the product does, not inf - inf. */

#ifdef PAIR_TEXT
/* The result where `product` is y (1 - y), or a multiple of it, and where it is in doubt. */
OGIVE_INLINE MASK P(round_slope)(PAIR product, VALUE y, VALUE *result)
{
    MASK doubt = P(round_relative)(product, PAIR_ERROR, result);
    doubt = M(or)(doubt, P(exceeds)(V(abs)(y), INTEGER));
    return M(or)(doubt, P(below)(V(abs)(*result), TINY));
}

/* One rounding, of an fma, is the whole of it; a backend without one takes pairs. */
OGIVE_INLINE MASK P(sigmoid_grad_from_output)(const VALUE *x, const V(terms) * terms, VALUE *result)
{
    VALUE y = *x;
    (void)terms;
#if SIMD_FMA
    MASK not_finite = P(exceeds)(V(abs)(y), LARGEST);
    *result = V(select)(not_finite, V(set)(-(SCALAR)INFINITY), V(fnma)(y, y, y));
    *result = V(select)(V(differs)(y, y), V(set)((SCALAR)NAN), *result);
    return M(none)();
#else
    return P(round_slope)(P(scale)(y, P(one_minus)(y)), y, result);
#endif
}

OGIVE_INLINE MASK P(sigmoid_grad_from_output_known)(const VALUE *x, VALUE *y)
{
    *y = V(mul)(*x, V(sub)(V(set)(1), *x));
    MASK zero = P(below)(V(abs)(*y), SMALLEST), infinite = P(exceeds)(V(abs)(*x), LARGEST);
    return P(known_nan)(x, 1, y, 1, M(or)(zero, infinite));
}
#endif

#ifdef PLAIN_TEXT
/* a (1 - y) and its size, which is 0 where it is exact: next to y = 1 an eighth are ties. */
OGIVE_INLINE VALUE PLAIN(backward)(VALUE a, VALUE y, VALUE *product)
{
    PAIR rest = P(one_minus_any)(y);
    *product = V(mul)(a, rest.high);
    VALUE lost = V(residual)(a, rest.high, *product), size = V(abs)(*product);
    MASK inexact = M(or)(V(differs)(rest.low, V(set)(0)), V(differs)(lost, V(set)(0)));
    return V(select)(M(or)(inexact, P(below)(size, TINY)), size, V(set)(0));
}

OGIVE_INLINE void PLAIN(sigmoid_grad_from_output)(const VALUE *x, const V(terms) * terms, VALUE *y,
                                                  VALUE *size)
{
    (void)terms;
    *size = PLAIN(backward)(*x, *x, y);
}
#endif

#ifdef EXACT_TEXT
EXACT_FUNCTION(sigmoid_grad_from_output)
{
    y[0] = MULTIPLY(SET(x[0]), SUBTRACT(SET(1.0), SET(x[0])));
}
#endif

#ifdef REGISTRATION
CERTIFIED_AROUND_CACHE(sigmoid_grad_from_output, 1)
#endif
