"""Claude: `conversations.json` of its export."""

from collections.abc import Callable
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
    picture_block,
    pictures_in,
    result_of,
    source,
    text_of,
)
from .talk import Said, Talk

LABEL = "Claude"

_PASSED_OVER = ("token_budget", "flag")


def takes(value: dict[str, Any]) -> bool:
    """Tell whether this is one of its conversations."""
    return isinstance(value.get("chat_messages"), list)


def read(value: dict[str, Any], framed: Callable[[str, str], Text]) -> Talk:
    """One conversation. `framed` makes the part that carries a text file."""
    talk = Talk(
        id=first_text(value, "uuid", "id"),
        title=text_of(value.get("name")),
        created_ms=ms_of(value.get("created_at")),
        updated_ms=ms_of(value.get("updated_at")),
        head=text_of(value.get("current_leaf_message_uuid")),
        pinned=value.get("is_starred") is True,
    )
    messages = dicts_of(value["chat_messages"])
    ids = [id_of(message.get("uuid")) or f"{number}" for number, message in enumerate(messages)]
    known = set(ids)
    model = text_of(value.get("model"))
    for number, message in enumerate(messages):
        parent = ids[number - 1] if number else ""
        if "parent_message_uuid" in message:
            told = id_of(message["parent_message_uuid"])
            parent = told if told in known else ""
        role: Role = "user" if message.get("sender") in ("human", "user") else "assistant"
        one = Said(ids[number], role, [], parent, ms_of(message.get("created_at")))
        one.model = text_of(message.get("model")) or model
        one.parts = _parts(message, talk)
        one.parts[:0] = _attached(message, talk, framed)
        if message.get("stop_reason") == "user_canceled" or message.get("truncated") is True:
            one.status = "aborted"
        talk.said.append(one)
    return talk


def _attached(
    message: dict[str, Any], talk: Talk, framed: Callable[[str, str], Text]
) -> list[Part]:
    parts: list[Part] = []
    for attached in dicts_of(message.get("attachments")):
        name, kind = text_of(attached.get("file_name")), text_of(attached.get("file_type"))
        content = text_of(attached.get("extracted_content"))
        parts.append(framed(name, content) if content else lost(name, kind, talk.left_out))
    for file in [*dicts_of(message.get("files")), *dicts_of(message.get("files_v2"))]:
        name = first_text(file, "file_name", "name", "file_uuid")
        kind = "image/*" if file.get("file_kind") == "image" or _is_picture(name) else ""
        parts.append(lost(name, kind, talk.left_out))
    return parts


def _is_picture(name: str) -> bool:
    return name.lower().endswith((".png", ".jpg", ".jpeg", ".webp", ".gif", ".heic"))


def _parts(message: dict[str, Any], talk: Talk) -> list[Part]:
    parts: list[Part] = []
    sources: list[Source | None] = []
    titles: dict[str, str] = {}
    last_call = ""
    for number, block in enumerate(dicts_of(message.get("content"))):
        match block.get("type"):
            case "text":
                if text := text_of(block.get("text")):
                    parts.append(Text(text))
                for citation in dicts_of(block.get("citations")):
                    details = dict_of(citation.get("details"))
                    url = first_text(details, "url") or first_text(citation, "url")
                    title = first_text(details, "title") or first_text(citation, "title")
                    sources.append(source(url, title, citation.get("cited_text")))
            case "thinking":
                summaries = [
                    text_of(each.get("summary")) for each in dicts_of(block.get("summaries"))
                ]
                if thought := text_of(block.get("thinking")) or "\n".join(summaries):
                    parts.append(Reasoning(thought))
            case "voice_note":
                if text := first_text(block, "text", "transcript", "title"):
                    parts.append(Text(text))
            case "tool_use" | "server_tool_use":
                last_call = id_of(block.get("id")) or f"call-{number}"
                name = text_of(block.get("name")) or "tool"
                parts.append(ToolCall(last_call, name, arguments_of(block.get("input"))))
            case "tool_result" | "web_search_tool_result":
                call = id_of(block.get("tool_use_id")) or last_call
                name = text_of(block.get("name"))
                for item in dicts_of(block.get("content")):
                    if url := text_of(item.get("url")):
                        titles[url] = text_of(item.get("title"))
                said = result_of(block.get("content"))
                is_error = block.get("is_error") is True
                parts.append(ToolResult(call, said, name, is_error))
                parts += pictures_in(block.get("content"), talk.left_out)
            case "image":
                parts.append(picture_block(block, talk.left_out))
            case kind if kind not in _PASSED_OVER:
                talk.left_out[UNKNOWN] += 1
    if not any(isinstance(part, Text) for part in parts) and (text := text_of(message.get("text"))):
        parts.append(Text(text))
    titled = [
        one and source(one.url, one.title or titles.get(one.url), one.quote) for one in sources
    ]
    return [*parts, *each_once(titled)]
