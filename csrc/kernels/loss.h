/* Binary cross-entropy of the logit x and the target t, and its derivative in x.
 *
 *   e = e^-|x|,  w = 1 - t for x >= 0, t below
 *   loss = softplus(x) - x t = log1p(e) + |x| w
 *   s(x) - t = w - e/(1 + e) for x >= 0, its opposite below
 * Nothing cancels in the loss of a t in [0, 1]; where w is 0 or exact, as for t = 0 and t = 1, the
 * derivative loses nothing either.
 *
 * Error: of the loss that of softplus.h; of the derivative ERROR of e/(1 + e); w and the products are
 * exact to PAIR_ERROR. |x| is cut at LOSS_BOUND: beyond, squares of e would be subnormal. */

#ifdef PAIR_TEXT
/* w of x and t. */
OGIVE_INLINE PAIR P(loss_weight)(VALUE x, VALUE t)
{
    MASK negative = P(below)(x, 0);
    PAIR w = P(one_minus_any)(t);
    w.low = V(select)(negative, V(set)(0), w.low);
    w.high = V(select)(negative, t, w.high);
    return w;
}

OGIVE_INLINE void P(bce_with_logits_first)(const VALUE *x, V(terms) * terms)
{
    terms->pair = P(exp_neg)(V(at_most)(V(abs)(x[0]), V(set)(LOSS_BOUND)));
}

/* w - e/(1 + e), of the sign of x */
OGIVE_INLINE MASK P(bce_with_logits_grad)(const VALUE *x, const V(terms) * terms, VALUE *slope)
{
    const VALUE zero = V(set)(0), one = V(set)(1);
    PAIR e = terms->pair, w = P(loss_weight)(x[0], x[1]);
    VALUE q = V(div)(one, V(add)(one, e.high)), z = P(inverse_error)(e, q);
    PAIR p = P(silu_difference)(e.high, q, z), sum = P(sum)(w.high, V(sub)(zero, p.high));
    p.low = V(fnma)(e.low, q, p.low);
    sum.low = V(add)(sum.low, V(add)(w.low, p.low));
    VALUE width = V(fma)(p.high, V(set)(ERROR), V(set)(LOSS_OUT_OF_SIGHT));
    width = V(fma)(V(abs)(w.high), V(set)(PAIR_ERROR), width);
    MASK doubt = P(round)(sum, width, slope);
    *slope = P(flip)(*slope, P(sign_below_zero)(x[0]));
    return M(or)(doubt, P(below)(V(abs)(*slope), TINY));
}

/* Where s(x) is 0 or 1 for certain, and t too, or one of them is infinite; and where x is 0: 1/2 - t may
 * be a tie for a fourth of all t. */
OGIVE_INLINE MASK P(certain_loss)(const VALUE *x)
{
    const VALUE zero = V(set)(0);
    MASK soft = M (and)(V(differs)(x[1], zero), V(differs)(x[1], V(set)(1)));
    VALUE distance = V(select)(soft, zero, V(abs)(x[0]));
    distance = V(select)(V(differs)(x[0], zero), distance, V(set)((SCALAR)INFINITY));
    MASK infinite = P(exceeds)(V(at_least)(V(abs)(x[0]), V(abs)(x[1])), LARGEST);
    return M(or)(infinite, P(exceeds)(distance, VANISHES));
}

OGIVE_INLINE MASK P(bce_with_logits_known)(const VALUE *x, VALUE *loss)
{
    const VALUE zero = V(set)(0), w = P(loss_weight)(x[0], x[1]).high;
    *loss = V(select)(V(differs)(w, zero), V(mul)(V(abs)(x[0]), w), zero);
    *loss = V(select)(V(differs)(*loss, *loss), V(set)((SCALAR)NAN), *loss); /* of 0 and infinity */
    const VALUE log_2 = V(add)(*loss, V(set)((SCALAR)0.69314718055994531));
    *loss = V(select)(V(differs)(x[0], zero), *loss, log_2);
    return P(known_nan)(x, 2, loss, 1, P(certain_loss)(x));
}

