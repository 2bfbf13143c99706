"""The shapes of lines, and how unusual ones are brought into them.

A line is read by the typed structs here: fast, and strict. Lines they refuse are read as plain
dicts and brought into the same structs by `lenient_line`, so what a line *means* is written once.
"""

from typing import Any

import msgspec

from ..tolerant import as_dict, as_int, as_json, as_list, as_str, as_text

_NOTHING = msgspec.Raw(b"")


class Function(msgspec.Struct):
    name: str | None = None
    arguments: msgspec.Raw = _NOTHING  # an object, kept as it was written


class ToolCall(msgspec.Struct):
    id: str | None = None
    function: Function | None = None


class Message(msgspec.Struct):
    content: str | None = None
    thinking: str | None = None
    tool_calls: list[ToolCall] | None = None
    images: list[str] | None = None


class Line(msgspec.Struct):
    model: str | None = None
    created_at: str | None = None
    message: Message | None = None
    response: str | None = None  # the text, and its thinking, of /api/generate
    thinking: str | None = None
    image: str | None = None  # what an image model made
    done: bool | None = None
    done_reason: str | None = None
    prompt_eval_count: int | None = None
    eval_count: int | None = None
    total_duration: int | None = None  # these in nanoseconds
    load_duration: int | None = None
    prompt_eval_duration: int | None = None
    eval_duration: int | None = None
    error: Any = None


LINE = msgspec.json.Decoder(Line)

COUNTS = (
    "prompt_eval_count",
    "eval_count",
    "total_duration",
    "load_duration",
    "prompt_eval_duration",
    "eval_duration",
)


def lenient_line(fields: dict[str, Any]) -> Line:
    message = fields.get("message")
    if isinstance(message, str):  # the text itself, without an object around it
        message = {"content": message}
    return Line(
        model=as_str(fields.get("model")),
        created_at=as_str(fields.get("created_at")),
        message=_lenient_message(as_dict(message)),
        response=as_text(fields.get("response")),
        thinking=as_text(fields.get("thinking")),
        image=as_str(fields.get("image")),
        done=fields.get("done") in (True, "true", 1),
        done_reason=as_str(fields.get("done_reason")) or None,
        **{name: as_int(fields.get(name)) for name in COUNTS},
    )


def _lenient_message(fields: dict[str, Any]) -> Message:
    calls = fields.get("tool_calls")
    if isinstance(calls, dict):  # one call, without the list around it
        calls = [calls]
    return Message(
        content=as_text(fields.get("content")),
        thinking=as_text(fields.get("thinking")),
        tool_calls=[_lenient_call(call) for call in as_list(calls) if isinstance(call, dict)],
        images=[image for image in map(as_str, as_list(fields.get("images"))) if image],
    )


def _lenient_call(fields: dict[str, Any]) -> ToolCall:
    function = fields.get("function")
    inner = function if isinstance(function, dict) else fields
    arguments = as_json(inner.get("arguments")).encode()
    return ToolCall(
        as_str(fields.get("id")), Function(as_str(inner.get("name")), msgspec.Raw(arguments))
    )
