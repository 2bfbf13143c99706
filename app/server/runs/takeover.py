"""The rest of a run whose worker has died, by where it was.

in a model call       its output is void, and the same is asked again, once; where the provider
                      goes on with it by itself (`background`), it is read on
in a tool             none runs again: each call without a result gets one that says so
between two steps     the next step follows
in its last write     its end is written
"""

from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Sequence
from contextlib import suppress
from functools import partial
from itertools import takewhile
from typing import NamedTuple, Protocol

from msgspec.structs import replace

from ...core.cut_short import INTERRUPTED
from ...core.events import (
    ApprovalRequest,
    Done,
    Event,
    Retry,
    StepEnd,
    StepReset,
    StepStart,
    ToolRunStart,
    Warning,
)
from ...core.messages import Message, ToolResult, Usage
from ...core.run_fold import RunFold
from ...core.running.chat import Chat
from ...core.running.run import Run
from ...core.tools.toolbox import Toolbox
from ...core.unanswered import unanswered
from ...protocols.tokenfall.runs import Question
from ...runs.feeds import kept
from ...runs.log import (
    Claim,
    LogError,
    RunLog,
    RunRecord,
    controls_of,
    events_of,
)
from ...runs.offsets import START, Offset
from .background import Background, background_of, stop_begun
from .controls import Began, Cancel, HandedOver, decode_control
from .kept import begun_by, by_reference, conversation_of, events_in, question_of
from .overlap import Overlap

# The epoch of a run's first worker.
_FIRST_EPOCH = 1
ASKED_AGAIN = "The server that gave this answer ended. Another one asks for it again."


# Makes events as they lie in the log.
Refer = Callable[[list[Event]], Awaitable[list[Event]]]


class Again(Protocol):
    """Makes the chat in which a question is asked again; None where it can't be."""

    def __call__(
        self,
        question: Question,
        history: Sequence[Message],
        background: Background | None = None,
        /,
    ) -> Chat | None: ...


class Remains(NamedTuple):
    """The whole part of a run: `messages` of the `steps` that ended, with a result for each call,
    and their `usage`. `told` is what readers have not been told of it. `is_in_step`: a model call
    was on its way, of which `begun` had come. `end` is the run's own, where only that was missing.
    """

    messages: list[Message]
    told: list[Event]
    steps: int
    usage: Usage | None
    is_in_step: bool
    end: Done | None = None
    begun: Sequence[Event] = ()


def remains_of(begun: Message, events: Sequence[Event]) -> Remains | None:
    """Find out what is left of a run; None where only its provider knows how it goes on: it had
    asked for leave for a tool of its own.
    """
    fold = RunFold(begun)
    fold.add(events)
    messages = fold.messages
    starts = [event for event in events if isinstance(event, StepStart)]
    ends = [event for event in events if isinstance(event, StepEnd)]
    usage = None
    for spent in filter(None, (end.usage for end in ends)):
        usage = spent if usage is None else usage + spent
    asked = next((one for one in reversed(messages) if one.role == "assistant"), None)
    if asked is not None and asked.open_requests:
        return None
    if len(starts) > len(ends):
        whole = messages[:-1] if messages and messages[-1] is asked else messages
        if starts[
            -1
        ].goes_on:  # the answer that its provider had paused in is one with what is void
            whole = _before_last_step(begun, events)
        told: list[Event] = [StepReset(ASKED_AGAIN)]
        return Remains(whole, told, len(ends), usage, is_in_step=True, begun=_since_last(events))
    if asked is None:
        return Remains(messages, [], 0, usage, is_in_step=False)
    last = ends[-1]
    if not asked.calls_stand or not asked.open_tool_calls:
        if asked.is_paused:
            return Remains(messages, [], len(ends), usage, is_in_step=False)
        done = Done(last.status, last.finish_reason, last.finish_reason_raw, usage)
        return Remains(messages, [], len(ends), usage, is_in_step=False, end=done)
    missing = _missing(asked, messages[-1], events[events.index(last) :])
    if messages[-1] is asked:
        messages.append(Message("tool", status="complete"))
    messages[-1].parts += missing
    return Remains(messages, list(missing), len(ends), usage, is_in_step=False)


def _before_last_step(begun: Message, events: Sequence[Event]) -> list[Message]:
    at = max(at for at, event in enumerate(events) if isinstance(event, StepStart))
    fold = RunFold(begun)
    fold.add(events[:at])
    return fold.messages


def _since_last(events: Sequence[Event]) -> list[Event]:
    """The events of the model call that was on its way, as far as they stand."""
    found: list[Event] = []
    for event in events:
        if isinstance(event, StepStart | StepReset):
            found = []
        elif not isinstance(event, Retry):
            found.append(event)
    return found


