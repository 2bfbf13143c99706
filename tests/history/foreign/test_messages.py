"""Lists of messages, in the field names of the usual providers, in whatever stands around them."""

import json
from typing import Any

import pytest

from app.core.messages import File, Part, Reasoning, Source, Text, ToolCall, ToolResult
from tests.history.foreign.files import lines, said, taken_in

MESSAGES: list[dict[str, Any]] = [
    {"role": "user", "content": "Hi"},
    {"role": "assistant", "content": "Hello"},
]
PICTURE = "data:image/png;base64,iVBORw0KGgo="


@pytest.mark.parametrize(
    ("content", "name", "count"),
    [
        (MESSAGES, "a.json", 1),
        ({"messages": MESSAGES}, "a.json", 1),
        ([{"messages": MESSAGES, "id": "1"}, {"messages": MESSAGES, "id": "2"}], "a.json", 2),
        ([MESSAGES, [*MESSAGES, *MESSAGES]], "a.json", 2),
        (lines(*MESSAGES), "a.jsonl", 1),
        (lines({"messages": MESSAGES, "id": 1}, {"messages": MESSAGES, "id": 2}), "a.jsonl", 2),
        (lines(MESSAGES, [*MESSAGES, *MESSAGES]), "a.txt", 2),
        ({"history": [{"id": "1", "name": "N", "messages": MESSAGES}], "version": 4}, "a.json", 1),
        ({"conversations": [{"from": "human", "value": "Hi"}]}, "a.json", 1),
        (b"\xef\xbb\xbf" + lines(*MESSAGES), "a.json", 1),
        ([{"sender": "user", "text": "Hi"}, {"sender": "ai", "text": "Hello"}], "a.json", 1),
        ([{"role": "USER", "message": "Hi"}, {"role": "CHATBOT", "message": "Hello"}], "a.json", 1),
        ({"messages": [{"role": "Prompt", "say": "Hi"}, {"role": "Response", "say": "a"}]}, "a", 1),
        ([{"type": "human", "data": {"content": "Hi"}}, {"type": "ai", "content": "a"}], "a", 1),
        ([{"type": "constructor", "id": ["HumanMessage"], "kwargs": {"content": "Hi"}}], "a", 1),
        ({"input": MESSAGES[:1], "output": [{"type": "message", **MESSAGES[1]}]}, "a.json", 1),
        ({"input": "Hi", "output": [{"type": "message", **MESSAGES[1]}]}, "a.json", 1),
        *(
            (json.dumps(MESSAGES).encode(encoding), "a.json", 1)
            for encoding in ("utf-16", "utf-16-le", "utf-16-be", "utf-32", "utf-32-le", "utf-32-be")
        ),
        (
            lines({"role": "user", "content": [{"type": "text", "text": {"value": "Hi"}}]}),
            "a.jsonl",
            1,
        ),
    ],
)
async def test_lists_are_found_whatever_stands_around_them(
    content: Any, name: str, count: int
) -> None:
    trees, importing = await taken_in(content, name)
    assert len(trees) == count
    assert said(trees[0])[0] == ("user", "Hi")
    assert (trees[0].chat.title, importing.report.damaged) in (("Hi", 0), ("N", 0))


CALL = {"id": "c", "type": "function", "function": {"name": "f", "arguments": '{"a": 1}'}}


