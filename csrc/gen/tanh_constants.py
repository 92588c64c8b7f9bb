"""Write csrc/kernels/tanh_constants.h: tanh in floats by 32 intervals, a polynomial each.

Run `python csrc/gen/tanh_constants.py` to rewrite it, with `--check` to compare only.
"""

from pathlib import Path

import numpy as np
from exp_constants import array, c_float, main, remez, round_to
from mpmath import mp, mpf

mp.prec = 120
OUTPUT = Path(__file__).parents[1] / "kernels" / "tanh_constants.h"

# x + SHIFT is cut by its exponent and three more bits, from SHIFT to 10.
SHIFT = 0.625
LAST = 10 - SHIFT
DEGREE = 6


def intervals():
    """Return [(place in the table, first x, last x)]."""
    ends = [2.0**exponent * (1 + eighths / 8) for exponent in range(-1, 4) for eighths in range(8)]
    biased = 126
    return [
        (((biased + i // 8) % 4) * 8 + i % 8, low - SHIFT, low + 2.0 ** (i // 8 - 4) - SHIFT)
        for i, low in enumerate(ends)
        if SHIFT <= low < 10
    ]


def center(low, high):
    """Return a float near the middle where tanh and its slope are next to floats.

    S. Gal's accurate tables: the two rests need then no table. float64 finds the best few,
    more digits the best of them.
    """
    if low == 0:
        return mpf(0)
    middle, half = (low + high) / 2, (high - low) / 2
    reach = half / 16 if low < 7 else half * 0.9  # tanh hardly moves there
    first, last = (int(np.float32(middle + d).view(np.int32)) for d in (-reach, reach))
    floats = np.arange(first, last, dtype=np.int32).view(np.float32)
    wide = floats.astype(np.float64)
    value = np.tanh(wide)
    slope = 1 - value * value
    rests = np.abs(value - value.astype(np.float32)) + half * np.abs(
        slope - slope.astype(np.float32)
    )
    rests += np.abs(wide - middle) / half * 2.0**-37

    def cost(candidate):
        value = mp.tanh(candidate)
        slope = 1 - value**2
        rest = abs(value - round_to(value, 24)) + half * abs(slope - round_to(slope, 24))
        return rest + abs(candidate - middle) / half * mpf(2) ** -37

    best = np.argsort(rests)[:16]
    return min((mpf(float(floats[i])) for i in best), key=cost)


def polynomial(low, high, c):
    """Return the coefficients of tanh(c + d) in d, and their error relative to tanh."""
    value, slope = mp.tanh(c), 1 - mp.tanh(c) ** 2
    middle, half = (mpf(low) + high) / 2 - c, (mpf(high) - low) / 2 * (1 + mpf(2) ** -16)

    def curve(s):
        d = middle + s
        if abs(d) < mpf(2) ** -60:
            return -value * slope
        return (mp.tanh(c + d) - value - slope * d) / d**2

    def weight(s):
        return (middle + s) ** 2 / mp.tanh(c + middle + s) if c + middle + s else mpf(0)

    about_middle, error = remez(curve, DEGREE - 2, half, lambda s: max(weight(s), mpf(2) ** -40))
    about_c = mp.taylor(lambda d: mp.polyval(about_middle[::-1], d - middle), 0, DEGREE - 2)
    rests = abs(value - round_to(value, 24)) + half * abs(slope - round_to(slope, 24))
    return [value, slope, *about_c], error + (rests / value if c else 0)


def header():
    """Return the text of the header."""
    table = [[mpf(0)] * (DEGREE + 2) for _ in range(32)]
    worst = mpf(0)
    for place, low, high in intervals():
        c = center(low, high)
        coefficients, error = polynomial(low, high, c)
        table[place] = [c, *coefficients]
        worst = max(worst, error)
    names = ["center", *(f"c{power}" for power in range(DEGREE + 1))]
    comments = [
        "c",
        "tanh(c), a float but for 2^-34 of it",
        "1 - tanh(c)^2, likewise",
        *(f"times d^{power}" for power in range(2, DEGREE + 1)),
    ]
    lines = [
        "/* tanh(c + d) in floats, from csrc/gen/tanh_constants.py: do not edit. */",
        "/* clang-format off */",
        "#ifndef OGIVE_TANH_CONSTANTS_H",
        "#define OGIVE_TANH_CONSTANTS_H",
        "",
        f"/* The interval of x is that of the last five bits of (x + {SHIFT}) >> 20; minimax",
        f" * (Remez), error relative to tanh below 2^{mp.nstr(mp.log(worst, 2), 5)} */",
        f"#define TANH_TABLE_SHIFT {SHIFT}F",
        f"#define TANH_TABLE_LAST {LAST - 1 / 16}F",
        "",
    ]
    for column, (name, comment) in enumerate(zip(names, comments, strict=True)):
        entries = [c_float(row[column]) for row in table]
        lines += [array(f"tanh_table_{name}", "float", entries, comment), ""]
    return "\n".join([*lines, "#endif", ""])


if __name__ == "__main__":
    main(OUTPUT, header)
