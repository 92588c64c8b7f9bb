"""The loops of complex64 and complex128, compiled and in pure NumPy, against MPC."""

import importlib
import itertools
import sys
from pathlib import Path

import gmpy2
import numpy as np
import pytest
from gmpy2 import mpc
from helpers import BACKENDS, functions_of

from ogive.fallback import FUNCTIONS

COMPLEX = [name for name, f in FUNCTIONS.items() if "D->D" in f.types]
REAL = [name for name in FUNCTIONS if name not in COMPLEX]
BITS = 1400  # of 1 + exp(-745) too

REFERENCES = {
    "sigmoid": lambda z: 1 / (1 + gmpy2.exp(-z)),
    "sigmoid_grad": lambda z: gmpy2.exp(-z) / (1 + gmpy2.exp(-z)) ** 2,
    "log_sigmoid": lambda z: -gmpy2.log(1 + gmpy2.exp(-z)),
    "softplus": lambda z: gmpy2.log(1 + gmpy2.exp(z)),
    "logit": lambda p: gmpy2.log(p) - gmpy2.log(1 - p),
    "silu": lambda z: z / (1 + gmpy2.exp(-z)),
    "tanh": gmpy2.tanh,
}

# About silu's minimum, limits of branches, and where something underflows.
REALS = [
    5e-324,
    1e-300,
    1e-20,
    1e-8,
    0.1,
    0.5,
    0.6931471805599453,
    0.7,
    1,
    1.278,
    1.2784645427610737,
]
REALS += [
    1.2784645427610740,
    1.5,
    2,
    5,
    20,
    36.7,
    37.5,
    40,
    41,
    354,
    372.5,
    699,
    701,
    708.5,
    744,
    746,
]
REALS += [1e5]
IMAGINARIES = [5e-324, 1e-300, 1e-20, 1e-9, 1e-8, 6.5e-5, 1.1e-4, 0.1, 1, np.pi / 2, 2.09, 2.1, 3]
IMAGINARIES += [
    np.pi - 1e-8,
    np.pi,
    np.nextafter(np.pi, 4),
    3.2,
    2 * np.pi,
    3 * np.pi,
    1e5,
    1e22,
    1e300,
]
PROBABILITIES = [
    1e-300,
    1e-8,
    0.1,
    0.25,
    0.3,
    0.5,
    0.5 + 1e-16,
    0.7,
    1,
    1 - 1e-16,
    1 + 3e-16,
    2,
    1e5,
]


@pytest.fixture(params=["numpy", *BACKENDS[:1]])
def backend(request):
    """Pure NumPy, and one compiled backend: their complex loops are the same."""
    return request.param


@pytest.fixture(params=COMPLEX)
def name(request):
    return request.param


@pytest.fixture
def function(backend, name):
    return functions_of(backend)[name]


@pytest.fixture
def bound(backend):
    """In ulp."""
    return 8 if backend == "numpy" else 4


def signed(values):
    return [0.0, -0.0, *values, *(-value for value in values)]


def inputs(name):
    """Numbers of both parts, some about a pole, and complex steps."""
    rng = np.random.default_rng(20260)
    re, im = rng.normal(0, 4, (2, 600))
    about_pole = rng.choice([-3, -1, 1, 3], 200) * np.pi / (2 if name == "tanh" else 1)
    near = rng.normal(0, 1, (2, 200)) * 10.0 ** rng.uniform(-16, 0, 200)
    x = rng.uniform(0, 1, 500) if name == "logit" else rng.normal(0, 4, 500)
    steps = x * (1 + 1j * 10.0 ** rng.uniform(-20, -8, 500))
    minimum = -1.2784645427610738 + rng.normal(0, 1, 200) * 10.0 ** rng.uniform(-16, -1, 200)
    structured = itertools.product(
        signed(PROBABILITIES if name == "logit" else REALS), signed(IMAGINARIES)
    )
    return np.concatenate(
        [
            [complex(*pair) for pair in structured],
            re + 1j * im,
            near[0] + 1j * (about_pole + near[1]),
            rng.uniform(0, 1, 300) + 1j * rng.normal(0, 1, 300),
            0.5 + near[0] + 1j * near[1],
            steps,
            minimum * (1 + 1j * 10.0 ** rng.uniform(-20, -8, 200)),
        ]
    )


