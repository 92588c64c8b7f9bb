"""More than one process: the example's cluster loses a worker, and the bits are right."""

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from helpers import assert_same_bits

import ogive

EXAMPLE = Path(__file__).parents[1] / "examples" / "dask_cluster.py"
MEGABYTES, MEMORY = 340, 320  # the array is larger than what a worker may use


@pytest.mark.skipif(os.name == "nt", reason="the example kills a worker by a POSIX signal")
def test_a_cluster_that_loses_a_worker_gets_the_right_bits(tmp_path):
    pytest.importorskip("distributed")
    pytest.importorskip("bokeh")
    zarr = pytest.importorskip("zarr")
    import psutil  # comes with distributed

    arguments = f"--kill --keep --megabytes {MEGABYTES} --memory {MEMORY} --folder".split()
    picture = tmp_path / "picture.png"
    process = subprocess.Popen(
        [sys.executable, EXAMPLE, *arguments, tmp_path, "--output", picture],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        printed, _ = process.communicate(timeout=300)
        session = [p for p in psutil.process_iter() if _session(p.pid) == process.pid]
        assert psutil.wait_procs(session, timeout=30)[1] == [], printed
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    assert process.returncode == 0, printed
    assert re.search(r"dashboard http://\S+/status", printed)
    killed_at, chunks = map(
        int, re.search(r"killed one of 2 workers at (\d+) of (\d+)", printed).groups()
    )
    assert killed_at < chunks
    assert picture.read_bytes().startswith(b"\x89PNG")
    folder = Path(re.search(r"^stores (.+)$", printed, re.MULTILINE)[1])
    x = zarr.open_array(str(folder / "x.zarr"), mode="r")
    assert x.nbytes > MEMORY * 2**20
    y = zarr.open_array(str(folder / "sigmoid.zarr"), mode="r")
    assert_same_bits(y[:], ogive.sigmoid(x[:]), x[:])


def _session(pid):
    try:
        return os.getsid(pid)
    except ProcessLookupError:
        return None
