"""Time ogive against NumPy and SciPy; show the rows as a table, JSON and a plot."""

import contextlib
import dataclasses
import functools
import itertools
import json
import math
import platform
import statistics
import subprocess
import time
import timeit
from pathlib import Path

import numpy as np
from rich import box
from rich.console import Console
from rich.table import Table

import ogive
from ogive import fallback
from ogive._progress import progress_bar

try:
    import scipy
    from scipy.special import expit
except ModuleNotFoundError:
    scipy = None

FUNCTIONS = ("sigmoid", "sigmoid_grad")
DTYPES = ("float32", "float64")
LABELS = {
    "ogive": "ogive",
    "numpy": "NumPy",
    "fallback": "fallback",
    "scipy": "SciPy",
    "copy": "copy",
}
CHECKED = ("ogive", "numpy", "fallback", "scipy")  # for errors
ULP_SAMPLE = 100_000  # elements of each row whose error is measured
TABLE_WIDTH = 80


@dataclasses.dataclass(frozen=True)
class Plan:
    """How much to measure.

    Attributes
    ----------
    sizes : tuple of int
        Array lengths.
    seconds : float
        Time that all rounds together may take, where `rounds` leaves the choice.
    rounds : int
        Least number of rounds for each row.
    sample : float
        Least time of one sample in seconds; a short call is repeated until it is filled.
    """

    sizes: tuple
    seconds: float
    rounds: int
    sample: float


FULL = Plan(sizes=tuple(10**k for k in range(2, 8)), seconds=45, rounds=5, sample=1e-3)
QUICK = Plan(sizes=(10**2, 10**4, 10**6), seconds=2, rounds=3, sample=3e-4)


@dataclasses.dataclass(frozen=True)
class Row:
    """One function at one dtype and size.

    Attributes
    ----------
    ns : dict of str to float
        Median nanoseconds per element of each contender.
    ulp : dict of str to (float or None)
        Largest error seen, in ulp of the exact value; None where nothing wider can tell.
    """

    function: str
    dtype: str
    size: int
    ns: dict
    ulp: dict

    def ratio(self, peer):
        """Time of `peer` over that of ogive; None where it was not measured."""
        return self.ns[peer] / self.ns["ogive"] if peer in self.ns else None


def _cpu_name():
    system = platform.system()
    if system == "Linux":
        with contextlib.suppress(OSError):
            for line in Path("/proc/cpuinfo").read_text().splitlines():
                if line.startswith("model name"):
                    return line.partition(":")[2].strip()
    if system == "Darwin":
        query = ("sysctl", "-n", "machdep.cpu.brand_string")
        return subprocess.run(query, capture_output=True, text=True).stdout.strip()
    return platform.processor() or platform.machine()


def configuration():
    """Return what a reader of the figures must know of the machine and the versions."""
    return {
        "ogive": ogive.__version__,
        "isa": ogive.isa,
        "cpu": _cpu_name(),
        "platform": platform.platform(),
        "python": platform.python_version(),
        "numpy": np.__version__,
        "scipy": scipy.__version__ if scipy else None,
    }


def formula(x, out=None):
    """Return the sigmoid as a user of NumPy would write it; its last step fills `out`."""
    return np.divide(1, 1 + np.exp(-x), out=out)


def formula_grad(x, out=None):
    """Return its derivative, likewise."""
    s = formula(x)
    return np.multiply(s, 1 - s, out=out)


def _expit_grad(x, scratch, out):
    """SciPy's expit(x) * expit(-x), without temporary arrays."""
    np.negative(x, out=scratch)
    expit(scratch, out=scratch)
    expit(x, out=out)
    np.multiply(out, scratch, out=out)


def _contenders(function, x, out):
    """Return calls without arguments that fill `out`, by name."""
    calls = {
        "ogive": functools.partial(getattr(ogive, function), x, out=out),
        "numpy": functools.partial(
            {"sigmoid": formula, "sigmoid_grad": formula_grad}[function], x, out
        ),
        "fallback": functools.partial(getattr(fallback, function), x, out=out),
    }
    if scipy:
        calls["scipy"] = {
            "sigmoid": functools.partial(expit, x, out=out),
            "sigmoid_grad": functools.partial(_expit_grad, x, np.empty_like(x), out),
        }[function]
    calls["copy"] = functools.partial(np.copyto, out, x)
    return calls


