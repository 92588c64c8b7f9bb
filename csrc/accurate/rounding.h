/* From an approximation with a known error to the one correctly rounded result.
 *
 * Ziv's strategy (A. Ziv 1991): phase 1 is the quick kernel. Phase 2 evaluates in double-double;
 * where both ends of its error interval round to one value, that is the result. Else they round
 * to neighbours, and phase 3 decides in exact integer arithmetic on which side of the midpoint
 * between them the function lies. */
#ifndef OGIVE_ACCURATE_ROUNDING_H
#define OGIVE_ACCURATE_ROUNDING_H

#include "scaled.h"

typedef struct {
    /* f(x) for every x that is not NaN. Where value.high is not finite or is +-0, it is the
     * result: NaN outside of the domain. */
    scaled_dd (*phase2)(double x);
    /* Whether |f(x)| lies above the midpoint of the double `below` >= 0 and the next larger one. */
    int (*phase3)(double x, double below);
} accurate_function;

/* Relative error of phase 2, unless a function says otherwise. */
#define PHASE2_ERROR 0x1p-98

/* For tests: phase 3 alone chooses between the candidate and its neighbours. */
OGIVE_INLINE uint64_t decided_by_phase3(const accurate_function *f, double x, uint64_t candidate)
{
    if (f->phase3(x, from_bits(candidate)))
        candidate++;
    else if (candidate > 0 && !f->phase3(x, from_bits(candidate - 1)))
        candidate--;
    return candidate;
}

/* f(x) correctly rounded. first_phase is 2, or 3 to test phase 3. */
OGIVE_INLINE double accurate_f64(const accurate_function *f, double x, int first_phase)
{
    if (x != x)
        return NAN;
    scaled_dd value = f->phase2(x);
    double sign = value.value.high;
    if (is_zero_or_not_finite(sign))
        return sign;
    if (sign < 0)
        value = scaled_negate(value);

    uint64_t bits = rounded_bits(value, -value.error);
    if (first_phase == 3)
        bits = decided_by_phase3(f, x, rounded_bits(value, 0.0));
    else if (bits != rounded_bits(value, value.error))
        bits += (uint64_t)f->phase3(x, from_bits(bits));
    return copysign(from_bits(bits), sign);
}

/* f(x) as a double rounded to odd, for x that is a float or a half: rounding that again, to
 * float or half, rounds the exact value once. Phase 2 always suffices: no f(x) comes
 * nearer than 2^-80 to a midpoint of floats or halves (all with 2^-34 <= |x| < 2^8 were run; the
 * others have f(x) next to a limit, to x or to x/2, and there the sign of low alone decides).
 * Results below 2^-200 become 0. */
OGIVE_INLINE double accurate_to_odd(const accurate_function *f, double x)
{
    if (x != x)
        return NAN;
    scaled_dd value = f->phase2(x);
    if (is_zero_or_not_finite(value.value.high))
        return value.value.high;
    if (exponent_of(value.value.high) + value.exponent < -200)
        return copysign(0.0, value.value.high);
    dd sum = fast_two_sum(value.value.high, value.value.low);
    return round_to_odd(sum) * power_of_two(value.exponent);
}

#endif