def exact(name, z):
    with gmpy2.context(
        precision=BITS, emin=gmpy2.get_emin_min(), emax=gmpy2.get_emax_max(), allow_complex=True
    ):
        return REFERENCES[name](mpc(complex(z)))


def errors(name, z, y):
    """In ulp: of y, relative to its modulus, and of each part relative to itself."""
    with gmpy2.context(precision=100, emin=gmpy2.get_emin_min(), emax=gmpy2.get_emax_max()):
        value = exact(name, z)
        parts = [(value.real, y.real), (value.imag, y.imag)]
        of_part = [float(abs(v - float(p)) / np.spacing(abs(float(v)))) for v, p in parts]
        size = abs(float(abs(value)))
        whole = float(abs(value - mpc(complex(y))) / np.spacing(size))
    return whole, *of_part


def test_functions_that_take_complex_numbers():
    assert sorted(COMPLEX) == sorted(REFERENCES)
    for name, function in FUNCTIONS.items():
        loops = ["F->F", "D->D"] if name in COMPLEX else []
        assert function.types[4:] == loops
        assert function.ntypes == len(function.types)


@pytest.mark.parametrize("name", REAL)
@pytest.mark.parametrize("x", [1 + 2j, np.array([1j], np.complex64)], ids=repr)
def test_other_functions_refuse_them_by_name(function, name, x):
    with pytest.raises(TypeError, match=name):
        function(*[x] * function.nin)


def test_results_are_close_in_ulp_of_their_modulus(name, function, bound):
    z = inputs(name)
    y = function(z)
    finite = np.isfinite(y)
    assert np.count_nonzero(~finite) <= 6  # the ends of logit
    for each, result in zip(z[finite], y[finite], strict=True):
        assert errors(name, each, result)[0] <= bound, (each, result)


def test_parts_of_complex_steps_are_close_in_ulp(name, function, bound):
    z = inputs(name)
    y = function(z)
    steps = np.abs(z.imag) < 1e-8 * np.abs(z.real)
    steps &= np.isfinite(y) & (np.abs(y.imag) < 1e-8 * np.abs(y.real))
    assert np.count_nonzero(steps) > 400
    for each, result in zip(z[steps], y[steps], strict=True):
        assert max(errors(name, each, result)) <= bound, (each, result)


def test_complex64_is_complex128_rounded(name, function):
    with np.errstate(over="ignore", invalid="ignore"):
        z = inputs(name).astype(np.complex64)
        expected = function(z.astype(np.complex128)).astype(np.complex64)
    y = function(z)
    assert y.dtype == np.complex64
    np.testing.assert_array_equal(y, expected)


def test_conjugates_give_conjugates(name, function):
    z = inputs(name)
    y, conjugates = function(z), function(z.conj())
    for part, other in ((y.real, conjugates.real), (y.imag, -conjugates.imag)):
        np.testing.assert_array_equal(part, other)
        np.testing.assert_array_equal(np.signbit(part), np.signbit(other))


def test_on_the_real_axis_they_are_the_real_functions(name, function):
    x = np.array(signed(PROBABILITIES[:-2] if name == "logit" else REALS))
    x = x[(x > 0) & (x < 1)] if name == "logit" else x
    for zero in (0.0, -0.0):
        z = np.empty(x.shape, np.complex128)
        z.real, z.imag = x, zero
        y = function(z)
        np.testing.assert_allclose(y.real, function(x), rtol=1e-15, atol=5e-324)
        np.testing.assert_array_equal(y.imag, 0)
        assert name == "sigmoid_grad" or (np.signbit(y.imag) == np.signbit(zero)).all()


