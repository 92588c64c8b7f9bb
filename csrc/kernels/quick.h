/* The quick phases of the sigmoid, silu and their derivatives; sigmoid.h and silu.h have the
 * mathematics. Included for float64 in doubles and, where the vocabulary has floats, for float32
 * in floats, with
 *
 *   VALUE, V(op)     the type and its operations
 *   MASK, M(op)      of comparisons
 *   PAIR             high + low
 *   QUICK(name)      what a function is called
 *   EXP_NEG(x)       e^-x as a PAIR
 *   ERROR            half-width of the rounding test, relative to the result
 *   BOUND            beyond, and where x is NaN, a lane is in doubt
 *   TINY             below, products with x may underflow
 */

/* 1 / (1 + e) = q (1 - z). */
OGIVE_INLINE void QUICK(inverse_of_one_plus)(PAIR e, VALUE *q, VALUE *z)
{
    const VALUE one = V(set)(1);
    *q = V(div)(one, V(add)(one, e.high));
    VALUE one_minus_q = V(sub)(one, *q);
    VALUE lost = V(sub)(V(sub)(one, one_minus_q), *q);
    VALUE rest = V(sub)(V(residual)(*q, e.high, one_minus_q), lost);
    *z = V(fma)(*q, e.low, rest);
}

/* p = e / (1 + e) as a product, p + p_low; g = e / (1 + e)^2 likewise. */
OGIVE_INLINE void QUICK(gradient_terms)(PAIR e, VALUE q, VALUE z, PAIR *p, PAIR *g)
{
    p->high = V(mul)(e.high, q);
    p->low = V(residual)(e.high, q, p->high);
    p->low = V(fma)(e.low, q, p->low);
    g->high = V(mul)(p->high, q);
    g->low = V(residual)(p->high, q, g->high);
    g->low = V(fma)(p->low, q, g->low);
    g->low = V(fnma)(g->high, V(add)(z, z), g->low);
    p->low = V(fnma)(p->high, z, p->low);
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

OGIVE_INLINE MASK QUICK(sigmoid)(const VALUE *x, VALUE *y)
{
    VALUE q, z;
    QUICK(inverse_of_one_plus)(EXP_NEG(*x), &q, &z);
    return M(or)(QUICK(round_scaled)(q, z, y), QUICK(out_of_range)(*x));
}

OGIVE_INLINE MASK QUICK(sigmoid_grad)(const VALUE *x, VALUE *y)
{
    VALUE q, z;
    PAIR p, g, e = EXP_NEG(V(abs)(*x));
    QUICK(inverse_of_one_plus)(e, &q, &z);
    QUICK(gradient_terms)(e, q, z, &p, &g);
    return M(or)(QUICK(round_sum)(g.high, g.low, y), QUICK(out_of_range)(*x));
}

OGIVE_INLINE MASK QUICK(sigmoid_and_grad)(const VALUE *x, VALUE *y)
{
    VALUE q, z;
    PAIR p, g, e = EXP_NEG(*x);
    QUICK(inverse_of_one_plus)(e, &q, &z);
    QUICK(gradient_terms)(e, q, z, &p, &g);
    MASK doubt = M(or)(QUICK(round_scaled)(q, z, &y[0]), QUICK(round_sum)(g.high, g.low, &y[1]));
    return M(or)(doubt, QUICK(out_of_range)(*x));
}

OGIVE_INLINE MASK QUICK(tiny_but_not_zero)(VALUE x, VALUE tiny)
{
    return M (and)(V(not_at_least)(V(abs)(x), tiny), V(differs)(x, V(set)(0)));
}

/* x q (1 - z) */
OGIVE_INLINE PAIR QUICK(silu_terms)(VALUE x, VALUE q, VALUE z)
{
    PAIR y;
    y.high = V(mul)(x, q);
    y.low = V(fnma)(y.high, z, V(residual)(x, q, y.high));
    return y;
}

OGIVE_INLINE MASK QUICK(silu)(const VALUE *x, VALUE *y)
{
    VALUE q, z;
    QUICK(inverse_of_one_plus)(EXP_NEG(*x), &q, &z);
    PAIR terms = QUICK(silu_terms)(*x, q, z);
    MASK doubt = QUICK(round_sum)(terms.high, terms.low, y);
    *y = V(with_sign_of)(*y, *x); /* of a zero */
    doubt = M(or)(doubt, QUICK(tiny_but_not_zero)(*x, V(set)(TINY)));
    return M(or)(doubt, QUICK(out_of_range)(*x));
}

/* q + x g; `size` is that of its terms, which may cancel. */
OGIVE_INLINE PAIR QUICK(silu_grad_terms)(VALUE x, VALUE *size)
{
    VALUE q, z;
    PAIR p, g, slope, sum, e = EXP_NEG(x);
    QUICK(inverse_of_one_plus)(e, &q, &z);
    QUICK(gradient_terms)(e, q, z, &p, &g);
    slope.high = V(mul)(x, g.high);
    slope.low = V(fma)(x, g.low, V(residual)(x, g.high, slope.high));

    sum.high = V(add)(q, slope.high);
    VALUE seen = V(sub)(sum.high, q);
    sum.low = V(add)(V(sub)(q, V(sub)(sum.high, seen)), V(sub)(slope.high, seen));
    sum.low = V(add)(sum.low, V(fnma)(q, z, slope.low));
    *size = V(add)(q, V(abs)(slope.high));
    return sum;
}

OGIVE_INLINE MASK QUICK(silu_grad)(const VALUE *x, VALUE *y)
{
    VALUE size;
    PAIR sum = QUICK(silu_grad_terms)(*x, &size);
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
#undef QUICK
#undef EXP_NEG
#undef ERROR
#undef BOUND
#undef TINY
