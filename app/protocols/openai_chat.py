"""OpenAI Chat Completions, and the dialects of everybody who says «OpenAI-compatible».

Source: https://platform.openai.com/docs/api-reference/chat-streaming (and each provider's own page
for its habits, named where they are handled).

A record is read by the typed structs below: fast, and strict. What they refuse is read as a plain
dict and brought into the same structs by `_lenient_chunk`, so what a chunk *means* is written once,
in `_ChoiceReader`.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, ClassVar

import msgspec

from ..core.errors import ErrorInfo
from ..core.events import (
    Alternative,
    ChoiceEvent,
    ContentDelta,
    Done,
    Event,
    MessageStart,
    ReasoningDelta,
    RefusalDelta,
)
from ..core.framing import Comment, Record
from ..core.messages import File, Message, Reasoning, Source, ToolCall, ToolResult, Usage
from ..core.nesting import is_too_deep
from ..core.options import Options
from . import decoding
from .alike import Alike
from .decoding import finish_reason
from .failures import failure, is_failure
from .history import settled
from .rendering import Rendered
from .think import ThinkTags
from .tolerant import as_dict, as_int, as_list, as_str, clean, values, whole_characters
from .tool_calls import ToolCalls

NAME = "openai-chat"
MODELS_PATH = "/models"

# Records.
_PORTION = 64


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

    Habits: `no-stream-usage` where a server refuses to be asked for usage at the end of a stream,
    `max-completion-tokens` where it calls the limit of the answer so, `random-seed` where it calls
    the seed so.
    """
    limit = "max_completion_tokens" if "max-completion-tokens" in habits else "max_tokens"
    body: dict[str, Any] = {"model": model, "messages": list(_render_messages(messages))}
    settings = {
        "temperature": options.temperature,
        "top_p": options.top_p,
        limit: options.max_tokens,
        "stop": options.stop,
        "random_seed" if "random-seed" in habits else "seed": options.seed,
        "reasoning_effort": options.reasoning_effort,
        "tools": [{"type": "function", "function": tool} for tool in options.tools] or None,
        "tool_choice": _tool_choice(options) if options.tools else None,
    }
    body |= {name: value for name, value in settings.items() if value is not None}
    body["stream"] = stream
    if stream and "no-stream-usage" not in habits:
        body["stream_options"] = {"include_usage": True}
    return Rendered("/chat/completions", msgspec.json.encode(body | options.extra))


def _tool_choice(options: Options) -> Any:
    if options.tool_choice in ("auto", "none", "required"):
        return options.tool_choice
    return {"type": "function", "function": {"name": options.tool_choice}}


def authorization(key: str) -> dict[str, str]:
    """The headers that carry the key."""
    return {"authorization": f"Bearer {key}"}


def _render_messages(messages: Sequence[Message]) -> Iterator[dict[str, Any]]:
    for message in settled(messages):
        if message.role == "tool":
            for part in message.parts:
                if isinstance(part, ToolResult):
                    yield {"role": "tool", "tool_call_id": part.call_id, "content": part.content}
            continue
        rendered: dict[str, Any] = {"role": message.role, "content": _render_content(message)}
        if message.protocol == NAME:
            # OpenRouter wants its own form of reasoning back, signatures and all.
            for part in message.parts:
                if isinstance(part, Reasoning) and part.extra:
                    rendered["reasoning_details"] = part.extra
        if message.tool_calls:
            is_ours = message.protocol == NAME
            rendered["tool_calls"] = [_render_call(call, is_ours) for call in message.tool_calls]
        yield rendered


def _render_content(message: Message) -> Any:
    text = message.text or message.refusal or None
    if message.role != "user" or not message.files:
        return text
    images = [{"type": "image_url", "image_url": {"url": file.url}} for file in message.files]
    return [*([{"type": "text", "text": text}] if text else []), *images]


def _render_call(call: ToolCall, with_extra: bool) -> dict[str, Any]:
    function = {"name": call.name, "arguments": call.arguments or "{}"}
    rendered: dict[str, Any] = {"id": call.id, "type": "function", "function": function}
    if with_extra and call.extra is not None:
        rendered["extra_content"] = call.extra
    return rendered


