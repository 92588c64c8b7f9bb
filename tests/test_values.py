"""The values of the compiled ufuncs, on every backend, against the exact ones."""

import functools

import numpy as np
import pytest
from helpers import (
    BACKENDS,
    EVERY_FLOAT16,
    SEVERAL,
    UNARY,
    a_precision_apart,
    assert_same,
    assert_same_bits,
    cancelling,
    compared,
    every_kernel_dtype,
    far_apart,
    hard_spots,
    inputs,
    next_to_zero,
    outputs,
    ties,
    ufuncs,
)
from reference import correctly_rounded, ulp_error

from ogive.fallback import FUNCTIONS

CHUNK = 50_000  # inputs whose exact values are held at a time, each in 320 bits


@functools.cache
def exact_values(name, source, dtype, *size):
    """Inputs and their correctly rounded results, computed once for all backends."""
    x = compared(source(name, dtype, *size))
    parts = [slice(i, i + CHUNK) for i in range(0, x[0].size, CHUNK)]
    chunks = [correctly_rounded(name, *(each[part] for each in x)) for part in parts]
    return x, tuple(map(np.concatenate, zip(*chunks, strict=True)))


def every_float16(name, dtype, step=1):
    """Each, or each so-many-th of them; for several inputs some of them in random order."""
    some = EVERY_FLOAT16[None, ::step]
    if name in SEVERAL:
        some = np.random.default_rng(16).choice(EVERY_FLOAT16, (FUNCTIONS[name].nin, 8000))
    with np.errstate(invalid="ignore"):  # signalling NaNs
        return tuple(some.astype(dtype))


def assert_correctly_rounded(function, *inputs_of):
    x, want = exact_values(function.__name__, *inputs_of)
    assert_same_bits(function(*x), want, x)


def largest(error, function, source, dtype, *size):
    """The largest error of a ufunc, and its inputs."""
    results = outputs(function(*compared(source(function.__name__, dtype, *size))))
    return _largest(
        error, function.__name__, source, dtype, size, tuple(r.tobytes() for r in results)
    )


@functools.cache
def _largest(error, name, source, dtype, size, results):
    """Measured once for all backends, as their results are the same bits."""
    x = compared(source(name, dtype, *size))
    results = tuple(np.frombuffer(result, dtype) for result in results)
    errors = np.concatenate(
        [
            error(name, tuple(each[part] for each in x), tuple(r[part] for r in results))
            for part in (slice(i, i + CHUNK) for i in range(0, x[0].size, CHUNK))
        ]
    )
    worst = errors.argmax()
    return errors[worst], [float(each[worst]).hex() for each in x]


# Correct rounding


