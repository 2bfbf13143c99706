"""An answer of the server is followed to its end from here, whatever happens on the way."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Coroutine
from contextlib import asynccontextmanager
from random import Random
from typing import Any
from urllib.parse import urlsplit

import pytest

from app.core.cut_short import GONE
from app.core.errors import ConnectError, ReadError
from app.core.events import (
    ApprovalRequest,
    ContentDelta,
    Done,
    Event,
    Heartbeat,
    StepReset,
    ToolRunStart,
)
from app.core.messages import File, Message, ToolResult, user
from app.core.tools.function_tool import Tool, tool
from app.core.unanswered import LOST
from app.core.wire.transport import Request, Response
from app.following import followed_run
from app.following.followed_run import FollowedRun
from app.following.run_server import RunServer
from app.native.http import HTTPTransport
from app.protocols.tokenfall.runs import Question
from app.scripted.openai_chat import Answer, ToolCall, records, streamed
from app.scripted.steps import Reply
from app.scripted.transport import ScriptedTransport
from tests.live_server import LIMIT_S
from tests.server.runs.conftest import Pages, said

WORDS = ["One ", "two ", "three ", "four ", "five ", "six ", "seven ", "eight."]
BEGUN = Message("assistant", model="demo", mode="streaming")


class BadNetwork:
    """A network that `spoil` makes trouble in: with each request, and with each of its chunks."""

    def __init__(self, spoil: Callable[[Request, int], Request | Exception | None]) -> None:
        self.requests: list[Request] = []
        self.waits = 0
        self._spoil = spoil
        self._below = HTTPTransport()

    @asynccontextmanager
    async def open(self, request: Request) -> AsyncIterator[Response]:
        self.requests.append(request)
        told = self._spoil(request, -1)
        if isinstance(told, Exception):
            raise told
        async with self._below.open(told or request) as response:
            yield _Response(response, lambda read: self._spoil(request, read))

    async def wait(self, seconds: float) -> None:
        self.waits += 1
        await asyncio.sleep(0)

    async def close(self) -> None:
        await self._below.aclose()


class _Response:
    def __init__(self, response: Response, spoil: Callable[[int], Any]) -> None:
        self.status, self.headers = response.status, response.headers
        self._response = response
        self._spoil = spoil

    async def chunks(self) -> AsyncIterator[bytes]:
        read = 0
        async for chunk in self._response.chunks():
            for byte in range(len(chunk)):
                if isinstance(trouble := self._spoil(read + byte), Exception):
                    yield chunk[:byte]
                    raise trouble
            read += len(chunk)
            yield chunk


def followed(
    pages: Pages,
    then: Callable[[RunServer, "BadNetwork"], Coroutine[Any, Any, None]],
    spoil: Callable[[Request, int], Request | Exception | None] = lambda request, read: None,
) -> None:
    """Do this with the server, over such a network."""

    async def all_of_it() -> None:
        network = BadNetwork(spoil)
        server = RunServer(network, f"{pages.server.url}/api", wait=network.wait)
        try:
            async with asyncio.timeout(LIMIT_S):
                await then(server, network)
        finally:
            await network.close()

    asyncio.run(all_of_it())


def question(pages: Pages, **more: Any) -> Question:
    who = {"provider": "other", "base_url": f"{pages.server.url}/api/demo/v1", "model": "demo"}
    return Question([user("hi")], chat="c", whole=True, **who, **more)  # type: ignore[arg-type]


async def read(run: FollowedRun, until: type | None = None) -> list[Event]:
    """Read it to its end, or until such an event."""
    events: list[Event] = []
    async for batch in run.batches():
        events += batch
        if until is not None and any(isinstance(event, until) for event in batch):
            break
    return events


def told(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, ContentDelta))


@pytest.mark.parametrize("seed", range(12))
def test_a_connection_cut_anywhere_loses_nothing_and_repeats_nothing(
    pages: Pages, seed: int
) -> None:
    dice = Random(seed)
    pages.server.queue(said(*WORDS))
    cuts = iter([dice.randrange(3, 900) for _ in range(9)])
    at = {"cut": next(cuts)}

    def spoil(request: Request, read_bytes: int) -> Exception | None:
        if "/events" in request.url and at["cut"] and read_bytes == at["cut"]:
            at["cut"] = next(cuts, 0)
            return ReadError("cut")
        if read_bytes < 0 and "/events" in request.url and dice.random() < 0.3:
            return ConnectError("away")
        return None

    async def follow(server: RunServer, network: BadNetwork) -> None:
        run = FollowedRun(server, f"cut-{seed}", BEGUN, question=question(pages))
        events = await read(run)
        assert told(events) == "".join(WORDS) == run.message.text
        assert (run.status, run.message.status) == ("complete", "complete")
        assert sum(isinstance(event, Done) for event in events) == 1

    followed(pages, follow, spoil)


@pytest.mark.parametrize(
    "address",
    [
        *("api/runs/../chats", "api/runs/../keys/open", "api/runs/x/../../../app/browser/boot.mjs"),
        *("api/runs/x/payloads/../../../chats", "api/runs/%2e%2e/chats", "api/runs/x/events"),
        *("api/runs/x?/payloads/" + "0" * 64, "api/runs/x/payloads/" + "0" * 64 + "?"),
    ],
)
def test_a_provider_that_names_an_address_of_ours_gets_nothing_of_it(
    pages: Pages, address: str
) -> None:
    """What is fetched in the place of a picture would be in the next request to that provider."""
    name = "".join(one if one.isalnum() else "_" for one in address)
    image = json.dumps([{"type": "image_url", "image_url": {"url": address}}]).encode()
    lines = records(Answer(text="Look"), split=lambda text: [text] if text else [])
    lines[1] = lines[1].replace(b'{"content"', b'{"images":' + image + b',"content"')
    pages.server.queue(streamed(lines))

    async def follow(server: RunServer, network: BadNetwork) -> None:
        run = FollowedRun(server, name, BEGUN, question=question(pages))
        await read(run)
        assert [part.url for part in run.message.parts if isinstance(part, File)] == [address]
        paths = {urlsplit(one.url).path.removeprefix("/api/runs") for one in network.requests}
        assert paths == {"", f"/{name}/events"}

    followed(pages, follow)


def test_a_server_that_tells_from_the_start_again_is_not_heard_twice(pages: Pages) -> None:
    pages.server.queue(said(*WORDS))
    at = {"cut": 700}

    def forgetful(request: Request, read_bytes: int) -> Request | Exception | None:
        if read_bytes < 0 and "last-event-id" in request.headers:
            return Request("GET", request.url, {"accept": request.headers["accept"]})
        if "/events" in request.url and read_bytes == at["cut"]:
            at["cut"] = -2
            return ReadError("cut")
        return None

    async def follow(server: RunServer, network: BadNetwork) -> None:
        run = FollowedRun(server, "forgetful", BEGUN, question=question(pages))
        assert told(await read(run)) == "".join(WORDS)
        assert any("last-event-id" in request.headers for request in network.requests)

    followed(pages, follow, forgetful)


def test_who_left_goes_on_elsewhere_behind_what_was_kept(pages: Pages) -> None:
    pages.server.queue(said(*WORDS, gate="rest"))

    async def follow(server: RunServer, network: BadNetwork) -> None:
        first = FollowedRun(server, "resumed", BEGUN, question=question(pages))
        kept = await read(first, ContentDelta)
        await first.leave()
        assert first.status is None
        pages.server.open_gate("rest")
        second = FollowedRun(server, "resumed", BEGUN, known=kept, place=first.place)
        assert second.message.text == told(kept)
        rest = await read(second)
        assert told(kept) + told(rest) == "".join(WORDS) == second.message.text
        third = FollowedRun(server, "resumed", BEGUN, known=kept + rest[:-1], place=second.place)
        assert [type(one) for one in await read(third)] == [Done]
        assert third.message.text == "".join(WORDS)

    followed(pages, follow)


def test_a_question_sent_twice_is_asked_once(pages: Pages) -> None:
    pages.server.queue(said(*WORDS))
    lost = iter([True])

    def unheard(request: Request, read_bytes: int) -> Exception | None:
        is_begin = request.url.endswith("/runs")
        return ReadError("cut") if is_begin and read_bytes == 0 and next(lost, False) else None

    async def follow(server: RunServer, network: BadNetwork) -> None:
        run = FollowedRun(server, "twice", BEGUN, question=question(pages))
        events = await read(run)
        assert told(events) == "".join(WORDS)
        assert Heartbeat(followed_run.LOST_CONNECTION) in events
        assert sum(one.url.endswith("/runs") for one in network.requests) == 2

    followed(pages, follow, unheard)
    assert len(pages.server.requests()) == 1


@pytest.mark.parametrize("goes_on", [True, False])
def test_a_place_that_the_server_lost_is_made_up_for_at_once_with_nothing_twice(
    pages: Pages, goes_on: bool
) -> None:
    pages.server.queue(said(*WORDS, gate="rest"))

    async def follow(server: RunServer, network: BadNetwork) -> None:
        first = FollowedRun(server, f"anew-{goes_on}", BEGUN, question=question(pages))
        if goes_on:
            await read(first, ContentDelta)
        else:
            pages.server.open_gate("rest")
            await read(first)
        await first.leave()
        known: list[Event] = [ContentDelta("Something that is no more.")]
        run = FollowedRun(server, f"anew-{goes_on}", BEGUN, known=known, place="000099-0000000001")
        network.requests.clear()
        events: list[Event] = []
        async for batch in run.batches():
            events += batch
            if goes_on and any(isinstance(event, ContentDelta) for event in batch):
                pages.server.open_gate("rest")
        assert isinstance(events[0], StepReset)
        assert run.message.text == "".join(WORDS) == told(events)
        assert (run.status, len(run.messages)) == ("complete", 1)
        # What it has comes with the refusal; then only what is new is asked for.
        places = [one.headers.get("last-event-id", "") for one in network.requests]
        assert places[0] == "000099-0000000001"
        assert "" not in places
        assert len(places) == (2 if goes_on else 1)

    followed(pages, follow)


def test_what_was_deleted_keeps_what_had_come(pages: Pages) -> None:
    pages.server.queue(said(*WORDS, gate="never"))

    async def follow(server: RunServer, network: BadNetwork) -> None:
        run = FollowedRun(server, "deleted", BEGUN, question=question(pages))
        async for batch in run.batches():
            if any(isinstance(event, ContentDelta) for event in batch):
                assert await server.delete_chat("c")
        assert run.status == run.message.status == "incomplete"
        assert run.message.text
        assert GONE in run.message.warnings

    followed(pages, follow)


def test_a_stop_reaches_the_server_and_one_that_is_away_ends_it_here(pages: Pages) -> None:
    pages.server.queue(said(*WORDS, gate="a"), said(*WORDS, gate="b"))
    is_away: list[bool] = []

    def spoil(request: Request, read_bytes: int) -> Exception | None:
        return ConnectError("away") if is_away and read_bytes < 0 else None

    async def follow(server: RunServer, network: BadNetwork) -> None:
        for name, leaves in (("stopped", False), ("stopped-here", True)):
            run = FollowedRun(server, name, BEGUN, question=question(pages))
            async for batch in run.batches():
                if any(isinstance(event, ContentDelta) for event in batch):
                    is_away[:] = [True] * leaves
                    run.cancel()
            assert run.status == run.message.status == "aborted"
            assert run.message.text
        is_away.clear()

    followed(pages, follow, spoil)
    pages.server.wait(0, state="disconnected")


def test_a_refusal_is_told_as_what_it_is(pages: Pages) -> None:
    async def follow(server: RunServer, network: BadNetwork) -> None:
        asked = Question([user("hi")], provider="nobody", whole=True)
        run = FollowedRun(server, "refused", BEGUN, question=asked)
        await read(run)
        assert run.status == "error"
        assert run.message.error is not None
        assert "nobody" in run.message.error.message

    followed(pages, follow)


def test_what_a_full_store_refuses_is_told_once_and_what_may_pass_again() -> None:
    statuses = iter([507, 503, 202])
    asked: list[Request] = []

    def reply(request: Request) -> Reply:
        asked.append(request)
        return Reply(next(statuses))

    async def tell() -> None:
        server = RunServer(
            ScriptedTransport(reply), "https://e.example/api", wait=lambda _: asyncio.sleep(0)
        )
        for number in (1, 3):
            server.give("r", "c", "x", is_error=False)
            await server.settled()
            assert len(asked) == number

    asyncio.run(tell())


def asks_for(name: str, arguments: str) -> Reply:
    return streamed(records(Answer(tool_calls=(ToolCall("call-1", name, arguments),))))


def doubling(runs: list[int], *, asks: bool = False) -> Tool:
    @tool(needs_approval=asks)
    def double_here(number: int) -> int:
        """Double a number."""
        runs.append(number)
        return number * 2

    return double_here


@pytest.mark.parametrize("decision", [None, "once", "deny"])
def test_a_tool_of_the_page_runs_here_after_a_yes(pages: Pages, decision: Any) -> None:
    pages.server.queue(asks_for("double_here", '{"number": 21}'), said("Well."))
    runs: list[int] = []

    async def follow(server: RunServer, network: BadNetwork) -> None:
        mine = doubling(runs, asks=decision is not None)
        asked = question(pages, tools=[mine.definition])
        name = f"tool-{decision}"
        run = FollowedRun(server, name, BEGUN, question=asked, tools=[mine])
        events: list[Event] = []
        async for batch in run.batches():
            events += batch
            for event in batch:
                if isinstance(event, ApprovalRequest) and event.wants == "approval":
                    run.decide(event.call_id, decision)
        assert run.message.text == "Well."
        [result] = [event for event in events if isinstance(event, ToolResult)]
        begun = [event for event in events if isinstance(event, ToolRunStart)]
        if decision == "deny":
            assert (result.is_error, runs, begun) == (True, [], [])
        else:
            assert (result.content, runs, len(begun)) == ("42", [21], 1)
        assert [one.role for one in run.messages] == ["assistant", "tool", "assistant"]

    followed(pages, follow)


@pytest.mark.parametrize("had_begun", [True, False])
def test_a_tool_whose_page_was_left_is_never_run_twice(pages: Pages, had_begun: bool) -> None:
    pages.server.queue(asks_for("double_here", '{"number": 21}'), said("Well."))
    runs: list[int] = []

    async def follow(server: RunServer, network: BadNetwork) -> None:
        mine = doubling(runs)
        name = f"left-{had_begun}"
        asked = question(pages, tools=[mine.definition])
        first = FollowedRun(server, name, BEGUN, question=asked, tools=None)
        kept = await read(first, ApprovalRequest)
        assert isinstance(kept[-1], Heartbeat)
        await first.leave()
        if had_begun:
            kept.append(ToolRunStart("call-1", "double_here"))
        second = FollowedRun(server, name, BEGUN, known=kept, place=first.place, tools=[mine])
        events = await read(second)
        [result] = [event for event in events if isinstance(event, ToolResult)]
        assert (result.content, runs) == ((LOST, []) if had_begun else ("42", [21]))
        assert second.message.text == "Well."

    followed(pages, follow)
