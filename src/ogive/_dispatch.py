"""The choice of backend at import, and what is told about it."""

import os
import platform
import sys
import warnings

import numpy as np

from ogive import fallback


def _load_kernels():
    """Return the compiled extension, or None where it was not built."""
    try:
        import ogive._kernels as kernels
    except ModuleNotFoundError as error:
        if error.name != "ogive._kernels":
            raise
        return None
    return kernels


kernels = _load_kernels()


def _why_no_kernels():
    """Return whether that was chosen, then as parts of a sentence: why, and how to get them."""
    from importlib.machinery import EXTENSION_SUFFIXES
    from pathlib import Path

    again = "install ogive again with `pip install --force-reinstall --no-cache-dir`"
    try:
        from ogive._no_kernels import CHOSEN  # setup.py writes it
    except ModuleNotFoundError:
        folder = Path(__file__).parent
        if not folder.is_dir():
            return False, "it lies in a zip file, out of which Python loads no kernels", "unpack it"
        for path in folder.glob("_kernels.*"):
            suffix = path.name.removeprefix("_kernels")
            if suffix.endswith((".so", ".pyd")) and suffix not in EXTENSION_SUFFIXES:
                return False, f"{path.name} is for another Python or system", again
        return False, "its compiled kernels are missing", again
    if CHOSEN:
        return True, "it was installed with OGIVE_PURE_NUMPY=1", f"{again}, without that variable"
    compilers = "Debian: gcc; macOS: xcode-select --install; Windows: Visual Studio Build Tools"
    why = "it was installed without a working C compiler"
    return False, why, f"install one ({compilers}), then {again}"


chosen, why, how_to_get_them = (False, "", "") if kernels else _why_no_kernels()
IN_PURE_NUMPY = (
    f"ogive runs in pure NumPy, many times slower and not correctly rounded: {why}. "
    f"For the fast one, {how_to_get_them}."
)


def runs_here():
    """Return the names of the backends that can be chosen here, best first."""
    return [*(kernels.runs_here() if kernels else []), "numpy"]


def _choose():
    """Return the backend's name: the one in OGIVE_ISA, else the best."""
    isa = os.environ.get("OGIVE_ISA")
    possible = runs_here()
    if not isa:
        if not kernels and not chosen:
            warnings.warn(IN_PURE_NUMPY, RuntimeWarning, stacklevel=4)
        return possible[0]
    if isa not in possible:
        raise ImportError(
            f"OGIVE_ISA={isa!r} is not a backend that runs here; possible: {', '.join(possible)}"
        )
    return isa


isa = _choose()
functions = dict(fallback.FUNCTIONS) if isa == "numpy" else kernels.ufuncs(isa)
for function in functions.values():
    function.__module__ = "ogive"  # else a pickle names any module that has it: a script's own
native_api = None if isa == "numpy" else kernels.native_api(isa)  # for include/ogive/api.h


def get_include():
    """Return the folder of the C headers, for extensions that call the kernels directly.

    Returns
    -------
    str
        What a C compiler takes after ``-I``; the header is ``ogive/api.h``.

    Examples
    --------
    >>> import ogive
    >>> from pathlib import Path
    >>> Path(ogive.get_include(), "ogive", "api.h").exists()
    True
    """
    from pathlib import Path  # takes longer to import than the rest of ogive

    return str(Path(__file__).parent / "include")


def show_config():
    """Print versions, backend, compiler and machine, to go with a bug report.

    Examples
    --------
    >>> import ogive
    >>> ogive.show_config()  # doctest: +ELLIPSIS
    ogive ...
    """
    from ogive import __version__, get_num_threads

    rows = {
        "ogive": __version__,
        "backend": isa,
        "runs here": ", ".join(runs_here()),
        "threads": get_num_threads(),
        "built in": ", ".join([*(kernels.built_in() if kernels else []), "numpy"]),
        "compiler": kernels.compiler() if kernels else "none",
        "NumPy": np.__version__,
        "Python": sys.version.split()[0],
        "machine": f"{platform.machine()}, {platform.system()}",
    }
    width = max(map(len, rows))
    print("\n".join(f"{name:<{width}}  {value}" for name, value in rows.items()))
    if isa == "numpy" and not kernels:
        print(IN_PURE_NUMPY)
