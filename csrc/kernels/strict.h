/* What the functions of several inputs are made of. No rounding test certifies their results: to
 * give the same bits on every backend, they do the same operations in the same order, each rounded
 * once. Plain vd_fma is none of these, unless its product is exact.
 *
 * float64: pairs high + low, whose high parts need not be rounded sums.
 *   r, T, tail as in sigmoid.h: e^-x = T e^(r + tail)
 *   u = r + s rounded,  s = r^2 S(r) + tail (1 + r)
 *   e = T + T u as a pair
 *
 * Error of e relative to itself:
 *   2^-59.0   rounding of u, |u| < 2^-5.5
 *   2^-57.6   tail r^2/2 at |x| = 600: 2^-45.6 2^-12.0; at 40, 2^-61.5
 *   2^-64.5   S(r), minimax: 2^-60 |r|; rounding of s
 *   2^-57.1   sum; 2^-58.7 for |x| < 40
 * so that a result in which e is a factor is within 0.56 ulp (0.5 is its own rounding), 0.52 for
 * |x| < 40; in 1 + e it is half of that or less.
 *
 * 1 + e is 1 + T + T u: its high part rounded three times, its low part what these lost, to 2^-58.5.
 * The cells take e to 2^-55.7 (gates.h).
 *
 * tanh(x) = n / (1 - n) with n = (1 - e)/2, e = e^-2x: of T/2 for T, n is made of (1/2 - T) - T r - T s,
 * where 1/2 - T is 0 or exceeds T |r + s| twofold: relative error 2^-59.
 *
 * log1p(e) as in log1p.h, with S of degree 8 (2^-62.3 of t) and without the low half of t^2/2:
 * within 2^-60.
 *
 * float32 and float16: doubles that are rounded once, to half an ulp and what they were off. In e that
 * is 2^-29.2 of it, 0.026 ulp of float32; in tanh 2^-32 and in log1p(e) 2^-33.2, 0.004 and 0.002. With
 * three e and two tanh, h of lstm_cell is within 0.59 ulp. Only silu_backward, whose sum cancels, takes
 * e to 2^-47. What is not finite on any backend is left to the careful path on all: it is the more
 * precise one. */
#ifndef OGIVE_KERNELS_STRICT_H
#define OGIVE_KERNELS_STRICT_H

#include "../accurate/sigmoid.h"
#include "log1p_constants.h"
#include "run.h"
#include "sigmoid.h"
#include "strict_constants.h"

/* e^-600 = 2^-866: nothing overflows, and the error of a product of such numbers is still normal. */
#define STRICT_BOUND 600.0

/* Other factors and results between these, or 0, keep their products' errors exact. */
#define STRICT_LARGE 0x1p980
#define STRICT_SMALL 0x1p-900

/* All true for NaN. */
OGIVE_INLINE vm exceeds(vd a, double bound) { return vd_not_at_least(vd_set(bound), a); }
OGIVE_INLINE vm below(vd a, double bound) { return vd_not_at_least(a, vd_set(bound)); }
OGIVE_INLINE vm not_zero(vd a) { return vd_differs(a, vd_set(0.0)); }
OGIVE_INLINE vm is_nan(vd a) { return vd_differs(a, a); }
OGIVE_INLINE vm not_finite(vd a) { return exceeds(vd_abs(a), DBL_MAX); }

/* y is too small for exact products, and not because the input is 0. */
OGIVE_INLINE vm small_not_zero(vd y, vd input)
{
    return vm_and(below(vd_abs(y), STRICT_SMALL), not_zero(input));
}

OGIVE_INLINE vd sign_of(vd a) { return vd_and_bits(a, vd_set(-0.0)); }
OGIVE_INLINE vd flip(vd a, vd sign) { return vd_add_bits(a, sign); }

/* Pairs
 * ----- */

OGIVE_INLINE vdd pair_of_sum(vd a, vd b)
{
    vdd sum;
    sum.high = vd_add(a, b);
    vd seen = vd_sub(sum.high, a);
    sum.low = vd_add(vd_sub(a, vd_sub(sum.high, seen)), vd_sub(b, seen));
    return sum;
}

OGIVE_INLINE vdd pair_add(vdd a, vdd b)
{
    vdd sum = pair_of_sum(a.high, b.high);
    sum.low = vd_add(sum.low, vd_add(a.low, b.low));
    return sum;
}

OGIVE_INLINE vdd pair_of_product(vd a, vd b)
{
    vdd product;
    product.high = vd_mul(a, b);
    product.low = vd_residual(a, b, product.high);
    return product;
}

