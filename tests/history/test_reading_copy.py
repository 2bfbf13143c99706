"""A chat as one document to read: what was said, thought and asked of tools, and how it ended."""

import pytest

from app.core.errors import ErrorInfo
from app.core.messages import (
    File,
    FinishReason,
    Message,
    Part,
    Reasoning,
    Refusal,
    Status,
    Text,
    ToolCall,
    ToolResult,
    user,
)
from app.history.reading_copy import ending_of, to_markdown
from app.history.records import MessageRecord
from app.history.tree import Tree
from tests.history.chats import chat
from tests.history.test_markdown import OPEN, last_blocks

PICTURE = File("data:image/png;base64,AAAA", "image/png", "boat.png")


def written(*messages: Message, title: str = "") -> str:
    tree = Tree(chat(title=title))
    parent = ""
    for number, message in enumerate(messages):
        source = "Demo" if message.role == "assistant" else ""
        tree.add(MessageRecord(str(number), "c", number, message, parent, source))
        parent = str(number)
    return to_markdown(tree)


def answer(*parts: Part) -> Message:
    return Message("assistant", list(parts), status="complete")


def test_it_reads_like_the_chat() -> None:
    asked = Message("user", [PICTURE, Text("What is this?")], status="complete")
    call = ToolCall("1", "look", '{"at": "`"}')
    first = answer(Reasoning("A picture."), Text("Let me look."), call)
    results = Message("tool", [ToolResult("1", "a boat")], status="complete")
    last = Message("assistant", [Text("A boat, I thi")], status="incomplete")
    assert written(asked, first, results, last, title="A\nboat") == (
        "# A boat\n\n## You\n\n(boat.png)\n\nWhat is this?\n\n## Demo\n\n"
        "<details>\n<summary>Reasoning</summary>\n\nA picture.\n\n</details>\n\nLet me look.\n\n"
        'Tool call: `` look({"at": "`"}) ``\n\n<details>\n<summary>Result</summary>\n\n'
        "```\na boat\n```\n\n</details>\n\nA boat, I thi\n\n*This answer was cut off.*\n"
    )


def test_the_hidden_request_to_go_on_is_passed_over() -> None:
    tree = Tree(chat())
    tree.add(MessageRecord("1", "c", 1, user("Go on"), note="continue"))
    assert to_markdown(tree) == "# Chat\n"


def test_thoughts_of_one_stretch_are_one_and_hidden_ones_none() -> None:
    parts: list[Part] = [
        Reasoning("One"),
        Reasoning("", "hidden"),
        Reasoning("\nTwo\n"),
        Text("Said"),
    ]
    text = written(answer(*parts, Reasoning(" ", "hidden"), Text("More")))
    assert text.count("<details>") == text.count("</details>") == 1
    assert "\n\nOne\n\nTwo\n\n</details>\n\nSaid\n\nMore\n" in text


def test_half_characters_stop_no_export() -> None:
    call = ToolCall("1", "run_python", '{"code": "e\\ud83d"}')
    first = answer(Reasoning("a\ud83d"), Text("b\ud83d"), call)
    text = written(first, Message("tool", [ToolResult("1", "c\ud83d")]), title="d\ud83d")
    assert all(f"{letter}?" in text for letter in "abcde")
    assert text.encode() == text.encode("utf-8", "replace")


@pytest.mark.parametrize("thought", [*OPEN, "</details>", "- a </details>\n\n<details>"])
def test_no_thought_passes_for_what_was_said(thought: str) -> None:
    text = written(answer(Reasoning(thought), Text("Said")))
    head, _, tail = text.rpartition("</details>")
    assert tail == "\n\nSaid\n"
    within = head.replace("\\</details>", "")
    assert within.count("<details>") == within.count("</details>") + 1
    assert last_blocks(text)[-1] == "Said\n"


@pytest.mark.parametrize(
    ("status", "finish_reason", "error", "ending"),
    [
        ("error", None, ErrorInfo("quota", "No credit\nis left."), "failed: No credit is left."),
        ("error", "error", None, "failed."),
        ("incomplete", None, ErrorInfo("read", "It broke."), "was cut off: It broke."),
        ("aborted", None, None, "was stopped."),
        ("complete", "length", None, "reached its length limit."),
        ("complete", "stop", None, ""),
        (None, None, None, ""),
    ],
)
def test_how_it_ended_is_told_with_its_reason(
    status: Status | None, finish_reason: FinishReason | None, error: ErrorInfo | None, ending: str
) -> None:
    message = Message("assistant", status=status, finish_reason=finish_reason, error=error)
    assert ending_of(message) == (f"This answer {ending}" if ending else "")
    assert ending_of(Message("user", status="error")) == ""


def test_what_a_provider_says_of_a_failure_is_words() -> None:
    said = ErrorInfo("server", "<b>*502*</b> `x`")
    text = written(Message("assistant", [], status="error", error=said))
    assert text.endswith("*This answer failed: \\<b\\>\\*502\\*\\</b\\> \\`x\\`*\n")


def test_who_ended_it_is_told_where_it_was_not_the_model() -> None:
    for reason in ("content_filter", "error"):
        message = Message("assistant", [Text("A")], status="complete", finish_reason=reason)
        assert "provider" in ending_of(message)


def test_a_file_elsewhere_is_a_link_and_an_odd_address_none() -> None:
    far = File("https://example.org/a.csv", "text/csv", "a*.csv")
    odd = File("https://example.org/a> b", "text/csv", "b.csv")
    text = written(answer(far, odd, Refusal("No.")))
    assert "[a\\*.csv](<https://example.org/a.csv>)\n\n(b.csv)\n\nNo.\n" in text
