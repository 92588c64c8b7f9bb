/* Arithmetic of pairs high + low, whose high parts need not be rounded sums; and the rounding test.
 * Included for vd and vf by with_doubles.h and with_floats.h. Products and quotients of pairs are exact
 * to 2^-103 (floats: 2^-45). */

OGIVE_INLINE PAIR P(sum)(VALUE a, VALUE b)
{
    PAIR sum;
    sum.high = V(add)(a, b);
    VALUE seen = V(sub)(sum.high, a);
    sum.low = V(add)(V(sub)(a, V(sub)(sum.high, seen)), V(sub)(b, seen));
    return sum;
}

OGIVE_INLINE PAIR P(add)(PAIR a, PAIR b)
{
    PAIR sum = P(sum)(a.high, b.high);
    sum.low = V(add)(sum.low, V(add)(a.low, b.low));
    return sum;
}

OGIVE_INLINE PAIR P(product)(VALUE a, VALUE b)
{
    PAIR product;
    product.high = V(mul)(a, b);
    product.low = V(residual)(a, b, product.high);
    return product;
}

/* p - a b, p being their rounded product; not -0. */
OGIVE_INLINE VALUE P(excess)(VALUE a, VALUE b, VALUE p)
{
#if SIMD_FMA
    return V(fnma)(a, b, p);
#else
    return V(sub)(V(set)(0), V(residual)(a, b, p));
#endif
}

OGIVE_INLINE PAIR P(scale)(VALUE a, PAIR b)
{
    PAIR product = P(product)(a, b.high);
    product.low = V(fma)(a, b.low, product.low);
    return product;
}

OGIVE_INLINE PAIR P(multiply)(PAIR a, PAIR b)
{
    PAIR product = P(scale)(a.high, b);
    product.low = V(fma)(a.low, b.high, product.low);
    return product;
}

/* n / d, inverse being 1 / d.high. */
OGIVE_INLINE PAIR P(divide_by)(PAIR n, PAIR d, VALUE inverse)
{
    PAIR q;
    q.high = V(mul)(n.high, inverse);
    VALUE rest = V(sub)(V(residual)(q.high, d.high, n.high), n.low);
    rest = V(fma)(q.high, d.low, rest);
    q.low = V(mul)(rest, V(sub)(V(set)(0), inverse));
    return q;
}

OGIVE_INLINE PAIR P(divide)(PAIR n, PAIR d)
{
    return P(divide_by)(n, d, V(div)(V(set)(1), d.high));
}

/* a + b, neither negative. */
OGIVE_INLINE PAIR P(add_positive)(VALUE a, PAIR b)
{
    VALUE larger = V(at_least)(b.high, a), smaller = V(at_most)(b.high, a);
    PAIR sum;
    sum.high = V(add)(larger, smaller);
    sum.low = V(add)(b.low, V(sub)(smaller, V(sub)(sum.high, larger)));
    return sum;
}

OGIVE_INLINE PAIR P(one_plus)(PAIR e) { return P(add_positive)(V(set)(1), e); }

/* 1 - a, exact up to |a| = INTEGER */
OGIVE_INLINE PAIR P(one_minus)(VALUE a)
{
    const VALUE one = V(set)(1);
    PAIR rest;
    rest.high = V(sub)(one, a);
    rest.low = V(sub)(V(sub)(one, rest.high), a);
    return rest;
}

OGIVE_INLINE PAIR P(one_minus_pair)(PAIR a)
{
    PAIR rest = P(one_minus)(a.high);
    rest.low = V(sub)(rest.low, a.low);
    return rest;
}

/* 1 - a, whatever a is */
OGIVE_INLINE PAIR P(one_minus_any)(VALUE a) { return P(sum)(V(set)(1), V(sub)(V(set)(0), a)); }

/* power (1 + u) */
OGIVE_INLINE PAIR P(times_one_plus)(VALUE power, PAIR u)
{
    PAIR e;
    e.high = V(fma)(power, u.high, power);
    e.low = V(fma)(power, u.low, V(residual)(power, u.high, V(sub)(e.high, power)));
    return e;
}

