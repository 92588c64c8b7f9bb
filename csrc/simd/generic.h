/* The vocabulary in plain C99: one register is one double. */
#ifndef OGIVE_SIMD_GENERIC_H
#define OGIVE_SIMD_GENERIC_H

#include "inline.h"

/* Two at a time: compilers find pairs for the registers that any 64-bit platform has. On x86-64,
 * float64 sigmoid takes 13.6 ns per element instead of 25.8. */
#define SIMD_PACK 2
enum { REG_LANES = 1 };

typedef double reg;
typedef int reg_mask;

#include "operators.h"

#include "../accurate/double_double.h"

OGIVE_INLINE reg reg_set(double value) { return value; }
#if SIMD_FMA
OGIVE_INLINE reg reg_fma(reg a, reg b, reg c) { return fma(a, b, c); }
#endif
OGIVE_INLINE reg reg_abs(reg a) { return fabs(a); }

OGIVE_INLINE reg reg_at_most(reg x, reg bound) { return x > bound ? bound : x; }
OGIVE_INLINE reg reg_at_least(reg x, reg bound) { return x < bound ? bound : x; }

OGIVE_INLINE reg reg_add_bits(reg a, reg b) { return from_bits(bits_of(a) + bits_of(b)); }
OGIVE_INLINE reg reg_sub_bits(reg a, reg b) { return from_bits(bits_of(a) - bits_of(b)); }
OGIVE_INLINE reg reg_and_bits(reg a, reg b) { return from_bits(bits_of(a) & bits_of(b)); }
OGIVE_INLINE reg reg_or_bits(reg a, reg b) { return from_bits(bits_of(a) | bits_of(b)); }
OGIVE_INLINE reg reg_sub_shifted(reg a, reg b, int bits)
{
    return from_bits(bits_of(a) - (bits_of(b) << bits));
}
OGIVE_INLINE reg reg_shift_right(reg a, int bits) { return from_bits(bits_of(a) >> bits); }

OGIVE_INLINE reg_mask reg_differs(reg a, reg b) { return a != b; }
OGIVE_INLINE reg_mask reg_not_at_least(reg a, reg b) { return !(a >= b); }
OGIVE_INLINE reg_mask reg_apart_f32(reg a, reg b) { return (float)a != (float)b; }
OGIVE_INLINE reg_mask reg_mask_or(reg_mask a, reg_mask b) { return a | b; }
OGIVE_INLINE reg_mask reg_mask_and(reg_mask a, reg_mask b) { return a & b; }
OGIVE_INLINE uint32_t reg_mask_bits(reg_mask m) { return (uint32_t)m; }
OGIVE_INLINE reg reg_select(reg_mask m, reg yes, reg no) { return m ? yes : no; }

typedef const char *reg_table;

OGIVE_INLINE reg_table reg_table_load(const void *entries) { return (reg_table)entries; }
OGIVE_INLINE reg reg_table_get(reg_table t, reg index)
{
    reg entry;
    memcpy(&entry, t + 8 * (bits_of(index) & 15), sizeof entry);
    return entry;
}

OGIVE_INLINE reg reg_load_f64(const void *from)
{
    double a;
    memcpy(&a, from, sizeof a);
    return a;
}
OGIVE_INLINE reg reg_load_f32(const void *from)
{
    float a;
    memcpy(&a, from, sizeof a);
    return a;
}
OGIVE_INLINE reg reg_load_f16(const void *from)
{
    uint16_t half;
    memcpy(&half, from, sizeof half);
    uint64_t sign = (uint64_t)(half >> 15) << 63, fraction = half & 0x3ff;
    int exponent = half >> 10 & 0x1f;
    if (exponent == 0) /* subnormal: units of 2^-24 */
        return from_bits(sign | bits_of((double)fraction * 0x1p-24));
    uint64_t biased = exponent == 31 ? 0x7ff : (uint64_t)exponent - 15 + 1023;
    return from_bits(sign | biased << 52 | fraction << 42);
}
OGIVE_INLINE void reg_store_f64(void *to, reg a) { memcpy(to, &a, sizeof a); }
OGIVE_INLINE void reg_store_f32(void *to, reg a)
{
    float narrow = (float)a;
    memcpy(to, &narrow, sizeof narrow);
}
OGIVE_INLINE void reg_store_f16(void *to, reg a)
{
    uint16_t sign = (uint16_t)(bits_of(a) >> 48 & 0x8000), half;
    double distance = fabs(a);
    if (a != a)
        half = 0x7e00;
    else if (distance >= 65520) /* half an ulp above the largest half, 65504 */
        half = 0x7c00;
    else if (distance < 0x1p-14) /* subnormal: adding 2^28 rounds to units of 2^-24 */
        half = (uint16_t)(bits_of(distance + 0x1p28) & 0x7ff);
    else {
        /* Round to nearest even at bit 42, then move the exponent's bias from 1023 to 15. */
        uint64_t bits = bits_of(distance);
        bits += (UINT64_C(1) << 41) - 1 + (bits >> 42 & 1);
        half = (uint16_t)((bits >> 42) - ((UINT64_C(1023) - 15) << 10));
    }
    half |= sign;
    memcpy(to, &half, sizeof half);
}

#include "pack.h"

#endif
