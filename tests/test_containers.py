"""What is no plain array: each library's own containers go through every function.

The functions in pure NumPy are asked the same as the ufuncs.
"""

import numpy as np
import pytest
from helpers import SEVERAL, UNARY, assert_same, assert_same_bits, outputs

import ogive
from ogive.fallback import FUNCTIONS

X = np.linspace(0.05, 0.95, 12).reshape(3, 4)
SERIES = np.float32([0.25, 0.5, 0.75])

several_inputs = pytest.mark.parametrize("name", SEVERAL)
one_output = pytest.mark.parametrize("name", [n for n, f in FUNCTIONS.items() if f.nout == 1])


@pytest.fixture(params=["compiled", "pure NumPy"])
def function(request, name):
    """Each function of the package, and the same in pure NumPy."""
    return getattr(ogive, name) if request.param == "compiled" else FUNCTIONS[name]


def library(name):
    """A fixture: a library, without which its tests are skipped."""
    return pytest.fixture(lambda: pytest.importorskip(name))


pandas = library("pandas")
xarray = library("xarray")
dask_array = library("dask.array")
polars = library("polars")
pyarrow = library("pyarrow")


def pairs(function, container):
    """Each output for this container as every input, with that for its array."""
    array = np.asarray(container)
    got = outputs(function(*[container] * function.nin))
    return zip(got, outputs(function(*[array] * function.nin)), strict=True)


# NumPy's own


def test_masked_arrays_keep_their_mask(function):
    x = np.ma.array([0.25, 0.5, 0.75], mask=[False, True, False])
    others = [np.float64(0.5)] * (function.nin - 1)
    wanted = outputs(function(x.data, *others))
    for result, want in zip(outputs(function(x, *others)), wanted, strict=True):
        assert isinstance(result, np.ma.MaskedArray)
        assert result.mask.tolist() == [False, True, False]
        assert_same(result.compressed(), want[::2])


@pytest.mark.parametrize("dtype", [np.float16, np.float32, np.float64])
def test_memory_maps_are_read_and_written(function, dtype, tmp_path):
    np.save(tmp_path / "x.npy", np.linspace(0, 1, 6000, dtype=dtype))
    x = np.load(tmp_path / "x.npy", mmap_mode="r")
    out = tuple(
        np.lib.format.open_memmap(tmp_path / f"{i}.npy", "w+", dtype, x.shape)
        for i in range(function.nout)
    )
    for file, result in zip(out, outputs(function(*[x] * function.nin, out=out)), strict=True):
        assert result is file
        result.flush()
    saved = tuple(np.load(tmp_path / f"{i}.npy") for i in range(function.nout))
    assert_same_bits(saved, outputs(function(*[np.array(x)] * function.nin)))


# pandas


def test_pandas_series_keep_index_name_and_dtype(function, pandas):
    series = pandas.Series(SERIES, index=list("abc"), name="x")
    for result, want in pairs(function, series):
        assert type(result) is pandas.Series
        assert result.index.equals(series.index)
        assert result.name == "x"
        assert_same_bits(result.to_numpy(), want)


def test_pandas_frames_keep_index_and_columns(function, pandas):
    frame = pandas.DataFrame(X, index=[3, 1, 2], columns=list("abcd"))
    for result, want in pairs(function, frame):
        assert type(result) is pandas.DataFrame
        assert result.index.equals(frame.index)
        assert result.columns.equals(frame.columns)
        assert_same_bits(result.to_numpy(), want)


@several_inputs
def test_pandas_aligns_several_series_by_label(function, pandas):
    series = pandas.Series(SERIES, index=list("abc"))
    turned = [series, *[series[::-1]] * (function.nin - 1)]
    for result, want in zip(outputs(function(*turned)), pairs(function, series), strict=True):
        pandas.testing.assert_series_equal(result, want[0])


@pytest.mark.parametrize(
    ("given", "kept"), [("Float64", "Float64"), ("Float32", "Float32"), ("Int64", "Float64")]
)
def test_pandas_nullable_dtypes_keep_missing_values(function, pandas, given, kept):
    series = pandas.Series([1, None, 0], dtype=given)
    values = [np.array([1, 0], kept.lower())] * function.nin
    results = outputs(function(*[series] * function.nin))
    for result, want in zip(results, outputs(function(*values)), strict=True):
        assert result.dtype == kept
        assert result.isna().tolist() == [False, True, False]
        assert_same_bits(result.dropna().to_numpy(want.dtype), want)


