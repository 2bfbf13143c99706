"""A session: what a user interface reads of a conversation, and what it can do."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.connections import Session, stream
from app.core import events as ev
from app.core.errors import ErrorInfo, UsageError
from app.core.events import Event
from app.core.messages import Message, Text, user
from app.core.running.retries import Retries


class Model:
    """A function that answers with one word, waits for leave, and says the rest."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self.data: list[Any] = []
        self.leave = asyncio.Event()

    async def __call__(self, messages: list[Message], data: Any, signal: Any) -> Any:
        self.asked.append([message.text for message in messages])
        self.data.append(data)
        return self._answer()

    async def _answer(self) -> AsyncIterator[str]:
        yield "One"
        await self.leave.wait()
        yield " two."


async def settle() -> None:
    for _ in range(30):
        await asyncio.sleep(0)


async def test_a_conversation() -> None:
    model, heard = Model(), list[Event]()
    finished: list[str] = []
    session = Session(
        stream(model),
        on_chunk=heard.append,
        on_finish=lambda message: finished.append(message.text),
    )
    assert (session.messages, session.is_loading, session.error) == ([], False, None)
    sending = asyncio.ensure_future(session.send_message("Hi", {"page": 1}))
    await settle()
    assert session.is_loading
    assert [message.text for message in session.messages] == ["Hi", "One"]
    model.leave.set()
    message = await sending
    assert (message.text, session.is_loading, finished) == ("One two.", False, ["One two."])
    assert any(isinstance(event, ev.ContentDelta) for event in heard)
    await session.send_message("And?")
    assert model.asked[-1] == ["Hi", "One two.", "And?"]
    assert model.data == [{"page": 1}, {}]
    await session.send_message("So?", {"page": 2})
    await session.reload()
    assert model.data[2:] == [{"page": 2}, {"page": 2}]


async def test_stop_keeps_what_came() -> None:
    session = Session(stream(Model()))
    sending = asyncio.ensure_future(session.send_message("Hi"))
    await settle()
    session.stop()
    message = await sending
    assert (message.text, message.status) == ("One", "aborted")
    assert (session.is_loading, session.error) == (False, None)


async def test_questions_wait_or_are_dropped() -> None:
    model = Model()
    session = Session(stream(model))
    sending = [asyncio.ensure_future(session.send_message("1"))]
    await settle()
    sending.append(asyncio.ensure_future(session.send_message("2")))
    dropped = await session.send_message("3", when_busy="drop")
    assert dropped.status == "aborted"
    model.leave.set()
    assert [message.text for message in await asyncio.gather(*sending)] == ["One two."] * 2
    assert model.asked == [["1"], ["1", "One two.", "2"]]


@pytest.mark.parametrize("is_running", [True, False])
async def test_reload_asks_again(is_running: bool) -> None:
    model = Model()
    session = Session(stream(model))
    sending = asyncio.ensure_future(session.send_message("Hi"))
    await settle()
    if not is_running:
        model.leave.set()
        await sending
    reloading = asyncio.ensure_future(session.reload())
    await settle()
    model.leave.set()
    assert (await reloading).text == "One two."
    await sending
    assert model.asked == [["Hi"], ["Hi"]]
    assert [message.text for message in session.messages] == ["Hi", "One two."]


async def test_an_error_is_told_and_goes_with_the_next_answer() -> None:
    answers: list[Any] = [ValueError("no luck"), ev.Done("incomplete"), "Well."]

    async def answer(messages: Any, data: Any, signal: Any) -> AsyncIterator[Any]:
        given = answers.pop(0)
        if isinstance(given, Exception):
            raise given
        yield given

    errors: list[ErrorInfo] = []
    session = Session(stream(answer), on_error=errors.append, retries=Retries(attempts=0))
    seen = []
    for _ in range(3):
        await session.send_message("Hi")
        seen.append(session.error)
    assert seen == [*errors, None]
    assert [error.message for error in errors] == [
        "no luck",
        "The answer broke off before its end.",
    ]


async def test_clear_and_dispose() -> None:
    earlier = [user("Hi"), Message("assistant", [Text("Hello.")], status="complete")]
    session = Session(stream(Model()), messages=earlier)
    sending = asyncio.ensure_future(session.send_message("And?"))
    await settle()
    assert len(session.messages) == 4
    session.clear()
    assert (await sending).status == "aborted"
    assert (session.messages, session.is_loading) == ([], False)
    async with session:
        sending = asyncio.ensure_future(session.send_message("Hi"))
        await settle()
    assert (await sending).status == "aborted"
    with pytest.raises(UsageError, match="disposed"):
        await session.send_message("Hi")
    assert [message.text for message in session.messages] == ["Hi", "One"]
