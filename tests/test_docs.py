"""The site and the README: what they say of other libraries, of figures and of files is so."""

import doctest
import itertools
import re
import sys
from pathlib import Path

import numpy as np
import pytest
import way
from helpers import in_checkout
from mpmath import mp
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


@pytest.fixture(scope="module")
def losses():
    """What docs/losses.md defines."""
    namespace = {}
    page = (ROOT / "docs" / "losses.md").read_text(encoding="utf-8")
    exec(doctest.script_from_examples(page), namespace)
    return namespace


LOGITS = [-700.0, -40.0, -2.5, -1e-9, 0.0, 0.3, 9.0, 36.0, 700.0]


@pytest.mark.parametrize("t", [0.0, 1.0])
@pytest.mark.parametrize("gamma", [0.5, 1.0, 2.0])
def test_focal_loss_of_the_page_is_exact_in_the_tails(losses, gamma, t):
    def loss(x):
        p = 1 / (1 + mp.exp((1 - 2 * mp.mpf(t)) * x))
        return -((1 - p) ** gamma) * mp.log(p)

    with mp.workdps(1300):  # of p = 1 - e^-700 as many digits must be left
        want = [loss(mp.mpf(x)) for x in LOGITS]
        slopes = [mp.diff(loss, mp.mpf(x)) for x in LOGITS]
    got = losses["focal_loss"](np.array(LOGITS), t, gamma)
    np.testing.assert_allclose(got, np.array(want, float), rtol=1e-12, atol=1e-300)
    got = losses["focal_grad"](np.array(LOGITS), t, gamma)
    np.testing.assert_allclose(got, np.array(slopes, float), rtol=1e-12, atol=1e-300)


@pytest.mark.parametrize("t", [0.0, 0.3, 1.0])
def test_weight_of_positives_of_the_page(losses, t):
    def loss(x):
        p = 1 / (1 + mp.exp(-x))
        return -3 * mp.mpf(t) * mp.log(p) - (1 - mp.mpf(t)) * mp.log(1 - p)

    with mp.workdps(700):
        want = [loss(mp.mpf(x)) for x in LOGITS]
        slopes = [mp.diff(loss, mp.mpf(x)) for x in LOGITS]
    got = losses["weighted_loss"](np.array(LOGITS), t, 3.0)
    np.testing.assert_allclose(got, np.array(want, float), rtol=1e-14)
    got = losses["weighted_grad"](np.array(LOGITS), t, 3.0)
    np.testing.assert_allclose(got, np.array(slopes, float), rtol=1e-14)


@pytest.mark.parametrize("size", [1, 10, 16_384, 16_385, 100_000])
def test_mean_loss_of_the_page_takes_each_logit_once(losses, size):
    rng = np.random.default_rng(size)
    x, t = rng.normal(0, 4, size), rng.uniform(0, 1, size)
    want = ogive.bce_with_logits(x, t).mean()
    np.testing.assert_allclose(losses["mean_loss"](x, t), want, rtol=1e-12)


def figures(page):
    """The rows of each table of figures, as {column: cell}."""
    return [
        [dict(zip(header, row, strict=True)) for row in rows]
        for header, rows in tables(page)
        if header[:2] == ["function", "dtype"]
    ]


MEASURED = ["speed_avx512", "speed_avx2", "accuracy_avx512", "accuracy"]  # as in the README


def test_figures_of_the_readme_are_those_of_the_pages():
    assert len(figures(README)) == len(MEASURED)
    for chosen, page in zip(figures(README), MEASURED, strict=True):
        assert len(chosen) > 5
        measured = list(itertools.chain(*figures(ROOT / "docs" / f"{page}.md")))
        for row in chosen:
            assert any(row.items() <= other.items() for other in measured), (page, row)


RESULTS = ["emerald-rapids-avx512", "zen4-avx2"]


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


FIRST_COMMENT = re.compile(r'(?:#.*\n)*(?:"""|/\*)(.*?)(?:"""|\*/)', re.DOTALL)
SOURCES = {".c", ".h", ".pxd", ".py", ".pyi", ".pyx"}


def wrong_about_length(paths):
    """Those over 400 lines whose first comment does not say why, and shorter ones that do."""
    for path in paths:
        if path.suffix in SOURCES and path.name != "_kernels.c":  # which Cython makes
            text = path.read_text(encoding="utf-8")
            comment = FIRST_COMMENT.match(text)
            says_why = comment and re.search(r"\bOver 400 lines: \w", comment[1])
            if bool(says_why) != (len(text.splitlines()) > 400):
                yield path


@in_checkout
@pytest.mark.parametrize("folder", ["csrc", "src", "tests", "benchmarks", "docs", "examples"])
def test_files_over_400_lines_say_why(folder):
    paths = sorted((ROOT / folder).rglob("*"))
    assert any(path.suffix in SOURCES for path in paths)
    assert [*wrong_about_length(paths)] == []


@pytest.mark.parametrize(
    ("name", "comment", "lines", "is_wrong"),
    [
        ("a.py", '"""A list."""', 400, False),
        ("a.py", '"""A list."""', 401, True),
        ("a.py", '"""A list.\n\nOver 400 lines: a list."""', 401, False),
        ("a.py", '"""A list.\n\nOver 400 lines: a list."""', 400, True),
        ("a.py", '"""A list."""\n\n"""Over 400 lines: a list."""', 401, True),
        ("a.pyx", '# cython: x\n"""Over 400 lines: loops."""', 401, False),
        ("a.h", "/* A number.\n *\n * Over 400 lines: */", 401, True),
        ("a.h", "/* A number.\n *\n * Over 400 lines: a number. */", 401, False),
        ("a.txt", "", 401, False),
    ],
)
def test_files_that_say_not_why_are_found(name, comment, lines, is_wrong, tmp_path):
    path = tmp_path / name
    path.write_text(comment + "\n" * (lines - comment.count("\n")))
    assert [*wrong_about_length([path])] == [path] * is_wrong


@pytest.mark.parametrize("page", [README, HACKING, *PAGES], ids=lambda page: page.name)
def test_links_lead_to_files(page):
    for target in re.findall(r"\]\(([^)#]+)[^)]*\)", page.read_text(encoding="utf-8")):
        assert target.startswith("https://") or (page.parent / target).exists(), target
