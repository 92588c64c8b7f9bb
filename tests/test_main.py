"""``python -m ogive``: the self-check, the benchmark and ``apply``, seen from outside."""

import errno
import json
import math
import os
import subprocess
import sys
import textwrap

import gmpy2
import numpy as np
import pytest
from matplotlib import image

import ogive
from ogive import _apply, _bench, _files, _selfcheck

BLOCK = 64  # elements; small, so that small files have many blocks


# Naming the backend keeps an import without the extension from warning on stderr.
ENVIRONMENT = {**os.environ, "OGIVE_ISA": ogive.isa}


def run(*args, cwd=None):
    command = [sys.executable, "-m", "ogive", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=ENVIRONMENT)


def run_code(code, *args):
    """Run Python code in a process of its own, where it may patch and be killed."""
    command = [sys.executable, "-c", textwrap.dedent(code), *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT)


def assert_refused(result, *mentions):
    """One line on stderr, nothing on stdout, exit code 2."""
    assert result.returncode == 2
    assert result.stdout == ""
    assert result.stderr.startswith("python -m ogive")
    assert result.stderr.count("\n") == 1
    for mention in mentions:
        assert str(mention) in result.stderr


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
    assert len(rows) == len(_bench.FUNCTIONS) * len(_bench.DTYPES) * len(_bench.QUICK.sizes)
    assert {len(row) for row in rows} == {12}
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
        assert {"ogive", "numpy", "copy"} <= row["ns"].keys()
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
        {"ogive": 1.0, "numpy": 1234.5, "copy": 0.5},
        {"ogive": None, "numpy": None},
    )
    _bench.print_table({"cpu": "some", "isa": "any"}, [row])
    cells = next(line for line in capsys.readouterr().out.splitlines() if "float64" in line).split()
    assert cells[3:] == ["1.00", "1234", "-", "0.50", "1234", "-", "-", "-", "-"]


@pytest.mark.parametrize("option", ["--json", "--plot"])
@pytest.mark.parametrize(
    ("name", "mention"),
    [("missing/rows.png", "no such directory"), ("folder.png", "is a directory")],
)
def test_unwritable_output_is_refused_before_the_run(option, name, mention, tmp_path):
    (tmp_path / "folder.png").mkdir()
    assert_refused(run(option, tmp_path / name), tmp_path / name, mention)


def test_plot_that_is_not_named_png_is_refused(tmp_path):
    assert_refused(run("--plot", tmp_path / "rows.gif"), "rows.gif", ".png")


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
    assert_refused(run(*args), mention)


def test_version_and_help():
    assert run("--version").stdout == f"ogive {ogive.__version__}\n"
    assert "apply" in run("--help").stdout
    assert "sigmoid_grad" in run("apply", "--help").stdout


# apply


@pytest.fixture
def source(tmp_path):
    path = tmp_path / "in.npy"
    np.save(path, np.linspace(-20, 20, 10 * BLOCK))
    return path


@pytest.fixture
def target(tmp_path):
    return tmp_path / "out.npy"


def sample(shape, dtype, order="C"):
    values = np.random.default_rng(1).normal(0, 9, shape)
    if np.dtype(dtype).kind == "u":
        values = np.abs(values)
    return np.asarray(values, order=order).astype(dtype, order=order)


def assert_same(path, expected):
    result = np.load(path)
    assert result.dtype == expected.dtype
    assert result.dtype.isnative
    assert result.shape == expected.shape
    assert result.tobytes() == expected.tobytes()


@pytest.mark.parametrize(
    "dtype", ["f2", "f4", "f8", "g", "?", "i1", "i8", "u4", "u8", ">f2", ">f4", ">f8", ">i4"]
)
@pytest.mark.parametrize("function", ["sigmoid", "sigmoid_grad", "expit"])
def test_apply_equals_the_function_in_every_dtype(function, dtype, tmp_path, target):
    array = sample(300, dtype)
    np.save(tmp_path / "in.npy", array)
    ufunc = getattr(ogive, function)
    count, result_type = _apply.apply_to_file(ufunc, tmp_path / "in.npy", target, block=BLOCK)
    expected = ufunc(array)
    assert (count, result_type) == (300, expected.dtype)
    np.testing.assert_array_equal(np.load(target), expected, strict=True)


