"""The pool of threads among those that threadpoolctl shows and limits."""

import abc
import contextvars

import threadpoolctl

from ogive import _dispatch
from ogive._threads import MAX_THREADS


class Controller(threadpoolctl.LibController, metaclass=abc.ABCMeta):  # as that has; mypy is told
    """What threadpoolctl calls; it finds the extension by its name and one of its symbols."""

    user_api = internal_api = "ogive"
    filename_prefixes = ("_kernels.",)
    check_symbols = ("ogive_set_threads",)

    def get_num_threads(self):
        """Return the number of the process, whatever `ogive.threads` block the caller is in."""
        return contextvars.Context().run(_dispatch.kernels.get_num_threads)

    def set_num_threads(self, num_threads):
        """Set the number of the process, to the nearest that there may be."""
        _dispatch.kernels.set_num_threads(min(max(num_threads, 1), MAX_THREADS))

    def get_version(self):
        """Return the version of ogive."""
        from ogive import __version__

        return __version__


threadpoolctl.register(Controller)
