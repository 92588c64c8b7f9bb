/* vd, the value that kernels compute with: SIMD_PACK registers side by side.
 *
 * Kernels are long dependency chains; several registers in flight fill the pipelines.
 * Included at the end of each vocabulary, which defines reg, reg_mask and reg_*.
 *
 *   fma(a, b, c) = a b + c      fms(a, b, c) = a b - c      fnma(a, b, c) = c - a b
 *
 * are one instruction with one rounding where SIMD_FMA is 1, else rounded twice.
 * Where a kernel needs the product exact, it says vd_residual. */
#ifndef OGIVE_SIMD_PACK_H
#define OGIVE_SIMD_PACK_H

#include <string.h>

typedef struct {
    reg at[SIMD_PACK];
} vd;
typedef struct {
    reg_mask at[SIMD_PACK];
} vm;

enum { VD_LANES = REG_LANES * SIMD_PACK };

#define FOR_EACH_REG for (int i = 0; i < SIMD_PACK; i++)

#define PACK_UNARY(v, reg, op)                                                                     \
    OGIVE_INLINE v v##_##op(v a)                                                                   \
    {                                                                                              \
        v result;                                                                                  \
        FOR_EACH_REG result.at[i] = reg##_##op(a.at[i]);                                           \
        return result;                                                                             \
    }
#define PACK_BINARY(v, reg, op)                                                                    \
    OGIVE_INLINE v v##_##op(v a, v b)                                                              \
    {                                                                                              \
        v result;                                                                                  \
        FOR_EACH_REG result.at[i] = reg##_##op(a.at[i], b.at[i]);                                  \
        return result;                                                                             \
    }
#define PACK_TERNARY(v, reg, op)                                                                   \
    OGIVE_INLINE v v##_##op(v a, v b, v c)                                                         \
    {                                                                                              \
        v result;                                                                                  \
        FOR_EACH_REG result.at[i] = reg##_##op(a.at[i], b.at[i], c.at[i]);                         \
        return result;                                                                             \
    }
#define PACK_COMPARE(v, vm, reg, op)                                                               \
    OGIVE_INLINE vm v##_##op(v a, v b)                                                             \
    {                                                                                              \
        vm result;                                                                                 \
        FOR_EACH_REG result.at[i] = reg##_##op(a.at[i], b.at[i]);                                  \
        return result;                                                                             \
    }
#define PACK_LOAD(v, reg, type, lanes)                                                             \
    OGIVE_INLINE v v##_load_##type(const char *from)                                               \
    {                                                                                              \
        v result;                                                                                  \
        FOR_EACH_REG result.at[i] = reg##_load_##type(from + i * (lanes) * SIZE_##type);           \
        return result;                                                                             \
    }
#define PACK_STORE(v, reg, type, lanes)                                                            \
    OGIVE_INLINE void v##_store_##type(char *to, v a)                                              \
    {                                                                                              \
        FOR_EACH_REG reg##_store_##type(to + i * (lanes) * SIZE_##type, a.at[i]);                  \
    }
#define VD_UNARY(op) PACK_UNARY(vd, reg, op)
#define VD_BINARY(op) PACK_BINARY(vd, reg, op)
#define VD_TERNARY(op) PACK_TERNARY(vd, reg, op)
#define VD_COMPARE(op) PACK_COMPARE(vd, vm, reg, op)
#define VD_LOAD(type) PACK_LOAD(vd, reg, type, REG_LANES)
#define VD_STORE(type) PACK_STORE(vd, reg, type, REG_LANES)

enum { SIZE_f64 = 8, SIZE_f32 = 4, SIZE_f16 = 2, SIZE_bf16 = 2 };

OGIVE_INLINE vd vd_set(double value)
{
    vd result;
    FOR_EACH_REG result.at[i] = reg_set(value);
    return result;
}
OGIVE_INLINE vd vd_set_bits(uint64_t bits)
{
    double value;
    memcpy(&value, &bits, sizeof value);
    return vd_set(value);
}

VD_BINARY(add)
VD_BINARY(sub)
VD_BINARY(mul)
VD_BINARY(div)
VD_TERNARY(fma)
VD_TERNARY(fms)
VD_TERNARY(fnma)
VD_UNARY(abs)
/* The bound where x exceeds it; NaN stays. */
VD_BINARY(at_most)
VD_BINARY(at_least)

VD_BINARY(add_bits)
VD_BINARY(sub_bits)
VD_BINARY(and_bits)
VD_BINARY(or_bits)

/* a - (b << bits), as integers. One step, because b << bits on its own may be a signalling NaN,
 * which changes in x87 registers. */
