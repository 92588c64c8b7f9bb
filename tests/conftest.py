"""Fixtures of the functions on every backend, and how many random inputs are tried."""

import warnings
import zlib

import pytest
from hypothesis import HealthCheck, settings

with warnings.catch_warnings():
    # Without a compiled extension the first import says so; the tests run on NumPy all the same.
    warnings.filterwarnings("ignore", "ogive runs in pure NumPy", RuntimeWarning)
    import ogive

from helpers import BACKENDS, KINDS, SEVERAL, UNARY, functions_of, ufuncs
from parts import part

from ogive.fallback import FUNCTIONS

settings.register_profile(
    "default",
    max_examples=20,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
settings.register_profile(
    "thorough", settings.get_profile("default"), derandomize=False, max_examples=300
)
settings.load_profile("default")


def pytest_addoption(parser):
    parser.addoption(
        "--samples",
        type=int,
        default=40_000,
        help="random inputs for each function, dtype and backend (default: %(default)s)",
    )
    parser.addoption(
        "--part", metavar="K/N", help="an N-th of the tests, as if drawn by lot: the K-th"
    )
    parser.addoption(
        "--large", action="store_true", help="also arrays of more than 2^31 elements: a minute"
    )


def pytest_configure(config):
    config.addinivalue_line("markers", "large: arrays of more than 2^31 elements, by --large")


def pytest_collection_modifyitems(config, items):
    if config.getoption("--part"):
        by_draw = sorted(items, key=lambda item: zlib.crc32(item.nodeid.encode()))
        drawn = set(by_draw[part(config.getoption("--part"))])
        config.hook.pytest_deselected(items=[item for item in items if item not in drawn])
        items[:] = [item for item in items if item in drawn]
    if not config.getoption("--large"):
        for item in items:
            if "large" in item.keywords:
                item.add_marker(pytest.mark.skip(reason="large arrays are tested by --large"))


@pytest.fixture(scope="session")
def samples(request):
    return request.config.getoption("--samples")


@pytest.fixture(params=FUNCTIONS)
def name(request):
    """The name of each function."""
    return request.param


@pytest.fixture(params=BACKENDS)
def isa(request):
    """The name of each compiled backend that this processor runs."""
    return request.param


@pytest.fixture(params=["numpy", *BACKENDS])
def functions(request):
    """The functions by name, in pure NumPy and on each compiled backend."""
    return functions_of(request.param)


@pytest.fixture
def function(isa, name):
    """Each compiled ufunc on each backend."""
    return ufuncs(isa)[name]


@pytest.fixture(params=UNARY)
def unary(request, isa):
    """Each compiled ufunc of one input on each backend."""
    return ufuncs(isa)[request.param]


@pytest.fixture(params=SEVERAL)
def several(request, isa):
    """Each compiled ufunc of several inputs on each backend."""
    return ufuncs(isa)[request.param]


@pytest.fixture(params=KINDS)
def kind(request, isa):
    """A compiled ufunc of each number of inputs and outputs: to NumPy the others are alike."""
    return ufuncs(isa)[request.param]


@pytest.fixture
def public_ufunc(name):
    """Each function of the package itself."""
    if ogive.isa == "numpy":
        pytest.skip("ogive runs in pure NumPy here, so its functions are no ufuncs")
    return getattr(ogive, name)
