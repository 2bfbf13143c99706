"""AG-UI from the agent's side: a front end's input as it is read, and each record as it is told."""

import json
from typing import Any

import pytest

from app.core import events as ev
from app.core.errors import ErrorInfo
from app.core.messages import (
    File,
    Part,
    ProviderTool,
    Reasoning,
    Source,
    Text,
    ToolCall,
    ToolResult,
    Usage,
)
from app.core.nesting import MAX_DEPTH
from app.core.options import ToolDefinition
from app.protocols import ag_ui
from app.protocols.ag_ui import json_patch
from app.protocols.ag_ui.json_patch import Document, PatchError, Room
from app.protocols.ag_ui.request import VERSION
from tests.protocols.test_ag_ui import BEGIN, END, call, decode, message_of, result, say, think

ANY_OBJECT = {"type": "object", "properties": {}}


def asked(*messages: Any, **fields: Any) -> ag_ui.AgentInput:
    body = {"threadId": "t", "runId": "r", "messages": messages} | fields
    return ag_ui.parse_request(json.dumps(body).encode())


def test_what_a_front_end_asks() -> None:
    read = asked(
        tools=[{"name": "f", "description": "d", "parameters": {"type": "object"}}, {}],
        state={"a": 1},
        context=[{"value": 1}],
        forwardedProps={"b": 2},
    )
    assert (read.thread_id, read.run_id, read.messages) == ("t", "r", [])
    assert (read.state, read.context, read.forwarded_props) == ({"a": 1}, [{"value": 1}], {"b": 2})
    assert read.tools == [
        ToolDefinition("f", "d", {"type": "object"}),
        ToolDefinition("", "", ANY_OBJECT),
    ]
    assert (asked().tools, asked().context, asked().state) == ([], [], None)


@pytest.mark.parametrize(
    ("reply", "is_yes"),
    [
        ({"status": "resolved", "payload": True}, True),
        ({"status": "resolved", "payload": {"approved": True}}, True),
        ({"status": "resolved", "payload": {"approved": False}}, False),
        ({"status": "resolved", "payload": {"approved": "true"}}, False),
        ({"status": "resolved", "payload": 1}, False),
        ({"status": "resolved"}, False),
        ({"status": "cancelled", "payload": True}, False),
        ({"payload": {"approved": True}}, False),
    ],
)
def test_what_is_no_clear_yes_is_a_no(reply: dict[str, Any], is_yes: bool) -> None:
    read = asked(resume=[{"interruptId": "i"} | reply, 7])
    assert [(one.interrupt_id, one.is_yes) for one in read.resume] == [("i", is_yes), ("", False)]


def test_thoughts_join_the_answer_behind_them_and_results_stand_together() -> None:
    function = {"name": "f", "arguments": "{}"}
    read = asked(
        {"role": "developer", "content": "Be kind", "id": "d"},
        {"role": "reasoning", "id": "r1", "content": "Hm", "encryptedValue": "x"},
        {"role": "user", "content": "Hi"},
        {"role": "reasoning", "content": "So"},
        {
            "role": "assistant",
            "content": "Look",
            "toolCalls": [
                {"id": "1", "function": function, "encryptedValue": "y"},
                {"id": "2", "function": function},
            ],
        },
        {"role": "tool", "toolCallId": "1", "content": [{"text": "a"}, {"text": "b"}]},
        {"role": "tool", "toolCallId": "2", "content": "", "error": "Bad"},
        {"role": "assistant", "content": ""},
        {"role": "tool", "toolCallId": "3", "content": "c", "error": "Bad"},
        {"role": "weather", "content": "rain"},
    ).messages
    assert [(one.role, one.id, one.status) for one in read] == [
        ("system", "d", "complete"),
        ("user", "", "complete"),
        ("assistant", "", "complete"),
        ("tool", "", "complete"),
        ("assistant", "", "complete"),
        ("tool", "", "complete"),
    ]
    assert [one.parts for one in read] == [
        [Text("Be kind")],
        [Text("Hi")],
        [
            Reasoning("Hm", {"id": "r1", "encryptedValue": "x"}),
            Reasoning("So"),
            Text("Look"),
            ToolCall("1", "f", "{}", {"encryptedValue": "y"}),
            ToolCall("2", "f", "{}"),
        ],
        [ToolResult("1", "ab"), ToolResult("2", "Bad", is_error=True)],
        [],
        [ToolResult("3", "c", is_error=True)],
    ]


