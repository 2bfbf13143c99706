"""Runs that ask another Tokenfall server: its run is read on, found again, and stopped there."""

import asyncio
import json
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial

import httpx2
import msgspec
import pytest
from starlette.applications import Starlette
from starlette.types import Receive, Scope, Send

from app.core.errors import ConnectError, ReadError
from app.core.events import ContentDelta, Done, Event, StepReset, StepStart
from app.core.messages import File, Message, ToolResult, user
from app.core.options import Options, ToolDefinition
from app.core.run_fold import RunFold
from app.core.wire.framing import Record
from app.core.wire.transport import Request, Response
from app.native.http import HTTPTransport
from app.protocols.tokenfall.runs import Question
from app.providers import provider
from app.runs.feeds import Feeds
from app.runs.log import RunRecord, controls_of, events_of
from app.runs.memory import MemoryLog
from app.scripted.openai_chat import Answer, ToolCall, records, streamed
from app.scripted.transport import ScriptedTransport
from app.server.runs import background as backgrounds
from app.server.runs.asking import Asker
from app.server.runs.background import background_of
from app.server.runs.budgets import Patience
from app.server.runs.controls import Cancel, Result
from app.server.runs.keepers import keeper_of
from app.server.runs.kept import events_in, question_of
from app.server.runs.metrics import Metrics
from app.server.runs.run_routes import run_routes
from app.server.runs.runner import Runner
from app.server.runs.service import RunService
from tests.live_server import LIMIT_S
from tests.server.runs.conftest import Pages, said

WORDS = ("One ", "two ", "three.")
LOOK = ToolDefinition("look", "Look.", {"type": "object", "properties": {}})


class Here:
    """Workers of one server over one log, whose runs ask the other server for its Demo."""

    def __init__(self, pages: Pages) -> None:
        self.run = secrets.token_hex(8)
        self.now_s = 0.0
        self.asked: list[str] = []  # of the other server
        self.fault: Callable[[Request], Exception | int | None] = lambda request: None
        self.log = MemoryLog(clock=lambda: self.now_s)
        self.feeds = Feeds(self.log)
        self.asker = Asker(self, own={}, model=None)
        self.first, self.second = self._runner(), self._runner()
        self._http = HTTPTransport()
        there = {"provider": "other", "base_url": f"{pages.server.url}/api/demo/v1"}
        self.question = Question(
            [user("Count")],
            "tokenfall",
            "demo",
            base_url=f"{pages.server.url}/api",
            options=Options(extra=there),
            tools=[LOOK],
        )

    @asynccontextmanager
    async def open(self, request: Request) -> AsyncIterator[Response]:
        """Carry a request, up to the fault that a test wants."""
        self.asked.append(f"{request.method} {request.url.rpartition('/')[2]}")
        fault = self.fault(request)
        if isinstance(fault, Exception):
            raise fault
        async with self._http.open(request) as response:
            yield response if fault is None else Cut(response, fault)

    async def begin(self) -> None:
        record = RunRecord(self.run, "ada", "c", question=msgspec.json.encode(self.question))
        background = background_of(self.question, self.run)
        chat = self.asker.chat(self.question, self.question.messages, background=background)
        assert await self.first.start(record, chat.go_on(), lambda: None, chat.toolbox, background)

    async def events(self, last: Callable[[list[Event]], bool] | None = None) -> list[Event]:
        """Read to the end, or until this holds."""
        found: list[Event] = []
        async with asyncio.timeout(LIMIT_S):
            async for part in self.feeds.follow(events_of(self.run)):
                for entry in part if isinstance(part, list) else ():
                    found += events_in(entry.lines())
                if found and (isinstance(found[-1], Done) or (last is not None and last(found))):
                    break
        return found

    async def kill(self) -> None:
        """Have the first worker die, without a word to anybody, and its claims lapse."""
        for held in list(self.first._held.values()):
            held.carrying.cancel()
            await asyncio.gather(held.carrying, return_exceptions=True)
        self.now_s += 1000

    async def taken(self) -> list[Event]:
        """Have the second worker take the run to its end."""
        keeping = asyncio.create_task(self.second.keep())
        try:
            return await self.events()
        finally:
            keeping.cancel()

    async def close(self) -> None:
        await self.first.close()
        await self.second.close()
        await self.feeds.close()

    def _runner(self) -> Runner:
        return Runner(self.log, self.feeds, Metrics(), Patience(), self.asker.again)


class Cut:
    """A response whose connection breaks after so many bytes."""

    def __init__(self, response: Response, count: int) -> None:
        self.status, self.headers = response.status, response.headers
        self._response = response
        self._left = count

    async def chunks(self) -> AsyncIterator[bytes]:
        async for chunk in self._response.chunks():
            yield chunk[: self._left]
            self._left -= len(chunk)
            if self._left <= 0:
                raise ReadError("cut")


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(backgrounds, "_FIRST_WAIT_S", 0)


