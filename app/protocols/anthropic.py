"""Anthropic Messages, and the servers that speak it too (llama.cpp, and many gateways).

Source: https://platform.claude.com/docs/en/api/messages and
https://platform.claude.com/docs/en/build-with-claude/streaming, as of November 2026.

An answer is a list of blocks, each with an index: started, filled by deltas, stopped. A whole
response is the same list at once. Records are read by the typed structs below: fast, and strict.
What they refuse is read as a plain dict and brought into the same structs by `_lenient_event`, so
what an event *means* is written once, in `Decoder`.
"""

import base64
import json
import re
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar

import msgspec

from ..core.errors import ErrorInfo
from ..core.events import (
    Event,
    Heartbeat,
    MessageStart,
    ReasoningDelta,
    StepReset,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
)
from ..core.framing import Record
from ..core.messages import (
    File,
    Message,
    ProviderTool,
    Reasoning,
    Refusal,
    Source,
    Text,
    ToolCall,
    ToolResult,
    Usage,
)
from ..core.options import Options
from . import decoding
from .answer_text import AnswerText
from .data_urls import parse_data_url
from .failures import failure, is_failure
from .history import settled
from .rendering import Rendered
from .tolerant import as_dict, as_int, as_list, as_str, clean, values

NAME = "anthropic-messages"
MODELS_PATH = "/models?limit=1000"

_VERSION = "2023-06-01"

# The limit of an answer must be sent. This is what every model in service takes.
_DEFAULT_MAX_TOKENS = 8192

# What stands for our word on a model that wants a number of tokens; the least it takes is 1024.
_THINKING_TOKENS = {"minimal": 1024, "low": 2048, "medium": 8192, "high": 24576}

# From version 4.6 on a model chooses itself how long to think, and from 4.7 on it must.
_ADAPTIVE = re.compile(r"claude-[a-z]+-(?:4-(?:[6-9]|\d\d)(?!\d)|(?:[5-9]|\d\d)(?!\d))")

_NOT_IN_AN_ID = re.compile(r"[^a-zA-Z0-9_-]")


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

    There is no `seed` here. Habits: none.
    """
    system = "\n\n".join(m.text for m in messages if m.role == "system" and m.text)
    turns = _turns([message for message in messages if message.role != "system"])
    thinking = _thinking(model, options, messages)
    max_tokens = options.max_tokens or _DEFAULT_MAX_TOKENS
    if budget := as_dict(thinking.get("thinking")).get("budget_tokens"):
        # The answer has to fit behind the thinking.
        max_tokens = max(max_tokens, budget + _DEFAULT_MAX_TOKENS)
    tools = [
        {"name": tool.name, "description": tool.description, "input_schema": tool.parameters}
        for tool in options.tools
    ]
    settings = {
        "system": system or None,
        # While it thinks a model refuses to be told how to roll its dice.
        "temperature": None if thinking else options.temperature,
        "top_p": None if thinking else options.top_p,
        "stop_sequences": options.stop,
        "tools": tools or None,
        "tool_choice": _tool_choice(options) if tools else None,
    }
    body: dict[str, Any] = {"model": model, "max_tokens": max_tokens, "messages": turns}
    body |= {name: value for name, value in settings.items() if value is not None}
    body |= thinking | {"stream": stream}
    return Rendered("/messages", msgspec.json.encode(body | options.extra), dict(_HEADERS))


_HEADERS = {"anthropic-version": _VERSION}


def authorization(key: str) -> dict[str, str]:
    """The headers that carry the key, and those without which it is not looked at."""
    return {"x-api-key": key} | _HEADERS


def parse_models(body: bytes) -> list[str]:
    """Return the model ids of a `/models` response, in its order; empty where it holds none."""
    parsed, _ = values(body)
    entries = as_list(as_dict(parsed[0]).get("data")) if parsed else []
    return [model for entry in entries if (model := as_str(as_dict(entry).get("id")))]


def _tool_choice(options: Options) -> dict[str, str]:
    kinds = {"auto": "auto", "none": "none", "required": "any"}
    if kind := kinds.get(options.tool_choice):
        return {"type": kind}
    return {"type": "tool", "name": options.tool_choice}


def _thinking(model: str, options: Options, messages: Sequence[Message]) -> dict[str, Any]:
    """The part of the body that asks for thinking; empty where there is to be none."""
    effort = options.reasoning_effort
    if effort is None or effort == "none":
        return {}
    if options.tools and options.tool_choice not in ("auto", "none"):
        return {}  # a forced call leaves no room for thoughts
    if _ADAPTIVE.search(model):
        return {
            # Else the newer models keep their words to themselves.
            "thinking": {"type": "adaptive", "display": "summarized"},
            "output_config": {"effort": "low" if effort == "minimal" else effort},
        }
    if _is_amid_calls_without_thoughts(messages):
        return {}
    return {"thinking": {"type": "enabled", "budget_tokens": _THINKING_TOKENS[effort]}}


def _is_amid_calls_without_thoughts(messages: Sequence[Message]) -> bool:
    """Whether results follow a turn that did not think: thinking can't begin in its middle."""
    if not messages or messages[-1].role != "tool":
        return False
    asked = next((m for m in reversed(messages) if m.role == "assistant"), None)
    return asked is None or not any(
        isinstance(part, Reasoning) and part.extra and asked.protocol == NAME
        for part in asked.parts
    )


