"""Open WebUI: its export of chats, a list or one, with or without what its server keeps around it.

Thoughts, tools and code that ran stand in an answer's text, as `<details>` with attributes.
https://github.com/open-webui/open-webui/blob/main/backend/open_webui/utils/middleware.py
"""

import html
import re
from collections.abc import Callable
from typing import Any

from ...core.messages import Part, Reasoning, Role, Source, Text, ToolCall, ToolResult
from .fields import (
    arguments_of,
    decoded,
    dict_of,
    dicts_of,
    each_once,
    first_text,
    id_of,
    list_of,
    lost,
    ms_of,
    picture,
    source,
    text_of,
    thought_and_said,
)
from .messages import items
from .talk import Said, Talk

LABEL = "Open WebUI"

_FOLD = re.compile(
    r'<details type="(?P<type>reasoning|tool_calls|code_interpreter)"(?P<attributes>[^>]*)>'
    r"\s*(?:<summary>[^<]*</summary>)?(?P<body>.*?)(?:</details>|\Z)\s*",
    re.DOTALL,
)
_ATTRIBUTE = re.compile(r'(\w+)="([^"]*)"')
_QUOTE = re.compile(r"^> ?", re.MULTILINE)


def takes(value: dict[str, Any]) -> bool:
    """Tell whether this is one of its chats."""
    chat = value.get("chat") if isinstance(value.get("chat"), dict) else value
    history = dict_of(dict_of(chat).get("history"))
    return isinstance(history.get("messages"), dict) or (
        "chat" in value and isinstance(dict_of(chat).get("messages"), list)
    )


def read(value: dict[str, Any], framed: Callable[[str, str], Text]) -> Talk:
    """One chat. `framed` makes the part that carries a text file."""
    chat = dict_of(value.get("chat")) or value
    history = dict_of(chat.get("history"))
    talk = Talk(
        id=id_of(value.get("id")) or id_of(chat.get("id")),
        title=first_text(value, "title") or first_text(chat, "title"),
        created_ms=ms_of(value.get("created_at")) or ms_of(chat.get("timestamp")),
        updated_ms=ms_of(value.get("updated_at")),
        head=id_of(history.get("currentId")),
        instructions=text_of(dict_of(chat.get("params")).get("system"))
        or text_of(chat.get("system")),
        pinned=value.get("pinned") is True,
    )
    kept = dict_of(history.get("messages"))
    messages = [(str(id), dict_of(message)) for id, message in kept.items()]
    if not messages:
        listed = dicts_of(chat.get("messages"))
        messages = [(id_of(one.get("id")) or f"{n}", one) for n, one in enumerate(listed)]
    before = ""
    for id, message in messages:
        roles: dict[str, Role] = {"user": "user", "system": "system"}
        role = roles.get(text_of(message.get("role")), "assistant")
        parent = id_of(message.get("parentId")) if kept or "parentId" in message else before
        one = Said(id, role, [], parent, ms_of(message.get("timestamp")))
        one.model = first_text(message, "modelName", "model") if role == "assistant" else ""
        text = text_of(message.get("content"))
        one.parts = _answer(id, text) if role == "assistant" else [Text(text)] if text else []
        if not text:  # newer versions keep it as the items that the model gave
            one.parts = items(message.get("output"), id, talk)
        one.parts[:0] = _files(message, talk, framed)
        one.parts += _sources(message)
        if error := message.get("error"):
            one.status = "error"
            said = text_of(error) or first_text(dict_of(error), "content", "message", "detail")
            if not one.parts and said:
                one.parts = [Text(said)]
        elif message.get("done") is False:
            one.status = "incomplete"
        talk.said.append(one)
        before = id
    return talk


def _answer(id: str, text: str) -> list[Part]:
    """The parts of an answer."""
    parts: list[Part] = []
    at = 0
    for number, found in enumerate(_FOLD.finditer(text)):
        parts += _plain(text[at : found.start()], is_first=not parts)
        at = found.end()
        told = {name: html.unescape(said) for name, said in _ATTRIBUTE.findall(found["attributes"])}
        body = html.unescape(found["body"]).strip()
        if found["type"] == "reasoning":
            parts.append(Reasoning(_QUOTE.sub("", body)))
            continue
        call = told.get("id") or f"{id}-{number}"
        if found["type"] == "tool_calls":
            arguments = arguments_of(_unquoted(told.get("arguments", "")))
            parts.append(ToolCall(call, told.get("name") or "tool", arguments))
            result = _unquoted(told.get("result", "")) or body
        else:
            parts.append(ToolCall(call, "code_interpreter", arguments_of({"code": body})))
            result = _unquoted(told.get("output", ""))
        if told.get("done") == "true":
            parts.append(ToolResult(call, result))
    return parts + _plain(text[at:], is_first=not parts)


def _plain(text: str, *, is_first: bool) -> list[Part]:
    if not text.strip():
        return []
    return thought_and_said(text) if is_first else [Text(text)]


def _unquoted(text: str) -> str:
    """A text that stands there as a JSON string."""
    try:
        value = decoded(text.encode())
    except ValueError:
        return text
    return value if isinstance(value, str) else text


def _files(message: dict[str, Any], talk: Talk, framed: Callable[[str, str], Text]) -> list[Part]:
    parts: list[Part] = []
    for file in dicts_of(message.get("files")):
        inner = dict_of(file.get("file"))
        name = first_text(file, "name") or first_text(inner, "filename", "name")
        kind = first_text(file, "content_type") or text_of(
            dict_of(inner.get("meta")).get("content_type")
        )
        content = text_of(dict_of(inner.get("data")).get("content"))
        if file.get("type") == "image" or kind.startswith("image/"):
            parts.append(picture(text_of(file.get("url")), name, talk.left_out))
        elif content:
            parts.append(framed(name, content))
        else:
            parts.append(lost(name, kind, talk.left_out))
    return parts


def _sources(message: dict[str, Any]) -> list[Source]:
    found: list[Source | None] = []
    for cited in [*dicts_of(message.get("sources")), *dicts_of(message.get("citations"))]:
        told = dict_of(cited.get("source"))
        quotes = [text_of(each) for each in list_of(cited.get("document"))]
        metadata = dicts_of(cited.get("metadata"))
        found.append(source(first_text(told, "url", "name"), told.get("name")))
        for number, each in enumerate(metadata):
            quote = quotes[number][:500] if number < len(quotes) else ""
            url = first_text(each, "source", "url")
            found.append(source(url, first_text(each, "title", "name"), quote))
    return each_once(found)
