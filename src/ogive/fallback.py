"""The functions of ogive in pure NumPy: branch-split and stable, without compiled code.

``import ogive`` uses these where no compiled extension is there. They take the arguments of a
ufunc that matter (``out``, ``where``, ``dtype``, ``casting``), stay below 4 ulp in every dtype
and raise no floating-point warning. They are what the benchmarks compare with.
"""

import numpy as np

from ogive._docs import DOCS

__all__ = [
    "FUNCTIONS",
    "expit",
    "logistic",
    "sigmoid",
    "sigmoid_and_grad",
    "sigmoid_grad",
    "sigmoid_grad_from_output",
]

_LOOPS = "dfge"  # in the order of the compiled loops
_BLOCK = 16384  # elements: the temporaries of one block stay in the L2 cache


class _Function:
    """A kernel with what a ufunc does around its loop: dtypes, casting, broadcasting, masks.

    A kernel maps one array of float32, float64 or longdouble to a new array, or to a tuple of
    ``nout`` new ones. It is called block by block, and its results are rounded to the dtype of
    the loop.
    """

    nin = 1
    ntypes = len(_LOOPS)

    def __init__(self, kernel, nout):
        self.kernel = kernel
        self.nout = nout
        self.types = [f"{char}->{char * nout}" for char in _LOOPS]
        self.__name__ = self.__qualname__ = kernel.__name__
        self.__doc__ = DOCS[kernel.__name__]

    def __repr__(self):
        return f"<ogive.fallback function '{self.__name__}'>"

    def __reduce__(self):
        return self.__name__

    def __call__(self, *args, out=None, where=True, dtype=None, casting="same_kind", **unsupported):
        for argument in unsupported:
            raise TypeError(f"{self.__name__}() in pure NumPy has no argument {argument!r}")
        x, *outputs = self._operands(args, out)
        array = np.asarray(x)
        loop = self._loop_dtype(array.dtype, dtype)
        self._check_cast("input", array.dtype, loop, casting)
        for output in outputs:
            if output is not None:
                self._check_cast("output", loop, output.dtype, casting)

        with np.errstate(all="ignore"):
            if where is True:
                results = self._run(array, outputs, loop)
            else:
                results = self._run_masked(array, outputs, loop, np.asarray(where, dtype=bool))

        returned = tuple(
            self._wrap(x, result, index) if output is None else output
            for index, (output, result) in enumerate(zip(outputs, results, strict=True))
        )
        return returned if self.nout > 1 else returned[0]

    def _operands(self, args, out):
        """The input and the ``nout`` outputs, None where one is to be allocated."""
        most = self.nin + self.nout
        if not self.nin <= len(args) <= most:
            raise TypeError(
                f"{self.__name__}() takes from {self.nin} to {most} positional arguments "
                f"but {len(args)} were given"
            )
        x, *outputs = args
        if out is not None:
            if outputs:
                raise TypeError(
                    f"{self.__name__}() got 'out' both as a positional and keyword argument"
                )
            if isinstance(out, tuple):
                outputs = list(out)
                if len(outputs) != self.nout:
                    raise ValueError(
                        f"{self.__name__}() needs an 'out' tuple of {self.nout}, one entry per "
                        f"output, got {len(outputs)}"
                    )
            elif self.nout == 1:
                outputs = [out]
            else:
                raise TypeError(f"{self.__name__}() needs 'out' to be a tuple of {self.nout}")
        for output in outputs:
            if output is not None and not isinstance(output, np.ndarray):
                raise TypeError(
                    f"{self.__name__}() writes to arrays, not to {type(output).__name__}"
                )
            if output is not None and not output.flags.writeable:
                raise ValueError(f"{self.__name__}() got an output array that is read-only")
        return [x, *outputs, *[None] * (self.nout - len(outputs))]

    def _loop_dtype(self, given, requested):
        """The native dtype that the loop runs in: what is no float is computed in float64."""
        if given.kind not in "biuf":
            raise TypeError(f"{self.__name__}() takes real numbers, not dtype {given}")
        if requested is not None:
            loop = np.dtype(requested)
            if loop.char not in _LOOPS:
                raise TypeError(f"{self.__name__}() has no loop for dtype={loop}")
            return loop.newbyteorder("=")
        return given.newbyteorder("=") if given.char in _LOOPS else np.dtype(np.float64)

    def _check_cast(self, role, source, target, casting):
        if not np.can_cast(source, target, casting):
            raise TypeError(
                f"Cannot cast ufunc '{self.__name__}' {role} from {source!r} to {target!r} "
                f"with casting rule {casting!r}"
            )

    def _run(self, array, outputs, loop):
        with np.nditer(
            [array, *map(_base_array, outputs)],
            flags=["buffered", "external_loop", "copy_if_overlap", "zerosize_ok", "refs_ok"],
            op_flags=[["readonly"]] + [["writeonly", "allocate", "no_broadcast"]] * self.nout,
            op_dtypes=[loop] * (self.nin + self.nout),
            casting="unsafe",  # checked by the caller
            buffersize=_BLOCK,
        ) as blocks:
            wide = np.promote_types(loop, np.float32)
            for block, *targets in blocks:
                results = self.kernel(block.astype(wide, copy=False))
                for target, result in zip(
                    targets, results if self.nout > 1 else (results,), strict=True
                ):
                    target[...] = result
            return blocks.operands[self.nin :]

    def _run_masked(self, array, outputs, loop, mask):
        given = [output.shape for output in outputs if output is not None]
        shape = np.broadcast_shapes(array.shape, mask.shape, *given)
        results = self._run(np.broadcast_to(array, shape), [None] * self.nout, loop)
        for output, result in zip(outputs, results, strict=True):
            if output is not None:
                np.copyto(output, result, casting="unsafe", where=mask)
        return results

    def _wrap(self, x, result, index):
        """Scalars for 0-d results; masked arrays, Series and the like for their own kind."""
        if result.ndim == 0:
            return result[()]
        if type(x) is np.ndarray or not hasattr(x, "__array_wrap__"):
            return result
        return x.__array_wrap__(result, (self, (x,), index))


def _base_array(output):
    return None if output is None else np.asarray(output)


def _function(nout=1):
    return lambda kernel: _Function(kernel, nout)


@_function()
def sigmoid(x):
    """1/(1+e) for x >= 0 and e/(1+e) below, where e = exp(-|x|) <= 1 cannot overflow."""
    e = np.exp(-np.abs(x))
    return np.maximum(e, x >= 0) / (1 + e)


@_function()
def sigmoid_grad(x):
    """s(x) s(-x) = e/(1+e)^2, e = exp(-|x|): nothing cancels, so the tails keep their digits."""
    e = np.exp(-np.abs(x))
    return e / (1 + e * (2 + e))  # squaring a rounded 1 + e: 4.1 ulp, and 5.1 in float32


@_function()
def sigmoid_grad_from_output(y):
    """The identity s' = s (1 - s), with s given."""
    return y * (1 - y)


@_function(nout=2)
def sigmoid_and_grad(x):
    """The two functions from one exponential."""
    e = np.exp(-np.abs(x))
    return np.maximum(e, x >= 0) / (1 + e), e / (1 + e * (2 + e))


expit = logistic = sigmoid

FUNCTIONS = {
    function.__name__: function
    for function in (sigmoid, sigmoid_grad, sigmoid_grad_from_output, sigmoid_and_grad)
}
