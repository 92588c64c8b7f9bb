"""The functions of ogive in pure NumPy: branch-split and stable, without compiled code.

``import ogive`` uses these where no compiled extension is there. They take the arguments of a
ufunc and have its attributes, but not its methods (``at``, ``outer``, ``reduce``). They stay below
4 ulp in every dtype, those of several inputs below 5, and raise no floating-point warning. They
are what the benchmarks compare with.
"""

import sys

import numpy as np

from ogive._docs import DOCS

__all__ = [
    "FUNCTIONS",
    "bce_with_logits",
    "bce_with_logits_and_grad",
    "bce_with_logits_grad",
    "expit",
    "glu",
    "gru_cell",
    "log_expit",
    "log_sigmoid",
    "logistic",
    "logit",
    "lstm_cell",
    "mix",
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
]

_LOOPS = "efdg"  # in the order of the compiled loops
_BLOCK = 16384  # elements: the temporaries of one block stay in the L2 cache


class _Function:
    """A kernel with what a ufunc does around its loop: dtypes, casting, broadcasting, masks.

    A kernel maps one array for each of its arguments, all of one dtype, to a new array, or to a
    tuple of ``nout`` new ones. It is called block by block, in the dtype of the loop but never in
    a narrower one than `least`, and its results are rounded to the dtype of the loop.
    """

    ntypes = len(_LOOPS)
    signature = identity = None  # what containers ask a ufunc for

    def __init__(self, kernel, nout, least):
        self.kernel = kernel
        self.nin = kernel.__code__.co_argcount
        self.nout = nout
        self.nargs = self.nin + nout
        self.least = least
        self.types = [f"{char * self.nin}->{char * nout}" for char in _LOOPS]
        self.__name__ = self.__qualname__ = kernel.__name__
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
            if array.dtype.kind not in "biuf" and not np.can_cast(array.dtype, np.float64):
                role = _numbered("input", index, self.nin)
                raise TypeError(
                    f"{self.__name__}() takes real numbers, not dtype {array.dtype} ({role})"
                )
        if requested is not None:
            loop = np.dtype(requested)
            if not _is_loop(loop):
                raise TypeError(f"{self.__name__}() has no loop for dtype={loop}")
        else:
            loop = _result_type(
                [x if _is_python_number(x) else a for x, a in zip(inputs, arrays, strict=True)]
            )
        known = loop is not None and _is_loop(loop)
        return loop.newbyteorder("=") if known else np.dtype(np.float64)

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
            wide = loop if self.least is None else np.promote_types(loop, self.least)
            for operands in blocks:
                results = self.kernel(*(x.astype(wide, copy=False) for x in operands[: self.nin]))
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


def _is_loop(dtype):
    return dtype.char in _LOOPS or _is_bfloat16(dtype)


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


def _finfo(dtype):
    return sys.modules["ml_dtypes"].finfo(dtype) if _is_bfloat16(dtype) else np.finfo(dtype)


def _numbered(role, index, count):
    return f"{role} {index}" if count > 1 else role


def _overlap(outputs):
    given = [output for output in outputs if output is not None]
    return len(given) > 1 and np.shares_memory(*given)


def _base_array(output):
    return None if output is None else np.asarray(output)


def _function(nout=1, least=np.float64):
    return lambda kernel: _Function(kernel, nout, least)


@_function(least=np.float32)
def sigmoid(x):
    """e/(1+e) for x < 0 and 1 - e/(1+e) above, where e = exp(-|x|) <= 1 cannot overflow."""
    return _sigmoid_of(np.exp(-np.abs(x)), x)


@_function(least=np.float32)
def sigmoid_grad(x):
    """s(x) s(-x) = e/(1+e)^2, e = exp(-|x|): nothing cancels, so the tails keep their digits."""
    e = np.exp(-np.abs(x))
    return e / (1 + e * (2 + e))  # squaring a rounded 1 + e: 4.1 ulp, and 5.1 in float32


