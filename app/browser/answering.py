"""An answer on its way: its run, what is known of it meanwhile, and the records it leaves."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Protocol
from uuid import uuid4

import msgspec

from ..core.events import (
    OUTPUT,
    ApprovalRequest,
    ContentDelta,
    Done,
    Event,
    ReasoningDelta,
    Retry,
    StepEnd,
    StepReset,
    StepStart,
    ToolCallDelta,
    ToolRunStart,
)
from ..core.messages import Message, ToolResult
from ..core.run import Run
from ..history.records import MessageRecord

# After these a message may have come to the answer, or been replaced.
_STRUCTURE = (StepStart, ApprovalRequest, ToolRunStart, ToolResult, StepReset, Retry, Done)


class Log(Protocol):
    """Where the batches of an answer go while it grows."""

    def append(self, batch: Sequence[Event]) -> None: ...

    async def finish(self, *records: MessageRecord) -> None:
        """Keep what it came to, in place of the batches; without records nothing."""
        ...


class Answering:
    """One run and its messages so far.

    `added(record)` is called with each further message. Times are seconds on the loop's clock. The
    views read it, also those that are made in the middle of the answer.
    """

    def __init__(
        self,
        run: Run,
        first: MessageRecord,
        *,
        speaker: str,
        log: Log,
        added: Callable[[MessageRecord], None],
    ) -> None:
        self.run = run
        self.records = [first]
        self.speaker = speaker
        self.approvals: dict[str, ApprovalRequest] = {}
        self.began_at = asyncio.get_running_loop().time()
        self.first_output_at: float | None = None
        self.characters = 0
        self._characters_before = 0  # this model call
        self.retry: Retry | None = None
        self.retry_at = 0.0
        self.tools_began_at: dict[str, float] = {}
        self.tools_took_s: dict[str, float] = {}
        # For each model call the stretches of reasoning that have ended, and when one began.
        self._thought_s: list[list[float]] = []
        self._thinking_since: float | None = None
        self._added = added
        self._log = log
        self._is_dropped = False

    @property
    def id(self) -> str:
        """The id of the first message."""
        return self.records[0].id

    @property
    def message(self) -> Message:
        """The answer so far: the latest step's."""
        return self.run.message

    def take(self, batch: Sequence[Event]) -> None:
        """Note what happened; costs the same whatever the length of the answer."""
        is_structural = False
        now = asyncio.get_running_loop().time()
        for event in batch:
            match event:
                case ContentDelta() | ReasoningDelta():
                    self.characters += len(event.text)
                case ToolCallDelta():
                    self.characters += len(event.arguments)
                case ApprovalRequest():
                    self.approvals[event.call_id] = event
                case ToolRunStart():
                    self.approvals.pop(event.call_id, None)
                    self.tools_began_at[event.call_id] = now
                case ToolResult():
                    self.approvals.pop(event.call_id, None)
                    began_at = self.tools_began_at.get(event.call_id)
                    if began_at is not None:
                        self.tools_took_s[event.call_id] = now - began_at
                case StepStart():
                    self._characters_before = self.characters
                case StepReset():
                    # What was written is gone, and the pace begins anew with it.
                    self.characters = self._characters_before
                    self.first_output_at = self.first_output_at if self.characters else None
                case Retry():
                    self.retry, self.retry_at = event, now + event.delay_s
            self._time_thought(event, now)
            if isinstance(event, OUTPUT):
                self.retry = None
                if self.first_output_at is None:
                    self.first_output_at = now
            is_structural = is_structural or isinstance(event, _STRUCTURE)
        if is_structural:
            self._take_messages()
        self._log.append(batch)

    def drop(self) -> None:
        """End it; nothing of it is kept: it was deleted."""
        self._is_dropped = True
        self.run.cancel("deleted")

    def end(self) -> None:
        """Close the records: the run has ended, or the page has failed."""
        self.approvals.clear()
        self._end_thought(asyncio.get_running_loop().time())
        if not self.run.messages:
            self.records[0].message = self.run.message
        else:
            self._take_messages()
        self._note_times()
        for record in self.records:
            if record.message.status is None:
                record.message.status = "aborted"

    async def keep(self) -> None:
        """Keep what it came to, in place of its batches."""
        await self._log.finish(*([] if self._is_dropped else self.records))

    def _take_messages(self) -> None:
        """Bring the records in step with the run: an attempt that is tried again is replaced."""
        for number, message in enumerate(self.run.messages):
            if number < len(self.records):
                self.records[number].message = message
                continue
            last = self.records[-1]
            record = msgspec.structs.replace(
                last,
                id=new_id(),
                parent=last.id,
                message=message,
                thought_s=[],
                took_s={},
                created_ms=last.created_ms + 1,
            )
            self.records.append(record)
            self._added(record)
        self._note_times()

    def _time_thought(self, event: Event, now: float) -> None:
        """Time the reasoning. In sync mode all comes at once, and nobody knows how long it took."""
        if self.run.mode != "streaming":
            return
        match event:
            case StepStart():
                self._thought_s.append([])
            case StepReset():
                self._thinking_since = None
                self._thought_s[-1:] = [[]]
            case ReasoningDelta():
                if self._thinking_since is None:
                    self._thinking_since = now
            case _ if isinstance(event, (*OUTPUT, StepEnd, Done)):
                self._end_thought(now)

    def _end_thought(self, now: float) -> None:
        if self._thinking_since is not None and self._thought_s:
            self._thought_s[-1].append(round(now - self._thinking_since, 3))
        self._thinking_since = None

    def _note_times(self) -> None:
        """Write down what was timed, where it is kept."""
        answers = [record for record in self.records if record.message.role == "assistant"]
        for record, thought_s in zip(answers, self._thought_s, strict=False):
            record.thought_s = list(thought_s)
        for record in self.records:
            record.took_s = {
                one.call_id: round(self.tools_took_s[one.call_id], 3)
                for one in record.message.parts
                if isinstance(one, ToolResult) and one.call_id in self.tools_took_s
            }


def new_id() -> str:
    """A new id of a chat or a message."""
    return uuid4().hex
