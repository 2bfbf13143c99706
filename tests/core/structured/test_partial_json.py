"""JSON while it grows: what is certain is there, nothing else, and the end is what `json` reads."""

import json
from collections.abc import Callable
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.nesting import MAX_DEPTH
from app.core.structured.partial_json import PartialJson
from tests.counting import growth

STYLES: list[Callable[[Any], str]] = [
    json.dumps,
    lambda value: json.dumps(value, indent=1),
    lambda value: json.dumps(value, ensure_ascii=False, separators=(",", ":")),
]
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)


def parsed(*pieces: str) -> PartialJson:
    parser = PartialJson()
    for piece in pieces:
        parser.feed(piece)
    return parser


def certain(text: str) -> Any:
    """Give the value that is certain after this text, and is the same however it is cut."""
    whole = parsed(text)
    by_one = parsed(*text)
    assert by_one.value == whole.value
    assert (by_one.error, by_one.is_complete) == (whole.error, whole.is_complete)
    return whole.value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", msgspec.UNSET),
        (" ", msgspec.UNSET),
        ("n", msgspec.UNSET),
        ("nul", msgspec.UNSET),
        ("null", None),
        ("tru", msgspec.UNSET),
        ("12", msgspec.UNSET),
        ("12 ", 12),
        ('"', ""),
        ('"ab', "ab"),
        ('"ab\\', "ab"),
        ('"ab\\n', "ab\n"),
        ('"ab\\u', "ab"),
        ('"ab\\u00e', "ab"),
        ('"ab\\u00e9', "abé"),
        ('"\\ud83d', ""),
        ('"\\ud83d\\', ""),
        ('"\\ud83d\\ude0', ""),
        ('"\\ud83d\\ude00', "😀"),
        ('"\\ud83dx', "\ufffdx"),
        ('"\\ud83d\\n', "\ufffd\n"),
        ('"\\ud83d\\ud83d\\ude00', "\ufffd😀"),
        ('"\\ude00', "\ufffd"),
        ('"\\ud7ff', "\ud7ff"),
        ('"\\ud800', ""),
        ('"\\ud800\\udc00', "\U00010000"),
        ('"\\udbff\\udfff', "\U0010ffff"),
        ('"\\udbff\\ue000', "\ufffd\ue000"),
        ('"\\udbff\\ud7ff', "\ufffd\ud7ff"),
        ('"\\udc00', "\ufffd"),
        ('"\\udfff', "\ufffd"),
        ('"\\ue000', "\ue000"),
        ('"\\ud83d"', "\ufffd"),
        ("[", []),
        ("[1", []),
        ("[1,", [1]),
        ("[1, -2.5e3]", [1, -2500.0]),
        ("[[", [[]]),
        ("[[1], [2", [[1], []]),
        ("{", {}),
        ('{"a', {}),
        ('{"a"', {}),
        ('{"a":', {}),
        ('{"a": t', {}),
        ('{"a": true', {"a": True}),
        ('{"a": "', {"a": ""}),
        ('{"a": {"b": 1, "c": [', {"a": {"b": 1, "c": []}}),
        ('{"a": 1, "a": "x', {"a": "x"}),
        ('["a", "b', ["a", "b"]),
    ],
)
def test_what_is_certain(text: str, value: Any) -> None:
    assert certain(text) == value


@pytest.mark.parametrize(
    ("text", "value", "error"),
    [
        ("[1}", [1], "'}' where a comma or the end of what is open was expected at character 2"),
        ("[1,]", [1], "']' where a value was expected at character 3"),
        ("{1", {}, "'1' where a key or } was expected at character 1"),
        ('{"a" 1', {}, "'1' where a colon was expected at character 5"),
        ('{"a": 1,}', {"a": 1}, "'}' where a key was expected at character 8"),
        ("truk", msgspec.UNSET, "'k' inside true at character 3"),
        ("truex", True, "'x' where nothing more was expected at character 4"),
        ("[01,", [], "01, which is no number, at character 3"),
        (f"[{'0' * 40},", [], f"{'0' * 40}, which is no number, at character 41"),
        (f"[{'0' * 41},", [], f"{'0' * 39}…, which is no number, at character 42"),
        ("[-]", [], "-, which is no number, at character 2"),
        ("NaN", msgspec.UNSET, "'N' where a value was expected at character 0"),
        ('"a\nb', "a", "'\\n' inside a string, without its escape, at character 2"),
        ('"a\\x', "a", "the escape \\x inside a string at character 3"),
        ('"a\\u00g0', "a", "the escape \\u00g0 inside a string at character 7"),
        ("]", msgspec.UNSET, "']' where a value was expected at character 0"),
        ("'a'", msgspec.UNSET, '"\'" where a value was expected at character 0'),
    ],
)
def test_what_is_no_json_keeps_what_was(text: str, value: Any, error: str) -> None:
    assert certain(text) == value
    parser = parsed(text)
    assert parser.error == error
    parser.feed('], "more": 1')
    parser.close()
    assert (parser.value, parser.error) == (value, error)