@pytest.mark.parametrize(
    ("part", "parts"),
    [
        ({"type": "text", "text": "a"}, [Text("a")]),
        (
            {"type": "image", "source": {"type": "data", "value": "AA==", "mimeType": "image/png"}},
            [File("data:image/png;base64,AA==", "image/png")],
        ),
        (
            {
                "type": "document",
                "source": {"type": "url", "value": "https://a.example/"},
                "metadata": {"filename": "a"},
            },
            [File("https://a.example/", "", "a")],
        ),
        ({"type": "image", "source": {"type": "data", "value": ""}}, []),
        ({"type": "image", "source": {"type": "url"}}, []),
        ({"type": "image", "source": {"type": "id", "value": "7"}}, []),
    ],
)
def test_parts_of_a_question(part: Any, parts: list[Part]) -> None:
    [message] = asked({"role": "user", "content": [part]}).messages
    assert message.parts == parts


# --- what is told ------------------------------------------------------------------------------


def told(*events: ev.Event) -> list[dict[str, Any]]:
    """The records of these events, without the first."""
    writer = ag_ui.Writer("t", "r")
    data = writer.begin() + writer.write(events)
    records = [json.loads(line[6:]) for line in data.decode().split("\n\n") if line]
    assert records[0] == BEGIN | {"protocolVersion": VERSION}
    return records[1:]


def test_every_record_of_a_run() -> None:
    source = Source("https://a.example/", "A")
    records = told(
        ev.StepStart(1),
        ev.ReasoningDelta("Hm"),
        ev.ReasoningDelta("."),
        ev.ContentDelta("Look"),
        ev.RefusalDelta("!"),
        ev.ToolCallStart(0, "c", "f"),
        ev.ToolCallDelta(0, "{}"),
        ev.ToolCallEnd(0),
        Usage(1, 1),
        ToolResult("c", "3", "f"),
        ev.StepStart(2),
        ev.ContentDelta("A"),
        ev.StepStart(3, goes_on=True),
        ev.ContentDelta("B"),
        ProviderTool("w", "search", "", ["x"]),
        ev.ContentDelta("C"),
        source,
        Usage(5, 2, 7, 1, 1),
        ev.Done("complete", "stop"),
    )
    text, thought, step = "TEXT_MESSAGE", "REASONING_MESSAGE", "step 1"
    assert records == [
        {"type": "STEP_STARTED", "stepName": step},
        {"type": "REASONING_START", "messageId": "r-1"},
        {"type": f"{thought}_START", "messageId": "r-1", "role": "reasoning"},
        {"type": f"{thought}_CONTENT", "messageId": "r-1", "delta": "Hm"},
        {"type": f"{thought}_CONTENT", "messageId": "r-1", "delta": "."},
        {"type": f"{thought}_END", "messageId": "r-1"},
        {"type": "REASONING_END", "messageId": "r-1"},
        {"type": f"{text}_START", "messageId": "r-2", "role": "assistant"},
        {"type": f"{text}_CONTENT", "messageId": "r-2", "delta": "Look"},
        {"type": f"{text}_CONTENT", "messageId": "r-2", "delta": "!"},
        {"type": f"{text}_END", "messageId": "r-2"},
        {"type": "TOOL_CALL_START", "toolCallId": "c", "toolCallName": "f"},
        {"type": "TOOL_CALL_ARGS", "toolCallId": "c", "delta": "{}"},
        {"type": "TOOL_CALL_END", "toolCallId": "c"},
        {
            "type": "TOOL_CALL_RESULT",
            "role": "tool",
            "messageId": "r-3",
            "toolCallId": "c",
            "content": "3",
        },
        {"type": "STEP_FINISHED", "stepName": step},
        {"type": "STEP_STARTED", "stepName": "step 2"},
        {"type": f"{text}_START", "messageId": "r-4", "role": "assistant"},
        {"type": f"{text}_CONTENT", "messageId": "r-4", "delta": "A"},
        {"type": f"{text}_CONTENT", "messageId": "r-4", "delta": "B"},
        {"type": f"{text}_END", "messageId": "r-4"},
        {"type": "TOOL_CALL_START", "toolCallId": "w", "toolCallName": "search"},
        {"type": "TOOL_CALL_END", "toolCallId": "w"},
        {
            "type": "TOOL_CALL_RESULT",
            "role": "tool",
            "messageId": "r-5",
            "toolCallId": "w",
            "content": '["x"]',
        },
        {"type": f"{text}_START", "messageId": "r-6", "role": "assistant"},
        {"type": f"{text}_CONTENT", "messageId": "r-6", "delta": "C"},
        {
            "type": "CUSTOM",
            "name": "source",
            "value": {"type": "source", "url": "https://a.example/", "title": "A"},
        },
        {"type": f"{text}_END", "messageId": "r-6"},
        {"type": "STEP_FINISHED", "stepName": "step 2"},
        END
        | {
            "usage": [
                {
                    "inputTokens": 5,
                    "outputTokens": 2,
                    "totalTokens": 7,
                    "cachedInputTokens": 1,
                    "reasoningTokens": 1,
                }
            ]
        },
    ]


