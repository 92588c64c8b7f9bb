/* What compilers spell differently: to force inlining and to forbid it (cold: and to save space rather
 * than time), the number of the lowest bit that is set, the prefetch of an address into the cache. */
#ifndef OGIVE_SIMD_INLINE_H
#define OGIVE_SIMD_INLINE_H

#include "../exact.h"

#if defined(_MSC_VER) && !defined(__clang__)
#define OGIVE_INLINE static __forceinline
#define OGIVE_APART static __declspec(noinline)
#define OGIVE_COLD OGIVE_APART
#else
#ifdef OGIVE_UNFORCED /* by sanitizers, which make too much code of it */
#define OGIVE_INLINE static inline __attribute__((unused))
#else
#define OGIVE_INLINE static inline __attribute__((always_inline, unused))
#endif
#define OGIVE_APART static __attribute__((noinline, unused))
#define OGIVE_COLD static __attribute__((noinline, cold, unused))
#endif

#if defined(_MSC_VER) && !defined(__clang__)
#include <intrin.h>
OGIVE_INLINE int lowest_bit(unsigned bits)
{
    unsigned long at;
    _BitScanForward(&at, bits);
    return (int)at;
}
#define PREFETCH_READ(address) ((void)(address))
#define PREFETCH_WRITE(address) ((void)(address))
#else
OGIVE_INLINE int lowest_bit(unsigned bits) { return __builtin_ctz(bits); }
#define PREFETCH_READ(address) __builtin_prefetch(address, 0)
#define PREFETCH_WRITE(address) __builtin_prefetch(address, 1)
#endif

#endif
