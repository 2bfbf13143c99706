"""The AI SDK's UI messages; `tests/peers/clients.py` has that SDK itself read them."""

import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from app.connections.serving import to_ui_message_response
from app.connections.ui_messages import Writer
from app.connections.ui_request import parse_ui_request
from app.core import events as ev
from app.core.errors import ErrorInfo, ProtocolError
from app.core.messages import (
    File,
    ProviderTool,
    Reasoning,
    Source,
    Text,
    ToolCall,
    ToolResult,
    Usage,
)

STEP: list[ev.Event] = [
    ev.MessageStart("m1"),
    ev.StepStart(1),
    ev.ReasoningDelta("Hm."),
    ev.ContentDelta("Let me "),
    ev.ContentDelta("see."),
    ev.ToolCallStart(0, "c1", "weigh"),
    ev.ToolCallDelta(0, '{"name": '),
    ev.ToolCallDelta(0, '"Ada"}'),
    ev.ToolCallEnd(0),
    ev.StepEnd("complete", "tool_calls"),
    ev.ToolRunStart("c1", "weigh"),
    ToolResult("c1", '{"kg": 7.2}', "weigh"),
    ev.StepStart(2),
    ev.ContentDelta("She has 7.2 kg."),
    Source("https://otters.example/ada", "Ada"),
    File("data:image/png;base64,AA==", "image/png"),
    ev.StepEnd("complete", "stop"),
    ev.Done("complete", "stop", "stop", Usage(3, 4, 7)),
]


def told(*batches: list[ev.Event]) -> list[dict[str, Any]]:
    writer = Writer()
    text = b"".join(map(writer.write, batches)).decode()
    assert text.endswith("data: [DONE]\n\n")
    lines = text.removesuffix("data: [DONE]\n\n").split("\n\n")[:-1]
    return [json.loads(line.removeprefix("data: ")) for line in lines]


@pytest.mark.parametrize("batches", [[STEP], [[event] for event in STEP]])
def test_a_run_of_two_steps(batches: list[list[ev.Event]]) -> None:
    assert told(*batches) == [
        {"type": "start", "messageId": "m1"},
        {"type": "start-step"},
        {"type": "reasoning-start", "id": "1"},
        {"type": "reasoning-delta", "id": "1", "delta": "Hm."},
        {"type": "reasoning-end", "id": "1"},
        {"type": "text-start", "id": "2"},
        {"type": "text-delta", "id": "2", "delta": "Let me "},
        {"type": "text-delta", "id": "2", "delta": "see."},
        {"type": "text-end", "id": "2"},
        {"type": "tool-input-start", "toolCallId": "c1", "toolName": "weigh"},
        {"type": "tool-input-delta", "toolCallId": "c1", "inputTextDelta": '{"name": '},
        {"type": "tool-input-delta", "toolCallId": "c1", "inputTextDelta": '"Ada"}'},
        {
            "type": "tool-input-available",
            "toolCallId": "c1",
            "toolName": "weigh",
            "input": {"name": "Ada"},
        },
        {"type": "tool-output-available", "toolCallId": "c1", "output": {"kg": 7.2}},
        {"type": "finish-step"},
        {"type": "start-step"},
        {"type": "text-start", "id": "3"},
        {"type": "text-delta", "id": "3", "delta": "She has 7.2 kg."},
        {
            "type": "source-url",
            "url": "https://otters.example/ada",
            "sourceId": "source-1",
            "title": "Ada",
        },
        {"type": "text-end", "id": "3"},
        {"type": "file", "url": "data:image/png;base64,AA==", "mediaType": "image/png"},
        {"type": "finish-step"},
        {
            "type": "finish",
            "finishReason": "stop",
            "messageMetadata": {"usage": {"inputTokens": 3, "outputTokens": 4, "totalTokens": 7}},
        },
    ]


@pytest.mark.parametrize(
    ("events", "expected"),
    [
        ([ev.Done("aborted")], [{"type": "abort"}]),
        (
            [ev.Error(ErrorInfo("rate_limit", "Wait.")), ev.Done("error")],
            [{"type": "error", "errorText": "Wait."}, {"type": "finish", "finishReason": "other"}],
        ),
        (
            [ev.Done("incomplete")],
            [
                {"type": "error", "errorText": "The answer broke off before its end."},
                {"type": "finish", "finishReason": "other"},
            ],
        ),
        ([ev.Done("complete", "length")], [{"type": "finish", "finishReason": "length"}]),
    ],
)
def test_each_end_is_said(events: list[ev.Event], expected: list[dict[str, Any]]) -> None:
    assert told(events) == [{"type": "start"}, *expected]


