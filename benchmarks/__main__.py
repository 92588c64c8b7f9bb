"""Time sigmoid and its gradient in the L2 cache and in memory: `python -m benchmarks`.

The medians of interleaved rounds on one thread with `out=`, as ratios to SciPy and to np.copyto
of the same bytes.
"""

from rich.console import Console
from rich.table import Table

from ogive import _bench

PLAN = _bench.Plan(sizes=(2**16, 2**24), seconds=60, rounds=9, sample=2e-3)


def main():
    config = _bench.configuration()
    rows = _bench.run(PLAN)
    table = Table("function", "dtype", "elements", "ns", "SciPy / ogive", "ogive / copy")
    for row in rows:
        table.add_row(
            row.function,
            row.dtype,
            f"{row.size:,}",
            f"{row.ns['ogive']:.3f}",
            f"{row.ratio('scipy'):.2f}" if "scipy" in row.ns else "-",
            f"{1 / row.ratio('copy'):.2f}",
        )
    Console().print(table)
    print(", ".join(f"{name} {value}" for name, value in config.items()))


if __name__ == "__main__":
    main()
