/* Phase 2: the exact texts over double-doubles. Included by phase2.c and phase2_with_fma.c, which say what
 * EXACTLY(name) is called. */
#ifndef OGIVE_ACCURATE_PHASE2_TEXT_H
#define OGIVE_ACCURATE_PHASE2_TEXT_H

#include "log.h"
#include "phase3.h"

/* 1/2 + x/4 for |x| < 2^-70, of which only the side is kept. */
OGIVE_INLINE scaled_dd scaled_near_half(scaled_dd x)
{
    const scaled_dd result = {{1.0, 0.0}, -1, 0x1p-70, sign_of(x.value.high)};
    return result;
}

OGIVE_INLINE scaled_dd scaled_abs(scaled_dd a)
{
    return is_negative(a.value.high) ? scaled_negate(a) : a;
}

#define NUMBER scaled_dd
#define EXACT(name) name##_phase2
#define EXACT_FUNCTION(name)                                                                       \
    OGIVE_COLD void EXACT(name)(const double *x, NUMBER *y, const precision *to)
#define SET(value) ((void)to, scaled_set(value))
#define ADD scaled_add
#define SUBTRACT(a, b) scaled_add(a, scaled_negate(b))
#define MULTIPLY scaled_multiply
#define DIVIDE scaled_divide
#define NEGATE scaled_negate
#define ABS scaled_abs
#define IS_NEGATIVE(a) is_negative((a).value.high)
#define IS_ZERO(a) ((a).value.high == 0)
#define IS_BELOW scaled_is_below
#define EXP_NEG scaled_exp_neg
#define ONE_MINUS_EXP scaled_one_minus_exp
#define LOG1P scaled_log1p
#define LOG_RATIO scaled_log_ratio
#define NEAR_HALF scaled_near_half
#include "texts.h"

typedef void phase2_function(const double *x, scaled_dd *y, const precision *to);
typedef double phase3_function(const double *x, int output, const number_format *format);

OGIVE_COLD void round_exactly(phase2_function *phase2, phase3_function *phase3, const double *x,
                              double *y, int outputs, const number_format *format, int first_phase)
{
    scaled_dd values[MAX_OUTPUTS];
    const precision to = {format, 0};
    phase2(x, values, &to);
    for (int o = 0; o < outputs; o++) {
        const scaled_dd value = values[o];
        y[o] = value.value.high;
        if (is_zero_or_not_finite(y[o]))
            continue;
        if (first_phase == 2 && scaled_decides(value, format, &y[o]))
            continue;
        y[o] = phase3(x, o, format);
    }
}

#define EXACTLY_ROW(name, inputs, outputs, aliases, summary)                                       \
    void EXACTLY(name)(const double *x, double *y, const number_format *format, int first_phase)   \
    {                                                                                              \
        round_exactly(name##_phase2, ogive_##name##_phase3, x, y, outputs, format, first_phase);   \
    }
OGIVE_FUNCTIONS(EXACTLY_ROW)

#endif
