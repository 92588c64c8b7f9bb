/* Binary cross-entropy of the logit x and the target t, and its derivative in x.
 *
 *   e = e^-|x|,  w = 1 - t for x >= 0, t below
 *   loss = softplus(x) - x t = log1p(e) + |x| w
 *   s(x) - t = w - e/(1 + e) for x >= 0, its opposite below
 * Nothing cancels in the loss of a t in [0, 1]; where w is 0 or exact, as for t = 0 and t = 1, the
 * derivative loses nothing either.
 *
 * Error: that of e, of log1p(e), 2^-60, and of e/(1 + e), in the larger term (strict.h); w and the
 * products are exact to 2^-105. Measured against 300 bits, a million x and t each, in ulp of the
 * largest term: loss and derivative 0.5315 (x = 512, t = 1).
 */
#ifndef OGIVE_KERNELS_LOSS_H
#define OGIVE_KERNELS_LOSS_H

#include "../accurate/log.h"
#include "strict.h"

/* True for NaN. */
OGIVE_INLINE vm not_a_probability(vd t) { return exceeds(vd_abs(t), 1.0); }

OGIVE_INLINE vd loss_weight(vd x, vd t, vd *low)
{
    const vd zero = vd_set(0.0), one = vd_set(1.0);
    vm negative = vd_not_at_least(x, zero);
    vd opposite = vd_sub(one, t);
    *low = vd_select(negative, zero, vd_sub(vd_sub(one, opposite), t));
    return vd_select(negative, t, opposite);
}

/* Not where x is -0.0, whose w is that of 0. */
OGIVE_INLINE vd flip_below_zero(vd slope, vd x)
{
    const vd zero = vd_set(0.0);
    return flip(slope, vd_select(vd_not_at_least(x, zero), vd_set(-0.0), zero));
}

OGIVE_INLINE vd loss_of(vdd e, vd distance, vdd w)
{
    vd curve, low, head = strict_log1p_terms(e, &curve, &low);
    vdd line = pair_scale(distance, w), sum = pair_of_sum(head, line.high);
    low = vd_add(sum.low, vd_add(low, line.low));
    return vd_add(sum.high, vd_add(curve, low));
}

OGIVE_INLINE vd loss_slope(vdd e, vd x, vdd w)
{
    quotient p = pair_divide(e, one_plus_small(e));
    vdd sum = pair_of_sum(w.high, vd_sub(vd_set(0.0), p.high));
    vd low = vd_add(sum.low, vd_strict_fma(p.rest, p.inverse, w.low));
    return flip_below_zero(vd_add(sum.high, low), x);
}

OGIVE_INLINE void bce_with_logits_first(const vd *x, vd_terms *terms)
{
    terms->pair = strict_exp(vd_abs(x[0]));
}

OGIVE_INLINE vm bce_with_logits_quick(const vd *x, const vd_terms *terms, vd *loss)
{
    vd distance = vd_abs(x[0]);
    vdd w;
    w.high = loss_weight(x[0], x[1], &w.low);
    *loss = loss_of(terms->pair, distance, w);
    return vm_or(exceeds(distance, STRICT_BOUND), not_a_probability(x[1]));
}

OGIVE_INLINE vm bce_with_logits_grad_quick(const vd *x, const vd_terms *terms, vd *slope)
{
    vd distance = vd_abs(x[0]);
    vdd w;
    w.high = loss_weight(x[0], x[1], &w.low);
    *slope = loss_slope(terms->pair, x[0], w);
    vm doubt = vm_or(exceeds(distance, STRICT_BOUND), not_a_probability(x[1]));
    return vm_or(doubt, below(vd_abs(*slope), STRICT_SMALL));
}

OGIVE_INLINE vm bce_with_logits_and_grad_quick(const vd *x, const vd_terms *terms, vd *y)
{
    vd distance = vd_abs(x[0]);
    vdd e = terms->pair, w;
    w.high = loss_weight(x[0], x[1], &w.low);
    y[0] = loss_of(e, distance, w);
    y[1] = loss_slope(e, x[0], w);
    vm doubt = vm_or(exceeds(distance, STRICT_BOUND), not_a_probability(x[1]));
    return vm_or(doubt, below(vd_abs(y[1]), STRICT_SMALL));
}

