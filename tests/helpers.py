"""What several test files share: backends, inputs, comparisons, and ufunc loops called alone."""

import ctypes
import functools
from pathlib import Path

import numpy as np
import pytest

from ogive._numpy_function import finfo
from ogive.fallback import FUNCTIONS

try:
    from ml_dtypes import bfloat16
except ImportError:
    bfloat16 = pytest.param(None, marks=pytest.mark.skip(reason="ml_dtypes is not here"))
try:
    import ogive._kernels as kernels
except ModuleNotFoundError as error:
    if error.name != "ogive._kernels":
        raise
    kernels = None

KERNEL_FLOATS = [np.float16, np.float32, np.float64]
FLOATS = [*KERNEL_FLOATS, np.longdouble]
in_checkout = pytest.mark.skipif(
    not Path(__file__).parents[1].joinpath("src").is_dir(), reason="a tree of an installed ogive"
)
UNARY = [name for name, function in FUNCTIONS.items() if function.nin == 1]
SEVERAL = [name for name in FUNCTIONS if name not in UNARY]
KINDS = [  # the first function of each number of inputs and outputs
    next(name for name, f in FUNCTIONS.items() if (f.nin, f.nout) == kind)
    for kind in sorted({(f.nin, f.nout) for f in FUNCTIONS.values()})
]
EVERY_FLOAT16 = np.arange(2**16, dtype=np.uint16).view(np.float16)

BACKENDS = (
    kernels.runs_here()
    if kernels
    else [pytest.param(None, marks=pytest.mark.skip(reason="ogive has no compiled extension here"))]
)

every_dtype = pytest.mark.parametrize("dtype", FLOATS)
every_kernel_dtype = pytest.mark.parametrize("dtype", KERNEL_FLOATS)
every_loop_dtype = pytest.mark.parametrize("dtype", [*FLOATS, bfloat16])


@functools.cache
def ufuncs(isa, phase=1):
    """{name: ufunc} of a backend, made once: a ufunc is never freed."""
    return kernels.ufuncs(isa, phase)


def functions_of(isa):
    """The same, or the functions in pure NumPy where that is the backend."""
    return FUNCTIONS if isa == "numpy" else ufuncs(isa)


# Inputs, a tuple of arrays with one for each that the function takes

# What functions are given where it is not any number at all: probabilities.
PROBABILITIES = {
    "sigmoid_grad_from_output": [0],
    "logit": [0],
    "bce_with_logits": [1],
    "bce_with_logits_grad": [1],
    "bce_with_logits_and_grad": [1],
    "sigmoid_backward": [1],
}


def inputs(name, dtype, size=20_000):
    """4 `size` of each: all magnitudes, and as many where the results are no limits.

    Half of several inputs are of one kind, the others of any.
    """
    made = []
    for position in range(FUNCTIONS[name].nin):
        rng = np.random.default_rng((20240229, position))
        likely = position in PROBABILITIES.get(name, ())
        x = (_probabilities if likely else _numbers)(rng, dtype, size)
        if position:
            x[::2] = rng.permutation(x[::2])
        made.append(x)
    return tuple(made)


def _numbers(rng, dtype, size):
    limits = np.finfo(dtype)
    mantissas = rng.uniform(-1, 1, size).astype(dtype)
    exponents = rng.integers(limits.minexp - limits.nmant, limits.maxexp, size)
    zero_below = (limits.nmant - limits.minexp + 2) * np.log(dtype(2))
    near_one = (limits.nmant + 3) * np.log(dtype(2))
    return np.concatenate(
        [
            np.ldexp(mantissas, exponents).astype(dtype),
            rng.uniform(-1, 1, size).astype(dtype) * zero_below,
            rng.uniform(-1, 1, size).astype(dtype) * near_one,
            rng.uniform(-1, 1, size).astype(dtype),
        ]
    )


