"""Text that would end Python in the tab is known before it is read."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.nesting import MAX_DEPTH, is_too_deep


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
