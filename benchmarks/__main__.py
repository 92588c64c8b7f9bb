"""Time every function against NumPy, SciPy, torch and scikit-learn; print GitHub tables.

The medians of interleaved rounds on one thread with `out=`, in the L2 cache and in memory.
"""

import argparse
import dataclasses
import functools
import importlib
import itertools
import sys
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.markdown import Markdown

from ogive import _bench
from ogive._files import Section, UserError

from . import peers

BEGIN = "<!-- speed: python -m benchmarks --write docs/speed.md -->"
END = "<!-- end speed -->"

NAMES = list(peers.INPUTS)
# Functions of two results and those of one: NAME_and_grad, NAME, NAME_grad.
FUSED = [name for name in NAMES if name.endswith("_and_grad")]

FULL = _bench.Plan(sizes=(2**16, 2**24), seconds=300, rounds=5, sample=2e-3)
QUICK = _bench.Plan(sizes=(2**16,), seconds=5, rounds=3, sample=3e-4)


# Measuring


def _copy(arrays):
    """np.copyto that reads and writes as many bytes together as the arrays have."""
    half = sum(array.size for array in arrays) // 2
    source = np.ones(half, arrays[0].dtype)
    return functools.partial(np.copyto, np.empty_like(source), source)


def against_peers(name, dtype, size):
    inputs = peers.inputs(name, dtype, size)
    outputs = peers.outputs(name, dtype, size)
    return peers.calls(name, inputs, outputs) | {"copy": _copy(inputs + outputs)}


def against_parts(name, dtype, size):
    inputs = peers.inputs(name, dtype, size)
    outputs = peers.outputs(name, dtype, size)
    part = name.removesuffix("_and_grad")
    return {
        "ogive": peers.ogive_call(name, inputs, outputs),
        "part": peers.ogive_call(part, inputs, outputs[:1]),
        "grad": peers.ogive_call(f"{part}_grad", inputs, outputs[1:]),
    }


def nanoseconds(calls, size, plan, seconds):
    """{label: median nanoseconds per element}."""
    for call in calls.values():
        call()
    times = _bench.medians(calls, plan, seconds)
    return {label: time / size * 1e9 for label, time in times.items()}


def measured(make_calls, names, plan):
    """Pairs of each case, (function, dtype, size), and its nanoseconds."""
    cases = list(itertools.product(names, _bench.DTYPES, plan.sizes))
    with np.errstate(all="ignore"):
        return [
            (case, nanoseconds(make_calls(*case), case[-1], plan, seconds))
            for case, seconds in _bench.shared_out(cases, plan.seconds * len(names) / len(NAMES))
        ]


# The text


def _figure(value):
    """Three significant digits."""
    return f"{value:#.3g}".rstrip(".")


def table(rows, ratios):
    """A row for each case: ns per element, and of each heading the ratio or a blank."""
    lines = [["function", "dtype", "elements", "ns per element", *ratios]]
    lines.append(["---"] * 2 + ["--:"] * (2 + len(ratios)))
    for (function, dtype, size), ns in rows:
        cells = [ratio(ns) for ratio in ratios.values()]
        cells = [_figure(ns["ogive"]), *("" if x is None else _figure(x) for x in cells)]
        lines.append([f"`{function}`", dtype, f"{size:,}", *cells])
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _over_ogive(label, ns):
    return ns[label] / ns["ogive"] if label in ns else None


def peer_table(names, plan):
    rows = measured(against_peers, names, plan)
    labels = [label for label in peers.installed() if any(label in ns for _, ns in rows)]
    ratios = {f"{label} / ogive": functools.partial(_over_ogive, label) for label in labels}
    return table(rows, ratios | {"ogive / `np.copyto`": lambda ns: ns["ogive"] / ns["copy"]})


def fused_table(names, plan):
    ratios = {
        "/ first alone": lambda ns: ns["ogive"] / ns["part"],
        "/ both in turn": lambda ns: ns["ogive"] / (ns["part"] + ns["grad"]),
    }
    return table(measured(against_parts, names, plan), ratios)


def versions():
    config = _bench.configuration()
    found = [f"ogive {config['ogive']} ({config['isa']})"]
    for label in peers.installed():
        module = importlib.import_module(peers.PEERS[label].module)
        found.append(f"{label} {module.__version__}")
    return f"{', '.join(found)}; {config['cpu']}"


def report(names, plan):
    """The two tables and what has to be known of them, in markdown."""
    text = f"""\
Time per element, and that of others over ogive's:

{peer_table(names, plan)}

"""
    fused = [name for name in names if name in FUSED]
    if fused:
        text += f"""\
Two results in one pass, its time over that of the first alone and over that of both in turn:

{fused_table(fused, plan)}

"""
    installed = peers.installed()
    missing = [label for label in peers.PEERS if label not in installed]
    notes = [
        "Medians of interleaved rounds, one thread, `out=` given (in formulas, of the last step; "
        "the others make temporary arrays).",
        "Inputs: N(0, 4²), of the cells N(0, 2²); probabilities: `sigmoid` of these; targets: 0 "
        "or 1.",
        "`np.copyto` reads and writes as many bytes as all inputs and outputs have.",
        *(f"{label}: {peers.PEERS[label].description}." for label in installed),
        *([f"Not installed: {', '.join(missing)}."] if missing else []),
        f"Versions: {versions()}.",
    ]
    return text + "".join(f"- {note}\n" for note in notes)


# The command


def _count(text):
    count = int(text)
    if count < 1:
        raise ValueError
    return count


def _arguments(arguments):
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, allow_abbrev=False
    )
    parser.add_argument(
        "--functions",
        nargs="+",
        choices=NAMES,
        default=NAMES,
        metavar="NAME",
        help=f"{', '.join(NAMES)} (default: all)",
    )
    parser.add_argument(
        "--sizes", nargs="+", type=_count, metavar="N", help="elements (default: 65536 16777216)"
    )
    parser.add_argument("--quick", action="store_true", help="65536 elements, few rounds")
    parser.add_argument(
        "--write", type=Path, metavar="FILE", help="replace what is between its marker comments"
    )
    return parser.parse_args(arguments)


def main(arguments=None):
    options = _arguments(arguments)
    section = Section(options.write, BEGIN, END) if options.write else None
    plan = QUICK if options.quick else FULL
    if options.sizes:
        plan = dataclasses.replace(plan, sizes=options.sizes)
    text = report(options.functions, plan)
    if section:
        section.replace(text)
    elif sys.stdout.isatty():
        Console().print(Markdown(text))
    else:
        print(text, end="")


if __name__ == "__main__":
    try:
        sys.exit(main())
    except UserError as error:
        print(f"python -m benchmarks: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
