"""How other libraries compute the functions of ogive.

A function of a library takes the inputs and then the outputs, None where it is to allocate them,
and returns what holds the results.
"""

import functools
import importlib
import os
from collections.abc import Callable, Container
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np

import ogive
from ogive import _bench, _dispatch
from ogive.fallback import FUNCTIONS

from . import compiled
from .cases import DTYPES, LAYOUTS


def _formulas(xp, sigmoid, softplus):
    """What is written with the sigmoid and softplus of a library, whose arrays are those of xp."""

    def sigmoid_and_grad(x, y, dy):
        y = sigmoid(x, out=y)
        return y, xp.multiply(y, 1 - y, out=dy)

    def sigmoid_grad(x, dy):
        s = sigmoid(x)
        return xp.multiply(s, 1 - s, out=dy)

    def silu_grad(x, dy):
        s = sigmoid(x)
        return xp.multiply(s, 1 + x * (1 - s), out=dy)

    def bce_with_logits(x, t, loss):
        return xp.subtract(softplus(x), x * t, out=loss)

    def bce_with_logits_grad(x, t, grad):
        return xp.subtract(sigmoid(x), t, out=grad)

    def bce_with_logits_and_grad(x, t, loss, grad):
        return bce_with_logits(x, t, loss), bce_with_logits_grad(x, t, grad)

    def mix(a, b, x, y):
        s = sigmoid(x)
        return xp.add(s * a, (1 - s) * b, out=y)

    def lstm_cell(i, f, g, o, c, h, c_new):
        c_new = xp.add(sigmoid(f) * c, sigmoid(i) * xp.tanh(g), out=c_new)
        return xp.multiply(sigmoid(o), xp.tanh(c_new), out=h), c_new

    def gru_cell(r, z, xn, hn, h, h_new):
        n = xp.tanh(xn + sigmoid(r) * hn)
        s = sigmoid(z)
        return xp.add((1 - s) * n, s * h, out=h_new)

    return {
        "sigmoid": lambda x, y: sigmoid(x, out=y),
        "sigmoid_grad": sigmoid_grad,
        "sigmoid_grad_from_output": lambda y, dy: xp.multiply(y, 1 - y, out=dy),
        "sigmoid_and_grad": sigmoid_and_grad,
        "softplus": lambda x, y: softplus(x, out=y),
        "silu": lambda x, y: xp.multiply(x, sigmoid(x), out=y),
        "silu_grad": silu_grad,
        "tanh": lambda x, y: xp.tanh(x, out=y),
        "bce_with_logits": bce_with_logits,
        "bce_with_logits_grad": bce_with_logits_grad,
        "bce_with_logits_and_grad": bce_with_logits_and_grad,
        "sigmoid_backward": lambda dy, y, dx: xp.multiply(dy, y * (1 - y), out=dx),
        "silu_backward": lambda dy, x, dx: xp.multiply(dy, silu_grad(x, dx), out=dx),
        "glu": lambda a, b, y: xp.multiply(a, sigmoid(b), out=y),
        "swiglu": lambda a, b, y: xp.multiply(a * sigmoid(a), b, out=y),
        "mix": mix,
        "lstm_cell": lstm_cell,
        "gru_cell": gru_cell,
    }


def _of_arrays(functions):
    """Bind functions of NumPy arrays by their names."""

    def bind(case, inputs, outputs, threads):
        return functools.partial(functions[case.function], *inputs, *outputs)

    return bind


def _numpy():
    return _of_arrays(
        _formulas(np, _bench.formula, functools.partial(np.logaddexp, 0))
        | {
            "log_sigmoid": lambda x, y: np.negative(np.logaddexp(0, -x), out=y),
            "logit": lambda p, x: np.log(p / (1 - p), out=x),
            "silu": lambda x, y: np.divide(x, 1 + np.exp(-x), out=y),
        }
    )


def _scipy():
    special = importlib.import_module("scipy.special")
    expit, log_expit = special.expit, special.log_expit

    def softplus(x, out=None):
        return np.negative(log_expit(-x), out=out)

    return _of_arrays(
        _formulas(np, expit, softplus)
        | {
            "sigmoid_grad": lambda x, dy: np.multiply(expit(x), expit(-x), out=dy),
            "log_sigmoid": log_expit,
            "logit": special.logit,
        }
    )


