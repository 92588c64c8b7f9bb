/* 16-byte vectors of whatever processor: SSE2, SIMD128, VSX, z/Architecture. */
#include "backends.h"

#if OGIVE_HAS_VECTORS

#include "../simd/portable.h"

#include "../kernels/backend.h"

static int runs_here(void) { return 1; }

const ogive_backend ogive_portable = {"portable", BACKEND_COMPLEX, BACKEND_FUNCTIONS, runs_here};

#else
typedef int ogive_no_vectors; /* ISO C wants a declaration in every file */
#endif
