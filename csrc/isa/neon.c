/* AArch64's Advanced SIMD, part of every such processor. */
#include "backends.h"

#if OGIVE_HAS_NEON

#include "../simd/neon.h"

#include "../kernels/backend.h"

static int runs_here(void) { return 1; }

const ogive_backend ogive_neon = {"neon", BACKEND_COMPLEX, BACKEND_FUNCTIONS, runs_here};

#else
typedef int ogive_no_neon; /* ISO C wants a declaration in every file */
#endif
