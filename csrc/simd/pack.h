/* vd, the value that kernels compute with: SIMD_PACK registers of doubles side by side; vf, as many
 * of floats, where the vocabulary has them (SIMD_FLOATS). vm and vfm are what they compare to.
 *
 * Kernels are long dependency chains; several registers in flight fill the pipelines.
 * Included at the end of each vocabulary, which defines reg, reg_mask and reg_*, or regf.
 *
 *   fma(a, b, c) = a b + c      fms(a, b, c) = a b - c      fnma(a, b, c) = c - a b
 *
 * are one instruction with one rounding where SIMD_FMA is 1, else rounded twice.
 * Where a kernel needs the product exact, it says vd_residual. */
#ifndef OGIVE_SIMD_PACK_H
#define OGIVE_SIMD_PACK_H

#include <string.h>

#define FOR_EACH_REG for (int i = 0; i < SIMD_PACK; i++)

enum { SIZE_f64 = 8, SIZE_f32 = 4, SIZE_f16 = 2, SIZE_bf16 = 2 };

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

#ifdef SIMD_WITHIN
#define PACK_WITHIN(v, reg) PACK_BINARY(v, reg, within)
#else
#define PACK_WITHIN(v, reg)
#endif

/* The bytes of a mask of no lanes. */
#ifndef SIMD_NO_LANE
#define SIMD_NO_LANE 0
#endif

/* What doubles and floats share:
 *
 *   at_most, at_least       the bound where x exceeds it; NaN stays
 *   within                  x, but the bound at most in size; NaN may become a bound (if SIMD_WITHIN)
 *   sub_shifted             a - (b << bits), as integers: one step, because b << bits on its own may
 *                           be a signalling NaN, which changes in x87 registers
 *   differs, not_at_least   both are true for NaN
 *   vm_bits                 one bit a lane, the first lane lowest
 */
#define PACK(v, vm, reg, scalar, scalar_bits, lanes)                                               \
    typedef struct {                                                                               \
        reg at[SIMD_PACK];                                                                         \
    } v;                                                                                           \
    typedef struct {                                                                               \
        reg##_mask at[SIMD_PACK];                                                                  \
    } vm;                                                                                          \
                                                                                                   \
    OGIVE_INLINE v v##_set(scalar value)                                                           \
    {                                                                                              \
        v result;                                                                                  \
        FOR_EACH_REG result.at[i] = reg##_set(value);                                              \
        return result;                                                                             \
    }                                                                                              \
                                                                                                   \
    PACK_BINARY(v, reg, add)                                                                       \
    PACK_BINARY(v, reg, sub)                                                                       \
    PACK_BINARY(v, reg, mul)                                                                       \
    PACK_BINARY(v, reg, div)                                                                       \
    PACK_TERNARY(v, reg, fma)                                                                      \
    PACK_TERNARY(v, reg, fms)                                                                      \
    PACK_TERNARY(v, reg, fnma)                                                                     \
    PACK_UNARY(v, reg, abs)                                                                        \
    PACK_BINARY(v, reg, at_most)                                                                   \
    PACK_BINARY(v, reg, at_least)                                                                  \
    PACK_WITHIN(v, reg)                                                                            \
    PACK_BINARY(v, reg, and_bits)                                                                  \
    PACK_BINARY(v, reg, or_bits)                                                                   \
                                                                                                   \
    OGIVE_INLINE v v##_set_bits(scalar_bits bits)                                                  \
    {                                                                                              \
        scalar value;                                                                              \
        memcpy(&value, &bits, sizeof value);                                                       \
        return v##_set(value);                                                                     \
    }                                                                                              \
    PACK_BINARY(v, reg, add_bits)                                                                  \
    PACK_BINARY(v, reg, sub_bits)                                                                  \
    OGIVE_INLINE v v##_shift_right(v a, int bits)                                                  \
    {                                                                                              \
        FOR_EACH_REG a.at[i] = reg##_shift_right(a.at[i], bits);                                   \
        return a;                                                                                  \
    }                                                                                              \
    OGIVE_INLINE v v##_sub_shifted(v a, v b, int bits)                                             \
    {                                                                                              \
        FOR_EACH_REG a.at[i] = reg##_sub_shifted(a.at[i], b.at[i], bits);                          \
        return a;                                                                                  \
    }                                                                                              \
    OGIVE_INLINE v v##_with_sign_of(v magnitude, v sign)                                           \
    {                                                                                              \
        return v##_or_bits(magnitude, v##_and_bits(sign, v##_set(-(scalar)0)));                    \
    }                                                                                              \
    OGIVE_INLINE v v##_table_get(reg##_table table, v index)                                       \
    {                                                                                              \
        FOR_EACH_REG index.at[i] = reg##_table_get(table, index.at[i]);                            \
        return index;                                                                              \
    }                                                                                              \
                                                                                                   \
    PACK_COMPARE(v, vm, reg, differs)                                                              \
    PACK_COMPARE(v, vm, reg, not_at_least)                                                         \
                                                                                                   \
    OGIVE_INLINE vm vm##_none(void)                                                                \
    {                                                                                              \
        vm none;                                                                                   \
        memset(&none, SIMD_NO_LANE, sizeof none);                                                  \
        return none;                                                                               \
    }                                                                                              \
    OGIVE_INLINE vm vm##_or(vm a, vm b)                                                            \
    {                                                                                              \
        FOR_EACH_REG a.at[i] = reg##_mask_or(a.at[i], b.at[i]);                                    \
        return a;                                                                                  \
    }                                                                                              \
    OGIVE_INLINE vm vm##_and(vm a, vm b)                                                           \
    {                                                                                              \
        FOR_EACH_REG a.at[i] = reg##_mask_and(a.at[i], b.at[i]);                                   \
        return a;                                                                                  \
    }                                                                                              \
    OGIVE_INLINE uint32_t vm##_bits(vm m)                                                          \
    {                                                                                              \
        uint32_t bits = 0;                                                                         \
        FOR_EACH_REG bits |= reg##_mask_bits(m.at[i]) << (i * (lanes));                            \
        return bits;                                                                               \
    }                                                                                              \
    OGIVE_INLINE v v##_select(vm m, v yes, v no)                                                   \
    {                                                                                              \
        FOR_EACH_REG no.at[i] = reg##_select(m.at[i], yes.at[i], no.at[i]);                        \
        return no;                                                                                 \
    }

