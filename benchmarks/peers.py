"""Each function of ogive, the inputs it is timed on, and how other libraries compute it.

A function of a library takes the inputs and then the outputs, and returns what holds the results:
the outputs, where the library has `out=`.
"""

import functools
import importlib
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

import ogive
from ogive.fallback import FUNCTIONS

# Inputs


def _logits(rng, size):
    return rng.normal(0, 4, size)


def _probabilities(rng, size):
    return ogive.sigmoid(_logits(rng, size))


def _targets(rng, size):
    return rng.integers(0, 2, size)


def _gates(rng, size):
    return rng.normal(0, 2, size)


INPUTS = {
    "sigmoid": [_logits],
    "sigmoid_grad": [_logits],
    "sigmoid_grad_from_output": [_probabilities],
    "sigmoid_and_grad": [_logits],
    "log_sigmoid": [_logits],
    "softplus": [_logits],
    "logit": [_probabilities],
    "silu": [_logits],
    "silu_grad": [_logits],
    "tanh": [_logits],
    "bce_with_logits": [_logits, _targets],
    "bce_with_logits_grad": [_logits, _targets],
    "bce_with_logits_and_grad": [_logits, _targets],
    "sigmoid_backward": [_logits, _probabilities],
    "silu_backward": [_logits, _logits],
    "glu": [_logits, _logits],
    "swiglu": [_logits, _logits],
    "mix": [_logits, _logits, _logits],
    "lstm_cell": [_gates] * 5,
    "gru_cell": [_gates] * 5,
}


def inputs(name, dtype, size):
    rng = np.random.default_rng(0)
    return [kind(rng, size).astype(dtype, copy=False) for kind in INPUTS[name]]


def outputs(name, dtype, size):
    return [np.empty(size, dtype) for _ in range(FUNCTIONS[name].nout)]


# Peers


def _formulas(xp, sigmoid, softplus):
    """What is written with the sigmoid and softplus of a library, whose arrays are those of xp."""

    def sigmoid_and_grad(x, y, dy):
        sigmoid(x, out=y)
        return y, xp.multiply(y, 1 - y, out=dy)

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
        xp.add(sigmoid(f) * c, sigmoid(i) * xp.tanh(g), out=c_new)
        return xp.multiply(sigmoid(o), xp.tanh(c_new), out=h), c_new

    def gru_cell(r, z, xn, hn, h, h_new):
        n = xp.tanh(xn + sigmoid(r) * hn)
        s = sigmoid(z)
        return xp.add((1 - s) * n, s * h, out=h_new)

    return {
        "sigmoid": lambda x, y: sigmoid(x, out=y),
        "sigmoid_and_grad": sigmoid_and_grad,
        "softplus": lambda x, y: softplus(x, out=y),
        "silu": lambda x, y: xp.multiply(x, sigmoid(x), out=y),
        "silu_grad": silu_grad,
        "bce_with_logits": bce_with_logits,
        "bce_with_logits_grad": bce_with_logits_grad,
        "bce_with_logits_and_grad": bce_with_logits_and_grad,
        "silu_backward": lambda dy, x, dx: xp.multiply(dy, silu_grad(x, dx), out=dx),
        "glu": lambda a, b, y: xp.multiply(a, sigmoid(b), out=y),
        "swiglu": lambda a, b, y: xp.multiply(a * sigmoid(a), b, out=y),
        "mix": mix,
        "lstm_cell": lstm_cell,
        "gru_cell": gru_cell,
    }


def _numpy():
    def sigmoid(x, out=None):
        return np.divide(1, 1 + np.exp(-x), out=out)

    def sigmoid_grad(x, dy):
        s = sigmoid(x)
        return np.multiply(s, 1 - s, out=dy)

    return _formulas(np, sigmoid, functools.partial(np.logaddexp, 0)) | {
        "sigmoid_grad": sigmoid_grad,
        "sigmoid_grad_from_output": lambda y, dy: np.multiply(y, 1 - y, out=dy),
        "log_sigmoid": lambda x, y: np.negative(np.logaddexp(0, -x), out=y),
        "logit": lambda p, x: np.log(p / (1 - p), out=x),
        "silu": lambda x, y: np.divide(x, 1 + np.exp(-x), out=y),
        "tanh": np.tanh,
        "sigmoid_backward": lambda dy, y, dx: np.multiply(dy, y * (1 - y), out=dx),
    }


def _scipy():
    special = importlib.import_module("scipy.special")
    expit, log_expit = special.expit, special.log_expit

    def softplus(x, out=None):
        return np.negative(log_expit(-x), out=out)

    return _formulas(np, expit, softplus) | {
        "sigmoid_grad": lambda x, dy: np.multiply(expit(x), expit(-x), out=dy),
        "log_sigmoid": log_expit,
        "logit": special.logit,
    }


