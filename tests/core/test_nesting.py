"""JSON so deep that it would end Python in the tab is known before it is read, or written."""

import json
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.messages import ToolCall
from app.core.nesting import MAX_DEPTH, is_too_deep, nests_too_deep, repeats_too_often
from app.core.tools.function_tool import rendered
from tests.counting import instructions


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("", False),
        ("[" * MAX_DEPTH, False),
        ("[" * (MAX_DEPTH + 1), True),
        ('{"a":' * (MAX_DEPTH + 1), True),
        ("[]" * 1000, False),
        ('"' + "[" * 1000, False),
        ('["' + "[" * 1000 + '"]', False),
        ('["\\"' + "[" * 1000 + '"]', False),
        ('["\\\\"' + "," + "[" * 1000, True),
        ('["é"' + ",[" * 1000, True),
    ],
    ids=lambda value: str(value)[:12],
)
def test_depth(text: str, answer: bool) -> None:
    assert is_too_deep(text.encode()) is answer


def depth(value: Any) -> int:
    if isinstance(value, dict):
        return 1 + max(map(depth, value.values()), default=0)
    return 1 + max(map(depth, value), default=0) if isinstance(value, list) else 0


@given(
    st.recursive(
        st.text(),
        lambda inner: st.lists(inner, max_size=2) | st.dictionaries(st.text(), inner, max_size=2),
    ),
    st.integers(MAX_DEPTH - 5, MAX_DEPTH + 1),
    st.text(),
)
def test_any_value(value: Any, levels: int, noise: str) -> None:
    text = json.dumps(noise + "[" * MAX_DEPTH)
    nested = f"[{text},{'[' * levels}{json.dumps(value)}{']' * levels}]"
    assert is_too_deep(nested.encode()) is (1 + levels + depth(value) > MAX_DEPTH)


@dataclass
class Node:
    """A value with an inside."""

    inner: Any


def nested(levels: int, value: Any = 1) -> Any:
    for level in range(levels):
        value = ([value], {"a": value}, (value,), Node(value))[level % 4]
    return value


def test_how_deep_a_value_is() -> None:
    assert not nests_too_deep("text")
    assert not nests_too_deep(nested(MAX_DEPTH))
    assert nests_too_deep(nested(MAX_DEPTH + 1))
    assert not nests_too_deep([[1] * 1000] * 1000)
    assert not nests_too_deep(ToolCall("1", "f", extra=nested(MAX_DEPTH - 1)))
    assert nests_too_deep(ToolCall("1", "f", extra=nested(MAX_DEPTH)))
    itself: list[Any] = []
    itself.append(itself)
    assert nests_too_deep(itself)
    # Each level twice the one below: told without walking all of it.
    doubled: Any = 1
    for _ in range(MAX_DEPTH):
        doubled = [doubled, doubled]
    assert not nests_too_deep(doubled)


def test_how_often_a_part_comes_again() -> None:
    shared = [[1]]
    assert not repeats_too_often([shared] * 4, 3)
    assert repeats_too_often([shared] * 5, 3)
    # What holds leaves alone costs little, and what is made anew comes once.
    assert not repeats_too_often([[], [1], "text", 1] * 99, 3)
    assert not repeats_too_often([[[number]] for number in range(99)], 3)


def test_what_a_tool_returned_nests_too_deep_to_be_written() -> None:
    assert rendered(nested(20)).startswith('{"inner":')
    # A value of many thousand levels ends the tab when it is thrown away, whoever looked at it.
    assert "nests too deep" in rendered(nested(1000))


@pytest.mark.parametrize("core", ["[],", '["["],', '"[",', '"\\"[",', "{[]}"])
def test_millions_of_brackets_are_counted_by_what_is_written_in_c(core: str) -> None:
    """Python's instructions are counted: fewer than there are characters."""
    text = ("[" + core * (100_000 // len(core))).encode()
    assert instructions(lambda: is_too_deep(text)) < len(text)
    assert not is_too_deep(text)
