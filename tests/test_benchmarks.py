"""python -m benchmarks: its plan, what it compares, its text, files and pictures."""

import dataclasses
import functools
import json
import sys
from pathlib import Path

import numpy as np
import pytest
from helpers import KINDS, outputs

from ogive import _dispatch
from ogive._files import UserError
from ogive.fallback import FUNCTIONS

sys.path.insert(0, str(Path(__file__).parents[1]))
pytest.importorskip("benchmarks.peers")  # an installed ogive is tested without it

from benchmarks import __main__ as benchmarks
from benchmarks import around_cache, cases, measure, peers, plots, report, small_calls

MOMENT = ["--quick", "--peers", "NumPy", "SciPy", "--functions", "sigmoid", "sigmoid_and_grad"]
MOMENT += ["--parts", "functions", "layouts", "--sizes", "9", "100", "1000"]
CONFIG = {
    "ogive": "1",
    "isa": "some",
    "cpu": "any",
    "numpy": "2",
    "platform": "here",
    "cores": 2,
    "caches": {"L2": 2**19},
    "versions": {"NumPy": "2"},
    "missing": ["torch"],
}


@pytest.fixture(autouse=True)
def _short(monkeypatch):
    monkeypatch.setattr(
        measure, "QUICK", dataclasses.replace(measure.QUICK, seconds=0, sample=1e-6)
    )


def row(function="sigmoid", dtype="float32", size=10, ns=(1, 1, 1), **case):
    times = {"ogive": list(ns), "NumPy": [2, 3, 4], "torch": [0.4, 0.5, 0.6], "copy": [0.5] * 3}
    if function.endswith("_and_grad"):
        first = function.removesuffix("_and_grad")
        times |= {first: [0.5] * 3, f"{first}_grad": [1.5] * 3}
    return measure.Row(cases.Case(function, dtype, size, **case), times)


ONE_ROW = {"strided": [1], "transposed": [1, 7]}  # sizes whose layout is contiguous too


# The plan


def test_every_function_has_its_inputs():
    assert {name: len(kinds) for name, kinds in cases.INPUTS.items()} == {
        name: function.nin for name, function in FUNCTIONS.items()
    }


def test_plan_has_every_function_dtype_and_variation_once():
    plan = cases.plan()
    assert len(set(plan)) == len(plan)
    varied = {"layout": cases.LAYOUTS, "out": cases.OUT, "threads": [1, 0]}
    for axis, values in ({"function": FUNCTIONS, "dtype": cases.DTYPES} | varied).items():
        assert {getattr(case, axis) for case in plan} == set(values)
    assert min(case.size for case in plan) == 1


def test_what_is_chosen_holds_in_every_part():
    plan = cases.plan(function=["tanh", "logit"], size=[7], threads=[1])
    assert {case.function for case in plan} == {"tanh", "logit"}
    assert {case[2] for case in plan} == {7}
    assert {case.threads for case in plan} == {1}
    assert {case.layout for case in plan} == set(cases.LAYOUTS)
    assert cases.plan(["functions"], size=[7], function=["tanh"], dtype=["float32"]) == [
        cases.Case("tanh", "float32", 7)
    ]


@pytest.mark.parametrize("size", [1, 7, 12, 64])
@pytest.mark.parametrize("dtype", cases.DTYPES)
def test_layouts_hold_the_same_numbers_at_the_same_places_of_pages(size, dtype):
    case = cases.Case("mix", dtype, size)
    want = cases.inputs(case)
    for layout in cases.LAYOUTS:
        inputs = cases.inputs(case._replace(layout=layout))
        for place, (got, right) in enumerate(zip(inputs, want, strict=True)):
            np.testing.assert_array_equal(got.ravel(), right)
            assert got.flags.c_contiguous == (layout == "contiguous" or size in ONE_ROW[layout])
            assert got.ctypes.data % 4096 == 512 * place
        [out] = cases.outputs(case._replace(layout=layout), inputs)
        assert out.shape == inputs[0].shape
        assert out.flags.c_contiguous
        assert out.ctypes.data % 4096 == 512 * 3


# The peers


def test_numpy_has_every_function(name):
    case = cases.Case(name, "float64", 3)
    assert [*peers.calls(case, cases.inputs(case), [None], ["NumPy"])] == ["ogive", "NumPy"]


