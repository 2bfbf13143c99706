"""JSON is cut into values wherever its bytes are cut, and one bad value spoils no other."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.history.foreign import values
from app.history.foreign.values import Elements, Lines, Value, cutter_for

_LEAVES = st.none() | st.booleans() | st.integers() | st.text('ab"\\{}[],:é', max_size=6)
_OBJECTS = st.dictionaries(st.text('k"\\}]', max_size=3), st.recursive(
    _LEAVES, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=2), inner)
), max_size=3)  # fmt: skip


def cut(cutter: values.Cutter, data: bytes, size: int) -> list[Value]:
    pieces = [data[at : at + size] for at in range(0, len(data), size)]
    found = [value for piece in pieces for value in cutter.feed(piece)]
    return found + cutter.close()


def read(found: list[Value]) -> list[Any]:
    return [json.loads(value.data or b"") for value in found]


@given(st.lists(_OBJECTS, max_size=4), st.integers(1, 9), st.sampled_from([None, 0, 2]))
def test_a_list_is_cut_into_its_elements(objects: list[Any], size: int, indent: Any) -> None:
    data = json.dumps(objects, indent=indent, ensure_ascii=False).encode()
    assert read(cut(Elements(), data, size)) == objects


@given(st.lists(_OBJECTS, min_size=1, max_size=4), st.integers(1, 9), st.booleans())
def test_lines_are_cut_either_way(objects: list[Any], size: int, by_line: bool) -> None:
    data = "\r\n".join(map(json.dumps, objects)).encode()
    assert read(cut(Lines() if by_line else Elements(), data, size)) == objects


def test_a_bad_value_spoils_no_other() -> None:
    found = cut(Elements(), b'[{"a": nul}, {"b": [1}, {"c": 1}]', 5)
    assert found[0].data == b'{"a": nul}'
    found = cut(Lines(), b'{"a": \n{"b": 1}\n\n{"c"', 5)
    assert [value.data for value in found] == [b'{"a": ', b'{"b": 1}', b'{"c"']


def test_a_value_without_an_end_is_told_at_the_end() -> None:
    assert [value.data for value in cut(Elements(), b'[{"a": 1}, {"b": "x', 4)] == [
        b'{"a": 1}',
        b'{"b": "x',
    ]


def test_lists_one_after_the_other_are_kept_apart() -> None:
    found = cut(Elements(), b'[{"a":1},{"a":2}]\n[{"a":3}]', 3)
    assert [value.group for value in found] == [1, 1, 2]


@pytest.mark.parametrize("cutter", [Elements, Lines])
def test_what_is_too_large_is_passed_over(
    cutter: type[values.Cutter], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(values, "MOST_BYTES", 50)
    data = b'{"a": "%s"}\n{"b": 1}\n' % (b"x" * 1000)
    assert [value.data for value in cut(cutter(), data, 7)] == [None, b'{"b": 1}']


@pytest.mark.parametrize(
    ("name", "beginning", "by_line"),
    [
        ("a.jsonl", b"{", True),
        ("a.json", b'{"a": 1}\n{"b": 2}', True),
        ("a.json", b'{"a": \n{"b": 2}', False),
        ("a.json", b'{"a" 1\n{"b": 2}', True),
        ("a.json", b'[\n{"a": 1}', False),
        ("a.json", b'[{"a": 1},\n{"b": 2}]', False),
        ("a.json", b'[{"a": 1}]\n[{"b": 2}]', True),
        ("a.json", b"{\n  1", False),
    ],
)
def test_lines_are_told_from_a_value_over_many_lines(
    name: str, beginning: bytes, by_line: bool
) -> None:
    assert isinstance(cutter_for(name, beginning), Lines) == by_line