@pytest.mark.parametrize(
    ("text", "error"),
    [
        ("", "the text ends where a value was expected"),
        ('{"a"', "the text ends where a colon was expected"),
        ('["a', "the text ends inside a string"),
        ("[nul", "the text ends inside a word"),
        ("[1", "the text ends inside a number"),
        ("[1 ", "the text ends where a comma or the end of what is open was expected"),
        ("1e", "1e, which is no number, at character 2"),
    ],
)
def test_an_end_that_comes_too_early(text: str, error: str) -> None:
    parser = parsed(text)
    parser.close()
    assert (parser.error, parser.is_complete) == (error, False)


def test_a_number_alone_is_certain_at_the_end() -> None:
    parser = parsed("4", "2")
    assert not parser.is_complete
    assert parser.close() == 42
    assert parser.is_complete


def test_a_number_longer_than_python_reads() -> None:
    parser = parsed("[" + "9" * 5000 + "]")
    assert parser.value == []
    assert "a number too long" in parser.error


def test_nesting_has_an_end() -> None:
    """In the tab, an overflow of the stack would be the end of everything."""
    assert parsed("[" * MAX_DEPTH, "]" * MAX_DEPTH).is_complete
    parser = parsed('{"a":' * 100_000)
    error = f"more than {MAX_DEPTH} lists and objects within each other at character 640"
    assert (parser.error, parser.is_complete) == (error, False)


@given(VALUES, st.data())
def test_any_value_cut_anywhere(value: Any, data: st.DataObject) -> None:
    text = data.draw(st.sampled_from(STYLES))(value)
    cuts = sorted(data.draw(st.sets(st.integers(0, len(text)))))
    parser = PartialJson()
    for start, end in zip([0, *cuts], [*cuts, len(text)], strict=True):
        so_far = parser.feed(text[start:end])
        assert not parser.error
        assert is_beginning(so_far, value)
    assert same(parser.close(), json.loads(text))
    assert parser.is_complete


@given(st.text())
def test_any_text_ends_as_json_says(text: str) -> None:
    parser = parsed(text)
    parser.close()
    try:
        value = json.loads(text)
    except ValueError:
        assert parser.error
    else:
        # `json` takes words of JavaScript.
        assert parser.error or same(parser.value, value)
        assert not parser.error or any(word in text for word in ("NaN", "Infinity"))


def is_beginning(part: Any, whole: Any) -> bool:
    """Tell whether this may be seen while that is being written."""
    if part is msgspec.UNSET:
        return True
    if isinstance(whole, str):
        return isinstance(part, str) and whole.startswith(part)
    if isinstance(whole, list):
        return (
            isinstance(part, list)
            and len(part) <= len(whole)
            and all(same(one, other) for one, other in zip(part[:-1], whole, strict=False))
            and (not part or is_beginning(part[-1], whole[len(part) - 1]))
        )
    if isinstance(whole, dict):
        return isinstance(part, dict) and all(
            key in whole and is_beginning(value, whole[key]) for key, value in part.items()
        )
    return same(part, whole)


def same(one: Any, other: Any) -> bool:
    """Equal, and 1 is neither 1.0 nor true."""
    return type(one) is type(other) and repr(one) == repr(other)


@pytest.mark.parametrize(
    "unit", ["x", "1,", '{"a":[]},', "[],", "\\n", "\\u00e9", '"x",', "9", " "], ids=repr
)
def test_twice_the_text_is_twice_the_work(unit: str) -> None:
    """In pieces of one character."""
    before = '["' if unit in ("x", "\\n", "\\u00e9") else "["

    def work(count: int) -> Callable[[], object]:
        def feed() -> None:
            parser = PartialJson()
            for piece in [*before, *(unit * count)]:
                parser.feed(piece)
            assert not parser.error

        return feed

    assert growth(100, work) <= 2.2
