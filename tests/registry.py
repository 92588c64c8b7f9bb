"""The registry, and what a function in it has to have: the steps of adding one, done or missing.

    python -m tests.registry NAME            what is done, what is missing, and where
    python -m tests.registry NAME --write    write what is a mere copy of the row

Exit code 1 while anything is missing or out of order.
"""

import argparse
import operator
import os
import re
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]


class Row(NamedTuple):
    name: str
    inputs: int
    outputs: int
    aliases: list
    summary: str

    @property
    def public(self):
        return [self.name, *self.aliases]


def rows(root=ROOT):
    """Each row of functions.h."""
    text = (root / "csrc" / "functions.h").read_text(encoding="utf-8")
    text = re.sub(r"\\\n\s*", "", text)
    text = re.sub(r'"\s*"', "", text.replace('""', "''")).replace("''", '""')  # split strings
    found = re.findall(r'OGIVE_ROW\((\w+), (\d), (\d), "([^"]*)",\s*"([^"]*)"\)', text)
    assert len(found) == len(re.findall(r"OGIVE_ROW\(\w+, \d", text))
    return [
        Row(name, int(inputs), int(outputs), aliases.split(), summary)
        for name, inputs, outputs, aliases, summary in found
    ]


def _name(row):
    return [row.name]


def _name_of_several(row):
    return [row.name] if row.inputs > 1 else []


_public = operator.attrgetter("public")
_aliases = operator.attrgetter("aliases")


class Place(NamedTuple):
    """Where a function has something: `pattern` finds it, by each of the row's `names`.

    What is a copy of the row has its `lines`, which come behind those of the function before, or
    are sorted into the list `__all__`. Some break the import before the function is `defined`.
    """

    files: str
    pattern: str
    what: str
    lines: Callable | None = None
    defined: bool = False
    names: Callable = _name
    ordered: bool = False  # as the rows are

    def found(self, name, root=ROOT):
        """The path and line where it is, or None."""
        for path in sorted(root.glob(self.files)):
            text = path.read_text(encoding="utf-8")
            match = re.search(self.pattern.replace("NAME", name), text, re.MULTILINE)
            if match:
                return path.relative_to(root), text.count("\n", 0, match.start()) + 1
        return None

    def has(self, row, root=ROOT):
        return all(self.found(name, root) for name in self.names(row))

    def state(self, row, functions, root=ROOT):
        """Done, missing, or out of order: not between those beside it in `functions`, the names."""
        if not self.has(row, root):
            return "missing"
        if self.ordered and row.name in functions:
            at = functions.index(row.name)
            beside = [self.found(name, root) for name in functions[max(at - 1, 0) : at + 2]]
            lines = [place[1] for place in beside if place]
            if lines != sorted(lines):
                return "out of order"
        return "done"


def _exported(row):
    return [f'    "{name}",' for name in row.public]


def _in_readme(row):
    aliases = f" ({', '.join(f'`{alias}`' for alias in row.aliases)})" if row.aliases else ""
    return [f"| `{row.name}`{aliases} | {row.summary.rstrip('.')} |"]


def _assigned(row):
    return [f'{" = ".join(row.public)} = _functions["{row.name}"]']


