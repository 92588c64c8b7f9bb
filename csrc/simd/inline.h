/* How to force inlining and to forbid it, per compiler. */
#ifndef OGIVE_SIMD_INLINE_H
#define OGIVE_SIMD_INLINE_H

#if defined(_MSC_VER) && !defined(__clang__)
#define OGIVE_INLINE static __forceinline
#define OGIVE_COLD static __declspec(noinline)
#else
#define OGIVE_INLINE static inline __attribute__((always_inline, unused))
#define OGIVE_COLD static __attribute__((noinline, cold, unused))
#endif

#endif
