/* s(x) = 1 / (1 + e^-x) and s'(x) = s(x) s(-x) = e / (1 + e)^2 with e = e^-|x|.
 *
 * float64 in pairs
 * ----------------
 *   k = round(x 16/ln2), j = k mod 16, ln2/16 = L (1 + 2^-54 ...) as EXP_STEP + EXP_STEP_TAIL
 *   r = k EXP_STEP - x                exact: |r| <= ln2/32 = 2^-5.53, in units of 2^-58 (or k = 0)
 *   2^(-k/16) = T (1 + tau)           T of 53 bits, |tau| <= 2^-53
 *   t = tau + k EXP_STEP_TAIL         |t| < 2^-44
 *   e^-x = T (1 + t + t^2/2 ...) e^r
 *   e^r = 1 + u + ul,  u = r + s rounded,  s = r^2/2 + r^3/2 C(r)
 *   eh = T + T u rounded,  el = what that rounding lost + T ul + t eh
 *   q = 1/(1 + eh) rounded,  z = q (1 + eh + el) - 1,  s(x) = q (1 - z + z^2 ...)
 *
 * Error of e^-x relative to itself, in units of 2^-65:
 *   0.500  rounding of s, |s| < 2^-12: half an ulp is 2^-66
 *   0.040  r^3/2 C(r) < 2^-19.2: six roundings at most, 2^-72.2 each (without fma)
 *   0.001  C(r), minimax: 2^-75.6 (exp_constants.h)
 *   0.001  all else: t^2/2 and t ul (2^-89), roundings of t, ul and el, all < 2^-44 (2^-96)
 *   0.542  sum; 3 million random x met 0.525
 * s(x) sees it times e/(1+e) <= 1, s'(x) times |1 - 2e/(1+e)| <= 1; z^2 and the roundings of z,
 * |z| < 2^-43.9, add less than 2^-87.
 * DOUBLE_ERROR, the half-width of the rounding test, is 0.5625 of that unit; one lane in about
 * 5,000 fails it.
 *
 * float32 in pairs of floats
 * --------------------------
 * The same with as many steps per ln2 as a register holds floats, 8 or 16, C of degree 2 or 1, and s as
 * r g, g = r/2 (1 + r C(r)), a product that is rounded nowhere:
 *                                               ln2/8               ln2/16
 *   r, exact, at most, in units of (or k = 0)   2^-4.53, 2^-28      2^-5.53, 2^-29
 *   |t|                                         2^-22               2^-22
 * Error of e^-x, in units of 2^-34:
 *   rounding of g, times r / e^r                0.724  g < 2^-5.5   0.177  g < 2^-6.5
 *   r^3/2 C(r): two roundings of 2^-24 of it    0.027  < 2^-16.2    0.003  < 2^-19.2
 *   C(r): minimax and its coefficients          0.027               0.091
 *   all else: the roundings of t, e.low and
 *     z (2^-46), t^2/2 and z^2 (2^-45)          0.002               0.002
 *   sum                                         0.780               0.273
 *   FLOAT_ERROR, half-width of the test         0.813               0.281
 *   fails it, one lane in about                 1,000               2,800
 *
 * float16 and bfloat16 in floats
 * ------------------------------
 * The same r, exact, T without its tail and e^r to a minimax cubic or quartic. Error of e^-x in units
 * of 2^-24, |x| <= 24:
 *   1.1   k ln2/16 (or 8): 24 EXP_FLOAT_STEP_TAIL / EXP_FLOAT_STEP
 *   1.0   roundings of T and of e^-x; of e^r, 2^-29, and its minimax, 2^-28.7, 0.1
 *   2.2   sum; with its roundings s(x) is within 3.2, s'(x) within 5.2
 * PLAIN_ERROR_f16, the half-width of the test, is 6 of that unit: one lane in about 1,000 fails it. For
 * bfloat16, |x| <= PLAIN_BOUND, the 1.1 are 1.8; its test has 16. All inputs of every function of one
 * were run.
 *
 * float32 and float16 in doubles
 * ------------------------------
 * With a single r (2^-47), a minimax polynomial of degree 6 (2^-49) and a handful of roundings
 * (2^-50): e^-x and each function of it is below 2^-45 of its terms, the logarithms 2^-42 (log1p.h).
 * PLAIN_ERROR_DOUBLES, the half-width of the test, is 2^-41.
 */

