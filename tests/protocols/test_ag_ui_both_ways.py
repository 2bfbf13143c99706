"""AG-UI, both ways: every event of ours as an agent tells it, read again at every cut; every event
of version 1.0 in a stream of our own; every conversation as it is asked, read and asked once more.
"""

import json
from typing import get_args

import pytest
from msgspec import structs

from app.core import events as ev
from app.core.errors import ErrorInfo
from app.core.messages import File, Message, ProviderTool, Source, ToolResult, Usage
from app.core.options import Options
from app.core.unanswered import NOT_RUN
from app.protocols import ag_ui
from tests.cases import records
from tests.cases.cutting import cut_between_records

from .growing import AG_UI, STREAMS
from .known import HISTORIES
from .wire import decode

# https://docs.ag-ui.com/sdk/js/core/events (version 1.0); `tests/peers` asks the library of it.
KINDS = {
    *("TEXT_MESSAGE_START", "TEXT_MESSAGE_CONTENT", "TEXT_MESSAGE_END", "TEXT_MESSAGE_CHUNK"),
    *("TOOL_CALL_START", "TOOL_CALL_ARGS", "TOOL_CALL_END", "TOOL_CALL_CHUNK"),
    *("TOOL_CALL_RESULT", "STATE_SNAPSHOT", "STATE_DELTA", "MESSAGES_SNAPSHOT"),
    *("ACTIVITY_SNAPSHOT", "ACTIVITY_DELTA", "RAW", "CUSTOM"),
    *("RUN_STARTED", "RUN_FINISHED", "RUN_ERROR", "STEP_STARTED", "STEP_FINISHED"),
    *("REASONING_START", "REASONING_MESSAGE_START", "REASONING_MESSAGE_CONTENT"),
    *("REASONING_MESSAGE_END", "REASONING_MESSAGE_CHUNK", "REASONING_END"),
    *("REASONING_ENCRYPTED_VALUE", "SUBAGENT_STARTED", "SUBAGENT_FINISHED", "SUBAGENT_ERROR"),
}
# One of each, in an order in which they may come.
EVENTS: list[ev.Event] = [
    ev.StepStart(1),
    ev.MessageStart("m", "model"),
    ev.Heartbeat("looks"),
    ev.ContentDelta("void"),
    ev.ToolCallStart(0, "gone", "f"),
    ev.StepReset("again"),
    ev.Retry(1, 0.5, "busy"),
    ev.Warning("odd"),
    ev.ReasoningDelta("Hm."),
    ev.ContentDelta("Look: "),
    ev.RefusalDelta("no."),
    ev.Alternative(1, ev.ContentDelta("other")),
    Source("https://a.example/", "A"),
    File("data:text/csv;base64,YSxi", "text/csv", "a.csv"),
    ProviderTool("w", "web_search", "{}", ["x"]),
    ev.ToolCallStart(0, "c", "f"),
    ev.ToolCallDelta(0, '{"a":1}'),
    ev.ToolCallEnd(0),
    Usage(1, 1),
    ev.StepEnd("complete", "tool_calls"),
    ev.ApprovalRequest("c", "f", "{}", "approval"),
    ev.ToolRunStart("c", "f"),
    ToolResult("c", "3", "f"),
    ev.Error(ErrorInfo("server", "Boom")),
    ev.Done("error"),
]


def written(events: list[ev.Event]) -> bytes:
    writer = ag_ui.Writer("t", "r")
    return writer.begin() + b"".join(writer.write([one]) for one in events)


def kinds(body: bytes) -> list[str]:
    return [json.loads(line[6:])["type"] for line in body.decode().split("\n\n") if line]


def said(events: list[ev.Event], *kinds: type) -> str:
    """What was said, without the room between paragraphs, which each reader makes anew."""
    text = "".join(str(getattr(one, "text", "")) for one in events if isinstance(one, kinds))
    return "".join(text.split())


def test_every_kind_of_event_is_in_a_stream_of_our_own() -> None:
    found = {kind for stream in AG_UI.values() for kind in kinds(b"".join(stream(1)))}
    assert found - KINDS == {"THINKING_START", "THINKING_TEXT_MESSAGE_CONTENT", "SUNRISE"}
    assert KINDS - found == set()


