"""Build the one extension: the Cython loops and the kernels of csrc."""

import itertools
import os
import shutil
import sys
import sysconfig
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy
from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py

SOURCES = ["dispatch", "threads", "accurate/multiword"]
# MSVC chooses instructions per file, the others by pragma.
ISA_FLAGS_OF_MSVC = {"generic": [], "avx2": ["/arch:AVX2"], "avx512": ["/arch:AVX512"], "neon": []}

# Without the stable ABI (free-threaded Python and PyPy have none) the wheel is for one Python only.
LIMITED_API = sys.implementation.name == "cpython" and not sysconfig.get_config_var(
    "Py_GIL_DISABLED"
)


class BuildPackage(build_py):
    """Put the headers that native callers need beside include/ogive/api.h."""

    def run(self):
        """Copy the headers, then build."""
        for header in ("functions.h", "ogive.h"):
            shutil.copy(Path("csrc", header), "src/ogive/include/ogive")
        super().run()


class BuildKernels(build_ext):
    """Build with the compiler's flags for exact arithmetic; go on without where that fails."""

    def build_extension(self, ext):
        """Compile the sources side by side, each with its own flags."""
        msvc = self.compiler.compiler_type == "msvc"
        # Contraction to fma would change the bits from machine to machine; debug information
        # would be nine tenths of the wheel.
        flags = ["/O2", "/fp:precise"] if msvc else ["-O3", "-g0", "-ffp-contract=off"]
        compile_some = self.compiler.compile

        def compile_each(sources, **options):
            def compile_one(source):
                isa_flags = ISA_FLAGS_OF_MSVC.get(Path(source).stem, []) if msvc else []
                return compile_some([source], **options | {"extra_postargs": [*flags, *isa_flags]})

            with ThreadPoolExecutor(os.cpu_count()) as pool:
                return list(itertools.chain(*pool.map(compile_one, sources)))

        self.compiler.compile = compile_each
        super().build_extension(ext)

    def run(self):
        """Build, and say it where the kernels are missing after all."""
        super().run()
        missing = [
            ext.name
            for ext in self.extensions
            if not Path(self.get_ext_fullpath(ext.name)).exists()
        ]
        if missing and not self.editable_mode:
            print(
                "ogive: WARNING: no working C compiler, so this is the slow pure NumPy version. "
                "Install a C compiler and run pip install again for the fast one.",
                file=sys.stderr,
            )


kernels = Extension(
    "ogive._kernels",
    sources=[
        "src/ogive/_kernels.pyx",
        *(f"csrc/{name}.c" for name in SOURCES),
        *(f"csrc/isa/{isa}.c" for isa in ISA_FLAGS_OF_MSVC),
    ],
    depends=[str(path) for path in sorted(Path("csrc").rglob("*.h"))],
    include_dirs=["csrc", numpy.get_include()],
    define_macros=[
        ("NPY_NO_DEPRECATED_API", "NPY_2_0_API_VERSION"),
        ("NPY_TARGET_VERSION", "NPY_2_2_API_VERSION"),
        *([("Py_LIMITED_API", "0x030B0000")] if LIMITED_API else []),
    ],
    extra_link_args=[] if sys.platform == "win32" else ["-pthread"],
    py_limited_api=LIMITED_API,
)
[kernels] = cythonize([kernels])
kernels.optional = True  # cythonize forgets it: without a compiler the install goes on

setup(
    ext_modules=[kernels],
    cmdclass={"build_ext": BuildKernels, "build_py": BuildPackage},
    options={"bdist_wheel": {"py_limited_api": "cp311"}} if LIMITED_API else {},
)
