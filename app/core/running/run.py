"""One run: a question asked, an answer received, with all its steps.

A step is one model call. Where its answer asks for tools, they run, and the next step sees their
results, until an answer asks for none (the ReAct loop). Streaming and sync run the same loop.

A run is pulled by whoever reads it. It reads no further than its reader, which is the
backpressure; a `StreamConfig` lets it read ahead. `cancel` and deadlines wake it while it waits for
a silent provider, and end running tools. Nothing that a provider, the network or a tool does is
raised at the reader: it becomes events, and the messages keep what had arrived.
"""

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import aclosing

import msgspec

from ..errors import UsageError
from ..events import (
    OUTPUT,
    ContentDelta,
    Done,
    Event,
    Heartbeat,
    Retry,
    StepEnd,
    StepReset,
    StepStart,
    Warning,
)
from ..messages import Message, Mode, ProviderTool, Status, Timing, ToolCall, Usage
from ..options import Options
from ..tools.toolbox import Toolbox
from ..wire.secrets import Secrets
from ..wire.transport import Transport
from .buffering import ReadAhead, StreamConfig
from .calls import Calls, Decision
from .retries import Retries, why_failed
from .step import Deadlines, Endpoint, Step
from .waiting import Stopped, Waiter

_log = logging.getLogger(__name__)


class Route(msgspec.Struct, frozen=True):
    """Who is asked, and on which way."""

    endpoint: Endpoint
    model: str
    transport: Transport


