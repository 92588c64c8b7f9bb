/* What AVX2 and AVX-512 spell alike, for doubles (pd) and for floats (ps). */
#ifndef OGIVE_SIMD_X86_H
#define OGIVE_SIMD_X86_H

/* csrc/isa/avx2.c and avx512.c have gcc order instructions before it gives out the registers, with the
 * latencies of Skylake: it would keep those of the source, so that long chains wait (Zen 5, float64,
 * geometric mean of all functions: 5 % with AVX2, 3 % with AVX-512; the cells 5 to 10 %). The pragma
 * may forget -ffp-contract=off, and repeats it. */

/* at_most and at_least: a NaN x stays NaN, as x86 returns the second operand where one is NaN. */
#define X86_ARITHMETIC(reg, scalar, mm, type)                                                      \
    OGIVE_INLINE reg reg##_set(scalar value) { return mm##_set1_##type(value); }                   \
    OGIVE_INLINE reg reg##_add(reg a, reg b) { return mm##_add_##type(a, b); }                     \
    OGIVE_INLINE reg reg##_sub(reg a, reg b) { return mm##_sub_##type(a, b); }                     \
    OGIVE_INLINE reg reg##_mul(reg a, reg b) { return mm##_mul_##type(a, b); }                     \
    OGIVE_INLINE reg reg##_div(reg a, reg b) { return mm##_div_##type(a, b); }                     \
    OGIVE_INLINE reg reg##_fma(reg a, reg b, reg c) { return mm##_fmadd_##type(a, b, c); }         \
    OGIVE_INLINE reg reg##_fms(reg a, reg b, reg c) { return mm##_fmsub_##type(a, b, c); }         \
    OGIVE_INLINE reg reg##_fnma(reg a, reg b, reg c) { return mm##_fnmadd_##type(a, b, c); }       \
    OGIVE_INLINE reg reg##_at_most(reg x, reg bound) { return mm##_min_##type(bound, x); }         \
    OGIVE_INLINE reg reg##_at_least(reg x, reg bound) { return mm##_max_##type(bound, x); }        \
    OGIVE_INLINE reg reg##_and_bits(reg a, reg b) { return mm##_and_##type(a, b); }                \
    OGIVE_INLINE reg reg##_or_bits(reg a, reg b) { return mm##_or_##type(a, b); }

#define EXACTLY(name) ogive_##name##_exactly_with_fma

/* reg_fill writes whole registers, which loads of them need not wait for. */
#define SIMD_FILLS

/* Stores around the caches, of aligned registers that make up whole lines. */
#define SIMD_STREAMS
#define X86_STREAM(mm)                                                                             \
    OGIVE_INLINE void reg_stream_f64(void *to, reg a) { mm##_stream_pd((double *)to, a); }         \
    OGIVE_INLINE void streams_end(void) { _mm_sfence(); }

#endif