OGIVE_INLINE vd loss_weight_narrow(vd x, vd t)
{
    return vd_select(vd_not_at_least(x, vd_set(0.0)), t, vd_sub(vd_set(1.0), t));
}

OGIVE_INLINE vd loss_exp_narrow(vd distance)
{
    return strict_exp_narrow(vd_at_most(distance, vd_set(STRICT_NARROW_BOUND)));
}

OGIVE_INLINE vd loss_of_narrow(vd e, vd distance, vd w)
{
    return vd_strict_fma(distance, w, strict_log1p_narrow(e));
}

OGIVE_INLINE vd loss_slope_narrow(vd e, vd x, vd w)
{
    return flip_below_zero(vd_sub(w, vd_div(e, vd_add(vd_set(1.0), e))), x);
}

OGIVE_INLINE void bce_with_logits_first_narrow(const vd *x, vd_terms *terms)
{
    terms->value = loss_exp_narrow(vd_abs(x[0]));
}

OGIVE_INLINE vm bce_with_logits_narrow(const vd *x, const vd_terms *terms, vd *loss)
{
    vd w = loss_weight_narrow(x[0], x[1]);
    *loss = loss_of_narrow(terms->value, vd_abs(x[0]), w);
    return not_finite(*loss);
}

OGIVE_INLINE vm bce_with_logits_grad_narrow(const vd *x, const vd_terms *terms, vd *slope)
{
    *slope = loss_slope_narrow(terms->value, x[0], loss_weight_narrow(x[0], x[1]));
    return not_finite(vd_add(x[0], x[1]));
}

OGIVE_INLINE vm bce_with_logits_and_grad_narrow(const vd *x, const vd_terms *terms, vd *y)
{
    vd e = terms->value, w = loss_weight_narrow(x[0], x[1]);
    y[0] = loss_of_narrow(e, vd_abs(x[0]), w);
    y[1] = loss_slope_narrow(e, x[0], w);
    return not_finite(vd_add(x[0], x[1]));
}

OGIVE_INLINE scaled_dd loss_weight_scaled(double x, double t)
{
    return x > 0 ? scaled_add(scaled_set(1.0), scaled_set(-t)) : scaled_set(t);
}

OGIVE_COLD void bce_with_logits_careful(const double *x, double *loss, int digits)
{
    (void)digits;
    *loss = NAN;
    if (any_nan(x, 2))
        return;
    scaled_dd line = loss_weight_scaled(x[0], x[1]);
    if (line.value.high != 0) /* else 0, even where x is infinite */
        line = scaled_multiply(scaled_set(fabs(x[0])), line);
    *loss = scaled_round(scaled_add(softplus_phase2(-fabs(x[0])), line));
}

OGIVE_COLD void bce_with_logits_grad_careful(const double *x, double *slope, int digits)
{
    (void)digits;
    *slope = NAN;
    if (any_nan(x, 2))
        return;
    scaled_dd w = loss_weight_scaled(x[0], x[1]), p = sigmoid_phase2(-fabs(x[0]));
    if (fabs(x[0]) < 0x1p-60) { /* s(x) = 1/2 + x/4: where t is 1/2, x/4 is all there is */
        w = scaled_add(scaled_set(0.5), scaled_set(-x[1]));
        p = scaled_set(x[0]);
        p.exponent -= 2;
    } else if (x[0] > 0) {
        p = scaled_negate(p);
    } else {
        w = scaled_negate(w);
    }
    *slope = scaled_round(scaled_add(w, p));
}

OGIVE_COLD void bce_with_logits_and_grad_careful(const double *x, double *y, int digits)
{
    bce_with_logits_careful(x, &y[0], digits);
    bce_with_logits_grad_careful(x, &y[1], digits);
}

#define bce_with_logits_grad_first bce_with_logits_first
#define bce_with_logits_and_grad_first bce_with_logits_first
#define bce_with_logits_grad_first_narrow bce_with_logits_first_narrow
#define bce_with_logits_and_grad_first_narrow bce_with_logits_first_narrow
SEVERAL_INPUTS(bce_with_logits, 2, 1)
SEVERAL_INPUTS(bce_with_logits_grad, 2, 1)
SEVERAL_INPUTS(bce_with_logits_and_grad, 2, 2)
#define bce_with_logits_f64_phase3 NULL
#define bce_with_logits_grad_f64_phase3 NULL
#define bce_with_logits_and_grad_f64_phase3 NULL

#endif