ALL = r'^    "NAME",$'  # of __all__
STEPS = {
    "Row": [
        Place("csrc/functions.h", r"OGIVE_ROW\(NAME,", "name, inputs, outputs, aliases, summary")
    ],
    "Kernel: csrc/kernels/NAME.h, or the file of its kin, in texts.h": [
        Place("csrc/kernels/*.h", r"\b(P\(NAME\)|NAME_in_doubles)\(", "PAIR_TEXT"),
        Place("csrc/kernels/*.h", r"\bPLAIN\(NAME\)\(", "PLAIN_TEXT"),
        Place("csrc/kernels/*.h", r"^EXACT_FUNCTION\(NAME\)", "EXACT_TEXT"),
        Place("csrc/kernels/*.h", r"^CERTIFIED\w*\(NAME,", "REGISTRATION"),
    ],
    "Definition in NumPy and in long double, docstring": [
        Place("src/ogive/fallback.py", r"^def NAME\(", "the formula, within 4 ulp"),
        Place("src/ogive/_docs.py", r'^    "NAME": _docstring\(', "the docstring", ordered=True),
        Place("src/ogive/_long_double.pxd", r"^cdef inline void NAME\(", "the textbook"),
        Place("src/ogive/fallback.py", r"^(\w+ = )*NAME = ", "alias = name", names=_aliases),
        Place(
            "src/ogive/_docs.py", r'aliases="[^"]*\bNAME\b', "the note of aliases", names=_aliases
        ),
    ],
    "Names: --write copies them from the row; by hand what says `alias`": [
        Place(
            "src/ogive/_long_double.pxd",
            r'^        "NAME": <size_t>',
            "its name",
            lambda row: [f'        "{row.name}": <size_t>{row.name},'],
        ),
        Place(
            "src/ogive/fallback.py",
            r"^        NAME,$",
            "FUNCTIONS",
            lambda row: [f"        {row.name},"],
            True,
            ordered=True,
        ),
        Place("src/ogive/fallback.py", ALL, "__all__", _exported, True, _public),
        Place(
            "src/ogive/__init__.py",
            r"^(\w+ = )*NAME = .*_functions\[",
            "its names",
            _assigned,
            True,
            _public,
        ),
        Place("src/ogive/__init__.py", ALL, "__all__", _exported, True, _public),
        Place(
            "src/ogive/__init__.pyi",
            r"^NAME: _\dTo\d$",
            "its type",
            lambda row: [f"{name}: _{row.inputs}To{row.outputs}" for name in row.public],
            names=_public,
        ),
        Place("src/ogive/__init__.pyi", ALL, "__all__", _exported, names=_public),
        Place(
            "docs/api.md",
            r"^   NAME$",
            "its page",
            lambda row: [f"   {row.name}"],
            ordered=True,
        ),
        Place(
            "README.md",
            r"^\| `NAME`[^|]*\| (?!float)",
            "its row of the table",
            _in_readme,
            ordered=True,
        ),
        Place("src/ogive/cython_api.pxd", r"^cdef inline \w+ NAME\(", "csrc/gen/cython_api.py"),
        Place("docs/api.md", r"`NAME`[^.]* (is|are) `", "`alias` is `name`", names=_aliases),
        Place("README.md", r"^\| `\w+` \([^)]*`NAME`", "(`alias`) in its row", names=_aliases),
    ],
    "Exact values: by MPFR, by mpmath, by hand; inputs that are hard to round": [
        Place("tests/reference.py", r'^    "NAME": ', "REFERENCE", ordered=True),
        Place("tests/test_reference.py", r'^    "NAME": ', "MPMATH"),
        Place("tests/test_special_values.py", r'^(    "NAME": |EXACT\["NAME"\] =)', "EXACT"),
        Place("tests/native/*.c", r"^CHECK\w*\(NAME,", "reference.c or several.c, by inputs"),
        Place(
            "tests/linear.py",
            r'^    "NAME": ',
            "LINEAR, with several inputs",
            names=_name_of_several,
        ),
        Place(
            "tests/worst/*-f64.txt",
            r" NAME --dtype",
            "python -m tests.search, with several inputs",
            names=_name_of_several,
        ),
    ],
    "Peers": [
        Place("benchmarks/cases.py", r'^    "NAME": \[', "INPUTS"),
        Place("benchmarks/peers.py", r'^ {8,12}"NAME": ', "NumPy's formula"),
    ],
}


def places(row):
    """Each step with its places for this row."""
    for step, listed in STEPS.items():
        yield step, [place for place in listed if place.names(row)]


def missing(row, root=ROOT):
    """The places where the function is not yet."""
    return [place for _, listed in places(row) for place in listed if not place.has(row, root)]


def write(row, root=ROOT):
    """Write what is a copy of the row, but for what has to be defined before; return the places."""
    previous = next(before for before, each in zip([None, *rows(root)], rows(root), strict=False)
                    if each.name == row.name)  # fmt: skip
    lacking = missing(row, root)
    defined = not any(
        place.files in ("src/ogive/fallback.py", "src/ogive/_docs.py") and not place.lines
        for place in lacking
    )
    written = [place for place in lacking if place.lines and (defined or not place.defined)]
    for place in written:
        path = root / place.files
        lines = path.read_text(encoding="utf-8").split("\n")
        if place.pattern == ALL:
            first = lines.index("__all__ = [") + 1
            last = lines.index("]", first)
            lines[first:last] = sorted({*lines[first:last], *place.lines(row)})
        else:
            old = _lines_of(place, row, lines)  # without a new alias
            at = old[0] if old else _lines_of(place, previous, lines)[-1] + 1
            lines = [line for number, line in enumerate(lines) if number not in old]
            lines[at:at] = place.lines(row)
        path.write_text("\n".join(lines), encoding="utf-8")
    if defined and root == ROOT:
        # The kernels have not been built with the row yet.
        environment = {**os.environ, "OGIVE_ISA": "numpy"}
        generator = root / "csrc" / "gen" / "cython_api.py"
        subprocess.run([sys.executable, generator], check=True, env=environment)
    return written


def _lines_of(place, row, lines):
    """The numbers of the lines that a place has of a row."""
    patterns = [place.pattern.replace("NAME", name) for name in place.names(row)]
    return [
        number
        for number, line in enumerate(lines)
        if any(re.search(pattern, line) for pattern in patterns)
    ]


def main(arguments=None):
    parser = argparse.ArgumentParser(
        prog="python -m tests.registry", description=(__doc__ or "").partition("\n")[0]
    )
    parser.add_argument("name", help="of the function")
    parser.add_argument("--write", action="store_true", help="write what is a copy of the row")
    options = parser.parse_args(arguments)
    listed_rows = rows()
    row = next((row for row in listed_rows if row.name == options.name), None)
    if row and options.write:
        for place in write(row):
            print(f"written  {place.files}: {place.what}")
    row = row or Row(options.name, 2, 1, [], "")  # all steps, as of several inputs
    functions = [each.name for each in listed_rows]
    all_done = True
    for number, (step, listed) in enumerate(places(row), start=1):
        print(f"{number}. {step}")
        for place in listed:
            state = place.state(row, functions)
            all_done &= state == "done"
            where = place.found(place.names(row)[0])
            where = f"{where[0]}:{where[1]}" if where else place.files
            print(f"   {state:12}  {where}: {place.what}")
    return int(not all_done)


if __name__ == "__main__":
    sys.exit(main())
