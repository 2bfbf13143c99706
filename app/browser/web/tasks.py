"""Work beside everything else: coroutines, and what is done once a turn of the event loop."""

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

_log = logging.getLogger(__name__)

# A task that nobody holds may be dropped half-way.
_held: set[asyncio.Task[Any]] = set()


def beside(coroutine: Coroutine[Any, Any, Any]) -> None:
    """Run it, and say in the console if it fails."""
    task = asyncio.ensure_future(coroutine)
    _held.add(task)
    task.add_done_callback(_on_done)


class Once:
    """Calls `work` after the running code, once for all calls until then."""

    def __init__(self, work: Callable[[], None]) -> None:
        self._work = work
        self._is_asked = False

    def __call__(self) -> None:
        if not self._is_asked:
            self._is_asked = True
            asyncio.get_running_loop().call_soon(self._do)

    def _do(self) -> None:
        self._is_asked = False
        self._work()


def _on_done(task: asyncio.Task[Any]) -> None:
    _held.discard(task)
    if not task.cancelled() and (error := task.exception()) is not None:
        _log.error("a part of the page failed", exc_info=error)
