"""Hard inputs with their exact results, and the check of ogive against them."""

import math

import numpy as np

# The results are the exact values, computed with 300 bits and rounded once to the dtype
# (subnormal results included); the tests compute them again.
HARD_VALUES = {
    ("sigmoid", "float64"): (
        (0.0, "0x1.0000000000000p-1"),
        (-0.0, "0x1.0000000000000p-1"),
        (math.inf, "0x1.0000000000000p+0"),
        (-math.inf, "0x0.0p+0"),
        (math.nan, "nan"),
        (5e-324, "0x1.0000000000000p-1"),
        # 1/2 + x/4 is a tie that only -x^3/48 breaks.
        (2.0**-52, "0x1.0000000000000p-1"),
        (3 * 2.0**-52, "0x1.0000000000001p-1"),
        (-(2.0**-53), "0x1.0000000000000p-1"),
        (-3 * 2.0**-53, "0x1.fffffffffffffp-2"),
        # Within 2^-23 ulp of a tie.
        (-0.14168410431838743, "0x1.dbca17b8a6101p-2"),
        (3.557643725098001, "0x1.f1cf3a77c8798p-1"),
        (-182.25221560605075, "0x1.0bea47444864cp-263"),
        (-430.56824027940115, "0x1.c45cc1a5b5f6bp-622"),
        # Above 54 ln 2 = 37.4299... the result is 1.
        (36.0, "0x1.ffffffffffffep-1"),
        (36.9, "0x1.fffffffffffffp-1"),
        (37.42, "0x1.fffffffffffffp-1"),
        (37.43, "0x1.0000000000000p+0"),
        (1.7e308, "0x1.0000000000000p+0"),
        # Below -1022 ln 2 = -708.39... the result is subnormal, below -1075 ln 2 = -745.13... 0.
        (-708.3, "0x1.19e98b83de7a3p-1022"),
        (-708.4, "0x0.ff15b469edf89p-1022"),
        (-740.0, "0x0.0000000000055p-1022"),
        (-745.1, "0x0.0000000000001p-1022"),
        (-745.2, "0x0.0p+0"),
        (-1.7e308, "0x0.0p+0"),
    ),
    ("sigmoid_grad", "float64"): (
        (0.0, "0x1.0000000000000p-2"),
        (-0.0, "0x1.0000000000000p-2"),
        (math.inf, "0x0.0p+0"),
        (-math.inf, "0x0.0p+0"),
        (math.nan, "nan"),
        # 1/4 - x^2/16 is a tie that only x^4/96 breaks.
        (2.0**-26, "0x1.0000000000000p-2"),
        (-3 * 2.0**-26, "0x1.ffffffffffffcp-3"),
        # Within 2^-23 ulp of a tie.
        (-1.653024067463701, "0x1.1439d859f14f7p-3"),
        (-182.25221560605075, "0x1.0bea47444864cp-263"),
        (430.56824027940115, "0x1.c45cc1a5b5f6bp-622"),
        # Here s (1 - s) from a rounded s has lost every digit.
        (36.9, "0x1.b2e7690e75029p-54"),
        (37.43, "0x1.fff926d5add33p-55"),
        (40.0, "0x1.39792499b1a24p-58"),
        (-40.0, "0x1.39792499b1a24p-58"),
        (700.0, "0x1.14f2b0fb9307fp-1010"),
        # Subnormal, and 0.
        (708.4, "0x0.ff15b469edf89p-1022"),
        (-740.0, "0x0.0000000000055p-1022"),
        (745.1, "0x0.0000000000001p-1022"),
        (745.2, "0x0.0p+0"),
    ),
    ("sigmoid", "float32"): (
        (0.0, "0x1.0000000000000p-1"),
        (-0.0, "0x1.0000000000000p-1"),
        (math.inf, "0x1.0000000000000p+0"),
        (-math.inf, "0x0.0p+0"),
        (math.nan, "nan"),
        (2.0**-23, "0x1.0000000000000p-1"),
        (3 * 2.0**-23, "0x1.0000020000000p-1"),
        (-(2.0**-24), "0x1.0000000000000p-1"),
        (-3 * 2.0**-24, "0x1.fffffe0000000p-2"),
        # Within 2^-24 ulp of a tie.
        (-14.30414867401123, "0x1.49596c0000000p-21"),
        (1.694751501083374, "0x1.b08fea0000000p-1"),
        (-45.72334289550781, "0x1.0650cc0000000p-66"),
        # Above 25 ln 2 = 17.3286... the result is 1.
        (17.3125, "0x1.fffffe0000000p-1"),
        (17.34375, "0x1.0000000000000p+0"),
        (36.875, "0x1.0000000000000p+0"),
        # Below -126 ln 2 = -87.33... the result is subnormal, below -150 ln 2 = -103.97... 0.
        (-87.25, "0x1.1724780000000p-126"),
        (-87.375, "0x1.ecaf480000000p-127"),
        (-100.0, "0x1.b000000000000p-145"),
        (-103.875, "0x1.0000000000000p-149"),
        (-104.0, "0x0.0p+0"),
    ),
    ("sigmoid_grad", "float32"): (
        (0.0, "0x1.0000000000000p-2"),
        (-0.0, "0x1.0000000000000p-2"),
        (math.inf, "0x0.0p+0"),
        (-math.inf, "0x0.0p+0"),
        (math.nan, "nan"),
        # Within 2^-25 ulp of a tie.
        (2.332953929901123, "0x1.4a2e140000000p-4"),
        (-4.5132155418396, "0x1.5f7dcc0000000p-7"),
        (3.4897637367248535, "0x1.d6afd20000000p-6"),
        (17.34375, "0x1.f8577c0000000p-26"),
        (40.0, "0x1.3979240000000p-58"),
        # Subnormal, and 0.
        (-87.375, "0x1.ecaf480000000p-127"),
        (100.0, "0x1.b000000000000p-145"),
        (103.875, "0x1.0000000000000p-149"),
        (-104.0, "0x0.0p+0"),
    ),
    ("sigmoid", "float16"): (
        (0.0, "0x1.0000000000000p-1"),
        (-0.0, "0x1.0000000000000p-1"),
        (math.inf, "0x1.0000000000000p+0"),
        (-math.inf, "0x0.0p+0"),
        (math.nan, "nan"),
        (2.0**-10, "0x1.0000000000000p-1"),
        (3 * 2.0**-10, "0x1.0040000000000p-1"),
        (-(2.0**-11), "0x1.0000000000000p-1"),
        (-3 * 2.0**-11, "0x1.ffc0000000000p-2"),
        # Within 2^-15 ulp of a tie.
        (-0.1639404296875, "0x1.d600000000000p-2"),
        # Above 12 ln 2 = 8.3177... the result is 1.
        (8.3125, "0x1.ffc0000000000p-1"),
        (8.3203125, "0x1.0000000000000p+0"),
        # Below -14 ln 2 = -9.70... the result is subnormal, below -25 ln 2 = -17.3286... 0.
        (-9.75, "0x1.e900000000000p-15"),
        (-16.625, "0x1.0000000000000p-24"),
        (-17.328125, "0x1.0000000000000p-24"),
        (-17.34375, "0x0.0p+0"),
    ),
    ("sigmoid_grad", "float16"): (
        (0.0, "0x1.0000000000000p-2"),
        (-0.0, "0x1.0000000000000p-2"),
        (math.inf, "0x0.0p+0"),
        (-math.inf, "0x0.0p+0"),
        (math.nan, "nan"),
        # Within 2^-19 ulp of a tie.
        (1.69921875, "0x1.0b80000000000p-3"),
        (-8.3125, "0x1.0140000000000p-12"),
        # Subnormal, and 0.
        (9.75, "0x1.e900000000000p-15"),
        (-17.328125, "0x1.0000000000000p-24"),
        (17.34375, "0x0.0p+0"),
    ),
}


def check(functions, max_ulp=0):
    """Compare functions with `HARD_VALUES`.

    Parameters
    ----------
    functions : mapping of str to callable
        The functions by name.
    max_ulp : int, optional
        Accepted distance from the correctly rounded result; 0 asks for the result itself.

    Returns
    -------
    checked : int
        Number of values compared.
    wrong : list of str
        One line for each result that is further away.
    """
    checked, wrong = 0, []
    for (name, dtype), rows in HARD_VALUES.items():
        inputs = np.array([x for x, _ in rows], dtype)
        expected = np.array([float.fromhex(y) for _, y in rows], dtype)
        results = functions[name](inputs)
        ulp = np.spacing(np.nan_to_num(expected))  # the spacing at NaN would warn
        near = np.abs(results - expected) <= max_ulp * ulp
        near &= np.signbit(results) == np.signbit(expected)
        right = np.where(np.isnan(expected), np.isnan(results), near)
        checked += len(rows)
        wrong += [
            f"{name}({dtype}({x})) = {float(got).hex()}, exact and rounded once {float(want).hex()}"
            for x, got, want in zip(inputs[~right], results[~right], expected[~right], strict=True)
        ]
    return checked, wrong
