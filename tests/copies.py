"""Copies of the project whose extension is built with flags of their own."""

import os
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
FOLDERS = ["src", "csrc", "tests", "benchmarks", "examples"]
FILES = ["LICENSE", "README.md", "pyproject.toml", "setup.py"]


class Copy:
    """A copy of the project in `folder`; its compiler gets `flags` after those of setup.py.

    ccache, where it is installed, keeps the objects of files that have not changed.
    """

    def __init__(self, folder, compiler, *flags):
        self.root = Path(folder)
        leave_out = shutil.ignore_patterns("__pycache__", "_kernels.c", "*.so", "*.egg-info")
        for name in FOLDERS:
            shutil.copytree(ROOT / name, self.root / name, ignore=leave_out)
        for name in FILES:
            shutil.copy(ROOT / name, self.root)
        cache = ["ccache"] if shutil.which("ccache") else []
        self._compiler = self.root / "compiler"
        self._compiler.write_text(
            f'#!/bin/sh\nexec {shlex.join([*cache, compiler])} "$@" {shlex.join(flags)}\n'
        )
        self._compiler.chmod(0o755)

    def build(self, **variables):
        """Build the extension in place, with these variables; RuntimeError where that fails."""
        done = self._run("setup.py", "-q", "build_ext", "--inplace", **variables)
        if done.returncode or not self._extensions():
            raise RuntimeError(done.stdout)

    def install(self):
        """Install the copy, into a folder of its own, by pip; return the process that has ended."""
        offline = ["--no-build-isolation", "--no-deps", "--disable-pip-version-check"]
        return self._run(
            "-m", "pip", "install", *offline, "--target", "installed", "--upgrade", "."
        )

    def _run(self, *arguments, **variables):
        environment = {
            "CC": str(self._compiler),
            "LDSHARED": f"{self._compiler} -shared",
            "CCACHE_NOHASHDIR": "1",  # the folder's name is in no object without -g
            **variables,
        }
        output = {"stdout": subprocess.PIPE, "stderr": subprocess.STDOUT, "text": True}
        return self.python(*arguments, environment=environment, **output)

    def _extensions(self):
        return list((self.root / "src" / "ogive").glob("_kernels*.so"))

    def python(self, *arguments, environment=None, **options):
        """Run python in the copy, whose package comes before any that is installed."""
        environment = {**os.environ, "PYTHONPATH": str(self.root / "src"), **(environment or {})}
        command = [sys.executable, *map(str, arguments)]
        return subprocess.run(command, cwd=self.root, env=environment, **options)
