/* Gated units, soft selection, and the cells of recurrent networks.
 *
 *   glu     a / (1 + e^-b)
 *   swiglu  a b / (1 + e^-a)
 *   mix     (A + e B) / (1 + e) with e = e^-|x|, A and B being a and b, swapped for x < 0
 *   lstm    c_new = c / (1 + e^-f) + n / ((1 + e^-i) (1 - n)),  tanh(|g|) = n / (1 - n)
 *           h = n' / ((1 + e^-o) (1 - n')),  n' being that of |c_new|, of both its parts
 *   gru     u = xn + hn / (1 + e^-r),  tanh(|u|) = n / d,  d = 1 - n
 *           h_new = (e n + h d) / ((1 + e) d),  e = e^-z
 * in pairs, each quotient rounded once.
 *
 * Error: that of e or of n (strict.h); a quotient of pairs adds 2^-103. The cells' e, to 2^-55.7, are
 * 0.15 ulp each: h of lstm_cell, with three, is within 0.97. Measured against 300 bits and more, in
 * ulp of the largest term, a million inputs each (the cells: 250 thousand): glu 0.5386 and swiglu 0.5380
 * (beyond -500), mix 0.5230 (x = -343), h of lstm_cell 0.6636, c_new 0.6110, gru_cell 0.5834.
 */
#ifndef OGIVE_KERNELS_GATES_H
#define OGIVE_KERNELS_GATES_H

#include "../accurate/silu.h"
#include "../accurate/tanh.h"
#include "strict.h"

/* Of the Euclidean norm of a cell's inputs: two of them, or one and 1, then add up to less than
 * STRICT_BOUND / 2, so that e^-2x of a tanh stays normal. */
#define CELL_BOUND (STRICT_BOUND / 3)

/* 1 - tanh(30) < 2^-85. */
#define TANH_NARROW_BOUND 30.0

OGIVE_INLINE void glu_first(const vd *x, vd_terms *terms)
{
    vdd d = one_plus_exp(strict_exp_factors(vd_at_most(x[1], vd_set(STRICT_BOUND))));
    terms->pair = d;
    terms->value = vd_div(vd_set(1.0), d.high);
}

OGIVE_INLINE vm glu_quick(const vd *x, const vd_terms *terms, vd *y)
{
    vd a = x[0], b = x[1];
    quotient q = divide_by_inverse(a, terms->pair, terms->value);
    *y = rounded(q);
    vm doubt = vm_or(below(b, -STRICT_BOUND), exceeds(vd_abs(a), STRICT_LARGE));
    return vm_or(doubt, small_not_zero(*y, a));
}

OGIVE_INLINE void swiglu_first(const vd *x, vd_terms *terms)
{
    terms->pair = one_plus_exp(strict_exp_factors(x[0]));
    terms->value = vd_div(vd_set(1.0), terms->pair.high);
}

OGIVE_INLINE vm swiglu_quick(const vd *x, const vd_terms *terms, vd *y)
{
    vd a = x[0], b = x[1];
    quotient q = pair_divide_by_inverse(pair_of_product(a, b), terms->pair, terms->value);
    *y = rounded(q);
    vm doubt = vm_or(exceeds(vd_abs(a), STRICT_BOUND), exceeds(vd_abs(b), STRICT_LARGE));
    return vm_or(doubt, vm_and(small_not_zero(*y, a), not_zero(b)));
}

OGIVE_INLINE void mix_first(const vd *x, vd_terms *terms)
{
    terms->pair = strict_exp(vd_abs(x[2]));
    terms->value = vd_div(vd_set(1.0), vd_add(vd_set(1.0), terms->pair.high));
}

OGIVE_INLINE vm mix_quick(const vd *x, const vd_terms *terms, vd *y)
{
    vd distance = vd_abs(x[2]);
    vdd e = terms->pair;
    vm negative = vd_not_at_least(x[2], vd_set(0.0));
    vd larger = vd_select(negative, x[1], x[0]), smaller = vd_select(negative, x[0], x[1]);
    vdd product = pair_scale(smaller, e), sum = pair_of_sum(larger, product.high);
    sum.low = vd_add(sum.low, product.low);
    quotient q = pair_divide_by_inverse(sum, one_plus_small(e), terms->value);
    *y = rounded(q);
    vm doubt = exceeds(vd_add(vd_abs(larger), vd_abs(smaller)), STRICT_LARGE);
    doubt = vm_or(doubt, exceeds(distance, STRICT_BOUND));
    return vm_or(doubt, small_not_zero(*y, vd_or_bits(larger, smaller)));
}

