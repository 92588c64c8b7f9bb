"""The sigmoid of an array larger than the memory of any worker, on a Dask cluster.

The workers read, compute and write it chunk by chunk, from one zarr store to another. Where one
dies, the others take over what it had not written (--kill shows it). By default the cluster is two
processes on this machine; --scheduler takes one that runs elsewhere, to which the folder
must be shared. The picture shows how the chunks were written. The stores are removed at the end.

    python examples/dask_cluster.py --kill
"""

import argparse
import contextlib
import os
import shutil
import signal
import tempfile
import time
from pathlib import Path

import dask.array as da
import numpy as np
import zarr
from dask.distributed import Client, LocalCluster, progress
from matplotlib.figure import Figure

import ogive

CHUNK = 2**20  # numbers: 8 MiB


def make_input(source, megabytes):
    """Store normally distributed numbers, drawn by the workers."""
    size = megabytes * 2**20 // 8
    random = da.random.default_rng(0)
    random.normal(scale=4, size=size, chunks=CHUNK).to_zarr(source, overwrite=True)


def start_map(client, function, source, target):
    """Have the workers map one store to another; return the future of that."""
    result = function(da.from_zarr(source))
    return client.compute(result.to_zarr(target, overwrite=True, compute=False))


def kill_one_worker(client, target):
    """Kill a worker process of this machine as soon as half of the chunks are written.

    Returns
    -------
    float
        When that was.
    """
    pids = client.run(os.getpid)
    chunks = zarr.open_array(target, mode="r")
    while chunks.nchunks_initialized < chunks.nchunks // 2:
        time.sleep(0.01)
    os.kill(min(pids.values()), signal.SIGKILL)
    print(f"killed one of {len(pids)} workers at {chunks.nchunks_initialized} of {chunks.nchunks}")
    return time.time()


def draw(target, begin, killed, path):
    """Draw how many chunks were written when, by the times of their files."""
    written = sorted(
        file.stat().st_mtime - begin for file in Path(target).rglob("*") if file.name.isdigit()
    )
    figure = Figure(figsize=(8, 5), layout="constrained")
    axes = figure.subplots()
    axes.step(
        [0, *written],
        np.arange(len(written) + 1),
        where="post",
        label="chunks, when written for the last time",
    )
    if killed is not None:
        axes.axvline(killed - begin, color="black", linestyle="--", label="a worker is killed")
    axes.set(xlabel="seconds", ylabel="chunks", title=f"sigmoid of {len(written)} chunks on disk")
    axes.grid(alpha=0.4)
    axes.legend(loc="lower right")
    figure.savefig(path, dpi=110)


@contextlib.contextmanager
def connect(args, folder):
    """Yield a client of the cluster asked for."""
    if args.scheduler:
        with Client(args.scheduler) as client:
            yield client
        return
    local = LocalCluster(
        n_workers=2,
        threads_per_worker=1,
        memory_limit=f"{args.memory}MiB",
        dashboard_address=":0",
        local_directory=folder,
    )
    with local, Client(local) as client:
        yield client


def main(arguments=None):
    """Run the example."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--scheduler", metavar="ADDRESS", help="of a running cluster")
    parser.add_argument("--output", type=Path, default=Path("dask_cluster.png"))
    parser.add_argument("--folder", type=Path, default=Path(), help="in which the stores are made")
    parser.add_argument("--keep", action="store_true", help="leave the stores there")
    parser.add_argument("--megabytes", type=int, default=1000, help="of the array")
    parser.add_argument("--memory", type=int, default=400, help="megabytes, of each local worker")
    parser.add_argument("--kill", action="store_true", help="kill a local worker half-way")
    args = parser.parse_args(arguments)
    if args.kill and args.scheduler:
        parser.error("--kill is for workers on this machine")

    folder = tempfile.mkdtemp(prefix="dask-cluster-", dir=args.folder.resolve())
    source, target = (str(Path(folder, store)) for store in ("x.zarr", "sigmoid.zarr"))
    with contextlib.ExitStack() as at_end:
        if not args.keep:
            at_end.callback(shutil.rmtree, folder)
        with connect(args, folder) as client:
            print(f"dashboard {client.dashboard_link}")
            make_input(source, args.megabytes)
            begin, killed = time.time(), None
            future = start_map(client, ogive.sigmoid, source, target)
            if args.kill:
                killed = kill_one_worker(client, target)
            progress(future)
            future.result()
            seconds = time.time() - begin
        print(f"\n{args.megabytes} MB in {seconds:.1f} s")
        draw(target, begin, killed, args.output)
    print(f"picture {args.output}")
    if args.keep:
        print(f"stores {folder}")


if __name__ == "__main__":
    main()
