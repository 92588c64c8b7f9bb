"""Exact values of every function, from MPFR: one reference expression per function.

They are evaluated in 320 bits and then rounded once. That is enough for correct rounding:
the exact values come no closer to a tie than about 2^-165 (x near 2^-53, where only -x^3/48
breaks the tie of 1/2 + x/4), and the ties of y (1 - y) are exact in 320 bits.
"""

import gmpy2
import numpy as np
from gmpy2 import exp, exp2, mpfr

_BITS = 320


def _sigmoid(x):
    return 1 / (1 + exp(-x))


def _sigmoid_grad(x):
    e = exp(x)
    return 1 / (2 + e + 1 / e)


REFERENCE = {
    "sigmoid": lambda x: (_sigmoid(x),),
    "sigmoid_grad": lambda x: (_sigmoid_grad(x),),
    "sigmoid_grad_from_output": lambda y: (y - y * y if gmpy2.is_finite(y) else -abs(y),),
    "sigmoid_and_grad": lambda x: (_sigmoid(x), _sigmoid_grad(x)),
}


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


def precise():
    """The context of the reference: 320 bits, round to nearest, exponents far beyond any dtype."""
    return gmpy2.context(precision=_BITS, emin=gmpy2.get_emin_min(), emax=gmpy2.get_emax_max())


def exact(name, x):
    """One list of mpfr per output: the values of function `name` at the elements of `x`."""
    reference = REFERENCE[name]
    with precise():
        return list(zip(*map(reference, to_mpfr(x)), strict=True))


def correctly_rounded(name, x):
    """A tuple of arrays like `x` (float16, float32 or float64): the exact values rounded once."""
    x = np.asarray(x)
    return tuple(_rounded(values, x.dtype).reshape(x.shape) for values in exact(name, x))


def _rounded(values, dtype):
    nearest = np.array([float(value) for value in values])
    if dtype == np.float64:
        return nearest
    # Rounded to odd in float64, no value is a tie of a narrower dtype unless it is exactly one.
    side = np.array([(v > near) - (v < near) for v, near in zip(values, nearest, strict=True)])
    even = nearest.view(np.int64) % 2 == 0
    with np.errstate(all="ignore"):
        to_odd = np.where(even & (side != 0), np.nextafter(nearest, side * np.inf), nearest)
        return to_odd.astype(dtype)


def ulp_error(name, x, result):
    """|result - exact| / ulp(exact) for each element of `x`; of several outputs, the largest.

    The ulp is the spacing of the dtype of `x` in the binade of the exact value. A result that
    is NaN where the exact value is not, or the reverse, is off by infinitely many.
    """
    x = np.asarray(x)
    results = result if isinstance(result, tuple) else (result,)
    errors = [
        _ulp_errors(np.asarray(got), values, np.finfo(x.dtype))
        for got, values in zip(results, exact(name, x), strict=True)
    ]
    return np.max(errors, axis=0).reshape(x.shape)


def _ulp_errors(got, values, format):
    smallest = format.minexp - format.nmant
    with precise():
        # Beyond the largest number comes infinity, one more binade: so it counts as 2^maxexp.
        limit = exp2(int(format.maxexp))
        return [
            _ulps(_clipped(g, limit), _clipped(value, limit), format.nmant + 1, smallest)
            for g, value in zip(to_mpfr(got), values, strict=True)
        ]


def _clipped(value, limit):
    return value if abs(value) <= limit or gmpy2.is_nan(value) else gmpy2.copy_sign(limit, value)


def _ulps(got, value, digits, smallest):
    if gmpy2.is_nan(got) or gmpy2.is_nan(value):
        return 0.0 if gmpy2.is_nan(got) and gmpy2.is_nan(value) else np.inf
    exponent = gmpy2.get_exp(value) - digits if value else smallest
    return float(abs(got - value) / exp2(int(max(exponent, smallest))))
