"""Time the cases of a plan, and keep the rows with what must be known of the machine."""

import dataclasses
import functools
import importlib
import itertools
import json
import multiprocessing
import os
import statistics
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import numpy as np

from ogive import _bench
from ogive._files import UserError, replacing
from ogive.fallback import FUNCTIONS

from . import cases, peers

FULL = _bench.Plan(sizes=(), seconds=360, rounds=5, sample=2e-3)
QUICK = _bench.Plan(sizes=(), seconds=20, rounds=3, sample=3e-4)

# The libraries that read their number of threads once, when they are imported.
_THREADS = ("PJRT_NPROC", "OMP_NUM_THREADS")
# What makes a library use less than the processor has.
_ENVIRONMENT = ("OGIVE_ISA", "ATEN_CPU_CAPABILITY", "NPY_DISABLE_CPU_FEATURES", "GLIBC_TUNABLES")


@dataclasses.dataclass(frozen=True)
class Row:
    """A case and the quartiles of its times in nanoseconds per element, by label.

    Labels are "ogive", those of the peers, "copy", and for two results in one pass the names of
    the functions of one.
    """

    case: cases.Case
    ns: dict

    def median(self, label):
        return self.ns[label][1]

    def ratio(self, label):
        """Time of `label` over that of ogive; None where it was not measured."""
        return self.median(label) / self.median("ogive") if label in self.ns else None


def copy(case, count):
    """NumPy's copy from that layout that reads and writes as much as `count` arrays have."""
    half = case._replace(size=case.size * count // 2)
    source = cases.empty(half, 0, case.layout)
    source.fill(1)
    if case.out == "new":
        return functools.partial(source.copy, "K")
    target = cases.empty(half, 4, "contiguous").reshape(source.shape)
    return functools.partial(np.copyto, target, source)


def parts(case, inputs, outputs):
    """Calls of NAME and NAME_grad where the function is NAME_and_grad."""
    name, fused, _ = case.function.partition("_and_grad")
    if not fused:
        return {}
    return {
        name: peers.ogive_call(name, inputs, outputs[:1]),
        f"{name}_grad": peers.ogive_call(f"{name}_grad", inputs, outputs[1:]),
    }


def quartiles(calls, size, plan, seconds):
    """The quartiles of nanoseconds per element by label; each call is warmed up first."""
    for call in calls.values():
        call()
    return quartiles_of(_bench.samples(calls, plan, seconds), size)


def quartiles_of(times, size):
    """The quartiles of seconds, as nanoseconds per element."""
    return {
        label: [t * 1e9 / size for t in statistics.quantiles(taken, n=4, method="inclusive")]
        for label, taken in times.items()
    }


def measured(case, chosen, plan, seconds):
    """The row of a case."""
    inputs = cases.inputs(case)
    outputs = cases.outputs(case, inputs)
    calls = peers.calls(case, inputs, outputs, chosen)
    calls |= parts(case, inputs, outputs)
    calls["copy"] = copy(case, FUNCTIONS[case.function].nargs)
    return Row(case, quartiles(calls, case.size, plan, seconds))


def _run(wanted, chosen, plan, threads):
    os.environ.update(dict.fromkeys(_THREADS, str(threads or os.cpu_count())))
    os.environ["OMP_WAIT_POLICY"] = "passive"  # else its threads spin while others are timed
    with np.errstate(all="ignore"):
        return [
            measured(case, chosen, plan, seconds)
            for case, seconds in _bench.shared_out(wanted, plan.seconds, cases.Case.describe)
        ]


def run(wanted, chosen, plan):
    """The rows of these cases: those of each number of threads in a process of their own."""
    rows = []
    for threads, group in itertools.groupby(wanted, lambda case: case.threads):
        group = list(group)
        share = dataclasses.replace(plan, seconds=plan.seconds * len(group) / len(wanted))
        if threads == wanted[0].threads:
            rows += _run(group, chosen, share, threads)
        else:
            with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as pool:
                rows += pool.submit(_run, group, chosen, share, threads).result()
    return rows


def machine(chosen):
    """What a reader of the figures must know of the machine and the versions."""
    installed = peers.installed(chosen)
    caches = Path("/sys/devices/system/cpu/cpu0/cache").glob("index*")
    sizes = {
        f"L{(index / 'level').read_text().strip()}": 1024
        * int((index / "size").read_text().strip().removesuffix("K"))
        for index in sorted(caches)
        if (index / "type").read_text().strip() != "Instruction"
    }
    return _bench.configuration() | {
        "versions": {
            label: importlib.import_module(peers.PEERS[label].module).__version__
            for label in installed
        },
        "missing": [label for label in chosen if label not in installed],
        "cores": os.cpu_count(),
        "caches": sizes,
        "load": os.getloadavg()[0] if hasattr(os, "getloadavg") else None,
        "environment": {name: os.environ[name] for name in _ENVIRONMENT if name in os.environ},
        "time": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
    }


# Files


def save(config, rows, path):
    content = {
        "machine": config,
        "rows": [row.case._asdict() | {"ns": row.ns} for row in rows],
    }
    with replacing(path) as file:
        file.write(json.dumps(content, indent=1, allow_nan=False).encode() + b"\n")


def load(path):
    """The machine and the rows of a file that `save` wrote."""
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        rows = [Row(cases.Case(**row), ns) for row in content["rows"] for ns in [row.pop("ns")]]
        return content["machine"], rows
    except OSError as error:
        raise UserError(f"{path}: {error.strerror}") from error
    except (ValueError, KeyError, TypeError) as error:
        raise UserError(f"{path}: not a result of --json") from error