@one_output  # of several pandas returns lists there, of np.modf too
def test_pandas_on_arrow_keeps_missing_values(function, pandas, pyarrow):
    series = pandas.Series([1, None, 0], dtype="double[pyarrow]")
    result = function(*[series] * function.nin)
    assert result.dtype == series.dtype
    assert result.isna().tolist() == [False, True, False]
    want = function(*[np.array([1.0, 0.0])] * function.nin)
    assert_same_bits(result.dropna().to_numpy(np.float64), want)


# xarray


def test_xarray_keeps_dims_coords_name_and_attributes(function, xarray):
    x = xarray.DataArray(
        X, dims=("row", "column"), coords={"row": [1, 2, 3]}, name="x", attrs={"units": "1"}
    )
    with xarray.set_options(keep_attrs=True):
        for result, want in pairs(function, x):
            assert isinstance(result, xarray.DataArray)
            assert result.dims == x.dims
            assert result.coords["row"].equals(x.coords["row"])
            assert result.name == x.name
            assert result.attrs == x.attrs
            assert_same_bits(result.to_numpy(), want)


@several_inputs
def test_xarray_broadcasts_by_dimension(function, xarray):
    row = xarray.DataArray(X[:, 0], dims="row")
    column = xarray.DataArray(X[0], dims="column")
    x = [row, *[column] * (function.nin - 1)]
    arrays = [X[:, :1], *[X[:1]] * (function.nin - 1)]
    for result, want in zip(outputs(function(*x)), outputs(function(*arrays)), strict=True):
        assert result.dims == ("row", "column")
        assert_same_bits(result.to_numpy(), want)


def test_xarray_datasets_are_mapped_variable_by_variable(function, xarray):
    data = xarray.Dataset({"a": ("t", X[0]), "b": (("t", "u"), X.T)})
    for result, *wanted in zip(
        outputs(function(*[data] * function.nin)),
        outputs(function(*[X[0]] * function.nin)),
        outputs(function(*[X.T] * function.nin)),
        strict=True,
    ):
        for variable, want in zip("ab", wanted, strict=True):
            assert_same_bits(result[variable].to_numpy(), want)

    # Dask

    def __array_ufunc__(self, *args, **kwargs):
        raise AssertionError("computed")


def of_dask(function, inputs):
    """Results for Dask arrays: Dask takes over ufuncs of one output, others need its help."""
    import dask.array as da

    if function.nout == 1:
        return function(*inputs)
    signature = f"{','.join(['()'] * function.nin)}->{','.join(['()'] * function.nout)}"
    return da.apply_gufunc(function, signature, *inputs)


def test_dask_is_lazy_and_computes_chunk_by_chunk(function, dask_array):
    calls = []

    def load(block):
        calls.append(block.shape)
        return block

    lazy = dask_array.from_array(X, chunks=(2, 3)).map_blocks(load, dtype=X.dtype, meta=X[:0, :0])
    results = outputs(of_dask(function, [lazy] * function.nin))
    assert all(isinstance(result, dask_array.Array) for result in results)
    assert all(result.chunks == lazy.chunks for result in results)
    assert all(result.dtype == X.dtype for result in results)
    assert calls == []
    for result, want in zip(results, outputs(function(*[X] * function.nin)), strict=True):
        assert_same_bits(result.compute(scheduler="synchronous"), want)
    assert set(calls) == {(2, 3), (2, 1), (1, 3), (1, 1)}


@one_output
def test_dask_inside_xarray_stays_lazy(function, xarray, dask_array):
    x = xarray.DataArray(dask_array.from_array(X, chunks=2), dims=("row", "column"))
    result = function(*[x] * function.nin)
    assert isinstance(result.data, dask_array.Array)
    want = function(*[X] * function.nin)
    assert_same_bits(result.compute(scheduler="synchronous").to_numpy(), want)


# polars and pyarrow: what their NumPy bridges keep


@one_output  # polars refuses several
def test_polars_series_keep_name_and_missing_values(function, polars):
    series = polars.Series("x", [0.25, None, 0.75])
    result = function(*[series] * function.nin)
    assert result.name == "x"
    assert result.is_null().to_list() == [False, True, False]
    want = function(*[np.array([0.25, 0.75])] * function.nin)
    assert_same_bits(result.drop_nulls().to_numpy(), want)


