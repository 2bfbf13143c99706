"""The rest of a run that a dead worker left: what is told, asked again, or given up."""

import asyncio
from collections.abc import Sequence
from typing import Any

import msgspec
import pytest

from app.core.cut_short import INTERRUPTED, STOPPED
from app.core.errors import UsageError
from app.core.events import (
    ApprovalRequest,
    ContentDelta,
    Done,
    Event,
    StepEnd,
    StepReset,
    StepStart,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
    ToolRunStart,
    Warning,
)
from app.core.messages import Message, ProviderTool, ToolResult, Usage, user
from app.core.run_fold import RunFold
from app.core.running.chat import Chat
from app.core.unanswered import LOST, NOT_RUN
from app.protocols.tokenfall.runs import Question
from app.providers import PROVIDERS, provider
from app.runs.feeds import Feeds, kept
from app.runs.log import RunRecord, controls_of, events_of
from app.runs.memory import MemoryLog
from app.scripted.openai_chat import Answer, records, streamed
from app.scripted.steps import Stall
from app.scripted.transport import ScriptedTransport
from app.server.runs.asking import LOCAL, Asker
from app.server.runs.background import Background
from app.server.runs.budgets import Patience
from app.server.runs.controls import Cancel, HandedOver
from app.server.runs.kept import events_in
from app.server.runs.metrics import Metrics
from app.server.runs.runner import Runner
from app.server.runs.takeover import Remains, following, remains_of
from tests.live_server import LIMIT_S

DEMO = PROVIDERS["demo"]
BEGUN = Message("assistant", model="demo")
USAGE = Usage(input_tokens=10, output_tokens=5)
ENDED = StepEnd("complete", "tool_calls", usage=USAGE)


def call(number: int, name: str = "look") -> list[Event]:
    return [
        ToolCallStart(number, f"c{number}", name),
        ToolCallDelta(number, "{}"),
        ToolCallEnd(number),
    ]


def remains(*events: Event) -> Remains:
    found = remains_of(BEGUN, events)
    assert found is not None
    return found


def test_a_model_call_on_its_way_is_void_and_the_steps_before_it_stay():
    first = remains(StepStart(1), ContentDelta("Half"))
    assert (first.messages, first.steps, first.is_in_step) == ([], 0, True)
    assert [type(event) for event in first.told] == [StepReset]
    result = ToolResult("c0", "seen", "look")
    begun = [StepStart(1), *call(0), ENDED, ToolRunStart("c0", "look"), result]
    second = remains(*begun, StepStart(2), ContentDelta("Half"))
    assert [message.role for message in second.messages] == ["assistant", "tool"]
    assert (second.steps, second.usage, second.is_in_step) == (1, USAGE, True)
    between = remains(*begun)
    assert (between.told, between.steps, between.is_in_step) == ([], 1, False)
    assert remains().messages == []


def test_no_tool_runs_again_and_a_page_may_have_run_what_it_was_asked_for():
    found = remains(
        StepStart(1),
        *call(0),
        *call(1, "of_the_page"),
        *call(2, "asks_first"),
        *call(3),
        ENDED,
        ToolRunStart("c0", "look"),
        ApprovalRequest("c1", "of_the_page", "{}", "result"),
        ApprovalRequest("c2", "asks_first", "{}", "approval"),
        ToolRunStart("c3", "look"),
        ToolResult("c0", "seen", "look"),
    )
    told = {event.call_id: event.content for event in found.told if isinstance(event, ToolResult)}
    assert told == {"c1": LOST, "c2": NOT_RUN, "c3": LOST}
    results = found.messages[-1].parts
    assert [part.call_id for part in results if isinstance(part, ToolResult)] == [
        "c0",
        "c1",
        "c2",
        "c3",
    ]


def test_only_its_end_is_written_where_nothing_else_is_missing():
    for end in (
        StepEnd("complete", "stop", usage=USAGE),
        StepEnd("complete", "length", usage=USAGE),
        StepEnd("error", usage=USAGE),
    ):
        found = remains(StepStart(1), ContentDelta("All"), end)
        assert found.end == Done(end.status, end.finish_reason, usage=USAGE)


PAUSED: list[Event] = [
    StepStart(1),
    ContentDelta("Half "),
    StepEnd("complete", "pause", usage=USAGE),
]


