"""The smaller fields of each app's chats: other names, what is missing, and how an answer ended."""

import json
from base64 import b64encode
from itertools import pairwise
from typing import Any

import pytest

from app.core.messages import (
    File,
    Message,
    Part,
    Reasoning,
    Source,
    Text,
    ToolCall,
    ToolResult,
)
from app.history.foreign import pictures
from app.history.foreign.importing import Importing
from app.history.tree import Tree
from tests.history.foreign.files import archive, lines, said, taken_in
from tests.history.foreign.test_chatgpt import conversation, node

PICTURE = "data:image/png;base64,iVBORw0KGgo="
PICTURED = File(PICTURE, "image/png", "")
PNG = b"\x89PNG\r\n\x1a\n and so on"


async def only(value: Any, name: str = "a.json") -> tuple[Tree, Importing]:
    [tree], importing = await taken_in(value, name)
    return tree, importing


def last_of(tree: Tree) -> Message:
    return tree.path()[-1].message


# --- ChatGPT -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "parts", "left_out"),
    [
        (
            {
                "content_type": "thoughts",
                "thoughts": [{"summary": "A"}, {}, {"summary": "B", "content": "c"}],
            },
            [Reasoning("A\n\nB\nc")],
            {},
        ),
        ({"content_type": "thoughts", "thoughts": []}, [], {}),
        ({"content_type": "reasoning_recap", "content": "2 s"}, [], {}),
        ({"content_type": "model_editable_context"}, [], {"hidden": 1}),
        (
            {"content_type": "tether_quote", "url": "https://a.example/", "text": "Q"},
            [Text("https://a.example/\nQ")],
            {},
        ),
        (
            {"content_type": "tether_quote", "url": "https://a.example/", "title": "T"},
            [Text("T")],
            {},
        ),
        (
            {"content_type": "multimodal_text", "parts": ["", "a", {"text": "spoken"}, {}]},
            [Text("a"), Text("spoken")],
            {"unknown": 1},
        ),
        (
            {
                "content_type": "multimodal_text",
                "parts": [
                    {"content_type": "audio_asset_pointer"},
                    {"content_type": "real_time_user_audio_video_asset_pointer"},
                    "a",
                    {"content_type": "hologram"},
                    {"content_type": "hologram"},
                ],
            },
            [Text("a")],
            {"sounds": 2, "unknown": 2},
        ),
        ({"content_type": "text", "parts": [], "result": "r"}, [Text("r")], {}),
    ],
)
async def test_contents_of_chatgpt(
    content: Any, parts: list[Part], left_out: dict[str, int]
) -> None:
    tree, importing = await only(
        [conversation(node("q", "root", "user", "Hi"), node("a", "q", "assistant", content))]
    )
    assert [part for record in tree.path()[1:] for part in record.message.parts] == parts
    assert importing.report.left_out == left_out


async def test_hidden_words_of_chatgpt_are_counted_where_they_say_something() -> None:
    hidden = {"is_visually_hidden_from_conversation": True}
    empty = {"content_type": "text", "parts": [""]}
    tree, importing = await only(
        [
            conversation(
                node("q", "root", "user", "Hi"),
                node("h", "q", "assistant", "Psst", **hidden),
                node("i", "h", "assistant", "Psst", **hidden),
                node("e", "i", "system", empty),
                node("a", "e", "assistant", "Yes"),
            )
        ]
    )
    assert said(tree) == [("user", "Hi"), ("assistant", "Yes")]
    assert importing.report.left_out == {"hidden": 2}


@pytest.mark.parametrize(
    ("more", "status", "finish"),
    [
        ({}, "complete", None),
        ({"finish_details": {"type": "stop"}}, "complete", "stop"),
        ({"finish_details": {"type": "max_tokens"}}, "complete", "length"),
        ({"finish_details": {"type": "interrupted"}}, "aborted", None),
        ({"status": "finished_partial_completion"}, "incomplete", None),
        ({"status": "in_progress"}, "incomplete", None),
        ({"status": "failed"}, "error", None),
        ({"status": "error"}, "error", None),
    ],
)
async def test_how_an_answer_of_chatgpt_ended(more: Any, status: str, finish: str | None) -> None:
    tree, _ = await only(
        [conversation(node("q", "root", "user", "Hi"), node("a", "q", "assistant", "Yes", **more))]
    )
    assert (last_of(tree).status, last_of(tree).finish_reason) == (status, finish)


