"""Responses that their provider goes on with: read on where they broke, found, stopped there."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from functools import partial
from urllib.parse import parse_qs, urlsplit

import msgspec
import pytest

from app.core.errors import ReadError
from app.core.events import (
    ContentDelta,
    Done,
    Event,
    Heartbeat,
    MessageStart,
    ReasoningDelta,
    StepReset,
    StepStart,
    ToolCallDelta,
    ToolCallStart,
)
from app.core.messages import File, Message, user
from app.core.options import Options
from app.core.run_fold import RunFold
from app.core.running.chat import Chat
from app.core.wire.transport import Request, Response
from app.protocols.tokenfall.runs import Question
from app.providers import provider
from app.runs.feeds import Behind, Feeds, Told
from app.runs.log import Entry, FencedError, RunRecord, controls_of, events_of
from app.runs.memory import MemoryLog
from app.runs.offsets import Offset
from app.server.runs import background as backgrounds
from app.server.runs.asking import Asker
from app.server.runs.background import Background, background_of
from app.server.runs.budgets import Patience
from app.server.runs.controls import Cancel
from app.server.runs.kept import by_reference, events_in
from app.server.runs.metrics import Metrics
from app.server.runs.overlap import DIFFERS, Overlap
from app.server.runs.runner import Runner
from app.server.runs.takeover import Remains, following
from tests.live_server import LIMIT_S

WORDS = ("One ", "two ", "three ", "four.")
OPTIONS = Options(extra={"background": True})
QUESTION = Question([user("Count")], "openai", "gpt-5-mini", options=OPTIONS)


def in_background() -> Background:
    found = background_of(QUESTION, "r")
    assert found is not None
    return found


def response_events(*words: str) -> list[dict[str, object]]:
    """A response as OpenAI streams it."""
    response = {"id": "resp_1", "object": "response", "model": "gpt-5-mini"}
    item = {"type": "message", "id": "msg_1", "role": "assistant"}
    text = {"type": "output_text", "text": "".join(words)}
    whole = item | {"content": [text], "status": "completed"}
    events: list[dict[str, object]] = [
        {"type": "response.created", "response": response | {"status": "queued"}},
        {"type": "response.output_item.added", "output_index": 0, "item": item | {"content": []}},
        *(
            {
                "type": "response.output_text.delta",
                "item_id": "msg_1",
                "output_index": 0,
                "content_index": 0,
                "delta": word,
            }
            for word in words
        ),
        {"type": "response.output_item.done", "output_index": 0, "item": whole},
        {
            "type": "response.completed",
            "response": response | {"status": "completed", "output": [whole]},
        },
    ]
    return [event | {"sequence_number": number} for number, event in enumerate(events)]


class OpenAI:
    """Keeps one response. `breaks`: after how many events a connection breaks; None stalls."""

    def __init__(self, *breaks: int | None, words: Sequence[str] = WORDS) -> None:
        self.breaks = list(breaks)
        self.stalls_at = 4
        self.events = response_events(*words)
        self.asked: list[str] = []
        self.bodies: list[bytes] = []
        self.stalls = asyncio.Event()
        self.is_told_to_stop = asyncio.Event()
        self.may_stop = asyncio.Event()
        self.may_stop.set()

    @asynccontextmanager
    async def open(self, request: Request) -> AsyncIterator[Response]:
        where = urlsplit(request.url)
        self.asked.append(f"{request.method} {where.path.removeprefix('/v1')}?{where.query}")
        self.bodies.append(request.body)
        if where.path.endswith("/cancel"):
            self.is_told_to_stop.set()
            await self.may_stop.wait()
            yield Body(self, [], 0)
            return
        after = parse_qs(where.query).get("starting_after", ["-1"])[0]
        yield Body(self, self.events[int(after) + 1 :], self.breaks.pop(0) if self.breaks else 99)


class Body:
    """The body of one of its answers."""

    status = 200
    headers: Mapping[str, str] = {"content-type": "text/event-stream"}

    def __init__(self, of: OpenAI, events: list[dict[str, object]], breaks: int | None) -> None:
        self._of, self._events, self._breaks = of, events, breaks

    async def chunks(self) -> AsyncIterator[bytes]:
        for number, event in enumerate(self._events):
            if number == (self._of.stalls_at if self._breaks is None else self._breaks):
                if self._breaks is None:
                    self._of.stalls.set()
                    await asyncio.sleep(3600)
                # In the middle of an event, which is not counted as one that came.
                yield b"event: response.output_te"
                raise ReadError("cut")
            kind = str(event["type"]).encode()
            yield b"event: %s\ndata: %s\n\n" % (kind, msgspec.json.encode(event))


def asker_over(openai: OpenAI) -> Asker:
    return Asker(openai, own={"openai": provider("openai", key="k")}, model=None)


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backgrounds, "_FIRST_WAIT_S", 0)


async def test_a_connection_that_breaks_is_taken_up_behind_its_last_event():
    openai = OpenAI(3, 1, 0, 2)
    who = provider("openai", key="k")
    chat = Chat(who, "gpt-5-mini", options=OPTIONS, transport=in_background().over(openai))
    answer = await chat.ask("Count")
    assert answer.text == "".join(WORDS)
    assert (answer.status, answer.warnings) == ("complete", [])
    assert [line.partition("starting_after=")[2] for line in openai.asked[1:]] == [
        "2",
        "3",
        "3",
        "5",
    ]
    asked = json.loads(openai.bodies[0])
    assert (asked["background"], asked["store"], asked["stream"]) == (True, True, True)


async def test_one_that_never_comes_back_is_said_to_have_broken_off():
    openai = OpenAI(3, *[0] * 10)
    chat = Chat(
        provider("openai", key="k"),
        "gpt-5-mini",
        options=OPTIONS,
        transport=in_background().over(openai),
    )
    answer = await chat.ask("Count")
    assert (answer.text, answer.status) == ("One ", "error")
    assert len(openai.asked) == 1 + backgrounds._TRIES


async def test_what_asks_for_none_is_carried_as_it_is():
    openai = OpenAI(3)
    chat = Chat(provider("openai", key="k"), "gpt-5-mini", transport=in_background().over(openai))
    answer = await chat.ask("Count")
    assert answer.status == "error"
    assert openai.asked == ["POST /responses?"]
    assert json.loads(openai.bodies[0])["store"] is False


class Workers:
    """Two workers over one log, whose claims a test lets lapse."""

    def __init__(self, openai: OpenAI) -> None:
        self.now_s = 0.0
        self.log = MemoryLog(clock=lambda: self.now_s)
        self.feeds = Feeds(self.log)
        self.asker = asker_over(openai)
        self.first, self.second = self.runner(), self.runner()

    def runner(self, *, takes_over: bool = True) -> Runner:
        again = self.asker.again
        return Runner(self.log, self.feeds, Metrics(), Patience(), again, takes_over=takes_over)

    async def kill(self) -> None:
        """Have the first worker die, without a word to anybody, and its claims lapse."""
        for held in list(self.first._held.values()):
            held.carrying.cancel()
            await asyncio.gather(held.carrying, return_exceptions=True)
        self.now_s += 1000

    async def begin(self) -> None:
        record = RunRecord("r", "ada", "c", question=msgspec.json.encode(QUESTION))
        background = in_background()
        chat = self.asker.chat(QUESTION, [], background=background)
        assert await self.first.start(record, chat.stream("Count"), lambda: None, None, background)

    async def events(self, last: type[Event] | None = None) -> list[Event]:
        """Read to the end, or to an event of a kind."""
        found: list[Event] = []
        async with asyncio.timeout(LIMIT_S):
            async for part in self.feeds.follow(events_of("r")):
                for entry in part if isinstance(part, list) else ():
                    found += events_in(entry.lines())
                if found and isinstance(found[-1], last or Done):
                    break
        return found

    async def close(self) -> None:
        await self.first.close()
        await self.second.close()
        await self.feeds.close()


@pytest.mark.parametrize(
    ("words", "stalls_at"), [(WORDS, 4), (("One two ", "three four."), 4), (WORDS, 1)]
)
async def test_who_takes_a_run_over_reads_the_response_on_without_a_token_lost_or_repeated(
    words: tuple[str, ...], stalls_at: int
):
    """However the provider cuts it the second time, and also where it had said nothing yet."""
    openai = OpenAI(None)
    openai.stalls_at = stalls_at
    workers = Workers(openai)
    await workers.log.attend(workers.second.worker)
    await workers.begin()
    async with asyncio.timeout(LIMIT_S):
        await openai.stalls.wait()
    await workers.first.close()
    openai.events = response_events(*words)
    keeping = asyncio.create_task(workers.second.keep())
    events = await workers.events()
    keeping.cancel()
    fold = RunFold(Message("assistant"))
    fold.add(events)
    assert [message.text for message in fold.messages] == ["".join(WORDS)]
    text = "".join(event.text for event in events if isinstance(event, ContentDelta))
    assert text == "".join(WORDS)
    assert not any(isinstance(event, StepReset) for event in events)
    assert sum(isinstance(event, StepStart) for event in events) == 1
    assert events[-1].status == "complete"  # type: ignore[union-attr]
    assert openai.asked == ["POST /responses?", "GET /responses/resp_1?stream=true"]
    await workers.close()


async def test_a_stop_is_told_to_the_provider_and_no_other_end_is():
    openai = OpenAI(None)
    workers = Workers(openai)
    await workers.begin()
    async with asyncio.timeout(LIMIT_S):
        await openai.stalls.wait()
    await workers.log.tell(controls_of("r"), msgspec.json.encode(Cancel()))
    events = await workers.events()
    assert events[-1].status == "aborted"  # type: ignore[union-attr]
    await workers.close()
    assert openai.asked == ["POST /responses?", "POST /responses/resp_1/cancel?"]


@pytest.mark.parametrize(
    ("stopped", "takes_over", "end"),
    [(True, True, "aborted"), (True, False, "aborted"), (False, False, "incomplete")],
)
async def test_who_ends_a_run_that_a_dead_worker_left_tells_its_provider_behind_the_end(
    stopped: bool, takes_over: bool, end: str
):
    """Also a provider that takes its time holds nothing up."""
    openai = OpenAI(None)
    openai.may_stop.clear()
    workers = Workers(openai)
    workers.second = workers.runner(takes_over=takes_over)
    await workers.begin()
    async with asyncio.timeout(LIMIT_S):
        await openai.stalls.wait()
    await workers.kill()
    if stopped:
        await workers.log.tell(controls_of("r"), msgspec.json.encode(Cancel()))
    keeping = asyncio.create_task(workers.second.keep())
    events = await workers.events()
    assert events[-1].status == end  # type: ignore[union-attr]
    async with asyncio.timeout(LIMIT_S):
        await openai.is_told_to_stop.wait()
    openai.may_stop.set()
    keeping.cancel()
    await workers.close()
    assert openai.asked == ["POST /responses?", "POST /responses/resp_1/cancel?"]


async def test_a_stop_reaches_a_run_whose_log_has_lost_what_readers_had_told_it():
    openai = OpenAI(None)
    workers = Workers(openai)
    await workers.begin()
    async with asyncio.timeout(LIMIT_S):
        await openai.stalls.wait()
        while (feed := workers.feeds._feeds.pop(controls_of("r"), None)) is None:
            await asyncio.sleep(0)
    feed.is_gone = True
    feed.wake()
    await workers.log.tell(controls_of("r"), msgspec.json.encode(Cancel()))
    events = await workers.events()
    assert events[-1].status == "aborted"  # type: ignore[union-attr]
    await workers.close()


@pytest.mark.parametrize("whole", [True, False])
async def test_a_run_that_is_deleted_when_its_worker_has_died_is_stopped_at_its_provider(
    whole: bool,
):
    openai = OpenAI(None)
    workers = Workers(openai)
    await workers.begin()
    async with asyncio.timeout(LIMIT_S):
        await openai.stalls.wait()
    await workers.kill()
    record = await workers.log.get("r")
    assert record is not None
    if whole:
        await workers.second.delete_chat([record])
    else:
        await workers.second.delete_run(record)
    async with asyncio.timeout(LIMIT_S):
        await openai.is_told_to_stop.wait()
    assert await workers.log.get("r") is None
    await workers.close()
    assert openai.asked == ["POST /responses?", "POST /responses/resp_1/cancel?"]


async def test_a_worker_that_misses_its_run_before_it_is_told_of_the_deletion_stops_the_provider(
    monkeypatch: pytest.MonkeyPatch,
):
    openai = OpenAI(None)
    workers = Workers(openai)
    monkeypatch.setattr(workers.log, "news", lambda cursors: asyncio.sleep(3600))
    await workers.begin()
    async with asyncio.timeout(LIMIT_S):
        await openai.stalls.wait()
    await workers.log.delete("r")
    keeping = asyncio.create_task(workers.first.keep())
    async with asyncio.timeout(LIMIT_S):
        await openai.is_told_to_stop.wait()
    keeping.cancel()
    await workers.close()
    assert openai.asked == ["POST /responses?", "POST /responses/resp_1/cancel?"]


async def test_a_log_that_hangs_where_a_run_was_lost_keeps_no_listener(
    monkeypatch: pytest.MonkeyPatch,
):
    workers = Workers(OpenAI(None))
    follow = workers.feeds.follow
    asked, has_left = asyncio.Event(), asyncio.Event()

    async def followed(stream: str, after: Offset) -> AsyncIterator[list[Entry] | Behind | Told]:
        try:
            async for part in follow(stream, after):
                yield part
        finally:
            has_left.set()

    async def refuse(run: str, *_: object) -> None:
        raise FencedError(run)  # another worker has it

    async def hang(run: str) -> None:
        asked.set()
        await asyncio.sleep(3600)

    monkeypatch.setattr(workers.feeds, "follow", followed)
    monkeypatch.setattr(workers.log, "append", refuse)
    monkeypatch.setattr(workers.log, "get", hang)
    await workers.begin()
    async with asyncio.timeout(LIMIT_S):
        await asked.wait()
        await has_left.wait()
    for held in workers.first._held.values():
        held.carrying.cancel()
    await workers.close()


async def test_an_end_that_cannot_be_told_is_logged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
):
    """As where what was asked can't be put into the words of its provider any more."""
    workers = Workers(OpenAI(None))
    workers.second = workers.runner(takes_over=False)
    await workers.begin()
    async with asyncio.timeout(LIMIT_S):
        await workers.events(ContentDelta)
    await workers.kill()
    monkeypatch.setattr(workers.asker, "chat", lambda *_, **__: 1 / 0)
    keeping = asyncio.create_task(workers.second.keep())
    assert isinstance((await workers.events())[-1], Done)
    await workers.second.close()
    keeping.cancel()
    assert "division by zero" in caplog.text
    await workers.close()


