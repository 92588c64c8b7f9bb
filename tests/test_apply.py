"""``python -m ogive apply``: what it writes, and what it leaves of a run that cannot end."""

import errno
import os
import re
import shutil
import signal
import subprocess
import sys

import numpy as np
import pytest
from command_line import ENVIRONMENT, assert_refused, call, run, run_code

import ogive
from ogive import _apply, _files

BLOCK = 64  # elements; small, so that small files have many blocks


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
    result = call("apply", "sigmoid", tmp_path / "in.npy", target)
    assert (result.returncode, result.stderr) == (0, "")
    assert_same(target, np.empty(shape, "f4"))


def test_apply_from_the_command_line_crosses_blocks(tmp_path, target):
    array = sample((3, _apply.BLOCK), ">f4", "F")
    np.save(tmp_path / "in.npy", array)
    result = run("apply", "sigmoid_grad", tmp_path / "in.npy", target)
    assert (result.returncode, result.stderr) == (0, "")
    assert_same(target, ogive.sigmoid_grad(array))


@pytest.mark.parametrize("threads", [1, 3])
def test_each_thread_has_its_part_of_a_step(threads, tmp_path, target):
    array = sample(7 * _apply.BLOCK // 2, "f8")
    np.save(tmp_path / "in.npy", array)
    steps = []
    with ogive.threads(threads):
        _apply.apply_to_file(
            ogive.sigmoid, tmp_path / "in.npy", target, report=lambda done, _: steps.append(done)
        )
    assert steps[0] == threads * _apply.BLOCK
    assert_same(target, ogive.sigmoid(array))
    result = call("apply", "sigmoid", tmp_path / "in.npy", target, "--force", "--threads", threads)
    assert result.returncode == 0
    assert_same(target, ogive.sigmoid(array))
    assert ogive.get_num_threads() == 1


def test_apply_refuses_a_number_of_threads(source, target):
    assert_refused(call("apply", "sigmoid", source, target, "--threads", 0), "must be from 1 to")


def test_apply_reads_format_2(tmp_path, target):
    with (tmp_path / "in.npy").open("wb") as file:
        np.lib.format.write_array(file, np.arange(5.0), version=(2, 0))
    _apply.apply_to_file(ogive.sigmoid, tmp_path / "in.npy", target)
    assert_same(target, ogive.sigmoid(np.arange(5.0)))


def test_apply_replaces_only_by_force(source, target):
    target.write_text("precious")
    assert_refused(call("apply", "sigmoid", source, target), target, "--force")
    assert target.read_text() == "precious"
    target.chmod(0o640)
    mode = target.stat().st_mode
    assert call("apply", "sigmoid", source, target, "--force").returncode == 0
    assert_same(target, ogive.sigmoid(np.load(source)))
    assert target.stat().st_mode == mode


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
def test_apply_writes_through_a_symbolic_link(source, target, tmp_path):
    (tmp_path / "link.npy").symlink_to(target)
    assert call("apply", "sigmoid", source, tmp_path / "link.npy").returncode == 0
    assert (tmp_path / "link.npy").is_symlink()
    assert_same(target, ogive.sigmoid(np.load(source)))


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege on Windows")
def test_apply_reads_a_symbolic_link_and_refuses_one_that_goes_in_circles(source, target, tmp_path):
    (tmp_path / "link.npy").symlink_to(source)
    assert call("apply", "sigmoid", tmp_path / "link.npy", target).returncode == 0
    assert_same(target, ogive.sigmoid(np.load(source)))
    circle = tmp_path / "circle.npy"
    circle.symlink_to(circle)
    assert_refused(call("apply", "sigmoid", circle, tmp_path / "new.npy"), circle, "symbolic links")
    assert_refused(call("apply", "sigmoid", source, circle), circle, "symbolic link")


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

    # A job in the background of a shell, and what it starts, ignores this signal.
    signal.signal(signal.SIGINT, signal.default_int_handler)
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


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system has no such signal")
@pytest.mark.parametrize("existing", [None, b"precious"])
def test_killed_apply_leaves_no_partial_output_under_the_final_name(existing, tmp_path, target):
    np.save(tmp_path / "in.npy", np.zeros(3 * _apply.BLOCK))  # the bar moves after each block
    if existing:
        target.write_bytes(existing)
    result = run_code(
        SIGNALLED, "SIGKILL", "apply", "sigmoid", tmp_path / "in.npy", target, "--force"
    )
    assert result.returncode == -signal.SIGKILL
    assert (target.read_bytes() if target.exists() else None) == existing


@pytest.fixture
def mounted(tmp_path):
    """Mounts a small disk in memory, with the options that it is called with."""
    folder = tmp_path / "disk"

    def mount(options):
        folder.mkdir(exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        if not shutil.which("mount") or subprocess.run(command, capture_output=True).returncode:
            pytest.skip("no right to mount a disk here")
        return folder

    yield mount
    subprocess.run(["umount", str(folder)], capture_output=True)


@pytest.mark.parametrize("existing", [None, b"precious"])
def test_disk_that_fills_up_is_one_line_and_leaves_nothing(existing, mounted, tmp_path):
    target = mounted("size=64k") / "out.npy"
    if existing:
        target.write_bytes(existing)
    np.save(tmp_path / "in.npy", np.zeros(10**6))
    result = call("apply", "sigmoid", tmp_path / "in.npy", target, "--force")
    assert_refused(result, target, "No space left")
    assert [path.read_bytes() for path in target.parent.iterdir()] == [existing] * bool(existing)


def test_read_only_disk_is_refused_by_name(mounted, source):
    target = mounted("ro,size=64k") / "out.npy"
    assert_refused(call("apply", "sigmoid", source, target), target, "not writable")


@pytest.mark.skipif(sys.platform == "win32", reason="needs a POSIX resource limit")
def test_file_too_large_is_one_line_and_leaves_nothing(source, target):
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


@pytest.mark.parametrize(("no_color", "colors"), [("", True), ("1", False)])
def test_colors_are_for_terminals_that_want_them(no_color, colors, source, target):
    pty = pytest.importorskip("pty")
    terminal, its_end = pty.openpty()
    subprocess.run(
        [sys.executable, "-m", "ogive", "apply", "tanh", source, target],
        stderr=its_end,
        env=ENVIRONMENT | {"NO_COLOR": no_color, "TERM": "xterm"},
        check=True,
    )
    shown = os.read(terminal, 1 << 16).decode()
    os.close(terminal)
    os.close(its_end)
    assert "tanh" in shown
    assert bool(re.search("\x1b\\[[0-9;]*[39][0-7]m", shown)) == colors
