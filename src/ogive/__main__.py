"""Check and time ogive, or map a .npy file through one of its functions."""

import argparse
import importlib.util
import os
import signal
import sys
import time
from pathlib import Path

import ogive
from ogive import _dispatch
from ogive._apply import apply_to_file
from ogive._files import UserError, check_output, replacing
from ogive._selfcheck import check
from ogive._threads import MAX_THREADS


class _Parser(argparse.ArgumentParser):
    """An argument parser that complains in one line."""

    def error(self, message):
        self.exit(2, f"{self.prog}: {message}\n")


def _array_functions():
    """Return the public functions of one array with one result, by name."""
    functions = {}
    for name in ogive.__all__:
        function = getattr(ogive, name)
        if getattr(function, "nin", None) == getattr(function, "nout", None) == 1:
            functions[name] = function
    return functions


def _parser():
    parser = _Parser(
        prog="python -m ogive",
        description="Show the configuration of ogive, check its results on hard values, and time\n"
        "sigmoid and sigmoid_grad against NumPy and SciPy, for about a minute.",
        epilog="examples:\n"
        "  python -m ogive --quick --plot timings.png\n"
        "  python -m ogive apply sigmoid in.npy out.npy",
        formatter_class=argparse.RawDescriptionHelpFormatter,
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"ogive {ogive.__version__}")
    parser.add_argument("--quick", action="store_true", help="less, in a few seconds")
    parser.add_argument("--plot", metavar="FILE.png", type=Path, help="draw the timings")
    parser.add_argument("--json", metavar="FILE", type=Path, help="save the configuration and rows")
    parser.set_defaults(run=_benchmark)

    commands = parser.add_subparsers(title="commands", metavar="COMMAND", dest="command")
    apply = commands.add_parser(
        "apply",
        help="map a .npy file through a function",
        description="Map a .npy file of any size through a function. The input is memory-mapped; "
        "the output appears when it is complete.",
        allow_abbrev=False,
    )
    functions = _array_functions()
    apply.add_argument(
        "function",
        metavar="FUNCTION",
        choices=functions,
        help="of one input and one output: " + ", ".join(functions),
    )
    apply.add_argument("source", metavar="in.npy", type=Path, help="real numbers, any shape")
    apply.add_argument("target", metavar="out.npy", type=Path, help="the result, in that shape")
    apply.add_argument("--force", action="store_true", help="replace out.npy if it exists")
    apply.add_argument(
        "--threads",
        type=int,
        metavar="N",
        default=ogive.get_num_threads(),
        help="a step is shared out to (default: OGIVE_NUM_THREADS, or 1)",
    )
    apply.set_defaults(run=_apply)
    return parser


def _require(package):
    if importlib.util.find_spec(package) is None:
        raise UserError(f"{package} is not installed: pip install 'ogive[bench]'")


def _apply(args):
    if args.quick or args.plot or args.json:
        raise UserError("--quick, --plot and --json do not go with apply")
    _require("rich")
    from ogive._progress import progress_bar

    try:
        allowed = ogive.threads(args.threads)
    except ValueError as error:
        raise UserError(f"--threads {args.threads}: must be from 1 to {MAX_THREADS}") from error
    begin = time.perf_counter()
    with progress_bar() as report, allowed:
        count, dtype = apply_to_file(
            _array_functions()[args.function],
            args.source,
            args.target,
            force=args.force,
            report=lambda done, total: report(done, total, args.function),
        )
    seconds = time.perf_counter() - begin
    print(f"{args.function}: {count:,} results of type {dtype} in {seconds:.2f} s")
    return 0


def _self_check():
    """Print the outcome of the self-check; return whether it was good."""
    max_ulp, claim = 0, "correctly rounded"
    if ogive.isa == "numpy":
        max_ulp, claim = 4, "within 4 ulp"
        remedy = _dispatch.how_to_get_them or "unset OGIVE_ISA"
        print(f"This is the slow one, in pure NumPy. For the fast one, {remedy}.")
    checked, wrong = check(vars(ogive), max_ulp)
    print(f"self-check: {checked - len(wrong)} of {checked} {claim}")
    for line in wrong:
        print(f"  {line}")
    return not wrong


def _benchmark(args):
    _require("rich")
    if args.plot:
        _require("matplotlib")
        if args.plot.suffix.lower() != ".png":
            raise UserError(f"--plot {args.plot}: the name must end in .png")
    for path in filter(None, (args.plot, args.json)):
        check_output(path)
    from ogive import _bench

    ogive.show_config()
    if not _self_check():
        return 1
    config = _bench.configuration()
    rows = _bench.run(_bench.QUICK if args.quick else _bench.FULL)
    _bench.print_table(config, rows)
    if args.json:
        with replacing(args.json) as file:
            _bench.write_json(config, rows, file)
    if args.plot:
        with replacing(args.plot) as file:
            _bench.draw(config, rows, file)
    return 0


def main(argv=None):
    """Run the command line; return the exit code."""
    parser = _parser()
    args = parser.parse_args(argv)
    try:
        code = args.run(args)
        sys.stdout.flush()
        return code
    except UserError as error:
        parser.error(error)
    except BrokenPipeError:
        # Whoever read the output has left: say nothing more, at interpreter exit either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except OSError as error:
        parser.error(f"{error.filename}: {error.strerror}" if error.filename else error)
    except KeyboardInterrupt:
        print(f"{parser.prog}: interrupted", file=sys.stderr)
        return 130


def _terminate(signum, frame):
    """Leave by an exception, so that unfinished output is removed."""
    raise SystemExit(128 + signum)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, _terminate)
    sys.exit(main())