def _sklearn():
    loss = importlib.import_module("sklearn._loss").HalfBinomialLoss()
    return _of_arrays(
        {
            "bce_with_logits": lambda x, t, y: loss.loss(t, x, loss_out=y),
            "bce_with_logits_grad": lambda x, t, dy: loss.gradient(t, x, gradient_out=dy),
            "bce_with_logits_and_grad": lambda x, t, y, dy: loss.loss_gradient(
                t, x, loss_out=y, gradient_out=dy
            ),
        }
    )


def _torch():
    torch = importlib.import_module("torch")
    aten, functional = torch.ops.aten, torch._C._nn  # of torch.nn.functional those with out=
    sigmoid = torch.sigmoid

    def backward(operator, dy, x, dx):
        if dx is None:
            return operator.default(dy, x)
        return operator.grad_input(dy, x, grad_input=dx)

    def ones(x):
        return torch.ones((), dtype=x.dtype).expand_as(x)

    def sigmoid_and_grad(x, y, dy):
        y = sigmoid(x, out=y)
        return y, backward(aten.sigmoid_backward, ones(y), y, dy)

    def bce_with_logits(x, t, loss):
        return torch.nn.functional.binary_cross_entropy_with_logits(x, t, reduction="none")

    formulas = _formulas(torch, sigmoid, functional.softplus)
    bce_with_logits_grad = formulas["bce_with_logits_grad"]
    by_name = formulas | {
        "sigmoid_grad": lambda x, dy: sigmoid_and_grad(x, dy, dy)[1],
        "sigmoid_grad_from_output": lambda y, dy: backward(aten.sigmoid_backward, ones(y), y, dy),
        "sigmoid_and_grad": sigmoid_and_grad,
        "log_sigmoid": lambda x, y: functional.log_sigmoid(x, out=y),
        "logit": lambda p, x: torch.logit(p, out=x),
        "silu": lambda x, y: functional.silu(x, out=y),
        "silu_grad": lambda x, dy: backward(aten.silu_backward, ones(x), x, dy),
        "bce_with_logits": bce_with_logits,
        "bce_with_logits_and_grad": lambda x, t, loss, grad: (
            bce_with_logits(x, t, loss),
            bce_with_logits_grad(x, t, grad),
        ),
        "sigmoid_backward": lambda dy, y, dx: backward(aten.sigmoid_backward, dy, y, dx),
        "silu_backward": lambda dy, x, dx: backward(aten.silu_backward, dy, x, dx),
        "glu": lambda ab, y: functional.glu(ab, 0, out=y),
        "swiglu": lambda a, b, y: torch.multiply(functional.silu(a), b, out=y),
        "mix": lambda a, b, x, y: torch.lerp(b, a, sigmoid(x), out=y),
    }

    def bind(case, inputs, outputs, threads):
        """The same memory as tensors; but glu of torch takes its inputs as halves of one."""
        torch.set_num_threads(threads)
        inputs = [np.concatenate(inputs)] if case.function == "glu" else inputs
        tensors = [x if x is None else torch.from_numpy(x) for x in [*inputs, *outputs]]
        return functools.partial(by_name[case.function], *tensors)

    return bind


def _jax():
    jax = importlib.import_module("jax")
    jax.config.update("jax_enable_x64", True)
    jnp, nn = jax.numpy, jax.nn

    def without_out(function):
        return lambda *args, out=None: function(*args)

    names = ("add", "subtract", "multiply", "tanh")
    xp = SimpleNamespace(**{name: without_out(getattr(jnp, name)) for name in names})
    by_name = _formulas(xp, without_out(nn.sigmoid), without_out(nn.softplus)) | {
        "log_sigmoid": lambda x, y: nn.log_sigmoid(x),
        "logit": lambda p, x: jax.scipy.special.logit(p),
        "silu": lambda x, y: nn.silu(x),
    }

    @functools.cache
    def compiled_(function):
        nout = FUNCTIONS[function].nout
        return jax.jit(lambda *inputs: by_name[function](*inputs, *[None] * nout))

    def bind(case, inputs, outputs, threads):
        """Its own arrays, made in the call where the layout is one that they cannot have."""
        run = compiled_(case.function)
        if case.layout != "contiguous":
            return lambda: jax.block_until_ready(run(*map(jnp.asarray, inputs)))
        arrays = [jnp.array(x) for x in inputs]
        return lambda: jax.block_until_ready(run(*arrays))

    return bind


def _backend(isa):
    """The same functions as another processor would run them."""
    if isa not in _dispatch.runs_here():
        return None
    return _of_arrays(_dispatch.kernels.ufuncs(isa))


