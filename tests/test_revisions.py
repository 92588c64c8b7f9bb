"""python -m benchmarks --compare REVISION: what is built, what is timed, the table."""

import dataclasses
import shutil
import sys
from pathlib import Path

import pytest

import ogive
from ogive._files import UserError

sys.path.insert(0, str(Path(__file__).parents[1]))
pytest.importorskip("benchmarks.peers")  # an installed ogive is tested without it

from benchmarks import __main__ as benchmarks
from benchmarks import measure, revisions

FAKE = """
import timeit
import numpy as np

class Timer:
    def __init__(self, call): call()
    def timeit(self, number): return number * {}

timeit.Timer = Timer

def set_num_threads(n): pass
def sigmoid(x, out): pass
{}
"""


@pytest.fixture
def two_builds(tmp_path, monkeypatch):
    """Of two revisions: the first is slower and has one function less."""

    def install(tree, folder):
        (folder / "ogive").mkdir(parents=True)
        now = tree.name.endswith(revisions.NOW)
        code = FAKE.format(*((1e-4, "tanh = np.tanh") if now else (5e-4, "")))
        (folder / "ogive" / "__init__.py").write_text(code)
        rest = shutil.ignore_patterns("__init__.py")
        package = Path(ogive.__file__).parent
        shutil.copytree(package, folder / "ogive", dirs_exist_ok=True, ignore=rest)

    moment = dataclasses.replace(measure.QUICK, seconds=0, sample=1e-6)
    monkeypatch.setattr(measure, "QUICK", moment)
    monkeypatch.setattr(revisions, "install", install)
    monkeypatch.setattr(revisions, "write_revision", lambda revision, folder: None)
    monkeypatch.setattr(revisions, "write_present", lambda folder: None)


def test_a_revision_is_timed_beside_the_present_files(two_builds, capsys):
    chosen = ["--functions", "sigmoid", "tanh", "--dtypes", "float32", "--sizes", "10", "--quick"]
    assert benchmarks.main(["--compare", "HEAD", *chosen]) == 0
    heading, _, row, *_ = lines = capsys.readouterr().out.splitlines()
    assert "| ns, HEAD | ns, now | now / before |" in heading
    assert row.startswith("| `sigmoid` | float32 | 10 |")
    assert row.endswith("| faster |")
    assert "Of 1 0 slower, 1 faster" in lines[-1]  # tanh is not in both


@pytest.mark.skipif(not (revisions.ROOT / ".git").exists(), reason="no git repository")
def test_files_of_a_revision_and_present_ones_are_written(tmp_path):
    for name, write in (
        ("old", lambda folder: revisions.write_revision("HEAD", folder)),
        ("new", revisions.write_present),
    ):
        (tmp_path / name).mkdir()
        write(tmp_path / name)
        assert (tmp_path / name / "setup.py").is_file()
        assert (tmp_path / name / "csrc" / "functions.h").is_file()
    with pytest.raises(UserError, match="no-such"):
        revisions.write_revision("no-such", tmp_path)