OGIVE_INLINE vd vd_sub_shifted(vd a, vd b, int bits)
{
    FOR_EACH_REG a.at[i] = reg_sub_shifted(a.at[i], b.at[i], bits);
    return a;
}

OGIVE_INLINE vd vd_shift_right(vd a, int bits)
{
    FOR_EACH_REG a.at[i] = reg_shift_right(a.at[i], bits);
    return a;
}

OGIVE_INLINE vd vd_with_sign_of(vd magnitude, vd sign)
{
    return vd_or_bits(magnitude, vd_and_bits(sign, vd_set(-0.0)));
}

/* a b - c, exact but for one rounding of the difference, where c is so near to a b that the rounded
 * product minus c is exact. */
#if SIMD_FMA
OGIVE_INLINE vd vd_residual(vd a, vd b, vd c) { return vd_fms(a, b, c); }
#else
VD_TERNARY(residual)
#endif

/* fma and fnma with one rounding on every backend, where neither a b nor its rounding error
 * overflows or underflows. Without an instruction one costs about 35 of them. */
#if SIMD_FMA
OGIVE_INLINE vd vd_strict_fma(vd a, vd b, vd c) { return vd_fma(a, b, c); }
OGIVE_INLINE vd vd_strict_fnma(vd a, vd b, vd c) { return vd_fnma(a, b, c); }
#else
VD_TERNARY(strict_fma)
VD_TERNARY(strict_fnma)
#endif

/* Comparisons; both are true for NaN. */
VD_COMPARE(differs)
VD_COMPARE(not_at_least)
VD_COMPARE(no_common_bits)

OGIVE_INLINE vm vm_or(vm a, vm b)
{
    FOR_EACH_REG a.at[i] = reg_mask_or(a.at[i], b.at[i]);
    return a;
}
OGIVE_INLINE vm vm_and(vm a, vm b)
{
    FOR_EACH_REG a.at[i] = reg_mask_and(a.at[i], b.at[i]);
    return a;
}
OGIVE_INLINE vm vm_none(void)
{
    vm none;
    memset(&none, 0, sizeof none);
    return none;
}
/* One bit a lane, the first lane lowest. */
OGIVE_INLINE uint32_t vm_bits(vm m)
{
    uint32_t bits = 0;
    FOR_EACH_REG bits |= reg_mask_bits(m.at[i]) << (i * REG_LANES);
    return bits;
}
OGIVE_INLINE vd vd_select(vm m, vd yes, vd no)
{
    FOR_EACH_REG no.at[i] = reg_select(m.at[i], yes.at[i], no.at[i]);
    return no;
}

OGIVE_INLINE vd vd_table_get(reg_table table, vd index)
{
    FOR_EACH_REG index.at[i] = reg_table_get(table, index.at[i]);
    return index;
}

/* sum + lost, |lost| <= ulp(sum)/2, cut so that the last bit is 1 unless it is exact. */
OGIVE_INLINE vd vd_round_to_odd(vd sum, vd lost)
{
    const vd zero = vd_set(0.0), last_bit = vd_set_bits(1);
    vd away = vd_or_bits(sum, last_bit);
    vd toward_zero = vd_or_bits(vd_sub_bits(sum, last_bit), last_bit);
    vd odd = vd_select(vd_not_at_least(vd_mul(sum, lost), zero), toward_zero, away);
    return vd_select(vd_differs(lost, zero), odd, sum);
}

VD_LOAD(f64)
VD_LOAD(f32)
VD_LOAD(f16)
VD_STORE(f64)
VD_STORE(f32)

/* Rounds once, through float: rounding to odd (sticky last bit) at float's 24 bits loses
 * nothing that half's 11 bits could see (S. Boldo, G. Melquiond 2008). */
OGIVE_INLINE void vd_store_f16(char *to, vd a)
{
    const vd below = vd_set_bits((UINT64_C(1) << 29) - 1);
    const vd kept = vd_set_bits(~((UINT64_C(1) << 29) - 1)), last_kept = vd_set_bits(1 << 29);
    vd sticky = vd_and_bits(vd_add_bits(vd_and_bits(a, below), below), last_kept);
    a = vd_or_bits(vd_and_bits(a, kept), sticky);
    FOR_EACH_REG reg_store_f16(to + i * REG_LANES * SIZE_f16, a.at[i]);
}

/* A bfloat16 is the upper half of a float. */
OGIVE_INLINE vd vd_load_bf16(const char *from)
{
    uint16_t upper[VD_LANES];
    uint32_t floats[VD_LANES];
    memcpy(upper, from, sizeof upper);
    for (int lane = 0; lane < VD_LANES; lane++)
        floats[lane] = (uint32_t)upper[lane] << 16;
    return vd_load_f32((const char *)floats);
}

