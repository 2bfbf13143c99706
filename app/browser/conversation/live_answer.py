"""An answer on its way: its run, its numbers meanwhile, and the records it leaves.

Long, because the state of an answer on its way changes batch by batch in one place.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import AbstractAsyncContextManager
from typing import Any, Protocol

import msgspec

from ...core.events import (
    OUTPUT,
    ApprovalRequest,
    ContentDelta,
    Done,
    Event,
    Heartbeat,
    ReasoningDelta,
    Retry,
    StepEnd,
    StepReset,
    StepStart,
    ToolCallDelta,
    ToolRunStart,
)
from ...core.messages import Message, Mode, Status, ToolResult
from ...core.running.calls import Decision
from ...history.records import MessageRecord


class _Tries(msgspec.Struct):
    """Count of the tries of one model call, and the time of those that failed, with the waits."""

    count: int = 1
    lost_s: float = 0
    # The wait that runs: it counts once the next try has begun to answer.
    waiting_s: float | None = None

    def go_on(self) -> None:
        if self.waiting_s is not None:
            self.count += 1
            self.lost_s += self.waiting_s
            self.waiting_s = None


# After these a message may have come to the answer, or been replaced.
_STRUCTURE = (StepStart, ApprovalRequest, ToolRunStart, ToolResult, StepReset, Retry, Done)


class AnswerRun(AbstractAsyncContextManager[Any], Protocol):
    """A run that gives an answer: of this tab, or of the page's server and followed from here."""

    place: str
    trouble: str

    @property
    def mode(self) -> Mode: ...

    @property
    def messages(self) -> list[Message]: ...

    @property
    def message(self) -> Message: ...

    @property
    def status(self) -> Status | None: ...

    def batches(self) -> AsyncGenerator[list[Event]]: ...

    def decide(self, call_id: str, decision: Decision) -> None: ...

    def cancel(self, reason: str = "user") -> None: ...


class Log(Protocol):
    """Log of an answer's batches while it grows, with their place in a server's log."""

    def append(self, batch: Sequence[Event], place: str = "") -> None: ...

    async def finish(self, *records: MessageRecord) -> None:
        """Keep the answer's records, in place of the batches; without records nothing."""
        ...


