"""Conversations over a scripted provider: both modes, every end, stop, deadlines, callbacks."""

import asyncio
import inspect
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, ClassVar

import pytest

from app.core import events as ev
from app.core.errors import ConnectError, UsageError
from app.core.messages import File, Message, Text, ToolCall, ToolResult, user
from app.core.options import Options
from app.core.running.chat import Chat
from app.core.running.retries import Retries
from app.core.running.run import Run
from app.core.running.step import Deadlines
from app.core.wire.transport import Request
from app.providers import Provider
from app.providers.gateway import Gateway
from app.scripted.openai_chat import Answer, TokenCount, body, error_body, records, streamed, whole
from app.scripted.steps import Cut, Gate, Reply, Send, Stall
from app.scripted.transport import ScriptedTransport

PROVIDER = Provider("test", "Test", "https://provider.example/v1", key="secret")
ANSWER = Answer(text="One two three.", reasoning="Hm.", usage=TokenCount(3, 4))
RECORDS = records(ANSWER, include_usage=True)
HEAD, TAIL = RECORDS[:3], RECORDS[3:]  # role, reasoning, the first word | the rest

# A test that hangs fails instead.
NEVER = Retries(attempts=0)
LIMITED = Deadlines(connect_s=60, first_output_s=60, idle_s=60, sync_s=60)


def reply(request: Request) -> Reply:
    """The same answer in the mode that was asked for."""
    is_stream = json.loads(request.body)["stream"]
    return streamed(RECORDS) if is_stream else whole(body(ANSWER))


def chat_with(*replies: Reply, deadlines: Deadlines | None = None) -> Chat:
    """A chat whose provider gives these replies in turn; without any, ANSWER again and again."""
    queue = list(replies)
    transport = ScriptedTransport(lambda request: queue.pop(0) if queue else reply(request))
    return Chat(PROVIDER, "m", transport=transport, deadlines=deadlines or LIMITED, retries=NEVER)


def exchanges(chat: Chat) -> list[str]:
    assert isinstance(chat.transport, ScriptedTransport)
    return [exchange.state for exchange in chat.transport.exchanges]


def sent(chat: Chat, number: int = -1) -> list[tuple[str, Any]]:
    assert isinstance(chat.transport, ScriptedTransport)
    request = json.loads(chat.transport.exchanges[number].request.body)
    return [(message["role"], message["content"]) for message in request["messages"]]


async def batches_of(run: Run) -> list[list[ev.Event]]:
    return [batch async for batch in run.batches()]


async def test_streaming_gives_events_as_they_come() -> None:
    chat = chat_with()
    batches = await batches_of(chat.stream("Hi"))
    assert len(batches) > 5
    done = batches[-1][-1]
    assert isinstance(done, ev.Done)
    assert (done.status, done.finish_reason) == ("complete", "stop")
    assert done.timing is not None
    assert done.timing.first_output_s is not None
    message = chat.messages[-1]
    assert (message.text, message.reasoning, message.mode) == ("One two three.", "Hm.", "streaming")
    assert message.usage is not None
    assert message.usage.output_tokens == 4
    assert message.timing is not None
    assert message.timing.first_output_s is not None
    assert message.timing.first_output_s <= message.timing.total_s
    assert exchanges(chat) == ["finished"]


async def test_sync_gives_the_same_message_in_one_batch() -> None:
    streaming, sync = chat_with(), chat_with()
    await streaming.ask("Hi")
    batches = await batches_of(sync.stream("Hi", streaming=False))
    assert len(batches) == 1
    one, other = streaming.messages[-1], sync.messages[-1]
    assert (one.text, one.reasoning, one.usage, one.finish_reason, one.status) == (
        other.text,
        other.reasoning,
        other.usage,
        other.finish_reason,
        other.status,
    )
    assert other.mode == "sync"
    assert other.timing is not None
    assert other.timing.first_output_s is not None


async def test_the_request_carries_key_instructions_and_history() -> None:
    chat = chat_with()
    chat.instructions = "Be brief."
    await chat.ask("Hi")
    await chat.ask("And?")
    assert isinstance(chat.transport, ScriptedTransport)
    request = chat.transport.exchanges[1].request
    assert request.url == "https://provider.example/v1/chat/completions"
    assert request.headers["authorization"] == "Bearer secret"
    assert "secret" not in repr(request) + repr(PROVIDER)
    assert sent(chat) == [
        ("system", "Be brief."),
        ("user", "Hi"),
        ("assistant", "One two three."),
        ("user", "And?"),
    ]


