"""The pictures of the site, drawn when it is built, and that of the README.

PYTHONPATH=docs:. python -c 'import figures; figures.readme()'

The site has each four times: NAME_light for light pages, NAME_dark for dark ones, and of both
NAME_narrow_light and NAME_narrow_dark for narrow screens.
"""

import functools
import re
from pathlib import Path

import numpy as np
from cycler import cycler
from matplotlib import pyplot as plt
from numpydoc.docscrape import FunctionDoc

import ogive
from benchmarks import measure, plots, report
from ogive._bench import formula, formula_grad
from ogive.fallback import FUNCTIONS

ROOT = Path(measure.__file__).parents[1]  # the plot directive tells no file

# Okabe and Ito's colours, told apart by colour-blind readers, each with dashes of its own.
_DASHES = ["-", "--", "-.", ":", (0, (6, 1, 1, 1, 1, 1))]
_STYLE = {"axes.grid": True, "grid.alpha": 0.4, "axes.axisbelow": True}
_COLOURS = ["#0072B2", "#D55E00", "#009E73", "#AA4499", "#8A6D00"]
LIGHT = _STYLE | {"axes.prop_cycle": cycler(color=_COLOURS, linestyle=_DASHES)}
_COLOURS = ["#56B4E9", "#E69F00", "#2FC99A", "#E79BCB", "#F0E442"]
DARK = _STYLE | {
    "axes.prop_cycle": cycler(color=_COLOURS, linestyle=_DASHES),
    "grid.color": "gray",
    "legend.facecolor": "none",
}

# Of a function of several inputs: the one it is drawn along, and values of another; the rest is 1.
SLICES = {
    "bce_with_logits": ("x", "t", (0, 0.5, 1)),
    "bce_with_logits_grad": ("x", "t", (0, 0.5, 1)),
    "bce_with_logits_and_grad": ("x", "t", (0, 1)),
    "sigmoid_backward": ("y", "dy", (1, 2, 4)),
    "silu_backward": ("x", "dy", (1, 2, 4)),
    "glu": ("b", "a", (-2, 1, 3)),
    "swiglu": ("a", "b", (-1, 1, 2)),
    "mix": ("x", "a", (-1, 2, 3)),
    "lstm_cell": ("g", "f", (-4, 0, 4)),
    "gru_cell": ("xn", "z", (-4, 0, 4)),
}
PROBABILITIES = {"p", "y"}  # inputs between 0 and 1


def _colour(number):
    """Of the style; "C0" would be looked up when the picture is saved, after the style has gone."""
    return plt.rcParams["axes.prop_cycle"].by_key()["color"][number]


def _exact(name, x):
    """The function in extended precision, of which a double keeps the first half."""
    return getattr(ogive, name)(x.astype(np.longdouble))


def _ulp_error(got, exact):
    """Errors in ulp, but 1e-2 at least, so that they can be drawn."""
    return np.maximum(np.abs(got - exact) / np.spacing(np.abs(exact).astype(got.dtype)), 1e-2)


def _peers():
    from scipy import special

    return {
        "1 / (1 + np.exp(-x))": (formula, formula_grad, _colour(1)),
        "SciPy": (special.expit, lambda x: special.expit(x) * special.expit(-x), _colour(2)),
        "ogive": (ogive.sigmoid, ogive.sigmoid_grad, _colour(0)),
    }


def curves(axes=None):
    """Draw the functions of one input."""
    axes = axes or plt.subplots()[1]
    x = np.linspace(-6, 6, 121)
    for name in ("sigmoid", "tanh", "silu", "softplus", "log_sigmoid"):
        axes.plot(x, getattr(ogive, name)(x), label=name, lw=3 if name == "sigmoid" else 2)
    axes.set(xlabel="x", ylim=(-3, 3), title="The family")
    axes.legend(loc="upper left")


def curve_of(name, stacked):
    """Draw a function along one input, each of its outputs by itself."""
    names = FUNCTIONS[name].kernel.__code__.co_varnames[: FUNCTIONS[name].nin]
    along, other, values = SLICES.get(name, (names[-1], None, (None,)))
    results = [result.name for result in FunctionDoc(getattr(ogive, name))["Returns"]]
    x = np.linspace(0, 1, 201)[1:-1] if along in PROBABILITIES else np.linspace(-6, 6, 201)
    rows, columns = (len(results), 1) if stacked else (1, len(results))
    figure, panels = plt.subplots(rows, columns, squeeze=False)
    figure.set_figheight(figure.get_figheight() * rows)
    panels = panels.ravel()
    for value in values:
        inputs = [x if each == along else value if each == other else 1 for each in names]
        outputs = getattr(ogive, name)(*inputs)
        outputs = outputs if len(results) > 1 else (outputs,)
        for axes, output in zip(panels, outputs, strict=True):
            axes.plot(x, output, label=f"{other} = {value}", linewidth=2)
    for axes, result in zip(panels, results, strict=True):
        axes.set(xlabel=along, title=result if len(results) > 1 else "")
    if other:
        rest = [f"{each} = 1" for each in names if each not in (along, other)]
        panels[-1].legend(title=", ".join(rest))


def tails(axes=None):
    """Draw the errors of sigmoid in float64."""
    axes = axes or plt.subplots()[1]
    x = np.arange(-744.5, 40, 3)
    with np.errstate(over="ignore"):
        for size, (label, (sigmoid, _, color)) in zip((8, 4, 4), _peers().items(), strict=True):
            error = _ulp_error(sigmoid(x), _exact("sigmoid", x))
            axes.semilogy(x, error, ".", ms=size, color=color, label=label)
    axes.set(xlabel="x", ylabel="error in ulp", title="Errors of the sigmoid, float64")
    axes.legend(loc="upper right")


