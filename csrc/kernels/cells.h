/* The cells of recurrent networks.
 *
 *   lstm    c_new = c / (1 + e^-f) + n / ((1 + e^-i) (1 - n)),  tanh(|g|) = n / (1 - n)
 *           h = n' / ((1 + e^-o) (1 - n')),  n' being that of |c_new|, of both its parts
 *   gru     u = xn + hn / (1 + e^-r),  tanh(|u|) = n / d,  d = 1 - n
 *           h_new = (e n + h d) / ((1 + e) d),  e = e^-z
 *
 * Error, relative: a term has that of one gate, ERROR, and some ten roundings of pairs, which GATE_ERROR
 * adds as a fiftieth of it; with a tanh, ERROR + TANH_ERROR and in CELL_ERROR a hundredth of the sum. An error of a tanh's argument is one of the tanh
 * times min(1, 8 e), as long as it is far below 1, and of the result times its gate:
 * 1 / (1 + e) <= 1 / ((1 + e) (1 - n)).
 *
 * Gates are cut at GATE_BOUND, which may be off by all that lies beyond: GATE_OUT_OF_SIGHT of what they
 * are times.
 *
 * Plain floats: a term of a cell is within 13 units of 2^-24, h of lstm_cell, whose argument is such a sum,
 * within 17; CELL_SIZE takes 18, three times the test's 6, and what a gate alone is times, within 5, the 6. */

#ifdef PAIR_TEXT
/* c_new, and the width of its error. */
OGIVE_INLINE void P(lstm_cell_first)(const VALUE *x, V(terms) * terms)
{
    VALUE c = x[4], sign = P(sign_of)(x[2]), power;
    PAIR forget = P(one_plus)(P(exp_neg)(P(clamp)(x[1], GATE_BOUND)));
    PAIR input = P(one_plus)(P(exp_neg)(P(clamp)(x[0], GATE_BOUND)));
    PAIR change = P(tanh_change)(V(abs)(x[2]), NULL, &power);
    PAIR n = P(tanh_numerator)(change, power), numerator = {c, V(set)(0)};
    PAIR added = P(flip_pair)(P(divide)(n, P(tanh_denominator)(n, input)), sign);
    PAIR kept = P(divide)(numerator, forget);
    terms->pair = P(add)(kept, added);
    terms->value = V(mul)(V(add)(V(abs)(c), n.high), V(set)(GATE_OUT_OF_SIGHT));
    terms->value = V(fma)(V(abs)(kept.high), V(set)(GATE_ERROR), terms->value);
    terms->value = V(fma)(V(abs)(added.high), V(set)(CELL_ERROR), terms->value);
}

/* What an error of a tanh's argument, far below 1, is to the tanh, at most: min(1, 8 e), e = 1 - 2 n; not
 * 0 where n is rounded up to 1/2. */
OGIVE_INLINE VALUE P(tanh_slope)(PAIR n)
{
    return V(at_most)(V(fnma)(V(set)(16 * BELOW_ONE), n.high, V(set)(8)), V(set)(1));
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
    terms->value = V(fma)(V(abs)(reset.high), V(set)(GATE_ERROR), terms->value);
    terms->value = V(fma)(V(abs)(x[3]), V(set)(GATE_OUT_OF_SIGHT), terms->value);
}