async def test_the_last_worker_that_ends_tells_the_provider_of_what_another_one_has_left():
    openai = OpenAI(None)
    workers = Workers(openai)
    await workers.log.attend(workers.first.worker)
    await workers.log.attend(workers.second.worker)
    await workers.begin()
    async with asyncio.timeout(LIMIT_S):
        await openai.stalls.wait()
    await workers.first.close()
    assert not openai.is_told_to_stop.is_set()
    await workers.close()
    assert (await workers.events())[-1].status == "incomplete"  # type: ignore[union-attr]
    assert openai.asked == ["POST /responses?", "POST /responses/resp_1/cancel?"]


START = MessageStart("resp_1", "m")


def new(known: list[Event], *batches: list[Event]) -> list[Event]:
    overlap = Overlap(known)
    return [event for batch in batches for event in overlap.new(batch)]


def test_what_readers_have_is_left_out_however_it_is_cut():
    known: list[Event] = [
        START,
        ReasoningDelta("Hm"),
        ReasoningDelta("m."),
        ContentDelta("One "),
        Heartbeat(),
        ContentDelta("tw"),
        ToolCallStart(0, "c", "look"),
        ToolCallDelta(0, '{"a'),
    ]
    again: list[Event] = [
        START,
        Heartbeat(),
        ReasoningDelta("Hmm."),
        ContentDelta("O"),
        ContentDelta("ne tw"),
        ToolCallStart(0, "c", "look"),
        ToolCallDelta(0, '{"a": 1'),
        ToolCallDelta(0, "}"),
    ]
    rest = [ToolCallDelta(0, '": 1'), ToolCallDelta(0, "}")]
    assert new(known, again) == rest
    assert new(known, *([event] for event in again)) == rest
    assert new([], again) == again


@pytest.mark.parametrize(
    "other",
    [
        [MessageStart("resp_2", "m"), ContentDelta("One two")],
        [START, ContentDelta("Uno"), ContentDelta(" due")],
        [START, ReasoningDelta("One two")],
    ],
)
def test_what_differs_is_void_and_comes_whole(other: list[Event]):
    known: list[Event] = [START, ContentDelta("One"), ContentDelta(" tw")]
    assert new(known, *([event] for event in other)) == [StepReset(DIFFERS), *other]


async def test_a_large_file_that_readers_have_is_left_out():
    """It lies in the log as its address."""
    picture = File("data:image/png;base64," + "AAAA" * 30_000, "image/png")
    log = MemoryLog()
    assert await log.create(RunRecord("r", "ada", "c"), "worker") is not None
    refer = partial(by_reference, log, "r")
    known = await refer([START, picture, ContentDelta("One")])
    assert known[1] != picture
    left = Remains([], [], 0, None, is_in_step=True, begun=known)

    async def again() -> AsyncIterator[list[Event]]:
        yield [StepStart(1), START, picture, ContentDelta("One two")]

    told = [event async for batch in following(again(), left, refer) for event in batch]
    assert told == [ContentDelta(" two")]
