/* The vocabulary in AVX2 with FMA and F16C: one register is 4 doubles. */
#ifndef OGIVE_SIMD_AVX2_H
#define OGIVE_SIMD_AVX2_H

#include "inline.h"
#include "x86.h"

#include <immintrin.h>
#include <stdint.h>

#ifndef SIMD_PACK
#define SIMD_PACK 2
#endif
enum { REG_LANES = 4 };
#define SIMD_FMA 1

typedef __m256d reg;
typedef __m256d reg_mask;

X86_ARITHMETIC(reg, double, _mm256, pd)

OGIVE_INLINE reg reg_abs(reg a) { return _mm256_andnot_pd(_mm256_set1_pd(-0.0), a); }

OGIVE_INLINE reg reg_add_bits(reg a, reg b)
{
    return _mm256_castsi256_pd(_mm256_add_epi64(_mm256_castpd_si256(a), _mm256_castpd_si256(b)));
}
OGIVE_INLINE reg reg_sub_bits(reg a, reg b)
{
    return _mm256_castsi256_pd(_mm256_sub_epi64(_mm256_castpd_si256(a), _mm256_castpd_si256(b)));
}
OGIVE_INLINE reg reg_sub_shifted(reg a, reg b, int bits)
{
    return reg_sub_bits(a, _mm256_castsi256_pd(_mm256_slli_epi64(_mm256_castpd_si256(b), bits)));
}
OGIVE_INLINE reg reg_shift_right(reg a, int bits)
{
    return _mm256_castsi256_pd(_mm256_srli_epi64(_mm256_castpd_si256(a), bits));
}

OGIVE_INLINE reg_mask reg_differs(reg a, reg b) { return _mm256_cmp_pd(a, b, _CMP_NEQ_UQ); }
OGIVE_INLINE reg_mask reg_not_at_least(reg a, reg b) { return _mm256_cmp_pd(a, b, _CMP_NGE_UQ); }
OGIVE_INLINE reg_mask reg_apart_f32(reg a, reg b)
{
    __m128 apart = _mm_cmp_ps(_mm256_cvtpd_ps(a), _mm256_cvtpd_ps(b), _CMP_NEQ_UQ);
    return _mm256_castsi256_pd(_mm256_cvtepi32_epi64(_mm_castps_si128(apart)));
}
OGIVE_INLINE reg_mask reg_mask_or(reg_mask a, reg_mask b) { return _mm256_or_pd(a, b); }
OGIVE_INLINE reg_mask reg_mask_and(reg_mask a, reg_mask b) { return _mm256_and_pd(a, b); }
OGIVE_INLINE uint32_t reg_mask_bits(reg_mask m) { return (uint32_t)_mm256_movemask_pd(m); }
OGIVE_INLINE reg reg_select(reg_mask m, reg yes, reg no) { return _mm256_blendv_pd(no, yes, m); }

typedef const double *reg_table;

OGIVE_INLINE reg_table reg_table_load(const void *entries) { return (reg_table)entries; }
/* Entry number (low four bits of index). Four loads are faster than a gather, on Zen 4 by 10 % of
 * float64 sigmoid's time; two tables share the offsets. */
OGIVE_INLINE reg reg_table_get(reg_table t, reg index)
{
    const char *from = (const char *)t;
    __m256i entry = _mm256_and_si256(_mm256_castpd_si256(index), _mm256_set1_epi64x(15));
    __m256i offsets = _mm256_slli_epi64(entry, 3);
    __m128i low = _mm256_castsi256_si128(offsets), high = _mm256_extracti128_si256(offsets, 1);
    __m128d lower = _mm_load_sd((const double *)(from + _mm_extract_epi64(low, 0)));
    __m128d upper = _mm_load_sd((const double *)(from + _mm_extract_epi64(high, 0)));
    lower = _mm_loadh_pd(lower, (const double *)(from + _mm_extract_epi64(low, 1)));
    upper = _mm_loadh_pd(upper, (const double *)(from + _mm_extract_epi64(high, 1)));
    return _mm256_insertf128_pd(_mm256_castpd128_pd256(lower), upper, 1);
}

OGIVE_INLINE reg reg_load_f64(const void *from) { return _mm256_loadu_pd((const double *)from); }
OGIVE_INLINE reg reg_load_f32(const void *from)
{
    return _mm256_cvtps_pd(_mm_loadu_ps((const float *)from));
}
OGIVE_INLINE reg reg_load_f16(const void *from)
{
    return _mm256_cvtps_pd(_mm_cvtph_ps(_mm_loadl_epi64((const __m128i *)from)));
}
OGIVE_INLINE void reg_store_f64(void *to, reg a) { _mm256_storeu_pd((double *)to, a); }
X86_STREAM(_mm256)
OGIVE_INLINE void reg_store_f32(void *to, reg a) { _mm_storeu_ps((float *)to, _mm256_cvtpd_ps(a)); }
/* a must be a double rounded to odd at float precision, see vd_store_f16. */
OGIVE_INLINE void reg_store_f16(void *to, reg a)
{
    _mm_storel_epi64((__m128i *)to, _mm_cvtps_ph(_mm256_cvtpd_ps(a), _MM_FROUND_TO_NEAREST_INT));
}

/* 4-byte words: as many as there are at `from`, then `last` again and again. */
OGIVE_INLINE void reg_fill(void *to, const void *from, int words, int64_t last)
{
    const __m256i order = _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7);
    __m256i given = _mm256_cmpgt_epi32(_mm256_set1_epi32(words), order);
    __m256i first = _mm256_maskload_epi32((const int *)from, given);
    __m256i all = _mm256_blendv_epi8(_mm256_set1_epi64x(last), first, given);
    _mm256_storeu_si256((__m256i *)to, all);
}

