"""Records of Gemini's -> events.

Each has the form of a whole response, and nothing says that one is the last: a finish reason may
come in a record without content, or (older versions) in each. With `alt=sse` records are
server-sent events, without it the elements of one JSON array; both are read.
"""

import zlib
from typing import Any, ClassVar

import msgspec

from ...core.errors import ErrorInfo
from ...core.events import Done, Event
from ...core.messages import Timing, Usage
from ...core.wire.framing import Record
from .. import decoding
from ..decoding import as_alternatives, finish_reason
from ..failures import is_failure, stream_failure
from ..tolerant import as_dict, as_int, as_str
from .candidate import CandidateReader
from .contents import NAME
from .shapes import (
    CHUNK,
    Candidate,
    Chunk,
    in_camel_case,
    is_in_snake_case,
    is_strange,
    lenient_chunk,
)


class Decoder(decoding.Decoder):
    """Decodes a stream or a whole response of `generateContent`."""

    name: ClassVar[str] = NAME

    def __init__(self, provider: str = "") -> None:
        super().__init__(provider)
        self._checksum: int | None = None
        self._answer = CandidateReader()
        self._others: dict[int, CandidateReader] = {}
        self._counts: dict[str, int] = {}

    def close(
        self,
        *,
        error: ErrorInfo | None = None,
        aborted: bool = False,
        timing: Timing | None = None,
    ) -> list[Event]:
        """Take the end of the stream, as every decoder does."""
        if (error is not None or aborted) and self._answer.went_on:
            self._finish_raw = None  # said with every record, so it does not speak of an end
        return super().close(error=error, aborted=aborted, timing=timing)

    def _read(self, record: Record, out: list[Event]) -> None:
        if self._checksum is None:
            self._checksum = zlib.crc32(record.data)
        try:
            chunk = CHUNK.decode(record.data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self._read_leniently(record, out)
            return
        is_snake = chunk.usage_metadata is None and is_in_snake_case(record.data)
        if chunk.candidates and not is_snake:
            self._read_chunk(chunk, out)
        else:
            # No answer in it: usage, a blocked prompt, a failure, or something to pass over.
            self._read_leniently(record, out)

    def _read_value(self, fields: dict[str, Any], event: str, out: list[Event]) -> None:
        fields = in_camel_case(fields)
        # Gateways of Google's own products put the response into an envelope.
        if not fields.keys() & {"candidates", "error"} and isinstance(fields.get("response"), dict):
            fields = fields["response"]
        is_answer = bool(fields.keys() & {"candidates", "promptFeedback", "usageMetadata"})
        if event == "error" or fields.get("error") or (not is_answer and is_failure(fields)):
            self._fail(out, stream_failure(fields))
        elif is_strange(fields):
            self._stranger(fields, out)
        self._read_chunk(lenient_chunk(fields), out)

    def _read_chunk(self, chunk: Chunk, out: list[Event]) -> None:
        self._tell_start(chunk.response_id or "", chunk.model_version or "", out)
        if chunk.error:
            self._fail(out, stream_failure({"error": chunk.error}))
        for candidate in chunk.candidates or ():
            if not candidate.index:
                self._answer.read(candidate, out, self._minted_id())
                self._finish(candidate, out)
            else:
                reader = self._others.setdefault(candidate.index, CandidateReader())
                events: list[Event] = []
                reader.read(candidate, events, self._minted_id())
                out.extend(as_alternatives(candidate.index, events))
        if chunk.prompt_feedback is not None:
            self._read_feedback(as_dict(chunk.prompt_feedback), out)
        if chunk.usage_metadata is not None:
            self._read_usage(chunk.usage_metadata, self._counted, out)

    def _finish(self, candidate: Candidate, out: list[Event]) -> None:
        self._finish_raw = self._answer.finish_raw
        # «Model generated function call(s).» is no news.
        if candidate.finish_message and finish_reason(candidate.finish_reason or "") != "stop":
            self._warn(out, candidate.finish_message)

    def _read_feedback(self, feedback: dict[str, Any], out: list[Event]) -> None:
        if reason := as_str(feedback.get("blockReason")):
            # There is no answer then, and no finish reason.
            self._finish_reason = "content_filter"
            self.ended = True
            words = as_str(feedback.get("blockReasonMessage"))
            self._warn(out, f"The prompt was blocked: {words or reason}", feedback)

    def _counted(self, raw: dict[str, Any]) -> Usage:
        # Fields may vanish again in later records.
        counts = {name: as_int(value) for name, value in raw.items()}
        self._counts |= {name: count for name, count in counts.items() if count is not None}
        return _usage(self._counts, raw)

    def _flush(self, out: list[Event]) -> None:
        self._answer.close(out)
        for choice, reader in self._others.items():
            events: list[Event] = []
            reader.close(events)
            if raw := reader.finish_raw:
                events.append(Done("complete", finish_reason(raw), raw))
            out.extend(as_alternatives(choice, events))

    def _minted_id(self) -> str:
        """Make an id peculiar to this answer, so that ids stay apart in a long conversation."""
        return f"call_{self._start.id or format(self._checksum or 0, '08x')}"


def _usage(counts: dict[str, int], raw: dict[str, Any]) -> Usage:
    def total(*names: str) -> int | None:
        found = [counts[name] for name in names if name in counts]
        return sum(found) if found else None

    return Usage(
        # Thoughts stand beside the candidates, what a server's tool found beside the prompt.
        input_tokens=total("promptTokenCount", "toolUsePromptTokenCount"),
        output_tokens=total("candidatesTokenCount", "thoughtsTokenCount"),
        total_tokens=counts.get("totalTokenCount"),
        cached_tokens=counts.get("cachedContentTokenCount"),
        reasoning_tokens=counts.get("thoughtsTokenCount"),
        raw=raw,
    )
