"""What is used of NumPy's C API, all of it public."""

from cpython.object cimport PyObject
from cpython.ref cimport Py_DECREF
from libc.stddef cimport ptrdiff_t

from ogive._csrc cimport MAX_OPERANDS


cdef extern from "Python.h":
    ctypedef struct PyType_Slot:
        int slot
        void *pfunc

cdef extern from "numpy/arrayobject.h":
    ctypedef ptrdiff_t npy_intp
    ctypedef struct PyArray_Descr:
        int type_num
    ctypedef struct PyArray_DTypeMeta:
        pass
    ctypedef struct NpyAuxData:
        pass
    ctypedef enum NPY_CASTING:
        NPY_NO_CASTING
    ctypedef enum NPY_ARRAYMETHOD_FLAGS:
        NPY_METH_NO_FLOATINGPOINT_ERRORS
    ctypedef struct PyArrayMethod_Context:
        PyObject *caller
        PyArray_Descr *const *descriptors
    ctypedef struct PyArrayMethod_Spec:
        const char *name
        int nin
        int nout
        NPY_CASTING casting
        NPY_ARRAYMETHOD_FLAGS flags
        PyArray_DTypeMeta **dtypes
        PyType_Slot *slots
    int _import_array() except -1
    PyArray_Descr *PyArray_DescrFromType(int type_number) except NULL
    PyArray_Descr *PyArray_DescrFromTypeObject(object type) except NULL
    PyArray_DTypeMeta *PyArray_PromoteDTypeSequence(
        npy_intp count, PyArray_DTypeMeta **dtypes
    ) except NULL

cdef extern from "numpy/ufuncobject.h":
    ctypedef struct PyUFuncObject:
        int nin
        int nargs
        void **data
        PyObject *userloops
    ctypedef void (*PyUFuncGenericFunction)(
        char **args, const npy_intp *dimensions, const npy_intp *steps, void *data
    ) noexcept nogil
    int _import_umath() except -1
    object PyUFunc_FromFuncAndData(
        PyUFuncGenericFunction *loops, void **data, const char *types, int ntypes,
        int nin, int nout, int identity, const char *name, const char *doc, int unused,
    )
    int PyUFunc_RegisterLoopForType(
        PyUFuncObject *ufunc, int user_type, PyUFuncGenericFunction loop, const int *arg_types,
        void *data,
    ) except -1
    int PyUFunc_AddLoopFromSpec(object ufunc, PyArrayMethod_Spec *spec) except -1
    int PyUFunc_AddPromoter(object ufunc, object dtypes, object promoter) except -1
    enum:
        PyUFunc_None
        NPY_METH_strided_loop
        NPY_CDOUBLE
        NPY_CFLOAT
        NPY_DOUBLE
        NPY_FLOAT
        NPY_LONGDOUBLE
        NPY_HALF
        NPY_NOTYPE
        NPY_USERDEF


cdef inline object owned(void *reference):
    """Return the object of a new reference."""
    result = <object><PyObject *>reference
    Py_DECREF(result)
    return result


cdef inline object dtype_class(int type_number):
    """Return the class of the dtype with a number."""
    return type(owned(PyArray_DescrFromType(type_number)))


cdef inline int type_number_of(object scalar_type) except -1:
    """Return the number of the dtype whose elements are of a type, one of Python's too."""
    return owned(PyArray_DescrFromTypeObject(scalar_type)).num


cdef inline object promoted(list dtypes):
    """Return the class of the dtype that the arithmetic of NumPy gives these."""
    cdef PyArray_DTypeMeta *pointers[MAX_OPERANDS]
    cdef int i
    for i in range(len(dtypes)):
        pointers[i] = <PyArray_DTypeMeta *><PyObject *>dtypes[i]
    return owned(PyArray_PromoteDTypeSequence(len(dtypes), pointers))