def parse_models(body: bytes) -> list[str]:
    """Return the model ids of a `/models` response, in its order; empty where it holds none."""
    parsed, _ = values(body)
    listing = parsed[0] if parsed else None
    entries = as_list(listing) or as_list(as_dict(listing).get("data"))
    entries = entries or as_list(as_dict(listing).get("models"))
    ids = (as_str(as_dict(entry).get("id") or as_dict(entry).get("name")) for entry in entries)
    return [model for model in ids if model]


# --- what comes in: shapes ---------------------------------------------------------------------


class _Function(msgspec.Struct, gc=False):
    name: str | None = None
    arguments: str | None = None


class _ToolCall(msgspec.Struct, gc=False):
    index: int | None = None
    id: str | None = None
    function: _Function | None = None
    extra_content: Any = None


class _Delta(msgspec.Struct, gc=False):
    content: str | None = None
    reasoning_content: str | None = None  # DeepSeek, xAI, Qwen, Moonshot, llama.cpp
    reasoning: str | None = None  # Groq, Cerebras, Ollama, OpenRouter
    reasoning_details: list[dict[str, Any]] | None = None  # OpenRouter
    refusal: str | None = None
    tool_calls: list[_ToolCall] | None = None
    function_call: _Function | None = None  # before there were tools
    annotations: Any = None
    images: Any = None


class _Choice(msgspec.Struct, gc=False):
    index: int | None = None
    delta: _Delta | None = None
    message: _Delta | None = None
    text: str | None = None  # text completions
    finish_reason: str | None = None
    error: Any = None
    usage: Any = None  # Moonshot


class _Chunk(msgspec.Struct, gc=False):
    id: str | None = None
    model: str | None = None
    object: str | None = None
    choices: list[_Choice] | None = None
    usage: Any = None
    x_groq: Any = None
    error: Any = None
    citations: Any = None
    search_results: Any = None


_CHUNK = msgspec.json.Decoder(_Chunk)


# --- what comes in: meaning --------------------------------------------------------------------


