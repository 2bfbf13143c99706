"""Recordings: what is noted, what is hidden, and that playing them back gives the same answer."""

import asyncio
from types import SimpleNamespace
from typing import Any

import msgspec
import pytest

from app.core.errors import ConnectError, ProtocolError
from app.core.events import Done, StepEnd
from app.core.running.chat import Chat
from app.core.running.retries import Retries
from app.core.wire.recording import Chunk, Exchange, Recorder, Replay
from app.core.wire.recording_lines import parse_lines, render_lines
from app.core.wire.secrets import HIDDEN, hidden
from app.core.wire.transport import Request, Transport
from app.providers import Provider
from app.scripted.openai_chat import Answer, ToolCall, records, streamed
from app.scripted.steps import Cut, Gate, Reply, Send, cut_into
from app.scripted.transport import ScriptedTransport

KEY = "sk-a-long-secret-key"
STORY = Answer(text="Once upon a time, a café opened.")


def scripted(*replies: Reply) -> ScriptedTransport:
    left = list(replies)
    return ScriptedTransport(lambda request: left.pop(0))


def conversation(transport: Transport, **settings: Any) -> Chat:
    provider = Provider("mine", "Mine", "https://api.example/v1", key=KEY)
    return Chat(provider, "m", transport=transport, retries=Retries(attempts=0), **settings)


async def heard(chat: Chat) -> list[object]:
    """The events of one answer, without how long it took."""
    return [
        msgspec.structs.replace(event, timing=None) if isinstance(event, Done | StepEnd) else event
        async for event in chat.stream("Tell me a story")
    ]


def through_text(recorder: Recorder) -> list[Exchange]:
    return parse_lines("".join(render_lines(recorder.exchanges)).splitlines())


async def test_a_recording_played_back_gives_the_same_events() -> None:
    recorder = Recorder(scripted(streamed(records(STORY))))
    first = await heard(conversation(recorder))
    assert len(first) > 5
    assert await heard(conversation(Replay(through_text(recorder)))) == first


async def test_a_run_of_several_steps_is_several_exchanges() -> None:
    async def now() -> str:
        return "noon"

    asks = Answer(tool_calls=(ToolCall("call1", "now", "{}"),), finish_reason="tool_calls")
    recorder = Recorder(scripted(streamed(records(asks)), streamed(records(STORY))))
    first = await heard(conversation(recorder, tools=[now]))
    assert len(recorder.exchanges) == 2
    assert await heard(conversation(Replay(through_text(recorder)), tools=[now])) == first


@pytest.mark.parametrize("status", [200, 429])
async def test_failures_are_played_back(status: int) -> None:
    if status == 200:
        reply = Reply(steps=(Send(b'data: {"choices": [{"delta": {"content": "Hi"}}]}\n\n'), Cut()))
    else:
        reply = Reply(status, {"retry-after": "7"}, (Send(b'{"error": {"message": "slow"}}'),))
    recorder = Recorder(scripted(reply))
    chat = conversation(recorder)
    first = await heard(chat)
    again = conversation(Replay(through_text(recorder)))
    assert await heard(again) == first
    assert again.messages[-1].error == chat.messages[-1].error is not None
    assert recorder.exchanges[0].end == ("error" if status == 200 else "end")


async def test_no_answer_at_all_is_played_back() -> None:
    def refuse(request: Request) -> Reply:
        raise ConnectError(f"No answer from {request.url}: refused")

    recorder = Recorder(ScriptedTransport(refuse))
    first = await heard(conversation(recorder))
    noted = recorder.exchanges[0]
    assert (noted.status, noted.end) == (None, "error")
    assert await heard(conversation(Replay(through_text(recorder)))) == first


