"""AG-UI, both ways: a run as it is told, each event of version 1.0, and what is asked.

The streams are written here by hand, after https://docs.ag-ui.com/concepts/events.
"""

import json
from typing import Any

import pytest

from app.core import events as ev
from app.core.errors import ErrorInfo, ProtocolError
from app.core.messages import (
    File,
    Message,
    ProviderTool,
    Reasoning,
    Source,
    Text,
    ToolCall,
    ToolResult,
    Usage,
    user,
)
from app.core.options import Options, ToolDefinition
from app.core.running.chat import Chat
from app.protocols import ag_ui, decoder
from app.protocols.ag_ui.json_patch import Document, PatchError, Room
from app.providers import provider
from app.scripted.steps import Reply, Send
from app.scripted.transport import ScriptedTransport
from tests.protocols.wire import decode as decode_as
from tests.protocols.wire import sse

BEGIN = {"type": "RUN_STARTED", "threadId": "t", "runId": "r"}
END = {"type": "RUN_FINISHED", "threadId": "t", "runId": "r", "outcome": {"type": "success"}}


def decode(*records: Any) -> tuple[list[ev.Event], Message]:
    return decode_as(sse(*records), ag_ui.NAME)


def message_of(*records: Any) -> Message:
    return decode(BEGIN, *records, END)[1]


def say(text: str, id: str = "m1") -> dict[str, Any]:
    return {"type": "TEXT_MESSAGE_CONTENT", "messageId": id, "delta": text}


def think(text: str) -> dict[str, Any]:
    return {"type": "REASONING_MESSAGE_CONTENT", "messageId": "r1", "delta": text}


def call(id: str, name: str, *fragments: str) -> list[dict[str, Any]]:
    begin = {"type": "TOOL_CALL_START", "toolCallId": id, "toolCallName": name}
    rest = [{"type": "TOOL_CALL_ARGS", "toolCallId": id, "delta": one} for one in fragments]
    return [begin, *rest, {"type": "TOOL_CALL_END", "toolCallId": id}]


def result(id: str, content: Any, **fields: Any) -> dict[str, Any]:
    told = {"type": "TOOL_CALL_RESULT", "messageId": f"of-{id}", "toolCallId": id}
    return told | {"content": content} | fields


def test_an_ordinary_run() -> None:
    events, message = decode(
        BEGIN,
        {"type": "STEP_STARTED", "stepName": "look"},
        {"type": "REASONING_START", "messageId": "r1"},
        {"type": "REASONING_MESSAGE_START", "messageId": "r1", "role": "reasoning"},
        think("Hm."),
        {"type": "REASONING_MESSAGE_END", "messageId": "r1"},
        {"type": "REASONING_END", "messageId": "r1"},
        {"type": "TEXT_MESSAGE_START", "messageId": "m1", "role": "assistant"},
        say("Let me "),
        say("look."),
        {"type": "TEXT_MESSAGE_END", "messageId": "m1"},
        *call("c", "search", '{"q":', '"otter"}'),
        result("c", "3 found"),
        {"type": "STEP_FINISHED", "stepName": "look"},
        {"type": "TEXT_MESSAGE_START", "messageId": "m2", "role": "assistant"},
        say("Three.", "m2"),
        END | {"usage": [{"model": "a", "inputTokens": 5}, {"inputTokens": 2, "outputTokens": 3}]},
    )
    usage = Usage(
        7, 3, raw=[{"model": "a", "inputTokens": 5}, {"inputTokens": 2, "outputTokens": 3}]
    )
    assert events == [
        ev.MessageStart("r"),
        ev.Heartbeat("look"),
        ev.ReasoningDelta("Hm."),
        ev.ContentDelta("Let me "),
        ev.ContentDelta("look."),
        ev.ToolCallStart(0, "c", "search"),
        ev.ToolCallDelta(0, '{"q":'),
        ev.ToolCallDelta(0, '"otter"}'),
        ToolResult("c", "3 found", "search"),
        ev.ContentDelta("\n\n"),
        ev.ContentDelta("Three."),
        usage,
        ev.ToolCallEnd(0),
        ev.Done("complete", "stop", "success", usage),
    ]
    assert message.text == "Let me look.\n\nThree."
    assert message.open_tool_calls == []
    assert message.warnings == []


