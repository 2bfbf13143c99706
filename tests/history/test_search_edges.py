"""Where a snippet begins and ends, and which letters a word is found in."""

import pytest

from app.history.search import Piece, Query, fold


def shown(query: str, text: str) -> str:
    return "".join(piece.text for piece in Query(query).snippet(text))


@pytest.mark.parametrize(
    ("before", "begins"),
    [
        ("", "needle"),
        ("123456789 ", "123456789 needle"),
        ("12345678901 ", "12345678901 needle"),
        ("123456789012 ", "…23456789012 needle"),
        ("1 3456789012 ", "…3456789012 needle"),
        ("ab cde fghijklmno ", "…fghijklmno needle"),
    ],
)
def test_a_snippet_begins_at_a_word_shortly_before(before: str, begins: str) -> None:
    assert shown("needle", f"{before}needle") == begins


def test_a_snippet_ends_with_dots_where_something_follows() -> None:
    assert shown("a", "a" * 120) == "a" * 120
    assert shown("a", "a" * 121) == "a" * 120 + "…"
    assert Query("a").snippet("b a")[-1] == Piece("a", True)


def test_the_first_of_several_words_is_shown() -> None:
    text = "x " * 50 + "two " + "x " * 100 + "one"
    assert "two" in shown("one two", text)


def test_places_are_those_in_the_text_as_it_stands() -> None:
    assert Query("strasse ss").places("Straße") == [(0, 6), (4, 5)]
    assert Query("aa").places("aaaaa") == [(0, 2), (2, 4)]
    assert Query("ab b").places("ab ab") == [(0, 2), (1, 2), (3, 5), (4, 5)]
    assert Query("fi").places("ﬁx") == [(0, 1)]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("É\u0301", "e"),
        ("a\ufe00b\ufe0fc", "abc"),
        ("a\ufdffb", fold("\ufdff").join("ab")),
        ("\u200b", ""),
        ("´", "'"),
        ("″‶", '""'),
        ("⸺", "-"),
    ],
)
def test_what_is_typed_for_a_letter(text: str, folded: str) -> None:
    assert fold(text) == folded
