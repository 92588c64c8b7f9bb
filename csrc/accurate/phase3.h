/* Phase 3 of every function, as ogive_NAME_phase3; what it leaves to longer numbers has another name. */
#ifndef OGIVE_ACCURATE_PHASE3_H
#define OGIVE_ACCURATE_PHASE3_H

#include "rounding.h"

#define PHASE3_ROW(name, inputs, outputs, aliases, summary)                                        \
    double ogive_##name##_phase3(const double *x, int output, const number_format *format);        \
    double ogive_##name##_phase3_long(const double *x, int output, const number_format *format);
OGIVE_FUNCTIONS(PHASE3_ROW)
#undef PHASE3_ROW

#endif
