"""A Python apart from the page's own, for one source that a person wrote: it can be ended whatever
it does, and reaches nothing of the page nor of other sources. It runs in a worker of sandbox.html,
a document without an origin, which lets one answer through for each question.

Long, because the start, the questions and the end of one document share one state.
"""

import asyncio
from collections.abc import Callable, Mapping
from itertools import count
from typing import Any, Literal

import msgspec
from js import Object

from ....core.nesting import is_too_deep
from ....core.tools.function_tool import ToolError
from . import words
from .frame import Frame, FrameError
from .sandboxed import (
    Answer,
    Call,
    Cancel,
    Describe,
    Question,
    Result,
    SourceError,
    ToolDescription,
    Tools,
    Unusable,
)

_FRAME = "app/browser/tools/sandbox/sandbox.html"
_SERVICE = "app.browser.tools.sandbox.sandboxed"

# A source that only defines tools has run at once; one that goes on has to be ended.
_DESCRIBE_LIMIT_S = 10.0
# How long a call that is cancelled may take for that before all of the sandbox is ended.
_CANCEL_LIMIT_S = 0.2

State = Literal["off", "starting", "ready"]


class SandboxError(ToolError):
    """The sandbox did not start, or was ended."""


class Sandbox:
    """Starts when it is first asked; after its end, anew. `changed()` is called when its state is
    another one.
    """

    def __init__(self, source: str, changed: Callable[[], None] = lambda: None) -> None:
        self.state: State = "off"
        self._source = source
        self._changed = changed
        self._numbers = count()
        self._waiting: dict[int, asyncio.Future[Answer]] = {}
        self._worker: asyncio.Future[_Worker] | None = None

    async def describe(self) -> list[ToolDescription]:
        """Run the source, and tell which tools it has.

        Raises:
            SourceError: It does not run, does not come to its end, or has no tools.
            SandboxError: The sandbox did not start, or was ended.
        """
        answer = await self._ask(Describe(next(self._numbers), self._source), _DESCRIBE_LIMIT_S)
        if isinstance(answer, Result):
            # Most often a call was stopped that held the sandbox up: not the fault of this source.
            answer = await self._ask(Describe(next(self._numbers), self._source), _DESCRIBE_LIMIT_S)
        match answer:
            case Tools(_, tools):
                return tools
            case Unusable(_, message, line):
                raise SourceError(message, line)
            case Result(_, content):
                raise SandboxError(content)

    async def call(self, name: str, arguments: Mapping[str, Any]) -> str:
        """Call a tool of the source; return what the model reads. Cancelling this ends the call,
        and with it the sandbox if it does not end by itself.

        Raises:
            ToolError: It failed, in words for the model.
        """
        match await self._ask(Call(next(self._numbers), self._source, name, dict(arguments))):
            case Result(_, content, is_error=False):
                return content
            case Result(_, message) | Unusable(_, message):
                raise ToolError(message)
        raise SandboxError(words.SANDBOX_BROKE)

    def end(self, reason: str = words.SANDBOX_ENDED) -> None:
        """End it, with all that runs in it."""
        worker, self._worker = self._worker, None
        if worker is None:
            return
        if not worker.done():
            worker.cancel()
            return
        worker.result().end()
        self._stand("off")
        for id, waiting in self._waiting.items():
            if not waiting.done():
                waiting.set_result(Result(id, reason, is_error=True))

    async def _ask(self, question: Describe | Call, limit_s: float | None = None) -> Answer:
        worker = await self._started()
        waiting = self._waiting[question.id] = asyncio.get_running_loop().create_future()
        worker.say(question, answers=1)
        try:
            while not waiting.done():
                await asyncio.wait({waiting}, timeout=limit_s)
                # While others wait too, one of them may be what goes on; it has a limit of its own.
                if not waiting.done() and len(self._waiting) == 1:
                    self.end()
                    return Unusable(question.id, words.source_goes_on(limit_s or 0))
            return waiting.result()
        except asyncio.CancelledError:
            worker.say(Cancel(question.id), answers=0)
            await asyncio.wait({waiting}, timeout=_CANCEL_LIMIT_S)
            if not waiting.done():
                self.end()
            raise
        finally:
            del self._waiting[question.id]

    async def _started(self) -> "_Worker":
        while True:
            if self._worker is None:
                self._worker = asyncio.ensure_future(self._start())
            starting = self._worker
            try:
                # A caller that gives up waiting does not end it for the others.
                worker = await asyncio.shield(starting)
            except asyncio.CancelledError:
                if starting.cancelled():
                    raise SandboxError(words.SOURCE_GONE) from None
                raise
            if starting is self._worker:  # it may have been ended since
                return worker

    async def _start(self) -> "_Worker":
        self._stand("starting")
        worker = _Worker(self._take, self.end)
        try:
            await worker.start()
        except BaseException:
            worker.end()
            if self._worker is asyncio.current_task():
                self._worker = None
            self._stand("off")
            raise
        self._stand("ready")
        return worker

    def _stand(self, state: State) -> None:
        self.state = state
        self._changed()

    def _take(self, answer: Answer) -> None:
        waiting = self._waiting.get(answer.id)
        if waiting is None or waiting.done():
            self.end(words.SANDBOX_BROKE)
        elif _is_full(answer):
            # It would keep the memory that it holds.
            waiting.set_result(Unusable(answer.id, words.SANDBOX_FULL))
            self.end(words.SANDBOX_FULL)
        else:
            waiting.set_result(answer)


class _Worker:
    """The frame with its worker, and the messages to it and from it."""

    def __init__(self, take: Callable[[Answer], None], fail: Callable[[str], None]) -> None:
        self._take = take
        self._fail = fail
        self._frame = Frame(_FRAME, ["app"], _SERVICE, self._hear)

    async def start(self) -> None:
        """Start it. Raises SandboxError where it does not start."""
        try:
            await self._frame.start()
        except FrameError as error:
            raise SandboxError(words.sandbox_did_not_start(str(error))) from None

    def say(self, question: Question, answers: int) -> None:
        """Send it a message; `answers` is the number of answers to come."""
        message = Object.new()
        message.text = msgspec.json.encode(question).decode()
        message.answers = answers
        self._frame.post(message)

    def end(self) -> None:
        self._frame.end()

    def _hear(self, said: Any) -> None:
        if not isinstance(said, str):
            self._fail(words.SANDBOX_BROKE)
            return
        try:
            self._take(_answer(said))
        except (msgspec.MsgspecError, UnicodeError):
            self._fail(words.SANDBOX_BROKE)


def _answer(text: str) -> Answer:
    """Decode an answer of the sandbox. A tool can make it say anything."""
    data = text.encode()
    if is_too_deep(data):
        raise msgspec.DecodeError("it nests too deep")
    return msgspec.json.decode(data, type=Answer)


def _is_full(answer: Answer) -> bool:
    """Tell whether the source ran into the ceiling of its memory."""
    match answer:
        case Result(_, words, is_error=True) | Unusable(_, words):
            return words.startswith(MemoryError.__name__)
    return False
