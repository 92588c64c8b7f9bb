"""The kernels without Python around them: every backend that runs here gives the same bits.

`python -m tests.cross` does the same for every target, compiler and level of optimisation.
"""

import os
import shutil

import pytest
from cross import matrix

COMPILER = os.environ.get("CC", "cc")


@pytest.mark.slow
@pytest.mark.skipif(not shutil.which(COMPILER.split()[0]), reason="no C compiler")
def test_backends_give_the_same_bits(tmp_path):
    row = matrix.Row("this machine", COMPILER, "-O0")
    hashes = row.hashes(row.build(tmp_path))
    assert "generic" in hashes
    assert all(table == hashes["generic"] for table in hashes.values())