OGIVE_INLINE vdd pair_scale(vd a, vdd b)
{
    vdd product = pair_of_product(a, b.high);
    product.low = vd_strict_fma(a, b.low, product.low);
    return product;
}

OGIVE_INLINE vdd pair_multiply(vdd a, vdd b)
{
    vdd product = pair_scale(a.high, b);
    product.low = vd_strict_fma(a.low, b.high, product.low);
    return product;
}

/* high - rest inverse: with this sign, a zero keeps its own. */
typedef struct {
    vd high, rest, inverse;
} quotient;

OGIVE_INLINE quotient divide_by_inverse(vd n, vdd d, vd inverse)
{
    vd high = vd_mul(n, inverse), rest = vd_residual(high, d.high, n);
    quotient q = {high, vd_strict_fma(high, d.low, rest), inverse};
    return q;
}

OGIVE_INLINE quotient pair_divide_by_inverse(vdd n, vdd d, vd inverse)
{
    vd high = vd_mul(n.high, inverse), rest = vd_sub(vd_residual(high, d.high, n.high), n.low);
    quotient q = {high, vd_strict_fma(high, d.low, rest), inverse};
    return q;
}

OGIVE_INLINE quotient divide_by_pair(vd n, vdd d)
{
    return divide_by_inverse(n, d, vd_div(vd_set(1.0), d.high));
}

OGIVE_INLINE quotient pair_divide(vdd n, vdd d)
{
    return pair_divide_by_inverse(n, d, vd_div(vd_set(1.0), d.high));
}

/* Not fnma(rest, inverse, high): of the negative of an fma gcc makes one instruction for some targets, in
 * which a zero has the other sign. */
OGIVE_INLINE vd rounded(quotient q) { return vd_strict_fnma(q.inverse, q.rest, q.high); }

/* 1 + e, e <= 1. */
OGIVE_INLINE vdd one_plus_small(vdd e)
{
    const vd one = vd_set(1.0);
    vdd d;
    d.high = vd_add(one, e.high);
    d.low = vd_add(vd_sub(e.high, vd_sub(d.high, one)), e.low);
    return d;
}

/* float64
 * ------- */

/* k, r, T and the table's part of the tail; `round_to_integer` + 16 halves T. */
OGIVE_INLINE vd strict_exp_reduce(vd x, double round_to_integer, vd *r, vd *power, vd *tail)
{
    const reg_table powers = reg_table_load(exp_power16), tails = reg_table_load(exp_power16_tail);
    const vd magic = vd_set(round_to_integer);

    vd shifted = vd_strict_fma(x, vd_set(EXP_STEPS_PER_UNIT), magic);
    vd k = vd_sub(shifted, magic);
    *power = vd_sub_shifted(vd_table_get(powers, shifted), shifted, 48);
    *tail = vd_table_get(tails, shifted);
    *r = vd_residual(k, vd_set(EXP_STEP), x);
    return k;
}

/* s. Estrin's scheme is 3 to 8 % faster than Horner's, though an instruction longer. */
OGIVE_INLINE vd strict_exp_curve(vd r, vd tail)
{
    vd square = vd_mul(r, r);
    vd lower = vd_strict_fma(r, vd_set(EXP_S1), vd_set(EXP_S0));
    vd middle = vd_strict_fma(r, vd_set(EXP_S3), vd_set(EXP_S2));
    vd upper = vd_strict_fma(r, vd_set(EXP_S5), vd_set(EXP_S4));
    vd poly = vd_strict_fma(square, vd_strict_fma(square, upper, middle), lower);
    return vd_strict_fma(square, poly, vd_strict_fma(r, tail, tail));
}

/* T and u. The functions of several exponentials take all of these before the pairs, side by side:
 * a processor that looks at a hundred instructions then finds some that wait for no other. */
typedef struct {
    vd power, u;
} exp_factors;

OGIVE_INLINE exp_factors strict_exp_factors(vd x)
{
    exp_factors e;
    vd r, tail, k = strict_exp_reduce(x, ROUND_TO_INTEGER, &r, &e.power, &tail);
    tail = vd_strict_fma(k, vd_set(EXP_STEP_TAIL), tail);
    e.u = vd_add(r, strict_exp_curve(r, tail));
    return e;
}

OGIVE_INLINE vdd strict_exp_pair(exp_factors factors)
{
    vdd e;
    e.high = vd_strict_fma(factors.power, factors.u, factors.power);
    e.low = vd_residual(factors.power, factors.u, vd_sub(e.high, factors.power));
    return e;
}