@pytest.mark.parametrize(
    ("event", "expected"),
    [
        (ToolResult("c1", "plain words"), {"output": "plain words"}),
        (ToolResult("c1", "[" * 5000), {"output": "[" * 5000}),
        (ToolResult("c1", "half \ud83d", is_error=True), {"errorText": "half \ufffd"}),
    ],
)
def test_any_result_is_told(event: ToolResult, expected: dict[str, Any]) -> None:
    (said,) = [one for one in told([event, ev.Done("complete")]) if "toolCallId" in one]
    assert {name: said[name] for name in expected} == expected


@pytest.mark.parametrize("arguments", ["", "{", "[" * 5000])
def test_any_arguments_are_told(arguments: str) -> None:
    said = told(
        [
            ev.ToolCallStart(0, "c1", "weigh"),
            ev.ToolCallDelta(0, arguments),
            ev.ToolCallEnd(0),
            ev.Done("complete"),
        ]
    )
    kind = "tool-input-error" if arguments else "tool-input-available"
    assert [one["type"] for one in said if "input" in one] == [kind]


def test_a_tool_of_the_provider_has_run_already() -> None:
    said = told([ProviderTool("p1", "search", "{}", {"hits": 3}), ev.Done("complete")])
    assert [one["type"] for one in said if one.get("providerExecuted")] == [
        "tool-input-available",
        "tool-output-available",
    ]


async def test_a_stream_that_raises_ends_for_a_stranger() -> None:
    async def failing() -> AsyncIterator[str]:
        yield "Half"
        raise ZeroDivisionError("secret")

    response = to_ui_message_response(failing())
    assert response.headers["x-vercel-ai-ui-message-stream"] == "v1"
    said = b"".join([chunk async for chunk in response.body]).decode()
    assert '"delta":"Half"' in said
    assert '"type":"error"' in said
    assert "secret" not in said
    assert said.endswith("data: [DONE]\n\n")


def test_a_conversation_of_use_chat_is_read() -> None:
    body = {
        "id": "chat-1",
        "trigger": "submit-message",
        "messages": [
            {"id": "q", "role": "user", "parts": [{"type": "text", "text": "Weigh them"}]},
            {
                "id": "a",
                "role": "assistant",
                "parts": [
                    {"type": "step-start"},
                    {"type": "reasoning", "text": "Hm."},
                    {
                        "type": "tool-weigh",
                        "toolCallId": "c1",
                        "state": "output-available",
                        "input": {"name": "Ada"},
                        "output": {"kg": 7.2},
                    },
                    {
                        "type": "dynamic-tool",
                        "toolName": "feed",
                        "toolCallId": "c2",
                        "state": "output-error",
                        "input": {},
                        "errorText": "no fish",
                    },
                    {"type": "step-start"},
                    {"type": "text", "text": "7.2 kg", "state": "done"},
                    {"type": "data-own", "data": 3},
                ],
            },
            {
                "id": "q2",
                "role": "user",
                "parts": [
                    {
                        "type": "file",
                        "url": "data:,x",
                        "mediaType": "text/plain",
                        "filename": "x.txt",
                    },
                    {"type": "text", "text": "And?"},
                ],
            },
        ],
    }
    asked = parse_ui_request(json.dumps(body).encode())
    assert (asked.id, asked.data) == ("chat-1", {"trigger": "submit-message"})
    assert [(one.role, one.parts) for one in asked.messages] == [
        ("user", [Text("Weigh them")]),
        (
            "assistant",
            [
                Reasoning("Hm."),
                ToolCall("c1", "weigh", '{"name": "Ada"}'),
                ToolCall("c2", "feed", "{}"),
            ],
        ),
        (
            "tool",
            [ToolResult("c1", '{"kg": 7.2}', "weigh"), ToolResult("c2", "no fish", "feed", True)],
        ),
        ("assistant", [Text("7.2 kg")]),
        ("user", [File("data:,x", "text/plain", "x.txt"), Text("And?")]),
    ]


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"{", b"{}", b'{"messages": 3}', b'{"messages": ' + b"[" * 5000, b"\xff"],
)
def test_what_is_no_request_is_refused(body: bytes) -> None:
    with pytest.raises(ProtocolError):
        parse_ui_request(body)


@pytest.mark.parametrize(
    "entry", [3, {}, {"role": "user"}, {"role": "user", "parts": 3}, {"role": "x", "parts": [{}]}]
)
def test_any_message_is_passed_over(entry: Any) -> None:
    assert parse_ui_request(json.dumps({"messages": [entry]}).encode()).messages == []