def _turns(messages: Sequence[Message]) -> list[dict[str, Any]]:
    turns: list[dict[str, Any]] = []
    for message in settled(messages):
        if message.role == "assistant":
            role, blocks = "assistant", list(_assistant_blocks(message))
        else:
            role, blocks = "user", list(_user_blocks(message))
        if not blocks:
            continue
        if turns and turns[-1]["role"] == role:
            turns[-1]["content"] += blocks
        else:
            turns.append({"role": role, "content": blocks})
    return turns


def _user_blocks(message: Message) -> Iterator[dict[str, Any]]:
    for part in message.parts:
        if isinstance(part, ToolResult):
            block: dict[str, Any] = {"type": "tool_result", "tool_use_id": _id(part.call_id)}
            if part.content:
                block["content"] = part.content
            if part.is_error:
                block["is_error"] = True
            yield block
        elif isinstance(part, File):
            yield _file_block(part)
    if message.role != "tool" and message.text.strip():
        yield {"type": "text", "text": message.text}


def _file_block(file: File) -> dict[str, Any]:
    source: dict[str, Any] = {"type": "url", "url": file.url}
    mime_type = file.mime_type
    if inline := parse_data_url(file.url):
        mime_type = mime_type or inline[0]
        source = {"type": "base64", "media_type": mime_type, "data": inline[1]}
        if mime_type.startswith("text/"):
            text = base64.b64decode(inline[1]).decode("utf-8", "replace")
            source = {"type": "text", "media_type": "text/plain", "data": text}
    is_image = not mime_type or mime_type.startswith("image/")
    return {"type": "image" if is_image else "document", "source": source}


def _assistant_blocks(message: Message) -> Iterator[dict[str, Any]]:
    """The blocks of an answer, in their order: the server checks it where there are signatures."""
    is_ours = message.protocol == NAME
    run: list[tuple[int, dict[str, Any]]] = []  # provider's tools that stand side by side
    for part in message.parts:
        if isinstance(part, ProviderTool):
            if is_ours and part.extra:
                run += _provider_blocks(part)
            continue
        if isinstance(part, Source):
            continue
        yield from _in_order(run)
        run = []
        match part:
            case Text(text) | Refusal(text):
                if text.strip():  # blank text is refused
                    yield {"type": "text", "text": text}
            case Reasoning(text, extra) if is_ours:
                kept = as_dict(extra)
                if signature := kept.get("signature"):
                    yield {"type": "thinking", "thinking": text, "signature": signature}
                elif data := kept.get("redacted"):
                    yield {"type": "redacted_thinking", "data": data}
            case ToolCall():
                block = {"type": "tool_use", "id": _id(part.id), "name": part.name or "unknown"}
                extra = as_dict(part.extra) if is_ours else {}
                yield block | {"input": _input(part.arguments)} | extra
    yield from _in_order(run)


def _in_order(run: list[tuple[int, dict[str, Any]]]) -> list[dict[str, Any]]:
    return [block for _, block in sorted(run, key=lambda item: item[0])]


