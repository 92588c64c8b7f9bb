"""Write csrc/accurate/log_constants.h: logarithms for phase 2.

Run `python csrc/gen/log_constants.py` to rewrite it, with `--check` to compare only.
"""

from pathlib import Path

from exp_constants import array, c_double, define, main, split
from mpmath import mp, mpf

OUTPUT = Path(__file__).parents[1] / "accurate" / "log_constants.h"


def pairs(name, values, comment):
    """Return a table of double-doubles."""
    entries = ["{" + ", ".join(map(c_double, split(mpf(v), 53, 53))) + "}" for v in values]
    return array(name, "double", entries, comment).replace(
        f"[{len(entries)}]", f"[{len(entries)}][2]"
    )


def header():
    """Return the text of the header."""
    ln2 = split(mp.log(2), 42, 42, 53)

    lines = [
        "/* Logarithms; from csrc/gen/log_constants.py: do not edit. */",
        "/* clang-format off */",
        "#ifndef OGIVE_ACCURATE_LOG_CONSTANTS_H",
        "#define OGIVE_ACCURATE_LOG_CONSTANTS_H",
        "",
        define("LN2_FINE_HIGH", ln2[0], "ln2 to 42 bits, exact times an 11-bit k"),
        define("LN2_FINE_MID", ln2[1], "the next 42 bits, exact times an 11-bit k"),
        define("LN2_FINE_LOW", ln2[2], "the next 53 bits"),
        pairs(
            "log_fine64",
            [mp.log(1 + mpf(j) / 64) for j in range(65)],
            "log(1 + j/64) as a double-double",
        ),
        pairs(
            "atanh_taylor",
            [1 / mpf(2 * n + 1) for n in range(7)],
            "atanh(s) = s (1 + s^2/3 + s^4/5 + ...): 1/(2n + 1) as a double-double",
        ),
        "",
        "#endif",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    main(OUTPUT, header)
