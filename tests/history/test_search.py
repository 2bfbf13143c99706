"""Words are found whatever their case and accents, and shown where they stand."""

from time import process_time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.history.search import Piece, Query, fold


@pytest.mark.parametrize(
    ("query", "text"),
    [
        ("cafe", "A Café in Paris"),
        ("CAFÉ", "a cafe"),
        ("strasse", "Hauptstraße 5"),
        ("paris cafe", "A Café in Paris"),
        ("ﬁne", "FINE"),
        ("ελλαδα", "Ελλάδα"),
        ("東京", "東京タワー"),
        ("", "anything"),
        ("don't", "I don’t know"),
        ("don’t", "I don't know"),
        ("don`t don´t", "nothing else than don`t, don´t"),
        ("don't", "I donʼt, don＇t"),
        ('"right" side', "the “right” side"),
        ("„right“", 'the "right" side'),
        ('"right"', "le «right»"),
        ("2024-2025", "2024–2025"),
        ("2024—2025", "2024-2025"),
        ("well-known", "well‑known, well−known"),
        ("ABC123", "ＡＢＣ１２３"),
        ("ｶﾞﾗｽ", "ガラス"),
        ("cooperate", "co\u00adop\u200berate"),
        ("❤ you", "❤\ufe0f you"),
        ("5'10\"", "5′10″"),
    ],
)
def test_what_fits(query: str, text: str) -> None:
    assert Query(query).fits(fold(text))


def test_all_words_have_to_be_there() -> None:
    query = Query("paris rome")
    assert not query.fits(fold("Only Paris"))
    assert query.missing(fold("Only Paris")) == ["rome"]


def test_a_query_without_words_is_none() -> None:
    assert not Query("  \n")
    assert not Query("\u200b")
    assert Query("a")


def test_every_place_of_a_word_is_marked() -> None:
    assert Query("cafe in").marked("In a café, IN Café") == [
        Piece("In", True),
        Piece(" a ", False),
        Piece("café", True),
        Piece(", ", False),
        Piece("IN", True),
        Piece(" ", False),
        Piece("Café", True),
    ]
    assert Query("x").marked("") == []


def test_a_snippet_shows_the_first_place_on_one_line() -> None:
    text = "word " * 100 + "the\nneedle here" + " word" * 100
    pieces = Query("needle").snippet(text)
    shown = "".join(piece.text for piece in pieces)
    assert [piece.text for piece in pieces if piece.found] == ["needle"]
    assert "\n" not in shown
    assert len(shown) <= 130
    assert shown.startswith("…word")
    assert shown.index("needle") < 20  # where a narrow list still shows it
    assert shown.endswith("…")


def test_a_snippet_of_a_short_text_is_the_text() -> None:
    assert Query("x").snippet("nothing here") == [Piece("nothing here", False)]


@given(st.text())
def test_folding_a_text_is_folding_its_characters(text: str) -> None:
    assert fold(text) == "".join(map(fold, text))


@given(st.text(), st.text(max_size=3))
def test_marking_changes_no_text(line: str, words: str) -> None:
    query = Query(words)
    pieces = query.marked(line)
    assert "".join(piece.text for piece in pieces) == line
    if query and query.fits(fold(line)):
        assert any(piece.found for piece in pieces)


@pytest.mark.parametrize("core", ["word ", "ö", "e\u0301 ", "\u0301\u0323", "ﷺ", "が"])
def test_a_long_text_costs_what_it_is_long(core: str) -> None:
    """Marks are sorted by what is written in C, so time is measured: of the processor's own."""

    def seconds(characters: int) -> float:
        text = "e" + core * (characters // len(core)) + " needle"
        before = process_time()
        query = Query("needle")
        assert query.fits(fold(text))
        assert query.snippet(text)[-1].text == "needle"
        return process_time() - before

    seconds(1000)
    short, long = min(seconds(25_000) for _ in range(3)), min(seconds(200_000) for _ in range(3))
    # Some clocks are coarse, and some machines busy; the square would be 64 times as much.
    assert long < 32 * short + 0.5


def test_words_are_found_on_both_sides_of_a_window() -> None:
    for before in range(3900, 4100, 3):
        pieces = Query("needle").snippet("ö" * before + " needle and more")
        assert Piece("needle", True) in pieces
