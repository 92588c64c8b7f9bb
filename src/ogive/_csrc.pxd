# cython: language_level=3
"""What csrc offers, as Cython has to know it."""

from libc.stddef cimport ptrdiff_t


cdef enum:
    MAX_OPERANDS = 8  # of a function: no row of functions.h has more

cdef extern from "ogive.h":
    ctypedef void ogive_kernel(char *const *args, ptrdiff_t n) noexcept nogil
    ctypedef struct ogive_function:
        const char *name
        int inputs
        int outputs
        const char *aliases
        const char *summary
        ogive_kernel *f64
        ogive_kernel *f32
        ogive_kernel *f16
        ogive_kernel *bf16
        ogive_kernel *f64_phase2
        ogive_kernel *f64_phase3
    const double OGIVE_COMPLEX_BOUND
    ctypedef struct ogive_complex:
        const char *name
        ogive_kernel *f64
    ctypedef struct ogive_backend:
        const char *name
        const ogive_complex *complex_functions
        const ogive_function *functions
        int (*runs_here)()
    const ogive_backend *ogive_backends[]
    const int ogive_function_count
    const char *ogive_compiler
    const char *OGIVE_CAPSULE
    enum:
        OGIVE_API_VERSION
    ctypedef struct ogive_api:
        int version
        int count
        const ogive_function *functions
        void (*call)(ogive_kernel *kernel, char *const *args, ptrdiff_t n) noexcept nogil

cdef extern from "environment.h" nogil:
    ctypedef struct ogive_environment:
        pass
    ctypedef struct fenv_t:
        pass
    ogive_environment ogive_enter()
    void ogive_leave(ogive_environment saved)
    void ogive_enter_long_double(fenv_t *saved)
    void ogive_leave_long_double(const fenv_t *saved)

cdef extern from "threads.h" nogil:
    ctypedef void ogive_part(void *context, ptrdiff_t start, ptrdiff_t stop) noexcept nogil
    int ogive_threads()
    void ogive_set_threads(int n)
    ctypedef int ogive_own_threads() noexcept nogil
    void ogive_ask_threads(ogive_own_threads *own, int more)
    void ogive_share(ogive_part *part, void *context, ptrdiff_t n, ptrdiff_t step, int threads)
