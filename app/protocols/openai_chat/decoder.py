"""Chat Completions -> events."""

from collections.abc import Callable
from functools import partial
from typing import Any, ClassVar

import msgspec

from ...core.errors import ErrorInfo
from ...core.events import Done, Event, Heartbeat, StepReset
from ...core.messages import Source, Usage
from ...core.nesting import is_too_deep
from ...core.wire.framing import Comment, Record
from .. import decoding
from ..decoding import as_alternatives, finish_reason
from ..failures import is_failure, stream_failure
from ..record_template import RecordTemplate
from ..tolerant import as_dict, as_int
from .choice import ChoiceReader
from .drawing import drawn
from .request import NAME
from .shapes import CHUNK, Choice, Chunk, Delta, ToolCall, is_strange, lenient_chunk
from .sources import annotated, cited, found

# Records.
_PORTION = 64


class Decoder(decoding.Decoder):
    """Decodes a Chat Completions stream or whole response."""

    name: ClassVar[str] = NAME

    def __init__(self, provider: str = "") -> None:
        super().__init__(provider)
        self._minted_id = "call"  # for calls to which the provider gives none
        self._answer = ChoiceReader()
        self._others: dict[int, ChoiceReader] = {}
        self._sources: set[tuple[str, int | None]] = set()
        self._alike = RecordTemplate(CHUNK)
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
            chunk = CHUNK.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            return
        choice = chunk.choices[0] if chunk.choices else Choice()
        delta = choice.delta
        if delta is None or choice.index:
            return
        if chunk != Chunk(chunk.id, chunk.model, chunk.object, [Choice(choice.index, delta)]):
            return  # it says more than its delta
        holder: msgspec.Struct = delta
        field: str
        append: Callable[[str, list[Event]], None]
        match [field for field in delta.__struct_fields__ if getattr(delta, field)]:
            case ["content" as field]:
                append = self._answer.read_content
            case [("reasoning_content" | "reasoning") as field]:
                append = self._answer.read_reasoning
            case ["tool_calls"] if (
                delta.tool_calls
                and (function := (call := delta.tool_calls[0]).function)
                and delta.tool_calls == [ToolCall(call.index, function=function)]
                and function.arguments
                and not function.name
            ):
                holder, field = function, "arguments"
                append = partial(self._answer.read_arguments, call.index)
            case _:
                return
        if self._alike.learn(data, chunk, holder, field):
            self._append = append

    def _read(self, record: Record, out: list[Event]) -> None:
        data = record.data
        try:
            chunk = CHUNK.decode(data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self._read_leniently(record, out)
            return
        if chunk.choices:
            self._read_chunk(chunk, out)
        else:
            # No answer in it: usage, a failure of any shape, or something to pass over.
            self._read_leniently(record, out)

    def _read_value(self, fields: dict[str, Any], event: str, out: list[Event]) -> None:
        if is_failure(fields) or event == "error":
            self._fail(out, stream_failure(fields))
        elif "choices" not in fields and (files := drawn(fields)):
            self._finish_raw = "stop"
            out.extend(files)
        elif is_strange(fields):
            self._stranger(fields, out)
        self._read_chunk(lenient_chunk(fields), out)

    def _read_chunk(self, chunk: Chunk, out: list[Event]) -> None:
        if (chunk.id and not self._start.id) or (chunk.model and not self._start.model):
            self._tell_start(chunk.id or "", chunk.model or "", out)
            if self._start.id:
                self._minted_id = f"call_{self._start.id}"
        if chunk.error:
            self._fail(out, stream_failure({"error": chunk.error}))
        if (progress := _progress(as_dict(chunk.prompt_progress))) is not None:
            out.append(Heartbeat("prompt_progress", progress))
        for choice in chunk.choices or ():
            if not choice.index:
                self._read_choice(self._answer, choice, chunk, out)
                if choice.finish_reason:
                    self._finish(choice.finish_reason, out)
            else:
                reader = self._others.setdefault(choice.index, ChoiceReader())
                events: list[Event] = []
                self._read_choice(reader, choice, chunk, events)
                if choice.finish_reason:
                    raw = choice.finish_reason
                    events.append(Done("complete", finish_reason(raw), raw))
                out.extend(as_alternatives(choice.index, events))
        if chunk.usage is not None:
            self._read_usage(chunk.usage, _usage, out)
        if chunk.x_groq is not None:
            self._read_usage(as_dict(chunk.x_groq).get("usage"), _usage, out)
        if chunk.citations is not None or chunk.search_results is not None:
            for source in cited(chunk.citations, chunk.search_results):
                self._cite(source, out)
        if chunk.web_search is not None or chunk.search_info is not None:
            results = chunk.web_search or as_dict(chunk.search_info).get("search_results")
            for source in found(results):
                self._cite(source, out)

    def _read_choice(
        self, reader: ChoiceReader, choice: Choice, chunk: Chunk, out: list[Event]
    ) -> None:
        if choice.delta is not None:
            reader.read(choice.delta, out, self._minted_id)
            self._read_annotations(reader, choice.delta, out)
        # Writer tells each delta by both names.
        if choice.message is not None and choice.message != choice.delta:
            # A whole answer, a gateway's fake stream, or a repetition of what was streamed.
            is_whole = chunk.object is not None and not chunk.object.endswith("chunk")
            self._is_whole = self._is_whole or (is_whole and choice.delta is None)
            is_whole = is_whole or choice.delta is not None
            reader.read_message(choice.message, is_whole, out, self._minted_id)
            self._read_annotations(reader, choice.message, out)
        elif choice.delta is None and choice.text:
            reader.read_content(choice.text, out)
        if choice.error:
            self._fail(out, stream_failure({"error": choice.error}))
        if choice.usage is not None:
            self._read_usage(choice.usage, _usage, out)

    def _read_annotations(self, reader: ChoiceReader, delta: Delta, out: list[Event]) -> None:
        if delta.annotations is not None:
            for source in annotated(delta.annotations):
                self._cite(reader.placed(source), out)

    def _finish(self, raw: str, out: list[Event]) -> None:
        if finish_reason(raw) == "error":
            message = "The provider stopped with an error, and did not say which."
            self._fail(out, ErrorInfo("server", message, code=raw, retryable=True))
            raw = self._finish_raw or raw
        self._finish_raw = raw

    def _cite(self, source: Source, out: list[Event]) -> None:
        # Perplexity repeats the whole list with every chunk.
        key = (source.url, source.start)
        if key not in self._sources:
            self._sources.add(key)
            out.append(source)

    def _flush(self, out: list[Event]) -> None:
        if self._finish_raw is not None and self._answer.differs():
            self._correct(out)
        self._answer.close(out, self._minted_id)
        for choice, reader in self._others.items():
            if reader.differs():
                self._warn(out, f"Choice {choice} was told otherwise at its end than streamed.")
            events: list[Event] = []
            reader.close(events, self._minted_id)
            out.extend(as_alternatives(choice, events))

    def _correct(self, out: list[Event]) -> None:
        """Begin anew with what the provider said last, since it is not what was streamed."""
        streamed = self.message
        sources = streamed.sources
        self._warn(out, "The text at the end is not what was streamed; the text at the end counts.")
        out += [StepReset("the final text differs from what was streamed"), self._start]
        self._answer = self._answer.corrected(streamed, out, self._minted_id)
        out.extend(sources)


def _progress(told: dict[str, Any]) -> float | None:
    """Compute the share of the question that llama.cpp has read, without what it still had before.

    Source: https://github.com/ggml-org/llama.cpp/blob/master/tools/server/README.md
    """
    total, read = as_int(told.get("total")), as_int(told.get("processed"))
    if not total or read is None:
        return None
    kept = min(as_int(told.get("cache")) or 0, total)
    return 1.0 if kept == total else min(max((read - kept) / (total - kept), 0.0), 1.0)


def _usage(raw: dict[str, Any]) -> Usage:
    details_in = as_dict(raw.get("prompt_tokens_details") or raw.get("input_tokens_details"))
    details_out = as_dict(raw.get("completion_tokens_details") or raw.get("output_tokens_details"))

    def count(*candidates: Any) -> int | None:
        counts = (as_int(value) for value in candidates)
        return next((n for n in counts if n is not None and n >= 0), None)

    # `promptTokens` is of the AI SDK.
    read = count(raw.get("prompt_tokens"), raw.get("input_tokens"), raw.get("promptTokens"))
    written = count(
        raw.get("completion_tokens"), raw.get("output_tokens"), raw.get("completionTokens")
    )
    total = count(raw.get("total_tokens"), raw.get("totalTokens"))
    thought = count(details_out.get("reasoning_tokens"), raw.get("reasoning_tokens"))
    if read is not None and written is not None and thought and total == read + written + thought:
        written += thought  # xAI counts what was thought beside what was written
    return Usage(
        input_tokens=read,
        output_tokens=written,
        total_tokens=total,
        cached_tokens=count(
            details_in.get("cached_tokens"),
            raw.get("prompt_cache_hit_tokens"),  # DeepSeek
            raw.get("cached_tokens"),  # Moonshot
            raw.get("num_cached_tokens"),  # Mistral
        ),
        reasoning_tokens=thought,
        raw=raw,
    )
