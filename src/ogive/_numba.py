"""The functions inside code that Numba compiles. Numba itself calls `init`, by an entry point."""

import llvmlite.binding
import numpy as np
from llvmlite import ir
from numba import njit, types
from numba.core import cgutils
from numba.core.errors import NumbaNotImplementedError
from numba.extending import intrinsic, overload
from numba.np.numpy_support import as_dtype, from_dtype

import ogive
from ogive import _dispatch

_FLOATS = {"f": "f32", "d": "f64"}


def init():
    """Tell Numba how to compile calls of the functions; in pure NumPy they have no kernels."""
    if ogive.isa == "numpy":
        return
    # By name, so that code in Numba's cache finds them in another process.
    for symbol, address in _dispatch.kernels.native_symbols(ogive.isa).items():
        llvmlite.binding.add_symbol(symbol, address)
    for function in _dispatch.functions.values():
        _register(function)


def _register(function):
    """Register one function: numbers, and arrays of any layout, which are broadcast."""

    @overload(function)
    def call(*args):
        dtype = _loop_dtype(args) if len(args) == function.nin else None
        if dtype is None:
            return None
        symbol = f"ogive_{function.__name__}_{_FLOATS[dtype.char]}"
        make = _for_arrays if any(_dimensions(x) for x in args) else _for_numbers
        return make(symbol, from_dtype(dtype), function.nout, _keeps_f_order(args))


def _dimensions(x):
    return x.ndim if isinstance(x, types.Array) else 0


def _keeps_f_order(args):
    """Whether results are in Fortran's order, as those of NumPy's functions are in Numba."""
    arrays = [x for x in args if _dimensions(x)]
    alike = len({x.ndim for x in arrays}) == 1
    return alike and arrays[0].ndim > 1 and all(x.layout == "F" for x in arrays)


def _loop_dtype(args):
    """float32 or float64, by NumPy's promotion; None for what is no real number."""
    numbers = [types.unliteral(getattr(x, "dtype", x)) for x in args]
    if not all(isinstance(x, types.Integer | types.Float | types.Boolean) for x in numbers):
        return None
    if types.float16 in numbers:  # Numba's own functions refuse it too
        raise NumbaNotImplementedError("ogive takes float32 and float64 in Numba, not float16")
    dtype = np.result_type(*map(as_dtype, numbers))
    return dtype if dtype.kind == "f" else np.dtype(np.float64)


def _call_kernel(builder, symbol, addresses, count):
    """Emit ogive_call(kernel, addresses, count): see ogive_api in ogive.h."""
    pointer, size = ir.IntType(8).as_pointer(), ir.IntType(types.intp.bitwidth)
    operands = cgutils.alloca_once(builder, pointer, len(addresses))
    for i, address in enumerate(addresses):
        place = builder.gep(operands, [ir.Constant(size, i)])
        builder.store(builder.bitcast(address, pointer), place)
    kernel_type = ir.FunctionType(ir.VoidType(), [operands.type, size])
    call_type = ir.FunctionType(ir.VoidType(), [kernel_type.as_pointer(), operands.type, size])
    kernel = cgutils.get_or_insert_function(builder.module, kernel_type, symbol)
    call = cgutils.get_or_insert_function(builder.module, call_type, "ogive_call")
    builder.call(call, [kernel, operands, count])


def _for_numbers(symbol, number, nout, _):
    """Return the implementation for numbers and arrays without dimensions."""
    result = types.UniTuple(number, nout) if nout > 1 else number

    @intrinsic
    def run(typing_context, args):
        def generate(context, builder, signature, values):
            inputs = cgutils.unpack_tuple(builder, values[0])
            addresses = [
                cgutils.alloca_once_value(builder, context.cast(builder, value, given, number))
                for value, given in zip(inputs, args, strict=True)
            ]
            outputs = [
                cgutils.alloca_once(builder, context.get_value_type(number)) for _ in range(nout)
            ]
            count = context.get_constant(types.intp, 1)
            _call_kernel(builder, symbol, addresses + outputs, count)
            results = [builder.load(each) for each in outputs]
            return results[0] if nout == 1 else context.make_tuple(builder, result, results)

        return result(args), generate

    return lambda *args: run(_scalars(args))


def _for_arrays(symbol, number, nout, f_order):
    """Return the implementation for arrays, or arrays and numbers."""

    @intrinsic
    def run(typing_context, operands, count):
        def generate(context, builder, signature, values):
            arrays = cgutils.unpack_tuple(builder, values[0])
            addresses = [
                context.make_array(kind)(context, builder, value).data
                for value, kind in zip(arrays, operands, strict=True)
            ]
            _call_kernel(builder, symbol, addresses, values[1])
            return context.get_dummy_value()

        return types.void(operands, count), generate

    one = nout == 1
    like = njit(lambda x: (np.empty_like(x),) if one else (np.empty_like(x), np.empty_like(x)))

    def implementation(*args):
        inputs = _contiguous(args, _shape(args), number)
        outputs = like(inputs[0])
        run(inputs + outputs, inputs[0].size)
        return outputs[0] if one else outputs

    if not f_order:
        return implementation
    of_transposed = njit(implementation)
    if one:
        return lambda *args: of_transposed(*_transposed(args)).T
    return lambda *args: _transposed(of_transposed(*_transposed(args)))


# Numba has no loop over a tuple of different types, but recursion over its length.


def _scalars(args):
    """Return the arguments with a number for each array without dimensions."""


def _transposed(args):
    """Return the arguments with their arrays transposed."""


def _shape(args):
    """Return the shape that the arguments are broadcast to."""


def _contiguous(args, shape, number):
    """Return the arguments as a tuple of C-contiguous arrays of this shape and type."""


def _mapped(function, args, one):
    if len(args) == 1:
        return lambda args: (one(args[0]),)
    return lambda args: (one(args[0]),) + function(args[1:])  # noqa: RUF005


@overload(_scalars)
def _scalars_of(args):
    return _mapped(_scalars, args, _item if isinstance(args[0], types.Array) else _same)


@overload(_transposed)
def _transposed_of(args):
    return _mapped(_transposed, args, _transpose if isinstance(args[0], types.Array) else _same)


@overload(_shape)
def _shape_of(args):
    one = _array_shape if isinstance(args[0], types.Array) else _number_shape
    if len(args) == 1:
        return lambda args: one(args[0])
    return lambda args: np.broadcast_shapes(one(args[0]), _shape(args[1:]))


@overload(_contiguous)
def _contiguous_of(args, shape, number):
    ready = args[0] == types.Array(number.dtype, len(shape), "C")
    one = _broadcast if ready else _converted
    if len(args) == 1:
        return lambda args, shape, number: (one(args[0], shape, number),)
    return lambda args, shape, number: (
        (one(args[0], shape, number),) + _contiguous(args[1:], shape, number)  # noqa: RUF005
    )


# Not inside the functions above: so they are compiled once for arguments of one type.


@njit
def _item(x):
    return x[()]


@njit
def _transpose(x):
    return x.T


@njit
def _same(x):
    return x


@njit
def _array_shape(x):
    return x.shape


@njit
def _number_shape(x):
    return ()


@njit
def _broadcast(x, shape, number):
    return x if x.shape == shape else np.broadcast_to(x, shape).copy()


@njit
def _converted(x, shape, number):
    return np.broadcast_to(x, shape).astype(number)