def _probabilities(rng, dtype, size):
    limits = np.finfo(dtype)
    mantissas = rng.uniform(0.5, 1, size).astype(dtype)
    small = np.ldexp(mantissas, rng.integers(limits.minexp - limits.nmant, 1, size))
    about = np.ldexp(mantissas - dtype(0.75), rng.integers(-limits.nmant, 1, size))
    return np.concatenate(
        [
            small.astype(dtype),
            (rng.integers(0, 3, size) / dtype(2) + about).astype(dtype),
            rng.integers(0, 2, size).astype(dtype),
            rng.uniform(0, 1, size - size // 4).astype(dtype),
            rng.choice(_numbers(rng, dtype, size), size // 4),
        ]
    )[rng.permutation(4 * size)]


def cancelling(name, dtype, size, seed=31):
    """Inputs of ordinary size, the last of which is chosen so that a sum nearly cancels."""
    rng = np.random.default_rng(seed)
    *first, last = rng.normal(0, 3, (FUNCTIONS[name].nin, size))
    s = FUNCTIONS["sigmoid"]
    if name.startswith("bce"):
        (x,) = first
        last = s(x) if name.endswith("grad") else np.logaddexp(0, x) / x
    elif name == "mix":
        a, b = first
        b *= -np.sign(a * b)
        last = np.log(-b / a)
    elif name == "lstm_cell":
        i, f, g, _ = first
        last = -s(i) * np.tanh(g) / s(f)
    elif name == "gru_cell":
        r, z, xn, hn = first
        xn[::2] = -(s(r) * hn)[::2] * rng.normal(1, 1e-3, size)[::2]
        last = -s(-z) * np.tanh(xn + s(r) * hn) / s(z)
    last = last * rng.choice([1, 1 + 1e-6, 1 + 1e-3], size)
    return tuple(x.astype(dtype) for x in (*first, last))


def ties(name, dtype, size, seed=32):
    """Inputs whose results are numbers of the dtype, midpoints of two, or next to either.

    Equal inputs, zeros, small integers and their halves, numbers of a subnormal's few bits, what
    1 takes to a midpoint beside it, gates that are 0, open, shut, or opposite.
    """
    rng = np.random.default_rng(seed)
    format = finfo(np.dtype(dtype))
    short = rng.integers(-9, 10, size) * rng.choice(
        [0.5, 1, float(format.smallest_subnormal)], size
    )
    short = np.concatenate([short, rng.choice([0.0, -0.0, 1, -1, 0.5, 2, np.inf, -np.inf], size)])
    beside = rng.integers(-9, 10, size) * float(format.eps) * rng.choice([0.25, 0.5, 1], size)
    short = np.concatenate([short, beside + rng.choice([0, 1, -1], size)])
    gates = np.array([0.0, -0.0, 3e-5, -3e-5, 1e-300, 40, -40, 80, -100, 750, -750, 1100])
    x = []
    for _ in range(FUNCTIONS[name].nin):
        each = rng.choice(short, size)
        each = np.where(rng.random(size) < 0.3, rng.choice(gates, size), each)
        if x:
            each = np.where(rng.random(size) < 0.2, rng.choice([1, -1], size) * x[-1], each)
        x.append(each)
    with np.errstate(over="ignore"):
        return tuple(each.astype(dtype) for each in x)


def far_apart(name, dtype, size, seed=33):
    """Inputs of all magnitudes, each of another: terms 2^2000 apart, gates next to 0."""
    rng = np.random.default_rng(seed)
    format = finfo(np.dtype(dtype))
    exponents = rng.integers(
        format.minexp - format.nmant, format.maxexp, (FUNCTIONS[name].nin, size)
    )
    signs = rng.choice([1, -1], exponents.shape)
    x = np.ldexp(signs * rng.uniform(1, 2, exponents.shape), exponents)
    return tuple(np.where(rng.random(x.shape) < 0.3, rng.normal(0, 4, x.shape), x).astype(dtype))


def next_to_zero(name, dtype, size, seed=35):
    """Shut gates, whose results are subnormal or nearly; factors of all magnitudes, 0 and 1."""
    rng = np.random.default_rng(seed)
    format = finfo(np.dtype(dtype))
    shape = FUNCTIONS[name].nin, size
    smallest = -np.log(float(format.smallest_subnormal))
    gates = rng.choice([1, -1], shape) * rng.uniform(0.4, 1.3, shape) * smallest
    exponents = rng.integers(format.minexp - format.nmant, format.maxexp, shape)
    x = np.ldexp(rng.choice([1, -1], shape) * rng.uniform(1, 2, shape), exponents)
    x = np.where(rng.random(shape) < 0.3, rng.choice([0, 1], shape), x)
    return tuple(np.where(rng.random(shape) < 0.6, gates, x).astype(dtype))


def a_precision_apart(name, dtype, size, seed=34):
    """Inputs of sizes such that a sum's smaller term counts in the last places of the larger."""
    rng = np.random.default_rng(seed)
    exponents = rng.integers(0, finfo(np.dtype(dtype)).nmant + 8, (FUNCTIONS[name].nin, size))
    exponents[rng.random(exponents.shape) < 0.5] = 0
    with np.errstate(over="ignore"):
        return tuple(np.ldexp(rng.normal(0, 3, exponents.shape), exponents).astype(dtype))


@functools.cache
def hard_spots(name, dtype):
    """All of `spots`; for several inputs some of them, and then each special with each."""
    count = FUNCTIONS[name].nin
    if count == 1:
        return (spots(dtype),)
    limits = np.finfo(dtype)
    some = [0, 1, -40, np.inf, -np.inf, np.nan]
    if count < 5:
        some += [-0.0, -1, 0.5, 40, limits.smallest_subnormal, limits.max, -limits.max]
    grid = [axis.ravel() for axis in np.meshgrid(*[np.array(some, dtype)] * count)]
    rng = np.random.default_rng(20240301)
    return tuple(read_only(np.concatenate([rng.choice(spots(dtype), 5000), x])) for x in grid)


@functools.cache
def spots(dtype):
    """Where results leave 0, 1/2 and 1, are near a tie, subnormal, or cross a power of two."""
    limits = np.finfo(dtype)
    # Every power of two, but of the 16,510 of a longdouble each 14th.
    powers = np.arange(limits.minexp - limits.nmant, limits.nmant + 3)
    powers = powers[:: 1 + powers.size // 1200]
    wide = np.longdouble
    first = np.arange(2, 70, dtype=wide)
    odd = np.arange(1, 64, 2, dtype=wide)
    spots = np.concatenate(
        [
            powers * np.log(wide(2)),
            np.arange(1, 2 * limits.nmant + 8, 2) * np.log(wide(2)) / 2,  # tanh becomes 1
            np.ldexp(wide(1), powers),
            np.log(2**first - 1),  # s(-x) is a power of two
            2 * np.arccosh(2 ** (first / 2 - 1)),  # s'(x) is a power of two
            # 1/2 + x/4, 1/4 - x^2/16 and x/2 + x^2/4 are ties, y (1 - y) is near one
            np.ldexp(odd, -limits.nmant),
            np.ldexp(odd, -limits.nmant - 1),
            np.ldexp(np.sqrt(odd), -limits.nmant // 2),
            1 - np.ldexp(odd, -limits.nmant - 1),
            np.ldexp(odd, limits.minexp - limits.nmant),
            limits.tiny + np.ldexp(odd, limits.minexp - limits.nmant),
            0.5 + np.ldexp(odd, -limits.nmant - 1),  # logit is near 0
            0.5 - np.ldexp(odd, -limits.nmant - 1),
            1 / (1 + np.exp(np.arange(wide(40)))),  # logit is near an integer
            1 - np.ldexp(wide(1), -np.arange(1, limits.nmant + 2)),
            np.array([wide("1.27846454276107379510935873902298")]),  # silu has its minimum
            np.linspace(36, 38, 101, dtype=wide),
            np.linspace(0.3, 0.75, 101, dtype=wide) * limits.nmant,  # softplus becomes x
            np.sqrt(np.array([limits.max], wide)),
            np.array([0, 1, limits.tiny, limits.smallest_subnormal, limits.max], wide),
        ]
    ).astype(dtype)
    near = [spots]
    with np.errstate(over="ignore"):
        for side in (-np.inf, np.inf):
            near.append(np.nextafter(spots, dtype(side)))
            near.append(np.nextafter(near[-1], dtype(side)))
    spots = np.concatenate(near)
    nonfinite = np.array([np.inf, -np.inf, np.nan, -np.nan], dtype)
    return read_only(np.concatenate([spots, -spots, nonfinite]))


@functools.cache
def mixed(name, dtype, size):
    """A few of everything in random order, so that every lane meets every path of a kernel."""
    if dtype not in FLOATS:  # bfloat16, whose limits NumPy does not know
        return tuple(read_only(x.astype(dtype)) for x in mixed(name, np.float32, size))
    rng = np.random.default_rng(7)
    hard = rng.choice(np.stack(hard_spots(name, dtype)), size // 4, axis=1)
    some = np.concatenate([np.stack(inputs(name, dtype, size)), hard], axis=1)
    return tuple(map(read_only, rng.choice(some, size, axis=1)))


step = 1  # conftest.py makes it larger where not all is to be tried


def compared(x):
    """The inputs that are compared with exact values, which take far longer than the results."""
    return tuple(each[::step] for each in x)


def alike(function, x):
    """`x` as the first input, and rearrangements of it as the others."""
    return tuple(np.roll(x, i) if i else x for i in range(function.nin))


def read_only(x):
    x.flags.writeable = False
    return x


def signalling_nans(dtype):
    """Signalling NaNs of both signs."""
    quiet_bit = np.finfo(dtype).nmant - 1
    unsigned = f"u{np.dtype(dtype).itemsize}"
    infinities = np.array([np.inf, -np.inf], dtype).view(unsigned)
    payloads = np.array([1, 1 << (quiet_bit - 1)], unsigned)
    return (infinities[:, None] | payloads).ravel().view(dtype)


# Results


def outputs(result):
    return result if isinstance(result, tuple) else (result,)


def assert_same(got, want):
    """The same values and dtypes, NaN for NaN, signs of zero too, in every output."""
    for g, w in zip(outputs(got), outputs(want), strict=True):
        assert np.asarray(g).dtype == np.asarray(w).dtype
        if np.asarray(g).dtype.name == "bfloat16":  # which NumPy does not know to have NaNs
            g, w = np.float32(g), np.float32(w)
        np.testing.assert_array_equal(g, w)
        if np.asarray(g).dtype.kind == "f":
            np.testing.assert_array_equal(np.signbit(g) & (g == g), np.signbit(w) & (w == w))


def bits(a):
    """The bits of a float16, float32 or float64 array, as unsigned integers."""
    a = np.asarray(a)
    return np.ascontiguousarray(a).view(f"u{a.dtype.itemsize}").reshape(a.shape)


def assert_same_bits(got, want, x=None):
    """The same bits and dtypes in every output; `x` are the inputs, to be named where wrong.

    `x` is an array, or a tuple of them.
    """
    for g, w in zip(outputs(got), outputs(want), strict=True):
        g, w = np.asarray(g), np.asarray(w)
        assert g.dtype == w.dtype
        assert g.shape == w.shape
        wrong = bits(g) != bits(w)
        if wrong.any():
            first = np.unravel_index(np.argmax(wrong), wrong.shape)
            at = f"index {first}"
            if x is not None:
                at = f"input {', '.join(float(each[first]).hex() for each in outputs(x))}"
            raise AssertionError(
                f"{wrong.sum()} of {wrong.size} differ, first at {at}: "
                f"got {float(g[first]).hex()}, want {float(w[first]).hex()}"
            )


def buffers(function, shape, dtype=np.float64, fill=7):
    """One array per output, filled with a value that no result has."""
    return tuple(np.full(shape, fill, dtype) for _ in range(function.nout))


# The loop of a ufunc without NumPy around it, which clears flags and copies overlaps


class _UfuncHead(ctypes.Structure):
    _fields_ = (
        ("object", ctypes.c_char * object.__basicsize__),
        ("nin", ctypes.c_int),
        ("nout", ctypes.c_int),
        ("nargs", ctypes.c_int),
        ("identity", ctypes.c_int),
        ("functions", ctypes.POINTER(ctypes.c_void_p)),
        ("data", ctypes.POINTER(ctypes.c_void_p)),
        ("ntypes", ctypes.c_int),
        ("reserved", ctypes.c_int),
        ("texts", ctypes.c_char_p * 3),
        ("owners", ctypes.c_void_p * 2),
        ("user_loops", ctypes.py_object),
    )


@functools.cache
def inner_loop(ufunc, dtype):
    """The address of a ufunc's loop for a dtype, and that of the data it is called with."""
    head = _UfuncHead.from_address(id(ufunc))
    assert (head.nin, head.nout, head.ntypes) == (ufunc.nin, ufunc.nout, ufunc.ntypes)
    if np.dtype(dtype).name == "bfloat16":  # the two come first in a list of NumPy's
        # The loop is added when it is first asked for.
        ufunc.resolve_dtypes((np.dtype(dtype),) * ufunc.nin + (None,) * ufunc.nout)
        pointer = ctypes.PYFUNCTYPE(ctypes.c_void_p, ctypes.py_object, ctypes.c_char_p)(
            ("PyCapsule_GetPointer", ctypes.pythonapi)
        )
        first = pointer(head.user_loops[np.dtype(dtype).num], None)
        return tuple((ctypes.c_void_p * 2).from_address(first))
    index = [types[0] for types in ufunc.types].index(np.dtype(dtype).char)
    return head.functions[index], head.data[index]


class Loop:
    """An inner loop of a ufunc over one-dimensional arrays: the inputs, then the outputs."""

    def __init__(self, ufunc, *arrays):
        address, self._data = inner_loop(ufunc, arrays[0].dtype)
        self._arrays = arrays  # only their addresses are in args
        self._call = ctypes.CFUNCTYPE(None, *[ctypes.c_void_p] * 4)(address)
        self.args = (ctypes.c_void_p * len(arrays))(*[a.ctypes.data for a in arrays])
        self.dimensions = (ctypes.c_ssize_t * 1)(arrays[0].size)
        self.steps = (ctypes.c_ssize_t * len(arrays))(*[a.strides[0] for a in arrays])

    def __call__(self):
        self._call(self.args, self.dimensions, self.steps, self._data)
