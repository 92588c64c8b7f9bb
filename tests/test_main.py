"""``python -m ogive``: the self-check and the benchmark, seen from outside."""

import json
import math
import subprocess
import sys

import gmpy2
import numpy as np
import pytest
from command_line import ENVIRONMENT, assert_refused, call, run, run_code
from matplotlib import image

import ogive
from ogive import _bench, _selfcheck

# The self-check


def exact(function, x):
    """The exact value to 300 bits."""
    with gmpy2.context(precision=300, emin=-(10**6), emax=10**6):
        e = gmpy2.exp(-abs(gmpy2.mpfr(x)))
        if function == "sigmoid_grad":
            return e / (1 + e) ** 2
        return 1 / (1 + e) if x >= 0 else e / (1 + e)


def rounded(value, dtype):
    """Round once to the numbers of a dtype, the subnormal ones included."""
    limits = np.finfo(dtype)
    with gmpy2.context(
        precision=limits.nmant + 1,
        emin=int(limits.minexp) - limits.nmant + 1,
        emax=int(limits.maxexp),
        subnormalize=True,
    ):
        return float(+value)


@pytest.mark.parametrize(("function", "dtype"), _selfcheck.HARD_VALUES)
def test_hard_values_are_the_exact_values_rounded_once(function, dtype):
    for x, expected in _selfcheck.HARD_VALUES[function, dtype]:
        assert math.isnan(x) or float(np.array(x, dtype)) == x
        computed = rounded(exact(function, x), dtype)
        assert computed.hex() == expected, (function, dtype, x)


def test_hard_values_are_met():
    checked, wrong = _selfcheck.check(vars(ogive), max_ulp=4 if ogive.isa == "numpy" else 0)
    assert checked == sum(map(len, _selfcheck.HARD_VALUES.values()))
    assert wrong == []


@pytest.mark.parametrize(
    "spoil",
    [
        lambda y: np.nextafter(y, np.inf),
        np.negative,
        lambda y: np.where(np.isnan(y), y.dtype.type(0), y),
        lambda y: np.full_like(y, np.nan),
    ],
    ids=["one ulp off", "negative", "NaN lost", "all NaN"],
)
def test_self_check_finds_wrong_results(spoil):
    def function(name):
        return lambda x: spoil(
            np.array([rounded(exact(name, v), x.dtype) for v in x.tolist()], x.dtype)
        )

    checked, wrong = _selfcheck.check({name: function(name) for name in _bench.FUNCTIONS})
    assert 0 < len(wrong) <= checked
    assert wrong[0].startswith("sigmoid(float64(")


def test_failed_self_check_lists_results_and_exits_1():
    result = run_code(
        """
        import sys
        import numpy as np
        import ogive
        from ogive.__main__ import main

        ogive.sigmoid = np.tanh
        sys.exit(main(["--quick"]))
        """
    )
    assert result.returncode == 1
    assert "sigmoid(float64(0.0)) = 0x0.0p+0" in result.stdout
    assert "ratio" not in result.stdout


# The benchmark


@pytest.fixture(scope="module")
def quick(tmp_path_factory):
    folder = tmp_path_factory.mktemp("quick")
    result = run("--quick", "--json", "rows.json", "--plot", "rows.png", cwd=folder)
    assert (result.returncode, result.stderr) == (0, "")
    assert sorted(path.name for path in folder.iterdir()) == ["rows.json", "rows.png"]
    return result, folder


def test_quick_prints_configuration_self_check_and_every_row(quick):
    output = quick[0].stdout
    assert ogive.__version__ in output
    count = sum(map(len, _selfcheck.HARD_VALUES.values()))
    assert f"self-check: {count} of {count} " in output
    rows = [line.split() for line in output.splitlines() if line.startswith("sigmoid")]
    tables = len(_bench.FUNCTIONS) * len(_bench.DTYPES)
    assert [len(row) for row in rows] == [10] * tables * len(_bench.QUICK.sizes) + [6] * tables
    assert "\x1b" not in output
    assert "…" not in output
    assert ("pure NumPy. For the fast one" in output) == (ogive.isa == "numpy")