/* As strict_exp_factors, with a term less, r + k STEP_TAIL rounded and r times the table's tail left
 * out: of e, 2^-56.3, 2^-59.0 and 2^-59.5 more; 2^-55.7 in all. */
OGIVE_INLINE exp_factors cell_exp_factors(vd x)
{
    exp_factors e;
    vd r, tail, k = strict_exp_reduce(x, ROUND_TO_INTEGER, &r, &e.power, &tail);
    r = vd_strict_fma(k, vd_set(EXP_STEP_TAIL), r);
    vd square = vd_mul(r, r);
    vd lower = vd_strict_fma(r, vd_set(EXP_U1), vd_set(EXP_U0));
    vd middle = vd_strict_fma(r, vd_set(EXP_U3), vd_set(EXP_U2));
    vd poly = vd_strict_fma(square, vd_strict_fma(square, vd_set(EXP_U4), middle), lower);
    e.u = vd_add(r, vd_strict_fma(square, poly, tail));
    return e;
}

OGIVE_INLINE vm cell_exceeds_bound(const vd *x)
{
    vd sum = vd_mul(x[0], x[0]);
    for (int k = 1; k < 5; k++)
        sum = vd_strict_fma(x[k], x[k], sum);
    return exceeds(sum, CELL_BOUND * CELL_BOUND);
}

/* c_new as high - low, which keeps the sign of zero. */
OGIVE_INLINE void lstm_cell_first(const vd *x, vd_terms *terms)
{
    vd i = x[0], f = x[1], g = x[2], c = x[4], sign = sign_of(g);
    exp_factors falling_f = cell_exp_factors(f), falling_i = cell_exp_factors(i);
    tanh_factors falling_g = strict_tanh_factors(vd_abs(g), NULL);
    vdd forget = one_plus_exp(falling_f), input = one_plus_exp(falling_i);
    vdd n = strict_tanh_numerator(falling_g), d = strict_tanh_denominator(n, input);
    n.high = flip(n.high, sign);
    n.low = flip(n.low, sign);
    quotient kept = divide_by_pair(c, forget), added = pair_divide(n, d);
    vdd sum = pair_of_sum(kept.high, added.high);
    vd over = vd_strict_fms(added.rest, added.inverse, sum.low);
    terms->pair.high = sum.high;
    terms->pair.low = vd_strict_fma(kept.rest, kept.inverse, over);
}

OGIVE_INLINE vm lstm_cell_quick(const vd *x, const vd_terms *terms, vd *y)
{
    vd g = x[2], o = x[3], c = x[4];
    vd cell = terms->pair.high, over = terms->pair.low, sign = sign_of(cell);
    y[1] = vd_sub(cell, over);
    over = flip(over, sign);
    exp_factors falling_o = cell_exp_factors(o);
    vdd n = strict_tanh_numerator(strict_tanh_factors(vd_abs(cell), &over));
    vd h = rounded(pair_divide(n, strict_tanh_denominator(n, one_plus_exp(falling_o))));
    y[0] = flip(h, sign);
    return vm_or(cell_exceeds_bound(x), small_not_zero(h, vd_or_bits(g, c)));
}

/* high - low, whose tanh is n. */
OGIVE_INLINE void gru_cell_first(const vd *x, vd_terms *terms)
{
    vd r = x[0], xn = x[2], hn = x[3];
    quotient reset = divide_by_pair(hn, one_plus_exp(cell_exp_factors(r)));
    vdd sum = pair_of_sum(xn, reset.high);
    terms->pair.high = sum.high;
    terms->pair.low = vd_strict_fms(reset.rest, reset.inverse, sum.low);
}

OGIVE_INLINE vm gru_cell_quick(const vd *x, const vd_terms *terms, vd *y)
{
    const vd one = vd_set(1.0);
    vd z = x[1], xn = x[2], hn = x[3], h = x[4];
    vd sign = sign_of(terms->pair.high), over = flip(terms->pair.low, sign);
    exp_factors falling_z = cell_exp_factors(z);
    vdd e = strict_exp_pair(falling_z), d;
    vdd n = strict_tanh_numerator(strict_tanh_factors(vd_abs(terms->pair.high), &over));
    d.high = vd_sub(one, n.high);
    d.low = vd_sub(vd_sub(vd_sub(one, d.high), n.high), n.low);
    n.high = flip(n.high, sign);
    n.low = flip(n.low, sign);

    vdd sum = pair_add(pair_multiply(e, n), pair_scale(h, d));
    quotient q = pair_divide(sum, pair_multiply(d, one_plus_exp(falling_z)));
    *y = rounded(q);

    vd inputs = vd_or_bits(vd_or_bits(xn, hn), h);
    return vm_or(cell_exceeds_bound(x), small_not_zero(*y, inputs));
}

