"""Events -> the message so far, readable at any moment.

Adding costs the same whatever the length of the message; reading joins what came since the last
reading.
"""

from collections import defaultdict
from collections.abc import Iterable

from . import events as ev
from .messages import (
    File,
    Message,
    Part,
    ProviderTool,
    Reasoning,
    Refusal,
    Source,
    Text,
    ToolCall,
    ToolResult,
    Usage,
)
from .unanswered import unanswered

_PART_OF = {ev.ContentDelta: Text, ev.ReasoningDelta: Reasoning, ev.RefusalDelta: Refusal}


class Fold:
    """Folds one answer's events into its `message`.

    The events of a run with several steps make one message too: each step's parts behind those of
    the one before, the results of its tools among them.
    """

    def __init__(self, protocol: str = "", provider: str = "") -> None:
        self._message = Message("assistant", protocol=protocol, provider=provider)
        self._growing: Text | Reasoning | Refusal | None = None
        self._fragments: list[str] = []  # of the growing part, not joined yet
        self._calls: list[ToolCall] = []
        # Of calls by their index, not joined yet.
        self._arguments: defaultdict[int, list[str]] = defaultdict(list)
        self._alternatives: dict[int, Fold] = {}
        self._running: list[str] = []  # ids of calls whose tool began to run
        # The message before this step: the number of its parts, the length of its text.
        self._step_at = self._text_at = 0
        self._earlier: Message | None = None  # the answer that this one goes on from
        self._usage: Usage | None = None  # without that

    def add(self, events: Iterable[ev.Event]) -> None:
        """Take the next events, in order."""
        for event in events:
            kind = type(event)
            if kind is ev.ContentDelta and type(self._growing) is Text:
                self._fragments.append(event.text)  # type: ignore[union-attr]
            elif kind in _PART_OF:
                self._add_delta(event)  # type: ignore[arg-type]
            elif kind is ev.ToolCallDelta:
                self._arguments[event.index].append(event.arguments)  # type: ignore[union-attr]
            else:
                self._add_other(event)

    @property
    def message(self) -> Message:
        """The message so far: one object that goes on growing, not a copy."""
        self._join()
        self._message.alternatives = [
            self._alternatives[choice].message for choice in sorted(self._alternatives)
        ]
        return self._message

    def go_on_from(self, earlier: Message) -> None:
        """Begin with an answer that its provider paused in mid-sentence: one answer, not two.

        Its tokens and its time count too, and places in the text are those in the whole text.
        """
        message = self._message
        message.parts[:0] = earlier.parts
        message.id, message.model = earlier.id, earlier.model
        message.usage = earlier.usage
        message.warnings[:0] = earlier.warnings
        self._earlier = earlier
        self._step_at, self._text_at = len(earlier.parts), len(earlier.text)

    def _add_delta(self, event: ev.ContentDelta | ev.ReasoningDelta | ev.RefusalDelta) -> None:
        if type(self._growing) is not _PART_OF[type(event)]:
            # The extra of reasoning that is over belongs to the reasoning, not to a new part.
            if isinstance(event, ev.ReasoningDelta) and not event.text and self._set_extra(event):
                return
            self._join_text()
            self._growing = _PART_OF[type(event)]("")
            self._message.parts.append(self._growing)
        self._fragments.append(event.text)
        if isinstance(event, ev.ReasoningDelta):
            self._set_extra(event)

    def _set_extra(self, event: ev.ReasoningDelta) -> bool:
        """Give the latest reasoning its extra, which ends it; False where it had its own."""
        if event.extra is not None:
            for part in reversed(self._message.parts):
                if isinstance(part, Reasoning):
                    if part.extra is not None:
                        return False
                    part.extra = event.extra
                    if part is self._growing:
                        self._join_text()
                        self._growing = None
                    return True
        return False

    def _add_other(self, event: ev.Event) -> None:
        message = self._message
        match event:
            case ev.ToolCallStart():
                call = ToolCall(event.id, event.name)
                self._calls.append(call)
                self._append(call)
            case ev.ToolCallEnd():
                if event.extra is not None and 0 <= event.index < len(self._calls):
                    self._calls[event.index].extra = event.extra
            case Source():
                # Cited in the middle of a sentence: the text goes on in the same part.
                message.parts.append(event.moved(self._text_at))
            case File() | ProviderTool() | ToolResult():
                self._append(event)
            case ev.ToolRunStart():
                self._running.append(event.call_id)
            case ev.StepStart():
                self._join()
                self._growing = None
                self._calls, self._running = [], []  # each step counts its calls from 0
                self._arguments.clear()
                self._step_at, self._text_at = len(message.parts), len(message.text)
            case ev.StepReset():
                # The same object, since readers hold it; the usage was spent all the same.
                del message.parts[self._step_at :]
                message.id = ""
                self._growing = None
                self._fragments, self._calls = [], []
                self._arguments.clear()
            case Usage():
                self._count(event if self._usage is None else self._usage.updated(event))
            case ev.MessageStart():
                message.id = message.id or event.id
                message.model = message.model or event.model
                if event.protocol:
                    message.protocol, message.provider = event.protocol, event.provider
            case ev.Warning():
                message.warnings.append(event.message)
            case ev.Error():
                message.error = message.error or event.error
            case ev.Alternative():
                self._alternatives.setdefault(event.choice, Fold()).add([event.event])
            case ev.Done():
                self._join()
                if self._running:
                    told = [p for p in message.parts[self._step_at :] if isinstance(p, ToolResult)]
                    message.parts += unanswered(self._calls, told, self._running)
                message.status = event.status
                message.finish_reason = event.finish_reason
                message.finish_reason_raw = event.finish_reason_raw
                message.timing = event.timing
                if self._earlier is not None and self._earlier.timing and event.timing:
                    message.timing = self._earlier.timing + event.timing
                if event.usage is not None:
                    self._count(event.usage)

    def _count(self, usage: Usage) -> None:
        self._usage = usage
        before = self._earlier.usage if self._earlier is not None else None
        self._message.usage = usage if before is None else before + usage

    def _append(self, part: Part) -> None:
        self._join_text()
        self._growing = None
        self._message.parts.append(part)

    def _join(self) -> None:
        self._join_text()
        for index, fragments in self._arguments.items():
            if 0 <= index < len(self._calls):  # else of a call that never began
                self._calls[index].arguments += "".join(fragments)
        self._arguments.clear()

    def _join_text(self) -> None:
        """Join the growing part alone: where one part follows another, the calls can wait."""
        if self._growing is not None and self._fragments:
            self._growing.text += "".join(self._fragments)
            self._fragments = []