@pytest.mark.parametrize("order", ["C", "F"])
@pytest.mark.parametrize(
    "shape", [(), (1,), (BLOCK - 1,), (BLOCK,), (BLOCK + 1,), (7, 9, 5), (2, 3 * BLOCK)]
)
def test_apply_keeps_shape_and_order(shape, order, tmp_path, target):
    array = sample(shape, "f4", order)
    np.save(tmp_path / "in.npy", array)
    _apply.apply_to_file(ogive.sigmoid, tmp_path / "in.npy", target, block=BLOCK)
    assert_same(target, np.asarray(ogive.sigmoid(array)))
    assert np.load(target).flags.f_contiguous == np.load(tmp_path / "in.npy").flags.f_contiguous


@pytest.mark.parametrize("shape", [(0,), (3, 0, 2)])
def test_apply_maps_empty_arrays(shape, tmp_path, target):
    np.save(tmp_path / "in.npy", np.empty(shape, ">f4"))
    result = run("apply", "sigmoid", tmp_path / "in.npy", target)
    assert (result.returncode, result.stderr) == (0, "")
    assert_same(target, np.empty(shape, "f4"))


def test_apply_from_the_command_line_crosses_blocks(tmp_path, target):
    array = sample((3, _apply.BLOCK), ">f4", "F")
    np.save(tmp_path / "in.npy", array)
    result = run("apply", "sigmoid_grad", tmp_path / "in.npy", target)
    assert (result.returncode, result.stderr) == (0, "")
    assert_same(target, ogive.sigmoid_grad(array))


def test_apply_reads_format_2(tmp_path, target):
    with (tmp_path / "in.npy").open("wb") as file:
        np.lib.format.write_array(file, np.arange(5.0), version=(2, 0))
    _apply.apply_to_file(ogive.sigmoid, tmp_path / "in.npy", target)
    assert_same(target, ogive.sigmoid(np.arange(5.0)))


def test_apply_replaces_only_by_force(source, target):
    target.write_text("precious")
    assert_refused(run("apply", "sigmoid", source, target), target, "--force")
    assert target.read_text() == "precious"
    assert run("apply", "sigmoid", source, target, "--force").returncode == 0
    assert_same(target, ogive.sigmoid(np.load(source)))


def test_apply_refuses_to_replace_its_input(source):
    before = source.read_bytes()
    assert_refused(run("apply", "sigmoid", source, source, "--force"), source, "input")
    assert source.read_bytes() == before


def write_truncated(path):
    np.save(path, np.arange(100.0))
    path.write_bytes(path.read_bytes()[:-1])


def write_archive(path):
    with path.open("wb") as file:
        np.savez(file, np.arange(3.0))


def write_negative_shape(path):
    with path.open("wb") as file:
        header = {"descr": "<f8", "fortran_order": False, "shape": (-2, -2)}
        np.lib.format.write_array_header_1_0(file, header)
        file.write(bytes(32))


BAD_INPUTS = {
    "missing": (lambda path: None, "No such file"),
    "directory": (lambda path: path.mkdir(), "not a regular file"),
    "empty file": (lambda path: path.touch(), "not a .npy array"),
    "text": (lambda path: path.write_text("1 2 3\n"), "not a .npy array"),
    "half a header": (lambda path: path.write_bytes(b"\x93NUMPY\x01\x00v\x00{'de"), "damaged"),
    "open bracket": (lambda path: path.write_bytes(b"\x93NUMPY\x01\x00\x03\x00{[("), "damaged"),
    "negative shape": (write_negative_shape, "damaged header"),
    "truncated": (write_truncated, "truncated: 799 bytes of data, 800 expected"),
    "archive": (write_archive, "not a .npy array"),
    "complex": (lambda path: np.save(path, np.ones(3, "c16")), "complex128"),
    "strings": (lambda path: np.save(path, np.array(["a", "b"])), "<U1"),
    "dates": (lambda path: np.save(path, np.ones(3, "m8[s]")), "timedelta64"),
    "structured": (lambda path: np.save(path, np.ones(3, "f4,f4")), "not real numbers"),
    "objects": (lambda path: np.save(path, np.array([print, 1])), "object"),
}


