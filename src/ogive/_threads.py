"""How many threads a call may use: set for the process, or for a `with` block of one context."""

import contextlib
import contextvars
import importlib
import operator
import os

from ogive import _dispatch

MAX_THREADS = 1024
VARIABLE = "OGIVE_NUM_THREADS"


# The numbers of the blocks that the caller is in, from the outermost on.
_blocks = contextvars.ContextVar("ogive.threads", default=())


class _WithoutKernels:
    """What the compiled extension keeps, where there is none and the number changes nothing."""

    process = 1

    def get_num_threads(self):
        return _blocks.get()[-1] if _blocks.get() else self.process

    def set_num_threads(self, n):
        self.process = n

    def ask_num_threads(self, variable, more):
        pass


_numbers = _dispatch.kernels or _WithoutKernels()


def _checked(name, n):
    """Return `n` as a number of threads; errors say that `name` is not one."""
    try:
        number = operator.index(n)
    except TypeError:
        raise TypeError(f"{name} must be an integer, not {n!r}") from None
    if not 1 <= number <= MAX_THREADS:
        raise ValueError(f"{name} must be from 1 to {MAX_THREADS}, not {n!r}")
    return number


def _set(name, n):
    number = _checked(name, n)
    _numbers.set_num_threads(number)
    if number > 1 and _dispatch.kernels:
        # Not earlier: with one thread there is no pool to show, and its import takes a while.
        with contextlib.suppress(ImportError, AttributeError):  # not installed, or before 3.2
            importlib.import_module("ogive._threadpoolctl")


def set_num_threads(n):
    """Set the number of threads that one call may use.

    It holds for the process. At first it is that of the environment variable
    ``OGIVE_NUM_THREADS``, or 1. The results are the same bits with any number.

    Parameters
    ----------
    n : int
        From 1 to 1024. More than the processor has cores gain nothing.

    Raises
    ------
    TypeError
        If `n` is not an integer.
    ValueError
        If `n` is below 1 or above 1024.

    See Also
    --------
    threads : The same for a block of code.

    Notes
    -----
    Several threads share the elements that NumPy hands over in one piece, where these are at
    least 131,072: arrays that are contiguous or have one dimension, of the dtype that is computed
    in, neither complex nor longdouble, without ``where=``. They are started by the first such call
    and sleep between calls. A call that finds them at work for another does all of its work
    itself, so calls from many threads of Python do not wait for each other. A forked process
    starts threads of its own.
    Once the number was above 1, ``threadpoolctl.threadpool_info`` shows it, and
    ``threadpoolctl.threadpool_limits`` limits it with those of other libraries.

    In pure NumPy the number changes nothing.

    Examples
    --------
    >>> import ogive
    >>> ogive.set_num_threads(2)
    >>> ogive.get_num_threads()
    2
    >>> ogive.set_num_threads(1)
    """
    _set("ogive.set_num_threads: n", n)


def get_num_threads():
    """Return the number of threads that a call from here may use.

    Returns
    -------
    int
        That of the `threads` block that the caller is in, else that of `set_num_threads`.

    Examples
    --------
    >>> import ogive
    >>> ogive.get_num_threads()
    1
    """
    return _numbers.get_num_threads()


def threads(n):
    """Set the number of threads that one call may use, within a ``with`` block.

    It holds for the calls of the thread or asynchronous task that is in the block, as
    ``np.errstate`` does, and there comes before the number of `set_num_threads`. It can also
    decorate a function.

    Parameters
    ----------
    n : int
        As for `set_num_threads`.

    Returns
    -------
    context manager

    Raises
    ------
    TypeError
        If `n` is not an integer.
    ValueError
        If `n` is below 1 or above 1024.

    Examples
    --------
    >>> import numpy as np
    >>> import ogive
    >>> with ogive.threads(2):
    ...     y = ogive.sigmoid(np.zeros(1_000_000))
    """
    return _Within(_checked("ogive.threads: n", n))


class _Within(contextlib.ContextDecorator):
    """May be entered again, also within itself, by other threads and tasks."""

    def __init__(self, n):
        self._n = n

    def __enter__(self):
        _blocks.set((*_blocks.get(), self._n))
        _numbers.ask_num_threads(_blocks, 1)

    def __exit__(self, *error):
        _blocks.set(_blocks.get()[:-1])
        _numbers.ask_num_threads(_blocks, -1)


def _take_from_environment():
    text = os.environ.get(VARIABLE)
    if not text:
        return
    try:
        number = int(text) if text.removeprefix("-").isdecimal() else text
        _set(VARIABLE, number)
    except (TypeError, ValueError) as error:
        raise ImportError(str(error)) from None


_take_from_environment()
