/* From approximations with known errors to the one correctly rounded result.
 *
 * Ziv's strategy (A. Ziv 1991): phase 1 is the kernel of a backend. Phase 2 evaluates the exact text
 * of a function in double-double; where both ends of its error interval round to one number of the
 * dtype, that is the result. Else phase 3 evaluates the same text in integers of 256 bits, 512 and
 * so on. What 5,632 bits cannot tell from a midpoint of two numbers is one. */
#ifndef OGIVE_ACCURATE_ROUNDING_H
#define OGIVE_ACCURATE_ROUNDING_H

#include "../functions.h"

#include <float.h>

enum { MAX_INPUTS = 5, MAX_OUTPUTS = 2 };

/* What a dtype's numbers are: of so many digits, multiples of 2^least, up to `largest`. */
typedef struct {
    int digits, least;
    double largest;
} number_format;

static const number_format format_f64 = {53, -1074, DBL_MAX}, format_f32 = {24, -149, FLT_MAX},
                           format_f16 = {11, -24, 65504.0}, format_bf16 = {8, -133, 0x1.fep127};

/* All outputs of one element; first_phase is 2, or 3 to test phase 3. */
typedef void exact_function(const double *x, double *y, const number_format *format,
                            int first_phase);

/* ogive_NAME_exactly, and as its backends have fma on x86, where not all processors do. */
#define EXACT_ROW(name, inputs, outputs, aliases, summary)                                         \
    exact_function ogive_##name##_exactly, ogive_##name##_exactly_with_fma;
OGIVE_FUNCTIONS(EXACT_ROW)
#undef EXACT_ROW

#endif
