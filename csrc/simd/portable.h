/* The vocabulary in 16-byte vectors by the vector extension of GCC and Clang: 2 doubles, on SSE2,
 * SIMD128, VSX, z/Architecture, and where there are none in scalars. */
#ifndef OGIVE_SIMD_PORTABLE_H
#define OGIVE_SIMD_PORTABLE_H

#include "inline.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

/* Of 1 and 2 (Zen 3, as SSE2, ns per element): float64 sigmoid 11.5, 9.8, float32 6.6, 5.1. */
#define SIMD_PACK 2
enum { REG_LANES = 2 };

typedef double reg __attribute__((vector_size(16)));
typedef uint64_t reg_bits __attribute__((vector_size(16)));
/* Of 32 bits, as before SSE4.1 GCC combines comparisons of 64 lane by lane. */
typedef int32_t reg_mask __attribute__((vector_size(16)));
typedef float reg_floats __attribute__((vector_size(8)));

#include "operators.h"

OGIVE_INLINE reg reg_set(double value) { return (reg){value, value}; }
OGIVE_INLINE reg_bits reg_set_bits(uint64_t bits) { return (reg_bits){bits, bits}; }

OGIVE_INLINE reg reg_add_bits(reg a, reg b) { return (reg)((reg_bits)a + (reg_bits)b); }
OGIVE_INLINE reg reg_sub_bits(reg a, reg b) { return (reg)((reg_bits)a - (reg_bits)b); }
OGIVE_INLINE reg reg_and_bits(reg a, reg b) { return (reg)((reg_bits)a & (reg_bits)b); }
OGIVE_INLINE reg reg_or_bits(reg a, reg b) { return (reg)((reg_bits)a | (reg_bits)b); }
OGIVE_INLINE reg reg_sub_shifted(reg a, reg b, int bits)
{
    return (reg)((reg_bits)a - ((reg_bits)b << bits));
}
OGIVE_INLINE reg reg_shift_right(reg a, int bits) { return (reg)((reg_bits)a >> bits); }
OGIVE_INLINE reg reg_abs(reg a) { return (reg)((reg_bits)a & reg_set_bits(INT64_MAX)); }

OGIVE_INLINE reg_mask reg_differs(reg a, reg b) { return (reg_mask)(a != b); }
OGIVE_INLINE reg_mask reg_not_at_least(reg a, reg b) { return ~(reg_mask)(a >= b); }
OGIVE_INLINE reg_mask reg_mask_or(reg_mask a, reg_mask b) { return a | b; }
OGIVE_INLINE reg_mask reg_mask_and(reg_mask a, reg_mask b) { return a & b; }
OGIVE_INLINE reg reg_select(reg_mask m, reg yes, reg no)
{
    return (reg)((m & (reg_mask)yes) | (~m & (reg_mask)no));
}
#ifdef __SSE2__ /* one instruction each, for four and seven */
OGIVE_INLINE reg reg_at_most(reg x, reg bound) { return __builtin_ia32_minpd(bound, x); }
OGIVE_INLINE reg reg_at_least(reg x, reg bound) { return __builtin_ia32_maxpd(bound, x); }
OGIVE_INLINE uint32_t reg_mask_bits(reg_mask m)
{
    return (uint32_t)__builtin_ia32_movmskpd((reg)m);
}
#else
OGIVE_INLINE reg reg_at_most(reg x, reg bound)
{
    return reg_select((reg_mask)(x > bound), bound, x);
}
OGIVE_INLINE reg reg_at_least(reg x, reg bound)
{
    return reg_select((reg_mask)(x < bound), bound, x);
}
OGIVE_INLINE uint32_t reg_mask_bits(reg_mask m)
{
    return (uint32_t)(m[0] & 1) | (uint32_t)(m[2] & 2);
}
#endif

#if SIMD_FMA
OGIVE_INLINE reg reg_fma(reg a, reg b, reg c)
{
    return (reg){fma(a[0], b[0], c[0]), fma(a[1], b[1], c[1])};
}
#endif

typedef const double *reg_table;

OGIVE_INLINE reg_table reg_table_load(const void *entries) { return (reg_table)entries; }
/* Entry number (low four bits of index). */
OGIVE_INLINE reg reg_table_get(reg_table t, reg index)
{
    reg_bits i = (reg_bits)index;
    return (reg){t[i[0] & 15], t[i[1] & 15]};
}

OGIVE_INLINE reg reg_of_floats(reg_floats a) { return __builtin_convertvector(a, reg); }
OGIVE_INLINE reg_floats reg_to_floats(reg a) { return __builtin_convertvector(a, reg_floats); }
OGIVE_INLINE reg_mask reg_apart_f32(reg a, reg b)
{
    return reg_differs(reg_of_floats(reg_to_floats(a)), reg_of_floats(reg_to_floats(b)));
}

OGIVE_INLINE reg reg_load_f64(const void *from)
{
    reg a;
    memcpy(&a, from, sizeof a);
    return a;
}
OGIVE_INLINE reg reg_load_f32(const void *from)
{
    uint64_t both; /* as a vector, GCC 12 converts one after the other */
    memcpy(&both, from, sizeof both);
    return reg_of_floats((reg_floats)both);
}
/* A half's bits in those of a double have the exponent's bias of the double, 1008 more. */
OGIVE_INLINE reg reg_load_f16(const void *from)
{
    uint16_t halves[REG_LANES];
    memcpy(halves, from, sizeof halves);
    const reg_bits half = {halves[0], halves[1]}, size = (half & 0x7fff) << 42;
    reg a = (reg)size * 0x1p1008;
    const reg_bits special = (reg_bits)(a >= 0x1p16);
    a = reg_or_bits(a, (reg)(special & UINT64_C(0x7ff0000000000000)));
    return (reg)((reg_bits)a | (half >> 15) << 63);
}
OGIVE_INLINE void reg_store_f64(void *to, reg a) { memcpy(to, &a, sizeof a); }
OGIVE_INLINE void reg_store_f32(void *to, reg a)
{
    const reg_floats narrow = reg_to_floats(a);
    memcpy(to, &narrow, sizeof narrow);
}
/* To nearest even at bit 42, then the exponent's bias from 1023 to 15; below 2^-14, where adding 2^28
 * rounds to units of 2^-24; infinite from half an ulp above the largest half, 65504. */
OGIVE_INLINE void reg_store_f16(void *to, reg a)
{
    const reg size = reg_abs(a);
    reg_bits bits = (reg_bits)size;
    bits += ((bits >> 42) & 1) + ((UINT64_C(1) << 41) - 1);
    reg half = (reg)((bits >> 42) - (UINT64_C(1008) << 10));
    half = reg_select((reg_mask)(size < 0x1p-14), (reg)((reg_bits)(size + 0x1p28) & 0x7ff), half);
    half = reg_select((reg_mask)(size >= 65520), (reg)reg_set_bits(0x7c00), half);
    half = reg_select(reg_differs(a, a), (reg)reg_set_bits(0x7e00), half);
    const reg_bits signed_half = (reg_bits)half | ((reg_bits)a >> 63) << 15;
    const uint16_t halves[] = {(uint16_t)signed_half[0], (uint16_t)signed_half[1]};
    memcpy(to, halves, sizeof halves);
}

#include "pack.h"

#endif
