"""Exact values of every function, from MPFR: one reference expression per function.

They are evaluated in 320 bits and then rounded once. Of what looks like a short number in these, or
has cancelled to 0, 5,000 bits tell whether it is: terms may be 2^2100 apart, or 2^-1074 beside 1/2.
Exponents reach far beyond every dtype: no result of finite inputs underflows to 0.

Written apart from the kernels and src/ogive/fallback.py on purpose: they judge them.
"""

import gmpy2
import numpy as np
from gmpy2 import add, exp, exp2, log, log1p, mpfr, tanh

from ogive._numpy_function import finfo

_BITS, _MORE_BITS, _SHORT, _NOISE = 320, 5000, 110, mpfr(2) ** -300
# e^-3000 times any float64 is out of sight beside any other, and 5,000 bits see it; long double
# reaches further, and MPFR's exp not to its largest numbers.
_FURTHEST, _FURTHEST_LONG = 3000, 2**20
_furthest = _FURTHEST


def _exp(x):
    return exp(max(x, mpfr(-_furthest)) if gmpy2.is_finite(x) else x)


def _sigmoid(x):
    e = _exp(-abs(x))
    return (e if x < 0 else 1) / (1 + e)


def _sigmoid_grad(x):
    e = _exp(-abs(x))
    return e / (1 + e) ** 2


def _sigmoid_grad_from_output(y):
    return y - y * y if gmpy2.is_finite(y) else -abs(y)


def _softplus(x):
    return max(x, 0) + log1p(_exp(-abs(x)))


def _logit(p):
    # log p - log(1 - p) cancels near 1/2, where 2p - 1 and 1 - p are exact.
    return log1p((2 * p - 1) / (1 - p)) if 0.25 < p < 0.75 else log(p) - log1p(-p)


def _silu(x):
    if x == 0 or gmpy2.is_infinite(x):
        return x if x >= 0 else mpfr("-0")
    return x * _sigmoid(x)


def _silu_grad(x):
    if gmpy2.is_infinite(x):
        return mpfr(1) if x > 0 else mpfr("-0")
    return _sigmoid(x) * (1 + x * _sigmoid(-x))


def _bce_terms(x, t):
    weight = 1 - t if x > 0 else t
    return log1p(_exp(-abs(x))), abs(x) * weight if weight != 0 else mpfr(0)


def _bce(x, t):
    return add(*_bce_terms(x, t))


def _bce_grad(x, t):
    return -_sigmoid(-x) if t == 1 and gmpy2.is_finite(x) else _sigmoid(x) - t


def _mix_terms(a, b, x):
    return _sigmoid(x) * a, _sigmoid(-x) * b


def _mix(a, b, x):
    if gmpy2.is_infinite(x):
        return a if x > 0 else b
    return add(*_mix_terms(a, b, x))


def _lstm_terms(i, f, g, c):
    larger = max(i, f)
    if gmpy2.is_finite(larger) and larger < -_furthest / 2:  # only the sign counts
        i, f = (x - larger - _furthest / 2 for x in (i, f))
    return _sigmoid(f) * c, _sigmoid(i) * _tanh(g)


def _lstm_cell(i, f, g, o, c):
    c_new = add(*_lstm_terms(i, f, g, c))
    return _sigmoid(o) * _tanh(c_new), c_new


def _tanh(x):
    # As with _exp: 1 less something, where MPFR's 5,000 bits say 1.
    return tanh(gmpy2.copy_sign(min(abs(x), mpfr(1500)), x) if gmpy2.is_finite(x) else x)


def _gru_cell(r, z, xn, hn, h):
    u = xn + _sigmoid(r) * hn
    if _looks_short(u) and gmpy2.get_context().precision == _BITS:
        with precise(_MORE_BITS):
            return _gru_cell(r, z, xn, hn, h)
    return _sigmoid(-z) * _tanh(u) + _sigmoid(z) * h


