"""The logistic sigmoid and its family as NumPy ufuncs, correctly rounded."""

from ogive import fallback
from ogive._dispatch import functions as _functions
from ogive._dispatch import isa, show_config

__version__ = "0.1.0"

sigmoid = expit = logistic = _functions["sigmoid"]
sigmoid_grad = _functions["sigmoid_grad"]
sigmoid_grad_from_output = _functions["sigmoid_grad_from_output"]
sigmoid_and_grad = _functions["sigmoid_and_grad"]

__all__ = [
    "expit",
    "fallback",
    "isa",
    "logistic",
    "show_config",
    "sigmoid",
    "sigmoid_and_grad",
    "sigmoid_grad",
    "sigmoid_grad_from_output",
]