OGIVE_INLINE MASK P(bce_with_logits_grad_known)(const VALUE *x, VALUE *slope)
{
    /* -0 where s(x) is next to t = 1, but not where it is 1 */
    const VALUE zero = V(set)(0), w = P(loss_weight)(x[0], x[1]).high;
    const MASK exact = M(or)(V(differs)(w, zero), P(exceeds)(x[0], LARGEST));
    const VALUE next = V(select)(exact, w, V(set)(-(SCALAR)0));
    *slope = P(flip)(next, P(sign_below_zero)(x[0]));
    *slope = V(select)(V(differs)(x[0], zero), *slope, V(sub)(V(set)((SCALAR)0.5), x[1]));
    return P(known_nan)(x, 2, slope, 1, P(certain_loss)(x));
}

OGIVE_INLINE MASK P(bce_with_logits_and_grad_known)(const VALUE *x, VALUE *y)
{
    MASK known = P(bce_with_logits_known)(x, &y[0]);
    P(bce_with_logits_grad_known)(x, &y[1]);
    return known;
}
#endif

#if defined(PAIR_TEXT) && OF_DOUBLES
OGIVE_INLINE vm bce_with_logits_in_doubles(const vd *x, const vd_terms *terms, vd *loss)
{
    vd cubic, distance = vd_add(vd_abs(x[0]), vd_set(UNSEEN));
    vdd w = loss_weight_in_doubles(x[0], x[1]), log = log1p_of(terms->pair, &cubic);
    vdd line = scale_in_doubles(distance, w), sum = add_in_doubles(log, line);
    vd width = logarithm_width(log.high, SOFTPLUS_ERROR, cubic);
    width = vd_fma(vd_abs(line.high), vd_set(PAIR_ERROR), width);
    width = vd_fma(vd_abs(w.high), vd_set(2 * UNSEEN), width); /* the sum of a tiny x is rounded */
    return round_in_doubles(sum, vd_add(width, vd_set(LOSS_OUT_OF_SIGHT)), loss);
}

OGIVE_INLINE vm bce_with_logits_and_grad_in_doubles(const vd *x, const vd_terms *terms, vd *y)
{
    vm doubt = bce_with_logits_in_doubles(x, terms, &y[0]);
    return vm_or(doubt, bce_with_logits_grad_in_doubles(x, terms, &y[1]));
}
#endif

#if defined(PAIR_TEXT) && OF_DOUBLES
/* |x| where w is 0, else 0. */
OGIVE_INLINE vd distance_alone(const vd *x)
{
    const vd zero = vd_set(0.0), w = loss_weight_in_doubles(x[0], x[1]).high;
    return vd_select(vd_differs(w, zero), zero, vd_abs(x[0]));
}

OGIVE_COLD vm bce_with_logits_far(const vd *x, vd *loss)
{
    const vdd factor = only_high(vd_set(1.0));
    return far_below(&factor, distance_alone(x), loss);
}

/* Both are e^-|x|, the slope of the other sign than x. */
OGIVE_COLD vm bce_with_logits_and_grad_far(const vd *x, vd *y)
{
    vm doubt = bce_with_logits_far(x, &y[0]);
    vd opposite = flip_in_doubles(y[0], vd_set(-0.0));
    y[1] = flip_in_doubles(opposite, sign_below_zero_in_doubles(x[0]));
    return doubt;
}

OGIVE_COLD vm bce_with_logits_grad_far(const vd *x, vd *slope)
{
    vd y[2];
    vm doubt = bce_with_logits_and_grad_far(x, y);
    *slope = y[1];
    return doubt;
}
#endif

#ifdef PLAIN_TEXT
OGIVE_INLINE void PLAIN(bce_with_logits_first)(const VALUE *x, V(terms) * terms)
{
    terms->value = PLAIN(exp_neg)(V(at_most)(V(abs)(x[0]), V(set)(PLAIN_BOUND)));
}

OGIVE_INLINE VALUE PLAIN(loss_weight)(VALUE x, VALUE t)
{
    return V(select)(P(below)(x, 0), t, V(sub)(V(set)(1), t));
}

OGIVE_INLINE void PLAIN(bce_with_logits)(const VALUE *x, const V(terms) * terms, VALUE *loss,
                                         VALUE *size)
{
    VALUE e = terms->value, distance = V(abs)(x[0]), w = PLAIN(loss_weight)(x[0], x[1]);
    VALUE log = P(log_ratio)(V(div)(e, V(add)(e, V(set)(2))));
    *loss = V(fma)(distance, w, log);
    *size = PLAIN(size_of_product)(V(fma)(distance, V(abs)(w), log), V(set)(1));
}

