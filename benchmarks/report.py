"""The rows of a run in words: GitHub tables, and what became slower between two runs."""

import itertools
import statistics

from ogive.fallback import FUNCTIONS

from . import peers
from .cases import BASE

CHANGE = 1.05  # a smaller one is none, however narrow the quartiles


def rounded(value):
    """Three significant digits, or a blank."""
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 1000 else f"{value:#.3g}".rstrip(".")


def table(headings, rows, texts):
    """A GitHub table whose first columns are texts, the others numbers."""
    rules = ["---"] * texts + ["--:"] * (len(headings) - texts)
    return "\n".join(f"| {' | '.join(line)} |" for line in (headings, rules, *rows))


def labels(rows):
    """The peers that were timed in any of these rows."""
    return [label for label in peers.PEERS if any(label in row.ns for row in rows)]


def spread(row, label="ogive"):
    """Between the quartiles lies half of the rounds: how far apart they are, over the median."""
    low, median, high = row.ns[label]
    return f"{(high - low) / median:.0%}".replace("%", " %")


def fastest(row):
    """The fastest of the peers and its time over that of ogive, or a blank."""
    ratios = {label: row.ratio(label) for label in labels([row])}
    best = min(ratios, key=ratios.get, default=None)
    return f"{best} {rounded(ratios[best])}" if best else ""


def is_base(case):
    """Whether it varies none of layout, `out=` and threads."""
    return all([getattr(case, name)] == BASE[name] for name in ("layout", "out", "threads"))


def is_call(case):
    """Whether it is a call on one element."""
    return is_base(case) and case.size == 1


def by_sizes(rows):
    """{(function, dtype): rows of growing size} of those functions that have three or more."""
    groups = {}
    for row in rows:
        if is_base(row.case):
            groups.setdefault((row.case.function, row.case.dtype), []).append(row)
    return {
        key: sorted(group, key=lambda row: row.case.size)
        for key, group in groups.items()
        if len(group) > 2
    }


def common(rows):
    """The rows of all functions in the sizes that every function has."""
    base = [row for row in rows if is_base(row.case)]
    sizes = [
        {row.case.size for row in base if row.case.function == function}
        for function in {row.case.function for row in base}
    ]
    shared = set.intersection(*sizes) if sizes else set()
    shared = shared - {1} or shared  # of a call, which has a column of its own
    order = list(FUNCTIONS)
    chosen = [row for row in base if row.case.size in shared]
    return sorted(chosen, key=lambda row: (order.index(row.case.function), row.case[1:]))


def of_memory(rows):
    """The rows whose copy is that of one input to one output: each size and dtype once."""
    found = {}
    for row in rows:
        if FUNCTIONS[row.case.function].nargs == 2:
            found.setdefault(row.case[1:3], row)
    return [found[key] for key in sorted(found)]


def _ratio_table(rows, details, alone=()):
    """Each row's case, its time, and the times of others over it; `details` of the case too.

    Before them the memory, where rows of one element are given, whose times become a column.
    """
    others, calls = labels(rows), {row.case[:2]: row for row in alone}
    headings = ["function", "dtype", "elements", *details, "ns per element"]
    headings += ["one element, ns"] * bool(calls)
    headings += ["spread", *(f"{label} / ogive" for label in others), "ogive / `np.copyto`"]

    def line(row, label, name, ratios):
        call = calls.get(row.case[:2])
        return [
            f"`{name}`",
            row.case.dtype,
            f"{row.case.size:,}",
            *(str(getattr(row.case, detail) or "all") for detail in details),
            rounded(row.median(label)),
            *[rounded(call and call.median(label))] * bool(calls),
            spread(row, label),
            *map(rounded, ratios),
        ]

    memory = of_memory(rows) if calls else []
    lines = [line(row, "copy", "np.copyto", [None] * (len(others) + 1)) for row in memory]
    for row in rows:
        ratios = [*(row.ratio(label) for label in others), 1 / row.ratio("copy")]
        lines.append(line(row, "ogive", row.case.function, ratios))
    return table(headings, lines, 2)


def machine(config):
    """Its maker and the backend that ran."""
    return f"{config['cpu'].split()[0].removesuffix('(R)')} ({config['isa']})"


