/* The registry: one row per public function.
 *
 *   OGIVE_ROW(name, inputs, outputs, aliases, summary)
 *
 * The kernel tables, the ufuncs and the tests of the fallback, the docstrings,
 * the type stubs and the README are derived from these rows or checked against
 * them. Every function has kernels for float64, float32, float16 and bfloat16
 * named name_f64, name_f32, name_f16, name_bf16 in csrc/kernels, and a long double function in
 * src/ogive/_long_double.pxd. */
#ifndef OGIVE_FUNCTIONS_H
#define OGIVE_FUNCTIONS_H

#define OGIVE_FUNCTIONS(OGIVE_ROW)                                                                 \
    OGIVE_ROW(sigmoid, 1, 1, "expit logistic", "Logistic sigmoid 1 / (1 + exp(-x)).")              \
    OGIVE_ROW(sigmoid_grad, 1, 1, "", "Derivative of the sigmoid at x: s(x) s(-x).")               \
    OGIVE_ROW(sigmoid_grad_from_output, 1, 1, "",                                                  \
              "Derivative of the sigmoid from its output y: y (1 - y).")                           \
    OGIVE_ROW(sigmoid_and_grad, 1, 2, "", "Sigmoid of x and its derivative, in one pass.")         \
    OGIVE_ROW(log_sigmoid, 1, 1, "log_expit", "Logarithm of the sigmoid: -log(1 + exp(-x)).")      \
    OGIVE_ROW(softplus, 1, 1, "", "Softplus log(1 + exp(x)), whose derivative is the sigmoid.")    \
    OGIVE_ROW(logit, 1, 1, "", "Inverse of the sigmoid: log(p / (1 - p)).")                        \
    OGIVE_ROW(silu, 1, 1, "swish", "Sigmoid linear unit x s(x).")                                  \
    OGIVE_ROW(silu_grad, 1, 1, "", "Derivative of silu at x: s(x) (1 + x s(-x)).")                 \
    OGIVE_ROW(tanh, 1, 1, "", "Hyperbolic tangent, the rescaled sigmoid 2 s(2x) - 1.")             \
    OGIVE_ROW(bce_with_logits, 2, 1, "",                                                           \
              "Binary cross-entropy of the logit x and the target t: softplus(x) - x t.")          \
    OGIVE_ROW(bce_with_logits_grad, 2, 1, "",                                                      \
              "Derivative of the binary cross-entropy in the logit: s(x) - t.")                    \
    OGIVE_ROW(bce_with_logits_and_grad, 2, 2, "",                                                  \
              "Binary cross-entropy of logits and its derivative, in one pass.")                   \
    OGIVE_ROW(sigmoid_backward, 2, 1, "",                                                          \
              "Gradient through a sigmoid from its output y: dy y (1 - y).")                       \
    OGIVE_ROW(silu_backward, 2, 1, "", "Gradient through silu at x: dy silu'(x).")                 \
    OGIVE_ROW(glu, 2, 1, "", "Gated linear unit a s(b).")                                          \
    OGIVE_ROW(swiglu, 2, 1, "", "Gated unit silu(a) b.")                                           \
    OGIVE_ROW(mix, 3, 1, "", "Soft selection s(x) a + s(-x) b.")                                   \
    OGIVE_ROW(lstm_cell, 5, 2, "",                                                                 \
              "LSTM cell from its gates' inputs: c_new = s(f) c + s(i) tanh(g), "                  \
              "h = s(o) tanh(c_new).")                                                             \
    OGIVE_ROW(gru_cell, 5, 1, "",                                                                  \
              "GRU cell from its gates' inputs: n = tanh(xn + s(r) hn), "                          \
              "h_new = s(-z) n + s(z) h.")

#endif
