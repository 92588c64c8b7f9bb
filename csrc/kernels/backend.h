/* All kernels in the vocabulary included before, and their table, as BACKEND_FUNCTIONS. */
#include "../functions.h"
#include "../ogive.h"
#include "exp.h"
#include "log1p.h"
#include "run.h"

#define PAIR_TEXT
#include "with_doubles.h"
#ifdef SIMD_FLOATS
#include "with_floats.h"
#endif
#undef PAIR_TEXT

#define PLAIN_TEXT
#include "with_doubles.h"
#ifdef SIMD_FLOATS
#include "with_floats.h"
#endif
#undef PLAIN_TEXT

#define REGISTRATION
#include "texts.h"
#undef REGISTRATION

#define KERNEL_ROW(name, inputs, outputs, aliases, summary)                                        \
    {#name,      inputs,     outputs,     aliases,           summary,          name##_f64,         \
     name##_f32, name##_f16, name##_bf16, name##_f64_phase2, name##_f64_phase3},

static const ogive_function BACKEND_FUNCTIONS[] = {OGIVE_FUNCTIONS(KERNEL_ROW)};
