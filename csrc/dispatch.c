/* The backends built in, best first; each says itself whether it runs on this processor. */
#include "functions.h"
#include "isa/backends.h"

const ogive_backend *const ogive_backends[] = {
#if OGIVE_HAS_X86
    &ogive_avx512,   &ogive_avx2,
#endif
#if OGIVE_HAS_NEON
    &ogive_neon,
#endif
#if OGIVE_HAS_VECTORS
    &ogive_portable,
#endif
    &ogive_generic,  NULL,
};

#define COUNT_ROW(name, inputs, outputs, aliases, summary) +1
const int ogive_function_count = 0 OGIVE_FUNCTIONS(COUNT_ROW);

#if defined(__clang__)
const char *const ogive_compiler = "Clang " __clang_version__;
#elif defined(__GNUC__)
const char *const ogive_compiler = "GCC " __VERSION__;
#elif defined(_MSC_VER)
#define TEXT_OF(number) TEXT_OF_EXPANDED(number)
#define TEXT_OF_EXPANDED(number) #number
const char *const ogive_compiler = "MSVC " TEXT_OF(_MSC_FULL_VER);
#else
const char *const ogive_compiler = "unknown";
#endif