@pytest.mark.parametrize(
    ("events", "end"),
    [
        ([ev.Done("complete")], END),
        ([ev.Done("complete", usage=Usage(3))], END | {"usage": [{"inputTokens": 3}]}),
        (
            [Usage(1), ev.Error(ErrorInfo("quota", "Out.")), ev.Done("error")],
            {
                "type": "RUN_ERROR",
                "message": "Out.",
                "code": "quota",
                "usage": [{"inputTokens": 1}],
            },
        ),
        (
            [ev.Done("incomplete")],
            {
                "type": "RUN_ERROR",
                "message": "The answer broke off before its end.",
                "code": "read",
            },
        ),
        ([ev.Done("aborted")], END | {"outcome": {"type": "cancelled"}}),
    ],
)
def test_the_last_record(events: list[ev.Event], end: dict[str, Any]) -> None:
    assert told(*events) == [end]


def test_calls_without_a_result_are_told_at_the_end() -> None:
    events = [ev.ToolCallStart(at, id, "f") for at, id in enumerate("abc")]
    records = told(*events, ToolResult("b", "2"), ev.Done("complete", "tool_calls"))
    assert records[-1]["outcome"] == {"type": "success", "pendingToolCallIds": ["a", "c"]}


def test_a_run_that_asks_ends_and_the_next_counts_anew() -> None:
    writer = ag_ui.Writer("t", "r")
    writer.write([ev.StepStart(1), ev.ContentDelta("a"), Usage(2)])
    question = ev.ApprovalRequest("c", "f", "{}", "approval")
    confirm = ev.ApprovalRequest("d", "g", '{"question": "Sure?", "to": "x"}', "answer")
    bare = ev.ApprovalRequest("e", "g", "", "answer")
    lines = writer.pause({"i1": question, "i2": confirm, "i3": bare}).decode().split("\n\n")
    last = json.loads(lines[-2][6:])
    assert (last["type"], last["usage"]) == ("RUN_FINISHED", [{"inputTokens": 2}])
    first, second, third = last["outcome"]["interrupts"]
    schema = first.pop("responseSchema")
    assert schema["properties"] == {"approved": {"type": "boolean"}}
    assert first == {
        "id": "i1",
        "reason": "tool_call",
        "toolCallId": "c",
        "message": "May f run?",
    }
    assert second == {
        "id": "i2",
        "responseSchema": schema,
        "reason": "confirmation",
        "message": "Sure?",
        "metadata": {"to": "x"},
    }
    assert third == {
        "id": "i3",
        "responseSchema": schema,
        "reason": "confirmation",
        "message": "Yes?",
    }
    assert b'"runId":"s"' in writer.go_on("s")
    again = writer.write([ev.ContentDelta("b"), ev.Done("complete")]).decode()
    assert '"messageId":"s-1"' in again
    assert "usage" not in again


