"""Two revisions beside each other: each built, each in a process of its own, timed in turn."""

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from ogive import _bench
from ogive._files import UserError

from . import cases, measure

ROOT = Path(__file__).parents[1]
BEFORE, NOW = "before", "now"


def _git(*arguments):
    done = subprocess.run(["git", "-C", ROOT, *arguments], capture_output=True)
    if done.returncode:
        raise UserError(done.stderr.decode().strip())
    return done.stdout


def write_revision(revision, folder):
    """Write the files of a git revision."""
    with tarfile.open(fileobj=io.BytesIO(_git("archive", revision))) as files:
        files.extractall(folder, filter="data")


def write_present(folder):
    """Write the files as they are, those that are not committed too."""
    listed = _git("ls-files", "-z", "--cached", "--others", "--exclude-standard")
    for name in filter(None, listed.decode().split("\0")):
        if (ROOT / name).is_file():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, folder / name)


def install(tree, folder):
    """Install the files in `tree` into a folder of their own."""
    quiet = ["--quiet", "--disable-pip-version-check", "--no-build-isolation", "--no-deps"]
    command = [sys.executable, "-m", "pip", "install", *quiet, "--target", folder, tree]
    done = subprocess.run(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode:
        raise UserError(f"{tree.name} cannot be built:\n{done.stdout[-2000:]}")


class Worker:
    """A process whose ogive is that of a folder; it answers each question by a line of JSON."""

    def __init__(self, folder):
        environment = {**os.environ, "PYTHONPATH": str(folder)}
        pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        command = [sys.executable, "-m", "benchmarks.worker"]
        self._process = subprocess.Popen(command, cwd=ROOT, env=environment, **pipes)

    def ask(self, question):
        self._process.stdin.write(json.dumps(question) + "\n")
        self._process.stdin.flush()
        answer = self._process.stdout.readline()
        if not answer:
            raise UserError("a process that takes times has ended: its error stands above")
        return json.loads(answer)

    def __enter__(self):
        return self

    def __exit__(self, *error):
        self._process.stdin.close()
        self._process.wait()
        self._process.stdout.close()


def beside(folders, wanted, plan):
    """The quartiles of each case in nanoseconds per element, in both: {case: {label: quartiles}}.

    What one of them does not have is left out.
    """
    rows = {}
    with contextlib.ExitStack() as stack:
        workers = {label: stack.enter_context(Worker(path)) for label, path in folders.items()}
        for case, seconds in _bench.shared_out(wanted, plan.seconds, cases.Case.describe):
            question = {"case": case, "sample": plan.sample}
            there = [worker.ask(question) for worker in workers.values()]
            if not all(there):
                continue
            takers = {label: lambda w=worker: w.ask(None) for label, worker in workers.items()}
            rows[case] = measure.quartiles_of(_bench.rounds(takers, plan, seconds), case.size)
    return rows


def run(revision, wanted, plan):
    """Build a revision and the present files, and time both."""
    with tempfile.TemporaryDirectory(prefix="ogive-") as name:
        folders = {}
        for label, write in (
            (BEFORE, lambda to: write_revision(revision, to)),
            (NOW, write_present),
        ):
            tree = Path(name, f"tree-{label}")
            tree.mkdir()
            write(tree)
            print(
                f"building {revision if label == BEFORE else 'the present files'}", file=sys.stderr
            )
            folders[label] = Path(name, label)
            install(tree, folders[label])
        return beside(folders, wanted, plan)
