import numpy as np

from ogive import fallback as fallback

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

__version__: str

isa: str

def show_config() -> None: ...

sigmoid: np.ufunc
expit: np.ufunc
logistic: np.ufunc
sigmoid_grad: np.ufunc
sigmoid_grad_from_output: np.ufunc
sigmoid_and_grad: np.ufunc
