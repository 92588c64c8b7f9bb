"""The pictures of a run: cost against size, and how far ahead of its peers each function is."""

import math

import numpy as np
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import LogLocator

from ogive._files import UserError, replacing
from ogive.fallback import FUNCTIONS

from .peers import BACKENDS, PEERS
from .report import by_sizes, common, labels, rounded

# Okabe and Ito's colours, told apart by colour-blind readers, each with a marker of its own.
COLOURS = ["#E69F00", "#009E73", "#CC79A7", "#F0E442", "#D55E00", "#56B4E9", "#882255", "#999933"]
COLOURS += ["#0A2240", "#0072B2", "#3E97CC", "#7DBBE3", "#BFDFF2"]  # of ogive's backends
MARKERS = ["s", "^", "v", "D", "P", "X", "<", ">", *"ooooo"]
STYLES = {
    label: {"color": colour, "marker": marker, "markeredgecolor": "black", "markeredgewidth": 0.5}
    for label, colour, marker in zip(PEERS, COLOURS, MARKERS, strict=True)
}
OGIVE = {"color": "#0072B2", "marker": "o", "linewidth": 2.5, "zorder": 3}
COPY = {"color": "black", "linestyle": "--", "linewidth": 1.2}


def _title(config):
    return f"ogive {config['ogive']} ({config['isa']}) on {config['cpu']}, one thread, out= given"


def cost_by_size(config, function, groups):
    """Nanoseconds per element against size: {dtype: rows}, a panel for each dtype."""
    figure = Figure(figsize=(4 * len(groups) + 1.8, 6.5), layout="constrained")
    panels = figure.subplots(1, len(groups), sharex=True, sharey=True, squeeze=False)[0]
    for axes, (dtype, rows) in zip(panels, groups.items(), strict=True):
        sizes = [row.case.size for row in rows]
        lines = {"ogive": OGIVE} | {label: STYLES[label] for label in labels(rows)}
        for label, style in (lines | {"copy": COPY}).items():
            times = [row.ns.get(label, [math.nan] * 3) for row in rows]
            low, median, high = zip(*times, strict=True)
            axes.loglog(sizes, median, label=label, markersize=6, **style)
            axes.fill_between(sizes, low, high, color=style["color"], alpha=0.2, linewidth=0)
        for cache, capacity in config["caches"].items():
            fits = capacity / (FUNCTIONS[function].nargs * np.dtype(dtype).itemsize)
            axes.axvline(fits, color="gray", linestyle=":", linewidth=1)
            axes.text(fits, 0.99, cache, fontsize=8, va="top", transform=axes.get_xaxis_transform())
        axes.set_title(dtype)
        axes.set_xscale("log", base=2)
        axes.xaxis.set_major_locator(LogLocator(base=16))
        axes.set_xlabel("elements")
        axes.grid(alpha=0.3)
        axes.yaxis.set_major_formatter("{x:g}")
    panels[0].set_ylabel("ns per element (lower is faster)")
    found = labels([row for rows in groups.values() for row in rows])
    handles = [
        Line2D([], [], label=label, **style)
        for label, style in [
            ("ogive", OGIVE),
            *((label, STYLES[label]) for label in found),
            ("np.copyto, the floor", COPY),
        ]
    ]
    figure.legend(handles=handles, loc="outside right center")
    figure.suptitle(f"{function}: {_title(config)}")
    return figure


