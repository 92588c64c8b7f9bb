/* The vocabulary in AVX-512 (F, DQ, BW, VL): one register is 8 doubles. */
#ifndef OGIVE_SIMD_AVX512_H
#define OGIVE_SIMD_AVX512_H

#include "inline.h"
#include "x86.h"

#include <immintrin.h>
#include <stdint.h>

/* Registers in flight per value. Of 1 and 2 (Zen 5, N(0, 4^2) in L2, ns per element): float64 sigmoid
 * 0.54, 0.52, its gradient 0.62, 0.58, float32 sigmoid 0.22, 0.21. Of 4, the masks of floats would
 * not be of 32 bits. */
#ifndef SIMD_PACK
#define SIMD_PACK 2
#endif
enum { REG_LANES = 8 };
#define SIMD_FMA 1
#define SIMD_NO_LANE 0xFF

typedef __m512d reg;
/* A mask has the lanes of which its condition does not hold: what is true of one of several conditions,
 * as doubt is, takes comparisons that are masked by another, and no operation more. */
typedef __mmask8 reg_mask;

X86_ARITHMETIC(reg, double, _mm512, pd)

/* The smaller in size, of the sign of x. Without optimisation gcc has macros, whose mask it warns of. */
#define SIMD_WITHIN
#ifdef __GNUC__
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-conversion"
#endif
OGIVE_INLINE reg reg_within(reg x, reg bound) { return _mm512_range_pd(x, bound, 2); }
OGIVE_INLINE __m512 regf_within(__m512 x, __m512 bound) { return _mm512_range_ps(x, bound, 2); }
#ifdef __GNUC__
#pragma GCC diagnostic pop
#endif

OGIVE_INLINE reg reg_abs(reg a) { return _mm512_abs_pd(a); }

OGIVE_INLINE reg reg_add_bits(reg a, reg b)
{
    return _mm512_castsi512_pd(_mm512_add_epi64(_mm512_castpd_si512(a), _mm512_castpd_si512(b)));
}
OGIVE_INLINE reg reg_sub_bits(reg a, reg b)
{
    return _mm512_castsi512_pd(_mm512_sub_epi64(_mm512_castpd_si512(a), _mm512_castpd_si512(b)));
}
/* Counts are of 8 bits: versions of gcc differ in whether the intrinsics take int or unsigned, and
 * either takes these without -Wsign-conversion. */
OGIVE_INLINE reg reg_sub_shifted(reg a, reg b, int bits)
{
    __m512i shifted = _mm512_slli_epi64(_mm512_castpd_si512(b), (uint8_t)bits);
    return reg_sub_bits(a, _mm512_castsi512_pd(shifted));
}
OGIVE_INLINE reg reg_shift_right(reg a, int bits)
{
    return _mm512_castsi512_pd(_mm512_srli_epi64(_mm512_castpd_si512(a), (uint8_t)bits));
}

OGIVE_INLINE reg_mask reg_differs(reg a, reg b) { return _mm512_cmp_pd_mask(a, b, _CMP_EQ_OQ); }
OGIVE_INLINE reg_mask reg_not_at_least(reg a, reg b)
{
    return _mm512_cmp_pd_mask(a, b, _CMP_GE_OQ);
}
OGIVE_INLINE reg_mask reg_apart_f32(reg a, reg b)
{
    return _mm256_cmp_ps_mask(_mm512_cvtpd_ps(a), _mm512_cvtpd_ps(b), _CMP_EQ_OQ);
}
OGIVE_INLINE reg_mask reg_mask_or(reg_mask a, reg_mask b) { return (reg_mask)(a & b); }
OGIVE_INLINE reg_mask reg_mask_and(reg_mask a, reg_mask b) { return (reg_mask)(a | b); }
OGIVE_INLINE uint32_t reg_mask_bits(reg_mask m) { return (reg_mask)~m; }
OGIVE_INLINE reg reg_select(reg_mask m, reg yes, reg no)
{
    return _mm512_mask_blend_pd(m, yes, no);
}

/* 16-entry tables live in two registers. */
typedef struct {
    __m512d low, high;
} reg_table;

OGIVE_INLINE reg_table reg_table_load(const void *entries)
{
    reg_table t = {_mm512_loadu_pd(entries), _mm512_loadu_pd((const double *)entries + 8)};
    return t;
}
/* Entry number (low four bits of index). */
OGIVE_INLINE reg reg_table_get(reg_table t, reg index)
{
    return _mm512_permutex2var_pd(t.low, _mm512_castpd_si512(index), t.high);
}

OGIVE_INLINE reg reg_load_f64(const void *from) { return _mm512_loadu_pd(from); }
OGIVE_INLINE reg reg_load_f32(const void *from)
{
    return _mm512_cvtps_pd(_mm256_loadu_ps((const float *)from));
}
OGIVE_INLINE reg reg_load_f16(const void *from)
{
    return _mm512_cvtps_pd(_mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)from)));
}
OGIVE_INLINE void reg_store_f64(void *to, reg a) { _mm512_storeu_pd(to, a); }
X86_STREAM(_mm512)
OGIVE_INLINE void reg_store_f32(void *to, reg a)
{
    _mm256_storeu_ps((float *)to, _mm512_cvtpd_ps(a));
}
/* a must be a double rounded to odd at float precision, see vd_store_f16. */
OGIVE_INLINE void reg_store_f16(void *to, reg a)
{
    _mm_storeu_si128((__m128i *)to, _mm256_cvtps_ph(_mm512_cvtpd_ps(a), _MM_FROUND_TO_NEAREST_INT));
}