def test_chunks_need_no_frame_and_no_id() -> None:
    message = message_of(
        {"type": "TEXT_MESSAGE_CHUNK", "messageId": "m", "role": "assistant", "delta": "He"},
        {"type": "TEXT_MESSAGE_CHUNK", "delta": "llo"},
        {"type": "REASONING_MESSAGE_CHUNK", "messageId": "r", "delta": "Hm."},
        {"type": "TOOL_CALL_CHUNK", "toolCallId": "c", "toolCallName": "f", "delta": "{"},
        {"type": "TOOL_CALL_CHUNK", "delta": "}"},
    )
    assert message.parts == [Text("Hello"), Reasoning("Hm."), ToolCall("c", "f", "{}")]
    assert message.finish_reason == "tool_calls"
    assert message.runnable_tool_calls


def test_the_thoughts_of_earlier_versions() -> None:
    message = message_of(
        {"type": "THINKING_START", "title": "Hm"},
        {"type": "THINKING_TEXT_MESSAGE_START"},
        {"type": "THINKING_TEXT_MESSAGE_CONTENT", "delta": "So."},
        {"type": "THINKING_TEXT_MESSAGE_END"},
        {"type": "THINKING_END"},
        say("Hi"),
    )
    assert message.parts == [Reasoning("So."), Text("Hi")]


def test_what_is_sealed_goes_back_with_its_own() -> None:
    sealed = {"type": "REASONING_ENCRYPTED_VALUE", "encryptedValue": "x"}
    message = message_of(
        think("Hm."),
        sealed | {"subtype": "message", "entityId": "r1"},
        *call("c", "f", "{}"),
        sealed | {"subtype": "tool-call", "entityId": "c", "encryptedValue": "y"},
    )
    assert message.parts == [
        Reasoning("Hm.", {"id": "r1", "encryptedValue": "x"}),
        ToolCall("c", "f", "{}", {"encryptedValue": "y"}),
    ]
    message.provider = "mine"
    asked = body([user("Hi"), message, Message("tool", [ToolResult("c", "1")])], provider="mine")
    _, thought, answer, told = asked["messages"]
    assert (thought["role"], thought["encryptedValue"], thought["id"]) == ("reasoning", "x", "r1")
    assert answer["toolCalls"][0]["encryptedValue"] == "y"
    assert (told["role"], told["toolCallId"], told["content"]) == ("tool", "c", "1")
    asked = body([user("Hi"), message], provider="another")
    assert "x" not in {one.get("encryptedValue") for one in asked["messages"]}


def test_the_words_of_others_are_no_answer() -> None:
    message = message_of(
        {"type": "TEXT_MESSAGE_START", "messageId": "u", "role": "user"},
        say("What was asked", "u"),
        {"type": "TEXT_MESSAGE_CHUNK", "messageId": "s", "role": "system", "delta": "Be kind."},
        {"type": "TEXT_MESSAGE_CHUNK", "delta": "Hi", "messageId": "m"},
    )
    assert message.parts == [Text("Hi")]


def test_an_answer_that_is_told_only_in_a_snapshot() -> None:
    asked = [{"id": "1", "role": "user", "content": "Hi"}]
    answer = {
        "id": "2",
        "role": "assistant",
        "content": "Look:",
        "toolCalls": [{"id": "c", "function": {"name": "f", "arguments": "{}"}}],
    }
    told = {"id": "3", "role": "tool", "toolCallId": "c", "content": "7"}
    last = {"id": "4", "role": "assistant", "content": "Seven."}
    earlier = [{"id": "0", "role": "assistant", "content": "From before"}]
    snapshot = {
        "type": "MESSAGES_SNAPSHOT",
        "messages": [*earlier, *asked, answer, told, last],
    }
    message = message_of(snapshot, snapshot)
    assert message.text == "Look:\n\nSeven."
    assert [type(part) for part in message.parts] == [Text, ToolCall, ToolResult, Text]
    # What was streamed is not said twice.
    message = message_of(say("Seven.", "4"), snapshot | {"messages": [*asked, last]})
    assert message.text == "Seven."


