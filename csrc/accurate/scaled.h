/* The number of phase 2: a double-double with an exponent and a bound of its error, so that no product
 * or sum overflows or underflows before it is rounded, once, to the dtype. What is exact has no error:
 * ties are seen as such. Of a term too small to be added, the sign is kept: a tie and a little is none.
 *
 * Relative error added by an operation, in units of 2^-106: scaled_multiply 7 (double_double.h),
 * scaled_add 3 of the result, so that cancellation costs only what the operands bring, scaled_divide
 * 20: the first quotient to 2^-53, its rest to 2^-104, the second quotient to 2^-105. */
#ifndef OGIVE_ACCURATE_SCALED_H
#define OGIVE_ACCURATE_SCALED_H

#include "double_double.h"
#include "rounding.h"

#include <stdlib.h>

/* (high + low) 2^exponent, of any sign, within error 2^exponent, 1 <= |high| < 2, and if `side` is not
 * 0 only beyond it: above if it is 1, below if it is -1. Not finite or +-0 if high is: then exact, the
 * other members do not count. */
typedef struct {
    dd value;
    int exponent;
    double error;
    int side;
} scaled_dd;

/* One operation, rounded up. */
#define SCALED_ERROR 0x1p-103
#define DIVISION_ERROR 0x1.4p-102

/* How far apart the terms of a sum are kept, in bits: any, and those that are exact doubles. */
enum { FAR = 100, FURTHEST = 800 };

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
    scaled_dd result = {{a == a ? a : NAN, 0.0}, 0, 0.0, 0};
    return result;
}

/* Less than 1, by no more than `error`. */
OGIVE_INLINE scaled_dd scaled_below_1(double error)
{
    const scaled_dd result = {{1.0, 0.0}, 0, error, -1};
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
    scaled_dd result = {{from_bits(fraction_and_sign | UINT64_C(1023) << 52), 0.0}, shift, 0.0, 0};
    return result;
}

OGIVE_INLINE int sign_of(double a) { return is_negative(a) ? -1 : 1; }

/* The side of what is off by two amounts, of these sides; exact where an error is 0. */
OGIVE_INLINE int side_of_both(double error_a, int side_a, double error_b, int side_b)
{
    return error_a == 0 ? side_b : error_b == 0 || side_a == side_b ? side_a : 0;
}

OGIVE_INLINE int is_power_of_two(scaled_dd a)
{
    return fabs(a.value.high) == 1 && a.value.low == 0;
}

/* a as a double beyond which it is, if its low part is far enough below. */
OGIVE_INLINE scaled_dd scaled_beyond(scaled_dd a)
{
    if (a.value.low == 0 || fabs(a.value.low) > power_of_two(-FAR) || a.error != 0)
        return a;
    a.side = sign_of(a.value.low);
    a.error = fabs(a.value.low);
    a.value.low = 0.0;
    return a;
}

OGIVE_INLINE scaled_dd scaled_negate(scaled_dd a)
{
    a.value.high = -a.value.high;
    a.value.low = -a.value.low;
    a.side = -a.side;
    if (a.value.high != a.value.high)
        return scaled_plain(a.value.high);
    return a;
}

OGIVE_INLINE scaled_dd scaled_multiply(scaled_dd a, scaled_dd b)
{
    const double leading = a.value.high * b.value.high;
    if (is_zero_or_not_finite(a.value.high) || is_zero_or_not_finite(b.value.high))
        return scaled_plain(leading);
    const int shifts = is_power_of_two(a) || is_power_of_two(b);
    if (!shifts && b.value.low == 0)
        a = scaled_beyond(a);
    if (!shifts && a.value.low == 0)
        b = scaled_beyond(b);
    scaled_dd result = {dd_multiply(a.value, b.value), a.exponent + b.exponent, 0.0, 0};
    result.error = (fabs(a.value.high) + a.error) * b.error + fabs(b.value.high) * a.error;
    if (shifts || (a.value.low == 0 && b.value.low == 0))
        result.side = side_of_both(a.error, a.side * sign_of(b.value.high), b.error,
                                   b.side * sign_of(a.value.high));
    else
        result.error += fabs(leading) * SCALED_ERROR;
    return scaled_normalize(result);
}

