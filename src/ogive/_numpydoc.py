"""How a docstring is put together: the sections of numpydoc, and what is the same in each."""

_PARAMETERS = """\
Parameters
----------
{arguments}
out : ndarray, None, or tuple of ndarray and None, optional
    Where to store the result. Its shape must be the one that the inputs broadcast to.
    {outputs}
where : array_like of bool, optional
    Broadcast with the inputs. Where it is False, ``out`` keeps its value; without ``out``
    these elements are not initialized.
**kwargs
    Other keyword arguments of a ufunc, among them ``dtype`` and ``casting``:
    see ``help(numpy.ufunc)``."""

_DTYPES = """\
    {meaning}, of any shape. float16, float32, float64, longdouble and
    ml_dtypes.bfloat16 are computed in their own dtype, integers and bool in float64."""

_COMPLEX_DTYPES = """\
    {meaning}, of any shape. float16, float32, float64, longdouble, complex64,
    complex128 and ml_dtypes.bfloat16 are computed in their own dtype, integers and bool in
    float64."""

_COMPLEX_ACCURACY = """\
Complex results are within 4 ulp of their modulus, and where the imaginary part is below 1e-8 of
the real one, each part is within 4 ulp of itself, so that complex steps give derivatives to the
last digits; without the compiled extension it is 8 ulp. The bits may differ between machines.
{values}"""

_PROMOTED = """\
    The shapes are broadcast together. The results have the dtype that NumPy's arithmetic
    gives the inputs, float64 where none of them is a float."""

_RAISES = """\
Raises
------
TypeError
    If an input is {refused}, a string, an object or a date, or if ``casting`` forbids
    a conversion, such as float64 results into an integer ``out``.
ValueError
    If the shapes do not fit together, or ``out`` is read-only."""

_ONE_OUTPUT = "A tuple must have one entry."


def _underlined(title, body):
    return f"{title}\n{'-' * len(title)}\n{body}"


def _docstring(
    summary,
    *,
    formula,
    returns,
    see_also,
    notes,
    references,
    examples,
    arguments=(("x", "Real numbers"),),
    outputs=_ONE_OUTPUT,
    complex_values=None,
):
    """Put a docstring together; `formula` is TeX, `arguments` the inputs, (name, meaning) each.

    `complex_values` are the poles and branch cuts of a function that takes complex numbers.
    """
    several = len(arguments) > 1
    dtypes, refused = (
        (_COMPLEX_DTYPES, "a complex longdouble") if complex_values else (_DTYPES, "complex")
    )
    if complex_values:
        notes = [*notes, _COMPLEX_ACCURACY.format(values=complex_values)]
    described = [
        f"{name} : array_like\n"
        + (f"    {meaning}." if several else dtypes.format(meaning=meaning))
        for name, meaning in arguments
    ]
    if several:
        described[-1] += "\n" + _PROMOTED
    cited = [
        f".. [{number}] {text}".replace("\n", "\n   ")
        for number, text in enumerate(references, start=1)
    ]
    return "\n\n".join(
        [
            summary,
            f".. math:: {formula}",
            _PARAMETERS.format(arguments="\n".join(described), outputs=outputs),
            _underlined("Returns", returns),
            _RAISES.format(refused=refused),
            _underlined("See Also", see_also),
            _underlined("Notes", "\n\n".join(notes)),
            _underlined("References", "\n".join(cited)),
            _underlined("Examples", examples),
        ]
    )