def test_the_state_is_shown_and_goes_back() -> None:
    message = message_of(
        {"type": "STATE_SNAPSHOT", "snapshot": {"n": 1, "list": ["a"]}},
        {"type": "STATE_DELTA", "delta": [{"op": "replace", "path": "/n", "value": 2}]},
        {"type": "STATE_DELTA", "delta": [{"op": "add", "path": "/list/-", "value": "b"}]},
        say("Done."),
        {"type": "STATE_DELTA", "delta": [{"op": "remove", "path": "/nowhere"}]},
    )
    state = {"n": 2, "list": ["a", "b"]}
    assert message.parts == [Text("Done."), ProviderTool("state", "state", result=state)]
    (warning,) = message.warnings
    assert "does not fit" in warning
    message.provider = "mine"
    asked = [user("Hi"), message, user("And now?")]
    assert body(asked, provider="mine")["state"] == state
    assert body(asked, provider="another")["state"] == {}
    assert [one["role"] for one in body(asked)["messages"]] == ["user", "assistant", "user"]


def test_activities_are_shown_as_they_ended() -> None:
    told = {"messageId": "a", "activityType": "PLAN"}
    message = message_of(
        {"type": "ACTIVITY_SNAPSHOT", **told, "content": {"steps": ["look"]}},
        {"type": "ACTIVITY_SNAPSHOT", **told, "content": {"steps": []}, "replace": False},
        {
            "type": "ACTIVITY_DELTA",
            **told,
            "patch": [{"op": "add", "path": "/steps/0", "value": "think"}],
        },
    )
    assert message.parts == [ProviderTool("a", "PLAN", result={"steps": ["think", "look"]})]


def test_a_result_may_hold_files_and_an_error() -> None:
    picture = {
        "type": "image",
        "source": {"type": "data", "value": "AA==", "mimeType": "image/png"},
    }
    message = message_of(
        *call("c", "draw", "{}"),
        result("c", [{"type": "text", "text": "Here:"}, picture]),
        *call("d", "fail", "{}"),
        result("d", "", error="No ink."),
        result("stranger", "of another run"),
    )
    assert message.files == [File("data:image/png;base64,AA==", "image/png")]
    results = [part for part in message.parts if isinstance(part, ToolResult)]
    assert results == [
        ToolResult("c", "Here:", "draw"),
        ToolResult("d", "No ink.", "fail", is_error=True),
    ]
    assert message.finish_reason == "stop"


def test_how_a_run_ends() -> None:
    _, failed = decode(BEGIN, say("Hal"), {"type": "RUN_ERROR", "message": "Boom", "code": "x"})
    assert failed.status == "error"
    assert failed.error is not None
    assert failed.error.message == "Boom"
    assert failed.text == "Hal"
    _, cut = decode(BEGIN, say("Hal"))
    assert cut.status == "incomplete"
    _, cancelled = decode(BEGIN, END | {"outcome": {"type": "cancelled"}})
    assert cancelled.finish_reason == "error"
    # Before 1.0 there was no outcome.
    _, old = decode(BEGIN, say("Hi"), {"type": "RUN_FINISHED", "threadId": "t", "runId": "r"})
    assert (old.status, old.finish_reason) == ("complete", "stop")


def interrupted(**fields: Any) -> dict[str, Any]:
    asked = {"id": "i", "reason": "x", "message": "Sure?"} | fields
    return END | {"outcome": {"type": "interrupt", "interrupts": [asked]}}


def schema(required: list[str], **types: str) -> dict[str, Any]:
    fields = {name: {"type": one} for name, one in types.items()}
    return {"type": "object", "properties": fields, "required": required}


@pytest.mark.parametrize(
    "wanted",
    [
        schema(["name"], name="string"),
        schema(["approved", "name"], approved="boolean", name="string"),
        schema([], a="boolean", b="boolean"),
        schema([], name="string"),
    ],
)
def test_a_question_that_wants_more_than_a_yes_or_no_is_said(wanted: dict[str, Any]) -> None:
    _, message = decode(BEGIN, say("Hm."), interrupted(responseSchema=wanted))
    assert message.text == "Hm.\n\nSure?"
    assert message.open_requests == []


