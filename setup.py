"""Build the one extension: the Cython loops and the kernels of csrc."""

import itertools
import os
import shlex
import shutil
import sys
import sysconfig
import tempfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy
from Cython.Build import cythonize
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext
from setuptools.command.build_py import build_py
from setuptools.errors import CompileError, LinkError, PlatformError

SOURCES = [
    *("dispatch", "threads", "accurate/phase2", "accurate/phase2_with_fma"),
    *("accurate/phase3_short", "accurate/phase3_long"),
    *(f"isa/{isa}" for isa in ("avx512", "avx2", "neon", "portable", "generic")),
]
# MSVC chooses instructions per file, the others by pragma.
FLAGS_OF_MSVC = {
    "avx512": ["/arch:AVX512"],
    "avx2": ["/arch:AVX2"],
    "phase2_with_fma": ["/arch:AVX2"],
}
# For the others, to compile and to link, after the user's. Neither what -ffast-math stands for nor
# contraction to fma would leave the same bits; -O3 ends -Ofast, with which the link would bring a
# start-up file that sets flush-to-zero for the whole process; NumPy's structures hold enums of the
# usual size. Debug information would be nine tenths of the wheel, and below one error would stand
# 4,500 lines on functions that are then without use.
FLAGS = [
    *("-std=gnu11", "-O3", "-g0", "-Wno-unused-function"),
    *("-fno-fast-math", "-fno-unsafe-math-optimizations", "-ffp-contract=off", "-fno-short-enums"),
]

# Of this GCC 12 makes slower code at -O3, and more of it: float64 sigmoid takes 17.5 ns for 13.7.
FLAGS_OF_FILES = {"generic": ["-O2"]}

# Without the stable ABI (free-threaded Python and PyPy have none) the wheel is for one Python only.
LIMITED_API = sys.implementation.name == "cpython" and not sysconfig.get_config_var(
    "Py_GIL_DISABLED"
)

NO_KERNELS = "_no_kernels.py"  # tells src/ogive/_dispatch.py why there are none

PURE_NUMPY = os.environ.get("OGIVE_PURE_NUMPY", "")
if PURE_NUMPY not in ("", "0", "1"):
    sys.exit(f"ogive: OGIVE_PURE_NUMPY={PURE_NUMPY} should be 1, for no compiled kernels, or 0")
PURE_NUMPY = PURE_NUMPY == "1"


class BuildPackage(build_py):
    """Put the headers that native callers need beside include/ogive/api.h."""

    def run(self):
        """Copy the headers, then build."""
        for header in ("functions.h", "ogive.h"):
            shutil.copy(Path("csrc", header), "src/ogive/include/ogive")
        super().run()


class BuildKernels(build_ext):
    """Build with the compiler's flags for exact arithmetic; go on without where none works."""

    def finalize_options(self):
        """Compile everything anew: an object that is there may be of other flags or sources."""
        super().finalize_options()
        self.force = True

    def run(self):
        """Build into a package that has nothing of an earlier build."""
        self.target = Path("src/ogive") if self.inplace else Path(self.build_lib, "ogive")
        for pattern in ("_kernels*.so", "_kernels*.pyd", NO_KERNELS):
            for path in self.target.glob(pattern):
                path.unlink()
        super().run()

    def build_extensions(self):
        """Build the kernels; where there are to be none, note in the package why."""
        problem = "" if PURE_NUMPY else self.problem_of_compiler()
        if problem:
            print(
                f"ogive: WARNING: no working C compiler ({problem}), so this is the slow pure "
                "NumPy version. Install one and run pip install again for the fast one.",
                file=sys.stderr,
            )
        if PURE_NUMPY or problem:
            self.extensions = []
            self.target.mkdir(parents=True, exist_ok=True)
            (self.target / NO_KERNELS).write_text(
                f'"""Written by setup.py, which built no kernels."""\n\nCHOSEN = {PURE_NUMPY}\n'
            )
        try:
            super().build_extensions()
        except (CompileError, LinkError) as error:
            raise CompileError(self.refusal(error)) from error

    def problem_of_compiler(self):
        """Why no small C file compiles, neither without the user's flags nor with them; or ""."""
        with_flags = getattr(self.compiler, "compiler_so", None)  # MSVC has no such list
        without = shlex.split(os.environ.get("CC") or sysconfig.get_config_var("CC") or "cc")
        with tempfile.TemporaryDirectory() as folder:
            probe = Path(folder, "probe.c")
            probe.write_text("#include <math.h>\nint main(void) { return 0; }\n")
            for command in [without, with_flags] if with_flags else [None]:
                self.compiler.compiler_so = command
                try:
                    self.compiler.compile([str(probe)], output_dir=folder)
                    problem = ""
                    break
                except (CompileError, PlatformError) as error:
                    problem = str(error)
        self.compiler.compiler_so = with_flags
        return problem

    def refusal(self, error):
        """What is said below the message of a compiler that works, but refuses these sources."""
        names = ["CC", "CFLAGS", "CPPFLAGS", "LDSHARED", "LDFLAGS"]
        given = [f"{name}={os.environ[name]}" for name in names if os.environ.get(name)]
        headers = any(Path(folder, "Python.h").exists() for folder in self.include_dirs)
        lines = [
            *(str(error), ""),
            "ogive is not installed: a C compiler works here, but it or the linker refuses ogive's",
            'sources. Its message stands above, at "error:".',
        ]
        if not headers:
            lines.append("Python.h is missing; install Python's headers (Debian: python3-dev).")
        if given:
            lines.append(f"The environment has {', '.join(given)}.")
        lines += [
            "To install the slow version in pure NumPy on purpose:",
            *("", "    OGIVE_PURE_NUMPY=1 pip install ."),
        ]
        return "\n".join(lines)

    def build_extension(self, ext):
        """Compile the sources side by side, each with its own flags."""
        msvc = self.compiler.compiler_type == "msvc"
        flags = ["/O2", "/fp:precise"] if msvc else FLAGS
        if not msvc:
            ext.extra_link_args += FLAGS
        compile_some = self.compiler.compile

        def compile_each(sources, **options):
            def compile_one(source):
                of_file = FLAGS_OF_MSVC if msvc else FLAGS_OF_FILES
                own = of_file.get(Path(source).stem, [])
                return compile_some([source], **options | {"extra_postargs": [*flags, *own]})

            with ThreadPoolExecutor(os.cpu_count()) as pool:
                return list(itertools.chain(*pool.map(compile_one, sources)))

        self.compiler.compile = compile_each
        super().build_extension(ext)


kernels = Extension(
    "ogive._kernels",
    sources=[
        "src/ogive/_kernels.pyx",
        *(f"csrc/{name}.c" for name in SOURCES),
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

if __name__ == "__main__":
    setup(
        ext_modules=cythonize([kernels]),
        cmdclass={"build_ext": BuildKernels, "build_py": BuildPackage},
        options={"bdist_wheel": {"py_limited_api": "cp311"}} if LIMITED_API else {},
    )
