"""Reading ahead: bounded with backpressure, joined without, ended by stop and by leaving."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import events as ev
from app.core.errors import UsageError
from app.core.events import Event
from app.core.fold import Fold
from app.core.messages import Message, Usage
from app.core.running.buffering import Joined, StreamConfig
from app.core.running.chat import Chat
from app.core.running.retries import Retries
from app.core.wire.transport import Request, Response
from app.providers import Provider
from app.scripted.openai_chat import Answer, TokenCount, ToolCall, records, streamed
from app.scripted.steps import Reply, Stall
from app.scripted.transport import ScriptedTransport

PROVIDER = Provider("test", "Test", "https://provider.example/v1")
WORDS = 500
LONG = records(Answer(text="word " * WORDS, usage=TokenCount(1, WORDS)), include_usage=True)


class CountingTransport:
    """Carries to a script, one record a chunk, and counts the chunks that were read.

    Like a socket it lets others go on between two chunks.
    """

    def __init__(self, reply: Reply) -> None:
        self.script = ScriptedTransport(lambda request: reply)
        self.chunks_read = 0

    @property
    def states(self) -> list[str]:
        return [exchange.state for exchange in self.script.exchanges]

    @asynccontextmanager
    async def open(self, request: Request) -> AsyncIterator[Response]:
        async with self.script.open(request) as response:
            yield _Counted(self, response)


class _Counted:
    def __init__(self, counter: CountingTransport, response: Response) -> None:
        self._counter = counter
        self._response = response
        self.status = response.status
        self.headers = response.headers

    async def chunks(self) -> AsyncIterator[bytes]:
        async for chunk in self._response.chunks():
            await asyncio.sleep(0)
            self._counter.chunks_read += 1
            yield chunk


def chat_over(transport: CountingTransport, config: StreamConfig | None, **more: Any) -> Chat:
    retries = Retries(attempts=0)
    return Chat(PROVIDER, "m", transport=transport, stream_config=config, retries=retries, **more)


async def until_quiet(transport: CountingTransport) -> int:
    """Wait until nothing more is read, while nobody takes what was; return the chunks read."""
    read = -1
    while read != transport.chunks_read:
        read = transport.chunks_read
        for _ in range(20):
            await asyncio.sleep(0)
    return read


def text_of(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, ev.ContentDelta))


@pytest.mark.parametrize("buffer", [1, 8, 64])
async def test_a_slow_reader_makes_reading_stop(buffer: int) -> None:
    transport = CountingTransport(streamed(LONG))
    batches = chat_over(transport, StreamConfig(buffer=buffer)).stream("Hi").batches()
    taken = list(await anext(batches))
    read = await until_quiet(transport)
    # The role's record, which is no event of its own, may be among the chunks.
    assert buffer <= read - len(taken) + 2 <= buffer + 3
    while read < len(LONG):
        batch = await anext(batches)
        assert len(batch) <= buffer + 2
        taken += batch
        before, read = read, await until_quiet(transport)
        assert read - before <= buffer + 2
    taken += [event async for batch in batches for event in batch]
    assert text_of(taken) == "word " * WORDS
    assert isinstance(taken[-1], ev.Done)
    assert transport.states == ["finished"]


async def test_without_a_config_nothing_is_read_ahead() -> None:
    transport = CountingTransport(streamed(LONG))
    batches = chat_over(transport, None).stream("Hi").batches()
    await anext(batches)
    read = transport.chunks_read
    assert await until_quiet(transport) == read <= 3
    await batches.aclose()


async def test_without_backpressure_reading_goes_on_and_what_waits_is_joined() -> None:
    transport = CountingTransport(streamed(LONG))
    run = chat_over(transport, StreamConfig(buffer=8, backpressure=False)).stream("Hi")
    batches = run.batches()
    first = await anext(batches)
    assert await until_quiet(transport) == len(LONG)
    assert run.message.text == "word " * WORDS  # the newest state
    [rest] = [batch async for batch in batches]
    assert len(rest) <= 8 + 4
    assert text_of(first + rest) == "word " * WORDS
    done = rest[-1]
    assert isinstance(done, ev.Done)
    assert (done.status, run.status) == ("complete", "complete")


@pytest.mark.parametrize("backpressure", [True, False])
async def test_the_events_are_the_same_for_a_reader_that_keeps_up(backpressure: bool) -> None:
    pulled = chat_over(CountingTransport(streamed(LONG)), None)
    ahead = chat_over(CountingTransport(streamed(LONG)), StreamConfig(4, backpressure=backpressure))
    heard: list[Event] = []
    ahead.on_chunk(heard.append)
    read = [[event async for event in chat.stream("Hi")] for chat in (pulled, ahead)]
    assert text_of(read[0]) == text_of(read[1])
    assert heard == read[1]
    one, other = pulled.messages[-1], ahead.messages[-1]
    assert (one.text, one.usage, one.status) == (other.text, other.usage, other.status)


@pytest.mark.parametrize("backpressure", [True, False])
async def test_stop_reaches_the_socket_while_the_reader_is_slow(backpressure: bool) -> None:
    transport = CountingTransport(streamed([*LONG[:100], Stall()]))
    run = chat_over(transport, StreamConfig(4, backpressure=backpressure)).stream("Hi")
    batches = run.batches()
    await anext(batches)
    await until_quiet(transport)
    run.cancel()
    await until_quiet(transport)
    assert transport.states == ["aborted"]  # before the reader has taken anything more
    rest = [event async for batch in batches for event in batch]
    assert isinstance(rest[-1], ev.Done)
    assert rest[-1].status == run.status == "aborted"


async def test_stop_wakes_a_reader_that_waits() -> None:
    transport = CountingTransport(streamed([*LONG[:3], Stall()]))
    run = chat_over(transport, StreamConfig()).stream("Hi")
    task = asyncio.ensure_future(run.result())
    await until_quiet(transport)
    run.cancel()
    assert (await task).status == "aborted"
    assert transport.states == ["aborted"]


@pytest.mark.parametrize("backpressure", [True, False])
async def test_a_reader_that_leaves_ends_request_and_tools(
    backpressure: bool, caplog: pytest.LogCaptureFixture
) -> None:
    ended: list[str] = []

    async def forever() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ended.append("ended")

    call = ToolCall("c", "forever", "{}")
    asks = Answer(text="Let me see.", tool_calls=(call,), finish_reason="tool_calls")
    transport = CountingTransport(streamed(records(asks)))
    config = StreamConfig(backpressure=backpressure)
    async with chat_over(transport, config, tools=[forever]).stream("Hi") as run:
        async for event in run:
            if isinstance(event, ev.ToolRunStart):
                await asyncio.sleep(0)  # the tool begins
                break
    assert ended == ["ended"]
    assert run.status == "aborted"
    assert run.message.text == "Let me see."
    assert "went away" in caplog.text


async def test_a_reader_that_leaves_in_mid_stream_aborts_the_request() -> None:
    transport = CountingTransport(streamed([*LONG[:50], Stall()]))
    async with chat_over(transport, StreamConfig(8)).stream("Hi") as run:
        async for _ in run:
            break
    assert transport.states == ["aborted"]
    assert run.message.status == "aborted"
    assert run.message.text.startswith("word")


async def test_what_a_callback_raises_reaches_the_reader() -> None:
    chat = chat_over(CountingTransport(streamed(LONG)), StreamConfig())
    chat.on_chunk(lambda event: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        await chat.ask("Hi")


async def test_what_cannot_be_asked_is_raised_at_the_reader() -> None:
    chat = chat_over(CountingTransport(streamed(LONG)), StreamConfig())
    chat.provider = Provider("x", "X", "https://x.example", protocol="none")
    with pytest.raises(UsageError, match="no protocol"):
        await chat.ask("Hi")


def test_a_buffer_holds_something() -> None:
    with pytest.raises(UsageError, match="at least one event"):
        StreamConfig(0)


# --- joining -----------------------------------------------------------------------------------

_TEXT = st.text("ab", min_size=1, max_size=2)
_DELTA = (
    st.builds(ev.ContentDelta, _TEXT)
    | st.builds(ev.ReasoningDelta, _TEXT, st.none() | st.just({"signature": "s"}))
    | st.builds(ev.RefusalDelta, _TEXT)
    | st.builds(ev.ToolCallDelta, st.sampled_from([0, 1]), _TEXT)
)
_CHOICE: st.SearchStrategy[Any] = st.builds(ev.ContentDelta, _TEXT) | st.builds(
    ev.ReasoningDelta, _TEXT
)
_EVENTS: st.SearchStrategy[list[Any]] = st.lists(
    _DELTA
    | st.builds(ev.Alternative, st.sampled_from([1, 2]), _CHOICE)
    | st.builds(Usage, st.none() | st.integers(0, 9), st.none() | st.integers(0, 9))
    | st.builds(ev.Heartbeat)
    | st.builds(ev.Warning, _TEXT),
    max_size=30,
)


def folded(events: list[Any]) -> Message:
    fold = Fold()
    fold.add([ev.ToolCallStart(0, "a", "f"), ev.ToolCallStart(1, "b", "g"), *events])
    return fold.message


@given(_EVENTS)
def test_joined_events_make_the_same_message(events: list[Any]) -> None:
    joined = Joined()
    joined.add(events[:10])
    joined.add(events[10:])
    taken = joined.take()
    assert folded(taken) == folded(events)
    assert len(taken) <= len(events)
    assert joined.take() == []


def test_deltas_of_calls_that_take_turns_are_joined() -> None:
    joined = Joined()
    joined.add([ev.ToolCallDelta(index, "x") for _ in range(100) for index in (0, 1)])
    joined.add([ev.Heartbeat()] * 100)
    assert joined.take() == [
        ev.ToolCallDelta(0, "x" * 100),
        ev.ToolCallDelta(1, "x" * 100),
        ev.Heartbeat(),
    ]