@pytest.mark.parametrize(
    ("wanted", "field"),
    [
        ({}, "approved"),
        (schema(["approved"], approved="boolean", reason="string"), "approved"),
        (schema(["go"], go="boolean", why="string"), "go"),
        (schema([], approved="boolean", loud="boolean"), "approved"),
    ],
)
@pytest.mark.parametrize("decision", ["once", "deny"])
async def test_an_interrupt_asks_for_leave_and_the_next_run_brings_the_answer(
    wanted: dict[str, Any], field: str, decision: Any
) -> None:
    asks = interrupted(toolCallId="c", **({"responseSchema": wanted} if wanted else {}))
    replies = iter(
        [
            sse(BEGIN, say("Let me."), *call("c", "delete", '{"n": 3}'), asks),
            sse(BEGIN, result("c", "deleted 3"), say("Done.", "m2"), END),
            sse(BEGIN, say("Bye.", "m3"), END),
        ]
    )
    kind = {"content-type": "text/event-stream"}
    transport = ScriptedTransport(lambda request: Reply(200, kind, (Send(next(replies)),)))

    def own(word: str) -> str:  # the page has tools too, and none of them runs for the agent's call
        raise AssertionError

    chat = Chat(
        provider("ag-ui", base_url="http://agent.test"), "agent", transport=transport, tools=[own]
    )
    run = chat.stream("Clean up")
    asked: list[ev.ApprovalRequest] = []
    async for batch in run.batches():
        for event in batch:
            if isinstance(event, ev.ApprovalRequest):
                asked.append(event)
                run.decide(event.call_id, decision)
    arguments = json.dumps({"question": "Sure?", "arguments": {"n": 3}})
    assert asked == [ev.ApprovalRequest("i", "agent.delete", arguments, "approval", True)]
    assert run.message.text == "Done."
    await chat.ask("Thanks")
    first, second, third = (json.loads(one.request.body) for one in transport.exchanges)
    assert "resume" not in first
    yes = decision == "once"
    assert second["resume"] == [{"interruptId": "i", "status": "resolved", "payload": {field: yes}}]
    assert [one["role"] for one in second["messages"]] == ["user", "assistant"]
    assert [one["id"] for one in second["messages"][1]["toolCalls"]] == ["c"]
    # Later it is a call with its result, as any other.
    assert "resume" not in third
    roles = [one["role"] for one in third["messages"]]
    assert roles == ["user", "assistant", "tool", "assistant", "user"]
    assert third["messages"][2]["content"] == "deleted 3"


async def test_the_state_is_changed_from_what_it_was_when_asked() -> None:
    state = {"type": "STATE_SNAPSHOT", "snapshot": {"n": 1}}
    change = {"type": "STATE_DELTA", "delta": [{"op": "replace", "path": "/n", "value": 2}]}
    replies = iter([sse(BEGIN, state, say("One."), END), sse(BEGIN, change, say("Two."), END)])
    kind = {"content-type": "text/event-stream"}
    transport = ScriptedTransport(lambda request: Reply(200, kind, (Send(next(replies)),)))
    chat = Chat(provider("ag-ui", base_url="http://agent.test"), "agent", transport=transport)
    await chat.ask("Begin")
    message = await chat.ask("Go on")
    assert message.warnings == []
    assert ProviderTool("state", "state", result={"n": 2}) in message.parts


async def test_a_question_that_nobody_answered_is_asked_no_more() -> None:
    _, message = decode(BEGIN, *call("c", "delete", "{}"), interrupted(toolCallId="c"))
    message.protocol, message.provider = ag_ui.NAME, "ag-ui"
    body = json.loads(
        ag_ui.render(
            [user("Clean up"), message, user("Never mind")],
            model="agent",
            options=Options(),
            stream=True,
            provider="ag-ui",
        ).body
    )
    assert "resume" not in body
    roles = [one["role"] for one in body["messages"]]
    assert roles == ["user", "assistant", "tool", "user"]
    assert body["messages"][2]["toolCallId"] == "c"


def test_signs_of_life_and_what_nobody_reads() -> None:
    events, message = decode(
        BEGIN,
        {"type": "SUBAGENT_STARTED", "subagentRunId": "s", "name": "scout"},
        {"type": "SUBAGENT_ERROR", "subagentRunId": "s", "message": "lost"},
        {"type": "SUBAGENT_FINISHED", "subagentRunId": "s"},
        {"type": "RAW", "event": {"a": 1}},
        {"type": "CUSTOM", "name": "n", "value": 1},
        {"type": "SUNRISE"},
        END,
    )
    assert ev.Heartbeat("scout") in events
    assert message.warnings == [
        "A part of the agent failed: lost",
        "A record is nothing that this protocol knows.",
    ]


