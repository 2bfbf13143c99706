"""A thread of one answer's own, for those parts of a function that block.

What the function keeps by thread or by context (a connection of sqlite3, a `ContextVar`) is there
when its next piece is asked for. What blocks for ever holds up no other answer, and no program that
is to end.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from queue import SimpleQueue
from typing import Any

_Outcome = tuple[Any, BaseException | None]
_Work = tuple[Callable[..., Any], tuple[Any, ...], "asyncio.Future[_Outcome]"]


class OwnThread:
    """Calls functions one after the other in a thread, which begins with the first and ends with
    `end`.
    """

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._work: SimpleQueue[_Work | None] = SimpleQueue()
        self._is_begun = False

    async def call(self, function: Callable[..., Any], *given: Any) -> Any:
        """Call it there. Whatever it raises is an error of the function: `SystemExit` ends no
        program, and `StopIteration`, which no future takes, leaves nobody waiting.
        """
        value, error = await self.begin(function, *given)
        if error is not None:
            raise error
        return value

    def begin(self, function: Callable[..., Any], *given: Any) -> "asyncio.Future[_Outcome]":
        """Have it called there, after what was begun before."""
        if not self._is_begun:
            self._is_begun = True
            run = copy_context().run
            threading.Thread(target=run, args=(self._run,), name="answer", daemon=True).start()
        outcome: asyncio.Future[_Outcome] = self._loop.create_future()
        self._work.put((function, given, outcome))
        return outcome

    def end(self) -> None:
        """Let the thread end, when what it does is done."""
        self._work.put(None)

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            function, given, outcome = work
            try:
                said: _Outcome = function(*given), None
            except BaseException as error:
                said = None, error
            with suppress(RuntimeError):  # the loop is closed: nobody waits any more
                self._loop.call_soon_threadsafe(_tell, outcome, said)


def _tell(outcome: "asyncio.Future[_Outcome]", said: _Outcome) -> None:
    if not outcome.done():
        outcome.set_result(said)
