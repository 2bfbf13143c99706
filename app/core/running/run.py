"""One run: a question asked, an answer received, with all its steps (`steps`).

A run is pulled by its reader. It reads no further than its reader, which is the backpressure; a
`StreamConfig` lets it read ahead. `cancel` and deadlines wake it while it waits for a silent
provider, and end running tools. Nothing that a provider, the network or a tool does is raised at
the reader: it becomes events, and the messages keep what had arrived.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing

from ..errors import UsageError
from ..events import Done, Event
from ..messages import Message, Mode, Status, Timing
from ..options import Options
from ..tools.toolbox import Toolbox
from .buffering import ReadAhead, StreamConfig
from .calls import Decision, OlderDecision
from .queueing import Place
from .reading import Readable
from .retries import Retries
from .step import Deadlines
from .steps import Route, Steps
from .waiting import Stopped, Waiter

_log = logging.getLogger(__name__)


class Run(Readable):
    """An answer on its way: read it as events, as batches, as text, or whole.

    It starts with the first reading, after the end of the run that it was queued behind, and is
    read once. Leaving the reading early, or `cancel`, aborts the request down to the socket and
    ends running tools.
    """

    def __init__(
        self,
        routes: Sequence[Route],
        history: Callable[[], list[Message]],
        *,
        options: Options,
        mode: Mode,
        deadlines: Deadlines,
        retries: Retries,
        toolbox: Toolbox,
        max_steps: int,
        stream_config: StreamConfig | None = None,
        previous: "Run | None" = None,
        notify: Callable[["Run", Event], None] | None = None,
    ) -> None:
        self.mode = mode
        self.cancel_reason: str | None = None  # the word of the first `cancel`
        self._history = history
        self._waiter = Waiter()
        self._steps = Steps(
            routes,
            options=options,
            mode=mode,
            deadlines=deadlines,
            retries=retries,
            toolbox=toolbox,
            max_steps=max_steps,
            waiter=self._waiter,
        )
        self._place: Place = Place(None if previous is None else previous._place)
        self._stream_config = stream_config
        self._notify = notify
        self._ahead: ReadAhead | None = None
        self._reader: AsyncGenerator[list[Event]] | None = None
        self._closing: asyncio.Future[None] | None = None
        self._status: Status | None = None
        self._started_at = 0.0  # seconds on the loop's clock

    @property
    def messages(self) -> list[Message]:
        """The run's part of the conversation so far: answers, and results of tools."""
        return self._steps.messages

    @property
    def message(self) -> Message:
        """The answer so far: the latest step's; its `status` is None until that step's end."""
        return self._steps.message

    @property
    def status(self) -> Status | None:
        """The status with which the run ended; None until then."""
        return self._status

    @property
    def was_asked(self) -> bool:
        """Tell whether the question went out, or still will; not where it was cancelled before."""
        return bool(self.messages) or self._status is None

    @property
    def is_read(self) -> bool:
        """Tell whether somebody has begun to read."""
        return self._reader is not None

    @property
    def is_running(self) -> bool:
        """Tell whether it is being read, or waits for its turn, and has not come to its end."""
        return (self.is_read or self._place.is_behind) and self._status is None

    def cancel(self, reason: str = "user") -> None:
        """Stop: wakes a silent wait, aborts the request, ends running tools; what came stays.

        Harmless at any time. Before the start it is the end: the question is not asked any more,
        and waits for this run end. `reason` is a word for `cancel_reason`.
        """
        if self._status is None and self.cancel_reason is None:
            self.cancel_reason = reason
        self._waiter.cancel()
        if self._ahead is not None:
            self._ahead.release()
        if self._reader is None and self._status is None:
            self._status = self.message.status = "aborted"
            self._place.leave()

    def decide(self, call_id: str, decision: Decision | OlderDecision) -> None:
        """Answer an `ApprovalRequest`: "once", "chat", "always" or "deny". With "chat" this chat
        asks no more before it runs this tool; to keep "always" longer is for the caller.

        Raises:
            UsageError: No such call waits, or the decision is none of these.
        """
        self._steps.calls.decide(call_id, decision)

    def give(self, call_id: str, content: str, *, is_error: bool = False) -> None:
        """Give the result of a call that a person or the page answers. Raises as `decide`."""
        self._steps.calls.give(call_id, content, is_error=is_error)

    def batches(self) -> AsyncGenerator[list[Event]]:
        """Yield events as they come, one list for what arrived together. The last is `Done`.

        Raises:
            UsageError: The run was read before.
        """
        if self.is_read:
            raise UsageError("a run is read once; its answer is in `message`")
        self._reader = self._source()
        return self._left_when_dropped(self._reader)

    async def _left_when_dropped(
        self, batches: AsyncGenerator[list[Event]]
    ) -> AsyncGenerator[list[Event]]:
        """Leave the run when this generator is dropped: the run holds its reader, which alone would
        never be collected.
        """
        try:
            async for batch in batches:
                yield batch
        finally:
            await self.leave()

    async def ended(self) -> None:
        """Wait until it has come to its end, whoever reads it."""
        await self._place.left()

    async def leave(self) -> None:
        """End the run's work, once, whoever asks for it: several may at the same time, since a
        generator that was dropped is closed by the loop.
        """
        self.cancel("left")
        if self._reader is None or (self._status is not None and self._ahead is None):
            return
        is_awaited = self._waiter.is_waiting if self._ahead is None else self._ahead.is_awaited
        if is_awaited:
            await self._place.left()  # the reader wakes, and ends it
            return
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._reader.aclose())
        await self._closing
        if self._status is None:  # it was never begun
            self._end()

    def _source(self) -> AsyncGenerator[list[Event]]:
        batches = self._batches()
        if self._stream_config is not None:
            self._ahead = ReadAhead(batches, self._stream_config)
            batches = self._ahead.batches()
        return batches if self._notify is None else self._notified(batches, self._notify)

    async def _notified(
        self, source: AsyncGenerator[list[Event]], notify: Callable[["Run", Event], None]
    ) -> AsyncGenerator[list[Event]]:
        async with aclosing(source) as batches:
            async for batch in batches:
                for event in batch:
                    notify(self, event)
                yield batch

    async def _batches(self) -> AsyncGenerator[list[Event]]:
        if self._status is not None:  # cancelled before the start
            yield [Done(self._status)]
            return
        try:
            await self._place.reach(self._waiter)
            self._started_at = asyncio.get_running_loop().time()
            async with aclosing(self._steps.batches(self._history())) as batches:
                async for batch in batches:
                    yield batch
            yield self._steps.last_batch(self._end())
        except Stopped:  # between two steps: a step that is stopped ends by itself
            self.message.status = "aborted"
            yield self._steps.last_batch(self._end())
        finally:
            if self._status is None:
                _log.warning("the reader went away in mid-answer; the request was aborted")
                self.message.status = "aborted"
                done = self._end()
                if self._notify is not None:
                    self._notify(self, done)

    def _end(self) -> Done:
        message = self.message
        self._place.leave()
        self._status = message.status = message.status or "aborted"
        now = asyncio.get_running_loop().time()
        first = self._steps.first_output_at
        first_s = None if first is None else round(first - self._started_at, 6)
        timing = Timing(round(now - self._started_at, 6), first_s)
        reason, raw = message.finish_reason, message.finish_reason_raw
        return Done(self._status, reason, raw, self._steps.usage, timing)
