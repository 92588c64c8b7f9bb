"""What NumPy expects of a ufunc, beyond what test_contract.py asks of pure NumPy too."""

import copy
import pickle
import subprocess
import sys

import numpy as np
import pytest
from helpers import (
    FLOATS,
    KINDS,
    alike,
    assert_same,
    assert_same_bits,
    buffers,
    every_dtype,
    every_loop_dtype,
    mixed,
    outputs,
)

import ogive
from ogive._docs import DOCS
from ogive.fallback import FUNCTIONS

X = np.linspace(-5, 5, 12).reshape(3, 4)


@pytest.fixture(params=KINDS)
def name(request):
    """The name of a function of each number of inputs and outputs: NumPy treats others alike."""
    return request.param


def given(function, x=X):
    return alike(function, x)


# What it says about itself


def test_attributes(function, name):
    assert isinstance(function, np.ufunc)
    assert function.__name__ == name
    assert repr(function) == f"<ufunc '{name}'>"
    assert function.types == FUNCTIONS[function.__name__].types
    assert function.types[:4] == [
        f"{char * function.nin}->{char * function.nout}" for char in "efdg"
    ]
    assert function.nargs == function.nin + function.nout
    assert function.signature is None
    assert function.identity is None


def test_docstring_opens_with_the_signature(function, name):
    inputs = ", ".join(f"x{i + 1}" for i in range(function.nin)) if function.nin > 1 else "x"
    arguments = f"{name}({inputs}, /, out=None, *, where=True, casting='same_kind', order='K'"
    if function.nout == 2:
        arguments = f"{name}({inputs}[, out1, out2], / [, out=(None, None)], *, where=True"
    assert function.__doc__.startswith(arguments)
    assert function.__doc__.endswith(DOCS[name])


# Dtypes


def test_python_numbers_do_not_widen_an_array(function):
    # NEP 50 and the casting by value before it agree on these.
    for dtype in FLOATS:
        x = [np.linspace(-1, 1, 5, dtype=dtype) * 2.0, *[0.5] * (function.nin - 1)]
        for turn in range(function.nin):
            results = outputs(function(*x[turn:], *x[:turn]))
            assert all(result.dtype == dtype for result in results)
    for number in (1, 1.0, True):
        results = outputs(function(*[number] * function.nin))
        assert all(result.dtype == np.float64 for result in results)


def test_resolve_dtypes(function):
    for char, loop in [("?", "d"), ("l", "d"), ("e", "e"), ("f", "f"), ("d", "d"), ("g", "g")]:
        resolved = function.resolve_dtypes(
            (*[np.dtype(char)] * function.nin, *[None] * function.nout)
        )
        assert resolved == (np.dtype(loop),) * function.nargs
    with pytest.raises(TypeError, match=function.__name__):
        function.resolve_dtypes((*[np.dtype("G")] * function.nin, *[None] * function.nout))


@every_dtype
def test_signature_selects_the_loop(function, dtype):
    char = np.dtype(dtype).char
    want = function(*given(function, X.astype(dtype)))
    for signature in (
        f"{char * function.nin}->{char * function.nout}",
        (dtype,) * function.nargs,
        (*[None] * function.nin, *[dtype] * function.nout),
    ):
        assert_same(function(*given(function), signature=signature), want)
    with pytest.raises(TypeError, match=function.__name__):
        function(*given(function), signature="l" * function.nin + "->" + "l" * function.nout)


def test_dates_strings_and_records_are_refused_by_name(function):
    for x in (
        np.array(["2024-02-29"], "M8[D]"),
        np.array([1], "m8[s]"),
        np.array(["a"]),
        np.array([b"a"]),
        np.zeros(3, np.clongdouble),
        np.zeros(3, "V8"),
        np.zeros(3, "f4,f4"),
    ):
        with pytest.raises(TypeError, match=rf"'{function.__name__}'"):
            function(*[x] * function.nin)


@pytest.mark.parametrize("casting", ["no", "equiv", "safe", "same_kind", "unsafe"])
def test_casting_rule(function, casting):
    x = given(function, X.astype(np.float32))
    assert_same(function(*x, casting=casting), function(*x))
    for out_dtype in (np.float16, np.float64, np.int32):
        out = buffers(function, X.shape, out_dtype)
        if np.can_cast(np.float32, out_dtype, casting):
            function(*x, out=out, casting=casting)
            assert_same(out, tuple(r.astype(out_dtype) for r in outputs(function(*x))))
        else:
            with pytest.raises(TypeError, match=rf"{function.__name__}.*{casting}"):
                function(*x, out=out, casting=casting)
            assert all((o == 7).all() for o in out)


# Memory order, subclasses, containers


def test_order_of_the_result(function):
    c, f = np.ones((3, 4)), np.ones((3, 4), order="F")
    for x, order, is_c in [(c, "F", 0), (f, "C", 1), (f, "A", 0), (c, "A", 1), (f, "K", 0)]:
        for result in outputs(function(*[x] * function.nin, order=order)):
            assert result.flags.c_contiguous == is_c
            assert result.flags.f_contiguous == (not is_c)
    with pytest.raises(ValueError, match="order"):
        function(*given(function), order="Z")


