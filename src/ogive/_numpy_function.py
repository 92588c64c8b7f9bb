"""What a ufunc does around its loop, in NumPy: dtypes, casting, broadcasting, masks, containers."""

import sys

import numpy as np

from ogive._docs import DOCS

_REAL_LOOPS, _COMPLEX_LOOPS = "efdg", "FD"  # in the order of the compiled loops
_BLOCK = 16384  # elements: the temporaries of one block stay in the L2 cache


class Function:
    """A kernel with what a ufunc does around its loop: dtypes, casting, broadcasting, masks.

    A kernel maps one array for each of its arguments, all of one dtype, to a new array, or to a
    tuple of ``nout`` new ones. It is called block by block, in the dtype of the loop but never in
    a narrower one than `least`, and its results are rounded to the dtype of the loop. One that also
    takes complex numbers has a second kernel, of complex128.
    """

    signature = identity = None  # what containers ask a ufunc for

    def __init__(self, kernel, nout, least, complex_kernel=None):
        self.kernel = kernel
        self.complex_kernel = complex_kernel
        self.nin = kernel.__code__.co_argcount
        self.nout = nout
        self.nargs = self.nin + nout
        self.least = least
        self._loops = _REAL_LOOPS + (_COMPLEX_LOOPS if complex_kernel else "")
        self.types = [f"{char * self.nin}->{char * nout}" for char in self._loops]
        self.ntypes = len(self.types)
        self.__name__ = self.__qualname__ = kernel.__name__
        self.__module__ = kernel.__module__  # where a pickle finds it
        self.__doc__ = DOCS[kernel.__name__]

    def __repr__(self):
        return f"<ogive.fallback function '{self.__name__}'>"

    def __reduce__(self):
        return self.__name__

    def __getattr__(self, name):
        why = " in pure NumPy: it is no np.ufunc there" if hasattr(np.ufunc, name) else ""
        raise AttributeError(f"ogive.{self.__name__} has no attribute {name!r}{why}", name=name)

    def __call__(self, *args, out=None, **kwargs):
        inputs, outputs = self._operands(args, out)
        overriding = [x for x in (*inputs, *outputs) if _override(x) is not _NO_OVERRIDE]
        if not overriding:
            return self._compute(inputs, outputs, **kwargs)
        if any(output is not None for output in outputs):
            kwargs["out"] = tuple(outputs)
        for x in overriding:
            if _override(x) is None:
                raise TypeError(
                    f"operand {type(x).__name__!r} does not support ufuncs (__array_ufunc__=None)"
                )
            result = _override(x)(x, self, "__call__", *inputs, **kwargs)
            if result is not NotImplemented:
                return result
        types = ", ".join(type(x).__name__ for x in overriding)
        raise TypeError(f"{self.__name__}(): {types} returned NotImplemented from __array_ufunc__")

    def _compute(
        self,
        inputs,
        outputs,
        *,
        where=True,
        dtype=None,
        signature=None,
        casting="same_kind",
        order="K",
        subok=True,
        **unknown,
    ):
        for argument in unknown:
            raise TypeError(f"{self.__name__}() got an unexpected keyword argument {argument!r}")
        for output in outputs:
            if output is not None and not isinstance(output, np.ndarray):
                raise TypeError(
                    f"{self.__name__}() writes to arrays, not to {type(output).__name__}"
                )
            if output is not None and not output.flags.writeable:
                raise ValueError(f"{self.__name__}() got an output array that is read-only")
        arrays = [_as_array(x) if self.nin > 1 else np.asarray(x) for x in inputs]
        requested = self._requested_dtype(dtype, signature)
        loop = self._loop_dtype(inputs, arrays, requested)
        for index, (x, array) in enumerate(zip(inputs, arrays, strict=True)):
            if requested is not None or not _is_python_number(x):
                self._check_cast(_numbered("input", index, self.nin), array.dtype, loop, casting)
        for index, output in enumerate(outputs):
            if output is not None:
                role = _numbered("output", index, self.nout)
                self._check_cast(role, loop, output.dtype, casting)

        with np.errstate(all="ignore"):
            if where is True:
                results = self._run(arrays, outputs, loop, order)
            else:
                mask = np.array(where, dtype=bool)  # a copy, as an output may overlap it
                results = self._run_masked(arrays, outputs, loop, order, mask)

        operands = (*inputs, *outputs) if any(x is not None for x in outputs) else tuple(inputs)
        returned = tuple(
            _wrapped(
                result if output is None else output,
                _container(inputs if output is None else [output]) if subok else None,
                (self, operands, index),
                scalar=output is None,
            )
            for index, (output, result) in enumerate(zip(outputs, results, strict=True))
        )
        return returned if self.nout > 1 else returned[0]

    def _operands(self, args, out):
        """The inputs and the ``nout`` outputs, None where one is to be allocated."""
        if not self.nin <= len(args) <= self.nargs:
            raise TypeError(
                f"{self.__name__}() takes from {self.nin} to {self.nargs} positional arguments "
                f"but {len(args)} were given"
            )
        inputs, outputs = args[: self.nin], list(args[self.nin :])
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
        return inputs, [*outputs, *[None] * (self.nout - len(outputs))]

    def _requested_dtype(self, dtype, signature):
        """The dtype of all operands that a caller asks for, in one way or the other, or None."""
        if signature is None:
            return dtype
        if dtype is not None:
            raise TypeError(f"{self.__name__}() got both 'dtype' and 'signature'")
        if isinstance(signature, str):
            inputs, _, outputs = signature.partition("->")
            signature = (*inputs, *outputs)
        if not isinstance(signature, tuple):
            raise TypeError(
                f"{self.__name__}() needs 'signature' to be a string or a tuple, not {signature!r}"
            )
        if len(signature) != self.nargs:
            raise ValueError(
                f"{self.__name__}() needs a 'signature' of {self.nargs} dtypes, one per operand, "
                f"got {len(signature)}"
            )
        given = {np.dtype(each) for each in signature if each is not None}
        if len(given) > 1:
            raise TypeError(f"{self.__name__}() has no loop for signature={signature!r}")
        return given.pop() if given else None

    def _loop_dtype(self, inputs, arrays, requested):
        """The native dtype that the loop runs in: where no input is a float, float64."""
        for index, array in enumerate(arrays):
            is_real = array.dtype.kind in "biuf" or np.can_cast(array.dtype, np.float64)
            if not is_real and not self._is_loop(array.dtype):
                role = _numbered("input", index, self.nin)
                numbers = "real numbers" + (
                    ", complex64 and complex128" if self.complex_kernel else ""
                )
                raise TypeError(
                    f"{self.__name__}() takes {numbers}, not dtype {array.dtype} ({role})"
                )
        if requested is not None:
            loop = np.dtype(requested)
            if not self._is_loop(loop):
                raise TypeError(f"{self.__name__}() has no loop for dtype={loop}")
        else:
            loop = _result_type(
                [x if _is_python_number(x) else a for x, a in zip(inputs, arrays, strict=True)]
            )
        known = loop is not None and self._is_loop(loop)
        return loop.newbyteorder("=") if known else np.dtype(np.float64)

    def _is_loop(self, dtype):
        return dtype.char in self._loops or _is_bfloat16(dtype)

    def _check_cast(self, role, source, target, casting):
        if not np.can_cast(source, target, casting):
            raise TypeError(
                f"Cannot cast ufunc '{self.__name__}' {role} from {source!r} to {target!r} "
                f"with casting rule {casting!r}"
            )

    def _run(self, arrays, outputs, loop, order):
        with np.nditer(
            [*arrays, *map(_base_array, outputs)],
            flags=["buffered", "external_loop", "copy_if_overlap", "zerosize_ok", "refs_ok"],
            op_flags=[["readonly"]] * self.nin
            + [["writeonly", "allocate", "no_broadcast"]] * self.nout,
            op_dtypes=[loop] * self.nargs,
            order=order,
            casting="unsafe",  # checked by the caller
            buffersize=1 if _overlap(outputs) else _BLOCK,  # one by one: element order decides
        ) as blocks:
            kernel = self.complex_kernel if loop.kind == "c" else self.kernel
            least = np.complex128 if loop.kind == "c" else self.least
            wide = loop if least is None else np.promote_types(loop, least)
            for operands in blocks:
                results = kernel(*(x.astype(wide, copy=False) for x in operands[: self.nin]))
                for target, result in zip(
                    operands[self.nin :], results if self.nout > 1 else (results,), strict=True
                ):
                    target[...] = result
            return blocks.operands[self.nin :]

    def _run_masked(self, arrays, outputs, loop, order, mask):
        given = [output.shape for output in outputs if output is not None]
        shape = np.broadcast_shapes(*(array.shape for array in arrays), mask.shape, *given)
        for each in given:
            if each != shape:
                raise ValueError(
                    f"{self.__name__}() cannot write results of shape {shape} to an output of "
                    f"shape {each}"
                )
        arrays = [np.broadcast_to(array, shape) for array in arrays]
        results = self._run(arrays, [None] * self.nout, loop, order)
        for output, result in zip(outputs, results, strict=True):
            if output is not None:
                np.copyto(output, result, casting="unsafe", where=mask)
        return results