OGIVE_INLINE scaled_dd scaled_divide(scaled_dd a, scaled_dd b)
{
    const double leading = a.value.high / b.value.high;
    if (is_zero_or_not_finite(a.value.high) || is_zero_or_not_finite(b.value.high))
        return scaled_plain(leading);
    scaled_dd result = {dd_divide(a.value, b.value), a.exponent - b.exponent, 0.0, 0};
    result.error = 2 * (a.error + 2 * fabs(leading) * b.error); /* |b| >= 1 */
    if (is_power_of_two(b))
        result.side = side_of_both(a.error, a.side * sign_of(b.value.high), b.error,
                                   -b.side * sign_of(a.value.high));
    else /* no text divides what would be exact */
        result.error += fabs(leading) * DIVISION_ERROR;
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
    if (a.exponent < b.exponent) {
        const scaled_dd larger = b;
        b = a;
        a = larger;
    }
    const int gap = a.exponent - b.exponent;
    const double scale = power_of_two(gap < FURTHEST ? -gap : -FURTHEST);
    const int doubles = a.value.low == 0 && b.value.low == 0;
    if (gap > FURTHEST || (gap > FAR && !(doubles && b.error == 0))) {
        a.side = side_of_both(a.error, a.side, 1.0, b.error < 0.5 ? sign_of(b.value.high) : 0);
        a.error += (2 + b.error) * scale;
        return a;
    }
    dd high = two_sum(a.value.high, b.value.high * scale);
    const dd low = two_sum(a.value.low, b.value.low * scale);
    high = fast_two_sum(high.high, high.low + low.high);
    scaled_dd sum = {fast_two_sum(high.high, high.low + low.low), a.exponent,
                     a.error + b.error * scale, 0};
    if (doubles)
        sum.side = side_of_both(a.error, a.side, b.error, b.side);
    else
        sum.error += fabs(sum.value.high) * SCALED_ERROR;
    if (sum.value.high == 0) {
        if (sum.error == 0)
            return scaled_plain(0.0);
        sum.value.high = sum.error;
        sum.error *= 2;
        sum.side = 0;
    }
    return scaled_normalize(sum);
}

/* |a| < 2^exponent. */
OGIVE_INLINE int scaled_is_below(scaled_dd a, int exponent)
{
    return a.value.high == 0 || (fabs(a.value.high) < INFINITY && a.exponent < exponent);
}

/* What a number is wanted for: a dtype, and phase 3 says with how many words. */
typedef struct {
    const number_format *format;
    int words;
} precision;

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

/* a rounded to odd as the nearest number of a format narrower than double. */
OGIVE_INLINE double narrowed(double a, const number_format *format)
{
    const int exponent = exponent_of(a), quantum = exponent - format->digits + 1;
    const double magic =
        1.5 * power_of_two((quantum > format->least ? quantum : format->least) + 52);
    const double result = fabs(a) < 0x1p-200 ? 0.0 : (fabs(a) + magic) - magic;
    return copysign(result > format->largest ? INFINITY : result, a);
}

/* The number of the format next to a + change 2^a.exponent, a finite and not 0, |change| < |a|/2. */
OGIVE_INLINE double scaled_round(scaled_dd a, double change, const number_format *format)
{
    const double sign = a.value.high;
    if (sign < 0) {
        a = scaled_negate(a);
        change = -change;
    }
    if (format->digits == DBL_MANT_DIG)
        return copysign(from_bits(rounded_bits(a, change)), sign);
    if (abs(a.exponent) > 200)
        return copysign(a.exponent < 0 ? 0.0 : INFINITY, sign);
    dd sum = fast_two_sum(a.value.high, a.value.low + change);
    return narrowed(copysign(round_to_odd(sum) * power_of_two(a.exponent), sign), format);
}

/* Whether all that a may be is rounded to one number of the format. The ends are where a rounding sees
 * a change; to a's side that is one unit of an even low part, as a midpoint of two numbers is even. */
OGIVE_INLINE int scaled_decides(scaled_dd a, const number_format *format, double *result)
{
    const double low = a.value.low, one_unit = fabs(low) * 0x1p-52;
    const double unit = one_unit > 0x1p-300 ? one_unit : 0x1p-300;
    const double error = a.error > unit || a.error == 0 ? a.error : unit;
    double from = -error, to = error;
    if (a.side && !(bits_of(low) & 1)) {
        const int outwards = is_negative(low) == (a.side < 0);
        const double next = from_bits(outwards ? bits_of(low) + 1 : bits_of(low) - 1);
        from = low == 0 ? a.side * unit : next - low;
        to = a.side * error;
    }
    if (!(error < 0x1p-10))
        return 0;
    if (format->digits == DBL_MANT_DIG && abs(a.exponent) < 1000) { /* as most are */
        const double first = a.value.high + (low + from), last = a.value.high + (low + to);
        *result = first * power_of_two(a.exponent);
        return first == last;
    }
    *result = scaled_round(a, from, format);
    return *result == scaled_round(a, to, format);
}

#endif
