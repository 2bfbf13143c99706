"""Common ground of all decoders: bytes in, events out, and the status at the end of a stream.

Long, because how a stream ended is one story.
"""

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Any, ClassVar

from ..core.errors import ErrorInfo, ProtocolError
from ..core.events import (
    Alternative,
    ChoiceEvent,
    Done,
    Error,
    Event,
    Heartbeat,
    MessageStart,
    Warning,
)
from ..core.fold import Fold
from ..core.messages import FinishReason, Message, Status, Timing, Usage
from ..core.nesting import is_too_deep
from ..core.wire.framing import AutoFramer, Comment, Record, may_be_framed
from ..core.wire.hiding import Hiding
from ..core.wire.secrets import Secrets
from .failures import stream_failure
from .tolerant import clean, values

# The shown length of a body that makes no sense.
_HEAD_BYTES = 200

# The words of all providers for why the model stopped, in lower case. A word that is not here is
# told as it is, with a warning.
_WORDS: dict[FinishReason, str] = {
    "stop": (
        "stop stopped end end_turn finish finished stop_sequence stop_token stop_word stop_str eos"
        " eos_token eos_token_id eot complete completed done word load unload"
    ),
    "length": (
        "length max_length max_token max_tokens max_new_tokens max_output_tokens"
        " max_completion_tokens token_limit length_limit output_limit model_length truncated"
        " context_length context_length_exceeded context_window_exceeded"
        " model_context_window_exceeded repetition_truncation limit incomplete error_limit"
    ),
    "tool_calls": "tool_calls tool_call tool_use function_call function_calls requires_action",
    "content_filter": (
        "content_filter content_filtered contentfilter contentfiltered sensitive"
        " moderation error_toxic safety recitation language blocklist"
        " prohibited_content spii image_safety image_prohibited_content image_recitation"
        " model_armor escalation blocked guardrail_intervened"
    ),
    "refusal": "refusal",
    "pause": "pause_turn compaction continuation requires_continuation",
    "error": (
        "error failed cancelled canceled abort aborted timeout network_error internal_error"
        " server_error rate_limit rate_limited preempted"
        " insufficient_system_resource engine_overloaded overloaded"
        " malformed_function_call malformed_response unexpected_tool_call too_many_tool_calls"
        " missing_thought_signature no_image image_other"
    ),
}
_THOUGHT_ANYWAY = "You asked for no thinking; this model thought all the same."
_SECOND_WORD = re.compile(r"(?<=[a-z])(?=[A-Z])")
_FINISH_REASONS = {word: reason for reason, words in _WORDS.items() for word in words.split()}


def finish_reason(raw: str) -> FinishReason:
    """The unified form of a provider's word."""
    # «FinishReason.STOP» is a name of a program's, «tool-calls» and «maxTokens» those of libraries.
    word = raw.rpartition(".")[2].replace("-", "_")
    split = _SECOND_WORD.sub("_", word).lower()
    return _FINISH_REASONS.get(word.lower()) or _FINISH_REASONS.get(split, "unknown")


def as_alternatives(choice: int, events: Iterable[Event]) -> Iterator[Event]:
    """Wrap the events of another choice than the answer; events of no choice stay as they are."""
    for event in events:
        yield Alternative(choice, event) if isinstance(event, ChoiceEvent) else event


