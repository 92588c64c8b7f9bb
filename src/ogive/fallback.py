"""The functions of ogive in pure NumPy: branch-split and stable, without compiled code.

``import ogive`` uses these where no compiled extension is there. They take the arguments of a
ufunc and have its attributes, but not its methods (``at``, ``outer``, ``reduce``). They stay below
4 ulp in every dtype, those of several inputs below 5, complex ones below 8 of the modulus, and
raise no floating-point warning. They are what the benchmarks compare with.
"""

import numpy as np

from ogive import _complex
from ogive._factors import product, sigmoid_factors, silu_grad_factors
from ogive._numpy_function import Function, finfo

__all__ = [
    "FUNCTIONS",
    "bce_with_logits",
    "bce_with_logits_and_grad",
    "bce_with_logits_grad",
    "expit",
    "glu",
    "gru_cell",
    "log_expit",
    "log_sigmoid",
    "logistic",
    "logit",
    "lstm_cell",
    "mix",
    "sigmoid",
    "sigmoid_and_grad",
    "sigmoid_backward",
    "sigmoid_grad",
    "sigmoid_grad_from_output",
    "silu",
    "silu_backward",
    "silu_grad",
    "softplus",
    "swiglu",
    "swish",
    "tanh",
]


def _function(nout=1, least=np.float64):
    return lambda kernel: Function(kernel, nout, least, getattr(_complex, kernel.__name__, None))


@_function(least=np.float32)
def sigmoid(x):
    """e/(1+e) for x < 0 and 1 - e/(1+e) above, where e = exp(-|x|) <= 1 cannot overflow."""
    return _sigmoid_of(np.exp(-np.abs(x)), x)


@_function(least=np.float32)
def sigmoid_grad(x):
    """s(x) s(-x) = e/(1+e)^2, e = exp(-|x|): nothing cancels, so the tails keep their digits."""
    e = np.exp(-np.abs(x))
    return e / (1 + e * (2 + e))  # squaring a rounded 1 + e: 4.1 ulp, and 5.1 in float32


@_function(least=np.float32)
def sigmoid_grad_from_output(y):
    """The identity s' = s (1 - s), with s given."""
    return y * (1 - y)


@_function(nout=2, least=np.float32)
def sigmoid_and_grad(x):
    """The two functions from one exponential."""
    e = np.exp(-np.abs(x))
    return _sigmoid_of(e, x), e / (1 + e * (2 + e))


@_function()
def log_sigmoid(x):
    """-softplus(-x)."""
    return -softplus.kernel(-x)


@_function()
def softplus(x):
    """log(1 + exp(x)) with the larger of the two terms taken out of the logarithm."""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


@_function()
def logit(p):
    """Odd about 1/2, so from q = min(p, 1-p), exact from 1/4 on, as 1-2q is."""
    q = np.minimum(p, 1 - p)
    x = np.where(q < 0.25, np.log1p(-q) - np.log(q), np.log1p((1 - 2 * q) / q))
    return np.copysign(x, p - 0.5)


@_function()
def silu(x):
    """The product x s(x), of which the limit at -inf is 0."""
    return product(np.maximum(x, np.finfo(x.dtype).min), *sigmoid_factors(x))


@_function()
def silu_grad(x):
    """One product, so that subnormal results are rounded once."""
    return product(*silu_grad_factors(x))


@_function()
def tanh(x):
    """NumPy's own, and for long doubles, where that may be 2.7 ulp off, Lambert's fraction."""
    if x.dtype.char != "g":
        return np.tanh(x)
    fraction = 0
    for k in range(29, 1, -2):
        fraction = x * x / (k + fraction)  # x / (1 + x^2 / (3 + x^2 / (5 + ...)))
    far = np.copysign(1 - 2 / (1 + np.exp(2 * np.abs(x))), x)
    return np.where(np.abs(x) < 1, x / (1 + fraction), far)


@_function()
def bce_with_logits(x, t):
    """Of log1p(exp(-|x|)) and |x| w no term is negative where t is in [0, 1]."""
    w = _missing(x, t)
    return np.log1p(np.exp(-np.abs(x))) + np.where(w == 0, 0, np.abs(x) * w)


@_function()
def bce_with_logits_grad(x, t):
    """s(x) - t, and (1-t) - s(-x) for x > 0: no sigmoid near 1 loses digits."""
    w = _missing(x, t)
    e = np.exp(-np.abs(x))
    y = e / (1 + e)
    return np.where(x > 0, w - y, y - w)


@_function(nout=2)
def bce_with_logits_and_grad(x, t):
    """The two functions."""
    return bce_with_logits.kernel(x, t), bce_with_logits_grad.kernel(x, t)


@_function()
def sigmoid_backward(dy, y):
    """The product of three, in any order of magnitude."""
    return product(dy, y, 1 - y)


@_function()
def silu_backward(dy, x):
    """The product of dy and silu'(x)."""
    return product(dy, *silu_grad_factors(x))


@_function()
def glu(a, b):
    """The product a s(b)."""
    return product(a, *sigmoid_factors(b))


@_function()
def swiglu(a, b):
    """The product silu(a) b."""
    return product(np.maximum(a, np.finfo(a.dtype).min), b, *sigmoid_factors(a))


@_function(least=None)
def mix(a, b, x):
    """The sum of two gates, or the one side alone where s(x) rounds to it."""
    limits = finfo(x.dtype)  # of the loop
    a, b, x = (np.asarray(v, np.promote_types(v.dtype, np.float64)) for v in (a, b, x))
    log2 = np.log(x.dtype.type(2))
    is_one = x >= (limits.nmant + 2) * log2
    is_zero = x <= (limits.minexp - limits.nmant - 1) * log2
    y = glu.kernel(a, x) + glu.kernel(b, -x)
    y = np.where(is_one & (np.isinf(x) | ~np.isfinite(b)), a, y)
    return np.where(is_zero & (np.isinf(x) | ~np.isfinite(a)), b, y)


@_function(nout=2)
def lstm_cell(i, f, g, o, c):
    """Three gates and two hyperbolic tangents."""
    c_new = glu.kernel(c, f) + glu.kernel(tanh.kernel(g), i)
    return glu.kernel(tanh.kernel(c_new), o), c_new


@_function()
def gru_cell(r, z, xn, hn, h):
    """Three gates and a hyperbolic tangent."""
    n = tanh.kernel(xn + glu.kernel(hn, r))
    return glu.kernel(n, -z) + glu.kernel(h, z)


def _sigmoid_of(e, x):
    """s(x), given e: 1/(1+e) would be 1 where 1+e is, and np.where is slower than abs."""
    return np.abs((x >= 0) - e / (1 + e))


def _missing(x, t):
    """What the target t lacks to the side that x is on: 1 - t for x > 0, t below."""
    return np.where(x > 0, 1 - t, t)


expit = logistic = sigmoid
log_expit = log_sigmoid
swish = silu

FUNCTIONS = {
    function.__name__: function
    for function in (
        sigmoid,
        sigmoid_grad,
        sigmoid_grad_from_output,
        sigmoid_and_grad,
        log_sigmoid,
        softplus,
        logit,
        silu,
        silu_grad,
        tanh,
        bce_with_logits,
        bce_with_logits_grad,
        bce_with_logits_and_grad,
        sigmoid_backward,
        silu_backward,
        glu,
        swiglu,
        mix,
        lstm_cell,
        gru_cell,
    )
}
