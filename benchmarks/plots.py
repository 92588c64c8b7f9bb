"""The pictures of a run: cost against size, and how far ahead of its peers each function is."""

import math
import textwrap

import numpy as np
from matplotlib import rcParams
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import LogLocator

from ogive._files import UserError, replacing
from ogive.fallback import FUNCTIONS

from .peers import BACKENDS, PEERS
from .report import by_sizes, common, labels, rounded

# Okabe and Ito's colours and two more, told apart by colour-blind readers and on light and dark
# grounds, each with a marker of its own.
COLOURS = ["#E69F00", "#009E73", "#CC79A7", "#F0E442", "#D55E00", "#56B4E9", "#B3369B", "#999933"]
COLOURS += ["#0A2240", "#0072B2", "#3E97CC", "#7DBBE3", "#BFDFF2"]  # of ogive's backends
MARKERS = ["s", "^", "v", "D", "P", "X", "<", ">", *"ooooo"]
STYLES = {
    label: {"color": colour, "marker": marker, "markeredgewidth": 0.5}
    for label, colour, marker in zip(PEERS, COLOURS, MARKERS, strict=True)
}
STYLES["ogive"] = {"color": "#0072B2", "marker": "o", "linewidth": 2.5, "zorder": 3}
STYLES["copy"] = {"linestyle": "--", "linewidth": 1.2}


def _style(label):
    """Of a line; what is black on a light page is white on a dark one."""
    ink = rcParams["text.color"]
    return {"color": ink, "markeredgecolor": ink} | STYLES[label]


def _title(config, stacked):
    machine = f"ogive {config['ogive']} ({config['isa']}) on {config['cpu']}"
    return ("\n" if stacked else ", ").join([machine, "one thread, out= given"])


def _panels(height, dtypes, stacked):
    """A panel for each dtype, side by side, or stacked, as a narrow screen wants them.

    Three side by side are as wide as a page, so that their letters keep their size there.
    """
    rows, columns = (len(dtypes), 1) if stacked else (1, len(dtypes))
    figure = Figure(layout="constrained")
    figure.set_size_inches(4.6 if stacked else 2.5 * columns + 2, height * rows)
    panels = figure.subplots(rows, columns, sharex=True, sharey=True, squeeze=False).ravel()
    for axes, dtype in zip(panels, dtypes, strict=True):
        axes.set_title(dtype)
        axes.tick_params(labelbottom=True)
        axes.use_sticky_edges = False  # a bar from 1 on leaves no room for the markers there
    return figure, panels


def _legend(figure, handles):
    columns = int(figure.get_figwidth() / 1.9)
    figure.legend(handles=handles, loc="outside lower center", ncols=columns)


def cost_by_size(config, function, groups, stacked=False):
    """Nanoseconds per element against size: {dtype: rows}, a panel for each dtype."""
    figure, panels = _panels(4 if stacked else 5.5, list(groups), stacked)
    for axes, (dtype, rows) in zip(panels, groups.items(), strict=True):
        sizes = [row.case.size for row in rows]
        for label in ("ogive", *labels(rows), "copy"):
            style = _style(label)
            times = [row.ns.get(label, [math.nan] * 3) for row in rows]
            low, median, high = zip(*times, strict=True)
            axes.loglog(sizes, median, label=label, markersize=6, **style)
            axes.fill_between(sizes, low, high, color=style["color"], alpha=0.2, linewidth=0)
        for cache, capacity in config["caches"].items():
            fits = capacity / (FUNCTIONS[function].nargs * np.dtype(dtype).itemsize)
            axes.axvline(fits, color="gray", linestyle=":", linewidth=1)
            axes.text(fits, 0.99, cache, fontsize=9, va="top", ha="right",
                      transform=axes.get_xaxis_transform())  # fmt: skip
        axes.set_xscale("log", base=2)
        axes.xaxis.set_major_locator(LogLocator(base=16))
        axes.set_xlabel("elements")
        axes.grid(alpha=0.3)
        axes.yaxis.set_major_formatter("{x:g}")
    panels[0].set_ylabel("ns per element (lower is faster)")
    found = labels([row for rows in groups.values() for row in rows])
    names = {"copy": "np.copyto, the floor"}
    handles = [
        Line2D([], [], label=names.get(label, label), **_style(label))
        for label in ("ogive", *found, "copy")
    ]
    _legend(figure, handles)
    figure.suptitle(f"{function}\n{_title(config, stacked)}", fontsize="medium")
    return figure


