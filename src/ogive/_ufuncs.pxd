# cython: language_level=3
"""The making of a ufunc: its loops in the memory that it goes on to use."""

from cpython.mem cimport PyMem_Malloc
from cpython.object cimport PyObject
from libc.stddef cimport ptrdiff_t

from ogive._buffer_loops cimport kernel_loop, run_kernel
from ogive._csrc cimport MAX_OPERANDS, ogive_function, ogive_kernel
from ogive._long_double cimport long_double_by_name, long_double_loop, run_long_double
from ogive._numpy_api cimport (
    NPY_DOUBLE, NPY_FLOAT, NPY_HALF, NPY_LONGDOUBLE, NPY_METH_NO_FLOATINGPOINT_ERRORS,
    NPY_METH_strided_loop, NPY_NO_CASTING, NpyAuxData, PyArray_DTypeMeta, PyArrayMethod_Context,
    PyArrayMethod_Spec, PyType_Slot, PyUFunc_AddLoopFromSpec, PyUFunc_FromFuncAndData, PyUFunc_None,
    PyUFuncGenericFunction, PyUFuncObject, dtype_class, npy_intp,
)
from ogive._promotion cimport BFLOAT16, add_promoter


cdef enum:
    # The order of the loops, which is that of `ufunc.types`; that of bfloat16 comes after them.
    FLOAT64 = 0
    FLOAT32 = 1
    LONG_DOUBLE = 2
    FLOAT16 = 3
    TYPES = 4
    LOOPS = 5

# What NumPy keeps addresses into, for the life of the process.
ctypedef struct loop_table:
    PyUFuncGenericFunction loops[LOOPS]
    void *data[LOOPS]
    char types[TYPES * MAX_OPERANDS]
    kernel_loop kernels[LOOPS]
    long_double_loop long_double


cdef inline loop_table *new_table(const ogive_function *function) except NULL:
    cdef loop_table *table = <loop_table *>PyMem_Malloc(sizeof(loop_table))
    if table == NULL:
        raise MemoryError("ogive: no memory for the loops of a ufunc")
    table.long_double.function = long_double_by_name(function.name.decode())
    table.long_double.inputs = function.inputs
    table.long_double.outputs = function.outputs
    return table


cdef inline void set_loop(
    loop_table *table, int place, int type_number, int operands, PyUFuncGenericFunction loop,
    void *data
):
    cdef int i
    table.loops[place] = loop
    table.data[place] = data
    if place < TYPES:
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


cdef inline int strided_float64(
    PyArrayMethod_Context *context, char *const *args, const npy_intp *dimensions,
    const npy_intp *steps, NpyAuxData *auxiliary
) noexcept nogil:
    run_kernel(<char **>args, dimensions, steps, (<PyUFuncObject *>context.caller).data[FLOAT64])
    return 0


cdef inline int strided_float32(
    PyArrayMethod_Context *context, char *const *args, const npy_intp *dimensions,
    const npy_intp *steps, NpyAuxData *auxiliary
) noexcept nogil:
    run_kernel(<char **>args, dimensions, steps, (<PyUFuncObject *>context.caller).data[FLOAT32])
    return 0


cdef inline int strided_float16(
    PyArrayMethod_Context *context, char *const *args, const npy_intp *dimensions,
    const npy_intp *steps, NpyAuxData *auxiliary
) noexcept nogil:
    run_kernel(<char **>args, dimensions, steps, (<PyUFuncObject *>context.caller).data[FLOAT16])
    return 0


cdef inline int add_quiet_loop(
    object ufunc, const ogive_function *function, int type_number, void *strided_loop
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
    slots[0].pfunc = strided_loop
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


cdef inline object new_ufunc(const ogive_function *function, const char *doc):
    """Return the ufunc of one row of functions.h.

    Its table is at first one of long double alone, so that NumPy makes its own wrapper for that
    dtype only: a wrapped loop has its flags looked at, which takes longer than the computation of
    one element. The others are added as NumPy's newer kind of loop, which does not show in
    `ufunc.types` of itself.
    """
    cdef loop_table *table = new_table(function)
    cdef int operands = function.inputs + function.outputs, place
    for place in range(TYPES):
        set_loop(
            table, place, NPY_LONGDOUBLE, operands, run_long_double, &table.long_double
        )
    ufunc = PyUFunc_FromFuncAndData(
        table.loops, table.data, table.types, TYPES, function.inputs, function.outputs,
        PyUFunc_None, function.name, doc, 0,
    )
    set_kernel(table, FLOAT64, NPY_DOUBLE, 8, function, function.f64)
    set_kernel(table, FLOAT32, NPY_FLOAT, 4, function, function.f32)
    set_kernel(table, FLOAT16, NPY_HALF, 2, function, function.f16)
    set_kernel(table, BFLOAT16, 0, 2, function, function.bf16)
    add_quiet_loop(ufunc, function, NPY_DOUBLE, <void *>strided_float64)
    add_quiet_loop(ufunc, function, NPY_FLOAT, <void *>strided_float32)
    add_quiet_loop(ufunc, function, NPY_HALF, <void *>strided_float16)
    add_promoter(ufunc)
    return ufunc


cdef inline object new_float64_ufunc(
    const ogive_function *function, ogive_kernel *kernel, const char *doc
):
    """Return a ufunc of one kernel for float64."""
    cdef loop_table *table = new_table(function)
    set_kernel(table, FLOAT64, NPY_DOUBLE, 8, function, kernel)
    return PyUFunc_FromFuncAndData(
        table.loops, table.data, table.types, 1, function.inputs, function.outputs,
        PyUFunc_None, function.name, doc, 0,
    )
