"""Claude, Open WebUI, LibreChat, llama.cpp: what each writes becomes the same kind of chat."""

from typing import Any

import pytest

from app.core.messages import File, Part, Reasoning, Source, Text, ToolCall, ToolResult
from app.history.foreign import open_webui as reader
from app.history.tree import Tree
from tests.history.foreign.files import framed, lines, said, taken_in

PICTURE = "data:image/png;base64,iVBORw0KGgo="


def parts_of(tree: Tree) -> list[Part]:
    return [part for record in tree.path() for part in record.message.parts]


CLAUDE: dict[str, Any] = {
    "uuid": "k1",
    "name": "Harbours",
    "created_at": "2024-05-01T10:00:00.5Z",
    "updated_at": "2024-05-01T10:05:00+00:00",
    "model": "claude-sonnet-4",
    "chat_messages": [
        {
            "uuid": "m1",
            "sender": "human",
            "text": "Which harbour?",
            "content": [{"type": "text", "text": "Which harbour?"}],
            "created_at": "2024-05-01T10:00:00Z",
            "attachments": [{"file_name": "a.txt", "extracted_content": "Ports"}],
            "files": [{"file_name": "map.png"}],
            "parent_message_uuid": "00000000-0000-4000-8000-000000000000",
        },
        {
            "uuid": "m2",
            "sender": "assistant",
            "content": [
                {"type": "thinking", "thinking": "Let me see"},
                {"type": "text", "text": "I look."},
                {"type": "tool_use", "id": None, "name": "web_search", "input": {"q": "harbour"}},
                {
                    "type": "tool_result",
                    "name": "web_search",
                    "content": [{"type": "knowledge", "title": "P", "url": "https://p.example/"}],
                },
                {
                    "type": "text",
                    "text": "Hamburg.",
                    "citations": [{"details": {"type": "web", "url": "https://p.example/"}}],
                },
                {"type": "hologram"},
            ],
            "parent_message_uuid": "m1",
        },
        {"uuid": "m3", "sender": "assistant", "text": "Kiel.", "parent_message_uuid": "m1"},
    ],
}


async def test_claude() -> None:
    [tree], importing = await taken_in([CLAUDE])
    tree.select(tree.children(tree.path()[0].id)[0].id)
    result = '[{"type":"knowledge","title":"P","url":"https://p.example/"}]'
    assert parts_of(tree) == [
        Text("<a.txt>Ports"),
        File("", "image/*", "map.png"),
        Text("Which harbour?"),
        Reasoning("Let me see"),
        Text("I look."),
        ToolCall("call-2", "web_search", '{"q":"harbour"}'),
        ToolResult("call-2", result, "web_search"),
        Text("Hamburg."),
        Source("https://p.example/", "P"),
    ]
    assert [record.message.role for record in tree.path()] == [
        "user", "assistant", "tool", "assistant",
    ]  # fmt: skip
    assert tree.path()[-1].source == "Claude · claude-sonnet-4"
    assert tree.chat.created_ms == 1_714_557_600_500
    assert importing.report.left_out == {"images": 1, "unknown": 1}
    others = tree.children(tree.path()[0].id)
    assert others[1].message.text == "Kiel."


async def test_claude_without_parents_is_a_row() -> None:
    messages = [{"sender": "human", "text": "A"}, {"sender": "assistant", "text": "B"}]
    [tree], _ = await taken_in([{"uuid": "x", "name": "", "chat_messages": messages}])
    assert said(tree) == [("user", "A"), ("assistant", "B")]
    assert tree.chat.title == "A"


def open_webui(answer: str, **more: Any) -> dict[str, Any]:
    messages = {
        "q": {
            "id": "q",
            "parentId": None,
            "role": "user",
            "content": "Go",
            "timestamp": 1_700_000_000,
            "files": [
                {"type": "image", "url": PICTURE},
                {"type": "image", "url": "/api/v1/files/1/content"},
                {"type": "file", "name": "n.txt", "file": {"data": {"content": "Notes"}}},
            ],
        },
        "a": {"id": "a", "parentId": "q", "role": "assistant", "content": answer} | more,
    }
    chat = {"title": "T", "params": {"system": "Be kind"}, "history": {"messages": messages}}
    return {"id": "w", "chat": chat, "created_at": 1_700_000_000, "pinned": True}


