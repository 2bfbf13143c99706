"""The files of a chat by name."""

from base64 import b64encode

import pytest

from app.browser.conversation.chat_files import files_of
from app.browser.conversation.composer.text_files import framed
from app.core.messages import File, Message, Part, Text


def asked(*parts: Part) -> Message:
    return Message("user", list(parts))


def image(data: bytes, name: str = "") -> File:
    return File(f"data:image/png;base64,{b64encode(data).decode()}", "image/png", name)


def test_what_was_attached_is_there_by_its_name() -> None:
    messages = [
        asked(framed("a.csv", "x,y\n"), image(b"one", "p.png"), Text("a question")),
        Message("assistant", [image(b"drawn", "drawn.png")]),
        asked(image(b"two"), File("https://example.org/a.png", "image/png", "far.png")),
    ]
    assert files_of(messages) == {"a.csv": b"x,y\n", "p.png": b"one", "file 3.png": b"two"}


def test_a_name_that_is_taken_gets_a_number() -> None:
    messages = [asked(framed("a.csv", "1")), asked(framed("a.csv", "2"), framed("a.csv", "1"))]
    assert files_of(messages) == {"a.csv": b"1", "a (2).csv": b"2"}


@pytest.mark.parametrize("name", ["../../etc/passwd", "/abs", "..", ".hidden", "a\\b:c"])
def test_no_name_leads_elsewhere(name: str) -> None:
    (found,) = files_of([asked(image(b"x", name))])
    assert not set(found) & set("/\\:")
    assert not found.startswith(".")


def test_what_cannot_be_read_is_left_out() -> None:
    assert files_of([asked(File("data:image/png;base64,!", "image/png", "a.png"))]) == {}
    assert files_of([asked(File("data:text/plain,plain", "text/plain", "a.txt"))]) == {}