async def test_events_text_and_result_of_a_run() -> None:
    chat = chat_with()
    events = [event async for event in chat.stream("Hi")]
    assert isinstance(events[-1], ev.Done)
    assert "".join([text async for text in chat.stream("Hi").text()]) == "One two three."
    message = await chat.stream("Hi").result()
    assert message.text == "One two three."


async def test_a_run_is_read_once() -> None:
    chat = chat_with()
    run = chat.stream("Hi")
    await batches_of(run)
    with pytest.raises(UsageError, match="read once"):
        run.batches()


async def test_each_part_arrives_before_the_next_is_sent() -> None:
    words = [step for n, one in enumerate(RECORDS[2:5]) for step in (Gate(str(n)), Send(one))]
    chat = chat_with(streamed([*RECORDS[:2], *words, *RECORDS[5:]]))
    assert isinstance(chat.transport, ScriptedTransport)
    seen: list[str] = []
    async for batch in chat.stream("Hi").batches():
        seen += [event.text for event in batch if isinstance(event, ev.ContentDelta)]
        chat.transport.open_gate(str(len(seen)))
    assert seen == ["One", " two", " three."]


async def test_an_answer_is_in_the_history_from_its_first_moment() -> None:
    chat = chat_with(streamed([*HEAD, Gate("rest"), *TAIL]))
    reading = chat.stream("Hi").batches()
    while not chat.messages[-1].text:
        await anext(reading)
    assert [message.role for message in chat.messages] == ["user", "assistant"]
    assert (chat.messages[-1].text, chat.messages[-1].status) == ("One", None)
    await reading.aclose()


# --- how it ends -------------------------------------------------------------------------------


async def ask_with(*replies: Reply, deadlines: Deadlines | None = None) -> Message:
    return await chat_with(*replies, deadlines=deadlines).ask("Hi")


async def test_a_clean_end_of_file_before_the_end_is_incomplete() -> None:
    message = await ask_with(streamed(HEAD))
    assert (message.status, message.text, message.error) == ("incomplete", "One", None)


async def test_a_broken_connection_keeps_what_arrived() -> None:
    message = await ask_with(streamed([*HEAD, Cut()]))
    assert (message.status, message.text) == ("error", "One")
    assert message.error is not None
    assert message.error.kind == "read"
    assert message.error.retryable


async def test_no_connection_at_all() -> None:
    def refuse(request: Request) -> Reply:
        raise ConnectError("No answer from provider.example.")

    chat = Chat(PROVIDER, "m", transport=ScriptedTransport(refuse), retries=NEVER)
    message = await chat.ask("Hi")
    assert message.error is not None
    assert (message.status, message.error.kind) == ("error", "connect")
    assert message.error.message == "No answer from provider.example."


@pytest.mark.parametrize("stream", [True, False])
async def test_a_refusal_by_http_status(stream: bool) -> None:
    refusal = whole(
        error_body("Slow down.", type="requests"), status=429, headers={"retry-after": "7"}
    )
    message = await chat_with(refusal).ask("Hi", streaming=stream)
    assert message.error is not None
    assert (message.status, message.error.kind, message.error.message) == (
        "error",
        "rate_limit",
        "Slow down.",
    )
    assert (message.error.retry_after_s, message.error.status) == (7, 429)


async def test_a_refusal_whose_body_breaks_off() -> None:
    message = await ask_with(Reply(500, {}, (Send(b'{"err'), Cut())))
    assert message.error is not None
    assert message.error.kind == "server"


async def test_a_failed_answer_leaves_a_valid_history() -> None:
    chat = chat_with(Reply(500))
    await chat.ask("Hi")
    await chat.ask("Again?")
    assert sent(chat) == [("user", "Hi\n\nAgain?")]


async def test_retry_replaces_the_answer() -> None:
    chat = chat_with(streamed([*HEAD, Cut()]))
    await chat.ask("Hi")
    message = await chat.retry().result()
    assert (message.status, message.text) == ("complete", "One two three.")
    assert [message.role for message in chat.messages] == ["user", "assistant"]
    assert sent(chat) == [("user", "Hi")]