REFERENCE = {
    "sigmoid": lambda x: (_sigmoid(x),),
    "sigmoid_grad": lambda x: (_sigmoid_grad(x),),
    "sigmoid_grad_from_output": lambda y: (_sigmoid_grad_from_output(y),),
    "sigmoid_and_grad": lambda x: (_sigmoid(x), _sigmoid_grad(x)),
    "log_sigmoid": lambda x: (-_softplus(-x),),
    "softplus": lambda x: (_softplus(x),),
    "logit": lambda p: (_logit(p),),
    "silu": lambda x: (_silu(x),),
    "silu_grad": lambda x: (_silu_grad(x),),
    "tanh": lambda x: (tanh(x),),
    "bce_with_logits": lambda x, t: (_bce(x, t),),
    "bce_with_logits_grad": lambda x, t: (_bce_grad(x, t),),
    "bce_with_logits_and_grad": lambda x, t: (_bce(x, t), _bce_grad(x, t)),
    "sigmoid_backward": lambda dy, y: (dy * _sigmoid_grad_from_output(y),),
    "silu_backward": lambda dy, x: (dy * _silu_grad(x),),
    "glu": lambda a, b: (a * _sigmoid(b),),
    "swiglu": lambda a, b: (_silu(a) * b,),
    "mix": lambda a, b, x: (_mix(a, b, x),),
    "lstm_cell": _lstm_cell,
    "gru_cell": lambda r, z, xn, hn, h: (_gru_cell(r, z, xn, hn, h),),
}


# The largest term of each output's sum, where it may cancel: what errors are measured by


def _largest(terms):
    return max(map(abs, terms))


def _bce_grad_largest(x, t):
    return abs(_bce_grad(x, t)) if t in (0, 1) else max(_sigmoid(x), abs(t))


def _lstm_largest(i, f, g, o, c):
    """An error d of c_new is one of s(o) tanh'(c_new) d in h."""
    terms = _lstm_terms(i, f, g, c)
    t = tanh(add(*terms))
    return _sigmoid(o) * max(abs(t), (1 - t * t) * _largest(terms)), _largest(terms)


def _gru_largest(r, z, xn, hn, h):
    terms = xn, _sigmoid(r) * hn
    n = tanh(add(*terms))
    inner = max(abs(n), (1 - n * n) * _largest(terms))
    return max(_sigmoid(-z) * inner, _sigmoid(z) * abs(h))


LARGEST_TERM = {
    "bce_with_logits": lambda x, t: (_largest(_bce_terms(x, t)),),
    "bce_with_logits_grad": lambda x, t: (_bce_grad_largest(x, t),),
    "bce_with_logits_and_grad": lambda x, t: (
        _largest(_bce_terms(x, t)),
        _bce_grad_largest(x, t),
    ),
    "mix": lambda a, b, x: (_largest(_mix_terms(a, b, x)),),
    "lstm_cell": _lstm_largest,
    "gru_cell": lambda r, z, xn, hn, h: (_gru_largest(r, z, xn, hn, h),),
}


# From arrays to mpfr and back


def to_mpfr(x):
    """The values of an array as a list of mpfr, exactly; call it within `precise()`."""
    x = np.asarray(x).ravel()
    if x.dtype.char != "g":
        return [mpfr(value) for value in x.tolist()]
    # A longdouble has at most 113 bits: three float64 parts of its mantissa hold them all.
    mantissa, exponent = np.frexp(x)
    high = mantissa.astype(np.float64)
    rest = np.subtract(mantissa, high, out=np.zeros_like(x), where=np.isfinite(x))
    middle = rest.astype(np.float64)
    low = (rest - middle).astype(np.float64)
    return [
        (mpfr(h) + mpfr(m) + mpfr(lo)) * exp2(e)
        for h, m, lo, e in zip(
            high.tolist(), middle.tolist(), low.tolist(), exponent.tolist(), strict=True
        )
    ]


def precise(bits=_BITS):
    """The context of the reference: round to nearest, exponents far beyond any dtype."""
    return gmpy2.context(precision=bits, emin=gmpy2.get_emin_min(), emax=gmpy2.get_emax_max())


def exact(name, *inputs):
    """One list of mpfr per output: the values of function `name` at the elements of the inputs."""
    return _evaluate(REFERENCE[name], _operands(name, inputs))


def _evaluate(function, inputs):
    global _furthest
    _furthest = _FURTHEST_LONG if np.asarray(inputs[0]).dtype.char == "g" else _FURTHEST
    with precise():
        inputs = list(zip(*map(to_mpfr, inputs), strict=True))
        values = [function(*x) for x in inputs]
    for at, (x, results) in enumerate(zip(inputs, values, strict=True)):
        if any(map(_looks_short, results)):
            with precise(_MORE_BITS):
                values[at] = function(*x)
    return list(zip(*values, strict=True))


def _looks_short(value):
    """Whether the value may be an exact one, or one that only more bits tell from it."""
    return gmpy2.is_finite(value) and abs(mpfr(value, _SHORT) - value) <= abs(value) * _NOISE


