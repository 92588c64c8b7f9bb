# cython: language_level=3
"""The making of a ufunc: its loops in the memory that it goes on to use."""

from cpython.mem cimport PyMem_Malloc
from cpython.object cimport PyObject
from libc.stddef cimport ptrdiff_t

from ogive._buffer_loops cimport (
    BFLOAT16, COMPLEX64, COMPLEX128, FLOAT16, FLOAT32, FLOAT64, LOOPS, REAL_TYPES, TYPES,
    kernel_loop, run_kernel,
)
from ogive._complex cimport complex_loop, run_complex64, run_complex128, set_complex
from ogive._csrc cimport MAX_OPERANDS, ogive_backend, ogive_function, ogive_kernel
from ogive._long_double cimport long_double_by_name, long_double_loop, run_long_double
from ogive._numpy_api cimport (
    NPY_CDOUBLE, NPY_CFLOAT, NPY_DOUBLE, NPY_FLOAT, NPY_HALF, NPY_LONGDOUBLE,
    NPY_METH_NO_FLOATINGPOINT_ERRORS, NPY_METH_strided_loop, NPY_NO_CASTING, NPY_NOTYPE,
    NpyAuxData, PyArray_DTypeMeta, PyArrayMethod_Context, PyArrayMethod_Spec, PyType_Slot,
    PyUFunc_AddLoopFromSpec, PyUFunc_FromFuncAndData, PyUFunc_None, PyUFuncGenericFunction,
    PyUFuncObject, dtype_class, npy_intp,
)
from ogive._promotion cimport add_promoter


# What NumPy keeps addresses into, for the life of the process.
ctypedef struct loop_table:
    PyUFuncGenericFunction loops[LOOPS]
    void *data[LOOPS]
    char types[LOOPS * MAX_OPERANDS]
    kernel_loop kernels[LOOPS]
    long_double_loop long_double
    complex_loop of_complex


cdef inline loop_table *new_table() except NULL:
    cdef loop_table *table = <loop_table *>PyMem_Malloc(sizeof(loop_table))
    if table == NULL:
        raise MemoryError("ogive: no memory for the loops of a ufunc")
    return table


cdef inline void set_loop(
    loop_table *table, int place, int type_number, int operands, PyUFuncGenericFunction loop,
    void *data
):
    cdef int i
    table.loops[place] = loop
    table.data[place] = data
    for i in range(operands):
        table.types[place * operands + i] = <char>type_number


cdef inline void set_kernel(
    loop_table *table, int place, int type_number, ptrdiff_t itemsize,
    const ogive_function *function, ogive_kernel *kernel
):
    cdef kernel_loop *loop = &table.kernels[place]
    loop.kernel = kernel
    loop.itemsize = itemsize
    loop.inputs = function.inputs
    loop.operands = function.inputs + function.outputs
    set_loop(table, place, type_number, loop.operands, run_kernel, loop)


cdef inline object ufunc_of(
    loop_table *table, int types, const ogive_function *function, const char *doc
):
    """Return a ufunc whose `types` are the first of the table."""
    return PyUFunc_FromFuncAndData(
        table.loops, table.data, table.types, types, function.inputs, function.outputs,
        PyUFunc_None, function.name, doc, 0,
    )


cdef inline int run_quiet_kernel(
    PyArrayMethod_Context *context, char *const *args, const npy_intp *dimensions,
    const npy_intp *steps, NpyAuxData *auxiliary
) noexcept nogil:
    """Run the kernel for the dtype of the operands, which have one and the same."""
    cdef int number = context.descriptors[0].type_num
    cdef int place = FLOAT16
    if number == NPY_DOUBLE:
        place = FLOAT64
    elif number == NPY_FLOAT:
        place = FLOAT32
    run_kernel(<char **>args, dimensions, steps, (<PyUFuncObject *>context.caller).data[place])
    return 0


cdef inline int add_quiet_loop(
    object ufunc, const ogive_function *function, int type_number
) except -1:
    """Add a loop that NumPy knows to raise no floating-point flag: around it none are looked at."""
    cdef PyArray_DTypeMeta *dtypes[MAX_OPERANDS]
    cdef PyType_Slot slots[2]
    cdef PyArrayMethod_Spec spec
    cdef int i
    dtype = dtype_class(type_number)
    for i in range(MAX_OPERANDS):
        dtypes[i] = <PyArray_DTypeMeta *><PyObject *>dtype
    slots[0].slot = NPY_METH_strided_loop
    slots[0].pfunc = <void *>run_quiet_kernel
    slots[1].slot = 0
    slots[1].pfunc = NULL
    spec.name = function.name
    spec.nin = function.inputs
    spec.nout = function.outputs
    spec.casting = NPY_NO_CASTING
    spec.flags = NPY_METH_NO_FLOATINGPOINT_ERRORS
    spec.dtypes = dtypes
    spec.slots = slots
    return PyUFunc_AddLoopFromSpec(ufunc, &spec)


cdef inline object new_ufunc(
    const ogive_backend *backend, const ogive_function *function, const char *doc
):
    """Return the ufunc of one row of functions.h.

    Its table is at first one of long double and complex numbers, so that NumPy makes its own
    wrappers for these dtypes only: a wrapped loop has its flags looked at, which takes longer than
    the computation of one element. The others are added as NumPy's newer kind of loop, which does
    not show in `ufunc.types` of itself.
    """
    cdef loop_table *table = new_table()
    cdef long_double_loop *textbook = &table.long_double
    cdef int place, types = REAL_TYPES
    textbook.function = long_double_by_name(function.name.decode())
    textbook.inputs = function.inputs
    textbook.outputs = function.outputs
    for place in range(REAL_TYPES):
        set_loop(
            table, place, NPY_LONGDOUBLE, function.inputs + function.outputs, run_long_double,
            textbook,
        )
    if set_complex(&table.of_complex, backend, function.name):
        types = TYPES
        set_loop(table, COMPLEX64, NPY_CFLOAT, 2, run_complex64, &table.of_complex)
        set_loop(table, COMPLEX128, NPY_CDOUBLE, 2, run_complex128, &table.of_complex)
    ufunc = ufunc_of(table, types, function, doc)
    set_kernel(table, FLOAT64, NPY_DOUBLE, 8, function, function.f64)
    set_kernel(table, FLOAT32, NPY_FLOAT, 4, function, function.f32)
    set_kernel(table, FLOAT16, NPY_HALF, 2, function, function.f16)
    # The number that ml_dtypes gives bfloat16 is not known yet.
    set_kernel(table, BFLOAT16, NPY_NOTYPE, 2, function, function.bf16)
    for type_number in (NPY_DOUBLE, NPY_FLOAT, NPY_HALF):
        add_quiet_loop(ufunc, function, type_number)
    add_promoter(ufunc)
    return ufunc


cdef inline object new_float64_ufunc(
    const ogive_function *function, ogive_kernel *kernel, const char *doc
):
    """Return a ufunc of one kernel for float64."""
    cdef loop_table *table = new_table()
    set_kernel(table, 0, NPY_DOUBLE, 8, function, kernel)
    return ufunc_of(table, 1, function, doc)
