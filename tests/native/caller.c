/* A C extension that calls every function of ogive: tests/test_native.py compiles it. */
#include <ogive/api.h>

#define X_1 x[0]
#define X_2 X_1, x[1]
#define X_3 X_2, x[2]
#define X_5 X_3, x[3], x[4]
#define CALL_1(scalar, inputs) y[0] = scalar(X_##inputs);
#define CALL_2(scalar, inputs) scalar(X_##inputs, &y[0], &y[1]);

#define COLLECT(name, outputs)                                                                     \
    item = Py_BuildValue("dd", (double)y[0], (double)y[outputs - 1]);                              \
    if (!item || PyDict_SetItemString(results, #name, item) < 0)                                   \
        return NULL;                                                                               \
    Py_DECREF(item);

/* doubles(a, b, c, d, e): {name: (first output, last output)} of the scalar functions. */
static PyObject *doubles(PyObject *module, PyObject *args)
{
    double x[5], y[2];
    PyObject *item, *results = PyDict_New();
    (void)module;
    if (!results || !PyArg_ParseTuple(args, "ddddd", &x[0], &x[1], &x[2], &x[3], &x[4]))
        return NULL;
#define DOUBLE_ROW(name, inputs, outputs, aliases, summary)                                        \
    CALL_##outputs(ogive_##name, inputs) COLLECT(name, outputs)
    OGIVE_FUNCTIONS(DOUBLE_ROW)
    return results;
}

static PyObject *floats(PyObject *module, PyObject *args)
{
    float x[5], y[2];
    PyObject *item, *results = PyDict_New();
    (void)module;
    if (!results || !PyArg_ParseTuple(args, "fffff", &x[0], &x[1], &x[2], &x[3], &x[4]))
        return NULL;
#define FLOAT_ROW(name, inputs, outputs, aliases, summary)                                         \
    CALL_##outputs(ogive_##name##f, inputs) COLLECT(name, outputs)
    OGIVE_FUNCTIONS(FLOAT_ROW)
    return results;
}

#define KERNELS_ROW(name, inputs, outputs, aliases, summary)                                       \
    {#name, {ogive_##name##_f64, ogive_##name##_f32, ogive_##name##_f16, ogive_##name##_bf16}},
static const struct {
    const char *name;
    ogive_kernel *of_type[4];
} KERNELS[] = {OGIVE_FUNCTIONS(KERNELS_ROW)};

/* array(name, type, n, address, ...): one kernel over arrays. */
static PyObject *array(PyObject *module, PyObject *args)
{
    const char *name;
    int type;
    Py_ssize_t n;
    unsigned long long at[7] = {0};
    char *operands[7];
    (void)module;
    if (!PyArg_ParseTuple(args, "sin|KKKKKKK", &name, &type, &n, &at[0], &at[1], &at[2], &at[3],
                          &at[4], &at[5], &at[6]))
        return NULL;
    for (int i = 0; i < 7; i++)
        operands[i] = (char *)(uintptr_t)at[i]; /* NOLINT(performance-no-int-to-ptr) */
    for (int i = 0; i < OGIVE_KNOWN; i++)
        if (strcmp(KERNELS[i].name, name) == 0) {
            Py_BEGIN_ALLOW_THREADS;
            KERNELS[i].of_type[type](operands, n);
            Py_END_ALLOW_THREADS;
        }
    Py_RETURN_NONE;
}

static PyMethodDef methods[] = {{"doubles", doubles, METH_VARARGS, NULL},
                                {"floats", floats, METH_VARARGS, NULL},
                                {"array", array, METH_VARARGS, NULL},
                                {NULL, NULL, 0, NULL}};

static struct PyModuleDef definition = {
    PyModuleDef_HEAD_INIT, "caller", NULL, -1, methods, NULL, NULL, NULL, NULL};

PyMODINIT_FUNC PyInit_caller(void)
{
#ifndef IMPORT_LATE
    if (ogive_import() < 0)
        return NULL;
#endif
    return PyModule_Create(&definition);
}