def test_characters_cut_in_two() -> None:
    message = message_of(
        say("\ud83d"), say("\ude00"), *call("c", "f", '{"a": "\ud83d', '\ude00"}'), think("\ud83d")
    )
    assert message.text == "😀"
    assert json.loads(message.tool_calls[0].arguments) == {"a": "😀"}
    assert message.reasoning == "\ufffd"


# --- what is asked -----------------------------------------------------------------------------


def body(messages: list[Message], provider: str = "", **settings: Any) -> Any:
    request = ag_ui.render(
        messages, model="agent", options=Options(**settings), stream=True, provider=provider
    )
    assert request.path == ""
    return json.loads(request.body)


def test_the_input_of_a_run() -> None:
    tool = ToolDefinition("now", "Tells the time.", {"type": "object", "properties": {}})
    question = user([Text("What is this?"), File("data:image/png;base64,AA==", name="a.png")])
    asked = body(
        [Message("system", [Text("Be kind.")]), question],
        tools=[tool],
        cache_key="chat-1",
        temperature=0.5,
        extra={"tone": "dry"},
    )
    assert asked["threadId"] == "chat-1"
    assert asked["forwardedProps"] == {"tone": "dry"}
    assert asked["tools"] == [
        {"name": "now", "description": "Tells the time.", "parameters": tool.parameters}
    ]
    system, one = asked["messages"]
    assert (system["role"], system["content"]) == ("system", "Be kind.")
    assert one["content"] == [
        {"type": "text", "text": "What is this?"},
        {
            "type": "image",
            "source": {"type": "data", "value": "AA==", "mimeType": "image/png"},
            "metadata": {"filename": "a.png"},
        },
    ]
    assert body([question])["runId"] != asked["runId"]
    assert body([question], tools=[tool], tool_choice="none")["tools"] == []


def test_what_is_written_is_read() -> None:
    answer = Message(
        "assistant",
        [Text("Look"), ToolCall("c", "f", '{"a":1}')],
        id="a",
        status="complete",
        finish_reason="tool_calls",
    )
    messages = [user("Hi"), answer, Message("tool", [ToolResult("c", "no", is_error=True)])]
    request = ag_ui.render(messages, model="agent", options=Options(), stream=True)
    read = ag_ui.parse_request(request.body)
    assert [message.role for message in read.messages] == ["user", "assistant", "tool"]
    assert read.messages[1].parts == answer.parts
    assert read.messages[2].parts == [ToolResult("c", "no", is_error=True)]
    assert read.state == {}


@pytest.mark.parametrize(
    "wrong",
    [b"", b"[]", b"{", b'{"threadId": "t"}', b'{"threadId": "t", "runId": "r"}', b"[" * 9999],
)
def test_an_input_that_is_none_is_refused(wrong: bytes) -> None:
    with pytest.raises(ProtocolError):
        ag_ui.parse_request(wrong)


# --- what is told ------------------------------------------------------------------------------

TOLD: list[ev.Event] = [
    ev.StepStart(1),
    ev.ReasoningDelta("Hm."),
    ev.ContentDelta("Let me "),
    ev.ContentDelta("look."),
    ev.ToolCallStart(0, "c0", "add"),
    ev.ToolCallDelta(0, '{"a":1}'),
    ev.ToolCallEnd(0),
    ev.StepEnd("complete", "tool_calls"),
    ev.ToolRunStart("c0", "add"),
    ToolResult("c0", "3", "add"),
    ev.StepStart(2),
    ProviderTool("w", "web_search", '{"q":1}', ["x"]),
    ev.ContentDelta("Three."),
    ev.StepEnd("complete", "stop"),
    Usage(5, 2, 7),
    ev.Done("complete", "stop"),
]


def written(events: list[ev.Event]) -> bytes:
    writer = ag_ui.Writer("t", "r")
    return writer.begin() + b"".join(writer.write([one]) for one in events)


def test_a_run_is_told_as_an_agent_tells_it() -> None:
    _, message = decode_as(written(TOLD), ag_ui.NAME)
    assert message.text == "Let me look.\n\nThree."
    assert message.reasoning == "Hm."
    assert [(one.name, one.arguments) for one in message.tool_calls] == [
        ("add", '{"a":1}'),
        ("web_search", '{"q":1}'),
    ]
    assert message.open_tool_calls == []
    assert message.usage is not None
    assert (message.usage.input_tokens, message.usage.output_tokens) == (5, 2)


