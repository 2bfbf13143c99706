"""Text files in a question: framed so that the page finds them again, whatever they say."""

import pytest

from app.core.messages import File, Part, Text
from app.core.text.text_files import (
    attached,
    ending,
    framed,
    name_of,
    tidy_name,
    unframed,
    written,
)


@pytest.mark.parametrize(
    "content",
    ["", "one\ntwo\n", "```\nfence\n```", "`" * 12, "\n\n", "File: a\n\n```\nb\n```\n\n", "  x  "],
)
def test_what_was_framed_is_found_again(content: str) -> None:
    part = framed("notes.py", content)
    assert unframed(part) == ("notes.py", content)


def test_no_fence_of_the_content_ends_the_frame() -> None:
    text = framed("a.md", "````\nx\n````").text
    assert text.startswith("File: a.md\n\n`````md\n")
    assert text.endswith("\n`````\n\n")


def test_a_file_is_framed_by_its_name_and_keeps_its_size_where_that_is_another() -> None:
    part = framed("A.TXT", "é", 2)
    assert (part.text, part.size_bytes) == ("File: A.TXT\n\n```txt\né\n```\n\n", 0)
    assert framed("a.txt", "é", 1).size_bytes == 1  # as it was in another encoding
    assert [ending(name) for name in ("a.tar.GZ", "README", ".md")] == ["gz", "", "md"]


def test_what_a_person_writes_is_told_from_files() -> None:
    image = File("data:image/png;base64,AA==", mime_type="image/png", name="cat.png")
    parts: list[Part] = [image, framed("a.txt", "content"), Text("File: what is this?")]
    assert written(parts) == "File: what is this?"
    assert [name_of(part) for part in attached(parts)] == ["cat.png", "a.txt"]


@pytest.mark.parametrize(
    ("name", "tidy"),
    [
        ("x" * 120, "x" * 120),
        ("x" * 121, "x" * 119 + "…"),
        ("x" * 117 + ".py", "x" * 117 + ".py"),
        ("x" * 118 + ".py", "x" * 116 + "….py"),
        ("x" * 200 + "." + "e" * 12, "x" * 106 + "…." + "e" * 12),
        ("x" * 200 + "." + "e" * 13, "x" * 119 + "…"),
        ("." + "x" * 200, "." + "x" * 118 + "…"),
        ("v1.2" + "x" * 200 + ".py", "v1.2" + "x" * 112 + "….py"),
        ("  a \t b  ", "a b"),
        ("a\x00\u200bb", "a b"),
    ],
)
def test_a_long_name_keeps_its_ending_where_that_is_one(name: str, tidy: str) -> None:
    assert tidy_name(name) == tidy


def test_a_name_stays_on_its_line_and_short() -> None:
    assert tidy_name("a\nb\u202etxt.exe") == "a b txt.exe"
    assert tidy_name("\n") == "file"
    long = tidy_name("x" * 500 + ".py")
    assert len(long) <= 120
    assert long.endswith("….py")
