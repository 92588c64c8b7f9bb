"""The logistic sigmoid and its family as NumPy ufuncs, correctly rounded."""

from ogive import fallback
from ogive._dispatch import functions as _functions
from ogive._dispatch import get_include, isa, show_config
from ogive._threads import get_num_threads, set_num_threads, threads

__version__ = "0.2.0"

sigmoid = expit = logistic = _functions["sigmoid"]
sigmoid_grad = _functions["sigmoid_grad"]
sigmoid_grad_from_output = _functions["sigmoid_grad_from_output"]
sigmoid_and_grad = _functions["sigmoid_and_grad"]
log_sigmoid = log_expit = _functions["log_sigmoid"]
softplus = _functions["softplus"]
logit = _functions["logit"]
silu = swish = _functions["silu"]
silu_grad = _functions["silu_grad"]
tanh = _functions["tanh"]
bce_with_logits = _functions["bce_with_logits"]
bce_with_logits_grad = _functions["bce_with_logits_grad"]
bce_with_logits_and_grad = _functions["bce_with_logits_and_grad"]
sigmoid_backward = _functions["sigmoid_backward"]
silu_backward = _functions["silu_backward"]
glu = _functions["glu"]
swiglu = _functions["swiglu"]
mix = _functions["mix"]
lstm_cell = _functions["lstm_cell"]
gru_cell = _functions["gru_cell"]

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
