"""The C that Cython makes has no fault of the kinds that newer compilers refuse, by these here."""

import subprocess
import sys
import sysconfig
from distutils.core import run_setup  # setuptools has it where Python no longer does

KINDS = ["incompatible-pointer-types", "int-conversion", "implicit-function-declaration"]
KINDS += ["implicit-int", "return-type"]
QUALIFIERS = {
    "gcc": "discarded-qualifiers",
    "clang": "incompatible-pointer-types-discards-qualifiers",
}

[kernels] = run_setup("setup.py", stop_after="init").ext_modules
[source] = [path for path in kernels.sources if path.startswith("src/")]
folders = [f"-I{folder}" for folder in (*kernels.include_dirs, sysconfig.get_path("include"))]
macros = [f"-D{name}={value}" for name, value in kernels.define_macros]
no_stable_abi = [macro for macro in macros if not macro.startswith("-DPy_LIMITED_API=")]

failed = 0
for compiler, qualifiers in QUALIFIERS.items():
    refused = [f"-Werror={kind}" for kind in (*KINDS, qualifiers)]
    for api in (macros, no_stable_abi):
        command = [compiler, "-fsyntax-only", *refused, *api, *folders, source]
        failed |= subprocess.run(command).returncode
sys.exit(failed)
