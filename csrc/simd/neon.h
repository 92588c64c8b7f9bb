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

typedef float64x2_t reg;
typedef uint64x2_t reg_mask;

OGIVE_INLINE reg reg_set(double value) { return vdupq_n_f64(value); }

OGIVE_INLINE reg reg_add(reg a, reg b) { return vaddq_f64(a, b); }
OGIVE_INLINE reg reg_sub(reg a, reg b) { return vsubq_f64(a, b); }
OGIVE_INLINE reg reg_mul(reg a, reg b) { return vmulq_f64(a, b); }
OGIVE_INLINE reg reg_div(reg a, reg b) { return vdivq_f64(a, b); }
OGIVE_INLINE reg reg_fma(reg a, reg b, reg c) { return vfmaq_f64(c, a, b); }
OGIVE_INLINE reg reg_fms(reg a, reg b, reg c) { return vfmaq_f64(vnegq_f64(c), a, b); }
OGIVE_INLINE reg reg_fnma(reg a, reg b, reg c) { return vfmsq_f64(c, a, b); }
OGIVE_INLINE reg reg_abs(reg a) { return vabsq_f64(a); }

OGIVE_INLINE reg reg_at_most(reg x, reg bound) { return vminq_f64(x, bound); }
OGIVE_INLINE reg reg_at_least(reg x, reg bound) { return vmaxq_f64(x, bound); }

OGIVE_INLINE uint64x2_t reg_integer(reg a) { return vreinterpretq_u64_f64(a); }
OGIVE_INLINE reg reg_of_integer(uint64x2_t a) { return vreinterpretq_f64_u64(a); }

OGIVE_INLINE reg reg_add_bits(reg a, reg b)
{
    return reg_of_integer(vaddq_u64(reg_integer(a), reg_integer(b)));
}
OGIVE_INLINE reg reg_sub_bits(reg a, reg b)
{
    return reg_of_integer(vsubq_u64(reg_integer(a), reg_integer(b)));
}
OGIVE_INLINE reg reg_and_bits(reg a, reg b)
{
    return reg_of_integer(vandq_u64(reg_integer(a), reg_integer(b)));
}
OGIVE_INLINE reg reg_or_bits(reg a, reg b)
{
    return reg_of_integer(vorrq_u64(reg_integer(a), reg_integer(b)));
}
OGIVE_INLINE reg reg_sub_shifted(reg a, reg b, int bits)
{
    uint64x2_t shifted = vshlq_u64(reg_integer(b), vdupq_n_s64(bits));
    return reg_of_integer(vsubq_u64(reg_integer(a), shifted));
}
OGIVE_INLINE reg reg_shift_right(reg a, int bits)
{
    return reg_of_integer(vshlq_u64(reg_integer(a), vdupq_n_s64(-bits)));
}

OGIVE_INLINE reg_mask reg_not(reg_mask m)
{
    return vreinterpretq_u64_u32(vmvnq_u32(vreinterpretq_u32_u64(m)));
}
OGIVE_INLINE reg_mask reg_differs(reg a, reg b) { return reg_not(vceqq_f64(a, b)); }
OGIVE_INLINE reg_mask reg_not_at_least(reg a, reg b) { return reg_not(vcgeq_f64(a, b)); }
OGIVE_INLINE reg_mask reg_apart_f32(reg a, reg b)
{
    uint32x2_t same = vceq_f32(vcvt_f32_f64(a), vcvt_f32_f64(b));
    return reg_not(vreinterpretq_u64_s64(vmovl_s32(vreinterpret_s32_u32(same))));
}
OGIVE_INLINE reg_mask reg_mask_or(reg_mask a, reg_mask b) { return vorrq_u64(a, b); }
OGIVE_INLINE reg_mask reg_mask_and(reg_mask a, reg_mask b) { return vandq_u64(a, b); }
OGIVE_INLINE uint32_t reg_mask_bits(reg_mask m)
{
    return (uint32_t)(vgetq_lane_u64(m, 0) & 1) | (uint32_t)(vgetq_lane_u64(m, 1) & 2);
}
OGIVE_INLINE reg reg_select(reg_mask m, reg yes, reg no) { return vbslq_f64(m, yes, no); }

typedef const double *reg_table;

OGIVE_INLINE reg_table reg_table_load(const void *entries) { return (reg_table)entries; }
/* Entry number (low four bits of index). */
OGIVE_INLINE reg reg_table_get(reg_table t, reg index)
{
    uint64x2_t i = reg_integer(index);
    return vcombine_f64(vld1_f64(t + (vgetq_lane_u64(i, 0) & 15)),
                        vld1_f64(t + (vgetq_lane_u64(i, 1) & 15)));
}