OGIVE_INLINE void glu_first_narrow(const vd *x, vd_terms *terms)
{
    terms->value = one_plus_exp_narrow(strict_narrow_bounded(x[1]));
}

OGIVE_INLINE vm glu_narrow(const vd *x, const vd_terms *terms, vd *y)
{
    *y = vd_div(x[0], terms->value);
    return not_finite(*y);
}

OGIVE_INLINE void swiglu_first_narrow(const vd *x, vd_terms *terms)
{
    terms->value = one_plus_exp_narrow(strict_narrow_bounded(x[0]));
}

OGIVE_INLINE vm swiglu_narrow(const vd *x, const vd_terms *terms, vd *y)
{
    *y = vd_div(vd_mul(x[0], x[1]), terms->value);
    return not_finite(*y);
}

OGIVE_INLINE void mix_first_narrow(const vd *x, vd_terms *terms)
{
    terms->value = strict_exp_narrow(strict_narrow_bounded(x[2]));
}

OGIVE_INLINE vm mix_narrow(const vd *x, const vd_terms *terms, vd *y)
{
    vd e = terms->value;
    *y = vd_div(vd_add(x[0], vd_mul(e, x[1])), vd_add(vd_set(1.0), e));
    return not_finite(vd_add(vd_add(x[0], x[1]), x[2]));
}

/* tanh(x) = n / d */
OGIVE_INLINE vd strict_tanh_terms_narrow(vd x, vd *d)
{
    const double bound = TANH_NARROW_BOUND;
    vd n = tanh_numerator_narrow(vd_at_least(vd_at_most(x, vd_set(bound)), vd_set(-bound)));
    *d = vd_sub(vd_set(2.0), n);
    return n;
}

OGIVE_INLINE void lstm_cell_first_narrow(const vd *x, vd_terms *terms)
{
    vd i = x[0], f = x[1], g = x[2], c = x[4], d, n = strict_tanh_terms_narrow(g, &d);
    d = vd_mul(d, one_plus_exp_narrow(i));
    vd forget = one_plus_exp_narrow(f);
    terms->value = vd_div(vd_strict_fma(c, d, vd_mul(n, forget)), vd_mul(d, forget));
}

OGIVE_INLINE vm lstm_cell_narrow(const vd *x, const vd_terms *terms, vd *y)
{
    vd i = x[0], f = x[1], o = x[3], d, n = strict_tanh_terms_narrow(terms->value, &d);
    y[0] = vd_div(n, vd_mul(d, one_plus_exp_narrow(o)));
    y[1] = terms->value;
    vd gates = vd_add(vd_add(vd_abs(i), vd_abs(f)), vd_abs(o));
    return vm_or(exceeds(gates, STRICT_BOUND), not_finite(y[1]));
}

OGIVE_INLINE void gru_cell_first_narrow(const vd *x, vd_terms *terms)
{
    terms->value = vd_add(x[2], vd_div(x[3], one_plus_exp_narrow(x[0])));
}

OGIVE_INLINE vm gru_cell_narrow(const vd *x, const vd_terms *terms, vd *y)
{
    vd r = x[0], z = x[1], h = x[4], d;
    vd n = strict_tanh_terms_narrow(terms->value, &d), e = strict_exp_narrow(z);
    vd sum = vd_strict_fma(h, d, vd_mul(e, n));
    *y = vd_div(sum, vd_strict_fma(d, e, d));
    return vm_or(exceeds(vd_add(vd_abs(r), vd_abs(z)), STRICT_BOUND), not_finite(*y));
}

/* s(x). Where x/4 is out of sight beside 1/2 its products would underflow, and in x87 registers they
 * would not. */
OGIVE_INLINE scaled_dd sigmoid_scaled(double x)
{
    return sigmoid_phase2(fabs(x) < 0x1p-200 ? 0.0 : x);
}

OGIVE_COLD void glu_careful(const double *x, double *y, int digits)
{
    (void)digits;
    *y = NAN;
    if (!any_nan(x, 2))
        *y = scaled_round(scaled_multiply(scaled_set(x[0]), sigmoid_scaled(x[1])));
}