def _container(operands):
    """The operand whose kind a result gets (a masked array, a matrix), or None."""
    wrapping = [x for x in operands if hasattr(type(x), "__array_wrap__")]
    first = max(wrapping, key=_priority, default=None)
    return first if first is not None and not _is_plain(first) else None


def _priority(x):
    """What wins among operands; where that is equal, what is no array of NumPy's own."""
    if isinstance(x, np.generic):
        return -1e6, False  # they say otherwise themselves
    return getattr(x, "__array_priority__", 0), not _is_plain(x)


def _is_plain(x):
    return type(x) is np.ndarray or isinstance(x, np.generic)


def _wrapped(result, container, context, scalar):
    """A result as what its container makes of it; without one a scalar if it has no dimension."""
    scalar = scalar and result.ndim == 0
    if container is None:
        return result[()] if scalar else result
    try:
        return container.__array_wrap__(result, context, scalar)
    except TypeError:  # of before NumPy 2
        pass
    try:
        return container.__array_wrap__(result, context)
    except TypeError:
        return container.__array_wrap__(result)


_NO_OVERRIDE = np.ndarray.__array_ufunc__


def _override(x):
    """The method by which containers (pandas, xarray, Dask) take over a ufunc called on them."""
    return getattr(type(x), "__array_ufunc__", _NO_OVERRIDE)