def test_sources_and_files_of_our_own_agents_come_through() -> None:
    source = Source("https://otters.example/ada", "Ada", "7.2 kg")
    file = File("data:text/csv;base64,YSxi", "text/csv", "a.csv")
    told: list[ev.Event] = [ev.ContentDelta("So."), source, file, ev.Done("complete", "stop")]
    _, message = decode_as(written(told), ag_ui.NAME)
    assert message.parts == [Text("So."), source, file]
    strange: list[Any] = [None, [], "x", {"url": 3}, {}]
    for value in strange:
        for name in ("source", "file", "n"):
            assert message_of({"type": "CUSTOM", "name": name, "value": value}).parts == []


def test_each_message_and_step_is_ended_before_the_next() -> None:
    records = [json.loads(line[6:]) for line in written(TOLD).decode().split("\n\n") if line]
    open_ones: list[str] = []
    for record in records:
        kind = record["type"]
        if kind.endswith(("_START", "_STARTED")):
            open_ones.append(kind.partition("_START")[0])
        elif kind.endswith(("_END", "_FINISHED")):
            assert open_ones.pop() == kind.removesuffix("_END").removesuffix("_FINISHED")
    assert open_ones == []


@pytest.mark.parametrize(
    ("events", "last"),
    [
        ([ev.Done("aborted")], {"type": "RUN_FINISHED", "outcome": {"type": "cancelled"}}),
        ([ev.Done("incomplete")], {"type": "RUN_ERROR", "code": "read"}),
        (
            [ev.Error(ErrorInfo("quota", "Out.")), ev.Done("error")],
            {"type": "RUN_ERROR", "message": "Out.", "code": "quota"},
        ),
        (
            [ev.ToolCallStart(0, "c", "f"), ev.ToolCallEnd(0), ev.Done("complete", "tool_calls")],
            {"outcome": {"type": "success", "pendingToolCallIds": ["c"]}},
        ),
    ],
)
def test_the_end_is_told(events: list[ev.Event], last: dict[str, Any]) -> None:
    record = json.loads(written(events).decode().split("\n\n")[-2][6:])
    assert last.items() <= record.items()


def test_half_characters_are_told_as_what_they_are() -> None:
    _, message = decode_as(written([ev.ContentDelta("\ud83d"), ev.Done("complete")]), ag_ui.NAME)
    assert message.text == "\ufffd"


# --- JSON Patch --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("document", "operation", "expected"),
    [
        ({"a": 1}, {"op": "add", "path": "/b", "value": None}, {"a": 1, "b": None}),
        ([1, 3], {"op": "add", "path": "/1", "value": 2}, [1, 2, 3]),
        ([1], {"op": "add", "path": "/1", "value": 2}, [1, 2]),
        ({"a": 1}, {"op": "remove", "path": "/a"}, {}),
        ({"a": [1, 2]}, {"op": "remove", "path": "/a/0"}, {"a": [2]}),
        ({"a": 1}, {"op": "replace", "path": "", "value": [2]}, [2]),
        ({"a/b": {"~": 1}}, {"op": "replace", "path": "/a~1b/~0", "value": 2}, {"a/b": {"~": 2}}),
        ({"a": 1}, {"op": "move", "from": "/a", "path": "/b"}, {"b": 1}),
        (
            {"a": {"c": 1}},
            {"op": "copy", "from": "/a", "path": "/b"},
            {"a": {"c": 1}, "b": {"c": 1}},
        ),
        ({"": 1}, {"op": "test", "path": "/", "value": 1}, {"": 1}),
        ({"a": 1}, {"op": "remove", "path": ""}, None),
        ([1], {"op": "add", "path": "", "value": {}}, {}),
        ({"a": [1]}, {"op": "move", "from": "/a", "path": ""}, [1]),
    ],
)
def test_a_patch(document: Any, operation: dict[str, Any], expected: Any) -> None:
    assert patched(document, [operation]) == expected


def patched(document: Any, operations: list[Any]) -> Any:
    one = Document(document, Room())
    one.apply(operations)
    return one.value


