"""The stub tells mypy and pyright the types that typing_cases.py asserts."""

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

CASES = Path(__file__).with_name("typing_cases.py")
CHECKERS = {
    "mypy": ["--strict", "--python-executable", sys.executable],
    "pyright": ["--pythonpath", sys.executable],
}


@pytest.mark.parametrize("checker", CHECKERS)
def test_checkers_find_the_types_and_the_errors(checker, tmp_path):
    if importlib.util.find_spec(checker) is None:
        pytest.skip(f"{checker} is not installed")
    found = subprocess.run(
        [sys.executable, "-m", checker, *CHECKERS[checker], CASES],
        cwd=tmp_path,  # the package as it is installed, without the settings of this project
        env=os.environ | {"PYRIGHT_PYTHON_IGNORE_WARNINGS": "1"},
        capture_output=True,
        text=True,
    )
    assert found.returncode == 0, found.stdout + found.stderr
