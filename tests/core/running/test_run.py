"""Runs of several steps: tools, approvals, retries, fallbacks, questions that wait."""

import asyncio
import gc
import json
from typing import Any

import pytest

from app.core import events as ev
from app.core.errors import ConnectError, UsageError
from app.core.messages import Message, ToolResult
from app.core.options import Options, ToolDefinition
from app.core.running.chat import Chat
from app.core.running.retries import Retries
from app.core.running.run import Run
from app.core.running.step import Deadlines
from app.core.tools.function_tool import Tool, tool
from app.core.tools.toolbox import Toolbox
from app.core.wire.transport import Request
from app.providers import Provider
from app.scripted.openai_chat import (
    Answer,
    TokenCount,
    ToolCall,
    body,
    error_body,
    error_record,
    records,
    streamed,
    whole,
)
from app.scripted.steps import Cut, Gate, Reply, Stall
from app.scripted.transport import ScriptedTransport

PROVIDER = Provider("test", "Test", "https://provider.example/v1")
OTHER = Provider("other", "Other", "https://other.example/v1")
LIMITED = Deadlines(connect_s=60, first_output_s=60, idle_s=60, sync_s=60)
AT_ONCE = Retries(attempts=2, base_s=0)

DONE = Answer(text="Done.", usage=TokenCount(5, 1))


def asks(*calls: tuple[str, str], text: str = "", finish: str = "tool_calls") -> Answer:
    """An answer that asks for these tools, by name and arguments."""
    wanted = tuple(
        ToolCall(f"call{n}", name, arguments) for n, (name, arguments) in enumerate(calls)
    )
    return Answer(text=text, tool_calls=wanted, finish_reason=finish, usage=TokenCount(3, 2))


class Script:
    """A provider that gives these answers in turn, in the mode that is asked for."""

    def __init__(self, *answers: Answer | Reply) -> None:
        self.answers = list(answers)
        self.requests: list[Any] = []
        self.urls: list[str] = []

    def __call__(self, request: Request) -> Reply:
        self.requests.append(json.loads(request.body))
        self.urls.append(request.url)
        answer = self.answers.pop(0)
        if isinstance(answer, Reply):
            return answer
        is_stream = self.requests[-1]["stream"]
        return streamed(records(answer, include_usage=True)) if is_stream else whole(body(answer))


def chat_with(script: Script, **settings: Any) -> Chat:
    settings = {"deadlines": LIMITED, "retries": AT_ONCE} | settings
    return Chat(PROVIDER, "m", transport=ScriptedTransport(script), **settings)


async def events_of(run: Run) -> list[ev.Event]:
    events = [event async for event in run]
    assert [type(event) for event in events].count(ev.Done) == 1
    assert isinstance(events[-1], ev.Done)
    return events


def results_in(messages: list[Message]) -> list[str]:
    parts = [part for message in messages for part in message.parts]
    return [part.content for part in parts if isinstance(part, ToolResult)]


def add(a: int, b: int) -> int:
    """Add two numbers."""
    return a + b


# --- the loop ----------------------------------------------------------------------------------


async def test_the_time_of_a_run_is_that_of_all_its_steps() -> None:
    chat = chat_with(
        Script(asks(("add", '{"a": 1, "b": 2}'), text="Let me add."), DONE), tools=[add]
    )
    now_s = asyncio.get_running_loop().time
    began_s = now_s()
    events = await events_of(chat.stream("1 + 2?"))
    took_s = now_s() - began_s
    first, second = (event.timing for event in events if isinstance(event, ev.StepEnd))
    assert isinstance(events[-1], ev.Done)
    whole = events[-1].timing
    assert first
    assert second
    assert whole
    just = 1e-5  # of what is rounded
    assert first.total_s + second.total_s <= whole.total_s + just
    assert whole.total_s <= took_s + just
    assert first.first_output_s is not None
    assert whole.first_output_s is not None
    assert first.first_output_s <= whole.first_output_s + just
    assert whole.first_output_s <= whole.total_s


