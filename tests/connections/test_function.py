"""A function as what a chat talks to."""

import asyncio
from collections.abc import AsyncIterator, Iterator
from typing import Any

import pytest

from app.connections import Signal, stream
from app.core import events as ev
from app.core.errors import UsageError
from app.core.messages import Message, Source
from app.core.options import Options
from app.core.running.chat import Chat
from app.core.running.retries import Retries
from app.providers import Provider
from app.scripted.openai_chat import Answer, records, streamed
from app.scripted.transport import ScriptedTransport


def chat_with(function: Any, **settings: Any) -> Chat:
    protocol = settings.pop("protocol", "tokenfall")
    connection = stream(function, protocol=protocol)
    settings = {"retries": Retries(attempts=0)} | settings
    return Chat(connection.endpoint, "m", transport=connection.transport, **settings)


@pytest.mark.parametrize("streaming", [True, False])
async def test_texts(streaming: bool) -> None:
    seen: list[Any] = []

    async def answer(messages: list[Message], data: Any, signal: Signal) -> AsyncIterator[str]:
        seen.append(([message.text for message in messages], data, signal.aborted))
        yield "One"
        yield " two."

    chat = chat_with(answer, options=Options(extra={"user": 7}))
    message = await chat.ask("Hi", streaming=streaming)
    assert (message.text, message.status, message.finish_reason) == ("One two.", "complete", "stop")
    await chat.ask("And?", streaming=streaming)
    data = {"model": "m", "user": 7}
    assert seen == [(["Hi"], data, False), (["Hi", "One two.", "And?"], data, False)]


async def test_events() -> None:
    async def answer(messages: Any, data: Any, signal: Any) -> AsyncIterator[Any]:
        yield ev.ReasoningDelta("Hm.")
        yield [ev.ContentDelta("x"), Source("https://example.org")]
        yield ev.Done("incomplete")

    message = await chat_with(answer).ask("Hi")
    assert (message.reasoning, message.text, message.status) == ("Hm.", "x", "incomplete")
    assert message.sources[0].url == "https://example.org"


@pytest.mark.parametrize("size", [1, 7, 10_000])
async def test_bytes_of_any_protocol(size: int) -> None:
    data = b"".join(records(Answer(text="One two.")))

    async def answer(messages: Any, data_: Any, signal: Any) -> AsyncIterator[bytes]:
        for start in range(0, len(data), size):
            yield data[start : start + size]

    message = await chat_with(answer, protocol="openai-chat").ask("Hi")
    assert (message.text, message.status) == ("One two.", "complete")


async def test_bytes_that_break_off_are_incomplete() -> None:
    async def answer(messages: Any, data: Any, signal: Any) -> AsyncIterator[bytes]:
        yield b'{"type": "content_delta", "text": "One"}\n'

    message = await chat_with(answer).ask("Hi")
    assert (message.text, message.status) == ("One", "incomplete")


async def test_another_run_and_an_awaitable_and_a_plain_list() -> None:
    async def plain(messages: Any, data: Any, signal: Any) -> list[str]:
        return ["One", " two."]

    def again(messages: Any, data: Any, signal: Any) -> Any:
        return chat_with(plain).stream("Hi")

    def generated(messages: Any, data: Any, signal: Any) -> Iterator[str]:
        yield from ("One", " two.")

    for function in (plain, again, generated):
        message = await chat_with(function).ask("Hi")
        assert (message.text, message.status) == ("One two.", "complete")


async def test_who_first_gave_an_answer_is_told() -> None:
    provider = Provider("a", "A", "https://a.example/v1")
    script = ScriptedTransport(lambda request: streamed(records(Answer(text="Yes."))))

    def ask(messages: Any, data: Any, signal: Any) -> Any:
        return Chat(provider, "m", transport=script).stream("Hi")

    message = await chat_with(ask).ask("Hi")
    assert (message.text, message.protocol, message.provider) == ("Yes.", "openai-chat", "a")


@pytest.mark.parametrize("protocol", ["tokenfall", "openai-chat"])
async def test_what_it_raises_is_the_answers_error(protocol: str) -> None:
    async def answer(messages: Any, data: Any, signal: Any) -> AsyncIterator[bytes]:
        yield b""
        raise ValueError("no such city")

    message = await chat_with(answer, protocol=protocol).ask("Hi")
    assert message.error is not None
    assert (message.status, message.error.message) == ("error", "no such city")


async def test_one_text_is_an_answer() -> None:
    message = await chat_with(lambda *_: "All of it.").ask("Hi")
    assert (message.text, message.status) == ("All of it.", "complete")


async def test_nothing_is_no_answer() -> None:
    message = await chat_with(lambda *_: None).ask("Hi")
    assert message.error is not None
    assert "not NoneType" in message.error.message


async def test_what_cannot_be_an_answer_is_said() -> None:
    async def numbers(messages: Any, data: Any, signal: Any) -> AsyncIterator[int]:
        yield 7

    for protocol, words in (("tokenfall", "not int"), ("openai-chat", "gives bytes")):
        message = await chat_with(numbers, protocol=protocol).ask("Hi")
        assert message.error is not None
        assert words in message.error.message
    with pytest.raises(UsageError, match="no protocol"):
        stream(numbers, protocol="x")


@pytest.mark.parametrize("how", ["stop", "leave"])
async def test_stop_reaches_the_function(how: str) -> None:
    told: list[str] = []
    listening: list[asyncio.Future[None]] = []

    async def answer(messages: Any, data: Any, signal: Signal) -> AsyncIterator[str]:
        async def listen() -> None:
            await signal.wait()
            told.append("signal")

        listening.append(asyncio.ensure_future(listen()))
        try:
            yield "One"
            await asyncio.get_running_loop().create_future()
        finally:
            told.append("closed")

    async with chat_with(answer).stream("Hi") as run:
        async for event in run:
            if isinstance(event, ev.ContentDelta):
                if how == "leave":
                    break
                asyncio.get_running_loop().call_soon(run.cancel)
    assert (run.status, run.message.text) == ("aborted", "One")
    await asyncio.gather(*listening)
    assert told == ["closed", "signal"]
