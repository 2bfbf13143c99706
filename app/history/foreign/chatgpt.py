"""ChatGPT: `conversations.json` of its export, whose messages are nodes of a tree (`mapping`).

Sources on the format:
https://community.openai.com/t/decoding-exported-data-by-parsing-conversations-json-and-or-chat-html/403144
and exports as they came over the years; there is no documentation.
"""

import re
from collections import Counter
from typing import Any

from ...core.messages import (
    File,
    FinishReason,
    Part,
    Reasoning,
    Role,
    Source,
    Status,
    Text,
    ToolCall,
    ToolResult,
)
from .canvas import unfold
from .fields import (
    HIDDEN,
    IN_ARCHIVE,
    SOUNDS,
    UNKNOWN,
    arguments_of,
    dict_of,
    dicts_of,
    each_once,
    first_text,
    id_of,
    list_of,
    lost,
    ms_of,
    source,
    text_of,
)
from .talk import Said, Talk

LABEL = "ChatGPT"

# Marks of citations and names, in letters of a private area.
_MARK = re.compile("\ue200[^\ue201]*\ue201|[\ue200-\ue206]")
_SOUNDS = ("audio_asset_pointer", "real_time_user_audio_video_asset_pointer")
_ENDS: dict[str, FinishReason] = {"max_tokens": "length", "stop": "stop"}


def takes(value: dict[str, Any]) -> bool:
    """Tell whether this is one of its conversations."""
    return isinstance(value.get("mapping"), dict)


def read(value: dict[str, Any]) -> Talk:
    """One conversation."""
    talk = Talk(
        id=first_text(value, "conversation_id", "id"),
        title=text_of(value.get("title")),
        created_ms=ms_of(value.get("create_time")),
        updated_ms=ms_of(value.get("update_time")),
        head=text_of(value.get("current_node")),
        pinned=value.get("is_starred") is True or bool(value.get("pinned_time")),
    )
    calls: dict[str, ToolCall] = {}
    nodes = {str(id): dict_of(node) for id, node in value["mapping"].items()}
    for id, node in nodes.items():
        one = _said(id, dict_of(node.get("message")), talk.left_out)
        one.parent = id_of(node.get("parent"))
        calls.update((id, part) for part in one.parts if isinstance(part, ToolCall))
        talk.said.append(one)
    unfold(talk.said, talk.left_out)
    for one in talk.said:
        if one.role == "tool":
            _answer(one, calls, nodes)
    return talk


def _said(id: str, message: dict[str, Any], left_out: Counter[str]) -> Said:
    author, metadata = dict_of(message.get("author")), dict_of(message.get("metadata"))
    roles: dict[str, Role] = {"user": "user", "assistant": "assistant", "tool": "tool"}
    role = roles.get(text_of(author.get("role")), "system")
    one = Said(id, role, [], created_ms=ms_of(message.get("create_time")))
    content = dict_of(message.get("content"))
    if not content:
        return one
    if metadata.get("is_visually_hidden_from_conversation") is True or role == "system":
        left_out[HIDDEN] += bool(_text(content))
        return one
    one.model = text_of(metadata.get("model_slug")) if role == "assistant" else ""
    one.parts = _parts(content, left_out)
    recipient = text_of(message.get("recipient")) or "all"
    if role == "assistant" and recipient != "all":
        called = "".join(part.text for part in one.parts if isinstance(part, Text))
        one.parts = [ToolCall(id, recipient, arguments_of(called))] if called else []
    elif role == "assistant":
        one.parts = _with_sources(one.parts, metadata)
    elif role == "tool":
        name = text_of(author.get("name")) or "tool"
        said = "\n".join(part.text for part in one.parts if isinstance(part, Text))
        pictures = [part for part in one.parts if isinstance(part, File)]
        # What the code interpreter drew.
        for drawn in dicts_of(dict_of(metadata.get("aggregate_result")).get("messages")):
            if url := text_of(drawn.get("image_url")):
                pictures.append(_picture(url))
        one.parts = [ToolResult("", said, name), *pictures] if said or pictures else []
    for attached in dicts_of(metadata.get("attachments")):
        _attach(one, attached, left_out)
    one.status, one.finish = _end(message, metadata)
    return one