def max_ulp_error(function, x, result):
    """Return the largest error of `result` in ulp of the exact value.

    The exact value is taken from the next wider type: float64 for float32, long double for
    float64. Where long double is no wider there is no answer, and None is returned. It is not
    the fallback's formula, which is judged by it.
    """
    wider = np.longdouble if x.dtype == np.float64 else np.float64
    if np.finfo(wider).nmant <= np.finfo(x.dtype).nmant:
        return None
    e = np.exp(-np.abs(x.astype(wider)))
    exact = np.where(x >= 0, 1, e) / (1 + e) if function == "sigmoid" else e / (1 + e) ** 2
    limits = np.finfo(x.dtype)
    exponent = np.maximum(np.frexp(exact)[1] - 1, limits.minexp)
    return float(np.max(np.abs(result - exact) / np.ldexp(wider(1), exponent - limits.nmant)))


def samples(calls, plan, seconds):
    """Time calls in rounds, each round in another order.

    Parameters
    ----------
    calls : dict of str to callable
        What to time, without arguments. Each has been called before.
    plan : Plan
        The least number of rounds and time of a sample.
    seconds : float
        Time for all rounds together, where the plan leaves the choice.

    Returns
    -------
    dict of str to list of float
        The seconds of each call, one number for each round.
    """
    return rounds({name: _taker(call, plan.sample) for name, call in calls.items()}, plan, seconds)


def _taker(call, sample):
    """Return what times a call once, repeated until a sample is filled."""
    timer = timeit.Timer(call)
    repeats = math.ceil(sample / timer.timeit(1))
    return lambda: timer.timeit(repeats) / repeats


def rounds(takers, plan, seconds):
    """Take times in rounds, each in another order.

    Parameters
    ----------
    takers : dict of str to callable
        Each returns a time, without arguments.
    plan : Plan
        The least number of rounds.
    seconds : float
        As for `samples`.

    Returns
    -------
    dict of str to list of float
        What each returned, one number for each round.
    """
    taken = {name: [] for name in takers}
    names = list(takers)
    end = time.perf_counter() + seconds
    for done in itertools.count():
        if done >= plan.rounds and time.perf_counter() > end:
            break
        for name in names:
            taken[name].append(takers[name]())
        names.append(names.pop(0))
    return taken


def _measure(function, x, plan, seconds):
    """Time all contenders and measure their errors."""
    out = np.empty_like(x)
    calls = _contenders(function, x, out)
    sampled = slice(min(x.size, ULP_SAMPLE))
    ulp = {}
    for name, call in calls.items():
        call()
        if name != "copy":
            ulp[name] = max_ulp_error(function, x[sampled], out[sampled])
    times = samples(calls, plan, seconds)
    ns = {name: statistics.median(times[name]) / x.size * 1e9 for name in calls}
    return Row(function, x.dtype.name, x.size, ns, ulp)


def shared_out(cases, seconds, describe=lambda case: "{} {} {:,}".format(*case)):
    """Yield each case with its share of the time, behind a progress bar.

    Parameters
    ----------
    cases : list of tuple
        The name of a function, a dtype and a size, or what `describe` takes.
    seconds : float
        The time for all cases; what one leaves over, the ones after it share.
    describe : callable
        ``describe(case)`` is what the bar shows.

    Yields
    ------
    case : tuple
    seconds : float
    """
    end = time.perf_counter() + seconds
    with progress_bar() as report:
        for done, case in enumerate(cases):
            report(done, len(cases), describe(case))
            yield case, (end - time.perf_counter()) / (len(cases) - done)


def run(plan):
    """Measure every function, dtype and size.

    Parameters
    ----------
    plan : Plan
        How much to measure.

    Returns
    -------
    list of Row
    """
    normal = np.random.default_rng(0).normal(0, 4, max(plan.sizes))
    cases = list(itertools.product(FUNCTIONS, DTYPES, plan.sizes))
    return [
        _measure(function, normal[:size].astype(dtype), plan, seconds)
        for (function, dtype, size), seconds in shared_out(cases, plan.seconds)
    ]