/* e^-x, |x| <= BOUND. UNSEEN is far below all errors; without it a subnormal x would be an operand. */
OGIVE_INLINE PAIR P(exp_neg)(VALUE x)
{
    VALUE power, tail;
    PAIR u = EXP_NEG_TERMS(V(add)(x, V(set)(UNSEEN)), &power, &tail, 0);
    PAIR e = P(times_one_plus)(power, u);
    e.low = V(fma)(tail, e.high, e.low);
    return e;
}

OGIVE_INLINE VALUE P(sign_of)(VALUE a) { return V(and_bits)(a, V(set)(-(SCALAR)0)); }
OGIVE_INLINE VALUE P(flip)(VALUE a, VALUE sign) { return V(add_bits)(a, sign); }
/* -0 where x is negative (not where it is -0, whose side is that of 0), or NaN; else 0. */
OGIVE_INLINE VALUE P(sign_below_zero)(VALUE x)
{
    return V(select)(V(not_at_least)(x, V(set)(0)), V(set)(-(SCALAR)0), V(set)(0));
}
OGIVE_INLINE PAIR P(flip_pair)(PAIR a, VALUE sign)
{
    a.high = P(flip)(a.high, sign);
    a.low = P(flip)(a.low, sign);
    return a;
}

/* x, but at least -bound and at most bound; NaN stays. */
OGIVE_INLINE VALUE P(clamp)(VALUE x, SCALAR bound)
{
    return V(at_least)(V(at_most)(x, V(set)(bound)), V(set)(-bound));
}

/* The same, but NaN may become a bound. */
OGIVE_INLINE VALUE P(within)(VALUE x, SCALAR bound)
{
#ifdef SIMD_WITHIN
    return V(within)(x, V(set)(bound));
#else
    return P(clamp)(x, bound);
#endif
}

/* True for NaN. */
OGIVE_INLINE MASK P(below)(VALUE x, SCALAR bound) { return V(not_at_least)(x, V(set)(bound)); }
OGIVE_INLINE MASK P(exceeds)(VALUE x, SCALAR bound) { return V(not_at_least)(V(set)(bound), x); }

/* high + low -+ width: the result where both agree, in doubt where not, as where they are NaN. With
 * these signs a zero keeps its own. */
OGIVE_INLINE MASK P(round)(PAIR sum, VALUE width, VALUE *y)
{
    *y = V(sub)(sum.high, V(sub)(width, sum.low));
    return V(differs)(*y, V(add)(sum.high, V(add)(sum.low, width)));
}

/* The same for an error relative to high, in three operations: the ends are of low (1 -+ d), d = error
 * PER_LOW. Where d low is less than the error, low and the error together are below 2^-25 of high (doubles:
 * 2^-54), PER_LOW being a sixteenth above the inverse, and no middle of two numbers is as near to high.
 * A zero may lose its sign. */
OGIVE_INLINE MASK P(round_relative)(PAIR sum, SCALAR error, VALUE *y)
{
    *y = V(fma)(sum.low, V(set)(1 - error * PER_LOW), sum.high);
    return V(differs)(*y, V(fma)(sum.low, V(set)(1 + error * PER_LOW), sum.high));
}

/* The same of high - low, where a zero keeps its sign if low is not -0. By constants below 0, as gcc 12
 * makes -(a b) - c of a negated a b + c, which is another zero. */
OGIVE_INLINE MASK P(round_difference)(VALUE high, VALUE low, SCALAR error, VALUE *y)
{
    *y = V(fma)(low, V(set)(error * PER_LOW - 1), high);
    return V(differs)(*y, V(fma)(low, V(set)(-1 - error * PER_LOW), high));
}

/* Where products of a, which is not 0, may underflow. */
OGIVE_INLINE MASK P(tiny)(VALUE y, VALUE a)
{
    return M (and)(P(below)(V(abs)(y), TINY), V(differs)(a, V(set)(0)));
}

/* The lanes whose results are known without more ado: those of y, and NaN where an input is. */
OGIVE_INLINE MASK P(known_nan)(const VALUE *x, int inputs, VALUE *y, int outputs, MASK known)
{
    MASK nan = V(differs)(x[0], x[0]);
    for (int k = 1; k < inputs; k++)
        nan = M(or)(nan, V(differs)(x[k], x[k]));
    for (int o = 0; o < outputs; o++)
        y[o] = V(select)(nan, V(set)((SCALAR)NAN), y[o]);
    return M(or)(known, nan);
}
