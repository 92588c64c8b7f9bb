# cython: language_level=3
# cython: freethreading_compatible=True
"""The compiled ufuncs: what Python sees of them.

One extension, whose parts are the .pxd files beside it: Cython compiles the inline functions there
into the module that cimports them.
"""

from ogive._csrc cimport (
    ogive_backend, ogive_backends, ogive_compiler, ogive_function, ogive_function_count,
    ogive_ask_threads, ogive_kernel, ogive_set_threads, ogive_threads,
)
from ogive._native cimport addresses, new_capsule
from ogive._numpy_api cimport _import_array, _import_umath
from ogive._ufuncs cimport new_float64_ufunc, new_ufunc

from ogive._docs import DOCS


cdef dict docstrings = {name: doc.encode() for name, doc in DOCS.items()}  # NumPy keeps addresses


cdef const ogive_backend *find_backend(str isa) except NULL:
    cdef int i = 0
    while ogive_backends[i] != NULL:
        if ogive_backends[i].name == isa.encode():
            return ogive_backends[i]
        i += 1
    raise ValueError(f"ogive has no backend {isa!r}; built in: {', '.join(built_in())}")


def ufuncs(str isa, int phase=1):
    """Return {name: ufunc} on the backend `isa`.

    `phase` 2 or 3 is for tests: float64 only, each element through that accurate phase, of the
    functions that have one.
    """
    cdef const ogive_backend *backend = find_backend(isa)
    cdef const ogive_function *function
    cdef ogive_kernel *kernel
    cdef dict made = {}
    cdef str name
    cdef int i
    if not backend.runs_here():
        raise ValueError(f"this processor does not run the backend {isa!r}")
    for i in range(ogive_function_count):
        function = &backend.functions[i]
        name = function.name.decode()
        if phase == 1:
            made[name] = new_ufunc(backend, function, docstrings[name])
            continue
        kernel = function.f64_phase2 if phase == 2 else function.f64_phase3
        if kernel != NULL:
            made[name] = new_float64_ufunc(function, kernel, docstrings[name])
    return made


def built_in():
    """Return the names of the backends in this build, best first."""
    cdef list names = []
    cdef int i = 0
    while ogive_backends[i] != NULL:
        names.append(ogive_backends[i].name.decode())
        i += 1
    return names


def runs_here():
    """Return the names of the backends that this processor runs, best first."""
    return [isa for isa in built_in() if find_backend(isa).runs_here()]


def registry():
    """Return (name, inputs, outputs, aliases, summary) of each row of functions.h."""
    cdef const ogive_function *function
    cdef list rows = []
    cdef int i
    for i in range(ogive_function_count):
        function = &ogive_backends[0].functions[i]
        rows.append((
            function.name.decode(), function.inputs, function.outputs,
            function.aliases.decode().split(), function.summary.decode(),
        ))
    return rows


def native_api(str isa):
    """Return the PyCapsule of the kernels of `isa`, for other extensions."""
    return new_capsule(find_backend(isa))


def native_symbols(str isa):
    """Return {name: address} of what compiled code may link to."""
    return addresses(find_backend(isa))


cdef object blocks = None


cdef int own_threads() noexcept with gil:
    # No code of Python's runs here, in which a signal's exception would be raised and lost.
    cdef tuple numbers = blocks.get()
    return numbers[len(numbers) - 1] if numbers else 0


def get_num_threads():
    """Return the number of threads that a call from here may use."""
    return ogive_threads()


def set_num_threads(int n):
    """Set that number for the process."""
    ogive_set_threads(n)


def ask_num_threads(variable, int more):
    """Have the last of the numbers in a context variable come before that of the process.

    `more` is 1 where a block begins and -1 where it ends: outside of all, nothing is asked, as
    that takes the GIL.
    """
    global blocks
    blocks = variable
    ogive_ask_threads(own_threads, more)


def compiler():
    """Return the name and version of the compiler that built the kernels."""
    return ogive_compiler.decode()


_import_array()
_import_umath()
