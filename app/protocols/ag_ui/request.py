"""A question as an AG-UI agent wants it."""

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from typing import Any
from uuid import uuid4

from ...core.json_values import encoded
from ...core.messages import File, Message, Reasoning, ToolCall, ToolResult
from ...core.options import Options
from ..data_urls import parse_data_url
from ..rendering import Rendered, file_name, mime_type_of, said
from ..takes import ANYTHING, Takes
from ..tolerant import as_dict, as_str
from ..valid_history import alternating, settled
from .interrupts import left_out, resumed
from .state import state_of

NAME = "ag-ui"
MODELS_PATH = ""
VERSION = "1.0"

_KINDS = ("image", "audio", "video")


def parse_models(body: bytes) -> list[str]:
    """Give no models: an agent has no list of them."""
    return []


def render(
    messages: Sequence[Message],
    *,
    model: str,
    options: Options,
    stream: bool,
    habits: frozenset[str] = frozenset(),
    provider: str = "",
    takes: Takes = ANYTHING,
) -> Rendered:
    """Render the run's input: the conversation with ids, our tools as the front end's, the state
    that the agent told last. Other fields of `Options.extra` go along as `forwardedProps`. The
    agent answers in a stream whatever `stream` says, and has no word for our settings. No habits.
    """
    history = alternating(settled(messages, NAME, provider, model))
    untold = left_out(history)
    offered = [] if options.tool_choice == "none" else options.tools
    body: dict[str, Any] = {
        "protocolVersion": VERSION,
        # One thread a chat, where the chat says which it is.
        "threadId": options.cache_key or _digest(messages[:1]),
        "runId": uuid4().hex,
        "state": state_of(messages, provider),
        "messages": _with_ids(
            entry
            for number, one in enumerate(history)
            for entry in _entries(one, number)
            if entry.get("toolCallId") not in untold
        ),
        "tools": [
            {"name": tool.name, "description": tool.description, "parameters": tool.parameters}
            for tool in offered
        ],
        "context": [],
        "forwardedProps": options.extra,
    }
    if resume := resumed(history):
        body["resume"] = resume
    return Rendered("", encoded(body))


def _digest(messages: Sequence[Message]) -> str:
    text = "".join(message.text for message in messages)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()[:32]


def _with_ids(entries: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """The entries, each with an id of its own."""
    counts: dict[str, int] = {}
    own: list[dict[str, Any]] = []
    for entry in entries:
        id = wanted = entry["id"]
        while id in counts:
            counts[wanted] += 1
            id = f"{wanted}-{counts[wanted]}"
        counts[id] = 1
        own.append(entry | {"id": id})
    return own


def _entries(message: Message, number: int) -> Iterator[dict[str, Any]]:
    """The entries that a message of ours is told by: its thoughts and each result stand apart."""
    id = message.id or f"m{number}"
    match message.role:
        case "tool":
            for place, part in enumerate(message.parts):
                if isinstance(part, ToolResult):
                    yield _result(part, f"{id}-{place}")
        case "assistant":
            yield from _thoughts(message, id)
            yield _answer(message, id)
        case "user":
            yield {"id": id, "role": "user", "content": _content(message)}
        case role:
            yield {"id": id, "role": role, "content": message.text}


def _result(result: ToolResult, id: str) -> dict[str, Any]:
    entry = {"id": id, "role": "tool", "toolCallId": result.call_id, "content": result.content}
    return entry | ({"error": result.content} if result.is_error else {})


def _thoughts(message: Message, id: str) -> Iterator[dict[str, Any]]:
    for place, part in enumerate(message.parts):
        if isinstance(part, Reasoning):
            extra = as_dict(part.extra)
            yield {
                "id": as_str(extra.get("id")) or f"{id}-{place}",
                "role": "reasoning",
                "content": part.text,
            } | {name: extra[name] for name in ("encryptedValue",) if name in extra}


def _answer(message: Message, id: str) -> dict[str, Any]:
    entry: dict[str, Any] = {"id": id, "role": "assistant", "content": said(message)}
    if message.tool_calls:
        entry["toolCalls"] = [_call(call) for call in message.tool_calls]
    return entry


def _call(call: ToolCall) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments}
    return {"id": call.id, "type": "function", "function": function} | as_dict(call.extra)


def _content(message: Message) -> Any:
    """The text alone where there are no files, since that is what all agents take."""
    if not message.files:
        return message.text
    texts = [{"type": "text", "text": message.text}] if message.text else []
    return [*texts, *map(_file, message.files)]


def _file(file: File) -> dict[str, Any]:
    mime_type = mime_type_of(file)
    kind = mime_type.partition("/")[0]
    source: dict[str, Any] = {"type": "url", "value": file.url}
    if (inline := parse_data_url(file.url)) is not None:
        source = {"type": "data", "value": inline[1], "mimeType": mime_type}
    elif mime_type:
        source["mimeType"] = mime_type
    part = {"type": kind if kind in _KINDS else "document", "source": source}
    return part | {"metadata": {"filename": file_name(file)}}
