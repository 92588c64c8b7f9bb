"""The kernels of ogive for Cython: scalars by type, and whole arrays.

    from ogive.cython_api cimport sigmoid, sigmoid_f64

`sigmoid` takes a double or a float; `sigmoid_f64`, `_f32`, `_f16` and `_bf16` take the addresses
of contiguous inputs, then of outputs, and the number of elements. None needs the GIL, none sees or
changes the caller's floating-point environment. Compile with `ogive.get_include()` among the
include_dirs. `import_ogive()` where the module starts turns a missing ogive into an ImportError.

From csrc/gen/cython_api.py: do not edit.
"""

from cython cimport floating
from libc.stddef cimport ptrdiff_t as ssize

ctypedef char *const *operands

cdef extern from "ogive/api.h":
    int import_ogive "ogive_import"() except -1

cdef extern from "ogive/api.h" nogil:
    double ogive_sigmoid(double x)
    float ogive_sigmoidf(float x)
    void sigmoid_f64 "ogive_sigmoid_f64"(operands args, ssize n)
    void sigmoid_f32 "ogive_sigmoid_f32"(operands args, ssize n)
    void sigmoid_f16 "ogive_sigmoid_f16"(operands args, ssize n)
    void sigmoid_bf16 "ogive_sigmoid_bf16"(operands args, ssize n)
    double ogive_sigmoid_grad(double x)
    float ogive_sigmoid_gradf(float x)
    void sigmoid_grad_f64 "ogive_sigmoid_grad_f64"(operands args, ssize n)
    void sigmoid_grad_f32 "ogive_sigmoid_grad_f32"(operands args, ssize n)
    void sigmoid_grad_f16 "ogive_sigmoid_grad_f16"(operands args, ssize n)
    void sigmoid_grad_bf16 "ogive_sigmoid_grad_bf16"(operands args, ssize n)
    double ogive_sigmoid_grad_from_output(double y)
    float ogive_sigmoid_grad_from_outputf(float y)
    void sigmoid_grad_from_output_f64 "ogive_sigmoid_grad_from_output_f64"(operands args, ssize n)
    void sigmoid_grad_from_output_f32 "ogive_sigmoid_grad_from_output_f32"(operands args, ssize n)
    void sigmoid_grad_from_output_f16 "ogive_sigmoid_grad_from_output_f16"(operands args, ssize n)
    void sigmoid_grad_from_output_bf16 "ogive_sigmoid_grad_from_output_bf16"(operands args, ssize n)
    void ogive_sigmoid_and_grad(double x, double *y0, double *y1)
    void ogive_sigmoid_and_gradf(float x, float *y0, float *y1)
    void sigmoid_and_grad_f64 "ogive_sigmoid_and_grad_f64"(operands args, ssize n)
    void sigmoid_and_grad_f32 "ogive_sigmoid_and_grad_f32"(operands args, ssize n)
    void sigmoid_and_grad_f16 "ogive_sigmoid_and_grad_f16"(operands args, ssize n)
    void sigmoid_and_grad_bf16 "ogive_sigmoid_and_grad_bf16"(operands args, ssize n)
    double ogive_log_sigmoid(double x)
    float ogive_log_sigmoidf(float x)
    void log_sigmoid_f64 "ogive_log_sigmoid_f64"(operands args, ssize n)
    void log_sigmoid_f32 "ogive_log_sigmoid_f32"(operands args, ssize n)
    void log_sigmoid_f16 "ogive_log_sigmoid_f16"(operands args, ssize n)
    void log_sigmoid_bf16 "ogive_log_sigmoid_bf16"(operands args, ssize n)
    double ogive_softplus(double x)
    float ogive_softplusf(float x)
    void softplus_f64 "ogive_softplus_f64"(operands args, ssize n)
    void softplus_f32 "ogive_softplus_f32"(operands args, ssize n)
    void softplus_f16 "ogive_softplus_f16"(operands args, ssize n)
    void softplus_bf16 "ogive_softplus_bf16"(operands args, ssize n)
    double ogive_logit(double p)
    float ogive_logitf(float p)
    void logit_f64 "ogive_logit_f64"(operands args, ssize n)
    void logit_f32 "ogive_logit_f32"(operands args, ssize n)
    void logit_f16 "ogive_logit_f16"(operands args, ssize n)
    void logit_bf16 "ogive_logit_bf16"(operands args, ssize n)
    double ogive_silu(double x)
    float ogive_siluf(float x)
    void silu_f64 "ogive_silu_f64"(operands args, ssize n)
    void silu_f32 "ogive_silu_f32"(operands args, ssize n)
    void silu_f16 "ogive_silu_f16"(operands args, ssize n)
    void silu_bf16 "ogive_silu_bf16"(operands args, ssize n)
    double ogive_silu_grad(double x)
    float ogive_silu_gradf(float x)
    void silu_grad_f64 "ogive_silu_grad_f64"(operands args, ssize n)
    void silu_grad_f32 "ogive_silu_grad_f32"(operands args, ssize n)
    void silu_grad_f16 "ogive_silu_grad_f16"(operands args, ssize n)
    void silu_grad_bf16 "ogive_silu_grad_bf16"(operands args, ssize n)
    double ogive_tanh(double x)
    float ogive_tanhf(float x)
    void tanh_f64 "ogive_tanh_f64"(operands args, ssize n)
    void tanh_f32 "ogive_tanh_f32"(operands args, ssize n)
    void tanh_f16 "ogive_tanh_f16"(operands args, ssize n)
    void tanh_bf16 "ogive_tanh_bf16"(operands args, ssize n)
    double ogive_bce_with_logits(double x, double t)
    float ogive_bce_with_logitsf(float x, float t)
    void bce_with_logits_f64 "ogive_bce_with_logits_f64"(operands args, ssize n)
    void bce_with_logits_f32 "ogive_bce_with_logits_f32"(operands args, ssize n)
    void bce_with_logits_f16 "ogive_bce_with_logits_f16"(operands args, ssize n)
    void bce_with_logits_bf16 "ogive_bce_with_logits_bf16"(operands args, ssize n)
    double ogive_bce_with_logits_grad(double x, double t)
    float ogive_bce_with_logits_gradf(float x, float t)
    void bce_with_logits_grad_f64 "ogive_bce_with_logits_grad_f64"(operands args, ssize n)
    void bce_with_logits_grad_f32 "ogive_bce_with_logits_grad_f32"(operands args, ssize n)
    void bce_with_logits_grad_f16 "ogive_bce_with_logits_grad_f16"(operands args, ssize n)
    void bce_with_logits_grad_bf16 "ogive_bce_with_logits_grad_bf16"(operands args, ssize n)
    void ogive_bce_with_logits_and_grad(double x, double t, double *y0, double *y1)
    void ogive_bce_with_logits_and_gradf(float x, float t, float *y0, float *y1)
    void bce_with_logits_and_grad_f64 "ogive_bce_with_logits_and_grad_f64"(operands args, ssize n)
    void bce_with_logits_and_grad_f32 "ogive_bce_with_logits_and_grad_f32"(operands args, ssize n)
    void bce_with_logits_and_grad_f16 "ogive_bce_with_logits_and_grad_f16"(operands args, ssize n)
    void bce_with_logits_and_grad_bf16 "ogive_bce_with_logits_and_grad_bf16"(operands args, ssize n)
    double ogive_sigmoid_backward(double dy, double y)
    float ogive_sigmoid_backwardf(float dy, float y)
    void sigmoid_backward_f64 "ogive_sigmoid_backward_f64"(operands args, ssize n)
    void sigmoid_backward_f32 "ogive_sigmoid_backward_f32"(operands args, ssize n)
    void sigmoid_backward_f16 "ogive_sigmoid_backward_f16"(operands args, ssize n)
    void sigmoid_backward_bf16 "ogive_sigmoid_backward_bf16"(operands args, ssize n)
    double ogive_silu_backward(double dy, double x)
    float ogive_silu_backwardf(float dy, float x)
    void silu_backward_f64 "ogive_silu_backward_f64"(operands args, ssize n)
    void silu_backward_f32 "ogive_silu_backward_f32"(operands args, ssize n)
    void silu_backward_f16 "ogive_silu_backward_f16"(operands args, ssize n)
    void silu_backward_bf16 "ogive_silu_backward_bf16"(operands args, ssize n)
    double ogive_glu(double a, double b)
    float ogive_gluf(float a, float b)
    void glu_f64 "ogive_glu_f64"(operands args, ssize n)
    void glu_f32 "ogive_glu_f32"(operands args, ssize n)
    void glu_f16 "ogive_glu_f16"(operands args, ssize n)
    void glu_bf16 "ogive_glu_bf16"(operands args, ssize n)
    double ogive_swiglu(double a, double b)
    float ogive_swigluf(float a, float b)
    void swiglu_f64 "ogive_swiglu_f64"(operands args, ssize n)
    void swiglu_f32 "ogive_swiglu_f32"(operands args, ssize n)
    void swiglu_f16 "ogive_swiglu_f16"(operands args, ssize n)
    void swiglu_bf16 "ogive_swiglu_bf16"(operands args, ssize n)
    double ogive_mix(double a, double b, double x)
    float ogive_mixf(float a, float b, float x)
    void mix_f64 "ogive_mix_f64"(operands args, ssize n)
    void mix_f32 "ogive_mix_f32"(operands args, ssize n)
    void mix_f16 "ogive_mix_f16"(operands args, ssize n)
    void mix_bf16 "ogive_mix_bf16"(operands args, ssize n)
    void ogive_lstm_cell(double i, double f, double g, double o, double c, double *y0, double *y1)
    void ogive_lstm_cellf(float i, float f, float g, float o, float c, float *y0, float *y1)
    void lstm_cell_f64 "ogive_lstm_cell_f64"(operands args, ssize n)
    void lstm_cell_f32 "ogive_lstm_cell_f32"(operands args, ssize n)
    void lstm_cell_f16 "ogive_lstm_cell_f16"(operands args, ssize n)
    void lstm_cell_bf16 "ogive_lstm_cell_bf16"(operands args, ssize n)
    double ogive_gru_cell(double r, double z, double xn, double hn, double h)
    float ogive_gru_cellf(float r, float z, float xn, float hn, float h)
    void gru_cell_f64 "ogive_gru_cell_f64"(operands args, ssize n)
    void gru_cell_f32 "ogive_gru_cell_f32"(operands args, ssize n)
    void gru_cell_f16 "ogive_gru_cell_f16"(operands args, ssize n)
    void gru_cell_bf16 "ogive_gru_cell_bf16"(operands args, ssize n)

