"""Write csrc/kernels/exp_constants.h: the tables and polynomials of exp(-x).

Run `python csrc/gen/exp_constants.py` to rewrite it, with `--check` to compare only.
"""

import struct
import sys
from pathlib import Path

from mpmath import mp, mpf

mp.prec = 400
OUTPUT = Path(__file__).parents[1] / "kernels" / "exp_constants.h"


def round_to(value, bits):
    """Round to `bits` significant bits, to nearest even."""
    with mp.workprec(bits):
        return +value


def split(value, *widths):
    """Return the leading parts of `value`, each rounded to its width in bits."""
    parts = []
    for width in widths:
        parts.append(round_to(value - sum(parts), width))
    return parts


def remez(function, degree, half_width, weight):
    """Return the polynomial of least weighted error on [-half_width, half_width], and that error.

    E. Remez's exchange: solve for equal alternating errors on degree + 2 points,
    move each point to the extremum nearest to it, repeat.
    """
    points = [half_width * mp.cos(mp.pi * (i + mpf(0.4)) / (degree + 2)) for i in range(degree + 2)]
    grid = [half_width * mpf(i) / 500 for i in range(-500, 501)]
    for _ in range(8):
        system = mp.matrix(degree + 2, degree + 2)
        values = mp.matrix(degree + 2, 1)
        for row, point in enumerate(points):
            for power in range(degree + 1):
                system[row, power] = point**power
            system[row, degree + 1] = (-1) ** row / weight(point)
            values[row] = function(point)
        solution = mp.lu_solve(system, values)
        coefficients = list(solution[: degree + 1])

        def error(point, coefficients=coefficients):
            return (mp.polyval(coefficients[::-1], point) - function(point)) * weight(point)

        errors = [error(point) for point in grid]
        extrema, run = [], [0]
        for i in range(1, len(grid)):
            if errors[i] * errors[run[-1]] < 0:
                extrema.append(max(run, key=lambda j: abs(errors[j])))
                run = []
            run.append(i)
        extrema.append(max(run, key=lambda j: abs(errors[j])))
        if len(extrema) != degree + 2:
            break
        points = [grid[i] for i in reversed(extrema)]
    return coefficients, max(abs(e) for e in errors)


def c_double(value):
    """Spell `value`, rounded to 53 bits, as a C99 hexadecimal constant."""
    return float(round_to(value, 53)).hex()


def c_float(value):
    """Spell `value`, rounded to 24 bits, as a C99 hexadecimal constant."""
    return f"{float(round_to(value, 24)).hex()}F"


def define(name, value, comment, spell=c_double):
    """Return one #define with its decimal beside it."""
    return f"#define {name} {spell(value)} /* {mp.nstr(value, 17)}: {comment} */"


def array(name, ctype, entries, comment):
    """Return one static table."""
    body = ",\n".join(f"    {entry}" for entry in entries)
    return f"/* {comment} */\nstatic const {ctype} {name}[{len(entries)}] = {{\n{body},\n}};"


def exp_tail(r):
    """(exp(r) - 1 - r - r^2/2) / (r^3/2), which is 1/3 at 0."""
    if abs(r) < mpf(2) ** -60:
        return mpf(1) / 3
    return (mp.exp(r) - 1 - r - r * r / 2) * 2 / r**3


def expm1_ratio(r):
    """expm1(r)/r, which is 1 at 0."""
    return mpf(1) if abs(r) < mpf(2) ** -90 else mp.expm1(r) / r


def power_table(steps, bits=53):
    """Return [(T, tail)] with 2^(-j/steps) = T + tail, each of so many bits."""
    return [split(mp.power(2, -mpf(j) / steps), bits, bits) for j in range(steps)]


def bits_of(value):
    """Return the bit pattern of a float64."""
    return struct.unpack("<Q", struct.pack("<d", float(value)))[0]


def bits_of_float(value):
    """Return the bit pattern of a float32."""
    return struct.unpack("<I", struct.pack("<f", float(value)))[0]


def in_floats(steps, degree):
    """Return the constants in floats for ln2/steps."""
    step = mp.log(2) / steps
    high, tail = split(step, 24, 24)
    half = step / 2 * (1 + mpf(2) ** -12)
    cubic, error = remez(exp_tail, 2, half, lambda r: abs(r) ** 3 / 2)
    short, short_error = remez(exp_tail, 1, half, lambda r: abs(r) ** 3 / 2)
    shorter = [
        f"/* The same of degree 1: below 2^{mp.nstr(mp.log(short_error, 2), 5)} */",
        *(define(f"EXP_FLOAT_B{i}", c, f"r^{i}", c_float) for i, c in enumerate(short)),
        "",
    ]
    ratio, ratio_error = remez(expm1_ratio, degree + 1, half, lambda r: mpf(1))
    table = power_table(steps, 24)
    shift = 23 - steps.bit_length() + 1
    return [
        f"#define EXP_FLOAT_SHIFT {shift}",
        define("EXP_FLOAT_STEPS_PER_UNIT", 1 / step, f"{steps}/ln2", c_float),
        define("EXP_FLOAT_STEP", high, f"ln2/{steps}", c_float),
        define("EXP_FLOAT_STEP_TAIL", tail, f"ln2/{steps} - EXP_FLOAT_STEP", c_float),
        "",
        "/* exp(r) = 1 + r + r^2/2 + r^3/2 (C0 + C1 r + C2 r^2)",
        f" * for |r| <= ln2/{2 * steps}:",
        f" * minimax (Remez), absolute error below 2^{mp.nstr(mp.log(error, 2), 5)} */",
        *(define(f"EXP_FLOAT_C{i}", c, f"r^{i}", c_float) for i, c in enumerate(cubic)),
        "",
        *(shorter if degree == 1 else []),
        f"/* exp(r) = 1 + r (S0 + ... + S{degree + 1} r^{degree + 1}) for |r| <= ln2/{2 * steps}:",
        f" * minimax (Remez), error relative to r below 2^{mp.nstr(mp.log(ratio_error, 2), 5)} */",
        *(define(f"EXP_FLOAT_S{i}", c, f"r^{i}", c_float) for i, c in enumerate(ratio)),
        "",
        array(
            "exp_float_power",
            "uint32_t",
            [
                f"UINT32_C(0x{bits_of_float(t) + (j << shift):08x})"
                for j, (t, _) in enumerate(table)
            ],
            f"bits of T = 2^(-j/{steps}) rounded, plus (j << {shift})",
        ),
        "",
        array(
            "exp_float_power_tail",
            "float",
            [c_float(tail / t) for t, tail in table],
            f"tau: 2^(-j/{steps}) = T (1 + tau)",
        ),
    ]


