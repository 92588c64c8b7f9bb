/* sigmoid, its derivative, silu and tanh of complex numbers x + iy, in pairs of doubles.
 *
 *   e = e^-|x|, p = (1 + e)/2, n = (1 - e)/2, h = cos(y/2), g = sin(y/2)
 *   a = p h^2, b = n g^2, d = p a + n b, a quarter of |1 + e^(-|x| + iy)|^2
 *   s(z) = (a + b)/(2 d) + i e/2 g h/d          x >= 0; below, the first is e/2 (a - b)/d
 *   s'(z) = e/2 (p a - n b)/(2 d^2) -+ i e/2 p n g h/d^2
 *   tanh(z/2) = +- p n/d + i e g h/d
 *
 * No term of d is negative: nothing cancels near a pole, where d is 0. What cancels in the numerators is
 * small beside the modulus; where the imaginary part is small they are products.
 *
 * y/2 = k pi/2 + r with r as a pair (trig_constants.h). Error, relative, in units of 2^-53:
 *   0.3   g and h: the roundings of r^3 S(r^2), which is below a tenth of r
 *   2.0   g^2 h^2 over d^2 in the derivative: sums of such errors near a pole, twice
 *   1.0   the result as one double
 * The pairs of e, of products and quotients add 2^-8. That is 3 units, 3 ulp at most. For |x| and |y| up
 * to OGIVE_COMPLEX_BOUND; other numbers are the caller's. */

#include "trig_constants.h"

#if defined(PAIR_TEXT) && OF_DOUBLES
typedef struct {
    vdd half_e, p, n, gh, a, b, pa, nb, d;
    vd inverse; /* of d */
} complex_terms;

OGIVE_INLINE vdd negate_in_doubles(vdd a) { return flip_pair_in_doubles(a, vd_set(-0.0)); }

/* high + low, |high| > |low| */
OGIVE_INLINE vdd normal_in_doubles(vd high, vd low)
{
    vdd sum;
    sum.high = vd_add(high, low);
    sum.low = vd_sub(low, vd_sub(sum.high, high));
    return sum;
}

/* -0 where bit 1 of an integer in the low bits is set, else 0. */
OGIVE_INLINE vd sign_of_quadrant(vd shifted)
{
    return vd_sub_shifted(vd_set(0.0), vd_and_bits(shifted, vd_set(0x2p-1074)), 62);
}

/* cos and sin of an angle up to OGIVE_COMPLEX_BOUND. */
OGIVE_INLINE void cos_and_sin(vd angle, vdd *cosine, vdd *sine)
{
    const vd magic = vd_set(ROUND_TO_INTEGER);
    vd shifted = vd_fma(angle, vd_set(TRIG_STEPS_PER_UNIT), magic), k = vd_sub(shifted, magic);
    vd rest = vd_sub(angle, vd_mul(k, vd_set(TRIG_STEP_HIGH))); /* exact */
    vdd r = sum_in_doubles(rest, vd_mul(k, vd_set(-TRIG_STEP_MIDDLE)));
    r.low = vd_fnma(k, vd_set(TRIG_STEP_LOW), r.low);

    vd square = vd_mul(r.high, r.high), half = vd_mul(square, vd_set(0.5));
    vd lost = vd_residual(r.high, r.high, square);
    vd poly = vd_fma(square, vd_set(TRIG_S6), vd_set(TRIG_S5));
    poly = vd_fma(square, poly, vd_set(TRIG_S4));
    poly = vd_fma(square, poly, vd_set(TRIG_S3));
    poly = vd_fma(square, poly, vd_set(TRIG_S2));
    poly = vd_fma(square, poly, vd_set(TRIG_S1));
    poly = vd_fma(square, poly, vd_set(TRIG_S0));
    vd low = vd_fnma(half, r.low, r.low);
    vdd s = normal_in_doubles(r.high, vd_fma(vd_mul(square, r.high), poly, low));

    poly = vd_fma(square, vd_set(TRIG_C5), vd_set(TRIG_C4));
    poly = vd_fma(square, poly, vd_set(TRIG_C3));
    poly = vd_fma(square, poly, vd_set(TRIG_C2));
    poly = vd_fma(square, poly, vd_set(TRIG_C1));
    poly = vd_fma(square, poly, vd_set(TRIG_C0));
    vd one = vd_set(1.0), first = vd_sub(one, half);
    low = vd_sub(vd_sub(one, first), half);
    low = vd_sub(low, vd_fma(r.high, r.low, vd_mul(lost, vd_set(0.5))));
    vdd c = normal_in_doubles(first, vd_fma(vd_mul(square, square), poly, low));

    vm odd = vd_differs(vd_and_bits(shifted, vd_set(0x1p-1074)), vd_set(0.0));
    *cosine = flip_pair_in_doubles(select_pair(odd, s, c), sign_of_quadrant(vd_add(shifted, one)));
    *sine = flip_pair_in_doubles(select_pair(odd, c, s), sign_of_quadrant(shifted));
}

/* The terms of |x| and y/2, once for all functions. */
OGIVE_APART void set_terms(const vd *distance, const vd *angle, complex_terms *t)
{
    vd power, tail;
    vdd h, g, u = exp_neg_terms(*distance, &power, &tail, 1);
    u.low = vd_add(vd_fma(tail, u.high, tail), u.low);
    t->n = tanh_numerator_in_doubles(u, power);
    t->half_e = times_one_plus_in_doubles(power, u);
    t->p = add_positive_in_doubles(vd_set(0.5), t->half_e);
    cos_and_sin(*angle, &h, &g);
    t->gh = multiply_in_doubles(g, h);
    t->a = multiply_in_doubles(t->p, multiply_in_doubles(h, h));
    t->b = multiply_in_doubles(t->n, multiply_in_doubles(g, g));
    t->pa = multiply_in_doubles(t->p, t->a);
    t->nb = multiply_in_doubles(t->n, t->b);
    t->d = add_in_doubles(t->pa, t->nb);
    t->inverse = vd_div(vd_set(1.0), t->d.high);
}

