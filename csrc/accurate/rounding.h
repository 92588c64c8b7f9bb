/* From an approximation with a known error to the one correctly rounded result.
 *
 * Ziv's strategy (A. Ziv 1991): phase 1 is the quick kernel. Phase 2 evaluates in double-double;
 * where both ends of its error interval round to one value, that is the result. Else they round
 * to neighbours, and phase 3 decides in exact integer arithmetic on which side of the midpoint
 * between them the function lies. */
#ifndef OGIVE_ACCURATE_ROUNDING_H
#define OGIVE_ACCURATE_ROUNDING_H

#include "double_double.h"

/* (high + low) 2^exponent, positive. */
typedef struct {
    dd value;
    int exponent;
} scaled_dd;

typedef struct {
    /* f(x) with a relative error below PHASE2_ERROR, |x| <= bound. */
    scaled_dd (*phase2)(double x);
    /* Whether f(x) lies above the midpoint of `below` and the next larger double. */
    int (*phase3)(double x, double below);
    /* f rounds to these beyond -bound and beyond bound. */
    double bound, limit_below, limit_above;
} accurate_function;

#define PHASE2_ERROR 0x1p-98

/* 2^exponent, which must be normal. */
OGIVE_INLINE double power_of_two(int exponent)
{
    return from_bits((uint64_t)(exponent + 1023) << 52);
}

/* The bits of value + change, rounded to double. change is far below value. */
OGIVE_INLINE uint64_t rounded_bits(scaled_dd f, double change)
{
    uint64_t bits = bits_of(f.value.high + (f.value.low + change));
    int biased = (int)(bits >> 52) + f.exponent;
    if (biased >= 1)
        return bits + ((uint64_t)(int64_t)f.exponent << 52);

    /* Subnormal: after adding 2^52 units of 2^-1074, the sum's last bits count the units,
     * and a count of them is how a subnormal is stored. */
    double unit_scale = power_of_two(52 - 1074 - f.exponent);
    dd sum = fast_two_sum(unit_scale, f.value.high);
    return bits_of(sum.high + (sum.low + (f.value.low + change))) - bits_of(unit_scale);
}

/* For tests: phase 3 alone chooses between the candidate and its neighbours. */
OGIVE_INLINE double decided_by_phase3(const accurate_function *f, double x, uint64_t candidate)
{
    if (f->phase3(x, from_bits(candidate)))
        candidate++;
    else if (candidate > 0 && !f->phase3(x, from_bits(candidate - 1)))
        candidate--;
    return from_bits(candidate);
}

/* f(x) correctly rounded. first_phase is 2, or 3 to test phase 3. */
OGIVE_INLINE double accurate_f64(const accurate_function *f, double x, int first_phase)
{
    if (x != x)
        return NAN;
    if (fabs(x) > f->bound)
        return x < 0 ? f->limit_below : f->limit_above;
    scaled_dd value = f->phase2(x);

    /* Below the normal range the sum above rounds at 2^-53 of the last unit, 2^-1074. */
    double error = value.value.high * PHASE2_ERROR;
    if (value.exponent < -1020)
        error += power_of_two(-1074 - 52 - value.exponent);

    if (first_phase == 3)
        return decided_by_phase3(f, x, rounded_bits(value, 0.0));
    uint64_t low = rounded_bits(value, -error), high = rounded_bits(value, error);
    if (low == high)
        return from_bits(low);
    return from_bits(low + (uint64_t)f->phase3(x, from_bits(low)));
}

/* f(x) correctly rounded to float, for x that is a float. Phase 2 always suffices: no float
 * argument comes nearer than 2^-80 to a midpoint (all were run). */
OGIVE_INLINE float accurate_f32(const accurate_function *f, double x)
{
    if (x != x)
        return (float)NAN;
    if (fabs(x) > f->bound)
        return (float)(x < 0 ? f->limit_below : f->limit_above);
    scaled_dd value = f->phase2(x);
    if (value.exponent < -200)
        return 0.0f;
    dd sum = fast_two_sum(value.value.high, value.value.low);
    return (float)(round_to_odd(sum) * power_of_two(value.exponent));
}

#endif
