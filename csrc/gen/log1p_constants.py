"""Write csrc/kernels/log1p_constants.h: the tables and polynomials of log and log1p.

Run `python csrc/gen/log1p_constants.py` to rewrite it, with `--check` to compare only.
"""

from pathlib import Path

from exp_constants import array, c_double, c_float, define, main, remez, split
from mpmath import mp, mpf

OUTPUT = Path(__file__).parents[1] / "kernels" / "log1p_constants.h"

CELLS = 16
INVERSE_BITS = 9  # so few that an inverse times a double is a sum of two doubles, far from a tie
LEADING = mpf(2) ** -42  # leading parts are multiples of it: k ln2 + log c is exact, k < 2^10


# Where log2 is interpolated linearly between powers of two, it is off by 0.0861 at most: a number
# reduced with it lies within half an octave and that, and s = (m - 1)/(m + 1) within OCTAVE.
OCTAVE = mp.tanh(mp.log(2) * (mpf(1) / 2 + mpf("0.08608")) / 2)


def cell(number):
    """Return (1/c, log c) of a cell, c near 1 + number/16."""
    inverse = mp.nint(2**INVERSE_BITS * mpf(CELLS) / (CELLS + number)) / 2**INVERSE_BITS
    return inverse, -mp.log(inverse)


def leading_and_rest(value):
    """Split `value` into a multiple of LEADING and a float64."""
    leading = mp.nint(value / LEADING) * LEADING
    return leading, split(value - leading, 53)[0]


def largest_t():
    """Return the largest |m/c - 1| that the kernels meet.

    They take cell round(16 (m - 1)) for m in [1, 2], the last one up to 2.
    """
    edges = []
    for number in range(CELLS):
        inverse, _ = cell(number)
        low = 1 + (number - mpf(1) / 2) / CELLS if number else 1 - mpf(1) / (4 * CELLS)
        high = 1 + (number + mpf(1) / 2) / CELLS if number < CELLS - 1 else mpf(2)
        edges += [abs(inverse * low - 1), abs(inverse * high - 1)]
    return max(edges)


def log1p_tail(t):
    """(log1p(t) - t + t^2/2) 2/t^3, which is 2/3 at 0."""
    if abs(t) < mpf(2) ** -60:
        return mpf(2) / 3
    return (mp.log1p(t) - t + t * t / 2) * 2 / t**3


def atanh_ratio(square):
    """2 atanh(s)/s, s = sqrt(square), which is 2 at 0."""
    if abs(square) < mpf(2) ** -90:
        return mpf(2)
    root = mp.sqrt(square)
    return (2 * mp.atanh(root) / root).real


def atanh_tail(square):
    """(atanh(s) - s)/s^3, s = sqrt(square), which is 1/3 at 0."""
    if abs(square) < mpf(2) ** -90:
        return mpf(1) / 3
    return (atanh_ratio(square) / 2 - 1) / square


def remez_from_zero(function, degree, end, weight=lambda value, x: 1 / value):
    """Return the polynomial of least weighted error on [0, end], and that error."""
    middle = end / 2
    shifted, error = remez(
        lambda x: function(x + middle),
        degree,
        middle,
        lambda x: weight(function(x + middle), x + middle),
    )
    terms = [
        [c * mp.binomial(n, i) * (-middle) ** (n - i) for n, c in enumerate(shifted) if n >= i]
        for i in range(degree + 1)
    ]
    return [sum(term) for term in terms], error


