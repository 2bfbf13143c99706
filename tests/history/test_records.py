"""What is kept, and the title that a question gives."""

import msgspec
import pytest

from app.history.records import ChatRecord, ChatSettings, MessageRecord, title_of
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
    ],
)
def test_a_title_is_the_first_line_cut_at_a_word(question: str, title: str) -> None:
    assert title_of(question) == title
