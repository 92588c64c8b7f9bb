"""How many threads a call has: as many as the process, a block or the environment asks for."""

import asyncio
import contextlib
import contextvars
from concurrent.futures import ThreadPoolExecutor

import pytest
from command_line import run_code
from helpers import BACKENDS
from test_dispatch import WITHOUT_EXTENSION, printed, python
from test_threads import _one_thread_afterwards as _one_thread_afterwards  # a fixture
from test_threads import compiled, linux_only

import ogive


@compiled
@linux_only
def test_only_as_many_threads_are_started_as_are_asked_for_and_needed():
    script = """
        import os, numpy as np, ogive
        def more_after(n):
            ogive.sigmoid(np.zeros(n))
            return len(os.listdir("/proc/self/task")) - before
        before = len(os.listdir("/proc/self/task"))
        seen = [more_after(10**6)]
        ogive.set_num_threads(4)
        seen += [more_after(1000), more_after(140_000), more_after(10**6)]
        with ogive.threads(2):
            seen += [more_after(10**6)]
        print(*seen)
    """
    assert printed(run_code(script)) == "0 0 1 3 3"


def test_number_is_of_the_process_and_in_a_block_of_the_thread():
    with ThreadPoolExecutor(1) as other:
        ogive.set_num_threads(3)
        assert other.submit(ogive.get_num_threads).result() == 3
        with ogive.threads(2):
            with ogive.threads(5):
                assert ogive.get_num_threads() == 5
                ogive.set_num_threads(4)
                assert ogive.get_num_threads() == 5
                assert other.submit(ogive.get_num_threads).result() == 4
            assert ogive.get_num_threads() == 2
        assert ogive.get_num_threads() == 4


def test_block_ends_when_it_raises():
    with contextlib.suppress(KeyError), ogive.threads(7):
        raise KeyError
    assert ogive.get_num_threads() == 1


def test_block_decorates_a_function():
    @ogive.threads(6)
    def inside():
        return ogive.get_num_threads()

    assert [inside(), inside(), ogive.get_num_threads()] == [6, 6, 1]


def test_block_is_of_one_task_across_await():
    async def inside(n, seen):
        with ogive.threads(n):
            for _ in range(3):
                await asyncio.sleep(0)
                seen.append(ogive.get_num_threads())

    async def main():
        seen = [], [], []
        await asyncio.gather(*(inside(n, of) for n, of in zip((2, 3, 4), seen, strict=True)))
        return seen, ogive.get_num_threads()

    assert asyncio.run(main()) == (([2] * 3, [3] * 3, [4] * 3), 1)


@compiled
@linux_only
def test_block_holds_for_the_loop_of_its_task_alone():
    script = """
        import asyncio, os, numpy as np, ogive
        x = np.zeros(1_000_000)

        def started():
            before = len(os.listdir("/proc/self/task"))
            ogive.sigmoid(x)
            return len(os.listdir("/proc/self/task")) - before

        async def inside():
            with ogive.threads(3):
                await asyncio.sleep(0)
                return started()

        async def outside():
            await asyncio.sleep(0)
            return started()

        async def main():
            return await asyncio.gather(outside(), inside(), outside())

        print(*asyncio.run(main()))
    """
    assert printed(run_code(script)) == "0 2 0"


def test_block_that_a_generator_leaves_open_ends_with_it():
    def numbers():
        with ogive.threads(5):
            yield ogive.get_num_threads()

    generator = numbers()
    assert next(generator) == 5
    del generator
    assert ogive.get_num_threads() == 1


def test_block_may_be_entered_again_and_by_other_threads():
    block = ogive.threads(6)
    with block, ThreadPoolExecutor(1) as other:
        ogive.set_num_threads(2)
        other.submit(block.__enter__).result()
        with ogive.threads(5), block:
            assert ogive.get_num_threads() == 6
        other.submit(block.__exit__, None, None, None).result()
        assert other.submit(ogive.get_num_threads).result() == 2
        assert ogive.get_num_threads() == 6
    with block:
        assert ogive.get_num_threads() == 6
    assert ogive.get_num_threads() == 2


@pytest.mark.parametrize("function", [ogive.set_num_threads, ogive.threads])
def test_wrong_number_is_refused_by_name(function):
    name = f"ogive.{function.__name__}: n must be"
    for n in (0, -1, 1025, 10**30):
        with pytest.raises(ValueError, match=f"^{name} from 1 to 1024, not {n}$"):
            function(n)
    for n in (1.0, "2", None, [1]):
        with pytest.raises(TypeError, match=f"^{name} an integer, not "):
            function(n)
    assert ogive.get_num_threads() == 1


@compiled
def test_threadpoolctl_shows_and_limits_the_number_of_the_process():
    threadpoolctl = pytest.importorskip("threadpoolctl", "3.2")
    ogive.set_num_threads(4)
    (shown,) = (x for x in threadpoolctl.threadpool_info() if x["user_api"] == "ogive")
    assert shown["num_threads"] == 4
    assert shown["version"] == ogive.__version__
    with threadpoolctl.threadpool_limits(limits=1, user_api="blas"):
        assert ogive.get_num_threads() == 4
    with threadpoolctl.threadpool_limits(limits=10**6, user_api="ogive"):
        assert ogive.get_num_threads() == 1024
    with ogive.threads(3), threadpoolctl.threadpool_limits(limits=2):
        assert ogive.get_num_threads() == 3
        assert contextvars.Context().run(ogive.get_num_threads) == 2
    assert ogive.get_num_threads() == 4


@compiled
def test_threadpoolctl_is_imported_for_more_than_one_thread_alone():
    pytest.importorskip("threadpoolctl", "3.2")
    script = (
        "import sys, ogive\n"
        "for n in (1, 2):\n"
        "    ogive.set_num_threads(n)\n"
        "    print(bool(sys.modules.get('threadpoolctl')), ogive.get_num_threads())\n"
    )
    assert printed(python(script, ogive.isa)).split() == ["False", "1", "True", "2"]
    missing = "import sys; sys.modules['threadpoolctl'] = None\n"
    assert printed(python(missing + script, ogive.isa)).split() == ["False", "1", "False", "2"]


NUMBER = "import ogive; print(ogive.get_num_threads())"


@pytest.mark.parametrize("isa", ["numpy", *BACKENDS])
def test_environment_sets_the_number(isa):
    assert printed(python(NUMBER, isa, OGIVE_NUM_THREADS="3")) == "3"
    assert printed(python(NUMBER, isa, OGIVE_NUM_THREADS="")) == "1"


@pytest.mark.parametrize(
    ("text", "must_be"),
    [
        *((text, "from 1 to 1024") for text in ("0", "-1", "1025")),
        *((text, "an integer") for text in ("two", "1.5", "--1", " ")),
    ],
)
def test_wrong_number_in_the_environment_is_an_import_error(text, must_be):
    done = python(NUMBER, ogive.isa, OGIVE_NUM_THREADS=text)
    assert done.returncode == 1
    error = done.stderr.splitlines()[-1]
    assert error.startswith(f"ImportError: OGIVE_NUM_THREADS must be {must_be}, not ")


def test_number_is_kept_without_the_extension():
    script = WITHOUT_EXTENSION.format(missing="ogive._kernels") + (
        "import ogive\n"
        "ogive.set_num_threads(3)\n"
        "with ogive.threads(2): print(ogive.get_num_threads())\n"
        "print(ogive.get_num_threads(), ogive.sigmoid(0.0))\n"
    )
    assert printed(python(script, "numpy")).split() == ["2", "3", "0.5"]