@pytest.mark.parametrize(
    ("left", "void"),
    [
        (PAUSED, False),
        ([*PAUSED, StepStart(2, goes_on=True)], True),
        ([*PAUSED, StepStart(2, goes_on=True), ContentDelta("of ")], True),
        ([*PAUSED, StepStart(2, goes_on=True), ToolCallStart(0, "c", "look")], True),
    ],
)
async def test_an_answer_that_its_provider_paused_in_goes_on_from_there(
    left: list[Event], void: bool
):
    workers = Workers()
    await workers.left(*left)
    found = [*left, *(await workers.taken())[len(left) :]]
    fold = RunFold(Message("assistant", protocol=DEMO.protocol, provider="demo"))
    fold.add(found)
    assert [message.text for message in fold.messages] == ["Half whole"]
    [asked] = workers.asked
    assert [message.text for message in asked] == ["Hello", "Half "]
    assert any(isinstance(event, StepReset) for event in found) == void
    starts = [event for event in found if isinstance(event, StepStart)]
    assert starts == [StepStart(1), StepStart(2, goes_on=True)]
    assert isinstance(found[-1], Done)
    assert found[-1].status == fold.message.status == "complete"
    # What the half before has cost is in the whole, once.
    told = [event.usage for event in found if isinstance(event, StepEnd) and event.usage]
    assert found[-1].usage == sum(told[1:], start=told[0])


def test_steps_behind_a_pause_are_whole_and_what_a_provider_asks_leave_for_is_left_alone():
    whole: list[Event] = [*PAUSED, StepStart(2, goes_on=True), *call(0), ENDED]
    found = remains(*whole, ToolRunStart("c0", "look"), ToolResult("c0", "seen", "look"))
    assert [(message.role, message.text) for message in found.messages] == [
        ("assistant", "Half "),
        ("tool", ""),
    ]
    assert (found.steps, found.usage, found.is_in_step) == (2, USAGE + USAGE, False)
    request = ProviderTool("r1", "mcp", asks_for="look")
    assert Message("assistant", [request]).open_requests
    assert remains_of(BEGUN, [StepStart(1), request, StepEnd("complete", "stop")]) is None


async def test_steps_are_counted_on_and_tokens_added():
    async def batches():
        yield [StepStart(1), ContentDelta("a")]
        yield [StepEnd("complete"), StepStart(2)]
        yield [Done("complete", usage=USAGE)]

    left = Remains([], [StepReset("again")], 2, USAGE, is_in_step=True)

    async def as_they_are(events: list[Event]) -> list[Event]:
        return events

    told = following(batches(), left, as_they_are)
    found = [event async for batch in told for event in batch]
    assert found == [
        StepReset("again"),
        ContentDelta("a"),
        StepEnd("complete"),
        StepStart(4),
        Done("complete", usage=USAGE + USAGE),
    ]


class Workers:
    """Workers over one log in memory, whose clock a test moves."""

    def __init__(self) -> None:
        self.now_s = 0.0
        self.log = MemoryLog(clock=lambda: self.now_s)
        self.feeds = Feeds(self.log)
        self.asked: list[list[Message]] = []

    def again(
        self, question: Question, history: Sequence[Message], background: Background | None = None
    ) -> Chat:
        self.asked.append(list(history))
        reply = streamed(records(Answer(text="whole")))
        transport = ScriptedTransport(lambda request: reply)
        return Chat(DEMO, "demo", transport=transport, messages=history)

    async def left(self, *events: Event) -> None:
        """A run whose first worker has died after these events."""
        question = msgspec.json.encode(Question([user("Hello")], "demo", "demo"))
        claim = await self.log.create(RunRecord("r", "ada", "c", question=question), "dead")
        assert claim is not None
        if events:
            data = b"\n".join(map(msgspec.json.encode, events))
            await self.log.append("r", claim, data, len(events))
        self.now_s += 1000

    def runner(self) -> Runner:
        """One more worker, which takes what others left."""
        return Runner(self.log, self.feeds, Metrics(), Patience(), self.again)

    async def taken(self, runner: Runner | None = None) -> list[Event]:
        """What the run says once another worker has taken it to its end."""
        runner = runner or self.runner()
        keeping = asyncio.create_task(runner.keep())
        found: list[Event] = []
        async with asyncio.timeout(LIMIT_S):
            async for part in self.feeds.follow(events_of("r")):
                entries: Any = part
                for entry in entries:
                    found += events_in(entry.lines())
                if found and isinstance(found[-1], Done):
                    break
        keeping.cancel()
        await asyncio.gather(keeping, return_exceptions=True)
        await runner.close()
        await self.feeds.close()
        return found


async def test_a_run_that_a_reader_had_stopped_is_not_asked_again():
    workers = Workers()
    await workers.left(StepStart(1), ContentDelta("Half"))
    await workers.log.tell(controls_of("r"), msgspec.json.encode(Cancel()))
    assert (await workers.taken())[-1] == Done("aborted")
    assert workers.asked == []


async def test_it_goes_on_once_and_is_marked_when_that_worker_dies_too():
    workers = Workers()
    await workers.left(StepStart(1), ContentDelta("Half"))
    assert await workers.log.claim("r", "dead too") is not None
    workers.now_s += 1000
    assert (await workers.taken())[-2:] == [Warning(INTERRUPTED), Done("incomplete")]
    assert workers.asked == []