@pytest.mark.parametrize(
    ("name", "dtype"),
    [(name, "float32") for name in FUNCTIONS]
    + [(name, dtype) for name in KINDS for dtype in ("float16", "float64")],
)
def test_peers_compute_what_ogive_does(name, dtype):
    case = cases.Case(name, dtype, 1000)
    inputs = cases.inputs(case)
    out = cases.outputs(case, inputs)
    with np.errstate(all="ignore"):
        calls = peers.calls(case, inputs, out)
        want = [result.copy() for result in outputs(calls.pop("ogive")())]
        for label, call in calls.items():
            for result in out:
                result.fill(7)
            check(call(), want, dtype, label)


@pytest.mark.parametrize("layout", cases.LAYOUTS)
@pytest.mark.parametrize("out", cases.OUT)
@pytest.mark.parametrize("name", ["lstm_cell", "glu", "bce_with_logits"])
def test_peers_do_so_in_every_layout_with_and_without_out(name, layout, out):
    case = cases.Case(name, "float32", 24, layout, out)
    inputs = cases.inputs(case)
    calls = peers.calls(case, inputs, cases.outputs(case, inputs))
    want = [np.copy(result) for result in outputs(calls.pop("ogive")())]
    for label, call in calls.items():
        check(call(), want, "float32", label)


def check(results, want, dtype, label):
    """The dtype, and values to 16 ulp of the largest."""
    results = results if isinstance(results, tuple | list) else [results]
    for got, right in zip(map(np.asarray, results), want, strict=True):
        assert got.dtype == dtype, label
        near = 16 * np.finfo(dtype).eps * max(1, abs(right).max())
        np.testing.assert_allclose(
            got.reshape(right.shape), right, rtol=0, atol=near, err_msg=label
        )


def test_missing_libraries_are_named_once(capsys, monkeypatch):
    monkeypatch.setitem(sys.modules, "scipy", None)
    monkeypatch.setattr(peers, "_binding", functools.cache(peers._binding.__wrapped__))
    benchmarks.main(MOMENT)
    text = capsys.readouterr().out
    assert text.count("SciPy") == 1
    assert "Not installed: " in text
    assert "SciPy" in text[text.index("Not installed: ") :].splitlines()[0]


# The text


def cells(text, start):
    rule, *rows = text[text.index(start) :].partition("\n\n")[0].splitlines()[1:]
    assert len({row.count("|") for row in (rule, *rows)}) == 1
    return [[cell.strip() for cell in row.strip("|").split("|")] for row in rows]


def test_a_run_has_its_tables_and_is_read_back(capsys, tmp_path):
    file = tmp_path / "run.json"
    assert benchmarks.main([*MOMENT, "--json", str(file)]) == 0
    text = capsys.readouterr().out
    sizes = ("9", "100", "1,000")
    rows = cells(text, "| function | dtype | elements | ns per element | spread | NumPy")
    assert [tuple(row[:3]) for row in rows] == [
        (f"`{name}`", dtype, size)
        for name in ("sigmoid", "sigmoid_and_grad")
        for dtype in cases.DTYPES
        for size in sizes
    ]
    for row in rows:
        assert float(row[3].replace(",", "")) > 0
        assert float(row[5].replace(",", "")) > 0
        assert float(row[-1].replace(",", "")) > 0
    fused = cells(text, "| function | dtype | elements | ns per element | / first")
    assert {row[0] for row in fused} == {"`sigmoid_and_grad`"}
    growth = cells(text, "| elements | `sigmoid` float16 |")
    assert tuple(row[0] for row in growth) == sizes
    varied = cells(text, "| function | dtype | elements | layout | out | threads |")
    assert {row[3] for row in varied} == set(cases.LAYOUTS)
    assert "Versions: ogive" in text

    assert benchmarks.main(["--from", str(file)]) == 0
    assert capsys.readouterr().out == text
    assert json.loads(file.read_text())["machine"]["cpu"]


def test_another_number_of_threads_is_of_those_that_have_any(tmp_path):
    file = tmp_path / "run.json"
    chosen = ["--parts", "threads", "--dtypes", "float32", "--threads", "1", "2", "--sizes", "9"]
    benchmarks.main([*MOMENT, *chosen, "--functions", "silu", "--json", str(file)])
    timed = {row.case.threads: set(row.ns) for row in measure.load(file)[1]}
    assert timed == {1: {"ogive", "NumPy", "SciPy", "copy"}, 2: {"ogive", "copy"}}


