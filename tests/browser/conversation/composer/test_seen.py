"""How much of a file a model sees."""

from base64 import b64encode

import msgspec
import pytest

from app.browser.conversation.composer import seen
from app.browser.conversation.composer.seen import (
    WHOLE_DOCUMENT,
    as_seen,
    choices,
    data_of,
    document,
    file_size_of,
    is_here,
    mime_type_of,
    seen_of,
    size_of,
    told_of,
    with_note,
)
from app.core.messages import File, Message, Part, Text, user
from app.core.options import Options
from app.core.text.text_files import framed, unframed
from app.documents.places import Place, joined
from app.providers.provider import Provider

PROTOCOLS = (
    "ag-ui",
    "anthropic-messages",
    "gemini",
    "gemini-interactions",
    "ollama",
    "openai-chat",
    "openai-responses",
    "tokenfall",
)
TABLE = "name,secret\nAda,XYZZY\n"
IMAGE = File(f"data:image/png;base64,{b64encode(b'XYZZY pixels').decode()}", "image/png", "a.png")


@pytest.mark.parametrize("part", [framed("a.csv", TABLE), IMAGE])
def test_each_way_leads_to_each_other(part: Part) -> None:
    data = data_of(part)
    assert choices(part) == ["summary", "all", "name"]
    for first in choices(part):
        for second in choices(part):
            seen = as_seen(as_seen(part, first), second)
            assert seen_of(seen) == second
            assert data_of(seen) == data
    assert as_seen(as_seen(part, "name"), "all") == part


@pytest.mark.parametrize("file", ["größe,x\n1,2\n".encode("cp1252"), "größe,x\n".encode("utf-16")])
def test_the_size_of_a_file_is_told_however_its_text_is_kept(file: bytes) -> None:
    text = file.decode("utf-16" if file[:1] == b"\xff" else "cp1252")
    part: Part = framed("a.csv", text, len(file))
    for each in (*choices(part), "all", "summary"):
        part = as_seen(part, each)
        assert file_size_of(part) == len(file) != size_of(part)
    assert isinstance(part, File)
    assert f", {len(file)} bytes, " in part.told
    looked_up = document("a.txt", text.encode(), "", joined([Place("lines 1–2", text)]), len(file))
    assert file_size_of(looked_up) == len(file)
    assert f"({len(file)} bytes, " in looked_up.told


@pytest.mark.parametrize("size_bytes", [10**400, -5])
def test_a_size_that_no_file_has_is_not_believed(size_bytes: int) -> None:
    carried = Text(framed("a.txt", "four").text, size_bytes)
    file = msgspec.structs.replace(IMAGE, size_bytes=size_bytes)
    assert [file_size_of(carried), file_size_of(file)] == [4, size_of(IMAGE)]


def test_what_no_model_takes_can_not_be_seen_whole() -> None:
    part = told_of("a.zip", b"PK\3\4\0\xff", "application/zip")
    assert choices(part) == ["summary", "name"]
    assert part.told == "File: a.zip (a zip archive, 6 bytes)"
    name = as_seen(part, "name")
    assert isinstance(name, File)
    assert name.told == "File: a.zip"
    assert as_seen(part, "all") == part


def test_a_large_text_can_not_be_seen_whole() -> None:
    part = told_of("a.csv", b"a,b\n" * 300_000)
    assert choices(part) == ["summary", "name"]
    assert unframed(part) is None


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_file_that_is_told_of_goes_to_no_provider(protocol: str) -> None:
    provider = Provider("any", "Any", "https://example.org", protocol=protocol)
    files = [as_seen(IMAGE, "name"), told_of("a.bin", b"\0XYZZY")]
    asked = [user([*files, Text("Look")]), Message("assistant", [Text("I do.")]), user("And?")]
    body = provider.render(asked, model="any", options=Options(), stream=True).body
    for part in files:
        data = data_of(part)
        assert data is not None
        assert b64encode(data) not in body
    assert b"File: a.png" in body
    assert b"File: a.bin (.bin file, 6 bytes)" in body


def test_a_document_is_seen_whole_while_it_is_short() -> None:
    text = joined([Place("page 1", "First"), Place("page 2", "Second")], "A note.")
    part = document("a.pdf", b"%PDF-1.7", "application/pdf", text)
    assert seen_of(part) == "all"
    assert part.told == (
        "File: a.pdf (a PDF, 8 bytes, 11 characters of text)\nA note.\n\n"
        "[page 1]\nFirst\n\n[page 2]\nSecond"
    )
    long = joined([Place(f"page {n}", f"{n}" * 1_000) for n in range(1, 101)])
    assert len(long) > WHOLE_DOCUMENT
    part = document("b.pdf", b"%PDF-1.7", "", long)
    assert seen_of(part) == "summary"
    assert len(part.told) < 3_000
    assert "\nIts places: page 1 to page 100\n" in part.told
    cells = joined([Place(f"cell {n}", f"{n}" * 1_000) for n in range(2, 102)])
    assert "cell 60; cell 61 … cell 101\n" in document("c.ipynb", b"{}", "", cells).told


@pytest.mark.parametrize("name", ["a.pdf", "a.html"])
def test_a_document_can_be_seen_in_each_way_and_keeps_its_text(name: str) -> None:
    text = joined([Place("beginning", "Words")])
    part = document(name, b"<p>Words", "", text)
    ways = choices(part)
    assert ("source" in ways) == (name == "a.html")
    for first in ways:
        for second in ways:
            seen = as_seen(as_seen(part, first), second)
            assert isinstance(seen, File)
            assert (seen_of(seen), seen.text, data_of(seen)) == (second, text, b"<p>Words")


def test_a_document_of_more_text_than_may_be_sent_is_never_seen_whole() -> None:
    part = document("a.pdf", b"%PDF-1.7", "", joined([Place("page 1", "x" * 1_000_001)]))
    assert choices(part) == ["summary", "name"]
    assert seen_of(part) == "summary"


def test_bytes_types_and_names_of_what_is_attached() -> None:
    for size in range(6):
        part = told_of("a.bin", bytes(size), "application/x-odd")
        assert (size_of(part), is_here(part)) == (size, True)
        assert part.url.startswith("data:application/x-odd;base64,")
    assert size_of(framed("a.txt", "ä")) == 2
    assert size_of(Text("no file")) == 0
    assert size_of(File("https://a.example/")) == 0
    assert not is_here(File("https://a.example/"))
    assert told_of("a.csv", b"a,b\n").mime_type == "text/csv"
    assert told_of("a.unheard-of", b"\0").mime_type == "application/octet-stream"
    assert mime_type_of(File("data:image/png;base64,AAAA")) == "image/png"
    assert mime_type_of(File("data:image/png;base64,AAAA", "image/gif")) == "image/gif"
    assert mime_type_of(File("https://a.example/")) == mime_type_of(Text("a")) == ""
    assert data_of(File("data:image/png;base64,A")) is None
    assert with_note(told_of("a.bin", b"\0"), "Note.").told.endswith("\nNote.")


def test_just_so_much_text_is_sent_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen, "MAX_TEXT_BYTES", 10)
    assert "all" in choices(document("a.pdf", b"%PDF-1.7", "application/pdf", "x" * 10))
    assert "all" not in choices(document("a.pdf", b"%PDF-1.7", "application/pdf", "x" * 11))
    assert "source" in choices(document("a.html", b"<p>234567>", "text/html", "x"))
    assert "source" not in choices(document("a.html", b"<p>2345678>", "text/html", "x"))
