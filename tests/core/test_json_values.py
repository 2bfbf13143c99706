"""Any value becomes JSON: what JSON can't hold is marked where it stands, all else stays."""

import json
import math
from typing import Any

import msgspec
import pytest

from app.core.json_values import encoded, json_text, loses_numbers, paired, plain, said
from app.core.nesting import MAX_DEPTH


class Pair(msgspec.Struct):
    left: Any
    right: Any = None


class Mute:
    def __repr__(self) -> str:
        raise RuntimeError("no words")


@pytest.mark.parametrize(
    "value",
    [None, True, 1, -1.5, "text", [], {}, (), 2**64 - 1, -(2**63), [1, {"a": [None]}], "é😀"],
)
def test_what_json_can_hold_stays(value: Any) -> None:
    assert plain(value) == value
    assert type(plain(value)) is type(value)
    assert json_text(value) == json.dumps(value, ensure_ascii=False)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (math.nan, "nan"),
        (-math.inf, "-inf"),
        (2**64, str(2**64)),
        ({1}, "{1}"),
        (b"raw", "b'raw'"),
    ],
)
def test_what_json_cannot_hold_is_said_in_pythons_words(value: Any, text: str) -> None:
    assert plain([value, 1]) == [text, 1]


def test_text_of_an_object_that_gives_none() -> None:
    assert said(Mute()) == "<Mute object, whose repr raised RuntimeError>"
    assert plain({"a": Mute()}) == {"a": said(Mute())}
    assert said(10**5000) == "<int of 16,610 bits>"  # Python writes none of so many digits


def test_of_a_long_text_that_python_makes_the_beginning_is_said() -> None:
    assert said(range(3)) == "range(0, 3)"
    longest = said(b"x" * 19_997)  # 20,000 characters with its quotes
    assert longest == repr(b"x" * 19_997)
    cut = said(b"x" * 20_997)
    assert cut == f"{repr(b'x' * 20_997)[:20_000]}… (1,000 characters more)"


def test_half_characters_are_marked() -> None:
    assert paired("a\ud83d") == "a�"
    assert paired("\ud83d\ude00") == "😀"
    assert plain({"\ude00": ["\ud83d"]}) == {"�": ["�"]}
    assert encoded({"said": "a\ud83d"}) == '{"said":"a�"}'.encode()
    assert json_text(["\ud83d"]) == '["�"]'


def test_keys_are_texts_and_none_takes_the_place_of_another() -> None:
    assert plain({1: "a", (2,): "b"}) == {"1": "a", "(2,)": "b"}
    halves = {chr(0xD83D + number): number for number in range(3)}
    assert plain(halves) == {"�": 0, "�′": 1, "�′′": 2}
    assert json.loads(json_text({(1,): "a"})) == {"(1,)": "a"}


def test_kinds_of_containers_stay() -> None:
    inner = Pair(math.inf, [math.nan])
    assert plain((1, inner, "x")) == (1, Pair("inf", ["nan"]), "x")
    assert inner == Pair(math.inf, inner.right)  # the value itself is left alone


def test_what_holds_itself_is_marked_where_it_does() -> None:
    ring: list[Any] = [1]
    ring.append({"again": ring})
    assert plain(ring) == [1, {"again": "(holds itself)"}]
    assert json.loads(json_text(ring)) == [1, {"again": "(holds itself)"}]
    shared = ["the same"]
    assert plain([shared, shared]) == [shared, shared]


def nested(levels: int) -> Any:
    value: Any = "ground"
    for _ in range(levels):
        value = [value]
    return value


def test_what_nests_deeper_than_readers_follow_is_marked() -> None:
    assert plain(nested(100)) == nested(100)
    inmost = plain(nested(101))
    for _ in range(100):
        (inmost,) = inmost
    assert inmost == "<list object, which nests too deep>"
    written = json_text(nested(MAX_DEPTH + 1))
    assert "ground" not in written
    assert "<list object, which nests too deep>" in written
    assert said(nested(MAX_DEPTH + 1)) == "<list object, which nests too deep>"
    assert said(nested(MAX_DEPTH - 1)) == str(nested(MAX_DEPTH - 1))


def test_what_stands_in_a_value_again_and_again_is_shown_some_thousand_times() -> None:
    shared = [1]
    found = plain([shared] * 6000)
    shown = found.count([1])
    assert shown == 5001  # once, and 5,000 times again
    assert found[shown:] == ["(shown before)"] * (6000 - shown)
    # What comes for the first time is shown all the same.
    assert plain([*[shared] * 6000, ["new"]])[-1] == ["new"]


def test_values_that_hold_each_other_along_many_ways_stay_short() -> None:
    value: Any = ["end"]
    for _ in range(60):
        value = [value, value]
    assert len(json.dumps(plain(value))) < 2_000_000
    assert len(json_text({"found": value})) < 2_000_000
    assert said({1: value}) == "<dict object, which nests too deep>"


@pytest.mark.parametrize(
    ("value", "loses"),
    [
        ({"a": [1, (2, math.nan)]}, True),
        (Pair(None, math.inf), True),
        ([None, 1.5], False),
        (["null"], False),
        ([1.5], False),
    ],
)
def test_whether_a_number_was_lost_to_null(value: Any, loses: bool) -> None:
    assert loses_numbers(value, msgspec.json.encode(value)) is loses
