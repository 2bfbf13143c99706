"""The shapes of records, and how unusual ones are brought into them.

A record is read by the typed structs here: fast, and strict. Records they refuse are read as plain
dicts and brought into the same structs by `lenient_chunk`, so what a chunk *means* is written once.
"""

from collections.abc import Iterator
from typing import Any

import msgspec

from ..tolerant import as_dict, as_int, as_json, as_list, as_str, as_text, clean


class Function(msgspec.Struct, gc=False):
    name: str | None = None
    arguments: str | None = None


class ToolCall(msgspec.Struct, gc=False):
    index: int | None = None
    id: str | None = None
    function: Function | None = None
    custom: dict[str, Any] | None = None  # a tool that takes free text
    extra_content: Any = None


class Delta(msgspec.Struct, gc=False):
    content: str | None = None
    reasoning_content: str | None = None  # DeepSeek, xAI, Qwen, Moonshot, llama.cpp
    reasoning: str | None = None  # Groq, Cerebras, Ollama, OpenRouter
    thinking: str | None = None  # some gateways before Ollama and Claude
    reasoning_text: str | None = None  # GitHub Copilot
    reasoning_details: list[dict[str, Any]] | None = None  # OpenRouter
    refusal: str | None = None
    tool_calls: list[ToolCall] | None = None
    function_call: Function | None = None  # before there were tools
    annotations: Any = None
    images: Any = None
    audio: Any = None


class Choice(msgspec.Struct, gc=False):
    index: int | None = None
    delta: Delta | None = None
    message: Delta | None = None
    text: str | None = None  # text completions
    finish_reason: str | None = None
    error: Any = None
    usage: Any = None  # Moonshot


class Chunk(msgspec.Struct, gc=False):
    id: str | None = None
    model: str | None = None
    object: str | None = None
    choices: list[Choice] | None = None
    usage: Any = None
    x_groq: Any = None
    error: Any = None
    citations: Any = None
    search_results: Any = None
    web_search: Any = None  # Zhipu
    search_info: Any = None  # Alibaba
    prompt_progress: Any = None


CHUNK = msgspec.json.Decoder(Chunk)


def words_of(audio: Any) -> str:
    """Give the words spoken in a piece of sound."""
    return as_str(as_dict(audio).get("transcript"))


_FIELDS = frozenset(Chunk.__struct_fields__)


def is_strange(fields: dict[str, Any]) -> bool:
    """Tell whether an object is no chunk, or has an answer in it that nobody can read.

    One that tells its own `type` is an event newer than this.
    """
    if not fields.keys() & _FIELDS:
        return "type" not in fields
    choices = fields.get("choices") or []
    if not isinstance(choices, list):
        return not isinstance(choices, dict)
    return not all(
        isinstance(choice, dict)
        and all(isinstance(choice.get(name) or "", str | dict) for name in ("delta", "message"))
        for choice in choices
    )


def lenient_chunk(fields: dict[str, Any]) -> Chunk:
    choices: list[Choice] = []
    items = fields.get("choices")
    if isinstance(items, dict):  # one, without the list around it
        items = [items]
    for place, item in enumerate(as_list(items)):
        choices.extend(_lenient_choices(as_dict(item), place))
    return Chunk(
        id=as_str(fields.get("id")),
        model=as_str(fields.get("model")),
        object=as_str(fields.get("object")) or None,
        choices=choices,
        usage=clean(fields.get("usage")),
        x_groq=clean(fields.get("x_groq")),
        citations=fields.get("citations"),
        search_results=fields.get("search_results"),
        web_search=fields.get("web_search"),
        search_info=fields.get("search_info"),
        prompt_progress=fields.get("prompt_progress"),
    )


def _lenient_choices(fields: dict[str, Any], place: int) -> Iterator[Choice]:
    """One choice, as several where its content is a list of parts: their order counts."""
    index = as_int(fields.get("index"))
    # A choice without a number is the answer, unless there is another one before it.
    choice = Choice(
        index=place if index is None else index,
        text=as_text(fields.get("text")),
        finish_reason=as_str(fields.get("finish_reason")) or None,
        error=fields.get("error"),
        usage=clean(fields.get("usage")),
    )
    for name in ("delta", "message"):
        source = fields.get(name)
        if isinstance(source, str):  # the text itself, without an object around it
            source = {"content": source}
        if not isinstance(source, dict):
            continue
        content = source.get("content")
        if isinstance(content, list):
            for part in content:
                yield Choice(index=choice.index, delta=_part(part))
            source = source | {"content": None}
        setattr(choice, name, _lenient_delta(source))
    yield choice


def _part(part: Any) -> Delta:
    """One part of a content list: Mistral's thinking, or text."""
    if isinstance(part, str):
        return Delta(content=part)
    fields = as_dict(part)
    kind = as_str(fields.get("type"))
    if kind == "thinking":
        thinking = fields.get("thinking")
        texts = [thinking] if isinstance(thinking, str) else map(_part_text, as_list(thinking))
        return Delta(reasoning="".join(texts))
    if kind == "refusal":
        return Delta(refusal=as_str(fields.get("refusal")))
    if kind in ("image_url", "image"):
        return Delta(images=[fields])
    return Delta(content=_part_text(part))


def _part_text(part: Any) -> str:
    text = part if isinstance(part, str) else as_dict(part).get("text")
    return text if isinstance(text, str) else ""


def _lenient_delta(fields: dict[str, Any]) -> Delta:
    function_call = fields.get("function_call")
    details = [item for item in as_list(fields.get("reasoning_details")) if isinstance(item, dict)]
    calls = fields.get("tool_calls")
    if isinstance(calls, dict):  # one call, without the list around it
        calls = [calls]
    return Delta(
        content=as_text(fields.get("content")),
        reasoning_content=as_text(fields.get("reasoning_content")),
        reasoning=as_text(fields.get("reasoning")),
        thinking=as_text(fields.get("thinking")),
        reasoning_text=as_text(fields.get("reasoning_text")),
        reasoning_details=details or None,
        refusal=as_text(fields.get("refusal")) or None,
        tool_calls=[_lenient_call(call) for call in as_list(calls) if isinstance(call, dict)],
        function_call=_lenient_function(function_call) if isinstance(function_call, dict) else None,
        annotations=fields.get("annotations"),
        images=fields.get("images"),
        audio=fields.get("audio"),
    )


def _lenient_call(fields: dict[str, Any]) -> ToolCall:
    function = fields.get("function")
    return ToolCall(
        index=as_int(fields.get("index")),
        id=as_str(fields.get("id")),
        # Some proxies leave out the inner object.
        function=_lenient_function(function if isinstance(function, dict) else fields),
        custom=as_dict(clean(fields.get("custom"))) or None,
        extra_content=clean(fields.get("extra_content")),
    )


def _lenient_function(fields: dict[str, Any]) -> Function:
    arguments = fields.get("arguments")
    if arguments is not None and not isinstance(arguments, str):  # Ollama: the object itself
        arguments = as_json(arguments)
    return Function(as_str(fields.get("name")), arguments)