# Logistic sigmoid 1 / (1 + exp(-x)).
cdef inline floating sigmoid(
    floating x
) noexcept nogil:
    if floating is double:
        return ogive_sigmoid(x)
    else:
        return ogive_sigmoidf(x)


# Derivative of the sigmoid at x: s(x) s(-x).
cdef inline floating sigmoid_grad(
    floating x
) noexcept nogil:
    if floating is double:
        return ogive_sigmoid_grad(x)
    else:
        return ogive_sigmoid_gradf(x)


# Derivative of the sigmoid from its output y: y (1 - y).
cdef inline floating sigmoid_grad_from_output(
    floating y
) noexcept nogil:
    if floating is double:
        return ogive_sigmoid_grad_from_output(y)
    else:
        return ogive_sigmoid_grad_from_outputf(y)


# Sigmoid of x and its derivative, in one pass.
cdef inline void sigmoid_and_grad(
    floating x, floating *y0, floating *y1
) noexcept nogil:
    if floating is double:
        ogive_sigmoid_and_grad(x, y0, y1)
    else:
        ogive_sigmoid_and_gradf(x, y0, y1)


# Logarithm of the sigmoid: -log(1 + exp(-x)).
cdef inline floating log_sigmoid(
    floating x
) noexcept nogil:
    if floating is double:
        return ogive_log_sigmoid(x)
    else:
        return ogive_log_sigmoidf(x)


