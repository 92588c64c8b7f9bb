/* Phase 3 of s(x) and s'(x): exact comparison with a midpoint m of two doubles.
 *
 * With a = |x|, e = e^-a and b = 1 + e, no division is needed:
 *   s(x)  > m   <=>   1 > m b  (x >= 0),   e > m b  (x < 0)
 *   s'(x) > m   <=>   e > m b^2
 *
 * Numbers are fixed-point integers in units of 2^-F, F = 2^5 fraction_words, the same for all of
 * one comparison. F exceeds a/ln2, so that m (no bit below e 2^-54) is exact and e keeps
 * `precision` significant bits.
 *
 * e = (e^-t)^(2^SQUARINGS), t = a / 2^SQUARINGS <= 2^-8, by Taylor. In units of 2^-F:
 *   t                       1 (bits shifted out)
 *   Taylor, n terms         at most n (2 + remainder): each a product and a division, cut
 *   each squaring           doubles the error, as the value is <= 1, and adds 1
 *   so e is within          2^SQUARINGS (2 n + 4)
 *   m b, m b^2              m <= 1, b <= 2: at most 5 times that, plus 2
 * n < 2^8 as the terms fall by 2^-8, so 2^(SQUARINGS + 12) = 2^30 units cover all. Relative to e,
 * with 256 bits: 2^-226. If the two sides are nearer than that, the precision is doubled. A
 * rational x != 0 has a transcendental e^x, so the sides differ and doubling ends; the nearest
 * cases by construction, |x| = 2^-52 where x^3/48 alone decides, end at 2^-162. */
#include "multiword.h"

#include <stdint.h>
#include <string.h>

enum {
    SQUARINGS = 18,
    LOWEST_PRECISION = 256,
    HIGHEST_PRECISION = 2048,
    /* 746/ln2 < 1077 bits, the precision, and a word for the integer part. */
    MAX_WORDS = (1077 + HIGHEST_PRECISION) / 32 + 3,
    ERROR_BITS = SQUARINGS + 12,
};

/* Little-endian; the last word is the integer part. */
typedef struct {
    uint32_t word[MAX_WORDS];
} fixed;

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
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    int biased = (int)(bits >> 52 & 0x7ff);
    uint64_t mantissa = bits & ((UINT64_C(1) << 52) - 1);
    *exponent = biased ? biased - 1075 : -1074;
    return biased ? mantissa | UINT64_C(1) << 52 : mantissa;
}

/* e^-a for 0 <= a <= 746. */
static void fixed_exp_neg(fixed *e, double a, int words)
{
    int exponent, fraction_bits = 32 * (words - 1);
    uint64_t mantissa = decompose(a, &exponent);
    fixed t, term, odd;
    fixed_set(&t, words, mantissa, exponent + fraction_bits - SQUARINGS);

    /* e holds the even terms, odd the odd ones, which enter with a minus. */
    fixed_set(e, words, 1, fraction_bits);
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

/* The sign of (x_positive ? 1 : e) - m (1 + e)^power, 0 if the precision does not tell. */
static int compare_with_midpoint(double a, int x_positive, int power, double below, int precision)
{
    int exponent, words = ((int)(a * 1.4427) + 1 + precision) / 32 + 2;
    int fraction_bits = 32 * (words - 1);
    fixed left, right, factor, gap, one, allowed;

    fixed_set(&one, words, 1, fraction_bits);
    fixed_exp_neg(&left, a, words);
    factor = left;
    fixed_add(&factor, &one, words);
    if (x_positive)
        left = one;

    uint64_t mantissa = decompose(below, &exponent);
    fixed_set(&right, words, 2 * mantissa + 1, exponent - 1 + fraction_bits);
    for (int i = 0; i < power; i++)
        fixed_multiply(&right, &right, &factor, words);

    int order = fixed_compare(&left, &right, words);
    gap = order > 0 ? left : right;
    fixed_subtract(&gap, order > 0 ? &right : &left, words);
    fixed_set(&allowed, words, 1, ERROR_BITS);
    return fixed_compare(&gap, &allowed, words) > 0 ? order : 0;
}

static int exceeds(double x, int x_positive, int power, double below)
{
    double a = x < 0 ? -x : x;
    for (int precision = LOWEST_PRECISION; precision <= HIGHEST_PRECISION; precision *= 2) {
        int order = compare_with_midpoint(a, x_positive, power, below, precision);
        if (order)
            return order > 0;
    }
    return 0; /* would take a result within 2^-2000 of a midpoint */
}

int ogive_sigmoid_exceeds(double x, double below) { return exceeds(x, x >= 0, 1, below); }

int ogive_sigmoid_grad_exceeds(double x, double below) { return exceeds(x, 0, 2, below); }
