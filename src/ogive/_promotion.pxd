# cython: language_level=3
"""The choice of a loop where the inputs are not of the dtype of one, and bfloat16.

Left alone, NumPy takes for a ufunc of another library the first loop that all inputs can be cast
to: float64 for float32 and float16. It asks a promoter first, once for each combination of dtypes.
"""

from cpython.object cimport PyObject
from cpython.pycapsule cimport PyCapsule_New
from cpython.ref cimport Py_INCREF

from ogive._buffer_loops cimport BFLOAT16, run_kernel
from ogive._numpy_api cimport (
    NPY_DOUBLE, NPY_FLOAT, NPY_HALF, NPY_LONGDOUBLE, NPY_USERDEF, PyArray_DTypeMeta,
    PyUFunc_AddPromoter, PyUFunc_RegisterLoopForType, PyUFuncObject, dtype_class, promoted,
    type_number_of,
)


cdef inline object add_bfloat16(PyUFuncObject *ufunc):
    """Add the loop for bfloat16 if its package was imported, maybe later than ogive; or None."""
    import sys

    ml_dtypes = sys.modules.get("ml_dtypes")
    if ml_dtypes is None:
        return None
    number = type_number_of(ml_dtypes.bfloat16)
    if ufunc.userloops == NULL or number not in <dict><object>ufunc.userloops:
        PyUFunc_RegisterLoopForType(ufunc, number, run_kernel, NULL, ufunc.data[BFLOAT16])
    return dtype_class(number)


cdef inline object common_dtype(list inputs, object bfloat16):
    """Return the dtype that the arithmetic of NumPy gives the inputs.

    To any dtype but its own and small integers, bfloat16 is as float32.
    """
    cdef list others = [dtype_class(NPY_FLOAT) if d is bfloat16 else d for d in inputs]
    if bfloat16 in inputs:
        try:
            if promoted(inputs) is bfloat16:
                return bfloat16
        except TypeError:
            pass
    return promoted(others)


cdef inline bint is_real(object dtype):
    """Whether the class of a dtype is one of real numbers: those of other packages are."""
    number = type_number_of(dtype.type)
    return number <= NPY_LONGDOUBLE or number == NPY_HALF or number >= NPY_USERDEF


cdef inline object dtype_of_loop(
    PyUFuncObject *ufunc, PyArray_DTypeMeta *const *given, PyArray_DTypeMeta *const *signature
):
    """Return the dtype of the loop to take, or None where there is none."""
    bfloat16 = add_bfloat16(ufunc)
    cdef list inputs = []
    cdef int i
    for i in range(ufunc.nin, ufunc.nargs):
        if signature[i] != NULL:  # dtype=
            return <object><PyObject *>signature[i]
    for i in range(ufunc.nin):
        if given[i] != NULL:  # in reduce and accumulate the first is
            inputs.append(<object><PyObject *>given[i])
    if not all([is_real(dtype) for dtype in inputs]):
        return None  # NumPy says it with the name of the function
    try:
        common = common_dtype(inputs, bfloat16)
    except TypeError:  # such as two kinds of float8
        return dtype_class(NPY_DOUBLE)
    if common is bfloat16:
        return common
    number = type_number_of(common.type)
    if number in (NPY_FLOAT, NPY_LONGDOUBLE, NPY_HALF):
        return dtype_class(number)
    return dtype_class(NPY_DOUBLE)


cdef inline int promote(
    PyObject *ufunc, PyArray_DTypeMeta *const *given, PyArray_DTypeMeta *const *signature,
    PyArray_DTypeMeta **chosen
) except? -1:
    """Set the dtypes of all operands to that of the loop; -1 without an error for none."""
    dtype = dtype_of_loop(<PyUFuncObject *>ufunc, given, signature)
    cdef int i
    if dtype is None:
        return -1
    for i in range((<PyUFuncObject *>ufunc).nargs):
        chosen[i] = <PyArray_DTypeMeta *><PyObject *>dtype
        if signature[i] != NULL:
            chosen[i] = signature[i]
        Py_INCREF(<object><PyObject *>chosen[i])
    return 0


cdef inline int add_promoter(object ufunc) except -1:
    """Have `promote` asked wherever no loop has the dtypes of the inputs."""
    promoter = PyCapsule_New(<void *>promote, "numpy._ufunc_promoter", NULL)
    return PyUFunc_AddPromoter(ufunc, (None,) * ufunc.nargs, promoter)
