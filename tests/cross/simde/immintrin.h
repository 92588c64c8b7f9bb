/* AVX-512 on a processor without it: SIMDe carries it out by AVX2 and FMA, in two halves.
 *
 * Found before the compiler's header of the same name. csrc/isa/avx512.c then says that it runs
 * here, and asks for no AVX-512 instructions: neither CPUID nor the compiler may decide. */
#ifndef OGIVE_SIMDE_IMMINTRIN_H
#define OGIVE_SIMDE_IMMINTRIN_H

#include_next <immintrin.h>

#define SIMDE_ENABLE_NATIVE_ALIASES
#include <simde/x86/avx512.h>

/* What SIMDe does not have. */
static inline simde__m512d ogive_cvtps_pd(__m256 a)
{
    simde__m512d_private wide;
    wide.m256d[0] = _mm256_cvtps_pd(_mm256_castps256_ps128(a));
    wide.m256d[1] = _mm256_cvtps_pd(_mm256_extractf128_ps(a, 1));
    return simde__m512d_from_private(wide);
}
static inline __m256 ogive_cvtpd_ps(simde__m512d a)
{
    simde__m512d_private wide = simde__m512d_to_private(a);
    return _mm256_set_m128(_mm256_cvtpd_ps(wide.m256d[1]), _mm256_cvtpd_ps(wide.m256d[0]));
}
static inline simde__m512 ogive_cvtph_ps(__m256i a)
{
    simde__m512_private wide;
    wide.m256[0] = _mm256_cvtph_ps(_mm256_castsi256_si128(a));
    wide.m256[1] = _mm256_cvtph_ps(_mm256_extracti128_si256(a, 1));
    return simde__m512_from_private(wide);
}
static inline __m256i ogive_cvtps_ph(simde__m512 a)
{
    simde__m512_private wide = simde__m512_to_private(a);
    __m128i low = _mm256_cvtps_ph(wide.m256[0], _MM_FROUND_TO_NEAREST_INT);
    return _mm256_set_m128i(_mm256_cvtps_ph(wide.m256[1], _MM_FROUND_TO_NEAREST_INT), low);
}
static inline simde__m512i ogive_cvtepu16_epi32(__m256i a)
{
    simde__m512i_private wide;
    wide.m256i[0] = _mm256_cvtepu16_epi32(_mm256_castsi256_si128(a));
    wide.m256i[1] = _mm256_cvtepu16_epi32(_mm256_extracti128_si256(a, 1));
    return simde__m512i_from_private(wide);
}
static inline __m256i ogive_cvtepi32_epi16(simde__m512i a)
{
    simde__m512i_private wide = simde__m512i_to_private(a);
    __m256i low_halves = _mm256_set1_epi32(0xffff);
    __m256i packed = _mm256_packus_epi32(_mm256_and_si256(wide.m256i[0], low_halves),
                                         _mm256_and_si256(wide.m256i[1], low_halves));
    return _mm256_permute4x64_epi64(packed, _MM_SHUFFLE(3, 1, 2, 0));
}
static inline __mmask16 ogive_cmpeq_epi16_mask(__m256i a, __m256i b)
{
    return (__mmask16)~simde_mm256_cmpneq_epi16_mask(a, b);
}
static inline simde__m512i ogive_mask_loadu_epi32(simde__m512i rest, __mmask16 given,
                                                  const void *from)
{
    simde__m512i_private all = simde__m512i_to_private(rest);
    for (int i = 0; i < 16; i++)
        if (given >> i & 1)
            memcpy(&all.i32[i], (const char *)from + 4 * i, 4);
    return simde__m512i_from_private(all);
}
static inline void ogive_stream_pd(double *to, simde__m512d a)
{
    simde__m512d_private wide = simde__m512d_to_private(a);
    _mm256_stream_pd(to, wide.m256d[0]);
    _mm256_stream_pd(to + 4, wide.m256d[1]);
}
/* Its own leave -0 as it is. */
static inline simde__m512d ogive_abs_pd(simde__m512d a)
{
    return simde_mm512_andnot_pd(simde_mm512_set1_pd(-0.0), a);
}
static inline simde__m512 ogive_abs_ps(simde__m512 a)
{
    return simde_mm512_andnot_ps(simde_mm512_set1_ps(-0.0f), a);
}
#undef _mm512_abs_pd
#undef _mm512_abs_ps
#define _mm512_abs_pd ogive_abs_pd
#define _mm512_abs_ps ogive_abs_ps
#define _mm512_mask_loadu_epi32 ogive_mask_loadu_epi32
#define _mm512_stream_pd ogive_stream_pd
#define _mm512_cvtph_ps ogive_cvtph_ps
#define _mm512_maskz_cvtps_ph(mask, a, rounding) ogive_cvtps_ph(a)
#define _mm512_cvtepu16_epi32 ogive_cvtepu16_epi32
#define _mm256_cmpeq_epi16_mask ogive_cmpeq_epi16_mask
#define _mm512_cvtepi32_epi16 ogive_cvtepi32_epi16
#define _mm512_cvtps_pd ogive_cvtps_pd
#define _mm512_cvtpd_ps ogive_cvtpd_ps

#define ogive_cpu_has_avx512() 1
#undef __GNUC__ /* what asks for the pragma that turns on AVX-512 */

#endif
