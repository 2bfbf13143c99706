"""ChatGPT's conversations: trees of nodes, some of them hidden, with tools and pictures."""

import json
from base64 import b64encode
from functools import partial
from typing import Any

from app.core.messages import File, Reasoning, Source, Text, ToolCall, ToolResult
from app.history.foreign import chatgpt
from tests.counting import instructions
from tests.history.foreign.files import archive, said, taken_in

PNG = b"\x89PNG\r\n\x1a\n and so on"


def node(id: str, parent: str | None, role: str, content: Any, **more: Any) -> dict[str, Any]:
    """One node of a mapping; `content` is its text, or the whole content."""
    if isinstance(content, str):
        content = {"content_type": "text", "parts": [content]}
    message = {
        "id": id,
        "author": {"role": role, "name": more.pop("name", None)},
        "create_time": more.pop("create_time", None),
        "content": content,
        "recipient": more.pop("recipient", "all"),
        "status": more.pop("status", "finished_successfully"),
        "metadata": more,
    }
    return {"id": id, "parent": parent, "children": [], "message": message}


def conversation(*nodes: dict[str, Any], **more: Any) -> dict[str, Any]:
    root: dict[str, Any] = {"id": "root", "parent": None, "children": [], "message": None}
    mapping = {each["id"]: each for each in (root, *nodes)}
    return {"title": "Tides", "conversation_id": "c1", "mapping": mapping} | more


async def test_a_tree_comes_with_its_branches_models_and_times() -> None:
    value = conversation(
        node("q", "root", "user", "Why tides?", create_time=1_700_000_000.5),
        node("a", "q", "assistant", "The moon.", create_time=1_700_000_002, model_slug="gpt-4o"),
        node("b", "q", "assistant", "Moon and sun.", create_time=1_700_000_001, model_slug="o3"),
        node("r", "b", "user", "Thanks"),
        create_time=1_700_000_000,
        update_time=1_700_000_009,
        current_node="a",
        is_starred=True,
    )
    [tree], importing = await taken_in([value])
    assert importing.app == "ChatGPT"
    assert said(tree) == [("user", "Why tides?"), ("assistant", "The moon.")]
    answer = tree.path()[-1]
    assert (answer.message.model, answer.source) == ("gpt-4o", "ChatGPT · gpt-4o")
    assert answer.created_ms == 1_700_000_002_000
    assert [one.message.text for one in tree.siblings(answer.id)] == ["Moon and sun.", "The moon."]
    assert (tree.chat.title, tree.chat.pinned) == ("Tides", True)
    assert (tree.chat.created_ms, tree.chat.updated_ms) == (1_700_000_000_000, 1_700_000_009_000)
    assert tree.chat.brought is None


async def test_what_stands_in_a_canvas_is_read_as_an_answer_is() -> None:
    for written, text in {
        '{"name": "a", "type": "document", "content": "# Otters"}': "# Otters",
        '{"type": "code/python", "content": "print(1)"}': "```python\nprint(1)\n```",
        '{"type": "code/bash", "content": "```"}': "``````bash\n```\n``````",
        '{"type": "document", "content": ""}': "",
        "{half": "",
        "[1]": "",
    }.items():
        value = conversation(
            node("q", "root", "user", "Write"),
            node("a", "q", "assistant", written, recipient="canmore.create_textdoc"),
        )
        [tree], _ = await taken_in([value])
        answer = tree.path()[-1].message
        assert answer.text == text
        assert isinstance(answer.parts[-1], ToolCall)


def edit(id: str, parent: str, *updates: tuple[str, str, bool]) -> dict[str, Any]:
    told = [
        {"pattern": pattern, "replacement": new, "multiple": multiple}
        for pattern, new, multiple in updates
    ]
    written = json.dumps({"updates": told})
    return node(id, parent, "assistant", written, recipient="canmore.update_textdoc")