def gradients():
    """Draw what is left of the derivative for large x."""
    axes = plt.subplots()[1]
    x = np.linspace(30, 45, 301)
    labels = ("s (1 - s)", "expit(x) * expit(-x)", "sigmoid_grad(x)")
    for width, label, (_, grad, color) in zip(
        (1.5, 5, 1.5), labels, _peers().values(), strict=True
    ):
        axes.plot(x, grad(x) / np.exp(-x), "-", color=color, lw=width, label=label)
    axes.set(xlabel="x", ylabel="derivative over exp(-x)", title="The derivative, float64")
    axes.figure.legend(loc="outside lower center", ncols=2)


def selection():
    """Draw mix, a soft np.where."""
    axes = plt.subplots()[1]
    t = np.linspace(0, 2, 401)
    a, b = np.sin(2 * np.pi * t), 2 - t
    for sharpness in (1, 4, 40):
        y = ogive.mix(a, b, sharpness * (t - 1))
        axes.plot(t, y, "-", label=f"mix(a, b, {sharpness} (t - 1))")
    for side, label, dashes in ((a, "a", ":"), (b, "b", "--")):
        axes.plot(t, side, dashes, color=plt.rcParams["text.color"], label=label)
    axes.set(xlabel="t", title="From b to a, softly")
    axes.figure.legend(loc="outside lower center", ncols=2)


def phases(folded):
    """Draw three results near the border between two doubles, and what each phase knows."""
    space, size = ("\n", "small") if folded else (" ", "medium")
    axes = plt.subplots()[1]
    axes.grid(visible=False)
    for double in (0, 1):
        axes.axvline(double, color=plt.rcParams["text.color"])
    axes.axvline(0.5, color=_colour(1), linestyle="--")
    results = [(3, 0.27, 1), (2, 0.535, 2), (1, 0.503, 3)]
    names = ("quick phase", "double-double", "exact")
    for row, at, phases in results:
        for phase in range(phases):
            y, width = row - 0.36 * phase, (0.09, 0.02, 0)[phase]
            decides = phase == phases - 1
            color = _colour(0) if decides else "gray"
            axes.errorbar(at, y, xerr=width or None, fmt="o", capsize=5, color=color)
            verdict = "decides" if decides else "in doubt"
            text = f"{names[phase]}:{space}{verdict}"
            axes.text(0.67, y, text, va="center", color=color, size=size)
    axes.set(xlim=(-0.1, 1.1), ylim=(0, 3.3), yticks=[])
    places = ("a double", "rounds down", "border", "rounds up", "next double")
    axes.set_xticks([i / 4 for i in range(5)], [each.replace(" ", space) for each in places])
    title = "A result can be rounded when the border", "lies outside its interval"
    axes.set_title(space.join(title), size=size)


def _of_results(machine, name, stacked):
    """Hand a picture of committed results to pyplot, which the site takes it from."""
    config, rows = measure.load(ROOT / "benchmarks" / "results" / f"{machine}.json")
    plt.figure(plots.figures(config, rows, stacked)[name])


def headline():
    """What the first page says of results, by its name there."""
    config, rows = measure.load(ROOT / "benchmarks" / "results" / "emerald-rapids-avx512.json")
    single, double = (
        next(row for row in report.common(rows) if row.case[:2] == ("sigmoid", dtype))
        for dtype in ("float32", "float64")
    )
    accuracy = (ROOT / "docs" / "accuracy.md").read_text(encoding="utf-8")
    largest, builds = (
        re.search(pattern, accuracy)[1]
        for pattern in (r"`sigmoid` \| float64 \|[^|]*\| ([\d.]+) \(", r"<summary>(\d+) builds")
    )
    return {
        "ulp": largest,
        "builds": builds,
        "machine": report.machine(config),
        "ns": report.rounded(double.median("ogive")),
        "scipy": report.rounded(double.ratio("SciPy")),
        "scipy32": report.rounded(single.ratio("SciPy")),
    }


def _in_style(draw, *styles):
    """Draw on light or dark ground."""
    with plt.style.context(styles):
        draw()


def readme():
    """Save the picture of the README."""
    more = {"svg.fonttype": "none", "svg.hashsalt": "ogive"}
    with plt.style.context([LIGHT, more]):
        figure, (left, right) = plt.subplots(1, 2, figsize=(11, 4), layout="constrained")
        curves(left)
        tails(right)
        figure.savefig(ROOT / "docs" / "ogive.svg", metadata={"Date": None})


def _pictures(stacked):
    """Every picture by its name, its panels side by side or stacked."""
    drawn = {draw.__name__: draw for draw in (curves, tails, gradients, selection)}
    drawn["phases"] = functools.partial(phases, stacked)
    drawn |= {f"curve_of_{name}": functools.partial(curve_of, name, stacked) for name in FUNCTIONS}
    for picture, machine, name in (
        ("intel", "emerald-rapids-avx512", "speedup-65536"),
        ("intel_sizes", "emerald-rapids-avx512", "size-sigmoid"),
        ("amd", "zen4-avx2", "speedup-65536"),
        ("backends", "zen3-baseline", "backends-16384"),
    ):
        drawn[picture] = functools.partial(_of_results, machine, name, stacked)
    return drawn


for _screen, _size in (("", (7, 4)), ("_narrow", (4, 4))):
    _styles = {
        "light": [LIGHT, {"figure.figsize": _size}],
        "dark": ["dark_background", DARK, {"figure.figsize": _size}],
    }
    for _name, _draw in _pictures(stacked=bool(_screen)).items():
        for _ground, _style in _styles.items():
            _drawn = functools.partial(_in_style, _draw, *_style)
            globals()[f"{_name}{_screen}_{_ground}"] = _drawn
