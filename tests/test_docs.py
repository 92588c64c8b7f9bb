"""The site and the README: what they say of other libraries, of figures and of files is so."""

import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from scipy import special, stats

import ogive

ROOT = Path(__file__).parents[1]
README = ROOT / "README.md"
PAGES = sorted((ROOT / "docs").glob("*.md"))


def cells(row):
    return [cell.strip() for cell in row.strip().strip("|").split("|")]


def tables(page):
    """Each table: its header and its rows, as lists of cells."""
    lines = page.read_text(encoding="utf-8").splitlines()
    for is_table, group in itertools.groupby(lines, lambda line: line.startswith("|")):
        if is_table:
            header, _, *rows = map(cells, group)
            yield header, rows


REPLACEMENTS = [
    tuple(cell.strip("`") for cell in row)
    for _, rows in tables(ROOT / "docs" / "migrate.md")
    for row in rows
]


def test_replacements_are_found():
    assert len(REPLACEMENTS) > 30


@pytest.mark.parametrize(("instead_of", "write"), REPLACEMENTS)
def test_replacement_gives_the_same(instead_of, write):
    rng = np.random.default_rng(8)
    x, a, b, dy = rng.normal(0, 3, (4, 100))
    arrays = {"x": x, "a": a, "b": b, "dy": dy, "y": rng.uniform(0, 1, 100)}
    arrays["t"] = rng.uniform(0, 1, 100)
    theirs = {"np": np, "special": special, "stats": stats} | arrays
    if re.search(r"\b(torch|F)\.", instead_of):
        torch = pytest.importorskip("torch")
        theirs = {name: torch.from_numpy(array) for name, array in arrays.items()}
        theirs |= {"torch": torch, "F": torch.nn.functional}
    want = np.asarray(eval(instead_of, theirs))
    got = eval(write, {"ogive": ogive} | arrays)
    np.testing.assert_allclose(got, want, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("page", ["speed", "accuracy"])
def test_figures_of_the_readme_are_those_of_the_page(page):
    measured = [
        dict(zip(header, row, strict=True))
        for header, rows in tables(ROOT / "docs" / f"{page}.md")
        for row in rows
    ]
    chosen = [
        dict(zip(header, row, strict=True))
        for header, rows in tables(README)
        for row in rows
        if header[:2] == ["function", "dtype"] and ("ogive" in header) == (page == "accuracy")
    ]
    assert len(chosen) > 5
    for row in chosen:
        assert any(row.items() <= other.items() for other in measured), row


@pytest.mark.parametrize("page", [README, *PAGES], ids=lambda page: page.name)
def test_links_lead_to_files(page):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        assert target.startswith("https://") or (page.parent / target).exists(), target
