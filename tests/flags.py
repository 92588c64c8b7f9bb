"""The same bits whatever flags a user sets: build with each of them, and run what was built.

A build takes a minute or two. What is run are the self-check, worst cases and special values, on
every backend that this processor has, and a look at whether the import sets flush-to-zero. Exit
code 1 where something differs, or where a compiler refuses flags but does not name them, 0 else.
"""

import argparse
import re
import shutil
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # under `python -m tests.flags`

from copies import Copy
from parts import add_part

COMPILERS = ["gcc", "clang"]
# Each of these changes bits, of kernels built without the flags of setup.py.
HARMFUL = [
    "-Ofast -ffast-math -march=native",
    "-Ofast",
    "-ffast-math",
    "-funsafe-math-optimizations",
    "-fassociative-math -fno-signed-zeros -fno-trapping-math",
    "-freciprocal-math",
    "-ffinite-math-only",
    "-fno-signed-zeros",
    "-ffp-contract=fast -march=native",
]
REFUSED = ["-mfpmath=387", "-fsingle-precision-constant"]  # or not known to the compiler
HARMLESS = [
    *("-march=native", "-flto", "-O0", "-Os", "-std=gnu89", "-fno-strict-aliasing", "-DNDEBUG"),
    *("-fexcess-precision=fast", "-fno-math-errno", "-funroll-loops", "-fwrapv"),
    *("-fshort-enums", "-funsigned-char", "-fcx-limited-range", "-m32"),
]
LINKED = ["-Ofast", "-ffast-math", "-funsafe-math-optimizations"]  # they set flush-to-zero

ROWS = [(cc, "CFLAGS", flags) for flags in HARMFUL + REFUSED + HARMLESS for cc in COMPILERS]
ROWS += [(cc, "LDFLAGS", flags) for flags in LINKED for cc in COMPILERS]

CHECK = """
import math, ogive
from ogive import _dispatch, _selfcheck
least = float("5e-324")
assert least * float("1") > 0, "the import sets flush-to-zero"
assert math.isnan(ogive.softplus(math.nan)), "softplus(nan) is a number"
checked, wrong = _selfcheck.check(_dispatch.functions)
assert checked and not wrong, wrong
"""
TESTS = ["tests/test_worst.py", "tests/test_special_values.py", "-k", "worst_cases or special"]
PYTEST = ["-m", "pytest", "-q", "-x", "--all", "-n", "0", "--tb=short", "--no-header", *TESTS]


def named(flags, message):
    """Whether the message of a compiler names one of the flags, in one spelling or another."""
    words = [flag.rpartition("=")[2].lstrip("-") for flag in flags.split()]
    return any(word in message.replace("_", "-") for word in words)


def run(folder, compiler, variable, flags):
    """Build with these flags, and run: "same bits", or "refused", or what is wrong."""
    copy = Copy(folder, compiler)
    try:
        copy.build(**{variable: flags})
    except RuntimeError as error:
        return "refused" if named(flags, str(error)) else str(error)
    for command in (["-c", CHECK], PYTEST):
        done = copy.python(*command, capture_output=True, text=True)
        if done.returncode:
            return f"ended with {done.returncode}\n{done.stdout}{done.stderr}"
    return "same bits"


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.flags", description=__doc__)
    parser.add_argument("--rows", metavar="PATTERN", default="", help="regular expression")
    add_part(parser, "of these")
    options = parser.parse_args()
    rows = [row for row in ROWS if re.search(options.rows, " ".join(row))][options.part]
    wrong = tried = 0
    for compiler, variable, flags in rows:
        if not shutil.which(compiler):
            print(f"{compiler}: not here, skipped")
            continue
        with tempfile.TemporaryDirectory() as folder:
            outcome = run(Path(folder, "copy"), compiler, variable, flags)
        print(f'{compiler} {variable}="{flags}": {outcome}', flush=True)
        tried += 1
        wrong += outcome not in ("same bits", "refused")
    print(
        f"{tried - wrong} of {tried} builds have the same bits, or name the flags that they refuse"
    )
    return int(wrong > 0 or not tried)


if __name__ == "__main__":
    sys.exit(main())
