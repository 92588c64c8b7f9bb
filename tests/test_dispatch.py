"""The choice of a backend at import, and what is said about it."""

import os
import shutil
import subprocess
import sys
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from helpers import BACKENDS, KERNEL_FLOATS, bits, mixed, outputs, ufuncs

import ogive
from ogive import _dispatch

WITHOUT_EXTENSION = """
import sys
class Missing:
    def find_spec(self, name, path=None, target=None):
        if name == "ogive._kernels":
            raise ModuleNotFoundError("No module named " + repr(name), name={missing!r})
sys.meta_path.insert(0, Missing())
"""
# What setup.py writes into a package without kernels.
WITHOUT_COMPILER, CHOSEN = (
    WITHOUT_EXTENSION.format(missing="ogive._kernels")
    + f"import types\nsys.modules['ogive._no_kernels'] = types.SimpleNamespace(CHOSEN={chosen})\n"
    for chosen in (False, True)
)


def python(script, isa=None, **variables):
    """Run a script in a new process, with OGIVE_ISA set to `isa` or not at all."""
    environment = {k: v for k, v in os.environ.items() if k != "OGIVE_ISA"} | variables
    if isa is not None:
        environment["OGIVE_ISA"] = isa
    return subprocess.run(
        [sys.executable, "-c", script], env=environment, capture_output=True, text=True
    )


def printed(done):
    assert done.stderr == ""
    assert done.returncode == 0
    return done.stdout.strip()


def digest(functions):
    """One SHA-256 over the results of all functions for inputs of every kind."""
    total = sha256()
    for dtype in KERNEL_FLOATS:
        for name in sorted(functions):
            for result in outputs(functions[name](*mixed(name, dtype, 20_000))):
                total.update(bits(result).astype(f"<u{result.itemsize}").tobytes())
    return total.hexdigest()


def test_ogive_isa_forces_a_backend_and_no_bit_changes(isa):
    script = (
        f"import sys; sys.path.insert(0, {str(Path(__file__).parent)!r})\n"
        "import ogive, ogive._dispatch, test_dispatch\n"
        "print(ogive.isa, test_dispatch.digest(ogive._dispatch.functions))"
    )
    assert printed(python(script, isa)) == f"{isa} {digest(ufuncs(BACKENDS[0]))}"


def test_ogive_isa_numpy_takes_the_functions_of_the_fallback():
    script = "import ogive; print(ogive.isa, ogive.sigmoid is ogive.fallback.sigmoid)"
    assert printed(python(script, "numpy")) == "numpy True"


@pytest.mark.parametrize("unset", [None, ""], ids=repr)
def test_best_backend_is_the_default(unset):
    script = "import ogive; print(ogive.isa)"
    done = python(script, unset, PYTHONWARNINGS="ignore")
    assert printed(done) == _dispatch.runs_here()[0]


@pytest.mark.parametrize("isa", ["sse9", "AVX2", "generic ", "../generic"])
def test_unknown_backend_is_an_import_error_that_lists_the_possible_ones(isa):
    done = python("import ogive", isa)
    assert done.returncode == 1
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith(f"ImportError: OGIVE_ISA={isa!r}")
    assert last.endswith(f"possible: {', '.join(_dispatch.runs_here())}")


def test_backend_of_another_processor_is_refused(isa):
    other = "neon" if isa in ("avx512", "avx2") else "avx2"
    if other in BACKENDS:
        pytest.skip(f"this processor runs {isa} and {other}")
    assert (
        f"OGIVE_ISA={other!r} is not a backend that runs here"
        in python("import ogive", other).stderr
    )
    with pytest.raises(ValueError, match=other):
        ufuncs(other)


def test_runs_here_names_what_ogive_isa_takes():
    *compiled, last = _dispatch.runs_here()
    assert last == "numpy"
    assert compiled == [isa for isa in BACKENDS if isinstance(isa, str)]
    assert ogive.isa in (*compiled, last)


