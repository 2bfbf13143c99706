"""Records of chats, and the title that a question gives."""

from base64 import b64encode

import msgspec
import pytest

from app.core.errors import ErrorInfo
from app.core.messages import File, Message, Part, Text, ToolCall
from app.core.wire.secrets import Secrets
from app.history.records import (
    Brought,
    ChatRecord,
    ChatSettings,
    MessageRecord,
    title_of,
    without,
)
from tests.history.chats import branched, chat


def test_records_come_back_from_json_as_they_were() -> None:
    record = chat(title="A", pinned=True, settings=ChatSettings(temperature=0.5, tools=[]))
    assert msgspec.json.decode(msgspec.json.encode(record), type=ChatRecord) == record
    for message in branched().records():
        data = msgspec.json.encode(message)
        assert msgspec.json.decode(data, type=MessageRecord) == message


def test_fields_of_a_later_version_are_passed_over() -> None:
    data = b'{"id":"c","created_ms":1,"updated_ms":2,"colour":"blue"}'
    assert msgspec.json.decode(data, type=ChatRecord) == chat()


def test_what_was_kept_without_a_field_means_what_it_meant() -> None:
    data = b'{"id":"m","chat_id":"c","created_ms":1,"message":{"role":"user"}}'
    message = msgspec.json.decode(data, type=MessageRecord)
    assert (message.tries, message.lost_s) == (1, 0)
    assert (message.from_file, message.is_begun_elsewhere) == (False, False)
    data = b'{"id":"c","created_ms":1,"updated_ms":2}'
    kept = msgspec.json.decode(data, type=ChatRecord)
    assert (kept.deleted_ms, Brought().echoes) == (0, 0)
    assert (kept.pinned, kept.is_titled, kept.takes_file, kept.on_server) == (False,) * 4


@pytest.mark.parametrize(
    ("question", "title"),
    [
        ("Hello", "Hello"),
        ("\n\n  ## A heading\nand more", "A heading"),
        ("two   spaces\tand a tab", "two spaces and a tab"),
        ("", ""),
        ("   \n ", ""),
        (
            "a question that is much longer than a line of the list of chats can show",
            "a question that is much longer than a line of the list of…",
        ),
        ("x" * 100, "x" * 60 + "…"),
        ("x" * 60, "x" * 60),
        ("x" * 61, "x" * 60 + "…"),
        # Half of it, and no more, is not given up for a whole word.
        ("x" * 30 + " " + "y" * 40, "x" * 30 + " " + "y" * 29 + "…"),
        ("x" * 31 + " " + "y" * 40, "x" * 31 + "…"),
        ("```python\nprint(1)\n```\nWhat does this print?", "What does this print?"),
        ("~~~\nls -la\n~~~\n\nWhat is this?", "What is this?"),
        ("> ```sh\n> ls\n> ```\nWhat?", "What?"),
        ("1. ```js\n   f()\n   ```\nWhat?", "What?"),
        ("````md\n```\nx\n```\n````\nWhat?", "What?"),
        ("Why?\n```python\nprint(1)", "Why?"),
        ('```python title="a.py"\nprint(1)\n```', "print(1)"),
        ("```\n```", ""),
        ("```ls -la``` does what?", "ls -la does what?"),
        ("**Bold** and `code` of ***x***", "Bold and code of x"),
        ("2 * 3 ** 4, __init__.py, F# or C#?", "2 * 3 ** 4, __init__.py, F# or C#?"),
        ("## A ##\nx", "A"),
        ("$$\nx^2\n$$\nExplain", "x^2"),
        ("---\n***\n===\n| - |\nHello", "Hello"),
        ("[This page](https://a.example/x) says what?", "This page says what?"),
        ("<details>\nx", "<details>"),
        ("😀", "😀"),
    ],
)
def test_a_title_is_the_first_line_cut_at_a_word(question: str, title: str) -> None:
    assert title_of(question) == title


KEY = "sk-LEAKTEST-0123456789"


def test_a_key_leaves_a_record_and_what_a_person_attached_stays() -> None:
    said = ErrorInfo("auth", f"Wrong key {KEY}", raw={"error": [{"key": KEY.upper()}]})
    parts: list[Part] = [Text(f"It is {KEY}"), ToolCall("c1", "mail", f'{{"to": "{KEY}"}}')]
    answer = MessageRecord(
        "a", "c", 1, Message("assistant", parts, error=said, warnings=[f"Odd: {KEY}"])
    )
    cleaned = without(answer, Secrets([KEY]))
    assert KEY.lower() not in msgspec.json.encode(cleaned).decode().lower()
    assert cleaned.message.error is not None
    assert cleaned.message.error.message == "Wrong key (hidden)"
    assert answer.message.text == f"It is {KEY}"  # the one in hand is not changed

    file = File("data:text/plain;base64," + b64encode(KEY.encode()).decode(), "text/plain", "a.txt")
    question = MessageRecord("q", "c", 1, Message("user", [Text(f"Mine is {KEY}"), file]))
    assert without(question, Secrets([KEY])).message.parts == [Text("Mine is (hidden)"), file]
    assert without(question, Secrets(["another-key-1"])) is question