def _torch():
    torch = importlib.import_module("torch")
    torch.set_num_threads(1)
    aten, functional = torch.ops.aten, torch._C._nn  # of torch.nn.functional those with out=
    sigmoid, sigmoid_backward = torch.sigmoid, aten.sigmoid_backward.grad_input
    silu_backward = aten.silu_backward.grad_input

    def ones(x):
        return torch.ones((), dtype=x.dtype).expand_as(x)

    def sigmoid_and_grad(x, y, dy):
        sigmoid(x, out=y)
        return y, sigmoid_backward(ones(y), y, grad_input=dy)

    def sigmoid_grad(x, dy):
        return sigmoid_and_grad(x, dy, dy)[1]

    def bce_with_logits(x, t, loss):
        return torch.nn.functional.binary_cross_entropy_with_logits(x, t, reduction="none")

    formulas = _formulas(torch, sigmoid, functional.softplus)
    bce_with_logits_grad = formulas["bce_with_logits_grad"]
    return formulas | {
        "sigmoid_grad": sigmoid_grad,
        "sigmoid_grad_from_output": lambda y, dy: sigmoid_backward(ones(y), y, grad_input=dy),
        "sigmoid_and_grad": sigmoid_and_grad,
        "log_sigmoid": lambda x, y: functional.log_sigmoid(x, out=y),
        "logit": lambda p, x: torch.logit(p, out=x),
        "silu": lambda x, y: functional.silu(x, out=y),
        "silu_grad": lambda x, dy: silu_backward(ones(x), x, grad_input=dy),
        "tanh": lambda x, y: torch.tanh(x, out=y),
        "bce_with_logits": bce_with_logits,
        "bce_with_logits_and_grad": lambda x, t, loss, grad: (
            bce_with_logits(x, t, loss),
            bce_with_logits_grad(x, t, grad),
        ),
        "sigmoid_backward": lambda dy, y, dx: sigmoid_backward(dy, y, grad_input=dx),
        "silu_backward": lambda dy, x, dx: silu_backward(dy, x, grad_input=dx),
        "glu": lambda ab, y: functional.glu(ab, 0, out=y),
        "swiglu": lambda a, b, y: torch.multiply(functional.silu(a), b, out=y),
        "mix": lambda a, b, x, y: torch.lerp(b, a, sigmoid(x), out=y),
    }


def _sklearn():
    loss = importlib.import_module("sklearn._loss").HalfBinomialLoss()
    return {
        "bce_with_logits": lambda x, t, y: loss.loss(t, x, loss_out=y),
        "bce_with_logits_grad": lambda x, t, dy: loss.gradient(t, x, gradient_out=dy),
        "bce_with_logits_and_grad": lambda x, t, y, dy: loss.loss_gradient(
            t, x, loss_out=y, gradient_out=dy
        ),
    }


class Peer(NamedTuple):
    """A library: its module, a function that makes {name: function} of it, and what these are."""

    module: str
    functions: Callable
    description: str


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
    ),
    "torch": Peer(
        "torch",
        _torch,
        "its functions of these names and their backward; `lerp` with `sigmoid` for `mix`, "
        "formulas for the cells",
    ),
    "scikit-learn": Peer("sklearn", _sklearn, "`HalfBinomialLoss`"),
}


@functools.cache
def installed():
    """{label: {name: function}} of the libraries that are here."""
    found = {}
    for label, peer in PEERS.items():
        try:
            importlib.import_module(peer.module)
        except ModuleNotFoundError as error:
            if error.name != peer.module:
                raise
        else:
            found[label] = peer.functions()
    return found


def ogive_call(name, inputs, outputs):
    return functools.partial(getattr(ogive, name), *inputs, out=tuple(outputs))


def calls(name, inputs, outputs):
    """Calls without arguments that compute a function, of ogive and its peers, by label."""
    found = {"ogive": ogive_call(name, inputs, outputs)}
    for label, functions in installed().items():
        if name in functions:
            arguments = _tensors if label == "torch" else _arrays
            found[label] = functools.partial(functions[name], *arguments(name, inputs, outputs))
    return found


def _arrays(name, inputs, outputs):
    return [*inputs, *outputs]


def _tensors(name, inputs, outputs):
    """The same memory as tensors; but glu of torch takes its inputs as halves of one."""
    torch = importlib.import_module("torch")
    inputs = [np.concatenate(inputs)] if name == "glu" else inputs
    return [torch.from_numpy(array) for array in [*inputs, *outputs]]
