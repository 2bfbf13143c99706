"""Answering the tool calls of a step: leave asked, tools run, results in the order of the calls."""

import asyncio
from collections.abc import AsyncGenerator, Coroutine, Sequence
from typing import Any, Literal, get_args

from ..errors import UsageError
from ..events import ApprovalRequest, Event, ToolRunStart
from ..messages import Message, ToolCall, ToolResult
from ..tools.toolbox import Toolbox, Want
from ..unanswered import NOT_RUN, STOPPED
from ..wire.secrets import Secrets
from .waiting import Stopped, Waiter

# A person's decision on a call: it may run once, or from now on, in this chat or always; or not.
Decision = Literal["once", "chat", "always", "deny"]

# The words of 0.1.0, which stay understood.
OlderDecision = Literal["allow", "allow_always"]
_OLDER: dict[str, Decision] = {"allow": "once", "allow_always": "chat"}

# The model's text for a call that a person denied.
DENIED = "The person denied this call."
# The stand-in for a result where the provider itself runs the tool, if it may.
ALLOWED = "The person allowed this call."


class RemoteCall(ToolCall, tag="remote_call"):
    """A tool that the provider runs itself, once a person has let it."""


class Calls:
    """The calls of one run, and the waits for their answers."""

    def __init__(self, toolbox: Toolbox) -> None:
        self._toolbox = toolbox
        # Calls that a person or the page has to answer; None lets the tool run.
        self._waiting: dict[str, tuple[ToolCall, asyncio.Future[ToolResult | None]]] = {}

    def wanted(self, message: Message) -> list[ToolCall]:
        """The calls that this answer wants answered before it goes on."""
        if not message.calls_stand:
            return []
        remote = [RemoteCall(one.id, one.asks_for, one.arguments) for one in message.open_requests]
        return [*(message.open_tool_calls if self._toolbox else []), *remote]

    def decide(self, call_id: str, decision: Decision | OlderDecision) -> None:
        """Allow or deny a call. Raises `UsageError` where no such call waits, or for any other
        word: it is not a yes.
        """
        call, waiting = self._waiting_call(call_id)
        decision = _OLDER.get(decision, decision)
        if decision not in get_args(Decision):
            raise UsageError(f"a decision is one of {', '.join(get_args(Decision))}")
        if decision in ("chat", "always"):
            self._toolbox.allow(call.name)
        denied = ToolResult(call_id, DENIED, call.name, is_error=True)
        waiting.set_result(denied if decision == "deny" else None)

    def give(self, call_id: str, content: str, *, is_error: bool) -> None:
        """Answer a call in the tool's place. Raises as `decide`."""
        call, waiting = self._waiting_call(call_id)
        waiting.set_result(ToolResult(call_id, content, call.name, is_error))

    async def run(
        self, calls: Sequence[ToolCall], results: Message, waiter: Waiter, secrets: Secrets
    ) -> AsyncGenerator[list[Event]]:
        """Answer the calls, several at a time; their results are added to `results` in order, with
        `secrets` hidden: a tool that fails may say what it was called with.

        However this ends, each call has a result then: its own, or how far it came.

        Raises:
            Stopped: The run was cancelled. Tools that still run are ended.
        """
        news = _News()
        limit = asyncio.Semaphore(self._toolbox.limit)
        tasks = [_Task(call) for call in calls]
        for one in tasks:
            one.begin(self._answer(one, limit, news))

        def add(one: _Task) -> ToolResult:
            result = secrets.cleaned(one.result())
            results.parts.append(result)
            return result

        try:
            while len(results.parts) < len(tasks):
                batch = await waiter.wait(news.take)
                while len(results.parts) < len(tasks) and tasks[len(results.parts)].is_done:
                    batch.append(add(tasks[len(results.parts)]))
                if batch:
                    yield batch
        except Stopped:
            await asyncio.gather(*(one.end() for one in tasks))
            yield [*news.rest(), *map(add, tasks[len(results.parts) :])]
            raise
        finally:
            try:
                await asyncio.gather(*(one.end() for one in tasks))
            finally:
                for one in tasks[len(results.parts) :]:  # where nobody reads any more
                    add(one)

    async def _answer(self, one: "_Task", limit: asyncio.Semaphore, news: "_News") -> ToolResult:
        call = one.call
        try:
            if isinstance(call, RemoteCall):
                given = None
                if not self._toolbox.is_allowed(call.name):
                    given = await self._asked(call, "approval", news)
                return given or ToolResult(call.id, ALLOWED, call.name)
            if (wanted := self._toolbox.wants(call)) is not None:
                given = await self._asked(call, wanted, news)
                if given is not None:
                    return given
            async with limit:
                one.has_begun = True
                news.tell(ToolRunStart(call.id, call.name))
                return await self._toolbox.run(call)
        finally:
            news.tell()

    async def _asked(self, call: ToolCall, wanted: Want, news: "_News") -> ToolResult | None:
        """Wait for a person's or the page's answer; None lets the tool run."""
        while call.id in self._waiting:
            # Leave for the one is none for the other, which the person has not seen.
            await asyncio.wait({self._waiting[call.id][1]})
        decision: asyncio.Future[ToolResult | None] = asyncio.Future()
        self._waiting[call.id] = call, decision
        by_provider = isinstance(call, RemoteCall)
        news.tell(ApprovalRequest(call.id, call.name, call.arguments, wanted, by_provider))
        try:
            return await decision
        finally:
            self._waiting.pop(call.id)

    def _waiting_call(self, call_id: str) -> tuple[ToolCall, "asyncio.Future[ToolResult | None]"]:
        call, waiting = self._waiting.get(call_id, (None, None))
        if call is None or waiting is None or waiting.done():
            raise UsageError(f"no call {call_id!r} waits for an answer")
        return call, waiting


class _Task:
    """A call on its way to its result."""

    def __init__(self, call: ToolCall) -> None:
        self.call = call
        self.has_begun = False  # the tool itself
        self._task: asyncio.Task[ToolResult]

    def begin(self, answering: Coroutine[Any, Any, ToolResult]) -> None:
        self._task = asyncio.create_task(answering)

    @property
    def is_done(self) -> bool:
        return self._task.done()

    def result(self) -> ToolResult:
        """The result of the tool; where it was ended early, a sentence on how far it came."""
        if self._task.cancelled() or not self._task.done():
            words = STOPPED if self.has_begun else NOT_RUN
            return ToolResult(self.call.id, words, self.call.name, is_error=True)
        return self._task.result()

    async def end(self) -> None:
        self._task.cancel()
        await asyncio.wait({self._task})


class _News:
    """News of running tools, for the one that reads the run."""

    def __init__(self) -> None:
        self._events: list[Event] = []
        self._is_there = asyncio.Event()

    def tell(self, *events: Event) -> None:
        """Wake the reader, also where there is no event to take."""
        self._events += events
        self._is_there.set()

    async def take(self) -> list[Event]:
        """Wait until something was told; return the events, perhaps none."""
        await self._is_there.wait()
        self._is_there.clear()
        return self.rest()

    def rest(self) -> list[Event]:
        """Return the events that were told and not taken yet."""
        events, self._events = self._events, []
        return events