async def test_an_aborted_exchange_stays_with_what_had_come() -> None:
    first, *rest = streamed(records(STORY)).steps
    recorder = Recorder(scripted(Reply(steps=(first, rest[0], Gate("never")))))
    async with conversation(recorder).stream("Hi") as run:
        async for text in run.text():
            assert text
            break
    noted = recorder.exchanges[0]
    assert noted.end == "aborted"
    assert noted.body
    assert noted.ended_s is not None
    again = conversation(Replay(through_text(recorder)))
    await heard(again)
    assert (again.messages[-1].status, again.messages[-1].text) == ("incomplete", "Once")


async def test_an_exchange_can_be_read_while_it_goes_on() -> None:
    first, second, *_ = streamed(records(STORY)).steps
    transport = scripted(Reply(steps=(first, second, Gate("go on"))))
    recorder = Recorder(transport)
    run = conversation(recorder).stream("Hi")
    texts = run.text()
    await anext(texts)
    assert recorder.exchanges[0].end == "running"
    assert through_text(recorder)[0].body == recorder.exchanges[0].body != b""
    await texts.aclose()


async def test_only_the_newest_are_kept_where_that_is_asked() -> None:
    recorder = Recorder(scripted(*[streamed(records(STORY))] * 3), keep=2)
    chat = conversation(recorder)
    for _ in range(3):
        await heard(chat)
    assert [b"messages" in exchange.request.body for exchange in recorder.exchanges] == [True] * 2


async def test_a_recording_that_is_over_says_so() -> None:
    chat = conversation(Replay([]))
    await heard(chat)
    assert chat.messages[-1].error is not None
    assert "no answer to a further request" in chat.messages[-1].error.message


async def test_the_pace_of_a_replay(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []

    async def sleep(delay_s: float) -> None:
        waits.append(delay_s)

    names = SimpleNamespace(get_running_loop=asyncio.get_running_loop, sleep=sleep)
    monkeypatch.setattr("app.core.wire.recording.asyncio", names)
    chunks = [Chunk(10.0, b"a"), Chunk(20.0, b"b")]
    exchange = Exchange(Request("GET", "u", {}), 200, {}, 4.0, chunks, "end", 20.0)
    for pace, expected in (0.0, [0, 0, 0, 0]), (0.5, [2, 5, 10, 10]):
        waits.clear()
        async with Replay([exchange], pace=pace).open(exchange.request) as response:
            assert [chunk async for chunk in response.chunks()] == [b"a", b"b"]
        assert waits == pytest.approx(expected, abs=0.5)


# What is hidden


async def test_a_key_is_nowhere_in_a_recording() -> None:
    def reply(request: Request) -> Reply:
        assert request.headers["authorization"] == f"Bearer {KEY}"
        says = f'{{"error": {{"message": "wrong key: {KEY}"}}}}'
        return Reply(401, {"x-echo": KEY, "set-cookie": "id=1"}, (Send(says.encode()),))

    recorder = Recorder(ScriptedTransport(reply))
    await heard(conversation(recorder))
    text = "".join(render_lines(recorder.exchanges))
    assert KEY not in text
    assert "id=1" not in text
    assert recorder.exchanges[0].request.headers["authorization"] == f"Bearer {HIDDEN}"


async def test_a_key_in_the_address_is_hidden_in_the_error_too() -> None:
    def refuse(request: Request) -> Reply:
        raise ConnectError(f"No answer from {request.url}: refused")

    recorder = Recorder(ScriptedTransport(refuse))
    with pytest.raises(ConnectError, match="short"):
        async with recorder.open(Request("GET", "https://u:pw@a.example/m?key=short", {})):
            pass
    text = "".join(render_lines(recorder.exchanges))
    assert "short" not in text
    assert "pw" not in text
    assert recorder.exchanges[0].error.startswith("No answer from https://(hidden)@a.example/m?key")


@pytest.mark.parametrize(
    ("name", "value", "shown"),
    [
        ("Authorization", "Bearer abc", "Bearer (hidden)"),
        ("authorization", "abc", "(hidden)"),
        ("authorization", "abc def", "(hidden)"),
        ("x-api-key", "abc", "(hidden)"),
        ("x-goog-api-key", "abc", "(hidden)"),
        ("api-key", "abc", "(hidden)"),
        ("cookie", "a=b c=d", "(hidden)"),
        ("content-type", "application/json", "application/json"),
        ("anthropic-version", "2023-06-01", "2023-06-01"),
    ],
)
def test_headers_that_hold_keys(name: str, value: str, shown: str) -> None:
    assert hidden(Request("POST", "https://a.example", {name: value})).headers == {name: shown}


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://a.example/m?alt=sse&key=abc#x", "https://a.example/m?alt=sse&key=(hidden)#x"),
        ("https://a.example/m?api_key=abc", "https://a.example/m?api_key=(hidden)"),
        ("https://a.example/key=1?q=2", "https://a.example/key=1?q=2"),
    ],
)
def test_addresses_that_hold_keys(url: str, shown: str) -> None:
    assert hidden(Request("GET", url, {})).url == shown