def test_tables_divide_the_right_times():
    rows = [row("sigmoid_and_grad", ns=(1, 2, 3)), row("sigmoid_and_grad", out="new")]
    text = report.markdown(CONFIG, rows)
    [main] = cells(text, "| function | dtype | elements | ns per element | spread")
    assert main == ["`sigmoid_and_grad`", "float32", "10", "2.00", "100 %", "1.50", "0.250", "4.00"]
    [fused] = cells(text, "| function | dtype | elements | ns per element | / first")
    assert fused[3:] == ["2.00", "4.00", "1.00"]
    varied = cells(text, "| function | dtype | elements | layout")
    assert [line[3:7] for line in varied] == [
        ["contiguous", "given", "1", "2.00"],
        ["contiguous", "new", "1", "1.00"],
    ]


def test_a_call_on_one_element_has_a_column_and_the_memory_rows():
    rows = [row("tanh", size=1, ns=(60, 70, 80)), row("tanh"), row("mix", size=1), row("mix")]
    memory, tanh, mix = cells(report.markdown(CONFIG, rows), "| function | dtype | elements | ns")
    assert memory[:6] == ["`np.copyto`", "float32", "10", "0.500", "0.500", "0 %"]
    assert tanh[3:5] == ["1.00", "70.0"]
    assert mix[3:5] == ["1.00", "1.00"]


def test_several_runs_have_a_short_table(tmp_path, capsys):
    files = [tmp_path / "intel.json", tmp_path / "amd.json"]
    for file, isa, ns in zip(files, ("avx512", "avx2"), ((1, 1, 1), (0.1, 0.2, 0.3)), strict=True):
        measure.save(CONFIG | {"isa": isa}, [row("tanh", ns=ns)], file)
    benchmarks.main(["--from", *map(str, files)])
    heading, _, memory, tanh = [
        line for line in capsys.readouterr().out.splitlines() if "|" in line
    ]
    assert "any (avx512): ns | fastest other | any (avx2): ns" in heading
    assert memory == "| `np.copyto` | float32 | 0.500 |  | 0.500 |  |"
    assert tanh == "| `tanh` | float32 | 1.00 | torch 0.500 | 0.200 | torch 2.50 |"


def test_scipy_is_credited_with_what_is_its_own(name):
    case = cases.Case(name, "float64", 3)
    timed = peers.calls(case, cases.inputs(case), [None], ["SciPy"])
    assert ("SciPy" in timed) == (name not in peers.WITHOUT_SCIPY)


def test_functions_are_compared_in_the_sizes_of_all():
    rows = [row(size=size) for size in (1, 10, 100)] + [row("tanh")]
    assert {each.case.size for each in report.common(rows)} == {10}
    assert [*report.by_sizes(rows)] == [("sigmoid", "float32")]


def test_write_replaces_what_is_between_the_markers(tmp_path):
    file = tmp_path / "README.md"
    file.write_text(f"before\n{benchmarks.BEGIN}\nold\n{benchmarks.END}\nafter\n")
    benchmarks.main([*MOMENT, "--dtypes", "float32", "--write", str(file)])
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


# Two runs


@pytest.mark.parametrize(
    ("times", "slower", "faster"),
    [
        ((1, 1, 1), 0, 0),
        ((1.2, 1.3, 1.4), 1, 0),
        ((0.9, 1.3, 1.4), 0, 0),  # the quartiles overlap
        ((1.02, 1.03, 1.04), 0, 0),  # less than 5 %
        ((0.6, 0.7, 0.8), 0, 1),
        ((0.6, 0.7, 1.0), 0, 0),
        ((3, 3, 3), 1, 0),
    ],
)
def test_change_is_more_than_the_spread(times, slower, faster, tmp_path, capsys):
    old, new = tmp_path / "old.json", tmp_path / "new.json"
    measure.save(CONFIG, [row(), row("tanh")], old)
    measure.save(CONFIG | {"cpu": "other"}, [row(ns=times), row("logit")], new)
    assert benchmarks.main(["--compare", str(old), str(new)]) == slower
    text = capsys.readouterr().out
    assert f"Slower: {slower} of 1" in text
    assert f"Faster: {faster} of 1" in text
    assert text.count("sigmoid float32 10 ") == slower + faster
    assert "Another cpu: any, now other" in text
    assert "In one of the runs alone, not compared: 2" in text