async def test_edits_of_a_canvas_are_carried_out_where_they_say_all() -> None:
    first = '{"type": "document", "content": "Otters (two) swim. Otters dive."}'
    nodes = [
        node("q", "root", "user", "Write"),
        node("a", "q", "assistant", first, recipient="canmore.create_textdoc"),
        node("t", "a", "tool", "Successfully created", name="canmore.create_textdoc"),
        edit("b", "t", (r"Otters \(two\)", "Three otters", False)),
        edit("c", "b", ("Otters", "Beavers", True), ("dive", "gnaw", False)),
        edit("d", "c", (".*", r"All new \1.", False)),
        edit("e", "c", ("(a+)+$", "slow", True)),
        edit("f", "c", ("not there", "x", False)),
        edit("g", "q", (".*", "of no document", False)),
    ]
    for order in (nodes, nodes[::-1]):
        [tree], importing = await taken_in([conversation(*order)])
        texts = {
            record.message.text for record in tree.records() if record.message.role == "assistant"
        }
        assert texts == {
            "Otters (two) swim. Otters dive.",
            "Three otters swim. Otters dive.",
            "Three otters swim. Beavers gnaw.",
            r"All new \1.",
            "",
        }
        assert importing.report.left_out == {"canvas edits": 3}


async def test_a_canvas_that_grows_with_each_edit_ends() -> None:
    first = '{"type": "document", "content": "a"}'
    edits = [edit(f"{n}", f"{n - 1}" if n else "a", ("a", "aa" * 50, True)) for n in range(30)]
    value = conversation(
        node("q", "root", "user", "Write"),
        node("a", "q", "assistant", first, recipient="canmore.create_textdoc"),
        *edits,
    )
    [tree], importing = await taken_in([value])
    assert sum(len(record.message.text) for record in tree.records()) < 11_000_000
    assert importing.report.left_out["canvas edits"] == 27


async def test_edits_that_go_through_a_long_canvas_again_and_again_end() -> None:
    first = json.dumps({"type": "document", "content": "a" * 1_000_000})
    there_and_back = [("a", "b", False), ("b", "a", False)]
    value = conversation(
        node("q", "root", "user", "Write"),
        node("a", "q", "assistant", first, recipient="canmore.create_textdoc"),
        edit("e", "a", *there_and_back * 40),
        edit("f", "e", *there_and_back * 2000),
    )
    _, importing = await taken_in([value])
    assert importing.report.left_out == {"canvas edits": 1}


async def test_what_was_hidden_stays_out_and_nothing_falls_apart_by_it() -> None:
    profile = {"content_type": "user_editable_context", "user_instructions": "Be brief"}
    hidden = {"is_visually_hidden_from_conversation": True}
    value = conversation(
        node("s", "root", "system", "", **hidden),
        node("u", "s", "user", profile),
        node("q", "u", "user", "Hi"),
        node("x", "q", "system", "Obey the file", **hidden),
        node("a", "x", "assistant", "Hello"),
    )
    [tree], importing = await taken_in([value])
    assert said(tree) == [("user", "Hi"), ("assistant", "Hello")]
    assert importing.report.left_out["hidden"] == 2
    assert tree.chat.brought is None


async def test_thoughts_tools_and_sources_come_along() -> None:
    thoughts = {"content_type": "thoughts", "thoughts": [{"summary": "Look", "content": "it up"}]}
    code = {"content_type": "code", "language": "python", "text": "print(6*7)"}
    output = {"content_type": "execution_output", "text": "42"}
    marked = "It is 42 \ue200cite\ue202turn0search0\ue201 by \ue200entity\ue202x\ue201."
    references = [
        {
            "type": "grouped_webpages",
            "matched_text": "\ue200cite\ue202turn0search0\ue201",
            "items": [
                {"title": "Answers", "url": "https://example.org/42"},
                {"title": "Run me", "url": "javascript:alert(1)"},
            ],
        },
        {"type": "entity", "matched_text": "\ue200entity\ue202x\ue201", "name": "Adams"},
    ]
    value = conversation(
        node("q", "root", "user", "6 by 7?"),
        node("t", "q", "assistant", thoughts),
        node("r", "t", "assistant", {"content_type": "reasoning_recap", "content": "2 s"}),
        node("c", "r", "assistant", code, recipient="python"),
        node("o", "c", "tool", output, name="python"),
        node("a", "o", "assistant", marked, content_references=references),
        node("z", "a", "tool", "memory updated", name="bio"),
    )
    [tree], _ = await taken_in([value])
    parts = [part for record in tree.path() for part in record.message.parts]
    assert parts == [
        Text("6 by 7?"),
        Reasoning("Look\nit up"),
        ToolCall("c", "python", '{"input":"print(6*7)"}'),
        ToolResult("c", "42", "python"),
        Text("It is 42  by Adams."),
        Source("https://example.org/42", "Answers"),
        ToolResult("c", "memory updated", "bio"),
    ]
    roles = [record.message.role for record in tree.path()]
    assert roles == ["user", "assistant", "assistant", "tool", "assistant", "tool"]