def test_copies_of_copies_end() -> None:
    double = [{"op": "copy", "from": "", "path": f"/{n}"} for n in range(40)]
    with pytest.raises(PatchError, match="too large"):
        patched({"a": 1}, double)
    deeper = [{"op": "copy", "from": "", "path": "/a"}] * 200
    with pytest.raises(PatchError, match="too large"):
        patched({"a": 1}, deeper)
    # What is short on the wire and long when it is written.
    lines = [{"op": "copy", "from": "/a", "path": "/l/-"}] * 100
    with pytest.raises(PatchError, match="too large"):
        patched({"a": "x" * 1_000_000, "l": []}, lines)
    with pytest.raises(PatchError, match="too large"):
        patched({"a": {"x" * 1_000_000: 1}, "l": []}, lines)


def test_work_that_a_patch_makes_ends() -> None:
    first = [{"op": "add", "path": "/0", "value": 1}, {"op": "remove", "path": "/0"}]
    with pytest.raises(PatchError, match="too large"):
        patched([0] * 100_000, first * 1_000)
    there = {"op": "move", "from": "/a", "path": "/b"}
    back = {"op": "move", "from": "/b", "path": "/a"}
    with pytest.raises(PatchError, match="too large"):
        patched({"a": [0] * 100_000}, [there, back] * 10)


def test_all_that_one_run_shows_has_room_together() -> None:
    doubled = [{"op": "copy", "from": "", "path": f"/{n}"} for n in range(11)]
    records: list[dict[str, Any]] = []
    for id in map(str, range(60)):
        about = {"messageId": id, "activityType": "a"}
        records.append(about | {"type": "ACTIVITY_SNAPSHOT", "content": {"a": "x"}})
        records.append(about | {"type": "ACTIVITY_DELTA", "patch": doubled})
    one = decoder("ag-ui")  # at one cut: this is about how much it is
    one.feed(sse(BEGIN, *records, END))
    message = one.message
    written = len(json.dumps([part.result for part in message.parts]))  # type: ignore[union-attr]
    assert written < 40_000_000
    assert any("too large" in warning for warning in message.warnings)


@pytest.mark.parametrize(
    "operation",
    [
        {},
        {"op": "sing", "path": ""},
        {"op": "add", "path": "/a"},
        {"op": "add", "path": "b", "value": 1},
        {"op": "add", "path": "/l/2", "value": 1},
        {"op": "add", "path": "/l/01", "value": 1},
        {"op": "add", "path": "/l/-1", "value": 1},
        {"op": "add", "path": "/l/" + "9" * 5000, "value": 1},
        {"op": "add", "path": "/s/x", "value": 1},
        {"op": "remove", "path": "/b"},
        {"op": "remove", "path": "/l/-"},
        {"op": "replace", "path": "/b", "value": 1},
        {"op": "move", "from": "/b", "path": "/c"},
        {"op": "test", "path": "/s", "value": 1},
        {"op": "remove", "path": None},
    ],
)
def test_a_patch_that_does_not_fit(operation: dict[str, Any]) -> None:
    with pytest.raises(PatchError):
        patched({"l": [1], "s": "x"}, [operation])


def test_the_decoder_is_had_by_its_name() -> None:
    assert isinstance(decoder("ag-ui"), ag_ui.Decoder)


@pytest.mark.parametrize("arguments", ["{", "[" * 5000, '{"a": "\\ud83d"}', "7"])
def test_arguments_of_any_kind_are_shown_with_the_question(arguments: str) -> None:
    _, message = decode(BEGIN, *call("c", "delete", arguments), interrupted(toolCallId="c"))
    (asked,) = message.open_requests
    assert json.loads(asked.arguments)["question"] == "Sure?"
    assert "arguments" in json.loads(asked.arguments)
    assert message.open_tool_calls == []


def test_arguments_of_a_call_that_came_at_once_are_shown_with_the_question() -> None:
    whole = {"id": "c", "function": {"name": "delete", "arguments": '{"a": 1}'}}
    told = {"type": "MESSAGES_SNAPSHOT", "messages": [{"role": "assistant", "toolCalls": [whole]}]}
    _, message = decode(BEGIN, told, interrupted(toolCallId="c"))
    (asked,) = message.open_requests
    assert json.loads(asked.arguments) == {"question": "Sure?", "arguments": {"a": 1}}
