/* The registry: one row per public function.
 *
 *   OGIVE_ROW(name, inputs, outputs, aliases, summary)
 *
 * The kernel tables, the ufuncs and the tests of the fallback, the docstrings,
 * the type stubs and the README are derived from these rows or checked against
 * them. Every function has kernels for float64, float32 and float16 named
 * name_f64, name_f32, name_f16 in csrc/kernels, and a long double loop in
 * src/ogive/_kernels.pyx. */
#ifndef OGIVE_FUNCTIONS_H
#define OGIVE_FUNCTIONS_H

#define OGIVE_FUNCTIONS(OGIVE_ROW)                                                                 \
    OGIVE_ROW(sigmoid, 1, 1, "expit logistic", "Logistic sigmoid 1 / (1 + exp(-x)).")              \
    OGIVE_ROW(sigmoid_grad, 1, 1, "", "Derivative of the sigmoid at x: s(x) s(-x).")               \
    OGIVE_ROW(sigmoid_grad_from_output, 1, 1, "",                                                  \
              "Derivative of the sigmoid from its output y: y (1 - y).")                           \
    OGIVE_ROW(sigmoid_and_grad, 1, 2, "", "Sigmoid of x and its derivative, in one pass.")

#endif
