"""A history as the Interactions API wants it: a list of steps."""

from collections.abc import Iterator, Sequence
from typing import Any

from ...core.messages import (
    File,
    Message,
    ProviderTool,
    Reasoning,
    Refusal,
    Text,
    ToolCall,
    ToolResult,
)
from ..data_urls import parse_data_url
from ..rendering import as_object, mime_type_of
from ..tolerant import as_dict, as_list, as_str
from ..valid_history import settled

NAME = "gemini-interactions"

_KINDS_OF_FILES = ("image", "audio", "video")


def steps(messages: Sequence[Message], provider: str, model: str) -> Iterator[dict[str, Any]]:
    """Give the messages as steps, without instructions."""
    spoken = [message for message in messages if message.role != "system"]
    for message in settled(spoken, NAME, provider, model, is_open=_is_open):
        match message.role:
            case "assistant":
                yield from _model_steps(message)
            case "tool":
                yield from map(_result, (p for p in message.parts if isinstance(p, ToolResult)))
            case _:
                if content := list(_contents(message)):
                    yield {"type": "user_input", "content": content}


def _is_open(_: Message, tool: ProviderTool) -> bool:
    """Tell whether the tool was called and has no result."""
    kinds = [as_str(as_dict(step).get("type")) for step in as_list(tool.extra)]
    return bool(kinds) and not kinds[-1].endswith("_result")


def _model_steps(message: Message) -> Iterator[dict[str, Any]]:
    output: list[dict[str, Any]] = []  # of text and files in a row, which are one step
    for part in message.parts:
        if isinstance(part, Text | Refusal | File):
            output += _content(part)
            continue
        told = list(_own_steps(part))
        if told and output:
            yield {"type": "model_output", "content": output}
            output = []
        yield from told
    if output:
        yield {"type": "model_output", "content": output}


def _own_steps(part: object) -> Iterator[dict[str, Any]]:
    """The steps of a part that is no output."""
    match part:
        case Reasoning(text, extra) if signature := as_dict(extra).get("signature"):
            # One that is not signed is refused, also where the server itself left it so:
            # https://github.com/googleapis/js-genai/issues/1735
            summary = {"summary": [{"type": "text", "text": text}]} if text else {}
            yield {"type": "thought", "signature": signature} | summary
        case ToolCall():
            signature = as_dict(part.extra).get("signature")
            call = {"id": part.id, "name": part.name, "arguments": as_object(part.arguments)}
            yield {"type": "function_call"} | call | ({"signature": signature} if signature else {})
        case ProviderTool():
            for step in map(as_dict, as_list(part.extra)):
                if step.get("type", "").endswith("_result"):
                    yield step | {"result": part.result}
                else:
                    yield step | (
                        {"arguments": as_object(part.arguments)} if part.arguments else {}
                    )


def _result(result: ToolResult) -> dict[str, Any]:
    told = {"call_id": result.call_id, "name": result.name, "result": result.content}
    return {"type": "function_result"} | told | ({"is_error": True} if result.is_error else {})


def _contents(message: Message) -> Iterator[dict[str, Any]]:
    for part in message.parts:
        yield from _content(part)


def _content(part: object) -> Iterator[dict[str, Any]]:
    match part:
        case Text(text) | Refusal(text) if text:
            yield {"type": "text", "text": text}
        case File():
            mime_type = mime_type_of(part)
            kind = mime_type.partition("/")[0] or "image"
            file: dict[str, Any] = {"type": kind if kind in _KINDS_OF_FILES else "document"}
            inline = parse_data_url(part.url)
            file |= {"data": inline[1]} if inline else {"uri": part.url}
            yield file | ({"mime_type": mime_type} if mime_type else {})
