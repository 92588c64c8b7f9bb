from collections.abc import Sequence
from contextlib import ContextDecorator
from typing import (
    Any,
    Literal,
    Protocol,
    SupportsIndex,
    TypeAlias,
    TypedDict,
    TypeVar,
    Unpack,
    overload,
    type_check_only,
)

import numpy as np
from numpy.typing import ArrayLike, DTypeLike, NDArray

from ogive import fallback as fallback

__all__ = [
    "bce_with_logits",
    "bce_with_logits_and_grad",
    "bce_with_logits_grad",
    "expit",
    "fallback",
    "get_include",
    "get_num_threads",
    "glu",
    "gru_cell",
    "isa",
    "log_expit",
    "log_sigmoid",
    "logistic",
    "logit",
    "lstm_cell",
    "mix",
    "set_num_threads",
    "show_config",
    "sigmoid",
    "sigmoid_and_grad",
    "sigmoid_backward",
    "sigmoid_grad",
    "sigmoid_grad_from_output",
    "silu",
    "silu_backward",
    "silu_grad",
    "softplus",
    "swiglu",
    "swish",
    "tanh",
    "threads",
]

__version__: str

isa: str

def get_include() -> str: ...
def get_num_threads() -> int: ...
def set_num_threads(n: SupportsIndex) -> None: ...
def show_config() -> None: ...

@type_check_only
class _Block(ContextDecorator):
    def __enter__(self) -> None: ...
    def __exit__(self, *error: object) -> None: ...

def threads(n: SupportsIndex) -> _Block: ...

# The ufuncs: a class for each number of inputs and outputs. Where out and dtype are not given,
# the inputs tell the type of the results. (NumPy calls np.ufunc final, and inherits all the same.)

@type_check_only
class _TakesOver(Protocol):
    def __array_ufunc__(self, ufunc: Any, method: Any, /, *inputs: Any, **kwargs: Any) -> Any: ...

@type_check_only
class _HasArray(Protocol):
    def __array__(self) -> Any: ...

_T = TypeVar("_T")
_Shape = TypeVar("_Shape", bound=tuple[int, ...])
_Float = TypeVar("_Float", bound=np.inexact[Any])
_Container = TypeVar("_Container", bound=_TakesOver)
_Out = TypeVar("_Out", bound=np.ndarray[Any, Any])
_Out2 = TypeVar("_Out2", bound=np.ndarray[Any, Any])

_2: TypeAlias = tuple[_T, _T]

_Integer: TypeAlias = np.integer[Any] | np.bool_
_Real: TypeAlias = float | _Integer  # computed in float64
_Reals: TypeAlias = Sequence[_Real | _Reals]
_X: TypeAlias = ArrayLike | _TakesOver | _HasArray
_Array: TypeAlias = np.ndarray[_Shape, np.dtype[_Float]]
_Masked: TypeAlias = np.ma.MaskedArray[_Shape, np.dtype[_Float]]
_Floats: TypeAlias = NDArray[_Float] | float  # a Python number takes the dtype of the others
_A: TypeAlias = np.ndarray[Any, Any] | None

@type_check_only
class _Keywords(TypedDict, total=False):
    where: ArrayLike
    casting: Literal["no", "equiv", "safe", "same_kind", "unsafe"]
    order: Literal["K", "A", "C", "F"]
    subok: bool
    signature: str | tuple[DTypeLike, ...]

@type_check_only
class _New(_Keywords, total=False):
    out: None
    dtype: None

@type_check_only
class _Given(_Keywords, total=False):
    dtype: DTypeLike

@type_check_only
class _Given1(_Given, total=False):
    out: _A | tuple[_A]

@type_check_only
class _Given2(_Given, total=False):
    out: _2[_A] | None

@type_check_only
class _1To1(np.ufunc):  # type: ignore[misc]
    @overload
    def __call__(self, x: _Real, /, **kw: Unpack[_New]) -> np.float64: ...
    @overload
    def __call__(self, x: _Float, /, **kw: Unpack[_New]) -> _Float: ...
    @overload
    def __call__(
        self, x: _Masked[_Shape, _Float], /, **kw: Unpack[_New]
    ) -> _Masked[_Shape, _Float]: ...
    @overload
    def __call__(
        self, x: _Array[_Shape, _Float], /, **kw: Unpack[_New]
    ) -> _Array[_Shape, _Float]: ...
    @overload
    def __call__(
        self, x: np.ndarray[_Shape, np.dtype[_Integer]], /, **kw: Unpack[_New]
    ) -> _Array[_Shape, np.float64]: ...
    @overload
    def __call__(self, x: _Reals, /, **kw: Unpack[_New]) -> NDArray[np.float64]: ...
    @overload
    def __call__(self, x: _Container, /, **kw: Unpack[_New]) -> _Container: ...
    @overload
    def __call__(
        self, x: NDArray[Any], /, *, dtype: type[_Float], **kw: Unpack[_Keywords]
    ) -> NDArray[_Float]: ...
    @overload
    def __call__(self, x: _X, /, out: _Out | tuple[_Out], **kw: Unpack[_Given]) -> _Out: ...
    @overload
    def __call__(self, x: _X, /, **kw: Unpack[_Given1]) -> Any: ...

