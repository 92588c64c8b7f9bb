"""The docstrings of the public functions, shared by the ufuncs and the pure NumPy functions.

Over 400 lines: a list, with one entry for each function, behind what several of them say.
"""

from ogive._numpydoc import _docstring

_ACCURACY = """\
The result is correctly rounded in bfloat16, float16, float32 and float64: the exact value
rounded once, the same bits on every machine. In longdouble it is within 2 ulp. Without the
compiled extension (``ogive.isa == "numpy"``) it is within 4 ulp in every dtype.
NaN gives NaN, and no input raises a floating-point warning."""

_SEVERAL_ACCURACY = """\
Correctly rounded in float64, float32, float16 and bfloat16: {each} is the exact value rounded
once, and so the same bits on every machine; longdouble is within a few ulp. Without the
compiled extension (``ogive.isa == "numpy"``) all are within 5 ulp, where a sum cancels of its
largest term. {nan}, and no input raises a floating-point warning."""

_PRODUCT_ACCURACY = _SEVERAL_ACCURACY.format(each="the result", nan="NaN gives NaN")
_SUM_ACCURACY = _SEVERAL_ACCURACY.format(each="each result", nan="NaN gives NaN")

_ZIV = """\
A. Ziv, "Fast evaluation of elementary mathematical functions with correctly rounded
last bit", ACM Transactions on Mathematical Software 17 (3), 1991, pp. 410-423:
the rounding test behind the float64 results."""

_DERIVATIVE = """\
P. F. Verhulst, "Recherches mathématiques sur la loi d'accroissement de la population",
Nouveaux mémoires de l'Académie royale de Bruxelles 18, 1845: the logistic function
as the solution of s' = s (1 - s)."""

_MAECHLER = """\
M. Mächler, "Accurately computing log(1 - exp(-abs(a)))", vignette of the R package
Rmpfr, 2012: when to use log1p(exp(x))."""

_BERKSON = """\
J. Berkson, "Application of the logistic function to bio-assay", Journal of the American
Statistical Association 39 (227), 1944, pp. 357-365: the logit."""

_DUGAS = """\
C. Dugas, Y. Bengio, F. Bélisle, C. Nadeau and R. Garcia, "Incorporating second-order
functional knowledge for better option pricing", Advances in Neural Information
Processing Systems 13, 2001: softplus."""

_SILU = """\
S. Elfwing, E. Uchibe and K. Doya, "Sigmoid-weighted linear units for neural network
function approximation in reinforcement learning", Neural Networks 107, 2018, pp. 3-11."""

_SWISH = """\
P. Ramachandran, B. Zoph and Q. V. Le, "Searching for activation functions", 2017,
arXiv:1710.05941: the same function as swish."""

_GLU = """\
Y. N. Dauphin, A. Fan, M. Auli and D. Grangier, "Language modeling with gated convolutional
networks", 2017, arXiv:1612.08083."""

_SWIGLU = """\
N. Shazeer, "GLU variants improve transformer", 2020, arXiv:2002.05202."""

_LSTM = """\
S. Hochreiter and J. Schmidhuber, "Long short-term memory", Neural Computation 9 (8), 1997,
pp. 1735-1780."""

_FORGET_GATE = """\
F. A. Gers, J. Schmidhuber and F. Cummins, "Learning to forget: continual prediction with
LSTM", Neural Computation 12 (10), 2000, pp. 2451-2471: the gate `f`."""

_GRU = """\
K. Cho et al., "Learning phrase representations using RNN encoder-decoder for statistical
machine translation", 2014, arXiv:1406.1078."""

_ALSO_CALLED = "It is also called ``{aliases}``; errors say ``{name}``."

_FLOAT16 = """\
float16 is answered in float16, where ``scipy.special.{scipy}`` answers in float64, as
``dtype=np.float64`` does here."""

_SIGMOID_VALUES = """\
``sigmoid(-inf)`` is 0, ``sigmoid(0)`` is 0.5 and ``sigmoid(inf)`` is 1. The result
becomes 1 where the rounded value does: above 37.43 in float64 and 17.33 in float32.
Small results keep their relative accuracy, subnormal ones too: they reach 0
below -745.13 in float64 and -103.97 in float32."""