# --- what the page reads -----------------------------------------------------------------------


def test_words_that_are_not_the_agents_and_words_without_an_id() -> None:
    begin = {"type": "TEXT_MESSAGE_START", "messageId": "u", "role": "user"}
    message = message_of(begin, say("Asked", "u"), say("a"), say("b"), say("c", "m2"), say("d", ""))
    assert message.text == "ab\n\ncd"


def test_results_of_calls_that_nobody_waits_for() -> None:
    calls = [*call("c", "f", "{}"), result("c", "1"), result("c", "2"), result("x", "3")]
    message = message_of(*calls)
    assert [part for part in decode(BEGIN, *calls, END)[0] if isinstance(part, ToolResult)] == [
        ToolResult("c", "1", "f")
    ]
    assert message.finish_reason == "stop"
    # One of the run before, whose call waited for leave, comes before anything else.
    events, _ = decode(BEGIN, result("x", "3"), say("a"), END)
    assert ToolResult("x", "3") in events
    events, _ = decode(BEGIN, say("a"), result("x", "3"), END)
    assert ToolResult("x", "3") not in events


def test_what_is_sealed_of_a_call_that_is_not_there_is_passed_over() -> None:
    seal = {"type": "REASONING_ENCRYPTED_VALUE", "subtype": "tool-call", "encryptedValue": "x"}
    message = message_of(*call("c", "f"), seal | {"entityId": "c"}, seal | {"entityId": "gone"})
    assert message.parts == [ToolCall("c", "f", "", {"encryptedValue": "x"})]
    message = message_of(think("Hm"), seal | {"subtype": "message", "encryptedValue": ""})
    assert message.parts == [Reasoning("Hm")]


def test_a_snapshot_tells_only_what_is_new() -> None:
    sealed = {"id": "d", "function": {"name": "g", "arguments": "{}"}, "encryptedValue": "y"}
    known = {"id": "c", "function": {"name": "f", "arguments": "{}"}}
    messages = [
        {"id": "m0", "role": "assistant", "content": "Before"},
        {"id": "u", "role": "user", "content": "Hi"},
        {"id": "m1", "role": "assistant", "content": "a"},
        {"id": "m2", "role": "assistant", "content": "b", "toolCalls": [known, sealed, sealed]},
        {"id": "t", "role": "tool", "toolCallId": "d", "content": "ok"},
    ]
    snapshot = {"type": "MESSAGES_SNAPSHOT", "messages": messages}
    events, message = decode(BEGIN, say("a"), *call("c", "f", "{}"), snapshot, END)
    assert message.text == "a\n\nb"
    assert message.tool_calls == [
        ToolCall("c", "f", "{}"),
        ToolCall("d", "g", "{}", {"encryptedValue": "y"}),
    ]
    assert ToolResult("d", "ok", "g") in events
    assert message_of(snapshot | {"messages": messages[:1]}).text == "Before"


def test_questions_about_one_call_hold_its_arguments_once() -> None:
    """A stranger could ask ten thousand times about a call of a megabyte."""
    asks = {"reason": "tool_call", "message": "Sure?", "toolCallId": "c"}
    asked = [asks | {"id": "1"}, asks | {"id": "2"}]
    end = END | {"outcome": {"type": "interrupt", "interrupts": asked}}
    first, second = decode(BEGIN, *call("c", "f", '{"a": 1}'), end)[1].open_requests
    assert json.loads(first.arguments) == {"question": "Sure?", "arguments": {"a": 1}}
    assert json.loads(second.arguments) == {"question": "Sure?"}
    assert [first.asks_for, second.asks_for] == ["agent.f", "agent.f"]


def test_messages_without_ids_are_told_once() -> None:
    two = [{"role": "assistant", "content": "a"}, {"role": "assistant", "content": "b"}]
    snapshot = {"type": "MESSAGES_SNAPSHOT", "messages": two}
    assert message_of(snapshot, snapshot).text == "ab"


def test_counts_of_several_models_are_added_up() -> None:
    one = {"inputTokens": 1, "outputTokens": 2, "totalTokens": 3}
    two = {"inputTokens": 10, "cachedInputTokens": 4, "reasoningTokens": 5}
    message = decode(BEGIN, END | {"usage": [one, two, one]})[1]
    assert message.usage == Usage(12, 4, 6, 4, 5, raw=[one, two, one])