@_function(least=np.float32)
def sigmoid_grad_from_output(y):
    """The identity s' = s (1 - s), with s given."""
    return y * (1 - y)


@_function(nout=2, least=np.float32)
def sigmoid_and_grad(x):
    """The two functions from one exponential."""
    e = np.exp(-np.abs(x))
    return _sigmoid_of(e, x), e / (1 + e * (2 + e))


@_function()
def log_sigmoid(x):
    """-softplus(-x)."""
    return -softplus.kernel(-x)


@_function()
def softplus(x):
    """log(1 + exp(x)) with the larger of the two terms taken out of the logarithm."""
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


@_function()
def logit(p):
    """Odd about 1/2, so from q = min(p, 1-p), exact from 1/4 on, as 1-2q is."""
    q = np.minimum(p, 1 - p)
    x = np.where(q < 0.25, np.log1p(-q) - np.log(q), np.log1p((1 - 2 * q) / q))
    return np.copysign(x, p - 0.5)


@_function()
def silu(x):
    """The product x s(x), of which the limit at -inf is 0."""
    return _product(np.maximum(x, np.finfo(x.dtype).min), *_sigmoid_factors(x))


@_function()
def silu_grad(x):
    """One product, so that subnormal results are rounded once."""
    return _product(*_silu_grad_factors(x))


@_function()
def tanh(x):
    """NumPy's own, and for long doubles, where that may be 2.7 ulp off, Lambert's fraction."""
    if x.dtype.char != "g":
        return np.tanh(x)
    fraction = 0
    for k in range(29, 1, -2):
        fraction = x * x / (k + fraction)  # x / (1 + x^2 / (3 + x^2 / (5 + ...)))
    far = np.copysign(1 - 2 / (1 + np.exp(2 * np.abs(x))), x)
    return np.where(np.abs(x) < 1, x / (1 + fraction), far)


@_function()
def bce_with_logits(x, t):
    """Of log1p(exp(-|x|)) and |x| w no term is negative where t is in [0, 1]."""
    w = _missing(x, t)
    return np.log1p(np.exp(-np.abs(x))) + np.where(w == 0, 0, np.abs(x) * w)


@_function()
def bce_with_logits_grad(x, t):
    """s(x) - t, and (1-t) - s(-x) for x > 0: no sigmoid near 1 loses digits."""
    w = _missing(x, t)
    e = np.exp(-np.abs(x))
    y = e / (1 + e)
    return np.where(x > 0, w - y, y - w)


@_function(nout=2)
def bce_with_logits_and_grad(x, t):
    """The two functions."""
    return bce_with_logits.kernel(x, t), bce_with_logits_grad.kernel(x, t)


@_function()
def sigmoid_backward(dy, y):
    """The product of three, in any order of magnitude."""
    return _product(dy, y, 1 - y)


@_function()
def silu_backward(dy, x):
    """The product of dy and silu'(x)."""
    return _product(dy, *_silu_grad_factors(x))


@_function()
def glu(a, b):
    """The product a s(b)."""
    return _product(a, *_sigmoid_factors(b))


@_function()
def swiglu(a, b):
    """The product silu(a) b."""
    return _product(np.maximum(a, np.finfo(a.dtype).min), b, *_sigmoid_factors(a))


@_function(least=None)
def mix(a, b, x):
    """The sum of two gates, or the one side alone where s(x) rounds to it."""
    limits = _finfo(x.dtype)  # of the loop
    a, b, x = (np.asarray(v, np.promote_types(v.dtype, np.float64)) for v in (a, b, x))
    log2 = np.log(x.dtype.type(2))
    is_one = x >= (limits.nmant + 2) * log2
    is_zero = x <= (limits.minexp - limits.nmant - 1) * log2
    y = glu.kernel(a, x) + glu.kernel(b, -x)
    y = np.where(is_one & (np.isinf(x) | ~np.isfinite(b)), a, y)
    return np.where(is_zero & (np.isinf(x) | ~np.isfinite(a)), b, y)