async def test_a_conversation_goes_on_from_what_was_said_before() -> None:
    earlier = [user("Hi"), Message("assistant", [Text("Hello.")], status="complete")]
    transport = ScriptedTransport(reply)
    chat = Chat(PROVIDER, "m", transport=transport, messages=[*earlier, user("And?")])
    await chat.retry().result()
    assert sent(chat) == [("user", "Hi"), ("assistant", "Hello."), ("user", "And?")]
    assert [message.text for message in chat.messages][1:] == ["Hello.", "And?", "One two three."]


async def test_a_question_may_have_parts() -> None:
    chat = chat_with()
    await chat.ask([Text("What is this?"), File("data:image/png;base64,AAAA", "image/png")])
    [(_, content)] = sent(chat)
    assert [part["type"] for part in content] == ["text", "image_url"]


async def test_there_is_nothing_to_retry_at_first() -> None:
    with pytest.raises(UsageError, match="no question"):
        chat_with().retry()


async def test_an_answer_on_its_way_must_end_first() -> None:
    chat = chat_with(streamed([*HEAD, Stall()]))
    reading = chat.stream("Hi").batches()
    await anext(reading)
    with pytest.raises(UsageError, match="still on its way"):
        chat.stream("And?")
    await reading.aclose()
    assert (await chat.ask("And?")).status == "complete"


# --- stop --------------------------------------------------------------------------------------


async def test_stop_wakes_a_silent_wait_and_keeps_the_partial_answer() -> None:
    chat = chat_with(streamed([*HEAD, Stall()]))
    run = chat.stream("Hi")
    batches = []
    async for batch in run.batches():
        batches.append(batch)
        if run.message.text:
            asyncio.get_running_loop().call_soon(run.cancel)
    assert batches[-1][-1].status == "aborted"  # type: ignore[union-attr]
    assert (run.message.text, run.message.error) == ("One", None)
    assert exchanges(chat) == ["aborted"]
    task = asyncio.current_task()
    assert task is not None
    assert task.cancelling() == 0


async def test_stop_while_the_provider_has_not_answered_at_all() -> None:
    chat = chat_with(Reply(before=(Stall(),)))
    run = chat.stream("Hi")
    asyncio.get_running_loop().call_soon(run.cancel)
    assert (await run.result()).status == "aborted"
    assert exchanges(chat) == ["aborted"]


async def test_stop_between_two_batches() -> None:
    chat = chat_with()
    run = chat.stream("Hi")
    async for _ in run.batches():
        run.cancel()
    assert run.message.status == "aborted"
    assert exchanges(chat) == ["aborted"]


async def test_stop_before_the_start_and_after_the_end() -> None:
    chat = chat_with()
    run = chat.stream("Hi")
    run.cancel()
    assert (await run.result()).status == "aborted"
    assert exchanges(chat) == []
    run = chat.stream("Hi")
    message = await run.result()
    run.cancel()
    assert message.status == "complete"


async def test_stop_in_sync_mode() -> None:
    chat = chat_with(Reply(before=(Stall(),)))
    run = chat.stream("Hi", streaming=False)
    asyncio.get_running_loop().call_soon(run.cancel)
    assert (await run.result()).status == "aborted"


async def test_a_reader_that_leaves_aborts_the_request(caplog: pytest.LogCaptureFixture) -> None:
    chat = chat_with(streamed([*HEAD, Stall()]))
    async with chat.stream("Hi") as run:
        async for event in run:
            if isinstance(event, ev.ContentDelta):
                break
    assert exchanges(chat) == ["aborted"]
    assert (chat.messages[-1].text, chat.messages[-1].status) == ("One", "aborted")
    assert "went away" in caplog.text


async def test_a_cancelled_task_aborts_the_request_and_stays_cancelled() -> None:
    chat = chat_with(streamed([*HEAD, Stall()]))
    task = asyncio.ensure_future(chat.ask("Hi"))
    while not chat.messages or not chat.messages[-1].text:
        await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert exchanges(chat) == ["aborted"]
    assert chat.messages[-1].status == "aborted"


