"""python -m tests.accuracy on few inputs."""

import accuracy
import numpy as np
import pytest
from helpers import SEVERAL
from reference import correctly_rounded, ulp_error

import ogive
from ogive._files import UserError

ROWS = [
    (name, np.dtype(dtype).name)
    for name in accuracy.NAMES
    if name not in accuracy.PARTS
    for dtype, _ in accuracy.cases(name)
]


def cells(text):
    """The rows of the first table, each a list, after its head and rule."""
    lines = text[text.index("| function") :].partition("\n\n")[0].splitlines()
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.fixture(scope="module")
def text():
    return accuracy.report(accuracy.NAMES, 5000)


def test_each_function_and_dtype_has_its_rows(text):
    _, _, *rows = cells(text)
    assert [(row[0].strip("`"), row[1]) for row in rows] == ROWS


def test_functions_without_rows_return_the_bits_of_those_with(text):
    for name, parts in accuracy.PARTS.items():
        assert set(parts) <= {name for name, _ in ROWS}
        assert f"`{name}` returned the bits of" in text


@pytest.mark.skipif(ogive.isa == "numpy", reason="ogive has no compiled extension here")
def test_results_of_ogive_keep_its_promises(text):
    head, _, *rows = cells(text)
    column = head.index("ogive")
    for row in rows:
        error, share = row[column].split(" ", 1)
        if row[0].strip("`") in SEVERAL:
            assert float(error) < (1 if row[1] == "float64" else 0.51)
        else:
            assert 0.45 < float(error) <= 0.5
            assert share == "(100 %)"


def test_the_other_columns_are_those_of_the_installed_libraries(text):
    head, *_ = cells(text)
    assert head[:6] == ["function", "dtype", "inputs", "ogive", "ogive.fallback", "NumPy"]
    assert set(head[6:]) <= {"SciPy", "torch"}


def wrong_at(x, at, error):
    """Results of sigmoid off by `error` ulp at the input of index `at`, else correctly rounded."""
    result = accuracy.Reference("sigmoid", x).rounded[0]
    for _ in range(error):
        result[at] = np.nextafter(result[at], x.dtype.type(np.inf))
    return result


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
@pytest.mark.parametrize("error", [1, 1000])
def test_one_wrong_result_is_found_and_measured(dtype, error):
    x = np.linspace(-9, 9, 1001).astype(dtype)
    result = wrong_at(x, 300, error)
    score = accuracy.Score()
    score.add(lambda x: result, accuracy.Reference("sigmoid", x))
    assert (score.inputs, score.right) == (1001, 1000)
    assert (score.error, score.input) == (ulp_error("sigmoid", x, result)[300], (x[300],))
    assert score.cell().endswith("(99.9 %)")


def test_one_wrong_result_of_several_inputs_is_found_and_measured():
    x = np.float32([[1, 2, 3], [-1, 0, 1]])
    (result,) = correctly_rounded("glu", *x)
    result[1] += 2 * np.spacing(result[1])
    score = accuracy.Score()
    score.add(lambda a, b: result, accuracy.reference("glu", tuple(x)))
    assert (score.inputs, score.right, score.error, score.input) == (3, 2, 2, (2, 0))


def test_nan_is_infinitely_wrong():
    x = np.float64([-1, 2])
    score = accuracy.Score()
    score.add(lambda x: x * [1, np.nan], accuracy.Reference("sigmoid", x))
    assert (score.error, score.input) == (np.inf, (2,))


@pytest.mark.parametrize("inputs", [1, 100])
def test_write_replaces_what_is_between_the_markers(inputs, tmp_path):
    file = tmp_path / "README.md"
    file.write_text(f"before\n{accuracy.BEGIN}\nold\n{accuracy.END}\nafter\n")
    for _ in range(2):  # what was written is replaced in turn
        accuracy.main(["sigmoid", "--inputs", str(inputs), "--write", str(file)])
        written = file.read_text()
        assert written.startswith(f"before\n{accuracy.BEGIN}\n\nThe largest error")
        assert written.endswith(f"\n\n{accuracy.END}\nafter\n")
        assert "old" not in written
        assert written.count("`sigmoid`") > written.count("| function") == 2


@pytest.mark.parametrize("content", ["", accuracy.BEGIN, f"{accuracy.END}\n{accuracy.BEGIN}"])
def test_write_needs_both_markers(content, tmp_path):
    file = tmp_path / "README.md"
    file.write_text(content)
    with pytest.raises(UserError, match=r"README.md: needs the lines <!-- accuracy: .* -->"):
        accuracy.main(["--write", str(file)])
    assert file.read_text() == content


@pytest.mark.parametrize(
    "arguments", [["sinus"], ["--inputs", "0"], ["--inputs", "many"], ["--wri", "x"]]
)
def test_wrong_arguments_are_told(arguments, capsys):
    with pytest.raises(SystemExit) as error:
        accuracy.main(arguments)
    assert error.value.code == 2
    assert "error:" in capsys.readouterr().err


def test_prints_markdown_where_no_terminal_is(capsys):
    accuracy.main(["sigmoid_grad", "--inputs", "50"])
    assert capsys.readouterr().out.count("| `sigmoid_grad` | float64 |") == 4
