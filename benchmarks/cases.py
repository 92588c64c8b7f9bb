"""What is timed: the plan of a run, and the arrays that each function is given."""

import itertools
import math
from typing import NamedTuple

import numpy as np

import ogive
from ogive.fallback import FUNCTIONS

# The plan


class Case(NamedTuple):
    """One measurement; `threads` 0 is one on each core."""

    function: str
    dtype: str
    size: int
    layout: str = "contiguous"
    out: str = "given"
    threads: int = 1

    def describe(self):
        threads = f"{self.threads or 'all'} thread{'' if self.threads == 1 else 's'}"
        return (
            f"{self.function} {self.dtype} {self.size:,} {self.layout}, out {self.out}, {threads}"
        )


DTYPES = ["float16", "float32", "float64"]
LAYOUTS = ["contiguous", "strided", "transposed"]
OUT = ["given", "new"]
IN_CACHE, IN_MEMORY = 2**16, 2**24

# Each part of a run varies what it names; what it does not is as in BASE.
BASE = {
    "function": list(FUNCTIONS),
    "dtype": DTYPES,
    "size": [IN_CACHE],
    "layout": ["contiguous"],
    "out": ["given"],
    "threads": [1],
}
PARTS = {
    "functions": {},
    "calls": {"size": [1]},
    "sizes": {"function": ["sigmoid"], "size": [4**k for k in range(13)]},
    "layouts": {"function": ["sigmoid"], "layout": LAYOUTS},
    "out": {"function": ["sigmoid"], "size": [IN_CACHE, IN_MEMORY], "out": OUT},
    "threads": {"function": ["sigmoid"], "size": [IN_CACHE, IN_MEMORY], "threads": [1, 0]},
}


def plan(parts=PARTS, **chosen):
    """The cases of these parts, each once; what is chosen holds in all of them."""
    wanted = [itertools.product(*(BASE | PARTS[part] | chosen).values()) for part in parts]
    cases = dict.fromkeys(itertools.starmap(Case, itertools.chain(*wanted)))
    return sorted(cases, key=lambda case: case.threads != 1)


# The arrays


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


def empty(case, place, layout):
    """An array for a case whose memory starts `place` eighths into a page.

    Where the allocator happens to put arrays would decide over their figures: a memcpy by
    `rep movsb` to 16 bytes further in a page than it reads from is 13 times slower on AMD's Zen.
    """
    page, shape = 4096, (case.size,)
    if layout == "transposed":
        rows = next(n for n in range(math.isqrt(case.size), 0, -1) if case.size % n == 0)
        shape = (case.size // rows, rows)
    spread = 2 if layout == "strided" else 1
    size = spread * case.size * np.dtype(case.dtype).itemsize
    raw = np.empty(size + 2 * page, np.uint8)
    start = -raw.ctypes.data % page + place % 8 * page // 8
    return raw[start : start + size].view(case.dtype)[::spread].reshape(shape).T


def inputs(case):
    rng = np.random.default_rng(0)
    arrays = []
    for place, kind in enumerate(INPUTS[case.function]):
        arrays.append(empty(case, place, case.layout))
        arrays[-1][...] = kind(rng, case.size).reshape(arrays[-1].shape)
    return arrays


def outputs(case, inputs):
    """A contiguous array for each result, or None where the callee is to allocate it."""
    return [
        empty(case, len(inputs) + index, "contiguous").reshape(inputs[0].shape)
        if case.out == "given"
        else None
        for index in range(FUNCTIONS[case.function].nout)
    ]