async def test_a_run_that_cannot_be_read_is_marked_and_the_others_go_on():
    """As one of another version. It had ended the keeping of all runs of whoever took it."""
    workers = Workers()
    unread = RunRecord("unread", "ada", "c0", question=b"?")
    assert await workers.log.create(unread, "dead") is not None
    await workers.left(StepStart(1), ContentDelta("Half"))
    runner = workers.runner()
    found = await workers.taken(runner)
    assert isinstance(found[-1], Done)
    assert found[-1].status == "complete"
    record = await workers.log.get("unread")
    assert record is not None
    assert record.status == "incomplete"


async def begun_at(runner: Runner, workers: Workers) -> None:
    """Begin a run here that is in the middle of a model call."""
    question = msgspec.json.encode(Question([user("Hello")], "demo", "demo"))
    half = streamed([*records(Answer(text="Half"))[:2], Stall()])
    chat = Chat(DEMO, "demo", transport=ScriptedTransport(lambda request: half))
    record = RunRecord("r", "ada", "c", question=question)
    assert await runner.start(record, chat.stream("Hello"), lambda: None)
    async with asyncio.timeout(LIMIT_S):
        async for part in workers.feeds.follow(events_of("r")):
            if "Half" in str(part):
                break


async def test_a_worker_that_ends_leaves_its_runs_to_another_that_takes_them_as_often_as_it_is():
    workers = Workers()
    first, heir = workers.runner(), workers.runner()
    await workers.log.attend(heir.worker)
    await begun_at(first, workers)
    await first.close()
    for _ in range(3):  # as where all of them are started anew, one by one
        claim = await workers.log.claim("r", "one more")
        assert claim is not None
        await workers.log.tell(controls_of("r"), msgspec.json.encode(HandedOver()))
        await workers.log.release("one more")
    found = await workers.taken(heir)
    assert [event.text for event in found if isinstance(event, ContentDelta)] == ["Half", "whole"]
    assert isinstance(found[-1], Done)
    assert found[-1].status == "complete"
    assert not any(isinstance(event, Warning) for event in found)


async def test_the_last_of_several_that_end_marks_what_all_have_left():
    workers = Workers()
    first, last = workers.runner(), workers.runner()
    await workers.log.attend(first.worker)
    await workers.log.attend(last.worker)
    await begun_at(first, workers)
    await first.close()
    record = await workers.log.get("r")
    assert record is not None
    assert record.status is None
    await last.close()
    record = await workers.log.get("r")
    assert record is not None
    assert record.status == "incomplete"
    assert workers.asked == []


async def test_a_worker_that_ends_alone_marks_its_runs_itself():
    workers = Workers()
    alone = workers.runner()
    await workers.log.attend(alone.worker)
    await begun_at(alone, workers)
    await alone.close()
    found = [line async for one in kept(workers.log, events_of("r")) for line in one.lines()]
    *_, warning, done = events_in(found)
    assert warning == Warning(STOPPED)
    assert isinstance(done, Done)
    assert done.status == "incomplete"


async def test_readers_go_on_behind_what_they_had_in_the_epoch_of_the_new_worker():
    workers = Workers()
    await workers.left(StepStart(1), ContentDelta("Half"))
    found = await workers.taken()
    assert found[:2] == [StepStart(1), ContentDelta("Half")]
    assert isinstance(found[2], StepReset)
    assert [event.text for event in found if isinstance(event, ContentDelta)] == ["Half", "whole"]
    assert isinstance(found[-1], Done)
    assert found[-1].status == "complete"
    assert [entry.epoch async for entry in kept(workers.log, events_of("r"))][:2] == [1, 2]
    assert [[message.text for message in history] for history in workers.asked] == [["Hello"]]


def test_it_is_asked_again_with_the_servers_own_key_only_and_no_local_model_is():
    asker = Asker(
        ScriptedTransport(lambda request: streamed([])),
        own={"openai": provider("openai", key="k")},
        model=None,
    )
    history = [user("Hello")]
    assert asker.again(Question(history, "openai", "gpt-5-mini"), history) is not None
    assert asker.again(Question(history, "anthropic", "claude"), history) is None
    assert asker.again(Question(history, LOCAL), history) is None


def test_a_conversation_goes_on_only_where_there_is_something_to_answer():
    transport = ScriptedTransport(lambda request: streamed([]))
    for messages in ([], [user("Hi"), Message("assistant", status="complete")]):
        chat = Chat(DEMO, "demo", transport=transport, messages=messages)
        with pytest.raises(UsageError):
            chat.go_on()
