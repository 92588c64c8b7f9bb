/* Double-double arithmetic: a value as the unevaluated sum high + low, |low| <= ulp(high)/2.
 *
 * T. J. Dekker 1971, D. E. Knuth (two_sum); error bounds: M. Joldes, J.-M. Muller, V. Popescu
 * 2017, in units of u^2 = 2^-106: dd_multiply 5 (fma) or 7, dd_add 3 for operands of one sign. */
#ifndef OGIVE_ACCURATE_DOUBLE_DOUBLE_H
#define OGIVE_ACCURATE_DOUBLE_DOUBLE_H

#include "../simd/fma.h"
#include "../simd/inline.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

typedef struct {
    double high, low;
} dd;

OGIVE_INLINE uint64_t bits_of(double value)
{
    uint64_t bits;
    memcpy(&bits, &value, sizeof bits);
    return bits;
}

OGIVE_INLINE double from_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return value;
}

/* signbit, whose macro converts to float on MinGW. */
OGIVE_INLINE int is_negative(double value) { return (int)(bits_of(value) >> 63); }

/* a + b exactly, |a| >= |b| or a = 0. */
OGIVE_INLINE dd fast_two_sum(double a, double b)
{
    double sum = a + b;
    dd result = {sum, b - (sum - a)};
    return result;
}

OGIVE_INLINE dd two_sum(double a, double b)
{
    double sum = a + b, b_seen = sum - a;
    dd result = {sum, (a - (sum - b_seen)) + (b - b_seen)};
    return result;
}

/* a b - product exactly, product being a b rounded. */
OGIVE_INLINE double product_error(double a, double b, double product)
{
#if SIMD_FMA
    return fma(a, b, -product);
#else
    const double splitter = 0x1p27 + 1; /* G. W. Veltkamp: halves of 26 bits */
    double a_scaled = splitter * a, b_scaled = splitter * b;
    double a_high = a_scaled - (a_scaled - a), b_high = b_scaled - (b_scaled - b);
    double a_low = a - a_high, b_low = b - b_high;
    return ((a_high * b_high - product) + a_high * b_low + a_low * b_high) + a_low * b_low;
#endif
}

OGIVE_INLINE dd two_product(double a, double b)
{
    double product = a * b;
    dd result = {product, product_error(a, b, product)};
    return result;
}

OGIVE_INLINE dd dd_multiply(dd a, dd b)
{
    dd product = two_product(a.high, b.high);
    return fast_two_sum(product.high, product.low + (a.high * b.low + a.low * b.high));
}

/* c + a b, |c.high| >= |a b|. Left unnormalized, with |low| <= 2 ulp(high): in sums and products
 * that does no harm and saves half the time. */
OGIVE_INLINE dd dd_multiply_add(dd a, dd b, dd c)
{
    dd product = two_product(a.high, b.high);
    dd sum = fast_two_sum(c.high, product.high);
    sum.low += c.low + (product.low + (a.high * b.low + a.low * b.high));
    return sum;
}

/* a + b, |a.high| >= |b.high|. */
OGIVE_INLINE dd dd_add(dd a, dd b)
{
    dd sum = fast_two_sum(a.high, b.high);
    return fast_two_sum(sum.high, sum.low + (a.low + b.low));
}

OGIVE_INLINE dd dd_divide(dd a, dd b)
{
    double quotient = a.high / b.high;
    dd product = two_product(quotient, b.high);
    double rest = ((a.high - product.high) - product.low) + (a.low - quotient * b.low);
    return fast_two_sum(quotient, rest / b.high);
}

/* The sum cut so that the last bit is 1 unless it is exact: rounding that again, to fewer bits,
 * rounds the exact sum (S. Boldo, G. Melquiond 2008). */
OGIVE_INLINE double round_to_odd(dd sum)
{
    /* Without jumps, which would be as good as random. */
    uint64_t bits = bits_of(sum.high), magnitude = bits_of(sum.low) << 1;
    uint64_t inexact = (magnitude | (0 - magnitude)) >> 63;
    uint64_t opposite = (bits ^ bits_of(sum.low)) >> 63;
    return from_bits((bits - (inexact & opposite)) | inexact);
}

#endif