class Run:
    """An answer on its way: read it as events, as batches, as text, or whole.

    It starts with the first reading, after the end of the run that it was queued behind, and is
    read once. Leaving the reading early, or `cancel`,
    aborts the request down to the socket and ends running tools.
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
        self._turns: list[Step | Message] = []  # steps, and the results of their tools
        self._asked: dict[Step, Route] = {}
        self._routes = list(routes)
        self._history = history
        self._options = options
        self._deadlines = deadlines
        self._retries = retries
        self._calls = Calls(toolbox)
        self._max_steps = max_steps
        self._previous = previous
        self._has_ended = asyncio.Event()
        self._closing: asyncio.Future[None] | None = None
        self._notify = notify
        self._waiter = Waiter()
        self._stream_config = stream_config
        self._ahead: ReadAhead | None = None
        self._reader: AsyncGenerator[list[Event]] | None = None
        self._status: Status | None = None
        self._unasked = Message("assistant", model=routes[0].model, mode=mode)
        self._usage: Usage | None = None
        self._pending: list[Event] = []  # what goes out with the next batch
        # Seconds on the loop's clock:
        self._started_at = 0.0
        self._first_output_at: float | None = None

    @property
    def messages(self) -> list[Message]:
        """What the run has added to the conversation so far: answers, and results of tools."""
        return [turn.message if isinstance(turn, Step) else turn for turn in self._turns]

    @property
    def message(self) -> Message:
        """The answer so far: the latest step's; its `status` is None until that step's end."""
        for turn in reversed(self._turns):
            if isinstance(turn, Step):
                return turn.message
        return self._unasked

    @property
    def status(self) -> Status | None:
        """How the run ended; None until then."""
        return self._status

    @property
    def was_asked(self) -> bool:
        """Whether the question went out, or still will; not where it was cancelled before."""
        return bool(self._turns) or self._status is None

    @property
    def is_running(self) -> bool:
        """Whether it is being read, or waits for its turn, and has not come to its end."""
        return (self._reader or self._previous) is not None and self._status is None

    def cancel(self, reason: str = "user") -> None:
        """Stop: wakes a silent wait, aborts the request, ends running tools; what came stays.

        Harmless at any time. Before the start it is the end: the question is not asked any more,
        and who waits for this run waits no longer.
        """
        self._waiter.cancel()
        if self._ahead is not None:
            self._ahead.release()
        if self._reader is None and self._status is None:
            self._status = self._unasked.status = "aborted"
            self._has_ended.set()

    def decide(self, call_id: str, decision: Decision) -> None:
        """Answer an `ApprovalRequest`. "allow_always" holds for this tool and this chat.

        Raises:
            UsageError: No such call waits.
        """
        self._calls.decide(call_id, decision)

    def give(self, call_id: str, content: str, *, is_error: bool = False) -> None:
        """Give the result of a call that a person or the page answers. Raises as `decide`."""
        self._calls.give(call_id, content, is_error=is_error)

    def batches(self) -> AsyncGenerator[list[Event]]:
        """Yield events as they come, one list for what arrived together. The last is `Done`.

        Raises:
            UsageError: The run was read before.
        """
        if self._reader is not None:
            raise UsageError("a run is read once; its answer is in `message`")
        self._reader = self._told()
        return self._left_when_dropped(self._reader)

    async def _left_when_dropped(
        self, batches: AsyncGenerator[list[Event]]
    ) -> AsyncGenerator[list[Event]]:
        """The run holds its reader, so that alone is never collected; who drops this one leaves."""
        try:
            async for batch in batches:
                yield batch
        finally:
            await self._leave()

    async def events(self) -> AsyncGenerator[Event]:
        """Yield events one by one; `Done` is the last. Raises as `batches`."""
        batches = self.batches()
        try:
            async for batch in batches:
                for event in batch:
                    yield event
        finally:
            await self._leave()

    def __aiter__(self) -> AsyncIterator[Event]:
        return self.events()

    async def text(self) -> AsyncGenerator[str]:
        """Yield the fragments of the answer's text, and nothing else. Raises as `batches`."""
        batches = self.batches()
        try:
            async for batch in batches:
                for event in batch:
                    if isinstance(event, ContentDelta):
                        yield event.text
        finally:
            await self._leave()

    async def result(self) -> Message:
        """Return the answer, reading it to its end if nobody did.

        It is there whatever happened: look at its `status` and `error`.
        """
        if self._reader is None:
            async for _ in self.batches():
                pass
        return self.message

    async def ended(self) -> None:
        """Wait until it has come to its end, whoever reads it."""
        await self._has_ended.wait()

    async def __aenter__(self) -> "Run":
        return self

    async def __aexit__(self, *_: object) -> None:
        """Abort the request, if it still goes on."""
        await self._leave()

    async def _leave(self) -> None:
        """End what still goes on, once, whoever asks for it: several may at the same time, since a
        generator that was dropped is closed by the loop.
        """
        self.cancel("left")
        if self._reader is None or (self._status is not None and self._ahead is None):
            return
        is_read = self._waiter.is_waiting if self._ahead is None else self._ahead.is_awaited
        if is_read:
            await self._has_ended.wait()  # the reader wakes, and ends it
            return
        if self._closing is None:
            self._closing = asyncio.ensure_future(self._reader.aclose())
        await self._closing
        if self._status is None:  # it was never begun
            self._end()

    async def _told(self) -> AsyncGenerator[list[Event]]:
        batches = self._batches()
        if self._stream_config is not None:
            self._ahead = ReadAhead(batches, self._stream_config)
            batches = self._ahead.batches()
        async with aclosing(batches):
            async for batch in batches:
                if self._notify is not None:
                    for event in batch:
                        self._notify(self, event)
                yield batch

    async def _batches(self) -> AsyncGenerator[list[Event]]:
        if self._status is not None:  # cancelled before the start
            yield [Done(self._status)]
            return
        try:
            # One that was cancelled while it waited has ended, and those before it may go on.
            while self._previous is not None:
                await self._waiter.wait(self._previous._has_ended.wait)
                self._previous = self._previous._previous
            self._started_at = asyncio.get_running_loop().time()
            history = self._history()
            for number in range(1, self._max_steps + 1):
                async with aclosing(self._step(number, history)) as batches:
                    async for batch in batches:
                        yield batch
                calls = self._calls.wanted(self.message)
                if not calls:
                    if self.message.is_paused:
                        continue  # the provider goes on from its own answer
                    break
                results = Message("tool", status="complete")
                self._turns.append(results)
                async with aclosing(self._answers(calls, results)) as batches:
                    async for batch in batches:
                        yield self._with_pending(batch)
                if self._options.tool_choice != "none":  # a forced call was made; the next is free
                    self._options = msgspec.structs.replace(self._options, tool_choice="auto")
            else:
                words = f"The model asked for tools in {self._max_steps} steps; that is the limit."
                self._pending.append(Warning(words))
            yield self._with_pending([self._end()])
        except Stopped:  # between two steps: a step that is stopped ends by itself
            self.message.status = "aborted"
            yield self._with_pending([self._end()])
        finally:
            if self._status is None:
                _log.warning("the reader went away in mid-answer; the request was aborted")
                self.message.status = "aborted"
                done = self._end()
                if self._notify is not None:
                    self._notify(self, done)

    def _answers(self, calls: Sequence[ToolCall], results: Message) -> AsyncGenerator[list[Event]]:
        asked = self._turns[-2]
        secrets = asked.secrets if isinstance(asked, Step) else Secrets()
        return self._calls.run(calls, results, self._waiter, secrets)

    def _end(self) -> Done:
        message = self.message
        self._has_ended.set()
        self._status = message.status = message.status or "aborted"
        now = asyncio.get_running_loop().time()
        first = self._first_output_at
        first_s = None if first is None else round(first - self._started_at, 6)
        timing = Timing(round(now - self._started_at, 6), first_s)
        reason, raw = message.finish_reason, message.finish_reason_raw
        return Done(self._status, reason, raw, self._usage, timing)

    # One step, with its retries

    async def _step(self, number: int, history: list[Message]) -> AsyncGenerator[list[Event]]:
        """One model call, tried again where that is allowed; its answer is the last message.

        What it ends with is left in `_pending`.
        """
        attempt = 0
        has_begun = False
        while True:
            step = self._call(history)
            paused = self._paused(step)
            if paused is not None:
                step.go_on_from(paused.message)
                self._turns.pop()
            if not has_begun:
                has_begun = True
                self._pending.append(StepStart(number, goes_on=paused is not None))
            self._turns.append(step)
            self._name(step.message)
            has_output = False
            held: list[Event] = []  # what comes before the first output, and does not count yet
            async with aclosing(step.batches()) as batches:
                async for batch in batches:
                    if not has_output and any(isinstance(event, OUTPUT) for event in batch):
                        has_output = True
                        self._stamp()
                        batch = held + batch
                        held = []
                    if isinstance(batch[-1], Done):
                        done = batch[-1]
                        held += batch[:-1]
                    elif has_output:
                        yield self._with_pending(batch)
                    else:
                        held += [event for event in batch if not isinstance(event, Heartbeat)]
                        if beats := [event for event in batch if isinstance(event, Heartbeat)]:
                            yield self._with_pending(beats)
            retry = self._retry(step.message, attempt, has_output)
            if retry is None:
                self._pending += [*held, self._step_end(step.message, done)]
                return
            attempt = 0 if retry.model else attempt + 1  # each provider has tries of its own
            yield self._with_pending([StepReset(retry.reason), retry] if has_output else [retry])
            await self._pause(retry.delay_s)
            self._turns.pop()
            if paused is not None:
                self._turns.append(paused)

    def _paused(self, step: Step) -> Step | None:
        """The answer that a model call goes on from in mid-sentence, where its provider paused in
        it. Tools that the provider ran in it make it a turn of its own.
        """
        last = self._turns[-1] if self._turns else None
        if not isinstance(last, Step) or not last.message.is_paused:
            return None
        before, now = last.message, step.message
        is_same = (before.protocol, before.provider) == (now.protocol, now.provider)
        has_tools = any(isinstance(part, ProviderTool) for part in before.parts)
        return last if is_same and not has_tools else None

    def _with_pending(self, batch: Sequence[Event]) -> list[Event]:
        pending, self._pending = self._pending, []
        return [*pending, *batch]

    async def _pause(self, delay_s: float) -> None:
        await self._waiter.wait(lambda: asyncio.sleep(delay_s))

    def _call(self, history: list[Message]) -> Step:
        route = self._routes[0]
        request = route.endpoint.render(
            [*history, *self._so_far(route)],
            model=route.model,
            options=self._options,
            stream=self.mode == "streaming",
        )
        step = Step(
            route.endpoint,
            route.transport,
            request,
            mode=self.mode,
            deadlines=self._deadlines,
            waiter=self._waiter,
        )
        self._asked[step] = route
        return step

    def _so_far(self, route: Route) -> Iterator[Message]:
        """What this run has added. Of a model that was asked before another had to stand in, it is
        told as somebody else's: what that one thought and signed means nothing here.
        """
        for turn in self._turns:
            if not isinstance(turn, Step):
                yield turn
            elif self._asked[turn] == route:
                yield turn.message
            else:
                yield msgspec.structs.replace(turn.message, provider="another model")

    def _name(self, message: Message) -> None:
        message.mode = self.mode
        message.model = message.model or self._routes[0].model

    def _stamp(self) -> None:
        if self._first_output_at is None:
            self._first_output_at = asyncio.get_running_loop().time()

    def _step_end(self, message: Message, done: Done) -> StepEnd:
        self._name(message)
        if done.usage is not None:
            self._usage = done.usage if self._usage is None else self._usage + done.usage
        return StepEnd(
            done.status, done.finish_reason, done.finish_reason_raw, done.usage, done.timing
        )

    def _retry(self, message: Message, attempt: int, has_output: bool) -> Retry | None:
        """Whether the step is tried again, without what was refused, or another provider asked;
        None where nothing of that is.
        """
        retry = self._retries.next(message, attempt, has_output)
        if retry is None and message.error is not None and not has_output:
            route = self._routes[0]
            if route.endpoint.withdraws(message.error, route.model):
                return Retry(attempt + 1, 0, message.error.message)
        if retry is None and message.has_failed and not has_output and len(self._routes) > 1:
            self._routes.pop(0)
            return Retry(1, 0, why_failed(message), self._routes[0].model)
        return retry
