"""Text that would end Python in the tab is known before it is read."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.nesting import DEEPEST, is_too_deep


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("", False),
        ("[" * DEEPEST, False),
        ("[" * (DEEPEST + 1), True),
        ('{"a":' * (DEEPEST + 1), True),
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
    assert is_too_deep(text) is answer
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
    st.integers(DEEPEST - 5, DEEPEST + 1),
    st.text(),
)
def test_any_value(value: Any, levels: int, noise: str) -> None:
    text = json.dumps(noise + "[" * DEEPEST)
    nested = f"[{text},{'[' * levels}{json.dumps(value)}{']' * levels}]"
    assert is_too_deep(nested) is (1 + levels + depth(value) > DEEPEST)
