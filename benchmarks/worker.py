"""A process of `revisions`: times its own ogive, as it is asked to in lines of JSON."""

import json
import math
import os
import sys
import timeit

import numpy as np

import ogive

from . import cases


def take_times(case, sample):
    """What times a call of a case once, in seconds; None where ogive has no such function.

    As `_bench` does, of which this process has that of its revision.
    """
    function = getattr(ogive, case.function, None)
    if function is None:
        return None
    ogive.set_num_threads(case.threads or os.cpu_count())
    inputs = cases.inputs(case)
    given = {"out": tuple(cases.outputs(case, inputs))} if case.out == "given" else {}
    timer = timeit.Timer(lambda: function(*inputs, **given))
    timer.timeit(1)
    repeats = math.ceil(sample / timer.timeit(1))
    return lambda: timer.timeit(repeats) / repeats


def main():
    """Answer a case and the seconds of a sample by whether it is there, null by its time."""
    take = None
    for line in sys.stdin:
        question = json.loads(line)
        if question:
            take = take_times(cases.Case(*question["case"]), question["sample"])
        answer = take is not None if question else take()
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    with np.errstate(all="ignore"):
        main()
