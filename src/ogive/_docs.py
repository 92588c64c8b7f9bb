"""The docstrings of the public functions, shared by the ufuncs and the pure NumPy functions."""

_PARAMETERS = """\
Parameters
----------
{argument} : array_like
    {meaning}, of any shape. float16, float32, float64 and longdouble are computed
    in their own dtype, integers and bool in float64.
out : ndarray, None, or tuple of ndarray and None, optional
    Where to store the result. Its shape must be the one that the inputs broadcast to.
    {outputs}
where : array_like of bool, optional
    Broadcast with the inputs. Where it is False, ``out`` keeps its value; without ``out``
    these elements are not initialized.
**kwargs
    Other keyword arguments of a ufunc, among them ``dtype`` and ``casting``:
    see :ref:`the ufunc docs <ufuncs.kwargs>`."""

_RAISES = """\
Raises
------
TypeError
    If the input is complex, a string, an object or a date, or if ``casting`` forbids
    a conversion, such as float64 results into an integer ``out``.
ValueError
    If the shapes do not fit together, or ``out`` is read-only."""

_ACCURACY = """\
The result is correctly rounded in float16, float32 and float64: the exact value rounded
once, the same bits on every machine. In longdouble it is within 2 ulp. Without the
compiled extension (``ogive.isa == "numpy"``) it is within 4 ulp in every dtype.
NaN gives NaN, and no input raises a floating-point warning."""

_ZIV = """\
A. Ziv, "Fast evaluation of elementary mathematical functions with correctly rounded
last bit", ACM Transactions on Mathematical Software 17 (3), 1991, pp. 410-423:
the rounding test behind the float64 results."""

_DERIVATIVE = """\
P. F. Verhulst, "Recherches mathématiques sur la loi d'accroissement de la population",
Nouveaux mémoires de l'Académie royale de Bruxelles 18, 1845: the logistic function
as the solution of s' = s (1 - s)."""

_SIGMOID_VALUES = """\
``sigmoid(-inf)`` is 0, ``sigmoid(0)`` is 0.5 and ``sigmoid(inf)`` is 1. The result
becomes 1 where the rounded value does: above 37.43 in float64 and 17.33 in float32.
Small results keep their relative accuracy, subnormal ones too: they reach 0
below -745.13 in float64 and -103.97 in float32."""

_GRAD_VALUES = """\
The derivative is 0.25 at 0 and 0 at both infinities. It never comes from a rounded s(x),
which is 1 from some x on: both tails keep their relative accuracy, subnormal results
too, and reach 0 for abs(x) above 745.13 in float64 and 103.97 in float32."""

_ONE_OUTPUT = "A tuple must have one entry."


def _underlined(title, body):
    return f"{title}\n{'-' * len(title)}\n{body}"


def _docstring(
    summary,
    *,
    returns,
    see_also,
    notes,
    references,
    examples,
    argument="x",
    meaning="Real numbers",
    outputs=_ONE_OUTPUT,
):
    cited = [
        f".. [{number}] {text}".replace("\n", "\n   ")
        for number, text in enumerate(references, start=1)
    ]
    return "\n\n".join(
        [
            summary,
            _PARAMETERS.format(argument=argument, meaning=meaning, outputs=outputs),
            _underlined("Returns", returns),
            _RAISES,
            _underlined("See Also", see_also),
            _underlined("Notes", "\n\n".join(notes)),
            _underlined("References", "\n".join(cited)),
            _underlined("Examples", examples),
        ]
    )


