/* Phase 3: the exact texts over integers of n bits, n doubling until the result is certain. Included by
 * phase3_short.c and phase3_long.c, which say from which to which number of words of 32 bits. */
#ifndef OGIVE_ACCURATE_PHASE3_TEXT_H
#define OGIVE_ACCURATE_PHASE3_TEXT_H

#include "phase3.h"

#include "big.h"

#define NUMBER big
#define EXACT(name) name##_big
#define EXACT_FUNCTION(name)                                                                       \
    static void EXACT(name)(const double *x, NUMBER *y, const precision *to)
#define SET(value) big_set(value, to->words)
#define ADD big_add
#define SUBTRACT(a, b) big_add(a, big_negate(b))
#define MULTIPLY big_multiply
#define DIVIDE big_divide
#define NEGATE big_negate
#define ABS(a) big_abs(a)
#define IS_NEGATIVE(a) ((a).sign < 0)
#define IS_ZERO(a) (!(a).sign && (a).error.size == 0)
#define IS_BELOW(a, e) ((a).exponent <= (e))
#define EXP_NEG big_exp_neg
#define ONE_MINUS_EXP big_one_minus_exp
#define LOG1P big_log1p
#define LOG_RATIO big_log_ratio
#include "texts.h"

typedef void big_function(const double *x, big *y, const precision *to);

/* Whether the words suffice for one output. Where all that there are leave two results, the value is
 * their midpoint, or 0. */
OGIVE_COLD int decide(big_function *f, const double *x, int output, const number_format *format,
                      double *result)
{
    double low = 0.0, high = 0.0;
    for (int words = LEAST_WORDS;; words = words < MANY_WORDS ? 2 * words : MOST_WORDS) {
        big y[MAX_OUTPUTS];
        const precision to = {format, words};
        f(x, y, &to);
        const big *value = &y[output];
        const int certain = big_round(*value, -1, format, &low);
        if (certain && big_round(*value, 1, format, &high) && low == high) {
            *result = low;
            return 1;
        }
        if (words == MOST_WORDS) {
            *result = certain ? even_of(low, high, format) : 0.0;
            return 0;
        }
    }
}

#endif