class Peer(NamedTuple):
    """A library: its module, what makes `bind` of it, what it is asked, and what it takes.

    `bind(case, inputs, outputs, threads)` returns a call without arguments, or None where the
    library has no such function after all. JAX is told the number
    of threads before it is imported: `measure` does so.
    """

    module: str
    make: Callable
    description: str
    dtypes: Container = tuple(DTYPES)
    functions: Container = FUNCTIONS
    layouts: Container = tuple(LAYOUTS)
    threads: bool = False


_WIDE = ("float32", "float64")
# Formulas of which nothing is SciPy's.
WITHOUT_SCIPY = ("sigmoid_grad_from_output", "tanh", "sigmoid_backward")

PEERS = {
    "NumPy": Peer(
        "numpy",
        _numpy,
        "`s = 1 / (1 + np.exp(-x))`, `s * (1 - s)`, `np.logaddexp(0, x)`, `np.log(p / (1 - p))`, "
        "`x / (1 + np.exp(-x))`, `np.tanh`, and the formulas of the others from these",
    ),
    "SciPy": Peer(
        "scipy",
        _scipy,
        "`expit`, `expit(x) * expit(-x)`, `log_expit`, `-log_expit(-x)`, `logit`, and NumPy's "
        "formulas with these",
        functions=[name for name in FUNCTIONS if name not in WITHOUT_SCIPY],
    ),
    "numexpr": Peer(
        "numexpr",
        compiled.numexpr,
        "the formulas, `log1p(exp(x))`",
        _WIDE,
        compiled.FORMULAS,
        threads=True,
    ),
    "Numba": Peer(
        "numba",
        compiled.numba,
        "`@vectorize` of the same formulas, `@guvectorize` of two",
        _WIDE,
        compiled.FORMULAS,
    ),
    "torch": Peer(
        "torch",
        _torch,
        "its functions of these names and their backward; `lerp` with `sigmoid` for `mix`, "
        "formulas for the cells",
        threads=True,
    ),
    "JAX": Peer(
        "jax",
        _jax,
        "`jax.jit` of its functions of these names and of NumPy's formulas with these; it has no "
        "`out=`, and copies other layouts first",
        threads=True,
    ),
    "ONNX Runtime": Peer(
        "onnxruntime",
        compiled.onnx_runtime,
        "graphs of its operators, `out=` by an I/O binding; it copies other layouts first",
        functions=compiled.GRAPHS,
        threads=True,
    ),
    "scikit-learn": Peer(
        "sklearn",
        _sklearn,
        "`HalfBinomialLoss`",
        _WIDE,
        ("bce_with_logits", "bce_with_logits_grad", "bce_with_logits_and_grad"),
        ("contiguous",),
    ),
}

BACKENDS = {f"ogive {isa}": isa for isa in ("generic", "portable", "neon", "avx2", "avx512")}
PEERS |= {
    label: Peer("ogive", functools.partial(_backend, isa), f"`OGIVE_ISA={isa}`", threads=True)
    for label, isa in BACKENDS.items()
}
LIBRARIES = [label for label in PEERS if label not in BACKENDS]


@functools.cache
def _binding(label):
    """`bind` of a library, None where it is not installed."""
    peer = PEERS[label]
    try:
        importlib.import_module(peer.module)
        return peer.make()
    except ModuleNotFoundError as error:
        if error.name not in (peer.module, "onnx"):
            raise
        return None


def installed(chosen=LIBRARIES):
    """{label: bind} of those libraries and backends that are here."""
    return {label: _binding(label) for label in chosen if _binding(label)}


def ogive_call(name, inputs, outputs):
    given = {} if outputs[0] is None else {"out": tuple(outputs)}
    return functools.partial(getattr(ogive, name), *inputs, **given)


def calls(case, inputs, outputs, chosen=LIBRARIES):
    """Calls without arguments that compute a case, of ogive and its peers, by label."""
    threads = case.threads or os.cpu_count()
    ogive.set_num_threads(threads)
    found = {"ogive": ogive_call(case.function, inputs, outputs)}
    for label, bind in installed(chosen).items():
        peer = PEERS[label]
        if (
            case.dtype in peer.dtypes
            and case.function in peer.functions
            and case.layout in peer.layouts
            and (case.threads == 1 or peer.threads)
        ):
            found[label] = bind(case, inputs, outputs, threads)
    return {label: call for label, call in found.items() if call}
