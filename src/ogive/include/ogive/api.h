/* The functions of ogive for other extensions, found through a PyCapsule.
 *
 * For every row of functions.h, here of sigmoid:
 *
 *   double ogive_sigmoid(double x);
 *   float ogive_sigmoidf(float x);
 *   void ogive_sigmoid_f64(char *const *args, ptrdiff_t n);      and _f32, _f16, _bf16
 *
 * The last are the array kernels, see ogive_kernel in ogive.h. With two outputs the scalar
 * functions return nothing and take two pointers after their inputs:
 *
 *   void ogive_sigmoid_and_grad(double x, double *y0, double *y1);
 *
 * All need no GIL, run on the backend that `ogive.isa` names, and neither see nor change the
 * caller's floating-point environment. The folder to include from is `ogive.get_include()`. */
#ifndef OGIVE_API_H
#define OGIVE_API_H

#include <Python.h>

#include "functions.h"
#include "ogive.h"

#include <string.h>

#define OGIVE_INDEX_ROW(name, inputs, outputs, aliases, summary) OGIVE_INDEX_##name,
enum { OGIVE_FUNCTIONS(OGIVE_INDEX_ROW) OGIVE_KNOWN };

/* Each file that includes this has its own. */
static struct {
    const ogive_api *api;
    const ogive_function *functions[OGIVE_KNOWN];
} ogive_imported;

/* Finds the functions by name: another version of ogive may have more of them. Returns 0, or -1
 * with ImportError set. To be called once with the GIL, from an extension's init function. */
static inline int ogive_import(void)
{
#define OGIVE_NAME_ROW(name, inputs, outputs, aliases, summary) #name,
    static const char *const names[] = {OGIVE_FUNCTIONS(OGIVE_NAME_ROW)};
    const ogive_api *api;
    PyObject *module = PyImport_ImportModule("ogive"); /* its error says more than the next one */
    if (!module)
        return -1;
    Py_DECREF(module);
    api = (const ogive_api *)PyCapsule_Import(OGIVE_CAPSULE, 0);
    if (!api) {
        if (PyErr_ExceptionMatches(PyExc_AttributeError))
            PyErr_SetString(PyExc_ImportError, "ogive has no compiled kernels here");
        return -1;
    }
    if (api->version != OGIVE_API_VERSION) {
        PyErr_Format(PyExc_ImportError, "built for version %d of ogive's C API, found %d",
                     OGIVE_API_VERSION, api->version);
        return -1;
    }
    for (int known = 0; known < OGIVE_KNOWN; known++) {
        int i = 0;
        while (i < api->count && strcmp(api->functions[i].name, names[known]) != 0)
            i++;
        if (i == api->count) {
            PyErr_Format(PyExc_ImportError, "this ogive has no function %s", names[known]);
            return -1;
        }
        ogive_imported.functions[known] = &api->functions[i];
    }
    ogive_imported.api = api;
    return 0;
}

/* Where nobody has called ogive_import, the first call does. */
static inline const ogive_function *ogive_imported_function(int index)
{
    if (!ogive_imported.api) {
        PyGILState_STATE state = PyGILState_Ensure();
        if (ogive_import() < 0) {
            PyErr_Print();
            Py_FatalError("ogive cannot be imported");
        }
        PyGILState_Release(state);
    }
    return ogive_imported.functions[index];
}

#define OGIVE_ARRAY(name, type)                                                                    \
    static inline void ogive_##name##_##type(char *const *args, ptrdiff_t n)                       \
    {                                                                                              \
        const ogive_function *function = ogive_imported_function(OGIVE_INDEX_##name);              \
        ogive_imported.api->call(function->type, args, n);                                         \
    }

#define OGIVE_TAKES_1(number) number a
#define OGIVE_TAKES_2(number) number a, number b
#define OGIVE_TAKES_3(number) number a, number b, number c
#define OGIVE_TAKES_5(number) number a, number b, number c, number d, number e
#define OGIVE_GIVEN_1 (char *)&a
#define OGIVE_GIVEN_2 OGIVE_GIVEN_1, (char *)&b
#define OGIVE_GIVEN_3 OGIVE_GIVEN_2, (char *)&c
#define OGIVE_GIVEN_5 OGIVE_GIVEN_3, (char *)&d, (char *)&e

#define OGIVE_SCALAR_1(scalar, number, array, inputs)                                              \
    static inline number scalar(OGIVE_TAKES_##inputs(number))                                      \
    {                                                                                              \
        number y;                                                                                  \
        char *args[] = {OGIVE_GIVEN_##inputs, (char *)&y};                                         \
        array(args, 1);                                                                            \
        return y;                                                                                  \
    }
#define OGIVE_SCALAR_2(scalar, number, array, inputs)                                              \
    static inline void scalar(OGIVE_TAKES_##inputs(number), number *y0, number *y1)                \
    {                                                                                              \
        char *args[] = {OGIVE_GIVEN_##inputs, (char *)y0, (char *)y1};                             \
        array(args, 1);                                                                            \
    }

#define OGIVE_CALLERS(name, inputs, outputs, aliases, summary)                                     \
    OGIVE_ARRAY(name, f64)                                                                         \
    OGIVE_ARRAY(name, f32)                                                                         \
    OGIVE_ARRAY(name, f16)                                                                         \
    OGIVE_ARRAY(name, bf16)                                                                        \
    OGIVE_SCALAR_##outputs(ogive_##name, double, ogive_##name##_f64, inputs)                       \
        OGIVE_SCALAR_##outputs(ogive_##name##f, float, ogive_##name##_f32, inputs)

OGIVE_FUNCTIONS(OGIVE_CALLERS)

#endif