async def test_citations_of_chatgpt_in_all_their_places() -> None:
    mark = "\ue200cite\ue202turn0\ue201"
    references = [
        {
            "matched_text": "plain",
            "url": "https://a.example/",
            "title": "A",
            "snippet": "Quote",
            "sources": [{"url": "https://b.example/", "title": "B"}],
        },
        {
            "matched_text": mark,
            "type": "entity",
            "alt": "Adams",
            "items": [
                {
                    "url": "https://c.example/",
                    "supporting_websites": [{"url": "https://d.example/", "title": "D"}],
                },
                {"url": "https://a.example/", "title": "Again"},
            ],
        },
    ]
    cited = {"url": "https://e.example/", "title": "E", "text": "Cited"}
    tree, _ = await only(
        [
            conversation(
                node("q", "root", "user", f"Asked {mark}"),
                node(
                    *("a", "q", "assistant", f"By {mark}, plain\ue204."),
                    content_references=references,
                    citations=[{"metadata": cited}],
                ),
            )
        ]
    )
    assert last_of(tree).parts == [
        Text("By Adams, plain."),
        Source("https://b.example/", "B"),
        Source("https://a.example/", "A", "Quote"),
        Source("https://c.example/"),
        Source("https://d.example/", "D"),
        Source("https://e.example/", "E", "Cited"),
    ]
    # Words of the person stay as they are.
    assert tree.path()[0].message.text == f"Asked {mark}"


async def test_a_result_of_chatgpt_belongs_to_the_nearest_call_of_its_turn() -> None:
    code = {"content_type": "code", "text": '{"a": 1}'}
    tree, _ = await only(
        [
            conversation(
                node("q", "root", "user", "Hi"),
                node("c", "q", "assistant", code, recipient="f"),
                node("d", "c", "assistant", code, recipient="g"),
                node("m", "d", "assistant", "Wait"),
                node("r", "m", "tool", "2", name="g"),
                node("u", "r", "user", "And?"),
                node("s", "u", "tool", "3"),
                node("n", "s", "assistant", {"content_type": "code", "text": ""}, recipient="f"),
            )
        ]
    )
    assert [part for record in tree.path() for part in record.message.parts] == [
        Text("Hi"),
        ToolCall("c", "f", '{"a": 1}'),
        ToolCall("d", "g", '{"a": 1}'),
        Text("Wait"),
        ToolResult("d", "2", "g"),
        Text("And?"),
        # One that nobody called since the question ran by itself.
        ToolCall("s", "tool"),
        ToolResult("s", "3", "tool"),
    ]


@pytest.mark.parametrize(("between", "call"), [(99, "c"), (100, "c"), (101, "r")])
async def test_how_far_a_call_of_chatgpt_is_looked_for(between: int, call: str) -> None:
    names = ["c", *(f"n{at}" for at in range(between)), "r"]
    empty = {"content_type": "text", "parts": []}
    chain = [node(one, before, "assistant", empty) for before, one in pairwise(names)]
    chain[-1] = node("r", names[-2], "tool", "2", name="f")
    first = node("c", "root", "assistant", {"content_type": "code", "text": "x"}, recipient="f")
    tree, _ = await only([conversation(node("q", "root", "user", "Hi"), first, *chain)])
    parts = [part for one in tree.records() for part in one.message.parts]
    assert [part.call_id for part in parts if isinstance(part, ToolResult)] == [call]


# --- pictures ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("data", "mime_type"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff and so on", "image/jpeg"),
        (b"GIF89a and so on", "image/gif"),
        (b"RIFF....WEBP", "image/webp"),
        (b"<svg/>", ""),
        (b"", ""),
    ],
)
async def test_pictures_of_an_archive_are_what_they_begin_with(data: bytes, mime_type: str) -> None:
    pointer = {"content_type": "image_asset_pointer", "asset_pointer": "file-service://file-a"}
    asked = {"content_type": "multimodal_text", "parts": [pointer, "Look", pointer]}
    value = [conversation(node("q", "root", "user", asked))]
    files = {"conversations.json": json.dumps(value).encode(), "x/file-a-b.bin": data}
    tree, importing = await only(archive(files), "a.zip")
    shown = File(f"data:{mime_type};base64,{b64encode(data).decode()}", mime_type, "file-a-b.bin")
    lost = File("", "image/*", "file-a-b.bin")
    assert last_of(tree).parts == [
        *([shown, Text("Look"), shown] if mime_type else [lost, Text("Look"), lost])
    ]
    assert importing.report.left_out == ({} if mime_type else {"images": 2})


