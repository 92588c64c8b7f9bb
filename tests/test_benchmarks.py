"""python -m benchmarks: what it compares, and its text, in a moment's run."""

import sys
from pathlib import Path

import numpy as np
import pytest
from helpers import outputs

from ogive._files import UserError
from ogive.fallback import FUNCTIONS

sys.path.insert(0, str(Path(__file__).parents[1]))
pytest.importorskip("benchmarks.peers")  # an installed ogive is tested without it

from benchmarks import __main__ as benchmarks
from benchmarks import peers

SECONDS = ["--quick", "--sizes", "10", "1000"]


def test_every_function_has_its_inputs_and_numpy():
    assert {name: len(kinds) for name, kinds in peers.INPUTS.items()} == {
        name: function.nin for name, function in FUNCTIONS.items()
    }
    assert peers.installed()["NumPy"].keys() == FUNCTIONS.keys()


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_peers_compute_what_ogive_does(name, dtype):
    inputs, out = peers.inputs(name, dtype, 1000), peers.outputs(name, dtype, 1000)
    calls = peers.calls(name, inputs, out)
    want = [result.copy() for result in outputs(calls.pop("ogive")())]
    for label, call in calls.items():
        for result in out:
            result.fill(7)
        for got, right in zip(outputs(call()), want, strict=True):
            got = np.asarray(got)
            assert got.dtype == dtype
            # torch.nn.functional.softplus is x above 20.
            np.testing.assert_allclose(got, right, rtol=1e-3, atol=1e-5, err_msg=label)


def cells(text, start):
    rule, *rows = text[text.index(start) :].partition("\n\n")[0].splitlines()[1:]
    assert len({row.count("|") for row in (rule, *rows)}) == 1
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_each_function_dtype_and_size_has_its_row(capsys):
    benchmarks.main(SECONDS)
    text = capsys.readouterr().out
    rows = cells(text, "| function | dtype | elements | ns per element | NumPy")
    assert [tuple(row[:3]) for row in rows] == [
        (f"`{name}`", dtype, size)
        for name in FUNCTIONS
        for dtype in ("float32", "float64")
        for size in ("10", "1,000")
    ]
    for row in rows:
        assert float(row[3]) > 0
        assert float(row[4]) > 0
        assert float(row[-1]) > 0
    fused = cells(text, "| function | dtype | elements | ns per element | / first")
    assert {row[0] for row in fused} == {"`sigmoid_and_grad`", "`bce_with_logits_and_grad`"}
    assert "Versions: ogive" in text


def test_missing_libraries_are_named_once(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy", None)
    peers.installed.cache_clear()
    try:
        benchmarks.main([*SECONDS, "--functions", "sigmoid"])
    finally:
        peers.installed.cache_clear()
    text = capsys.readouterr().out
    assert text.count("SciPy") == 1
    assert "Not installed: SciPy" in text


def test_write_replaces_what_is_between_the_markers(tmp_path):
    file = tmp_path / "README.md"
    file.write_text(f"before\n{benchmarks.BEGIN}\nold\n{benchmarks.END}\nafter\n")
    benchmarks.main([*SECONDS, "--functions", "tanh", "logit", "--write", str(file)])
    written = file.read_text()
    assert written.startswith(f"before\n{benchmarks.BEGIN}\n\nTime per element")
    assert written.endswith(f"\n\n{benchmarks.END}\nafter\n")
    assert "old" not in written


def test_write_needs_both_markers(tmp_path):
    file = tmp_path / "README.md"
    file.write_text(benchmarks.BEGIN)
    with pytest.raises(UserError, match="needs the lines <!-- speed: "):
        benchmarks.main(["--write", str(file)])
    assert file.read_text() == benchmarks.BEGIN


@pytest.mark.parametrize("arguments", [["--functions", "sinus"], ["--sizes", "0"], ["tanh"]])
def test_wrong_arguments_are_told(arguments, capsys):
    with pytest.raises(SystemExit) as error:
        benchmarks.main(arguments)
    assert error.value.code == 2
    assert "error:" in capsys.readouterr().err
