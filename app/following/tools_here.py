"""Tools that a server's answer calls on the follower's side: run here, their results sent there."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Sequence
from contextlib import aclosing

from ..core.events import Event
from ..core.messages import Message, ToolCall, ToolResult
from ..core.running.calls import Calls, Decision
from ..core.running.waiting import Waiter
from ..core.tools.function_tool import Tool
from ..core.tools.toolbox import NotedToolbox
from ..core.unanswered import LOST
from ..core.wire.secrets import Secrets


class ToolsHere:
    """`tell` takes what happens while calls are answered, and `give` their results."""

    def __init__(
        self,
        tools: Sequence[Tool],
        allowed: Iterable[str],
        tell: Callable[[list[Event]], Awaitable[None]],
        give: Callable[[ToolResult], None],
    ) -> None:
        self._toolbox = NotedToolbox(tools)
        for name in allowed:
            self._toolbox.allow(name)
        self._calls = Calls(self._toolbox)
        self._tell = tell
        self._give = give
        self._tasks: dict[str, asyncio.Task[None]] = {}

    def answer(self, call: ToolCall, *, has_begun: bool = False) -> None:
        """Answer a call; one that had begun when its page was left is told as lost, and not run
        again.
        """
        if has_begun:
            self._give(ToolResult(call.id, LOST, call.name, is_error=True))
            return
        task = asyncio.ensure_future(self._answer(call))
        self._tasks[call.id] = task
        task.add_done_callback(lambda _: self._tasks.pop(call.id, None))

    def note(self, call_id: str) -> None:
        """Let a tool run: it is kept now that it does."""
        if call_id in self._tasks:
            self._toolbox.note(call_id)

    def decide(self, call_id: str, decision: Decision) -> None:
        """Take a person's decision. Raises `UsageError` where no such call waits here."""
        self._calls.decide(call_id, decision)

    def stop(self) -> None:
        """Have running tools end."""
        for task in self._tasks.values():
            task.cancel()

    async def end(self) -> None:
        """End running tools."""
        self.stop()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    async def _answer(self, call: ToolCall) -> None:
        results = Message("tool")
        async with aclosing(self._calls.run([call], results, Waiter(), Secrets())) as batches:
            async for batch in batches:
                told: list[Event] = [one for one in batch if not isinstance(one, ToolResult)]
                if told:
                    await self._tell(told)
        for result in results.parts:
            if isinstance(result, ToolResult):
                self._give(result)
