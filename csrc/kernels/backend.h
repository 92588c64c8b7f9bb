/* All kernels in the vocabulary included before, and their table, as BACKEND_FUNCTIONS. */
#include "../functions.h"
#include "../ogive.h"
#include "backward.h"
#include "gates.h"
#include "logit.h"
#include "loss.h"
#include "sigmoid.h"
#include "sigmoid_grad_from_output.h"
#include "silu.h"
#include "softplus.h"
#include "tanh.h"

#define KERNEL_ROW(name, inputs, outputs, aliases, summary)                                        \
    {#name,      inputs,     outputs,     aliases,           summary,          name##_f64,         \
     name##_f32, name##_f16, name##_bf16, name##_f64_phase2, name##_f64_phase3},

static const ogive_function BACKEND_FUNCTIONS[] = {OGIVE_FUNCTIONS(KERNEL_ROW)};
