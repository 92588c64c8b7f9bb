"""The progress bar of ``python -m ogive``."""

import contextlib

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn


@contextlib.contextmanager
def progress_bar():
    """Show a bar on standard error while the block runs, if that is a terminal.

    Yields
    ------
    report : callable
        ``report(done, total, description)`` moves the bar.
    """
    console = Console(stderr=True)
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TaskProgressColumn(),
        TimeRemainingColumn(),
    )
    with Progress(
        *columns, console=console, transient=True, disable=not console.is_terminal
    ) as progress:
        task = progress.add_task("", total=None)

        def report(done, total, description):
            progress.update(task, completed=done, total=total, description=description)

        yield report
