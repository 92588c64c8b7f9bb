/* Phase 3 in 256 and 512 bits. Nearly always they suffice, they are copied fast, and a thread may have a
 * stack of 32 KiB in all. */
#define LEAST_WORDS 8
#define MANY_WORDS 16
#define MOST_WORDS 16

#include "phase3_text.h"

#define PHASE3_ROW(name, inputs, outputs, aliases, summary)                                        \
    double ogive_##name##_phase3(const double *x, int output, const number_format *format)         \
    {                                                                                              \
        double result;                                                                             \
        if (decide(name##_big, x, output, format, &result))                                        \
            return result;                                                                         \
        return ogive_##name##_phase3_long(x, output, format);                                      \
    }
OGIVE_FUNCTIONS(PHASE3_ROW)
