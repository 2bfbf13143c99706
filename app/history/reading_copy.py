"""A chat as one Markdown document, to read. Pure.

What a model thought is folded, as in the page, and so is what tools gave back.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from itertools import groupby

from ..core.messages import (
    File,
    Message,
    Part,
    ProviderTool,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
)
from .markdown import below, called, closed, emphasised, fenced, folded, link, sources_of
from .records import CONTINUE, EDITED, MessageRecord
from .tree import Tree

# The level of the heading that says who speaks.
_SPEAKER = 2

_ENDINGS = {
    "incomplete": "This answer was cut off.",
    "aborted": "This answer was stopped.",
    "error": "This answer failed.",
}
# Of an answer that came to its end, by why its model stopped.
_STOPS = {
    "length": "This answer reached its length limit.",
    "content_filter": "The provider’s content filter ended this answer.",
    "error": "The provider could not finish this answer.",
}


def to_markdown(tree: Tree) -> str:
    """The path of a chat that is shown. Half characters, which no file can hold, are marked."""
    pieces = [f"# {_line(tree.chat.title) or 'Chat'}"]
    speaker = ""
    path = tree.path()
    results = results_of(path)
    for record in path:
        if record.note == CONTINUE or record.message.role == "tool":
            continue
        message = record.message
        name = "You" if message.role == "user" else record.source or message.model or "Answer"
        # Answers after a tool call or a Continue belong to the one before.
        if name != speaker:
            pieces.append(f"{'#' * _SPEAKER} {_line(name)}")
            speaker = name
        said = list(_said(message, results))
        if record.note == EDITED:
            pieces.append("*Edited by a person*")
        if listed := sources_of(message):
            said.append(listed)
        if said:
            pieces.append(below("\n\n".join(said), _SPEAKER + 1))
        if ending := ending_of(message):
            pieces.append(emphasised(ending))
    return "\n\n".join(pieces).encode("utf-8", "replace").decode() + "\n"


def ending_of(message: Message) -> str:
    """Say of an answer that is not whole how it ended, and why where that is known; empty for any
    other message.
    """
    if message.role != "assistant":
        return ""
    if message.status == "complete":
        return _STOPS.get(message.finish_reason or "", "")
    ending = _ENDINGS.get(message.status or "", "")
    reason = _line(message.error.message) if message.error is not None else ""
    return f"{ending.removesuffix('.')}: {reason}" if ending and reason else ending


def results_of(path: Sequence[MessageRecord]) -> dict[int, ToolResult]:
    """The results of calls, by the `id()` of the call. Ids of calls are used again, so it is the
    nearest later one that is a call's own.
    """
    nearest: dict[str, ToolResult] = {}
    found: dict[int, ToolResult] = {}
    for record in reversed(path):
        for part in reversed(record.message.parts):
            if isinstance(part, ToolResult):
                nearest[part.call_id] = part
            elif isinstance(part, ToolCall) and part.id in nearest:
                found[id(part)] = nearest.pop(part.id)
    return found


def _said(message: Message, results: Mapping[int, ToolResult]) -> Iterator[str]:
    for is_thought, parts in groupby(message.parts, lambda part: isinstance(part, Reasoning)):
        if is_thought:
            thoughts = (_tidy(part.text) for part in parts if isinstance(part, Reasoning))
            if thought := "\n\n".join(filter(None, thoughts)):
                yield folded("Reasoning", closed(thought))
        else:
            for part in parts:
                if text := _as_markdown(part):
                    yield closed(text)
                result = results.get(id(part))
                if result is not None and result.content.strip():
                    yield folded("Error" if result.is_error else "Result", fenced(result.content))


def _as_markdown(part: Part) -> str:
    match part:
        case Text(text) | Refusal(text):
            return _tidy(text)
        case ToolCall() | ProviderTool():
            return called(part.name, part.arguments)
        case File(url=url):
            name = _line(part.name or part.mime_type) or "file"
            return link(name, url) or f"({name})"
    return ""


def _tidy(text: str) -> str:
    """The text without empty lines around it; its first line keeps its indentation."""
    return re.sub(r"^(?:[ \t]*\n)+", "", text).rstrip()


def _line(text: str) -> str:
    return " ".join(text.split())
