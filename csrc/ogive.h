/* What csrc offers to the outside: the kernels of each backend, found by name. */
#ifndef OGIVE_H
#define OGIVE_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A kernel reads n elements from each contiguous input and writes n to each
 * contiguous output; args holds the inputs, then the outputs. An output may be
 * an input; other overlap is not allowed. Any alignment. To be called between
 * ogive_enter and ogive_leave of environment.h. */
typedef void ogive_kernel(char *const *args, ptrdiff_t n);

typedef struct {
    const char *name;
    int inputs, outputs;
    const char *aliases; /* separated by spaces */
    const char *summary;
    ogive_kernel *f64, *f32, *f16, *bf16;
    /* For tests: float64 with every element sent to phase 2 or phase 3 of the
     * accurate path; NULL where the function has no such phase. */
    ogive_kernel *f64_phase2, *f64_phase3;
} ogive_function;

/* A function of complex numbers: its kernel takes their real and imaginary parts as two inputs, and
 * makes two outputs. */
typedef struct {
    const char *name;
    ogive_kernel *f64; /* of parts up to OGIVE_COMPLEX_BOUND in size */
} ogive_complex;
#define OGIVE_COMPLEX_BOUND 300.0

typedef struct {
    const char *name;
    const ogive_complex *complex_functions; /* ended by NULL */
    const ogive_function *functions; /* OGIVE_FUNCTION_COUNT of them, in the order of functions.h */
    int (*runs_here)(void);
} ogive_backend;

/* The backends built in, best first, ended by NULL. */
extern const ogive_backend *const ogive_backends[];

/* The number of rows in functions.h. */
extern const int ogive_function_count;

/* What other extensions get, in the PyCapsule of this name; the version is that of ogive_api and
 * ogive_function. */
#define OGIVE_CAPSULE "ogive._dispatch.native_api"
enum { OGIVE_API_VERSION = 1 };

typedef struct {
    int version, count;
    const ogive_function *functions; /* of the backend in use */
    /* Runs a kernel between ogive_enter and ogive_leave. */
    void (*call)(ogive_kernel *kernel, char *const *args, ptrdiff_t n);
} ogive_api;

/* The compiler that built the kernels, for bug reports. */
extern const char *const ogive_compiler;

#ifdef __cplusplus
}
#endif
#endif
