/* The number of phase 3: an integer of `words` words of 32 bits, at most MOST_WORDS, with an exponent
 * and a bound of its error, which is 0 where nothing was cut. Whatever does not suffice is done again
 * with more words.
 *
 * Over 400 lines: one type with its operations, each of which knows what the others leave in it and
 * what they add to the bound. */
#ifndef OGIVE_ACCURATE_BIG_H
#define OGIVE_ACCURATE_BIG_H

#include "exp.h"

enum { INFINITE = 1 << 20 };

/* size 2^exponent, rounded up. */
typedef struct {
    double size;
    int exponent;
} bound;

/* sign (0.word[words-1] ... word[0]) 2^exponent, its first bit 1, within `error`. Where sign is 0 all
 * words are. */
typedef struct {
    int sign, exponent, words;
    bound error;
    uint32_t word[MOST_WORDS];
} big;

static bound bound_of(double size, int exponent)
{
    bound result = {size, exponent};
    if (size == 0 || size == INFINITY)
        return result;
    int shift;
    result.size = frexp(size, &shift) * (1 + 0x1p-40);
    result.exponent += shift;
    return result;
}

static bound bound_sum(bound a, bound b)
{
    if (a.size == 0 || b.size == INFINITY)
        return b;
    if (b.size == 0 || a.size == INFINITY)
        return a;
    const int top = a.exponent > b.exponent ? a.exponent : b.exponent;
    return bound_of(ldexp(a.size, a.exponent - top) + ldexp(b.size, b.exponent - top), top);
}

/* a 2^shift */
static bound bound_scaled(bound a, int shift)
{
    a.exponent += shift;
    return a;
}

static bound bound_product(bound a, bound b)
{
    if (a.size == 0 || b.size == 0)
        return bound_of(0, 0);
    return bound_of(a.size * b.size, a.exponent + b.exponent);
}

static big big_zero(int words)
{
    big a;
    a.sign = a.exponent = 0;
    a.words = words;
    a.error = bound_of(0, 0);
    memset(a.word, 0, (size_t)words * sizeof a.word[0]);
    return a;
}

static int leading_zeros(uint32_t word)
{
    int zeros = 0;
    for (uint32_t bit = UINT32_C(1) << 31; !(word & bit); bit >>= 1)
        zeros++;
    return zeros;
}

/* Shifts the first bit to the top; word is not 0, or the sign becomes 0. */
static void big_normalize(big *a)
{
    int top = a->words - 1;
    while (top >= 0 && !a->word[top])
        top--;
    if (top < 0) {
        a->sign = 0;
        return;
    }
    const int up = a->words - 1 - top, bits = leading_zeros(a->word[top]);
    if (!up && !bits)
        return;
    for (int i = a->words - 1; i >= 0; i--) {
        const uint32_t high = i >= up ? a->word[i - up] : 0;
        const uint32_t low = i > up ? a->word[i - up - 1] : 0;
        a->word[i] = bits ? high << bits | low >> (32 - bits) : high;
    }
    a->exponent -= 32 * up + bits;
}

/* A double; an infinite one is known by its exponent, a NaN has no part in what gets here. */
static big big_set(double value, int words)
{
    big a = big_zero(words);
    if (!(fabs(value) > 0))
        return a;
    a.sign = value < 0 ? -1 : 1;
    if (fabs(value) > DBL_MAX) {
        a.exponent = INFINITE;
        a.word[words - 1] = UINT32_C(1) << 31;
        return a;
    }
    int exponent;
    const double fraction = frexp(fabs(value), &exponent);
    const uint64_t bits = (uint64_t)ldexp(fraction, 64);
    a.exponent = exponent;
    a.word[words - 1] = (uint32_t)(bits >> 32);
    a.word[words - 2] = (uint32_t)bits;
    return a;
}

static big big_negate(big a)
{
    a.sign = -a.sign;
    return a;
}

static big big_abs(big a)
{
    a.sign = a.sign != 0;
    return a;
}

static int big_compare_words(const big *a, const big *b)
{
    for (int i = a->words - 1; i >= 0; i--)
        if (a->word[i] != b->word[i])
            return a->word[i] < b->word[i] ? -1 : 1;
    return 0;
}

/* One unit of the last word's last bit. */
static bound big_unit(const big *a) { return bound_of(1, a->exponent - 32 * a->words); }

