# cython: language_level=3, boundscheck=False, wraparound=False, cdivision=True
# cython: freethreading_compatible=True
"""The compiled ufuncs: loops over buffers around the kernels of csrc."""

from cpython.mem cimport PyMem_Malloc
from libc.stddef cimport ptrdiff_t
from libc.string cimport memcpy

from ogive._docs import DOCS


cdef extern from "numpy/arrayobject.h":
    ctypedef Py_ssize_t npy_intp

cdef extern from "numpy/ufuncobject.h":
    ctypedef void (*PyUFuncGenericFunction)(
        char **args, const npy_intp *dimensions, const npy_intp *steps, void *data
    ) noexcept nogil
    int _import_umath() except -1
    object PyUFunc_FromFuncAndData(
        PyUFuncGenericFunction *loops, void **data, const char *types, int ntypes,
        int nin, int nout, int identity, const char *name, const char *doc, int unused,
    )
    enum:
        PyUFunc_None
        NPY_DOUBLE
        NPY_FLOAT
        NPY_LONGDOUBLE
        NPY_HALF

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
        ogive_kernel *f64_phase2
        ogive_kernel *f64_phase3
    ctypedef struct ogive_backend:
        const char *name
        const ogive_function *functions
        int (*runs_here)()
    const ogive_backend *ogive_backends[]
    const int ogive_function_count
    const char *ogive_compiler

cdef extern from "environment.h" nogil:
    ctypedef struct ogive_environment:
        pass
    ctypedef struct fenv_t:
        pass
    ogive_environment ogive_enter()
    void ogive_leave(ogive_environment saved)
    void ogive_enter_long_double(fenv_t *saved)
    void ogive_leave_long_double(const fenv_t *saved)

cdef extern from "<math.h>" nogil:
    long double expl(long double x)


# --- float64, float32, float16: the kernels of csrc -------------------------------------------

cdef enum:
    MAX_OPERANDS = 8
    # Elements of a strided operand that are gathered at a time, 4 KiB of float64: three such
    # operands stay in a level 1 cache of 32 KiB.
    STRIDED_BLOCK = 512

ctypedef struct kernel_loop:
    ogive_kernel *kernel
    ptrdiff_t itemsize
    int inputs
    int operands


cdef inline void copy_strided(
    char *to, ptrdiff_t to_step, const char *source, ptrdiff_t step, ptrdiff_t size, ptrdiff_t n
) noexcept nogil:
    """Copy n items of `size` bytes; a constant size lets the compiler use one move for each."""
    cdef ptrdiff_t i
    if size == 8:
        for i in range(n):
            memcpy(to + i * to_step, source + i * step, 8)
    elif size == 4:
        for i in range(n):
            memcpy(to + i * to_step, source + i * step, 4)
    else:
        for i in range(n):
            memcpy(to + i * to_step, source + i * step, 2)


cdef bint depends_on_order(
    char **args, const npy_intp *steps, const kernel_loop *loop, npy_intp n
) noexcept nogil:
    """Whether an output element may be read as a later input element, as `accumulate` does."""
    cdef int i, o
    cdef ptrdiff_t input_span, output_span
    for o in range(loop.inputs, loop.operands):
        for i in range(loop.inputs):
            if args[i] == args[o] and steps[i] == steps[o] and steps[o] != 0:
                continue
            input_span = steps[i] * (n - 1)
            output_span = steps[o] * (n - 1)
            if (
                args[i] + max(input_span, 0) + loop.itemsize > args[o] + min(output_span, 0)
                and args[o] + max(output_span, 0) + loop.itemsize > args[i] + min(input_span, 0)
            ):
                return True
    return False


cdef void run_kernel(
    char **args, const npy_intp *dimensions, const npy_intp *steps, void *data
) noexcept nogil:
    """Run a kernel: contiguous operands go straight in, others block by block.

    `args`, `dimensions` and `steps` belong to NumPy and are only read.
    """
    cdef const kernel_loop *loop = <const kernel_loop *>data
    cdef npy_intp n = dimensions[0], start = 0, size, block = STRIDED_BLOCK
    cdef int i
    cdef bint contiguous = True
    cdef char *operands[MAX_OPERANDS]
    cdef double buffers[MAX_OPERANDS][STRIDED_BLOCK]
    cdef ogive_environment saved

    for i in range(loop.operands):
        contiguous &= steps[i] == loop.itemsize
    if n > 1 and depends_on_order(args, steps, loop, n):
        contiguous = False
        block = 1

    saved = ogive_enter()
    if contiguous or n == 1:
        loop.kernel(args, n)
    else:
        while start < n:
            size = min(block, n - start)
            for i in range(loop.operands):
                operands[i] = <char *>buffers[i]
                if steps[i] == loop.itemsize:
                    operands[i] = args[i] + start * steps[i]
                elif i < loop.inputs:
                    copy_strided(
                        operands[i], loop.itemsize,
                        args[i] + start * steps[i], steps[i], loop.itemsize, size,
                    )
            loop.kernel(operands, size)
            for i in range(loop.inputs, loop.operands):
                if steps[i] != loop.itemsize:
                    copy_strided(
                        args[i] + start * steps[i], steps[i],
                        operands[i], loop.itemsize, loop.itemsize, size,
                    )
            start += size
    ogive_leave(saved)


# --- long double: the textbook, branch by branch -----------------------------------------------
# What every kernel of csrc computes, with the platform's expl; at most 2 ulp off.

ctypedef void (*long_double_function)(long double x, long double *y) noexcept nogil