def summary(runs):
    """A short table of several runs: each function beside its fastest peer on each machine.

    Parameters
    ----------
    runs : list of (dict, list of Row)
        As of `measure.load`.
    """
    headings, found = ["function", "dtype"], []
    for config, rows in runs:
        headings += [f"{machine(config)}: ns", "fastest other"]
        together = common(rows)
        lines = {("np.copyto", *row.case[1:3]): [rounded(row.median("copy")), ""]
                 for row in of_memory(together)}  # fmt: skip
        for row in together:
            lines[row.case[:3]] = [rounded(row.median("ogive")), fastest(row)]
        found.append(lines)
    keys = dict.fromkeys(itertools.chain(*found))
    lines = [
        [f"`{key[0]}`", key[1], *itertools.chain(*(lines.get(key, ["", ""]) for lines in found))]
        for key in keys
    ]
    (size,) = {key[2] for key in keys}
    machines = "\n".join(f"- {machine(config)}: {_versions(config)}." for config, _ in runs)
    return (
        f"Nanoseconds per element, {size:,} elements, and the time of the fastest other library "
        f"over that of ogive:\n\n{table(headings, lines, 2)}\n\n{machines}\n"
    )


def _growth_table(groups):
    """A row for each size: the time of ogive in each dtype, and that of a copy."""
    sizes = sorted({row.case.size for rows in groups.values() for row in rows})
    headings = ["elements"]
    for function, dtype in groups:
        headings += [f"`{function}` {dtype}", "`np.copyto`"]
    lines = []
    for size in sizes:
        line = [f"{size:,}"]
        for rows in groups.values():
            row = next((row for row in rows if row.case.size == size), None)
            line += [rounded(row and row.median(label)) for label in ("ogive", "copy")]
        lines.append(line)
    return table(headings, lines, 0)


def _fused_table(rows):
    headings = ["function", "dtype", "elements", "ns per element"]
    headings += ["/ first alone", "/ both in turn"]
    lines = []
    for row in rows:
        first = row.case.function.removesuffix("_and_grad")
        one, two = row.median(first), row.median(f"{first}_grad")
        ns = row.median("ogive")
        cells = map(rounded, (ns, ns / one, ns / (one + two)))
        lines.append([f"`{row.case.function}`", row.case.dtype, f"{row.case.size:,}", *cells])
    return table(headings, lines, 2)


def _versions(config):
    versions = [f"ogive {config['ogive']} ({config['isa']})"]
    versions += [f"{label} {version}" for label, version in config["versions"].items()]
    caches = ", ".join(f"{name} {size // 1024:,} KiB" for name, size in config["caches"].items())
    return (
        f"{', '.join(versions)}; {config['cpu']}, {config['cores']} cores"
        f"{', ' + caches if caches else ''}"
    )


def _notes(config, rows):
    found = labels(rows)
    yield (
        "Medians of interleaved rounds; spread: the distance of the quartiles over the median. "
        "One thread and `out=` given (in formulas, of the last step; the others make temporary "
        "arrays) where nothing else is said."
    )
    yield (
        "Inputs: N(0, 4²), of the cells N(0, 2²); probabilities: `sigmoid` of these; targets: 0 or "
        "1."
    )
    yield (
        "`np.copyto` reads and writes as many bytes as all inputs and outputs have; in rows of its "
        "own one input and one output."
    )
    yield from (f"{label}: {peers.PEERS[label].description}." for label in found)
    if config["missing"]:
        yield f"Not installed: {', '.join(config['missing'])}."
    yield f"Versions: {_versions(config)}."


def markdown(config, rows):
    """The tables and what has to be known of them."""
    sections = []
    together = common(rows)
    if together:
        sections += [
            "Time per element, and that of others over ogive's:",
            _ratio_table(together, [], [row for row in rows if is_call(row.case)]),
        ]
    fused = [row for row in together if row.case.function.endswith("_and_grad")]
    if fused:
        sections += [
            "Two results in one pass, its time over that of the first alone and over that of both "
            "in turn:",
            _fused_table(fused),
        ]
    growing = by_sizes(rows)
    if growing:
        sections += [
            "How the cost grows, in nanoseconds per element, beside a copy of as many bytes:",
            _growth_table(growing),
        ]
    varied = {row.case[:3] for row in rows if not is_base(row.case)}
    if varied:
        sections += [
            "Other layouts of the inputs, results that are allocated in the call (`out`: new), and "
            "all threads of those that have them:",
            _ratio_table(
                sorted((row for row in rows if row.case[:3] in varied), key=lambda row: row.case),
                ["layout", "out", "threads"],
            ),
        ]
    notes = "\n".join(f"- {note}" for note in _notes(config, rows))
    return "\n\n".join([*sections, notes]) + "\n"


