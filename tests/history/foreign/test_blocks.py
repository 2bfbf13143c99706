"""Every block that a list of messages may hold: what becomes of it, and what is counted as lost."""

from typing import Any

import pytest

from app.core.messages import (
    File,
    Part,
    Reasoning,
    Refusal,
    Source,
    Text,
    ToolCall,
    ToolResult,
)
from tests.history.foreign.files import taken_in

PICTURE = "data:image/png;base64,iVBORw0KGgo="
BASE64 = {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}
UNKNOWN = {"unknown": 1}


async def read(message: dict[str, Any]) -> tuple[list[Part], dict[str, int]]:
    """The parts of a message, and what is left out of it."""
    trees, importing = await taken_in([{"role": "user", "content": "Hi"}, message])
    parts = [part for record in trees[0].path()[1:] for part in record.message.parts]
    return parts, dict(importing.report.left_out)


@pytest.mark.parametrize(
    ("block", "parts", "left_out"),
    [
        ("a", [Text("a")], {}),
        ("", [], {}),
        (5, [], {}),
        ({}, [], {}),
        ({"text": "a", "thought": True}, [Reasoning("a")], {}),
        ({"text": "a", "thought": "yes"}, [Text("a")], {}),
        ({"type": "text", "text": ""}, [], {}),
        ({"type": "output_text", "text": "a"}, [Text("a")], {}),
        ({"type": "reasoning", "text": "a"}, [Reasoning("a")], {}),
        ({"type": "thinking", "thinking": ""}, [], {}),
        ({"type": "refusal", "refusal": "No"}, [Refusal("No")], {}),
        ({"type": "step-start"}, [], {}),
        ({"type": "image", "source": BASE64}, [File(PICTURE, "image/png", "")], {}),
        ({"type": "image", "source": {}}, [File("", "image/*", "")], {"images": 1}),
        ({"type": "input_image", "image_url": PICTURE}, [File(PICTURE, "image/png", "")], {}),
        (
            {"type": "image_url", "image_url": {"url": "https://a.example/"}},
            [File("", "image/*", "")],
            {"images": 1},
        ),
        ({"type": "tool_use", "input": {"a": 1}}, [ToolCall("1-0", "tool", '{"a":1}')], {}),
        ({"type": "tool_use", "id": 7, "name": "f"}, [ToolCall("7", "f", "")], {}),
        (
            {"type": "tool_result", "tool_use_id": "c", "content": "r", "is_error": True},
            [ToolResult("c", "r", is_error=True)],
            {},
        ),
        (
            {"type": "tool_result", "content": [{"type": "image", "source": BASE64}]},
            [ToolResult("1-0", ""), File(PICTURE, "image/png", "")],
            {},
        ),
        ({"type": "source-url", "url": "https://a.example/"}, [Source("https://a.example/")], {}),
        ({"type": "source-url", "url": "file:///a"}, [], {}),
        (
            {"type": "tool-f", "toolCallId": "c", "input": {}, "errorText": "Bad"},
            [ToolCall("c", "f", "{}"), ToolResult("c", "Bad", "f", is_error=True)],
            {},
        ),
        (
            {"type": "tool-f", "toolCallId": "c", "output": "r", "errorText": "Bad"},
            [ToolCall("c", "f", ""), ToolResult("c", "r", "f")],
            {},
        ),
        ({"type": "tool-f"}, [ToolCall("1-0", "f", "")], {}),
        (
            {"type": "dynamic-tool", "toolName": "f", "toolCallId": "c", "output": "r"},
            [ToolCall("c", "f", ""), ToolResult("c", "r", "f")],
            {},
        ),
        (
            {
                "type": "tool-invocation",
                "toolInvocation": {
                    "toolName": "f",
                    "toolCallId": "c",
                    "args": {"a": 1},
                    "result": "r",
                },
            },
            [ToolCall("c", "f", '{"a":1}'), ToolResult("c", "r", "f")],
            {},
        ),
        (
            {"type": "file", "mediaType": "image/png", "url": PICTURE, "filename": "p.png"},
            [File(PICTURE, "image/png", "p.png")],
            {},
        ),
        (
            {"type": "file", "mediaType": "text/plain", "filename": "n.txt"},
            [File("", "", "n.txt")],
            {"files": 1},
        ),
        ({"type": "file", "file": {"filename": "a.pdf"}}, [File("", "", "a.pdf")], {"files": 1}),
        ({"type": "document", "title": "T"}, [File("", "", "T")], {"files": 1}),
        ({"type": "input_file"}, [File("", "", "file")], {"files": 1}),
        ({"type": "input_audio"}, [], {"sounds": 1}),
        ({"type": "audio"}, [], {"sounds": 1}),
        ({"type": "hologram"}, [], UNKNOWN),
        ({"what": 1}, [], UNKNOWN),
        (
            {"inlineData": {"mimeType": "image/png", "data": "iVBORw0KGgo="}},
            [File(PICTURE, "image/png", "")],
            {},
        ),
        (
            {"inline_data": {"mime_type": "audio/wav", "data": "AAAA"}},
            [File("", "audio/wav", "file")],
            {"sounds": 1},
        ),
        (
            {"inlineData": {"mimeType": "text/csv"}},
            [File("", "text/csv", "file")],
            {"files": 1},
        ),
        ({"toolUse": {"toolUseId": "t", "input": {}}}, [ToolCall("t", "tool", "{}")], {}),
        (
            {"toolResult": {"toolUseId": "t", "content": "r", "status": "error"}},
            [ToolResult("t", "r", is_error=True)],
            {},
        ),
        (
            {"toolResult": {"toolUseId": "t", "content": "r", "status": "success"}},
            [ToolResult("t", "r")],
            {},
        ),
        (
            {"functionCall": {"name": "f", "args": {"a": 1}}},
            [ToolCall("f", "f", '{"a":1}')],
            {},
        ),
        ({"functionCall": {"args": {}}}, [ToolCall("tool", "tool", "{}")], {}),
        (
            {"functionResponse": {"name": "f", "response": {"b": 2}}},
            [ToolResult("f", '{"b":2}', "f")],
            {},
        ),
    ],
)
async def test_each_kind_of_block(block: Any, parts: list[Part], left_out: dict[str, int]) -> None:
    assert await read({"role": "assistant", "content": [block]}) == (parts, left_out)