cdef void sigmoid(long double x, long double *y) noexcept nogil:
    cdef long double e, d
    if x >= 0:
        y[0] = 1 / (1 + expl(-x))
    else:
        e = expl(x)
        d = 1 + e
        y[0] = e / d
        y[0] -= y[0] * ((e - (d - 1)) / d)  # what 1 + e lost


cdef void sigmoid_grad(long double x, long double *y) noexcept nogil:
    # s(x) s(-x) is even; with e <= 1 neither factor overflows.
    cdef long double e = expl(x if x < 0 else -x)
    cdef long double d = 1 + e
    y[0] = e / d / d
    y[0] -= 2 * y[0] * ((e - (d - 1)) / d)


cdef void sigmoid_grad_from_output(long double y, long double *grad) noexcept nogil:
    grad[0] = y * (1 - y)


cdef void sigmoid_and_grad(long double x, long double *y) noexcept nogil:
    sigmoid(x, y)
    sigmoid_grad(x, y + 1)


cdef dict long_double_functions():
    """Return the address of each long double function."""
    return {
        "sigmoid": <size_t>sigmoid,
        "sigmoid_grad": <size_t>sigmoid_grad,
        "sigmoid_grad_from_output": <size_t>sigmoid_grad_from_output,
        "sigmoid_and_grad": <size_t>sigmoid_and_grad,
    }


ctypedef struct long_double_loop:
    long_double_function function
    int outputs


cdef void run_long_double(
    char **args, const npy_intp *dimensions, const npy_intp *steps, void *data
) noexcept nogil:
    cdef const long_double_loop *loop = <const long_double_loop *>data
    cdef npy_intp i
    cdef int o
    cdef long double y[MAX_OPERANDS]
    cdef fenv_t saved
    ogive_enter_long_double(&saved)
    for i in range(dimensions[0]):
        loop.function((<long double *>(args[0] + i * steps[0]))[0], y)
        for o in range(loop.outputs):
            (<long double *>(args[1 + o] + i * steps[1 + o]))[0] = y[o]
    ogive_leave_long_double(&saved)


# --- the ufuncs ---------------------------------------------------------------------------------

cdef list keep_alive = []


cdef const char *permanent(bytes text):
    """Return the characters of `text`, which live as long as the module."""
    keep_alive.append(text)
    return text


cdef void *allocate(size_t size) except NULL:
    """Return memory that a ufunc keeps for good."""
    cdef void *memory = PyMem_Malloc(size)
    if memory == NULL:
        raise MemoryError("ogive: no memory for the ufunc tables")
    return memory


cdef class LoopTable:
    """The loops of one ufunc, in the memory that the ufunc goes on to use."""

    cdef PyUFuncGenericFunction *loops
    cdef void **data
    cdef char *types
    cdef int count, inputs, operands

    def __cinit__(self, int inputs, int outputs):
        self.inputs = inputs
        self.operands = inputs + outputs
        self.loops = <PyUFuncGenericFunction *>allocate(4 * sizeof(PyUFuncGenericFunction))
        self.data = <void **>allocate(4 * sizeof(void *))
        self.types = <char *>allocate(4 * MAX_OPERANDS)

    cdef void add(self, int dtype, PyUFuncGenericFunction loop, void *data):
        cdef int i
        self.loops[self.count] = loop
        self.data[self.count] = data
        for i in range(self.operands):
            self.types[self.count * self.operands + i] = <char>dtype
        self.count += 1

    cdef int add_kernel(self, int dtype, ptrdiff_t itemsize, ogive_kernel *kernel) except -1:
        cdef kernel_loop *loop = <kernel_loop *>allocate(sizeof(kernel_loop))
        loop.kernel = kernel
        loop.itemsize = itemsize
        loop.inputs = self.inputs
        loop.operands = self.operands
        self.add(dtype, run_kernel, loop)
        return 0

    cdef int add_long_double(self, size_t function) except -1:
        cdef long_double_loop *loop = <long_double_loop *>allocate(sizeof(long_double_loop))
        loop.function = <long_double_function>function
        loop.outputs = self.operands - self.inputs
        self.add(NPY_LONGDOUBLE, run_long_double, loop)
        return 0


cdef object make_ufunc(const ogive_function *function, int phase):
    cdef LoopTable table = LoopTable(function.inputs, function.outputs)
    cdef str name = function.name.decode()
    if phase == 1:
        table.add_kernel(NPY_DOUBLE, 8, function.f64)
        table.add_kernel(NPY_FLOAT, 4, function.f32)
        table.add_long_double(long_double_functions()[name])
        table.add_kernel(NPY_HALF, 2, function.f16)
    else:
        table.add_kernel(
            NPY_DOUBLE, 8, function.f64_phase2 if phase == 2 else function.f64_phase3
        )
    return PyUFunc_FromFuncAndData(
        table.loops, table.data, table.types, table.count, function.inputs, function.outputs,
        PyUFunc_None, function.name, permanent(DOCS[name].encode()), 0,
    )


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
    cdef dict made = {}
    cdef int i
    if not backend.runs_here():
        raise ValueError(f"this processor does not run the backend {isa!r}")
    for i in range(ogive_function_count):
        function = &backend.functions[i]
        if phase == 1 or function.f64_phase2 != NULL:
            made[function.name.decode()] = make_ufunc(function, phase)
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


def compiler():
    """Return the name and version of the compiler that built the kernels."""
    return ogive_compiler.decode()


_import_umath()