class Tagged(np.ndarray):
    """A subclass that carries its tag through a ufunc."""

    def __array_finalize__(self, parent):
        self.tag = getattr(parent, "tag", None)


def test_subclasses(function):
    x = X.view(Tagged)
    x.tag = "kept"
    x = [x, *given(function)[1:]]
    for result, want in zip(
        outputs(function(*x)), outputs(function(*given(function))), strict=True
    ):
        assert type(result) is Tagged
        assert result.tag == "kept"
        assert_same_bits(result, want)
    assert all(type(result) is np.ndarray for result in outputs(function(*x, subok=False)))


# out and where


def test_where_of_random_masks_in_pieces_of_all_lengths(function):
    # SciPy 1.17.1 advances the args that NumPy owns, and corrupts the heap with such a mask.
    rng = np.random.default_rng(3)
    for share in (0.05, 0.5, 0.95):
        for dtype in FLOATS:
            x = mixed(function.__name__, dtype, 4000)
            want = outputs(function(*x))
            for _ in range(5):
                mask = rng.random(4000) < share
                out = buffers(function, 4000, dtype)
                function(*x, out=out, where=mask)
                assert_same(out, tuple(np.where(mask, result, dtype(7)) for result in want))


def test_where_in_two_dimensions_with_strides(function):
    rng = np.random.default_rng(4)
    x = [x.reshape(60, 100)[:, ::3] for x in mixed(function.__name__, np.float64, 6000)]
    mask = rng.random((60, 1)) < 0.5
    out = tuple(o[::-1].T for o in buffers(function, (34, 60)))
    function(*x, out=out, where=mask)
    assert_same_bits(out, tuple(np.where(mask, r, 7.0) for r in outputs(function(*x))))


# The methods of a ufunc


@every_loop_dtype
def test_at(function, dtype):
    x = X.astype(dtype)
    if function.nout > 1 or function.nin > 2:
        with pytest.raises(ValueError, match=r"single output|binary"):
            function.at(x, [0])
        return
    rows = [0, 2, 2]  # the last is mapped twice
    others = [dtype(0.25)] * (function.nin - 1)
    want = x.copy()
    for row in rows:
        want[row] = function(want[row], *others)
    assert function.at(x, rows, *others) is None
    assert_same(x, want)


METHODS = {"reduce": (X,), "accumulate": (X,), "outer": (X, X), "reduceat": (X, [0])}


@pytest.mark.parametrize("method", METHODS)
def test_methods_of_binary_ufuncs(function, method):
    if (function.nin, function.nout) != (2, 1):
        if method == "outer" and function.nin == 2:
            assert_same_bits(function.outer(X, X), function(X[:, :, None, None], X))
            return
        with pytest.raises(ValueError, match=r"binary|single"):
            getattr(function, method)(*METHODS[method])
        return
    rows = list(X)
    folded = [rows[0]]
    for row in rows[1:]:
        folded.append(function(folded[-1], row))
    want = {
        "reduce": folded[-1],
        "accumulate": np.array(folded),
        "reduceat": folded[-1][None],
        "outer": function(X[:, :, None, None], X),
    }
    assert_same_bits(getattr(function, method)(*METHODS[method]), want[method])


def test_wrong_calls(function):
    name = function.__name__
    for count in (function.nin - 1, function.nargs + 1):
        with pytest.raises(TypeError, match=rf"{name}\(\) takes .* {count} (was|were) given"):
            function(*[X] * count)
    with pytest.raises(TypeError, match=rf"{name}\(\).*'nonsense'"):
        function(*given(function), nonsense=1)
    with pytest.raises(TypeError, match="'out'"):
        function(*given(function), X.copy(), out=(X.copy(),) * function.nout)
    with pytest.raises(ValueError, match="'out' tuple"):
        function(*given(function), out=(None,) * (function.nout + 1))
    with pytest.raises(TypeError, match="ArrayType"):
        function(*given(function), *[[1.0]] * function.nout)


# Identity


@pytest.mark.parametrize("protocol", range(pickle.HIGHEST_PROTOCOL + 1))
def test_pickle_gives_the_ufunc_itself(public_ufunc, protocol):
    assert pickle.loads(pickle.dumps(public_ufunc, protocol)) is public_ufunc


def test_copies_are_the_ufunc_itself(public_ufunc):
    assert copy.copy(public_ufunc) is public_ufunc
    assert copy.deepcopy([public_ufunc])[0] is public_ufunc


def test_pickle_is_read_by_another_process(public_ufunc, name):
    script = (
        "import pickle, sys; f = pickle.load(sys.stdin.buffer); "
        f"import ogive; assert f is ogive.{name}; print(f.__name__)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], input=pickle.dumps(public_ufunc), capture_output=True
    )
    assert (done.stdout.decode().strip(), done.stderr.decode()) == (name, "")


def test_cloudpickle_gives_the_ufunc_itself(public_ufunc):
    cloudpickle = pytest.importorskip("cloudpickle")
    assert pickle.loads(cloudpickle.dumps(public_ufunc)) is public_ufunc


def test_package_uses_the_backend_that_it_names(public_ufunc, name):
    assert isinstance(public_ufunc, np.ufunc)
    from ogive._dispatch import functions

    assert functions[name] is getattr(ogive, name)
