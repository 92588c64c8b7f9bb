"""One registry: every list of the functions agrees with csrc/functions.h."""

import ast
import re
import shutil
from pathlib import Path

import numpy as np
import pytest
from helpers import BACKENDS, in_checkout, kernels, ufuncs
from reference import REFERENCE
from registry import missing, places, rows, write

import ogive
from ogive import fallback
from ogive._docs import DOCS

ROOT = Path(__file__).parents[1]


ROWS = rows()
NAMES = [name for name, *_ in ROWS]
OTHERS = ["set_num_threads", "get_num_threads", "threads", "show_config", "get_include"]
PUBLIC = {public for name, *_, aliases, _ in ROWS for public in (name, *aliases)}

every_row = pytest.mark.parametrize(
    ("name", "inputs", "outputs", "aliases", "summary"), ROWS, ids=NAMES
)


def test_all_lists_have_the_same_functions_in_the_same_order():
    assert list(fallback.FUNCTIONS) == NAMES
    assert list(REFERENCE) == NAMES
    assert list(DOCS) == NAMES


def test_compiled_registry_is_the_one_of_functions_h(isa):
    assert kernels.registry() == ROWS
    assert list(ufuncs(isa)) == NAMES


def test_public_names_are_the_functions_their_aliases_and_no_more():
    assert set(ogive.__all__) == PUBLIC | {*OTHERS, "fallback", "isa"}
    assert ogive.__all__ == sorted(ogive.__all__)
    assert set(fallback.__all__) == PUBLIC | {"FUNCTIONS"}


@in_checkout
@pytest.mark.parametrize("row", ROWS, ids=NAMES)
def test_every_step_of_adding_a_function_is_done(row):
    assert [f"{place.files}: {place.what}" for place in missing(row)] == []


@pytest.fixture
def tree(tmp_path):
    """A copy of the files that have the functions."""
    for path in {place.files for _, listed in places(ROWS[-1]) for place in listed}:
        for file in ROOT.glob(path):
            (tmp_path / file.relative_to(ROOT)).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, tmp_path / file.relative_to(ROOT))
    return tmp_path


@in_checkout
@pytest.mark.parametrize("name", ["logit", "silu", "mix"])
def test_what_is_a_copy_of_the_row_is_written(name, tree):
    row = next(row for row in ROWS if row.name == name)
    everywhere = {place for _, listed in places(row) for place in listed}
    copies = {place for place in everywhere if place.lines}
    before = {}
    for place in copies:
        path = tree / place.files
        text = path.read_text(encoding="utf-8")
        before.setdefault(path, text)
        for line in place.lines(row):
            beginning = line if path.name != "README.md" else line.partition(" | ")[0]
            text = re.sub(rf"^{re.escape(beginning)}.*\n", "", text, count=1, flags=re.MULTILINE)
        path.write_text(text, encoding="utf-8")
    with_alias = {place for place in everywhere if place.files == "README.md"}
    assert set(missing(row, tree)) == copies | with_alias
    assert set(write(row, tree)) == copies
    assert missing(row, tree) == []
    for path, text in before.items():
        if path.name != "README.md":  # whose words are better than the summary
            assert path.read_text(encoding="utf-8") == text


@in_checkout
@pytest.mark.parametrize("name", ["sigmoid", "mix"])  # of the first row, and a first alias
def test_alias_of_a_function_that_is_there_is_written(name, tree):
    row = next(row for row in ROWS if row.name == name)
    exports, types = tree / "src" / "ogive" / "__init__.py", tree / "src" / "ogive" / "__init__.pyi"
    last = f"{row.public[-1]}: _{row.inputs}To{row.outputs}\n"
    changes = {
        exports: (f' = _functions["{name}"]', f' = another = _functions["{name}"]'),
        types: (f"\n{last}", f"\n{last}{last.replace(row.public[-1], 'another')}"),
    }
    wanted = {
        path: path.read_text(encoding="utf-8")
        .replace(*change)
        .replace("__all__ = [\n", '__all__ = [\n    "another",\n')
        for path, change in changes.items()
    }
    for file, by_hand in (("fallback.py", f"another = {name}"), ("_docs.py", 'aliases="another"')):
        with (tree / "src" / "ogive" / file).open("a", encoding="utf-8") as source:
            source.write(f"{by_hand}\n")
    row = row._replace(aliases=[*row.aliases, "another"])
    write(row, tree)
    assert [place.files for place in missing(row, tree)] == ["docs/api.md", "README.md"]
    assert {path: path.read_text(encoding="utf-8") for path in changes} == wanted