async def test_open_webui() -> None:
    answer = (
        '<details type="reasoning" done="true" duration="2">\n<summary>Thought</summary>\n'
        "&gt; Hm &amp; so\n&gt; on\n</details>\nI look."
        '<details type="tool_calls" done="true" id="t1" name="look" '
        'arguments="&quot;{\\&quot;at\\&quot;: 1}&quot;" result="&quot;seen&quot;">\n'
        "<summary>Tool Executed</summary>\n</details>\nDone."
    )
    cited = {"source": {"name": "S", "url": "https://s.example/"}, "document": ["d"]}
    value = open_webui(answer, modelName="llama3", sources=[cited], error=None)
    [tree], importing = await taken_in([value])
    assert parts_of(tree) == [
        File(PICTURE, "image/png", ""),
        File("", "image/*", ""),
        Text("<n.txt>Notes"),
        Text("Go"),
        Reasoning("Hm & so\non"),
        Text("I look."),
        ToolCall("t1", "look", '{"at": 1}'),
        ToolResult("t1", "seen"),
        Text("Done."),
        Source("https://s.example/", "S"),
    ]
    assert tree.path()[-1].source == "Open WebUI · llama3"
    assert importing.report.left_out == {"images": 1}
    # What tells a model what to do is asked about, and has no power until then.
    assert tree.chat.settings.instructions is None
    assert tree.chat.brought is not None
    assert tree.chat.brought.settings.instructions == "Be kind"


def test_a_chat_of_open_webui_has_the_id_of_its_server_or_else_its_own() -> None:
    value = open_webui("Yes")
    own = {"chat": value["chat"] | {"id": "c"}}
    assert [reader.read(one, framed).id for one in (value, own, value | own)] == ["w", "c", "w"]


async def test_open_webui_without_its_server() -> None:
    [tree], _ = await taken_in(open_webui("<think>So</think>Yes")["chat"])
    assert parts_of(tree)[-2:] == [Reasoning("So"), Text("Yes")]


def librechat(**more: Any) -> dict[str, Any]:
    root = "00000000-0000-0000-0000-000000000000"
    return {
        "conversationId": "l",
        "title": "Ports",
        "options": {"model": "gpt-4", "promptPrefix": "Short"},
        "messages": [
            {"messageId": "1", "parentMessageId": root, "text": "Hi", "isCreatedByUser": True},
            {"messageId": "2", "parentMessageId": "1", "text": "One", "sender": "GPT"},
            {
                "messageId": "3",
                "parentMessageId": "1",
                "createdAt": "2024-01-01T00:00:00.000Z",
                "model": "o3",
                "content": [
                    {"type": "think", "think": "Hm"},
                    {"type": "text", "text": {"value": "Two"}},
                    {
                        "type": "tool_call",
                        "tool_call": {"id": "c", "name": "calc", "args": "{}", "output": "4"},
                    },
                    {"type": "text", "text": "Four"},
                ],
                "attachments": [{"web_search": {"organic": [{"link": "https://o.example/"}]}}],
            },
        ],
    } | more


async def test_librechat() -> None:
    [tree], _ = await taken_in(librechat())
    assert parts_of(tree) == [
        Text("Hi"),
        Reasoning("Hm"),
        Text("Two"),
        ToolCall("c", "calc", "{}"),
        ToolResult("c", "4", "calc"),
        Text("Four"),
        Source("https://o.example/"),
    ]
    assert tree.path()[-1].source == "LibreChat · o3"
    first = tree.children(tree.path()[0].id)[0]
    assert (first.message.text, first.source) == ("One", "LibreChat · gpt-4")


async def test_librechat_as_a_tree() -> None:
    first, second, third = librechat()["messages"]
    for message in (first, second, third):
        del message["parentMessageId"]
    first["children"] = [second | {"children": []}, third]
    [tree], _ = await taken_in(librechat(messages=[first], recursive=True))
    assert len(tree.children(tree.path()[0].id)) == 2


LLAMACPP: list[dict[str, Any]] = [
    {"id": "0", "convId": "v", "type": "root", "role": "system", "content": "", "parent": None},
    {
        "id": "1", "convId": "v", "type": "text", "role": "user", "content": "Hi", "parent": "0",
        "timestamp": 1_700_000_000_000,
        "extra": [
            {"type": "IMAGE", "name": "p.png", "base64Url": PICTURE},
            {"type": "TEXT", "name": "n.txt", "content": "Notes"},
        ],
    },
    {
        "id": "2", "convId": "v", "type": "text", "role": "assistant", "content": "", "parent": "1",
        "reasoningContent": "Hm", "model": "qwen",
        "toolCalls": '[{"id":"t","function":{"name":"f","arguments":"{\\"a\\":1}"}}]',
    },
    {"id": "3", "convId": "v", "role": "tool", "toolCallId": "t", "content": "ok", "parent": "2"},
    {"id": "4", "convId": "v", "role": "assistant", "content": "Done", "parent": "3"},
]  # fmt: skip
CONVERSATION = {"id": "v", "name": "Local", "lastModified": 1_700_000_001_000, "currNode": "4"}


