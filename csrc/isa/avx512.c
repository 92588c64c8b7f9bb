/* AVX-512 F, DQ, BW, VL: Skylake-X (2017), Zen 4 (2022) and later. */
#include "backends.h"

#if OGIVE_HAS_X86

#include "cpuid.h"

#include <immintrin.h>
#include <math.h>
#include <string.h>

#if defined(__clang__)
#pragma clang attribute push(                                                                      \
    __attribute__((target("avx2,fma,f16c,prfchw,avx512f,avx512dq,avx512bw,avx512vl"))),            \
    apply_to = function)
#elif defined(__GNUC__)
#pragma GCC push_options
#pragma GCC target("avx2,fma,f16c,prfchw,avx512f,avx512dq,avx512bw,avx512vl,tune=skylake-avx512")
#pragma GCC optimize("schedule-insns", "sched-pressure", "fp-contract=off")
#endif

#include "../simd/avx512.h"

#include "../kernels/backend.h"

#if defined(__clang__)
#pragma clang attribute pop
#elif defined(__GNUC__)
#pragma GCC pop_options
#endif

static int runs_here(void) { return ogive_cpu_has_avx512(); }

const ogive_backend ogive_avx512 = {"avx512", BACKEND_COMPLEX, BACKEND_FUNCTIONS, runs_here};

#else
typedef int ogive_no_avx512; /* ISO C wants a declaration in every file */
#endif