@in_checkout
def test_place_between_others_than_in_the_registry_is_out_of_order(tree):
    row = next(row for row in ROWS if row.name == "glu")
    page = tree / "docs" / "api.md"
    text = page.read_text(encoding="utf-8").replace("   glu\n   swiglu\n", "   swiglu\n   glu\n")
    page.write_text(text, encoding="utf-8")
    states = {
        place.files
        for _, listed in places(row)
        for place in listed
        if place.state(row, [each.name for each in ROWS], tree) != "done"
    }
    assert states == {"docs/api.md"}


@every_row
def test_row(name, inputs, outputs, aliases, summary):
    functions = [getattr(ogive, name), fallback.FUNCTIONS[name]]
    functions += [ufuncs(isa)[name] for isa in BACKENDS if isinstance(isa, str)]
    for function in functions:
        assert (function.__name__, function.nin, function.nout) == (name, inputs, outputs)
        assert summary in function.__doc__
    assert DOCS[name].splitlines()[0] == summary
    for alias in aliases:
        assert f"``{alias}``" in DOCS[name], f"_docs.py: {name} is also called ``{alias}``"
    for public in (name, *aliases):
        assert getattr(ogive, public) is getattr(ogive, name)
        assert getattr(fallback, public) is fallback.FUNCTIONS[name]


def test_readme_has_one_table_row_for_each_function():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    table = readme.partition("| function | result |")[2].partition("\n\n")[0]
    assert re.findall(r"^\| *`(\w+)", table, re.MULTILINE) == NAMES


def test_site_has_a_page_for_each_function():
    api = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    assert re.findall(r"^   (\w+)$", api, re.MULTILINE) == [*NAMES, *OTHERS]
    for name, *_, aliases, _ in ROWS:
        for alias in aliases:
            says = re.search(rf"`{alias}`[^.]* (is|are) `{name}`", api)
            assert says, f"docs/api.md does not say: `{alias}` is `{name}`"


# The type stub

STUB = ast.parse(Path(ogive.__file__).with_suffix(".pyi").read_text(encoding="utf-8"))


def test_stub_has_the_public_names_with_their_types():
    typed = {
        node.target.id: ast.unparse(node.annotation)
        for node in STUB.body
        if isinstance(node, ast.AnnAssign)
    }
    classes = {
        public: f"_{inputs}To{outputs}"
        for name, inputs, outputs, aliases, _ in ROWS
        for public in (name, *aliases)
    }
    aliases = {name for name, type in typed.items() if type == "TypeAlias"}
    assert all(name.startswith("_") for name in aliases)
    assert {name: typed[name] for name in typed.keys() - aliases} == classes | {
        "isa": "str",
        "__version__": "str",
    }
    defined = [ast.unparse(node) for node in STUB.body if isinstance(node, ast.FunctionDef)]
    assert defined == [
        "def get_include() -> str:\n    ...",
        "def get_num_threads() -> int:\n    ...",
        "def set_num_threads(n: SupportsIndex) -> None:\n    ...",
        "def show_config() -> None:\n    ...",
        "def threads(n: SupportsIndex) -> _Block:\n    ...",
    ]


def test_stub_exports_what_the_package_exports():
    (exported,) = [
        node.value
        for node in STUB.body
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"
    ]
    assert ast.literal_eval(exported) == ogive.__all__


def test_types_of_the_stub_hold():
    assert isinstance(ogive.isa, str)
    assert isinstance(ogive.__version__, str)
    if ogive.isa != "numpy":
        assert all(isinstance(getattr(ogive, name), np.ufunc) for name in PUBLIC)
