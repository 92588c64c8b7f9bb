"""The library under sanitizers, valgrind and libFuzzer. Exit code 1 where one finds anything.

    address   the tests with AddressSanitizer and UndefinedBehaviorSanitizer in the extension
    fuzz      the inner loops of all ufuncs on whatever operands (tests/native/fuzz.c)
    thread    the kernels in many threads at once, with ThreadSanitizer (tests/native/threads.c)
    memory    the loops around the kernels in valgrind's memcheck

They need clang and valgrind, and what `pip install '.[dev]'` brings.
"""

import argparse
import os
import platform
import shlex
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))  # under `python -m tests.analyse`

from copies import ROOT, Copy

NATIVE = ROOT / "tests" / "native"
CORPUS = ROOT / "tests" / "corpus.txt"
SUPPRESSIONS = ROOT / "tests" / "python.supp"
KERNELS = sorted((ROOT / "csrc").rglob("*.c"))

SANITIZERS = ["-shared-libasan", "-fsanitize=address,undefined,fuzzer-no-link"]
SANITIZERS += ["-fno-sanitize-recover=all", "-DOGIVE_UNFORCED"]  # else clang takes ten minutes
# valgrind 3.19 cannot read version 5 of clang's DWARF.
NATIVE_FLAGS = ["-std=gnu11", "-O0", "-gdwarf-4", "-ffp-contract=off"]

# Python does not free everything at exit; tests ask for more memory than there is; the
# preloaded runtime may come behind the fuzzer.
ASAN_OPTIONS = "detect_leaks=0:allocator_may_return_null=1:verify_asan_link_order=0"

# All but those that compile, or look at nothing of the extension.
WITHOUT = ["benchmarks", "build", "cluster", "cross", "docs", "fallback", "native", "reference"]
WITHOUT += ["packaging", "registry", "typing"]
ADDRESS_TESTS = ["tests", "--samples=1000", *(f"--ignore=tests/test_{name}.py" for name in WITHOUT)]
MEMORY_TESTS = "tests/test_layout.py -k 'later_input or no_element or fields and sigmoid_and_grad'"


class Analysis:
    """What the commands share: a folder, and the extension with sanitizers, built once."""

    def __init__(self, folder, options):
        self.folder = folder
        self.options = options
        self._sanitized = None

    def sanitized(self):
        if self._sanitized is None:
            self._sanitized = Copy(self.folder / "sanitized", "clang", "-O1", *SANITIZERS)
            self._sanitized.build()
        return self._sanitized

    def native(self, name, *flags):
        """Compile tests/native/`name`.c by clang."""
        built = self.folder / name
        sources = [NATIVE / f"{name}.c"]
        command = ["clang", *NATIVE_FLAGS, *flags, f"-I{ROOT / 'csrc'}", *sources, "-o", built]
        subprocess.run([*map(str, command), "-lstdc++", "-lm", "-lpthread"], check=True)
        return built

    def address(self):
        command = ["-m", "pytest", "-q", "-p", "no:cacheprovider", *ADDRESS_TESTS]
        command += [f"--part={self.options.part}"]
        preload = {"LD_PRELOAD": runtime("asan"), "ASAN_OPTIONS": ASAN_OPTIONS}
        return self.sanitized().python(*command, environment=preload).returncode

    def fuzz(self):
        # The fuzzer comes before the runtime, which has empty functions of the same names.
        flags = ["-shared", "-fPIC", "-Wl,--whole-archive", runtime("fuzzer_no_main", ".a")]
        library = self.native("fuzz", *flags, "-Wl,--no-whole-archive")
        preload = {
            "LD_PRELOAD": f"{library} {runtime('asan')}",
            "ASAN_OPTIONS": ASAN_OPTIONS,
        }
        # Accounts of each counter in the many kernels would take four fifths of the time.
        arguments = ["-max_len=96", "-entropic=0", "-use_counters=0"]
        arguments += [f"-artifact_prefix={Path.cwd()}/"]
        corpus, found = self.folder / "corpus", self.options.keep or self.folder / "found"
        corpus.mkdir()
        found.mkdir(exist_ok=True)
        if self.options.merge:
            arguments += ["-set_cover_merge=1", corpus, self.options.merge]
        else:
            unpack(CORPUS, corpus)
            arguments += [f"-runs={self.options.runs}", "-print_final_stats=1", found, corpus]
        command = ["tests/fuzz.py", library, *arguments]
        code = self.sanitized().python(*command, environment=preload).returncode
        if self.options.merge and not code:
            inputs = sorted({path.read_bytes() for path in corpus.iterdir()})
            CORPUS.write_text("".join(f"{each.hex()}\n" for each in inputs))
        return code

    def thread(self):
        return subprocess.run([self.native("threads", "-fsanitize=thread", *KERNELS)]).returncode

    def memory(self):
        driver = self.native("threads", "-DTHREADS=1", "-DELEMENTS=100", *KERNELS)
        memcheck = ["valgrind", "-q", "--error-exitcode=1", f"--suppressions={SUPPRESSIONS}"]
        failed = subprocess.run([*memcheck, driver]).returncode
        command = [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-n",
            "0",
            "--all",
            *shlex.split(MEMORY_TESTS),
        ]
        environment = {**os.environ, "PYTHONMALLOC": "malloc"}
        return failed or subprocess.run([*memcheck, *command], cwd=ROOT, env=environment).returncode


def unpack(corpus, folder):
    """Write the lines of `corpus`, inputs in hexadecimal, as the files that libFuzzer reads."""
    for number, line in enumerate(corpus.read_text().split()):
        (folder / str(number)).write_bytes(bytes.fromhex(line))


def absolute(path):
    return Path(path).absolute()


def runtime(name, suffix=".so"):
    """The path of a library that comes with clang."""
    file = f"libclang_rt.{name}-{platform.machine()}{suffix}"
    command = ["clang", f"-print-file-name={file}"]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()


def main():
    formatter = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="python -m tests.analyse", description=__doc__, formatter_class=formatter
    )
    names = ["address", "fuzz", "thread", "memory"]
    parser.add_argument("analyses", nargs="+", choices=names)
    parser.add_argument("--part", default="1/1", metavar="K/N", help="of the tests of address")
    parser.add_argument("--runs", type=int, default=20_000, help="of fuzz (default: %(default)s)")
    parser.add_argument(
        "--keep", type=absolute, metavar="FOLDER", help="where fuzz keeps inputs that reach more"
    )
    parser.add_argument(
        "--merge", type=absolute, metavar="FOLDER", help="reduce such inputs to the corpus of fuzz"
    )
    options = parser.parse_args()
    failed = []
    with tempfile.TemporaryDirectory() as folder:
        analysis = Analysis(Path(folder), options)
        for name in options.analyses:
            print(f"{name}:", flush=True)
            if getattr(analysis, name)():
                failed.append(name)
    print(f"failed: {', '.join(failed)}" if failed else "nothing found")
    return int(bool(failed))


if __name__ == "__main__":
    sys.exit(main())
