"""Ollama's own protocol: `/api/chat`, one JSON object a line.

Sources: docs/api.md and docs/capabilities/thinking.mdx of https://github.com/ollama/ollama (read in
November 2026), and recorded streams. What `/api/generate`
answers is read too: it differs in the place of the text.

A line is read by the typed structs below: fast, and strict. What they refuse is read as a plain
dict and brought into the same structs by `_lenient_line`, so what a line *means* is written once,
in `_read_line`. A whole answer is a stream of one line.
"""

import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import msgspec

from ..core.errors import ErrorInfo
from ..core.events import (
    ContentDelta,
    Event,
    MessageStart,
    ReasoningDelta,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
)
from ..core.framing import Record
from ..core.messages import File, Message, ToolCall, ToolResult, Usage
from ..core.options import Options, ToolDefinition
from . import decoding, openai_chat
from .failures import failure, is_failure
from .history import settled
from .rendering import Rendered
from .think import ThinkTags
from .tolerant import as_dict, as_int, as_list, as_str, clean, values, whole_characters

NAME = "ollama"
MODELS_PATH = "/api/tags"


# --- what goes out -----------------------------------------------------------------------------


def render(
    messages: Sequence[Message],
    *,
    model: str,
    options: Options,
    stream: bool,
    habits: frozenset[str] = frozenset(),
) -> Rendered:
    """The request that asks `model` to go on with `messages`.

    A model can't be made to call a tool, only be kept from it or be offered a single one. No
    habits so far.
    """
    tools = [{"type": "function", "function": tool} for tool in _offered(options)]
    settings = {
        "temperature": options.temperature,
        "top_p": options.top_p,
        "num_predict": options.max_tokens,
        "stop": options.stop,
        "seed": options.seed,
    }
    settings = {name: value for name, value in settings.items() if value is not None}
    body: dict[str, Any] = {"model": model, "messages": list(_render_messages(messages))}
    body["stream"] = stream
    if tools:
        body["tools"] = tools
    if (think := _think(model, options.reasoning_effort)) is not None:
        body["think"] = think
    body |= options.extra
    if settings:
        body["options"] = settings | as_dict(body.get("options"))
    return Rendered("/api/chat", msgspec.json.encode(body))


def _offered(options: Options) -> list[ToolDefinition]:
    if options.tool_choice == "none":
        return []
    if options.tool_choice in ("auto", "required"):
        return options.tools
    return [tool for tool in options.tools if tool.name == options.tool_choice]


def _think(model: str, effort: str | None) -> bool | str | None:
    if effort is None:
        return None
    # Other models have levels too, which only `/api/show` tells; «yes» is each one's default.
    if effort != "none" and "gpt-oss" in model:
        return effort if effort in ("low", "medium", "high") else "low"
    return effort != "none"


def authorization(key: str) -> dict[str, str]:
    """The headers that carry the key: for ollama.com, and for proxies before one's own."""
    return openai_chat.authorization(key)


def parse_models(body: bytes) -> list[str]:
    """Return the names of a `/api/tags` response, in its order; empty where it holds none."""
    return openai_chat.parse_models(body)


def _render_messages(messages: Sequence[Message]) -> Iterator[dict[str, Any]]:
    names: dict[str, str] = {}
    for message in settled(messages):
        if message.role == "tool":
            for part in message.parts:
                if isinstance(part, ToolResult):
                    name = part.name or names.get(part.call_id, "")
                    yield {"role": "tool", "tool_name": name, "content": part.content}
            continue
        names |= {call.id: call.name for call in message.tool_calls}
        yield _render_message(message)


def _render_message(message: Message) -> dict[str, Any]:
    text = message.text or message.refusal
    images = []
    for file in message.files if message.role == "user" else ():
        _, is_data, data = file.url.partition(";base64,")
        if is_data:
            images.append(data)
        else:
            text = f"{text}\n{file.url}".strip()  # Ollama fetches nothing
    rendered: dict[str, Any] = {"role": message.role, "content": text}
    if images:
        rendered["images"] = images
    if message.reasoning and message.protocol == NAME:
        rendered["thinking"] = message.reasoning
    if message.tool_calls:
        rendered["tool_calls"] = [_render_call(call) for call in message.tool_calls]
    return rendered


