/* From approximations with known errors to the one correctly rounded result.
 *
 * Ziv's strategy (A. Ziv 1991): phase 1 is the kernel of a backend. Phase 2 evaluates the exact text
 * of a function in double-double; where both ends of its error interval round to one number of the
 * dtype, that is the result. Else phase 3 evaluates the same text in integers of 256 bits, 512 and
 * so on. What 5,632 bits cannot tell from a midpoint of two numbers is one. */
#ifndef OGIVE_ACCURATE_ROUNDING_H
#define OGIVE_ACCURATE_ROUNDING_H

#include "scaled.h"

enum { MAX_INPUTS = 5, MAX_OUTPUTS = 2 };

typedef void phase2_function(const double *x, scaled_dd *y, const precision *to);
typedef double phase3_function(const double *x, int output, const number_format *format);

typedef struct {
    phase2_function *phase2;
    phase3_function *phase3;
} exact_function;

/* All outputs of one element; first_phase is 2, or 3 to test phase 3. */
OGIVE_COLD void round_exactly(const exact_function *f, const double *x, double *y, int outputs,
                              const number_format *format, int first_phase)
{
    scaled_dd values[MAX_OUTPUTS];
    const precision to = {format, 0};
    f->phase2(x, values, &to);
    for (int o = 0; o < outputs; o++) {
        const scaled_dd value = values[o];
        y[o] = value.value.high;
        if (is_zero_or_not_finite(y[o]))
            continue;
        if (first_phase == 2 && scaled_decides(value, format, &y[o]))
            continue;
        y[o] = f->phase3(x, o, format);
    }
}

#endif
