"""Reading an answer in our own wire format."""

from collections import Counter
from typing import Any, ClassVar, cast, get_args

import msgspec
from msgspec.structs import replace

from ...core.errors import ErrorInfo
from ...core.events import (
    Alternative,
    ChoiceEvent,
    ContentDelta,
    Done,
    Error,
    Event,
    MessageStart,
    ReasoningDelta,
    RefusalDelta,
    StepEnd,
    StepReset,
    StepStart,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
    Warning,
)
from ...core.messages import (
    Message,
    Reasoning,
    Refusal,
    Status,
    Text,
    Timing,
    ToolCall,
    Usage,
)
from ...core.wire.framing import Record
from .. import decoding
from ..failures import failure, is_failure
from ..tolerant import as_dict, as_str, values
from .request import NAME

_EVENT = msgspec.json.Decoder(Event)
_MESSAGE = msgspec.json.Decoder(Message)
_STATUSES = get_args(Status)
_DELTAS = (ContentDelta, ReasoningDelta, RefusalDelta)
_CALLS = (ToolCallStart, ToolCallDelta, ToolCallEnd)


class _Head(msgspec.Struct):
    """The fields that tell a record's kind: an event has a type, a message a role."""

    type: str | None = None
    role: str | None = None


class Decoder(decoding.Decoder):
    """Decodes one answer in our own format, streamed or whole.

    Asked as a `provider` its answer is one model call, however many steps it took for that: they
    are not told, and its tool calls are counted through.
    """

    name: ClassVar[str] = NAME

    def __init__(self, provider: str = "") -> None:
        super().__init__(provider)
        self._is_provider = bool(provider)
        self._told_status: Status | None = None
        self._told_timing: Timing | None = None
        # By choice: calls begun in this step, and those of earlier ones that count before them.
        self._calls: dict[int, int] = {}
        self._calls_before: Counter[int] = Counter()

    def close(
        self,
        *,
        error: ErrorInfo | None = None,
        aborted: bool = False,
        timing: Timing | None = None,
    ) -> list[Event]:
        """Take the end, as in every decoder. After the other end's own `Done` the connection
        changes nothing; the time is this end's, or where it has none, the other's.
        """
        events = self.flush()
        if self._told_status is not None:
            error = None
        rest = super().close(error=error, aborted=aborted, timing=timing or self._told_timing)
        return events + rest

    def _read(self, record: Record, out: list[Event]) -> None:
        try:
            event = _EVENT.decode(record.data)
        except (msgspec.DecodeError, UnicodeDecodeError):
            self._read_other(record, out)
        else:
            self._take(event, out)

    def _read_other(self, record: Record, out: list[Event]) -> None:
        """Read a record that is no known event: a whole message, a failure, something newer."""
        try:
            if msgspec.json.decode(record.data, type=_Head).role is not None:
                self._take_message(_MESSAGE.decode(record.data), out)
                return
        except (msgspec.DecodeError, UnicodeDecodeError):
            pass
        found, bad = values(record.data)
        for value in found:
            fields = as_dict(value)
            if fields.get("type") == "done":
                self._end(as_str(fields.get("status")), as_str(fields.get("finish_reason_raw")))
            elif is_failure(value):
                info = failure(value)
                words = info.message or "The server reported an error without words."
                self._fail(out, msgspec.structs.replace(info, message=words))
            elif not self._read_text(fields, out):
                self._warn(out, "A record is no event that is known here.", record.text)
        for text in bad:
            self._pass_over(text, out)

    def _read_text(self, fields: dict[str, Any], out: list[Event]) -> bool:
        """Save the text of a delta whose other fields, or whose characters, are wrong."""
        text = as_str(fields.get("text"))
        for delta in _DELTAS:
            if text and fields.get("type") == delta.__struct_config__.tag:
                out.append(delta(text))
                return True
        return False

    def _take(self, event: Event, out: list[Event]) -> None:
        if isinstance(event, Done):
            if self._told_status is None:
                self._end(event.status, event.finish_reason_raw or "")
                self._finish_reason = event.finish_reason
                self._told_timing = event.timing
                self._usage = event.usage or self._usage
        elif isinstance(event, Error):
            self._fail(out, event.error)
        elif self._is_sound(event):
            if isinstance(event, Usage):
                self._usage = event if self._usage is None else self._usage.updated(event)
            elif isinstance(event, StepStart | StepReset | StepEnd):
                self._take_structure(event, out)
                return
            out.append(self._counted(event) if self._calls_before else event)
        else:
            self._warn(out, "An event does not fit those before it.", repr(event))

    def _take_structure(self, event: StepStart | StepReset | StepEnd, out: list[Event]) -> None:
        if isinstance(event, StepStart) and self._is_provider:
            self._calls_before.update(self._calls)
        elif isinstance(event, StepReset):
            self._calls_before.clear()
        if not isinstance(event, StepEnd):
            self._calls = {}
        if isinstance(event, StepReset) or not self._is_provider:
            out.append(event)

    def _counted(self, event: Event) -> Event:
        """Count a call of this step behind those of the steps before."""
        if isinstance(event, Alternative):
            inner, before = event.event, self._calls_before[event.choice]
            if isinstance(inner, _CALLS):
                return replace(event, event=replace(inner, index=inner.index + before))
        elif isinstance(event, _CALLS):
            return replace(event, index=event.index + self._calls_before[0])
        return event

    def _is_sound(self, event: Event) -> bool:
        """Tell whether the message can take the event. Its text may be anything, its places may
        not.
        """
        choice = 0
        inner: Event | ChoiceEvent = event
        if isinstance(event, Alternative):
            choice, inner = event.choice, event.event
            if choice < 1:
                return False
        begun = self._calls.get(choice, 0)
        match inner:
            case ToolCallStart():
                if inner.index != begun:
                    return False
                self._calls[choice] = begun + 1
            case ToolCallDelta() | ToolCallEnd():
                return 0 <= inner.index < begun
        return True

    def _take_message(self, message: Message, out: list[Event]) -> None:
        who = message.protocol, message.provider
        out.append(MessageStart(message.id, message.model, *who))
        out += _events_of(message)
        for number, other in enumerate(message.alternatives, 1):
            out += [Alternative(number, event) for event in _events_of(other)]
        out += [Warning(text) for text in message.warnings]
        if message.usage is not None:
            self._usage = message.usage
            out.append(message.usage)
        if message.error is not None:
            self._fail(out, message.error)
        self._end(message.status or "incomplete", message.finish_reason_raw or "")
        self._finish_reason = message.finish_reason
        self._told_timing = message.timing

    def _end(self, status: str, raw: str) -> None:
        self._told_status = cast(Status, status) if status in _STATUSES else "incomplete"
        self._finish_raw = raw or None
        self.ended = True

    def _status(self, out: list[Event], aborted: bool) -> Status:
        """Give the status that the other end told; where it told none, nothing ended."""
        told = self._told_status
        if told is None or self._error is not None:
            return super()._status(out, aborted)
        if told == "error":
            self._fail(out, ErrorInfo("unknown", "The answer failed, without a word about why."))
        return told


def _events_of(message: Message) -> list[Any]:
    """The parts of a whole message as the events that a stream would have told them by."""
    events: list[Any] = []
    index = 0
    for part in message.parts:
        match part:
            case Text():
                events.append(ContentDelta(part.text))
            case Reasoning():
                events.append(ReasoningDelta(part.text, part.extra))
            case Refusal():
                events.append(RefusalDelta(part.text))
            case ToolCall():
                events.append(ToolCallStart(index, part.id, part.name))
                if part.arguments:
                    events.append(ToolCallDelta(index, part.arguments))
                events.append(ToolCallEnd(index, part.extra))
                index += 1
            case _:
                events.append(part)
    return events