/* Doubles */
PACK(vd, vm, reg, double, uint64_t, REG_LANES)

enum { VD_LANES = REG_LANES * SIMD_PACK };

/* residual          a b - c, exact but for one rounding of the difference, where c is so near to a b
 *                   that the rounded product minus c is exact
 * half_square_low   a^2/2 - half_square, which is that rounded, to 2^-77 a^2
 * reduce            k step - x, exact where that is a double: k is the integer nearest to x / step, below
 *                   2^14, and its products with 39 bits of the step are exact
 */
#if SIMD_FMA
OGIVE_INLINE vd vd_residual(vd a, vd b, vd c) { return vd_fms(a, b, c); }
OGIVE_INLINE vd vd_half_square_low(vd a, vd half_square)
{
    return vd_fms(vd_mul(a, vd_set(0.5)), a, half_square);
}
OGIVE_INLINE vd vd_reduce(vd x, vd k, vd step) { return vd_fms(k, step, x); }
#else
OGIVE_INLINE vd vd_upper_bits(vd a, int but)
{
    return vd_and_bits(a, vd_set_bits(~((UINT64_C(1) << but) - 1)));
}
/* As T. J. Dekker's, of 26 bits and the 27 below: every product and sum but the last is exact, that to
 * 2^-104 of a b. Cutting takes half the operations of his splitting, and does not overflow. */
OGIVE_INLINE vd vd_residual(vd a, vd b, vd c)
{
    vd product = vd_mul(a, b), a_high = vd_upper_bits(a, 27), b_high = vd_upper_bits(b, 27);
    vd a_low = vd_sub(a, a_high), b_low = vd_sub(b, b_high);
    vd lost = vd_sub(vd_mul(a_high, b_high), product);
    lost = vd_add(vd_add(lost, vd_mul(a_high, b_low)), vd_mul(a_low, b_high));
    return vd_add(vd_sub(product, c), vd_add(lost, vd_mul(a_low, b_low)));
}
OGIVE_INLINE vd vd_half_square_low(vd a, vd half_square)
{
    const vd half = vd_set(0.5);
    vd high = vd_upper_bits(a, 27), low = vd_sub(a, high);
    vd lost = vd_sub(vd_mul(high, vd_mul(high, half)), half_square);
    return vd_add(lost, vd_mul(low, vd_add(high, vd_mul(low, half))));
}
OGIVE_INLINE vd vd_reduce(vd x, vd k, vd step)
{
    vd high = vd_upper_bits(step, 14), low = vd_sub(step, high);
    return vd_add(vd_sub(vd_mul(k, high), x), vd_mul(k, low));
}
#endif

PACK_LOAD(vd, reg, f64, REG_LANES)
PACK_LOAD(vd, reg, f32, REG_LANES)
PACK_LOAD(vd, reg, f16, REG_LANES)
PACK_STORE(vd, reg, f64, REG_LANES)
PACK_STORE(vd, reg, f32, REG_LANES)
#ifdef SIMD_STREAMS
OGIVE_INLINE void vd_stream_f64(char *to, vd a)
{
    FOR_EACH_REG reg_stream_f64(to + i * REG_LANES * SIZE_f64, a.at[i]);
}
#endif

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

/* Whether a and b become different numbers of a type, or NaN. */
#define PACK_APART(type)                                                                           \
    OGIVE_INLINE vm vd_apart_##type(vd a, vd b)                                                    \
    {                                                                                              \
        char stored[2][VD_LANES * SIZE_##type];                                                    \
        vd_store_##type(stored[0], a);                                                             \
        vd_store_##type(stored[1], b);                                                             \
        return vd_differs(vd_load_##type(stored[0]), vd_load_##type(stored[1]));                   \
    }
PACK_APART(f16)
PACK_APART(bf16)
PACK_COMPARE(vd, vm, reg, apart_f32)

/* Floats */
#ifdef SIMD_FLOATS
PACK(vf, vfm, regf, float, uint32_t, 2 * REG_LANES)

#ifdef SIMD_FLOAT_WIDE_TABLE
OGIVE_INLINE vf vf_wide_table_get(const float *entries, vf index)
{
    FOR_EACH_REG index.at[i] = regf_wide_table_get(entries, index.at[i]);
    return index;
}
#endif

enum { VF_LANES = 2 * VD_LANES };

/* Backends with floats have an fma. */
OGIVE_INLINE vf vf_residual(vf a, vf b, vf c) { return vf_fms(a, b, c); }

/* Whether a and b become different numbers of a type: as bits, so that -0 is not 0. */
PACK_COMPARE(vf, vfm, regf, apart_f16)
PACK_COMPARE(vf, vfm, regf, apart_bf16)

PACK_LOAD(vf, regf, f32, 2 * REG_LANES)
PACK_LOAD(vf, regf, f16, 2 * REG_LANES)
PACK_LOAD(vf, regf, bf16, 2 * REG_LANES)
PACK_STORE(vf, regf, f32, 2 * REG_LANES)
PACK_STORE(vf, regf, f16, 2 * REG_LANES)
PACK_STORE(vf, regf, bf16, 2 * REG_LANES)
#endif

#endif