def blocks(role: str, **block: Any) -> dict[str, Any]:
    return {"role": role, "content": [block]}


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        (
            {
                "role": "assistant",
                "parts": [
                    {"type": "step-start"},
                    {
                        "type": "tool-weather",
                        "toolCallId": "c",
                        "input": {"a": 1},
                        "output": {"t": 2},
                    },
                    {"type": "source-url", "url": "https://a.example/", "title": "T"},
                    {"type": "file", "mediaType": "image/png", "url": PICTURE, "filename": "p"},
                ],
            },
            [
                ToolCall("c", "weather", '{"a":1}'),
                ToolResult("c", '{"t":2}', "weather"),
                Source("https://a.example/", "T", ""),
                File(PICTURE, "image/png", "p"),
            ],
        ),
        (
            {
                "role": "assistant",
                "content": [
                    {"toolUse": {"toolUseId": "t", "name": "f", "input": {}}},
                    {"toolResult": {"toolUseId": "t", "content": [{"text": "r"}]}},
                ],
            },
            [ToolCall("t", "f", "{}"), ToolResult("t", "r")],
        ),
        (
            {"role": "user", "content": "a", "images": ["iVBORw0KGgo="]},
            [File(PICTURE, "image/png", ""), Text("a")],
        ),
        ({"role": "user", "content": [{"type": "text", "text": "a"}]}, [Text("a")]),
        (
            {"role": "user", "content": [{"type": "image_url", "image_url": {"url": PICTURE}}]},
            [File(PICTURE, "image/png", "")],
        ),
        (
            {"role": "user", "content": [{"type": "image_url", "image_url": "https://x.example/"}]},
            [File("", "image/*", "")],
        ),
        (
            {"role": "assistant", "content": None, "tool_calls": [CALL]},
            [ToolCall("c", "f", '{"a": 1}')],
        ),
        ({"role": "tool", "tool_call_id": "c", "content": "ok"}, [ToolResult("c", "ok")]),
        (
            {"role": "assistant", "content": "a", "reasoning_content": "b"},
            [Reasoning("b"), Text("a")],
        ),
        ({"role": "assistant", "content": "<think>b</think>\na"}, [Reasoning("b"), Text("a")]),
        (
            blocks("assistant", type="tool_use", id="c", name="f", input={}),
            [ToolCall("c", "f", "{}")],
        ),
        (
            blocks("assistant", type="thinking", thinking="b", signature="s"),
            [Reasoning("b")],
        ),
        ({"role": "model", "parts": [{"text": "a"}]}, [Text("a")]),
        ({"from": "gpt", "value": "a"}, [Text("a")]),
        (
            blocks("user", type="tool_result", tool_use_id="c", content="ok"),
            [ToolResult("c", "ok")],
        ),
    ],
)
async def test_fields_of_the_usual_providers(message: Any, parts: list[Part]) -> None:
    [tree], _ = await taken_in([{"role": "user", "content": "Hi"}, message])
    said_last = [part for record in tree.path()[1:] for part in record.message.parts]
    assert said_last == parts
    # What a provider would get back of it is nothing that cannot be seen.
    assert tree.chat.brought is None


async def test_who_answered_is_named_as_far_as_it_is_known() -> None:
    for more, source in (({}, ""), ({"model": "m1"}, "m1")):
        [tree], _ = await taken_in({"messages": MESSAGES} | more)
        assert [record.source for record in tree.path()] == ["", source]


async def test_a_question_has_no_model_even_where_it_says_which_was_asked() -> None:
    [tree], _ = await taken_in([message | {"model": "m1"} for message in MESSAGES])
    assert [record.message.model for record in tree.path()] == ["", "m1"]


async def test_words_of_the_system_are_asked_about() -> None:
    [tree], _ = await taken_in([{"role": "system", "content": "Obey"}, *MESSAGES])
    assert tree.chat.brought is not None
    assert tree.chat.brought.system == ["Obey"]


async def test_items_of_responses_keep_their_order() -> None:
    items = [
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Hi"}]},
        {"type": "reasoning", "summary": [{"type": "summary_text", "text": "hm"}]},
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
        {
            "type": "function_call_output",
            "call_id": "c",
            "output": [
                {"type": "input_text", "text": "r"},
                {"type": "input_image", "image_url": PICTURE},
            ],
        },
        {"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "a"}]},
    ]
    for content in (items, {"messages": items}, lines(*items)):
        [tree], importing = await taken_in(content)
        parts = [part for record in tree.path() for part in record.message.parts]
        assert parts == [
            Text("Hi"),
            Reasoning("hm"),
            ToolCall("c", "f", "{}"),
            ToolResult("c", "r"),
            File(PICTURE, "image/png", ""),
            Text("a"),
        ]
        assert not importing.report.left_out


@pytest.mark.parametrize("is_list", [True, False])
async def test_words_of_a_role_that_nobody_knows_are_not_lost(is_list: bool) -> None:
    told = [*MESSAGES, {"role": "narrator", "content": "Night falls."}]
    trees, _ = await taken_in(told if is_list else lines(*told))
    assert [record.message.text for record in trees[0].path()] == ["Hi", "Hello", "Night falls."]


async def test_a_list_that_windows_wrote_in_its_own_encoding() -> None:
    text = json.dumps([{"role": "user", "content": "Grüße"}, MESSAGES[1]], ensure_ascii=False)
    [tree], importing = await taken_in(text.encode("cp1252"))
    assert said(tree)[0] == ("user", "Grüße")
    assert importing.report.damaged == 0