@pytest.mark.parametrize("streaming", [True, False])
async def test_a_tool_runs_and_the_model_goes_on(streaming: bool) -> None:
    script = Script(asks(("add", '{"a": 1, "b": 2}'), text="Let me add."), DONE)
    chat = chat_with(script, tools=[add])
    run = chat.stream("1 + 2?", streaming=streaming)
    events = await events_of(run)
    assert [message.role for message in chat.messages] == ["user", "assistant", "tool", "assistant"]
    assert results_in(chat.messages) == ["3"]
    assert (run.message.text, run.status) == ("Done.", "complete")
    kinds = [type(event) for event in events]
    middle = [ev.StepEnd, ev.ToolRunStart, ToolResult, ev.StepStart]
    assert [kind for kind in kinds if kind in middle] == [ev.StepStart, *middle, ev.StepEnd]
    done = events[-1]
    assert isinstance(done, ev.Done)
    assert done.usage is not None
    assert (done.usage.input_tokens, done.usage.output_tokens) == (8, 3)
    # The second request holds the call and its result.
    roles = [message["role"] for message in script.requests[1]["messages"]]
    assert roles == ["user", "assistant", "tool"]
    assert script.requests[1]["messages"][2] == {
        "role": "tool",
        "tool_call_id": "call0",
        "content": "3",
    }
    assert script.requests[0]["tools"][0]["function"]["name"] == "add"


async def test_a_callback_of_a_tool_gets_the_call_that_runs() -> None:
    script = Script(asks(("add", '{"a": 1, "b": 2}'), ("add", '{"a": 3, "b": 4}')), DONE)
    seen: list[tuple[str, str]] = []
    chat = chat_with(script, tools=[add])
    chat.on_tool_call(lambda call: seen.append((call.id, call.arguments)))
    await chat.ask("Go")
    assert sorted(seen) == [("call0", '{"a": 1, "b": 2}'), ("call1", '{"a": 3, "b": 4}')]


@pytest.mark.parametrize("streaming", [True, False])
async def test_no_batch_is_empty(streaming: bool) -> None:
    script = Script(asks(("add", '{"a": 1, "b": 2}'), ("add", '{"a": 3, "b": 4}')), DONE)
    run = chat_with(script, tools=[add]).stream("Go", streaming=streaming)
    batches = [batch async for batch in run.batches()]
    assert batches
    assert all(batches)


@pytest.mark.parametrize("finish", ["length", "content_filter", "refusal"])
async def test_calls_of_an_answer_that_was_stopped_do_not_run(finish: str) -> None:
    script = Script(asks(("add", '{"a": 1, "b": 2}'), finish=finish))
    chat = chat_with(script, tools=[add])
    assert (await chat.ask("1 + 2?")).status == "complete"
    assert results_in(chat.messages) == []


async def test_a_provider_that_pauses_is_asked_again_and_goes_on() -> None:
    script = Script(Answer(text="Searching.", finish_reason="pause_turn"), DONE)
    chat = chat_with(script)
    answer = await chat.ask("What is new?")
    assert (answer.text, answer.finish_reason) == ("Searching.Done.", "stop")
    assert [message["role"] for message in script.requests[1]["messages"]] == ["user", "assistant"]
    assert [message.role for message in chat.messages] == ["user", "assistant"]


async def test_the_loop_has_a_limit() -> None:
    script = Script(*[asks(("add", '{"a": 1, "b": 2}'))] * 3)
    chat = chat_with(script, tools=[add], max_steps=3)
    events = await events_of(chat.stream("Go on"))
    assert len(script.requests) == 3
    assert any(isinstance(event, ev.Warning) and "3 steps" in event.message for event in events)


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("nope", "{}", "There is no tool 'nope'. The tools are: add."),
        ("add", '{"a": 1', "The arguments do not fit"),
        ("add", '{"a": "x", "b": 2}', "a: expected"),
        ("add", '{"a": 1}', "b: missing"),
    ],
)
async def test_what_goes_wrong_goes_back_to_the_model(
    name: str, arguments: str, words: str
) -> None:
    script = Script(asks((name, arguments)), DONE)
    chat = chat_with(script, tools=[add])
    await chat.ask("Go")
    assert words in results_in(chat.messages)[0]
    assert chat.messages[-1].text == "Done."


