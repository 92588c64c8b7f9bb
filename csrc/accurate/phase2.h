/* Phase 2: the exact texts over double-doubles, compiled with each backend. */
#ifndef OGIVE_ACCURATE_PHASE2_H
#define OGIVE_ACCURATE_PHASE2_H

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
#undef NUMBER
#undef EXACT
#undef EXACT_FUNCTION
#undef SET
#undef ADD
#undef SUBTRACT
#undef MULTIPLY
#undef DIVIDE
#undef NEGATE
#undef ABS
#undef IS_NEGATIVE
#undef IS_ZERO
#undef IS_BELOW
#undef EXP_NEG
#undef ONE_MINUS_EXP
#undef LOG1P
#undef LOG_RATIO
#undef NEAR_HALF

#define PHASE2_ROW(name, inputs, outputs, aliases, summary)                                        \
    static const exact_function name##_exact = {name##_phase2, ogive_##name##_phase3};
OGIVE_FUNCTIONS(PHASE2_ROW)
#undef PHASE2_ROW

#endif