# --- deadlines ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "deadlines", "words"),
    [
        (Reply(before=(Stall(),)), Deadlines(connect_s=0.01), "did not respond within 0.01 s"),
        (streamed([Stall()]), Deadlines(first_output_s=0.01), "said nothing within 0.01 s"),
        (
            streamed([b": still here\n\n", Stall()]),
            Deadlines(first_output_s=0.01),
            "said nothing within 0.01 s",
        ),
        (streamed([*HEAD, Stall()]), Deadlines(idle_s=0.01), "nothing came for 0.01 s"),
        (streamed([*HEAD, Stall()]), Deadlines(total_s=0.01), "longer than 0.01 s"),
    ],
)
async def test_each_deadline_says_which_it_was(
    reply: Reply, deadlines: Deadlines, words: str
) -> None:
    message = await ask_with(reply, deadlines=deadlines)
    assert message.error is not None
    assert (message.status, message.error.kind) == ("error", "timeout")
    assert words in message.error.message
    assert message.error.retryable


class Clock:
    """The loop's clock, which can be put forward."""

    def __init__(self) -> None:
        loop: Any = asyncio.get_running_loop()
        real = loop.time
        self.passed_s = 0.0
        loop.time = lambda: real() + self.passed_s


class Alive:
    """A transport that gives signs of life, 100 s apart, and then an answer."""

    def __init__(self, signs: int) -> None:
        self._signs = signs
        self._clock = Clock()

    @asynccontextmanager
    async def open(self, request: Request) -> AsyncIterator["Alive"]:
        yield self

    status = 200
    headers: ClassVar[dict[str, str]] = {}

    async def chunks(self) -> AsyncIterator[bytes]:
        for _ in range(self._signs):
            self._clock.passed_s += 100
            await asyncio.sleep(0)
            yield b": still here\n\n"
        for chunk in [*HEAD, *TAIL]:
            yield chunk


async def test_signs_of_life_stretch_the_wait_for_output() -> None:
    transport = Alive(8)
    message = await Chat(PROVIDER, "m", transport=transport).ask("Hi")
    assert (message.status, message.error) == ("complete", None)


async def test_signs_of_life_alone_are_not_waited_for_without_end() -> None:
    class Endless(Alive):
        async def chunks(self) -> AsyncIterator[bytes]:
            while True:
                await asyncio.sleep(0)
                yield b": still here\n\n"

    chat = Chat(PROVIDER, "m", transport=Endless(0), retries=NEVER)
    chat.deadlines = Deadlines(alive_s=0.01)
    message = await chat.ask("Hi")
    assert message.error is not None
    assert "signs of life and no output for 0.01 s" in message.error.message


async def test_sync_mode_has_a_deadline_of_its_own() -> None:
    chat = chat_with(Reply(before=(Stall(),)), deadlines=Deadlines(connect_s=0.001, sync_s=0.01))
    message = await chat.ask("Hi", streaming=False)
    assert message.error is not None
    assert "within 0.01 s" in message.error.message


# --- callbacks ---------------------------------------------------------------------------------


async def test_callbacks_of_an_answer() -> None:
    calls: list[str] = []
    chat = (
        chat_with()
        .on_new_message(lambda: calls.append("new"))
        .on_chunk(lambda event: calls.append(type(event).__name__))
        .on_end_message(lambda message: calls.append(f"end {message.text}"))
        .on_finish(lambda message: calls.append(f"finish {message.status}"))
        .on_error(lambda message: calls.append("error"))
    )
    await chat.ask("Hi")
    assert calls[:4] == ["StepStart", "MessageStart", "new", "ReasoningDelta"]
    assert calls[-3:] == ["Done", "end One two three.", "finish complete"]
    assert calls.count("new") == 1
    assert "error" not in calls


async def test_callbacks_of_a_failure() -> None:
    calls: list[str] = []
    chat = chat_with(Reply(500))
    chat.on_end_message(lambda message: calls.append("end"))
    chat.on_error(lambda message: calls.append(str(message.error and message.error.kind)))
    chat.on_finish(lambda message: calls.append("finish"))
    await chat.ask("Hi")
    assert calls == ["end", "server"]


async def test_callbacks_hear_the_end_of_an_answer_whose_reader_went_away() -> None:
    chat = chat_with(streamed([*HEAD, Gate("rest"), *TAIL]))
    ended: list[tuple[str, str | None]] = []
    chat.on_end_message(lambda message: ended.append((message.text, message.status)))
    reading = chat.stream("Hi").batches()
    while not chat.messages[-1].text:
        await anext(reading)
    await reading.aclose()
    assert ended == [("One", "aborted")]


