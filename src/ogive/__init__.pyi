import numpy as np

from ogive import fallback as fallback

__all__ = [
    "bce_with_logits",
    "bce_with_logits_and_grad",
    "bce_with_logits_grad",
    "expit",
    "fallback",
    "glu",
    "gru_cell",
    "isa",
    "log_expit",
    "log_sigmoid",
    "logistic",
    "logit",
    "lstm_cell",
    "mix",
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
]

__version__: str

isa: str

def show_config() -> None: ...

sigmoid: np.ufunc
expit: np.ufunc
logistic: np.ufunc
sigmoid_grad: np.ufunc
sigmoid_grad_from_output: np.ufunc
sigmoid_and_grad: np.ufunc
log_sigmoid: np.ufunc
log_expit: np.ufunc
softplus: np.ufunc
logit: np.ufunc
silu: np.ufunc
swish: np.ufunc
silu_grad: np.ufunc
tanh: np.ufunc
bce_with_logits: np.ufunc
bce_with_logits_grad: np.ufunc
bce_with_logits_and_grad: np.ufunc
sigmoid_backward: np.ufunc
silu_backward: np.ufunc
glu: np.ufunc
swiglu: np.ufunc
mix: np.ufunc
lstm_cell: np.ufunc
gru_cell: np.ufunc