/* (e n + h d) / ((1 + e) d),  d = 1 - n */
OGIVE_INLINE MASK P(gru_cell)(const VALUE *x, const V(terms) * terms, VALUE *y)
{
    VALUE h = x[4], sign = P(sign_of)(terms->pair.high), low = P(flip)(terms->pair.low, sign),
          power;
    PAIR e = P(exp_neg)(P(clamp)(x[1], GATE_BOUND));
    PAIR change = P(tanh_change)(V(abs)(terms->pair.high), &low, &power);
    PAIR n = P(tanh_numerator)(change, power), d = P(one_minus_pair)(n);
    PAIR taken = P(flip_pair)(P(multiply)(e, n), sign), kept = P(scale)(h, d);
    PAIR sum = P(add)(taken, kept), below = P(multiply)(d, P(one_plus)(e));
    VALUE inverse = V(div)(V(set)(1), below.high);
    PAIR result = P(divide_by)(sum, below, inverse);
    VALUE own = V(mul)(V(abs)(taken.high), V(set)(CELL_ERROR));
    own = V(fma)(V(abs)(kept.high), V(set)(GATE_ERROR), own);
    VALUE width = V(mul)(V(mul)(terms->value, P(tanh_slope)(n)), V(mul)(e.high, inverse));
    width = V(fma)(V(add)(n.high, V(abs)(h)), V(set)(GATE_OUT_OF_SIGHT), width);
    width = V(fma)(own, inverse, width);
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
OGIVE_INLINE vdd select_pair(vm mask, vdd yes, vdd no)
{
    vdd chosen = {vd_select(mask, yes.high, no.high), vd_select(mask, yes.low, no.low)};
    return chosen;
}

/* e^(b - a), b - a cut at -620. */
OGIVE_INLINE vdd exp_neg_of_difference(vd a, vd b)
{
    vdd distance = sum_in_doubles(a, opposite_of(b));
    vdd e = exp_neg_in_doubles(vd_at_most(distance.high, vd_set(620.0)));
    e.low = vd_fnma(e.high, distance.low, e.low);
    return e;
}

/* tanh(a); n as in tanh.h. */
OGIVE_INLINE vdd tanh_of_pair(vdd a, vdd *n)
{
    vd sign = sign_of_in_doubles(a.high), low = flip_in_doubles(a.low, sign), power;
    vdd change = tanh_change_in_doubles(vd_abs(a.high), &low, &power);
    *n = tanh_numerator_in_doubles(change, power);
    return flip_pair_in_doubles(divide_in_doubles(*n, one_minus_pair_in_doubles(*n)), sign);
}

/* Of the larger gate L, where both are shut, c_new is e^L (e^(f - L) c + e^(i - L) tanh(g)), and h that
 * times s(o); where the output's gate is shut, h is e^o times a tanh; c_new is infinite where c is. Gates
 * are cut 620 below L, and their sums at 4000: beyond, the result is 0. Below 2^-600 a factor may be what
 * is left of a gate that was cut, or have lost low bits. */
OGIVE_COLD vm lstm_cell_far(const vd *x, vd *y)
{
    const vd zero = vd_set(0.0), cell_error = vd_set(CELL_ERROR), furthest = vd_set(2000.0);
    const vdd one = {vd_set(1.0), zero}, c = {x[4], zero}, g = {x[2], zero};
    vd larger = vd_at_least(x[0], x[1]), distance = opposite_of(larger), far_cell, far_output;
    vm shut = below_in_doubles(larger, -LEAST_DISTANCE);
    vm closed = below_in_doubles(x[3], -LEAST_DISTANCE);
    vm infinite = exceeds_in_doubles(vd_abs(c.high), LARGEST);
    infinite = vm_and(infinite, exceeds_in_doubles(x[1], -LARGEST));
    vm huge = exceeds_in_doubles(vd_abs(c.high), MODERATE_FACTOR);

    vdd n, candidate = tanh_of_pair(g, &n);
    vdd input = exp_neg_of_difference(larger, x[0]), forget = exp_neg_of_difference(larger, x[1]);
    vdd added = multiply_in_doubles(input, candidate), kept = scale_in_doubles(c.high, forget);
    vdd lifted = add_in_doubles(kept, added);
    vd lifted_width = vd_mul(vd_add(vd_abs(kept.high), vd_abs(added.high)), cell_error);
    vm doubt = far_below_within(&lifted, lifted_width, distance, &far_cell);
    doubt = vm_or(doubt, below_in_doubles(vd_abs(lifted.high), 0x1p-600));
    doubt = vm_or(doubt, huge);

    vd_terms terms;
    lstm_cell_first_in_doubles(x, &terms);
    vdd cell = select_pair(infinite, c, terms.pair);
    vd width = vd_select(infinite, zero, terms.value);
    vm unsure = round_in_doubles(cell, width, &y[1]);
    y[1] = vd_select(doubt, y[1], far_cell);
    doubt = vm_and(doubt, unsure);

    vdd saturated = {vd_with_sign_of(vd_set(2 * TANH_BOUND), c.high), zero};
    vdd tanh = tanh_of_pair(select_pair(infinite, saturated, cell), &n);
    vd tanh_width = vd_mul(width, tanh_slope_in_doubles(n));
    vdd gate = one_plus_in_doubles(exp_neg_in_doubles(clamp_in_doubles(x[3], GATE_BOUND)));
    gate = select_pair(closed, one, divide_in_doubles(one, gate));
    vdd output = multiply_in_doubles(select_pair(shut, lifted, tanh), gate);
    vd output_width = vd_mul(vd_select(shut, lifted_width, tanh_width), gate.high);
    output_width = vd_fma(vd_abs(output.high), cell_error, output_width);
    distance = vd_select(shut, vd_at_most(distance, furthest), zero);
    vd beyond = vd_select(closed, vd_at_most(opposite_of(x[3]), furthest), zero);
    vdd both = sum_in_doubles(distance, beyond);
    output.low = vd_fnma(output.high, both.low, output.low);
    unsure = round_in_doubles(output, output_width, &y[0]);
    unsure = vm_or(unsure, exceeds_in_doubles(both.high, 0));
    vm far_unsure = far_below_within(&output, output_width, both.high, &far_output);
    y[0] = vd_select(far_unsure, y[0], far_output);
    unsure = vm_or(vm_and(unsure, far_unsure), exceeds_in_doubles(width, FAR_BELOW_1));
    unsure = vm_or(unsure, vm_and(shut, huge));
    return vm_or(doubt, vm_or(unsure, below_in_doubles(vd_abs(output.high), 0x1p-600)));
}
#endif

#ifdef PLAIN_TEXT
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
    VALUE size = V(fma)(added, V(set)(CELL_SIZE), V(abs)(kept)), all = V(add)(V(abs)(c), n);
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
    VALUE size = V(add)(V(abs)(x[2]), V(abs)(reset));
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
    VALUE all = V(add)(n, V(abs)(h)), own = V(mul)(V(mul)(p, taken), V(set)(CELL_SIZE));
    *size = V(fma)(terms->pair.high, slope, V(add)(own, V(abs)(kept)));
    *size = PLAIN(size_beside)(V(fma)(all, V(set)(CELL_OUT_OF_SIGHT), *size), all);
}
#endif

#ifdef EXACT_TEXT
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
CERTIFIED(lstm_cell, 5, 2, lstm_cell_first, IN_PAIRS, lstm_cell_far)
CERTIFIED(gru_cell, 5, 1, gru_cell_first, IN_PAIRS, no_far)
#endif
