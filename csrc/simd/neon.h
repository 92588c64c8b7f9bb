/* The vocabulary in AArch64's Advanced SIMD: one register is 2 doubles or 4 floats. */
#ifndef OGIVE_SIMD_NEON_H
#define OGIVE_SIMD_NEON_H

#include "inline.h"

#include <arm_neon.h>
#include <stdint.h>
#include <string.h>

#ifndef SIMD_PACK
/* Of 2 and 4, instructions per element: float64 sigmoid 44 and 46, lstm_cell 295 and 336; float32
 * sigmoid 21 and 22, lstm_cell 143 and 187, as 32 registers hold no more of a cell's values. */
#define SIMD_PACK 2
#endif
enum { REG_LANES = 2 };
#define SIMD_FMA 1

/* What doubles (64 bits wide) and floats (32) spell alike. */
#define NEON_REGISTER(reg, scalar, width)                                                          \
    OGIVE_INLINE reg reg##_set(scalar value) { return vdupq_n_f##width(value); }                   \
    OGIVE_INLINE reg reg##_add(reg a, reg b) { return vaddq_f##width(a, b); }                      \
    OGIVE_INLINE reg reg##_sub(reg a, reg b) { return vsubq_f##width(a, b); }                      \
    OGIVE_INLINE reg reg##_mul(reg a, reg b) { return vmulq_f##width(a, b); }                      \
    OGIVE_INLINE reg reg##_div(reg a, reg b) { return vdivq_f##width(a, b); }                      \
    OGIVE_INLINE reg reg##_fma(reg a, reg b, reg c) { return vfmaq_f##width(c, a, b); }            \
    OGIVE_INLINE reg reg##_fms(reg a, reg b, reg c)                                                \
    {                                                                                              \
        return vfmaq_f##width(vnegq_f##width(c), a, b);                                            \
    }                                                                                              \
    OGIVE_INLINE reg reg##_fnma(reg a, reg b, reg c) { return vfmsq_f##width(c, a, b); }           \
    OGIVE_INLINE reg reg##_abs(reg a) { return vabsq_f##width(a); }                                \
    OGIVE_INLINE reg reg##_at_most(reg x, reg bound) { return vminq_f##width(x, bound); }          \
    OGIVE_INLINE reg reg##_at_least(reg x, reg bound) { return vmaxq_f##width(x, bound); }         \
                                                                                                   \
    OGIVE_INLINE reg##_mask reg##_integer(reg a) { return vreinterpretq_u##width##_f##width(a); }  \
    OGIVE_INLINE reg reg##_of_integer(reg##_mask a)                                                \
    {                                                                                              \
        return vreinterpretq_f##width##_u##width(a);                                               \
    }                                                                                              \
    NEON_ON_BITS(reg, add_bits, vaddq_u##width)                                                    \
    NEON_ON_BITS(reg, sub_bits, vsubq_u##width)                                                    \
    NEON_ON_BITS(reg, and_bits, vandq_u##width)                                                    \
    NEON_ON_BITS(reg, or_bits, vorrq_u##width)                                                     \
    OGIVE_INLINE reg reg##_sub_shifted(reg a, reg b, int bits)                                     \
    {                                                                                              \
        reg##_mask shifted = vshlq_u##width(reg##_integer(b), vdupq_n_s##width(bits));             \
        return reg##_of_integer(vsubq_u##width(reg##_integer(a), shifted));                        \
    }                                                                                              \
    OGIVE_INLINE reg reg##_shift_right(reg a, int bits)                                            \
    {                                                                                              \
        return reg##_of_integer(vshlq_u##width(reg##_integer(a), vdupq_n_s##width(-bits)));        \
    }                                                                                              \
                                                                                                   \
    OGIVE_INLINE reg##_mask reg##_differs(reg a, reg b)                                            \
    {                                                                                              \
        return reg##_not(vceqq_f##width(a, b));                                                    \
    }                                                                                              \
    OGIVE_INLINE reg##_mask reg##_not_at_least(reg a, reg b)                                       \
    {                                                                                              \
        return reg##_not(vcgeq_f##width(a, b));                                                    \
    }                                                                                              \
    OGIVE_INLINE reg##_mask reg##_mask_or(reg##_mask a, reg##_mask b)                              \
    {                                                                                              \
        return vorrq_u##width(a, b);                                                               \
    }                                                                                              \
    OGIVE_INLINE reg##_mask reg##_mask_and(reg##_mask a, reg##_mask b)                             \
    {                                                                                              \
        return vandq_u##width(a, b);                                                               \
    }                                                                                              \
    OGIVE_INLINE reg reg##_select(reg##_mask m, reg yes, reg no)                                   \
    {                                                                                              \
        return vbslq_f##width(m, yes, no);                                                         \
    }                                                                                              \
                                                                                                   \
    OGIVE_INLINE reg reg##_load_f##width(const void *from)                                         \
    {                                                                                              \
        return vreinterpretq_f##width##_u8(vld1q_u8((const uint8_t *)from));                       \
    }                                                                                              \
    OGIVE_INLINE void reg##_store_f##width(void *to, reg a)                                        \
    {                                                                                              \
        vst1q_u8((uint8_t *)to, vreinterpretq_u8_f##width(a));                                     \
    }
#define NEON_ON_BITS(reg, name, op)                                                                \
    OGIVE_INLINE reg reg##_##name(reg a, reg b)                                                    \
    {                                                                                              \
        return reg##_of_integer(op(reg##_integer(a), reg##_integer(b)));                           \
    }

typedef float64x2_t reg;
typedef uint64x2_t reg_mask;

OGIVE_INLINE reg_mask reg_not(reg_mask m)
{
    return vreinterpretq_u64_u32(vmvnq_u32(vreinterpretq_u32_u64(m)));
}

NEON_REGISTER(reg, double, 64)

OGIVE_INLINE reg_mask reg_apart_f32(reg a, reg b)
{
    uint32x2_t same = vceq_f32(vcvt_f32_f64(a), vcvt_f32_f64(b));
    return reg_not(vreinterpretq_u64_s64(vmovl_s32(vreinterpret_s32_u32(same))));
}
OGIVE_INLINE uint32_t reg_mask_bits(reg_mask m)
{
    return (uint32_t)(vgetq_lane_u64(m, 0) & 1) | (uint32_t)(vgetq_lane_u64(m, 1) & 2);
}

typedef const double *reg_table;

OGIVE_INLINE reg_table reg_table_load(const void *entries) { return (reg_table)entries; }
/* Entry number (low four bits of index). */
OGIVE_INLINE reg reg_table_get(reg_table t, reg index)
{
    uint64x2_t i = reg_integer(index);
    return vcombine_f64(vld1_f64(t + (vgetq_lane_u64(i, 0) & 15)),
                        vld1_f64(t + (vgetq_lane_u64(i, 1) & 15)));
}

OGIVE_INLINE reg reg_load_f32(const void *from)
{
    return vcvt_f64_f32(vreinterpret_f32_u8(vld1_u8((const uint8_t *)from)));
}
OGIVE_INLINE reg reg_load_f16(const void *from)
{
    uint64_t halves = 0;
    memcpy(&halves, from, 4);
    return vcvt_f64_f32(vget_low_f32(vcvt_f32_f16(vreinterpret_f16_u64(vcreate_u64(halves)))));
}
OGIVE_INLINE void reg_store_f32(void *to, reg a)
{
    vst1_u8((uint8_t *)to, vreinterpret_u8_f32(vcvt_f32_f64(a)));
}
/* a must be a double rounded to odd at float precision, see vd_store_f16. */
OGIVE_INLINE void reg_store_f16(void *to, reg a)
{
    float32x2_t narrow = vcvt_f32_f64(a);
    uint64_t halves =
        vget_lane_u64(vreinterpret_u64_f16(vcvt_f16_f32(vcombine_f32(narrow, narrow))), 0);
    memcpy(to, &halves, 4);
}

/* Floats, 4 in a register. */
#define SIMD_FLOATS
#define SIMD_FLOAT_TABLE 8

typedef float32x4_t regf;
typedef uint32x4_t regf_mask;
typedef uint8x16x2_t regf_table;

OGIVE_INLINE regf_mask regf_not(regf_mask m) { return vmvnq_u32(m); }

NEON_REGISTER(regf, float, 32)

OGIVE_INLINE uint32_t regf_mask_bits(regf_mask m)
{
    const uint32_t lane_bits[] = {1, 2, 4, 8};
    return vaddvq_u32(vandq_u32(m, vld1q_u32(lane_bits)));
}

/* 8-entry tables live in two registers. */
OGIVE_INLINE regf_table regf_table_load(const void *entries)
{
    regf_table table = {
        {vld1q_u8((const uint8_t *)entries), vld1q_u8((const uint8_t *)entries + 16)}};
    return table;
}
/* Entry number (low three bits of index): its four bytes are at four times that. */
OGIVE_INLINE regf regf_table_get(regf_table t, regf index)
{
    uint32x4_t entry = vandq_u32(regf_integer(index), vdupq_n_u32(7));
    uint32x4_t bytes = vmlaq_u32(vdupq_n_u32(0x03020100), entry, vdupq_n_u32(0x04040404));
    return vreinterpretq_f32_u8(vqtbl2q_u8(t, vreinterpretq_u8_u32(bytes)));
}

OGIVE_INLINE regf regf_load_f16(const void *from)
{
    return vcvt_f32_f16(vreinterpret_f16_u8(vld1_u8((const uint8_t *)from)));
}
OGIVE_INLINE uint16x4_t regf_to_halves(regf a) { return vreinterpret_u16_f16(vcvt_f16_f32(a)); }
OGIVE_INLINE regf_mask regf_apart(uint16x4_t a, uint16x4_t b)
{
    return vreinterpretq_u32_s32(vmovl_s16(vreinterpret_s16_u16(vmvn_u16(vceq_u16(a, b)))));
}
OGIVE_INLINE regf_mask regf_apart_f16(regf a, regf b)
{
    return regf_apart(regf_to_halves(a), regf_to_halves(b));
}
/* A bfloat16 is the upper half of a float. NaN stays NaN. */
OGIVE_INLINE regf regf_load_bf16(const void *from)
{
    uint16x4_t upper = vreinterpret_u16_u8(vld1_u8((const uint8_t *)from));
    return regf_of_integer(vshll_n_u16(upper, 16));
}
OGIVE_INLINE uint16x4_t regf_to_bfloats(regf a)
{
    uint32x4_t bits = regf_integer(a);
    uint32x4_t odd = vandq_u32(vshrq_n_u32(bits, 16), vdupq_n_u32(1));
    return vaddhn_u32(bits, vaddq_u32(odd, vdupq_n_u32(0x7fff)));
}
OGIVE_INLINE regf_mask regf_apart_bf16(regf a, regf b)
{
    return regf_apart(regf_to_bfloats(a), regf_to_bfloats(b));
}
OGIVE_INLINE void regf_store_f16(void *to, regf a)
{
    vst1_u8((uint8_t *)to, vreinterpret_u8_u16(regf_to_halves(a)));
}
OGIVE_INLINE void regf_store_bf16(void *to, regf a)
{
    vst1_u8((uint8_t *)to, vreinterpret_u8_u16(regf_to_bfloats(a)));
}

#include "pack.h"

#endif
