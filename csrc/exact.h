/* What the kernels cannot bear of a compiler's flags. setup.py undoes it; other builds should be told,
 * as should whoever uses a compiler that takes the flags of setup.py for something else. */
#ifndef OGIVE_EXACT_H
#define OGIVE_EXACT_H

#if defined(__FAST_MATH__) || defined(_M_FP_FAST)
#error "ogive's results need exact arithmetic: -ffast-math, -Ofast or /fp:fast is on"
#endif
#if defined(__FINITE_MATH_ONLY__) && __FINITE_MATH_ONLY__
#error "ogive's results need infinities and NaN: -ffinite-math-only is on"
#endif
/* GCC 12 and later tell these. */
#if defined(__ASSOCIATIVE_MATH__) || defined(__RECIPROCAL_MATH__)
#error "ogive's results need exact arithmetic: -fassociative-math or -freciprocal-math is on"
#endif
#if defined(__NO_SIGNED_ZEROS__)
#error "ogive's results need the sign of zero: -fno-signed-zeros is on"
#endif

/* The 32-bit x87 is set to doubles in environment.h. 16 concerns _Float16 alone. */
#if defined(__x86_64__) && defined(__FLT_EVAL_METHOD__)
#if __FLT_EVAL_METHOD__ != 0 && __FLT_EVAL_METHOD__ != 16
#error "ogive's results need doubles rounded to doubles: -mfpmath=387 is on"
#endif
#endif

/* An array of -1 elements with -fsingle-precision-constant. */
typedef char ogive_needs_no_fsingle_precision_constant[sizeof 1.0 == sizeof(double) ? 1 : -1];

#endif