#ifdef PAIR_TEXT
/* e = e^-x and 1 / (1 + e), rounded. */
OGIVE_INLINE void P(exp_and_inverse)(VALUE x, V(terms) * terms)
{
    const VALUE one = V(set)(1);
    terms->pair = P(exp_neg)(x);
    terms->value = V(div)(one, V(add)(one, terms->pair.high));
}

/* Beyond the bounds, e is out of sight; there, and where x is NaN, are those in doubt who use this. */
OGIVE_INLINE void P(sigmoid_first)(const VALUE *x, V(terms) * terms)
{
    P(exp_and_inverse)(P(within)(*x, BOUND), terms);
}

OGIVE_INLINE void P(slope_first)(const VALUE *x, V(terms) * terms)
{
    P(exp_and_inverse)(P(within)(*x, SLOPE_BOUND), terms);
}

/* z of 1 / (1 + e) = q (1 - z). */
OGIVE_INLINE VALUE P(inverse_error)(PAIR e, VALUE q)
{
    const VALUE one = V(set)(1);
    VALUE one_minus_q = V(sub)(one, q);
    VALUE lost = V(sub)(V(sub)(one, one_minus_q), q);
    VALUE rest = V(sub)(V(residual)(q, e.high, one_minus_q), lost);
    return V(fma)(q, e.low, rest);
}

/* e / (1 + e)^2 */
OGIVE_INLINE PAIR P(gradient)(PAIR e, VALUE q, VALUE z)
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

OGIVE_INLINE MASK P(sigmoid)(const VALUE *x, const V(terms) * terms, VALUE *y)
{
    VALUE q = terms->value, z = P(inverse_error)(terms->pair, q);
    return M(or)(P(round_difference)(q, V(mul)(q, z), ERROR, y), P(below)(*x, -BOUND));
}

OGIVE_INLINE MASK P(sigmoid_grad)(const VALUE *x, const V(terms) * terms, VALUE *y)
{
    VALUE q = terms->value, z = P(inverse_error)(terms->pair, q);
    PAIR g = P(gradient)(terms->pair, q, z);
    return M(or)(P(round_relative)(g, ERROR, y), P(exceeds)(V(abs)(*x), SLOPE_BOUND));
}

OGIVE_INLINE MASK P(sigmoid_and_grad)(const VALUE *x, const V(terms) * terms, VALUE *y)
{
    MASK doubt = P(sigmoid_grad)(x, terms, &y[1]);
    VALUE q = terms->value, z = P(inverse_error)(terms->pair, q);
    return M(or)(doubt, P(round_difference)(q, V(mul)(q, z), ERROR, &y[0]));
}

/* What is 0 or 1 for certain; NaN. */
OGIVE_INLINE MASK P(sigmoid_known)(const VALUE *x, VALUE *y)
{
    *y = V(set)(0);
    return P(known_nan)(x, 1, y, 1, P(below)(*x, -VANISHES));
}

OGIVE_INLINE MASK P(sigmoid_grad_known)(const VALUE *x, VALUE *y)
{
    *y = V(set)(0);
    return P(known_nan)(x, 1, y, 1, P(exceeds)(V(abs)(*x), VANISHES));
}

OGIVE_INLINE MASK P(sigmoid_and_grad_known)(const VALUE *x, VALUE *y)
{
    const VALUE zero = V(set)(0);
    y[0] = V(select)(P(below)(*x, 0), zero, V(set)(1));
    y[1] = zero;
    return P(known_nan)(x, 1, y, 2, P(exceeds)(V(abs)(*x), VANISHES));
}
#endif

#if defined(PAIR_TEXT) && OF_DOUBLES
OGIVE_COLD vm sigmoid_far(const vd *x, vd *y)
{
    const vdd factor = only_high(vd_set(1.0));
    return far_below(&factor, opposite_of(*x), y);
}

OGIVE_COLD vm sigmoid_grad_far(const vd *x, vd *y)
{
    const vdd factor = only_high(vd_set(1.0));
    return far_below(&factor, vd_abs(*x), y);
}

OGIVE_COLD vm sigmoid_and_grad_far(const vd *x, vd *y)
{
    vm doubt = sigmoid_grad_far(x, &y[1]);
    y[0] = vd_select(below_in_doubles(*x, 0), y[1], vd_set(1.0));
    return doubt;
}
#endif

