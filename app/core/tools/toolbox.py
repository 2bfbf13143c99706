"""The tools of a chat: their definitions, the leave a person gave, and running them."""

import asyncio
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any, Literal

from ..messages import ToolCall, ToolResult
from ..options import ToolDefinition
from .function_tool import Tool, run, tool

# What a call waits for before it can go on: a person's leave, or its whole answer.
Want = Literal["approval", "result"]


class Toolbox:
    """Tools by name. `limit` is how many may run at a time, `timeout_s` how long each, in seconds,
    where it names no time of its own.
    """

    def __init__(
        self,
        tools: Sequence[Tool | Callable[..., Any]] = (),
        *,
        limit: int = 4,
        timeout_s: float | None = 60,
    ) -> None:
        self.limit = limit
        self._tools: dict[str, Tool] = {}
        for one in tools:
            self.add(one)
        self._timeout_s = timeout_s
        self._allowed: set[str] = set()

    def __bool__(self) -> bool:
        return bool(self._tools)

    @property
    def definitions(self) -> list[ToolDefinition]:
        """The tools as the model is told of them."""
        return [one.definition for one in self._tools.values()]

    def add(self, one: Tool | Callable[..., Any]) -> None:
        """Take one more tool, in the place of one of the same name.

        Raises:
            UsageError: A model cannot call this function; the message says why.
        """
        made = one if isinstance(one, Tool) else tool(one)
        self._tools[made.name] = made

    def allow(self, name: str) -> None:
        """Ask no more before this tool is called."""
        self._allowed.add(name)

    def is_allowed(self, name: str) -> bool:
        """Tell whether nobody needs to be asked about this tool any more."""
        return name in self._allowed

    def wants(self, call: ToolCall) -> Want | None:
        """Tell what this call waits for; None where it can run at once."""
        known = self._tools.get(call.name)
        if known is None:
            return None
        if known.function is None:
            return "result"
        return "approval" if known.needs_approval and not self.is_allowed(known.name) else None

    async def run(self, call: ToolCall) -> ToolResult:
        """Run one call. Every failure becomes a result that the model can act on."""
        known = self._tools.get(call.name)
        if known is None:
            names = ", ".join(self._tools)
            words = f"There is no tool {call.name!r}. The tools are: {names}."
            return ToolResult(call.id, words, call.name, is_error=True)
        return await run(known, call.arguments, call_id=call.id, timeout_s=self._timeout_s)


class NotedToolbox(Toolbox):
    """Runs a tool only once it is noted that it begins: who finds that note later, and no result,
    runs it no second time. `note` is to be called with the id of each `ToolRunStart` that was kept.
    """

    def __init__(self, tools: Sequence[Tool | Callable[..., Any]] = ()) -> None:
        super().__init__(tools)
        # Counted: ids may be there more than once, each time for one call.
        self._noted: defaultdict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(0))

    def note(self, call_id: str) -> None:
        """Let the tool of a call run."""
        self._noted[call_id].release()

    async def run(self, call: ToolCall) -> ToolResult:
        """Run one call, once it is noted."""
        await self._noted[call.id].acquire()
        return await super().run(call)