@every_kernel_dtype
def test_correctly_rounded_at_hard_spots(unary, dtype):
    assert_correctly_rounded(unary, hard_spots, dtype)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_correctly_rounded_at_all_magnitudes(unary, dtype, samples):
    assert_correctly_rounded(unary, inputs, dtype, samples // 4)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_correctly_rounded_next_to_zero(unary, dtype, samples):
    assert_correctly_rounded(unary, next_to_zero, dtype, samples // 8)


def test_every_float16_is_correctly_rounded(unary):
    assert_correctly_rounded(unary, every_float16, np.float16)


@pytest.mark.parametrize(("dtype", "step"), [(np.float32, 4), (np.float64, 1)])
def test_short_mantissas_are_correctly_rounded(unary, dtype, step):
    # The float16 numbers as wider ones: many exact ties of polynomials in x.
    assert_correctly_rounded(unary, every_float16, dtype, step)


def test_tanh_where_its_polynomial_is_worst(isa):
    # |2x| is 2/3 of ln2/32. With a half-width of 2^-31.8 one in 1,300 was wrong in floats.
    x = np.linspace(0.005, 0.0087, 10_000).astype(np.float32)
    assert_same_bits(ufuncs(isa)["tanh"](x), correctly_rounded("tanh", x), x)


# Functions of several inputs


@pytest.fixture(
    params=[
        "all magnitudes",
        "hard spots",
        "cancelling sums",
        "float16 numbers",
        "ties",
        "far apart",
        "a precision apart",
        "next to zero",
    ]
)
def source(request, samples):
    """Inputs of functions of several, and how many of each."""
    return {
        "all magnitudes": (inputs, samples // 25),
        "hard spots": (hard_spots,),
        "cancelling sums": (cancelling, samples // 20),
        "float16 numbers": (every_float16,),
        "ties": (ties, samples // 20),
        "far apart": (far_apart, samples // 20),
        "a precision apart": (a_precision_apart, samples // 20),
        "next to zero": (next_to_zero, samples // 20),
    }[request.param]


@every_kernel_dtype
def test_several_inputs_are_correctly_rounded(several, source, dtype):
    source, *size = source
    assert_correctly_rounded(several, source, dtype, *size)


# The accurate phases alone


def phase_ufuncs(names):
    """(phase, backend, name) of each of the functions' accurate phases, if there is a backend."""
    if not isinstance(BACKENDS[0], str):
        return [pytest.param(None, None, None, marks=BACKENDS[0].marks)]
    return [
        pytest.param(phase, isa, name, id=f"phase {phase}-{isa}-{name}")
        for phase in (2, 3)
        for isa in BACKENDS
        for name in ufuncs(isa, phase)
        if name in names
    ]


@pytest.mark.parametrize(("phase", "isa", "name"), phase_ufuncs(UNARY))
@pytest.mark.parametrize("source", ["all magnitudes", "hard spots"])
def test_accurate_phases_alone_are_correctly_rounded(phase, isa, name, source, samples):
    of = (
        (inputs, np.float64, samples // 4)
        if source == "all magnitudes"
        else (hard_spots, np.float64)
    )
    assert_phase_is_correctly_rounded(phase, isa, name, of)


@pytest.mark.parametrize(("phase", "isa", "name"), phase_ufuncs(SEVERAL))
def test_accurate_phases_of_several_inputs_are_correctly_rounded(phase, isa, name, source):
    source, *size = source
    assert_phase_is_correctly_rounded(phase, isa, name, (source, np.float64, *size))


@pytest.mark.parametrize("phase", [1, 2, 3])
def test_what_is_beside_a_midpoint_by_two_opposite_terms_out_of_sight(phase, isa):
    """s(f) c + s(i) tanh(g), c = -2^53 - 2n, tanh(g) = 1 - 2^-1153: c + 1 + 2^53 e^-f - e^-i."""
    gates = [(100, 90), (90, 100), (80, 300), (750, 100), (100, 140), (140, 103)]
    f, i, n = np.array([(*gate, n) for gate in gates for n in range(9)], float).T
    c = -(2.0**53) - 2 * n
    x = i, f, np.full_like(c, 400), np.zeros_like(c), c
    assert_same_bits(ufuncs(isa, phase)["lstm_cell"](*x), correctly_rounded("lstm_cell", *x), x)


def test_loss_beside_a_tie_where_the_logit_is_cut(isa):
    """|x| t is 3/2 units less 2^-104 of it: as much as e^-|x| cut at a bound would be, if added."""
    exponents = np.arange(-1000, -300)
    x = -np.ldexp(1 + 2.0**-51, 11) + np.zeros(exponents.size)
    t = np.ldexp(2 - 2.0**-52, exponents)
    want = correctly_rounded("bce_with_logits", x, t)
    assert_same_bits(ufuncs(isa)["bce_with_logits"](x, t), want, (x, t))
    assert_same_bits(ufuncs(isa)["bce_with_logits_and_grad"](x, t)[0], want, (x, t))


@pytest.mark.parametrize("phase", [1, 2, 3])
def test_gru_of_huge_terms_of_which_little_is_left(phase, isa):
    """xn + s(r) hn = 2^e (s(r) - 1): its sign is that of n, to which phase 2 came by its error."""
    e = np.arange(60, 1000, 7.0)
    r = np.random.default_rng(9).uniform(0, 700, e.size)
    x = r, np.full_like(e, -100), -(2.0**e), 2.0**e, np.full_like(e, -2)
    assert_same_bits(ufuncs(isa, phase)["gru_cell"](*x), correctly_rounded("gru_cell", *x), x)


def around_cuts(size, seed):
    """Gates at and around where the kernels cut them, or their results end."""
    rng = np.random.default_rng(seed)
    cuts = [
        0,
        17,
        40,
        54,
        64,
        104,
        125,
        150,
        160,
        204,
        250,
        320,
        620,
        630,
        745,
        950,
        2000,
        1e4,
        1e300,
    ]
    gates = rng.choice([*cuts, np.inf], size) * rng.choice([-1, -1, -1, 1], size)
    return gates + rng.normal(0, 1, size) * rng.choice([0, 0, 1e-9, 1, 20], size)


def of_any_size(size, seed):
    rng = np.random.default_rng(seed)
    special = [0.0, -0.0, 1, -1, 0.5, 30, -30, 5e-324, -1e-310, 1e300, -1e300, np.inf, -np.inf]
    scaled = rng.normal(0, 2, size) * rng.choice([1, 1, 1, 500, 1e-80, 1e80], size)
    return np.where(rng.random(size) < 0.8, scaled, rng.choice(special, size))


def shut_gates(name, dtype):
    gates, size = {"lstm_cell": (0, 1, 3), "gru_cell": (0, 1)}[name], 1200
    x = [(around_cuts if k in gates else of_any_size)(size, k) for k in range(5)]
    if name == "lstm_cell":  # both at the same distance, or next to it
        x[1][::3] = x[0][::3] + np.random.default_rng(7).choice([0, 1e-12, 1, 30], size)[::3]
        x[2][::5] = x[4][1::5] = 0  # so that the other counts, however shut its gate
    with np.errstate(over="ignore", under="ignore"):
        return tuple(each.astype(dtype) for each in x)


@every_kernel_dtype
@pytest.mark.parametrize("name", ["lstm_cell", "gru_cell"])
def test_cells_with_shut_gates(name, isa, dtype):
    assert_correctly_rounded(ufuncs(isa)[name], shut_gates, dtype)


def test_cell_that_is_large_though_its_gates_are_shut(isa):
    """e^-165 is 2^-238: from c = 2^230 on, tanh(c_new) is no longer c_new."""
    exponents = np.arange(150.0, 300)
    for output in (-300, 1):
        x = [np.full_like(exponents, gate) for gate in (-321, -165, 1.5, output)]
        x.append(-(2.0**exponents))
        want = correctly_rounded("lstm_cell", *x)
        assert_same_bits(ufuncs(isa)["lstm_cell"](*x), want, tuple(x))


def assert_phase_is_correctly_rounded(phase, isa, name, of):
    x, want = exact_values(name, *of)
    every = 1 if phase == 2 else 10  # the exact phase takes microseconds
    x, want = tuple(each[::every] for each in x), tuple(w[::every] for w in want)
    assert_same_bits(ufuncs(isa, phase)[name](*x), want, x)


@pytest.mark.parametrize(("phase", "isa", "name"), phase_ufuncs(FUNCTIONS))
def test_accurate_phases_have_a_float64_loop_only(phase, isa, name):
    function = ufuncs(isa, phase)[name]
    assert function.types == ["d" * function.nin + "->" + "d" * function.nout]


def test_every_function_has_accurate_phases(isa):
    assert {*ufuncs(isa, 2)} == {*ufuncs(isa, 3)} == {*FUNCTIONS}


@pytest.mark.parametrize("isa", BACKENDS[:1])  # all have the same loops
def test_longdouble_is_within_two_ulp(unary):
    error, where = largest(ulp_error, unary, some_of_everything, np.longdouble)
    assert error <= 2, where


@pytest.mark.parametrize("isa", BACKENDS[:1])
def test_longdouble_of_several_inputs_is_within_four_ulp(several):
    error, where = largest(ulp_error, several, some_of_everything, np.longdouble)
    assert error <= 4, where


def some_of_everything(name, dtype):
    pairs = zip(inputs(name, dtype, 1000), hard_spots(name, dtype), strict=True)
    return tuple(np.concatenate([x, hard[::4]]) for x, hard in pairs)


# Same bits on every backend


@pytest.mark.skipif(len(BACKENDS) < 2, reason="fewer than two compiled backends run here")
@pytest.mark.parametrize(("dtype", "size"), [(np.float32, 2 * 10**6), (np.float64, 10**6)])
def test_every_backend_gives_the_same_bits(name, dtype, size):
    best, *others = BACKENDS
    step = 10**5
    patterns = 2 ** (8 * np.dtype(dtype).itemsize)
    rng = np.random.default_rng(11)
    count = FUNCTIONS[name].nin
    size //= count
    for _ in range(0, size, step):
        x = rng.uniform(-110, 110, (count, step)).astype(dtype)
        any_bits = rng.integers(0, patterns, x.shape, f"u{x.itemsize}").view(dtype)
        # Of several inputs, mostly some of the one kind and some of the other.
        x = np.where(rng.random(x.shape) < 0.5, any_bits, x)
        want = ufuncs(best)[name](*x)
        for isa in others:
            assert_same_bits(ufuncs(isa)[name](*x), want, tuple(x))


@pytest.mark.skipif(len(BACKENDS) < 2, reason="fewer than two compiled backends run here")
@every_kernel_dtype
def test_every_backend_gives_the_same_bits_at_hard_spots(name, dtype):
    best, *others = BACKENDS
    x = hard_spots(name, dtype)
    for isa in others:
        assert_same_bits(ufuncs(isa)[name](*x), ufuncs(best)[name](*x), x)


@pytest.mark.skipif(len(BACKENDS) < 2, reason="fewer than two compiled backends run here")
@pytest.mark.parametrize("name", UNARY)
def test_every_backend_gives_the_same_bits_for_every_float16(name):
    best, *others = BACKENDS
    for isa in others:
        assert_same_bits(ufuncs(isa)[name](EVERY_FLOAT16), ufuncs(best)[name](EVERY_FLOAT16))


@pytest.mark.skipif(len(BACKENDS) < 2, reason="fewer than two compiled backends run here")
def test_every_backend_gives_the_same_long_doubles(name):
    best, *others = BACKENDS
    x = hard_spots(name, np.longdouble)
    want = ufuncs(best)[name](*x)
    for isa in others:
        assert_same(ufuncs(isa)[name](*x), want)


# What follows from the mathematics


@pytest.mark.parametrize(
    ("name", "dtype", "last", "first"),
    # 12, 25 and 54 ln 2 between two neighbours: from there 1 - 2^-p/2 rounds to 1
    [
        ("sigmoid", np.float16, 8.3125, 8.3203125),
        ("sigmoid", np.float32, 17.328678131103516, 17.328680038452148),
        ("sigmoid", np.float64, 37.42994775023704, 37.42994775023705),
        # 13/2, 26/2 and 55/2 ln 2
        ("tanh", np.float16, 4.50390625, 4.5078125),
        ("tanh", np.float32, 9.010912895202637, 9.010913848876953),
        ("tanh", np.float64, 19.061547465398494, 19.061547465398498),
    ],
)
def test_results_become_1_where_the_rounded_value_does(isa, name, dtype, last, first):
    assert np.nextafter(dtype(last), dtype(np.inf)) == dtype(first)
    below, one = ufuncs(isa)[name](np.array([last, first], dtype))
    assert below == 1 - np.finfo(dtype).epsneg
    assert one == 1


@pytest.mark.parametrize(
    ("dtype", "last", "first_0"),
    # 25 ln 2, 150 ln 2 and 1075 ln 2 between two neighbours
    [
        (np.float16, -17.328125, -17.34375),
        (np.float32, -103.97207641601562, -103.97208404541016),
        (np.float64, -745.1332191019411, -745.1332191019412),
    ],
)
def test_tails_end_with_the_last_subnormal(isa, dtype, last, first_0):
    assert np.nextafter(dtype(last), dtype(-np.inf)) == dtype(first_0)
    x = np.array([last, first_0], dtype)
    tail = np.array([np.finfo(dtype).smallest_subnormal, 0], dtype)
    of = ufuncs(isa)
    assert_same_bits(of["sigmoid"](x), tail)
    assert_same_bits(of["sigmoid_grad"](x), tail)
    assert_same_bits(of["sigmoid_grad"](-x), tail)
    assert_same_bits(of["softplus"](x), tail)
    assert_same_bits(of["log_sigmoid"](-x), -tail)