NAN, INF = np.nan, np.inf
# (input, result); NaN stands for any, None for a sign or a part that may be either.
SPECIAL = {
    "tanh": [  # as the C standard has them
        (complex(INF, 1), 1 + 0j),
        (complex(INF, 2), 1 - 0j),
        (complex(-INF, 2), -1 - 0j),
        (complex(INF, INF), 1 + 0j),
        (complex(INF, NAN), 1 + 0j),
        (complex(0, INF), complex(0, NAN)),
        (complex(0, NAN), complex(0, NAN)),
        (complex(2, INF), complex(NAN, NAN)),
        (complex(2, NAN), complex(NAN, NAN)),
        (complex(NAN, 0), complex(NAN, 0)),
        (complex(NAN, 2), complex(NAN, NAN)),
    ],
    "sigmoid": [
        (complex(INF, 2), 1 + 0j),
        (complex(-INF, 2), complex(-0.0, 0)),
        (complex(INF, INF), 1 + 0j),
        (complex(-INF, NAN), 0j),
        (complex(2, INF), complex(NAN, NAN)),
        (complex(NAN, 0), complex(NAN, 0)),
        (complex(NAN, 1), complex(NAN, NAN)),
    ],
    "sigmoid_grad": [
        (complex(INF, INF), 0j),
        (complex(-INF, 1), 0j),
        (complex(2, INF), complex(NAN, NAN)),
        (complex(NAN, 0), complex(NAN, 0)),
    ],
    "softplus": [
        (complex(INF, 1), complex(INF, 1)),
        (complex(INF, 4), complex(INF, 4 - 2 * np.pi)),
        (complex(INF, INF), complex(INF, NAN)),
        (complex(-INF, 4), complex(0, -0.0)),
        (complex(-INF, INF), 0j),
        (complex(1, INF), complex(NAN, NAN)),
        (complex(NAN, 1), complex(NAN, NAN)),
    ],
    "log_sigmoid": [
        (complex(-INF, 1), complex(-INF, 1)),
        (complex(INF, 4), complex(-0.0, -0.0)),
        (complex(NAN, 1), complex(NAN, NAN)),
    ],
    "silu": [
        (complex(INF, 1), complex(INF, 1)),
        (complex(INF, INF), complex(INF, INF)),
        (complex(-INF, 1), complex(-0.0, -0.0)),
        (complex(-INF, NAN), complex(-0.0, 0)),
        (complex(-1e308, 1e308), complex(0, 0)),
        (complex(1, INF), complex(NAN, NAN)),
        (complex(NAN, 1), complex(NAN, NAN)),
    ],
    "logit": [
        (0j, complex(-INF, 0)),
        (complex(-0.0, 0), complex(-INF, np.pi)),
        (1 + 0j, complex(INF, 0)),
        (complex(1, 5e-324), complex(744.4400719213812, np.pi / 2)),
        (complex(2, 0), complex(np.log(2), np.pi)),  # the branch cuts, continuous with their sides
        (complex(2, -0.0), complex(np.log(2), -np.pi)),
        (complex(-1, -0.0), complex(-np.log(2), -np.pi)),
        (complex(INF, 1), complex(0, np.pi)),
        (complex(1, -INF), complex(0, -np.pi)),
        (complex(-INF, NAN), complex(0, NAN)),
        (complex(NAN, 1), complex(NAN, NAN)),
    ],
}


@pytest.mark.parametrize("strided", [False, True])
def test_special_values(name, function, strided):
    z, expected = (np.array(each) for each in zip(*SPECIAL[name], strict=True))
    y = function(np.repeat(z, 2)[::2] if strided else z)
    np.testing.assert_allclose(y.real, expected.real, rtol=1e-15, atol=0, err_msg=str(z))
    np.testing.assert_allclose(y.imag, expected.imag, rtol=4e-16, atol=0, err_msg=str(z))