def _provider_blocks(tool: ProviderTool) -> Iterator[tuple[int, dict[str, Any]]]:
    """What `_ProviderTool.part` took apart, put together again."""
    for place, head in tool.extra:
        if head["type"].endswith("_tool_result"):
            yield place, head | {"content": tool.result}
        elif head["type"].endswith("_tool_use"):
            yield place, head | {"input": _input(tool.arguments)}
        else:
            yield place, head | as_dict(tool.result)


def _input(arguments: str) -> Any:
    """Arguments as the object that they must be; what is none is shown to the model as it is."""
    if not arguments.strip():
        return {}
    try:
        return msgspec.json.decode(arguments, type=dict[str, Any])
    except (msgspec.DecodeError, UnicodeEncodeError):
        return {"INVALID_JSON": arguments}


def _id(id: str) -> str:
    """Ids of other providers may hold what is refused here."""
    return _NOT_IN_AN_ID.sub("_", id) or "call"


# --- what comes in: shapes ---------------------------------------------------------------------


class _Delta(msgspec.Struct):
    type: str | None = None
    text: str | None = None
    thinking: str | None = None
    partial_json: str | None = None
    signature: str | None = None
    citation: Any = None
    content: Any = None  # of a compaction
    encrypted_content: Any = None
    stop_reason: str | None = None
    stop_details: Any = None


class _Event(msgspec.Struct):
    """An event of a stream, or a whole response."""

    type: str | None = None
    index: int | None = None
    delta: _Delta | None = None
    content_block: Any = None
    message: Any = None
    usage: Any = None
    error: Any = None
    # Of a whole response:
    id: str | None = None
    model: str | None = None
    content: Any = None
    stop_reason: str | None = None
    stop_details: Any = None


_EVENT = msgspec.json.Decoder(_Event)


# --- what comes in: meaning --------------------------------------------------------------------


class _Block:
    """A block as it grows. `place` counts all blocks of the stream, whatever their index."""

    def __init__(self, place: int, fields: dict[str, Any]) -> None:
        self.place = place
        self.fields = fields
        self.kind = as_str(fields.get("type"))
        self.call: int | None = None  # where it is a tool call: which
        self.tool: _ProviderTool | None = None
        self.json: list[str] = []  # fragments of the input
        self.signature = as_str(fields.get("signature"))
        self.citations: list[Any] = list(as_list(fields.get("citations")))
        self.text_start = 0


class _ProviderTool:
    """A tool that the provider runs, from the block of its call to the block of its result."""

    def __init__(self, id: str, name: str) -> None:
        self.id = id
        self.name = name
        self.arguments = ""
        self.result: Any = None
        self.heads: list[list[Any]] = []  # place and fields of its blocks

    def part(self) -> ProviderTool:
        """The tool with all that is to be echoed, and nothing of it twice."""
        return ProviderTool(self.id, self.name, self.arguments, self.result, self.heads)


