"""Shares of a server's room: of large bodies by sender, and of streams before they are begun."""

import asyncio
import json
from pathlib import Path

import httpx2
import pytest
from starlette.datastructures import Headers
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

import app as tokenfall
from app.server import body_limit
from app.server.access import ONE, owner_at, owner_named
from app.server.body_limit import BodyLimit
from app.server.errors import RELAY_ERROR
from app.server.proxied_response import ProxiedResponse
from app.server.stream_limit import StreamLimit
from tests.live_server import LIMIT_S
from tests.server.test_embedding import question, reached


async def listen() -> Message:
    """Wait for the client to leave, who stays."""
    await asyncio.Event().wait()
    raise AssertionError


@pytest.mark.parametrize("mount", ["", "/chat"])
@pytest.mark.parametrize("other", [("127.0.0.1", owner_named("otter")), ("127.0.0.2", ONE)])
async def test_one_sender_of_large_bodies_leaves_room_to_the_others(
    monkeypatch: pytest.MonkeyPatch, other: tuple[str, str], mount: str
) -> None:
    monkeypatch.setattr(body_limit, "HELD_LIMIT", 4_400_000)
    done = asyncio.Event()

    async def hold(scope: Scope, receive: Receive, send: Send) -> None:
        await receive()
        await done.wait()

    async def receive() -> Message:
        return {"type": "http.request", "body": b"x" * 1_100_000}

    async def send(message: Message) -> None:
        pytest.fail("nothing is said")

    limited = BodyLimit(hold)
    asking: list[asyncio.Task[None]] = []
    for address, owner in [("127.0.0.1", ONE)] * 4 + [other, ("127.0.0.3", ONE)]:
        state = {"owner": owner_at(owner, mount) if mount else owner}
        scope = {"type": "http", "headers": [], "client": (address, 1), "state": state}
        asking.append(asyncio.create_task(limited(scope, receive, send)))
    await asyncio.wait(asking[5:], timeout=LIMIT_S)  # it is left no room
    done.set()
    outcomes = await asyncio.gather(*asking, return_exceptions=True)
    assert [getattr(one, "status_code", 200) for one in outcomes] == [200, 200, 200, 503, 200, 503]


@pytest.mark.parametrize(
    ("method", "headers", "is_asked", "told"),
    [
        ("POST", {"content-length": "5"}, False, (503, "too_many_streams")),
        ("GET", {"content-length": "5"}, True, (200, None)),
        # Only a length tells that an answer ends soon.
        ("GET", {"transfer-encoding": "chunked"}, True, (503, "too_many_streams")),
    ],
)
async def test_a_stream_without_a_place_is_not_begun_where_it_comes_from(
    method: str, headers: dict[str, str], is_asked: bool, told: tuple[int, str | None]
) -> None:
    asked = False
    heard: list[tuple[int, str | None]] = []

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            code = Headers(raw=message["headers"]).get(RELAY_ERROR)
            heard.append((message["status"], code))

    async def ask() -> httpx2.Response:
        nonlocal asked
        asked = True
        return httpx2.Response(200, headers=headers, stream=httpx2.ByteStream(b"short"))

    scope = {"type": "http", "method": method, "path": "/api/relay", "headers": []}
    passing = ProxiedResponse(ask, asyncio.Event(), passes=lambda name: True)
    await StreamLimit(passing, 0)(scope, listen, send)
    assert (asked, heard) == (is_asked, [told])


@pytest.mark.parametrize("is_streamed", [True, False])
@pytest.mark.parametrize("path", ["agent/chat", "chat"])
async def test_nor_is_a_function_asked_for_an_answer_without_a_place(
    path: str, is_streamed: bool, tmp_path: Path
) -> None:
    asked = []

    def answer(text: str) -> str:
        asked.append(text)
        return "Hello"

    told = json.loads(question("Hi")) | {"stream": is_streamed}
    for places, statuses in ((0, [503]), (1, [200, 200])):  # the first gives its place back
        page = tokenfall.app(answer, history=tmp_path / "chats.db")
        async with reached(StreamLimit(page, places)) as client:
            said = [await client.post(f"/a/b/api/{path}", json=told) for _ in statuses]
        assert [one.status_code for one in said] == statuses
        assert len(asked) == statuses.count(200)


async def test_what_turned_out_to_be_short_gives_its_place_back() -> None:
    statuses: list[int] = []

    async def send(message: Message) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])
            if len(statuses) == 1:  # another comes before this one is sent
                await limited(dict(scope), listen, send)

    async def ask() -> Response:
        return Response("short", 200)

    scope = {"type": "http", "method": "POST", "path": "/api/relay", "headers": []}
    passing = ProxiedResponse(ask, asyncio.Event(), passes=lambda name: True)
    limited = StreamLimit(passing, 1)
    await limited(dict(scope), listen, send)
    assert statuses == [200, 200]
