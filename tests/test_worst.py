"""Every backend on the hardest known inputs, and the tools that find them and run all inputs."""

import itertools
import math
import re

import compiled
import exhaustive
import half_widths
import linear
import numpy as np
import pytest
import random_inputs
import search
import worst_cases
from gmpy2 import mpfr
from helpers import BACKENDS, SEVERAL, assert_same_bits, bits, outputs, ufuncs
from reference import correctly_rounded, exact, precise

from ogive._bench import formula
from ogive._files import UserError

FILES = sorted(worst_cases.FOLDER.glob("*.txt"))
PHASES = [
    pytest.param(phase, worst_cases.path(name, dtype), id=f"phase {phase}-{name}-{dtype}")
    for name in SEVERAL
    for dtype, phases in (("float32", [1]), ("float64", [1, 2, 3]))  # alone, only of float64
    for phase in phases
]

every_isa = pytest.mark.parametrize("isa", BACKENDS)
every_file = pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
every_function = pytest.mark.parametrize("name", worst_cases.UNARY)


@pytest.fixture
def compiler():
    compiled.load_or_skip("reference")


# The files of tests/worst


@every_file
def test_files_hold_correctly_rounded_results(file):
    name, x, results = worst_cases.read(file)
    assert x[0].size >= 100
    assert_same_bits(results, correctly_rounded(name, *x), x)


@every_file
def test_files_are_hard(file):
    name, x, _ = worst_cases.read(file)
    closeness = worst_cases.closenesses(name, *x)
    # The 100 hardest of n inputs are at 100 / 2n ulp or nearer.
    least = {4: 20, 8: 27} if len(x) == 1 else {4: 26, 8: 55}
    assert np.sum(closeness > least[x[0].itemsize]) >= 100


@every_isa
@every_function
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_worst_cases_of_all_functions_are_correctly_rounded(dtype, name, isa):
    x = worst_cases.inputs(dtype)
    assert_same_bits(ufuncs(isa)[name](x), correctly_rounded(name, x), x)


@every_isa
@every_function
@pytest.mark.parametrize("phase", [2, 3])
def test_worst_cases_are_correctly_rounded_in_each_phase(phase, name, isa):
    x = worst_cases.inputs(np.float64)
    assert_same_bits(ufuncs(isa, phase)[name](x), correctly_rounded(name, x), x)


@every_isa
@pytest.mark.parametrize(("phase", "file"), PHASES)
def test_worst_cases_of_several_inputs_are_correctly_rounded(phase, file, isa):
    name, x, want = worst_cases.read(file)
    assert_same_bits(ufuncs(isa, phase)[name](*x), want, x)


# Those beyond half of what a rounding test allows for


@every_isa
@pytest.mark.parametrize(("name", "dtype", "given"), half_widths.read())
def test_half_widths_would_be_too_narrow_for_these(name, dtype, given, isa):
    x = tuple(np.array([float.fromhex(each)]).astype(dtype) for each in given)
    want = correctly_rounded(name, *x)
    for got, right in zip(outputs(ufuncs(isa)[name](*x)), want, strict=True):
        assert_same_bits(got, right, x)


# python -m tests.exhaustive


@every_isa
@every_function
@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_no_wrong_rounding_in_a_sample(dtype, name, isa, compiler):
    tally = exhaustive.check_sample(name, ufuncs(isa)[name], dtype)
    assert tally.inputs > {np.float32: 10**6, np.float16: 5000}[dtype]
    assert (tally.wrong, tally.examples) == (0, [])


def some_inputs(dtype):
    special = np.array([-200, -20, -0.0, 0.3, 1, 17, np.inf, np.nan], dtype)
    return np.concatenate([worst_cases.inputs(dtype)[:50], special])


@every_function
@pytest.mark.parametrize("dtype", [np.float32, np.float16])
def test_check_counts_each_wrong_bit(dtype, name, compiler):
    x = some_inputs(dtype)
    quick = exhaustive.quick_reference(name, dtype)
    results = correctly_rounded(name, x)
    assert exhaustive.check(name, lambda x: results, x, quick).wrong == 0
    for result, i in itertools.product(results, range(x.size)):
        right = result[i]
        if np.isnan(right):
            result[i] = 0.25
        else:
            bits(result)[i] ^= 1
        tally = exhaustive.check(name, lambda x: results, x, quick)
        assert tally.wrong == 1
        np.testing.assert_array_equal(tally.examples, x[[i]])
        result[i] = right


def test_check_sees_the_sign_of_zero(compiler):
    x = np.float32([-200])
    quick = exhaustive.quick_reference("sigmoid", x.dtype)
    assert exhaustive.check("sigmoid", lambda x: np.float32([0.0]), x, quick).wrong == 0
    assert exhaustive.check("sigmoid", lambda x: np.float32([-0.0]), x, quick).wrong == 1


def naive(x):
    with np.errstate(all="ignore"):
        return formula(x)


def test_check_finds_the_textbook_formula_wrong(compiler):
    tally = exhaustive.check_sample("sigmoid", naive, np.float32)
    assert tally.wrong > 10**5
    assert len(tally.examples) == exhaustive.EXAMPLES


def test_mpfr_alone_counts_the_same(compiler):
    x = exhaustive.sample(np.float32, size=1)[::20]
    quick = exhaustive.quick_reference("sigmoid", x.dtype)
    wrong = exhaustive.check("sigmoid", naive, x, quick).wrong
    assert exhaustive.check("sigmoid", naive, x, None).wrong == wrong > 10


