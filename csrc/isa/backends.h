/* Which backends this compiler builds for this processor. */
#ifndef OGIVE_ISA_BACKENDS_H
#define OGIVE_ISA_BACKENDS_H

#include "../ogive.h"

#if (defined(__x86_64__) && defined(__GNUC__)) || (defined(_M_X64) && !defined(_M_ARM64EC))
#define OGIVE_HAS_X86 1
extern const ogive_backend ogive_avx512, ogive_avx2;
#else
#define OGIVE_HAS_X86 0
#endif

#if defined(__aarch64__) && defined(__ARM_NEON) && !defined(__AARCH64EB__)
#define OGIVE_HAS_NEON 1
extern const ogive_backend ogive_neon;
#else
#define OGIVE_HAS_NEON 0
#endif

/* Vectors of doubles, if they are rounded to doubles: from GCC 9 on they convert. */
#if (defined(__clang__) || (defined(__GNUC__) && __GNUC__ >= 9)) && __FLT_EVAL_METHOD__ % 16 == 0
#define OGIVE_HAS_VECTORS 1
extern const ogive_backend ogive_portable;
#else
#define OGIVE_HAS_VECTORS 0
#endif

extern const ogive_backend ogive_generic;

#endif