/* 4-byte words: as many as there are at `from`, then `last` again and again. */
OGIVE_INLINE void reg_fill(void *to, const void *from, int words, int64_t last)
{
    const __m512i order = _mm512_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
    __mmask16 given = _mm512_cmpgt_epi32_mask(_mm512_set1_epi32(words), order);
    _mm512_storeu_si512(to, _mm512_mask_loadu_epi32(_mm512_set1_epi64(last), given, from));
}

/* Floats, 16 in a register. */
#define SIMD_FLOATS
#define SIMD_FLOAT_TABLE 16

typedef __m512 regf;
typedef __mmask16 regf_mask;
typedef __m512 regf_table;

X86_ARITHMETIC(regf, float, _mm512, ps)
OGIVE_INLINE regf regf_abs(regf a) { return _mm512_abs_ps(a); }
OGIVE_INLINE regf regf_add_bits(regf a, regf b)
{
    return _mm512_castsi512_ps(_mm512_add_epi32(_mm512_castps_si512(a), _mm512_castps_si512(b)));
}
OGIVE_INLINE regf regf_sub_bits(regf a, regf b)
{
    return _mm512_castsi512_ps(_mm512_sub_epi32(_mm512_castps_si512(a), _mm512_castps_si512(b)));
}
OGIVE_INLINE regf regf_shift_right(regf a, int bits)
{
    return _mm512_castsi512_ps(_mm512_srli_epi32(_mm512_castps_si512(a), (uint8_t)bits));
}
OGIVE_INLINE regf regf_sub_shifted(regf a, regf b, int bits)
{
    __m512i shifted = _mm512_slli_epi32(_mm512_castps_si512(b), (uint8_t)bits);
    return _mm512_castsi512_ps(_mm512_sub_epi32(_mm512_castps_si512(a), shifted));
}
OGIVE_INLINE regf_mask regf_differs(regf a, regf b) { return _mm512_cmp_ps_mask(a, b, _CMP_EQ_OQ); }
OGIVE_INLINE regf_mask regf_not_at_least(regf a, regf b)
{
    return _mm512_cmp_ps_mask(a, b, _CMP_GE_OQ);
}
OGIVE_INLINE regf_mask regf_mask_or(regf_mask a, regf_mask b) { return (regf_mask)(a & b); }
OGIVE_INLINE regf_mask regf_mask_and(regf_mask a, regf_mask b) { return (regf_mask)(a | b); }
OGIVE_INLINE regf regf_select(regf_mask m, regf yes, regf no)
{
    return _mm512_mask_blend_ps(m, yes, no);
}
OGIVE_INLINE uint32_t regf_mask_bits(regf_mask m) { return (regf_mask)~m; }

/* 16-entry tables live in a register. */
OGIVE_INLINE regf_table regf_table_load(const void *entries)
{
    return _mm512_loadu_ps((const float *)entries);
}
/* Entry number (low four bits of index). */
OGIVE_INLINE regf regf_table_get(regf_table t, regf index)
{
    return _mm512_permutexvar_ps(_mm512_castps_si512(index), t);
}
/* Of 32 entries, by the low five bits. */
#define SIMD_FLOAT_WIDE_TABLE
OGIVE_INLINE regf regf_wide_table_get(const float *entries, regf index)
{
    return _mm512_permutex2var_ps(_mm512_loadu_ps(entries), _mm512_castps_si512(index),
                                  _mm512_loadu_ps(entries + 16));
}
OGIVE_INLINE regf regf_load_f32(const void *from) { return _mm512_loadu_ps((const float *)from); }
OGIVE_INLINE regf regf_load_f16(const void *from)
{
    return _mm512_cvtph_ps(_mm256_loadu_si256((const __m256i *)from));
}
/* A bfloat16 is the upper half of a float. NaN stays NaN. */
OGIVE_INLINE regf regf_load_bf16(const void *from)
{
    __m512i upper = _mm512_cvtepu16_epi32(_mm256_loadu_si256((const __m256i *)from));
    return _mm512_castsi512_ps(_mm512_slli_epi32(upper, 16));
}
OGIVE_INLINE __m512i regf_to_bfloats(regf a)
{
    __m512i bits = _mm512_castps_si512(a), upper = _mm512_srli_epi32(bits, 16);
    __m512i odd = _mm512_and_si512(upper, _mm512_set1_epi32(1));
    bits = _mm512_add_epi32(bits, _mm512_add_epi32(odd, _mm512_set1_epi32(0x7fff)));
    return _mm512_srli_epi32(bits, 16);
}
OGIVE_INLINE regf_mask regf_apart_bf16(regf a, regf b)
{
    return _mm512_cmpeq_epi32_mask(regf_to_bfloats(a), regf_to_bfloats(b));
}
OGIVE_INLINE void regf_store_bf16(void *to, regf a)
{
    _mm256_storeu_si256((__m256i *)to, _mm512_cvtepi32_epi16(regf_to_bfloats(a)));
}
OGIVE_INLINE void regf_store_f32(void *to, regf a) { _mm512_storeu_ps((float *)to, a); }
/* With a mask, as gcc's header converts the one of _mm512_cvtps_ph implicitly. */
OGIVE_INLINE __m256i regf_to_halves(regf a)
{
    return _mm512_maskz_cvtps_ph(0xFFFF, a, _MM_FROUND_TO_NEAREST_INT);
}
OGIVE_INLINE regf_mask regf_apart_f16(regf a, regf b)
{
    return _mm256_cmpeq_epi16_mask(regf_to_halves(a), regf_to_halves(b));
}
OGIVE_INLINE void regf_store_f16(void *to, regf a)
{
    _mm256_storeu_si256((__m256i *)to, regf_to_halves(a));
}

#include "pack.h"

#endif
