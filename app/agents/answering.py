"""One answer of a function: its pieces and steps as the events of a run, to the end."""

import asyncio
import logging
import threading
import traceback
from collections.abc import AsyncGenerator, Sequence
from contextlib import aclosing
from pathlib import Path
from textwrap import indent
from typing import Any

from ..core.errors import ErrorInfo
from ..core.events import ApprovalRequest, Done, Error, Event, MessageStart
from ..core.messages import Message
from ..core.options import ToolDefinition
from ..protocols.tokenfall.sound import Sound
from .calling import Function
from .giving import events_of
from .request import Request
from .step import Sink, sink

_log = logging.getLogger(__name__)

_STOPPED = "deny"
_FAILED = "The function that answers failed."
_LED_TO = "\nThis led to:\n"
# Of the failures that led to one, and of those in a group.
_MOST_TOLD = 20
# Beginnings of frames of a traceback that say nothing to the function's author.
_NOT_OWN = (str(Path(__file__).parents[1]), str(Path(asyncio.__file__).parents[1]), "<frozen ")


class Answer:
    """Runs the function once. `batches` gives its events, `Done` last, whatever the function does.

    `id` tells this answer apart, and is told with its beginning: with it a person's decisions come
    back. `state`, `user` and `tools` are those of `Request`. `shows_errors`: the reader wrote the
    function, and sees where it failed.
    """

    def __init__(
        self,
        function: Function,
        messages: list[Message],
        *,
        id: str = "answer",
        name: str = "",
        state: dict[str, Any] | None = None,
        user: str = "",
        shows_errors: bool = False,
        tools: Sequence[ToolDefinition] = (),
    ) -> None:
        self.id = id
        self._function = function
        self._request = Request(messages, state=state, user=user, ask=self._asked, tools=tools)
        self._name = name
        self._shows_errors = shows_errors
        self._told: asyncio.Queue[list[Event]] = asyncio.Queue()
        self._questions: dict[str, asyncio.Future[str]] = {}
        self._asked_count = 0
        self._loop = asyncio.get_running_loop()
        self._thread = threading.get_ident()

    def decide(self, call_id: str, decision: str) -> bool:
        """Pass on a person's reply to a question; False where it does not wait any more."""
        waiting = self._questions.get(call_id)
        if waiting is None or waiting.done():
            return False
        waiting.set_result(decision)
        return True

    async def batches(self) -> AsyncGenerator[list[Event]]:
        """Yield the events. Closing this stops the function where it awaits."""
        sound = Sound()
        yield sound.events([MessageStart(self.id, self._name)])
        work = asyncio.create_task(self._work())
        try:
            while True:
                batch = await self._told.get()
                while not self._told.empty():
                    batch += self._told.get_nowait()
                if readable := sound.events(batch):
                    yield readable
                if isinstance(batch[-1], Done):
                    return
        finally:
            self._request.abort()
            for waiting in self._questions.values():
                if not waiting.done():
                    waiting.set_result(_STOPPED)
            work.cancel()
            await asyncio.wait({work})

    async def _work(self) -> None:
        sink.set(Sink(self._tell))
        try:
            async with aclosing(self._function.pieces(self._request)) as pieces:
                async for piece in pieces:
                    if batch := events_of(piece):
                        self._told.put_nowait(list(batch))
                        if isinstance(batch[-1], Done):
                            return  # it has said itself how it ends
                        await asyncio.sleep(0)  # it is read before the function goes on, and blocks
        except BaseException as error:
            # Also what would end the program, and a cancellation that is not ours: a task that the
            # function waited for was cancelled.
            if self._request.aborted:
                raise
            try:
                failure = self._failure(error)
            except BaseException:  # one so odd that it cannot be told must end the answer too
                failure = ErrorInfo("unknown", _FAILED)
            self._told.put_nowait([Error(failure), Done("error")])
        else:
            self._told.put_nowait([Done("complete", "stop", "stop")])

    def _tell(self, batch: list[Event]) -> None:
        if threading.get_ident() == self._thread:
            self._told.put_nowait(batch)
        else:
            self._loop.call_soon_threadsafe(self._told.put_nowait, batch)

    def _asked(self, name: str, arguments: str) -> "asyncio.Future[str]":
        self._asked_count += 1
        call_id = f"{name}_{self._asked_count}"
        self._questions[call_id] = self._loop.create_future()
        self._tell([ApprovalRequest(call_id, name, arguments, "answer")])
        return self._questions[call_id]

    def _failure(self, error: BaseException) -> ErrorInfo:
        _log.error("%s\n%s", _FAILED, where(error).rstrip())
        if not self._shows_errors:
            return ErrorInfo("unknown", _FAILED)
        said = "".join(traceback.format_exception_only(_meant(error))).strip()
        return ErrorInfo("unknown", f"{_FAILED} {said}", raw=where(error))


def where(error: BaseException) -> str:
    """The traceback of a failure, from the person's own file on; before it that of its cause, and
    behind it those of the failures of a group. Each is told once, and no more than a number that
    can be read.
    """
    return _where(error, set())


def _where(error: BaseException, told_ids: set[int]) -> str:
    error = _meant(error)
    if id(error) in told_ids or len(told_ids) == _MOST_TOLD:
        return ""
    told_ids.add(id(error))
    frames = traceback.extract_tb(error.__traceback__)
    own = [place for place, frame in enumerate(frames) if not frame.filename.startswith(_NOT_OWN)]
    kept = frames[own[0] :] if own else []
    told = [*traceback.format_list(kept), *traceback.format_exception_only(error)]
    if error.__cause__ is not None and (cause := _where(error.__cause__, told_ids)):
        told = [cause, _LED_TO, *told]
    if isinstance(error, BaseExceptionGroup):
        told += (indent(_where(one, told_ids), "  ") for one in error.exceptions)
    return "".join(told)


def _meant(error: BaseException) -> BaseException:
    """The failure that says something: that of a group of one, as groups of tasks raise it, and
    the one for which Python has words of its own that know no line.
    """
    while isinstance(error, BaseExceptionGroup) and len(error.exceptions) == 1:
        [error] = error.exceptions
    if isinstance(error.__cause__, StopIteration | StopAsyncIteration):
        return error.__cause__
    return error