def header():
    """Return the text of the header."""
    half = largest_t() * (1 + mpf(2) ** -30)
    quick, quick_error = remez(log1p_tail, 8, half, lambda t: t * t / 2)
    whole, whole_error = remez_from_zero(atanh_ratio, 7, mpf(1) / 9)
    octave, octave_error = remez_from_zero(atanh_ratio, 5, OCTAVE**2)
    floats, floats_error = remez_from_zero(atanh_ratio, 4, mpf(1) / 9)
    short, short_error = remez_from_zero(atanh_ratio, 3, OCTAVE**2)
    tail, tail_error = remez_from_zero(atanh_tail, 3, OCTAVE**2, lambda _, square: square)
    cells = [cell(number) for number in range(CELLS)]
    logs = [leading_and_rest(log) for _, log in cells]
    ln2 = leading_and_rest(mp.log(2))
    ln2_floats = split(mp.log(2), 16, 24)

    return "\n".join(
        [
            "/* Tables and polynomials of log1p, from csrc/gen/log1p_constants.py: do not edit. */",
            "/* clang-format off */",
            "#ifndef OGIVE_LOG1P_CONSTANTS_H",
            "#define OGIVE_LOG1P_CONSTANTS_H",
            "",
            define("LN2_HIGH", ln2[0], "ln2 to a multiple of 2^-42"),
            define("LN2_LOW", ln2[1], "ln2 - LN2_HIGH"),
            define(
                "LN2_FLOAT_HIGH", ln2_floats[0], "ln2 to 16 bits, exact times a k of 8", c_float
            ),
            define("LN2_FLOAT_LOW", ln2_floats[1], "ln2 - LN2_FLOAT_HIGH", c_float),
            "",
            "/* log1p(t) = t - t^2/2 + t^3/2 (C0 + C1 t + ... + C8 t^8)",
            f" * for |t| <= {c_double(half)}: minimax (Remez),",
            f" * error relative to t below 2^{mp.nstr(mp.log(quick_error, 2), 5)} */",
            *(define(f"LOG1P_C{i}", c, f"t^{i}") for i, c in enumerate(quick)),
            "",
            "/* log((1 + s)/(1 - s)) = s (W0 + W1 s^2 + ... + W7 s^14) for 0 <= s <= 1/3:",
            f" * minimax (Remez), relative error below 2^{mp.nstr(mp.log(whole_error, 2), 5)} */",
            *(define(f"LOG_W{i}", c, f"s^{2 * i}") for i, c in enumerate(whole)),
            "",
            f"/* The same with V0 ... V5 for |s| <= {mp.nstr(OCTAVE, 5)}:",
            f" * minimax (Remez), relative error below 2^{mp.nstr(mp.log(octave_error, 2), 5)} */",
            *(define(f"LOG_V{i}", c, f"s^{2 * i}") for i, c in enumerate(octave)),
            "",
            "/* The same in floats, with X0 ... X4 for 0 <= s <= 1/3:",
            f" * minimax (Remez), relative error below 2^{mp.nstr(mp.log(floats_error, 2), 5)} */",
            *(define(f"LOG_X{i}", c, f"s^{2 * i}", c_float) for i, c in enumerate(floats)),
            "",
            f"/* and with Y0 ... Y3 for |s| <= {mp.nstr(OCTAVE, 5)}:",
            f" * minimax (Remez), relative error below 2^{mp.nstr(mp.log(short_error, 2), 5)} */",
            *(define(f"LOG_Y{i}", c, f"s^{2 * i}", c_float) for i, c in enumerate(short)),
            "",
            "/* and 2 s + 2 s^3 (Z0 + ... + Z3 s^6):",
            f" * minimax (Remez), relative error below 2^{mp.nstr(mp.log(tail_error, 2), 5)} */",
            *(define(f"LOG_Z{i}", c, f"s^{2 * i}", c_float) for i, c in enumerate(tail)),
            "",
            array(
                "log1p_inverse16",
                "double",
                [c_double(inverse) for inverse, _ in cells],
                f"1/c of {INVERSE_BITS} bits, c near 1 + i/16",
            ),
            "",
            array(
                "log1p_log16",
                "double",
                [c_double(leading) for leading, _ in logs],
                "log c to a multiple of 2^-42",
            ),
            "",
            array(
                "log1p_log16_rest",
                "double",
                [c_double(rest) for _, rest in logs],
                "log c - log1p_log16",
            ),
            "",
            "#endif",
            "",
        ]
    )


if __name__ == "__main__":
    main(OUTPUT, header)
