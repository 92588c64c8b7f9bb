"""The rows of the matrix: compilers, flags, emulators, and what the driver prints in each."""

import functools
import hashlib
import importlib.util
import itertools
import os
import platform
import re
import shutil
import struct
import subprocess
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
WORST_CASES = ROOT / "tests" / "worst"
HARDEST = 10  # of each function of several inputs
WASMTIME = ROOT / "tests" / "cross" / "wasm.py"
SOURCES = [*sorted((ROOT / "csrc").rglob("*.c")), ROOT / "tests" / "cross" / "driver.c"]

# Contraction to fma would change the bits from machine to machine, as setup.py says.
FLAGS = ["-std=c99", "-ffp-contract=off"]
FLAGS += ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Werror"]

# Debian's names. gcc-multilib excludes the cross compilers, hence a cross compiler for i386 too.
PACKAGES = [
    *("gcc", "libc6-dev", "libsimde-dev", "clang", "lld", "musl-tools", "qemu-user-static"),
    *("gcc-i686-linux-gnu", "libc6-dev-i386-cross"),
    *("gcc-aarch64-linux-gnu", "libc6-dev-arm64-cross"),
    *("gcc-arm-linux-gnueabihf", "libc6-dev-armhf-cross"),
    *("gcc-riscv64-linux-gnu", "libc6-dev-riscv64-cross"),
    *("gcc-powerpc64le-linux-gnu", "libc6-dev-ppc64el-cross"),
    *("gcc-powerpc64-linux-gnu", "libc6-dev-ppc64-cross"),
    *("gcc-s390x-linux-gnu", "libc6-dev-s390x-cross"),
    *("gcc-mingw-w64-x86-64", "wine64"),
]
# What else the rows need, from PyPI: zig is Clang with the headers and libraries of other systems.
PYPI_PACKAGES = ["ziglang", "wasmtime"]


@dataclass(frozen=True)
class Row:
    """One build of the driver and where it runs: without an emulator on the machine itself.

    `needs` names what the compiler calls or borrows: a linker, another compiler's C library.
    `headers` is a folder beside this file that is searched before the compiler's own.
    Where nothing here runs the driver, its files are only compiled, without a warning.
    """

    target: str
    compiler: str
    flags: str
    emulator: str = ""
    machine: str = ""
    needs: str = ""
    headers: str = ""
    runs: bool = True

    def __str__(self):
        return f"{self.target}: {self.compiler} {self.flags}"

    def missing(self):
        """Why this row cannot run here; empty if it can."""
        tools = [part.split()[0] for part in (self.compiler, self.emulator, self.needs) if part]
        absent = [tool for tool in tools if not _found(tool)]
        if absent:
            return f"no {' and no '.join(absent)}"
        if self.machine and self.machine != platform.machine():
            return f"not on {platform.machine()}"
        if self.headers and not Path("/usr/include", self.headers).is_dir():
            return f"no headers of {self.headers}"
        return ""

    def build(self, folder):
        """Compile the driver into `folder` and return its path."""
        driver = Path(folder) / re.sub(r"[^\w]+", "_", str(self))
        if self.emulator == "wine":
            driver = driver.with_suffix(".exe")
        sources = [str(path) for path in SOURCES]
        folders = [f"-isystem{Path(__file__).parent / self.headers}"] if self.headers else []
        folders.append(f"-I{ROOT / 'csrc'}")
        command = [*self.compiler.split(), *FLAGS, *self.flags.split(), *folders, "-o", str(driver)]
        if self.runs:
            _output([*command, *sources, "-lm"])
        else:
            for source in sources:
                _output([*command, "-c", source])
        return driver

    def run(self, driver, *arguments):
        """Run a built driver and return the lines it prints."""
        command = [*self.emulator.split(), str(driver), *arguments]
        return _output(command, worst_cases()).splitlines()

    def hashes(self, driver):
        """Return {backend: {(function, type, output): SHA-256}}."""
        found = {}
        for line in self.run(driver) if self.runs else []:
            backend, *key, digest = line.split()
            found.setdefault(backend, {})[tuple(key)] = digest
        return found

    @functools.cached_property
    def compiler_version(self):
        """For instance "gcc 12.2.0"."""
        text = _output([*self.compiler.split(), "--version"])
        family = "clang" if "clang" in text else "gcc"
        version = re.search(r"\d+\.\d+\.\d+", text)
        return f"{family} {version[0]}" if version else family


def digest_of(table):
    """One sum of all sums of a backend: what the tables show."""
    everything = "".join(f"{key} {table[key]}\n" for key in sorted(table))
    return hashlib.sha256(everything.encode()).hexdigest()[:16]


def _x86(target, compiler, *flags, needs=""):
    return [Row(target, compiler, each, machine="x86_64", needs=needs) for each in flags]


def _emulated(target, prefix, emulator, *flags):
    return [Row(target, f"{prefix}-gcc", f"{each} -static", f"qemu-{emulator}") for each in flags]


def _zig(target, system, emulator="", needs="", more=""):
    flags = f"-target {system} -O0{more}"
    return Row(target, "python-zig cc", flags, emulator, needs=needs, runs=bool(emulator))


