/* SIMD_FMA: whether fma is an instruction. Files for processors that have it define it before. */
#ifndef OGIVE_SIMD_FMA_H
#define OGIVE_SIMD_FMA_H

#ifndef SIMD_FMA
#if defined(__FP_FAST_FMA) || defined(__aarch64__)
#define SIMD_FMA 1
#else
#define SIMD_FMA 0
#endif
#endif

#endif