DOCS = {
    "sigmoid": _docstring(
        "Logistic sigmoid 1 / (1 + exp(-x)).",
        returns="""\
y : ndarray or scalar
    s(x), in [0, 1]; a scalar if `x` is one.""",
        see_also="""\
sigmoid_grad : Its derivative.
sigmoid_and_grad : Both in one pass.""",
        notes=[
            "s(x) = 1 / (1 + exp(-x)) for x >= 0 and exp(x) / (1 + exp(x)) below. float64 results\n"
            "pass a rounding test [1]_.",
            _ACCURACY,
            _SIGMOID_VALUES,
        ],
        references=[_ZIV],
        examples="""\
>>> import numpy as np
>>> import ogive
>>> print(ogive.sigmoid([-2.0, 0.0, 2.0]))
[0.11920292 0.5        0.88079708]

The tail ends where float64 does:

>>> float(ogive.sigmoid(-745.0))
5e-324

float32 stays float32, and integers become float64:

>>> print(ogive.sigmoid(np.float32([0, 1])).dtype, ogive.sigmoid([0, 1]).dtype)
float32 float64

Compute in place:

>>> x = np.array([-1.0, 1.0])
>>> ogive.sigmoid(x, out=x) is x
True
>>> print(x)
[0.26894142 0.73105858]""",
    ),
    "sigmoid_grad": _docstring(
        "Derivative of the sigmoid at x: s(x) s(-x).",
        returns="""\
dy : ndarray or scalar
    s'(x), in [0, 0.25]; a scalar if `x` is one.""",
        see_also="""\
sigmoid_grad_from_output : The derivative where the sigmoid is known already.
sigmoid_and_grad : The sigmoid and its derivative in one pass.""",
        notes=[
            "s'(x) = s(x) (1 - s(x)) [1]_ = s(x) s(-x) = e / (1 + e)^2 with e = exp(-abs(x)):\n"
            "the last form cancels nowhere. float64 results pass a rounding test [2]_.",
            _ACCURACY,
            _GRAD_VALUES,
        ],
        references=[_DERIVATIVE, _ZIV],
        examples="""\
>>> import ogive
>>> print(ogive.sigmoid_grad([-2.0, 0.0, 2.0]))
[0.10499359 0.25       0.10499359]

At 40 the sigmoid itself is 1, so s (1 - s) would be 0:

>>> s = ogive.sigmoid(40.0)
>>> print(f"{ogive.sigmoid_grad(40.0):.4g} {s * (1 - s):.4g}")
4.248e-18 0""",
    ),
    "sigmoid_grad_from_output": _docstring(
        "Derivative of the sigmoid from its output y: y (1 - y).",
        argument="y",
        meaning="Sigmoids, real numbers",
        returns="""\
dy : ndarray or scalar
    y (1 - y); a scalar if `y` is one.""",
        see_also="""\
sigmoid_grad : From x, accurate where y is so close to 1 that its digits are lost.
sigmoid_and_grad : The sigmoid and its derivative in one pass.""",
        notes=[
            "With y = s(x) this is s'(x) [1]_, but where y is near 1 its rounding costs digits of\n"
            "1 - y. float64 results are rounded once from the exact product.",
            _ACCURACY,
            "It is 0 at 0 and at 1. Outside [0, 1] the formula goes on: negative, and -inf at\n"
            "both infinities.",
        ],
        references=[_DERIVATIVE],
        examples="""\
>>> import ogive
>>> print(ogive.sigmoid_grad_from_output([0.0, 0.5, 0.75]))
[0.     0.25   0.1875]""",
    ),
    "sigmoid_and_grad": _docstring(
        "Sigmoid of x and its derivative, in one pass.",
        outputs="A tuple must have two entries, for `y` and `dy`.",
        returns="""\
y : ndarray or scalar
    s(x), the same bits as ``sigmoid(x)``.
dy : ndarray or scalar
    s'(x), the same bits as ``sigmoid_grad(x)``.""",
        see_also="""\
sigmoid : The first of the two.
sigmoid_grad : The second.""",
        notes=[
            "Both come from e = exp(-abs(x)): y = 1 / (1 + e) for x >= 0 and e / (1 + e) below,\n"
            "dy = e / (1 + e)^2 [1]_. float64 results pass a rounding test [2]_.",
            _ACCURACY,
            _SIGMOID_VALUES,
            _GRAD_VALUES,
        ],
        references=[_DERIVATIVE, _ZIV],
        examples="""\
>>> import ogive
>>> y, dy = ogive.sigmoid_and_grad([-2.0, 0.0, 2.0])
>>> print(y)
[0.11920292 0.5        0.88079708]
>>> print(dy)
[0.10499359 0.25       0.10499359]""",
    ),
}

__test__ = DOCS  # collected by doctest
