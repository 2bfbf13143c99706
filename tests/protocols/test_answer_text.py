"""An answer's text as it grows: its length, where citations stand, halves of characters."""

from typing import Any

import pytest

from app.core.events import ContentDelta, Event, ReasoningDelta
from app.core.messages import Source
from app.protocols.answer_text import AnswerText, behind


def read(*fragments: str) -> tuple[AnswerText, list[Event]]:
    text, out = AnswerText(), list[Event]()
    for fragment in fragments:
        text.read(fragment, out)
    text.settle(out)
    return text, out


@pytest.mark.parametrize(
    ("fragments", "events", "length"),
    [
        (["ab", "c"], [ContentDelta("ab"), ContentDelta("c")], 3),
        (["<think>hm</think>", "abc"], [ReasoningDelta("hm"), ContentDelta("abc")], 3),
        (["a\ud83d", "\ude00b"], [ContentDelta("a"), ContentDelta("😀b")], 3),
        (["a\ud83d"], [ContentDelta("a"), ContentDelta("\ufffd")], 2),
        (["\ud83d", "ab"], [ContentDelta("\ufffdab")], 3),
        (["<thi"], [ContentDelta("<thi")], 4),
        (["<think>h\ud83d"], [ReasoningDelta("h"), ReasoningDelta("\ufffd")], 0),
        ([""], [], 0),
    ],
)
def test_fragments_of_a_text(fragments: list[str], events: list[Event], length: int) -> None:
    text, out = read(*fragments)
    assert _joined(out) == _joined(events)
    assert text.length == length
    assert "".join(text.said).replace("\ufffd", "") == "".join(
        "".join(fragments).encode("utf-16", "surrogatepass").decode("utf-16", "ignore")
    )


def _joined(events: list[Event]) -> list[tuple[Any, str]]:
    found: list[tuple[Any, str]] = []
    for event in events:
        assert isinstance(event, ContentDelta | ReasoningDelta)
        kind = type(event)
        before = found.pop()[1] if found and found[-1][0] is kind else ""
        found.append((kind, before + event.text))
    return found


def test_reasoning_cut_within_a_character() -> None:
    text, out = AnswerText(), list[Event]()
    for fragment in ("\ud83d", "\ude00", "x\ud83d"):
        text.read_reasoning(fragment, out)
    text.settle(out)
    text.settle(out)
    assert _joined(out) == [(ReasoningDelta, "😀x\ufffd")]
    assert text.length == 0


@pytest.mark.parametrize(
    ("places", "hidden", "found"),
    [
        ((5, 9), 0, (5, 9)),
        ((None, None), 3, (None, None)),
        ((5, None), 3, (5, None)),
        ((None, 9), 3, (None, 9)),
        ((5, 9), 3, (2, 6)),
        ((2, 9), 3, (0, 6)),
        ((3, 3), 3, (0, 0)),
        ((2, 2), 3, (None, None)),
        ((0, 3), 3, (None, None)),
        ((0, 4), 3, (0, 1)),
    ],
)
def test_places_behind_a_block_of_thoughts(places: Any, hidden: int, found: Any) -> None:
    source = behind(Source("https://a.example/", start=places[0], end=places[1]), hidden)
    assert (source.start, source.end) == found


def test_a_source_is_placed_in_the_text_as_shown() -> None:
    source = Source("https://a.example/", start=20, end=21)
    text, _ = read("<think>hm</think>abc", "de")
    hidden = len("<think>hm</think>")
    assert text.placed(source).start == 20 - hidden
    # As long as the block is open nobody knows how long it is.
    text = AnswerText()
    text.read("<think>hm", [])
    assert text.placed(source) == source