def test_show_config_tells_what_a_bug_report_needs(capsys):
    assert ogive.show_config() is None
    lines = capsys.readouterr().out.splitlines()
    # Reversed, for rows come before the advice that may follow them.
    told = dict(line.split(maxsplit=1) for line in reversed(lines))
    assert told["ogive"] == ogive.__version__
    assert told["backend"] == ogive.isa
    assert told["NumPy"] == np.__version__
    assert told["Python"] == sys.version.split()[0]
    assert told["compiler"]
    assert told["machine"]
    assert f"runs here  {', '.join(_dispatch.runs_here())}" in lines
    (built_in,) = [line for line in lines if line.startswith("built in")]
    assert set(_dispatch.runs_here()) <= set(built_in.removeprefix("built in").strip().split(", "))


def test_without_the_extension_import_warns_and_falls_back():
    script = WITHOUT_COMPILER + (
        "import warnings\n"
        "with warnings.catch_warnings(record=True) as caught:\n"
        "    warnings.simplefilter('always')\n"
        "    import ogive\n"
        "(warning,) = caught\n"
        "assert warning.category is RuntimeWarning, warning\n"
        "assert 'C compiler' in str(warning.message), warning\n"
        "assert warning.filename == '<string>', warning.filename\n"
        "assert ogive.sigmoid is ogive.expit is ogive.fallback.sigmoid\n"
        "print(ogive.isa, ogive.sigmoid(0.0))\n"
        "ogive.show_config()\n"
    )
    out = printed(python(script))
    assert out.startswith("numpy 0.5\n")
    assert "compiler   none" in out
    assert "C compiler" in out


def test_without_the_extension_numpy_may_be_asked_for_in_silence():
    script = WITHOUT_COMPILER + "import ogive; print(ogive.isa)"
    assert printed(python(script, "numpy", PYTHONWARNINGS="error")) == "numpy"


def test_pure_numpy_that_was_chosen_is_silent_and_show_config_says_so():
    script = CHOSEN + "import ogive; ogive.show_config()"
    assert "it was installed with OGIVE_PURE_NUMPY=1." in printed(
        python(script, PYTHONWARNINGS="error")
    )


def copy_package(folder):
    """A folder with the package as it is without kernels."""
    leave_out = shutil.ignore_patterns("__pycache__", "_kernels*", "_no_kernels.py")
    shutil.copytree(Path(ogive.__file__).parent, folder / "ogive", ignore=leave_out)
    return folder


def warning_from(folder):
    """What the import of ogive from there warns of."""
    done = python("import ogive; print(ogive.__file__)", PYTHONPATH=str(folder))
    assert done.stdout.startswith(str(folder)), done.stderr
    return done.stderr


def test_kernels_in_a_zip_file_are_not_mistaken_for_a_lack_of_compilers(tmp_path):
    archive = shutil.make_archive(tmp_path / "app", "zip", copy_package(tmp_path / "tree"))
    assert "it lies in a zip file" in warning_from(archive)


def test_kernels_of_another_python_are_named(tmp_path):
    folder = copy_package(tmp_path)
    (folder / "ogive" / "_kernels.cpython-30-pdp11.so").touch()
    assert "_kernels.cpython-30-pdp11.so is for another Python" in warning_from(folder)


def test_kernels_that_are_gone_are_missed(tmp_path):
    assert "its compiled kernels are missing" in warning_from(copy_package(tmp_path))


def test_without_the_extension_only_numpy_is_possible():
    done = python(WITHOUT_COMPILER + "import ogive", "generic")
    assert done.returncode == 1
    assert done.stderr.strip().endswith("possible: numpy")


def test_an_extension_that_misses_another_module_is_not_hidden():
    done = python(WITHOUT_EXTENSION.format(missing="numpy.gone") + "import ogive")
    assert done.returncode == 1
    assert "ModuleNotFoundError" in done.stderr.strip().splitlines()[-1]
