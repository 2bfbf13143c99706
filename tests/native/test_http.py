"""CPython's transport over real sockets: chunks as they come, aborts, what breaks."""

import asyncio
import gc
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

import pytest

from app.core.errors import ConnectError, ReadError
from app.core.wire.transport import Request
from app.native.http import HTTPTransport
from tests.live_server import LIMIT_S

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def server(handler: Handler) -> AsyncIterator[str]:
    """A server of one's own; yields its address."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await reader.readuntil(b"\r\n\r\n")
            await handler(reader, writer)
        except ConnectionError:
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(handle, "127.0.0.1", 0)
    port = listening.sockets[0].getsockname()[1]
    try:
        yield f"http://127.0.0.1:{port}/v1"
    finally:
        listening.close()


HEAD = b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nX-One: 1\r\n"


async def test_chunks_arrive_one_by_one() -> None:
    go_on = asyncio.Event()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"Connection: close\r\n\r\none")
        await go_on.wait()
        writer.write(b"two")

    transport = HTTPTransport()
    async with server(handler) as url, transport.open(Request("GET", url, {})) as response:
        assert (response.status, response.headers["x-one"]) == (200, "1")
        chunks = response.chunks()
        assert await anext(chunks) == b"one"
        go_on.set()
        assert await anext(chunks) == b"two"
        with pytest.raises(StopAsyncIteration):
            await anext(chunks)
    await transport.aclose()


async def test_leaving_closes_the_connection() -> None:
    is_gone = asyncio.Event()

    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"Connection: close\r\n\r\none")
        await reader.read()  # returns when the other side is gone
        is_gone.set()

    transport = HTTPTransport()
    async with server(handler) as url:
        async with transport.open(Request("GET", url, {})) as response:
            await anext(response.chunks())
        await asyncio.wait_for(is_gone.wait(), LIMIT_S)
    await transport.aclose()


async def test_a_body_that_breaks_off() -> None:
    async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(HEAD + b"Content-Length: 100\r\n\r\none")

    transport = HTTPTransport()
    async with server(handler) as url, transport.open(Request("GET", url, {})) as response:
        with pytest.raises(ReadError, match="broke off"):
            [chunk async for chunk in response.chunks()]
    await transport.aclose()


@pytest.mark.parametrize(
    "url", ["http://127.0.0.1:1/v1", "nonsense", "http://[broken/v1", "http://127.0.0.1:99999/v1"]
)
async def test_no_answer(url: str) -> None:
    transport = HTTPTransport()
    with pytest.raises(ConnectError, match="No answer from .* Is the address right") as caught:
        async with transport.open(Request("GET", f"{url}?key=secret-secret", {})):
            pass
    assert "secret-secret" not in str(caught.value)
    await transport.aclose()


async def test_a_letter_that_no_header_can_hold_is_named() -> None:
    request = Request("POST", "http://localhost:1/v1", {"authorization": "Bearer sk–1"}, b"")
    with pytest.raises(ConnectError, match=r"authorization holds “–” \(en dash\)"):
        async with HTTPTransport().open(request):
            pass


def test_connections_are_kept_in_a_loop_and_end_with_it() -> None:
    """One transport, the default of a program, over several `asyncio.run`."""
    transport = HTTPTransport()
    told: list[str] = []

    async def once() -> None:
        async def handler(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            told.append("connection")
            writer.write(HEAD + b"Set-Cookie: a=1\r\nContent-Length: 3\r\n\r\none")
            asked = await reader.readuntil(b"\r\n\r\n")
            told.append("cookie" if b"cookie" in asked.lower() else "request")
            writer.write(HEAD + b"Content-Length: 3\r\n\r\ntwo")
            await reader.read()

        async with server(handler) as url:
            for words in (b"one", b"two"):
                async with transport.open(Request("GET", url, {})) as response:
                    assert b"".join([chunk async for chunk in response.chunks()]) == words

    for _ in range(3):
        asyncio.run(once())
        assert told == ["connection", "request"]
        told.clear()
    gc.collect()  # a connection that was left open would be told of here
    assert sum(not loop.is_closed() for loop in transport._made) == 0
    assert len(transport._made) == 1