@pytest.mark.parametrize(("one", "all", "large"), [(16, 99, 0), (15, 99, 3), (16, 47, 1)])
async def test_pictures_that_are_too_large_alone_or_together(
    monkeypatch: pytest.MonkeyPatch, one: int, all: int, large: int
) -> None:
    monkeypatch.setattr(pictures, "_MOST_IMAGE_BYTES", one)
    monkeypatch.setattr(pictures, "_MOST_IMAGES_BYTES", all)
    pointers = [
        {"content_type": "image_asset_pointer", "asset_pointer": f"sediment://file_{name}"}
        for name in "abc"
    ]
    value = [conversation(node("q", "root", "user", {"parts": pointers}))]
    files = {f"file_{name}.png": PNG[:16] for name in "abc"}
    assert len(PNG[:16]) == 16
    tree, importing = await only(
        archive({"conversations.json": json.dumps(value).encode()} | files), "a.zip"
    )
    assert importing.report.left_out == ({"large": large} if large else {})
    assert sum(not part.url for part in last_of(tree).parts if isinstance(part, File)) == large


# --- Claude ------------------------------------------------------------------------------------


def claude(*messages: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    return [{"uuid": "k", "name": "N", "chat_messages": messages} | more]


async def test_files_of_claude_by_all_their_names() -> None:
    message = {
        "sender": "human",
        "text": "Look",
        "attachments": [{"file_name": "a.pdf", "file_type": "application/pdf"}],
        "files": [{"file_name": "B.HEIC"}, {"file_uuid": "u", "file_kind": "image"}],
        "files_v2": [{"file_name": "c.csv"}],
    }
    tree, importing = await only(claude(message))
    assert last_of(tree).parts == [
        File("", "application/pdf", "a.pdf"),
        File("", "image/*", "B.HEIC"),
        File("", "image/*", "u"),
        File("", "", "c.csv"),
        Text("Look"),
    ]
    assert importing.report.left_out == {"images": 2, "files": 2}


async def test_blocks_of_claude_that_lack_something() -> None:
    image = {"type": "base64", "media_type": "image/png", "data": "iVBORw0KGgo="}
    found = {"type": "knowledge", "title": "P", "url": "https://p.example/"}
    blocks = [
        {"type": "token_budget"},
        {"type": "flag"},
        {"type": "text", "text": "", "citations": [{"url": "https://p.example/"}]},
        {"type": "voice_note", "title": ""},
        {"type": "thinking", "thinking": "", "summaries": [{"summary": "A"}, {"summary": "B"}]},
        {"type": "thinking"},
        {"type": "server_tool_use", "input": {"a": 1}},
        {"type": "web_search_tool_result", "content": [found], "is_error": True},
        {"type": "image", "source": image},
        {"type": "hologram"},
        {"type": "hologram"},
    ]
    tree, importing = await only(claude({"sender": "assistant", "text": "b", "content": blocks}))
    parts = [part for record in tree.path() for part in record.message.parts]
    result = json.dumps([found], separators=(",", ":"))
    assert parts == [
        Reasoning("A\nB"),
        ToolCall("call-6", "tool", '{"a":1}'),
        ToolResult("call-6", result, "", is_error=True),
        File(PICTURE, "image/png", ""),
        # The text beside the blocks, where none of them says it.
        Text("b"),
        # A citation has the title under which the tool found its page.
        Source("https://p.example/", "P"),
    ]
    assert importing.report.left_out == {"unknown": 2}


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({}, "complete"),
        ({"stop_reason": "stop_sequence"}, "complete"),
        ({"stop_reason": "user_canceled"}, "aborted"),
        ({"truncated": True}, "aborted"),
        ({"truncated": "yes"}, "complete"),
    ],
)
async def test_how_an_answer_of_claude_ended(more: Any, status: str) -> None:
    tree, _ = await only(claude({"sender": "assistant", "text": "a"} | more))
    assert last_of(tree).status == status


async def test_the_path_of_claude_that_was_shown_last() -> None:
    messages: list[dict[str, Any]] = [
        {"uuid": 1, "sender": "user", "text": "Hi"},
        {"uuid": "2", "sender": "assistant", "text": "A", "parent_message_uuid": 1, "model": "m"},
        {"uuid": "3", "sender": "assistant", "text": "B", "parent_message_uuid": "1"},
    ]
    tree, _ = await only(claude(*messages, current_leaf_message_uuid="2", model="n"))
    assert said(tree) == [("user", "Hi"), ("assistant", "A")]
    assert [one.source for one in tree.path()] == ["", "Claude · m"]
    tree, _ = await only(claude(*messages, model="n"))
    assert (tree.path()[-1].message.text, tree.path()[-1].source) == ("B", "Claude · n")


