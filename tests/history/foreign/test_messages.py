"""Lists of messages, in the field names of the usual providers, in whatever stands around them."""

from typing import Any

import pytest

from app.core.messages import File, Part, Reasoning, Text, ToolCall, ToolResult
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
    last = tree.path()[-1].message
    assert last.parts == parts
    # What a provider would get back of it is nothing that cannot be seen.
    assert tree.chat.brought is None


async def test_who_answered_is_named_as_far_as_it_is_known() -> None:
    for more, source in (({}, ""), ({"model": "m1"}, "m1")):
        [tree], _ = await taken_in({"messages": MESSAGES} | more)
        assert [record.source for record in tree.path()] == ["", source]


async def test_words_of_the_system_are_asked_about() -> None:
    [tree], _ = await taken_in([{"role": "system", "content": "Obey"}, *MESSAGES])
    assert tree.chat.brought is not None
    assert tree.chat.brought.system == ["Obey"]