/* Rounds once, as a double: to the 8 bits of a bfloat16, below 2^-126 to units of 2^-133. */
OGIVE_INLINE void vd_store_bf16(char *to, vd a)
{
    const vd below_half = vd_set_bits((UINT64_C(1) << 44) - 1), last_bit = vd_set_bits(1);
    const vd kept = vd_set_bits(~((UINT64_C(1) << 45) - 1)), coarse = vd_set(0x1p-81);
    uint16_t upper[VD_LANES];
    uint32_t floats[VD_LANES];
    /* 2^128 becomes infinity; the bits after infinity's would be a signalling NaN. */
    vd size = vd_at_most(vd_abs(a), vd_set(0x1p128));
    vd odd = vd_and_bits(vd_shift_right(size, 45), last_bit);
    vd normal = vd_and_bits(vd_add_bits(size, vd_add_bits(odd, below_half)), kept);
    vd subnormal = vd_sub(vd_add(size, coarse), coarse); /* coarse has an ulp of 2^-133 */
    vd rounded = vd_select(vd_not_at_least(size, vd_set(0x1p-126)), subnormal, normal);
    vd_store_f32((char *)floats, vd_with_sign_of(rounded, a));
    for (int lane = 0; lane < VD_LANES; lane++)
        upper[lane] = (uint16_t)(floats[lane] >> 16);
    memcpy(to, upper, sizeof upper);
}

#ifdef SIMD_FLOATS
/* vf, as many registers of floats. */
typedef struct {
    regf at[SIMD_PACK];
} vf;
typedef struct {
    regf_mask at[SIMD_PACK];
} vfm;

enum { VF_LANES = 2 * VD_LANES };

OGIVE_INLINE vf vf_set(float value)
{
    vf result;
    FOR_EACH_REG result.at[i] = regf_set(value);
    return result;
}

PACK_BINARY(vf, regf, add)
PACK_BINARY(vf, regf, sub)
PACK_BINARY(vf, regf, mul)
PACK_BINARY(vf, regf, div)
PACK_TERNARY(vf, regf, fma)
PACK_TERNARY(vf, regf, fms)
PACK_TERNARY(vf, regf, fnma)
PACK_UNARY(vf, regf, abs)
PACK_BINARY(vf, regf, with_sign_of)
PACK_BINARY(vf, regf, at_most)
PACK_BINARY(vf, regf, at_least)
/* sum + lost, not 0, |lost| <= ulp(sum)/2, cut so that the last bit is 1. */
PACK_BINARY(vf, regf, sticky)
PACK_COMPARE(vf, vfm, regf, differs)
PACK_COMPARE(vf, vfm, regf, not_at_least)

/* Backends with floats have an fma. */
OGIVE_INLINE vf vf_residual(vf a, vf b, vf c) { return vf_fms(a, b, c); }

OGIVE_INLINE vf vf_sub_shifted(vf a, vf b, int bits)
{
    FOR_EACH_REG a.at[i] = regf_sub_shifted(a.at[i], b.at[i], bits);
    return a;
}
OGIVE_INLINE vf vf_table_get(regf_table table, vf index)
{
    FOR_EACH_REG index.at[i] = regf_table_get(table, index.at[i]);
    return index;
}
OGIVE_INLINE vfm vfm_or(vfm a, vfm b)
{
    FOR_EACH_REG a.at[i] = regf_mask_or(a.at[i], b.at[i]);
    return a;
}
OGIVE_INLINE vfm vfm_and(vfm a, vfm b)
{
    FOR_EACH_REG a.at[i] = regf_mask_and(a.at[i], b.at[i]);
    return a;
}
OGIVE_INLINE uint32_t vfm_bits(vfm m)
{
    uint32_t bits = 0;
    FOR_EACH_REG bits |= regf_mask_bits(m.at[i]) << (i * 2 * REG_LANES);
    return bits;
}
OGIVE_INLINE vf vf_select(vfm m, vf yes, vf no)
{
    FOR_EACH_REG no.at[i] = regf_select(m.at[i], yes.at[i], no.at[i]);
    return no;
}

PACK_LOAD(vf, regf, f32, 2 * REG_LANES)
PACK_LOAD(vf, regf, f16, 2 * REG_LANES)
PACK_STORE(vf, regf, f32, 2 * REG_LANES)
PACK_STORE(vf, regf, f16, 2 * REG_LANES)
#endif

#endif