def exhaustive_with(function, monkeypatch):
    """`exhaustive.main` for another function than the backend's, in small blocks."""
    loaded = "some", function, __file__
    monkeypatch.setattr(exhaustive, "load_function", lambda name, isa: loaded)
    monkeypatch.setattr(exhaustive, "BLOCK", 1 << 8)
    return lambda *arguments: exhaustive.main(["sigmoid", *map(str, arguments)])


def right(x):
    (result,) = correctly_rounded("sigmoid", x)
    return result


RANGE = ["--range", "0x3f800000", "0x3f8007ff"]


@pytest.mark.parametrize(("function", "code"), [(right, 0), (naive, 1)])
def test_exhaustive_tells_by_its_exit_code(function, code, monkeypatch, capsys, compiler):
    assert exhaustive_with(function, monkeypatch)(*RANGE) == code
    assert ("WRONG" in capsys.readouterr().out) == bool(code)


def test_exhaustive_goes_on_where_it_was_interrupted(monkeypatch, capsys, tmp_path, compiler):
    calls = []

    def interrupted(x):
        calls.append(x.size)
        if len(calls) == 4:
            raise KeyboardInterrupt
        return naive(x)

    resume = ["--resume", tmp_path / "state", "--jobs", 1]
    run = exhaustive_with(interrupted, monkeypatch)
    with pytest.raises(KeyboardInterrupt):
        run(*RANGE, *resume)
    assert run(*RANGE, *resume) == 1
    assert sum(calls) == 0x800 + 0x100
    resumed, at_once = capsys.readouterr().out, exhaustive_with(naive, monkeypatch)(*RANGE)
    assert at_once == 1
    counts = r"2,048 inputs, \d+ wrong roundings"
    assert re.search(counts, resumed)[0] == re.search(counts, capsys.readouterr().out)[0]


def test_exhaustive_refuses_the_state_of_another_run(monkeypatch, tmp_path, compiler):
    run = exhaustive_with(right, monkeypatch)
    assert run(*RANGE, "--resume", tmp_path / "state") == 0
    with pytest.raises(UserError, match="another run"):
        run("--range", 0, 255, "--resume", tmp_path / "state")


# python -m tests.random_inputs


def test_random_inputs_counts_what_each_backend_has_wrong(monkeypatch, capsys, compiler):
    def glu(a, b):
        (results,) = correctly_rounded("glu", a, b)
        return results

    def wrong_twice(a, b):
        results = glu(a, b)
        results[[5, 77]] = np.nextafter(results[[5, 77]], np.float32(np.inf))
        return results

    functions = {"some": glu, "other": wrong_twice}
    monkeypatch.setattr(random_inputs, "load_function", lambda name, isa: (isa, functions[isa], ""))
    monkeypatch.setattr(random_inputs, "CHUNK", 1 << 8)
    order = ["some", "other"]
    for isa in (order, order[::-1]):
        assert random_inputs.main(["glu", "--inputs", "256", "--isa", *isa]) == 1
        shown = capsys.readouterr().out
        assert "some: 0 wrong" in shown
        assert "other: 2 wrong" in shown
        assert shown.count("WRONG at") == 2
    assert random_inputs.main(["glu", "--inputs", "256", "--isa", "some"]) == 0


# python -m tests.search


@pytest.mark.parametrize("seed", [0, 1, 5])
def test_first_within_is_the_least(seed):
    rng = np.random.default_rng(seed)
    for _ in range(300):
        modulus = int(rng.integers(1, 60))
        a, low = (int(rng.integers(modulus)) for _ in range(2))
        high = int(rng.integers(low, modulus))
        within = (n for n in range(modulus) if low <= a * n % modulus <= high)
        assert linear.first_within(a, modulus, low, high) == next(within, None)


@pytest.mark.slow
@pytest.mark.parametrize("name", linear.LINEAR)
def test_search_among_all_of_one_input_misses_nothing_twice_as_near(name):
    position, (output, *_) = linear.LINEAR[name]
    format = np.finfo(np.float16)

    def exponent(value):
        return worst_cases.unit_exponent(value, format)

    searched = 0
    for x in zip(*linear.random_inputs(name, np.float16, 20, 1), strict=True):
        with precise():
            hard = linear.hardest_input(name, output, position, tuple(map(mpfr, x)), format)
        if hard is None:
            continue
        step = math.copysign(2.0 ** exponent(mpfr(x[position])), x[position])
        v = np.arange(x[position], math.copysign(2 * 2**11 * abs(step), step), step)
        v = v[[exponent(mpfr(each)) == exponent(mpfr(x[position])) for each in v]]
        results = exact(name, *x[:position], v, *x[position + 1 :])[output]
        same_binade = [r for r in results if exponent(r) == exponent(results[0])]
        found = results[v.tolist().index(float(hard[position]))]
        with precise():
            nearest = max(worst_cases.closeness(r, format) for r in same_binade)
            assert worst_cases.closeness(found, format) >= nearest - 1
        searched += len(same_binade)
    assert searched > 5000


@pytest.mark.parametrize("name", ["sigmoid", "sigmoid_grad"])
@pytest.mark.parametrize("x", [-700.0, -0.75, 3e-3, 16.5])
def test_search_misses_nothing_and_finds_nothing_far(x, name, compiler):
    compiled.load_or_skip("search", "-march=native")
    start = search.ordinal(x)
    found = search.near_inputs(name, start, 2.0**-12)
    assert min(worst_cases.closenesses(name, np.array(found))) > 11.99
    for part in (start, start + search.STRETCH - 2**13):
        inputs = [search.from_ordinal(part + i) for i in range(2**13)]
        near = worst_cases.closenesses(name, np.array(inputs)) > 12.01
        assert set(np.array(inputs)[near]) <= set(found)
