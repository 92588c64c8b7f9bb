"""The functions of ogive that take complex numbers, on complex128 in pure NumPy.

Of x + iy, with e = exp(-|x|): no term of 1 - e, 1 + cos(y), |1 + e exp(iy)|^2 is negative, so that
nothing is lost near a pole. `src/ogive/_complex.pxd` says it of the compiled loops.
"""

from typing import NamedTuple

import numpy as np

from ogive._factors import product, silu_grad_factors


class _Exponential(NamedTuple):
    e: np.ndarray
    one_minus_e: np.ndarray
    cos: np.ndarray
    sin: np.ndarray
    one_plus_cos: np.ndarray
    square: np.ndarray  # |1 + e exp(iy)|^2

    def e_plus_cos(self):
        cancels = (self.cos < -0.5) & (self.e > 0.5)
        return np.where(cancels, self.one_plus_cos - self.one_minus_e, self.e + self.cos)


def _complex(re, im):
    z = np.empty(np.shape(re), np.complex128)
    z.real, z.imag = re, im
    return z


def _conjugate_where_below(y, re, im):
    """What was computed for the size of y; real numbers have real results."""
    im = np.where(y == 0, 0, im)
    return _complex(re, np.where(np.signbit(y), -im, im))


def _parts(z):
    """Return x and the size of y, that of a real infinity where x is infinite and y not finite."""
    x, y = z.real, z.imag
    return x, np.where(np.isinf(x) & ~np.isfinite(y), 0, np.abs(y))


def _exponential(x, y):
    e = np.exp(-np.abs(x))
    one_minus_e = -np.expm1(-np.abs(x))
    cos, sin = np.cos(y), np.sin(y)
    one_plus_cos = np.where(cos < -0.5, 2 * np.cos(y / 2) ** 2, 1 + cos)
    square = _square(e, one_minus_e, cos, 2 * one_plus_cos)
    return _Exponential(e, one_minus_e, cos, sin, one_plus_cos, square)


def _square(e, one_minus_e, cos, twice_one_plus_cos):
    """|1 + e exp(iy)|^2, by the sum that loses least."""
    direct = (cos >= 0) | (e < 0.25)
    return np.where(
        direct, 1 + e * (2 * cos + e), one_minus_e * one_minus_e + e * twice_one_plus_cos
    )


def _sigmoid_of(x, t):
    above = t.one_minus_e + t.e * t.one_plus_cos
    re = np.where(x < 0, t.e * t.e_plus_cos(), above) / t.square
    return re, t.e * t.sin / t.square


def sigmoid(z):
    """(1 + e exp(iy)) / |1 + e exp(iy)|^2 for x >= 0; below, e exp(iy) times its conjugate."""
    x, y = _parts(z)
    re, im = _sigmoid_of(x, _exponential(x, y))
    return _conjugate_where_below(z.imag, re, im)


def sigmoid_grad(z):
    """Conjugates for x < 0 of e exp(-iy) (1 + e exp(iy))^2 / |1 + e exp(iy)|^4."""
    x, y = _parts(z)
    t = _exponential(x, y)
    left = t.one_plus_cos * (1 + t.e * t.e) - t.one_minus_e * t.one_minus_e
    re = np.where(t.cos < 0, left, 2 * t.e + t.cos * (1 + t.e * t.e))
    im = -np.copysign((1 + t.e) * t.one_minus_e, x) * t.sin
    scale = t.e / t.square
    return _conjugate_where_below(z.imag, scale * (re / t.square), scale * (im / t.square))


def softplus(z):
    """max(x, 0) + log |1 + e exp(iy)|, and the argument of 1 + exp(x + iy)."""
    x, y = z.real, z.imag
    y = np.where((x == -np.inf) & ~np.isfinite(y), 0, y)
    t = _exponential(x, y)
    twice = np.where(t.square < 0.5, np.log(t.square), np.log1p(t.e * (2 * t.cos + t.e)))
    re = np.where(x == np.inf, x, np.maximum(x, 0) + twice / 2)
    above = np.arctan2(t.sin, t.e_plus_cos())
    below = np.arctan2(t.e * t.sin, t.one_minus_e + t.e * t.one_plus_cos)
    return _complex(re, np.where(x > 0, above, below))


def log_sigmoid(z):
    """-softplus(-z)."""
    return -softplus(-z)


def logit(p):
    """The parts: log |p / (1 - p)|, and the argument of p less that of 1 - p, of other sign."""
    x, y = p.real, p.imag
    excess = 2 * x - 1
    nearer = np.where(excess > 0, 1 - x, x)
    square = nearer * nearer + y * y
    # Of the two squares the ratio is 1 + |excess| / square.
    distance = np.log1p(np.abs(excess) / square) / 2
    distance = np.where(square > 1e-280, distance, -np.log(np.hypot(nearer, y)))
    re = np.where(excess > 0, distance, -distance)
    im = np.arctan2(y, x) - np.arctan2(-y, 1 - x)
    infinite = np.isinf(x) | np.isinf(y)
    re = np.where(infinite, 0, re)
    return _complex(re, np.where(infinite & ~np.isnan(y), np.copysign(np.pi, y), im))


def silu(z):
    """The product; below 0 near the real axis, the imaginary part is y silu'(x) and a cube."""
    x, y = _parts(z)
    t = _exponential(x, y)
    s_re, s_im = _sigmoid_of(x, t)
    re, im = x * s_re - y * s_im, x * s_im + y * s_re
    slope = product(*silu_grad_factors(x))
    slope = slope + y * y * t.e / t.square * (slope - x / 6 - 0.5)
    im = np.where((x < 0) & (np.abs(y) < 1e-4), y * slope, im)
    # Where s(z), exp(z) there, would be subnormal, and z s(z) is not yet:
    far, root = x < -700, np.exp(np.minimum(x, 0) / 2)
    scaled = np.maximum(x, np.finfo(np.float64).min) * root
    re = np.where(far, (scaled * t.cos - y * root * t.sin) * root, re)
    im = np.where(far, (scaled * t.sin + y * root * t.cos) * root, im)
    result = _conjugate_where_below(z.imag, re, im)
    return np.where(x == np.inf, z, result)


def tanh(z):
    """(sinh x cosh x + i sin y cos y) / (sinh^2 x + cos^2 y), all of it times 4 exp(-2 |x|)."""
    x, y = _parts(z)
    e, m, cos = np.exp(-2 * np.abs(x)), -np.expm1(-2 * np.abs(x)), np.cos(y)
    square = _square(e, m, 2 * cos * cos - 1, 4 * cos * cos)
    re = np.where(e < 0.25, 1 - e * e, m * (2 - m)) / square
    im = 4 * e * cos * np.sin(y) / square
    return _conjugate_where_below(z.imag, np.where(x == 0, x, np.copysign(re, x)), im)
