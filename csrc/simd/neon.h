/* The vocabulary in AArch64's Advanced SIMD: one register is 2 doubles. */
#ifndef OGIVE_SIMD_NEON_H
#define OGIVE_SIMD_NEON_H

#include "inline.h"

#include <arm_neon.h>
#include <stdint.h>
#include <string.h>

#ifndef SIMD_PACK
#define SIMD_PACK 4
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

#include "pack.h"

#endif