#if OF_DOUBLES
/* Where p is out of sight a fourth of all w are ties, which it breaks: so does a last bit. A t of 24 bits
 * leaves w no nearer to another tie than some of them. */
OGIVE_APART void break_ties(const vd *x, vd w, vd *slope, vd *size)
{
    const vd last_bit = vd_set_bits(1), minus = vd_set_bits(~UINT64_C(0));
    vd lost = one_minus_in_doubles(x[1]).low;
    vd next = vd_sub_bits(w, vd_select(below_in_doubles(w, 0), minus, last_bit));
    vm not_so = vm_or(below_in_doubles(vd_abs(x[0]), 40), below_in_doubles(vd_abs(w), 0x1p-28));
    not_so = vm_or(not_so, vd_differs(lost, vd_set(0.0)));
    not_so = vm_or(not_so, exceeds_in_doubles(vd_abs(x[0]), LARGEST));
    *slope = vd_select(not_so, *slope, flip_in_doubles(next, sign_below_zero_in_doubles(x[0])));
    *size = vd_select(not_so, *size, vd_set(0.0));
}
#endif

OGIVE_INLINE void PLAIN(bce_with_logits_grad)(const VALUE *x, const V(terms) * terms, VALUE *slope,
                                              VALUE *size)
{
    VALUE e = terms->value, p = V(div)(e, V(add)(V(set)(1), e));
    VALUE w = PLAIN(loss_weight)(x[0], x[1]);
    *slope = V(sub)(w, p);
    *slope = P(flip)(*slope, P(sign_below_zero)(x[0]));
    *size = PLAIN(size_of_product)(V(add)(V(abs)(w), p), V(set)(1));
    *size = V(select)(P(exceeds)(x[0], LARGEST), V(set)((SCALAR)INFINITY), *size); /* p is 0 */
#if OF_DOUBLES
    if (vm_bits(exceeds_in_doubles(vd_abs(x[0]), 40)))
        break_ties(x, w, slope, size);
#endif
}

OGIVE_INLINE void PLAIN(bce_with_logits_and_grad)(const VALUE *x, const V(terms) * terms, VALUE *y,
                                                  VALUE *size)
{
    PLAIN(bce_with_logits)(x, terms, &y[0], &size[0]);
    PLAIN(bce_with_logits_grad)(x, terms, &y[1], &size[1]);
}
#endif

#ifdef EXACT_TEXT
/* Between -1 and 1 as (1/2 - t) + tanh(x/2)/2, whose first term is exact. */
EXACT_FUNCTION(bce_with_logits_grad)
{
    const NUMBER t = SET(x[1]), half = SET(0.5);
    if (fabs(x[0]) < 1) {
        const NUMBER tanh = EXACT(tanh_of_half)(SET(x[0]), to);
        y[0] = ADD(SUBTRACT(half, t), MULTIPLY(half, tanh));
    } else {
        const NUMBER opposite = EXACT(sigmoid_of)(SET(-fabs(x[0])), to);
        const NUMBER w = SUBTRACT(SET(1.0), t);
        y[0] = x[0] > 0 ? SUBTRACT(w, opposite) : SUBTRACT(opposite, t);
    }
}

EXACT_FUNCTION(bce_with_logits)
{
    const NUMBER distance = SET(fabs(x[0])), t = SET(x[1]);
    const NUMBER w = x[0] > 0 ? SUBTRACT(SET(1.0), t) : t;
    y[0] = LOG1P(EXP_NEG(distance));
    if (!IS_ZERO(w)) /* else 0, even where x is infinite */
        y[0] = ADD(y[0], MULTIPLY(distance, w));
}

EXACT_FUNCTION(bce_with_logits_and_grad)
{
    EXACT(bce_with_logits)(x, &y[0], to);
    EXACT(bce_with_logits_grad)(x, &y[1], to);
}
#endif

#ifdef REGISTRATION
CERTIFIED(bce_with_logits, 2, 1, bce_with_logits_first, IN_DOUBLES, bce_with_logits_far)
CERTIFIED(bce_with_logits_grad, 2, 1, bce_with_logits_first, IN_PAIRS, bce_with_logits_grad_far)
CERTIFIED(bce_with_logits_and_grad, 2, 2, bce_with_logits_first, IN_DOUBLES,
          bce_with_logits_and_grad_far)
#endif
