"""The way of a call in HACKING.md: the number of each line that it quotes.

python -m tests.way --write
"""

import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "HACKING.md"
QUOTED = re.compile(r"^\| `([\w./]+):(\d+)` \| `([^`]+)` \|", re.MULTILINE)


def line_of(path, code):
    """The number of the one line of a file that begins with this code."""
    lines = (ROOT / path).read_text(encoding="utf-8").splitlines()
    numbers = [
        number for number, line in enumerate(lines, start=1) if line.strip().startswith(code)
    ]
    if len(numbers) != 1:
        raise LookupError(f"{path} has {len(numbers)} lines that begin with {code}")
    return numbers[0]


def put_right(text):
    """The page with the numbers of today."""
    return QUOTED.sub(
        lambda row: row[0].replace(f"`{row[1]}:{row[2]}`", f"`{row[1]}:{line_of(row[1], row[3])}`"),
        text,
    )


if __name__ == "__main__":
    if sys.argv[1:] != ["--write"]:
        sys.exit(__doc__)
    PAGE.write_text(put_right(PAGE.read_text(encoding="utf-8")), encoding="utf-8")
