/* What C's operators do to a reg, be it a double or a vector of doubles. */
#ifndef OGIVE_SIMD_OPERATORS_H
#define OGIVE_SIMD_OPERATORS_H

#include "fma.h"

OGIVE_INLINE reg reg_add(reg a, reg b) { return a + b; }
OGIVE_INLINE reg reg_sub(reg a, reg b) { return a - b; }
OGIVE_INLINE reg reg_mul(reg a, reg b) { return a * b; }
OGIVE_INLINE reg reg_div(reg a, reg b) { return a / b; }

#if SIMD_FMA
OGIVE_INLINE reg reg_fma(reg a, reg b, reg c);
OGIVE_INLINE reg reg_fms(reg a, reg b, reg c) { return reg_fma(a, b, -c); }
OGIVE_INLINE reg reg_fnma(reg a, reg b, reg c) { return reg_fma(-a, b, c); }
#else
OGIVE_INLINE reg reg_fma(reg a, reg b, reg c) { return a * b + c; }
OGIVE_INLINE reg reg_fms(reg a, reg b, reg c) { return a * b - c; }
OGIVE_INLINE reg reg_fnma(reg a, reg b, reg c) { return c - a * b; }
#endif

#endif