@pytest.mark.parametrize("case", BAD_INPUTS)
def test_apply_refuses_bad_input_in_one_line(case, tmp_path, target):
    path = tmp_path / "bad.npy"
    write, mention = BAD_INPUTS[case]
    write(path)
    before = set(tmp_path.iterdir())
    assert_refused(run("apply", "sigmoid", path, target), path, mention)
    assert set(tmp_path.iterdir()) == before


@pytest.mark.parametrize(
    ("name", "mention"), [("missing/out.npy", "no such directory"), ("folder", "is a directory")]
)
def test_apply_refuses_bad_output_in_one_line(name, mention, source, tmp_path):
    (tmp_path / "folder").mkdir()
    result = run("apply", "sigmoid", source, tmp_path / name, "--force")
    assert_refused(result, tmp_path / name, mention)
    assert not any((tmp_path / "folder").iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="devices are files on POSIX only")
def test_apply_does_not_replace_a_device(source):
    assert_refused(run("apply", "sigmoid", source, "/dev/null", "--force"), "not a regular file")


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
def test_apply_writes_through_a_symbolic_link(source, target, tmp_path):
    (tmp_path / "link.npy").symlink_to(target)
    assert run("apply", "sigmoid", source, tmp_path / "link.npy").returncode == 0
    assert (tmp_path / "link.npy").is_symlink()
    assert_same(target, ogive.sigmoid(np.load(source)))


@pytest.mark.parametrize("existing", [None, "precious"])
def test_interrupted_apply_leaves_nothing(existing, source, target):
    if existing:
        target.write_text(existing)
    before = set(target.parent.iterdir())

    def interrupt(done, count):
        if done > count / 2:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        _apply.apply_to_file(
            ogive.sigmoid, source, target, force=True, block=BLOCK, report=interrupt
        )
    assert set(target.parent.iterdir()) == before
    assert existing is None or target.read_text() == existing


SIGNALLED = """
    import os
    import runpy
    import signal
    import sys
    from ogive import _progress

    sent = getattr(signal, sys.argv.pop(1))
    show = _progress.progress_bar.__wrapped__

    def progress_bar():
        for _ in show():
            yield lambda *args: os.kill(os.getpid(), sent)

    _progress.progress_bar = _progress.contextlib.contextmanager(progress_bar)
    runpy.run_module("ogive", run_name="__main__")
    """


@pytest.mark.skipif(sys.platform == "win32", reason="os.kill ends the process at once on Windows")
@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143)])
def test_signalled_apply_exits_clean(name, code, source, target):
    result = run_code(SIGNALLED, name, "apply", "sigmoid", source, target)
    assert result.returncode == code
    assert "Traceback" not in result.stderr
    assert set(target.parent.iterdir()) == {source}


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX resource limit")
def test_full_disk_is_one_line_and_leaves_nothing(source, target):
    result = run_code(
        """
        import resource
        import sys
        from ogive.__main__ import main

        resource.setrlimit(resource.RLIMIT_FSIZE, (4000, 4000))
        main(sys.argv[1:])
        """,
        *("apply", "sigmoid", source, target),
    )
    assert_refused(result, target, "too large")
    assert set(target.parent.iterdir()) == {source}


def test_replacing_names_the_file_in_errors(target):
    with (
        pytest.raises(_files.UserError, match=r"out\.npy: No space left"),
        _files.replacing(target),
    ):
        raise OSError(errno.ENOSPC, "No space left on device")
    assert not any(target.parent.iterdir())


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
