/* AVX2, FMA and F16C: Haswell (2013), Zen (2017) and later. */
#include "backends.h"

#if OGIVE_HAS_X86

#include "cpuid.h"

#include <immintrin.h>
#include <math.h>
#include <string.h>

#if defined(__clang__)
#pragma clang attribute push(__attribute__((target("avx2,fma,f16c,prfchw"))), apply_to = function)
#elif defined(__GNUC__)
#pragma GCC push_options
#pragma GCC target("avx2,fma,f16c,prfchw,tune=skylake-avx512")
#pragma GCC optimize("schedule-insns", "sched-pressure", "fp-contract=off")
#endif

#include "../simd/avx2.h"

#include "../kernels/backend.h"

#if defined(__clang__)
#pragma clang attribute pop
#elif defined(__GNUC__)
#pragma GCC pop_options
#endif

static int runs_here(void) { return ogive_cpu_has_avx2(); }

const ogive_backend ogive_avx2 = {"avx2", BACKEND_COMPLEX, BACKEND_FUNCTIONS, runs_here};

#else
typedef int ogive_no_avx2; /* ISO C wants a declaration in every file */
#endif