class Decoder(decoding.Decoder):
    """Decodes a Chat Completions stream or whole response."""

    name: ClassVar[str] = NAME

    def __init__(self) -> None:
        super().__init__()
        self._start = MessageStart()
        self._minted_id = "call"  # for calls to which the provider gives none
        self._answer = _ChoiceReader()
        self._others: dict[int, _ChoiceReader] = {}
        self._sources: set[tuple[str, int | None]] = set()
        self._raw_usage: Any = None
        self._alike = Alike(_CHUNK)
        self._append: Callable[[str, list[Event]], None] = self._answer.read_content

    def _read_all(self, records: list[Record | Comment], out: list[Event]) -> None:
        # In portions, because a single record of another kind makes all of its portion slow.
        for start in range(0, len(records), _PORTION):
            portion = records[start : start + _PORTION]
            fragments = self._alike.strings(portion)
            if fragments is not None:
                append = self._append
                for fragment in fragments:
                    append(fragment, out)
                continue
            super()._read_all(portion, out)
            if self._alike.is_learning and isinstance(last := portion[-1], Record):
                self._learn(last.data)

    def _learn(self, data: bytes) -> None:
        """Let records like this one be read by their fragment alone."""
        if is_too_deep(data):
            return
        try:
            chunk = _CHUNK.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return
        choice = chunk.choices[0] if chunk.choices else _Choice()
        delta = choice.delta
        if delta is None or choice.index:
            return
        if chunk != _Chunk(chunk.id, chunk.model, chunk.object, [_Choice(choice.index, delta)]):
            return  # it says more than its delta
        holder: msgspec.Struct = delta
        field: str
        append: Callable[[str, list[Event]], None]
        match [field for field in delta.__struct_fields__ if getattr(delta, field)]:
            case ["content" as field]:
                append = self._answer.read_content
            case [("reasoning_content" | "reasoning") as field]:
                append = self._answer.append_reasoning
            case ["tool_calls"] if (
                delta.tool_calls
                and (function := (call := delta.tool_calls[0]).function)
                and delta.tool_calls == [_ToolCall(call.index, function=function)]
                and function.arguments
                and not function.name
            ):
                holder, field = function, "arguments"
                append = partial(self._answer.append_arguments, call.index)
            case _:
                return
        if self._alike.learn(data, chunk, holder, field):
            self._append = append

    def _read(self, record: Record, out: list[Event]) -> None:
        data = record.data
        try:
            chunk = _CHUNK.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self._read_leniently(record, out)
            return
        if chunk.choices:
            self._read_chunk(chunk, out)
        else:
            # No answer in it: usage, a failure of any shape, or something to pass over.
            self._read_leniently(record, out)

    def _read_leniently(self, record: Record, out: list[Event]) -> None:
        data = record.data.strip()
        if data == b"[DONE]":
            self.ended = True
            return
        found, bad = values(data)
        for text in bad:
            # Some proxies wrap comments into data (`data: : OPENROUTER PROCESSING`).
            if not text.startswith(":"):
                self._pass_over(text, out)
        for value in found:
            for item in value if isinstance(value, list) else [value]:
                self._read_value(item, record.event, out)

    def _read_value(self, value: Any, event: str, out: list[Event]) -> None:
        fields = as_dict(value)
        if not fields:
            if event == "error":
                self._fail(out, failure(value))
            elif value != {}:
                self._warn(out, "A record is not an object and was passed over.", value)
            return
        if is_failure(fields) or event == "error":
            self._fail(out, _failure(fields))
        self._read_chunk(_lenient_chunk(fields), out)

    def _read_chunk(self, chunk: _Chunk, out: list[Event]) -> None:
        if (chunk.id and not self._start.id) or (chunk.model and not self._start.model):
            self._start = MessageStart(
                self._start.id or chunk.id or "", self._start.model or chunk.model or ""
            )
            out.append(self._start)
            if self._start.id:
                self._minted_id = f"call_{self._start.id}"
        if chunk.error is not None:
            self._fail(out, _failure({"error": chunk.error}))
        for choice in chunk.choices or ():
            if not choice.index:
                self._read_choice(self._answer, choice, chunk, out)
                if choice.finish_reason:
                    self._finish(choice.finish_reason, out)
            else:
                reader = self._others.setdefault(choice.index, _ChoiceReader())
                events: list[Event] = []
                self._read_choice(reader, choice, chunk, events)
                if choice.finish_reason:
                    raw = choice.finish_reason
                    events.append(Done("complete", finish_reason(raw), raw))
                self._append_other(choice.index, events, out)
        if chunk.usage is not None:
            self._read_usage(chunk.usage, out)
        if chunk.x_groq is not None:
            self._read_usage(as_dict(chunk.x_groq).get("usage"), out)
        if chunk.citations is not None or chunk.search_results is not None:
            for source in _citations(chunk.citations, chunk.search_results):
                self._cite(source, out)

    def _read_choice(
        self, reader: "_ChoiceReader", choice: _Choice, chunk: _Chunk, out: list[Event]
    ) -> None:
        if choice.delta is not None:
            self._read_delta(reader, choice.delta, out)
        if choice.message is not None:
            is_whole = chunk.object is not None and not chunk.object.endswith("chunk")
            self._is_whole = self._is_whole or (is_whole and choice.delta is None)
            # A whole answer, a gateway's fake stream, or a repetition of what was streamed.
            missing = reader.missing_of(choice.message, is_whole or choice.delta is not None)
            self._read_delta(reader, missing, out)
        elif choice.delta is None and choice.text:
            reader.read_content(choice.text, out)
        if choice.error is not None:
            self._fail(out, _failure({"error": choice.error}))
        if choice.usage is not None:
            self._read_usage(choice.usage, out)

    def _read_delta(self, reader: "_ChoiceReader", delta: _Delta, out: list[Event]) -> None:
        reader.read(delta, out, self._minted_id)
        if delta.annotations is not None:
            for source in _annotations(delta.annotations):
                self._cite(source, out)

    def _finish(self, raw: str, out: list[Event]) -> None:
        if finish_reason(raw) == "error":
            message = "The provider stopped with an error, and did not say which."
            self._fail(out, ErrorInfo("server", message, code=raw, retryable=True))
            raw = self._finish_raw or raw
        self._finish_raw = raw

    def _read_usage(self, raw: Any, out: list[Event]) -> None:
        if isinstance(raw, dict) and raw and raw != self._raw_usage:
            self._raw_usage = raw
            usage = _usage(raw)
            self._usage = usage if self._usage is None else self._usage.updated(usage)
            out.append(usage)

    def _cite(self, source: Source, out: list[Event]) -> None:
        # Perplexity repeats the whole list with every chunk.
        key = (source.url, source.start)
        if key not in self._sources:
            self._sources.add(key)
            out.append(source)

    def _append_other(self, choice: int, events: list[Event], out: list[Event]) -> None:
        for event in events:
            out.append(Alternative(choice, event) if isinstance(event, ChoiceEvent) else event)

    def _flush(self, out: list[Event]) -> None:
        self._answer.close(out, self._minted_id)
        for choice, reader in self._others.items():
            events: list[Event] = []
            reader.close(events, self._minted_id)
            self._append_other(choice, events, out)


