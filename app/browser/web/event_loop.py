"""Python's event loop in the page: all that is ready runs in one turn of the browser's loop.

Pyodide's own loop sends itself a message for each callback, with a proxy made for it, and a second
one where a callback might wait in the middle of a call (JSPI), which nothing here does: an answer
that streams took four turns a token.
"""

import asyncio
from collections import deque
from collections.abc import Callable
from contextvars import Context
from typing import Any

from pyodide.ffi import create_proxy
from pyodide_js._api import scheduleCallback


class Ready:
    """The callbacks of a loop that wait for its next turn."""

    def __init__(self, loop: Any) -> None:
        self._loop = loop
        self._handles: deque[asyncio.Handle] = deque()
        self._is_posted = False
        self._on_turn = create_proxy(self._run)  # lives as long as the page

    def call_soon(
        self, callback: Callable[..., object], *args: Any, context: Context | None = None
    ) -> asyncio.Handle:
        """Stand in for the loop's own method."""
        handle = asyncio.Handle(callback, args, self._loop, context)
        self._handles.append(handle)
        if not self._is_posted:
            self._post()
        return handle

    def _post(self) -> None:
        self._is_posted = True
        scheduleCallback(self._on_turn, 0)

    def _run(self) -> None:
        """Run the callbacks that were ready when the turn began; later ones have the next turn."""
        self._is_posted = False
        handles, self._handles = self._handles, deque()
        self._loop._install_running_loop()
        self._loop._install_asyncgen_hooks()
        try:
            while handles:
                handle = handles.popleft()
                if not handle.cancelled():
                    handle._run()
        finally:
            if handles:  # one of them ended the program, as `SystemExit` does
                self._handles.extendleft(reversed(handles))
                if not self._is_posted:
                    self._post()


def gather_turns() -> None:
    """Have the running loop run ready callbacks together."""
    loop: Any = asyncio.get_running_loop()
    loop.call_soon = loop.call_soon_threadsafe = Ready(loop).call_soon
