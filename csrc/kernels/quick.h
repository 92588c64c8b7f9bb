/* The quick phases of the sigmoid, silu and their derivatives; sigmoid.h and silu.h have the
 * mathematics. Included for float64 in doubles and, where the vocabulary has floats, for float32
 * in floats, with
 *
 *   VALUE, V(op)     the type and its operations
 *   MASK, M(op)      of comparisons
 *   PAIR             high + low
 *   TERMS            what the first half of a kernel leaves for the second
 *   QUICK(name)      what a function is called
 *   EXP_NEG(x)       e^-x as a PAIR
 *   ERROR            half-width of the rounding test, relative to the result
 *   BOUND            beyond, and where x is NaN, a lane is in doubt
 *   TINY             below, products with x may underflow
 */

/* e = e^-x and 1 / (1 + e), rounded. */
OGIVE_INLINE void QUICK(sigmoid_terms)(const VALUE *x, TERMS *terms)
{
    const VALUE one = V(set)(1);
    terms->pair = EXP_NEG(*x);
    terms->value = V(div)(one, V(add)(one, terms->pair.high));
}

/* z of 1 / (1 + e) = q (1 - z). */
OGIVE_INLINE VALUE QUICK(inverse_error)(PAIR e, VALUE q)
{
    const VALUE one = V(set)(1);
    VALUE one_minus_q = V(sub)(one, q);
    VALUE lost = V(sub)(V(sub)(one, one_minus_q), q);
    VALUE rest = V(sub)(V(residual)(q, e.high, one_minus_q), lost);
    return V(fma)(q, e.low, rest);
}

/* e / (1 + e)^2 */
OGIVE_INLINE PAIR QUICK(gradient)(PAIR e, VALUE q, VALUE z)
{
    VALUE p = V(mul)(e.high, q), p_low = V(residual)(e.high, q, p);
    p_low = V(fma)(e.low, q, p_low);
    PAIR g;
    g.high = V(mul)(p, q);
    g.low = V(residual)(p, q, g.high);
    g.low = V(fma)(p_low, q, g.low);
    g.low = V(fnma)(g.high, V(add)(z, z), g.low);
    return g;
}

/* q - q (z -+ error): the result where both agree, in doubt where not. */
OGIVE_INLINE MASK QUICK(round_scaled)(VALUE q, VALUE z, VALUE *y)
{
    const VALUE error = V(set)(ERROR);
    *y = V(fnma)(q, V(sub)(z, error), q);
    return V(differs)(*y, V(fnma)(q, V(add)(z, error), q));
}

/* high + low (1 -+ error of high). */
OGIVE_INLINE MASK QUICK(round_sum)(VALUE high, VALUE low, VALUE *y)
{
    const VALUE error = V(set)(ERROR);
    *y = V(add)(high, V(fnma)(high, error, low));
    return V(differs)(*y, V(add)(high, V(fma)(high, error, low)));
}

OGIVE_INLINE MASK QUICK(out_of_range)(VALUE x) { return V(not_at_least)(V(set)(BOUND), V(abs)(x)); }

OGIVE_INLINE MASK QUICK(sigmoid)(const VALUE *x, const TERMS *terms, VALUE *y)
{
    VALUE q = terms->value, z = QUICK(inverse_error)(terms->pair, q);
    return M(or)(QUICK(round_scaled)(q, z, y), QUICK(out_of_range)(*x));
}

OGIVE_INLINE MASK QUICK(sigmoid_grad)(const VALUE *x, const TERMS *terms, VALUE *y)
{
    VALUE q = terms->value, z = QUICK(inverse_error)(terms->pair, q);
    PAIR g = QUICK(gradient)(terms->pair, q, z);
    return M(or)(QUICK(round_sum)(g.high, g.low, y), QUICK(out_of_range)(*x));
}

OGIVE_INLINE MASK QUICK(sigmoid_and_grad)(const VALUE *x, const TERMS *terms, VALUE *y)
{
    MASK doubt = QUICK(sigmoid_grad)(x, terms, &y[1]);
    VALUE q = terms->value, z = QUICK(inverse_error)(terms->pair, q);
    return M(or)(doubt, QUICK(round_scaled)(q, z, &y[0]));
}

OGIVE_INLINE MASK QUICK(tiny_but_not_zero)(VALUE x, VALUE tiny)
{
    return M (and)(V(not_at_least)(V(abs)(x), tiny), V(differs)(x, V(set)(0)));
}

/* x q (1 - z) */
OGIVE_INLINE PAIR QUICK(silu_pair)(VALUE x, VALUE q, VALUE z)
{
    PAIR y;
    y.high = V(mul)(x, q);
    y.low = V(fnma)(y.high, z, V(residual)(x, q, y.high));
    return y;
}

OGIVE_INLINE MASK QUICK(silu)(const VALUE *x, const TERMS *terms, VALUE *y)
{
    VALUE q = terms->value, z = QUICK(inverse_error)(terms->pair, q);
    PAIR product = QUICK(silu_pair)(*x, q, z);
    MASK doubt = QUICK(round_sum)(product.high, product.low, y);
    *y = V(with_sign_of)(*y, *x); /* of a zero */
    doubt = M(or)(doubt, QUICK(tiny_but_not_zero)(*x, V(set)(TINY)));
    return M(or)(doubt, QUICK(out_of_range)(*x));
}

/* q + x g; `size` is that of its terms, which may cancel. */
OGIVE_INLINE PAIR QUICK(silu_grad_pair)(VALUE x, const TERMS *terms, VALUE *size)
{
    VALUE q = terms->value, z = QUICK(inverse_error)(terms->pair, q);
    PAIR g = QUICK(gradient)(terms->pair, q, z), slope, sum;
    slope.high = V(mul)(x, g.high);
    slope.low = V(fma)(x, g.low, V(residual)(x, g.high, slope.high));

    sum.high = V(add)(q, slope.high);
    VALUE seen = V(sub)(sum.high, q);
    sum.low = V(add)(V(sub)(q, V(sub)(sum.high, seen)), V(sub)(slope.high, seen));
    sum.low = V(add)(sum.low, V(fnma)(q, z, slope.low));
    *size = V(add)(q, V(abs)(slope.high));
    return sum;
}

OGIVE_INLINE MASK QUICK(silu_grad)(const VALUE *x, const TERMS *terms, VALUE *y)
{
    VALUE size;
    PAIR sum = QUICK(silu_grad_pair)(*x, terms, &size);
    VALUE error = V(mul)(size, V(set)(ERROR));
    *y = V(add)(sum.high, V(sub)(sum.low, error));
    MASK doubt = V(differs)(*y, V(add)(sum.high, V(add)(sum.low, error)));
    return M(or)(doubt, QUICK(out_of_range)(*x));
}

#undef VALUE
#undef V
#undef MASK
#undef M
#undef PAIR
#undef TERMS
#undef QUICK
#undef EXP_NEG
#undef ERROR
#undef BOUND
#undef TINY
