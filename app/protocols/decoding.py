"""What all decoders share: bytes in, events out, and how a stream ended."""

from typing import Any, ClassVar

from ..core.errors import ErrorInfo, ProtocolError
from ..core.events import Done, Error, Event, Heartbeat, Warning
from ..core.fold import Fold
from ..core.framing import AutoFramer, Comment, Record
from ..core.messages import FinishReason, Message, Status, Timing, Usage
from ..core.nesting import is_too_deep
from .tolerant import clean

# How much of a body that makes no sense is shown.
_HEAD_BYTES = 200

# The words of all providers for why the model stopped.
_FINISH_REASONS: dict[str, FinishReason] = {
    "stop": "stop",
    "end_turn": "stop",
    "stop_sequence": "stop",
    "eos": "stop",
    "eos_token": "stop",
    "complete": "stop",
    "completed": "stop",
    "length": "length",
    "max_tokens": "length",
    "max_output_tokens": "length",
    "model_length": "length",
    "model_context_window_exceeded": "length",
    "tool_calls": "tool_calls",
    "tool_use": "tool_calls",
    "function_call": "tool_calls",
    "content_filter": "content_filter",
    "safety": "content_filter",
    "recitation": "content_filter",
    "blocklist": "content_filter",
    "prohibited_content": "content_filter",
    "spii": "content_filter",
    "image_safety": "content_filter",
    "image_prohibited_content": "content_filter",
    "image_recitation": "content_filter",
    "model_armor": "content_filter",
    "refusal": "refusal",
    "error": "error",
    "malformed_function_call": "error",
    "malformed_response": "error",
    "unexpected_tool_call": "error",
    "too_many_tool_calls": "error",
    "missing_thought_signature": "error",
    "failed": "error",
    "cancelled": "error",
    "incomplete": "length",
}


def finish_reason(raw: str) -> FinishReason:
    """The unified form of a provider's word."""
    return _FINISH_REASONS.get(raw.lower(), "unknown")


class Decoder:
    """Turns the bytes of one answer, streamed or whole, into events and a message.

    `feed` takes chunks cut anywhere; `close` takes the end and gives `Done`, exactly once, last.
    Neither raises on what a provider sends, neither waits, and `message` can be read at any time.
    A subclass reads records (`_read`) and knows what its protocol calls the end.
    """

    name: ClassVar[str]

    def __init__(self) -> None:
        self._framer = AutoFramer()
        self._fold = Fold(self.name)
        self._head = b""
        self._has_records = False
        self._is_flushed = False
        self._is_closed = False
        # What subclasses find out:
        self.ended = False  # the protocol's own end was read; nothing more is to come
        self._finish_raw: str | None = None
        self._finish_reason: FinishReason | None = None  # where the word alone does not tell it
        self._error: ErrorInfo | None = None
        self._usage: Usage | None = None
        self._is_whole = False  # the answer came as one body, which can't be cut and parse
        self._unreadable: str | None = None  # the first record that made no sense

    @property
    def message(self) -> Message:
        """The message so far; `status` is None until `close`."""
        return self._fold.message

    def feed(self, chunk: bytes) -> list[Event]:
        """Take the next bytes; return what they say, often nothing."""
        events: list[Event] = []
        if self._is_flushed:
            return events
        if not self._has_records and len(self._head) < _HEAD_BYTES:
            self._head += chunk[:_HEAD_BYTES]
        try:
            records = self._framer.feed(chunk)
        except ProtocolError as error:
            self._fail(events, ErrorInfo("protocol", str(error)))
            self.ended = True
            records = []
        self._read_all(records, events)
        self._fold.add(events)
        return events

    def flush(self) -> list[Event]:
        """Take the end of the body; return what was held back until then.

        `close` does it too; a caller that wants to see the output before the end does it first.
        """
        events: list[Event] = []
        if not self._is_flushed:
            self._is_flushed = True
            self._read_all(self._framer.close(), events)
            self._flush(events)
            self._fold.add(events)
        return events

    def close(
        self,
        *,
        error: ErrorInfo | None = None,
        aborted: bool = False,
        timing: Timing | None = None,
    ) -> list[Event]:
        """Take the end of the stream; return the rest, with `Done` last.

        `error` says that the stream ended because something outside it failed (the connection, a
        deadline, an HTTP status), `aborted` that we stopped it. An answer that had already told
        its finish reason is complete all the same. Closing again returns nothing.
        """
        if self._is_closed:
            return []
        events = self.flush()
        self._is_closed = True
        tail = len(events)
        if error is not None and self._finish_raw is None:
            self._fail(events, error)
        status = self._status(events, aborted)
        reason = self._finish_reason
        if self._finish_raw is not None:
            reason = self._finish_reason or finish_reason(self._finish_raw)
            # Gemini and others say «stop» and mean the calls.
            if reason == "stop" and status == "complete" and self.message.tool_calls:
                reason = "tool_calls"
        events.append(Done(status, reason, self._finish_raw, self._usage, timing))
        self._fold.add(events[tail:])
        return events

    def _read(self, record: Record, out: list[Event]) -> None:
        """Append to `out` what one record says. Must not raise on any content."""
        raise NotImplementedError

    def _flush(self, out: list[Event]) -> None:
        """Append to `out` what was held back until the end."""

    def _read_all(self, records: list[Record | Comment], out: list[Event]) -> None:
        for record in records:
            self._has_records = True
            if type(record) is Record:
                if is_too_deep(record.data):
                    self._warn(out, "A record is nested too deep and was passed over.", record.text)
                else:
                    self._read(record, out)
            else:
                out.append(Heartbeat(record.text))

    def _fail(self, out: list[Event], error: ErrorInfo) -> None:
        """Report an error; of several only the first, since one failure is often told twice."""
        if self._error is None:
            self._error = error
            out.append(Error(error))

    def _warn(self, out: list[Event], message: str, raw: Any = "") -> None:
        out.append(Warning(message, str(clean(raw))[:2000]))

    def _pass_over(self, text: str, out: list[Event]) -> None:
        """Report a piece of the stream that can't be read."""
        if self._is_flushed:
            self._warn(out, "The stream broke off inside a record.", text)
        else:
            self._unreadable = self._unreadable or text
            self._warn(out, "A record is not JSON and was passed over.", text)

    def _status(self, out: list[Event], aborted: bool) -> Status:
        """How the stream ended; says so in `out` where there is more to say."""
        status: Status = "incomplete"
        if self._error is not None:
            status = "error"
        elif self._finish_raw is not None or self._finish_reason is not None:
            status = "complete"
        elif aborted:
            status = "aborted"
        elif self._unreadable is not None:
            text = f"The provider sent something that is not JSON: {self._unreadable[:300]}"
            self._fail(out, ErrorInfo("protocol", text, raw=self._unreadable[:2000]))
            status = "error"
        elif self.ended or self._is_whole:
            self._warn(out, "The stream ended properly, but never said why the model stopped.")
            status = "complete"
        elif self._head.strip() and not self._has_records:
            text = self._head[:_HEAD_BYTES].decode("utf-8", "replace").strip()
            sentence = f"The answer is not what a model sends. It begins: {text}"
            self._fail(out, ErrorInfo("protocol", sentence, raw=text))
            status = "error"
        return status
