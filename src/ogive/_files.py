"""Output files that appear only when complete."""

import contextlib
import os
import secrets
from pathlib import Path


class UserError(Exception):
    """What the user has to put right, in one line."""


def check_output(path):
    """Raise `UserError` when `path` cannot become an output file.

    Called before the long work, so that it is not done in vain.
    """
    resolved = Path(os.path.realpath(path))
    if resolved.is_dir():
        raise UserError(f"{path}: is a directory")
    if resolved.exists() and not resolved.is_file():
        raise UserError(f"{path}: not a regular file")
    if not resolved.parent.is_dir():
        raise UserError(f"{path}: no such directory: {resolved.parent}")
    if not os.access(resolved.parent, os.W_OK | os.X_OK):
        raise UserError(f"{path}: directory is not writable: {resolved.parent}")


@contextlib.contextmanager
def replacing(path):
    """Open a binary file beside `path` that takes its place when the block ends well.

    Whatever ends the block otherwise leaves `path` as it was, and nothing beside it. An
    `OSError` inside the block is taken for one of this file and becomes a `UserError`.
    """
    resolved = Path(os.path.realpath(path))  # a symbolic link stays one
    beside = resolved.parent / f".ogive-{secrets.token_hex(8)}.tmp"
    try:
        with beside.open("xb") as file:
            yield file
        beside.replace(resolved)
    except BaseException as error:
        beside.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise UserError(f"{path}: {error.strerror}") from error
        raise
