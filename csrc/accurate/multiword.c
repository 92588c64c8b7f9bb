/* Phase 3: exact comparison of |f(x)| with a midpoint m of two doubles.
 *
 * With a = |x|, e = e^-a, neither a division nor a logarithm is needed:
 *   s(x)        > m   <=>   1 > m (1 + e)  (x >= 0),           e > m (1 + e)  (x < 0)
 *   s'(x)       > m   <=>   e > m (1 + e)^2
 *   softplus(x) > m   <=>   (1 + e) e^-(m - max(x, 0)) > 1
 *   |logit(p)|  > m   <=>   (1 - q) e^-m > q,  q = min(p, 1 - p)
 *   |tanh(x)|   > m   <=>   1 - e^2 > m (1 + e^2)
 *   |silu(x)|   > m   <=>   a > m (1 + e)  (x >= 0),         a e > m (1 + e)  (x < 0)
 *   |silu'(x)|  > m   <=>   1 + e (1 + a) > m (1 + e)^2  (x >= 0)
 *                           e |1 - a + e| > m (1 + e)^2  (x < 0)
 *
 * Numbers are fixed-point integers in units of 2^-F, F = 2^5 fraction_words, the same for all of
 * one comparison. F exceeds the bits below 1 at which e or the result begins by `precision`, so
 * that x and m are exact where their last bits count and either side keeps that many significant
 * bits.
 *
 * e^-a = (e^-t)^(2^SQUARINGS), t = a / 2^SQUARINGS < 2^-8, by Taylor. In units of 2^-F:
 *   t                       1 (bits shifted out)
 *   Taylor, n terms         at most n (2 + remainder): each a product and a division, cut
 *   each squaring           doubles the error, as the value is <= 1, and adds 1
 *   so e is within          2^SQUARINGS (2 n + 4) < 2^(SQUARINGS + 10), n < 2^8: terms fall by 2^-8
 *   either side             less than 2^10 times that: its largest factor is a <= TAIL_BOUND
 * so that 2^(SQUARINGS + 21) units cover the difference. Relative to the result, with 256 bits:
 * 2^-216. If the two sides are nearer than that, the precision is doubled. By Lindemann's theorem
 * the sides differ for a rational x != 0 (logit: p != 1/2), so doubling ends. The nearest cases
 * are those by construction: |x| = 2^-52 where x^3/48 of s, silu or silu' alone decides, ends at
 * 2^-162. */
#include "multiword.h"

#include "double_double.h"

#include <stdint.h>
#include <string.h>

enum {
    SQUARINGS = 18,
    LOWEST_PRECISION = 256,
    HIGHEST_PRECISION = 2048,
    ERROR_BITS = SQUARINGS + 21,
    /* How far below 1 e or a result begins: 760/ln2 < 1097 bits, and 64 for a small x. */
    LOWEST_START = 1097 + 64,
    /* A word for the integer part, one for what a division by 32 leaves. */
    MAX_WORDS = (LOWEST_START + HIGHEST_PRECISION) / 32 + 3,
};

/* Little-endian; the last word is the integer part. */
typedef struct {
    uint32_t word[MAX_WORDS];
} fixed;

/* Beyond, s, s', silu and silu' are below half of the smallest subnormal, 2^-1075:
 * 760 e^-760 < 2^-1086. */
#define TAIL_BOUND 760.0

/* Beyond, all functions are within 2^-80 of their limits or asymptotes, relatively. */
#define NEAR_LIMIT 60.0

static void fixed_set(fixed *a, int words, uint64_t mantissa, int shift)
{
    /* mantissa 2^shift units; bits below the unit are cut. */
    memset(a->word, 0, (size_t)words * sizeof a->word[0]);
    for (int bit = 0; bit < 64; bit++) {
        int at = bit + shift;
        if (mantissa >> bit & 1 && at >= 0)
            a->word[at / 32] |= UINT32_C(1) << (at % 32);
    }
}

/* a b, cut. result may be a or b. */
static void fixed_multiply(fixed *result, const fixed *a, const fixed *b, int words)
{
    uint32_t product[2 * MAX_WORDS] = {0};
    for (int i = 0; i < words; i++) {
        uint64_t carry = 0;
        for (int j = 0; j < words; j++) {
            carry += (uint64_t)a->word[i] * b->word[j] + product[i + j];
            product[i + j] = (uint32_t)carry;
            carry >>= 32;
        }
        product[i + words] = (uint32_t)carry;
    }
    memcpy(result->word, product + words - 1, (size_t)words * sizeof product[0]);
}

static void fixed_divide_small(fixed *a, uint32_t divisor, int words)
{
    uint64_t rest = 0;
    for (int i = words - 1; i >= 0; i--) {
        rest = rest << 32 | a->word[i];
        a->word[i] = (uint32_t)(rest / divisor);
        rest %= divisor;
    }
}

static void fixed_add(fixed *a, const fixed *b, int words)
{
    uint64_t carry = 0;
    for (int i = 0; i < words; i++) {
        carry += (uint64_t)a->word[i] + b->word[i];
        a->word[i] = (uint32_t)carry;
        carry >>= 32;
    }
}