/* What is lost counts as error. */
static void big_shift_right(big *a, int bits)
{
    const int down = bits / 32, rest = bits % 32;
    int lost = 0;
    for (int i = 0; i < down && i < a->words; i++)
        lost |= a->word[i] != 0;
    if (rest && down < a->words)
        lost |= (uint32_t)(a->word[down] << (32 - rest)) != 0;
    for (int i = 0; i < a->words; i++) {
        const uint32_t low = i + down < a->words ? a->word[i + down] : 0;
        const uint32_t high = i + down + 1 < a->words ? a->word[i + down + 1] : 0;
        a->word[i] = rest ? low >> rest | high << (32 - rest) : low;
    }
    a->exponent += bits;
    if (lost)
        a->error = bound_sum(a->error, big_unit(a));
}

static big big_add(big a, big b)
{
    if (!a.sign || !b.sign) { /* but for an error */
        big sum = a.sign ? a : b;
        sum.error = bound_sum(a.error, b.error);
        return sum;
    }
    if (a.exponent < b.exponent) {
        const big larger = b;
        b = a;
        a = larger;
    }
    const int gap = a.exponent - b.exponent;
    big_shift_right(&b, gap < 32 * (a.words + 1) ? gap : 32 * (a.words + 1));
    a.error = bound_sum(a.error, b.error);
    if (a.sign == b.sign) {
        uint64_t carry = 0;
        for (int i = 0; i < a.words; i++) {
            carry += (uint64_t)a.word[i] + b.word[i];
            a.word[i] = (uint32_t)carry;
            carry >>= 32;
        }
        if (carry) {
            big_shift_right(&a, 1);
            a.word[a.words - 1] |= UINT32_C(1) << 31;
        }
        return a;
    }
    const int order = big_compare_words(&a, &b);
    const big *larger = order < 0 ? &b : &a, *smaller = order < 0 ? &a : &b;
    uint64_t borrow = 0;
    for (int i = 0; i < a.words; i++) {
        const uint64_t difference = (uint64_t)larger->word[i] - smaller->word[i] - borrow;
        a.word[i] = (uint32_t)difference;
        borrow = difference >> 63;
    }
    a.sign = larger->sign;
    big_normalize(&a);
    return a;
}

static big big_multiply(big a, big b)
{
    uint32_t product[2 * MOST_WORDS];
    const int words = a.words;
    big result = big_zero(words);
    result.error = bound_product(a.error, b.error);
    if (b.sign)
        result.error = bound_sum(result.error, bound_scaled(a.error, b.exponent));
    if (a.sign)
        result.error = bound_sum(result.error, bound_scaled(b.error, a.exponent));
    if (!a.sign || !b.sign)
        return result;
    memset(product, 0, 2 * (size_t)words * sizeof product[0]);
    for (int i = 0; i < words; i++) {
        uint64_t carry = 0;
        if (!a.word[i])
            continue;
        for (int j = 0; j < words; j++) {
            carry += (uint64_t)a.word[i] * b.word[j] + product[i + j];
            product[i + j] = (uint32_t)carry;
            carry >>= 32;
        }
        product[i + words] = (uint32_t)carry;
    }
    result.sign = a.sign * b.sign;
    result.exponent = a.exponent + b.exponent;
    const int doubled = !(product[2 * words - 1] >> 31);
    for (int i = words - 1; i >= 0; i--)
        result.word[i] =
            doubled ? product[words + i] << 1 | product[words + i - 1] >> 31 : product[words + i];
    uint32_t lost = doubled ? product[words - 1] << 1 : product[words - 1];
    for (int i = 0; i < words - 1; i++)
        lost |= product[i];
    result.exponent -= doubled;
    if (lost)
        result.error = bound_sum(result.error, big_unit(&result));
    return result;
}