@one_output  # polars refuses several
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_polars_series_keep_their_dtype(function, polars, dtype):
    x = SERIES.astype(dtype)
    result = function(*[polars.Series("x", x)] * function.nin)
    assert_same_bits(result.to_numpy(), function(*[x] * function.nin))


@one_output
def test_polars_expressions(function, polars):
    if function.nin == 1 and not isinstance(function, np.ufunc):
        pytest.skip("polars knows the dtype that a ufunc gives, and asks for that of others")
    x = [polars.col("x")] * function.nin
    result = polars.LazyFrame({"x": [0.25, None, 0.75]}).select(function(*x)).collect()["x"]
    assert result.is_null().to_list() == [False, True, False]
    want = function(*[np.array([0.25, 0.75])] * function.nin)
    assert_same_bits(result.drop_nulls().to_numpy(), want)


def test_pyarrow_arrays_give_numpy_arrays_with_nan_for_missing_values(function, pyarrow):
    array = pyarrow.array([0.25, None, 0.75])
    for x in (array, pyarrow.chunked_array([array[:1], array[1:]])):
        for result, want in pairs(function, x):
            assert type(result) is np.ndarray
            assert np.isnan(result).tolist() == [False, True, False]
            assert_same(result, want)
            assert pyarrow.array(result, from_pandas=True).null_count == 1


# Units and uncertainties: a line for each function


@pytest.mark.skipif(ogive.isa == "numpy", reason="astropy computes with ufuncs alone")
@pytest.mark.parametrize("name", [n for n in UNARY if FUNCTIONS[n].nout == 1])
def test_astropy_is_told_that_a_function_takes_numbers_without_unit(name, monkeypatch):
    units = pytest.importorskip("astropy.units")
    from astropy.units.quantity_helper import UFUNC_HELPERS
    from astropy.units.quantity_helper.helpers import helper_dimensionless_to_dimensionless

    function = getattr(ogive, name)
    monkeypatch.setitem(UFUNC_HELPERS, function, helper_dimensionless_to_dimensionless)
    result = function(SERIES * units.Unit("cm / m"))
    assert result.unit == units.one
    assert_same(result.value, function(SERIES * np.float32(0.01)))
    with pytest.raises(units.UnitTypeError, match=name):
        function(SERIES * units.m)


def test_uncertainties_are_carried_by_the_gradient():
    uncertainties = pytest.importorskip("uncertainties")
    sigmoid = uncertainties.wrap(ogive.sigmoid, [ogive.sigmoid_grad])
    y = sigmoid(uncertainties.ufloat(1, 0.1))
    assert y.nominal_value == ogive.sigmoid(1)
    assert y.std_dev == pytest.approx(0.1 * ogive.sigmoid_grad(1))


# scikit-learn


def test_logit_and_sigmoid_in_a_scikit_learn_pipeline(pandas):
    pytest.importorskip("sklearn")
    from sklearn.base import clone
    from sklearn.compose import TransformedTargetRegressor
    from sklearn.linear_model import LinearRegression
    from sklearn.pipeline import make_pipeline
    from sklearn.preprocessing import FunctionTransformer, StandardScaler

    logit = FunctionTransformer(
        ogive.logit, inverse_func=ogive.sigmoid, feature_names_out="one-to-one"
    )
    pipeline = make_pipeline(logit, StandardScaler()).set_output(transform="pandas")
    frame = pandas.DataFrame(X, index=[3, 1, 2], columns=list("abcd"))
    scaled = clone(pipeline).fit_transform(frame)
    assert scaled.index.equals(frame.index)
    assert scaled.columns.equals(frame.columns)
    back = clone(pipeline).fit(frame).inverse_transform(scaled)
    np.testing.assert_allclose(back, X, rtol=1e-13)

    # Probabilities whose logits are linear in x are found again.
    x = X.reshape(-1, 1)
    y = ogive.sigmoid(3 * x[:, 0] - 2)
    model = TransformedTargetRegressor(
        LinearRegression(), func=ogive.logit, inverse_func=ogive.sigmoid
    ).fit(x, y)
    np.testing.assert_allclose(model.predict(x), y, rtol=1e-13)
    np.testing.assert_allclose(model.regressor_.coef_.ravel(), 3, rtol=1e-13)
