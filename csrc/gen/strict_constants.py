"""Write csrc/kernels/strict_constants.h: polynomials of the functions of several inputs.

Run `python csrc/gen/strict_constants.py` to rewrite it, with `--check` to compare only.
"""

from pathlib import Path

from exp_constants import define, expm1_ratio, main, remez
from log1p_constants import atanh_ratio, largest_t, remez_from_zero
from mpmath import mp, mpf

OUTPUT = Path(__file__).parents[1] / "kernels" / "strict_constants.h"


def exp_curve(r):
    """(exp(r) - 1 - r) / r^2, which is 1/2 at 0."""
    return mpf(1) / 2 if abs(r) < mpf(2) ** -60 else (mp.exp(r) - 1 - r) / r**2


def log1p_curve(t):
    """(log1p(t) - t) / t^2, which is -1/2 at 0."""
    return -mpf(1) / 2 if abs(t) < mpf(2) ** -60 else (mp.log1p(t) - t) / t**2


def polynomial(name, variable, coefficients, first=0):
    """Return the #defines of a polynomial's coefficients."""
    return (define(f"{name}{i}", c, f"{variable}^{i}") for i, c in enumerate(coefficients, first))


def header():
    """Return the text of the header."""
    half_step = mp.log(2) / 32 * (1 + mpf(2) ** -36)
    half_cell = largest_t() * (1 + mpf(2) ** -30)
    exp, exp_error = remez(exp_curve, 5, half_step, abs)
    u, u_error = remez(exp_curve, 4, half_step, lambda r: r**2 * mp.exp(-r))
    close, close_error = remez(expm1_ratio, 4, half_step, lambda r: abs(r) * mp.exp(-r))
    narrow, narrow_error = remez(expm1_ratio, 2, half_step, lambda r: abs(r) * mp.exp(-r))
    fall, fall_error = remez(lambda r: expm1_ratio(-r), 3, half_step, lambda r: mpf(1))
    log, log_error = remez(log1p_curve, 8, half_cell, abs)
    whole, whole_error = remez_from_zero(atanh_ratio, 5, mpf(1) / 9)

    return "\n".join(
        [
            "/* Shorter polynomials, from csrc/gen/strict_constants.py: do not edit. */",
            "/* clang-format off */",
            "#ifndef OGIVE_STRICT_CONSTANTS_H",
            "#define OGIVE_STRICT_CONSTANTS_H",
            "",
            "/* exp(r) = 1 + r + r^2 (S0 + S1 r + ... + S5 r^5) for |r| <= ln2/32:",
            f" * minimax (Remez), of r below 2^{mp.nstr(mp.log(exp_error, 2), 5)} */",
            *polynomial("EXP_S", "r", exp),
            "",
            "/* exp(r) = 1 + r + r^2 (U0 + U1 r + ... + U4 r^4) for |r| <= ln2/32:",
            f" * minimax (Remez), relative error below 2^{mp.nstr(mp.log(u_error, 2), 5)} */",
            *polynomial("EXP_U", "r", u),
            "",
            "/* exp(r) = 1 + M1 r + ... + M5 r^5 for |r| <= ln2/32:",
            f" * minimax (Remez), relative error below 2^{mp.nstr(mp.log(close_error, 2), 5)} */",
            *polynomial("EXP_M", "r", close, 1),
            "",
            "/* exp(r) = 1 + N1 r + N2 r^2 + N3 r^3 for |r| <= ln2/32:",
            f" * minimax (Remez), relative error below 2^{mp.nstr(mp.log(narrow_error, 2), 5)} */",
            *polynomial("EXP_N", "r", narrow, 1),
            "",
            "/* 1 - exp(-r) = r (F0 + F1 r + F2 r^2 + F3 r^3) for |r| <= ln2/32:",
            f" * minimax (Remez), relative error below 2^{mp.nstr(mp.log(fall_error, 2), 5)} */",
            *polynomial("EXP_F", "r", fall),
            "",
            "/* log1p(t) = t + t^2 (S0 + S1 t + ... + S8 t^8) for the t of log1p.h:",
            f" * minimax (Remez), of t below 2^{mp.nstr(mp.log(log_error, 2), 5)} */",
            *polynomial("LOG1P_S", "t", log),
            "",
            "/* log((1 + s)/(1 - s)) = s (N0 + N1 z + ... + N5 z^5), z = s^2, for 0 <= s <= 1/3:",
            f" * minimax (Remez), relative error below 2^{mp.nstr(mp.log(whole_error, 2), 5)} */",
            *polynomial("LOG_N", "z", whole),
            "",
            "#endif",
            "",
        ]
    )


if __name__ == "__main__":
    main(OUTPUT, header)
