/* Double-doubles with an exponent and an error bound of their own: no product or sum of them
 * overflows or underflows before it is rounded, once, to a double.
 *
 * Relative error added by an operation: scaled_multiply 7 2^-106 (double_double.h), scaled_add
 * 3 2^-106 of the result, so that cancellation costs only what the operands bring. */
#ifndef OGIVE_ACCURATE_SCALED_H
#define OGIVE_ACCURATE_SCALED_H

#include "double_double.h"

/* (high + low) 2^exponent, of any sign, within error 2^exponent. Not finite or +-0 if high is:
 * then exact, the other members do not count. Else 2^-250 < |high| < 2^250. */
typedef struct {
    dd value;
    int exponent;
    double error;
} scaled_dd;

/* One operation, rounded up. */
#define SCALED_ERROR 0x1p-103

/* 2^exponent, which must be normal. */
OGIVE_INLINE double power_of_two(int exponent)
{
    return from_bits((uint64_t)(exponent + 1023) << 52);
}

/* floor(log2(|a|)), a normal. */
OGIVE_INLINE int exponent_of(double a) { return (int)(bits_of(a) >> 52 & 0x7ff) - 1023; }

OGIVE_INLINE int is_zero_or_not_finite(double a) { return !(fabs(a) > 0 && fabs(a) < INFINITY); }

/* a as it is; a NaN becomes the canonical one. */
OGIVE_INLINE scaled_dd scaled_plain(double a)
{
    scaled_dd result = {{a == a ? a : NAN, 0.0}, 0, 0.0};
    return result;
}

/* Brings |high| to [1, 2), exactly. */
OGIVE_INLINE scaled_dd scaled_normalize(scaled_dd a)
{
    int shift = exponent_of(a.value.high);
    double scale = power_of_two(-shift);
    a.value.high *= scale;
    a.value.low *= scale;
    a.error *= scale;
    a.exponent += shift;
    return a;
}

/* a exactly. */
OGIVE_INLINE scaled_dd scaled_set(double a)
{
    if (is_zero_or_not_finite(a))
        return scaled_plain(a);
    int shift = 0;
    if (fabs(a) < 0x1p-1022) {
        a *= 0x1p53;
        shift = -53;
    }
    shift += exponent_of(a);
    uint64_t fraction_and_sign = bits_of(a) & ~(UINT64_C(0x7ff) << 52);
    scaled_dd result = {{from_bits(fraction_and_sign | UINT64_C(1023) << 52), 0.0}, shift, 0.0};
    return result;
}

OGIVE_INLINE scaled_dd scaled_negate(scaled_dd a)
{
    a.value.high = -a.value.high;
    a.value.low = -a.value.low;
    if (a.value.high != a.value.high)
        return scaled_plain(a.value.high);
    return a;
}

OGIVE_INLINE scaled_dd scaled_multiply(scaled_dd a, scaled_dd b)
{
    double leading = a.value.high * b.value.high;
    if (is_zero_or_not_finite(a.value.high) || is_zero_or_not_finite(b.value.high))
        return scaled_plain(leading);
    scaled_dd result = {dd_multiply(a.value, b.value), a.exponent + b.exponent, 0.0};
    result.error = (fabs(a.value.high) + a.error) * b.error + fabs(b.value.high) * a.error +
                   fabs(leading) * SCALED_ERROR;
    return scaled_normalize(result);
}

OGIVE_INLINE scaled_dd scaled_add(scaled_dd a, scaled_dd b)
{
    if (is_zero_or_not_finite(a.value.high) || is_zero_or_not_finite(b.value.high)) {
        if (a.value.high == 0 && fabs(b.value.high) > 0)
            return b;
        if (b.value.high == 0 && fabs(a.value.high) > 0)
            return a;
        return scaled_plain(a.value.high + b.value.high);
    }
    a = scaled_normalize(a);
    b = scaled_normalize(b);
    if (a.exponent < b.exponent) {
        scaled_dd larger = b;
        b = a;
        a = larger;
    }
    /* However small, b stays: it may break a tie. */
    int gap = a.exponent - b.exponent;
    double scale = power_of_two(gap < 800 ? -gap : -800);
    dd high = two_sum(a.value.high, b.value.high * scale);
    dd low = two_sum(a.value.low, b.value.low * scale);
    high = fast_two_sum(high.high, high.low + low.high);
    a.value = fast_two_sum(high.high, high.low + low.low);
    if (a.value.high == 0)
        return scaled_plain(0.0);
    a.error += b.error * scale + fabs(a.value.high) * SCALED_ERROR;
    return scaled_normalize(a);
}

/* The bits of f + change 2^exponent rounded to double, f > 0. change is far below f. */
OGIVE_INLINE uint64_t rounded_bits(scaled_dd f, double change)
{
    double low = f.value.low + change;
    uint64_t bits = bits_of(f.value.high + low);
    int biased = (int)(bits >> 52) + f.exponent;
    if (biased >= 2047)
        return UINT64_C(2047) << 52;
    if (biased >= 1)
        return bits + ((uint64_t)(int64_t)f.exponent << 52);
    if (biased < -60)
        return 0;

    /* Subnormal: after adding 2^52 units of 2^-1074, the sum's last bits count the units,
     * and a count of them is how a subnormal is stored. */
    double unit_scale = power_of_two(52 - 1074 - f.exponent);
    dd sum = fast_two_sum(unit_scale, f.value.high);
    return bits_of(sum.high + round_to_odd(two_sum(sum.low, low))) - bits_of(unit_scale);
}

/* The nearest double. */
OGIVE_INLINE double scaled_round(scaled_dd a)
{
    if (is_zero_or_not_finite(a.value.high))
        return a.value.high == a.value.high ? a.value.high : NAN;
    double sign = a.value.high;
    if (sign < 0)
        a = scaled_negate(a);
    return copysign(from_bits(rounded_bits(a, 0.0)), sign);
}

#endif
