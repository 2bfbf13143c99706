"""Shared by all tests: async tests run without a plugin, in both interpreters."""

import asyncio
import inspect
import sys
from typing import Any

import pytest


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
        asyncio.run(coroutine)