/* a - b, a >= b. */
static void fixed_subtract(fixed *a, const fixed *b, int words)
{
    uint64_t borrow = 0;
    for (int i = 0; i < words; i++) {
        uint64_t difference = (uint64_t)a->word[i] - b->word[i] - borrow;
        a->word[i] = (uint32_t)difference;
        borrow = difference >> 63;
    }
}

static int fixed_compare(const fixed *a, const fixed *b, int words)
{
    for (int i = words - 1; i >= 0; i--)
        if (a->word[i] != b->word[i])
            return a->word[i] < b->word[i] ? -1 : 1;
    return 0;
}

static int fixed_is_zero(const fixed *a, int words)
{
    for (int i = 0; i < words; i++)
        if (a->word[i])
            return 0;
    return 1;
}

/* The double value >= 0 as mantissa 2^exponent. */
static uint64_t decompose(double value, int *exponent)
{
    uint64_t bits = bits_of(value);
    int biased = (int)(bits >> 52 & 0x7ff);
    uint64_t mantissa = bits & ((UINT64_C(1) << 52) - 1);
    *exponent = biased ? biased - 1075 : -1074;
    return biased ? mantissa | UINT64_C(1) << 52 : mantissa;
}

static void fixed_one(fixed *a, int words) { fixed_set(a, words, 1, 32 * (words - 1)); }

/* The double value >= 0; bits below the unit are cut. */
static void fixed_set_double(fixed *a, double value, int words)
{
    int exponent;
    uint64_t mantissa = decompose(value, &exponent);
    fixed_set(a, words, mantissa, exponent + 32 * (words - 1));
}

/* The midpoint of `below` and the next larger double. */
static void fixed_midpoint(fixed *a, double below, int words)
{
    int exponent;
    uint64_t mantissa = decompose(below, &exponent);
    fixed_set(a, words, 2 * mantissa + 1, exponent - 1 + 32 * (words - 1));
}

/* a 2^-bits, 0 < bits < 32, cut. */
static void fixed_shift_right(fixed *a, int bits, int words)
{
    for (int i = 0; i < words; i++) {
        uint32_t above = i + 1 < words ? a->word[i + 1] : 0;
        a->word[i] = a->word[i] >> bits | above << (32 - bits);
    }
}

/* e^-a for 0 <= a <= TAIL_BOUND. */
static void fixed_exp_neg(fixed *e, const fixed *a, int words)
{
    fixed t = *a, term, odd;
    fixed_shift_right(&t, SQUARINGS, words);

    /* e holds the even terms, odd the odd ones, which enter with a minus. */
    fixed_one(e, words);
    fixed_set(&odd, words, 0, 0);
    term = *e;
    for (uint32_t n = 1; !fixed_is_zero(&term, words); n++) {
        fixed_multiply(&term, &term, &t, words);
        fixed_divide_small(&term, n, words);
        fixed_add(n % 2 ? &odd : e, &term, words);
    }
    fixed_subtract(e, &odd, words);
    for (int i = 0; i < SQUARINGS; i++)
        fixed_multiply(e, e, e, words);
}

/* e = e^-a and 1 + e for a double a >= 0. */
static void exp_terms(fixed *e, fixed *one_plus_e, double a, int words)
{
    fixed argument;
    fixed_set_double(&argument, a, words);
    fixed_exp_neg(e, &argument, words);
    fixed_one(one_plus_e, words);
    fixed_add(one_plus_e, e, words);
}

/* The two sides of a comparison: f exceeds the midpoint above `below` where left > right. */
typedef void sides_function(double x, double below, fixed *left, fixed *right, int words);

/* start: how many bits below 1 the smaller of e and the result begins. */
static int exceeds(sides_function *sides, double x, double below, int start)
{
    for (int precision = LOWEST_PRECISION; precision <= HIGHEST_PRECISION; precision *= 2) {
        int words = (start + precision) / 32 + 2;
        fixed left, right, allowed;
        sides(x, below, &left, &right, words);
        int order = fixed_compare(&left, &right, words);
        fixed *larger = order > 0 ? &left : &right;
        fixed_subtract(larger, order > 0 ? &right : &left, words);
        fixed_set(&allowed, words, 1, ERROR_BITS);
        if (fixed_compare(larger, &allowed, words) > 0)
            return order > 0;
    }
    return 0; /* would take a result within 2^-2000 of a midpoint */
}

static double magnitude(double x) { return x < 0 ? -x : x; }

static double smaller(double a, double b) { return a < b ? a : b; }

static int start_of_exp_neg(double a) { return (int)(a * 1.4427) + 1; }

static void sigmoid_sides(double x, double below, fixed *left, fixed *right, int words)
{
    fixed factor;
    exp_terms(left, &factor, magnitude(x), words);
    if (x >= 0)
        fixed_one(left, words);
    fixed_midpoint(right, below, words);
    fixed_multiply(right, right, &factor, words);
}