# Softplus log(1 + exp(x)), whose derivative is the sigmoid.
cdef inline floating softplus(
    floating x
) noexcept nogil:
    if floating is double:
        return ogive_softplus(x)
    else:
        return ogive_softplusf(x)


# Inverse of the sigmoid: log(p / (1 - p)).
cdef inline floating logit(
    floating p
) noexcept nogil:
    if floating is double:
        return ogive_logit(p)
    else:
        return ogive_logitf(p)


# Sigmoid linear unit x s(x).
cdef inline floating silu(
    floating x
) noexcept nogil:
    if floating is double:
        return ogive_silu(x)
    else:
        return ogive_siluf(x)


# Derivative of silu at x: s(x) (1 + x s(-x)).
cdef inline floating silu_grad(
    floating x
) noexcept nogil:
    if floating is double:
        return ogive_silu_grad(x)
    else:
        return ogive_silu_gradf(x)


# Hyperbolic tangent, the rescaled sigmoid 2 s(2x) - 1.
cdef inline floating tanh(
    floating x
) noexcept nogil:
    if floating is double:
        return ogive_tanh(x)
    else:
        return ogive_tanhf(x)


# Binary cross-entropy of the logit x and the target t: softplus(x) - x t.
cdef inline floating bce_with_logits(
    floating x, floating t
) noexcept nogil:
    if floating is double:
        return ogive_bce_with_logits(x, t)
    else:
        return ogive_bce_with_logitsf(x, t)


