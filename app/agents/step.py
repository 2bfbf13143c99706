"""A step of a function, shown as a card with its arguments and its result."""

import traceback
from collections.abc import Callable, Mapping
from contextvars import ContextVar
from types import TracebackType
from typing import Any

from ..core.errors import UsageError
from ..core.events import Event, ToolCallDelta, ToolCallEnd, ToolCallStart, ToolRunStart
from ..core.json_values import json_text
from ..core.messages import ToolResult


class Sink:
    """Receiver of an answer's events. `tell` may be called from any thread."""

    def __init__(self, tell: Callable[[list[Event]], None]) -> None:
        self.tell = tell
        self._calls = 0
        self._steps = 0

    def next_index(self) -> int:
        """Give the number of the next call."""
        self._calls += 1
        return self._calls - 1

    def count_anew(self) -> None:
        """Begin another model call, with numbers of its own."""
        self._calls = 0

    def begin(self, name: str, arguments: str) -> str:
        """Begin a call; return its id."""
        index = self.next_index()
        id, self._steps = f"step_{self._steps}", self._steps + 1
        start = ToolCallStart(index, id, name)
        said: list[Event] = [start, *([ToolCallDelta(index, arguments)] if arguments else [])]
        self.tell([*said, ToolCallEnd(index), ToolRunStart(id, name)])
        return id


# The answer that this task or thread gives.
sink: ContextVar[Sink] = ContextVar("sink")


class Step:
    """One step; made by `step`. Set `result` before it ends: anything, JSON where it is no text."""

    def __init__(self, name: str, arguments: Mapping[str, Any] | None = None) -> None:
        self.name = name
        self.result: Any = ""
        self._arguments = json_text(dict(arguments or {}))
        self._id = ""
        self._sink: Sink

    def __enter__(self) -> "Step":
        try:
            self._sink = sink.get()
        except LookupError:
            raise UsageError("a step is part of an answer; there is none here") from None
        self._id = self._sink.begin(self.name, self._arguments)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        content = as_text(self.result)
        if error is not None:
            content = "".join(traceback.format_exception_only(error)).strip()
        result = ToolResult(self._id, content, self.name, is_error=error is not None)
        self._sink.tell([result])

    async def __aenter__(self) -> "Step":
        return self.__enter__()

    async def __aexit__(self, *error: Any) -> None:
        self.__exit__(*error)


def step(name: str, arguments: Mapping[str, Any] | None = None) -> Step:
    """A step of the answer, for `with` or `async with`:

    with step("search", {"for": words}) as found:
        found.result = search(words)
    """
    return Step(name, arguments)


def as_text(value: Any) -> str:
    """A text as it is, anything else as JSON."""
    if isinstance(value, str):
        return str(value)
    return "" if value is None else json_text(value)