# --- Open WebUI --------------------------------------------------------------------------------


def open_webui(*messages: dict[str, Any], **more: Any) -> list[dict[str, Any]]:
    return [{"id": 7, "chat": {"messages": [{"role": "user", "content": "Hi"}, *messages]} | more}]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("a", [Text("a")]),
        ("<think>t</think>a", [Reasoning("t"), Text("a")]),
        ('<details type="reasoning" done="true">\n> t', [Reasoning("t")]),
        (
            'a<details type="reasoning"></details><think>t</think>b',
            [Text("a"), Reasoning(""), Text("<think>t</think>b")],
        ),
        (
            '<details type="tool_calls" done="true" name="f" arguments="{}">r</details>',
            [ToolCall("1-0", "f", "{}"), ToolResult("1-0", "r")],
        ),
        (
            '<details type="tool_calls" done="true" id="c" result="5">r</details> \n',
            [ToolCall("c", "tool"), ToolResult("c", "5")],
        ),
        (
            '<details type="tool_calls" id="c" name="f" arguments="{}"></details>',
            [ToolCall("c", "f", "{}")],
        ),
        (
            '<details type="code_interpreter" done="true" output="4">2 + 2</details>',
            [ToolCall("1-0", "code_interpreter", '{"code":"2 + 2"}'), ToolResult("1-0", "4")],
        ),
        (
            '<details type="code_interpreter">2</details><details type="code_interpreter">3',
            [
                ToolCall("1-0", "code_interpreter", '{"code":"2"}'),
                ToolCall("1-1", "code_interpreter", '{"code":"3"}'),
            ],
        ),
        ('<details type="other">x</details>', [Text('<details type="other">x</details>')]),
    ],
)
async def test_what_stands_in_an_answer_of_open_webui(text: str, parts: list[Part]) -> None:
    tree, _ = await only(open_webui({"role": "assistant", "content": text}))
    assert [part for record in tree.path()[1:] for part in record.message.parts] == parts


@pytest.mark.parametrize(
    ("more", "status", "text"),
    [
        ({}, "complete", "a"),
        ({"done": True}, "complete", "a"),
        ({"done": False}, "incomplete", "a"),
        ({"done": False, "error": "Boom"}, "error", "a"),
        ({"content": "", "error": "Boom"}, "error", "Boom"),
        ({"content": "", "error": {"detail": "Boom"}}, "error", "Boom"),
        ({"content": "", "error": {"message": "Boom"}}, "error", "Boom"),
    ],
)
async def test_how_an_answer_of_open_webui_ended(more: Any, status: str, text: str) -> None:
    tree, _ = await only(open_webui({"role": "assistant", "content": "a"} | more))
    assert (last_of(tree).status, last_of(tree).text) == (status, text)


async def test_files_and_sources_of_open_webui() -> None:
    message = {
        "role": "assistant",
        "content": "a",
        "model": "m",
        "files": [
            {"content_type": "image/png", "url": PICTURE, "name": "p"},
            {"file": {"filename": "b.wav", "meta": {"content_type": "audio/wav"}}},
            {"file": {"meta": {"content_type": "image/gif"}}},
        ],
        "citations": [
            {
                "source": {"name": "https://a.example/"},
                "document": ["q" * 501],
                "metadata": [
                    {"source": "https://b.example/", "name": "B"},
                    {"url": "https://c.example/", "title": "C"},
                ],
            }
        ],
    }
    tree, importing = await only(open_webui(message))
    assert last_of(tree).parts == [
        File(PICTURE, "image/png", "p"),
        File("", "audio/wav", "b.wav"),
        File("", "image/*", ""),
        Text("a"),
        Source("https://a.example/", "https://a.example/"),
        Source("https://b.example/", "B", "q" * 500),
        Source("https://c.example/", "C"),
    ]
    assert importing.report.left_out == {"sounds": 1, "images": 1}
    assert tree.path()[-1].source == "Open WebUI · m"


