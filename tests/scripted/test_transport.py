"""The scripted provider as a transport: the contract of `core.transport`, without a network."""

import asyncio

import msgspec
import pytest

from app.core.errors import ConnectError, ReadError
from app.core.wire.transport import Request, Transport
from app.scripted.steps import Cut, Gate, Pause, Reply, Send, Stall
from app.scripted.transport import ScriptedTransport

REQUEST = Request("POST", "https://demo.invalid/v1/chat/completions", {}, b"{}")


def playing(reply: Reply) -> ScriptedTransport:
    return ScriptedTransport(lambda request: reply)


async def test_status_headers_and_chunks_come_as_written() -> None:
    reply = Reply(429, {"retry-after": "3"}, (Send(b"a"), Pause(0), Send(b""), Send(b"b")))
    transport: Transport = playing(reply)
    async with transport.open(REQUEST) as response:
        assert response.status == 429
        assert response.headers["retry-after"] == "3"
        assert [chunk async for chunk in response.chunks()] == [b"a", b"", b"b"]


async def test_a_gate_holds_the_answer_until_it_is_opened_and_stays_open() -> None:
    transport = playing(Reply(200, {}, (Send(b"a"), Gate("g"), Send(b"b"), Gate("g"), Send(b"c"))))
    async with transport.open(REQUEST) as response:
        chunks = response.chunks()
        assert await anext(chunks) == b"a"
        waiting = asyncio.ensure_future(anext(chunks))
        await asyncio.sleep(0)
        assert not waiting.done()
        transport.open_gate("g")
        assert await waiting == b"b"
        assert await anext(chunks) == b"c"


async def test_a_cut_is_a_read_error_after_what_came() -> None:
    transport = playing(Reply(200, {}, (Send(b"a"), Cut(), Send(b"never"))))
    async with transport.open(REQUEST) as response:
        chunks = response.chunks()
        assert await anext(chunks) == b"a"
        with pytest.raises(ReadError):
            await anext(chunks)
    assert transport.exchanges[0].state == "finished"


async def test_leaving_a_stalled_answer_counts_as_an_abort() -> None:
    transport = playing(Reply(200, {}, (Send(b"a"), Stall())))

    async def read() -> None:
        async with transport.open(REQUEST) as response:
            async for _ in response.chunks():
                reading.set()

    reading = asyncio.Event()
    task = asyncio.create_task(read())
    await reading.wait()
    [exchange] = transport.exchanges
    before = exchange.state
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert [before, exchange.state] == ["running", "aborted"]


async def test_leaving_early_counts_as_an_abort_and_reading_to_the_end_does_not() -> None:
    transport = playing(Reply(200, {}, (Send(b"a"), Send(b"b"))))
    async with transport.open(REQUEST) as response:
        assert await anext(response.chunks()) == b"a"
    async with transport.open(REQUEST) as response:
        assert [chunk async for chunk in response.chunks()] == [b"a", b"b"]
    assert [exchange.state for exchange in transport.exchanges] == ["aborted", "finished"]
    assert transport.exchanges[0].request is REQUEST


async def test_headers_can_be_held_back() -> None:
    transport = playing(Reply(200, {}, (Send(b"a"),), before=(Gate("headers"),)))
    opened = asyncio.create_task(transport.open(REQUEST).__aenter__())
    await asyncio.sleep(0)
    assert not opened.done()
    transport.open_gate("headers")
    assert (await opened).status == 200


async def test_a_provider_that_cannot_be_reached_can_be_played() -> None:
    def refuse(request: Request) -> Reply:
        raise ConnectError("nobody there")

    transport = ScriptedTransport(refuse)
    with pytest.raises(ConnectError):
        await transport.open(REQUEST).__aenter__()
    assert transport.exchanges[0].state == "aborted"


def test_a_reply_survives_the_way_through_json() -> None:
    reply = Reply(
        503,
        {"x": "y"},
        (Send(b"\xff\x00"), Pause(1.5), Gate("a/b"), Stall(), Cut()),
        before=(Pause(1), Gate("g"), Stall()),
    )
    assert msgspec.json.decode(msgspec.json.encode(reply), type=Reply) == reply