class _ChoiceReader:
    """What the deltas of one choice mean."""

    def __init__(self) -> None:
        self._think = ThinkTags()
        self._calls = ToolCalls()
        self._content: list[str] = []  # as it came, to compare with a repetition at the end
        self._half = {"content": "", "reasoning": ""}  # a character cut in two
        self._details: dict[tuple[str, int], dict[str, Any]] = {}

    def read(self, delta: _Delta, out: list[Event], minted_id: str) -> None:
        """Append what one delta says."""
        # Where both fields are there they say the same.
        if reasoning := delta.reasoning_content or delta.reasoning:
            self.append_reasoning(reasoning, out)
        if delta.reasoning_details:
            self._read_details(delta, out)
        if delta.content:
            self.read_content(delta.content, out)
        if delta.refusal:
            out.append(RefusalDelta(delta.refusal))
        if delta.tool_calls:
            for call in delta.tool_calls:
                function = call.function or _Function()
                self._calls.add(
                    out,
                    index=call.index,
                    id=call.id or "",
                    name=function.name or "",
                    arguments=function.arguments or "",
                    extra=call.extra_content,
                    minted_id=minted_id,
                )
        if delta.function_call is not None:
            self._calls.add(
                out,
                index=0,
                id="",
                name=delta.function_call.name or "",
                arguments=delta.function_call.arguments or "",
                minted_id=minted_id,
            )
        if delta.images is not None:
            out.extend(_images(delta.images))

    def read_content(self, text: str, out: list[Event]) -> None:
        """Append text, with a leading `<think>` block told apart."""
        if self._half["content"] or not (text.isascii() or _is_encodable(text)):
            text, self._half["content"] = whole_characters(self._half["content"] + text)
        self._content.append(text)
        if self._think.is_over:
            if text:
                out.append(ContentDelta(text))
            return
        self._append_split(*self._think.feed(text), out)

    def missing_of(self, message: _Delta, is_whole: bool) -> _Delta:
        """What of a `message` was not streamed yet.

        `is_whole` says that it holds the answer so far; else it is one more fragment under the
        wrong name.
        """
        if not is_whole:  # before joining: a gateway may send every fragment this way
            return message
        content = "".join(self._content)
        if not (content or self._calls):
            return message
        rest = _Delta(annotations=message.annotations)
        if message.content and message.content.startswith(content):
            rest.content = message.content[len(content) :]
        if not self._calls:
            rest.tool_calls = message.tool_calls
        return rest

    def close(self, out: list[Event], minted_id: str) -> None:
        """Append what was held back, and end the calls."""
        for kind, half in self._half.items():
            if half:
                out.append(
                    ContentDelta("\ufffd") if kind == "content" else ReasoningDelta("\ufffd")
                )
        self._append_split(*self._think.close(), out)
        if self._details:
            out.append(ReasoningDelta("", list(self._details.values())))
        self._calls.close(out, minted_id)

    def _append_split(self, reasoning: str, content: str, out: list[Event]) -> None:
        if reasoning:
            out.append(ReasoningDelta(reasoning))
        if content:
            out.append(ContentDelta(content))

    def append_arguments(self, index: int | None, text: str, out: list[Event]) -> None:
        """Append to the call at this index, or to the latest, which is there already."""
        self._calls.add(out, index=index, id="", name="", arguments=text, minted_id="call")

    def append_reasoning(self, text: str, out: list[Event]) -> None:
        """Append a fragment of reasoning."""
        if self._half["reasoning"] or not (text.isascii() or _is_encodable(text)):
            text, self._half["reasoning"] = whole_characters(self._half["reasoning"] + text)
        if text:
            out.append(ReasoningDelta(text))

    def _read_details(self, delta: _Delta, out: list[Event]) -> None:
        """OpenRouter's form of reasoning: fragments by type and index, to be sent back whole.

        https://openrouter.ai/docs/use-cases/reasoning-tokens
        """
        for place, detail in enumerate(delta.reasoning_details or ()):
            kind = as_str(detail.get("type"))
            index = as_int(detail.get("index"))
            known = self._details.setdefault((kind, place if index is None else index), {})
            for name, value in detail.items():
                if name in ("text", "summary", "data") and isinstance(value, str):
                    known[name] = as_str(known.get(name)) + as_str(value)
                elif value is not None and value != "":
                    known[name] = clean(value)
            # The plain field carries the same words where it is there.
            if not (delta.reasoning or delta.reasoning_content):
                text = as_str(detail.get("text")) or as_str(detail.get("summary"))
                self.append_reasoning(text, out)


