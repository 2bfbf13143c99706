"""A Messages stream, or a whole message, -> events."""

from typing import Any, ClassVar

import msgspec

from ...core.errors import ErrorInfo
from ...core.events import Event, Heartbeat, MessageStart, StepReset
from ...core.messages import Usage
from ...core.wire.framing import Record
from .. import decoding
from ..failures import is_failure, stream_failure
from ..tolerant import as_dict, as_int, as_list, as_str, clean
from .blocks import Blocks
from .shapes import EVENT, lenient_event
from .shapes import Event as WireEvent
from .turns import NAME


class Decoder(decoding.Decoder):
    """Decodes a stream or a whole response of the Messages API."""

    name: ClassVar[str] = NAME

    def __init__(self, provider: str = "") -> None:
        super().__init__(provider)
        self._has_started = False
        self._counts: dict[str, Any] = {}
        self._blocks = Blocks()

    def _read(self, record: Record, out: list[Event]) -> None:
        try:
            event = EVENT.decode(record.data)
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
            self._read_leniently(record, out)
            return
        if event.type is None:
            self._read_leniently(record, out)
        else:
            self._read_event(event, out)

    def _read_value(self, fields: dict[str, Any], event: str, out: list[Event]) -> None:
        one = lenient_event(fields)
        if one.type is None:
            if event == "error" or is_failure(fields):
                one.type, one.error = "error", fields
            elif "content" in fields:
                one.type = "message"
            elif event != "message":  # what a record is called that has no name
                one.type = event
            else:
                self._stranger(fields, out)
        self._read_event(one, out)

    def _read_event(self, event: WireEvent, out: list[Event]) -> None:
        match event.type:
            case "content_block_delta":
                if event.delta is not None:
                    self._blocks.read(event.index, event.delta, out)
            case "content_block_start":
                self._blocks.start(event.index, as_dict(event.content_block), out)
            case "content_block_stop":
                self._blocks.stop(event.index, out)
            case "ping":
                out.append(Heartbeat())
            case "message_start":
                self._start_message(as_dict(event.message), out)
            case "message_delta":
                self._read_counts(event.usage, out)
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

    def _start_message(self, message: dict[str, Any], out: list[Event]) -> None:
        start = MessageStart(as_str(message.get("id")), as_str(message.get("model")))
        if not self._has_started or start.id != self._start.id:
            if self._has_started:
                self._restart(out)
            self._has_started = True
            self._start = start
            self._blocks.message_id = f"{start.id}_" if start.id else ""
            out.append(start)
        self._read_counts(message.get("usage"), out)

    def _restart(self, out: list[Event]) -> None:
        """Begin anew: another message begins inside the stream."""
        if self.ended or self._finish_raw is not None:
            # The one before was over: a gateway that runs tools itself shows each of its steps.
            self._blocks.end(out)
            self._warn(out, "The stream holds several messages; they are shown as one.")
        else:
            # A proxy asked anew in the middle of it.
            out.append(StepReset("The provider began its answer anew."))
            self._blocks = Blocks()
        self.ended = False
        self._finish_raw = None

    def _read_whole(self, event: WireEvent, out: list[Event]) -> None:
        self._is_whole = True
        self._start_message({"id": event.id, "model": event.model, "usage": event.usage}, out)
        content = event.content
        if isinstance(content, str):
            content = [{"type": "text", "text": content}]
        for index, block in enumerate(as_list(content)):
            self._blocks.start(index, as_dict(block), out)
            self._blocks.stop(index, out)
        self._finish(event.stop_reason, event.stop_details, out)
        self.ended = True

    def _finish(self, raw: str | None, details: Any, out: list[Event]) -> None:
        if raw:
            self._finish_raw = raw
        # Why the model declined; these are not its own words.
        if explanation := as_str(as_dict(details).get("explanation")):
            self._warn(out, explanation, details)

    def _read_counts(self, raw: Any, out: list[Event]) -> None:
        """Take a snapshot: the second replaces what it names of the first, and says less."""
        news = {
            name: count
            for name, count in as_dict(raw).items()
            if count is not None and self._counts.get(name) != count
        }
        if news:
            self._counts |= news
            self._usage = _usage(self._counts)
            out.append(self._usage)

    def _flush(self, out: list[Event]) -> None:
        self._blocks.end(out)
        self._blocks.end_calls(out)


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
    return stream_failure(error if "error" in as_dict(error) else {"error": error})