/* e^-x, |x| <= STRICT_BOUND. */
OGIVE_INLINE vdd strict_exp(vd x) { return strict_exp_pair(strict_exp_factors(x)); }

/* 1 + e */
OGIVE_INLINE vdd one_plus_exp(exp_factors e)
{
    const vd one = vd_set(1.0);
    vd larger = vd_at_least(e.power, one), smaller = vd_at_most(e.power, one);
    vdd d;
    d.high = vd_strict_fma(e.power, e.u, vd_add(larger, smaller));
    d.low = vd_strict_fma(e.power, e.u, vd_add(vd_sub(larger, d.high), smaller));
    return d;
}

/* For tanh: e^-2x = 2 T (1 + r + s). */
typedef struct {
    vd power, r, s;
} tanh_factors;

/* e^-2(x - over), 0 <= x <= STRICT_BOUND / 2; `over` is NULL for 0, or far below 1. */
OGIVE_INLINE tanh_factors strict_tanh_factors(vd x, const vd *over)
{
    tanh_factors e;
    vd tail, k = strict_exp_reduce(vd_add(x, x), ROUND_TO_INTEGER + 16, &e.r, &e.power, &tail);
    tail = vd_strict_fma(k, vd_set(EXP_STEP_TAIL), tail);
    if (over)
        tail = vd_fma(vd_set(2.0), *over, tail); /* the product is exact */
    e.s = strict_exp_curve(e.r, tail);
    return e;
}

/* n = (1 - e^-2x) / 2: tanh(x) = n / (1 - n) */
OGIVE_INLINE vdd strict_tanh_numerator(tanh_factors e)
{
    const vd half = vd_set(0.5);
    vd power = e.power, gap = vd_sub(half, power), gap_low = vd_sub(vd_sub(half, gap), power);
    vdd n;
    n.high = vd_strict_fnma(power, vd_add(e.r, e.s), gap);
    n.low = vd_strict_fnma(power, e.r, vd_sub(gap, n.high));
    n.low = vd_add(gap_low, vd_strict_fnma(power, e.s, n.low));
    return n;
}

/* (1 - n) d, n <= 1/2 */
OGIVE_INLINE vdd strict_tanh_denominator(vdd n, vdd d)
{
    vdd product;
    product.high = vd_strict_fnma(n.high, d.high, d.high);
    product.low = vd_strict_fnma(n.high, d.high, vd_sub(d.high, product.high));
    vd rest = vd_strict_fnma(n.low, d.high, vd_strict_fnma(n.high, d.low, d.low));
    product.low = vd_add(product.low, rest);
    return product;
}

/* log1p(e) = head + head_low + curve, 0 <= e <= 1, |curve| < 2^-6 |head|. */
OGIVE_INLINE vd strict_log1p_terms(vdd e, vd *curve, vd *head_low)
{
    const reg_table inverses = reg_table_load(log1p_inverse16);
    const reg_table logs = reg_table_load(log1p_log16);
    const reg_table rests = reg_table_load(log1p_log16_rest);
    const vd last = vd_set(15.0 / 16), sixteen = vd_set(16.0); /* its product is exact */

    vd cell = vd_fma(vd_at_most(e.high, last), sixteen, vd_set(ROUND_TO_INTEGER));
    vd inverse = vd_table_get(inverses, cell), base = vd_table_get(logs, cell);
    vdd product = pair_scale(inverse, e);
    vd t = vd_sub(product.high, vd_sub(vd_set(1.0), inverse));

    vd square = vd_mul(t, t), fourth = vd_mul(square, square);
    vd first = vd_strict_fma(t, vd_set(LOG1P_S1), vd_set(LOG1P_S0));
    vd second = vd_strict_fma(t, vd_set(LOG1P_S3), vd_set(LOG1P_S2));
    vd third = vd_strict_fma(t, vd_set(LOG1P_S5), vd_set(LOG1P_S4));
    vd rest = vd_strict_fma(t, vd_set(LOG1P_S7), vd_set(LOG1P_S6));
    rest = vd_strict_fma(square, vd_set(LOG1P_S8), rest);
    vd upper = vd_strict_fma(square, rest, third), lower = vd_strict_fma(square, second, first);
    *curve = vd_mul(square, vd_strict_fma(fourth, upper, lower));

    vd head = vd_add(base, t), t_low = vd_strict_fnma(t, product.low, product.low);
    *head_low = vd_add(vd_sub(t, vd_sub(head, base)), vd_table_get(rests, cell));
    *head_low = vd_add(*head_low, t_low);
    return head;
}

