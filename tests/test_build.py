"""What an install makes of the compiler that it finds, of flags, and of what an earlier build left.

`python -m tests.flags` builds the whole with each of the flags, and runs it.
"""

import functools
import importlib.util
import shutil
import subprocess
import sys

import pytest
from copies import ROOT, Copy
from flags import COMPILERS, HARMFUL, HARMLESS, LINKED, REFUSED, named

needed = ["Cython", "setuptools", "pip"]
pytestmark = pytest.mark.skipif(
    not (ROOT / "setup.py").exists() or not all(map(importlib.util.find_spec, needed)),
    reason=f"needs a checkout, {', '.join(needed)}",
)

# A compiler that answers at once: it writes empty files, and refuses some.
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_without_any_compiler_the_install_goes_on_and_the_import_says_so(project):
    code, output = project.run(*INSTALL, "-v", refused=EVERYTHING)
    assert code == 0
    assert "ogive: WARNING: no working C compiler" in output
    warning = "RuntimeWarning: ogive runs in pure NumPy"
    imported = project.printed("import ogive; print(ogive.isa)")
    assert warning in imported
    assert "without a working C compiler" in imported
    assert imported.startswith("numpy\n")


@pytest.mark.slow
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


@functools.cache
def setup_flags():
    """FLAGS of setup.py, in another process because of all that it imports."""
    script = "import runpy; print(*runpy.run_path('setup.py')['FLAGS'])"
    return subprocess.check_output([sys.executable, "-c", script], cwd=ROOT, text=True).split()


@pytest.mark.slow
def test_flags_of_the_user_come_before_those_of_setup(project):
    code, output = project.run(*BUILD, CFLAGS="-of-compiler", LDFLAGS="-of-linker")
    assert code == 0, output
    ours = " ".join(setup_flags())
    _probe, *compiled, linked = project.log.read_text().splitlines()
    assert len(compiled) > 5
    for command in compiled:
        assert "-of-compiler " in command
        assert command.endswith(ours)
    assert " -of-linker " in linked
    assert linked.endswith(ours)


@pytest.mark.slow
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


# Flags and results: pieces of the kernels' arithmetic alone, which are compiled in no time.


def outcome(folder, compiler, compile_flags, link_flags):
    """What tests/native/flags.c prints where it is so built, or the message of the compiler."""
    source, headers = ROOT / "tests" / "native" / "flags.c", f"-I{ROOT / 'csrc'}"
    commands = [
        [compiler, *compile_flags, headers, "-c", source, "-o", "flags.o"],
        [compiler, "flags.o", *link_flags, "-o", "flags", "-lm"],
        ["./flags"],
    ]
    for command in commands:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True)
        if done.returncode:
            return done.stderr
    return done.stdout


@pytest.fixture(params=COMPILERS)
def compiler(request):
    if not shutil.which(request.param):
        pytest.skip(f"no {request.param} here")
    return request.param


# But for -m32, which needs Python's headers, and the kernels' setting of the x87.
@pytest.mark.parametrize("flags", [f for f in HARMFUL + REFUSED + HARMLESS if f != "-m32"])
def test_flags_change_no_bit_or_are_refused_by_name(flags, compiler, tmp_path):
    ours = setup_flags()
    expected = outcome(tmp_path, compiler, ours, ours)
    both = [*flags.split(), *ours]
    result = outcome(tmp_path, compiler, both, both)
    assert result == expected or ("error" in result and named(flags, result))


@pytest.mark.parametrize("flags", HARMFUL)
def test_without_those_of_setup_these_change_bits_or_are_refused(flags, compiler, tmp_path):
    ours = setup_flags()
    expected = outcome(tmp_path, compiler, ours, ours)
    alone = ["-O3", *flags.split()]
    assert outcome(tmp_path, compiler, alone, ours) != expected


@pytest.mark.parametrize("flags", LINKED)
def test_flags_of_the_link_set_no_flush_to_zero(flags, compiler, tmp_path):
    ours = setup_flags()
    expected = outcome(tmp_path, compiler, ours, ours)
    assert outcome(tmp_path, compiler, ours, [flags, *ours]) == expected
    assert outcome(tmp_path, compiler, ours, [flags]) != expected
