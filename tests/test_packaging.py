"""Packaging: what stands in several files is the same in each of them."""

import re
import tomllib
from pathlib import Path

import pytest
from helpers import in_checkout

import ogive

ROOT = Path(__file__).parents[1]
RECIPE = ROOT / "recipe" / "recipe.yaml"
pytestmark = in_checkout


def text(name):
    return (ROOT / name).read_text(encoding="utf-8")


@pytest.fixture
def project():
    return tomllib.loads(text("pyproject.toml"))


def spaced(requirements):
    """Each as conda writes it: a space before the bound."""
    return {re.sub(r" *([<>=!~].*)", r" \1", requirement) for requirement in requirements}


def listed(section):
    """What a section of the recipe's requirements lists, always or in some case."""
    body = re.search(rf"^  {section}:\n((?:    .*\n)+)", text(RECIPE), re.MULTILINE)[1]
    return set(re.findall(r"^ +(?:- |then: )(?!if:)(\S.*)$", body, re.MULTILINE))


def least_python(project):
    return re.fullmatch(r">=3\.(\d+)", project["project"]["requires-python"])[1]


def test_version_of_changelog_and_recipe_is_that_of_the_package():
    first = re.search(r"^## (\S+) \(.+\)$", text("CHANGELOG.md"), re.MULTILINE)
    assert first[1] == ogive.__version__
    assert re.search(r'^  version: "(.+)"$', text(RECIPE), re.MULTILINE)[1] == ogive.__version__


def test_recipe_requires_what_the_project_does(project):
    needed = spaced(project["build-system"]["requires"])
    assert listed("host") == needed | {"python", "pip", "python-abi3"}
    crossed = {name for name in needed if not name.startswith("setuptools")}
    assert listed("build") >= crossed | {"${{ compiler('c') }}", "${{ stdlib('c') }}"}
    assert listed("run") == spaced(project["project"]["dependencies"]) | {"python"}


def test_recipe_says_what_the_project_does(project):
    about = dict(re.findall(r'^  (\w+): "?(.+?)"?$', text(RECIPE), re.MULTILINE))
    assert about["name"] == project["project"]["name"]
    assert about["summary"] == project["project"]["description"]
    assert about["license"] == project["project"]["license"]
    assert [about["license_file"]] == project["project"]["license-files"]


def test_least_python_is_the_same_in_each_file(project):
    minor = least_python(project)
    assert f'python_min: "3.{minor}"' in text(RECIPE)
    assert f"cp3{minor}-*" in project["tool"]["cibuildwheel"]["build"].split()
    assert f'"Py_LIMITED_API", "0x03{int(minor):02X}0000"' in text("setup.py")
    assert f'"py_limited_api": "cp3{minor}"' in text("setup.py")
    assert project["tool"]["ruff"]["target-version"] == f"py3{minor}"
    classifiers = "\n".join(project["project"]["classifiers"])
    assert min(map(int, re.findall(r"Python :: 3\.(\d+)", classifiers))) == int(minor)
    for page in ("README.md", "docs/install.md"):
        assert f"Python 3.{minor} or newer" in text(page), page


def test_least_numpy_is_the_same_to_build_to_run_and_in_c(project):
    (least,) = project["project"]["dependencies"]
    assert least in project["build-system"]["requires"]
    version = least.removeprefix("numpy>=").replace(".", "_")
    assert f'("NPY_TARGET_VERSION", "NPY_{version}_API_VERSION")' in text("setup.py")


# In short those of conda-forge: {name: values}, and the names that change together.
VARIANTS = {
    "python": ["3.11.* *_cpython", "3.14.* *_cp314t"],
    "is_abi3": [True, False],
    "c_compiler": ["compiler"],
    "c_stdlib": ["stdlib"],
    "c_stdlib_version": ["1"],
}
TOGETHER = [["python", "is_abi3"]]


@pytest.mark.parametrize(
    ("target", "machine"),
    [
        *[("linux-64", "linux-64"), ("linux-aarch64", "linux-64"), ("osx-64", "osx-64")],
        *[("osx-arm64", "osx-64"), ("win-64", "win-64")],
    ],
)
def test_recipe_is_rendered_for_each_platform(target, machine):
    rattler = pytest.importorskip("rattler_build")
    recipe = rattler.Stage0Recipe.from_file(RECIPE)
    platform = rattler.PlatformConfig(
        target_platform=target, build_platform=machine, host_platform=target
    )
    variants = rattler.VariantConfig(VARIANTS, zip_keys=TOGETHER)
    rendered = recipe.render(variants, rattler.RenderConfig(platform))
    assert len(rendered) == 2
    for one in rendered:
        made, abi3 = one.recipe.to_dict(), one.variant["is_abi3"]
        assert (made["package"]["name"], made["package"]["version"]) == (
            "ogive",
            ogive.__version__,
        )
        assert made["build"].get("python", {}).get("version_independent", False) == abi3
        requirements = made["requirements"]
        assert f"compiler_{target}" in requirements["build"]
        assert (f"cross-python_{target}" in requirements["build"]) == (target != machine)
        assert ("python-abi3" in requirements["host"]) == abi3
        assert len(made["tests"]) == 2 + abi3