/* The words of a / b, b > a as words, by D. E. Knuth's algorithm D; whether something is left. */
static int big_divide_words(uint32_t *quotient, const big *a, const big *b)
{
    uint32_t rest[2 * MOST_WORDS + 1];
    const int words = a->words;
    memset(rest, 0, (size_t)words * sizeof rest[0]);
    memcpy(rest + words, a->word, (size_t)words * sizeof rest[0]);
    rest[2 * words] = 0;
    const uint64_t first = b->word[words - 1], second = b->word[words - 2];
    for (int j = words - 1; j >= 0; j--) {
        uint32_t *at = rest + j;
        const uint64_t leading = (uint64_t)at[words] << 32 | at[words - 1];
        uint64_t digit = at[words] >= first ? UINT32_MAX : leading / first;
        uint64_t remainder = leading - digit * first;
        while (remainder <= UINT32_MAX && digit * second > (remainder << 32 | at[words - 2])) {
            digit--;
            remainder += first;
        }
        uint64_t borrow = 0, carry = 0;
        for (int i = 0; i < words; i++) {
            carry += digit * b->word[i];
            const uint64_t difference = (uint64_t)at[i] - (uint32_t)carry - borrow;
            at[i] = (uint32_t)difference;
            borrow = difference >> 63;
            carry >>= 32;
        }
        const uint64_t difference = (uint64_t)at[words] - carry - borrow;
        at[words] = (uint32_t)difference;
        if (difference >> 63) {
            digit--;
            carry = 0;
            for (int i = 0; i < words; i++) {
                carry += (uint64_t)at[i] + b->word[i];
                at[i] = (uint32_t)carry;
                carry >>= 32;
            }
            at[words] += (uint32_t)carry;
        }
        quotient[j] = (uint32_t)digit;
    }
    for (int i = 0; i < words; i++)
        if (rest[i])
            return 1;
    return 0;
}

static big big_divide(big a, big b)
{
    big result = big_zero(a.words);
    if (!a.sign && a.error.size == 0)
        return result;
    result.error.size = INFINITY;
    if (!a.sign || !b.sign || (b.error.size > 0 && b.error.exponent > b.exponent - 10))
        return result;
    result.error = bound_of(0, 0);
    result.sign = a.sign * b.sign;
    if (big_compare_words(&a, &b) >= 0)
        big_shift_right(&a, 1);
    result.exponent = a.exponent - b.exponent;
    const int rest = big_divide_words(result.word, &a, &b);
    big_normalize(&result);
    /* (an error of a, and one of b times a/b) / b, b being at least 2^-10 larger than its error */
    result.error = bound_sum(a.error, bound_scaled(b.error, result.exponent));
    result.error = bound_scaled(bound_product(result.error, bound_of(1.01, 0)), 1 - b.exponent);
    if (rest)
        result.error = bound_sum(result.error, big_unit(&result));
    return result;
}

static big big_divide_small(big a, uint32_t divisor)
{
    uint64_t rest = 0;
    for (int i = a.words - 1; i >= 0; i--) {
        rest = rest << 32 | a.word[i];
        a.word[i] = (uint32_t)(rest / divisor);
        rest %= divisor;
    }
    a.error = bound_product(a.error, bound_of(1.0 / divisor, 0));
    if (rest)
        a.error = bound_sum(a.error, big_unit(&a));
    if (a.sign)
        big_normalize(&a);
    return a;
}

/* Whether a does not reach the last bit of `sum`, and as little as it is still counts. */
static int is_out_of_sight(const big *a, big *sum)
{
    if (a->sign && a->exponent > sum->exponent - 32 * sum->words - 2)
        return 0;
    if (a->sign)
        sum->error = bound_sum(sum->error, big_unit(sum));
    return 1;
}

/* 1 - e^-t = t - t^2/2 + ..., t < 2^-8; each term is less than 2^-8 of the one before. */
static big big_fall(const big *t)
{
    big term = *t, sum = *t;
    for (uint32_t n = 2;; n++) {
        term = big_negate(big_divide_small(big_multiply(term, *t), n));
        if (is_out_of_sight(&term, &sum))
            return sum;
        sum = big_add(sum, term);
    }
}

/* a / 2^halvings < 2^-8, a >= 0 and at most EXP_NEG_BOUND. */
static big big_reduced(big a, int *halvings)
{
    if (a.exponent > 12 ||
        (a.exponent == 12 && a.word[a.words - 1] > (uint32_t)(EXP_NEG_BOUND / 0x1p12 * 0x1p32)))
        a = big_set(EXP_NEG_BOUND, a.words);
    const int least = 8 + a.words / 4; /* as many squarings more as they save terms */
    *halvings = a.exponent > -least ? a.exponent + least : 0;
    a.exponent -= *halvings;
    a.error = bound_scaled(a.error, -*halvings);
    return a;
}

static big big_exp_neg(big a)
{
    int halvings;
    const big one = big_set(1.0, a.words);
    if (a.exponent >= INFINITE)
        return big_zero(a.words);
    if (!a.sign) {
        big result = one;
        result.error = bound_of(2 * a.error.size, a.error.exponent);
        return result;
    }
    const big t = big_reduced(a, &halvings);
    big e = big_add(one, big_negate(big_fall(&t)));
    for (int i = 0; i < halvings; i++)
        e = big_multiply(e, e);
    return e;
}