def _by_function(rows, draw, title, more=()):
    """A panel for each dtype, in it a line for each function: `draw(axes, place, row)`."""
    functions = list(dict.fromkeys(row.case.function for row in rows))
    dtypes = sorted({row.case.dtype for row in rows})
    figure = Figure(
        figsize=(4 * len(dtypes) + 3, 0.32 * len(functions) + 2.2), layout="constrained"
    )
    panels = figure.subplots(1, len(dtypes), sharex=True, sharey=True, squeeze=False)[0]
    for axes, dtype in zip(panels, dtypes, strict=True):
        axes.set_title(dtype)
        for row in (row for row in rows if row.case.dtype == dtype):
            draw(axes, functions.index(row.case.function), row)
    panels[0].set_yticks(range(len(functions)), functions)
    panels[0].set_ylim(len(functions) - 0.4, -0.6)
    handles = [Line2D([], [], linestyle="", label=label, **STYLES[label]) for label in labels(rows)]
    figure.legend(handles=[*handles, *more], loc="outside right center")
    figure.suptitle(title, fontsize="medium")
    return figure


def speed_up(config, size, rows):
    """A bar for each function up to its fastest peer, marks for the others; a panel per dtype."""

    def draw(axes, place, row):
        ratios = {label: row.ratio(label) for label in labels([row])}
        if not ratios:
            return
        best = min(ratios, key=ratios.get)
        axes.barh(
            place, ratios[best] - 1, left=1, height=0.7, color=STYLES[best]["color"], zorder=2
        )
        axes.text(1.02, place, rounded(ratios[best]), va="center", fontsize=8,
                  transform=axes.get_yaxis_transform())  # fmt: skip
        for label, ratio in ratios.items():
            axes.plot(ratio, place, linestyle="", markersize=6, zorder=4, **STYLES[label])

    bar = Patch(color="lightgray", label="bar, figure:\nthe fastest peer")
    title = f"Time of others over that of ogive, {size:,} elements\n{_title(config)}"
    figure = _by_function(rows, draw, title, [bar])
    for axes in figure.axes:
        axes.axvline(1, color="black", linewidth=1, zorder=3)
        axes.set_xscale("log", base=2)
        axes.xaxis.set_major_locator(LogLocator(base=2, numticks=12))
        axes.xaxis.set_major_formatter("{x:g}")
        axes.set_xlabel("time of the peer / time of ogive\n← peer faster    ogive faster →")
        axes.text(1.02, 1.01, "fastest", fontsize=8, transform=axes.transAxes)
        axes.grid(axis="x", alpha=0.3)
    return figure


def by_backend(config, size, rows):
    """Nanoseconds per element on each backend and of formulas; a panel per dtype."""

    def draw(axes, place, row):
        for label in labels([row]):
            axes.plot(row.median(label), place, linestyle="", markersize=7, **STYLES[label])

    limits = ", ".join(f"{name}={value}" for name, value in config["environment"].items())
    backends = f"Backends of ogive {config['ogive']} on {config['cpu']}"
    title = f"{backends}, {size:,} elements, one thread, out= given\n{limits}"
    figure = _by_function(rows, draw, title)
    for axes in figure.axes:
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:g}")
        axes.set_xlabel("ns per element (lower is faster)")
        axes.grid(alpha=0.3)
    return figure


def figures(config, rows):
    """{name: picture} of all that these rows can show."""
    made = {}
    sizes = by_sizes(rows)
    for function in dict.fromkeys(function for function, _ in sizes):
        groups = {dtype: group for (name, dtype), group in sizes.items() if name == function}
        made[f"size-{function}"] = cost_by_size(config, function, groups)
    together = common(rows)
    for size in sorted({row.case.size for row in together}):
        chosen = [row for row in together if row.case.size == size]
        if not labels(chosen):
            continue
        if BACKENDS.keys() & labels(chosen):
            made[f"backends-{size}"] = by_backend(config, size, chosen)
        else:
            made[f"speedup-{size}"] = speed_up(config, size, chosen)
    return made


def make_folder(folder):
    """Make it before the long work, so that this is not done in vain."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(f"{folder}: {error.strerror}") from error


def draw(config, rows, folder):
    """Write every picture into a folder."""
    for name, figure in figures(config, rows).items():
        with replacing(folder / f"{name}.png") as file:
            figure.savefig(file, format="png", dpi=130)
