"""The pictures of the site, drawn when it is built, and that of the README.

cd docs && python -c 'import figures; figures.readme()'
"""

import numpy as np
from matplotlib import pyplot as plt

import ogive

plt.rcParams.update({"axes.grid": True, "grid.alpha": 0.4, "axes.axisbelow": True})


def _exact(name, x):
    """The function in extended precision, of which a double keeps the first half."""
    return getattr(ogive, name)(x.astype(np.longdouble))


def _ulp_error(got, exact):
    """Errors in ulp, but 1e-2 at least, so that they can be drawn."""
    return np.maximum(np.abs(got - exact) / np.spacing(np.abs(exact).astype(got.dtype)), 1e-2)


def _peers():
    from scipy import special

    def formula(x):
        return 1 / (1 + np.exp(-x))

    return {
        "1 / (1 + np.exp(-x))": (formula, lambda x: formula(x) * (1 - formula(x)), "tab:orange"),
        "SciPy": (special.expit, lambda x: special.expit(x) * special.expit(-x), "tab:green"),
        "ogive": (ogive.sigmoid, ogive.sigmoid_grad, "tab:blue"),
    }


def curves(axes=None):
    """Draw the functions of one input."""
    axes = axes or plt.subplots(figsize=(7, 4))[1]
    x = np.linspace(-6, 6, 121)
    for name in ("sigmoid", "tanh", "silu", "softplus", "log_sigmoid"):
        axes.plot(x, getattr(ogive, name)(x), label=name, lw=3 if name == "sigmoid" else 1.5)
    axes.set(xlabel="x", ylim=(-3, 3), title="The family")
    axes.legend(loc="upper left")


def tails(axes=None):
    """Draw the errors of sigmoid in float64."""
    axes = axes or plt.subplots(figsize=(7, 4))[1]
    x = np.arange(-744.5, 40, 3)
    with np.errstate(over="ignore"):
        for size, (label, (sigmoid, _, color)) in zip((8, 4, 4), _peers().items(), strict=True):
            error = _ulp_error(sigmoid(x), _exact("sigmoid", x))
            axes.semilogy(x, error, ".", ms=size, color=color, label=label)
    axes.set(xlabel="x", ylabel="error in ulp", title="Errors of the sigmoid, float64")
    axes.legend(loc="upper right")


def gradients():
    """Draw what is left of the derivative for large x."""
    axes = plt.subplots(figsize=(7, 4))[1]
    x = np.linspace(30, 45, 301)
    labels = ("s (1 - s)", "expit(x) * expit(-x)", "sigmoid_grad(x)")
    for width, label, (_, grad, color) in zip(
        (1.5, 5, 1.5), labels, _peers().values(), strict=True
    ):
        axes.plot(x, grad(x) / np.exp(-x), color=color, lw=width, label=label)
    axes.set(xlabel="x", ylabel="derivative over exp(-x)", title="The derivative, float64")
    axes.legend()


def selection():
    """Draw mix, a soft np.where."""
    axes = plt.subplots(figsize=(7, 3.5))[1]
    t = np.linspace(0, 2, 401)
    a, b = np.sin(2 * np.pi * t), 2 - t
    for sharpness in (1, 4, 40):
        y = ogive.mix(a, b, sharpness * (t - 1))
        axes.plot(t, y, label=f"mix(a, b, {sharpness} (t - 1))")
    axes.plot(t, a, "k:", label="a")
    axes.plot(t, b, "k--", label="b")
    axes.set(xlabel="t", title="From b to a, softly")
    axes.legend()


def phases():
    """Draw three results near the border between two doubles, and what each phase knows."""
    axes = plt.subplots(figsize=(8, 4))[1]
    axes.grid(visible=False)
    for double in (0, 1):
        axes.axvline(double, color="black")
    axes.axvline(0.5, color="tab:red", linestyle="--")
    results = [(3, 0.27, 1), (2, 0.535, 2), (1, 0.503, 3)]
    names = ("quick phase", "double-double", "exact")
    for row, at, phases in results:
        for phase in range(phases):
            y, width = row - 0.25 * phase, (0.09, 0.02, 0)[phase]
            decides = phase == phases - 1
            color = "tab:blue" if decides else "tab:gray"
            axes.errorbar(at, y, xerr=width or None, fmt="o", capsize=5, color=color)
            verdict = "decides" if decides else "in doubt"
            axes.text(0.67, y, f"{names[phase]}: {verdict}", va="center", color=color)
    axes.set(xlim=(-0.1, 1.1), ylim=(0.2, 3.4), yticks=[])
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["a double", "rounds down", "border", "rounds up",
                                              "the next double"])  # fmt: skip
    axes.set_title("A result can be rounded when the border lies outside its interval")


def readme():
    """Save the picture of the README."""
    plt.rcParams.update({"svg.fonttype": "none", "svg.hashsalt": "ogive"})
    figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4), layout="constrained")
    curves(left)
    tails(right)
    figure.savefig("ogive.svg", metadata={"Date": None})
