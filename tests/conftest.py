"""Shared by all tests: async tests run without a plugin, in both interpreters."""

import asyncio
import inspect
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from hypothesis import HealthCheck, settings
from hypothesis.internal.conjecture import providers

from tests.durations import SECONDS

if sys.platform != "emscripten":
    from tests.chromium import browser  # noqa: F401  # the fixture
    from tests.exported_site import exported_site  # noqa: F401  # the fixture
    from tests.sharing import pytest_addoption, pytest_runtestloop  # noqa: F401  # hooks

# A shell lets what it starts in the background ignore Ctrl+C, and so would all that tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

# The same examples in every run, and no test that fails because a machine is busy. In the tab,
# where each costs several times as much, the first of them: only the interpreter differs there.
_EXAMPLES = 12 if sys.platform == "emscripten" else 100
settings.register_profile(
    "steady",
    deadline=None,
    derandomize=True,
    max_examples=_EXAMPLES,
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("steady")
# Among them would be constants of all modules that are loaded by then, which depends on the tests
# that ran before, and on where the clone lies; to read them takes ten seconds on a busy machine.
providers._get_local_constants = lambda: providers._local_constants


@pytest.hookimpl(tryfirst=True)
def pytest_pyfunc_call(pyfuncitem: pytest.Function) -> bool | None:
    """Run `async def` tests to their end.

    pytest-asyncio starts a loop of its own, which Pyodide forbids (its loop is the browser's);
    there the test is awaited from synchronous code through JavaScript promise integration.
    """
    if not inspect.iscoroutinefunction(pyfuncitem.obj):
        return None
    names = pyfuncitem._fixtureinfo.argnames
    coroutine = pyfuncitem.obj(**{name: pyfuncitem.funcargs[name] for name in names})
    _run(coroutine)
    return True


def _run(coroutine: Any) -> None:
    if sys.platform == "emscripten":
        from pyodide.ffi import run_sync

        run_sync(coroutine)
    else:
        # In a thread of its own: Playwright's browser keeps a loop in this one.
        with ThreadPoolExecutor(1) as thread:
            thread.submit(asyncio.run, coroutine).result()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests with a browser come last: Playwright keeps a loop in the main thread from then on, and
    programs that are tested in this process want to start their own. Of these the longest files
    come first, so that runs which share them end together.
    """

    def place(item: pytest.Item) -> tuple[int, int, int, str]:
        if "browser" not in getattr(item, "fixturenames", ()):
            return 0, 0, 0, ""
        if item.path.parent.name == "pyodide":
            return 1, 0, 0, ""
        file = item.nodeid.partition("::")[0]
        return 2, -SECONDS.get(file, 0), -item.path.stat().st_size, file

    items.sort(key=place)