@pytest.fixture
def here(pages: Pages) -> Here:
    """A server that asks the one of the pages."""
    return Here(pages)


def text_of(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, ContentDelta))


def folded(events: list[Event]) -> list[Message]:
    fold = RunFold(Message("assistant"))
    fold.add(events)
    return fold.messages


def runs_of(pages: Pages) -> int:
    """Count the runs that the other server was asked for since the test began."""
    return len(pages.server.requests())


@pytest.mark.parametrize("count", [0, 2])
async def test_who_takes_a_run_over_re_joins_it_there_without_a_token_lost_or_repeated(
    pages: Pages, here: Here, count: int
):
    """Also where it had said nothing yet."""
    pages.server.queue(said(*WORDS, gate="g") if count else gated())
    await here.begin()
    if count:
        await here.events(lambda found: text_of(found) == "One two ")
    else:
        await asyncio.to_thread(pages.server.wait, 0, at="gate:g")
    await here.kill()
    opening = asyncio.to_thread(pages.server.open_gate, "g")
    events, _ = await asyncio.gather(here.taken(), opening)
    assert text_of(events) == "".join(WORDS)
    assert not any(isinstance(event, StepReset) for event in events)
    assert sum(isinstance(event, StepStart) for event in events) == 1
    [answer] = folded(events)
    assert (answer.text, answer.status) == ("".join(WORDS), "complete")
    assert [one for one in here.asked if one.startswith("POST")] == ["POST runs"]
    assert runs_of(pages) == 1
    await here.close()


def gated():
    """Make an answer whose first word is behind the gate."""
    reply = said(*WORDS, gate="g")
    gate = next(step for step in reply.steps if type(step).__name__ == "Gate")
    rest = [step for step in reply.steps if step is not gate]
    return msgspec.structs.replace(reply, steps=(gate, *rest))


async def test_a_connection_that_breaks_anywhere_is_taken_up_behind_the_last_event(
    pages: Pages, here: Here
):
    pages.server.queue(said(*"word by word it comes", gate="g"))
    cuts = iter(range(40, 4000, 97))
    tries = 0

    def fault(request: Request) -> int | Exception | None:
        nonlocal tries
        if request.method == "GET":
            tries += 1
            if tries == 3:
                pages.server.open_gate("g")
            return next(cuts) if tries % 4 else ConnectError("away")
        return None

    here.fault = fault
    await here.begin()
    events = await here.events()
    assert text_of(events) == "word by word it comes"
    assert [answer.status for answer in folded(events)] == ["complete"]
    assert here.asked.count("POST runs") == 1
    assert runs_of(pages) == 1
    await here.close()


async def test_a_question_that_may_have_got_there_is_sent_again_and_asked_once(
    pages: Pages, here: Here
):
    pages.server.queue(said(*WORDS))
    sent: list[bytes] = []

    @asynccontextmanager
    async def unheard(request: Request) -> AsyncIterator[Response]:
        async with here._http.open(request) as response:
            if request.method == "POST":
                sent.append(request.body)
                if len(sent) == 1:
                    raise ReadError("the reply was lost")
            yield response

    here.open = unheard  # type: ignore[method-assign]
    await here.begin()
    events = await here.events()
    assert text_of(events) == "".join(WORDS)
    assert len(sent) == 2
    assert runs_of(pages) == 1
    await here.close()


async def test_a_stop_ends_the_run_there_down_to_its_own_request(pages: Pages, here: Here):
    pages.server.queue(said(*WORDS, gate="g"))
    await here.begin()
    await here.events(lambda found: text_of(found) == "One two ")
    await here.log.tell(controls_of(here.run), msgspec.json.encode(Cancel()))
    events = await here.events()
    assert isinstance(events[-1], Done)
    assert events[-1].status == "aborted"
    await asyncio.to_thread(pages.server.wait, 0, state="disconnected")
    assert here.asked.count("POST cancel") == 1
    await here.close()


async def test_a_stop_that_the_next_worker_finds_in_the_log_ends_the_run_there_too(
    pages: Pages, here: Here
):
    pages.server.queue(said(*WORDS, gate="g"))
    await here.begin()
    await here.events(lambda found: text_of(found) == "One two ")
    await here.kill()
    await here.log.tell(controls_of(here.run), msgspec.json.encode(Cancel()))
    assert (await here.taken())[-1] == Done("aborted")
    await asyncio.to_thread(pages.server.wait, 0, state="disconnected")
    await here.close()


async def test_what_cannot_be_read_on_is_told_with_what_came_and_stopped_there(
    pages: Pages, here: Here
):
    pages.server.queue(said(*WORDS, gate="g"))
    tries = iter(range(100))

    def fault(request: Request) -> int | Exception | None:
        if request.method == "POST":
            return None
        return 300 if next(tries) == 0 else ConnectError("away")

    here.fault = fault
    await here.begin()
    events = await here.events()
    [answer] = folded(events)
    assert "".join(WORDS).startswith(answer.text)
    assert answer.status == "error"
    await asyncio.to_thread(pages.server.wait, 0, state="disconnected")
    await here.close()