async def test_blocks_beside_each_other_are_counted_together_and_named_apart() -> None:
    twice: list[dict[str, Any]] = [
        *({"type": kind} for kind in ("hologram", "tool_use", "hologram", "tool_use")),
        *({"type": "audio"}, {"type": "audio"}, {"type": "document"}, {"type": "document"}),
    ]
    parts, left_out = await read({"role": "assistant", "content": twice})
    assert left_out == {"unknown": 2, "sounds": 2, "files": 2}
    assert parts[:2] == [ToolCall("1-1", "tool"), ToolCall("1-3", "tool")]


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        (
            {"role": "assistant", "content": "No", "refusal": "Never"},
            [Text("No"), Refusal("Never")],
        ),
        ({"role": "assistant", "content": {"text": "a"}}, [Text("a")]),
        ({"role": "user", "content": "<think>a</think>b"}, [Text("<think>a</think>b")]),
        (
            {"role": "assistant", "content": "", "function_call": {"name": "f", "arguments": "{}"}},
            [ToolCall("f", "f", "{}")],
        ),
        (
            {"role": "assistant", "tool_calls": [{"name": "f", "arguments": {"a": 1}}, {}]},
            [ToolCall("1-call-0", "f", '{"a":1}'), ToolCall("1-call-1", "tool")],
        ),
        ({"role": "function", "name": "f", "content": "r"}, [ToolResult("f", "r", "f")]),
        ({"role": "tool", "content": {"a": 1}}, [ToolResult("1", '{"a":1}')]),
        ({"role": "tool", "content": None}, [ToolResult("1", "")]),
        (
            {"role": "user", "content": "a", "images": ["/9j/AAAA", PICTURE, "iVBORw0KGgo="]},
            [
                File(PICTURE, "image/png", ""),
                File(PICTURE, "image/png", ""),
                File("data:image/jpeg;base64,/9j/AAAA", "image/jpeg", ""),
                Text("a"),
            ],
        ),
    ],
)
async def test_fields_beside_the_content(message: Any, parts: list[Part]) -> None:
    assert await read(message) == (parts, {})


async def test_items_of_responses_say_what_they_lack() -> None:
    content = [
        {"type": "message", "role": "user", "content": "Hi"},
        {"type": "custom_tool_call", "input": "x = 1"},
        {"type": "custom_tool_call_output", "id": "k", "output": "1"},
        {
            "type": "reasoning",
            "summary": [],
            "content": [{"text": "a"}, {"text": ""}, {"text": "b"}],
        },
        {"type": "reasoning", "summary": []},
        {"type": "function_call", "id": "i", "name": "f", "arguments": {"a": 1}},
    ]
    [tree], importing = await taken_in(content)
    assert [record.message.role for record in tree.path()] == [
        *("user", "assistant", "tool", "assistant", "assistant"),
    ]
    assert [part for record in tree.path()[1:] for part in record.message.parts] == [
        ToolCall("1-0", "tool", '{"input":"x = 1"}'),
        ToolResult("k", "1"),
        Reasoning("a\n\nb"),
        ToolCall("i", "f", '{"a":1}'),
    ]
    assert not importing.report.left_out


@pytest.mark.parametrize("name", ["timestamp", "created_at", "createdAt", "date", "create_time"])
async def test_the_time_of_a_message_under_each_of_its_names(name: str) -> None:
    message = {"role": "user", "content": "Hi"}
    [tree], _ = await taken_in([message, message | {name: 1_700_000_000}])
    assert [record.created_ms for record in tree.path()] == [1_700_000_000_000] * 2
    assert tree.chat.created_ms == 1_700_000_000_000
    # A message without a time has that of the one before it.
    [tree], _ = await taken_in([message | {name: 1_600_000_000}, message])
    assert tree.path()[1].created_ms == 1_600_000_000_000


async def test_what_is_told_of_the_whole_conversation() -> None:
    messages = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "Yes"}]
    told = {
        "conversation_id": 7,
        "topic": "Ports",
        "createdAt": "2024-01-01T00:00:00Z",
        "updatedAt": "2024-01-02T00:00:00Z",
        "model": {"id": "m"},
        "systemPrompt": "Be kind",
    }
    [tree], _ = await taken_in(told | {"messages": messages})
    chat = tree.chat
    assert (chat.title, chat.created_ms, chat.updated_ms) == (
        *("Ports", 1_704_067_200_000, 1_704_153_600_000),
    )
    assert chat.brought is not None
    assert chat.brought.settings.instructions == "Be kind"
    assert [record.source for record in tree.path()] == ["", "m"]
    # What a message says of its own counts before that.
    messages[1]["model"] = "n"
    [tree], _ = await taken_in(told | {"messages": messages})
    assert tree.path()[1].source == "n"
