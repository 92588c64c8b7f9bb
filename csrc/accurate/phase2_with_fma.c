/* Phase 2 for x86 processors with fma, as those of csrc/isa/avx2.c and avx512.c. */
#include "../isa/backends.h"

#if OGIVE_HAS_X86

#include <math.h>
#include <stdlib.h>
#include <string.h>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma"))), apply_to = function)
#elif defined(__GNUC__)
#pragma GCC push_options
#pragma GCC target("avx2,fma")
#endif

#define SIMD_FMA 1
#define EXACTLY(name) ogive_##name##_exactly_with_fma

#include "phase2_text.h"

#if defined(__clang__)
#pragma clang attribute pop
#elif defined(__GNUC__)
#pragma GCC pop_options
#endif

#else
typedef int ogive_no_phase2_with_fma; /* ISO C wants a declaration in every file */
#endif