@pytest.mark.parametrize(("times", "slower"), [((1.9, 2, 2.1), 0), ((2.9, 3, 3.1), 1)])
def test_what_slows_the_peers_too_is_the_machine(times, slower):
    old, new = row(), row(ns=times)
    new.ns.update({label: [2 * t for t in old.ns[label]] for label in ("NumPy", "torch", "copy")})
    assert [len(found) for found in report.changes([(old, new)])] == [slower, 0]


# Pictures


def test_pictures_show_each_function_dtype_and_peer(tmp_path):
    file, folder = tmp_path / "run.json", tmp_path / "new" / "plots"
    rows = [row(dtype=dtype, size=n) for dtype in cases.DTYPES[1:] for n in (1, 10, 100)]
    measure.save(CONFIG, [*rows, row("tanh"), row("tanh", dtype="float64")], file)
    benchmarks.main(["--from", str(file), "--plots", str(folder)])
    assert sorted(path.name for path in folder.iterdir()) == ["size-sigmoid.png", "speedup-10.png"]

    made = plots.figures(*measure.load(file))
    panels = made["size-sigmoid"].axes
    assert [axes.get_title() for axes in panels] == ["float32", "float64"]
    found = [line.get_label() for line in panels[0].lines]
    assert found[:4] == ["ogive", "NumPy", "torch", "copy"]
    bars = made["speedup-10"].axes[0].patches
    assert [bar.get_width() for bar in bars] == [-0.5, -0.5]  # to torch, the fastest


def test_backends_have_a_table_and_a_picture(tmp_path, capsys):
    compiled = [isa for isa in _dispatch.runs_here() if isa != "numpy"]
    if not compiled:
        pytest.skip("no compiled backend")
    arguments = ["--quick", "--functions", "tanh", "mix", "--dtypes", "float32", "--sizes", "100"]
    benchmarks.main([*arguments, "--isa", *compiled, "--plots", str(tmp_path)])
    heading = capsys.readouterr().out.splitlines()[2]
    backends = [f"ogive {isa} / ogive" for isa in peers.BACKENDS.values() if isa in compiled]
    assert heading.split(" | ")[5:-1] == ["NumPy / ogive", "SciPy / ogive", *backends]
    assert [path.name for path in tmp_path.iterdir()] == ["backends-100.png"]


# Wrong arguments


@pytest.mark.parametrize(
    "arguments",
    [
        ["--from", "a", "b", "--plots", "c"],
        ["--functions", "sinus"],
        ["--sizes", "0"],
        ["--layouts", "diagonal"],
        ["--threads", "some"],
        ["--peers", "Fortran"],
        ["--isa", "sse9"],
        ["--compare", "a", "b", "c"],
        ["--from", "a", "--compare", "b", "c"],
        ["tanh"],
    ],
)
def test_wrong_arguments_are_told(arguments, capsys):
    with pytest.raises(SystemExit) as error:
        benchmarks.main(arguments)
    assert error.value.code == 2
    assert "error:" in capsys.readouterr().err


def test_outputs_around_the_cache_have_a_table_and_a_picture(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(measure, "FULL", dataclasses.replace(measure.QUICK, sample=1e-5))
    picture = tmp_path / "picture.png"
    assert around_cache.main(["--largest", "17", "--seconds", "0.01", "--plot", str(picture)]) == 0
    head, _, *rows = capsys.readouterr().out.splitlines()
    assert (
        head.count("whole array") == head.count("in pieces that fit") == len(around_cache.FUNCTIONS)
    )
    assert [row.split()[1] for row in rows] == ["65,536", "131,072"]
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_small_calls_have_a_table(capsys):
    assert small_calls.main(["--rounds", "1"]) == 0
    head, _, *rows = capsys.readouterr().out.splitlines()
    assert len(rows) == len(small_calls.INPUTS)
    assert all(f" {name} |" in head for name in small_calls.FUNCTIONS)


def test_a_folder_that_cannot_be_is_told_first(tmp_path):
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(UserError, match="file: File exists"):
        benchmarks.main(["--plots", str(file)])


@pytest.mark.parametrize("content", ["", "[]", '{"rows": [{"function": "sigmoid"}]}'])
def test_a_file_that_holds_no_results_is_refused(content, tmp_path):
    file = tmp_path / "run.json"
    file.write_text(content)
    with pytest.raises(UserError, match="not a result of --json"):
        benchmarks.main(["--from", str(file)])
    with pytest.raises(UserError, match="No such file"):
        benchmarks.main(["--from", str(tmp_path / "none.json")])