def _render_call(call: ToolCall) -> dict[str, Any]:
    try:
        arguments = msgspec.json.decode(call.arguments or "{}", type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        arguments = {}  # what the model wrote was no object, and nothing else is taken
    return {"function": {"name": call.name, "arguments": arguments}}


# --- what comes in: shapes ---------------------------------------------------------------------

_NOTHING = msgspec.Raw(b"")


class _Function(msgspec.Struct):
    name: str | None = None
    arguments: msgspec.Raw = _NOTHING  # an object, kept as it was written


class _ToolCall(msgspec.Struct):
    id: str | None = None
    function: _Function | None = None


class _Message(msgspec.Struct):
    content: str | None = None
    thinking: str | None = None
    tool_calls: list[_ToolCall] | None = None
    images: list[str] | None = None


class _Line(msgspec.Struct):
    model: str | None = None
    created_at: str | None = None
    message: _Message | None = None
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


_LINE = msgspec.json.Decoder(_Line)

_USAGE = (
    "prompt_eval_count",
    "eval_count",
    "total_duration",
    "load_duration",
    "prompt_eval_duration",
    "eval_duration",
)


# --- what comes in: meaning --------------------------------------------------------------------


class Decoder(decoding.Decoder):
    """Decodes a stream of `/api/chat` or `/api/generate`, or a whole response."""

    name: ClassVar[str] = NAME

    def __init__(self) -> None:
        super().__init__()
        self._has_started = False
        self._minted_id = "call"
        self._think = ThinkTags()
        self._calls = 0
        self._halves = {"content": "", "thinking": ""}  # a character cut in two
        self._has_strangers = False

    def _read(self, record: Record, out: list[Event]) -> None:
        try:
            line = _LINE.decode(record.data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self._read_leniently(record, out)
            return
        if line.done is None or line.error is not None:
            # Not one of Ollama's lines: a failure, or something to pass over.
            self._read_leniently(record, out)
        else:
            self._read_line(line, out)

    def _read_leniently(self, record: Record, out: list[Event]) -> None:
        if record.data.strip() == b"[DONE]":  # a gateway's
            self.ended = True
            return
        found, bad = values(record.data)
        for text in bad:
            self._pass_over(text, out)
        for value in found:
            for item in value if isinstance(value, list) else [value]:
                fields = as_dict(item)
                if fields.get("error") or record.event == "error" or _is_failure(fields):
                    self._fail(out, _failure(clean(item)))
                if fields.keys() & {"message", "response", "thinking", "done", "image"}:
                    self._read_line(_lenient_line(fields), out)
                elif not (fields.get("error") or item == {} or self._has_strangers):
                    self._has_strangers = True
                    self._warn(out, "A record is nothing that this protocol knows.", item)

    def _read_line(self, line: _Line, out: list[Event]) -> None:
        if not self._has_started and (line.model or line.created_at):
            self._has_started = True
            out.append(MessageStart("", line.model or ""))
            # Results are found by the id of their call in the whole history.
            if moment := re.sub(r"\D", "", line.created_at or ""):
                self._minted_id = f"call_{moment}"
        message = line.message or _Message()
        if thinking := message.thinking or line.thinking:
            thinking = self._mended("thinking", thinking)
            if thinking:
                out.append(ReasoningDelta(thinking))
        if content := message.content or line.response:
            self._read_content(content, out)
        for call in message.tool_calls or ():
            self._read_call(call, out)
        for image in message.images or ():
            out.append(_image(image))
        if line.image:
            out.append(_image(line.image))
        if line.done:
            self._end(line, out)

    def _read_content(self, text: str, out: list[Event]) -> None:
        text = self._mended("content", text)
        if self._think.is_over:
            if text:
                out.append(ContentDelta(text))
        else:
            self._append_split(*self._think.feed(text), out)

    def _append_split(self, reasoning: str, content: str, out: list[Event]) -> None:
        if reasoning:
            out.append(ReasoningDelta(reasoning))
        if content:
            out.append(ContentDelta(content))

    def _mended(self, piece: str, text: str) -> str:
        if self._halves[piece] or not text.isascii():
            text, self._halves[piece] = whole_characters(self._halves[piece] + text)
        return text

    def _read_call(self, call: _ToolCall, out: list[Event]) -> None:
        """Calls come whole, each once. Most have no id, and none an index that counts them."""
        function = call.function or _Function()
        id = call.id or f"{self._minted_id}_{self._calls}"
        out.append(ToolCallStart(self._calls, id, function.name or ""))
        if arguments := _arguments(function.arguments):
            out.append(ToolCallDelta(self._calls, arguments))
        self._calls += 1

    def _end(self, line: _Line, out: list[Event]) -> None:
        self.ended = True
        # Early versions end without a reason.
        self._finish_raw = line.done_reason or self._finish_raw
        raw = {name: value for name in _USAGE if (value := getattr(line, name)) is not None}
        asked, said = line.prompt_eval_count, line.eval_count
        usage = Usage(
            input_tokens=asked,
            output_tokens=said,
            total_tokens=None if asked is None or said is None else asked + said,
            raw=raw,
        )
        self._usage = usage if self._usage is None else self._usage.updated(usage)
        out.append(usage)

    def _flush(self, out: list[Event]) -> None:
        if self._halves["thinking"]:
            out.append(ReasoningDelta("\ufffd"))
        if self._halves["content"]:
            self._append_split(*self._think.feed("\ufffd"), out)
        self._append_split(*self._think.close(), out)
        out.extend(ToolCallEnd(index) for index in range(self._calls))


def _arguments(raw: msgspec.Raw) -> str:
    text = bytes(raw).decode("utf-8", "replace")
    if text in ("", "null"):
        return "{}"  # how a call without arguments is written
    if text.startswith('"'):  # some proxies write the object into a string
        return as_str(msgspec.json.decode(text))
    return text


def _image(data: str) -> File:
    if data.startswith(("data:", "https:", "http:")):
        return File(data)
    return File(f"data:image/png;base64,{data}", "image/png")


def _is_failure(fields: dict[str, Any]) -> bool:
    return "done" not in fields and is_failure(fields)


def _failure(payload: Any) -> ErrorInfo:
    info = failure(payload)
    if info.kind == "unknown":
        # All that Ollama has for it are words; before the stream it would be HTTP status 500.
        info = msgspec.structs.replace(info, kind="server", retryable=True)
    if info.message:
        return info
    return msgspec.structs.replace(info, message="The provider reported an error without words.")


# --- what comes in: unusual shapes -------------------------------------------------------------


def _lenient_line(fields: dict[str, Any]) -> _Line:
    message = fields.get("message")
    if isinstance(message, str):  # the text itself, without an object around it
        message = {"content": message}
    return _Line(
        model=as_str(fields.get("model")),
        created_at=as_str(fields.get("created_at")),
        message=_lenient_message(as_dict(message)),
        response=_text_or_none(fields.get("response")),
        thinking=_text_or_none(fields.get("thinking")),
        image=as_str(fields.get("image")),
        done=fields.get("done") in (True, "true", 1),
        done_reason=as_str(fields.get("done_reason")) or None,
        **{name: as_int(fields.get(name)) for name in _USAGE},
    )


def _lenient_message(fields: dict[str, Any]) -> _Message:
    calls = fields.get("tool_calls")
    if isinstance(calls, dict):  # one call, without the list around it
        calls = [calls]
    return _Message(
        content=_text_or_none(fields.get("content")),
        thinking=_text_or_none(fields.get("thinking")),
        tool_calls=[_lenient_call(call) for call in as_list(calls) if isinstance(call, dict)],
        images=[image for image in map(as_str, as_list(fields.get("images"))) if image],
    )


def _lenient_call(fields: dict[str, Any]) -> _ToolCall:
    function = fields.get("function")
    inner = function if isinstance(function, dict) else fields
    arguments = json.dumps(clean(inner.get("arguments")), ensure_ascii=False).encode()
    return _ToolCall(
        as_str(fields.get("id")), _Function(as_str(inner.get("name")), msgspec.Raw(arguments))
    )


def _text_or_none(value: Any) -> str | None:
    """Text as it came, lone surrogates too; a number or an object is written out, not lost."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(clean(value), ensure_ascii=False)
