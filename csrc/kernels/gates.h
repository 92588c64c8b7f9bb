/* Gated units, soft selection, and the cells of recurrent networks.
 *
 *   glu     a q (1 - z),  swiglu  a q (1 - z) b,  q (1 - z) being 1 / (1 + e) (sigmoid.h)
 *   mix     (A + e B) q (1 - z) with e = e^-|x|, A and B being a and b, swapped for x < 0
 *   lstm    c_new = c / (1 + e^-f) + n / ((1 + e^-i) (1 - n)),  tanh(|g|) = n / (1 - n)
 *           h = n' / ((1 + e^-o) (1 - n')),  n' being that of |c_new|, of both its parts
 *   gru     u = xn + hn / (1 + e^-r),  tanh(|u|) = n / d,  d = 1 - n
 *           h_new = (e n + h d) / ((1 + e) d),  e = e^-z
 *
 * Error, relative: glu and swiglu that of the sigmoid, ERROR, and products of pairs. mix ERROR of
 * (|A| + e |B|) q: an error d of e is one of d (B - A) / (1 + e)^2. A term of a cell has that of one
 * gate and one tanh, ERROR + TANH_ERROR, and some ten roundings of pairs, which CELL_ERROR adds to a
 * hundredth of it. An error of a tanh's argument is one of the tanh times min(1, 8 e), as long as it is
 * far below 1, and of the result times its gate: 1 / (1 + e) <= 1 / ((1 + e) (1 - n)).
 *
 * Gates are cut at GATE_BOUND, which may be off by all that lies beyond: GATE_OUT_OF_SIGHT of what they
 * are times.
 *
 * Plain floats: a term of a cell is within 13 units of 2^-24, h of lstm_cell, whose argument is such a sum,
 * within 17; CELL_SIZE takes 18. */

#ifdef PAIR_TEXT
OGIVE_INLINE void P(glu_first)(const VALUE *x, V(terms) * terms) { P(slope_first)(&x[1], terms); }