OGIVE_COLD void swiglu_careful(const double *x, double *y, int digits)
{
    (void)digits;
    *y = NAN;
    if (!any_nan(x, 2))
        *y = scaled_round(scaled_multiply(silu_phase2(x[0]), scaled_set(x[1])));
}

/* 0 <= a < 2^exponent. */
OGIVE_INLINE int scaled_below(scaled_dd a, int exponent)
{
    scaled_dd opposite = {{-1.0, 0.0}, exponent, 0.0};
    return scaled_add(a, opposite).value.high < 0;
}

/* As np.where would: a or b where x is infinite; and where s(x) rounds to 1 or 0 in the dtype, an
 * input that is not finite and has no part in the result leaves it alone. */
OGIVE_COLD void mix_careful(const double *x, double *y, int digits)
{
    const int least = /* smallest subnormal */
        digits == 53   ? -1074
        : digits == 24 ? -149
        : digits == 11 ? -24
                       : -133;
    const int certain = fabs(x[2]) == INFINITY;
    *y = NAN;
    if (x[2] != x[2])
        return;
    scaled_dd rising = sigmoid_scaled(x[2]), falling = sigmoid_scaled(-x[2]);
    if ((certain || !(fabs(x[1]) <= DBL_MAX)) && scaled_below(falling, -digits - 1))
        *y = x[0];
    else if ((certain || !(fabs(x[0]) <= DBL_MAX)) && scaled_below(rising, least - 1))
        *y = x[1];
    else if (!any_nan(x, 2))
        *y = scaled_round(scaled_add(scaled_multiply(rising, scaled_set(x[0])),
                                     scaled_multiply(falling, scaled_set(x[1]))));
}

/* tanh(x) = tanh(a) + (x - a) (1 - tanh(a)^2) ..., a = x rounded. */
OGIVE_INLINE scaled_dd tanh_of_scaled(scaled_dd x)
{
    double a = scaled_round(x);
    if (a != a)
        return x;
    scaled_dd tanh = tanh_phase2(a);
    if (fabs(a) > 64) /* the derivative is below 2^-180 */
        return tanh;
    scaled_dd rest = scaled_add(x, scaled_set(-a));
    scaled_dd slope = scaled_add(scaled_set(1.0), scaled_negate(scaled_multiply(tanh, tanh)));
    return scaled_add(tanh, scaled_multiply(rest, slope));
}

OGIVE_COLD void lstm_cell_careful(const double *x, double *y, int digits)
{
    const double of_cell[] = {x[0], x[1], x[2], x[4]};
    (void)digits;
    y[0] = y[1] = NAN;
    if (any_nan(of_cell, 4))
        return;
    scaled_dd added = scaled_multiply(sigmoid_scaled(x[0]), tanh_phase2(x[2]));
    scaled_dd kept = scaled_multiply(sigmoid_scaled(x[1]), scaled_set(x[4]));
    scaled_dd cell = scaled_add(kept, added);
    y[1] = scaled_round(cell);
    if (x[3] == x[3]) /* c_new does not depend on o */
        y[0] = scaled_round(scaled_multiply(sigmoid_scaled(x[3]), tanh_of_scaled(cell)));
}

OGIVE_COLD void gru_cell_careful(const double *x, double *y, int digits)
{
    (void)digits;
    *y = NAN;
    if (any_nan(x, 5))
        return;
    scaled_dd reset = scaled_multiply(sigmoid_scaled(x[0]), scaled_set(x[3]));
    scaled_dd n = tanh_of_scaled(scaled_add(scaled_set(x[2]), reset));
    n = scaled_multiply(sigmoid_scaled(-x[1]), n);
    scaled_dd kept = scaled_multiply(sigmoid_scaled(x[1]), scaled_set(x[4]));
    *y = scaled_round(scaled_add(n, kept));
}

SEVERAL_INPUTS(glu, 2, 1)
SEVERAL_INPUTS(swiglu, 2, 1)
SEVERAL_INPUTS(mix, 3, 1)
SEVERAL_INPUTS(lstm_cell, 5, 2)
SEVERAL_INPUTS(gru_cell, 5, 1)
#define glu_f64_phase3 NULL
#define swiglu_f64_phase3 NULL
#define mix_f64_phase3 NULL
#define lstm_cell_f64_phase3 NULL
#define gru_cell_f64_phase3 NULL

#endif
