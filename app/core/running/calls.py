"""Answering the tool calls of a step: leave asked, tools run, results in the order of the calls."""

import asyncio
from collections.abc import AsyncGenerator, Sequence
from typing import Literal

from ..errors import UsageError
from ..events import ApprovalRequest, Event, ToolRunStart
from ..messages import Message, ToolCall, ToolResult
from ..tools.toolbox import Toolbox, Want
from ..wire.secrets import Secrets
from .waiting import Waiter

Decision = Literal["allow", "allow_always", "deny"]

# What the model reads of a call that a person denied, and of one that nobody was asked about.
DENIED = "The person denied this call."
SAME_ID = "Another call of this answer has the same id. Call it again by itself."


class Calls:
    """The calls of one run, and who they wait for."""

    def __init__(self, toolbox: Toolbox) -> None:
        self._toolbox = toolbox
        # Calls that a person or the page has to answer; None lets the tool run.
        self._waiting: dict[str, tuple[ToolCall, asyncio.Future[ToolResult | None]]] = {}

    def wanted(self, message: Message) -> list[ToolCall]:
        """The calls that this answer wants answered before it goes on."""
        return message.open_tool_calls if message.calls_stand and self._toolbox else []

    def decide(self, call_id: str, decision: Decision) -> None:
        """Allow or deny a call. Raises `UsageError` where no such call waits."""
        call, waiting = self._waiting_call(call_id)
        if decision == "allow_always":
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

        Raises:
            Stopped: The run was cancelled. Tools that still run are ended.
        """
        news = _News()
        limit = asyncio.Semaphore(self._toolbox.limit)
        tasks = [asyncio.create_task(self._answer(call, limit, news)) for call in calls]
        try:
            while len(results.parts) < len(tasks):
                batch = await waiter.wait(news.take)
                while len(results.parts) < len(tasks) and tasks[len(results.parts)].done():
                    result = secrets.cleaned(tasks[len(results.parts)].result())
                    results.parts.append(result)
                    batch.append(result)
                if batch:
                    yield batch
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _answer(self, call: ToolCall, limit: asyncio.Semaphore, news: "_News") -> ToolResult:
        try:
            if (wanted := self._toolbox.wants(call)) is not None:
                given = await self._asked(call, wanted, news)
                if given is not None:
                    return given
            async with limit:
                news.tell(ToolRunStart(call.id, call.name))
                return await self._toolbox.run(call)
        finally:
            news.tell()

    async def _asked(self, call: ToolCall, wanted: Want, news: "_News") -> ToolResult | None:
        """Wait for who has to answer; None lets the tool run."""
        if call.id in self._waiting:
            # Who allows the one has not seen the other.
            return ToolResult(call.id, SAME_ID, call.name, is_error=True)
        decision: asyncio.Future[ToolResult | None] = asyncio.Future()
        self._waiting[call.id] = call, decision
        news.tell(ApprovalRequest(call.id, call.name, call.arguments, wanted))
        try:
            return await decision
        finally:
            self._waiting.pop(call.id)

    def _waiting_call(self, call_id: str) -> tuple[ToolCall, "asyncio.Future[ToolResult | None]"]:
        call, waiting = self._waiting.get(call_id, (None, None))
        if call is None or waiting is None or waiting.done():
            raise UsageError(f"no call {call_id!r} waits for an answer")
        return call, waiting


class _News:
    """What running tools have to tell, for the one who reads the run."""

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
        events, self._events = self._events, []
        return events