async def test_pictures_come_from_the_archive_and_from_nowhere_else() -> None:
    def picture(id: str) -> dict[str, Any]:
        return {"content_type": "image_asset_pointer", "asset_pointer": id}

    parts = [
        picture("file-service://file-Ab1"),
        picture("sediment://file_00ff"),
        "Which?",
        picture("file-service://file-gone"),
        picture("https://tracker.example/x.png"),
    ]
    attachments = [
        {"id": "file-Ab1", "name": "otter.png", "mime_type": "image/png"},
        {"id": "file-doc", "name": "notes.pdf", "mime_type": "application/pdf"},
    ]
    asked = {"content_type": "multimodal_text", "parts": parts}
    value = conversation(node("q", "root", "user", asked, attachments=attachments))
    files = {
        "export/conversations.json": json.dumps([value]).encode(),
        "export/file-Ab1-otter.png": PNG,
        "export/dalle/file_00ff-1.webp": b"RIFF....WEBP",
        "export/chat.html": b"<html>",
    }
    [tree], importing = await taken_in(archive(files), "export.zip")
    url = f"data:image/png;base64,{b64encode(PNG).decode()}"
    [first, *others] = [part for part in tree.path()[0].message.parts if isinstance(part, File)]
    assert first == File("", "application/pdf", "notes.pdf")
    assert others[0] == File(url, "image/png", "otter.png")
    assert others[1].mime_type == "image/webp"
    assert [file.url for file in others[2:]] == ["", ""]
    assert importing.report.left_out == {"images": 2, "files": 1}


async def test_stopped_and_cut_answers_are_told_as_such() -> None:
    stopped = {"finish_details": {"type": "interrupted"}}
    cut = {"finish_details": {"type": "max_tokens"}}
    value = conversation(
        node("q", "root", "user", "Go"),
        node("a", "q", "assistant", "Stopped", **stopped),
        node("b", "q", "assistant", "Cut", **cut),
        node("c", "q", "assistant", "Half", status="in_progress"),
    )
    [tree], _ = await taken_in([value])
    messages = {one.message.text: one.message for one in tree.records()}
    assert messages["Stopped"].status == "aborted"
    assert messages["Cut"].finish_reason == "length"
    assert messages["Half"].status == "incomplete"


async def test_nodes_in_a_circle_or_without_a_parent_are_shown() -> None:
    value = conversation(
        node("a", "b", "user", "One"), node("b", "a", "assistant", "Two"),
        node("c", "gone", "user", "Three"), current_node="nowhere",
    )  # fmt: skip
    [tree], _ = await taken_in([value])
    assert {one.message.text for one in tree.records()} == {"One", "Two", "Three"}


def test_tools_in_a_row_that_nobody_called_cost_no_more_in_a_long_chat() -> None:
    def of(count: int) -> dict[str, Any]:
        return conversation(
            *(node(f"n{at}", f"n{at - 1}", "tool", "Done") for at in range(1, count + 1))
        )

    short, long = (instructions(partial(chatgpt.read, of(n))) for n in (400, 1600))
    assert long < 6 * short


async def test_what_the_code_interpreter_drew_comes_from_the_archive() -> None:
    drawn = {"messages": [{"message_type": "image", "image_url": "file-service://file-abc"}]}
    value = conversation(
        node("q", "root", "user", "Plot"),
        node("c", "q", "assistant", {"content_type": "code", "text": "plot()"}, recipient="python"),
        node(
            "t",
            "c",
            "tool",
            {"content_type": "execution_output", "text": "done"},
            name="python",
            aggregate_result=drawn,
        ),
        node("a", "t", "assistant", "Half", status="error"),
        current_node="a",
    )
    files = {"conversations.json": json.dumps([value]).encode(), "file-abc-plot.png": PNG}
    [tree], importing = await taken_in(archive(files), "a.zip")
    parts = [part for record in tree.path() for part in record.message.parts]
    url = f"data:image/png;base64,{b64encode(PNG).decode()}"
    assert File(url, "image/png", "file-abc-plot.png") in parts
    assert tree.path()[-1].message.status == "error"
    assert not importing.report.left_out