def _parts(content: dict[str, Any], left_out: Counter[str]) -> list[Part]:
    match text_of(content.get("content_type")):
        case "thoughts":
            thoughts = [
                "\n".join(
                    filter(None, (text_of(each.get("summary")), text_of(each.get("content"))))
                )
                for each in dicts_of(content.get("thoughts"))
            ]
            thought = "\n\n".join(filter(None, thoughts))
            return [Reasoning(thought)] if thought else []
        case "reasoning_recap":
            return []  # how long it thought
        case "user_editable_context" | "model_editable_context":
            left_out[HIDDEN] += 1
            return []
        case "tether_quote":
            url, title = text_of(content.get("url")), text_of(content.get("title"))
            quoted = text_of(content.get("text"))
            return [Text("\n".join(filter(None, (title or url, quoted))))]
    parts: list[Part] = []
    for piece in list_of(content.get("parts")):
        if isinstance(piece, str):
            parts += [Text(piece)] if piece else []
        else:
            parts += _piece(dict_of(piece), left_out)
    if not parts and (text := _text(content)):
        parts.append(Text(text))
    return parts


def _piece(piece: dict[str, Any], left_out: Counter[str]) -> list[Part]:
    kind = text_of(piece.get("content_type"))
    if kind == "image_asset_pointer":
        return [_picture(text_of(piece.get("asset_pointer")))]
    if kind in _SOUNDS:
        left_out[SOUNDS] += 1
        return []
    if text := _text(piece):  # a transcript, for one
        return [Text(text)]
    left_out[UNKNOWN] += 1
    return []


def _picture(pointer: str) -> File:
    return File(IN_ARCHIVE + pointer.rpartition("://")[2].partition("#")[0], "image/*", "")


def _text(content: dict[str, Any]) -> str:
    said = [text for text in list_of(content.get("parts")) if isinstance(text, str) and text]
    return "\n".join(said) or first_text(content, "text", "result", "content", "summary")


def _attach(one: Said, attached: dict[str, Any], left_out: Counter[str]) -> None:
    """An attached file; images are among the parts already."""
    id, name = text_of(attached.get("id")), text_of(attached.get("name"))
    kind = first_text(attached, "mime_type", "mimeType")
    for at, part in enumerate(one.parts):
        if isinstance(part, File) and part.url == IN_ARCHIVE + id:
            one.parts[at] = File(part.url, kind, name)
            return
    one.parts.insert(0, lost(name, kind or "file", left_out))


def _with_sources(parts: list[Part], metadata: dict[str, Any]) -> list[Part]:
    """The parts with their citations as sources, and without the marks that stood for them."""
    references = dicts_of(metadata.get("content_references"))
    instead = {}
    found: list[Source | None] = []
    for reference in references:
        matched = text_of(reference.get("matched_text"))
        if "\ue200" in matched:
            is_name = text_of(reference.get("type")) == "entity"
            instead[matched] = first_text(reference, "name", "alt") if is_name else ""
        items = [*dicts_of(reference.get("items")), *dicts_of(reference.get("sources")), reference]
        for item in items:
            found.append(source(item.get("url"), item.get("title"), item.get("snippet")))
            found += [
                source(more.get("url"), more.get("title"))
                for more in dicts_of(item.get("supporting_websites"))
            ]
    for citation in dicts_of(metadata.get("citations")):
        told = dict_of(citation.get("metadata"))
        found.append(source(told.get("url"), told.get("title"), told.get("text")))
    cleaned: list[Part] = []
    for part in parts:
        if isinstance(part, Text) and "\ue200" in part.text:
            text = part.text
            for matched, put in instead.items():
                text = text.replace(matched, put)
            part = Text(_MARK.sub("", text))
        cleaned.append(part)
    return [*cleaned, *each_once(found)]


def _end(message: dict[str, Any], metadata: dict[str, Any]) -> tuple[Status, FinishReason | None]:
    how = text_of(dict_of(metadata.get("finish_details")).get("type"))
    if how == "interrupted":
        return "aborted", None
    status = text_of(message.get("status"))
    if status in ("in_progress", "finished_partial_completion"):
        return "incomplete", None
    if status in ("error", "failed"):
        return "error", None
    return "complete", _ENDS.get(how)


# Messages between a call and its result; more would cost their square.
_FURTHEST = 100


def _answer(one: Said, calls: dict[str, ToolCall], nodes: dict[str, dict[str, Any]]) -> None:
    """Give a tool's message the call that it answers: the nearest one before it."""
    id, steps = one.parent, 0
    while id in nodes and id not in calls and steps < _FURTHEST:
        role = dict_of(dict_of(nodes[id].get("message")).get("author")).get("role")
        if role == "user":
            break
        id, steps = id_of(nodes[id].get("parent")), steps + 1
    call = calls.get(id)
    for at, part in enumerate(one.parts):
        if isinstance(part, ToolResult):
            if call is None:  # it ran by itself
                call = ToolCall(one.id, part.name)
                one.parts.insert(at, call)
                one.parts[at + 1] = ToolResult(call.id, part.content, part.name)
            else:
                one.parts[at] = ToolResult(call.id, part.content, part.name)
            return
