"""Time every function of ogive against NumPy, SciPy, numexpr, Numba, torch, JAX, ONNX Runtime and
scikit-learn, in interleaved rounds; print GitHub tables, save and draw them, compare two runs.

By default about seven minutes, in six parts: every function and dtype in the L2 cache and on one
element, and of sigmoid its sizes, layouts, with `out=` and without, one thread and all. An option
that selects holds in all parts.
"""

import argparse
import sys
from pathlib import Path

from rich.console import Console
from rich.markdown import Markdown

from ogive import _dispatch
from ogive._files import Section, check_output, run_command

from . import cases, measure, peers, report, revisions

BEGIN = "<!-- speed: python -m benchmarks --write docs/speed.md -->"
END = "<!-- end speed -->"


def _count(text):
    """A number of elements, as 65536 or 2^16."""
    base, _, power = text.partition("^")
    count = int(base) ** int(power or 1)
    if count < 1:
        raise ValueError
    return count


def _threads(text):
    return 0 if text == "all" else _count(text)


def _arguments(arguments):
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks", description=__doc__, allow_abbrev=False
    )

    def select(option, choices, what, **more):
        parser.add_argument(option, nargs="+", choices=choices, metavar="NAME", help=what, **more)

    select("--parts", list(cases.PARTS), f"of the run: {', '.join(cases.PARTS)}")
    functions = list(cases.INPUTS)
    select("--functions", functions, ", ".join(functions), dest="function")
    select("--dtypes", cases.DTYPES, ", ".join(cases.DTYPES), dest="dtype")
    parser.add_argument(
        "--sizes", nargs="+", type=_count, metavar="N", dest="size", help="elements, as 2^16"
    )
    select("--layouts", cases.LAYOUTS, f"of the inputs: {', '.join(cases.LAYOUTS)}", dest="layout")
    select("--out", cases.OUT, "results into `out=`: given, or new in each call")
    parser.add_argument(
        "--threads", nargs="+", type=_threads, metavar="N", help="a number, or all (default: both)"
    )
    libraries = ", ".join(peers.LIBRARIES)
    select("--peers", peers.LIBRARIES, f"{libraries} (default: all installed)")
    backends = [isa for isa in peers.BACKENDS.values() if isa in _dispatch.runs_here()]
    select(
        "--isa",
        backends,
        "ogive's own backends beside each other, NumPy and SciPy (default --parts functions): "
        f"{', '.join(backends)}",
    )
    parser.add_argument("--quick", action="store_true", help="fewer and shorter rounds")
    parser.add_argument("--json", type=Path, metavar="FILE", help="save the results")
    parser.add_argument("--plots", type=Path, metavar="FOLDER", help="draw them")
    parser.add_argument(
        "--write", type=Path, metavar="FILE", help="put the tables between its marker comments"
    )
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument(
        "--from",
        nargs="+",
        type=Path,
        metavar="FILE",
        dest="sources",
        help="of --json: measure nothing; of several runs one short table",
    )
    instead.add_argument(
        "--compare",
        nargs="+",
        metavar=("REVISION | OLD.json", "NEW.json"),
        help="the present files beside a git revision, both built for it (default --parts "
        "functions), or two results of --json; the exit code is 1 if anything became slower",
    )
    options = parser.parse_args(arguments)
    if options.sources and len(options.sources) > 1 and (options.json or options.plots):
        parser.error("--json and --plots are of one run")
    if options.compare and len(options.compare) > 2:
        parser.error("--compare takes a revision, or two files")
    return options


def _plan(options, parts):
    """The cases that the options choose, of these parts where they choose none, and how long."""
    axes = {name: vars(options)[name] for name in cases.BASE if vars(options)[name]}
    wanted = cases.plan(options.parts or parts, **axes)
    return wanted, measure.QUICK if options.quick else measure.FULL


def _compare(options):
    if len(options.compare) == 2:
        return report.comparison(*map(measure.load, options.compare))
    (revision,) = options.compare
    rows = revisions.run(revision, *_plan(options, ["functions"]))
    return report.before_and_now(measure.machine([]), revision, rows)


def _measure(options):
    backends = [label for label, isa in peers.BACKENDS.items() if isa in (options.isa or [])]
    wanted, plan = _plan(options, ["functions"] if backends else cases.PARTS)
    libraries = options.peers or (["NumPy", "SciPy"] if backends else peers.LIBRARIES)
    chosen = [*libraries, *backends]
    rows = measure.run(wanted, chosen, plan)
    return measure.machine(chosen), rows


def main(arguments=None):
    options = _arguments(arguments)
    if options.compare:
        text, slower = _compare(options)
        print(text)
        return int(slower)
    section = Section(options.write, BEGIN, END) if options.write else None
    if options.json:
        check_output(options.json)
    if options.plots:
        from . import plots

        plots.make_folder(options.plots)
    runs = [*map(measure.load, options.sources)] if options.sources else [_measure(options)]
    for config, rows in runs:
        if options.json:
            measure.save(config, rows, options.json)
        if options.plots:
            plots.draw(config, rows, options.plots)
    text = report.text(runs)
    if section:
        section.replace(text)
    elif sys.stdout.isatty():
        Console().print(Markdown(text))
    else:
        print(text, end="")
    return 0


if __name__ == "__main__":
    run_command(main, "python -m benchmarks")