OGIVE_INLINE void set_terms_of_half(const vd *z, complex_terms *t)
{
    const vd distance = vd_abs(z[0]), angle = vd_mul(z[1], vd_set(0.5));
    set_terms(&distance, &angle, t);
}

OGIVE_INLINE vdd over_d(vdd numerator, const complex_terms *t)
{
    return divide_by_in_doubles(numerator, t->d, t->inverse);
}

/* A zero has the sign of a.high. */
OGIVE_INLINE vd rounded(vdd a)
{
    vd sum = vd_add(a.high, a.low);
    return vd_select(vd_differs(sum, vd_set(0.0)), sum, a.high);
}

/* s(z) = factor (re + i im) / d: of silu, only the whole product may be subnormal. */
typedef struct {
    vdd factor, re, im;
} complex_product;

OGIVE_INLINE complex_product sigmoid_of_complex(const vd *z, const complex_terms *t)
{
    const vm below = below_in_doubles(z[0], 0.0);
    const vdd one = only_high(vd_set(1.0));
    complex_product s;
    s.factor = select_pair(below, t->half_e, one);
    s.re = add_in_doubles(t->a, select_pair(below, negate_in_doubles(t->b), t->b));
    s.re = scale_in_doubles(vd_select(below, one.high, vd_set(0.5)), s.re);
    s.im = multiply_in_doubles(select_pair(below, one, t->half_e), t->gh);
    return s;
}

/* The functions, for y >= 0; at the conjugate, each is conjugate. */

OGIVE_INLINE void complex_sigmoid(const vd *z, vd *w)
{
    complex_terms t;
    set_terms_of_half(z, &t);
    complex_product s = sigmoid_of_complex(z, &t);
    w[0] = rounded(multiply_in_doubles(s.factor, over_d(s.re, &t)));
    w[1] = rounded(multiply_in_doubles(s.factor, over_d(s.im, &t)));
}

OGIVE_INLINE void complex_silu(const vd *z, vd *w)
{
    complex_terms t;
    set_terms_of_half(z, &t);
    complex_product s = sigmoid_of_complex(z, &t);
    vdd re = negate_in_doubles(scale_in_doubles(z[1], s.im)), im = scale_in_doubles(z[1], s.re);
    re = add_in_doubles(scale_in_doubles(z[0], s.re), re);
    im = add_in_doubles(scale_in_doubles(z[0], s.im), im);
    w[0] = rounded(multiply_in_doubles(s.factor, over_d(re, &t)));
    w[1] = rounded(multiply_in_doubles(s.factor, over_d(im, &t)));
}

OGIVE_INLINE void complex_sigmoid_grad(const vd *z, vd *w)
{
    complex_terms t;
    set_terms_of_half(z, &t);
    vdd scale = over_d(t.half_e, &t), product = multiply_in_doubles(t.p, t.n);
    vdd re = over_d(add_in_doubles(t.pa, negate_in_doubles(t.nb)), &t);
    vdd im = multiply_in_doubles(scale, over_d(multiply_in_doubles(product, t.gh), &t));
    vd sign = flip_in_doubles(sign_of_in_doubles(z[0]), vd_set(-0.0));
    w[0] = rounded(multiply_in_doubles(scale_in_doubles(vd_set(0.5), scale), re));
    w[1] = flip_in_doubles(rounded(im), sign);
}

OGIVE_INLINE void complex_tanh(const vd *z, vd *w)
{
    complex_terms t;
    const vd distance = vd_mul(vd_abs(z[0]), vd_set(2.0));
    set_terms(&distance, &z[1], &t);
    vdd twice = scale_in_doubles(vd_set(2.0), t.half_e);
    w[0] = vd_with_sign_of(rounded(over_d(multiply_in_doubles(t.p, t.n), &t)), z[0]);
    w[1] = rounded(over_d(multiply_in_doubles(twice, t.gh), &t));
}
#endif

#ifdef REGISTRATION
/* name_complex: real parts and imaginary parts, of the input and of the result. */
#define COMPLEX_KERNEL(name)                                                                       \
    static void name##_complex_f64_whole(char *const *args, ptrdiff_t n)                           \
    {                                                                                              \
        for (ptrdiff_t i = 0; i < n; i += VD_LANES) {                                              \
            vd w[2], y = vd_load_f64(args[1] + i * SIZE_f64);                                      \
            const vd z[2] = {vd_load_f64(args[0] + i * SIZE_f64), vd_abs(y)};                      \
            complex_##name(z, w);                                                                  \
            vd_store_f64(args[2] + i * SIZE_f64, w[0]);                                            \
            vd_store_f64(args[3] + i * SIZE_f64, flip_in_doubles(w[1], sign_of_in_doubles(y)));    \
        }                                                                                          \
    }                                                                                              \
    OF_ANY_LENGTH(name##_complex, f64, vd, VD_LANES, 2, 2, 0)
COMPLEX_KERNEL(sigmoid)
COMPLEX_KERNEL(sigmoid_grad)
COMPLEX_KERNEL(silu)
COMPLEX_KERNEL(tanh)

static const ogive_complex BACKEND_COMPLEX[] = {
    {"sigmoid", sigmoid_complex_f64},
    {"sigmoid_grad", sigmoid_grad_complex_f64},
    {"silu", silu_complex_f64},
    {"tanh", tanh_complex_f64},
    {NULL, NULL},
};
#endif
