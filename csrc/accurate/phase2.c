/* Phase 2 for every processor of the target. */
#define EXACTLY(name) ogive_##name##_exactly

#include "phase2_text.h"
