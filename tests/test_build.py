"""What an install makes of the compiler that it finds, and of what an earlier build left.

The compilers are scripts that answer at once: they write empty files, but refuse some.
"""

import importlib.util
import tomllib

import pytest
from copies import ROOT, Copy

needed = ["Cython", "setuptools", "pip"]
pytestmark = pytest.mark.skipif(
    not (ROOT / "setup.py").exists() or not all(map(importlib.util.find_spec, needed)),
    reason=f"needs a checkout, {', '.join(needed)}",
)

COMPILER = """#!/bin/sh
echo "$*" >> '{log}'
case "$*" in
    *{refused}*) echo 'tanh.h:1:2: error: {message}' >&2; exit 1 ;;
esac
while [ $# -gt 1 ]; do
    [ "$1" != -o ] || : > "$2"
    shift
done
"""
MESSAGE = "this compiler is not amused"
# What is in the commands that it refuses.
NOTHING, EVERYTHING, SOURCES, LINK = "-nothing-", "", "csrc/", "-shared"

BUILD = ["setup.py", "-q", "build_ext", "--build-lib", "built"]
IN_PLACE = ["setup.py", "-q", "build_ext", "--inplace"]  # what an editable install does
INSTALL = ["-m", "pip", "install", "--no-deps", "--no-build-isolation", "--target", "built", "."]


class Project:
    """A copy of the project, to be installed with such a compiler."""

    def __init__(self, folder):
        self.copy = Copy(folder / "project", "cc")
        self.compiler = folder / "compiler"
        self.log = folder / "log"
        self.built = self.copy.root / "built" / "ogive"

    def run(self, *arguments, refused=NOTHING, **variables):
        """Python in it: the exit code and what was printed."""
        self.compiler.write_text(COMPILER.format(log=self.log, refused=refused, message=MESSAGE))
        self.compiler.chmod(0o755)
        self.log.write_text("")
        environment = {"CC": str(self.compiler), "LDSHARED": f"{self.compiler} -shared"}
        environment |= {"OGIVE_PURE_NUMPY": "", "OGIVE_ISA": ""} | variables
        done = self.copy.python(*arguments, environment=environment, capture_output=True, text=True)
        return done.returncode, done.stdout + done.stderr

    def printed(self, script, *options):
        """What a script prints that imports what was built."""
        code, output = self.run(*options, "-c", script, PYTHONPATH=str(self.built.parent))
        assert code == 0, output
        return output


@pytest.fixture
def project(tmp_path):
    return Project(tmp_path)


def test_refused_sources_fail_the_install_and_pip_shows_why(project):
    code, output = project.run(*INSTALL, refused=SOURCES, CFLAGS="-pg")
    assert code == 1
    assert f"tanh.h:1:2: error: {MESSAGE}" in output
    assert "ogive is not installed" in output
    assert "CFLAGS=-pg" in output
    assert "OGIVE_PURE_NUMPY=1 pip install ." in output
    assert not project.built.exists()


@pytest.mark.parametrize(
    ("refused", "variables"),
    [(LINK, {}), (LINK, {"LDFLAGS": "-lnone"}), ("-fnone", {"CFLAGS": "-fnone"})],
)
def test_a_refused_link_or_flag_is_no_lack_of_compilers(refused, variables, project):
    code, output = project.run(*BUILD, refused=refused, **variables)
    assert code == 1
    assert MESSAGE in output
    assert "ogive is not installed" in output
    for name, value in variables.items():
        assert f"{name}={value}" in output


def test_missing_headers_of_python_are_named(project):
    script = (
        "import setuptools, distutils.sysconfig, runpy, sys\n"
        "distutils.sysconfig.get_python_inc = lambda **options: '/nowhere'\n"
        "sys.argv = sys.argv[1:]\n"
        "runpy.run_path('setup.py', run_name='__main__')\n"
    )
    code, output = project.run("-c", script, *BUILD, refused=SOURCES)
    assert code == 1
    assert "Python.h is missing" in output


def test_without_any_compiler_the_install_goes_on_and_the_import_says_so(project):
    code, output = project.run(*INSTALL, "-v", refused=EVERYTHING)
    assert code == 0
    assert "ogive: WARNING: no working C compiler" in output
    warning = "RuntimeWarning: ogive runs in pure NumPy"
    imported = project.printed("import ogive; print(ogive.isa)")
    assert warning in imported
    assert "without a working C compiler" in imported
    assert imported.startswith("numpy\n")


def test_pure_numpy_by_choice_asks_no_compiler_and_does_not_warn(project):
    code, output = project.run(*INSTALL, OGIVE_PURE_NUMPY="1")
    assert code == 0, output
    assert project.log.read_text() == ""
    told = project.printed("import ogive; ogive.show_config()", "-W", "error")
    assert "it was installed with OGIVE_PURE_NUMPY=1" in told


@pytest.mark.parametrize("value", ["yes", "2", " 1"])
def test_ogive_pure_numpy_is_0_or_1(value, project):
    code, output = project.run(*BUILD, OGIVE_PURE_NUMPY=value)
    assert code == 1
    assert f"OGIVE_PURE_NUMPY={value} should be 1" in output


def test_flags_of_the_user_come_before_the_exact_ones(project):
    code, output = project.run(*BUILD, CFLAGS="-of-compiler", LDFLAGS="-of-linker")
    assert code == 0, output
    exact = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["ogive"]["exact-flags"]
    ours = f" -std=gnu11 -O3 -g0 {' '.join(exact)}"
    _probe, *compiled, linked = project.log.read_text().splitlines()
    assert len(compiled) > 5
    for command in compiled:
        assert "-of-compiler " in command
        assert command.endswith(ours)
    assert " -of-linker " in linked
    assert linked.endswith(ours)


@pytest.mark.parametrize("command", [BUILD, IN_PLACE], ids=["install", "editable"])
def test_nothing_of_an_earlier_build_passes_for_this_one(command, project):
    folder = project.copy.root / "src" / "ogive" if command == IN_PLACE else project.built
    assert project.run(*command)[0] == 0
    (extension,) = folder.glob("_kernels*.so")
    no_kernels = folder / "_no_kernels.py"
    scenarios = [
        # what is refused, OGIVE_PURE_NUMPY; the exit code, what the extension holds then
        (NOTHING, "0", 0, ""),
        (SOURCES, "", 1, None),
        (LINK, "", 1, None),
        (EVERYTHING, "", 0, None),
        (NOTHING, "1", 0, None),
        (NOTHING, "", 0, ""),
    ]
    for refused, pure, code, holds in scenarios:
        for old in (extension, no_kernels):
            old.write_text("old")
        assert project.run(*command, refused=refused, OGIVE_PURE_NUMPY=pure)[0] == code
        assert (extension.read_text() if extension.exists() else None) == holds
        assert no_kernels.exists() == (code == 0 and holds is None)