async def test_a_tool_that_fails_or_takes_too_long_goes_back_to_the_model() -> None:
    async def broken() -> None:
        raise ValueError("no such city")

    @tool(timeout_s=0.01)
    async def slow() -> None:
        await asyncio.get_running_loop().create_future()

    script = Script(asks(("broken", "{}"), ("slow", "{}")), DONE)
    chat = chat_with(script, tools=[broken, slow])
    await chat.ask("Go")
    broken_words, slow_words = results_in(chat.messages)
    assert "no such city" in broken_words
    assert "within 0.01 seconds" in slow_words


@pytest.mark.parametrize("finish", ["length", "stop"])
async def test_calls_of_an_answer_cut_short_do_not_run(finish: str) -> None:
    ran: list[int] = []
    reply = streamed(records(asks(("note", "{}"), finish=finish))[:-2])  # before the finish reason
    if finish == "length":
        reply = streamed(records(asks(("note", "{}"), finish=finish)))

    async def note() -> None:
        ran.append(1)

    chat = chat_with(Script(reply), tools=[note], retries=Retries(attempts=0))
    message = await chat.ask("Go")
    assert ran == []
    assert message.status == ("complete" if finish == "length" else "incomplete")


async def test_without_tools_calls_are_left_to_the_caller() -> None:
    chat = chat_with(Script(asks(("f", "{}"))))
    message = await chat.ask("Go")
    assert [call.name for call in message.runnable_tool_calls] == ["f"]
    assert message.finish_reason == "tool_calls"


async def test_tools_run_at_once_up_to_a_limit_and_answer_in_order() -> None:
    running: list[str] = []
    most = 0
    go_on = asyncio.Event()

    async def work(name: str) -> str:
        nonlocal most
        running.append(name)
        most = max(most, len(running))
        if most == 2:
            go_on.set()
        await go_on.wait()
        running.remove(name)
        return name

    calls = [("work", json.dumps({"name": name})) for name in "abc"]
    chat = chat_with(Script(asks(*calls), DONE), tools=Toolbox([work], limit=2))
    events = await events_of(chat.stream("Go"))
    assert most == 2
    assert [event.content for event in events if isinstance(event, ToolResult)] == ["a", "b", "c"]


async def test_a_tool_that_is_only_defined_is_left_to_the_caller() -> None:
    script = Script(asks(("calculate", "{}")))
    defined = ToolDefinition("calculate", "Calculate.", {"type": "object", "properties": {}})
    message = await chat_with(script, options=Options(tools=[defined])).ask("Go")
    assert script.requests[0]["tools"][0]["function"]["name"] == "calculate"
    assert [call.name for call in message.runnable_tool_calls] == ["calculate"]


async def test_the_choice_of_tools_is_sent() -> None:
    script = Script(DONE)
    chat = chat_with(script, tools=[add], options=Options(tool_choice="required"))
    await chat.ask("Go")
    assert script.requests[0]["tool_choice"] == "required"


@pytest.mark.parametrize("choice", ["required", "add"])
async def test_a_call_is_forced_once(choice: str) -> None:
    script = Script(asks(("add", '{"a": 1, "b": 2}')), DONE)
    await chat_with(script, tools=[add], options=Options(tool_choice=choice)).ask("Go")
    first, second = (request.get("tool_choice", "auto") for request in script.requests)
    assert first in ("required", {"type": "function", "function": {"name": "add"}})
    assert second == "auto"