async def test_the_chat_of_open_webui_around_its_messages() -> None:
    chat: dict[str, Any] = {"title": "T", "system": "Be kind", "timestamp": 1_700_000_000}
    tree, _ = await only(open_webui({"role": "system", "content": "Too"}, **chat))
    assert (tree.chat.title, tree.chat.created_ms, tree.chat.pinned) == (
        *("T", 1_700_000_000_000, False),
    )
    assert tree.chat.brought is not None
    assert tree.chat.brought.settings.instructions == "Be kind"
    assert tree.chat.brought.system == ["Too"]


# --- LibreChat ---------------------------------------------------------------------------------


def librechat(**answer: Any) -> dict[str, Any]:
    asked = {"messageId": 1, "text": "Hi", "sender": "User"}
    return {"messages": [asked, {"messageId": 2, "text": ""} | answer]}


@pytest.mark.parametrize(
    ("block", "parts", "left_out"),
    [
        ({"type": "text", "text": ""}, [], {}),
        ({"type": "error", "error": "Boom"}, [Text("Boom")], {}),
        ({"type": "think", "think": {"value": "Hm"}}, [Reasoning("Hm")], {}),
        ({"type": "think"}, [], {}),
        ({"type": "tool_call", "tool_call": {"args": {}}}, [ToolCall("2-0", "tool")], {}),
        (
            {
                "type": "tool_call",
                "tool_call": {"function": {"name": "f", "arguments": "{}", "output": "r"}},
            },
            [ToolCall("2-0", "f", "{}"), ToolResult("2-0", "r", "f")],
            {},
        ),
        (
            {"type": "tool_call", "tool_call": {"id": "c", "name": "f", "output": ""}},
            [ToolCall("c", "f"), ToolResult("c", "", "f")],
            {},
        ),
        ({"type": "image_url", "image_url": {"url": PICTURE}}, [PICTURED], {}),
        ({"type": "image_url", "image_url": PICTURE}, [PICTURED], {}),
        (
            {"type": "image_file", "image_file": {"filename": "p"}},
            [File("", "image/*", "p")],
            {"images": 1},
        ),
        ({"type": "agent_update"}, [], {}),
        ({"type": "hologram"}, [], {"unknown": 1}),
    ],
)  # fmt: skip
async def test_blocks_of_librechat(block: Any, parts: list[Part], left_out: dict[str, int]) -> None:
    tree, importing = await only(librechat(content=[block]))
    assert [part for record in tree.path()[1:] for part in record.message.parts] == parts
    assert importing.report.left_out == left_out
    _, importing = await only(librechat(content=[block, block]))
    assert importing.report.left_out == {kind: 2 * count for kind, count in left_out.items()}


@pytest.mark.parametrize(
    ("more", "status"),
    [
        ({}, "complete"),
        ({"unfinished": True}, "incomplete"),
        ({"unfinished": True, "error": True}, "error"),
        ({"unfinished": False, "error": False}, "complete"),
    ],
)
async def test_how_an_answer_of_librechat_ended(more: Any, status: str) -> None:
    tree, _ = await only(librechat(text="a", **more))
    assert last_of(tree).status == status


async def test_a_thought_before_an_answer_of_librechat() -> None:
    for text, parts in {
        ":::thinking\nt\n:::\na": [Reasoning("t"), Text("a")],
        ":::thinking\nt": [Reasoning("t")],
        "a\n:::thinking\nt\n:::": [Text("a\n:::thinking\nt\n:::")],
    }.items():
        tree, _ = await only(librechat(text=text))
        assert tree.path()[-1].message.parts == parts


async def test_files_and_pages_of_librechat() -> None:
    link = {"link": "https://a.example/", "title": "A", "snippet": "Q"}
    attachments = [
        {"filename": "a.png", "type": "image"},
        {"filename": "b.csv"},
        {"web_search": {"topStories": [link], "references": [{"url": "https://b.example/"}]}},
    ]
    files = [{"filename": "c.wav", "type": "audio/wav"}, {"name": "d.png", "type": "image/png"}]
    tree, importing = await only(librechat(text="a", attachments=attachments, files=files))
    assert last_of(tree).parts == [
        File("", "audio/wav", "c.wav"),
        File("", "image/png", "d.png"),
        Text("a"),
        File("", "image/*", "a.png"),
        File("", "", "b.csv"),
        Source("https://a.example/", "A", "Q"),
        Source("https://b.example/"),
    ]
    assert importing.report.left_out == {"sounds": 1, "images": 2, "files": 1}


async def test_messages_of_librechat_without_parents_are_a_row() -> None:
    messages = [{"messageId": at, "text": f"{at}", "sender": "User"} for at in range(1, 4)]
    tree, _ = await only({"messages": messages})
    assert [text for _, text in said(tree)] == ["1", "2", "3"]


