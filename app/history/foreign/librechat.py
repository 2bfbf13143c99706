"""LibreChat: its export of one conversation as JSON, as a list or as a tree (`recursive`).

https://github.com/danny-avila/LibreChat/blob/main/client/src/hooks/Conversations/useExportConversation.ts
"""

from collections.abc import Iterator
from typing import Any

from ...core.messages import Part, Reasoning, Role, Source, Text, ToolCall, ToolResult
from .fields import (
    UNKNOWN,
    arguments_of,
    dict_of,
    dicts_of,
    each_once,
    first_text,
    id_of,
    lost,
    ms_of,
    picture,
    result_of,
    source,
    text_of,
    thought_and_said,
)
from .talk import Said, Talk

LABEL = "LibreChat"

_PASSED_OVER = ("agent_update",)


def takes(value: dict[str, Any]) -> bool:
    """Tell whether this is one of its conversations."""
    messages = dicts_of(value.get("messages"))
    return bool(messages) and any("messageId" in message for message in messages)


def read(value: dict[str, Any]) -> Talk:
    """One conversation."""
    options = dict_of(value.get("options"))
    talk = Talk(
        id=first_text(value, "conversationId"),
        title=text_of(value.get("title")),
        created_ms=ms_of(value.get("createdAt")),
        updated_ms=ms_of(value.get("updatedAt")),
        instructions=first_text(options, "promptPrefix", "system"),
    )
    model = first_text(options, "model", "chatGptLabel", "modelLabel")
    for message, before in _flat(value):
        is_theirs = message.get("isCreatedByUser") is True or message.get("sender") == "User"
        role: Role = "user" if is_theirs else "assistant"
        id = id_of(message.get("messageId"))
        parent = id_of(message.get("parentMessageId")) if "parentMessageId" in message else before
        one = Said(id, role, [], parent, ms_of(message.get("createdAt")))
        if role == "assistant":
            one.model = first_text(message, "model") or model
        one.parts = _parts(message, talk)
        if message.get("error") is True:
            one.status = "error"
        elif message.get("unfinished") is True:
            one.status = "incomplete"
        talk.said.append(one)
    return talk


def _flat(value: dict[str, Any]) -> Iterator[tuple[dict[str, Any], str]]:
    """Every message, and the id of the one that it stands below or behind."""
    is_tree = value.get("recursive") is True
    waiting = [(message, "") for message in reversed(dicts_of(value["messages"]))]
    before = ""
    while waiting:
        message, above = waiting.pop()
        yield message, above if is_tree else before
        before = id_of(message.get("messageId"))
        below = reversed(dicts_of(message.get("children")))
        waiting += [(child, before) for child in below]


def _parts(message: dict[str, Any], talk: Talk) -> list[Part]:
    parts: list[Part] = []
    made: list[Part] = []
    for file in dicts_of(message.get("files")):
        name, kind = first_text(file, "filename", "name"), text_of(file.get("type"))
        parts.append(lost(name, kind, talk.left_out))
    for attached in dicts_of(message.get("attachments")):  # what its tools made
        if name := first_text(attached, "filename"):
            is_picture = "width" in attached or attached.get("type") == "image"
            made.append(lost(name, "image/*" if is_picture else "", talk.left_out))
    content = dicts_of(message.get("content"))
    for number, block in enumerate(content):
        parts += _block(block, f"{id_of(message.get('messageId'))}-{number}", talk)
    if not content:
        text = text_of(message.get("text"))
        parts += thought_and_said(text)
    return [*parts, *made, *each_once(_sources(message))]


def _block(block: dict[str, Any], id: str, talk: Talk) -> list[Part]:
    kind = text_of(block.get("type"))
    said = block.get(kind)
    text = text_of(said) or text_of(dict_of(said).get("value"))
    match kind:
        case "text" | "error":
            return [Text(text)] if text else []
        case "think":
            return [Reasoning(text)] if text else []
        case "tool_call":
            told = dict_of(said)
            function = dict_of(told.get("function"))
            call = id_of(told.get("id")) or id
            name = first_text(told, "name") or first_text(function, "name") or "tool"
            arguments = arguments_of(told.get("args") or function.get("arguments"))
            output = told["output"] if "output" in told else function.get("output")
            result = [] if output is None else [ToolResult(call, result_of(output), name)]
            return [ToolCall(call, name, arguments), *result]
        case "image_url":
            url = text_of(said) or text_of(dict_of(said).get("url"))
            return [picture(url, "", talk.left_out)]
        case "image_file":
            return [lost(first_text(dict_of(said), "filename"), "image/*", talk.left_out)]
    if kind not in _PASSED_OVER:
        talk.left_out[UNKNOWN] += 1
    return []


def _sources(message: dict[str, Any]) -> Iterator[Source | None]:
    for attached in dicts_of(message.get("attachments")):
        found = dict_of(attached.get("web_search"))
        for kind in ("organic", "topStories", "references"):
            for one in dicts_of(found.get(kind)):
                yield source(first_text(one, "link", "url"), one.get("title"), one.get("snippet"))