# --- JSON Patch at its edges -------------------------------------------------------------------


def patched(document: Any, *operations: Any) -> Any:
    one = Document(document, Room())
    one.apply(list(operations))
    return one.value


@pytest.mark.parametrize(
    ("document", "operation", "value"),
    [
        ([1, 2], {"op": "add", "path": "/-", "value": 3}, [1, 2, 3]),
        ([1, 2], {"op": "add", "path": "/0", "value": 3}, [3, 1, 2]),
        ([1, 2], {"op": "replace", "path": "/1", "value": 3}, [1, 3]),
        ([[1], 2], {"op": "move", "from": "/1", "path": "/0/0"}, [[2, 1]]),
        (list(range(12)), {"op": "remove", "path": "/10"}, [*range(10), 11]),
        ({"0": 1}, {"op": "remove", "path": "/0"}, {}),
        ({"~1": 1}, {"op": "remove", "path": "/~01"}, {}),
    ],
)
def test_places_in_lists_and_objects(document: Any, operation: Any, value: Any) -> None:
    assert patched(document, operation) == value


@pytest.mark.parametrize("place", ["/2", "/01", "/-1", "/x", "/", "/1000000000", "/٣"])
def test_places_that_a_list_has_not(place: str) -> None:
    with pytest.raises(PatchError):
        patched([1, 2], {"op": "remove", "path": place})
    with pytest.raises(PatchError):
        patched([1, 2], {"op": "replace", "path": place, "value": 1})


@pytest.mark.parametrize("path", ["/text/0", "/number/0", "/nothing", "/list/-"])
def test_places_in_what_has_none(path: str) -> None:
    document = {"text": "abc", "number": 1, "list": [1]}
    for operation in (
        {"op": "remove"},
        {"op": "replace", "value": 1},
        {"op": "test", "value": "a"},
    ):
        with pytest.raises(PatchError):
            patched(document, operation | {"path": path})
    with pytest.raises(PatchError):
        patched(document, {"op": "copy", "from": path, "path": "/b"})


def test_a_copy_is_another_value() -> None:
    copy = {"op": "copy", "from": "/a", "path": "/b"}
    change = {"op": "add", "path": "/a/-", "value": 1}
    assert patched({"a": []}, copy, change) == {"a": [1], "b": []}


def test_copies_have_just_so_much_room(monkeypatch: pytest.MonkeyPatch) -> None:
    # A value counts 200, its own letters and those of its keys too.
    size = 3 * 200 + 1 + 1 + 3
    copy = {"op": "copy", "from": "/v", "path": "/w"}
    for room, fits in ((size, True), (size - 1, False)):
        monkeypatch.setattr(json_patch, "_MOST_MOVED", room)
        document = {"v": {"a": "xyz", "b": 1}}
        if fits:
            assert patched(document, copy)["w"] == document["v"]
        else:
            with pytest.raises(PatchError, match="too large"):
                patched(document, copy)


def test_what_a_list_pushes_aside_counts_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(json_patch, "_MOST_MOVED", 2)
    insert = {"op": "add", "path": "/0", "value": 0}
    assert len(patched([0] * 16, insert)) == 17
    with pytest.raises(PatchError, match="too large"):
        patched([0] * 24, insert)
    assert len(patched([0] * 24, {"op": "remove", "path": "/7"})) == 23
    with pytest.raises(PatchError, match="too large"):
        patched([0] * 24, {"op": "remove", "path": "/0"})


def test_values_nest_as_deep_as_anywhere() -> None:
    def nested(depth: int) -> Any:
        value: Any = 1
        for _ in range(depth):
            value = [value]
        return value

    for path, deepest in (("", MAX_DEPTH - 1), ("/a", MAX_DEPTH - 2)):
        add = {"op": "add", "path": path}
        patched({}, add | {"value": nested(deepest)})
        with pytest.raises(PatchError, match="too large"):
            patched({}, add | {"value": nested(deepest + 1)})
