"""An answer as chunks of one shape: text, or a tool call as far as it is known."""

from collections.abc import Callable
from typing import Any

import msgspec

from ..core.events import (
    ContentDelta,
    Event,
    ReasoningDelta,
    ToolCallDelta,
    ToolCallStart,
)
from ..core.messages import ToolCall


class Chunk(msgspec.Struct, frozen=True):
    """A fragment: of the answer (`content`), of reasoning, or of a call in `tool_calls`, by its id;
    `arguments` is then the fragment alone, empty where the call begins.
    """

    content: str | None = None
    reasoning: str | None = None
    tool_calls: dict[str, ToolCall] | None = None


def by_chunk(callback: Callable[[Chunk], Any]) -> Callable[[Event], None]:
    """Make a callback for events of one that takes chunks: `chat.ask("Hi", by_chunk(show))`."""
    calls: dict[int, ToolCall] = {}  # of this try of this step, by index

    def on_event(event: Event) -> None:
        match event:
            case ContentDelta(text):
                callback(Chunk(content=text))
            case ReasoningDelta(text) if text:
                callback(Chunk(reasoning=text))
            case ToolCallStart(index, id, name):
                calls[index] = ToolCall(id, name)
                callback(Chunk(tool_calls={id: calls[index]}))
            case ToolCallDelta(index, arguments):
                begun = calls[index]
                callback(Chunk(tool_calls={begun.id: ToolCall(begun.id, begun.name, arguments)}))

    return on_event