_GRAD_VALUES = """\
The derivative is 0.25 at 0 and 0 at both infinities. It never comes from a rounded s(x),
which is 1 from some x on: both tails keep their relative accuracy, subnormal results
too, and reach 0 for abs(x) above 745.13 in float64 and 103.97 in float32."""

_LOSS_VALUES = """\
The loss of a certain prediction is 0 where it is right, ``bce_with_logits(inf, 1)`` and
``bce_with_logits(-inf, 0)``, and inf where `t` differs. For targets outside [0, 1] the formula
goes on, below 0 too; an infinite `t` gives -x t."""

_LOSS_GRAD_VALUES = """\
The derivative is exactly -t and 1 - t at x = -inf and inf, and -inf and inf for t = inf and
-inf."""

_LOGIT_AND_TARGET = (
    ("x", "Logits, real numbers"),
    ("t", "Targets, probabilities in [0, 1]"),
)

DOCS = {
    "sigmoid": _docstring(
        "Logistic sigmoid 1 / (1 + exp(-x)).",
        formula=r"s(x) = \frac{1}{1 + e^{-x}}",
        arguments=(("x", "Real or complex numbers"),),
        returns="""\
y : ndarray or scalar
    s(x), in [0, 1]; a scalar if `x` is one.""",
        see_also="""\
sigmoid_grad : Its derivative.
sigmoid_and_grad : Both in one pass.""",
        notes=[
            "s(x) = 1 / (1 + exp(-x)) for x >= 0 and exp(x) / (1 + exp(x)) below. float64 results\n"
            "pass a rounding test [1]_.",
            _ALSO_CALLED.format(aliases="expit`` and ``logistic", name="sigmoid"),
            _FLOAT16.format(scipy="expit"),
            _ACCURACY,
            _SIGMOID_VALUES,
        ],
        complex_values="""\
There are poles at odd multiples of i pi. Infinite real parts give 0 and 1 with any
imaginary part.""",
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
        formula=r"s'(x) = s(x) \, s(-x) = \frac{e^{-x}}{(1 + e^{-x})^2}",
        arguments=(("x", "Real or complex numbers"),),
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
        complex_values="""\
There are poles, of order two, at odd multiples of i pi. Infinite real parts give 0 with any
imaginary part.""",
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
        formula=r"s'(x) = y (1 - y), \quad y = s(x)",
        arguments=(("y", "Sigmoids, real numbers"),),
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
        formula=r"y = \frac{1}{1 + e^{-x}}, \quad y' = y (1 - y)",
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
    "log_sigmoid": _docstring(
        "Logarithm of the sigmoid: -log(1 + exp(-x)).",
        formula=r"\log s(x) = -\log(1 + e^{-x})",
        arguments=(("x", "Real or complex numbers"),),
        returns="""\
y : ndarray or scalar
    log s(x), at most 0; a scalar if `x` is one.""",
        see_also="""\
softplus : -log_sigmoid(-x).
sigmoid : Its exponential.""",
        notes=[
            "log s(x) = min(x, 0) - log1p(exp(-abs(x))) [1]_, the log-likelihood of a success in\n"
            "logistic regression. The derivative is s(-x). float64 results pass a rounding\n"
            "test [2]_.",
            _ALSO_CALLED.format(aliases="log_expit", name="log_sigmoid"),
            _FLOAT16.format(scipy="log_expit"),
            _ACCURACY,
            "It is -log 2 at 0, -inf at -inf and -0.0 at inf. The logarithm of a rounded s(x)\n"
            "would be -inf below -745.13 and 0 above 37.43: here the result tends to x on the\n"
            "left, and on the right to -exp(-x), subnormal results too.",
        ],
        complex_values="""\
It is -softplus(-x), with cuts where the imaginary part is an odd multiple of pi and the real
one negative.""",
        references=[_MAECHLER, _ZIV],
        examples="""\
>>> import ogive
>>> print(ogive.log_sigmoid([-1000.0, -1.0, 0.0, 1.0]))
[-1.00000000e+03 -1.31326169e+00 -6.93147181e-01 -3.13261688e-01]

Its other tail is small, and not 0:

>>> print(f"{ogive.log_sigmoid(40.0):.4g}")
-4.248e-18""",
    ),
    "softplus": _docstring(
        "Softplus log(1 + exp(x)), whose derivative is the sigmoid.",
        formula=r"\log(1 + e^x)",
        arguments=(("x", "Real or complex numbers"),),
        returns="""\
y : ndarray or scalar
    log(1 + exp(x)), at least 0; a scalar if `x` is one.""",
        see_also="""\
sigmoid : Its derivative.
log_sigmoid : -softplus(-x).""",
        notes=[
            "log(1 + exp(x)) = max(x, 0) + log1p(exp(-abs(x))) [1]_: a smooth max(x, 0) that\n"
            "keeps a parameter such as a variance positive [2]_. The derivative is s(x). There\n"
            "is no threshold above which x itself is returned. float64 results pass a rounding\n"
            "test [3]_.",
            _ACCURACY,
            "It is 0 at -inf, log 2 at 0 and inf at inf. On the left it keeps its relative\n"
            "accuracy while it tends to exp(x), down to the last subnormal number.",
        ],
        complex_values="""\
The logarithm is the principal one: the imaginary part is in [-pi, pi], and there are cuts
where that of x is an odd multiple of pi and the real one positive.""",
        references=[_MAECHLER, _DUGAS, _ZIV],
        examples="""\
>>> import ogive
>>> print(ogive.softplus([-1.0, 0.0, 1.0, 1000.0]))
[3.13261688e-01 6.93147181e-01 1.31326169e+00 1.00000000e+03]
>>> print(f"{ogive.softplus(-40.0):.4g}")
4.248e-18""",
    ),
    "logit": _docstring(
        "Inverse of the sigmoid: log(p / (1 - p)).",
        formula=r"\log \frac{p}{1 - p}",
        arguments=(("p", "Probabilities in [0, 1], or complex numbers"),),
        returns="""\
x : ndarray or scalar
    The number with s(x) = p; a scalar if `p` is one.""",
        see_also="""\
sigmoid : Its inverse.""",
        notes=[
            "log(p / (1 - p)), the log-odds: the scale on which logistic regression is linear\n"
            "[1]_. Near 1/2, where the logarithm is small, it is log1p((2p - 1) / (1 - p)), of\n"
            "which the numerator is exact. The derivative is 1 / (p (1 - p)). float64 results\n"
            "pass a rounding test [2]_.",
            _FLOAT16.format(scipy="logit"),
            _ACCURACY,
            "``logit(0)`` is -inf, ``logit(0.5)`` is 0 and ``logit(1)`` is inf. Outside [0, 1] it\n"
            "is NaN, without a warning. Subnormal `p` count in full.",
        ],
        complex_values="""\
It is log(p) - log(1 - p), of principal logarithms: its imaginary part is in [-pi, pi]. The
cuts are the real axis below 0 and above 1, where the sign of a zero imaginary part tells the
side. An infinite p gives i pi or -i pi.""",
        references=[_BERKSON, _ZIV],
        examples="""\
>>> import ogive
>>> print(ogive.logit([0.0, 0.25, 0.5, 0.75, 1.0]))
[       -inf -1.09861229  0.          1.09861229         inf]
>>> print(f"{ogive.logit(0.5 + 2.0**-50):.4g}")
3.553e-15""",
    ),
    "silu": _docstring(
        "Sigmoid linear unit x s(x).",
        formula=r"x \, s(x) = \frac{x}{1 + e^{-x}}",
        arguments=(("x", "Real or complex numbers"),),
        returns="""\
y : ndarray or scalar
    x s(x), at least -0.2785; a scalar if `x` is one.""",
        see_also="""\
silu_grad : Its derivative.
silu_backward : The gradient through it.
swiglu : Its product with another input.""",
        notes=[
            "x / (1 + exp(-x)) for x >= 0 and x exp(x) / (1 + exp(x)) below [1]_ [2]_: the\n"
            "activation function of many convolutional networks and transformers. float64\n"
            "results pass a rounding test [3]_.",
            _ALSO_CALLED.format(aliases="swish", name="silu"),
            _ACCURACY,
            "It is -0.0 at -inf, 0 at 0 with the sign of x, and inf at inf. The minimum\n"
            "-0.278464... is at x = -1.278464.... The left tail x exp(x) keeps its relative\n"
            "accuracy after exp(x) itself has become subnormal or 0.",
        ],
        complex_values="There are poles at odd multiples of i pi.",
        references=[_SILU, _SWISH, _ZIV],
        examples="""\
>>> import ogive
>>> print(ogive.silu([-2.0, 0.0, 2.0]))
[-0.23840584  0.          1.76159416]
>>> print(f"{ogive.silu(-740.0):.3g}")
-3.1e-319""",
    ),
    "silu_grad": _docstring(
        "Derivative of silu at x: s(x) (1 + x s(-x)).",
        formula=r"s(x) \, (1 + x \, s(-x))",
        returns="""\
dy : ndarray or scalar
    silu'(x), between -0.0999 and 1.0999; a scalar if `x` is one.""",
        see_also="""\
silu : The function.
silu_backward : Its product with the gradient of the output.""",
        notes=[
            "silu'(x) = s(x) + x s'(x) = s(x) (1 + x s(-x)) [1]_. float64 results pass a rounding\n"
            "test [2]_.",
            _ACCURACY,
            "It is -0.0 at -inf, where it comes from below, 0.5 at 0 and 1 at inf. It changes\n"
            "sign at x = -1.2784645427610738..., where the two terms cancel and the result keeps\n"
            "its relative accuracy all the same.",
        ],
        references=[_SILU, _ZIV],
        examples="""\
>>> import ogive
>>> print(ogive.silu_grad([-2.0, 0.0, 2.0]))
[-0.09078425  0.5         1.09078425]

The nearest float64 to its zero:

>>> print(f"{ogive.silu_grad(-1.2784645427610738):.4g}")
-2.452e-17""",
    ),
    "tanh": _docstring(
        "Hyperbolic tangent, the rescaled sigmoid 2 s(2x) - 1.",
        formula=r"\tanh x = \frac{e^x - e^{-x}}{e^x + e^{-x}} = 2 \, s(2x) - 1",
        arguments=(("x", "Real or complex numbers"),),
        returns="""\
y : ndarray or scalar
    tanh x, in [-1, 1]; a scalar if `x` is one.""",
        see_also="""\
sigmoid : The same curve between 0 and 1.
lstm_cell, gru_cell : Where both are used.""",
        notes=[
            "tanh x = (exp(x) - exp(-x)) / (exp(x) + exp(-x)) = 2 s(2x) - 1: the squashing\n"
            "function of recurrent cells. The derivative 1 - tanh(x)^2 is 4 s'(2x), whose tails\n"
            "make gradients vanish. float64 results pass a rounding test [1]_.",
            _ACCURACY,
            "It is -1 and 1 at the infinities and 0 at 0 with the sign of x. Small x keep their\n"
            "relative accuracy, which 2 s(2x) - 1 would lose.",
        ],
        complex_values="""\
There are poles at odd multiples of i pi / 2. Infinities, NaN and zeros are as the C standard
has them for ctanh.""",
        references=[_ZIV],
        examples="""\
>>> import ogive
>>> print(ogive.tanh([-1.0, 0.0, 1.0]))
[-0.76159416  0.          0.76159416]
>>> float(ogive.tanh(1e-20))
1e-20""",
    ),
    "bce_with_logits": _docstring(
        "Binary cross-entropy of the logit x and the target t: softplus(x) - x t.",
        formula=r"-t \log s(x) - (1 - t) \log s(-x) = \log(1 + e^x) - x \, t",
        arguments=_LOGIT_AND_TARGET,
        returns="""\
loss : ndarray or scalar
    -t log s(x) - (1 - t) log s(-x); a scalar if the inputs are.""",
        see_also="""\
bce_with_logits_grad : Its derivative in `x`.
bce_with_logits_and_grad : Both in one pass.""",
        notes=[
            "The loss of binary classifiers and the negative log-likelihood of logistic\n"
            "regression. It is computed as log1p(exp(-abs(x))) + abs(x) w [1]_ with w = 1 - t for\n"
            "x > 0 and w = t below: for targets in [0, 1] nothing cancels.",
            _SUM_ACCURACY,
            _LOSS_VALUES,
        ],
        references=[_MAECHLER],
        examples="""\
>>> import ogive
>>> print(ogive.bce_with_logits([-2.0, 0.0, 2.0], 1))
[2.12692801 0.69314718 0.12692801]
>>> print(f"{ogive.bce_with_logits(40.0, 1.0):.4g}")
4.248e-18""",
    ),
    "bce_with_logits_grad": _docstring(
        "Derivative of the binary cross-entropy in the logit: s(x) - t.",
        formula=r"s(x) - t",
        arguments=_LOGIT_AND_TARGET,
        returns="""\
grad : ndarray or scalar
    s(x) - t; a scalar if the inputs are.""",
        see_also="""\
bce_with_logits : The loss.
bce_with_logits_and_grad : Both in one pass.""",
        notes=[
            "What training a binary classifier sends back from its loss. For x > 0 it is\n"
            "(1 - t) - s(-x): where t is 1 it is -s(-x) with all its digits, so that the gradient\n"
            "of a good prediction is small, and not 0. It follows from s' = s (1 - s) [1]_.",
            _SUM_ACCURACY,
            _LOSS_GRAD_VALUES,
        ],
        references=[_DERIVATIVE],
        examples="""\
>>> import ogive
>>> print(ogive.bce_with_logits_grad([-2.0, 0.0, 2.0], 1))
[-0.88079708 -0.5        -0.11920292]
>>> print(f"{ogive.bce_with_logits_grad(40.0, 1.0):.4g}")
-4.248e-18""",
    ),
    "bce_with_logits_and_grad": _docstring(
        "Binary cross-entropy of logits and its derivative, in one pass.",
        formula=r"\log(1 + e^x) - x \, t, \quad s(x) - t",
        arguments=_LOGIT_AND_TARGET,
        outputs="A tuple must have two entries, for `loss` and `grad`.",
        returns="""\
loss : ndarray or scalar
    The same bits as ``bce_with_logits(x, t)``.
grad : ndarray or scalar
    The same bits as ``bce_with_logits_grad(x, t)``.""",
        see_also="""\
bce_with_logits : The first of the two.
bce_with_logits_grad : The second.""",
        notes=[
            "Both come from e = exp(-abs(x)) [1]_: one step of training in one pass over memory.",
            _SUM_ACCURACY,
            _LOSS_VALUES,
            _LOSS_GRAD_VALUES,
        ],
        references=[_MAECHLER],
        examples="""\
>>> import numpy as np
>>> import ogive
>>> loss, grad = ogive.bce_with_logits_and_grad([-2.0, 0.0, 2.0], 1)
>>> print(loss)
[2.12692801 0.69314718 0.12692801]
>>> print(grad)
[-0.88079708 -0.5        -0.11920292]

An optimizer calls it again and again: with its own two arrays, no call takes new memory.

>>> x, out = np.zeros(200_000), (np.empty(200_000), np.empty(200_000))
>>> for step in range(3):
...     loss, grad = ogive.bce_with_logits_and_grad(x, 1, out=out)
...     x -= grad
>>> print(f"{loss[0]:.4f}")
0.3477""",
    ),
    "sigmoid_backward": _docstring(
        "Gradient through a sigmoid from its output y: dy y (1 - y).",
        formula=r"dy \, y \, (1 - y)",
        arguments=(
            ("dy", "Gradients of the output, real numbers"),
            ("y", "Outputs of the sigmoid, real numbers"),
        ),
        returns="""\
dx : ndarray or scalar
    Gradients of the input, dy y (1 - y); a scalar if the inputs are.""",
        see_also="""\
sigmoid_grad_from_output : The factor y (1 - y).
sigmoid_grad : The same from the input, accurate where y is so close to 1 that digits are lost.""",
        notes=[
            "The chain rule with s' = s (1 - s) [1]_, as backpropagation uses it. At most 1/4 of\n"
            "`dy` comes through: why gradients vanish in deep chains of sigmoids.",
            _PRODUCT_ACCURACY,
            "No product overflows or underflows in between. Infinities multiply as in IEEE 754,\n"
            "so that an infinite `dy` gives NaN where y is 0 or 1.",
        ],
        references=[_DERIVATIVE],
        examples="""\
>>> import ogive
>>> print(ogive.sigmoid_backward([1.0, 2.0, 4.0], 0.5))
[0.25 0.5  1.  ]""",
    ),
    "silu_backward": _docstring(
        "Gradient through silu at x: dy silu'(x).",
        formula=r"dy \, s(x) \, (1 + x \, s(-x))",
        arguments=(
            ("dy", "Gradients of the output, real numbers"),
            ("x", "Inputs of silu, real numbers"),
        ),
        returns="""\
dx : ndarray or scalar
    Gradients of the input, dy silu'(x); a scalar if the inputs are.""",
        see_also="""\
silu : The function.
silu_grad : The factor silu'(x).""",
        notes=[
            "The chain rule with silu'(x) = s(x) (1 + x s(-x)) [1]_, as backpropagation uses it.",
            _PRODUCT_ACCURACY,
            "No product overflows or underflows in between: a large `dy` brings back the tail of\n"
            "silu' from below the smallest number. Infinities multiply as in IEEE 754; silu' is\n"
            "-0.0 at -inf and 1 at inf.",
        ],
        references=[_SILU],
        examples="""\
>>> import ogive
>>> print(ogive.silu_backward([1.0, 2.0, 4.0], 0.0))
[0.5 1.  2. ]
>>> print(f"{ogive.silu_backward(1e300, -1000.0):.4g}")
-5.071e-132""",
    ),
    "glu": _docstring(
        "Gated linear unit a s(b).",
        formula=r"a \, s(b)",
        arguments=(
            ("a", "What passes the gate, real numbers"),
            ("b", "How far the gate is open, real numbers"),
        ),
        returns="""\
y : ndarray or scalar
    a s(b); a scalar if the inputs are.""",
        see_also="""\
swiglu : The unit with silu in place of s.
mix : A gate between two values.""",
        notes=[
            "A soft mask: the gate of gated convolutions and of attention outputs [1]_. The\n"
            "derivatives are s(b) in `a` and a s'(b) in `b`.",
            _PRODUCT_ACCURACY,
            "No product overflows or underflows in between: ``glu(1e300, -1000)`` is\n"
            "1e300 exp(-1000). Infinities multiply as in IEEE 754: a closed gate, b = -inf, gives\n"
            "0 for finite `a` and NaN for infinite `a`.",
        ],
        references=[_GLU],
        examples="""\
>>> import ogive
>>> print(ogive.glu([1.0, 2.0, 3.0], [-2.0, 0.0, 2.0]))
[0.11920292 1.         2.64239123]
>>> print(f"{ogive.glu(1e300, -1000.0):.4g}")
5.076e-135""",
    ),
    "swiglu": _docstring(
        "Gated unit silu(a) b.",
        formula=r"a \, s(a) \, b",
        arguments=(
            ("a", "What opens the gate, real numbers"),
            ("b", "What passes it, real numbers"),
        ),
        returns="""\
y : ndarray or scalar
    a s(a) b; a scalar if the inputs are.""",
        see_also="""\
silu : The gate.
glu : The gated linear unit.""",
        notes=[
            "The gate in the feed-forward layers of many transformers [1]_. The derivatives are\n"
            "silu'(a) b in `a` and silu(a) in `b`.",
            _PRODUCT_ACCURACY,
            "No product overflows or underflows in between. Infinities multiply as in IEEE 754;\n"
            "silu is -0.0 at -inf.",
        ],
        references=[_SWIGLU],
        examples="""\
>>> import ogive
>>> print(ogive.swiglu([-2.0, 0.0, 2.0], 10.0))
[-2.38405844  0.         17.61594156]""",
    ),
    "mix": _docstring(
        "Soft selection s(x) a + s(-x) b.",
        formula=r"s(x) \, a + s(-x) \, b",
        arguments=(
            ("a", "What is taken where `x` is large, real numbers"),
            ("b", "What is taken where `x` is small, real numbers"),
            ("x", "The choice, real numbers"),
        ),
        returns="""\
y : ndarray or scalar
    s(x) a + s(-x) b, between `a` and `b`; a scalar if the inputs are.""",
        see_also="""\
glu : One side alone.
gru_cell : A cell whose state is mixed like this.""",
        notes=[
            "A differentiable ``np.where(x > 0, a, b)``: the gate of highway layers and of GRU\n"
            "cells [1]_. The derivatives are s(x) in `a`, s(-x) in `b` and (a - b) s'(x) in `x`.",
            _SEVERAL_ACCURACY.format(each="the result", nan="NaN in x gives NaN"),
            "A side without weight does not count, whatever it holds: where s(x), rounded to the\n"
            "dtype, is 1, an infinite or NaN `b` gives `a`, and where it is 0, such an `a` gives\n"
            "`b`. Elsewhere infinities and NaN propagate. x = inf and x = -inf give `a` and `b`.",
        ],
        references=[_GRU],
        examples="""\
>>> import numpy as np
>>> import ogive
>>> print(ogive.mix(1.0, 3.0, [-np.inf, -1.0, 0.0, 1.0, np.inf]))
[3.         2.46211716 2.         1.53788284 1.        ]

Masked values may be anything:

>>> print(ogive.mix([1.0, np.nan], [np.nan, 3.0], [np.inf, -np.inf]))
[1. 3.]""",
    ),
    "lstm_cell": _docstring(
        "LSTM cell from its gates' inputs: c_new = s(f) c + s(i) tanh(g), h = s(o) tanh(c_new).",
        formula=r"c_{new} = s(f) \, c + s(i) \tanh(g), \quad h = s(o) \tanh(c_{new})",
        arguments=(
            ("i", "Inputs of the input gate, real numbers"),
            ("f", "Inputs of the forget gate, real numbers"),
            ("g", "Inputs of the candidate, real numbers"),
            ("o", "Inputs of the output gate, real numbers"),
            ("c", "The cell state, real numbers"),
        ),
        outputs="A tuple must have two entries, for `h` and `c_new`.",
        returns="""\
h : ndarray or scalar
    The hidden state s(o) tanh(c_new); a scalar if the inputs are.
c_new : ndarray or scalar
    The next cell state s(f) c + s(i) tanh(g).""",
        see_also="""\
gru_cell : The cell with two gates.""",
        notes=[
            "What a long short-term memory does with the sums of its weighted inputs [1]_ [2]_,\n"
            "in one pass over memory. `h` is computed from the exact `c_new`, not from the\n"
            "rounded one.",
            _SUM_ACCURACY,
            "Infinite inputs open and close gates: s is 0 and 1 there, tanh is -1 and 1. A closed\n"
            "gate in front of an infinite `c` gives NaN, as 0 inf does.",
        ],
        references=[_LSTM, _FORGET_GATE],
        examples="""\
>>> import ogive
>>> h, c = ogive.lstm_cell(0.0, [-2.0, 2.0], 1.0, 0.0, 1.0)
>>> print(h)
[0.23105858 0.4257515 ]
>>> print(c)
[0.5        1.26159416]""",
    ),
    "gru_cell": _docstring(
        "GRU cell from its gates' inputs: n = tanh(xn + s(r) hn), h_new = s(-z) n + s(z) h.",
        formula=r"n = \tanh(xn + s(r) \, hn), \quad h_{new} = s(-z) \, n + s(z) \, h",
        arguments=(
            ("r", "Inputs of the reset gate, real numbers"),
            ("z", "Inputs of the update gate, real numbers"),
            ("xn", "The candidate's part from the input, real numbers"),
            ("hn", "The candidate's part from the hidden state, real numbers"),
            ("h", "The hidden state, real numbers"),
        ),
        returns="""\
h_new : ndarray or scalar
    The next hidden state; a scalar if the inputs are.""",
        see_also="""\
lstm_cell : The cell with three gates.
mix : Its last step, s(z) h + s(-z) n.""",
        notes=[
            "What a gated recurrent unit does with the sums of its weighted inputs [1]_, in one\n"
            "pass over memory, with the reset gate behind the matrix product as in PyTorch and\n"
            "cuDNN.",
            _SUM_ACCURACY,
            "Infinite inputs open and close gates: s is 0 and 1 there, tanh is -1 and 1. With z\n"
            "= inf a finite `h` stays what it is. A closed gate in front of an infinite value\n"
            "gives NaN.",
        ],
        references=[_GRU],
        examples="""\
>>> import ogive
>>> print(ogive.gru_cell(0.0, [-2.0, 0.0, 2.0], 1.0, 0.0, 0.0))
[0.67080991 0.38079708 0.09078425]""",
    ),
}

__test__ = DOCS  # collected by doctest
