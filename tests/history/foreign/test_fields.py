"""Values as other apps write them: times, ids, arguments, results."""

from typing import Any

import pytest

from app.history.foreign.fields import arguments_of, id_of, ms_of, result_of

NOTHING: list[Any] = [None, True, "", "soon", 0, -5, 1e15, float("nan"), [], {}]


@pytest.mark.parametrize(
    ("value", "ms"),
    [
        (1_700_000_000, 1_700_000_000_000),
        (1_700_000_000.5, 1_700_000_000_500),
        (1_700_000_000_123, 1_700_000_000_123),
        ("1700000000", 1_700_000_000_000),
        ("2023-11-14T22:13:20Z", 1_700_000_000_000),
        ("2023-11-14T22:13:20", 1_700_000_000_000),
        ("2023-11-14T23:13:20+01:00", 1_700_000_000_000),
        *((nothing, 0) for nothing in NOTHING),
    ],
)
def test_a_time_in_any_unit(value: Any, ms: int) -> None:
    assert ms_of(value) == ms


@pytest.mark.parametrize(("value", "id"), [("a", "a"), (7, "7"), (True, ""), (None, ""), (1.5, "")])
def test_an_id_may_be_a_number(value: Any, id: str) -> None:
    assert id_of(value) == id


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ('{"a": 1}', '{"a": 1}'),
        ({"a": 1}, '{"a":1}'),
        ("plain", '{"input":"plain"}'),
        ([1], '{"input":[1]}'),
        (None, ""),
    ],
)
def test_arguments_are_an_object(value: Any, text: str) -> None:
    assert arguments_of(value) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("said", "said"),
        ([{"text": "one"}, {"text": "two"}], "one\ntwo"),
        ([{"text": "one"}, {"image": "x"}], '[{"text":"one"},{"image":"x"}]'),
        ([], "[]"),
        ({"a": 1}, '{"a":1}'),
        (None, ""),
    ],
)
def test_a_result_is_its_words_where_it_has_no_more(value: Any, text: str) -> None:
    assert result_of(value) == text
