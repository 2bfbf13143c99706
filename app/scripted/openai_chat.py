"""Writes the bytes of an OpenAI-compatible server: chat-completions SSE and JSON.

Source: https://platform.openai.com/docs/api-reference/chat (2026-11); `reasoning_content` as
DeepSeek and llama.cpp send it, since the original has no field for reasoning.
"""

import re
from collections.abc import Callable, Iterable
from typing import Any

import msgspec

from .steps import Reply, Send, Step

EVENT_STREAM = {"content-type": "text/event-stream; charset=utf-8", "cache-control": "no-cache"}
JSON = {"content-type": "application/json"}
DONE = b"data: [DONE]\n\n"

Splitter = Callable[[str], list[str]]


class ToolCall(msgspec.Struct, frozen=True):
    """A call that the answer asks for; `arguments` is JSON text."""

    id: str
    name: str
    arguments: str


class Source(msgspec.Struct, frozen=True):
    """A page that the answer cites."""

    url: str
    title: str


class TokenCount(msgspec.Struct, frozen=True):
    """Numbers of the usage record, in tokens. `output` includes `reasoning`."""

    input: int
    output: int
    reasoning: int = 0
    cached: int = 0


class Answer(msgspec.Struct, frozen=True, kw_only=True):
    """Content of an answer, without its form. `created` is in seconds since 1970."""

    text: str = ""
    reasoning: str = ""
    refusal: str = ""
    tool_calls: tuple[ToolCall, ...] = ()
    sources: tuple[Source, ...] = ()
    finish_reason: str = "stop"
    usage: TokenCount | None = None
    model: str = "demo"
    id: str = "chatcmpl-demo"
    created: int = 0


def words(text: str) -> list[str]:
    """Split text into words that carry the white space before them; joined it is the same."""
    return re.findall(r"\s*\S+|\s+\Z", text)


def records(answer: Answer, *, include_usage: bool = False, split: Splitter = words) -> list[bytes]:
    """Write the answer as SSE records, from the role to `[DONE]`, one record an item.

    `split` cuts text, reasoning, refusal and arguments into deltas. With `include_usage` every
    chunk has `usage: null` and one with `choices: []` carries the count, as OpenAI does it.
    """
    deltas: list[dict[str, Any]] = [{"role": "assistant", "content": ""}]
    deltas += [{"reasoning_content": piece} for piece in split(answer.reasoning)]
    deltas += [{"content": piece} for piece in split(answer.text)]
    deltas += [{"refusal": piece} for piece in split(answer.refusal)]
    if answer.sources:
        deltas.append({"annotations": _annotations(answer)})
    for index, call in enumerate(answer.tool_calls):
        opening = {"name": call.name, "arguments": ""}
        head = {"index": index, "id": call.id, "type": "function", "function": opening}
        deltas.append({"tool_calls": [head]})
        for piece in split(call.arguments):
            rest = {"index": index, "function": {"arguments": piece}}
            deltas.append({"tool_calls": [rest]})
    nothing_yet = {"usage": None} if include_usage else {}
    written = [_chunk(answer, [_choice(delta, None)], nothing_yet) for delta in deltas]
    written.append(_chunk(answer, [_choice({}, answer.finish_reason)], nothing_yet))
    if include_usage:
        written.append(_chunk(answer, [], {"usage": _usage(answer.usage)}))
    return [*written, DONE]


def body(answer: Answer) -> bytes:
    """Write the same answer as the one JSON body of a non-streaming response."""
    message: dict[str, Any] = {
        "role": "assistant",
        "content": None if answer.tool_calls and not answer.text else answer.text,
        "refusal": answer.refusal or None,
    }
    if answer.reasoning:
        message["reasoning_content"] = answer.reasoning
    if answer.sources:
        message["annotations"] = _annotations(answer)
    if answer.tool_calls:
        message["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": call.arguments},
            }
            for call in answer.tool_calls
        ]
    choice = {
        "index": 0,
        "message": message,
        "logprobs": None,
        "finish_reason": answer.finish_reason,
    }
    whole: dict[str, Any] = _envelope(answer, "chat.completion") | {"choices": [choice]}
    if answer.usage is not None:
        whole["usage"] = _usage(answer.usage)
    return msgspec.json.encode(whole)


def error_body(
    message: str, *, type: str, code: str | int | None = None, param: str | None = None
) -> bytes:
    """Write an error as OpenAI does: `{"error": {message, type, param, code}}`."""
    error = {"message": message, "type": type, "param": param, "code": code}
    return msgspec.json.encode({"error": error})


def error_record(message: str, *, type: str, code: str | int | None = None) -> bytes:
    """Write the same error as a record inside a stream that began with status 200."""
    return b"data: " + error_body(message, type=type, code=code) + b"\n\n"


def models_body(ids: Iterable[str], *, owned_by: str, created: int = 0) -> bytes:
    """Write the list of models."""
    data = [{"id": id, "object": "model", "created": created, "owned_by": owned_by} for id in ids]
    return msgspec.json.encode({"object": "list", "data": data})


def streamed(chunks: Iterable[bytes | Step]) -> Reply:
    """A streaming response of these chunks, with steps between them where wanted."""
    steps = (chunk if not isinstance(chunk, bytes) else Send(chunk) for chunk in chunks)
    return Reply(200, EVENT_STREAM, tuple(steps))


def whole(data: bytes, *, status: int = 200, headers: dict[str, str] | None = None) -> Reply:
    """A response with one JSON body."""
    return Reply(status, JSON | (headers or {}), (Send(data),))


def _envelope(answer: Answer, object: str) -> dict[str, Any]:
    return {
        "id": answer.id,
        "object": object,
        "created": answer.created,
        "model": answer.model,
    }


def _annotations(answer: Answer) -> list[dict[str, Any]]:
    return [
        {"type": "url_citation", "url_citation": {"url": source.url, "title": source.title}}
        for source in answer.sources
    ]


def _choice(delta: dict[str, Any], finish_reason: str | None) -> dict[str, Any]:
    return {"index": 0, "delta": delta, "logprobs": None, "finish_reason": finish_reason}


def _chunk(answer: Answer, choices: list[dict[str, Any]], extra: dict[str, Any]) -> bytes:
    chunk = _envelope(answer, "chat.completion.chunk") | {"choices": choices} | extra
    return b"data: " + msgspec.json.encode(chunk) + b"\n\n"


def _usage(count: TokenCount | None) -> dict[str, Any] | None:
    if count is None:
        return None
    return {
        "prompt_tokens": count.input,
        "completion_tokens": count.output,
        "total_tokens": count.input + count.output,
        "prompt_tokens_details": {"cached_tokens": count.cached},
        "completion_tokens_details": {"reasoning_tokens": count.reasoning},
    }
