"""The kernels without Python around them: every backend that runs here gives the same bits.

`python -m tests.cross` does the same for every target, compiler and level of optimisation.
"""

import os
import re
import shutil

import pytest
from cross import matrix

COMPILER = os.environ.get("CC", "cc")

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not shutil.which(COMPILER.split()[0]), reason="no C compiler"),
]


@pytest.fixture(scope="module")
def hashes(tmp_path_factory):
    """{backend: its sums} on this machine."""
    row = matrix.Row("this machine", COMPILER, "-O0")
    return row.hashes(row.build(tmp_path_factory.mktemp("driver")))


def test_backends_give_the_same_bits(hashes):
    assert "generic" in hashes
    assert all(table == hashes["generic"] for table in hashes.values())


def test_the_one_hash_of_the_site_is_that_of_these_kernels(hashes):
    page = (matrix.ROOT / "docs" / "accuracy.md").read_text(encoding="utf-8")
    shown = re.findall(r"\| `([0-9a-f]{16})` \| same \|$", page, re.MULTILINE)
    assert len(shown) > 10
    assert set(shown) == {matrix.digest_of(hashes["generic"])}, "python -m tests.cross --markdown"
