"""llama.cpp's web UI: `{"conv": …, "messages": […]}`, or the same as JSON lines, the first of which
is the conversation.

https://github.com/ggml-org/llama.cpp/blob/master/tools/server/webui/src/lib/types/database.d.ts
"""

from collections.abc import Callable
from typing import Any

from ...core.messages import Part, Reasoning, Role, Text, ToolCall, ToolResult
from .fields import (
    SOUNDS,
    arguments_of,
    decoded,
    dict_of,
    dicts_of,
    first_text,
    id_of,
    lost,
    ms_of,
    picture,
    text_of,
    thought_and_said,
)
from .talk import Said, Talk

LABEL = "llama.cpp"

_ROLES: dict[str, Role] = {"user": "user", "system": "system", "tool": "tool"}


def takes(value: dict[str, Any]) -> bool:
    """Tell whether this is one of its conversations."""
    return isinstance(value.get("conv"), dict) and isinstance(value.get("messages"), list)


def begins(value: dict[str, Any]) -> bool:
    """Tell whether this is the line with which a conversation begins."""
    return value.get("type") in ("conv", "session") and "id" in value and "content" not in value


def is_line(value: dict[str, Any]) -> bool:
    """Tell whether this is the line of a message."""
    return "convId" in value and "role" in value


def read(value: dict[str, Any], framed: Callable[[str, str], Text]) -> Talk:
    """One conversation. `framed` makes the part that carries a text file."""
    conversation = value["conv"]
    talk = Talk(
        id=id_of(conversation.get("id")),
        title=text_of(conversation.get("name")),
        updated_ms=ms_of(conversation.get("lastModified")),
        head=id_of(conversation.get("currNode")),
    )
    for message in dicts_of(value["messages"]):
        role = _ROLES.get(text_of(message.get("role")), "assistant")
        id, parent = id_of(message.get("id")), id_of(message.get("parent"))
        one = Said(id, role, [], parent, ms_of(message.get("timestamp")))
        one.model = text_of(message.get("model")) if role == "assistant" else ""
        if message.get("type") != "root":
            one.parts = [*_extras(message, talk, framed), *_parts(message, role)]
        talk.said.append(one)
    return talk


def _parts(message: dict[str, Any], role: Role) -> list[Part]:
    text = text_of(message.get("content"))
    if role == "tool":
        return [ToolResult(id_of(message.get("toolCallId")), text)]
    if role != "assistant":
        return [Text(text)] if text else []
    thought = first_text(message, "reasoningContent", "thinking")
    parts: list[Part] = [Reasoning(thought)] if thought else []
    parts += thought_and_said(text)
    for number, call in enumerate(_calls(message)):
        told = dict_of(call.get("function"))
        called = id_of(call.get("id")) or f"{id_of(message.get('id'))}-{number}"
        name = text_of(told.get("name")) or "tool"
        parts.append(ToolCall(called, name, arguments_of(told.get("arguments"))))
    return parts


def _calls(message: dict[str, Any]) -> list[dict[str, Any]]:
    """The calls of tools, which stand there as the text of a list."""
    calls = message.get("toolCalls")
    if isinstance(calls, str):
        try:
            calls = decoded(calls.encode("utf-8", "replace")) if calls else []
        except ValueError:
            calls = []
    return dicts_of(calls)


def _extras(message: dict[str, Any], talk: Talk, framed: Callable[[str, str], Text]) -> list[Part]:
    parts: list[Part] = []
    for extra in dicts_of(message.get("extra")):
        kind, name = text_of(extra.get("type")).lower(), text_of(extra.get("name"))
        content = text_of(extra.get("content"))
        if kind.startswith("image"):
            parts.append(picture(first_text(extra, "base64Url", "url"), name, talk.left_out))
        elif kind.startswith("audio"):
            talk.left_out[SOUNDS] += 1
        elif content:  # texts, and what was read of a PDF
            parts.append(framed(name or "file", content))
        else:
            parts.append(lost(name, "", talk.left_out))
    return parts