class LiveAnswer:
    """One run and its messages so far.

    `added(record)` is called with each further message. Times are seconds on the loop's clock. The
    views read it, also those that are made in the middle of the answer.
    """

    def __init__(
        self,
        run: AnswerRun,
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
        self.beat: Heartbeat | None = None  # the last sign of life since there was output
        self.retry: Retry | None = None
        self.retry_at = 0.0
        self.tools_began_at: dict[str, float] = {}
        self.tools_took_s: dict[str, float] = {}
        # How long the model wrote, and since when it does; how long a person was waited for.
        self._wrote_s = 0.0
        self._writing_since: float | None = None
        self._held_s = 0.0
        self._held_since: float | None = None
        self._tries: list[_Tries] = []
        # For each model call the stretches of reasoning that have ended, and when one began.
        self._thought_s: list[list[float]] = []
        self._thinking_since: float | None = None
        self._added = added
        self._log = log
        self._is_dropped = False
        self._is_in_text = False  # more text would change nothing but the count of characters

    @property
    def id(self) -> str:
        """The id of the first message."""
        return self.records[0].id

    @property
    def message(self) -> Message:
        """The answer so far: the latest step's."""
        return self.run.message

    @property
    def characters_of_call(self) -> int:
        """The number of characters that have come of the latest model call."""
        return self.characters - self._characters_before

    def lasted_s(self, now: float) -> float:
        """Measure its time so far, but for the waits for a person."""
        held_s = self._held_s + (0 if self._held_since is None else now - self._held_since)
        return now - self.began_at - held_s

    def wrote_s(self, now: float) -> float:
        """Measure for how long the model has written, from the first word of each call on."""
        return self._wrote_s + (0 if self._writing_since is None else now - self._writing_since)

    def take(self, batch: Sequence[Event]) -> bool:
        """Note what happened, and say whether it was nothing but more of the text that is being
        written; costs the same whatever the length of the answer.
        """
        self._log.append(batch, self.run.place)
        if self._is_in_text:
            characters = 0
            for event in batch:
                if type(event) is not ContentDelta:
                    break
                characters += len(event.text)
            else:
                self.characters += characters
                return True
        self._note(batch)
        return False

    def go_on(self, records: Sequence[MessageRecord], events: Sequence[Event]) -> None:
        """Go on with an answer of another visit or tab: these records came of these events."""
        self.records = list(records)
        self._note(events)

    def catch_up(self) -> None:
        """Bring the records in step with the run: while text grows, they lag behind. An attempt
        that is tried again is replaced.
        """
        for number, message in enumerate(self.run.messages):
            if number < len(self.records):
                self.records[number].message = message
                continue
            last = self.records[-1]
            record = msgspec.structs.replace(
                last,
                id=f"{self.id}-{number + 1}",  # the same wherever the run is followed
                parent=last.id,
                message=message,
                thought_s=[],
                took_s={},
                tries=1,
                lost_s=0,
                created_ms=last.created_ms + 1,
            )
            self.records.append(record)
            self._added(record)
        self._note_times()

    def stop(self) -> None:
        """End it; the text that has arrived stays, and nobody is asked any more."""
        self.approvals.clear()
        self.run.cancel("user")

    def drop(self) -> None:
        """End it; nothing of it is kept: it was deleted."""
        self._is_dropped = True
        self.approvals.clear()
        self.run.cancel("deleted")

    def end(self) -> None:
        """Close the records: the run has ended, or the page has failed."""
        self.approvals.clear()
        self._end_thought(asyncio.get_running_loop().time())
        if not self.run.messages:
            self.records[0].message = self.run.message
        else:
            self.catch_up()
        self._note_times()
        for record in self.records:
            if record.message.status is None:
                record.message.status = "aborted"

    async def keep(self) -> None:
        """Keep its records, in place of its batches."""
        await self._log.finish(*([] if self._is_dropped else self.records))

    def _note(self, batch: Sequence[Event]) -> None:
        is_structural = False
        now = asyncio.get_running_loop().time()
        for event in batch:
            match event:
                case ContentDelta() | ReasoningDelta():
                    self.characters += len(event.text)
                case ToolCallDelta():
                    self.characters += len(event.arguments)
                case ApprovalRequest() if event.wants != "result":  # which nobody is asked for
                    self.approvals[event.call_id] = event
                case ToolRunStart():
                    self.approvals.pop(event.call_id, None)
                    self.tools_began_at[event.call_id] = now
                case ToolResult():
                    self.approvals.pop(event.call_id, None)
                    # Ids are used again by the calls of later steps.
                    began_at = self.tools_began_at.pop(event.call_id, None)
                    self.tools_took_s.pop(event.call_id, None)
                    if began_at is not None:
                        self.tools_took_s[event.call_id] = now - began_at
                case Heartbeat():
                    self.beat = event
                case StepStart(_, goes_on):
                    self.beat = None
                    self._characters_before = self.characters
                    if not goes_on or not self._tries:
                        self._tries.append(_Tries())
                case StepReset():
                    self.beat = None
                    # What was written is gone, and the pace begins anew with it.
                    self.characters = self._characters_before
                    self.first_output_at = self.first_output_at if self.characters else None
                case Retry():
                    self.beat = None
                    self.retry, self.retry_at = event, now + event.delay_s
                    self._note_failed(event)
            self._time_thought(event, now)
            if isinstance(event, OUTPUT):
                self.beat = self.retry = None
                if self.first_output_at is None:
                    self.first_output_at = now
                if self._writing_since is None:
                    self._begin_writing(now)
            elif isinstance(event, (StepEnd, StepReset)):
                self._end_writing(event, now)
            is_structural = is_structural or isinstance(event, _STRUCTURE)
        if is_structural:
            self.catch_up()
            self._time_holding(now)
        self._is_in_text = (
            self._writing_since is not None
            and self._thinking_since is None
            and self.beat is None
            and self.retry is None
        )

    def _begin_writing(self, now: float) -> None:
        self._writing_since = now
        if self._tries:
            self._tries[-1].go_on()

    def _end_writing(self, event: StepEnd | StepReset, now: float) -> None:
        if self._writing_since is not None and isinstance(event, StepEnd):
            self._wrote_s += now - self._writing_since
        self._writing_since = None
        if self._tries:
            self._tries[-1].go_on()

    def _note_failed(self, retry: Retry) -> None:
        """Note that a try has failed and another follows; its message is there until then."""
        timing = self.run.message.timing
        if self._tries:
            self._tries[-1].go_on()
            self._tries[-1].waiting_s = retry.delay_s + (timing.total_s if timing else 0)

    def _time_holding(self, now: float) -> None:
        if self.approvals and self._held_since is None:
            self._held_since = now
        elif not self.approvals and self._held_since is not None:
            self._held_s += now - self._held_since
            self._held_since = None

    def _time_thought(self, event: Event, now: float) -> None:
        """Time the reasoning. In sync mode all comes at once, and nobody knows how long it took."""
        if self.run.mode != "streaming":
            return
        match event:
            case StepStart(_, goes_on):
                if not goes_on or not self._thought_s:
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
        """Write the timings down, where they are kept."""
        answers = [record for record in self.records if record.message.role == "assistant"]
        for record, thought_s in zip(answers, self._thought_s, strict=False):
            record.thought_s = list(thought_s)
        for record, tries in zip(answers, self._tries, strict=False):
            record.tries, record.lost_s = tries.count, round(tries.lost_s, 3)
        for record in self.records:
            took_s = {
                one.call_id: round(self.tools_took_s[one.call_id], 3)
                for one in record.message.parts
                if isinstance(one, ToolResult) and one.call_id in self.tools_took_s
            }
            record.took_s = took_s | record.took_s  # the earliest is its own
