# cython: language_level=3
"""The kernels for compiled callers: C and Cython by a capsule, Numba by addresses."""

from cpython.mem cimport PyMem_Malloc
from cpython.pycapsule cimport PyCapsule_New
from libc.stddef cimport ptrdiff_t

from ogive._csrc cimport (
    OGIVE_API_VERSION, OGIVE_CAPSULE, ogive_api, ogive_backend, ogive_enter, ogive_environment,
    ogive_function, ogive_function_count, ogive_kernel, ogive_leave,
)


cdef inline void call_kernel(ogive_kernel *kernel, char *const *args, ptrdiff_t n) noexcept nogil:
    cdef ogive_environment saved = ogive_enter()
    kernel(args, n)
    ogive_leave(saved)


cdef inline object new_capsule(const ogive_backend *backend):
    """Return the table of a backend, which lives as long as the process."""
    cdef ogive_api *native = <ogive_api *>PyMem_Malloc(sizeof(ogive_api))
    if native == NULL:
        raise MemoryError("ogive: no memory for the table of kernels")
    native.version = OGIVE_API_VERSION
    native.count = ogive_function_count
    native.functions = backend.functions
    native.call = call_kernel
    return PyCapsule_New(native, OGIVE_CAPSULE, NULL)


cdef inline dict addresses(const ogive_backend *backend):
    """Return {name: address} of what compiled code may link to."""
    cdef const ogive_function *function
    cdef dict symbols = {"ogive_call": <size_t>call_kernel}
    cdef int i
    for i in range(ogive_function_count):
        function = &backend.functions[i]
        symbols[f"ogive_{function.name.decode()}_f64"] = <size_t>function.f64
        symbols[f"ogive_{function.name.decode()}_f32"] = <size_t>function.f32
    return symbols