class Decoder(decoding.Decoder):
    """Decodes a stream or a whole response of the Messages API."""

    name: ClassVar[str] = NAME

    def __init__(self) -> None:
        super().__init__()
        self._start: MessageStart | None = None
        self._raw_usage: dict[str, Any] = {}
        self._begin_message()

    def _begin_message(self) -> None:
        self._text = AnswerText()
        self._blocks: dict[int, _Block] = {}  # those that are open
        self._place = 0
        self._latest: int | None = None
        self._calls: list[Any] = []  # what each is to be echoed with
        self._tools: list[_ProviderTool] = []  # side by side, not told yet
        self._waiting: dict[str, _ProviderTool] = {}  # those of them without a result
        self._tool_names: dict[str, str] = {}

    def _read(self, record: Record, out: list[Event]) -> None:
        try:
            event = _EVENT.decode(record.data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self._read_leniently(record, out)
            return
        if event.type is None:
            self._read_leniently(record, out)
        else:
            self._read_event(event, out)

    def _read_leniently(self, record: Record, out: list[Event]) -> None:
        if record.data.strip() == b"[DONE]":  # gateways with an OpenAI side
            self.ended = True
            return
        found, bad = values(record.data)
        for text in bad:
            self._pass_over(text, out)
        for value in found:
            for item in value if isinstance(value, list) else [value]:
                self._read_value(item, record.event, out)

    def _read_value(self, value: Any, name: str, out: list[Event]) -> None:
        fields = as_dict(value)
        if not fields and name != "error":
            if value != {}:
                self._warn(out, "A record is not an object and was passed over.", value)
            return
        event = _lenient_event(fields)
        if event.type is None:
            if name == "error" or is_failure(fields):
                event.type, event.error = "error", value
            elif "content" in fields:
                event.type = "message"
            else:
                event.type = name
        self._read_event(event, out)

    def _read_event(self, event: _Event, out: list[Event]) -> None:
        match event.type:
            case "content_block_delta":
                if event.delta is not None:
                    self._read_delta(event.index, event.delta, out)
            case "content_block_start":
                self._start_block(event.index, as_dict(event.content_block), out)
            case "content_block_stop":
                self._stop_block(self._index(event.index), out)
            case "ping":
                out.append(Heartbeat())
            case "message_start":
                self._start_message(as_dict(event.message), out)
            case "message_delta":
                self._read_usage(event.usage, out)
                if event.delta is not None:
                    self._finish(event.delta.stop_reason, event.delta.stop_details, out)
            case "message_stop":
                self.ended = True
            case "error":
                self._fail(out, _failure(event.error))
            case "message":
                self._read_whole(event, out)
            case _ if event.error:
                self._fail(out, _failure(event.error))
            # Other events are to be ignored: new ones may come at any time.

    # --- the message

    def _start_message(self, message: dict[str, Any], out: list[Event]) -> None:
        start = MessageStart(as_str(message.get("id")), as_str(message.get("model")))
        if self._start is None or start.id != self._start.id:
            if self._start is not None:
                self._restart(out)
            self._start = start
            out.append(start)
        self._read_usage(message.get("usage"), out)

    def _restart(self, out: list[Event]) -> None:
        """Another message begins inside the stream."""
        if self.ended or self._finish_raw is not None:
            # The one before was over: a gateway that runs tools itself shows each of its steps.
            self._end_blocks(out)
            self._warn(out, "The stream holds several messages; they are shown as one.")
        else:
            # A proxy asked anew in the middle of it.
            out.append(StepReset("The provider began its answer anew."))
            self._begin_message()
        self.ended = False
        self._finish_raw = None

    def _read_whole(self, event: _Event, out: list[Event]) -> None:
        self._is_whole = True
        fields = {"id": event.id, "model": event.model, "usage": event.usage}
        self._start_message(fields, out)
        content = event.content
        if isinstance(content, str):
            content = [{"type": "text", "text": content}]
        for index, block in enumerate(as_list(content)):
            self._start_block(index, as_dict(block), out)
            self._stop_block(index, out)
        self._finish(event.stop_reason, event.stop_details, out)
        self.ended = True

    def _finish(self, raw: str | None, details: Any, out: list[Event]) -> None:
        if raw:
            self._finish_raw = raw
        # Why the model declined; these are not its own words.
        if explanation := as_str(as_dict(details).get("explanation")):
            self._warn(out, explanation, details)

    def _read_usage(self, raw: Any, out: list[Event]) -> None:
        """Take a snapshot: the second replaces what it names of the first, and says less."""
        merged = self._raw_usage | {k: v for k, v in as_dict(raw).items() if v is not None}
        if merged != self._raw_usage:
            self._raw_usage = merged
            self._usage = _usage(merged)
            out.append(self._usage)

    # --- blocks

    def _start_block(self, index: int | None, fields: dict[str, Any], out: list[Event]) -> None:
        index = self._place if index is None else index
        if index in self._blocks:
            self._stop_block(index, out)
        block = _Block(self._place, fields)
        self._place += 1
        self._latest = index
        self._blocks[index] = block
        kind = block.kind
        if kind in _OURS:
            self._tell_tools(out)
        if kind == "text":
            block.text_start = self._text.length
            if text := fields.get("text"):
                self._text.read(as_str(text), out)
        elif kind == "thinking":
            if text := fields.get("thinking"):
                self._text.read_reasoning(as_str(text), out)
        elif kind == "tool_use":
            self._start_call(block, out)
        elif kind.endswith("_tool_use"):  # server_tool_use, mcp_tool_use
            id = as_str(fields.get("id"))
            block.tool = _ProviderTool(id, as_str(fields.get("name")))
            self._tool_names[id] = block.tool.name
            self._tools.append(block.tool)
            self._waiting[id] = block.tool

    def _start_call(self, block: _Block, out: list[Event]) -> None:
        self._text.settle(out)
        block.call = len(self._calls)
        caller = block.fields.get("caller")
        is_direct = not caller or as_dict(caller).get("type") == "direct"
        self._calls.append(None if is_direct else {"caller": clean(caller)})
        id = as_str(block.fields.get("id")) or f"call_{self._message_id()}{block.call}"
        out.append(ToolCallStart(block.call, id, as_str(block.fields.get("name"))))

    def _message_id(self) -> str:
        return f"{self._start.id}_" if self._start is not None and self._start.id else ""

    def _read_delta(self, index: int | None, delta: _Delta, out: list[Event]) -> None:
        # The delta's own type decides: its index may be of a block that was never started.
        match delta.type:
            case "text_delta":
                if delta.text:
                    self._text.read(delta.text, out)
            case "thinking_delta":
                if delta.thinking:
                    self._text.read_reasoning(delta.thinking, out)
            case "input_json_delta":
                if delta.partial_json:
                    self._read_input(self._block(index, "tool_use", out), delta.partial_json, out)
            case "signature_delta":
                if delta.signature:
                    self._block(index, "thinking", out).signature = as_str(delta.signature)
            case "citations_delta":
                self._block(index, "text", out).citations.append(delta.citation)
            case "compaction_delta":
                fields = self._block(index, "compaction", out).fields
                if isinstance(delta.content, str):
                    fields["content"] = as_str(fields.get("content")) + as_str(delta.content)
                if delta.encrypted_content is not None:
                    fields["encrypted_content"] = clean(delta.encrypted_content)

    def _block(self, index: int | None, kind: str, out: list[Event]) -> _Block:
        index = self._index(index)
        if index not in self._blocks:
            self._start_block(index, {"type": kind}, out)
        return self._blocks[index]

    def _index(self, index: int | None) -> int:
        latest = self._place if self._latest is None else self._latest
        return latest if index is None else index

    def _read_input(self, block: _Block, fragment: str, out: list[Event]) -> None:
        fragment = as_str(fragment)
        block.json.append(fragment)
        if block.call is not None:
            out.append(ToolCallDelta(block.call, fragment))

    def _stop_block(self, index: int, out: list[Event]) -> None:
        block = self._blocks.pop(index, None)
        if block is None:
            return
        kind = block.kind
        if kind == "text":
            if block.citations:
                self._text.settle(out)
                for citation in block.citations:
                    out.append(_source(as_dict(citation), block.text_start, self._text.length))
        elif kind == "thinking":
            if block.signature:
                self._text.settle(out)
                out.append(ReasoningDelta("", {"signature": block.signature}))
        elif kind == "redacted_thinking":
            self._text.settle(out)
            out.append(ReasoningDelta("", {"redacted": as_str(block.fields.get("data"))}))
        elif block.call is not None:
            # Some servers send the input with the start, and no fragments.
            if not block.json and (arguments := _arguments(block.fields.get("input"))):
                out.append(ToolCallDelta(block.call, arguments))
        elif block.tool is not None:
            self._stop_tool_use(block, block.tool)
        elif kind.endswith("_tool_result"):
            self._read_result(block, out)
        elif kind:
            self._read_other(block, out)

    # --- tools that the provider runs

    def _stop_tool_use(self, block: _Block, tool: _ProviderTool) -> None:
        tool.arguments = "".join(block.json) or _arguments(block.fields.get("input"))
        tool.heads.append([block.place, _without(block.fields, "input")])

    def _read_result(self, block: _Block, out: list[Event]) -> None:
        id = as_str(block.fields.get("tool_use_id"))
        tool = self._waiting.pop(id, None)
        if tool is None:
            # Its call was told before, or came in the turn before this one (`pause_turn`).
            name = self._tool_names.get(id) or block.kind.removesuffix("_tool_result")
            tool = _ProviderTool(id, name)
            self._tools.append(tool)
        tool.result = clean(block.fields.get("content"))
        tool.heads.append([block.place, _without(block.fields, "content")])
        if not self._waiting:
            self._tell_tools(out)

    def _read_other(self, block: _Block, out: list[Event]) -> None:
        """Compactions, fallbacks to another model, and kinds that are still to come.

        They are something that the provider did, and it wants to see them again.
        """
        self._tell_tools(out)
        tool = _ProviderTool(as_str(block.fields.get("id")), block.kind)
        tool.result = _without(block.fields, "type")
        tool.heads.append([block.place, {"type": block.kind}])
        self._tools.append(tool)
        self._tell_tools(out)

    def _tell_tools(self, out: list[Event]) -> None:
        if self._tools:
            self._text.settle(out)
            out.extend(tool.part() for tool in self._tools)
            self._tools = []
            self._waiting = {}

    # --- the end

    def _end_blocks(self, out: list[Event]) -> None:
        for index in list(self._blocks):
            self._stop_block(index, out)
        self._tell_tools(out)
        self._text.settle(out)

    def _flush(self, out: list[Event]) -> None:
        self._end_blocks(out)
        for call, extra in enumerate(self._calls):
            out.append(ToolCallEnd(call, extra))


# Kinds of blocks that end a row of the provider's tools.
_OURS = {"text", "thinking", "redacted_thinking", "tool_use"}


def _without(fields: dict[str, Any], name: str) -> dict[str, Any]:
    return {key: clean(value) for key, value in fields.items() if key != name}


def _arguments(input: Any) -> str:
    """An input that came whole, as JSON text; an empty one as no text, as in a stream."""
    if not input:
        return ""
    return as_str(input) or json.dumps(clean(input), ensure_ascii=False)


def _source(citation: dict[str, Any], start: int, end: int) -> Source:
    """A citation of the text between `start` and `end`. Documents have a title and no address."""
    url = as_str(citation.get("url")) or as_str(citation.get("source"))
    title = as_str(citation.get("title")) or as_str(citation.get("document_title"))
    return Source(url, title, as_str(citation.get("cited_text")), start, end)


def _usage(raw: dict[str, Any]) -> Usage:
    cached = as_int(raw.get("cache_read_input_tokens"))
    parts = [as_int(raw.get("input_tokens")), cached]
    parts.append(as_int(raw.get("cache_creation_input_tokens")))
    counted = [part for part in parts if part is not None]
    details = as_dict(raw.get("output_tokens_details"))
    return Usage(
        # What was read from a cache or written to it is counted apart here.
        input_tokens=sum(counted) if counted else None,
        output_tokens=as_int(raw.get("output_tokens")),
        cached_tokens=cached,
        reasoning_tokens=as_int(details.get("thinking_tokens")),
        raw=clean(raw),
    )


def _failure(error: Any) -> ErrorInfo:
    fields = as_dict(error)
    info = failure(error if "error" in fields else {"error": error})
    if info.message:
        return info
    return msgspec.structs.replace(info, message="The provider reported an error without words.")


# --- what comes in: unusual shapes -------------------------------------------------------------


def _lenient_event(fields: dict[str, Any]) -> _Event:
    delta = fields.get("delta")
    return _Event(
        type=as_str(fields.get("type")) or None,
        index=as_int(fields.get("index")),
        delta=_lenient_delta(delta) if isinstance(delta, dict) else None,
        content_block=fields.get("content_block"),
        message=fields.get("message"),
        usage=clean(fields.get("usage")),
        error=fields.get("error"),
        id=as_str(fields.get("id")) or None,
        model=as_str(fields.get("model")) or None,
        content=fields.get("content"),
        stop_reason=as_str(fields.get("stop_reason")) or None,
        stop_details=fields.get("stop_details"),
    )


def _lenient_delta(fields: dict[str, Any]) -> _Delta:
    fragment = fields.get("partial_json")
    if isinstance(fragment, dict | list):  # the object itself
        fragment = json.dumps(clean(fragment), ensure_ascii=False)
    return _Delta(
        type=as_str(fields.get("type")) or None,
        text=_text(fields.get("text")),
        thinking=_text(fields.get("thinking")),
        partial_json=_text(fragment),
        signature=_text(fields.get("signature")),
        citation=fields.get("citation"),
        content=fields.get("content"),
        encrypted_content=fields.get("encrypted_content"),
        stop_reason=as_str(fields.get("stop_reason")) or None,
        stop_details=fields.get("stop_details"),
    )


def _text(value: Any) -> str | None:
    """Text as it came, lone surrogates too; what is none is written out, not lost."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(clean(value), ensure_ascii=False)
