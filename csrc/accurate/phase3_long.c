/* Phase 3 in up to 5,632 bits: the terms of a sum may be 2^1024 and e^-EXP_NEG_BOUND. */
#define LEAST_WORDS 32
#define MANY_WORDS 64
#define MOST_WORDS 176

#include "phase3_text.h"

#define PHASE3_ROW(name, inputs, outputs, aliases, summary)                                        \
    double ogive_##name##_phase3_long(const double *x, int output, const number_format *format)    \
    {                                                                                              \
        double result;                                                                             \
        decide(name##_big, x, output, format, &result);                                            \
        return result;                                                                             \
    }
OGIVE_FUNCTIONS(PHASE3_ROW)
