"""Write csrc/kernels/trig_constants.h: pi/2 in parts, and the polynomials of sin and cos.

Run `python csrc/gen/trig_constants.py` to rewrite it, with `--check` to compare only.
"""

from pathlib import Path

from exp_constants import define, main, remez, split
from mpmath import mp, mpf

mp.prec = 200
OUTPUT = Path(__file__).parents[1] / "kernels" / "trig_constants.h"

LARGEST = 300  # angle
BITS = 43  # multiples of parts of pi/2 must fit into 53


def polynomial(function, degree, weight):
    """Return the coefficients of `function` in z = r^2, |r| <= pi/4, and their weighted error."""
    half = (mp.pi / 4 + mpf(2) ** -40) ** 2 / 2
    about_middle, error = remez(
        lambda s: function(s + half), degree, half, lambda s: weight(s + half)
    )
    shifted = mp.taylor(lambda z: mp.polyval(about_middle[::-1], z - half), 0, degree)
    return shifted, error


def sine(z):
    """(sin(r) - r) / r^3."""
    r = mp.sqrt(z)
    return (mp.sin(r) - r) / r**3 if abs(z) > mpf(2) ** -60 else -mpf(1) / 6


def cosine(z):
    """(cos(r) - 1 + r^2/2) / r^4."""
    return (mp.cos(mp.sqrt(z)) - 1 + z / 2) / z**2 if abs(z) > mpf(2) ** -60 else mpf(1) / 24


def header():
    """Return the text of the header."""
    lines = [
        "/* pi/2 and polynomials of sin and cos, from csrc/gen/trig_constants.py: do not edit. */",
        "/* clang-format off */",
        "#ifndef OGIVE_TRIG_CONSTANTS_H",
        "#define OGIVE_TRIG_CONSTANTS_H",
        "",
        define("TRIG_STEPS_PER_UNIT", 2 / mp.pi, "2/pi"),
        f"/* Products of quotients with the first two are exact, for angles up to {LARGEST}. */",
    ]
    assert BITS + mp.ceil(mp.log(2 * LARGEST / mp.pi, 2)) <= 53
    high, middle, low = split(mp.pi / 2, BITS, BITS, 53)
    lines += [
        define("TRIG_STEP_HIGH", high, f"{BITS} bits of pi/2"),
        define("TRIG_STEP_MIDDLE", middle, f"the next {BITS}"),
        define("TRIG_STEP_LOW", low, "the rest"),
        "",
    ]
    for name, function, degree, weight, formula in (
        ("S", sine, 6, lambda z: abs(z), "sin(r) = r + r^3 (S0 + S1 r^2 + ... + S6 r^12)"),
        ("C", cosine, 5, lambda z: z * z, "cos(r) = 1 - r^2/2 + r^4 (C0 + C1 r^2 + ... + C5 r^10)"),
    ):
        coefficients, error = polynomial(function, degree, weight)
        lines += [
            f"/* {formula} for |r| <= pi/4:",
            f" * minimax (Remez), error below 2^{mp.nstr(mp.log(error, 2), 5)} of r or of 1 */",
        ]
        lines += [
            define(f"TRIG_{name}{power}", value, f"r^{2 * power}")
            for power, value in enumerate(coefficients)
        ]
        lines.append("")
    return "\n".join([*lines, "#endif", ""])


if __name__ == "__main__":
    main(OUTPUT, header)
