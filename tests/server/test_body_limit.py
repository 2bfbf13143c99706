"""Requests that are too large are refused at the byte, and nobody's bodies take all the room."""

from collections.abc import Awaitable, Callable

import pytest
from starlette.exceptions import HTTPException
from starlette.responses import Response
from starlette.types import Message, Receive, Scope, Send

from app.server import body_limit
from app.server.access import ONE
from app.server.body_limit import BODY_LIMIT, BodyLimit

Then = Callable[[], Awaitable[None]]


async def read_whole(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer once the body is there, and what the test does meanwhile is done."""
    message = await receive()
    while message["more_body"]:
        message = await receive()
    if scope["then"]:
        await scope["then"]()
    await Response()(scope, receive, send)


async def status_of(
    limit: BodyLimit,
    *sizes: int,
    client: str = "10.0.0.1",
    owner: str = ONE,
    headers: list[tuple[bytes, bytes]] | None = None,
    then: Then | None = None,
) -> int:
    """Send a body in pieces of these sizes."""
    scope = {
        **{"type": "http", "method": "POST", "path": "/", "headers": headers or []},
        **{"client": (client, 1), "state": {"owner": owner}, "then": then},
    }
    pieces = [{"body": bytes(size), "more_body": True} for size in sizes]
    messages = iter([*pieces, {"body": b"", "more_body": False}])
    statuses: list[int] = []

    async def receive() -> Message:
        return {"type": "http.request", **next(messages)}

    async def send(message: Message) -> None:
        statuses.append(message.get("status", 0))

    try:
        await limit(scope, receive, send)
    except HTTPException as refused:  # which the application puts into words
        return refused.status_code
    return statuses[0]


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ([(b"x", b"")] * 100, 200),
        ([(b"x", b"")] * 101, 431),
        ([(b"x", b"y" * 32_767)], 200),
        ([(b"x", b"y" * 32_768)], 431),
        ([(b"content-length", b"33554432")], 200),
        ([(b"content-length", b"33554433")], 413),
    ],
)
async def test_what_is_too_large_is_seen_in_the_headers(
    headers: list[tuple[bytes, bytes]], status: int
) -> None:
    assert await status_of(BodyLimit(read_whole), headers=headers) == status


async def test_or_in_the_body_itself() -> None:
    limit = BodyLimit(read_whole)
    assert await status_of(limit, BODY_LIMIT // 2, BODY_LIMIT // 2) == 200
    assert await status_of(limit, BODY_LIMIT // 2, BODY_LIMIT // 2, 1) == 413


@pytest.fixture
def limit(monkeypatch: pytest.MonkeyPatch) -> BodyLimit:
    """One of 1,000 bytes for all together, 100 of each request free."""
    monkeypatch.setattr(body_limit, "HELD_LIMIT", 1000)
    monkeypatch.setattr(body_limit, "_FREE_BYTES", 100)
    return BodyLimit(read_whole)


async def test_a_sender_has_three_quarters_of_the_room_and_others_the_rest(
    limit: BodyLimit,
) -> None:
    async def others() -> None:
        assert await status_of(limit, 101) == 503
        assert await status_of(limit, 100) == 200
        assert await status_of(limit, 300, 51, client="10.0.0.2") == 503
        assert await status_of(limit, 300, 50, client="10.0.0.2") == 200

    assert await status_of(limit, 800, 51) == 503
    for _ in range(2):  # what was answered holds nothing any more
        assert await status_of(limit, 800, 50, then=others) == 200


async def test_a_person_who_has_logged_in_is_one_sender_at_any_address(limit: BodyLimit) -> None:
    async def others() -> None:
        assert await status_of(limit, 101, owner="login:ada", client="10.0.0.2") == 503
        assert await status_of(limit, 101, owner="login:bob") == 200

    assert await status_of(limit, 850, owner="login:ada", then=others) == 200