async def test_stop_ends_running_tools() -> None:
    ended: list[str] = []

    async def forever() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        except asyncio.CancelledError:
            ended.append("cancelled")
            raise

    chat = chat_with(Script(asks(("forever", "{}")), DONE), tools=[forever])
    run = chat.stream("Go")
    async for event in run:
        if isinstance(event, ev.ToolRunStart):
            asyncio.get_running_loop().call_soon(run.cancel)
    assert ended == ["cancelled"]
    assert run.status == "aborted"
    # The next question still makes a valid history.
    message = await chat.ask("And now?")
    assert message.text == "Done."


async def test_a_reader_that_leaves_ends_running_tools() -> None:
    ended: list[str] = []

    async def forever() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ended.append("ended")

    chat = chat_with(Script(asks(("forever", "{}"))), tools=[forever])
    async with chat.stream("Go") as run:
        async for event in run:
            if isinstance(event, ev.ToolRunStart):
                await asyncio.sleep(0)  # the tool begins
                break
    assert ended == ["ended"]
    assert run.status == "aborted"


@pytest.mark.parametrize("how", ["events", "text", "batches", "task"])
async def test_a_reader_that_is_gone_ends_request_and_tools(
    how: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Also without a block around it: dropped by the garbage collector, or its task cancelled."""
    ended: list[str] = []

    async def forever() -> None:
        try:
            await asyncio.get_running_loop().create_future()
        finally:
            ended.append("ended")

    chat = chat_with(Script(asks(("forever", "{}"), text="Let me see.")), tools=[forever])
    begun = asyncio.Event()
    chat.on_tool_call(lambda call: begun.set())
    run = chat.stream("Go")
    if how == "task":
        task = asyncio.ensure_future(run.result())
        await begun.wait()
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    else:
        reading: Any = getattr(run, how)()
        while not (begun.is_set() if how != "text" else run.message.text):
            await anext(reading)
        await asyncio.sleep(0)  # the tool begins
        del reading
        gc.collect()
        while run.status is None:
            await asyncio.sleep(0)
    assert ended == ([] if how == "text" else ["ended"])
    assert run.status == "aborted"
    assert run.messages[0].text == "Let me see."[: len(run.messages[0].text)]
    assert run.messages[0].text
    assert "went away" in caplog.text


async def test_stop_while_a_person_is_asked() -> None:
    chat = chat_with(Script(asks(("delete", '{"path": "a"}')), DONE), tools=[delete])
    run = chat.stream("Go")
    async for event in run:
        if isinstance(event, ev.ApprovalRequest):
            asyncio.get_running_loop().call_soon(run.cancel)
    assert run.status == "aborted"
    with pytest.raises(UsageError, match="no call 'call0' waits"):
        run.decide("call0", "once")
    assert (await chat.ask("And now?")).text == "Done."


# --- a person answers --------------------------------------------------------------------------


@tool(needs_approval=True)
async def delete(path: str) -> str:
    """Delete a file."""
    return f"deleted {path}"


async def ask_for_leave(chat: Chat, decision: Any) -> list[ev.Event]:
    run = chat.stream("Go")
    events = []
    async for event in run:
        events.append(event)
        if isinstance(event, ev.ApprovalRequest):
            assert (event.name, event.wants) == ("delete", "approval")
            run.decide(event.call_id, decision)
    return events


@pytest.mark.parametrize(
    ("decision", "words"),
    [
        ("once", "deleted /tmp"),
        ("allow", "deleted /tmp"),  # as 0.1.0 said it
        ("deny", "The person denied this call."),
    ],
)
async def test_a_person_is_asked_first(decision: str, words: str) -> None:
    chat = chat_with(Script(asks(("delete", '{"path": "/tmp"}')), DONE), tools=[delete])
    events = await ask_for_leave(chat, decision)
    assert results_in(chat.messages) == [words]
    ran = any(isinstance(event, ev.ToolRunStart) for event in events)
    assert ran == (decision != "deny")


@pytest.mark.parametrize("decision", ["once", "deny"])
async def test_two_calls_with_one_id_are_asked_about_one_by_one(decision: str) -> None:
    calls = tuple(ToolCall("call0", "delete", f'{{"path": "{path}"}}') for path in "ab")
    both = Answer(tool_calls=calls, finish_reason="tool_calls")
    script = Script(both, DONE)
    chat = chat_with(script, tools=[delete])
    events = await ask_for_leave(chat, decision)
    asked = [event for event in events if isinstance(event, ev.ApprovalRequest)]
    assert [event.arguments for event in asked] == ['{"path": "a"}', '{"path": "b"}']
    assert len({event.call_id for event in asked}) == 2
    words = (
        ["deleted a", "deleted b"] if decision == "once" else ["The person denied this call."] * 2
    )
    assert results_in(chat.messages) == words
    sent = script.requests[1]["messages"]
    assert [one["content"] for one in sent if one["role"] == "tool"] == words
    assert [one["tool_call_id"] for one in sent if one["role"] == "tool"] == [
        call["id"] for one in sent for call in one.get("tool_calls", ())
    ]


@pytest.mark.parametrize("decision", ["chat", "always", "allow_always"])
async def test_allowed_always_is_asked_once_in_this_chat(decision: str) -> None:
    wants = asks(("delete", '{"path": "a"}'))
    chat = chat_with(Script(wants, DONE, wants, DONE), tools=[delete])
    first = await ask_for_leave(chat, decision)
    second = await ask_for_leave(chat, "deny")
    assert any(isinstance(event, ev.ApprovalRequest) for event in first)
    assert not any(isinstance(event, ev.ApprovalRequest) for event in second)
    assert results_in(chat.messages) == ["deleted a", "deleted a"]


@pytest.mark.parametrize("word", ["yes", "Once", "", "ALLOW", None])
async def test_a_word_that_is_no_decision_lets_nothing_run(word: Any) -> None:
    chat = chat_with(Script(asks(("delete", '{"path": "a"}')), DONE), tools=[delete])
    run = chat.stream("Go")
    async for event in run:
        if isinstance(event, ev.ApprovalRequest):
            with pytest.raises(UsageError, match="once, chat, always, deny"):
                run.decide(event.call_id, word)
            run.decide(event.call_id, "deny")  # it still waits
    assert results_in(chat.messages) == ["The person denied this call."]


async def test_a_tool_that_a_person_answers() -> None:
    ask = Tool.from_schema("ask", "Ask the person.", {"type": "object", "properties": {}})
    chat = chat_with(Script(asks(("ask", "{}")), DONE), tools=[ask])
    run = chat.stream("Go")
    async for event in run:
        if isinstance(event, ev.ApprovalRequest):
            assert event.wants == "result"
            run.give(event.call_id, "blue")
    assert results_in(chat.messages) == ["blue"]


async def test_only_a_call_that_waits_can_be_answered() -> None:
    run = chat_with(Script(DONE)).stream("Go")
    with pytest.raises(UsageError, match="no call 'x' waits"):
        run.decide("x", "once")


# --- retries and fallbacks ---------------------------------------------------------------------

BUSY = whole(error_body("Busy.", type="overloaded_error"), status=503)
BROKEN = streamed([*records(Answer(text="One two three."))[:2], Cut()])


@pytest.mark.parametrize("streaming", [True, False])
async def test_a_failure_before_the_first_output_is_tried_again(streaming: bool) -> None:
    script = Script(BUSY, BUSY, DONE)
    run = chat_with(script).stream("Go", streaming=streaming)
    events = await events_of(run)
    assert (run.message.text, run.status) == ("Done.", "complete")
    retries = [event for event in events if isinstance(event, ev.Retry)]
    assert [(event.attempt, event.reason) for event in retries] == [(1, "Busy."), (2, "Busy.")]
    assert not any(isinstance(event, ev.Error) for event in events)
    assert [type(event) for event in events].count(ev.MessageStart) == 1


async def test_an_error_in_the_stream_before_any_output_is_tried_again() -> None:
    start = records(DONE)[:1]
    early = streamed([*start, error_record("Overloaded.", type="overloaded_error")])
    run = chat_with(Script(early, DONE)).stream("Go")
    events = await events_of(run)
    assert run.message.text == "Done."
    assert [type(event) for event in events].count(ev.MessageStart) == 1


async def test_retries_end() -> None:
    script = Script(BUSY, BUSY, BUSY)
    message = await chat_with(script).ask("Go")
    assert message.error is not None
    assert (len(script.requests), message.error.message) == (3, "Busy.")


async def test_what_will_not_get_better_is_not_tried_again() -> None:
    script = Script(whole(error_body("Bad key.", type="x"), status=401))
    message = await chat_with(script).ask("Go")
    assert message.status == "error"
    assert len(script.requests) == 1


@pytest.mark.parametrize("streaming", [True, False])
async def test_a_host_that_does_not_answer_is_asked_once(streaming: bool) -> None:
    asked = []

    def nobody(request: Request) -> Reply:
        asked.append(request.url)
        raise ConnectError("No answer.")

    transport = ScriptedTransport(nobody)
    chat = Chat(PROVIDER, "m", transport=transport, retries=AT_ONCE, deadlines=LIMITED)
    run = chat.stream("Go", streaming=streaming)
    events = await events_of(run)
    assert not any(isinstance(event, ev.Retry) for event in events)
    # A person may still ask again.
    assert run.message.error is not None
    assert (len(asked), run.message.error.kind, run.message.error.retryable) == (1, "connect", True)


async def test_nothing_is_tried_again_once_output_was_delivered() -> None:
    script = Script(BROKEN)
    message = await chat_with(script).ask("Go")
    assert (message.status, message.text) == ("error", "One")
    assert len(script.requests) == 1


async def test_a_reader_that_understands_a_reset_gets_another_try() -> None:
    script = Script(BROKEN, DONE)
    run = chat_with(script, retries=Retries(base_s=0, reset=True)).stream("Go")
    events = await events_of(run)
    assert run.message.text == "Done."
    assert [type(e) for e in events if isinstance(e, ev.StepReset | ev.Retry)] == [
        ev.StepReset,
        ev.Retry,
    ]


async def test_the_provider_says_how_long_to_wait() -> None:
    wait = whole(error_body("Slow down.", type="x"), status=429, headers={"retry-after": "0.01"})
    events = await events_of(chat_with(Script(wait, DONE)).stream("Go"))
    assert [event.delay_s for event in events if isinstance(event, ev.Retry)] == [0.01]


async def test_a_wait_above_the_limit_is_told_and_not_waited_for() -> None:
    wait = whole(error_body("Slow down.", type="x"), status=429, headers={"retry-after": "61"})
    message = await chat_with(Script(wait)).ask("Go")
    assert message.error is not None
    assert message.error.retry_after_s == 61


async def test_stop_ends_the_wait_for_the_next_try() -> None:
    wait = whole(error_body("Slow down.", type="x"), status=429, headers={"retry-after": "50"})
    run = chat_with(Script(wait)).stream("Go")
    async for event in run:
        if isinstance(event, ev.Retry):
            asyncio.get_running_loop().call_soon(run.cancel)
    assert run.status == "aborted"


async def test_the_wait_is_random_below_a_bound_that_doubles(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    bounds: list[float] = []

    def uniform(low: float, high: float) -> float:
        assert low == 0
        bounds.append(high)
        return 0

    monkeypatch.setattr("random.uniform", uniform)
    retries = Retries(attempts=4, base_s=1, cap_s=5)
    await chat_with(Script(BUSY, BUSY, BUSY, BUSY, DONE), retries=retries).ask("Go")
    assert bounds == [1, 2, 4, 5]


async def test_each_provider_has_tries_of_its_own() -> None:
    script = Script(*[BUSY] * 5, DONE)
    chat = chat_with(script, fallbacks=[(OTHER, "n")])
    events = await events_of(chat.stream("Go"))
    assert chat.messages[-1].text == "Done."
    hosts = [url.split("/")[2] for url in script.urls]
    assert hosts == ["provider.example"] * 3 + ["other.example"] * 3
    retries = [event for event in events if isinstance(event, ev.Retry)]
    assert [(event.attempt, event.model) for event in retries] == [
        (1, ""),
        (2, ""),
        (1, "n"),
        (1, ""),
        (2, ""),
    ]


async def test_the_model_that_stands_in_sees_no_thoughts_of_the_first() -> None:
    details = [{"type": "reasoning.encrypted", "data": "for the first", "index": 0}]
    call = {"index": 0, "id": "c", "type": "function"}
    call |= {"function": {"name": "add", "arguments": '{"a": 1, "b": 2}'}}
    delta = {"reasoning": "Hm.", "reasoning_details": details, "tool_calls": [call]}
    first = [{"choices": [{"index": 0, "delta": delta, "finish_reason": "tool_calls"}]}]
    asked = streamed(json.dumps(one).encode() for one in first)
    script = Script(asked, BUSY, DONE)
    chat = chat_with(
        script,
        tools=[add],
        retries=Retries(attempts=0),
        fallbacks=[(PROVIDER, "smaller")],
    )
    assert (await chat.ask("Go")).text == "Done."
    models = [request["model"] for request in script.requests]
    assert models == ["m", "m", "smaller"]
    second, third = (request["messages"][1] for request in script.requests[1:])
    assert second["reasoning_details"] == details
    assert "reasoning_details" not in third
    assert third["tool_calls"] == second["tool_calls"]


async def test_no_other_provider_is_asked_after_the_first_output() -> None:
    script = Script(BROKEN)
    await chat_with(script, fallbacks=[(OTHER, "n")]).ask("Go")
    assert len(script.urls) == 1


async def test_another_provider_is_asked_where_the_first_fails() -> None:
    script = Script(whole(error_body("Gone.", type="x"), status=404), DONE)
    chat = chat_with(script, fallbacks=[(OTHER, "n")])
    events = await events_of(chat.stream("Go"))
    assert chat.messages[-1].text == "Done."
    assert script.urls[1].startswith("https://other.example/")
    assert [event.model for event in events if isinstance(event, ev.Retry)] == ["n"]


# --- questions that wait -----------------------------------------------------------------------


async def test_a_question_waits_for_the_answer_before_it() -> None:
    gated = streamed([*records(DONE)[:2], Gate("go"), *records(DONE)[2:]])
    script = Script(gated, DONE)
    chat = chat_with(script)
    assert isinstance(chat.transport, ScriptedTransport)
    reading = chat.stream("One").batches()
    await anext(reading)
    queued = asyncio.ensure_future(chat.stream("Two", when_busy="queue").result())
    await asyncio.sleep(0)
    assert len(script.requests) == 1
    chat.transport.open_gate("go")
    async for _ in reading:
        pass
    assert (await queued).text == "Done."
    said = [message["content"] for message in script.requests[1]["messages"]]
    assert said == ["One", "Done.", "Two"]


async def test_a_question_may_interrupt_the_answer_before_it() -> None:
    script = Script(streamed([*records(DONE)[:2], Stall()]), DONE)
    chat = chat_with(script)
    first = asyncio.ensure_future(chat.stream("One").result())
    while not chat.messages[-1].text:
        await asyncio.sleep(0)
    second = await chat.stream("Two", when_busy="interrupt").result()
    assert (await first).status == "aborted"
    assert second.text == "Done."


async def test_a_question_that_waits_can_be_stopped() -> None:
    script = Script(streamed([*records(DONE)[:2], Stall()]))
    chat = chat_with(script)
    reading = chat.stream("One").batches()
    await anext(reading)
    queued = chat.stream("Two", when_busy="queue")
    task = asyncio.ensure_future(queued.result())
    await asyncio.sleep(0)
    queued.cancel()
    assert (await task).status == "aborted"
    await reading.aclose()
    assert len(script.requests) == 1