int ogive_sigmoid_exceeds(double x, double below)
{
    double a = smaller(magnitude(x), TAIL_BOUND);
    return exceeds(sigmoid_sides, x < 0 ? -a : a, below, start_of_exp_neg(a));
}

static void sigmoid_grad_sides(double a, double below, fixed *left, fixed *right, int words)
{
    fixed factor;
    exp_terms(left, &factor, a, words);
    fixed_midpoint(right, below, words);
    fixed_multiply(right, right, &factor, words);
    fixed_multiply(right, right, &factor, words);
}

int ogive_sigmoid_grad_exceeds(double x, double below)
{
    double a = smaller(magnitude(x), TAIL_BOUND);
    return exceeds(sigmoid_grad_sides, a, below, start_of_exp_neg(a));
}

static void softplus_sides(double x, double below, fixed *left, fixed *right, int words)
{
    fixed e, over;
    exp_terms(&e, left, magnitude(x), words);
    fixed_midpoint(&over, below, words);
    if (x > 0) {
        fixed_set_double(&e, x, words);
        fixed_subtract(&over, &e, words);
    }
    fixed_exp_neg(&e, &over, words);
    fixed_multiply(left, left, &e, words);
    fixed_one(right, words);
}

int ogive_softplus_exceeds(double x, double below)
{
    /* softplus(x) = x + log(1 + e^-x) */
    if (x > 0 && (below < x || x > NEAR_LIMIT))
        return below < x;
    if (x < -TAIL_BOUND)
        x = -TAIL_BOUND;
    return exceeds(softplus_sides, x, below, start_of_exp_neg(magnitude(x)));
}

int ogive_log_sigmoid_exceeds(double x, double below) { return ogive_softplus_exceeds(-x, below); }

static void logit_sides(double q, double below, fixed *left, fixed *right, int words)
{
    fixed midpoint, factor;
    fixed_midpoint(&midpoint, below, words);
    fixed_exp_neg(left, &midpoint, words);
    fixed_set_double(right, q, words);
    fixed_one(&factor, words);
    fixed_subtract(&factor, right, words);
    fixed_multiply(left, left, &factor, words);
}

int ogive_logit_exceeds(double p, double below)
{
    double q = smaller(p, 1 - p);
    return exceeds(logit_sides, q, below, start_of_exp_neg(below));
}

static void tanh_sides(double a, double below, fixed *left, fixed *right, int words)
{
    fixed e, factor;
    exp_terms(&e, &factor, 2 * a, words);
    fixed_one(left, words);
    fixed_subtract(left, &e, words);
    fixed_midpoint(right, below, words);
    fixed_multiply(right, right, &factor, words);
}

int ogive_tanh_exceeds(double x, double below)
{
    double a = magnitude(x);
    if (a < 0x1p-30) /* a (1 - a^2/3 ...): below a, by less than half of its last bit */
        return below < a;
    return exceeds(tanh_sides, smaller(a, NEAR_LIMIT), below, 30);
}

static void silu_sides(double x, double below, fixed *left, fixed *right, int words)
{
    fixed e, factor;
    exp_terms(&e, &factor, magnitude(x), words);
    fixed_set_double(left, magnitude(x), words);
    if (x < 0)
        fixed_multiply(left, left, &e, words);
    fixed_midpoint(right, below, words);
    fixed_multiply(right, right, &factor, words);
}

int ogive_silu_exceeds(double x, double below)
{
    double a = smaller(magnitude(x), TAIL_BOUND);
    if (x > NEAR_LIMIT) /* x (1 - e^-x ...) */
        return below < x;
    if (a < 0x1p-60) {
        /* |x/2 + x^2/4 ...| against (below + next)/2, where x^2/4 only breaks the ties of odd
         * subnormals. a - next is exact unless it is far from below. */
        double rest = a - from_bits(bits_of(below) + 1);
        return x > 0 ? rest >= below : rest > below;
    }
    return exceeds(silu_sides, x < 0 ? -a : x, below, 64 + (x < 0 ? start_of_exp_neg(a) : 0));
}

static void silu_grad_sides(double x, double below, fixed *left, fixed *right, int words)
{
    fixed e, factor, a;
    exp_terms(&e, &factor, magnitude(x), words);
    fixed_set_double(&a, magnitude(x), words);
    if (x >= 0) {
        fixed_multiply(&a, &a, &e, words);
        *left = factor;
        fixed_add(left, &a, words);
    } else {
        int positive = fixed_compare(&factor, &a, words) > 0;
        *left = positive ? factor : a;
        fixed_subtract(left, positive ? &a : &factor, words);
        fixed_multiply(left, left, &e, words);
    }
    fixed_midpoint(right, below, words);
    fixed_multiply(right, right, &factor, words);
    fixed_multiply(right, right, &factor, words);
}

int ogive_silu_grad_exceeds(double x, double below)
{
    double a = smaller(magnitude(x), x < 0 ? TAIL_BOUND : NEAR_LIMIT);
    return exceeds(silu_grad_sides, x < 0 ? -a : a, below, 64 + (x < 0 ? start_of_exp_neg(a) : 0));
}
