"""Our own wire format: what is written is read again, at every cut, and whatever else comes."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import events as ev
from app.core.errors import ErrorInfo, ProtocolError
from app.core.fold import Fold
from app.core.messages import (
    File,
    Message,
    ProviderTool,
    Reasoning,
    Refusal,
    Source,
    Text,
    Timing,
    ToolCall,
    ToolResult,
    Usage,
    user,
)
from app.core.options import Options, ToolDefinition
from app.protocols import decoder, wire_format
from app.protocols.tokenfall import body, ndjson, parse_request, render, sse
from tests.protocols.wire import decode

USAGE = Usage(5, 3, 8, raw={"n": 1})
ANSWER: list[ev.Event] = [
    ev.MessageStart("m1", "demo"),
    ev.ReasoningDelta("Hm."),
    ev.ReasoningDelta("", {"signature": "s"}),
    ev.ContentDelta("Let me "),
    ev.ContentDelta("look 👋\n\n."),
    Source("https://example.org", "Example"),
    File("data:image/png;base64,AA", "image/png"),
    ProviderTool("w", "web_search", "{}", [1]),
    ev.ToolCallStart(0, "c0", "add"),
    ev.ToolCallStart(1, "c1", "add"),
    ev.ToolCallDelta(0, '{"a":'),
    ev.ToolCallDelta(1, "{}"),
    ev.ToolCallDelta(0, "1}"),
    ev.ToolCallEnd(0, {"thought": "t"}),
    ev.ToolCallEnd(1),
    ev.Alternative(1, ev.ContentDelta("Or so.")),
    ev.Heartbeat(),
    ev.Warning("odd", "raw"),
    USAGE,
    ev.Done("complete", "tool_calls", "tool_use", USAGE, Timing(2, 1)),
]
# A run of two steps, its tool run where it came from.
STEPS: list[ev.Event] = [
    ev.StepStart(1),
    ev.ContentDelta("Let me add."),
    ev.ToolCallStart(0, "c0", "add"),
    ev.ToolCallDelta(0, '{"a":1}'),
    ev.ToolCallEnd(0),
    ev.StepEnd("complete", "tool_calls"),
    ev.ToolRunStart("c0", "add"),
    ToolResult("c0", "3", "add"),
    ev.StepStart(2),
    ev.ToolCallStart(0, "c1", "add"),
    ev.ToolCallDelta(0, '{"a":2}'),
    ev.ToolCallEnd(0),
    ToolResult("c1", "4", "add"),
    ev.StepStart(3),
    ev.ContentDelta("Seven."),
    ev.StepEnd("complete", "stop", "stop"),
    ev.Done("complete", "stop", "stop", USAGE),
]


def stream(events: list[ev.Event]) -> bytes:
    return b"".join(sse(event, number) for number, event in enumerate(events, 1))


def lines(events: list[ev.Event]) -> bytes:
    return b"".join(map(ndjson, events))


def folded(events: list[ev.Event]) -> Message:
    fold = Fold("tokenfall")
    fold.add(events)
    return fold.message


@pytest.mark.parametrize("write", [stream, lines])
@pytest.mark.parametrize("events", [ANSWER, STEPS], ids=["answer", "steps"])
def test_what_is_written_is_read_again(write: Any, events: list[ev.Event]) -> None:
    read, message = decode(write(events), "tokenfall")
    assert read == events
    assert message == folded(events)


def test_a_stream_has_ids_and_names_its_end() -> None:
    written = stream([ev.ContentDelta("x"), ev.Done("complete")]).decode()
    assert written == (
        'id: 1\ndata: {"type":"content_delta","text":"x"}\n\n'
        'id: 2\nevent: done\ndata: {"type":"done","status":"complete"}\n\n'
    )


@pytest.mark.parametrize("events", [ANSWER, STEPS], ids=["answer", "steps"])
def test_a_whole_answer_makes_the_same_message(events: list[ev.Event]) -> None:
    _, message = decode(body(folded(events)), "tokenfall")
    assert message == folded(events)
    answer = folded(events)
    answer.protocol, answer.provider = "gemini", "google"
    _, message = decode(body(answer), "tokenfall")
    assert (message.protocol, message.provider) == ("gemini", "google")


def test_a_run_of_several_steps_is_one_message_and_nothing_to_run() -> None:
    _, message = decode(lines(STEPS), "tokenfall")
    kinds = [type(part).__name__ for part in message.parts]
    assert kinds == ["Text", "ToolCall", "ToolResult", "ToolCall", "ToolResult", "Text"]
    assert [call.arguments for call in message.tool_calls] == ['{"a":1}', '{"a":2}']
    assert message.runnable_tool_calls == []
    assert message.finish_reason == "stop"


def test_such_a_message_goes_to_any_provider_step_by_step() -> None:
    from app.protocols import wire_format

    message = folded(STEPS)
    rendered = wire_format("openai-chat").render(
        [user("Add."), message, user("And?")], model="m", options=Options(), stream=True
    )
    sent = json.loads(rendered.body)["messages"]
    roles = ["user", "assistant", "tool", "assistant", "tool", "assistant", "user"]
    assert [one["role"] for one in sent] == roles
    assert [one["content"] for one in sent if one["role"] == "tool"] == ["3", "4"]


def test_a_call_left_open_can_be_run_here() -> None:
    _, message = decode(lines(ANSWER), "tokenfall")
    assert [call.id for call in message.runnable_tool_calls] == ["c0", "c1"]


@pytest.mark.parametrize("write", [stream, lines])
def test_cut_after_any_record_it_is_incomplete(write: Any) -> None:
    for end in range(len(ANSWER)):
        read, message = decode(write(ANSWER[:end]), "tokenfall")
        assert message.status == "incomplete"
        assert message.runnable_tool_calls == []
        assert read[:-1] == ANSWER[:end]


def test_a_whole_answer_cut_anywhere_is_incomplete() -> None:
    whole = body(folded(ANSWER))
    for end in range(1, len(whole), 7):
        one = decoder("tokenfall")
        one.feed(whole[:end])
        one.close()
        assert one.message.status in ("incomplete", "error")


@pytest.mark.parametrize("status", ["complete", "incomplete", "aborted", "error"])
def test_how_the_other_end_says_it_ended(status: Any) -> None:
    events, message = decode(lines([ev.ContentDelta("x"), ev.Done(status)]), "tokenfall")
    assert message.status == status
    assert (message.error is not None) == (status == "error")


def test_an_error_in_the_stream() -> None:
    info = ErrorInfo("rate_limit", "Slow down.", status=429, retryable=True, retry_after_s=3)
    events: list[ev.Event] = [ev.ContentDelta("x"), ev.Error(info), ev.Done("error")]
    read, message = decode(stream(events), "tokenfall")
    assert read == events
    assert (message.text, message.error) == ("x", info)


def test_what_happens_after_the_end_changes_nothing() -> None:
    one = decoder("tokenfall")
    one.feed(lines([ev.ContentDelta("x"), ev.Done("complete")]))
    assert one.ended
    one.close(error=ErrorInfo("read", "It broke."), aborted=True)
    assert (one.message.status, one.message.error) == ("complete", None)


def test_of_two_ends_the_first_counts() -> None:
    one = decoder("tokenfall")
    ends = [ev.Done("complete", "stop", "END", USAGE), ev.Done("incomplete", "length", "MAX")]
    one.feed(lines([ev.ContentDelta("x"), *ends]))
    one.close()
    assert (one.message.status, one.message.finish_reason) == ("complete", "stop")
    assert one.message.usage == USAGE


@pytest.mark.parametrize(
    "record",
    [
        '{"type": "hologram", "text": "x"}',
        '{"type": "tool_call_delta", "index": 0, "arguments": "{}"}',
        '{"type": "tool_call_start", "index": 5, "id": "a", "name": "f"}',
        '{"type": "tool_call_end", "index": -1}',
        '{"type": "alternative", "choice": 0, "event": {"type": "content_delta", "text": "x"}}',
        "[1, 2]",
        "null",
        "not JSON",
    ],
)
def test_what_makes_no_sense_is_passed_over_with_a_warning(record: str) -> None:
    data = b"data: " + record.encode() + b"\n\n" + stream([ev.ContentDelta("ok")])
    events, message = decode(data + stream([ev.Done("complete", "stop", "stop")]), "tokenfall")
    assert (message.text, message.status, len(message.warnings)) == ("ok", "complete", 1)
    assert message.tool_calls == []


def test_text_and_end_survive_what_is_wrong_beside_them() -> None:
    data = (
        b'{"type": "content_delta", "text": "a\\ud83d", "extra": 1}\n'
        b'{"type": "done", "status": "complete", "finish_reason": "tired", '
        b'"finish_reason_raw": "tired"}\n'
    )
    _, message = decode(data, "tokenfall")
    assert message.text == "a\N{REPLACEMENT CHARACTER}"
    assert (message.status, message.finish_reason) == ("complete", "unknown")


def test_a_providers_error_body_is_understood() -> None:
    _, message = decode(b'{"error": {"message": "No.", "type": "server_error"}}', "tokenfall")
    assert message.error is not None
    assert (message.status, message.error.message) == ("error", "No.")


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text("ab\ud800", max_size=3),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text("ab"), inner, max_size=3),
    max_leaves=4,
)
_NAMES = st.sampled_from(
    [tag for one in ANSWER + STEPS if isinstance(tag := one.__struct_config__.tag, str)]
)
_FIELDS = ("text", "index", "id", "name", "arguments", "extra", "status", "choice", "event", "url")
_ODD = st.fixed_dictionaries(
    {"type": _NAMES},
    optional={name: st.sampled_from([0, 1, "x"]) | _ANY for name in _FIELDS},
)


@given(st.lists(_ODD | st.sampled_from([msgspec.to_builtins(one) for one in ANSWER + STEPS])))
def test_any_events_in_any_order_make_an_answer(records: list[Any]) -> None:
    one = decoder("tokenfall")
    events = one.feed(b"".join(json.dumps(record).encode() + b"\n" for record in records))
    events += one.close()
    assert [type(event) for event in events].count(ev.Done) == 1
    assert isinstance(events[-1], ev.Done)
    assert msgspec.json.decode(msgspec.json.encode(one.message), type=Message) == one.message


# --- requests ----------------------------------------------------------------------------------


def test_a_request_is_read_as_it_was_written() -> None:
    messages = [
        user([Text("Look"), File("data:image/png;base64,AA", "image/png")]),
        Message("assistant", [Reasoning("Hm", {"s": 1}), Refusal("No"), ToolCall("c", "f", "{}")]),
        Message("tool", [ToolResult("c", "3", "f")]),
    ]
    tools = [ToolDefinition("f", "Does f.", {"type": "object", "properties": {}})]
    options = Options(temperature=0.5, tools=tools, tool_choice="required", extra={"user": 7})
    rendered = render(messages, model="m", options=options, stream=False)
    assert rendered.path == "/chat"
    request = parse_request(rendered.body)
    assert (request.messages, request.model, request.stream) == (messages, "m", False)
    assert request.data == {"user": 7}
    assert request.options == msgspec.structs.replace(options, extra={})


@pytest.mark.parametrize(
    "data", [b"", b"x", b"[]", b'{"messages": 1}', b"\xff", b'{"messages":' + b"[" * 9000]
)
def test_a_request_that_is_none(data: bytes) -> None:
    with pytest.raises(ProtocolError, match="request"):
        parse_request(data)


def test_the_steps_of_a_provider_are_one_model_call_with_its_calls_counted_through() -> None:
    second: list[ev.Event] = [
        ev.StepStart(4),
        ev.ToolCallStart(0, "c9", "add"),
        ev.ToolCallDelta(0, "{}"),
        ev.ToolCallEnd(0),
        ev.Alternative(1, ev.ToolCallStart(0, "o", "add")),
        ev.StepEnd("complete", "tool_calls"),
    ]
    third: list[ev.Event] = [ev.StepStart(5), ev.Alternative(1, ev.ToolCallStart(0, "p", "add"))]
    sent = b"".join(sse(event, 1) for event in [*STEPS[:-1], *second, *third, STEPS[-1]])
    asked = wire_format("tokenfall").Decoder("there")
    told = [*asked.feed(sent), *asked.close()]
    assert not any(isinstance(event, ev.StepStart | ev.StepEnd | ev.Warning) for event in told)
    assert [event.index for event in told if isinstance(event, ev.ToolCallStart)] == [0, 1, 2]
    assert [event.index for event in told if isinstance(event, ev.ToolCallEnd)] == [0, 1, 2]
    others = [event.event for event in told if isinstance(event, ev.Alternative)]
    assert others == [ev.ToolCallStart(0, "o", "add"), ev.ToolCallStart(1, "p", "add")]
    fold = Fold("tokenfall", "there")
    fold.add(told)
    assert [call.id for call in fold.message.tool_calls] == ["c0", "c1", "c9"]
    assert fold.message == asked.message
    of_a_connection = decoder("tokenfall")
    assert of_a_connection.feed(sent)[0] == ev.StepStart(1)
