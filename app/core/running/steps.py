"""The steps of one run: model calls, tried again where that is allowed, and the tools between them.

A step is one model call. Where its answer asks for tools, they run, and the next step sees their
results, until an answer asks for none (the ReAct loop). Streaming and sync run the same loop.
"""

import asyncio
from collections.abc import AsyncGenerator, Iterator, Sequence
from contextlib import aclosing

import msgspec

from ..events import (
    OUTPUT,
    ApprovalRequest,
    Done,
    Event,
    Heartbeat,
    Retry,
    StepEnd,
    StepReset,
    StepStart,
    Warning,
)
from ..messages import Message, Mode, ProviderTool, ToolCall, Usage
from ..options import Options
from ..tools.toolbox import Toolbox
from ..wire.secrets import Secrets
from ..wire.transport import Transport
from .calls import Calls
from .retries import Retries, why_failed
from .step import Deadlines, Endpoint, Step
from .waiting import Waiter

# What a reader has to see at once, after which a step is not tried again: output, and a question of
# the answering side, which waits for a reply.
_SEEN = (*OUTPUT, ApprovalRequest)


class Route(msgspec.Struct, frozen=True):
    """A model of an endpoint, and the transport to it."""

    endpoint: Endpoint
    model: str
    transport: Transport


class Steps:
    """The work of a run, step by step. `messages` and `message` can be looked at any time."""

    def __init__(
        self,
        routes: Sequence[Route],
        *,
        options: Options,
        mode: Mode,
        deadlines: Deadlines,
        retries: Retries,
        toolbox: Toolbox,
        max_steps: int,
        waiter: Waiter,
    ) -> None:
        self.calls = Calls(toolbox)
        self.usage: Usage | None = None  # of all steps
        self.first_output_at: float | None = None  # seconds on the loop's clock
        self._turns: list[Step | Message] = []  # steps, and the results of their tools
        self._asked: dict[Step, Route] = {}
        self._routes = list(routes)
        self._options = options
        self._mode = mode
        self._deadlines = deadlines
        self._retries = retries
        self._max_steps = max_steps
        self._waiter = waiter
        self._pending: list[Event] = []  # what goes out with the next batch
        self._unasked = Message("assistant", model=routes[0].model, mode=mode)

    @property
    def messages(self) -> list[Message]:
        """Their part of the conversation so far: answers, and results of tools."""
        return [turn.message if isinstance(turn, Step) else turn for turn in self._turns]

    @property
    def message(self) -> Message:
        """The answer so far: the latest step's; an empty one before the first."""
        for turn in reversed(self._turns):
            if isinstance(turn, Step):
                return turn.message
        return self._unasked

    async def batches(self, history: list[Message]) -> AsyncGenerator[list[Event]]:
        """Take the steps that follow this conversation; yield their events. `last_batch` has the
        rest.

        Raises:
            Stopped: The run was cancelled between two steps: one that is stopped ends by itself.
        """
        for number in range(1, self._max_steps + 1):
            async with aclosing(self._step(number, history)) as batches:
                async for batch in batches:
                    yield batch
            calls = self.calls.wanted(self.message)
            if not calls:
                if self.message.is_paused:
                    continue  # the provider goes on from its own answer
                return
            results = Message("tool", status="complete")
            self._turns.append(results)
            async with aclosing(self._answers(calls, results)) as batches:
                async for batch in batches:
                    yield self._with_pending(batch)
            if self._options.tool_choice != "none":  # a forced call was made; the next is free
                self._options = msgspec.structs.replace(self._options, tool_choice="auto")
        words = f"The answer took {self._max_steps} steps; that is the limit."
        self._pending.append(Warning(words))

    def last_batch(self, done: Done) -> list[Event]:
        """Give the events still to be told, with the run's end."""
        return self._with_pending([done])

    def _answers(self, calls: Sequence[ToolCall], results: Message) -> AsyncGenerator[list[Event]]:
        asked = self._turns[-2]
        secrets = asked.secrets if isinstance(asked, Step) else Secrets()
        return self.calls.run(calls, results, self._waiter, secrets)

    async def _step(self, number: int, history: list[Message]) -> AsyncGenerator[list[Event]]:
        """One model call, tried again where that is allowed; its answer is the last message.

        Its last events are left in `_pending`.
        """
        attempt = 0
        has_begun = False
        while True:
            step = self._call(history)
            paused = self._paused(step, history)
            if paused is not None:
                step.go_on_from(paused)
            paused_turn = self._turns.pop() if paused is not None and self._turns else None
            if not has_begun:
                has_begun = True
                self._pending.append(StepStart(number, goes_on=paused is not None))
            self._turns.append(step)
            self._name(step.message)
            has_output = False
            held: list[Event] = []  # what comes before the first output, and does not count yet
            async with aclosing(step.batches()) as batches:
                async for batch in batches:
                    if not has_output and any(isinstance(event, _SEEN) for event in batch):
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
            if paused_turn is not None:
                self._turns.append(paused_turn)

    def _paused(self, step: Step, history: list[Message]) -> Message | None:
        """The answer that a model call goes on from in mid-sentence, where its provider paused in
        it. Tools that the provider ran in it make it a turn of its own.
        """
        last = self._turns[-1] if self._turns else history[-1]
        before = last.message if isinstance(last, Step) else last
        if not before.is_paused:
            return None
        now = step.message
        is_same = (before.protocol, before.provider) == (now.protocol, now.provider)
        has_tools = any(isinstance(part, ProviderTool) for part in before.parts)
        return before if is_same and not has_tools else None

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
            stream=self._mode == "streaming",
        )
        step = Step(
            route.endpoint,
            route.transport,
            request,
            mode=self._mode,
            deadlines=self._deadlines,
            waiter=self._waiter,
            no_thoughts=self._options.reasoning_effort == "none",
        )
        self._asked[step] = route
        return step

    def _so_far(self, route: Route) -> Iterator[Message]:
        """Give the messages that this run has added. An answer of another route is told as another
        model's: its reasoning and signatures mean nothing on this one.
        """
        for turn in self._turns:
            if not isinstance(turn, Step):
                yield turn
            elif self._asked[turn] == route:
                yield turn.message
            else:
                yield msgspec.structs.replace(turn.message, provider="another model")

    def _name(self, message: Message) -> None:
        message.mode = self._mode
        message.model = message.model or self._routes[0].model

    def _stamp(self) -> None:
        if self.first_output_at is None:
            self.first_output_at = asyncio.get_running_loop().time()

    def _step_end(self, message: Message, done: Done) -> StepEnd:
        self._name(message)
        if done.usage is not None:
            self.usage = done.usage if self.usage is None else self.usage + done.usage
        return StepEnd(
            done.status, done.finish_reason, done.finish_reason_raw, done.usage, done.timing
        )

    def _retry(self, message: Message, attempt: int, has_output: bool) -> Retry | None:
        """Decide what follows a step that failed: the same again, again without what was refused,
        or the next provider. None where that was the end.
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