def text(runs):
    """All tables of one run, or a short one of several."""
    return markdown(*runs[0]) if len(runs) == 1 else summary(runs)


# Two runs


def control(old, new):
    """How what is not of ogive changed in the same rounds: its new times over its old ones."""
    shared = [label for label in (*peers.LIBRARIES, "copy") if label in old.ns and label in new.ns]
    return statistics.median(new.median(label) / old.median(label) for label in shared)


def changes(pairs):
    """What differs by more than its spread, and by 5 % in itself and beside its control.

    Parameters
    ----------
    pairs : list of (Row, Row)
        The old and the new row of a case.

    Returns
    -------
    slower, faster : list of (Case, float, float)
        Each case with its new time over its old one, and the control; the largest change first.
    """
    found = {"slower": [], "faster": [], "": []}
    for old, new in pairs:
        beside = control(old, new)
        ratio = new.median("ogive") / old.median("ogive")
        found[verdict(old.ns["ogive"], new.ns["ogive"], beside)].append((new.case, ratio, beside))
    return sorted(found["slower"], key=lambda change: -change[1]), sorted(
        found["faster"], key=lambda change: change[1]
    )


def verdict(old, new, beside=1):
    """What the quartiles of two times say: slower, faster, or nothing."""
    (old_low, old_median, old_high), (low, median, high) = old, new
    ratio = median / old_median
    if low > old_high and ratio > CHANGE * max(1, beside):
        return "slower"
    return "faster" if high < old_low and ratio * CHANGE < min(1, beside) else ""


def before_and_now(config, revision, rows):
    """A table for a pull request, and whether anything became slower.

    Parameters
    ----------
    config : dict
        As of `measure.machine`.
    revision : str
        Of git: what the present files are compared with.
    rows : dict
        {case: {"before": quartiles, "now": quartiles}}.
    """
    verdicts = {case: verdict(ns["before"], ns["now"]) for case, ns in rows.items()}
    headings = ["function", "dtype", "elements", f"ns, {revision}", "ns, now", "now / before", ""]
    lines = [
        [
            f"`{case.function}`",
            case.dtype,
            f"{case.size:,}",
            *map(rounded, (ns["before"][1], ns["now"][1], ns["now"][1] / ns["before"][1])),
            verdicts[case],
        ]
        for case, ns in rows.items()
    ]
    counts = ", ".join(
        f"{list(verdicts.values()).count(word)} {word}" for word in ("slower", "faster")
    )
    text = (
        f"{table(headings, lines, 2)}\n\n"
        f"Of {len(rows)} {counts}: quartiles apart and medians by more than 5 %. Nanoseconds per "
        f"element, medians of interleaved rounds, {config['cpu']} ({config['isa']})."
    )
    return text, "slower" in verdicts.values()


def comparison(old, new):
    """What became slower, in words, and whether anything did."""
    (old_config, old_rows), (new_config, new_rows) = old, new
    before = {row.case: row for row in old_rows}
    pairs = [(before[row.case], row) for row in new_rows if row.case in before]
    slower, faster = changes(pairs)
    lines = [
        f"Another {what}: {old_config[what]}, now {new_config[what]}"
        for what in ("cpu", "isa", "platform", "versions")
        if old_config[what] != new_config[what]
    ]
    for title, found in (("Slower", slower), ("Faster", faster)):
        lines.append(f"{title}: {len(found)} of {len(pairs)}")
        lines += [
            f"  {ratio:5.2f} x, others {beside:5.2f} x  {case.describe()}"
            for case, ratio, beside in found
        ]
    alone = len(old_rows) + len(new_rows) - 2 * len(pairs)
    if alone:
        lines.append(f"In one of the runs alone, not compared: {alone}")
    return "\n".join(lines), bool(slower)
