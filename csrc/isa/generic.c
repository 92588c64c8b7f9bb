/* Plain C99, for every platform. */
#include "../simd/generic.h"

#include "../kernels/backend.h"
#include "backends.h"

static int runs_here(void) { return 1; }

const ogive_backend ogive_generic = {"generic", BACKEND_COMPLEX, BACKEND_FUNCTIONS, runs_here};