async def test_llamacpp_as_json_and_as_lines() -> None:
    [tree], _ = await taken_in([{"conv": CONVERSATION, "messages": LLAMACPP}])
    assert parts_of(tree) == [
        File(PICTURE, "image/png", "p.png"),
        Text("<n.txt>Notes"),
        Text("Hi"),
        Reasoning("Hm"),
        ToolCall("t", "f", '{"a":1}'),
        ToolResult("t", "ok"),
        Text("Done"),
    ]
    assert tree.chat.title == "Local"
    written = lines(CONVERSATION | {"type": "conv"}, *LLAMACPP[1:])
    [same], importing = await taken_in(written, "a.jsonl")
    assert (importing.app, same.chat.id) == ("llama.cpp", tree.chat.id)
    two = written + lines({"type": "conv", "id": "w", "name": "B"}, LLAMACPP[1] | {"convId": "w"})
    assert len((await taken_in(two, "a.jsonl"))[0]) == 2


@pytest.mark.parametrize(("starred", "pinned"), [(True, True), (False, False), (None, False)])
async def test_a_star_is_a_pin(starred: Any, pinned: bool) -> None:
    [tree], _ = await taken_in([CLAUDE | {"is_starred": starred}])
    assert tree.chat.pinned == pinned


async def test_a_chat_without_its_own_time_has_that_of_its_newest_message() -> None:
    [tree], _ = await taken_in([CLAUDE])
    assert tree.chat.updated_ms == 1_714_557_900_000
    [tree], _ = await taken_in([{**CLAUDE, "updated_at": None}])
    assert tree.chat.updated_ms == max(record.created_ms for record in tree.records())


async def test_newer_blocks_of_claude() -> None:
    image = {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}
    blocks = [
        {"type": "voice_note", "title": "Note", "text": "Spoken"},
        {"type": "thinking", "thinking": "", "summaries": [{"summary": "Weighing"}]},
        {"type": "tool_use", "id": "x", "name": "shot", "input": {}},
        {
            "type": "tool_result",
            "tool_use_id": "x",
            "content": [{"type": "text", "text": "Seen"}, {"type": "image", "source": image}],
        },
    ]
    messages = [{"uuid": "1", "sender": "assistant", "content": blocks}]
    [tree], importing = await taken_in([{"uuid": "k", "name": "N", "chat_messages": messages}])
    assert parts_of(tree) == [
        Text("Spoken"),
        Reasoning("Weighing"),
        ToolCall("x", "shot", "{}"),
        ToolResult("x", "Seen"),
        File(PICTURE, "image/png", ""),
    ]
    assert not importing.report.left_out


async def test_answers_of_open_webui_as_items_and_as_errors() -> None:
    output = [
        {"type": "reasoning", "content": [{"type": "output_text", "text": "hm"}]},
        {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
        {"type": "function_call_output", "call_id": "c", "output": "r"},
        {"type": "message", "content": [{"type": "output_text", "text": "a"}]},
    ]
    kept = {
        "u": {"role": "user", "parentId": None, "content": "Hi"},
        "a": {"role": "assistant", "parentId": "u", "content": "", "output": output},
        "b": {"role": "assistant", "parentId": "a", "content": "", "error": {"content": "Boom"}},
    }
    [tree], _ = await taken_in([{"id": "1", "chat": {"history": {"messages": kept}}}])
    assert parts_of(tree)[1:] == [
        Reasoning("hm"),
        ToolCall("c", "f", "{}"),
        ToolResult("c", "r"),
        Text("a"),
        Text("Boom"),
    ]
    assert tree.path()[-1].message.status == "error"


async def test_what_tools_of_librechat_made_is_told_as_left_out() -> None:
    said = [
        {"messageId": "1", "isCreatedByUser": True, "text": "Hi"},
        {
            "messageId": "2",
            "parentMessageId": "1",
            "text": "",
            "content": [{"type": "agent_update"}, {"type": "text", "text": "a"}],
            "attachments": [{"filename": "x.png", "width": 1}],
        },
    ]
    [tree], importing = await taken_in({"conversationId": "x", "messages": said})
    assert parts_of(tree)[1:] == [Text("a"), File("", "image/*", "x.png")]
    assert importing.report.left_out == {"images": 1}