def _by_function(rows, draw, title, stacked, more=()):
    """A panel for each dtype, in it a line for each function: `draw(axes, place, row)`."""
    functions = list(dict.fromkeys(row.case.function for row in rows))
    dtypes = sorted({row.case.dtype for row in rows})
    height = 0.32 * len(functions) + 2.2
    figure, panels = _panels(height, dtypes, stacked)
    for axes, dtype in zip(panels, dtypes, strict=True):
        for row in (row for row in rows if row.case.dtype == dtype):
            draw(axes, functions.index(row.case.function), row)
    panels[0].set_yticks(range(len(functions)), functions)
    panels[0].set_ylim(len(functions) - 0.4, -0.6)
    handles = [
        Line2D([], [], **_style(label) | {"linestyle": "", "label": label})
        for label in labels(rows)
    ]
    _legend(figure, [*handles, *more])
    figure.suptitle(title, fontsize="medium")
    return figure


def speed_up(config, size, rows, stacked=False):
    """A bar for each function up to its fastest peer, marks for the others; a panel per dtype."""

    def draw(axes, place, row):
        ratios = {label: row.ratio(label) for label in labels([row])}
        if not ratios:
            return
        best = min(ratios, key=ratios.get)
        axes.barh(
            place, ratios[best] - 1, left=1, height=0.7, color=STYLES[best]["color"], zorder=2
        )
        axes.text(1.02, place, rounded(ratios[best]), va="center", fontsize=9,
                  transform=axes.get_yaxis_transform())  # fmt: skip
        for label, ratio in ratios.items():
            style = _style(label) | {"linestyle": "", "zorder": 4}
            axes.plot(ratio, place, markersize=6, **style)

    bar = Patch(color="lightgray", label="bar, figure:\nthe fastest peer")
    title = f"Time of others over that of ogive, {size:,} elements\n{_title(config, stacked)}"
    figure = _by_function(rows, draw, title, stacked, [bar])
    for axes in figure.axes:
        axes.axvline(1, color=rcParams["text.color"], linewidth=1, zorder=3)
        axes.set_xscale("log", base=2)
        axes.xaxis.set_major_locator(LogLocator(base=2, numticks=7))
        axes.xaxis.set_major_formatter("{x:g}")
        axes.set_xlabel("time of the peer / time of ogive\n← peer faster    ogive faster →")
        axes.text(1.02, 1.01, "fastest", fontsize=9, transform=axes.transAxes)
        axes.grid(axis="x", alpha=0.3)
    return figure


def by_backend(config, size, rows, stacked=False):
    """Nanoseconds per element on each backend and of formulas; a panel per dtype."""

    def draw(axes, place, row):
        for label in labels([row]):
            style = _style(label) | {"linestyle": ""}
            axes.plot(row.median(label), place, markersize=7, **style)

    between = "\n" if stacked else ", "
    limits = "\n".join(
        textwrap.fill(f"{name}={value}", 52, break_on_hyphens=False)
        for name, value in config["environment"].items()
    )
    backends = f"Backends of ogive {config['ogive']} on {config['cpu']}, {size:,} elements"
    title = f"{backends}{between}one thread, out= given\n{limits}"
    figure = _by_function(rows, draw, title, stacked)
    for axes in figure.axes:
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter("{x:g}")
        axes.set_xlabel("ns per element (lower is faster)")
        axes.grid(alpha=0.3)
    return figure


def figures(config, rows, stacked=False):
    """{name: picture} of all that these rows can show."""
    made = {}
    sizes = by_sizes(rows)
    for function in dict.fromkeys(function for function, _ in sizes):
        groups = {dtype: group for (name, dtype), group in sizes.items() if name == function}
        made[f"size-{function}"] = cost_by_size(config, function, groups, stacked)
    together = common(rows)
    for size in sorted({row.case.size for row in together}):
        chosen = [row for row in together if row.case.size == size]
        if not labels(chosen):
            continue
        if BACKENDS.keys() & labels(chosen):
            made[f"backends-{size}"] = by_backend(config, size, chosen, stacked)
        else:
            made[f"speedup-{size}"] = speed_up(config, size, chosen, stacked)
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
            figure.savefig(file, format="png", dpi=150)
