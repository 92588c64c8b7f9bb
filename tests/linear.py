"""The float inputs of functions of several that come nearest to a rounding boundary.

Each is linear in one of its inputs. The others being given, a function is A v + B, in ulps of the
result a n + b for the n-th number v of a binade, and the n whose a n + b comes nearest to a half
modulo 1 is found among all 2^52 at once, by Euclid's algorithm.
"""

import gmpy2
import numpy as np
import worst_cases
from gmpy2 import exp2, mpfr
from random_inputs import ordinary
from reference import REFERENCE, precise

# The position of the input that a function is linear in, and of the outputs that are.
LINEAR = {
    "bce_with_logits": (1, [0]),
    "bce_with_logits_grad": (1, [0]),
    "bce_with_logits_and_grad": (1, [0, 1]),
    "sigmoid_backward": (0, [0]),
    "silu_backward": (0, [0]),
    "glu": (0, [0]),
    "swiglu": (1, [0]),
    "mix": (1, [0]),
    "lstm_cell": (4, [1]),
    "gru_cell": (4, [0]),
}
# 1 as a fixed-point number: a n + b is known to about 2^-200 ulp.
ONE = 1 << 256


def first_within(a, modulus, low, high):
    """The least n >= 0 with low <= a n mod modulus <= high, or None; 0 <= low <= high < modulus."""
    if low == 0:
        return 0
    a %= modulus
    if a == 0:
        return None
    if 2 * a > modulus:
        a, low, high = modulus - a, modulus - high, modulus - low
    n = -(-low // a)
    if a * n <= high:
        return n
    # No multiple of a lies between: count in turns of the modulus.
    turns = first_within(-modulus, a, low % a, high % a)
    return None if turns is None else -(-(low + modulus * turns) // a)


def nearest_to_half(a, b, count):
    """An n < count whose a n + b is a half modulo ONE, or at most twice as far from it as any."""
    width = ONE // (16 * count) or 1
    while True:
        low = (ONE // 2 - width - b) % ONE
        # Where the interval ends beyond the modulus, it is shifted to begin at 0.
        n = 0 if low + 2 * width >= ONE else first_within(a, ONE, low, low + 2 * width)
        if n is not None and n < count:
            return n
        width *= 2


def line(name, output, position, x):
    """A and B of the function as A v + B; call it within `precise()`."""
    at_0, at_1 = (
        REFERENCE[name](*(*x[:position], mpfr(v), *x[position + 1 :]))[output] for v in (0, 1)
    )
    return at_1 - at_0, at_0


def hardest_input(name, output, position, x, format):
    """`x` with the input at `position` changed within its binade, to where the function is hard.

    None where there is none, because the result is not finite or in another binade at once.
    """
    v = x[position]
    unit_of_v = exp2(worst_cases.unit_exponent(v, format))
    slope, intercept = line(name, output, position, x)
    result = slope * v + intercept
    if not (v and slope and result and gmpy2.is_finite(result)):
        return None
    exponent = worst_cases.unit_exponent(result, format)
    # From v upwards, in magnitude, to the end of its binade or of the result's.
    step = gmpy2.copy_sign(unit_of_v, v)
    digits = format.nmant + 1
    limits = [exp2(exponent + digits - 1), exp2(exponent + digits)]
    ends = [(gmpy2.copy_sign(limit, result) - result) / (slope * step) for limit in limits]
    count = int(min(exp2(digits) - abs(v) / unit_of_v, max(ends)))
    if count < 2:
        return None
    a, b = (int(gmpy2.floor(value * ONE / exp2(exponent))) for value in (slope * step, result))
    n = nearest_to_half(a % ONE, b % ONE, count)
    return (*x[:position], v + n * step, *x[position + 1 :])


def random_inputs(name, dtype, size, seed):
    """Lists of floats: ordinary ones, half of them smaller, by a power of two each."""
    rng = np.random.default_rng(seed)
    digits = np.finfo(dtype).nmant
    x = np.array(ordinary(name, dtype, size, seed), np.float64)
    smaller = np.where(rng.random(x.shape) < 0.5, rng.integers(0, digits, x.shape), 0)
    # The one that is searched, in all binades where it is apt to count.
    position, _ = LINEAR[name]
    x[position] = rng.choice([-1, 1], size) * rng.uniform(1, 2, size)
    smaller[position] = rng.integers(-4, digits + 4, size)
    return np.ldexp(x, -smaller).astype(dtype).tolist()


def search(name, dtype, size, seed, keep):
    """The `keep` hardest for `size` choices of the other inputs, as pairs (closeness, inputs)."""
    position, which = LINEAR[name]
    format = np.finfo(dtype)
    found = []
    with precise():
        for turn, x in enumerate(zip(*random_inputs(name, dtype, size, seed), strict=True)):
            output = which[turn % len(which)]
            hard = hardest_input(name, output, position, tuple(map(mpfr, x)), format)
            if hard is not None:
                found.append(tuple(map(float, hard)))
    closeness = worst_cases.closenesses(name, *np.array(found, dtype).T)
    hardest = worst_cases.Hardest(keep)
    hardest.add(list(zip(closeness.tolist(), found, strict=True)))
    return hardest.pairs
