"""Products of several factors that overflow or underflow only as a whole, in pure NumPy."""

import numpy as np


def product(*factors):
    """A product that overflows or underflows only as a whole: the exponents are added apart."""
    product, exponent = 1, 0
    for factor in factors:
        mantissa, power = np.frexp(factor)
        product = product * mantissa
        exponent = exponent + power
    return np.ldexp(product, exponent)


def sigmoid_factors(x):
    """Numbers whose product is s(x) = exp(min(x, 0)) / (1 + e), e = exp(-|x|)."""
    e = np.exp(-np.abs(x))
    first, *others = _exp_factors(np.minimum(x, 0))
    # Where e is small, the form without a quotient of rounded numbers loses less.
    return np.where(e < 0.25, first - first * (e / (1 + e)), first / (1 + e)), *others


def silu_grad_factors(x):
    """Numbers whose product is silu'(x) = s(x) (1 + x s(-x)).

    On the left it is exp(x) (1 + x + exp(x)) / (1 + exp(x))^2. Near its zero z the sum in the
    middle is d + exp(z) expm1(d), d = x - z, where nothing cancels: for exp(z) = -1 - z.
    """
    first, *others = _exp_factors(np.minimum(x, 0))
    largest = np.finfo(x.dtype).max
    x = np.clip(x, -largest, largest)
    e = np.exp(-np.abs(x))
    d = _beyond_minimum(x)
    exp_z = _beyond_minimum(x.dtype.type(-1))
    left = d < 0.375
    slope = np.where(d > -0.25, d + exp_z * np.expm1(d), 1 + x + e)
    slope = np.where(left, slope, 1 + x * np.maximum(e, x < 0) / (1 + e))
    denominator = np.where(left, 1 + e * (2 + e), 1 + e)
    return slope, first / denominator, *others


def _exp_factors(x):
    """Numbers whose product is exp(x) for x <= 0, none of them subnormal."""
    least = -np.finfo(x.dtype).maxexp // 2
    for _ in range(5):  # exp(5 least) underflows even times the two largest numbers
        part = np.maximum(x, least)
        yield np.exp(part)
        x = x - part
        if not x.any():
            return
    yield np.where(x == -np.inf, x.dtype.type(0), 1)


# silu' is 0 here; the sum of the parts is good to 212 bits.
_SILU_MINIMUM = (
    -1.2784645427610737,
    -1.0946994183093437e-16,
    -3.907766676128665e-33,
    2.1164754589487106e-49,
)


def _beyond_minimum(x):
    for part in _SILU_MINIMUM:
        x = x - part
    return x