def test_every_event_of_ours_is_told_and_read_at_every_cut() -> None:
    assert {type(one) for one in EVENTS} == set(get_args(ev.Event))
    body = written(EVENTS)
    writer = ag_ui.Writer("t", "r")
    assert writer.begin() + writer.write(EVENTS) == body
    _, message = decode(body, ag_ui.NAME)
    assert (message.reasoning, message.text) == ("Hm.", "void\n\nLook: no.")
    assert [(one.id, one.arguments) for one in message.tool_calls] == [
        *(("gone", ""), ("w", "{}"), ("c", '{"a":1}')),
    ]
    assert [one for one in message.parts if isinstance(one, ToolResult | Source | File)] == [
        ToolResult("gone", NOT_RUN, "f"),
        *EVENTS[12:14],
        ToolResult("w", '["x"]', "web_search"),
        ToolResult("c", "3", "f"),
    ]
    assert message.error
    assert message.error.message == "Boom"
    cut_between_records(records.split(body), ag_ui.NAME)


@pytest.mark.parametrize(
    ("protocol", "kind"), [(name, kind) for name, kinds in STREAMS.items() for kind in kinds]
)
def test_what_any_provider_says_comes_through(protocol: str, kind: str) -> None:
    events, message = decode(b"".join(STREAMS[protocol][kind](3)), protocol)
    body = written(events)
    again, read = decode(body, ag_ui.NAME)
    assert said(again, ev.ContentDelta) == said(events, ev.ContentDelta, ev.RefusalDelta)
    assert said(again, ev.ReasoningDelta) == said(events, ev.ReasoningDelta)
    assert read.status == ("error" if message.status == "incomplete" else message.status)
    told = {(call.id, call.name, call.arguments) for call in read.tool_calls}
    assert {(call.id, call.name, call.arguments) for call in message.tool_calls} <= told
    cut_between_records(records.split(body), ag_ui.NAME)


def test_a_call_of_a_step_that_begins_anew_waits_for_nobody() -> None:
    void: list[ev.Event] = [ev.StepStart(1), ev.ContentDelta("a"), ev.ToolCallStart(0, "v", "f")]
    again: list[ev.Event] = [
        ev.StepReset("again"),
        ev.ContentDelta("b"),
        ev.ToolCallStart(0, "c", "f"),
    ]
    end: list[ev.Event] = [ev.ToolCallEnd(0), ev.Done("complete", "tool_calls")]
    body = written([*void, *again, *end])
    assert kinds(body)[2:] == [
        *("TEXT_MESSAGE_START", "TEXT_MESSAGE_CONTENT", "TEXT_MESSAGE_END", "TOOL_CALL_START"),
        *("TOOL_CALL_END", "TOOL_CALL_RESULT"),
        *("TEXT_MESSAGE_START", "TEXT_MESSAGE_CONTENT", "TEXT_MESSAGE_END", "TOOL_CALL_START"),
        *("TOOL_CALL_END", "STEP_FINISHED", "RUN_FINISHED"),
    ]
    last = json.loads(body.decode().split("\n\n")[-2][6:])
    assert last["outcome"]["pendingToolCallIds"] == ["c"]
    assert [one.id for one in decode(body, ag_ui.NAME)[1].open_tool_calls] == ["c"]


@pytest.mark.parametrize("name", HISTORIES)
def test_a_conversation_is_read_as_it_was_asked(name: str) -> None:
    def asked(messages: list[Message]) -> bytes:
        return ag_ui.render(messages, model="m", options=Options(), stream=True).body

    once = asked([_with_files_that_are_here(one) for one in HISTORIES[name]])
    again = asked(ag_ui.parse_request(once).messages)
    assert json.loads(again)["messages"] == json.loads(once)["messages"]


def _with_files_that_are_here(message: Message) -> Message:
    parts = [one for one in message.parts if not (isinstance(one, File) and not one.url)]
    return structs.replace(message, parts=parts)