# --- llama.cpp ---------------------------------------------------------------------------------


def llamacpp(*messages: dict[str, Any]) -> dict[str, Any]:
    return {"conv": {"id": "v", "name": "N"}, "messages": messages}


async def test_what_is_attached_in_llamacpp() -> None:
    extra = [
        {"type": "imageFile", "name": "p", "url": PICTURE},
        {"type": "AUDIO"},
        {"type": "audioFile"},
        {"type": "TEXT", "content": "a"},
        {"type": "PDF", "name": "b.pdf"},
    ]
    tree, importing = await only(llamacpp({"role": "user", "content": "", "extra": extra}))
    assert last_of(tree).parts == [
        File(PICTURE, "image/png", "p"),
        Text("<file>a"),
        File("", "", "b.pdf"),
    ]
    assert importing.report.left_out == {"sounds": 2, "files": 1}


@pytest.mark.parametrize(
    ("message", "parts"),
    [
        ({"content": "<think>t</think>a"}, [Reasoning("t"), Text("a")]),
        ({"content": "a", "thinking": "t"}, [Reasoning("t"), Text("a")]),
        ({"content": "a", "toolCalls": ""}, [Text("a")]),
        ({"content": "a", "toolCalls": "[{"}, [Text("a")]),
        (
            {"id": 5, "toolCalls": [{"id": "c"}, {"function": {"name": "f", "arguments": "{}"}}]},
            [ToolCall("c", "tool"), ToolCall("5-1", "f", "{}")],
        ),
        ({"content": "a", "type": "root"}, []),
    ],
)
async def test_messages_of_llamacpp(message: dict[str, Any], parts: list[Part]) -> None:
    tree, _ = await only(llamacpp({"role": "user", "content": "Hi"}, {"id": "1"} | message))
    assert [part for one in tree.records() for part in one.message.parts] == [Text("Hi"), *parts]


# --- files that hold several -------------------------------------------------------------------


async def test_every_conversation_is_counted_once() -> None:
    good = {"messages": [{"role": "user", "content": "Hi"}]}
    empty = {"id": "e", "messages": [{"role": "user", "content": ""}]}
    values = [good | {"id": "1"}, good | {"id": "2"}, empty, good | {"id": "1"}]
    trees, importing = await taken_in(values)
    report = importing.report
    assert (len(trees), report.found, report.known, report.empty, report.damaged) == (2, 4, 1, 1, 0)
    assert (report.too_large, report.is_cut, report.named) == (0, False, [])


async def test_the_first_five_of_the_damaged_are_named() -> None:
    bad = [b'{"messages": [}' for _ in range(7)]
    trees, importing = await taken_in(b"\n".join([*bad, lines(*_HI)]), "a.jsonl")
    assert len(trees) == 1
    assert (importing.report.found, importing.report.damaged) == (8, 7)
    assert importing.report.named == ["1", "2", "3", "4", "5"]


_HI = [{"role": "user", "content": "Hi"}]


async def test_a_conversation_of_lines_ends_where_another_begins() -> None:
    told = {"type": "session", "id": "v", "name": "First"}
    line = {"id": "1", "convId": "v", "role": "user", "content": "Hi"}
    other = line | {"convId": "w", "content": "Ho"}
    alone = {"role": "user", "content": "Alone"}
    trees, importing = await taken_in(lines(told, line, other, alone), "a.jsonl")
    assert [said(tree) for tree in trees] == [
        *([("user", "Hi")], [("user", "Ho")], [("user", "Alone")]),
    ]
    assert [tree.chat.title for tree in trees] == ["First", "Ho", "Alone"]
    assert importing.report.found == 3


async def test_items_without_a_message_before_them_are_no_chat() -> None:
    item = {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"}
    trees, importing = await taken_in(lines(item, *_HI, item), "a.jsonl")
    assert len(trees) == 1
    assert [one.message.role for one in trees[0].path()] == ["user", "assistant"]
    assert importing.report.found == 1


@pytest.mark.parametrize(("depth", "found"), [(1, 1), (2, 1), (3, 0)])
async def test_lists_in_lists_are_looked_into_twice(depth: int, found: int) -> None:
    value: Any = {"messages": _HI}
    for _ in range(depth):
        value = [value]
    trees, _ = await taken_in(lines(value, {"messages": _HI, "id": "beside"}), "a.jsonl")
    assert len(trees) == found + 1