async def test_tools_of_the_asking_side_run_here_and_the_next_call_is_re_joined_too(
    pages: Pages, here: Here
):
    call = ToolCall(id="c1", name="look", arguments="{}")
    pages.server.queue(
        streamed(records(Answer(text="Let me look.", tool_calls=(call,)))),
        said(*WORDS, gate="g"),
    )
    await here.begin()
    await here.events(lambda found: any('"c1"' in str(msgspec.json.encode(one)) for one in found))
    give = partial(here.log.tell, controls_of(here.run), msgspec.json.encode(Result("c1", "seen")))
    await here.events(lambda found: type(found[-1]).__name__ == "ApprovalRequest")
    await give()
    await here.events(lambda found: text_of(found).endswith("One two "))
    await here.kill()
    opening = asyncio.to_thread(pages.server.open_gate, "g")
    events, _ = await asyncio.gather(here.taken(), opening)
    asked, results, answer = folded(events)
    assert (asked.text, answer.text) == ("Let me look.", "".join(WORDS))
    assert [part.content for part in results.parts if isinstance(part, ToolResult)] == ["seen"]
    assert not any(isinstance(event, StepReset) for event in events)
    assert runs_of(pages) == 2
    second = json.loads(pages.server.requests()[1].body)
    assert [one["role"] for one in second["messages"]] == ["user", "assistant", "tool"]
    await here.close()


async def test_what_the_other_server_refuses_is_told(pages: Pages, here: Here):
    here.question = msgspec.structs.replace(here.question, provider="tokenfall", model="")
    here.question.options = Options(extra={"provider": "nobody"})
    await here.begin()
    events = await here.events()
    [answer] = folded(events)
    assert answer.status == "error"
    assert answer.error is not None
    assert "no provider 'nobody'" in answer.error.message
    await here.close()


async def test_a_large_file_of_the_answer_comes_with_its_data():
    """It lies beside the events there."""
    asked: list[Request] = []

    @asynccontextmanager
    async def open_(request: Request) -> AsyncIterator[Response]:
        asked.append(request)
        yield Whole(b"pixels")

    transport = type("There", (), {"open": staticmethod(open_)})()
    question = Question([user("Draw")], "tokenfall", base_url="https://there.example/api")
    who = provider("tokenfall", base_url="https://there.example/api", key="secret")
    request = who.render(question.messages, model="m", options=Options(), stream=True)
    keeper = keeper_of(question)
    assert keeper is not None
    answer = keeper.call(transport, request, "name")
    assert answer is not None
    file = File(f"api/runs/name/payloads/{'ab' * 32}", "image/png", "a.png")
    seen = await answer.seen(Record(msgspec.json.encode(file), "message", "000001-0000000003"))
    assert msgspec.json.decode(seen.data, type=File).url == "data:image/png;base64,cGl4ZWxz"
    assert (seen.place, seen.is_end) == ("000001-0000000003", False)
    await answer.decide("q1", "once")
    await answer.stop()
    assert [one.url.removeprefix("https://there.example/api/runs/name/") for one in asked] == [
        f"payloads/{'ab' * 32}",
        "approvals",
        "cancel",
    ]
    assert {one.headers["authorization"] for one in asked} == {"Bearer secret"}


class Whole:
    """A response with this body."""

    status = 200
    headers: dict[str, str] = {}

    def __init__(self, body: bytes) -> None:
        self._body = body

    async def chunks(self) -> AsyncIterator[bytes]:
        yield self._body


def test_a_question_that_names_nobody_is_kept_with_who_is_asked():
    """Else whoever takes it over would not know of its run at the other end."""
    there = provider("tokenfall", base_url="https://there.example/api", key="secret")
    asker = Asker(HTTPTransport(), own={"tokenfall": there}, model=None)
    question = asker.named(Question([user("Count")]))
    assert question.provider == "tokenfall"
    assert keeper_of(question) is not None


async def test_a_run_of_the_endpoint_is_kept_so():
    answer = streamed(records(Answer(text="whole")))
    asker = Asker(
        ScriptedTransport(lambda request: answer),
        own={"openai-chat": provider("openai-chat", key="secret")},
        model=None,
    )
    log = MemoryLog()
    service = RunService(lambda: log, asker)
    routes = Starlette(routes=run_routes(service, asyncio.Event()))

    async def as_ada(scope: Scope, receive: Receive, send: Send) -> None:
        await routes({**scope, "state": {"owner": "ada"}}, receive, send)

    transport = httpx2.ASGITransport(as_ada)
    async with httpx2.AsyncClient(transport=transport, base_url="http://here") as http:
        asked = msgspec.to_builtins(Question([user("Count")]))
        begun = await http.post("/api/runs", json=asked)
        assert begun.status_code == 201, begun.text
        record = await log.get(begun.json()["id"])
    assert record is not None
    assert question_of(record).provider == "openai-chat"
    await service.close()