def _missing(asked: Message, results: Message, events: Sequence[Event]) -> list[ToolResult]:
    """Results for calls that have none. A page may have run those that it was asked for."""
    begun = [
        event.call_id
        for event in events
        if isinstance(event, ToolRunStart)
        or (isinstance(event, ApprovalRequest) and event.wants == "result")
    ]
    told = [part for part in results.parts if isinstance(part, ToolResult)]
    return unanswered(asked.open_tool_calls, told, begun)


async def following(
    batches: AsyncIterator[list[Event]], remains: Remains, refer: Refer
) -> AsyncGenerator[list[Event]]:
    """Yield a run's events as the rest of one that broke off. `refer` makes them as they lie in the
    log.
    """
    if remains.told:
        yield remains.told
    is_told = remains.is_in_step  # that the step has begun
    overlap = Overlap(() if remains.told else remains.begun)
    async for batch in batches:
        found: list[Event] = []
        for event in batch:
            if isinstance(event, StepStart):
                if is_told:
                    is_told = False
                    continue
                event = replace(event, number=event.number + remains.steps)
            elif isinstance(event, Done) and remains.usage is not None:
                usage = remains.usage if event.usage is None else remains.usage + event.usage
                event = replace(event, usage=usage)
            found.append(event)
        if found := overlap.new(await refer(found)):
            yield found


class Rest(NamedTuple):
    """The rest of a run: `run` goes on behind `remains`, and was told things up to `told`."""

    run: Run
    toolbox: Toolbox
    remains: Remains
    told: Offset
    background: Background | None
    refer: Refer

    def following(self, batches: AsyncIterator[list[Event]]) -> AsyncGenerator[list[Event]]:
        """Yield the run's events as the rest."""
        return following(batches, self.remains, self.refer)


def marked() -> list[Event]:
    """The end of a run that does not go on."""
    return [Warning(INTERRUPTED), Done("incomplete")]


async def rest_of(
    log: RunLog, record: RunRecord, claim: Claim, again: Again | None
) -> Rest | list[Event]:
    """Have a run that a dead worker left go on, once, in the chat that `again` makes; where it
    can't, give its end.
    """
    told, deaths = START, claim.epoch - _FIRST_EPOCH
    begun: Began | None = None
    async for entry in kept(log, controls_of(record.id)):
        told, control = entry.end, decode_control(entry.data)
        if isinstance(control, Cancel):
            return [Done("aborted")]
        deaths -= isinstance(control, HandedOver)
        begun = control if isinstance(control, Began) else begun
    if deaths > 1 or again is None or not record.question:
        return marked()
    events: list[Event] = []
    async for entry in kept(log, events_of(record.id)):
        events += events_in(entry.lines())
    question = question_of(record)
    remains = remains_of(begun_by(question), events)
    if remains is None:
        return marked()
    if remains.end is not None:
        return [remains.end]
    runs = await log.runs(record.owner, record.chat)
    earlier = list(takewhile(lambda one: one.id != record.id, runs))
    history = await conversation_of(log, record.owner, question, earlier)
    background = background_of(question, record.id, begun)
    if background is not None and begun is not None:
        remains = remains._replace(told=remains.told if not remains.is_in_step else [])
    messages = [*history, *remains.messages]
    chat = again(question, messages, background) if background else again(question, messages)
    if chat is None:
        return marked()
    chat.max_steps = max(chat.max_steps - remains.steps, 1)
    if remains.steps and chat.options.tool_choice != "none":  # a forced call was made
        chat.options = replace(chat.options, tool_choice="auto")
    run = chat.go_on(streaming=question.stream)
    refer = partial(by_reference, log, record.id)
    return Rest(run, chat.toolbox, remains, told, background, refer)


async def left_begun(log: RunLog, run: str) -> Began | None:
    """Find the latest answer that a provider goes on with by itself for a run, as far as can be
    read.
    """
    begun: Began | None = None
    with suppress(LogError):
        async for entry in kept(log, controls_of(run)):
            control = decode_control(entry.data)
            begun = control if isinstance(control, Began) else begun
    return begun


async def stop_left(record: RunRecord, begun: Began | None, again: Again | None) -> None:
    """Have the provider end an answer of a run whose worker has died, where it can be told so; it
    waits for that no longer than a stop may take.
    """
    if begun is None or again is None:
        return
    question = question_of(record)
    if (chat := again(question, question.messages)) is not None:
        await stop_begun(question, begun, chat)
