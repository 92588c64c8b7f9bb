"""Run ``python -m ogive``, as users do or in this process."""

import contextlib
import io
import os
import subprocess
import sys
import textwrap

import ogive
from ogive.__main__ import main

# Naming the backend keeps an import without the extension from warning on stderr.
ENVIRONMENT = {**os.environ, "OGIVE_ISA": ogive.isa}


def run(*args, cwd=None):
    command = [sys.executable, "-m", "ogive", *map(str, args)]
    return subprocess.run(command, capture_output=True, text=True, cwd=cwd, env=ENVIRONMENT)


def call(*args):
    """The same in this process, which is faster."""
    with (
        contextlib.redirect_stdout(io.StringIO()) as out,
        contextlib.redirect_stderr(io.StringIO()) as err,
    ):
        try:
            code = main([str(arg) for arg in args])
        except SystemExit as done:
            code = done.code
    return subprocess.CompletedProcess(args, code, out.getvalue(), err.getvalue())


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