OGIVE_INLINE reg reg_load_f64(const void *from)
{
    return vreinterpretq_f64_u8(vld1q_u8((const uint8_t *)from));
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
OGIVE_INLINE void reg_store_f64(void *to, reg a)
{
    vst1q_u8((uint8_t *)to, vreinterpretq_u8_f64(a));
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

OGIVE_INLINE regf regf_set(float value) { return vdupq_n_f32(value); }

OGIVE_INLINE regf regf_add(regf a, regf b) { return vaddq_f32(a, b); }
OGIVE_INLINE regf regf_sub(regf a, regf b) { return vsubq_f32(a, b); }
OGIVE_INLINE regf regf_mul(regf a, regf b) { return vmulq_f32(a, b); }
OGIVE_INLINE regf regf_div(regf a, regf b) { return vdivq_f32(a, b); }
OGIVE_INLINE regf regf_fma(regf a, regf b, regf c) { return vfmaq_f32(c, a, b); }
OGIVE_INLINE regf regf_fms(regf a, regf b, regf c) { return vfmaq_f32(vnegq_f32(c), a, b); }
OGIVE_INLINE regf regf_fnma(regf a, regf b, regf c) { return vfmsq_f32(c, a, b); }
OGIVE_INLINE regf regf_abs(regf a) { return vabsq_f32(a); }

OGIVE_INLINE regf regf_at_most(regf x, regf bound) { return vminq_f32(x, bound); }
OGIVE_INLINE regf regf_at_least(regf x, regf bound) { return vmaxq_f32(x, bound); }

OGIVE_INLINE uint32x4_t regf_integer(regf a) { return vreinterpretq_u32_f32(a); }
OGIVE_INLINE regf regf_of_integer(uint32x4_t a) { return vreinterpretq_f32_u32(a); }

OGIVE_INLINE regf regf_add_bits(regf a, regf b)
{
    return regf_of_integer(vaddq_u32(regf_integer(a), regf_integer(b)));
}
OGIVE_INLINE regf regf_sub_bits(regf a, regf b)
{
    return regf_of_integer(vsubq_u32(regf_integer(a), regf_integer(b)));
}
OGIVE_INLINE regf regf_and_bits(regf a, regf b)
{
    return regf_of_integer(vandq_u32(regf_integer(a), regf_integer(b)));
}
OGIVE_INLINE regf regf_or_bits(regf a, regf b)
{
    return regf_of_integer(vorrq_u32(regf_integer(a), regf_integer(b)));
}
OGIVE_INLINE regf regf_sub_shifted(regf a, regf b, int bits)
{
    uint32x4_t shifted = vshlq_u32(regf_integer(b), vdupq_n_s32(bits));
    return regf_of_integer(vsubq_u32(regf_integer(a), shifted));
}
OGIVE_INLINE regf regf_shift_right(regf a, int bits)
{
    return regf_of_integer(vshlq_u32(regf_integer(a), vdupq_n_s32(-bits)));
}

OGIVE_INLINE regf_mask regf_differs(regf a, regf b) { return vmvnq_u32(vceqq_f32(a, b)); }
OGIVE_INLINE regf_mask regf_not_at_least(regf a, regf b) { return vmvnq_u32(vcgeq_f32(a, b)); }
OGIVE_INLINE regf_mask regf_mask_or(regf_mask a, regf_mask b) { return vorrq_u32(a, b); }
OGIVE_INLINE regf_mask regf_mask_and(regf_mask a, regf_mask b) { return vandq_u32(a, b); }
OGIVE_INLINE uint32_t regf_mask_bits(regf_mask m)
{
    const uint32_t lane_bits[] = {1, 2, 4, 8};
    return vaddvq_u32(vandq_u32(m, vld1q_u32(lane_bits)));
}
OGIVE_INLINE regf regf_select(regf_mask m, regf yes, regf no) { return vbslq_f32(m, yes, no); }

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

OGIVE_INLINE regf regf_load_f32(const void *from)
{
    return vreinterpretq_f32_u8(vld1q_u8((const uint8_t *)from));
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
OGIVE_INLINE void regf_store_f32(void *to, regf a)
{
    vst1q_u8((uint8_t *)to, vreinterpretq_u8_f32(a));
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