@_function(nout=2)
def lstm_cell(i, f, g, o, c):
    """Three gates and two hyperbolic tangents."""
    c_new = glu.kernel(c, f) + glu.kernel(tanh.kernel(g), i)
    return glu.kernel(tanh.kernel(c_new), o), c_new


@_function()
def gru_cell(r, z, xn, hn, h):
    """Three gates and a hyperbolic tangent."""
    n = tanh.kernel(xn + glu.kernel(hn, r))
    return glu.kernel(n, -z) + glu.kernel(h, z)


def _sigmoid_of(e, x):
    """s(x), given e: 1/(1+e) would be 1 where 1+e is, and np.where is slower than abs."""
    return np.abs((x >= 0) - e / (1 + e))


def _missing(x, t):
    """What the target t lacks to the side that x is on: 1 - t for x > 0, t below."""
    return np.where(x > 0, 1 - t, t)


def _product(*factors):
    """A product that overflows or underflows only as a whole: the exponents are added apart."""
    product, exponent = 1, 0
    for factor in factors:
        mantissa, power = np.frexp(factor)
        product = product * mantissa
        exponent = exponent + power
    return np.ldexp(product, exponent)


def _sigmoid_factors(x):
    """Numbers whose product is s(x) = exp(min(x, 0)) / (1 + e), e = exp(-|x|)."""
    e = np.exp(-np.abs(x))
    first, *others = _exp_factors(np.minimum(x, 0))
    # Where e is small, the form without a quotient of rounded numbers loses less.
    return np.where(e < 0.25, first - first * (e / (1 + e)), first / (1 + e)), *others


def _silu_grad_factors(x):
    """Numbers whose product is silu'(x) = s(x) (1 + x s(-x)).

    On the left it is exp(x) (1 + x + exp(x)) / (1 + exp(x))^2. Near its zero z the sum in the
    middle is d + exp(z) expm1(d), d = x - z, where nothing cancels: for exp(z) = -1 - z.
    """
    first, *others = _exp_factors(np.minimum(x, 0))
    largest = np.finfo(x.dtype).max
    x = np.clip(x, -largest, largest)
    e = np.exp(-np.abs(x))
    d = _beyond_minimum(x)
    exp_z = _beyond_minimum(x.dtype.type(-1))
    left = d < 0.375
    slope = np.where(d > -0.25, d + exp_z * np.expm1(d), 1 + x + e)
    slope = np.where(left, slope, 1 + x * np.maximum(e, x < 0) / (1 + e))
    denominator = np.where(left, 1 + e * (2 + e), 1 + e)
    return slope, first / denominator, *others


def _exp_factors(x):
    """Numbers whose product is exp(x) for x <= 0, none of them subnormal."""
    least = -np.finfo(x.dtype).maxexp // 2
    for _ in range(5):  # exp(5 least) underflows even times the two largest numbers
        part = np.maximum(x, least)
        yield np.exp(part)
        x = x - part
        if not x.any():
            return
    yield np.where(x == -np.inf, x.dtype.type(0), 1)


# silu' is 0 here; the sum of the parts is good to 212 bits.
_SILU_MINIMUM = (
    -1.2784645427610737,
    -1.0946994183093437e-16,
    -3.907766676128665e-33,
    2.1164754589487106e-49,
)


def _beyond_minimum(x):
    for part in _SILU_MINIMUM:
        x = x - part
    return x


expit = logistic = sigmoid
log_expit = log_sigmoid
swish = silu

FUNCTIONS = {
    function.__name__: function
    for function in (
        sigmoid,
        sigmoid_grad,
        sigmoid_grad_from_output,
        sigmoid_and_grad,
        log_sigmoid,
        softplus,
        logit,
        silu,
        silu_grad,
        tanh,
        bce_with_logits,
        bce_with_logits_grad,
        bce_with_logits_and_grad,
        sigmoid_backward,
        silu_backward,
        glu,
        swiglu,
        mix,
        lstm_cell,
        gru_cell,
    )
}
