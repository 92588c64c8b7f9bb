"""Map a .npy file of any size through a function, block by block."""

import math
import os
from pathlib import Path

import numpy as np
from numpy.lib import format as npy

from ogive._files import UserError, check_output, replacing
from ogive._threads import get_num_threads

BLOCK = 1 << 16  # elements a thread: a block and its result stay in the cache

# NumPy writes format 3.0 for names of fields alone, and offers no reader of its headers.
_READ_HEADER = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}


def _map_elements(source):
    """Memory-map the numbers in a .npy file.

    Returns
    -------
    elements : numpy.ndarray
        All of them, one-dimensional, in the order in which they lie in the file.
    shape : tuple of int
        The shape of the array they make up.
    fortran_order : bool
        Whether its first index varies fastest.
    """
    if source.exists() and not source.is_file():
        raise UserError(f"{source}: not a regular file")
    with source.open("rb") as file:
        try:
            read_header = _READ_HEADER[npy.read_magic(file)]
            shape, fortran_order, dtype = read_header(file)
        except OSError:
            raise
        except Exception as error:  # a hostile header makes NumPy's parser raise almost any
            raise UserError(
                f"{source}: not a .npy array of numbers in format 1.0 or 2.0, or a damaged header"
            ) from error
        offset = file.tell()
        available = os.fstat(file.fileno()).st_size - offset
    if dtype.kind not in "biuf":
        raise UserError(f"{source}: holds {dtype}, not real numbers")
    try:
        np.broadcast_to(np.empty((), dtype), shape)
    except (ValueError, TypeError, OverflowError) as error:  # negative, or beyond what arrays have
        raise UserError(f"{source}: damaged header: shape {shape}") from error
    count = math.prod(shape)
    if available < count * dtype.itemsize:
        raise UserError(
            f"{source}: truncated: {available} bytes of data, {count * dtype.itemsize} expected"
        )
    if count == 0:  # an empty file region cannot be mapped
        return np.empty(0, dtype), shape, fortran_order
    elements = np.memmap(source, dtype, "r", offset=offset, shape=(count,))
    return np.asarray(elements), shape, fortran_order


def apply_to_file(function, source, target, *, force=False, block=None, report=None):
    """Write ``function(array)`` of the array in one .npy file to another.

    Parameters
    ----------
    function : ufunc
        One input, one output; its rules give the dtype of the result.
    source, target : str or path-like
        The input is memory-mapped and never unpickled. The output has the same shape and
        order in memory; it appears when it is complete.
    force : bool, optional
        Whether an existing `target` may be replaced.
    block : int, optional
        Number of elements in one step; by default as many as each thread can take up.
    report : callable, optional
        Called as ``report(done, count)`` after each step, in elements.

    Returns
    -------
    count : int
        Number of elements.
    dtype : numpy.dtype
        Data type of the result.

    Raises
    ------
    UserError
        If a file cannot be read or written; `target` is then as it was.
    """
    source, target = Path(source), Path(target)
    block = block or BLOCK * get_num_threads()
    elements, shape, fortran_order = _map_elements(source)
    check_output(target)
    if target.exists():
        if target.samefile(source):
            raise UserError(f"{target}: is the input; name another file for the output")
        if not force:
            raise UserError(f"{target}: exists (--force replaces it)")

    dtype = function(np.empty(0, elements.dtype)).dtype
    header = {
        "descr": npy.dtype_to_descr(dtype),
        "fortran_order": fortran_order,
        "shape": shape,
    }
    results = np.empty(min(block, elements.size), dtype)
    with replacing(target) as file:
        npy.write_array_header_1_0(file, header)
        for start in range(0, elements.size, block):
            step = elements[start : start + block]
            # Written, not mapped: a full disk is an exception here, a fatal signal there.
            file.write(function(step, out=results[: step.size]))
            if report is not None:
                report(start + step.size, elements.size)
    return elements.size, dtype