def test_special_values_of_tanh_are_those_of_numpy(backend):
    parts = [0.0, -0.0, 1.0, -2.0, 800.0, INF, -INF, NAN]
    z = np.array([complex(x, y) for x, y in itertools.product(parts, repeat=2)])
    with np.errstate(all="ignore"):
        expected = np.tanh(z)
    np.testing.assert_allclose(functions_of(backend)["tanh"](z), expected, rtol=1e-15)


def test_no_input_raises_a_warning(function):
    parts = [0.0, -0.0, 1e-310, 1.0, -2.0, 800.0, -1e308, INF, -INF, NAN]
    z = np.array([complex(x, y) for x, y in itertools.product(parts, repeat=2)])
    with np.errstate(all="ignore"):
        narrow = z.astype(np.complex64)
    with np.errstate(all="raise"):
        function(z)
        function(narrow)


def test_layouts_and_outputs(function):
    z = np.random.default_rng(1).normal(0, 2, (2, 12, 10)).view(np.complex128)[..., 0]
    z = z.reshape(4, 6) * (1 + 0.5j)
    y = function(z)
    np.testing.assert_array_equal(function(z[::-2, ::3]), y[::-2, ::3])
    np.testing.assert_array_equal(function(np.asfortranarray(z)), y)
    np.testing.assert_array_equal(function(z.astype(">c16")), y)
    np.testing.assert_array_equal(function(z[0, 0]), y[0, 0])
    np.testing.assert_array_equal(function(complex(z[0, 0])), y[0, 0])
    out = z.copy()
    assert function(out, out=out) is out
    np.testing.assert_array_equal(out, y)
    chosen = np.full_like(z, 7)
    function(z, where=z.real > 0, out=chosen)
    np.testing.assert_array_equal(chosen, np.where(z.real > 0, y, 7))
    np.testing.assert_array_equal(function(z.real, dtype=np.complex128), function(z.real + 0j))
    assert function(z.real.astype(np.float32), dtype=np.complex64).dtype == np.complex64


def test_what_is_refused(name, function):
    for given in (np.ones(2, np.clongdouble), np.array([1j], object)):
        with pytest.raises(TypeError, match=name):
            function(given)
    with pytest.raises(TypeError, match=r"(?i)cast"):
        function(1j, dtype=np.float64)
    with pytest.raises(TypeError, match=r"(?i)cast"):
        function(np.ones(2, np.complex128), out=np.empty(2))


@pytest.mark.parametrize("name", ["sigmoid", "silu", "tanh", "softplus", "log_sigmoid"])
def test_complex_steps_give_derivatives(function, name, backend):
    functions = functions_of(backend)
    x = np.random.default_rng(2).normal(0, 5, 1000)
    slopes = {
        "sigmoid": functions["sigmoid_grad"](x),
        "silu": functions["silu_grad"](x),
        "tanh": 4 * functions["sigmoid_grad"](2 * x),
        "softplus": functions["sigmoid"](x),
        "log_sigmoid": functions["sigmoid"](-x),
    }
    for step in (1e-200, 1e-20, 1e-9):
        np.testing.assert_allclose(function(x + 1j * step).imag / step, slopes[name], rtol=2e-15)


def test_benchmark_has_a_row_of_each(capsys, monkeypatch):
    monkeypatch.setattr(sys, "path", [str(Path(__file__).parents[1]), *sys.path])
    pytest.importorskip("benchmarks.report")  # an installed ogive is tested without it
    complex_numbers = importlib.import_module("benchmarks.complex_numbers")
    assert complex_numbers.main(["--rounds", "1"]) == 0
    head, _, *rows = capsys.readouterr().out.splitlines()
    assert "NumPy / ogive" in head
    assert sorted(complex_numbers.FORMULAS) == sorted(COMPLEX)
    assert len(rows) == 2 * len(COMPLEX)