OGIVE_INLINE MASK P(glu)(const VALUE *x, const V(terms) * terms, VALUE *y)
{
    VALUE q = terms->value, z = P(inverse_error)(terms->pair, q);
    MASK doubt = P(round_relative)(P(silu_pair)(x[0], q, z), ERROR, y);
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
    PAIR silu = P(silu_pair)(x[0], q, z);
    MASK doubt = P(round_relative)(P(scale)(x[1], silu), ERROR, y);
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
    PAIR result = P(silu_pair)(sum.high, q, z);
    result.low = V(fma)(sum.low, q, result.low);
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

/* c_new, and the width of its error. */
OGIVE_INLINE void P(lstm_cell_first)(const VALUE *x, V(terms) * terms)
{
    VALUE c = x[4], sign = P(sign_of)(x[2]), power;
    PAIR forget = P(one_plus)(P(exp_neg)(P(clamp)(x[1], GATE_BOUND)));
    PAIR input = P(one_plus)(P(exp_neg)(P(clamp)(x[0], GATE_BOUND)));
    PAIR change = P(tanh_change)(V(abs)(x[2]), NULL, &power);
    PAIR n = P(tanh_numerator)(change, power), numerator = {c, V(set)(0)};
    PAIR added = P(flip_pair)(P(divide)(n, P(tanh_denominator)(n, input)), sign);
    PAIR kept = P(divide)(numerator, forget), sum = P(sum)(kept.high, added.high);
    terms->pair.high = sum.high;
    terms->pair.low = V(add)(sum.low, V(add)(kept.low, added.low));
    VALUE size = V(add)(V(abs)(kept.high), V(abs)(added.high));
    terms->value = V(mul)(V(add)(V(abs)(c), n.high), V(set)(GATE_OUT_OF_SIGHT));
    terms->value = V(fma)(size, V(set)(CELL_ERROR), terms->value);
}

/* What an error of a tanh's argument, far below 1, is to the tanh, at most: min(1, 8 e). */
OGIVE_INLINE VALUE P(tanh_slope)(PAIR n)
{
    return V(at_most)(V(fnma)(V(set)(16), n.high, V(set)(8)), V(set)(1));
}

OGIVE_INLINE MASK P(lstm_cell)(const VALUE *x, const V(terms) * terms, VALUE *y)
{
    PAIR cell = terms->pair;
    VALUE width = terms->value, sign = P(sign_of)(cell.high), low = P(flip)(cell.low, sign), power;
    PAIR gate = P(one_plus)(P(exp_neg)(P(clamp)(x[3], GATE_BOUND)));
    PAIR change = P(tanh_change)(V(abs)(cell.high), &low, &power);
    PAIR n = P(tanh_numerator)(change, power), d = P(tanh_denominator)(n, gate);
    VALUE inverse = V(div)(V(set)(1), d.high);
    PAIR h = P(divide_by)(n, d, inverse);
    MASK doubt = M(or)(P(round)(cell, width, &y[1]), P(exceeds)(width, FAR_BELOW_1));
    width = V(mul)(V(mul)(width, P(tanh_slope)(n)), inverse);
    width = V(fma)(n.high, V(set)(GATE_OUT_OF_SIGHT), width);
    width = V(fma)(h.high, V(set)(CELL_ERROR), width);
    doubt = M(or)(doubt, P(round)(P(flip_pair)(h, sign), width, &y[0]));
    return M(or)(doubt, P(tiny)(h.high, V(or_bits)(x[2], x[4])));
}

OGIVE_INLINE MASK P(lstm_cell_known)(const VALUE *x, VALUE *y)
{
    VALUE of_cell[] = {x[0], x[1], x[2], x[4]};
    y[0] = y[1] = x[0];
    return P(known_nan)(of_cell, 4, y, 2, M(none)());
}

/* u, whose tanh is n, and the width of its error. */
OGIVE_INLINE void P(gru_cell_first)(const VALUE *x, V(terms) * terms)
{
    PAIR numerator = {x[3], V(set)(0)}, gate = P(one_plus)(P(exp_neg)(P(clamp)(x[0], GATE_BOUND)));
    PAIR reset = P(divide)(numerator, gate), sum = P(sum)(x[2], reset.high);
    terms->pair.high = sum.high;
    terms->pair.low = V(add)(sum.low, reset.low);
    terms->value = V(mul)(V(abs)(x[2]), V(set)(PAIR_ERROR));
    terms->value = V(fma)(V(abs)(reset.high), V(set)(CELL_ERROR), terms->value);
    terms->value = V(fma)(V(abs)(x[3]), V(set)(GATE_OUT_OF_SIGHT), terms->value);
}

/* (e n + h d) / ((1 + e) d),  d = 1 - n */
OGIVE_INLINE MASK P(gru_cell)(const VALUE *x, const V(terms) * terms, VALUE *y)
{
    VALUE h = x[4], sign = P(sign_of)(terms->pair.high), low = P(flip)(terms->pair.low, sign),
          power;
    PAIR e = P(exp_neg)(P(clamp)(x[1], GATE_BOUND));
    PAIR change = P(tanh_change)(V(abs)(terms->pair.high), &low, &power);
    PAIR n = P(tanh_numerator)(change, power);
    PAIR d = P(one_minus)(n.high);
    d.low = V(sub)(d.low, n.low);
    PAIR taken = P(flip_pair)(P(multiply)(e, n), sign), kept = P(scale)(h, d);
    PAIR sum = P(sum)(taken.high, kept.high), below = P(multiply)(d, P(one_plus)(e));
    sum.low = V(add)(sum.low, V(add)(taken.low, kept.low));
    VALUE inverse = V(div)(V(set)(1), below.high);
    PAIR result = P(divide_by)(sum, below, inverse);
    VALUE size = V(mul)(V(add)(V(abs)(taken.high), V(abs)(kept.high)), inverse);
    VALUE width = V(mul)(V(mul)(terms->value, P(tanh_slope)(n)), V(mul)(e.high, inverse));
    width = V(fma)(V(add)(n.high, V(abs)(h)), V(set)(GATE_OUT_OF_SIGHT), width);
    width = V(fma)(size, V(set)(CELL_ERROR), width);
    MASK doubt = M(or)(P(round)(result, width, y), P(exceeds)(terms->value, FAR_BELOW_1));
    return M(or)(doubt, P(tiny)(*y, V(or_bits)(V(or_bits)(x[2], x[3]), h)));
}

OGIVE_INLINE MASK P(gru_cell_known)(const VALUE *x, VALUE *y)
{
    *y = x[0];
    return P(known_nan)(x, 5, y, 1, M(none)());
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

OGIVE_INLINE VALUE PLAIN(one_plus_exp)(VALUE x)
{
    return V(add)(V(set)(1), PLAIN(exp_neg)(P(clamp)(x, GATE_BOUND)));
}

/* What an error of a tanh's argument is to the tanh, at most: min(1, 8 e), where it is far below 1. */
OGIVE_INLINE VALUE PLAIN(tanh_slope)(VALUE n, VALUE size)
{
    const VALUE one = V(set)(1);
    VALUE slope = V(at_most)(V(mul)(V(sub)(one, n), V(set)(8)), one);
    return V(select)(P(exceeds)(size, MODERATE_SIZE), one, slope);
}

/* Not 0 unless its terms are: what underflows to 0 has not the sign of their sum. */
OGIVE_INLINE VALUE PLAIN(size_beside)(VALUE size, VALUE terms)
{
    return V(at_least)(size, V(at_most)(terms, V(set)(SMALLEST_NORMAL)));
}

/* c_new = c/(1 + e^-f) + n/(d (1 + e^-i)); tanh(g) = n/d. Of the cells' errors, some three functions'
 * each, the size takes account. */
OGIVE_INLINE void PLAIN(lstm_cell_first)(const VALUE *x, V(terms) * terms)
{
    VALUE n = PLAIN(tanh_numerator)(x[2]), d = V(sub)(V(set)(2), n), c = x[4];
    VALUE kept = V(div)(c, PLAIN(one_plus_exp)(x[1]));
    VALUE added = V(div)(n, V(mul)(d, PLAIN(one_plus_exp)(x[0])));
    VALUE size = V(mul)(V(add)(V(abs)(kept), added), V(set)(CELL_SIZE)), all = V(add)(V(abs)(c), n);
    terms->value = V(add)(kept, V(with_sign_of)(added, x[2]));
    size = V(fma)(all, V(set)(CELL_OUT_OF_SIGHT), size);
    terms->pair.high = PLAIN(size_beside)(size, all);
}

OGIVE_INLINE void PLAIN(lstm_cell)(const VALUE *x, const V(terms) * terms, VALUE *y, VALUE *size)
{
    VALUE cell = terms->value, n = PLAIN(tanh_numerator)(cell), d = V(sub)(V(set)(2), n);
    VALUE h = V(div)(n, V(mul)(d, PLAIN(one_plus_exp)(x[3])));
    VALUE slope = PLAIN(tanh_slope)(n, terms->pair.high);
    y[1] = cell;
    size[1] = terms->pair.high;
    y[0] = V(with_sign_of)(h, cell);
    size[0] = V(fma)(n, V(set)(CELL_OUT_OF_SIGHT), V(mul)(size[1], slope));
    size[0] = V(fma)(h, V(set)(CELL_SIZE), size[0]);
}

OGIVE_INLINE void PLAIN(gru_cell_first)(const VALUE *x, V(terms) * terms)
{
    VALUE reset = V(div)(x[3], PLAIN(one_plus_exp)(x[0]));
    VALUE size = V(mul)(V(add)(V(abs)(x[2]), V(abs)(reset)), V(set)(CELL_SIZE));
    terms->value = V(add)(x[2], reset);
    size = V(fma)(V(abs)(x[3]), V(set)(CELL_OUT_OF_SIGHT), size);
    terms->pair.high = PLAIN(size_beside)(size, V(add)(V(abs)(x[2]), V(abs)(x[3])));
}

/* s(-z) n/d + s(z) h */
OGIVE_INLINE void PLAIN(gru_cell)(const VALUE *x, const V(terms) * terms, VALUE *y, VALUE *size)
{
    const VALUE one = V(set)(1);
    VALUE u = terms->value, h = x[4], n = PLAIN(tanh_numerator)(u);
    VALUE e = PLAIN(exp_neg)(P(clamp)(x[1], GATE_BOUND)), q = V(div)(one, V(add)(one, e));
    VALUE taken = V(div)(n, V(sub)(V(set)(2), n)), p = V(mul)(e, q), kept = V(mul)(h, q);
    VALUE slope = PLAIN(tanh_slope)(n, terms->pair.high);
    *y = V(fma)(p, V(with_sign_of)(taken, u), kept);
    VALUE sum = V(fma)(p, taken, V(abs)(kept)), rest = V(mul)(terms->pair.high, slope);
    VALUE all = V(add)(n, V(abs)(h));
    *size = V(fma)(all, V(set)(CELL_OUT_OF_SIGHT), rest);
    *size = PLAIN(size_beside)(V(fma)(sum, V(set)(CELL_SIZE), *size), all);
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

/* s(x). Gates below -1460, where c_new vanishes, are moved up to there together: its zero has a sign. */
static NUMBER EXACT(lifted_gate)(double x, double larger, const precision *to)
{
    NUMBER gate = SET(x);
    if (larger < -1460 && larger >= -DBL_MAX)
        gate = ADD(SUBTRACT(gate, SET(larger)), SET(-1460));
    return EXACT(sigmoid_of)(gate, to);
}

EXACT_FUNCTION(lstm_cell)
{
    const NUMBER c = SET(x[4]), candidate = EXACT(tanh_of)(SET(x[2]), to);
    const double larger = fmax(x[0], x[1]);
    const NUMBER input = EXACT(lifted_gate)(x[0], larger, to);
    const NUMBER forget = EXACT(lifted_gate)(x[1], larger, to);
    if (x[0] == x[1] && fabs(x[0]) <= DBL_MAX) /* what cancels then does so exactly */
        y[1] = MULTIPLY(input, ADD(c, candidate));
    else
        y[1] = ADD(MULTIPLY(forget, c), MULTIPLY(input, candidate));
    /* of s(-inf) as of another that is out of sight: its zero has the sign of c_new */
    const NUMBER output = EXACT(sigmoid_of)(SET(EXACT(bounded)(x[3])), to);
    y[0] = MULTIPLY(output, EXACT(tanh_of)(y[1], to));
}

EXACT_FUNCTION(gru_cell)
{
    NUMBER rising, falling;
    EXACT(sides_of)(SET(x[1]), &rising, &falling, to);
    const NUMBER reset = MULTIPLY(EXACT(sigmoid_of)(SET(x[0]), to), SET(x[3]));
    const NUMBER n = EXACT(tanh_of)(ADD(SET(x[2]), reset), to);
    y[0] = ADD(MULTIPLY(falling, n), MULTIPLY(rising, SET(x[4])));
}
#endif

#ifdef REGISTRATION
CERTIFIED(glu, 2, 1, glu_first, IN_PAIRS, glu_far)
CERTIFIED(swiglu, 2, 1, sigmoid_first, IN_PAIRS, swiglu_far)
CERTIFIED(mix, 3, 1, mix_first, IN_PAIRS, no_far)
CERTIFIED(lstm_cell, 5, 2, lstm_cell_first, IN_PAIRS, no_far)
CERTIFIED(gru_cell, 5, 1, gru_cell_first, IN_PAIRS, no_far)
#endif
