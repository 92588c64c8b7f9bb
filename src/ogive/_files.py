"""Output files that appear only when complete."""

import contextlib
import os
import secrets
import shutil
import sys
from pathlib import Path


class UserError(Exception):
    """What the user has to put right, in one line."""


def run_command(main, name):
    """Exit with what `main` returns; with 2 and a line of error where it raises `UserError`."""
    try:
        sys.exit(main())
    except UserError as error:
        print(f"{name}: {error}", file=sys.stderr)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)


def check_output(path):
    """Raise `UserError` when `path` cannot become an output file.

    Called before the long work, so that it is not done in vain.
    """
    resolved = Path(os.path.realpath(path))
    if resolved.is_dir():
        raise UserError(f"{path}: is a directory")
    if resolved.exists() and not resolved.is_file():
        raise UserError(f"{path}: not a regular file")
    if resolved.is_symlink():
        raise UserError(f"{path}: a symbolic link that goes in circles")
    if not resolved.parent.is_dir():
        raise UserError(f"{path}: no such directory: {resolved.parent}")
    if not os.access(resolved.parent, os.W_OK | os.X_OK):
        raise UserError(f"{path}: directory is not writable: {resolved.parent}")


@contextlib.contextmanager
def replacing(path):
    """Open a binary file beside `path` that takes its place and mode when the block ends well.

    Whatever ends the block otherwise leaves `path` as it was, and nothing beside it. An
    `OSError` inside the block is taken for one of this file and becomes a `UserError`.
    """
    resolved = Path(os.path.realpath(path))  # a symbolic link stays one
    beside = resolved.parent / f".ogive-{secrets.token_hex(8)}.tmp"
    try:
        with beside.open("xb") as file:
            yield file
        with contextlib.suppress(FileNotFoundError):
            shutil.copymode(resolved, beside)
        beside.replace(resolved)
    except BaseException as error:
        beside.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise UserError(f"{path}: {error.strerror}") from error
        raise


class Section:
    """What stands between two marker lines of a text file.

    Made before the long work: raises `UserError` where the file cannot be replaced, or has not
    both markers.
    """

    def __init__(self, path, begin, end):
        self.path, self.begin, self.end = Path(path), begin, end
        check_output(path)
        self._text("")

    def replace(self, new):
        """Put `new` between the markers."""
        text = self._text(new)
        with replacing(self.path) as file:
            file.write(text.encode())

    def _text(self, new):
        try:
            text = self.path.read_text(encoding="utf-8")
        except OSError as error:
            raise UserError(f"{self.path}: {error.strerror}") from error
        before, _, rest = text.partition(self.begin)
        _, end, after = rest.partition(self.end)
        if not end:
            raise UserError(f"{self.path}: needs the lines {self.begin} and {self.end}")
        return f"{before}{self.begin}\n\n{new}\n{self.end}{after}"