/* Floats, 8 in a register. */
#define SIMD_FLOATS
#define SIMD_FLOAT_TABLE 8

typedef __m256 regf;
typedef __m256 regf_mask;
typedef __m256 regf_table;

X86_ARITHMETIC(regf, float, _mm256, ps)
OGIVE_INLINE regf regf_abs(regf a) { return _mm256_andnot_ps(_mm256_set1_ps(-0.0F), a); }
OGIVE_INLINE regf regf_add_bits(regf a, regf b)
{
    return _mm256_castsi256_ps(_mm256_add_epi32(_mm256_castps_si256(a), _mm256_castps_si256(b)));
}
OGIVE_INLINE regf regf_sub_bits(regf a, regf b)
{
    return _mm256_castsi256_ps(_mm256_sub_epi32(_mm256_castps_si256(a), _mm256_castps_si256(b)));
}
OGIVE_INLINE regf regf_shift_right(regf a, int bits)
{
    return _mm256_castsi256_ps(_mm256_srli_epi32(_mm256_castps_si256(a), bits));
}
OGIVE_INLINE regf regf_sub_shifted(regf a, regf b, int bits)
{
    __m256i shifted = _mm256_slli_epi32(_mm256_castps_si256(b), bits);
    return _mm256_castsi256_ps(_mm256_sub_epi32(_mm256_castps_si256(a), shifted));
}
OGIVE_INLINE regf_mask regf_differs(regf a, regf b) { return _mm256_cmp_ps(a, b, _CMP_NEQ_UQ); }
OGIVE_INLINE regf_mask regf_not_at_least(regf a, regf b)
{
    return _mm256_cmp_ps(a, b, _CMP_NGE_UQ);
}
OGIVE_INLINE regf_mask regf_mask_or(regf_mask a, regf_mask b) { return _mm256_or_ps(a, b); }
OGIVE_INLINE regf_mask regf_mask_and(regf_mask a, regf_mask b) { return _mm256_and_ps(a, b); }
OGIVE_INLINE regf regf_select(regf_mask m, regf yes, regf no)
{
    return _mm256_blendv_ps(no, yes, m);
}
OGIVE_INLINE uint32_t regf_mask_bits(regf_mask m) { return (uint32_t)_mm256_movemask_ps(m); }

/* 8-entry tables live in a register. */
OGIVE_INLINE regf_table regf_table_load(const void *entries)
{
    return _mm256_loadu_ps((const float *)entries);
}
/* Entry number (low three bits of index). */
OGIVE_INLINE regf regf_table_get(regf_table t, regf index)
{
    return _mm256_permutevar8x32_ps(t, _mm256_castps_si256(index));
}
OGIVE_INLINE regf regf_load_f32(const void *from) { return _mm256_loadu_ps((const float *)from); }
OGIVE_INLINE regf regf_load_f16(const void *from)
{
    return _mm256_cvtph_ps(_mm_loadu_si128((const __m128i *)from));
}
OGIVE_INLINE __m128i regf_to_halves(regf a)
{
    return _mm256_cvtps_ph(a, _MM_FROUND_TO_NEAREST_INT);
}
OGIVE_INLINE regf_mask regf_apart_f16(regf a, regf b)
{
    __m128i same = _mm_cmpeq_epi16(regf_to_halves(a), regf_to_halves(b));
    __m128i differ = _mm_xor_si128(same, _mm_set1_epi16(-1));
    return _mm256_castsi256_ps(_mm256_cvtepi16_epi32(differ));
}
/* A bfloat16 is the upper half of a float. NaN stays NaN. */
OGIVE_INLINE regf regf_load_bf16(const void *from)
{
    __m256i upper = _mm256_cvtepu16_epi32(_mm_loadu_si128((const __m128i *)from));
    return _mm256_castsi256_ps(_mm256_slli_epi32(upper, 16));
}
OGIVE_INLINE __m256i regf_to_bfloats(regf a)
{
    __m256i bits = _mm256_castps_si256(a), upper = _mm256_srli_epi32(bits, 16);
    __m256i odd = _mm256_and_si256(upper, _mm256_set1_epi32(1));
    bits = _mm256_add_epi32(bits, _mm256_add_epi32(odd, _mm256_set1_epi32(0x7fff)));
    return _mm256_srli_epi32(bits, 16);
}
OGIVE_INLINE regf_mask regf_apart_bf16(regf a, regf b)
{
    __m256i same = _mm256_cmpeq_epi32(regf_to_bfloats(a), regf_to_bfloats(b));
    return _mm256_castsi256_ps(_mm256_xor_si256(same, _mm256_set1_epi32(-1)));
}
OGIVE_INLINE void regf_store_bf16(void *to, regf a)
{
    __m256i upper = regf_to_bfloats(a);
    _mm_storeu_si128((__m128i *)to, _mm_packus_epi32(_mm256_castsi256_si128(upper),
                                                     _mm256_extracti128_si256(upper, 1)));
}
OGIVE_INLINE void regf_store_f32(void *to, regf a) { _mm256_storeu_ps((float *)to, a); }
OGIVE_INLINE void regf_store_f16(void *to, regf a)
{
    _mm_storeu_si128((__m128i *)to, regf_to_halves(a));
}

#include "pack.h"

#endif
