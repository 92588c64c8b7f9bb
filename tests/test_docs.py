"""The site and the README: what they say of other libraries, of figures and of files is so."""

import itertools
import re
import sys
from pathlib import Path

import numpy as np
import pytest
import way
from helpers import in_checkout
from scipy import special, stats

import ogive

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))  # benchmarks, where they are
README = ROOT / "README.md"
HACKING = ROOT / "HACKING.md"
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


def figures(page):
    """The rows of each table of figures, as {column: cell}."""
    return [
        [dict(zip(header, row, strict=True)) for row in rows]
        for header, rows in tables(page)
        if header[:2] == ["function", "dtype"]
    ]


MEASURED = ["speed_avx512", "speed_avx2", "accuracy"]  # in the order of the README


def test_figures_of_the_readme_are_those_of_the_pages():
    assert len(figures(README)) == len(MEASURED)
    for chosen, page in zip(figures(README), MEASURED, strict=True):
        assert len(chosen) > 5
        measured = list(itertools.chain(*figures(ROOT / "docs" / f"{page}.md")))
        for row in chosen:
            assert any(row.items() <= other.items() for other in measured), (page, row)


RESULTS = ["emerald-rapids-avx512", "zen3-avx2"]


@pytest.mark.parametrize(
    ("page", "results"),
    [("speed", RESULTS), ("speed_avx512", RESULTS[:1]), ("speed_avx2", RESULTS[1:])],
)
def test_tables_of_speed_are_those_of_the_committed_results(page, results):
    measure = pytest.importorskip("benchmarks.measure")
    report = pytest.importorskip("benchmarks.report")
    runs = [measure.load(ROOT / "benchmarks" / "results" / f"{run}.json") for run in results]
    text = (ROOT / "docs" / f"{page}.md").read_text(encoding="utf-8")
    assert report.text(runs) in text, "benchmarks/README.md has the command"


@in_checkout
def test_way_of_a_call_is_where_the_map_says():
    page = HACKING.read_text(encoding="utf-8")
    assert len(way.QUOTED.findall(page)) > 8
    assert page == way.put_right(page), "python -m tests.way --write"


@in_checkout
def test_tree_of_the_map_is_that_of_the_repository():
    tree = HACKING.read_text(encoding="utf-8").partition("## The tree")[2].partition("\n## ")[0]
    folder, named = None, set()
    for indent, name in re.findall(r"^    ( *)([\w./]+)", tree, re.MULTILINE):
        folder = folder if indent else name
        assert (ROOT / (folder + name if indent else name)).exists(), name
        named.add(folder)
    folders = {"csrc/", "src/ogive/", "tests/", "benchmarks/", "docs/", "examples/", "recipe/"}
    assert named == folders


@pytest.mark.parametrize("page", [README, HACKING, *PAGES], ids=lambda page: page.name)
def test_links_lead_to_files(page):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        assert target.startswith("https://") or (page.parent / target).exists(), target