/* 1 - e^-2t = f (2 - f), f = 1 - e^-t */
static big big_one_minus_exp(big a)
{
    int halvings;
    const big two = big_set(2.0, a.words);
    if (a.exponent >= INFINITE)
        return big_set(1.0, a.words);
    if (!a.sign)
        return a;
    const big t = big_reduced(a, &halvings);
    big f = big_fall(&t);
    for (int i = 0; i < halvings; i++)
        f = big_multiply(f, big_add(two, big_negate(f)));
    return f;
}

/* 2 atanh(s) = 2 s (1 + s^2/3 + ...), |s| <= 1/3. */
static big big_twice_atanh(big s)
{
    const big square = big_multiply(s, s);
    big power = s, sum = s;
    for (uint32_t n = 3;; n += 2) {
        power = big_multiply(power, square);
        const big term = big_divide_small(power, n);
        if (is_out_of_sight(&term, &sum))
            break;
        sum = big_add(sum, term);
    }
    sum.exponent++;
    sum.error = bound_scaled(sum.error, 1);
    return sum;
}

/* log(1 + u), 0 <= u <= 1. */
static big big_log1p(big u)
{
    return big_twice_atanh(big_divide(u, big_add(u, big_set(2.0, u.words))));
}

/* log(n/d) = k ln2 + log(n/D), D = 2^k d, 0.7 < n/D < 2; n >= d > 0. */
static big big_log_ratio(big n, big d)
{
    const double ratio = (double)n.word[n.words - 1] / d.word[d.words - 1];
    const int k = n.exponent - d.exponent - (ratio < 0.7);
    const big third = big_divide(big_set(1.0, n.words), big_set(3.0, n.words));
    d.exponent += k;
    d.error = bound_scaled(d.error, k);
    const big s = big_divide(big_add(n, big_negate(d)), big_add(n, d));
    return big_add(big_multiply(big_set(k, n.words), big_twice_atanh(third)), big_twice_atanh(s));
}

/* The exponent of the last bit that the format keeps of a number below 2^exponent. */
static int quantum_of(int exponent, const number_format *format)
{
    const int wanted = exponent - format->digits;
    return wanted > format->least ? wanted : format->least;
}

/* The number of the format next to |a| - error (direction -1) or |a| + error, with the sign of a;
 * whether there is one: 0 may lie between. */
static int big_round(big a, int direction, const number_format *format, double *result)
{
    const int words = a.words;
    const int certain = a.error.size == 0; /* else, of the error in units: */
    const int shift = certain ? 0 : a.error.exponent - (a.exponent - 32 * words);
    const int first = shift > 60 ? (shift - 29) / 32 : 0;
    if (!(a.error.size < INFINITY) || first >= words)
        return 0;
    uint64_t units = certain ? 0 : (uint64_t)ldexp(a.error.size, shift - 32 * first) + 2;
    for (int i = first; i < words && units; i++) {
        const uint64_t word = a.word[i], part = (uint32_t)units;
        if (direction > 0) {
            const uint64_t sum = word + part;
            a.word[i] = (uint32_t)sum;
            units = (units >> 32) + (sum >> 32);
        } else {
            a.word[i] = (uint32_t)(word - part);
            units = (units >> 32) + (word < part);
        }
    }
    if (units && direction < 0)
        return 0; /* 0 lies between */
    if (units) {
        big_shift_right(&a, 1);
        a.word[words - 1] |= UINT32_C(1) << 31;
    }
    big_normalize(&a);
    if (!a.sign)
        return certain;
    const int quantum = quantum_of(a.exponent, format), kept = a.exponent - quantum;
    if (kept < 0) {
        *result = copysign(0.0, a.sign);
        return 1;
    }
    const uint64_t top = (uint64_t)a.word[words - 1] << 32 | a.word[words - 2];
    uint64_t count = kept ? top >> (64 - kept) : 0;
    const uint64_t below = top << kept, half = UINT64_C(1) << 63;
    int more = 0;
    for (int i = 0; i < words - 2; i++)
        more |= a.word[i] != 0;
    if (below > half || (below == half && (more || (count & 1))))
        count++;
    const double value = ldexp((double)count, quantum);
    *result = copysign(value > format->largest ? INFINITY : value, a.sign);
    return 1;
}

/* Of two neighbours the even one. */
static double even_of(double a, double b, const number_format *format)
{
    int exponent;
    frexp(a, &exponent);
    return fmod(ldexp(a, -quantum_of(exponent, format)), 2) == 0 ? a : b;
}

#endif
