"""The files of a chat by name."""

from base64 import b64encode

import pytest

from app.browser.conversation import chat_files
from app.browser.conversation.chat_files import (
    documents_of,
    files_of,
    looked_up_in,
    with_folder_told,
    with_tools_told,
)
from app.browser.conversation.composer.seen import as_seen, document, told_of
from app.core.messages import File, Message, Part, Text
from app.core.text.text_files import framed
from app.documents.places import Place, joined


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


@pytest.mark.parametrize(
    "name", ["gpj\u202e.exe", "a\ud83d.csv", "a\nb.csv", "a\x1b[2J.csv", "a\0"]
)
def test_a_name_has_no_letters_that_are_not_seen_and_no_half_ones(name: str) -> None:
    (found,) = files_of([asked(image(b"x", name))])
    assert found.isprintable()
    assert found.isascii()


def test_a_name_without_end_keeps_its_ending() -> None:
    (found,) = files_of([asked(image(b"x", "n" * 100_000 + ".csv"))])
    assert found.endswith("nnn.csv")
    assert len(found) < 200


def test_what_cannot_be_read_is_left_out() -> None:
    assert files_of([asked(File("data:image/png;base64,!", "image/png", "a.png"))]) == {}
    assert files_of([asked(File("data:text/plain,plain", "text/plain", "a.txt"))]) == {}


def test_what_is_there_is_not_read_again() -> None:
    messages = [asked(framed("a.csv", "1"), image(b"two", "b.png"))]
    assert files_of(messages, {"a.csv"}) == {"b.png": b"two"}


def test_a_file_is_the_same_however_much_of_it_a_model_sees() -> None:
    whole, told = framed("a.csv", "x,y\n"), told_of("a.csv", b"x,y\n")
    assert files_of([asked(whole), asked(told)]) == {"a.csv": b"x,y\n"}


def test_each_question_says_under_which_names_python_has_its_files() -> None:
    told = told_of("a.csv", b"x,y\n")
    named = as_seen(told_of("a.csv", b"other"), "name")
    messages = [
        asked(told, image(b"one", "p.png"), Text("Look")),
        Message("assistant", [Text("I do.")]),
        asked(named, Text("And this?")),
        asked(Text("No file")),
    ]
    found = with_folder_told(messages)
    assert found[0].parts[2:] == [
        Text("In the working folder of run_python: a.csv, p.png (image/png, 3 bytes)\n\n"),
        Text("Look"),
    ]
    assert found[2].parts[1] == Text("In the working folder of run_python: a (2).csv\n\n")
    assert [found[1], found[3]] == [messages[1], messages[3]]


def test_tools_look_things_up_in_what_a_model_may_see_and_does_not_see_whole() -> None:
    text = joined([Place("page 1", "Words")])
    part = document("a.pdf", b"%PDF-", "application/pdf", text)
    ways = {way: as_seen(part, way) for way in ("summary", "all", "name")}
    found = {way: looked_up_in([asked(one, Text("?"))]) for way, one in ways.items()}
    assert found == {"summary": {"a.pdf": text}, "all": {}, "name": {}}
    # A person opens any of them.
    assert all(documents_of([asked(one)]) == {"a.pdf": text} for one in ways.values())
    told = with_tools_told([asked(ways["summary"], Text("?")), asked(ways["name"], Text("!"))])
    assert told[0].parts[1] == Text(
        "All of it can be looked up by search_files and read_file: a.pdf\n\n"
    )
    assert told[1].parts[1:] == [Text("!")]


def test_no_file_is_decoded_to_find_that_there_are_no_documents(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def decode(part: Part) -> bytes | None:
        raise AssertionError(f"{part} was decoded")

    monkeypatch.setattr(chat_files, "data_of", decode)
    # As pictures are called that are pasted.
    pasted = [image(b"one", "image.png"), image(b"longer", "image.png")]
    assert looked_up_in([asked(*pasted), asked(*pasted)]) == {}
    # And one is told from another by its size.
    text = joined([Place("page 1", "Words")])
    part = as_seen(document("a.pdf", b"%PDF-", "application/pdf", text), "summary")
    assert looked_up_in([asked(*pasted, part)]) == {"a.pdf": text}