async def test_who_ended_a_run_is_kept_in_a_word() -> None:
    chat = chat_with()
    whole = chat.stream("Hi")
    await whole.result()
    whole.cancel("too late")
    assert whole.cancel_reason is None

    left = chat.stream("Hi")
    async for _ in left:
        dropped = chat.stream("And?", when_busy="drop")
        queued = chat.stream("And?", when_busy="queue")
        queued.cancel("deleted")
        queued.cancel("user")
        break
    await left.ended()
    assert [run.cancel_reason for run in (left, dropped, queued)] == ["left", "dropped", "deleted"]

    interrupted = chat.stream("Hi")
    await anext(interrupted.batches())
    await chat.stream("Rather this", when_busy="interrupt").result()
    assert (interrupted.status, interrupted.cancel_reason) == ("aborted", "interrupted")


async def test_the_mode_has_one_name_everywhere_and_an_older_one_in_ask() -> None:
    for ask in (Chat.stream, Chat.retry, Chat.ask, Gateway.chat_stream):
        assert inspect.signature(ask).parameters["streaming"].default is True
    chat = chat_with()
    assert (await chat.ask("Hi", streaming=False)).mode == "sync"
    assert (await chat.ask("Hi", stream=False)).mode == "sync"
    assert (await chat.ask("Hi", stream=True)).mode == "streaming"
    assert (await chat.ask("Hi")).mode == "streaming"


async def test_ask_calls_back_with_every_event() -> None:
    seen: list[ev.Event] = []
    message = await chat_with().ask("Hi", seen.append)
    assert "".join(e.text for e in seen if isinstance(e, ev.ContentDelta)) == message.text
    assert isinstance(seen[-1], ev.Done)


def test_a_chat_without_a_transport_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    from app.core.wire import transport

    monkeypatch.setattr(transport, "_default", None)
    monkeypatch.setattr(transport, "_offered", None)
    with pytest.raises(UsageError, match="nothing carries the request"):
        Chat(PROVIDER, "m").stream("Hi")
    carrier = ScriptedTransport(reply)
    transport.use(carrier)
    assert transport.default() is carrier


async def test_the_questions_of_one_conversation_share_a_key_for_the_cache() -> None:
    def key(chat: Chat, number: int) -> str:
        assert isinstance(chat.transport, ScriptedTransport)
        body = json.loads(chat.transport.exchanges[number].request.body)
        return str(body["prompt_cache_key"])

    first, second = chat_with(), chat_with()
    for chat in (first, second):
        chat.provider = Provider("openai-chat", "OpenAI", "https://api.openai.com/v1", key="secret")
        await chat.ask("My name is Ada.")
        await chat.ask("And yours?")
    assert key(first, 0) == key(first, 1) != key(second, 0)
    assert len(key(first, 0)) == 32


async def test_a_conversation_is_answered_as_it_stands() -> None:
    results = Message("tool", [ToolResult("c", "3", "f")])
    called = Message("assistant", [ToolCall("c", "f", "{}")], status="complete")
    for turns in ([user("Hi")], [user("Hi"), called, results]):
        chat = chat_with()
        chat = Chat(PROVIDER, "m", transport=chat.transport, deadlines=LIMITED, messages=turns)
        await batches_of(chat.go_on())
        assert [one.role for one in chat.messages] == [*(one.role for one in turns), "assistant"]
        with pytest.raises(UsageError, match="nothing to answer"):
            chat.go_on()
    for turns in ([], [user("Hi"), called], [Message("system", [Text("Be kind.")])]):
        chat = Chat(PROVIDER, "m", transport=chat.transport, messages=turns)
        with pytest.raises(UsageError, match="nothing to answer"):
            chat.go_on()


@pytest.mark.parametrize("stream", [True, False])
async def test_a_model_that_thinks_though_none_was_asked_for_is_told_of(stream: bool) -> None:
    chat = chat_with()
    chat.options = Options(reasoning_effort="none")
    message = await chat.ask("Hi", stream=stream)
    assert message.warnings == ["You asked for no thinking; this model thought all the same."]
    chat.options = Options(reasoning_effort="low")
    assert (await chat.ask("Hi", stream=stream)).warnings == []
    silent = chat_with(streamed(records(Answer(text="Yes."))))
    silent.options = Options(reasoning_effort="none")
    assert (await silent.ask("Hi")).warnings == []