class Decoder:
    """Turns the bytes of one answer, streamed or whole, into events and a message.

    `feed` takes chunks cut anywhere; `close` takes the end and gives `Done`, exactly once, last.
    Neither raises on what a provider sends, neither waits, and `message` can be read at any time.
    A subclass reads records of the usual form (`_read`), hands the others to `_read_leniently`,
    which gives back their values one by one (`_read_value`), and knows what its protocol calls the
    end. `provider` is who answers; it is noted in the message.
    """

    name: ClassVar[str]

    def __init__(self, provider: str = "") -> None:
        self._framer = AutoFramer()
        self._fold = Fold(self.name, provider)
        self._hiding = Hiding(Secrets())
        self._head = b""
        self._has_records = False
        self._is_flushed = False
        self._is_closed = False
        self._wants_no_thoughts = False
        # What subclasses find out:
        self.ended = False  # the protocol's own end was read; nothing more is to come
        self._finish_raw: str | None = None
        self._finish_reason: FinishReason | None = None  # where the word alone does not tell it
        self._error: ErrorInfo | None = None
        self._usage: Usage | None = None
        self._is_whole = False  # the answer came as one body, which can't be cut and parse
        self._unreadable: str | None = None  # the first record that made no sense
        self._has_strangers = False
        self._start = MessageStart()
        self._raw_usage: Any = None

    @property
    def message(self) -> Message:
        """The message so far; `status` is None until `close`."""
        return self._fold.message

    def go_on_from(self, earlier: Message) -> None:
        """Begin the message with an answer that its provider paused in."""
        self._fold.go_on_from(earlier)

    def hide(self, secrets: Secrets) -> None:
        """Hide these wherever the answer says them, from now on."""
        self._hiding = Hiding(secrets)

    def take_question(self, body: bytes) -> None:
        """Take in the request's body, where the answer may build on what that said."""

    def want_no_thoughts(self) -> None:
        """Say at the end where the model thought all the same."""
        self._wants_no_thoughts = True

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
        return self._told(events)

    def flush(self) -> list[Event]:
        """Take the end of the body; return the events held back until then.

        `close` does it too; a caller that wants to see the output before the end does it first.
        """
        events: list[Event] = []
        if not self._is_flushed:
            self._is_flushed = True
            self._read_all(self._framer.close(), events)
            self._flush(events)
            events = self._told(events)
            self._fold.add(rest := self._hiding.rest())
            events += rest
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
        told = self.flush()
        self._is_closed = True
        events: list[Event] = []
        if error is not None and self._finish_raw is None:
            self._fail(events, error)
        status = self._status(events, aborted)
        reason = self._finish_reason
        if self._finish_raw is not None:
            reason = self._finish_reason or finish_reason(self._finish_raw)
            # Gemini and others say «stop» and mean the calls.
            if reason == "stop" and status == "complete" and self.message.open_tool_calls:
                reason = "tool_calls"
            if reason == "unknown" and self._finish_reason is None:
                words = f"The provider stopped for a reason that is not known: {self._finish_raw}"
                self._warn(events, words)
        usage = self._usage
        thought = self.message.reasoning.strip() or (usage is not None and usage.reasoning_tokens)
        if self._wants_no_thoughts and thought:
            self._warn(events, _THOUGHT_ANYWAY)
        events.append(Done(status, reason, self._finish_raw, usage, timing))
        return told + self._told(events)

    def _told(self, events: list[Event]) -> list[Event]:
        """The events as they may be seen, which the message has taken in."""
        events = self._hiding.cleaned(events)
        self._fold.add(events)
        return events

    def _read(self, record: Record, out: list[Event]) -> None:
        """Append to `out` what one record says. Must not raise on any content."""
        raise NotImplementedError

    def _read_value(self, fields: dict[str, Any], event: str, out: list[Event]) -> None:
        """Append to `out` what an object of another form says. Must not raise on any content.

        `event` is the name of the record that it stood in.
        """
        raise NotImplementedError

    def _flush(self, out: list[Event]) -> None:
        """Append to `out` the events held back until the end."""

    def _read_leniently(self, record: Record, out: list[Event]) -> None:
        """Read a record that the typed structs refuse, or that is none of the usual ones."""
        if record.data.strip() == b"[DONE]":  # OpenAI's, and that of gateways with such a side
            self.ended = True
            return
        found, bad = values(record.data)
        for text in bad:
            # Some proxies wrap comments into data (`data: : OPENROUTER PROCESSING`).
            if not text.startswith(":"):
                self._pass_over(text, out)
        for value in found:
            for item in value if isinstance(value, list) else [value]:
                if isinstance(item, dict) and item:
                    self._read_value(item, record.event, out)
                elif record.event == "error":
                    self._fail(out, stream_failure(item))
                elif item != {}:
                    self._stranger(item, out)

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

    def _stranger(self, value: Any, out: list[Event]) -> None:
        """Report JSON that this protocol does not know, once: there may be as much of it again."""
        if not self._has_strangers:
            self._has_strangers = True
            self._warn(out, "A record is nothing that this protocol knows.", value)

    def _tell_start(self, id: str, model: str, out: list[Event]) -> None:
        """Tell id and model, each once: some providers change the id with every record."""
        if (id and not self._start.id) or (model and not self._start.model):
            self._start = MessageStart(self._start.id or id, self._start.model or model)
            out.append(self._start)

    def _read_usage(
        self, raw: Any, parse: Callable[[dict[str, Any]], Usage], out: list[Event]
    ) -> None:
        """Take a snapshot of the counts; some providers repeat it with every record."""
        if isinstance(raw, dict) and raw and raw != self._raw_usage:
            self._raw_usage = raw
            usage = parse(raw)
            self._usage = usage if self._usage is None else self._usage.updated(usage)
            out.append(usage)

    def _pass_over(self, text: str, out: list[Event]) -> None:
        """Report a piece of the stream that can't be read."""
        if self._is_flushed:
            self._warn(out, "The stream broke off inside a record.", text)
        else:
            self._unreadable = self._unreadable or text
            self._warn(out, "A record is not JSON and was passed over.", text)

    def _status(self, out: list[Event], aborted: bool) -> Status:
        """Determine the status at the end of the stream; append to `out` what it asks to be
        told.
        """
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
        elif not self._has_records and not may_be_framed(self._head):
            text = self._head[:_HEAD_BYTES].decode("utf-8", "replace").strip()
            sentence = f"The answer is not what a model sends. It begins: {text}"
            self._fail(out, ErrorInfo("protocol", sentence, raw=text))
            status = "error"
        return status