@type_check_only
class _1To2(np.ufunc):  # type: ignore[misc]
    @overload
    def __call__(self, x: _Real, /, **kw: Unpack[_New]) -> _2[np.float64]: ...
    @overload
    def __call__(self, x: _Float, /, **kw: Unpack[_New]) -> _2[_Float]: ...
    @overload
    def __call__(
        self, x: _Masked[_Shape, _Float], /, **kw: Unpack[_New]
    ) -> _2[_Masked[_Shape, _Float]]: ...
    @overload
    def __call__(
        self, x: _Array[_Shape, _Float], /, **kw: Unpack[_New]
    ) -> _2[_Array[_Shape, _Float]]: ...
    @overload
    def __call__(
        self, x: np.ndarray[_Shape, np.dtype[_Integer]], /, **kw: Unpack[_New]
    ) -> _2[_Array[_Shape, np.float64]]: ...
    @overload
    def __call__(self, x: _Reals, /, **kw: Unpack[_New]) -> _2[NDArray[np.float64]]: ...
    @overload
    def __call__(self, x: _Container, /, **kw: Unpack[_New]) -> _2[_Container]: ...
    @overload
    def __call__(
        self, x: NDArray[Any], /, *, dtype: type[_Float], **kw: Unpack[_Keywords]
    ) -> _2[NDArray[_Float]]: ...
    @overload
    def __call__(
        self, x: _X, /, *, out: tuple[_Out, _Out2], **kw: Unpack[_Given]
    ) -> tuple[_Out, _Out2]: ...
    @overload
    def __call__(
        self, x: _X, out1: _A = ..., out2: _A = ..., /, **kw: Unpack[_Given2]
    ) -> _2[Any]: ...

@type_check_only
class _2To1(np.ufunc):  # type: ignore[misc]
    @overload
    def __call__(self, a: _Real, b: _Real, /, **kw: Unpack[_New]) -> np.float64: ...  # type: ignore[overload-overlap]
    @overload
    def __call__(
        self, a: _Floats[_Float], b: _Floats[_Float], /, **kw: Unpack[_New]
    ) -> NDArray[_Float]: ...
    @overload
    def __call__(self, a: _X, b: _X, out: _A = ..., /, **kw: Unpack[_Given1]) -> Any: ...

@type_check_only
class _2To2(np.ufunc):  # type: ignore[misc]
    @overload
    def __call__(self, a: _Real, b: _Real, /, **kw: Unpack[_New]) -> _2[np.float64]: ...  # type: ignore[overload-overlap]
    @overload
    def __call__(
        self, a: _Floats[_Float], b: _Floats[_Float], /, **kw: Unpack[_New]
    ) -> _2[NDArray[_Float]]: ...
    @overload
    def __call__(
        self, a: _X, b: _X, out1: _A = ..., out2: _A = ..., /, **kw: Unpack[_Given2]
    ) -> _2[Any]: ...

@type_check_only
class _3To1(np.ufunc):  # type: ignore[misc]
    @overload
    def __call__(self, a: _Real, b: _Real, c: _Real, /, **kw: Unpack[_New]) -> np.float64: ...  # type: ignore[overload-overlap]
    @overload
    def __call__(
        self, a: _Floats[_Float], b: _Floats[_Float], c: _Floats[_Float], /, **kw: Unpack[_New]
    ) -> NDArray[_Float]: ...
    @overload
    def __call__(self, a: _X, b: _X, c: _X, out: _A = ..., /, **kw: Unpack[_Given1]) -> Any: ...

@type_check_only
class _5To1(np.ufunc):  # type: ignore[misc]
    @overload
    def __call__(  # type: ignore[overload-overlap]
        self, a: _Real, b: _Real, c: _Real, d: _Real, e: _Real, /, **kw: Unpack[_New]
    ) -> np.float64: ...
    @overload
    def __call__(
        self,
        a: _Floats[_Float],
        b: _Floats[_Float],
        c: _Floats[_Float],
        d: _Floats[_Float],
        e: _Floats[_Float],
        /,
        **kw: Unpack[_New],
    ) -> NDArray[_Float]: ...
    @overload
    def __call__(
        self, a: _X, b: _X, c: _X, d: _X, e: _X, out: _A = ..., /, **kw: Unpack[_Given1]
    ) -> Any: ...

@type_check_only
class _5To2(np.ufunc):  # type: ignore[misc]
    @overload
    def __call__(  # type: ignore[overload-overlap]
        self, a: _Real, b: _Real, c: _Real, d: _Real, e: _Real, /, **kw: Unpack[_New]
    ) -> _2[np.float64]: ...
    @overload
    def __call__(
        self,
        a: _Floats[_Float],
        b: _Floats[_Float],
        c: _Floats[_Float],
        d: _Floats[_Float],
        e: _Floats[_Float],
        /,
        **kw: Unpack[_New],
    ) -> _2[NDArray[_Float]]: ...
    @overload
    def __call__(
        self,
        a: _X,
        b: _X,
        c: _X,
        d: _X,
        e: _X,
        out1: _A = ...,
        out2: _A = ...,
        /,
        **kw: Unpack[_Given2],
    ) -> _2[Any]: ...

sigmoid: _1To1
expit: _1To1
logistic: _1To1
sigmoid_grad: _1To1
sigmoid_grad_from_output: _1To1
sigmoid_and_grad: _1To2
log_sigmoid: _1To1
log_expit: _1To1
softplus: _1To1
logit: _1To1
silu: _1To1
swish: _1To1
silu_grad: _1To1
tanh: _1To1
bce_with_logits: _2To1
bce_with_logits_grad: _2To1
bce_with_logits_and_grad: _2To2
sigmoid_backward: _2To1
silu_backward: _2To1
glu: _2To1
swiglu: _2To1
mix: _3To1
lstm_cell: _5To2
gru_cell: _5To1
