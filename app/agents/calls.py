"""The calls of an agent's tools, by the ids that its framework gives them: its own, and those of
the page, which runs them when the answer has ended.
"""

from collections.abc import Sequence
from typing import Any

from ..core.events import (
    Done,
    Event,
    StepStart,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
    ToolRunStart,
)
from ..core.messages import ToolCall, ToolResult
from ..core.options import ToolDefinition
from .step import as_text, sink


class Calls:
    """Makes events of the calls of one answer. They count on from its other calls and steps.

    `left` are the ids of calls of the page's tools. These are told at the end, as a step of their
    own, since calls beside others that ran would count as not run.
    """

    def __init__(self, page_tools: Sequence[ToolDefinition] = ()) -> None:
        self.left: dict[str, ToolCall] = {}
        self._sink = sink.get()
        self._of_page = {one.name for one in page_tools}
        self._indexes: dict[str, int] = {}
        self._names: dict[str, str] = {}
        self._ended: set[str] = set()

    def begin(self, id: str, name: str) -> list[Event]:
        """Begin a call; nothing where it has begun."""
        if id in self._indexes:
            return []
        self._indexes[id], self._names[id] = self._sink.next_index(), name
        return [ToolCallStart(self._indexes[id], id, name)]

    def add(self, id: str, arguments: str) -> list[Event]:
        """Take the next fragment of a call's arguments."""
        return [ToolCallDelta(self._indexes[id], arguments)] if arguments else []

    def run(self, id: str, extra: Any = None) -> list[Event]:
        """Its arguments are whole, and it runs; nothing where that was said."""
        if id in self._ended:
            return []
        self._ended.add(id)
        return [ToolCallEnd(self._indexes[id], extra), ToolRunStart(id, self._names[id])]

    def whole(self, id: str, name: str, arguments: Any) -> list[Event]:
        """Take a call that runs, with all of its arguments: JSON text, or what becomes such; or one
        that is left to the page.
        """
        if name in self._of_page:
            self.left[id] = ToolCall(id, name, as_text(arguments))
            return []
        if id in self._indexes:
            return self.run(id)
        return [*self.begin(id, name), *self.add(id, as_text(arguments)), *self.run(id)]

    def result(self, id: str, content: Any, *, is_error: bool = False) -> list[Event]:
        """Take a call's result; nothing where no such call is known."""
        if id not in self._indexes:
            return []
        said = ToolResult(id, as_text(content), self._names[id], is_error=is_error)
        return [*self.run(id), said]

    def end(self) -> list[Event]:
        """End an answer that leaves calls to the page; nothing where there are none."""
        if not self.left:
            return []
        said: list[Event] = [StepStart(2)]
        for index, call in enumerate(self.left.values()):
            said += [ToolCallStart(index, call.id, call.name), ToolCallDelta(index, call.arguments)]
            said.append(ToolCallEnd(index))
        return [*said, Done("complete", "tool_calls", "tool_calls")]