/* float32 and float16
 * ------------------- */

/* Beyond, no sigmoid changes a float result: 2^128 e^-300 < 2^-304. */
#define STRICT_NARROW_BOUND 300.0

OGIVE_INLINE vd strict_narrow_bounded(vd x)
{
    return vd_at_least(vd_at_most(x, vd_set(STRICT_NARROW_BOUND)), vd_set(-STRICT_NARROW_BOUND));
}

/* k, the number of steps in x, and e^-(k STEP). */
OGIVE_INLINE vd strict_exp_steps_narrow(vd x, double steps_per_unit, vd *power)
{
    const reg_table powers = reg_table_load(exp_power16);
    const vd magic = vd_set(ROUND_TO_INTEGER);
    vd shifted = vd_strict_fma(x, vd_set(steps_per_unit), magic);
    *power = vd_sub_shifted(vd_table_get(powers, shifted), shifted, 48);
    return vd_sub(shifted, magic);
}

/* k STEP - x, exact. */
OGIVE_INLINE vd strict_exp_reduce_narrow(vd x, vd *power)
{
    vd k = strict_exp_steps_narrow(x, EXP_STEPS_PER_UNIT, power);
    return vd_residual(k, vd_set(EXP_STEP), x);
}

/* e^-x = power poly */
OGIVE_INLINE vd strict_exp_poly_narrow(vd x, vd *power)
{
    vd r = strict_exp_reduce_narrow(x, power);
    vd poly = vd_strict_fma(r, vd_set(EXP_N3), vd_set(EXP_N2));
    poly = vd_strict_fma(r, poly, vd_set(EXP_N1));
    return vd_strict_fma(r, poly, vd_set(1.0));
}

OGIVE_INLINE vd strict_exp_narrow(vd x)
{
    vd power, poly = strict_exp_poly_narrow(x, &power);
    return vd_mul(power, poly);
}

OGIVE_INLINE vd one_plus_exp_narrow(vd x)
{
    vd power, poly = strict_exp_poly_narrow(x, &power);
    return vd_strict_fma(power, poly, vd_set(1.0));
}

/* e^-x to 2^-47 */
OGIVE_INLINE vd strict_exp_close(vd x)
{
    vd power, r = strict_exp_reduce_narrow(x, &power);
    vd poly = vd_strict_fma(r, vd_set(EXP_M5), vd_set(EXP_M4));
    poly = vd_strict_fma(r, poly, vd_set(EXP_M3));
    poly = vd_strict_fma(r, poly, vd_set(EXP_M2));
    poly = vd_strict_fma(r, poly, vd_set(EXP_M1));
    poly = vd_strict_fma(r, poly, vd_set(1.0));
    return vd_mul(power, poly);
}

/* n = 1 - e^-2x, tanh(x) = n / (2 - n): a zero keeps its sign. */
OGIVE_INLINE vd tanh_numerator_narrow(vd x)
{
    vd power, k = strict_exp_steps_narrow(x, 2 * EXP_STEPS_PER_UNIT, &power);
    /* x - k STEP/2, exact: e^-2x = power e^-2r */
    vd r = vd_strict_fnma(k, vd_set(EXP_STEP / 2), x);
    vd poly = vd_strict_fma(r, vd_set(16 * EXP_F3), vd_set(8 * EXP_F2));
    poly = vd_strict_fma(r, poly, vd_set(4 * EXP_F1));
    poly = vd_strict_fma(r, poly, vd_set(2 * EXP_F0));
    return vd_sub(vd_mul(power, vd_mul(r, poly)), vd_sub(power, vd_set(1.0)));
}

/* log1p(e) = log((1 + s)/(1 - s)), s = e/(2 + e), as in log1p.h. */
OGIVE_INLINE vd strict_log1p_narrow(vd e)
{
    vd s = vd_div(e, vd_add(e, vd_set(2.0))), square = vd_mul(s, s);
    vd poly = vd_strict_fma(square, vd_set(LOG_N5), vd_set(LOG_N4));
    poly = vd_strict_fma(square, poly, vd_set(LOG_N3));
    poly = vd_strict_fma(square, poly, vd_set(LOG_N2));
    poly = vd_strict_fma(square, poly, vd_set(LOG_N1));
    poly = vd_strict_fma(square, poly, vd_set(LOG_N0));
    return vd_mul(s, poly);
}

OGIVE_INLINE int any_nan(const double *x, int count)
{
    for (int k = 0; k < count; k++)
        if (x[k] != x[k])
            return 1;
    return 0;
}

#endif