def header():
    """Return the text of the header."""
    step = mp.log(2) / 16
    half = step / 2 * (1 + mpf(2) ** -36)
    step_high, step_tail = split(step, 53, 53)
    quick, quick_error = remez(exp_tail, 5, half, lambda r: abs(r) ** 3 / 2)
    double, double_error = remez(expm1_ratio, 5, half, lambda r: mpf(1))
    quick_table = power_table(16)

    fine = mp.log(2) / 64
    fine_parts = split(fine, 36, 36, 53)
    fine_table = power_table(64)

    inverse_factorials = [1 / mp.factorial(n) for n in range(11)]

    lines = [
        "/* Tables and polynomials of exp(-x), from csrc/gen/exp_constants.py: do not edit. */",
        "/* clang-format off */",
        "#ifndef OGIVE_EXP_CONSTANTS_H",
        "#define OGIVE_EXP_CONSTANTS_H",
        "",
        "#include <stdint.h>",
        "",
        "/* 1.5 2^52: added to |t| < 2^51, it leaves round(t) in the low bits. */",
        "#define ROUND_TO_INTEGER 0x1.8p+52",
        "",
        define("EXP_STEPS_PER_UNIT", 1 / step, "16/ln2"),
        define("EXP_STEP", step_high, "ln2/16"),
        define("EXP_STEP_TAIL", step_tail, "ln2/16 - EXP_STEP"),
        "",
        "/* exp(r) = 1 + r + r^2/2 + r^3/2 (C0 + C1 r + ... + C5 r^5) for |r| <= ln2/32:",
        f" * minimax (Remez), absolute error below 2^{mp.nstr(mp.log(quick_error, 2), 5)} */",
        *(define(f"EXP_C{i}", c, f"r^{i}") for i, c in enumerate(quick)),
        "",
        "/* exp(r) = 1 + r (Q0 + Q1 r + ... + Q5 r^5) for |r| <= ln2/32:",
        f" * minimax (Remez), error relative to r below 2^{mp.nstr(mp.log(double_error, 2), 5)} */",
        *(define(f"EXP_Q{i}", c, f"r^{i}") for i, c in enumerate(double)),
        "",
        array(
            "exp_power16",
            "uint64_t",
            [f"UINT64_C(0x{bits_of(t) + (j << 48):016x})" for j, (t, _) in enumerate(quick_table)],
            "bits of T = 2^(-j/16) rounded, plus (j << 48): minus (k << 48), j = k mod 16,\n"
            " * these are the bits of T 2^((j-k)/16)",
        ),
        "",
        array(
            "exp_power16_tail",
            "double",
            [c_double(tail / t) for t, tail in quick_table],
            "tau: 2^(-j/16) = T (1 + tau)",
        ),
        "",
        "/* The same in floats, with tables of as many entries as a register holds. */",
        "#if SIMD_FLOAT_TABLE == 8",
        *in_floats(8, 2),
        "#elif SIMD_FLOAT_TABLE == 16",
        *in_floats(16, 1),
        "#endif",
        "",
        "/* The finer reduction of the double-double phase. */",
        define("EXP_FINE_STEPS_PER_UNIT", 1 / fine, "64/ln2"),
        define("EXP_FINE_STEP_HIGH", fine_parts[0], "ln2/64 to 36 bits, exact times a 17-bit k"),
        define("EXP_FINE_STEP_MID", fine_parts[1], "the next 36 bits, exact times a 17-bit k"),
        define("EXP_FINE_STEP_LOW", fine_parts[2], "the next 53 bits"),
        array(
            "exp_power64",
            "double",
            [f"{{{c_double(t)}, {c_double(tail)}}}" for t, tail in fine_table],
            "2^(-j/64) as a double-double",
        ).replace("[64]", "[64][2]"),
        array(
            "exp_taylor",
            "double",
            ["{" + ", ".join(map(c_double, split(c, 53, 53))) + "}" for c in inverse_factorials],
            "1/n! as a double-double",
        ).replace("[11]", "[11][2]"),
        "",
        "#endif",
        "",
    ]
    return "\n".join(lines)


def main(output, header):
    """Write the text of `header()` to `output`, or with --check compare only."""
    text = header()
    if sys.argv[1:] == ["--check"]:
        if output.read_text() != text:
            sys.exit(f"{output.name} is not what {Path(sys.argv[0]).name} writes")
    else:
        output.write_text(text)


if __name__ == "__main__":
    main(OUTPUT, header)