# The file


def test_bytes_of_every_kind_come_back() -> None:
    data = [
        b"plain",
        "é".encode()[:1],
        "é".encode()[1:],
        bytes(range(256)),
        b"",
        b"\xe2\x80\xa8\r\n",
    ]
    chunks = [Chunk(index / 8, piece) for index, piece in enumerate(data)]
    request = Request("POST", "https://a.example", {"x": "\u2028"}, b"\xff")
    exchange = Exchange(request, 200, {"y": "1"}, 0.5, chunks, "end", 9.0)
    lines = list(render_lines([exchange, exchange]))
    assert all(line.count("\n") == 1 for line in lines)
    assert parse_lines(lines) == [exchange, exchange]


async def test_a_file_that_was_cut_short_gives_what_is_there() -> None:
    recorder = Recorder(scripted(streamed(records(STORY))))
    await heard(conversation(recorder))
    lines = list(render_lines(recorder.exchanges))
    (left,) = parse_lines([*lines[:6], lines[6][:-9]])
    assert left.chunks == recorder.exchanges[0].chunks[:3]
    assert left.end == "aborted"


@pytest.mark.parametrize(
    ("lines", "says"),
    [
        ([], "empty"),
        (["{}"], "not a recording"),
        (["Dear diary"], "not a recording"),
        (['{"type":"tokenfall-recording","version":99}'], "version 99"),
        (['{"type":"tokenfall-recording","version":1}', "{", "{}"], "Line 2"),
        (
            ['{"type":"tokenfall-recording","version":1}']
            + ['{"type":"chunk","exchange":5,"at_s":0}'] * 2,
            "Line 2",
        ),
    ],
)
def test_what_is_no_recording_is_said(lines: list[str], says: str) -> None:
    with pytest.raises(ProtocolError, match=says):
        parse_lines(lines)


def test_lines_of_a_later_kind_are_passed_over() -> None:
    lines = ['{"type":"tokenfall-recording","version":1}', '{"type":"mood","exchange":0}']
    assert parse_lines(lines) == []


@pytest.mark.parametrize("size", [1, 3, 7, 20, 100])
async def test_a_key_that_comes_back_in_pieces_is_hidden(size: int) -> None:
    body = b'{"error": "bad key sk-abcdefgh1234, not sk-abcd", "again": "sk-abcdefgh1234"}'
    reply = Reply(steps=cut_into(body, size))
    recorder = Recorder(ScriptedTransport(lambda request: reply))
    headers = {"authorization": "Bearer sk-abcdefgh1234"}
    async with recorder.open(Request("POST", "https://x.example/", headers)) as response:
        assert b"".join([chunk async for chunk in response.chunks()]) == body
    (exchange,) = recorder.exchanges
    assert exchange.body == body.replace(b"sk-abcdefgh1234", HIDDEN.encode())
    assert len(exchange.chunks) == len(reply.steps)
