"""Fixtures of the functions on every backend, and how much is tried.

`pytest --all` tries every combination of a test's parameters. Without it, each value of each
parameter is tried once (every combination where a test is marked so), one in 64 of the inputs is
compared with exact values, and tests marked as slow are left out. `--part` is a part of all.
"""

import warnings
import zlib

import pytest
from hypothesis import HealthCheck, settings

with warnings.catch_warnings():
    # Without a compiled extension the first import says so; the tests run on NumPy all the same.
    warnings.filterwarnings("ignore", "ogive runs in pure NumPy", RuntimeWarning)
    import ogive

import helpers
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
        "--all",
        action="store_true",
        help="every combination of parameters, all inputs, slow tests: 20 minutes on two cores",
    )
    parser.addoption(
        "--part", metavar="K/N", help="an N-th of the tests, as if drawn by lot: the K-th"
    )
    parser.addoption(
        "--large", action="store_true", help="also arrays of more than 2^31 elements: a minute"
    )


def pytest_configure(config):
    config.addinivalue_line("markers", "large: arrays of more than 2^31 elements, by --large")
    config.addinivalue_line("markers", "slow: five seconds or more, by --all")
    config.addinivalue_line("markers", "every: all combinations of parameters, without --all too")
    helpers.step = 1 if of_all(config) else 64


def of_all(config):
    return config.getoption("--all") or config.getoption("--part")


def by_lot(item):
    """The place of a test in a draw that is the same in every process."""
    return zlib.crc32(item.nodeid.encode())


def values_of(item):
    """The parameters of a test, each with its value."""
    test = item.nodeid.partition("[")[0]
    parameters = item.callspec.params if hasattr(item, "callspec") else {"": ""}
    return {(test, name, repr(value)) for name, value in parameters.items()}


def each_value(items):
    """The quick tests marked "every", and of the others as few as try each value of each parameter.

    Those with most new values first.
    """
    quick = [item for item in sorted(items, key=by_lot) if "slow" not in item.keywords]
    yield from (item for item in quick if "every" in item.keywords)
    values = {item: values_of(item) for item in quick if "every" not in item.keywords}
    seen = set()
    for new in range(max(map(len, values.values()), default=0), 0, -1):
        for item, tried in values.items():
            if len(tried - seen) >= new:
                yield item
                seen |= tried


def pytest_collection_modifyitems(config, items):
    kept = items
    if config.getoption("--part"):
        kept = sorted(items, key=by_lot)[part(config.getoption("--part"))]
    elif not of_all(config):
        kept = each_value(items)
    kept = set(kept)
    config.hook.pytest_deselected(items=[item for item in items if item not in kept])
    items[:] = [item for item in items if item in kept]
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
