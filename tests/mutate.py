"""Does the suite bite? Plant faults in the library, one at a time, and see that a test fails.

Each fault is planted in a copy of the project, which is built without optimisation, and the tests
that should notice are run in it, as they were before on the copy as it is. What compilers refuse is
to fail the install. Exit code 1 where a fault survives, or can no longer be planted.
"""

import argparse
import re
import shlex
import sys
import tempfile
import time
from pathlib import Path

from rich.console import Console
from rich.table import Table

sys.path.insert(0, str(Path(__file__).parent))  # under `python -m tests.mutate`

from copies import Copy
from faults import FAULTS, INSTALL
from parts import add_part

# Frames are larger without optimisation.
STACK = "tests/test_threads.py::test_calls_need_no_more_stack_than_those_of_numpy"
FAILED = 1  # pip's exit code, and pytest's where tests fail; 2 to 5 where it could not run them


def arguments(fault, quick):
    """pytest's for this fault; `quick` are those of the same files that it runs without --all."""
    if fault.tests == INSTALL:
        return INSTALL
    return fault.tests.partition(" -k ")[0] if quick else f"{fault.tests} --all"


def run_tests(copy, tests):
    """pytest's exit code, or pip's, and the first test that failed."""
    if tests == INSTALL:
        done = copy.install()
        said = [line for line in done.stdout.splitlines() if ": error:" in line]
        return done.returncode, said[0].strip() if said else ""
    command = "-m pytest -n 0 -x -q --no-header --tb=no -p no:cacheprovider --samples 2000"
    command = [*command.split(), *shlex.split(tests), f"--deselect={STACK}"]
    done = copy.python(*command, capture_output=True, text=True)
    failed = [line for line in done.stdout.splitlines() if line.startswith(("FAILED", "ERROR"))]
    lines = failed or (done.stdout + done.stderr).strip().splitlines()[-1:] or [""]
    return done.returncode, lines[0].removeprefix("FAILED ").partition(" - ")[0]


def plant(copy, fault, quick):
    """Try one fault; (verdict, what noticed it)."""
    path = copy.root / fault.file
    text = path.read_text(encoding="utf-8")
    if text.count(fault.old) != 1:
        return "not planted", f"{text.count(fault.old)} places"
    path.write_text(text.replace(fault.old, fault.new), encoding="utf-8")
    try:
        if not (fault.tests == INSTALL or fault.file.endswith(".py")):
            copy.build()
        code, test = run_tests(copy, arguments(fault, quick))
    finally:
        path.write_text(text, encoding="utf-8")
    if code == 0:
        return "survived", test
    # A crash counts, a suite that could not run does not.
    return ("caught" if code == FAILED or code < 0 else "not run"), test


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.mutate", description=__doc__)
    parser.add_argument("--faults", metavar="PATTERN", default="", help="regular expression")
    parser.add_argument(
        "--quick",
        action="store_true",
        help="by the tests of the same files that pytest runs without --all",
    )
    add_part(parser, "fault")
    options = parser.parse_args()
    faults = [f for f in FAULTS[options.part] if re.search(options.faults, f.name)]

    table = Table("fault", "file", "verdict", "noticed by", "seconds", title="Planted faults")
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = Copy(Path(folder, "copy"), "cc", "-O0")
        copy.build()
        for tests in sorted({arguments(fault, options.quick) for fault in faults}):
            code, test = run_tests(copy, tests)
            if code:
                print(
                    f"without a fault, {tests or 'the install'} ends with {code}: {test}",
                    file=sys.stderr,
                )
                return 1
        for fault in faults:
            started = time.monotonic()
            verdict, test = plant(copy, fault, options.quick)
            print(f"{fault.name}: {verdict}", file=sys.stderr, flush=True)
            missed += verdict != "caught"
            style = "" if verdict == "caught" else "red"
            seconds = f"{time.monotonic() - started:.0f}"
            table.add_row(fault.name, fault.file, verdict, test, seconds, style=style)
    console = Console()
    # Wide enough for a log file, where rich would take 80 columns.
    Console(width=None if console.is_terminal else 160).print(table)
    print(f"{len(faults) - missed} of {len(faults)} faults caught")
    return int(missed > 0 or not faults)


if __name__ == "__main__":
    sys.exit(main())