def _operands(name, inputs):
    """The inputs as arrays of one shape and dtype."""
    arrays = [np.asarray(x) for x in inputs]
    dtype = np.result_type(*arrays)
    inputs = np.broadcast_arrays(*(x.astype(dtype) for x in arrays))
    return _mix_operands(*inputs) if name == "mix" else inputs


def _mix_operands(a, b, x):
    """With x infinite where sigmoid, in this dtype, has no part of what is not finite."""
    format = finfo(x.dtype)
    ln2 = np.log(np.longdouble(2))
    with np.errstate(invalid="ignore"):  # signalling NaNs
        all_a = ~np.isfinite(b) & (x > (format.nmant + 2) * ln2)
        all_b = ~np.isfinite(a) & (x < (format.minexp - format.nmant - 1) * ln2)
    infinity = x.dtype.type(np.inf)
    return a, b, np.where(all_a, infinity, np.where(all_b, -infinity, x))


def correctly_rounded(name, *inputs):
    """A tuple of arrays like the inputs (float64 or narrower): exact, rounded once."""
    x = _operands(name, inputs)[0]
    return tuple(_rounded(values, x.dtype).reshape(x.shape) for values in exact(name, *inputs))


def _rounded(values, dtype):
    nearest = np.array([float(value) for value in values])
    nearest[np.isnan(nearest)] = np.nan  # of one sign
    if dtype == np.float64:
        return nearest
    # Rounded to odd in float64, no value is a tie of a narrower dtype unless it is exactly one.
    side = np.array([(v > near) - (v < near) for v, near in zip(values, nearest, strict=True)])
    even = nearest.view(np.int64) % 2 == 0
    with np.errstate(all="ignore"):
        to_odd = np.where(even & (side != 0), np.nextafter(nearest, side * np.inf), nearest)
        if dtype.name == "bfloat16":  # astype would round to float32 on the way
            unit = np.exp2(np.maximum(np.frexp(to_odd)[1] - 8, -133))
            to_odd = np.rint(to_odd / unit) * unit
        return to_odd.astype(dtype)


# Errors


def ulp_error(name, inputs, result):
    """|result - exact| / ulp for each element of the inputs; of several outputs, the largest.

    `inputs` is an array, or a tuple of them. The ulp is the spacing of their dtype in the binade
    of the exact value, or of the largest term where a sum cancels. A result that is NaN where the
    exact value is not, or the reverse, is off by infinitely many.
    """
    return Exact(name, inputs).errors(result)


class Exact:
    """The exact values at some inputs, an array or a tuple of them, to judge several results by."""

    def __init__(self, name, inputs):
        inputs = _operands(name, inputs if isinstance(inputs, tuple) else (inputs,))
        self.shape, self.dtype = inputs[0].shape, inputs[0].dtype
        self.values = self.scales = _evaluate(REFERENCE[name], inputs)
        if name in LARGEST_TERM:
            self.scales = _evaluate(LARGEST_TERM[name], inputs)

    def rounded(self):
        return tuple(_rounded(values, self.dtype).reshape(self.shape) for values in self.values)

    def errors(self, result):
        """See `ulp_error`."""
        results = result if isinstance(result, tuple) else (result,)
        format = finfo(self.dtype)
        errors = [
            _measured(np.asarray(got), values, scales, format)
            for got, values, scales in zip(results, self.values, self.scales, strict=True)
        ]
        return np.max(errors, axis=0).reshape(self.shape)


def _measured(got, values, scales, format):
    with precise():
        # Beyond the largest number comes infinity, one more binade: so it counts as 2^maxexp.
        limit = exp2(int(format.maxexp))
        return [
            _ulps(_clipped(g, limit), _clipped(value, limit), _clipped(scale, limit), format)
            for g, value, scale in zip(to_mpfr(got), values, scales, strict=True)
        ]


def _clipped(value, limit):
    return value if abs(value) <= limit or gmpy2.is_nan(value) else gmpy2.copy_sign(limit, value)


def _ulp(value, format):
    smallest = format.minexp - format.nmant
    exponent = gmpy2.get_exp(value) - format.nmant - 1 if value else smallest
    return exp2(int(max(exponent, smallest)))


def _ulps(got, value, scale, format):
    if gmpy2.is_nan(got) or gmpy2.is_nan(value):
        return 0.0 if gmpy2.is_nan(got) and gmpy2.is_nan(value) else np.inf
    return float(abs(got - value) / _ulp(max(abs(value), abs(scale)), format))