# --- what comes in: unusual shapes -------------------------------------------------------------


def _lenient_chunk(fields: dict[str, Any]) -> _Chunk:
    choices: list[_Choice] = []
    for place, item in enumerate(as_list(fields.get("choices"))):
        choices.extend(_lenient_choices(as_dict(item), place))
    return _Chunk(
        id=as_str(fields.get("id")),
        model=as_str(fields.get("model")),
        object=as_str(fields.get("object")) or None,
        choices=choices,
        usage=clean(fields.get("usage")),
        x_groq=clean(fields.get("x_groq")),
        citations=fields.get("citations"),
        search_results=fields.get("search_results"),
    )


def _lenient_choices(fields: dict[str, Any], place: int) -> Iterator[_Choice]:
    """One choice, as several where its content is a list of parts: their order counts."""
    index = as_int(fields.get("index"))
    # A choice without a number is the answer, unless there is another one before it.
    choice = _Choice(
        index=place if index is None else index,
        text=_text_or_none(fields.get("text")),
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
                yield _Choice(index=choice.index, delta=_part(part))
            source = source | {"content": None}
        setattr(choice, name, _lenient_delta(source))
    yield choice


def _part(part: Any) -> _Delta:
    """One part of a content list: Mistral's thinking, or text."""
    if isinstance(part, str):
        return _Delta(content=part)
    fields = as_dict(part)
    kind = as_str(fields.get("type"))
    if kind == "thinking":
        thinking = fields.get("thinking")
        texts = [thinking] if isinstance(thinking, str) else map(_part_text, as_list(thinking))
        return _Delta(reasoning="".join(texts))
    if kind == "refusal":
        return _Delta(refusal=as_str(fields.get("refusal")))
    if kind in ("image_url", "image"):
        return _Delta(images=[fields])
    return _Delta(content=_part_text(part))


def _part_text(part: Any) -> str:
    text = part if isinstance(part, str) else as_dict(part).get("text")
    return text if isinstance(text, str) else ""


def _lenient_delta(fields: dict[str, Any]) -> _Delta:
    function_call = fields.get("function_call")
    details = [item for item in as_list(fields.get("reasoning_details")) if isinstance(item, dict)]
    calls = fields.get("tool_calls")
    if isinstance(calls, dict):  # one call, without the list around it
        calls = [calls]
    return _Delta(
        content=_text_or_none(fields.get("content")),
        reasoning_content=_text_or_none(fields.get("reasoning_content")),
        reasoning=_text_or_none(fields.get("reasoning")),
        reasoning_details=details or None,
        refusal=as_str(fields.get("refusal")) or None,
        tool_calls=[_lenient_call(call) for call in as_list(calls) if isinstance(call, dict)],
        function_call=_lenient_function(function_call) if isinstance(function_call, dict) else None,
        annotations=fields.get("annotations"),
        images=fields.get("images"),
    )


def _text_or_none(value: Any) -> str | None:
    """Text as it came, lone surrogates too; a number or an object is written out, not lost."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, dict) and isinstance(value.get("text"), str):
        return str(value["text"])
    return json.dumps(clean(value), ensure_ascii=False)


def _lenient_call(fields: dict[str, Any]) -> _ToolCall:
    function = fields.get("function")
    return _ToolCall(
        index=as_int(fields.get("index")),
        id=as_str(fields.get("id")),
        # Some proxies leave out the inner object.
        function=_lenient_function(function if isinstance(function, dict) else fields),
        extra_content=clean(fields.get("extra_content")),
    )


def _lenient_function(fields: dict[str, Any]) -> _Function:
    arguments = fields.get("arguments")
    if arguments is not None and not isinstance(arguments, str):  # Ollama: the object itself
        arguments = json.dumps(clean(arguments), ensure_ascii=False)
    return _Function(as_str(fields.get("name")), as_str(arguments))


def _usage(raw: dict[str, Any]) -> Usage:
    details_in = as_dict(raw.get("prompt_tokens_details") or raw.get("input_tokens_details"))
    details_out = as_dict(raw.get("completion_tokens_details") or raw.get("output_tokens_details"))

    def count(*candidates: Any) -> int | None:
        return next((n for value in candidates if (n := as_int(value)) is not None), None)

    return Usage(
        input_tokens=count(raw.get("prompt_tokens"), raw.get("input_tokens")),
        output_tokens=count(raw.get("completion_tokens"), raw.get("output_tokens")),
        total_tokens=count(raw.get("total_tokens")),
        cached_tokens=count(
            details_in.get("cached_tokens"),
            raw.get("prompt_cache_hit_tokens"),  # DeepSeek
            raw.get("cached_tokens"),  # Moonshot
        ),
        reasoning_tokens=count(details_out.get("reasoning_tokens"), raw.get("reasoning_tokens")),
        raw=raw,
    )


def _annotations(annotations: Any) -> Iterator[Source]:
    for item in as_list(annotations):
        fields = as_dict(item)
        citation = as_dict(fields.get("url_citation")) or fields
        if url := as_str(citation.get("url")):
            yield Source(
                url,
                as_str(citation.get("title")),
                as_str(citation.get("content")),
                as_int(citation.get("start_index")),
                as_int(citation.get("end_index")),
            )


def _citations(citations: Any, search_results: Any) -> Iterator[Source]:
    """Perplexity's lists: addresses in the one, their titles in the other."""
    results = [as_dict(item) for item in as_list(search_results)]
    titles = {as_str(item.get("url")): as_str(item.get("title")) for item in results}
    urls = [as_str(item) or as_str(as_dict(item).get("url")) for item in as_list(citations)]
    for url in urls or titles:
        if url:
            yield Source(url, titles.get(url, ""))


def _images(images: Any) -> Iterator[File]:
    for item in as_list(images):
        image = as_dict(item).get("image_url")
        if url := as_str(image) or as_str(as_dict(image).get("url")):
            yield File(url)


def _failure(fields: dict[str, Any]) -> ErrorInfo:
    info = failure(fields)
    if info.message:
        return info
    return msgspec.structs.replace(info, message="The provider reported an error without words.")


def _is_encodable(text: str) -> bool:
    """Whether there are no lone surrogates in it."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