def _is_python_number(x):
    """Whether x leaves the choice of the dtype to the other inputs."""
    return type(x) in (int, float)


def _as_array(x):
    """As an array; an integer that no dtype of NumPy holds as the float that it is beside others.

    NumPy refuses such an integer as the one input of a function.
    """
    array = np.asarray(x)
    return np.asarray(float(x)) if type(x) is int and array.dtype == object else array


def _is_bfloat16(dtype):
    return dtype.name == "bfloat16"  # of the package ml_dtypes


def _result_type(operands):
    """What NumPy says, but to any dtype but its own and small integers bfloat16 is as float32."""
    others = [x for x in operands if _is_python_number(x) or not _is_bfloat16(x.dtype)]
    try:
        common = np.result_type(*operands)
    except TypeError:
        common = None
    if len(others) < len(operands) and (common is None or not _is_bfloat16(common)):
        common = np.result_type(np.float32, *others)
    return common


def finfo(dtype):
    return sys.modules["ml_dtypes"].finfo(dtype) if _is_bfloat16(dtype) else np.finfo(dtype)


def _numbered(role, index, count):
    return f"{role} {index}" if count > 1 else role


def _overlap(outputs):
    given = [output for output in outputs if output is not None]
    return len(given) > 1 and np.shares_memory(*given)


def _base_array(output):
    return None if output is None else np.asarray(output)