# Derivative of the binary cross-entropy in the logit: s(x) - t.
cdef inline floating bce_with_logits_grad(
    floating x, floating t
) noexcept nogil:
    if floating is double:
        return ogive_bce_with_logits_grad(x, t)
    else:
        return ogive_bce_with_logits_gradf(x, t)


# Binary cross-entropy of logits and its derivative, in one pass.
cdef inline void bce_with_logits_and_grad(
    floating x, floating t, floating *y0, floating *y1
) noexcept nogil:
    if floating is double:
        ogive_bce_with_logits_and_grad(x, t, y0, y1)
    else:
        ogive_bce_with_logits_and_gradf(x, t, y0, y1)


# Gradient through a sigmoid from its output y: dy y (1 - y).
cdef inline floating sigmoid_backward(
    floating dy, floating y
) noexcept nogil:
    if floating is double:
        return ogive_sigmoid_backward(dy, y)
    else:
        return ogive_sigmoid_backwardf(dy, y)


# Gradient through silu at x: dy silu'(x).
cdef inline floating silu_backward(
    floating dy, floating x
) noexcept nogil:
    if floating is double:
        return ogive_silu_backward(dy, x)
    else:
        return ogive_silu_backwardf(dy, x)


# Gated linear unit a s(b).
cdef inline floating glu(
    floating a, floating b
) noexcept nogil:
    if floating is double:
        return ogive_glu(a, b)
    else:
        return ogive_gluf(a, b)


# Gated unit silu(a) b.
cdef inline floating swiglu(
    floating a, floating b
) noexcept nogil:
    if floating is double:
        return ogive_swiglu(a, b)
    else:
        return ogive_swigluf(a, b)


# Soft selection s(x) a + s(-x) b.
cdef inline floating mix(
    floating a, floating b, floating x
) noexcept nogil:
    if floating is double:
        return ogive_mix(a, b, x)
    else:
        return ogive_mixf(a, b, x)


# LSTM cell from its gates' inputs: c_new = s(f) c + s(i) tanh(g), h = s(o) tanh(c_new).
cdef inline void lstm_cell(
    floating i, floating f, floating g, floating o, floating c, floating *y0, floating *y1
) noexcept nogil:
    if floating is double:
        ogive_lstm_cell(i, f, g, o, c, y0, y1)
    else:
        ogive_lstm_cellf(i, f, g, o, c, y0, y1)


# GRU cell from its gates' inputs: n = tanh(xn + s(r) hn), h_new = s(-z) n + s(z) h.
cdef inline floating gru_cell(
    floating r, floating z, floating xn, floating hn, floating h
) noexcept nogil:
    if floating is double:
        return ogive_gru_cell(r, z, xn, hn, h)
    else:
        return ogive_gru_cellf(r, z, xn, hn, h)
