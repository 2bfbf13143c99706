"""OpenAI Responses, and those who offer it besides: Azure, xAI, OpenRouter, DeepSeek, llama.cpp.

Described at https://platform.openai.com/docs/api-reference/responses-streaming; written from
recorded streams and the types of OpenAI's Python package 3.52.0 (November 2026). Each provider's
own habits are named where they are handled.

An answer is a list of items: messages, reasoning, calls, tools that the provider ran. A stream
tells each item three times, in deltas, whole at its end, and in the response at the very end. The
deltas are shown as they come; the later tellings fill in what the deltas left out, and where they
say something else, they count.

A record is read by the typed struct below: fast, and strict. What it refuses is read as a plain
dict and brought into the same struct by `_lenient_event`, so what an event *means* is written once.
"""

import json
import re
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, ClassVar

import msgspec

from ..core.errors import ErrorInfo
from ..core.events import (
    ContentDelta,
    Event,
    Heartbeat,
    MessageStart,
    ReasoningDelta,
    RefusalDelta,
    StepReset,
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
from . import decoding, openai_chat
from .decoding import finish_reason
from .failures import failure, is_failure
from .history import settled
from .rendering import Rendered
from .think import ThinkTags
from .tolerant import as_dict, as_int, as_list, as_str, clean, values, whole_characters
from .tool_calls import ToolCalls

NAME = "openai-responses"
MODELS_PATH = openai_chat.MODELS_PATH

# OpenAI's models that reason: only these have something to encrypt.
_REASONS = re.compile(r"(?:^|/)(?:o\d|codex|gpt-(?:[5-9]|\d\d)(?!.*chat))")

_CALLS = ("function_call", "custom_tool_call")


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

    Nothing is left with the provider (`store` is false), so reasoning comes encrypted and is sent
    back with the history. The protocol has no stop sequences and no seed: those options are left
    out. No habits so far.
    """
    reasons = bool(_REASONS.search(model)) or options.reasoning_effort not in (None, "none")
    body: dict[str, Any] = {"model": model, "input": list(_render_messages(messages))}
    settings = {
        "temperature": options.temperature,
        "top_p": options.top_p,
        "max_output_tokens": options.max_tokens,
        "reasoning": {"effort": options.reasoning_effort} if options.reasoning_effort else None,
        "include": ["reasoning.encrypted_content"] if reasons else None,
        "tools": [
            {
                "type": "function",
                "name": tool.name,
                "description": tool.description,
                "parameters": tool.parameters,
                # Required here; strictly, only schemas of a narrower kind could be used.
                "strict": False,
            }
            for tool in options.tools
        ]
        or None,
        "tool_choice": _tool_choice(options) if options.tools else None,
    }
    body |= {name: value for name, value in settings.items() if value is not None}
    body |= {"store": False, "stream": stream}
    return Rendered("/responses", msgspec.json.encode(body | options.extra))


def _tool_choice(options: Options) -> Any:
    if options.tool_choice in ("auto", "none", "required"):
        return options.tool_choice
    return {"type": "function", "name": options.tool_choice}


def authorization(key: str) -> dict[str, str]:
    """The headers that carry the key."""
    return openai_chat.authorization(key)


def parse_models(body: bytes) -> list[str]:
    """Return the model ids of a `/models` response, in its order; empty where it holds none."""
    return openai_chat.parse_models(body)


def _render_messages(messages: Sequence[Message]) -> Iterator[dict[str, Any]]:
    custom: set[str] = set()  # the calls whose result is told by another name
    for message in settled(messages):
        if message.role == "tool":
            for part in message.parts:
                if isinstance(part, ToolResult):
                    kind = "custom_tool_call" if part.call_id in custom else "function_call"
                    result = {"call_id": part.call_id, "output": part.content}
                    yield {"type": f"{kind}_output"} | result
        elif message.role == "assistant":
            for item in _render_answer(message):
                if item.get("type") == "custom_tool_call":
                    custom.add(item["call_id"])
                yield item
        else:
            yield {"role": message.role, "content": _render_content(message)}


def _render_content(message: Message) -> Any:
    if message.role != "user" or not message.files:
        return message.text
    text = [{"type": "input_text", "text": message.text}] if message.text else []
    return [*text, *map(_render_file, message.files)]


def _render_file(file: File) -> dict[str, Any]:
    is_data = file.url.startswith("data:")
    mime_type = file.mime_type or (file.url[5:].partition(";")[0] if is_data else "")
    if not mime_type or mime_type.startswith("image/"):
        return {"type": "input_image", "image_url": file.url}
    if not is_data:
        return {"type": "input_file", "file_url": file.url}
    name = "file." + mime_type.rpartition("/")[2]
    return {"type": "input_file", "filename": name, "file_data": file.url}


def _render_answer(message: Message) -> Iterator[dict[str, Any]]:
    # An answer that broke off may hold reasoning without what has to follow it.
    is_ours = message.protocol == NAME and message.status == "complete"
    reasoning = [part for part in message.parts if isinstance(part, Reasoning)]
    # An item's id means something only together with the reasoning that led to it.
    with_ids = is_ours and any(_is_echoed(part) for part in reasoning)
    for place, part in enumerate(message.parts):
        match part:
            case Text():
                yield _render_text(part.text)
            case Refusal() if not message.text:
                yield _render_text(part.text)
            case Reasoning() if is_ours and _is_echoed(part):
                yield part.extra
            case ProviderTool() if is_ours and isinstance(part.extra, dict):
                following = message.parts[place + 1] if place + 1 < len(message.parts) else None
                yield _render_provider_tool(part.extra, following)
            case ToolCall():
                yield _render_call(part, is_ours, with_ids)


def _render_text(text: str) -> dict[str, Any]:
    # llama.cpp wants the type told, which OpenAI leaves free.
    return {"type": "message", "role": "assistant", "content": text}


def _is_echoed(part: Reasoning) -> bool:
    """Whether the provider can make something of it: it has not kept the item itself."""
    extra = as_dict(part.extra)
    return bool(extra.get("encrypted_content") or extra.get("content"))


def _render_call(call: ToolCall, is_ours: bool, with_ids: bool) -> dict[str, Any]:
    extra = as_dict(call.extra) if is_ours else {}
    rendered = {name: value for name, value in extra.items() if with_ids or name != "id"}
    rendered |= {"type": extra.get("type", "function_call"), "call_id": call.id, "name": call.name}
    if rendered["type"] == "custom_tool_call":
        return rendered | {"input": call.arguments}
    return rendered | {"arguments": call.arguments or "{}"}


def _render_provider_tool(extra: dict[str, Any], following: object) -> dict[str, Any]:
    """The item as it came; an image that it made is kept beside it as a file."""
    if extra.get("type") == "image_generation_call" and isinstance(following, File):
        _, is_data, image = following.url.partition(";base64,")
        return extra | {"result": image} if is_data else extra
    return extra


# --- what comes in: shapes ---------------------------------------------------------------------


class _Event(msgspec.Struct):
    type: str | None = None
    output_index: int | None = None
    item_id: str | None = None
    content_index: int | None = None
    summary_index: int | None = None
    delta: str | None = None
    # The piece once more in whole, by the name that it has there:
    text: str | None = None
    refusal: str | None = None
    arguments: str | None = None
    input: str | None = None
    item: dict[str, Any] | None = None
    annotation: dict[str, Any] | None = None
    response: dict[str, Any] | None = None
    partial_image_b64: str | None = None
    output_format: str | None = None


_EVENT = msgspec.json.Decoder(_Event)

# Which piece of which kind of item an event adds to. The last of each kind are older names.
_DELTAS = {
    "response.output_text.delta": ("message", "text"),
    "response.refusal.delta": ("message", "refusal"),
    "response.reasoning_summary_text.delta": ("reasoning", "summary"),
    "response.reasoning_summary.delta": ("reasoning", "summary"),
    "response.reasoning_text.delta": ("reasoning", "content"),
    "response.reasoning.delta": ("reasoning", "content"),
    "response.function_call_arguments.delta": ("function_call", "arguments"),
    "response.custom_tool_call_input.delta": ("custom_tool_call", "arguments"),
}

# The same pieces in whole. Some providers send no deltas of them.
_WHOLES = {name.removesuffix("delta") + "done": target for name, target in _DELTAS.items()}

# What ends the stream. `response.done` is the realtime protocol's name for it.
_ENDS = {f"response.{word}" for word in ("completed", "incomplete", "failed", "cancelled", "done")}
_FINAL_STATUSES = {"completed", "incomplete", "failed", "cancelled"}

# Signs that a tool of the provider is at work.
_PROGRESS = re.compile(
    r"response\.\w+\.(?:in_progress|searching|interpreting|generating|compacting|completed|failed)"
)


class _Item:
    """One item of the answer as it grows. `order` counts the items of all responses."""

    __slots__ = (
        "call",
        "cited",
        "differs",
        "final",
        "id",
        "kind",
        "order",
        "preview",
        "said",
        "starts",
    )

    def __init__(self, kind: str, id: str, order: int) -> None:
        self.kind = kind
        self.id = id
        self.order = order
        self.said: dict[tuple[str, int], list[str]] = {}  # by piece: what was streamed of it
        self.starts: dict[int, int] = {}  # where a piece of text begins in the whole text
        self.cited: dict[int, int] = {}  # how many citations a piece of text has had
        self.call = ("", "")  # of a call: its id and name
        self.preview: File | None = None  # of an image that is still being made
        self.final: dict[str, Any] | None = None  # as it was told at its end
        self.differs = False  # whether that is not what was streamed

    def told(self, piece: str, index: int = 0) -> str:
        return "".join(self.said.get((piece, index), ()))


# --- what comes in: meaning --------------------------------------------------------------------


class Decoder(decoding.Decoder):
    """Decodes a Responses stream or a whole response."""

    name: ClassVar[str] = NAME

    def __init__(self) -> None:
        super().__init__()
        self._start = MessageStart()
        self._raw_usage: Any = None
        self._orders = 0
        self._has_strangers = False
        self._forget()

    def _forget(self) -> None:
        """Begin with no items, as at the start."""
        self._items: list[_Item] = []
        self._by_index: dict[int, _Item] = {}
        self._by_id: dict[str, _Item] = {}
        self._latest: dict[str, _Item] = {}  # of each kind
        self._calls = ToolCalls()
        self._think = ThinkTags()
        self._text_length = 0
        self._text_item: _Item | None = None  # the one that said text last
        self._halves: dict[tuple[int, str, int], str] = {}  # characters cut in two

    def _read(self, record: Record, out: list[Event]) -> None:
        try:
            event = _EVENT.decode(record.data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self._read_leniently(record, out)
            return
        name = event.type or record.event
        target = _DELTAS.get(name)
        if target is not None:
            if event.delta:
                self._read_delta(event, target, event.delta, out)
        elif name.startswith("response."):
            self._read_event(name, event, out)
        else:
            # A failure, a whole response, the end of other protocols, or something to pass over.
            self._read_leniently(record, out)

    def _read_leniently(self, record: Record, out: list[Event]) -> None:
        if record.data.strip() == b"[DONE]":  # OpenRouter, and gateways that know only Chat
            self.ended = True
            return
        found, bad = values(record.data)
        for text in bad:
            if not text.startswith(":"):
                self._pass_over(text, out)
        for value in found:
            for item in value if isinstance(value, list) else [value]:
                self._read_value(item, record.event, out)

    def _read_value(self, value: Any, event_name: str, out: list[Event]) -> None:
        fields = as_dict(value)
        name = as_str(fields.get("type")) or event_name
        if name in _DELTAS:
            event = _lenient_event(fields)
            if event.delta:
                self._read_delta(event, _DELTAS[name], event.delta, out, is_clean=False)
        elif name.startswith("response."):
            self._read_event(name, _lenient_event(fields), out)
        elif fields.get("object") == "response" or isinstance(fields.get("output"), list):
            self._read_whole(clean(fields), out)
        elif name == "error" or is_failure(fields):
            self._fail(out, _failure(clean(value)))
        elif name == "keepalive":
            out.append(Heartbeat(name))
        elif value != {} and not self._has_strangers:
            self._has_strangers = True
            self._warn(out, "A record is nothing that this protocol knows.", value)

    def _read_delta(
        self,
        event: _Event,
        target: tuple[str, str],
        text: str,
        out: list[Event],
        *,
        is_clean: bool = True,
    ) -> None:
        kind, piece = target
        item = self._item_of(event, kind)
        index = event.summary_index if piece == "summary" else event.content_index
        self._say(item, piece, index or 0, text, out, is_clean=is_clean)

    def _read_event(self, name: str, event: _Event, out: list[Event]) -> None:
        if name == "response.created":
            self._begin(event.response or {}, out)
        elif name in _ENDS:
            self._end(event.response or {}, name.rpartition(".")[2], out)
        elif name == "response.output_item.added":
            self._add(event, event.item or {}, out)
        elif name == "response.output_item.done":
            fields = event.item or {}
            if kind := as_str(fields.get("type")):
                event.item_id = as_str(fields.get("id")) or event.item_id
                self._complete(self._item_of(event, kind), fields, out)
        elif name in _WHOLES:
            kind, piece = _WHOLES[name]
            text = event.text or event.refusal or event.arguments or event.input
            item = self._item_of(event, kind) if text else None
            index = (event.summary_index if piece == "summary" else event.content_index) or 0
            # What the item says at its end counts more, so this only fills a gap.
            if item is not None and item.final is None and not item.told(piece, index):
                self._say(item, piece, index, text or "", out)
        elif name == "response.output_text.annotation.added":
            item = self._item_of(event, "message")
            self._cite(item, event.content_index or 0, event.annotation or {}, out)
        elif name == "response.image_generation_call.partial_image":
            if event.partial_image_b64:
                item = self._item_of(event, "image_generation_call")
                item.preview = _image(event.partial_image_b64, event.output_format)
        elif name in ("response.queued", "response.in_progress"):
            self._tell_start(event.response or {}, out)
        elif _PROGRESS.fullmatch(name):
            out.append(Heartbeat(name.removeprefix("response.")))
        elif name.endswith(".delta"):
            # What a tool of the provider is given: code, a command, a patch. It is kept for the
            # case that the stream breaks off before the tool is told in whole.
            tool = self._known(event)
            if tool is not None and tool.kind not in _READ and event.delta:
                tool.said.setdefault(("partial", 0), []).append(event.delta)
        # Else a kind of event that is newer than this: the items say the same at their end.

    # --- the response as a whole ---

    def _begin(self, response: dict[str, Any], out: list[Event]) -> None:
        id = as_str(response.get("id"))
        if id and self._start.id and id != self._start.id:
            if self._finish_raw is not None:
                # One more response after the end of the first, as when a tool was run between
                # the two: the answer goes on.
                self._items, self._by_index, self._by_id, self._latest = [], {}, {}, {}
                self._finish_raw = self._finish_reason = None
                self.ended = False
            elif self._items:
                self._warn(out, "A second response began before the first had ended.")
                out.append(StepReset("a second response began"))
                self._forget()
            self._start = MessageStart()
        self._tell_start(response, out)

    def _tell_start(self, response: dict[str, Any], out: list[Event]) -> None:
        id, model = as_str(response.get("id")), as_str(response.get("model"))
        # Only what is not known yet: GitHub Copilot changes the ids with every event.
        if (id and not self._start.id) or (model and not self._start.model):
            self._start = MessageStart(self._start.id or id, self._start.model or model)
            out.append(self._start)
        self._read_usage(response.get("usage"), out)

    def _end(self, response: dict[str, Any], word: str, out: list[Event]) -> None:
        self.ended = True
        self._tell_start(response, out)
        self._read_output(response, out)
        self._correct(out)
        status = as_str(response.get("status"))
        if status in _FINAL_STATUSES:
            word = status
        if error := response.get("error"):
            self._fail(out, _failure({"error": error}))
        elif word == "failed":
            message = "The provider failed, and did not say why."
            self._fail(out, ErrorInfo("server", message, code=word, retryable=True))
        elif word == "cancelled":
            self._fail(out, ErrorInfo("unknown", "The response was cancelled.", code=word))
        if word in _FINAL_STATUSES:
            self._finish_raw = word
        if word == "incomplete":
            reason = as_str(as_dict(response.get("incomplete_details")).get("reason"))
            known = finish_reason(reason)
            # Whatever else it was, the answer was cut short.
            self._finish_reason = known if known != "unknown" else None

    def _read_whole(self, response: dict[str, Any], out: list[Event]) -> None:
        status = as_str(response.get("status"))
        if status in ("queued", "in_progress"):  # asked for in the background
            self._tell_start(response, out)
            self._read_output(response, out)
            self._warn(out, "The provider is still at work on this response.")
        else:
            self._is_whole = True
            self._end(response, "failed" if response.get("error") else status, out)

    def _read_output(self, response: dict[str, Any], out: list[Event]) -> None:
        """Complete what was streamed with what the response says at its end."""
        left = dict.fromkeys(self._items)
        by_id = {item.id: item for item in self._items if item.id}
        by_kind: dict[str, Iterator[_Item]] = {}
        for place, value in enumerate(as_list(response.get("output"))):
            fields = as_dict(value)
            kind, id = as_str(fields.get("type")), as_str(fields.get("id"))
            if not kind:
                continue
            if kind not in by_kind:
                by_kind[kind] = iter([item for item in self._items if item.kind == kind])
            candidates = chain((by_id.get(id), self._by_index.get(place)), by_kind[kind])
            item = next((one for one in candidates if one in left and one.kind == kind), None)
            if item is None:
                item = self._open(kind, None, id)
            else:
                del left[item]
            self._complete(item, fields, out)

    def _correct(self, out: list[Event]) -> None:
        """Begin anew with what the items said at their end, where they were streamed otherwise."""
        if not any(item.differs for item in self._items):
            return
        self._warn(out, "The text at the end is not what was streamed; the text at the end counts.")
        out.append(StepReset("the final text differs from what was streamed"))
        out.append(self._start)
        items = self._items
        self._forget()
        for item in items:
            fields = _as_streamed(item) | (item.final or {})
            self._complete(self._open(item.kind, None, item.id), fields, out)

    def _read_usage(self, raw: Any, out: list[Event]) -> None:
        if isinstance(raw, dict) and raw and raw != self._raw_usage:
            self._raw_usage = raw
            usage = _usage(raw)
            self._usage = usage if self._usage is None else self._usage.updated(usage)
            out.append(usage)

    # --- its items ---

    def _known(self, event: _Event) -> _Item | None:
        # By place first: GitHub Copilot changes the ids with every event. llama.cpp and others
        # leave out the place.
        if event.output_index is not None:
            item = self._by_index.get(event.output_index)
            if item is not None:
                return item
        return self._by_id.get(event.item_id) if event.item_id else None

    def _item_of(self, event: _Event, kind: str) -> _Item:
        """The item that an event belongs to; a new one where it was never announced."""
        item = self._known(event)
        if item is not None and _fits(item.kind, kind):
            return item
        item = self._by_id.get(event.item_id) if event.item_id else None
        if item is not None and _fits(item.kind, kind):
            return item
        if event.output_index is None:
            item = self._latest.get(kind)
            if item is not None and item.final is None:
                return item
        return self._open(kind, event.output_index, event.item_id or "")

    def _open(self, kind: str, output_index: int | None, id: str) -> _Item:
        item = _Item(kind, id, self._orders)
        self._orders += 1
        self._items.append(item)
        for alike in _CALLS if kind in _CALLS else (kind,):
            self._latest[alike] = item
        if output_index is not None:
            self._by_index[output_index] = item
        if id:
            self._by_id[id] = item
        return item

    def _add(self, event: _Event, fields: dict[str, Any], out: list[Event]) -> None:
        kind, id = as_str(fields.get("type")), as_str(fields.get("id"))
        if not kind:
            return
        item = self._known(event) if event.output_index is not None else self._by_id.get(id)
        # Announced twice; or the next one, where a provider gives all the same place.
        is_same = item is not None and item.kind == kind and item.final is None
        if item is None or not is_same or (id and item.id and id != item.id and kind in _CALLS):
            item = self._open(kind, event.output_index, id)
        if kind in _CALLS:
            self._name_call(item, fields, out)

    def _name_call(self, item: _Item, fields: dict[str, Any], out: list[Event]) -> None:
        item.call = id, name = _call(fields)
        self._add_to_call(item, out, id=id, name=name)

    def _add_to_call(
        self,
        item: _Item,
        out: list[Event],
        *,
        id: str = "",
        name: str = "",
        arguments: str = "",
        extra: Any = None,
    ) -> None:
        self._calls.add(
            out,
            index=item.order,
            id=id,
            name=name,
            arguments=arguments,
            extra=extra,
            minted_id=f"call_{self._start.id}" if self._start.id else "call",
        )

    def _say(
        self,
        item: _Item,
        piece: str,
        index: int,
        text: str,
        out: list[Event],
        *,
        is_clean: bool = True,
    ) -> None:
        """Append the next fragment of one piece of an item."""
        key = (piece, index)
        fragments = item.said.get(key)
        if fragments is None:
            if item.kind == "reasoning" and item.said:
                # Summaries are paragraphs, and the wire has nothing between them.
                out.append(ReasoningDelta("\n\n"))
            fragments = item.said[key] = []
            item.starts.setdefault(index, self._text_length)
        if self._halves or not is_clean:
            half = (item.order, piece, index)
            text, rest = whole_characters(self._halves.pop(half, "") + text)
            if rest:
                self._halves[half] = rest
            if not text:
                return
        fragments.append(text)
        if piece == "text":
            self._text_item = item
            if self._think.is_over:
                self._text_length += len(text)
                out.append(ContentDelta(text))
            else:
                self._append_split(*self._think.feed(text), out)
        elif piece == "arguments":
            self._add_to_call(item, out, arguments=text)
        elif piece == "refusal":
            out.append(RefusalDelta(text))
        else:
            out.append(ReasoningDelta(text))

    def _append_split(self, reasoning: str, content: str, out: list[Event]) -> None:
        if reasoning:
            out.append(ReasoningDelta(reasoning))
        if content:
            self._text_length += len(content)
            out.append(ContentDelta(content))

    def _complete(self, item: _Item, fields: dict[str, Any], out: list[Event]) -> None:
        """Take an item as it is told at its end, or in the response at the very end."""
        is_first = item.final is None
        # The telling at the very end may leave out what the one before it said.
        item.final = (item.final or {}) | {name: one for name, one in fields.items() if one}
        item.differs = False
        if item.kind == "message":
            for index, part in enumerate(_parts(fields.get("content"))):
                self._complete_part(item, index, part, out)
        elif item.kind == "reasoning":
            self._complete_reasoning(item, fields, is_first, out)
        elif item.kind in _CALLS:
            id, name = _call(fields)
            if item.call[1] and (id or item.call[0], name or item.call[1]) != item.call:
                item.differs = True
            else:
                self._name_call(item, fields, out)
            self._fill(item, "arguments", 0, _arguments(fields), out)
            self._add_to_call(item, out, extra=_call_extra(fields))
        elif is_first:
            item.preview = None
            out.extend(_provider_tool(fields))

    def _complete_part(
        self, item: _Item, index: int, part: dict[str, Any], out: list[Event]
    ) -> None:
        piece = "refusal" if part.get("type") == "refusal" else "text"
        text = as_str(part.get("refusal")) if piece == "refusal" else _text(part)
        # A last item without its words says nothing about them.
        if text:
            self._fill(item, piece, index, text, out)
        annotations = as_list(part.get("annotations"))
        for annotation in annotations[item.cited.get(index, 0) :]:
            self._cite(item, index, as_dict(annotation), out)

    def _complete_reasoning(
        self, item: _Item, fields: dict[str, Any], is_first: bool, out: list[Event]
    ) -> None:
        told = {"".join(fragments) for fragments in item.said.values()}
        for piece in ("summary", "content"):
            for index, part in enumerate(_parts(fields.get(piece))):
                text = _text(part)
                # The same words may be told under both names.
                if text and text not in told:
                    self._fill(item, piece, index, text, out)
        item.differs = False  # the reasoning as it was shown is good enough
        encrypted = fields.get("encrypted_content")
        if is_first and (encrypted or item.said):
            extra = {name: value for name, value in fields.items() if name != "status"}
            out.append(ReasoningDelta("", extra))

    def _fill(self, item: _Item, piece: str, index: int, text: str, out: list[Event]) -> None:
        """Say what is missing of one piece; note where something else was said."""
        self._halves.pop((item.order, piece, index), None)
        told = item.told(piece, index)
        if text.rstrip() == told.rstrip():
            return
        is_latest = piece != "text" or not told or self._text_item is item
        if text.startswith(told) and is_latest:
            self._say(item, piece, index, text[len(told) :], out)
        elif piece != "arguments" or not _is_same_json(text, told):
            item.differs = True

    def _cite(self, item: _Item, index: int, annotation: dict[str, Any], out: list[Event]) -> None:
        item.cited[index] = item.cited.get(index, 0) + 1
        source = _source(annotation, item.starts.get(index, self._text_length))
        if source is not None:
            out.append(source)

    def _flush(self, out: list[Event]) -> None:
        for item in self._items:
            for piece, index in list(item.said):
                if self._halves.pop((item.order, piece, index), None):
                    self._say(item, piece, index, "\ufffd", out)
            if item.kind not in _READ and item.final is None:
                if item.preview is not None:
                    out.append(item.preview)
                name = _tool_name(item.kind)
                out.append(ProviderTool(item.id, name, item.told("partial")))
        self._correct(out)
        self._append_split(*self._think.close(), out)
        self._calls.close(out, f"call_{self._start.id}" if self._start.id else "call")


# The kinds of items whose pieces are read; all others are tools that the provider runs.
_READ = ("message", "reasoning", *_CALLS)


def _fits(kind: str, wanted: str) -> bool:
    return kind == wanted or (kind in _CALLS and wanted in _CALLS)


def _as_streamed(item: _Item) -> dict[str, Any]:
    """What was streamed of an item, in the form in which one is told at its end."""
    fields: dict[str, Any] = {"type": item.kind, "id": item.id}
    if item.kind in _CALLS:
        fields["call_id"], fields["name"] = item.call
    for (piece, _), fragments in item.said.items():
        told = "".join(fragments)
        if piece == "arguments":
            fields[piece] = told
        else:
            name = "summary" if piece == "summary" else "content"
            fields.setdefault(name, []).append({"type": piece, "text": told, "refusal": told})
    return fields


def _parts(content: Any) -> list[dict[str, Any]]:
    if isinstance(content, str):  # the text itself, without a list around it
        return [{"text": content}]
    return [
        as_dict(part) if isinstance(part, dict) else {"text": part} for part in as_list(content)
    ]


def _text(part: dict[str, Any]) -> str:
    return as_str(part.get("text"))


def _arguments(fields: dict[str, Any]) -> str:
    arguments = fields.get("arguments")
    if arguments is None:
        arguments = fields.get("input")
    if arguments is None:
        return ""
    return as_str(arguments) if isinstance(arguments, str) else _json(arguments)


def _call(fields: dict[str, Any]) -> tuple[str, str]:
    """The id by which a call is answered, and the name of its tool."""
    return as_str(fields.get("call_id")), as_str(fields.get("name"))


def _call_extra(fields: dict[str, Any]) -> dict[str, Any] | None:
    """What is sent back with a call besides the call itself."""
    known = {"type", "status", "call_id", "name", "arguments", "input"}
    extra = {name: value for name, value in fields.items() if name not in known and value}
    if fields.get("type") == "custom_tool_call":
        extra["type"] = "custom_tool_call"
    return extra or None


def _tool_name(kind: str) -> str:
    return kind.removesuffix("_call")


def _provider_tool(fields: dict[str, Any]) -> Iterator[Event]:
    """A tool that the provider ran, and the images that it made."""
    kind = as_str(fields.get("type"))
    files: list[File] = []
    kept = {name: value for name, value in fields.items() if value is not None}
    # An image is large: it is kept once, as a file.
    image = as_str(kept.pop("result", None)) if kind == "image_generation_call" else ""
    if image:
        files.append(_image(image, as_str(fields.get("output_format"))))
    outputs = as_list(kept.get("outputs"))
    if images := [one for one in outputs if as_dict(one).get("type") == "image"]:
        files += [File(url) for one in images if (url := as_str(one.get("url")))]
        kept["outputs"] = [one for one in outputs if one not in images]
    yield ProviderTool(
        as_str(fields.get("id")) or as_str(fields.get("call_id")),
        (as_str(fields.get("name")) if kind.endswith("_call") else "") or _tool_name(kind),
        _asked(kept),
        next(
            (kept[name] for name in ("output", "outputs", "results", "tools") if kept.get(name)),
            kept.get("error"),
        ),
        kept,
    )
    yield from files


def _asked(fields: dict[str, Any]) -> str:
    """What the tool was asked for, as JSON text."""
    for name in ("arguments", "input", "action", "operation"):
        value = fields.get(name)
        if value:
            return value if isinstance(value, str) else _json(value)
    asked = {
        name: fields[name]
        for name in ("code", "queries", "prompt", "revised_prompt")
        if fields.get(name)
    }
    return _json(asked) if asked else ""


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


def _is_same_json(one: str, other: str) -> bool:
    try:
        return bool(msgspec.json.decode(one) == msgspec.json.decode(other))
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError):
        return False


def _image(base64: str, output_format: str | None) -> File:
    if base64.startswith(("data:", "https:", "http:")):
        return File(base64)
    # PNG unless it says otherwise; xAI does not say.
    mime_type = f"image/{output_format or 'png'}"
    return File(f"data:{mime_type};base64,{base64}", mime_type)


def _source(annotation: dict[str, Any], offset: int) -> Source | None:
    """A citation; its offsets count from the beginning of its own piece of the text."""
    inner = as_dict(annotation.get(as_str(annotation.get("type"))))  # OpenRouter's nesting
    fields = annotation | inner
    url = as_str(fields.get("url"))
    if not url and (file_id := as_str(fields.get("file_id"))):
        container = as_str(fields.get("container_id"))
        url = f"file-id:{container}/{file_id}" if container else f"file-id:{file_id}"
    if not url:
        return None
    start, end = as_int(fields.get("start_index")), as_int(fields.get("end_index"))
    if start is None:  # a file is cited at one place
        start = end = as_int(fields.get("index"))
    return Source(
        url,
        as_str(fields.get("title")) or as_str(fields.get("filename")),
        as_str(fields.get("content")),
        None if start is None else offset + start,
        None if end is None else offset + end,
    )


def _usage(raw: dict[str, Any]) -> Usage:
    return Usage(
        input_tokens=as_int(raw.get("input_tokens")),
        output_tokens=as_int(raw.get("output_tokens")),
        total_tokens=as_int(raw.get("total_tokens")),
        cached_tokens=as_int(as_dict(raw.get("input_tokens_details")).get("cached_tokens")),
        reasoning_tokens=as_int(as_dict(raw.get("output_tokens_details")).get("reasoning_tokens")),
        raw=raw,
    )


def _failure(payload: Any) -> ErrorInfo:
    info = failure(payload)
    if info.message:
        return info
    return msgspec.structs.replace(info, message="The provider reported an error without words.")


# --- what comes in: unusual shapes -------------------------------------------------------------


def _lenient_event(fields: dict[str, Any]) -> _Event:
    def text(name: str) -> str | None:
        value = fields.get(name)
        if value is None or isinstance(value, str):
            return value
        if isinstance(inner := as_dict(value).get("text"), str):  # an object around the text
            return inner
        return _json(clean(value))

    def piece(name: str) -> dict[str, Any] | None:
        return as_dict(clean(fields.get(name))) or None

    return _Event(
        type=as_str(fields.get("type")),
        output_index=as_int(fields.get("output_index")),
        item_id=as_str(fields.get("item_id")),
        content_index=as_int(fields.get("content_index")),
        summary_index=as_int(fields.get("summary_index")),
        delta=text("delta"),
        text=clean(text("text")),
        refusal=clean(text("refusal")),
        arguments=clean(text("arguments")),
        input=clean(text("input")),
        item=piece("item"),
        annotation=piece("annotation"),
        response=piece("response"),
        partial_image_b64=as_str(fields.get("partial_image_b64")),
        output_format=as_str(fields.get("output_format")),
    )