_IN_WASMTIME = f"{sys.executable} {WASMTIME}"

# x87 registers carry doubles with a wider exponent, and as compilers please: -std=c99 rounds at
# every assignment, -std=gnu99, of the family that compilers default to, only where it must.
ROWS = [
    *_x86("x86-64", "gcc", "-O0", "-O2", "-O3", "-O3 -flto"),
    *_x86("x86-64", "clang", "-O0", "-O2", "-O3"),
    *_x86("x86-64", "clang", "-O3 -flto -fuse-ld=lld", needs="ld.lld"),
    *_x86("x86-64", "gcc", "-O0 -fsanitize=address,undefined -fno-sanitize-recover=all"),
    Row(
        "x86-64, AVX-512 in SIMDe",
        "gcc",
        "-O0 -mavx2 -mfma -mf16c -Wno-psabi",
        machine="x86_64",
        headers="simde",
    ),
    *_x86("x86-64 musl", "musl-gcc", "-O3 -static"),
    *_x86("i386 x87", "i686-linux-gnu-gcc", "-O0 -static", "-O2 -static", "-O3 -static"),
    *_x86("i386 x87", "i686-linux-gnu-gcc", "-O0 -std=gnu99 -static", "-O3 -std=gnu99 -static"),
    *_x86("i386 SSE2", "i686-linux-gnu-gcc", "-O3 -msse2 -mfpmath=sse -static"),
    *_emulated("aarch64", "aarch64-linux-gnu", "aarch64-static", "-O0", "-O3"),
    Row(
        "aarch64",
        "clang",
        "--target=aarch64-linux-gnu -O3 -static",
        "qemu-aarch64-static",
        needs="aarch64-linux-gnu-gcc",
    ),
    *_emulated("armhf", "arm-linux-gnueabihf", "arm-static", "-O3"),
    *_emulated("riscv64", "riscv64-linux-gnu", "riscv64-static", "-O3"),
    *_emulated("ppc64le", "powerpc64le-linux-gnu", "ppc64le-static", "-O3"),
    *_emulated("ppc64 (big-endian)", "powerpc64-linux-gnu", "ppc64-static", "-O3"),
    *_emulated("s390x (big-endian)", "s390x-linux-gnu", "s390x-static", "-O3"),
    Row("Windows x86-64", "x86_64-w64-mingw32-gcc", "-O1 -static", "wine", "x86_64"),
    _zig("Windows x86-64", "x86_64-windows-gnu"),
    _zig("Windows arm64", "aarch64-windows-gnu"),
    _zig("macOS x86-64", "x86_64-macos"),
    _zig("macOS arm64", "aarch64-macos"),
    _zig("FreeBSD x86-64", "x86_64-freebsd"),
    _zig("WebAssembly", "wasm32-wasi", _IN_WASMTIME, "wasmtime"),
    _zig("WebAssembly SIMD", "wasm32-wasi", _IN_WASMTIME, "wasmtime", " -msimd128"),
]


@functools.cache
def worst_cases():
    """The inputs in tests/worst as lines `type bits`, for the driver's standard input.

    It takes as many lines for an element as the function has inputs, from each line on.
    """
    lines = []
    for path in sorted(WORST_CASES.glob("*-f*.txt")):
        width = path.stem.rpartition("-f")[2]
        unsigned, floating = {"64": "Qd", "32": "If", "16": "He"}[width]
        cases = [
            line.partition(" ->")[0].split()
            for line in path.read_text().splitlines()
            if line and line[0] != "#"
        ]
        some = cases if len(cases[0]) == 1 else cases[:HARDEST]
        for value in itertools.chain(*some):
            packed = struct.pack(floating, float.fromhex(value))
            lines.append(f"float{width} {struct.unpack(unsigned, packed)[0]:x}\n")
    return "".join(lines)


def most_common(tables):
    """Return {key: the hash that most of the tables have}."""
    votes = {}
    for table in tables:
        for key, digest in table.items():
            votes.setdefault(key, Counter())[digest] += 1
    return {key: counter.most_common(1)[0][0] for key, counter in votes.items()}


def first_difference(one, other, function, kind):
    """The first element on which two (row, driver, backend) disagree, inputs first, as text."""
    dumps = [row.run(driver, backend, function, kind) for row, driver, backend in (one, other)]
    for index, (here, there) in enumerate(zip(*dumps, strict=True)):
        if here != there:
            return f"element {index}, inputs and outputs: {here}; elsewhere {there}"
    return "not seen when the elements are printed"


def _found(tool):
    """Whether a program is there, or a Python package of that name."""
    return shutil.which(tool) or importlib.util.find_spec(tool)


def _output(command, text=""):
    environment = {**os.environ, "LC_ALL": "C", "WINEDEBUG": "-all"}
    done = subprocess.run(command, input=text, capture_output=True, text=True, env=environment)
    if done.returncode:
        raise RuntimeError(f"{' '.join(command)}\nended with {done.returncode}\n{done.stderr}")
    return done.stdout