#ifdef PLAIN_TEXT
/* e^-x, |x| <= PLAIN_BOUND */
OGIVE_INLINE VALUE PLAIN(exp_neg)(VALUE x)
{
    VALUE power, change;
    EXP_NEG_PLAIN(x, &power, &change, 0);
    return V(fma)(power, change, power);
}

OGIVE_INLINE void PLAIN(sigmoid_first)(const VALUE *x, V(terms) * terms)
{
    const VALUE one = V(set)(1);
    terms->pair.high = PLAIN(exp_neg)(P(clamp)(*x, PLAIN_BOUND));
    terms->value = V(div)(one, V(add)(one, terms->pair.high));
}

OGIVE_INLINE void PLAIN(slope_first)(const VALUE *x, V(terms) * terms)
{
    PLAIN(sigmoid_first)(x, terms);
}

/* Of a sigmoid or so times a: of one clamped at a bound of floats, little more is known; that of
 * doubles is 0 in every dtype. */
OGIVE_INLINE VALUE PLAIN(size_of_product)(VALUE size, VALUE a)
{
    return OF_DOUBLES ? size : V(fma)(V(abs)(a), V(set)(PLAIN_OUT_OF_SIGHT), size);
}

OGIVE_INLINE void PLAIN(sigmoid)(const VALUE *x, const V(terms) * terms, VALUE *y, VALUE *size)
{
    VALUE q = terms->value; /* else gcc copies it by halves, and waits for their stores */
    (void)x;
    *y = *size = q;
}

OGIVE_INLINE void PLAIN(sigmoid_grad)(const VALUE *x, const V(terms) * terms, VALUE *y, VALUE *size)
{
    VALUE e = terms->pair.high, q = terms->value;
    (void)x;
    *y = *size = V(mul)(V(mul)(e, q), q);
}

OGIVE_INLINE void PLAIN(sigmoid_and_grad)(const VALUE *x, const V(terms) * terms, VALUE *y,
                                          VALUE *size)
{
    PLAIN(sigmoid)(x, terms, &y[0], &size[0]);
    PLAIN(sigmoid_grad)(x, terms, &y[1], &size[1]);
}
#endif

#ifdef EXACT_TEXT
static NUMBER EXACT(sigmoid_of)(NUMBER x, const precision *to)
{
    const NUMBER one = SET(1.0), e = EXP_NEG(ABS(x));
    return DIVIDE(IS_NEGATIVE(x) ? e : one, ADD(one, e));
}

/* s(x) and s(-x) */
static void EXACT(sides_of)(NUMBER x, NUMBER *rising, NUMBER *falling, const precision *to)
{
    const NUMBER one = SET(1.0), e = EXP_NEG(ABS(x)), d = ADD(one, e);
    const int negative = IS_NEGATIVE(x);
    *rising = DIVIDE(negative ? e : one, d);
    *falling = DIVIDE(negative ? one : e, d);
}

/* s(x) that is a factor of the result, and the other is a double: two have products next to ties. */
static NUMBER EXACT(gate_of)(NUMBER x, const precision *to)
{
#ifdef NEAR_HALF
    if (IS_BELOW(x, -70) && !IS_ZERO(x))
        return NEAR_HALF(x);
#endif
    return EXACT(sigmoid_of)(x, to);
}

static NUMBER EXACT(slope_of)(NUMBER x, const precision *to)
{
    const NUMBER e = EXP_NEG(ABS(x)), d = ADD(SET(1.0), e);
    return DIVIDE(DIVIDE(e, d), d);
}

EXACT_FUNCTION(sigmoid) { y[0] = EXACT(sigmoid_of)(SET(x[0]), to); }

EXACT_FUNCTION(sigmoid_grad) { y[0] = EXACT(slope_of)(SET(x[0]), to); }

EXACT_FUNCTION(sigmoid_and_grad)
{
    NUMBER falling;
    EXACT(sides_of)(SET(x[0]), &y[0], &falling, to);
    y[1] = MULTIPLY(y[0], falling);
}
#endif

#ifdef REGISTRATION
CERTIFIED(sigmoid, 1, 1, sigmoid_first, IN_PAIRS, sigmoid_far)
CERTIFIED(sigmoid_grad, 1, 1, slope_first, IN_PAIRS, sigmoid_grad_far)
CERTIFIED(sigmoid_and_grad, 1, 2, slope_first, IN_PAIRS, sigmoid_and_grad_far)
#endif
