"""The C files of tests/native, compiled when needed by the system's compiler."""

import ctypes
import functools
import os
import shlex
import shutil
import subprocess
import tempfile
from pathlib import Path

import pytest

from ogive._files import UserError

FLAGS = ["-std=gnu11", "-O3", "-ffp-contract=off", "-Wall", "-Wextra", "-shared", "-fPIC"]


class NoCompiler(UserError):
    """There is none on this system."""


def load_or_skip(name, *flags):
    """The same for a test, which is skipped without a compiler: one that fails is an error."""
    try:
        return load(name, *flags)
    except NoCompiler as error:
        pytest.skip(str(error))


@functools.cache
def load(name, *flags):
    """tests/native/`name`.c as a shared library; `UserError` where there is no compiler for it."""
    compiler = shlex.split(os.environ.get("CC", "cc"))
    if shutil.which(compiler[0]) is None:
        raise NoCompiler(f"needs a C compiler: no {compiler[0]} here (CC names another)")
    source = Path(__file__).parent / "native" / f"{name}.c"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder:
        library = Path(folder) / f"{name}.so"
        command = [*compiler, *FLAGS, str(source), "-o", str(library), *flags, "-lm"]
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode:
            raise UserError(f"{shlex.join(command)} failed:\n{result.stderr}")
        return ctypes.CDLL(str(library))
