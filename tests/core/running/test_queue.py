"""Questions that are asked while an answer is on its way."""

import asyncio
import json
from typing import Any

from app.core import events as ev
from app.core.messages import Message
from app.core.running.chat import Chat
from app.core.running.retries import Retries
from app.core.running.run import Run
from app.core.wire.transport import Request
from app.providers import Provider
from app.scripted.openai_chat import Answer, records, streamed
from app.scripted.steps import Gate, Reply
from app.scripted.transport import ScriptedTransport

PROVIDER = Provider("test", "Test", "https://provider.example/v1")
RECORDS = records(Answer(text="Well."))


class Desk:
    """A chat whose answers each wait at a gate in their middle, and what it was asked."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []
        self._transport = ScriptedTransport(self._reply)
        self.chat = Chat(PROVIDER, "m", transport=self._transport, retries=Retries(attempts=0))

    def _reply(self, request: Request) -> Reply:
        said = [message["content"] for message in json.loads(request.body)["messages"]]
        self.asked.append(said)
        return streamed([*RECORDS[:2], Gate(said[-1]), *RECORDS[2:]])

    def ask(self, question: str, **how: Any) -> "asyncio.Future[Message]":
        return asyncio.ensure_future(self.chat.stream(question, **how).result())

    def finish(self, question: str) -> None:
        self._transport.open_gate(question)

    @property
    def states(self) -> list[str]:
        return [exchange.state for exchange in self._transport.exchanges]


async def settle() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_several_questions_wait_and_are_asked_in_order() -> None:
    desk = Desk()
    answers = [desk.ask("1")]
    await settle()
    answers += [desk.ask(question, when_busy="queue") for question in ("2", "3", "4")]
    for number in range(1, 5):
        await settle()
        assert [said[-1] for said in desk.asked] == [str(n + 1) for n in range(number)]
        desk.finish(str(number))
    assert [message.text for message in await asyncio.gather(*answers)] == ["Well."] * 4
    assert desk.asked[-1] == ["1", "Well.", "2", "Well.", "3", "Well.", "4"]
    roles = [message.role for message in desk.chat.messages]
    assert roles == ["user", "assistant"] * 4


async def test_a_queued_question_that_is_cancelled_is_never_asked() -> None:
    desk = Desk()
    first = desk.ask("1")
    await settle()
    second = desk.chat.stream("2", when_busy="queue")  # nobody reads it yet
    third = desk.ask("3", when_busy="queue")
    await settle()
    second.cancel()
    await settle()
    assert (second.status, second.was_asked) == ("aborted", False)
    assert desk.asked == [["1"]]  # the third still waits for the first
    desk.finish("1")
    desk.finish("3")
    assert [(await answer).status for answer in (first, third)] == ["complete", "complete"]
    assert desk.asked == [["1"], ["1", "Well.", "3"]]
    assert [event async for event in second] == [ev.Done("aborted")]


async def test_a_queued_question_that_is_being_read_can_be_cancelled() -> None:
    desk = Desk()
    desk.ask("1")
    await settle()
    second = desk.chat.stream("2", when_busy="queue")
    reading = asyncio.ensure_future(second.result())
    third = desk.ask("3", when_busy="queue")
    await settle()
    second.cancel()
    assert (await reading).status == "aborted"
    await settle()
    assert desk.asked == [["1"]]
    desk.finish("1")
    desk.finish("3")
    await third
    assert desk.asked[-1] == ["1", "Well.", "3"]


async def test_a_cancelled_queue_does_not_hide_the_answer_that_runs() -> None:
    desk = Desk()
    first = desk.ask("1")
    await settle()
    desk.chat.stream("2", when_busy="queue").cancel()
    third = desk.ask("3", when_busy="queue")
    await settle()
    assert desk.asked == [["1"]]
    desk.finish("1")
    desk.finish("3")
    await asyncio.gather(first, third)


async def test_a_dropped_question_leaves_no_trace() -> None:
    desk = Desk()
    first = desk.ask("1")
    await settle()
    dropped = desk.chat.stream("2", when_busy="drop")
    assert (dropped.status, (await dropped.result()).status) == ("aborted", "aborted")
    assert [message.text for message in desk.chat.messages if message.role == "user"] == ["1"]
    desk.finish("1")
    await first
    desk.finish("2")
    assert (await desk.chat.stream("2", when_busy="drop").result()).text == "Well."
    assert len(desk.asked) == 2


async def test_an_interruption_ends_the_answer_and_all_that_wait() -> None:
    desk = Desk()
    waiting = [desk.ask("1")]
    await settle()
    waiting += [desk.ask("2", when_busy="queue")]
    await settle()
    last = desk.ask("3", when_busy="interrupt")
    desk.finish("3")
    assert (await last).text == "Well."
    assert [message.status for message in await asyncio.gather(*waiting)] == ["aborted"] * 2
    assert desk.asked == [["1"], ["1", "Well.", "3"]]
    assert desk.states == ["aborted", "finished"]


async def test_callbacks_hear_of_their_own_answer_while_others_wait() -> None:
    desk = Desk()
    ended: list[str] = []
    desk.chat.on_end_message(lambda message: ended.append(message.text))
    first = desk.ask("1")
    await settle()
    second: Run = desk.chat.stream("2", when_busy="queue")
    desk.finish("1")
    await first
    assert ended == ["Well."]
    second.cancel()
