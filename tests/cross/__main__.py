"""The same bits everywhere: build the kernels for every target, run them, compare the hashes.

Exit code 1 where a hash differs or a row fails, 0 else. Rows whose compiler or emulator is missing
are skipped; `--packages` and `--pypi` name what Debian and PyPI call them.
"""

import argparse
import os
import re
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from ..parts import add_part
from . import matrix

HEADINGS = ["target", "compiler", "flags", "backend", "SHA-256", "bits", "seconds"]


@dataclass
class Outcome:
    row: matrix.Row
    driver: str = ""
    hashes: dict = field(default_factory=dict)  # of each backend
    problem: str = ""
    seconds: float = 0.0


def run(row, folder):
    started = time.monotonic()
    outcome = Outcome(row)
    try:
        outcome.driver = row.build(folder)
        outcome.hashes = row.hashes(outcome.driver)
    except RuntimeError as error:
        outcome.problem = str(error)
    outcome.seconds = time.monotonic() - started
    print(f"{row}: {'failed' if outcome.problem else 'done'}", file=sys.stderr)
    return outcome


def compare(outcomes):
    """Cells of the table, and a text for each difference; the first of a backend in full."""
    tables = [table for outcome in outcomes for table in outcome.hashes.values()]
    expected = matrix.most_common(tables)
    lines, differences = [], []
    for outcome in outcomes:
        row = outcome.row
        if not (row.runs or outcome.problem):
            cells = [row.target, row.compiler_version, row.flags, "", "", "compiles"]
            lines.append([*cells, f"{outcome.seconds:.0f}"])
        for backend, table in outcome.hashes.items():
            wrong = [key for key in expected if table.get(key) != expected[key]]
            digest = matrix.digest_of(table)
            verdict = "differ" if wrong else "same"
            cells = [row.target, row.compiler_version, row.flags, backend, digest, verdict]
            lines.append([*cells, f"{outcome.seconds:.0f}"])
            for key in wrong:
                function, kind, output = key
                where = f"{row}, {backend}: {function} {kind}, output {output}"
                if key not in table:
                    where += ": missing"
                elif key == wrong[0]:
                    other = agreeing(outcomes, key, expected[key])
                    here = (row, outcome.driver, backend)
                    where += f": {matrix.first_difference(here, other, function, kind)}"
                differences.append(where)
    return lines, differences


def agreeing(outcomes, key, digest):
    return next(
        (outcome.row, outcome.driver, backend)
        for outcome in outcomes
        for backend, table in outcome.hashes.items()
        if table.get(key) == digest
    )


def print_markdown(lines):
    """One line for the backends of a row that agree."""
    merged = {}
    for *cells, backend, digest, verdict, _seconds in lines:
        merged.setdefault((*cells, digest, verdict), []).append(backend)
    headings = [*HEADINGS[:3], "backends", *HEADINGS[4:6]]
    print("|", " | ".join(headings), "|")
    print("|" + "---|" * len(headings))
    for (target, compiler, flags, digest, verdict), backends in merged.items():
        cells = [target, compiler, f"`{flags}`", ", ".join(backends), f"`{digest}`", verdict]
        print("|", " | ".join(cells), "|")


def print_table(lines):
    # Here, so that --packages needs nothing installed.
    from rich.console import Console
    from rich.table import Table

    table = Table(*HEADINGS)
    for line in lines:
        table.add_row(*line, style="red" if "differ" in line else "")
    # Wide enough for a log file, where rich would take 80 columns.
    console = Console()
    Console(width=None if console.is_terminal else 160).print(table)


def main():
    parser = argparse.ArgumentParser(prog="python -m tests.cross", description=__doc__)
    parser.add_argument("--rows", metavar="PATTERN", default="", help="regular expression")
    add_part(parser, "of these")
    parser.add_argument("--list", action="store_true", help="name the rows and stop")
    parser.add_argument("--packages", action="store_true", help="name Debian's packages and stop")
    parser.add_argument("--pypi", action="store_true", help="name PyPI's packages and stop")
    parser.add_argument("--markdown", action="store_true", help="print the table as Markdown")
    parser.add_argument("--require-all", action="store_true", help="a skipped row is a failure")
    options = parser.parse_args()
    if options.packages or options.pypi:
        print(*(matrix.PYPI_PACKAGES if options.pypi else matrix.PACKAGES))
        return 0
    rows = [row for row in matrix.ROWS if re.search(options.rows, str(row))][options.part]
    if options.list:
        print(*(f"{row}{f' ({row.missing()})' if row.missing() else ''}" for row in rows), sep="\n")
        return 0

    started = time.monotonic()
    skipped = [row for row in rows if row.missing()]
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(os.cpu_count()) as pool:
        present = [row for row in rows if not row.missing()]
        outcomes = list(pool.map(lambda row: run(row, folder), present))
        lines, differences = compare(outcomes)
    (print_markdown if options.markdown else print_table)(lines)

    failed = [outcome for outcome in outcomes if outcome.problem]
    for row in skipped:
        print(f"skipped: {row}: {row.missing()}", file=sys.stderr)
    for outcome in failed:
        print(f"failed: {outcome.row}: {outcome.problem}", file=sys.stderr)
    for difference in differences:
        print(f"differs: {difference}", file=sys.stderr)
    seconds = time.monotonic() - started
    print(
        f"{len(lines)} backends in {len(present)} rows, {len(differences)} differences, "
        f"{len(failed)} failed, {len(skipped)} skipped, {seconds:.0f} s",
        file=sys.stderr,
    )
    return int(bool(differences or failed or not lines or (options.require_all and skipped)))


if __name__ == "__main__":
    sys.exit(main())