def _figure(value):
    """Format with three significant digits, and no more than two decimals."""
    if value is None:
        return "-"
    if value >= 1e5:
        return f"{value:.0e}"
    return f"{value:.{max(0, min(2, 3 - len(str(int(value)))))}f}"


def _table(*headings):
    table = Table(box=box.SIMPLE_HEAD, padding=0, show_edge=False)
    for heading in ("function", "dtype"):
        table.add_column(heading, no_wrap=True)
    for heading in headings:
        table.add_column(heading, justify="right", no_wrap=True)
    return table


def print_table(config, rows):
    """Print times and errors in columns, never cut to the width of the terminal or pipe."""
    times = _table(
        "size", *(f"{label}\nns" for label in LABELS.values()), "NumPy\nratio", "SciPy\nratio"
    )
    errors = _table(*(f"{LABELS[name]}\nulp" for name in CHECKED))
    for (function, dtype), section in itertools.groupby(
        rows, key=lambda row: (row.function, row.dtype)
    ):
        section = list(section)
        for row in section:
            times.add_row(
                function,
                dtype,
                f"1e{round(math.log10(row.size))}",
                *(_figure(row.ns.get(name)) for name in LABELS),
                *(_figure(row.ratio(peer)) for peer in ("numpy", "scipy")),
            )
        times.add_section()
        largest = section[-1].ulp
        errors.add_row(function, dtype, *(_figure(largest.get(name)) for name in CHECKED))
    console = Console()
    console.width = max(console.width, TABLE_WIDTH)
    console.print(times)
    console.print(errors)
    print(
        f"\n{config['cpu']}, one thread, out= given, inputs N(0, 4^2), isa {config['isa']}\n"
        "ns     nanoseconds per element, median of interleaved rounds; copy: np.copyto\n"
        "ratio  time over ogive's\n"
        f"ulp    largest error in {ULP_SAMPLE:,} results, in ulp of the exact value\n"
        "NumPy  s = 1 / (1 + np.exp(-x)), and for the gradient s * (1 - s);\n"
        "       fallback: ogive.fallback, branch-split and stable;\n"
        "       SciPy: expit(x), and expit(x) * expit(-x)"
    )


def write_json(config, rows, file):
    """Write the configuration and the rows to a binary file."""
    content = {
        "config": config,
        "rows": [
            {
                **dataclasses.asdict(row),
                "ratio": {peer: row.ratio(peer) for peer in row.ns if peer != "ogive"},
            }
            for row in rows
        ],
    }
    file.write(json.dumps(content, indent=2, allow_nan=False).encode() + b"\n")


def draw(config, rows, file):
    """Draw ns per element against size as a PNG, a panel for each function and dtype."""
    from matplotlib.figure import Figure

    styles = {
        "ogive": {"color": "tab:blue", "marker": "o", "linewidth": 2.5},
        "numpy": {"color": "tab:orange", "marker": "s"},
        "fallback": {"color": "tab:red", "marker": "v"},
        "scipy": {"color": "tab:green", "marker": "^"},
        "copy": {"color": "tab:gray", "linestyle": "--"},
    }
    legend = LABELS | {"numpy": "NumPy's formula", "fallback": "ogive.fallback"}
    figure = Figure(figsize=(10, 8), layout="constrained")
    panels = figure.subplots(len(FUNCTIONS), len(DTYPES), sharex=True, sharey=True)
    for (function, dtype), axes in zip(
        itertools.product(FUNCTIONS, DTYPES), panels.flat, strict=True
    ):
        chosen = [row for row in rows if (row.function, row.dtype) == (function, dtype)]
        sizes = [row.size for row in chosen]
        for name in chosen[0].ns:
            axes.loglog(sizes, [row.ns[name] for row in chosen], label=legend[name], **styles[name])
        axes.set_title(f"{function}, {dtype}")
        axes.grid(which="major", alpha=0.4)
    for axes in panels[-1]:
        axes.set_xlabel("elements")
    for axes in panels[:, 0]:
        axes.set_ylabel("ns per element (lower is faster)")
        axes.yaxis.set_major_formatter("{x:g}")
    panels[0, 0].legend()
    figure.suptitle(f"ogive {config['ogive']} ({config['isa']}) on {config['cpu']}")
    figure.savefig(file, format="png", dpi=120)
