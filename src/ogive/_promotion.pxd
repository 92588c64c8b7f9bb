# cython: language_level=3
"""The choice of a loop where the inputs are not of the dtype of one, and bfloat16.

Left alone, NumPy takes for a ufunc of another library the first loop that all inputs can be cast
to: float64 for float32 and float16. It asks a promoter first, once for each combination of dtypes.
"""

from cpython.object cimport PyObject
from cpython.pycapsule cimport PyCapsule_New
from cpython.ref cimport Py_INCREF

from ogive._buffer_loops cimport run_kernel
from ogive._csrc cimport MAX_OPERANDS
from ogive._numpy_api cimport (
    NPY_DOUBLE, NPY_FLOAT, NPY_HALF, NPY_LONGDOUBLE, NPY_ULONGLONG, PyArray_DescrFromTypeObject,
    PyArray_DTypeMeta, PyArray_PromoteDTypeSequence, PyUFunc_AddPromoter,
    PyUFunc_RegisterLoopForType, PyUFuncObject, dtype_class,
)


cdef enum:
    BFLOAT16 = 4  # the place of its loop in the table of a ufunc, behind those of `ufunc.types`


cdef inline int number_of(PyArray_DTypeMeta *dtype) except -1:
    """Return the number of a dtype; of Python's numbers, that of the one that holds them."""
    return PyArray_DescrFromTypeObject((<object><PyObject *>dtype).type).type_num


cdef inline PyArray_DTypeMeta *add_bfloat16(PyUFuncObject *ufunc) except? NULL:
    """Add the loop for bfloat16 if its package was imported, maybe later than ogive; or NULL."""
    import sys

    ml_dtypes = sys.modules.get("ml_dtypes")
    if ml_dtypes is None:
        return NULL
    number = PyArray_DescrFromTypeObject(ml_dtypes.bfloat16).type_num
    if ufunc.userloops == NULL or number not in <dict><object>ufunc.userloops:
        PyUFunc_RegisterLoopForType(ufunc, number, run_kernel, NULL, ufunc.data[BFLOAT16])
    return dtype_class(number)


cdef inline PyArray_DTypeMeta *common_dtype(
    PyArray_DTypeMeta *const *inputs, int count, PyArray_DTypeMeta *bfloat16
) except NULL:
    """Return the dtype that the arithmetic of NumPy gives the inputs.

    To any dtype but its own and small integers, bfloat16 is as float32.
    """
    cdef PyArray_DTypeMeta *others[MAX_OPERANDS]
    cdef PyArray_DTypeMeta *common
    cdef int i, replaced = 0
    for i in range(count):
        others[i] = inputs[i]
        if inputs[i] == bfloat16:
            others[i] = dtype_class(NPY_FLOAT)
            replaced += 1
    if not replaced:
        return PyArray_PromoteDTypeSequence(count, others)
    try:
        common = PyArray_PromoteDTypeSequence(count, <PyArray_DTypeMeta **>inputs)
    except TypeError:
        common = NULL
    return common if common == bfloat16 else PyArray_PromoteDTypeSequence(count, others)


cdef inline PyArray_DTypeMeta *chosen_dtype(
    PyUFuncObject *ufunc, PyArray_DTypeMeta *const *given, PyArray_DTypeMeta *const *signature
) except? NULL:
    """Return the dtype of the loop, or NULL where there is none."""
    cdef PyArray_DTypeMeta *bfloat16 = add_bfloat16(ufunc)
    cdef PyArray_DTypeMeta *common
    cdef int i
    for i in range(ufunc.nin, ufunc.nargs):
        if signature[i] != NULL:  # dtype=
            return signature[i]
    if given[0] == NULL:  # reduce and accumulate
        common = given[1]
    else:
        try:
            common = common_dtype(given, ufunc.nin, bfloat16)
        except TypeError:  # NumPy says it with the name of the function
            return NULL
    number = number_of(common)
    if number <= NPY_ULONGLONG:  # bool or an integer
        number = NPY_DOUBLE
    if common == bfloat16 or number in (NPY_DOUBLE, NPY_FLOAT, NPY_LONGDOUBLE, NPY_HALF):
        return dtype_class(number)
    return NULL


cdef inline int promote(
    PyObject *ufunc, PyArray_DTypeMeta *const *given, PyArray_DTypeMeta *const *signature,
    PyArray_DTypeMeta **chosen
) except? -1:
    """Set the dtypes of all operands to that of the loop; -1 without an error for none."""
    cdef PyArray_DTypeMeta *dtype = chosen_dtype(<PyUFuncObject *>ufunc, given, signature)
    cdef int i
    if dtype == NULL:
        return -1
    for i in range((<PyUFuncObject *>ufunc).nargs):
        chosen[i] = dtype if signature[i] == NULL else signature[i]
        Py_INCREF(<object><PyObject *>chosen[i])
    return 0


cdef inline int add_promoter(object ufunc) except -1:
    """Have `promote` asked wherever no loop has the dtypes of the inputs."""
    promoter = PyCapsule_New(<void *>promote, "numpy._ufunc_promoter", NULL)
    return PyUFunc_AddPromoter(ufunc, (None,) * ufunc.nargs, promoter)
