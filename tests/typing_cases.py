"""The types that checkers find for calls of the functions: test_typing.py has them look."""

# pyright: strict, reportUnnecessaryTypeIgnoreComment=true

from typing import Any, assert_type

import numpy as np
from numpy.typing import ArrayLike, NDArray

import ogive


class Container:
    """What takes over ufuncs returns its own kind."""

    def __array_ufunc__(
        self, ufunc: np.ufunc, method: str, *inputs: object, **kwargs: object
    ) -> "Container":
        return self


def cases(
    f16: NDArray[np.float16],
    f32: NDArray[np.float32],
    f64: NDArray[np.float64],
    wide: NDArray[np.longdouble],
    i8: NDArray[np.int8],
    mask: NDArray[np.bool_],
    matrix: np.ndarray[tuple[int, int], np.dtype[np.float32]],
    masked: np.ma.MaskedArray[tuple[int], np.dtype[np.float32]],
    anything: ArrayLike,
) -> None:
    # One input: the dtype stays, and the shape
    assert_type(ogive.sigmoid(f16), NDArray[np.float16])
    assert_type(ogive.sigmoid(f32), NDArray[np.float32])
    assert_type(ogive.sigmoid(f64), NDArray[np.float64])
    assert_type(ogive.sigmoid(wide), NDArray[np.longdouble])
    assert_type(ogive.sigmoid(matrix), np.ndarray[tuple[int, int], np.dtype[np.float32]])
    assert_type(ogive.sigmoid(masked), np.ma.MaskedArray[tuple[int], np.dtype[np.float32]])

    # integers and bool become float64
    assert_type(ogive.sigmoid(i8), NDArray[np.float64])
    assert_type(ogive.sigmoid(mask), NDArray[np.float64])

    # scalars and lists
    assert_type(ogive.sigmoid(1.0), np.float64)
    assert_type(ogive.sigmoid(1), np.float64)
    assert_type(ogive.sigmoid(True), np.float64)
    assert_type(ogive.sigmoid(np.int64(1)), np.float64)
    assert_type(ogive.sigmoid(np.float32(1)), np.float32)
    assert_type(ogive.sigmoid(np.float64(1)), np.float64)
    assert_type(ogive.sigmoid([1.0, 2]), NDArray[np.float64])
    assert_type(ogive.sigmoid([[1.0], [2.0]]), NDArray[np.float64])

    assert_type(ogive.sigmoid(Container()), Container)

    # keyword arguments
    assert_type(ogive.sigmoid(f32, where=mask), NDArray[np.float32])
    assert_type(ogive.sigmoid(f32, out=f64), NDArray[np.float64])
    assert_type(ogive.sigmoid(f32, f64), NDArray[np.float64])
    assert_type(ogive.sigmoid(f32, out=(f64,)), NDArray[np.float64])
    assert_type(ogive.sigmoid(i8, dtype=np.float16), NDArray[np.float16])
    assert_type(ogive.sigmoid(i8, dtype="f4", casting="unsafe", order="C", subok=False), Any)
    assert_type(ogive.sigmoid(f32, signature="d->d"), NDArray[np.float32])

    # Two outputs are a pair
    assert_type(ogive.sigmoid_and_grad(f32), tuple[NDArray[np.float32], NDArray[np.float32]])
    assert_type(ogive.sigmoid_and_grad(1.0), tuple[np.float64, np.float64])
    assert_type(ogive.sigmoid_and_grad(i8), tuple[NDArray[np.float64], NDArray[np.float64]])
    assert_type(
        ogive.sigmoid_and_grad(f16, out=(f32, f64)), tuple[NDArray[np.float32], NDArray[np.float64]]
    )
    assert_type(ogive.sigmoid_and_grad(f32, f32, f32), tuple[Any, Any])

    # Several inputs
    assert_type(ogive.glu(f32, f32), NDArray[np.float32])
    assert_type(ogive.glu(f32, 1.0), NDArray[np.float32])
    assert_type(ogive.glu(1.0, f32), NDArray[np.float32])
    assert_type(ogive.glu(1, 2.0), np.float64)
    assert_type(ogive.glu(f32, i8), Any)
    assert_type(ogive.glu([1.0], f32), Any)
    assert_type(ogive.glu(f32, f32, f32), Any)
    assert_type(ogive.bce_with_logits(f32, f32, where=mask), NDArray[np.float32])
    assert_type(ogive.mix(f64, 0.0, f64), NDArray[np.float64])
    assert_type(ogive.gru_cell(f32, f32, f32, f32, f32), NDArray[np.float32])
    assert_type(
        ogive.lstm_cell(f32, f32, f32, f32, 0.0), tuple[NDArray[np.float32], NDArray[np.float32]]
    )
    assert_type(
        ogive.bce_with_logits_and_grad(f16, 1.0), tuple[NDArray[np.float16], NDArray[np.float16]]
    )
    assert_type(ogive.lstm_cell(f32, f32, f32, f32, f32, out=(f32, None)), tuple[Any, Any])

    # What np.exp takes
    assert_type(ogive.sigmoid([f32, f32]), Any)
    assert_type(ogive.glu(anything, [f64]), Any)
    assert_type(ogive.mix(anything, anything, anything, out=f32), Any)
    assert_type(ogive.sigmoid(anything, out=f64), NDArray[np.float64])

    # Still ufuncs
    ufuncs: list[np.ufunc] = [ogive.sigmoid, ogive.sigmoid_and_grad, ogive.glu, ogive.mix]
    assert_type(ufuncs[0].nout, int)
    ogive.sigmoid.at(f32, [0, 1])
    ogive.glu.outer(f32, f32)
    assert_type(ogive.isa, str)

    # Threads
    ogive.set_num_threads(np.int64(2))
    assert_type(ogive.get_num_threads(), int)
    with ogive.threads(2) as nothing:
        assert_type(nothing, None)
    assert_type(ogive.threads(2)(int)("1"), int)

    # Wrong calls: each must be an error, or its ignore is one
    ogive.sigmoid()  # type: ignore
    ogive.sigmoid({1.0})  # type: ignore
    ogive.sigmoid(f32, f32, f32)  # type: ignore
    ogive.sigmoid(f32, axis=0)  # type: ignore
    ogive.sigmoid(f32, casting="sometimes")  # type: ignore
    ogive.sigmoid(f32, order=0)  # type: ignore
    ogive.sigmoid(f32, out=1.0)  # type: ignore
    ogive.sigmoid_and_grad(f32, out=f32)  # type: ignore
    ogive.glu(f32)  # type: ignore
    ogive.glu(f32, f32, f32, f32)  # type: ignore
    ogive.mix(f32, f32)  # type: ignore
    ogive.lstm_cell(f32, f32, f32, f32)  # type: ignore
    ogive.set_num_threads(1.5)  # type: ignore
    ogive.threads()  # type: ignore