def test_json_holds_configuration_and_rows(quick):
    content = json.loads((quick[1] / "rows.json").read_text())
    assert content["config"]["isa"] == ogive.isa
    assert content["config"]["numpy"] == np.__version__
    assert content["config"]["cpu"]
    seen = {(row["function"], row["dtype"], row["size"]) for row in content["rows"]}
    assert len(seen) == len(content["rows"]) == 4 * len(_bench.QUICK.sizes)
    for row in content["rows"]:
        assert {"ogive", "numpy", "fallback", "copy"} <= row["ns"].keys()
        assert all(ns > 0 for ns in row["ns"].values())
        assert row["ratio"]["numpy"] == row["ns"]["numpy"] / row["ns"]["ogive"]
        # The reference itself errs by up to 0.01 ulp.
        most = 4 if ogive.isa == "numpy" else 0.51
        assert row["ulp"]["ogive"] is None or row["ulp"]["ogive"] <= most


def test_plot_is_a_png_with_a_drawing(quick):
    path = quick[1] / "rows.png"
    assert path.read_bytes().startswith(b"\x89PNG\r\n")
    height, width, _ = image.imread(path).shape
    assert height >= 600
    assert width >= 800
    assert path.stat().st_size > 20_000


def test_max_ulp_error_is_in_ulp_of_the_exact_value():
    x = np.array([0, 1, -100], np.float32)
    y = np.array([rounded(exact("sigmoid", v), np.float32) for v in x.tolist()], np.float32)
    assert _bench.max_ulp_error("sigmoid", x, y) <= 0.5
    y[2] += 3 * np.float32(2.0**-149)  # a subnormal result
    assert 2.5 <= _bench.max_ulp_error("sigmoid", x, y) <= 3.5


def test_rows_without_scipy_or_wider_type_show_a_dash(capsys):
    row = _bench.Row(
        "sigmoid",
        "float64",
        100,
        {"ogive": 1.0, "numpy": 1234.5, "fallback": 2.0, "copy": 0.5},
        {"ogive": None, "numpy": 4.5e15, "fallback": None},
    )
    _bench.print_table({"cpu": "some", "isa": "any"}, [row])
    lines = [line.split() for line in capsys.readouterr().out.splitlines() if "float64" in line]
    assert lines[0][3:] == ["1.00", "1234", "2.00", "-", "0.50", "1234", "-"]
    assert lines[1][2:] == ["-", "4e+15", "-", "-"]


@pytest.mark.parametrize("option", ["--json", "--plot"])
@pytest.mark.parametrize(
    ("name", "mention"),
    [("missing/rows.png", "no such directory"), ("folder.png", "is a directory")],
)
def test_unwritable_output_is_refused_before_the_run(option, name, mention, tmp_path):
    (tmp_path / "folder.png").mkdir()
    assert_refused(call(option, tmp_path / name), tmp_path / name, mention)


def test_plot_that_is_not_named_png_is_refused(tmp_path):
    assert_refused(call("--plot", tmp_path / "rows.gif"), "rows.gif", ".png")


@pytest.mark.parametrize(
    ("package", "args"),
    [
        ("rich", ["--quick"]),
        ("matplotlib", ["--quick", "--plot", "rows.png"]),
        ("rich", ["apply", "sigmoid", "in.npy", "out.npy"]),
    ],
)
def test_missing_package_is_named_with_the_remedy(package, args):
    code = """
        import runpy
        import sys

        sys.modules[sys.argv.pop(1)] = None
        runpy.run_module("ogive", run_name="__main__")
        """
    assert_refused(run_code(code, package, *args), package, "pip install 'ogive[bench]'")


# Arguments


@pytest.mark.parametrize(
    ("args", "mention"),
    [
        (["--unknown"], "--unknown"),
        (["--qui"], "--qui"),
        (["--json"], "--json"),
        (["unknown"], "unknown"),
        (["apply"], "FUNCTION"),
        (["apply", "sigmoid", "in.npy"], "out.npy"),
        (["apply", "sigmoid_and_grad", "in.npy", "out.npy"], "sigmoid_grad_from_output"),
        (["apply", "unknown", "in.npy", "out.npy"], "logistic"),
        (["--quick", "apply", "sigmoid", "in.npy", "out.npy"], "--quick"),
    ],
)
def test_bad_arguments_are_one_line(args, mention):
    assert_refused(call(*args), mention)


def test_version_and_help():
    assert call("--version").stdout == f"ogive {ogive.__version__}\n"
    assert "apply" in call("--help").stdout
    assert "sigmoid_grad" in call("apply", "--help").stdout


@pytest.mark.skipif(sys.platform == "win32", reason="no pipes of this kind on Windows")
def test_reader_that_leaves_early_gets_no_traceback():
    command = [sys.executable, "-m", "ogive", "--quick"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=ENVIRONMENT
    ) as process:
        process.stdout.close()
        errors = process.stderr.read()
    assert errors == b""
    assert process.returncode == 1
