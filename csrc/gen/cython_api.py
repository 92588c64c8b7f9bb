"""Write src/ogive/cython_api.pxd: what Cython modules cimport, from the functions of the registry.

Run `python csrc/gen/cython_api.py` to rewrite it, with `--check` to compare only.
"""

from pathlib import Path

from exp_constants import main

from ogive.fallback import FUNCTIONS

OUTPUT = Path(__file__).parents[2] / "src" / "ogive" / "cython_api.pxd"

HEAD = '''\
"""The kernels of ogive for Cython: scalars by type, and whole arrays.

    from ogive.cython_api cimport sigmoid, sigmoid_f64

`sigmoid` takes a double or a float; `sigmoid_f64`, `_f32`, `_f16` and `_bf16` take the addresses
of contiguous inputs, then of outputs, and the number of elements. None needs the GIL, none sees or
changes the caller's floating-point environment. Compile with `ogive.get_include()` among the
include_dirs. `import_ogive()` where the module starts turns a missing ogive into an ImportError.

From csrc/gen/cython_api.py: do not edit.
"""

from cython cimport floating
from libc.stddef cimport ptrdiff_t as ssize

ctypedef char *const *operands

cdef extern from "ogive/api.h":
    int import_ogive "ogive_import"() except -1

'''

FUNCTION = """
# {summary}
cdef inline {returns} {name}(
    {parameters}
) noexcept nogil:
    if floating is double:
        {begin}ogive_{name}({arguments})
    else:
        {begin}ogive_{name}f({arguments})

"""


def names_of(function):
    """Return the names of the inputs and of the pointers to outputs, if there are several."""
    inputs = function.kernel.__code__.co_varnames[: function.nin]
    return inputs, [f"y{i}" for i in range(function.nout)] if function.nout > 1 else []


def parameters(function, number):
    """Return the parameters of the scalar function."""
    inputs, outputs = names_of(function)
    return ", ".join([*(f"{number} {x}" for x in inputs), *(f"{number} *{y}" for y in outputs)])


def declarations(name, function):
    """Yield what ogive/api.h has of a function."""
    for number, suffix in (("double", ""), ("float", "f")):
        returns = "void" if function.nout > 1 else number
        yield f"    {returns} ogive_{name}{suffix}({parameters(function, number)})\n"
    for kind in ("f64", "f32", "f16", "bf16"):
        yield f'    void {name}_{kind} "ogive_{name}_{kind}"(operands args, ssize n)\n'


def by_type(name, function):
    """Return the function that takes either type of number."""
    inputs, outputs = names_of(function)
    return FUNCTION.format(
        summary=function.__doc__.splitlines()[0],
        returns="void" if outputs else "floating",
        name=name,
        parameters=parameters(function, "floating"),
        arguments=", ".join([*inputs, *outputs]),
        begin="" if outputs else "return ",
    )


def declaration_file():
    """Return the text of the file."""
    return (
        "".join(
            [
                HEAD,
                'cdef extern from "ogive/api.h" nogil:\n',
                *(line for item in FUNCTIONS.items() for line in declarations(*item)),
                *(by_type(*item) for item in FUNCTIONS.items()),
            ]
        ).rstrip("\n")
        + "\n"
    )


if __name__ == "__main__":
    main(OUTPUT, declaration_file)
