"""Records that differ in one string: what counts as alike, and what must not."""

import json
from typing import Any

import msgspec
import pytest

from app.core.wire.framing import Comment, Record
from app.protocols.record_template import RecordTemplate


class Piece(msgspec.Struct):
    text: str = ""
    other: str = ""


class Said(msgspec.Struct):
    piece: Piece
    number: int = 0


DECODER = msgspec.json.Decoder(Said)


def record(text: Any, **fields: Any) -> Record:
    data = json.dumps({"piece": {"text": text}, "number": 1} | fields).encode()
    return Record(data)


def learned(text: str = "a") -> tuple[RecordTemplate[Said], bool]:
    alike = RecordTemplate(DECODER)
    data = record(text).data
    said = DECODER.decode(data)
    return alike, alike.learn(data, said, said.piece, "text")


def test_nothing_is_alike_before_a_pattern_is_known() -> None:
    assert RecordTemplate(DECODER).strings([record("a")]) is None


def test_what_differs_in_the_string_alone_is_read_by_it() -> None:
    alike, is_learned = learned()
    assert is_learned
    texts = ["b", "", "ä\n", '"', "\\", "\u2028"]
    assert alike.strings([record(text) for text in texts]) == texts
    assert alike.strings([]) is None


@pytest.mark.parametrize(
    "stranger",
    [
        record("b", number=2),
        record("b", more=1),
        record(None),
        record(3),
        record(["a", "b"]),
        Record(b'{"piece": {"text": "a"}, "number": 1'),
        Record(b'{"piece": {"text": }, "number": 1}'),
        Record(b'{"piece": {"text": "a\xff"}, "number": 1}'),
        Record(b'{"piece": {"text": "a", "other": "b"}, "number": 1}'),
        Record(b'{"piece": {"text": "a"\n"b"}, "number": 1}'),
        Record(b'{"piece": {"text": "a"\n}, "number": 1}'),
        Record(b'{"piece": {"text": \n}, "number": 1}'),
        Comment("still here"),
    ],
)
def test_a_single_other_record_makes_the_burst_ordinary(stranger: Record | Comment) -> None:
    alike, _ = learned()
    for burst in ([stranger], [record("x"), stranger], [stranger, record("x")]):
        assert alike.strings(burst) is None
    assert alike.strings([record("x"), record("y")]) == ["x", "y"]


def test_two_lines_of_a_record_are_not_taken_for_two_records() -> None:
    """One record without a string and one with two would make the count right again."""
    alike, _ = learned()
    empty = Record(b'{"piece": {"text": }, "number": 1}')
    double = Record(b'{"piece": {"text": "a"\n"b"}, "number": 1}')
    assert alike.strings([empty, double]) is None
    assert alike.strings([double, empty]) is None


def test_a_pattern_needs_proof_that_the_place_is_that_of_the_string() -> None:
    """The same text stands in another field behind it."""
    alike = RecordTemplate(DECODER)
    data = b'{"piece": {"text": "a", "other": "a"}, "number": 1}'
    said = DECODER.decode(data)
    assert not alike.learn(data, said, said.piece, "text")
    assert alike.strings([Record(data)]) is None


@pytest.mark.parametrize(
    "data",
    [
        b'{"piece": {"text": "\\u0061"}, "number": 1}',  # with other escapes than ours
        b'{"number": 1, "piece": {"text": "\\u0061", "more": "a"}}',
    ],
)
def test_a_string_that_is_not_found_again_makes_no_pattern(data: bytes) -> None:
    alike = RecordTemplate(DECODER)
    said = DECODER.decode(data)
    assert said.piece.text == "a"
    assert not alike.learn(data, said, said.piece, "text")
    assert alike.strings([Record(data)]) is None


def test_a_new_pattern_takes_the_place_of_the_old_one() -> None:
    alike, _ = learned()
    data = record("a", number=2).data
    said = DECODER.decode(data)
    assert alike.learn(data, said, said.piece, "text")
    assert alike.strings([record("b", number=2)]) == ["b"]
    assert alike.strings([record("b")]) is None


def test_one_that_is_refused_leaves_the_old_one() -> None:
    alike, _ = learned()
    data = b'{"piece": {"text": "a", "other": "a"}, "number": 1}'
    said = DECODER.decode(data)
    alike.learn(data, said, said.piece, "text")
    assert alike.strings([record("b")]) == ["b"]


def test_after_eight_patterns_without_use_no_more_are_learnt_until_one_is() -> None:
    alike = RecordTemplate(DECODER)
    for number in range(8):
        assert alike.is_learning
        data = record("a", number=number).data
        said = DECODER.decode(data)
        alike.learn(data, said, said.piece, "text")
    assert not alike.is_learning
    assert alike.strings([record("b", number=7)]) == ["b"]
    assert alike.is_learning
